"""Stable-Baselines3's PPO with its defaults but for the step size and 128 steps a rollout."""

from __future__ import annotations

from stable_baselines3 import PPO

from rlxent_core.world import World
from tests.benchmarks.peer_programs.sb3 import Sb3


class Peer(Sb3):
    def __init__(self, world: World, seed: int, batch: None, learning_rate: float | None) -> None:
        super().__init__(PPO, world, seed, learning_rate or 1e-3, n_steps=128, batch_size=256)
