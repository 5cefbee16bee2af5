"""A training run as a file: what ``train --out`` writes, and policies read back from it.

A JSON object: ``format``, ``version``, the whole ``world``, ``settings``, ``device``, ``updates``,
``cells`` and ``moves`` (the order of the logits), and ``runs``, one a seed::

    {"seed": 0, "returns": […], "lengths": […], "logits": [[…]…], "parameters": {…}}

``returns`` and ``lengths`` are the means of each update's episodes; ``parameters`` are those of a
network or of a table that cells share, absent for a table of cells, whose logits are all there is.
A policy file may also be no more than ``{"logits": [[…]…]}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxent_core.atomic_file import write_whole
from rlxent_core.located_json import quoted, shown
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.run_parts import Part, RunFileError, read_object
from rlxent_core.settings import Settings, SettingsError, descriptions
from rlxent_core.world import World, WorldError
from rlxent_core.world_file import read_text, write_text

__all__ = [
    "Run", "RunFileError", "SeedRun", "read_policy", "read_policy_run", "read_run",
    "write_run",
]  # fmt: skip

FORMAT, VERSION = "rlxent-run", 1


@dataclass(frozen=True, eq=False)
class SeedRun:
    """What one seed came to."""

    seed: int
    returns: Floats
    """Mean discounted return of each update's episodes: [updates]."""
    lengths: Floats
    """Mean number of steps of each update's episodes: [updates]."""
    logits: Floats
    """Of all states, [S, A]; rows of cells that cannot be stood on are 0."""
    parameters: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Without the runs axis; empty for a table of cells."""


@dataclass(frozen=True, eq=False)
class Run:
    """A training run: a world, settings, and one or several seeds."""

    world: World
    settings: Settings
    device: str
    updates: int
    seeds: tuple[SeedRun, ...]


def write_run(path: str | Path, run: Run) -> None:
    """Write the run; the file appears whole or not at all.

    Raises:
        OSError: when it cannot be written.
    """
    mdp = compile_world(run.world)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "world": json.loads(write_text(run.world)),
        "settings": asdict(run.settings),
        "device": run.device,
        "updates": run.updates,
        **_orders(run.world),
        "runs": [_seed_object(seed, mdp) for seed in run.seeds],
    }
    write_whole(path, json.dumps(content, allow_nan=False) + "\n")


def _orders(world: World) -> dict[str, list[Any]]:
    """What the rows and columns of the logits are of."""
    cells = [list(cell) for cell in world.standable_cells]
    return {"cells": cells, "moves": list(world.moves)}


def _seed_object(seed: SeedRun, mdp: MDP) -> dict[str, Any]:
    result: dict[str, Any] = {
        "seed": seed.seed,
        "returns": seed.returns.tolist(),
        "lengths": seed.lengths.tolist(),
        "logits": seed.logits[mdp.standable].tolist(),
    }
    if seed.parameters:
        result["parameters"] = {name: p.tolist() for name, p in seed.parameters.items()}
    return result


def read_run(path: str | Path) -> Run:
    """The run in the file.

    Raises:
        RunFileError: when the file cannot be read or is no run.
    """
    content = read_object(path)
    if content.get("format") != FORMAT:
        raise RunFileError(f"{path} is no run: its “format” is not “{FORMAT}”.")
    version = content.get("version")
    if type(version) is not int or version != VERSION:
        raise RunFileError(
            f"{path} is a run of version {shown(version)}, and only {VERSION} is known."
        )
    whole = Part(content, "The run", path)
    world = world_of(whole.get("world"))
    settings = settings_of(whole.get("settings"))
    mdp = compile_world(world)
    for key, order in _orders(world).items():
        if whole.get(key).value != order:
            raise RunFileError(
                f"“{key}” in {path} are not those of its world: what its logits are of is unknown."
            )
    seeds = tuple(_seed(entry, mdp, path) for entry in whole.get("runs").list())
    if not seeds:
        raise RunFileError(f"{path} holds no run: “runs” is empty.")
    updates = whole.get("updates").whole(0, 2**53)
    return Run(world, settings, whole.get("device").text(), updates, seeds)


def world_of(part: Part) -> World:
    """The world that a part is.

    Raises:
        RunFileError: when it is none.
    """
    try:
        return read_text(json.dumps(part.value))
    except WorldError as error:
        raise RunFileError(f"The world in {part.path} is not valid: {error}") from error
    except RecursionError:
        raise RunFileError(f"The world in {part.path} is nested too deeply.") from None


def settings_of(part: Part) -> Settings:
    """The settings that a part is.

    Raises:
        RunFileError: when it is none.
    """
    try:
        return Settings(**part.only(descriptions(), "setting"))
    except SettingsError as error:
        raise RunFileError(f"The settings in {part.path} are not valid: {error}") from error


def _seed(entry: object, mdp: MDP, path: str | Path) -> SeedRun:
    part = Part(entry, "An element of “runs”", path)
    returns, lengths = part.get("returns").array(1), part.get("lengths").array(1)
    if len(returns) != len(lengths):
        raise RunFileError(
            f"{path} has {len(returns):,} returns and {len(lengths):,} lengths of one seed, and"
            " each update has one of both."
        )
    parameters = Part(part.object().get("parameters", {}), "“parameters”", path).object()
    return SeedRun(
        part.get("seed").whole(-(2**63), 2**63 - 1),
        returns,
        lengths,
        on_board(part.get("logits").value, mdp, path),
        {name: _parameter(name, value, path) for name, value in parameters.items()},
    )


def _parameter(name: str, value: object, path: str | Path) -> NDArray[np.float32]:
    what = f"Parameter {quoted(name)}"
    numbers = Part(value, what, path).array()
    if np.abs(numbers).max(initial=0.0) > np.finfo(np.float32).max:
        raise RunFileError(f"{what} in {path} must be numbers that float32 can hold.")
    return numbers.astype(np.float32)


def read_policy(path: str | Path, mdp: MDP) -> Floats:
    """Logits [S, A] over all states from a policy file of either form; a run's first seed.

    Raises:
        RunFileError: when the file cannot be read, is neither, or does not fit the world.
    """
    return read_policy_run(path, mdp)[0]


def read_policy_run(path: str | Path, mdp: MDP) -> tuple[Floats, Run | None]:
    """Logits [S, A] as :func:`read_policy` gives them, and the run whose first seed they are of.

    None for a file of logits alone.

    Raises:
        RunFileError: as :func:`read_policy`.
    """
    content = read_object(path)
    if "logits" in content:
        return on_board(content["logits"], mdp, path), None
    if content.get("format") != FORMAT:
        raise RunFileError(
            f"{path} is no policy: it has neither “logits” nor the format “{FORMAT}”."
        )
    run = read_run(path)
    theirs = compile_world(run.world)
    if theirs.moves != mdp.moves:
        raise RunFileError(
            f"The policy in {path} chooses among {', '.join(theirs.moves)},"
            f" this world among {', '.join(mdp.moves)}."
        )
    if (theirs.rows, theirs.columns) != (mdp.rows, mdp.columns) or not np.array_equal(
        theirs.standable, mdp.standable
    ):
        raise RunFileError(f"The policy in {path} was trained on a board of another shape.")
    return run.seeds[0].logits, run


def on_board(rows: object, mdp: MDP, path: str | Path) -> Floats:
    """Logits given for the standable cells, spread over all states: [S, A]."""
    cells, moves = int(mdp.standable.sum()), mdp.n_actions
    wanted = f"{cells} lists of {moves} numbers, one list a cell"
    given = Part(rows, "“logits”", path).array(wanted=wanted)
    if given.shape != (cells, moves):
        found = " × ".join(map(str, given.shape)) or "one number"
        raise RunFileError(
            f"The logits in {path} must be {cells} × {moves} numbers, one row a cell and one"
            f" column a move, not {found}."
        )
    logits = np.zeros((mdp.n_states, moves))
    logits[mdp.standable] = given
    return logits
