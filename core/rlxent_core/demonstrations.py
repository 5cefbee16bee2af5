"""Worlds and settings that show one thing each about the gradient's variance.

Only what is asked lies here; what is found is measured by :mod:`rlxent_core.demonstrated`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from rlxent_core.settings import Settings

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Demonstration:
    """A bundled world, what is changed of it, and what is compared in it."""

    id: str
    title: str
    world: str
    """The name of a world that comes with the program."""
    settings: Settings = field(default_factory=Settings)
    fields: Changes = field(default_factory=dict)
    """Of the world, changed."""
    estimators: tuple[str, ...] = ()
    """What is compared in the gradient's view: all that its sentence tells of, and no more."""
    arms: tuple[Changes, ...] = ()
    """What is compared in the view of learning."""
    seeds: int = 64
    updates: int = 400
    curves: bool = False
    """Whether what it says is of a whole training, not of one policy."""

    @property
    def view(self) -> Literal["gradient", "learning"]:
        """Where it is looked at."""
        return "learning" if self.arms else "gradient"

    @property
    def part(self) -> Literal["clouds", "along", "results"]:
        """Of that view, where what it says is to be seen."""
        if self.arms:
            return "results"
        return "along" if self.curves else "clouds"

    def settings_of(self, changes: Changes) -> Settings:
        """Those of one arm."""
        return replace(self.settings, **changes)


TABLE = Settings(architecture="table", learning_rate=0.1)


def _to_go(weighting: str, *baselines: str) -> tuple[str, ...]:
    return tuple(f"reward_to_go/{name}/discount={weighting}" for name in baselines)


DEMONSTRATIONS = (
    Demonstration(
        "alive_bonus", "Alive bonus: what is paid anyway", "alive_bonus", TABLE,
        estimators=("total/none", *_to_go("exact", "none", "V")),
    ),
    Demonstration(
        "late_benefit", "Late benefit: a baseline helps most near the end", "sparse5",
        Settings(baseline="exact_value"),  # which is the one that the training’s own curves are of
        estimators=_to_go("practice", "none", "V"), curves=True,
    ),
    Demonstration(
        "two_goals", "Two goals: V at the start and V on the way", "two_goals", TABLE,
        estimators=("total/none", "total/value_at_start", *_to_go("exact", "none", "V")),
    ),
    Demonstration(
        "noise", "Noise: what V(s) cannot take away", "sparse5", TABLE, {"reward_noise": 0.3},
        estimators=(*_to_go("practice", "none", "V"), "gae_0.95/V/discount=practice"),
    ),
    Demonstration(
        "corridor", "Short corridor: a constant beats V(s)", "short_corridor",
        Settings(architecture="table", features="constant", learning_rate=0.1),
        estimators=_to_go("exact", "none", "b_star", "V"),
    ),
    Demonstration(
        "trap", "The trap: stuck for want of a baseline", "trap",
        Settings(architecture="table", optimizer="sgd", learning_rate=5.0, batch_episodes=8),
        arms=({"baseline": "none"}, {"baseline": "leave_one_out"}, {"baseline": "exact_value"}),
    ),
    Demonstration(
        "bandit", "Two-armed bandit: plus 100", "two_armed_bandit", TABLE,
        estimators=("total/none", "total/leave_one_out", "total/b_star"),
    ),
    Demonstration(
        "optimum", "V* is no baseline of this policy", "sparse5", TABLE,
        estimators=_to_go("practice", "none", "V", "V_star"),
    ),
)
BY_ID = MappingProxyType({one.id: one for one in DEMONSTRATIONS})
