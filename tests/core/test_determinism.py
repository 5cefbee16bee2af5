"""The same world, settings and seed are the same bits on the CPU: alone, among others, anywhere."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from rlxent_core.credit import discount_powers
from rlxent_core.mdp import compile_world
from rlxent_core.recording import record
from rlxent_core.rollout import SampledMDP
from rlxent_core.run_file import Run, read_run, write_run
from rlxent_core.settings import Settings
from rlxent_core.study import Study
from rlxent_core.timeline import Timeline
from rlxent_core.trainer import Trainer
from rlxent_core.variance import measure_pair
from rlxent_core.world import World
from rlxent_core.world_file import write_file
from tests.core.learning_worlds import corridor, episodes_by_hand, restless, sparse5
from tests.core.test_cli import train
from tests.core.test_trainer import combinations, name, same, trained

CASES: dict[str, tuple[World, Settings]] = {
    "default": (sparse5(), Settings()),
    "table, critic": (
        restless(),
        Settings(architecture="table", optimizer="sgd", learning_rate=0.5, credit="gae",
                 baseline="critic", batch_episodes=5),
    ),
    "linear, rows and columns": (
        restless(),
        Settings(architecture="linear", features="position", baseline="moving_average",
                 discount_weighting="exact", entropy_bonus=0.05, gradient_clip=0.1),
    ),
    "views": (
        sparse5(slip=0.4, reward_noise=1.0),
        Settings(hidden=16, features="neighbourhood", credit="gae", gae_lambda=0.5,
                 baseline="exact_value", batch_episodes=9),
    ),
    "table, best constant": (
        restless(),
        Settings(architecture="table", credit="total_return", baseline="optimal_constant",
                 batch_episodes=40),
    ),
    "table of views, long episodes": (
        sparse5(max_steps=150, step_reward=-0.01),
        Settings(architecture="table", features="neighbourhood", discount_weighting="exact",
                 credit="gae", baseline="critic", entropy_bonus=0.01),
    ),
    "one episode": (
        corridor(reward_noise=0.5, slip=0.1),
        Settings(features="constant", optimizer="sgd", baseline="none", batch_episodes=1),
    ),
}  # fmt: skip
"""Every architecture, optimiser, credit and baseline; slip, noise and several starts."""
UPDATES = 12
case = pytest.mark.parametrize(("world", "settings"), CASES.values(), ids=CASES)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the command line and the window have it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Trained:
    """What a training comes to, to the last bit."""

    def __init__(self, trainer: Trainer, updates: int = UPDATES) -> None:
        self.trainer = trainer
        done = [trainer.step() for _ in range(updates)]
        self.returns = torch.stack([update.returns for update in done])
        self.done = done

    def of(self, run: int) -> list[Tensor]:
        """Everything of one run: returns, logits, parameters, critic, baselines, weights."""
        trainer, state = self.trainer, self.trainer.state()
        critic = trainer.critic_values()
        return [
            self.returns[:, run],
            trainer.logits()[run],
            *(p.detach()[run] for _, p in sorted(trainer.policy.named_parameters())),
            *([] if critic is None else [critic[run]]),
            state.baselines.average.total[run],
            state.baselines.constant[run],
            *(update.weights[: int(update.lengths[run].max()), run] for update in self.done),
        ]


def assert_same(one: list[Tensor], two: list[Tensor]) -> None:
    assert len(one) == len(two)
    for first, second in zip(one, two, strict=True):
        assert torch.equal(first, second)


# Among others


@case
def test_a_seed_does_not_depend_on_its_neighbours(world: World, settings: Settings) -> None:
    """Alone, first, last and in the middle of others, and beside itself."""
    alone = Trained(Trainer(world, settings, (3,))).of(0)
    for seeds in ((3, 4), (9, 8, 7, 3, 6, 5, 4), (*range(50, 81), 3), (3, 3)):
        among = Trained(Trainer(world, settings, seeds))
        for run in (run for run, seed in enumerate(seeds) if seed == 3):
            assert_same(alone, among.of(run))


@pytest.mark.parametrize("architecture", ["mlp", "table"])
def test_a_seed_does_not_depend_on_hundreds_of_neighbours(architecture: str) -> None:
    """Among 256, with the critic, the entropy bonus and clipping."""
    settings = Settings(
        architecture=architecture, credit="gae", baseline="critic", entropy_bonus=0.01,
        batch_episodes=5, gradient_clip=0.1,
    )  # fmt: skip
    alone = trained(6, restless(), settings, (3,))
    among = trained(6, restless(), settings, (*range(50, 305), 3))
    assert torch.equal(alone.logits()[0], among.logits()[-1])
    assert torch.equal(alone.critic_values()[0], among.critic_values()[-1])


@pytest.mark.parametrize("settings", combinations(), ids=name)
def test_every_estimator_gives_the_same_bits_among_others(settings: Settings) -> None:
    """Each credit and baseline, alone and among 7, in a world where everything is drawn."""
    alone = trained(5, restless(), settings, (3,))
    among = trained(5, restless(), settings, (9, 8, 7, 3, 6, 5, 4))
    assert torch.equal(alone.logits()[0], among.logits()[3])


@case
def test_a_neighbour_with_other_step_sizes_changes_nothing(
    world: World, settings: Settings
) -> None:
    """Also one that learns ten times as fast, without clipping, and is paid for indecision."""
    other = replace(settings, learning_rate=settings.learning_rate * 10, gradient_clip=0.0,
                    entropy_bonus=0.5, critic_learning_rate=0.3)  # fmt: skip
    alone = Trained(Trainer(world, settings, (3,))).of(0)
    assert_same(alone, Trained(Trainer(world, [other, settings, other], (1, 3, 3))).of(1))


def test_a_steps_discount_does_not_depend_on_how_long_others_go_on() -> None:
    """γ^t is the same number whatever the longest episode of all runs is."""
    mdp = SampledMDP(compile_world(corridor(discount=0.9, max_steps=150)))
    whole = discount_powers(episodes_by_hand(mdp, [[(0, 0, 0.0)] * 150]))
    for steps in range(1, 150):
        part = discount_powers(episodes_by_hand(mdp, [[(0, 0, 0.0)] * steps]))
        assert torch.equal(part, whole[:steps]), steps


def test_a_study_has_the_curves_of_seeds_alone() -> None:
    """To the last bit."""

    def curve(seeds: range | tuple[int, ...]) -> np.ndarray:
        study = Study(sparse5(), (Settings(),), seeds, updates=10)
        for _ in study.steps():
            pass
        return study.arms[0].curve.values

    assert np.array_equal(curve((5,))[:, 0], curve(range(8))[:, 5])


@pytest.mark.parametrize("architecture", ["table", "mlp"])
def test_the_command_says_the_same_of_a_seed_alone_or_among_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, architecture: str
) -> None:
    """Seed 4 has the same bits among seven, two or alone: values, returns and final logits."""
    options = ["--updates", "12", "--set", f"architecture={architecture}"]
    found = []
    for first, seeds in ((4, 1), (3, 2), (0, 7)):
        out = tmp_path / f"{first}.json"
        answer = train(
            capsys, *options, "--seed", str(first), "--seeds", str(seeds), "--out", str(out)
        )
        (run,) = [run for run in answer["runs"] if run["seed"] == 4]
        (written,) = [seed for seed in read_run(out).seeds if seed.seed == 4]
        found.append((run, written))
    for run, written in found[1:]:
        assert run == found[0][0]
        assert (written.logits == found[0][1].logits).all()
        assert (written.returns == found[0][1].returns).all()


# Whatever else happens in the process


@case
def test_nothing_else_in_the_process_matters(world: World, settings: Settings) -> None:
    """Other numbers drawn in between, other threads, gradients switched off or on."""
    expected = Trained(Trainer(world, settings, (3,))).of(0)
    dice = random.Random(1)
    for number in (1, 4):
        torch.set_num_threads(number)
        torch.manual_seed(number)
        np.random.seed(number)
        random.seed(number)
        trainer = Trainer(world, settings, (3,))
        other = Trainer(sparse5(), Settings(hidden=8), (3,))
        done = []
        for _ in range(UPDATES):
            for _ in range(dice.randrange(3)):
                torch.rand(7)
                other.step()
            with torch.set_grad_enabled(dice.random() < 0.5):
                done.append(trainer.step().returns)
        assert_same(expected[:2], [torch.stack(done)[:, 0], trainer.logits()[0]])


@case
def test_watching_and_measuring_changes_nothing(world: World, settings: Settings) -> None:
    """Looking at the coming episodes, at their weights, and how much the gradient scatters."""
    watched = Trainer(world, settings, (3,))
    done = []
    for update in range(UPDATES):
        if update % 2:
            watched.collect()
        if update % 3:
            watched.weigh()
        if update % 4 == 0 and settings.batch_episodes > 1:
            measure_pair(watched, 8)
        watched.visits(), watched.critic_values(), watched.baseline_constant(), watched.state()
        done.append(watched.step().returns)
    expected = Trained(Trainer(world, settings, (3,))).of(0)
    assert_same(expected[:2], [torch.stack(done)[:, 0], watched.logits()[0]])


# On from somewhere


@case
def test_going_on_from_a_state_is_going_on(world: World, settings: Settings) -> None:
    """In another trainer, after any update, with several seeds."""
    plain = Trainer(world, settings, (3, 8))
    for update in range(UPDATES):
        if update in (0, 1, 7):
            other = Trainer(world, settings, (3, 8))
            other.load_state(plain.state())
            ahead = [other.step().returns for _ in range(UPDATES - update)]
        plain.step()
    assert same(plain.state(), other.state())
    assert torch.equal(plain.last.returns, ahead[-1])


@case
def test_going_back_and_on_again_at_random(world: World, settings: Settings) -> None:
    """Ten rewinds, and settings and world changed and changed back: the way straight ahead."""
    timeline = Timeline(Trainer(world, settings, (3,)))
    dice = random.Random(4)
    for _ in range(10):
        for _ in range(dice.randrange(1, 15)):
            timeline.step()
        if dice.random() < 0.5:
            timeline.edit_world(world.with_fields(slip=0.75))
            timeline.edit_settings(replace(settings, learning_rate=1.0))
            timeline.step()
            timeline.edit_world(world)
            timeline.edit_settings(settings)
            timeline.rewind(timeline.trainer.update - 1)
        timeline.rewind(dice.randrange(timeline.earliest, timeline.trainer.update + 1))
    while timeline.trainer.update < 60:
        timeline.step()
    assert same(timeline.trainer.state(), trained(60, world, settings, (3,)).state())


@case
def test_a_run_from_a_file_is_trained_again_to_the_same_bits(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    """What is in the file is enough: its world, settings and seeds give its curves and logits."""
    first = Trainer(world, settings, (3, -7))
    write_run(tmp_path / "run.json", recorded(first))
    run = read_run(tmp_path / "run.json")
    again = Trainer(run.world, run.settings, [seed.seed for seed in run.seeds])
    write_run(tmp_path / "again.json", recorded(again))
    assert (tmp_path / "run.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    for given, seed in enumerate(run.seeds):
        alone = recorded(Trainer(run.world, run.settings, (seed.seed,))).seeds[0]
        for key in ("returns", "lengths", "logits"):
            assert np.array_equal(getattr(alone, key), getattr(seed, key)), (given, key)


def recorded(trainer: Trainer, updates: int = UPDATES) -> Run:
    done = [trainer.step() for _ in range(updates)]
    returns, lengths = np.array([update.means for update in done]).transpose(1, 2, 0)
    expected = np.array([update.returns.mean(-1).numpy() for update in done]).T
    np.testing.assert_allclose(returns, expected, rtol=1e-12, atol=1e-12)
    return record(trainer, returns, lengths)


# In other processes

PROCESS = """
import sys
from rlxent_core.cli import main
from tests.core.test_foreign import NoWorlds
for line in sys.stdin:
    assert main(line.rstrip().split("\\t"), NoWorlds()) == 0
