"""The settings of runs that are trained together, and the numbers in which these may differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from rlxent_core.optimizer import ByRun
from rlxent_core.rollout import TrainingError
from rlxent_core.settings import Settings

OWN_VALUES = ("learning_rate", "critic_learning_rate", "entropy_bonus", "gradient_clip")
"""Settings in which the runs of one trainer may differ."""


def for_runs(settings: Settings | Sequence[Settings], n_runs: int) -> tuple[Settings, ...]:
    """One for each run.

    Raises:
        TrainingError: when there are not as many, or they differ in what all runs share.
    """
    if isinstance(settings, Settings):
        return (settings,) * n_runs
    settings = tuple(settings)
    if len(settings) != n_runs:
        raise TrainingError(f"There are settings for {len(settings)} runs and seeds for {n_runs}.")
    first = settings[0]
    for own in settings:
        if replace(own, **{name: getattr(first, name) for name in OWN_VALUES}) != first:
            raise TrainingError(
                f"Runs trained together may differ only in {', '.join(OWN_VALUES)}."
            )
    return settings


@dataclass(frozen=True, eq=False)
class OwnValues:
    """The :data:`OWN_VALUES` of all runs: a number where they share it, else [N] on the device."""

    learning_rate: ByRun
    critic_learning_rate: ByRun
    gradient_clip: ByRun
    entropy_bonus: Tensor
    """[N] always."""
    bonus_given: bool
    """Whether any run has one."""

    @classmethod
    def of(cls, run_settings: Sequence[Settings], device: torch.device) -> OwnValues:
        """Those of the settings, one for each run."""

        def tensor(values: Sequence[float]) -> Tensor:
            return torch.tensor(values, dtype=torch.float64, device=device)

        def by_run(name: str) -> ByRun:
            values = [float(getattr(own, name)) for own in run_settings]
            return values[0] if len(set(values)) == 1 else tensor(values)

        bonus = [own.entropy_bonus for own in run_settings]
        return cls(
            by_run("learning_rate"), by_run("critic_learning_rate"), by_run("gradient_clip"),
            tensor(bonus), any(bonus),
        )
