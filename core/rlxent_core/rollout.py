"""Episodes, sampled for all runs and episodes at once.

A step draws the action and the move's outcome together: one number picks one of the P places of
a state's row in a cumulative table, place ``j = action * K + outcome`` (P is A·K rounded up to a
power of two).  A state is a row, ``run * S + s``; one last row, shared by all runs, is the end of
the episode: it leads to itself and pays nothing, so finished episodes need no masks.  A step is
remembered as its *leaf*, ``row * P + j``, from which everything else is looked up.

Numbers are whole, 0 … 2³¹ − 1, and so are the cumulative tables (probabilities are rounded to
5e-10).  Sums and comparisons are then exact, so both ways of looking a number up (see
:mod:`rlxent_core.sampler`) give the same bits, wherever in the table a run lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core.arrays import code_for, on_cpu, sum_by_index, unsigned
from rlxent_core.mdp import MDP
from rlxent_core.sampler import walk
from rlxent_core.streams import Streams
from rlxent_core.tables import Tables

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CPU = torch.device("cpu")
MAX_STEPS_AT_ONCE = 2**25
"""Most steps (max_steps · runs · episodes) drawn for one update on the CPU; about 2 GB at work."""
BYTES_A_STEP = 192
"""What an accelerator's memory must have for each of them, so that it may be more there."""


class TrainingError(RuntimeError):
    """One clear sentence about why training cannot go on."""


class SampledMDP:
    """An MDP's outcome lists on a device, ready to be sampled.

    ``next_state``, ``landing`` (int64), ``probability`` and ``reward`` (float64) are [S, A, K];
    ``start`` and ``noise`` (standard deviations) are [S], float64.

    Raises:
        TrainingError: when the world has no step limit.
    """

    def __init__(self, mdp: MDP, device: torch.device | str = "cpu") -> None:
        if mdp.max_steps is None:
            raise TrainingError("Training needs a limit of steps: set max_steps of this world.")
        self.mdp = mdp
        self.device = torch.device(device)
        self.max_steps: int = mdp.max_steps
        self.n_states, self.n_actions, self.n_outcomes = mdp.next_state.shape
        self.discount = mdp.discount

        def tensor(array: object) -> Tensor:
            return torch.tensor(array, device=self.device)

        self.next_state = tensor(mdp.next_state)
        self.landing = tensor(mdp.landing)
        self.probability = tensor(mdp.probability)
        self.reward = tensor(mdp.reward)
        self.start = tensor(mdp.start)
        self.noise = tensor(mdp.reward_noise)
        self.noisy = bool((mdp.reward_noise > 0).any())
        self.tables = lru_cache(maxsize=4)(self._tables)

    def _tables(self, n_runs: int) -> Tables:
        return Tables.build(
            self.next_state, self.reward, self.probability, self.start,
            restart=self.mdp.restart, n_runs=n_runs,
        )  # fmt: skip

    def to(self, device: torch.device | str) -> SampledMDP:
        return SampledMDP(self.mdp, device)


@dataclass(frozen=True, eq=False)
class Episodes:
    """N·B episodes, time-major: every array is [T, N, B] unless it says otherwise.

    T is the longest episode's length on the CPU, ``max_steps`` on an accelerator.  Steps past an
    episode's end have state S (``over``), action 0 and reward 0.
    """

    mdp: SampledMDP
    leaf: Tensor
    """int64; see the module."""
    reward: Tensor
    """float64, noise included."""
    lengths: Tensor
    """Steps of each episode: [N, B], int64."""
    tables: Tables
    first_run: int = 0
    """Which of the tables' runs the first one is."""

    @property
    def n_runs(self) -> int:
        return self.leaf.shape[1]

    @property
    def n_episodes(self) -> int:
        """Episodes of each run."""
        return self.leaf.shape[2]

    @cached_property
    def env_steps(self) -> int:
        """Steps that were really taken, over all runs.  Waits for the device."""
        return int(self.lengths.sum())

    @cached_property
    def state(self) -> Tensor:
        """0 … S − 1, and S past the end: int64."""
        row = self.leaf >> self.tables.bits
        last_run = self.first_run + self.n_runs
        first_row = self.tables.first_rows[self.first_run : last_run]
        return torch.where(self.alive, row - first_row, self.mdp.n_states)

    @cached_property
    def action(self) -> Tensor:
        """0 … A − 1: int64."""
        action: Tensor = self._place // self.mdp.n_outcomes
        return action

    @cached_property
    def outcome(self) -> Tensor:
        """Which of the K outcomes of the move it was: int64."""
        outcome: Tensor = self._place % self.mdp.n_outcomes
        return outcome

    @cached_property
    def alive(self) -> Tensor:
        """Whether the step was taken: bool."""
        return self.leaf < self.tables.over_leaf

    @cached_property
    def landing(self) -> Tensor:
        """The cell that was entered, ends and respawns included; S past the end: int64."""
        landing = F.pad(self.mdp.landing, (0, 0, 0, 0, 0, 1), value=self.mdp.n_states)
        return landing[self.state, self.action, self.outcome]

    def of_run(self, run: int, index: int | None = None) -> Episodes:
        """Those of one run, N = 1; with ``index`` one of them up to its end, which waits for the
        device.
        """
        length, which = len(self.leaf), slice(None)
        if index is not None:
            length, which = int(self.lengths[run, index]), slice(index, index + 1)
        runs = slice(run, run + 1)
        return Episodes(
            self.mdp,
            self.leaf[:length, runs, which],
            self.reward[:length, runs, which],
            self.lengths[runs, which],
            self.tables,
            first_run=self.first_run + run,
        )

    @property
    def _place(self) -> Tensor:
        place: Tensor = self.leaf & (self.tables.places - 1)
        return place

    def visits(self) -> Tensor:
        """How often each state was visited: [N, S], float64."""
        if not on_cpu(self.leaf):
            return self.tally(torch.ones_like(self.reward)).sum(-1)
        rows = self.leaf.numpy().reshape(-1) >> self.tables.bits
        counts = np.bincount(rows, minlength=self.tables.over_row + 1).astype(np.float64)
        by_run = counts[:-1].reshape(self.tables.n_runs, -1)
        return torch.from_numpy(by_run[self.first_run : self.first_run + self.n_runs])

    def tally(self, values: Tensor) -> Tensor:
        """Sums of ``values`` [T, N, B] by the state and action they belong to: [N, S, A] float64.

        Steps past the end land in a row of their own, which is left out.  The order of every sum
        is that of time and episodes, so on the CPU a run's bits do not depend on the other runs.
        """
        tables, code = self.tables, code_for(self.leaf, values)
        n_actions, n_outcomes = self.mdp.n_actions, self.mdp.n_outcomes
        if code is not None and values.dtype == torch.float64 and self.n_runs == tables.n_runs:
            mass = np.empty((self.n_runs, self.mdp.n_states, n_actions))
            each = unsigned(self.leaf).reshape(-1), values.numpy().reshape(-1)
            code.tally(*each, tables.bits, n_outcomes, mass.reshape(-1, n_actions))
            return torch.from_numpy(mass)
        leaf, values = self.leaf.reshape(-1), values.reshape(-1)
        sums = sum_by_index(leaf, values, tables.n_leaves)
        shape = (self.n_runs, self.mdp.n_states, tables.places)
        first = self.first_run * self.mdp.n_states * tables.places
        sums = sums[first : first + math.prod(shape)].view(shape)
        if n_actions * n_outcomes < tables.places:
            sums = sums[..., : n_actions * n_outcomes]
        if n_outcomes == 1:
            return sums
        by_outcome = sums.unflatten(-1, (n_actions, n_outcomes)).unbind(-1)  # type: ignore[no-untyped-call]
        total: Tensor = sum(by_outcome[1:], start=by_outcome[0])
        return total


