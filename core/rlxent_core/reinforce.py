"""REINFORCE as cross-entropy, reweighted.

The label of a step is the action that was sampled, and its cross-entropy is multiplied by the
step's weight.  With y = onehot(a_t), the gradient on the logits of s_t is w_t (π(·|s_t) − y): the
supervised gradient, scaled by how well things turned out.  A batch's loss is

    L = (1/B) Σ_e Σ_t w_t · CE(z(s_t), a_t)  −  β (1/B) Σ_e Σ_t H(π(·|s_t))

divided by episodes, not by steps.  Because all visits of a state share its logits, ∂L/∂z of all
states is a sum by state and action, and the network runs once on S states, not on T·B visits.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from rlxent_core.arrays import code_for, native, sum_actions, tensor


def logit_cotangent(probabilities: Tensor, mass: Tensor, n_episodes: int) -> Tensor:
    """∂L/∂z of the reweighted cross-entropy: [N, S, A].

    ``mass`` [N, S, A] sums the weights w_t by the state and action of their step, so that
    Σ_t w_t (π − onehot(a_t)) in row s is π·(Σ_a mass) − mass.
    """
    code = code_for(probabilities, mass)
    if code is not None:
        found = np.empty(mass.shape)
        arrays = (probabilities.numpy(), mass.numpy(), found)
        rows = (x.reshape(-1, mass.shape[-1]) for x in arrays)
        code.logit_cotangent(*rows, n_episodes)
        return tensor(found)
    own = native(mass)
    cotangent = native(probabilities) * sum_actions(own)[..., None]
    cotangent -= own
    cotangent /= n_episodes
    return tensor(cotangent)


def entropy_cotangent(log_probabilities: Tensor, visits: Tensor, n_episodes: int) -> Tensor:
    """∂/∂z of (1/B) Σ_e Σ_t H(π(·|s_t)): [N, S, A].

    In one state ∂H/∂z_a = −π_a (log π_a + H).  ``visits`` [N, S] counts the steps by state.
    """
    probabilities = log_probabilities.exp()
    entropy = -(probabilities * log_probabilities).sum(-1, keepdim=True)
    return -probabilities * (log_probabilities + entropy) * (visits / n_episodes).unsqueeze(-1)


def critic_cotangent(values: Tensor, visits: Tensor, target_mass: Tensor) -> Tensor:
    """∂/∂V of half the mean squared error of V(s_t) to its targets over a run's steps: [N, S].

    ``visits`` counts the steps by state and ``target_mass`` sums their targets, both [N, S].
    """
    v, n, mass = map(native, (values, visits, target_mass))
    steps = n.sum(-1)[..., None]
    return tensor((n * v - mass) / (steps + (steps == 0)))
