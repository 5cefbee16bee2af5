"""The drawing tools at the left of the board, undo and redo below them."""

from __future__ import annotations

from itertools import chain

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.actions import COMMANDS, Actions
from rlxent_gui.panels.places import RAIL_GROUPS, rail_columns
from rlxent_gui.panels.places import RAIL_MARGIN as MARGIN
from rlxent_gui.panels.places import RAIL_SEPARATOR as SEPARATOR
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import ToolButton
from rlxent_gui.widgets.paint import box


def _rows(ids: list[str], columns: int) -> list[list[str]]:
    return [ids[i : i + columns] for i in range(0, len(ids), columns)]


class ToolRail(QWidget):
    """Buttons of the tools’ actions; a low window gets lower ones, or more columns of them."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tools")
        self.buttons: dict[str, ToolButton] = {}
        for id in chain(*RAIL_GROUPS):
            command = COMMANDS[id]
            button = ToolButton(command.icon, command.key_text if command.checkable else "",
                                parent=self)
            button.follow(actions[id])
            self.buttons[id] = button
        self._lines: list[int] = []
        appearance().changed.connect(self._arrange)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Tools from the top, undo and redo at the bottom; abreast where it is low."""
        columns = rail_columns(self.height(), appearance().factor)
        side = (self.width() - 2 * MARGIN) // columns
        rows = [_rows(list(group), columns) for group in RAIL_GROUPS]
        count = sum(map(len, rows))
        spare = self.height() - 2 * MARGIN - (len(RAIL_GROUPS) - 1) * SEPARATOR
        pitch = min(appearance().px(44 if side >= 42 else 40), spare / count)
        height = min(appearance().px(40), side, int(pitch) - 1)
        self._lines = []
        top = float(MARGIN)
        for number, group in enumerate(rows):
            if number == len(RAIL_GROUPS) - 1:
                top = max(top, self.height() - MARGIN - len(group) * pitch)
            if number:
                self._lines.append(round(top - SEPARATOR / 2))
            for row in group:
                for column, id in enumerate(row):
                    button = self.buttons[id]
                    button.set_compact(height < appearance().px(38))
                    at = round(top + (pitch - height) / 2)
                    button.setGeometry(MARGIN + column * side, at, side, height)
                top += pitch
            top += SEPARATOR
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        with QPainter(self) as painter:
            box(painter, QRectF(self.rect()), 8, theme.surface, theme.border)
            for y in self._lines:
                painter.fillRect(MARGIN + 2, y, self.width() - 2 * MARGIN - 4, 1, theme.hairline)
