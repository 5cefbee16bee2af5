"""All keys at a glance: a sheet over the window, closed by any click, Esc or the same key."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QWidget

from rlxent_gui.actions import BOARD, CREDIT, EDIT, PRESENT, RUN, TABLE, TOOL, VIEW
from rlxent_gui.panels.veil import Veil
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.text import Label

COLUMNS = ((RUN, TOOL, CREDIT), (VIEW, EDIT), (PRESENT, BOARD))
BOARD_KEYS = (
    ("Arrows", "Move the cursor; with Shift, select cells"),
    ("Return", "Use the tool, put down a paste, press a button"),
    ("Esc", "Cancel what is in hand; end presenting"),
    ("Tab", "Next control"),
)
PAINTING = (
    ("Drag", "Draw; the right button erases"),
    ("Alt+Click", "Pick the tile under the pointer"),
    ("Shift+Drag", "Keep to one row or column; Select: select"),
    ("Wheel", "Change slip, wind or reward with its tool in hand"),
    ("Ctrl+Wheel", "Zoom"),
)


class KeyCap(QWidget):
    """A key as it is printed on the keyboard."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        appearance().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        self.setFont(appearance().font(12, MEDIUM))
        width = self.fontMetrics().horizontalAdvance(self._text) + appearance().px(14)
        return QSize(max(width, appearance().px(24)), appearance().px(24))

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            cap = QRectF(QRectF(self.rect()).topLeft(), self.sizeHint())
            cap.adjust(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(theme.control, 1))
            painter.setBrush(theme.sunken)
            painter.drawRoundedRect(cap, 4, 4)
            painter.setFont(self.font())
            painter.setPen(theme.ink)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._text)


class KeysOverlay(Veil):
    """Shown and hidden by :meth:`toggle`; any click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("All keys", parent)

    def make_sheet(self) -> QWidget:
        return Sheet(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.leave()


class Sheet(QScrollArea):
    """The card with the keys; it scrolls where the window is too small for the text size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = self._page = Page()
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(24, 20, 24, 20)
        columns.setSpacing(32)
        for groups in COLUMNS:
            blocks = [
                (group, [(c.key_text, c.text) for c in TABLE if c.group == group])
                for group in groups
            ]
            if groups is COLUMNS[-1]:
                blocks.append(("By hand", [*BOARD_KEYS, *PAINTING]))
            columns.addLayout(_column(blocks))
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return self._page.sizeHint() + QSize(2 + bar, 2)


class Page(QWidget):
    """Surface with a border: the stylesheet leaves what lies in a scroll area transparent."""

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.border, 1))
            painter.setBrush(theme.surface)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def _column(blocks: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> QGridLayout:
    """Blocks of keys one below the other, their texts on one line."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(2)
    row = 0
    for title, keys in blocks:
        if row:
            grid.setRowMinimumHeight(row, 12)
            row += 1
        grid.addWidget(Label(title, 15, SEMIBOLD, "ink"), row, 0, 1, 2)
        for key, text in keys:
            row += 1
            grid.addWidget(KeyCap(key), row, 0)
            grid.addWidget(Label(text, 13), row, 1)
        row += 1
    grid.setRowStretch(row, 1)
    grid.setColumnStretch(1, 1)
    return grid
