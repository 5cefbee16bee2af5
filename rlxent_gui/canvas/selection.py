"""A rectangle of selected cells, and the piece that is carried over the board until it is put down.

What is carried is only shown; the world changes once, when it is put down, and Esc changes
nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from rlxent_core import reshape
from rlxent_core.map_text import Piece, map_to_text, piece_of, read_map
from rlxent_core.rectangle import Rectangle
from rlxent_core.world import Cell, World, WorldError
from rlxent_gui.document import Document
from rlxent_gui.words import unchanged

NO_TEXT = "There is no map to paste: the clipboard holds no text."


class Carried(NamedTuple):
    """A piece over the board; ``source`` is the rectangle it leaves, None for a paste."""

    piece: Piece
    place: Rectangle
    source: Rectangle | None = None


class Selection(QObject):
    """Which cells are selected, and what is carried.

    ``changed`` is emitted when either is another one, ``notice`` with a sentence why something was
    not done, ``grew`` with one when a paste made the board larger.
    """

    changed = Signal()
    notice = Signal(str)
    grew = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._anchor: Cell | None = None
        self._head: Cell | None = None
        self._rectangle: Rectangle | None = None
        self._carried: Carried | None = None
        self._grabbed: Cell | None = None
        self._selecting = False
        document.world_changed.connect(self._follow)
        document.opened.connect(self.clear)

    @property
    def rectangle(self) -> Rectangle | None:
        """The selected cells; never a cell alone that was merely clicked."""
        return self._rectangle

    @property
    def carried(self) -> Carried | None:
        return self._carried

    @property
    def is_pasting(self) -> bool:
        """Whether a pasted piece waits to be put down."""
        return self._carried is not None and self._carried.source is None

    @property
    def is_dragging(self) -> bool:
        return self._selecting or self._grabbed is not None

    # Selecting

    def clear(self) -> None:
        """Nothing is selected, nothing carried."""
        self._carried = self._grabbed = self._rectangle = self._anchor = self._head = None
        self._selecting = False
        self.changed.emit()

    def select_all(self) -> None:
        world = self._document.world
        self._select((0, 0), (world.rows - 1, world.columns - 1))

    def extend(self, start: Cell, rows: int, columns: int) -> Cell:
        """Move the far corner by so many cells; a new selection begins in ``start``.

        Returns the far corner.
        """
        if self._anchor is None or self._head is None or self._rectangle is None:
            self._anchor = self._head = start
        head = self._inside((self._head[0] + rows, self._head[1] + columns))
        self._select(self._anchor, head)
        return head

    def begin(self, cell: Cell) -> None:
        """A drag that selects begins in ``cell``."""
        self.clear()
        self._anchor, self._selecting = cell, True

    def grab(self, cell: Cell) -> None:
        """A drag that carries what is selected begins in ``cell``, which is selected."""
        self._grabbed = cell

    def drag(self, cell: Cell) -> None:
        """The pointer is over ``cell`` now, which may lie outside the board."""
        if self._selecting and self._anchor is not None:
            cell = self._inside(cell)
            if cell != self._anchor or self._rectangle is not None:
                self._select(self._anchor, cell)
        elif self._grabbed is not None and self._rectangle is not None:
            part, grabbed = self._rectangle, self._grabbed
            corner = (part.top + cell[0] - grabbed[0], part.left + cell[1] - grabbed[1])
            if self._carried is None and corner != part.corner:
                self._carried = Carried(piece_of(self._document.world, part), part, part)
            self._carry_to(corner)

    def release(self) -> None:
        """The drag is over: what is carried is put down; a mere click selects nothing more."""
        if self._grabbed is not None and self._carried is None:
            self.clear()
        self._grabbed, self._selecting = None, False
        if self._carried is not None and not self.is_pasting:
            self.put_down()

    def cancel(self) -> bool:
        """Give up what is carried, else the selection; False if there is neither."""
        if self._carried is not None:
            self._carried = self._grabbed = None
            self.changed.emit()
            return True
        if self._rectangle is not None:
            self.clear()
            return True
        return False

    # Carrying

    def carry_by(self, rows: int, columns: int) -> None:
        """Move what is carried by so many cells."""
        if self._carried is not None:
            place = self._carried.place
            self._carry_to((place.top + rows, place.left + columns))

    def hover(self, cell: Cell) -> None:
        """A pasted piece follows the pointer, which holds it in the middle."""
        if self._carried is not None and self.is_pasting:
            place = self._carried.place
            self._carry_to((cell[0] - (place.rows - 1) // 2, cell[1] - (place.columns - 1) // 2))

    def put_down(self) -> None:
        """Change the world: what was carried lies where it was shown, and is selected."""
        carried, self._carried = self._carried, None
        if carried is None:
            return
        world, place = self._document.world, carried.place
        try:
            if carried.source is not None:
                world = reshape.moved(world, carried.source, place.corner)
            else:
                world = reshape.placed(world, carried.piece, place.corner)
        except WorldError as error:
            self.notice.emit(unchanged(error))
            self.changed.emit()
            return
        self._document.replace(world, "Move cells" if carried.source else "Paste")
        self._select(place.corner, (place.top + place.rows - 1, place.left + place.columns - 1))

    def _carry_to(self, corner: Cell) -> None:
        if self._carried is not None:
            world = self._document.world
            place = self._carried.place.at(corner).within(world.rows, world.columns)
            if place != self._carried.place:
                self._carried = self._carried._replace(place=place)
                self.changed.emit()

    # The clipboard

    def copy(self) -> bool:
        """Put the selected cells on the clipboard as text; False if none are selected."""
        if self._rectangle is None:
            return False
        text = map_to_text(self._document.world, self._rectangle)
        QGuiApplication.clipboard().setText(text)
        return True

    def cut(self) -> None:
        if self.copy():
            self.erase("Cut")

    def erase(self, text: str = "Erase cells") -> bool:
        """Make the selected cells floor; False if none are selected."""
        if self._rectangle is None:
            return False
        self._document.replace(reshape.erased(self._document.world, self._rectangle), text)
        return True

    def paste(self, cell: Cell | None) -> bool:
        """Carry the map on the clipboard, at first with its upper left cell in ``cell``.

        A map larger than the board is put down at once, on a board that has grown for it.  Returns
        whether there is now something to put down.
        """
        text = QGuiApplication.clipboard().text()
        world = self._document.world
        try:
            if not text.strip():
                raise WorldError(NO_TEXT)
            piece = read_map(text, world.tiles)
            rows, columns = len(piece.rows), len(piece.rows[0])
            if rows > world.rows or columns > world.columns:
                self._grow(world, piece, max(rows, world.rows), max(columns, world.columns))
                return False
        except WorldError as error:
            self.notice.emit(unchanged(error))
            return False
        corner = self._rectangle.corner if self._rectangle else cell or (0, 0)
        self._grabbed, self._selecting = None, False
        place = Rectangle(*corner, rows, columns).within(world.rows, world.columns)
        self._carried = Carried(piece, place)
        self.changed.emit()
        return True

    def _grow(self, world: World, piece: Piece, rows: int, columns: int) -> None:
        larger = reshape.resized(world, rows, columns)
        self._document.replace(reshape.placed(larger, piece, (0, 0)), "Paste a larger map")
        self.grew.emit(f"The board has grown to {rows} × {columns} for the pasted map.")

    # The world below

    def _select(self, anchor: Cell, head: Cell) -> None:
        rectangle = Rectangle.between(anchor, head)
        if (anchor, head, rectangle) != (self._anchor, self._head, self._rectangle):
            self._anchor, self._head, self._rectangle = anchor, head, rectangle
            self.changed.emit()

    def _inside(self, cell: Cell) -> Cell:
        world = self._document.world
        return min(max(cell[0], 0), world.rows - 1), min(max(cell[1], 0), world.columns - 1)

    def _follow(self, old: World, new: World) -> None:
        if (old.rows, old.columns) != (new.rows, new.columns):
            self.clear()
        elif self._carried is not None and not self.is_pasting:
            self._carried = self._grabbed = None
            self.changed.emit()
