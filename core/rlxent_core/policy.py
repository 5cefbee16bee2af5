"""Policies: modules whose forward gives the logits of all states at once, [N, S, A].

The state space is finite, so a network is evaluated once on its S states and never on the
visited ones.  Every parameter has a leading runs axis; a run is initialised from its seed alone.
Any other ``nn.Module`` with these shapes can be plugged in (see :class:`Trainer`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, generator_for

Policy = nn.Module
Pullback = Callable[[Tensor, Sequence[Tensor]], None]
"""Takes a cotangent of the outputs to Jᵀ times it, written into a tensor for each parameter."""


class TablePolicy(nn.Module):
    """A logit of its own for every state and action, all 0 at first: the uniform policy."""

    def __init__(self, n_runs: int, n_states: int, n_outputs: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(n_runs, n_states, n_outputs))

    def forward(self) -> Tensor:
        return self.table

    def with_pullback(self) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient."""

        def pullback(cotangent: Tensor, into: Sequence[Tensor]) -> None:
            into[0].copy_(cotangent)

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
        outputs, _ = self._layers(self.w2, self.b2)
        return outputs

    def _layers(self, w2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs and tanh layer."""
        h1 = torch.tanh(self.w1 + self.b1)
        outputs = torch.baddbmm(_padded(b2), h1, _padded(w2))
        return _narrowed(outputs, w2.shape[-1]), h1

    def with_pullback(self) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient by hand: a third of autograd's time."""
        with torch.no_grad():
            outputs, h1 = self._layers(self.w2, self.b2)
        w2 = self.w2.detach()

        def pullback(cotangent: Tensor, into: Sequence[Tensor]) -> None:
            to_w1, to_b1, to_w2, to_b2 = into
            d2 = _padded(cotangent)
            d1 = torch.bmm(d2, _padded(w2).mT)
            torch.mul(d1, 1 - h1 * h1, out=to_w1)
            torch.sum(to_w1, 1, keepdim=True, out=to_b1)
            to_w2.copy_(_narrowed(torch.bmm(h1.mT, d2), w2.shape[-1]))
            torch.sum(cotangent, 1, keepdim=True, out=to_b2)

        return outputs, pullback


def _padded(matrix: Tensor) -> Tensor:
    """``matrix`` with 4n columns, so that each run's block is aligned to 16 bytes.

    Without that a product's last bit depends on where in memory a run lies, thus on its
    neighbours.
    """
    pad = -matrix.shape[-1] % 4
    return F.pad(matrix, (0, pad)) if pad else matrix


def _narrowed(matrix: Tensor, columns: int) -> Tensor:
    """The first ``columns`` of a padded matrix."""
    return matrix if matrix.shape[-1] == columns else matrix[..., :columns]


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
    logits = logits.detach()
    if logits.device.type != "cpu":
        return torch.softmax(logits.double(), dim=-1)
    z = logits.numpy().astype(np.float64)
    z -= z.max(-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(-1, keepdims=True)
    return torch.from_numpy(z)
