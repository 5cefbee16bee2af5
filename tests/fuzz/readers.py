"""Every way a file or a text comes into the program, and what may come of it.

A reader gives back a value that holds together, or raises the one documented exception with one
clear sentence.  None of them imports Qt or torch, so that they can be tried where memory is short.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy as np

import rlxent_resources
from rlxent_core import foreign, map_text, run_file, world_file
from rlxent_core.berkeley import world_from_berkeley
from rlxent_core.gymnasium_maps import world_from_frozen_lake
from rlxent_core.mdp import compile_world
from rlxent_core.pixels import board_pixels
from rlxent_core.run_file import Run, RunFileError
from rlxent_core.stored_episodes import read_episodes
from rlxent_core.world import World, WorldError
from rlxent_gui import learnt, session

DATA = Path(__file__).parents[1] / "data/fuzz"
GOOD = sorted((DATA / "good").iterdir())
BAD = sorted((DATA / "bad").iterdir())
LONG = hypothesis.settings.default.max_examples > 1000
"""Whether all is tried, as with ``--hypothesis-profile=long``."""
SENTENCE = 300
"""Characters of the longest sentence, without the file's name: those that list all settings."""
PYTHON = re.compile(
    r"[A-Z]\w*Error|Exception|Traceback|NoneType|<class|<function| object at |codec|[Ee]rrno"
    r"|'\w\w+'"
)
"""What a sentence for people does not say."""


def check_sentence(error: Exception, path: Path | None = None) -> str:
    """One line, short enough to be read, with a full stop, and about the file, not about Python."""
    sentence = str(error) if path is None else str(error).replace(str(path), "FILE")
    assert sentence.endswith((".", "?")), sentence
    assert sentence.replace("\u202f", " ").isprintable(), sentence
    assert len(sentence) <= SENTENCE, sentence
    assert not PYTHON.search(re.sub("“.*?”", "", sentence)), sentence
    return sentence


def check_world(world: World) -> None:
    """It is compiled and drawn without a warning, and it is itself again when it is written."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mdp = compile_world(world)
        assert board_pixels(world).shape[2] == 3
    assert mdp.n_states == world.rows * world.columns <= 64 * 64
    assert mdp.standable.any()
    assert np.isclose(mdp.start.sum(), 1)
    assert world_file.read_text(world_file.write_text(world)) == world


def check_run(run: Run) -> None:
    """All its numbers are finite and of its board."""
    check_world(run.world)
    mdp = compile_world(run.world)
    for seed in run.seeds:
        assert seed.logits.shape == (mdp.n_states, mdp.n_actions)
        assert seed.returns.shape == seed.lengths.shape == (len(seed.returns),)
        for numbers in (seed.logits, seed.returns, seed.lengths, *seed.parameters.values()):
            assert np.isfinite(numbers).all()


def check_learnt(found: learnt.Learnt) -> None:
    """Plain numbers, of no more updates than there are means of, in memory that the file filled."""
    check_world(found.world)
    assert found.means.shape == (found.update, learnt.WIDTH)
    assert found.arrays["counts"].flat[0] == found.update
    for array in (found.means, *found.arrays.values()):
        assert array.dtype in (np.float32, np.float64, np.int64)


def _world_of(path: Path) -> World:
    return world_file.read_file(path)


def _policy(path: Path) -> None:
    """On the board of the corpus, and on a larger one."""
    for good in ("world_minimal", "world_every_tile"):
        mdp = compile_world(world_file.read_file(DATA / f"good/{good}.json"))
        logits = run_file.read_policy(path, mdp)
        assert logits.shape == (mdp.n_states, mdp.n_actions)
        assert np.isfinite(logits).all()


def _episodes(text: str) -> None:
    world = world_file.read_text(rlxent_resources.world_text("puddle_corridor"))
    found = read_episodes(text, "puddle_corridor", world)
    assert found.states.shape == found.actions.shape
    assert np.isfinite(found.logits).all()


def _piece(text: str) -> None:
    piece = map_text.read_map(text)
    rows, columns = len(piece.rows), len(piece.rows[0])
    assert {len(row) for row in piece.rows} == {columns}
    assert 1 <= rows <= 64
    assert 1 <= columns <= 64
    assert set("".join(piece.rows)) <= {*".#", *piece.tiles}


FROM_FILES: dict[str, tuple[Callable[[Path], object], type[Exception]]] = {
    "world file": (lambda path: check_world(_world_of(path)), WorldError),
    "world or map": (lambda path: check_world(foreign.read_world(path)), WorldError),
    "run": (lambda path: check_run(run_file.read_run(path)), RunFileError),
    "policy": (_policy, RunFileError),
    "session": (lambda path: check_world(session.read(path).world), RunFileError),
    "learnt": (lambda path: check_learnt(learnt.load(path)), RunFileError),
}
"""What a path is given to."""
FROM_TEXTS: dict[str, tuple[Callable[[str], object], type[Exception]]] = {
    "world": (lambda text: check_world(world_file.read_text(text)), WorldError),
    "pasted map": (_piece, WorldError),
    "any map": (lambda text: check_world(foreign.world_from_any(text)), WorldError),
    "plain map": (lambda text: check_world(foreign.world_from_text(text)), WorldError),
    "Berkeley grid": (lambda text: check_world(world_from_berkeley(text)), WorldError),
    "frozen lake": (lambda text: check_world(world_from_frozen_lake(text.split())), WorldError),
    "episodes": (_episodes, RunFileError),
}
"""What a text is given to, wherever it comes from."""


def refused(read: Callable[[], object], wanted: type[Exception], path: Path | None = None) -> str:
    """The sentence a reader refuses with; empty where it does not."""
    try:
        read()
    except wanted as error:
        return check_sentence(error, path)
    except OSError as error:
        if path is None or not error.strerror:
            raise
        return check_sentence(OSError(f"{error.strerror}."), path)
    return ""
