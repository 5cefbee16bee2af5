"""What lies over the ground, each on a transparent pixmap of its own that is kept.

Terrain changes with the world; marks (optimal actions, unreachable cells) and visits with what
is known about it.  A layer covers the part of the board that is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from rlxent_core.world import FLOOR, Cell, Teleport, Tile, World, WorldError
from rlxent_gui.canvas.darts import directions
from rlxent_gui.canvas.glyphs import diagonals
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.tiles import NO_BADGES, Badges, paint_marks
from rlxent_gui.cell_words import column_name
from rlxent_gui.theme import Theme, faded

VISIT_LEVELS = 12
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def teleport_badges(world: World) -> dict[Cell, Badges]:
    """A letter for every target in the order of the map, A at its sources and A′ at itself."""
    letters: dict[Cell, str] = {}
    sources: dict[Cell, str] = {}
    for cell in world.cells:
        teleport = world.tile(cell).teleport
        if teleport is not None:
            letter = letters.setdefault(teleport.to, column_name(len(letters)))
            sources[cell] = letter
    return {
        cell: Badges(sources.get(cell, ""), f"{letters[cell]}′" if cell in letters else "")
        for cell in sources.keys() | letters.keys()
    }


def pair_letter(world: World, source: Cell, target: Cell | None) -> str:
    """The letter that a teleport from ``source`` to ``target`` would get in ``world``."""
    try:
        tile = Tile(teleport=Teleport(source if target is None else target))
        return teleport_badges(world.with_tiles({source: tile}))[source].source
    except WorldError:
        return ""


class Layer:
    """A transparent pixmap over the part of the board that is seen."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._key: object = None

    def fresh(self, key: object) -> bool:
        """Whether it must be painted anew because ``key`` differs from the last one."""
        stale, self._key = key != self._key, key
        return stale

    def paint_anew(self, grid: Grid, dpr: float, draw: Callable[[QPainter], None]) -> None:
        """``draw`` paints in the coordinates of the widget."""
        self._pixmap = QPixmap((grid.seen.size() * dpr).toSize())
        self._pixmap.setDevicePixelRatio(dpr)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        self.paint_over(grid, draw)

    def paint_over(self, grid: Grid, draw: Callable[[QPainter], None]) -> None:
        """Paint on what is there."""
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-grid.seen.topLeft())
        draw(painter)
        painter.end()

    def paint(self, painter: QPainter, where: QPointF) -> None:
        if not self._pixmap.isNull():
            painter.drawPixmap(where, self._pixmap)


def seen_cells(grid: Grid) -> list[Cell]:
    rows, columns = grid.visible()
    return [(r, c) for r in rows for c in columns]


def paint_terrain(
    painter: QPainter,
    grid: Grid,
    world: World,
    theme: Theme,
    cells: Iterable[Cell],
    badges: dict[Cell, Badges],
    dpr: float | None = None,
) -> None:
    """Grid lines and marks of ``cells``; plain floor costs next to nothing.

    For pixels, ``dpr`` to one of ours, a tile's marks are painted once and stamped: on a large
    board each by itself would hold up the window for a third of a second.
    """
    stamps: dict[str, QPixmap] = {}
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for cell in cells:
        rect, tile, symbol = grid.rect(cell), world.tile(cell), world.symbol(cell)
        if tile.wall:
            painter.fillRect(rect, theme.wall)
            continue
        # The line belongs to the cell left of and above it.
        painter.fillRect(QRectF(rect.right() - 1, rect.top(), 1, rect.height()), theme.grid)
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.grid)
        badge = badges.get(cell, NO_BADGES)
        if dpr is not None and symbol != FLOOR and badge is NO_BADGES:
            if symbol not in stamps:
                own = QRectF(0, 0, grid.side, grid.side)
                stamps[symbol] = sprite(grid.side, dpr, partial(
                    paint_marks, rect=own, tile=tile, theme=theme
                ))
            painter.drawPixmap(rect.topLeft(), stamps[symbol])
        elif symbol != FLOOR or badge is not NO_BADGES:
            paint_marks(painter, rect, tile, theme, badge)


