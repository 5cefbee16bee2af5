"""The rows of the comparison: where they lie, and their cells with tint, hatching and number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from rlxent_core.weightings import TRAINED, WEIGHTINGS
from rlxent_gui.credit_numbers import decimals, figure, is_nothing, sum_text
from rlxent_gui.credit_view import Row
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.ink import LEVELS, draw_hatching, hatch, script, stamp, tint
from rlxent_gui.theme import MEDIUM, SEMIBOLD, THEMES, Appearance
from rlxent_gui.widgets.paint import box

ROW, LEAST_ROW = 26.0, 20.0
"""Height of a row that can be chosen, and what it shrinks to where there is little room."""
THIN = 0.8
"""Of it for a row that only explains."""
SPLIT = ("critic", "choice", "luck")
"""These share a scale: the critic's weight is the choice and the luck."""
FAINT = 0.01
"""Of the largest weight of all rows: what a row's strongest tint stands for at least."""
HEAD = 15.0
"""Height of the line with Σ."""


@dataclass(frozen=True, eq=False)
class Line:
    """A row and where it lies."""

    row: Row
    top: float
    height: float
    largest: float
    """The magnitude that is painted strongest."""
    digits: int

    @property
    def look(self) -> tuple[object, ...]:
        """All that its cells show, to be compared with what was painted."""
        return (self.row.weights.tobytes(), self.row.total, self.largest, self.digits)

    @property
    def selectable(self) -> bool:
        return selectable(self.row)


def selectable(row: Row) -> bool:
    """Whether a click on it switches."""
    return row.name in WEIGHTINGS or row.name == TRAINED


def height_of(rows: tuple[Row, ...], high: float) -> float:
    """What rows ``high`` pixels high take, at the usual text size, with the line above them."""
    return HEAD + high * sum(1.0 if selectable(row) else THIN for row in rows)


def lay(rows: tuple[Row, ...], room: float, factor: float) -> tuple[Line, ...]:
    """The rows one below the other, as high as ``room`` allows."""
    top, lines = HEAD * factor, []
    units = height_of(rows, 1.0) - HEAD
    high = min(max((room - top) / max(units, 1.0), LEAST_ROW * factor), ROW * factor)
    sizes = {row.name: float(np.abs(row.weights).max(initial=0.0)) for row in rows}
    # A row of next to nothing is not painted as strongly as one that moves the policy.
    least = FAINT * max(sizes.values(), default=0.0)
    sizes = {name: max(size, least) for name, size in sizes.items()}
    split = [row for row in rows if row.name in SPLIT]
    together = max((sizes[row.name] for row in split), default=0.0)
    digits = max((decimals(row.weights) for row in split if row.name == "critic"), default=2)
    for row in rows:
        height = high if selectable(row) else THIN * high
        shared = row.name in SPLIT
        lines.append(Line(
            row, round(top), round(height), together if shared else sizes[row.name],
            digits if shared else decimals(row.weights),
        ))
        top += height
    return tuple(lines)


def paint_head(painter: QPainter, columns: Columns, look: Appearance) -> None:
    """The sign over the sums."""
    painter.setPen(look.theme.ink2)
    head = _sum_box(columns, 0, HEAD * look.factor - 1, look)
    script(12, SEMIBOLD, look).write(painter, head, "Σ")


def _sum_box(columns: Columns, top: float, height: float, look: Appearance) -> QRectF:
    return QRectF(columns.end + 4, top, look.px(50) - 2, height)


@lru_cache(maxsize=128)
def _cell(name: str, share: float, negative: bool, step: float) -> Callable[
    [QPainter, QRectF], None
]:
    """Paints a cell's tint, hatched where it is negative."""
    theme = THEMES[name]
    fill, ink = tint(theme, share)

    def draw(painter: QPainter, cell: QRectF) -> None:
        box(painter, cell, 3, fill)
        if negative:
            inside = cell.adjusted(1, 1, -1, -1)
            draw_hatching(painter, inside, hatch(fill, ink, theme), step)

    return draw


def paint_cells(
    painter: QPainter, line: Line, columns: Columns, steps: range, look: Appearance
) -> None:
    """The cells of ``steps``, and the sum behind the row, on clear ground."""
    theme, words = look.theme, script(12, SEMIBOLD if line.selectable else MEDIUM, look)
    scale, step = line.largest or 1.0, float(look.px(6))
    dpr = painter.device().devicePixelRatioF()
    top, height = round(line.top) + 1, round(line.height) - 3
    for t in steps:
        value = float(line.row.weights[t])
        nothing = is_nothing(value)
        share = 0.0 if nothing else round(value / scale * LEVELS) / LEVELS
        left, right = math.floor(columns.x(t)) + 2, math.floor(columns.x(t + 1)) - 1
        paint = _cell(theme.name, share, value < 0 and not nothing, step)
        painter.drawPixmap(left, top, stamp(right - left, height, dpr, paint))
        fill, ink = tint(theme, share)
        text = figure(value, line.digits, signed=True)
        cell = QRectF(left, top, right - left, height)
        if value < 0 and not nothing:
            # The number stands on its tint alone.
            room = min(words.width(text) + 6, cell.width() - 2)
            painter.fillRect(QRectF(left + (right - left - room) / 2, top, room, height), fill)
        painter.setPen(ink)
        words.write(painter, cell, text)
    painter.setPen(theme.ink if line.selectable else theme.ink2)
    end = _sum_box(columns, top, height, look)
    words.write(painter, end, sum_text(line.row.total, line.digits))
