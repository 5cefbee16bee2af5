"""Worlds that the format allows and no computer can add up: told, never an exception or a warning.

What is in a file is a finite number.  What follows from it need not be: values and gradients beyond
floats are shown as none, and training stops with a card at the update that they spoil.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from rlxent_core.cli import main
from rlxent_core.facts import world_facts
from rlxent_core.settings import Settings
from rlxent_core.tiles import DIRECTIONS, Teleport, Tile
from rlxent_core.world import World
from rlxent_core.world_file import write_file
from rlxent_gui import messages, questions
from rlxent_gui.questions import Pick
from rlxent_gui.view_state import RunState
from tests.core.test_foreign import NoWorlds
from tests.gui.test_app import LONG, Room, room  # noqa: F401
from tests.gui.test_determinism_window import Hand
from tests.gui.test_training_thread import FLAT_OUT, Training

HUGE, TINY = 1.7e308, 5e-324


def world(tiles: dict[str, Tile] | None = None, **fields: object) -> World:
    rows = ("S..G", ".#XA")
    known = {"S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0), "X": Tile(exit=1.0),
             "A": Tile(teleport=Teleport((0, 0)))}  # fmt: skip
    return World(rows, {**known, **(tiles or {})}, max_steps=20).with_fields(**fields)


WORLDS = {
    "huge step": world(step_reward=HUGE),
    "huge loss": world(step_reward=-HUGE, bump_reward=-HUGE, discount=1.0),
    "huge both ways": world({"G": Tile(terminal=True, reward=HUGE), "X": Tile(exit=-HUGE)}),
    "huge bump against a huge step": world(step_reward=HUGE, bump_reward=-HUGE),
    "huge noise": world(reward_noise=HUGE),
    "huge teleport": world({"A": Tile(teleport=Teleport((0, 0), HUGE))}, slip=1.0),
    "huge respawn": world({"G": Tile(respawn=True, reward=HUGE)}, discount=1.0),
    "large enough for float32": world(step_reward=1e30),
    "square beyond floats": world(step_reward=1e160),
    "tiny": world({"G": Tile(terminal=True, reward=TINY)}, slip=TINY, discount=TINY),
    "tiny noise": world(reward_noise=TINY, step_reward=-TINY),
    "unequal starts": world({"S": Tile(start=HUGE), "A": Tile(start=TINY)}),
    "no discount": world(discount=0.0, max_steps=1),
    "one cell": World((".",), moves=("stay",), max_steps=3),
    "nothing but ice": World((".",), slip=1.0, moves=tuple(DIRECTIONS)),
    "windy": world({"S": Tile(start=1, wind=(64, -64)), "X": Tile(wind=(-64, 64), reversed=True)}),
}  # fmt: skip
everywhere = pytest.mark.parametrize("given", WORLDS.values(), ids=WORLDS)


@pytest.fixture
def training() -> Iterator[Training]:
    bench = Training()
    yield bench
    bench.thread.close()


@everywhere
def test_the_command_line_has_numbers_or_null(
    given: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Solved, trained and measured: one JSON object, or one sentence."""
    path = tmp_path / "world.json"
    write_file(given, path)
    for command in (
        ("solve",), ("solve", "--horizon", "infinite"), ("train", "--updates", "2"),
        ("variance", "--episodes", "8"),
    ):  # fmt: skip
        status = main([command[0], str(path), *command[1:], "--json"], NoWorlds())
        out, err = capsys.readouterr()
        if status == 0:
            json.loads(out, parse_constant=pytest.fail)
            assert err == ""
        else:
            assert (status, out, err.count("\n")) == (1, "", 1)
            assert err.rstrip().endswith(".")


@everywhere
def test_what_is_known_of_it_is_known_without_a_warning(given: World) -> None:
    """The facts about the board."""
    assert world_facts(given).unreachable.shape == (given.rows * given.columns,)


@everywhere
def test_training_goes_on_or_stops_with_its_reason(training: Training, given: World) -> None:
    """With everything that can be asked beside it; and the next world trains."""
    settings = Settings(architecture="table", batch_episodes=4)
    hand = Hand(training, given, settings, 1)
    training.send(messages.Start(1, given, settings, 0, "cpu"), messages.SetPace(FLAT_OUT))
    for turn in range(2):
        for act in hand.acts:
            act()
            which: Pick = ("best", "median", "worst", 0)[turn]
            hand.ask(questions.AskEpisode(90 + turn, "new", which))
    training.send(messages.Do.UPDATE)
    seen = training.settled()
    if seen.failure is not None:
        assert seen.failure.kind == "not_finite", seen.failure.details
    training.send(messages.Start(2, world(), settings, 0, "cpu"), messages.Do.UPDATE)
    assert training.settled().update == 1


def test_the_window_shows_them_all(room: Room, tmp_path: Path) -> None:  # noqa: F811
    """Opened one after the other, played, and looked at in every scene with every overlay."""
    control = Qt.KeyboardModifier.ControlModifier
    for name, given in WORLDS.items():
        path = tmp_path / f"{name}.json"
        write_file(given, path)
        room.app.files.open_path(str(path))
        assert room.app.document.world == given
        room.flat_out()
        for key in (Qt.Key.Key_K, Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3,
                    Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_5, Qt.Key.Key_U):  # fmt: skip
            room.key(key)
            room.qtbot.wait(5)
        for scene in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_1):
            room.key(scene, control)
            room.qtbot.wait(30)
        room.qtbot.waitUntil(lambda: room.state is not RunState.RUNNING, timeout=LONG)
        assert room.app.training.is_alive()
        assert "Training stopped" not in room.card_titles(), name
