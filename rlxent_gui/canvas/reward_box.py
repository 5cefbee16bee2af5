"""The number that is typed over a cell: what the cell pays."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_core.world import Cell
from rlxent_gui.canvas.composition import pay, with_pay
from rlxent_gui.cell_words import cell_name, number
from rlxent_gui.document import Document
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.stepper import Stepper

WALL_PAYS_NOTHING = "A wall pays nothing: nobody enters it."


class RewardBox(Panel):
    """Opens over a cell; every step changes the world at once, also while it trains.

    All of it is one undo step.  Return or a click elsewhere closes it, Esc takes it back.
    ``closed(value)`` tells what the cell pays now, ``None`` where it was taken back.
    """

    closed = Signal(object)

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._board = parent
        self._document = document
        self._cell: Cell | None = None
        self._base = document.world
        self.stepper = Stepper("Reward", step=0.1, tip="Paid on entering, or where an exit or "
                               "a teleport pays, by that", format=number)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.addWidget(self.stepper)
        self.stepper.changed.connect(self._set)
        document.stroke_ended.connect(self._end)
        self.setAccessibleName("Reward of the cell")
        self.hide()

    @property
    def cell(self) -> Cell | None:
        """Whose reward is being typed."""
        return self._cell

    def open_at(self, cell: Cell, rect: QRectF) -> None:
        """Open over ``rect``, where the cell lies in the parent."""
        self._document.begin_stroke(f"Set the reward of {cell_name(cell)}")
        self._cell, self._base = cell, self._document.world
        self.stepper.set_value(pay(self._base.tile(cell)))
        self.adjustSize()
        parent = self._board.rect()
        at = QPoint(round(rect.center().x() - self.width() / 2), round(rect.bottom() + 4))
        if at.y() + self.height() > parent.height():
            at.setY(round(rect.top() - 4 - self.height()))
        at.setX(min(max(at.x(), 0), parent.width() - self.width()))
        self.move(at.x(), max(at.y(), 0))
        self.show()
        self.raise_()
        self.stepper.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.stepper.field.selectAll()

    def close_box(self) -> None:
        """Keep what was typed."""
        if self._cell is not None:
            self.stepper.commit()
            self._document.end_stroke()

    def _set(self, value: float) -> None:
        if self._cell is not None and self._document.in_stroke:
            tile = with_pay(self._base.tile(self._cell), value)
            self._document.extend_stroke(self._base.with_tiles({self._cell: tile}))

    def _end(self) -> None:
        """The step is over, by whatever ended it."""
        if self._cell is None:
            return
        cell, self._cell = self._cell, None
        held = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if held:
            self._board.setFocus(Qt.FocusReason.OtherFocusReason)
        world = self._document.world
        self.closed.emit(pay(world.tile(cell)) if world.contains(cell) else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._document.cancel_stroke()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_box()
        else:
            super().keyPressEvent(event)
