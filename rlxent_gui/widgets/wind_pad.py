"""Eight directions and a calm in the middle, to choose a wind from."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.paint import box

SIDE = 72
_KEYS = {
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
NAMES = {
    (-1, 0): "up", (-1, 1): "up right", (0, 1): "right", (1, 1): "down right", (1, 0): "down",
    (1, -1): "down left", (0, -1): "left", (-1, -1): "up left", (0, 0): "calm",
}
Step = tuple[int, int]


class WindPad(QWidget):
    """``chosen((rows, columns))`` is emitted, −1, 0 or 1 each; arrow keys choose a neighbour."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step: Step | None = (0, 0)
        self._hot: Step | None = None
        self.setAccessibleName("Direction of the wind")
        self.setToolTip("Where the wind pushes; the arrow keys choose too")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        watch_focus(self, 6)
        appearance().changed.connect(self.updateGeometry)

    def show_step(self, step: Step | None) -> None:
        """Mark a direction, ``None`` for a wind between two of them."""
        self._step = step
        self.setAccessibleDescription("between two" if step is None else NAMES[step])
        self.update()

    def sizeHint(self) -> QSize:
        side = appearance().px(SIDE)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def rect_of(self, step: Step) -> QRectF:
        """Where a direction lies in the pad."""
        third = (self.width() - 2) / 3
        return QRectF(1 + (step[1] + 1) * third, 1 + (step[0] + 1) * third, third, third)

    def _at(self, point: QPointF) -> Step | None:
        return next((step for step in NAMES if self.rect_of(step).contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step = self._at(event.position())
        if step is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hot = self._at(event.position())
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hot = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _KEYS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        rows, columns = self._step or (0, 0)
        step = (min(max(rows + way[0], -1), 1), min(max(columns + way[1], -1), 1))
        if step != self._step:
            self.chosen.emit(step)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        with QPainter(self) as painter:
            box(painter, QRectF(self.rect()), 6, theme.sunken, theme.control)
            for step in NAMES:
                rect = self.rect_of(step).adjusted(1, 1, -1, -1)
                here = step == self._step
                if here or step == self._hot:
                    box(painter, rect, 4, theme.ink if here else theme.hairline)
                self._paint_arrow(painter, rect, step, here)

    def _paint_arrow(self, painter: QPainter, rect: QRectF, step: Step, here: bool) -> None:
        theme = appearance().theme
        painter.setPen(QPen(theme.surface if here else theme.ink2, 1.6, Qt.PenStyle.SolidLine,
                            Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        length, centre = 0.26 * rect.width(), rect.center()
        if step == (0, 0):
            painter.drawEllipse(centre, 0.5 * length, 0.5 * length)
            return
        along = QPointF(step[1], step[0])
        along /= (along.x() ** 2 + along.y() ** 2) ** 0.5
        across = QPointF(-along.y(), along.x())
        tip = centre + along * length
        painter.drawLine(centre - along * length, tip)
        back = tip - along * (0.8 * length)
        wing = across * (0.7 * length)
        painter.drawPolyline(QPolygonF([back + wing, tip, back - wing]))
