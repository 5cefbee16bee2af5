"""What is done to the board as a whole: turned, mirrored, shifted, resized, cropped, cleared."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from rlxent_core import reshape
from rlxent_core.rectangle import Rectangle
from rlxent_core.world import Cell, World, WorldError
from rlxent_gui.document import Document
from rlxent_gui.words import unchanged

Change = Callable[[World], World]

CHANGES: dict[str, tuple[str, Change]] = {
    "rotate_left": ("Rotate left", lambda world: reshape.rotated(world, -1)),
    "rotate_right": ("Rotate right", lambda world: reshape.rotated(world)),
    "mirror_horizontally": ("Mirror left and right", lambda world: reshape.mirrored(world)),
    "mirror_vertically": ("Mirror top and bottom", lambda world: reshape.mirrored(world, True)),
    "shift_up": ("Shift up", lambda world: reshape.shifted(world, -1, 0)),
    "shift_right": ("Shift right", lambda world: reshape.shifted(world, 0, 1)),
    "shift_down": ("Shift down", lambda world: reshape.shifted(world, 1, 0)),
    "shift_left": ("Shift left", lambda world: reshape.shifted(world, 0, -1)),
    "clear": ("Clear the board", reshape.cleared),
}
"""By the command's id: how the step is called that can be undone, and what it does."""


class BoardCommands(QObject):
    """Changes the document's world in one step, or says in a sentence why not, by ``refused``."""

    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document

    def run(self, id: str) -> bool:
        """Carry out a command of :data:`CHANGES`; False for another one."""
        if id not in CHANGES:
            return False
        self._change(*CHANGES[id])
        return True

    def crop(self, rectangle: Rectangle | None) -> None:
        """Cut off all but ``rectangle``."""
        if rectangle is None:
            self.refused.emit("Nothing is selected: drag over the cells that shall stay.")
        else:
            self._change("Crop", lambda world: reshape.cropped(world, rectangle))

    def resize(self, rows: int, columns: int, anchor: Cell) -> str:
        """Give the board another size; returns why not, or nothing."""
        return self._try(
            "Resize the board", lambda world: reshape.resized(world, rows, columns, anchor)
        )

    def set_field(self, name: str, value: object) -> str:
        """Change a value of the whole world; returns why not, or nothing."""
        try:
            self._document.set_fields("", **{name: value})
        except WorldError as error:
            return unchanged(error)
        return ""

    def _change(self, text: str, change: Change) -> None:
        sentence = self._try(text, change)
        if sentence:
            self.refused.emit(sentence)

    def _try(self, text: str, change: Change) -> str:
        self._document.end_stroke()
        try:
            world = change(self._document.world)
        except WorldError as error:
            return unchanged(error)
        self._document.replace(world, text)
        return ""
