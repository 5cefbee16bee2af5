"""Maps that others wrote, as worlds: FrozenLake, CliffWalking, plain text, Berkeley's grids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rlxent_core import world_file
from rlxent_core.berkeley import world_from_berkeley
from rlxent_core.bounded_file import read_bounded
from rlxent_core.gymnasium_maps import world_from_frozen_lake
from rlxent_core.map_text import USUAL, Piece, read_map
from rlxent_core.tiles import Cell, Teleport, Tile
from rlxent_core.world import World

HOLES: Mapping[str, Tile] = {"H": USUAL["P"], "O": USUAL["P"], "o": USUAL["P"]}
"""What others write for a pit."""


def world_from_text(text: str) -> World:
    """The world of a plain map: ``#`` wall, ``.`` or a space floor, S start, G goal, P H O pit.

    Lines that are shorter than the longest end in floor.  Everything else is as
    :func:`~rlxent_core.map_text.read_map` has it, the text of a whole world file included.

    Raises:
        WorldError: when the text is no map; one sentence.
    """
    if text.removeprefix("\ufeff").lstrip().startswith("{"):
        return world_file.read_text(text)
    piece = read_map(text, HOLES)
    return World(map=piece.rows, tiles={s: _moved(t, piece) for s, t in piece.tiles.items()})


def _moved(tile: Tile, piece: Piece) -> Tile:
    """The tile with its teleport told from the piece's own upper left cell."""
    if tile.teleport is None or piece.at == (0, 0):
        return tile
    to: Cell = (tile.teleport.to[0] - piece.at[0], tile.teleport.to[1] - piece.at[1])
    return replace(tile, teleport=Teleport(to, tile.teleport.reward))


def kind_of(text: str) -> str:
    """``berkeley``, ``frozenlake`` or ``text``: what a text most likely is.

    Nested lists are one of Berkeley's grids; rows of S, F, H and G, with an F, a frozen lake.
    """
    if re.match(r"(return\b|\w+\s*=)?\s*[\[(]\s*[\[(]", text.strip()[:200]):
        return "berkeley"
    letters = set("".join(text.split()))
    return "frozenlake" if {"F"} <= letters <= set("SFHG") else "text"


def world_from_any(text: str) -> World:
    """The world of a text of whatever kind, with that kind's usual rules.

    Raises:
        WorldError: when it is no map of its kind; one sentence.
    """
    kind = kind_of(text)
    if kind == "berkeley":
        return world_from_berkeley(text)
    if kind == "frozenlake":
        return world_from_frozen_lake(text.split())
    return world_from_text(text)


def read_world(path: str | Path) -> World:
    """The world in a file: a world file, or a map of whatever kind.

    Raises:
        WorldError: when it is neither.
        OSError: when it cannot be read.
    """
    return world_file.read_file(path) if is_world_file(path) else read_foreign(path)


def is_world_file(path: str | Path) -> bool:
    """Whether a file is meant as a world file: by its name, or since its text begins as one's."""
    begins = read_bounded(path, 4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return Path(path).suffix.lower() == ".json" or begins == b"{"


def read_foreign(path: str | Path) -> World:
    """The world of a map's file, named after it.

    Raises:
        WorldError: when it is no map.
        OSError: when it cannot be read.
    """
    world = world_from_any(world_file.file_text(path))
    return world if world.name else world.with_fields(name=Path(path).stem.replace("_", " "))
