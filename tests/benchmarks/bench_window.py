"""The window beside a training that goes flat out; run it on a screen, e.g. under ``xvfb-run``.

    xvfb-run -a -s "-screen 0 1920x1080x24" python tests/benchmarks/bench_window.py

Prints medians of several runs: the first paint (of ``first_paint.py``), the worst freeze while
torch loads, memory, frame times and how long an event waits, with every plot full, and the
training's speed beside its speed without a window.  A number after the script asks for so many runs
of each case.
"""

from __future__ import annotations

import gc
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

RUNS = 3
POKE = 0.02
"""Seconds between two events whose waiting is measured."""
LOOK = 0.05
"""Seconds between two looks at how far the training is: what measures must not be measured."""
STRETCHES, SETTLING, STRETCH = 24, 100, 300
WARM_UP = 1500


@dataclass(frozen=True)
class Case:
    """What is on show."""

    side: int
    points: int
    """Updates that every plot has behind it."""
    theme: str

    def __str__(self) -> str:
        return f"{self.side} × {self.side}, {self.points:,} updates of history, {self.theme}"


CASES = (
    Case(20, 10_000, "light"), Case(20, 10_000, "dark"),
    Case(40, 1_000_000, "light"), Case(40, 1_000_000, "dark"),
)
AIMS = {"frame p99": "20 ms", "share of headless speed": ".85",
        "worst freeze": "120 ms", "memory MB when ready": "450"}  # fmt: skip
STARTS, FIRST_PAINT = 15, ".5 s"


