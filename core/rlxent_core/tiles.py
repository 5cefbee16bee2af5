"""What a cell of a gridworld can be: the words that worlds are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
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
    """What one kind of cell does; the default is plain floor.

    ``name`` is what its author calls it; a tile with a name is kept when no cell has it.
    """

    name: str = ""
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
