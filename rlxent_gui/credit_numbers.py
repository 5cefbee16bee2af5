"""How the numbers of an episode are written, in columns and in sentences alike.  No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rlxent_core.step_story import NOTHING
from rlxent_gui.words import short_count

Floats = NDArray[np.float64]


def decimals(values: Floats) -> int:
    """How many decimals tell numbers of the size of ``values`` apart in a narrow column."""
    largest = float(np.abs(values).max(initial=0.0))
    for least, digits in ((99.95, 0), (9.995, 1), (0.0995, 2), (0.00995, 3)):
        if largest >= least:
            return digits
    return 4 if largest > NOTHING else 0


def is_nothing(value: float) -> bool:
    return abs(value) < NOTHING


def figure(value: float, digits: int, signed: bool = False) -> str:
    """A number of a column: "+0.22", "−134", "0", "12k"."""
    if is_nothing(value):
        return "0"
    text = short_count(abs(value)) if abs(value) >= 9999.5 else f"{abs(value):.{digits}f}"
    if not text.strip("0."):
        return "≈0"
    return ("−" if value < 0 else "+" if signed else "") + text


def reads_nothing(value: float, digits: int) -> bool:
    """Whether it is written "0" or "≈0"."""
    return figure(value, digits) in ("0", "≈0")


def probability_figure(p: float) -> str:
    """Two decimals; "≈0" and "≈1" where they would say what is not quite so."""
    if is_nothing(1 - p):
        return "1"
    text = figure(p, 2)
    return "≈1" if text == "1.00" else text


def sum_text(total: float, digits: int) -> str:
    """What a row adds up to: no more decimals than the row has, fewer where it is large."""
    return figure(total, min(digits, decimals(np.array([total]))) if total else digits, signed=True)
