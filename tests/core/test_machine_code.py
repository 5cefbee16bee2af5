"""Machine code gives the bits that NumPy gives, in everything that a training calls it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rlxent_core import compiled, credit, reinforce
from rlxent_core.arrays import code_for
from rlxent_core.estimators import estimators
from rlxent_core.policy import action_probabilities
from rlxent_core.rollout import Episodes
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.values import at_visits
from rlxent_core.variance import measure
from rlxent_core.world import World
from tests.core.learning_worlds import restless, sparse5

SETTINGS = {
    "none": Settings(baseline="none"),
    "leave one out": Settings(),
    "V": Settings(baseline="exact_value", discount_weighting="exact"),
    "critic": Settings(baseline="critic"),
    "GAE": Settings(credit="gae", baseline="critic", entropy_bonus=0.01),
    "total": Settings(credit="total_return"),
    "b*": Settings(baseline="optimal_constant", architecture="table"),
    "linear": Settings(architecture="linear", baseline="moving_average"),
    "alike": Settings(architecture="table", features="neighbourhood"),
}


@pytest.fixture
def by_both(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], object]], tuple]:
    """What NumPy finds and what machine code does."""
    monkeypatch.setattr(compiled, "code", None)
    monkeypatch.setattr(compiled, "when_worth", lambda: None)

    def both(find: Callable[[], object]) -> tuple[object, object]:
        by_numpy = find()
        assert compiled.code is None
        request.getfixturevalue("with_numba")
        return by_numpy, find()

    return both


@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
@pytest.mark.parametrize("own", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize(("n_episodes", "n_runs"), [(16, 1), (1, 3), (300, 2)])
def test_a_training(
    world: World, own: Settings, n_episodes: int, n_runs: int, by_both: Callable
) -> None:
    """After six updates: episodes, returns, weights, visits, parameters and those of the critic."""

    def found() -> list[Tensor]:
        trainer = Trainer(world, replace(own, batch_episodes=n_episodes), range(n_runs))
        for _ in range(6):
            done = trainer.step()
        state, critic = trainer.state(), trainer.critic_values()
        return [
            done.batch.leaf, done.returns, done.weights, done.batch.visits(), state.policy.flat,
            *state.policy.moments, *([] if critic is None else [critic]),
        ]  # fmt: skip

    for one, other in zip(*by_both(found), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("steps", [1, 2, 37, 64])
@pytest.mark.parametrize(("n_runs", "n_episodes"), [(1, 1), (3, 16), (1, 300), (70, 5)])
def test_arrays_of_steps(steps: int, n_runs: int, n_episodes: int, by_both: Callable) -> None:
    """Sums, advantages and scores of numbers of any size, and of episodes that end anywhere."""
    random = torch.Generator().manual_seed(steps)
    shape = steps, n_runs, n_episodes
    lengths = torch.randint(1, steps + 1, shape[1:], generator=random)
    alive = torch.arange(steps)[:, None, None] < lengths
    x, values = (torch.randn(shape, generator=random).double() * alive for _ in range(2))

    def found() -> list[Tensor]:
        return [
            credit.discounted_sums(x, 0.97), credit.gae(x, values, 0.97, 0.95),
            credit.less_leave_one_out(x, alive.sum(-1).double()), credit.z_scores(x, alive),
            credit.z_scores(torch.ones_like(x) * alive, alive),
        ]  # fmt: skip

    for one, other in zip(*by_both(found), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("n_actions", [2, 3, 4, 9])
@pytest.mark.parametrize("size", [1e-3, 1.0, 300.0])
def test_tables_of_actions(n_actions: int, size: float, by_both: Callable) -> None:
    """Softmax, down to probabilities of 0, and the cross-entropy's gradient."""
    random = torch.Generator().manual_seed(n_actions)
    logits = size * torch.randn(5, 7, n_actions, generator=random)
    mass = torch.randn(5, 7, n_actions, generator=random).double()

    def found() -> list[Tensor]:
        policy = action_probabilities(logits)
        return [policy, reinforce.logit_cotangent(policy, mass, 16)]

    for one, other in zip(*by_both(found), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
def test_one_run_of_several(world: World, by_both: Callable) -> None:
    """Part of a batch is no whole memory: its tallies, visits and values are the run's own."""
    batch = Trainer(world, Settings(), range(3)).collect()
    weight = torch.randn(batch.reward.shape, generator=torch.Generator().manual_seed(2)).double()
    values = torch.arange(3.0 * batch.mdp.n_states).double().view(3, -1)

    def of(own: Episodes, runs: slice) -> list[Tensor]:
        w, v = weight[: len(own.leaf), runs], values[runs]
        return [own.tally(w), own.visits(), *([at_visits(own, v)] if own is batch else [])]

    def found() -> list[Tensor]:
        return [*of(batch, slice(None)), *of(batch.of_run(1), slice(1, 2))]

    for one, other in zip(*by_both(found), strict=True):
        assert torch.equal(one, other)
    whole, part = found()[0], found()[3]
    assert torch.equal(whole[1:2], part)


def test_only_whole_memory_of_the_processor_is_worked_on(with_numba: None) -> None:
    x = torch.zeros(4, 6)
    assert code_for(x, x[:2]) is compiled.code
    assert code_for(x, x[:, :2]) is None
    assert code_for(torch.zeros(2, device="meta")) is None


def test_visits_are_counted_step_by_step() -> None:
    """Against a plain count over the states."""
    batch = Trainer(restless(), Settings(), (1, 2)).collect()
    for run in range(2):
        states = batch.state[:, run][batch.alive[:, run]].numpy()
        expected = np.bincount(states, minlength=batch.mdp.n_states)
        assert batch.visits()[run].tolist() == expected.tolist()


@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
@pytest.mark.parametrize("group", [None, 4])
def test_a_meter(world: World, group: int | None, by_both: Callable) -> None:
    """Deviations of several estimators on the same episodes, for a table and for a network."""
    six = estimators((
        "total/none", "total/leave_one_out", "reward_to_go/leave_one_out/discount=practice",
        "reward_to_go/V/discount=exact", "reward_to_go/z_score/discount=practice",
        "gae_0.9/V/discount=practice",
    ))  # fmt: skip

    def found(own: Settings) -> list[np.ndarray]:
        trainer = Trainer(world, own)
        done = measure(trainer.policy, trainer.sampled_mdp, six, 12, 3, group=group)
        return [one.deviations for one in done.values()]

    def both_kinds() -> list[np.ndarray]:
        return [*found(Settings()), *found(Settings(architecture="table"))]

    for one, other in zip(*by_both(both_kinds), strict=True):
        assert np.array_equal(one, other)
