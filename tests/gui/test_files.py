"""New, open, save as a user asks for them: nothing is lost without a question."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QSpinBox,
)
from shiboken6 import delete

import rlxent_resources
from rlxent_core import world_file
from rlxent_core.world import WALL_TILE, Tile, World
from rlxent_gui import theme
from rlxent_gui.document import Document, empty_world
from rlxent_gui.drops import accept_drops
from rlxent_gui.files import FileCommands
from rlxent_gui.preferences import Preferences

MAZE = World(map=("S.G",), tiles={
    "S": Tile(start=1), "G": Tile(terminal=True, reward=1)}, name="Maze")


class Window(QMainWindow):
    files: FileCommands

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close(self.close):
            event.ignore()


@pytest.fixture
def document(qapp):
    return Document()


@pytest.fixture
def files(qtbot, document, tmp_path):
    window = Window()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    window.files = FileCommands(document, window, Preferences(tmp_path / "preferences.json"))
    yield window.files
    document.undo_stack.setClean()


@pytest.fixture
def window(files):
    return files.parent()


@pytest.fixture
def maze(tmp_path):
    path = tmp_path / "maze.json"
    world_file.write_file(MAZE, path)
    return path


@pytest.fixture
def failures(files):
    told = []
    files.not_opened.connect(lambda *words: told.append(words))
    files.not_saved.connect(lambda *words: told.append(words))
    return told


def edit(document):
    document.apply({(3, 3): WALL_TILE})
    return document.world


def press(files, text, qtbot):
    """Click the sheet's button with this text."""
    button = next(b for b in files.sheet.buttons if b.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(window, qtbot, path):
    """Name a file in the dialog that is open, and accept."""
    dialog = window.findChild(QFileDialog)
    qtbot.waitUntil(dialog.isVisible)
    dialog.setDirectory(str(path.parent))
    dialog.selectFile(path.name)
    dialog.accept()


def test_open_reads_the_file_and_remembers_it(files, document, maze):
    """Its world, its path, first among the recent files."""
    files.open_path(str(maze))
    assert document.world == MAZE
    assert document.path == maze
    assert files.recent() == (maze,)


def test_open_asks_for_a_file(files, window, document, maze, qtbot):
    """With a dialog that stops nothing else."""
    files.open()
    choose(window, qtbot, maze)
    assert document.world == MAZE


def test_bad_file_is_told_with_its_line(files, document, failures, tmp_path):
    """The sentence of the design; the board is unchanged, and nothing was asked."""
    before = edit(document)
    path = tmp_path / "maze.json"
    path.write_text(
        '{\n"format": "rlxent-world",\n"version": 1,\n"map": ["S.G"],\n"tiles": {\n'
        '"S": {"start": 1},\n"G": {"rewrad": 1}\n}\n}\n', encoding="utf-8",
    )
    files.open_path(str(path))
    title, sentence, details = failures[0]
    assert title == "maze.json was not opened"
    assert sentence == (
        "Line 7: tile “G” has an unknown key “rewrad”: did you mean “reward”?"
        " The board is unchanged."
    )
    assert str(path) in details
    assert document.world == before
    assert files.sheet is None


def test_missing_file_is_forgotten(files, document, failures, maze, tmp_path):
    """A recent file that is no longer there."""
    files.open_path(str(maze))
    os.remove(maze)
    files.open_path(str(maze))
    assert failures[0][1] == "There is no such file. The board is unchanged."
    assert files.recent() == ()
    assert document.world == MAZE


def test_folder_is_no_file(files, failures, tmp_path):
    """One sentence, whatever is dropped."""
    files.open_path(str(tmp_path))
    assert failures[0][1].endswith("The board is unchanged.")


def test_unsaved_work_is_asked_about(files, document, maze, qtbot):
    """Cancel keeps it."""
    before = edit(document)
    files.open_path(str(maze))
    assert document.world == before
    assert files.sheet.isVisible()
    press(files, "Cancel", qtbot)
    assert document.world == before
    assert document.modified


def test_unsaved_work_can_be_given_up(files, document, maze, qtbot):
    """Don't save: the file is opened."""
    edit(document)
    files.open_path(str(maze))
    press(files, "Don’t save", qtbot)
    assert document.world == MAZE


def test_unsaved_work_is_saved_first(files, window, document, maze, tmp_path, qtbot):
    """Save: a dialog asks where, then the file is opened."""
    before = edit(document)
    files.open_path(str(maze))
    press(files, "Save", qtbot)
    choose(window, qtbot, tmp_path / "kept.json")
    assert world_file.read_file(tmp_path / "kept.json") == before
    assert document.world == MAZE


def test_what_was_saved_to_the_file_that_is_opened_is_what_opens(files, document, maze, qtbot):
    """The document's own file again, and Save: not what was in it before."""
    files.open_path(str(maze))
    document.apply({(0, 1): WALL_TILE})
    edited = document.world
    files.open_path(str(maze))
    press(files, "Save", qtbot)
    assert world_file.read_file(maze) == edited
    assert document.world == edited
    assert not document.modified


def test_a_sheet_ends_also_when_what_had_the_focus_is_gone(files, window, document, qtbot):
    """A button on a card that was taken away while the sheet asked."""
    edit(document)
    button = QPushButton("Dismiss", window)
    button.show()
    button.setFocus()
    files.new()
    delete(button)
    files.new()
    press(files, "Cancel", qtbot)
    assert files.sheet is None


def test_failed_save_gives_nothing_up(files, window, document, maze, failures, tmp_path, qtbot,
                                      monkeypatch):
    """The disk is full: the drawing stays, and the other file is not opened."""
    before = edit(document)
    document._path = tmp_path / "kept.json"

    def full(world, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world_file, "write_file", full)
    files.open_path(str(maze))
    press(files, "Save", qtbot)
    assert failures[0][:2] == (
        "kept.json was not saved",
        "No space left on device. The drawing is still on the board.",
    )
    assert document.world == before
    assert document.modified


def test_restoring_asks_about_what_was_drawn_meanwhile(files, document, maze, qtbot):
    """The card of a recovered drawing may be answered late."""
    restored = []
    edit(document)
    drawn = document.world
    files.restore(maze, restored.append)
    assert document.world == drawn
    press(files, "Cancel", qtbot)
    assert (document.world, restored) == (drawn, [])
    files.restore(maze, restored.append)
    press(files, "Don’t save", qtbot)
    assert document.world == MAZE
    assert (document.modified, [found.world for found in restored]) == (True, [MAZE])


def test_what_cannot_be_restored_is_told_and_kept(files, document, failures, tmp_path):
    """Only what is on the board again is forgotten."""
    files.restore(tmp_path / "gone.json", lambda _: pytest.fail("nothing was restored"))
    ((title, sentence, details),) = failures
    assert title == "The drawing could not be restored"
    assert sentence == "Its copy cannot be read. It is kept as gone.json."
    assert "No such file" in details


def test_escape_cancels_the_question(files, document, maze, qtbot):
    """As the last button does."""
    before = edit(document)
    files.open_path(str(maze))
    qtbot.keyClick(files.sheet, Qt.Key.Key_Escape)
    assert document.world == before
    assert files.sheet is None


def test_save_writes_to_the_document_s_file(files, document, maze, qtbot):
    """No question, no dialog."""
    files.open_path(str(maze))
    document.apply({(0, 1): WALL_TILE})
    with qtbot.waitSignal(files.saved, timeout=100):
        files.save()
    assert world_file.read_file(maze).map == ("S#G",)
    assert not document.modified


def test_save_as_takes_the_new_file(files, window, document, maze, tmp_path, qtbot):
    """The suffix is added; the old file is as it was."""
    files.open_path(str(maze))
    document.apply({(0, 1): WALL_TILE})
    files.save_as()
    choose(window, qtbot, tmp_path / "other")
    assert document.path == tmp_path / "other.json"
    assert world_file.read_file(maze) == MAZE
    assert files.recent() == (tmp_path / "other.json", maze)


def test_new_world_has_the_size_asked_for(files, document, qtbot):
    """3 rows, 5 columns."""
    files.new()
    rows, columns = files.sheet.findChildren(QSpinBox)
    rows.setValue(3)
    columns.setValue(5)
    press(files, "Create", qtbot)
    assert document.world == empty_world(3, 5)
    assert not document.modified


def test_the_size_can_be_read_where_it_is_typed(files, window, document, qapp, qtbot):
    """Under the program's stylesheet the numbers have room, and the focus comes back."""
    look = theme.appearance()
    look.install(qapp)
    before = QLineEdit(window)
    before.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    before.setFocus()
    files.new()
    boxes = files.sheet.findChildren(QSpinBox)
    assert len(boxes) == 2
    for box in boxes:
        edit = box.lineEdit()
        assert edit.width() >= edit.fontMetrics().horizontalAdvance("64")
    press(files, "Cancel", qtbot)
    assert window.focusWidget() is before


def test_cancelled_new_world_keeps_the_edited_mark(files, document, qtbot):
    """Given up in the question, taken back in the next: the drawing is still unsaved."""
    before = edit(document)
    files.new()
    press(files, "Don’t save", qtbot)
    press(files, "Cancel", qtbot)
    assert document.world == before
    assert document.modified


def test_presets_open_without_a_path(files, document):
    """All that come with the program; saving asks for a file."""
    for name in files.presets():
        files.open_preset(name)
        assert document.world == world_file.read_text(rlxent_resources.world_text(name))
        assert document.path is None


def test_clean_document_may_close(files, window):
    """Without a question."""
    assert window.close()
    assert files.sheet is None


def test_close_waits_for_the_answer(files, window, document, qtbot):
    """Cancel stays, the second answer closes."""
    edit(document)
    assert not window.close()
    press(files, "Cancel", qtbot)
    assert window.isVisible()
    window.close()
    press(files, "Close without saving", qtbot)
    assert not window.isVisible()


def test_close_after_saving(files, window, document, maze, qtbot):
    """Save, then close, in one go."""
    files.open_path(str(maze))
    document.apply({(0, 1): WALL_TILE})
    window.close()
    press(files, "Save", qtbot)
    assert not window.isVisible()
    assert world_file.read_file(maze).map == ("S#G",)


def test_close_in_the_middle_of_a_drag_asks(files, window, document, qtbot):
    """What the drag has drawn so far is work too."""
    document.begin_stroke("Draw")
    document.extend_stroke(document.world.with_tiles({(3, 3): WALL_TILE}))
    assert not window.close()
    assert document.modified


def test_questions_do_not_pile_up(files, window, document, maze, qtbot):
    """The newest one counts."""
    edit(document)
    window.close()
    first = files.sheet
    files.open_path(str(maze))
    assert first.isHidden()
    press(files, "Don’t save", qtbot)
    assert document.world == MAZE
    assert window.isVisible()


def drop(window, *urls):
    data = QMimeData()
    data.setUrls(list(urls))
    answers = []
    for event in (
        QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                        Qt.KeyboardModifier.NoModifier),
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                   Qt.KeyboardModifier.NoModifier, QEvent.Type.Drop),
    ):
        event.setAccepted(False)
        QApplication.sendEvent(window, event)
        answers.append(event.isAccepted())
    return answers


