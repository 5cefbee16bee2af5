"""The document's file: what it held when it was last read or written, and whether it still does.

Other programs write files too, and so does a second window.
"""

from __future__ import annotations

import contextlib
import os
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QEvent, QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rlxent_core.bounded_file import read_bounded
from rlxent_core.world_file import MAX_BYTES

SETTLED_MS = 250
"""Whoever writes a file may do it in several steps; it is looked at when they are over."""


class Found(Enum):
    """What a look at the file found."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNREADABLE = "unreadable"


def stamp_of(content: bytes) -> str:
    """What tells this content from any other."""
    import hashlib  # not before the window is there, which it would keep waiting

    return hashlib.sha256(content).hexdigest()


def stamp_of_file(path: Path) -> str:
    """The stamp of what the file holds; what is too large to be a world is not read to its end.

    Raises:
        OSError: when it cannot be read.
    """
    return stamp_of(read_bounded(path, MAX_BYTES))


class OpenFile(QObject):
    """Follows one file; ``told(found)`` is emitted when that changes, by a watch on the file's
    folder and whenever ``window`` comes to the front.
    """

    told = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.path: Path | None = None
        self.stamp = ""
        self._known: dict[Path, str] = {}
        self._signature: tuple[int, ...] | None = None
        self._last = Found.SAME
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLED_MS)
        self._soon.timeout.connect(self._tell)
        self._watcher.directoryChanged.connect(self._touched)
        self._watcher.fileChanged.connect(self._touched)
        window.installEventFilter(self)

    def follow(self, path: Path | None, stamp: str | None = None) -> None:
        """Follow a file that held what ``stamp`` tells, or else what was last known of it."""
        self.path = path
        if path is None:
            self.stamp = ""
        else:
            self._known[path] = stamp if stamp is not None else self._known.get(path, "")
            self.stamp = self._known[path]
        self._signature = None
        self._last = Found.SAME
        self._soon.stop()
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._watch()
        self.told.emit(Found.SAME)
        # It may have been changed since it was read.
        if path is not None:
            self._soon.start()

    def known(self, path: Path) -> str:
        """The stamp of what a file held when it was last followed; empty for any other."""
        return self._known.get(path, "")

    def look(self) -> Found:
        """What there is to be found at this moment."""
        if self.path is None:
            return Found.SAME
        try:
            return Found.SAME if stamp_of_file(self.path) == self.stamp else Found.CHANGED
        except (FileNotFoundError, NotADirectoryError):
            return Found.GONE
        except OSError:
            return Found.UNREADABLE

    def accept(self) -> None:
        """Whatever the file holds now is known, and may be written over."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.follow(self.path, stamp_of_file(self.path))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._tell()
        return super().eventFilter(watched, event)

    def _touched(self, _path: str) -> None:
        self._soon.start()

    def _tell(self) -> None:
        self._watch()
        signature = self._signature_now()
        if signature is not None and signature == self._signature:
            return  # nobody has touched it since the last look
        self._signature = signature
        found = self.look()
        if found is not self._last:
            self._last = found
            self.told.emit(found)

    def _signature_now(self) -> tuple[int, ...] | None:
        if self.path is None:
            return None
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def _watch(self) -> None:
        """A file that is replaced is another one, and is watched anew; its folder tells of that."""
        if self.path is None:
            return
        known = {*self._watcher.files(), *self._watcher.directories()}
        for path in (self.path, self.path.parent):
            if str(path) not in known and os.path.exists(path):
                self._watcher.addPath(str(path))
