"""The table of estimators: a row each, sorted by any column, chosen by its box."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QVBoxLayout, QWidget

from rlxent_gui.panels.variance.columns import Column, columns
from rlxent_gui.panels.variance.table_head import Head
from rlxent_gui.panels.variance.table_ink import TableInk, Tick
from rlxent_gui.theme import appearance
from rlxent_gui.variance_view import MOST, GradientSlice, TableLine
from rlxent_gui.widgets.focus import watch_focus

ROW, TALLEST = 24, 32
"""Heights of a row at the usual text size, and where there is room for more."""
TOGETHER = 6
"""Rows that are painted in one turn."""
PAGE = 8
"""Rows that PageUp and PageDown move by."""
FOLLOWED = "and is plotted while it trains"
FULL = f"{MOST} are chosen; take one away first."


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
        self._ink = TableInk(lines, self.columns, full)
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
        # What is painted anew, a few rows or all, is measured once.
        self._ink = TableInk(self.lines, self.columns, self._full)
        self.setMinimumWidth(self.columns[-1].right)
        self.setMinimumHeight(len(self.lines) * self.row_height)
        self.update()

    @property
    def axis(self) -> tuple[Tick, ...]:
        """The powers of ten below which the bars lie."""
        return self._ink.axis

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
        if line.shared:
            parts.append(f"Its mean is taken {line.shared}.")
        if line.own:
            parts.append("The training uses it.")
        if line.chosen:
            followed = f"but is not followed while it trains: {line.not_followed}"
            parts.append(f"It has a cloud, {followed if line.not_followed else FOLLOWED}.")
        else:
            parts.append(FULL if self._full else "Click for a cloud and a curve.")
        return "\n".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, some = self._ink, event.rect()
        focus = self.hasFocus()
        with QPainter(self) as painter:
            ink.decades(painter, len(self.lines) * self.row_height)
            for index, line in enumerate(self.lines):
                top = index * self.row_height
                if top + self.row_height < some.top() or top > some.bottom():
                    continue
                row = QRectF(0, top, self.width(), self.row_height)
                if line.name:
                    current = focus and index == self._current
                    ink.row(painter, row, line, index == self._hot, current)
                else:
                    ink.heading(painter, row, line, first=index == 0)


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
            self.head.show_axis(self.rows.axis)
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
        self.head.show_axis(self.rows.axis)
