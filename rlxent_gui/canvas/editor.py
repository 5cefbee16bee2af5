"""From presses and drags in cells to strokes in the document."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from rlxent_core.world import Cell, Tile
from rlxent_gui.canvas.strokes import RewardStroke, Stroke, TeleportStroke
from rlxent_gui.canvas.tools import BY_WHEEL, Tool, Toolbox, takes_wheel, wheeled
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
    reward_asked = Signal(object)
    """The cell whose reward is to be typed."""

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

    def take(self, tile: Tile) -> None:
        """Have ``tile`` in hand, with the tool that paints it."""
        self.cancel()
        self.toolbox.take(tile)
        self.tool_changed.emit(self.tool)

    def keep(self, tile: Tile) -> None:
        """Go on with ``tile``, which took the place of the one in hand."""
        self.toolbox.keep(tile)
        self.tool_changed.emit(self.tool)

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
        """The button was released; half a teleport pair goes on waiting for its other half."""
        stroke = self._stroke
        if stroke is None or (isinstance(stroke, TeleportStroke) and stroke.pair[1] is None):
            return
        stroke.finish()
        self._show(stroke)
        self._document.end_stroke()
        if stroke.world != stroke.base and self.tool in (Tool.WIND, Tool.TELEPORT):
            self.toolbox.keep(stroke.tile)
            self.tool_changed.emit(self.tool)
        if isinstance(stroke, RewardStroke) and stroke.asks:
            self.reward_asked.emit(stroke.origin)

    def press_again(self, cell: Cell | None) -> None:
        """The second click of a stroke that waits; on its first cell, or nowhere, it is dropped."""
        if self._stroke is None or cell is None or cell == self._stroke.origin:
            self.cancel()
        else:
            self.extend(cell)

    @property
    def waits(self) -> bool:
        """Whether the stroke under way goes on without a button, until the second click."""
        return self._stroke is not None and self._stroke.waits

    def keep_reward(self, value: float) -> None:
        """Have a reward that was typed in hand, for what is painted next."""
        if value and self.tool is Tool.REWARD:
            self.toolbox.keep(Tile(reward=value))
            self.tool_changed.emit(self.tool)

    def wheel(self, cell: Cell, notches: int, shift: bool) -> bool:
        """Turn the wheel over a cell; False where the tool in hand has no use for it.

        What the cell has of the tool's property is changed, else what the tool has in hand.
        """
        tool, hand = self.tool, self.toolbox.tile
        if tool not in BY_WHEEL or self._stroke is not None:
            return False
        before = self._document.world.tile(cell)
        if takes_wheel(tool, before):
            after = wheeled(tool, before, notches, shift)
            text = {Tool.ICE: "Set the slip", Tool.WIND: "Turn the wind"}.get(tool, "Set a reward")
            self._document.apply({cell: after}, text, f"{tool.value} {cell}")
            if tool is Tool.ICE:
                hand = replace(hand, slip=after.slip)
            elif tool is Tool.WIND:
                hand = replace(hand, wind=after.wind)
        elif tool is not Tool.REWARD:
            hand = wheeled(tool, hand, notches, shift)
        if hand != self.toolbox.tile:
            self.toolbox.keep(hand)
            self.tool_changed.emit(tool)
        return True

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
