"""Slow preparations, imports above all, done one after the other beside the window."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets
from PySide6.QtCore import QObject, Qt, QTimer, Signal

Job = Callable[[], Any]
Done = Callable[[Any], None]
SLICE = 0.005
"""Seconds of the window's thread taken at once."""


class Background(QObject):
    """One thread that lives as long as there is work, so that preparations do not fight for time.

    Results come back in the thread of the window.  The first work waits until every Qt type has
    been made, see :func:`qt_types`.
    """

    _finished = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._work: list[tuple[Job, Done]] = []
        self._lock = threading.Lock()
        self._running = False
        self._types: Iterator[object] | None = qt_types()
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def run(self, job: Job, done: Done) -> None:
        """Do ``job()`` in the background, then ``done(result)`` in the window's thread.

        To be called in the window's thread.
        """
        with self._lock:
            self._work.append((job, done))
            if self._running:
                return
            self._running = True
        self._begin()

    def _begin(self) -> None:
        """Make Qt's types, a slice an event-loop turn, then start the thread."""
        until = time.perf_counter() + SLICE
        while self._types is not None:
            if next(self._types, None) is None:
                self._types = None
            elif time.perf_counter() > until:
                QTimer.singleShot(0, self, self._begin)
                return
        # No daemon: the interpreter waits for it at its end instead of pulling Qt from under it.
        threading.Thread(target=self._loop, name="preparations").start()

    def _loop(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._running = False
                    return
                job, done = self._work.pop(0)
            try:
                result = job()
            except Exception:  # told, and the next one's turn
                sys.excepthook(*sys.exc_info())
                continue
            with contextlib.suppress(RuntimeError):  # the application has ended meanwhile
                self._finished.emit(done, result)

    def _hand_over(self, done: Done, result: Any) -> None:
        done(result)


def qt_types() -> Iterator[object]:
    """Every attribute of the Qt modules, one after the other.

    PySide makes its types when they are first asked for, and that is not safe in two threads:
    pyqtgraph asks for all of them as it is imported, and while it did so beside a window that
    painted, about one start in twenty crashed.
    """
    for module in (QtCore, QtGui, QtWidgets, QtSvg):
        for name in dir(module):
            yield getattr(module, name, None) or True


_background: Background | None = None


def background() -> Background:
    """The background of this application."""
    global _background
    if _background is None:
        _background = Background()
    return _background
