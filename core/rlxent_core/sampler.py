"""The inner loop of sampling: which leaf each episode takes at each step.

On the CPU it runs in NumPy, whose calls cost a third of PyTorch's on arrays this small, and finds
the place of a number in its row of the cumulative table in one of two ways.  Both are exact on
whole numbers, thus equal to the last bit, and the faster one is taken:

- *search*: ``row * 2³¹ + number`` in the whole table by bisection, three operations a step;
- *tree*: one comparison for each of the log₂ P levels of a balanced tree over the row's places,
  without a branch.  A node holds ``(2·node + 1)·2³¹ − limit``: adding the number and shifting by
  31 bits gives the child, ``2·node`` or ``2·node + 1``.

On an accelerator it searches in PyTorch and nothing waits for the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core.streams import GRID, Numbers, Streams

Ints = NDArray[np.int64]

CHECK_EVERY = 16
"""About how many steps are taken before looking whether all episodes are over."""


@dataclass(frozen=True, eq=False)
class Tables:
    """What a walk looks up, for ``n_runs`` copies of one MDP; int64 unless it says otherwise.

    ``next_row`` and ``reward`` (float64) are by leaf, [n_leaves]; the row after the last state's
    is the end of the episode, and a ``next_row`` of −1 means that a start is to be drawn.
    """

    n_runs: int
    n_states: int
    bits: int
    """A row has 2**bits places."""
    next_row: Tensor
    reward: Tensor
    outcome_probability: Tensor
    """[S, A, K], float64."""
    starts: Tensor
    """Cumulative start distribution in steps of the grid: [S]."""
    first_rows: Tensor
    """The row of each run's first state: [N, 1]."""
    only_starts: Tensor | None
    """The row of each run's start where there is but one: [N, 1]."""
    restarts: bool
    """Whether some move leads to a start that has to be drawn."""

    @property
    def places(self) -> int:
        return 1 << self.bits

    @property
    def over_row(self) -> int:
        return self.n_runs * self.n_states

    @property
    def over_leaf(self) -> int:
        return self.over_row << self.bits

    @property
    def n_leaves(self) -> int:
        return (self.over_row + 1) << self.bits

    @staticmethod
    def build(
        next_state: Tensor, reward: Tensor, probability: Tensor, start: Tensor,
        *, restart: int, n_runs: int,
    ) -> Tables:  # fmt: skip
        """``next_state``, ``reward`` and ``probability`` are [S, A, K], ``start`` [S]."""
        n_states, n_actions, n_outcomes = next_state.shape
        places = n_actions * n_outcomes
        bits = max(1, (places - 1).bit_length())
        over_row = n_runs * n_states
        first_rows = torch.arange(n_runs, device=next_state.device)[:, None] * n_states
        only_starts = first_rows + start.argmax() if int((start > 0).sum()) == 1 else None

        def by_leaf(values: Tensor, past_the_end: int) -> Tensor:
            """[N, S·A·K] as [n_leaves]."""
            rows = values.new_full((over_row + 1, 1 << bits), past_the_end)
            rows[:-1, :places] = values.reshape(over_row, places)
            return rows.view(-1)

        flat = next_state.view(1, -1)
        next_row = torch.where(flat < n_states, flat + first_rows, over_row)
        again = -1 if only_starts is None else only_starts
        next_row = torch.where(flat == restart, again, next_row)
        return Tables(
            n_runs, n_states, bits,
            by_leaf(next_row, over_row), by_leaf(reward.view(1, -1).repeat(n_runs, 1), 0),
            probability, whole(start.cumsum(0)), first_rows, only_starts,
            restarts=only_starts is None and bool((next_state == restart).any()),
        )  # fmt: skip

    @cached_property
    def search(self) -> _Search:
        return _Search(self.next_row.numpy(), self.over_row + 1)

    @cached_property
    def tree(self) -> _Tree:
        return _Tree(self.next_row.numpy(), self.over_row + 1, self.bits)

    def start_rows(self, numbers: Tensor) -> Tensor:
        """Rows drawn from the start distribution by ``numbers`` [..., N, B]."""
        states: Tensor = torch.searchsorted(self.starts, numbers, right=True)
        return states + self.first_rows


def whole(cumulative: Tensor) -> Tensor:
    """Probabilities in steps of the grid, rounded to the nearest."""
    return (cumulative * GRID).round_().long()


