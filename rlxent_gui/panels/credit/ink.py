"""What the parts of the Credit scene are drawn with: arrows, hatched bars, tints that can be read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QStaticText,
    QTransform,
)

from rlxent_core.world import DIRECTIONS
from rlxent_gui.canvas.glyphs import diagonals
from rlxent_gui.theme import REGULAR, THEMES, Theme, appearance, contrast, mixed

LEVELS = 16
"""Strengths of a tint in one direction."""
READABLE = 4.5
READABLY_SMALLER = 0.86
"""How far words shrink before they are cut short."""
MANY = 2048
"""Texts that are kept."""
CENTRE, LEFT, RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip | where)
    for where in (
        Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    )
)
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
    width, height = math.ceil(bar.width()), math.ceil(bar.height())
    if up or not width or not height:
        return
    dpr = painter.device().devicePixelRatioF()
    tall = 64 * math.ceil(height / 64)
    lines = stamp(width, tall, dpr, _bar_hatching(theme.name, scale))
    cut = QRectF(0, 0, bar.width() * dpr, bar.height() * dpr)
    painter.drawPixmap(bar, lines, cut)


@lru_cache(maxsize=32)
def _bar_hatching(name: str, scale: float) -> Callable[[QPainter, QRectF], None]:
    theme = THEMES[name]
    colour = mixed(theme.neg, theme.surface, 0.62)
    return lambda painter, bar: draw_hatching(painter, bar, colour, HATCH * scale, scale)


def draw_hatching(
    painter: QPainter, bar: QRectF, colour: QColor, step: float, width: float = 1.0
) -> None:
    """Diagonals in ``bar``, from its own corner on."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.1 * width))
    painter.translate(bar.topLeft())
    inside = QRectF(0, 0, bar.width(), bar.height())
    diagonals(painter, inside, step, math.ceil((bar.width() + bar.height()) / step))
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
    return mixed(fill, away, 0.28)


class Script:
    """A font, with texts shaped and measured: the same numbers are written again and again."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        self._texts: dict[str, QStaticText] = {}
        self.height = self._metrics.height()

    def width(self, text: str) -> float:
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > MANY:
                self._widths.clear()
                self._texts.clear()
            width = self._widths[text] = self._metrics.horizontalAdvance(text)
        return width

    def elided(self, text: str, room: float) -> str:
        """The text as far as it can be written in ``room``, a little smaller, then with an …"""
        if self.width(text) <= room / READABLY_SMALLER:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def write(self, painter: QPainter, box: QRectF, text: str, where: int = CENTRE) -> None:
        """In the pen's colour, smaller where it would not fit, never cut."""
        width, room = self.width(text), box.width()
        if width > room > 0:
            font = QFont(self.font)
            font.setPixelSize(max(7, math.floor(font.pixelSize() * room / width)))
            painter.setFont(font)
            painter.drawText(box, where, text)
            return
        shape = self._texts.get(text)
        if shape is None:
            shape = self._texts[text] = QStaticText(text)
            shape.setTextFormat(Qt.TextFormat.PlainText)
            shape.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            shape.prepare(QTransform(), self.font)
        free = 0.0 if where == LEFT else room - width if where == RIGHT else (room - width) / 2
        painter.setFont(self.font)
        top = box.top() + (box.height() - self.height) / 2
        painter.drawStaticText(QPointF(box.left() + free, top), shape)


def script(size: float, weight: QFont.Weight = REGULAR) -> Script:
    """The script of a text size, in the appearance in force."""
    return _script(appearance().px(size), weight)


@lru_cache(maxsize=64)
def _script(pixels: int, weight: QFont.Weight) -> Script:
    font = appearance().font(1, weight)
    font.setPixelSize(max(1, pixels))
    return Script(font)


@lru_cache(maxsize=512)
def stamp(
    width: int, height: int, dpr: float, draw: Callable[[QPainter, QRectF], None]
) -> QPixmap:
    """What ``draw`` paints into a box of that size, kept to be set down in many places."""
    picture = QPixmap(max(1, round(width * dpr)), max(1, round(height * dpr)))
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(painter, QRectF(0, 0, width, height))
    return picture
