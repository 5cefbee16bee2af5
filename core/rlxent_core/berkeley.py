"""Grids as the Pac-Man projects of Berkeley's AI course write them, as worlds.

A grid is a list of rows, each a list of ``' '`` (floor), ``'#'`` (wall), ``'S'`` (start) and
numbers: an exit, where any action ends the episode and pays the number.

Source: http://ai.berkeley.edu/reinforcement.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlxent_core.located_json import quoted, shown
from rlxent_core.tiles import FLOOR, MAX_SIDE, WALL, Tile, WorldError
from rlxent_core.world import World, free_symbol

MOVES = ("up", "left", "down", "right")
"""North, west, south, east, in the order of the course."""
TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*|return\b|[A-Za-z_]\w*\s*=)
    |'(?P<single>[^'\n]*)'|"(?P<double>[^"\n]*)"
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<open>[\[(])|(?P<close>[\])])|(?P<comma>,)""",
    re.VERBOSE,
)
Entry = str | float


def world_from_berkeley(
    grid: str | Sequence[Sequence[Entry]],
    living_reward: float = 0.0,
    noise: float = 0.2,
    discount: float = 0.9,
) -> World:
    """The world of a grid, given as lists or as the text of such lists in Python or JSON.

    ``living_reward`` is paid for every move, and with probability ``noise`` a move goes to one of
    its two sides instead.

    Raises:
        WorldError: when it is no such grid; one sentence.
    """
    rows = _parsed(grid) if isinstance(grid, str) else grid
    tiles: dict[str, Tile] = {}
    symbols: dict[Tile, str] = {}

    def symbol(entry: Entry) -> str:
        tile = _tile(entry)
        if isinstance(tile, str):
            return tile
        if tile not in symbols:
            symbols[tile] = free_symbol(tile, tiles)
            tiles[symbols[tile]] = tile
        return symbols[tile]

    return World(
        map=tuple("".join(map(symbol, row)) for row in rows),
        tiles=tiles,
        source="Berkeley’s Pac-Man projects",
        moves=MOVES,
        step_reward=living_reward,
        slip=noise,
        discount=discount,
    )


def _tile(entry: Entry) -> str | Tile:
    """The symbol of floor and wall, or the tile of anything else."""
    text = entry.strip() if isinstance(entry, str) else ""
    if entry in ("", " ", "_", FLOOR):
        return FLOOR
    if text == WALL:
        return WALL
    if text == "S":
        return Tile(start=1.0)
    try:
        return Tile(exit=float(entry))
    except (TypeError, ValueError, OverflowError):
        raise WorldError(
            f"A grid has ' ', '#', 'S' and numbers, and this one has {shown(entry)}."
        ) from None


def _parsed(text: str) -> list[list[Entry]]:
    """The rows that the text of nested lists has."""
    rows: list[list[Entry]] = []
    depth, at = 0, 0
    while match := TOKEN.match(text, at):
        at = match.end()
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            if depth == 2:
                rows.append([])
        elif kind == "close":
            depth -= 1
            if depth <= 0:
                break
        elif kind in ("single", "double", "number"):
            if depth != 2:
                break
            rows[-1].append(float(match[kind]) if kind == "number" else match[kind])
            if len(rows) > MAX_SIDE or len(rows[-1]) > MAX_SIDE:
                raise WorldError(f"The grid has more than {MAX_SIDE} rows or columns.")
        if depth > 2:
            break
    rest = text[at:].strip()
    if depth != 0 or (rest and not rest.startswith("#")) or not rows:
        line = text.count("\n", 0, at) + 1
        found = f"there is {quoted(rest.split()[0])}" if rest else "there is nothing more"
        raise WorldError(
            f"Line {line}: a grid is a list of rows, [[' ', '#', 1], …], and {found}."
        )
    return rows
