"""Between the training thread and the window: one latest snapshot and a lossless ring.

Pure Python.  The thread writes, the window's clock reads; both sides use operations that the
interpreter makes atomic (a reference swap, ``deque.append`` and ``deque.popleft``), so neither
ever waits for the other.  Why all are tuples: see :mod:`rlxent_gui.messages`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlxent_core.world import World
from rlxent_gui.view_state import Flow, RunState, Token

if TYPE_CHECKING:
    from rlxent_core.weightings import EpisodeCredit
    from rlxent_gui.credit_view import Effect
    from rlxent_gui.history import Columns
    from rlxent_gui.learning_view import LearningAnswer
    from rlxent_gui.learnt import Learnt
    from rlxent_gui.variance_view import Survey

Floats = NDArray[np.floating]

WAY = 0.05
"""Seconds that the training waits, at most, while something is drawn."""


class Failure(NamedTuple):
    """Why training stopped, or what it could not do."""

    kind: str
    """not_finite, training or crash."""
    sentence: str
    update: int = 0
    details: str = ""
    back: int | None = None
    """The last update that was well and can be gone back to, where there is one."""


class Progress(NamedTuple):
    """Long work on the training thread."""

    title: str
    done: int
    total: int
    unit: str


class Snapshot(NamedTuple):
    """The training at one moment; arrays are over all cells in row order, of the shown run."""

    run_id: int
    state: RunState
    handled: int = 0
    """How many messages the thread had handled: tells whether the last one is in it."""
    update: int = 0
    episodes: int = 0
    earliest: int = 0
    """The earliest update that can be gone back to."""
    probabilities: Floats | None = None
    values: Floats | None = None
    action_values: Floats | None = None
    visits: Floats | None = None
    token: Token | None = None
    flow: Flow | None = None
    device: str = "cpu"
    parameters: str = ""
    episodes_per_second: float = 0.0
    failure: Failure | None = None
    progress: Progress | None = None


class Moment(NamedTuple):
    """The policy after ``update`` updates, in the world of that time; nan return before any."""

    update: int
    world: World
    probabilities: Floats
    values: Floats
    mean_return: float


class ReturnPoint(NamedTuple):
    """The mean return of one update's episodes, and its running mean."""

    run_id: int
    update: int
    mean_return: float
    running_mean: float
    episodes: int = 0
    """How many there have been so far."""


class VariancePoint(NamedTuple):
    """tr Cov of the gradient, per episode, with and without the baseline; nan: no reward yet.

    Where none is chosen, ``chosen`` is nan and ``label`` empty.  ``others`` are of further
    estimators by name, on the same episodes.
    """

    run_id: int
    update: int
    none: float
    chosen: float
    label: str
    others: tuple[tuple[str, float], ...] = ()


class ExactPoint(NamedTuple):
    """Where the exact tr Cov lies: of "none", "chosen" or another estimator's name."""

    run_id: int
    update: int
    name: str
    value: float


class Rewound(NamedTuple):
    """Training went back to ``update``: what came after it is no longer so."""

    run_id: int
    update: int


class Restored(NamedTuple):
    """A run went on from what another had learnt in ``update`` updates."""

    run_id: int
    update: int
    returns: Columns | None
    """Their returns as they are drawn; None where it did not fit, and the run began anew."""


class Changed(NamedTuple):
    """The world (or a setting) changed after ``update``."""

    run_id: int
    update: int
    what: str


class Measured(NamedTuple):
    """A longer measurement at a held policy has ended; ``sentence`` says what was found."""

    run_id: int
    update: int
    sentence: str


class DeviceFailed(NamedTuple):
    """The accelerator failed; training went on on the CPU, from ``update``."""

    run_id: int
    update: int
    cause: str
    """"out of memory", or what the device said."""
    details: str


class CreditAnswer(NamedTuple):
    """An episode with what its credit is made of, or why there is none."""

    run_id: int
    number: int
    """Of the question."""
    credit: EpisodeCredit | None
    failure: str = ""
    seconds: float = 0.0
    """What it cost the training."""


class EffectAnswer(NamedTuple):
    """What an update would do, or why that cannot be said."""

    run_id: int
    number: int
    effect: Effect | None
    failure: str = ""
    seconds: float = 0.0


class SurveyAnswer(NamedTuple):
    """Several estimators as far as they have been measured, or why they were not."""

    run_id: int
    number: int
    """Of the question."""
    survey: Survey | None
    finished: bool
    failure: str = ""


Event = (
    ReturnPoint | VariancePoint | ExactPoint | Rewound | Restored | Changed | Measured
    | DeviceFailed
)


class Mailbox:
    """A slot each for the latest snapshot and answers, one ring for the history."""

    def __init__(self) -> None:
        self._slot: Snapshot | None = None
        self.credit: CreditAnswer | None = None
        self.effect: EffectAnswer | None = None
        self.learning: LearningAnswer | None = None
        self.survey: SurveyAnswer | None = None
        self.learnt: Learnt | None = None
        self.learnt_aside: Learnt | None = None
        """By the run that another one has the place of."""
        self.give_way_until = 0.0
        """Training waits until then (of ``time.perf_counter``), for the window to draw."""
        self._ring: deque[Event] = deque()

    def let_draw(self) -> None:
        """Wait while the window draws; not on its own thread."""
        while self.give_way_until > time.perf_counter():
            time.sleep(0.001)

    def post(self, snapshot: Snapshot) -> None:
        self._slot = snapshot

    def record(self, event: Event) -> None:
        self._ring.append(event)

    def latest(self) -> Snapshot | None:
        return self._slot

    def drain(self, at_most: int = 20_000) -> Iterator[Event]:
        """What has been recorded since, oldest first; the rest waits for the next call."""
        for _ in range(at_most):
            try:
                yield self._ring.popleft()
            except IndexError:
                return
