"""The command line: what it answers, what it refuses, and that a screen is never needed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rlxent_gui.__main__ as program
from rlxent_core import cli, exact
from rlxent_core.estimators import COMPARED
from rlxent_core.mdp import compile_world
from rlxent_core.run_file import read_run
from rlxent_core.settings import Settings, descriptions
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World
from rlxent_core.world_file import write_text
from tests.core.golden import cases

BUNDLED = program.Bundled()
SPARSE = cases()[0]


class Answer:
    """One command's exit status and what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *argv: str) -> None:
        self.status = cli.main(list(argv), BUNDLED)
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    def refused(self, *words: str) -> None:
        """The input was bad: one sentence with these words, no result, no traceback."""
        assert self.status == 1
        assert self.out == ""
        assert self.err.startswith("rlxent: ")
        assert self.err.count("\n") == 1
        for word in words:
            assert word in self.err


def rlxent(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, with no screen."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {k: v for k, v in os.environ.items() if k not in hidden} | environment
    return subprocess.run(
        [sys.executable, "-m", "rlxent_gui", *argv],
        capture_output=True, text=True, encoding="utf-8", env=env, timeout=120,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


def train(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    return Answer(capsys, "train", "sparse5", "--json", "--device", "cpu", *argv).json


# train ---------------------------------------------------------------------------------------


def test_train_answers_what_the_manual_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Every key, no other, with the settings that were in force."""
    answer = train(capsys, "--updates", "3", "--seeds", "2", "--seed", "5", "--set", "hidden=8")
    assert set(answer) == {
        "world", "settings", "device", "optimal_start_value", "runs", "updates", "episodes",
        "env_steps", "seconds",
    }  # fmt: skip
    assert answer["settings"] == asdict(Settings(hidden=8))
    assert answer["device"] == "cpu"
    assert [run["seed"] for run in answer["runs"]] == [5, 6]
    for run in answer["runs"]:
        keys = {"seed", "start_value", "fraction_of_optimal", "episodes_to_95"}
        assert set(run) == keys
    assert answer["updates"] == 3
    assert answer["episodes"] == 3 * 16 * 2
    assert answer["env_steps"] > answer["episodes"] * 8
    assert answer["seconds"] > 0


def test_train_reaches_the_optimum_of_sparse5(capsys: pytest.CaptureFixture[str]) -> None:
    """The defaults climb above 95 % of the way, and J, J* and the share agree with each other."""
    answer = train(capsys, "--updates", "120")
    (run,) = answer["runs"]
    optimum, uniform = answer["optimal_start_value"], SPARSE.expected["J"]
    assert optimum == pytest.approx(SPARSE.expected["J_optimal"], abs=1e-9)
    share = (run["start_value"] - uniform) / (optimum - uniform)
    assert run["fraction_of_optimal"] == pytest.approx(share, abs=1e-9)
    assert 0.95 < run["fraction_of_optimal"] <= 1
    assert run["episodes_to_95"] % 16 == 0


def test_episodes_to_95_is_the_first_update_that_gets_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One update fewer and the share is below .95, with it above: exact to the update."""
    updates = train(capsys, "--updates", "120")["runs"][0]["episodes_to_95"] // 16
    there = train(capsys, "--updates", str(updates))["runs"][0]
    before = train(capsys, "--updates", str(updates - 1))["runs"][0]
    assert there["fraction_of_optimal"] >= 0.95 > before["fraction_of_optimal"]
    assert there["episodes_to_95"] == 16 * updates
    assert before["episodes_to_95"] is None


def test_out_holds_the_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """World, settings, seeds, a return an update, and logits whose exact value is the answer's."""
    out = tmp_path / "run.json"
    answer = train(capsys, "--updates", "5", "--out", str(out), "--set", "baseline=none")
    run = read_run(out)
    assert run.settings == Settings(baseline="none")
    assert write_text(run.world) == write_text(run.world.with_fields())
    assert (run.device, run.updates) == ("cpu", 5)
    (seed,) = run.seeds
    assert len(seed.returns) == len(seed.lengths) == 5
    assert set(seed.parameters) == {"w1", "b1", "w2", "b2"}
    mdp = compile_world(run.world)
    value = exact.start_value(mdp, exact.softmax(seed.logits), mdp.max_steps)
    assert float(value) == answer["runs"][0]["start_value"]


def test_a_run_is_a_policy_for_solve_and_variance(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What train wrote is read by the other commands, and they agree about its value."""
    out = tmp_path / "run.json"
    trained = train(capsys, "--updates", "30", "--out", str(out))["runs"][0]["start_value"]
    solved = Answer(capsys, "solve", "sparse5", "--json", "--policy", str(out)).json
    assert solved["start_value"] == pytest.approx(trained, abs=1e-9)
    measured = Answer(
        capsys, "variance", "sparse5", "--json", "--policy", str(out), "--episodes", "64"
    ).json
    assert measured["J"] == pytest.approx(trained, abs=1e-6)


def test_where_nothing_can_be_gained_the_share_is_null(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One cell, one way: the uniform policy is optimal and there is no way to go."""
    world = tmp_path / "one.json"
    world.write_text(
        '{"format": "rlxent-world", "version": 1, "map": ["S"], "tiles": {"S": {"exit": 1}}}'
    )
    answer = Answer(capsys, "train", str(world), "--json", "--updates", "1").json
    assert answer["runs"][0]["fraction_of_optimal"] is None
    assert answer["runs"][0]["episodes_to_95"] is None
    assert answer["runs"][0]["start_value"] == 1.0


def test_train_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """A line a seed, and nothing on standard error where it is no terminal."""
    answer = Answer(capsys, "train", "sparse5", "--updates", "2", "--seeds", "3")
    assert answer.status == 0
    assert answer.err == ""
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["0", "1", "2"]


def test_an_unknown_setting_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names every setting."""
    Answer(capsys, "train", "sparse5", "--set", "lerning_rate=1").refused(
        "“lerning_rate”", "Did you mean “learning_rate”", *descriptions()
    )


def test_a_bad_value_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The choices of a setting, or the bounds of a number."""
    Answer(capsys, "train", "sparse5", "--set", "credit=all").refused(
        "total_return, reward_to_go, gae", "“all”"
    )
    Answer(capsys, "train", "sparse5", "--set", "hidden=0").refused("between 1 and 1,024")
    Answer(capsys, "train", "sparse5", "--set", "hidden=wide").refused("a whole number", "“wide”")
    Answer(capsys, "train", "sparse5", "--set", "credit=gae").refused("critic or exact_value")
    huge = "9" * 400  # larger than any float
    Answer(capsys, "train", "sparse5", "--set", f"hidden={huge}").refused("between 1 and 1,024")


def test_too_many_seeds_are_refused_before_anything_is_allocated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As too many episodes are."""
    Answer(capsys, "train", "sparse5", "--seeds", "9" * 30).refused("in memory")


def test_what_is_beyond_floats_is_null(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Two rewards of 1e308 add up to more than any float; JSON has no name for that."""
    path = tmp_path / "rich.json"
    tiles = {"S": Tile(start=1), "G": Tile(respawn=True, reward=1e308)}
    world = World(("S" + "." * 24 + "G",), tiles, discount=1)
    path.write_text(write_text(world), encoding="utf-8")
    trained = Answer(capsys, "train", str(path), "--updates", "1", "--json").json
    assert trained["optimal_start_value"] is None
    assert trained["runs"][0]["fraction_of_optimal"] is None
    path.write_text(write_text(world.with_fields(step_reward=1e308)), encoding="utf-8")
    measured = Answer(capsys, "variance", str(path), "--episodes", "4", "--json").json
    assert measured["J"] is measured["exact_gradient_norm2"]["exact"] is None
    assert set(measured["estimators"]["total/none"].values()) == {None}
    for horizon in ("world", "infinite"):
        solved = Answer(capsys, "solve", str(path), "--horizon", horizon, "--json").json
        assert solved["start_value"] is solved["optimal_start_value"] is None


def test_a_world_without_limit_cannot_be_trained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """train and variance ask for a limit of steps."""
    world = tmp_path / "endless.json"
    world.write_text(write_text(SPARSE.world.with_fields(max_steps=None)), encoding="utf-8")
    Answer(capsys, "train", str(world)).refused("max_steps")
    Answer(capsys, "variance", str(world)).refused("max_steps")


def test_a_place_that_cannot_be_written_is_told_before_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No hour of training is lost to a folder that is not there."""
    Answer(capsys, "train", "sparse5", "--out", str(tmp_path / "no" / "run.json")).refused(
        "run.json", "no folder"
    )


def test_missing_cuda_is_told_and_the_cpu_used(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence on standard error, and the same numbers as on the CPU."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    wanted = Answer(
        capsys, "train", "sparse5", "--json", "--updates", "2", "--device", "cuda"
    )
    assert wanted.json["device"] == "cpu"
    assert wanted.err.count("\n") == 1
    assert "CUDA" in wanted.err
    assert wanted.json["runs"] == train(capsys, "--updates", "2")["runs"]


def test_auto_says_nothing_where_cuda_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """auto is content with the CPU."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    answer = Answer(capsys, "train", "sparse5", "--json", "--updates", "1")
    assert answer.json["device"] == "cpu"
    assert answer.err == ""


def test_stopping_keeps_what_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ctrl-C in the fourth update: three are answered and written, the exit status is 130."""
    from rlxent_core.trainer import Trainer

    step = Trainer.step

    def interrupted(trainer: Trainer) -> Any:
        if trainer.update == 3:
            raise KeyboardInterrupt
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", interrupted)
    out = tmp_path / "run.json"
    answer = Answer(capsys, "train", "sparse5", "--json", "--out", str(out))
    assert answer.status == 130
    assert json.loads(answer.out)["updates"] == 3
    assert len(read_run(out).seeds[0].returns) == 3


def test_the_bar_is_only_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal standard error shows how far it is and is left clean; the answer is alone."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, out = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["train", "sparse5", "--json", "--updates", "3"], BUNDLED) == 0
    assert "3/3 updates" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
    assert json.loads(out.getvalue())["updates"] == 3


# variance ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sparse_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("worlds") / "sparse.json"
    path.write_text(write_text(SPARSE.world), encoding="utf-8")
    return str(path)


def test_variance_answers_what_the_manual_says(
    capsys: pytest.CaptureFixture[str], sparse_file: str
) -> None:
    """Every name of the reference, its keys, and numbers within their errors."""
    answer = Answer(capsys, "variance", sparse_file, "--json").json
    assert set(answer) == {"world", "episodes", "J", "exact_gradient_norm2", "estimators"}
    assert answer["episodes"] == 1024
    assert answer["J"] == pytest.approx(SPARSE.expected["J"], abs=1e-9)
    for weighting in ("exact", "practice"):
        assert answer["exact_gradient_norm2"][weighting] == pytest.approx(
            SPARSE.expected[
                {"exact": "exact_gradient_norm2", "practice": "practice_gradient_norm2"}[weighting]
            ],
            abs=1e-9,
        )
    assert set(SPARSE.expected["trace_cov"]) <= set(answer["estimators"]) == set(COMPARED)
    for name, expected in SPARSE.expected["trace_cov"].items():
        found = answer["estimators"][name]
        assert set(found) == {"trace_cov", "se", "mean_projection", "cosine"}
        assert abs(found["trace_cov"] - expected) < 3.5 * found["se"]
        assert 0.5 < found["mean_projection"] < 1.5
        assert 0.5 < found["cosine"] <= 1


def test_variance_by_dynamic_programming(
    capsys: pytest.CaptureFixture[str], sparse_file: str
) -> None:
    """--exact puts the reference's numbers beside the sampled ones, for every estimator."""
    answer = Answer(capsys, "variance", sparse_file, "--json", "--exact", "--episodes", "64")
    found = answer.json["estimators"]
    assert set(found) == set(COMPARED)
    assert all(entry["exact"] > 0 for entry in found.values())
    for name, expected in SPARSE.expected["trace_cov"].items():
        assert found[name]["exact"] == pytest.approx(expected, abs=1e-8)
    table = Answer(capsys, "variance", sparse_file, "--exact", "--episodes", "64").out
    assert table.splitlines()[1].split() == [
        "estimator", "tr", "Cov", "±", "SE", "exact", "projection", "cosine",
    ]  # fmt: skip


@pytest.mark.parametrize("world", ["two_armed_bandit", "alive_bonus", "sparse5"])
def test_intervals_of_leave_one_out_hold(
    capsys: pytest.CaptureFixture[str], world: str
) -> None:
    """|sampled − exact| within 4 standard errors for 8 seeds, though a group shares its mean."""

    def answer(*more: str) -> dict[str, float]:
        found = Answer(capsys, "variance", world, "--json", *more).json["estimators"]
        return found["total/leave_one_out"]

    exact = answer("--exact")["exact"]  # of no seed
    for seed in range(8):
        found = answer("--seed", str(seed))
        assert abs(found["trace_cov"] - exact) < 4 * found["se"]


@pytest.mark.parametrize(
    ("episodes", "group"), [(1024, 16), (100, 10), (8, 8), (2, 2), (34, 2), (1021, 1021)]
)
def test_groups_divide_the_episodes(episodes: int, group: int) -> None:
    """As many as an update has, or the most below that divide them; one group of a prime number."""
    from rlxent_core.commands.variance import group_of

    assert group_of(episodes) == group


def test_variance_of_given_logits(
    capsys: pytest.CaptureFixture[str], sparse_file: str, tmp_path: Path
) -> None:
    """A file with logits in the order of cells and moves is that policy."""
    case = cases()[1]
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"logits": case.expected["logits"]}))
    answer = Answer(capsys, "variance", sparse_file, "--json", "--policy", str(policy)).json
    assert answer["J"] == pytest.approx(case.expected["J"], abs=1e-9)
    found = answer["estimators"]["gae_0.95/V/discount=practice"]
    expected = case.expected["trace_cov"]["gae_0.95/V/discount=practice"]
    assert abs(found["trace_cov"] - expected) < 3.5 * found["se"]


def test_variance_of_a_run_is_in_its_networks_parameters(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An MLP's run and its bare logits share J but not the gradient's length."""
    out, bare = tmp_path / "run.json", tmp_path / "bare.json"
    train(capsys, "--updates", "2", "--out", str(out))
    logits = read_run(out).seeds[0].logits[SPARSE.mdp.standable]
    bare.write_text(json.dumps({"logits": logits.tolist()}))
    network, table = (
        Answer(capsys, "variance", "sparse5", "--json", "--episodes", "16", "--policy", str(p)).json
        for p in (out, bare)
    )
    assert network["J"] == pytest.approx(table["J"], abs=1e-6)
    assert network["exact_gradient_norm2"]["exact"] > 2 * table["exact_gradient_norm2"]["exact"]


COMBINATIONS = [
    (architecture, features)
    for architecture in descriptions()["architecture"].choices or ()
    for features in descriptions()["features"].choices or ()
]


@pytest.mark.parametrize(("architecture", "features"), COMBINATIONS)
def test_every_architecture_on_every_feature_is_written_and_measured(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, architecture: str, features: str
) -> None:
    """Trained, written, read: the settings, J, and ‖∇J‖² of its own parameters, by autograd."""
    out = tmp_path / "run.json"
    settings = ("--set", f"architecture={architecture}", "--set", f"features={features}")
    answer = train(capsys, "--updates", "3", "--out", str(out), *settings, "--set", "hidden=9")
    assert answer["settings"]["features"] == features
    run = read_run(out)
    assert run.settings == Settings(architecture=architecture, features=features, hidden=9)
    seed = run.seeds[0]
    assert bool(seed.parameters) == ((architecture, features) != ("table", "cell"))
    measured = Answer(
        capsys, "variance", "sparse5", "--json", "--episodes", "16", "--policy", str(out)
    ).json
    assert measured["J"] == pytest.approx(answer["runs"][0]["start_value"], rel=1e-5)
    trainer = Trainer(run.world, run.settings)
    for _ in range(3):
        trainer.step()
    there = SPARSE.mdp.standable
    assert np.array_equal(trainer.logits()[0].numpy()[there], seed.logits[there])
    module = trainer.policy.double()
    cotangent = exact.gradient_cotangent(SPARSE.mdp, exact.softmax(seed.logits))
    parts = torch.autograd.grad(module()[0], list(module.parameters()), torch.tensor(cotangent))
    norm2 = float(sum((part**2).sum() for part in parts))
    assert measured["exact_gradient_norm2"]["exact"] == pytest.approx(norm2, rel=1e-4)


def test_a_policy_that_cannot_tell_cells_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """On the short corridor it comes to the book's −11.6, far from the optimum −3, and says so."""
    answer = Answer(
        capsys, "train", "short_corridor", "--json", "--updates", "150", "--set",
        "features=constant", "--set", "architecture=table", "--set", "learning_rate=0.01",
        "--set", "batch_episodes=64", "--set", "discount_weighting=exact",
    ).json  # fmt: skip
    (run,) = answer["runs"]
    assert run["start_value"] == pytest.approx(-(6 + 4 * 2**0.5), abs=0.1)
    assert answer["optimal_start_value"] == pytest.approx(-3, abs=1e-9)
    assert run["fraction_of_optimal"] == pytest.approx((12 + run["start_value"]) / 9, abs=1e-6)
    assert run["episodes_to_95"] is None


def test_unknown_features_are_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names the choices."""
    Answer(capsys, "train", "sparse5", "--set", "features=pixels").refused(
        "features must be one of cell, position, neighbourhood, constant"
    )


def test_variance_depends_on_the_seed_alone(
    capsys: pytest.CaptureFixture[str], sparse_file: str
) -> None:
    """The same seed, the same digits; another seed, others."""
    outs = [
        Answer(capsys, "variance", sparse_file, "--json", "--episodes", "32", "--seed", seed).out
        for seed in ("1", "1", "2")
    ]
    assert outs[0] == outs[1] != outs[2]


def test_variance_prints_a_table_for_people(
    capsys: pytest.CaptureFixture[str], sparse_file: str
) -> None:
    """A line an estimator."""
    answer = Answer(capsys, "variance", sparse_file, "--episodes", "8")
    assert [line.split()[0] for line in answer.out.splitlines()[2:-1]] == list(COMPARED)


def test_a_large_board_leaves_out_what_takes_minutes_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sparse_file: str
) -> None:
    """The baselines of least variance are null, and standard error says why."""
    from rlxent_core.commands import variance

    monkeypatch.setattr(variance, "AFFORDABLE", 1.0)
    answer = Answer(capsys, "variance", sparse_file, "--json", "--episodes", "8")
    found = answer.json["estimators"]
    assert set(found) == set(COMPARED)
    assert {name for name, entry in found.items() if entry is None} == {
        name for name in COMPARED if "b_star" in name
    }
    assert answer.err.count("\n") == 1
    assert "left out" in answer.err


def test_a_policy_for_another_world_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The sentence says what would fit."""
    policy = tmp_path / "policy.json"
    policy.write_text('{"logits": [[0, 0, 0, 0]]}')
    Answer(capsys, "variance", "sparse5", "--policy", str(policy)).refused("20 × 4", "1 × 4")


# every command -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["train", "variance", "solve"])
def test_a_world_that_is_not_there(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The nearest name is offered."""
    Answer(capsys, command, "sparse6").refused("“sparse6”", "Did you mean “sparse5”")


@pytest.mark.parametrize("command", ["train", "variance", "solve"])
def test_a_world_that_is_broken(
    capsys: pytest.CaptureFixture[str], command: str, tmp_path: Path
) -> None:
    """The file's own sentence, no traceback."""
    world = tmp_path / "broken.json"
    world.write_text('{"format": "rlxent-world", "version": 1, "map": ["S", "G.."]}')
    Answer(capsys, command, str(world)).refused("broken.json")


@pytest.mark.parametrize(
    "argv",
    [
        ["train"], ["train", "sparse5", "--updates", "0"], ["train", "sparse5", "--seeds", "x"],
        ["train", "sparse5", "--set", "hidden"], ["train", "sparse5", "--device", "tpu"],
        ["variance", "sparse5", "--episodes", "1"], ["variance", "sparse5", "--exact=yes"],
        ["render", "sparse5", "board.png"], [],
    ],
)  # fmt: skip
def test_wrong_usage(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """Exit status 2, and nothing on standard output."""
    answer = Answer(capsys, *argv)
    assert (answer.status, answer.out) == (2, "")
    assert "usage" in answer.err


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_is_complete(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Every option has its help."""
    answer = Answer(capsys, command, "--help")
    assert answer.status == 0
    parser = cli.build_parser()
    actions = parser._subparsers._group_actions[0].choices[command]._actions
    assert all(action.help for action in actions)


def test_the_main_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """And the window."""
    answer = Answer(capsys, "--help")
    assert answer.status == 0
    for word in (*cli.COMMANDS, "window"):
        assert word in answer.out


def test_stopping_a_command_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C anywhere ends with 130."""
    from rlxent_core.commands import variance

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(variance, "load_policy", interrupted)
    answer = Answer(capsys, "variance", "sparse5")
    assert (answer.status, answer.out, answer.err) == (130, "", "")


# the program ---------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a screen")
def test_without_a_screen_the_window_is_refused() -> None:
    """Exit status 1, and the commands are named."""
    done = rlxent()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    for word in ("screen", *cli.COMMANDS):
        assert word in done.stderr


def test_the_program_runs_a_command_as_a_process() -> None:
    """``rlxent train`` without a screen: one line of JSON, the same numbers as in this process."""
    argv = ("train", "sparse5", "--json", "--updates", "2", "--device", "cpu")
    done = rlxent(*argv)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["updates"] == 2
    assert np.isfinite(answer["runs"][0]["start_value"])


def test_a_bad_input_is_one_sentence_of_the_process() -> None:
    """No traceback reaches a user."""
    done = rlxent("solve", "nowhere.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently there")
def test_a_reader_that_stops_listening() -> None:
    """``rlxent worlds | head -0`` ends without a word."""
    program = [sys.executable, "-m", "rlxent_gui", "solve", "sparse5"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        program, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60,
        cwd=Path(__file__).parents[2],
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
