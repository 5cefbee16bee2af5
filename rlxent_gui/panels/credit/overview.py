"""The whole episode below the strip where it scrolls: weights a pixel, and a marked window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_core.step_story import NOTHING
from rlxent_gui.credit_view import Floats
from rlxent_gui.panels.credit.columns import Columns, aggregate
from rlxent_gui.panels.credit.strip import scroll_by_wheel
from rlxent_gui.theme import appearance, faded
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.paint import box


class Overview(QWidget):
    """A click or a drag moves the window, and so do the arrow keys, Page, Home, End, the wheel.

    ``scrolled`` is emitted when it moved the columns.
    """

    scrolled = Signal()

    def __init__(self, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self._weights: Floats | None = None
        self._step = 0
        self._image = QImage()
        self._key: object = None
        self._grip: float | None = None
        self.setAccessibleName("All steps of the episode")
        self.setToolTip("The whole episode: drag the frame, or click, to see other steps")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        watch_focus(self, 4)
        appearance().changed.connect(self.updateGeometry)

    def show_weights(self, weights: Floats, step: int) -> None:
        self._weights, self._step = weights, step
        self.follow()

    def follow(self) -> None:
        """The columns moved."""
        columns = self.columns
        seen = columns.visible
        self.setAccessibleDescription(
            f"Steps {seen.start} to {seen.stop - 1} of 0 to {columns.count - 1}"
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(200), appearance().px(26))

    minimumSizeHint = sizeHint

    def _span(self) -> QRectF:
        """Where all steps lie."""
        left = self.columns.left
        return QRectF(left, 0, max(1.0, self.columns.end - left), self.height())

    def window_rect(self) -> QRectF:
        """The steps that the strip shows; never too narrow to be seen and held."""
        span, columns = self._span(), self.columns
        count = max(1, columns.count)
        width = max(span.width() * columns.shown / count, appearance().px(16))
        free = max(1, count - columns.shown)
        left = span.left() + (span.width() - width) * columns.first / free
        return QRectF(left, 0, width, self.height())

    def _go(self, first: float) -> None:
        if self.columns.scroll(round(first)):
            self.scrolled.emit()

    def _to(self, left: float) -> None:
        """Let the window begin at a pixel."""
        span, window = self._span(), self.window_rect()
        room = max(span.width() - window.width(), 1.0)
        free = self.columns.count - self.columns.shown
        self._go((left - span.left()) / room * free)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        window, x = self.window_rect(), event.position().x()
        self._grip = x - window.left() if window.contains(QPointF(x, 1)) else window.width() / 2
        self._to(x - self._grip)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._to(event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        scroll_by_wheel(self.columns, event)
        self.scrolled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self.columns
        first = {
            Qt.Key.Key_Left: columns.first - 1, Qt.Key.Key_Right: columns.first + 1,
            Qt.Key.Key_PageUp: columns.first - columns.shown,
            Qt.Key.Key_PageDown: columns.first + columns.shown,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: columns.count,
        }.get(Qt.Key(event.key()))
        if first is None:
            event.ignore()
        else:
            self._go(first)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._weights is None or not self.columns.scrolls:
            return
        theme, span = appearance().theme, self._span()
        bars = span.adjusted(0, 4, 0, -4)
        self._draw(bars)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.surface)
            box(painter, span.adjusted(0, 2, 0, -2), 4, theme.sunken, theme.hairline)
            painter.drawImage(bars.topLeft(), self._image)
            x = span.left() + span.width() * (self._step + 0.5) / self.columns.count
            painter.fillRect(QRectF(round(x) - 1, 2, 2, self.height() - 4), theme.ink)
            box(painter, self.window_rect().adjusted(0, 1, 0, -1), 4, faded(theme.ink, 0.08),
                theme.ink, 2)

    def _draw(self, area: QRectF) -> None:
        """The bars, a pixel each, as a picture that is kept: blue up, vermillion hatched down."""
        dpr, theme = self.devicePixelRatioF(), appearance().theme
        width, height = max(1, int(area.width() * dpr)), max(3, int(area.height() * dpr))
        assert self._weights is not None
        key = (self._weights.tobytes(), width, height, theme.name)
        if key == self._key:
            return
        self._key = key
        # What the strip calls 0 is no bar here, however small all the others are.
        low, high = aggregate(np.where(abs(self._weights) < NOTHING, 0.0, self._weights), width)
        top, bottom = float(high.max(initial=0.0)), float(low.min(initial=0.0))
        unit = (height - 1) / ((top - bottom) or 1.0)
        zero = round(top * unit) if top > bottom else height // 2
        y, x = np.arange(height)[:, None], np.arange(width)[None]
        up = (y < zero) & (y >= zero - np.ceil(high * unit))
        down = (y > zero) & (y <= zero + np.ceil(-low * unit))
        pixels = np.zeros((height, width), np.uint32)
        pixels[up], pixels[down] = theme.pos.rgba(), theme.neg.rgba()
        pixels[down & ((x + y) % 4 == 0)] = theme.sunken.rgba()
        pixels[zero] = theme.control.rgba()
        self._pixels = pixels
        self._image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
        self._image.setDevicePixelRatio(dpr)
