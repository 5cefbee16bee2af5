"""What one step of plain gradient descent does to every cell's probabilities, to first order.

A step moves the parameters by −η Jᵀc, with c the logit cotangent ∂L/∂z [S, A] and
J = ∂z/∂θ; so the logits move by Δz = −η J Jᵀ c, and the probabilities by π ⊙ (Δz − Σ_a π_a Δz_a).
Everything here is per unit of η.  J Jᵀ is the identity for a table, whose other cells stay; a
network moves cells that the episode never saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from rlxent_core import exact, reinforce
from rlxent_core.mdp import Floats, compile_world
from rlxent_core.policy import TablePolicy
from rlxent_core.rollout import Episodes
from rlxent_core.weightings import TRAINED, EpisodeCredit


@dataclass(frozen=True, eq=False)
class KeptPolicy:
    """A policy as it was: its module, and the tensors that it had."""

    module: nn.Module
    tensors: Mapping[str, Tensor]

    @classmethod
    def of(cls, module: nn.Module, flat: Tensor | None = None) -> KeptPolicy:
        """``module`` as it is, or with the parameters ``flat`` [P] of one of its updates."""
        learned = {name: p for name, p in module.named_parameters() if p.requires_grad}
        if flat is None:
            flat = torch.cat([p.detach().reshape(-1) for p in learned.values()])
        parts = torch.split(flat, [p.numel() for p in learned.values()])
        kept = {
            name: part.view_as(p) for (name, p), part in zip(learned.items(), parts, strict=True)
        }
        # What the states look like is replaced and never written to.
        return cls(module, {**dict(module.named_buffers()), **kept})


def cotangent_of_step(credit: EpisodeCredit, weights: Floats, step: int) -> Floats:
    """w_t (π − onehot(a_t)) in row s_t: [S, A]."""
    alone = np.zeros_like(weights)
    alone[step] = weights[step]
    return cotangent_of_episode(credit, alone)


def cotangent_of_episode(credit: EpisodeCredit, weights: Floats) -> Floats:
    """Σ_t w_t (π − onehot(a_t)) in row s_t, not divided by the episodes of its batch: [S, A]."""
    mass = np.zeros_like(credit.policy)
    np.add.at(mass, (credit.states, credit.actions), weights)
    return np.asarray(credit.policy * mass.sum(-1, keepdims=True) - mass)


def cotangent_of_batch(batch: Episodes, policy: Tensor, weights: Tensor, run: int = 0) -> Floats:
    """(1/B) Σ over a run's episodes, of ``weights`` [T, B] and probabilities [S, A]: [S, A].

    What an update goes by, but for the entropy bonus.
    """
    own = batch.of_run(run)
    probabilities = policy.detach().double().to(weights.device)
    cotangent = reinforce.logit_cotangent(
        probabilities[None], own.tally(weights[:, None]), own.n_episodes
    )
    found: Floats = cotangent[0].cpu().numpy()
    return found


def cotangent_of_exact(credit: EpisodeCredit, name: str) -> Floats:
    """Minus the exact gradient by the logits: [S, A].

    For the total return that of J; for the other weightings with the discount weighting of the
    settings, as in :func:`rlxent_core.exact.gradient_cotangent`.
    """
    settings = credit.settings
    total = name == "total_return" or (name == TRAINED and settings.credit == "total_return")
    discounting: Literal["exact", "practice"] = "practice"
    if total or settings.discount_weighting == "exact":
        discounting = "exact"
    return -exact.gradient_cotangent(compile_world(credit.world), credit.policy, discounting)


def change_of(
    policy: nn.Module | KeptPolicy, probabilities: Floats, cotangent: Floats, run: int = 0
) -> Floats:
    """How the probabilities [S, A] of a run change per unit of step size: [S, A], float64.

    Args:
        policy: the module, or as it was when it gave ``probabilities``.
        cotangent: ∂L/∂z [S, A].
    """
    kept = policy if isinstance(policy, KeptPolicy) else KeptPolicy.of(policy)
    moved = -_through_parameters(kept, cotangent, run)
    return np.asarray(probabilities * (moved - (probabilities * moved).sum(-1, keepdims=True)))


def _through_parameters(policy: KeptPolicy, cotangent: Floats, run: int) -> Floats:
    """J Jᵀ c of one run's logits: [S, A]."""
    if isinstance(policy.module, TablePolicy):
        return cotangent
    learned = [name for name, p in policy.module.named_parameters() if p.requires_grad]
    parameters = [policy.tensors[name].detach().clone().requires_grad_() for name in learned]
    tensors = {**policy.tensors, **dict(zip(learned, parameters, strict=True))}
    with torch.enable_grad():  # sums of products: PyTorch imports much to be given cotangents
        logits = functional_call(policy.module, tensors)[run]
        down = (logits * torch.from_numpy(cotangent).to(logits)).sum()
        direction = torch.autograd.grad(
            down, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        # Jᵀu is linear in u, so that its own gradient along the direction is J times it.
        u = torch.zeros_like(logits, requires_grad=True)
        pulled = torch.autograd.grad(
            (logits * u).sum(), parameters, create_graph=True, allow_unused=True
        )
        along = [
            (g * d).sum() for g, d in zip(pulled, direction, strict=True) if g is not None
        ]
        (moved,) = torch.autograd.grad(torch.stack(along).sum(), [u])
    found: Floats = moved.double().cpu().numpy()
    return found
