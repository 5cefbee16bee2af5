"""What a plot needs of numbers: a running mean, fewer points, entropy.  numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class RunningMean:
    """Exponential moving average without the pull of its start at zero.

    m_n = d m_{n−1} + (1 − d) x_n, shown as m_n / (1 − d^n), as in Kingma & Ba (2015), §3: the
    first value is x_1 itself, and a constant stays that constant.
    """

    def __init__(self, decay: float = 0.9) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"The decay must be within [0, 1), not {decay}.")
        self.decay = decay
        self._sum = 0.0
        self._weight = 0.0

    def add(self, value: float) -> float:
        """Take one more value; returns the mean up to it."""
        self._sum = self.decay * self._sum + (1 - self.decay) * value
        self._weight = self.decay * self._weight + (1 - self.decay)
        return self.value

    @property
    def value(self) -> float:
        """The mean so far; nan before the first value."""
        return self._sum / self._weight if self._weight else float("nan")


def running_means(values: ArrayLike) -> Floats:
    """What a :class:`RunningMean` says after each of ``values``, but for its last digits: [n]."""
    x, decay, stretch = np.asarray(values, dtype=float), 0.9, 128
    # Within a stretch one sum, whose weights stay far from where numbers end.
    padded = np.zeros(-(-len(x) // stretch) * stretch)
    padded[: len(x)] = x
    powers = decay ** np.arange(1, stretch + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.cumsum(padded.reshape(-1, stretch) * ((1 - decay) / powers), axis=1) * powers
        before = np.zeros(len(sums))
        for k in range(1, len(sums)):
            before[k] = sums[k - 1, -1] + powers[-1] * before[k - 1]
        sums += before[:, None] * powers
        means: Floats = sums.ravel()[: len(x)] / (1 - decay ** np.arange(1.0, len(x) + 1))
    return means


def decimate(x: ArrayLike, y: ArrayLike, n: int = 1000) -> tuple[Floats, Floats]:
    """At most ``n`` points of the curve y(x) that look the same when drawn.

    The curve is cut into ⌊n / 2⌋ stretches of equally many points, and the lowest and the highest
    of each are kept, in the order they come: no peak is lost.  A stretch that holds a nan keeps
    one, so that gaps stay.  A curve of ``n`` points or fewer is returned as it is.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x and y must be lists of equal length, not {x.shape} and {y.shape}.")
    if n < 2:
        raise ValueError("A curve needs at least two points.")
    if len(x) <= n:
        return x, y
    stretches = n // 2
    edges = np.arange(stretches + 1) * len(x) // stretches
    width = int(np.diff(edges).max())
    # Stretches differ in length by one at most: the short ones are filled up with their last point.
    index = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    values = y[index]
    gaps = np.isnan(values)
    # argmin takes a nan for the lowest; the highest is sought among the numbers.
    lowest = values.argmin(axis=1)
    highest = np.where(gaps, -np.inf, values).argmax(axis=1)
    picked = np.sort(np.stack([lowest, highest], axis=1), axis=1)
    kept = np.take_along_axis(index, picked, axis=1).ravel()
    return x[kept], y[kept]


def entropy(probabilities: ArrayLike) -> Floats:
    """H(p) = −Σ_a p_a ln p_a in nats over the last axis; 0 ln 0 = 0."""
    p = np.asarray(probabilities, dtype=float)
    return np.asarray(-np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1))
