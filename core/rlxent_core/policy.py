"""Policies: modules whose forward gives the logits of all states at once, [N, S, A].

The state space is finite, so a network is evaluated once on its S states and never on the
visited ones.  Every parameter has a leading runs axis; a run is initialised from its seed alone.
Any other ``nn.Module`` with these shapes can be plugged in (see :class:`Trainer`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rlxent_core.arrays import native, tanh, tensor
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, generator_for

Policy = nn.Module
Pullback = Callable[[Any, Sequence[Any]], None]
"""Takes a cotangent of the outputs to Jᵀ times it, written into an array for each parameter.

All of them are :func:`native` arrays.
"""


class TablePolicy(nn.Module):
    """A logit of its own for every state and action, all 0 at first: the uniform policy."""

    def __init__(self, n_runs: int, n_states: int, n_outputs: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(n_runs, n_states, n_outputs))

    def forward(self) -> Tensor:
        return self.table

    def with_pullback(self) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient."""

        def pullback(cotangent: Any, into: Sequence[Any]) -> None:
            into[0][...] = cotangent

        return self.table.detach().clone(), pullback


class MLPPolicy(nn.Module):
    """One-hot cell → ``hidden`` tanh units → logits.

    A one-hot input picks a row of ``w1`` [N, S, H], so its product with all S inputs is ``w1``.
    Initialised as ``nn.Linear`` is: uniform within ±1/√(inputs), biases too.
    """

    def __init__(
        self,
        n_runs: int,
        n_states: int,
        n_outputs: int,
        hidden: int,
        generators: Sequence[np.random.Generator] | None = None,
    ) -> None:
        super().__init__()
        randoms = generators or [np.random.default_rng() for _ in range(n_runs)]

        def uniform(inputs: int, *shape: int) -> nn.Parameter:
            bound = 1 / math.sqrt(inputs)
            draws = [random.uniform(-bound, bound, shape) for random in randoms]
            return nn.Parameter(torch.tensor(np.stack(draws), dtype=torch.float32))

        self.w1 = uniform(n_states, n_states, hidden)
        self.b1 = uniform(n_states, 1, hidden)
        self.w2 = uniform(hidden, hidden, n_outputs)
        self.b2 = uniform(hidden, 1, n_outputs)

    def forward(self) -> Tensor:
        return torch.baddbmm(self.b2, torch.tanh(self.w1 + self.b1), self.w2)

    def with_pullback(self) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient by hand: a third of autograd's time."""
        w1, b1, w2, b2 = map(native, (self.w1, self.b1, self.w2, self.b2))
        h1 = tanh(w1 + b1)

        def pullback(d2: Any, into: Sequence[Any]) -> None:
            to_w1, to_b1, to_w2, to_b2 = into
            to_w1[...] = (d2 @ w2.mT) * (1 - h1 * h1)
            to_b1[:, 0] = to_w1.sum(1)
            to_w2[...] = h1.mT @ d2
            to_b2[:, 0] = d2.sum(1)

        return tensor(h1 @ w2 + b2), pullback


def make_policy(
    settings: Settings,
    n_states: int,
    n_actions: int,
    seeds: Sequence[int],
    outputs: int | None = None,
) -> Policy:
    """A float32 policy for one run a seed; with ``outputs`` the same architecture as a critic.

    The critic's numbers come from a stream of their own, so turning it on changes no policy.
    """
    n_outputs = n_actions if outputs is None else outputs
    if settings.architecture == "table":
        return TablePolicy(len(seeds), n_states, n_outputs)
    purpose = Purpose.POLICY if outputs is None else Purpose.CRITIC
    generators = [generator_for(seed, purpose) for seed in seeds]
    return MLPPolicy(len(seeds), n_states, n_outputs, settings.hidden, generators)


def action_probabilities(logits: Tensor) -> Tensor:
    """Softmax over actions in float64: [..., S, A]."""
    return torch.softmax(logits.detach().double(), dim=-1)
