"""What the parts of the Credit scene are drawn with: arrows, hatched bars, tints that can be read.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from rlxent_core.world import DIRECTIONS
from rlxent_gui.canvas.glyphs import diagonals
from rlxent_gui.theme import THEMES, Theme, contrast, mixed

LEVELS = 16
"""Strengths of a tint in one direction."""
READABLE = 4.5
HATCH = 5.0
"""Pixels from one line of hatching to the next, measured along the edge."""


def arrow(tail: QPointF, tip: QPointF, shaft: float, head: float, length: float) -> QPolygonF:
    """A block arrow: ``shaft`` and ``head`` wide, the head ``length`` long."""
    way = tip - tail
    along = way / max(math.hypot(way.x(), way.y()), 1e-9)
    across = QPointF(-along.y(), along.x())
    neck = tip - along * length
    return QPolygonF([
        tail + across * (shaft / 2), neck + across * (shaft / 2), neck + across * (head / 2), tip,
        neck - across * (head / 2), neck - across * (shaft / 2), tail - across * (shaft / 2),
    ])


def move_arrow(centre: QPointF, move: str, length: float, bold: float = 1.0) -> QPolygonF | None:
    """The arrow of a move, ``length`` long around ``centre``; None for one that stays."""
    rows, columns = DIRECTIONS[move]
    if rows == columns == 0:
        return None
    half = QPointF(columns, rows) * (length / 2 / math.hypot(rows, columns))
    return arrow(centre - half, centre + half, 0.14 * bold * length, 0.52 * length, 0.46 * length)


def paint_move(
    painter: QPainter, centre: QPointF, move: str, length: float, colour: QColor
) -> None:
    """The move as an arrow, or a disc where it stays."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    shape = move_arrow(centre, move, length)
    if shape is None:
        painter.drawEllipse(centre, 0.2 * length, 0.2 * length)
    else:
        painter.drawPolygon(shape)


def paint_bar(
    painter: QPainter, bar: QRectF, theme: Theme, up: bool, scale: float = 1.0
) -> None:
    """A bar of the direction in which the logit moves: blue, or vermillion and hatched."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(bar, theme.pos if up else theme.neg)
    if up:
        return
    step = HATCH * scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(mixed(theme.neg, theme.surface, 0.62), 1.1 * scale))
    painter.save()
    # Shifted so that few lines begin before the bar does.
    skip = math.floor((bar.left() + bar.top()) / step) * step
    painter.translate(skip, 0)
    inside = bar.translated(-skip, 0)
    diagonals(painter, inside, step, math.ceil((inside.right() + inside.bottom()) / step))
    painter.restore()


def tint(theme: Theme, share: float) -> tuple[QColor, QColor]:
    """Fill and text for a weight that is ``share`` (−1..1) of the largest."""
    return _tint(theme.name, round(min(max(share, -1.0), 1.0) * LEVELS))


@lru_cache(maxsize=4 * LEVELS + 2)
def _tint(name: str, level: int) -> tuple[QColor, QColor]:
    """The nearest strength on whose fill ink or paper reads well."""
    theme = THEMES[name]
    if level == 0:
        return theme.sunken, theme.ink2
    colour = theme.pos if level > 0 else theme.neg
    wanted = 0.14 + 0.86 * abs(level) / LEVELS
    nearest = sorted((k / 100 for k in range(101)), key=lambda share: abs(share - wanted))
    for share in nearest:
        fill = mixed(theme.surface, colour, share)
        text = max((theme.ink, theme.surface), key=lambda ink: contrast(ink, fill))
        if contrast(text, fill) >= READABLE:
            return fill, text
    raise AssertionError("paper itself is readable")


def hatch(fill: QColor, text: QColor, theme: Theme) -> QColor:
    """Lines on a tint that only add to the contrast of its text."""
    away = theme.surface if text == theme.ink else theme.ink
    return mixed(fill, away, 0.2)


def write(
    painter: QPainter, box: QRectF, text: str, font: QFont,
    where: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
) -> None:
    """Text in the pen's colour, smaller where it would not fit, never cut."""
    width = QFontMetricsF(font).horizontalAdvance(text)
    if width > box.width() > 0:
        font = QFont(font)
        font.setPixelSize(max(7, math.floor(font.pixelSize() * box.width() / width)))
    painter.setFont(font)
    flags = where | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
    painter.drawText(box, int(flags), text)
