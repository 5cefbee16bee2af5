"""Clouds of gradients and the table beside them, against gradients that are really built."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import rlxent_resources
from rlxent_core import exact
from rlxent_core.credit import z_scores
from rlxent_core.demonstrations import BY_ID
from rlxent_core.estimators import Estimator, comparable, estimator, estimators
from rlxent_core.mdp import compile_world
from rlxent_core.policy import MLPPolicy, TablePolicy, action_probabilities
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP
from rlxent_core.spread import sample_batch
from rlxent_core.survey import ACROSS_FROM, FIRST_PART, Cloud, Survey
from rlxent_core.trainer import Trainer
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from tests.core.golden import cases
from tests.core.learning_worlds import corridor, restless, sparse5

NAMES = (
    "total/none", "reward_to_go/none/discount=exact", "reward_to_go/V/discount=exact",
    "reward_to_go/none/discount=practice", "gae_0.95/V/discount=practice",
    "reward_to_go/z_score/discount=practice",
)


def mlp(world: World) -> MLPPolicy:
    mdp = compile_world(world)
    torch.manual_seed(3)
    policy = MLPPolicy(1, mdp.n_states, mdp.n_actions, 6).double()
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.5)
    return policy


def gradients(policy: MLPPolicy, mdp: SampledMDP, name: str, n_episodes: int, group: int):
    """[B, parameters], by autograd of one episode's weighted cross-entropies after another."""
    probabilities = action_probabilities(policy()[0])
    batch = sample_batch(probabilities, mdp, n_episodes, 4, FIRST_PART, group)
    references = References(mdp.mdp, probabilities.numpy())
    c = batch.cotangents(batch.weights(estimator(name), references), slice(0, n_episodes))
    rows = []
    for own in c:
        parts = torch.autograd.grad(policy()[0], list(policy.parameters()), own)
        rows.append(torch.cat([part.flatten() for part in parts]))
    return torch.stack(rows).numpy()


@pytest.mark.parametrize("name", NAMES)
def test_a_cloud_is_a_projection_of_the_gradients(name: str) -> None:
    """x is ⟨g, g*⟩/‖g*‖²; y lies across it, where the plain estimator spreads most (by SVD)."""
    world, count, group = restless(), 256, 8
    policy, mdp = mlp(world), SampledMDP(compile_world(world))
    survey = Survey(policy, mdp, estimators(NAMES), seed=4, group=group)
    assert survey.add(count)
    found = survey.found()[name]
    own = gradients(policy, mdp, name, count, group)
    weighting = estimator(name).target
    probabilities = action_probabilities(policy()[0]).numpy()
    cotangent = torch.from_numpy(exact.gradient_cotangent(mdp.mdp, probabilities, weighting))
    parts = torch.autograd.grad(policy()[0], list(policy.parameters()), cotangent)
    target = torch.cat([part.flatten() for part in parts]).numpy()
    norm2 = target @ target

    assert found.cloud is not None
    np.testing.assert_allclose(found.cloud.x, own @ target / norm2, atol=1e-9)
    plain = gradients(policy, mdp, f"reward_to_go/none/discount={weighting}", count, group)
    centred = plain - plain.mean(0)
    centred -= np.outer(centred @ target / norm2, target)
    across = np.linalg.svd(centred)[2][0]
    y = own @ across / norm2**0.5
    sign = np.sign(y @ found.cloud.y)
    np.testing.assert_allclose(sign * found.cloud.y, y, atol=2e-3 * np.abs(y).max())
    trace = np.trace(np.cov(own.T))
    assert found.measurement.trace_cov == pytest.approx(trace, rel=1e-9)
    assert found.measurement.mean_norm2 == pytest.approx(float((own.mean(0) ** 2).sum()), rel=1e-9)


def test_more_episodes_are_added_to_those_there_were() -> None:
    """The first stay as they are; the mean is over all; errors shrink."""
    mdp = SampledMDP(compile_world(sparse5()))
    policy = TablePolicy(1, 25, 4).double()
    survey = Survey(policy, mdp, estimators(NAMES), seed=1)
    survey.add(512)
    before = survey.found()
    survey.add(1024)
    after = survey.found()
    assert survey.n_episodes == 1536
    for name, earlier in before.items():
        assert np.array_equal(after[name].cloud.x[:512], earlier.cloud.x)
        assert after[name].measurement.se < earlier.measurement.se
        assert after[name].measurement.n_episodes == 1536
        mean = float(after[name].cloud.x.mean())
        assert after[name].measurement.mean_projection == pytest.approx(mean, abs=1e-12)


