"""Two ways of finding the leaf that a whole number picks, on the CPU.

They run in NumPy, whose calls cost a third of PyTorch's on arrays this small.  Both are exact on
whole numbers, thus equal to the last bit:

- *search*: ``row * 2³¹ + number`` in the whole table by bisection, three operations a step;
- *tree*: one comparison for each of the log₂ P levels of a balanced tree over the row's places,
  without a branch.  A node holds ``(2·node + 1)·2³¹ − limit``: adding the number and shifting by
  31 bits gives the child, ``2·node`` or ``2·node + 1``.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rlxent_core.streams import GRID

FEW = 256
"""Episodes up to which a copy costs less than a view of every row."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Row = tuple[Ints, Ints, NDArray[np.uint64]]
"""One step's numbers, leaves, and the leaves' memory as unsigned numbers."""


def rows_of(numbers: Ints, leaves: Ints) -> list[Row]:
    """A view of every row of [t, M]."""
    # Shifts of unsigned numbers are vectorised, those of signed ones are not.
    return list(zip(numbers, leaves, leaves.view(np.uint64), strict=True))


class Walk:
    """How rows lead to rows by leaves, one or two steps at a time.

    ``next_row`` [n_leaves] is each leaf's, −1 to restart; row ``over_row``, the last one, is the
    end of the episode, and a row has 2**bits places.  With two steps at once a leaf is
    ``(row · P + place) · P + next place``, so half as many numbers have to be looked up.
    """

    def __init__(self, next_row: Ints, over_row: int, bits: int, at_once: int) -> None:
        self.over_row, self.at_once = over_row, at_once
        self.single_bits, self.bits = bits, bits * at_once
        places, rows = 1 << bits, next_row.reshape(over_row + 1, -1)
        self.next_row = next_row
        if at_once == 2:
            second = (next_row[:, None] << bits) + np.arange(places)
            self.second = second.reshape(-1)
            """The second step's own leaf: [n_leaves · P]."""
            self.next_row = rows[next_row].reshape(-1)
            self._after = next_row
            self._joint = np.zeros((over_row + 1, places))
            self._joint[-1, 0] = 1
        self.over_leaf = over_row << self.bits

    @cached_property
    def search(self) -> Search:
        return Search(self.next_row, self.over_row, self.bits)

    @cached_property
    def tree(self) -> Tree:
        return Tree(self.next_row, self.over_row, self.bits)

    def joint(self, joint: Floats) -> Floats:
        """Probability of each leaf but the last row's, from one step's [rows, A·K]."""
        if self.at_once == 1:
            return joint
        full = self._joint
        full[:-1, : joint.shape[1]] = joint
        pairs = full.take(self._after, axis=0).reshape(*full.shape, -1)
        pairs *= full[..., None]
        return pairs[:-1].reshape(self.over_row, -1)

    def leaves(self, found: Ints, max_steps: int) -> Ints:
        """One step's leaves [T, M] from those that were found, T ≤ ``max_steps``."""
        if self.at_once == 1:
            return found
        leaves = np.empty((len(found), 2, found.shape[1]), dtype=np.int64)
        np.right_shift(found, self.single_bits, out=leaves[:, 0])
        self.second.take(found, out=leaves[:, 1], mode="clip")
        return leaves.reshape(-1, found.shape[1])[:max_steps]


