"""How long the variance meters, a study of several settings and the clouds' pictures take.

Run as ``python -m pytest tests/benchmarks -n 0 -s`` or as a script.  One thread, on
the CPU.  Times are medians, with the fastest beside them, since a machine is seldom one's own.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from rlxent_core import compiled
from rlxent_core.estimators import estimators
from rlxent_core.kernel import kernel_of
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.settings import Settings
from rlxent_core.spread import sample_batch
from rlxent_core.study import Study
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World

TILES = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
SPARSE5 = ("S....", ".##..", "...#.", ".#...", "....G")
OPEN20 = ("S" + "." * 19, *["." * 20] * 18, "." * 19 + "G")
CASES = (
    ("5×5", World(SPARSE5, TILES, discount=0.97, max_steps=50), 64, 400, 0.6),
    ("20×20", World(OPEN20, TILES, discount=0.99, max_steps=200), 256, 20, 100),
)
SIX = estimators((
    "total/none", "reward_to_go/none/discount=practice",
    "reward_to_go/leave_one_out/discount=practice", "reward_to_go/V/discount=practice",
    "reward_to_go/z_score/discount=practice", "gae_0.95/V/discount=practice",
))
STUDIED = (
    {"baseline": "none"}, {"baseline": "leave_one_out"}, {"baseline": "critic"},
    {"credit": "gae", "baseline": "critic"},
)
SEEDS, UPDATES = 64, 400


def milliseconds(what: Callable[[], object], times: int) -> str:
    """The median of so many calls, and the fastest."""
    what()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append(1e3 * (time.perf_counter() - began))
    return f"{statistics.median(taken):.2f} ms (best {min(taken):.2f})"


def test_six_estimators() -> None:
    """On the same episodes of an MLP's policy, and beside it what drawing the episodes takes."""
    print()
    for name, world, n_episodes, times, aim in CASES:
        trainer = Trainer(world, Settings(), (0,))
        policy = action_probabilities(trainer.logits()[0])
        references = References(trainer.mdp, policy.double().numpy())
        kernel = kernel_of(trainer.policy)

        def draw() -> object:
            return sample_batch(policy, trainer.sampled_mdp, n_episodes, 0)  # noqa: B023

        batch = sample_batch(policy, trainer.sampled_mdp, n_episodes, 0)

        def weigh() -> object:
            weights = [batch.weights(one, references) for one in SIX]  # noqa: B023
            return batch.spreads(weights, kernel)  # noqa: B023

        for machine_code in (False, True):
            compiled.code = None
            if machine_code and not compiled.load():
                continue
            print(
                f"{name}, {n_episodes} episodes, {'machine code' if machine_code else 'NumPy'}: six"
                f" estimators {milliseconds(weigh, times)}   aim {aim:g} ms; drawing them"
                f" {milliseconds(draw, times)}"
            )


def test_study() -> None:
    """Four settings, 64 seeds of sparse5 each, 400 updates."""
    world = World(SPARSE5, TILES, slip=0.1, discount=0.97, max_steps=100)
    settings = [Settings(architecture="table", learning_rate=0.1, **own) for own in STUDIED]
    began = time.perf_counter()
    study = Study(world, settings, range(SEEDS), UPDATES)
    for _ in study.steps():
        pass
    seconds = time.perf_counter() - began
    print(f"\n4 settings × {SEEDS} seeds, {UPDATES} updates: {seconds:.1f} s   aim 3 s")


def test_a_cloud() -> None:
    """The picture of 16,384 dots and 1,024 crosses, which the window's thread makes."""
    from PySide6.QtGui import QColor

    from rlxent_gui.panels.variance.dots import Scale, picture
    from rlxent_gui.variance_view import CloudView

    rng = np.random.default_rng(0)
    x, y = rng.normal(1, 3, 16_384), rng.normal(0, 3, 16_384)
    means = np.stack([x, y], -1).reshape(-1, 16, 2).mean(1)
    cloud = CloudView(x, y, means, (1.0, 0.0), np.eye(2) * 0.05, (7.0, 7.0))
    ink, paper = QColor("black"), QColor("white")
    print()
    for ratio in (1.0, 2.0):
        made = milliseconds(
            lambda: picture(cloud, Scale(305, 235, 30, 30), ink, ink, paper, ratio),  # noqa: B023
            50,
        )
        print(f"16,384 dots at {ratio:g} pixels a point: {made}   aim 8 ms a frame")


if __name__ == "__main__":
    torch.set_num_threads(1)
    test_six_estimators()
    test_study()
    test_a_cloud()
