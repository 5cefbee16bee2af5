"""What holds for every test: no screen needed, no user's file touched, nothing left behind."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from rlxent_core import compiled

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# As the program has it, see rlxent_gui: of several tests at once each would wait for the threads
# of the others, and most of the time went into waiting.
for variable in (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"
):
    os.environ.setdefault(variable, "1")

MANY = 50_000
"""Objects made since the last collection from which there is another."""

failed = pytest.StashKey[bool]()

# No test stops to compile because of all those before it.
compiled.when_worth = lambda: None

# The same examples in every run, and no clock, so that what passes once passes again; look for new
# ones with --hypothesis-profile=default, or for many: tests/fuzz --hypothesis-profile=long.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("long", max_examples=10_000, deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember a failure: its traceback holds widgets alive that are no leak."""
    report = yield
    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data and state of the program go to a folder of the test's own."""
    home = tmp_path / "home"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name))
    for name in ("APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home / name))
    return home


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that used Qt leaves no thread, running timer or top-level widget behind."""
    # As in the program, none but this thread may free what is in circles: see rlxent_gui.collector.
    if not gc.isenabled() and gc.get_count()[0] > MANY:
        _collect()
    if "qapp" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    from PySide6.QtCore import QThread, QTimer

    if gc.isenabled():
        gc.disable()
        _collect()
    threads_before = set(threading.enumerate())
    windows_before = set(_windows())
    started: list[weakref.ref[QThread | QTimer]] = []
    with pytest.MonkeyPatch.context() as patch:
        for kind in (QThread, QTimer):
            patch.setattr(kind, "start", _noting(kind.start, started))
        yield
    if request.node.stash.get(failed, False):
        return

    def left() -> list[object]:
        _settle()
        running = [thing for ref in started if (thing := ref()) is not None and _runs(thing)]
        windows = [w for address, w in _windows().items() if address not in windows_before]
        return [*running, *windows]

    if left():
        gc.collect()
    deadline = time.monotonic() + 2
    threads = set(threading.enumerate()) - threads_before
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    behind = [*left(), *(thread for thread in threads if thread.is_alive())]
    assert not behind, f"left behind: {behind}"


def _collect() -> None:
    """Between two tests, when what is there stays: modules, which it takes half a second to search.

    So none looks through them again.
    """
    gc.collect()
    gc.freeze()


def _windows() -> dict[int, object]:
    """Top-level widgets by the address of the C++ object: Python's wrappers come and go."""
    from PySide6.QtWidgets import QApplication
    from shiboken6 import getCppPointer

    return {getCppPointer(widget)[0]: widget for widget in QApplication.topLevelWidgets()}


def _noting(start, started):
    def noted(self, *args):
        started.append(weakref.ref(self))
        return start(self, *args)

    return noted


def _runs(thing) -> bool:
    from PySide6.QtCore import QTimer
    from shiboken6 import isValid

    if not isValid(thing):
        return False
    return bool(thing.isActive() if isinstance(thing, QTimer) else thing.isRunning())


def _settle() -> None:
    """Carry out what was put off: deletions, and what they post in turn."""
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """In the style of the program, on every platform."""
    from rlxent_gui.theme import STYLE  # not for tests that need no Qt

    return ["pytest", *STYLE]
