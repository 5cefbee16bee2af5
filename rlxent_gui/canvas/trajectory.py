"""A walk over the board: blue strokes are pushed up, vermillion ones down, thin lines neither.

What is pushed down is hatched as well, so that it is told apart without colour.  Everything is
drawn as shapes alone, so that it can go on paper; on the screen it is kept as a layer, and only
the chosen step is painted afresh.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from rlxent_core.world import World
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.lanes import BUMP, JUMP, NO_CREDIT, STAY, Point, Stroke, Trail, trail
from rlxent_gui.canvas.layers import Layer
from rlxent_gui.path_view import PathView
from rlxent_gui.theme import BOLD, SEMIBOLD, Theme, appearance, faded

Floats = NDArray[np.float64]

HALO = 1.6
"""Pixels of floor around a stroke, so that it shows on every tile."""
LEAST = 1.5
"""Pixels that every stroke is wide."""
CHEVRONS_FROM, HALO_FROM, COUNTS_FROM = 15, 26, 40
"""Sides of a cell, in pixels, from which directions, halos and counts are drawn."""
CHEVRON_ON = 7.0
"""Width, in pixels, from which the chevron lies within the stroke."""

CROWDED = 250
"""Strokes from which their ends are cut square and not tied together: round ends cost four times
as much, and nobody follows a thread through so many."""
AT_ONCE = 80
"""Heads that are filled together: one by one they cost more, and a thousand at once as well."""

FLAT, ROUND = Qt.PenCapStyle.FlatCap, Qt.PenCapStyle.RoundCap


class TrajectoryLayer(Layer):
    """Remembers what it has painted; :meth:`paint_step` marks the chosen step on top."""

    def __init__(self) -> None:
        super().__init__()
        self._path: PathView | None = None
        self._world: World | None = None
        self._grid: Grid | None = None
        self._theme: Theme | None = None
        self.trail = Trail((), (), (), False)

    def update(self, grid: Grid, dpr: float, theme: Theme, world: World, path: PathView) -> None:
        """Show ``path``, which was walked in ``world``."""
        if self._path is None or world is not self._world or not same_walk(self._path, path):
            self.trail = trail(path, world)
        self._path, self._world, self._grid, self._theme = path, world, grid, theme
        if self.fresh((grid, dpr, theme.name, id(self.trail))):
            self.paint_anew(
                grid, dpr, lambda painter: paint_trail(painter, grid, theme, self.trail)
            )

    def paint_step(self, painter: QPainter) -> None:
        """The mark of the step that is chosen."""
        if self._path is not None and self._grid is not None and self._theme is not None:
            paint_step(painter, self._grid, self._theme, self.trail, self._path.step)


def same_walk(one: PathView, other: PathView) -> bool:
    """Whether two paths look the same, save for the step that is chosen."""
    return one is other or (
        one.first == other.first
        and (one.weights is other.weights or np.array_equal(one.weights, other.weights))
        and one.cells == other.cells
        and one.landings == other.landings
        and one.actions == other.actions
    )


def paint_trail(painter: QPainter, grid: Grid, theme: Theme, found: Trail) -> None:
    """All strokes, the widest below, and the thin ways between them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if grid.side >= HALO_FROM:
        _draw_all(painter, grid, found.strokes, theme, halo=True)
    if found.links and len(found.strokes) < CROWDED:
        links = [QLineF(_at(grid, one), _at(grid, other)) for one, other in found.links]
        painter.setPen(_pen(theme.ink3, max(1.2, NO_CREDIT * grid.side), FLAT))
        painter.drawLines(links)
    for one, other in found.respawns:
        _draw_respawn(painter, grid, theme, one, other)
    _draw_all(painter, grid, found.strokes, theme)
    _hatch(painter, grid, theme, found.strokes)
    if grid.side >= CHEVRONS_FROM:
        _heads(painter, grid, theme, found.strokes)
    if found.summed and grid.side >= COUNTS_FROM:
        _counts(painter, grid, theme, found.strokes)


