"""The variance of the policy gradient, for several estimators on the same episodes.

All variances are of the *per-episode* gradient (:mod:`rlxent_core.spread`).  Ratios are only taken
between estimators of the same exact gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from rlxent_core import exact
from rlxent_core.estimators import (
    CONSTANTS,
    OPTIMAL,
    Estimator,
    Weighting,
    comparable,
    estimator_of,
    without_baseline,
)
from rlxent_core.exact_variance import Moments
from rlxent_core.kernel import Kernel, full_matrix, kernel_of
from rlxent_core.mdp import Floats
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP
from rlxent_core.settings import Settings, descriptions
from rlxent_core.spread import Batch, Ratio, Spread, sample_batch
from rlxent_core.trainer import Trainer
from rlxent_core.values import exact_values_t

__all__ = [
    "Batch", "Measurement", "PairMeasurement", "Ratio", "Spread", "exact_of", "measure",
    "measure_pair",
]

_PARTS = 2**40
"""Updates further on that the stream of a second measurement at the same update begins."""


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
            ValueError: when the two estimate different gradients, or on another scale, or from
                other episodes.
        """
        if not comparable(self.estimator, other.estimator):
            raise ValueError(
                f"“{self.estimator.name}” and “{other.estimator.name}” estimate different"
                " gradients, or on different scales; their variances cannot be compared."
            )
        return Ratio.of(self, other)


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
    targets = Targets(mdp, exact_policy, kernel)
    spreads = batch.spreads(
        [batch.weights(one, references) for one in estimators], kernel,
        [targets[one.target][0] for one in estimators],
    )
    return {
        one.name: Measurement(
            spread.deviations,
            spread.mean_norm2,
            one,
            batch.rewarded,
            targets[one.target][1],
            float(projections.mean()),
            float(projections.std(ddof=1)) / math.sqrt(n_episodes),
            together=batch.group if one.shares else 1,
        )
        for one, (spread, projections) in zip(estimators, spreads, strict=True)
    }


def exact_trace(
    moments: Moments, estimator: Estimator, references: References, group: int
) -> float | None:
    """tr Cov of one episode's gradient, without sampling; None where there is no formula.

    ``group`` is how many episodes a leave-one-out baseline is taken from.

    Raises:
        StoppedError: when the computation was given up.
        ValueError: when a baseline that belongs to a training was not given.
    """
    if estimator.baseline == "z_score":
        return None
    total = estimator.credit == "total"
    kappa = moments.mdp.discount if estimator.weighting == "exact" else 1.0
    if estimator.baseline == "leave_one_out":
        return moments.trace_leave_one_out(group, None if total else kappa)
    if estimator.baseline == "none":
        return moments.trace_total() if total else moments.trace_to_go(kappa)
    if estimator.baseline in CONSTANTS:
        constant = references.number(estimator)
        if total:
            return moments.trace_total(constant)
        return moments.trace_to_go(kappa, constant)
    table = references.table(estimator).double().cpu().numpy()
    if estimator.credit == "gae":
        return moments.trace_gae(kappa, estimator.gae_lambda, table)
    if total:
        return moments.trace_total(table if table.ndim == 1 else table[0])
    return moments.trace_to_go(kappa, table if table.ndim == 1 else table[: moments.horizon])


class Targets:
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


@dataclass(frozen=True, eq=False)
class PairMeasurement:
    """The variance with and without the baseline that a training uses, on the same episodes."""

    label: str
    """What the chosen one is called, e.g. "V(s) exact"."""
    without: Spread
    chosen_spread: Spread
    rewarded: bool
    """Whether any episode was paid anything; without, there is no signal to speak of."""
    others: Mapping[str, Spread] = field(default_factory=dict)
    """Further estimators by name, on the same episodes."""

    @property
    def none(self) -> float:
        """tr Cov of one episode's gradient without a baseline."""
        return self.without.trace_cov

    @property
    def chosen(self) -> float:
        return self.chosen_spread.trace_cov

    @property
    def n_episodes(self) -> int:
        return self.without.n_episodes

    @property
    def ratio(self) -> Ratio:
        """none / chosen: how many times fewer episodes give as good a gradient."""
        return Ratio.of(self.without, self.chosen_spread)

    @staticmethod
    def pooled(parts: Sequence[PairMeasurement]) -> PairMeasurement:
        """Several measurements of one policy, of episodes of their own, as one."""
        return PairMeasurement(
            parts[0].label,
            _pooled([part.without for part in parts]),
            _pooled([part.chosen_spread for part in parts]),
            any(part.rewarded for part in parts),
        )


