"""Sampled variances against exact ones, and what is said of them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import torch

from rlxent_core import compiled, exact, kernel, spread
from rlxent_core.baselines import scores_by_episode
from rlxent_core.estimators import COMPARED, Estimator, estimator, estimators
from rlxent_core.kernel import Identity, kernel_of
from rlxent_core.mdp import compile_world
from rlxent_core.policy import MLPPolicy, TablePolicy, action_probabilities
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP, sample_episodes
from rlxent_core.spread import Batch, Ratio, Spread, sample_batch
from rlxent_core.streams import Purpose, Streams
from rlxent_core.variance import Measurement, measure
from rlxent_core.world import Tile, World
from tests.core.golden import Case, cases
from tests.core.learning_worlds import restless, sparse5

CASES = cases()
EPISODES = 4096


def table_of(logits: np.ndarray) -> TablePolicy:
    policy = TablePolicy(1, *logits.shape).double()
    with torch.no_grad():
        policy.table.copy_(torch.from_numpy(logits))
    return policy


@cache
def measured(index: int) -> dict[str, Measurement]:
    """Everything that can be compared, on the same episodes of one reference case."""
    case = CASES[index]
    return measure(
        table_of(case.logits), SampledMDP(case.mdp), estimators(COMPARED), EPISODES, seed=11
    )


def references() -> list[tuple[int, str, float]]:
    return [
        (i, name, trace)
        for i, case in enumerate(CASES)
        for name, trace in case.expected["trace_cov"].items()
    ]


@pytest.mark.parametrize(
    ("index", "name", "trace"), references(), ids=lambda v: str(v).replace("/", "|")
)
def test_trace_of_the_covariance(index: int, name: str, trace: float) -> None:
    """tr Cov within 3.5 of its own standard errors (1 in 2,000 by chance; the seed is fixed)."""
    found = measured(index)[name]
    assert abs(found.trace_cov - trace) < 3.5 * found.se
    assert found.se < 0.1 * trace


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: str(CASES[i]))
@pytest.mark.parametrize("name", COMPARED)
def test_every_estimator_points_at_its_target(index: int, name: str) -> None:
    """⟨mean, target⟩/‖target‖² = 1 within 3.5 standard errors: all of these are unbiased."""
    found = measured(index)[name]
    assert found.mean_projection is not None
    assert found.mean_projection_se is not None
    assert abs(found.mean_projection - 1) < 3.5 * found.mean_projection_se


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: str(CASES[i]))
def test_target_and_signal(index: int) -> None:
    """‖target‖² is the reference's, and the signal comes near it: not ‖ĝ‖², which is too large."""
    found, expected = measured(index), CASES[index].expected
    exact_one = found["reward_to_go/V/discount=exact"]
    practice = found["reward_to_go/V/discount=practice"]
    assert exact_one.target_norm2 == pytest.approx(expected["exact_gradient_norm2"], abs=1e-9)
    assert practice.target_norm2 == pytest.approx(expected["practice_gradient_norm2"], abs=1e-9)
    for one in (exact_one, practice):
        # ‖ĝ‖ has standard error √(tr Cov / B) at most, in the direction of the signal.
        error = 2 * math.sqrt(one.target_norm2 * one.trace_cov / EPISODES)
        assert abs(one.signal - one.target_norm2) < 3.5 * error
        assert one.signal == pytest.approx(one.mean_norm2 - one.trace_cov / EPISODES)
        assert one.snr == pytest.approx(one.signal / one.trace_cov)
        assert one.cosine is not None
        assert 0.9 < one.cosine <= 1


def test_total_return_is_exact_reward_to_go_of_a_single_reward() -> None:
    """With reward only at the end γ^t × reward-to-go is the total return, episode by episode."""
    found = measured(0)
    one, other = found["total/none"], found["reward_to_go/none/discount=exact"]
    np.testing.assert_allclose(one.deviations, other.deviations, rtol=1e-9)


def test_gae_of_lambda_one_is_reward_to_go_less_v() -> None:
    """Σ γ^k δ telescopes to G_t − V(s_t)."""
    case = CASES[2]
    found = measure(
        table_of(case.logits), SampledMDP(case.mdp),
        estimators(["gae_1/V/discount=practice", "reward_to_go/V/discount=practice"]), 64, seed=1,
    )
    one, other = found.values()
    np.testing.assert_allclose(one.deviations, other.deviations, rtol=1e-8)


def noisy_world() -> World:
    """Two starts, noise, slips, a respawn: everything that makes episodes differ."""
    return World(
        map=("S.C.", ".#.S", "..xG"),
        tiles={
            "S": Tile(start=1), "G": Tile(terminal=True, reward=2),
            "C": Tile(respawn=True, reward=-1), "x": Tile(reversed=True),
        },
        slip=0.2, step_reward=-0.05, reward_noise=0.1, discount=0.9, max_steps=20,
    )  # fmt: skip


