"""Random numbers of an accelerator: hashed where they are needed, for all runs in the same calls.

Number i of a run is the i-th output of SplitMix64 from a key that is mixed from seed, purpose and
update.  So it depends on no other run, the same numbers come on every device, and drawing for a
thousand runs takes as many calls as for one.

Source: Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_GAMMA = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


def mix(x: Tensor) -> Tensor:
    """SplitMix64's finaliser of int64 read as unsigned; products wrap around."""
    x = (x ^ _shifted(x, 30)) * _FIRST
    x = (x ^ _shifted(x, 27)) * _SECOND
    return x ^ _shifted(x, 31)


def _shifted(x: Tensor, bits: int) -> Tensor:
    """To the right, zeros coming in: torch's own shift repeats the sign."""
    shifted: Tensor = (x >> bits) & (2 ** (64 - bits) - 1)
    return shifted


class HashedNumbers:
    """The streams of several runs, from ``keys`` [N], int64."""

    def __init__(self, keys: Tensor) -> None:
        self.keys = keys
        self.drawn = 0
        """Numbers that each run has drawn."""

    def whole(self, steps: int, n_episodes: int) -> Tensor:
        """The next whole numbers 0 … 2³¹ − 1: [steps, N, B], int64."""
        return _shifted(self._next(steps, n_episodes), 33)

    def normal(self, steps: int, n_episodes: int) -> Tensor:
        """The next standard normal numbers: [steps, N, B], float64.

        Source: Box and Muller (1958), A note on the generation of random normal deviates.
        """
        # Never 0, whose logarithm is none.
        radius = (_shifted(self._next(steps, n_episodes), 11).double() + 1) / 2**53
        angle = _shifted(self._next(steps, n_episodes), 11).double() / 2**53
        return (-2 * radius.log()).sqrt() * (2 * math.pi * angle).cos()

    def _next(self, steps: int, n_episodes: int) -> Tensor:
        """[steps, N, B], of which a run's numbers are the next steps · B of its own."""
        count = steps * n_episodes
        first, self.drawn = self.drawn + 1, self.drawn + count
        index = torch.arange(first, self.drawn + 1, device=self.keys.device)
        index = index.view(steps, 1, n_episodes)
        return mix(self.keys[:, None] + index * _GAMMA)
