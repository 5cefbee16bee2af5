"""The book's figures 13.1 and 13.2 in small; the whole table is in tests/reproductions."""

from __future__ import annotations

import numpy as np

from tests.reproductions.figure_13 import SETTINGS, returns

RUNS, EPISODES = 40, 75


def test_a_baseline_learns_sooner_with_longer_steps() -> None:
    """Median return near episode 50: −11 with a baseline, −33 without, as with 400 runs.

    Medians of 40 runs × 50 episodes; between runs they spread by ±15, so ±2.4 for 40 of them, and
    the test allows three times that.
    """
    near_50 = {
        name: float(np.median(returns(*SETTINGS[name], RUNS, EPISODES)[25:]))
        for name in ("REINFORCE, α = 2⁻¹³", "with baseline, α = 2⁻⁹, α_w = 2⁻⁶")
    }
    without, with_one = near_50.values()
    assert abs(without - -33) < 7
    assert abs(with_one - -11) < 7
    assert with_one > without


def test_it_starts_where_the_corridor_is_long() -> None:
    """J = (2p − 4)/(p(1 − p)) = −82.1 at p = .05: the first episodes' mean within 4 errors."""
    first = returns(0.0, None, 400, 1)[0]
    error = first.std(ddof=1) / np.sqrt(len(first))
    assert abs(first.mean() - (2 * 0.05 - 4) / (0.05 * 0.95)) < 4 * error
