"""A policy's scores and its walk, dense, over the cells that can be stood on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlxent_core.mdp import MDP, Floats, Ints


@dataclass(frozen=True, eq=False)
class Scores:
    """A policy's scores ψ = Jᵀφ and its walk, over the n states that can be stood on."""

    states: Ints
    policy: Floats
    """[n, A]"""
    step: Floats
    """P(s' | s, a): [n, A, n]."""
    walk: Floats
    """P(s' | s) under the policy: [n, n]."""
    score: Floats
    """φ(s, a) = onehot(a) − π(·|s): [n, A, A]."""
    kernel: Floats | None
    """⟨∂z(s, a), ∂z(s', a')⟩ of the logits: [n·A, n·A]; None for a table, where it is identity."""

    @property
    def norm2(self) -> Floats:
        """E[‖ψ‖² | s]: [n]."""
        if self.kernel is None:
            return np.asarray(np.einsum("sa,sab,sab->s", self.policy, self.score, self.score))
        return np.asarray(self.policy_mean(self.score_norm2))

    @property
    def score_norm2(self) -> Floats:
        """‖ψ(s, a)‖²: [n, A]."""
        if self.kernel is None:
            return np.asarray((self.score**2).sum(-1))
        n, n_actions = self.policy.shape
        blocks = self.kernel.reshape(n, n_actions, n, n_actions)
        own = blocks[np.arange(n), :, np.arange(n), :]
        return np.asarray(np.einsum("sab,sbc,sac->sa", self.score, own, self.score))

    def policy_mean(self, x: Floats) -> Floats:
        """Σ_a π(a|s) x(s, a): [n]."""
        return np.asarray((self.policy * x).sum(-1))

    def own_rows(self, table: Floats) -> Floats:
        """Row s of (K · table)(·) for a table [m, n·A], s = 0..n−1: [m, n, A]."""
        through = table if self.kernel is None else table @ self.kernel
        return through.reshape(len(table), *self.policy.shape)

    def expected_pull(self, table: Floats, step: Floats | None = None) -> Floats:
        """Σ_s' P(s'|s, a) ⟨ψ(s, a), table(s')⟩ for a table [n, n·A]: [n, A].

        With ``step`` [n, A, n] instead of P.
        """
        rows = self.own_rows(table).transpose(1, 0, 2)
        step = self.step if step is None else step
        return np.asarray(np.einsum("sab,sab->sa", self.score, step @ rows))

    def norm2_of(self, vector: Floats) -> float:
        """‖Jᵀc‖² of a cotangent c [n·A]."""
        through = vector if self.kernel is None else self.kernel @ vector
        return float(vector @ through)

    def score_times(self, x: Floats) -> Floats:
        """Σ_a π(a|s) x(s, a) φ(s, a) in row s: a block-diagonal table [n, n·A]."""
        n, n_actions = self.policy.shape
        table = np.zeros((n, n, n_actions))
        table[np.arange(n), np.arange(n)] = self.policy * (x - self.policy_mean(x)[:, None])
        return table.reshape(n, n * n_actions)


def scores_of(mdp: MDP, policy: Floats, kernel: Floats | None) -> Scores:
    """The scores of ``policy`` [S, A], of logits whose kernel is K [S·A, S·A]; None for a table."""
    states, n_actions = np.flatnonzero(mdp.standable), mdp.n_actions
    step = by_destination(mdp, mdp.probability)[..., :-1]
    own = np.asarray(policy, dtype=float)[states]
    if kernel is not None:
        rows = (states[:, None] * n_actions + np.arange(n_actions)).ravel()
        kernel = np.asarray(kernel, dtype=float)[np.ix_(rows, rows)]
    score = np.eye(n_actions) - own[:, None, :]
    return Scores(states, own, step, np.einsum("sa,sat->st", own, step), score, kernel)


def by_destination(mdp: MDP, x: Floats) -> Floats:
    """Σ_k x(s, a, k) 1{the outcome leads to s'} over the cells that can be stood on: [n, A, n + 1].

    The last place is the end of the episode; a restart is spread over the starts.
    """
    states, n_states = np.flatnonzero(mdp.standable), mdp.n_states
    found = np.zeros((n_states, mdp.n_actions, n_states + 2))
    s, a, k = np.indices(mdp.next_state.shape)
    np.add.at(found, (s, a, mdp.next_state[s, a, k]), x[s, a, k])
    found[:, :, :n_states] += found[:, :, mdp.restart, None] * mdp.start
    return found[states][:, :, [*states.tolist(), mdp.over]]
