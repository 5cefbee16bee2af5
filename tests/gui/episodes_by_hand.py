"""Episodes that a test walks itself, as the Credit scene gets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.weightings import EpisodeCredit
from rlxent_core.world import Tile, World

START, GOAL, PIT, WALL = (
    Tile(start=1), Tile(terminal=True, reward=1), Tile(terminal=True, reward=-1), Tile(wall=True),
)
MOVES = {"↑": "up", "→": "right", "↓": "down", "←": "left", "•": "stay"}


def world_of(*rows: str, tiles: dict[str, Tile] | None = None, **fields: Any) -> World:
    """A world with S, G, P and # as usual."""
    used = {"S": START, "G": GOAL, "P": PIT, **(tiles or {})}
    return World(rows, {s: t for s, t in used.items() if any(s in row for row in rows)}, **fields)


def walk(
    world: World, moves: str, outcomes: Sequence[int] = (), **fields: Any
) -> EpisodeCredit:
    """The episode of ``moves`` such as "→→↓"; ``outcomes`` says where a move slipped.

    Probabilities are uniform and all values 0 unless ``fields`` says otherwise.
    """
    mdp = compile_world(world)
    state, start = int(mdp.start.argmax()), int(mdp.start.argmax())
    states, actions, landings, rewards = [], [], [], []
    which = [*outcomes, *[0] * (len(moves) - len(outcomes))]
    for arrow, outcome in zip(moves, which, strict=True):
        assert state != mdp.over, "the episode is over"
        action = mdp.moves.index(MOVES[arrow])
        states.append(state)
        actions.append(action)
        landings.append(int(mdp.landing[state, action, outcome]))
        rewards.append(float(mdp.reward[state, action, outcome]))
        state = int(mdp.next_state[state, action, outcome])
        state = start if state == mdp.restart else state
    steps, policy = len(moves), np.full((mdp.n_states, mdp.n_actions), 1 / mdp.n_actions)
    given: dict[str, Any] = {
        "world": world, "settings": Settings(),
        "states": np.array(states), "actions": np.array(actions), "outcomes": np.array(which),
        "landings": np.array(landings), "rewards": np.array(rewards),
        "probabilities": policy[states], "exact_values": np.zeros(steps + 1),
        "learned_values": None, "choice": np.zeros(steps), "others_mean": np.zeros(steps),
        "batch_mean": 0.0, "batch_deviation": 1.0, "policy": policy, "trained": None,
        "batch_returns": np.zeros(1), "index": 0, "source": "new", "update": 0, "seen_at": 0,
    }
    return EpisodeCredit(**{**given, **fields})