class Finder:
    """Where an episode stands is kept as ``entry``, a number for each row of the table."""

    entry: Ints
    """[rows]; the last row's is the greatest."""
    next_entry: Ints
    """``entry`` of each leaf's next row, −1 to restart: [n_leaves]."""

    def __init__(self, next_row: Ints, over_row: int, bits: int) -> None:
        self.next_row, self.over_row, self.bits = next_row, over_row, bits
        self.restarts = next_row < 0
        self.any_restart = bool(self.restarts.any())
        self._numbers = self._leaves = np.empty((0, 0), dtype=np.int64)
        self._rows: list[Row] = []

    @cached_property
    def cumulative(self) -> Ints:
        """Cumulative probability of each place of each row, in steps of the grid.

        Places that do not exist, and all of the last row but the first, have probability 0.
        """
        return np.full((self.over_row + 1, 1 << self.bits), GRID)

    def load(self, joint: Floats) -> None:
        """Find leaves by the probabilities ``joint`` [rows, places] from now on."""
        steps = joint[:, :-1].cumsum(1)
        steps *= GRID
        np.rint(steps, out=steps)
        # The last place stays at exactly 1.
        self.cumulative[:-1, : steps.shape[1]] = steps
        self._load()

    def _load(self) -> None:
        raise NotImplementedError

    def steps(
        self, standing: Ints, numbers: Ints, leaves: Ints, starts: Ints | None = None
    ) -> None:
        """Find the leaves [t, M] that ``numbers`` pick, moving from where the episodes stand [M].

        ``starts`` [t or more, M] are the entries to restart at, should it come to that.
        """
        count, width = numbers.shape
        if width > FEW:
            rows = rows_of(numbers, leaves)
        else:
            if self._numbers.shape[1] != width or len(self._numbers) < count:
                self._numbers, self._leaves = np.empty_like(numbers), np.empty_like(leaves)
                self._rows = rows_of(self._numbers, self._leaves)
            self._numbers[:count] = numbers
            rows = self._rows[:count]
        if starts is None:
            self._steps(standing, rows)
        else:
            for row, start in zip(rows, starts, strict=False):
                self._steps(standing, [row])
                np.copyto(standing, start, where=standing < 0)
        if width <= FEW:
            leaves[:] = self._leaves[:count]

    def _steps(self, standing: Ints, rows: list[Row]) -> None:
        raise NotImplementedError


class Search(Finder):
    def __init__(self, next_row: Ints, over_row: int, bits: int) -> None:
        super().__init__(next_row, over_row, bits)
        self.entry = np.arange(over_row + 1) * GRID
        self.next_entry = np.where(self.restarts, -1, next_row * GRID)

    def _load(self) -> None:
        self.table = (self.cumulative + self.entry[:, None]).reshape(-1)

    def _steps(self, standing: Ints, rows: list[Row]) -> None:
        add, find, follow = np.add, self.table.searchsorted, self.next_entry.take
        for number, leaf, _ in rows:
            add(standing, number, standing)
            found = find(standing, "right")
            leaf[:] = found
            follow(found, None, standing, "clip")


class Tree(Finder):
    @cached_property
    def parts(self) -> list[tuple[Ints, Ints]]:
        """For each level of nodes (2·node + 1)·2³¹ and their limits: [rows, 2**level]."""
        parts = []
        for level in range(self.bits):
            # The limits of a level lie in the middle of its nodes' shares of the row.
            share = 1 << (self.bits - level)
            nodes = np.arange((self.over_row + 1) << level).reshape(self.over_row + 1, -1)
            limits = self.cumulative[:, share // 2 - 1 :: share]
            parts.append(((2 * nodes + 1) * GRID, limits))
        return parts

    def _load(self) -> None:
        levels = [(nodes - limits).reshape(-1) for nodes, limits in self.parts]
        self.entry = levels[0]
        self.deeper = [level.take for level in levels[1:]]
        self.next_entry = self.entry.take(self.next_row, mode="clip")
        if self.any_restart:
            self.next_entry[self.restarts] = -1

    def _steps(self, standing: Ints, rows: list[Row]) -> None:
        add, shift, follow = np.add, np.right_shift, self.next_entry.take
        deeper, sums = self.deeper, standing.view(np.uint64)
        for number, leaf, child in rows:
            add(standing, number, standing)
            shift(sums, _BITS, child)
            for take in deeper:
                take(leaf, None, standing, "clip")
                add(standing, number, standing)
                shift(sums, _BITS, child)
            follow(leaf, None, standing, "clip")


_BITS = np.array(31, dtype=np.uint64)
