"""``rlxent solve`` and ``rlxent worlds``: what they print, and what they say of bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rlxent_resources
from rlxent_core import cli, exact
from rlxent_core.tiles import Tile
from rlxent_core.world import World
from rlxent_core.world_file import read_text, write_file
from tests.core.golden import DATA, cases

TEXTBOOK = json.loads((DATA / "textbook_worlds.json").read_text(encoding="utf-8"))["worlds"]
CASE = cases()[1]


class Bundled:
    """The worlds that come with the program."""

    names = staticmethod(rlxent_resources.worlds)
    text = staticmethod(rlxent_resources.world_text)


def run(*argv: str) -> int:
    return cli.main(argv, Bundled())


@pytest.fixture
def answers(capsys):
    """Runs ``solve --json`` and gives the objects it printed."""

    def solved(*argv: str) -> list[dict[str, Any]]:
        assert run("solve", "--json", *argv) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return solved


@pytest.fixture
def maze(tmp_path: Path) -> Path:
    path = tmp_path / "maze.json"
    write_file(CASE.world, path)
    return path


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_worlds_without_a_limit(name, answers):
    """The numbers of the book: values, start values and all optimal actions."""
    expected = TEXTBOOK[name]["expected"]
    (answer,) = answers(name, "--horizon", "infinite")
    assert answer["file"] == name
    assert answer["cells"] == expected["cells"]
    assert answer["optimal_actions"] == expected["optimal_actions"]
    for key, of in (
        ("values", "V_uniform"), ("optimal_values", "V_optimal"),
        ("start_value", "start_value_uniform"), ("optimal_start_value", "start_value_optimal"),
    ):  # fmt: skip
        assert answer[key] == pytest.approx(expected[of], rel=1e-8, abs=1e-8)


def test_the_worlds_own_limit_is_the_default(maze, answers):
    """As ``--horizon world``; the reference’s J* of 100 steps."""
    (answer,) = answers(str(maze))
    assert answer == answers(str(maze), "--horizon", "world")[0]
    assert answer["world"] == CASE.world.name
    assert answer["file"] == str(maze)
    assert answer["moves"] == ["up", "right", "down", "left"]
    assert answer["optimal_start_value"] == pytest.approx(CASE.expected["J_optimal"], abs=1e-9)
    assert answer["start"] == [1.0] + [0.0] * 19
    assert answer["reachable"] is True
    assert answer["chance_of_reward"] == pytest.approx(exact.chance_of_reward(CASE.mdp, 100))


def test_the_worlds_own_limit_may_be_none(tmp_path, answers):
    """Then ``world`` is infinite."""
    path = tmp_path / "unlimited.json"
    write_file(CASE.world.with_fields(max_steps=None), path)
    assert answers(str(path))[0] == answers(str(path), "--horizon", "infinite")[0]


def test_a_horizon_of_so_many_steps(maze, answers):
    """One step: only what is beside the goal is worth anything."""
    (answer,) = answers(str(maze), "--horizon", "1")
    worth = [cell for cell, v in zip(answer["cells"], answer["optimal_values"], strict=True) if v]
    assert worth == [[3, 4], [4, 3]]


def test_the_optimal_policy(maze, answers):
    """Its values are the optimal ones."""
    (answer,) = answers(str(maze), "--policy", "optimal")
    assert answer["values"] == answer["optimal_values"]
    assert answer["start_value"] == answer["optimal_start_value"]


def test_a_policy_from_a_file(maze, tmp_path, answers):
    """The reference’s random policy: V_0 and J."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"logits": CASE.expected["logits"]}), encoding="utf-8")
    (answer,) = answers(str(maze), "--policy", str(path))
    assert answer["values"] == pytest.approx(CASE.expected["V_0"], abs=1e-9)
    assert answer["start_value"] == pytest.approx(CASE.expected["J"], abs=1e-9)


