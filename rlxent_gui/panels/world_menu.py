"""The menu under the world's name: worlds and files, those that were open last among them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from rlxent_gui.actions import Actions

BOARD_MENU = (
    ("cut", "paste", "select_all", "crop"),
    ("resize", "rotate_left", "rotate_right", "mirror_horizontally", "mirror_vertically"),
    ("shift_up", "shift_right", "shift_down", "shift_left"),
    ("clear",),
)
NO_RECENT = "No recent files"


class WorldMenu(QMenu):
    """Emits ``command`` with "open_path"; the rest are the window's actions.

    ``recent`` gives the absolute paths of recent files, the latest first.
    """

    command = Signal(str, object)

    def __init__(
        self, actions: Actions, recent: Callable[[], tuple[str, ...]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._recent = recent
        self.setToolTipsVisible(True)
        self.addAction(actions["new"])
        self.addAction(actions["open"])
        self.recent_menu = self.addMenu("Open recent")
        self.addAction(actions["save"])
        self.addAction(actions["save_as"])
        self.addSeparator()
        self.addAction(actions["worlds"])
        self.addAction(actions["check_book"])
        self.addSeparator()
        self.addAction(actions["world_settings"])
        self.board_menu = self.addMenu("Board")
        self.board_menu.setToolTipsVisible(True)
        for group in BOARD_MENU:
            for id in group:
                self.board_menu.addAction(actions[id])
            self.board_menu.addSeparator()
        self.addSeparator()
        self.addAction(actions["export"])
        self.addAction(actions["save_run"])
        self.addAction(actions["export_python"])
        self.addAction(actions["copy_board"])
        self.addAction(actions["copy_plots"])
        self.addSeparator()
        self.addAction(actions["quit"])
        self.recent_menu.setToolTipsVisible(True)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        self.recent_menu.triggered.connect(self._open_recent)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self._recent():
            action = self.recent_menu.addAction(Path(path).name.replace("&", "&&"))
            action.setData(path)
            action.setToolTip(path)
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction(NO_RECENT).setEnabled(False)

    def _open_recent(self, action: QAction) -> None:
        if action.data():
            self.command.emit("open_path", action.data())
