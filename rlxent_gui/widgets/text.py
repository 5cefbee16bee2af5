"""Labels that take their colour from a role and their size from the text size."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from rlxent_gui.theme import REGULAR, Appearance, appearance

WORN = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)


class Label(QLabel):
    """Text in a token's colour, e.g. ``Label("Return", 15, SEMIBOLD, "ink")``.

    It wears ``look``, or else what the application wears.
    """

    _font: QFont | None = None

    def __init__(
        self,
        text: str = "",
        size: float = 13,
        weight: QFont.Weight = REGULAR,
        role: str = "ink2",
        wrap: bool = False,
        parent: QWidget | None = None,
        look: Appearance | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._look = look or appearance()
        self._size, self._weight, self._role = size, weight, role
        self.setTextFormat(Qt.TextFormat.PlainText)
        if wrap:
            self.setWordWrap(True)
        self._look.changed.connect(self._restyle)
        self._restyle()

    def set_role(self, role: str) -> None:
        """Take the colour of another token."""
        if role != self._role:
            self._role = role
            self._restyle()

    def setFont(self, font: QFont | str | Sequence[str]) -> None:
        self._font = QFont(font)
        super().setFont(self._font)

    def changeEvent(self, event: QEvent) -> None:
        """Keep font and colour.

        Under an application stylesheet Qt gives a widget, when it or what it lies in changes its
        parent, what it wore before the last change of theme or text size.
        """
        super().changeEvent(event)
        if event.type() not in WORN or self._font is None:
            return
        if self.font().pixelSize() != self._font.pixelSize():
            super().setFont(self._font)
        if self.palette().color(QPalette.ColorRole.WindowText) != self._colour:
            self._paint_in(self._colour)

    @property
    def _colour(self) -> QColor:
        colour: QColor = getattr(self._look.theme, self._role)
        return colour

    def _paint_in(self, colour: QColor) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self.setPalette(palette)

    def _restyle(self) -> None:
        self.setFont(self._look.font(self._size, self._weight))
        self._paint_in(self._colour)


class ElidedLabel(Label):
    """One line that ends in … where room is short; its tooltip then has the whole text.

    Or always what :meth:`set_tip` gave it.
    """

    def __init__(
        self,
        text: str = "",
        size: float = 13,
        weight: QFont.Weight = REGULAR,
        role: str = "ink2",
        parent: QWidget | None = None,
        look: Appearance | None = None,
    ) -> None:
        super().__init__(text, size, weight, role, parent=parent, look=look)
        self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_tip(self, tip: str) -> None:
        """Say this in the tooltip, however much room there is."""
        self._tip = tip
        self._explain()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._explain()

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        shortest = min(metrics.horizontalAdvance("mm…"), metrics.horizontalAdvance(self.text()) + 1)
        return QSize(shortest, metrics.height())

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text()) + 1, metrics.height())

    @property
    def shown_text(self) -> str:
        """What there is room for."""
        return QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def _explain(self) -> None:
        whole = "" if self.shown_text == self.text() else self.text()
        self.setToolTip(self._tip or whole)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        alignment = self.alignment() | Qt.TextFlag.TextSingleLine
        painter.drawText(QRect(0, 0, self.width(), self.height()), alignment, self.shown_text)
