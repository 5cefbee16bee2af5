"""Digits drawn once in ink with a halo of floor, to be stamped into many cells."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from rlxent_gui.theme import Theme, faded

CHARACTERS = "0123456789.−∞kMG\N{NARROW NO-BREAK SPACE} ×⁻⁰¹²³⁴⁵⁶⁷⁸⁹"

KEPT = 400
"""Whole texts that are kept as pictures: the same values come again and again."""


class Digits:
    """Every character that a number is written with; lengths are in pixels of the widget."""

    def __init__(self, font: QFont, theme: Theme, dpr: float) -> None:
        metrics = QFontMetricsF(font)
        self.height = metrics.capHeight()
        self._halo = max(2.6, 0.17 * font.pixelSize())
        self._around = math.ceil(self._halo / 2 * dpr) / dpr
        # Whole device pixels, so that every stamp is as sharp as the first.
        self._advances = {
            c: max(1, round(metrics.horizontalAdvance(c) * dpr)) / dpr for c in CHARACTERS
        }
        self._pictures = {c: self._draw(c, font, theme, dpr) for c in CHARACTERS}
        self._texts: dict[str, QPixmap] = {}
        self._dpr = dpr

    def width(self, text: str) -> float:
        return sum(self._advances[character] for character in text)

    def stamp(self, painter: QPainter, x: float, y: float, text: str, keep: bool = True) -> None:
        """Write ``text`` with its upper left corner at (x, y); no halo covers another digit.

        ``keep`` its picture where it will come again; counts seldom do.
        """
        x, y = x - self._around, y - self._around
        picture = self._texts.get(text)
        if picture is None and keep and len(self._texts) < KEPT:
            picture = self._empty(self.width(text) + 2 * self._around, self._dpr)
            with QPainter(picture) as inside:
                self._write(inside, 0, 0, text)
            self._texts[text] = picture
        if picture is None:
            self._write(painter, x, y, text)
        else:
            painter.drawPixmap(QPointF(x, y), picture)

    def _write(self, painter: QPainter, x: float, y: float, text: str) -> None:
        for layer in (0, 1):
            at = x
            for character in text:
                painter.drawPixmap(QPointF(at, y), self._pictures[character][layer])
                at += self._advances[character]

    def _draw(self, text: str, font: QFont, theme: Theme, dpr: float) -> tuple[QPixmap, QPixmap]:
        """The halo of a character, and its ink."""
        width = self._advances[text] + 2 * self._around
        baseline = QPointF(self._around, self._around + self.height)
        outline = QPainterPath()
        outline.addText(baseline, font, text)
        halo, ink = (self._empty(width, dpr) for _ in range(2))
        with QPainter(halo) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(faded(theme.floor, 0.85), self._halo)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(outline, pen)
        with QPainter(ink) as painter:
            painter.setFont(font)
            painter.setPen(theme.ink)
            painter.drawText(baseline, text)
        return halo, ink

    def _empty(self, width: float, dpr: float) -> QPixmap:
        height = self.height + 2 * self._around + 1
        picture = QPixmap(math.ceil(width * dpr), math.ceil(height * dpr))
        picture.setDevicePixelRatio(dpr)
        picture.fill(Qt.GlobalColor.transparent)
        return picture
