"""Training on CUDA beside the CPU: many episodes, many seeds, and what a captured graph would save.

    python tests/benchmarks/bench_cuda.py

Prints steps a second, counting real steps only, and the time of an update: medians of a few
stretches, each ended by waiting for the device.  Says so and ends where there is no CUDA.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
import torch

from rlxent_core.device_walk import walk_on_device
from rlxent_core.devices import choose_device
from rlxent_core.hashed import HashedNumbers
from rlxent_core.policy import action_probabilities
from rlxent_core.rollout import TrainingError
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World

TILES = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
WORLDS = {
    "5×5": World(("S....", ".##..", "...#.", ".#...", "....G"), TILES, discount=0.97, max_steps=50),
    "20×20": World(
        ("S" + "." * 19, *["." * 20] * 18, "." * 19 + "G"), TILES, discount=0.99, max_steps=200
    ),
}
EPISODES = (64, 1024, 65_536, 1_048_576)
SEEDS = (1, 256, 4096)
STRETCHES, STRETCH = 5, 20
PATIENCE = 2.0
"""Seconds after which no further stretch is begun, nor one of more than an update."""


def seconds_an_update(trainer: Trainer) -> tuple[float, float]:
    """Of the clock, and real steps in that time; both the median of the stretches."""

    def stretch(updates: int) -> tuple[float, float]:
        steps, began = trainer.env_steps, time.perf_counter()
        for _ in range(updates):
            trainer.step()
        steps = trainer.env_steps - steps  # waits for the device
        return (time.perf_counter() - began) / updates, steps / updates

    stretch(1)
    found = [stretch(1)]
    updates = STRETCH if found[0][0] * STRETCH < PATIENCE / 4 else 1
    began = time.perf_counter()
    while len(found) <= STRETCHES and time.perf_counter() - began < PATIENCE:
        found.append(stretch(updates))
    found = found[1:] or found
    return statistics.median(f[0] for f in found), statistics.median(f[1] for f in found)


def row(name: str, world: World, n_episodes: int, n_seeds: int) -> None:
    """One line: both devices, and which of them ``auto`` takes."""
    settings = Settings(batch_episodes=n_episodes)
    told = []

    def make(device: str) -> Trainer:
        return Trainer(world, settings, range(n_seeds), device)

    for device in ("cpu", "cuda"):
        try:
            seconds, steps = seconds_an_update(make(device))
            told.append(f"{device} {1e3 * seconds:9.2f} ms {steps / seconds / 1e6:8.1f} M/s")
        except (TrainingError, torch.OutOfMemoryError) as error:
            told.append(f"{device} {type(error).__name__:>20}")
    try:
        chosen = choose_device("auto", make)
    except TrainingError:
        chosen = "none"
    print(f"{name:6} B = {n_episodes:9,} seeds = {n_seeds:5,}   {'   '.join(told)}   auto {chosen}")


def graph() -> None:
    """A walk called step by step, and the same calls replayed as one graph."""
    world = WORLDS["5×5"]
    trainer = Trainer(world, Settings(batch_episodes=1024), (0,), "cuda")
    mdp = trainer.sampled_mdp
    tables = mdp.tables(1)
    joint = tables.joint(action_probabilities(trainer.logits()).double())
    keys = torch.tensor([1], device="cuda")

    def called() -> torch.Tensor:
        tables.graphs.clear()
        return replayed()

    def replayed() -> torch.Tensor:
        return walk_on_device(tables, joint, 1024, mdp.max_steps, HashedNumbers(keys))

    def timed(call: Callable[[], object]) -> float:
        taken = []
        for _ in range(20):
            torch.cuda.synchronize()
            began = time.perf_counter()
            call()
            torch.cuda.synchronize()
            taken.append(time.perf_counter() - began)
        return 1e3 * statistics.median(taken)

    print(f"walk, B = 1,024: {timed(called):.2f} ms called, {timed(replayed):.2f} ms replayed")


def main() -> None:
    torch.set_num_threads(1)
    print(torch.cuda.get_device_name())
    for name, world in WORLDS.items():
        for n_episodes in EPISODES:
            row(name, world, n_episodes, 1)
        for n_seeds in SEEDS[1:]:
            row(name, world, 16, n_seeds)
    graph()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda() -> None:
    """Printed, not asserted."""
    main()


if __name__ == "__main__":
    if torch.cuda.is_available():
        main()
    else:
        print("There is no CUDA device here.")
