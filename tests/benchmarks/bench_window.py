"""The window beside a training that goes flat out; run it on a screen, e.g. under ``xvfb-run``.

    xvfb-run -a -s "-screen 0 1920x1080x24" python tests/benchmarks/bench_window.py

Prints medians of several runs: the first paint, the worst freeze while torch loads, memory, frame
times with 10,000 points in every plot, and the training's speed beside its speed without a window.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

RUNS = 3
POINTS = 10_000
STRETCHES, SETTLING, STRETCH = 8, 300, 600
WARM_UP = 1500


def world() -> Any:
    """20 × 20 cells with some walls, 200 steps."""
    from rlxent_core.world import Tile, World

    walls = {(r, 6): Tile(wall=True) for r in range(2, 18)}
    walls |= {(r, 13): Tile(wall=True) for r in range(0, 15)}
    empty = World(("." * 20,) * 20, discount=0.99, max_steps=200, name="Benchmark")
    ends = {(0, 0): Tile(start=1), (19, 19): Tile(terminal=True, reward=1)}
    return empty.with_tiles({**walls, **ends})


def settings() -> Any:
    from rlxent_core.settings import Settings

    return Settings(batch_episodes=64)


def headless(timeline: Any) -> float:
    """Updates a second of the same training while the window does nothing."""
    began = time.perf_counter()
    for _ in range(STRETCH):
        timeline.step()
    return STRETCH / (time.perf_counter() - began)


def windowed(spawned: float) -> dict[str, float]:
    """The same updates behind a window of 1920 × 1080 with everything on show."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from rlxent_gui import theme
    from rlxent_gui.app import App, collect_once_loaded
    from rlxent_gui.document import Document
    from rlxent_gui.mailbox import ReturnPoint, VariancePoint
    from rlxent_gui.pacing import LEVELS
    from rlxent_gui.preferences import Preferences

    folder = Path(tempfile.mkdtemp())
    application = QApplication([])
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(application, preferences)
    app = App(preferences, Document(world()), device="cpu", autosave_folder=folder)
    collect_once_loaded(app)
    app.presenter.settings = settings()
    app.window.resize(1920, 1080)
    found: dict[str, float] = {}

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "first paint" not in found:
                found["first paint"] = time.monotonic() - spawned
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
    spin_until(lambda: "first paint" in found)
    application.removeEventFilter(first_paint)
    app.window.board.removeEventFilter(first_paint)
    probing = QTimer(interval=1)
    probing.timeout.connect(probe)
    last[0] = time.perf_counter()
    probing.start()
    snapshot = lambda: app.presenter._snapshot  # noqa: E731
    spin_until(lambda: snapshot() is not None and snapshot().probabilities is not None)
    probing.stop()
    found["ready"] = time.monotonic() - spawned
    found["worst freeze"] = max(gaps)
    found["memory MB when ready"] = resident()

    run = app.training._run
    assert run is not None
    run._trainer.update = POINTS
    run_id = app.presenter._run_id
    for update in range(1, POINTS + 1):
        value = 0.5 + 0.4 * ((update * 7919) % 1000) / 1000
        app.mailbox.record(ReturnPoint(run_id, update, value, 0.7 + update / 100_000))
        app.mailbox.record(VariancePoint(run_id, update, value, 0.1 * value, "LOO"))
    for update in range(1, POINTS + 1, 10):
        app.presenter._curves.policy.append(update, snapshot().probabilities)
    app.presenter.on_command("select_cell", (10, 10))
    app.presenter.on_command("speed", len(LEVELS) - 1)
    spin_until(lambda: len(app.presenter._curves.returns) == POINTS)
    app.presenter.on_command("play_pause")
    spin_until(lambda: snapshot().update >= POINTS + WARM_UP)
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
        asked = app.presenter._asked_at
        spin_until(lambda: snapshot().handled >= asked and not app.presenter._running)

    def beside_the_window() -> float:
        """Updates a second of the training thread, in the middle of a stretch that goes on."""
        app.presenter.on_command("play_pause")
        first, target = run._trainer.update + SETTLING, run._trainer.update + SETTLING + STRETCH
        passed: list[float] = []

        def look() -> None:
            for mark in (first, target)[len(passed) :]:
                if run._trainer.update >= mark:
                    passed.append(time.perf_counter())
                    reached.append(run._trainer.update)
            if len(passed) == 2:
                loop.quit()

        reached: list[int] = []
        loop = QEventLoop()  # the application's own would close the window
        looking = QTimer(interval=2)
        looking.timeout.connect(look)
        looking.start()
        loop.exec()
        looking.stop()
        pause()
        ticks.append(math.nan)
        return (reached[1] - reached[0]) / (passed[1] - passed[0])

    pause()
    shares, alone = [], []
    for _ in range(STRETCHES):
        alone.append(headless(run._timeline))
        beside = beside_the_window()
        alone.append(headless(run._timeline))
        shares.append(2 * beside / (alone[-2] + alone[-1]))
    found["share of headless speed"] = statistics.median(shares)
    found["headless updates/s"] = statistics.median(alone)
    frames = sorted(b - a for a, b in pairwise(ticks) if b - a > 0)
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        found[f"frame {name}"] = frames[int(share * (len(frames) - 1))]
        found[f"work {name}"] = sorted(work)[int(share * (len(work) - 1))]
    found["frames"] = len(frames)
    found["memory MB at the end"] = resident()
    app.close()
    app.window.close()
    return found


def resident() -> float:
    """Megabytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def child() -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, repr(time.monotonic())],
        capture_output=True, text=True, check=False, env=os.environ,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    rows: list[dict[str, float]] = []
    for number in range(RUNS):
        seen = child()
        rows.append(seen)
        print(f"run {number + 1} of {RUNS} done", file=sys.stderr)
    print(f"20 × 20, B = 64, MLP, {POINTS} points a plot, {RUNS} runs")
    print(f"{'':28}{'median':>10}{'min':>10}{'max':>10}")
    for name in rows[0]:
        values = [row[name] for row in rows]
        seconds = name.startswith(("frame p", "work", "worst"))
        scale, unit = (1000, " ms") if seconds else (1, "")
        cells = (statistics.median(values), min(values), max(values))
        print(f"{name + unit:28}" + "".join(f"{value * scale:>10.2f}" for value in cells))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(windowed(float(sys.argv[1]))))
    else:
        main()
