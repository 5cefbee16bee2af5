"""Answers the board's commands, and opens the popover with the world's settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from rlxent_core.world import Cell, World
from rlxent_gui.actions import Actions
from rlxent_gui.board_commands import BoardCommands
from rlxent_gui.canvas.board import Board
from rlxent_gui.document import Document
from rlxent_gui.panels.world_panel import WorldPanel
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.chip import Popover


class WorldSettings(QObject):
    """``button`` opens and closes the popover; it is built when it is opened first."""

    def __init__(
        self, document: Document, commands: BoardCommands, actions: Actions, board: Board,
        button: Button,
    ) -> None:
        super().__init__(board)
        self._document, self._commands, self._actions = document, commands, actions
        self._board, self._button = board, button
        self._popover: Popover | None = None
        self.panel: WorldPanel | None = None
        actions.asked.connect(self._asked)
        document.world_changed.connect(self._follow)
        board.selection.changed.connect(self._enable)
        self._enable()

    @property
    def is_open(self) -> bool:
        return self._popover is not None and self._popover.is_open

    def toggle(self) -> None:
        if self._popover is not None and self._popover.is_open:
            self._popover.close_popover()
        else:
            self._open()

    def _asked(self, id: str) -> None:
        board = self._board
        if id == "world_settings":
            self.toggle()
        elif id == "resize":
            self._ask_size()
        elif id == "crop":
            self._commands.crop(board.selection.rectangle)
        elif id == "cut":
            board.selection.cut()
        elif id == "paste":
            board.paste()
        elif id == "select_all":
            board.select_all()
        else:
            self._commands.run(id)

    def _ask_size(self) -> None:
        panel = self._open()
        rows = panel.board.size_chooser.rows
        rows.setFocus(Qt.FocusReason.ShortcutFocusReason)
        rows.selectAll()
        if self._popover is not None:
            self._popover.reveal(panel.board)

    def _open(self) -> WorldPanel:
        if self._popover is None or self.panel is None:
            self.panel = WorldPanel(self._actions)
            self.panel.field.connect(self._set_field)
            self.panel.board.resize_asked.connect(self._resize)
            self._popover = Popover(self._board.window())
            self._popover.set_content(self.panel)
            self._popover.setAccessibleName("World settings")
        self.panel.complain("")
        self.panel.apply(self._document.world)
        if not self._popover.is_open:
            self._popover.open_below(self._button)
        return self.panel

    def _set_field(self, name: str, value: object) -> None:
        if self.panel is not None:
            self.panel.complain(self._commands.set_field(name, value))

    def _resize(self, rows: int, columns: int, anchor: Cell) -> None:
        if self.panel is not None:
            self.panel.complain(self._commands.resize(rows, columns, anchor))

    def _follow(self, old: World, new: World) -> None:
        if self.panel is not None and self.is_open:
            self.panel.apply(new)

    def _enable(self) -> None:
        for id in ("cut", "crop"):
            self._actions[id].setEnabled(self._board.selection.rectangle is not None)
