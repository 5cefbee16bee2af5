"""How fast training is: full updates, against a textbook's loop, and many seeds at once.

Run as ``python -m pytest tests/benchmarks -s`` or as a script.  One thread, on the CPU.  Only
steps that were really taken are counted.  Times are medians over many updates, with the fastest
beside them, since a machine is seldom one's own.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import SampledMDP
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World

TILES = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
SPARSE5 = ("S....", ".##..", "...#.", ".#...", "....G")
OPEN20 = ("S" + "." * 19, *["." * 20] * 18, "." * 19 + "G")
WORLDS = {
    "5×5": World(SPARSE5, TILES, discount=0.97, max_steps=50),
    "5×5, slip .1": World(SPARSE5, TILES, slip=0.1, discount=0.97, max_steps=50),
    "20×20": World(OPEN20, TILES, discount=0.99, max_steps=200),
    "20×20, slip .1": World(OPEN20, TILES, slip=0.1, discount=0.99, max_steps=200),
}
AIM = {("5×5", 64): 5e6, ("20×20", 64): 6e6, ("5×5", 1024): 40e6, ("20×20", 1024): 40e6}

SECONDS = 2.0
"""How long each is measured."""
STANDING_STILL = 1e-5
"""The smallest step size, at which it takes the policy hundreds of updates to shorten episodes."""
START_ANEW = 100
"""Updates after which it is set back to its start, so that what is measured stays the same."""


def timed(update: Callable[[], Tensor], seconds: float) -> tuple[list[float], float]:
    """Seconds of each call of ``update`` for so long, and the mean steps taken.

    ``update`` gives the steps of each episode, which are summed outside the time that is counted.
    """
    for _ in range(5):
        update()
    times, steps = [], []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        lengths = update()
        times.append(time.perf_counter() - began)
        steps.append(int(lengths.sum()))
    return times, statistics.fmean(steps)


def training(world: World, n_episodes: int) -> Callable[[], Tensor]:
    """One full update of the defaults, meters off."""
    settings = Settings(batch_episodes=n_episodes, learning_rate=STANDING_STILL)
    trainer = Trainer(world, settings)
    start = trainer.state()

    def update() -> Tensor:
        if trainer.update == START_ANEW:
            trainer.load_state(start)
        return trainer.step().lengths

    return update


class Textbook:
    """Vectorised REINFORCE as it is usually written: the network runs on every visited state."""

    def __init__(self, world: World, n_episodes: int) -> None:
        self.mdp = SampledMDP(compile_world(world))
        n_states, n_actions = self.mdp.n_states, self.mdp.n_actions
        self.n_episodes = n_episodes
        self.policy = nn.Sequential(nn.Linear(n_states, 64), nn.Tanh(), nn.Linear(64, n_actions))
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=STANDING_STILL)

    def update(self) -> Tensor:
        mdp = self.mdp
        state = torch.multinomial(mdp.start, self.n_episodes, replacement=True)
        alive = torch.ones(self.n_episodes, dtype=torch.bool)
        log_probabilities, rewards, masks = [], [], []
        for _ in range(mdp.max_steps):
            inputs = nn.functional.one_hot(state, mdp.n_states).float()
            choice = torch.distributions.Categorical(logits=self.policy(inputs))
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


def line(name: str, times: list[float], steps: float) -> str:
    middle, best = statistics.median(times), min(times)
    return (
        f"{name:<34}{middle * 1e3:8.2f} ms (best {best * 1e3:.2f})"
        f"{steps / middle / 1e6:8.2f} M steps/s (best {steps / best / 1e6:.2f}), "
        f"{len(times)} updates"
    )


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_full_updates() -> None:
    """Environment steps a second of full updates, beside what is to be reached."""
    print()
    for name, world in WORLDS.items():
        for n_episodes in (64, 1024):
            times, steps = timed(training(world, n_episodes), SECONDS)
            aim = AIM.get((name, n_episodes))
            wanted = f"   aim {aim / 1e6:.0f} M" if aim else ""
            print(line(f"{name}, B = {n_episodes}", times, steps) + wanted)


def test_against_the_textbook() -> None:
    """Ratio of environment steps a second, both measured in turn in the same run."""
    print()
    for name in ("5×5", "20×20"):
        for n_episodes in (64, 1024):
            ours, textbook = training(WORLDS[name], n_episodes), Textbook(WORLDS[name], n_episodes)
            rates: tuple[list[float], list[float]] = ([], [])
            for _ in range(4):
                for update, found in ((ours, rates[0]), (textbook.update, rates[1])):
                    times, steps = timed(update, SECONDS / 4)
                    found.append(steps / statistics.median(times))
            mine, other = map(statistics.median, rates)
            print(
                f"{name}, B = {n_episodes}: textbook {other / 1e6:.2f} M steps/s, "
                f"ours {mine / 1e6:.2f} M, {mine / other:.0f}×   aim 20× at B = 64"
            )


def solve_many(n_seeds: int) -> tuple[float, int]:
    """Seconds and updates until every seed of sparse5 is above 95 % of the optimum.

    How far they are is looked at every other update, outside the time that is counted.
    """
    world = World(SPARSE5, TILES, slip=0.1, discount=0.97, max_steps=100)
    settings = Settings(architecture="table", learning_rate=0.1)
    trainer = Trainer(world, settings, range(n_seeds))
    best = exact.optimal_start_value(trainer.mdp, 100)
    solved = np.zeros(n_seeds, dtype=bool)
    seconds = 0.0
    while not solved.all():
        began = time.perf_counter()
        for _ in range(2):
            trainer.step()
        seconds += time.perf_counter() - began
        policy = exact.softmax(trainer.logits().double().numpy())
        solved |= exact.start_value(trainer.mdp, policy, 100) >= 0.95 * best
    return seconds, trainer.update


def test_many_seeds() -> None:
    """256 seeds of sparse5 (table, Adam .1, B = 16, leave-one-out) and fewer."""
    print()
    for n_seeds, aim in ((1, ""), (32, ""), (256, "   aim 600 ms")):
        found = [solve_many(n_seeds) for _ in range(5)]
        times, updates = [seconds for seconds, _ in found], found[0][1]
        print(
            f"{n_seeds:>3} seeds solved in {statistics.median(times) * 1e3:.0f} ms "
            f"(best {min(times) * 1e3:.0f}), {updates} updates{aim}"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    test_full_updates()
    test_against_the_textbook()
    test_many_seeds()
