"""REINFORCE as a student writes it: one Gymnasium environment, one distribution a step."""

from __future__ import annotations

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.distributions import Categorical

import rlxent_core.gymnasium_env
from rlxent_core.world import World

torch.set_num_threads(1)
EPISODES = 16


class Peer:
    def __init__(self, world: World, seed: int, batch: None, learning_rate: float | None) -> None:
        torch.manual_seed(seed)
        self.env = gymnasium.make(rlxent_core.gymnasium_env.ENV_ID, world=world)
        self.env.reset(seed=seed)
        self.discount = world.discount
        self.n_states = int(self.env.observation_space.n)
        self.network = nn.Sequential(
            nn.Linear(self.n_states, 64), nn.Tanh(), nn.Linear(64, int(self.env.action_space.n))
        )
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=learning_rate or 0.01)

    def train(self) -> int:
        losses, totals, steps = [], [], 0
        for _ in range(EPISODES):
            log_probabilities, rewards = [], []
            state, _ = self.env.reset()
            done = False
            while not done:
                inputs = nn.functional.one_hot(torch.tensor(state), self.n_states).float()
                choice = Categorical(logits=self.network(inputs))
                action = choice.sample()
                log_probabilities.append(choice.log_prob(action))
                state, reward, terminated, truncated, _ = self.env.step(action.item())
                rewards.append(reward)
                done = terminated or truncated
            returns, later = [], 0.0
            for reward in reversed(rewards):
                later = reward + self.discount * later
                returns.insert(0, later)
            losses.append(torch.stack(log_probabilities))
            totals.append(torch.tensor(returns))
            steps += len(rewards)
        baseline = torch.cat(totals).mean()
        terms = [-(p * (g - baseline)).sum() for p, g in zip(losses, totals, strict=True)]
        loss = torch.stack(terms).sum() / EPISODES
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return steps

    def policy(self) -> NDArray[np.float64]:
        with torch.no_grad():
            logits = self.network(torch.eye(self.n_states))
        return torch.softmax(logits.double(), -1).numpy()
