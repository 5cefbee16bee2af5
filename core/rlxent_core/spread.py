"""Episodes weighed in several ways, and how their gradients scatter.

One episode's gradient is g_e = Jᵀ c_e with the logit cotangent c_e[s, ·] = Σ_t w_t 1{s_t = s} φ_t,
so everything follows from inner products through K = J Jᵀ (:mod:`rlxent_core.kernel`).  All
variances are of the *per-episode* gradient; that of a batch of B is 1/B of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core.arrays import code_for, native, tensor
from rlxent_core.baselines import scores_by_episode
from rlxent_core.credit import (
    count_alive,
    discount_powers,
    gae,
    less_leave_one_out,
    returns_to_go,
    z_scores,
)
from rlxent_core.estimators import CONSTANTS, Estimator
from rlxent_core.kernel import Kernel
from rlxent_core.references import References
from rlxent_core.rollout import Episodes, SampledMDP, sample_episodes
from rlxent_core.streams import Purpose, Streams
from rlxent_core.values import at_visits

_NUMBERS_AT_ONCE = 2**23
"""Numbers of a temporary; of large worlds fewer episodes are taken at once."""
_NUMBERS_TOGETHER = 2**18
"""Up to so many numbers, several estimators are taken at once: below it, calls cost most."""


def standard_error(values: NDArray[np.float64], together: int = 1) -> float:
    """Of the mean of B values: sd/√B, or that of the means of each ``together`` if larger.

    The q_e of a leave-one-out group share its mean return, and so do not scatter on their own:
    groups do.  Of a single group there is no telling, and it is taken as if they did.
    """
    n_groups = len(values) // together
    alone = float(values.std(ddof=1)) / math.sqrt(len(values))
    if together == 1 or n_groups < 2:
        return alone
    means = values[: n_groups * together].reshape(n_groups, together).mean(1)
    return max(alone, float(means.std(ddof=1)) / math.sqrt(n_groups))


@dataclass(frozen=True, eq=False)
class Spread:
    """How the gradients of B episodes scatter about their mean."""

    deviations: NDArray[np.float64]
    """q_e = ‖g_e − ĝ‖² · B/(B − 1): [B]."""
    mean_norm2: float
    """‖ĝ‖²; larger than the signal by tr Cov / B in expectation."""
    together: int = field(default=1, kw_only=True)
    """Episodes that share what is taken from them, so that their q_e rise and fall together."""

    @property
    def n_episodes(self) -> int:
        return len(self.deviations)

    @property
    def trace_cov(self) -> float:
        """tr Cov of the per-episode gradient."""
        return float(self.deviations.mean())

    @property
    def se(self) -> float:
        """Standard error of :attr:`trace_cov`, see :func:`standard_error`."""
        return standard_error(self.deviations, self.together)

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


@dataclass(frozen=True)
class Ratio:
    """A ratio of two variances on the same episodes."""

    value: float | None
    """None where a variance is zero."""
    log_se: float
    """Standard error of its logarithm, from q₁/m₁ − q₂/m₂, see :func:`standard_error`."""

    @staticmethod
    def of(above: Spread, below: Spread) -> Ratio:
        if above.n_episodes != below.n_episodes:
            raise ValueError("The two were not measured on the same episodes.")
        if above.trace_cov == 0 or below.trace_cov == 0:
            return Ratio(None, math.nan)
        paired = above.deviations / above.trace_cov - below.deviations / below.trace_cov
        log_se = standard_error(paired, max(above.together, below.together))
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
        self.group = group or self.n_episodes
        if self.n_episodes % self.group:
            raise ValueError(f"{self.n_episodes} episodes are no whole number of {self.group}.")
        self.to_go = returns_to_go(episodes.reward, episodes.mdp.discount)
        self._looked_up: tuple[Tensor, Tensor] | None = None

    @property
    def rewarded(self) -> bool:
        return bool(self.episodes.reward.any())

    def weights(self, estimator: Estimator, references: References) -> Tensor:
        """w_t of every step: [T, 1, B]; past an episode's end they mean nothing."""
        if estimator.credit == "gae":
            values, mdp = self._at_visits(references.table(estimator)), self.episodes.mdp
            weight = gae(self.episodes.reward, values, mdp.discount, estimator.gae_lambda)
        else:
            weight = self._less_baseline(estimator, references)
        if estimator.credit != "total" and estimator.weighting == "exact":
            weight = weight * discount_powers(self.episodes)
        return weight

    def _less_baseline(self, estimator: Estimator, references: References) -> Tensor:
        total = estimator.credit == "total"
        gain = self.to_go[:1] if total else self.to_go
        if estimator.baseline == "leave_one_out":
            lengths = self.episodes.lengths.view(-1, self.group)
            n_alive = count_alive(lengths, len(self.to_go))[: len(gain)]
            gain = less_leave_one_out(self._grouped(gain), n_alive).view_as(gain)
        elif estimator.baseline == "z_score":
            alive = self.episodes.alive[: len(gain)]
            gain = z_scores(self._grouped(gain), self._grouped(alive)).view_as(gain)
        elif estimator.baseline in CONSTANTS:
            gain = gain - references.number(estimator)
        elif estimator.baseline != "none":
            values = self._at_visits(references.table(estimator))
            gain = gain - values[: len(gain)]
        return gain.expand_as(self.to_go)

    def _grouped(self, values: Tensor) -> Tensor:
        return values.view(len(values), -1, self.group)

    def _at_visits(self, table: Tensor) -> Tensor:
        if self._looked_up is None or self._looked_up[0] is not table:  # several ask for one
            values = at_visits(self.episodes, table.to(self.to_go).unsqueeze(-2))
            self._looked_up = table, values
        return self._looked_up[1]

    def cotangents(self, weight: Tensor, part: slice) -> Tensor:
        """c_e[s, ·] = Σ_t w_t 1{s_t = s} φ_t of the episodes in ``part``: [E, S, A].

        Of several weights, [K, T, 1, B], it is [K, E, S, A].
        """
        found = scores_by_episode(self.episodes, self.probabilities[None], weight, part)
        return found[..., 0, :, :]

    def parts(self) -> Iterator[slice]:
        """The episodes, in pieces of which one fits in memory as cotangents."""
        together = max(1, _NUMBERS_AT_ONCE // self.probabilities.numel())
        for first in range(0, self.n_episodes, together):
            yield slice(first, min(first + together, self.n_episodes))

    def pieces(self, weight: Tensor) -> Callable[[], Iterator[Tensor]]:
        """What gives the episodes' cotangents in pieces, as often as it is asked.

        Of many pieces none is kept: each is made anew every time.
        """
        parts = list(self.parts())
        only = self.cotangents(weight, parts[0]) if len(parts) == 1 else None

        def give() -> Iterator[Tensor]:
            for part in parts:
                yield self.cotangents(weight, part) if only is None else only

        return give

    def spreads(
        self, weights: Sequence[Tensor], kernel: Kernel, targets: Sequence[Tensor] | None = None
    ) -> list[tuple[Spread, NDArray[np.float64]]]:
        """:meth:`spread` of several weights, each with its own target."""
        one = self.n_episodes * self.probabilities.numel()
        together = max(1, _NUMBERS_TOGETHER // one)
        found: list[tuple[Spread, NDArray[np.float64]]] = []
        for first in range(0, len(weights), together):
            some = slice(first, first + together)
            group = weights[some]
            goals = targets[some] if targets is not None else None
            if len(group) == 1:
                found.append(self.spread(group[0], kernel, goals[0] if goals else None))
            else:
                found += self._spreads_at_once(torch.stack(list(group)), kernel, goals)
        return found

    def _spreads_at_once(
        self, weights: Tensor, kernel: Kernel, targets: Sequence[Tensor] | None
    ) -> list[tuple[Spread, NDArray[np.float64]]]:
        """Of weights [K, T, 1, B]."""
        c = self.cotangents(weights, slice(0, self.n_episodes))
        projections = np.empty((len(c), 0))
        if targets is not None:
            projections = _numbers([kernel.inner(c, torch.stack(list(targets))[:, None])])
        mean = _centre(c)
        scale = self.n_episodes / (self.n_episodes - 1)
        deviations = _numbers([kernel.norm2(c)]) * scale
        mean_norm2 = _numbers([kernel.norm2(mean)])[:, 0]
        spreads = [Spread(q, float(norm2)) for q, norm2 in zip(deviations, mean_norm2, strict=True)]
        return list(zip(spreads, projections, strict=True))

    def spread(
        self, weight: Tensor, kernel: Kernel, target: Tensor | None = None
    ) -> tuple[Spread, NDArray[np.float64]]:
        """How the episodes' gradients scatter, and ⟨g_e, target⟩ [B] (empty without a target)."""
        n_episodes, pieces = self.n_episodes, self.pieces(weight)
        mean = torch.stack([c.sum(0) for c in pieces()]).sum(0) / n_episodes
        deviations, projections = [], []
        for c in pieces():
            deviations.append(kernel.norm2(c - mean))
            if target is not None:
                projections.append(kernel.inner(c, target))
        scale = n_episodes / (n_episodes - 1)
        spread = Spread(_numbers(deviations) * scale, float(kernel.norm2(mean)))
        return spread, _numbers(projections)


def _centre(c: Tensor) -> Tensor:
    """The mean over the episodes of ``c`` [K, E, S, A], which is taken from it: [K, 1, S, A]."""
    code = code_for(c)
    if code is not None:
        rows = c.numpy().reshape(*c.shape[:2], -1)
        mean = np.empty((len(c), rows.shape[2]))
        code.centre(rows, mean)
        return torch.from_numpy(mean.reshape(len(c), 1, *c.shape[2:]))
    own = native(c)
    mean = own.sum(1)[:, None] / c.shape[1]
    own -= mean
    return tensor(mean)


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
