"""The numbers of the argument itself: REINFORCE as cross-entropy, reweighted by reward.

All are worked out by hand in the design's mathematics; most come from one softmax over two
logits.  (Nothing in the core learns Q-values or Gaussian actions, so those numbers are not here.)
"""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rlxent_core import exact
from rlxent_core.estimators import estimators
from rlxent_core.mdp import compile_world
from rlxent_core.optimal_baseline import optimal_constant
from rlxent_core.policy import TablePolicy
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP
from rlxent_core.variance import Measurement, measure
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from tests.core.golden import DATA

Z = torch.tensor([1.0, 0.0], dtype=torch.float64)


def bandit(left: float, right: float) -> World:
    """One step from the middle: left pays ``left``, right pays ``right``, and it is over."""
    ends = {"L": Tile(terminal=True, reward=left), "R": Tile(terminal=True, reward=right)}
    return World(
        map=("LSR",), tiles={"S": Tile(start=1), **ends}, moves=("left", "right"), discount=1.0,
        max_steps=1,
    )


def gradient(loss_of_logits: object, logits: Tensor) -> Tensor:
    """∂ loss / ∂ logits by autograd."""
    z = logits.clone().requires_grad_()
    return torch.autograd.grad(loss_of_logits(z), z)[0]  # type: ignore[operator]


def expected_gradient(weight: Tensor, probabilities: Tensor) -> Tensor:
    """Σ_a q(a) w(a) (onehot(a) − p) as autograd finds it, q(a) w(a) given as ``weight``."""
    logits = probabilities.log()
    return gradient(lambda z: (weight * F.log_softmax(z, -1)).sum(), logits)


def test_softmax_of_one_and_zero() -> None:
    """p = 1/(1 + e^{−1})."""
    expected = [0.7310585786300049, 0.2689414213699951]
    assert exact.softmax(Z.numpy()) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("action", "gain", "first"),
    [(0, 4.0, -1.0757656855), (0, -4.0, 1.0757656855), (1, 4.0, 2.9242343145)],
)
def test_one_step(action: int, gain: float, first: float) -> None:
    """∂L/∂z = G (p − onehot(a)): ∓1.0757656855 for a = 0, ±2.92 for a = 1."""
    label = torch.tensor(action)
    found = gradient(lambda z: F.cross_entropy(z, label) * gain, Z)
    assert found.tolist() == pytest.approx([first, -first], abs=1e-10)


def test_three_ways_of_writing_the_loss() -> None:
    """Cross-entropy times G, −G log π(a), and cross-entropy with soft target G·onehot(a)."""
    torch.manual_seed(0)
    logits = torch.randn(6, 4, dtype=torch.float64)
    actions, gains = torch.tensor([0, 3, 1, 1, 2, 0]), torch.randn(6, dtype=torch.float64)
    soft = gains[:, None] * F.one_hot(actions, 4)
    one = gradient(lambda z: (F.cross_entropy(z, actions, reduction="none") * gains).sum(), logits)
    two = gradient(lambda z: -(gains * F.log_softmax(z, -1)[range(6), actions]).sum(), logits)
    three = gradient(lambda z: F.cross_entropy(z, soft, reduction="sum"), logits)
    wrong = gradient(lambda z: 6 * F.cross_entropy(z, actions) * gains.mean(), logits)
    torch.testing.assert_close(one, two, rtol=0, atol=1e-14)
    torch.testing.assert_close(one, three, rtol=0, atol=1e-14)
    assert (one - wrong).abs().max() > 0.1


