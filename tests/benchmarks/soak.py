"""Hours of training in minutes, with the window open: does anything grow, slow down or stay behind?

    python tests/benchmarks/soak.py                    1,000,000 updates on 5 × 5, 20,000 on 20 × 20
    python tests/benchmarks/soak.py --updates 50000    fewer on 5 × 5; --large for those on 20 × 20

Runs offscreen, or on the screen there is when QT_QPA_PLATFORM says so.  Prints a table, and ends
with status 1 where one of its rows fails:

- memory: at most 5 % more at the end than after the warm-up, a tenth of the updates and at least
  30,000 on the small world and 10,000 on the large one: then what keeps the past fills its space.
  Machine code is loaded before, which takes 100 MB whenever it comes.
  The curves are not in it, which hold every update there was, 56 bytes each, and have a row of
  their own; each time it is the most that was seen for a while, since the past is thinned in turn;
- frames: the 99th percentile of what the window's thread works for one frame, as at the start: at
  most half as much again and 2 ms, since other programs disturb it; what passes from one frame to
  the next is printed beside it;
- after the end no more threads and open files than before.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
GROWTH, SLOWER, SLACK = 1.05, 1.5, 0.002
FRAMES = 400
"""Frames that a percentile is taken of."""
LOOK, TELL = 0.25, 30.0
"""Seconds between two looks at the memory, and between two lines on standard error."""
BYTES = 7 * 8
"""What an update adds to the curves: four numbers in the window, three in the training."""


@dataclass
class Found:
    """What was measured; seconds and megabytes."""

    updates: int
    seconds: float
    memory_after_warm_up: float
    memory_at_end: float
    curves_after_warm_up: float
    curves_at_end: float
    work_at_start: float
    work_at_end: float
    frame_at_start: float
    frame_at_end: float
    threads_left: int
    files_left: int

    def rows(self) -> list[tuple[str, str, str, str, bool]]:
        """Name, at the start, at the end, limit, and whether it is kept."""
        before = self.memory_after_warm_up - self.curves_after_warm_up
        after = self.memory_at_end - self.curves_at_end
        work = self.work_at_start * SLOWER + SLACK
        milliseconds = "{:.1f}".format
        return [
            ("memory, MB", f"{self.memory_after_warm_up:.0f}",
             f"{self.memory_at_end:.0f}", "", True),
            ("of it the curves, MB", f"{self.curves_after_warm_up:.1f}",
             f"{self.curves_at_end:.1f}", "", True),
            ("memory without curves, MB", f"{before:.0f}", f"{after:.0f}",
             f"{before * GROWTH:.0f}", after <= before * GROWTH),
            ("work for a frame, p99, ms", milliseconds(self.work_at_start * 1000),
             milliseconds(self.work_at_end * 1000), milliseconds(work * 1000),
             self.work_at_end <= work),
            ("from frame to frame, p99, ms", milliseconds(self.frame_at_start * 1000),
             milliseconds(self.frame_at_end * 1000), "", True),
            ("threads left over", "", str(self.threads_left), "0", self.threads_left <= 0),
            ("open files left over", "", str(self.files_left), "0", self.files_left <= 0),
        ]


def world(side: int) -> Any:
    from rlxent_core.world import Tile, World

    ends = {(0, 0): Tile(start=1), (side - 1, side - 1): Tile(terminal=True, reward=1)}
    empty = World(("." * side,) * side, discount=0.99, max_steps=10 * side, name="Soak")
    return empty.with_tiles(ends)


def soak(side: int, updates: int) -> Found:
    """Train so many updates behind a window, flat out."""
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    from rlxent_core import compiled
    from rlxent_gui import theme
    from rlxent_gui.app import App, collect_once_loaded
    from rlxent_gui.document import Document
    from rlxent_gui.pacing import LEVELS
    from rlxent_gui.preferences import Preferences

    folder = Path(tempfile.mkdtemp())
    application = QApplication.instance() or QApplication([])
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(application, preferences)
    compiled.load()

    def spin_until(done: Any) -> None:
        while not done():
            application.processEvents()
            time.sleep(0.0005)

    def opened() -> App:
        app = App(preferences, Document(world(side)), device="cpu", autosave_folder=folder)
        collect_once_loaded(app)
        app.window.resize(1920, 1080)
        app.start()
        spin_until(lambda: app.window.variance is not None)
        spin_until(lambda: getattr(app.mailbox.latest(), "probabilities", None) is not None)
        return app

    def ended(app: App) -> tuple[int, int]:
        app.close()
        app.window.close()
        app.window.deleteLater()
        for _ in range(3):
            application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            application.processEvents()
        gc.collect()
        time.sleep(0.5)
        return threading.active_count(), len(os.listdir("/proc/self/fd"))

    before = ended(opened())  # what a first window brings stays
    app = opened()
    presenter = app.presenter
    presenter.on_command("select_cell", (side // 2, side // 2))
    presenter.on_command("speed", len(LEVELS) - 1)
    work: list[float] = []
    frames: list[float] = []
    watch_frames(app, application, work, frames)
    presenter.on_command("play_pause")
    began = time.monotonic()

    def reach(update: int, note_from: int) -> float:
        """Train so far; the most memory from an update on."""
        most, looked, told = 0.0, 0.0, time.monotonic()
        while presenter.update < update:
            application.processEvents()
            time.sleep(0.0005)
            now = time.monotonic()
            if now - looked > LOOK and presenter.update >= note_from:
                looked, most = now, max(most, resident())
            if now - told > TELL:
                told = now
                line = f"{presenter.update:,} of {updates:,} updates, {resident():.0f} MB"
                print(f"{line} after {now - began:.0f} s", file=sys.stderr, flush=True)
            failure = app.mailbox.latest().failure
            if failure is not None:
                raise RuntimeError(failure.details or failure.sentence)
        return max(most, resident())

    def p99(values: list[float]) -> float:
        """Of the last so many."""
        last = sorted(values[-FRAMES:])
        return last[int(0.99 * (len(last) - 1))]

    warm_up = max(updates // 10, min(updates // 2, 30_000 if side < 10 else 10_000))
    memory = reach(warm_up, warm_up // 2)
    at_start, curves = (p99(work), p99(frames)), BYTES * warm_up / 2**20
    at_end_memory = reach(updates, updates - warm_up // 2)
    at_end = p99(work), p99(frames)
    taken = time.monotonic() - began
    after = ended(app)
    return Found(
        updates, taken, memory, at_end_memory, curves, BYTES * updates / 2**20, at_start[0],
        at_end[0], at_start[1], at_end[1], after[0] - before[0], after[1] - before[1],
    )


def watch_frames(app: Any, application: Any, work: list[float], frames: list[float]) -> None:
    """Note what each strike of the display clock costs, with the painting it asks for."""
    last = [time.perf_counter()]
    app._clock.timeout.disconnect()

    def tick() -> None:
        now = time.perf_counter()
        frames.append(now - last[0])
        last[0] = now
        began = time.thread_time()
        app._tick()
        application.sendPostedEvents()
        work.append(time.thread_time() - began)
        for values in (work, frames):
            del values[: -4 * FRAMES]

    app._clock.timeout.connect(tick)


def resident() -> float:
    """Megabytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def child(side: int, updates: int) -> Found:
    """One window in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(side), str(updates)],
        stdout=subprocess.PIPE, text=True, check=True,
    )
    return Found(**json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=1_000_000, help="on 5 × 5")
    parser.add_argument("--large", type=int, default=20_000, help="on 20 × 20")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asdict(soak(*options.child))))
        return 0
    failed = False
    for side, updates in ((5, options.updates), (20, options.large)):
        if updates <= 0:
            continue
        found = child(side, updates)
        print(f"{side} × {side}, {found.updates:,} updates in {found.seconds:.0f} s")
        print(f"{'':30}{'warmed up':>12}{'at the end':>12}{'limit':>8}")
        for name, start, end, limit, kept in found.rows():
            print(f"{name:30}{start:>12}{end:>12}{limit:>8}{'' if kept else '  FAILS'}")
            failed |= not kept
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
