"""In the window the same bits as without one: at any speed, paused, watched, measured, rewound."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rlxent_core.run_file import Run, read_run, write_run
from rlxent_core.settings import Settings
from rlxent_core.study import Study
from rlxent_core.trainer import Trainer
from rlxent_core.world import World
from rlxent_gui import messages, questions
from rlxent_gui.mailbox import VariancePoint
from rlxent_gui.pacing import LEVELS, Pace
from rlxent_gui.view_state import RunState
from tests.core.test_determinism import CASES, recorded
from tests.gui.test_app import LONG, Room, room  # noqa: F401
from tests.gui.test_training_thread import FLAT_OUT, Training

SEED = 3
LEAST = 30
"""Updates that a run makes at least."""
ESTIMATORS = ("total/none", "reward_to_go/leave_one_out", "reward_to_go/exact_value",
              "reward_to_go/z_score", "reward_to_go/b_star")  # fmt: skip


@pytest.fixture
def training() -> Iterator[Training]:
    bench = Training()
    yield bench
    bench.thread.close()
    assert not bench.thread.is_alive()


def headless(world: World, settings: Settings, seed: int, updates: int) -> Run:
    """What the command line would write, of this seed among others."""
    trainer = Trainer(world, settings, (seed, seed + 1, seed + 2))
    found = recorded(trainer, updates)
    return replace(found, seeds=found.seeds[:1])


def assert_same(found: Run, expected: Run) -> None:
    assert found.updates == expected.updates
    (one,), (other,) = found.seeds, expected.seeds
    assert one.seed == other.seed
    for name in ("returns", "lengths", "logits"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.parameters.keys() == other.parameters.keys()
    for name, numbers in one.parameters.items():
        assert np.array_equal(numbers, other.parameters[name]), name


def now(training: Training) -> Run:
    """The run as it would be saved."""
    seen: list[Run] = []
    training.thread.send(messages.Consult(lambda run, _: seen.append(run.record())))
    training.until(lambda _: bool(seen))
    return seen[0]


class Hand:
    """Does at random what the window's controls and scenes ask of a training."""

    def __init__(self, training: Training, world: World, settings: Settings, seed: int) -> None:
        self.training, self.world, self.settings = training, world, settings
        self.dice = random.Random(seed)
        self.number = 0
        self.acts = (
            self.play, self.play, self.steps, self.updates, self.speed, self.look, self.meter,
            self.measure, self.survey, self.credit, self.study, self.rewind, self.edit,
        )  # fmt: skip

    def send(self, *wanted: messages.Message) -> None:
        self.training.send(*wanted)

    def ask(self, question: object) -> None:
        # Who consults is not counted among what was handled.
        self.training.thread.send(messages.Consult(question))  # type: ignore[arg-type]

    def act(self) -> None:
        self.dice.choice(self.acts)()

    def play(self) -> None:
        self.send(messages.Do.PLAY)
        time.sleep(self.dice.uniform(0, 0.02))
        self.send(messages.Do.PAUSE)

    def steps(self) -> None:
        self.send(*[messages.Do.STEP] * self.dice.randrange(1, 20), messages.Do.EPISODE)

    def updates(self) -> None:
        self.send(*[messages.Do.UPDATE] * self.dice.randrange(1, 4))

    def speed(self) -> None:
        self.send(messages.SetPace(self.dice.choice([*LEVELS, FLAT_OUT, Pace("x", updates=500)])))

    def look(self) -> None:
        self.send(messages.WantValues(self.dice.random() < 0.5, self.dice.random() < 0.5))

    def meter(self) -> None:
        some = self.dice.sample(ESTIMATORS, self.dice.randrange(4))
        self.send(messages.Meter(tuple(some), self.dice.random() < 0.5))

    def measure(self) -> None:
        self.send(messages.Measure(64))

    def survey(self) -> None:
        self.number += 1
        dice = self.dice
        self.ask(questions.AskSurvey(self.number, dice.choice((16, 64)), dice.random() < 0.5))

    def credit(self) -> None:
        self.number += 1
        batch = self.dice.choice(("latest", "new", "held"))
        self.ask(questions.AskEpisode(self.number, batch, now=self.dice.random() < 0.5))

    def study(self) -> None:
        self.number += 1
        arms = (self.settings, Settings(architecture="table"))
        self.ask(questions.AskLearning(
            self.number, "study", self.world, lambda answer: None, arms, seeds=2, updates=2,
        ))

    def rewind(self) -> None:
        update = self.training.settled().update
        self.send(messages.Rewind(self.dice.randrange(max(0, update - 12), update + 1)))

    def edit(self) -> None:
        """Another world and another step size, and both undone before anything is learnt."""
        self.send(messages.EditWorld(self.world.with_fields(slip=0.9)),
                  messages.EditSettings(replace(self.settings, learning_rate=1.0)),
                  messages.EditSettings(self.settings),
                  messages.EditWorld(self.world))  # fmt: skip


