"""The variance of the policy gradient, for several estimators on the same episodes.

One episode's gradient is g_e = Jᵀ c_e with the logit cotangent c_e[s, ·] = Σ_t w_t 1{s_t = s} φ_t,
so everything follows from inner products through K = J Jᵀ (:mod:`rlxent_core.kernel`).  All
variances are of the *per-episode* gradient; that of a batch of B is 1/B of it.  Ratios are only
taken between estimators of the same exact gradient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rlxent_core import exact
from rlxent_core.credit import discount_powers, gae, leave_one_out, returns_to_go
from rlxent_core.estimators import CONSTANTS, Estimator, References, Weighting
from rlxent_core.kernel import Kernel, kernel_of
from rlxent_core.mdp import Floats
from rlxent_core.policy import action_probabilities
from rlxent_core.rollout import Episodes, SampledMDP, sample_episodes
from rlxent_core.streams import Purpose, Streams

_NUMBERS_AT_ONCE = 2**23
"""Numbers of a temporary; of large worlds fewer episodes are taken at once."""


@dataclass(frozen=True, eq=False)
class Spread:
    """How the gradients of B episodes scatter about their mean."""

    deviations: NDArray[np.float64]
    """q_e = ‖g_e − ĝ‖² · B/(B − 1): [B]."""
    mean_norm2: float
    """‖ĝ‖²; larger than the signal by tr Cov / B in expectation."""

    @property
    def n_episodes(self) -> int:
        return len(self.deviations)

    @property
    def trace_cov(self) -> float:
        """tr Cov of the per-episode gradient."""
        return float(self.deviations.mean())

    @property
    def se(self) -> float:
        """Standard error of :attr:`trace_cov`: sd(q)/√B."""
        return float(self.deviations.std(ddof=1)) / math.sqrt(self.n_episodes)

    @property
    def signal(self) -> float:
        """‖E g‖² without bias: ‖ĝ‖² − tr Cov / B; may come out negative."""
        return self.mean_norm2 - self.trace_cov / self.n_episodes

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """tr Cov · exp(±z SE / tr Cov): an interval on the log scale stays above zero."""
        if self.trace_cov == 0:
            return 0.0, 0.0
        factor = math.exp(z * self.se / self.trace_cov)
        return self.trace_cov / factor, self.trace_cov * factor


@dataclass(frozen=True, eq=False)
class Measurement(Spread):
    """One estimator's variance, and its mean beside the exact gradient it estimates."""

    estimator: Estimator
    rewarded: bool
    """Whether any episode was paid anything."""
    target_norm2: float
    """‖exact gradient‖² of the estimator's own target."""
    projection: float
    """⟨ĝ, target⟩."""
    projection_se: float

    @property
    def mean_projection(self) -> float | None:
        """⟨ĝ, target⟩ / ‖target‖², 1 when unbiased; None where the target is zero."""
        return self.projection / self.target_norm2 if self.target_norm2 > 0 else None

    @property
    def mean_projection_se(self) -> float | None:
        return self.projection_se / self.target_norm2 if self.target_norm2 > 0 else None

    @property
    def cosine(self) -> float | None:
        """cos(ĝ, target); None where either is zero."""
        lengths = math.sqrt(self.mean_norm2 * self.target_norm2)
        return self.projection / lengths if lengths > 0 else None

    @property
    def snr(self) -> float | None:
        """‖signal‖² / tr Cov; None before any reward, which is no infinite ratio."""
        if not self.rewarded or self.trace_cov == 0:
            return None
        return self.signal / self.trace_cov

    def ratio_to(self, other: Measurement) -> Ratio:
        """tr Cov of this over the other's, on the same episodes.

        Raises:
            ValueError: when the two estimate different gradients, or other episodes.
        """
        if self.estimator.target != other.estimator.target:
            raise ValueError(
                f"“{self.estimator.name}” and “{other.estimator.name}” estimate different"
                " gradients; their variances cannot be compared."
            )
        return Ratio.of(self, other)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two variances on the same episodes."""

    value: float | None
    """None where a variance is zero."""
    log_se: float
    """Standard error of its logarithm: sd(q₁/m₁ − q₂/m₂)/√B."""

    @staticmethod
    def of(above: Spread, below: Spread) -> Ratio:
        if above.n_episodes != below.n_episodes:
            raise ValueError("The two were not measured on the same episodes.")
        if above.trace_cov == 0 or below.trace_cov == 0:
            return Ratio(None, math.nan)
        paired = above.deviations / above.trace_cov - below.deviations / below.trace_cov
        log_se = float(paired.std(ddof=1)) / math.sqrt(above.n_episodes)
        return Ratio(above.trace_cov / below.trace_cov, log_se)


class Batch:
    """Episodes of one policy, ready to be weighed in several ways.

    Args:
        episodes: of one run, [T, 1, B].
        probabilities: of that run, [S, A].
        group: episodes of one update; what an estimator takes from its batch, it takes from a
            group.  All B unless given; must divide B.
    """

    def __init__(self, episodes: Episodes, probabilities: Tensor, group: int | None = None) -> None:
        self.episodes, self.probabilities = episodes, probabilities
        self.n_episodes = episodes.n_episodes
        self.discount = episodes.mdp.discount
        self.group = group or self.n_episodes
        if self.n_episodes % self.group:
            raise ValueError(f"{self.n_episodes} episodes are no whole number of {self.group}.")
        self.reward = self._grouped(episodes.reward)
        self.state = self._grouped(episodes.state)
        self.alive = self._grouped(episodes.alive)
        self.to_go = returns_to_go(self.reward, self.discount)

    def _grouped(self, values: Tensor) -> Tensor:
        return values.reshape(len(values), -1, self.group)

    @property
    def rewarded(self) -> bool:
        return bool(self.reward.any())

    def weights(self, estimator: Estimator, references: References) -> Tensor:
        """w_t of every step: [T, B]; 0 past an episode's end."""
        if estimator.credit == "gae":
            values = self._at_states(references.table(estimator), after=True)
            weight = gae(self.reward, values, self.discount, estimator.gae_lambda)
        else:
            weight = self._less_baseline(estimator, references)
        if estimator.credit != "total" and estimator.weighting == "exact":
            weight = weight * discount_powers(self.episodes)
        return (weight * self.alive).reshape(len(weight), -1)

    def _less_baseline(self, estimator: Estimator, references: References) -> Tensor:
        total = estimator.credit == "total"
        gain = self.to_go[:1].expand_as(self.to_go) if total else self.to_go
        if estimator.baseline == "none":
            return gain
        if estimator.baseline == "leave_one_out":
            alive = self.alive[:1].expand_as(self.alive) if total else self.alive
            return gain - leave_one_out(gain, alive)
        if estimator.baseline in CONSTANTS:
            return gain - references.number(estimator)
        values = self._at_states(references.table(estimator))
        at_start = estimator.baseline == "value_at_start"
        less: Tensor = gain - (values[:1] if at_start else values)
        return less

    def _at_states(self, table: Tensor, *, after: bool = False) -> Tensor:
        """``table`` [S] or [T.., S] at each step's state, 0 past the end: [T, groups, group].

        With ``after`` one step more, for the values a step leads to: [T + 1, groups, group].
        """
        steps = len(self.state)
        table = torch.nn.functional.pad(table.to(self.reward), (0, 1))
        state = self.state
        if after:
            state = torch.cat([state, torch.full_like(state[:1], table.shape[-1] - 1)])
            steps += 1
        if table.dim() == 1:
            at: Tensor = table[state]
        else:
            at = table[torch.arange(steps, device=state.device)[:, None, None], state]
        return at

    def cotangents(self, weight: Tensor, first: int, last: int) -> Tensor:
        """c_e[s, ·] = Σ_t w_t 1{s_t = s} φ_t of episodes first … last − 1: [B', S, A]."""
        n, (n_states, n_actions) = last - first, self.probabilities.shape
        index = self._index[:, first:last] if n < self.n_episodes else self._index
        index = index - first * self._size if first else index
        sums = torch.zeros(n * self._size, dtype=torch.float64, device=weight.device)
        sums.scatter_add_(0, index.reshape(-1), weight[:, first:last].reshape(-1))
        taken = sums.view(n, n_states + 1, n_actions)[:, :n_states]
        found: Tensor = taken - self.probabilities * taken.sum(-1, keepdim=True)
        return found

    def spread(
        self, weight: Tensor, kernel: Kernel, target: Tensor | None = None
    ) -> tuple[Spread, NDArray[np.float64]]:
        """How the episodes' gradients scatter, and ⟨g_e, target⟩ [B] (empty without a target)."""
        n_episodes = self.n_episodes
        together = max(1, _NUMBERS_AT_ONCE // self._size)
        blocks = [
            (first, min(first + together, n_episodes))
            for first in range(0, n_episodes, together)
        ]
        kept = [self.cotangents(weight, *block) for block in blocks[:1]]

        def cotangents(block: tuple[int, int]) -> Tensor:
            return kept[0] if block == blocks[0] else self.cotangents(weight, *block)

        mean = torch.stack([cotangents(block).sum(0) for block in blocks]).sum(0) / n_episodes
        deviations, projections = [], []
        for block in blocks:
            c = cotangents(block)
            deviations.append(kernel.norm2(c - mean))
            if target is not None:
                projections.append(kernel.inner(c, target))
        scale = n_episodes / (n_episodes - 1)
        spread = Spread(_numbers(deviations) * scale, float(kernel.norm2(mean)))
        return spread, _numbers(projections)

    @property
    def _size(self) -> int:
        """Places of one episode's tally, one row more than there are states."""
        n_states, n_actions = self.probabilities.shape
        return (n_states + 1) * n_actions

    @cached_property
    def _index(self) -> Tensor:
        """Where each step counts, in a tally of all episodes: [T, B]."""
        places = self.episodes.state * self.probabilities.shape[1] + self.episodes.action
        episode = torch.arange(self.n_episodes, device=places.device)
        return places.reshape(len(places), -1) + self._size * episode


def _numbers(parts: Sequence[Tensor]) -> NDArray[np.float64]:
    return torch.cat(list(parts)).double().cpu().numpy() if parts else np.empty(0)


def sample_batch(
    probabilities: Tensor, mdp: SampledMDP, n_episodes: int, seed: int, update: int = 0,
    group: int | None = None,
) -> Batch:  # fmt: skip
    """Episodes under ``probabilities`` [S, A] from the meters' own stream of ``seed``."""
    if n_episodes < 2:
        raise ValueError("A variance needs two episodes at least.")
    streams = Streams((seed,), Purpose.METERS, mdp.device)
    episodes = sample_episodes(mdp, probabilities[None], n_episodes, streams, update)
    return Batch(episodes, probabilities, group)


def measure(
    policy: nn.Module,
    mdp: SampledMDP,
    estimators: Sequence[Estimator],
    n_episodes: int,
    seed: int,
    *,
    run: int = 0,
    update: int = 0,
    group: int | None = None,
    references: References | None = None,
) -> dict[str, Measurement]:
    """Every estimator's variance and mean, by name, on the same ``n_episodes`` episodes.

    The episodes come from the meters' own random stream, so measuring changes no training.

    Args:
        policy: any module whose ``forward()`` gives logits [N, S, A].
        run: which of the N runs is measured.
        group: episodes of one update, see :class:`Batch`.
        references: baselines; only those of a training need be given.
    Raises:
        ValueError: when a baseline that belongs to a training was not given.
    """
    probabilities = action_probabilities(policy()[run])
    exact_policy = probabilities.cpu().numpy()
    if references is None:
        references = References(mdp.mdp, exact_policy)
    kernel = kernel_of(policy, run)
    batch = sample_batch(probabilities, mdp, n_episodes, seed, update, group)
    targets = _Targets(mdp, exact_policy, kernel)
    found = {}
    for estimator in estimators:
        target, target_norm2 = targets[estimator.target]
        spread, projections = batch.spread(batch.weights(estimator, references), kernel, target)
        found[estimator.name] = Measurement(
            spread.deviations,
            spread.mean_norm2,
            estimator,
            batch.rewarded,
            target_norm2,
            float(projections.mean()),
            float(projections.std(ddof=1)) / math.sqrt(n_episodes),
        )
    return found


class _Targets:
    """The exact gradients' cotangents [S, A] and squared lengths, once each."""

    def __init__(self, mdp: SampledMDP, policy: Floats, kernel: Kernel) -> None:
        self.mdp, self.policy, self.kernel = mdp, policy, kernel
        self._found: dict[str, tuple[Tensor, float]] = {}

    def __getitem__(self, weighting: Weighting) -> tuple[Tensor, float]:
        if weighting not in self._found:
            cotangent = torch.from_numpy(
                exact.gradient_cotangent(self.mdp.mdp, self.policy, weighting)
            ).to(self.mdp.device)
            self._found[weighting] = cotangent, float(self.kernel.norm2(cotangent))
        return self._found[weighting]
