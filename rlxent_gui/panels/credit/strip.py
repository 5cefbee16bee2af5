"""The strip: one column a step, from the action through the return to the weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QStyle, QToolTip, QWidget

from rlxent_gui.credit_view import CreditView, Floats
from rlxent_gui.panels.credit import figures
from rlxent_gui.panels.credit.columns import LEAST, Columns
from rlxent_gui.panels.credit.strip_ink import COMPACT, FULL, StripInk
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.widgets.focus import watch_focus

TWEEN = 120
"""Milliseconds that the bars take to another weighting."""
TWEEN_UP_TO = 200
"""Steps; longer episodes change at once."""
LEFT, WIDEST, SUM = 122.0, 240.0, 50.0
"""Room for the labels, at least and at most, and for the sums, at the usual text size."""


@dataclass(frozen=True, eq=False)
class Bars:
    """What is drawn of an episode: returns, baseline (where there is one) and weights, [T]."""

    returns: Floats
    baseline: Floats | None
    weights: Floats

    def same(self, other: Bars) -> bool:
        """Whether both are drawn alike."""
        one, two = self.baseline, other.baseline
        same_base = one is two or (one is not None and two is not None and np.array_equal(one, two))
        return (
            same_base and np.array_equal(self.returns, other.returns)
            and np.array_equal(self.weights, other.weights)
        )

    def toward(self, other: Bars, share: float) -> Bars:
        """Between these and others."""
        def between(one: Floats, two: Floats) -> Floats:
            return one + share * (two - one)

        before = self.baseline if self.baseline is not None else np.zeros_like(self.returns)
        after = other.baseline
        return Bars(
            between(self.returns, other.returns),
            None if after is None else between(before, after),
            between(self.weights, other.weights),
        )


class Strip(QWidget):
    """Passive: :meth:`show_credit` in, ``command`` out; ``scrolled`` when other columns are seen.

    A click or a drag chooses a step, and so do the arrow keys, Home and End.
    """

    command = Signal(str, object)
    scrolled = Signal()

    def __init__(
        self, columns: Columns, parent: QWidget | None = None, look: Appearance | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self.columns = columns
        self.view: CreditView | None = None
        self._bars: Bars | None = None
        self._from: Bars | None = None
        self._tween = QVariantAnimation(self)
        self._tween.setDuration(TWEEN)
        self._tween.setStartValue(0.0)
        self._tween.setEndValue(1.0)
        self._tween.valueChanged.connect(self.update)
        self._down = False
        self._room, self._labels = 1, 0.0
        self.setAccessibleName("Steps of the episode")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        watch_focus(self, 6)
        self._look.changed.connect(self._restyle)

    def show_credit(self, view: CreditView) -> None:
        """Show the weights of ``view``; bars of the same episode move there."""
        before, drawn = self.view, self.drawn
        self.view = view
        if before is None or before.episode.length != view.episode.length:
            self.columns.set_count(view.episode.length)
            self.columns.first = 0
            self.place(self._room)
        bars = Bars(view.returns, view.baseline, view.weights)
        if self._bars is None or not bars.same(self._bars):
            self._bars = bars
            self._begin_tween(before, view, drawn)
        moved = before is None or (before.step, before.episode) != (view.step, view.episode)
        if moved and self.columns.keep(view.step):
            self.scrolled.emit()
        self.setAccessibleDescription(figures.spoken(view))
        if (
            before is not None and before.episode is view.episode and self._bars is not bars
            and before.weighting == view.weighting
        ):
            for step in (before.step, view.step):
                self.update(column_rect(self.columns, step, self.height()))
        else:
            self.update()

    def _begin_tween(
        self, before: CreditView | None, view: CreditView, drawn: Bars | None
    ) -> None:
        self._tween.stop()
        self._from = None
        calm = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0
        same = before is not None and before.episode is view.episode
        if same and self.isVisible() and not calm and view.episode.length <= TWEEN_UP_TO:
            self._from = drawn
            self._tween.start()

    @property
    def drawn(self) -> Bars | None:
        """The bars as they stand now, on their way where they move."""
        if self._bars is None or self._from is None:
            return self._bars
        if self._tween.state() != QVariantAnimation.State.Running:
            return self._bars
        share = float(self._tween.currentValue())
        return self._from.toward(self._bars, 1 - (1 - share) ** 3)

    # Where things lie

    def _restyle(self) -> None:
        self.place(self._room)
        self.updateGeometry()

    def place(self, width: int) -> None:
        """Spread the columns over ``width``: the comparison needs them though the strip is hidden.
        """
        self._room, factor = width, self._look.factor
        least = LEFT * factor
        spare = width - (SUM + LEAST * self.columns.count) * factor
        left = max(least, min(min(self._labels, WIDEST) * factor, spare))
        before = self.columns.shown
        self.columns.place(left, width - SUM * factor, factor)
        if self.view is not None and self.columns.shown != before:
            self.columns.keep(self.view.step)
        self.scrolled.emit()

    def set_labels(self, room: float) -> None:
        """What the comparison's labels would like; they get it where no column is lost by it."""
        # They only grow: what is seen would jump while λ is drawn through its range.
        room = max(self._labels, room / self._look.factor)
        if room > self._labels:
            self._labels = room
            self.place(self._room)

    def sizeHint(self) -> QSize:
        px = self._look.px
        return QSize(px(500), px(300))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(240), self.least_height(compact=True))

    def least_height(self, compact: bool = False) -> int:
        """What it takes with the return and its baseline, or without them."""
        return self._look.px(COMPACT if compact else FULL)

    # What the user does

    def _choose(self, step: int) -> None:
        if self.view is not None and step != self.view.step:
            self.command.emit("credit_step", step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.view is None or event.button() != Qt.MouseButton.LeftButton:
            return
        step = self.columns.step_at(event.position().x())
        self._down = step is not None
        if step is not None:
            self._choose(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._down:
            self._choose(self.columns.nearest(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._down = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.columns.scrolls:
            event.ignore()
            return
        scroll_by_wheel(self.columns, event)
        self.scrolled.emit()

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        # Home would begin the training anew.
        if (
            kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
            and self._target(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """How the weight of the step there comes about, or what the sums are of."""
        if self.view is None:
            return ""
        step = self.columns.step_at(x)
        if step is not None:
            return figures.arithmetic(self.view, step)
        return figures.sums(self.view) if x >= self.columns.end else ""

    def _target(self, event: QKeyEvent) -> int | None:
        """The step that a key goes to."""
        if self.view is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        step, last = self.view.step, self.view.episode.length - 1
        return {
            Qt.Key.Key_Left: max(0, step - 1), Qt.Key.Key_Right: min(last, step + 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        target = self._target(event)
        if target is None:
            event.ignore()
        else:
            self._choose(target)

    def paintEvent(self, event: QPaintEvent) -> None:
        bars = self.drawn
        if self.view is None or bars is None:
            return
        with QPainter(self) as painter:
            ink = StripInk(painter, self._look, self.columns, QRectF(self.rect()), event.rect())
            ink.paint(self.view, bars.returns, bars.baseline, bars.weights)

    def weight_point(self, step: int) -> QPointF:
        """The middle of a step's weight, e.g. to point at it."""
        rows = StripInk.rows(self._look.factor, QRectF(self.rect()))
        return QPointF(self.columns.x(step) + self.columns.width / 2, rows.weights.center().y())


def column_rect(columns: Columns, step: int, height: int) -> QRect:
    """A step's column with its frame."""
    left = math.floor(columns.x(step))
    return QRect(left - 1, 0, math.ceil(columns.width) + 3, height)


def scroll_by_wheel(columns: Columns, event: QWheelEvent) -> None:
    """A notch of the wheel is three columns."""
    delta = event.angleDelta()
    turn = delta.y() if abs(delta.y()) >= abs(delta.x()) else delta.x()
    step = max(1, round(abs(turn) / 40)) if turn else 0
    columns.scroll(columns.first + (-step if turn > 0 else step))
    event.accept()
