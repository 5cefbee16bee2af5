"""The estimators whose variance is compared, by name: what a step of an episode weighs.

``total/b_star``, ``reward_to_go/V/discount=exact``, ``gae_0.95/critic/discount=practice``: how
credit is given, what is subtracted, and whether step t is discounted by γ^t.  The total return
carries its discounting within itself, so its target is always the gradient of J.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from rlxent_core.settings import Settings

BASELINES = {
    "total": (
        "none", "leave_one_out", "moving_average", "b_star", "value_at_start", "critic", "z_score",
    ),
    "reward_to_go": (
        "none", "leave_one_out", "moving_average", "b_star", "V", "V_star", "b_star(t,s)",
        "critic", "z_score",
    ),
    "gae": ("V", "critic"),
}  # fmt: skip
"""What may be subtracted from what; V_star is V* of the first step, the best policy's value."""
CONSTANTS = ("moving_average", "b_star")
"""Baselines that are one number."""
MOST_TOGETHER = 1024
"""Episodes of an update beyond which what they share is taken from so many of them.

A leave-one-out mean of more has a variance that is smaller by less than a thousandth.
"""
Weighting = Literal["exact", "practice"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)


@dataclass(frozen=True)
class Estimator:
    """One way to weigh steps; :func:`estimator` makes one of a name."""

    credit: str
    """total, reward_to_go or gae."""
    baseline: str
    weighting: Weighting = "exact"
    gae_lambda: float = 1.0

    @property
    def name(self) -> str:
        if self.credit == "total":
            return f"total/{self.baseline}"
        credit = f"gae_{self.gae_lambda:g}" if self.credit == "gae" else self.credit
        return f"{credit}/{self.baseline}/discount={self.weighting}"

    @property
    def target(self) -> Weighting:
        """Which exact gradient it estimates: ``exact`` or ``practice``."""
        return self.weighting

    @property
    def rescaled(self) -> bool:
        """Whether it estimates a multiple of its target, so that only its direction compares."""
        return self.baseline == "z_score"

    @property
    def shares(self) -> bool:
        """Whether the episodes of an update share what is taken from them."""
        return self.baseline in ("leave_one_out", "z_score")

    @property
    def bias(self) -> str:
        """Why its mean may be something else than its target; empty where it is that exactly."""
        if self.baseline == "z_score":
            return "divides by the batch’s own deviation, and its mean holds the episode itself"
        if self.credit == "gae" and self.baseline == "critic" and self.gae_lambda < 1:
            return "GAE below λ = 1 leans on V, and the critic’s V is learned, not exact"
        return ""


def estimator(name: str) -> Estimator:
    """The estimator of that name.

    Raises:
        ValueError: when there is none.
    """
    found = re.fullmatch(r"(total|reward_to_go|gae_([\d.]+))/([^/]+)(?:/discount=(\w+))?", name)
    if found is not None:
        credit, lam, baseline, weighting = found.groups()
        kind = "gae" if lam else credit
        fits = baseline in BASELINES[kind] and (
            weighting is None if kind == "total" else weighting in WEIGHTINGS
        )
        if fits and (not lam or (lam.count(".") <= 1 and lam != "." and float(lam) <= 1)):
            how = cast(Weighting, weighting or "exact")
            return Estimator(kind, baseline, how, float(lam) if lam else 1.0)
    raise ValueError(f"There is no estimator “{name}”.")


def estimator_of(settings: Settings) -> Estimator:
    """The estimator that a training with these settings uses."""
    total = settings.credit == "total_return"
    baseline = {"optimal_constant": "b_star", "exact_value": "value_at_start" if total else "V"}
    return Estimator(
        "total" if total else settings.credit,
        baseline.get(settings.baseline, settings.baseline),
        "exact" if total or settings.discount_weighting == "exact" else "practice",
        settings.gae_lambda if settings.credit == "gae" else 1.0,
    )


def taken_together(settings: Settings) -> int:
    """Episodes that leave-one-out means and z-scores are taken from, with these settings."""
    return min(max(2, settings.batch_episodes), MOST_TOGETHER)


def without_baseline(chosen: Estimator) -> Estimator:
    """The plain estimator of the same exact gradient; that of GAE is reward-to-go."""
    credit = "total" if chosen.credit == "total" else "reward_to_go"
    return Estimator(credit, "none", chosen.weighting)


def comparable(one: Estimator, other: Estimator) -> bool:
    """Whether their variances may be divided: the same exact gradient, on the same scale."""
    return one.target == other.target and not (one.rescaled or other.rescaled)


def estimators(names: Iterable[str]) -> tuple[Estimator, ...]:
    """The estimators of these names."""
    return tuple(map(estimator, names))


COMPARED = (
    "total/none",
    "total/leave_one_out",
    "total/b_star",
    "total/value_at_start",
    *(
        f"reward_to_go/{baseline}/discount={weighting}"
        for weighting in WEIGHTINGS
        for baseline in ("none", "leave_one_out", "b_star", "V", "V_star", "b_star(t,s)")
    ),
    *(f"gae_0.95/V/discount={weighting}" for weighting in WEIGHTINGS),
)
"""Those that need nothing but the world and the policy."""
OPTIMAL = tuple(name for name in COMPARED if "b_star" in name)
"""Those whose baseline takes dynamic programming over pairs of states."""


def every(gae_lambda: float, *, constant: bool = False, critic: bool = False) -> tuple[
    Estimator, ...
]:
    """All estimators, by target; ``constant`` and ``critic`` say what a training has to offer."""
    kept = {"moving_average": constant, "critic": critic}
    return tuple(
        Estimator(credit, baseline, weighting, gae_lambda if credit == "gae" else 1.0)
        for weighting in WEIGHTINGS
        for credit, baselines in BASELINES.items()
        if credit != "total" or weighting == "exact"
        for baseline in baselines
        if kept.get(baseline, True)
    )
