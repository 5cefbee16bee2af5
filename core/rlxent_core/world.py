"""An immutable gridworld; every edit returns a new one.

Cells are ``(row, column)`` counted from the top left.  A world that exists is valid:
construction checks everything and raises :class:`WorldError` with one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

Cell = tuple[int, int]

DIRECTIONS: Mapping[str, Cell] = MappingProxyType(
    {
        "up": (-1, 0),
        "right": (0, 1),
        "down": (1, 0),
        "left": (0, -1),
        "up-right": (-1, 1),
        "down-right": (1, 1),
        "down-left": (1, -1),
        "up-left": (-1, -1),
        "stay": (0, 0),
    }
)
DEFAULT_MOVES = ("up", "right", "down", "left")
FLOOR, WALL = ".", "#"
MAX_SIDE = 64
MAX_STEPS_LIMIT = 10_000


class WorldError(ValueError):
    """One clear sentence about what is wrong with a world.

    ``path`` leads to the value in the file's JSON, e.g. ``("tiles", "G", "rewrad")``; it is empty
    where the sentence is about the whole file.
    """

    def __init__(self, sentence: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(sentence)
        self.path = path


@dataclass(frozen=True)
class Teleport:
    """Any action taken in the cell moves to ``to`` and pays ``reward`` instead of a step reward."""

    to: Cell
    reward: float = 0.0


@dataclass(frozen=True)
class Tile:
    """What one kind of cell does; the default is plain floor."""

    wall: bool = False
    start: float = 0.0
    terminal: bool = False
    reward: float = 0.0
    exit: float | None = None
    teleport: Teleport | None = None
    respawn: bool = False
    slip: float | None = None
    wind: Cell = (0, 0)
    reversed: bool = False
    reward_noise: float | None = None

    @property
    def standable(self) -> bool:
        """Whether an agent can be in the cell when it chooses an action."""
        return not (self.wall or self.terminal or self.respawn)


FLOOR_TILE = Tile()
WALL_TILE = Tile(wall=True)
TILE_KEYS = tuple(f.name for f in fields(Tile))


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
        total = sum(weights.values())
        return {cell: weight / total for cell, weight in weights.items()}

    def with_tiles(self, changes: Mapping[Cell, Tile]) -> World:
        """This world with the tiles of some cells replaced; symbols are found or made as needed.

        Symbols that lose their last cell by the change are forgotten.
        """
        tiles = dict(self.tiles)
        by_tile = {tile: symbol for symbol, tile in reversed(tiles.items())}
        by_tile |= {FLOOR_TILE: FLOOR, WALL_TILE: WALL}
        grid = [list(row) for row in self.map]
        for (r, c), tile in changes.items():
            if tile not in by_tile:
                symbol = _free_symbol(tile, tiles)
                tiles[symbol] = tile
                by_tile[tile] = symbol
            grid[r][c] = by_tile[tile]
        rows = tuple("".join(row) for row in grid)
        orphaned = set("".join(self.map)) - set("".join(rows))
        tiles = {s: t for s, t in tiles.items() if s not in orphaned}
        return replace(self, map=rows, tiles=tiles)

    def with_fields(self, **values: object) -> World:
        """This world with other world-wide values, e.g. ``discount=0.9`` or ``name="Maze"``."""
        return replace(self, **values)  # type: ignore[arg-type]


def _free_symbol(tile: Tile, taken: Iterable[str]) -> str:
    used = {FLOOR, WALL, *taken}
    habits = {
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
    for symbol, suits in habits.items():
        if suits and symbol not in used:
            return symbol
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for symbol in (*letters, *map(chr, range(0x3B1, 0x3B1 + MAX_SIDE**2 + len(used)))):
        if symbol not in used and symbol.isalnum():
            return symbol
    raise AssertionError("more symbols than cells")


def check(world: World) -> None:
    """Raise :class:`WorldError` for the first rule of the format that ``world`` breaks."""
    # Filled in beside the file format: every rule has its sentence there.
    if not world.map or not world.map[0]:
        raise WorldError("The map has no cells.", ("map",))
    if any(len(row) != world.columns for row in world.map):
        raise WorldError("The rows of the map differ in length.", ("map",))
    if not math.isfinite(world.discount):
        raise WorldError("The discount must be a finite number.", ("discount",))
