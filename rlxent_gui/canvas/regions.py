"""Sets of cells: lines, rectangles, and what hangs together.  Pure Python."""

from __future__ import annotations

from rlxent_core.world import Cell, World


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