def test_it_can_be_stopped_and_keeps_what_it_has() -> None:
    """``go_on`` is told how many were added, and a stop loses nothing."""
    mdp = SampledMDP(compile_world(sparse5()))
    survey = Survey(TablePolicy(1, 25, 4).double(), mdp, estimators(NAMES), seed=1)
    asked: list[int] = []

    def go_on(done: int) -> bool:
        asked.append(done)
        return done < ACROSS_FROM + 256

    assert not survey.add(16_384, go_on)
    assert sorted(set(asked)) == [0, ACROSS_FROM, ACROSS_FROM + 256]
    assert asked == sorted(asked)
    assert survey.n_episodes == ACROSS_FROM + 256
    assert set(survey.found()) == set(NAMES)


@pytest.mark.parametrize("begun", [0, 1])
def test_a_stop_need_not_wait_for_a_part(begun: int) -> None:
    """It is asked before every estimator of a part; what goes on after a stop has the same bits."""
    mdp, policy = SampledMDP(compile_world(sparse5())), TablePolicy(1, 25, 4).double()
    start = Survey(policy, mdp, estimators(NAMES), seed=1)
    for _ in range(begun):
        start.add(ACROSS_FROM)
    whole = copy.deepcopy(start)
    asked: list[int] = []
    assert whole.add(256, lambda done: asked.append(done) is None)
    assert len(asked) > len(NAMES)
    assert set(asked) == {0}
    for questions in range(len(asked)):
        survey = copy.deepcopy(start)
        left = iter([True] * questions)
        assert not survey.add(256, lambda done, left=left: next(left, False))
        assert survey.n_episodes == begun * ACROSS_FROM
        assert survey.add(256)
        for name, found in whole.found().items():
            again = survey.found()[name]
            assert np.array_equal(again.cloud.x, found.cloud.x)
            assert np.array_equal(again.cloud.y, found.cloud.y)
            assert again.measurement.trace_cov == found.measurement.trace_cov


def test_nothing_measured_yet_says_so() -> None:
    survey = Survey(
        TablePolicy(1, 25, 4).double(), SampledMDP(compile_world(sparse5())), estimators(NAMES), 0
    )
    with pytest.raises(ValueError, match="Nothing has been measured"):
        survey.found()


def test_centres_lie_on_the_exact_gradient() -> None:
    """x = 1 and y = 0 within four errors for what is unbiased; the ellipse is that error's."""
    case = cases()[3]
    policy = TablePolicy(1, *case.logits.shape).double()
    with torch.no_grad():
        policy.table.copy_(torch.from_numpy(case.logits))
    survey = Survey(policy, SampledMDP(case.mdp), estimators(NAMES[:5]), seed=2)
    survey.add(8192)
    for name, found in survey.found().items():
        cloud = found.cloud
        assert cloud is not None
        for values, centre in ((cloud.x, 1.0), (cloud.y, 0.0)):
            error = values.std(ddof=1) / np.sqrt(len(values))
            assert abs(values.mean() - centre) < 4 * error, name
        axes = cloud.ellipse()
        covariance = np.cov(np.stack([cloud.x, cloud.y])) / 8192
        np.testing.assert_allclose(axes @ axes.T, covariance * 5.991464547, rtol=1e-8)


def test_crosses_are_means_of_whole_groups() -> None:
    cloud = Cloud(np.arange(7.0), np.zeros(7), 3)
    assert cloud.means.tolist() == [[1.0, 0.0], [4.0, 0.0]]


