"""The board of the Credit scene: one episode as a walk, the chosen step marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_gui.canvas import live
from rlxent_gui.canvas.grid import Grid, cell_area
from rlxent_gui.canvas.lanes import steps_at
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.canvas.viewport import Viewport
from rlxent_gui.cell_words import ARROWS, cell_name
from rlxent_gui.credit_numbers import sum_text
from rlxent_gui.path_view import PathView
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.view_state import BoardView
from rlxent_gui.words import counted, signed_text

if TYPE_CHECKING:
    from rlxent_gui.credit_view import CreditView

SLACK = 4.0
"""Pixels beside a stroke that still belong to it."""
SHOWN_STEPS = 6
"""Most steps that a tooltip goes through."""


class CreditBoard(QWidget):
    """Passive: :meth:`apply` in, ``command("credit_step", t)`` out.

    A click on a stroke or a cell chooses its step; where there are several, the next one.  Ctrl
    and the wheel zoom, the middle button pans.  The world is the one that the episode was drawn in.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self._look, self._has_margins = look or appearance(), look is None
        self._view: CreditView | None = None
        self._path: PathView | None = None
        self._board: BoardView | None = None
        self._picture = BoardPicture()
        self._viewport = Viewport()
        self._panning: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.setAccessibleName("Episode on the board")
        self._look.changed.connect(self.update)

    def show_credit(self, view: CreditView) -> None:
        """Show the episode of ``view`` and its chosen step."""
        self._view, self._path = view, view.path
        self._board = BoardView(
            view.world, np.asarray(view.episode.policy), path=self._path,
            overlays=frozenset({"policy"}),
        )
        self.setAccessibleDescription(step_words(view, self._path, view.step))
        self.update()

    @property
    def view(self) -> BoardView | None:
        """What lies on the board; None before there is an episode."""
        return self._board

    def grab_image(self) -> QImage:
        """The board as it is seen."""
        return self.grab().toImage()

    @property
    def zoom(self) -> float:
        """1 where the board fits as a whole."""
        return self._viewport.zoom

    def sizeHint(self) -> QSize:
        return QSize(520, 520)

    def grid(self) -> Grid:
        """Where the cells lie now.

        Raises:
            AssertionError: while there is nothing to show.
        """
        assert self._view is not None
        area = cell_area(self.rect(), self._look, self._has_margins)
        return self._viewport.grid(self._view.world, area, self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.theme.bg)
        if self._view is not None:
            grid, dpr = self.grid(), self.devicePixelRatioF()
            self._picture.paint(painter, grid, dpr, look.theme, self._view.world, self._board)
            painter.setClipping(False)
            live.paint_frame(painter, grid, look.theme, False)
            if self._has_margins:
                live.paint_margins(painter, grid, look)
        painter.end()

    # Mouse

    def steps_at(self, point: QPointF) -> tuple[int, ...]:
        """The steps that a click there means, in the order they were taken."""
        if self._path is None:
            return ()
        grid = self.grid()
        if not grid.seen.contains(point):
            return ()
        x, y = (point.x() - grid.left) / grid.side, (point.y() - grid.top) / grid.side
        trail = self._picture.trajectory.trail
        return steps_at(trail, self._path, x, y, min(SLACK / grid.side, 0.1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = event.position()
        elif event.button() == Qt.MouseButton.LeftButton and self._view is not None:
            steps = self.steps_at(event.position())
            if steps:
                now = self._view.step
                at = steps.index(now) + 1 if now in steps else 0
                self.command.emit("credit_step", steps[at % len(steps)])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._viewport.pan(event.position() - self._panning)
            self._panning = event.position()
            self.update()
        else:
            over = bool(self.steps_at(event.position()))
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._panning = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._view is None:
            event.ignore()
            return
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom_by(1.0015 ** turned.y(), event.position())
        elif self.zoom > 1:
            pixels = event.pixelDelta()
            self._viewport.pan(QPointF(turned / 2 if pixels.isNull() else pixels))
        else:
            event.ignore()
            return
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._explain(event)
            return True
        if (
            isinstance(event, QNativeGestureEvent) and self._view is not None
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._viewport.zoom_by(1 + event.value(), event.position())
            self.update()
            return True
        return super().event(event)

    def _explain(self, event: QHelpEvent) -> None:
        steps = self.steps_at(QPointF(event.pos()))
        if not steps or self._view is None or self._path is None:
            QToolTip.hideText()
            return
        at = QPointF(event.pos())
        near = QRectF(at.x() - 6, at.y() - 6, 12, 12).toRect()
        QToolTip.showText(event.globalPos(), self.words_of(steps), self, near)

    def words_of(self, steps: tuple[int, ...]) -> str:
        """A line a step, and what they come to where they are many."""
        assert self._view is not None
        assert self._path is not None
        lines = [step_words(self._view, self._path, t) for t in steps[:SHOWN_STEPS]]
        if len(steps) > SHOWN_STEPS:
            total = float(self._view.weights[list(steps)].sum())
            more = counted(len(steps) - SHOWN_STEPS, "more step")
            lines.append(f"and {more}; all weights add up to {sum_text(total, 2)}")
        return "\n".join(lines)


def step_words(view: CreditView, path: PathView, t: int) -> str:
    """ "Step 6: ← from F2, reward −0.02, weight −0.07"."""
    arrow, cell = ARROWS[path.actions[t]], cell_name(path.cells[t])
    where = "" if path.landings[t] != path.cells[t] else " (stays)"
    reward = signed_text(float(view.episode.rewards[t]))
    return f"Step {t}: {arrow} from {cell}{where}, reward {reward}, weight " + signed_text(
        float(view.weights[t])
    )
