"""Inner products of parameter gradients without ever building a gradient.

A gradient is g = Jᵀ c with J = ∂ logits / ∂ parameters and c the cotangent [S, A] of the logits, so
⟨g, g'⟩ = cᵀ K c' with K = J Jᵀ, [S·A, S·A]: the empirical tangent kernel of the policy (Jacot,
Gabriel & Hongler 2018).  All the geometry that the gradient's variance needs is in K.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from rlxent_core.arrays import native, tensor
from rlxent_core.policy import LinearPolicy, MLPPolicy, SharedTable, TablePolicy

FULL = 2000
"""Up to so many logits K is built for any module; above, random directions stand for it."""
SMALL = 256
"""Up to so many logits a product with K beats walking through the layers."""
DIRECTIONS = 64


class Kernel(ABC):
    """K = J Jᵀ of one run's logits."""

    @abstractmethod
    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        """⟨Jᵀx, Jᵀy⟩ for cotangents [..., S, A] of leading axes that broadcast: [...]."""

    def norm2(self, x: Tensor) -> Tensor:
        """‖Jᵀx‖² for cotangents [..., S, A]: [...]."""
        return self.inner(x, x)


class Identity(Kernel):
    """A table: its logits are its parameters."""

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        return (x * y).sum((-2, -1))


class Pooled(Kernel):
    """A table that states share: the gradient of a row is the sum over its states."""

    def __init__(self, rows: Tensor, n_rows: int) -> None:
        self.rows, self.n_rows = rows, n_rows

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        sums = self._sums(x)
        return (sums * (sums if y is x else self._sums(y))).sum((-2, -1))

    def _sums(self, c: Tensor) -> Tensor:
        """[..., S, A] -> [..., R, A]."""
        sums = c.new_zeros(*c.shape[:-2], self.n_rows, c.shape[-1])
        return sums.index_add_(-2, self.rows, c)


class Affine(Kernel):
    """x W + b: the gradient of W is xᵀc [F, A], that of b is Σ_s c; x None for one-hot states."""

    def __init__(self, inputs: Tensor | None) -> None:
        self.inputs = inputs

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        weights = self._weights(x)
        weights = weights * (weights if y is x else self._weights(y))
        return weights.sum((-2, -1)) + (x.sum(-2) * y.sum(-2)).sum(-1)

    def _weights(self, c: Tensor) -> Tensor:
        return c if self.inputs is None else self.inputs.to(c.dtype).mT @ c


class Dense(Kernel):
    """K itself, [S·A, S·A]."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        if self.matrix.dtype != x.dtype:
            self.matrix = self.matrix.to(x.dtype)
        through = tensor(native(x.flatten(-2)) @ native(self.matrix))
        # In place wherever it has the shape: fresh memory takes longer than the product.
        product = through.mul_(y.flatten(-2)) if y is x else through * y.flatten(-2)
        return product.sum(-1)


class Layered(Kernel):
    """One hidden tanh layer, without K: the gradient's norm layer by layer.

    Output weights take hᵀc [H, A] and their biases Σ_s c.  Into the first layer goes
    d(s) = F(s)ᵀc(s) with F(s, a) = W₂[:, a] ⊙ (1 − h²): its biases take Σ_s d(s), its weights of
    input f take Σ_s x_f(s) d(s).  On one-hot states (``inputs`` None) those are the d(s)
    themselves; their part is Σ_s c(s)ᵀ (F(s) F(s)ᵀ) c'(s), with A × A matrices, so no d is ever
    stored.
    """

    def __init__(self, hidden: Tensor, w2: Tensor, inputs: Tensor | None = None) -> None:
        flow = _flow(hidden, w2)
        self.inputs = inputs
        """x [S, F]."""
        self.by_state = flow @ flow.mT if inputs is None else flow.new_empty(0)
        """F(s) F(s)ᵀ of one-hot states: [S, A, A]."""
        self.flow = flow.flatten(0, 1)
        """F: [S·A, H]."""
        self.hidden = hidden

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        if self.flow.dtype != x.dtype:
            self.by_state, self.flow, self.hidden = (
                part.to(x.dtype) for part in (self.by_state, self.flow, self.hidden)
            )
        total = self._inputs_part(x, y)
        x_parts = self._shared(x)
        y_parts = x_parts if y is x else self._shared(y)
        for a, b in zip(x_parts, y_parts, strict=True):
            total = total + (a * b).sum(-1)
        return total

    def _inputs_part(self, x: Tensor, y: Tensor) -> Tensor:
        """Of the weights between inputs and hidden units."""
        if self.inputs is None:
            rows = torch.einsum("...sa,sab->...sb", x, self.by_state)
            return (rows * y).sum((-2, -1))
        total = x.new_zeros(())
        for feature in self.inputs.to(x.dtype).mT.unsqueeze(-1):  # [S, 1]
            of_x = (x * feature).flatten(-2) @ self.flow
            of_y = of_x if y is x else (y * feature).flatten(-2) @ self.flow
            total = total + (of_x * of_y).sum(-1)
        return total

    def _shared(self, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of what all states share: W₂ [..., A·H] and both biases [..., A], [..., H]."""
        return (c.mT @ self.hidden).flatten(-2), c.sum(-2), c.flatten(-2) @ self.flow


class Projected(Kernel):
    """K ≈ (1/D) Σ_d (J v_d)(J v_d)ᵀ for D Rademacher directions v_d, the same for every x and y.

    The mean over directions is K; ratios suffer little, because all share the directions.
    """

    def __init__(self, moved: Tensor) -> None:
        self.moved = moved
        """(J v_d)/√D: [S·A, D]."""

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        moved = self.moved.to(x.dtype)
        return ((x.flatten(-2) @ moved) * (y.flatten(-2) @ moved)).sum(-1)


