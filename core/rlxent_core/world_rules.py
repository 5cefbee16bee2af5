"""The rules of the world format, a sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rlxent_core.located_json import Path, quoted, shown, writable
from rlxent_core.nearest import nearest
from rlxent_core.tiles import (
    DIRECTIONS,
    FLOOR,
    MAX_SIDE,
    MAX_STEPS_LIMIT,
    WALL,
    Tile,
    WorldError,
)

if TYPE_CHECKING:
    from rlxent_core.world import World

MAX_WIND = 64
MAX_TILE_NAME = 40


def check(world: World) -> None:
    """Raise :class:`WorldError` for the first rule of the format that ``world`` breaks."""
    for key in ("name", "notes", "source"):
        _check_text(getattr(world, key), f"“{key}”", (key,))
    _check_map(world)
    for symbol, tile in world.tiles.items():
        check_tile(symbol, tile)
    _check_symbols_of_map(world)
    for symbol, tile in world.tiles.items():
        _check_teleport(world, symbol, tile)
    if not any(tile.standable for tile in map(world.tile_of, set("".join(world.map)))):
        raise WorldError(
            "The map has no free cell: each is a wall, terminal or respawn, and an agent has to"
            " stand somewhere.",
            ("map",),
        )
    _check_moves(world.moves)
    for key in ("step_reward", "bump_reward"):
        _check_finite(getattr(world, key), f"“{key}”", (key,))
    _check_probability(world.slip, "“slip”", ("slip",))
    _check_not_negative(world.reward_noise, "“reward_noise”", ("reward_noise",))
    _check_probability(world.discount, "“discount”", ("discount",))
    if world.max_steps is not None and not 1 <= world.max_steps <= MAX_STEPS_LIMIT:
        raise WorldError(
            f"“max_steps” must be a whole number from 1 to {MAX_STEPS_LIMIT:,}, or null for no"
            f" limit, not {shown(world.max_steps)}.",
            ("max_steps",),
        )


def check_tile(symbol: str, tile: Tile) -> None:
    """Raise :class:`WorldError` where the tile breaks a rule in whatever world it is."""
    _check_symbol(symbol)
    _check_tile(symbol, tile)


def hint(word: str, known: Iterable[str]) -> str:
    """How a sentence about an unknown ``word`` ends: the nearest known one, or all of them."""
    known = list(known)
    near = nearest(word, known)
    return f": did you mean “{near}”?" if near else f". There are: {', '.join(known)}."


def _check_map(world: World) -> None:
    if not world.map or not world.map[0]:
        raise WorldError("The map has no cells.", ("map",))
    if world.rows > MAX_SIDE:
        raise WorldError(
            f"The map has {world.rows} rows, and {MAX_SIDE} are the most there can be.", ("map",)
        )
    for r, row in enumerate(world.map):
        if len(row) > MAX_SIDE:
            raise WorldError(
                f"Row {r} of the map (counted from 0) has {len(row)} columns, and {MAX_SIDE} are"
                " the most there can be.",
                ("map", r),
            )
        if len(row) != world.columns:
            raise WorldError(
                f"Row {r} of the map (counted from 0) has {_cells(len(row))}, and the first row"
                f" has {world.columns}: all must be equally long.",
                ("map", r),
            )


def _check_symbols_of_map(world: World) -> None:
    known = {FLOOR, WALL, *world.tiles}
    for r, row in enumerate(world.map):
        for c, symbol in enumerate(row):
            if symbol not in known:
                raise WorldError(
                    f"The map has {quoted(symbol)} in row {r}, column {c} (counted from 0), which"
                    " “tiles” does not describe.",
                    ("map", r),
                )


def _check_symbol(symbol: str) -> None:
    path: Path = ("tiles", symbol)
    _check_text(symbol, "The symbol of a tile", path)
    if len(symbol) != 1:
        raise WorldError(
            f"Tile {quoted(symbol)} has a symbol of {len(symbol)} characters, and it must be"
            " exactly one.",
            path,
        )
    if symbol in (FLOOR, WALL):
        meaning = "floor" if symbol == FLOOR else "wall"
        raise WorldError(f"Tile {quoted(symbol)} is {meaning} and cannot be redefined.", path)


def _check_tile(symbol: str, tile: Tile) -> None:
    path: Path = ("tiles", symbol)

    def of(key: str) -> str:
        return f"“{key}” of tile {quoted(symbol)}"

    _check_text(tile.name, of("name"), (*path, "name"))
    if len(tile.name) > MAX_TILE_NAME or not tile.name.isprintable():
        raise WorldError(
            f"{of('name')} must be one line of at most {MAX_TILE_NAME} characters.", (*path, "name")
        )
    for key in ("start", "reward_noise"):
        _check_not_negative(getattr(tile, key) or 0.0, of(key), (*path, key))
    for key in ("reward", "exit"):
        _check_finite(getattr(tile, key) or 0.0, of(key), (*path, key))
    _check_probability(tile.slip or 0.0, of("slip"), (*path, "slip"))
    if max(map(abs, tile.wind)) > MAX_WIND:
        raise WorldError(
            f"{of('wind')} must be two whole numbers from −{MAX_WIND} to {MAX_WIND}, not"
            f" {shown(tile.wind)}.",
            (*path, "wind"),
        )
    kind = next((key for key in ("wall", "terminal", "respawn") if getattr(tile, key)), None)
    if tile.start and kind:
        raise WorldError(
            f"Tile {quoted(symbol)} cannot be both start and {kind}: nobody can stand there.",
            (*path, "start"),
        )
    if tile.terminal and tile.respawn:
        raise WorldError(
            f"Tile {quoted(symbol)} cannot be both terminal and respawn: the episode either ends or"
            " goes on.",
            (*path, "respawn"),
        )
    if tile.exit is not None and tile.teleport is not None:
        raise WorldError(
            f"Tile {quoted(symbol)} cannot have both exit and teleport: an action taken there does"
            " one or the other.",
            (*path, "teleport"),
        )


def _check_teleport(world: World, symbol: str, tile: Tile) -> None:
    if tile.teleport is None:
        return
    path: Path = ("tiles", symbol, "teleport")
    what = f"“reward” of the teleport of tile {quoted(symbol)}"
    _check_finite(tile.teleport.reward, what, (*path, "reward"))
    cell = tile.teleport.to
    where = f"Tile {quoted(symbol)} teleports to {shown(cell)}, which is"
    if not world.contains(cell):
        raise WorldError(
            f"{where} outside the map ({world.rows} rows, {world.columns} columns, counted from"
            " 0).",
            (*path, "to"),
        )
    target = world.tile(cell)
    kind = next((key for key in ("wall", "terminal", "respawn") if getattr(target, key)), None)
    if kind:
        a = f"a {kind}" if kind == "wall" else f"a {kind} cell"
        raise WorldError(f"{where} {a}: nobody can stand there.", (*path, "to"))


def _check_moves(moves: tuple[str, ...]) -> None:
    if not moves:
        raise WorldError("“moves” is empty, and an agent has to do something.", ("moves",))
    for i, move in enumerate(moves):
        if move not in DIRECTIONS:
            raise WorldError(
                f"“moves” has an unknown move {quoted(move)}{hint(move, DIRECTIONS)}", ("moves", i)
            )
        if move in moves[:i]:
            raise WorldError(f"“moves” has {quoted(move)} twice.", ("moves", i))


def _check_finite(value: float, what: str, path: Path) -> None:
    if not math.isfinite(value):
        raise WorldError(f"{what} must be a finite number.", path)


def _check_not_negative(value: float, what: str, path: Path) -> None:
    _check_finite(value, what, path)
    if value < 0:
        raise WorldError(f"{what} must not be negative, and it is {value:g}.", path)


def _check_probability(value: float, what: str, path: Path) -> None:
    _check_finite(value, what, path)
    if not 0 <= value <= 1:
        raise WorldError(f"{what} must be between 0 and 1, not {value:g}.", path)


def _check_text(text: str, what: str, path: Path) -> None:
    if not writable(text):
        raise WorldError(
            f"{what} holds half a character (an unpaired surrogate), which no file can.", path
        )


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
