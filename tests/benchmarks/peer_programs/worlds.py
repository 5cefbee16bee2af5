"""The two worlds of every benchmark, and how near to the best a policy is.  No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.world import Tile, World

TILES = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
SPARSE5 = ("S....", ".##..", "...#.", ".#...", "....G")
OPEN20 = ("S" + "." * 19, *["." * 20] * 18, "." * 19 + "G")
WORLDS = {
    "5×5": World(SPARSE5, TILES, discount=0.97, max_steps=50),
    "20×20": World(OPEN20, TILES, discount=0.99, max_steps=200),
}
STANDING_STILL = 1e-5
"""The smallest step size, at which it takes the policy hundreds of updates to shorten episodes."""
SOLVED = 0.95
"""The share of the optimum from which a world is solved."""


class Judge:
    """J of policies [S, A] in one world, exactly, as a share of the best one's."""

    def __init__(self, world: World) -> None:
        self.mdp = compile_world(world)
        self.best = exact.optimal_start_value(self.mdp, world.max_steps)

    def share(self, policy: NDArray[np.float64]) -> float:
        policy = np.asarray(policy, dtype=np.float64)
        return float(exact.start_value(self.mdp, policy, self.mdp.max_steps)) / self.best
