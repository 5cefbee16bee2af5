"""Inner products of parameter gradients without ever building a gradient.

A gradient is g = Jᵀ c with J = ∂ logits / ∂ parameters and c the cotangent [S, A] of the logits, so
⟨g, g'⟩ = cᵀ K c' with K = J Jᵀ, [S·A, S·A]: the empirical tangent kernel of the policy (Jacot,
Gabriel & Hongler 2018).  All the geometry that the gradient's variance needs is in K.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from rlxent_core.policy import MLPPolicy, TablePolicy

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


class Dense(Kernel):
    """K itself, [S·A, S·A]."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        if self.matrix.dtype != x.dtype:
            self.matrix = self.matrix.to(x.dtype)
        through = x.flatten(-2) @ self.matrix
        return (through * y.flatten(-2)).sum(-1)


class Layered(Kernel):
    """One hidden tanh layer on one-hot states, without K: the gradient's norm layer by layer.

    Output weights take hᵀc [H, A] and their biases Σ_s c.  The first layer's rows, one a state,
    take d(s) = F(s)ᵀc(s) with F(s, a) = W₂[:, a] ⊙ (1 − h²), and its biases Σ_s d(s); the rows'
    part is Σ_s c(s)ᵀ (F(s) F(s)ᵀ) c'(s), with A × A matrices, so no d is ever stored.
    """

    def __init__(self, hidden: Tensor, w2: Tensor) -> None:
        flow = _flow(hidden, w2)
        self.by_state = flow @ flow.mT
        """F(s) F(s)ᵀ: [S, A, A]."""
        self.flow = flow.flatten(0, 1)
        """F: [S·A, H]."""
        self.hidden = hidden

    def inner(self, x: Tensor, y: Tensor) -> Tensor:
        if self.flow.dtype != x.dtype:
            self.by_state, self.flow, self.hidden = (
                part.to(x.dtype) for part in (self.by_state, self.flow, self.hidden)
            )
        rows = torch.einsum("...sa,sab->...sb", x, self.by_state)
        total: Tensor = (rows * y).sum((-2, -1))
        x_parts = self._shared(x)
        y_parts = x_parts if y is x else self._shared(y)
        for a, b in zip(x_parts, y_parts, strict=True):
            total = total + (a * b).sum(-1)
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
    if isinstance(policy, MLPPolicy):
        hidden, w2 = _layers(policy, run)
        small = hidden.shape[0] * w2.shape[1] <= SMALL
        return Dense(mlp_matrix(hidden, w2)) if small else Layered(hidden, w2)
    logits = policy()[run]
    if logits.numel() <= FULL:
        return Dense(jacobian_matrix(policy, logits))
    return Projected(_directions(policy, run))


def full_matrix(policy: nn.Module, run: int = 0) -> Tensor | None:
    """K itself, whatever its size; None for a table, where it is the identity."""
    if isinstance(policy, TablePolicy):
        return None
    if isinstance(policy, MLPPolicy):
        return mlp_matrix(*_layers(policy, run))
    return jacobian_matrix(policy, policy()[run])


def _layers(policy: MLPPolicy, run: int) -> tuple[Tensor, Tensor]:
    """h [S, H] and W₂ [H, A]."""
    with torch.no_grad():
        return torch.tanh(policy.w1[run] + policy.b1[run]), policy.w2[run].detach()


def mlp_matrix(hidden: Tensor, w2: Tensor) -> Tensor:
    """K of one tanh layer on one-hot states: [S·A, S·A] from h [S, H] and W₂ [H, A].

    K = (⟨h(s), h(s')⟩ + 1) δ_aa' + (δ_ss' + 1) ⟨F(s, a), F(s', a')⟩, F(s, a) = W₂[:, a] ⊙ (1 − h²).
    """
    n_states, n_actions = hidden.shape[0], w2.shape[1]
    flow = _flow(hidden, w2).flatten(0, 1)
    matrix = (flow @ flow.T).reshape(n_states, n_actions, n_states, n_actions)
    same_state = matrix.diagonal(dim1=0, dim2=2)
    same_state *= 2
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