def cumulative_table(tables: Tables, probabilities: Tensor) -> Tensor:
    """Cumulative probability of each place of each row, in steps of the grid.

    ``probabilities`` [N, S, A] float64 -> int64 [rows, P]; places that do not exist, and every
    place of the last row but its first, have probability 0.
    """
    joint = probabilities
    if tables.outcome_probability.shape[-1] > 1:
        joint = probabilities[..., None] * tables.outcome_probability
    steps = joint.reshape(tables.over_row, -1)
    shape = (tables.over_row + 1, tables.places)
    # The last place is left at exactly 1.
    if steps.device.type == "cpu":
        table = np.full(shape, GRID)
        table[:-1, : steps.shape[1] - 1] = np.rint(steps.numpy().cumsum(-1)[:, :-1] * GRID)
        return torch.from_numpy(table)
    device_table = torch.full(shape, GRID, dtype=torch.int64, device=steps.device)
    device_table[:-1, : steps.shape[1] - 1] = whole(steps.cumsum(-1)[:, :-1])
    return device_table


def walk(
    tables: Tables,
    probabilities: Tensor,
    n_episodes: int,
    max_steps: int,
    streams: Streams,
    update: int,
    searching: bool | None = None,
) -> Tensor:
    """Leaves [T, N·B] of ``n_episodes`` episodes a run; see :mod:`rlxent_core.rollout`.

    ``probabilities`` [N, S, A] float64.  T is ``max_steps``, or on the CPU less when all episodes
    are over.  ``searching`` overrides the choice of method.
    """
    cumulative = cumulative_table(tables, probabilities)
    if probabilities.device.type != "cpu":
        generators = streams.accelerator(update)
        return _walk_device(tables, cumulative, n_episodes, max_steps, generators)
    if searching is None:
        # Measured: a level of the tree costs as much as 300 comparisons of the bisection.
        width = tables.n_runs * n_episodes
        searching = width * (tables.n_leaves - 1).bit_length() <= 300 * tables.bits
    finder = tables.search if searching else tables.tree
    finder.load(cumulative.numpy())
    return _walk_cpu(tables, finder, n_episodes, max_steps, streams.cpu(update))


class _Finder:
    """Finds leaves.  Where an episode stands is kept as ``entry``, a number for each row."""

    entry: Ints
    """[rows]; the last row's is the greatest."""

    def load(self, cumulative: Ints) -> None:
        """Find leaves by the table ``cumulative`` [rows, P] from now on."""
        raise NotImplementedError

    def steps(self, standing: Ints, numbers: Ints, leaves: Ints, starts: Ints | None) -> None:
        """Walk from ``standing`` [M], which is moved, and write the leaves that ``numbers`` pick.

        ``numbers`` and ``leaves`` are [t, M], and so are ``starts``, the entries to restart at.
        """
        raise NotImplementedError


class _Search(_Finder):
    def __init__(self, next_row: Ints, n_rows: int) -> None:
        self.entry = np.arange(n_rows) * GRID
        self.next_entry = np.where(next_row < 0, -1, next_row * GRID)

    def load(self, cumulative: Ints) -> None:
        self.table = (cumulative + self.entry[:, None]).reshape(-1)

    def steps(self, standing: Ints, numbers: Ints, leaves: Ints, starts: Ints | None) -> None:
        add, find, follow = np.add, self.table.searchsorted, self.next_entry.take
        found = []
        for t, number in enumerate(numbers):
            add(standing, number, standing)
            leaf = find(standing, "right")
            found.append(leaf)
            follow(leaf, None, standing, "clip")
            if starts is not None:
                np.copyto(standing, starts[t], where=standing < 0)
        np.concatenate(found, out=leaves.reshape(-1))


