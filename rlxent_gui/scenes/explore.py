"""The Explore scene: draw a world, let the agent learn in it, watch what it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_core.world import Cell
from rlxent_gui.actions import Actions
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from rlxent_gui.panels.bets_panel import Bets
from rlxent_gui.panels.cards import Cards
from rlxent_gui.panels.overlay_row import OverlayRow
from rlxent_gui.panels.places import GAP, Rect, Size, arrange
from rlxent_gui.panels.plot_column import NAMES, PlotColumn
from rlxent_gui.panels.tool_rail import ToolRail
from rlxent_gui.panels.transport import Transport
from rlxent_gui.plots import CellPlot, ReturnPlot, VariancePlot
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.view_state import BetsView, BoardView
from rlxent_gui.widgets.formula import FormulaRibbon

# What the first paint does without is imported and built after it: see build_rest.
if TYPE_CHECKING:
    from rlxent_gui.scenes.stage import Staged
    from rlxent_gui.scenes.tile_desk import TileDesk

SCROLL_BAR = 12
"""Right of the bets, in the margin of the window."""


class Explore(QWidget):
    """Its parts and where they lie; passive, one ``command`` out."""

    command = Signal(str, object)

    def __init__(self, document: Document, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._actions = document, actions
        self._size: Size | None = None
        self.overlays = OverlayRow(actions, self)
        self.rail = ToolRail(actions, self)
        self.board = Board(document, self)
        self.transport = Transport(actions, self)
        self.bets = Bets(self)
        self.ribbon = FormulaRibbon(self)
        for chip in (*self.bets.chips.values(), self.bets.update_chip):
            self.ribbon.add_chip(chip)
        self.plots = PlotColumn(actions, self)
        self.overlays.add_right(self.bets.cell_chip)
        self.cards = Cards(self)
        for part in (self.overlays, self.transport, self.bets, self.cards):
            part.command.connect(self.command)
        self.ribbon.term_clicked.connect(self.bets.reveal)
        self.board.cell_selected.connect(self._select)
        self.board.cell_hovered.connect(self._hover)
        self.board.tool_changed.connect(self._show_tool)
        self.bets.edit_asked.connect(self._edit_tile)
        appearance().changed.connect(self._arrange)

    @cached_property
    def tiles(self) -> TileDesk:
        """What the tile panel does."""
        from rlxent_gui.scenes.tile_desk import TileDesk

        button = self.rail.buttons["tiles"]
        return TileDesk(self._document, self.board, self._actions["tiles"], button, self)

    def build_rest(self) -> Iterator[Callable[[], object]]:
        """What the first paint does without, a slice at a time."""
        yield lambda: self.tiles
        for plot in self.plots.plots.values():
            yield plot.build

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is self._size:
            return
        self._size = size
        full = size is Size.FULL
        self.bets.use_column(full)
        self.transport.set_labelled(full)
        self.plots.set_two(size is Size.SMALL)
        self._arrange()

    def show_board(self, view: BoardView) -> None:
        self.board.set_view(view)
        self.overlays.apply(view.overlays, view.numbers)

    def show_bets(self, view: BetsView) -> None:
        self.bets.apply(view)
        self.ribbon.set_terms(view.settings)

    def staged(self) -> Staged:
        """What is presented to a room: the board, and the plots in turn, an expanded one first."""
        from rlxent_gui import presenting
        from rlxent_gui.scenes.stage import Act, Staged

        acts = (
            Act(("returns",), "Return", ReturnPlot, presenting.returns),
            Act(("variance",), "Gradient variance", VariancePlot, presenting.variance),
            Act(("cell",), "One cell", CellPlot, presenting.cell),
        )
        first = NAMES.index(self.plots.expanded) if self.plots.expanded else 0

        def board(parent: QWidget, look: Appearance) -> Board:
            return Board(self._document, parent, look)

        return Staged(board, "board", acts, first)
    @property
    def main(self) -> QWidget:
        """What has the keyboard when the scene is shown."""
        return self.board

    def take_cards(self, cards: Cards) -> None:
        """Show the messages over this scene's board."""
        cards.setParent(self)
        self._arrange()
        cards.apply(cards.views)

    def spotlight(self) -> None:
        """Show the next plot alone; after the last one all again."""
        self.plots.expand_next()

    def use_tool(self, name: str) -> None:
        """Take a tool in hand: "wall", "select", …"""
        self.board.tool = Tool(name)

    def _select(self, cell: Cell | None) -> None:
        self.command.emit("select_cell", cell)

    def _hover(self, cell: Cell | None) -> None:
        self.command.emit("hover_cell", cell)

    def _show_tool(self, tool: Tool) -> None:
        self._actions.mark_tool(tool.value)

    def _edit_tile(self) -> None:
        self.bets.close()
        self.tiles.edit_cell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if self._size is None:
            return
        width = self.width() - SCROLL_BAR
        places = arrange(self._size, width, self.height(), appearance().factor)
        self.ribbon.setGeometry(_qrect(places.ribbon))
        self.overlays.setGeometry(_qrect(places.overlays))
        self.rail.setGeometry(_qrect(places.rail))
        self.board.setGeometry(_qrect(places.board))
        self.transport.setGeometry(_qrect(places.transport))
        self.plots.setGeometry(_qrect(places.plots))
        if places.bets is not None:
            self.bets.place(_qrect(places.bets), SCROLL_BAR)
        if self.cards.parent() is self:
            self.cards.place(_qrect(places.board).adjusted(GAP, GAP, -GAP, -GAP))


def _qrect(rect: Rect) -> QRect:
    return QRect(rect.x, rect.y, rect.width, rect.height)
