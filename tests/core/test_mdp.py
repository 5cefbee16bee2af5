"""What a move does, with what probability and for what pay: every rule, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rlxent_core.mdp import compile_world
from rlxent_core.tiles import DIRECTIONS, Teleport, Tile
from rlxent_core.world import World

OVER, RESTART = "over", "restart"


def outcomes(world: World, cell: tuple[int, int], move: str) -> dict[object, tuple[float, float]]:
    """{where the move leads: (probability, mean pay)} of the outcomes that are possible."""
    mdp = compile_world(world)
    s, a = mdp.state(cell), world.moves.index(move)
    places = {mdp.over: OVER, mdp.restart: RESTART}
    result: dict[object, tuple[float, float]] = {}
    for k in range(mdp.next_state.shape[-1]):
        to, p = int(mdp.next_state[s, a, k]), float(mdp.probability[s, a, k])
        if p:
            where = places.get(to, mdp.cell(to) if to < mdp.over else None)
            q, pay = result.get(where, (0.0, 0.0))
            mean = (q * pay + p * float(mdp.reward[s, a, k])) / (q + p)
            result[where] = (p + q, mean)
    return {where: pytest.approx(chance) for where, chance in result.items()}


def lands(world: World, cell: tuple[int, int], move: str) -> object:
    """Where a move without chance leads."""
    (where,) = outcomes(world, cell, move)
    return where


def test_a_move_goes_one_cell_and_pays_the_step():
    """Up from the middle of 3×3."""
    world = World(("...",) * 3, step_reward=-0.5)
    assert outcomes(world, (1, 1), "up") == {(0, 1): (1, -0.5)}
    assert outcomes(world, (1, 1), "left") == {(1, 0): (1, -0.5)}


def test_walls_and_edges_stop_and_cost_a_bump():
    """The cell stays the same, and step and bump are both paid."""
    world = World((".#",), step_reward=-1, bump_reward=-0.25)
    assert outcomes(world, (0, 0), "right") == {(0, 0): (1, -1.25)}
    assert outcomes(world, (0, 0), "up") == {(0, 0): (1, -1.25)}


def test_slip_turns_by_a_right_angle():
    """With p = 0.2: 0.8 ahead, 0.1 to each side, whether or not the sides are moves."""
    world = World(("...",) * 3, moves=("up", "stay"), slip=0.2)
    assert outcomes(world, (1, 1), "up") == {
        (0, 1): (0.8, 0), (1, 0): (0.1, 0), (1, 2): (0.1, 0)
    }  # fmt: skip


def test_stay_never_slips():
    """Standing still is certain on ice."""
    world = World(("...",) * 3, moves=("up", "stay"), slip=0.2)
    assert outcomes(world, (1, 1), "stay") == {(1, 1): (1, 0)}


def test_a_diagonal_slips_to_the_other_diagonals():
    """Up-right turns into up-left and down-right."""
    world = World(("...",) * 3, moves=("up-right",), slip=0.5)
    assert outcomes(world, (1, 1), "up-right") == {
        (0, 2): (0.5, 0), (0, 0): (0.25, 0), (2, 2): (0.25, 0)
    }  # fmt: skip


def test_a_tiles_slip_overrides_the_worlds():
    """Also where it is 0."""
    world = World(("...", "ID.", "..."), {"I": Tile(slip=1), "D": Tile(slip=0)}, slip=0.2)
    assert outcomes(world, (1, 1), "up") == {(0, 1): (1, 0)}
    assert outcomes(world, (1, 0), "right") == {(0, 0): (0.5, 0), (2, 0): (0.5, 0)}


def test_a_slip_that_bumps_pays_the_bump():
    """Right along the upper edge of one row: both sides are outside."""
    world = World(("..",), slip=0.5, bump_reward=-1)
    assert outcomes(world, (0, 0), "right") == {(0, 1): (0.5, 0), (0, 0): (0.5, -1)}


@pytest.mark.parametrize(
    ("move", "to"), [("up", (2, 1)), ("right", (1, 0)), ("down-left", (0, 2)), ("stay", (1, 1))]
)
def test_a_reversed_cell_turns_directions_round(move, to):
    """Up becomes down; stay stays."""
    world = World(("...", ".x.", "..."), {"x": Tile(reversed=True)}, moves=tuple(DIRECTIONS))
    assert lands(world, (1, 1), move) == to


@pytest.mark.parametrize(
    ("move", "to"),
    [("up-right", (0, 2)), ("down-right", (2, 2)), ("down-left", (2, 0)), ("up-left", (0, 0))],
)
def test_a_diagonal_passes_between_walls(move, to):
    """Only its target can block it."""
    world = World((".#.", "#.#", ".#."), moves=tuple(DIRECTIONS))
    assert lands(world, (1, 1), move) == to


def test_a_diagonal_into_a_wall_stands_still():
    """It does not slide along the wall."""
    world = World(("..#", "...", "..."), moves=tuple(DIRECTIONS), bump_reward=-1)
    assert outcomes(world, (1, 1), "up-right") == {(1, 1): (1, -1)}


OPEN = (".....", ".....", "..w..", ".....", ".....")


def windy(wind: tuple[int, int], rows: tuple[str, ...] = OPEN, **more: float) -> World:
    return World(rows, {"w": Tile(wind=wind)}, moves=tuple(DIRECTIONS), **more)


@pytest.mark.parametrize(
    ("wind", "move", "to"),
    [
        ((-1, 0), "right", (1, 3)),  # along the own axis first, then up
        ((-1, 0), "up", (0, 2)),  # the same axis: two cells
        ((1, 0), "up", (2, 2)),  # cancelled
        ((2, 0), "up", (3, 2)),  # net one down
        ((0, -2), "left", (2, 0)),  # three, but the edge is two away
        ((-1, 1), "stay", (1, 3)),
        ((1, 0), "up-right", (2, 3)),  # the diagonal step, then the wind
        ((0, 64), "stay", (2, 4)),
    ],
)
def test_wind_adds_to_the_move(wind, move, to):
    """Only the net distance on each axis is walked."""
    assert lands(windy(wind), (2, 2), move) == to


def test_the_own_axis_goes_first():
    """Right, then up: the wall above the start does not matter, the one to the right does."""
    above = windy((-1, 0), (".....", "..#..", "..w..", ".....", "....."))
    assert lands(above, (2, 2), "right") == (1, 3)
    beside = windy((-1, 0), (".....", ".....", "..w#.", ".....", "....."))
    assert lands(beside, (2, 2), "right") == (1, 2)
    corner = windy((-1, 0), (".....", "...#.", "..w..", ".....", "....."))
    assert lands(corner, (2, 2), "right") == (2, 3)


def test_where_no_axis_comes_first_rows_do():
    """Standing still in wind up and right, with a wall above: first no way up, then right."""
    world = windy((-1, 1), (".....", "...#.", "..w..", ".....", "....."))
    assert lands(world, (2, 2), "stay") == (1, 2)
    after_diagonal = windy((-1, 1), (".....", "...#.", "..w..", "..#..", "....."))
    # down-left to (3, 1), then up to (2, 1), then right to (2, 2)
    assert lands(after_diagonal, (2, 2), "down-left") == (2, 2)


def test_wind_stops_at_the_first_wall():
    """It does not jump over walls."""
    world = windy((0, 3), (".....", ".....", "..w#.", ".....", "....."))
    assert lands(world, (2, 2), "stay") == (2, 2)


def test_a_bump_is_about_the_own_direction_alone():
    """Up against a wall costs a bump even where the wind cancels it; wind into a wall is free."""
    world = windy((1, 0), (".....", "..#..", "..w..", "..#..", "....."), bump_reward=-1)
    assert outcomes(world, (2, 2), "up") == {(2, 2): (1, -1)}
    assert outcomes(world, (2, 2), "stay") == {(2, 2): (1, 0)}
    beside = windy((0, 1), (".....", "..#..", "..w..", ".....", "....."), bump_reward=-1)
    assert outcomes(beside, (2, 2), "up") == {(2, 3): (1, -1)}


def test_reversing_comes_before_the_wind():
    """Up, reversed, is down; the wind carries up: nothing moves, and nothing was bumped."""
    world = World(("...", ".w.", "..."), {"w": Tile(wind=(-1, 0), reversed=True)}, bump_reward=-1)
    assert outcomes(world, (1, 1), "up") == {(1, 1): (1, 0)}


def test_cells_passed_over_do_nothing():
    """The wind carries over a goal without stopping there."""
    world = World((".wG.",), {"w": Tile(wind=(0, 1)), "G": Tile(terminal=True, reward=1)})
    assert outcomes(world, (0, 1), "right") == {(0, 3): (1, 0)}


def test_a_reward_is_paid_on_entering_from_another_cell():
    """Not for staying, not for bumping there."""
    world = World((".+",), {"+": Tile(reward=2)}, step_reward=-1)
    assert outcomes(world, (0, 0), "right") == {(0, 1): (1, 1)}
    assert outcomes(world, (0, 1), "right") == {(0, 1): (1, -1)}


def test_a_terminal_cell_ends_the_episode_and_costs_the_step():
    """The last move pays step and reward."""
    world = World((".G",), {"G": Tile(terminal=True, reward=10)}, step_reward=-1)
    assert outcomes(world, (0, 0), "right") == {OVER: (1, 9)}


def test_an_exit_pays_its_number_alone():
    """Whatever the action: no step, no bump, no slip."""
    world = World(("X.",), {"X": Tile(exit=5)}, step_reward=-1, bump_reward=-1, slip=0.3)
    for move in world.moves:
        assert outcomes(world, (0, 0), move) == {OVER: (1, 5)}


def test_a_teleport_pays_its_number_alone_and_not_the_arrivals():
    """Being placed does not pay the arrival cell's reward."""
    tiles = {"A": Tile(teleport=Teleport((0, 2), 10)), "+": Tile(reward=3)}
    world = World(("A.+",), tiles, step_reward=-1, slip=0.3)
    for move in world.moves:
        assert outcomes(world, (0, 0), move) == {(0, 2): (1, 10)}


