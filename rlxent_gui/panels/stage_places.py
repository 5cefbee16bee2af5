"""Where the parts of the presenter lie: one board, one plot, one sentence.  No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from rlxent_gui.panels.places import Rect

PANEL, BESIDE_WIDE, MOST_PANEL = 0.46, 0.4, 0.54
"""Of the width: what the plot gets, also beside a wide board, and takes where more is left."""
WIDE = 1.6


@dataclass(frozen=True)
class StagePlaces:
    headline: Rect
    board: Rect
    panel: Rect
    sentence: Rect
    foot: Rect
    cards: Rect
    """Over panel and sentence: a message is mostly about the board, which stays free."""


def stage_places(
    width: int, height: int, headline: int, sentence: int, foot: int, rows: int, columns: int,
    edge: int, least: int,
) -> StagePlaces:
    """The places within ``width`` × ``height`` pixels, given how high the words are.

    The board is as large as its column allows, ``edge`` pixels of frame outside the margin; what
    it leaves goes to the plot, which is never less than ``least`` pixels wide.
    """
    margin = round(width / 36)
    half, inner = margin // 2, width - 2 * margin
    head = Rect(margin, half, inner, headline)
    top = head.bottom + half
    feet = Rect(margin, height - half - foot, inner, foot)
    bottom = feet.y - half
    gap = round(1.4 * margin)
    share = BESIDE_WIDE if columns > WIDE * rows else PANEL
    side = min((inner - gap - max(least, share * width)) / columns, (bottom - top) / rows)
    board = Rect(margin, top, round(side * columns), round(side * rows))
    left = max(board.right + gap, round(width - margin - MOST_PANEL * width))
    right = width - margin - left
    words = Rect(left, bottom - sentence, right, sentence)
    return StagePlaces(
        headline=head,
        board=Rect(board.x - edge, board.y - edge, board.width + 2 * edge, board.height + 2 * edge),
        panel=Rect(left, top, right, words.y - half - top),
        sentence=words,
        foot=feet,
        cards=Rect(left, top, right, bottom - top),
    )
