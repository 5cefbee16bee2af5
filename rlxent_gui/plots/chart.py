"""One plot area: curves by pyqtgraph; axes, direct labels and leaders painted around them.

Importing pyqtgraph takes a third of a second: only :mod:`rlxent_gui.plots.plot_card` imports this
module, in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from rlxent_gui.plots.dashes import DOTS
from rlxent_gui.plots.data import Floats
from rlxent_gui.plots.frame import BOTTOM, LEFT, TOP, EndLabel, Frame
from rlxent_gui.plots.ink import Curve, Rules, Stroke
from rlxent_gui.plots.ranges import tick_text
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.widgets.text import Label

MARK = "the world or a setting was changed"


class Chart(QWidget, Frame):
    """Curves over the updates.

    ``tick_text`` writes the values of the vertical axis; ``whole`` keeps its ticks to whole
    numbers.  Call :meth:`set_range` first: points and dashes are chosen for what it shows.
    ``resized`` is emitted when they should be chosen anew.  It wears ``look`` on bare ground, or
    else what the application wears on a card.
    """

    resized = Signal()

    def __init__(
        self,
        tick_text: Callable[[float], str] = tick_text,
        whole: bool = False,
        parent: QWidget | None = None,
        look: Appearance | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._ground = look or appearance(), "bg" if look else "surface"
        self.tick_text, self.whole = tick_text, whole
        self.view = _View(self)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0)
        self.box.disableAutoRange()
        self.view.setCentralItem(self.box)
        self._rules = Rules()
        self.box.addItem(self._rules, ignoreBounds=True)
        self._curves: dict[str, Curve] = {}
        self.marks: tuple[int, ...] = ()
        self.message = Label("", 13, wrap=True, parent=self, look=look)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.message.setAutoFillBackground(True)
        self.message.hide()
        self._look.changed.connect(self._restyle)
        self._restyle()

    @property
    def look(self) -> Appearance:
        return self._look

    # What is drawn

    def set_curve(
        self, name: str, x: Floats, y: Floats, stroke: Stroke, above: float = 0.0
    ) -> None:
        """Draw y(x), with at most as many points as can be told apart; nan leaves a gap."""
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = Curve()
            self.box.addItem(curve, ignoreBounds=True)
        # A dot is twice as wide as a curve, however wide that is.
        lines = 2 if stroke.dash == DOTS else 1
        stroke = stroke._replace(width=lines * self.look.stroke(stroke.width / lines))
        curve.take_stroke(stroke)
        curve.setZValue(above)
        curve.setData(*self.points(x, y, stroke.width, stroke.dash, self.view.width()))

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
        ground = getattr(self.look.theme, self._ground)
        self.view.setBackground(ground)
        palette = self.message.palette()
        palette.setColor(QPalette.ColorRole.Window, ground)
        self.message.setPalette(palette)
        for curve in self._curves.values():
            curve.dress()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self.resized.emit()

    def _place(self) -> None:
        px = self.look.px
        self.view.setGeometry(self._area())
        self.setMinimumSize(px(LEFT + self.gutter + 80), px(TOP + BOTTOM + 32))
        self._place_message()
        self._scale()

    def _gutter(self) -> QRect:
        left = self._area().right() + 1
        return QRect(left, 0, self.width() - left, self.height())

    def _place_message(self) -> None:
        edge, area = self.look.px(12), self._area()
        room = max(1, area.width() - 2 * edge)
        metrics = QFontMetricsF(self.message.font())
        width = min(room, round(metrics.horizontalAdvance(self.message.text())) + 2 * edge)
        place = QRect(0, 0, width, self.message.heightForWidth(width))
        place.moveCenter(area.center())
        self.message.setGeometry(place)
        self.message.raise_()

    def _scale(self) -> None:
        self._choose_ticks()
        self.box.setRange(
            xRange=(0, self.x_end), yRange=(self.y_low, self.y_high), padding=0, update=True
        )
        self._rules.cover(self.x_end, self.y_low, self.y_high, list(self.y_ticks))
        self.update()

    # Around the curves

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_axes(QPainter(self))

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
        near = [m for m in self.marks if abs(self.x_of(m) - point.x()) <= self.look.px(5)]
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
