"""Stable-Baselines3: what both of its algorithms share here."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.env_util import make_vec_env

from rlxent_core.gymnasium_env import WorldEnv
from rlxent_core.world import World

torch.set_num_threads(1)
ENVIRONMENTS = 8


class Sb3:
    def __init__(
        self, algorithm: Any, world: World, seed: int, learning_rate: float, **more: Any
    ) -> None:
        env = make_vec_env(lambda: WorldEnv(world), ENVIRONMENTS, seed=seed)
        self.model = algorithm(
            "MlpPolicy", env, learning_rate, gamma=world.discount, seed=seed, device="cpu", **more
        )
        self.n_states = WorldEnv(world).observation_space.n

    def train(self) -> int:
        before = self.model.num_timesteps
        self.model.learn(1, reset_num_timesteps=False)  # one rollout at least
        return int(self.model.num_timesteps - before)

    def policy(self) -> NDArray[np.float64]:
        with torch.no_grad():
            chosen = self.model.policy.get_distribution(torch.arange(self.n_states))
        return chosen.distribution.probs.double().numpy()
