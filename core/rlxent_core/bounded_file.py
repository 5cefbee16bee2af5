"""Files read with a bound: ordinary ones alone, and no more of them than is wanted."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def ordinary_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to be read, closed in the end.

    Raises:
        OSError: when it cannot be opened, or is no ordinary file: a pipe could keep one waiting for
            ever, and a device has no end.
    """
    try:
        opened = open(path, "rb", opener=_without_waiting)  # noqa: SIM115
    except ValueError:  # a NUL, or half a character
        raise OSError(errno.EINVAL, "No file can have this name", ascii(path)) from None
    with opened as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "It is a pipe or a device, not a file", str(path))
        yield file


def read_bounded(path: str | Path, limit: int) -> bytes:
    """The first ``limit`` bytes of a file, and one more where there are more.

    Raises:
        OSError: when it cannot be read, or as :func:`ordinary_file`.
    """
    with ordinary_file(path) as file:
        return file.read(limit + 1)


def _without_waiting(path: str, flags: int) -> int:
    # A pipe that nobody writes to is opened at once, a terminal does not become this program's.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0), 0o666)
