"""The board as a whole: what is turned behaves turned, what is cut off is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlxent_core import exact
from rlxent_core.map_text import piece_of, read_map
from rlxent_core.mdp import compile_world
from rlxent_core.rectangle import Rectangle
from rlxent_core.reshape import (
    cleared,
    cropped,
    erased,
    mirrored,
    moved,
    placed,
    resized,
    rotated,
    shifted,
)
from rlxent_core.tiles import Teleport, Tile, WorldError
from rlxent_core.world import World
from tests.core.world_maker import worlds

S, G, ICE = Tile(start=1), Tile(terminal=True, reward=1), Tile(slip=0.3)
A = Tile(teleport=Teleport((2, 0)))
WORLD = World(("S.#.", ".A.G", "..~."), {"S": S, "G": G, "A": A, "~": ICE})
STRAIGHT = ("up", "right", "down", "left")
BY_AXIS = st.sampled_from([(0, 0), (-1, 0), (2, 0), (0, 1), (0, -2)])
slow = settings(max_examples=80)


def values(world, policy):
    """V of a policy [S, A] for seven steps, on the board, and of its best."""
    mdp = compile_world(world)
    shape = (world.rows, world.columns)
    return (
        exact.policy_values(mdp, policy.reshape(mdp.n_states, -1), 7).reshape(shape),
        exact.start_value(mdp, policy.reshape(mdp.n_states, -1), 7),
        exact.optimal_start_value(mdp, 7),
    )


def policy_of(world):
    rng = np.random.default_rng(0)
    return exact.softmax(rng.normal(size=(world.rows, world.columns, len(world.moves))))


def assert_carried(world, other, carry):
    """``other`` does what ``world`` does, cell for cell and action for action."""
    policy = policy_of(world)
    before, after = values(world, policy), values(other, carry(policy))
    np.testing.assert_allclose(after[0], carry(before[0]), atol=1e-10)
    np.testing.assert_allclose(after[1:], before[1:], atol=1e-10)


@slow
@given(worlds(winds=BY_AXIS), st.integers(-2, 5))
def test_a_turned_world_has_the_turned_values(world, turns):
    """Wind along one axis: any moves, slip, teleports, reversed cells; clockwise."""
    assert_carried(world, rotated(world, turns), lambda a: np.rot90(a, -turns))


@slow
@given(worlds(moves=STRAIGHT))
def test_straight_moves_turn_with_any_wind(world):
    """The axis of the own direction goes first, and that turns too."""
    assert_carried(world, rotated(world), lambda a: np.rot90(a, -1))


@slow
@given(worlds())
def test_half_a_turn_is_exact_for_everything(world):
    """Rows stay before columns."""
    assert_carried(world, rotated(world, 2), lambda a: np.rot90(a, 2))


@slow
@given(worlds(), st.booleans())
def test_a_mirrored_world_has_the_mirrored_values(world, vertically):
    """Whatever winds and moves there are."""
    other = mirrored(world, vertically)
    assert_carried(world, other, lambda a: np.flip(a, axis=0 if vertically else 1))


@slow
@given(worlds(), st.integers(-7, 7), st.integers(-7, 7))
def test_there_and_back(world, rows, columns):
    """Four quarter turns, two mirrorings and a shift back leave the world as it was."""
    assert rotated(world, 4) == world
    assert rotated(rotated(world), 3) == world
    assert mirrored(mirrored(world)) == world
    assert mirrored(mirrored(world, True), True) == world
    assert shifted(shifted(world, rows, columns), -rows, -columns) == world


def test_a_quarter_turn_is_clockwise():
    """The upper left corner comes to the upper right, up becomes right."""
    turned = rotated(WORLD)
    assert turned.map == ("..S", ".A.", "~.#", ".G.")
    assert turned.tiles["A"].teleport == Teleport((0, 0))
    assert turned.moves == ("right", "down", "left", "up")


def test_wind_turns_with_the_board():
    """Upwards becomes rightwards, and mirrored leftwards."""
    world = World(("^.",), {"^": Tile(wind=(-2, 0))})
    assert rotated(world).tiles["^"].wind == (0, 2)
    assert mirrored(rotated(world)).tiles["^"].wind == (0, -2)


def test_shifting_goes_round():
    """What leaves on the right comes in on the left, teleports with it."""
    other = shifted(WORLD, 1, -1)
    assert other.map == (".~..", ".#.S", "A.G.")
    assert other.tiles["A"].teleport == Teleport((0, 3))


@pytest.mark.parametrize(("anchor", "first"), [
    ((0, 0), (0, 0)), ((1, 1), (1, 1)), ((2, 2), (2, 2)), ((0, 2), (0, 2)), ((2, 0), (2, 0)),
])
def test_growing_adds_floor_around_the_anchor(anchor, first):
    """3×4 becomes 5×6; what stays is where the anchor says."""
    grown = resized(WORLD, 5, 6, anchor)
    assert (grown.rows, grown.columns) == (5, 6)
    r, c = first
    assert tuple(row[c : c + 4] for row in grown.map[r : r + 3]) == WORLD.map
    assert "".join(grown.map).count(".") == 30 - 5
    assert grown.tiles["A"].teleport.to == (r + 2, c)
    assert cropped(grown, Rectangle(r, c, 3, 4)) == WORLD


def test_shrinking_cuts_off():
    """The left three columns; the goal's letter is forgotten with it."""
    assert resized(WORLD, 3, 3).map == ("S.#", ".A.", "..~")
    assert "G" not in resized(WORLD, 3, 3).tiles


