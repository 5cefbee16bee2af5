"""What an update did, and what training goes on from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from torch import Tensor

from rlxent_core.arrays import native, on_cpu
from rlxent_core.baselines import BaselineState
from rlxent_core.optimizer import OptimizerState
from rlxent_core.rollout import Episode, Episodes, Floats, episode_of

SHOWN_EPISODES = 4


class NotFiniteError(RuntimeError):
    """The numbers left the finite ones in ``update``; the trainer is where it last was well."""

    def __init__(self, update: int) -> None:
        super().__init__("The logits stopped being finite numbers.")
        self.update = update


@dataclass(frozen=True, eq=False)
class Update:
    """What one update did.  Tensors stay on the device; properties that wait for it say so."""

    update: int
    """1 for the first."""
    batch: Episodes
    weights: Tensor
    """Of every step: [T, N, B]; meaningless past an episode's end."""
    returns: Tensor
    """Discounted return G_0 of every episode: [N, B], float64."""
    logits_before: Tensor
    """[N, S, A]"""
    logits_after: Tensor
    parameters_before: Tensor | None
    """Of the policy, one after the other: [P]; None with several runs, where copies take time."""
    critic_outputs: Tensor | None
    """Of the learned critic before it learned from the batch: [N, S, 1]."""

    @property
    def critic_before(self) -> Tensor | None:
        """V(s) of the critic before it learned from the batch, where there is one: [N, S]."""
        return None if self.critic_outputs is None else self.critic_outputs[..., 0].double()

    @property
    def lengths(self) -> Tensor:
        """Steps of every episode: [N, B]."""
        return self.batch.lengths

    @property
    def env_steps(self) -> int:
        """Steps that were really taken.  Waits for the device."""
        return self.batch.env_steps

    @property
    def means(self) -> tuple[Floats, Floats]:
        """Return and length over the episodes of each run: two [N].  Waits for the device."""
        return _mean(self.returns), _mean(self.lengths)

    @cached_property
    def episodes(self) -> tuple[Episode, ...]:
        """The first few whole episodes of run 0, with their weights.  Waits for the device."""
        count = min(SHOWN_EPISODES, self.batch.n_episodes)
        return tuple(episode_of(self.batch, 0, index, self.weights) for index in range(count))


def _mean(x: Tensor) -> Floats:
    """Over the episodes of each run: [N].  In NumPy's order, whatever the device."""
    on_host = native(x if on_cpu(x) else x.cpu())
    mean: Floats = np.add.reduce(on_host, -1) / on_host.shape[-1]
    return mean


@dataclass(frozen=True, eq=False)
class TrainerState:
    """All that training goes on from, exactly; random numbers follow from ``update``."""

    update: int
    episodes: int
    env_steps: int
    policy: OptimizerState
    baselines: BaselineState

    @property
    def nbytes(self) -> int:
        """Memory of its tensors."""
        return self.policy.nbytes + self.baselines.nbytes

    def cpu(self) -> TrainerState:
        """The same on the CPU, where it outlives the device.  Waits for the device."""
        return replace(self, policy=self.policy.cpu(), baselines=self.baselines.cpu())
