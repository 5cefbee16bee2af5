"""An immutable gridworld; every edit returns a new one.

Cells are ``(row, column)`` counted from the top left.  A world that exists is valid:
construction checks everything and raises :class:`WorldError` with one sentence.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from types import MappingProxyType
from typing import Any

from rlxent_core.tiles import (
    DEFAULT_MOVES,
    DIRECTIONS,
    FLOOR,
    FLOOR_TILE,
    MAX_SIDE,
    MAX_STEPS_LIMIT,
    TILE_KEYS,
    WALL,
    WALL_TILE,
    Cell,
    Teleport,
    Tile,
    WorldError,
)
from rlxent_core.world_rules import check

__all__ = [
    "DEFAULT_MOVES",
    "DIRECTIONS",
    "FLOOR",
    "FLOOR_TILE",
    "MAX_SIDE",
    "MAX_STEPS_LIMIT",
    "TILE_KEYS",
    "WALL",
    "WALL_TILE",
    "Cell",
    "Teleport",
    "Tile",
    "World",
    "WorldError",
]


@dataclass(frozen=True)
class World:
    """A gridworld as its file describes it.

    ``map`` is a tuple of equally long rows of one-character symbols; ``tiles`` says what each
    symbol but ``.`` (floor) and ``#`` (wall) means.

    Raises:
        WorldError: when any part breaks a rule of the format.
    """

    map: tuple[str, ...]
    tiles: Mapping[str, Tile] = field(default_factory=dict, hash=False)
    name: str = ""
    notes: str = ""
    source: str = ""
    moves: tuple[str, ...] = DEFAULT_MOVES
    step_reward: float = 0.0
    bump_reward: float = 0.0
    slip: float = 0.0
    reward_noise: float = 0.0
    discount: float = 0.99
    max_steps: int | None = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiles", MappingProxyType(dict(self.tiles)))
        check(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Made anew from its parts: a read-only mapping can be neither copied nor pickled."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["tiles"] = dict(self.tiles)
        return _made_of, (values,)

    @property
    def rows(self) -> int:
        return len(self.map)

    @property
    def columns(self) -> int:
        return len(self.map[0])

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell in row order, walls included."""
        return tuple((r, c) for r in range(self.rows) for c in range(self.columns))

    @property
    def standable_cells(self) -> tuple[Cell, ...]:
        """Cells in row order where an action can be chosen: no wall, terminal or respawn cell."""
        return tuple(cell for cell in self.cells if self.tile(cell).standable)

    def contains(self, cell: Cell) -> bool:
        return 0 <= cell[0] < self.rows and 0 <= cell[1] < self.columns

    def symbol(self, cell: Cell) -> str:
        return self.map[cell[0]][cell[1]]

    def tile_of(self, symbol: str) -> Tile:
        if symbol == FLOOR:
            return FLOOR_TILE
        if symbol == WALL:
            return WALL_TILE
        return self.tiles[symbol]

    def tile(self, cell: Cell) -> Tile:
        return self.tile_of(self.symbol(cell))

    def start_distribution(self) -> dict[Cell, float]:
        """Probability of each start cell; uniform over the standable cells where none is marked."""
        weights = {c: t.start for c in self.cells if (t := self.tile(c)).start > 0}
        if not weights:
            weights = dict.fromkeys(self.standable_cells, 1.0)
        largest = max(weights.values())  # the sum of huge weights would not be finite
        total = sum(weight / largest for weight in weights.values())
        return {cell: weight / largest / total for cell, weight in weights.items()}

    def with_tiles(self, changes: Mapping[Cell, Tile]) -> World:
        """This world with the tiles of some cells replaced; symbols are found or made as needed.

        Symbols that lose their last cell by the change are forgotten, but for tiles with a name.
        """
        tiles = dict(self.tiles)
        by_tile = {tile: symbol for symbol, tile in reversed(tiles.items())}
        by_tile |= {FLOOR_TILE: FLOOR, WALL_TILE: WALL}
        grid = [list(row) for row in self.map]
        for (r, c), tile in changes.items():
            if tile not in by_tile:
                symbol = free_symbol(tile, tiles)
                tiles[symbol] = tile
                by_tile[tile] = symbol
            grid[r][c] = by_tile[tile]
        rows = tuple("".join(row) for row in grid)
        orphaned = set("".join(self.map)) - set("".join(rows))
        tiles = {s: t for s, t in tiles.items() if t.name or s not in orphaned}
        return replace(self, map=rows, tiles=tiles)

    def with_fields(self, **values: object) -> World:
        """This world with other world-wide values, e.g. ``discount=0.9`` or ``name="Maze"``."""
        return replace(self, **values)  # type: ignore[arg-type]


def _made_of(values: dict[str, Any]) -> World:
    return World(**values)


def free_symbol(tile: Tile, taken: Container[str]) -> str:
    """A symbol that is not ``taken``: one that suits the tile by habit, else a letter."""
    habits: dict[str, bool] = {
        "S": tile.start > 0,
        "G": tile.terminal and tile.reward > 0,
        "P": tile.terminal and tile.reward < 0,
        "T": tile.terminal,
        "X": tile.exit is not None,
        "C": tile.respawn,
        "A": tile.teleport is not None,
        "~": tile.slip is not None,
        "^": tile.wind[0] < 0,
        "v": tile.wind[0] > 0,
        "<": tile.wind[1] < 0,
        ">": tile.wind[1] > 0,
        "x": tile.reversed,
        "+": tile.reward > 0,
        "-": tile.reward < 0,
    }
    for habit, suits in habits.items():
        if suits and habit not in taken:
            return habit
    rarer = map(chr, range(0x3B1, sys.maxunicode))
    for symbol in chain(string.ascii_letters, string.digits, rarer):
        if symbol not in taken and symbol.isalnum():
            return symbol
    raise AssertionError("more symbols than characters")
