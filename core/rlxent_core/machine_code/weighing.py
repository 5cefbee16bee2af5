"""Weights of steps, and their sums by state and action."""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int64, njit, uint64, void

from rlxent_core.machine_code.types import (
    ANY_CUBE,
    CUBE,
    FLOATS,
    HYPERCUBE,
    LINE,
    PLANE,
    TRUTHS,
    WHOLE_CUBE,
)

_ONE = np.uint64(1)
_TOGETHER = 32
"""Columns whose steps stay in the fastest cache while they are gone through again and again."""


@njit(void(PLANE, float64, PLANE), nogil=True, cache=True)
def discounted_sums(terms: Any, factor: float, sums: Any) -> None:
    """Σ_k factor^k terms_t+k over the first axis: ``sums`` [T, M]."""
    last = len(terms) - 1
    for m in range(terms.shape[1]):
        sums[last, m] = terms[last, m]
    for t in range(last - 1, -1, -1):
        for m in range(terms.shape[1]):
            sums[t, m] = terms[t, m] + sums[t + 1, m] * factor


@njit(void(PLANE, FLOATS), nogil=True, cache=True)
def _double(sums: Any, powers: Any) -> None:
    """Terms ``sums`` [T, M] to Σ_k factor^k terms_t+k, given its ``powers`` 1, 2, 4 … below T."""
    steps, width = sums.shape
    for first in range(0, width, _TOGETHER):
        last = min(first + _TOGETHER, width)
        reach = 1
        for power in powers:
            for t in range(steps - reach):
                now, later = sums[t], sums[t + reach]
                for m in range(first, last):
                    now[m] += later[m] * power
            reach *= 2


@njit(void(PLANE, FLOATS, PLANE), nogil=True, cache=True)
def doubled_sums(terms: Any, powers: Any, sums: Any) -> None:
    """:func:`discounted_sums` in another order, see :func:`_double`."""
    for t in range(len(terms)):
        for m in range(terms.shape[1]):
            sums[t, m] = terms[t, m]
    _double(sums, powers)


@njit(void(PLANE, PLANE, float64, FLOATS, PLANE), nogil=True, cache=True)
def gae(reward: Any, values: Any, discount: Any, powers: Any, found: Any) -> None:
    """Σ_k (γλ)^k δ_t+k: all are [T, M] but the ``powers`` of γλ, for :func:`_double`."""
    last = len(reward) - 1
    for t in range(last + 1):
        for m in range(reward.shape[1]):
            found[t, m] = reward[t, m] - values[t, m]
            if t < last:
                found[t, m] += values[t + 1, m] * discount
    _double(found, powers)


@njit(void(CUBE, PLANE, PLANE, CUBE), nogil=True, cache=True, error_model="numpy")
def less_leave_one_out(gain: Any, total: Any, n_alive: Any, found: Any) -> None:
    """``gain`` [T, N, B] less the others' mean, by its ``total`` and ``n_alive`` [T, N]."""
    for t in range(len(gain)):
        for run in range(gain.shape[1]):
            others = n_alive[t, run] - 1.0
            if others == 0.0:
                others = 1.0
            times, share = 1.0 + 1.0 / others, total[t, run] / others
            for e in range(gain.shape[2]):
                found[t, run, e] = gain[t, run, e] * times - share


@njit(float64(FLOATS), nogil=True, cache=True)
def _in_turn(numbers: Any) -> Any:
    total = numbers[0]
    for i in range(1, len(numbers)):
        total += numbers[i]
    return total


@njit(void(CUBE, TRUTHS, CUBE), nogil=True, cache=True, error_model="numpy")
def z_scores(gain: Any, alive: Any, found: Any) -> None:
    """(G − Ḡ)/σ̂ over each run's steps, 0 where σ̂ is: [T, N, B]."""
    steps, n_runs, n_episodes = gain.shape
    for run in range(n_runs):
        sums, count, greatest = np.zeros(n_episodes), 0, 0.0
        for t in range(steps):
            for e in range(n_episodes):
                sums[e] += gain[t, run, e] * alive[t, run, e]
                count += alive[t, run, e]
                greatest = max(greatest, abs(gain[t, run, e]))
        mean = _in_turn(sums) / count
        sums[:] = 0.0
        for t in range(steps):
            for e in range(n_episodes):
                apart = (gain[t, run, e] - mean) * alive[t, run, e]
                sums[e] += apart * apart
        deviation = np.sqrt(_in_turn(sums) / max(count - 1, 1))
        spreads = deviation > 1e-12 * greatest
        for t in range(steps):
            for e in range(n_episodes):
                found[t, run, e] = (gain[t, run, e] - mean) / deviation if spreads else 0.0


