"""A plot painted at once, without widgets or pyqtgraph's scene: for pictures and print.

A plot draws onto :class:`PaperChart` as it does onto the chart on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from rlxent_gui.plots.data import Floats
from rlxent_gui.plots.frame import EndLabel, Frame
from rlxent_gui.theme import Appearance, faded

if TYPE_CHECKING:
    from rlxent_gui.plots.ink import Stroke


class PaperChart(Frame):
    """As :class:`rlxent_gui.plots.chart.Chart`, but painted by :meth:`paint` onto anything."""

    def __init__(
        self, look: Appearance, width: int, height: int,
        tick_text: Callable[[float], str], whole: bool,
    ) -> None:
        self._look, self._size = look, (width, height)
        self.tick_text, self.whole = tick_text, whole
        self._curves: list[tuple[float, Stroke, Floats, Floats]] = []
        self._marks: tuple[int, ...] = ()
        self._message = ""

    @property
    def look(self) -> Appearance:
        return self._look

    def width(self) -> int:
        return self._size[0]

    def height(self) -> int:
        return self._size[1]

    def set_range(self, x_end: float, y_low: float, y_high: float) -> None:
        self.x_end, self.y_low, self.y_high = x_end, y_low, y_high
        self._choose_ticks()

    def set_curve(
        self, name: str, x: Floats, y: Floats, stroke: Stroke, above: float = 0.0
    ) -> None:
        points = self.points(x, y, stroke.width, stroke.dash, self._area().width())
        self._curves.append((above, stroke, *points))

    def keep_curves(self, names: set[str]) -> None:
        """It never holds any others."""

    def set_labels(self, labels: Sequence[EndLabel], marks: tuple[int, ...] = ()) -> None:
        self.labels, self._marks = tuple(labels), marks

    def set_message(self, text: str) -> None:
        self._message = text

    def paint(self, painter: QPainter) -> None:
        """Everything, from (0, 0)."""
        self._paint_rules(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for _, stroke, x, y in sorted(self._curves, key=lambda curve: curve[0]):
            colour = faded(getattr(self.look.theme, stroke.role), stroke.alpha)
            pen = QPen(colour, stroke.width)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.strokePath(self._path(x, y, pairs=bool(stroke.dash)), pen)
        self.paint_axes(painter)
        if self._message:
            painter.setFont(self.look.font(13))
            painter.setPen(self.look.theme.ink2)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
            painter.drawText(QRectF(self._area()), int(flags), self._message)

    def _paint_rules(self, painter: QPainter) -> None:
        """A hairline a tick, and a thread with a triangle for a changed world."""
        area, theme = self._area(), self.look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for value in self.y_ticks:
            y = round(self.y_of(value))
            painter.fillRect(QRectF(area.left(), y, area.width(), 1), theme.hairline)
        side = self.look.px(3.5)
        for mark in self._marks:
            x = round(self.x_of(mark))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), theme.border)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tip = QPointF(x + 0.5, area.top())
            triangle = QPainterPath()
            triangle.addPolygon(QPolygonF(
                [tip + QPointF(-side, 0), tip + QPointF(side, 0), tip + QPointF(0, 1.5 * side)]
            ))
            painter.fillPath(triangle, theme.ink3)

    def _path(self, x: Floats, y: Floats, pairs: bool) -> QPainterPath:
        """The curve in pixels, as far as it lies within the axes."""
        path = QPainterPath()
        if pairs:
            for k in range(0, len(x) - 1, 2):
                self._add(path, x[k : k + 2], y[k : k + 2])
            return path
        self._add(path, x, y)
        return path

    def _add(self, path: QPainterPath, x: Floats, y: Floats) -> None:
        x, y = within(np.asarray(x, float), np.asarray(y, float), self.y_low, self.y_high)
        down = False
        for at, value in zip(x.tolist(), y.tolist(), strict=True):
            if value != value:
                down = False
                continue
            point = QPointF(self.x_of(at), self.y_of(value))
            if down:
                path.lineTo(point)
            else:
                path.moveTo(point)
            down = True


def within(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The polyline y(x) cut at ``low`` and ``high``; nan where it lies outside.

    Not every picture format can clip, so that lines have to end by themselves.
    """
    for edge in (low, high):
        above = y > edge
        known = np.isfinite(y)
        crossing = np.flatnonzero((above[1:] != above[:-1]) & known[1:] & known[:-1])
        share = (edge - y[crossing]) / (y[crossing + 1] - y[crossing])
        at = x[crossing] + share * (x[crossing + 1] - x[crossing])
        x = np.insert(x, crossing + 1, at)
        y = np.insert(y, crossing + 1, edge)
    return x, np.where((y >= low) & (y <= high), y, np.nan)
