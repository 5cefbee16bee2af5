"""Policies: modules whose forward gives the logits of all states at once, [N, S, A].

The state space is finite, so a network is evaluated once on its S states and never on the
visited ones.  Every parameter has a leading runs axis; a run is initialised from its seed alone.
Any other ``nn.Module`` with these shapes can be plugged in (see :class:`Trainer`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, generator_for

Policy = nn.Module


class TablePolicy(nn.Module):
    """A logit of its own for every state and action, all 0 at first: the uniform policy."""

    def __init__(self, n_runs: int, n_states: int, n_outputs: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(n_runs, n_states, n_outputs))

    def forward(self) -> Tensor:
        return self.table


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
        h1 = torch.tanh(self.w1 + self.b1)
        outputs = self.w2.shape[-1]
        # Matrices of 4n columns keep each run's block aligned to 16 bytes.  Without that the
        # product's last bit depends on where in memory a run lies, thus on its neighbours.
        pad = -outputs % 4
        if pad == 0:
            return torch.baddbmm(self.b2, h1, self.w2)
        w2, b2 = F.pad(self.w2, (0, pad)), F.pad(self.b2, (0, pad))
        return torch.baddbmm(b2, h1, w2)[..., :outputs]


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
