"""Cards: surface, hairline border, 8 px radius, no shadow; and what stands in their headers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui.theme import BOLD, SEMIBOLD, Appearance, appearance
from rlxent_gui.widgets.paint import box
from rlxent_gui.widgets.text import ElidedLabel, Label


class Panel(QWidget):
    """The bare card: whatever is put into it lies on its surface."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("paper", "surface")
        appearance().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        box(QPainter(self), QRectF(self.rect()), 8, theme.surface, theme.border)


class NumberDisc(QWidget):
    """A numbered disc of ink, which ties a control to its term of the formula."""

    def __init__(self, n: int, diameter: float = 22, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.n, self._diameter = n, diameter
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = appearance().px(self._diameter)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_disc(QPainter(self), QRectF(self.rect()), self.n)


def paint_disc(painter: QPainter, rect: QRectF, n: int, hot: bool = False) -> None:
    """The disc with number ``n`` that fills ``rect``."""
    look = appearance()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.theme.ink2 if hot else look.theme.ink)
    painter.drawEllipse(rect)
    font = look.font(1, BOLD)
    font.setPixelSize(max(1, round(rect.height() * 0.6)))
    painter.setFont(font)
    painter.setPen(look.theme.surface)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(n))


class Card(Panel):
    """A card with a header; put the rest into :attr:`body`, header buttons into :attr:`header`.

    The subtitle stands beside the title, or below it with ``below=True``; ``number`` puts a disc
    before the title.  With a ``look`` of its own it is bare: no card on a table, but what a room
    looks at.
    """

    def __init__(
        self,
        title: str = "",
        subtitle: str = "",
        *,
        number: int | None = None,
        below: bool = False,
        look: Appearance | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bare = look is not None
        self.title = Label(title, 15, SEMIBOLD, "ink", look=look)
        self.subtitle = ElidedLabel(subtitle, 13, look=look)
        column = QVBoxLayout(self)
        edges = (0, 0, 0, 0) if self._bare else (15, 12, 15, 12)
        column.setContentsMargins(*edges)
        column.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        if number is not None:
            self.header.addWidget(NumberDisc(number))
        self.header.addWidget(self.title)
        if title:
            column.addLayout(self.header)
        if below:
            self.header.addStretch(1)
            column.addWidget(self.subtitle)
        else:
            self.header.addWidget(self.subtitle, 1)
        self.subtitle.setVisible(bool(subtitle))
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body, 1)
        self.setAccessibleName(title)
        if look is not None:
            look.changed.connect(self._fit_subtitle)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bare:
            super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_subtitle()

    def _fit_subtitle(self) -> None:
        """For a room nothing is cut short: what does not fit beside the title goes below it."""
        if self._bare:
            need = self.title.sizeHint().width() + 8 + self.subtitle.sizeHint().width()
            ways = QBoxLayout.Direction
            self.header.setDirection(
                ways.LeftToRight if need <= self.width() else ways.TopToBottom
            )

    def set_title(self, title: str, subtitle: str | None = None) -> None:
        """Change the title, and the subtitle where one is given."""
        if title != self.title.text():
            self.title.setText(title)
            self.setAccessibleName(title)
        if subtitle is not None and subtitle != self.subtitle.text():
            self.subtitle.setText(subtitle)
            self.subtitle.setVisible(bool(subtitle))
        self._fit_subtitle()
