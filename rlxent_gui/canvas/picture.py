"""The board's kept layers: each is painted anew only when what it shows has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from rlxent_core.world import Cell, World
from rlxent_gui.canvas import ground, layers
from rlxent_gui.canvas.dart_layer import SEEN, DartLayer
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.layers import Layer, VisitLayer
from rlxent_gui.canvas.number_layer import NumberLayer
from rlxent_gui.canvas.tiles import NO_BADGES, Badges
from rlxent_gui.canvas.trajectory import TrajectoryLayer
from rlxent_gui.display import unchanged
from rlxent_gui.path_view import PathView
from rlxent_gui.theme import Theme
from rlxent_gui.view_state import BoardView

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]

SHADE = 0.002
"""A change of V by this much of the largest is half a step of an 8-bit colour."""
FADED = 0.22
"""How much of the darts is left below a path, or numbers that lie on them."""


class _Same:
    """Equal only to itself: arrays in a key are compared by identity, and kept alive by it."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    __hash__ = None  # type: ignore[assignment]


class BoardPicture:
    """Ground, visits, terrain, darts, marks, path and numbers of a world, from below to above."""

    def __init__(self) -> None:
        self._ground = ground.GroundPicture()
        self._darts = DartLayer()
        self._terrain, self._visits, self._marks = Layer(), VisitLayer(), Layer()
        self._numbers, self.trajectory = NumberLayer(), TrajectoryLayer()
        self._ground_key: object = None
        self._world: World | None = None
        self._colours = np.empty((0, 3))
        self._walls = np.empty(0, bool)
        self._stands = np.empty(0, bool)
        self._acts = np.empty(0, bool)
        self._badged = np.empty(0, bool)
        self._badges: dict[Cell, Badges] = {}
        self._theme: Theme | None = None

    def paint(
        self,
        painter: QPainter,
        grid: Grid,
        dpr: float,
        theme: Theme,
        world: World,
        view: BoardView | None,
    ) -> None:
        """Bring the layers up to date and paint them at the part of the board that is seen."""
        self._know(grid, dpr, theme, world)
        shown = Shown(world, view)
        where = grid.seen.topLeft()
        painter.setClipRect(grid.seen)
        self._paint_ground(grid, dpr, theme, world, shown)
        self._ground.paint(painter, where)
        if shown.visits is not None:
            counts = np.asarray(shown.visits, float)
            self._visits.update(grid, dpr, theme, counts, self._stands)
            self._visits.paint(painter, where)
        self._terrain.paint(painter, where)
        if shown.figures is not None:
            self._update_numbers(grid, dpr, theme, world, shown)
        if shown.probabilities is not None:
            p = np.asarray(shown.probabilities, float)
            self._darts.update(grid, dpr, theme.ink, p, self._acts, world.moves)
            below = shown.figures is not None and shown.numbers == "actions"
            below = below and self._numbers.written
            painter.setOpacity(FADED if below or shown.path is not None else 1.0)
            self._darts.paint(painter)
            painter.setOpacity(1.0)
        if shown.optimal is not None or shown.unreachable is not None:
            self._paint_marks(grid, dpr, theme, world.moves, shown)
            self._marks.paint(painter, where)
        if shown.path is not None:
            self.trajectory.update(grid, dpr, theme, world, shown.path)
            self.trajectory.paint(painter, where)
        if shown.figures is not None:
            self._numbers.paint(painter, where)
        if shown.path is not None:
            self.trajectory.paint_step(painter)

    def _know(self, grid: Grid, dpr: float, theme: Theme, world: World) -> None:
        """Follow the world; only the cells that differ are painted where the frame is the same."""
        old, self._world = self._world, world
        fresh = self._terrain.fresh((grid, dpr, theme.name))
        if old is not world or self._theme is not theme:
            self._theme = theme
            self._colours = ground.ground_colours(world, theme)
            self._walls = ground.cells_where(world, lambda tile: tile.wall)
            self._stands = ground.cells_where(world, lambda tile: tile.standable)
            self._acts = ground.cells_where(world, lambda t: t.standable and t.exit is None)
            self._badged = ground.cells_where(world, lambda t: t.start > 0 or bool(t.teleport))
        badges = self._badges if old is world else layers.teleport_badges(world)
        if fresh or old is None:
            self._terrain.paint_anew(
                grid, dpr,
                lambda p: layers.paint_terrain(
                    p, grid, world, theme, layers.seen_cells(grid), badges, dpr
                ),
            )
        elif old is not world:
            cells = changed_cells(old, world, self._badges, badges)

            def repaint(painter: QPainter) -> None:
                layers.clear_cells(painter, grid, cells)
                layers.paint_terrain(painter, grid, world, theme, cells, badges, dpr)

            self._terrain.paint_over(grid, repaint)
        self._badges = badges

    def _paint_ground(
        self, grid: Grid, dpr: float, theme: Theme, world: World, shown: Shown
    ) -> None:
        walked = shown.path is not None
        key = (grid, dpr, theme.name, _Same(world), _Same(shown.values), walked)
        if key != self._ground_key:
            self._ground_key = key
            colours = self._colours
            if shown.values is not None:
                values = np.asarray(shown.values, float)
                colours = ground.tinted(colours, values, self._stands, theme)
            elif walked:
                colours = ground.costs_tinted(colours, world, theme)
            self._ground.set_colours(grid, dpr, colours)

    def _update_numbers(
        self, grid: Grid, dpr: float, theme: Theme, world: World, shown: Shown
    ) -> None:
        by_move = shown.numbers == "actions"
        self._numbers.update(
            grid, dpr, theme, np.asarray(shown.figures, float),
            self._acts if by_move else self._stands,
            badged=self._badged, moves=world.moves if by_move else (),
            whole=shown.numbers == "visits",
            # Chevrons stand in the middle of the edges, a ring round the cell that is selected.
            edge=0.09 if not by_move else 0.13 if shown.optimal is not None else 0.05,
            plate=shown.path is not None,
        )

    def _paint_marks(
        self, grid: Grid, dpr: float, theme: Theme, moves: Sequence[str], shown: Shown
    ) -> None:
        optimal, unreachable = shown.optimal, shown.unreachable
        key = (grid, dpr, theme.name, _Same(self._world), _Same(optimal), _Same(unreachable))
        if not self._marks.fresh(key):
            return

        def draw(painter: QPainter) -> None:
            if optimal is not None:
                layers.paint_optimal(painter, grid, optimal, self._acts, moves, theme, dpr)
            if unreachable is not None:
                hatched = unreachable & ~self._walls
                layers.paint_unreachable(painter, grid, hatched, theme, dpr)

        self._marks.paint_anew(grid, dpr, draw)


