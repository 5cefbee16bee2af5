"""How fast training is: full updates, against a textbook's loop, and many seeds at once.

Run as ``python -m pytest tests/benchmarks -n 0 -s`` or as a script.  One thread, on the CPU.  Only
steps that were really taken are counted.  Times are medians over many updates, with the fastest
beside them, since a machine is seldom one's own.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from rlxent_core import exact
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import World
from tests.benchmarks.peer_programs.textbook import Textbook
from tests.benchmarks.peer_programs.worlds import STANDING_STILL, WORLDS

SLIPPING = {f"{name}, slip .1": world.with_fields(slip=0.1) for name, world in WORLDS.items()}
AIM = {("5×5", 64): 5e6, ("20×20", 64): 6e6, ("5×5", 1024): 40e6, ("20×20", 1024): 40e6}

SECONDS = 2.0
"""How long each is measured."""
START_ANEW = 100
"""Updates after which it is set back to its start, so that what is measured stays the same."""


def timed(update: Callable[[], Tensor], seconds: float) -> tuple[list[float], float]:
    """Seconds of each call of ``update`` for so long, and the mean steps taken.

    ``update`` gives the steps of each episode, which are summed outside the time that is counted.
    """
    for _ in range(5):
        update()
    times, steps = [], []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        lengths = update()
        times.append(time.perf_counter() - began)
        steps.append(int(lengths.sum()))
    return times, statistics.fmean(steps)


def training(world: World, n_episodes: int) -> Callable[[], Tensor]:
    """One full update of the defaults, meters off."""
    settings = Settings(batch_episodes=n_episodes, learning_rate=STANDING_STILL)
    trainer = Trainer(world, settings)
    start = trainer.state()

    def update() -> Tensor:
        if trainer.update == START_ANEW:
            trainer.load_state(start)
        return trainer.step().lengths

    return update


def line(name: str, times: list[float], steps: float) -> str:
    middle, best = statistics.median(times), min(times)
    return (
        f"{name:<34}{middle * 1e3:8.2f} ms (best {best * 1e3:.2f})"
        f"{steps / middle / 1e6:8.2f} M steps/s (best {steps / best / 1e6:.2f}), "
        f"{len(times)} updates"
    )


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_full_updates() -> None:
    """Environment steps a second of full updates, beside what is to be reached."""
    print()
    for name, world in {**WORLDS, **SLIPPING}.items():
        for n_episodes in (64, 1024):
            times, steps = timed(training(world, n_episodes), SECONDS)
            aim = AIM.get((name, n_episodes))
            wanted = f"   aim {aim / 1e6:.0f} M" if aim else ""
            print(line(f"{name}, B = {n_episodes}", times, steps) + wanted)


def test_against_the_textbook() -> None:
    """Ratio of environment steps a second, both measured in turn in the same run."""
    print()
    for name in ("5×5", "20×20"):
        for n_episodes in (64, 1024):
            world = WORLDS[name]
            ours = training(world, n_episodes)
            textbook = Textbook(world, n_episodes, STANDING_STILL)
            rates: tuple[list[float], list[float]] = ([], [])
            for _ in range(4):
                for update, found in ((ours, rates[0]), (textbook.update, rates[1])):
                    times, steps = timed(update, SECONDS / 4)
                    found.append(steps / statistics.median(times))
            mine, other = map(statistics.median, rates)
            print(
                f"{name}, B = {n_episodes}: textbook {other / 1e6:.2f} M steps/s, "
                f"ours {mine / 1e6:.2f} M, {mine / other:.0f}×   aim 20× at B = 64"
            )


def solve_many(n_seeds: int) -> tuple[float, int]:
    """Seconds and updates until every seed of sparse5 is above 95 % of the optimum.

    How far they are is looked at every other update, outside the time that is counted.
    """
    world = SLIPPING["5×5, slip .1"].with_fields(max_steps=100)
    settings = Settings(architecture="table", learning_rate=0.1)
    trainer = Trainer(world, settings, range(n_seeds))
    best = exact.optimal_start_value(trainer.mdp, 100)
    solved = np.zeros(n_seeds, dtype=bool)
    seconds = 0.0
    while not solved.all():
        began = time.perf_counter()
        for _ in range(2):
            trainer.step()
        seconds += time.perf_counter() - began
        policy = exact.softmax(trainer.logits().double().numpy())
        solved |= exact.start_value(trainer.mdp, policy, 100) >= 0.95 * best
    return seconds, trainer.update


def test_many_seeds() -> None:
    """256 seeds of sparse5 (table, Adam .1, B = 16, leave-one-out) and fewer."""
    print()
    for n_seeds, aim in ((1, ""), (32, ""), (256, "   aim 600 ms")):
        found = [solve_many(n_seeds) for _ in range(5)]
        times, updates = [seconds for seconds, _ in found], found[0][1]
        print(
            f"{n_seeds:>3} seeds solved in {statistics.median(times) * 1e3:.0f} ms "
            f"(best {min(times) * 1e3:.0f}), {updates} updates{aim}"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    test_full_updates()
    test_against_the_textbook()
    test_many_seeds()
