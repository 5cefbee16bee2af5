"""The training as a GIF: the board at moments of its past, with update and return written in."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence

from PIL import Image
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
    def drawn() -> Iterator[Image.Image]:
        """One after the other, so that few are in memory at once."""
        for done, moment in enumerate(moments):
            if not report(done, len(moments)):
                raise _GivenUpError
            yield _picture(moment, theme, width).quantize(
                palette=palette, dither=Image.Dither.NONE
            )

    palette = _palette(moments, theme, width)
    file, pictures = io.BytesIO(), drawn()
    times = [milliseconds] * (len(moments) - 1) + [max(LAST, milliseconds)]
    try:
        next(pictures).save(
            file, "GIF", save_all=True, append_images=pictures, duration=times, loop=0,
            optimize=False,
        )
    except _GivenUpError:
        return None
    return file.getvalue()


class _GivenUpError(Exception):
    """The report said so."""


def _palette(moments: Sequence[Moment], theme: Theme, width: int) -> Image.Image:
    """One for all pictures, so that nothing flickers.

    The theme's own colours are in it, and what is mixed of them from the first picture to the last.
    """
    chosen = [moments[k * (len(moments) - 1) // 4] for k in range(5)]
    samples = [_picture(moment, theme, width).reduce(2) for moment in chosen]
    wide, high = samples[0].size
    sheet = Image.new("RGB", (wide, high * len(samples)))
    for k, sample in enumerate(samples):
        sheet.paste(sample, (0, k * high))
    colours = theme[1:]
    numbers = [n for c in colours for n in (c.red(), c.green(), c.blue())]
    mixed = sheet.quantize(256 - len(colours), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*numbers, *mixed[: 768 - len(numbers)]])
    return palette


def _picture(moment: Moment, theme: Theme, width: int) -> Image.Image:
    image = image_of(moment_page(moment, theme, width)).convertToFormat(
        QImage.Format.Format_RGB888
    )
    return Image.frombytes(
        "RGB", (image.width(), image.height()), bytes(image.constBits()), "raw", "RGB",
        image.bytesPerLine(),
    )


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
