"""What an update does: a small board with an arrow a cell, and how far it reaches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_core.step_story import NOTHING
from rlxent_core.world import Cell, World
from rlxent_gui.canvas.grid import Grid, fit
from rlxent_gui.canvas.ground import Bools, cells_where
from rlxent_gui.canvas.layers import Layer, sprite
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.cell_words import ARROWS, cell_name
from rlxent_gui.credit_view import CreditView, Effect, Floats
from rlxent_gui.panels.credit.ink import move_arrow
from rlxent_gui.theme import Appearance, Theme, appearance
from rlxent_gui.widgets.paint import box
from rlxent_gui.words import count, counted, true_minus

SIZES = 12
"""Of arrows, at most: as many pictures of each move are kept."""
SMALLEST = 0.15
"""Share of a cell's side below which an arrow is left out."""
OLD = 0.3
"""How much is left of arrows that are no longer true."""


def moving(change: Floats) -> Bools:
    """Cells [S] whose probabilities change, rounding aside."""
    size = np.abs(change).max(1, initial=0.0)
    return np.asarray(size > NOTHING * size.max(initial=0.0))


def reach(view: CreditView, effect: Effect) -> str:
    """How many cells move, and how many of them the episode never saw."""
    world = view.world
    acts = cells_where(world, lambda tile: tile.standable and tile.exit is None)
    moves = moving(effect.change) & acts
    some = int(moves.sum())
    verb = "moves" if some == 1 else "move"
    text = f"{count(some)} of {counted(int(acts.sum()), 'cell')} {verb}"
    if effect.kind == "exact" or not some:
        return f"{text}."
    if effect.kind == "step":
        seen = view.episode.states[view.step : view.step + 1]
        rest = some - int(moves[seen].sum())
        where = cell_name(divmod(int(seen[0]), world.columns))
        return f"{text}, {where} alone." if some == 1 and not rest else (
            f"{text}, {count(rest)} of them not {where} itself." if rest else f"{text}."
        )
    others = some - int(moves[np.unique(view.episode.states)].sum())
    where = "" if effect.kind == "episode" else " in this episode"
    if effect.kind == "episode" and not others:
        return f"{text}, all of them visited."
    verb = "was" if others == 1 else "were"
    return f"{text}, {count(others)} of them {verb} not visited{where}."


class EffectBoard(QWidget):
    """Passive: :meth:`show_effect` in; tooltips give the numbers of a cell."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self._world: World | None = None
        self._effect: Effect | None = None
        self._old = False
        self._board, self._arrows = BoardPicture(), Layer()
        self._sprites: dict[object, QPixmap] = {}
        self._sprites_for: object = None
        self.setAccessibleName("What the update does to each cell")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._look.changed.connect(self.update)

    def show_effect(self, world: World, effect: Effect | None, old: bool) -> None:
        """Arrows of ``effect``, faint where they are ``old``."""
        fits = effect is not None and effect.change.shape == (
            world.rows * world.columns, len(world.moves)
        )
        self._world, self._effect, self._old = world, effect if fits else None, old
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(220), self._look.px(180))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(120), self._look.px(100))

    def grid(self) -> Grid:
        """Where the cells lie: at the middle, as large as fits."""
        assert self._world is not None
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        return fit(self._world.rows, self._world.columns, area, self.devicePixelRatioF(), 1.0,
                   QPointF(0.5, 0.5))[0]

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = ""
            if self._world is not None:
                tip = self.tip_of(self.grid().cell_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def tip_of(self, cell: Cell) -> str:
        """By how much each probability of a cell changes."""
        world, effect = self._world, self._effect
        if world is None or effect is None or not world.contains(cell):
            return ""
        change = effect.change[cell[0] * world.columns + cell[1]]
        if not np.abs(change).max() > NOTHING * np.abs(effect.change).max(initial=0.0):
            return f"{cell_name(cell)}: nothing changes"
        return f"{cell_name(cell)}, per unit of step size:\n" + "   ".join(
            f"{ARROWS[move]} {'+' if delta > 0 else ''}{true_minus(f'{delta:.2g}')}"
            for move, delta in zip(world.moves, change.tolist(), strict=True)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        world, theme = self._world, self._look.theme
        if world is None:
            return
        grid, dpr = self.grid(), self.devicePixelRatioF()
        with QPainter(self) as painter:
            self._board.paint(painter, grid, dpr, theme, world, None)
            painter.setClipping(False)
            if self._effect is not None:
                if self._arrows.fresh((grid, dpr, theme.name, self._effect)):
                    self._arrows.paint_anew(grid, dpr, lambda p: self._draw(p, grid, dpr, theme))
                painter.setOpacity(OLD if self._old else 1.0)
                self._arrows.paint(painter, grid.seen.topLeft())
                painter.setOpacity(1.0)
            box(painter, grid.board.adjusted(-2, -2, 2, 2), 5, None, theme.wall, 2)

    def _draw(self, painter: QPainter, grid: Grid, dpr: float, theme: Theme) -> None:
        assert self._effect is not None
        assert self._world is not None
        change = self._effect.change
        best = np.abs(change).argmax(1)
        values = np.take_along_axis(change, best[:, None], 1)[:, 0]
        largest = float(np.abs(values).max(initial=0.0))
        if not largest > 0:
            return
        share = np.sqrt(np.abs(values) / largest)
        acts = cells_where(self._world, lambda tile: tile.standable and tile.exit is None)
        if self._sprites_for != (grid.side, dpr, theme.name):
            self._sprites_for = (grid.side, dpr, theme.name)
            self._sprites.clear()
        sizes = min(max(round(grid.side / 3), 3), SIZES)
        levels = np.ceil(share * sizes).astype(int)
        moves = self._world.moves
        shown = np.flatnonzero(acts & (share >= SMALLEST))
        for state in shown.tolist():
            more = bool(values[state] > 0)
            picture = self._sprite(
                grid.side, dpr, theme, moves[int(best[state])], int(levels[state]) / sizes, more
            )
            painter.drawPixmap(grid.rect(divmod(state, grid.columns)).topLeft(), picture)

    def _sprite(
        self, side: float, dpr: float, theme: Theme, move: str, share: float, more: bool
    ) -> QPixmap:
        key = (move, share, more)
        if key not in self._sprites:
            self._sprites[key] = sprite(
                side, dpr, lambda p: paint_effect(p, side, theme, move, share, more)
            )
        return self._sprites[key]


def paint_effect(
    painter: QPainter, side: float, theme: Theme, move: str, share: float, more: bool
) -> None:
    """An arrow in the cell at (0, 0): filled for more likely, outlined for less."""
    colour = theme.pos if more else theme.neg
    length = 0.84 * side * share
    width = max(1.2, min(0.05 * side, 0.1 * length))
    if not more:
        length = max(length - width, 0.1 * side)
    centre = QPointF(side / 2, side / 2)
    shape = move_arrow(centre, move, length, bold=1.9)
    # A rim of floor sets it off from what lies in the cell.
    for edge, extra, fill in ((theme.floor, 3.0, theme.floor),
                              (colour, 0.0, colour if more else theme.floor)):
        pen = QPen(edge, (0.4 if more else width) + extra)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(fill)
        if shape is None:
            painter.drawEllipse(centre, 0.3 * length, 0.3 * length)
        else:
            painter.drawPolygon(shape)


