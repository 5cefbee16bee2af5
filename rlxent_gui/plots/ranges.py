"""Axes that keep still: round ends, round ticks, and a new range only when the old one fails."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rlxent_gui.widgets.scale import MINUS
from rlxent_gui.words import HUGE, true_minus

_STEPS = (1.0, 2.0, 2.5, 5.0)
_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def nice_steps(least: float) -> Iterator[float]:
    """1, 2, 2.5 and 5 times powers of ten, upwards from ``least``; 2.5 only below 1."""
    power = 10.0 ** math.floor(math.log10(least))
    while True:
        for factor in _STEPS:
            if factor * power >= least * (1 - 1e-9) and not (factor == 2.5 and power >= 1):
                yield factor * power
        power *= 10


def end_of_updates(last: float) -> float:
    """Where the axis of updates ends: it stays put while the curve grows towards it."""
    if last <= 50:
        return 50.0
    power = 10.0 ** math.floor(math.log10(last))
    return next(m * power for m in (*_ENDS, 15.0) if m * power >= last)


def ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """At most ``most`` round values within the range, 0 among them where it lies within."""
    if not high > low:
        return []
    for step in nice_steps(max((high - low) / (most + 1), 1.0 if whole else 0.0)):
        edge = 1e-9 * step
        first, last = math.ceil((low - edge) / step), math.floor((high + edge) / step)
        if last - first < most:
            return [round(i * step, 12) for i in range(first, last + 1)]
    raise AssertionError("the steps never end")


def tick_text(value: float) -> str:
    """A tick as short as can be: 1, .5, −.25, 150, 1k, −50k, 3M, 5e12."""
    size = abs(value)
    if size >= HUGE:
        # There is no room for 5 × 10¹², and half of it would be another number.
        return true_minus(f"{value:.3g}".replace("e+", "e"))
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return tick_text(value / unit) + name
    text = f"{size:.6g}"
    if text.startswith("0.") and "e" not in text:
        text = text[1:]
    return (MINUS if value < 0 else "") + text


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_text(exponent: float) -> str:
    """A tick of a logarithmic axis, e.g. 10⁻²."""
    return "10" + str(round(exponent)).translate(_SUPERSCRIPTS)


def value_text(value: float) -> str:
    """A value beside a curve: two decimals where they matter, a true minus."""
    size = abs(value)
    if size >= 10_000:
        return tick_text(float(f"{value:.3g}"))
    text = f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:,.0f}"
    text = text.replace("-0.00", "0.00")
    return text.replace("-", MINUS).replace(",", "\u202f")


MOST = 1e300
"""What lies beyond is not shown: there is nothing to be added to it."""


@dataclass
class SteadyRange:
    """A range that follows data without trembling.

    It grows when data leave it, to a round value beyond them, and shrinks only when they fill less
    than ``fill`` of it.  ``least`` is the smallest span shown.
    """

    least: float = 0.2
    fill: float = 0.4
    low: float = 0.0
    high: float = 0.0

    def follow(self, low: float, high: float) -> bool:
        """Make room for data from ``low`` to ``high``; whether the range changed."""
        low, high = (min(max(end, -MOST), MOST) for end in (low, high))
        least = max(self.least, 1e-9 * max(abs(low), abs(high)))  # or there is nothing between
        if self.high > self.low and self.low <= low and high <= self.high:
            shown = self.high - self.low
            if max(high - low, least) >= self.fill * shown:
                return False
        before = (self.low, self.high)
        span = max(high - low, least)
        low, high = min(low, (low + high - span) / 2), max(high, (low + high + span) / 2)
        step = next(nice_steps(span / 16))
        pad = 0.05 * span
        self.low = step * math.floor((low - pad) / step + 1e-9)
        self.high = step * math.ceil((high + pad) / step - 1e-9)
        return (self.low, self.high) != before

    def follow_decades(self, low: float, high: float) -> bool:
        """The same for decimal logarithms: whole decades, at least two of them."""
        wanted = (math.floor(low), math.ceil(high))
        if wanted[1] - wanted[0] < 2:
            wanted = (wanted[1] - 2, wanted[1])
        keeps = self.high > self.low and self.low <= wanted[0] and wanted[1] <= self.high
        if keeps and self.high - self.low <= wanted[1] - wanted[0] + 2:
            return False
        before = (self.low, self.high)
        self.low, self.high = float(wanted[0]), float(wanted[1])
        return (self.low, self.high) != before

    def forget(self) -> None:
        """Begin anew at the next data."""
        self.low = self.high = 0.0


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Places as near to ``wanted`` as can be, in the same order, ``gap`` apart, within the ends.

    Neighbours that would overlap form a block around their common middle (pool adjacent
    violators).  Where all do not fit, they are as far apart as they can be.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    if len(wanted) > 1:
        gap = min(gap, (high - low) / (len(wanted) - 1))
    blocks: list[tuple[float, int]] = []  # sum of (wanted − i·gap), members
    for rank, index in enumerate(order):
        total, count = wanted[index] - rank * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    places = [0.0] * len(wanted)
    rank = 0
    for total, count in blocks:
        for _ in range(count):
            limit = high - (len(wanted) - 1) * gap
            places[order[rank]] = min(max(total / count, low), limit) + rank * gap
            rank += 1
    return places
