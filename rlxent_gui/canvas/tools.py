"""The tools of the rail, and what each has in hand.  Pure Python: no window, no undo stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from types import MappingProxyType

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Cell, Tile, World
from rlxent_gui.canvas.composition import (
    GOAL_TILE,
    ICE_TILE,
    PIT_TILE,
    REWARD_TILE,
    START_TILE,
    WIND_TILE,
    draggable,
    is_reward,
    pay,
    strengthened,
    turned,
    with_pay,
)
from rlxent_gui.canvas.strokes import (
    BrushStroke,
    FillStroke,
    MoveStroke,
    RectangleStroke,
    RewardStroke,
    StartStroke,
    Stroke,
    TeleportStroke,
    WindStroke,
)

SLIP_STEP, REWARD_STEP = 0.05, 0.1


class Tool(Enum):
    """The tools of the rail, and TILE: a brush for any tile of the tile panel."""

    SELECT = "select"
    WALL = "wall"
    START = "start"
    GOAL = "goal"
    PIT = "pit"
    ICE = "ice"
    WIND = "wind"
    TELEPORT = "teleport"
    REWARD = "reward"
    ERASE = "erase"
    FILL = "fill"
    RECTANGLE = "rectangle"
    TILE = "tile"


TILES: Mapping[Tool, Tile] = MappingProxyType(
    {
        Tool.WALL: WALL_TILE,
        Tool.START: START_TILE,
        Tool.GOAL: GOAL_TILE,
        Tool.PIT: PIT_TILE,
        Tool.ICE: ICE_TILE,
        Tool.WIND: WIND_TILE,
        Tool.REWARD: REWARD_TILE,
        Tool.ERASE: FLOOR_TILE,
    }
)
BY_WHEEL = (Tool.ICE, Tool.WIND, Tool.REWARD)
"""Tools whose tile the wheel changes."""


def tool_for(tile: Tile) -> Tool | None:
    """The tool of the rail that paints tiles like ``tile``, however strong; None if none does."""
    for tool, known in TILES.items():
        if tile == known:
            return tool
    if tile.slip is not None and replace(tile, slip=None) == FLOOR_TILE:
        return Tool.ICE
    if replace(tile, wind=(0, 0)) == FLOOR_TILE:
        return Tool.WIND
    return Tool.REWARD if is_reward(tile) else None


def takes_wheel(tool: Tool, tile: Tile) -> bool:
    """Whether a cell with ``tile`` has what the wheel changes with ``tool`` in hand."""
    match tool:
        case Tool.ICE:
            return tile.slip is not None
        case Tool.WIND:
            return tile.wind != (0, 0)
        case _:
            return tool is Tool.REWARD and not tile.wall


def wheeled(tool: Tool, tile: Tile, steps: int, shift: bool) -> Tile:
    """``tile`` after so many notches of the wheel with ``tool`` in hand.

    Slip and reward go up and down; wind turns clockwise, with Shift it gets stronger.
    """
    if tool is Tool.ICE and tile.standable:
        slip = round(min(max((tile.slip or 0.0) + steps * SLIP_STEP, 0.0), 1.0), 10)
        return tile if slip == tile.slip else replace(tile, slip=slip, name="")
    if tool is Tool.WIND and tile.wind != (0, 0):
        wind = strengthened(tile.wind, steps) if shift else turned(tile.wind, -steps)
        return tile if wind == tile.wind else replace(tile, wind=wind, name="")
    if tool is Tool.REWARD and not tile.wall:
        return with_pay(tile, pay(tile) + steps * REWARD_STEP)
    return tile


class Toolbox:
    """The chosen tool and the last tile, which Rectangle and Fill use.

    Ice, wind and reward keep their slip, arrow and number from one stroke to the next.
    """

    def __init__(self) -> None:
        self.tool = Tool.SELECT
        self.tile = WALL_TILE
        self._tiles = dict(TILES)

    def choose(self, tool: Tool) -> None:
        self.tool = tool
        self.tile = self._tiles.get(tool, self.tile)

    def take(self, tile: Tile) -> None:
        """Have ``tile`` in hand: with its own tool, or with a brush where none paints it."""
        tool = tool_for(tile)
        if tool is None:
            self.tool, self.tile = Tool.TILE, tile
        else:
            self._tiles[tool] = tile
            self.choose(tool)

    def pick(self, tile: Tile) -> None:
        """Make ``tile`` the last tile; Rectangle and Fill stay in hand for it."""
        if self.tool in (Tool.FILL, Tool.RECTANGLE):
            self.tile = tile
        else:
            self.take(tile)

    def keep(self, tile: Tile) -> None:
        """Go on with ``tile`` where the tool in hand has made something else of its own."""
        self.tile = tile
        if self.tool in BY_WHEEL:
            self._tiles[self.tool] = tile

    def stroke(self, world: World, cell: Cell, *, erase: bool = False) -> Stroke | None:
        """The stroke that begins in ``cell``; None where the tool only selects."""
        if erase:
            return BrushStroke(world, cell, FLOOR_TILE)
        match self.tool:
            case Tool.SELECT:
                return MoveStroke(world, cell) if draggable(world.tile(cell)) else None
            case Tool.START:
                return StartStroke(world, cell)
            case Tool.TELEPORT:
                return TeleportStroke(world, cell)
            case Tool.WIND:
                return WindStroke(world, cell, self.tile)
            case Tool.REWARD:
                return RewardStroke(world, cell, self.tile)
            case Tool.RECTANGLE:
                return RectangleStroke(world, cell, self.tile)
            case Tool.FILL:
                return FillStroke(world, cell, self.tile)
            case _:
                return BrushStroke(world, cell, self.tile)
