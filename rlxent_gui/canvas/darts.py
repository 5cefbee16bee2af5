"""The geometry of darts: how one cell's action probabilities are drawn.  Pure numpy.

A dart points where its action goes; its area follows the probability.  The more decided the
policy, the darker the ink; an action that clearly leads slides back over the centre and grows a
notch, so that a decided cell is one arrow and an undecided one a ring of stubs.  Lengths are in
units of the cell's side and measured from its centre, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlxent_core.world import DIRECTIONS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMALLEST = 0.03
"""Probabilities below this are not drawn."""
LEAD = 0.08
"""How far ahead an action must be to count as the leader."""
TIE = 0.02
"""Probabilities this close to the largest one are not runners-up."""
LENGTH, POWER = 0.48, 0.425
"""A dart of probability p is LENGTH * p**POWER long."""


class Darts(NamedTuple):
    """How the darts of n cells and A moves look; every field is [n, A].

    ``drawn``; ``leads`` marks the leader, where a cell has one; ``mix`` is how far the ink is
    mixed toward the colour of the cell.
    """

    drawn: Bools
    leads: Bools
    mix: Floats


def directions(moves: Sequence[str]) -> Floats:
    """Unit vectors (x, y) of the moves, [A, 2]; zero for a move that stays."""
    vectors = np.array([DIRECTIONS[move][::-1] for move in moves], dtype=float).reshape(-1, 2)
    length = np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1.0)
    return np.asarray(vectors / length[:, None])


def darts(probabilities: Floats) -> Darts:
    """The darts of cells with the given action probabilities [n, A]."""
    p = np.asarray(probabilities, dtype=float)
    n_actions = p.shape[1]
    first = p.max(1, keepdims=True)
    second = np.partition(p, -2, axis=1)[:, -2:-1] if n_actions > 1 else np.zeros_like(first)
    leads = (p == first) & (first - second > LEAD)
    undecided = _entropy(p) / np.log(n_actions) if n_actions > 1 else np.zeros_like(first)
    faint = np.where(first - p <= TIE, 1.0, 1.0 - 0.22)
    return Darts(p >= SMALLEST, leads, 1.0 - (1.0 - 0.40 * undecided**2) * faint)


def corners(probabilities: Floats, leads: Bools, along: Floats) -> Floats:
    """Tip, left corner, notch and right corner (x, y) of darts, [n, 4, 2].

    ``probabilities`` and ``leads`` are [n], the unit vectors ``along`` [n, 2] or [2].
    """
    p = np.asarray(probabilities, dtype=float)
    length = LENGTH * p**POWER
    half_width = 0.25 * np.sqrt(p)
    slide = np.where(leads, np.clip((p - 0.40) / 0.60, 0.0, 1.0), 0.0)
    base = np.minimum(half_width, 0.105)
    base = base + slide * (-0.24 - base)
    notch = base + 0.20 * slide * (length - base)
    along = np.broadcast_to(along, (len(p), 2))
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    back, wing = base[:, None] * along, half_width[:, None] * across
    return np.stack([length[:, None] * along, back - wing, notch[:, None] * along, back + wing], 1)


def stay_radius(probabilities: Floats) -> Floats:
    """Radius of the disc that stands for staying."""
    return np.asarray(0.2 * np.sqrt(probabilities))


def _entropy(p: Floats) -> Floats:
    """In nats, [n, 1]."""
    return np.asarray(-(p * np.log(np.maximum(p, 1e-300))).sum(1, keepdims=True))
