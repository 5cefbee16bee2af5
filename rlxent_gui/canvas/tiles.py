"""Every tile of the format, painted: told apart by shape as well as by colour.

A cell's ground is one colour, :func:`ground`; everything else is marks on it, and a cell with
several properties wears several.  What ends an episode fills the cell; what the agent walks over
keeps to the corners and the sides, where darts leave room.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from rlxent_core.world import Tile
from rlxent_gui.canvas import glyphs
from rlxent_gui.cell_words import number
from rlxent_gui.theme import FAMILY, Theme, faded, mixed

NUMBERS_FROM = 26
"""Side of a cell, in pixels, below which no text is drawn."""


class Badges(NamedTuple):
    """Letters of the teleports that leave a cell and arrive in it."""

    source: str = ""
    target: str = ""


NO_BADGES = Badges()


def ground(tile: Tile, theme: Theme) -> QColor:
    """The colour beneath the marks."""
    if tile.wall:
        return theme.wall
    if tile.respawn:
        return theme.neg_tint if tile.reward < 0 else theme.hairline
    if tile.slip:
        return theme.ice
    return theme.floor


def paint_tile(
    painter: QPainter, rect: QRectF, tile: Tile, theme: Theme, badges: Badges = NO_BADGES
) -> None:
    """The whole tile, ground included."""
    painter.fillRect(rect, ground(tile, theme))
    paint_marks(painter, rect, tile, theme, badges)


def paint_marks(
    painter: QPainter, rect: QRectF, tile: Tile, theme: Theme, badges: Badges = NO_BADGES
) -> None:
    """What lies on the ground of a cell."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(rect)
    painter.translate(rect.topLeft())
    _Marks(painter, rect.width(), theme).paint(tile, badges)
    painter.restore()