def test_a_teleports_target_is_not_cut_off():
    """One sentence, unless the teleport goes as well."""
    with pytest.raises(WorldError, match="would be cut off"):
        resized(WORLD, 2, 4)
    assert "A" not in resized(WORLD, 1, 4).tiles


@pytest.mark.parametrize(("rows", "columns"), [(0, 4), (65, 4), (3, 0), (3, 65), (-1, 1)])
def test_sizes_have_limits(rows, columns):
    """1 to 64 each way."""
    with pytest.raises(WorldError, match="1 to 64"):
        resized(WORLD, rows, columns)


def test_no_free_cell_is_left():
    """Cropping to a wall is refused."""
    with pytest.raises(WorldError, match="no free cell"):
        cropped(WORLD, Rectangle(0, 2, 1, 1))


def test_clearing_keeps_the_start_and_what_has_a_name():
    """Everything else is floor."""
    world = WORLD.with_tiles({(0, 1): Tile(name="Mud", slip=0.5)})
    bare = cleared(world)
    assert bare.map == ("S...", "....", "....")
    assert [tile.name for tile in bare.tiles.values() if tile.name] == ["Mud"]


def test_erasing_a_rectangle():
    """Floor, also where a teleport leads."""
    assert erased(WORLD, Rectangle(0, 0, 2, 2)).map == ("..#.", "...G", "..~.")


def test_moving_a_part():
    """Floor behind, what is covered is replaced; the target moves, its teleport follows."""
    other = moved(WORLD, Rectangle(2, 0, 1, 3), (0, 1))
    assert other.map == ("S..~", ".A.G", "....")
    assert other.tiles["A"].teleport.to == (0, 1)


def test_a_wall_is_not_moved_onto_a_target():
    """The sentence says who arrives there."""
    with pytest.raises(WorldError, match="teleports to"):
        moved(WORLD, Rectangle(0, 2, 1, 1), (2, 0))


@slow
@given(worlds(), st.data())
def test_moving_there_and_back_over_floor(world, data):
    """In a board with as much floor again at its right, moved there and back is as before."""
    wide = resized(world, world.rows, 2 * world.columns)
    whole = Rectangle(0, 0, world.rows, world.columns)
    there = moved(wide, whole, (0, world.columns))
    assert moved(there, whole.at((0, world.columns)), (0, 0)) == wide


@slow
@given(worlds(), worlds(side=8))
def test_a_whole_world_pasted_elsewhere_means_the_same(world, board):
    """Every cell of it, teleports led to the same cell of the piece, whatever letters there are."""
    board = cleared(board)
    kept = {symbol: tile for symbol, tile in board.tiles.items() if tile.teleport is None}
    board = resized(  # a teleport, though on no cell, would guard the cell it leads to
        board.with_fields(tiles=kept),
        max(board.rows, world.rows + 1), max(board.columns, world.columns + 1),
    )
    result = placed(board, piece_of(world), (1, 1))
    for r, c in world.cells:
        here, there = world.tile((r, c)), result.tile((r + 1, c + 1))
        if here.teleport is not None:
            to = here.teleport.to
            assert there.teleport == Teleport((to[0] + 1, to[1] + 1), here.teleport.reward)
        else:
            assert here == there


def test_a_teleport_that_leads_out_of_the_piece_keeps_its_target():
    """Copied alone, it leads to where it led."""
    piece = piece_of(WORLD, Rectangle(1, 1, 1, 1))
    result = placed(WORLD, piece, (0, 1))
    assert result.tile((0, 1)) == A
    assert result.map == ("SA#.", ".A.G", "..~.")


def test_a_piece_keeps_its_letter_where_it_is_free():
    """Another meaning of the letter gives way to neither."""
    assert placed(WORLD, read_map('m\n"m": {"slip": 0.9}'), (0, 1)).map[0] == "Sm#."
    other = placed(WORLD, read_map('G\n"G": {"slip": 0.9}'), (0, 1))
    assert other.tile((0, 1)) == Tile(slip=0.9)
    assert other.tile((1, 3)) == G


def test_what_sticks_out_is_cut_off():
    """On both sides."""
    assert placed(WORLD, read_map("###\n###"), (-1, 2)).map[0] == "S.##"
    assert set(placed(WORLD, read_map('.mm\n"m": {"exit": 1}'), (0, 3)).tiles) == set("SGA~")
