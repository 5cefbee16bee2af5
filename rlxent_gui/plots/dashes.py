"""Dashes cut along the horizontal axis.

A painter's own dashes follow the line, so those of a noisy curve crawl while it grows, and cost
several times what a solid line does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rlxent_gui.plots.data import Floats

DOTS = (0.0,)
"""Instead of a pattern: no line at all, but a dot a point."""


def dashes(
    x: Floats, y: Floats, pattern: Sequence[float], scale: float
) -> tuple[Floats, Floats]:
    """The pieces of y(x) that a dashed line shows, as pairs of ends [2k].

    ``pattern`` has the lengths of dash, gap, dash, gap … in pixels and ``scale`` the pixels a unit
    of x takes; dashes are counted from x = 0.  x is ascending; nan in y leaves a gap.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) < 2:
        return x[:0], y[:0]
    ends = np.cumsum(pattern)
    period = ends[-1] / scale
    periods = np.arange(np.floor(x[0] / period), np.ceil(x[-1] / period))
    cuts = (periods[:, None] * period + ends / scale).ravel()
    points = np.union1d(x, cuts[(cuts > x[0]) & (cuts < x[-1])])
    values = np.interp(points, x, y)
    middle = (points[:-1] + points[1:]) / 2 * scale % ends[-1]
    drawn = np.searchsorted(ends, middle, side="right") % 2 == 0
    pairs = np.flatnonzero(drawn)[:, None] + np.arange(2)
    return points[pairs].ravel(), values[pairs].ravel()