def test_a_teleport_may_lead_to_itself():
    """A trap, or a fountain, of one cell."""
    world = World(("A.",), {"A": Tile(teleport=Teleport((0, 0), -1), reward=7)})
    assert outcomes(world, (0, 0), "right") == {(0, 0): (1, -1)}


def test_a_respawn_pays_and_sends_to_a_start():
    """Step and reward are paid, and the start cell's own reward is not."""
    tiles = {"C": Tile(respawn=True, reward=-99), "S": Tile(start=1, reward=5)}
    world = World(("SC",), tiles, step_reward=-1)
    assert outcomes(world, (0, 0), "right") == {RESTART: (1, -100)}


def test_which_pays_are_a_tiles_positive_ones():
    """Rewards, exits and teleports count; a positive step or bump reward does not."""
    tiles = {"+": Tile(reward=1), "-": Tile(reward=-1), "X": Tile(exit=1),
             "A": Tile(teleport=Teleport((0, 0), 2)), "B": Tile(teleport=Teleport((0, 0)))}
    mdp = compile_world(World(("+.-XAB",), tiles, step_reward=9, bump_reward=9))
    left, right = mdp.moves.index("left"), mdp.moves.index("right")
    pays = mdp.tile_pays[..., 0]
    assert pays[1].tolist() == [move == left for move in range(4)]
    assert not pays[1, right]
    assert pays[3].all()
    assert pays[4].all()
    assert not pays[5].any()


