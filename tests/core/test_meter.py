"""The pair of variances beside a training: right, on its own numbers, and out of its way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from rlxent_core.estimators import estimator, estimator_of, without_baseline
from rlxent_core.kernel import kernel_of
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.settings import Settings
from rlxent_core.spread import Batch, sample_batch
from rlxent_core.trainer import Trainer
from rlxent_core.variance import PairMeasurement, measure_pair
from rlxent_core.world import Tile, World
from tests.core.golden import cases

SPARSE = cases()[0]
EVERY_KIND = [
    {"baseline": baseline, "credit": credit, "discount_weighting": weighting}
    for credit in ("total_return", "reward_to_go", "gae")
    for weighting in ("exact", "practice")
    for baseline in (
        "none", "moving_average", "leave_one_out", "critic", "exact_value", "optimal_constant"
    )
    if credit != "gae" or baseline in ("critic", "exact_value")
]  # fmt: skip


def trainer(updates: int = 0, seeds: tuple[int, ...] = (0,), **settings: Any) -> Trainer:
    made = Trainer(SPARSE.world, Settings(**{"hidden": 8, **settings}), seeds)
    for _ in range(updates):
        made.step()
    return made


@pytest.mark.parametrize("settings", EVERY_KIND, ids=lambda s: "-".join(s.values()))
def test_the_chosen_estimator_is_the_trainings_own(settings: dict[str, str]) -> None:
    """On the training's own next batch, our weights are those that the update uses."""
    made = trainer(updates=3, **settings)
    episodes = made.collect()
    probabilities = action_probabilities(made.logits()[0])
    batch = Batch(episodes, probabilities)
    constant, critic = made.baseline_constant(), made.critic_values()
    references = References(
        made.mdp, probabilities.numpy(),
        constant=None if constant is None else float(constant[0]),
        critic=None if critic is None else critic[0],
    )
    ours = batch.weights(estimator_of(made.settings), references)
    theirs = made.step().weights
    torch.testing.assert_close(
        ours[episodes.alive], theirs[episodes.alive], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("settings", EVERY_KIND, ids=lambda s: "-".join(s.values()))
def test_both_of_a_pair_estimate_the_same_gradient(settings: dict[str, str]) -> None:
    """The plain estimator beside the chosen one has its target, and no baseline."""
    chosen = estimator_of(Settings(**settings))
    plain = without_baseline(chosen)
    assert plain.target == chosen.target
    assert plain.baseline == "none"
    assert estimator(chosen.name) == chosen


@pytest.mark.parametrize("baseline", ["leave_one_out", "exact_value", "critic"])
def test_measuring_never_changes_the_training(baseline: str) -> None:
    """A training measured after every update has the same bits as one that is not."""
    plain, watched = trainer(baseline=baseline), trainer(baseline=baseline)
    for _ in range(4):
        plain.step()
        measure_pair(watched)
        watched.step()
        measure_pair(watched, 32, part=1)
    assert torch.equal(plain.logits(), watched.logits())
    assert plain.state().update == watched.state().update


def test_against_the_reference() -> None:
    """At the uniform policy a table's pair is the reference's, within its errors."""
    made = trainer(architecture="table", baseline="exact_value")
    pair = PairMeasurement.pooled([measure_pair(made, 64, part=k) for k in range(32)])
    assert pair.n_episodes == 2048
    expected = SPARSE.expected["trace_cov"]
    none, with_v = (expected[f"reward_to_go/{b}/discount=practice"] for b in ("none", "V"))
    assert abs(pair.none - none) < 3.5 * pair.without.se
    assert abs(pair.chosen - with_v) < 3.5 * pair.chosen_spread.se
    assert pair.ratio.value is not None
    assert abs(math.log(pair.ratio.value / (none / with_v))) < 3.5 * pair.ratio.log_se
    assert pair.rewarded


def test_leave_one_out_of_single_episodes_is_no_baseline() -> None:
    """With one episode an update there is no other to leave in: both variances are equal."""
    pair = measure_pair(trainer(batch_episodes=1, baseline="leave_one_out"))
    np.testing.assert_array_equal(pair.without.deviations, pair.chosen_spread.deviations)


@pytest.mark.parametrize(("batch", "measured"), [(1, 64), (16, 64), (24, 48), (100, 64)])
def test_whole_batches_are_measured(batch: int, measured: int) -> None:
    """Episodes come in batches of the training's size, as many as fit."""
    assert measure_pair(trainer(batch_episodes=batch)).n_episodes == measured


def test_parts_are_episodes_of_their_own() -> None:
    """Another part or another update draws other episodes; the same again the same."""
    made = trainer()
    first = measure_pair(made).none
    assert measure_pair(made).none == first
    assert measure_pair(made, part=1).none != first
    made.step()
    assert measure_pair(made).none != first


def test_the_first_run_is_measured_whoever_is_beside_it() -> None:
    """Seed 3 alone and seed 3 followed by others: the same pair."""
    alone, first = (measure_pair(trainer(2, seeds)) for seeds in ((3,), (3, 8, 5)))
    assert (alone.none, alone.chosen) == (first.none, first.chosen)


def test_the_meters_episodes_are_not_the_trainings() -> None:
    """Same seed, same update, another stream."""
    made = trainer()
    probabilities = action_probabilities(made.logits()[0])
    meter = sample_batch(probabilities, made.sampled_mdp, 16, 0, made.update)
    assert not torch.equal(meter.episodes.lengths, made.collect().lengths)


def test_before_any_reward_that_is_said() -> None:
    """Nothing paid, nothing to compare: no ratio of zero to zero."""
    world = World(map=("S..",), tiles={"S": Tile(start=1)}, max_steps=5)
    pair = measure_pair(Trainer(world, Settings(hidden=4)))
    assert not pair.rewarded
    assert (pair.none, pair.chosen, pair.ratio.value) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        ({}, "leave-one-out"),
        ({"baseline": "none"}, "None"),
        ({"credit": "gae", "baseline": "critic"}, "GAE 0.95, V(s) learned"),
    ],
)
def test_the_pair_says_what_was_chosen(settings: dict[str, str], label: str) -> None:
    """By the words of the panel."""
    assert measure_pair(trainer(**settings)).label == label


def test_the_pair_is_in_the_networks_parameters() -> None:
    """‖ĝ‖² of the pair's plain estimator is that of the gradient autograd builds."""
    made = trainer(2, baseline="none", credit="total_return", batch_episodes=8)
    pair = measure_pair(made, 8)
    probabilities = action_probabilities(made.logits()[0])
    batch = sample_batch(probabilities, made.sampled_mdp, 8, 0, made.update)
    weight = batch.weights(estimator("total/none"), References(made.mdp, probabilities.numpy()))
    mean = batch.cotangents(weight, slice(0, 8)).mean(0)
    gradients = torch.autograd.grad(
        made.policy()[0], list(made.policy.parameters()), mean.float()
    )
    built = sum(float((g**2).sum()) for g in gradients)
    assert pair.without.mean_norm2 == pytest.approx(built, rel=1e-5)
    assert float(kernel_of(made.policy).norm2(mean)) == pytest.approx(built, rel=1e-5)
