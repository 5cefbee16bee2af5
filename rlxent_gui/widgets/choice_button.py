"""Buttons that open a menu; one of them shows which of its choices holds."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from rlxent_gui import icons
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button

CARET = 12


class MenuButton(Button):
    """A text and, at its right, the caret of a menu."""

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        px, middle = appearance().px, rect.center().y()
        caret, edge = px(self._icon_size), px(self._padding)
        painter.setFont(self._fonts()[0])
        painter.setPen(ink)
        room = rect.adjusted(edge, 0, -edge - caret - px(4), 0)
        text = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, max(0, round(room.width()) + 1)
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        at = QPointF(round(rect.right() - edge - caret), round(middle - caret / 2))
        painter.drawPixmap(
            at, icons.pixmap(self._icon_name, ink, caret, self.devicePixelRatioF())
        )


class ChoiceButton(MenuButton):
    """``chosen(value)`` is emitted when the user takes another one; :meth:`set_value` is silent.

    It is as wide as its longest text, so that nothing beside it moves.
    """

    chosen = Signal(str)

    def __init__(
        self, name: str, options: Mapping[str, str], *, tip: str = "", height: float = 28,
        texts: Mapping[str, str] | None = None, parent: QWidget | None = None,
    ) -> None:
        """``texts`` are what the button itself shows, where that is shorter than the menu."""
        super().__init__(icon="caret-down", height=height, size=13, icon_size=CARET, padding=8,
                         tip=tip or name, parent=parent)
        self._name, self._tip = name, tip or name
        self._options, self._texts = dict(options), dict(texts or options)
        self.menu = QMenu(self)
        group = QActionGroup(self.menu)
        self._actions = {}
        for value, text in options.items():
            action = self.menu.addAction(text)
            action.setCheckable(True)
            action.setData(value)
            group.addAction(action)
            self._actions[value] = action
        group.triggered.connect(lambda action: self._choose(action.data()))
        self.clicked.connect(self.open)
        self.value = ""
        self.set_value(next(iter(options)))

    def set_value(self, value: str) -> None:
        """Show ``value`` as chosen.

        Raises:
            KeyError: when it is not offered.
        """
        self._actions[value].setChecked(True)
        if value != self.value:
            self.value = value
            self.setText(self._texts[value])
            whole = self._options[value]
            self.setAccessibleName(f"{self._name}: {whole}")
            self.setToolTip(self._tip if whole == self.text() else f"{whole}. {self._tip}")
            self.update()

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.set_value(value)
            self.chosen.emit(value)

    def open(self) -> None:
        """Open the menu below."""
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def sizeHint(self) -> QSize:
        px = appearance().px
        metrics = QFontMetricsF(self._fonts()[0])
        widest = max(metrics.horizontalAdvance(text) for text in self._texts.values())
        return QSize(round(widest) + px(8 + 4 + CARET + 8) + 1, px(self._height))
