"""The baselines of least variance, exactly, by dynamic programming.

With ψ_t the score of step t, κ = γ or 1 and g = Σ_t κ^t ψ_t (G_t − b(t, S_t)), the cross terms of
b vanish because E[ψ_u | past] = 0, so tr Cov(g) is a diagonal quadratic in b with its minimum at

    b*(t, s) = E[1{S_t = s} ⟨ψ_t, Σ_u κ^u ψ_u G_u⟩] / (κ^t d_t(s) E[‖ψ_t‖² | s])

(Greensmith, Bartlett & Baxter 2004).  The terms u ≥ t need the gradient still to come, carried
backwards for every state; those of u < t, whose returns contain G_t, the scores already taken,
carried forwards.  Both are tables [S, S·A].
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rlxent_core.bellman import Chain, action_values
from rlxent_core.exact_variance import Stop, StoppedError, always
from rlxent_core.mdp import MDP, Floats
from rlxent_core.scores import Scores, scores_of


def cost(mdp: MDP, *, network: bool = False) -> float:
    """About how many multiplications :func:`optimal_baseline` takes, with a kernel or without."""
    n, n_actions = float(mdp.standable.sum()), mdp.n_actions
    through_kernel = n_actions if network else 0
    return 2.0 * (mdp.max_steps or np.inf) * n**3 * n_actions * (1 + through_kernel)


def _backwards(mdp: MDP, policy: Floats) -> Iterator[tuple[int, Floats]]:
    """(t, Q_t [S, A]) from the last step to the first."""
    assert mdp.max_steps is not None
    values = np.zeros(mdp.n_states)
    for t in reversed(range(mdp.max_steps)):
        q = action_values(mdp, values)
        yield t, q
        values = (policy * q).sum(-1)


def optimal_baseline(
    mdp: MDP, policy: Floats, weighting: str = "exact", kernel: Floats | None = None,
    go_on: Stop = always,
) -> Floats:
    """b*(t, s) of reward-to-go, [T, S]; where b does not matter it is V_t(s).

    Args:
        policy: probabilities [S, A].
        weighting: ``exact`` (κ = γ) or ``practice`` (κ = 1).
        kernel: K = J Jᵀ of the logits, [S·A, S·A]; None for a table.
        go_on: asked at every step; False gives it up.

    Raises:
        StoppedError: when ``go_on`` said so.
    """
    if mdp.max_steps is None:
        raise ValueError("The optimal baseline needs a limit of steps.")
    steps = mdp.max_steps
    scores = scores_of(mdp, policy, kernel)
    discount = mdp.discount
    kappa = discount if weighting == "exact" else 1.0
    norm2 = scores.norm2
    values = np.empty((mdp.max_steps, len(scores.states)))
    ahead = np.empty_like(values)
    gains = np.empty((mdp.max_steps, *scores.policy.shape))
    to_come = np.zeros((len(scores.states), scores.policy.size))
    for t, q_all in _backwards(mdp, policy):
        _ask(go_on, steps - 1 - t, 2 * steps)
        q = q_all[scores.states]
        pull = scores.score_norm2 * q + kappa * scores.expected_pull(to_come)
        values[t], ahead[t] = scores.policy_mean(q), scores.policy_mean(pull)
        gains[t] = scores.policy * (q - values[t][:, None])
        to_come = scores.score_times(q) + kappa * (scores.walk @ to_come)

    baseline = np.zeros((mdp.max_steps, mdp.n_states))
    occupancy = mdp.start[scores.states]
    taken = np.zeros_like(to_come)
    ratio = 1.0 if weighting == "exact" else discount
    for t in range(steps):
        _ask(go_on, steps + t, 2 * steps)
        own = np.einsum("ssa,sa->s", scores.own_rows(taken), gains[t])
        behind = np.divide(own, occupancy, out=np.zeros_like(own), where=occupancy > 0)
        matters = (norm2 > 0) & (occupancy > 0)
        best = (ahead[t] + behind) / np.where(matters, norm2, 1.0)
        baseline[t, scores.states] = np.where(matters, best, values[t])
        taken = ratio * (scores.walk.T @ taken + _taken_now(scores, occupancy))
        occupancy = scores.walk.T @ occupancy
    return baseline


def _taken_now(scores: Scores, occupancy: Floats) -> Floats:
    """E[ψ_t ; S_{t+1} = s'] as a table [n, n·A]: d(s) π(a|s) (P(s'|s, a) − P(s'|s)) in row s."""
    change = scores.step - scores.walk[:, None, :]
    flow = (occupancy[:, None] * scores.policy)[:, :, None] * change
    return flow.transpose(2, 0, 1).reshape(len(occupancy), scores.policy.size)


def _ask(go_on: Stop, done: int, total: int) -> None:
    if not go_on(done, total):
        raise StoppedError("The best baseline was given up.")


def optimal_constant(
    mdp: MDP, policy: Floats, kernel: Floats | None = None, go_on: Stop = always
) -> float:
    """b* = E[G ‖Φ‖²] / E‖Φ‖², Φ = Σ_t ψ_t: the best constant under the total return.

    0 where the score is always zero and no constant matters.  Arguments and what is raised as in
    :func:`optimal_baseline`.
    """
    if mdp.max_steps is None:
        raise ValueError("The optimal constant needs a limit of steps.")
    scores = scores_of(mdp, policy, kernel)
    n = len(scores.states)
    # E[G Φ | s], E[‖Φ‖² | s] and E[G ‖Φ‖² | s] from a step on; E[Φ | s] = 0.
    with_return = np.zeros((n, scores.policy.size))
    norm2, product = np.zeros(n), np.zeros(n)
    for t, q_all in _backwards(mdp, policy):
        _ask(go_on, mdp.max_steps - 1 - t, mdp.max_steps)
        q = q_all[scores.states]
        on_board = np.zeros(mdp.n_states)
        on_board[scores.states] = norm2
        later = mdp.continue_values(on_board)[mdp.next_state]
        paid = (mdp.probability * mdp.reward * later).sum(-1)[scores.states]
        pull = scores.score_norm2 * q + 2 * mdp.discount * scores.expected_pull(with_return) + paid
        product = scores.policy_mean(pull) + mdp.discount * (scores.walk @ product)
        norm2 = scores.norm2 + scores.walk @ norm2
        with_return = scores.score_times(q) + mdp.discount * (scores.walk @ with_return)
    start = mdp.start[scores.states]
    total = float(start @ norm2)
    return float(start @ product) / total if total > 0 else 0.0


def constant_to_go(
    mdp: MDP, policy: Floats, best: Floats, weighting: str, kernel: Floats | None = None
) -> float:
    """The best constant under reward-to-go, from its ``best`` baseline b*(t, s) [T, S].

    The variance is a diagonal quadratic in b, so the best constant is the mean of b*(t, s) with
    its weights κ^{2t} d_t(s) E[‖ψ_t‖² | s]; 0 where all are 0.
    """
    scores = scores_of(mdp, policy, kernel)
    kappa = mdp.discount if weighting == "exact" else 1.0
    norm2, weight, total = scores.norm2, 0.0, 0.0
    for t, occupancy in enumerate(Chain(mdp, policy).occupancies(len(best))):
        share = kappa ** (2 * t) * occupancy[scores.states] * norm2
        weight += float(share.sum())
        total += float(share @ best[t, scores.states])
    return total / weight if weight > 0 else 0.0
