"""Icons: the bundled SVG files in any colour, size and device pixel ratio, drawn once each."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import rlxent_resources

_FILES = {
    "play": "play-fill",
    "pause": "pause-fill",
    "warning": "warning-fill",
    "file": "file-x-fill",
    "plot": "chart-line",
}
"""Names whose file is called otherwise."""


def pixmap(name: str, color: QColor | str, size: int = 20, dpr: float = 1.0) -> QPixmap:
    """The icon ``name`` as a square of ``size`` device-independent pixels.

    Raises:
        FileNotFoundError: when there is no such icon.
    """
    return _pixmap(name, QColor(color).name(QColor.NameFormat.HexArgb), size, dpr)


@lru_cache(maxsize=1024)
def _pixmap(name: str, argb: str, size: int, dpr: float) -> QPixmap:
    colour = QColor(argb)
    svg = _source(name).replace("currentColor", colour.name())
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    side = max(1, round(size * dpr))
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setOpacity(colour.alphaF())
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    result.setDevicePixelRatio(dpr)
    return result


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return rlxent_resources.icon_path(_FILES.get(name, name)).read_text(encoding="utf-8")
