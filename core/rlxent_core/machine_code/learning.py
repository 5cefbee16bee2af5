"""Softmax, gradients by hand and Adam's step."""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, int64, njit, void

from rlxent_core.machine_code.types import PLANE, SINGLE_CUBE, SINGLE_LINE, SINGLES
from rlxent_core.optimizer import BETA1, BETA2

_NEW_MEAN, _OLD_SQUARE, _NEW_SQUARE = map(np.float32, (1 - BETA1, BETA2, 1 - BETA2))


@njit(void(SINGLES, PLANE), nogil=True, cache=True)
def less_greatest(logits: Any, less: Any) -> None:
    """Each row of ``logits`` [R, A] less its greatest."""
    n_actions = logits.shape[1]
    for row in range(len(logits)):
        greatest = logits[row, 0]
        for a in range(1, n_actions):
            greatest = max(greatest, logits[row, a])
        for a in range(n_actions):
            less[row, a] = np.float64(logits[row, a]) - np.float64(greatest)


@njit(void(PLANE), nogil=True, cache=True, error_model="numpy")
def divide_by_total(rows: Any) -> None:
    """Each of the ``rows`` [R, A] by its sum."""
    for row in range(len(rows)):
        total = rows[row, 0]
        for a in range(1, rows.shape[1]):
            total += rows[row, a]
        for a in range(rows.shape[1]):
            rows[row, a] /= total


@njit(void(PLANE, PLANE, PLANE, int64), nogil=True, cache=True, error_model="numpy")
def logit_cotangent(probabilities: Any, mass: Any, found: Any, n_episodes: Any) -> None:
    """(π Σ_a mass − mass)/B of each row: all are [R, A]."""
    for row in range(len(mass)):
        total = mass[row, 0]
        for a in range(1, mass.shape[1]):
            total += mass[row, a]
        for a in range(mass.shape[1]):
            found[row, a] = (probabilities[row, a] * total - mass[row, a]) / n_episodes


@njit(void(SINGLE_CUBE, SINGLE_CUBE, SINGLE_CUBE, SINGLE_CUBE), nogil=True, cache=True)
def through_tanh(units: Any, after: Any, before: Any, sums: Any) -> None:
    """The gradient ``before`` tanh of that ``after`` it, and its ``sums`` over the states.

    ``units`` are tanh's values; all are [N, S, H] but the sums [N, 1, H].
    """
    one = np.float32(1)
    for run in range(len(units)):
        total = sums[run, 0]
        total[:] = np.float32(0)
        for s in range(units.shape[1]):
            for i in range(units.shape[2]):
                h = units[run, s, i]
                g = after[run, s, i] * (one - h * h)
                before[run, s, i] = g
                total[i] += g


@njit(
    void(SINGLES, SINGLES, SINGLES, SINGLES, SINGLE_LINE, float32),
    nogil=True,
    cache=True,
    error_model="numpy",  # which asks of no division whether it is by 0
)
def adam(flat: Any, mean: Any, square: Any, gradient: Any, rates: Any, epsilon: Any) -> None:
    """Adam's step of parameters ``flat`` [R, M], each row with a step size of its own."""
    for row in range(len(flat)):
        rate = rates[row]
        for i in range(flat.shape[1]):
            g, m = gradient[row, i], mean[row, i]
            m += (g - m) * _NEW_MEAN
            q = square[row, i] * _OLD_SQUARE + g * g * _NEW_SQUARE
            mean[row, i], square[row, i] = m, q
            flat[row, i] -= m / (np.sqrt(q) + epsilon) * rate
