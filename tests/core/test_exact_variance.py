"""The exact covariance of the gradient: references, identities, and many sampled episodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from rlxent_core.estimators import COMPARED, estimators
from rlxent_core.exact import occupancy_t, values_t
from rlxent_core.exact_variance import Moments, StoppedError
from rlxent_core.kernel import full_matrix
from rlxent_core.mdp import MDP, compile_world
from rlxent_core.optimal_baseline import optimal_baseline
from rlxent_core.policy import MLPPolicy, TablePolicy, action_probabilities
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP
from rlxent_core.spread import sample_batch
from rlxent_core.variance import exact_trace, measure
from rlxent_core.world import Teleport, Tile, World
from tests.core.golden import Case, cases
from tests.core.world_maker import worlds

CASES = pytest.mark.parametrize("case", cases(), ids=str)


@CASES
def test_every_reference(case: Case) -> None:
    """All estimators of the reference file, to 1e-8."""
    moments = Moments(case.mdp, case.policy)
    references = References(case.mdp, case.policy)
    for name, expected in case.expected["trace_cov"].items():
        (one,) = estimators([name])
        found = exact_trace(moments, one, references, 16)
        assert found == pytest.approx(expected, abs=1e-8 * max(1, abs(expected))), name


@CASES
def test_without_others_leaving_one_out_is_no_baseline(case: Case) -> None:
    """A batch of one has nothing to subtract; with ever more others it is the mean return."""
    moments = Moments(case.mdp, case.policy)
    discount = case.mdp.discount
    assert moments.trace_leave_one_out(1, None) == pytest.approx(moments.trace_total(), rel=1e-12)
    assert moments.trace_leave_one_out(1, 1.0) == pytest.approx(
        moments.trace_to_go(1.0), rel=1e-12
    )
    mean = moments.trace_total(case.expected["J"])
    gaps = [moments.trace_leave_one_out(n, None) - mean for n in (2, 11, 101)]
    # Var(mean of n − 1 others) = Var G / (n − 1).
    assert gaps[0] == pytest.approx(10 * gaps[1], rel=1e-6)
    assert gaps[1] == pytest.approx(10 * gaps[2], rel=1e-5)
    assert moments.trace_leave_one_out(8, discount) > 0


@given(world=worlds(side=3), data=st.data())
def test_the_identity_of_the_best_baseline(world: World, data: st.DataObject) -> None:
    """tr Cov(b) = tr Cov(b*) + Σ_t Σ_s κ^2t d_t(s) E‖ψ_t‖² (b − b*)², for any b and world."""
    mdp = compile_world(world.with_fields(max_steps=4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    policy = rng.dirichlet(np.ones(mdp.n_actions), mdp.n_states)
    baseline = rng.normal(size=(4, mdp.n_states))
    moments = Moments(mdp, policy)
    for weighting, kappa in (("exact", mdp.discount), ("practice", 1.0)):
        best = optimal_baseline(mdp, policy, weighting)
        weight = kappa ** (2.0 * np.arange(4)[:, None]) * (1 - (policy**2).sum(-1))
        excess = (weight * occupancy_t(mdp, policy, 4) * (baseline - best) ** 2).sum()
        least = moments.trace_to_go(kappa, best)
        scale = max(1.0, abs(least))
        assert moments.trace_to_go(kappa, baseline) == pytest.approx(
            least + excess, abs=1e-9 * scale
        )
        # GAE(1) is reward-to-go − V, GAE of any λ with nothing to bootstrap from as well.
        values = values_t(mdp, policy, 4)
        assert moments.trace_gae(kappa, 1.0, values) == pytest.approx(
            moments.trace_to_go(kappa, values[:-1]), abs=1e-9 * scale
        )
        assert moments.trace_gae(kappa, 1.0, 0 * values) == pytest.approx(
            moments.trace_to_go(kappa), abs=1e-9 * max(1.0, moments.trace_to_go(kappa))
        )


@given(world=worlds(side=2), data=st.data())
def test_against_every_episode_there_can_be(world: World, data: st.DataObject) -> None:
    """Two steps, all of them written out: probabilities, gradients, their covariance."""
    mdp = compile_world(world.with_fields(max_steps=2))
    assume(not mdp.reward_noise.any())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    policy = rng.dirichlet(np.ones(mdp.n_actions), mdp.n_states)
    values = rng.normal(size=mdp.n_states)
    kappa, discount, lam = 0.8, mdp.discount, 0.6
    found: dict[str, list[np.ndarray]] = {"total": [], "to_go": [], "gae": []}
    chances = []
    for chance, steps in episodes(mdp, policy):
        gains = [steps[0][2] + discount * (steps[1][2] if len(steps) > 1 else 0.0)]
        gains += [steps[1][2]] if len(steps) > 1 else []
        v = [values[s] for s, _, _ in steps] + [0.0]
        deltas = [r + discount * v[i + 1] - v[i] for i, (_, _, r) in enumerate(steps)]
        advantages = [deltas[0] + discount * lam * (deltas[1] if len(steps) > 1 else 0.0)]
        advantages += deltas[1:]
        weights = {
            "total": [gains[0] - 0.3] * len(steps),
            "to_go": [kappa**t * (g - v[t]) for t, g in enumerate(gains)],
            "gae": [kappa**t * a for t, a in enumerate(advantages)],
        }
        chances.append(chance)
        for name, weight in weights.items():
            gradient = np.zeros_like(policy)
            for (s, a, _), w in zip(steps, weight, strict=True):
                gradient[s] -= w * policy[s]
                gradient[s, a] += w
            found[name].append(gradient.ravel())
    p = np.array(chances)
    assert p.sum() == pytest.approx(1)
    moments = Moments(mdp, policy)
    exact = {
        "total": moments.trace_total(0.3),
        "to_go": moments.trace_to_go(kappa, values),
        "gae": moments.trace_gae(kappa, lam, values),
    }
    for name, gradients in found.items():
        g = np.array(gradients)
        trace = p @ (g**2).sum(-1) - ((p @ g) ** 2).sum()
        assert exact[name] == pytest.approx(trace, abs=1e-9 * max(1.0, abs(trace))), name


def episodes(mdp: MDP, policy: np.ndarray):
    """(probability, [(s, a, r), …]) of every episode of at most two steps."""
    def places(state: int):
        """(probability, state or None) behind a number of the outcome list."""
        if state == mdp.over:
            return [(1.0, None)]
        if state == mdp.restart:
            return [(q, s) for s, q in enumerate(mdp.start.tolist()) if q > 0]
        return [(1.0, state)]

    def moves(state: int):
        for a in range(mdp.n_actions):
            for p, r, to in zip(
                mdp.probability[state, a], mdp.reward[state, a], mdp.next_state[state, a],
                strict=True,
            ):
                for q, following in places(int(to)):
                    yield policy[state, a] * p * q, a, r, following

    for first, start in enumerate(mdp.start.tolist()):
        if start == 0:
            continue
        for p, a, r, second in moves(first):
            if second is None:
                yield start * p, [(first, a, r)]
                continue
            for p2, a2, r2, _ in moves(second):
                yield start * p * p2, [(first, a, r), (second, a2, r2)]


WORLD = World(
    ("Swt", "..i", "rcG"),
    {
        "S": Tile(start=1), "w": Tile(wind=(1, 0)), "t": Tile(teleport=Teleport((1, 0), 0.2)),
        "i": Tile(slip=0.5), "r": Tile(respawn=True, reward=-1), "c": Tile(reward_noise=0.4),
        "G": Tile(terminal=True, reward=1),
    },
    slip=0.1, step_reward=-0.05, discount=0.9, max_steps=12,
)  # fmt: skip
MANY = 1_000_000
"""Episodes; of a table's gradients, so that no kernel slows it."""
AT_ONCE = 50_000
"""Of as many the gradients are kept; those of a million would be made twice, in gigabytes."""