def test_noise_is_that_of_the_cell_acted_in():
    """A tile's overrides the world's; nobody acts in walls, terminal and respawn cells."""
    tiles = {"n": Tile(reward_noise=2), "0": Tile(reward_noise=0), "G": Tile(terminal=True),
             "A": Tile(teleport=Teleport((0, 0)), reward_noise=3), "R": Tile(respawn=True)}
    mdp = compile_world(World((".n0#GAR",), tiles, reward_noise=0.5))
    assert mdp.reward_noise.tolist() == [0.5, 2, 0, 0, 0, 3, 0]


def test_starts_are_uniform_where_none_is_marked():
    """Over the cells that can be stood on."""
    mdp = compile_world(World((".#G.",), {"G": Tile(terminal=True)}))
    assert mdp.start.tolist() == [0.5, 0, 0, 0.5]
    assert mdp.standable.tolist() == [True, False, False, True]


def test_landing_is_the_cell_entered_even_where_that_ends_the_walk():
    """A goal's own cell, a teleport's target, an exit's own cell."""
    tiles = {"G": Tile(terminal=True), "A": Tile(teleport=Teleport((0, 0))), "X": Tile(exit=1)}
    mdp = compile_world(World((".GAX",), tiles, moves=("right",)))
    assert mdp.landing[0, 0, 0] == 1
    assert mdp.landing[2, 0, 0] == 0
    assert mdp.landing[3, 0, 0] == 3


def test_probabilities_sum_to_one_on_any_board():
    """With ice, wind, teleports and diagonals everywhere."""
    tiles = {"~": Tile(slip=0.3), "w": Tile(wind=(-2, 1)), "A": Tile(teleport=Teleport((0, 0)))}
    mdp = compile_world(World((".~w", "A#~", "w.."), tiles, moves=tuple(DIRECTIONS), slip=0.1))
    assert np.abs(mdp.probability.sum(axis=-1) - 1).max() < 1e-15
    assert (mdp.probability >= 0).all()


def test_outcome_lists_are_no_longer_than_needed():
    """One outcome a move without slip, three with."""
    assert compile_world(World(("..",))).next_state.shape == (2, 4, 1)
    assert compile_world(World(("..",), slip=0.1)).next_state.shape == (2, 4, 3)


def test_values_continue_with_nothing_after_the_end_and_the_starts_after_a_respawn():
    """V(over) = 0, V(restart) = start · V."""
    mdp = compile_world(World(("Ss",), {"S": Tile(start=1), "s": Tile(start=3)}))
    assert mdp.continue_values(np.array([[4.0, 8.0]])).tolist() == [[4, 8, 0, 7]]
