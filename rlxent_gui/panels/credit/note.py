"""A remark on the world that is looked at, with the way to one that shows more."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import Label


class Note(Panel):
    """Passive: :meth:`show_note` in; the button asks for the puddle corridor."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = Label("", 13, wrap=True)
        self.button = Button(
            "Open the puddle corridor", height=28, size=13, padding=8,
            tip="A world that pays on the way, with a stored episode",
        )
        self.button.clicked.connect(lambda: self.command.emit("open_preset", "puddle_corridor"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def show_note(self, text: str) -> bool:
        """Whether it says something else now."""
        if text == self.text.text():
            return False
        self.text.setText(text)
        self.setVisible(bool(text))
        return True

    def height_for(self, width: int) -> int:
        """What it takes of the height; nothing where there is nothing to say."""
        if not self.text.text():
            return 0
        beside = width - self.button.sizeHint().width() - 32
        return max(self.text.heightForWidth(beside), self.button.sizeHint().height()) + 16

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)