def mlp(world_states: int, seed: int = 0) -> MLPPolicy:
    torch.manual_seed(seed)
    return MLPPolicy(1, world_states, 4, 8).double()


def true_gradients(policy: MLPPolicy, batch: Batch, weight: torch.Tensor) -> torch.Tensor:
    """Every episode's gradient of Σ_t w_t log π(a_t|s_t), built one by one: [B, P]."""
    state, action = (v.reshape(len(v), -1) for v in (batch.episodes.state, batch.episodes.action))
    rows = []
    for e in range(batch.n_episodes):
        alive = state[:, e] < policy.w1.shape[1]
        log = torch.log_softmax(policy()[0], -1)[state[alive, e], action[alive, e]]
        surrogate = (weight[alive, 0, e] * log).sum()
        gradients = torch.autograd.grad(surrogate, list(policy.parameters()))
        rows.append(torch.cat([g.flatten() for g in gradients]))
    return torch.stack(rows)


@pytest.mark.parametrize("layered", [False, True], ids=["matrix", "layer by layer"])
@pytest.mark.parametrize(
    "name", ["total/leave_one_out", "reward_to_go/b_star(t,s)/discount=exact",
             "gae_0.95/V/discount=practice"],
)
def test_a_network_against_gradients_really_built(
    name: str, layered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tr Cov, ‖ĝ‖² and ⟨ĝ, target⟩ of a network equal those of per-episode autograd gradients."""
    monkeypatch.setattr(kernel, "SMALL", 0 if layered else 256)
    monkeypatch.setattr(spread, "_NUMBERS_AT_ONCE", 600)  # eleven or so episodes at once
    mdp = SampledMDP(compile_world(noisy_world()))
    policy = mlp(mdp.n_states)
    probabilities = action_probabilities(policy()[0])
    refs = References(mdp.mdp, probabilities.numpy())
    found = measure(policy, mdp, estimators([name]), 40, seed=3, references=refs)[name]
    batch = sample_batch(probabilities, mdp, 40, seed=3)
    gradients = true_gradients(policy, batch, batch.weights(estimator(name), refs))
    mean = gradients.mean(0)
    deviations = ((gradients - mean) ** 2).sum(1) * 40 / 39
    np.testing.assert_allclose(found.deviations, deviations.numpy(), rtol=1e-9)
    assert found.mean_norm2 == pytest.approx(float(mean @ mean), rel=1e-9)
    weighting = estimator(name).target
    cotangent = torch.from_numpy(
        exact.gradient_cotangent(mdp.mdp, probabilities.numpy(), weighting)
    )
    target = torch.cat([
        g.flatten() for g in torch.autograd.grad(policy()[0], list(policy.parameters()), cotangent)
    ])  # fmt: skip
    assert found.projection == pytest.approx(float(mean @ target), rel=1e-9)
    assert found.target_norm2 == pytest.approx(float(target @ target), rel=1e-9)


@pytest.mark.parametrize("name", [n for n in COMPARED if "leave_one_out" not in n])
def test_a_network_is_unbiased_too(name: str) -> None:
    """On a world with chance of every kind the mean of 4096 points at the exact gradient."""
    found = network_measured()[name]
    assert found.mean_projection is not None
    assert found.mean_projection_se is not None
    assert abs(found.mean_projection - 1) < 3.5 * found.mean_projection_se


@cache
def network_measured() -> dict[str, Measurement]:
    mdp = SampledMDP(compile_world(noisy_world()))
    return measure(mlp(mdp.n_states), mdp, estimators(COMPARED), EPISODES, seed=2)


def test_leave_one_out_takes_the_mean_of_its_own_group() -> None:
    """With groups of two each episode's baseline is the other's return."""
    case = CASES[3]
    probabilities = torch.from_numpy(case.policy)
    batch = sample_batch(probabilities, SampledMDP(case.mdp), 8, seed=4, group=2)
    refs = References(case.mdp, case.policy)
    weight = batch.weights(estimator("total/leave_one_out"), refs)[0, 0]
    total = batch.to_go[0, 0]
    np.testing.assert_allclose(weight, total - total.reshape(4, 2).flip(1).reshape(-1), atol=1e-12)


def test_a_group_must_divide_the_episodes() -> None:
    """Ten episodes are no whole number of groups of four."""
    case = CASES[4]
    with pytest.raises(ValueError, match="10 episodes are no whole number of 4"):
        sample_batch(torch.from_numpy(case.policy), SampledMDP(case.mdp), 10, seed=0, group=4)


def test_baselines_of_a_training_are_taken_as_given() -> None:
    """A constant m and a critic V(s) are subtracted where steps were taken, and only there.

    A critic of zeros subtracts nothing.
    """
    case = CASES[0]
    refs = References(
        case.mdp, case.policy, constant=0.5, critic=torch.zeros(case.mdp.n_states)
    )
    batch = sample_batch(torch.from_numpy(case.policy), SampledMDP(case.mdp), 16, seed=4)
    alive = batch.episodes.alive
    none = batch.weights(estimator("reward_to_go/none/discount=practice"), refs)
    mean = batch.weights(estimator("reward_to_go/moving_average/discount=practice"), refs)
    critic = batch.weights(estimator("reward_to_go/critic/discount=practice"), refs)
    torch.testing.assert_close(mean[alive], none[alive] - 0.5)
    torch.testing.assert_close(critic, none)


def test_baselines_of_a_training_must_be_given() -> None:
    """Without a training there is no critic, and that is said."""
    case = CASES[4]
    with pytest.raises(ValueError, match="needs the critic of a training"):
        measure(table_of(case.logits), SampledMDP(case.mdp),
                estimators(["gae_0.9/critic/discount=exact"]), 8, seed=0)


@pytest.mark.parametrize(
    "name", [*COMPARED, "gae_0.5/critic/discount=exact", "total/moving_average"]
)
def test_names_are_read_back(name: str) -> None:
    """A name leads to one estimator, whose name it is."""
    assert estimator(name).name == name


@pytest.mark.parametrize(
    "name",
    ["", "total", "total/V", "total/none/discount=exact", "reward_to_go/none",
     "reward_to_go/none/discount=never", "gae/V/discount=exact", "gae_1.5/V/discount=exact",
     "gae_0.9/none/discount=exact", "gae_./V/discount=exact", "gae_1.2.3/V/discount=exact"],
)
def test_other_names_are_refused(name: str) -> None:
    """What no estimator is called is an error that repeats it."""
    with pytest.raises(ValueError, match="There is no estimator"):
        estimator(name)


def test_only_estimators_of_one_gradient_are_compared() -> None:
    """A ratio of exact to practice discounting would mislead by the targets' own ratio."""
    found = measured(0)
    with pytest.raises(ValueError, match="different gradients"):
        found["reward_to_go/V/discount=practice"].ratio_to(found["total/none"])


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: str(CASES[i]))
@pytest.mark.parametrize("weighting", ["exact", "practice"])
def test_paired_ratio(index: int, weighting: str) -> None:
    """log(none / V) within 3.5 of its standard error of the exact ratio's."""
    found, expected = measured(index), CASES[index].expected["trace_cov"]
    none, with_v = (f"reward_to_go/{b}/discount={weighting}" for b in ("none", "V"))
    ratio = found[none].ratio_to(found[with_v])
    assert ratio.value is not None
    assert abs(math.log(ratio.value) - math.log(expected[none] / expected[with_v])) < (
        3.5 * ratio.log_se
    )


