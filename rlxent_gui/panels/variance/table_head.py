"""The head of the table of estimators: a click or a key sorts by a column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
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
                edge = Qt.AlignmentFlag.AlignBottom
                if column.name == "trace" and self._axis:
                    edge = Qt.AlignmentFlag.AlignTop
                    place.setTop(place.bottom() - 2 * QFontMetricsF(painter.font()).height())
                flags = side | edge | Qt.TextFlag.TextWordWrap
                painter.drawText(place, int(flags), text)
                if self.hasFocus() and column.name == self._current:
                    painter.fillRect(QRectF(place.left(), self.height() - 3, place.width(), 2),
                                     theme.ink)
            painter.setFont(look.font(AXIS, MEDIUM))
            painter.setPen(theme.ink2)
            for where, number in self.numbers():
                painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), number)
            painter.fillRect(QRectF(self.offset, self.height() - 1, self.width(), 1),
                             theme.border)
