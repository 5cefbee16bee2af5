"""The training fails: a card with the cause and a way on, and the drawing is never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rlxent_core import rollout
from rlxent_core.settings import Settings
from rlxent_core.timeline import Timeline
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World
from rlxent_gui import messages
from rlxent_gui.device_fault import device_fault
from rlxent_gui.mailbox import DeviceFailed, Mailbox
from rlxent_gui.pacing import LEVELS
from rlxent_gui.training_thread import TrainingThread
from rlxent_gui.view_state import RunState
from tests.fake_cuda import DEAD, OOM, FakeCuda
from tests.gui.room import Room
from tests.gui.test_training_thread import Training

STOPPED = "Training stopped"
SMALL = World(
    map=("S..", "..G"), tiles={"S": Tile(start=1), "G": Tile(terminal=True, reward=1)},
    slip=0.1, max_steps=6,
)
FLAT_OUT = messages.SetPace(LEVELS[-1])


class OnCuda(Training):
    """A started thread that finds an accelerator."""

    def __init__(self, cuda: FakeCuda) -> None:
        self.cuda = cuda
        self.mailbox = Mailbox()
        self.thread = TrainingThread(self.mailbox)
        self.thread.when_loaded = cuda.__enter__
        self.thread.start()
        self.events = []
        self.sent = 0

    @property
    def failed(self) -> list[DeviceFailed]:
        return [event for event in self.events if isinstance(event, DeviceFailed)]

    def consult(self, ask: Any) -> Any:
        """What the run answers, on its thread."""
        answers: list[Any] = []
        done = threading.Event()

        def question(run: Any, report: object) -> None:
            answers.append(ask(run))
            done.set()

        self.thread.send(messages.Consult(question))
        assert done.wait(30)
        return answers[-1]


@pytest.fixture
def cuda() -> Iterator[FakeCuda]:
    fake = FakeCuda()
    with fake.there():
        yield fake


@pytest.fixture
def training(cuda: FakeCuda) -> Iterator[OnCuda]:
    bench = OnCuda(cuda)
    yield bench
    bench.thread.close()
    assert not bench.thread.is_alive()


def start(device: str = "cuda", **settings: Any) -> messages.Start:
    return messages.Start(1, SMALL, Settings(batch_episodes=4, **settings), 0, device)


@pytest.mark.parametrize("how", ["oom", "dead"])
def test_in_mid_run_it_goes_on_on_the_cpu(training: OnCuda, how: str) -> None:
    """Flat out: told once, from the last good update on with the CPU's numbers, still playing."""
    run = start(baseline="critic", architecture="mlp", hidden=4)
    training.send(run, FLAT_OUT, messages.Do.PLAY)
    training.until(lambda s: s.update > 20 and s.device == "cuda")
    kept: list[Any] = []
    real = Timeline.rescue

    def spy(timeline: Timeline, at_most: int) -> None:
        kept.append((timeline._kept, at_most))
        real(timeline, at_most)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Timeline, "rescue", spy)
        training.cuda.arm(lambda operation: how if operation == 500 else "")
        after = training.until(lambda s: s.device == "cpu" and s.update >= kept[0][0].update + 3)
    assert after.state is RunState.RUNNING
    training.send(messages.Do.PAUSE)
    last = training.settled()
    (failed,) = training.failed
    assert failed.cause == (
        "out of memory" if how == "oom" else "CUDA error: device-side assert triggered"
    )
    assert "Traceback" in failed.details
    ((state, at_most),) = kept
    assert failed.update == state.update
    assert 0 < failed.update <= at_most  # how old it is depends on what keeping it took here
    trainer = Trainer(SMALL, state.settings, (0,))
    trainer.load_state(state.state)
    returns = []
    while trainer.update < last.update:
        returns.append(float(trainer.step().means[0][0]))
    seen = training.returns()
    assert len(seen) == last.update
    assert seen[failed.update :] == returns
    assert training.consult(lambda run: torch.equal(run._trainer.logits(), trainer.logits()))
    assert last.earliest == failed.update
    training.send(messages.Rewind(failed.update), *[messages.Do.UPDATE] * 3)
    assert training.settled().update == failed.update + 3
    assert training.returns() == seen[: failed.update + 3]