@pytest.mark.parametrize(("world", "settings"), CASES.values(), ids=CASES)
def test_numbers_do_not_depend_on_what_is_done_beside_the_training(
    training: Training, world: World, settings: Settings
) -> None:
    """Played, paused, stepped, watched, measured and rewound at random, it is the headless run."""
    training.send(messages.Start(1, world, settings, SEED, "cpu"), messages.SetPace(FLAT_OUT))
    hand = Hand(training, world, settings, SEED)
    for act in hand.acts:  # each once, whatever the dice say
        act()
        training.send(messages.Do.UPDATE)
    while training.settled().update < LEAST:
        hand.act()
        training.send(messages.Do.UPDATE)
    seen = training.settled()
    expected = headless(world, settings, SEED, seen.update)
    assert_same(now(training), expected)
    assert training.returns() == expected.seeds[0].returns.tolist()
    if settings.batch_episodes > 1:
        assert any(isinstance(event, VariancePoint) for event in training.events)


def test_a_study_beside_it_has_the_bits_of_a_study_alone(training: Training) -> None:
    """What is trained beside a run does not notice the run either."""
    world, settings = CASES["table, critic"]
    found = []
    training.send(messages.Start(1, world, settings, SEED, "cpu"), messages.Do.UPDATE)
    training.thread.send(messages.Consult(questions.AskLearning(
        1, "study", world, found.append, (settings,), seeds=3, updates=4)))
    training.until(lambda _: bool(found) and found[-1].over)
    alone = Study(world, (settings,), range(3), 4)
    for _ in alone.steps():
        pass
    arm = found[-1].study.arms[0]
    assert arm.episodes[-1] == 4 * settings.batch_episodes
    assert np.array_equal(arm.quartiles, alone.arms[0].curve.quartiles)


KEYS = (
    *(Qt.Key.Key_Space,) * 4, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_J, Qt.Key.Key_K,
    Qt.Key.Key_U, Qt.Key.Key_U, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4,
    Qt.Key.Key_5, Qt.Key.Key_Z, Qt.Key.Key_D,
)  # fmt: skip
"""Transport, speed, overlays, numbers, spotlight and theme."""
SCENES = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)


@pytest.mark.parametrize("which", ["default", "table, critic"])
def test_the_whole_window_trains_to_the_same_bits(
    room: Room, tmp_path: Path, which: str  # noqa: F811
) -> None:
    """Keys at random in all three scenes, saved, opened again, and the replay agrees."""
    world, settings = CASES[which]
    write_run(tmp_path / "given.json", recorded(Trainer(world, settings, (SEED,)), 1))
    room.app.files.open_path(str(tmp_path / "given.json"))
    room.qtbot.waitUntil(lambda: room.state is RunState.READY and room.update == 0, timeout=LONG)
    dice = random.Random(5)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    room.flat_out()
    room.key(Qt.Key.Key_Space)
    for turn in range(45):
        if turn % 9 == 0:
            room.key(SCENES[turn // 9 % 3], control)
        room.key(dice.choice(KEYS))
        if dice.random() < 0.2:
            room.key(Qt.Key.Key_U, shift)
        room.qtbot.wait(dice.randrange(1, 40))
    room.key(SCENES[0], control)
    if room.state is RunState.RUNNING:
        room.key(Qt.Key.Key_Space)
    seen: list[Run] = []
    room.qtbot.waitUntil(lambda: room.state is not RunState.RUNNING, timeout=LONG)
    for _ in range(10):
        room.key(Qt.Key.Key_U)
    room.app.training.send(messages.Consult(lambda run, _: seen.append(run.record())))
    room.qtbot.waitUntil(lambda: bool(seen), timeout=LONG)
    assert seen[0].updates >= 10
    assert_same(seen[0], headless(world, settings, SEED, seen[0].updates))

    write_run(tmp_path / "saved.json", seen[0])
    assert_same(read_run(tmp_path / "saved.json"), seen[0])
    room.app.document.undo_stack.setClean()
    room.app.files.open_path(str(tmp_path / "saved.json"))
    room.app.runs.replay()
    room.qtbot.waitUntil(
        lambda: "The replay agrees with the file" in room.card_titles(), timeout=LONG
    )
