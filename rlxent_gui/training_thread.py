"""Runs the training beside the window: messages in, snapshots and history out.

The thread is the only place of the window's process that imports torch, and it does so after the
libraries themselves have been loaded with the interpreter released, so that the window lives.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import queue
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rlxent_gui import messages
from rlxent_gui.mailbox import Failure, Mailbox, Snapshot
from rlxent_gui.pacing import DEFAULT_LEVEL, LEVELS
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
        self._handlers: dict[type, Callable[..., None]] = {
            messages.Start: self._start,
            messages.Keep: lambda m: self._keep(),
            messages.BringBack: self._bring_back,
            messages.EditWorld: lambda m: self._with_run(lambda run: run.edit_world(m.world)),
            messages.EditSettings: lambda m: self._with_run(
                lambda run: run.edit_settings(m.settings)
            ),
            messages.MoveTo: lambda m: self._with_run(lambda run: run.move_to(m.device)),
            messages.Play: lambda m: self._play(),
            messages.Pause: lambda m: self._pause(),
            messages.SetPace: self._set_pace,
            messages.StopAt: self._set_stop,
            messages.Step: lambda m: self._once(lambda run: run.walk()),
            messages.Episode: lambda m: self._once(lambda run: run.walk_to_end()),
            messages.Update: lambda m: self._once(lambda run: run.update()),
            messages.Rewind: self._rewind,
            messages.WantValues: self._want_values,
            messages.Meter: self._follow,
            messages.Measure: lambda m: self._once(
                lambda run: run.measure(m.episodes, self._progress)
            ),
            messages.Consult: lambda m: m.question(self._run, self._progress),
            messages.StopWork: lambda m: None,
            messages.Quit: lambda m: self._leave(),
        }

    # --- the window's side

    def send(self, message: messages.Message) -> None:
        """Queue a message; never waits."""
        self._messages.put(message)

    def close(self, timeout: float = 10.0) -> None:
        """Ask the thread to end, and wait for it."""
        self.send(messages.Quit())
        if self.is_alive():
            self.join(timeout)

    # --- the thread's side

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
                    # Who consults the run gets an answer of his own.
                    self._handled += not isinstance(message, messages.Consult)
                    self._handlers[type(message)](message)
                    self._publish()
                else:
                    self._work()
            except Exception as error:
                self._crashed(error)

    def _next_message(self) -> messages.Message | None:
        """The next message, or None when it is time to work."""
        if self._backlog:
            return self._backlog.popleft()
        if self._state is not RunState.RUNNING:
            return self._messages.get()
        while True:
            wait = max(self._due - time.perf_counter(), BREATH if self._gives_way else 0.0)
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
        from rlxent_gui.training_run import TrainingRun

        self._run_id, self._run, self._failure = message.run_id, None, None
        self._state = RunState.READY
        try:
            self._run = TrainingRun(self._mailbox, message)
            self._run.follow(self._meter)
        except ValueError as error:
            self._failure = Failure("training", str(error))
            self._state = RunState.STOPPED

    def _keep(self) -> None:
        # What is asked until another one begins is not meant for it.
        self._kept, self._run = self._run, None

    def _bring_back(self, message: messages.BringBack) -> None:
        kept, self._kept = self._kept, None
        if kept is None:
            self._start(message.start)
            return
        self._run_id, self._run, self._failure = message.start.run_id, kept, None
        self._run.follow(self._meter)
        rest = RunState.PAUSED if kept.updates else RunState.READY
        self._state = RunState.STOPPED if kept.failure is not None else rest

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
        if done == 0:
            self._work_began = now
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
        ends = (messages.StopWork, messages.Quit, messages.Start, messages.BringBack)
        return any(isinstance(message, ends) for message in self._backlog)

    def _leave(self) -> None:
        self._quit = True

    def _crashed(self, error: Exception) -> None:
        """Nothing may end the thread: the cause is shown, and the drawing is untouched."""
        details = "".join(traceback.format_exception(error))
        failure = Failure("crash", f"{type(error).__name__}: {error}", details=details)
        self._state = RunState.STOPPED
        if self._run is not None:
            self._run.failure = failure
        else:
            self._failure = failure
        self._publish()


def load_torch() -> None:
    """Import torch while the window's thread goes on.

    The shared libraries are loaded first, through a foreign call: that releases the interpreter,
    which ``ctypes.CDLL`` itself, opening them, does not.  The import that follows finds them in
    memory.  What cannot be loaded ahead is simply loaded by the import.
    """
    spec = importlib.util.find_spec("torch")
    if spec is not None and spec.submodule_search_locations and "torch" not in sys.modules:
        folder = Path(next(iter(spec.submodule_search_locations))) / "lib"
        for name in ("c10", "torch_cpu", "torch", "torch_python"):
            if not _load_library(folder, name):
                break
    import torch

    torch.set_num_threads(1)


def _load_library(folder: Path, name: str) -> bool:
    """Whether the library is in memory now; the interpreter is released meanwhile."""
    if sys.platform == "win32":
        load = ctypes.WinDLL("kernel32").LoadLibraryExW
        load.argtypes = (ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32)
        load.restype = ctypes.c_void_p
        # LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS
        return bool(load(str(folder / f"{name}.dll"), None, 0x100 | 0x1000))
    suffix = "dylib" if sys.platform == "darwin" else "so"
    load = ctypes.CDLL(None).dlopen
    load.argtypes = (ctypes.c_char_p, ctypes.c_int)
    load.restype = ctypes.c_void_p
    return bool(load(str(folder / f"lib{name}.{suffix}").encode(), os.RTLD_LAZY))
