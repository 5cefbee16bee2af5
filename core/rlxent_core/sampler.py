"""The inner loop of sampling: which leaf each episode takes at each step.

On the CPU it runs in NumPy (see :mod:`rlxent_core.finders`) or in machine code, with the same bits
(:mod:`rlxent_core.compiled`); on an accelerator see :mod:`rlxent_core.device_walk`.
"""

from __future__ import annotations

import time
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core import compiled
from rlxent_core.arrays import on_cpu
from rlxent_core.device_walk import walk_on_device
from rlxent_core.finders import Finder, Walk
from rlxent_core.streams import Numbers, Streams
from rlxent_core.tables import Tables

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Way = Literal["search", "tree", "compiled"]

CHECK_EVERY = 16
"""About how many leaves are found before looking whether all episodes are over."""
PAIRS_UP_TO = 128
"""Episodes of a run up to which two steps at once are faster than one, where moves do not slip."""
MOST_PAIRS = 2**13
"""A larger table of pairs takes longer to fill than it saves."""


class Walked(NamedTuple):
    """What N·B episodes did; T is ``max_steps``, or on the CPU the longest one's length."""

    leaf: Tensor
    """[T, N, B], int64; see :mod:`rlxent_core.rollout`."""
    reward: Tensor
    """[T, N, B], float64, without noise."""
    lengths: Tensor
    """[N, B], int64."""


def walk(
    tables: Tables,
    probabilities: Tensor,
    n_episodes: int,
    max_steps: int,
    streams: Streams,
    update: int,
    way: Way | None = None,
    at_once: int | None = None,
) -> Walked:
    """``n_episodes`` episodes of each run, from the start of ``update``'s streams.

    ``probabilities`` are [N, S, A] float64.  ``way`` and ``at_once`` (steps) override the choice
    of method.
    """
    if not on_cpu(probabilities):
        joint = tables.joint(probabilities)
        leaf = walk_on_device(tables, joint, n_episodes, max_steps, streams.accelerator(update))
        leaf = leaf.view(max_steps, tables.n_runs, n_episodes)
        pays = tables.reward.index_select(0, leaf.view(-1)).view_as(leaf)
        return Walked(leaf, pays, (leaf < tables.over_leaf).sum(0))
    if at_once is None:  # other numbers come of it, so nothing but the run itself may decide
        few = n_episodes <= PAIRS_UP_TO and tables.bits <= 2 and tables.n_pairs <= MOST_PAIRS
        at_once = 2 if few and not tables.restarts else 1
    ways = tables.single if at_once == 1 else tables.double
    way = way or _fastest(ways, tables.n_runs * n_episodes)
    if way == "compiled":
        return _walk_compiled(
            tables, probabilities, at_once, n_episodes, max_steps, streams, update
        )
    began = time.perf_counter()
    finder = ways.search if way == "search" else ways.tree
    finder.load(ways.joint(tables.joint(probabilities).numpy()))
    found = _walk_cpu(tables, finder, n_episodes, -(-max_steps // at_once), streams.cpu(update))
    leaves = ways.leaves(found, max_steps)
    taken = np.add.reduce((leaves < tables.over_leaf).view(np.int8), 0, np.int16)
    leaves = leaves[: taken.max()]
    reward = tables.reward.numpy().take(leaves, mode="clip")
    lengths = taken.astype(np.int64)
    compiled.walked(time.perf_counter() - began)
    return _walked(tables, leaves, reward, lengths)


def _walked(tables: Tables, leaves: Ints, rewards: Floats, lengths: Ints) -> Walked:
    """Of arrays [T, N·B] and lengths [N·B]."""
    runs = tables.n_runs, -1
    by_step = (x.reshape(len(x), *runs) for x in (leaves, rewards))
    return Walked(*map(torch.from_numpy, (*by_step, lengths.reshape(runs))))


def _fastest(ways: Walk, width: int) -> Way:
    """The way to find the leaves of ``width`` episodes at once; all find the same ones."""
    if compiled.code is not None:
        return "compiled"
    # Measured: a level of the tree costs as much as 300 comparisons of the bisection.
    return "search" if width * ways.over_leaf.bit_length() <= 300 * ways.bits else "tree"


def _stretch(steps: int) -> int:
    """Leaves that are found before looking whether all episodes are over, of ``steps``."""
    return -(-steps // -(-steps // CHECK_EVERY))


def _walk_compiled(
    tables: Tables,
    probabilities: Tensor,
    at_once: int,
    n_episodes: int,
    max_steps: int,
    streams: Streams,
    update: int,
) -> Walked:
    assert compiled.code is not None
    shape = (max_steps, tables.n_runs * n_episodes)
    leaves, rewards = np.empty(shape, np.int64), np.empty(shape)
    lengths = np.zeros(shape[1], np.int64)
    steps = -(-max_steps // at_once)
    stretch = _stretch(steps)
    compiled.code.walk(
        np.ascontiguousarray(probabilities.numpy().reshape(tables.over_row, -1)), *tables.arrays,
        streams.states(update), tables.bits, at_once, stretch,
        stretch * Numbers.stretches(n_episodes, stretch, steps),
        leaves.view(np.uint64), rewards, lengths,
    )  # fmt: skip
    longest = lengths.max()
    return _walked(tables, leaves[:longest], rewards[:longest], lengths)


def _walk_cpu(
    tables: Tables,
    finder: Finder,
    n_episodes: int,
    max_steps: int,
    generators: list[np.random.SFC64],
) -> Ints:
    """Finished episodes are put aside where many walk, which changes nothing but the time."""
    n_runs = tables.n_runs
    stretch = _stretch(max_steps)
    numbers = Numbers(generators, n_episodes, stretch, max_steps)
    if tables.only_starts is None:
        rows = tables.start_rows(numbers.once()).numpy().reshape(-1)
        standing = finder.entry.take(rows)
    else:
        standing = finder.entry.take(tables.only_starts.numpy()).repeat(n_episodes)
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
            chosen = np.empty_like(drawn)
            starts = None if starts is None else starts.take(columns, axis=1)
            finder.steps(standing, drawn, chosen, starts)
            taken[:] = tables.over_row << finder.bits
            taken[:, columns] = chosen

        walking = standing < end
        left = np.count_nonzero(walking)
        if left == 0:
            return leaves[: first + len(taken)]
        if n_runs > 1 or (left < 0.8 * standing.size and standing.size >= 256):
            columns = np.flatnonzero(walking) if columns is None else columns[walking]
            standing = standing[walking]
            numbers.going = np.bincount(columns // n_episodes, minlength=n_runs) > 0
    return leaves


def _start_entries(tables: Tables, finder: Finder, numbers: Numbers) -> Ints:
    """Where to restart, for every step of a stretch, should it come to that: [stretch, N·B]."""
    drawn = torch.stack([numbers.once() for _ in range(numbers.stretch)])
    return finder.entry.take(tables.start_rows(drawn).numpy()).reshape(numbers.stretch, -1)
