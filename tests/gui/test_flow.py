"""Step by step in Explore: after its last step an episode's returns flow back along its path."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

import rlxent_resources
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import returns_to_go
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui import messages, resolve
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.lanes import trail
from rlxent_gui.document import Document
from rlxent_gui.mailbox import Mailbox, Snapshot
from rlxent_gui.pacing import LEVELS, Pace
from rlxent_gui.theme import LIGHT
from rlxent_gui.training_run import TrainingRun
from rlxent_gui.view_state import BoardView, Flow, RunState
from rlxent_gui.walk import FLOW_TICKS
from tests.gui.test_training_thread import Training, headless, start
from tests.gui.test_trajectory import near, pixels

PUDDLE = read_text(rlxent_resources.world_text("puddle_corridor"))
SLIPPERY = PUDDLE.with_fields(slip=0.2, discount=0.9, max_steps=40)
WEIGHED = [
    Settings(batch_episodes=4, credit="total_return", baseline="none"),
    Settings(batch_episodes=4, baseline="leave_one_out"),
    Settings(batch_episodes=4, baseline="moving_average", discount_weighting="exact"),
    Settings(batch_episodes=4, baseline="optimal_constant"),
    Settings(batch_episodes=4, baseline="exact_value"),
    Settings(batch_episodes=4, credit="gae", baseline="critic"),
]


@pytest.fixture
def training() -> Iterator[Training]:
    bench = Training()
    yield bench
    bench.thread.close()


def run_of(world: World, settings: Settings) -> TrainingRun:
    return TrainingRun(Mailbox(), messages.Start(1, world, settings, 0, "cpu"))


def seen(run: TrainingRun) -> Snapshot:
    wants = messages.WantValues(False)
    return run.snapshot(RunState.PAUSED, 0, None, wants, 0)


def flow(run: TrainingRun) -> Flow:
    found = seen(run).flow
    assert found is not None
    return found


def to_the_end(run: TrainingRun) -> int:
    """Walk the episode with Step until it is over; how many steps it took."""
    for steps in range(1, 10**4):
        run.walk()
        token = run._walk.token()
        assert token is not None
        if token.finished:
            return steps
    raise AssertionError("it never ended")


@pytest.mark.parametrize("settings", WEIGHED, ids=lambda s: f"{s.credit}-{s.baseline}")
def test_returns_come_back_with_the_weights_of_the_update(settings: Settings) -> None:
    """G_t by hand, w_t those of the very update that follows; from the last step to the first."""
    run, twin = run_of(SLIPPERY, settings), Trainer(SLIPPERY, settings, (0,))
    for _ in range(3):
        run.update()
        twin.step()
    length = to_the_end(run)
    assert seen(run).flow is None
    done = twin.step()
    episode = done.episodes[0]
    assert episode.weights is not None
    assert length == len(episode.actions)
    returns = returns_to_go(episode.rewards, SLIPPERY.discount)
    ticks, first = 0, length
    while first:
        run.walk()
        ticks += 1
        now = flow(run)
        assert now.path.first < first
        first = now.path.first
        np.testing.assert_array_equal(now.path.weights, episode.weights)
        expected = np.full(36, np.nan)
        for t in range(length - 1, first - 1, -1):
            expected[episode.states[t]] = returns[t]
        np.testing.assert_allclose(now.returns, expected, rtol=0, atol=1e-9)
    assert ticks <= FLOW_TICKS
    states = [r * 6 + c for r, c in now.path.cells]
    assert states == episode.states.tolist()
    assert [SLIPPERY.moves.index(a) for a in now.path.actions] == episode.actions.tolist()
    run.update()
    after = seen(run)
    assert (after.flow, after.token) == (None, None)
    expected_after = torch.softmax(done.logits_after[0].double(), -1).numpy()
    np.testing.assert_allclose(after.probabilities, expected_after, atol=1e-12)


def test_long_episodes_flow_back_as_fast() -> None:
    """A thousand steps in at most a dozen ticks."""
    world = World(map=("S" + "." * 39, *("." * 40,) * 39), tiles={"S": Tile(start=1.0)},
                  max_steps=1000)
    run = run_of(world, Settings(batch_episodes=1))
    assert to_the_end(run) == 1000
    for _ in range(FLOW_TICKS):
        run.walk()
    assert flow(run).path.first == 0
    run.walk()
    assert run.updates == 1


def test_step_goes_through_the_same_ticks_and_then_on(training: Training) -> None:
    """J after the last tick: the next episode's first step, and after the last one the update."""
    training.send(start(PUDDLE, batch_episodes=2), messages.Do.EPISODE)
    whole = training.settled()
    assert whole.flow is not None
    assert whole.flow.path.first == 0
    training.send(messages.Do.STEP)
    following = training.settled()
    assert following.token is not None
    assert (following.token.episode, following.token.step, following.flow) == (1, 1, None)
    training.send(messages.Do.EPISODE, messages.Do.STEP)
    assert training.settled().update == 1


