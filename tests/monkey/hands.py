"""What one act does: through the window system's own entry, to where a name is seen now.

An act is a tuple of its kind and plain values, so a list of acts can be printed, cut and replayed.
Widgets are named by class and accessible name; an act whose widget is not to be seen does nothing.

    ("ask", "undo")                             an action by its id, as menus and buttons ask for it
    ("key", "Ctrl+Shift+Z")                     a key, to whoever has the focus
    ("type", "0.5")                             letters, one after the other
    ("click", "Board:Board", x, y, "left", "")  x and y from 0 to 1 within what is seen of it;
    ("double", …)                               buttons and modifiers by their names
    ("hover", "Board:Board", x, y)
    ("wheel", "Board:Board", x, y, notches, "Ctrl")
    ("drag", "Board:Board", ((x, y), …), "left", "Shift", "Escape")   the last: a key on the way
    ("resize", width, height)
    ("wait", milliseconds)
    ("drop", "maze.json")                       a file let fall on the window
    ("choose", "maze.json")                     the answer to a dialog of the system; "" cancels it
    ("preset", "four_rooms")                    a world that comes with the program
    ("clipboard", "S.G")                        a text that another program copied
    ("undo_all",) ("redo_all",)                 to either end of the undo stack
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from shiboken6 import isValid

from tests.monkey.room import Room

Act = tuple[Any, ...]
Turn = Callable[[Callable[[], object]], None]
"""Carries out one event and times it."""
BUTTONS = {
    "left": Qt.MouseButton.LeftButton, "right": Qt.MouseButton.RightButton,
    "middle": Qt.MouseButton.MiddleButton,
}
MODIFIERS = {
    "": Qt.KeyboardModifier.NoModifier, "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Ctrl": Qt.KeyboardModifier.ControlModifier, "Alt": Qt.KeyboardModifier.AltModifier,
}


def seen() -> Iterator[tuple[str, QWidget]]:
    """Every widget that is to be seen, with its name; the system's dialogs are not ours."""
    counted: dict[str, int] = {}
    for top in QApplication.topLevelWidgets():
        if not top.isVisible() or isinstance(top, QFileDialog):
            continue
        for widget in (top, *top.findChildren(QWidget)):
            if not widget.isVisible() or widget.window() is not top:
                continue
            said = widget.objectName() or widget.accessibleName()
            name = f"{type(widget).__name__}:{said.split(': ')[0].split(', ')[0]}"
            counted[name] = counted.get(name, 0) + 1
            yield (name if counted[name] == 1 else f"{name}#{counted[name]}"), widget


def dialog() -> QFileDialog | None:
    """The system's dialog that is open."""
    for top in QApplication.topLevelWidgets():
        if isinstance(top, QFileDialog) and top.isVisible():
            return top
    return None


def menu() -> QMenu | None:
    """The menu that is open, the innermost of them."""
    popup = QApplication.activePopupWidget()
    return popup if isinstance(popup, QMenu) else None


def _holds(handle: QWindow, at: QPoint) -> bool:
    return QRect(QPoint(), handle.size()).contains(at)


