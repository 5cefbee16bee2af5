"""What the program remembers between two starts: a small JSON file, never in the way.

A missing, damaged or unwritable file costs what it would have remembered, never an exception.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

import platformdirs

from rlxent_core.atomic_file import write_whole
from rlxent_core.bounded_file import read_bounded

MAX_RECENT = 8
MAX_BYTES = 2**20
THEMES = ("light", "dark")


def default_path() -> Path:
    """The file in the platform's folder for settings, or in ``RLXENT_CONFIG_DIR`` where set."""
    folder = os.environ.get("RLXENT_CONFIG_DIR")
    where = Path(folder) if folder else platformdirs.user_config_path("rlxent", appauthor=False)
    return where / "preferences.json"


class Preferences:
    """Theme, text size, recent files and window geometry; every change is written at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        stored = self._read()
        theme = stored.get("theme")
        self._theme = theme if isinstance(theme, str) and theme in THEMES else None
        factor = stored.get("text_factor")
        if not isinstance(factor, float) or not math.isfinite(factor) or factor <= 0:
            factor = 1.0
        self._factor = factor
        recent = stored.get("recent_files")
        names = recent if isinstance(recent, list) else []
        self._recent = tuple(n for n in names if isinstance(n, str) and _nameable(n))[:MAX_RECENT]
        self._geometry = _bytes_of(stored.get("geometry"))

    @property
    def theme(self) -> str | None:
        """"light" or "dark"; ``None`` as long as the user has not chosen."""
        return self._theme

    @property
    def text_factor(self) -> float:
        return self._factor

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Absolute paths, the latest first."""
        return self._recent

    @property
    def geometry(self) -> bytes:
        """What ``QWidget.saveGeometry`` gave; empty at the first start."""
        return self._geometry

    def set_appearance(self, theme: str, text_factor: float) -> None:
        self._theme, self._factor = theme, text_factor
        self._write()

    def set_geometry(self, geometry: bytes) -> None:
        self._geometry = bytes(geometry)
        self._write()

    def add_recent(self, path: str | Path) -> None:
        """Put a file at the head of the recent ones."""
        name = os.path.abspath(path)
        self._recent = (name, *(n for n in self._recent if n != name))[:MAX_RECENT]
        self._write()

    def remove_recent(self, path: str | Path) -> None:
        """Forget a file, e.g. one that is no longer there."""
        self._recent = tuple(n for n in self._recent if n != os.path.abspath(path))
        self._write()

    def _read(self) -> dict[str, Any]:
        try:
            content = read_bounded(self.path, MAX_BYTES)
            stored = json.loads(content) if len(content) <= MAX_BYTES else {}
        except (OSError, ValueError, RecursionError):
            return {}
        return stored if isinstance(stored, dict) else {}

    def _write(self) -> None:
        stored = {
            "theme": self._theme,
            "text_factor": float(self._factor),
            "recent_files": list(self._recent),
            "geometry": self._geometry.hex(),
        }
        # A full disk or a read-only home must not stop a lecture: nothing is remembered then.
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # In ASCII: a file's name need not be text that UTF-8 can hold.
            write_whole(self.path, json.dumps(stored, indent=1) + "\n")


def _nameable(text: str) -> bool:
    """Whether a file can have the name."""
    try:
        return bool(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _bytes_of(text: Any) -> bytes:
    try:
        return bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return b""