def test_against_a_million_episodes() -> None:
    """|sampled − exact| within 4 standard errors, in a world with everything in it."""
    mdp = compile_world(WORLD)
    rng = np.random.default_rng(5)
    policy = TablePolicy(1, mdp.n_states, mdp.n_actions).double()
    with torch.no_grad():
        policy.table.copy_(torch.from_numpy(rng.normal(size=policy.table.shape)))
    probabilities = action_probabilities(policy())[0].numpy()
    references = References(mdp, probabilities, constant=0.1, critic=torch.rand(mdp.n_states) - 0.5)
    names = (
        "total/none", "total/moving_average", "total/value_at_start",
        "reward_to_go/V/discount=exact", "reward_to_go/b_star(t,s)/discount=practice",
        "reward_to_go/V_star/discount=practice",
        "reward_to_go/critic/discount=practice", "gae_0.7/critic/discount=practice",
        "gae_0.95/V/discount=exact",
    )
    moments = Moments(mdp, probabilities)
    found = [
        measure(
            policy, SampledMDP(mdp), estimators(names), AT_ONCE, seed=3, update=part,
            references=references,
        )
        for part in range(MANY // AT_ONCE)
    ]
    for name, first in found[0].items():
        # Each by itself is without bias, so their mean is, and their q_e are those of all.
        sampled = replace(first, deviations=np.concatenate([f[name].deviations for f in found]))
        assert sampled.n_episodes == MANY
        exact = exact_trace(moments, sampled.estimator, references, 1)
        assert exact is not None
        assert abs(sampled.trace_cov - exact) < 4 * sampled.se, name
        assert sampled.se < 0.01 * exact


@pytest.mark.parametrize("weighting", ["exact", "practice"])
@pytest.mark.parametrize("group", [2, 5])
def test_leave_one_out_against_many_batches(weighting: str, group: int) -> None:
    """Small batches, in which some steps have few others alive or none: within 4 errors."""
    mdp = compile_world(WORLD)
    probabilities = torch.full((mdp.n_states, mdp.n_actions), 0.25, dtype=torch.float64)
    names = [f"reward_to_go/leave_one_out/discount={weighting}", "total/leave_one_out"]
    references = References(mdp, probabilities.numpy())
    batch = sample_batch(probabilities, SampledMDP(mdp), 200_000, 7, group=group)
    moments = Moments(mdp, probabilities.numpy())
    for one in estimators(names):
        weight = batch.weights(one, references)
        exact = exact_trace(moments, one, references, group)
        assert exact is not None
        from rlxent_core.kernel import Identity

        spread, _ = batch.spread(weight, Identity())
        # Episodes of a batch are not independent: the error is of the batches' means.
        by_batch = spread.deviations.reshape(-1, group).mean(-1)
        error = by_batch.std(ddof=1) / np.sqrt(len(by_batch))
        assert abs(spread.trace_cov - exact) < 4 * error, one.name


def test_in_the_parameters_of_a_network() -> None:
    """Through K of an MLP: every estimator that can be compared, within 4 standard errors."""
    mdp = compile_world(WORLD)
    policy = MLPPolicy(1, mdp.n_states, mdp.n_actions, 8).double()
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.mul_(3)
    probabilities = action_probabilities(policy())[0].numpy()
    kernel = full_matrix(policy)
    assert kernel is not None
    references = References(mdp, probabilities, kernel=kernel.detach().numpy())
    moments = Moments(mdp, probabilities, kernel.detach().numpy())
    found = measure(
        policy, SampledMDP(mdp), estimators(COMPARED), 50_000, seed=3, references=references
    )
    for name, sampled in found.items():
        exact = exact_trace(moments, sampled.estimator, references, 50_000)
        assert exact is not None
        assert abs(sampled.trace_cov - exact) < 4 * sampled.se, name


def test_it_can_be_given_up_and_says_how_far_it_is() -> None:
    """Asked at every step, with the steps in all."""
    case = cases()[0]
    asked: list[tuple[int, int]] = []

    def go_on(done: int, total: int) -> bool:
        asked.append((done, total))
        return done < 3

    moments = Moments(case.mdp, case.policy, go_on=go_on)
    with pytest.raises(StoppedError):
        moments.trace_to_go(1.0)
    assert asked == [(0, 100), (1, 100), (2, 100), (3, 100)]


def test_a_world_without_a_limit_is_refused() -> None:
    """There is no finite sum to take the variance of."""
    case = cases()[0]
    with pytest.raises(ValueError, match="limit of steps"):
        Moments(replace(case.mdp, max_steps=None), case.policy)
