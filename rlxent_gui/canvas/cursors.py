"""Pointers that show what a press will paint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

from rlxent_core.world import Tile
from rlxent_gui import icons
from rlxent_gui.canvas.tiles import paint_tile
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.theme import Theme

SIZE, HOT = 32, 8
ICONS = {Tool.ERASE: "eraser", Tool.FILL: "paint-bucket", Tool.RECTANGLE: "rectangle",
         Tool.TELEPORT: "swap"}
ALONE = (Tool.ERASE, Tool.TELEPORT)
"""Tools that are shown by their icon and no tile."""


def tool_cursor(tool: Tool, tile: Tile, theme: Theme, dpr: float) -> QCursor:
    """A cross at the point that counts, the tile beside it."""
    if tool is Tool.SELECT:
        return QCursor(Qt.CursorShape.ArrowCursor)
    pixels = round(SIZE * dpr)
    picture = QPixmap(pixels, pixels)
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _cross(painter, theme.surface, 3.5)
    _cross(painter, theme.ink, 1.5)
    if tool not in ALONE:
        box = QRectF(14, 14, 17, 17)
        paint_tile(painter, box.adjusted(1, 1, -1, -1), tile, theme)
        painter.setPen(QPen(theme.ink, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    if tool in ICONS:
        corner = QPointF(14, 14) if tool in ALONE else QPointF(17, -1)
        side = 17 if tool in ALONE else 14
        for offset, colour in ((0.8, theme.surface), (-0.8, theme.surface), (0.0, theme.ink)):
            icon = icons.pixmap(ICONS[tool], colour, side, dpr)
            painter.drawPixmap(corner + QPointF(offset, offset), icon)
    painter.end()
    return QCursor(picture, HOT, HOT)


def _cross(painter: QPainter, colour: QColor, width: float) -> None:
    painter.setPen(QPen(colour, width))
    painter.drawLine(QPointF(HOT, 1), QPointF(HOT, 2 * HOT - 1))
    painter.drawLine(QPointF(1, HOT), QPointF(2 * HOT - 1, HOT))
