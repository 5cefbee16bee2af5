"""A chip that stands for a bet where the window is narrow, and the popover it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from rlxent_gui import icons
from rlxent_gui.theme import REGULAR, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel, paint_disc
from rlxent_gui.widgets.focus import keep_arrows

if TYPE_CHECKING:
    from PySide6.QtGui import QWindow

ENDS = (QEvent.Type.Hide, QEvent.Type.DeferredDelete)
"""What happens to a window before its native handle and its widgets go."""


class ChipButton(Button):
    """Number, name and current choice of a bet, with a caret; ``checked`` while it is open."""

    def __init__(
        self, n: int, name: str, choice: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(checkable=True, height=50, parent=parent)
        self.n, self.name, self.choice = n, name, choice
        self.set_choice(choice)

    def set_choice(self, choice: str, whole: str = "") -> None:
        """Show another current choice; ``whole`` is what it is called where it was cut short."""
        self.choice = choice
        self.setAccessibleName(f"{self.name}: {whole or choice}")
        self.setToolTip("" if whole == choice else whole)
        self._restyle()

    def sizeHint(self) -> QSize:
        px, font = appearance().px, appearance().font
        width = max(
            QFontMetricsF(font(12)).horizontalAdvance(self.name),
            QFontMetricsF(font(14, SEMIBOLD)).horizontalAdvance(self.choice),
        )
        return QSize(round(width) + px(10 + 22 + 10 + 4 + 12 + 8) + 1, px(50))

    def colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        fill, border, ink = super().colours()
        if self.isChecked() and self.isEnabled():
            theme = appearance().theme
            return theme.sunken, theme.ink, theme.ink
        return fill, border, ink

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        look = appearance()
        px, middle = look.px, rect.center().y()
        disc = px(22)
        paint_disc(painter, QRectF(px(10), middle - disc / 2, disc, disc), self.n)
        left = px(10 + 22 + 10)
        caret = px(12)
        room = rect.width() - left - caret - px(8 + 4)
        line = px(18)
        for text, size, weight, colour, top in (
            (self.name, 12, REGULAR, look.theme.ink2 if self.isEnabled() else ink, -line - px(1)),
            (self.choice, 14, SEMIBOLD, ink, 0),
        ):
            painter.setFont(look.font(size, weight))
            painter.setPen(colour)
            shown = QFontMetricsF(painter.font()).elidedText(
                text, Qt.TextElideMode.ElideRight, room + 1
            )
            painter.drawText(QRectF(left, middle + top, room + 1, line),
                             Qt.AlignmentFlag.AlignVCenter, shown)
        at = QPointF(rect.right() - caret - px(8), middle - caret / 2)
        painter.drawPixmap(at, icons.pixmap("caret-down", ink, caret, self.devicePixelRatioF()))


class Popover(Panel):
    """A card above the window's other widgets, below the chip that opened it.

    It is a child of the window and no window of its own, so the window's keys keep working while
    it is open.  Esc or a click elsewhere closes it; ``closed`` is emitted then.
    """

    closed = Signal()

    def __init__(self, window: QWidget, width: float | None = 348) -> None:
        """``width`` at the usual text size, or None for what the content likes to have."""
        super().__init__(window)
        self._width = width
        self._anchor: QWidget | None = None
        self._beside: QWidget | None = None
        self._watched: QWindow | None = None
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self._area)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_arrows(self)
        self.hide()
        appearance().changed.connect(self._replace)

    @property
    def is_open(self) -> bool:
        return self._anchor is not None

    @property
    def anchor(self) -> QWidget | None:
        """What it was opened from."""
        return self._anchor

    def set_content(self, content: QWidget) -> None:
        """Show ``content``, which becomes the popover's child."""
        self.take_content()
        self._area.setWidget(content)
        content.setAutoFillBackground(False)
        content.installEventFilter(self)
        content.show()
        appearance().dress_moved()

    def take_content(self) -> QWidget | None:
        """Give the content back, without a parent."""
        content: QWidget | None = self._area.takeWidget()
        if content is not None:
            content.removeEventFilter(self)
        return content

    def open_below(self, anchor: QWidget, beside: QWidget | None = None) -> None:
        """Open below ``anchor``, within the window; the first control gets the focus.

        With ``beside`` it opens at the right of that widget, and clicks there leave it open.
        """
        self.close_popover()
        self._anchor, self._beside = anchor, beside
        self._replace()
        self.show()
        self.raise_()
        window = self.window()
        self._watched = window.windowHandle()
        if self._watched is not None:
            self._watched.installEventFilter(self)
        window.installEventFilter(self)
        content = self._area.widget()
        first = _first_control(content) if content is not None else None
        if first is not None:
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def reveal(self, widget: QWidget) -> None:
        """Scroll to a part of the content."""
        self._area.ensureWidgetVisible(widget)

    def close_popover(self) -> None:
        """Close, and give the focus back to the chip if it was inside."""
        if self._anchor is None:
            return
        anchor, self._anchor = self._anchor, None
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched = None
        self.window().removeEventFilter(self)
        inside = QApplication.focusWidget()
        held = inside is not None and self.isAncestorOf(inside)
        self.hide()
        if held:
            anchor.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def _replace(self) -> None:
        content = self._area.widget()
        if self._anchor is None or content is None:
            return
        window, px = self.window(), appearance().px
        wanted = content.sizeHint().width() + 2 if self._width is None else px(self._width)
        width = min(wanted, window.width() - 16)
        layout = content.layout()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(width - 2)
        else:
            height = content.sizeHint().height()
        if self._beside is None:
            below = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + 8))
        else:
            below = self._beside.mapTo(window, QPoint(self._beside.width() + 8, 0))
        top = min(below.y(), max(8, window.height() - 8 - height - 2))
        left = max(8, min(below.x(), window.width() - 8 - width))
        self.setGeometry(left, top, width, min(height + 2, window.height() - 8 - top))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._watched:
            if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
                at = self.window().mapFromGlobal(event.globalPosition().toPoint())
                spared = any(
                    widget is not None
                    and widget.rect().contains(widget.mapFrom(self.window(), at))
                    for widget in (self._anchor, self._beside)
                )
                if not self.geometry().contains(at) and not spared:
                    self.close_popover()
        elif kind in ENDS and watched is self.window() and not event.spontaneous():
            self.close_popover()  # no filter may hear of a window that is half gone
        elif kind == QEvent.Type.LayoutRequest or (
            kind == QEvent.Type.Resize and watched is self.window()
        ):
            self._replace()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_popover()
            return
        super().keyPressEvent(event)


def _first_control(content: QWidget) -> QWidget | None:
    for child in content.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isEnabledTo(content):
            return child
    return None
