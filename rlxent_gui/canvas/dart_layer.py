"""All darts of the board on one transparent layer, repainted only where a cell has changed.

Ink is mixed toward the colour of the cell by letting that much of the cell shine through, so a
changing value map costs no dart.  The paths of all cells are built by numpy and read from one
stream; each is filled by itself, because Qt's rasteriser slows down with the square of what lies
side by side in one path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath

from rlxent_gui.canvas.darts import ONLY_LEADER_BELOW, Darts, darts
from rlxent_gui.canvas.grid import Grid

SEEN = 0.2
"""Changes of a probability smaller than this over the side of a cell move no edge by a quarter of
a pixel, and are not worth a repaint."""
GAP_FROM = 44
"""Side of a cell, in pixels, from which a leader keeps a gap to the runners-up behind it."""
LEVELS = 32
"""Shades of ink."""

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]


def paths_of(points: Floats) -> Iterator[QPainterPath]:
    """n paths of m closed polygons with k corners each, from [n, m, k, 2].

    One object, refilled: use each before asking for the next.
    """
    n, m, k, _ = points.shape
    record = np.dtype([("length", ">i4"), ("elements", _ELEMENT, (m, k)), ("end", ">i4", 2)])
    paths = np.empty(n, record)
    paths["length"] = m * k
    paths["elements"]["type"] = 1  # a line to the point
    paths["elements"]["type"][:, :, 0] = 0  # the first begins a new figure
    paths["elements"]["x"], paths["elements"]["y"] = points[..., 0], points[..., 1]
    paths["end"] = 0, Qt.FillRule.WindingFill.value
    stream = QDataStream(QByteArray(paths.tobytes()))
    path = QPainterPath()
    for _ in range(n):
        stream >> path
        yield path


class DartLayer:
    """Remembers what it has painted, and paints what differs."""

    def __init__(self) -> None:
        self.image = QImage()
        self._key: object = None
        self._painted = np.empty((0, 0))

    def update(
        self,
        grid: Grid,
        dpr: float,
        ink: QColor,
        probabilities: Floats,
        shown: NDArray[np.bool_],
        moves: Sequence[str],
    ) -> None:
        """Show probabilities [S, A] in the cells that are ``shown`` [S]."""
        wanted = np.where(shown[:, None], np.nan_to_num(probabilities), 0.0)
        key = (grid, dpr, ink.rgba(), tuple(moves))
        if key != self._key or self._painted.shape != wanted.shape:
            size = (grid.seen.size() * dpr).toSize()
            self.image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            self.image.setDevicePixelRatio(dpr)
            self.image.fill(0)
            self._key, self._painted = key, np.zeros_like(wanted)
        changed = np.flatnonzero(np.abs(wanted - self._painted).max(1) > SEEN / grid.side)
        if len(changed):
            self._paint(grid, ink, wanted, changed, moves)
            self._painted[changed] = wanted[changed]

    def _paint(
        self, grid: Grid, ink: QColor, p: Floats, cells: NDArray[np.intp], moves: Sequence[str]
    ) -> None:
        painter = QPainter(self.image)
        painter.translate(-grid.seen.topLeft())
        self._clear(painter, grid, cells)
        rows, columns = grid.visible()
        row, column = np.divmod(cells, grid.columns)
        seen = (row >= rows.start) & (row < rows.stop)
        seen &= (column >= columns.start) & (column < columns.stop)
        cells, row, column = cells[seen], row[seen], column[seen]
        if len(cells):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            centres = np.stack([column + 0.5, row + 0.5], 1) * grid.side
            centres += [grid.left, grid.top]
            paint_darts(painter, centres, grid.side, darts(p[cells], moves), ink)
        painter.end()

    def _clear(self, painter: QPainter, grid: Grid, cells: NDArray[np.intp]) -> None:
        if 2 * len(cells) > len(self._painted):
            self.image.fill(0)
            return
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for cell in cells.tolist():
            painter.fillRect(grid.rect(divmod(cell, grid.columns)), Qt.GlobalColor.transparent)


def paint_darts(
    painter: QPainter, centres: Floats, side: float, shapes: Darts, ink: QColor
) -> None:
    """Runners-up first, then the leaders on top of them with a gap between."""
    drawn = shapes.drawn & (shapes.leads if side < ONLY_LEADER_BELOW else True)
    moving = drawn & (shapes.radius == 0)
    inks = [QBrush(_faded(ink, level / LEVELS)) for level in range(LEVELS + 1)]
    level = np.rint((1.0 - shapes.mix) * LEVELS).astype(int)
    corners = centres[:, None, None, :] + side * shapes.corners
    _fill(painter, corners, moving & ~shapes.first, level, inks)
    if side >= GAP_FROM:
        for path in paths_of(_outset(corners[shapes.leads & moving], side)[:, None]):
            painter.fillPath(path, inks[0])
    _fill(painter, corners, moving & shapes.first, level, inks)
    painter.setPen(Qt.PenStyle.NoPen)
    for cell, move in np.argwhere(drawn & ~moving).tolist():
        painter.setBrush(inks[level[cell, move]])
        radius = float(side * shapes.radius[cell, move])
        painter.drawEllipse(QPointF(*centres[cell].tolist()), radius, radius)


def _fill(
    painter: QPainter, corners: Floats, chosen: Bools, level: Ints, inks: list[QBrush]
) -> None:
    """Fill the chosen darts [n, A], which have the same level within a cell."""
    counts = chosen.sum(1)
    for count in range(1, chosen.shape[1] + 1):
        cells = counts == count
        points = corners[cells][chosen[cells]].reshape(-1, count, 4, 2)
        levels = level[cells][chosen[cells]].reshape(-1, count)[:, 0].tolist()
        for path, shade in zip(paths_of(points), levels, strict=True):
            painter.fillPath(path, inks[shade])


def _faded(ink: QColor, opacity: float) -> QColor:
    colour = QColor(ink)
    colour.setAlphaF(opacity)
    return colour


def _outset(corners: Floats, side: float) -> Floats:
    """The darts [n, 4, 2], a hair larger all round."""
    gap = max(0.8, 0.012 * side)
    tip, left, notch, right = (corners[:, k] for k in range(4))
    along = tip - (left + right) / 2
    along = along / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    return np.stack(
        [
            tip + 2 * gap * along,
            left - gap * (0.5 * along + 1.3 * across),
            notch - gap * along,
            right - gap * (0.5 * along - 1.3 * across),
        ],
        axis=1,
    )
