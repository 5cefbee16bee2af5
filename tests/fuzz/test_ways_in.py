"""Bad files by every way into the window: the board, its past and the training stay as they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlxent_core.world import WALL_TILE
from rlxent_gui import app as program
from rlxent_gui.view_state import CardView, RunState
from tests.fuzz.readers import BAD, check_sentence
from tests.gui.test_app import LONG, Room, room  # noqa: F401


def card(room: Room, id: str) -> CardView | None:  # noqa: F811
    room.app._tick()
    found = [c for c in room.app.presenter._display.shown("cards") if c.id == id]  # type: ignore[attr-defined]
    return found[0] if found else None


def opened(room: Room, path: str) -> None:  # noqa: F811
    room.app.files.open_path(path)


def dropped(room: Room, path: str) -> None:  # noqa: F811
    """Dragged over the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
           Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(room.window, QDragEnterEvent(QPoint(300, 300), *how))
    QApplication.sendEvent(room.window, QDropEvent(QPoint(300, 300), *how))


@pytest.mark.parametrize("way", [opened, dropped])
def test_bad_files_change_nothing(
    room: Room, tmp_path: Path, way: Callable[[Room, str], None]  # noqa: F811
) -> None:
    """Each is told of by one card, while the training goes on; what was drawn can be undone."""
    document = room.app.document
    document.apply({(1, 3): WALL_TILE})
    document.undo_stack.setClean()
    room.key(Qt.Key.Key_Space)
    room.qtbot.waitUntil(lambda: room.state is RunState.RUNNING, timeout=LONG)
    before, undone = document.world, document.undo_stack.count()
    bad = list(map(str, BAD))
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.json")
        (tmp_path / "zeros.json").touch()
        os.truncate(tmp_path / "zeros.json", 2**30)
        bad += [str(tmp_path / "pipe.json"), str(tmp_path / "zeros.json"), "/dev/zero"]
    bad += [str(tmp_path), str(tmp_path / "gone.json"), str(tmp_path / ("x" * 300))]
    if way is opened:
        bad += ["a\0b.json", str(tmp_path / "\udce9.json")]
    for path in bad:
        room.app.presenter.on_command("dismiss", "file")
        way(room, path)
        told = card(room, "file")
        assert told is not None, path
        assert told.title.endswith(" was not opened")
        assert told.body.endswith(" The board is unchanged.")
        check_sentence(ValueError(told.body), Path(path))
        assert document.world is before, path
        assert document.path is None
        assert document.undo_stack.count() == undone
    assert room.state is RunState.RUNNING
    assert room.app.training.is_alive()


def test_a_bad_map_on_the_clipboard_changes_nothing(room: Room) -> None:  # noqa: F811
    """Ctrl+V: a sentence, or a piece that is put down nowhere before Return; never an exception."""
    document = room.app.document
    before = document.world
    told = 0
    for path in BAD:
        text = path.read_bytes().decode("utf-8", "replace")
        QGuiApplication.clipboard().setText(text)
        room.window.board.setFocus()
        room.qtbot.keyClick(
            room.window.board, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier
        )
        if (notice := card(room, "notice")) is not None:
            told += 1
            check_sentence(ValueError(notice.title if not notice.body else notice.body))
        if room.window.board.selection.is_pasting:
            room.qtbot.keyClick(room.window.board, Qt.Key.Key_Escape)
        assert document.world == before, path
        room.app.presenter.on_command("dismiss", "notice")
    assert told > len(BAD) // 2
    QGuiApplication.clipboard().clear()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.parametrize("what", ["pipe", "nested_lists.json", "a name that UTF-8 has not"])
def test_a_bad_file_on_the_command_line(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The window opens on its first world and says why it is not on the other."""
    path = tmp_path / f"{what}.json"
    if what == "pipe":
        os.mkfifo(path)
    elif what.startswith("nested"):
        path.write_bytes(next(p for p in BAD if p.name == what).read_bytes())
    else:
        path = tmp_path / os.fsdecode(b"caf\xe9.json")
        path.write_text("{")
    seen: list[tuple[str, str]] = []

    def look(app: program.App) -> None:
        app.presenter.begin()
        app.presenter.tick()
        app.window.show()
        app._tick()
        told = [c for c in app.presenter._display.shown("cards") if c.id == "file"]  # type: ignore[attr-defined]
        seen.extend((app.document.world.name, card.title) for card in told)
        app.window.close()
        app.window.deleteLater()

    monkeypatch.setattr(program.App, "start", look)
    monkeypatch.setattr(program, "collect_once_loaded", lambda app: None)
    monkeypatch.setattr(QApplication, "exec", lambda *_: 0)
    assert program.main([str(path), "--device", "cpu"]) == 0
    ((world, title),) = seen
    assert world
    assert title.endswith(" was not opened")
