"""Where the parts of the presenter lie: one board, one plot, one sentence.  No Qt."""

from __future__ import annotations

from typing import NamedTuple

from rlxent_gui.panels.places import Rect

MORE = 0.08
"""Of the width, that a panel takes more where the board leaves it."""
WIDE, LESS = 1.6, 0.06
"""Beside a board so many times as wide as it is high a panel gets so much less."""


class StagePlaces(NamedTuple):
    headline: Rect
    board: Rect
    panel: Rect
    sentence: Rect
    foot: Rect
    cards: Rect
    """Over panel and sentence: a message is mostly about the board, which stays free."""


def stage_places(
    width: int, height: int, headline: int, sentence: int, foot: int, rows: int, columns: int,
    edge: int, least: int, share: float,
) -> StagePlaces:
    """The places within ``width`` × ``height`` pixels, given how high the words are.

    The board is as large as its column allows, ``edge`` pixels of frame outside the margin; what
    it leaves goes to the panel, which gets about ``share`` of the width, never less than ``least``
    pixels.
    """
    margin = round(width / 36)
    half, inner = margin // 2, width - 2 * margin
    head = Rect(margin, half, inner, headline)
    top = head.bottom + half
    feet = Rect(margin, height - half - foot, inner, foot)
    bottom = feet.y - half
    gap = round(1.4 * margin)
    panel = max(least, (share - LESS if columns > WIDE * rows else share) * width)
    side = min((inner - gap - panel) / columns, (bottom - top) / rows)
    board = Rect(margin, top, round(side * columns), round(side * rows))
    most = max(least, share * width) + MORE * width
    left = max(board.right + gap, round(width - margin - most))
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
