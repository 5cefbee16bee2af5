"""What the presenter is made of: letters for the back row, a headline, a blank screen."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.theme import BOLD, Appearance, Theme, appearance
from rlxent_gui.widgets.text import Label

SMALLEST, BODY, HEADLINE = 68, 53, 33
"""Of the width that there is of a window, letters are one part in so many."""
UNIT = 12
"""The smallest letters of a window, which become the smallest here."""
MOST = 1.25
"""So many times its usual size a headline has at most: it is large anyway, and takes two lines."""
MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta)


class StageLook(Appearance):
    """What is worn for a room: sizes follow the window, and the text size chosen where it is large.

    A very wide window counts as twice as wide as it is high, for its words must fit below another.
    """

    least = 1.0
    """The factor at which the smallest letters are as small as they may be."""

    def fit(self, width: int, height: int) -> None:
        """Suit a window of that size and the application's appearance."""
        base = appearance()
        self.least = ceil(min(width, 2 * height) / SMALLEST) / UNIT
        self.wear(base.theme, self.least * max(1.0, base.factor))

    def wear(self, theme: Theme, factor: float) -> None:
        """Take both as they are."""
        if (theme, factor) != (self._theme, self._factor):
            self._theme, self._factor = theme, factor
            self.changed.emit()

    def stroke(self, width: float) -> float:
        return min(2 * width, 5.5)


class Headline(Label):
    """At most two lines; smaller letters only where its words would not fit into them."""

    def __init__(self, look: StageLook, parent: QWidget) -> None:
        super().__init__("", UNIT * SMALLEST / HEADLINE, BOLD, "ink", wrap=True, parent=parent,
                         look=look)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.words = ""
        self._room_look = look

    def _font_of(self, share: float) -> QFont:
        """So much of the full size, which grows with the text size no farther than :data:`MOST`."""
        grown = self._room_look.factor / self._room_look.least
        size = UNIT * SMALLEST / HEADLINE * min(1.0, MOST / grown)
        return self._room_look.font(size * share, BOLD)

    def height_of_two_lines(self) -> int:
        return _two_lines(QFontMetrics(self._font_of(1.0)))

    def fit(self) -> None:
        """Lay the words into the place there is: two lines as written, else as they come."""
        one = self.words.replace("\n", " ")
        for share in (1.0, 0.9, 0.8, 0.7, 0.6):
            font = self._font_of(share)
            metrics = QFontMetrics(font)
            for words in (self.words, one):
                room = QRect(0, 0, self.width(), 10_000)
                need = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, words)
                if need.height() <= _two_lines(metrics) and need.width() <= self.width():
                    self.setFont(font)
                    self.setText(words)
                    return
        self.setFont(font)
        self.setText(one)


def _two_lines(metrics: QFontMetrics) -> int:
    return metrics.boundingRect(QRect(0, 0, 10_000, 10_000), 0, "Hg\nHg").height()


class Blank(QWidget):
    """A plain surface over everything; any key or click takes it away and does nothing else."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Blank screen: any key shows it again")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the key comes here and is no command
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() not in MODIFIERS:
                self.left.emit()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), appearance().theme.bg)
