"""A copy of what the program is at, at most five seconds old, and finding it again after a crash.

Each running program owns a numbered place in one folder: a lock that the operating system takes
back when the program dies, and beside it the copy: the session's file, and what was learnt in files
that go with it wherever it goes.  A copy whose lock can be had was left behind.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from PySide6.QtCore import QLockFile, QObject, Qt, QTimer, Signal

from rlxent_core.atomic_file import write_whole
from rlxent_gui.session import LEARNT, MEANS, Session, files_beside, text_of

if TYPE_CHECKING:
    from rlxent_gui.learnt import Learnt, Writer

INTERVAL_MS = 2500
"""What was learnt is up to two seconds old already, see :mod:`rlxent_gui.learnt_desk`."""


def default_folder() -> Path:
    """In the platform's folder for data, or in ``RLXENT_DATA_DIR`` where set."""
    folder = os.environ.get("RLXENT_DATA_DIR")
    where = Path(folder) if folder else platformdirs.user_data_path("rlxent", appauthor=False)
    return where / "autosave"


class AutoSave(QObject):
    """Writes what ``now()`` gives, whenever it differs; :meth:`finish` leaves nothing behind.

    With it goes what its run has learnt, if that is among what ``learnt()`` gives.  What the
    program begins with is not worth a copy.  The disk is waited for in a thread.
    ``failing`` is emitted once when no copy of unsaved work can be written, ``mended`` when one was
    again, or when the work was saved and needs none.
    """

    failing = Signal()
    mended = Signal()
    _written = Signal(bool)

    def __init__(
        self, now: Callable[[], Session], folder: Path | None = None,
        interval_ms: int = INTERVAL_MS,
        learnt: Callable[[], Iterable[Learnt | None]] = lambda: (),
    ) -> None:
        super().__init__()
        self._now, self._learnt = now, learnt
        self._kept_learnt: Learnt | None = None
        self._writer: Writer | None = None
        self._begun = self._kept = now()
        self._folder = folder or default_folder()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="autosave")
        self._writing: Future[None] | None = None
        self._written.connect(self._wrote, Qt.ConnectionType.QueuedConnection)
        self._refused = self._fails = self._finished = False
        """Whether the disk refused the last copy; whether that is told; whether all is over."""
        self._place: _Place | None = None
        self._left: list[Path] = []
        self._claim()
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def recoverable(self) -> Path | None:
        """What a program that died was at last; kept until it is restored or discarded."""
        return self._left[-1] if self._left else None

    def discard_recovered(self) -> None:
        """Remove what was found, at the user's wish."""
        if self._left:
            self._disk.submit(_remove, self._left.pop())

    def restored(self, learnt: Learnt | None = None) -> None:
        """What was found is what the program is at now: it goes once there is a copy of that.

        ``learnt`` is what its run goes on from.
        """
        if self._left:
            found = self._left.pop()
            if self._place is not None:
                self._kept = self._now()
                if learnt is not None:
                    learnt = learnt._replace(run=self._kept.run)
                self._disk.submit(self._write, self._place.copy, self._kept, learnt, found)

    def finish(self) -> None:
        """Remove the copy and free the place: the work was saved or given up on purpose."""
        self._finished = True
        self._timer.stop()
        if self._place is not None:
            place, self._place = self._place, None
            self._disk.submit(_remove, place.copy)
            self._disk.shutdown(wait=True)
            place.lock.unlock()

    def _claim(self) -> None:
        with contextlib.suppress(OSError):
            self._place, self._left = _claim(self._folder)

    def _look(self) -> None:
        session = self._now()
        if not _at_risk(session):
            self._tell(True)
        learnt = self._learnt_by(session.run)
        again = self._fails or self._refused
        new = learnt if again or learnt is not self._kept_learnt else None
        if session == self._kept and new is None and not again:
            return
        if self._place is None:
            self._claim()
        if self._place is None:
            self._tell(False)
        elif self._writing is None or self._writing.done():  # else the disk is slow: next time
            self._kept, self._kept_learnt, self._refused = session, learnt, False
            if session._replace(run=self._begun.run) == self._begun:
                self._disk.submit(self._remove_own, self._place.copy)
            else:
                self._writing = self._disk.submit(self._write, self._place.copy, session, new)

    def _learnt_by(self, run: str) -> Learnt | None:
        found = [one for one in self._learnt() if one is not None and one.run == run]
        return found[0] if found else None

    def _write(
        self, path: Path, session: Session, learnt: Learnt | None, replaces: Path | None = None
    ) -> None:
        """On the thread of the disk; what the copy ``replaces`` is removed once there is one.

        The session first: what was learnt by a run that has ended is not taken for another's.
        """
        try:
            write_whole(path, text_of(session))
            if learnt is not None:
                self._write_learnt(path, learnt)
        except Exception:
            self._written.emit(False)
        else:
            if replaces is not None:
                _remove(replaces)
            self._written.emit(True)

    def _write_learnt(self, path: Path, learnt: Learnt) -> None:
        if self._writer is None:
            from rlxent_gui.learnt import Writer  # after the first paint

            self._writer = Writer(path)
        self._writer.write(learnt)

    def _remove_own(self, path: Path) -> None:
        self._writer = None
        _remove(path)

    def _wrote(self, written: bool) -> None:
        self._refused = not written
        self._tell(written)

    def _tell(self, written: bool) -> None:
        # A refusal that comes in after the work was saved is no news.
        if written is self._fails and not self._finished and (written or _at_risk(self._now())):
            self._fails = not written
            (self.mended if written else self.failing).emit()


