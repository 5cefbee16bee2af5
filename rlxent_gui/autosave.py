"""A copy of unsaved work, at most a few seconds old, and finding it again after a crash.

Each running program owns a numbered place in one folder: a lock that the operating system takes
back when the program dies, and beside it the copy.  A copy whose lock can be had was left behind.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
from PySide6.QtCore import QLockFile, QObject, Qt, QTimer, Signal

from rlxent_core.atomic_file import write_whole
from rlxent_core.world_file import write_text
from rlxent_gui.document import Document

INTERVAL_MS = 4000


def default_folder() -> Path:
    """In the platform's folder for data, or in ``RLXENT_DATA_DIR`` where set."""
    folder = os.environ.get("RLXENT_DATA_DIR")
    where = Path(folder) if folder else platformdirs.user_data_path("rlxent", appauthor=False)
    return where / "autosave"


class AutoSave(QObject):
    """Writes the document's world while it is modified; :meth:`finish` leaves nothing behind.

    The disk is waited for in a thread.  ``failing`` is emitted once when no copy can be written,
    ``mended`` when one was again, or when the work was saved and needs none.
    """

    failing = Signal()
    mended = Signal()
    _written = Signal(bool)

    def __init__(
        self, document: Document, folder: Path | None = None, interval_ms: int = INTERVAL_MS
    ) -> None:
        super().__init__()
        self._document = document
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="autosave")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._save)
        self._written.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._fails = self._finished = False
        self._place: _Place | None = None
        with contextlib.suppress(OSError):
            self._place = _claim(folder or default_folder())
        document.world_changed.connect(self._world_changed)
        document.modified_changed.connect(self._modified_changed)

    def recoverable(self) -> Path | None:
        """What a program that died had not saved; kept until it is restored or discarded."""
        kept = self._place.kept if self._place is not None else None
        return kept if kept is not None and kept.exists() else None

    def discard_recovered(self) -> None:
        """Remove what was found; if it has been restored, it is kept as unsaved work first."""
        if self._place is not None:
            self._save()
            self._disk.submit(_remove, self._place.kept)

    def finish(self) -> None:
        """Remove the copy and free the place: the work was saved or given up on purpose."""
        self._finished = True
        self._timer.stop()
        if self._place is not None:
            place, self._place = self._place, None
            self._disk.submit(_remove, place.copy)
            self._disk.shutdown(wait=True)
            place.lock.unlock()

    def _world_changed(self) -> None:
        if not self._finished and not self._timer.isActive():
            self._timer.start()

    def _modified_changed(self, modified: bool) -> None:
        if not modified:
            self._timer.stop()
            if self._place is not None:
                self._disk.submit(_remove, self._place.copy)
            if not self._finished:
                self._written.emit(True)

    def _save(self) -> None:
        self._timer.stop()
        if not self._unsaved:
            return
        if self._place is None:
            self._tell(False)
        else:
            self._disk.submit(self._write, self._place.copy, write_text(self._document.world))

    @property
    def _unsaved(self) -> bool:
        return self._document.modified or self._document.in_stroke

    def _write(self, path: Path, text: str) -> None:
        """On the thread of the disk."""
        try:
            write_whole(path, text)
        except OSError:
            self._written.emit(False)
        else:
            self._written.emit(True)

    def _tell(self, written: bool) -> None:
        # A refusal that comes in after the work was saved is no news.
        if written is self._fails and not self._finished and (written or self._unsaved):
            self._fails = not written
            (self.mended if written else self.failing).emit()


class _Place:
    """One program's lock and files."""

    def __init__(self, folder: Path, number: int) -> None:
        self.lock = QLockFile(str(folder / f"{number}.lock"))
        # A lock is stale when its program is gone, never because it is old.
        self.lock.setStaleLockTime(0)
        self.copy = folder / f"{number}.json"
        self.kept = folder / f"{number}.recovered.json"

    @property
    def left_behind(self) -> bool:
        return self.copy.exists() or self.kept.exists()


def _claim(folder: Path) -> _Place:
    """The first place that something was left behind in and nobody holds, else a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {int(name) for f in folder.iterdir() if (name := f.name.split(".")[0]).isdecimal()}
    free: _Place | None = None
    unused = next(number for number in range(len(numbers) + 1) if number not in numbers)
    for number in sorted({*numbers, unused}):
        place = _Place(folder, number)
        if (free is not None and not place.left_behind) or not place.lock.tryLock(0):
            continue
        if place.left_behind:
            if place.copy.exists():
                os.replace(place.copy, place.kept)
            if free is not None:
                free.lock.unlock()
            return place
        free = place
    if free is None:
        raise OSError(f"{folder} cannot be written")
    return free


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
