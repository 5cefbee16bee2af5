"""Several settings side by side: the same numbers as each alone, and what became of each seed."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from threading import Event
from typing import TypeVar

import numpy as np
import pytest

from rlxent_core import exact
from rlxent_core.exact_variance import StoppedError
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import TrainingError
from rlxent_core.settings import Settings
from rlxent_core.study import Stuck, Study, stuck_cells
from rlxent_core.trainer import Trainer
from rlxent_core.way import Way
from rlxent_core.world import Tile, World
from tests.core.learning_worlds import sparse5

TABLE = Settings(architecture="table", learning_rate=0.1)
ARMS = (TABLE, Settings(architecture="table", learning_rate=0.1, baseline="none"))


T = TypeVar("T")


def result(pieces: Generator[None, None, T]) -> T:
    """What a generator comes to."""
    while True:
        try:
            next(pieces)
        except StopIteration as last:
            found: T = last.value
            return found


def finished(study: Study) -> Study:
    for _ in study.steps():
        pass
    return study


def test_a_study_is_its_trainings() -> None:
    """Each arm's curve is the exact J of the very policies that training alone passes through."""
    study = finished(Study(sparse5(), ARMS, range(3), updates=150))
    for arm, settings in zip(study.arms, ARMS, strict=True):
        curve = arm.curve
        alone = Trainer(sparse5(), settings, (2,))
        at = dict(zip(curve.episodes.tolist(), curve.values[:, 2].tolist(), strict=True))
        for update in range(151):
            if update * 16 in at:
                policy = exact.softmax(alone.logits()[0].double().numpy())
                value = float(exact.start_value(alone.mdp, policy, 100))
                assert at[update * 16] == pytest.approx(value, abs=1e-12)
            alone.step()
        assert curve.episodes[0] == 0
        assert curve.episodes[-1] == 150 * 16
        assert len(curve.episodes) == 76


def test_arms_take_turns_and_progress_is_counted() -> None:
    """No arm is more than two points ahead; done goes from 0 to all."""
    study = Study(sparse5(), ARMS, range(2), updates=20)
    assert study.progress == (0, 4, "seeds looked at")
    for _ in study.steps():
        first, second = (arm.trainer.update for arm in study.arms)
        assert abs(first - second) <= 2
    assert study.progress == (40, 40, "updates")


def test_whoever_has_to_draw_holds_the_arms_and_changes_no_number() -> None:
    """Each thread asks between any two updates; while it waits there, nothing is trained."""
    plain = finished(Study(sparse5(), ARMS, range(2), updates=20))
    held = Study(sparse5(), ARMS, range(2), updates=20)
    let, asked = Event(), list[int]()

    def hold() -> None:
        asked.append(held.done)
        assert let.wait(20)

    steps = held.steps(hold)
    for _ in range(4):
        next(steps)
    assert asked
    assert held.done == 0
    let.set()
    for _ in steps:
        pass
    assert len(asked) >= 40
    for one, other in zip(plain.arms, held.arms, strict=True):
        assert np.array_equal(one.curve.values, other.curve.values)


def test_episodes_to_95_are_counted_from_the_curve() -> None:
    """The first point at which .95 of the way is gone; inf where it never is."""
    study = finished(Study(sparse5(), (TABLE,), range(8), updates=100))
    curve = study.arms[0].curve
    way = Way(compile_world(sparse5()))
    level = way.uniform + 0.95 * (way.optimum - way.uniform)
    for seed in range(8):
        there = np.flatnonzero(curve.values[:, seed] >= level)
        expected = curve.episodes[there[0]] if len(there) else np.inf
        assert curve.to_reach[seed] == expected
    assert curve.solved == float((curve.values[-1] >= level).mean())
    assert curve.quartiles.shape == (3, len(curve.episodes))
    short = finished(Study(sparse5(), (TABLE,), range(4), updates=2)).arms[0].curve
    assert bool(np.isinf(short.reach_quartiles).all())
    assert short.solved == 0


def test_a_setting_that_diverges_says_when_and_leaves_the_others_alone() -> None:
    """Numbers beyond all floats end an arm in the update they appear in, not the study."""
    study = Study(sparse5(), ARMS, range(2), updates=30)
    broken, well = study.arms
    broken.trainer.set_world(sparse5(step_reward=1e300))
    finished(study)
    assert broken.over
    assert broken.curve.diverged_at == 1
    assert len(broken.curve.episodes) == 2
    assert not well.over
    assert well.trainer.update == 30
    assert study.done == study.total


def test_where_it_is_stuck() -> None:
    """A policy that ends in the trap, one that runs into a wall, one that is there."""
    trap = World(
        ("S.a", "..B"),
        {"S": Tile(start=1), "a": Tile(terminal=True, reward=0.5),
         "B": Tile(terminal=True, reward=1)},
        discount=0.99, max_steps=20,
    )  # fmt: skip
    mdp = compile_world(trap)
    up, right = trap.moves.index("up"), trap.moves.index("right")

    def always(move: int) -> np.ndarray:
        return np.eye(4)[np.full(mdp.n_states, move)]

    found = result(stuck_cells(mdp, np.stack([always(right), always(up), always(right)])))
    assert found == [Stuck((0, 2), 2, True), Stuck((0, 0), 1, False)]
    assert result(stuck_cells(mdp, np.empty((0, 6, 4)))) == []