def test_pairing_makes_the_ratio_sharper() -> None:
    """On the same episodes V against b*(t, s) is known far better than either of them."""
    found = measured(0)
    one = found["reward_to_go/V/discount=exact"]
    other = found["reward_to_go/b_star(t,s)/discount=exact"]
    apart = math.hypot(one.se / one.trace_cov, other.se / other.trace_cov)
    assert one.ratio_to(other).log_se < apart / 5


def spread_of(*deviations: float) -> Spread:
    return Spread(np.array(deviations), 0.0)


def test_standard_error_by_hand() -> None:
    """q = 1, 3: mean 2, sd √2, SE = √2/√2 = 1; on the log scale 2·e^{±1.96/2}."""
    found = spread_of(1.0, 3.0)
    assert (found.trace_cov, found.se) == (2.0, pytest.approx(1.0))
    assert found.interval() == pytest.approx((2 * math.exp(-0.98), 2 * math.exp(0.98)))


def test_episodes_that_share_a_mean_scatter_by_groups() -> None:
    """q = 1, 1, 3, 3 in groups of two: the groups' means 1 and 3 give an SE of 1, not of 0.58.

    Groups that differ less than their members do not make it smaller, and one group says nothing.
    """
    shared = Spread(np.array([1.0, 1.0, 3.0, 3.0]), 0.0, together=2)
    assert shared.se == pytest.approx(1.0)
    assert Ratio.of(shared, spread_of(2.0, 2.0, 2.0, 2.0)).log_se == pytest.approx(0.5)
    alone = spread_of(1.0, 3.0, 1.0, 3.0).se
    assert Spread(np.array([1.0, 3.0, 1.0, 3.0]), 0.0, together=2).se == pytest.approx(alone)
    assert Spread(np.array([1.0, 3.0, 1.0, 3.0]), 0.0, together=4).se == pytest.approx(alone)


