"""Unsaved work outlives a crash, and only a crash."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from PySide6.QtCore import QLockFile

from rlxent_core.settings import Settings
from rlxent_core.world import WALL_TILE
from rlxent_gui import session
from rlxent_gui.autosave import AutoSave, default_folder
from rlxent_gui.document import Document, empty_world
from rlxent_gui.session import Session

pytestmark = pytest.mark.usefixtures("qapp")
DRAWN = empty_world().with_tiles({(3, 3): WALL_TILE})


def now_of(document):
    """What a program with this document is at."""
    def now():
        modified = document.modified or document.in_stroke
        return Session(document.world, Settings(), path=document.path, modified=modified)

    return now


@pytest.fixture
def start(tmp_path):
    """Starts a program on the folder; what is left running at the end is finished."""
    begun = []

    def start(interval_ms=10):
        document = Document()
        begun.append(AutoSave(now_of(document), tmp_path / "autosave", interval_ms))
        return document, begun[-1]

    yield start
    for autosave in begun:
        autosave.finish()


def copies(tmp_path):
    """Those of programs that run, the worlds in them."""
    found = sorted((tmp_path / "autosave").glob("?.json"))
    return [session.read(path).world for path in found]


def crash(tmp_path, cell=(3, 3)):
    """Another process draws, waits for its copy, and dies without a word."""
    script = textwrap.dedent("""
        import os, sys, time
        from pathlib import Path
        from PySide6.QtCore import QCoreApplication
        from rlxent_core.settings import Settings
        from rlxent_core.world import WALL_TILE
        from rlxent_gui.autosave import AutoSave
        from rlxent_gui.document import Document
        from rlxent_gui.session import Session
        app = QCoreApplication([])
        document, folder = Document(), Path(sys.argv[1])
        autosave = AutoSave(
            lambda: Session(document.world, Settings(), modified=document.modified), folder, 1
        )
        document.apply({tuple(map(int, sys.argv[2:])): WALL_TILE})
        while not list(folder.glob("?.json")):
            app.processEvents()
            time.sleep(0.005)
        os._exit(9)
    """)
    command = [sys.executable, "-c", script, str(tmp_path / "autosave"), *map(str, cell)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9


def test_drawing_is_copied_with_all_that_belongs_to_it(tmp_path, qtbot):
    """Settings, seed, updates and the file's path; what the program begins with is no work."""
    at = [Session(empty_world(), Settings())]
    autosave = AutoSave(lambda: at[-1], tmp_path / "autosave", 1)
    qtbot.wait(20)
    assert copies(tmp_path) == []
    at.append(Session(
        DRAWN, Settings(learning_rate=0.3, credit="gae", baseline="critic"), 7, 123,
        tmp_path / "Maß \udc80.json", "a stamp", True,
    ))
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    assert session.read(tmp_path / "autosave" / "0.json") == at[-1]
    at.append(at[0])
    qtbot.waitUntil(lambda: copies(tmp_path) == [])
    autosave.finish()


def test_saved_drawing_is_kept_as_saved(start, tmp_path, qtbot):
    """After a crash the program can go on with its file."""
    document, _ = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    document.save_as(tmp_path / "maze.json")
    copy = tmp_path / "autosave" / "0.json"
    qtbot.waitUntil(lambda: not session.read(copy).modified)
    assert session.read(copy).path == tmp_path / "maze.json"


def test_undone_drawing_is_no_work(start, tmp_path, qtbot):
    """Back at what it began with there is nothing to rescue."""
    document, _ = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    document.undo()
    qtbot.waitUntil(lambda: copies(tmp_path) == [])


def test_drag_that_never_ends_is_copied_too(start, tmp_path, qtbot):
    """The button is still down when the power goes."""
    document, _ = start()
    document.begin_stroke("Draw")
    document.extend_stroke(DRAWN)
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    document.cancel_stroke()


def test_orderly_end_leaves_nothing(start, tmp_path, qtbot):
    """What was given up on purpose is not offered again."""
    document, autosave = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    autosave.finish()
    assert list((tmp_path / "autosave").iterdir()) == []
    assert start()[1].recoverable() is None


def test_crashed_drawing_is_found_and_restored(start, tmp_path, qtbot):
    """At the next start; once it is on the board again, it is safe again at once."""
    crash(tmp_path)
    document, autosave = start(interval_ms=60_000)
    found = session.read(autosave.recoverable())
    assert (found.world, found.modified) == (DRAWN, True)
    document.restore(found.world, found.path, found.modified)
    autosave.restored()
    assert autosave.recoverable() is None
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    qtbot.waitUntil(lambda: len(list((tmp_path / "autosave").glob("*.json"))) == 1)


