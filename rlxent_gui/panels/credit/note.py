"""A remark on the world that is looked at, with the way to one that shows more."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import Label

EDGE, GAP = 10, 12
WIDE = 560
"""From this width on, at the usual text size, the button stands beside the text."""


class Note(Panel):
    """Passive: :meth:`show_note` in; the button asks for the puddle corridor."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = Label("", 13, wrap=True, parent=self)
        self.button = Button(
            "Open the puddle corridor", height=28, size=13, padding=8,
            tip="A world that pays on the way, with a stored episode", parent=self,
        )
        self.button.clicked.connect(lambda: self.command.emit("open_preset", "puddle_corridor"))
        self.hide()

    def show_note(self, text: str) -> bool:
        """Whether it says something else now."""
        if text == self.text.text():
            return False
        self.text.setText(text)
        return True

    def height_for(self, width: int) -> int:
        """What it takes of the height; nothing where there is nothing to say."""
        if not self.text.text():
            return 0
        text, button = self._places(width)
        return max(text.bottom(), button.bottom()) + 1 + EDGE

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for part, place in zip((self.text, self.button), self._places(self.width()), strict=True):
            part.setGeometry(place)

    def _places(self, width: int) -> tuple[QRect, QRect]:
        """Text and button, beside each other where there is room."""
        size = self.button.sizeHint()
        if width >= appearance().px(WIDE):
            room = width - size.width() - 2 * EDGE - GAP
            height = max(self.text.heightForWidth(room), size.height())
            text = QRect(EDGE, EDGE, room, height)
            top = EDGE + (height - size.height()) // 2
            return text, QRect(text.right() + 1 + GAP, top, size.width(), size.height())
        room = width - 2 * EDGE
        text = QRect(EDGE, EDGE, room, self.text.heightForWidth(room))
        return text, QRect(EDGE, text.bottom() + 7, min(size.width(), room), size.height())
