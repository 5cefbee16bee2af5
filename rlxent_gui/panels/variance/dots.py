"""Thousands of dots and crosses as one picture, by NumPy: a painter would take too long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from rlxent_gui.variance_view import CloudView, Floats

STAMP = ((0, 0, 3), (1, 0, 2), (-1, 0, 2), (0, 1, 2), (0, -1, 2),
         (1, 1, 1), (1, -1, 1), (-1, 1, 1), (-1, -1, 1))
"""A dot: dx, dy and how many thirds of its ink fall there."""
THIRDS = 3
FAINTEST, STRONGEST, FEW = 0.1, 0.75, 500
"""Ink of one dot: as strong as can be for few, and the square root less for many."""
ARM, SHORT_ARM, MANY = 3, 2, 200
"""Half the length of a cross; of so many and more that they lie over each other."""
LEVELS = 256
MARGIN = 1.06
"""So that what lies as far out as the axes should go, lies beside the edge and not under it."""
LEAST_REACH = (1.2, 0.6)
"""Of the axes: the exact gradient is always seen as a whole."""


class Scale(NamedTuple):
    """Which part of the plane a picture of ``width`` × ``height`` pixels shows."""

    width: int
    height: int
    along: float
    """Pixels a unit of the horizontal axis."""
    across: float
    """Of the vertical one."""
    centre: float = 1.0
    """What lies in the middle of the horizontal axis; of the vertical one it is 0."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies, in pixels."""
        return self.width / 2 + (x - self.centre) * self.along, (
            self.height / 2 - y * self.across
        )

    def point(self, left: float, top: float) -> tuple[float, float]:
        """What lies at a pixel."""
        return (left - self.width / 2) / self.along + self.centre, (
            self.height / 2 - top
        ) / self.across


class Outside(NamedTuple):
    """How many dots lie beyond each edge."""

    left: int
    right: int
    top: int
    bottom: int


def picture(
    cloud: CloudView, scale: Scale, dot: QColor, cross: QColor, paper: QColor, ratio: float = 1.0
) -> tuple[QImage, Outside]:
    """Dots on a transparent ground, and the crosses of the batches above them.

    ``scale`` is in points, of which a device has ``ratio`` pixels each.
    """
    width, height = round(scale.width * ratio), round(scale.height * ratio)
    columns, rows = _pixels(cloud.x, cloud.y, scale, ratio)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    outside = Outside(
        int((columns < 0).sum()), int((columns >= width).sum()),
        int(((rows < 0) & (columns >= 0) & (columns < width)).sum()),
        int(((rows >= height) & (columns >= 0) & (columns < width)).sum()),
    )
    counts = _stamped(columns[inside], rows[inside], width, height, max(1, round(ratio)))
    pixels = _ramp(dot, len(cloud.x))[np.minimum(counts, LEVELS - 1)]
    _crosses(pixels, *_pixels(cloud.means[:, 0], cloud.means[:, 1], scale, ratio), cross, paper)
    image = QImage(
        np.ascontiguousarray(pixels).data, width, height, 4 * width,
        QImage.Format.Format_ARGB32_Premultiplied,
    ).copy()
    image.setDevicePixelRatio(ratio)
    return image, outside


def _pixels(
    x: Floats, y: Floats, scale: Scale, ratio: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    left = (scale.width / 2 + (x - scale.centre) * scale.along) * ratio
    top = (scale.height / 2 - y * scale.across) * ratio
    far = 1e6  # a number of any size must fit a pixel's
    return (
        np.floor(np.clip(left, -far, far)).astype(np.int64),
        np.floor(np.clip(top, -far, far)).astype(np.int64),
    )


def _stamped(
    columns: NDArray[np.int64], rows: NDArray[np.int64], width: int, height: int, size: int
) -> NDArray[np.int64]:
    """Thirds of ink on every pixel: [height, width]."""
    wide, high = width + 2 * size, height + 2 * size
    base = (rows + size) * wide + columns + size
    places = np.concatenate([
        np.repeat(base + size * dy * wide + size * dx, weight) for dx, dy, weight in STAMP
    ])
    counts = np.bincount(places, minlength=wide * high).reshape(high, wide)
    return counts[size:-size, size:-size]


def _ramp(colour: QColor, n_dots: int) -> NDArray[np.uint32]:
    """The colour of k thirds of ink, premultiplied: veils of one dot each, laid over another."""
    one = min(max(STRONGEST * (FEW / max(n_dots, 1)) ** 0.5, FAINTEST), STRONGEST)
    alpha = 1 - (1 - one) ** (np.arange(LEVELS) / THIRDS)
    return _argb(colour, alpha)


def _argb(colour: QColor, alpha: Floats) -> NDArray[np.uint32]:
    parts = [np.round(255 * alpha)] + [
        np.round(part * alpha) for part in (colour.red(), colour.green(), colour.blue())
    ]
    a, r, g, b = (part.astype(np.uint32) for part in parts)
    return np.asarray((a << 24) | (r << 16) | (g << 8) | b, dtype=np.uint32)


def _crosses(
    pixels: NDArray[np.uint32], columns: NDArray[np.int64], rows: NDArray[np.int64],
    ink: QColor, paper: QColor,
) -> None:
    """A cross a batch, in ink with an edge of paper so that it is seen on the dots.

    Many have no edge: they would hide each other, and all of the dots.
    """
    many = len(columns) >= MANY
    reach = SHORT_ARM if many else ARM
    arm = range(-reach, reach + 1)
    plus = [(k, 0) for k in arm] + [(0, k) for k in arm]
    edge = {(dx + ex, dy + ey) for dx, dy in plus for ex in (-1, 0, 1) for ey in (-1, 0, 1)}
    height, width = pixels.shape
    layers = [(ink, plus)] if many else [(paper, sorted(edge)), (ink, plus)]
    for colour, offsets in layers:
        value = _argb(colour, np.ones(1))[0]
        dx, dy = np.array(offsets).T
        x, y = (columns[:, None] + dx).ravel(), (rows[:, None] + dy).ravel()
        seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        pixels[y[seen], x[seen]] = value


def reach(clouds: list[CloudView]) -> tuple[float, float]:
    """How far the axes go from (1, 0), along and across, so that they serve all of these."""
    along, across = LEAST_REACH
    for cloud in clouds:
        along = max(along, MARGIN * cloud.reach[0])
        across = max(across, MARGIN * cloud.reach[1])
    return along, across