def kernel_of(policy: nn.Module, run: int = 0) -> Kernel:
    """The kernel of one run of any module whose ``forward()`` gives logits [N, S, A]."""
    if isinstance(policy, TablePolicy):
        return Identity()
    if isinstance(policy, SharedTable):
        return Pooled(policy.rows, policy.table.shape[1])
    if isinstance(policy, LinearPolicy):
        return Affine(policy.x)
    if isinstance(policy, MLPPolicy):
        hidden, w2, inputs = _layers(policy, run)
        small = hidden.shape[0] * w2.shape[1] <= SMALL
        return Dense(mlp_matrix(hidden, w2, inputs)) if small else Layered(hidden, w2, inputs)
    logits = policy()[run]
    if logits.numel() <= FULL:
        return Dense(jacobian_matrix(policy, logits))
    return Projected(_directions(policy, run))


def full_matrix(policy: nn.Module, run: int = 0) -> Tensor | None:
    """K itself, whatever its size; None for a table, where it is the identity."""
    if isinstance(policy, TablePolicy):
        return None
    if isinstance(policy, SharedTable):
        alike = policy.rows[:, None] == policy.rows
        return _each_action(alike.to(policy.table.dtype), policy.table.shape[2])
    if isinstance(policy, LinearPolicy):
        n_states = policy.w.shape[1] if policy.x is None else len(policy.x)
        return _each_action(_likeness(policy.x, policy.w, n_states) + 1, policy.w.shape[2])
    if isinstance(policy, MLPPolicy):
        return mlp_matrix(*_layers(policy, run))
    return jacobian_matrix(policy, policy()[run])


def _likeness(inputs: Tensor | None, like: Tensor, n_states: int) -> Tensor:
    """⟨x(s), x(s')⟩: [S, S]."""
    if inputs is None:
        return torch.eye(n_states, dtype=like.dtype, device=like.device)
    return inputs @ inputs.mT


def _each_action(states: Tensor, n_actions: int) -> Tensor:
    """k(s, s') δ_aa' for k [S, S]: [S·A, S·A]."""
    return torch.kron(states, torch.eye(n_actions, dtype=states.dtype, device=states.device))


def _layers(policy: MLPPolicy, run: int) -> tuple[Tensor, Tensor, Tensor | None]:
    """h [S, H], W₂ [H, A] and x [S, F]."""
    with torch.no_grad():
        first = policy.w1[run] if policy.x is None else policy.x @ policy.w1[run]
        return torch.tanh(first + policy.b1[run]), policy.w2[run].detach(), policy.x


def mlp_matrix(hidden: Tensor, w2: Tensor, inputs: Tensor | None = None) -> Tensor:
    """K of one tanh layer on x [S, F], None for one-hot states: [S·A, S·A].

    From h [S, H] and W₂ [H, A] with F(s, a) = W₂[:, a] ⊙ (1 − h²):
    K = (⟨h(s), h(s')⟩ + 1) δ_aa' + (⟨x(s), x(s')⟩ + 1) ⟨F(s, a), F(s', a')⟩.
    """
    n_states, n_actions = hidden.shape[0], w2.shape[1]
    flow = _flow(hidden, w2).flatten(0, 1)
    matrix = (flow @ flow.T).reshape(n_states, n_actions, n_states, n_actions)
    if inputs is None:
        same_state = matrix.diagonal(dim1=0, dim2=2)
        same_state *= 2
    else:
        matrix *= (inputs @ inputs.mT + 1)[:, None, :, None]
    same_action = matrix.diagonal(dim1=1, dim2=3)
    same_action += (hidden @ hidden.T + 1)[:, :, None]
    return matrix.reshape(n_states * n_actions, n_states * n_actions)


def _flow(hidden: Tensor, w2: Tensor) -> Tensor:
    """∂ logit / ∂ (input of tanh): F(s, a) = W₂[:, a] ⊙ (1 − h(s)²), [S, A, H]."""
    return (1 - hidden**2).unsqueeze(-2) * w2.mT


def jacobian_matrix(policy: nn.Module, logits: Tensor) -> Tensor:
    """K by one vector-Jacobian product a logit: [S·A, S·A]."""
    parameters = [p for p in policy.parameters() if p.requires_grad]
    rows = []
    for logit in logits.flatten():
        gradients = torch.autograd.grad(
            logit, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        rows.append(torch.cat([g.flatten() for g in gradients]))
    jacobian = torch.stack(rows)
    return jacobian @ jacobian.T


def _directions(policy: nn.Module, run: int) -> Tensor:
    """(J v_d)/√D, [S·A, D]: J v is the gradient in u of ⟨Jᵀu, v⟩, which is linear in u."""
    parameters = [p for p in policy.parameters() if p.requires_grad]
    logits = policy()[run].flatten()
    u = torch.zeros_like(logits, requires_grad=True)
    pulled = torch.autograd.grad(
        logits, parameters, u, create_graph=True, allow_unused=True, materialize_grads=True
    )
    generator = torch.Generator().manual_seed(0)
    moved: list[Tensor] = []
    for _ in range(DIRECTIONS):
        signs = [(torch.randint(0, 2, p.shape, generator=generator) * 2 - 1).to(p) for p in pulled]
        moved.append(torch.autograd.grad(pulled, u, signs, retain_graph=True)[0])
    found: Tensor = torch.stack(moved, dim=1) / DIRECTIONS**0.5
    return found
