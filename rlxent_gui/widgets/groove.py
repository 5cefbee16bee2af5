"""The bare slider."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.focus import keep_arrows, watch_focus
from rlxent_gui.widgets.paint import box

TICKS = 1000


class Groove(QSlider):
    """The bare slider: a 4 px groove and a round knob of ink.

    ``moved(fraction)`` is emitted while the user drags or clicks, ``stepped(n)`` for n steps of
    the arrow keys or the wheel, ``edit_asked`` for Return.
    """

    moved = Signal(float)
    stepped = Signal(int)
    edit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, TICKS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        watch_focus(self, 6)
        keep_arrows(self)
        appearance().changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(120), appearance().px(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(appearance().px(56), appearance().px(22))

    @property
    def fraction(self) -> float:
        return self.value() / TICKS

    def set_fraction(self, fraction: float) -> None:
        """Put the knob there; emits nothing of ours."""
        self.setValue(round(fraction * TICKS))

    def _knob(self) -> float:
        return appearance().px(7)

    def _span(self) -> tuple[float, float]:
        """The knob's leftmost and rightmost centre."""
        edge = self._knob() + 2
        return edge, max(edge + 1.0, self.width() - edge)

    def _fraction_at(self, x: float) -> float:
        left, right = self._span()
        return min(max((x - left) / (right - left), 0.0), 1.0)

    def _take(self, event: QMouseEvent) -> None:
        fraction = self._fraction_at(event.position().x())
        self.set_fraction(fraction)
        self.moved.emit(fraction)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._take(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without the focus the wheel belongs to the panel that scrolls past.
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -5, Qt.Key.Key_PageUp: 5,
        }.get(Qt.Key(event.key()))
        if steps is not None:
            self.stepped.emit(steps)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit_asked.emit()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = appearance()
        theme = look.theme
        left, right = self._span()
        x = left + self.fraction * (right - left)
        y, thick, knob = self.height() / 2, look.px(4), self._knob()
        rest = QRectF(2, y - thick / 2, self.width() - 4, thick)
        enabled = self.isEnabled()
        box(painter, rest, thick / 2, theme.border)
        if enabled:
            done = QRectF(rest)
            done.setRight(x)
            box(painter, done, thick / 2, theme.ink2)
        paper = self.palette().window().color() if self._on_window() else theme.surface
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawEllipse(QPointF(x, y), knob + 2, knob + 2)
        hot = self.underMouse() or self.isSliderDown()
        painter.setBrush((theme.ink2 if hot else theme.ink) if enabled else look.disabled)
        painter.drawEllipse(QPointF(x, y), knob, knob)

    def _on_window(self) -> bool:
        """Whether the slider lies on the window's paper instead of a card's."""
        parent = self.parentWidget()
        while parent is not None:
            if parent.property("paper") == "surface":
                return False
            parent = parent.parentWidget()
        return True
