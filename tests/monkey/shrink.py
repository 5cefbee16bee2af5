"""Delta debugging: the fewest acts that still go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(
    acts: Sequence[T], fails: Callable[[list[T]], bool],
    goes_on: Callable[[], bool] = lambda: True,
) -> list[T]:
    """A sublist of ``acts``, itself known to fail, that fails and of which no act can be left out.

    First the shortest of the last 1, 2, 4, … acts, since what went wrong is mostly young; then
    Zeller and Hildebrandt's ddmin (2002).  Whatever is found when ``goes_on`` says no is returned.
    """
    best = list(acts)
    length = 1
    while length < len(best) and goes_on():
        if fails(best[-length:]):
            best = best[-length:]
            break
        length *= 2
    parts = 2
    while len(best) > 1 and goes_on():
        size = -(-len(best) // parts)
        for start in range(0, len(best), size):
            rest = best[:start] + best[start + size :]
            if rest and goes_on() and fails(rest):
                best, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(best))
    return best
