"""Adam and SGD for many runs at once, each with a step size and a gradient clip of its own.

PyTorch's optimisers have one step size a parameter, and here one parameter holds all runs.  All
parameters live in one flat buffer, so that an update is half a dozen operations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """Parameters and moments, exactly."""

    flat: Tensor
    moments: tuple[Tensor, ...]
    steps: int

    @property
    def nbytes(self) -> int:
        return sum(x.nbytes for x in (self.flat, *self.moments))


class Optimizer:
    """Moves the parameters of ``module`` against their gradients.

    With several runs, every parameter's first axis must be the runs.  ``kind`` is "adam"
    (Kingma and Ba 2015, with PyTorch's defaults) or "sgd".
    """

    def __init__(self, module: nn.Module, n_runs: int, kind: str) -> None:
        self.n_runs, self.kind = n_runs, kind
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        if n_runs > 1 and any(p.shape[:1] != (n_runs,) for p in self.parameters):
            raise ValueError("Every parameter of a policy for several runs needs them as axis 0.")
        self.flat = torch.cat([p.detach().reshape(-1) for p in self.parameters])
        self._sizes = [p.numel() for p in self.parameters]
        for parameter, part in zip(
            self.parameters, torch.split(self.flat, self._sizes), strict=True
        ):
            parameter.data = part.view_as(parameter)
        n_moments = 2 if kind == "adam" else 0
        self.moments = [torch.zeros_like(self.flat) for _ in range(n_moments)]
        self.steps = 0

    def step(self, gradient: Tensor, learning_rate: Tensor, clip: Tensor | None = None) -> None:
        """One update by ``gradient`` [P].

        ``learning_rate`` and ``clip`` (the longest gradient allowed, 0 for any) are [N] on the
        CPU, float64.
        """
        self.steps += 1
        if clip is not None:
            gradient = gradient * self._by_run(self._clipping(gradient, clip))
        if self.kind == "sgd":
            self.flat.sub_(self._scaled(gradient, learning_rate))
            return
        mean, square = self.moments
        mean.lerp_(gradient, 1 - BETA1)
        square.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        deviation = square.sqrt().div_(math.sqrt(1 - BETA2**self.steps)).add_(EPSILON)
        rate = learning_rate / (1 - BETA1**self.steps)
        self.flat.sub_(self._scaled(mean / deviation, rate))

    def _scaled(self, direction: Tensor, rate: Tensor) -> Tensor:
        """``direction`` times each run's ``rate``; with one rate for all the same bits."""
        first = float(rate[0])
        if self.n_runs == 1 or bool((rate == first).all()):
            return direction * first
        return direction * self._by_run(rate.to(direction))

    def _clipping(self, gradient: Tensor, clip: Tensor) -> Tensor:
        """What to multiply each run's gradient by: [N]."""
        square = sum(
            (part * part).view(self.n_runs, -1).sum(-1)
            for part in torch.split(gradient, self._sizes)
        )
        assert isinstance(square, Tensor)
        allowed = clip.to(gradient)
        scale = (allowed / (square.sqrt() + 1e-6)).clamp(max=1.0)
        return torch.where(allowed > 0, scale, 1.0)

    def _by_run(self, values: Tensor) -> Tensor:
        """``values`` [N] for every element of the flat buffer."""
        if self.n_runs == 1:
            return values
        return torch.cat([values.repeat_interleave(n // self.n_runs) for n in self._sizes])

    def state(self) -> OptimizerState:
        """A copy of everything."""
        return OptimizerState(self.flat.clone(), tuple(m.clone() for m in self.moments), self.steps)

    def load_state(self, state: OptimizerState) -> None:
        """Continue exactly where ``state`` was taken."""
        self.flat.copy_(state.flat)
        for mine, theirs in zip(self.moments, state.moments, strict=True):
            mine.copy_(theirs)
        self.steps = state.steps


class Learner:
    """A module that is trained: its optimiser, and its outputs with their graph."""

    def __init__(self, module: nn.Module, n_runs: int, kind: str) -> None:
        self.module = module
        self.optimizer = Optimizer(module, n_runs, kind)
        self.outputs: Tensor = module()

    def gradient(self, cotangent: Tensor) -> Tensor:
        """Jᵀ·cotangent of the parameters, one after the other: [P]."""
        gradients = torch.autograd.grad(
            self.outputs,
            self.optimizer.parameters,
            cotangent.to(self.outputs.dtype),
            materialize_grads=True,
        )
        return torch.cat([g.reshape(-1) for g in gradients])

    def step(self, gradient: Tensor, learning_rate: Tensor, clip: Tensor | None = None) -> None:
        """Move the parameters against ``gradient``; see :meth:`Optimizer.step`."""
        self.optimizer.step(gradient, learning_rate, clip)
        self.outputs = self.module()

    def load_state(self, state: OptimizerState) -> None:
        """Continue exactly where ``state`` was taken."""
        self.optimizer.load_state(state)
        self.outputs = self.module()
