"""What the keys mean on the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from rlxent_gui.canvas.tools import Tool

if TYPE_CHECKING:
    from rlxent_gui.canvas.board import Board

SHIFT = Qt.KeyboardModifier.ShiftModifier
WHEEL_KEYS = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
ARROW_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class BoardKeys:
    """Does with the keys what the mouse does, see :class:`Board`."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here, which then is done."""
        board = self._board
        key = Qt.Key(event.key())
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = not held
        if plain and self._key_for_selection(key):
            return True
        if held == Qt.KeyboardModifier.ShiftModifier and key in ARROW_KEYS:
            self._extend_selection(*ARROW_KEYS[key])
        elif plain and key in ARROW_KEYS:
            self._move_selection(*ARROW_KEYS[key])
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._apply_tool()
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and board.selected:
            board.editor.press(board.selected, erase=True)
            board.editor.release()
        elif key in WHEEL_KEYS and board.selected and board.editor.wheel(
            board.selected, WHEEL_KEYS[key], bool(event.modifiers() & SHIFT)
        ):
            return True
        elif key == Qt.Key.Key_Escape and (board.cancel() or board.selected is not None):
            if board.editor.stroke is None and board.selected is not None:
                board.select(None)
        else:
            return False
        return True

    def _key_for_selection(self, key: Qt.Key) -> bool:
        """Carry on, put down or erase with a plain key; False where it means something else."""
        board = self._board
        if board.selection.is_pasting and key in ARROW_KEYS:
            board.selection.carry_by(*ARROW_KEYS[key])
        elif board.selection.is_pasting and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            board.selection.put_down()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return board.selection.erase()
        elif key == Qt.Key.Key_Escape and board.editor.stroke is None:
            return board.selection.cancel()
        else:
            return False
        return True

    def _extend_selection(self, rows: int, columns: int) -> None:
        """As Shift and an arrow do it; the tool becomes Select."""
        board = self._board
        if board.editor.stroke is not None or board.selection.is_pasting:
            return
        board.tool = Tool.SELECT
        if board.selected is None:
            board.select((0, 0))
        board.reveal(board.selection.extend(board.selected or (0, 0), rows, columns))

    def _move_selection(self, rows: int, columns: int) -> None:
        board = self._board
        if board.selection.rectangle is not None:
            board.selection.clear()
        if board.selected is None:
            board.select((0, 0))
            return
        row, column = board.selected
        cell = (row + rows, column + columns)
        if board.view.world.contains(cell):
            board.select(cell)
            board.reveal(cell)
            board.editor.extend(cell)

    def _apply_tool(self) -> None:
        board, cell = self._board, self._board.selected
        if board.aims:
            if cell is not None:
                board.tell_aim(cell)
        elif board.editor.waits:
            board.editor.press_again(cell)
            board.editor.release()
        elif board.editor.stroke is not None:
            board.editor.release()
        elif cell is not None:
            board.editor.press(cell)
            if board.tool not in (Tool.SELECT, Tool.RECTANGLE, Tool.TELEPORT):
                board.editor.release()
