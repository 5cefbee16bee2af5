"""Edits of a world's tiles as kinds: a change of one is a change of every cell that has it."""

from __future__ import annotations

from dataclasses import replace

from rlxent_core.tiles import FLOOR, FLOOR_TILE, WALL, WALL_TILE, Tile, WorldError
from rlxent_core.world import World, free_symbol


def symbol_of(world: World, tile: Tile) -> str | None:
    """The symbol that means ``tile`` in ``world``, if any."""
    if tile in (FLOOR_TILE, WALL_TILE):
        return FLOOR if tile == FLOOR_TILE else WALL
    return next((symbol for symbol, known in world.tiles.items() if known == tile), None)


def named_tiles(world: World) -> dict[str, Tile]:
    """The tiles that their author gave a name, by symbol, in the file's order."""
    return {symbol: tile for symbol, tile in world.tiles.items() if tile.name}


def cell_count(world: World, symbol: str) -> int:
    """How many cells have the tile of ``symbol``."""
    return sum(row.count(symbol) for row in world.map)


def with_tile(world: World, symbol: str, tile: Tile) -> World:
    """``world`` where ``symbol`` means ``tile``, in every cell that has it.

    A symbol that is not yet used is added.  A tile without a name that no cell has is forgotten.

    Raises:
        WorldError: when the tile breaks a rule of the format, or the symbol is floor or wall.
    """
    tiles = {**world.tiles, symbol: tile}
    # Checked before anything is forgotten: a wrong tile is wrong also where no cell has it.
    changed = replace(world, tiles=tiles)
    if tile.name or cell_count(world, symbol):
        return changed
    return replace(changed, tiles={s: t for s, t in tiles.items() if s != symbol})


def with_new_tile(world: World, tile: Tile) -> tuple[World, str]:
    """``world`` with a further named tile that no cell has yet, and its symbol."""
    symbol = free_symbol(tile, world.tiles)
    return with_tile(world, symbol, tile), symbol


def with_symbol(world: World, old: str, new: str) -> World:
    """``world`` where the tile of ``old`` is written ``new`` on the map.

    Raises:
        WorldError: when ``new`` is taken or is not one character that can be a symbol.
    """
    if new == old:
        return world
    if new in world.tiles:
        name = world.tiles[new].name
        other = f", called “{name}”" if name else ""
        raise WorldError(f"The letter “{new}” is taken by another tile{other}.", ("tiles", new))
    tiles = {(new if symbol == old else symbol): tile for symbol, tile in world.tiles.items()}
    if len(new) != 1:
        # The map would no longer be a grid: ask the rule about the symbol alone.
        replace(world, tiles={**world.tiles, new: world.tiles[old]})
    return replace(world, tiles=tiles, map=tuple(row.replace(old, new) for row in world.map))


def without_tile(world: World, symbol: str) -> World:
    """``world`` without the tile of ``symbol``; its cells become floor."""
    tiles = {known: tile for known, tile in world.tiles.items() if known != symbol}
    return replace(world, tiles=tiles, map=tuple(row.replace(symbol, FLOOR) for row in world.map))
