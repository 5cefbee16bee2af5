"""The inner loop of sampling on an accelerator: in PyTorch, where nothing waits for the device.

A step is three calls, which where few episodes walk take longer to ask for than to do.  Of a walk
that comes again they are therefore captured as one CUDA graph and replayed: a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from rlxent_core.hashed import HashedNumbers
from rlxent_core.streams import GRID
from rlxent_core.tables import Tables, whole

HASHED_AT_ONCE = 2**22
"""Numbers that are drawn at once: 32 MB, which stay in the device's cache while they are mixed."""
REPLAYED_UP_TO = 2**16
"""Episodes of all runs up to which the device waits for the calls."""


def walk_on_device(
    tables: Tables, joint: Tensor, n_episodes: int, max_steps: int, numbers: HashedNumbers
) -> Tensor:
    """The leaf of every episode at every step: [T, N·B], int64.

    ``joint`` are the probabilities of actions and outcomes [rows, A·K], float64.
    """
    if joint.device.type != "cuda" or tables.n_runs * n_episodes > REPLAYED_UP_TO:
        return _walk(tables, joint, n_episodes, max_steps, numbers)
    last, graphs = (n_episodes, max_steps), tables.graphs
    if last not in graphs:  # one that may be taken but once is not worth a graph
        graphs.clear()
        graphs[last] = None
        return _walk(tables, joint, n_episodes, max_steps, numbers)
    if graphs[last] is None:
        graphs[last] = _Replayed(tables, joint, n_episodes, max_steps, numbers)
    replayed: _Replayed = graphs[last]
    return replayed.walk(joint, numbers)


class _Replayed:
    """A captured walk, with memory of its own for what it reads and writes."""

    def __init__(
        self, tables: Tables, joint: Tensor, n_episodes: int, max_steps: int,
        numbers: HashedNumbers,
    ) -> None:  # fmt: skip
        self._joint, self._keys = joint.clone(), numbers.keys.clone()
        own = HashedNumbers(self._keys)
        self._graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        current = torch.cuda.current_stream()
        stream.wait_stream(current)
        # Not torch.cuda.graph, which waits for the device.
        with torch.cuda.stream(stream), _nothing_collected():
            self._graph.capture_begin(capture_error_mode="thread_local")
            try:
                self._leaves = _walk(tables, self._joint, n_episodes, max_steps, own)
            finally:
                self._graph.capture_end()
        current.wait_stream(stream)
        self._drawn = own.drawn

    def walk(self, joint: Tensor, numbers: HashedNumbers) -> Tensor:
        self._joint.copy_(joint)
        self._keys.copy_(numbers.keys)
        self._graph.replay()
        numbers.drawn += self._drawn
        return self._leaves.clone()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A graph that were freed in this thread would spoil the one that is captured."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _walk(
    tables: Tables, joint: Tensor, n_episodes: int, max_steps: int, numbers: HashedNumbers
) -> Tensor:
    device = joint.device
    cumulative = torch.full(
        (tables.over_row + 1, tables.places), GRID, dtype=torch.int64, device=device
    )
    cumulative[:-1, : joint.shape[1] - 1] = whole(joint[:, :-1].cumsum(1))
    entry = torch.arange(tables.over_row + 1, device=device) * GRID
    table = (cumulative + entry[:, None]).view(-1)
    next_entry = tables.next_row * GRID  # negative to restart

    rows = tables.only_starts
    if rows is None:
        rows = tables.start_rows(numbers.whole(1, n_episodes)[0])
    standing = rows.expand(-1, n_episodes).reshape(-1) * GRID
    leaves = torch.empty((max_steps, standing.numel()), dtype=torch.int64, device=device)
    together = max(1, HASHED_AT_ONCE // standing.numel())
    for first in range(0, max_steps, together):
        piece = leaves[first : first + together]
        drawn = numbers.whole(len(piece), n_episodes).view_as(piece)
        starts = None
        if tables.restarts:
            again = numbers.whole(len(piece), n_episodes)
            starts = tables.start_rows(again).view_as(piece) * GRID
        for t, (number, leaf) in enumerate(zip(drawn.unbind(0), piece.unbind(0), strict=True)):
            standing.add_(number)
            torch.searchsorted(table, standing, right=True, out=leaf)
            torch.index_select(next_entry, 0, leaf, out=standing)
            if starts is not None:
                torch.where(standing < 0, starts[t], standing, out=standing)
    return leaves
