"""The head of the table of estimators: a click or a key sorts by a column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_gui.panels.variance.columns import Column
from rlxent_gui.panels.variance.table_ink import Tick
from rlxent_gui.plots.ranges import power_text
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.variance_resolve import COLUMNS, TIPS
from rlxent_gui.widgets.focus import watch_focus

HEAD = 38
"""Height at the usual text size."""
AXIS, APART = 11, 6
"""Size of the axis's numbers, and the room between two of them."""


class Head(QWidget):
    """The names of the columns: a click or Return sorts by one.

    Below that of the bars stand the numbers of their axis.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self._axis: tuple[Tick, ...] = ()
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

    def show_axis(self, axis: tuple[Tick, ...]) -> None:
        """The powers of ten of the bars."""
        if axis != self._axis:
            self._axis = axis
            self.update()

    def numbers(self) -> list[tuple[QRectF, str]]:
        """Those of the axis that there is room for, and where they stand."""
        font, px = appearance().font(AXIS, MEDIUM), appearance().px
        metrics = QFontMetricsF(font)
        found: list[tuple[QRectF, str]] = []
        for tick in self._axis:
            text = power_text(tick.power)
            width = metrics.horizontalAdvance(text)
            place = QRectF(
                tick.x - width / 2, self.height() - 4 - metrics.height(), width, metrics.height()
            )
            if not found or place.left() >= found[-1][0].right() + px(APART):
                found.append((place, text))
        return found

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

    def heading(self, column: Column) -> tuple[QRectF, int, str]:
        """Where a column's heading stands before it is scrolled, Qt's flags for it, and its text.

        An arrow tells how it is sorted.  Where that would take a third line, it stands before
        the first: there the heading beside it, of one line, leaves room.
        """
        px, text = appearance().px, COLUMNS[column.name]
        place = QRectF(column.left + px(4), 0, column.width - px(8), self.height() - 5)
        metrics = QFontMetricsF(self._font(column))
        side, edge = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignBottom
        if column.name in ("name", "trace"):
            side = Qt.AlignmentFlag.AlignLeft
        if column.name == "trace" and self._axis:
            edge = Qt.AlignmentFlag.AlignTop
            place.setTop(place.bottom() - 2 * metrics.height())
        flags = int(side | edge | Qt.TextFlag.TextWordWrap)
        if column.name == self._sort[0]:
            arrow = "↓" if self._sort[1] else "↑"
            behind, before = f"{text} {arrow}", f"{arrow} {text}"
            if metrics.boundingRect(place, flags, behind).height() < 2.5 * metrics.height():
                return place, flags, behind
            place.setLeft(place.left() - metrics.horizontalAdvance(f"{arrow} ") - 1)
            return place, flags, before
        return place, flags, text

    def _font(self, column: Column) -> QFont:
        return appearance().font(12, SEMIBOLD if column.name == self._sort[0] else MEDIUM)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        theme = look.theme
        with QPainter(self) as painter:
            painter.translate(-self.offset, 0)
            for column in self._columns:
                if column.name not in COLUMNS:
                    continue
                place, flags, text = self.heading(column)
                painter.setFont(self._font(column))
                painter.setPen(theme.ink if column.name == self._sort[0] else theme.ink2)
                painter.drawText(place, flags, text)
                if self.hasFocus() and column.name == self._current:
                    line = QRectF(column.left, self.height() - 3, column.width, 2)
                    painter.fillRect(line.adjusted(look.px(4), 0, -look.px(4), 0), theme.ink)
            painter.setFont(look.font(AXIS, MEDIUM))
            painter.setPen(theme.ink2)
            for where, number in self.numbers():
                painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), number)
            painter.fillRect(QRectF(self.offset, self.height() - 1, self.width(), 1),
                             theme.border)