"""


def command(world: World, settings: Settings, folder: Path, name: str) -> list[str]:
    write_file(world, folder / name)
    options = [
        option for key in Settings.__dataclass_fields__
        for option in ("--set", f"{key}={getattr(settings, key)}")
    ]  # fmt: skip
    return ["train", str(folder / name), "--updates", str(UPDATES), "--seed", "3",
            "--device", "cpu", *options]  # fmt: skip


def test_another_process_with_more_threads_writes_the_same_file(tmp_path: Path) -> None:
    """``rlxent train`` with three seeds, with other hash seeds and thread counts, and as here."""
    outs = [f"{number}.json" for number in range(len(CASES))]
    lines = [
        "\t".join([*command(*given, tmp_path, out), "--seeds", "3", "--out", out])
        for given, out in zip(CASES.values(), outs, strict=True)
    ]
    digests = []
    for threads in ("1", "3"):
        folder = tmp_path / threads
        folder.mkdir()
        more = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        paths = [str(Path(path).absolute()) for path in sys.path if path]
        subprocess.run(
            [sys.executable, "-c", PROCESS], input="\n".join(lines), text=True, check=True,
            cwd=folder, env={**os.environ, **more, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True, timeout=300,
        )  # fmt: skip
        digests.append([hashlib.sha256((folder / out).read_bytes()).digest() for out in outs])
    assert digests[0] == digests[1]
    for (world, settings), out in zip(CASES.values(), outs, strict=True):
        there = read_run(tmp_path / "1" / out).seeds[0]
        (here,) = recorded(Trainer(world, settings, (3,))).seeds
        assert np.array_equal(here.returns, there.returns)
        assert np.array_equal(here.logits, there.logits)
