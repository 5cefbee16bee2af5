"""What lies inside a plot area: curves, hairlines, and marks for changed worlds."""

from __future__ import annotations

from typing import NamedTuple

import pyqtgraph as pg
from pyqtgraph.graphicsItems.PlotCurveItem import arrayToLineSegments
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from rlxent_gui.theme import appearance, faded

DASHED, DOTTED, MIXED = (4.0, 3.0), (0.1, 2.2), (4.0, 2.6, 0.1, 2.6)
"""Dash, gap, … in widths of the stroke; the ends add one width to each dash."""
THIN = 4.0
"""Pixels, up to which the ends of a stroke are square: that is not to be seen, also not where two
pieces of a curve meet, and painted seven times as fast as round ends."""
DASH_OF = {"solid": (), "dashed": DASHED, "dotted": DOTTED, "mixed": MIXED}


class Stroke(NamedTuple):
    """How a curve is drawn; a pen holds a colour, so it is made anew when the theme changes.

    ``dash`` has the lengths of dash, gap, … in widths.
    """

    role: str
    width: float = 2.0
    dash: tuple[float, ...] = ()
    alpha: float = 1.0

    def pen(self, ratio: float = 1.0) -> QPen:
        """The pen for a device with ``ratio`` of its pixels to one of ours."""
        colour = faded(getattr(appearance().theme, self.role), self.alpha)
        pen = QPen(colour, self.width * ratio)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        caps = Qt.PenCapStyle
        pen.setCapStyle(caps.SquareCap if self.width <= THIN else caps.RoundCap)
        return pen


class Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve as wide on a dense screen, or in a picture, as on an ordinary one."""

    def __init__(self) -> None:
        super().__init__(antialias=True)
        self._stroke: Stroke | None = None
        self._ratio = 1.0

    def take_stroke(self, stroke: Stroke) -> None:
        if stroke == self._stroke:
            return
        self._stroke = stroke
        self.opts["connect"] = "pairs" if stroke.dash else "finite"
        self.dress()

    def dress(self) -> None:
        """Take the pen of the present theme."""
        if self._stroke is not None:
            self.setPen(self._stroke.pen(self._ratio))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None
    ) -> None:
        # A picture that is painted of a widget does not tell its density in any simpler way.
        ratio = abs(painter.deviceTransform().m11()) * self.getViewBox().viewPixelSize()[0]
        if abs(ratio - self._ratio) > 1e-3 and self._stroke is not None:
            self._ratio = ratio
            self.opts["pen"] = self._stroke.pen(ratio)
        # Segments are many times faster than a thick path, but a veil of colour would be twice as
        # dense where two of them meet.
        if self._stroke is not None and self._stroke.alpha == 1.0:
            self._paint_segments(painter)
        else:
            super().paint(painter, option, widget)

    def _paint_segments(self, painter: QPainter) -> None:
        """In pixels: Qt has no fast way where a unit is not as wide as it is high."""
        to_pixels = painter.transform()
        x, y = self.getData()
        if x is None:
            return
        lines = arrayToLineSegments(
            x * to_pixels.m11() + to_pixels.dx(), y * to_pixels.m22() + to_pixels.dy(),
            self.opts["connect"], finiteCheck=True,
        )
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.opts["pen"])
        painter.drawLines(*lines.drawargs())
        painter.restore()


class Rules(pg.GraphicsObject):  # type: ignore[misc]
    """Below the curves: a hairline a tick, and a thread with a triangle for a changed world."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[float] = []
        self.marks: tuple[int, ...] = ()
        self._bounds = QRectF(0, 0, 1, 1)
        self.setZValue(-100)

    def cover(self, x_end: float, y_low: float, y_high: float, ticks: list[float]) -> None:
        """Cover this range, with a hairline at each of ``ticks``."""
        self.prepareGeometryChange()
        self._bounds = QRectF(0, y_low, x_end, y_high - y_low)
        self.ticks = ticks
        self.update()

    def show_marks(self, marks: tuple[int, ...]) -> None:
        """Mark these updates."""
        self.marks = marks
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme, bounds = appearance().theme, self._bounds
        to_pixels = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        # Upwards in the data is downwards on the screen.
        corner = to_pixels.map(bounds.bottomLeft())
        far = to_pixels.map(bounds.topRight())
        for value in self.ticks:
            y = round(to_pixels.map(QPointF(0, value)).y())
            painter.fillRect(QRectF(corner.x(), y, far.x() - corner.x(), 1), theme.hairline)
        for mark in self.marks:
            x = round(to_pixels.map(QPointF(mark, 0)).x())
            painter.fillRect(QRectF(x, corner.y(), 1, far.y() - corner.y()), theme.border)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = to_pixels.m11() * self.getViewBox().viewPixelSize()[0]
        side = appearance().px(3.5) * unit
        for mark in self.marks:
            tip = QPointF(round(to_pixels.map(QPointF(mark, 0)).x()) + 0.5, corner.y())
            triangle = QPolygonF(
                [tip + QPointF(-side, 0), tip + QPointF(side, 0), tip + QPointF(0, 1.5 * side)]
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.ink3)
            painter.drawPolygon(triangle)
        painter.restore()
