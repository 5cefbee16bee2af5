"""Slow preparations, imports above all, done one after the other beside the window."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

Job = Callable[[], Any]
Done = Callable[[Any], None]


class Background(QObject):
    """One thread that lives as long as there is work, so that preparations do not fight for time.

    Results come back in the thread of the window.
    """

    _finished = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._work: list[tuple[Job, Done]] = []
        self._lock = threading.Lock()
        self._running = False
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def run(self, job: Job, done: Done) -> None:
        """Do ``job()`` in the background, then ``done(result)`` in the window's thread."""
        with self._lock:
            self._work.append((job, done))
            if self._running:
                return
            self._running = True
        # No daemon: the interpreter waits for it at its end instead of pulling Qt from under it.
        threading.Thread(target=self._loop, name="preparations").start()

    def _loop(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._running = False
                    return
                job, done = self._work.pop(0)
            result = job()
            with contextlib.suppress(RuntimeError):  # the application has ended meanwhile
                self._finished.emit(done, result)

    def _hand_over(self, done: Done, result: Any) -> None:
        done(result)


_background: Background | None = None


def background() -> Background:
    """The background of this application."""
    global _background
    if _background is None:
        _background = Background()
    return _background
