"""Adam and SGD for many runs at once, each with a step size and a gradient clip of its own.

PyTorch's optimisers have one step size a parameter, and here one parameter holds all runs.  All
parameters live in one flat buffer, so that an update is half a dozen operations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rlxent_core import compiled
from rlxent_core.arrays import native, native_like, tensor
from rlxent_core.features import Inputs
from rlxent_core.policy import BY_HAND, Network, SharedTable

ByRun = float | Tensor
"""One number for all runs, or [N] on their device, float64."""

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

    def cpu(self) -> OptimizerState:
        """The same on the CPU."""
        return OptimizerState(self.flat.cpu(), tuple(m.cpu() for m in self.moments), self.steps)


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
        for parameter, part in zip(self.parameters, self.parts(self.flat), strict=True):
            parameter.data = part
        n_moments = 2 if kind == "adam" else 0
        self.moments = [torch.zeros_like(self.flat) for _ in range(n_moments)]
        self.steps = 0
        # The same memory, as what is quick to calculate with.
        self._flat = native(self.flat)
        self._moments = [native(moment) for moment in self.moments]

    def parts(self, flat: Tensor) -> list[Tensor]:
        """Views of a flat buffer [P] in the shapes of the parameters."""
        pieces = torch.split(flat, self._sizes)
        return [part.view_as(p) for p, part in zip(self.parameters, pieces, strict=True)]

    def step(self, gradient: Tensor, learning_rate: ByRun, clip: ByRun = 0.0) -> None:
        """One update by ``gradient`` [P]; ``clip`` is the longest gradient allowed, 0 for any."""
        self.steps += 1
        if isinstance(clip, Tensor) or clip > 0:
            shorter = native(gradient) * self._by_element(self._shortening(gradient, clip))
            gradient = tensor(shorter)
        flat, g = self._flat, native(gradient)
        if self.kind == "sgd":
            flat -= g * self._by_element(learning_rate)
            return
        # Both corrections of bias are numbers, so they are taken into ε and the step size.
        correction = math.sqrt(1 - BETA2**self.steps)
        epsilon = EPSILON * correction
        rate = learning_rate * (correction / (1 - BETA1**self.steps))
        if compiled.code is not None and isinstance(flat, np.ndarray) and flat.dtype == np.float32:
            self._adam_compiled(compiled.code, g, rate, epsilon)
            return
        mean, square = self._moments
        mean += (g - mean) * (1 - BETA1)
        square *= BETA2
        square += g * g * (1 - BETA2)
        deviation = square**0.5
        deviation += epsilon
        step = mean / deviation
        step *= self._by_element(rate)
        flat -= step

    def _adam_compiled(self, code: Any, gradient: Any, rate: ByRun, epsilon: float) -> None:
        """The same bits in one pass over the memory."""
        shape, pieces, rates = (1, -1), [slice(None)], np.array([rate], dtype=np.float32)
        if isinstance(rate, Tensor):  # the runs are an axis of each parameter
            ends = np.cumsum(self._sizes)
            pieces = [slice(end - size, end) for end, size in zip(ends, self._sizes, strict=True)]
            shape, rates = (self.n_runs, -1), rate.numpy().astype(np.float32)
        for piece in pieces:
            arrays = (x[piece].reshape(shape) for x in (self._flat, *self._moments, gradient))
            code.adam(*arrays, rates, epsilon)

    def _shortening(self, gradient: Tensor, clip: ByRun) -> Tensor:
        """What to multiply each run's gradient by: [N]."""
        by_run = [part.view(self.n_runs, -1) for part in torch.split(gradient, self._sizes)]
        length = torch.stack([part.square().sum(-1) for part in by_run]).sum(0).sqrt()
        # One number as a tensor too: PyTorch divides a number by a tensor with another rounding.
        allowed = clip if isinstance(clip, Tensor) else torch.full_like(length, clip)
        allowed = allowed.to(length)
        return torch.where(allowed > 0, (allowed / (length + 1e-6)).clamp(max=1.0), 1.0)

    def _by_element(self, values: ByRun) -> Any:
        """What multiplies the flat buffer's native array by a number for each run."""
        if not isinstance(values, Tensor):
            return values
        values = values.to(self.flat)
        if self.n_runs > 1:
            parts = [values.repeat_interleave(n // self.n_runs) for n in self._sizes]
            values = torch.cat(parts)
        return native(values)

    def state(self) -> OptimizerState:
        """A copy of everything."""
        return OptimizerState(self.flat.clone(), tuple(m.clone() for m in self.moments), self.steps)

    def load_state(self, state: OptimizerState) -> None:
        """Continue exactly where ``state`` was taken."""
        self.flat.copy_(state.flat)
        for mine, theirs in zip(self.moments, state.moments, strict=True):
            mine.copy_(theirs)
        self.steps = state.steps


class NotFiniteGradientError(ArithmeticError):
    """A gradient that is no finite numbers."""


def require_finite(gradient: Tensor) -> Tensor:
    """``gradient``, if its length is a finite number.  Waits for the device.

    Raises:
        NotFiniteGradientError: when it is not.
    """
    if not math.isfinite(float(gradient.dot(gradient))):
        raise NotFiniteGradientError
    return gradient


class Learner:
    """A module that is trained: its optimiser, and its outputs as they are now."""

    outputs: Tensor
    """Detached; replaced and never written to by a step."""

    def __init__(self, module: nn.Module, n_runs: int, kind: str) -> None:
        self.module = module
        self.optimizer = Optimizer(module, n_runs, kind)
        self._gradient = torch.zeros_like(self.optimizer.flat)
        self._parts = [native(part) for part in self.optimizer.parts(self._gradient)]
        self._parameters = [native(p) for p in self.optimizer.parameters]
        self._evaluate()

    def _evaluate(self) -> None:
        if isinstance(self.module, BY_HAND):
            self.outputs, self._pullback = self.module.with_pullback(*self._parameters)
            return
        outputs: Tensor = self.module()

        def pullback(cotangent: Any, into: Sequence[Any]) -> None:
            gradients = torch.autograd.grad(
                outputs, self.optimizer.parameters, tensor(cotangent), materialize_grads=True
            )
            for gradient, place in zip(gradients, into, strict=True):
                place[...] = native(gradient)

        self.outputs, self._pullback = outputs.detach().clone(), pullback

    def gradient(self, cotangent: Tensor) -> Tensor:
        """Jᵀ·cotangent of the parameters, one after the other: [P].

        To be asked once for each evaluation, and overwritten by the next one.
        """
        self._pullback(native_like(cotangent, self.outputs), self._parts)
        return self._gradient

    def step(self, gradient: Tensor, learning_rate: ByRun, clip: ByRun = 0.0) -> None:
        """Move the parameters against ``gradient``; see :meth:`Optimizer.step`."""
        self.optimizer.step(gradient, learning_rate, clip)
        self._evaluate()

    def load_state(self, state: OptimizerState) -> None:
        """Continue exactly where ``state`` was taken."""
        self.optimizer.load_state(state)
        self._evaluate()

    def seeing(self, inputs: Inputs) -> Learner:
        """This learner where the states look like ``inputs`` [S, F]: what was learned is kept.

        A network keeps its parameters, and is this one.  A shared table keeps the rows of what can
        still be seen, with their moments; what is new starts at 0.  It is another learner, and
        this one stays as it is.
        """
        module = self.module
        if isinstance(module, Network):
            module.see(inputs)
            self._evaluate()
            return self
        if not isinstance(module, SharedTable):
            return self
        n_runs, _, n_outputs = module.table.shape
        table = SharedTable(n_runs, inputs, n_outputs).to(module.table)
        found = Learner(table, n_runs, self.optimizer.kind)
        known = {view.tobytes(): row for row, view in enumerate(module.views)}
        kept = [
            (row, known[view.tobytes()])
            for row, view in enumerate(table.views) if view.tobytes() in known
        ]  # fmt: skip
        there, here = torch.tensor(kept, device=module.table.device).view(-1, 2).unbind(1)
        flats = zip(
            (found.optimizer.flat, *found.optimizer.moments),
            (self.optimizer.flat, *self.optimizer.moments),
            strict=True,
        )
        for new, old in flats:
            rows = old.view(n_runs, -1, n_outputs)[:, here]
            new.view(n_runs, -1, n_outputs)[:, there] = rows
        found.optimizer.steps = self.optimizer.steps
        found._evaluate()
        return found
