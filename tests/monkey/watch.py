"""What must hold whatever is done: no exception, warning or stall, and one world everywhere."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from rlxent_core.world import World
from rlxent_core.world_file import read_file, read_text, write_text
from tests.monkey.room import Room

LOOK = 0.05
"""Seconds between two looks at where a long turn is."""
STUCK = 10.0
"""Seconds by the clock: nothing may wait that long, on any machine."""
QUIET = ("This plugin does not support",)
"""What the offscreen platform says of itself."""
FRAMES = 10.0
"""Seconds within which the display clock strikes."""
SHOWN = 1.0
"""Seconds within which is seen what is new."""
ANSWER = 60.0
"""Seconds within which the training answers, its long work stopped."""
MOST_WINDOWS = 40
CRASH = re.compile(r"^\w+(Error|Exception|Warning): ")


def crowded() -> float:
    """How much longer work may take: up to twice where more programs run than there are cores.

    They take the caches from each other, so that even its processor time grows.
    """
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(max(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0), 2.0)


@dataclass(frozen=True)
class Fault:
    """What went wrong; ``kind`` is the same when the same goes wrong again."""

    kind: str
    story: str


def marked(room: Room) -> tuple[bool, bool]:
    """Whether the title and the header say that there is something to be saved."""
    header: Any = room.app.presenter._display.shown("header")
    return room.window.isWindowModified(), header.edited


class Watch:
    """Collects the faults of the process, from now on."""

    def __init__(self, stall: float) -> None:
        self._stall = stall
        self.faults: list[Fault] = []
        self.turns: list[float] = []
        self._stacks: list[str] = []
        self._can_look = hasattr(signal, "setitimer")
        if self._can_look:
            signal.signal(signal.SIGALRM, self._look)
        sys.excepthook = self._raised
        threading.excepthook = lambda told: self._raised(
            told.exc_type, told.exc_value, told.exc_traceback
        )
        sys.unraisablehook = lambda told: self._raised(
            told.exc_type, told.exc_value, told.exc_traceback
        )
        warnings.simplefilter("always")
        warnings.showwarning = self._warned
        qInstallMessageHandler(self._said)
        self._checked: tuple[World | None, int, int] = (None, 0, 0)

    def report(self, kind: str, story: str) -> None:
        self.faults.append(Fault(kind, story))

    def _raised(
        self, kind: type[BaseException], error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        frames = traceback.extract_tb(where)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
        story = "".join(traceback.format_exception(kind, error, where))
        self.report(f"{kind.__name__} in {place}", story)

    def _warned(
        self, message: Warning | str, category: type[Warning], filename: str, *_: object
    ) -> None:
        """Of Python and NumPy, about this program."""
        if "rlxent" in filename:
            name = Path(filename).name
            self.report(f"{category.__name__} in {name}: {message}", "".join(
                traceback.format_stack(limit=8)
            ))

    def _said(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or any(q in text for q in QUIET):
            return
        stack = "".join(traceback.format_stack(limit=12))
        self.report(f"Qt: {re.sub(r'[0-9]+', 'n', text)}", f"{text}\n{stack}")

    # --- turns of the event loop

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Where a long turn is now: on its own thread, since who looks from another one and holds
        its frames keeps painters from ending."""
        calls = traceback.extract_stack(frame)[-6:]
        self._stacks.append("\n".join(f"  {c.filename}:{c.lineno} {c.name}" for c in calls))

    def _seen(self) -> str:
        """Where the last turn was when looked at, most often first, the innermost call last."""
        most = Counter(self._stacks).most_common(5)
        return "\n".join(f"{n} × at\n{stack}" for stack, n in most)

    def turn(self, event: Callable[[], object]) -> None:
        """Carry out one event and time it."""
        began, clock = time.thread_time(), time.perf_counter()
        self._stacks = []
        if self._can_look:
            signal.setitimer(signal.ITIMER_REAL, LOOK, LOOK)
        event()
        if self._can_look:
            signal.setitimer(signal.ITIMER_REAL, 0)
        taken, waited = time.thread_time() - began, time.perf_counter() - clock
        self.turns.append(taken)
        if taken > self._stall * crowded():
            spent = f"{taken * 1000:.0f} ms of processor time in one turn"
            self.report("stall", f"{spent}\n{self._seen()}")
        elif waited > STUCK:
            self.report("stuck", f"{waited:.1f} s in one turn, waiting\n{self._seen()}")

    # --- one world everywhere

    def check(self, room: Room) -> None:
        """After an act, when the display clock has struck."""
        app, document, window = room.app, room.app.document, room.window
        world, stack = document.world, document.undo_stack
        if document.in_stroke:
            return
        now = (world, stack.index(), stack.count())
        if self._checked[0] is not world or self._checked[1:] != now[1:]:
            self._check_world(room)
            self._checked = (document.world, *now[1:])
        shown = window.board._view.world
        self._same("board", shown == world, f"the board shows\n{shown}\nand the world is\n{world}")
        title, name = window.windowTitle(), f"rlxent — {document.name}[*]"
        self._same("title", title == name, f"{title!r}, not {name!r}")
        marks = marked(room)
        self._same("mark", marks == (document.modified,) * 2, f"{marks}, {document.modified=}")
        for name, can in (("undo", stack.canUndo()), ("redo", stack.canRedo())):
            enabled = app.actions[name].isEnabled()
            self._same(name, enabled == can, f"{name} is enabled: {enabled}, can be done: {can}")
        self._check_threads(room)
        tops = QApplication.topLevelWidgets()
        names = sorted(type(top).__name__ for top in tops)
        self._same("windows", len(tops) <= MOST_WINDOWS, f"{len(tops)} top-level widgets: {names}")

    def _check_world(self, room: Room) -> None:
        """Its text says all of it; undone and redone it is as it was; its file holds it."""
        document = room.app.document
        world, stack = document.world, document.undo_stack
        again = read_text(write_text(world))
        self._same("file", again == world, f"written and read again\n{world}\nbecame\n{again}")
        if stack.canUndo():
            index, modified = stack.index(), document.modified
            self.turn(document.undo)
            self._same("undo", document.world != world, f"nothing was undone: {stack.redoText()}")
            self.turn(document.redo)
            self._same(
                "redo", document.world == world, f"undone and redone\n{world}\nis {document.world}"
            )
            same = (stack.index(), document.modified) == (index, modified)
            self._same("redo", same, f"{stack.index()=}, {index=}, {document.modified=}")
        if document.path is not None and not document.modified:
            saved = read_file(document.path)
            self._same("saved", saved == world, f"the file holds\n{saved}\nand not\n{world}")

    def _check_threads(self, room: Room) -> None:
        app = room.app
        snapshot = app.mailbox.latest()
        failure = snapshot.failure if snapshot is not None else None
        if failure is not None and failure.kind == "crash":
            self.report(f"training: {failure.sentence}", failure.details)
        for name in ("credit", "variance", "learning"):
            said = getattr(app.__dict__.get(name), "_failure", "")
            if isinstance(said, str) and CRASH.match(said):
                self.report(f"{name}: {said}", said)
        if app._clock.isActive() and app.training.ident is not None:
            self._same("thread", app.training.is_alive(), "the training thread has ended")

    def _same(self, kind: str, holds: bool, story: str) -> None:
        if not holds:
            self.report(f"not as it should be: {kind}", story)

    def settle(self, room: Room) -> None:
        """Training answers what was asked last, and trains in the world on the board."""
        presenter = room.app.presenter
        presenter.on_command("stop_work")
        asked = presenter.run._sent

        def answered() -> bool:
            snapshot = room.app.mailbox.latest()
            return snapshot is not None and snapshot.handled >= asked

        if not room.spin(ANSWER, self.turn, answered):
            latest = room.app.mailbox.latest()
            self.report("training does not answer", f"{asked} messages, {latest}")
            return
        run = room.app.training._run
        world = room.app.document.world
        if run is not None and run.failure is None and presenter.run._sent == asked:
            trained = run._trainer.world
            self._same("trained", trained == world, f"trained in\n{trained}\nand not\n{world}")
