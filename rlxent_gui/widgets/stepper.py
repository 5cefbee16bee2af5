"""A number between a minus and a plus; it can be typed, and left out where that means something."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.focus import keep_arrows
from rlxent_gui.widgets.scale import number_text, read_number

HUGE = 1e300


class Stepper(QWidget):
    """``changed(value)`` is emitted when the user steps or types; :meth:`set_value` emits nothing.

    ``refused(sentence)`` says what may be typed when something else was; the number stays.

    Up, Down and the wheel step too.  With ``placeholder`` the number may be left out: an empty
    field is ``None``, and the first step begins at ``first``.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(
        self,
        name: str,
        low: float = -HUGE,
        high: float = HUGE,
        step: float = 0.1,
        *,
        whole: bool = False,
        placeholder: str | None = None,
        first: float = 0.0,
        tip: str = "",
        width: float = 72,
        format: Callable[[float], str] = number_text,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.low, self.high, self._step, self._whole = low, high, step, whole
        self._optional, self._first, self._width = placeholder is not None, first, width
        self._format = format
        self._value: float | None = None if self._optional else 0.0
        self.less = Button(icon="minus", height=26, icon_size=14, tip=f"{name}: less")
        self.more = Button(icon="plus", height=26, icon_size=14, tip=f"{name}: more")
        self.field = _Field(self)
        self.field.setAccessibleName(name)
        self.field.setToolTip(tip)
        self.field.setPlaceholderText(placeholder or "")
        for button, sign in ((self.less, -1), (self.more, 1)):
            # The field steps by its arrow keys: a stop of Tab each is enough.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, sign=sign: self.step(sign))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.less, self.field, self.more):
            row.addWidget(widget)
        self.setFocusProxy(self.field)
        appearance().changed.connect(self._dress)
        self._dress()
        self._show()

    @property
    def value(self) -> float | None:
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show ``value``; a number that is being typed stays."""
        if value != self._value:
            self._value = value
            self._show()

    def set_range(self, low: float, high: float) -> None:
        """Step between other ends; the number is the caller's to set."""
        self.low, self.high = low, high
        if not self.field.isModified():
            self._show()

    @property
    def range_text(self) -> str:
        """What may be typed."""
        kind = f"{self.name} takes a {'whole' if self._whole else 'finite'} number"
        if self.high < HUGE:
            kind += f" from {self._format(self.low)} to {self._format(self.high)}"
        elif self.low > -HUGE:
            kind += f" of {self._format(self.low)} or more"
        return f"{kind}, or nothing." if self._optional else f"{kind}."

    def step(self, steps: int) -> None:
        """So many steps up, or down; beyond the range nothing happens."""
        before = self._value
        value = self._first if before is None else round(before + steps * self._step, 10)
        self._take(min(max(value, self.low), self.high))

    def take_text(self, text: str) -> bool:
        """Take what was typed if it is allowed, and say whether it is."""
        if self._optional and not text.strip():
            self._take(None)
            return True
        value = read_number(text)
        if value is None or not self.low <= value <= self.high:
            return False
        if self._whole and value != int(value):
            return False
        self._take(value)
        return True

    def _take(self, value: float | None) -> None:
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit(value)
        else:
            self._show()

    def _show(self) -> None:
        self.field.setText("" if self._value is None else self._format(self._value))
        self.field.setModified(False)
        self.less.setEnabled(self._value is None or self._value > self.low)
        self.more.setEnabled(self._value is None or self._value < self.high)

    def commit(self) -> bool:
        """Take what stands in the field, and say whether it could be taken."""
        if not self.field.isModified() or self.take_text(self.field.text()):
            return True
        typed = self.field.text().strip()
        self.restore()
        found = f"“{typed}” was not taken. " if typed else ""
        self.refused.emit(found + self.range_text)
        return False

    def restore(self) -> None:
        """Forget what was typed."""
        self._show()

    def _dress(self) -> None:
        look = appearance()
        self.field.setFont(look.font(13))
        self.field.setFixedWidth(look.px(self._width))
        self.field.setFixedHeight(look.px(26))


class _Field(QLineEdit):
    def __init__(self, owner: Stepper) -> None:
        super().__init__(owner)
        self._owner = owner
        keep_arrows(self)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextMargins(-5, 0, -5, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._owner.commit()
            self._owner.step(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._owner.commit():
                event.ignore()
        elif key == Qt.Key.Key_Escape and self.isModified():
            self._owner.restore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc forgets what was typed, whatever else Esc means in the window.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without the focus the wheel belongs to the panel that scrolls past.
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self._owner.step(1 if event.angleDelta().y() > 0 else -1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._owner.commit()
