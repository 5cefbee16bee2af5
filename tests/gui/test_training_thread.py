"""The training beside the window: real training, real thread, no window."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import rlxent_resources
from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui import messages
from rlxent_gui.mailbox import (
    Changed,
    Event,
    Mailbox,
    Measured,
    ReturnPoint,
    Rewound,
    Snapshot,
    VariancePoint,
)
from rlxent_gui.pacing import LEVELS
from rlxent_gui.training_thread import TrainingThread
from rlxent_gui.view_state import RunState

FLAT_OUT = LEVELS[-1]


class Training:
    """A started thread, its mailbox, and ways to wait for it."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.thread = TrainingThread(self.mailbox)
        self.thread.start()
        self.events: list[Event] = []
        self.sent = 0

    def send(self, *wanted: messages.Message) -> None:
        for message in wanted:
            self.thread.send(message)
            self.sent += 1

    def until(self, seen: Callable[[Snapshot], bool], timeout: float = 30.0) -> Snapshot:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            latest = self.mailbox.latest()
            if latest is not None and seen(latest):
                self.events += self.mailbox.drain(10**6)
                return latest
            time.sleep(0.002)
        raise AssertionError(f"never seen; the last was {self.mailbox.latest()}")

    def settled(self) -> Snapshot:
        """The snapshot that has handled everything sent."""
        return self.until(lambda s: s.handled >= self.sent and s.state is not RunState.RUNNING)

    def returns(self) -> list[float]:
        """The curve as the window would hold it, rewinds taken into account."""
        curve: dict[int, float] = {}
        for event in self.events:
            if isinstance(event, ReturnPoint):
                curve[event.update] = event.mean_return
            elif isinstance(event, Rewound):
                curve = {u: r for u, r in curve.items() if u <= event.update}
        assert sorted(curve) == list(range(1, len(curve) + 1))
        return [curve[update] for update in sorted(curve)]


@pytest.fixture
def training() -> Iterator[Training]:
    bench = Training()
    yield bench
    bench.thread.close()
    assert not bench.thread.is_alive()


@pytest.fixture(scope="module")
def sparse5() -> World:
    return read_text(rlxent_resources.world_text("sparse5"))


def start(world: World, **settings: object) -> messages.Start:
    return messages.Start(1, world, Settings(**settings), 0, "cpu")  # type: ignore[arg-type]


def headless(world: World, updates: int, **settings: object) -> list[float]:
    trainer = Trainer(world, Settings(**settings), (0,))  # type: ignore[arg-type]
    return [float(trainer.step().means[0][0]) for _ in range(updates)]


def test_action_values_come_with_the_values_when_they_are_asked_for(
    training: Training, sparse5: World
) -> None:
    """Exactly those of the policy that is shown, at the first step; then no more."""
    training.send(start(sparse5), messages.Do.UPDATE, messages.WantValues(True))
    assert training.settled().action_values is None
    training.send(messages.WantValues(True, by_action=True))
    seen = training.settled()
    assert seen.probabilities is not None
    expected = exact.policy_action_values(compile_world(sparse5), seen.probabilities, 100)
    np.testing.assert_array_equal(seen.action_values, expected)
    training.send(messages.WantValues(True))
    assert training.settled().action_values is None


def test_a_wall_drawn_in_mid_run_keeps_the_policy(training: Training, sparse5: World) -> None:
    """The probabilities of every cell are the same right after the edit, and the plot is marked."""
    training.send(start(sparse5), *[messages.Do.UPDATE] * 5)
    before = training.settled()
    training.send(messages.EditWorld(sparse5.with_tiles({(0, 4): Tile(wall=True)})))
    after = training.settled()
    assert before.probabilities is not None
    assert after.probabilities is not None
    np.testing.assert_array_equal(before.probabilities, after.probabilities)
    assert Changed(1, 5, "world") in training.events
    training.send(messages.Do.UPDATE)
    assert training.settled().update == 6


PARAMETERS = {
    ("table", "cell"): "100 logits: one per cell and action",
    ("table", "position"): "100 logits: one row for each row and column",
    ("table", "constant"): "4 logits: one row for all cells",
    ("linear", "cell"): "104 weights: 25 → 4",
    ("linear", "position"): "12 weights: row and column → 4",
    ("linear", "neighbourhood"): "184 weights: 9 cells × 5 → 4",
    ("linear", "constant"): "8 weights: 1 → 4",
    ("mlp", "cell"): "1\u202f924 weights: 25 → 64 → 4",
    ("mlp", "position"): "452 weights: row and column → 64 → 4",
    ("mlp", "neighbourhood"): "3\u202f204 weights: 9 cells × 5 → 64 → 4",
    ("mlp", "constant"): "388 weights: 1 → 64 → 4",
}


