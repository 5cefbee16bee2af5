"""Mistakes of the program itself, in every thread: told on a card, and everything else goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rlxent_core import facts
from rlxent_gui.mishaps import Mishaps
from rlxent_gui.widgets.background import background
from tests.gui.room import Room

TITLE = "rlxent made a mistake"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have gone to standard error."""
    names: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: names.append(str(error)))
    return names


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, printed: list[str]) -> Iterator[Room]:
    room = Room(qtbot, tmp_path)
    mishaps = Mishaps(room.app.presenter.add_card)
    mishaps.install()
    yield room.start()
    mishaps.uninstall()
    room.close()


def fail(sentence: str = "the dog ate it") -> None:
    raise RuntimeError(sentence)


def test_mistakes_in_every_thread(
    room: Room, printed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the window's own, beside it, and where the facts are worked out."""
    room.wall((0, 2), (0, 3))
    drawn = room.app.document.world
    QTimer.singleShot(0, fail)
    assert room.card(TITLE).body.text() == (
        "RuntimeError: the dog ate it. The drawing is on the board; save it to be safe."
    )
    room.press(TITLE, "Copy details")
    assert "Traceback" in QGuiApplication.clipboard().text()
    assert room.app.document.world == drawn
    room.press(TITLE, "Save as…")
    room.save_dialog(tmp_path / "safe.json")
    assert (tmp_path / "safe.json").exists()
    room.until(lambda: TITLE not in room.cards)

    done: list[object] = []
    background().run(lambda: fail("beside the window"), done.append)
    background().run(lambda: 7, done.append)
    room.until(lambda: done == [7])
    assert "beside the window" in room.card(TITLE).body.text()

    with monkeypatch.context() as patch:
        patch.setattr(facts, "world_facts", lambda world: fail("no facts"))
        room.wall((4, 0))
        room.until(lambda: "no facts" in room.card(TITLE).body.text())
    room.wall((4, 1))
    room.until(lambda: room.app.presenter._current_facts() is not None)
    assert room.app.analyst.answer()[0] is room.app.document.world
    assert printed == ["the dog ate it", "beside the window", "no facts"]