def test_crashed_drawing_waits_until_it_is_answered(start, tmp_path, qtbot):
    """Drawing on, or closing without an answer, does not lose it."""
    crash(tmp_path)
    document, autosave = start()
    document.apply({(0, 5): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [document.world])
    autosave.finish()
    again = start()[1].recoverable()
    assert session.read(again).world == DRAWN


def test_several_crashes_are_offered_one_after_the_other(start, tmp_path, qtbot):
    """The latest first; a crash before the first was answered does not take its place."""
    for cell in ((3, 3), (0, 1), (0, 2)):
        crash(tmp_path, cell)
    _, autosave = start()
    found = []
    while (path := autosave.recoverable()) is not None:
        found.append(session.read(path).world)
        autosave.discard_recovered()
    cells = ((0, 2), (0, 1), (3, 3))
    assert found == [empty_world().with_tiles({cell: WALL_TILE}) for cell in cells]
    autosave.finish()
    assert start()[1].recoverable() is None


def test_all_windows_of_a_crash_are_offered(start, tmp_path, qtbot):
    """The power went while two were open: one start finds both, and holds one place of its own."""
    _, first = start()
    crash(tmp_path, (0, 1))
    _, second = start()
    crash(tmp_path, (0, 2))
    first.finish()
    second.finish()
    # Both places hold a copy now, and one of them what was recovered before.
    _, autosave = start()
    found = set()
    while (path := autosave.recoverable()) is not None:
        found.add(session.read(path).world)
        autosave.discard_recovered()
    assert found == {empty_world().with_tiles({(0, column): WALL_TILE}) for column in (1, 2)}
    autosave.finish()
    assert not list((tmp_path / "autosave").iterdir())


@pytest.mark.parametrize("error", ["UnknownError", "LockFailedError"])
def test_crash_on_a_disk_that_is_full_still(start, tmp_path, monkeypatch, error):
    """There is no room even for a lock: what was drawn is offered all the same, and stays."""
    class NoRoom(QLockFile):
        def tryLock(self, _wait):
            return False

        def error(self):
            return QLockFile.LockError[error]

    crash(tmp_path)
    monkeypatch.setattr("rlxent_gui.autosave.QLockFile", NoRoom)
    there = {path: path.read_bytes() for path in (tmp_path / "autosave").iterdir()}
    document, autosave = start(interval_ms=60_000)
    found = session.read(autosave.recoverable())
    document.restore(found.world, found.path, found.modified)
    autosave.restored()
    autosave.finish()
    assert found.world == DRAWN
    assert {path: path.read_bytes() for path in (tmp_path / "autosave").iterdir()} == there


def test_copy_of_an_older_version_is_still_read(tmp_path):
    """It was a world file."""
    from rlxent_core import world_file

    world_file.write_file(DRAWN, tmp_path / "0.json")
    assert session.read(tmp_path / "0.json") == Session(DRAWN, Settings(), modified=True)


def test_two_programs_do_not_disturb_one_another(start, tmp_path, qtbot):
    """Each has a copy of its own, and neither takes the other's for a crash's."""
    first, _ = start()
    first.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN])
    second, other = start()
    assert other.recoverable() is None
    second.apply({(0, 5): WALL_TILE})
    qtbot.waitUntil(lambda: copies(tmp_path) == [DRAWN, second.world])
    other.finish()
    assert copies(tmp_path) == [DRAWN]


def test_crash_beside_a_running_program(start, tmp_path, qtbot):
    """The next start finds it, though the first place is taken."""
    start()
    crash(tmp_path)
    _, autosave = start()
    assert session.read(autosave.recoverable()).world == DRAWN


def test_what_was_being_written_when_it_crashed_is_cleared_away(start, tmp_path):
    """Half a copy beside the whole one is nobody's."""
    crash(tmp_path)
    (tmp_path / "autosave" / ".0.json.12345678.tmp").write_text("{", encoding="utf-8")
    _, autosave = start()
    assert session.read(autosave.recoverable()).world == DRAWN
    assert not list((tmp_path / "autosave").glob(".*.tmp"))


def test_folder_that_cannot_be_written(tmp_path, qtbot):
    """Nothing is kept, which is told, and nothing fails; as soon as it can be, it is."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    document = Document()
    autosave = AutoSave(now_of(document), tmp_path / "file", 1)
    with qtbot.waitSignal(autosave.failing):
        document.apply({(3, 3): WALL_TILE})
    assert autosave.recoverable() is None
    autosave.discard_recovered()
    with qtbot.waitSignal(autosave.mended):
        (tmp_path / "file").unlink()
    assert session.read(tmp_path / "file" / "0.json").world == DRAWN
    autosave.finish()


def test_folder_can_be_chosen(monkeypatch, tmp_path):
    """By the environment; else it is the platform's."""
    monkeypatch.setenv("RLXENT_DATA_DIR", str(tmp_path))
    assert default_folder() == tmp_path / "autosave"
