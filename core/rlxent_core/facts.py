"""What can be said about a world before anything is learnt in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from rlxent_core.exact import (
    at_start,
    chance_of_reward,
    expected_length,
    optimum,
    policy_values,
    start_value,
    uniform_policy,
)
from rlxent_core.graph import graph_of, places
from rlxent_core.mdp import MDP, Bools, Floats, compile_world
from rlxent_core.world import Tile, World

BATCH = 16
"""Episodes an update by default."""
MANY_TIMES = 20
"""How many times worse than the best a random policy may be before it deserves a word."""


@dataclass(frozen=True, eq=False)
class WorldFacts:
    """Exact facts about a world, over its ``max_steps``, or an infinite horizon without.

    Arrays are over all cells; where a value diverges it is not finite, and its start value None.
    """

    optimal_values: Floats
    """V* at t = 0: [S]."""
    optimal_actions: Bools
    """All that are optimal at t = 0: [S, A]."""
    uniform_values: Floats
    """V of the uniform policy at t = 0: [S]."""
    optimal_start_value: float | None
    uniform_start_value: float | None
    has_goal: bool
    """Whether anything on the board ends an episode or pays."""
    reachable: bool
    """Whether from every start an end of the episode or a positive pay can be reached."""
    moves_to_goal: int | None
    """Fewest moves to a goal from the start farthest away; None where a start has no way.

    Goals are what pays; where nothing does, ends that cost nothing; where all do, any end.
    """
    unreachable: Bools
    """Cells that are no walls and that no episode enters: [S]."""
    chance_of_reward: float
    """That one episode of the uniform policy is paid anything positive by a tile."""
    expected_length: float | None
    """Mean number of moves of the uniform policy's episodes; None where some never end."""
    hostile: str
    """A sentence where a random policy has little to learn from; empty elsewhere."""


def world_facts(world: World) -> WorldFacts:
    """Everything about ``world``; up to seconds where 64 × 64 cells have no step limit."""
    with np.errstate(over="ignore", invalid="ignore"):
        mdp = compile_world(world)
        horizon = mdp.max_steps
        optimal_values, optimal_actions = optimum(mdp, horizon)
        on_board = [world.tile_of(symbol) for symbol in set().union(*world.map)]
        uniform_values = policy_values(mdp, uniform_policy(mdp), horizon)
        facts = WorldFacts(
            optimal_values=optimal_values,
            optimal_actions=optimal_actions,
            uniform_values=uniform_values,
            optimal_start_value=finite(at_start(mdp, optimal_values)),
            uniform_start_value=finite(at_start(mdp, uniform_values)),
            has_goal=any(_ends(tile) or _pays(tile) for tile in on_board),
            reachable=reachable(mdp),
            moves_to_goal=moves_to_goal(world, mdp),
            unreachable=_unreachable(world, mdp),
            chance_of_reward=chance_of_reward(mdp, horizon),
            expected_length=finite(expected_length(mdp, horizon)),
            hostile="",
        )
        return replace(facts, hostile=_hostile(mdp, facts))


def reachable(mdp: MDP) -> bool:
    """Whether from every start an end of the episode or a positive pay of a tile is reachable."""
    ends = _possible(mdp) & ((mdp.next_state == mdp.over) | mdp.tile_pays)
    return bool(np.isfinite(_moves(mdp, ends)[mdp.start > 0]).all())


def moves_to_goal(world: World, mdp: MDP) -> int | None:
    """Fewest moves to a goal, with luck, from the start that is farthest away."""
    farthest = float(_moves(mdp, _goals(world, mdp))[mdp.start > 0].max())
    return int(farthest) if math.isfinite(farthest) else None


def _possible(mdp: MDP) -> Bools:
    return np.asarray((mdp.probability > 0) & mdp.standable[:, None, None])


def _goals(world: World, mdp: MDP) -> Bools:
    """Outcomes [S, A, K] that are worth reaching."""
    tiles = [world.tile(cell) for cell in world.cells]
    ends = _possible(mdp) & (mdp.next_state == mdp.over)
    harmless = np.array([_ends(t) and t.reward >= 0 and (t.exit or 0.0) >= 0 for t in tiles])
    if any(map(_pays, tiles)):
        return np.asarray(_possible(mdp) & mdp.tile_pays)
    return np.asarray(ends & harmless[mdp.landing] if harmless.any() else ends)


