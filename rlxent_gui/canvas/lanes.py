"""Where the strokes of a walk lie over the board: one a step.  Pure Python, no Qt.

An edge that is walked again gets lanes that keep right, as in traffic: the way back lies on the
other side, the same way again beside the first.  Beyond :data:`LANES` of them one stroke stands
for all, with the sum of their weights.  A bump is a stub towards the wall, staying a ring, and
where a step led farther than to a neighbour (wind, a teleport), it is a jump.

Lengths are in sides of a cell: the middle of cell (r, c) lies at x = c + 0.5, y = r + 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from rlxent_core.world import DIRECTIONS, Cell, World
from rlxent_gui.path_view import PathView

Point = tuple[float, float]
Steps = tuple[int, ...]
Way = tuple[str, Cell, Cell]
"""The kind of a step, from which cell, and to which one or (of a bump) in which direction."""

WALK, BUMP, STAY, JUMP = "walk", "bump", "stay", "jump"
LANES = 3
"""Most strokes side by side in one direction."""
THIN, WIDER = 0.04, 0.155
"""Width of a stroke: THIN + WIDER · |w| / max; less than WIDER, for all strokes alike, where the
lanes of some edge would not fit beside each other."""
NO_CREDIT = 0.018
"""Width of the line where the weight is 0."""
NOTHING = 1e-9
"""Weights this small, relative to the largest, are rounding."""
INNER, GAP, OUTER = 0.05, 0.05, 0.42
"""Lanes begin INNER from the middle of the road, lie GAP apart and end before OUTER."""
SHORTER = 0.1
"""How far from the middle of a cell a lane begins and ends."""
BEFORE = 0.4
"""How far from the middle of a cell that cannot be stood in a stroke ends: its sign stays free."""
STUB, BESIDE = 0.36, 0.11
"""Length of a bump's stub; how far apart stubs of one cell lie."""
RING, AROUND = 0.15, 0.114
"""Radius of the first ring in a cell, and how much larger the next one is."""
BEND, FARTHER = 0.3, 0.2
"""How far aside the first jump bends, and the next one more."""


class Stroke(NamedTuple):
    """One step, or several that were the same.  (A tuple: there may be a thousand of them.)"""

    steps: Steps
    kind: str
    start: Point
    end: Point
    """Of a ring, where it is: the middle of the cell."""
    along: Point
    """The unit vector of its direction; (0, 0) for a ring."""
    weight: float
    width: float
    bend: float = 0.0
    """How far the middle of a jump lies to the right of the straight way."""
    radius: float = 0.0
    """Of a ring."""

    @property
    def after(self) -> Point:
        """Where the walker is then: after a bump, where it began."""
        return self.start if self.kind in (BUMP, STAY) else self.end

    @property
    def tip(self) -> Point:
        """Where the line ends: of a bump short of the head of the T, which is at ``end``."""
        if self.kind != BUMP:
            return self.end
        (x, y), less = self.along, self.width / 2
        return self.end[0] - x * less, self.end[1] - y * less

    @property
    def middle(self) -> Point:
        x, y = self.along
        return (
            (self.start[0] + self.end[0]) / 2 - y * self.bend,
            (self.start[1] + self.end[1]) / 2 + x * self.bend,
        )

    def distance(self, x: float, y: float) -> float:
        """From a point to the middle of the line."""
        if self.kind == STAY:
            return abs(math.hypot(x - self.start[0], y - self.start[1]) - self.radius)
        if not self.bend:
            return _distance(self.start, self.end, x, y)
        points = [self.at(k / 12) for k in range(13)]
        return min(_distance(one, other, x, y) for one, other in pairwise(points))

    @property
    def control(self) -> Point:
        """Of the quadratic curve that a jump is."""
        x, y = self.along
        return self.middle[0] - y * self.bend, self.middle[1] + x * self.bend

    def at(self, part: float) -> Point:
        """The point so far (0..1) along the curve."""
        a, b, c = (1 - part) ** 2, 2 * part * (1 - part), part**2
        return (
            a * self.start[0] + b * self.control[0] + c * self.end[0],
            a * self.start[1] + b * self.control[1] + c * self.end[1],
        )


class Trail(NamedTuple):
    """All that is drawn of a walk."""

    strokes: tuple[Stroke, ...]
    links: tuple[tuple[Point, Point], ...]
    """From the end of a stroke to the beginning of the next one."""
    respawns: tuple[tuple[Point, Point], ...]
    """From where a step landed to where the next one began."""
    summed: bool
    """Whether some stroke stands for several steps."""

    def stroke_of(self, step: int | None) -> Stroke | None:
        """The stroke that shows the step."""
        return next((stroke for stroke in self.strokes if step in stroke.steps), None)


