"""What the window can ask of the training thread; one queue, in order.

Tuples, as a window has to wait for its first paint while classes are made: a dataclass takes four
times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui.pacing import Pace

if TYPE_CHECKING:
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
