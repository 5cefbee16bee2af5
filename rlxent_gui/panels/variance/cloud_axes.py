"""The axes of a cloud: what they are, and few numbers along them."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from rlxent_gui.estimator_words import ACROSS, ALONG
from rlxent_gui.panels.variance.dots import Scale
from rlxent_gui.plots.ranges import tick_text, ticks
from rlxent_gui.theme import MEDIUM, Appearance, faded

ALONG_SHARE, ACROSS_SHARE = 0.46, 0.6
"""Of the width, what a name may take in full: beside the lower one stand numbers."""
Written = tuple[str, QRectF]


class CloudAxes(NamedTuple):
    """The axes of the dots in ``area``, and a line of ``foot`` pixels below them."""

    look: Appearance
    area: QRectF
    foot: float
    scale: Scale
    target: str
    """Which gradient lies along: exact or practice."""
    taken: float = 0.0
    """Of the uppermost line, at its right."""

    def names(self) -> tuple[Written, Written]:
        """What lies along, below at the right, and what across, in the upper corner."""
        area, metrics = self.area, QFontMetricsF(self.look.font(11, MEDIUM))

        def fitting(names: tuple[str, ...], room: float) -> tuple[str, float]:
            wide = [(name, metrics.horizontalAdvance(name) + 1) for name in names]
            return next((one for one in wide if one[1] <= room), wide[-1])

        width = area.width()
        along, wide = fitting(ALONG[self.target], ALONG_SHARE * width)
        across, room = fitting(ACROSS, min(ACROSS_SHARE * width, width - self.taken))
        return (
            (along, QRectF(area.right() - wide, area.bottom() + 1, wide, self.foot - 2)),
            (across, QRectF(area.left() + 4, area.top() + 2, room, metrics.height())),
        )

    def numbers_along(self) -> list[Written]:
        """Those below that do not run into the name."""
        px, metrics, place = self.look.px, QFontMetricsF(self.look.font(11)), self.names()[0][1]
        low, high = self.scale.point(0, 0)[0], self.scale.point(self.area.width(), 0)[0]
        found = []
        for value in ticks(low, high, max(2, min(5, int(self.area.width() // px(64))))):
            text = tick_text(value)
            width = metrics.horizontalAdvance(text) + 2
            left = self.area.left() + self.scale.at(value, 0)[0] - width / 2
            left = max(left, self.area.left())
            if left + width + px(6) <= place.left():
                found.append((text, QRectF(left, place.top(), width, place.height())))
        return found

    def numbers_across(self) -> list[Written]:
        """Those at the left that do not run into the name; 0 is where the line is."""
        px, metrics, place = self.look.px, QFontMetricsF(self.look.font(11)), self.names()[1][1]
        line, top = metrics.height(), self.scale.point(0, 0)[1]
        found = []
        for value in ticks(-top, top, max(3, min(5, int(self.area.height() // px(32))))):
            y, text = self.area.top() + self.scale.at(0, value)[1], tick_text(value)
            if value and place.bottom() + line / 2 < y < self.area.bottom() - line / 2:
                width = metrics.horizontalAdvance(text) + 1
                found.append((text, QRectF(self.area.left() + 4, y - line / 2, width, line)))
        return found

    def paint(self, painter: QPainter) -> None:
        """Names and numbers, legible on the dots."""
        look, (along, across) = self.look, self.names()
        painter.fillRect(across[1].adjusted(-2, 0, 2, 0), faded(look.theme.sunken, 0.85))
        for font, ink, written in (
            (look.font(11, MEDIUM), look.theme.ink2, [along, across]),
            (look.font(11), look.theme.ink3, [*self.numbers_along(), *self.numbers_across()]),
        ):
            painter.setFont(font)
            painter.setPen(ink)
            for text, place in written:
                painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