def trail(path: PathView, world: World) -> Trail:
    """The strokes of ``path`` from its step ``first`` on, which was walked in ``world``."""
    groups = _ways(path, world)
    lanes: dict[Way, list[Steps]] = {
        way: [(t,) for t in steps] if len(steps) <= LANES else [tuple(steps)]
        for way, steps in groups.items()
    }
    weights = path.weights.tolist()
    added = {steps: sum(weights[t] for t in steps) for way in lanes.values() for steps in way}
    most = max(map(abs, added.values()), default=0.0)
    crowds = ((way[0], [added[s] for s in own]) for way, own in lanes.items() if len(own) > 1)
    wider = min((_room(kind, own, most) for kind, own in crowds), default=WIDER)
    strokes: list[Stroke] = []
    for way, own in lanes.items():
        short = way[0] in (WALK, JUMP) and not world.tile(way[2]).standable
        widths = [width_of(added[steps], most, wider) for steps in own]
        strokes += _strokes(way, own, lanes, added, widths, world, BEFORE if short else 0.0)
    if path.first:
        strokes = [part for s in strokes if (part := _from(s, path.first, weights, most, wider))]
    strokes.sort(key=lambda stroke: stroke.steps[0])
    links, respawns = _links(path, strokes)
    return Trail(
        tuple(strokes), tuple(links), tuple(respawns), any(len(s.steps) > 1 for s in strokes)
    )


def steps_at(found: Trail, path: PathView, x: float, y: float, slack: float) -> Steps:
    """The steps whose stroke is within ``slack`` of a point; else those taken in its cell.

    In the cell where the walk ended that is its last step.
    """
    near = [s for s in found.strokes if s.distance(x, y) <= s.width / 2 + slack]
    if near:
        return tuple(sorted(t for stroke in near for t in stroke.steps))
    cell = (math.floor(y), math.floor(x))
    taken = tuple(t for t in range(path.first, len(path.cells)) if path.cells[t] == cell)
    if not taken and path.landings and path.landings[-1] == cell:
        return (len(path.cells) - 1,)
    return taken


def sums(path: PathView, world: World) -> bool:
    """Whether some stroke of the whole path stands for several steps."""
    return any(len(steps) > LANES for steps in _ways(path, world).values())


def _ways(path: PathView, world: World) -> dict[Way, list[int]]:
    """The steps of every way, in the order they were taken."""
    groups: dict[Way, list[int]] = {}
    for t in range(len(path.cells)):
        groups.setdefault(_way(path, t, world), []).append(t)
    return groups


def _way(path: PathView, t: int, world: World) -> Way:
    cell, landing = path.cells[t], path.landings[t]
    rows, columns = landing[0] - cell[0], landing[1] - cell[1]
    if rows or columns:
        return (WALK if max(abs(rows), abs(columns)) == 1 else JUMP), cell, landing
    tile = world.tile(cell)
    sign = -1 if tile.reversed else 1
    rows, columns = (sign * part for part in DIRECTIONS[path.actions[t]])
    ahead = (cell[0] + rows, cell[1] + columns)
    blocked = not world.contains(ahead) or world.tile(ahead).wall
    # It may have slipped into another wall, been blown back, or left by an exit: then it stayed.
    if (rows or columns) and blocked and tile.exit is None:
        return BUMP, cell, (rows, columns)
    return STAY, cell, cell


def _room(kind: str, weights: list[float], most: float) -> float:
    """The most that WIDER may be for these strokes of one way, two at least, to lie apart."""
    if not most > 0:
        return WIDER
    parts = [abs(weight) / most for weight in weights]
    if kind == WALK:
        room = OUTER - INNER - (len(parts) - 1) * GAP - len(parts) * THIN
        needs = sum(parts)
    else:
        room = {BUMP: BESIDE, STAY: AROUND, JUMP: FARTHER}[kind] - GAP / 2 - THIN
        needs = max(parts)
    return min(WIDER, room / needs) if needs > 0 else WIDER


def _bends(way: Way, widths: list[float], world: World) -> list[float]:
    """How far jumps bend to the right, without leaving the board."""
    _, (row, column), (to_row, to_column) = way
    rows, columns = to_row - row, to_column - column
    length, half = math.hypot(rows, columns), max(widths) / 2
    room = math.inf
    for place, part, size in (
        ((column + to_column + 1) / 2, -rows / length, world.columns),
        ((row + to_row + 1) / 2, columns / length, world.rows),
    ):
        if part:
            room = min(room, ((size - place if part > 0 else place) - half) / abs(part))
    farthest = BEND + (len(widths) - 1) * FARTHER
    return [(BEND + k * FARTHER) * min(1.0, room / farthest) for k in range(len(widths))]


