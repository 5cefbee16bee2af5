"""The gradient's covariance, exactly: second moments by dynamic programming, without sampling.

Of g = Σ_t κ^t ψ_t (G_t − b_t(S_t)) the part from t on, Z_t = ψ_t (G_t − b_t) + κ Z_t+1, is carried
backwards in time for every state: E[G], E[G²], E[Z], E[G Z] and E‖Z‖².  GAE(λ) is the same with
δ_t as the reward, γλ as the discount of G, and no baseline.  The total return, g = (G_0 − b) Φ with
Φ = Σ_t ψ_t, carries E[G^j Φ] and E[G^j ‖Φ‖²].  ψ = Jᵀφ is the score; inner products go through
K = J Jᵀ, so any network will do.

All is of the per-episode gradient over ``max_steps`` steps, after which the episode is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from rlxent_core.mdp import MDP, Floats
from rlxent_core.scores import Scores, by_destination, scores_of

Stop = Callable[[int, int], bool]
"""(steps done, steps in all) -> whether to go on."""


class StoppedError(RuntimeError):
    """The computation was given up."""


def always(done: int, total: int) -> bool:
    """Go on to the end."""
    return True


class Moments:
    """One world and policy, ready for several estimators.

    Args:
        policy: probabilities [S, A].
        kernel: K = J Jᵀ of the logits, [S·A, S·A]; None for a table.
        go_on: asked at every step of every computation; False gives it up.

    Raises:
        ValueError: when the world has no step limit.
    """

    def __init__(
        self, mdp: MDP, policy: Floats, kernel: Floats | None = None, go_on: Stop = always
    ) -> None:
        if mdp.max_steps is None:
            raise ValueError("The exact variance needs a limit of steps.")
        self.mdp, self.horizon, self._go_on = mdp, mdp.max_steps, go_on
        self.scores: Scores = scores_of(mdp, policy, kernel)
        self.states = self.scores.states
        p, r = mdp.probability, mdp.reward
        noise2 = mdp.reward_noise[:, None, None] ** 2
        self._p = by_destination(mdp, p)
        self._pr = by_destination(mdp, p * r)
        self._prr = by_destination(mdp, p * (r**2 + noise2))
        self.start = mdp.start[self.states]

    def trace_total(self, baseline: float | Floats = 0.0) -> float:
        """tr Cov of (G_0 − b) Φ, b a number or of the first state [S].

        Raises:
            StoppedError: when ``go_on`` said so.
        """
        scores, discount = self.scores, self.mdp.discount
        p, pr, prr = self._p[..., :-1], self._pr[..., :-1], self._prr[..., :-1]
        n = len(self.states)
        # E[G], E[G²]; E[GΦ], E[G²Φ]; E[G^j ‖Φ‖²] for j = 0, 1, 2.
        gain, gain2 = np.zeros(n), np.zeros(n)
        gain_phi = np.zeros((n, scores.policy.size))
        gain2_phi = np.zeros_like(gain_phi)
        norm2, gain_norm2, gain2_norm2 = np.zeros(n), np.zeros(n), np.zeros(n)
        mean = scores.policy_mean
        rewarded = np.einsum("sa,sat->st", scores.policy, pr)
        for t in range(self.horizon):
            self._ask(t)
            q = self._pr.sum(-1) + discount * p @ gain
            q2 = self._prr.sum(-1) + 2 * discount * pr @ gain + discount**2 * p @ gain2
            own = scores.score_norm2
            pull1 = discount * scores.expected_pull(gain_phi)
            pull2 = 2 * discount * scores.expected_pull(gain_phi, pr)
            pull2 += discount**2 * scores.expected_pull(gain2_phi)
            later1 = pr @ norm2 + discount * p @ gain_norm2
            later2 = prr @ norm2 + 2 * discount * pr @ gain_norm2
            later2 += discount**2 * p @ gain2_norm2
            norm2 = scores.norm2 + scores.walk @ norm2
            gain_norm2 = mean(own * q + 2 * pull1 + later1)
            gain2_norm2 = mean(own * q2 + 2 * pull2 + later2)
            walked = scores.walk @ gain_phi
            gain2_phi = scores.score_times(q2) + 2 * discount * rewarded @ gain_phi \
                + discount**2 * scores.walk @ gain2_phi
            gain_phi = scores.score_times(q) + discount * walked
            gain, gain2 = mean(q), mean(q2)
        b = np.broadcast_to(baseline, self.mdp.n_states)[self.states]
        second = gain2_norm2 - 2 * b * gain_norm2 + b**2 * norm2
        # E Φ = 0 from every state, so b does not move the mean.
        return float(self.start @ second) - scores.norm2_of(self.start @ gain_phi)

    def trace_to_go(self, kappa: float, baseline: Floats | float = 0.0) -> float:
        """tr Cov of Σ_t κ^t ψ_t (G_t − b), b a number, [S] or [T, S].

        Raises:
            StoppedError: when ``go_on`` said so.
        """
        b = np.broadcast_to(baseline, (self.horizon, self.mdp.n_states))[:, self.states]
        own = self._p, self._pr, self._prr
        return self._trace(kappa, self.mdp.discount, lambda t: own, b)

    def trace_leave_one_out(self, n_episodes: int, kappa: float | None) -> float:
        """tr Cov of one episode's gradient where the others of its batch are the baseline.

        Of reward-to-go with κ, of the total return where it is None.  The others' mean M_t does not
        depend on the episode, and scores of later steps have mean 0, so all it adds to that of its
        expectation is Σ_t κ^2t Var(M_t) E‖ψ_t‖².

        Raises:
            StoppedError: when ``go_on`` said so.
        """
        mean, variance = self._others(n_episodes)
        norm2 = self.scores.norm2
        occupancies = np.array([d @ norm2 for d in self._occupancies()])
        if kappa is None:
            return self.trace_total(mean[0]) + float(variance[0] * occupancies.sum())
        powers = kappa ** (2.0 * np.arange(self.horizon))
        return self.trace_to_go(kappa, mean[:, None]) + float(powers @ (variance * occupancies))

    def _others(self, n_episodes: int) -> tuple[Floats, Floats]:
        """Mean and variance of the mean return of the others alive at t, 0 where none is: [T]."""
        scores, discount = self.scores, self.mdp.discount
        p, pr = self._p[..., :-1], self._pr[..., :-1]
        gain, gain2 = np.zeros((2, len(self.states)))
        moments = np.empty((self.horizon, 2, len(self.states)))
        for t in reversed(range(self.horizon)):
            q2 = self._prr.sum(-1) + 2 * discount * pr @ gain + discount**2 * p @ gain2
            gain = scores.policy_mean(self._pr.sum(-1) + discount * p @ gain)
            gain2 = scores.policy_mean(q2)
            moments[t] = gain, gain2
        mean, variance = np.zeros((2, self.horizon))
        others = np.arange(1, n_episodes)
        for t, occupancy in enumerate(self._occupancies()):
            alive = float(occupancy.sum())
            if alive <= 0 or n_episodes < 2:
                break
            first, second = moments[t] @ occupancy / alive
            count = _binomial(n_episodes - 1, min(alive, 1.0))[1:]
            mean[t] = first * count.sum()
            square = first**2 * count.sum() + (second - first**2) * (count / others).sum()
            variance[t] = square - mean[t] ** 2
        return mean, variance

    def _occupancies(self) -> Iterator[Floats]:
        occupancy = self.start
        for _ in range(self.horizon):
            yield occupancy
            occupancy = self.scores.walk.T @ occupancy

    def trace_gae(self, kappa: float, lam: float, values: Floats) -> float:
        """tr Cov of Σ_t κ^t ψ_t Σ_k (γλ)^k δ_t+k, with V [S] or [T or T + 1, S], 0 at the end.

        Raises:
            StoppedError: when ``go_on`` said so.
        """
        rows = np.zeros((self.horizon + 1, len(self.states) + 1))
        table = np.broadcast_to(values, (len(values) if values.ndim > 1 else self.horizon,
                                         self.mdp.n_states))[: self.horizon]
        rows[: len(table), :-1] = table[:, self.states]

        def deltas(t: int) -> tuple[Floats, Floats, Floats]:
            """P, E[δ] and E[δ²] by destination: δ = r + γ V_t+1(s') − V_t(s)."""
            change = self.mdp.discount * rows[t + 1] - rows[t, :-1, None, None]
            mean = self._pr + self._p * change
            return self._p, mean, self._prr + change * (self._pr + mean)

        none = np.zeros((self.horizon, len(self.states)))
        return self._trace(kappa, self.mdp.discount * lam, deltas, none)

    def _trace(
        self, kappa: float, discount: float,
        pays: Callable[[int], tuple[Floats, Floats, Floats]], baseline: Floats,
    ) -> float:
        """``pays(t)`` gives Σ p, Σ p r and Σ p r² by destination, each [n, A, n + 1]."""
        scores, n = self.scores, len(self.states)
        gain, gain2, norm2 = np.zeros(n), np.zeros(n), np.zeros(n)
        to_come = np.zeros((n, scores.policy.size))
        gain_to_come = np.zeros_like(to_come)
        mean = scores.policy_mean
        for t in reversed(range(self.horizon)):
            self._ask(self.horizon - 1 - t)
            p_all, pr_all, prr_all = pays(t)
            p, pr, b = p_all[..., :-1], pr_all[..., :-1], baseline[t][:, None]
            q = pr_all.sum(-1) + discount * p @ gain
            q2 = prr_all.sum(-1) + 2 * discount * pr @ gain + discount**2 * p @ gain2
            # E[(G − b) ⟨ψ, Z'⟩ | s, a]
            pull = scores.expected_pull(to_come, pr - b[..., None] * p)
            pull += discount * scores.expected_pull(gain_to_come)
            square = q2 - 2 * b * q + b**2
            norm2 = mean(scores.score_norm2 * square + 2 * kappa * pull + kappa**2 * p @ norm2)
            rewarded = np.einsum("sa,sat->st", scores.policy, pr)
            gain_to_come = scores.score_times(q2 - b * q) + kappa * (
                rewarded @ to_come + discount * scores.walk @ gain_to_come
            )
            to_come = scores.score_times(q - b) + kappa * scores.walk @ to_come
            gain, gain2 = mean(q), mean(q2)
        return float(self.start @ norm2) - scores.norm2_of(self.start @ to_come)

    def _ask(self, done: int) -> None:
        if not self._go_on(done, self.horizon):
            raise StoppedError("The exact variance was given up.")


def _binomial(n: int, p: float) -> Floats:
    """P(k successes of n): [n + 1]."""
    k = np.arange(n + 1)
    if p >= 1:
        return np.asarray((k == n).astype(float))
    log_factorial = np.concatenate([[0.0], np.log(np.arange(1.0, n + 1)).cumsum()])
    ways = log_factorial[n] - log_factorial - log_factorial[::-1]
    return np.asarray(np.exp(ways + k * np.log(p) + (n - k) * np.log1p(-p)))
