"""A mouse over a board, in cells."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Hand:
    """Presses, moves and releases over the middles of cells."""

    def __init__(self, board):
        self.board, self.buttons = board, NONE

    def _point(self, cell):
        grid = self.board.grid()
        return QPointF(
            grid.left + (cell[1] + 0.5) * grid.side, grid.top + (cell[0] + 0.5) * grid.side
        )

    def _send(self, kind, cell, button, buttons, modifiers):
        at = self._point(cell)
        where = QPointF(self.board.mapToGlobal(at))
        event = QMouseEvent(kind, at, where, button, buttons, modifiers)
        QApplication.sendEvent(self.board, event)

    def press(self, cell, button=LEFT, modifiers=PLAIN):
        self.buttons = button
        self._send(QEvent.Type.MouseButtonPress, cell, button, button, modifiers)

    def move(self, cell, modifiers=PLAIN):
        self._send(QEvent.Type.MouseMove, cell, NONE, self.buttons, modifiers)

    def release(self, cell, button=LEFT):
        self.buttons = NONE
        self._send(QEvent.Type.MouseButtonRelease, cell, button, NONE, PLAIN)

    def click(self, cell, button=LEFT, modifiers=PLAIN):
        self.press(cell, button, modifiers)
        self.release(cell, button)

    def drag(self, *cells, button=LEFT, modifiers=PLAIN):
        self.press(cells[0], button, modifiers)
        for cell in cells[1:]:
            self.move(cell, modifiers)
        self.release(cells[-1], button)

    def wheel(self, cell, notches=1, modifiers=PLAIN, delta=120):
        """Turn the wheel over a cell, a notch at a time."""
        at = self._point(cell)
        for _ in range(abs(notches)):
            angle = QPoint(0, delta if notches > 0 else -delta)
            event = QWheelEvent(
                at, QPointF(self.board.mapToGlobal(at)), QPoint(), angle, NONE, modifiers,
                Qt.ScrollPhase.NoScrollPhase, False,
            )
            QApplication.sendEvent(self.board, event)
