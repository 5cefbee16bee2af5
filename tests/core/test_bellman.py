"""One move back in time: the definition, and the same bits in machine code."""

from __future__ import annotations

import numpy as np
import pytest

from rlxent_core import compiled
from rlxent_core.bellman import Chain, action_values, softmax
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.world import World
from tests.core.learning_worlds import corridor, restless, sparse5

WORLDS = (restless(), sparse5(), sparse5(slip=0.2), corridor(), sparse5(step_reward=-0.5))
BATCHES: tuple[tuple[int, ...], ...] = ((), (1,), (5,), (2, 3))


def policies(mdp: MDP, batch: tuple[int, ...]) -> Floats:
    dice = np.random.default_rng(len(batch))
    return softmax(dice.normal(size=(*batch, mdp.n_states, mdp.n_actions)))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
@pytest.mark.parametrize("batch", BATCHES)
def test_a_move_back_is_the_mean_over_actions(world: World, batch: tuple[int, ...]) -> None:
    """Σ_a π(a|s) Q(s, a) of any values of the next states."""
    mdp = compile_world(world)
    policy = policies(mdp, batch)
    after = np.random.default_rng(7).normal(size=(*batch, mdp.n_states))
    expected = (policy * action_values(mdp, after)).sum(-1)
    np.testing.assert_allclose(Chain(mdp, policy).back(after), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
@pytest.mark.parametrize("batch", BATCHES)
def test_many_moves_are_so_many_times_one(world: World, batch: tuple[int, ...]) -> None:
    """All V_t, the first of them, and each policy's as if it were alone: to the last bit."""
    mdp = compile_world(world)
    policy = policies(mdp, batch)
    chain, steps = Chain(mdp, policy), 12
    values = np.zeros((steps + 1, *batch, mdp.n_states))
    for t in reversed(range(steps)):
        values[t] = chain.back(values[t + 1])
    assert np.array_equal(chain.values_t(steps), values)
    assert np.array_equal(chain.back_by(values[-1], steps), values[0])
    for where in np.ndindex(*batch):
        assert np.array_equal(Chain(mdp, policy[where]).values_t(steps), values[:, *where])


@pytest.mark.usefixtures("with_numba")
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
@pytest.mark.parametrize("batch", BATCHES)
def test_machine_code_gives_the_same_bits(
    world: World, batch: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over few moves, and over so many that nothing changes any more."""
    mdp = compile_world(world)
    policy = policies(mdp, batch)
    policy[..., 0] += 1000  # one that comes to rest
    policy /= policy.sum(-1, keepdims=True)
    start = np.random.default_rng(8).normal(size=(*batch, mdp.n_states))

    def found() -> list[Floats]:
        chain = Chain(mdp, policy)
        return [
            *(chain.values_t(steps) for steps in (0, 1, 2, 7, 3000)),
            *(chain.back_by(start, steps) for steps in (0, 1, 2, 7, 3000)),
        ]

    in_code = found()
    monkeypatch.setattr(compiled, "code", None)
    for ours, numpys in zip(in_code, found(), strict=True):
        assert np.array_equal(ours, numpys)
