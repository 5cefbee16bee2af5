"""The same episode by every weighting: a row each, a number in every cell."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_gui.credit_numbers import decimals, figure
from rlxent_gui.credit_view import CreditView, Row
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.heat import (
    LEAST_ROW,
    ROW,
    Line,
    height_of,
    lay,
    paint_cells,
    paint_head,
    selectable,
)
from rlxent_gui.panels.credit.ink import LEFT, Script, script
from rlxent_gui.panels.credit.strip import column_rect, scroll_by_wheel
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance, appearance
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.paint import box

GAP, PAD, INDENT = 12.0, 8.0, 6.0
"""Right of the labels, within their pill, and before those of rows that cannot be chosen."""


class Matrix(QWidget):
    """Passive: :meth:`show_credit` in, ``command`` out; ``scrolled`` when the wheel moved it.

    A click on a label chooses the weighting, on a cell its step as well; the arrow keys do both.
    """

    command = Signal(str, object)
    scrolled = Signal()

    def __init__(
        self, columns: Columns, parent: QWidget | None = None, look: Appearance | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self._script = partial(script, look=self._look)
        self.columns = columns
        self.view: CreditView | None = None
        self.lines: tuple[Line, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._cells = QPixmap()
        self._key: tuple[object, ...] = ()
        self._painted: dict[str, tuple[object, ...]] = {}
        self._first = 0
        self._hot: str | None = None
        self.setAccessibleName("Same episode, other weightings")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        watch_focus(self, 6)
        self._look.changed.connect(self._restyle)

    def show_credit(self, view: CreditView) -> None:
        before, self.view = self.view, view
        if view.rows is not self._rows:
            units, self._rows = height_of(self._rows, 1.0), view.rows
            self._lay()
            if height_of(self._rows, 1.0) != units:
                self.updateGeometry()
            self.update()
        chosen = next((row for row in view.rows if row.name == view.weighting), None)
        if chosen is not None:
            digits = decimals(chosen.weights)
            self.setAccessibleDescription(
                f"{chosen.label}: {figure(float(chosen.weights[view.step]), digits, True)} in step"
                f" {view.step}, {figure(chosen.total, digits, True)} in all"
            )
        if before is None or before.weighting != view.weighting:
            self.update()
        elif before.step != view.step:
            for step in (before.step, view.step):
                self.update(column_rect(self.columns, step, self.height()))

    def _lay(self) -> None:
        self.lines = lay(self._rows, self.height() - 4, self._look.factor)

    def label_room(self) -> float:
        """What the labels take, with the gap to the columns."""
        px = self._look.px
        return max((
            self._script(13, SEMIBOLD).width(row.label) if selectable(row)
            else self._script(12).width(row.label) + px(INDENT)
            for row in self._rows
        ), default=0.0) + px(GAP) + px(1.5 * PAD) + 1

    def _restyle(self) -> None:
        self._lay()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = self._look.px
        return QSize(px(500), px(height_of(self._rows, ROW)) + 4)

    def minimumSizeHint(self) -> QSize:
        px = self._look.px
        return QSize(px(240), px(height_of(self._rows, LEAST_ROW)) + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay()

    # What the user does

    def line_at(self, y: float) -> Line | None:
        return next((line for line in self.lines if line.top <= y < line.top + line.height), None)

    def cell(self, name: str, step: int) -> QPointF:
        """The middle of a cell that is seen."""
        line = next(line for line in self.lines if line.row.name == name)
        return QPointF(self.columns.x(step) + self.columns.width / 2, line.top + line.height / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.view is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        line, step = self.line_at(at.y()), self.columns.step_at(at.x())
        if line is None:
            return
        if step is not None and step != self.view.step:
            self.command.emit("credit_step", step)
        if line.selectable:
            self._switch(line.row.name)

    def _switch(self, name: str) -> None:
        if self.view is not None and name != self.view.weighting:
            self.command.emit("credit_weighting", name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        line = self.line_at(event.position().y())
        self._heat(line.row.name if line is not None and line.selectable else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._heat(None)

    def _heat(self, name: str | None) -> None:
        if name != self._hot:
            self._hot = name
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.columns.scrolls:
            event.ignore()
            return
        scroll_by_wheel(self.columns, event)
        self.scrolled.emit()

    def _wish(self, event: QKeyEvent) -> tuple[str, object] | None:
        """The command of a key."""
        view = self.view
        if view is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        last = view.episode.length - 1
        steps = {
            Qt.Key.Key_Left: max(0, view.step - 1), Qt.Key.Key_Right: min(last, view.step + 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in steps:
            return "credit_step", steps[key]
        names = [line.row.name for line in self.lines if line.selectable]
        if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or view.weighting not in names:
            return None
        at = names.index(view.weighting) + (1 if key == Qt.Key.Key_Down else -1)
        return "credit_weighting", names[at % len(names)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wish = self._wish(event)
        if wish is None:
            event.ignore()
        else:
            self.command.emit(*wish)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        # Home would begin the training anew.
        if (
            event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
            and self._wish(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def tip_at(self, at: QPointF) -> str:
        """What the row is, and the number under the mouse."""
        line = self.line_at(at.y())
        if line is None:
            return ""
        step = self.columns.step_at(at.x())
        number = "" if step is None else (
            f"t = {step}: {figure(float(line.row.weights[step]), max(line.digits, 3), True)}\n"
        )
        return f"{number}{line.row.label}\n{line.row.tip}".strip()

    # How it is painted

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.view is None:
            return
        self._paint_cells()
        look = self._look
        theme, columns = look.theme, self.columns
        with QPainter(self) as painter:
            painter.drawPixmap(QPointF(0, 0), self._cells)
            if event.rect().left() < columns.left - look.px(GAP / 2):
                for line in self.lines:
                    self._label(painter, line)
            if self.view.step in columns.visible and self.lines:
                top, last = self.lines[0].top, self.lines[-1]
                around = QRectF(columns.x(self.view.step), top - 1, columns.width,
                                last.top + last.height - top + 2)
                box(painter, around, 5, None, theme.ink, 2)

    def _label(self, painter: QPainter, line: Line) -> None:
        assert self.view is not None
        look = self._look
        theme, px = look.theme, look.px
        pill = QRectF(0, line.top + 1, self.columns.left - px(GAP), line.height - 3)
        inside = pill.adjusted(px(PAD), 0, -px(PAD / 2), 0)
        if not line.selectable:
            painter.setPen(theme.ink2)
            words, inside = self._script(12), inside.adjusted(px(INDENT), 0, 0, 0)
            words.write(painter, inside, fitting(words, line.row.label, inside.width()), LEFT)
            return
        chosen = line.row.name == self.view.weighting
        if chosen:
            box(painter, pill, 5, theme.ink)
        elif line.row.name == self._hot:
            box(painter, pill, 5, theme.hairline)
        painter.setPen(theme.surface if chosen else theme.ink)
        words = self._script(13, SEMIBOLD if chosen else MEDIUM)
        words.write(painter, inside, fitting(words, line.row.label, inside.width()), LEFT)

    def _paint_cells(self) -> None:
        """All cells on a picture that is kept: only those with other numbers are painted anew."""
        look, columns = self._look, self.columns
        dpr = self.devicePixelRatioF()
        key = (columns.shown, columns.left, columns.width, self.size(), look.theme.name,
               look.factor, dpr, tuple((line.row.name, line.top) for line in self.lines))
        if key != self._key:
            self._key, self._painted = key, {}
            self._cells = QPixmap((self.size().toSizeF() * dpr).toSize())
            self._cells.setDevicePixelRatio(dpr)
            self._cells.fill(look.theme.surface)
            with QPainter(self._cells) as painter:
                paint_head(painter, columns, look)
        fresh = self._move_cells(dpr)
        looks = {line.row.name: line.look for line in self.lines}
        with QPainter(self._cells) as painter:
            for line in self.lines:
                same = looks[line.row.name] == self._painted.get(line.row.name)
                steps = fresh if same else columns.visible
                if not steps:
                    continue
                left, right = columns.x(steps.start), columns.x(steps.stop)
                for start, width in ((left, right - left), (columns.end, self.width())):
                    painter.fillRect(QRectF(start, line.top, width, line.height),
                                     look.theme.surface)
                paint_cells(painter, line, columns, steps, look)
        self._painted, self._first = looks, columns.first

    def _move_cells(self, dpr: float) -> range:
        """Let what is painted follow the columns; the steps that are not painted yet."""
        columns = self.columns
        by, width = columns.first - self._first, columns.width * dpr
        if not by or not self._painted:
            return range(0)
        whole = width.is_integer() and (columns.left * dpr).is_integer()
        if abs(by) >= columns.shown or not whole:
            self._painted = {}
            return range(0)
        area = QRect(int(columns.left * dpr), 0, int(columns.shown * width), self._cells.height())
        self._cells.scroll(int(-by * width), 0, area)
        seen = columns.visible
        return range(seen.stop - by, seen.stop) if by > 0 else range(seen.start, seen.start - by)


def fitting(words: Script, label: str, room: float) -> str:
    """A label, without what explains it where there is no room for both: "luck" is never cut."""
    text = words.elided(label, room)
    return text if text == label else words.elided(label.partition(":")[0], room)