def clear_cells(painter: QPainter, grid: Grid, cells: Iterable[Cell]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    for cell in cells:
        painter.fillRect(grid.rect(cell), Qt.GlobalColor.transparent)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


class VisitLayer(Layer):
    """Footprints: dots, the larger the more often a cell was visited (by the square root)."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: NDArray[np.int_] = np.empty(0, int)
        self._sprites: list[QPixmap] = []

    def update(
        self, grid: Grid, dpr: float, theme: Theme, visits: Floats, shown: Bools
    ) -> None:
        """Show visits [S] in the cells that are ``shown`` [S]; only what differs is painted."""
        levels = visit_levels(visits, shown)
        if self.fresh((grid, dpr, theme.name)):
            self._sprites = [
                sprite(
                    grid.side, dpr,
                    partial(paint_dots, side=grid.side, level=level, theme=theme),
                )
                for level in range(VISIT_LEVELS + 1)
            ]
            self.paint_anew(grid, dpr, lambda painter: None)
            self._levels = np.zeros_like(levels)
        rows, columns = grid.visible()
        changed = [
            (r, c, int(levels[state]))
            for state in np.flatnonzero(levels != self._levels).tolist()
            if (r := state // grid.columns) in rows and (c := state % grid.columns) in columns
        ]
        self._levels = levels

        def draw(painter: QPainter) -> None:
            clear_cells(painter, grid, [(r, c) for r, c, _ in changed])
            for r, c, level in changed:
                if level:
                    painter.drawPixmap(grid.rect((r, c)).topLeft(), self._sprites[level])

        if changed:
            self.paint_over(grid, draw)


def visit_levels(visits: Floats, shown: Bools) -> NDArray[np.int_]:
    """How strong the footprints of each cell are, 0..VISIT_LEVELS: [S]."""
    counts = np.where(shown, np.nan_to_num(visits), 0.0).clip(0.0)
    share = np.sqrt(counts / (counts.max(initial=0.0) or 1.0))
    return np.asarray(np.ceil(share * VISIT_LEVELS - 1e-9).astype(int))


def paint_dots(painter: QPainter, side: float, level: int, theme: Theme) -> None:
    """Dots along the sides of the cell, so that the darts stay clear."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.ink3, 0.62))
    count = 7 if side >= 40 else 5 if side >= 26 else 3
    step = side / count
    radius = (0.1 + 0.34 * level / VISIT_LEVELS) * step
    for i in range(count):
        for j in range(count):
            if i in (0, count - 1) or j in (0, count - 1):
                painter.drawEllipse(QPointF((i + 0.5) * step, (j + 0.5) * step), radius, radius)


def paint_optimal(
    painter: QPainter,
    grid: Grid,
    optimal: Bools,
    shown: Bools,
    moves: Sequence[str],
    theme: Theme,
    dpr: float,
) -> None:
    """A green chevron at the edge, with a halo, for every optimal action [S, A]."""
    sprites = [
        sprite(grid.side, dpr, partial(paint_chevron, side=grid.side, along=along, theme=theme))
        for along in directions(moves).tolist()
    ]
    for r, c in seen_cells(grid):
        state = r * grid.columns + c
        if shown[state]:
            corner = grid.rect((r, c)).topLeft()
            for action in np.flatnonzero(optimal[state]).tolist():
                painter.drawPixmap(corner, sprites[action])


def paint_chevron(painter: QPainter, side: float, along: list[float], theme: Theme) -> None:
    """At the edge of the cell; where the agent stays, a ring round the middle."""
    x, y = along
    width, wing = max(2.2, 0.03 * side), max(3.0, 0.085 * side)
    centre = QPointF(side / 2, side / 2)
    # A diagonal reaches into its corner.
    reach = (side / 2 - width / 2 - 1.2) / max(abs(x), abs(y), 0.5)
    tip = centre + QPointF(x, y) * reach
    back, across = tip - QPointF(x, y) * (0.62 * wing), QPointF(-y, x) * wing
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, extra in ((theme.floor, 2.4), (theme.opt, 0.0)):
        pen = QPen(colour, width + extra)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if x or y:
            painter.drawPolyline(QPolygonF([back + across, tip, back - across]))
        else:
            painter.drawEllipse(centre, 0.3 * side, 0.3 * side)


def paint_unreachable(
    painter: QPainter, grid: Grid, unreachable: Bools, theme: Theme, dpr: float
) -> None:
    """Vermillion hatching over cells that no start can reach."""
    picture = sprite(grid.side, dpr, lambda p: paint_hatch(p, grid.side, theme.neg))
    for r, c in seen_cells(grid):
        if unreachable[r * grid.columns + c]:
            painter.drawPixmap(grid.rect((r, c)).topLeft(), picture)


def paint_hatch(painter: QPainter, side: float, colour: QColor) -> None:
    inset = min(2.0, 0.04 * side)
    box = QRectF(inset, inset, side - 2 * inset - 1, side - 2 * inset - 1)
    painter.setClipRect(box)
    lines = max(3, min(6, int(side / 5)))
    painter.setPen(QPen(faded(colour, 0.55), max(1.2, min(2.4, 0.045 * side))))
    diagonals(painter, box, side / lines, 2 * lines - 1)


def sprite(side: float, dpr: float, draw: Callable[[QPainter], None]) -> QPixmap:
    """What ``draw`` paints into a cell at (0, 0), to be stamped into many."""
    pixels = max(1, round(side * dpr))
    picture = QPixmap(pixels, pixels)
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return picture
