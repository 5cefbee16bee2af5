"""A page as PNG, SVG or PDF: the same shapes in each, so that all are as sharp as the screen.

In SVG, letters are outlines: it then looks the same where Inter is not installed.  PDF embeds it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QBuffer,
    QIODevice,
    QMarginsF,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator

from rlxent_core.atomic_file import write_whole

FORMATS = ("png", "svg", "pdf")
SCALES = (1, 2, 4, 8)
DPI = 96
"""Of a page at its natural size."""
MOST_PIXELS = 32_000
"""Of an image's side; more would not fit in memory."""


class Page:
    """Something to be put on paper: its size in pixels, its title, and what paints it."""

    def __init__(self, title: str, size: QSize, paint: Callable[[QPainter], None]) -> None:
        self.title, self.size, self.paint = title, size, paint


def write_page(path: str | Path, page: Page, format: str, scale: float = 2.0) -> None:
    """Write the page whole or not at all; ``scale`` is for PNG alone.

    Raises:
        OSError: when it cannot be written.
        ValueError: when the picture would be larger than can be made.
    """
    write_whole(path, page_bytes(page, format, scale))


def page_bytes(page: Page, format: str, scale: float = 2.0) -> bytes:
    """The page in one of :data:`FORMATS`."""
    return {"png": lambda: _png(page, scale), "svg": lambda: _svg(page), "pdf": lambda: _pdf(page)}[
        format
    ]()


def image_of(page: Page, scale: float = 1.0) -> QImage:
    """The page as pixels.

    Raises:
        ValueError: when that would be too many.
    """
    size = (QSizeF(page.size) * scale).toSize()
    image = QImage(size, QImage.Format.Format_RGB32)
    if max(size.width(), size.height()) > MOST_PIXELS or image.isNull():
        raise ValueError(
            f"A picture of {size.width()} × {size.height()} pixels is too large."
        )
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    page.paint(painter)
    painter.end()
    image.setDotsPerMeterX(round(DPI * scale / 0.0254))
    image.setDotsPerMeterY(round(DPI * scale / 0.0254))
    return image


def _png(page: Page, scale: float) -> bytes:
    buffer = _buffer()
    if not image_of(page, scale).save(buffer, "PNG"):  # type: ignore[call-overload]
        raise ValueError("The picture could not be made.")
    return _content(buffer)


def _svg(page: Page) -> bytes:
    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(DPI)
    generator.setSize(page.size)
    generator.setViewBox(QRect(0, 0, page.size.width(), page.size.height()))
    generator.setTitle(page.title)
    generator.setDescription("rlxent")
    painter = OutlinePainter(generator)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    page.paint(painter)
    painter.end()
    return _content(buffer)


def _pdf(page: Page) -> bytes:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setCreator("rlxent")
    writer.setTitle(page.title)
    writer.setResolution(DPI)
    points = QSizeF(page.size) * 72 / DPI
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", exact))
    writer.setPageMargins(QMarginsF())
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    page.paint(painter)
    painter.end()
    return _content(buffer)


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _content(buffer: QBuffer) -> bytes:
    return bytes(buffer.data().data())


class OutlinePainter(QPainter):
    """Draws letters as outlines, wherever what it is given to paint writes text."""

    def drawText(self, *arguments: Any) -> None:  # type: ignore[override]
        """``(point, text)`` or ``(rectangle, flags, text)``, as our own painting asks for it."""
        font = self.font()
        path = QPainterPath()
        if len(arguments) == 2:
            point, text = arguments
            path.addText(QPointF(point), font, text)
        else:
            box, flags, text = QRectF(arguments[0]), int(arguments[1]), arguments[2]
            metrics = QFontMetricsF(font)
            width = metrics.horizontalAdvance(text)
            left, top = box.left(), box.top()
            if flags & int(Qt.AlignmentFlag.AlignRight):
                left = box.right() - width
            elif flags & int(Qt.AlignmentFlag.AlignHCenter):
                left = box.center().x() - width / 2
            if flags & int(Qt.AlignmentFlag.AlignBottom):
                top = box.bottom() - metrics.height()
            elif flags & int(Qt.AlignmentFlag.AlignVCenter):
                top = box.center().y() - metrics.height() / 2
            path.addText(QPointF(left, top + metrics.ascent()), font, text)
        self.fillPath(path, self.pen().brush())