@dataclass(frozen=True, eq=False)
class Episode:
    """One whole episode on the CPU; every array is [length]."""

    states: Ints
    actions: Ints
    landings: Ints
    """The cells that were entered, ends and respawns included."""
    rewards: Floats
    weights: Floats | None = None
    """What each step's cross-entropy was multiplied by, where that is known."""


def episode_of(
    episodes: Episodes, run: int = 0, index: int = 0, weights: Tensor | None = None
) -> Episode:
    """One of ``episodes``, with its part of the ``weights`` [T, N, B].  Waits for the device."""
    own = episodes.of_run(run, index)

    def steps(values: Tensor) -> Any:
        return values.reshape(-1).cpu().numpy()

    return Episode(
        steps(own.state),
        steps(own.action),
        steps(own.landing),
        steps(own.reward),
        None if weights is None else steps(weights[: len(own.leaf), run, index]),
    )


def sample_episodes(
    mdp: SampledMDP,
    probabilities: Tensor,
    n_episodes: int,
    streams: Streams,
    update: int = 0,
) -> Episodes:
    """``n_episodes`` episodes of each run under its policy ``probabilities`` [N, S, A], float64.

    They depend on the run's probabilities, seed and ``update`` alone.  On an accelerator nothing
    here waits for the device.

    Raises:
        TrainingError: when they might not fit in memory.
    """
    n_runs = probabilities.shape[0]
    check_size(mdp.max_steps, n_runs, n_episodes, mdp.device)
    tables = mdp.tables(n_runs)
    leaf, reward, lengths = walk(
        tables, probabilities, n_episodes, mdp.max_steps, streams, update
    )
    if mdp.noisy:
        noise = _noise(lengths, len(reward), streams)
        spread = F.pad(mdp.noise.repeat(n_runs), (0, 1))  # none past the end
        reward += spread[leaf >> tables.bits] * noise
    return Episodes(mdp, leaf, reward, lengths, tables)


def check_size(
    max_steps: int, n_runs: int, n_episodes: int, device: torch.device = CPU
) -> None:
    """Refuse an update whose steps might not fit in memory.

    Raises:
        TrainingError: above :data:`MAX_STEPS_AT_ONCE`, or what a CUDA device has memory for.
    """
    steps, most = max_steps * n_runs * n_episodes, MAX_STEPS_AT_ONCE
    if device.type == "cuda":
        memory = torch.cuda.get_device_properties(device).total_memory
        most = max(most, memory // BYTES_A_STEP)
    if steps > most:
        runs = "" if n_runs == 1 else f" × {n_runs:,} runs"
        raise TrainingError(
            f"One update would hold up to {steps:,} steps in memory ({max_steps:,} steps × "
            f"{n_episodes:,} episodes{runs}), and {most:,} is the most: "
            "lower the episodes per update or max_steps."
        )


def _noise(lengths: Tensor, steps: int, streams: Streams) -> Tensor:
    """Standard normal numbers [T, N, B], drawn on where each run's own walk left its stream.

    On the CPU a run draws for as long as its own episodes last.
    """
    n_runs, n_episodes = lengths.shape
    if not on_cpu(lengths):
        assert streams.hashed is not None
        return streams.hashed.normal(steps, n_episodes)
    noise = torch.zeros(n_runs, steps, n_episodes, dtype=torch.float64)
    for run, (own, bits) in enumerate(zip(lengths.amax(1).tolist(), streams.on_cpu, strict=True)):
        own_noise = np.random.Generator(bits).standard_normal((own, n_episodes))
        noise[run, :own] = torch.from_numpy(own_noise)
    return noise.transpose(0, 1)
