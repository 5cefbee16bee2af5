"""Files read with a bound: ordinary ones alone, and no more of them than is wanted."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_bounded(path: str | Path, limit: int) -> bytes:
    """The first ``limit`` bytes of a file, and one more where there are more.

    Raises:
        OSError: when it cannot be read, or is no ordinary file: a pipe could keep one waiting for
            ever, and a device has no end.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "It is a pipe or a device, not a file", str(path))
            return file.read(limit + 1)
    except ValueError:  # a NUL, or half a character
        raise OSError(errno.EINVAL, "No file can have this name", ascii(path)) from None


def _without_waiting(path: str, flags: int) -> int:
    # A pipe that nobody writes to is opened at once, a terminal does not become this program's.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0), 0o666)
