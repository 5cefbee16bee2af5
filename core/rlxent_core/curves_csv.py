"""The curves of a training as a table that NumPy, pandas and spreadsheets read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
COLUMNS = (
    "update", "episodes", "mean_return", "running_mean", "variance_without_baseline",
    "variance_with_baseline",
)  # fmt: skip


def csv_text(about: Mapping[str, object], returns: Floats, variance: Floats) -> str:
    """A line ``# key: value`` for each of ``about``, the names of the columns, a line an update.

    ``returns`` are [updates, 4]: update, mean return, running mean, episodes so far.  ``variance``
    are [measured, 3]: update, tr Cov without and with the baseline; empty where it was not
    measured, and of several at one update the last.
    """
    lines = [f"# {key}: {' '.join(str(value).split())}" for key, value in about.items()]
    lines.append(",".join(COLUMNS))
    measured = {int(update): (none, chosen) for update, none, chosen in variance.tolist()}
    for update, mean, running, episodes in returns.tolist():
        pair = measured.get(int(update), (np.nan, np.nan))
        numbers = (mean, running, *pair)
        written = ("" if value != value else repr(value) for value in numbers)
        lines.append(",".join((str(int(update)), str(int(episodes)), *written)))
    return "\n".join(lines) + "\n"
