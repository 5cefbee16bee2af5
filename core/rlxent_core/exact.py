"""Exact solutions by dynamic programming, in float64.

The objective is J_H = E Σ_{t<H} γ^t r_t, and the horizon H is a true end of the episode: V_H = 0,
so values, advantages and occupancies depend on time.  A horizon of ``None`` is infinite; see
:mod:`rlxent_core.infinite` for what diverges then.

Policies are probabilities [..., S, A] over all states of the grid; leading axes are batches.
Sutton & Barto, Reinforcement Learning, 2nd ed. (2018), chapters 3, 4 and 13.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import pairwise
from math import isqrt
from typing import Literal

import numpy as np

from rlxent_core.bellman import Chain, action_values, expected_reward, softmax, uniform_policy
from rlxent_core.infinite import (
    finite_action_values,
    infinite_occupancy,
    infinite_optimal_values,
    infinite_values,
)
from rlxent_core.mdp import MDP, Bools, Floats

__all__ = [
    "action_values",
    "at_start",
    "chance_of_reward",
    "expected_length",
    "expected_reward",
    "gradient_cotangent",
    "infinite_occupancy",
    "infinite_optimal_values",
    "infinite_values",
    "occupancy_t",
    "optimal_actions",
    "optimal_start_value",
    "optimal_values",
    "optimum",
    "policy_action_values",
    "policy_values",
    "policy_values_in_pieces",
    "softmax",
    "start_value",
    "uniform_policy",
    "values_t",
]

PIECE = 2**22
"""Outcomes that are looked up in one piece of what can be stopped: some hundredths of a second."""
AT_ONCE = 2**18
"""Outcomes of as many policies as are taken at once there: so many that calls cost little."""
TIE = 1e-8
"""Actions whose values differ by less, times max(1, |V|), are equally good."""


def values_t(mdp: MDP, policy: Floats, horizon: int) -> Floats:
    """V_0 … V_T of the policy: [T + 1, ..., S] with V_T = 0."""
    return Chain(mdp, policy).values_t(horizon)


def policy_values(mdp: MDP, policy: Floats, horizon: int | None) -> Floats:
    """V_0 of the policy: [..., S]; ``nan`` where an infinite sum diverges."""
    if horizon is None:
        return infinite_values(mdp, policy)
    chain = Chain(mdp, policy)
    return chain.back_by(np.zeros(chain.start().shape), horizon)


def policy_values_in_pieces(
    mdp: MDP, policy: Floats, horizon: int
) -> Generator[int, None, Floats]:
    """:func:`policy_values` of policies [N, S, A]: [N, S], as a generator's result.

    Says how many of the N are done, whenever there is time to stop.
    """
    together = max(1, AT_ONCE // mdp.next_state.size)
    found = np.empty(policy.shape[:-1])
    for first in range(0, len(policy), together):
        some = slice(first, first + together)
        chain = Chain(mdp, policy[some])
        steps = max(1, PIECE // chain.joint.size)
        found[some] = 0
        for left in range(horizon, 0, -steps):
            yield first
            found[some] = chain.back_by(found[some], min(steps, left))
    return found


def policy_action_values(mdp: MDP, policy: Floats, horizon: int | None) -> Floats:
    """Q_0 of the policy: [..., S, A]; ``nan`` where an infinite sum diverges."""
    if horizon is None:
        return finite_action_values(mdp, infinite_values(mdp, policy))
    if horizon == 0:
        return np.zeros(np.broadcast_shapes(policy.shape, (mdp.n_states, mdp.n_actions)))
    return action_values(mdp, policy_values(mdp, policy, horizon - 1))


def start_value(mdp: MDP, policy: Floats, horizon: int | None = None) -> Floats:
    """J, the value of the start distribution: [...]."""
    return at_start(mdp, policy_values(mdp, policy, horizon))


def at_start(mdp: MDP, values: Floats) -> Floats:
    """Σ start · V over the start cells alone, so that a divergence elsewhere does not spread."""
    cells = mdp.start > 0
    return np.asarray(values[..., cells] @ mdp.start[cells])


def optimum(mdp: MDP, horizon: int | None) -> tuple[Floats, Bools]:
    """V*_0 [S] and every action that is optimal at t = 0, ties included [S, A].

    No action is optimal where nobody can stand, and where the values diverge.
    """
    if horizon is None:
        values = infinite_optimal_values(mdp)
        action = finite_action_values(mdp, values)
    else:
        action = np.zeros((mdp.n_states, mdp.n_actions))
        values = np.zeros(mdp.n_states)
        for _ in range(horizon):
            action = action_values(mdp, values)
            earlier = action.max(axis=-1)
            if np.array_equal(earlier, values):
                break
            values = earlier
    defined = mdp.standable & np.isfinite(values)
    best = np.where(defined, values, 0.0)[:, None]
    tied = action >= best - TIE * np.maximum(1.0, np.abs(best))
    return values, np.asarray(tied & defined[:, None])


def optimal_values(mdp: MDP, horizon: int | None) -> Floats:
    """V*_0: [S]; ``inf`` or ``nan`` where an infinite sum diverges."""
    return optimum(mdp, horizon)[0]


def optimal_start_value(mdp: MDP, horizon: int | None) -> float:
    """J*, the value of the start distribution under an optimal policy."""
    return float(at_start(mdp, optimal_values(mdp, horizon)))


def optimal_actions(mdp: MDP, horizon: int | None) -> Bools:
    """Every action that is optimal at t = 0: [S, A]; see :func:`optimum`."""
    return optimum(mdp, horizon)[1]


def occupancy_t(mdp: MDP, policy: Floats, horizon: int) -> Floats:
    """d_t(s) = P(S_t = s, the episode not over) for t < T: [T, ..., S]."""
    return np.stack(list(Chain(mdp, policy).occupancies(horizon)))


def gradient_cotangent(
    mdp: MDP, policy: Floats, weighting: Literal["exact", "practice"] = "exact"
) -> Floats:
    """∂J/∂logits of a softmax policy over ``mdp.max_steps`` steps: c* [..., S, A].

    c*(s, a) = Σ_t κ^t d_t(s) π(a|s) A_t(s, a), with κ = γ for ``exact``, which is the gradient of
    J, and κ = 1 for ``practice``, which is not (Thomas 2014).  For a network the gradient is one
    vector-Jacobian product of its logits with c*.
    """
    kappa = mdp.discount if weighting == "exact" else 1.0
    if mdp.max_steps is None:
        occupancy = infinite_occupancy(mdp, policy, kappa)
        action = finite_action_values(mdp, infinite_values(mdp, policy))
        advantage = _advantage(policy, action)
        # Where nothing is at stake it does not matter how often.
        return np.where(advantage == 0, 0.0, occupancy[..., None]) * policy * advantage
    chain = Chain(mdp, policy)
    total = np.zeros(np.broadcast_shapes(policy.shape, (mdp.n_states, mdp.n_actions)))
    weight = 1.0
    later = _values_in_order(chain, mdp.max_steps)
    for occupancy, values_next in zip(chain.occupancies(mdp.max_steps), later, strict=True):
        advantage = _advantage(policy, action_values(mdp, values_next))
        total += weight * occupancy[..., None] * advantage
        weight *= kappa
    return policy * total


def chance_of_reward(mdp: MDP, horizon: int | None, policy: Floats | None = None) -> float:
    """Probability that one episode is paid anything positive by a tile within the horizon.

    Of the uniform policy unless another is given.
    """
    first_pay = replace(
        mdp,
        reward=mdp.tile_pays.astype(float),
        next_state=np.where(mdp.tile_pays, mdp.over, mdp.next_state),
        discount=1.0,
    )
    chance = float(start_value(first_pay, _or_uniform(mdp, policy), horizon))
    return min(max(chance, 0.0), 1.0)


def expected_length(mdp: MDP, horizon: int | None, policy: Floats | None = None) -> float:
    """Mean number of moves of an episode; ``nan`` where some never end.

    Of the uniform policy unless another is given.
    """
    a_move_pays_one = np.broadcast_to(mdp.standable[:, None, None], mdp.reward.shape)
    clock = replace(mdp, reward=a_move_pays_one.astype(float), discount=1.0)
    return float(start_value(clock, _or_uniform(mdp, policy), horizon))


def _or_uniform(mdp: MDP, policy: Floats | None) -> Floats:
    return uniform_policy(mdp) if policy is None else policy


def _advantage(policy: Floats, action: Floats) -> Floats:
    return np.asarray(action - (policy * action).sum(axis=-1, keepdims=True))


def _values_in_order(chain: Chain, horizon: int) -> Iterator[Floats]:
    """V_1, V_2, …, V_T in the order of time, keeping about 2√T of them in memory."""
    block = max(1, isqrt(horizon))
    ends = list(range(horizon, 0, -block))
    saved = {horizon: np.zeros(chain.start().shape)}
    for later, earlier in pairwise(ends):
        saved[earlier] = chain.back_by(saved[later], later - earlier)
    for end in reversed(ends):
        values = [saved.pop(end)]
        for _ in range(min(block, end) - 1):
            values.append(chain.back(values[-1]))
        yield from reversed(values)
