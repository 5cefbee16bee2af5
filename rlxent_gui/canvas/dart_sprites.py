"""Pictures of single darts, painted once and kept, and cells put together from them.

A call of Qt a dart would take longer than everything else on the board; so darts of one size,
rounded to a third of a pixel and a thirty-second of ink, share a picture, and numpy lays the
pictures over each other: of two darts the one with more ink covers the other.  In large cells a
leader keeps a gap to the runners-up behind it: a rim of all but invisible ink that replaces theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath

from rlxent_gui.canvas.darts import LENGTH, POWER, Darts, corners, directions, stay_radius

SHADES = 32
LENGTHS = 80
STEP = 0.35
"""Lengths are rounded to so many device pixels, or to one of LENGTHS steps in large cells."""
GAP_FROM = 44
"""Side of a cell, in device pixels, from which leaders keep a gap."""
RIM = QColor(0, 0, 0, 1)
MAX_BYTES = 8 * 2**20
"""Pictures kept of one move."""

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])
Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Pixels = NDArray[np.uint32]


def paths_of(polygons: Floats) -> Iterator[QPainterPath]:
    """Closed polygons with k corners each, from [n, k, 2].

    One object, refilled: use each before asking for the next.
    """
    from PySide6.QtCore import QByteArray, QDataStream  # the first paint has no darts

    n, k, _ = polygons.shape
    record = np.dtype([("length", ">i4"), ("elements", _ELEMENT, k), ("end", ">i4", 2)])
    paths = np.empty(n, record)
    paths["length"] = k
    paths["elements"]["type"] = 1  # a line to the point
    paths["elements"]["type"][:, 0] = 0  # the first begins the figure
    paths["elements"]["x"], paths["elements"]["y"] = polygons[..., 0], polygons[..., 1]
    paths["end"] = 0, Qt.FillRule.WindingFill.value
    stream = QDataStream(QByteArray(paths.tobytes()))
    path = QPainterPath()
    for _ in range(n):
        stream >> path
        yield path


def rims(darts: Floats, side: float, along: Floats) -> Floats:
    """The darts [n, 4, 2] of one move in cells of ``side``, a hair larger all round."""
    gap = max(1.0, 0.014 * side)
    across = np.array([-along[1], along[0]])
    wing, back = 1.3 * across, -0.5 * along
    return np.asarray(darts + gap * np.stack([2 * along, back - wing, -along, back + wing]))


class DartSprites:
    """Darts for cells of ``side`` device pixels."""

    def __init__(self, side: int, ink: QColor, moves: Sequence[str]) -> None:
        self.side = side
        self._lengths = min(max(4, int(np.ceil(LENGTH * side / STEP))), LENGTHS)
        self._moves = [_Move(side, ink, along, self._lengths) for along in directions(moves)]
        self._cells: Pixels = np.empty((0, side, side), np.uint32)
        self._darts: list[Pixels] = []

    def cells(self, probabilities: Floats, shapes: Darts, only_leader: bool) -> Pixels:
        """Pictures of cells, [n, side, side], in premultiplied ARGB, good until the next call."""
        drawn = shapes.drawn & shapes.leads if only_leader else shapes.drawn
        length = np.where(drawn, np.rint(probabilities**POWER * self._lengths), 0).astype(int)
        shade = np.where(drawn, np.rint((1.0 - shapes.mix) * SHADES), 0).astype(int)
        leads = (drawn & shapes.leads).astype(int)
        n = len(probabilities)
        if len(self._cells) < n:
            # Fresh memory for every frame would cost more than filling it.
            self._cells = np.empty((n, self.side, self.side), np.uint32)
            self._darts = [np.empty((n, *move.shape), np.uint32) for move in self._moves]
        cells = self._cells[:n]
        cells.fill(0)
        apart = leads if self.side >= GAP_FROM else np.zeros_like(leads)
        for k, (move, buffer) in enumerate(zip(self._moves, self._darts, strict=True)):
            part = cells[:, *move.box]
            lower = np.where(apart[:, k], 0, shade[:, k])
            move.take(leads[:, k], length[:, k], lower, out=buffer[:n])
            np.maximum(part, buffer[:n], out=part)
        for k, (move, buffer) in enumerate(zip(self._moves, self._darts, strict=True)):
            at = np.flatnonzero(apart[:, k])
            leader = buffer[: len(at)]
            move.take(leads[at, k], length[at, k], shade[at, k], out=leader)
            part = cells[at, *move.box]
            np.copyto(part, leader, where=leader > 0)
            cells[at, *move.box] = part
        return cells


class _Move:
    """The pictures of one move's darts, in a box that holds them all."""

    def __init__(self, side: int, ink: QColor, along: Floats, lengths: int) -> None:
        self._side, self._ink, self._along, self._lengths = side, ink, along, lengths
        p = np.linspace(0.05, 1.0, 20).repeat(2)
        extent = corners(p, np.tile([False, True], 20), along).reshape(-1, 2)
        reach = np.array([extent.min(0), extent.max(0)]) if along.any() else 0.2 * np.array(
            [[-1.0, -1.0], [1.0, 1.0]]
        )
        low = np.clip(np.floor((0.5 + reach[0]) * side) - 1, 0, side).astype(int)
        high = np.clip(np.ceil((0.5 + reach[1]) * side) + 1, 0, side).astype(int)
        self.box = (slice(low[1], high[1]), slice(low[0], high[0]))
        self._low = low
        self.shape = (int(high[1] - low[1]), int(high[0] - low[0]))
        room = max(1, MAX_BYTES // (4 * self.shape[0] * self.shape[1]))
        self._kept: Pixels = np.empty((room, *self.shape), np.uint32)
        self._forget()

    def _forget(self) -> None:
        """Keep but the empty picture, number 0."""
        self._where = np.full((2, self._lengths + 1, SHADES + 1), -1)
        self._where[:, :, 0] = 0
        self._kept[0] = 0
        self._count = 1

    def take(self, leads: Ints, length: Ints, shade: Ints, out: Pixels) -> None:
        """Fill ``out`` [n, h, w] with the pictures of darts; missing ones are painted."""
        where = self._where[leads, length, shade]
        if (where < 0).any():
            keys = np.stack([leads, length, shade], 1)
            missing = np.unique(keys[where < 0], axis=0)
            if self._count + len(missing) > len(self._kept):
                self._forget()
                missing = np.unique(keys[shade > 0], axis=0)
            self._keep(missing)
            where = self._where[leads, length, shade]
        np.take(self._kept, where, axis=0, out=out, mode="clip")

    def _keep(self, keys: Ints) -> None:
        last = self._count + len(keys)
        if last > len(self._kept):
            # More darts of one move at once than there was room for.
            self._kept = np.zeros((last, *self.shape), np.uint32)
        self._kept[self._count : last] = self._painted(keys)
        self._where[tuple(keys.T)] = np.arange(self._count, last)
        self._count = last

    def _painted(self, keys: Ints) -> Pixels:
        """Pictures [n, h, w] of (leads, length, shade), painted side by side."""
        height, width = self.shape
        pixels = np.zeros((height, len(keys), width), np.uint32)
        image = QImage(
            pixels.data, len(keys) * width, height, 4 * len(keys) * width,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        p = (keys[:, 1] / self._lengths) ** (1 / POWER)
        centres = 0.5 * self._side - self._low + np.arange(len(keys))[:, None] * [width, 0]
        painter = QPainter(image)
        inks = [QBrush(self._shaded(shade)) for shade in keys[:, 2].tolist()]
        if self._along.any():
            leads = keys[:, 0] == 1
            polygons = centres[:, None, :] + self._side * corners(p, leads, self._along)
            if self._side >= GAP_FROM:
                for path in paths_of(rims(polygons[leads], self._side, self._along)):
                    painter.fillPath(path, RIM)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for path, ink in zip(paths_of(polygons), inks, strict=True):
                painter.fillPath(path, ink)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            radii = (self._side * stay_radius(p)).tolist()
            for centre, radius, ink in zip(centres.tolist(), radii, inks, strict=True):
                painter.setBrush(ink)
                painter.drawEllipse(QPointF(*centre), radius, radius)
        painter.end()
        return pixels.transpose(1, 0, 2)

    def _shaded(self, shade: int) -> QColor:
        colour = QColor(self._ink)
        colour.setAlphaF(shade / SHADES)
        return colour
