"""What estimators subtract, several of them at once, and a computation that is given up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rlxent_core.estimators import CONSTANTS, estimator, every
from rlxent_core.exact import optimal_actions, optimal_values, policy_values
from rlxent_core.exact_variance import Moments, StoppedError
from rlxent_core.kernel import full_matrix, kernel_of
from rlxent_core.mdp import compile_world
from rlxent_core.optimal_baseline import optimal_baseline, optimal_constant
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.settings import Settings
from rlxent_core.spread import sample_batch
from rlxent_core.trainer import Trainer
from rlxent_core.variance import exact_of, exact_trace, measure_pair
from rlxent_core.world import Tile, World

WORLD = World(
    ("S..", ".#.", "..G"), {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)},
    slip=0.1, step_reward=-0.1, discount=0.9, max_steps=20,
)


def uniform() -> np.ndarray:
    return np.full((9, 4), 0.25)


def trainer(updates: int = 3, **settings: object) -> Trainer:
    made = Trainer(WORLD, Settings(hidden=5, batch_episodes=8, **settings), (2,))
    for _ in range(updates):
        made.step()
    return made


def test_all_estimators_have_names_of_their_own_and_stand_by_target():
    found = every(0.9, constant=True, critic=True)
    names = [one.name for one in found]
    assert len(set(names)) == len(names) == 29
    assert [estimator(name) for name in names] == list(found)
    targets = [one.target for one in found]
    assert targets == sorted(targets)
    assert targets.count("practice") == 11


def test_only_a_training_that_keeps_them_offers_its_baselines():
    plain = {one.baseline for one in every(0.9)}
    assert not plain & {"moving_average", "critic"}
    assert {one.baseline for one in every(0.9, critic=True)} - plain == {"critic"}
    assert {one.baseline for one in every(0.9, constant=True)} - plain == {"moving_average"}


def test_a_constant_stands_for_the_baseline_it_is_said_to_be():
    """Given as the moving average, it is not taken for b*; unless said, it is both."""
    mdp, policy = compile_world(WORLD), uniform()
    average, best = estimator("total/moving_average"), estimator("total/b_star")
    both = References(mdp, policy, constant=0.25)
    assert (both.number(average), both.number(best)) == (0.25, 0.25)
    one = References(mdp, policy, constant=0.25, constant_is="moving_average")
    assert one.number(average) == 0.25
    assert one.number(best) == pytest.approx(optimal_constant(mdp, policy), abs=1e-12)
    other = References(mdp, policy, constant=0.25, constant_is="b_star")
    assert other.number(best) == 0.25
    with pytest.raises(ValueError, match="needs the moving_average of a training"):
        other.number(average)


@pytest.mark.parametrize("weighting", ["exact", "practice"])
def test_v_star_is_the_same_whatever_the_policy_is(weighting):
    """The best policy's value of the first step, so no policy has more anywhere."""
    mdp, one = compile_world(WORLD), estimator(f"reward_to_go/V_star/discount={weighting}")
    best = optimal_actions(mdp, 20).astype(float)
    best /= best.sum(-1, keepdims=True).clip(1)
    tables = [References(mdp, policy).table(one).numpy() for policy in (uniform(), best)]
    np.testing.assert_array_equal(*tables)
    np.testing.assert_array_equal(tables[0], optimal_values(mdp, 20))
    assert (tables[0] >= policy_values(mdp, uniform(), 20) - 1e-12).all()
    assert not one.bias


@pytest.mark.parametrize("after", [0, 7, 25])
def test_the_best_baselines_can_be_given_up(after):
    """Asked at every step of both sweeps, from none to all."""
    mdp, asked = compile_world(WORLD), []

    def go_on(done: int, total: int) -> bool:
        asked.append((done, total))
        return len(asked) <= after

    references = References(mdp, uniform(), go_on=go_on)
    with pytest.raises(StoppedError):
        references.best("practice")
    assert asked == [(k, 40) for k in range(after + 1)]
    asked.clear()
    if after < 20:
        with pytest.raises(StoppedError):
            references.number(estimator("total/b_star"))