class _Tree(_Finder):
    def __init__(self, next_row: Ints, n_rows: int, bits: int) -> None:
        self.next_row, self.bits = next_row, bits
        self.bases = [(2 * np.arange(n_rows << level) + 1) * GRID for level in range(bits)]

    def load(self, cumulative: Ints) -> None:
        # The limits of a level lie in the middle of its nodes' shares of the row.
        shares = [cumulative.shape[1] >> level for level in range(self.bits)]
        levels = [
            base - cumulative[:, share // 2 - 1 :: share].reshape(-1)
            for base, share in zip(self.bases, shares, strict=True)
        ]
        self.entry = levels[0]
        self.deeper = [level.take for level in levels[1:]]
        self.next_entry = self.entry.take(self.next_row, mode="clip")
        self.next_entry[self.next_row < 0] = -1

    def steps(self, standing: Ints, numbers: Ints, leaves: Ints, starts: Ints | None) -> None:
        add, shift, follow = np.add, np.right_shift, self.next_entry.take
        # Shifts of unsigned numbers are vectorised, those of signed ones are not.
        sums, children, bits = standing.view(np.uint64), leaves.view(np.uint64), np.uint64(31)
        for t, (number, leaf, child) in enumerate(zip(numbers, leaves, children, strict=True)):
            add(standing, number, standing)
            shift(sums, bits, child)
            for take in self.deeper:
                take(leaf, None, standing, "clip")
                add(standing, number, standing)
                shift(sums, bits, child)
            follow(leaf, None, standing, "clip")
            if starts is not None:
                np.copyto(standing, starts[t], where=standing < 0)


def _walk_cpu(
    tables: Tables,
    finder: _Finder,
    n_episodes: int,
    max_steps: int,
    generators: list[np.random.SFC64],
) -> Tensor:
    """Finished episodes are put aside where many walk, which changes nothing but the time."""
    stretch = -(-max_steps // -(-max_steps // CHECK_EVERY))
    numbers = Numbers(generators, n_episodes, stretch, max_steps)
    rows = tables.only_starts
    rows = tables.start_rows(numbers.once()) if rows is None else rows.expand(-1, n_episodes)
    standing = finder.entry.take(rows.numpy().reshape(-1))
    end = finder.entry[-1]
    leaves = np.empty((max_steps, standing.size), dtype=np.int64)
    columns: Ints | None = None  # of the episodes that are not put aside; None for all

    for first in range(0, max_steps, stretch):
        taken = leaves[first : first + stretch]
        drawn = numbers.next()[: len(taken)]
        starts = _start_entries(tables, finder, numbers) if tables.restarts else None
        if columns is None:
            finder.steps(standing, drawn, taken, starts)
        else:
            drawn = drawn.take(columns, axis=1)
            starts = None if starts is None else starts.take(columns, axis=1)
            chosen = np.empty_like(drawn)
            finder.steps(standing, drawn, chosen, starts)
            taken[:] = tables.over_leaf
            taken[:, columns] = chosen

        walking = standing < end
        left = np.count_nonzero(walking)
        if left == 0:
            return torch.from_numpy(leaves[: first + len(taken)])
        if tables.n_runs > 1 or (left < 0.8 * standing.size and standing.size >= 256):
            columns = np.flatnonzero(walking) if columns is None else columns[walking]
            standing = standing[walking]
            numbers.going = np.bincount(columns // n_episodes, minlength=tables.n_runs) > 0
    return torch.from_numpy(leaves)


def _start_entries(tables: Tables, finder: _Finder, numbers: Numbers) -> Ints:
    """Where to restart, for every step of a stretch, should it come to that: [stretch, N·B]."""
    drawn = torch.stack([numbers.once() for _ in range(numbers.stretch)])
    return finder.entry.take(tables.start_rows(drawn).numpy()).reshape(numbers.stretch, -1)


def _walk_device(
    tables: Tables,
    cumulative: Tensor,
    n_episodes: int,
    max_steps: int,
    generators: list[torch.Generator],
) -> Tensor:
    n_runs, device = tables.n_runs, cumulative.device
    entry = torch.arange(tables.over_row + 1, device=device) * GRID
    table = (cumulative + entry[:, None]).view(-1)
    next_entry = tables.next_row * GRID  # negative to restart

    def draw(steps: int) -> Tensor:
        """[steps, N, B]"""
        numbers = torch.empty((n_runs, steps, n_episodes), dtype=torch.int32, device=device)
        for run, generator in zip(numbers.unbind(0), generators, strict=True):
            run.random_(generator=generator)  # 31 bits
        return numbers.transpose(0, 1).long()

    rows = tables.only_starts
    rows = tables.start_rows(draw(1)[0]) if rows is None else rows.expand(-1, n_episodes)
    standing = rows.reshape(-1) * GRID
    leaves = torch.empty((max_steps, standing.numel()), dtype=torch.int64, device=device)
    numbers_t = draw(max_steps).view(max_steps, -1).unbind(0)
    starts = tables.start_rows(draw(max_steps)).view_as(leaves) * GRID if tables.restarts else None
    for t, (number, leaf) in enumerate(zip(numbers_t, leaves.unbind(0), strict=True)):
        standing.add_(number)
        torch.searchsorted(table, standing, right=True, out=leaf)
        torch.index_select(next_entry, 0, leaf, out=standing)
        if starts is not None:
            torch.where(standing < 0, starts[t], standing, out=standing)
    return leaves