def test_ratios_only_between_what_compares() -> None:
    """To no baseline with the same target; none across targets, and none for z-scores."""
    mdp = SampledMDP(compile_world(sparse5()))
    survey = Survey(TablePolicy(1, 25, 4).double(), mdp, estimators(NAMES), seed=1)
    survey.add(1024)
    found = survey.found()
    trace = {name: one.measurement.trace_cov for name, one in found.items()}

    def ratio(name: str, plain: str) -> None:
        assert found[name].ratio.value == pytest.approx(trace[name] / trace[plain])

    ratio("reward_to_go/V/discount=exact", "reward_to_go/none/discount=exact")
    ratio("gae_0.95/V/discount=practice", "reward_to_go/none/discount=practice")
    assert found["total/none"].ratio.value == 1
    z_score = found["reward_to_go/z_score/discount=practice"]
    assert z_score.ratio is None
    assert z_score.relative is None
    with pytest.raises(ValueError, match="scales"):
        z_score.measurement.ratio_to(found["reward_to_go/none/discount=practice"].measurement)
    one = found["reward_to_go/V/discount=exact"]
    assert one.relative == pytest.approx(
        one.measurement.trace_cov / one.measurement.target_norm2
    )
    assert one.episodes_needed == pytest.approx(1 / one.measurement.snr)


def test_no_direction_where_the_gradient_is_zero() -> None:
    """In a world that pays nothing there is no cloud, and no division by zero."""
    world = corridor().with_fields(
        tiles={s: t if not t.terminal else type(t)(terminal=True)
               for s, t in corridor().tiles.items()}
    )
    mdp = SampledMDP(compile_world(world))
    survey = Survey(TablePolicy(1, mdp.n_states, 2).double(), mdp, estimators(NAMES), seed=1)
    survey.add(64)
    for found in survey.found().values():
        assert found.cloud is None
        assert found.relative is None
        assert found.episodes_needed is None
        assert found.measurement.trace_cov == 0


@pytest.mark.parametrize("id", ["corridor", "bandit"])
def test_two_logits_leave_nothing_across(id: str) -> None:
    """Gradients of one softmax over two actions are (a, −a), all: none lies across another."""
    one = BY_ID[id]
    trainer = Trainer(read_text(rlxent_resources.world_text(one.world)), one.settings, (0,))
    mdp = SampledMDP(trainer.mdp)
    survey = Survey(trainer.policy, mdp, estimators(one.estimators), seed=0)
    assert survey.add(1024)
    for found in survey.found().values():
        assert found.cloud is not None
        assert np.abs(found.cloud.y).max() < 1e-9 * np.abs(found.cloud.x).max()


def test_z_scores() -> None:
    """(G − mean)/deviation over the steps taken, and zeros where all are equal."""
    torch.manual_seed(0)
    gain = torch.randn(5, 2, 4, dtype=torch.float64)
    alive = torch.arange(5)[:, None, None] < torch.tensor([[3, 5, 1, 2], [5, 5, 5, 5]])
    gain = gain * alive
    found = z_scores(gain, alive)
    for run in range(2):
        taken = gain[:, run][alive[:, run]].numpy()
        expected = (taken - taken.mean()) / taken.std(ddof=1)
        np.testing.assert_allclose(found[:, run][alive[:, run]].numpy(), expected, atol=1e-12)
    same = torch.full((3, 1, 4), 0.1, dtype=torch.float64)
    assert bool((z_scores(same, torch.ones_like(same, dtype=torch.bool)) == 0).all())


def test_what_is_biased_says_why() -> None:
    """z-scores and GAE with a learned V; a learned baseline alone does not bias."""
    assert estimator("total/z_score").bias
    assert estimator("gae_0.9/critic/discount=exact").bias
    for name in (
        "gae_1/critic/discount=exact", "reward_to_go/critic/discount=practice", "total/critic",
        "gae_0.9/V/discount=practice", "total/none",
    ):
        assert estimator(name).bias == ""
    z, plain = Estimator("total", "z_score"), Estimator("total", "none")
    assert z.rescaled
    assert not comparable(z, plain)


def test_intervals_of_leave_one_out_hold_the_exact_variance() -> None:
    """On the bandit q_e is the square of its group's mean error, the same for all 16 of a group.

    Taken as independent, only every other interval would hold 0.125/15.
    """
    mdp = compile_world(read_text(rlxent_resources.world_text("two_armed_bandit")))
    policy = TablePolicy(1, mdp.n_states, mdp.n_actions).double()
    held = 0
    for seed in range(40):
        survey = Survey(policy, SampledMDP(mdp), estimators(["total/leave_one_out"]), seed)
        survey.add(1024)
        low, high = survey.found()["total/leave_one_out"].measurement.interval()
        held += low <= 0.125 / 15 <= high
    assert held >= 33  # P(fewer) of 40 at .95 each is 0.003; at .55 each 33 or more is 3e-4
