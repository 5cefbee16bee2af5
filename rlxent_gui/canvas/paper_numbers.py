"""The numbers of the cells as text, for pictures and print: where and what the screen's layer has.

On the screen they are stamped digit by digit (:mod:`rlxent_gui.canvas.number_layer`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from rlxent_core.world import DIRECTIONS
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.number_layer import (
    CORNER,
    Bools,
    Floats,
    _along,
    _crowded,
    _font,
    _room,
    texts_that_fit,
)
from rlxent_gui.theme import Theme, faded


class PaperNumbers:
    """What is written in each cell; see :meth:`NumberLayer.update` for the arguments."""

    def __init__(
        self, grid: Grid, theme: Theme, figures: Floats, shown: Bools,
        *, badged: Bools, moves: Sequence[str], whole: bool, edge: float,
    ) -> None:
        self._grid, self._theme, self._badged = grid, theme, badged
        self._font = _font(grid.side, bool(moves))
        metrics = QFontMetricsF(self._font)
        self._metrics, self._height = metrics, metrics.capHeight()
        self._places = tuple((DIRECTIONS[m][1], DIRECTIONS[m][0]) for m in moves) or CORNER
        self._pad = max(2.0, edge * grid.side)
        table = np.asarray(figures).reshape(grid.rows * grid.columns, -1)
        room = _room(grid.side, self._pad, self._places)
        self._texts = texts_that_fit(table, shown, room, self, whole, grid.side)

    def width(self, text: str, /) -> float:
        """In pixels."""
        return self._metrics.horizontalAdvance(text)

    @property
    def written(self) -> bool:
        """Whether there is a number in any cell."""
        return any(self._texts)

    def paint(self, painter: QPainter) -> None:
        """Each with a halo of floor around it."""
        side, pad = self._grid.side, self._pad
        halo = QPen(faded(self._theme.floor, 0.85), max(2.6, 0.17 * self._font.pixelSize()))
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        for state, words in enumerate(self._texts):
            corner = self._grid.rect(divmod(state, self._grid.columns)).topLeft()
            for (x, y), text in zip(self._places, words, strict=False):
                up = bool(self._badged[state]) and (x, y) == (0, -1)
                aside = up and not _crowded(self._places)
                left = _along(1 if aside else x, pad, side - pad, self.width(text))
                top = _along(y, pad + 1, side - pad - 1, self._height)
                path = QPainterPath()
                path.addText(corner + QPointF(left, top + self._height), self._font, text)
                if not path.isEmpty():
                    painter.strokePath(path, halo)
                    painter.fillPath(path, self._theme.ink)
