"""Where the cells lie in the widget.  The board fits as a whole unless it is zoomed."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF

from rlxent_core.world import Cell
from rlxent_gui.theme import Appearance

MAX_SIDE = 180.0
"""Side of a cell, in pixels, beyond which zooming stops (unless the whole board fits so)."""


class Grid(NamedTuple):
    """``left`` and ``top`` of the whole board, ``side`` of a cell, and the part that is seen."""

    rows: int
    columns: int
    left: float
    top: float
    side: float
    seen: QRectF

    @property
    def board(self) -> QRectF:
        return QRectF(self.left, self.top, self.columns * self.side, self.rows * self.side)

    def rect(self, cell: Cell) -> QRectF:
        row, column = cell
        return QRectF(
            self.left + column * self.side, self.top + row * self.side, self.side, self.side
        )

    def cell_at(self, point: QPointF) -> Cell:
        """The cell under a point; outside the board its coordinates are outside the world."""
        return (
            math.floor((point.y() - self.top) / self.side),
            math.floor((point.x() - self.left) / self.side),
        )

    def visible(self) -> tuple[range, range]:
        """Rows and columns of which at least a part is seen."""
        return (
            _span(self.seen.top() - self.top, self.seen.bottom() - self.top, self.side, self.rows),
            _span(
                self.seen.left() - self.left, self.seen.right() - self.left, self.side, self.columns
            ),
        )


EDGE = 5
"""Pixels around the cells, for the frame and the ring of a selected cell."""


def cell_area(widget: QRect, look: Appearance, margins: bool = True) -> QRectF:
    """What the cells may fill: inside the margins with their letters and numbers, if any."""
    left, bottom = (look.px(26) + 4, look.px(20) + 6) if margins else (EDGE, EDGE)
    area = QRectF(widget).adjusted(left, EDGE, -EDGE, -bottom)
    return area if area.width() > 8 and area.height() > 8 else QRectF(left, EDGE, 8, 8)


def _span(first: float, last: float, side: float, count: int) -> range:
    return range(
        max(0, math.floor(first / side + 1e-6)), min(count, math.ceil(last / side - 1e-6))
    )


def fit(
    rows: int, columns: int, area: QRectF, dpr: float, zoom: float, focus: QPointF
) -> tuple[Grid, QPointF]:
    """The grid for a world in ``area``; ``focus`` is the part of the board (0..1) at the middle.

    Cells are whole device pixels, so that every line is sharp.  Returns the grid and the focus
    as it could be kept: the board never leaves a gap at an edge while it overflows the other.
    """
    most = min(area.width() / columns, area.height() / rows)
    side = most if zoom == 1 else min(most * zoom, max(MAX_SIDE, most))
    side = max(1.0, math.floor(side * dpr)) / dpr
    width, height = columns * side, rows * side
    left, x = _place(width, area.left(), area.width(), focus.x(), dpr)
    top, y = _place(height, area.top(), area.height(), focus.y(), dpr)
    seen = QRectF(left, top, width, height).intersected(area)
    return Grid(rows, columns, left, top, side, seen), QPointF(x, y)


def _place(
    length: float, start: float, room: float, focus: float, dpr: float
) -> tuple[float, float]:
    if length <= room:
        return round((start + (room - length) / 2) * dpr) / dpr, 0.5
    edge = min(max(room / 2 - focus * length, room - length), 0.0)
    return round((start + edge) * dpr) / dpr, (room / 2 - edge) / length
