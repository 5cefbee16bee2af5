"""A slider with its name at the left and its number at the right; the number can be typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolTip, QWidget

from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.groove import Groove
from rlxent_gui.widgets.scale import Scale, number_text, read_number
from rlxent_gui.widgets.text import Label


class NamedSlider(QWidget):
    """A number of a setting: name, slider, value.

    ``changed(value)`` is emitted when the user moves it or types a number; :meth:`set_value`
    emits nothing.  Double click or Return opens the number for typing.
    """

    changed = Signal(float)

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        *,
        logarithmic: bool = False,
        whole: bool = False,
        typed_high: float | None = None,
        symbol: str = "",
        format: Callable[[float], str] = number_text,
        tip: str = "",
        label_width: float = 82,
        value_width: float = 52,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.scale = Scale(low, high, logarithmic, whole, typed_high)
        self._format, self._value = format, self.scale.held(low)
        self._label_width, self._value_width = label_width, value_width
        name = f"{label} {symbol}".strip()
        self.name = Label(name, 13, MEDIUM)
        self.groove = Groove()
        self.groove.setAccessibleName(name)
        self.number = _Number(self)
        self.number.setAccessibleName(name)
        for widget in (self, self.name, self.groove, self.number):
            widget.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.name)
        row.addWidget(self.groove, 1)
        row.addWidget(self.number)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.groove.moved.connect(lambda part: self._take(self.scale.at(part)))
        self.groove.stepped.connect(lambda n: self._take(self.scale.stepped(self._value, n)))
        self.groove.edit_asked.connect(self.number.begin)
        appearance().changed.connect(self._restyle)
        self._restyle()
        self._show()

    @property
    def value(self) -> float:
        return self._value

    @property
    def text(self) -> str:
        """The value as it is shown."""
        return self._format(self._value)

    def set_value(self, value: float) -> None:
        """Show ``value``, also one that no step of the slider reaches."""
        value = self.scale.held(value)
        if value != self._value:
            self._value = value
            self._show()

    def take_text(self, text: str) -> bool:
        """Take what was typed if it is a number within the range, and say whether it is."""
        value = read_number(text)
        if value is None or not self.scale.low <= value <= self.scale.most:
            return False
        if self.scale.whole and value != int(value):
            return False
        self._take(self.scale.held(value))
        return True

    @property
    def range_text(self) -> str:
        """What may be typed, for whoever typed something else."""
        low, high = self._format(self.scale.low), self._format(self.scale.most)
        return f"{'A whole' if self.scale.whole else 'A'} number from {low} to {high}"

    def _take(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit(value)

    def _show(self) -> None:
        if not self.groove.isSliderDown():
            self.groove.set_fraction(self.scale.fraction(self._value))
        self.groove.setAccessibleDescription(self.text)
        self.number.show_text(self.text)
        self._fit_number()

    def _restyle(self) -> None:
        px = appearance().px
        metrics = QFontMetrics(appearance().font(13, MEDIUM))
        self.name.setFixedWidth(
            max(px(self._label_width), metrics.horizontalAdvance(self.name.text()) + 1)
        )
        self._fit_number()

    def _fit_number(self) -> None:
        room = QFontMetrics(appearance().font(13, SEMIBOLD)).horizontalAdvance(self.text) + 6
        self.number.setFixedWidth(max(appearance().px(self._value_width), room))


class _Number(QLineEdit):
    """The value: looks like a label until it is opened for typing."""

    def __init__(self, owner: NamedSlider) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFrame(False)
        appearance().changed.connect(self._restyle)
        self._close()

    @property
    def is_open(self) -> bool:
        return not self.isReadOnly()

    def show_text(self, text: str) -> None:
        if not self.is_open:
            self.setText(text)
            self.setCursorPosition(0)

    def begin(self) -> None:
        """Open the number for typing."""
        if not self.isEnabled():
            return
        self.setReadOnly(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        QWidget.setTabOrder(self._owner.groove, self)  # wherever it was made
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()
        self._restyle()

    def _close(self) -> None:
        self.setReadOnly(True)
        self.deselect()
        # A shut number takes no focus, so that Space and letters stay keys of the window.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._restyle()

    def _finish(self) -> None:
        self._close()
        self.show_text(self._owner.text)

    def _restyle(self, wrong: bool = False) -> None:
        look = appearance()
        theme = look.theme
        self.setFont(look.font(13, SEMIBOLD))
        edge = theme.neg if wrong else theme.ink
        face = (f"border: 2px solid {edge.name()}; background: {theme.surface.name()};"
                if self.is_open else "border: 2px solid transparent; background: transparent;")
        self.setStyleSheet(
            f"QLineEdit {{ {face} border-radius: 4px; padding: 0; color: {theme.ink.name()}; }}"
            f"QLineEdit:disabled {{ color: {look.disabled.name()}; }}"
        )
        # Shut, it ends where its row ends, with no room kept for the frame.
        self.setTextMargins(0, 0, 0 if self.is_open else -4, 0)
        self.setFixedHeight(QFontMetricsF(self.font()).height().__ceil__() + 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.is_open:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.is_open:
            super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.is_open:
            super().mouseDoubleClickEvent(event)
        else:
            self.begin()

    def event(self, event: QEvent) -> bool:
        # Esc in an open number shuts it, whatever else Esc means in the window.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self.is_open
            and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._owner.take_text(self.text()):
                self._leave()
            else:
                self._restyle(wrong=True)
                below = self.mapToGlobal(QPoint(0, self.height()))
                QToolTip.showText(below, self._owner.range_text, self)
        else:
            super().keyPressEvent(event)

    def _leave(self) -> None:
        self._finish()
        self._owner.groove.setFocus(Qt.FocusReason.TabFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.is_open and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._owner.take_text(self.text())
            self._finish()
