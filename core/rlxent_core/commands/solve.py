"""``rlxent solve``: values of worlds, by dynamic programming."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rlxent_core import exact
from rlxent_core.commands.common import Bundled, CommandError, load_world, tell
from rlxent_core.facts import finite, number, percent, reachable
from rlxent_core.mdp import MDP, Bools, Floats, compile_world
from rlxent_core.run_file import RunFileError, read_policy
from rlxent_core.world import World

ARROWS = {
    "up": "↑", "right": "→", "down": "↓", "left": "←", "up-right": "↗", "down-right": "↘",
    "down-left": "↙", "up-left": "↖", "stay": "○",
}  # fmt: skip


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``solve`` to the commands."""
    parser = subparsers.add_parser(
        "solve",
        help="values of a policy and of the optimum, by dynamic programming",
        description="Exact values of a policy and of the best one, and every optimal action, by"
        " dynamic programming. A value that diverges is null in JSON and “diverges” in a table.",
    )
    parser.add_argument(
        "worlds", metavar="WORLD", nargs="+", help="a world’s file or name; several may be given"
    )
    parser.add_argument(
        "--policy", default="uniform", metavar="POLICY",
        help="uniform, optimal, or a FILE: {\"logits\": [[…]…]} in the order of cells and moves, or"
        " a run that “train --out” wrote (default uniform)",
    )
    parser.add_argument(
        "--horizon", type=horizon, default="world", metavar="H",
        help="a number of steps, “world” for the world’s max_steps, or “infinite”"
        " (default world; the same as infinite where max_steps is null)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a world, on one line")


def horizon(text: str) -> int | str:
    """A number of steps of at least 1, ``world`` or ``infinite``, for argparse."""
    if text in ("world", "infinite"):
        return text
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"“{text}” is neither a whole number of at least 1, nor “world” or “infinite”"
        )
    return int(text)


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Print the answer for every world; those that cannot be solved are told of beside it."""
    status = 0
    for i, name in enumerate(args.worlds):
        try:
            world = load_world(name, bundled)
            steps = world.max_steps if args.horizon == "world" else args.horizon
            steps = None if steps == "infinite" else steps
            answer = solution(world, name, args.policy, steps)
        except (CommandError, RunFileError) as error:
            tell(str(error))
            status = 1
            continue
        if args.json:
            print(json.dumps(answer, allow_nan=False))
        else:
            print(("\n" if i else "") + table(world, answer, args.policy, steps))
    return status


def solution(world: World, file: str, policy: str, steps: int | None) -> dict[str, Any]:
    """What the command answers about one world, over ``steps`` steps or, with None, for ever."""
    mdp = compile_world(world)
    best, optimal = exact.optimum(mdp, steps)
    values = best if policy == "optimal" else _values(mdp, policy, steps)
    chance = exact.chance_of_reward(mdp, steps)
    return {
        "world": world.name,
        "file": file,
        "cells": [list(cell) for cell in world.standable_cells],
        "moves": list(world.moves),
        "values": [finite(v) for v in values[mdp.standable]],
        "start_value": finite(exact.at_start(mdp, values)),
        "optimal_values": [finite(v) for v in best[mdp.standable]],
        "optimal_start_value": finite(exact.at_start(mdp, best)),
        "optimal_actions": [_names(mdp, row) for row in optimal[mdp.standable]],
        "start": mdp.start[mdp.standable].tolist(),
        "reachable": reachable(mdp),
        "chance_of_reward": finite(chance),
    }


def _values(mdp: MDP, policy: str, steps: int | None) -> Floats:
    if policy == "uniform":
        probabilities = exact.uniform_policy(mdp)
    else:
        probabilities = exact.softmax(read_policy(policy, mdp))
    return exact.policy_values(mdp, probabilities, steps)


def _names(mdp: MDP, chosen: Bools) -> list[str]:
    return [move for move, is_chosen in zip(mdp.moves, chosen, strict=True) if is_chosen]


def table(world: World, answer: dict[str, Any], policy: str, steps: int | None) -> str:
    """The answer for people: values and actions where their cells lie on the map."""
    how_long = "without a step limit" if steps is None else f"over {steps:,} steps"
    lines = [f"{world.name or answer['file']}, {how_long}, discount {world.discount:g}"]
    if policy != "optimal":
        name = "the uniform policy" if policy == "uniform" else policy
        lines += ["", f"Values of {name}: {_value(answer['start_value'])} at the start"]
        lines += _drawn(world, list(map(_value, answer["values"])))
    lines += ["", f"Optimal values: {_value(answer['optimal_start_value'])} at the start"]
    lines += _drawn(world, list(map(_value, answer["optimal_values"])))
    lines += ["", "Optimal actions"]
    lines += _drawn(world, ["".join(map(ARROWS.__getitem__, a)) for a in answer["optimal_actions"]])
    chance = answer["chance_of_reward"]
    known = "beyond floats" if chance is None else percent(chance)
    lines += ["", f"Chance that an episode of the uniform policy is rewarded: {known}"]
    if not answer["reachable"]:
        lines.append("From some start neither an end nor a reward can be reached.")
    return "\n".join(lines)


def _value(value: float | None) -> str:
    return "diverges" if value is None else number(value)


def _drawn(world: World, words: list[str]) -> list[str]:
    """A word a cell that can be stood on, laid out as the map is; other cells by their symbol."""
    by_cell = dict(zip(world.standable_cells, words, strict=True))
    grid = [
        [by_cell.get((r, c), symbol) for c, symbol in enumerate(row)]
        for r, row in enumerate(world.map)
    ]
    width = max(len(word) for row in grid for word in row)
    return ["  " + "  ".join(word.rjust(width) for word in row).rstrip() for row in grid]
