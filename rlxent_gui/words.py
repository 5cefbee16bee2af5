"""How values and counts are written: true minus signs, thousands in groups of three; no Qt."""

from __future__ import annotations

import re

HUGE = 1e12
"""From here up a number's digits are of no use, and its power of ten is."""


def value_text(value: float, decimals: int = 2) -> str:
    """Two decimals, none from a thousand up: "0.96", "−65 375"; "7.86 × 10³⁰⁷" of the huge."""
    if abs(value) >= HUGE:
        return rough(value)
    decimals = decimals if abs(value) < 1000 else 0
    text = f"{value:,.{decimals}f}".replace(",", "\u202f")
    if float(f"{value:.{decimals}f}") == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def short_name(name: str) -> str:
    """A file's name as a title has room for it: its beginning, and its end with the suffix."""
    return name if len(name) <= 24 else f"{name[:12]}…{name[-11:]}"


def signed_text(value: float, decimals: int = 2) -> str:
    """Likewise, with a plus before what is above zero: "+0.02", "−0.18", "0.00"."""
    text = value_text(value, decimals)
    return text if text.startswith("−") or not text.strip("0.") else f"+{text}"


def rough(value: float) -> str:
    """Three digits of a number of any size: "26.4", "6.61 × 10⁹"."""
    return _with_power(f"{value:.3g}")


def exactly_digits(value: float, digits: int) -> str:
    """So many digits, zeros at the end too, so that a column lines up: "0.300", "30.0", "0"."""
    if value == 0:
        return "0"
    digits_text, *power = f"{value:#.{digits}g}".split("e")
    return _with_power("e".join((digits_text.rstrip("."), *power)))


def _with_power(text: str) -> str:
    if "e" not in text:
        return text.replace("-", "−")
    digits, power = text.split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}".replace("-", "−")


def true_minus(text: str) -> str:
    """The text of a number with a true minus sign; none before zero."""
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text.replace("-", "−")


def group_thousands(text: str) -> str:
    """Python's commas as thin spaces."""
    return text.replace(",", "\u202f")


def short_count(value: float) -> str:
    """Two or three digits of a large number: "1.2k", "65k", "−3.4M"."""
    if abs(value) >= HUGE:
        return rough(value)
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * unit:
            share = value / unit
            return true_minus(f"{share:.{0 if abs(share) >= 9.95 else 1}f}{letter}")
    return true_minus(f"{value:.0f}")


def count(value: float) -> str:
    """A whole number in groups of three: "2 048"."""
    return f"{value:,.0f}".replace(",", "\u202f")


def counted(value: int, thing: str) -> str:
    """"1 episode", "2 048 episodes"."""
    return f"{count(value)} {thing}{'' if value == 1 else 's'}"


def grouped(sentence: str) -> str:
    """A sentence of the core as the window writes numbers: "65,375 steps" with a thin space."""
    return re.sub(r"(?<=\d),(?=\d{3})", "\u202f", sentence)


def unchanged(error: Exception) -> str:
    """Why something was not done to the board, and that nothing else was done to it either."""
    return f"{grouped(str(error))} The board is unchanged."
