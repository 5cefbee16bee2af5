"""A world in the gallery: its picture, where it is from and what it teaches, on one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from rlxent_core.world import World
from rlxent_gui import icons
from rlxent_gui.canvas.grid import fit
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.paint import box

WIDTH, HEIGHT = 330, 148
PICTURE, PADDING = 108, 12
HARD = "Hard to learn"
BOOK = "Figures of the book"


class WorldCard(QAbstractButton):
    """Opened by a click or Return; ``moved`` is told where an arrow key leads."""

    def __init__(
        self, name: str, world: World, published: bool, moved: Callable[[WorldCard, int], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.name, self.world, self._published = name, world, published
        self._moved = moved
        self._notice = ""
        self._picture = QPixmap()
        self.setText(world.name or name)
        size = f"{world.rows} × {world.columns}"
        self.words = " ".join((name, world.name, world.source, world.notes, size)).casefold()
        """What a search looks through."""
        self.setAccessibleName(world.name or name)
        about = f"{world.source}, {size} cells{f'. {BOOK}' if published else ''}"
        self.setAccessibleDescription(f"{world.notes} {about}")
        self.setToolTip(f"{world.notes}\n{about}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def notice(self) -> str:
        """Why a random policy has little to learn from here; empty where it has."""
        return self._notice

    def warn(self, notice: str) -> None:
        self._notice = notice
        self.setToolTip(f"{self.toolTip()}\n\n{HARD}: {notice}")
        self.setAccessibleDescription(f"{self.accessibleDescription()}. {HARD}: {notice}")
        self.update()

    def draw_picture(self) -> None:
        """Paint the board anew, in the theme as it is."""
        look, dpr = appearance(), self.devicePixelRatioF()
        side = look.px(PICTURE)
        self._picture = QPixmap(round(side * dpr), round(side * dpr))
        self._picture.setDevicePixelRatio(dpr)
        self._picture.fill(Qt.GlobalColor.transparent)
        grid, _ = fit(
            self.world.rows, self.world.columns, QRectF(1, 1, side - 2, side - 2), dpr, 1.0,
            QPointF(0.5, 0.5),
        )
        with QPainter(self._picture) as painter:
            BoardPicture().paint(painter, grid, dpr, look.theme, self.world, None)
            painter.setClipping(False)
            painter.setPen(look.theme.control)
            painter.drawRect(grid.board.adjusted(-0.5, -0.5, 0.5, 0.5))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(WIDTH), appearance().px(HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in ARROWS:
            self._moved(self, event.key())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        with QPainter(self) as painter:
            strong = self.hasFocus() or self.underMouse()
            box(
                painter, QRectF(self.rect()), 8, theme.sunken if strong else theme.surface,
                theme.ink if strong else theme.border, 2 if self.hasFocus() else 1,
            )
            pad = px(PADDING)
            painter.drawPixmap(QPointF(pad, (self.height() - px(PICTURE)) / 2), self._picture)
            left = pad + px(PICTURE) + px(12)
            room = QRectF(left, pad - px(2), self.width() - left - pad, self.height() - 2 * pad)
            self._write(painter, room)

    def _write(self, painter: QPainter, room: QRectF) -> None:
        """Name, source, the sentence, and at the foot the size and what else there is to know."""
        look = appearance()
        theme, px = look.theme, look.px
        top = room.top()
        for text, size, weight, colour in (
            (self.text(), 14, SEMIBOLD, theme.ink), (self.world.source, 12, None, theme.ink3)
        ):
            font = look.font(size, weight) if weight else look.font(size)
            metrics = QFontMetricsF(font)
            painter.setFont(font)
            painter.setPen(colour)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(QPointF(room.left(), top + metrics.ascent()), shown)
            top += metrics.height() + px(1)
        small = look.font(12)
        foot = room.bottom() - QFontMetricsF(small).height() + px(2)
        painter.setFont(small)
        painter.setPen(theme.ink2)
        _paragraph(painter, QRectF(room.left(), top + px(3), room.width(), foot - top - px(5)),
                   self.world.notes)
        painter.setPen(theme.ink3)
        at, ascent = room.left(), QFontMetricsF(small).ascent()
        parts = [("", f"{self.world.rows} × {self.world.columns}", theme.ink3)]
        if self._notice:
            parts.append(("warning-fill", HARD, theme.neg_text))
        if self._published:
            parts.append(("book-open", "" if self._notice else BOOK, theme.ink2))
        for icon, text, colour in parts:
            if icon:
                side = px(14)
                painter.drawPixmap(
                    QPointF(round(at), round(foot + ascent - side + px(2))),
                    icons.pixmap(icon, colour, side, self.devicePixelRatioF()),
                )
                at += side + px(4)
            painter.setPen(colour)
            painter.drawText(QPointF(at, foot + ascent), text)
            at += QFontMetricsF(small).horizontalAdvance(text) + px(12)


ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def _paragraph(painter: QPainter, room: QRectF, text: str) -> None:
    """``text`` in as many lines as there is room for; the last one ends in … where that is few."""
    metrics = QFontMetricsF(painter.font())
    layout = QTextLayout(text, painter.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    y = room.top()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room.width())
        words = text[line.textStart() : line.textStart() + line.textLength()]
        last = y + 2 * metrics.lineSpacing() > room.bottom() + 1
        if last and line.textStart() + line.textLength() < len(text):
            words = metrics.elidedText(
                text[line.textStart() :], Qt.TextElideMode.ElideRight, room.width()
            )
        painter.drawText(QPointF(room.left(), y + metrics.ascent()), words)
        y += metrics.lineSpacing()
        if last:
            break
    layout.endLayout()
