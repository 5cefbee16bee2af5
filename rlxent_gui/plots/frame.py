"""Where a plot's axes and labels lie, and what paints them: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from rlxent_core.curves import decimate
from rlxent_gui.plots.dashes import DOTS, dashes
from rlxent_gui.plots.data import Floats
from rlxent_gui.plots.ranges import spread, tick_text, ticks
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance

LEFT, GUTTER, BOTTOM, TOP = 38, 104, 24, 8
DOT = 5
"""Pixels that a curve of a single point is long."""
MOST_POINTS = 1000


class EndLabel(NamedTuple):
    """A curve's name at its last value ``y``; where room is short, the first ones are kept."""

    text: str
    y: float
    role: str = "ink"
    weight: QFont.Weight = SEMIBOLD
    tip: str = ""


class Frame:
    """The axes of updates and values, and the gutter of labels at the right."""

    labels: tuple[EndLabel, ...] = ()
    x_end, y_low, y_high = 20.0, 0.0, 1.0
    x_ticks: Sequence[float] = ()
    y_ticks: Sequence[float] = ()
    tick_text: Callable[[float], str] = staticmethod(tick_text)
    whole = False
    gutter = GUTTER
    x_name = "update"

    @property
    def look(self) -> Appearance:
        """What it wears."""
        raise NotImplementedError

    def width(self) -> int:
        """In pixels, axes and gutter included."""
        raise NotImplementedError

    def height(self) -> int:
        raise NotImplementedError

    def _area(self) -> QRect:
        px = self.look.px
        return QRect(
            px(LEFT), px(TOP), max(1, self.width() - px(LEFT + self.gutter)),
            max(1, self.height() - px(TOP + BOTTOM)),
        )

    def points(
        self, x: Floats, y: Floats, width: float, dash: tuple[float, ...], room: int
    ) -> tuple[Floats, Floats]:
        """What is drawn of y(x) in ``room`` pixels: no more points than can be told apart.

        Where the stroke, ``width`` pixels wide, is dashed, they are pairs of ends.
        """
        x, y = decimate(x, y, max(100, min(MOST_POINTS, room)))
        if dash == DOTS:
            known = np.isfinite(y)
            # A segment of no length has no round ends either.
            ends = x[known][:, None] + np.array([0.0, 0.01]) * self.x_end / room
            return ends.ravel(), np.repeat(y[known], 2)
        if len(x) == 1:
            # One measurement is a short line of its own: a label must not stand for nothing.
            x, y = np.array([x[0], x[0] + DOT * self.x_end / room]), np.repeat(y, 2)
        if dash:
            x, y = dashes(x, y, [part * width for part in dash], room / self.x_end)
        return x, y

    def _choose_ticks(self) -> None:
        px, area = self.look.px, self._area()
        most = max(3, min(5, area.height() // px(48)))
        self.y_ticks = ticks(self.y_low, self.y_high, most, self.whole)
        most = max(3, min(6, area.width() // px(72)))
        # The last tick would run into the word at the end of the axis.
        self.x_ticks = [t for t in ticks(0, self.x_end, most, True) if t <= 0.94 * self.x_end]

    def x_of(self, update: float) -> float:
        """Where an update lies, in pixels of this widget."""
        area = self._area()
        return area.left() + area.width() * update / self.x_end

    def y_of(self, value: float) -> float:
        """Where a value lies, in pixels of this widget."""
        area = self._area()
        part = (value - self.y_low) / (self.y_high - self.y_low)
        return area.bottom() + 1 - area.height() * part

    def placed_labels(self) -> list[tuple[EndLabel, float]]:
        """The labels there is room for, each with the middle of its line."""
        area = self._area()
        line = self._line_height()
        low, high = area.top() + line * 0.3, area.bottom() - line * 0.2
        room = max(1, int((high - low) // line) + 1)
        kept = self.labels[:room]
        wanted = [min(max(self.y_of(label.y), low), high) for label in kept]
        return list(zip(kept, spread(wanted, line, low, high), strict=True))

    def _line_height(self) -> float:
        return QFontMetricsF(self.look.font(13, SEMIBOLD)).height()

    def paint_axes(self, painter: QPainter) -> None:
        """Ticks, the end of the axis, and the curves' names; not the curves."""
        look, area = self.look, self._area()
        px, theme = look.px, look.theme
        painter.setFont(look.font(12, MEDIUM))
        painter.setPen(theme.ink2)
        line = QFontMetricsF(painter.font()).height()
        for value in self.y_ticks:
            y = self.y_of(value)
            painter.drawText(
                QRectF(0, y - line / 2, area.left() - px(7), line),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                self.tick_text(value),
            )
        below = area.bottom() + 1 + px(5)
        for value in self.x_ticks:
            painter.drawText(
                QRectF(self.x_of(value) - px(60), below, px(120), line),
                Qt.AlignmentFlag.AlignHCenter,
                tick_text(value),
            )
        painter.setFont(look.font(12))
        painter.drawText(QPointF(area.right() + px(8), below + line * 0.78), self.x_name)
        painter.fillRect(area.left(), area.bottom() + 1, area.width(), 1, theme.control)
        self._paint_labels(painter, area)

    def _paint_labels(self, painter: QPainter, area: QRect) -> None:
        look = self.look
        px, theme = look.px, look.theme
        left = area.right() + px(8)
        line = self._line_height()
        for label, middle in self.placed_labels():
            font = look.font(13, label.weight)
            painter.setFont(font)
            colour = getattr(theme, label.role)
            wanted = min(max(self.y_of(label.y), area.top()), area.bottom())
            if abs(middle - wanted) > 3:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(colour, 1))
                painter.drawLine(QPointF(area.right() + 1, wanted), QPointF(left - 2, middle))
            painter.setPen(colour)
            room = self.width() - left
            text = QFontMetricsF(font).elidedText(label.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(
                QRectF(left, middle - line / 2, room, line), Qt.AlignmentFlag.AlignVCenter, text
            )


def last_number(values: Floats) -> float | None:
    """The last value that is a number."""
    finite = np.flatnonzero(np.isfinite(values))
    return float(values[finite[-1]]) if len(finite) else None