class Hands:
    """Carries out acts in a room, an event a turn."""

    def __init__(self, room: Room, turn: Turn) -> None:
        self.room, self.turn = room, turn
        self._window: QWidget | None = None
        """Kept: with Python's name for a menu goes its name for the menu's handle."""

    def do(self, act: Act) -> None:
        """Carry it out; what is left of a gesture over a window that goes meanwhile is nothing."""
        getattr(self, f"_{act[0]}")(*act[1:])

    def _over(self, handle: QWindow, at: QPoint, event: Callable[[], object]) -> None:
        if isValid(handle) and handle.isVisible() and _holds(handle, at):
            self.turn(event)

    # --- where

    def _place(self, name: str, x: float, y: float) -> tuple[QWindow, QPoint] | None:
        for found, widget in seen():
            if found == name:
                shown = widget.visibleRegion().boundingRect()
                if shown.isEmpty():
                    return None
                at = shown.topLeft() + QPoint(
                    round(x * (shown.width() - 1)), round(y * (shown.height() - 1))
                )
                self._window = window = widget.window()
                handle = window.windowHandle()
                inside = widget.mapTo(window, at) if widget is not window else at
                if handle is None or not window.rect().contains(inside):
                    return None
                return (handle, inside) if _holds(handle, inside) else None
        return None

    def _receiver(self) -> QWindow | None:
        """Who hears the keys."""
        self._window = popup = QApplication.activePopupWidget()
        handle = None if popup is None else popup.windowHandle()
        handle = handle or QGuiApplication.focusWindow() or self.room.window.windowHandle()
        return handle if isValid(handle) else None

    # --- the mouse

    def _move(self, handle: QWindow, at: QPoint, modifiers: str) -> None:
        self._over(handle, at, lambda: QTest.mouseEvent(
            QTest.MouseAction.MouseMove, handle, BUTTONS["left"], MODIFIERS[modifiers], at
        ))

    def _click(self, name: str, x: float, y: float, button: str, modifiers: str) -> None:
        if place := self._place(name, x, y):
            handle, at = place
            held = MODIFIERS[modifiers]
            self._move(handle, at, modifiers)
            self._over(handle, at, lambda: QTest.mousePress(handle, BUTTONS[button], held, at))
            self._over(handle, at, lambda: QTest.mouseRelease(handle, BUTTONS[button], held, at))

    def _double(self, name: str, x: float, y: float, button: str, modifiers: str) -> None:
        if place := self._place(name, x, y):
            handle, at = place
            held = MODIFIERS[modifiers]
            self._move(handle, at, modifiers)
            self._over(handle, at, lambda: QTest.mouseDClick(handle, BUTTONS[button], held, at))

    def _hover(self, name: str, x: float, y: float) -> None:
        if place := self._place(name, x, y):
            self._move(*place, "")

    def _wheel(self, name: str, x: float, y: float, notches: int, modifiers: str) -> None:
        if place := self._place(name, x, y):
            handle, at = place
            self._move(handle, at, modifiers)
            angle = QPoint(0, 120 if notches > 0 else -120)
            for _ in range(abs(notches)):
                self._over(handle, at, lambda: QTest.wheelEvent(
                    handle, QPointF(at), angle, QPoint(), MODIFIERS[modifiers]
                ))

    def _drag(
        self, name: str, points: tuple[tuple[float, float], ...], button: str, modifiers: str,
        key: str,
    ) -> None:
        places = [place for x, y in points if (place := self._place(name, x, y))]
        if not places:
            return
        handle, first = places[0]
        held = MODIFIERS[modifiers]
        self._move(handle, first, modifiers)
        self._over(handle, first, lambda: QTest.mousePress(handle, BUTTONS[button], held, first))
        for k, (_, at) in enumerate(places[1:]):
            self._move(handle, at, modifiers)
            self.turn(QApplication.processEvents)
            if key and 2 * k >= len(places) - 2:
                self._key(key)
                key = ""
        last = places[-1][1]
        self._over(handle, last, lambda: QTest.mouseRelease(handle, BUTTONS[button], held, last))

    # --- keys

    def _key(self, key: str) -> None:
        combination = QKeySequence(key)[0]
        for event in (QTest.keyPress, QTest.keyRelease):
            if (handle := self._receiver()) is not None:
                held = combination.keyboardModifiers()
                self.turn(partial(event, handle, combination.key(), held))

    def _type(self, text: str) -> None:
        for letter in text:
            if (handle := self._receiver()) is None:
                return
            key = Qt.Key(ord(letter.upper())) if letter.isascii() else Qt.Key.Key_unknown
            click, held = QTest.KeyAction.Click, MODIFIERS[""]
            self.turn(partial(QTest.sendKeyEvent, click, handle, key, letter, held))

    # --- the window and the system

    def _ask(self, id: str) -> None:
        self.turn(self.room.app.actions[id].trigger)

    def _resize(self, width: int, height: int) -> None:
        self.turn(lambda: self.room.window.resize(width, height))

    def _wait(self, milliseconds: int) -> None:
        self.room.spin(milliseconds / 1000, self.turn)

    def _drop(self, name: str) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self.room.folder / name))])
        buttons, held = Qt.MouseButton.LeftButton, MODIFIERS[""]
        action = Qt.DropAction.CopyAction
        entered = QDragEnterEvent(QPoint(50, 50), action, data, buttons, held)
        dropped = QDropEvent(QPointF(50, 50), action, data, buttons, held)
        self.turn(lambda: QApplication.sendEvent(self.room.window, entered))
        self.turn(lambda: QApplication.sendEvent(self.room.window, dropped))

    def _choose(self, name: str) -> None:
        asked = dialog()
        if asked is None:
            return
        path = str(Path(self.room.folder) / name)
        self.turn(asked.close)
        if name:
            # As a click on its button does it, but for the system's question on overwriting.
            self.turn(lambda: asked.fileSelected.emit(path))

    def _preset(self, name: str) -> None:
        self.turn(lambda: self.room.app.files.open_preset(name))

    def _clipboard(self, text: str) -> None:
        self.turn(lambda: QGuiApplication.clipboard().setText(text))

    def _undo_all(self) -> None:
        document = self.room.app.document
        while document.undo_stack.canUndo():
            self.turn(document.undo)

    def _redo_all(self) -> None:
        document = self.room.app.document
        while document.undo_stack.canRedo():
            self.turn(document.redo)
