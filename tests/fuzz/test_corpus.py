"""The corpus: every kind of file the program reads opens, and every nasty one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlxent_core.commands.variance import load_policy
from rlxent_core.mdp import compile_world
from rlxent_core.run_file import RunFileError, read_run
from tests.fuzz.readers import BAD, FROM_FILES, FROM_TEXTS, GOOD, refused

READERS = {
    "world": ("world file", "world or map"),
    "run": ("run",),
    "session": ("session",),
    "learnt": ("learnt",),
    "map": ("world or map",),
    "lake": ("world or map",),
    "grid": ("world or map",),
}
"""By what a file's name begins with, who opens it."""


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_what_is_good_opens(path: Path) -> None:
    """By its own readers; the others refuse it in a sentence."""
    own = READERS.get(path.stem.split("_")[0], ())
    for name, (read, wanted) in FROM_FILES.items():
        sentence = refused(lambda read=read: read(path), wanted, path)
        assert not (sentence and name in own), sentence


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_is_bad_is_refused_by_all(path: Path) -> None:
    """In a sentence, whichever way it comes."""
    for name, (read, wanted) in FROM_FILES.items():
        assert refused(lambda read=read: read(path), wanted, path), name


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_is_bad_in_a_file_is_bad_on_the_clipboard(path: Path) -> None:
    """As text no reader of texts makes anything of it that does not hold together."""
    for read, wanted in FROM_TEXTS.values():
        refused(lambda read=read: read(text_of(path)), wanted)


@pytest.mark.parametrize("path", [p for p in GOOD if p.stem.startswith("run_")], ids=str)
def test_a_runs_network_is_rebuilt_or_refused(path: Path, tmp_path: Path) -> None:
    """Whole; and with a parameter that is missing, of another shape or of another name."""
    world = read_run(path).world
    load_policy(str(path), compile_world(world))
    content = json.loads(path.read_text())
    for number, given in enumerate((
        {}, {"w1": [[0.5]]}, {"table": [[0.5] * 4] * 99}, {"w1": 0.5}, {"": []},
        {"w1": [[[[0.5]]]], "b1": [], "w2": [[]], "b2": [[0] * 5]},
    )):  # fmt: skip
        content["runs"][0]["parameters"] = given
        changed = tmp_path / f"{number}.json"
        changed.write_text(json.dumps(content))
        sentence = refused(
            lambda changed=changed: load_policy(str(changed), compile_world(world)),
            RunFileError, changed,
        )
        assert sentence or not given
