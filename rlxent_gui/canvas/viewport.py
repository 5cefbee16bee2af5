"""Which part of the board is seen, and how large."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from rlxent_core.world import Cell, World
from rlxent_gui.canvas.grid import Grid, fit

MAX_ZOOM = 16.0


class Viewport:
    """``zoom`` is 1 where the board fits as a whole; the focus is what lies in the middle."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self._focus = QPointF(0.5, 0.5)
        self._area = QRectF(0, 0, 8, 8)
        self._dpr = 1.0
        self._size = (1, 1)

    def grid(self, world: World, area: QRectF, dpr: float) -> Grid:
        """Where the cells of ``world`` lie within ``area``; a world of another size fits anew."""
        if (world.rows, world.columns) != self._size:
            self._size = (world.rows, world.columns)
            self.zoom = 1.0
        self._area, self._dpr = area, dpr
        return self._fit()

    def zoom_by(self, factor: float, point: QPointF) -> None:
        """Zoom about a point: what is under it stays there."""
        before = self._fit().board
        x = (point.x() - before.left()) / before.width()
        y = (point.y() - before.top()) / before.height()
        zoom = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        self.zoom = zoom if zoom >= 1.02 else 1.0
        after, middle = self._fit().board, self._area.center()
        self._focus = QPointF(
            x + (middle.x() - point.x()) / after.width(),
            y + (middle.y() - point.y()) / after.height(),
        )
        self._fit()

    def pan(self, moved: QPointF) -> None:
        """Move the board by so many pixels, as far as its edges allow."""
        board = self._fit().board
        self._focus -= QPointF(moved.x() / board.width(), moved.y() / board.height())
        self._fit()

    def reveal(self, cell: Cell) -> None:
        """Bring a cell to the middle if it is not seen as a whole."""
        grid = self._fit()
        if not grid.seen.contains(grid.rect(cell)):
            self._focus = QPointF((cell[1] + 0.5) / grid.columns, (cell[0] + 0.5) / grid.rows)
            self._fit()

    def _fit(self) -> Grid:
        grid, self._focus = fit(*self._size, self._area, self._dpr, self.zoom, self._focus)
        return grid
