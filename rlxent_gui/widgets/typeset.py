"""Mathematics set by ziamath in the background, drawn by Qt in any size and colour.

Importing ziamath takes a fifth of a second and a piece some milliseconds, so the window never
waits for either: it draws what is there and is told when there is more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rlxent_gui.widgets.background import background

EM = 24.0
"""The size that pieces are set in, pixels an em; they are drawn in any other."""
_COLOUR = 'fill="black"'


class Setting(NamedTuple):
    """One piece as it was set: its SVG, and its ink in em about the origin of its baseline."""

    svg: str
    left: float
    top: float
    width: float
    height: float

    @property
    def advance(self) -> float:
        """Where the next piece may begin, in em."""
        return self.left + self.width


def set_piece(tex: str) -> Setting:
    """Set one piece of LaTeX, or of MathML where it begins with ``<math``.  Slow at first."""
    import ziamath

    ziamath.config.svg2 = False  # QtSvg does not know what SVG 2 does with symbols
    make = ziamath.Math if tex.startswith("<math") else ziamath.Latex
    svg = make(tex, size=EM).svg()
    found = re.search(r'viewBox="([-\d. ]+)"', svg)
    assert found is not None
    left, top, width, height = (float(number) / EM for number in found[1].split())
    return Setting(svg, left, top, width, height)


class Typesetter(QObject):
    """Pieces by their text.  ``ready`` is emitted whenever pieces that were asked for are there."""

    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pieces: dict[str, Setting] = {}
        self._asked: set[str] = set()

    def get(self, tex: str) -> Setting | None:
        """The piece, if it is set already."""
        return self._pieces.get(tex)

    def ask(self, pieces: Iterable[str]) -> bool:
        """Whether all of ``pieces`` are there; those that are not are set in the background."""
        missing = [tex for tex in dict.fromkeys(pieces) if tex not in self._pieces]
        new = [tex for tex in missing if tex not in self._asked]
        if new:
            self._asked.update(new)
            background().run(lambda: {tex: set_piece(tex) for tex in new}, self._take)
        return not missing

    def _take(self, done: dict[str, Setting]) -> None:
        self._pieces.update(done)
        self.ready.emit()


_typesetter: Typesetter | None = None


def typesetter() -> Typesetter:
    """The typesetter of this application."""
    global _typesetter
    if _typesetter is None:
        _typesetter = Typesetter()
    return _typesetter


def draw(
    painter: QPainter, piece: Setting, origin: QPointF, em: float, colour: QColor, dpr: float
) -> None:
    """Draw ``piece`` with its baseline's origin at ``origin``, ``em`` pixels an em."""
    picture, left, top = _picture(piece, em, colour.name(), dpr)
    x = (round(origin.x() * dpr) + left) / dpr
    y = (round(origin.y() * dpr) + top) / dpr
    painter.drawPixmap(QPointF(x, y), picture)


@lru_cache(maxsize=512)
def _picture(piece: Setting, em: float, colour: str, dpr: float) -> tuple[QPixmap, int, int]:
    """The piece on whole device pixels, and where its corner lies from the origin."""
    scale = em * dpr
    box = QRectF(piece.left, piece.top, piece.width, piece.height)
    left, top = math.floor(box.left() * scale), math.floor(box.top() * scale)
    right, bottom = math.ceil(box.right() * scale), math.ceil(box.bottom() * scale)
    picture = QPixmap(max(1, right - left), max(1, bottom - top))
    picture.fill(Qt.GlobalColor.transparent)
    svg = piece.svg.replace(_COLOUR, f'fill="{colour}"')
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(
        painter,
        QRectF(box.left() * scale - left, box.top() * scale - top,
               box.width() * scale, box.height() * scale),
    )
    painter.end()
    picture.setDevicePixelRatio(dpr)
    return picture, left, top
