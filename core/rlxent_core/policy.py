"""Policies: modules whose forward gives the logits of all states at once, [N, S, A].

The state space is finite, so a network is evaluated once on its S states and never on the
visited ones.  Every parameter has a leading runs axis; a run is initialised from its seed alone.
Any other ``nn.Module`` with these shapes can be plugged in (see :class:`Trainer`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rlxent_core import compiled
from rlxent_core.arrays import (
    code_for,
    multiply,
    native,
    on_cpu,
    sum_rows,
    sum_states,
    tanh_of,
    tensor,
)
from rlxent_core.features import Inputs, rows_of
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

    def with_pullback(self, table: Any) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient; of its native parameters."""

        def pullback(cotangent: Any, into: Sequence[Any]) -> None:
            into[0][...] = cotangent

        return tensor(table).clone(), pullback


class SharedTable(nn.Module):
    """A row of logits for all states that look alike: [N, R, A], all 0 at first."""

    rows: Tensor
    """Of each state: [S]."""

    def __init__(self, n_runs: int, inputs: Inputs, n_outputs: int) -> None:
        super().__init__()
        self.views, rows = rows_of(inputs)
        """What the states of each row look like: [R, F]."""
        self.register_buffer("rows", torch.from_numpy(rows), persistent=False)
        self.table = nn.Parameter(torch.zeros(n_runs, len(self.views), n_outputs))

    def forward(self) -> Tensor:
        return self.table[:, self.rows]

    def with_pullback(self, table: Any) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient; of its native parameters."""
        rows = native(self.rows)

        def pullback(cotangent: Any, into: Sequence[Any]) -> None:
            sum_rows(cotangent, rows, into[0])

        return tensor(table[:, rows]), pullback


class Network(nn.Module):
    """Layers whose first one meets what each state looks like, x [S, F].

    None stands for one-hot states: they pick a row each of the first layer's weights [N, S, H], so
    its product with all S inputs is the weights themselves.  Initialised as ``nn.Linear`` is:
    uniform within ±1/√(inputs), biases too, from a generator a run.
    """

    x: Tensor | None

    def __init__(self, n_states: int, inputs: Inputs | None) -> None:
        super().__init__()
        self.n_inputs = n_states if inputs is None else inputs.shape[1]
        self.register_buffer("x", None, persistent=False)
        if inputs is not None:
            self.see(inputs)

    def see(self, inputs: Inputs) -> None:
        """The states look otherwise from now on; the parameters stay."""
        x = torch.from_numpy(inputs)
        self.x = x if self.x is None else x.to(self.x)


def _uniform(
    randoms: Sequence[np.random.Generator], inputs: int, *shape: int
) -> nn.Parameter:
    bound = 1 / math.sqrt(inputs)
    draws = [random.uniform(-bound, bound, shape) for random in randoms]
    return nn.Parameter(torch.tensor(np.stack(draws), dtype=torch.float32))


def _own_generators(n_runs: int) -> list[np.random.Generator]:
    return [np.random.default_rng() for _ in range(n_runs)]


class LinearPolicy(Network):
    """z = x W + b."""

    def __init__(
        self,
        n_runs: int,
        n_states: int,
        n_outputs: int,
        generators: Sequence[np.random.Generator] | None = None,
        inputs: Inputs | None = None,
    ) -> None:
        super().__init__(n_states, inputs)
        randoms = generators or _own_generators(n_runs)
        self.w = _uniform(randoms, self.n_inputs, self.n_inputs, n_outputs)
        self.b = _uniform(randoms, self.n_inputs, 1, n_outputs)

    def forward(self) -> Tensor:
        return (self.w if self.x is None else self.x @ self.w) + self.b

    def with_pullback(self, w: Any, b: Any) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient by hand; of its native parameters."""
        x = None if self.x is None else native(self.x)

        def pullback(cotangent: Any, into: Sequence[Any]) -> None:
            to_w, to_b = into
            to_w[...] = cotangent if x is None else x.mT @ cotangent
            to_b[:, 0] = sum_states(cotangent)

        return tensor((w if x is None else x @ w) + b), pullback