def paint_step(
    painter: QPainter, grid: Grid, theme: Theme, found: Trail, step: int | None
) -> None:
    """The stroke of the step with an edge of ink, and a disc with its number where it began."""
    stroke = found.stroke_of(step)
    if stroke is None:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    edge = max(1.5, 0.022 * grid.side)
    _draw(painter, grid, stroke, theme.surface, 2 * edge + 2 * HALO)
    _draw(painter, grid, stroke, theme.ink, 2 * edge)
    _draw(painter, grid, stroke, colour_of(stroke, theme))
    _hatch(painter, grid, theme, [stroke])
    _heads(painter, grid, theme, [stroke])
    here = _at(grid, stroke.start)
    radius = _disc(grid)
    painter.setPen(QPen(theme.surface, _disc_edge(grid)))
    painter.setBrush(theme.ink)
    painter.drawEllipse(here, radius, radius)
    text = str(step)
    font = appearance().font(1, BOLD)
    font.setPixelSize(max(7, round(radius * (1.15 if len(text) < 3 else 2.5 / len(text)))))
    painter.setFont(font)
    painter.setPen(theme.surface)
    disc = QRectF(here.x() - radius, here.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text)
    if found.summed and grid.side >= COUNTS_FROM:
        # Those that the edge of ink and the disc have covered.
        reach = width_in_pixels(stroke, grid) / 2 + edge + HALO
        marked = QRectF(here, _at(grid, stroke.end)).normalized()
        marked = marked.adjusted(-reach, -reach, reach, reach).united(disc)
        _counts(painter, grid, theme, found.strokes, marked)


def colour_of(stroke: Stroke, theme: Theme) -> QColor:
    """Of the direction in which its logit moves."""
    if stroke.width == NO_CREDIT:
        return theme.ink3
    return theme.pos if stroke.weight > 0 else theme.neg


def width_in_pixels(stroke: Stroke, grid: Grid) -> float:
    return max(LEAST, stroke.width * grid.side)


def _at(grid: Grid, point: Point) -> QPointF:
    return QPointF(grid.left + point[0] * grid.side, grid.top + point[1] * grid.side)


def _pen(colour: QColor, width: float, cap: Qt.PenCapStyle = ROUND) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, cap, Qt.PenJoinStyle.RoundJoin)


class _Lines:
    """Lines by colour and width: drawn together they cost a fifth."""

    def __init__(self) -> None:
        self._by_pen: dict[tuple[float, int], tuple[QColor, list[QLineF]]] = {}

    def add(self, line: QLineF, width: float, colour: QColor) -> None:
        key = (-round(4 * width) / 4, colour.rgba())
        self._by_pen.setdefault(key, (colour, []))[1].append(line)

    def draw(self, painter: QPainter, cap: Qt.PenCapStyle) -> None:
        """The widest first."""
        for (width, _), (colour, lines) in sorted(self._by_pen.items(), key=lambda item: item[0]):
            painter.setPen(_pen(colour, -width, cap))
            painter.drawLines(lines)


def _draw_all(
    painter: QPainter, grid: Grid, strokes: Sequence[Stroke], theme: Theme, halo: bool = False
) -> None:
    """The bare strokes, or the halos below them."""
    lines, side, left, top = _Lines(), grid.side, grid.left, grid.top
    for stroke in strokes:
        colour = theme.floor if halo else colour_of(stroke, theme)
        wider = 2 * HALO if halo else 0.0
        if stroke.kind in (STAY, JUMP):
            _draw(painter, grid, stroke, colour, wider)
            continue
        (x1, y1), (x2, y2) = stroke.start, stroke.tip
        line = QLineF(left + x1 * side, top + y1 * side, left + x2 * side, top + y2 * side)
        lines.add(line, width_in_pixels(stroke, grid) + wider, colour)
        if stroke.kind == BUMP:
            lines.add(_head_of_t(grid, stroke), _thickness(grid) + wider, colour)
    fine = side >= HALO_FROM and len(strokes) < CROWDED
    lines.draw(painter, ROUND if fine else Qt.PenCapStyle.SquareCap)


def _head_of_t(grid: Grid, stroke: Stroke) -> QLineF:
    end, (x, y) = _at(grid, stroke.end), stroke.along
    across = QPointF(-y, x) * ((0.09 + 0.6 * stroke.width) * grid.side)
    return QLineF(end - across, end + across)


def _thickness(grid: Grid) -> float:
    """Of the head of a T."""
    return max(LEAST, 0.045 * grid.side)


