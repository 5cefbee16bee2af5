"""The board: shows a world and what is known about it, and lets it be drawn on."""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_core.world import Cell, World
from rlxent_gui.canvas import live
from rlxent_gui.canvas.composition import draggable
from rlxent_gui.canvas.cursors import tool_cursor
from rlxent_gui.canvas.editor import Editor
from rlxent_gui.canvas.grid import Grid, cell_area
from rlxent_gui.canvas.layers import pair_letter
from rlxent_gui.canvas.notches import Notches
from rlxent_gui.canvas.picture import BoardPicture, alike
from rlxent_gui.canvas.reward_box import WALL_PAYS_NOTHING, RewardBox
from rlxent_gui.canvas.selected_cells import SelectedCells
from rlxent_gui.canvas.selection import Selection
from rlxent_gui.canvas.strokes import TeleportStroke
from rlxent_gui.canvas.tools import BY_WHEEL, Tool
from rlxent_gui.canvas.viewport import Viewport
from rlxent_gui.cell_words import cell_name, tile_words
from rlxent_gui.document import Document
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.view_state import BoardView

if TYPE_CHECKING:
    from rlxent_gui.canvas.board_keys import BoardKeys

SHIFT = Qt.KeyboardModifier.ShiftModifier
RING = 4
"""Pixels that the frame and the ring of a selected cell reach beyond the cells."""


