"""The mean return and length of every update of a run, growing, cut when training goes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxent_core.curves import RunningMean, running_means
from rlxent_gui.history import Columns

Floats = NDArray[np.float64]

SEEN_BY_MEAN = 300
"""What is older has no weight in the running mean."""


class UpdateMeans:
    """Rows of mean return, mean length and episodes so far, one an update.

    Whoever was given :meth:`rows` may read them on any thread for as long as he likes: what is
    added lies behind them, and going back leaves the memory to those who have it.
    """

    def __init__(self, rows: Floats | None = None) -> None:
        self._take(np.empty((0, 3)) if rows is None else rows)
        self.past = 0
        """Counts how often training went back behind what had been added."""

    def _take(self, rows: Floats) -> None:
        self._rows = np.empty((max(256, 2 * len(rows)), 3))
        self._rows[: len(rows)] = rows
        self._numbers: Any = self._rows.reshape(-1).data  # four times as fast to write to
        self._count = len(rows)
        self._mean = RunningMean()
        for value in rows[-SEEN_BY_MEAN:, 0].tolist():
            self._mean.add(value)

    def __len__(self) -> int:
        return self._count

    def add(self, mean_return: float, mean_length: float, episodes: int) -> float:
        """One more update; the running mean of the returns up to it."""
        if self._count == len(self._rows):
            mean = self._mean
            self._take(self._rows)
            self._mean = mean
        first, self._count = 3 * self._count, self._count + 1
        numbers = self._numbers
        numbers[first], numbers[first + 1], numbers[first + 2] = mean_return, mean_length, episodes
        return self._mean.add(mean_return)

    def cut(self, updates: int) -> None:
        """Forget what came after so many updates."""
        forgotten = updates < self._count
        self._take(self._rows[: min(updates, self._count)])
        self.past += forgotten

    def rows(self, updates: int) -> Floats:
        """Those of the first ``updates``, not to be written to: [updates, 3]."""
        rows = self._rows[: min(updates, self._count)]
        rows.flags.writeable = False
        return rows

    def of_update(self, update: int) -> float:
        """The mean return of one update, 1 for the first."""
        return float(self._rows[update - 1, 0])

    def curves(self) -> Iterable[Floats]:
        """Copies of the returns and of the lengths, for one run: two [1, updates]."""
        return (self._rows[None, : self._count, column].copy() for column in (0, 1))

    def columns(self) -> Columns:
        """What the window draws: update, mean return, running mean, episodes."""
        rows = self.rows(self._count)
        columns = Columns(4)
        updates = np.arange(1.0, self._count + 1)
        columns.extend(np.stack([updates, rows[:, 0], running_means(rows[:, 0]), rows[:, 2]], 1))
        columns.thinned()  # a long one takes a while at first
        return columns
