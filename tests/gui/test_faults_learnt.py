"""Killed in mid-run: what was learnt comes back bit for bit, and training goes on as if nothing
had been; where it cannot, it is said, and nothing else is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from rlxent_core.curves import running_means
from rlxent_core.settings import Settings
from rlxent_core.state_arrays import arrays_of
from rlxent_core.trainer import Trainer
from rlxent_core.world import WALL_TILE
from rlxent_gui import learnt as learnt_files
from rlxent_gui import session, training_thread
from rlxent_gui.learnt import Learnt, Writer
from rlxent_gui.session import Session
from rlxent_gui.update_means import UpdateMeans
from rlxent_gui.words import count
from tests.gui.room import Room
from tests.gui.test_faults_crash import NOT_SAVED, small

CRITIC = Settings(learning_rate=0.1, credit="gae", baseline="critic", batch_episodes=4, hidden=8)

TRAINED = textwrap.dedent("""
    # The program trains flat out; wall and step size are changed in mid-run, until it is killed.
    import sys
    from pathlib import Path
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication
    from rlxent_core.world import WALL_TILE
    from rlxent_gui import learnt, learnt_desk, theme
    from rlxent_gui.app import App
    from rlxent_gui.document import Document
    from rlxent_gui.pacing import LEVELS
    from rlxent_gui.preferences import Preferences
    from tests.gui.test_faults_learnt import CRITIC, small

    learnt.AT_HAND, learnt_desk.SOONEST, learnt_desk.LATEST = 64, 0.05, 0.05
    folder = Path(sys.argv[1])
    application = QApplication([])
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(application, preferences)
    app = App(preferences, Document(small()), device="cpu", autosave_folder=folder / "autosave")
    app.autosave._timer.setInterval(30)
    app.start()
    app.presenter.run_opened(CRITIC, 5)

    def until(seen):
        while not seen():
            application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)

    until(lambda: app.presenter.run._loaded)
    app.presenter.on_command("speed", len(LEVELS) - 1)
    app.presenter.on_command("play_pause")
    until(lambda: app.presenter.update > 40)
    app.document.apply({(0, 1): WALL_TILE})
    until(lambda: app.presenter.update > 90)
    app.presenter.on_command("setting", ("learning_rate", 0.05))
    until(lambda: len(app.presenter.curves.marks) == 2)
    print(app.presenter.update, flush=True)
    until(lambda: False)
