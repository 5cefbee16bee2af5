"""Killed at any moment: the next start offers what the program was at, at most five seconds old."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlxent_core import world_file
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import WALL_TILE, World
from rlxent_gui import session
from rlxent_gui.autosave import INTERVAL_MS
from rlxent_gui.session import Session
from tests.gui.room import Room

THOROUGH = bool(os.environ.get("RLXENT_THOROUGH"))
"""With ``RLXENT_THOROUGH=1`` programs are killed 400 times, and the copy has its real age."""
LIVES = "200" if THOROUGH else "20"
INTERVAL = INTERVAL_MS if THOROUGH else 1000
NOT_SAVED = "A drawing was not saved"
ENDED = "rlxent ended unexpectedly"

KILLED = textwrap.dedent("""
    # Programs draw and are killed, again and again; each start looks for what the last one drew.
    import os, random, signal, sys, time
    from pathlib import Path
    from PySide6.QtCore import QCoreApplication, QEventLoop
    from rlxent_core.settings import Settings
    from rlxent_core.world import World
    from rlxent_gui import session
    from rlxent_gui.autosave import AutoSave
    from rlxent_gui.session import Session

    folder, times, dice = Path(sys.argv[1]), int(sys.argv[2]), random.Random(3)
    BOARD = World(map=("." * 20,) * 20)

    def program(begins, told):
        application = QCoreApplication([])
        drawn = begins
        def now():
            modified = drawn > begins
            return Session(BOARD.with_fields(name=str(drawn)), Settings(), update=drawn,
                           modified=modified)
        autosave = AutoSave(now, folder, 2)
        left = autosave.recoverable()
        if left is None:
            os.write(told, b"nothing\\n")
        else:
            found = session.read(left)
            os.write(told, f"found {found.update} {found.world.name}\\n".encode())
            autosave.discard_recovered()
        while True:
            drawn += 1
            application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 3)
            autosave._disk.submit(lambda: None).result()
            if autosave._kept.update < drawn:
                continue  # not its turn yet
            os.write(told, f"kept {drawn}\\n".encode())

    kept, begins = 0, 0
    for life in range(times + 1):
        read, told = os.pipe()
        child = os.fork()
        if child == 0:
            program(begins, told)
        os.close(told)
        lines = os.fdopen(read)
        first = lines.readline().split()
        if life:
            assert first[0] == "found", (life, first)
            assert first[1] == first[2] and int(first[1]) >= kept, (life, first, kept)
        assert lines.readline().startswith("kept")
        time.sleep(dice.uniform(0, 0.008))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        kept = max((int(line.split()[1]) for line in lines if line.endswith("\\n")), default=0)
        begins = kept + 1000
    print("lives", times)
""")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes by the hundred")
def test_killed_again_and_again_while_copying(tmp_path: Path) -> None:
    """Every start finds the whole of what its forerunner had kept last, or something newer."""
    both = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-c", KILLED, str(tmp_path / name), LIVES]
        both.append(subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ))
    for process in both:
        told, failed = process.communicate(timeout=120)
        assert told == f"lives {LIVES}\n", failed
    for name in ("one", "other"):
        left = os.listdir(tmp_path / name)
        assert len(left) < 10, "what dead programs leave does not pile up"


DRAWN_ON = textwrap.dedent("""
    # The program, trained flat out while a drag of the mouse goes on and on, until it is killed.
    import sys, time
    from pathlib import Path
    from PySide6.QtCore import QEventLoop, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication
    from rlxent_core.world import Tile
    from rlxent_gui import theme
    from rlxent_gui.app import App
    from rlxent_gui.document import Document, empty_world
    from rlxent_gui.pacing import LEVELS
    from rlxent_gui.preferences import Preferences

    folder = Path(sys.argv[1])
    application = QApplication([])
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(application, preferences)
    goal = {(19, 19): Tile(terminal=True, reward=1.0)}
    document = Document(empty_world(20, 20).with_tiles(goal))
    app = App(preferences, document, seed=5, device="cpu", autosave_folder=folder / "autosave")
    app.window.resize(1366, 768)
    app.autosave._timer.setInterval(int(sys.argv[2]))
    ready = []
    app.window.built.connect(lambda: ready.append(True))
    app.start()
    window, board = app.window, app.window.board
    while not ready or not app.presenter.run._loaded:
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    app.presenter.on_command("setting", ("learning_rate", 0.25))
    app.presenter.on_command("speed", len(LEVELS) - 1)
    app.presenter.on_command("play_pause")
    QTest.keyClick(window, Qt.Key.Key_W)
    cells = [(row, column) for row in range(1, 19) for column in range(1, 19)]

    def at(cell):
        return board.grid().rect(cell).center().toPoint()

    QTest.mousePress(board, Qt.MouseButton.LeftButton, pos=at(cells[0]))
    for number, cell in enumerate(cells[1:], start=2):
        QTest.mouseMove(board, at(cell))
        walls = sum(row.count("#") for row in document.world.map)
        print(walls, app.presenter.update, time.time(), flush=True)
        until = time.perf_counter() + 0.03
        while time.perf_counter() < until:
            application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
    print("it was never killed")
