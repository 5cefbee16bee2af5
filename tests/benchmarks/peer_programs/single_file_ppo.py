"""PPO in one file, in the manner of CleanRL: Gymnasium's vector of environments, a plain loop.

Source: Schulman et al. (2017), Proximal policy optimization algorithms; the usual details
(orthogonal weights, advantages normalised a minibatch, clipped value loss left out).
"""

from __future__ import annotations

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Categorical

import rlxent_core.gymnasium_env
from rlxent_core.world import World

torch.set_num_threads(1)
ENVIRONMENTS, STEPS, EPOCHS, MINIBATCH = 8, 128, 4, 256
TRACE, CLIP, VALUE_SHARE, LONGEST_GRADIENT = 0.95, 0.2, 0.5, 0.5


def layer(inputs: int, outputs: int, gain: float = 2**0.5) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(linear.weight, gain)
    nn.init.zeros_(linear.bias)
    return linear


def network(inputs: int, outputs: int, gain: float) -> nn.Sequential:
    first, second = layer(inputs, 64), layer(64, 64)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), layer(64, outputs, gain))


class Peer:
    def __init__(self, world: World, seed: int, batch: None, learning_rate: float | None) -> None:
        torch.manual_seed(seed)

        def make() -> gymnasium.Env[int, int]:
            return gymnasium.make(rlxent_core.gymnasium_env.ENV_ID, world=world)

        self.envs = SyncVectorEnv([make] * ENVIRONMENTS, autoreset_mode=AutoresetMode.SAME_STEP)
        self.n_states = int(self.envs.single_observation_space.n)
        self.discount = world.discount
        self.actor = network(self.n_states, int(self.envs.single_action_space.n), 0.01)
        self.critic = network(self.n_states, 1, 1.0)
        self.parameters = [*self.actor.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=learning_rate or 1e-3, eps=1e-5)
        self.state = torch.from_numpy(self.envs.reset(seed=seed)[0])

    def one_hot(self, state: Tensor) -> Tensor:
        return nn.functional.one_hot(state, self.n_states).float()

    def train(self) -> int:
        shape = (STEPS, ENVIRONMENTS)
        states, actions = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        old, rewards, ended, values = (torch.zeros(shape) for _ in range(4))
        for t in range(STEPS):
            inputs = self.one_hot(self.state)
            with torch.no_grad():
                choice = Categorical(logits=self.actor(inputs))
                action = choice.sample()
                values[t] = self.critic(inputs)[:, 0]
            states[t], actions[t], old[t] = self.state, action, choice.log_prob(action)
            state, reward, terminated, truncated, _ = self.envs.step(action.numpy())
            self.state = torch.from_numpy(state)
            rewards[t] = torch.from_numpy(reward)
            ended[t] = torch.from_numpy(terminated | truncated)

        advantage, later = torch.zeros(shape), torch.zeros(ENVIRONMENTS)
        with torch.no_grad():
            next_value = self.critic(self.one_hot(self.state))[:, 0]
        for t in reversed(range(STEPS)):
            alive = 1 - ended[t]
            delta = rewards[t] + self.discount * next_value * alive - values[t]
            later = advantage[t] = delta + self.discount * TRACE * alive * later
            next_value = values[t]

        target = (advantage + values).view(-1)
        self._learn(states.view(-1), actions.view(-1), old.view(-1), advantage.view(-1), target)
        return STEPS * ENVIRONMENTS

    def _learn(
        self, state: Tensor, action: Tensor, old: Tensor, advantage: Tensor, target: Tensor
    ) -> None:
        for _ in range(EPOCHS):
            for part in torch.randperm(len(state)).split(MINIBATCH):
                inputs, own = self.one_hot(state[part]), advantage[part]
                own = (own - own.mean()) / (own.std() + 1e-8)
                choice = Categorical(logits=self.actor(inputs))
                ratio = (choice.log_prob(action[part]) - old[part]).exp()
                gain = torch.min(ratio * own, ratio.clamp(1 - CLIP, 1 + CLIP) * own).mean()
                miss = 0.5 * (self.critic(inputs)[:, 0] - target[part]).square().mean()
                self.optimizer.zero_grad()
                (VALUE_SHARE * miss - gain).backward()
                nn.utils.clip_grad_norm_(self.parameters, LONGEST_GRADIENT)
                self.optimizer.step()

    def policy(self) -> NDArray[np.float64]:
        with torch.no_grad():
            logits = self.actor(torch.eye(self.n_states))
        return torch.softmax(logits.double(), -1).numpy()
