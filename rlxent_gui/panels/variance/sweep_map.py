"""Step sizes times baselines as a map: how far the median seed came, and how many are there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_core.arm_names import short
from rlxent_gui.learning_view import LearningState, SweepResult
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance, appearance, contrast, faded, mixed
from rlxent_gui.widgets.card import Card
from rlxent_gui.widgets.focus import keep_arrows, watch_focus
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count, grouped

TITLE, SUBTITLE = "Which steps a baseline allows", "way to the optimum · seeds solved"
LONGEST = (
    "The largest step at which 90 % of the seeds are solved: none with no baseline, .0003 with"
    " leave-one-out, .0003 with V(s) exact, .0003 with GAE .95. Here leave-one-out and V(s) exact"
    " allow larger steps than training without a baseline."
)
"""As much as the sentence may say."""
TIP = (
    "In each cell how far the median seed came, of the way from the uniform policy to the"
    " optimum, and how many seeds are there"
)
STEPS = {
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
MARK = 14
"""Side of a mark in the legend, at the usual text size."""
STRENGTH = 0.8
"""How much green a cell has whose policy is the optimum."""
STUCK = 0.1
"""The share of seeds from which a cell is marked as one where seeds are stuck."""
WIDEST = "−99 %"
"""Of what a cell says, but for what diverged far."""
AXIS = "step size η"
LEGEND = (("frame", "best of its row: most seeds solved"), ("hatching", "seeds stuck, or diverged"))
"""What marks a cell, and what that means."""


class SweepMap(QWidget):
    """A painted table; the best cell of each row has a frame of ink, and where there is room
    a legend says so.

    The pointer, or the arrow keys, tell all that is known of a cell.
    """

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self.look = look or appearance()
        self._result: SweepResult | None = None
        self._current = (0, 0)
        self._looks: dict[tuple[int, int], tuple[object, ...]] = {}
        """All that a cell is painted by."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        watch_focus(self, 6)
        keep_arrows(self)
        self._names_width = 0.0
        self._legend: list[tuple[QPointF, str, str]] = []
        """Where a mark stands, from the lower left corner, and what it is."""
        self._below = 0.0
        """Height of the step sizes and the legend."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Step sizes by baseline")
        self.look.changed.connect(self._measure)

    def apply(self, result: SweepResult | None) -> None:
        """Show what there is so far."""
        if result is self._result:
            return
        before, around = self._looks, self._around_cells()
        self._result = result
        self._looks = self._look_of_cells()
        self._describe()
        if result is None or around != self._around_cells():
            self._measure()
            return
        for cell, own in self._looks.items():  # painting all takes more than a frame has
            if own != before[cell]:
                self.update(self._around(*cell))

    def minimumSizeHint(self) -> QSize:
        px = self.look.px
        return QSize(px(340), px(190))

    # --- where

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell lies."""
        assert self._result is not None
        grid, px = self._result.grid, self.look.px
        left = self._names_width
        width = (self.width() - left) / len(grid.rates)
        height = min((self.height() - self._below) / len(grid.names), px(200))
        gap = px(2)
        return QRectF(left + column * width, row * height, width, height).adjusted(
            gap, gap, -gap, -gap
        )

    def _around(self, row: int, column: int) -> QRect:
        """All pixels of a cell, its frame included."""
        return self.cell_rect(row, column).adjusted(-3, -3, 3, 3).toAlignedRect()

    def cells(self) -> QRect | None:
        """Where all of them lie, without the names; None before there are any."""
        if self._result is None:
            return None
        last = len(self._result.grid.names) - 1, len(self._result.grid.rates) - 1
        return self.cell_rect(0, 0).united(self.cell_rect(*last)).toAlignedRect()

    def _measure(self) -> None:
        """How much room is needed by the names, and by what stands below."""
        if self._result is not None:
            px, small = self.look.px, QFontMetricsF(self.look.font(12, MEDIUM))
            metrics = QFontMetricsF(self.look.font(13, SEMIBOLD))
            widest = max(map(metrics.horizontalAdvance, self._result.grid.names))
            widest = max(widest, small.horizontalAdvance(AXIS))
            self._names_width = min(widest + px(12), self.width() * 0.36)
            self._place_legend(small)
        self.update()

    def _place_legend(self, metrics: QFontMetricsF) -> None:
        """From left to right below the step sizes; in another line where there is no room."""
        px, line = self.look.px, metrics.height() + self.look.px(4)
        wide = [px(MARK + 6 + 20) + metrics.horizontalAdvance(text) for _, text in LEGEND]
        left = self._names_width + px(2)
        if left + sum(wide) - px(20) > self.width():
            left = 1.0
        x, y = left, px(6) + metrics.height() + px(6)
        self._legend = []
        for (mark, text), width in zip(LEGEND, wide, strict=True):
            if x > left and x + width - px(20) > self.width():
                x, y = left, y + line
            self._legend.append((QPointF(x, y), mark, text))
            x += width
        self._below = y + line
        assert self._result is not None
        if self.height() - self._below < 2 * line * len(self._result.grid.names):
            # What it says is told by the tip of every cell too; the cells are told by nothing else.
            self._legend, self._below = [], px(6) + metrics.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    # --- what

    def words(self, row: int, column: int) -> tuple[str, str, str]:
        """What a cell says: its share, how many seeds are there, and what became of others."""
        assert self._result is not None
        grid, seeds = self._result.grid, self._result.seeds
        share, diverged = grid.share[row, column], grid.diverged[row, column]
        first = "—" if math.isnan(share) else f"{100 * share:.0f} %".replace("-", "−")
        failed = ""
        if math.isfinite(diverged):
            failed = f"diverged at {count(diverged)}"
        elif self.failed(row, column):
            failed = f"{round(grid.stuck[row, column] * seeds)} stuck"
        return first, f"{round(grid.solved[row, column] * seeds)} of {seeds}", failed

    def failed(self, row: int, column: int) -> bool:
        """Whether the cell is hatched: it diverged, or seeds are stuck."""
        assert self._result is not None
        grid = self._result.grid
        diverged = bool(math.isfinite(grid.diverged[row, column]))
        return diverged or bool(grid.stuck[row, column] >= STUCK)

    def _around_cells(self) -> tuple[tuple[str, ...], tuple[float, ...]] | None:
        """What is written beside and below them."""
        result = self._result
        return None if result is None else (result.grid.names, result.grid.rates)

    def _look_of_cells(self) -> dict[tuple[int, int], tuple[object, ...]]:
        if self._result is None:
            return {}
        best = self._result.grid.best
        return {
            (row, column): (
                self.words(row, column), self.fill(row, column).rgb(), self.failed(row, column),
                best[row] == column,
            )
            for row, column in np.ndindex(self._result.grid.share.shape)
        }  # fmt: skip

    def fill(self, row: int, column: int) -> QColor:
        """The cell's colour: greener the nearer to the optimum."""
        assert self._result is not None
        theme, share = self.look.theme, self._result.grid.share[row, column]
        amount = 0.0 if math.isnan(share) else min(max(float(share), 0.0), 1.0)
        return mixed(theme.surface, theme.opt, STRENGTH * amount**1.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._result is None:
            return
        painter, grid = QPainter(self), self._result.grid
        look = self.look
        px, theme = look.px, look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        best, fonts = grid.best, self.fonts()
        for row, name in enumerate(grid.names):
            rect = self.cell_rect(row, 0)
            painter.setFont(look.font(13, SEMIBOLD))
            painter.setPen(theme.ink)
            room = rect.left() - px(10)
            text = QFontMetricsF(painter.font()).elidedText(
                name, Qt.TextElideMode.ElideRight, room
            )
            painter.drawText(QRectF(0, rect.top(), room, rect.height()),
                             Qt.AlignmentFlag.AlignVCenter, text)
            for column in range(len(grid.rates)):
                if event.region().intersects(self._around(row, column)):
                    self._paint_cell(painter, row, column, best[row] == column, fonts)
        last = len(grid.names) - 1
        painter.setPen(theme.ink2)
        painter.setFont(look.font(12, MEDIUM))
        line = QFontMetricsF(painter.font()).height()
        for column, rate in enumerate(grid.rates):
            below = self.cell_rect(last, column)
            painter.drawText(QRectF(below.left(), below.bottom() + px(6), below.width(), line),
                             Qt.AlignmentFlag.AlignHCenter, short(rate))
        low = self.cell_rect(last, 0).bottom()
        painter.drawText(QRectF(0, low + px(6), room, line), Qt.AlignmentFlag.AlignLeft, AXIS)
        for place, mark, text in self._legend:
            place = place + QPointF(0, low)
            box = QRectF(place.x(), place.y() + (line - px(MARK)) / 2, px(MARK), px(MARK))
            self._paint_mark(painter, box, mark)
            painter.setPen(theme.ink2)
            painter.drawText(QRectF(box.right() + px(6), place.y(), self.width(), line),
                             Qt.AlignmentFlag.AlignLeft, text)

    def _paint_mark(self, painter: QPainter, box: QRectF, mark: str) -> None:
        """A small cell of that kind."""
        theme = self.look.theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if mark == "frame":
            painter.setPen(QPen(theme.ink, 2))
        else:
            hatching = _hatching(faded(theme.ink, 0.5), self.look.px(4), self.devicePixelRatioF())
            painter.setBrushOrigin(box.topLeft())
            painter.fillRect(box, hatching)
            painter.setPen(QPen(theme.border, 1))
        painter.drawRoundedRect(box, 3, 3)

    def fonts(self) -> tuple[QFont, QFont]:
        """Of the share, and of the seeds below it: as large as a cell has room for, all alike."""
        assert self._result is not None
        look, seeds, rect = self.look, self._result.seeds, self.cell_rect(0, 0)
        px = look.px
        size = min(max(rect.height() / px(8), 15.0), 22.0, max(15.0, rect.width() / px(5)))
        large = QFontMetricsF(look.font(size, SEMIBOLD))
        small = QFontMetricsF(look.font(0.8 * size))
        wide = max(
            large.horizontalAdvance(WIDEST), small.horizontalAdvance(f"{seeds} of {seeds}")
        )
        size *= min(1.0, (rect.width() - 2 * px(3)) / wide, rect.height() / large.height())
        return look.font(size, SEMIBOLD), look.font(0.8 * size)

    def _paint_cell(
        self, painter: QPainter, row: int, column: int, best: bool, fonts: tuple[QFont, QFont]
    ) -> None:
        look = self.look
        theme, px = look.theme, look.px
        rect, fill = self.cell_rect(row, column), self.fill(row, column)
        painter.setPen(QPen(theme.border, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 4, 4)
        ink = max((theme.ink, theme.surface), key=lambda colour: contrast(colour, fill))
        if self.failed(row, column):
            step = px(7)
            painter.setBrushOrigin(rect.topLeft())
            painter.fillRect(rect, _hatching(faded(ink, 0.28), step, self.devicePixelRatioF()))
        if best:
            painter.setPen(QPen(theme.ink, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 5, 5)
        if self.hasFocus() and (row, column) == self._current:
            side = px(8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            corner = rect.topLeft() + QPointF(px(4), px(4))
            painter.drawPolygon(
                [corner, corner + QPointF(side, 0), corner + QPointF(0, side)]
            )
        first, *rest = (said for said in self.words(row, column) if said)
        inner = rect.adjusted(px(3), 0, -px(3), 0)
        painter.setPen(ink)
        large, small = fonts
        painter.setFont(large)
        high = QFontMetricsF(large).height()
        metrics = QFontMetricsF(small)
        low = metrics.height()
        lines = _fitting(rest, metrics, inner.width(), int((rect.height() - high) // low))
        height = high + low * len(lines)
        top = rect.center().y() - height / 2
        if self.failed(row, column):  # keep the hatching away from the words
            widths = [QFontMetricsF(large).horizontalAdvance(first)]
            widths += map(metrics.horizontalAdvance, lines)
            width = min(max(widths) + px(8), inner.width())
            painter.fillRect(QRectF(inner.center().x() - width / 2, top, width, height), fill)
        painter.drawText(QRectF(inner.left(), top, inner.width(), high),
                         Qt.AlignmentFlag.AlignCenter, first)
        painter.setFont(small)
        for number, line in enumerate(lines):
            painter.drawText(QRectF(inner.left(), top + high + number * low, inner.width(), low),
                             Qt.AlignmentFlag.AlignCenter, line)

    # --- pointer and keys

    def _describe(self) -> None:
        """For a screen reader: the whole, and the cell where the keys are."""
        if self._result is None:
            self.setAccessibleDescription("")
            return
        grid = self._result.grid
        row, column = self._current
        self._current = min(row, len(grid.names) - 1), min(column, len(grid.rates) - 1)
        here = self._tip(*self._current).replace("\n", ", ")
        self.setAccessibleDescription(f"{describe(self._result)} {here}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is None or self._result is None:
            event.ignore()
            return
        grid, (row, column) = self._result.grid, self._current
        row = min(max(row + step[0], 0), len(grid.names) - 1)
        column = min(max(column + step[1], 0), len(grid.rates) - 1)
        self._current = row, column
        self._describe()
        self.update()
        cell = self.cell_rect(row, column).toRect()
        QToolTip.showText(self.mapToGlobal(cell.bottomLeft()), self._tip(row, column), self)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, point: QPointF) -> str:
        """All that is known of the cell there."""
        if self._result is None:
            return ""
        grid = self._result.grid
        for row in range(len(grid.names)):
            for column in range(len(grid.rates)):
                if self.cell_rect(row, column).contains(point):
                    return self._tip(row, column)
        return ""

    def _tip(self, row: int, column: int) -> str:
        assert self._result is not None
        grid, seeds = self._result.grid, self._result.seeds
        lines = [f"{grid.names[row]}, η {short(grid.rates[column])}"]
        if math.isfinite(grid.share[row, column]):
            share = f"{grid.share[row, column]:.1%}".replace("%", " %").replace("-", "−")
            lines.append(f"median seed: {share} of the way to the optimum")
        solved = round(grid.solved[row, column] * seeds)
        stuck = round(grid.stuck[row, column] * seeds)
        lines.append(f"{solved} of {seeds} seeds solved, {stuck} stuck")
        if math.isfinite(grid.diverged[row, column]):
            lines.append(f"diverged at update {count(grid.diverged[row, column])}")
        if grid.best[row] == column:
            lines.append("the best of its row: most seeds solved, then nearest to the optimum")
        return "\n".join(lines)


def _fitting(
    said: Sequence[str], metrics: QFontMetricsF, width: float, most: int
) -> list[str]:
    """All in one line, or a line each where that is too wide; of ``most`` lines the first ones.

    In which update it diverged is left to the tip where there is no room.
    """
    short = [one.partition(" at ")[0] for one in said]
    for parts in (said, short):
        together = " · ".join(parts)
        if metrics.horizontalAdvance(together) <= width:
            return [together][:most]
    return [whole if metrics.horizontalAdvance(whole) <= width else brief
            for whole, brief in zip(said, short, strict=True)][:most]


def _hatching(colour: QColor, step: int, ratio: float) -> QBrush:
    """Diagonal lines, ``step`` pixels apart: a tile is many times faster than the lines."""
    tile = QPixmap(round(step * ratio), round(step * ratio))
    tile.setDevicePixelRatio(ratio)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    for shift in (-step, 0, step):
        painter.drawLine(QPointF(shift, step), QPointF(shift + step, 0))
    painter.end()
    return QBrush(tile)


class SweepCard(Card):
    """``set_data(LearningState)``: the map with its sentence, or why there is none.

    With a ``look`` of its own it is what a room looks at, which is told the sentence otherwise.
    """

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(TITLE, SUBTITLE, look=look, parent=parent)
        self.map = SweepMap(look=look)
        self.sentence = Label("", 14, MEDIUM, "ink", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.empty = Label("", 13, wrap=True, look=look)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.sentence)
        self.map.hide()
        self.sentence.setVisible(not self._bare)
        appearance().changed.connect(self._reserve)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reserve()

    def _reserve(self) -> None:
        """Keep the room of the sentence, so that the map does not move when it comes."""
        layout = self.layout()
        assert layout is not None
        margins = layout.contentsMargins()
        room = QRect(0, 0, self.width() - margins.left() - margins.right(), 10_000)
        metrics = QFontMetrics(self.sentence.font())
        found = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), LONGEST)
        self.sentence.setMinimumHeight(found.height())

    def set_data(self, state: LearningState) -> None:
        """Show what there is so far; the sentence comes when all is known."""
        result = state.sweep
        # A room is told the rest in its sentence.
        told = state.goes_on if self._bare else state.told
        self.subtitle.set_role("neg_text" if told else "ink2")
        self.subtitle.set_tip("" if told else TIP)
        self.set_title(TITLE, told or SUBTITLE)
        self.map.apply(result)
        self.map.setVisible(result is not None)
        self.empty.setText(state.empty)
        self.empty.setVisible(result is None)
        said = result is not None and result.grid.whole
        self.sentence.setText(grouped(result.grid.sentence()) if result and said else "")


def describe(result: SweepResult) -> str:
    """The map in words, for a screen reader."""
    grid = result.grid
    return grouped(grid.sentence()) if grid.whole else "Being measured"
