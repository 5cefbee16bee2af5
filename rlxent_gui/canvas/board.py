"""The board: shows a world and what is known about it, and lets it be drawn on."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
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
from rlxent_gui.canvas.cursors import tool_cursor
from rlxent_gui.canvas.editor import Editor
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.canvas.viewport import Viewport
from rlxent_gui.cell_words import cell_name, tile_words
from rlxent_gui.document import Document
from rlxent_gui.theme import appearance
from rlxent_gui.view_state import BoardView

ARROW_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class Board(QWidget):
    """Draws the document's world with what the latest :class:`BoardView` knows of it.

    Mouse: the left button applies the tool, the right one erases, Alt picks the tile, Shift keeps
    to a row or column, Esc cancels; Ctrl and the wheel zoom, the middle button pans.  Keyboard:
    arrows move the selection, Return applies the tool (with Select and Rectangle: begins, and
    ends), Delete erases.
    """

    cell_selected = Signal(object)
    cell_hovered = Signal(object)
    notice = Signal(str)
    tool_changed = Signal(Tool)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view: BoardView | None = None
        self._picture = BoardPicture()
        self._hovered: Cell | None = None
        self._viewport = Viewport()
        self._panning: QPointF | None = None
        self._editor = Editor(document, self)
        self._editor.notice.connect(self.notice)
        self._editor.changed.connect(self.update)
        self._editor.tool_changed.connect(self._tool_has_changed)
        document.world_changed.connect(self._world_has_changed)
        appearance().changed.connect(self._dress)
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
        self._view = view
        self.update()

    @property
    def tool(self) -> Tool:
        return self._editor.tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        self._editor.choose(tool)

    @property
    def selected(self) -> Cell | None:
        selected = self._view.selected if self._view is not None else None
        return selected if selected is not None and self._world.contains(selected) else None

    @property
    def view(self) -> BoardView:
        """What is shown of the world that is on the board."""
        view = self._view or BoardView(self._world)
        return view if view.world is self._world else replace(view, world=self._world)

    @property
    def zoom(self) -> float:
        """1 where the board fits as a whole."""
        return self._viewport.zoom

    def reset_zoom(self) -> None:
        self._viewport.zoom = 1.0
        self.update()

    def cancel(self) -> bool:
        """Cancel the stroke under way; False if there was none."""
        return self._editor.cancel()

    def grab_image(self) -> QImage:
        """The board as it is shown, without the pointer's frame."""
        self._set_hovered(None)
        return self.grab().toImage()

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def grid(self) -> Grid:
        """Where the cells lie now."""
        return self._viewport.grid(self._world, self._area(), self.devicePixelRatioF())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        look, grid, dpr = appearance(), self.grid(), self.devicePixelRatioF()
        theme, view = look.theme, self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.bg)
        self._picture.paint(painter, grid, dpr, theme, self._world, view)
        painter.setClipRect(grid.seen)
        stroke = self._editor.stroke
        if stroke is not None and stroke.preview:
            live.paint_preview(painter, grid, stroke.preview, stroke.tile, theme, dpr)
        if view is not None and view.message is not None:
            live.paint_message(painter, grid.seen, view.message, look)
        if self._hovered is not None:
            live.paint_hover(painter, grid.rect(self._hovered), theme)
        if view is not None and view.token is not None and self._world.contains(view.token.cell):
            live.paint_token(painter, grid, view.token, theme)
        painter.setClipping(False)
        live.paint_frame(painter, grid, theme, self.hasFocus())
        live.paint_margins(painter, grid, look)
        if self.selected is not None:
            painter.setClipRect(grid.seen.adjusted(-4, -4, 4, 4))
            live.paint_selection(painter, grid.rect(self.selected), theme)
        painter.end()

    def _area(self) -> QRectF:
        """What the cells may fill: inside the margins with their letters and numbers."""
        look = appearance()
        left, bottom = look.px(26) + 4, look.px(20) + 6
        area = QRectF(self.rect()).adjusted(left, 5, -5, -bottom)
        return area if area.width() > 8 and area.height() > 8 else QRectF(left, 5, 8, 8)

    @property
    def _world(self) -> World:
        return self._document.world

    def _dress(self) -> None:
        tile = self._editor.toolbox.tile
        self.setCursor(tool_cursor(self.tool, tile, appearance().theme, self.devicePixelRatioF()))
        self.update()

    def _tool_has_changed(self, tool: Tool) -> None:
        self._dress()
        self.tool_changed.emit(tool)

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
        elif cell is None or self._editor.stroke is not None:
            return
        elif left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._editor.pick(cell)
        elif left and self.tool is Tool.SELECT:
            self._select(cell)
            self._editor.press(cell)
        elif left or button == Qt.MouseButton.RightButton:
            self._editor.press(cell, erase=not left)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._viewport.pan(event.position() - self._panning)
            self._panning = event.position()
            self.update()
        elif event.buttons() == Qt.MouseButton.NoButton:
            # The release can get lost, e.g. to a dialog of the system.
            self._editor.release()
            self._set_hovered(self._cell_at(event.position()))
        else:
            locked = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._editor.extend(self.grid().cell_at(event.position()), locked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = None
            self._dress()
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._editor.release()
            self._set_hovered(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)

    def hideEvent(self, event: QHideEvent) -> None:
        self._editor.release()
        self._panning = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom_by(1.0015 ** turned.y(), event.position())
        elif self.zoom > 1:
            pixels = event.pixelDelta()
            self._viewport.pan(QPointF(turned / 2 if pixels.isNull() else pixels))
        else:
            event.ignore()
            return
        self._set_hovered(self._cell_at(event.position()))
        self.update()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key in ARROW_KEYS:
            self._move_selection(*ARROW_KEYS[key])
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._apply_tool()
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected:
            self._editor.press(self.selected, erase=True)
            self._editor.release()
        elif key == Qt.Key.Key_Escape and (self.cancel() or self.selected is not None):
            if self._editor.stroke is None and self.selected is not None:
                self._select(None)
        else:
            super().keyPressEvent(event)

    def _move_selection(self, rows: int, columns: int) -> None:
        if self.selected is None:
            self._select((0, 0))
            return
        row, column = self.selected
        cell = (row + rows, column + columns)
        if self._world.contains(cell):
            self._select(cell)
            self._viewport.reveal(cell)
            self._editor.extend(cell)

    def _apply_tool(self) -> None:
        cell = self.selected
        if self._editor.stroke is not None:
            self._editor.release()
        elif cell is not None:
            self._editor.press(cell)
            if self.tool not in (Tool.SELECT, Tool.RECTANGLE):
                self._editor.release()

    def _select(self, cell: Cell | None) -> None:
        """Shown at once; whoever listens will show the same."""
        view = self._view or BoardView(self._world)
        self._view = replace(view, selected=cell)
        tile = tile_words(self._world.tile(cell)) or "floor" if cell else ""
        self.setAccessibleDescription(f"{cell_name(cell)}: {tile}" if cell else "")
        self.cell_selected.emit(cell)
        self.update()
