"""A number that is typed; Up and Down change it by a step."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.focus import keep_arrows
from rlxent_gui.widgets.scale import read_number

NOT_A_NUMBER = "Type a number, such as −0.1."
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
NOT_WHOLE = "Type a whole number, such as 100."


class NumberField(QLineEdit):
    """Emits ``entered(value)`` when another number was typed, and ``refused(sentence)`` for what
    is none; the old number then stays in force, and Esc shows it again.
    """

    entered = Signal(float)
    refused = Signal(str)

    def __init__(
        self, name: str, *, step: float = 0.1, whole: bool = False, tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._value, self._step, self._whole = 0.0, step, whole
        keep_arrows(self)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._take_text)
        appearance().changed.connect(self._dress)
        self._dress()
        self._show()

    @property
    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show ``value``, unless another is being typed; nothing is emitted."""
        if value != self._value or not self.isModified():
            self._value = value
            self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if steps and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._take(round(self._value + steps * self._step, 9))
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show()
        else:
            super().keyPressEvent(event)

    def _take_text(self) -> None:
        if not self.isModified():
            return
        text = self.text().strip()
        if self._whole and THOUSANDS.fullmatch(text):
            text = text.replace(",", "")  # elsewhere a comma is a decimal point
        value = read_number(text)
        if value is None or (self._whole and value != int(value)):
            self.refused.emit(NOT_WHOLE if self._whole else NOT_A_NUMBER)
        else:
            self._take(value)

    def _take(self, value: float) -> None:
        self.setModified(False)
        if value != self._value:
            self.entered.emit(value)
        else:
            self._show()

    def _show(self) -> None:
        self.setText(f"{self._value:.12g}".replace("-", "−"))
        self.setModified(False)

    def _dress(self) -> None:
        self.setFont(appearance().font(13))
        self.setFixedWidth(appearance().px(76))


def digits(parent: QObject) -> QRegularExpressionValidator:
    """Up to nine digits, or none: Qt's own for whole numbers would not let an empty field go."""
    return QRegularExpressionValidator(QRegularExpression(r"\d{0,9}"), parent)