def test_a_world_that_cannot_be_trained_on_is_refused_at_once() -> None:
    """Before anything is computed for the first arm."""
    with pytest.raises(TrainingError, match="limit of steps"):
        Study(sparse5(max_steps=None), (TABLE,), (0,), 10)


def test_who_moves_on_is_not_stuck() -> None:
    """Seeds that are on their way when time is up are neither there nor stuck."""
    curve = finished(Study(sparse5(), (TABLE,), range(6), updates=30)).arms[0].curve
    assert curve.solved < 1
    assert not curve.at_rest.any()


def test_who_stands_still_far_from_the_goal_is_stuck() -> None:
    """Large steps without a baseline end in the trap; where, is told of these seeds alone."""
    trap = World(
        ("S.a..", ".....", ".....", ".....", "....B"),
        {"S": Tile(start=1), "a": Tile(terminal=True, reward=0.5),
         "B": Tile(terminal=True, reward=1)},
        discount=0.99, max_steps=60,
    )  # fmt: skip
    steps = Settings(architecture="table", optimizer="sgd", learning_rate=5.0, batch_episodes=8,
                     baseline="none")  # fmt: skip
    arm = finished(Study(trap, (steps,), range(16), updates=300)).arms[0]
    stuck = arm.curve.at_rest
    assert stuck.any()
    assert (arm.curve.values[-1][stuck] < 0.95 * arm.way.optimum).all()
    found = result(arm.stuck())
    assert sum(place.seeds for place in found) == stuck.sum()
    assert found[0].cell == (0, 2)
    assert found[0].ends


def test_it_can_be_stopped_while_it_looks() -> None:
    """On a large board with a late end many pauses come before the first update, none long."""
    board = World(
        ("S" + "." * 29, *["." * 30] * 28, "." * 29 + "G"),
        {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)}, discount=0.99, max_steps=900,
    )  # fmt: skip
    study = Study(board, (TABLE,), range(200), updates=1)
    seen = []
    for _ in study.steps():
        if study.begun:
            break
        seen.append(study.progress)
    assert len(seen) > 100
    assert study.done == 0
    assert seen[0] == (0, 200, "seeds looked at")
    assert len(set(seen)) > 2
    assert study.done == 0


def test_nothing_goes_on_after_it_was_left() -> None:
    """No thread, no update."""
    before = threading.active_count()
    study = Study(sparse5(), ARMS, range(2), updates=1000)
    for _ in study.steps():
        if study.done > 20:
            break
    assert threading.active_count() == before
    assert 20 < study.done < 2000
    done = study.done
    time.sleep(0.1)
    assert study.done == done


def test_a_mistake_in_an_arm_is_not_kept_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised where the study is stepped, and the other arms end."""
    study = Study(sparse5(), ARMS, range(2), updates=1000)
    monkeypatch.setattr(study.arms[1].trainer, "step", lambda: 1 / 0)
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        finished(study)
    assert threading.active_count() == before


def test_it_can_be_stopped_while_it_is_made() -> None:
    """A sweep has two dozen arms, each of which takes a moment on a large board."""
    asked = []

    def go_on(*progress: object) -> bool:
        asked.append(progress)
        return len(asked) < 3

    with pytest.raises(StoppedError):
        Study(sparse5(), ARMS * 2, range(3), updates=1, go_on=go_on)
    assert asked == [(made, 4, "settings") for made in range(3)]


def test_memory_is_that_of_all_arms_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of those that differ in their step size alone."""
    arms = [Settings(architecture="table", learning_rate=rate) for rate in (0.1, 0.2, 0.3)]
    one = Trainer(sparse5(), arms[0], (0,)).n_bytes
    monkeypatch.setattr("rlxent_core.study.MOST_BYTES", 6 * one)
    Study(sparse5(), arms, range(2), updates=1)
    monkeypatch.setattr("rlxent_core.study.MOST_BYTES", 6 * one - 1)
    with pytest.raises(TrainingError, match="3 settings × 2 seeds"):
        Study(sparse5(), arms, range(2), updates=1)


def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pieces, the values are those of one piece, to the last bit."""
    mdp = compile_world(sparse5())
    policy = exact.softmax(np.random.default_rng(0).normal(size=(5, mdp.n_states, mdp.n_actions)))
    whole = exact.policy_values(mdp, policy, 100)
    for piece, at_once in ((1, 1), (1000, 700), (exact.PIECE, 700)):
        monkeypatch.setattr(exact, "PIECE", piece)
        monkeypatch.setattr(exact, "AT_ONCE", at_once)
        assert np.array_equal(result(exact.policy_values_in_pieces(mdp, policy, 100)), whole)


def test_what_might_not_fit_is_refused_before_it_is_made() -> None:
    """Four networks of 256 seeds on the largest board are gigabytes; the sentence says how many."""
    board = World(
        ("S" + "." * 63, *["." * 64] * 62, "." * 63 + "G"),
        {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)}, discount=0.99, max_steps=20,
    )  # fmt: skip
    with pytest.raises(TrainingError, match=r"4 settings × 256 seeds .* 6\.\d GB .* lower the"):
        Study(board, (Settings(),) * 4, range(256), updates=1)
    assert Study(board, (TABLE,) * 4, range(16), updates=1)
