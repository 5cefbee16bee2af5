"""What a policy may see of the cell it stands in: a row of numbers for every state, [S, F].

- ``cell``: its number among all cells, one-hot, F = S.  Nothing is shared between cells.
- ``position``: row and column, each from −1 at one edge to 1 at the other; 0 where there is one.
- ``neighbourhood``: the 3 × 3 cells around it, row by row, itself included.  Each says five things
  by 0 or 1 (:data:`SEEN`): blocked (a wall, or outside the board), pays, costs, ends (the episode,
  or the walk: terminal, exit, respawn), astray (a move from there does not go where it points:
  wind, reversed, teleport, slip).  A cell nobody can stand on sees nothing, all 0.
- ``constant``: the number 1, so that no cell can be told from another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rlxent_core.tiles import Tile
from rlxent_core.world import World

Inputs = NDArray[np.float32]
Rows = NDArray[np.int64]

SEEN = ("blocked", "pays", "costs", "ends", "astray")
"""What the neighbourhood says of each of its nine cells, in this order."""


def inputs_of(features: str, world: World) -> Inputs | None:
    """What the states of ``world`` look like, [S, F]; None for ``cell``, which needs no matrix."""
    match features:
        case "cell":
            return None
        case "position":
            return _positions(world)
        case "neighbourhood":
            return _neighbourhoods(world)
        case "constant":
            return np.ones((world.rows * world.columns, 1), dtype=np.float32)
    raise ValueError(f"There are no features “{features}”.")


def rows_of(inputs: Inputs) -> tuple[Inputs, Rows]:
    """The distinct rows of ``inputs`` in the order of their first state, and each state's row.

    Shapes: [R, F] and [S].
    """
    distinct, first, rows = np.unique(inputs, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return distinct[order], place[rows.reshape(-1)].astype(np.int64)


def _positions(world: World) -> Inputs:
    along = [np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in (world.rows, world.columns)]
    rows, columns = np.meshgrid(*along, indexing="ij")
    return np.stack([rows, columns], -1).reshape(-1, 2).astype(np.float32)


def _neighbourhoods(world: World) -> Inputs:
    tiles = [[world.tile((r, c)) for c in range(world.columns)] for r in range(world.rows)]
    kinds = {tile: _seen(tile, world) for row in tiles for tile in row}
    board = np.zeros((world.rows + 2, world.columns + 2, len(SEEN)), dtype=np.float32)
    board[..., SEEN.index("blocked")] = 1.0
    board[1:-1, 1:-1] = [[kinds[tile] for tile in row] for row in tiles]
    around = [
        board[dr : dr + world.rows, dc : dc + world.columns] for dr in range(3) for dc in range(3)
    ]
    stood_on = np.array([[tile.standable for tile in row] for row in tiles])
    seen: Inputs = np.concatenate(around, -1) * stood_on[..., None].astype(np.float32)
    return seen.reshape(world.rows * world.columns, -1)


def _seen(tile: Tile, world: World) -> tuple[bool, ...]:
    if tile.wall:
        return (True, False, False, False, False)
    paid = tile.reward
    if tile.exit is not None:
        paid = tile.exit
    elif tile.teleport is not None:
        paid = tile.teleport.reward
    slip = world.slip if tile.slip is None else tile.slip
    astray = tile.teleport is not None or any(tile.wind) or tile.reversed or slip != world.slip
    ends = tile.terminal or tile.respawn or tile.exit is not None
    return (False, paid > 0, paid < 0, ends, astray)
