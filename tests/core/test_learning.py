"""Learning: the defaults solve the first world, as fast as they should."""

from __future__ import annotations

import numpy as np
import pytest

from rlxent_core import exact
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from tests.core.learning_worlds import sparse5

SEEDS = range(20)
ENOUGH = 0.95


def episodes_until_solved(settings: Settings, updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Episodes of each seed until J ≥ .95 J* for the first time, and J/J* at the end."""
    trainer = Trainer(sparse5(), settings, SEEDS)
    best = exact.optimal_start_value(trainer.mdp, trainer.mdp.max_steps)
    until = np.full(len(SEEDS), np.inf)
    share = np.zeros(len(SEEDS))
    for update in range(1, updates + 1):
        trainer.step()
        policy = exact.softmax(trainer.logits().double().numpy())
        share = exact.start_value(trainer.mdp, policy, trainer.mdp.max_steps) / best
        solved = (share >= ENOUGH) & np.isinf(until)
        until[solved] = update * settings.batch_episodes
    return until, share


@pytest.mark.parametrize(
    ("settings", "median"),
    [
        (Settings(), 624),
        (Settings(baseline="exact_value"), 544),
        (Settings(credit="gae", baseline="critic"), 512),
        (Settings(architecture="table", learning_rate=0.1), 864),
    ],
    ids=["defaults", "exact V", "GAE with critic", "table"],
)
def test_every_seed_solves_sparse5(settings: Settings, median: float) -> None:
    """All 20 seeds end above 95 % of the optimum, after about as many episodes as 100 seeds need.

    Quartiles lie within 10 % of the median, so that of 20 seeds within 12 %, at 3 standard errors.
    """
    until, share = episodes_until_solved(settings, 85)
    assert bool((share >= ENOUGH).all())
    assert float(np.median(until)) == pytest.approx(median, rel=0.12)


def test_without_a_baseline_learning_is_slow() -> None:
    """In 50 updates, with which all but the slowest seeds are solved otherwise, few are."""
    without, _ = episodes_until_solved(Settings(baseline="none"), 50)
    with_one, _ = episodes_until_solved(Settings(), 50)
    assert np.isfinite(without).mean() < 0.3
    assert np.isfinite(with_one).mean() > 0.9
