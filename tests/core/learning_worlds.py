"""Worlds that the tests of the learning core share."""

from __future__ import annotations

import torch

from rlxent_core.rollout import Episodes, SampledMDP
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


def corridor(**fields: object) -> World:
    """Three cells in a row and a goal: left and right only."""
    world = World(
        ("S..G",),
        {"S": TILES["S"], "G": TILES["G"]},
        moves=("left", "right"),
        discount=0.5,
        max_steps=6,
    )
    return world.with_fields(**fields)


def episodes_by_hand(
    mdp: SampledMDP, walks: list[list[tuple[int, int, float]]], n_runs: int = 1
) -> Episodes:
    """Episodes given as (state, action, reward) steps, those of run 0 first."""
    tables = mdp.tables(n_runs)
    steps, n_episodes = max(map(len, walks)), len(walks) // n_runs
    leaf = torch.full((steps, len(walks)), tables.over_leaf)
    reward = torch.zeros(steps, len(walks), dtype=torch.float64)
    for e, walk in enumerate(walks):
        for t, (state, action, paid) in enumerate(walk):
            row = e // n_episodes * mdp.n_states + state
            leaf[t, e] = (row << tables.bits) + action * mdp.n_outcomes
            reward[t, e] = paid
    lengths = torch.tensor([len(walk) for walk in walks])
    shape = (n_runs, n_episodes)
    return Episodes(
        mdp, leaf.view(steps, *shape), reward.view(steps, *shape), lengths.view(shape), tables
    )
