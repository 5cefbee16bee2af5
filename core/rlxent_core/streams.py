"""Where random numbers come from: one stream a run, update and purpose.

A stream depends on nothing else, so a run's numbers are the same alone or among others, and any
update can be drawn again from its index.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core.arrays import on_cpu
from rlxent_core.hashed import HashedNumbers, mix

Ints = NDArray[np.int64]

GRID = 2**31
"""Whole random numbers are 0 … GRID − 1."""

WARM_UP = 12
"""Raw numbers to drop after seeding SFC64."""

_MASK = 2**64 - 1


class Purpose(IntEnum):
    """What a stream is for; two purposes never share numbers."""

    POLICY = 1
    CRITIC = 2
    EPISODES = 3
    METERS = 4
    CREDIT = 5


def splitmix64(x: Any) -> Any:
    """The 64-bit finaliser of SplitMix64: every input bit flips each output bit half the time.

    Source: Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.
    """
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


class Streams:
    """The streams of several runs for one purpose, each set to the start of an update.

    The CPU's come from NumPy's SFC64, whose raw numbers are the same in every version: its state
    is mixed from seed, purpose and update, 192 bits in all.  An accelerator hashes its own.
    """

    def __init__(
        self, seeds: Sequence[int], purpose: Purpose, device: torch.device | str = "cpu"
    ) -> None:
        self.seeds, self.purpose, self.device = tuple(seeds), purpose, torch.device(device)
        self._bases = [splitmix64(splitmix64(s & _MASK) ^ int(purpose)) for s in self.seeds]
        self._on_cpu: list[np.random.SFC64] = []
        self._behind = False
        self.hashed: HashedNumbers | None = None
        """An accelerator's stream of the last update that was asked for."""
        if self.device.type == "cpu":
            self._on_cpu = [np.random.SFC64(0) for _ in self.seeds]
            self._words = np.ones((len(self.seeds), 4), dtype=np.uint64)
            self._base_words = np.array(self._bases, dtype=np.uint64)
            self._states: list[Any] = [
                {"bit_generator": "SFC64", "state": {"state": row}, "has_uint32": 0, "uinteger": 0}
                for row in self._words
            ]
        if not on_cpu(self.device):
            signed = [base - 2**64 if base >= 2**63 else base for base in self._bases]
            self._keys = torch.tensor(signed, device=self.device)

    def states(self, update: int) -> NDArray[np.uint64]:
        """SFC64's state of every run at the start of ``update``'s numbers: [N, 4].

        Whoever draws writes back where he has come.  The first :data:`WARM_UP` numbers are to be
        dropped, as SFC64's author does to seed it.
        """
        words = self._words
        words[:, 1], words[:, 2], words[:, 3] = self._base_words, update, 1
        if len(words) > 8:  # from which an array is faster
            words[:, 0] = splitmix64(words[:, 1] ^ np.uint64(update))
        else:
            words[:, 0] = [splitmix64(base ^ update) for base in self._bases]
        self._behind = True
        return words

    @property
    def on_cpu(self) -> list[np.random.SFC64]:
        """Every run's generator, where its stream has come to."""
        if self._behind:
            for generator, state in zip(self._on_cpu, self._states, strict=True):
                generator.state = state
            self._behind = False
        return self._on_cpu

    def cpu(self, update: int) -> list[np.random.SFC64]:
        """Every run's generator at the start of ``update``'s numbers; see :meth:`states`."""
        self.states(update)
        return self.on_cpu

    def accelerator(self, update: int) -> HashedNumbers:
        """All runs' numbers on the device, from the start of those of ``update``."""
        self.hashed = HashedNumbers(mix(self._keys ^ update))
        return self.hashed


def generator_for(seed: int, purpose: Purpose) -> np.random.Generator:
    """A NumPy generator at the start of a run's only stream for ``purpose``."""
    bits = Streams([seed], purpose).cpu(0)[0]
    bits.random_raw(WARM_UP)
    return np.random.Generator(bits)


class Numbers:
    """Whole numbers for all runs' episodes, from the start of their streams.

    A run draws for all its episodes, up to three stretches at a time where they are short; where
    it draws depends on its own episodes alone.
    """

    def __init__(
        self, generators: list[np.random.SFC64], n_episodes: int, stretch: int, max_steps: int
    ) -> None:
        self.generators, self.n_episodes, self.stretch = generators, n_episodes, stretch
        self.block = stretch * self.stretches(n_episodes, stretch, max_steps)
        self.going: NDArray[np.bool_] | None = None
        """Runs whose episodes are not all over; None for all of them.  The others draw no more."""
        self._left: Ints = np.empty((0, 0, 0), dtype=np.int64)
        self._drop = WARM_UP

    @staticmethod
    def stretches(n_episodes: int, stretch: int, max_steps: int) -> int:
        """How many of them are drawn at a time."""
        return min(3, -(-1024 // (n_episodes * stretch)), -(-max_steps // stretch))

    def next(self) -> Ints:
        """The next stretch's numbers: [stretch, N·B]."""
        if not self._left.shape[1]:
            self._left = self._draw(self.block)
        numbers, self._left = self._left[:, : self.stretch], self._left[:, self.stretch :]
        return numbers.transpose(1, 0, 2).reshape(self.stretch, -1)

    def once(self) -> Tensor:
        """One number for each episode: [N, B]."""
        return torch.from_numpy(self._draw(1)[:, 0])

    def _draw(self, steps: int) -> Ints:
        """[N, steps, B], of which runs that draw no more are not filled in."""
        count, drop, drawing = steps * self.n_episodes, self._drop, self.generators
        if self.going is not None:
            drawing = [drawing[run] for run in np.flatnonzero(self.going)]
        self._drop = 0
        drawn = [bits.random_raw(drop + (count + 1) // 2) for bits in drawing]
        raw = drawn[0] if len(drawn) == 1 else np.concatenate(drawn)
        numbers = split(raw.reshape(len(drawing), -1)[:, drop:]).reshape(len(drawing), -1)
        by_step: Ints = numbers[:, :count].reshape(-1, steps, self.n_episodes)
        if self.going is None:
            return by_step
        by_run = np.empty((len(self.generators), *by_step.shape[1:]), dtype=np.int64)
        by_run[self.going] = by_step
        return by_run


def split(raw: NDArray[np.uint64]) -> Ints:
    """Two whole numbers from each 64 bits: [..., n] to [..., 2, n]."""
    numbers = np.empty((*raw.shape[:-1], 2, raw.shape[-1]), dtype=np.uint64)
    np.bitwise_and(raw, np.uint64(GRID - 1), out=numbers[..., 0, :])
    np.right_shift(raw, np.uint64(33), out=numbers[..., 1, :])
    return numbers.view(np.int64)
