"""What costs most of an update as loops in machine code, compiled when this is imported.

The only module that imports Numba: :mod:`rlxent_core.compiled` decides when.  Everything is drawn,
looked up and calculated in the order of the arrays' way, so the bits are the same.  A row's
comparisons take no branch, which is faster than bisection.  Whole numbers are unsigned: of signed
ones Numba asks at each index whether it is negative.
"""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, float64, int64, njit, uint64, void
from numba.types import Array

from rlxent_core.optimizer import BETA1, BETA2
from rlxent_core.streams import GRID, WARM_UP

_NEW_MEAN, _OLD_SQUARE, _NEW_SQUARE = map(np.float32, (1 - BETA1, BETA2, 1 - BETA2))
_NONE, _ONE, _FOUR, _LOW = map(np.uint64, (0, 1, 4, GRID - 1))
_RESTART = np.uint64(2**64 - 1)

_line, _floats, _plane = Array(uint64, 1, "C"), Array(float64, 1, "C"), Array(float64, 2, "C")
_singles = Array(float32, 2, "C")


@njit(cache=True)
def _draw(state: Any, numbers: Any, count: int, drop: int) -> None:
    """Fill ``numbers`` with ``count`` from SFC64 in ``state`` [4], after ``drop`` raw ones.

    The low 31 bits of all raw numbers come first, then their high ones.
    """
    a, b, c, counter = state[0], state[1], state[2], state[3]
    half = (count + 1) // 2
    for i in range(-drop, half):
        raw = a + b + counter
        counter += _ONE
        a = b ^ (b >> np.uint64(11))
        b = c + (c << np.uint64(3))
        c = ((c << np.uint64(24)) | (c >> np.uint64(40))) + raw
        if i >= 0:
            numbers[i] = raw & _LOW
            numbers[half + i] = raw >> np.uint64(33)
    state[0], state[1], state[2], state[3] = a, b, c, counter


@njit(cache=True)
def _fill(table: Any, joint: Any, next_row: Any, at_once: int) -> None:
    """Fill the flat ``table`` of each row's cumulative probabilities, in steps of the grid.

    ``joint`` is [rows, P], the end's row included.  With two steps ``at_once`` a row has P² places.
    """
    rows, places = joint.shape
    at = 0
    for row in range(rows):
        total = 0.0
        for first in range(places):
            if at_once == 1:
                total += joint[row, first]
                table[at] = np.rint(total * GRID)
                at += 1
                continue
            after = next_row[row * places + first]
            for second in range(places):
                total += joint[after, second] * joint[row, first]
                table[at] = np.rint(total * GRID)
                at += 1
        table[at - 1] = GRID


@njit(cache=True)
def _drawn_start(starts: Any, number: Any) -> Any:
    """The first state whose cumulative start probability is above ``number``."""
    state = _NONE
    while starts[state] <= number and state < len(starts) - 1:
        state += _ONE
    return state


@njit(cache=True)
def _place(table: Any, first: Any, width: Any, number: Any) -> Any:
    """How many of a row's cumulative probabilities are at most ``number``, the last left out."""
    if width == _FOUR:  # most worlds have four moves that never slip
        j = _ONE if table[first] <= number else _NONE
        j += _ONE if table[first + _ONE] <= number else _NONE
        return j + (_ONE if table[first + _ONE + _ONE] <= number else _NONE)
    j = _NONE
    for i in range(first, first + width - _ONE):
        j += _ONE if table[i] <= number else _NONE
    return j


@njit(
    void(
        _plane, _line, _floats, _line, _line, Array(uint64, 2, "C"),
        uint64, int64, int64, int64, Array(uint64, 2, "C"), _plane, Array(int64, 1, "C"),
    ),
    nogil=True,
    cache=True,
)  # fmt: skip
def walk(
    joint: Any, next_row: Any, reward_of: Any, starts: Any, only_starts: Any, words: Any,
    bits: Any, at_once: int, stretch: int, block: int, leaves: Any, rewards: Any, lengths: Any,
) -> None:  # fmt: skip
    """Fill ``leaves`` and ``rewards`` [max_steps, N·B] up to the longest of ``lengths`` [N·B].

    ``joint`` [rows, P] are the probabilities by leaf, ``next_row`` and ``reward_of`` are flat.
    ``starts`` [S] is the cumulative start distribution, ``only_starts`` [N] each run's start where
    there is but one, else empty.  ``words`` [N, 4] are the streams' states, which go on.
    ``stretch`` and ``block`` are those of :class:`rlxent_core.streams.Numbers`.
    """
    over, places = np.uint64(joint.shape[0] - 1), np.uint64(joint.shape[1])
    n_runs, max_steps, n_episodes = len(words), len(leaves), len(lengths) // len(words)
    shift, last = bits if at_once == 2 else _NONE, places - _ONE
    width = places << shift
    draws_starts, restarts = len(only_starts) == 0, False
    for leaf in range(len(next_row)):
        restarts |= next_row[leaf] == _RESTART
    table = np.empty(len(joint) * width, dtype=np.uint32)
    numbers = np.empty(block * n_episodes + 1, dtype=np.uint32)
    again = np.empty((stretch, n_episodes + 1), dtype=np.uint32)
    standing = np.empty(n_episodes, dtype=np.uint64)
    written = np.full(n_runs, max_steps)
    _fill(table, joint, next_row, at_once)

    for run in range(n_runs):
        state, drop, first = words[run], WARM_UP, run * n_episodes
        first_row = np.uint64(run) * np.uint64(len(starts))
        if draws_starts:
            _draw(state, again[0], n_episodes, drop)
            drop = 0
        for e in range(n_episodes):
            if draws_starts:
                standing[e] = first_row + _drawn_start(starts, again[0, e])
            else:
                standing[e] = only_starts[run]
        place, step, walking = block, stretch, True
        for t in range(0, max_steps, at_once):
            if step == stretch:
                step = 0
                if not walking:
                    written[run] = t
                    break
                if place == block:
                    _draw(state, numbers, block * n_episodes, drop)
                    place = drop = 0
                if restarts:
                    for s in range(stretch):
                        _draw(state, again[s], n_episodes, 0)
            both, walking = at_once == 2 and t + 1 < max_steps, False
            for e in range(n_episodes):
                row = standing[e]
                j = _place(table, row * width, width, numbers[place * n_episodes + e])
                leaf = row * places + (j >> shift)
                leaves[t, first + e], rewards[t, first + e] = leaf, reward_of[leaf]
                after = next_row[leaf]
                if restarts and after == _RESTART:
                    after = first_row + _drawn_start(starts, again[step, e])
                if after == over and row != over:
                    lengths[first + e] = t + 1
                if both:
                    row = after
                    leaf = row * places + (j & last)
                    leaves[t + 1, first + e], rewards[t + 1, first + e] = leaf, reward_of[leaf]
                    after = next_row[leaf]
                    if after == over and row != over:
                        lengths[first + e] = t + 2
                standing[e] = after
                walking |= after != over
            place += 1
            step += 1
        for e in range(n_episodes):
            if standing[e] != over:
                lengths[first + e] = max_steps

    longest, over_leaf = lengths.max(), over * places
    for run in range(n_runs):
        for t in range(written[run], longest):
            for e in range(run * n_episodes, (run + 1) * n_episodes):
                leaves[t, e], rewards[t, e] = over_leaf, 0.0


