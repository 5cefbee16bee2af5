"""Buttons: ink on paper, checked ones paper on ink.  Return presses them; Space runs training."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rlxent_gui import icons
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.paint import box


class Button(QAbstractButton):
    """A button with an icon, a text, or both; ``primary`` ones are ink, the rest paper.

    ``quiet`` ones have no frame until the mouse is over them.  Sizes are pixels at the usual text
    size.
    """

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        primary: bool = False,
        quiet: bool = False,
        checkable: bool = False,
        height: float = 32,
        size: float = 14,
        icon_size: float = 20,
        weight: QFont.Weight = MEDIUM,
        padding: float = 12,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._primary, self._quiet = icon, primary, quiet
        self._height, self._size, self._icon_size = height, size, icon_size
        self._weight, self._padding = weight, padding
        self._action: QAction | None = None
        self.setText(text)
        self.setCheckable(checkable)
        self.setToolTip(tip)
        self.setAccessibleName(text or tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        watch_focus(self, 6)
        appearance().changed.connect(self._restyle)

    def follow(self, action: QAction) -> None:
        """Be this action's button: its tip, state and check mark, and a click triggers it."""
        self._action = action
        action.changed.connect(self._copy_action)
        self.clicked.connect(self._trigger)
        self._copy_action()

    def _copy_action(self) -> None:
        if self._action is not None:
            self.setCheckable(self._action.isCheckable())
            self.setChecked(self._action.isChecked())
            self.setEnabled(self._action.isEnabled())
            self.setToolTip(self._action.toolTip())
            self.setAccessibleName(self._action.text())

    def _trigger(self) -> None:
        if self._action is not None:
            self._action.trigger()
            # A checked member of an exclusive group stays checked, and so must its button.
            self.setChecked(self._action.isChecked())

    def set_icon(self, name: str) -> None:
        """Show another icon, e.g. pause in place of play."""
        if name != self._icon_name:
            self._icon_name = name
            self.update()

    def set_primary(self, primary: bool) -> None:
        """Be the first thing to do, or one among others."""
        if primary != self._primary:
            self._primary = primary
            self.update()

    def set_text(self, text: str) -> None:
        """Show another text, or none; the accessible name stays unless it was the text."""
        if text != self.text():
            if text and self.accessibleName() == self.text():
                self.setAccessibleName(text)
            self.setText(text)
            self.updateGeometry()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        """The font, and that of the checked or primary state, which needs the most room."""
        look = appearance()
        return look.font(self._size, self._weight), look.font(self._size, SEMIBOLD)

    def sizeHint(self) -> QSize:
        px = appearance().px
        width = 0.0
        if self.text():
            width = max(QFontMetricsF(f).horizontalAdvance(self.text()) for f in self._fonts())
        if self._icon_name:
            width += px(self._icon_size) + (px(8) if self.text() else 0)
        if not self.text():
            return QSize(px(self._height), px(self._height))
        return QSize(round(width + 2 * px(self._padding)) + 1, px(self._height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, border and ink in the present state."""
        theme = appearance().theme
        if not self.isEnabled():
            if self._primary or self.isChecked():
                return theme.border, None, theme.surface
            return None if self._quiet else theme.surface, (
                None if self._quiet else theme.border
            ), appearance().disabled
        hot = self.underMouse() or self.isDown()
        if self._primary or self.isChecked():
            return (theme.ink2 if hot else theme.ink), None, theme.surface
        if self._quiet:
            return (theme.hairline if hot else None), None, theme.ink
        if hot:
            return (theme.hairline if self.isDown() else theme.sunken), theme.ink, theme.ink
        return theme.surface, theme.control, theme.ink

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill, border, ink = self.colours()
        box(painter, QRectF(self.rect()), 6, fill, border)
        self.paint_content(painter, QRectF(self.rect()), ink)

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        """Icon and text, side by side in the middle."""
        px = appearance().px
        plain, strong = self._fonts()
        font = strong if self._primary or self.isChecked() else plain
        side = px(self._icon_size) if self._icon_name else 0
        gap = px(8) if side and self.text() else 0
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(
            self.text(), Qt.TextElideMode.ElideRight, rect.width() - side - gap - px(4)
        )
        width = metrics.horizontalAdvance(text) if text else 0.0
        left = rect.center().x() - (side + gap + width) / 2
        if side:
            self.paint_icon(painter, QPointF(left, rect.center().y() - side / 2), side, ink)
        if self.text():
            painter.setFont(font)
            painter.setPen(ink)
            room = QRectF(left + side + gap, rect.top(), width + 2, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def paint_icon(self, painter: QPainter, at: QPointF, side: int, ink: QColor) -> None:
        """The icon with its upper left corner at ``at``, on whole pixels."""
        corner = QPointF(round(at.x()), round(at.y()))
        painter.drawPixmap(
            corner, icons.pixmap(self._icon_name, ink, side, self.devicePixelRatioF())
        )


class TextToggle(Button):
    """A small switch with a text: the overlays above the board."""

    def __init__(self, text: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, checkable=True, height=28, size=13, padding=10, tip=tip,
                         parent=parent)


class TransportButton(Button):
    """A large button under the board; the large primary one is Play."""

    def __init__(
        self,
        icon: str,
        text: str = "",
        *,
        primary: bool = False,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            text, icon, primary=primary, height=48 if primary else 40, weight=SEMIBOLD,
            icon_size=24 if primary else 20, padding=13, tip=tip, parent=parent,
        )


class ToolButton(Button):
    """A drawing tool: its icon, and its key in the corner."""

    def __init__(
        self, icon: str, key: str = "", tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(icon=icon, quiet=True, checkable=True, height=40, tip=tip, parent=parent)
        self._key = key
        self._compact = False

    def set_compact(self, compact: bool) -> None:
        """Be as small as the narrow rail asks."""
        if compact != self._compact:
            self._compact = compact
            self._restyle()

    def sizeHint(self) -> QSize:
        px = appearance().px
        return QSize(px(34), px(33)) if self._compact else QSize(px(40), px(40))

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        px = appearance().px
        side = px(18 if self._compact else 20)
        at = QPointF(rect.center().x() - side / 2, rect.center().y() - side / 2)
        if self._key:
            at -= QPointF(px(4), px(1)) if self._compact else QPointF(px(2), px(2))
        self.paint_icon(painter, at, side, ink)
        if not self._key:
            return
        theme = appearance().theme
        quiet = self.isEnabled() and not self.isChecked()
        painter.setFont(appearance().font(10, SEMIBOLD))
        painter.setPen(theme.ink3 if quiet else ink)
        painter.drawText(
            rect.adjusted(0, 0, -px(4), -px(2)),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self._key,
        )
