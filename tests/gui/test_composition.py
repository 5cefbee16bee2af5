"""What a cell has after one tile was painted over another, and how winds turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Teleport, Tile, World
from rlxent_gui.canvas.composition import (
    COMPASS,
    blowing,
    composed,
    direction,
    familiar,
    pay,
    strength,
    strengthened,
    turned,
    with_pay,
)

GOAL, PIT = Tile(terminal=True, reward=1), Tile(terminal=True, reward=-1)
ICE, WIND, START = Tile(slip=0.3), Tile(wind=(-1, 0)), Tile(start=1)
REWARD = Tile(reward=0.5)
THERE = Teleport((2, 2), 3.0)
PUDDLE = Tile(name="Puddle", slip=0.5, reward=-0.2)


@pytest.mark.parametrize(
    ("tile", "beneath", "together"),
    [
        # What can be walked over adds up.
        (ICE, FLOOR_TILE, ICE),
        (ICE, START, Tile(start=1, slip=0.3)),
        (START, ICE, Tile(start=1, slip=0.3)),
        (WIND, ICE, Tile(slip=0.3, wind=(-1, 0))),
        (ICE, WIND, Tile(slip=0.3, wind=(-1, 0))),
        (Tile(slip=0.7), ICE, Tile(slip=0.7)),
        (Tile(wind=(0, 2)), WIND, Tile(wind=(0, 2))),
        (Tile(reversed=True), Tile(reward=2, slip=0.1), Tile(reward=2, slip=0.1, reversed=True)),
        (Tile(reward_noise=0.5), REWARD, Tile(reward=0.5, reward_noise=0.5)),
        (Tile(teleport=THERE), ICE, Tile(slip=0.3, teleport=THERE)),
        # One of two that exclude each other.
        (Tile(teleport=THERE), Tile(exit=1, slip=0.3), Tile(teleport=THERE, slip=0.3)),
        (Tile(exit=1), Tile(teleport=THERE), Tile(exit=1)),
        # What fills the cell, and floor, replaces everything; so does all on a wall or an end.
        (WALL_TILE, Tile(start=1, slip=0.3), WALL_TILE),
        (GOAL, START, GOAL),
        (Tile(respawn=True), WIND, Tile(respawn=True)),
        (FLOOR_TILE, Tile(start=1, slip=0.3, wind=(0, 1)), FLOOR_TILE),
        (ICE, WALL_TILE, ICE),
        (ICE, GOAL, ICE),
        (WIND, Tile(respawn=True, reward=-1), WIND),
        # A reward becomes what the cell pays.
        (REWARD, FLOOR_TILE, REWARD),
        (REWARD, ICE, Tile(slip=0.3, reward=0.5)),
        (REWARD, GOAL, Tile(terminal=True, reward=0.5)),
        (REWARD, Tile(exit=1), Tile(exit=0.5)),
        (REWARD, Tile(teleport=THERE), Tile(teleport=Teleport((2, 2), 0.5))),
        (REWARD, Tile(respawn=True), Tile(respawn=True, reward=0.5)),
        (REWARD, WALL_TILE, WALL_TILE),
        # A tile with a name is painted whole, but for a start; it loses its name by what is added.
        (PUDDLE, WIND, PUDDLE),
        (PUDDLE, START, Tile(start=1, slip=0.5, reward=-0.2)),
        (WIND, PUDDLE, Tile(slip=0.5, reward=-0.2, wind=(-1, 0))),
        (START, PUDDLE, Tile(start=1, slip=0.5, reward=-0.2)),
        (Tile(slip=0.5), PUDDLE, PUDDLE),
        (PUDDLE, GOAL, PUDDLE),
    ],
)
def test_composition(tile, beneath, together):
    """The first painted over the second."""
    assert composed(tile, beneath) == together


def test_what_lay_beneath_a_start_is_known_again():
    """A start moves off a named tile: the named tile is back."""
    world = World(map=("Sp.",), tiles={"S": START, "p": PUDDLE})
    assert familiar(world, Tile(slip=0.5, reward=-0.2)) == PUDDLE
    assert familiar(world, ICE) == ICE
    both = World(map=("qp",), tiles={"q": Tile(slip=0.5, reward=-0.2), "p": PUDDLE})
    assert familiar(both, Tile(slip=0.5, reward=-0.2)).name == ""


@pytest.mark.parametrize(
    ("tile", "paid"),
    [(GOAL, 1), (Tile(exit=-2, reward=5), -2), (Tile(teleport=THERE, reward=1), 3), (ICE, 0)],
)
def test_whatever_pays(tile, paid):
    """Exit and teleport pay in place of the reward on entering; the rest of the tile stays."""
    assert pay(tile) == paid
    richer = with_pay(tile, paid + 0.1)
    assert pay(richer) == pytest.approx(paid + 0.1)
    assert with_pay(richer, paid) == tile


@pytest.mark.parametrize(
    ("way", "step"),
    [((-3, 0), (-1, 0)), ((-3, 1), (-1, 0)), ((-3, 2), (-1, 1)), ((0, 5), (0, 1)),
     ((4, 4), (1, 1)), ((2, -5), (0, -1)), ((2, -4), (1, -1)), ((0, 0), None)],
)
def test_direction_of_a_drag(way, step):
    """The nearest of eight: within 22.5° of it."""
    assert direction(*way) == step


def test_eight_turns_come_round():
    """Clockwise through all eight directions, with the same strength."""
    winds = [(-2, 0)]
    for _ in range(8):
        winds.append(turned(winds[-1], 1))
    assert winds[1:4] == [(-2, 2), (0, 2), (2, 2)]
    assert winds[8] == winds[0]
    assert len(set(winds)) == 8


def test_wind_between_two_directions_turns_to_the_next():
    """(−3, 1) lies between up and up right."""
    assert turned((-3, 1), 1) == (-3, 3)
    assert turned((-3, 1), -1) == (-3, 0)
    assert turned((-3, 2), 1) == (-3, 3)
    assert turned((-3, 2), -1) == (-3, 0)


@given(st.sampled_from(COMPASS), st.integers(1, 64), st.integers(-9, 9))
def test_turning_back_undoes_turning(step, cells, turns):
    """And nothing else than the direction changes."""
    wind = blowing(step, cells)
    there = turned(wind, turns)
    assert strength(there) == cells
    assert turned(there, -turns) == wind


@pytest.mark.parametrize(
    ("wind", "steps", "stronger"),
    [((-1, 0), 1, (-2, 0)), ((2, 2), -1, (1, 1)), ((-1, 0), -1, (-1, 0)), ((64, 0), 1, (64, 0)),
     ((-2, 1), 2, (-4, 2)), ((0, 0), 1, (0, 0))],
)
def test_strength_within_the_format(wind, steps, stronger):
    """From 1 to 64 cells; calm stays calm."""
    assert strengthened(wind, steps) == stronger