@njit(void(_plane, float64, _plane), nogil=True, cache=True)
def discounted_sums(terms: Any, factor: float, sums: Any) -> None:
    """Σ_k factor^k terms_t+k over the first axis: ``sums`` [T, M]."""
    last = len(terms) - 1
    for m in range(terms.shape[1]):
        sums[last, m] = terms[last, m]
    for t in range(last - 1, -1, -1):
        for m in range(terms.shape[1]):
            sums[t, m] = terms[t, m] + sums[t + 1, m] * factor


@njit(void(_plane, _floats, _floats, _plane), nogil=True, cache=True)
def scale_and_subtract(x: Any, times: Any, less: Any, into: Any) -> None:
    """Each row of ``x`` [R, B] times its number, less its number."""
    for row in range(len(x)):
        for m in range(x.shape[1]):
            into[row, m] = x[row, m] * times[row] - less[row]


@njit(
    void(_singles, _singles, _singles, _singles, Array(float32, 1, "C"), float32),
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


@njit(
    void(Array(float64, 3, "C"), Array(uint64, 2, "C"), _plane, Array(float64, 3, "C"), int64),
    nogil=True,
    cache=True,
)
def back(discounted: Any, leads_to: Any, reward: Any, values: Any, steps: int) -> None:
    """V_0 of N policies from V_steps, and what is between: ``values`` [R, S, N].

    Row t is V_t, or with R = 2 row t mod 2.  ``discounted`` [J, S, N] are the outcomes'
    probabilities times γ, ``leads_to`` [J, S] is S for the end, ``reward`` [S, N].  Ends once
    nothing changes any more.
    """
    n_rows, n_states, n_policies = values.shape
    after = np.zeros((n_states + 1, n_policies))
    after[:n_states] = values[steps % n_rows]
    for t in range(steps - 1, -1, -1):
        now, changed = values[t % n_rows], False
        for s in range(n_states):
            there, own = after[leads_to[0, s]], now[s]
            for n in range(n_policies):
                own[n] = there[n] * discounted[0, s, n]
            for j in range(1, len(leads_to)):
                there = after[leads_to[j, s]]
                for n in range(n_policies):
                    own[n] += there[n] * discounted[j, s, n]
            for n in range(n_policies):
                own[n] += reward[s, n]
                changed |= own[n] != after[s, n]
        after[:n_states] = now
        if not changed:
            for earlier in range(t if n_rows > 2 else 0):
                values[earlier] = now
            break


@njit(void(_line, _plane, _plane, Array(float64, 4, "C")), nogil=True, cache=True)
def scores(index: Any, weights: Any, policy: Any, found: Any) -> None:
    """Σ_t w_t (onehot(a_t) − π) in row s_t: ``found`` [K, E, R, A].

    ``index`` [n] is the place of each step among E · (R + 1) · A, where the last row is of what is
    past the end; ``weights`` are [K, n] and ``policy`` [R, A].
    """
    _, n_episodes, rows, n_actions = found.shape
    sums = np.empty((n_episodes, rows + 1, n_actions))
    flat = sums.reshape(-1)
    for k in range(len(weights)):
        flat[:] = 0.0
        for i in range(len(index)):
            flat[index[i]] += weights[k, i]
        for e in range(n_episodes):
            for row in range(rows):
                total = sums[e, row, 0]
                for a in range(1, n_actions):
                    total += sums[e, row, a]
                for a in range(n_actions):
                    found[k, e, row, a] = sums[e, row, a] - policy[row, a] * total