class _Marks:
    """Paints into the square from (0, 0) to (side, side)."""

    def __init__(self, painter: QPainter, side: float, theme: Theme) -> None:
        self.painter, self.s, self.theme = painter, side, theme
        self.words = side >= NUMBERS_FROM

    def paint(self, tile: Tile, badges: Badges) -> None:
        if tile.wall:
            self.painter.fillRect(QRectF(0, 0, self.s, self.s), self.theme.wall)
            return
        if tile.terminal or tile.exit is not None or tile.respawn:
            self._ending(tile)
        else:
            self._underfoot(tile)
        self._teleport(badges)
        self._corners(tile, badges)

    # What fills the cell

    def _ending(self, tile: Tile) -> None:
        t = self.theme
        value = tile.reward if tile.exit is None else tile.exit
        sign = "opt" if value > 0 else "neg"
        colour = getattr(t, sign) if value else t.ink2
        tint = getattr(t, f"{sign}_tint") if value else t.hairline
        text = getattr(t, f"{sign}_text") if value else t.ink2
        words = number(value, signed=True) if value or not tile.terminal else "End"
        draw: Callable[[QPainter, QRectF, QColor, QColor], None]
        if tile.exit is not None:
            # What pays is solid and what costs is tinted, as goals and pits are.
            if value > 0:
                colour, text, tint = t.surface, t.surface, t.opt
            self._plate(tint)
            self._frame(colour, 0.055, 0.025)
            draw = glyphs.way_out
        elif tile.respawn:
            draw = glyphs.return_arrow
        elif value > 0:
            self._plate(t.opt)
            draw, colour, text = glyphs.flag, t.surface, t.surface
        elif value < 0:
            self._plate(tint)
            draw = glyphs.crossed_disc
        else:
            self._plate(mixed(t.floor, t.ink, 0.13))
            draw = glyphs.stop_square
        height = 0.36 * self.s if self.words else 0.6 * self.s
        middle = 0.345 * self.s if self.words else 0.5 * self.s
        box = QRectF(0.5 * self.s - height / 2, middle - height / 2, height, height)
        draw(self.painter, box, colour, tint)
        if self.words:
            below = QRectF(0.06 * self.s, 0.56 * self.s, 0.88 * self.s, 0.34 * self.s)
            self._text(below, words, text, max(8.0, 0.215 * self.s))

    def _plate(self, colour: QColor) -> None:
        inset = max(1.0, 0.02 * self.s)
        plate = QRectF(0, 0, self.s, self.s).adjusted(inset, inset, -inset, -inset)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        self.painter.drawRoundedRect(plate, 0.06 * self.s, 0.06 * self.s)

    def _frame(self, colour: QColor, inset: float, width: float, least: float = 1.0) -> None:
        width = max(least, width * self.s)
        edge = inset * self.s + width / 2
        self.painter.setPen(QPen(colour, width))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(0, 0, self.s, self.s).adjusted(edge, edge, -edge, -edge)
        self.painter.drawRoundedRect(frame, 0.07 * self.s, 0.07 * self.s)

    # What the agent walks over

    def _underfoot(self, tile: Tile) -> None:
        if tile.slip:
            self._hatch(tile.slip)
        elif tile.slip is not None:
            self._grip()
        if tile.wind != (0, 0):
            self._wind(tile.wind)

    def _hatch(self, slip: float) -> None:
        """Diagonals that run on through neighbouring cells; the more, the more slippery."""
        lines = max(3, min(round(5 + 8 * slip), int(self.s / 4.5)))
        self.painter.setPen(QPen(faded(self.theme.ice_line, 0.5), max(1.0, 0.014 * self.s)))
        box = QRectF(0, 0, self.s, self.s)
        glyphs.diagonals(self.painter, box, self.s / lines, 2 * lines - 1)

    def _grip(self) -> None:
        """Studs: this cell does not slip, whatever the rest of the world does."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(faded(self.theme.ice_line, 0.8))
        radius = max(1.0, 0.03 * self.s)
        for x in (0.14, 0.38, 0.62, 0.86):
            for y in (0.14, 0.38, 0.62, 0.86):
                self.painter.drawEllipse(QPointF(x * self.s, y * self.s), radius, radius)

    def _wind(self, wind: tuple[int, int]) -> None:
        """Chevrons in two lanes; as many close together as the wind is strong, up to three."""
        strength = max(abs(wind[0]), abs(wind[1]))
        together = min(strength, 3)
        groups = {1: (-0.31, 0.0, 0.31), 2: (-0.22, 0.22), 3: (0.0,)}[together]
        wing, gap = 0.07 * self.s, 0.115 * self.s
        pen = QPen(faded(self.theme.wind, 0.85), max(1.1, 0.026 * self.s))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        length = (wind[0] ** 2 + wind[1] ** 2) ** 0.5
        along = QPointF(wind[1] / length, wind[0] / length)
        across = QPointF(-along.y(), along.x())
        centre = QPointF(0.5 * self.s, 0.5 * self.s)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        # Slanted lanes are shorter: they would leave the cell at its corners.
        fit = 1.0 if 0 in wind else 0.7
        for lane in (-0.31 * fit, 0.31 * fit):
            for group in (fit * group for group in groups):
                for k in range(together):
                    ahead = group * self.s + (k - (together - 1) / 2) * gap
                    tip = centre + across * (lane * self.s) + along * (ahead + wing / 2)
                    left, right = along * wing + across * wing, along * wing - across * wing
                    self.painter.drawPolyline(QPolygonF([tip - left, tip, tip - right]))

    def _teleport(self, badges: Badges) -> None:
        """A ring where it leaves, a dashed ring where it arrives."""
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        centre = QPointF(self.s / 2, self.s / 2)
        width = max(1.3, 0.019 * self.s)
        for shown, radius in ((badges.source, 0.42), (badges.target, 0.42)):
            if not shown:
                continue
            if shown is badges.target and badges.source:
                radius = 0.35
            pen = QPen(self.theme.teleport, width)
            if shown is badges.target:
                pen.setDashPattern([2.6, 2.2])
            self.painter.setPen(pen)
            self.painter.drawEllipse(centre, radius * self.s, radius * self.s)

    # Corners

    def _corners(self, tile: Tile, badges: Badges) -> None:
        t = self.theme
        signs: list[Callable[[int], None]] = []
        for letters in (badges.source, badges.target):
            if letters:
                signs.append(partial(self._badge, words=letters, colour=t.teleport))
        if tile.reversed:
            signs.append(self._reversed_badge)
        if tile.reward_noise is not None:
            words = f"±{number(tile.reward_noise)}" if self.s >= 60 else "±"
            signs.append(partial(self._outlined_badge, words=words))
        if (strength := max(map(abs, tile.wind))) > 3:
            signs.append(partial(self._outlined_badge, words=f"×{strength}"))
        if tile.start:
            self._frame(t.ink, 0.035, 0.03, least=1.5)
            weight = f" {number(tile.start)}" if tile.start != 1 else ""
            words = "S" if self.s < 60 and (weight or (signs and self.s < 48)) else "Start"
            signs.insert(0, partial(self._badge, words=words + weight, colour=t.ink))
        for corner, sign in enumerate(signs[:4]):
            sign(corner)
        pays = tile.teleport.reward if tile.teleport is not None else 0.0
        if not tile.terminal and not tile.respawn and (pays or tile.reward):
            self._reward_badge(pays or tile.reward)

    def _corner(self, corner: int, width: float, height: float) -> QRectF:
        """Top left, top right, bottom left, bottom right."""
        edge = max(1.0, 0.03 * self.s)
        x = edge if corner % 2 == 0 else self.s - edge - width
        y = edge if corner < 2 else self.s - edge - height
        return QRectF(x, y, width, height)

    def _badge(self, corner: int, words: str, colour: QColor) -> None:
        if not self.words:
            side = 0.3 * self.s
            self.painter.fillRect(self._corner(corner, side, side), colour)
            return
        pixels = min(max(8.0, 0.145 * self.s), 17.0)
        font = _font(pixels)
        width = max(QFontMetricsF(font).horizontalAdvance(words) + 0.62 * pixels, 1.4 * pixels)
        box = self._corner(corner, min(width, 0.96 * self.s), 1.4 * pixels)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        self.painter.drawRoundedRect(box, 0.26 * pixels, 0.26 * pixels)
        self._text(box, words, self.theme.surface, pixels)

    def _outlined(self, corner: int, width: float, height: float) -> QRectF:
        box = self._corner(corner, width, height)
        self.painter.setPen(QPen(self.theme.ink3, max(1.0, 0.012 * self.s)))
        self.painter.setBrush(self.theme.floor)
        self.painter.drawRoundedRect(box, 0.2 * height, 0.2 * height)
        return box

    def _reversed_badge(self, corner: int) -> None:
        side = min(max(0.26 * self.s, 11.0), 0.5 * self.s)
        box = self._outlined(corner, side, side)
        glyphs.turned_arrows(self.painter, box, self.theme.ink)

    def _outlined_badge(self, corner: int, words: str) -> None:
        height = min(max(0.2 * self.s, 11.0), 0.5 * self.s)
        pixels = min(max(0.78 * height, 7.0), 15.0)
        width = max(QFontMetricsF(_font(pixels)).horizontalAdvance(words) + 0.5 * pixels, height)
        box = self._outlined(corner, min(width, 0.62 * self.s), height)
        self._text(box, words, self.theme.ink, pixels)

    def _reward_badge(self, value: float) -> None:
        """A coin with the number in it, bottom right, clear of the darts."""
        t = self.theme
        plate, text = (t.opt, t.surface) if value > 0 else (t.neg_tint, t.neg_text)
        edge = t.opt if value > 0 else t.neg_text
        self.painter.setPen(QPen(edge, max(1.0, 0.014 * self.s)))
        self.painter.setBrush(plate)
        if not self.words:
            side = 0.5 * self.s
            box = self._corner(3, side, side)
            self.painter.drawEllipse(box)
            glyphs.plus_or_minus(self.painter, box, text, value > 0)
            return
        words = number(value, signed=True)
        pixels = min(max(8.0, 0.15 * self.s), 20.0)
        width = QFontMetricsF(_font(pixels)).horizontalAdvance(words) + 0.7 * pixels
        box = self._corner(3, min(max(width, 1.4 * pixels), 0.94 * self.s), 1.4 * pixels)
        self.painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        self._text(box, words, text, pixels)

    def _text(self, box: QRectF, words: str, colour: QColor, pixels: float) -> None:
        """Centred, and narrower where it would not fit."""
        font = _font(pixels)
        width = QFontMetricsF(font).horizontalAdvance(words)
        if width > box.width():
            font = _font(max(6.0, pixels * box.width() / width))
        self.painter.setFont(font)
        self.painter.setPen(colour)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        self.painter.drawText(box, int(flags), words)


def _font(pixels: float) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(QFont.Weight.Bold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