@pytest.mark.parametrize(
    ("p", "supervised", "reinforced"), [(0.5, 0.5, 0.25), (0.1, 0.9, 0.09), (0.01, 0.99, 0.0099)]
)
def test_classification_by_reward(p: float, supervised: float, reinforced: float) -> None:
    """On z_y cross-entropy pulls with 1 − p, REINFORCE with p (1 − p): slow when p is small."""
    policy = torch.tensor([p, 1 - p], dtype=torch.float64)
    cross_entropy = -gradient(lambda z: F.cross_entropy(z, torch.tensor(0)), policy.log())
    assert float(cross_entropy[0]) == pytest.approx(supervised, abs=1e-12)
    mdp = compile_world(bandit(1.0, 0.0))
    table = np.broadcast_to(policy.numpy(), (3, 2))
    found = exact.gradient_cotangent(mdp, table, "exact")[mdp.state((0, 1))]
    assert found == pytest.approx([reinforced, -reinforced], abs=1e-12)


def test_when_reward_is_cross_entropy() -> None:
    """Four ways to turn classification by reward into cross-entropy, and one that is not."""
    p = torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64)
    reward = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    supervised = -gradient(lambda z: F.cross_entropy(z, torch.tensor(0)), p.log())
    unweighted = expected_gradient(reward, p)
    divided = expected_gradient(p * (reward / p), p)
    uniform = expected_gradient(torch.full_like(p, 1 / 3) * (3 * reward), p)
    normalised = expected_gradient(p * reward / (p * reward).sum(), p)
    for same in (unweighted, divided, uniform, normalised):
        torch.testing.assert_close(same, supervised, rtol=0, atol=1e-14)
    torch.testing.assert_close(
        expected_gradient(p * reward, p), 0.1 * supervised, rtol=0, atol=1e-14
    )


def traces(world: World, p: float, baseline: float) -> float:
    """tr Cov of w φ over the two actions of a bandit, taken with p and 1 − p."""
    rewards = torch.tensor([world.tiles["L"].reward, world.tiles["R"].reward]).double()
    policy = torch.tensor([p, 1 - p], dtype=torch.float64)
    samples = (rewards - baseline)[:, None] * (torch.eye(2, dtype=torch.float64) - policy)
    mean = policy @ samples
    return float((policy[:, None] * (samples - mean) ** 2).sum())


@pytest.mark.parametrize("p", [0.5, 0.9, 0.01])
def test_best_baseline_of_two_classes(p: float) -> None:
    """b* = 1 − p leaves no variance at all."""
    mdp = compile_world(bandit(1.0, 0.0))
    best = optimal_constant(mdp, np.broadcast_to([p, 1 - p], (3, 2)))
    assert best == pytest.approx(1 - p, abs=1e-12)
    assert traces(bandit(1.0, 0.0), p, best) == pytest.approx(0, abs=1e-15)


def test_the_value_can_be_worse_than_no_baseline() -> None:
    """At p = .9 V = .9 leaves .1152, no baseline .0018."""
    assert traces(bandit(1.0, 0.0), 0.9, 0.9) == pytest.approx(0.1152, abs=1e-12)
    assert traces(bandit(1.0, 0.0), 0.9, 0.0) == pytest.approx(0.0018, abs=1e-12)


@pytest.mark.parametrize(
    ("rewards", "none", "best"), [((1.0, 0.0), 0.125, 0.5), ((101.0, 100.0), 5050.125, 100.5)]
)
def test_two_armed_bandit(rewards: tuple[float, float], none: float, best: float) -> None:
    """r = (1, 0), p = ½: mean .25, variance .0625 a logit; 100 more make it 2525.0625; b* ends it.

    Sampled through the estimators' own path: with b* not one of 512 episodes deviates.
    """
    world = bandit(*rewards)
    mdp = compile_world(world)
    assert traces(world, 0.5, 0.0) == pytest.approx(none, rel=1e-12)
    half = np.full((3, 2), 0.5)
    assert optimal_constant(mdp, half) == pytest.approx(best, abs=1e-12)
    target = exact.gradient_cotangent(mdp, half, "exact")[1]
    assert target.tolist() == [0.25, -0.25]
    policy = TablePolicy(1, 3, 2).double()
    names = ("total/none", "total/b_star")
    found = measure(policy, SampledMDP(mdp), estimators(names), 512, seed=1)
    assert found["total/b_star"].trace_cov == pytest.approx(0, abs=1e-9)
    # Two values only: the spread of the sample variance comes from their counts, k of n.
    share = found["total/none"].trace_cov / none
    assert share == pytest.approx(1, abs=4 * found["total/none"].se / none + 0.02)


