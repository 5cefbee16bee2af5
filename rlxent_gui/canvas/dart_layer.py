"""All darts of the board on one transparent layer, repainted only where a cell has changed.

Ink is mixed toward the colour of the cell by letting that much of the cell shine through, so a
changing value map costs no dart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from rlxent_gui.canvas.dart_sprites import DartSprites
from rlxent_gui.canvas.darts import darts
from rlxent_gui.canvas.grid import Grid

SEEN = 0.2
"""Changes of a probability smaller than this over the side of a cell move no edge by a quarter of
a pixel, and are not worth a repaint."""
ONLY_LEADER_BELOW = 18
"""Side of a cell, in pixels, below which only the leader is drawn."""


class DartLayer:
    """Remembers what it has painted, and paints what differs."""

    def __init__(self) -> None:
        self._grid: Grid | None = None
        self._key: object = None
        self._sprites: DartSprites | None = None
        self._sprite_key: object = None
        self._painted = np.empty((0, 0))
        self._pixels = np.empty((0, 0), np.uint32)
        self._image = QImage()

    def update(
        self,
        grid: Grid,
        dpr: float,
        ink: QColor,
        probabilities: NDArray[np.float64],
        shown: NDArray[np.bool_],
        moves: Sequence[str],
    ) -> None:
        """Show probabilities [S, A] in the cells that are ``shown`` [S]."""
        wanted = np.where(shown[:, None], np.nan_to_num(probabilities), 0.0)
        wanted = self._seen(grid, wanted)
        side = round(grid.side * dpr)
        key = (side, ink.rgba(), tuple(moves))
        if self._sprites is None or key != self._sprite_key:
            self._sprites, self._sprite_key = DartSprites(side, ink, moves), key
        if self._key != (key, grid, dpr) or self._painted.shape != wanted.shape:
            self._key = (key, grid, dpr)
            self._clear(grid, dpr, side)
            self._painted = np.zeros_like(wanted)
        changed = np.flatnonzero(np.abs(wanted - self._painted).max(1) > SEEN / grid.side)
        if len(changed):
            self._painted[changed] = p = wanted[changed]
            pictures = self._sprites.cells(p, darts(p), grid.side < ONLY_LEADER_BELOW)
            rows, columns = grid.visible()
            board = self._pixels.reshape(len(rows), side, len(columns), side)
            row, column = np.divmod(changed, len(columns))
            board.transpose(0, 2, 1, 3)[row, column] = pictures

    def paint(self, painter: QPainter) -> None:
        if self._grid is not None:
            rows, columns = self._grid.visible()
            corner = self._grid.rect((rows.start, columns.start)).topLeft()
            painter.drawImage(corner, self._image)

    @staticmethod
    def _seen(grid: Grid, by_state: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of the cells that are seen, [n, A]."""
        rows, columns = grid.visible()
        table = by_state.reshape(grid.rows, grid.columns, -1)
        part = table[rows.start : rows.stop, columns.start : columns.stop]
        return part.reshape(-1, by_state.shape[1])

    def _clear(self, grid: Grid, dpr: float, side: int) -> None:
        rows, columns = grid.visible()
        height, width = len(rows) * side, len(columns) * side
        self._grid = grid
        self._pixels = np.zeros((height, width), np.uint32)
        self._image = QImage(
            self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        self._image.setDevicePixelRatio(dpr)