def _at_risk(session: Session) -> bool:
    """Whether something was drawn since the last save, or learnt."""
    return session.modified or session.update > 0


class _Place:
    """One program's lock and files."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder, number
        self.lock = QLockFile(str(folder / f"{number}.lock"))
        # A lock is stale when its program is gone, never because it is old.
        self.lock.setStaleLockTime(0)
        self.copy = folder / f"{number}.json"

    @property
    def held(self) -> bool:
        """Whether a program that lives has it, after this one has tried in vain.

        The lock of a dead one is in the way too where the disk has no room for another.
        """
        if self.lock.error() is not QLockFile.LockError.LockFailedError:
            return False
        found: Any = self.lock.getLockInfo()
        return os.name != "posix" or found is None or _lives(int(found[0]))

    def files(self) -> list[Path]:
        """The copy, and what was recovered and not answered yet."""
        pattern = re.compile(rf"{self._number}(\.recovered\..*)?\.json")
        return [path for path in self._folder.iterdir() if pattern.fullmatch(path.name)]

    def take_over(self, others: list[_Place]) -> list[Path]:
        """What was left here and in other places, whose locks are held, gathered here."""
        left = []
        for path in _left_in([self, *others]):
            ours = path
            if not path.name.startswith(f"{self._number}.recovered."):
                ours = self._recovered(path)
                for theirs, beside in zip(files_beside(path), files_beside(ours), strict=True):
                    with contextlib.suppress(OSError):
                        os.replace(theirs, beside)
                os.replace(path, ours)
            left.append(ours)
        belongs = {beside for path in left for beside in files_beside(path)}
        for place in (self, *others):
            for path in place.parts():
                if path not in belongs:
                    _unlink(path)
        return left

    def _recovered(self, path: Path) -> Path:
        """Another name for what was left; the same one if it is asked for again.

        So what was learnt, which takes it first, and the session meet again after any crash.
        """
        name = f"{self._number}.recovered.{path.stat().st_mtime_ns:x}"
        wanted = self._folder / f"{name}.json"
        other = self._folder / f"{name}.{os.urandom(4).hex()}.json"
        return other if wanted.exists() else wanted

    def parts(self) -> list[Path]:
        """What was learnt, whether its session is there or not, and what was being written."""
        ends = "|".join(map(re.escape, (LEARNT, *MEANS)))
        pattern = re.compile(rf"{self._number}(\.recovered\..*)?({ends})|\.{self._number}\..*\.tmp")
        return [path for path in self._folder.iterdir() if pattern.fullmatch(path.name)]


def _left_in(places: list[_Place]) -> list[Path]:
    """The latest last."""
    found = [path for place in places for path in place.files()]
    return sorted(found, key=lambda path: path.stat().st_mtime)


def _claim(folder: Path) -> tuple[_Place | None, list[Path]]:
    """The first place that nobody holds, and what was left behind in all of those.

    No place where there cannot be one, as on a full disk; what was left can be read all the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {int(name) for f in folder.iterdir() if (name := f.name.split(".")[0]).isdecimal()}
    places = [_Place(folder, number) for number in sorted({*numbers, max(numbers, default=-1) + 1})]
    free = [place for place in places if place.lock.tryLock(0)]
    if not free:
        return None, _left_in([place for place in places if not place.held])
    mine, *others = free
    try:
        return mine, mine.take_over(others)
    finally:
        for other in others:
            other.lock.unlock()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's
    return True


def _remove(path: Path) -> None:
    """A session with what was learnt."""
    for part in (path, *files_beside(path)):
        _unlink(part)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
