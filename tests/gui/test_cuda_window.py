"""The window on a real device: it trains there, and goes on without it when it fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rlxent_core.policy import action_probabilities
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_gui import learnt
from rlxent_gui.mailbox import Snapshot
from rlxent_gui.view_state import RunState
from tests.gui.room import Room

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

OUT_OF_MEMORY = "CUDA ran out of memory, using the CPU"
STOPPED = "Training cannot go on"
FAILED = "CUDA failed, using the CPU"
OWN_PROCESS = "RLXENT_TEST_MAY_LOSE_CUDA"
MUCH = 2**18
"""Episodes that the CPU has memory for, and that take gigabytes."""


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path, device="cuda").start()
    yield room
    room.close()


def plays_on_cuda(room: Room) -> None:
    room.flat_out()
    room.key(room.SPACE)
    room.until(lambda: room.update > 20 and "CUDA" in room.device)


def curve_is_whole(room: Room) -> None:
    updates = room.app.presenter.curves.returns.column(0)
    np.testing.assert_array_equal(updates, np.arange(1, len(updates) + 1))


@pytest.fixture
def ballast() -> Iterator[list[torch.Tensor]]:
    """Takes the device's memory as soon as :func:`fill` is called."""
    held: list[torch.Tensor] = []
    yield held
    held.clear()
    torch.cuda.empty_cache()


def fill(held: list[torch.Tensor], leave: int) -> None:
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info()
    held.append(torch.empty(free - leave, dtype=torch.uint8, device="cuda"))


def test_it_trains_pauses_and_goes_back(room: Room) -> None:
    """The same numbers again after going back, and those that a trainer makes without a window."""
    plays_on_cuda(room)
    room.key(room.SPACE)
    room.until(lambda: latest(room).state is RunState.PAUSED)
    reached = latest(room).update
    room.until(lambda: room.update == reached)
    curve_is_whole(room)
    before = shown(room)
    for _ in range(5):
        room.key(Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    room.until(lambda: room.update == reached - 5)
    room.app.presenter.on_command("stop_at", reached)
    room.key(room.SPACE)
    room.until(lambda: room.update == reached and room.state is RunState.PAUSED)
    np.testing.assert_array_equal(shown(room), before)
    alone = Trainer(room.app.document.world, Settings(), (0,), "cuda")
    for _ in range(reached):
        alone.step()
    again = action_probabilities(alone.logits()[0]).double().cpu().numpy()
    np.testing.assert_array_equal(again, before)


def shown(room: Room) -> np.ndarray:
    """The probabilities that the board draws."""
    probabilities = latest(room).probabilities
    assert probabilities is not None
    return probabilities


def latest(room: Room) -> Snapshot:
    found = room.app.mailbox.latest()
    assert found is not None
    return found


def test_after_a_crash_it_goes_on_there(qtbot: QtBot, room: Room, tmp_path: Path) -> None:
    """From what was left behind, with the same bits as where it did not end."""
    plays_on_cuda(room)
    room.key(room.SPACE)
    room.until(lambda: latest(room).state is RunState.PAUSED)
    reached, kept = latest(room).update, tmp_path / "autosave/0.json"
    room.until(lambda: (found := learnt.read(kept)) is not None and found.update == reached)
    shutil.copytree(kept.parent, tmp_path / "left/autosave", ignore=lambda *_: ["0.lock"])
    other = Room(qtbot, tmp_path / "left", device="cuda").start()
    try:
        other.press("rlxent ended unexpectedly", "Restore it")
        other.until(lambda: latest(other).update == reached and "CUDA" in other.device)
        np.testing.assert_array_equal(shown(other), shown(room))
        for one in (room, other):
            one.app.presenter.on_command("stop_at", reached + 20)
            one.app.presenter.on_command("play_pause")
            one.until(lambda one=one: latest(one).update == reached + 20)  # type: ignore[misc]
            curve_is_whole(one)
        np.testing.assert_array_equal(shown(other), shown(room))
        assert "CUDA" in other.device
    finally:
        other.close()


def test_its_memory_is_really_full(room: Room, ballast: list[torch.Tensor]) -> None:
    """Many more episodes are asked for in mid-run: the CPU draws them, the card says so once."""
    plays_on_cuda(room)
    fill(ballast, leave=2**28)
    room.app.presenter.on_command("setting", ("batch_episodes", MUCH))
    body = room.card(OUT_OF_MEMORY).body.text()
    update = int(re.sub(r"\D", "", body.partition(",")[0]))
    room.until(lambda: room.update > update + 1)
    assert room.state is RunState.RUNNING
    assert "CPU" in room.device
    curve_is_whole(room)
    room.press(OUT_OF_MEMORY, "Copy details")
    assert "CUDA out of memory. Tried to allocate" in QGuiApplication.clipboard().text()
    room.press(OUT_OF_MEMORY, "Dismiss")
    ballast.clear()
    torch.cuda.empty_cache()
    room.app.presenter.on_command("setting", ("batch_episodes", 64))
    room.app.presenter.on_command("device", "cuda")
    room.until(lambda: "CUDA" in room.device and OUT_OF_MEMORY not in room.cards)
    there = room.update
    room.until(lambda: room.update > there + 20)
    assert "CUDA" in room.device


def test_not_even_the_cpu_has_memory_for_so_many(
    room: Room, ballast: list[torch.Tensor]
) -> None:
    """It stops with a sentence that names the way on; fewer episodes, and it goes on."""
    plays_on_cuda(room)
    fill(ballast, leave=2**28)
    room.app.presenter.on_command("setting", ("batch_episodes", 4 * MUCH))
    room.until(lambda: {OUT_OF_MEMORY, STOPPED} <= set(room.cards))
    assert room.card(STOPPED).body.text().startswith("One update would hold up to 104")
    assert room.card(STOPPED).body.text().endswith(
        "lower the episodes per update or max_steps. The drawing is safe."
    )
    assert "CPU" in room.device
    room.app.presenter.on_command("setting", ("batch_episodes", 64))
    room.until(lambda: room.state is RunState.PAUSED)
    there = room.update
    room.key(room.SPACE)
    room.until(lambda: room.update > there + 20)
    assert list(room.cards) == [OUT_OF_MEMORY]
    curve_is_whole(room)


def test_the_device_really_dies(request: pytest.FixtureRequest) -> None:
    """In a process of its own, since nothing brings the device back there."""
    if OWN_PROCESS in os.environ:
        dies(request.getfixturevalue("room"))
        return
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-c", str(request.config.inipath or os.devnull),
         f"{__file__}::test_the_device_really_dies"],
        env=os.environ | {OWN_PROCESS: "1"}, capture_output=True, text=True, timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def dies(room: Room) -> None:
    """An assertion fails on the device in mid-run: nothing there can be asked any more."""
    plays_on_cuda(room)
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.zeros(2, device="cuda")[torch.tensor([5], device="cuda")].cpu()
    body = room.card(FAILED).body.text()
    assert body.startswith("It said: “CUDA error: device-side assert triggered”. Training is at")
    there = room.update
    room.until(lambda: room.update > there + 20)
    assert room.state is RunState.RUNNING
    assert "CPU" in room.device
    curve_is_whole(room)
    room.wall((0, 2), (0, 3))
    drawn = room.app.document.world
    there = room.update
    room.until(lambda: room.update > there + 20)
    assert room.app.document.world == drawn
