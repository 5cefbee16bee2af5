"""What a scene asks of the run: each is sent as a :class:`~rlxent_gui.messages.Consult`.

They are called with the run on the training thread, between two updates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rlxent_core.settings import Settings
from rlxent_core.world import World

if TYPE_CHECKING:
    from rlxent_core.stored_episodes import StoredEpisodes
    from rlxent_core.weightings import EpisodeCredit
    from rlxent_gui.learning_view import LearningAnswer

Pick = int | Literal["best", "median", "worst"]
"""Which of a batch's episodes: an index, or by its return."""


@dataclass(frozen=True, eq=False)
class AskEpisode:
    """An episode and what its credit is made of.

    The answer is a :class:`~rlxent_gui.mailbox.CreditAnswer` in the mailbox, with the number of
    the question.
    """

    number: int
    batch: str
    """latest (of the last update), new, stored, or held: the one of the answer before."""
    pick: Pick = 0
    now: bool = False
    """Whether policy and values are to be those of now, not those it was drawn with."""
    stored: StoredEpisodes | None = None

    def __call__(self, run: Any, report: object) -> None:
        if run is not None:
            run.answer_episode(self)


@dataclass(frozen=True, eq=False)
class AskEffect:
    """What an update would do to every cell's policy."""

    number: int
    credit: EpisodeCredit
    kind: str
    weighting: str
    learned: bool
    gae_lambda: float
    step: int

    def __call__(self, run: Any, report: object) -> None:
        if run is not None:
            run.answer_effect(self)


@dataclass(frozen=True, eq=False)
class AskLearning:
    """Beside the run: settings side by side, step sizes, or a demonstration.

    Answers are given to ``post`` again and again; the last one is ``over``.  ``arms`` are the
    settings of a study; a sweep has one, which it varies.
    """

    number: int
    kind: Literal["study", "sweep", "demonstration"]
    world: World
    post: Callable[[LearningAnswer], None]
    arms: tuple[Settings, ...] = ()
    seeds: int = 1
    updates: int = 1
    demonstration: str = ""
    seed: int = 0

    def __call__(self, run: Any, report: Callable[[str, int, int, str], bool]) -> None:
        if run is None:
            from rlxent_gui.learning_view import LearningAnswer

            failure = "This world cannot be trained on."
            self.post(LearningAnswer(self.number, over=True, failure=failure))
        else:
            run.answer_learning(self, report)


@dataclass(frozen=True, eq=False)
class AskSurvey:
    """Several estimators' variance at one frozen policy.

    The answers are :class:`~rlxent_gui.mailbox.SurveyAnswer` in the mailbox, the last of them
    finished.
    """

    number: int
    episodes: int
    """In all; what has been drawn of them is kept."""
    anew: bool = False
    """At the policy as it is now, instead of the one that was looked at."""
    exact: bool = False
    """Also work out what can be known without drawing."""
    pasts: int = 0
    """Given back with what is measured anew: which past the window believed it to be of."""

    def __call__(self, run: Any, report: Callable[[str, int, int, str], bool]) -> None:
        if run is not None:
            run.answer_survey(self, report)
