"""Where the parts of the Explore scene lie, for every window size and text size.  No Qt.

A pure function instead of nested layouts: what is shown never moves for another part's sake.
"""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import NamedTuple

GAP, COLUMN_GAP, BODY_GAP = 8, 12, 16
BETS_WIDTH = 348
RAIL_MARGIN = 6
RAIL_SEPARATOR = 9
RAIL_GROUPS = (
    ("tool_select",),
    ("tool_wall", "tool_start", "tool_goal", "tool_pit", "tool_ice", "tool_wind", "tool_teleport",
     "tool_reward", "tiles"),
    ("tool_erase", "tool_fill", "tool_rectangle"),
    ("undo", "redo"),
)
"""What stands together on the rail; the last group at its bottom."""
LEAST_TOOL = 30
"""Height of a tool at the usual text size; a rail too low for them has more columns."""


class Size(Enum):
    """How much room there is."""

    FULL = "full"
    """The bets beside the plots."""
    MEDIUM = "medium"
    """The bets are chips in the ribbon; step buttons lose their labels."""
    SMALL = "small"
    """Also: two plots, the third in a tab."""


class Rect(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


class Places(NamedTuple):
    """The rectangles of the scene's parts; ``bets`` only where there is room for them."""

    size: Size
    ribbon: Rect
    overlays: Rect
    rail: Rect
    board: Rect
    transport: Rect
    plots: Rect
    bets: Rect | None


def size_for(width: int, factor: float) -> Size:
    """By the window's width; larger text needs as much more of it."""
    usual = width / max(1.0, factor)
    if usual >= 1700:
        return Size.FULL
    return Size.MEDIUM if usual >= 1280 else Size.SMALL


def arrange(size: Size, width: int, height: int, factor: float) -> Places:
    """The places within a body of ``width`` × ``height`` pixels at a text size."""

    def px(length: float) -> int:
        return round(length * factor)

    bets_width = px(BETS_WIDTH)
    if size is Size.FULL:
        ribbon_height = px(76)
        left_width = (width - BODY_GAP) * 54 // 110
        right = left_width + BODY_GAP
        ribbon = Rect(right, 0, width - right, ribbon_height)
        top_left, top_right = 0, ribbon_height + COLUMN_GAP
        bets_x = width - bets_width
        bets = Rect(bets_x, top_right, bets_width, height - top_right)
        plots_right = bets_x - COLUMN_GAP
    else:
        ribbon_height = px(68 if size is Size.MEDIUM else 64)
        share = 54 if size is Size.MEDIUM else 58
        left_width = (width - BODY_GAP) * share // 100
        right = left_width + BODY_GAP
        ribbon = Rect(0, 0, width, ribbon_height)
        top_left = top_right = ribbon_height + GAP
        bets, plots_right = None, width
    overlays = Rect(0, top_left, left_width, px(28))
    transport_height = px(48)
    transport = Rect(0, height - transport_height, left_width, transport_height)
    top = overlays.bottom + GAP
    rail_height = transport.y - COLUMN_GAP - top
    rail_width = max(54 if size is Size.FULL else 46, px(34) + 2 * RAIL_MARGIN)
    columns = rail_columns(rail_height, factor)
    if columns > 1:
        rail_width = columns * px(34) + 2 * RAIL_MARGIN
    rail = Rect(0, top, rail_width, rail_height)
    board = Rect(rail_width + GAP, top, left_width - rail_width - GAP, rail_height)
    plots = Rect(right, top_right, plots_right - right, height - top_right)
    return Places(size, ribbon, overlays, rail, board, transport, plots, bets)


def rail_columns(height: int, factor: float) -> int:
    """Into how many columns the tools go on a rail of ``height`` pixels."""
    spare = height - 2 * RAIL_MARGIN - (len(RAIL_GROUPS) - 1) * RAIL_SEPARATOR
    for columns in (1, 2):
        rows = sum(-(-len(group) // columns) for group in RAIL_GROUPS)
        if rows * round(LEAST_TOOL * factor) <= spare:
            return columns
    return 3


def stack(area: Rect, count: int, gap: int = GAP) -> list[Rect]:
    """``area`` cut into ``count`` rows of equal height, to the pixel."""
    edges = [area.y + (area.height + gap) * i // count for i in range(count + 1)]
    return [
        Rect(area.x, top, area.width, bottom - gap - top)
        for top, bottom in pairwise(edges)
    ]
