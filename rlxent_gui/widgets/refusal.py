"""Why something was not taken, beside what it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_gui import icons
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import Label


class Refusal(QWidget):
    """A sentence with a warning sign; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = Label()
        self._words = Label("", 13, role="neg_text", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        appearance().changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def sentence(self) -> str:
        return self._words.text()

    def say(self, sentence: str) -> None:
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def follow(self, stepper: Stepper) -> None:
        """Say what it refuses, until another number is typed or taken."""
        stepper.refused.connect(self.say)
        for signal in (stepper.changed, stepper.field.textEdited):
            signal.connect(lambda _: self.say(""))

    def _dress(self) -> None:
        look = appearance()
        side = look.px(16)
        self._sign.setPixmap(
            icons.pixmap("warning", look.theme.neg_text, side, self.devicePixelRatioF())
        )
