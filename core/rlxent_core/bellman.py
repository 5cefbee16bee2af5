"""Bellman's operators on outcome lists: one step backwards in time, one step forwards.

Policies are probabilities [..., S, A], values [..., S]; leading axes are batches of policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from rlxent_core import compiled
from rlxent_core.mdp import MDP, Floats, Ints


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
        self.mdp = mdp
        self.batch = policy.shape[:-2]
        self.reward = np.einsum("...sak,sak->...s", joint, mdp.reward)
        self.joint = joint.reshape(*self.batch, mdp.n_states, -1)
        self.next_state = mdp.next_state.reshape(mdp.n_states, -1)

    # --- backwards: states are rows and the N policies of the batch columns, so that all that is
    # looked up and added are whole rows

    @cached_property
    def _discounted(self) -> Floats:
        """γ p of every outcome: [J, S, N]."""
        outcomes = self.joint.reshape(-1, *self.next_state.shape).transpose(2, 1, 0)
        return np.asarray(np.multiply(outcomes, self.mdp.discount, order="C"))

    @cached_property
    def _leads_to(self) -> Ints:
        """[J, S]"""
        return np.ascontiguousarray(self.next_state.T)

    @cached_property
    def _reward_rows(self) -> Floats:
        return np.ascontiguousarray(self._rows(self.reward))

    @cached_property
    def _room(self) -> tuple[Floats, Floats]:
        """For values and two rows more, [S + 2, N], and for those each outcome leads to."""
        _, n_states, n_policies = self._discounted.shape
        return np.zeros((n_states + 2, n_policies)), np.empty_like(self._discounted)

    @cached_property
    def _restarts(self) -> bool:
        return bool((self.next_state == self.mdp.restart).any())

    def _rows(self, values: Floats) -> Floats:
        """[..., S] as [S, N]."""
        return values.reshape(-1, self.mdp.n_states).T

    def _values(self, rows: Floats) -> Floats:
        """[..., S, N] as [..., S] for every policy."""
        values = np.moveaxis(rows, -1, -2)
        return values.reshape(*rows.shape[:-2], *self.batch, self.mdp.n_states)

    def _back(self, rows: Floats) -> Floats:
        extended, after = self._room
        extended[: len(rows)] = rows
        if self._restarts:
            extended[self.mdp.restart] = (rows.T * self.mdp.start).sum(-1)
        extended.take(self._leads_to, 0, after, "clip")
        np.multiply(after, self._discounted, after)
        found = np.add.reduce(after, 0)
        found += self._reward_rows
        return np.asarray(found)

    def back(self, values_next: Floats) -> Floats:
        """r_π + γ P_π V_next: [..., S]."""
        return self._values(self._back(self._rows(values_next)))

    def back_by(self, values: Floats, steps: int) -> Floats:
        """Values ``steps`` moves earlier; ends once nothing changes any more."""
        rows = self._rows(values)
        if self._compiles:
            ring = np.empty((2, *rows.shape))
            ring[steps % 2] = rows
            self._back_compiled(ring, steps)
            return self._values(ring[0])
        for _ in range(steps):
            earlier = self._back(rows)
            if np.array_equal(earlier, rows):
                break
            rows = earlier
        return self._values(rows)

    def values_t(self, horizon: int) -> Floats:
        """V_0 … V_T: [T + 1, ..., S] with V_T = 0."""
        rows = np.zeros((horizon + 1, *self._reward_rows.shape))
        if self._compiles:
            self._back_compiled(rows, horizon)
        else:
            for t in reversed(range(horizon)):
                rows[t] = self._back(rows[t + 1])
        return self._values(rows)

    @property
    def _compiles(self) -> bool:
        return compiled.code is not None and not self._restarts

    def _back_compiled(self, rows: Floats, steps: int) -> None:
        """The same bits; see :func:`rlxent_core.machine_code.back`."""
        assert compiled.code is not None
        leads_to = self._leads_to.astype(np.uint64)
        compiled.code.back(self._discounted, leads_to, self._reward_rows, rows, steps)

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