def world(side: int) -> Any:
    """Cells with some walls, ten steps a cell of a side."""
    from rlxent_core.world import Tile, World

    walls = {(r, side // 3): Tile(wall=True) for r in range(2, side - 2)}
    walls |= {(r, 2 * side // 3): Tile(wall=True) for r in range(side - 5)}
    empty = World(("." * side,) * side, discount=0.99, max_steps=10 * side, name="Benchmark")
    ends = {(0, 0): Tile(start=1), (side - 1, side - 1): Tile(terminal=True, reward=1)}
    return empty.with_tiles({**walls, **ends})


def settings() -> Any:
    from rlxent_core.settings import Settings

    return Settings(batch_episodes=64)


def headless(timeline: Any, updates: int) -> float:
    """Updates a second of the same training while the window does nothing."""
    began = time.perf_counter()
    for _ in range(updates):
        timeline.step()
    return updates / (time.perf_counter() - began)


def fill_history(curves: Any, points: int, probabilities: Any) -> None:
    """As if so many updates had been made already."""
    import numpy as np

    update = np.arange(1.0, points + 1)
    value = 0.5 + 0.4 * ((update * 7919) % 1000) / 1000
    for columns, rows in (
        (curves.returns, (update, value, 0.7 + update / (10 * points), 64 * update)),
        (curves.variance, (update, value, 0.1 * value)),
    ):
        columns._rows, columns._count = np.stack(rows, axis=-1), points
    curves.variance_label = "LOO"
    for moment in range(0, points, max(1, points // 1000)):
        curves.policy.append(moment, probabilities)


@contextmanager
def poked(waits: list[float]) -> Iterator[None]:
    """Every :data:`POKE` another thread posts an event; how long each waits is noted."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject

    kind = QEvent.Type(QEvent.registerEventType())
    posted: list[float] = []

    class Target(QObject):
        def event(self, event: QEvent) -> bool:
            if event.type() == kind:
                waits.append(time.perf_counter() - posted.pop(0))
                return True
            return super().event(event)

    target, over = Target(), threading.Event()

    def poke() -> None:
        while not over.wait(POKE):
            posted.append(time.perf_counter())
            QCoreApplication.postEvent(target, QEvent(kind))

    thread = threading.Thread(target=poke)
    thread.start()
    yield
    over.set()
    thread.join()
    QCoreApplication.sendPostedEvents(target)


def windowed(spawned: float, case: Case) -> dict[str, float]:
    """The same updates behind a window of 1920 × 1080 with everything on show."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from rlxent_gui import theme
    from rlxent_gui.app import App, collect_once_loaded
    from rlxent_gui.document import Document
    from rlxent_gui.pacing import LEVELS
    from rlxent_gui.plain_imports import keep_imports_plain
    from rlxent_gui.preferences import Preferences

    gc.disable()  # as the program does
    keep_imports_plain()  # so does this
    folder = Path(tempfile.mkdtemp())
    application = QApplication([])
    preferences = Preferences(folder / "preferences.json")
    preferences.set_appearance(case.theme, 1.0)
    theme.appearance().install(application, preferences)
    app = App(preferences, Document(world(case.side)), device="cpu", autosave_folder=folder)
    collect_once_loaded(app)
    app.presenter.run.settings = settings()
    app.window.resize(1920, 1080)
    found: dict[str, float] = {}
    painted: list[bool] = []

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(True)
            return False

    first_paint = FirstPaint()
    app.window.board.installEventFilter(first_paint)
    gaps: list[float] = []
    last = [time.perf_counter()]

    def probe() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    def spin_until(done: Any, limit: float = 120.0) -> None:
        deadline = time.monotonic() + limit
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError
            application.processEvents()
            time.sleep(0.0005)

    app.start()
    spin_until(lambda: painted)
    app.window.board.removeEventFilter(first_paint)
    probing = QTimer(interval=1)
    probing.timeout.connect(probe)
    last[0] = time.perf_counter()
    probing.start()
    snapshot = lambda: app.presenter.run.snapshot  # noqa: E731
    spin_until(lambda: snapshot() is not None and snapshot().probabilities is not None)
    probing.stop()
    found["ready"] = time.monotonic() - spawned
    found["worst freeze"] = max(gaps)
    found["memory MB when ready"] = resident()

    run = app.training._run
    assert run is not None
    scale = case.side**2 // 400  # larger worlds take longer
    run._trainer.update = case.points
    fill_history(app.presenter.curves, case.points, snapshot().probabilities)
    app.presenter.on_command("select_cell", (10, 10))
    app.presenter.on_command("speed", len(LEVELS) - 1)
    app.presenter.on_command("play_pause")
    spin_until(lambda: snapshot().update >= case.points + WARM_UP // scale)
    ticks: list[float] = []
    work: list[float] = []
    tick = app.presenter.tick

    def timed_tick() -> None:
        began = time.perf_counter()
        ticks.append(began)
        tick()
        work.append(time.perf_counter() - began)

    app._clock.timeout.disconnect()
    app._clock.timeout.connect(timed_tick)

    def pause() -> None:
        app.presenter.on_command("play_pause")
        asked = app.presenter.run._asked_at
        spin_until(lambda: snapshot().handled >= asked and not app.presenter.running)

    def beside_the_window() -> float:
        """Updates a second of the training thread, in the middle of a stretch that goes on."""
        app.presenter.on_command("play_pause")
        marks = [run._trainer.update + SETTLING // scale]
        marks.append(marks[0] + STRETCH // scale)
        seen: list[tuple[int, float]] = []

        def look() -> None:
            update = run._trainer.update
            if update >= marks[len(seen)]:
                seen.append((update, time.perf_counter()))
            if len(seen) == 2:
                loop.quit()

        loop = QEventLoop()  # the application's own would close the window
        looking = QTimer(interval=int(1000 * LOOK))
        looking.timeout.connect(look)
        looking.start()
        loop.exec()
        looking.stop()
        pause()
        ticks.append(math.nan)
        (first, began), (last, ended) = seen
        return (last - first) / (ended - began)

    pause()
    shares, alone = [], []
    waits: list[float] = []
    for _ in range(STRETCHES):
        alone.append(headless(run._timeline, STRETCH // scale))
        beside = beside_the_window()
        alone.append(headless(run._timeline, STRETCH // scale))
        shares.append(2 * beside / (alone[-2] + alone[-1]))
    with poked(waits):
        for _ in range(STRETCHES // 4):
            beside_the_window()
    found["share of headless speed"] = statistics.median(shares)
    found["headless updates/s"] = statistics.median(alone)
    frames = sorted(b - a for a, b in pairwise(ticks) if b - a > 0)
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        found[f"frame {name}"] = frames[int(share * (len(frames) - 1))]
        found[f"work {name}"] = sorted(work)[int(share * (len(work) - 1))]
        found[f"event {name}"] = sorted(waits)[int(share * (len(waits) - 1))]
    found["frames"] = len(frames)
    found["memory MB at the end"] = resident()
    app.close()
    app.window.close()
    return found


def resident() -> float:
    """Megabytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def child(case: Case) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, repr(time.monotonic()), json.dumps(asdict(case))],
        capture_output=True, text=True, check=False, env=os.environ,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(case: Case, rows: list[dict[str, float]]) -> None:
    """A table of medians."""
    print(f"\n{case}; B = 64, MLP, {len(rows)} runs")
    print(f"{'':28}{'median':>10}{'min':>10}{'max':>10}   aim")
    for name in rows[0]:
        values = [row[name] for row in rows]
        seconds = name.startswith(("frame p", "work", "worst", "event"))
        scale, unit = (1000, " ms") if seconds else (1, "")
        cells = (statistics.median(values), min(values), max(values))
        numbers = "".join(f"{value * scale:>10.2f}" for value in cells)
        print(f"{name + unit:28}{numbers}   {AIMS.get(name, '')}")


def first_paints(starts: int) -> dict[str, list[float]]:
    """Seconds from starting ``rlxent`` until its board, and its bets, are painted: quartiles."""
    program = str(Path(__file__).with_name("first_paint.py"))
    taken = []
    with tempfile.TemporaryDirectory() as home:
        own = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), home)
        for _ in range(starts + 1):
            done = subprocess.run(
                [sys.executable, program, repr(time.monotonic())],
                capture_output=True, text=True, check=True, env=os.environ | own, timeout=60,
            )
            taken.append([float(word) for word in done.stdout.split()])
    board, bets = zip(*taken[1:], strict=True)  # the first one reads the disk
    return {"board": statistics.quantiles(board, n=4), "bets": statistics.quantiles(bets, n=4)}


def main(runs: int) -> None:
    print(f"seconds until the first paint, {STARTS} starts: quartiles   aim {FIRST_PAINT}")
    for name, quartiles in first_paints(STARTS).items():
        print(f"  {name:28}" + "".join(f"{seconds:8.2f}" for seconds in quartiles))
    for case in CASES:
        rows = []
        for number in range(runs):
            rows.append(child(case))
            print(f"{case}: run {number + 1} of {runs} done", file=sys.stderr)
        report(case, rows)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(windowed(float(sys.argv[1]), Case(**json.loads(sys.argv[2])))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else RUNS)
