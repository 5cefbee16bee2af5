"""Where the columns of the table of estimators lie.  No Qt."""

from __future__ import annotations

from typing import NamedTuple

from rlxent_gui.variance_resolve import COLUMNS

LEAST = {
    "chosen": 28, "name": 166, "trace": 166, "exact": 70, "ratio": 168, "relative": 70,
    "projection": 98, "cosine": 52, "snr": 62, "episodes": 68,
}
"""Widths at the usual text size; what is left over goes to the bars."""
MOST_NAME = 240
NUMBER = 70
"""Of tr Cov's column, what its number takes."""
assert set(COLUMNS) < set(LEAST)


class Column(NamedTuple):
    name: str
    left: int
    width: int

    @property
    def right(self) -> int:
        return self.left + self.width


def columns(width: int, factor: float) -> tuple[Column, ...]:
    """The columns within ``width`` pixels, wider where that is not enough."""
    widths = {name: round(least * factor) for name, least in LEAST.items()}
    spare = max(0, width - sum(widths.values()))
    for name, share in (("name", 0.3), ("trace", 0.5), ("ratio", 0.2)):
        more = round(spare * share)
        if name == "name":
            more = min(more, round((MOST_NAME - LEAST["name"]) * factor))
        widths[name] += more
    found, left = [], 0
    for name, wide in widths.items():
        found.append(Column(name, left, wide))
        left += wide
    return tuple(found)
