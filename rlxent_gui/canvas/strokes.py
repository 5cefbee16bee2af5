"""Strokes: what one drag does to a world, cell by cell.  No window, no undo stack.

A stroke begins where the button goes down, is extended cell by cell and says at every moment how
the world differs from the one it began with: ``changes``.  Nothing a stroke proposes breaks a
rule of the format: a cell that would is left as it is, and ``notice`` says why, once.
"""

from __future__ import annotations

from dataclasses import replace

from rlxent_core.world import FLOOR_TILE, Cell, Teleport, Tile, World, WorldError
from rlxent_gui.canvas.composition import (
    START_TILE,
    blowing,
    composed,
    direction,
    familiar,
    lifted,
    strength,
)
from rlxent_gui.canvas.regions import line, rectangle, region
from rlxent_gui.cell_words import cell_name

NO_START = "No start is marked: episodes now begin in any free cell, drawn at random."
LAST_FREE = "The last free cell stays free: an agent has to stand somewhere."


class Stroke:
    """One drag of a tool: ``base`` is the world it began with.

    ``changes`` are the tiles that differ from ``base``, ``world`` is ``base`` with them,
    ``preview`` the cells that will get ``tile`` on release, ``notice`` the last sentence worth
    saying, if any.
    """

    text = "Draw"
    waits = False
    """Whether the stroke goes on after the button was released, until a second click."""

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        self.base, self.origin, self.tile = base, cell, tile
        self.world = base
        self.changes: dict[Cell, Tile] = {}
        self.preview: tuple[Cell, ...] = ()
        self.notice = ""
        self._axis: int | None = None
        self._starts = [c for c in base.cells if base.tile(c).start > 0]
        self._targets = {t.teleport.to for t in base.tiles.values() if t.teleport is not None}
        self._free = len(base.standable_cells)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        """Move on to ``cell``, which may lie outside the world.

        ``locked`` keeps to the row or column where the stroke began.
        """
        raise NotImplementedError

    def finish(self) -> None:
        """The button was released."""

    def _inside(self, cell: Cell, locked: bool) -> Cell:
        """The locked cell, or the nearest one of the world."""
        row, column = self._locked(cell, locked)
        return (
            min(max(row, 0), self.base.rows - 1), min(max(column, 0), self.base.columns - 1)
        )

    def _locked(self, cell: Cell, locked: bool) -> Cell:
        """The axis is the one the stroke first leaves its first cell by."""
        if not locked:
            self._axis = None
            return cell
        rows, columns = abs(cell[0] - self.origin[0]), abs(cell[1] - self.origin[1])
        if self._axis is None and (rows or columns):
            self._axis = 0 if columns >= rows else 1
        if self._axis is None:
            return cell
        return (self.origin[0], cell[1]) if self._axis == 0 else (cell[0], self.origin[1])

    def _without(self, cell: Cell) -> Tile:
        """What remains of a cell when its start, its end or its wall is carried away."""
        return familiar(self.base, lifted(self.base.tile(cell)))

    def _propose(self, changes: dict[Cell, Tile]) -> None:
        """Take over ``changes`` from the base, but for cells where they break a rule."""
        accepted: dict[Cell, Tile] = {}
        free = self._free
        for cell, tile in changes.items():
            before = self.base.tile(cell)
            if tile == before:
                continue
            if cell in self._targets and not tile.standable:
                self.notice = f"A teleport arrives at {cell_name(cell)}: it has to stay free."
                continue
            gain = int(tile.standable) - int(before.standable)
            if free + gain < 1:
                self.notice = LAST_FREE
                continue
            free += gain
            accepted[cell] = tile
        try:
            self.world = self.base.with_tiles(accepted) if accepted else self.base
        except WorldError as error:
            self.notice = str(error)
            return
        self.changes = accepted
        if self._starts and all(
            start in accepted and not accepted[start].start for start in self._starts
        ) and not any(tile.start for tile in accepted.values()):
            self.notice = NO_START


class BrushStroke(Stroke):
    """Paints every cell it passes, those between two mouse events included."""

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        super().__init__(base, cell, tile)
        self.text = "Erase" if tile == FLOOR_TILE else "Draw walls" if tile.wall else "Draw"
        if tile.name:
            self.text = f"Draw {tile.name}"
        self._last, self._passed = cell, dict.fromkeys([cell])
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._locked(cell, locked)
        self._passed |= dict.fromkeys(c for c in line(self._last, cell) if self.base.contains(c))
        self._last = cell
        self._propose({c: composed(self.tile, self.base.tile(c)) for c in self._passed})


