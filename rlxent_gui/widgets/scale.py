"""Numbers of a slider: where a value lies, which ones the keys reach, how they are written."""

from __future__ import annotations

import math
from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"
_MANTISSAS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


class Scale(NamedTuple):
    """A range of numbers, evenly spaced or evenly in their logarithm.

    A logarithmic scale needs ``low > 0``.  Numbers up to ``typed_high``, where there is one, count
    as the range's own though the slider ends at ``high``.
    """

    low: float
    high: float
    logarithmic: bool = False
    whole: bool = False
    typed_high: float | None = None

    @property
    def most(self) -> float:
        """The largest number there is."""
        return self.high if self.typed_high is None else self.typed_high

    def fraction(self, value: float) -> float:
        """Where ``value`` lies, 0..1."""
        if self.logarithmic:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return min(max(part, 0.0), 1.0)

    def at(self, fraction: float) -> float:
        """The readable value nearest to ``fraction`` (0..1)."""
        fraction = min(max(fraction, 0.0), 1.0)
        if fraction in (0.0, 1.0):
            return self.high if fraction else self.low
        if self.logarithmic:
            value = self.low * (self.high / self.low) ** fraction
            value = round(value) if self.whole and value < 100 else _significant(value, 2)
        else:
            step = self.small_step
            value = round(round((self.low + fraction * (self.high - self.low)) / step) * step, 10)
        return self.held(value)

    def held(self, value: float) -> float:
        """``value`` within the range, and whole where it must be."""
        value = round(value) if self.whole else value
        return float(min(max(value, self.low), self.most))

    @property
    def small_step(self) -> float:
        """The step of an even scale: a hundredth of the range, rounded down to 1, 2 or 5."""
        if self.whole:
            return 1.0
        step = (self.high - self.low) / 100
        power = 10.0 ** math.floor(math.log10(step) + 1e-9)
        return power * max(m for m in (1, 2, 5) if m * power <= step * (1 + 1e-9))

    def stepped(self, value: float, steps: int) -> float:
        """``value`` moved by some steps of the arrow keys; each changes it, up to the ends."""
        end = max(self.high, value)
        for _ in range(abs(steps)):
            value = self._next(value, 1 if steps > 0 else -1)
        return min(value, end)

    def _next(self, value: float, sign: int) -> float:
        if not self.logarithmic:
            step = self.small_step
            number = math.floor(value / step + 1e-9) if sign > 0 else math.ceil(value / step - 1e-9)
            return self.held(round((number + sign) * step, 10))
        power = 10.0 ** math.floor(math.log10(value))
        ladder = sorted(
            {round(m * power * p, 12) for m in _MANTISSAS for p in (0.1, 1.0, 10.0)}
        )
        if self.whole:
            ladder = sorted({float(round(v)) for v in ladder})
        if sign > 0:
            return self.held(next(v for v in ladder if v > value * (1 + 1e-9)))
        below = [v for v in ladder if v < value * (1 - 1e-9)]
        return self.held(below[-1] if below else self.low)


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def number_text(value: float) -> str:
    """A number as the app writes it: 0.97, 1 024, 1.5e−5, with a true minus."""
    if value == int(value) and abs(value) < 1e15:
        text = f"{int(value):,}".replace(",", "\N{THIN SPACE}")
    elif abs(value) < 1e-4:
        mantissa, _, exponent = f"{value:.2g}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3g}"
        text = text if float(text) == value else f"{value:.6g}"
    return text.replace("-", MINUS)


def read_number(text: str) -> float | None:
    """The number that was typed, or ``None`` if it is none."""
    plain = text.strip().replace(MINUS, "-").replace(",", ".")
    plain = "".join(plain.split()).replace("\N{THIN SPACE}", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
