"""What the program was at: the world on the board, where it lies, and how it was being trained.

Written as a small JSON file beside the window's thread, and believed as little as any other file.
What was learnt lies in files of its own, see :mod:`rlxent_gui.learnt`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from rlxent_core import world_file
from rlxent_core.run_file import settings_of, world_of
from rlxent_core.run_parts import Part, RunFileError, read_object
from rlxent_core.settings import Settings
from rlxent_core.world import World

FORMAT, VERSION = "rlxent-session", 1
LIFE = os.urandom(8).hex()
"""Of this program: no other one, now or then, has the same."""
LEARNT, MEANS = ".safetensors", (".a.means", ".b.means")
"""What lies beside the file of a session, by how its name ends: see :mod:`rlxent_gui.learnt`."""
CHANGES = ("world", "settings")
MAX_CHANGES = 4096


class Session(NamedTuple):
    """A moment of the program."""

    world: World
    settings: Settings
    seed: int = 0
    update: int = 0
    """How many updates the training had made: without edits they follow from the rest."""
    path: Path | None = None
    """The world's file, if it has one."""
    stamp: str = ""
    """What that file held when it was last read or written, see :mod:`rlxent_gui.open_file`."""
    modified: bool = False
    """Whether the world differs from what that file held."""
    run: str = ""
    """Which run it is, see :func:`run_name`: so that nothing is taken for what another learnt."""
    changes: tuple[tuple[int, str], ...] = ()
    """After which updates world or settings were changed."""


def files_beside(path: Path) -> list[Path]:
    """Where what was learnt lies, if it does, beside the session in the file ``path``."""
    return [path.with_suffix(suffix) for suffix in (*MEANS, LEARNT)]


def run_name(run_id: int) -> str:
    """What the run is called that this program counts so, unlike that of any other program."""
    return f"{LIFE}.{run_id}"


def text_of(session: Session) -> str:
    """The file's text.

    Raises:
        WorldError: when the world would be too large to be read again.
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "world": json.loads(world_file.write_text(session.world)),
        "settings": asdict(session.settings),
        "seed": session.seed,
        "update": session.update,
        "path": None if session.path is None else str(session.path),
        "stamp": session.stamp,
        "modified": session.modified,
        "run": session.run,
        "changes": session.changes[-MAX_CHANGES:],
    }
    return json.dumps(content, allow_nan=False) + "\n"


def read(path: Path) -> Session:
    """The session in the file; of a world file, the world alone.

    Raises:
        RunFileError: when it is neither, or cannot be read.
    """
    return session_of(read_object(path), path)


def session_of(content: dict[str, Any], path: Path) -> Session:
    """The session that an object is, which was read from the file; of a world, the world alone.

    Raises:
        RunFileError: when it is neither.
    """
    whole = Part(content, "The session", path)
    if content.get("format") == world_file.FORMAT:
        return Session(world_of(whole), Settings(), modified=True)
    if content.get("format") != FORMAT:
        raise whole.wrong("a session or a world")
    file, stamp = whole.get("path").value, whole.get("stamp").value
    if not isinstance(stamp, str) or not (file is None or _names_a_file(file)):
        raise whole.get("path").wrong("the path of a file")
    return Session(
        world_of(whole.get("world")),
        settings_of(whole.get("settings")),
        whole.get("seed").whole(-(10**100), 10**100),
        whole.get("update").whole(0, 2**53),
        Path(file) if file else None,
        stamp,
        whole.get("modified").value is True,
        whole.get("run").text() if "run" in content else "",
        tuple(map(_change, whole.get("changes").list() if "changes" in content else [])),
    )


def _change(entry: object) -> tuple[int, str]:
    match entry:
        case [int(update), str(what)] if 0 <= update <= 2**53 and what in CHANGES:
            return update, what
    raise RunFileError("“changes” must be updates and what was changed after them.")


def _names_a_file(text: object) -> bool:
    """Whether the system would take it for a path."""
    try:
        return isinstance(text, str) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
