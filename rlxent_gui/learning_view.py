"""What the view of learning shows: plain frozen slices, no Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui.estimator_words import Style

if TYPE_CHECKING:
    from rlxent_core.sweep import Grid

Floats = NDArray[np.floating]
Kind = Literal["study", "sweep"]
MODES: dict[str, str] = {"study": "Side by side", "sweep": "Step sizes"}
OUTDATED, UNTRAINED = "Before the change: ", "At update 0: "
MOST_ARMS = 4
MOST_SEEDS = 256
BEFORE = "The last run was stopped at once: this is the one before it."
STOPPED = "Stopped before the end."


@dataclass(frozen=True, eq=False)
class ArmResult:
    """What one setting has come to."""

    name: str
    settings: Settings
    episodes: Floats
    """[K]: of one seed before each point."""
    quartiles: Floats
    """Of the exact J: [3, K]."""
    solved: float
    """The share of seeds that are there."""
    reach: tuple[float, float, float]
    """Quartiles of the episodes to 95 %, the median in the middle; inf where too few got there."""
    note: str = ""
    """How it failed, where it did."""
    style: Style = ("ink", "solid")
    """How its curve is drawn."""

    @property
    def final(self) -> float:
        """The median J at the last point."""
        return float(self.quartiles[1, -1])


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Settings side by side, as far as they have been trained."""

    arms: tuple[ArmResult, ...]
    world: World
    optimum: float
    uniform: float
    seeds: int
    updates: int


@dataclass(frozen=True, eq=False)
class SweepResult:
    """Step sizes times baselines, as far as they have been trained."""

    grid: Grid
    world: World
    settings: Settings
    seeds: int


@dataclass(frozen=True, eq=False)
class LearningAnswer:
    """What the training thread posts while it works, and when it is done."""

    number: int
    """Of the question."""
    done: int = 0
    total: int = 1
    unit: str = "updates"
    """Of what so many are done."""
    over: bool = False
    study: StudyResult | None = None
    sweep: SweepResult | None = None
    sentence: str = ""
    """What a demonstration has shown."""
    failure: str = ""


@dataclass(frozen=True)
class ArmRow:
    """One line of the form."""

    name: str
    settings: Settings
    style: Style = ("ink", "solid")
    """How its curve is drawn, or will be; as that of a result if it is of the same settings."""


@dataclass(frozen=True, eq=False)
class LearningState:
    """All that the view of learning shows."""

    mode: Kind
    rows: tuple[ArmRow, ...]
    seeds: int
    updates: int
    working: Kind | None = None
    done: int = 0
    total: int = 1
    unit: str = "updates"
    study: StudyResult | None = None
    sweep: SweepResult | None = None
    outdated: str = ""
    """Why the result on show is not of what is set now; empty where it is."""
    stopped: bool = False
    """Whether the result on show was not trained to its end."""
    early: bool = False
    """Whether the last training was stopped before there was any result of it."""
    goes_on: str = ""
    """Of what the work under way is, where that has been changed since; empty where it has not."""
    empty: str = ""
    """Instead of a result, where there is none."""
    failure: str = ""

    @property
    def told(self) -> str:
        """What must be known of the result on show; empty where it is of what is set now."""
        result = self.study if self.mode == "study" else self.sweep
        if self.goes_on or result is None:
            return self.goes_on
        parts = (BEFORE if self.early else "", STOPPED if self.stopped else "", self.outdated)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class DemonstrationState:
    """The demonstration that was opened last; no id where there is none."""

    id: str = ""
    title: str = ""
    sentence: str = ""
    measuring: bool = False
    outdated: bool = False
    back: str = ""
    """The name of the world that can be brought back."""
    view: str = "gradient"
    """Where it is looked at: gradient or learning."""
    trained: bool = False
    """Whether it is of a policy that has been trained on since."""

    @property
    def said(self) -> str:
        """The sentence, once there is one, and of what it is where that is not to be seen now."""
        since = OUTDATED if self.outdated else UNTRAINED if self.trained else ""
        if not since or not self.sentence:
            return self.sentence
        return since + self.sentence[0].lower() + self.sentence[1:]
