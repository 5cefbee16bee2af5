"""The file of the world on the board is changed by somebody else: noticed, told, asked about."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from rlxent_core import world_file
from rlxent_core.world import WALL_TILE, World
from rlxent_gui.document import Document
from rlxent_gui.files import FileCommands
from rlxent_gui.open_file import Found
from rlxent_gui.preferences import Preferences
from tests.broken_disk import make_unreadable
from tests.gui.room import Room

CHANGED = "maze.json was changed by another program"
GONE = "maze.json is not there any more"


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path).start()
    world_file.write_file(room.app.document.world, tmp_path / "maze.json")
    room.app.files.open_path(str(tmp_path / "maze.json"))
    yield room
    room.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "maze.json"


def theirs(room: Room) -> World:
    """What the other program makes of it."""
    return room.app.document.world.with_tiles({(4, 0): WALL_TILE})


def test_changed_file_is_noticed_and_opened(room: Room, path: Path) -> None:
    """While it trains and was drawn on: opening is one step, and undo brings the drawing back."""
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 5)
    other = theirs(room)
    room.wall((0, 2), (0, 3))
    mine = room.app.document.world
    world_file.write_file(other, path)
    assert "Undo brings back" in room.card(CHANGED).body.text()
    room.press(CHANGED, "Open the changed file")
    assert room.app.document.world == other
    assert not room.app.document.modified
    now = room.update
    room.until(lambda: CHANGED not in room.cards and room.update > now)
    room.app.actions["undo"].trigger()
    assert room.app.document.world == mine
    assert room.app.document.modified
    room.app.actions["redo"].trigger()
    room.key(room.S, room.CONTROL)
    assert room.app.files.sheet is None
    assert world_file.read_file(path) == other


def test_mine_is_kept_for_this_change_only(room: Room, path: Path) -> None:
    """The board is unsaved then, and is saved without another question; the next change is told
    again: it is broken, so it is not opened, and mine can still be kept."""
    mine = room.app.document.world
    world_file.write_file(theirs(room), path)
    room.press(CHANGED, "Keep mine")
    assert room.app.document.world == mine
    assert room.app.document.modified
    room.until(lambda: CHANGED not in room.cards)
    room.key(room.S, room.CONTROL)
    assert room.app.files.sheet is None
    assert world_file.read_file(path) == mine
    room.qtbot.wait(400)
    assert not room.cards.keys() & {CHANGED, GONE}
    path.write_text('{"format": "rlxent-world", ', encoding="utf-8")
    room.press(CHANGED, "Open the changed file")
    assert "The board is unchanged." in room.card("maze.json was not opened").body.text()
    assert room.app.document.world == mine
    room.press(CHANGED, "Keep mine")
    room.key(room.S, room.CONTROL)
    assert world_file.read_file(path) == mine


def test_touched_file_is_not_changed_and_a_vanished_one_is_gone(room: Room, path: Path) -> None:
    """A new date, the same content, one's own save bother nobody; what is taken back is forgotten;
    a deleted file leaves the board unsaved, and one click writes it again."""
    os.utime(path, (1, 1))
    world_file.write_file(room.app.document.world, path)
    room.wall((0, 2), (0, 3))
    room.key(room.S, room.CONTROL)
    room.qtbot.wait(500)
    assert not room.cards.keys() & {CHANGED, GONE}
    old = path.read_bytes()
    path.write_text("something else", encoding="utf-8")
    room.card(CHANGED)
    path.write_bytes(old)
    room.until(lambda: CHANGED not in room.cards)
    path.unlink()
    room.card(GONE)
    assert room.app.document.modified
    room.press(GONE, "Save it again")
    assert world_file.read_file(path) == room.app.document.world
    room.until(lambda: GONE not in room.cards)
    assert not room.app.document.modified


def test_change_is_noticed_when_the_window_comes_to_the_front(room: Room, path: Path) -> None:
    """Where nothing can be watched, on a drive of the network."""
    open_file = room.app.files.open_file
    open_file._watcher.removePaths([*open_file._watcher.files(), *open_file._watcher.directories()])
    open_file._watcher.blockSignals(True)
    other = QMainWindow()
    room.qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    room.until(lambda: other.isActiveWindow())
    world_file.write_file(theirs(room), path)
    room.window.activateWindow()
    room.card(CHANGED)


class Window(QMainWindow):
    """A second window on the same file, without the rest of the program."""

    def __init__(self, qtbot: QtBot, path: Path, preferences: Path) -> None:
        super().__init__()
        qtbot.addWidget(self)
        self.show()
        self.document = Document()
        self.files = FileCommands(self.document, self, Preferences(preferences))
        self.files.open_path(str(path))

    def answer(self, text: str) -> None:
        assert self.files.sheet is not None
        next(button for button in self.files.sheet.buttons if button.text() == text).click()


@pytest.fixture
def two(qtbot: QtBot, tmp_path: Path, path: Path) -> Iterator[tuple[Window, Window]]:
    """Two windows on one file, each with a wall of its own."""
    world_file.write_file(World(map=("....", "....")), path)
    windows = (
        Window(qtbot, path, tmp_path / "1.json"), Window(qtbot, path, tmp_path / "2.json")
    )
    for column, window in enumerate(windows):
        window.document.apply({(0, column): WALL_TILE})
    yield windows
    for window in windows:
        window.document.undo_stack.setClean()


@pytest.mark.parametrize("answer", ["Cancel", "Write over it"])
def test_second_save_asks(two: tuple[Window, Window], path: Path, answer: str) -> None:
    """Right after the first, before anything could be watched: nothing is written over unasked."""
    first, second = two
    first.files.save()
    second.files.save()
    assert world_file.read_file(path) == first.document.world
    assert second.document.modified
    second.answer(answer)
    kept = first if answer == "Cancel" else second
    assert world_file.read_file(path) == kept.document.world
    assert second.document.modified is (answer == "Cancel")
    assert first.files.open_file.look() is (Found.SAME if kept is first else Found.CHANGED)


def test_closing_does_not_write_over_it_either(two: tuple[Window, Window], path: Path) -> None:
    """Close, Save: the question comes, and Cancel leaves the window open."""
    first, second = two
    first.files.save()
    closed: list[bool] = []
    assert not second.files.may_close(lambda: closed.append(True))
    second.answer("Save")
    assert world_file.read_file(path) == first.document.world
    second.answer("Cancel")
    assert closed == []
    assert second.document.modified


def test_unreadable_file_is_asked_about(
    two: tuple[Window, Window], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell what it holds, so it is not written over unasked."""
    first, _ = two
    old = path.read_bytes()
    make_unreadable(monkeypatch, path, errno.EACCES)
    first.files.save()
    sheet = first.files.sheet
    assert sheet is not None
    assert sheet.accessibleName() == "maze.json cannot be read any more"
    first.answer("Cancel")
    monkeypatch.undo()
    assert path.read_bytes() == old