class OneLogit(nn.Module):
    """A policy that cannot tell cells apart: z = (θ, 0) in each, θ = 0 for p = ½."""

    def __init__(self, n_states: int) -> None:
        super().__init__()
        self.n_states = n_states
        self.theta = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self) -> Tensor:
        logits = torch.cat([self.theta, torch.zeros_like(self.theta)])
        return logits.expand(1, self.n_states, 2)


def corridor(max_steps: int | None) -> World:
    text = (DATA / "textbook_worlds.json").read_text(encoding="utf-8")
    world = read_text(json.dumps(json.loads(text)["worlds"]["short_corridor"]["world"]))
    return world.with_fields(max_steps=max_steps)


def test_short_corridor_values() -> None:
    """J(p) = (2p − 4)/(p (1 − p)); the best p is 2 − √2, with −(6 + 4√2)."""
    mdp = compile_world(corridor(None))

    def value(p: float) -> float:
        return float(exact.start_value(mdp, np.broadcast_to([p, 1 - p], (4, 2)), None))

    for p in (0.05, 0.5, 0.9):
        assert value(p) == pytest.approx((2 * p - 4) / (p * (1 - p)), rel=1e-12)
    best = 2 - 2**0.5
    assert value(best) == pytest.approx(-(6 + 4 * 2**0.5), rel=1e-12)
    assert value(best) > max(value(best - 1e-4), value(best + 1e-4))
    values = exact.infinite_values(mdp, np.full((4, 2), 0.5))
    assert values[:3] == pytest.approx([-12, -10, -6], abs=1e-10)


def test_short_corridor_gradient() -> None:
    """∂J/∂z_right = 2 at p = ½: all cells' components together, for they share the logit."""
    cotangent = exact.gradient_cotangent(compile_world(corridor(None)), np.full((4, 2), 0.5))
    assert cotangent[:, 0].sum() == pytest.approx(2, abs=1e-10)


@pytest.fixture(scope="module")
def corridor_variances() -> dict[str, Measurement]:
    """Measured on the same 20,000 episodes of at most 200 steps, in the one parameter θ."""
    mdp = compile_world(corridor(200))
    half = np.full((4, 2), 0.5)
    names = ("total/none", "reward_to_go/none/discount=exact",
             "reward_to_go/moving_average/discount=exact", "reward_to_go/V/discount=exact")
    references = References(mdp, half, constant=-12.0)
    return measure(
        OneLogit(4), SampledMDP(mdp), estimators(names), 20_000, seed=5, references=references
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total/none", 1959),
        ("reward_to_go/none/discount=exact", 733),
        ("reward_to_go/moving_average/discount=exact", 277),
        ("reward_to_go/V/discount=exact", 295),
    ],
)
def test_short_corridor_variances(
    corridor_variances: dict[str, Measurement], name: str, expected: float
) -> None:
    """The variances of the one component, within four standard errors of 20,000 episodes."""
    found = corridor_variances[name]
    assert abs(found.trace_cov - expected) < 4 * found.se + 0.5
    assert found.se < 0.06 * expected


def test_a_constant_beats_the_value(corridor_variances: dict[str, Measurement]) -> None:
    """On the same episodes −12 leaves less than V(s), by more than three standard errors."""
    constant = corridor_variances["reward_to_go/moving_average/discount=exact"]
    value = corridor_variances["reward_to_go/V/discount=exact"]
    ratio = value.ratio_to(constant)
    assert ratio.value is not None
    assert np.log(ratio.value) > 3 * ratio.log_se
    assert ratio.value == pytest.approx(295 / 277, rel=4 * ratio.log_se)
