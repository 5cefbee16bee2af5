"""Walks over a board, made by hand, and what the Credit scene shows of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import rlxent_resources
from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.weightings import EpisodeCredit, weighting
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui.credit_view import Classifier, CreditView, Row
from rlxent_gui.path_view import PathView

PUDDLE = read_text(rlxent_resources.world_text("puddle_corridor"))
MOVES = (
    *("right",) * 4, "down", "right", "left", "right", "down", "down", "left", "down", "right",
    "down",
)
"""The episode of the mock-ups: through the puddle, a way back, a bump, the goal."""
WEIGHTS = (-.13, -.18, -.03, .01, .03, .03, -.07, .03, .04, .16, -.08, -.02, .04, .17)
"""What its critic row says."""


def walk(world: World, moves, weights, start=(0, 0), step=None, first=0, outcomes=None) -> PathView:
    """Where these moves lead by the world's own rules, none of them slipping unless it is said."""
    mdp, cells, landings, cell = compile_world(world), [], [], start
    for t, move in enumerate(moves):
        outcome = outcomes[t] if outcomes else 0
        place = cell[0] * world.columns + cell[1], world.moves.index(move), outcome
        cells.append(cell)
        landings.append(divmod(int(mdp.landing[place]), world.columns))
        following = int(mdp.next_state[place])
        cell = start if following >= mdp.n_states else divmod(following, world.columns)
    return PathView(
        tuple(cells), tuple(landings), tuple(moves), np.asarray(weights, float), step, first
    )


MOCK = walk(PUDDLE, MOVES, WEIGHTS)


def credit_view(
    world: World = PUDDLE, moves=MOVES, weights=WEIGHTS, *, step=1, batch=16, index=4, update=12,
    discount_weighting="practice", name="critic", **changes,
) -> CreditView:
    """A view of the walk, weighed with ``weights`` or (None) as ``name`` weighs it."""
    path, mdp = walk(world, moves, np.zeros(len(moves))), compile_world(world)
    columns = world.columns
    states = np.array([r * columns + c for r, c in path.cells])
    landings = np.array([r * columns + c for r, c in path.landings])
    actions = np.array([world.moves.index(move) for move in moves])
    policy = np.random.default_rng(3).dirichlet(np.full(len(world.moves), 2.0), mdp.n_states)
    values = exact.policy_values(mdp, policy, mdp.max_steps)
    rewards = mdp.reward[states, actions, 0]
    visited = np.append(values[states], 0.0)
    returns = np.full(batch, 0.3)
    returns[index] = rewards.sum()
    episode = EpisodeCredit(
        world, Settings(discount_weighting=discount_weighting), states, actions,
        np.zeros(len(moves), int), landings, rewards, policy[states], visited, visited,
        np.zeros(len(moves)), np.zeros(len(moves)), 0.3, 0.2, policy, None, returns, index,
        "update", update, update,
    )
    if weights is None:
        weights = weighting(episode, name).weights
    weights = np.asarray(weights, float)
    action = int(actions[step])
    p = policy[states[step]]
    y = np.eye(len(world.moves))[action]
    view = CreditView(
        episode, step, name, False, 0.95, rewards, None, weights,
        (Row("reward_to_go", "Reward-to-go", weights, float(weights.sum()), ""),
         Row("critic", "Critic: r + V′ − V", weights, float(weights.sum()), "")),
        Classifier(world.moves, action, p, p - y, weights[step], weights[step] * (p - y),
                   float(abs(weights).max()) or 1.0),
        "", "", "", False, False, None, False,
    )
    return replace(view, **changes)