def _strokes(
    way: Way, own: list[Steps], lanes: dict[Way, list[Steps]], added: dict[Steps, float],
    widths: list[float], world: World, before: float,
) -> Iterable[Stroke]:
    """The strokes of one way, the first innermost; they end so far ``before`` where they lead."""
    kind, cell, to = way
    middle = (cell[1] + 0.5, cell[0] + 0.5)
    if kind == STAY:
        for k, steps in enumerate(own):
            yield Stroke(steps, kind, middle, middle, (0.0, 0.0), added[steps], widths[k],
                         radius=RING + k * AROUND)
        return
    if kind == BUMP:
        rows, columns = to
    else:
        rows, columns = to[0] - cell[0], to[1] - cell[1]
    length = math.hypot(rows, columns)
    x, y = columns / length, rows / length
    if kind == BUMP:
        for k, steps in enumerate(own):
            aside = (k - (len(own) - 1) / 2) * BESIDE
            start = (middle[0] - y * aside, middle[1] + x * aside)
            end = (start[0] + x * STUB, start[1] + y * STUB)
            yield Stroke(steps, kind, start, end, (x, y), added[steps], widths[k])
        return
    end = (to[1] + 0.5 - x * before, to[0] + 0.5 - y * before)
    if kind == JUMP:
        for steps, width, bend in zip(own, widths, _bends(way, widths, world), strict=True):
            yield Stroke(steps, kind, middle, end, (x, y), added[steps], width, bend)
        return
    if len(own) == 1 and (kind, to, cell) not in lanes:
        yield Stroke(own[0], kind, middle, end, (x, y), added[own[0]], widths[0])
        return
    less = 0.0 if before else SHORTER
    for steps, width, aside in zip(own, widths, _asides(widths), strict=True):
        yield Stroke(
            steps, kind,
            (middle[0] - y * aside + x * SHORTER, middle[1] + x * aside + y * SHORTER),
            (end[0] - y * aside - x * less, end[1] + x * aside - y * less),
            (x, y), added[steps], width,
        )


def _asides(widths: list[float]) -> list[float]:
    """How far right of the middle of the road the lanes lie."""
    edge, asides = INNER, []
    for width in widths:
        asides.append(edge + width / 2)
        edge += width + GAP
    return asides


def width_of(weight: float, most: float, wider: float = WIDER) -> float:
    """Of a stroke, where the largest weight is ``most``; what is no finite number has no width."""
    if not abs(weight) > max(NOTHING * most, 1e-12):
        return NO_CREDIT
    return THIN + wider * min(abs(weight) / most, 1.0)


def _from(
    stroke: Stroke, first: int, weights: list[float], most: float, wider: float
) -> Stroke | None:
    """What is there of the stroke when only steps from ``first`` on are."""
    steps = tuple(t for t in stroke.steps if t >= first)
    if len(steps) == len(stroke.steps):
        return stroke
    if not steps:
        return None
    weight = sum(weights[t] for t in steps)
    return stroke._replace(steps=steps, weight=weight, width=width_of(weight, most, wider))


def _links(
    path: PathView, strokes: list[Stroke]
) -> tuple[list[tuple[Point, Point]], list[tuple[Point, Point]]]:
    """Short ways between lanes, and the jumps that no action made."""
    alone = {stroke.steps[0]: stroke for stroke in strokes if len(stroke.steps) == 1}
    links: dict[tuple[Point, Point], None] = {}
    respawns: dict[tuple[Point, Point], None] = {}
    for t in range(path.first, len(path.cells) - 1):
        landing, following = path.landings[t], path.cells[t + 1]
        if landing != following:
            respawns[(landing[1] + 0.5, landing[0] + 0.5),
                     (following[1] + 0.5, following[0] + 0.5)] = None
        elif t in alone and t + 1 in alone:
            one, other = alone[t].after, alone[t + 1].start
            if math.hypot(one[0] - other[0], one[1] - other[1]) > NO_CREDIT:
                links[one, other] = None
    return list(links), list(respawns)


def _distance(one: Point, other: Point, x: float, y: float) -> float:
    """From (x, y) to the way between two points."""
    along = (other[0] - one[0], other[1] - one[1])
    square = along[0] ** 2 + along[1] ** 2
    part = ((x - one[0]) * along[0] + (y - one[1]) * along[1]) / square if square else 0.0
    part = min(max(part, 0.0), 1.0)
    return math.hypot(x - one[0] - part * along[0], y - one[1] - part * along[1])
