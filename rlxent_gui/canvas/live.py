"""What is painted afresh at every repaint: frame, margins, selection, preview, token, words."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from rlxent_core.world import DIRECTIONS, FLOOR_TILE, Cell, Tile
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.layers import sprite
from rlxent_gui.canvas.tiles import Badges, paint_marks, paint_tile
from rlxent_gui.cell_words import column_name
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance, Theme, faded, mixed
from rlxent_gui.view_state import Token

CORNER = 6.0


def paint_frame(painter: QPainter, grid: Grid, theme: Theme, focused: bool) -> None:
    """The edge of the board, with rounded corners cut out of the cells; ink with the focus."""
    outer = grid.seen.adjusted(-1, -1, 1, 1)
    corners = QPainterPath()
    corners.addRect(outer)
    corners.addRoundedRect(outer, CORNER, CORNER)
    painter.fillPath(corners, theme.bg)
    painter.setPen(QPen(theme.ink if focused else mixed(theme.wall, theme.ink3, 0.15), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(outer, CORNER, CORNER)


def paint_margins(painter: QPainter, grid: Grid, look: Appearance) -> None:
    """Letters below, numbers at the left; where they would touch, only every so many."""
    font = look.font(12, MEDIUM)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(look.theme.ink3)
    rows, columns = grid.visible()
    wide = metrics.horizontalAdvance(column_name(grid.columns - 1)) + 6
    every = max(1, -int(-wide // grid.side))
    for c in columns:
        x = grid.left + (c + 0.5) * grid.side
        if c % every == 0 and grid.seen.left() <= x <= grid.seen.right():
            box = QRectF(x - 40, grid.seen.bottom() + 6, 80, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, column_name(c))
    every = max(1, -int(-metrics.height() // grid.side))
    for r in rows:
        y = grid.top + (r + 0.5) * grid.side
        if r % every == 0 and grid.seen.top() <= y <= grid.seen.bottom():
            box = QRectF(grid.seen.left() - 48, y - 20, 40, 40)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, flags, str(r + 1))


def paint_selection(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """A ring of ink between two of paper, so that it shows on every tile."""
    ring = rect.adjusted(0.5, 0.5, -1.5, -1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = 3.0 if rect.width() >= 30 else 2.0
    for colour, extra in ((theme.surface, 4.0), (theme.ink, 0.0)):
        painter.setPen(QPen(colour, width + extra))
        painter.drawRoundedRect(ring, 4, 4)


def paint_hover(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setPen(QPen(faded(theme.ink, 0.45), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(1, 1, -2, -2))


def paint_preview(
    painter: QPainter, grid: Grid, cells: Collection[Cell], tile: Tile, theme: Theme, dpr: float
) -> None:
    """The tile over the cells that will get it, and a dashed line around them."""
    def draw(inside: QPainter) -> None:
        paint_tile(inside, QRectF(0, 0, grid.side, grid.side), tile, theme)

    picture = sprite(grid.side, dpr, draw)
    painter.setOpacity(0.62)
    for cell in cells:
        painter.drawPixmap(grid.rect(cell).topLeft(), picture)
    painter.setOpacity(1.0)
    outline = _outline(grid, frozenset(cells))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.surface, 2))
    painter.drawPath(outline)
    dashes = QPen(theme.ink, 2)
    dashes.setDashPattern([4, 3])
    painter.setPen(dashes)
    painter.drawPath(outline)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_pair(
    painter: QPainter, grid: Grid, source: Cell, target: Cell | None, letter: str, theme: Theme
) -> None:
    """Half a teleport and where its other half would be: rings with their letters, and a way."""
    start = grid.rect(source).center()
    if target is not None:
        way = QPen(faded(theme.teleport, 0.8), max(1.5, 0.02 * grid.side))
        way.setDashPattern([3, 3])
        painter.setPen(way)
        painter.drawLine(start, grid.rect(target).center())
        paint_marks(painter, grid.rect(target), FLOOR_TILE, theme, Badges(target=f"{letter}′"))
    paint_marks(painter, grid.rect(source), FLOOR_TILE, theme, Badges(source=letter))
    paint_hover(painter, grid.rect(source), theme)


def _outline(grid: Grid, cells: frozenset[Cell]) -> QPainterPath:
    """The sides between a cell of the set and one outside it."""
    path = QPainterPath()
    for r, c in cells:
        rect = grid.rect((r, c))
        for other, start, end in (
            ((r - 1, c), rect.topLeft(), rect.topRight()),
            ((r + 1, c), rect.bottomLeft(), rect.bottomRight()),
            ((r, c - 1), rect.topLeft(), rect.bottomLeft()),
            ((r, c + 1), rect.topRight(), rect.bottomRight()),
        ):
            if other not in cells:
                path.moveTo(start)
                path.lineTo(end)
    return path


def paint_token(painter: QPainter, grid: Grid, token: Token, theme: Theme) -> None:
    """The agent, where it came from, and in its disc the label it sampled."""
    side = grid.side
    here = grid.rect(token.cell).center()
    if token.before is not None and token.before != token.cell:
        trail = QPen(faded(theme.ink, 0.55), max(2.0, 0.05 * side))
        trail.setCapStyle(Qt.PenCapStyle.RoundCap)
        trail.setDashPattern([0.1, 2.2])
        painter.setPen(trail)
        painter.drawLine(grid.rect(token.before).center(), here)
    radius = max(5.0, 0.24 * side)
    painter.setPen(QPen(theme.surface, max(2.0, 0.035 * side)))
    painter.setBrush(theme.ink)
    painter.drawEllipse(here, radius, radius)
    arrow = QPen(theme.surface, max(1.6, 0.2 * radius))
    arrow.setCapStyle(Qt.PenCapStyle.RoundCap)
    arrow.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(arrow)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rows, columns = DIRECTIONS[token.action]
    if rows == columns == 0:
        painter.drawEllipse(here, 0.25 * radius, 0.25 * radius)
        return
    length = (rows**2 + columns**2) ** 0.5
    along = QPointF(columns, rows) * (0.55 * radius / length)
    across = QPointF(-along.y(), along.x()) * 0.75
    tip, back = here + along, here + along * 0.15
    painter.drawLine(here - along, tip)
    painter.drawPolyline(QPolygonF([back + across, tip, back - across]))


def paint_message(
    painter: QPainter, board: QRectF, message: tuple[str, str], look: Appearance
) -> None:
    """Words on an empty board, on a band of floor so that grid lines do not cross them."""
    title, text = message
    fonts = (look.font(20, SEMIBOLD), look.font(14))
    widest = max(
        QFontMetricsF(font).horizontalAdvance(words)
        for words, font in zip(message, fonts, strict=True)
    )
    if widest > (room := board.width() - 24):
        for font in fonts:
            font.setPixelSize(max(1, int(font.pixelSize() * room / widest)))
    heights = [QFontMetricsF(font).height() for font in fonts]
    top = board.center().y() - (sum(heights) + 10) / 2
    lines = (
        (title, fonts[0], look.theme.ink, top, heights[0]),
        (text, fonts[1], look.theme.ink2, top + heights[0] + 10, heights[1]),
    )
    for words, font, colour, y, height in lines:
        width = QFontMetricsF(font).horizontalAdvance(words)
        box = QRectF(board.center().x() - width / 2, y, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_veil(look.theme.floor))
        painter.drawRoundedRect(box.adjusted(-8, -2, 8, 2), 4, 4)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), words)


def _veil(floor: QColor) -> QColor:
    return faded(floor, 0.85)
