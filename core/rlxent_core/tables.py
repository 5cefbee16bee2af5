"""What a walk through a world looks up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from rlxent_core.arrays import unsigned
from rlxent_core.finders import Walk
from rlxent_core.streams import GRID


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
    graphs: dict[tuple[int, int], Any] = field(default_factory=dict)
    """What :mod:`rlxent_core.device_walk` keeps of the last walk."""

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
    def arrays(self) -> tuple[Any, ...]:
        """Outcome probabilities [S, A·K], ``next_row``, ``reward``, ``starts`` and ``only_starts``,
        of which there may be none: what machine code takes.
        """
        only_starts = self.starts[:0] if self.only_starts is None else self.only_starts
        return (
            self.outcome_probability.reshape(self.n_states, -1).numpy(), unsigned(self.next_row),
            self.reward.numpy(), unsigned(self.starts), unsigned(only_starts).reshape(-1),
        )  # fmt: skip

    @cached_property
    def single(self) -> Walk:
        """One step at a time."""
        return Walk(self.next_row.numpy(), self.over_row, self.bits, 1)

    @cached_property
    def double(self) -> Walk:
        """Two steps at a time; only where nothing has to be drawn between them."""
        return Walk(self.next_row.numpy(), self.over_row, self.bits, 2)

    @property
    def n_pairs(self) -> int:
        """Pairs of places of one run's states."""
        return (self.n_states + 1) << 2 * self.bits

    def start_rows(self, numbers: Tensor) -> Tensor:
        """Rows drawn from the start distribution by ``numbers`` [..., N, B]."""
        states: Tensor = torch.searchsorted(self.starts, numbers.contiguous(), right=True)
        return states + self.first_rows

    def joint(self, probabilities: Tensor) -> Tensor:
        """Probability of each action and outcome, from the actions' [N, S, A]: [rows, A·K]."""
        if self.outcome_probability.shape[-1] > 1:
            probabilities = probabilities[..., None] * self.outcome_probability
        return probabilities.reshape(self.over_row, -1)


def whole(cumulative: Tensor) -> Tensor:
    """Probabilities in steps of the grid, rounded to the nearest."""
    return (cumulative * GRID).round_().long()
