"""What a setting does to learning: several settings, the same seeds, exact values along the way.

An arm is one setting trained from many seeds at once (the runs axis).  All arms use the same seeds,
and their curves grow together.  As many are trained at a time as there are processors, each on a
thread of its own: an arm's numbers are its own, so they are the same bits.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import NamedTuple

import numpy as np
import torch

from rlxent_core import exact
from rlxent_core.bellman import Chain
from rlxent_core.exact_variance import StoppedError
from rlxent_core.mdp import MDP, Bools, Floats, compile_world
from rlxent_core.rollout import TrainingError
from rlxent_core.settings import Settings
from rlxent_core.trainer import NotFiniteError, Trainer
from rlxent_core.way import REACHED, Way
from rlxent_core.world import Cell, World

GoOn = Callable[[int, int, str], bool]
"""Whether to go on; it is told how much of how many what is done."""


def nothing() -> None:
    """Holds nobody up."""


def always(_done: int, _total: int, _unit: str) -> bool:
    return True


POINTS = 100
"""Points of a whole curve, about."""
REST, STILL = 0.25, 0.01
"""A seed is stuck if over the last quarter of its curve it moved less than 1 % of the way."""
MOST_BYTES = 2 * 2**30
"""Of what the policies of all arms and seeds are kept with while they train, about."""
LONG_ENOUGH = 8
"""Points before any seed is called stuck."""
AT_ONCE = min(4, os.cpu_count() or 1)
"""Arms that are trained at a time; what is Python's own of an update is done by one of them."""
PAUSE = 0.005
"""Seconds after which there is a pause though no point has been made."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What an arm has come to so far; K is 0 before the first point."""

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


class Point(NamedTuple):
    """One of an arm's curve."""

    episodes: int
    values: Floats
    """[N]"""
    diverged_at: int | None


class Arm:
    """One setting, all seeds.

    Raises:
        TrainingError: when the world cannot be trained on with these settings.
    """

    def __init__(
        self, world: World, settings: Settings, seeds: Sequence[int], way: Way,
        device: str | torch.device = "cpu",
    ) -> None:
        self.settings, self.way, self.n_seeds = settings, way, len(seeds)
        self.trainer = Trainer(world, settings, seeds, device)
        self._episodes: list[int] = []
        self._values: list[Floats] = []
        self._to_reach = np.full(self.n_seeds, np.inf)
        self._diverged_at: int | None = None
        self.looked_at = 0
        """Seeds whose exact J is known at the point that is being made."""

    @property
    def over(self) -> bool:
        """Whether it cannot go on."""
        return self._diverged_at is not None

    @property
    def begun(self) -> bool:
        """Whether it has a point."""
        return bool(self._values)

    def advance(
        self, updates: int, stop: Event, hold: Callable[[], object] = nothing
    ) -> Point | None:
        """So many more updates, and what the next point is; None if it is to stop.

        On any thread.  ``hold()`` is called every millisecond or so.
        """
        diverged_at = None
        try:
            for _ in range(updates):
                hold()
                if stop.is_set():
                    return None
                self.trainer.step()
        except NotFiniteError as error:
            diverged_at = error.update
        looking = self.way.value_in_pieces(self.trainer.logits().double().cpu().numpy())
        while not stop.is_set():
            hold()
            try:
                self.looked_at = next(looking)
            except StopIteration as last:
                self.looked_at = self.n_seeds
                episodes = self.trainer.update * self.settings.batch_episodes
                return Point(episodes, last.value, diverged_at)
        return None

    def take(self, point: Point) -> None:
        """One more point of the curve."""
        self._episodes.append(point.episodes)
        self._values.append(point.values)
        self._diverged_at = point.diverged_at
        first = self._there(point.values) & np.isinf(self._to_reach)
        self._to_reach[first] = point.episodes

    def _there(self, values: Floats) -> np.ndarray:
        shares = [self.way.fraction(float(value)) for value in values]
        return np.array([share is not None and share >= REACHED for share in shares])

    @property
    def curve(self) -> Curve:
        values = np.array(self._values).reshape(-1, self.n_seeds)
        solved = float(self._there(values[-1]).mean()) if len(values) else 0.0
        return Curve(
            np.array(self._episodes, float), values, self._to_reach.copy(), solved,
            self._diverged_at, self._at_rest(values),
        )

    def _at_rest(self, values: Floats) -> Bools:
        # What stands still over a handful of points has not been watched for long enough.
        if len(values) <= LONG_ENOUGH:
            return np.zeros(values.shape[1], dtype=bool)
        last = values[-max(2, math.ceil(REST * len(values))) :]
        way = self.way.optimum - self.way.uniform
        moved = last.max(axis=0) - last.min(axis=0) >= STILL * way
        stuck: Bools = ~self._there(values[-1]) & ~moved
        return stuck

    def stuck(self) -> Generator[None, None, list[Stuck]]:
        """Where the seeds are that are stuck, the most first, with pauses to stop at."""
        lost = self.curve.at_rest
        policies = exact.softmax(self.trainer.logits().double().cpu().numpy()[lost])
        return stuck_cells(self.trainer.mdp, policies)


