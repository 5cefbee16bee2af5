"""What the Credit scene shows: frozen slices, resolved by its presenter, applied by passive views.

As in :mod:`rlxent_gui.view_state`, a view gets a slice only when it differs.  Arrays over steps
are [T], over cells [S], over actions [A].  Nothing here imports Qt or torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rlxent_core.weightings import EpisodeCredit
from rlxent_core.world import Cell, World
from rlxent_gui.path_view import PathView

Floats = NDArray[np.float64]

EFFECTS = ("step", "episode", "batch", "exact")
"""Whose update the arrows show: of the step, the episode, the whole batch, the exact gradient."""


@dataclass(frozen=True, eq=False)
class Row:
    """A weighting in the comparison."""

    name: str
    """An id of ``weightings.WEIGHTINGS`` or TRAINED; "choice" and "luck" can not be chosen."""
    label: str
    """E.g. "Critic: r + γV′ − V"."""
    weights: Floats
    total: float
    tip: str
    """The formula and what the sum says, in a sentence."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """The step as a classifier; arrays are [A]."""

    moves: tuple[str, ...]
    action: int
    probabilities: Floats
    difference: Floats
    """p − y."""
    weight: float
    gradient: Floats
    """∂L/∂z = weight · (p − y); a logit moves against it."""
    scale: float
    """What ∂L/∂z is drawn against: the largest |weight| of the episode, as |p − y| ≤ 1."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What one step of plain gradient descent on the policy would do, to first order."""

    kind: str
    """One of :data:`EFFECTS`."""
    change: Floats
    """[S, A]: of the probabilities, per unit of step size."""


@dataclass(frozen=True, eq=False)
class CreditView:
    """Everything but the arrows."""

    episode: EpisodeCredit
    step: int
    weighting: str
    learned: bool
    """Whether V is the critic's."""
    gae_lambda: float
    returns: Floats
    baseline: Floats | None
    weights: Floats
    rows: tuple[Row, ...]
    classifier: Classifier
    sentence: str
    """What happened in the step and what its weight does."""
    identity: str
    """What the weights add up to, in a sentence."""
    note: str
    """What is worth saying of this world or episode; may be empty."""
    pinned: bool
    now: bool
    """Whether policy and values are those of now instead of those it was drawn with."""
    newer: int | None
    """The latest update, where the episode is not of it."""
    has_stored: bool
    """Whether the world on the board comes with a stored episode."""

    @property
    def world(self) -> World:
        return self.episode.world

    @property
    def path(self) -> PathView:
        """The episode over the board."""
        return PathView(*_walked(self.episode), self.weights, self.step)


@lru_cache(maxsize=4)
def _walked(
    episode: EpisodeCredit,
) -> tuple[tuple[Cell, ...], tuple[Cell, ...], tuple[str, ...]]:
    """Its cells, landings and moves: the same tuples for every step that is chosen."""
    columns, moves = episode.world.columns, episode.world.moves
    cells, landings = (
        tuple(divmod(state, columns) for state in states.tolist())
        for states in (episode.states, episode.landings)
    )
    return cells, landings, tuple(moves[action] for action in episode.actions.tolist())


@dataclass(frozen=True)
class CodeView:
    """The lines that compute the update of the episode on show, in PyTorch and in NumPy.

    What is copied runs as it is, with all numbers of the episode; what is shown may leave out
    some of them.
    """

    torch: str
    numpy: str
    torch_shown: str
    numpy_shown: str
