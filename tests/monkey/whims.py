"""What a monkey might do next: a random act that suits what is to be seen."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

import rlxent_resources
from rlxent_gui.actions import SCENES, TABLE
from tests.monkey.hands import Act, dialog, menu, seen
from tests.monkey.room import BAD, GOOD, MISSING, RUNS, SAVED, Room

KEYS = (
    "Tab", "Shift+Tab", "Return", "Esc", "Space", "Left", "Right", "Up", "Down", "Home", "End",
    "PgUp", "PgDown", "Del", "Backspace", "Shift+Right", "Shift+Down", "Shift+Up", "Shift+Left",
    "Ctrl+Left", "Ctrl+Right", "Ctrl+Up", "Ctrl+Down", "F10", "Menu", "X", "0", "7", ".",
)
TEXTS = (
    "0.5", "-1", "−2.5", "0", "1e9", "-1e-7", "nan", "inf", "", "12345678901234567890", "3", "40",
    "100", "0.99", "maze", "Größe 🐒", "a b", "1/3", "--", "1e400", ",", "0,25", "%",
)
MAPS = (
    "S.G", "S#.\n..G\n", "SSSS\nGGGG", "no map at all", "", "....\n....\n", "S" * 60,
    "\n".join(["." * 40] * 40), "S.\n.\n", "🐒",
)
SIZES = ((900, 600), (1024, 768), (1366, 768), (1440, 900), (1920, 1080), (2560, 1440), (300, 200))
RARELY = {"quit": 0.05, "full_screen": 0.3, "new": 0.3, "open": 0.3, "save_as": 0.4}
"""How often an action is asked for, where not as often as others."""
PASSIVE = (QLabel, QMainWindow)


class Whims:
    """Draws acts from a seed; what is on the screen says which make sense."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def next(self, room: Room) -> Act:
        """The next act."""
        if dialog() is not None:
            return self._answer()
        if menu() is not None and self._random.random() < 0.9:
            return self._in_menu()
        if room.app.files.sheet is not None and self._random.random() < 0.3:
            return self._decide(room)
        chances: tuple[tuple[float, Callable[[Room], Act | None]], ...] = (
            (14, self._ask), (12, self._shortcut), (12, self._key), (22, self._click),
            (13, self._draw), (4, self._drag), (2, self._double), (5, self._wheel),
            (4, self._hover), (5, self._type), (2, self._resize), (7, self._wait),
            (2, self._file), (1.5, self._preset), (1.5, self._paste), (0.7, self._history),
            (2, self._leave), (3, self._go), (4, self._train),
        )
        weights, whims = zip(*chances, strict=True)
        while True:
            (whim,) = self._random.choices(whims, weights)
            act = whim(room)
            if act is not None:
                return act

    # --- the mouse

    def _at(self) -> tuple[float, float]:
        """Anywhere, to a tenth of a percent, so that it can be read."""
        return round(self._random.random(), 3), round(self._random.random(), 3)

    def _widget(self, suits: Callable[[QWidget], bool]) -> str | None:
        """One of those that suit, each class as likely as another."""
        kinds: dict[str, list[str]] = {}
        for name, widget in seen():
            if suits(widget) and not isinstance(widget, PASSIVE):
                kinds.setdefault(name.split(":")[0], []).append(name)
        if not kinds:
            return None
        return self._random.choice(kinds[self._random.choice(sorted(kinds))])

    def _held(self) -> str:
        return self._random.choice(("", "", "", "", "Shift", "Ctrl", "Alt"))

    def _click(self, room: Room) -> Act | None:
        buttons = self._random.random() < 0.5
        name = self._widget(lambda w: w.isEnabled() and isinstance(w, QAbstractButton) is buttons)
        button = self._random.choice(("left",) * 12 + ("right", "middle"))
        return None if name is None else ("click", name, *self._at(), button, self._held())

    def _double(self, room: Room) -> Act | None:
        name = self._widget(lambda w: True)
        return None if name is None else ("double", name, *self._at(), "left", "")

    def _hover(self, room: Room) -> Act | None:
        name = self._widget(lambda w: True)
        return None if name is None else ("hover", name, *self._at())

    def _wheel(self, room: Room) -> Act | None:
        board = self._random.random() < 0.5
        name = self._widget(lambda w: type(w).__name__ == "Board" or not board)
        notches = self._random.choice((1, -1, 2, -3, 5))
        return None if name is None else ("wheel", name, *self._at(), notches, self._held())

    def _draw(self, room: Room) -> Act | None:
        """On a board, mostly along a row or a column."""
        name = self._widget(lambda w: type(w).__name__ == "Board")
        return None if name is None else self._stroke(name)

    def _drag(self, room: Room) -> Act | None:
        name = self._widget(lambda w: not isinstance(w, QAbstractScrollArea))
        return None if name is None else self._stroke(name)

    def _stroke(self, name: str) -> Act:
        x, y = self._at()
        points = [(x, y)]
        for _ in range(self._random.choice((0, 1, 2, 3, 5))):
            if self._random.random() < 0.5:
                x = self._at()[0]
            else:
                y = self._at()[1]
            points.append((x, y))
        button = self._random.choice(("left",) * 8 + ("right", "right", "middle"))
        key = self._random.choice(("",) * 8 + ("Esc", "Ctrl+Z", "W", "Ctrl+2"))
        return ("drag", name, tuple(points), button, self._held(), key)

    # --- keys

    def _ask(self, room: Room) -> Act | None:
        id = self._random.choice(TABLE).id
        return ("ask", id) if self._random.random() < RARELY.get(id, 1.0) else None

    def _shortcut(self, room: Room) -> Act | None:
        command = self._random.choice(TABLE)
        if self._random.random() >= RARELY.get(command.id, 1.0):
            return None
        keys = [k.toString() for k in command.shortcuts() if k[0].key() < Qt.Key.Key_Back]
        return ("key", self._random.choice(keys))

    def _key(self, room: Room) -> Act:
        return ("key", self._random.choice(KEYS))

    def _type(self, room: Room) -> Act | None:
        """Into the field that has the focus, or click one first."""
        focus = QApplication.focusWidget()
        fields = (QLineEdit, QSpinBox, QPlainTextEdit)
        if not isinstance(focus, fields):
            name = self._widget(lambda w: w.isEnabled() and isinstance(w, fields))
            return None if name is None else ("click", name, 0.5, 0.5, "left", "")
        if self._random.random() < 0.5:
            return ("key", self._random.choice(("Ctrl+A", "Return", "Tab", "Esc", "Up", "Down")))
        return ("type", self._random.choice(TEXTS))

    def _leave(self, room: Room) -> Act:
        return ("key", "Esc")

    def _go(self, room: Room) -> Act:
        return ("ask", f"scene_{self._random.choice(SCENES)}")

    def _train(self, room: Room) -> Act:
        """Play, and as fast as it goes, more often than not."""
        if not room.app.presenter.running:
            return ("ask", "play_pause")
        return self._random.choice((("ask", "faster"), ("wait", 300), ("ask", "measure")))

    # --- the window and the system

    def _decide(self, room: Room) -> Act:
        """One of the answers to the question that lies over the window."""
        sheet = room.app.files.sheet
        assert sheet is not None
        button = self._random.choice(sheet.buttons)
        name = next((name for name, widget in seen() if widget is button), "")
        return ("click", name, 0.5, 0.5, "left", "")

    def _resize(self, room: Room) -> Act:
        return ("resize", *self._random.choice(SIZES))

    def _wait(self, room: Room) -> Act:
        return ("wait", self._random.choice((20, 20, 50, 50, 100, 300)))

    def _file(self, room: Room) -> Act:
        return ("drop", self._name())

    def _name(self) -> str:
        names = (*GOOD, *GOOD, *SAVED, *RUNS, *BAD, "noise.json", MISSING)
        return self._random.choice(names)

    def _answer(self) -> Act:
        """To the system's dialog: files to open and to write have names of their own."""
        asked = dialog()
        assert asked is not None
        if self._random.random() < 0.2:
            return ("choose", "")
        if asked.acceptMode() is asked.AcceptMode.AcceptOpen:
            return ("choose", self._name())
        return ("choose", self._written(asked.windowTitle(), asked.selectedFiles()))

    def _written(self, title: str, proposed: list[str]) -> str:
        if title == "Save the world":
            return self._random.choice(SAVED)
        suffix = proposed[0].rpartition(".")[2] if proposed else "png"
        return RUNS[0] if suffix == "json" else f"out.{suffix}"

    def _preset(self, room: Room) -> Act:
        return ("preset", self._random.choice(rlxent_resources.worlds()))

    def _paste(self, room: Room) -> Act:
        if self._random.random() < 0.5:
            return ("clipboard", self._random.choice(MAPS))
        return ("key", "Ctrl+V")

    def _history(self, room: Room) -> Act:
        return (self._random.choice(("undo_all", "redo_all")),)

    def _in_menu(self) -> Act:
        """An item of the menu that is open, or keys in it."""
        found = menu()
        items = [a for a in found.actions() if a.isVisible()] if found is not None else []
        if found is None or not items or self._random.random() < 0.3:
            return ("key", self._random.choice(("Down", "Up", "Return", "Esc", "Right", "Left")))
        place = found.actionGeometry(self._random.choice(items)).center()
        shown = found.visibleRegion().boundingRect()
        x, y = (place - shown.topLeft() if shown.isValid() else QPoint()).toTuple()
        share = (
            min(max(x / max(shown.width(), 1), 0), 1), min(max(y / max(shown.height(), 1), 0), 1)
        )
        name = next(name for name, widget in seen() if widget is found)
        return ("click", name, round(share[0], 3), round(share[1], 3), "left", "")

