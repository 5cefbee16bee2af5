"""How selected cells and what is carried look: a dashed frame of ink, and the tiles in it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from rlxent_core.map_text import Piece
from rlxent_core.rectangle import Rectangle
from rlxent_core.world import FLOOR, WALL, WALL_TILE, Tile
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
            left = carried.source
            _paint_floor(painter, _area(grid, left), left.rows, left.columns, theme)
        key = (grid.side, dpr, theme.name)
        if self._piece is not carried.piece or self._key != key:
            self._piece, self._key = carried.piece, key
            self._picture = _picture(carried.piece, grid.side, theme, dpr)
        area = _area(grid, carried.place)
        painter.setOpacity(0.88)
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


def _picture(piece: Piece, side: float, theme: Theme, dpr: float) -> QPixmap:
    rows, columns = len(piece.rows), len(piece.rows[0])
    size = QSizeF(columns * side, rows * side)
    picture = QPixmap((size * dpr).toSize())
    picture.setDevicePixelRatio(dpr)
    tiles = {WALL: WALL_TILE, **piece.tiles}
    stamps = {
        symbol: sprite(side, dpr, partial(_stamp, side=side, tile=tile, theme=theme))
        for symbol, tile in tiles.items()
    }
    painter = QPainter(picture)
    _paint_floor(painter, QRectF(QPointF(0, 0), size), rows, columns, theme)
    draw = painter.drawPixmap
    for r, row in enumerate(piece.rows):
        for c, symbol in enumerate(row):
            if symbol != FLOOR:
                draw(QPointF(c * side, r * side), stamps[symbol])
    painter.end()
    return picture


def _paint_floor(
    painter: QPainter, area: QRectF, rows: int, columns: int, theme: Theme
) -> None:
    """Plain floor with the lines between its cells."""
    side = area.width() / columns
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(area, theme.floor)
    for r in range(1, rows + 1):
        line = QRectF(area.left(), area.top() + r * side - 1, area.width(), 1)
        painter.fillRect(line, theme.grid)
    for c in range(1, columns + 1):
        line = QRectF(area.left() + c * side - 1, area.top(), 1, area.height())
        painter.fillRect(line, theme.grid)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _stamp(painter: QPainter, side: float, tile: Tile, theme: Theme) -> None:
    paint_tile(painter, QRectF(0, 0, side, side), tile, theme)
