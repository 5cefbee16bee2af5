"""The training as a GIF: the board at moments of its past, with update and return written in."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from rlxent_gui.export.board_page import board_page
from rlxent_gui.export.pictures import Page, image_of
from rlxent_gui.mailbox import Moment
from rlxent_gui.theme import SEMIBOLD, Appearance, Theme
from rlxent_gui.view_state import BoardView
from rlxent_gui.widgets.scale import MINUS
from rlxent_gui.words import count

FRAMES, WIDTH, MILLISECONDS = 60, 480, 100
CAPTION, EDGE = 34, 12
LAST = 1500
"""Milliseconds that the last picture stays."""


def gif_of(
    moments: Sequence[Moment], theme: Theme, width: int, milliseconds: int,
    report: Callable[[int, int], bool],
) -> bytes | None:
    """The animation as a file's content, which repeats for ever.

    ``report(done, total)`` is called before each picture; where it returns False the answer is
    None.  Makes no pixmap and no widget, so that it may run outside the window's thread.
    """
    from PIL import Image

    pictures = []
    for done, moment in enumerate(moments):
        if not report(done, len(moments)):
            return None
        image = image_of(moment_page(moment, theme, width)).convertToFormat(
            QImage.Format.Format_RGB888
        )
        rows = Image.frombytes(
            "RGB", (image.width(), image.height()), bytes(image.constBits()), "raw", "RGB",
            image.bytesPerLine(),
        )
        pictures.append(rows)
    # One palette for all, so that nothing flickers, of colours from the beginning to the end.
    samples = [pictures[k * (len(pictures) - 1) // 4].reduce(2) for k in range(5)]
    wide, high = samples[0].size
    sheet = Image.new("RGB", (wide, high * len(samples)))
    for k, sample in enumerate(samples):
        sheet.paste(sample, (0, k * high))
    palette = sheet.quantize(256, Image.Quantize.MAXCOVERAGE)
    flat = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    file = io.BytesIO()
    times = [milliseconds] * (len(flat) - 1) + [max(LAST, milliseconds)]
    flat[0].save(
        file, "GIF", save_all=True, append_images=flat[1:], duration=times, loop=0, optimize=False,
    )
    return file.getvalue()


def moment_page(moment: Moment, theme: Theme, width: int) -> Page:
    """The board with a line above it; every moment of one training has the same size."""
    look = Appearance(theme)
    view = BoardView(
        moment.world, moment.probabilities, moment.values,
        overlays=frozenset({"policy", "value"}),
    )
    board = board_page(view, theme, width)

    def paint(painter: QPainter) -> None:
        size = board.size
        painter.fillRect(0, 0, size.width(), size.height() + CAPTION, theme.bg)
        font = look.font(15, SEMIBOLD)
        metrics = QFontMetricsF(font)
        line = (CAPTION + metrics.ascent() - metrics.descent()) / 2 + 2
        painter.setFont(font)
        painter.setPen(theme.ink)
        painter.drawText(QPointF(EDGE, line), f"update {count(moment.update)}")
        if not math.isnan(moment.mean_return):
            text = f"return {moment.mean_return:.2f}".replace("-", MINUS)
            left = size.width() - EDGE - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(left, line), text)
        painter.translate(0, CAPTION)
        board.paint(painter)

    return Page(board.title, QSize(board.size.width(), board.size.height() + CAPTION), paint)
