"""Runs the training beside the window: messages in, snapshots and history out.

The thread is the only place of the window's process that imports torch.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from rlxent_gui import messages
from rlxent_gui.device_fault import device_fault, short
from rlxent_gui.mailbox import DeviceFailed, Failure, Mailbox, Snapshot
from rlxent_gui.pacing import DEFAULT_LEVEL, LEVELS
from rlxent_gui.torch_loading import load_torch
from rlxent_gui.view_state import RunState

if TYPE_CHECKING:
    from rlxent_gui.training_run import TrainingRun

SHARE, PACED_SHARE = 50, 6
"""A meter or overlay waits this many times what it cost: flat out, together they take 4 % of the
training's time; a paced training has time to spare."""
SHOWN_EVERY = 0.06
"""Seconds between two snapshots of a training that runs faster than it can be followed; twice as
long flat out."""
BREATH = 0.004
"""Seconds between two looks at whether the window still draws."""
NOTICEABLE = 0.3
"""Seconds that long work takes before it is worth a card."""
REPEATED = (messages.EditWorld, messages.EditSettings, messages.Consult)
"""What has to be done all the same when a device failed over it."""


class TrainingThread(threading.Thread):
    """One queue of messages in, one mailbox out; nothing else is shared."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(name="training", daemon=True)
        self._mailbox = mailbox
        self._messages: queue.SimpleQueue[messages.Message] = queue.SimpleQueue()
        self._backlog: deque[messages.Message] = deque()
        self._pace = LEVELS[DEFAULT_LEVEL]
        self._run: TrainingRun | None = None
        self._kept: TrainingRun | None = None
        self._state = RunState.LOADING
        self._failure: Failure | None = None
        self._run_id = -1
        self._stop_at: int | None = None
        self._wants = messages.WantValues(False)
        self._meter = messages.Meter()
        self._due = 0.0
        self._published = 0.0
        self._work_began = 0.0
        self._quit = False
        self.when_loaded: Callable[[], object] = lambda: None
        """Called on the thread once torch is in memory."""
        self._handled = 0
        self._handlers: dict[type | messages.Do, Callable[..., None]] = {
            messages.Start: self._start,
            messages.Do.KEEP: lambda m: self._keep(),
            messages.BringBack: self._bring_back,
            messages.EditWorld: lambda m: self._with_run(lambda run: run.edit_world(m.world)),
            messages.EditSettings: lambda m: self._with_run(
                lambda run: run.edit_settings(m.settings)
            ),
            messages.MoveTo: lambda m: self._with_run(lambda run: run.move_to(m.device)),
            messages.Do.PLAY: lambda m: self._play(),
            messages.Do.PAUSE: lambda m: self._pause(),
            messages.SetPace: self._set_pace,
            messages.StopAt: self._set_stop,
            messages.Do.STEP: lambda m: self._once(lambda run: run.walk()),
            messages.Do.EPISODE: lambda m: self._once(lambda run: run.walk_to_end()),
            messages.Do.UPDATE: lambda m: self._once(lambda run: run.update()),
            messages.Do.PREVIOUS: lambda m: self._previous(),
            messages.Rewind: self._rewind,
            messages.WantValues: self._want_values,
            messages.Meter: self._follow,
            messages.Measure: lambda m: self._once(
                lambda run: run.measure(m.episodes, self._progress)
            ),
            messages.Consult: lambda m: m.question(self._run, self._progress),
            messages.Do.STOP_WORK: lambda m: None,
            messages.Do.QUIT: lambda m: self._leave(),
        }

    # --- the window's side

    def send(self, message: messages.Message) -> None:
        """Queue a message; never waits."""
        self._messages.put(message)

    def close(self, timeout: float = 10.0) -> None:
        """Ask the thread to end, and wait for it."""
        self.send(messages.Do.QUIT)
        if self.is_alive():
            self.join(timeout)

    # --- the thread's side

    @np.errstate(over="ignore", invalid="ignore")  # what is not finite is looked for, and told
    def run(self) -> None:
        try:
            load_torch()
            self.when_loaded()
        except Exception as error:
            self._crashed(error)
        self._state = RunState.READY if self._failure is None else RunState.STOPPED
        while not self._quit:
            message = self._next_message()
            try:
                if message is not None:
                    self._work_began = time.perf_counter()
                    # Who consults the run gets an answer of his own.
                    self._handled += not isinstance(message, messages.Consult)
                    self._carry_out(message)
                    self._publish()
                else:
                    self._work()
            except Exception as error:
                if not (self._refused(error) or self._went_on_on_cpu(error, message)):
                    self._crashed(error)

    def _carry_out(self, message: messages.Message) -> None:
        kind = message if isinstance(message, messages.Do) else type(message)
        self._handlers[kind](message)

    def _next_message(self) -> messages.Message | None:
        """The next message, or None when it is time to work."""
        if self._backlog:
            return self._backlog.popleft()
        if self._state is not RunState.RUNNING:
            return self._messages.get()
        while True:
            wait = max(self._due - time.perf_counter(), BREATH if self._gives_way else 0.0)
            if wait <= 0 and self._messages.empty():  # so no exception is made at every update
                return None
            try:
                return self._messages.get(timeout=wait) if wait > 0 else self._messages.get_nowait()
            except queue.Empty:
                if not self._gives_way:
                    return None

    @property
    def _gives_way(self) -> bool:
        return self._mailbox.give_way_until > time.perf_counter()

    def _work(self) -> None:
        """One step of the watched episode or one update, as the pace asks."""
        run = self._run
        assert run is not None
        before, now = run.updates, time.perf_counter()
        # What could not be kept up is let go: a slow machine must not be followed by a burst.
        self._due = max(self._due + self._pace.period, now)
        if self._pace.walks:
            run.walk(one_episode=True)
        else:
            run.update()
        if run.failure is not None:
            self._state = RunState.STOPPED
        elif run.updates == self._stop_at != before:
            self._state = RunState.PAUSED
        every = SHOWN_EVERY if self._pace.period else 2 * SHOWN_EVERY
        if self._state is not RunState.RUNNING or now - self._published >= every:
            self._publish()

    def _publish(self) -> None:
        run = self._run
        if run is None:
            self._mailbox.post(
                Snapshot(self._run_id, self._state, self._handled, failure=self._failure)
            )
            return
        if self._state is not RunState.RUNNING:
            run.rest()
        self._published = time.perf_counter()
        share = SHARE if self._pace.period == 0 else PACED_SHARE
        if self._state is not RunState.RUNNING or self._pace.period >= SHOWN_EVERY:
            share = 0
        self._mailbox.post(
            run.snapshot(
                self._state,
                self._handled,
                failure=self._failure or run.failure,
                wants=self._wants,
                share=share,
            )
        )

    # --- messages

    def _start(self, message: messages.Start) -> None:
        from rlxent_core.trainer import TrainingError
        from rlxent_gui.training_run import TrainingRun

        self._run_id, self._run, self._failure = message.run_id, None, None
        self._state = RunState.READY
        try:
            self._run = TrainingRun(self._mailbox, message)
            self._run.follow(self._meter)
            self._stand_still(self._run)
        except (ValueError, TrainingError) as error:
            self._failure = Failure("training", str(error))
            self._state = RunState.STOPPED

    def _keep(self) -> None:
        # What is asked until another one begins is not meant for it.
        self._kept, self._run = self._run, None
        self._mailbox.learnt_aside = self._mailbox.learnt

    def _bring_back(self, message: messages.BringBack) -> None:
        kept, self._kept = self._kept, None
        if kept is None:
            self._start(message.start)
            return
        self._run_id, self._run, self._failure = message.start.run_id, kept, None
        self._run.follow(self._meter)
        self._mailbox.learnt = self._mailbox.learnt_aside
        self._stand_still(kept)

    def _stand_still(self, run: TrainingRun) -> None:
        rest = RunState.PAUSED if run.updates else RunState.READY
        self._state = RunState.STOPPED if run.failure is not None else rest

    def _with_run(self, act: Callable[[TrainingRun], None]) -> None:
        if self._run is None:
            return
        act(self._run)
        if self._run.failure is not None:
            self._state = RunState.STOPPED
        elif self._state is RunState.STOPPED:
            self._state = RunState.PAUSED

    def _once(self, act: Callable[[TrainingRun], None]) -> None:
        """Something asked for by hand: it pauses a run that plays."""
        if self._state is RunState.RUNNING:
            self._state = RunState.PAUSED
        if self._run is None or (self._run.failure and self._state is RunState.STOPPED):
            return
        act(self._run)
        self._state = RunState.STOPPED if self._run.failure else RunState.PAUSED

    def _play(self) -> None:
        if self._run is None or self._state is RunState.STOPPED:
            return
        self._state = RunState.RUNNING
        self._due = time.perf_counter()

    def _pause(self) -> None:
        if self._state is RunState.RUNNING:
            self._state = RunState.PAUSED

    def _set_pace(self, message: messages.SetPace) -> None:
        if self._pace.walks and not message.pace.walks and self._run is not None:
            self._run.stop_watching()
        self._pace = message.pace
        self._due = time.perf_counter() + self._pace.period

    def _set_stop(self, message: messages.StopAt) -> None:
        self._stop_at = message.update

    def _previous(self) -> None:
        self._pause()
        if self._run is not None and self._run.updates > self._run.earliest:
            self._rewind(messages.Rewind(self._run.updates - 1))

    def _rewind(self, message: messages.Rewind) -> None:
        if self._run is None:
            return
        if self._state is RunState.RUNNING:
            self._state = RunState.PAUSED
        self._run.rewind(message.update, self._progress)
        self._state = RunState.PAUSED

    def _want_values(self, message: messages.WantValues) -> None:
        self._wants = message

    def _follow(self, message: messages.Meter) -> None:
        self._meter = message
        if self._run is not None:
            self._run.follow(message)

    def _progress(self, title: str, done: int, total: int, unit: str) -> bool:
        """Show how far long work has come; False when it is to be given up."""
        assert self._run is not None
        now = time.perf_counter()
        if now - self._work_began > NOTICEABLE and now - self._published >= SHOWN_EVERY:
            self._published = now
            self._mailbox.post(self._run.progressing(self._handled, title, done, total, unit))
        return not self._interrupted()

    def _interrupted(self) -> bool:
        """Whether a message waits that ends long work; all are kept, in order."""
        while True:
            try:
                self._backlog.append(self._messages.get_nowait())
            except queue.Empty:
                break
        return any(_ends_work(message) for message in self._backlog)

    def _leave(self) -> None:
        self._quit = True

    def _refused(self, error: Exception) -> bool:
        """Whether the run has no memory for its settings, as after a move to the CPU."""
        if self._run is None or not self._run.refuses(error):
            return False
        self._state = RunState.STOPPED
        self._publish()
        return True

    def _went_on_on_cpu(self, error: Exception, message: messages.Message | None) -> bool:
        """Whether a device alone was at fault, and the run could go on without it, and does."""
        cause, run = device_fault(error), self._run
        if not cause:
            return False
        try:
            if isinstance(message, messages.Start) and message.device != "cpu":
                self._start(message._replace(device="cpu"))
                run = self._run
            elif run is not None and not run.on_cpu:
                run.go_on_on_cpu()
                if run.failure is not None:
                    self._state = RunState.STOPPED
            else:
                return False
            updates = run.updates if run is not None else 0
            self._mailbox.record(DeviceFailed(self._run_id, updates, cause, details_of(error)))
            if isinstance(message, REPEATED):
                self._carry_out(message)
            self._publish()
        except Exception:
            return False
        return True

    def _crashed(self, error: Exception) -> None:
        """Nothing may end the thread: the cause is shown, and the drawing is untouched."""
        run, sentence = self._run, short(f"{type(error).__name__}: {error}")
        failure = Failure("crash", f"{sentence}.", details=details_of(error))
        self._state = RunState.STOPPED
        try:
            if run is not None:
                run.failure = failure._replace(back=run.whole_updates)
                self._publish()
                return
        except Exception:
            self._run = None  # not even to be looked at any more
        self._failure = failure
        self._publish()


def _ends_work(message: messages.Message) -> bool:
    return message in (messages.Do.STOP_WORK, messages.Do.QUIT) or isinstance(
        message, messages.Start | messages.BringBack
    )


def details_of(error: Exception) -> str:
    """All that Python says of it."""
    return "".join(traceback.format_exception(error))
