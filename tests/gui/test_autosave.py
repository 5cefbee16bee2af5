"""Unsaved work outlives a crash, and only a crash."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from rlxent_core import world_file
from rlxent_core.world import WALL_TILE
from rlxent_gui.autosave import AutoSave, default_folder
from rlxent_gui.document import Document, empty_world

pytestmark = pytest.mark.usefixtures("qapp")
DRAWN = empty_world().with_tiles({(3, 3): WALL_TILE})


@pytest.fixture
def start(tmp_path):
    """Starts a program on the folder; what is left running at the end is finished."""
    begun = []

    def start(interval_ms=10):
        document = Document()
        begun.append(AutoSave(document, tmp_path / "autosave", interval_ms))
        return document, begun[-1]

    yield start
    for autosave in begun:
        autosave.finish()


def copies(tmp_path):
    return sorted((tmp_path / "autosave").glob("*.json"))


def crash(tmp_path):
    """Another process draws, waits for its copy, and dies without a word."""
    script = textwrap.dedent("""
        import os, sys, time
        from pathlib import Path
        from PySide6.QtCore import QCoreApplication
        from rlxent_core.world import WALL_TILE
        from rlxent_gui.autosave import AutoSave
        from rlxent_gui.document import Document
        app = QCoreApplication([])
        document, folder = Document(), Path(sys.argv[1])
        autosave = AutoSave(document, folder, 1)
        document.apply({(3, 3): WALL_TILE})
        while not list(folder.glob("*.json")):
            app.processEvents()
            time.sleep(0.005)
        os._exit(9)
    """)
    command = [sys.executable, "-c", script, str(tmp_path / "autosave")]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9


def test_drawing_is_copied_while_it_is_unsaved(start, tmp_path, qtbot):
    """The copy is the world; saving removes it."""
    document, _ = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1)
    assert world_file.read_file(copies(tmp_path)[0]) == DRAWN
    document.save_as(tmp_path / "maze.json")
    qtbot.waitUntil(lambda: copies(tmp_path) == [])


def test_undone_drawing_is_no_work(start, tmp_path, qtbot):
    """Back at the saved world there is nothing to rescue."""
    document, _ = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1)
    document.undo()
    qtbot.waitUntil(lambda: copies(tmp_path) == [])


def test_drag_that_never_ends_is_copied_too(start, tmp_path, qtbot):
    """The button is still down when the power goes."""
    document, _ = start()
    document.begin_stroke("Draw")
    document.extend_stroke(DRAWN)
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1)
    document.cancel_stroke()


def test_orderly_end_leaves_nothing(start, tmp_path, qtbot):
    """What was given up on purpose is not offered again."""
    document, autosave = start()
    document.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1)
    autosave.finish()
    assert list((tmp_path / "autosave").iterdir()) == []
    assert start()[1].recoverable() is None


def test_crashed_drawing_is_found_and_restored(start, tmp_path, qtbot):
    """At the next start; it counts as edited, and once restored it is safe again at once."""
    crash(tmp_path)
    document, autosave = start(interval_ms=60_000)
    found = autosave.recoverable()
    document.restore(found)
    assert document.world == DRAWN
    assert document.modified
    autosave.discard_recovered()
    qtbot.waitUntil(lambda: autosave.recoverable() is None)
    assert [world_file.read_file(copy) for copy in copies(tmp_path)] == [DRAWN]


def test_crashed_drawing_waits_until_it_is_answered(start, tmp_path, qtbot):
    """Drawing on, or closing without an answer, does not lose it."""
    crash(tmp_path)
    document, autosave = start()
    document.apply({(0, 5): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 2)
    autosave.finish()
    again = start()[1].recoverable()
    assert world_file.read_file(again) == DRAWN


def test_discarded_drawing_is_gone(start, tmp_path, qtbot):
    """Thrown away on purpose."""
    crash(tmp_path)
    _, autosave = start()
    autosave.discard_recovered()
    autosave.finish()
    assert start()[1].recoverable() is None


def test_two_programs_do_not_disturb_one_another(start, tmp_path, qtbot):
    """Each has a copy of its own, and neither takes the other's for a crash's."""
    first, _ = start()
    first.apply({(3, 3): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1)
    second, other = start()
    assert other.recoverable() is None
    second.apply({(0, 5): WALL_TILE})
    qtbot.waitUntil(lambda: len(copies(tmp_path)) == 2)
    other.finish()
    assert [world_file.read_file(copy) for copy in copies(tmp_path)] == [DRAWN]


def test_crash_beside_a_running_program(start, tmp_path, qtbot):
    """The next start finds it, though the first place is taken."""
    start()
    crash(tmp_path)
    _, autosave = start()
    assert world_file.read_file(autosave.recoverable()) == DRAWN


def test_folder_that_cannot_be_written(tmp_path, qtbot):
    """Nothing is kept, which is told, and nothing fails."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    document = Document()
    autosave = AutoSave(document, tmp_path / "file" / "autosave", 1)
    with qtbot.waitSignal(autosave.failing):
        document.apply({(3, 3): WALL_TILE})
    assert autosave.recoverable() is None
    autosave.discard_recovered()
    autosave.finish()


def test_folder_can_be_chosen(monkeypatch, tmp_path):
    """By the environment; else it is the platform's."""
    monkeypatch.setenv("RLXENT_DATA_DIR", str(tmp_path))
    assert default_folder() == tmp_path / "autosave"
