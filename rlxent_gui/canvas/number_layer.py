"""Numbers in the cells: one in a corner, or one a move at the side the move goes to.

Only cells whose text has changed are painted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from rlxent_core.world import DIRECTIONS
from rlxent_gui.canvas.digits import Digits
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.layers import Layer, clear_cells
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Theme, appearance, faded
from rlxent_gui.words import group_thousands, short_count, true_minus

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = tuple[tuple[int, int], ...]
"""(x, y) of each number in its cell, −1 to 1: the side its move goes to."""

SMALLEST_CELL = 26
"""Side of a cell, in pixels, below which there are no numbers."""
CORNER: Places = ((1, 1),)
"""Where a lone number stands: at the bottom right, where darts are thin."""
SMALL_CELL, WIDE, NARROW = 44, 0.9, 0.58
"""The part of a cell that a lone number may take: where there is room it keeps off the darts."""
MANY = 10_000
"""Counts from here on are shortened in every cell: nobody reads five digits that keep running."""
PLATE = 3.0
"""Pixels of a plate around its number."""
COMPACT = -1
"""In place of a number of decimals: thousands as k, millions as M."""


def written(value: float, decimals: int) -> str:
    """A number of a cell; nothing where it is not defined."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if decimals == COMPACT:
        return short_count(value)
    return true_minus(group_thousands(f"{value:,.{decimals}f}"))


def precisions(largest: float, whole: bool) -> Iterator[int]:
    """Decimals to try, the most telling first; a digit that says nothing is never shown."""
    if not whole:
        if largest < 0.095:
            yield 3
        yield 2
        if largest >= 0.095 or largest == 0:
            yield 1
    if largest < MANY if whole else largest >= 9.5:
        yield 0
    if largest >= 1000:
        yield COMPACT


class NumberLayer(Layer):
    """Remembers the texts it has painted, and paints those that differ."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[tuple[str, ...]] = []
        self._digits: Digits | None = None
        self._digits_key: object = None

    def update(
        self, grid: Grid, dpr: float, theme: Theme, figures: Floats, shown: Bools,
        *, badged: Bools, moves: Sequence[str] = (), whole: bool = False, edge: float = 0.05,
        plate: bool = False,
    ) -> None:
        """Show figures [S], or [S, A] for the moves given, in the cells that are ``shown`` [S].

        Where there is a badge in the upper left corner, ``badged`` [S], the number of a move
        upwards makes room for it.  ``whole`` numbers have no decimals.  ``edge`` is the part of a
        cell's side that stays free at its edges.  On a ``plate`` of floor they are read above
        strokes as well: a minus across a stroke would be lost in it.
        """
        places = tuple((DIRECTIONS[m][1], DIRECTIONS[m][0]) for m in moves) or CORNER
        digits = self._digits_for(_font(grid.side, bool(moves)), theme, dpr)
        table = figures.reshape(grid.rows * grid.columns, -1)
        pad = max(2.0, edge * grid.side)
        room = _room(grid.side, pad, places)
        texts = texts_that_fit(table, shown, room, digits, whole, grid.side)
        if self.fresh((grid, dpr, theme.name, places, pad, digits, plate)):
            self.paint_anew(grid, dpr, lambda painter: None)
            self._texts = [()] * len(table)
        rows, columns = grid.visible()
        changed = [
            (cell, text, bool(badged[state]))
            for state, (old, text) in enumerate(zip(self._texts, texts, strict=True))
            if old != text
            and (cell := divmod(state, grid.columns))[0] in rows and cell[1] in columns
        ]
        self._texts = texts

        def draw(painter: QPainter) -> None:
            clear_cells(painter, grid, [cell for cell, _, _ in changed])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(theme.floor, 0.9))
            for cell, words, badge in changed:
                corner = grid.rect(cell).topLeft()
                for (x, y), text in zip(places, words, strict=False):
                    aside = badge and (x, y) == (0, -1) and not _crowded(places)
                    left = _along(1 if aside else x, pad, grid.side - pad, digits.width(text))
                    top = _along(y, pad + 1, grid.side - pad - 1, digits.height)
                    left, top = _whole(corner.x() + left, dpr), _whole(corner.y() + top, dpr)
                    if plate and text:
                        by = min(pad, PLATE)
                        box = QRectF(left, top, digits.width(text), digits.height)
                        painter.drawRoundedRect(box.adjusted(-by, -by, by, by), by, by)
                    digits.stamp(painter, left, top, text, keep=not whole)

        if changed:
            self.paint_over(grid, draw)

    @property
    def written(self) -> bool:
        """Whether there is a number in any cell."""
        return any(self._texts)

    def _digits_for(self, font: QFont, theme: Theme, dpr: float) -> Digits:
        key = (font.pixelSize(), font.weight(), theme.name, dpr)
        if self._digits is None or key != self._digits_key:
            self._digits, self._digits_key = Digits(font, theme, dpr), key
        return self._digits


class Measured(Protocol):
    """Whoever knows how wide a text is."""

    def width(self, text: str, /) -> float: ...


def texts_that_fit(
    figures: Floats, shown: Bools, room: float, digits: Measured, whole: bool, side: float
) -> list[tuple[str, ...]]:
    """The texts of every cell, all with as many decimals as the widest has room for."""
    if side >= SMALLEST_CELL:
        seen = figures[shown]
        largest = float(np.abs(seen[np.isfinite(seen)]).max(initial=0.0))
        table, drawn = figures.tolist(), shown.tolist()
        for decimals in precisions(largest, whole):
            texts = [
                tuple(written(value, decimals) for value in row) if here else ()
                for row, here in zip(table, drawn, strict=True)
            ]
            longest = max((text for row in texts for text in row), key=len, default="")
            if digits.width(longest) <= room:
                return texts
    return [()] * len(figures)


def _crowded(places: Places) -> bool:
    """Whether three numbers can stand in one row of a cell."""
    return any(x == y == 0 or (x and y) for x, y in places)


def _room(side: float, pad: float, places: Places) -> float:
    """How wide a number may be."""
    if places == CORNER:
        return side * (WIDE if side < SMALL_CELL else NARROW)
    return (side - 2 * pad + 1) / (3 if _crowded(places) else 2) - 2


def _font(side: float, several: bool) -> QFont:
    font = appearance().font(12, MEDIUM if several else SEMIBOLD)
    share, least, most = (0.145, 9, 18) if several else (0.17, 10, 20)
    font.setPixelSize(round(min(max(share * side, least), most)))
    return font


def _along(where: int, low: float, high: float, size: float) -> float:
    """The upper or left end of something ``size`` long at the low end, middle or high end."""
    return low if where < 0 else high - size if where > 0 else (low + high - size) / 2


def _whole(length: float, dpr: float) -> float:
    """On a whole device pixel."""
    return round(length * dpr) / dpr
