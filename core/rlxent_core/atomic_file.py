"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Put ``content`` (text as UTF-8) into the file ``path``, replacing what was there in one move.

    Raises:
        OSError: when it cannot be written; what was there before is still there then.
    """
    target = Path(os.path.realpath(path))  # through a link, the file it points at
    temporary = target.with_name(f".{target.name[:80]}.{uuid4().hex[:8]}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
