"""Bellman's operators on outcome lists: one step backwards in time, one step forwards.

Policies are probabilities [..., S, A], values [..., S]; leading axes are batches of policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from rlxent_core.mdp import MDP, Floats

DENSE = 128
"""States up to which a matrix of transitions beats the outcome lists."""


def softmax(logits: Floats) -> Floats:
    """Probabilities [..., A] of logits [..., A]."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def uniform_policy(mdp: MDP) -> Floats:
    """Every move equally likely everywhere: [S, A]."""
    return np.full((mdp.n_states, mdp.n_actions), 1.0 / mdp.n_actions)


def expected_reward(mdp: MDP) -> Floats:
    """R(s, a) = Σ_k p_k r_k: [S, A]."""
    return np.asarray(np.einsum("sak,sak->sa", mdp.probability, mdp.reward))


def action_values(mdp: MDP, values_next: Floats) -> Floats:
    """Q(s, a) = Σ_k p_k (r_k + γ V_next(s_k)): [..., S, A] from V_next [..., S]."""
    after = mdp.continue_values(values_next)[..., mdp.next_state]
    future = np.einsum("sak,...sak->...sa", mdp.probability, after)
    return np.asarray(expected_reward(mdp) + mdp.discount * future)


class Chain:
    """The Markov chain that a policy [..., S, A] makes of an MDP.

    ``reward`` [..., S] is the expected pay of one move, ``joint`` [..., S, A·K] the probability
    of each action and outcome, ``next_state`` [S, A·K] where it leads.
    """

    def __init__(self, mdp: MDP, policy: Floats) -> None:
        joint = policy[..., None] * mdp.probability
        self.mdp, self._policy = mdp, policy
        self.batch = policy.shape[:-2]
        self.reward = np.einsum("...sak,sak->...s", joint, mdp.reward)
        self.joint = joint.reshape(*self.batch, mdp.n_states, -1)
        self.next_state = mdp.next_state.reshape(mdp.n_states, -1)

    @cached_property
    def _discounted_walk(self) -> Floats:
        """γ P_π: [..., S, S]; action by action, so that no policy's bits depend on another's."""
        moves = _moves(self.mdp)
        walk = self._policy[..., 0, None] * moves[0]
        for action in range(1, len(moves)):
            walk += self._policy[..., action, None] * moves[action]
        walk *= self.mdp.discount
        return np.asarray(walk)

    def back(self, values_next: Floats) -> Floats:
        """r_π + γ P_π V_next: [..., S]."""
        if self.mdp.n_states <= DENSE:
            future = self._discounted_walk @ values_next[..., None]
            return np.asarray(self.reward + future[..., 0])
        after = self.mdp.continue_values(values_next)[..., self.next_state]
        future = np.einsum("...sj,...sj->...s", self.joint, after)
        return np.asarray(self.reward + self.mdp.discount * future)

    def forward(self, occupancy: Floats) -> Floats:
        """Where the agent is one move later, if the episode goes on: [..., S] -> [..., S]."""
        places = self.mdp.n_states + 2
        mass = (occupancy[..., None] * self.joint).reshape(-1, self.next_state.size)
        first = places * np.arange(len(mass))[:, None]
        index = (first + self.next_state.ravel()).ravel()
        arrived = np.bincount(index, mass.ravel(), minlength=places * len(mass))
        arrived = arrived.reshape(*self.batch, places)
        restarted = arrived[..., self.mdp.restart, None] * self.mdp.start
        return np.asarray(arrived[..., : self.mdp.n_states] + restarted)

    def start(self) -> Floats:
        """d_0: the start distribution for every policy of the batch, [..., S]."""
        return np.broadcast_to(self.mdp.start, (*self.batch, self.mdp.n_states))

    def occupancies(self, horizon: int) -> Iterator[Floats]:
        """d_0, d_1, …, d_{T−1}: P(S_t = s, the episode not over), each [..., S]."""
        occupancy = self.start()
        for _ in range(horizon):
            yield occupancy
            occupancy = self.forward(occupancy)


@lru_cache(maxsize=4)
def _moves(mdp: MDP) -> Floats:
    """P(s' | s, a), an end of the episode left out and a restart spread over the starts: [A, S, S].

    Few and small: see :data:`DENSE`.
    """
    moves = np.zeros((mdp.n_actions, mdp.n_states, mdp.n_states + 2))
    s, a, k = np.indices(mdp.next_state.shape)
    np.add.at(moves, (a, s, mdp.next_state[s, a, k]), mdp.probability[s, a, k])
    return moves[..., : mdp.n_states] + moves[..., mdp.restart, None] * mdp.start
