"""What a training subtracts from its returns, beyond what the batch itself can tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor, nn

from rlxent_core import reinforce
from rlxent_core.arrays import (
    code_for,
    native,
    on_cpu,
    sum_actions,
    sum_by_index,
    sum_last,
    tensor,
    unsigned,
)
from rlxent_core.credit import discount_powers
from rlxent_core.kernel import kernel_of
from rlxent_core.optimizer import ByRun, Learner, OptimizerState, require_finite
from rlxent_core.policy import TablePolicy
from rlxent_core.rollout import Episodes
from rlxent_core.settings import Settings
from rlxent_core.values import at_visits, exact_values_t

AVERAGE_DECAY = 0.9
SCORED_EPISODES = 256
"""Most episodes of a run that the optimal constant is estimated from."""
_NUMBERS_AT_ONCE = 2**22


@dataclass(frozen=True)
class MovingAverage:
    """Mean of past batches, each counting .9 of the next, bias-corrected: [N], float64."""

    total: Tensor
    batches: int = 0

    @property
    def value(self) -> Tensor:
        """0 before the first batch."""
        return self.total / (1 - AVERAGE_DECAY**self.batches) if self.batches else self.total

    def after(self, mean: Tensor) -> MovingAverage:
        """With one more batch, whose mean was ``mean`` [N]."""
        total = torch.lerp(self.total, mean, 1 - AVERAGE_DECAY)
        return MovingAverage(total, self.batches + 1)


def batch_mean(settings: Settings, episodes: Episodes, to_go: Tensor) -> Tensor:
    """What the moving average averages, [N]: G_0 over episodes, or G_t over all steps taken."""
    if settings.credit == "total_return":
        return to_go[0].mean(-1)
    # In the order of the steps, which neither other runs nor longer ones among them change.
    run = torch.arange(episodes.n_runs, device=to_go.device)[:, None].expand_as(to_go)
    total = sum_by_index(run.reshape(-1), to_go.reshape(-1), episodes.n_runs)
    return total / episodes.lengths.sum(-1)


def optimal_constant(
    settings: Settings,
    policy: nn.Module,
    probabilities: Tensor,
    episodes: Episodes,
    to_go: Tensor,
) -> Tensor:
    """The constant b of least variance, as this batch would have it: [N].

    With ψ_t the score of step t, Φ = Σ_t κ_t ψ_t and X the same sum with each term times the
    step's return, E‖X − b Φ‖² is least at b = E⟨X, Φ⟩ / E‖Φ‖²: for the total return
    E[G‖Φ‖²] / E‖Φ‖².  Scores are those of the parameters, Jᵀ of the logits'.  0 where no score
    differs from 0.  To be used from the next batch on, so that the mean stays as it is.

    Source: Greensmith, Bartlett and Baxter (2004), Variance reduction techniques for gradient
    estimates in reinforcement learning.
    """
    gain, scale = to_go, torch.ones_like(to_go)
    if settings.credit == "total_return":
        gain = to_go[:1].expand_as(to_go)
    elif settings.discount_weighting == "exact":
        scale = scale * discount_powers(episodes)
    n_episodes = min(SCORED_EPISODES, episodes.n_episodes)
    together = max(1, _NUMBERS_AT_ONCE // probabilities.numel())
    products, norms2 = [], []
    for first in range(0, n_episodes, together):
        part = slice(first, min(first + together, n_episodes))
        scores = scores_by_episode(episodes, probabilities, scale, part)
        weighted = scores_by_episode(episodes, probabilities, scale * gain, part)
        products.append(_inner(policy, weighted, scores))
        norms2.append(_inner(policy, scores, scores))
    product, norm2 = _over_episodes(products), _over_episodes(norms2)
    return torch.where(norm2 > 0, product / norm2, 0.0)


def scores_by_episode(
    episodes: Episodes, probabilities: Tensor, weight: Tensor, part: slice
) -> Tensor:
    """Σ_t w_t φ_t in row s_t for the episodes in ``part``: [E, N, S, A]; φ = onehot(a) − π.

    ``weight`` is [T, N, B]; several of them, [K, T, N, B], give [K, E, N, S, A].
    """
    n_runs, n_states, n_actions = probabilities.shape
    leaf, weight = episodes.leaf[:, :, part].contiguous(), weight[..., part].contiguous()
    several, n_episodes, tables = weight.shape[:-3], leaf.shape[2], episodes.tables
    policy = probabilities.reshape(-1, n_actions).contiguous()
    code = code_for(leaf)
    if code is not None and tables.n_runs == n_runs:
        scores = torch.empty(*several, n_episodes, *policy.shape, dtype=torch.float64)
        code.scores(
            unsigned(leaf), tables.bits, episodes.mdp.n_outcomes,
            weight.numpy().reshape(-1, *leaf.shape), policy.numpy(),
            scores.numpy().reshape(-1, n_episodes, *policy.shape),
        )  # fmt: skip
    else:
        index = (leaf >> tables.bits) * n_actions + episodes.action[:, :, part]
        rows = n_runs * n_states + 1  # with one past the end
        index += rows * n_actions * torch.arange(n_episodes, device=index.device)
        weight = weight.reshape(*several, -1)
        sums = sum_by_index(index.reshape(-1), weight, n_episodes * rows * n_actions)
        scores = sums.view(*several, n_episodes, rows, n_actions)[..., :-1, :]
        scores -= policy * reduce(torch.add, scores.unbind(-1))[..., None]
    return scores.unflatten(-2, (n_runs, n_states))  # type: ignore[no-untyped-call, no-any-return]


def _inner(policy: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """⟨Jᵀx, Jᵀy⟩ of every episode for cotangents [E, N, S, A]: [E, N]."""
    if isinstance(policy, TablePolicy):
        return tensor(sum_last(native((x * y).flatten(-2))))
    runs = range(x.shape[1])
    return torch.stack([kernel_of(policy, run).inner(x[:, run], y[:, run]) for run in runs], 1)


def _over_episodes(parts: list[Tensor]) -> Tensor:
    """Sums of [E, N] over episodes, in the same order for one run or many: [N], float64."""
    return tensor(sum_last(native(torch.cat(parts).double().mT.contiguous())))


@dataclass(frozen=True, eq=False)
class BaselineState:
    """What is known of past batches, exactly."""

    average: MovingAverage
    constant: Tensor
    critic: OptimizerState | None

    @property
    def nbytes(self) -> int:
        """Memory of its tensors."""
        numbers = self.average.total.nbytes + self.constant.nbytes
        return numbers + (0 if self.critic is None else self.critic.nbytes)

    def cpu(self) -> BaselineState:
        """The same on the CPU."""
        average = MovingAverage(self.average.total.cpu(), self.average.batches)
        critic = None if self.critic is None else self.critic.cpu()
        return BaselineState(average, self.constant.cpu(), critic)


class Baselines:
    """What a training compares its returns to: settled before a batch, taught by it afterwards."""

    def __init__(self, n_runs: int, device: torch.device, critic: Learner | None = None) -> None:
        self.device = device
        self.critic = critic
        self._average = MovingAverage(torch.zeros(n_runs, dtype=torch.float64, device=device))
        self._constant = torch.zeros(n_runs, dtype=torch.float64, device=device)

    def constant(self, settings: Settings) -> Tensor | None:
        """The number that returns are compared to, where the baseline is one: [N]."""
        if settings.baseline == "moving_average":
            return self._average.value
        return self._constant if settings.baseline == "optimal_constant" else None

    def critic_values(self) -> Tensor | None:
        """V(s) as it was learned, where it is: [N, S], float64."""
        return None if self.critic is None else self.critic.outputs[..., 0].double()

    def values(self, settings: Settings, batch: Episodes, policy: Tensor) -> Tensor | None:
        """Values of the visited states where the baseline is one: [T, N, B].

        ``policy`` are the probabilities [N, S, A] that the batch was drawn with.
        """
        if settings.baseline == "exact_value":
            # The total return is compared to the first state's value alone.
            steps = 1 if settings.credit == "total_return" else len(batch.leaf)
            values = exact_values_t(batch.mdp, policy, steps)
            return at_visits(batch, values[0] if steps == 1 else values)
        learned = self.critic_values()
        return None if learned is None else at_visits(batch, learned)

    def learn(
        self,
        settings: Settings,
        batch: Episodes,
        to_go: Tensor,
        advantage: Tensor,
        values: Tensor | None,
        policy: nn.Module,
        probabilities: Tensor,
        critic_learning_rate: ByRun,
    ) -> None:
        """Learn from a batch whose weights were taken, before ``policy`` moves.

        Raises:
            NotFiniteGradientError: on the CPU, of the critic; nothing is changed then.
        """
        if settings.baseline == "moving_average":
            self._average = self._average.after(batch_mean(settings, batch, to_go))
        elif settings.baseline == "optimal_constant":
            self._constant = optimal_constant(settings, policy, probabilities, batch, to_go)
        elif self.critic is not None:
            assert values is not None
            target = advantage + values if settings.credit == "gae" else to_go  # λ-returns
            current = self.critic_values()
            assert current is not None
            target_mass = tensor(sum_actions(native(batch.tally(target))))
            cotangent = reinforce.critic_cotangent(current, batch.visits(), target_mass)
            gradient = self.critic.gradient(cotangent.unsqueeze(-1))
            if on_cpu(gradient):
                require_finite(gradient)
            self.critic.step(gradient, critic_learning_rate)

    def state(self) -> BaselineState:
        """A copy of everything."""
        critic = None if self.critic is None else self.critic.optimizer.state()
        return BaselineState(self._average, self._constant, critic)

    def load_state(self, state: BaselineState) -> None:
        """Continue exactly where ``state`` was taken."""
        total = state.average.total.to(self.device)
        self._average = MovingAverage(total, state.average.batches)
        self._constant = state.constant.to(self.device)
        if self.critic is not None and state.critic is not None:
            self.critic.load_state(state.critic)
