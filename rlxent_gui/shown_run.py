"""The run on show: what the training is asked for it, and what it has said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui import messages
from rlxent_gui.curves import Curves
from rlxent_gui.mailbox import (
    DeviceFailed,
    Event,
    Failure,
    Mailbox,
    Measured,
    Restored,
    ReturnPoint,
    Rewound,
    Snapshot,
)
from rlxent_gui.view_state import RunState

if TYPE_CHECKING:
    from rlxent_gui.learnt import Learnt

MAX_GHOSTS = 3


class Board(Protocol):
    """Where the world lies that is trained in."""

    @property
    def world(self) -> World: ...


class LeftRun(NamedTuple):
    """A run that was left as it was: all that the window knows of it."""

    run_id: int
    settings: Settings
    seed: int
    curves: Curves
    ghosts: tuple[Curves, ...]
    snapshot: Snapshot | None
    pasts: int

    @property
    def update(self) -> int:
        """How many updates it had made."""
        return 0 if self.snapshot is None else self.snapshot.update


class ShownRun:
    """Owns settings, seed and device, the latest snapshot, the curves and the ghosts beside them.

    ``outdate`` is told which plots are to be drawn again, or by nothing that all are.
    """

    def __init__(
        self, board: Board, mailbox: Mailbox, post: Callable[[messages.Message], None],
        outdate: Callable[..., None], settings: Settings, seed: int, device: str,
    ) -> None:
        self._board, self._mailbox, self._post, self._outdate = board, mailbox, post, outdate
        self.settings, self.seed, self.device = settings, seed, device
        self.run_id = self._runs = 0
        self.snapshot: Snapshot | None = None
        self.curves = Curves(0, board.world, settings, seed)
        self.ghosts: list[Curves] = []
        self.pasts = 0
        self._left: LeftRun | None = None
        self._loaded = False
        self._wants_to_run = False
        self._begins_at = 0
        self._sent = 0
        self._asked_at = 0

    # --- how it is

    @property
    def update(self) -> int:
        """How many updates it has made, as far as is known."""
        return self.snapshot.update if self.snapshot else self._begins_at

    @property
    def failure(self) -> Failure | None:
        """Why it stopped by itself, if it did."""
        return self.snapshot.failure if self.snapshot else None

    @property
    def broken(self) -> bool:
        """Whether there is no training that could be asked: it could not even begin."""
        snapshot = self.snapshot
        return snapshot is not None and snapshot.failure is not None and (
            snapshot.probabilities is None
        )

    @property
    def running(self) -> bool:
        """Whether it trains, or soon will."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.handled < self._asked_at:
            return self._wants_to_run
        return snapshot.state is RunState.RUNNING

    @property
    def state(self) -> RunState:
        """What is to be shown of it: what was asked for, until that has been handled."""
        snapshot = self.snapshot
        if not self._loaded:
            return RunState.LOADING
        if snapshot is not None and snapshot.state is RunState.STOPPED:
            return RunState.STOPPED
        if self.running:
            return RunState.RUNNING
        return RunState.PAUSED if self.update else RunState.READY

    @property
    def _at_the_start(self) -> bool:
        """Whether nothing has been learnt yet, so that what is changed holds for the whole run."""
        return self.update == 0

    # --- what is asked of the training

    def send(self, message: messages.Message) -> None:
        """Let the training have a message, from whoever: counted here as it is counted there."""
        self._sent += not isinstance(message, messages.Consult)
        self._post(message)

    def ask(self, message: messages.Message, to_run: bool = False) -> None:
        """Until the thread has handled ``message``, what was asked for is what is shown."""
        self._wants_to_run = to_run
        self.send(message)
        self._asked_at = self._sent

    def start(
        self, learnt: Learnt | None = None, changes: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Another run, in the world on the board; it goes on from what another had learnt.

        ``changes`` are what had been changed there, after which updates.
        """
        self._runs += 1
        self.run_id = self._runs
        self.snapshot = None
        self.curves = self._new_curves()
        self._begins_at = 0
        if learnt is not None:
            self._begins_at = learnt.update
            self.curves.changed_before(changes, learnt.update)
        self._outdate()
        self.ask(self._start_message()._replace(learnt=learnt))

    def leave(self) -> LeftRun:
        """Let another run begin; :meth:`come_back` goes on with this one."""
        self.ask(messages.Do.PAUSE)
        self.send(messages.Do.KEEP)
        self._left = LeftRun(
            self.run_id, self.settings, self.seed, self.curves, tuple(self.ghosts),
            self.snapshot, self.pasts,
        )
        # It must not learn of what is done to the world from now on.
        self.curves = self._new_curves()
        return self._left

    def come_back(self, left: LeftRun) -> None:
        """Go on, paused, with a run that was left, once its world is on the board again."""
        self._left = None
        self.run_id, self.curves, self.snapshot = left.run_id, left.curves, left.snapshot
        self.settings, self.seed, self.ghosts = left.settings, left.seed, list(left.ghosts)
        self.pasts = left.pasts
        self._outdate()
        self.ask(messages.BringBack(self._start_message()))
        self.send(messages.MoveTo(self.device))

    def _start_message(self) -> messages.Start:
        return messages.Start(
            self.run_id, self._board.world, self.settings, self.seed, self.device
        )

    def _new_curves(self) -> Curves:
        return Curves(self.run_id, self._board.world, self.settings, self.seed)

    def edit_world(self, world: World) -> None:
        """Go on in the world as it is now."""
        if self._at_the_start:
            self.curves.world = world
        self._outdate("returns")
        self.pasts += 1
        self.send(messages.EditWorld(world))

    def edit_settings(self, changes: Mapping[str, Any]) -> None:
        """Go on with some settings changed.

        Raises:
            SettingsError: when they do not go together; nothing is changed then.
        """
        settings = replace(self.settings, **changes)
        if settings == self.settings:
            return
        self.settings = settings
        if self._at_the_start:
            self.curves.settings = settings
        self._outdate("returns", "variance")
        self.send(messages.EditSettings(settings))

    # --- ghosts

    def add_ghost(self, curves: Curves) -> None:
        """Show the curve of another run beside this one's."""
        self.ghosts = [*self.ghosts, curves][-MAX_GHOSTS:]
        self._outdate("returns")

    def keep_ghost(self) -> None:
        """The old curve stays for comparison; it is shown where the new run differs from it."""
        old = self.curves
        if len(old.ghost[0]) < 2:
            return
        kept = [
            ghost for ghost in self.ghosts
            if (ghost.world, ghost.settings, ghost.seed, ghost.label)
            != (old.world, old.settings, old.seed, old.label)
        ]
        self.ghosts = [*kept, old][-MAX_GHOSTS:]

    # --- what the training says

    def take_events(self) -> list[Measured | DeviceFailed | Restored]:
        """Let the curves have what was recorded; returns what is to be told in words."""
        told: list[Measured | DeviceFailed | Restored] = []
        for (kind, run_id), alike in groupby(self._mailbox.drain(), _kind_and_run):
            if kind is ReturnPoint and run_id == self.run_id:
                self.curves.take_points(cast("list[ReturnPoint]", list(alike)))
                self._outdate()
                continue
            for event in alike:
                self._take_event(event, told)
        return told

    def _take_event(
        self, event: Event, told: list[Measured | DeviceFailed | Restored]
    ) -> None:
        if self._left is not None and event.run_id == self._left.run_id:
            # What it did before it stood still.
            if not isinstance(event, Measured):
                self._left.curves.take(event)
        elif event.run_id != self.run_id:
            return
        elif isinstance(event, Measured | DeviceFailed):
            if isinstance(event, DeviceFailed):
                self.device = "cpu"
            told.append(event)
        else:
            self.curves.take(event)
            if isinstance(event, Restored):
                told.append(event)
            self.pasts += isinstance(event, Rewound)
            if isinstance(event, Rewound) and event.update == 0:
                self.curves.world, self.curves.settings = self._board.world, self.settings
            self._outdate()

    def take(self, latest: Snapshot) -> None:
        """Let a snapshot be what is known, if it is of this run."""
        # One that goes on from what another had learnt is not there before it says so itself.
        waits = latest.run_id < 0 and latest.failure is None and self._begins_at > 0
        self._loaded = latest.state is not RunState.LOADING and not waits
        if waits or (latest.run_id != self.run_id and latest.run_id >= 0):
            return
        if latest.progress is not None and self.snapshot is not None:
            # Long work may replay the past: until it is done, what was seen is what is.
            self.snapshot = self.snapshot._replace(
                state=latest.state, handled=latest.handled, progress=latest.progress
            )
            return
        self.snapshot = latest
        if latest.probabilities is not None and latest.run_id >= 0:
            self.curves.policy.append(latest.update, latest.probabilities)
            self._outdate("cell")


def _kind_and_run(event: Event) -> tuple[type, int]:
    return type(event), event.run_id
