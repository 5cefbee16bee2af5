"""What the window can ask of the training thread; one queue, in order.

Tuples, since a window has to wait for its first paint while classes are made: dataclasses of all
these took a hundredth of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui.pacing import Pace

if TYPE_CHECKING:
    from rlxent_core.stored_episodes import StoredEpisodes
    from rlxent_core.weightings import EpisodeCredit
    from rlxent_gui.learning_view import LearningAnswer
    from rlxent_gui.learnt import Learnt


class Do(Enum):
    """What needs no further word."""

    KEEP = auto()
    """Keep the run for :class:`BringBack`; until another one begins there is none."""
    PLAY = auto()
    PAUSE = auto()
    STEP = auto()
    """One time step of the watched episode."""
    EPISODE = auto()
    """To the end of the watched episode, or through the next one."""
    UPDATE = auto()
    """One whole update."""
    PREVIOUS = auto()
    """Back by one update from wherever training is by then."""
    STOP_WORK = auto()
    """Give up the long work under way."""
    QUIT = auto()


class Start(NamedTuple):
    """Begin a run anew, paused, at update 0 or where ``learnt`` is."""

    run_id: int
    world: World
    settings: Settings
    seed: int
    device: str
    learnt: Learnt | None = None


class BringBack(NamedTuple):
    """Go on with the run that was kept, paused; where there was none, begin one."""

    start: Start


class EditWorld(NamedTuple):
    world: World


class EditSettings(NamedTuple):
    settings: Settings


class MoveTo(NamedTuple):
    """Go on with the same run on another device: auto, cpu or cuda."""

    device: str


class SetPace(NamedTuple):
    pace: Pace


class StopAt(NamedTuple):
    update: int | None


class Rewind(NamedTuple):
    """Back to the state after ``update`` updates."""

    update: int


class WantValues(NamedTuple):
    """Whether V of the current policy is on show anywhere, and whether its Q is."""

    wanted: bool
    by_action: bool = False


class Measure(NamedTuple):
    """Measure the gradient's variance at the policy as it is, over many episodes."""

    episodes: int


class Consult(NamedTuple):
    """Let ``question(run, report)`` look at the run between two updates; ``None`` if there is none.

    It is called on the training thread, and gives its answer itself.
    """

    question: Callable[[Any, Callable[[str, int, int, str], bool]], None]


Pick = int | Literal["best", "median", "worst"]
"""Which of a batch's episodes: an index, or by its return."""


@dataclass(frozen=True, eq=False)
class AskEpisode:
    """A question to consult a run with: an episode and what its credit is made of.

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
    """A question to consult a run with: what an update would do to every cell's policy."""

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
    """A question beside the run: settings side by side, step sizes, or a demonstration.

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
    """A question to consult a run with: several estimators' variance at one frozen policy.

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


class Meter(NamedTuple):
    """What the live meter measures beside the training's own estimator and that without a baseline.

    ``exact``: also where the exact variance lies, now and then, where that is quick.
    """

    estimators: tuple[str, ...] = ()
    exact: bool = False


Message = (
    Do | Start | BringBack | EditWorld | EditSettings | MoveTo | SetPace | StopAt | Rewind
    | WantValues | Measure | Meter | Consult
)
