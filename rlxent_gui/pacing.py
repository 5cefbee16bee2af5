"""How fast training goes before an audience: from one step a second to flat out.

Slow speeds walk one sampled episode across the board before each update; faster ones pace whole
updates.  Speed changes what is seen and when, never a number.
"""

from __future__ import annotations

import time
from typing import NamedTuple


class Pace(NamedTuple):
    """``steps`` time steps of a watched episode a second, or ``updates`` a second (0: no limit)."""

    label: str
    steps: float = 0.0
    updates: float = 0.0

    @property
    def walks(self) -> bool:
        return self.steps > 0

    @property
    def period(self) -> float:
        """Seconds between two steps or two updates; 0 is flat out."""
        rate = self.steps or self.updates
        return 1 / rate if rate else 0.0


LEVELS: tuple[Pace, ...] = (
    *(Pace(f"{n} step/s" if n == 1 else f"{n} steps/s", steps=n) for n in (1, 2, 4, 8, 16)),
    *(
        Pace(f"{n} update/s" if n == 1 else f"{n} updates/s", updates=n)
        for n in (1, 2, 4, 8, 16, 32, 60, 120, 250)
    ),
    Pace("flat out"),
)
DEFAULT_LEVEL = next(i for i, pace in enumerate(LEVELS) if pace.updates == 8)


def watching(level: int) -> float:
    """Seconds between two steps of an episode that is looked through at a level of :data:`LEVELS`.

    Half a second at the usual one, and twice as fast three levels up.
    """
    return float(0.5 * 2 ** ((DEFAULT_LEVEL - level) / 3))


class Rate:
    """Episodes a second over the last second or so of training."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._count = 0
        self._rate = 0.0

    def add(self, episodes: int) -> None:
        self._count += episodes

    def a_second(self) -> float:
        now = time.perf_counter()
        if now - self._since >= 1.0:
            self._rate = self._count / (now - self._since)
            self._since, self._count = now, 0
        return self._rate
