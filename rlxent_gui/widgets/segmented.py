"""A row of choices of which one holds, as in Total | To-go | GAE λ."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.focus import keep_arrows, watch_focus
from rlxent_gui.widgets.paint import box

EDGE = 2
"""Pixels between the frame and the chosen segment."""


class Segmented(QWidget):
    """One value of several, by mouse, arrow keys and screen reader.

    ``chosen(value)`` is emitted when the user chooses; :meth:`set_value` emits nothing.  Where one
    row is too narrow for its texts, they go on in another: they are never cut.  Without
    ``click_focus`` a click leaves the focus, and with it the arrow keys, where they are.
    """

    chosen = Signal(str)

    def __init__(
        self,
        options: Mapping[str, str],
        *,
        name: str = "",
        height: float = 30,
        size: float = 13,
        padding: float = 10,
        click_focus: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        focus = Qt.FocusPolicy
        self._focus = (
            (focus.StrongFocus, focus.ClickFocus) if click_focus
            else (focus.TabFocus, focus.NoFocus)
        )
        self._height, self._size, self._padding = height, size, padding
        self._segments: dict[str, _Segment] = {}
        self._value = ""
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_options(options)
        appearance().changed.connect(self._restyle)

    @property
    def value(self) -> str:
        return self._value

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self._segments)

    def set_options(self, options: Mapping[str, str]) -> None:
        """Offer other choices: value to text.  The value is kept if it is still among them."""
        if not options:
            raise ValueError("a segmented control needs an option")
        for old in self._segments.values():
            old.setParent(None)
            old.deleteLater()
        self._segments = {value: _Segment(self, value, text) for value, text in options.items()}
        for segment in self._segments.values():
            segment.show()
        value = self._value if self._value in options else next(iter(options))
        self._value = ""
        self.set_value(value)
        self._restyle()

    def set_value(self, value: str) -> None:
        """Mark ``value`` as chosen.

        Raises:
            KeyError: when it is not offered.
        """
        segment = self._segments[value]
        if value == self._value:
            return
        self._value = value
        segment.setChecked(True)
        for other in self._segments.values():
            other.setFocusPolicy(self._focus[0 if other is segment else 1])
        self.update()

    def set_option(self, value: str, *, enabled: bool = True, tip: str = "") -> None:
        """Allow or forbid a choice, and say why in its tooltip."""
        self._segments[value].setEnabled(enabled)
        self._segments[value].setToolTip(tip)

    def segment(self, value: str) -> QAbstractButton:
        """The button of one choice."""
        return self._segments[value]

    def choose(self, value: str) -> None:
        """What a click on ``value`` does."""
        if value != self._value:
            self.set_value(value)
            self.chosen.emit(value)

    def step(self, direction: int) -> None:
        """Choose the next allowed neighbour, going round at the ends."""
        values = list(self._segments)
        at = values.index(self._value)
        for offset in range(1, len(values)):
            value = values[(at + direction * offset) % len(values)]
            if self._segments[value].isEnabled():
                self.choose(value)
                self._segments[value].setFocus(Qt.FocusReason.TabFocusReason)
                return

    def _restyle(self) -> None:
        for segment in self._segments.values():
            segment.measure(self._size)
        self.updateGeometry()
        self._arrange()
        self.update()

    def _rows(self, width: int) -> list[list[_Segment]]:
        """As few rows as hold every text, filled evenly."""
        segments = list(self._segments.values())
        least = appearance().px(5)
        for count in range(1, len(segments) + 1):
            each = -(-len(segments) // count)
            rows = [segments[i : i + each] for i in range(0, len(segments), each)]
            widest = max(sum(s.text_width + 2 * least for s in row) for row in rows)
            if widest + 2 * EDGE <= width:
                return rows
        return [[segment] for segment in segments]

    def sizeHint(self) -> QSize:
        px = appearance().px
        width = sum(s.text_width + 2 * px(self._padding) for s in self._segments.values())
        return QSize(round(width) + 2 * EDGE, px(self._height))

    def minimumSizeHint(self) -> QSize:
        px = appearance().px
        widest = max(s.text_width for s in self._segments.values())
        return QSize(round(widest) + 2 * px(5) + 2 * EDGE + 1, px(self._height))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return len(self._rows(width)) * appearance().px(self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        rows = self._rows(self.width())
        top, height = 0, max(1, self.height() // len(rows))
        for row in rows:
            spare = (self.width() - 2 * EDGE - sum(s.text_width for s in row)) / len(row)
            left = float(EDGE)
            for segment in row:
                right = left + segment.text_width + spare
                segment.setGeometry(
                    QRect(round(left), top + EDGE, round(right) - round(left), height - 2 * EDGE)
                )
                left = right
            top += height

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = appearance().theme
        box(painter, QRectF(self.rect()), 6, theme.sunken,
            theme.control if self.isEnabled() else theme.border)
        for left, right in pairwise(self._segments.values()):
            if left.y() == right.y() and not left.isChecked() and not right.isChecked():
                inset = max(3, left.height() // 6)
                painter.fillRect(
                    right.x(), right.y() + inset, 1, right.height() - 2 * inset, theme.border
                )


class _Segment(QAbstractButton):
    def __init__(self, owner: Segmented, value: str, text: str) -> None:
        super().__init__(owner)
        self._owner = owner
        self._value = value
        self.text_width = 0.0
        self._size = 13.0
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.clicked.connect(self._choose)
        watch_focus(self, 4)
        keep_arrows(self, after_click=False)

    def measure(self, size: float) -> None:
        """Take the room of the strong face, so that a choice moves nothing."""
        self._size = size
        strong = QFontMetricsF(appearance().font(size, SEMIBOLD))
        self.text_width = strong.horizontalAdvance(self.text()) + 1

    def _choose(self) -> None:
        self._owner.choose(self._value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._owner.step(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._owner.step(1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = appearance()
        theme = look.theme
        ink = theme.ink if self.isEnabled() else look.disabled
        if self.isChecked():
            box(painter, QRectF(self.rect()), 4, theme.ink if self.isEnabled() else theme.border)
            ink = theme.surface
        elif self.underMouse() and self.isEnabled():
            box(painter, QRectF(self.rect()), 4, theme.hairline)
        painter.setFont(look.font(self._size, SEMIBOLD if self.isChecked() else MEDIUM))
        painter.setPen(ink)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
