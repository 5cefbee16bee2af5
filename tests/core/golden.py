"""The reference cases of tests/data/policy_gradient.json as the project's own objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxent_core.exact import softmax
from rlxent_core.mdp import MDP, compile_world
from rlxent_core.world import World
from rlxent_core.world_file import read_text

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, eq=False)
class Case:
    """A world, a tabular policy on it, and what was computed for them elsewhere."""

    world: World
    mdp: MDP
    logits: NDArray[np.float64]
    expected: dict[str, Any]

    @property
    def policy(self) -> NDArray[np.float64]:
        return softmax(self.logits)

    def on_board(self, rows: Any) -> NDArray[np.float64]:
        """Rows in the file's order of states spread over all cells; zero elsewhere."""
        rows = np.array(rows, dtype=float)
        spread = np.zeros((self.mdp.n_states, *rows.shape[1:]))
        spread[self.mdp.standable] = rows
        return spread

    def __str__(self) -> str:
        return self.world.name


def _case(entry: dict[str, Any]) -> Case:
    world = read_text(json.dumps(entry["world"]))
    mdp = compile_world(world)
    assert [list(cell) for cell in world.standable_cells] == entry["state_order"]
    assert list(world.moves) == entry["action_order"]
    case = Case(world, mdp, np.zeros((mdp.n_states, mdp.n_actions)), entry)
    return Case(world, mdp, case.on_board(entry["logits"]), entry)


def cases() -> list[Case]:
    text = (DATA / "policy_gradient.json").read_text(encoding="utf-8")
    return [_case(entry) for entry in json.loads(text)["cases"]]
