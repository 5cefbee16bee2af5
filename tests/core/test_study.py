"""Several settings side by side: the same numbers as each alone, and what became of each seed."""

from __future__ import annotations

import numpy as np
import pytest

from rlxent_core import exact
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


def finished(study: Study) -> Study:
    while study.step():
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
    """No arm is more than one point ahead; done goes from 0 to all."""
    study = Study(sparse5(), ARMS, range(2), updates=20)
    assert (study.done, study.total) == (0, 40)
    while study.step():
        first, second = (arm.trainer.update for arm in study.arms)
        assert abs(first - second) <= 1
    assert study.done == 40


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
    study.step()
    broken, well = study.arms
    broken.trainer.set_world(sparse5(step_reward=1e300))
    finished(study)
    assert broken.over
    assert broken.curve.diverged_at == 2
    assert len(broken.curve.episodes) == 3
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

    found = stuck_cells(mdp, np.stack([always(right), always(up), always(right)]))
    assert found == [Stuck((0, 2), 2, True), Stuck((0, 0), 1, False)]
    assert stuck_cells(mdp, np.empty((0, 6, 4))) == []


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
    found = arm.stuck()
    assert sum(place.seeds for place in found) == stuck.sum()
    assert found[0].cell == (0, 2)
    assert found[0].ends
