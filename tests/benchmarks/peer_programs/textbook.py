"""Vectorised REINFORCE as it is usually written: the network runs on every visited state."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rlxent_core.mdp import compile_world
from rlxent_core.rollout import SampledMDP
from rlxent_core.world import World

torch.set_num_threads(1)


class Textbook:
    def __init__(self, world: World, n_episodes: int, learning_rate: float) -> None:
        self.mdp = SampledMDP(compile_world(world))
        n_states, n_actions = self.mdp.n_states, self.mdp.n_actions
        self.n_episodes = n_episodes
        self.network = nn.Sequential(nn.Linear(n_states, 64), nn.Tanh(), nn.Linear(64, n_actions))
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=learning_rate)

    def update(self) -> Tensor:
        """One update; how many steps each episode took."""
        mdp = self.mdp
        state = torch.multinomial(mdp.start, self.n_episodes, replacement=True)
        alive = torch.ones(self.n_episodes, dtype=torch.bool)
        log_probabilities, rewards, masks = [], [], []
        for _ in range(mdp.max_steps):
            inputs = nn.functional.one_hot(state, mdp.n_states).float()
            choice = torch.distributions.Categorical(logits=self.network(inputs))
            action = choice.sample()
            outcome = torch.multinomial(mdp.probability[state, action], 1)[:, 0]
            log_probabilities.append(choice.log_prob(action))
            rewards.append(mdp.reward[state, action, outcome] * alive)
            masks.append(alive)
            following = mdp.next_state[state, action, outcome]
            alive = alive & (following != mdp.n_states)
            state = torch.where(alive, following, state)
            if not alive.any():
                break
        returns = torch.zeros(len(rewards), self.n_episodes)
        later = torch.zeros(self.n_episodes)
        for t in range(len(rewards) - 1, -1, -1):
            later = returns[t] = rewards[t].float() + mdp.discount * later
        mask = torch.stack(masks)
        advantage = (returns - returns.mean(1, keepdim=True)) * mask
        loss = -(torch.stack(log_probabilities) * advantage).sum() / self.n_episodes
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return mask.sum(0)


class Peer(Textbook):
    def __init__(self, world: World, seed: int, batch: int, learning_rate: float | None) -> None:
        torch.manual_seed(seed)
        super().__init__(world, batch, learning_rate or 0.01)

    def train(self) -> int:
        return int(self.update().sum())

    def policy(self) -> NDArray[np.float64]:
        with torch.no_grad():
            logits = self.network(torch.eye(self.mdp.n_states))
        return torch.softmax(logits.double(), -1).numpy()
