"""One plot area: curves by pyqtgraph; axes, direct labels and leaders painted around them.

Importing pyqtgraph takes a third of a second: only :mod:`rlxent_gui.plots.plot_card` imports this
module, in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from rlxent_core.curves import decimate
from rlxent_gui.plots.dashes import dashes
from rlxent_gui.plots.data import Floats
from rlxent_gui.plots.ink import Curve, Rules, Stroke
from rlxent_gui.plots.ranges import spread, tick_text, ticks
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.text import Label

LEFT, GUTTER, BOTTOM, TOP = 38, 104, 24, 8
DOT = 5
"""Pixels that a curve of a single point is long."""
MARK = "the world or a setting was changed"
MOST_POINTS = 1000

@dataclass(frozen=True)
class EndLabel:
    """A curve's name at its last value ``y``; where room is short, the first ones are kept."""

    text: str
    y: float
    role: str = "ink"
    weight: QFont.Weight = SEMIBOLD
    tip: str = ""


class Chart(QWidget):
    """Curves over the updates.

    ``tick_text`` writes the values of the vertical axis; ``whole`` keeps its ticks to whole
    numbers.  Call :meth:`set_range` first: points and dashes are chosen for what it shows.
    ``resized`` is emitted when they should be chosen anew.
    """

    resized = Signal()

    def __init__(
        self,
        tick_text: Callable[[float], str] = tick_text,
        whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tick_text, self._whole = tick_text, whole
        self.view = _View(self)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0)
        self.box.disableAutoRange()
        self.view.setCentralItem(self.box)
        self._rules = Rules()
        self.box.addItem(self._rules, ignoreBounds=True)
        self._curves: dict[str, Curve] = {}
        self.labels: tuple[EndLabel, ...] = ()
        self.marks: tuple[int, ...] = ()
        self.x_end, self.y_low, self.y_high = 20.0, 0.0, 1.0
        self.x_ticks: list[float] = []
        self.y_ticks: list[float] = []
        self.message = Label("", 13, wrap=True, parent=self)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.message.setAutoFillBackground(True)
        self.message.hide()
        appearance().changed.connect(self._restyle)
        self._restyle()

    # What is drawn

    def set_curve(
        self, name: str, x: Floats, y: Floats, stroke: Stroke, above: float = 0.0
    ) -> None:
        """Draw y(x), with at most as many points as can be told apart; nan leaves a gap."""
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = Curve()
            self.box.addItem(curve, ignoreBounds=True)
        curve.take_stroke(stroke)
        curve.setZValue(above)
        width = self.view.width()
        x, y = decimate(x, y, max(100, min(MOST_POINTS, width)))
        if len(x) == 1:
            # One measurement is a short line of its own: a label must not stand for nothing.
            x, y = np.array([x[0], x[0] + DOT * self.x_end / width]), np.repeat(y, 2)
        if stroke.dash:
            pattern = [part * stroke.width for part in stroke.dash]
            x, y = dashes(x, y, pattern, width / self.x_end)
        curve.setData(x, y)

    def keep_curves(self, names: set[str]) -> None:
        """Remove all other curves."""
        for name in self._curves.keys() - names:
            self.box.removeItem(self._curves.pop(name))

    def curve_points(self, name: str) -> tuple[Floats, Floats] | None:
        """What is drawn of a curve."""
        curve = self._curves.get(name)
        return None if curve is None else curve.getData()

    def set_range(self, x_end: float, y_low: float, y_high: float) -> None:
        """Show updates 0..x_end and values y_low..y_high."""
        if (x_end, y_low, y_high) != (self.x_end, self.y_low, self.y_high):
            self.x_end, self.y_low, self.y_high = x_end, y_low, y_high
            self._scale()

    def set_labels(self, labels: Sequence[EndLabel], marks: tuple[int, ...] = ()) -> None:
        """Name the curves at their ends; mark the updates at which the world changed."""
        if tuple(labels) != self.labels:
            self.labels = tuple(labels)
            self.update(self._gutter())
        if marks != self.marks:
            self.marks = marks
            self._rules.show_marks(marks)

    def set_message(self, text: str) -> None:
        """Say why there is nothing to see; an empty text says nothing."""
        if text != self.message.text():
            self.message.setText(text)
            self.message.setVisible(bool(text))
            self._place_message()

    # Layout

    def _restyle(self) -> None:
        self.view.setBackground(appearance().theme.surface)
        palette = self.message.palette()
        palette.setColor(QPalette.ColorRole.Window, appearance().theme.surface)
        self.message.setPalette(palette)
        for curve in self._curves.values():
            curve.dress()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self.resized.emit()

    def _place(self) -> None:
        px = appearance().px
        self.view.setGeometry(self._area())
        self.setMinimumSize(px(LEFT + GUTTER + 80), px(TOP + BOTTOM + 32))
        self._place_message()
        self._scale()

    def _area(self) -> QRect:
        px = appearance().px
        return QRect(
            px(LEFT), px(TOP), max(1, self.width() - px(LEFT + GUTTER)),
            max(1, self.height() - px(TOP + BOTTOM)),
        )

    def _gutter(self) -> QRect:
        left = self._area().right() + 1
        return QRect(left, 0, self.width() - left, self.height())

    def _place_message(self) -> None:
        edge, area = appearance().px(12), self._area()
        room = max(1, area.width() - 2 * edge)
        metrics = QFontMetricsF(self.message.font())
        width = min(room, round(metrics.horizontalAdvance(self.message.text())) + 2 * edge)
        place = QRect(0, 0, width, self.message.heightForWidth(width))
        place.moveCenter(area.center())
        self.message.setGeometry(place)
        self.message.raise_()

    def _scale(self) -> None:
        px, area = appearance().px, self._area()
        self.y_ticks = ticks(self.y_low, self.y_high, max(3, area.height() // px(48)), self._whole)
        most = max(2, min(6, area.width() // px(72)))
        # The last tick would run into the word at the end of the axis.
        self.x_ticks = [t for t in ticks(0, self.x_end, most, True) if t <= 0.94 * self.x_end]
        self.box.setRange(
            xRange=(0, self.x_end), yRange=(self.y_low, self.y_high), padding=0, update=True
        )
        self._rules.cover(self.x_end, self.y_low, self.y_high, self.y_ticks)
        self.update()

    def x_of(self, update: float) -> float:
        """Where an update lies, in pixels of this widget."""
        area = self._area()
        return area.left() + area.width() * update / self.x_end

    def y_of(self, value: float) -> float:
        """Where a value lies, in pixels of this widget."""
        area = self._area()
        part = (value - self.y_low) / (self.y_high - self.y_low)
        return area.bottom() + 1 - area.height() * part

    # Around the curves

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
        return QFontMetricsF(appearance().font(13, SEMIBOLD)).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, area = appearance(), self._area()
        px, theme = look.px, look.theme
        painter.setFont(look.font(12, MEDIUM))
        painter.setPen(theme.ink2)
        line = QFontMetricsF(painter.font()).height()
        for value in self.y_ticks:
            y = self.y_of(value)
            painter.drawText(
                QRectF(0, y - line / 2, area.left() - px(7), line),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                self._tick_text(value),
            )
        below = area.bottom() + 1 + px(5)
        for value in self.x_ticks:
            painter.drawText(
                QRectF(self.x_of(value) - 60, below, 120, line), Qt.AlignmentFlag.AlignHCenter,
                tick_text(value),
            )
        painter.setFont(look.font(12))
        painter.drawText(QPointF(area.right() + px(8), below + line * 0.78), "update")
        painter.fillRect(area.left(), area.bottom() + 1, area.width(), 1, theme.control)
        self._paint_labels(painter, area)

    def _paint_labels(self, painter: QPainter, area: QRect) -> None:
        look = appearance()
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

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, point: QPointF) -> str:
        """What the pointer says there: that something was changed, or what a label means."""
        if self._gutter().contains(point.toPoint()):
            line = self._line_height()
            for label, middle in self.placed_labels():
                if abs(point.y() - middle) <= line / 2:
                    return label.tip or label.text
            return ""
        near = [m for m in self.marks if abs(self.x_of(m) - point.x()) <= appearance().px(5)]
        return f"After update {near[-1]} {MARK}" if near else ""


class _View(pg.GraphicsView):  # type: ignore[misc]
    """The surface of the curves: no mouse, no wheel, no focus of its own."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart
        self.enableMouse(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameStyle(0)
        # Clipping smooth strokes to a region costs more than drawing them all: 11 against 4 ms.
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(False)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = QPointF(self.mapTo(self._chart, event.pos()))
            QToolTip.showText(event.globalPos(), self._chart.tip_at(at), self)
            return True
        return bool(super().viewportEvent(event))


def last_number(values: Floats) -> float | None:
    """The last value that is a number."""
    finite = np.flatnonzero(np.isfinite(values))
    return float(values[finite[-1]]) if len(finite) else None
