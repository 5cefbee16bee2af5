"""The code behind it: the lines that compute this very update, in PyTorch or in NumPy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QFontMetricsF, QGuiApplication, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from rlxent_core.code_behind import READ
from rlxent_gui.credit_view import CodeView
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.chip import Popover
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import ElidedLabel, Label

TITLE = "The code behind it"
TABS = {"torch": "PyTorch", "numpy": "NumPy"}
COPY, COPIED = "Copy", "Copied"
WHOLE = "Copy takes all numbers of the episode along."
CONFIRMED_FOR = 2000
"""Milliseconds that the button says what it did."""
LINES = 28
"""Most lines that are seen at once."""


class CodePanel(QWidget):
    """Passive: :meth:`show_code` in; it can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = CodeView("", "", "", "")
        self.tabs = Segmented(TABS, name="Language")
        self.copy = Button(COPY, "copy", height=30, size=13, icon_size=16, padding=10,
                           tip="Copy the code, to be run anywhere")
        self.note = ElidedLabel("", 12)
        self.code = Code()
        head, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(15, 12, 15, 14)
        column.setSpacing(10)
        head.setSpacing(12)
        head.addWidget(Label(TITLE, 15, SEMIBOLD, "ink"))
        head.addStretch(1)
        head.addWidget(self.tabs)
        head.addWidget(self.copy)
        column.addLayout(head)
        column.addWidget(self.code, 1)
        column.addWidget(self.note)
        self.setAccessibleName(TITLE)
        self.tabs.chosen.connect(self._show)
        self.copy.clicked.connect(self._copy)
        self._confirmed = QTimer(self)
        self._confirmed.setSingleShot(True)
        self._confirmed.setInterval(CONFIRMED_FOR)
        self._confirmed.timeout.connect(lambda: self.copy.set_text(COPY))

    def show_code(self, view: CodeView) -> None:
        """Show other code; what is selected and scrolled to stays where the text is the same."""
        if view != self._view:
            self._view = view
            self._show()

    @property
    def whole(self) -> str:
        """What Copy takes: the code as it runs."""
        return self._view.torch if self.tabs.value == "torch" else self._view.numpy

    def _show(self, _: str = "") -> None:
        torch = self.tabs.value == "torch"
        shown = self._view.torch_shown if torch else self._view.numpy_shown
        self.code.set_text(shown)
        self.note.setText(WHOLE if shown != self.whole else "")
        self.note.setVisible(shown != self.whole)
        self._confirmed.stop()
        self.copy.set_text(COPY)
        self.updateGeometry()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.whole)
        self.copy.set_text(COPIED)
        self._confirmed.start()


class Code(QPlainTextEdit):
    """Read-only text in the system's font of fixed width; Esc is left to whoever opened it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Code")
        appearance().changed.connect(self._restyle)
        self._restyle()

    def set_text(self, text: str) -> None:
        """Keeps the place that is scrolled to."""
        if text != self.toPlainText():
            bar = self.verticalScrollBar()
            place = bar.value()
            self.setPlainText(text)
            bar.setValue(place)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        lines = self.toPlainText().splitlines() or [""]
        edge = 2 * round(self.document().documentMargin()) + 2 * appearance().px(8) + 4
        width = metrics.horizontalAdvance("0" * READ)  # the same for every step
        height = metrics.lineSpacing() * (min(len(lines), LINES) + 1)
        return QSize(round(width) + edge, round(height) + edge)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 80)

    def _restyle(self) -> None:
        look = appearance()
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(look.px(13))
        # The stylesheet of the application gives text fields its own font.
        self.setStyleSheet(
            f"QPlainTextEdit {{ font-family: '{font.family()}'; font-size: {look.px(13)}px; "
            f"background: {look.theme.sunken.name()}; }}"
        )
        self.setFont(font)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, look.theme.ink)
        self.setPalette(palette)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class CodeButton(Button):
    """Opens the code in a popover.  ``opened(on)`` says when it is to be seen."""

    opened = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Code", "code", checkable=True, height=32, size=13, icon_size=18,
                         tip="The code behind it, to be read and copied", parent=parent)
        self._view: CodeView | None = None
        self._popover: Popover | None = None
        self.panel: CodePanel | None = None
        self.clicked.connect(self._toggle)

    def show_code(self, view: CodeView) -> None:
        self._view = view
        if self.panel is not None:
            self.panel.show_code(view)

    def close_code(self) -> None:
        if self._popover is not None:
            self._popover.close_popover()

    def _toggle(self, on: bool) -> None:
        if not on:
            self.close_code()
            return
        self.opened.emit(True)
        if self._popover is None:
            self.panel = CodePanel()
            self._popover = Popover(self.window(), width=None)
            self._popover.set_content(self.panel)
            self._popover.closed.connect(self._closed)
        assert self.panel is not None
        if self._view is not None:
            self.panel.show_code(self._view)
        self._popover.open_below(self)

    def _closed(self) -> None:
        self.setChecked(False)
        self.opened.emit(False)
