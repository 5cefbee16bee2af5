"""What the tile panel does: takes tiles in hand, and changes those of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from rlxent_core.tile_edits import (
    cell_count,
    named_tiles,
    symbol_of,
    with_new_tile,
    with_symbol,
    with_tile,
    without_tile,
)
from rlxent_core.world import FLOOR, WALL, Cell, Tile, World, WorldError, free_symbol
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.cell_words import cell_name, tile_words
from rlxent_gui.document import Document
from rlxent_gui.panels.tile_fields import TileForm
from rlxent_gui.panels.tile_list import BUILT_IN, Entry
from rlxent_gui.panels.tile_panel import ALL, CELL, HAND, TilePanel, TilePanelView
from rlxent_gui.widgets.chip import Popover
from rlxent_gui.words import counted


class TileDesk(QObject):
    """Opens the panel beside the board, and carries out what is asked there.

    Either the tile in hand is edited or that of the selected cell.  A tile with a name is changed
    in all its cells; one without is changed in hand, or in the selected cell alone.
    """

    def __init__(
        self, document: Document, board: Board, action: QAction, anchor: QWidget, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document, self._board, self._action = document, board, action
        self._anchor, self._window_of = anchor, parent
        self._popover: Popover | None = None
        self._target, self._scope = HAND, ALL
        self._aiming = False
        document.world_changed.connect(self._follow)
        board.cell_selected.connect(self._selected)
        board.tool_changed.connect(self._refresh)
        board.aimed.connect(self._aimed)

    @cached_property
    def panel(self) -> TilePanel:
        """Made when it is first opened."""
        panel = TilePanel(self._window_of)
        fields = panel.fields
        panel.list.taken.connect(self._take)
        panel.list.new_asked.connect(self._new)
        panel.targeted.connect(self._choose_target)
        panel.scoped.connect(self._choose_scope)
        panel.delete_asked.connect(self._delete)
        fields.edited.connect(self._edit)
        fields.lettered.connect(self._letter)
        fields.wrong.connect(panel.refuse)
        fields.aim_asked.connect(self._aim)
        return panel

    @property
    def is_open(self) -> bool:
        return self._popover is not None and self._popover.is_open

    def toggle(self) -> None:
        """Open the panel for the tile in hand, or close it."""
        if self._popover is not None and self._popover.is_open:
            self._popover.close_popover()
        else:
            self.open(HAND)

    def edit_cell(self) -> None:
        """Open the panel for the tile of the selected cell."""
        self.open(CELL)

    def open(self, target: str) -> None:
        """Open the panel for the tile in hand or that of the selected cell."""
        if self._popover is None:
            self._popover = Popover(self._window_of.window())
            self._popover.set_content(self.panel)
            self._popover.closed.connect(self._closed)
        self._target = target if self._board.selected is not None else HAND
        self.panel.show_view(self._view())
        if not self._popover.is_open:
            self._popover.open_below(self._anchor, beside=self._board)
        self._refresh()

    def _closed(self) -> None:
        self._stop_aiming()
        self.panel.refuse("")
        self._mark()

    # What is edited

    @property
    def _world(self) -> World:
        return self._document.world

    @property
    def _cell(self) -> Cell | None:
        """The selected cell where its tile is edited."""
        return self._board.selected if self._target == CELL else None

    @property
    def _hand(self) -> Tile:
        return self._board.editor.toolbox.tile

    @property
    def _symbol(self) -> str | None:
        """The symbol of the tile that is edited."""
        cell = self._cell
        return symbol_of(self._world, self._hand) if cell is None else self._world.symbol(cell)

    @property
    def _tile(self) -> Tile:
        cell = self._cell
        return self._hand if cell is None else self._world.tile(cell)

    # Showing

    def _refresh(self, *_: object) -> None:
        self._mark()
        if self.is_open:
            self.panel.show_view(self._view())

    def _mark(self) -> None:
        """The button on the rail is down while the panel is open or its brush is in hand."""
        self._action.setChecked(self.is_open or self._board.tool is Tool.TILE)

    def _view(self) -> TilePanelView:
        world, hand, tool = self._world, self._hand, self._board.tool
        brush = tool is not Tool.SELECT and tool is not Tool.TELEPORT

        def entry(name: str, tile: Tile, symbol: str | None) -> Entry:
            in_hand = tile == hand if brush else False
            if name == "Teleport":
                in_hand = tool is Tool.TELEPORT
            return Entry(name, tile, symbol or "", in_hand)

        symbol, tile, cell = self._symbol, self._tile, self._cell
        named = bool(tile.name)
        shared = cell_count(world, symbol) if named and symbol else 0
        return TilePanelView(
            built_in=tuple(entry(n, t, symbol_of(world, t)) for n, t in BUILT_IN.items()),
            own=tuple(entry(t.name, t, s) for s, t in named_tiles(world).items()),
            form=TileForm(tile, None if symbol in (None, FLOOR, WALL) else symbol),
            target=self._target,
            cell="" if self._board.selected is None else cell_name(self._board.selected),
            same=shared if cell is not None else 0,
            scope=self._scope,
            about=self._about(tile, shared),
            deletable=named and symbol is not None,
            aiming=self._aiming,
        )

    def _about(self, tile: Tile, shared: int) -> str:
        words = tile_words(tile) or "floor"
        if tile.name:
            return f"{words} · {counted(shared, 'cell')}"
        return words if self._cell is not None else f"{words} · changes what you paint next"

    def _selected(self, cell: Cell | None) -> None:
        """A click with Select means that cell, also in the panel."""
        if cell is None:
            self._target = HAND
        elif self.is_open and self._board.tool is Tool.SELECT:
            self._target = CELL
        self._refresh()

    def _choose_target(self, target: str) -> None:
        self._target = target if self._board.selected is not None else HAND
        self._refresh()

    def _choose_scope(self, scope: str) -> None:
        self._scope = scope
        self._refresh()

    def _follow(self, old: World, new: World) -> None:
        """Keep what is in hand in step with its tile of the world, also through undo."""
        hand = self._hand
        if hand.name and symbol_of(new, hand) is None:
            symbol = symbol_of(old, hand)
            known = new.tiles.get(symbol) if symbol is not None else None
            self._board.editor.keep(known if known and known.name else replace(hand, name=""))
        if self.is_open:
            self._refresh()

    # Taking in hand

    def _take(self, entry: Entry) -> None:
        self._target = HAND
        self.panel.refuse("")
        if entry.name == "Teleport" and not entry.tile.name:
            self._board.tool = Tool.TELEPORT
        else:
            self._board.editor.take(entry.tile)
        self._refresh()

    def _new(self) -> None:
        """A tile of the author's own: what is in hand if that is anything, under a new name."""
        taken = {tile.name for tile in named_tiles(self._world).values()}
        number = next(n for n in range(1, len(taken) + 2) if f"Tile {n}" not in taken)
        tile = Tile(name=f"Tile {number}")
        self._change(lambda: with_new_tile(self._world, tile)[0], "New tile")
        self._target = HAND
        self._board.editor.take(tile)
        self._refresh()
        self.panel.fields.name.setFocus(Qt.FocusReason.TabFocusReason)
        self.panel.fields.name.selectAll()

    # Editing

    def _edit(self, tile: Tile, key: str) -> None:
        cell, symbol, before = self._cell, self._symbol, self._tile
        everywhere = before.name and symbol is not None and (cell is None or self._scope == ALL)
        merge = f"tile {symbol} {cell} {key}"
        if everywhere and symbol is not None:
            known = symbol
            self._change(lambda: with_tile(self._world, known, tile), f"Change {before.name}",
                         merge)
        elif cell is not None:
            # One cell that differs is no longer the tile that bears the name.
            mine = tile if key == "name" else replace(tile, name="")
            place = cell
            self._change(lambda: self._world.with_tiles({place: mine}),
                         f"Change {cell_name(cell)}", merge)
        elif tile.name:
            if self._change(lambda: with_new_tile(self._world, tile)[0], f"New tile {tile.name}"):
                self._board.editor.take(tile)
        else:
            self._edit_hand(tile)
        self._refresh()

    def _edit_hand(self, tile: Tile) -> None:
        """Nothing in the world changes, but what no world could hold is refused all the same."""
        try:
            with_tile(self._world, free_symbol(tile, self._world.tiles), tile)
        except WorldError as error:
            self.panel.refuse(str(error))
            return
        self.panel.refuse("")
        self._board.editor.take(tile)

    def _letter(self, letter: str) -> None:
        symbol = self._symbol
        if symbol is not None:
            self._change(lambda: with_symbol(self._world, symbol, letter), "Change a letter")
        self._refresh()

    def _delete(self) -> None:
        symbol, name = self._symbol, self._tile.name
        if symbol is None or not name:
            return
        if self._hand == self._world.tiles[symbol]:
            self._board.tool = Tool.SELECT
        self._change(lambda: without_tile(self._world, symbol), f"Delete {name}")
        self._refresh()

    def _change(self, make: Callable[[], World], text: str, merge: str = "") -> bool:
        """One step of undo, or the rule's sentence in the panel and nothing changed."""
        try:
            world = make()
        except WorldError as error:
            self.panel.refuse(str(error))
            return False
        self.panel.refuse("")
        self._document.change(world, text, merge)
        return True

    # A teleport's target, chosen on the board

    def _aim(self) -> None:
        if self._aiming:
            self._stop_aiming()
        else:
            self._aiming = True
            self._board.aim()
            self._board.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()

    def _aimed(self, cell: Cell | None) -> None:
        self._aiming = False
        if cell is not None:
            self.panel.fields.aim_at(cell)
        self._refresh()

    def _stop_aiming(self) -> None:
        self._aiming = False
        self._board.aim(False)

