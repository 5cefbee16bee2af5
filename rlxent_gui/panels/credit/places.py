"""Where the parts of the Credit scene lie, for every window size and text size.  No Qt."""

from __future__ import annotations

from typing import NamedTuple

from rlxent_gui.panels.places import BODY_GAP, GAP, Rect, Size

SHARES = {Size.FULL: 0.365, Size.MEDIUM: 0.345, Size.SMALL: 0.40}
"""Of the width, that the board's column takes."""
LOSS, LOW_LOSS, LEGEND, SCRUBBER = 66, 44, 20, 48
"""Heights at the usual text size."""
LEAST_BOARD = 160
"""Pixels of height that the board has before the legend, and before the whole of the loss."""
LOW = 330
"""Below this height, times the text size, the board has the place of legend and note, and some of
the loss's."""


class CreditPlaces(NamedTuple):
    """The rectangles of the scene's parts; those of note and legend can be empty."""

    loss: Rect
    code: Rect
    bar: Rect
    note: Rect
    board: Rect
    legend: Rect
    scrubber: Rect
    right: Rect


def left_width(size: Size, width: int) -> int:
    """Of the board's column, within ``width`` pixels."""
    return round((width - BODY_GAP) * SHARES[size])


def arrange_credit(
    size: Size, width: int, height: int, factor: float, *, bar: int, code: int, note: int = 0
) -> CreditPlaces:
    """The places within ``width`` × ``height`` pixels at a text size.

    ``bar`` and ``note`` are the heights these parts ask for, ``code`` the width of its button.
    """

    def px(length: float) -> int:
        return round(length * factor)

    left = left_width(size, width)
    low = height < LOW * factor
    note = 0 if low else note
    # What is left for the board and the legend, below a loss of full height.
    room = height - px(LOSS) - GAP - bar - (GAP + note if note else 0) - 2 * GAP - px(SCRUBBER)
    shown = 0 if low or room < LEAST_BOARD + GAP + px(LEGEND) else px(LEGEND)
    lower = low or room < LEAST_BOARD
    loss = Rect(0, 0, left - code - GAP, px(LOW_LOSS if lower else LOSS))
    button = Rect(loss.right + GAP, 0, code, loss.height)
    above = Rect(0, loss.bottom + GAP, left, bar)
    noted = Rect(0, above.bottom + (GAP if note else 0), left, note)
    scrubber = Rect(0, height - px(SCRUBBER), left, px(SCRUBBER))
    top = noted.bottom + GAP
    legend = Rect(0, scrubber.y - (GAP + shown if shown else 0), left, shown)
    board = Rect(0, top, left, max(1, legend.y - GAP - top))
    right = left + BODY_GAP
    return CreditPlaces(
        loss, button, above, noted, board, legend, scrubber,
        Rect(right, 0, width - right, height),
    )