class WindStroke(BrushStroke):
    """Paints wind that blows the way the drag goes, in all the cells it has passed."""

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        super().__init__(base, cell, tile)
        self.text = "Draw wind"

    def extend(self, cell: Cell, locked: bool = False) -> None:
        there = self._locked(cell, locked)
        way = direction(there[0] - self.origin[0], there[1] - self.origin[1])
        if way is not None:
            cells = max(1, strength(self.tile.wind))
            self.tile = replace(self.tile, wind=blowing(way, cells))
        super().extend(cell, locked)


class RewardStroke(BrushStroke):
    """Paints the reward in hand where it is dragged; a mere click, ``asks``, is a question."""

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        self.asks = True
        super().__init__(base, cell, tile)
        self.text = "Set rewards"

    def extend(self, cell: Cell, locked: bool = False) -> None:
        self.asks = self.asks and cell == self.origin
        if not self.asks:
            super().extend(cell, locked)


class TeleportStroke(Stroke):
    """From A to A′: by a drag, or by two clicks, between which it ``waits``.

    A click on A itself drops the half pair.  ``pair`` is what is previewed.
    """

    text = "Connect a teleport"

    def __init__(self, base: World, cell: Cell) -> None:
        super().__init__(base, cell, FLOOR_TILE)
        self.waits = True
        self._target = cell

    @property
    def pair(self) -> tuple[Cell, Cell | None]:
        """A, and A′ where the pointer has left A."""
        return self.origin, None if self._target == self.origin else self._target

    def extend(self, cell: Cell, locked: bool = False) -> None:
        self._target = self._inside(cell, locked)

    def finish(self) -> None:
        self.waits = False
        source, target = self.pair
        if target is None:
            return
        arrival = self.base.tile(target)
        if not arrival.standable:
            name = cell_name(target)
            self.notice = f"Nobody can stand in {name}: a teleport has to arrive in a free cell."
            return
        before = self.base.tile(source).teleport
        self.tile = Tile(teleport=Teleport(target, before.reward if before else 0.0))
        self._propose({source: composed(self.tile, self.base.tile(source))})


class StartStroke(Stroke):
    """Moves the start under the pointer; afterwards it is the only one."""

    text = "Move the start"

    def __init__(self, base: World, cell: Cell) -> None:
        super().__init__(base, cell, START_TILE)
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._inside(cell, locked)
        changes = {start: self._without(start) for start in self._starts}
        self._propose(changes | {cell: composed(START_TILE, self.base.tile(cell))})


class MoveStroke(Stroke):
    """Carries a start, an end or a wall elsewhere; what it passes over comes back."""

    def __init__(self, base: World, cell: Cell) -> None:
        super().__init__(base, cell, base.tile(cell))
        self.text = "Move the start" if self.tile.start else "Move a tile"

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._inside(cell, locked)
        if cell == self.origin:
            self._propose({})
            return
        there = self.base.tile(cell)
        if not there.standable or there.start or (not self.tile.start and cell in self._targets):
            return
        start = Tile(start=self.tile.start)
        placed = composed(start, there) if self.tile.start else self.tile
        self._propose({self.origin: self._without(self.origin), cell: placed})


class RectangleStroke(Stroke):
    """Shows the rectangle between press and pointer, and fills it on release."""

    text = "Draw a rectangle"

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        super().__init__(base, cell, tile)
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        self.preview = tuple(rectangle(self.origin, self._inside(cell, locked)))

    def finish(self) -> None:
        self._propose({c: composed(self.tile, self.base.tile(c)) for c in self.preview})
        self.preview = ()


class FillStroke(Stroke):
    """Shows the connected cells of one kind, and fills them on release."""

    text = "Fill"

    def __init__(self, base: World, cell: Cell, tile: Tile) -> None:
        super().__init__(base, cell, tile)
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._inside(cell, locked)
        if cell not in self.preview:
            self.preview = tuple(region(self.base, cell))

    def finish(self) -> None:
        self._propose({c: composed(self.tile, self.base.tile(c)) for c in self.preview})
        self.preview = ()