def test_episode_in_the_middle_of_the_flow_finishes_it(training: Training) -> None:
    """K shows the end of this episode first, and the next one only when it is pressed again."""
    training.send(start(PUDDLE), messages.Do.EPISODE, messages.Do.STEP, messages.Do.EPISODE)
    assert training.settled().token is not None
    training.send(*[messages.Do.STEP] * 200)  # somewhere on the way
    middle = training.settled()
    training.send(messages.Do.EPISODE)
    end = training.settled()
    assert middle.token is not None
    assert end.token is not None
    assert end.flow is not None
    assert end.flow.path.first == 0
    assert end.token.finished


def test_update_skips_all_of_it(training: Training) -> None:
    """U in the middle of the flow: the update is done, and nothing of the walk is left."""
    training.send(start(PUDDLE), messages.Do.EPISODE, messages.Do.UPDATE)
    after = training.settled()
    assert (after.update, after.flow, after.token) == (1, None, None)


def test_a_walking_training_shows_the_flow_at_its_own_pace(training: Training) -> None:
    """Tick by tick before each update; a faster pace forgets it."""
    training.send(start(PUDDLE, batch_episodes=2), messages.SetPace(Pace("x", steps=400)),
                  messages.Do.PLAY)
    flowing = training.until(lambda s: s.flow is not None)
    assert flowing.token is not None
    assert flowing.token.finished
    training.until(lambda s: s.update >= 2)
    training.send(messages.SetPace(LEVELS[-1]))
    training.until(lambda s: s.update >= 20 and s.flow is None)


@pytest.mark.parametrize("settings", WEIGHED, ids=lambda s: f"{s.credit}-{s.baseline}")
def test_watching_the_flow_changes_no_bit(training: Training, settings: Settings) -> None:
    """Stepped, played slowly, jumped through and stopped half way: the headless numbers."""
    dice = random.Random(11)
    options = {name: getattr(settings, name)
               for name in ("credit", "baseline", "discount_weighting", "batch_episodes")}
    training.send(start(SLIPPERY, **options), messages.SetPace(Pace("x", steps=3000)))
    while training.settled().update < 12:
        choice = dice.randrange(5)
        if choice == 0:
            training.send(messages.Do.PLAY)
            training.until(lambda s: s.handled >= training.sent)
            training.send(messages.Do.PAUSE)
        elif choice == 1:
            training.send(*[messages.Do.STEP] * dice.randrange(1, 60))
        elif choice == 2:
            training.send(*[messages.Do.EPISODE] * dice.randrange(1, 4))
        else:
            training.send(messages.Do.UPDATE)
    training.settled()
    curve = training.returns()
    assert curve == headless(SLIPPERY, len(curve), **options)


@pytest.mark.parametrize("settings", WEIGHED, ids=lambda s: f"{s.credit}-{s.baseline}")
def test_weighing_is_what_step_does_and_changes_nothing(settings: Settings) -> None:
    """Asked twice before every update, the weights are the update's and the future is the same."""
    asked, alone = (Trainer(SLIPPERY, settings, (0, 1)) for _ in range(2))
    for _ in range(5):
        asked.weigh()
        weighed = asked.weigh()
        done, same = asked.step(), alone.step()
        assert torch.equal(weighed.weight, done.weights)
        assert torch.equal(weighed.to_go[0], done.returns)
        assert torch.equal(done.weights, same.weights)
        assert torch.equal(done.logits_after, same.logits_after)


