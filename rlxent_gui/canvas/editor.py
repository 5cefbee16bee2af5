"""From presses and drags in cells to strokes in the document."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rlxent_core.world import Cell
from rlxent_gui.canvas.tools import Stroke, Tool, Toolbox
from rlxent_gui.document import Document


class Editor(QObject):
    """Carries the stroke under way.

    ``notice`` is emitted with a sentence worth saying, and empty when the next stroke begins.

    A stroke ends early, without a trace here, when the document drops it: by undo, or because
    another world was opened in the middle of it.
    """

    notice = Signal(str)
    changed = Signal()
    tool_changed = Signal(Tool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._stroke: Stroke | None = None
        self._told = ""
        self.toolbox = Toolbox()
        document.stroke_ended.connect(self._forget)

    @property
    def stroke(self) -> Stroke | None:
        """The stroke under way, if any."""
        return self._stroke

    @property
    def tool(self) -> Tool:
        return self.toolbox.tool

    def choose(self, tool: Tool) -> None:
        if tool is not self.tool:
            self.cancel()
            self.toolbox.choose(tool)
            self.tool_changed.emit(tool)

    def pick(self, cell: Cell) -> None:
        """Take the tile of a cell as the last tile."""
        self.toolbox.pick(self._document.world.tile(cell))
        self.tool_changed.emit(self.tool)

    def press(self, cell: Cell, *, erase: bool = False) -> None:
        self.release()
        stroke = self.toolbox.stroke(self._document.world, cell, erase=erase)
        if stroke is not None:
            self._document.begin_stroke(stroke.text)
            if self._told:
                self.notice.emit("")
            self._stroke, self._told = stroke, ""
            self._show(stroke)

    def extend(self, cell: Cell, locked: bool = False) -> None:
        if self._stroke is not None:
            self._stroke.extend(cell, locked)
            self._show(self._stroke)

    def release(self) -> None:
        if self._stroke is not None:
            self._stroke.finish()
            self._show(self._stroke)
            self._document.end_stroke()

    def cancel(self) -> bool:
        """Give up the stroke under way; False if there is none."""
        if self._stroke is None:
            return False
        self._document.cancel_stroke()
        return True

    def _show(self, stroke: Stroke) -> None:
        self._document.extend_stroke(stroke.world)
        if stroke.notice and stroke.notice != self._told:
            self._told = stroke.notice
            self.notice.emit(stroke.notice)
        self.changed.emit()

    def _forget(self) -> None:
        self._stroke = None
        self.changed.emit()
