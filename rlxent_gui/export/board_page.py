"""The board on a page: whole, at a size of its own."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.paper import paint_board
from rlxent_gui.export.pictures import Page
from rlxent_gui.theme import Appearance, Theme
from rlxent_gui.view_state import BoardView

SMALLEST = 48
EDGE = 5


def board_page(view: BoardView, theme: Theme, size: int) -> Page:
    """The board in ``theme``; ``size`` pixels are the longer side of the page."""
    look = Appearance(theme)
    page, grid = layout(view.world.rows, view.world.columns, look, max(size, SMALLEST))

    def paint(painter: QPainter) -> None:
        painter.fillRect(QRectF(0, 0, page.width(), page.height()), theme.bg)
        paint_board(painter, grid, look, view._replace(selected=None, message=None))

    return Page(view.world.name or "World", page, paint)


def layout(rows: int, columns: int, look: Appearance, size: int) -> tuple[QSize, Grid]:
    """The page, ``size`` long, and where the cells lie on it; they are whole pixels."""
    left, bottom = look.px(26) + 4, look.px(20) + 6
    room = (size - left - EDGE) / columns, (size - EDGE - bottom) / rows
    side = max(1.0, float(math.floor(min(room))))
    width, height = left + columns * side + EDGE, EDGE + rows * side + bottom
    if width >= height:
        page = QSize(max(size, math.ceil(width)), math.ceil(height))
    else:
        page = QSize(math.ceil(width), max(size, math.ceil(height)))
    x = left + (page.width() - math.ceil(width)) // 2
    y = EDGE + (page.height() - math.ceil(height)) // 2
    seen = QRectF(x, y, columns * side, rows * side)
    return page, Grid(rows, columns, float(x), float(y), side, seen)