def _ends(tile: Tile) -> bool:
    return tile.terminal or tile.exit is not None


def _pays(tile: Tile) -> bool:
    pays = [tile.exit or 0.0, tile.teleport.reward if tile.teleport else 0.0]
    return max(0.0 if tile.wall else tile.reward, *pays) > 0


def _moves(mdp: MDP, goals: Bools) -> Floats:
    """Fewest moves from each state to an outcome marked in ``goals``: [S]."""
    possible = _possible(mdp) & (goals | (mdp.next_state != mdp.over))
    stops = replace(mdp, next_state=np.where(goals, mdp.over, mdp.next_state))
    nowhere = np.zeros(mdp.n_states, dtype=bool)
    distances = graph_of(stops, possible).reversed.distances(places(mdp, nowhere, over=True))
    return np.asarray(distances[: mdp.n_states])


def _unreachable(world: World, mdp: MDP) -> Bools:
    """Cells that are no walls and that nobody starts in or enters: [S]."""
    possible = _possible(mdp)
    entered = graph_of(mdp, possible).reached(places(mdp, mdp.start > 0))[: mdp.n_states]
    entered[mdp.landing[possible & entered[:, None, None]]] = True
    return np.asarray(~entered & [not world.tile(cell).wall for cell in world.cells])


def _hostile(mdp: MDP, facts: WorldFacts) -> str:
    """The notice for worlds where a random policy has little to learn from, or "".

    That is where more than half of all batches of 16 random episodes meet no reward (or, where
    nothing pays, no end), or where a random episode is many times as long as it need be, or its
    return many times as far below zero as the best one.
    """
    if not facts.has_goal or facts.moves_to_goal is None:
        return ""  # there are other words for these worlds
    possible = _possible(mdp)
    ends = possible & (mdp.next_state == mdp.over)
    if not ends.any():
        every = "goes on for ever" if mdp.max_steps is None else f"takes all {mdp.max_steps} steps"
        return f"Nothing ends an episode here: each {every}."
    pays = bool((possible & mdp.tile_pays).any())
    chance = facts.chance_of_reward if pays else _chance_of_end(mdp, ends)
    best, mean, length = (
        facts.optimal_start_value, facts.uniform_start_value, facts.expected_length
    )  # fmt: skip
    limit = "" if mdp.max_steps is None else f" of at most {number(mdp.max_steps)}"
    rare = (1 - chance) ** BATCH > 0.5
    long = length is None or length > MANY_TIMES * facts.moves_to_goal
    poor = mean is None or (best is not None and mean < -MANY_TIMES * max(1.0, abs(best)))
    if not (rare or long or poor):
        return ""
    lasts = "may never end" if length is None else f"lasts {number(length)}{limit} steps"
    optimum = "" if best is None else f" (the best policy: {number(best)})"
    returns = "" if mean is None else f" and returns {number(mean)}"
    rewarded = "it is rewarded at all" if pays else "it reaches an end"
    return (
        f"With every move equally likely, an episode {lasts}{returns} on average{optimum};"
        f"{'' if pays else ' nothing rewards it, and'} the chance that {rewarded} is"
        f" {percent(chance)}."
    )


def _chance_of_end(mdp: MDP, ends: Bools) -> float:
    """That one episode of the uniform policy ends before the limit."""
    counter = replace(mdp, reward=ends.astype(float), discount=1.0)
    return float(start_value(counter, uniform_policy(mdp), mdp.max_steps))


def finite(value: Floats | float) -> float | None:
    """The number, or None where it diverges."""
    return float(value) if math.isfinite(value) else None


def number(value: float) -> str:
    """Three digits or a whole number, with a true minus: −65,375, 698, 0.134."""
    if 0 < abs(value) < 1e-4:
        return "nearly 0"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Two digits: 0.8 %, 47 %; what is smaller than a hundredth of a per cent says so."""
    if 0 < share < 1e-4:
        return "less than 0.01 %"
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"
