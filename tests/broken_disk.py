"""A disk that breaks at a chosen file operation: it refuses it, or the machine stops there."""

from __future__ import annotations

import builtins
import errno
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rlxent_core import atomic_file

CALLS = ("open", "fsync", "stat", "access", "chmod", "replace", "unlink", "mkdir")
"""Of ``os``, as the program's way of writing a file asks for them."""


REAL_STAT = os.stat


class Disk:
    """Counts the file operations of :mod:`rlxent_core.atomic_file`, and lets some of them fail.

    ``fails(k)`` is asked before the operation number k, from 1, and says whether it is refused.
    With ``thread`` only that of threads whose name begins so counts.
    """

    def __init__(
        self, fails: Callable[[int], bool], error: int = errno.ENOSPC, thread: str = ""
    ) -> None:
        self.fails, self.error, self.thread = fails, error, thread
        self.operations: list[str] = []
        self.refused: list[str] = []

    def ask(self, name: str) -> None:
        """An operation begins."""
        if not threading.current_thread().name.startswith(self.thread):
            return
        self.operations.append(name)
        if self.fails(len(self.operations)):
            self.refused.append(name)
            raise OSError(self.error, os.strerror(self.error))

    @contextmanager
    def plugged_in(self) -> Iterator[Disk]:
        """Everything that is written meanwhile is written on this disk."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._asking(name, getattr(os, name)))
            patch.setattr(atomic_file, "open", self._open, raising=False)
            yield self

    def _asking(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: Any, **more: Any) -> object:
            if name != "open" or not _only_reads(*arguments):
                self.ask(name)
            return real(*arguments, **more)

        return call

    def _open(self, *arguments: object) -> File:
        self.ask("open a file")
        return File(self, open(*arguments))  # type: ignore[call-overload]


def _only_reads(path: Any, flags: int, *more: object) -> bool:
    """Whether a file is opened to be read, which a disk without space does not mind."""
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    return not flags & writes and stat.S_ISREG(REAL_STAT(path).st_mode)


class File:
    """A file on that disk."""

    def __init__(self, disk: Disk, real: object) -> None:
        self._disk, self._real = disk, real

    def __enter__(self) -> File:
        return self

    def __exit__(self, *error: object) -> None:
        self._real.close()  # type: ignore[attr-defined]
        if error[0] is None:  # some systems only say now that there was no space
            self._disk.ask("close the file")

    def write(self, content: bytes) -> int:
        """Half of it is written before the disk is full."""
        self._real.write(content[: len(content) // 2])  # type: ignore[attr-defined]
        self._disk.ask("write")
        return self._real.write(content[len(content) // 2 :])  # type: ignore[attr-defined,no-any-return]

    def flush(self) -> None:
        self._disk.ask("flush")
        self._real.flush()  # type: ignore[attr-defined]

    def seek(self, position: int) -> None:
        self._real.seek(position)  # type: ignore[attr-defined]

    def fileno(self) -> int:
        return self._real.fileno()  # type: ignore[attr-defined,no-any-return]


def killed_at(operation: int, act: Callable[[], object]) -> int:
    """Do it in a child that is killed right before its operation of that number; how it ended.

    0 where there are not as many.
    """
    child = os.fork()
    if child == 0:

        def dies(number: int) -> bool:
            if number == operation:
                os.kill(os.getpid(), signal.SIGKILL)
            return False

        with Disk(dies).plugged_in():
            act()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def make_unreadable(patch: pytest.MonkeyPatch, path: Path, error: int) -> None:
    """Whoever opens the file is refused, in whatever way he opens it."""
    owners: tuple[Any, ...] = (builtins, Path, os)
    for owner in owners:

        def refused(file: Any, *arguments: Any, real: Any = owner.open, **more: Any) -> Any:
            if isinstance(file, str | Path) and Path(file) == path:
                raise OSError(error, os.strerror(error), str(path))
            return real(file, *arguments, **more)

        patch.setattr(owner, "open", refused)