def _draw(
    painter: QPainter, grid: Grid, stroke: Stroke, colour: QColor, wider: float = 0.0
) -> None:
    """One stroke in one colour, so many pixels wider than it is."""
    pen = _pen(colour, width_in_pixels(stroke, grid) + wider)
    start, end = _at(grid, stroke.start), _at(grid, stroke.tip)
    if stroke.kind == JUMP and not wider:
        dash = max(3.0, 0.09 * grid.side) / pen.widthF()
        pen.setCapStyle(FLAT)
        pen.setDashPattern([dash, 0.6 * dash])
    painter.setPen(pen)
    if stroke.kind == STAY:
        radius = stroke.radius * grid.side
        painter.drawEllipse(start, radius, radius)
    elif stroke.kind == JUMP:
        painter.drawPath(_curve(grid, stroke))
    else:
        painter.drawLine(QLineF(start, end))
        if stroke.kind == BUMP:
            painter.setPen(_pen(colour, _thickness(grid) + wider))
            painter.drawLine(_head_of_t(grid, stroke))


def _curve(grid: Grid, stroke: Stroke) -> QPainterPath:
    path = QPainterPath(_at(grid, stroke.start))
    path.quadTo(_at(grid, stroke.control), _at(grid, stroke.end))
    return path


def _draw_respawn(
    painter: QPainter, grid: Grid, theme: Theme, one: Point, other: Point
) -> None:
    """A thin dashed way that no action took: back to a start."""
    x, y = other[0] - one[0], other[1] - one[1]
    length = math.hypot(x, y)
    jump = Stroke((), JUMP, one, other, (x / length, y / length), 0.0, NO_CREDIT, bend=0.3)
    for colour, wider in ((theme.floor, 2 * HALO), (theme.ink3, 0.0)):
        _draw(painter, grid, jump, colour, wider)
    _heads(painter, grid, theme, [jump])


def _hatch(painter: QPainter, grid: Grid, theme: Theme, strokes: Sequence[Stroke]) -> None:
    """Stripes of floor across what is pushed down; on what is thin they make dashes of it."""
    slanted: list[QLineF] = []
    straight: list[QLineF] = []
    gap = max(5.5, 0.085 * grid.side)
    for stroke in strokes:
        if stroke.weight >= 0 or stroke.width == NO_CREDIT or stroke.kind == JUMP:
            continue
        width = width_in_pixels(stroke, grid)
        thin = width < 4.5
        if stroke.kind == STAY:
            (straight if thin else slanted).extend(_spokes(grid, stroke, width, gap))
            continue
        x, y = stroke.along
        # Diagonal in the stroke's own frame, from edge to edge.
        half = width / 2 + (0.6 if thin else -0.3)
        slant = 0.0 if thin else half
        start = _at(grid, stroke.start)
        length = grid.side * math.hypot(
            stroke.end[0] - stroke.start[0], stroke.end[1] - stroke.start[1]
        )
        count = max(1, int(length / gap))
        lines = straight if thin else slanted
        for k in range(count):
            u = (k + 0.5) * length / count
            centre_x, centre_y = start.x() + u * x, start.y() + u * y
            to_x, to_y = slant * x - half * y, slant * y + half * x
            lines.append(QLineF(centre_x - to_x, centre_y - to_y, centre_x + to_x, centre_y + to_y))
    for lines, width, colour in (
        (slanted, max(1.3, 0.017 * grid.side), faded(theme.floor, 0.8)),
        (straight, max(1.8, 0.02 * grid.side), theme.floor),
    ):
        if lines:
            painter.setPen(_pen(colour, width, FLAT))
            painter.drawLines(lines)


def _spokes(grid: Grid, stroke: Stroke, width: float, gap: float) -> list[QLineF]:
    """Stripes across a ring."""
    centre, radius = _at(grid, stroke.start), stroke.radius * grid.side
    count = max(6, int(2 * math.pi * radius / gap))
    lines = []
    for k in range(count):
        way = QPointF(math.cos(2 * math.pi * k / count), math.sin(2 * math.pi * k / count))
        inner, outer = radius - width / 2, radius + width / 2
        lines.append(QLineF(centre + way * inner, centre + way * outer))
    return lines


