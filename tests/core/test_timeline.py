"""Rewinding: the same bits again, across every kind of change, within the budget."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from rlxent_core.settings import Settings
from rlxent_core.timeline import OVERHEAD, Timeline
from rlxent_core.trainer import NotFiniteError, Trainer, TrainerState
from tests.core.learning_worlds import restless, sparse5
from tests.core.test_trainer import same

CRITIC = Settings(credit="gae", baseline="critic", batch_episodes=4)


def start(settings: Settings = CRITIC, budget: int = 64 * 2**20) -> Timeline:
    return Timeline(Trainer(restless(), settings, (5,)), budget)


def walk(timeline: Timeline, updates: int) -> list[TrainerState]:
    """The states before and after each of ``updates``."""
    states = [timeline.trainer.state()]
    for _ in range(updates):
        timeline.step()
        states.append(timeline.trainer.state())
    return states


@pytest.mark.parametrize("settings", [CRITIC, Settings(baseline="moving_average")])
@pytest.mark.parametrize("back", [0, 1, 9, 10, 24, 25])
def test_going_back_gives_the_same_bits(settings: Settings, back: int) -> None:
    """On a keyframe and between two, and going on from there the same future."""
    timeline = start(settings)
    states = walk(timeline, 25)
    assert timeline.rewind(back)
    assert same(timeline.trainer.state(), states[back])
    for again, state in zip(walk(timeline, 25 - back), states[back:], strict=True):
        assert same(again, state)


def eventful(timeline: Timeline) -> list[TrainerState]:
    """Updates with edits of world and settings in between, several after the same update."""
    states = walk(timeline, 7)
    timeline.edit_world(restless().with_fields(slip=0.0))
    timeline.edit_world(restless().with_fields(slip=0.5))
    states += walk(timeline, 6)[1:]
    timeline.edit_settings(replace(CRITIC, learning_rate=0.1))
    timeline.edit_world(restless())
    states += walk(timeline, 4)[1:]
    # On and off again: the critic and the moments start from nothing.
    timeline.edit_settings(Settings(baseline="moving_average", optimizer="sgd"))
    timeline.edit_settings(CRITIC)
    states += walk(timeline, 9)[1:]
    return states


@pytest.mark.parametrize("back", range(27))
def test_the_past_is_replayed_across_changes(back: int) -> None:
    """Every update before, between and after the edits comes back bit for bit."""
    timeline = start()
    states = eventful(timeline)
    timeline.rewind(back)
    found, then = timeline.trainer.state(), states[back]
    assert torch.equal(found.policy.flat, then.policy.flat)
    assert found.update == then.update == back
    assert (found.episodes, found.env_steps) == (then.episodes, then.env_steps)


def test_world_and_settings_stay_as_they_are_now() -> None:
    """What was learnt goes back; what it goes on with does not."""
    timeline = start()
    eventful(timeline)
    world, settings = timeline.trainer.world, timeline.trainer.settings
    timeline.rewind(3)
    assert timeline.trainer.world is world
    assert timeline.trainer.settings is settings


def test_a_way_taken_after_going_back_can_itself_be_gone_back() -> None:
    """Rewind, change, go on, rewind again: the new past, not the abandoned one."""
    timeline = start()
    eventful(timeline)
    timeline.rewind(15)
    timeline.edit_settings(replace(CRITIC, learning_rate=0.3))
    states = walk(timeline, 12)
    timeline.rewind(20)
    assert same(timeline.trainer.state(), states[5])
    for again, state in zip(walk(timeline, 7), states[5:], strict=True):
        assert same(again, state)
    with pytest.raises(ValueError, match="not between 0 and 27"):
        timeline.rewind(28)


def test_going_back_to_where_one_is_changes_nothing() -> None:
    """Neither the numbers nor the past."""
    timeline = start()
    states = walk(timeline, 13)
    assert timeline.rewind(13)
    assert same(timeline.trainer.state(), states[13])
    timeline.rewind(6)
    assert same(timeline.trainer.state(), states[6])


def test_a_rewind_can_be_stopped() -> None:
    """The answer is False and the training is where it was, with the same future and past."""
    timeline = start()
    states = walk(timeline, 9)
    seen: list[tuple[int, int]] = []

    def report(done: int, total: int) -> bool:
        seen.append((done, total))
        return done < 3

    assert not timeline.rewind(7, report)
    assert seen == [(0, 7), (1, 7), (2, 7), (3, 7)]
    assert same(timeline.trainer.state(), states[9])
    timeline.rewind(4)
    assert same(timeline.trainer.state(), states[4])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.edit_settings(replace(CRITIC, hidden=8)),
        lambda t: t.edit_settings(replace(CRITIC, architecture="table")),
        lambda t: t.edit_world(sparse5()),
    ],
)
def test_a_new_policy_begins_a_new_timeline(change) -> None:
    """Nothing before it can be gone on with."""
    timeline = start()
    walk(timeline, 12)
    change(timeline)
    assert timeline.earliest == 12
    states = walk(timeline, 12)
    timeline.rewind(17)
    assert same(timeline.trainer.state(), states[5])
    with pytest.raises(ValueError, match="between 12 and 17"):
        timeline.rewind(11)


def test_an_update_that_is_not_finite_leaves_no_trace() -> None:
    """After the error the timeline is where it was and can be gone back and on."""
    timeline = start()
    states = walk(timeline, 12)
    timeline.edit_world(restless().with_fields(step_reward=1e300, discount=1.0))
    with pytest.raises(NotFiniteError):
        timeline.step()
    assert same(timeline.trainer.state(), states[12])
    timeline.edit_world(restless())
    timeline.rewind(5)
    assert same(timeline.trainer.state(), states[5])


def test_memory_is_bounded_and_the_recent_past_stays_close() -> None:
    """3,000 updates in little memory: the budget holds, the first update is still there, and no
    two keyframes of the last 1,000 are farther apart than the interval."""
    settings = Settings(architecture="table", baseline="none", batch_episodes=1)
    trainer = Trainer(sparse5(max_steps=2), settings)
    budget = 60 * (trainer.state().nbytes + OVERHEAD)
    timeline = Timeline(trainer, budget)
    assert timeline.interval == 34  # 1,000 updates in 30 keyframes
    heaviest, state_at = 0, {}
    for _ in range(3000):
        done = timeline.step()
        heaviest = max(heaviest, timeline.nbytes)
        if done.update in (700, 2003, 2950):
            state_at[done.update] = trainer.state()
    assert heaviest <= budget
    assert timeline.earliest == 0
    updates = [keyframe.update for keyframe in timeline._keyframes] + [3000]
    gaps = [after - before for before, after in itertools.pairwise(updates)]
    assert max(gap for gap, after in zip(gaps, updates[1:], strict=True) if after > 2000) <= 34
    assert max(gaps) > 34
    for update in (2950, 2003, 700):
        timeline.rewind(update)
        assert same(trainer.state(), state_at[update])


def test_a_state_as_large_as_the_budget_leaves_the_first_one() -> None:
    """Everything is then replayed from the beginning."""
    timeline = start(budget=1)
    states = walk(timeline, 1010)
    assert len(timeline._keyframes) == 1
    timeline.rewind(3)
    assert same(timeline.trainer.state(), states[3])


def test_moments_of_the_past_are_shown_as_they_were() -> None:
    """Visited: the bits it had then; afterwards all is where it was, and goes on as ever."""
    timeline = start()
    states = walk(timeline, 60)
    seen: dict[int, bool] = {}

    def visit(trainer: Trainer) -> None:
        seen[trainer.update] = same(trainer.state(), states[trainer.update])

    assert timeline.replay([0, 7, 31, 60], visit)
    assert seen == dict.fromkeys([0, 7, 31, 60], True)
    assert same(timeline.trainer.state(), states[60])
    other = start()
    assert same(walk(timeline, 1)[-1], walk(other, 61)[-1])


def test_a_replay_makes_the_changes_that_were_made_then() -> None:
    """Settings changed after update 5 hold in the replay from there on, and not before."""
    timeline = start()
    states = walk(timeline, 5)
    changed = replace(CRITIC, learning_rate=0.05)
    timeline.edit_settings(changed)
    states += walk(timeline, 7)[1:]
    seen: list[tuple[int, bool]] = []
    timeline.replay(
        [3, 9, 12], lambda t: seen.append((t.update, same(t.state(), states[t.update])))
    )
    assert seen == [(3, True), (9, True), (12, True)]
    assert timeline.trainer.settings == changed


def test_a_replay_that_is_given_up_leaves_the_training_where_it_was() -> None:
    timeline = start()
    now = walk(timeline, 8)[-1]
    seen: list[int] = []
    assert not timeline.replay(
        [0, 8], lambda trainer: seen.append(trainer.update), lambda done, total: done < 3
    )
    assert seen == [0]
    assert same(timeline.trainer.state(), now)


def test_only_what_is_kept_can_be_shown() -> None:
    timeline = start()
    walk(timeline, 3)
    with pytest.raises(ValueError, match="0 to 3"):
        timeline.replay([2, 4], lambda trainer: None)
