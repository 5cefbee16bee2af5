"""What the plots are drawn from: plain arrays, no Qt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

NO_UPDATES = "No updates yet. Press Space to run, or U for one update."


class Ghost(NamedTuple):
    """The curve of a run before a reset: what sets it apart, its updates [n] and mean [n]."""

    label: str
    updates: Floats
    mean: Floats


class ReturnPlotData(NamedTuple):
    """Discounted returns over the updates.

    updates [n] ascending, raw [n] the mean return of each batch, mean [n] its running mean; nan
    where there is none.  ``optimal`` and ``uniform`` are the values of the optimal and of the
    uniform policy from the start.  ``marks`` are the updates at which the world changed.
    ``sample`` are batches spread evenly over all, where raw is not all of them.
    """

    updates: Floats
    raw: Floats
    mean: Floats
    optimal: float | None = None
    uniform: float | None = None
    marks: tuple[int, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    episodes_per_update: int = 16
    empty: str = NO_UPDATES
    sample: Floats | None = None


class Line(NamedTuple):
    """Another estimator's variance [n] at ``updates`` [n]."""

    label: str
    tip: str
    updates: Floats
    values: Floats
    role: str
    """The token it is drawn with."""
    dash: str
    """solid, dashed, dotted or mixed."""


class Dots(NamedTuple):
    """Where the exact variance lies: values [n] at ``updates`` [n]."""

    updates: Floats
    values: Floats
    role: str


class VariancePlotData(NamedTuple):
    """tr Cov of the gradient of one episode without and with the baseline, on the same episodes.

    updates [n] ascending, none [n] and chosen [n]; nan or 0 where no episode was rewarded yet; one
    that is not shown is [0].  ``label`` names the chosen baseline; empty where none is chosen.
    """

    updates: Floats
    none: Floats
    chosen: Floats
    label: str = ""
    marks: tuple[int, ...] = ()
    empty: str = NO_UPDATES
    others: tuple[Line, ...] = ()
    exact: tuple[Dots, ...] = ()
    role: str = "base"
    """The token the chosen one is drawn with."""


class RatioPlotData(NamedTuple):
    """How many times less the variance is with the baseline ``label`` than without: [n].

    ``exact`` is that ratio of the exact variances, where both are known at an update.
    """

    updates: Floats
    ratio: Floats
    label: str = ""
    marks: tuple[int, ...] = ()
    empty: str = NO_UPDATES
    role: str = "base"
    exact: tuple[Dots, ...] = ()


class CellPlotData(NamedTuple):
    """What the policy would do in one cell, e.g. "G5": probabilities [n, A] of its moves."""

    cell: str
    updates: Floats
    probabilities: Floats
    moves: tuple[str, ...]
    marks: tuple[int, ...] = ()
    empty: str = NO_UPDATES
