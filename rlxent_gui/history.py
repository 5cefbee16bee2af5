"""Growing tables of numbers, and the few rows of them that a plot needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRETCHES = 1024
"""Least number of stretches that a long table is cut into, and half of the most."""


class Columns:
    """Rows of numbers that arrive one at a time; the first column counts updates, ascending."""

    def __init__(self, width: int) -> None:
        self._rows = np.empty((256, width))
        self._count = 0
        self._stretch = 1
        self._kept: Ints = np.empty((0, 2 * (width - 1)), dtype=np.int64)
        """Of each whole stretch but the last, the rows that are drawn: ascending."""

    def __len__(self) -> int:
        return self._count

    def append(self, *row: float) -> None:
        self.extend(np.array([row]))

    def extend(self, rows: Floats) -> None:
        """Append all of ``rows``: [n, width]."""
        wanted = self._count + len(rows)
        if wanted > len(self._rows):
            more = max(wanted, 2 * len(self._rows)) - len(self._rows)
            self._rows = np.concatenate([self._rows, np.empty((more, self._rows.shape[1]))])
        self._rows[self._count : wanted] = rows
        self._count = wanted

    def cut(self, update: float) -> None:
        """Forget what came after ``update``."""
        self._shorten(int(np.searchsorted(self.column(0), update, side="right")))

    def keep_first(self, count: int, update: float) -> None:
        """Forget all but the first ``count`` rows of ``update``, and what came after it."""
        first = int(np.searchsorted(self.column(0), update, side="left"))
        self._shorten(min(self._count, first + count))

    def _shorten(self, count: int) -> None:
        self._count = count
        self._kept = self._kept[: max(0, count - 1) // self._stretch]

    def column(self, index: int) -> Floats:
        return self._rows[: self._count, index]

    def rows(self) -> Floats:
        """A copy of everything: [n, width]."""
        return self._rows[: self._count].copy()

    def thinned(self) -> Floats:
        """Rows that look like all of them when drawn, some thousands at most: [m, width].

        Cut into stretches of equal length, each keeps the rows where one of the columns is lowest
        or highest, or nan; the last stretch is whole.  What a longer table keeps is chosen from
        what it kept before, so this takes no longer for a million rows than for ten thousand.
        """
        few = len(self._kept) < STRETCHES // 4
        if few:  # new, or much was forgotten: look closer
            self._stretch, self._kept = 1, self._kept[:0]
        while (self._count - 1) // self._stretch >= 2 * STRETCHES:
            self._stretch *= 2
            pairs = len(self._kept) // 2
            together = self._kept[: 2 * pairs].reshape(pairs, 2 * self._kept.shape[1])
            self._kept = self._extremes(together)
        done, whole = len(self._kept), max(0, (self._count - 1) // self._stretch)
        if self._stretch == 1:
            return self._rows[: self._count]
        new = np.arange(done * self._stretch, whole * self._stretch).reshape(-1, self._stretch)
        self._kept = np.concatenate([self._kept, self._extremes(new)])
        rest = np.arange(whole * self._stretch, self._count)
        kept: Floats = self._rows[np.concatenate([self._kept.ravel(), rest])]
        return kept

    def _extremes(self, index: Ints) -> Ints:
        """Where each column but the first is lowest and highest among rows [n, k]: ascending."""
        values = self._rows[index, 1:]
        if not len(values):
            return self._kept[:0]
        # argmin takes a nan for the lowest; the highest is sought among the numbers.
        lowest = values.argmin(axis=1)
        highest = np.where(np.isnan(values), -np.inf, values).argmax(axis=1)
        picked = np.sort(np.concatenate([lowest, highest], axis=1), axis=1)
        return np.take_along_axis(index, picked, axis=1)
