"""What a setting does to learning: several settings, the same seeds, exact values along the way.

An arm is one setting trained from many seeds at once (the runs axis).  All arms use the same seeds
and take turns, so that their curves grow together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rlxent_core import exact
from rlxent_core.mdp import MDP, Bools, Floats, compile_world
from rlxent_core.settings import Settings
from rlxent_core.trainer import NotFiniteError, Trainer
from rlxent_core.way import REACHED, Way
from rlxent_core.world import Cell, World

POINTS = 100
"""Points of a whole curve, about."""
REST, STILL = 0.25, 0.01
"""A seed is stuck if over the last quarter of its curve it moved less than 1 % of the way."""
LONG_ENOUGH = 8
"""Points before any seed is called stuck."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What an arm has come to so far."""

    episodes: Floats
    """[K]: episodes of one seed before each point."""
    values: Floats
    """[K, N]: exact J of every seed's policy."""
    to_reach: Floats
    """[N]: episodes to the first point at which 95 % of the way had been gone; inf for never."""
    solved: float
    """The share of seeds that are there at the last point."""
    diverged_at: int | None
    """The update in which the numbers stopped being finite; it ended the arm."""
    at_rest: Bools
    """[N]: seeds that are not there at the last point and have stopped moving."""

    @property
    def quartiles(self) -> Floats:
        """Lower quartile, median and upper quartile of J: [3, K]."""
        return np.asarray(np.quantile(self.values, (0.25, 0.5, 0.75), axis=1))

    @property
    def reach_quartiles(self) -> Floats:
        """Of the episodes to 95 %, counted among all seeds; inf where too few got there: [3]."""
        return np.asarray(
            np.quantile(self.to_reach, (0.25, 0.5, 0.75), method="higher")
        )


@dataclass(frozen=True)
class Stuck:
    """Where policies that did not get there spend their episodes."""

    cell: Cell
    seeds: int
    """How many of them."""
    ends: bool
    """Whether the episode ends in the cell; else it is where most of the time is spent."""


class Arm:
    """One setting, all seeds.

    Raises:
        TrainingError: when the world cannot be trained on with these settings.
    """

    def __init__(
        self, world: World, settings: Settings, seeds: Sequence[int], way: Way,
        device: str | torch.device = "cpu",
    ) -> None:
        self.settings, self.way = settings, way
        self.trainer = Trainer(world, settings, seeds, device)
        self._episodes: list[int] = []
        self._values: list[Floats] = []
        self._to_reach = np.full(len(seeds), np.inf)
        self._diverged_at: int | None = None
        self._look()

    @property
    def over(self) -> bool:
        """Whether it cannot go on."""
        return self._diverged_at is not None

    def advance(self, updates: int) -> None:
        """So many more updates, and one more point of the curve."""
        try:
            for _ in range(updates):
                self.trainer.step()
        except NotFiniteError as error:
            self._diverged_at = error.update
        self._look()

    def _look(self) -> None:
        values = self.way.value(self.trainer.logits().double().cpu().numpy())
        episodes = self.trainer.update * self.settings.batch_episodes
        self._episodes.append(episodes)
        self._values.append(values)
        first = self._there(values) & np.isinf(self._to_reach)
        self._to_reach[first] = episodes

    def _there(self, values: Floats) -> np.ndarray:
        shares = [self.way.fraction(float(value)) for value in values]
        return np.array([share is not None and share >= REACHED for share in shares])

    @property
    def curve(self) -> Curve:
        values = np.array(self._values)
        return Curve(
            np.array(self._episodes, float), values, self._to_reach.copy(),
            float(self._there(values[-1]).mean()), self._diverged_at, self._at_rest(values),
        )

    def _at_rest(self, values: Floats) -> Bools:
        last = values[-max(2, math.ceil(REST * len(values))) :]
        way = self.way.optimum - self.way.uniform
        moved = last.max(axis=0) - last.min(axis=0) >= STILL * way
        # What stands still over a handful of points has not been watched for long enough.
        stuck: Bools = ~self._there(values[-1]) & ~moved & (len(values) > LONG_ENOUGH)
        return stuck

    def stuck(self) -> list[Stuck]:
        """Where the seeds are that are stuck; the most first."""
        lost = self._at_rest(np.array(self._values))
        policies = exact.softmax(self.trainer.logits().double().cpu().numpy()[lost])
        return stuck_cells(self.trainer.mdp, policies)


class Study:
    """Up to a handful of settings on one world, with the same seeds for all.

    Args:
        updates: how many every arm is to make.
        points: of a whole curve, about.

    Raises:
        TrainingError: when the world cannot be trained on with one of the settings.
    """

    def __init__(
        self, world: World, settings: Sequence[Settings], seeds: Sequence[int], updates: int,
        device: str | torch.device = "cpu", points: int = POINTS,
    ) -> None:
        self.way = Way(compile_world(world))
        self.updates = updates
        self.arms = [Arm(world, own, seeds, self.way, device) for own in settings]
        self._every = max(1, -(-updates // points))

    @property
    def done(self) -> int:
        """Updates that all arms together have made; those of an arm that ended count as made."""
        return sum(self.updates if arm.over else arm.trainer.update for arm in self.arms)

    @property
    def total(self) -> int:
        return self.updates * len(self.arms)

    def step(self) -> bool:
        """The next point of the arm that is furthest behind; False when all are done."""
        waiting = [a for a in self.arms if not a.over and a.trainer.update < self.updates]
        if not waiting:
            return False
        arm = min(waiting, key=lambda a: a.trainer.update)
        arm.advance(min(self._every, self.updates - arm.trainer.update))
        return True


def stuck_cells(mdp: MDP, policies: Floats) -> list[Stuck]:
    """Where each of the policies [N, S, A] mostly ends, or else mostly stays; the most first.

    Raises:
        ValueError: when the world has no step limit.
    """
    if mdp.max_steps is None:
        raise ValueError("Without a limit of steps there is no time to be spent.")
    if not len(policies):
        return []
    time = exact.occupancy_t(mdp, policies, mdp.max_steps).sum(0)
    flow = (time[..., None] * policies)[..., None] * mdp.probability
    # An exit ends the episode in the very cell it was taken in.
    landing = np.where(mdp.next_state == mdp.over, mdp.landing, mdp.n_states)
    found: dict[tuple[int, bool], int] = {}
    for own, spent in zip(flow, time, strict=True):
        ends = np.bincount(landing.ravel(), own.ravel(), mdp.n_states + 1)[:-1]
        last = int(ends.argmax())
        place = (last, True) if ends[last] > 0.5 else (int(spent.argmax()), False)
        found[place] = found.get(place, 0) + 1
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Stuck(mdp.cell(state), count, ends) for (state, ends), count in order]
