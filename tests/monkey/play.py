"""Monkeys at work, each in a process of its own: what crashes it is a fault like any other."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.monkey.shrink import shrink

if TYPE_CHECKING:
    from tests.monkey.hands import Act
    from tests.monkey.room import Room
    from tests.monkey.watch import Watch

Meddle = Callable[[Any], object]
SETTLES = 50
"""Acts between two looks at whether training answers and trains in the world on the board."""
SCREENS = (
    ((2560, 1440),), ((1920, 1080),), ((1366, 768),), ((1920, 1080), (1280, 720)),
)
"""One of them a seed: on two screens, one of them is for the room."""
PRELOADED = ["torch", "tests.monkey.room", "rlxent_gui.training_run"]
STALL = 0.25
"""Seconds of the window's thread that one turn of the event loop may take.

Of its processor time, so that other programs on the machine make no false alarm; a wait for
another thread is not in it.
"""
SILENT = 120.0
"""Seconds without a word of the process: it hangs."""


@dataclass
class Told:
    """What a process said before it ended."""

    acts: list[Act] = field(default_factory=list)
    kind: str = ""
    story: str = ""
    turns: list[float] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.kind)


def play(
    seed: int, number: int, acts: Sequence[Act] | None = None, fresh: bool = True,
    stall: float = STALL, meddle: Meddle | None = None,
) -> Told:
    """Let a monkey do ``number`` random acts, or these; up to the first fault.

    ``fresh``: in a new interpreter, which has torch still to load as a user's; else in the copy of
    one that has imported everything, where the system can do that.  A turn of the event loop that
    takes more than ``stall`` seconds of processor time is a fault.  ``meddle``, a function of a
    module, is called with the program in the process.
    """
    copies = "forkserver" in multiprocessing.get_all_start_methods() and not fresh
    context: Any = multiprocessing.get_context("forkserver" if copies else "spawn")
    if copies:
        context.set_forkserver_preload(PRELOADED)
    told = Told()
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        arguments = (theirs, folder, seed, number, acts, stall, meddle)
        process = context.Process(target=_work, args=arguments)
        process.start()
        theirs.close()
        ended = _listen(ours, told)
        if not ended and process.is_alive():
            process.kill()
        process.join()
        if not told.kind and not ended:
            trace = Path(folder, "crash.txt")
            told.kind = f"the process died: {process.exitcode}"
            told.story = trace.read_text(encoding="utf-8") if trace.exists() else ""
    return told


def _listen(pipe: Connection, told: Told) -> bool:
    """Take down what is said; whether it came to an end of its own."""
    with contextlib.suppress(EOFError):
        while pipe.poll(SILENT):
            what, value = pipe.recv()
            if what == "act":
                told.acts.append(value)
            elif what == "fault":
                told.kind, told.story = value
            else:
                told.turns = value
                return True
        told.kind, told.story = "hangs", f"not a word for {SILENT:.0f} s"
    return False


def shrunk(
    told: Told, seed: int, seconds: float, stall: float = STALL, meddle: Meddle | None = None
) -> Told:
    """The shortest list of acts that goes wrong in the same way, as far as it can be found in time.

    Returns ``told`` unchanged but for its ``acts``; those are all where it does not happen again.
    """
    until = time.monotonic() + seconds

    def fails(acts: list[Act]) -> bool:
        return play(seed, 0, acts, False, stall, meddle).kind == told.kind

    best = shrink(told.acts, fails, lambda: time.monotonic() < until)
    return Told(best, told.kind, told.story, told.turns)


# --- in the process


def _work(
    pipe: Connection, folder: str, seed: int, number: int, acts: Sequence[Act] | None,
    stall: float, meddle: Meddle | None,
) -> None:
    _settle_in(Path(folder), SCREENS[seed % len(SCREENS)])
    from PySide6.QtWidgets import QApplication

    from tests.monkey.room import Room
    from tests.monkey.watch import Watch
    from tests.monkey.whims import Whims

    trace = Path(folder, "crash.txt").open("w", encoding="utf-8")  # noqa: SIM115, to the end
    faulthandler.enable(trace)
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    watch = Watch(stall)
    before = set(threading.enumerate())
    room, whims = Room(Path(folder)), Whims(seed)
    if meddle is not None:
        meddle(room.app)
    if acts is None:
        _acts(pipe, room, watch, (whims.next(room) for _ in range(number)))
    else:
        _acts(pipe, room, watch, acts)
    if not watch.faults:
        _end(room, watch, before)
    for fault in watch.faults[:1]:
        pipe.send(("fault", (fault.kind, fault.story)))
    with contextlib.suppress(BrokenPipeError):
        pipe.send(("end", watch.turns))
    pipe.close()
    sys.stdout.flush()
    if not watch.faults:
        return
    os._exit(1)  # what is broken may not end by itself


def _acts(pipe: Connection, room: Room, watch: Watch, acts: Iterable[Act]) -> None:
    """Act after act, up to the first fault."""
    from tests.monkey.hands import Hands

    hands = Hands(room, watch.turn)
    for done, act in enumerate(acts, start=1):
        pipe.send(("act", act))
        try:
            _one(room, watch, hands, act)
            if done % SETTLES == 0:
                watch.settle(room)
        except Exception:
            watch._raised(*sys.exc_info())  # type: ignore[arg-type]
        if watch.faults:
            return


def _one(room: Room, watch: Watch, hands: Any, act: Act) -> None:
    from tests.monkey.watch import FRAMES, SHOWN, marked

    hands.do(act)
    if room.closed:
        room.reopen()
    presenter = room.app.presenter
    frame = presenter._frame
    if not room.spin(FRAMES, watch.turn, lambda: presenter._frame > frame):
        watch.report("the display clock stands still", f"for {FRAMES} s")
    # While it trains not every frame shows what is new.
    room.spin(SHOWN, watch.turn, lambda: marked(room) == (room.app.document.modified,) * 2)
    watch.check(room)


def _end(room: Room, watch: Watch, before: set[threading.Thread]) -> None:
    """Close everything: no thread is left, and no copy of unsaved work."""
    watch.settle(room)
    room.close()
    deadline = time.monotonic() + 5
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            watch.report("left behind: a thread", f"{thread} still runs")
    copies = [path.name for path in (room.folder / "autosave").glob("*.json")]
    if copies:
        watch.report("left behind: a copy of unsaved work", str(copies))


def _settle_in(folder: Path, sizes: tuple[tuple[int, int], ...]) -> None:
    """Nobody's files and settings but this folder's; screens of these sizes, side by side."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        os.environ[name] = str(folder / "home")
    for name in ("RLXENT_CONFIG_DIR", "RLXENT_DATA_DIR"):
        os.environ[name] = str(folder / "home")
    screens = [
        {"name": f"screen{k}", "x": 4000 * k, "y": 0, "width": width, "height": height,
         "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
        for k, (width, height) in enumerate(sizes)
    ]
    path = folder / "screens.json"
    path.write_text(json.dumps({"screens": screens}), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={path}"
