"""Where the columns of an episode's steps lie.  No Qt.

The strip and the comparison below it share one :class:`Columns`, so that a step stands in the
same place in both and they scroll as one.
"""

from __future__ import annotations

import numpy as np

from rlxent_gui.credit_view import Floats

LEAST, MOST = 46.0, 88.0
"""Width of a column at the usual text size: narrower ones scroll, wider ones leave room."""


class Columns:
    """``count`` columns from ``left`` on; where they do not all fit, those from ``first``.

    Only whole columns are shown, so nothing is ever cut off at an edge.
    """

    def __init__(self) -> None:
        self.count, self.first = 0, 0
        self.left, self.right = 0.0, 1.0
        self._least, self._most = LEAST, MOST
        self.shown = 0
        """How many columns are seen at a time."""
        self.width = MOST
        """Of a column; whole pixels where they scroll, so that what is painted can be moved."""

    def place(self, left: float, right: float, factor: float) -> None:
        """Lie between ``left`` and ``right`` (pixels) at a text size."""
        self.left, self.right = float(round(left)), max(left + 1, right)
        self._least, self._most = LEAST * factor, MOST * factor
        self._share()

    def set_count(self, count: int) -> None:
        self.count = count
        self._share()

    def _share(self) -> None:
        room = self.right - self.left
        self.shown = min(self.count, max(1, int(room / self._least)))
        self.width = min(self._most, room / max(1, self.shown))
        if self.shown < self.count:
            self.width = max(1.0, float(int(self.width)))
        self.scroll(self.first)

    @property
    def scrolls(self) -> bool:
        return self.shown < self.count

    @property
    def end(self) -> float:
        """Where the last column that is seen ends."""
        return self.left + self.shown * self.width

    @property
    def visible(self) -> range:
        """The steps that are seen."""
        return range(self.first, self.first + self.shown)

    @property
    def seen(self) -> slice:
        """The same, to cut out of an array over steps."""
        return slice(self.first, self.first + self.shown)

    def x(self, step: int) -> float:
        """The left edge of a step's column."""
        return self.left + (step - self.first) * self.width

    def step_at(self, x: float) -> int | None:
        """The step whose column lies at ``x``; None beside the columns."""
        return self.nearest(x) if self.left <= x < self.end else None

    def nearest(self, x: float) -> int:
        """The step at ``x``, or the next one that is seen."""
        step = self.first + int((x - self.left) // self.width)
        return min(max(step, self.visible[0]), self.visible[-1])

    def scroll(self, first: int) -> bool:
        """Begin with ``first``, as far as there are columns; whether that moved anything."""
        before = self.first
        self.first = min(max(first, 0), max(0, self.count - self.shown))
        return self.first != before

    def keep(self, step: int) -> bool:
        """Scroll no farther than shows ``step`` and one step beside it; whether that moved."""
        margin = 1 if self.shown > 2 else 0
        low = step + margin - self.shown + 1
        return self.scroll(min(max(self.first, low), step - margin))


def aggregate(weights: Floats, pixels: int) -> tuple[Floats, Floats]:
    """The least and the greatest of ``weights`` [T] in each of ``pixels``, 0 among them: [P].

    A pixel that no step begins in belongs to the step before it.
    """
    if pixels > len(weights):
        each = weights[np.arange(pixels) * len(weights) // pixels]
        low = high = each
    else:
        starts = np.arange(pixels) * len(weights) // pixels
        low, high = np.minimum.reduceat(weights, starts), np.maximum.reduceat(weights, starts)
    return np.minimum(low, 0.0), np.maximum(high, 0.0)