def test_ratio_by_hand() -> None:
    """q₁ = (2, 6), q₂ = (1, 1): ratio 4; q₁/m₁ − q₂/m₂ = ∓½, sd √½, over √2 gives ½."""
    ratio = Ratio.of(spread_of(2.0, 6.0), spread_of(1.0, 1.0))
    assert ratio.value == pytest.approx(4.0)
    assert ratio.log_se == pytest.approx(0.5)


def test_no_variance_has_no_ratio() -> None:
    """Nothing over nothing is no number, and its interval is zero."""
    assert Ratio.of(spread_of(0.0, 0.0), spread_of(1.0, 2.0)).value is None
    assert spread_of(0.0, 0.0).interval() == (0.0, 0.0)


def test_ratios_need_the_same_episodes() -> None:
    """Two and three episodes cannot be paired."""
    with pytest.raises(ValueError, match="same episodes"):
        Ratio.of(spread_of(1.0, 2.0), spread_of(1.0, 2.0, 3.0))


def test_without_reward_there_is_no_ratio_of_signal_to_noise() -> None:
    """Where nothing is ever paid the SNR is unknown, not infinite, and nothing is divided by 0."""
    world = World(map=("S..",), tiles={"S": Tile(start=1)}, max_steps=5)
    policy = TablePolicy(1, 3, 4).double()
    found = measure(policy, SampledMDP(compile_world(world)), estimators(COMPARED), 8, seed=0)
    for one in found.values():
        assert not one.rewarded
        assert (one.trace_cov, one.se) == (0.0, 0.0)
        assert one.snr is one.cosine is one.mean_projection is None


def test_one_episode_has_no_variance() -> None:
    """With B = 1 there is nothing to divide by B − 1."""
    case = CASES[4]
    with pytest.raises(ValueError, match="two episodes"):
        measure(table_of(case.logits), SampledMDP(case.mdp), estimators(["total/none"]), 1, seed=0)


def test_measuring_again_gives_the_same_bits() -> None:
    """The meters' stream depends on seed and update alone; another update draws other episodes."""
    case = CASES[1]
    policy, mdp = table_of(case.logits), SampledMDP(case.mdp)
    names = estimators(["total/none"])

    def trace(**where: int) -> float:
        found = measure(policy, mdp, names, 32, **{"seed": 6, **where})
        return found["total/none"].trace_cov

    torch.manual_seed(1)
    first = trace()
    torch.manual_seed(2)
    assert trace() == first
    assert trace(update=1) != first
    assert trace(seed=7) != first


def test_measuring_leaves_torchs_own_numbers_alone() -> None:
    """The global generator is not touched."""
    case = CASES[4]
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    measure(table_of(case.logits), SampledMDP(case.mdp), estimators(["total/none"]), 8, seed=0)
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)


def test_the_kernel_of_a_table_is_the_identity() -> None:
    """So tr Cov of a table is the plain sum of the cotangents' variances."""
    case: Case = CASES[4]
    policy = table_of(case.logits)
    assert isinstance(kernel_of(policy), Identity)
    name = "reward_to_go/none/discount=practice"
    found = measure(policy, SampledMDP(case.mdp), estimators([name]), 50, seed=8)[name]
    batch = sample_batch(torch.from_numpy(case.policy), SampledMDP(case.mdp), 50, seed=8)
    one: Estimator = estimator(name)
    weight = batch.weights(one, References(case.mdp, case.policy))
    cotangents = batch.cotangents(weight, slice(0, 50))
    assert found.trace_cov == pytest.approx(float(cotangents.var(0).sum()), rel=1e-12)


@pytest.mark.usefixtures("with_numba")
@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
@pytest.mark.parametrize("n_runs", [1, 3])
def test_machine_code_gives_the_same_scores(
    world: World, n_runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Σ_t w_t φ_t of some of the episodes, by one weight and by several, to the last bit."""
    mdp = SampledMDP(compile_world(world))
    dice = torch.Generator().manual_seed(n_runs)
    policy = torch.rand(n_runs, mdp.n_states, mdp.n_actions, generator=dice).double().softmax(-1)
    episodes = sample_episodes(mdp, policy, 9, Streams(range(n_runs), Purpose.METERS))
    weights = torch.randn(2, *episodes.leaf.shape, generator=dice, dtype=torch.float64)
    part = slice(2, 7)

    def found() -> list[torch.Tensor]:
        return [scores_by_episode(episodes, policy, w, part) for w in (weights[0], weights)]

    in_code = found()
    monkeypatch.setattr(compiled, "code", None)
    one, several = found()
    assert torch.equal(in_code[0], one)
    assert torch.equal(in_code[1], several)
    assert one.shape == (5, n_runs, mdp.n_states, mdp.n_actions)
    assert torch.equal(several[0], one)
