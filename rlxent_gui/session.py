"""What the program was at: the world on the board, where it lies, and how it was being trained.

Written as a small JSON file beside the window's thread, and believed as little as any other file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from rlxent_core import world_file
from rlxent_core.run_file import settings_of, world_of
from rlxent_core.run_parts import Part, read_object
from rlxent_core.settings import Settings
from rlxent_core.world import World

FORMAT, VERSION = "rlxent-session", 1


@dataclass(frozen=True)
class Session:
    """A moment of the program."""

    world: World
    settings: Settings
    seed: int = 0
    update: int = 0
    """How many updates the training had made: they follow from the rest."""
    path: Path | None = None
    """The world's file, if it has one."""
    stamp: str = ""
    """What that file held when it was last read or written, see :mod:`rlxent_gui.open_file`."""
    modified: bool = False
    """Whether the world differs from what that file held."""


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
    }
    return json.dumps(content, allow_nan=False) + "\n"


def read(path: Path) -> Session:
    """The session in the file; of a world file, the world alone.

    Raises:
        RunFileError: when it is neither, or cannot be read.
    """
    content = read_object(path)
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
    )


def _names_a_file(text: object) -> bool:
    """Whether the system would take it for a path."""
    try:
        return isinstance(text, str) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
