"""How the rows of the table of estimators are painted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from rlxent_gui.panels.variance.columns import NUMBER, Column
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.variance_view import TableLine
from rlxent_gui.widgets.paint import box

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


POINTS = {"ratio": " [", "projection": " ±"}
"""What stands below each other in a column whose numbers are more than one."""


def parted(column: str, text: str) -> tuple[str, str | None]:
    """What stands left and right of the point; None: it is no plain number and has none."""
    if " × 10" in text:
        return text, None
    point = POINTS.get(column, ".")
    head, found, tail = text.partition(point)
    return head, found + tail


class Tick(NamedTuple):
    """A power of ten on the axis of the bars."""

    x: int
    power: int


@dataclass(frozen=True)
class TableInk:
    """One look at the table: all bars share an axis."""

    lines: tuple[TableLine, ...]
    columns: tuple[Column, ...]
    full: bool
    """Whether no other row can be chosen."""

    @cached_property
    def _bars(self) -> tuple[float, float]:
        """Where the bars begin and end."""
        column = next(c for c in self.columns if c.name == "trace")
        px = appearance().px
        return column.left + px(4), column.right - px(4) - px(NUMBER - 8)

    @cached_property
    def _span(self) -> tuple[float, float]:
        """Decimal logarithms of what they show, from end to end."""
        bars = [line.bar for line in self.lines if line.bar is not None]
        low = min((math.log10(bar[1]) for bar in bars), default=0.0)
        high = max((math.log10(bar[2]) for bar in bars), default=1.0)
        pad = 0.06 * max(high - low, 0.3)
        low, high = low - pad, high + 0.3 * pad
        # A power of ten is among them, or the axis would have no number.
        return (low if math.floor(high) >= low else float(math.floor(low))), high

    def _at(self, value: float) -> float:
        """Where a variance lies."""
        (left, right), (low, high) = self._bars, self._span
        share = (math.log10(value) - low) / (high - low)
        return left + (right - left) * min(max(share, 0.0), 1.0)

    @cached_property
    def axis(self) -> tuple[Tick, ...]:
        """The powers of ten that the bars show; none where there are no bars."""
        if not any(line.bar is not None for line in self.lines):
            return ()
        low, high = self._span
        return tuple(
            Tick(round(self._at(10.0**power)), power)
            for power in range(math.ceil(low), math.floor(high) + 1)
        )

    def decades(self, painter: QPainter, height: float) -> None:
        """A hairline a power of ten."""
        for tick in self.axis:
            painter.fillRect(QRectF(tick.x, 0, 1, height), appearance().theme.hairline)

    def heading(self, painter: QPainter, row: QRectF, line: TableLine, first: bool) -> None:
        """The name of a group."""
        look = appearance()
        painter.setFont(look.font(12, SEMIBOLD))
        painter.setPen(look.theme.ink2)
        painter.drawText(row.adjusted(look.px(4), 0, 0, -2),
                         int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), line.label)
        if not first:
            painter.fillRect(QRectF(row.left(), row.top(), row.width(), 1), look.theme.border)

    def row(
        self, painter: QPainter, row: QRectF, line: TableLine, hot: bool, current: bool
    ) -> None:
        """An estimator; ``current`` where the keyboard is."""
        look = appearance()
        theme, px = look.theme, look.px
        if hot or current:
            painter.fillRect(row, theme.sunken)
        if current:
            painter.fillRect(QRectF(row.left(), row.top() + 3, 3, row.height() - 6), theme.ink)
        for column in self.columns:
            cell = QRectF(column.left, row.top(), column.width, row.height())
            cell.adjust(px(4), 0, -px(4), 0)
            if column.name == "chosen":
                self._paint_box(painter, cell, line.chosen)
            elif column.name == "name":
                self._paint_name(painter, cell, line)
            elif column.name == "trace":
                self._paint_bar(painter, cell, line)
            else:
                self._paint_number(painter, self.number_cell(column, row), line, column.name)

    def _paint_number(self, painter: QPainter, cell: QRectF, line: TableLine, name: str) -> None:
        """With its point, or what takes the place of one, below those of the other rows."""
        theme, (font, metrics) = appearance().theme, self._font
        text = line.cells.get(name, "–")
        painter.setFont(font)
        painter.setPen(theme.ink if name in line.cells else theme.ink3)
        left = self.number_left(cell, name, text)
        # A number that lost its first digits would be another one.
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, cell.width() + 1)
        painter.drawText(QRectF(left, cell.top(), cell.width() + 1, cell.height()), int(LEFT), text)

    @staticmethod
    def number_cell(column: Column, row: QRectF) -> QRectF:
        """Where a column's numbers stand: beside the bars, if it has them."""
        px = appearance().px
        width = px(NUMBER - 8) if column.name == "trace" else column.width - 2 * px(4)
        return QRectF(column.right - px(4) - width, row.top(), width, row.height())

    def number_left(self, cell: QRectF, name: str, text: str) -> float:
        """Where a column's text begins; at the right of the cell where its tail has no room."""
        metrics = self._font[1]
        head, tail = parted(name, text)
        left = cell.right() - self._tails[name] - metrics.horizontalAdvance(head)
        if tail is None or left < cell.left():
            return max(cell.right() - metrics.horizontalAdvance(text), cell.left())
        return left

    @cached_property
    def _font(self) -> tuple[QFont, QFontMetricsF]:
        """What numbers are written in."""
        font = appearance().font(12, MEDIUM)
        return font, QFontMetricsF(font)

    @cached_property
    def _tails(self) -> dict[str, float]:
        """By column, the widest of what stands right of the points."""
        metrics = self._font[1]
        return {
            column.name: max((
                metrics.horizontalAdvance(parted(column.name, text)[1] or "")
                for line in self.lines if (text := line.cells.get(column.name)) is not None
            ), default=0.0)
            for column in self.columns
        }

    def _paint_box(self, painter: QPainter, cell: QRectF, chosen: bool) -> None:
        theme, side = appearance().theme, appearance().px(14)
        square = QRectF(0, 0, side, side)
        square.moveCenter(cell.center())
        box(painter, square, 3, theme.ink if chosen else None,
            None if chosen else theme.border if self.full else theme.control)
        if chosen:
            pen = QPen(theme.surface, max(1.6, side / 8))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([
                square.topLeft() + QPointF(x, y) * side
                for x, y in ((0.24, 0.52), (0.43, 0.7), (0.77, 0.32))
            ]))

    def _paint_name(self, painter: QPainter, cell: QRectF, line: TableLine) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        mark = "biased" if line.bias else ""
        font = look.font(13, SEMIBOLD if line.own else MEDIUM)
        metrics = QFontMetricsF(font)
        small = look.font(10, SEMIBOLD)
        room = QFontMetricsF(small).horizontalAdvance(mark) + px(12) if mark else 0.0
        text = metrics.elidedText(line.label, Qt.TextElideMode.ElideRight, cell.width() - room)
        painter.setFont(font)
        painter.setPen(theme.ink)
        painter.drawText(cell, int(LEFT), text)
        if mark:
            left = cell.left() + metrics.horizontalAdvance(text) + px(5)
            pill = QRectF(left, cell.center().y() - px(8), room - px(4), px(16))
            box(painter, pill, 4, None, theme.control)
            painter.setFont(small)
            painter.setPen(theme.ink2)
            painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), mark)

    def _paint_bar(self, painter: QPainter, cell: QRectF, line: TableLine) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        if line.bar is None:
            painter.setFont(look.font(12, MEDIUM))
            painter.setPen(theme.ink3)
            painter.drawText(cell, int(LEFT), line.cells.get("trace", ""))
            return
        column = next(c for c in self.columns if c.name == "trace")
        self._paint_number(painter, self.number_cell(column, cell), line, "trace")
        trace, low, high, exact = line.bar
        left, at = self._bars[0], self._at
        thick = px(8)
        middle = cell.center().y()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        bar = QRectF(left, middle - thick / 2, at(trace) - left, thick)
        painter.fillRect(bar, getattr(theme, line.role))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The whisker is paper on the bar and ink beyond it.
        for ink, end in ((theme.surface, at(low)), (theme.ink, at(high))):
            painter.setPen(QPen(ink, 1.4))
            painter.drawLine(QPointF(at(trace), middle), QPointF(end, middle))
            painter.drawLine(QPointF(end, middle - 3), QPointF(end, middle + 3))
        if exact is not None and exact > 0:
            tip = QPointF(at(exact), middle - thick / 2 - 1)
            side = px(4)
            painter.setPen(QPen(theme.surface, 1))
            painter.setBrush(theme.opt)
            painter.drawPolygon(QPolygonF([
                tip + QPointF(0, side), tip + QPointF(-side, -side * 0.6),
                tip + QPointF(side, -side * 0.6),
            ]))
