"""This program, its defaults but for the episodes an update; NumPy draws the episodes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from rlxent_core import compiled
from rlxent_core.policy import action_probabilities
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import World

torch.set_num_threads(1)
compiled.when_worth = lambda: None  # NumPy to the end
START_ANEW = 100
"""Updates after which a policy that is to stand still is set back to its start."""


class Peer:
    def __init__(self, world: World, seed: int, batch: int, learning_rate: float | None) -> None:
        settings = Settings(batch_episodes=batch, learning_rate=learning_rate or 0.01)
        self.trainer = Trainer(world, settings, (seed,))
        self.start = self.trainer.state() if learning_rate else None

    def train(self) -> int:
        if self.start is not None and self.trainer.update == START_ANEW:
            self.trainer.load_state(self.start)
        return self.trainer.step().env_steps

    def policy(self) -> NDArray[np.float64]:
        probabilities: NDArray[np.float64] = action_probabilities(self.trainer.logits())[0].numpy()
        return probabilities
