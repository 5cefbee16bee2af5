"""How large a step each baseline allows: step sizes times baselines, each trained from many seeds.

A baseline does not make a given step better so much as it lets larger ones be taken; whether that
is so in a world is measured here, never assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rlxent_core.arm_names import baseline_name, short
from rlxent_core.mdp import Floats
from rlxent_core.settings import Settings, descriptions
from rlxent_core.study import Curve, GoOn, Study, always, nothing
from rlxent_core.way import Way
from rlxent_core.world import World

TIMES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Step sizes that are tried, times the training's own."""
SOLVED = 0.9
"""The share of seeds that counts as all that matter."""
POINTS = 20
"""Looks at every arm on the way."""

BASELINES: tuple[dict[str, Any], ...] = (
    {"baseline": "none"},
    {"baseline": "leave_one_out"},
    {"baseline": "exact_value"},
    {"credit": "gae", "baseline": "critic"},
)


def rates(settings: Settings) -> tuple[float, ...]:
    """The step sizes around the training's own that may be set."""
    about = descriptions()["learning_rate"]
    tried = (float(f"{settings.learning_rate * times:.2g}") for times in TIMES)
    return tuple(rate for rate in tried if about.low <= rate <= about.high)


def rows(settings: Settings) -> tuple[Settings, ...]:
    """The baselines that are compared, with otherwise the training's own settings."""
    credit = "reward_to_go" if settings.credit == "gae" else settings.credit
    return tuple(replace(settings, **{"credit": credit, **own}) for own in BASELINES)


@dataclass(frozen=True, eq=False)
class Grid:
    """What has been found so far; arrays are [baselines, step sizes]."""

    names: tuple[str, ...]
    rates: tuple[float, ...]
    share: Floats
    """The median seed's share of the way from the uniform policy to the optimum; nan for none."""
    solved: Floats
    """The share of seeds that have come 95 % of the way."""
    stuck: Floats
    """The share of seeds that are not there and do not move any more."""
    diverged: Floats
    """The update in which the numbers stopped being finite; nan where they are."""
    updates: int
    """How many each is to make."""
    whole: bool
    """Whether all have made them."""

    def largest(self) -> tuple[float | None, ...]:
        """The largest step size at which :data:`SOLVED` of the seeds are there, by baseline."""
        fits = self.solved >= SOLVED - 1e-9
        return tuple(
            next((rate for rate, fit in zip(self.rates[::-1], row[::-1], strict=True) if fit), None)
            for row in fits
        )

    @property
    def best(self) -> tuple[int | None, ...]:
        """The column of each row's best cell: most seeds solved, then the largest share."""
        found: list[int | None] = []
        for solved, share in zip(self.solved, self.share, strict=True):
            order = [(s, x, -i) for i, (s, x) in enumerate(zip(solved, share, strict=True))
                     if math.isfinite(x)]
            found.append(-max(order)[2] if order else None)
        return tuple(found)

    def sentence(self) -> str:
        """What was measured, and whether a baseline allowed larger steps."""
        largest, share = self.largest(), f"{SOLVED:.0%}".replace("%", " %")
        if not any(largest):
            return f"After {self.updates:,} updates no step size here has {share} of the seeds" \
                " solved, whatever the baseline."
        parts = [
            f"{'none' if rate is None else short(rate)} with {name}"
            for name, rate in zip(self.names, largest, strict=True)
        ]
        found = f"The largest step at which {share} of the seeds are solved: {', '.join(parts)}."
        return f"{found} {self._moral(largest)}"

    def _moral(self, largest: Sequence[float | None]) -> str:
        without, *others = largest
        if without is None:
            return "Without a baseline no step size here was enough."
        larger = [rate is not None and rate > without for rate in others]
        if all(larger):
            return "Every baseline allows larger steps here than training without one."
        if not any(larger):
            return "None of the baselines allows larger steps here than training without one."
        names = [n for n, is_larger in zip(self.names[1:], larger, strict=True) if is_larger]
        verb = "allows" if len(names) == 1 else "allow"
        return f"Here {' and '.join(names)} {verb} larger steps than training without a baseline."


class Sweep:
    """Baselines times step sizes, all with the same seeds; every cell grows at the same pace.

    Raises:
        TrainingError: when the world cannot be trained on.
        StoppedError: when ``go_on`` said so, see :class:`Study`.
    """

    def __init__(
        self, world: World, settings: Settings, seeds: Sequence[int], updates: int,
        go_on: GoOn = always,
    ) -> None:
        self.rates, self._rows = rates(settings), rows(settings)
        arms = [replace(row, learning_rate=rate) for row in self._rows for rate in self.rates]
        self.study = Study(world, arms, seeds, updates, points=POINTS, go_on=go_on)

    def run(
        self, go_on: Callable[[int, int, str], bool] = always,
        hold: Callable[[], object] = nothing,
    ) -> bool:
        """All of it; ``go_on(*study.progress)`` is asked all the time.  False if it said stop.

        ``hold`` is that of :meth:`Study.steps`.
        """
        return all(go_on(*self.study.progress) for _ in self.study.steps(hold))

    def grid(self) -> Grid:
        """As far as it has come."""
        way, shape = self.study.way, (len(self._rows), len(self.rates))
        curves = [arm.curve for arm in self.study.arms]

        def laid_out(values: Sequence[float | None]) -> Floats:
            return np.array([math.nan if v is None else v for v in values]).reshape(shape)

        seeds = curves[0].values.shape[1]
        return Grid(
            tuple(map(baseline_name, self._rows)), self.rates,
            share=laid_out([_share(way, c) for c in curves]),
            solved=laid_out([c.solved for c in curves]),
            stuck=laid_out([float(c.at_rest.sum()) / seeds for c in curves]),
            diverged=laid_out([c.diverged_at for c in curves]),
            updates=self.study.updates,
            whole=self.study.done == self.study.total,
        )


def _share(way: Way, curve: Curve) -> float | None:
    return way.fraction(float(np.median(curve.values[-1]))) if len(curve.values) else None
