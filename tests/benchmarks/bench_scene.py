"""Frames of the Variance scene while it works; run it on a screen, e.g. under ``xvfb-run``.

    xvfb-run -a -s "-screen 0 1920x1080x24" python tests/benchmarks/bench_scene.py

Prints how long frames take at 1920 × 1080 on ``sparse5`` while 4,096 episodes are measured, while
4 settings are trained from 64 seeds, 400 updates each, and while step sizes are tried; beside it
how long each takes, and how long an event waits.
"""

from __future__ import annotations

import gc
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench_window import poked


def main() -> None:
    from PySide6.QtWidgets import QApplication

    import rlxent_resources
    from rlxent_core.world_file import read_text
    from rlxent_gui import theme
    from rlxent_gui.app import App, collect_once_loaded
    from rlxent_gui.autosave import default_folder
    from rlxent_gui.compiling import Compiling
    from rlxent_gui.document import Document
    from rlxent_gui.preferences import Preferences

    gc.disable()  # as the program does
    folder = Path(tempfile.mkdtemp())
    application = QApplication([])
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(application, preferences)
    document = Document(read_text(rlxent_resources.world_text("sparse5")))
    app = App(preferences, document, device="cpu", autosave_folder=folder)
    collect_once_loaded(app)
    compiling = Compiling(default_folder().parent)  # where the program would find it compiled
    app.window.resize(1920, 1080)
    app.start()

    def spin_until(done: Any) -> None:
        while not done():
            application.processEvents()
            time.sleep(0.0005)

    spin_until(lambda: app.window.variance is not None)
    app.window.show_scene("variance")
    ticks: list[float] = []
    work: list[float] = []
    tick = app._tick

    def timed_tick() -> None:
        began = time.perf_counter()
        ticks.append(began)
        tick()
        application.sendPostedEvents()
        work.append(time.perf_counter() - began)

    app._clock.timeout.disconnect()
    app._clock.timeout.connect(timed_tick)

    def watched(name: str, begin: Any, over: Any) -> None:
        spin_until(over)
        waits: list[float] = []
        ticks.clear()
        work.clear()
        began = time.perf_counter()
        with poked(waits):
            begin()
            deadline = time.monotonic() + 0.5  # it has begun by then
            spin_until(lambda: time.monotonic() > deadline and over())
        taken = time.perf_counter() - began
        frames = [b - a for a, b in pairwise(ticks)]
        cells = "".join(f"{each:>22}" for each in map(percentiles, (frames, work, waits)))
        print(f"{name:28}{taken:6.1f} s{cells}")

    variance, learning = app.variance, app.learning
    print(f"{'ms: p50, p95, p99':35}{'from frame to frame':>22}{'work':>22}{'event':>22}")
    app.window.variance.show_view("gradient")
    watched(
        "4,096 episodes", lambda: variance.on_command("variance_episodes", 4096),
        lambda: variance._survey is not None and not variance._waiting,
    )  # fmt: skip
    app.window.variance.show_view("learning")
    learning.on_command("learning_seeds", 64)
    for mode in ("study", "sweep"):
        learning.on_command("learning_mode", mode)
        watched(
            mode, lambda: learning.on_command("learning_run"), lambda: learning._working is None
        )
    compiling.close()
    app.close()
    app.window.close()


def percentiles(seconds: list[float]) -> str:
    """p50, p95 and p99 in milliseconds."""
    ordered = sorted(seconds)
    return "".join(f"{1e3 * ordered[int(p * (len(ordered) - 1))]:7.1f}" for p in (0.5, 0.95, 0.99))


if __name__ == "__main__":
    main()
