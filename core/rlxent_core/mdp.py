"""A world compiled to outcome lists: what a move does, how likely, and what it pays.

States are all cells of the grid in row order, ``s = row * columns + column``, so that an edit
of the world never renumbers them.  Cells nobody can stand on (walls, terminal and respawn
cells) are states that are never visited.  Two more numbers stand for places off the board:
``mdp.over`` (= S) is the absorbing end of the episode, and ``mdp.restart`` (= S + 1) means "put
on a start cell drawn from the start distribution"; no time passes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rlxent_core.world import DIRECTIONS, Cell, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MDP:
    """Outcome lists with at most K (1 or 3) outcomes a state and action.

    Shapes: ``next_state``, ``landing``, ``probability``, ``reward``, ``tile_pays`` are [S, A, K];
    ``standable``, ``start`` and ``reward_noise`` are [S].
    """

    rows: int
    columns: int
    moves: tuple[str, ...]
    next_state: Ints
    """Where the outcome leads: 0..S-1, ``over`` or ``restart``."""
    landing: Ints
    """The cell that is entered, also where that ends the episode or sends back to a start."""
    probability: Floats
    """Sums to 1 over K; padding has probability 0."""
    reward: Floats
    """What is paid, without noise."""
    tile_pays: Bools
    """Whether a tile (its reward, exit or teleport) pays something positive."""
    reward_noise: Floats
    """Standard deviation of the noise on what is paid for an action taken in the cell."""
    standable: Bools
    start: Floats
    discount: float
    max_steps: int | None

    @property
    def n_states(self) -> int:
        return self.rows * self.columns

    @property
    def n_actions(self) -> int:
        return len(self.moves)

    @property
    def over(self) -> int:
        return self.n_states

    @property
    def restart(self) -> int:
        return self.n_states + 1

    def state(self, cell: Cell) -> int:
        return cell[0] * self.columns + cell[1]

    def cell(self, state: int) -> Cell:
        return divmod(state, self.columns)

    def continue_values(self, values: Floats) -> Floats:
        """``values`` [..., S] extended by V(over) = 0 and V(restart) = start · V: [..., S + 2]."""
        restart = values @ self.start
        return np.concatenate(
            [values, np.zeros_like(restart)[..., None], restart[..., None]], axis=-1
        )


@lru_cache(maxsize=16)
def compile_world(world: World) -> MDP:
    """The MDP of ``world``, move by move as the world format says; the last few are kept."""
    rows, columns = world.rows, world.columns
    tiles = [world.tile(cell) for cell in world.cells]
    n_states, over, restart = len(tiles), len(tiles), len(tiles) + 1
    board = _Board(
        np.array([t.wall for t in tiles]).reshape(rows, columns),
        np.array([t.wind[0] for t in tiles]),
        np.array([t.wind[1] for t in tiles]),
    )
    standable = np.array([t.standable for t in tiles])
    landing_reward = np.array([t.reward for t in tiles], dtype=float)
    leads_to = np.arange(n_states)
    leads_to[[t.terminal for t in tiles]] = over
    leads_to[[t.respawn for t in tiles]] = restart
    slip = np.array([world.slip if t.slip is None else t.slip for t in tiles])
    sign = np.array([-1 if t.reversed else 1 for t in tiles])
    n_outcomes = 3 if slip.any() else 1

    shape = (n_states, len(world.moves), n_outcomes)
    next_state = np.full(shape, over, dtype=np.int64)
    entered = np.zeros(shape, dtype=np.int64)
    probability = np.zeros(shape)
    probability[..., 0] = 1.0
    reward = np.zeros(shape)
    tile_pays = np.zeros(shape, dtype=bool)
    for a, move in enumerate(world.moves):
        row, column = DIRECTIONS[move]
        turns = [(row, column), (column, -row), (-column, row)][:n_outcomes]
        for k, (dr, dc) in enumerate(turns):
            landing, bumped = board.move(dr * sign, dc * sign)
            changed = landing != np.arange(n_states)
            next_state[:, a, k] = np.where(changed, leads_to[landing], landing)
            entered[:, a, k] = landing
            paid = np.where(changed, landing_reward[landing], 0.0)
            with np.errstate(over="ignore"):  # rewards of 1e308 add up to infinity
                reward[:, a, k] = world.step_reward + paid + bumped * world.bump_reward
            tile_pays[:, a, k] = paid > 0
            if n_outcomes > 1 and move != "stay":
                probability[:, a, k] = 1 - slip if k == 0 else slip / 2

    def override(state: int, to: int, pay: float) -> None:
        next_state[state] = to
        entered[state] = state if to == over else to
        probability[state] = np.eye(1, n_outcomes)
        reward[state] = pay
        tile_pays[state] = pay > 0

    for s, tile in enumerate(tiles):
        if not tile.standable:
            override(s, over, 0.0)
        elif tile.exit is not None:
            override(s, over, tile.exit)
        elif tile.teleport is not None:
            r, c = tile.teleport.to
            override(s, r * columns + c, tile.teleport.reward)

    start = np.zeros(n_states)
    for (r, c), p in world.start_distribution().items():
        start[r * columns + c] = p
    noise = np.array([world.reward_noise if t.reward_noise is None else t.reward_noise
                      for t in tiles], dtype=float)
    return MDP(
        rows, columns, world.moves, next_state, entered, probability, reward, tile_pays,
        np.where(standable, noise, 0.0), standable, start, world.discount, world.max_steps,
    )


class _Board:
    """Walks every cell of the grid at once."""

    def __init__(self, wall: Bools, wind_rows: Ints, wind_columns: Ints) -> None:
        # A rim of walls makes "outside" and "wall" the same question.
        self.wall = np.pad(wall, 1, constant_values=True)
        self.rows, self.columns = wall.shape
        grid = np.indices(wall.shape).reshape(2, -1)
        self.row, self.column = grid[0], grid[1]
        self.wind_rows, self.wind_columns = wind_rows, wind_columns

    def blocked(self, row: Ints, column: Ints) -> Bools:
        return np.asarray(self.wall[row + 1, column + 1])

    def move(self, dr: Ints, dc: Ints) -> tuple[Ints, Bools]:
        """Landing state and whether the own direction (dr, dc) bumped, for every cell: [S]."""
        row, column = self.row, self.column
        bumped = self.blocked(row + dr, column + dc) & ((dr != 0) | (dc != 0))
        diagonal = (dr != 0) & (dc != 0)
        step = diagonal & ~bumped
        row, column = np.where(step, row + dr, row), np.where(step, column + dc, column)
        net_rows = self.wind_rows + np.where(diagonal, 0, dr)
        net_columns = self.wind_columns + np.where(diagonal, 0, dc)
        columns_first = ~diagonal & (dc != 0)
        none = np.zeros_like(net_rows)
        for rows_now, columns_now in (
            (none, np.where(columns_first, net_columns, 0)),
            (net_rows, none),
            (none, np.where(columns_first, 0, net_columns)),
        ):
            row, column = self._walk(row, column, rows_now, columns_now)
        return row * self.columns + column, bumped

    def _walk(self, row: Ints, column: Ints, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Walk ``rows`` or ``columns`` cells, one at a time, stopping at walls and edges."""
        dr, dc = np.sign(rows), np.sign(columns)
        distance = np.abs(rows) + np.abs(columns)
        going = distance > 0
        for walked in range(int(distance.max(initial=0))):
            going = going & (walked < distance) & ~self.blocked(row + dr, column + dc)
            row, column = np.where(going, row + dr, row), np.where(going, column + dc, column)
        return row, column
