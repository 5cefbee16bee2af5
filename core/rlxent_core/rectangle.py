"""A rectangle of cells."""

from __future__ import annotations

from dataclasses import dataclass

from rlxent_core.tiles import Cell


@dataclass(frozen=True)
class Rectangle:
    """``rows`` × ``columns`` cells, the upper left of them in ``top``, ``left``."""

    top: int
    left: int
    rows: int
    columns: int

    @classmethod
    def between(cls, one: Cell, other: Cell) -> Rectangle:
        """The rectangle with these cells in opposite corners."""
        top, bottom = sorted((one[0], other[0]))
        left, right = sorted((one[1], other[1]))
        return cls(top, left, bottom - top + 1, right - left + 1)

    @property
    def corner(self) -> Cell:
        return self.top, self.left

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell of it in row order."""
        return tuple(
            (r, c)
            for r in range(self.top, self.top + self.rows)
            for c in range(self.left, self.left + self.columns)
        )

    def contains(self, cell: Cell) -> bool:
        return (
            self.top <= cell[0] < self.top + self.rows
            and self.left <= cell[1] < self.left + self.columns
        )

    def at(self, corner: Cell) -> Rectangle:
        """As large, with the upper left cell in ``corner``."""
        return Rectangle(*corner, self.rows, self.columns)

    def within(self, rows: int, columns: int) -> Rectangle:
        """Moved as little as puts it on a board of that size; what sticks out is cut off."""
        top = min(max(self.top, 0), max(0, rows - self.rows))
        left = min(max(self.left, 0), max(0, columns - self.columns))
        return Rectangle(top, left, min(self.rows, rows), min(self.columns, columns))
