"""The table of estimators: a row each, sorted by any column, chosen by its box."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from rlxent_gui.panels.variance.columns import NUMBER, Column, columns
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.variance_resolve import COLUMNS, TIPS
from rlxent_gui.variance_view import MOST, GradientSlice, TableLine
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.paint import box

ROW, TALLEST, HEAD = 24, 32, 38
"""Heights at the usual text size: of a row, where there is room for it, and of the head."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
TOGETHER = 6
"""Rows that are painted in one turn."""
PAGE = 8
"""Rows that PageUp and PageDown move by."""
FULL = f"{MOST} are chosen; take one away first."


class Head(QWidget):
    """The names of the columns: a click or Return sorts by one."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self._sort = ("", False)
        self._current, self.offset = "trace", 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Sort the table")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        watch_focus(self, 6)

    def show_sort(self, sort: tuple[str, bool]) -> None:
        """By which column it is sorted."""
        self._sort = sort
        self._describe()
        self.update()

    def _describe(self) -> None:
        column, turned = self._sort
        how = "descending" if turned else "ascending"
        by = f"by {COLUMNS[column]}, {how}" if column else "by target"
        self.setAccessibleDescription(f"{COLUMNS[self._current]}. Sorted {by}.")

    def lay(self, found: tuple[Column, ...], offset: int) -> None:
        """The columns lie as those of the rows do, scrolled by ``offset``."""
        self._columns, self.offset = found, offset
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, appearance().px(HEAD))

    minimumSizeHint = sizeHint

    def column_at(self, x: float) -> str | None:
        """The column of a place, if it can be sorted by."""
        x += self.offset
        for column in self._columns:
            if column.left <= x < column.right and column.name in COLUMNS:
                return column.name
        return None

    def place(self, name: str) -> QPointF:
        """The middle of a column's heading."""
        column = next(c for c in self._columns if c.name == name)
        return QPointF(column.left + column.width / 2 - self.offset, self.height() / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self.column_at(event.position().x())
        if name is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = name
            self.command.emit("variance_sort", name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        names = list(COLUMNS)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            at = names.index(self._current) + step
            self._current = names[min(max(at, 0), len(names) - 1)]
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.command.emit("variance_sort", self._current)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            name = self.column_at(event.pos().x())
            tip = f"{TIPS[name]}. Click to sort." if name else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        with QPainter(self) as painter:
            painter.translate(-self.offset, 0)
            for column in self._columns:
                if column.name not in COLUMNS:
                    continue
                sorted_by = column.name == self._sort[0]
                text = COLUMNS[column.name]
                if sorted_by:
                    text += " ↓" if self._sort[1] else " ↑"
                painter.setFont(look.font(12, SEMIBOLD if sorted_by else MEDIUM))
                painter.setPen(theme.ink if sorted_by else theme.ink2)
                place = QRectF(column.left + px(4), 0, column.width - px(8), self.height() - 5)
                side = Qt.AlignmentFlag.AlignLeft
                if column.name not in ("name", "trace"):
                    side = Qt.AlignmentFlag.AlignRight
                flags = side | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
                painter.drawText(place, int(flags), text)
                if self.hasFocus() and column.name == self._current:
                    painter.fillRect(QRectF(place.left(), self.height() - 3, place.width(), 2),
                                     theme.ink)
            painter.fillRect(QRectF(self.offset, self.height() - 1, self.width(), 1),
                             theme.border)

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.update()

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.update()


class Rows(QWidget):
    """The rows; arrows move between them, Return and a click choose one."""

    command = Signal(str, object)
    moved = Signal(QRectF)
    """The row that has the keyboard lies there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[TableLine, ...] = ()
        self._full = False
        self._current, self._hot = 0, -1
        self.columns: tuple[Column, ...] = ()
        self._room = 0
        self._stale: list[int] = []
        """First rows of those that are still to be painted anew."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Estimators")
        watch_focus(self, 6)
        self.lay(QSize(600, 0))

    def show_lines(self, lines: tuple[TableLine, ...], full: bool) -> None:
        """Other rows, or another order; the keyboard stays with its estimator."""
        name = self.lines[self._current].name if self._current < len(self.lines) else ""
        self.lines, self._full = lines, full
        names = [line.name for line in lines]
        first = next((i for i, n in enumerate(names) if n), 0)
        self._current = names.index(name) if name and name in names else first
        self._describe()
        if len(lines) * self.row_height != self.minimumHeight():
            self.updateGeometry()
            self.setMinimumHeight(len(lines) * self.row_height)
            self.update()
        elif not self._stale:
            QTimer.singleShot(0, self, self._paint_some)
        self._stale = list(range(0, len(lines), TOGETHER))

    def _paint_some(self) -> None:
        """Rows are painted a few a turn of the event loop: all would take a whole frame."""
        if self._stale:
            self._update_rows(self._stale.pop(0), TOGETHER)
        if self._stale:
            QTimer.singleShot(0, self, self._paint_some)

    def _update_rows(self, first: int, count: int = 1) -> None:
        self.update(0, first * self.row_height, self.width(), count * self.row_height)

    def lay(self, room: QSize) -> None:
        """Lay the columns out as wide as there is room, and the rows as high."""
        self._room = room.height()
        self.columns = columns(room.width(), appearance().factor)
        self.setMinimumWidth(self.columns[-1].right)
        self.setMinimumHeight(len(self.lines) * self.row_height)
        self.update()

    @property
    def row_height(self) -> int:
        px = appearance().px
        return min(max(px(ROW), self._room // max(1, len(self.lines))), px(TALLEST))

    def sizeHint(self) -> QSize:
        return QSize(self.columns[-1].right, len(self.lines) * self.row_height)

    # What the user does

    def line_at(self, y: float) -> int:
        """The index of a row; −1 where there is none that can be chosen."""
        index = int(y // self.row_height)
        return index if 0 <= index < len(self.lines) and self.lines[index].name else -1

    def place(self, name: str) -> QPointF:
        """The middle of an estimator's box."""
        index = next(i for i, line in enumerate(self.lines) if line.name == name)
        return QPointF(self.columns[0].width / 2, (index + 0.5) * self.row_height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.line_at(event.position().y())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._move_to(index)
            self.command.emit("variance_choose", self.lines[index].name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._heat(self.line_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._heat(-1)

    def _heat(self, index: int) -> None:
        if index != self._hot:
            for row in (self._hot, index):
                if row >= 0:
                    self._update_rows(row)
            self._hot = index
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor
            )

    def _target(self, event: QKeyEvent) -> int | None:
        """The row that a key moves to."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        real = [i for i, line in enumerate(self.lines) if line.name]
        if not real or self._current not in real:
            return None
        at, last = real.index(self._current), len(real) - 1
        wanted = {
            Qt.Key.Key_Up: at - 1, Qt.Key.Key_Down: at + 1, Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last, Qt.Key.Key_PageUp: at - PAGE, Qt.Key.Key_PageDown: at + PAGE,
        }.get(Qt.Key(event.key()))
        return None if wanted is None else real[min(max(wanted, 0), last)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        target = self._target(event)
        if target is not None:
            self._move_to(target)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.lines:
            self.command.emit("variance_choose", self.lines[self._current].name)
        else:
            event.ignore()

    def _move_to(self, index: int) -> None:
        self._current = index
        self._describe()
        self.moved.emit(QRectF(0, index * self.row_height, 1, self.row_height))
        self.update()

    def _describe(self) -> None:
        if self._current < len(self.lines):
            line = self.lines[self._current]
            state = "chosen" if line.chosen else "not chosen"
            self.setAccessibleDescription(f"{line.spoken}, {state}")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().y()), self)
            return True
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._target(event) is not None:
            # Home would begin the training anew.
            event.accept()
            return True
        return super().event(event)

    def tip_at(self, y: float) -> str:
        """The row in words, and what a click does."""
        index = self.line_at(y)
        if index < 0:
            return ""
        line = self.lines[index]
        parts = [line.spoken.replace(", ", "\n")]
        if line.own:
            parts.append("The training uses it.")
        if line.chosen:
            parts.append("It has a cloud, and is plotted while it trains.")
        else:
            parts.append(FULL if self._full else "Click for a cloud and a curve.")
        return "\n".join(parts)

    # How it is painted

    def paintEvent(self, event: QPaintEvent) -> None:
        bars = [line.bar for line in self.lines if line.bar is not None]
        low = min((math.log10(bar[1]) for bar in bars), default=0.0)
        high = max((math.log10(bar[2]) for bar in bars), default=1.0)
        pad = 0.06 * max(high - low, 0.3)
        span = (low - pad, high + 0.3 * pad)
        some = event.rect()
        with QPainter(self) as painter:
            self._paint_decades(painter, span)
            for index, line in enumerate(self.lines):
                top = index * self.row_height
                if top + self.row_height < some.top() or top > some.bottom():
                    continue
                row = QRectF(0, top, self.width(), self.row_height)
                if line.name:
                    self._paint_row(painter, row, line, span, index)
                else:
                    self._paint_heading(painter, row, line, first=index == 0)

    def _bars(self) -> tuple[float, float]:
        """Where the bars begin and end."""
        column = next(c for c in self.columns if c.name == "trace")
        px = appearance().px
        return column.left + px(4), column.right - px(4) - px(NUMBER - 8)

    def _paint_decades(self, painter: QPainter, span: tuple[float, float]) -> None:
        """A hairline a power of ten."""
        left, right = self._bars()
        for power in range(math.ceil(span[0]), math.floor(span[1]) + 1):
            x = round(left + (right - left) * (power - span[0]) / (span[1] - span[0]))
            painter.fillRect(QRectF(x, 0, 1, len(self.lines) * self.row_height),
                             appearance().theme.hairline)

    def _paint_heading(
        self, painter: QPainter, row: QRectF, line: TableLine, first: bool
    ) -> None:
        look = appearance()
        painter.setFont(look.font(12, SEMIBOLD))
        painter.setPen(look.theme.ink2)
        painter.drawText(row.adjusted(look.px(4), 0, 0, -2),
                         int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), line.label)
        if not first:
            painter.fillRect(QRectF(row.left(), row.top(), row.width(), 1), look.theme.border)

    def _paint_row(
        self, painter: QPainter, row: QRectF, line: TableLine, span: tuple[float, float],
        index: int,
    ) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        font = look.font(12, MEDIUM)
        if index == self._hot or (self.hasFocus() and index == self._current):
            painter.fillRect(row, theme.sunken)
        if self.hasFocus() and index == self._current:
            painter.fillRect(QRectF(row.left(), row.top() + 3, 3, row.height() - 6), theme.ink)
        for column in self.columns:
            cell = QRectF(column.left, row.top(), column.width, row.height())
            cell.adjust(px(4), 0, -px(4), 0)
            if column.name == "chosen":
                self._paint_box(painter, cell, line.chosen)
            elif column.name == "name":
                self._paint_name(painter, cell, line)
            elif column.name == "trace":
                self._paint_bar(painter, cell, line, span)
            else:
                text = line.cells.get(column.name, "–")
                painter.setFont(font)
                painter.setPen(theme.ink if column.name in line.cells else theme.ink3)
                painter.drawText(cell, int(RIGHT), text)

    def _paint_box(self, painter: QPainter, cell: QRectF, chosen: bool) -> None:
        theme, side = appearance().theme, appearance().px(14)
        square = QRectF(0, 0, side, side)
        square.moveCenter(cell.center())
        box(painter, square, 3, theme.ink if chosen else None,
            None if chosen else theme.border if self._full else theme.control)
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
        painter.setPen(theme.base_text if line.own else theme.ink)
        painter.drawText(cell, int(LEFT), text)
        if mark:
            left = cell.left() + metrics.horizontalAdvance(text) + px(5)
            pill = QRectF(left, cell.center().y() - px(8), room - px(4), px(16))
            box(painter, pill, 4, None, theme.control)
            painter.setFont(small)
            painter.setPen(theme.ink2)
            painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), mark)

    def _paint_bar(
        self, painter: QPainter, cell: QRectF, line: TableLine, span: tuple[float, float]
    ) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        painter.setFont(look.font(12, MEDIUM))
        text = line.cells.get("trace", "")
        if line.bar is None:
            painter.setPen(theme.ink3)
            painter.drawText(cell, int(LEFT), text)
            return
        painter.setPen(theme.ink)
        painter.drawText(cell, int(RIGHT), text)
        left, right = self._bars()
        area = QRectF(left, cell.top(), right - left, cell.height())
        trace, low, high, exact = line.bar

        def at(value: float) -> float:
            share = (math.log10(value) - span[0]) / (span[1] - span[0])
            return area.left() + area.width() * min(max(share, 0.0), 1.0)

        thick = px(8)
        middle = area.center().y()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        plain = line.cells.get("ratio") is None
        colour = theme.base if line.own else theme.ink3 if plain else theme.ink2
        painter.fillRect(QRectF(area.left(), middle - thick / 2, at(trace) - area.left(), thick),
                         colour)
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


class EstimatorTable(QWidget):
    """Head and rows, which scroll where room is short; passive."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.rows = Head(), Rows()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.area, 1)
        self.head.command.connect(self.command)
        self.rows.command.connect(self.command)
        self.rows.moved.connect(self._reveal)
        self.area.horizontalScrollBar().valueChanged.connect(self._lay)
        self._shown: tuple[TableLine, ...] = ()
        appearance().changed.connect(self._restyle)

    def show_table(self, view: GradientSlice) -> None:
        if view.lines is not self._shown:
            self._shown = view.lines
            self.rows.show_lines(view.lines, view.full)
        self.head.show_sort(view.sort)

    @property
    def names(self) -> Sequence[str]:
        """The estimators from top to bottom."""
        return [line.name for line in self.rows.lines if line.name]

    def _reveal(self, row: QRectF) -> None:
        self.area.ensureVisible(0, round(row.center().y()), 0, round(row.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay()

    def _restyle(self) -> None:
        self.head.updateGeometry()
        self._lay()

    def _lay(self) -> None:
        self.rows.lay(self.area.viewport().size())
        self.head.lay(self.rows.columns, self.area.horizontalScrollBar().value())