def _pooled(spreads: Sequence[Spread]) -> Spread:
    deviations = np.concatenate([one.deviations for one in spreads])
    mean_norm2 = float(np.mean([one.mean_norm2 for one in spreads]))
    return Spread(deviations, mean_norm2, together=spreads[0].together)


def measure_pair(
    trainer: Trainer, n_episodes: int = 64, *, part: int = 0, others: Sequence[Estimator] = ()
) -> PairMeasurement:
    """Run 0's gradient variance with and without its baseline, at the policy as it is.

    Drawn from the meters' own stream (seed, update, part), so the training is not changed.  A
    baseline taken from the batch is taken from batches of the training's own size, as far as
    ``n_episodes`` goes; they are rounded down to whole batches.  ``others`` are measured on the
    same episodes.

    Raises:
        ValueError: when one of ``others`` needs a baseline that the training does not keep.
    """
    settings = trainer.run_settings[0]
    mdp, chosen = trainer.sampled_mdp, estimator_of(settings)
    probabilities = action_probabilities(trainer.logits()[0])
    group = min(settings.batch_episodes, n_episodes)
    where = trainer.update + part * _PARTS
    count = n_episodes // group * group
    batch = sample_batch(probabilities, mdp, count, trainer.seeds[0], where, group)
    values = None
    if settings.baseline == "exact_value":
        values = exact_values_t(mdp, probabilities[None], len(batch.to_go))[:, 0]
    policy = probabilities.cpu().numpy()
    references = references_of(trainer, policy, values=values)
    kernel = kernel_of(trainer.policy)

    pair = dict.fromkeys((without_baseline(chosen), chosen))
    weights = [batch.weights(one, references) for one in pair]
    if others:
        best = any(one.name in OPTIMAL for one in others)
        beside = references_of(trainer, policy, own=False, kernel=best, values=values)
        weights += [batch.weights(one, beside) for one in others]
    spreads = [
        replace(spread, together=group if one.shares else 1)
        for one, (spread, _) in zip((*pair, *others), batch.spreads(weights, kernel), strict=True)
    ]
    return PairMeasurement(
        _label(settings), spreads[0], spreads[len(pair) - 1], batch.rewarded,
        dict(zip((one.name for one in others), spreads[len(pair) :], strict=True)),
    )


def references_of(
    trainer: Trainer, policy: Floats, *, own: bool = True, kernel: bool = False,
    values: Tensor | None = None,
) -> References:
    """What run 0 subtracts, at its ``policy`` [S, A].

    Unless ``own``, the training's b* is not what is meant by b*; it is worked out then, for which
    ``kernel`` must be known.
    """
    constant, critic = trainer.baseline_constant(), trainer.critic_values()
    mean = trainer.run_settings[0].baseline == "moving_average"
    if not own and not mean:
        constant = None
    return References(
        trainer.mdp, policy,
        kernel=_matrix(trainer) if kernel else None,
        constant=None if constant is None else float(constant[0]),
        constant_is=None if own else "moving_average",
        critic=None if critic is None else critic[0],
        values=values,
    )


def _matrix(trainer: Trainer) -> Floats | None:
    matrix = full_matrix(trainer.policy)
    return None if matrix is None else np.asarray(matrix.detach().double().cpu().numpy())


def exact_of(trainer: Trainer, one: Estimator | None = None) -> float | None:
    """The exact tr Cov of an estimator at run 0's policy, or of its own; None without a formula."""
    policy = action_probabilities(trainer.logits()[0]).double().cpu().numpy()
    references = references_of(trainer, policy, own=one is None, kernel=True)
    moments = Moments(trainer.mdp, policy, references.kernel)
    one = estimator_of(trainer.run_settings[0]) if one is None else one
    return exact_trace(moments, one, references, trainer.run_settings[0].batch_episodes)


def _label(settings: Settings) -> str:
    choices = descriptions()["baseline"].choices
    assert choices is not None
    baseline = choices[settings.baseline]
    return f"GAE {settings.gae_lambda:g}, {baseline}" if settings.credit == "gae" else baseline
