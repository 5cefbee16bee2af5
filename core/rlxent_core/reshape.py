"""The board as a whole: other sizes, turned, mirrored, shifted; pieces moved and put down.

Every function returns a new world.  Teleports follow the cell they lead to; one that would lead
to a cell that is gone is refused with :class:`WorldError`, as everything is that breaks a rule of
the format, and the world stays as it was.  Tiles that lose their last cell are forgotten, but for
those with a name (which are forgotten too if their teleport leads nowhere any more).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from rlxent_core.located_json import quoted, shown
from rlxent_core.map_text import Piece, piece_of
from rlxent_core.rectangle import Rectangle
from rlxent_core.tiles import (
    DIRECTIONS,
    FLOOR,
    FLOOR_TILE,
    MAX_SIDE,
    WALL,
    WALL_TILE,
    Cell,
    Tile,
    WorldError,
)
from rlxent_core.world import World, free_symbol

NAMES = {direction: name for name, direction in DIRECTIONS.items()}
Where = Callable[[Cell], Cell]
Turn = Callable[[Cell], Cell]


def resized(world: World, rows: int, columns: int, anchor: Cell = (0, 0)) -> World:
    """As many rows and columns; new cells are floor.

    ``anchor`` is the side that stays, (0, 0) the upper left corner, (1, 1) the middle, (2, 2) the
    lower right corner.
    """
    top = (rows - world.rows) * anchor[0] // 2
    left = (columns - world.columns) * anchor[1] // 2
    return _framed(world, Rectangle(-top, -left, rows, columns))


def cropped(world: World, rectangle: Rectangle) -> World:
    """Nothing but the cells of ``rectangle``."""
    return _framed(world, rectangle)


def rotated(world: World, quarter_turns: int = 1) -> World:
    """Turned clockwise by so many right angles; winds and moves turn with the cells.

    ``moves`` keep their order, so that an action is the turned one.  Where the format says rows
    before columns, a turn by an odd number of right angles cannot be said: wind on both axes, met
    by ``stay`` or by a diagonal move, may then lead round another side of a wall.
    """
    for _ in range(quarter_turns % 4):
        world = _turned(world)
    return world


def mirrored(world: World, vertically: bool = False) -> World:
    """Left and right exchanged, or above and below; winds and moves with them."""
    bottom, right = world.rows - 1, world.columns - 1
    if vertically:
        return _carried(world, tuple(reversed(world.map)), lambda cell: (bottom - cell[0], cell[1]),
                        lambda step: (-step[0], step[1]))
    return _carried(world, tuple(row[::-1] for row in world.map),
                    lambda cell: (cell[0], right - cell[1]), lambda step: (step[0], -step[1]))


def shifted(world: World, rows: int, columns: int) -> World:
    """Moved down and to the right; what leaves the board comes in again on the other side."""
    down, along = rows % world.rows, columns % world.columns
    moved = (*world.map[world.rows - down :], *world.map[: world.rows - down])
    cut = world.columns - along
    return _carried(
        world, tuple(row[cut:] + row[:cut] for row in moved),
        lambda cell: ((cell[0] + down) % world.rows, (cell[1] + along) % world.columns),
        lambda step: step,
    )


def cleared(world: World) -> World:
    """Nothing but floor and the starts, which stay where they are."""
    return world.with_tiles({
        cell: replace(FLOOR_TILE, start=world.tile(cell).start) for cell in world.cells
    })


def erased(world: World, rectangle: Rectangle) -> World:
    """Floor in every cell of ``rectangle``."""
    return world.with_tiles(dict.fromkeys(rectangle.cells, FLOOR_TILE))


def moved(world: World, rectangle: Rectangle, corner: Cell) -> World:
    """What lies in ``rectangle`` moved to where its upper left cell is ``corner``.

    It leaves floor behind and replaces what it comes to lie on; teleports that lead into it, from
    wherever, lead to the same cell of it afterwards.
    """
    grid = [list(row) for row in world.map]
    for r, c in rectangle.cells:
        grid[r][c] = FLOOR
    down, along = corner[0] - rectangle.top, corner[1] - rectangle.left
    _put(grid, piece_of(world, rectangle).rows, corner)
    return _with_map(world, grid, _following(world.tiles, rectangle, down, along))


def placed(world: World, piece: Piece, corner: Cell) -> World:
    """``piece`` put down with its upper left cell in ``corner``; what sticks out is cut off.

    Teleports of the piece that lead into it lead to where that cell comes to lie; others lead to
    the same cell as before.
    """
    there = Rectangle(*corner, len(piece.rows), len(piece.rows[0]))
    down, along = corner[0] - piece.at[0], corner[1] - piece.at[1]
    seen = {
        piece.rows[r - corner[0]][c - corner[1]] for r, c in there.cells if world.contains((r, c))
    }
    tiles = dict(world.tiles)
    by_tile = {tile: symbol for symbol, tile in reversed(tiles.items())}
    by_tile |= {FLOOR_TILE: FLOOR, WALL_TILE: WALL}
    letters = {FLOOR: FLOOR, WALL: WALL}
    for symbol, tile in _following(piece.tiles, piece.rectangle, down, along).items():
        if symbol in seen and tile not in by_tile:
            letter = free_symbol(tile, tiles) if symbol in tiles else symbol
            tiles[letter] = tile
            by_tile[tile] = letter
        letters[symbol] = by_tile.get(tile, FLOOR)
    rows = ["".join(letters[symbol] for symbol in row) for row in piece.rows]
    grid = [list(row) for row in world.map]
    _put(grid, rows, corner)
    return _with_map(world, grid, tiles)


def _put(grid: list[list[str]], rows: Iterable[str], corner: Cell) -> None:
    for r, row in enumerate(rows, corner[0]):
        for c, symbol in enumerate(row, corner[1]):
            if 0 <= r < len(grid) and 0 <= c < len(grid[0]):
                grid[r][c] = symbol


def _following(
    tiles: Mapping[str, Tile], rectangle: Rectangle, down: int, along: int
) -> dict[str, Tile]:
    """The tiles with the teleports that lead into ``rectangle`` moved along with it."""
    return {
        symbol: _leading(tile, (tile.teleport.to[0] + down, tile.teleport.to[1] + along))
        if tile.teleport is not None and rectangle.contains(tile.teleport.to)
        else tile
        for symbol, tile in tiles.items()
    }


def _leading(tile: Tile, to: Cell) -> Tile:
    assert tile.teleport is not None
    return replace(tile, teleport=replace(tile.teleport, to=to))


def _framed(world: World, frame: Rectangle) -> World:
    """What is seen through ``frame``, which may reach beyond the board."""
    for count, what in ((frame.rows, "rows"), (frame.columns, "columns")):
        if not 1 <= count <= MAX_SIDE:
            raise WorldError(f"A board has 1 to {MAX_SIDE} {what}, not {count}.", ("map",))
    grid = [[FLOOR] * frame.columns for _ in range(frame.rows)]
    _put(grid, world.map, (-frame.top, -frame.left))
    used = {symbol for row in grid for symbol in row}
    tiles = {}
    for symbol, tile in world.tiles.items():
        if tile.teleport is not None:
            to = tile.teleport.to
            if not frame.contains(to):
                if symbol in used:
                    raise WorldError(
                        f"Tile {quoted(symbol)} teleports to {shown(to)}, which would be cut off.",
                        ("tiles", symbol, "teleport", "to"),
                    )
                continue
            tile = _leading(tile, (to[0] - frame.top, to[1] - frame.left))
        tiles[symbol] = tile
    return _with_map(world, grid, tiles)


def _turned(world: World) -> World:
    """Turned clockwise by a right angle."""
    bottom = world.rows - 1
    rows = tuple("".join(column) for column in zip(*reversed(world.map), strict=True))
    return _carried(world, rows, lambda cell: (cell[1], bottom - cell[0]),
                    lambda step: (step[1], -step[0]))


def _carried(world: World, rows: tuple[str, ...], where: Where, turn: Turn) -> World:
    """The world with every cell elsewhere and every direction turned."""
    tiles = {}
    for symbol, tile in world.tiles.items():
        if tile.teleport is not None:
            tile = _leading(tile, where(tile.teleport.to))
        tiles[symbol] = replace(tile, wind=turn(tile.wind))
    moves = tuple(NAMES[turn(DIRECTIONS[move])] for move in world.moves)
    return replace(world, map=rows, tiles=tiles, moves=moves)


def _with_map(world: World, grid: Iterable[Iterable[str]], tiles: Mapping[str, Tile]) -> World:
    """The world with another map; nameless tiles that have lost their last cell are left out."""
    rows = tuple("".join(row) for row in grid)
    orphaned = set("".join(world.map)) - set("".join(rows))
    kept = {s: t for s, t in tiles.items() if t.name or s not in orphaned}
    return replace(world, map=rows, tiles=kept)