def test_asking_changes_no_number():
    mdp, asked = compile_world(WORLD), []

    def go_on(done: int, total: int) -> bool:
        asked.append(done / total)
        return True

    for weighting in ("exact", "practice"):
        found = optimal_baseline(mdp, uniform(), weighting, None, go_on)
        np.testing.assert_array_equal(found, optimal_baseline(mdp, uniform(), weighting))
    assert asked[:40] == sorted(asked[:40])
    constant = optimal_constant(mdp, uniform(), None, go_on)
    assert constant == optimal_constant(mdp, uniform())


@pytest.mark.parametrize("settings", [{"architecture": "table"}, {}, {"features": "position"}])
def test_several_at_once_are_as_one_by_one(settings):
    """Deviations, means and projections, for every kernel, to rounding."""
    made = trainer(**settings)
    policy = action_probabilities(made.logits()[0])
    batch = sample_batch(policy, made.sampled_mdp, 32, 5, group=8)
    references = References(made.mdp, policy.numpy())
    kernel = kernel_of(made.policy)
    some = [one for one in every(0.9) if one.baseline not in CONSTANTS]
    weights = [batch.weights(one, references) for one in some]
    targets = [torch.randn(9, 4, dtype=torch.float64) for _ in some]
    together = batch.spreads(weights, kernel, targets)
    assert len(together) == len(some)
    for weight, target, (spread, projections) in zip(weights, targets, together, strict=True):
        wanted, projected = batch.spread(weight, kernel, target)
        np.testing.assert_allclose(spread.deviations, wanted.deviations, rtol=1e-9)
        np.testing.assert_allclose(projections, projected, rtol=1e-9, atol=1e-12)
        assert spread.mean_norm2 == pytest.approx(wanted.mean_norm2, rel=1e-9)
    without = batch.spreads(weights, kernel)
    assert all(projections.size == 0 for _, projections in without)


def test_a_live_measurement_takes_others_on_the_same_episodes():
    """The pair is the same with and without them; b* is worked out, not the training's own."""
    made = trainer(baseline="moving_average")
    names = ("total/none", "reward_to_go/V/discount=practice", "total/b_star")
    alone = measure_pair(made)
    beside = measure_pair(made, others=[estimator(name) for name in names])
    assert beside.none == pytest.approx(alone.none, rel=1e-12)
    assert beside.chosen == pytest.approx(alone.chosen, rel=1e-12)
    assert tuple(beside.others) == names
    policy = action_probabilities(made.logits()[0])
    batch = sample_batch(policy, made.sampled_mdp, 64, 2, made.update, 8)
    references = References(
        made.mdp, policy.numpy(), kernel=full_matrix(made.policy).detach().double().numpy()
    )
    for name, spread in beside.others.items():
        weight = batch.weights(estimator(name), references)
        wanted = batch.spread(weight, kernel_of(made.policy))[0].trace_cov
        assert spread.trace_cov == pytest.approx(wanted, rel=1e-6)
    with pytest.raises(ValueError, match="needs the critic of a training"):
        measure_pair(made, others=[estimator("total/critic")])


@pytest.mark.parametrize("baseline", ["leave_one_out", "moving_average", "critic", "exact_value"])
def test_the_exact_variance_of_a_training_is_that_of_its_estimator(baseline):
    """With the very baseline that it subtracts now."""
    made = trainer(baseline=baseline)
    policy = action_probabilities(made.logits()[0]).numpy()
    constant, critic = made.baseline_constant(), made.critic_values()
    kernel = full_matrix(made.policy).detach().double().numpy()
    references = References(
        made.mdp, policy, kernel=kernel,
        constant=None if constant is None else float(constant[0]),
        critic=None if critic is None else critic[0],
    )
    names = {"leave_one_out": "leave_one_out", "moving_average": "moving_average",
             "critic": "critic", "exact_value": "V"}
    own = estimator(f"reward_to_go/{names[baseline]}/discount=practice")
    wanted = exact_trace(Moments(made.mdp, policy, kernel), own, references, 8)
    assert exact_of(made) == pytest.approx(wanted, rel=1e-6)
    assert exact_of(made, estimator("reward_to_go/z_score/discount=practice")) is None
