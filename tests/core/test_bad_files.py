"""A thousand mutated files: each opens rightly or is refused by one clear sentence, in time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import rlxent_resources
from rlxent_core.mdp import compile_world
from rlxent_core.run_file import Run, RunFileError, SeedRun, read_policy, read_run, write_run
from rlxent_core.settings import Settings
from rlxent_core.stored_episodes import read_episodes
from rlxent_core.world import WorldError
from rlxent_core.world_file import read_file, read_text, write_text
from tests.mutations import mutations

WORLDS = sorted((Path(__file__).parents[2] / "resources/rlxent_resources/worlds").glob("*.json"))
SECONDS = 2
"""What the slowest file may take."""


def assert_sentence(error: Exception, path: Path) -> None:
    """One line, short enough to be read, and a sentence."""
    sentence = str(error).replace(str(path), "FILE")
    assert sentence.endswith((".", "?")), sentence
    assert sentence.isprintable(), sentence
    assert len(sentence) < 700, sentence


def a_run(name: str) -> Run:
    """Three updates of two seeds of a small network."""
    world = read_file(next(path for path in WORLDS if path.stem == name))
    mdp = compile_world(world)
    random = np.random.default_rng(0)

    def seed(number: int) -> SeedRun:
        logits = random.normal(size=(mdp.n_states, mdp.n_actions)) * mdp.standable[:, None]
        shapes = {"w1": (mdp.n_states, 2), "b1": (1, 2), "w2": (2, mdp.n_actions),
                  "b2": (1, mdp.n_actions)}
        parameters = {n: random.normal(size=s).astype(np.float32) for n, s in shapes.items()}
        return SeedRun(number, random.normal(size=3), random.uniform(1, 9, 3), logits, parameters)

    return Run(world, Settings(architecture="mlp", hidden=2), "cpu", 3, (seed(0), seed(1)))


@pytest.fixture(scope="module")
def run_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("run") / "run.json"
    write_run(path, a_run("short_corridor"))
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_mutated_worlds_are_refused_by_a_sentence_or_open_rightly(
    path: Path, tmp_path: Path
) -> None:
    """Sixty mutations of every world; one that opens is a world that can be saved and read."""
    bad = tmp_path / "bad.json"
    text = path.read_text(encoding="utf-8")
    opened = 0
    for done, content in mutations(text, 60, seed=WORLDS.index(path)):
        bad.write_bytes(content)
        begun = time.process_time()
        try:
            world = read_file(bad)
        except WorldError as error:
            assert_sentence(error, bad)
        else:
            opened += 1
            compile_world(world)
            assert read_text(write_text(world)) == world, done
        assert time.process_time() - begun < SECONDS, done
    assert opened < 40, "most mutations leave no world"


def test_mutated_runs_are_refused_by_a_sentence_or_open_rightly(
    run_text: str, tmp_path: Path
) -> None:
    """Four hundred mutations of a run; one that opens is a run that can be written and read."""
    bad, again = tmp_path / "bad.json", tmp_path / "again.json"
    opened = 0
    for done, content in mutations(run_text, 400, seed=1):
        bad.write_bytes(content)
        begun = time.process_time()
        try:
            run = read_run(bad)
        except RunFileError as error:
            assert_sentence(error, bad)
        else:
            opened += 1
            write_run(again, run)
            found = read_run(again)
            assert (found.world, found.settings) == (run.world, run.settings), done
            for one, other in zip(found.seeds, run.seeds, strict=True):
                assert one.seed == other.seed
                for name in ("returns", "lengths", "logits"):
                    assert np.array_equal(getattr(one, name), getattr(other, name)), done
        assert time.process_time() - begun < SECONDS, done
    assert opened < 200, "most mutations leave no run"


def test_mutated_policies_are_refused_by_a_sentence_or_open_rightly(
    run_text: str, tmp_path: Path
) -> None:
    """A run or logits as a policy: finite numbers for every cell and move, or a sentence."""
    world = a_run("short_corridor").world
    mdp = compile_world(world)
    bad = tmp_path / "bad.json"
    logits = '{"logits": [[0, 1], [2.5, 3], [-4, 0]]}'
    for text, seed in ((run_text, 2), (logits, 3)):
        for done, content in mutations(text, 100, seed):
            bad.write_bytes(content)
            try:
                found = read_policy(bad, mdp)
            except RunFileError as error:
                assert_sentence(error, bad)
            else:
                assert found.shape == (mdp.n_states, mdp.n_actions), done
                assert np.isfinite(found).all(), done


WITHIN = ("strange_value", "raw_value", "swapped", "missing", "more", "twice", "truncated")
"""What can be wrong with a file that came with the program: it is edited by hand."""


def test_mutated_episodes_are_refused_by_a_sentence_or_open_rightly() -> None:
    """Two hundred mutations of stored episodes; those that open lead from the start to an end."""
    text = rlxent_resources.episodes_text("puddle_corridor")
    assert text is not None
    world = read_text(rlxent_resources.world_text("puddle_corridor"))
    opened = 0
    for done, content in mutations(text, 200, seed=4, only=WITHIN):
        try:
            found = read_episodes(content.decode(errors="replace"), "puddle_corridor", world)
        except RunFileError as error:
            assert_sentence(error, Path("no path"))
        else:
            opened += 1
            assert (found.states[0] == 0).all(), done
            assert np.isfinite(found.logits).all(), done
    assert opened < 100, "most mutations leave no episodes"