@pytest.mark.parametrize(("architecture", "features"), PARAMETERS)
def test_parameters_are_counted_in_words(
    training: Training, sparse5: World, architecture: str, features: str
) -> None:
    """Inputs times outputs and biases, as by hand."""
    training.send(start(sparse5, architecture=architecture, features=features))
    assert training.settled().parameters == PARAMETERS[architecture, features]


def test_a_table_of_views_says_how_many_there_are(training: Training, sparse5: World) -> None:
    """As many rows as the start's board has different neighbourhoods to stand in."""
    training.send(start(sparse5, architecture="table", features="neighbourhood"))
    words = training.settled().parameters
    count, views = int(words.split()[0]), int(words.split()[-2])
    assert count == 4 * views
    assert words == f"{count} logits: one row for each of {views} views"


def test_a_policy_that_sees_nothing_does_the_same_everywhere(training: Training) -> None:
    """Changed in mid-run: it starts anew, and every cell of the board shows the same."""
    corridor = read_text(rlxent_resources.world_text("short_corridor"))
    training.send(start(corridor), messages.Do.UPDATE)
    training.settled()
    settings = Settings(architecture="table", features="constant")
    training.send(messages.EditSettings(settings), *[messages.Do.UPDATE] * 5)
    seen = training.settled()
    assert seen.earliest == 1
    assert seen.probabilities is not None
    assert (seen.probabilities == seen.probabilities[0]).all()
    assert seen.probabilities[0, 0] != 0.5


def test_a_step_walks_one_cell_and_the_episode_ends_where_it_lands(
    training: Training, sparse5: World
) -> None:
    """Step after step the token moves to where the last step led, and names its action."""
    training.send(start(sparse5), messages.Do.STEP)
    first = training.settled().token
    assert first is not None
    assert (first.step, first.before, first.finished) == (1, (0, 0), False)
    training.send(messages.Do.STEP)
    second = training.settled().token
    assert second is not None
    assert second.before == first.cell
    training.send(messages.Do.EPISODE)
    last = training.settled().token
    assert last is not None
    assert last.finished
    assert last.cell == (4, 4) or last.step == 100


def test_after_the_last_episode_comes_the_update(training: Training, sparse5: World) -> None:
    """Two episodes a batch: Episode, Episode, and the third press learns from them."""
    training.send(start(sparse5, batch_episodes=2), messages.Do.EPISODE, messages.Do.EPISODE)
    token = training.settled().token
    assert token is not None
    assert (token.episode, token.finished) == (1, True)
    training.send(messages.Do.STEP)
    assert training.settled().update == 1


def test_training_stops_at_the_chosen_update(training: Training, sparse5: World) -> None:
    """"of 20" means 20, not 21, at any speed."""
    training.send(
        start(sparse5), messages.SetPace(FLAT_OUT), messages.StopAt(20), messages.Do.PLAY
    )
    seen = training.until(lambda s: s.update >= 20 and s.state is RunState.PAUSED)
    assert seen.update == 20


def test_play_at_the_stop_goes_on_and_the_next_run_stops_there_again(
    training: Training, sparse5: World
) -> None:
    """The stop is for every run that comes by it, and holds nobody twice."""
    training.send(start(sparse5), messages.SetPace(FLAT_OUT), messages.StopAt(3), messages.Do.PLAY)
    training.until(lambda s: s.update == 3 and s.state is RunState.PAUSED)
    training.send(messages.Do.PLAY)
    training.until(lambda s: s.update > 5 and s.state is RunState.RUNNING)
    training.send(messages.Start(2, sparse5, Settings(), 0, "cpu"), messages.Do.PLAY)
    seen = training.until(lambda s: s.run_id == 2 and s.state is RunState.PAUSED and s.update > 0)
    assert seen.update == 3


