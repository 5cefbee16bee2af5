"""The disk is full, or breaks at any moment: the old file is whole, the drawing is on the board, a
sentence says so, and there is a way on."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from rlxent_core import world_file
from rlxent_core.settings import Settings
from rlxent_core.world import WALL_TILE
from rlxent_gui import session
from rlxent_gui.autosave import AutoSave
from rlxent_gui.document import empty_world
from rlxent_gui.preferences import Preferences
from rlxent_gui.session import Session
from tests.broken_disk import Disk, make_unreadable
from tests.gui.room import Room

FULL = "No space left on device. The drawing is still on the board."


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_save_is_refused_at_every_operation(files, document, told, tmp_path, lasting) -> None:
    """For every k: whole or as before, told once or saved, and the next save comes through."""
    folder = tmp_path / "worlds"
    folder.mkdir()
    path = folder / "maze.json"
    refusals = []
    for k in range(1, 100):
        world_file.write_file(empty_world(), path)
        old = path.read_bytes()
        document.take(empty_world(), None)
        files.open_path(str(path))
        document.apply({(1, 1): WALL_TILE})
        drawn, then = document.world, []
        told.clear()
        disk = Disk(lambda operation, k=k: operation == k or (lasting and operation > k))
        with disk.plugged_in():
            files.save(lambda then=then: then.append("saved"))
        assert document.world == drawn
        if told:
            assert told == [("maze.json was not saved", FULL)]
            assert (path.read_bytes(), document.modified, then) == (old, True, [])
            files.save(lambda then=then: then.append("saved"))
        assert world_file.read_file(path) == drawn
        assert (document.modified, document.path, then) == (False, path, ["saved"])
        assert files.sheet is None
        assert lasting or [p.name for p in folder.iterdir()] == ["maze.json"]
        refusals += disk.refused[:1] if told else []
        if not disk.refused:
            break
    assert {"open a file", "write", "flush", "fsync", "close the file", "replace"} <= {*refusals}


@pytest.mark.parametrize(("error", "reason"), [
    (errno.EACCES, "The system does not allow it."), (errno.EIO, "Input/output error."),
    (errno.ESTALE, "Stale file handle."), (errno.ENOENT, "There is no such file."),
])
def test_file_that_cannot_be_read(
    files, document, told, tmp_path, monkeypatch, error, reason
) -> None:
    """Told in a sentence; what is drawn stays, and nothing is asked about it."""
    path = tmp_path / "maze.json"
    world_file.write_file(empty_world(), path)
    document.apply({(1, 1): WALL_TILE})
    drawn = document.world
    with monkeypatch.context() as patch:
        make_unreadable(patch, path, error)
        files.open_path(str(path))
    assert told == [("maze.json was not opened", f"{reason} The board is unchanged.")]
    assert (document.world, document.modified, files.sheet) == (drawn, True, None)


def test_copy_is_refused_at_every_operation(qtbot, document, tmp_path) -> None:
    """For every k: the last copy stays whole, it is told once, and mended by itself."""
    folder = tmp_path / "autosave"

    def now() -> Session:
        return Session(document.world, Settings(), modified=document.modified)

    autosave = AutoSave(now, folder, interval_ms=1)
    copy, heard = folder / "0.json", []
    autosave.failing.connect(lambda: heard.append("failing"))
    autosave.mended.connect(lambda: heard.append("mended"))

    def copied() -> bool:
        return copy.exists() and session.read(copy).world == document.world

    document.apply({(0, 1): WALL_TILE})
    qtbot.waitUntil(copied)
    failed = 0
    for k in range(1, 100):
        autosave._disk.submit(lambda: None).result()
        old = copy.read_bytes()
        heard.clear()
        disk = Disk(lambda operation, k=k: operation >= k, thread="autosave")
        with disk.plugged_in():
            document.apply({(k % 8, 1 + k // 8): WALL_TILE})
            qtbot.waitUntil(lambda: copied() or heard == ["failing"])
            if heard:
                qtbot.wait(5)  # tried again and again, and told no more
                autosave._disk.submit(lambda: None).result()
                assert heard == ["failing"]
                assert copy.read_bytes() == old
                assert session.read(copy).modified
        if heard:
            failed += 1
            qtbot.waitUntil(lambda: copied() and heard == ["failing", "mended"])
        autosave._disk.submit(lambda: None).result()
        if not disk.refused:
            break
    assert failed >= 6
    autosave.finish()
    assert not copy.exists()


def test_restored_drawing_is_not_let_go_before_it_is_safe(qtbot, document, tmp_path) -> None:
    """Its copy cannot be written: what was rescued stays until it can."""
    folder = tmp_path / "autosave"
    folder.mkdir()
    drawn = empty_world().with_tiles({(3, 3): WALL_TILE})
    (folder / "0.json").write_text(session.text_of(Session(drawn, Settings(), modified=True)))

    def now() -> Session:
        return Session(document.world, Settings(), modified=document.modified)

    autosave = AutoSave(now, folder, interval_ms=60_000)
    rescued = autosave.recoverable()
    assert rescued is not None
    with Disk(lambda operation: True).plugged_in():
        document.restore(drawn, None, True)
        with qtbot.waitSignal(autosave.failing):
            autosave.restored()
    assert session.read(rescued).world == drawn
    autosave.finish()


def test_preferences_are_refused_at_every_operation(tmp_path) -> None:
    """Nobody is bothered with that: the old ones are still there."""
    path = tmp_path / "preferences.json"
    for k in range(1, 100):
        Preferences(path).set_appearance("dark", 1.25)
        disk = Disk(lambda operation, k=k: operation >= k)
        preferences = Preferences(path)
        with disk.plugged_in():
            preferences.set_appearance("light", 1.0)
        assert Preferences(path).theme in ("dark", "light")
        if not disk.refused:
            break
    assert Preferences(path).theme == "light"


@pytest.fixture
def room(qtbot, tmp_path):
    room = Room(qtbot, tmp_path).start()
    yield room
    room.close()


def test_full_disk_in_front_of_the_room(room: Room, tmp_path: Path) -> None:
    """Drawn, saved, refused: a card, the training goes on, and the button leads to another file."""
    path = tmp_path / "maze.json"
    world_file.write_file(room.app.document.world, path)
    room.app.files.open_path(str(path))
    room.wall((0, 2), (0, 3))
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 5)
    drawn = room.app.document.world
    with Disk(lambda operation: True, errno.ENOSPC).plugged_in():
        room.key(room.S, room.CONTROL)
    card = room.card("maze.json was not saved")
    assert card.body.text() == FULL
    assert room.app.document.world == drawn
    assert room.app.document.modified
    now = room.update
    room.until(lambda: room.update > now)
    room.press("maze.json was not saved", "Copy details")
    room.press("maze.json was not saved", "Save as…")
    room.save_dialog(tmp_path / "elsewhere.json")
    assert world_file.read_file(tmp_path / "elsewhere.json") == drawn
    room.until(lambda: "maze.json was not saved" not in room.cards)


def test_folder_that_vanished(room: Room, tmp_path: Path) -> None:
    """The memory stick was pulled: noticed, told what happened, saved elsewhere."""
    stick = tmp_path / "stick"
    stick.mkdir()
    path = stick / "maze.json"
    world_file.write_file(room.app.document.world, path)
    room.app.files.open_path(str(path))
    room.wall((0, 2), (0, 3))
    shutil.rmtree(stick)
    gone = "maze.json is not there any more"
    assert room.card(gone).body.text() == "The drawing is still on the board."
    room.press(gone, "Save it again")
    failed = "maze.json was not saved"
    assert room.card(failed).body.text() == (
        "Its folder is not there any more. The drawing is still on the board."
    )
    room.press(gone, "Save as…")
    room.save_dialog(tmp_path / "kept.json")
    assert world_file.read_file(tmp_path / "kept.json") == room.app.document.world
    room.until(lambda: not {gone, failed} & {*room.cards})
