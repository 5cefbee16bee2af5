"""A started program with files to open, in a folder of its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

import rlxent_resources
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text, write_file
from rlxent_gui import theme
from rlxent_gui.app import FIRST_WORLD, App, collect_once_loaded
from rlxent_gui.document import Document
from rlxent_gui.main_window import MainWindow
from rlxent_gui.preferences import Preferences

BAD = {
    "broken.json": '{"format": "rlxent-world", "version": 1, "map": ["S.',
    "unknown_key.json": '{"format": "rlxent-world",\n"version": 1,\n"map": ["S.G"],\n"reward": 3}',
    "empty.txt": "",
    "sentence.txt": "This is no map, and says so in many words.\n\n\tTwice.",
    "map.txt": "S.#.\n..#G\n....\n",
}
MISSING = "not_there.json"
GOOD = ("big.json", "drawn.json", "map.txt", "tiny.json")
SAVED = ("saved.json", "again.json")
RUNS = ("run.json",)
"""Written by the monkey itself, if it comes to that."""


class Room:
    """One window after the other, on the same files and preferences."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self.preferences = Preferences(folder / "preferences.json")
        theme.appearance().install(application, self.preferences)
        write_files(folder)
        self.app = self._open()

    @property
    def window(self) -> MainWindow:
        return self.app.window

    @property
    def closed(self) -> bool:
        """Whether the user has closed the window."""
        return not self.app.window.isVisible()

    def _open(self) -> App:
        document = Document(read_text(rlxent_resources.world_text(FIRST_WORLD)))
        app = App(
            self.preferences, document, device="cpu", autosave_folder=self.folder / "autosave"
        )
        collect_once_loaded(app)
        app.start()
        app.window.activateWindow()
        return app

    def reopen(self) -> None:
        """Start again, as after the end."""
        self.close()
        self.app = self._open()

    def close(self) -> None:
        """End everything, saved or not."""
        self.app.close()
        self.app.document.undo_stack.setClean()
        self.app.window.close()
        self.app.window.deleteLater()
        for _ in range(3):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            QCoreApplication.processEvents()

    def spin(
        self, seconds: float, turn: Callable[[Callable[[], object]], None],
        until: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Let the event loop go round for a while, or until something holds."""
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                return False
            turn(self._application.processEvents)
            time.sleep(0.0005)
        return True


def write_files(folder: Path) -> None:
    """Something of each kind that can be opened, and of what cannot."""
    random_state = random.Random(5)
    for name, text in BAD.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "noise.json").write_bytes(random_state.randbytes(3000))
    tiles = (Tile(wall=True), Tile(slip=0.2), Tile(reward=-0.5), Tile(wind=(-1, 0)))
    for name, rows, columns in (("drawn.json", 7, 12), ("big.json", 40, 40), ("tiny.json", 1, 2)):
        drawn = {
            (r, c): random_state.choice(tiles)
            for r in range(rows) for c in range(columns) if random_state.random() < 0.3
        }
        ends = {(0, 0): Tile(start=1.0), (rows - 1, columns - 1): Tile(terminal=True, reward=1.0)}
        empty = World(("." * columns,) * rows, max_steps=100, name=name.split(".")[0].title())
        write_file(empty.with_tiles(drawn | ends), folder / name)