def test_numbers_that_leave_the_finite_ones_stop_it_with_a_way_back(
    training: Training, sparse5: World
) -> None:
    """A reward of 1e300 is allowed and too much for float32: stopped, and the last good is near."""
    training.send(start(sparse5, batch_episodes=64), *[messages.Do.UPDATE] * 3)
    good = training.settled()
    huge = sparse5.with_tiles({(4, 4): Tile(terminal=True, reward=1e300)})
    training.send(messages.EditWorld(huge), messages.Do.UPDATE)
    stopped = training.until(lambda s: s.state is RunState.STOPPED)
    assert stopped.failure is not None
    assert (stopped.failure.kind, stopped.failure.update) == ("not_finite", 4)
    training.send(messages.EditWorld(sparse5), messages.Rewind(3))
    back = training.settled()
    assert (back.update, back.state, back.failure) == (3, RunState.PAUSED, None)
    np.testing.assert_array_equal(back.probabilities, good.probabilities)
    training.send(messages.Do.UPDATE)
    assert training.settled().update == 4


def test_going_back_twice_in_a_hurry_goes_back_twice(training: Training, sparse5: World) -> None:
    """Before anything of it was seen; and never forward, nor to where there is no past."""
    training.send(start(sparse5), *[messages.Do.UPDATE] * 5, *[messages.Do.PREVIOUS] * 2)
    assert training.settled().update == 3
    training.send(messages.Rewind(40))
    seen = training.settled()
    assert (seen.update, seen.state, seen.failure) == (3, RunState.PAUSED, None)
    training.send(*[messages.Do.PREVIOUS] * 6, messages.Do.UPDATE)
    assert training.settled().update == 1
    training.send(messages.SetPace(FLAT_OUT), messages.Do.PLAY)
    training.until(lambda s: s.update > 3)
    training.send(messages.Do.PREVIOUS)
    assert training.settled().state is RunState.PAUSED


def test_variance_is_measured_on_the_same_episodes(training: Training, sparse5: World) -> None:
    """Each paced update has its pair; with no baseline chosen there is nothing beside none."""
    training.send(start(sparse5), *[messages.Do.UPDATE] * 3)
    training.settled()
    points = [e for e in training.events if isinstance(e, VariancePoint) and e.update]
    assert [p.update for p in points] == [1, 2, 3]
    assert all(p.label == "leave-one-out" and p.none != p.chosen for p in points)
    training.send(messages.EditSettings(Settings(baseline="none")))
    training.settled()
    (point,) = [e for e in training.events if isinstance(e, VariancePoint)][-1:]
    assert (point.update, point.label, point.none > 0) == (3, "", True)
    assert np.isnan(point.chosen)


def test_a_baseline_that_does_harm_is_said_to() -> None:
    """ "0.25 times less" would take a moment too long to understand."""
    from rlxent_gui.live_meter import times

    assert times(4.0, 0.1) == "4 times less [3.29, 4.87]"
    assert times(0.25, 0.1) == "4 times more [3.29, 4.87]"


def test_no_more_is_said_than_the_interval_tells() -> None:
    """Where it contains 1, the variance may be less or more: e^±0.196 is 1.22 and 0.82."""
    from rlxent_gui.live_meter import times

    assert times(1.1, 0.1) == "not told apart [0.904, 1.34]"
    assert times(1 / 1.1, 0.1) == "not told apart [0.747, 1.11]"
    assert times(1.1, 0.01) == "1.1 times less [1.08, 1.12]"


def test_a_long_measurement_ends_in_a_sentence(training: Training, sparse5: World) -> None:
    """It names update, episodes and ratio, and the training goes on from where it was."""
    training.send(start(sparse5), *[messages.Do.UPDATE] * 20)
    training.settled()
    training.send(messages.Measure(512), messages.Do.UPDATE)
    assert training.settled().update == 21
    (found,) = [e for e in training.events if isinstance(e, Measured)]
    assert found.sentence.startswith("Update 20, 512 episodes:")
    assert training.returns() == headless(sparse5, 21)


def test_a_long_measurement_can_be_stopped(training: Training, sparse5: World) -> None:
    """Stop ends it early; what was measured by then is told."""
    training.send(start(sparse5), messages.Measure(10**7))
    training.until(lambda s: s.progress is not None and s.progress.done > 0)
    training.send(messages.Do.STOP_WORK)
    assert training.settled().progress is None