""")


def test_killed_in_the_middle_of_a_drag_while_it_trains_flat_out(
    qtbot: QtBot, tmp_path: Path
) -> None:
    """The next start offers all of it but the last second and what is waited between two copies,
    which is five seconds together, and what it was trained with."""
    assert INTERVAL_MS <= 4000
    command = [sys.executable, "-c", DRAWN_ON, str(tmp_path), str(INTERVAL)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline()]
        began = time.time()
        while time.time() < began + 1.5 + INTERVAL / 1000:
            lines.append(program.stdout.readline())
        program.kill()
        killed = time.time()
    assert program.returncode != 0
    seen = [tuple(map(float, line.split())) for line in lines]
    assert seen[-1][0] > 20, "it was drawn on all the time"
    assert seen[-1][1] > 20, "and trained"

    room = Room(qtbot, tmp_path).start()
    assert "seed 5, at update" in room.card(NOT_SAVED).body.text()
    room.press(NOT_SAVED, "Restore it")
    walls = sum(row.count("#") for row in room.app.document.world.map)
    missing = [when for drawn, _, when in seen if drawn > walls]
    assert killed - min(missing, default=killed) < INTERVAL / 1000 + 1
    assert room.app.document.modified
    assert room.app.presenter.settings == Settings(learning_rate=0.25)
    assert room.app.presenter.seed == 5
    room.until(lambda: NOT_SAVED not in room.cards)
    room.close()


def leave(folder: Path, *sessions: Session) -> None:
    """What programs left that were killed, one after the other."""
    (folder / "autosave").mkdir()
    *older, last = sessions
    for k, old in enumerate(older):
        path = folder / "autosave" / f"0.recovered.{k}.json"
        path.write_text(session.text_of(old), encoding="utf-8")
        os.utime(path, (k + 1, k + 1))
    (folder / "autosave" / "0.json").write_text(session.text_of(last), encoding="utf-8")


@pytest.fixture
def rooms(qtbot: QtBot, tmp_path: Path) -> Iterator[list[Room]]:
    started: list[Room] = []
    yield started
    for room in started:
        room.close()


def small() -> World:
    from rlxent_core.tiles import Tile

    tiles = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)}
    return World(map=("S..", "..G"), tiles=tiles, name="Small", max_steps=20)


def test_what_was_learnt_is_learnt_again(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """From the same settings and seed, by one click: the same bits as before the crash."""
    settings = Settings(learning_rate=0.3, baseline="moving_average")
    leave(tmp_path, Session(small(), settings, 3, 40, modified=True))
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    room.press(NOT_SAVED, "Restore it")
    room.press("It had made 40 updates", "Train to update 40")
    room.until(lambda: room.update == 40 and room.state.value == "paused")
    trainer = Trainer(small(), settings, (3,))
    returns = [float(trainer.step().means[0][0]) for _ in range(40)]
    room.until(lambda: len(room.app.presenter.curves.returns) == 40)
    assert room.app.presenter.curves.returns.column(1).tolist() == returns


def test_saved_file_is_gone_on_with(qtbot: QtBot, tmp_path: Path, rooms: list[Room]) -> None:
    """All was saved: after Restore the file is the document's, and Save asks for none."""
    path = tmp_path / "small.json"
    world_file.write_file(small(), path)
    from rlxent_gui.open_file import stamp_of_file

    leave(tmp_path, Session(small(), Settings(), 3, path=path, stamp=stamp_of_file(path)))
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    room.press(ENDED, "Restore it")
    assert (room.app.document.path, room.app.document.modified) == (path, False)
    room.wall((0, 1))
    room.key(room.S, room.CONTROL)
    assert room.app.files.sheet is None
    assert world_file.read_file(path) == small().with_tiles({(0, 1): WALL_TILE})


def test_file_that_changed_after_the_crash_is_not_written_over(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """What was rescued is put on the board, and what the file holds now is told."""
    path = tmp_path / "small.json"
    world_file.write_file(small().with_tiles({(1, 0): WALL_TILE}), path)
    drawn = small().with_tiles({(0, 1): WALL_TILE})
    leave(tmp_path, Session(drawn, Settings(), path=path, stamp="of another time", modified=True))
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    room.press(NOT_SAVED, "Restore it")
    assert room.app.document.world == drawn
    room.key(room.S, room.CONTROL)
    room.answer("Cancel")
    room.card("small.json was changed by another program")
    assert world_file.read_file(path) != drawn


def test_drawings_of_several_crashes_are_offered_in_turn(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """The latest first; thrown away and restored one by one, until none is left."""
    def named(name: str) -> Session:
        return Session(small().with_fields(name=name), Settings(), modified=True)

    leave(tmp_path, named("A"), named("B"), named("C"))
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    assert "“C” was kept" in room.card(NOT_SAVED).body.text()
    room.press(NOT_SAVED, "Throw it away")
    room.until(lambda: "“B” was kept" in room.card(NOT_SAVED).body.text())
    room.press(NOT_SAVED, "Restore it")
    assert room.app.document.name == "B"
    room.until(lambda: "“A” was kept" in room.card(NOT_SAVED).body.text())
    room.press(NOT_SAVED, "Restore it")
    room.answer("Cancel")
    assert room.app.document.name == "B"
    room.press(NOT_SAVED, "Restore it")
    room.answer("Don’t save")
    assert room.app.document.name == "A"
    room.until(lambda: NOT_SAVED not in room.cards)


def test_copy_that_cannot_be_read_is_told(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """It is kept, for whoever can make something of it, until it is thrown away."""
    (tmp_path / "autosave").mkdir()
    (tmp_path / "autosave" / "0.json").write_text("{", encoding="utf-8")
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    title = "A drawing could not be restored"
    assert "kept as 0.recovered." in room.card(title).body.text()
    room.press(title, "Throw it away")
    room.until(lambda: title not in room.cards)
    room.until(lambda: not list((tmp_path / "autosave").glob("*.json")))
