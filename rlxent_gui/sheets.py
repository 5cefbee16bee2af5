"""Questions that lie over the top of a window: nothing else stops while they wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_core.world import MAX_SIDE
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.focus import give_back_focus
from rlxent_gui.widgets.text import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QSpinBox

WIDTH, TOP = 420, 72
Answer = tuple[str, Callable[[], object]]


class Sheet(Panel):
    """Title, sentence and buttons, the first of them the usual answer; Esc takes the last.

    ``closed`` comes before the answer is carried out.
    """

    closed = Signal()

    def __init__(
        self, window: QWidget, title: str, sentence: str, answers: tuple[Answer, ...],
        content: QWidget | None = None,
    ) -> None:
        super().__init__(window)
        self._window, self._answers = window, answers
        self._before = window.focusWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(Label(title, 15, SEMIBOLD, "ink", wrap=True))
        if sentence:
            column.addWidget(Label(sentence, 13, wrap=True))
        if content is not None:
            column.addWidget(content)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.buttons: list[Button] = []
        for k, (text, _) in enumerate(answers):
            button = Button(text, primary=k == 0, height=32, size=13, weight=SEMIBOLD)
            button.clicked.connect(lambda _checked=False, k=k: self.answer(k))
            self.buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        window.installEventFilter(self)
        appearance().changed.connect(self._place)
        self._place()
        self.show()
        self.raise_()
        # As if tabbed into: the number is selected, and typing replaces it.
        (content or self.buttons[0]).setFocus(Qt.FocusReason.TabFocusReason)

    def answer(self, number: int) -> None:
        """Shut the sheet, then do what was answered."""
        if not self.isHidden():
            self.close_quietly()
            self._answers[number][1]()

    def close_quietly(self) -> None:
        """Shut the sheet without an answer."""
        self.hide()
        give_back_focus(self._before)
        self._window.removeEventFilter(self)
        self.closed.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.answer(len(self._answers) - 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.answer(0)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        look, window = appearance(), self._window
        width = min(look.px(WIDTH), window.width() - 32)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        height = max(layout.heightForWidth(width), self.sizeHint().height())
        self.setGeometry((window.width() - width) // 2, look.px(TOP), width, height)


class SizeChooser(QWidget):
    """Rows and columns of a new world."""

    def __init__(self, rows: int = 8, columns: int = 8) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.rows, self.columns = _side("Rows", rows), _side("Columns", columns)
        row.addWidget(self.rows)
        row.addWidget(Label("rows ×", 13))
        row.addWidget(self.columns)
        row.addWidget(Label("columns", 13))
        row.addStretch(1)
        self.setFocusProxy(self.rows)


def _side(name: str, value: int) -> QSpinBox:
    from PySide6.QtWidgets import QSpinBox  # made when it is first asked for

    box = QSpinBox()
    box.setRange(1, MAX_SIDE)
    box.setValue(value)
    box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setFixedWidth(appearance().px(56))
    box.setAccessibleName(name)
    return box