class MLPPolicy(Network):
    """x → ``hidden`` tanh units → logits."""

    def __init__(
        self,
        n_runs: int,
        n_states: int,
        n_outputs: int,
        hidden: int,
        generators: Sequence[np.random.Generator] | None = None,
        inputs: Inputs | None = None,
    ) -> None:
        super().__init__(n_states, inputs)
        randoms = generators or _own_generators(n_runs)
        self.w1 = _uniform(randoms, self.n_inputs, self.n_inputs, hidden)
        self.b1 = _uniform(randoms, self.n_inputs, 1, hidden)
        self.w2 = _uniform(randoms, hidden, hidden, n_outputs)
        self.b2 = _uniform(randoms, hidden, 1, n_outputs)

    def forward(self) -> Tensor:
        return torch.baddbmm(self.b2, self.hidden_units(), self.w2)

    def hidden_units(self) -> Tensor:
        """h(s): [N, S, H]."""
        return torch.tanh((self.w1 if self.x is None else self.x @ self.w1) + self.b1)

    def with_pullback(self, w1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Tensor, Pullback]:
        """The outputs, without a graph, and their gradient by hand: a third of autograd's time.

        Of its native parameters.
        """
        x = None if self.x is None else native(self.x)
        h1 = tanh_of((w1 if x is None else x @ w1) + b1)

        def pullback(d2: Any, into: Sequence[Any]) -> None:
            to_w1, to_b1, to_w2, to_b2 = into
            # NumPy's product with one column takes six times as long as its multiplication.
            d1 = d2 * w2.mT if d2.shape[-1] == 1 else d2 @ w2.mT
            code = None if isinstance(d1, Tensor) else compiled.code
            into_d1 = to_w1 if x is None else d1
            if code is not None and d1.dtype == np.float32:
                code.through_tanh(h1, d1, into_d1, to_b1)
            else:
                slope = h1 * h1
                slope *= -1
                slope += 1
                multiply(d1, slope, into=into_d1)
                to_b1[:, 0] = sum_states(into_d1)
            if x is not None:
                to_w1[...] = x.mT @ d1
            to_w2[...] = h1.mT @ d2
            to_b2[:, 0] = sum_states(d2)

        return tensor(h1 @ w2 + b2), pullback


BY_HAND = (TablePolicy, MLPPolicy, LinearPolicy, SharedTable)
"""Those that bring their gradient themselves."""


def make_policy(
    settings: Settings,
    n_states: int,
    n_actions: int,
    seeds: Sequence[int],
    outputs: int | None = None,
    inputs: Inputs | None = None,
) -> Policy:
    """A float32 policy for one run a seed; with ``outputs`` the same architecture as a critic.

    ``inputs`` [S, F] are what the states look like; None is one-hot.  The critic's numbers come
    from a stream of their own, so turning it on changes no policy.
    """
    n_outputs = n_actions if outputs is None else outputs
    if settings.architecture == "table":
        if inputs is not None:
            return SharedTable(len(seeds), inputs, n_outputs)
        return TablePolicy(len(seeds), n_states, n_outputs)
    purpose = Purpose.POLICY if outputs is None else Purpose.CRITIC
    generators = [generator_for(seed, purpose) for seed in seeds]
    if settings.architecture == "linear":
        return LinearPolicy(len(seeds), n_states, n_outputs, generators, inputs)
    return MLPPolicy(len(seeds), n_states, n_outputs, settings.hidden, generators, inputs)


def action_probabilities(logits: Tensor) -> Tensor:
    """Softmax over actions in float64: [..., S, A]."""
    if not on_cpu(logits):
        return torch.softmax(logits.detach().double(), dim=-1)
    code = code_for(logits)
    if code is not None and logits.dtype == torch.float32:
        weights = np.empty(logits.shape)
        rows = weights.reshape(-1, logits.shape[-1])
        code.less_greatest(native(logits).reshape(rows.shape), rows)
        np.exp(rows, out=rows)
        code.divide_by_total(rows)
        return torch.from_numpy(weights)
    # Action by action: along so short an axis PyTorch takes 100 ns a state.
    weights = native(logits).astype(np.float64, order="C")
    by_action = list(weights.reshape(-1, weights.shape[-1]).T)
    greatest = reduce(np.maximum, by_action)
    for weight in by_action:
        weight -= greatest
    np.exp(weights, out=weights)
    total = reduce(np.add, by_action)
    for weight in by_action:
        weight /= total
    return torch.from_numpy(weights)
