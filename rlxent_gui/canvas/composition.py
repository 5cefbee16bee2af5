"""How tiles lie over one another in a cell, and how they turn.  Pure Python."""

from __future__ import annotations

import math
from dataclasses import replace

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Cell, Tile, World
from rlxent_core.world_rules import MAX_WIND

GOAL_TILE = Tile(terminal=True, reward=1.0)
PIT_TILE = Tile(terminal=True, reward=-1.0)
START_TILE = Tile(start=1.0)
ICE_TILE = Tile(slip=0.3)
WIND_TILE = Tile(wind=(-1, 0))
REWARD_TILE = Tile(reward=0.1)

COMPASS: tuple[Cell, ...] = (
    (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)
)
"""The eight directions as (rows, columns), clockwise from up."""

_LAID = ("start", "reward", "exit", "teleport", "slip", "wind", "reversed", "reward_noise")
"""Properties that a cell can have beside one another."""


def composed(tile: Tile, beneath: Tile) -> Tile:
    """``tile`` painted over ``beneath``.

    What can be walked over adds to what the cell already does: wind over ice is both, and a
    start stays a start.  A tile with a name replaces all but a start.  A reward alone becomes
    what the cell pays, whatever pays there.  What fills the cell, and floor, replaces everything.
    """
    if is_reward(tile):
        return beneath if beneath.wall else with_pay(beneath, tile.reward)
    if tile == FLOOR_TILE or not (tile.standable and beneath.standable):
        return tile
    if tile.name:
        return replace(tile, start=beneath.start, name="") if beneath.start else tile
    laid = {
        key: value for key in _LAID if (value := getattr(tile, key)) != getattr(FLOOR_TILE, key)
    }
    if tile.exit is not None:
        laid["teleport"] = None
    if tile.teleport is not None:
        laid["exit"] = None
    together = replace(beneath, **laid)
    return together if together == beneath else replace(together, name="")


def lifted(tile: Tile) -> Tile:
    """What remains of a cell when what can be dragged is taken away."""
    return replace(tile, start=0.0) if tile.start else FLOOR_TILE


def familiar(world: World, tile: Tile) -> Tile:
    """``tile``, or the world's named tile that does the same: what lay beneath a start comes back.

    A tile with a name loses it as soon as something lies over it.
    """
    if tile.name or tile in (FLOOR_TILE, WALL_TILE):
        return tile
    known = world.tiles.values()
    same = (t for t in known if t.name and replace(t, name="") == tile)
    return tile if tile in known else next(same, tile)


def draggable(tile: Tile) -> bool:
    """Whether the select tool can carry the tile elsewhere: starts, ends and walls."""
    return tile.start > 0 or tile.wall or tile.terminal


def is_reward(tile: Tile) -> bool:
    """Whether the tile is a reward and nothing else."""
    return bool(tile.reward) and replace(tile, reward=0.0) == FLOOR_TILE


def pay(tile: Tile) -> float:
    """What the cell pays: the exit's number or the teleport's where it is one, else ``reward``."""
    if tile.exit is not None:
        return tile.exit
    return tile.teleport.reward if tile.teleport is not None else tile.reward


def with_pay(tile: Tile, value: float) -> Tile:
    """The tile paying ``value``, see :func:`pay`; with a name it is no longer the named tile."""
    if value == pay(tile):
        return tile
    value = round(value, 10)
    if tile.exit is not None:
        return replace(tile, exit=value, name="")
    if tile.teleport is not None:
        return replace(tile, teleport=replace(tile.teleport, reward=value), name="")
    return replace(tile, reward=value, name="")


# Wind


def direction(rows: int, columns: int) -> Cell | None:
    """The direction of :data:`COMPASS` nearest to a way of so many rows and columns."""
    if rows == columns == 0:
        return None

    def along(step: Cell) -> float:
        return (step[0] * rows + step[1] * columns) / math.hypot(*step)

    return max(COMPASS, key=along)


def strength(wind: Cell) -> int:
    """Cells along the axis that it blows more along."""
    return max(abs(wind[0]), abs(wind[1]))


def blowing(step: Cell, cells: int) -> Cell:
    """Wind in a direction of :data:`COMPASS`, so many cells along each of its axes."""
    return (step[0] * cells, step[1] * cells)


def turned(wind: Cell, steps: int) -> Cell:
    """The wind turned clockwise by so many times 45°, equally strong.

    One that blows between two of the eight directions turns to the next of them.
    """
    nearest = direction(*wind)
    if nearest is None:
        return wind
    at = COMPASS.index(nearest)
    if wind != blowing(nearest, strength(wind)):
        cross = nearest[1] * wind[0] - nearest[0] * wind[1]
        # Nearest lies clockwise of the wind where the cross product is negative.
        if (cross < 0) == (steps > 0):
            steps -= 1 if steps > 0 else -1
    return blowing(COMPASS[(at + steps) % 8], strength(wind))


def strengthened(wind: Cell, steps: int) -> Cell:
    """The wind so many cells stronger, in the same direction as far as whole cells allow."""
    before = strength(wind)
    after = min(max(before + steps, 1), MAX_WIND)
    return (round(wind[0] * after / before), round(wind[1] * after / before)) if before else wind
