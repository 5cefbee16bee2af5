"""The board painted at once, without kept layers: for pictures and print.

Everything is drawn as shapes by what paints the screen's layers, so that a vector format gets no
bitmap; and with no pixmap, so that it may be done outside the thread of the window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from rlxent_core.world import World
from rlxent_gui.canvas import ground, layers, live
from rlxent_gui.canvas.dart_layer import ONLY_LEADER_BELOW
from rlxent_gui.canvas.dart_sprites import GAP_FROM, Floats, rims
from rlxent_gui.canvas.darts import corners, darts, directions, stay_radius
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.lanes import trail
from rlxent_gui.canvas.paper_numbers import PaperNumbers
from rlxent_gui.canvas.picture import FADED, Shown
from rlxent_gui.canvas.trajectory import paint_step, paint_trail
from rlxent_gui.theme import Appearance
from rlxent_gui.view_state import BoardView

LAP = 0.35
"""Pixels that a cell's ground reaches below its neighbours', so that no seam shows when scaled."""


def paint_board(painter: QPainter, grid: Grid, look: Appearance, view: BoardView) -> None:
    """The whole board with its frame and margins; not what is there for the pointer alone."""
    world, theme = view.world, look.theme
    shown = Shown(world, view)
    stands = ground.cells_where(world, lambda tile: tile.standable)
    acts = ground.cells_where(world, lambda tile: tile.standable and tile.exit is None)
    walls = ground.cells_where(world, lambda tile: tile.wall)
    cells = [(r, c) for r in range(grid.rows) for c in range(grid.columns)]

    colours = ground.ground_colours(world, theme)
    if shown.values is not None:
        colours = ground.tinted(colours, np.asarray(shown.values, float), stands, theme)
    elif shown.path is not None:
        colours = ground.costs_tinted(colours, world, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for cell, rgb in zip(cells, np.rint(colours).astype(int).tolist(), strict=True):
        lap = QRectF(grid.rect(cell).adjusted(0, 0, LAP, LAP)).intersected(grid.board)
        painter.fillRect(lap, QColor(*rgb))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def in_cell(state: int) -> QPainter:
        painter.save()
        painter.translate(grid.rect(cells[state]).topLeft())
        return painter

    if shown.visits is not None:
        levels = layers.visit_levels(np.asarray(shown.visits, float), stands)
        for state in np.flatnonzero(levels).tolist():
            layers.paint_dots(in_cell(state), grid.side, int(levels[state]), theme)
            painter.restore()
    layers.paint_terrain(painter, grid, world, theme, cells, layers.teleport_badges(world))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    by_move, numbers = shown.numbers == "actions", None
    if shown.figures is not None:
        numbers = PaperNumbers(
            grid, theme, np.asarray(shown.figures, float), acts if by_move else stands,
            badged=ground.cells_where(world, lambda t: t.start > 0 or bool(t.teleport)),
            moves=world.moves if by_move else (), whole=shown.numbers == "visits",
            edge=0.09 if not by_move else 0.13 if shown.optimal is not None else 0.05,
        )
    if shown.probabilities is not None:
        p = np.where(acts[:, None], np.nan_to_num(np.asarray(shown.probabilities, float)), 0.0)
        below = by_move and numbers is not None and numbers.written
        painter.setOpacity(FADED if below or shown.path is not None else 1.0)
        paint_darts(painter, grid, theme.ink, p, world.moves)
        painter.setOpacity(1.0)
    if shown.optimal is not None:
        along = directions(world.moves).tolist()
        for state in np.flatnonzero(acts).tolist():
            for action in np.flatnonzero(shown.optimal[state]).tolist():
                layers.paint_chevron(in_cell(state), grid.side, along[action], theme)
                painter.restore()
    if shown.unreachable is not None:
        for state in np.flatnonzero(shown.unreachable & ~walls).tolist():
            layers.paint_hatch(in_cell(state), grid.side, theme.neg)
            painter.restore()
    found = trail(shown.path, world) if shown.path is not None else None
    if found is not None:
        paint_trail(painter, grid, theme, found)
    if numbers is not None:
        numbers.paint(painter)
    if found is not None and shown.path is not None:
        paint_step(painter, grid, theme, found, shown.path.step)
    _finish(painter, grid, look, view, world)


def _finish(
    painter: QPainter, grid: Grid, look: Appearance, view: BoardView, world: World
) -> None:
    if view.token is not None and world.contains(view.token.cell):
        token = view.token if view.path is None else view.token._replace(before=None)
        live.paint_token(painter, grid, token, look.theme)
    live.paint_frame(painter, grid, look.theme, False)
    live.paint_margins(painter, grid, look)


def paint_darts(
    painter: QPainter, grid: Grid, ink: QColor, probabilities: Floats, moves: Sequence[str]
) -> None:
    """Darts for probabilities [S, A]; where they overlap, the one with more ink covers the other.

    As on the screen (:mod:`rlxent_gui.canvas.dart_sprites`), a leader keeps a gap to the others.
    """
    shapes, along = darts(probabilities), directions(moves)
    drawn = shapes.drawn & shapes.leads if grid.side < ONLY_LEADER_BELOW else shapes.drawn
    alpha = 1.0 - shapes.mix
    apart = shapes.leads & (grid.side >= GAP_FROM)
    # First whoever covers the others.
    order = np.argsort(-(alpha + apart), axis=1, kind="stable")
    polygons = np.stack([
        corners(probabilities[:, a], shapes.leads[:, a], along[a]) for a in range(len(moves))
    ], 1) * grid.side
    for state in np.flatnonzero(drawn.any(1)).tolist():
        centre = grid.rect(divmod(state, grid.columns)).center()
        covered = QPainterPath()
        for a in order[state].tolist():
            if not drawn[state, a]:
                continue
            path = _dart(polygons[state, a], centre, along[a], grid.side, probabilities[state, a])
            whole = path
            if not covered.isEmpty() and covered.intersects(path):
                path = path.subtracted(covered)
            if not path.isEmpty():
                painter.fillPath(path, _inked(ink, float(alpha[state, a])))
            if apart[state, a] and along[a].any():
                rim = rims(polygons[state, a][None], grid.side, along[a])[0]
                whole = _polygon(rim, centre)
            covered = covered.united(whole)


def _dart(
    polygon: Floats, centre: QPointF, along: Floats, side: float, probability: float
) -> QPainterPath:
    if along.any():
        return _polygon(polygon, centre)
    radius = float(side * stay_radius(np.asarray(probability)))
    path = QPainterPath()
    path.addEllipse(centre, radius, radius)
    return path


def _polygon(points: Floats, centre: QPointF) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([centre + QPointF(x, y) for x, y in points.tolist()]))
    path.closeSubpath()
    return path


def _inked(ink: QColor, alpha: float) -> QColor:
    colour = QColor(ink)
    colour.setAlphaF(min(max(alpha, 0.0), 1.0))
    return colour