@njit(void(LINE, int64, PLANE), nogil=True, cache=True)
def count_alive(lengths: Any, n_episodes: Any, found: Any) -> None:
    """How many of each run's episodes are longer than t: ``found`` [T, N], which is 0 at first."""
    steps, n_runs = found.shape
    for i in range(len(lengths)):
        if lengths[i] > 0:
            found[lengths[i] - 1, i // n_episodes] += 1.0
    for t in range(steps - 2, -1, -1):
        for run in range(n_runs):
            found[t, run] += found[t + 1, run]


@njit(void(ANY_CUBE, WHOLE_CUBE, uint64, CUBE), nogil=True, cache=True)
def look_up(values: Any, leaves: Any, bits: Any, found: Any) -> None:
    """``values`` [1 or T, N, S] of the states of steps [T, N, B], 0 past the end."""
    _, n_runs, n_states = values.shape
    for t in range(len(leaves)):
        of_runs = values[t if len(values) > 1 else 0]
        for run in range(n_runs):
            own, first = of_runs[run], np.uint64(run) * np.uint64(n_states)
            for e in range(leaves.shape[2]):
                state = (leaves[t, run, e] >> bits) - first
                found[t, run, e] = own[state] if state < n_states else 0.0


@njit(void(LINE, FLOATS, uint64, int64, PLANE), nogil=True, cache=True)
def tally(leaves: Any, values: Any, bits: Any, n_outcomes: Any, found: Any) -> None:
    """Sums of the steps' ``values`` by row and action, those past the end left out: [rows, A]."""
    n_rows, n_actions = found.shape
    places = 1 << bits
    sums = np.zeros((n_rows + 1) * places)
    for i in range(len(leaves)):
        sums[leaves[i]] += values[i]
    for row in range(n_rows):
        for a in range(n_actions):
            at = row * places + a * n_outcomes
            total = sums[at]
            for k in range(1, n_outcomes):
                total += sums[at + k]
            found[row, a] = total


@njit(void(WHOLE_CUBE, uint64, uint64, HYPERCUBE, PLANE, HYPERCUBE), nogil=True, cache=True)
def scores(
    leaves: Any, bits: Any, n_outcomes: Any, weights: Any, policy: Any, found: Any
) -> None:
    """Σ_t w_t (onehot(a_t) − π) in row s_t: ``found`` [K, E, R, A].

    ``leaves`` are [T, N, E], the ``weights`` [K, T, N, E] and ``policy`` [R, A].
    """
    _, n_episodes, rows, n_actions = found.shape
    steps, n_runs, _ = leaves.shape
    last = (_ONE << bits) - _ONE
    sums = np.empty((n_episodes, rows + 1, n_actions))
    for k in range(len(weights)):
        sums.reshape(-1)[:] = 0.0
        for t in range(steps):
            for run in range(n_runs):
                for e in range(n_episodes):
                    leaf = leaves[t, run, e]
                    place = leaf & last
                    action = place if n_outcomes == _ONE else place // n_outcomes
                    sums[e, leaf >> bits, action] += weights[k, t, run, e]
        for e in range(n_episodes):
            for row in range(rows):
                total = sums[e, row, 0]
                for a in range(1, n_actions):
                    total += sums[e, row, a]
                for a in range(n_actions):
                    found[k, e, row, a] = sums[e, row, a] - policy[row, a] * total


@njit(void(CUBE, PLANE), nogil=True, cache=True)
def centre(x: Any, mean: Any) -> None:
    """``x`` [K, E, M] less its ``mean`` [K, M] over E."""
    for k in range(len(x)):
        for i in range(x.shape[2]):
            mean[k, i] = x[k, 0, i]
        for e in range(1, x.shape[1]):
            for i in range(x.shape[2]):
                mean[k, i] += x[k, e, i]
        for i in range(x.shape[2]):
            mean[k, i] /= x.shape[1]
        for e in range(x.shape[1]):
            for i in range(x.shape[2]):
                x[k, e, i] -= mean[k, i]
