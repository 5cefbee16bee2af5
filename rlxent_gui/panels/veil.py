"""A sheet over the window with the rest dimmed: what runs beneath goes on running."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.theme import appearance, faded
from rlxent_gui.widgets.focus import give_back_focus, keep_arrows


class Veil(QWidget):
    """Covers its parent; Esc or a click beside the sheet closes it.

    :meth:`make_sheet` is called when the veil is first opened; the sheet gets as much of its size
    hint as there is room for.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._before: QWidget | None = None
        self._sheet: QWidget | None = None
        parent.installEventFilter(self)
        keep_arrows(self)
        appearance().changed.connect(self.place)
        self.hide()

    def make_sheet(self) -> QWidget:
        """The sheet, a child of this widget."""
        raise NotImplementedError

    def toggle(self) -> None:
        if self.isVisible():
            self.leave()
        else:
            self.open()

    def open(self) -> None:
        if self._sheet is None:
            self._sheet = self.make_sheet()
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.place()
        self.show()
        self.raise_()
        self.setFocus()

    def leave(self) -> None:
        self.hide()
        give_back_focus(self._before)
        self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """Cover the window, with the sheet in the middle."""
        if (window := self.parentWidget()) is not None:
            self.setGeometry(window.rect())
        if self._sheet is None:
            return
        want = self._sheet.sizeHint().boundedTo(self.size() - QSize(32, 32))
        self._sheet.resize(want)
        self._sheet.move(
            (self.width() - want.width()) // 2, (self.height() - want.height()) // 2
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes round within the sheet."""
        stops = [
            child for child in self.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible()
            and child.isEnabled()
        ]
        if stops:
            now = self.focusWidget()
            at = stops.index(now) if now in stops else (-1 if next else 0)
            reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
            stops[(at + (1 if next else -1)) % len(stops)].setFocus(reason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sheet = self._sheet
        if sheet is None or not sheet.geometry().contains(event.position().toPoint()):
            self.leave()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), faded(appearance().theme.bg, 0.8))