def test_a_policy_that_does_not_fit_is_told(maze, tmp_path, capsys):
    """One row too few."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"logits": CASE.expected["logits"][1:]}), encoding="utf-8")
    assert run("solve", str(maze), "--policy", str(path)) == 1
    assert "20 × 4" in capsys.readouterr().err


def test_what_diverges_is_null(tmp_path, answers):
    """A goal behind a wall, each step at a cost; and no action is best there."""
    path = tmp_path / "hopeless.json"
    tiles = {"S": Tile(start=1), "G": Tile(terminal=True)}
    world = World(("S.#.G",), tiles, step_reward=-1, discount=1.0, max_steps=None)
    write_file(world, path)
    (answer,) = answers(str(path))
    assert answer["values"] == [None, None, pytest.approx(-4)]
    assert answer["optimal_values"] == [None, None, -1]
    assert answer["optimal_actions"] == [[], [], ["right"]]
    assert answer["start_value"] is None
    assert answer["optimal_start_value"] is None
    assert answer["reachable"] is False


def test_rewards_that_overflow_are_null_without_a_word(tmp_path, capsys):
    """Numbers near the largest that there is."""
    path = tmp_path / "huge.json"
    path.write_text(
        '{"format": "rlxent-world", "version": 1, "map": ["SG"], "step_reward": 1e308,'
        ' "tiles": {"S": {"start": 1}, "G": {"terminal": true, "reward": 1e308}}}',
        encoding="utf-8",
    )
    for horizon in ("world", "infinite"):
        assert run("solve", "--json", str(path), "--horizon", horizon) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out)["optimal_values"] == [None]
        assert printed.err == ""


def test_odds_beyond_floats_are_null(answers, tmp_path, capsys):
    """Two slips of 1e-300 one after the other."""
    path = tmp_path / "unlikely.json"
    tiles = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)}
    world = World(("S.G",), tiles, moves=("up", "left"), slip=1e-300, discount=1, max_steps=None)
    write_file(world, path)
    (answer,) = answers(str(path))
    assert answer["chance_of_reward"] is answer["start_value"] is None
    assert run("solve", str(path)) == 0
    assert "beyond floats" in capsys.readouterr().out


def test_a_bad_world_among_good_ones(maze, tmp_path, capsys):
    """It is told on standard error with its file, the others are answered, and the status is 1."""
    bad = tmp_path / "bad.json"
    text = maze.read_text(encoding="utf-8").replace('"reward"', '"rewrad"', 1)
    bad.write_text(text, encoding="utf-8")
    assert run("solve", "--json", str(maze), str(bad), "nowhere", "sparse5") == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["file"] for line in printed.out.splitlines()] == [str(maze), "sparse5"]
    first, second = printed.err.splitlines()
    assert f"{bad}: Line 13: tile “G” has an unknown key “rewrad”: did you mean" in first
    assert "“nowhere”" in second


@pytest.mark.parametrize("horizon", ["0", "-1", "1.5", "for ever", "²"])
def test_a_bad_horizon_is_a_usage_error(horizon, capsys):
    """Status 2, and the message says what there is."""
    assert run("solve", "sparse5", f"--horizon={horizon}") == 2
    assert "infinite" in capsys.readouterr().err


def test_the_table_is_laid_out_as_the_map(capsys):
    """Values and arrows where their cells are."""
    assert run("solve", "short_corridor", "--horizon", "infinite") == 0
    assert capsys.readouterr().out == (
        "Short corridor with switched actions, without a step limit, discount 1\n"
        "\n"
        "Values of the uniform policy: −12 at the start\n"
        "  −12  −10   −6    G\n"
        "\n"
        "Optimal values: −3 at the start\n"
        "  −3  −2  −1   G\n"
        "\n"
        "Optimal actions\n"
        "  →  ←  →  G\n"
        "\n"
        "Chance that an episode of the uniform policy is rewarded: 0 %\n"
    )


def test_every_arrow_of_a_tie_is_shown(capsys):
    """In the middle of nothing all moves are as good; what diverges says so."""
    assert run("solve", "sutton_barto_3_5", "--policy", "optimal") == 0
    table = capsys.readouterr().out
    assert "↑→↓←" in table
    assert "uniform policy:" not in table


def test_a_terminal_without_arrows_gets_question_marks():
    """Rather than a traceback: a C locale, or an old Windows console."""
    code = (
        "import sys; from rlxent_core.cli import main; from tests.core.test_solve import Bundled;"
        "sys.exit(main(['solve', 'short_corridor'], Bundled()))"
    )
    folders = (".", "core", "resources")
    environment = os.environ | {
        "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0",
        "PYTHONPATH": os.pathsep.join(str(DATA.parents[1] / folder) for folder in folders),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"?12" in done.stdout
    assert done.stderr == b""


def test_the_list_of_worlds(capsys):
    """A line each, with name, size, title and source."""
    assert run("worlds") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(rlxent_resources.worlds())
    assert lines[0].split()[1] == "5×5"
    assert any("Russell & Norvig" in line for line in lines)


def test_the_text_of_a_world(capsys):
    """As it lies in the program, to save and to change."""
    assert run("worlds", "sparse5") == 0
    text = capsys.readouterr().out
    assert text == rlxent_resources.world_text("sparse5")
    assert read_text(text).name == "Sparse 5 × 5"


def test_an_unknown_world_is_told_with_the_nearest(capsys):
    """A slip of the finger."""
    assert run("worlds", "sparse") == 1
    assert "Did you mean “sparse5”" in capsys.readouterr().err


def test_values_of_the_file_are_in_the_order_of_its_cells(maze, answers):
    """Row by row, without walls and goals."""
    (answer,) = answers(str(maze))
    values = exact.policy_values(CASE.mdp, exact.uniform_policy(CASE.mdp), 100)
    assert answer["values"] == pytest.approx(values[CASE.mdp.standable].tolist())
    states = np.flatnonzero(CASE.mdp.standable)
    assert answer["cells"] == [list(divmod(int(s), 5)) for s in states]