def _heads(painter: QPainter, grid: Grid, theme: Theme, strokes: Sequence[Stroke]) -> None:
    """Which way each stroke goes: a chevron of floor on a wide one, a head on a thin one."""
    going = [stroke for stroke in strokes if stroke.kind not in (STAY, BUMP)]
    if not going:
        return
    side = grid.side
    width = np.array([stroke.width for stroke in going]) * side
    along = np.array([stroke.along for stroke in going])
    middle = np.array([stroke.middle for stroke in going]) * side + (grid.left, grid.top)
    role = np.array([0 if s.width == NO_CREDIT else 1 if s.weight > 0 else 2 for s in going])
    colours = (theme.ink3, theme.pos, theme.neg)
    wide = width >= CHEVRON_ON

    wing = 0.3 * width[wide]
    chevrons = _corners(middle[wide] + 0.5 * wing[:, None] * along[wide], along[wide], wing, wing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for points, thick, k in zip(
        chevrons.tolist(), width[wide].tolist(), role[wide].tolist(), strict=True
    ):
        chevron = QPolygonF([QPointF(x, y) for x, y in points])
        # Stripes keep off it.
        for colour, pen in ((colours[k], 0.36 * thick), (theme.floor, max(1.6, 0.13 * thick))):
            painter.setPen(_pen(colour, pen))
            painter.drawPolyline(chevron)

    way, thin = along[~wide], width[~wide]
    wing = np.maximum(max(2.3, 0.045 * side), 0.85 * thin)
    tip = middle[~wide] + 0.9 * wing[:, None] * way
    if side >= HALO_FROM:
        halos = _corners(tip + 2.6 * way, way, 1.8 * wing + 3.9, wing + 2.2)
        _fill(painter, halos, theme.floor)
    heads = _corners(tip, way, 1.8 * wing, wing)
    for k, colour in enumerate(colours):
        _fill(painter, heads[role[~wide] == k], colour)


def _corners(tip: Floats, along: Floats, long: Floats, wing: Floats) -> Floats:
    """The three corners of arrows' ends, [n, 3, 2]; tips and directions are [n, 2]."""
    back = tip - long[:, None] * along
    across = wing[:, None] * np.stack([-along[:, 1], along[:, 0]], 1)
    return np.stack([back + across, tip, back - across], 1)


def _fill(painter: QPainter, triangles: Floats, colour: QColor) -> None:
    """Triangles [n, 3, 2] in one colour."""
    for first in range(0, len(triangles), AT_ONCE):
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        for (ax, ay), (bx, by), (cx, cy) in triangles[first : first + AT_ONCE].tolist():
            path.moveTo(ax, ay)
            path.lineTo(bx, by)
            path.lineTo(cx, cy)
            path.closeSubpath()
        painter.fillPath(path, colour)


def count_box(grid: Grid, stroke: Stroke, width: float, height: float) -> QRectF:
    """Where the count of a stroke lies: beside it, clear of the disc where it begins."""
    x, y = stroke.along if stroke.kind != STAY else (0.7, -0.7)
    aside = width_in_pixels(stroke, grid) / 2 + stroke.radius * grid.side + 2
    aside += (abs(y) * width + abs(x) * height) / 2
    if stroke.kind == BUMP:
        # Its stub is so short that the count lies beside the disc as well.
        clear = _disc(grid) + _disc_edge(grid) + (abs(x) * width + abs(y) * height) / 2
        on = _at(grid, stroke.start) + QPointF(x, y) * clear
        # To the left: on the right lie the counts of the lanes that come in.
        aside = -aside
    else:
        on = _at(grid, stroke.at(0.0 if stroke.kind == STAY else 0.76))
    centre = on + QPointF(-y, x) * aside
    box, board = QRectF(0, 0, width, height), grid.board
    box.moveCenter(centre)
    box.moveLeft(min(max(box.x(), board.left()), board.right() - width))
    box.moveTop(min(max(box.y(), board.top()), board.bottom() - height))
    return box


def _disc(grid: Grid) -> float:
    """Radius of the disc of the chosen step."""
    return max(7.5, 0.165 * grid.side)


def _disc_edge(grid: Grid) -> float:
    """Width of the line around it."""
    return max(1.6, 0.03 * grid.side)


def _counts(
    painter: QPainter, grid: Grid, theme: Theme, strokes: Sequence[Stroke],
    over: QRectF | None = None,
) -> None:
    """ "×7" beside a stroke that stands for seven steps; only those ``over`` some place, if any."""
    font = appearance().font(1, SEMIBOLD)
    font.setPixelSize(round(min(max(9.0, 0.125 * grid.side), 16.0)))
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    for stroke in strokes:
        if len(stroke.steps) == 1:
            continue
        text = f"×{len(stroke.steps)}"
        box = count_box(grid, stroke, metrics.horizontalAdvance(text) + 4, metrics.capHeight() + 4)
        if over is not None and not box.intersects(over):
            continue
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.floor, 0.88))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.ink2)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
