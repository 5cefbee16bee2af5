"""The colour of every cell: its ground, tinted by V(s) where that is shown.

One pixel a cell in a small table; the picture of the board is that table looked up once a pixel
row and column, into a buffer that is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from rlxent_core.world import Tile, World
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.tiles import ground
from rlxent_gui.theme import Theme

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def ground_colours(world: World, theme: Theme) -> Floats:
    """Red, green and blue (0..255) of every cell, [S, 3]."""
    by_symbol = {
        symbol: _rgb(ground(world.tile_of(symbol), theme)) for symbol in set("".join(world.map))
    }
    return np.array([by_symbol[symbol] for row in world.map for symbol in row], dtype=float)


def cells_where(world: World, holds: Callable[[Tile], bool]) -> Bools:
    """Cells [S] whose tile has a property."""
    by_symbol = {symbol: holds(world.tile_of(symbol)) for symbol in set("".join(world.map))}
    return np.array([by_symbol[symbol] for row in world.map for symbol in row], dtype=bool)


def value_strength(values: Floats) -> Floats:
    """How strongly each value tints its cell, 0 to 0.46 of the largest magnitude."""
    size = np.abs(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf))
    finite = np.isfinite(size)
    largest = size[finite].max(initial=0.0)
    share = np.where(finite, size / (largest or 1.0), 1.0)
    return np.asarray(0.46 * share**1.9)


def tinted(colours: Floats, values: Floats, where: Bools, theme: Theme) -> Floats:
    """``colours`` [S, 3] with plum for positive and vermillion for negative values mixed in."""
    strength = np.where(where, value_strength(values), 0.0)[:, None]
    tint = np.where(values[:, None] < 0, _rgb(theme.neg), _rgb(theme.base))
    return np.asarray(colours + strength * (tint - colours))


def costs_tinted(colours: Floats, world: World, theme: Theme) -> Floats:
    """``colours`` [S, 3] with floor that costs something in the tint of pits: a walk shows there
    what its steps paid."""
    costs = cells_where(world, lambda tile: tile.standable and tile.reward < 0)
    return np.where(costs[:, None], _rgb(theme.neg_tint), colours)


class GroundPicture:
    """The picture of all cells in a kept buffer of device pixels."""

    def __init__(self) -> None:
        self._key: object = None
        self._map = np.empty((0, 0), np.intp)
        self._pixels = np.empty((0, 0), np.uint32)
        self._image = QImage()

    def set_colours(self, grid: Grid, dpr: float, colours: Floats) -> None:
        """Look the colours [S, 3] up for every pixel that is seen."""
        if self._key != (grid, dpr):
            self._key = (grid, dpr)
            self._resize(grid, dpr)
        channels = np.rint(colours).astype(np.uint32)
        packed = 0xFF000000 | channels[:, 0] << 16 | channels[:, 1] << 8 | channels[:, 2]
        np.take(packed, self._map, out=self._pixels, mode="clip")

    def paint(self, painter: QPainter, where: QPointF) -> None:
        painter.drawImage(where, self._image)

    def _resize(self, grid: Grid, dpr: float) -> None:
        size = (grid.seen.size() * dpr).toSize()
        side = grid.side * dpr
        x = np.arange(size.width()) + 0.5 + (grid.seen.left() - grid.left) * dpr
        y = np.arange(size.height()) + 0.5 + (grid.seen.top() - grid.top) * dpr
        column = np.clip((x / side).astype(np.intp), 0, grid.columns - 1)
        row = np.clip((y / side).astype(np.intp), 0, grid.rows - 1)
        self._map = row[:, None] * grid.columns + column[None, :]
        self._pixels = np.zeros(self._map.shape, np.uint32)
        self._image = QImage(
            self._pixels.data, size.width(), size.height(), 4 * size.width(),
            QImage.Format.Format_RGB32,
        )
        self._image.setDevicePixelRatio(dpr)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
