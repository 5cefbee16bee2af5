"""What is set in the view of learning: which settings to compare, on how many seeds, how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rlxent_core.arm_names import arm_names
from rlxent_core.settings import Settings, SettingsError
from rlxent_gui.display import Run
from rlxent_gui.estimator_words import Style, styles
from rlxent_gui.learning_view import MOST_ARMS, MOST_SEEDS, ArmRow, Kind

SEEDS: dict[Kind, int] = {"study": 32, "sweep": 16}
MOST_UPDATES, FEWEST_UPDATES = 400, 100
"""Of what is suggested: fewer where episodes are long."""
LIMIT = 10_000
"""Most updates that can be asked for."""


class LearningForm:
    """Owns what is to be compared.  What an arm does not set follows the training's settings."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.mode: Kind = "study"
        """What is seen, and trained by Run."""
        self._arms: list[dict[str, Any]] | None = None
        self._seeds = dict(SEEDS)
        self._updates: dict[Kind, int | None] = {"study": None, "sweep": None}

    # --- what the user sets

    def change(self, index: int, changes: Mapping[str, Any]) -> None:
        """Change some settings of an arm, one after the other; what does not go is left out."""
        if index >= len(self._own_arms):  # typed in a row that went before the number was taken
            return
        arm = {**self._own_arms[index], **changes}
        try:
            self._resolved(arm)
        except SettingsError:
            return
        self._own_arms[index] = arm

    def add(self) -> None:
        """One more like the last."""
        self.duplicate(len(self._own_arms) - 1)

    def duplicate(self, index: int) -> None:
        """One more like this, below it, while there are fewer than :data:`MOST_ARMS`."""
        if len(self._own_arms) < MOST_ARMS:
            self._own_arms.insert(index + 1, dict(self._own_arms[index]))

    def remove(self, index: int) -> None:
        """One stays at least."""
        if len(self._own_arms) > 1:
            del self._own_arms[index]

    def set_seeds(self, seeds: float) -> None:
        """For the mode that is seen; as near as is allowed."""
        self._seeds[self.mode] = min(max(int(seeds), 1), MOST_SEEDS)

    def set_updates(self, updates: float) -> None:
        """For the mode that is seen; as near as is allowed."""
        self._updates[self.mode] = min(max(int(updates), 1), LIMIT)

    def compare(self, arms: Iterable[Mapping[str, Any]], seeds: int, updates: int) -> None:
        """Side by side these, each by what it sets otherwise than the training."""
        self.mode, self._arms = "study", [dict(arm) for arm in arms]
        self._seeds["study"], self._updates["study"] = seeds, updates

    def keep(self) -> Callable[[], None]:
        """What sets all this again as it is now."""
        arms = None if self._arms is None else list(self._arms)
        kept = self.mode, arms, dict(self._seeds), dict(self._updates)

        def put_back() -> None:
            self.mode, self._arms, self._seeds, self._updates = kept

        return put_back

    # --- what that comes to

    def seeds(self, kind: Kind) -> int:
        """How many for each setting."""
        return self._seeds[kind]

    def updates(self, kind: Kind) -> int:
        """How many of each seed: as set, or as suggested for the world."""
        chosen, steps = self._updates[kind], self._run.world.max_steps or 100
        suggested = min(max(100 * MOST_UPDATES // steps, FEWEST_UPDATES), MOST_UPDATES)
        return suggested if chosen is None else chosen

    def arms(self, kind: Kind) -> tuple[Settings, ...]:
        """What would be trained now."""
        return self._settings if kind == "study" else (self._run.settings,)

    def rows(self, shown: Sequence[tuple[Settings, Style]]) -> tuple[ArmRow, ...]:
        """The arms with their names, and with looks that go with what is ``shown``."""
        arms = self._settings
        parts = zip(arm_names(arms), arms, styles(arms, shown), strict=True)
        return tuple(ArmRow(*part) for part in parts)

    @property
    def _settings(self) -> tuple[Settings, ...]:
        return tuple(map(self._resolved, self._own_arms))

    @property
    def _own_arms(self) -> list[dict[str, Any]]:
        """What the arms set otherwise than the training."""
        if self._arms is None:
            self._arms = [
                {"credit": self._plain_credit, "baseline": baseline}
                for baseline in ("none", "leave_one_out", "exact_value")
            ]
            self._arms.append({"credit": "gae", "gae_lambda": 0.95, "baseline": "critic"})
        return self._arms

    @property
    def _plain_credit(self) -> str:
        """The training's, or what goes with any baseline."""
        own = self._run.settings.credit
        return "reward_to_go" if own == "gae" else own

    def _resolved(self, arm: dict[str, Any]) -> Settings:
        """The arm's settings; where it says nothing of its credit, one that goes with the rest.

        Raises:
            SettingsError: when it says what does not go together.
        """
        own = self._run.settings
        if arm.get("baseline", own.baseline) not in ("critic", "exact_value"):
            arm = {"credit": self._plain_credit, **arm}
        return replace(own, **arm)
