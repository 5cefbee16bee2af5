"""The focus ring: 2 px of ink, 2 px outside the widget, and only for whoever uses the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from rlxent_gui.theme import appearance

GAP, WIDTH = 2, 2
ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_WATCHED = (QFocusEvent, QMouseEvent)
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def watch_focus(widget: QWidget, radius: float = 6) -> None:
    """Ring ``widget``, whose corners have ``radius``, whenever the keyboard brings focus to it."""
    widget.installEventFilter(_Watcher(widget, radius))


def keep_arrows(widget: QWidget, after_click: bool = True) -> None:
    """Leave the arrow keys to ``widget`` and what lies in it, also where a command has them.

    With ``after_click`` false only while it has the focus by the keyboard.
    """
    widget.installEventFilter(_ArrowKeeper(widget, after_click))


def give_back_focus(widget: QWidget | None) -> None:
    """Give the focus to whoever had it before, if that is still there to be seen."""
    if widget is not None and isValid(widget) and widget.isVisible():
        widget.setFocus(Qt.FocusReason.OtherFocusReason)


class _ArrowKeeper(QObject):
    def __init__(self, widget: QWidget, after_click: bool) -> None:
        super().__init__(widget)
        self._after_click = self._keeps = after_click

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Its class is known three times as soon as its type, and most events are others.
        if isinstance(event, QFocusEvent):
            if event.gotFocus():
                self._keeps = self._after_click or event.reason() in _BY_KEYBOARD
        elif (
            isinstance(event, QKeyEvent)
            and self._keeps
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in ARROWS
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()
            return True
        return False


class _Watcher(QObject):
    def __init__(self, widget: QWidget, radius: float) -> None:
        super().__init__(widget)
        self._radius = radius
        self._ring: FocusRing | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, _WATCHED):
            return False
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            if event.reason() in _BY_KEYBOARD and isinstance(watched, QWidget):
                self._ring = _ring_of(watched.window())
                self._ring.surround(watched, self._radius)
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.MouseButtonPress):
            # At the end of the application widgets lose the focus while they are taken apart.
            if self._ring is not None and isValid(self._ring) and isinstance(watched, QWidget):
                self._ring.let_go(watched)
            self._ring = None
        return False


def _existing_ring(window: QWidget) -> FocusRing | None:
    return window.findChild(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly)


def _ring_of(window: QWidget) -> FocusRing:
    return _existing_ring(window) or FocusRing(window)


class FocusRing(QWidget):
    """One per window; lies above everything, follows the widget, lets the mouse through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self._radius = 6.0
        self._around: QWidget | None = None
        self._chain: list[QWidget] = []

    def surround(self, widget: QWidget, radius: float) -> None:
        """Show the ring around ``widget`` and keep it there."""
        self._forget()
        self._around, self._radius = widget, radius
        parent: QWidget | None = widget
        while parent is not None and parent is not self.window():
            parent.installEventFilter(self)
            self._chain.append(parent)
            parent = parent.parentWidget()
        self._place()
        self.show()
        self.raise_()

    def let_go(self, widget: QWidget) -> None:
        """Hide the ring if it is around ``widget``."""
        if self._around is widget:
            self._forget()
            self.hide()

    def _forget(self) -> None:
        for widget in self._chain:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._around, self._chain = None, []

    def _place(self) -> None:
        """Around what is seen of the widget: it may be scrolled."""
        if self._around is not None:
            window, edge = self.window(), GAP + WIDTH
            seen = window.rect()
            for widget in self._chain:
                seen &= QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            self.setGeometry(seen.adjusted(-edge, -edge, edge, edge))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        elif kind == QEvent.Type.ParentChange or (
            kind == QEvent.Type.Hide and watched is self._around
        ):
            self._forget()
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(appearance().theme.ink, WIDTH))
        half = WIDTH / 2
        radius = self._radius + GAP + half
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius
        )
