"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path


def write_whole(path: str | Path, *parts: str | bytes | memoryview) -> None:
    """Put ``parts`` (text as UTF-8) into the file ``path``, replacing what was there in one move.

    Raises:
        OSError: when it cannot be written, or is write-protected; what was there before is still
            there then.
    """
    target = Path(os.path.realpath(path))  # through a link, the file it points at
    temporary = target.with_name(f".{target.name[:80]}.{os.urandom(4).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            for part in parts:
                file.write(part.encode("utf-8") if isinstance(part, str) else part)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            # The move itself would not ask.
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
            with contextlib.suppress(OSError):  # some file systems have no modes
                shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _settle(target.parent)


def write_at(path: str | Path, start: int, content: memoryview) -> None:
    """Put ``content`` into the file ``path`` from its byte ``start`` on; what lies before it stays.

    Not whole or not at all: what follows byte ``start`` counts only once something else says so.

    Raises:
        OSError: when there is no such file, or it cannot be written.
    """
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Let the move outlive a power cut too, where the system can promise that."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
