"""What comes with the program: worlds, what books print of them, episodes, icons and fonts."""

from __future__ import annotations

from pathlib import Path

FIRST = ("sparse5", "ice_and_pit")
"""The worlds a menu begins with; the others follow by name."""


def worlds() -> tuple[str, ...]:
    """Names of the worlds, as the command line takes them."""
    names = [e.name.removesuffix(".json") for e in _folder("worlds").iterdir()
             if e.name.endswith(".json")]
    return (*FIRST, *sorted(set(names) - set(FIRST)))


def world_text(name: str) -> str:
    """The text of the world's file."""
    return (_folder("worlds") / f"{name}.json").read_text(encoding="utf-8")


def published_text(name: str) -> str | None:
    """The text of the file with the figures published of a world; None where none are."""
    file = _folder("published") / f"{name}.json"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def episodes_text(name: str) -> str | None:
    """The text of the file with episodes of a world, for its credit; None where there are none."""
    file = _folder("episodes") / f"{name}.json"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def icon_path(name: str) -> Path:
    """The icon's SVG file."""
    return _folder("icons") / f"{name}.svg"


def font_paths() -> tuple[Path, ...]:
    """The font files, by name."""
    fonts = [e for e in _folder("fonts").iterdir() if e.name.endswith((".otf", ".ttf"))]
    return tuple(sorted(fonts, key=lambda font: font.name))


def _folder(name: str) -> Path:
    return Path(__file__).parent / name
