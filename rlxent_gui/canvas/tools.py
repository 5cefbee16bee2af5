"""What the tools do to a world, cell by cell.  Pure Python: no window, no undo stack.

A stroke begins where the button goes down, is extended cell by cell and says at every moment how
the world differs from the one it began with: ``changes``.  Nothing a stroke proposes breaks a
rule of the format: a cell that would is left as it is, and ``notice`` says why, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from types import MappingProxyType

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Cell, Tile, World, WorldError
from rlxent_gui.cell_words import cell_name

GOAL_TILE = Tile(terminal=True, reward=1.0)
PIT_TILE = Tile(terminal=True, reward=-1.0)
START_TILE = Tile(start=1.0)

NO_START = "No start is marked: episodes now begin in any free cell, drawn at random."
LAST_FREE = "The last free cell stays free: an agent has to stand somewhere."


class Tool(Enum):
    """The tools of the rail."""

    SELECT = "select"
    WALL = "wall"
    START = "start"
    GOAL = "goal"
    PIT = "pit"
    ERASE = "erase"
    FILL = "fill"
    RECTANGLE = "rectangle"


TILES: Mapping[Tool, Tile] = MappingProxyType(
    {
        Tool.WALL: WALL_TILE,
        Tool.START: START_TILE,
        Tool.GOAL: GOAL_TILE,
        Tool.PIT: PIT_TILE,
        Tool.ERASE: FLOOR_TILE,
    }
)


def line(start: Cell, end: Cell) -> list[Cell]:
    """The cells from ``start`` to ``end``, both included, without gaps (Bresenham 1965)."""
    (row, column), (last_row, last_column) = start, end
    rows, columns = abs(last_row - row), abs(last_column - column)
    row_step = 1 if last_row > row else -1
    column_step = 1 if last_column > column else -1
    error = columns - rows
    cells = [(row, column)]
    while (row, column) != end:
        doubled = 2 * error
        if doubled > -rows:
            error -= rows
            column += column_step
        if doubled < columns:
            error += columns
            row += row_step
        cells.append((row, column))
    return cells


def rectangle(corner: Cell, opposite: Cell) -> list[Cell]:
    """All cells of the rectangle between two corners, in row order."""
    rows = sorted((corner[0], opposite[0]))
    columns = sorted((corner[1], opposite[1]))
    return [
        (r, c)
        for r in range(rows[0], rows[1] + 1)
        for c in range(columns[0], columns[1] + 1)
    ]


def region(world: World, cell: Cell) -> list[Cell]:
    """The cells with the same tile that hang together with ``cell`` by their sides, sorted."""
    tile = world.tile(cell)
    found, edge = {cell}, [cell]
    while edge:
        r, c = edge.pop()
        for other in ((r - 1, c), (r, c + 1), (r + 1, c), (r, c - 1)):
            if other not in found and world.contains(other) and world.tile(other) == tile:
                found.add(other)
                edge.append(other)
    return sorted(found)


def composed(tile: Tile, beneath: Tile) -> Tile:
    """``tile`` painted over ``beneath``: a start keeps what the cell already does."""
    if tile.start and replace(tile, start=0.0) == FLOOR_TILE and beneath.standable:
        return replace(beneath, start=tile.start)
    return tile


def lifted(tile: Tile) -> Tile:
    """What remains of a cell when what can be dragged is taken away."""
    return replace(tile, start=0.0) if tile.start else FLOOR_TILE


def draggable(tile: Tile) -> bool:
    """Whether the select tool can carry the tile elsewhere: starts, ends and walls."""
    return tile.start > 0 or tile.wall or tile.terminal


class Stroke:
    """One drag of a tool: ``base`` is the world it began with.

    ``changes`` are the tiles that differ from ``base``, ``world`` is ``base`` with them,
    ``preview`` the cells that will get ``tile`` on release, ``notice`` the last sentence worth
    saying, if any.
    """

    text = "Draw"

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
        self._last, self._passed = cell, dict.fromkeys([cell])
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._locked(cell, locked)
        self._passed |= dict.fromkeys(c for c in line(self._last, cell) if self.base.contains(c))
        self._last = cell
        self._propose({c: composed(self.tile, self.base.tile(c)) for c in self._passed})


class StartStroke(Stroke):
    """Moves the start under the pointer; afterwards it is the only one."""

    text = "Move the start"

    def __init__(self, base: World, cell: Cell) -> None:
        super().__init__(base, cell, START_TILE)
        self.extend(cell)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        cell = self._inside(cell, locked)
        changes = {start: lifted(self.base.tile(start)) for start in self._starts}
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
        placed = replace(there, start=self.tile.start) if self.tile.start else self.tile
        self._propose({self.origin: lifted(self.tile), cell: placed})


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


class Toolbox:
    """The chosen tool and the last tile, which Rectangle and Fill use."""

    def __init__(self) -> None:
        self.tool = Tool.SELECT
        self.tile = WALL_TILE

    def choose(self, tool: Tool) -> None:
        self.tool = tool
        self.tile = TILES.get(tool, self.tile)

    def pick(self, tile: Tile) -> None:
        """Make ``tile`` the last tile; its tool is chosen, Rectangle where it has none."""
        if tile.start:
            self.choose(Tool.START)
            return
        self.tile = tile
        if self.tool not in (Tool.FILL, Tool.RECTANGLE):
            self.tool = next((t for t, known in TILES.items() if known == tile), Tool.RECTANGLE)

    def stroke(self, world: World, cell: Cell, *, erase: bool = False) -> Stroke | None:
        """The stroke that begins in ``cell``; None where the tool only selects."""
        if erase:
            return BrushStroke(world, cell, FLOOR_TILE)
        match self.tool:
            case Tool.SELECT:
                return MoveStroke(world, cell) if draggable(world.tile(cell)) else None
            case Tool.START:
                return StartStroke(world, cell)
            case Tool.RECTANGLE:
                return RectangleStroke(world, cell, self.tile)
            case Tool.FILL:
                return FillStroke(world, cell, self.tile)
            case _:
                return BrushStroke(world, cell, TILES[self.tool])