def test_question_about_a_file_goes_with_its_world(files, document, maze, qtbot):
    """Its answer would write the world that is on the board by then over that file."""
    files.open_path(str(maze))
    maze.write_text(maze.read_text().replace("Maze", "Theirs"))
    theirs = maze.read_text()
    files.save()
    assert files.sheet is not None
    sheet = files.sheet
    files.open_preset("sparse5")
    assert files.sheet is None
    assert sheet.isHidden()
    sheet.answer(1)
    assert maze.read_text() == theirs


def test_what_is_drawn_while_the_size_is_asked_for_is_not_lost(files, document, qtbot):
    """Nothing is modal: the board takes a stroke while the sheet is open."""
    files.new()
    drawn = edit(document)
    press(files, "Create", qtbot)
    assert document.world is drawn
    press(files, "Cancel", qtbot)
    assert document.world is drawn
    assert document.modified
    files.new()
    press(files, "Don’t save", qtbot)
    press(files, "Create", qtbot)
    assert document.world == empty_world()


def test_dropped_file_is_opened(files, window, document, maze):
    """Once, and the drag over the window is welcomed."""
    accept_drops(window, files.open_path)
    assert drop(window, QUrl.fromLocalFile(str(maze))) == [True, True]
    assert document.world == MAZE


def test_what_is_no_local_file_is_not_taken(files, window, document, maze):
    """Two files, or a page of the web."""
    accept_drops(window, files.open_path)
    local = QUrl.fromLocalFile(str(maze))
    assert drop(window, local, local) == [False, False]
    assert drop(window, QUrl("https://example.org/maze.json")) == [False, False]
    assert document.world == empty_world()


def test_run_is_opened_with_its_world(files, document, tmp_path, qtbot):
    """Its world has no file of its own: saving does not write over the run."""
    import numpy as np

    from rlxent_core import run_file
    from rlxent_core.settings import Settings

    run = run_file.Run(MAZE, Settings(), "cpu", 0, (run_file.SeedRun(
        0, np.zeros(0), np.zeros(0), np.zeros((3, 4))),))
    run_file.write_run(tmp_path / "run.json", run)
    with qtbot.waitSignal(files.run_opened, timeout=1000) as opened:
        files.open_path(str(tmp_path / "run.json"))
    assert document.world == MAZE
    assert document.path is None
    assert opened.args[0].settings == Settings()