def test_numbers_out_of_bounds_are_shown_without_a_word_on_standard_error() -> None:
    """Rewards of 1e308 add up to infinity: the flow goes on, and the update says what is wrong."""
    world = World(map=("S..", "..."), max_steps=4, step_reward=1e308,
                  tiles={"S": Tile(start=1.0)})
    run = run_of(world, Settings(batch_episodes=4))
    run.walk_to_end()
    now = run._walk.flow()
    assert now is not None
    found = trail(now.path, world)
    assert all(0 < stroke.width < 0.2 for stroke in found.strokes)
    run.update()
    assert run.failure is not None
    assert run.failure.kind == "not_finite"


# What is to be seen


def test_the_board_gets_the_flow_and_the_status_says_so() -> None:
    """The same objects at every frame, so that nothing is painted twice."""
    run = run_of(PUDDLE, Settings())
    run.walk_to_end()
    snapshot = seen(run)
    assert snapshot.flow is not None
    view = resolve.board(PUDDLE, snapshot, None, frozenset({"policy"}), None)
    again = resolve.board(PUDDLE, snapshot, None, frozenset({"policy"}), None)
    assert view.path is again.path is snapshot.flow.path
    assert view.returns is again.returns is snapshot.flow.returns
    status = resolve.status(PUDDLE, RunState.PAUSED, snapshot, None, None, 0)
    assert status.text.endswith("the returns have flowed back")
    step_by_step = run_of(PUDDLE, Settings())
    while (snapshot := seen(step_by_step)).flow is None:
        step_by_step.walk()
    status = resolve.status(PUDDLE, RunState.PAUSED, snapshot, None, None, 0)
    assert status.text.endswith("the returns flow back")
    smaller = World(map=("S.",), tiles={"S": Tile(start=1.0)})
    assert resolve.board(smaller, snapshot, None, frozenset(), None).path is None


def test_strokes_and_numbers_come_from_the_end(qtbot: QtBot) -> None:
    """On the board: what has been reached has its colour and its G_t, the rest has neither."""
    run = run_of(PUDDLE, Settings(baseline="none"))
    run.walk_to_end()
    whole = flow(run)
    board = Board(Document(PUDDLE))
    qtbot.addWidget(board)
    board.resize(520, 520)
    board.show()
    shown = BoardView(PUDDLE, np.full((36, 4), 0.25), overlays=frozenset())

    def picture(path_from: int | None) -> np.ndarray:
        view = shown
        if path_from is not None:
            path = whole.path._replace(first=path_from)
            returns = np.full(36, np.nan)
            for t in range(len(path.cells) - 1, path_from - 1, -1):
                row, column = path.cells[t]
                returns[row * 6 + column] = whole.returns[row * 6 + column]
            view = view._replace(path=path, returns=returns)
        board.set_view(view)
        return pixels(board.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))

    def cells(image: np.ndarray, colour: QColor, cell: tuple[int, int]) -> int:
        rect = board.grid().rect(cell)
        part = image[round(rect.top()) : round(rect.bottom()),
                     round(rect.left()) : round(rect.right())]
        return int(near(part, colour, 30).sum())

    none, last, all_ = picture(None), picture(len(whole.path.cells) - 1), picture(0)
    first_cell, last_cell = whole.path.cells[0], whole.path.cells[-1]
    assert first_cell != last_cell
    role = LIGHT.pos if whole.path.weights[-1] > 0 else LIGHT.neg
    assert cells(none, role, last_cell) == 0
    assert cells(last, role, last_cell) > 40
    assert (last != none)[round(board.grid().rect(last_cell).top()) :].any()
    rect = board.grid().rect(first_cell)
    top, left = round(rect.top()) + 4, round(rect.left()) + 4
    inside = (slice(top, top + round(rect.height()) - 8), slice(left, left + 40))
    if last_cell not in ((0, 1), (1, 0)):
        assert (last[inside] == none[inside]).all()
    assert (all_[inside] != none[inside]).any()