class Board(QWidget):
    """Draws the document's world with what the latest :class:`BoardView` knows of it.

    Mouse: the left button applies the tool, the right one erases, Alt picks the tile, Shift keeps
    to a row or column, Esc cancels; Ctrl and the wheel zoom, the middle button pans; the wheel
    alone changes slip, wind (with Shift: how strong) and reward while their tool is in hand.  With
    Select a drag over floor, or with Shift, selects cells, and one that begins there carries them.
    Keyboard: arrows move the cursor, with Shift they select cells; Return applies the tool (with
    Select, Rectangle and Teleport: begins, and ends) or puts down what was pasted, Page Up and Page
    Down are the wheel, Delete erases.

    While it aims, see :meth:`aim`, a click or Return only tells the cell: ``aimed``.

    With a ``look`` of its own it is what a room looks at: words that wear it, and no coordinates.
    """

    cell_selected = Signal(object)
    cell_hovered = Signal(object)
    notice = Signal(str)
    tool_changed = Signal(Tool)
    aimed = Signal(object)

    def __init__(
        self, document: Document, parent: QWidget | None = None, look: Appearance | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._look, self._has_margins = look or appearance(), look is None
        self._view: BoardView | None = None
        self._told: BoardView | None = None
        """The last view that was worth a repaint."""
        self._picture = BoardPicture()
        self._hovered: Cell | None = None
        self._viewport = Viewport()
        self._panning: QPointF | None = None
        self._editor = Editor(document, self)
        self._editor.notice.connect(self.notice)
        self._editor.changed.connect(self.update)
        self._editor.tool_changed.connect(self._tool_has_changed)
        self._aiming = False
        self._notches = Notches()
        self._reward = RewardBox(document, self)
        self._editor.reward_asked.connect(self._ask_reward)
        self._reward.stepper.refused.connect(self.notice)
        self._reward.closed.connect(self._editor.keep_reward)
        self.selection = Selection(document, self)
        self._selected_cells = SelectedCells()
        self.selection.notice.connect(self.notice)
        self.selection.changed.connect(self._selection_has_changed)
        document.world_changed.connect(self._world_has_changed)
        self._look.changed.connect(self._dress)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 220)
        self.setAccessibleName("Board")
        self._dress()

    # What others see

    def set_view(self, view: BoardView) -> None:
        """Show what is known about the world; arrays that do not fit it are left out."""
        self._view, grid = view, self.grid()
        if self._told is None or not alike(self._told, view, grid.side):
            self._told = view
            self.update(self._picture_rect(grid))  # the coordinates stay as they are

    @property
    def tool(self) -> Tool:
        return self._editor.tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        self._editor.choose(tool)

    @property
    def editor(self) -> Editor:
        """The tools, and what they have in hand."""
        return self._editor

    def hold_as(self, other: Board) -> None:
        """Have in hand what another board has, without telling."""
        self._editor.cancel()
        self._editor.toolbox = deepcopy(other.editor.toolbox)
        if self.tool is not Tool.SELECT:
            self.selection.clear()
        self._dress()

    def aim(self, on: bool = True) -> None:
        """Let the next click tell a cell instead of using the tool; Esc tells ``None``."""
        if on != self._aiming:
            self._aiming = on
            self._editor.cancel()
            self._dress()

    @property
    def aims(self) -> bool:
        """Whether the next click only tells a cell."""
        return self._aiming

    @property
    def selected(self) -> Cell | None:
        selected = self._view.selected if self._view is not None else None
        return selected if selected is not None and self._world.contains(selected) else None

    @property
    def view(self) -> BoardView:
        """What is shown of the world that is on the board."""
        view = self._view or BoardView(self._world)
        return view if view.world is self._world else view._replace(world=self._world)

    @property
    def zoom(self) -> float:
        """1 where the board fits as a whole."""
        return self._viewport.zoom

    def reveal(self, cell: Cell) -> None:
        """Bring a cell to where it is seen."""
        self._viewport.reveal(cell)

    def reset_zoom(self) -> None:
        self._viewport.zoom = 1.0
        self.update()

    def cancel(self) -> bool:
        """Cancel the aim, the stroke under way, what is carried or selected; False if none was."""
        if self._aiming:
            self.tell_aim(None)
            return True
        return self._editor.cancel() or self.selection.cancel()

    def grab_image(self) -> QImage:
        """The board as it is shown, without the pointer's frame."""
        self._set_hovered(None)
        return self.grab().toImage()

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def grid(self) -> Grid:
        """Where the cells lie now."""
        return self._viewport.grid(
            self._world, cell_area(self.rect(), self._look, self._has_margins),
            self.devicePixelRatioF(),
        )

    # Painting

    @staticmethod
    def _picture_rect(grid: Grid) -> QRect:
        """The cells, with their frame and the ring around a cell at the edge."""
        return grid.seen.adjusted(-RING, -RING, RING, RING).toAlignedRect()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, grid, dpr = self._look, self.grid(), self.devicePixelRatioF()
        theme, view = look.theme, self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.bg)
        self._picture.paint(painter, grid, dpr, theme, self._world, view)
        painter.setClipRect(grid.seen)
        stroke = self._editor.stroke
        if stroke is not None and stroke.preview:
            live.paint_preview(painter, grid, stroke.preview, stroke.tile, theme, dpr)
        if isinstance(stroke, TeleportStroke):
            letter = pair_letter(stroke.base, *stroke.pair)
            live.paint_pair(painter, grid, *stroke.pair, letter, theme)
        self._selected_cells.paint(painter, grid, self.selection, theme, dpr)
        if view is not None and view.message is not None:
            live.paint_message(painter, grid.seen, view.message, look)
        if self._hovered is not None:
            live.paint_hover(painter, grid.rect(self._hovered), theme)
        if view is not None and view.token is not None and self._world.contains(view.token.cell):
            # On a path there is no need to say where it came from.
            token = view.token if view.path is None else view.token._replace(before=None)
            live.paint_token(painter, grid, token, theme)
        painter.setClipping(False)
        live.paint_frame(painter, grid, theme, self.hasFocus())
        if self._has_margins and not self._picture_rect(grid).contains(event.rect()):
            live.paint_margins(painter, grid, look)
        if self.selected is not None:
            painter.setClipRect(grid.seen.adjusted(-RING, -RING, RING, RING))
            live.paint_selection(painter, grid.rect(self.selected), theme)
        painter.end()

    @property
    def _world(self) -> World:
        return self._document.world

    def _dress(self) -> None:
        tile = self._editor.toolbox.tile
        if self._aiming:
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.update()
            return
        self.setCursor(tool_cursor(self.tool, tile, self._look.theme, self.devicePixelRatioF()))
        self.update()

    def _tool_has_changed(self, tool: Tool) -> None:
        if tool is not Tool.SELECT:
            self.selection.clear()
        self._dress()
        self.tool_changed.emit(tool)

    def _selection_has_changed(self) -> None:
        if self.selection.is_pasting:
            self._hovered = None
        part = self.selection.rectangle
        if part is not None:
            corner = (part.top + part.rows - 1, part.left + part.columns - 1)
            names = f"{cell_name(part.corner)} to {cell_name(corner)}"
            self.setAccessibleDescription(f"{names}, {part.rows} × {part.columns} cells")
        self.update()

    def _world_has_changed(self, old: World, new: World) -> None:
        if self._hovered is not None and not new.contains(self._hovered):
            self._set_hovered(None)
        self.update()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(None)
        cell = self._cell_at(event.position())
        button, left = event.button(), event.button() == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton:
            self._panning = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._aiming:
            if cell is not None and left:
                self.tell_aim(cell)
        elif self._editor.waits:
            self._editor.press_again(cell if left else None)
        elif cell is None or self._editor.stroke is not None:
            return
        elif self.selection.is_pasting:
            if left:
                self.selection.hover(cell)
                self.selection.put_down()
            else:
                self.selection.cancel()
        elif left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._editor.pick(cell)
        elif left and self.tool is Tool.SELECT:
            self._press_select(cell, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif left or button == Qt.MouseButton.RightButton:
            self._editor.press(cell, erase=not left)

    def _press_select(self, cell: Cell, only_select: bool) -> None:
        rectangle = self.selection.rectangle
        if rectangle is not None and rectangle.contains(cell) and not only_select:
            self.selection.grab(cell)
        elif draggable(self._world.tile(cell)) and not only_select:
            self.selection.clear()
            self._editor.press(cell)
        else:
            self.selection.begin(cell)
        self.select(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._viewport.pan(event.position() - self._panning)
            self._panning = event.position()
            self.update()
        elif event.buttons() == Qt.MouseButton.NoButton:
            if self._editor.waits:
                self._editor.extend(self.grid().cell_at(event.position()))
            else:
                # The release can get lost, e.g. to a dialog of the system.
                self._editor.release()
                self.selection.release()
            cell = self._cell_at(event.position())
            if cell is not None and self.selection.is_pasting:
                self.selection.hover(cell)
            self._set_hovered(cell)
        elif self.selection.is_dragging:
            self.selection.drag(self.grid().cell_at(event.position()))
        else:
            locked = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._editor.extend(self.grid().cell_at(event.position()), locked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = None
            self._dress()
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._editor.release()
            self.selection.release()
            self._set_hovered(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)

    def hideEvent(self, event: QHideEvent) -> None:
        self._editor.release()
        self._editor.cancel()
        self.selection.release()
        self._panning = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom_by(1.0015 ** turned.y(), event.position())
        elif self._wheel_changes(event):
            return
        elif self.zoom > 1:
            pixels = event.pixelDelta()
            self._viewport.pan(QPointF(turned / 2 if pixels.isNull() else pixels))
        else:
            event.ignore()
            return
        self._set_hovered(self._cell_at(event.position()))
        self.update()

    def _wheel_changes(self, event: QWheelEvent) -> bool:
        """Whether the tool in hand takes the wheel over this cell."""
        cell = self._cell_at(event.position())
        if cell is None or self.tool not in BY_WHEEL:
            return False
        shift = bool(event.modifiers() & SHIFT)
        notches = self._notches.add(event)
        return not notches or self._editor.wheel(cell, notches, shift)

    def _ask_reward(self, cell: Cell) -> None:
        if self._world.tile(cell).wall:
            self.notice.emit(WALL_PAYS_NOTHING)
        else:
            self._reward.open_at(cell, self.grid().rect(cell))

    def tell_aim(self, cell: Cell | None) -> None:
        """The cell that was aimed at, or that none is."""
        self.aim(False)
        self.aimed.emit(cell)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._viewport.zoom_by(1 + event.value(), event.position())
            self.update()
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._dress()
        return super().event(event)

    def _cell_at(self, point: QPointF) -> Cell | None:
        """The cell under a point, if it is a part of the board that is seen."""
        grid = self.grid()
        cell = grid.cell_at(point)
        return cell if self._world.contains(cell) and grid.seen.contains(point) else None

    def _set_hovered(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.cell_hovered.emit(cell)
            self.update()

    # Keyboard

    @cached_property
    def _keys(self) -> BoardKeys:
        """What the keys mean here; imported with the first of them."""
        from rlxent_gui.canvas.board_keys import BoardKeys

        return BoardKeys(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def select_all(self) -> None:
        self.tool = Tool.SELECT
        self.selection.select_all()

    def paste(self) -> None:
        """Carry the map on the clipboard over the board until it is put down."""
        self._editor.cancel()
        hovered, self._hovered = self._hovered, None
        if self.selection.paste(self.selected):
            self.tool = Tool.SELECT
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            if hovered is not None:
                self.selection.hover(hovered)

    def select(self, cell: Cell | None) -> None:
        """Shown at once; whoever listens will show the same."""
        view = self._view or BoardView(self._world)
        self._view = view._replace(selected=cell)
        tile = tile_words(self._world.tile(cell)) or "floor" if cell else ""
        self.setAccessibleDescription(f"{cell_name(cell)}: {tile}" if cell else "")
        self.cell_selected.emit(cell)
        self.update()
