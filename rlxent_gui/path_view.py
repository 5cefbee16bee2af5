"""A walk over the board, as it is drawn; apart from what else the Credit scene shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlxent_core.world import Cell


class PathView(NamedTuple):
    """A walk over the board: a stroke a step."""

    cells: tuple[Cell, ...]
    """Where each action was taken."""
    landings: tuple[Cell, ...]
    """The cell that was entered; the same one where it bumped."""
    actions: tuple[str, ...]
    weights: NDArray[np.float64]
    """Blue above 0, vermillion below, a thin line of ink at 0."""
    step: int | None = None
    """The step that is chosen."""
    first: int = 0
    """Steps before it are not drawn (yet)."""