class Study:
    """Up to a handful of settings on one world, with the same seeds for all.

    Args:
        updates: how many every arm is to make.
        points: of a whole curve, about.
        go_on: asked before every arm is made, which takes a moment on a large board.

    Raises:
        TrainingError: when the world cannot be trained on with one of the settings, or all of them
            together might not fit in memory.
        StoppedError: when ``go_on(made, arms, "settings")`` said so.
    """

    def __init__(
        self, world: World, settings: Sequence[Settings], seeds: Sequence[int], updates: int,
        device: str | torch.device = "cpu", points: int = POINTS, go_on: GoOn = always,
    ) -> None:
        self.way = Way(compile_world(world))
        self.updates = updates
        _check_memory(world, settings, len(seeds))
        self.arms: list[Arm] = []
        for own in settings:
            if not go_on(len(self.arms), len(settings), "settings"):
                raise StoppedError("The comparison was given up.")
            self.arms.append(Arm(world, own, seeds, self.way, device))
        self._every = max(1, -(-updates // points))
        self._at_once = AT_ONCE if torch.device(device).type == "cpu" else 1

    @property
    def done(self) -> int:
        """Updates that all arms together have made; those of an arm that ended count as made."""
        return sum(self.updates if arm.over else arm.trainer.update for arm in self.arms)

    @property
    def total(self) -> int:
        return self.updates * len(self.arms)

    @property
    def begun(self) -> bool:
        """Whether every arm has a point."""
        return all(arm.begun for arm in self.arms)

    @property
    def progress(self) -> tuple[int, int, str]:
        """How much of how many what: first all seeds are looked at, then updates are made."""
        if self.begun:
            return self.done, self.total, "updates"
        looked_at = sum(arm.n_seeds if arm.begun else arm.looked_at for arm in self.arms)
        return looked_at, sum(arm.n_seeds for arm in self.arms), "seeds looked at"

    def steps(self, hold: Callable[[], object] = nothing) -> Iterator[None]:
        """All of it, with pauses to look and to stop at.

        First a point of every arm as it starts, then the next point of those furthest behind.
        Every thread calls ``hold`` between two updates, which may let something else go first.
        """
        yield
        stop, made = Event(), dict[Future[Point | None], Arm]()
        pool = ThreadPoolExecutor(self._at_once, "arm")
        try:
            while True:
                for arm in self._next(made.values()):
                    updates = min(self._every, self.updates - arm.trainer.update)
                    made[pool.submit(arm.advance, updates if arm.begun else 0, stop, hold)] = arm
                if not made:
                    return
                for point in wait(made, PAUSE, FIRST_COMPLETED).done:
                    arm, found = made.pop(point), point.result()
                    assert found is not None
                    arm.take(found)
                yield
        finally:
            stop.set()
            pool.shutdown()

    def _next(self, busy: Collection[Arm]) -> list[Arm]:
        """Whose next points are to be made now, while others are ``busy``."""
        behind = [a for a in self.arms if not a.over and a.trainer.update < self.updates]
        if not self.begun:
            behind = [arm for arm in self.arms if not arm.begun]
        behind.sort(key=lambda arm: arm.trainer.update)
        near = [a for a in behind if a.trainer.update <= behind[0].trainer.update + self._every]
        return [arm for arm in near if arm not in busy][: self._at_once - len(busy)]


def _check_memory(world: World, settings: Sequence[Settings], n_seeds: int) -> None:
    """Refuse what would not fit, going by a training of one seed.

    Raises:
        TrainingError: above :data:`MOST_BYTES`.
    """
    # The step size takes no memory, and a sweep has many of them.
    alike = Counter(replace(own, learning_rate=settings[0].learning_rate) for own in settings)
    n_bytes = n_seeds * sum(n * Trainer(world, own, (0,)).n_bytes for own, n in alike.items())
    if n_bytes > MOST_BYTES:
        each = "" if len(settings) == 1 else f"{len(settings)} settings × "
        raise TrainingError(
            f"{each}{n_seeds} seeds of these policies would take about {n_bytes / 2**30:.1f} GB of"
            f" memory, and {MOST_BYTES / 2**30:.0f} GB is the most: lower the seeds or the hidden"
            " units."
        )


def stuck_cells(mdp: MDP, policies: Floats) -> Generator[None, None, list[Stuck]]:
    """Where each of the policies [N, S, A] mostly ends, or else mostly stays; the most first.

    Pauses wherever it can be stopped.

    Raises:
        ValueError: when the world has no step limit.
    """
    if mdp.max_steps is None:
        raise ValueError("Without a limit of steps there is no time to be spent.")
    # An exit ends the episode in the very cell it was taken in.
    landing = np.where(mdp.next_state == mdp.over, mdp.landing, mdp.n_states).ravel()
    found: Counter[tuple[int, bool]] = Counter()
    together = max(1, exact.AT_ONCE // mdp.next_state.size)
    for first in range(0, len(policies), together):
        some = policies[first : first + together]
        time = np.zeros(some.shape[:-1])
        chain = Chain(mdp, some)
        pause = max(1, exact.PIECE // chain.joint.size)
        for step, occupancy in enumerate(chain.occupancies(mdp.max_steps)):
            if step % pause == 0:
                yield
            time += occupancy
        flow = (time[..., None] * some)[..., None] * mdp.probability
        for own, spent in zip(flow, time, strict=True):
            ends = np.bincount(landing, own.ravel(), mdp.n_states + 1)[:-1]
            last = int(ends.argmax())
            found[(last, True) if ends[last] > 0.5 else (int(spent.argmax()), False)] += 1
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Stuck(mdp.cell(state), count, ends) for (state, ends), count in order]
