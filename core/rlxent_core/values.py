"""Values of states for all runs at once: computed exactly, and looked up along episodes."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from rlxent_core import exact
from rlxent_core.arrays import code_for, on_cpu, unsigned
from rlxent_core.rollout import Episodes, SampledMDP, check_size


def exact_values_t(mdp: SampledMDP, probabilities: Tensor, steps: int) -> Tensor:
    """V_t(s) of the policies [N, S, A] for t = 0 … steps − 1: [steps, N, S], float64.

    Backwards from V = 0 at ``max_steps`` over the outcome lists, all runs at once, on the device.

    Raises:
        TrainingError: when they might not fit in memory.
    """
    n_runs, n_states, _ = probabilities.shape
    check_size(steps, n_runs, n_states, probabilities.device)
    if on_cpu(probabilities):
        values_t = exact.values_t(mdp.mdp, probabilities.numpy(), mdp.max_steps)
        return torch.from_numpy(values_t[:steps])
    joint = (probabilities[..., None] * mdp.probability).view(n_runs, n_states, -1)
    expected_reward = (joint * mdp.reward.view(n_states, -1)).sum(-1)
    joint = joint * mdp.discount
    leads_to = mdp.next_state.view(-1).expand(n_runs, -1)
    restarts = bool((mdp.mdp.next_state == mdp.mdp.restart).any())
    values = torch.zeros(steps, n_runs, n_states, dtype=torch.float64, device=mdp.device)
    # Two places more: V(over) = 0 and V(restart) = start · V.
    after = torch.zeros(n_runs, n_states + 2, dtype=torch.float64, device=mdp.device)
    for t in range(mdp.max_steps - 1, -1, -1):
        if restarts:
            after[:, -1] = (after[:, :n_states] * mdp.start).sum(-1)
        following = after.gather(1, leads_to).view_as(joint)
        after[:, :n_states] = (joint * following).sum(-1) + expected_reward
        if t < steps:
            values[t] = after[:, :n_states]
    return values


def at_visits(episodes: Episodes, values: Tensor) -> Tensor:
    """``values`` [N, S] or [T, N, S] of the states that were visited, 0 past the end: [T, N, B]."""
    tables = episodes.tables
    code = code_for(episodes.leaf)
    if code is not None and values.dtype == torch.float64 and episodes.n_runs == tables.n_runs:
        found, over_time = np.empty(episodes.leaf.shape), values.numpy()
        over_time = over_time if values.dim() == 3 else over_time[None]
        code.look_up(over_time, unsigned(episodes.leaf), tables.bits, found)
        return torch.from_numpy(found)
    table = F.pad(values.reshape(*values.shape[:-2], -1), (0, 1))  # the row past the end
    row = episodes.leaf >> tables.bits
    if table.dim() == 1:
        return table[row]
    return table.gather(1, row.view(len(row), -1)).view_as(row)
