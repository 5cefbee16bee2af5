"""Episodes.  A row's comparisons take no branch, which is faster than bisection."""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, uint32, uint64, void
from numba.types import Array

from rlxent_core.machine_code.types import FLOATS, LINE, PLANE, WHOLE_PLANE
from rlxent_core.streams import GRID, WARM_UP

_NONE, _ONE, _FOUR, _SIXTEEN = map(np.uint64, (0, 1, 4, 16))
_LOW = np.uint64(GRID - 1)
_RESTART = np.uint64(2**64 - 1)


@njit(void(LINE, Array(uint32, 1, "C"), int64, int64), nogil=True, cache=True)
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
def _joint(policy: Any, outcome: Any, places: Any) -> Any:
    """Probability of each leaf, the end's row included: [rows, P]."""
    rows, n_actions = policy.shape
    n_outcomes = outcome.shape[1] // n_actions
    joint = np.zeros((rows + 1, places))
    joint[rows, 0] = 1.0
    for row in range(rows):
        state = row % len(outcome)
        for j in range(outcome.shape[1]):
            joint[row, j] = policy[row, j // n_outcomes]
            if n_outcomes > 1:
                joint[row, j] *= outcome[state, j]
    return joint


@njit(cache=True)
def _drawn_start(starts: Any, number: Any) -> Any:
    """The first state whose cumulative start probability is above ``number``."""
    state = _NONE
    while starts[state] <= number and state < len(starts) - 1:
        state += _ONE
    return state


@njit(cache=True)
def _choose(table: Any, width: Any, rows: Any, numbers: Any, chosen: Any) -> None:
    """How many of each row's cumulative probabilities are at most its number, the last left out."""
    if width == _FOUR:  # most worlds have four moves that never slip
        for e in range(len(rows)):
            first, number = rows[e] * _FOUR, numbers[e]
            j = _ONE if table[first] <= number else _NONE
            j += _ONE if table[first + _ONE] <= number else _NONE
            chosen[e] = j + (_ONE if table[first + _ONE + _ONE] <= number else _NONE)
        return
    if width == _SIXTEEN:  # and so do most pairs of moves
        for e in range(len(rows)):
            first, number, count = rows[e] * _SIXTEEN, numbers[e], np.uint32(0)
            for i in range(_SIXTEEN):  # the last is above all numbers
                count += np.uint32(table[first + i] <= number)
            chosen[e] = count
        return
    for e in range(len(rows)):
        first, number, j = rows[e] * width, numbers[e], _NONE
        for i in range(first, first + width - _ONE):
            j += _ONE if table[i] <= number else _NONE
        chosen[e] = j


@njit(cache=True)
def _follow(leaves: Any, next_row: Any, rows: Any) -> None:
    for e in range(len(rows)):
        rows[e] = next_row[leaves[e]]


@njit(cache=True)
def _note(leaves: Any, reward_of: Any, over_leaf: Any, rewards: Any, lengths: Any) -> None:
    """A step of all episodes: what it pays, and that it was one where there was none left."""
    for e in range(len(leaves)):
        rewards[e] = reward_of[leaves[e]]
    for e in range(len(leaves)):
        lengths[e] += leaves[e] < over_leaf


@njit(
    void(
        PLANE, PLANE, LINE, FLOATS, LINE, LINE, WHOLE_PLANE,
        uint64, int64, int64, int64, WHOLE_PLANE, PLANE, Array(int64, 1, "C"),
    ),
    nogil=True,
    cache=True,
)  # fmt: skip
def walk(
    policy: Any, outcome: Any, next_row: Any, reward_of: Any, starts: Any, only_starts: Any,
    words: Any, bits: Any, at_once: int, stretch: int, block: int, leaves: Any, rewards: Any,
    lengths: Any,
) -> None:  # fmt: skip
    """Fill ``leaves`` and ``rewards`` [max_steps, N·B] up to the longest of ``lengths`` [N·B].

    The lengths are 0 at first.

    ``policy`` is [rows, A] without the end's row, ``outcome`` [S, A·K] are the outcomes'
    probabilities, ``next_row`` and ``reward_of`` are by leaf.
    ``starts`` [S] is the cumulative start distribution, ``only_starts`` [N] each run's start where
    there is but one, else empty.  ``words`` [N, 4] are the streams' states, which go on.
    ``stretch`` and ``block`` are those of :class:`rlxent_core.streams.Numbers`.
    """
    over, places = np.uint64(len(policy)), _ONE << bits
    over_leaf = over * places
    n_runs, max_steps, n_episodes = len(words), len(leaves), len(lengths) // len(words)
    shift, last = bits if at_once == 2 else _NONE, places - _ONE
    width = places << shift
    draws_starts, restarts = len(only_starts) == 0, False
    for leaf in range(len(next_row)):
        restarts |= next_row[leaf] == _RESTART
    table = np.empty((len(policy) + 1) * width, dtype=np.uint32)
    numbers = np.empty(block * n_episodes + 1, dtype=np.uint32)
    again = np.empty((stretch, n_episodes + 1), dtype=np.uint32)
    standing = np.empty(n_episodes, dtype=np.uint64)
    chosen = np.empty(n_episodes, dtype=np.uint64)
    written = np.empty(n_runs, dtype=np.int64)
    _fill(table, _joint(policy, outcome, places), next_row, at_once)

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
        written[run], place, step = max_steps, block, stretch
        own = slice(first, first + n_episodes)
        for t in range(0, max_steps, at_once):
            if step == stretch:
                step = 0
                if t and np.all(standing == over):
                    written[run] = t
                    break
                if place == block:
                    _draw(state, numbers, block * n_episodes, drop)
                    place = drop = 0
                if restarts:
                    for s in range(stretch):
                        _draw(state, again[s], n_episodes, 0)
            # A loop each for what is looked up: all of them are done many episodes at a time.
            drawn = numbers[place * n_episodes : (place + 1) * n_episodes]
            _choose(table, width, standing, drawn, chosen)
            leaf = leaves[t, own]
            for e in range(n_episodes):
                leaf[e] = standing[e] * places + (chosen[e] >> shift)
            _follow(leaf, next_row, standing)
            _note(leaf, reward_of, over_leaf, rewards[t, own], lengths[own])
            if restarts:
                for e in range(n_episodes):
                    if standing[e] == _RESTART:
                        standing[e] = first_row + _drawn_start(starts, again[step, e])
            if at_once == 2 and t + 1 < max_steps:
                leaf = leaves[t + 1, own]
                for e in range(n_episodes):
                    leaf[e] = standing[e] * places + (chosen[e] & last)
                _follow(leaf, next_row, standing)
                _note(leaf, reward_of, over_leaf, rewards[t + 1, own], lengths[own])
            place += 1
            step += 1

    longest = 0
    for e in range(len(lengths)):
        longest = max(longest, lengths[e])
    for run in range(n_runs):
        for t in range(written[run], longest):
            for e in range(run * n_episodes, (run + 1) * n_episodes):
                leaves[t, e], rewards[t, e] = over_leaf, 0.0