""")


@pytest.fixture
def rooms(qtbot: QtBot) -> Iterator[list[Room]]:
    started: list[Room] = []
    yield started
    for room in started:
        room.close()


def read(copy: Path) -> Learnt:
    found = learnt_files.read(copy)
    assert found is not None
    return found


def same(trainer: Trainer, learnt: Learnt | None) -> bool:
    """Whether this is what the trainer has learnt, to the last bit."""
    assert learnt is not None
    own = arrays_of(trainer.state())
    return own.keys() == learnt.arrays.keys() and all(
        own[name].tobytes() == learnt.arrays[name].tobytes() for name in own
    )


def play_to(room: Room, update: int) -> None:
    room.app.presenter.on_command("stop_at", update)
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update == update and room.state.value == "paused")


def test_killed_in_mid_run_it_goes_on_where_it_was(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """World and step size were changed meanwhile; critic, MLP and Adam; the same bits then, and
    as many updates later as if it had never ended."""
    command = [sys.executable, "-c", TRAINED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        changed = int(program.stdout.readline())
        copy = tmp_path / "autosave/0.json"
        deadline = time.monotonic() + 30
        while read(copy).update < changed + 100 and time.monotonic() < deadline:
            time.sleep(0.05)
        program.kill()
    found, left = read(copy), session.read(copy)
    assert sorted(path.name for path in copy.parent.glob("0.*")) == [
        "0.b.means", "0.json", "0.lock", "0.safetensors",
    ]  # fmt: skip
    ((at_world, _), (at_settings, _)) = left.changes

    trainer = Trainer(small(), CRITIC, (5,))
    returns = []
    while trainer.update < found.update:
        returns.append(float(trainer.step().means[0][0]))
        if trainer.update == at_world:
            trainer.set_world(small().with_tiles({(0, 1): WALL_TILE}))
        if trainer.update == at_settings:
            trainer.set_settings(left.settings)
    assert same(trainer, found)

    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    said = room.card(NOT_SAVED).body.text()
    assert f"at update {count(found.update)} with what it had learnt" in said
    room.press(NOT_SAVED, "Restore it")
    room.until(lambda: room.update == found.update and NOT_SAVED not in room.cards)
    curves = room.app.presenter.curves
    room.until(lambda: curves.returns.column(1).tolist() == returns)
    assert [update for update, _ in curves.marks] == [at_world, at_settings]
    assert not [title for title in room.cards if title.startswith("It had made")]
    play_to(room, found.update + 30)
    returns += [float(trainer.step().means[0][0]) for _ in range(30)]
    assert same(trainer, room.app.mailbox.learnt)
    room.until(lambda: curves.returns.column(1).tolist() == returns)
    run = room.app.training._run
    assert run is not None
    assert run.record().seeds[0].returns.tolist() == returns
    # Anew from the start; the curve whose beginning nobody knows is no ghost.
    room.app.presenter.on_command("reset")
    room.until(lambda: room.update == 0 and room.state.value == "ready")
    assert not room.app.presenter.run.ghosts


def leave(folder: Path, number: int, run: str = "", **other: object) -> Learnt:
    """What a program left that was killed at update 40; ``other`` is not as in its session."""
    trainer, means = Trainer(small(), CRITIC, (number,)), UpdateMeans()
    for _ in range(40):
        returns, lengths = trainer.step().means
        means.add(float(returns[0]), float(lengths[0]), trainer.episodes)
    learnt = Learnt(
        f"{number}.1", small(), CRITIC, number, arrays_of(trainer.state()), means.rows(40)
    )
    copy = folder / "autosave" / f"0.recovered.{number}.json"
    copy.parent.mkdir(exist_ok=True)
    at = Session(small(), CRITIC, number, 38, modified=True, run=run or learnt.run)
    copy.write_text(session.text_of(at), encoding="utf-8")
    os.utime(copy, (number, number))
    Writer(copy).write(learnt._replace(**other))
    return learnt


def test_what_cannot_come_back_is_said_in_a_sentence(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """Damaged, or another run's: the drawing is restored, and can be trained again."""
    whole = leave(tmp_path, 1)
    leave(tmp_path, 2, run="another.7")
    leave(tmp_path, 3, seed=9)
    leave(tmp_path, 4)
    path = tmp_path / "autosave/0.recovered.4.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    again = "It had made 38 updates"
    for number, offered, why in (
        (4, "at update 38.", "The copy of what it had learnt is damaged. From the same seed"),
        (3, "at update 40 with", "The copy of what it had learnt does not fit. From the same"),
        (2, "at update 38.", "From the same seed they give"),
    ):
        room.until(lambda n=number: f"seed {n}, " in room.card(NOT_SAVED).body.text())  # type: ignore[misc]
        assert offered in room.card(NOT_SAVED).body.text()
        room.press(NOT_SAVED, "Restore it")
        if number != 4:
            room.answer("Don’t save")
        title = again if number != 3 else "It had made 40 updates"
        assert room.card(title).body.text().startswith(why)
        room.until(lambda: room.update == 0 and room.state.value == "ready")
        assert len(room.app.presenter.curves.returns) == 0
    room.press(NOT_SAVED, "Restore it")
    room.answer("Don’t save")
    assert room.update == 40, "even before the training has begun"
    curves = room.app.presenter.curves
    room.until(lambda: len(curves.returns) == 40 and NOT_SAVED not in room.cards)
    assert again not in room.cards
    # It is safe again at once, and what it was found in is gone.
    folder = tmp_path / "autosave"
    room.until(lambda: not list(folder.glob("0.recovered.*")))
    safe = read(folder / "0.json")
    assert (safe.update, safe.run) == (40, session.read(folder / "0.json").run)
    assert safe.arrays["policy"].tobytes() == whole.arrays["policy"].tobytes()
    # Anew: at 0, beside the curve that it had before the crash.
    room.app.presenter.on_command("reset")
    room.until(lambda: room.update == 0 and room.state.value == "ready")
    (ghost,) = room.app.presenter.run.ghosts
    np.testing.assert_array_equal(ghost.ghost[1], running_means(whole.means[:, 0]))
    room.app.autosave._look()
    room.app.autosave._disk.submit(lambda: None).result()
    assert session.read(folder / "0.json").run != safe.run


def test_restored_before_torch_is_there_it_waits_at_its_update(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never "ready" at 0: in that moment there would be nothing that is worth a copy."""
    leave(tmp_path, 1)
    there, load = threading.Event(), training_thread.load_torch

    def late() -> None:
        there.wait(30)
        load()

    monkeypatch.setattr(training_thread, "load_torch", late)
    room = Room(qtbot, tmp_path)
    rooms.append(room)
    room.app.start()
    room.press(NOT_SAVED, "Restore it")
    room.until(lambda: room.update == 40)
    seen = set()
    room.app._clock.timeout.connect(lambda: seen.add((room.state.value, room.update)))
    there.set()
    room.until(lambda: room.state.value == "paused")
    assert seen <= {("loading", 40), ("paused", 40)}


def test_two_quick_clicks_answer_one_card(
    qtbot: QtBot, tmp_path: Path, rooms: list[Room]
) -> None:
    """The card of the second copy does not come under the mouse at once."""
    for number in (1, 2):
        leave(tmp_path, number)
    room = Room(qtbot, tmp_path).start()
    rooms.append(room)
    card = room.card(NOT_SAVED)
    button = next(b for b in card.findChildren(QAbstractButton) if b.text() == "Throw it away")
    place = button.mapTo(room.window, button.rect().center())
    for _ in range(2):
        under = room.window.childAt(place)
        assert under is not None
        qtbot.mouseClick(under, Qt.MouseButton.LeftButton)
        qtbot.wait(250)
    room.until(lambda: NOT_SAVED in room.cards)
    assert "seed 1" in room.card(NOT_SAVED).body.text()
