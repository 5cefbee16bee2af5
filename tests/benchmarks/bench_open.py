"""How long a 64 × 64 world takes to open: read, compile, and all that is said of it.

Run it: ``python tests/benchmarks/bench_open.py``.  Medians of five.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from rlxent_core.facts import world_facts
from rlxent_core.mdp import compile_world
from rlxent_core.tiles import Tile
from rlxent_core.world import World
from rlxent_core.world_file import read_text, write_text


def large_world() -> World:
    """64 × 64 cells, a fifth of them walls, ice everywhere, start and goal in opposite corners."""
    board = np.where(np.random.default_rng(0).random((64, 64)) < 0.2, "#", ".")
    board[0, 0], board[63, 63] = "S", "G"
    tiles = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)}
    return World(tuple("".join(row) for row in board), tiles, slip=0.1, discount=0.97)


def milliseconds(work: Callable[[], object], times: int = 5) -> float:
    """Median time of ``work``."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - before))
    return statistics.median(taken)


def main() -> None:
    """Print a line a step."""
    world = large_world()
    unlimited = world.with_fields(max_steps=None)
    text = write_text(world)
    steps: dict[str, Callable[[], object]] = {
        "write": lambda: write_text(world),
        "read": lambda: read_text(text),
        "compile": lambda: compile_world.__wrapped__(world),
        "facts, 100 steps": lambda: world_facts(world),
        "facts, no limit": lambda: world_facts(unlimited),
    }
    for name, work in steps.items():
        print(f"{name:18} {milliseconds(work):8.1f} ms")


if __name__ == "__main__":
    main()