class Shown:
    """The arrays of a view that are to be shown and fit the world on the board.

    The world may have been edited since the view was made; arrays of another shape are left out.
    """

    def __init__(self, world: World, view: BoardView | None) -> None:
        view = view or BoardView(world)
        over = view.overlays
        self._states, self._moves = world.rows * world.columns, len(world.moves)
        self.probabilities = self._fit(view.probabilities, "policy" in over, True)
        self.values = self._fit(view.values, "value" in over)
        self.optimal = self._fit(view.optimal, "optimal" in over, True)
        self.visits = self._fit(view.visits, "visits" in over)
        self.path = view.path if view.path is not None and _within(world, view.path) else None
        self.numbers = view.numbers
        self.figures = self._fit(view.figures, True, view.numbers == "actions")
        if self.path is not None and view.returns is not None:
            self.numbers, self.figures = "returns", self._fit(view.returns, True)
        # Hatching is no overlay: it shows wherever there is something to hatch.
        unreachable = self._fit(view.unreachable, True)
        self.unreachable = unreachable if unreachable is not None and unreachable.any() else None

    def _fit(
        self, array: NDArray[Any] | None, wanted: bool, by_move: bool = False
    ) -> NDArray[Any] | None:
        shape = (self._states, self._moves) if by_move else (self._states,)
        return array if wanted and array is not None and array.shape == shape else None


def alike(old: BoardView, new: BoardView, side: float) -> bool:
    """Whether nobody could tell two views of one world apart in cells of ``side`` pixels."""
    for name in BoardView._fields:
        was, now = getattr(old, name), getattr(new, name)
        if was is now or (name == "visits" and "visits" not in new.overlays):
            continue
        if name == "probabilities" and _near(was, now, SEEN / side):
            continue
        if name == "values" and _near(was, now, SHADE, relative=True):
            continue
        if not unchanged(was, now):
            return False
    return True


def _near(
    was: Floats | None, now: Floats | None, most: float, relative: bool = False
) -> bool:
    if was is None or now is None or was.shape != now.shape:
        return False
    scale = np.abs(was).max(initial=0.0) if relative else 1.0
    return bool(np.abs(now - was).max(initial=0.0) <= most * scale)


def _within(world: World, path: PathView) -> bool:
    rows, columns = zip(*path.cells, *path.landings, strict=True)
    return world.contains((min(rows), min(columns))) and world.contains((max(rows), max(columns)))


def changed_cells(
    old: World, new: World, old_badges: dict[Cell, Badges], new_badges: dict[Cell, Badges]
) -> list[Cell]:
    """Cells that look different; both worlds have the same size."""
    symbols = set("".join(old.map)) & set("".join(new.map))
    same = {symbol for symbol in symbols if old.tile_of(symbol) == new.tile_of(symbol)}
    changed = {
        (r, c)
        for r, (before, after) in enumerate(zip(old.map, new.map, strict=True))
        if before != after or not same.issuperset(before)
        for c in range(new.columns)
        if before[c] != after[c] or before[c] not in same
    }
    changed |= {
        cell
        for cell in old_badges.keys() | new_badges.keys()
        if old_badges.get(cell, NO_BADGES) != new_badges.get(cell, NO_BADGES)
    }
    return sorted(changed)
