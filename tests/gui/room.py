"""The whole program in one window, as a user meets it: real widgets, real training, real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog
from pytestqt.qtbot import QtBot

import rlxent_resources
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.app import App
from rlxent_gui.document import Document
from rlxent_gui.pacing import LEVELS
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import CardView, RunState
from rlxent_gui.widgets.message import MessageCard

LONG = 30_000


class Room:
    """A started program, what hands can do to it, and what eyes see of its cards."""

    SPACE, S, CONTROL = Qt.Key.Key_Space, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier

    def __init__(
        self, qtbot: QtBot, folder: Path, world: str = "sparse5", device: str = "cpu",
        size: tuple[int, int] = (1366, 768),
    ) -> None:
        self.qtbot, self.folder = qtbot, folder
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        preferences = Preferences(folder / "preferences.json")
        theme.appearance().install(application, preferences)
        self.app = App(
            preferences, Document(read_text(rlxent_resources.world_text(world))), device=device,
            autosave_folder=folder / "autosave",
        )
        self.window = self.app.window
        self.window.resize(*size)

    def start(self) -> Room:
        with self.qtbot.waitSignal(self.window.built, timeout=LONG):
            self.app.start()
        self.window.activateWindow()
        self.until(lambda: self.state is not RunState.LOADING)
        return self

    def close(self) -> None:
        self.app.close()
        self.app.document.undo_stack.setClean()
        self.window.close()
        self.window.deleteLater()
        assert not self.app.training.is_alive()

    @property
    def state(self) -> RunState:
        return self.app.presenter.run.state

    @property
    def update(self) -> int:
        return self.app.presenter.update

    @property
    def device(self) -> str:
        """As the line at the bottom names it."""
        return str(self.app.presenter._display.shown("status").device)  # type: ignore[attr-defined]

    @property
    def cards(self) -> dict[str, CardView]:
        """Those that are seen, by their titles."""
        return {view.title: view for view in self.window.scene.cards.views}

    def until(self, seen: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(seen, timeout=LONG)

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.qtbot.keyClick(self.window, key, modifier)

    def flat_out(self) -> None:
        for _ in LEVELS:
            self.key(Qt.Key.Key_Equal)

    def wall(self, *cells: tuple[int, int]) -> None:
        """Draw a wall with the mouse."""
        self.key(Qt.Key.Key_W)
        board = self.window.board
        points = [board.grid().rect(cell).center().toPoint() for cell in cells]
        self.qtbot.mousePress(board, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            self.qtbot.mouseMove(board, point)
        self.qtbot.mouseRelease(board, Qt.MouseButton.LeftButton, pos=points[-1])

    def card(self, title: str) -> MessageCard:
        """The card with this title, as soon as it is there."""
        self.until(lambda: title in self.cards)
        index = list(self.cards).index(title)
        return self.window.scene.cards.cards[index]

    def press(self, title: str, text: str) -> None:
        """Click a button of a card."""
        card = self.card(title)
        button = next(b for b in card.findChildren(QAbstractButton) if b.text() == text)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def save_dialog(self, path: Path) -> None:
        """Name a file in the dialog that is open, and accept."""
        dialog = self.window.findChild(QFileDialog)
        assert dialog is not None
        self.until(dialog.isVisible)
        dialog.setDirectory(str(path.parent))
        dialog.selectFile(path.name)
        dialog.accept()

    def answer(self, text: str) -> None:
        """Click a button of the sheet."""
        sheet = self.app.files.sheet
        assert sheet is not None
        button = next(button for button in sheet.buttons if button.text() == text)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
