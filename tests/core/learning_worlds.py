"""Worlds that the tests of the learning core share."""

from __future__ import annotations

from rlxent_core.world import Tile, World

TILES = {
    "S": Tile(start=1),
    "G": Tile(terminal=True, reward=1.0),
    "P": Tile(terminal=True, reward=-1.0),
}


def sparse5(**fields: object) -> World:
    """The 5×5 world with a single sparse reward."""
    world = World(
        ("S....", ".##..", "...#.", ".#...", "....G"),
        {"S": TILES["S"], "G": TILES["G"]},
        name="sparse5",
        slip=0.1,
        discount=0.97,
        max_steps=100,
    )
    return world.with_fields(**fields)


def restless() -> World:
    """Slip, two weighted starts, a respawn, an exit and noise: all that can be drawn."""
    tiles = {
        "S": Tile(start=1),
        "T": Tile(start=3),
        "C": Tile(respawn=True, reward=-1.0),
        "X": Tile(exit=2.0),
        "n": Tile(reward_noise=0.5),
    }
    return World(
        ("S.C", "Tn.", "..X"),
        tiles,
        "restless",
        slip=0.3,
        step_reward=-0.1,
        discount=0.9,
        max_steps=40,
    )
