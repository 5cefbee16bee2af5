"""Run and policy files: what is written is read back, and what is wrong is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rlxent_core.mdp import compile_world
from rlxent_core.run_file import Run, RunFileError, SeedRun, read_policy, read_run, write_run
from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_core.world_file import read_text

WORLD = read_text(
    '{"format": "rlxent-world", "version": 1, "name": "Bend", "map": ["S.", "#G"],'
    ' "tiles": {"S": {"start": 1}, "G": {"terminal": true, "reward": 1}}}'
)
MDP = compile_world(WORLD)


def run(world: World = WORLD, **parameters: np.ndarray) -> Run:
    """One update of two seeds on a world with two cells to stand on."""
    logits = np.zeros((4, 4))
    logits[:2] = np.float32(0.1) * np.arange(8).reshape(2, 4)
    seeds = (
        SeedRun(3, np.array([0.5]), np.array([7.0]), logits, parameters),
        SeedRun(4, np.array([0.25]), np.array([9.5]), -logits, parameters),
    )
    return Run(world, Settings(batch_episodes=8), "cpu", 1, seeds)


def policy_file(folder: Path, content: object) -> Path:
    path = folder / "policy.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_run_comes_back(tmp_path: Path) -> None:
    """Everything in a run is the same after writing and reading, to the last bit."""
    weights = np.array([[0.1, -1e-30], [3.4e38, 2.0]], dtype=np.float32)
    write_run(tmp_path / "run.json", run(w1=weights))
    found = read_run(tmp_path / "run.json")
    assert (found.world, found.settings) == (WORLD, Settings(batch_episodes=8))
    assert (found.device, found.updates) == ("cpu", 1)
    for read, written in zip(found.seeds, run().seeds, strict=True):
        assert read.seed == written.seed
        assert (read.returns == written.returns).all()
        assert (read.lengths == written.lengths).all()
        assert (read.logits == written.logits).all()
        assert (read.parameters["w1"] == weights).all()
        assert read.parameters["w1"].dtype == np.float32


def test_a_run_from_before_there_were_features_saw_cells(tmp_path: Path) -> None:
    """Files without “features” are read as what they were."""
    path = tmp_path / "run.json"
    write_run(path, run())
    content = json.loads(path.read_text())
    del content["settings"]["features"]
    path.write_text(json.dumps(content))
    assert read_run(path).settings == Settings(batch_episodes=8, features="cell")


def test_a_run_is_a_policy(tmp_path: Path) -> None:
    """A run stands for the policy of its first seed, zero where nobody can stand."""
    write_run(tmp_path / "run.json", run())
    assert (read_policy(tmp_path / "run.json", MDP) == run().seeds[0].logits).all()


def test_plain_logits_are_a_policy(tmp_path: Path) -> None:
    """Rows go to the cells in row order, walls and ends left out."""
    path = policy_file(tmp_path, {"logits": [[1, 2, 3, 4], [5, 6, 7, 8]]})
    expected = [[1, 2, 3, 4], [5, 6, 7, 8], [0] * 4, [0] * 4]
    assert read_policy(path, MDP).tolist() == expected


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "line 1"),
        ("[]", "must hold a JSON object"),
        ({"logit": []}, "neither “logits” nor the format"),
        ({"logits": [[1, 2, 3, 4]]}, "2 × 4 numbers.*not 1 × 4"),
        ({"logits": 3}, "2 lists of 4 numbers, one list a cell, not 3"),
        ({"logits": [[1, 2, 3, 4], [1]]}, "2 lists of 4 numbers"),
        ({"logits": [[1, 2, 3, "x"], [5, 6, 7, 8]]}, "2 lists of 4 numbers"),
        ('{"logits": [[1, 2, 3, NaN], [5, 6, 7, 8]]}', "finite"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_policies(tmp_path: Path, content: object, sentence: str) -> None:
    """Each thing wrong with a policy has its sentence, which names the file."""
    with pytest.raises(RunFileError, match=sentence) as error:
        read_policy(policy_file(tmp_path, content), MDP)
    assert "policy.json" in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """What the system says is in the sentence."""
    with pytest.raises(RunFileError, match="No such file"):
        read_policy(tmp_path / "nowhere.json", MDP)


def test_bytes_are_no_policy(tmp_path: Path) -> None:
    """A picture is refused as text."""
    (tmp_path / "policy.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(RunFileError, match="UTF-8"):
        read_policy(tmp_path / "policy.png", MDP)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("format", "rlxent-world", "no run"),
        ("version", 2, "version 2"),
        ("world", {"format": "rlxent-world", "version": 1}, "world in .* is not valid"),
        ("settings", {"hidden": -1}, "settings in .* are not valid: hidden"),
        ("settings", {"hidden": 8.0}, "settings in .* are not valid: hidden"),
        ("settings", {"hiden": 1}, "unknown setting “hiden”"),
        ("runs", [], "“runs” is empty"),
        ("runs", [{"seed": 0}], "“returns” is missing"),
        ("runs", 3, "“runs” in .* must be a list, not 3"),
        ("updates", "many", "“updates” in .* must be a whole number from 0 .*, not “many”"),
        ("runs", [{"seed": 0.5, "returns": [], "lengths": [], "logits": [[0] * 4] * 2}],
         "“seed” in .* must be a whole number"),
        ("runs", [{"seed": 0, "returns": [1], "lengths": [], "logits": [[0] * 4] * 2}],
         "1 returns and 0 lengths"),
    ],
)
def test_bad_runs(tmp_path: Path, key: str, value: object, sentence: str) -> None:
    """A run with one thing wrong is refused as a whole."""
    path = tmp_path / "run.json"
    write_run(path, run())
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, key: value}), encoding="utf-8")
    with pytest.raises(RunFileError, match=sentence):
        read_run(path)


def test_another_board_is_refused(tmp_path: Path) -> None:
    """A policy for other cells, or other moves, fits no world of this shape."""
    write_run(tmp_path / "run.json", run())
    with pytest.raises(RunFileError, match="another shape"):
        read_policy(tmp_path / "run.json", compile_world(WORLD.with_fields(map=("SG", "#."))))
    other_moves = compile_world(WORLD.with_fields(moves=("up", "down", "left", "right")))
    with pytest.raises(RunFileError, match="chooses among"):
        read_policy(tmp_path / "run.json", other_moves)
