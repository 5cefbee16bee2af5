"""Episodes with everything their weights are made of, for the tests of credit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from rlxent_core.crediting import batch_weights, credit_of
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import Episodes, SampledMDP, sample_episodes
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, Streams
from rlxent_core.weightings import EpisodeCredit
from rlxent_core.world import World
from tests.core.learning_worlds import episodes_by_hand
from tests.core.world_maker import worlds

FEWER = hypothesis.settings(max_examples=50)
"""For what takes longer than a few milliseconds an example."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A batch, and a random policy and critic to weigh it with."""

    world: World
    settings: Settings
    batch: Episodes
    policy: Tensor
    """[S, A]"""
    critic: Tensor
    """[S]"""

    def credit(self, index: int = 0, **changes: Any) -> EpisodeCredit:
        values: dict[str, Any] = {
            "world": self.world, "settings": self.settings, "policy": self.policy,
            "critic": self.critic, "trained": None, "source": "new", "update": 0, "seen_at": 0,
        }  # fmt: skip
        return credit_of(self.batch, index, **{**values, **changes})

    def weights(self, name: str, **more: Any) -> Tensor:
        """[T, B]"""
        return batch_weights(
            self.batch, name, settings=self.settings, policy=self.policy, critic=self.critic, **more
        )


def drawn(
    world: World, seed: int = 0, n_episodes: int = 5, settings: Settings | None = None
) -> Drawn:
    """Episodes under a random policy."""
    mdp = SampledMDP(compile_world(world))
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(mdp.n_states, mdp.n_actions, generator=random, dtype=torch.float64)
    policy = torch.softmax(1.5 * logits, -1)
    critic = torch.randn(mdp.n_states, generator=random, dtype=torch.float64)
    streams = Streams((seed,), Purpose.EPISODES)
    batch = sample_episodes(mdp, policy[None], n_episodes, streams)
    return Drawn(world, settings or Settings(), batch, policy, critic)


def by_hand(
    world: World, walks: list[list[tuple[int, int, float]]], settings: Settings | None = None
) -> Drawn:
    """Episodes given as (state, action, reward) steps, under the uniform policy; V = 10 + s."""
    mdp = SampledMDP(compile_world(world))
    policy = torch.full((mdp.n_states, mdp.n_actions), 1 / mdp.n_actions, dtype=torch.float64)
    critic = 10 + torch.arange(mdp.n_states, dtype=torch.float64)
    return Drawn(world, settings or Settings(), episodes_by_hand(mdp, walks), policy, critic)


@st.composite
def batches(draw: Any) -> Drawn:
    """Batches in random worlds, up to 12 steps long, with either discount weighting."""
    max_steps, discount = draw(st.integers(1, 12)), draw(st.sampled_from([0.0, 0.5, 0.9, 1.0]))
    world = draw(worlds(side=4)).with_fields(max_steps=max_steps, discount=discount)
    settings = Settings(discount_weighting=draw(st.sampled_from(["exact", "practice"])))
    return drawn(world, draw(st.integers(0, 2**20)), draw(st.integers(1, 5)), settings)


def lengths(batch: Episodes) -> list[int]:
    """Of run 0's episodes."""
    found: list[int] = batch.lengths[0].tolist()
    return found


def close(one: Any, two: Any) -> None:
    """Alike to 1e-9, relatively where they are large."""
    np.testing.assert_allclose(np.asarray(one), np.asarray(two), rtol=1e-9, atol=1e-9)