def test_work_is_seen_before_its_first_part_is_done(training: Training, sparse5: World) -> None:
    """On a large board the first episodes take seconds, and nobody could stop what is not shown."""

    def begin(run: object, report: Callable[[str, int, int, str], bool]) -> None:
        while report("Measuring gradients", 0, 1024, "episodes"):
            time.sleep(0.01)

    training.send(start(sparse5), messages.Consult(begin))
    shown = training.until(lambda s: s.progress is not None).progress
    assert shown is not None
    assert (shown.title, shown.done, shown.total) == ("Measuring gradients", 0, 1024)
    training.send(messages.Do.STOP_WORK)
    training.until(lambda s: s.progress is None)


def test_a_new_start_replaces_a_run_in_full_flight(training: Training, sparse5: World) -> None:
    """Reset in mid-run: the new run stands at update 0, under its own number."""
    training.send(start(sparse5), messages.SetPace(FLAT_OUT), messages.Do.PLAY)
    training.until(lambda s: s.update > 10)
    training.send(messages.Start(2, sparse5, Settings(), 0, "cpu"))
    fresh = training.settled()
    assert (fresh.run_id, fresh.update, fresh.state) == (2, 0, RunState.READY)


def test_a_run_that_was_kept_goes_on_to_the_last_bit(training: Training, sparse5: World) -> None:
    """Another world of another size was trained in between; also what came before is there."""
    begin = start(sparse5)
    training.send(begin, *[messages.Do.UPDATE] * 3, messages.Do.KEEP)
    other = messages.Start(2, World(("S.G",), {
        "S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)
    }, max_steps=9), Settings(), 0, "cpu")
    training.send(messages.EditWorld(sparse5.with_fields(slip=0.4)), other, messages.Do.UPDATE)
    assert (training.settled().run_id, training.settled().update) == (2, 1)
    training.send(messages.BringBack(begin))
    back = training.settled()
    assert (back.run_id, back.update, back.state) == (begin.run_id, 3, RunState.PAUSED)
    training.send(messages.Do.UPDATE)
    training.settled()
    mine = [e.mean_return for e in training.events
            if isinstance(e, ReturnPoint) and e.run_id == begin.run_id]
    assert mine == headless(sparse5, 4)
    training.send(messages.Rewind(1))
    assert training.settled().update == 1


def test_where_no_run_was_kept_one_begins(training: Training, sparse5: World) -> None:
    training.send(messages.Do.KEEP, messages.BringBack(start(sparse5)))
    assert training.settled().state is RunState.READY


def test_a_fault_in_the_training_is_told_and_survived(
    training: Training, sparse5: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception becomes a failure with its cause; a new start works."""
    training.send(start(sparse5))
    training.settled()

    def fail(self: Trainer) -> None:
        raise RuntimeError("the dog ate it")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", fail)
        training.send(messages.Do.UPDATE)
        broken = training.until(lambda s: s.state is RunState.STOPPED)
    assert broken.failure is not None
    assert "the dog ate it" in broken.failure.sentence
    training.send(messages.Start(2, sparse5, Settings(), 0, "cpu"), messages.Do.UPDATE)
    assert training.settled().update == 1


def test_a_world_without_a_limit_is_refused_in_a_sentence(
    training: Training, sparse5: World
) -> None:
    """No episode would ever be over."""
    training.send(start(sparse5.with_fields(max_steps=None)))
    refused = training.until(lambda s: s.failure is not None)
    assert refused.failure is not None
    assert "max_steps" in refused.failure.sentence


def test_who_waits_for_torch_is_told_once_it_is_there() -> None:
    """On the thread, before the first message is handled."""
    thread, told = TrainingThread(Mailbox()), []
    thread.when_loaded = lambda: told.append("torch" in sys.modules)
    thread.start()
    thread.close()
    assert told == [True]


def test_training_gives_way_while_the_window_draws_and_still_listens(
    training: Training, sparse5: World
) -> None:
    """No update meanwhile, but every message; and on with it as soon as the window is done."""
    training.send(start(sparse5), messages.SetPace(FLAT_OUT), messages.Do.PLAY)
    training.until(lambda s: s.update > 3)
    training.mailbox.give_way_until = float("inf")
    seen: list[int] = []

    def look() -> None:
        count = len(seen)
        training.thread.send(messages.Consult(lambda run, _: seen.append(run.updates)))
        training.until(lambda _: len(seen) > count)

    look()
    look()
    look()
    assert seen[1] == seen[2]
    training.mailbox.give_way_until = 0.0
    training.until(lambda s: s.update > seen[-1] + 3)