def test_paced_it_is_the_very_last_update(
    training: OnCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Update by update, each one is kept: none is lost, and the next one is the CPU's."""
    monkeypatch.setattr("rlxent_gui.training_run.KEPT_SHARE", 0)  # as if they came slowly
    training.send(start(), *[messages.Do.UPDATE] * 7)
    training.settled()
    training.cuda.dead = True
    training.send(messages.Do.UPDATE)
    after = training.until(lambda s: s.device == "cpu")
    assert (after.update, after.state) == (7, RunState.PAUSED)
    training.send(messages.Do.UPDATE)
    assert training.settled().update == 8


def test_an_edit_that_the_device_fails_over_is_made(training: OnCuda) -> None:
    """A wall and a setting, drawn as it dies: they hold on the CPU."""
    training.send(start(), *[messages.Do.UPDATE] * 3)
    training.settled()
    training.cuda.dead = True
    other = SMALL.with_tiles({(0, 2): Tile(wall=True)})
    settings = Settings(batch_episodes=8, baseline="moving_average")
    training.send(messages.EditWorld(other), messages.EditSettings(settings))
    after = training.until(lambda s: s.device == "cpu" and s.handled == training.sent)
    assert after.update == 3
    assert training.consult(lambda run: (run._trainer.world, run._trainer.settings)) == (
        other, settings
    )
    assert len(training.failed) == 1


@pytest.mark.parametrize("how", ["oom", "dead"])
def test_a_run_that_cannot_begin_there_begins_on_the_cpu(training: OnCuda, how: str) -> None:
    """As if it had been asked for: the same bits."""
    training.cuda.arm(lambda operation: how if operation == 3 else "")
    training.send(start(), messages.Do.UPDATE, messages.Do.UPDATE)
    last = training.settled()
    assert (last.update, last.device) == (2, "cpu")
    trainer = Trainer(SMALL, Settings(batch_episodes=4), (0,))
    assert training.returns() == [float(trainer.step().means[0][0]) for _ in range(2)]
    assert training.failed[0].update == 0


def test_moving_there_fails(training: OnCuda) -> None:
    """Chosen in mid-run while its memory is full: the run stays where it was, and is told of it."""
    training.send(start("cpu"), *[messages.Do.UPDATE] * 3)
    training.settled()
    before = training.returns()
    training.cuda.arm(lambda operation: "oom")
    training.send(messages.MoveTo("cuda"))
    training.until(lambda s: s.handled == training.sent)
    training.send(messages.Do.UPDATE)
    last = training.settled()
    assert (last.update, last.device, training.failed[0].update) == (4, "cpu", 3)
    trainer = Trainer(SMALL, Settings(batch_episodes=4), (0,))
    returns = [float(trainer.step().means[0][0]) for _ in range(4)]
    assert training.returns() == returns
    assert before == returns[:3]
    training.cuda.arm(lambda operation: "")
    training.send(messages.MoveTo("cuda"), messages.Do.UPDATE)
    assert training.settled().device == "cuda"


def test_numbers_that_leave_the_finite_ones_on_a_device(training: OnCuda) -> None:
    """There it is noticed late: the way back leads to the last moment that was well, not beyond."""
    training.send(start(), *[messages.Do.UPDATE] * 60)
    training.settled()
    huge = SMALL.with_tiles({(1, 2): Tile(terminal=True, reward=1e300)})
    training.send(messages.EditWorld(huge), FLAT_OUT, messages.Do.PLAY)
    stopped = training.until(lambda s: s.state is RunState.STOPPED)
    assert stopped.failure is not None
    assert stopped.failure.update > 60
    assert stopped.failure.back == 60
    training.send(messages.EditWorld(SMALL), messages.Rewind(60))
    back = training.settled()
    assert (back.update, back.failure, back.state) == (60, None, RunState.PAUSED)
    training.send(messages.Do.UPDATE)
    assert training.settled().update == 61
    assert len(training.returns()) == 61


@pytest.mark.parametrize("how", ["oom", "dead", "moved", "changed"])
def test_the_cpu_has_no_memory_for_what_the_device_did(
    training: OnCuda, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It stops with the reason, on the CPU; fewer episodes, and it goes on from where it was."""
    monkeypatch.setattr(rollout, "MAX_STEPS_AT_ONCE", 64 * SMALL.max_steps)
    many = messages.EditSettings(Settings(batch_episodes=128))
    training.send(start(), *[] if how == "changed" else [many], messages.Do.UPDATE)
    assert training.settled().device == "cuda"
    if how == "changed":  # only since the last update
        training.send(many)
        training.settled()
        how = "oom"
    if how == "moved":
        training.send(messages.MoveTo("cpu"))
    else:
        training.cuda.arm(lambda operation: how if operation >= 3 else "")
    training.send(messages.Do.PLAY)
    stopped = training.until(lambda s: s.state is RunState.STOPPED)
    assert stopped.device == "cpu"
    assert stopped.failure is not None
    assert stopped.failure.kind == "training"
    assert "128 episodes), and 384 is the most: lower the episodes" in stopped.failure.sentence
    assert len(training.failed) == (how != "moved")
    training.send(messages.EditSettings(Settings(batch_episodes=64)))
    lowered = training.settled()
    assert (lowered.state, lowered.failure, lowered.update) == (RunState.PAUSED, None, 1)
    training.send(messages.Do.UPDATE)
    assert training.settled().update == 2
    assert len(training.returns()) == 2


def test_faults_are_told_apart() -> None:
    """A device's by what it says; all others are no reason to leave it."""
    assert device_fault(torch.OutOfMemoryError(OOM)) == "out of memory"
    assert device_fault(RuntimeError(OOM)) == "out of memory"
    assert device_fault(torch.AcceleratorError(DEAD)).startswith("CUDA error: device-side")
    assert device_fault(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"))
    assert device_fault(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"))
    assert not device_fault(RuntimeError("the dog ate it"))
    assert not device_fault(MemoryError("out of memory"))
    assert not device_fault(ValueError("CUDA"))


def test_a_fault_of_the_program_does_not_leave_the_device(
    training: OnCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be the same on the CPU: told as what it is."""
    training.send(start(), messages.Do.UPDATE)
    training.settled()

    def broken(self: Trainer) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(Trainer, "step", broken)
    training.send(messages.Do.UPDATE)
    stopped = training.until(lambda s: s.state is RunState.STOPPED)
    assert stopped.device == "cuda"
    assert training.failed == []


def test_a_run_that_cannot_even_be_looked_at(
    training: OnCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes its picture fails too: told, the thread lives, and a new start works."""
    training.send(start("cpu"), messages.Do.UPDATE)
    training.settled()
    with monkeypatch.context() as patch:
        def broken(self: Trainer) -> None:
            raise RuntimeError("the dog ate it")

        patch.setattr(Trainer, "logits", broken)
        training.send(messages.Do.UPDATE)
        stopped = training.until(lambda s: s.state is RunState.STOPPED)
    assert stopped.failure is not None
    assert stopped.failure.sentence == "RuntimeError: the dog ate it."
    training.send(messages.Start(2, SMALL, Settings(), 0, "cpu"), messages.Do.UPDATE)
    assert training.settled().update == 1


# --- in front of the room


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, cuda: FakeCuda) -> Iterator[Room]:
    room = Room(qtbot, tmp_path, device="cuda")
    room.app.training.when_loaded = cuda.__enter__
    room.start()
    yield room
    room.close()


def test_cuda_runs_out_of_memory_in_front_of_the_room(room: Room, cuda: FakeCuda) -> None:
    """One card, the training plays on, the control and the line below say CPU; CUDA again later."""
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 3 and "CUDA" in room.device)
    cuda.arm(lambda operation: "oom" if operation == 700 else "")
    title = "CUDA ran out of memory, using the CPU"
    body = room.card(title).body.text()
    update = int(body.split("update ")[1].split(",")[0])
    assert body.startswith(f"Training is at update {update}, the last that was whole.")
    room.until(lambda: room.update > update + 20)
    assert room.state is RunState.RUNNING
    assert "CPU" in room.device
    assert room.app.presenter.run.device == "cpu"
    curve = room.app.presenter.curves.returns.column(0)
    np.testing.assert_array_equal(curve, np.arange(1, len(curve) + 1))
    room.press(title, "Copy details")
    assert "CUDA out of memory. Tried" in QGuiApplication.clipboard().text()
    room.press(title, "Dismiss")
    room.until(lambda: title not in room.cards)
    cuda.arm(lambda operation: "")
    room.app.presenter.on_command("device", "cuda")
    room.until(lambda: "CUDA" in room.device)


def test_an_exception_in_mid_run_in_front_of_the_room(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cause, the traceback to copy, and on from where it was; drawing went on all the while."""
    room.app.presenter.on_command("device", "cpu")
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 5)

    def broken(self: Trainer) -> None:
        self.update += 1  # half done
        raise ValueError("an operand could not be broadcast\nwith shapes (3,) (4,)")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", broken)
        body = room.card(STOPPED).body.text()
        assert body == "ValueError: an operand could not be broadcast. The drawing is safe."
        room.wall((0, 2), (0, 3))
        drawn = room.app.document.world
        room.press(STOPPED, "Copy details")
        assert "with shapes (3,) (4,)" in QGuiApplication.clipboard().text()
    (back,) = (a.text for a in room.cards[STOPPED].actions if a.text.startswith("Rewind"))
    update = int(back.split()[-1])
    room.press(STOPPED, back)
    room.until(lambda: STOPPED not in room.cards)
    room.key(room.SPACE)
    room.until(lambda: room.update > update + 5)
    assert room.app.document.world == drawn
    curve = room.app.presenter.curves.returns.column(0)
    np.testing.assert_array_equal(curve, np.arange(1, len(curve) + 1))


def test_logits_that_are_not_finite_in_front_of_the_room(room: Room) -> None:
    """A reward of 1e300 typed in mid-run: stopped, taken back by undo, rewound by the button."""
    room.app.presenter.on_command("device", "cpu")
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 5)
    before = room.app.document.world
    room.app.document.apply({(4, 4): Tile(terminal=True, reward=1e300)})
    room.until(lambda: any(title.startswith("Stopped at update") for title in room.cards))
    (title,) = (title for title in room.cards if title.startswith("Stopped at update"))
    update = int(title.split()[-1])
    assert "stopped being finite numbers" in room.card(title).body.text()
    room.key(Qt.Key.Key_Z, room.CONTROL)
    assert room.app.document.world == before
    room.press(title, f"Rewind to update {update - 1}")
    room.until(lambda: title not in room.cards)
    room.key(room.SPACE)
    room.until(lambda: room.update > update + 5)
