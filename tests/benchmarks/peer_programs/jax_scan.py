"""The same algorithm in JAX: one compiled function an update, episodes by ``lax.scan``.

Written to be fast, as this program is: the network runs once on all states, a step is a look-up in
tables, the gradient goes through sums by state and action.  Moves must not slip.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from rlxent_core.mdp import compile_world
from rlxent_core.world import World

HIDDEN = 64
START_ANEW = 100
"""Updates after which a policy that is to stand still is set back to its start."""


def network(parameters: Any) -> Any:
    """Logits of all states [S, A]; their inputs are one-hot, so they pick rows."""
    hidden = jnp.tanh(parameters["w1"] + parameters["b1"])
    return hidden @ parameters["w2"] + parameters["b2"]


def make_update(world: World, batch: int) -> Any:
    mdp = compile_world(world)
    n_states, n_actions, n_outcomes = mdp.next_state.shape
    assert n_outcomes == 1
    start = int(mdp.start.argmax())
    # Row S is the end: it leads to itself and pays nothing.
    next_state = np.full((n_states + 1, n_actions), n_states, dtype=np.int32)
    next_state[:-1] = mdp.next_state[..., 0]
    pays = np.zeros((n_states + 1, n_actions), dtype=np.float32)
    pays[:-1] = mdp.reward[..., 0]
    next_state, pays = jnp.array(next_state.reshape(-1)), jnp.array(pays.reshape(-1))

    def episodes(logits: Any, key: Any) -> Any:
        """Index s·A + a of each step: [T, B]."""
        probabilities = jax.nn.softmax(jnp.concatenate([logits, jnp.zeros((1, n_actions))]))
        bounds = jnp.cumsum(probabilities, -1)[:, :-1]

        def step(state: Any, number: Any) -> Any:
            action = sum(
                (number >= bounds[:, a][state]).astype(jnp.int32) for a in range(n_actions - 1)
            )
            index = state * n_actions + action
            return next_state[index], index

        numbers = jax.random.uniform(key, (world.max_steps, batch))
        return lax.scan(step, jnp.full(batch, start, jnp.int32), numbers)[1]

    def loss(parameters: Any, key: Any) -> Any:
        logits = network(parameters)
        index = episodes(lax.stop_gradient(logits), key)
        alive = index < n_states * n_actions

        def back(later: Any, reward: Any) -> Any:
            now = reward + mdp.discount * later
            return now, now

        to_go = lax.scan(back, jnp.zeros(batch), pays[index], reverse=True)[1]
        others = jnp.maximum(alive.sum(1, keepdims=True) - 1, 1)
        weight = jnp.where(alive, to_go - (to_go.sum(1, keepdims=True) - to_go) / others, 0.0)
        mass = jnp.zeros((n_states + 1) * n_actions).at[index.reshape(-1)].add(weight.reshape(-1))
        log_probabilities = jax.nn.log_softmax(logits).reshape(-1)
        return -(mass[: n_states * n_actions] * log_probabilities).sum() / batch, alive.sum()

    def update(parameters: Any, mean: Any, square: Any, count: Any, key: Any, rate: Any) -> Any:
        key, own = jax.random.split(key)
        (_, steps), gradient = jax.value_and_grad(loss, has_aux=True)(parameters, own)
        count = count + 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda m, g: 0.999 * m + 0.001 * g * g, square, gradient)

        def moved(p: Any, m: Any, s: Any) -> Any:
            return p - rate * (m / (1 - 0.9**count)) / (jnp.sqrt(s / (1 - 0.999**count)) + 1e-8)

        parameters = jax.tree.map(moved, parameters, mean, square)
        return parameters, mean, square, count, key, steps

    return update


def start_state(world: World, seed: int) -> Any:
    """Parameters, initialised as PyTorch does it, Adam's moments, the key."""
    mdp = compile_world(world)
    random = np.random.default_rng(seed)

    def uniform(inputs: int, *shape: int) -> Any:
        bound = inputs**-0.5
        return jnp.array(random.uniform(-bound, bound, shape), jnp.float32)

    parameters = {
        "w1": uniform(mdp.n_states, mdp.n_states, HIDDEN),
        "b1": uniform(mdp.n_states, 1, HIDDEN),
        "w2": uniform(HIDDEN, HIDDEN, mdp.n_actions),
        "b2": uniform(HIDDEN, 1, mdp.n_actions),
    }
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.float32(0), jax.random.key(seed)


@cache
def compiled(world: World, batch: int) -> Any:
    arguments = (*start_state(world, 0), jnp.float32(0))
    return jax.jit(make_update(world, batch)).lower(*arguments).compile()


def prepare(world: World, batch: int) -> None:
    compiled(world, batch)


class Peer:
    def __init__(self, world: World, seed: int, batch: int, learning_rate: float | None) -> None:
        self.update = compiled(world, batch)
        self.state = start_state(world, seed)
        self.rate = jnp.float32(learning_rate or 0.01)
        self.start, self.updates = (self.state if learning_rate else None), 0

    def train(self) -> int:
        self.updates += 1
        if self.start is not None and self.updates % START_ANEW == 0:
            self.state = self.start
        *self.state, steps = self.update(*self.state, self.rate)
        return int(steps)  # waits

    def policy(self) -> NDArray[np.float64]:
        logits = np.asarray(network(self.state[0]), dtype=np.float64)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        return weights / weights.sum(-1, keepdims=True)
