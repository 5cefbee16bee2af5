"""How selected cells and what is carried look: a dashed frame of ink, and the tiles in it."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from rlxent_core.map_text import Piece
from rlxent_core.rectangle import Rectangle
from rlxent_core.world import FLOOR, FLOOR_TILE, WALL, WALL_TILE, Tile
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.layers import sprite
from rlxent_gui.canvas.selection import Selection
from rlxent_gui.canvas.tiles import paint_tile
from rlxent_gui.theme import Theme


class SelectedCells:
    """Paints a :class:`Selection`; the picture of what is carried is kept while it moves."""

    def __init__(self) -> None:
        self._key: object = None
        self._piece: Piece | None = None
        self._picture = QPixmap()

    def paint(
        self, painter: QPainter, grid: Grid, selection: Selection, theme: Theme, dpr: float
    ) -> None:
        carried = selection.carried
        if carried is None:
            if selection.rectangle is not None:
                _frame(painter, _area(grid, selection.rectangle), theme)
            return
        if carried.source is not None:
            # What is left behind.
            floor = sprite(grid.side, dpr, lambda p: _floor(p, grid.side, theme))
            for cell in carried.source.cells:
                painter.drawPixmap(grid.rect(cell).topLeft(), floor)
        key = (grid.side, dpr, theme.name)
        if self._piece is not carried.piece or self._key != key:
            self._piece, self._key = carried.piece, key
            self._picture = _picture(carried.piece, grid.side, theme, dpr)
        area = _area(grid, carried.place)
        painter.setOpacity(0.8)
        painter.drawPixmap(area.topLeft(), self._picture)
        painter.setOpacity(1.0)
        _frame(painter, area, theme)


def _area(grid: Grid, rectangle: Rectangle) -> QRectF:
    size = QSizeF(rectangle.columns * grid.side, rectangle.rows * grid.side)
    return QRectF(grid.rect(rectangle.corner).topLeft(), size)


def _frame(painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.surface, 4))
    painter.drawRect(area.adjusted(1, 1, -1, -1))
    dashes = QPen(theme.ink, 2)
    dashes.setDashPattern([4, 3])
    painter.setPen(dashes)
    painter.drawRect(area.adjusted(1, 1, -1, -1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _floor(painter: QPainter, side: float, theme: Theme) -> None:
    paint_tile(painter, QRectF(0, 0, side, side), FLOOR_TILE, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(side - 1, 0, 1, side), theme.grid)
    painter.fillRect(QRectF(0, side - 1, side, 1), theme.grid)


def _picture(piece: Piece, side: float, theme: Theme, dpr: float) -> QPixmap:
    @cache
    def stamp(symbol: str) -> QPixmap:
        tile: Tile = {FLOOR: FLOOR_TILE, WALL: WALL_TILE, **piece.tiles}[symbol]

        def draw(inside: QPainter) -> None:
            if tile == FLOOR_TILE:
                _floor(inside, side, theme)
            else:
                paint_tile(inside, QRectF(0, 0, side, side), tile, theme)

        return sprite(side, dpr, draw)

    size = QSizeF(len(piece.rows[0]) * side, len(piece.rows) * side)
    picture = QPixmap((size * dpr).toSize())
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    for r, row in enumerate(piece.rows):
        for c, symbol in enumerate(row):
            painter.drawPixmap(QRectF(c * side, r * side, side, side).topLeft(), stamp(symbol))
    painter.end()
    return picture
