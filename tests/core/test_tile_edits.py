"""A change of a kind of tile is a change of all its cells, or of none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxent_core.tile_edits import (
    cell_count,
    named_tiles,
    symbol_of,
    with_new_tile,
    with_symbol,
    with_tile,
    without_tile,
)
from rlxent_core.world import FLOOR_TILE, WALL_TILE, Teleport, Tile, World, WorldError
from rlxent_core.world_file import read_text, write_text

PUDDLE = Tile(name="Puddle", slip=0.5)
WORLD = World(
    map=("S.m", "#mG", "..~"),
    tiles={"S": Tile(start=1), "G": Tile(terminal=True, reward=1), "m": PUDDLE,
           "~": Tile(slip=0.3), "q": Tile(name="Unused", reward=2)},
)


def test_symbols_of_tiles():
    """Floor and wall have theirs; a tile the world does not know has none."""
    assert [symbol_of(WORLD, t) for t in (FLOOR_TILE, WALL_TILE, PUDDLE)] == [".", "#", "m"]
    assert symbol_of(WORLD, Tile(slip=0.5)) is None


def test_named_tiles_and_their_cells():
    """Also the one that no cell has."""
    assert list(named_tiles(WORLD)) == ["m", "q"]
    assert [cell_count(WORLD, symbol) for symbol in "m.q"] == [2, 3, 0]


def test_changing_a_tile_changes_all_its_cells():
    """And no other cell."""
    wet = Tile(name="Puddle", slip=0.9)
    changed = with_tile(WORLD, "m", wet)
    assert [c for c in WORLD.cells if changed.tile(c) != WORLD.tile(c)] == [(0, 2), (1, 1)]
    assert changed.tile((1, 1)) == wet
    assert changed.map == WORLD.map


def test_tile_that_loses_its_name_is_forgotten_where_no_cell_has_it():
    """With cells it stays, without it is gone."""
    assert "q" not in with_tile(WORLD, "q", Tile(reward=2)).tiles
    assert with_tile(WORLD, "m", Tile(slip=0.5)).tiles["m"] == Tile(slip=0.5)


@pytest.mark.parametrize(
    ("symbol", "tile", "part"),
    [
        ("m", Tile(name="Puddle", exit=1.0, teleport=Teleport((0, 0))), "both exit and teleport"),
        ("m", Tile(name="Puddle", start=1.0, terminal=True), "both start and terminal"),
        ("q", Tile(slip=2.0), "between 0 and 1"),
        ("z", Tile(name="New", teleport=Teleport((1, 0))), "nobody can stand there"),
        (".", Tile(name="Floor"), "cannot be redefined"),
    ],
)
def test_what_the_format_forbids_is_refused(symbol, tile, part):
    """With the sentence of the rule, also for a tile that no cell has."""
    with pytest.raises(WorldError, match=part):
        with_tile(WORLD, symbol, tile)


def test_new_tile_gets_a_free_symbol():
    """It is on no cell, and it survives the file."""
    made, symbol = with_new_tile(WORLD, Tile(name="Mud", slip=0.1))
    assert symbol not in WORLD.tiles
    assert made.map == WORLD.map
    assert read_text(write_text(made)).tiles[symbol] == Tile(name="Mud", slip=0.1)


def test_symbol_is_changed_everywhere():
    """The cells are the same tiles as before."""
    changed = with_symbol(WORLD, "m", "w")
    assert changed.map == ("S.w", "#wG", "..~")
    assert all(changed.tile(c) == WORLD.tile(c) for c in WORLD.cells)
    assert list(changed.tiles) == ["S", "G", "w", "~", "q"]
    assert with_symbol(WORLD, "m", "m") == WORLD


@pytest.mark.parametrize(
    ("symbol", "part"),
    [("q", "“q” is taken by another tile, called “Unused”"), ("G", "“G” is taken"),
     ("ab", "2 characters"), ("", "0 characters"), (".", "is floor"), ("#", "is wall")],
)
def test_symbols_that_cannot_be(symbol, part):
    """Taken, not one character, or floor and wall."""
    with pytest.raises(WorldError, match=part):
        with_symbol(WORLD, "m", symbol)


def test_deleted_tile_leaves_floor():
    """Where it was, and nowhere else."""
    changed = without_tile(WORLD, "m")
    assert changed.map == ("S..", "#.G", "..~")
    assert "m" not in changed.tiles


@given(st.sampled_from("SGm~q"), st.characters(categories=("L", "N")))
def test_symbols_come_back(old, new):
    """There and back is where it began."""
    if new in WORLD.tiles:
        return
    assert with_symbol(with_symbol(WORLD, old, new), new, old) == WORLD
