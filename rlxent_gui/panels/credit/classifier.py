"""The chosen step as a classifier: y, p, p − y, times the weight, and where the logits go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_gui.cell_words import ARROWS
from rlxent_gui.credit_numbers import (
    decimals,
    figure,
    is_nothing,
    probability_figure,
    reads_nothing,
)
from rlxent_gui.credit_view import Classifier
from rlxent_gui.panels.credit.ink import LEFT, RIGHT, Script, arrow, paint_bar, paint_move, script
from rlxent_gui.theme import MEDIUM, REGULAR, SEMIBOLD, Appearance, appearance, mixed
from rlxent_gui.widgets.paint import box

HEAD, ROW, LARGEST_ROW = 40.0, 26.0, 40.0
TINY = 0.3
"""How small an arrow becomes, of one that has but a short shaft."""
SQUEEZED = 1.15
"""A heading may be so much too wide: it is then written smaller, else left out."""
WIDE, MOST = 700.0, 1.7
"""Beyond this width everything grows with the room, up to so many times."""
EDGES = (0.0, 0.05, 0.19, 0.325, 0.55, 0.81, 1.0)
"""Where the columns begin, of the width: move, y, p, p − y, ∂L/∂z, and where the logit moves."""
HEADS = (
    ("label y", "the action taken"), ("policy p", "what it believed"),
    ("p − y", "cross-entropy gradient"), ("∂L/∂z", ""), ("logit moves", "one step of descent"),
)

SHORT = {"label y": "y", "policy p": "p", "logit moves": "logit"}
"""Titles where the usual ones would become too small."""
LEAST_TITLE = 0.85
"""How small they may become."""


class Way(NamedTuple):
    """Where a logit goes."""

    word: str
    role: str


def way(gradient: float) -> Way:
    """Against its gradient."""
    if is_nothing(gradient):
        return Way("stays", "ink2")
    return Way("down", "neg_text") if gradient > 0 else Way("up", "pos_text")


def weight_figure(weight: float) -> str:
    """To two decimals, and to more where they would all be 0, as the sentence has it."""
    digits = 2 if abs(weight) >= 0.005 else decimals(np.array([weight]))
    return figure(weight, digits, signed=True)


Head = tuple[QRectF, str, QFont.Weight]


class ClassifierTable(QWidget):
    """A row an action, painted; passive: :meth:`show_step` in."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self.slice: Classifier | None = None
        self._at: list[float] = []
        self._scale = 1.0
        self.setAccessibleName("Step as a classifier")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._look.changed.connect(self._restyle)

    def show_step(self, slice: Classifier) -> None:
        rows = None if self.slice is None else len(self.slice.moves)
        self.slice = slice
        if rows != len(slice.moves):
            self.updateGeometry()
        digits = decimals(slice.gradient)
        self.setAccessibleDescription("; ".join(
            f"{ARROWS[move]}{' (label)' if a == slice.action else ''}: p "
            f"{probability_figure(float(slice.probabilities[a]))}, gradient "
            f"{figure(float(slice.gradient[a]), max(digits, 3), True)}, logit "
            f"{way(float(slice.gradient[a])).word}"
            for a, move in enumerate(slice.moves)
        ))
        self.update()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    @property
    def zoom(self) -> float:
        """How much larger than usual everything is, where there is far more room than it takes."""
        rows = 4 if self.slice is None else len(self.slice.moves)
        factor = self._look.factor
        tall = self.height() / ((HEAD + rows * LARGEST_ROW) * factor)
        return min(max(min(tall, self.width() / (WIDE * factor)), 1.0), MOST)

    def _px(self, size: float) -> int:
        return round(size * self._scale)

    def _script(self, size: float, weight: QFont.Weight = REGULAR) -> Script:
        return script(size * self.zoom, weight, self._look)

    def _head(self) -> float:
        return HEAD * self.zoom * self._look.factor

    def minimumSizeHint(self) -> QSize:
        rows = 4 if self.slice is None else len(self.slice.moves)
        px = self._look.px
        return QSize(px(240), px(HEAD + rows * ROW) + 2)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def label_bottom(self) -> float:
        """Where the row of the label ends."""
        rows = 0 if self.slice is None else self.slice.action + 1
        return self._head() + rows * self.row_height()

    def row_height(self) -> float:
        rows = 1 if self.slice is None else len(self.slice.moves)
        spare = (self.height() - self._head()) / rows
        return min(max(spare, float(self._px(ROW))), float(self._px(LARGEST_ROW)))

    def _edges(self) -> list[float]:
        """Where the columns begin and the last one ends.

        Each has what its numbers need, and of the rest what brings it nearest to :data:`EDGES`.
        """
        px, wide = self._px, self._script(13, SEMIBOLD).width
        least = np.array([
            px(24), 0.85 * wide("label y"), max(wide("0.00") + px(20), 0.85 * wide("policy p")),
            2 * wide("+0.00") + px(24), 2 * wide("+0.000") + px(24), wide("down") + px(30),
        ])
        inset = self._px(8)
        whole = self.width() - 2 * inset
        missing = np.maximum(np.diff(EDGES) * whole - least, 0.0)
        spare = whole - least.sum()
        widths = least * whole / least.sum() if spare <= 0 else least + missing * (
            spare / missing.sum()
        )
        return [float(edge) for edge in inset + np.concatenate([[0.0], np.cumsum(widths)])]

    def _column(self, k: int, row: QRectF) -> QRectF:
        left, right = self._at[k], self._at[k + 1]
        return QRectF(left, row.top(), right - left - self._px(6), row.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.slice is None:
            return
        self._scale = self.zoom * self._look.factor
        self._at = self._edges()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.theme.surface)
            self._paint_heads(painter)
            height = self.row_height()
            for a in range(len(self.slice.moves)):
                row = QRectF(0, round(self._head() + a * height), self.width(), round(height))
                self._paint_row(painter, a, row)
            self._paint_axes(painter, len(self.slice.moves) * height)

    def _paint_heads(self, painter: QPainter) -> None:
        """Titles, and what they mean where there is room for it: all of a line in one size."""
        assert self.slice is not None
        weight, line = self.slice.weight, self._head() / 2
        columns = [self._column(k, QRectF(0, 0, 0, line)) for k in range(1, len(HEADS) + 1)]
        titles = [(at, title, SEMIBOLD) for at, (title, _) in zip(columns, HEADS, strict=True)]
        if self._fitting(13, titles) < LEAST_TITLE * 13:
            titles = [(at, SHORT.get(title, title), bold) for at, title, bold in titles]
        self._write_all(painter, 13, titles, "ink")
        times = f"times weight {weight_figure(weight)}"
        role = "ink2" if is_nothing(weight) else "pos_text" if weight > 0 else "neg_text"
        plain, below = self._script(12), line - self._px(3)
        abouts = [
            (at.translated(0, below), about or times, REGULAR if about else SEMIBOLD)
            for at, (_, about) in zip(columns, HEADS, strict=True)
            if not about or plain.width(about) <= SQUEEZED * at.width()
        ]
        self._write_all(painter, 12, abouts, "ink2", role)

    def _fitting(self, size: float, texts: list[Head]) -> float:
        """The largest size, up to ``size``, at which all go into their boxes."""
        while size > 7 and any(
            self._script(size, weight).width(text) > at.width() for at, text, weight in texts
        ):
            size -= 0.5
        return size

    def _write_all(
        self, painter: QPainter, size: float, texts: list[Head], role: str, bold: str = ""
    ) -> None:
        """In one size; what is bold in the colour ``bold`` where there is one."""
        size = self._fitting(size, texts)
        for at, text, weight in texts:
            own = bold if bold and weight == SEMIBOLD else role
            painter.setPen(getattr(self._look.theme, own))
            self._script(size, weight).write(painter, at, text, LEFT)

    def _paint_row(self, painter: QPainter, a: int, row: QRectF) -> None:
        assert self.slice is not None
        look, slice = self._look, self.slice
        theme, px = look.theme, self._px
        chosen = a == slice.action
        if chosen:
            fill = mixed(theme.surface, theme.hairline, 0.85)
            box(painter, row.adjusted(0, 1, 0, -1), 6, fill)
        ink, bar = theme.ink, theme.ink if chosen else theme.ink3
        paint_move(painter, self._column(0, row).center(), slice.moves[a], px(17), ink)
        font = self._script(13, SEMIBOLD if chosen else MEDIUM)
        thick = min(px(16), row.height() - 8)
        for k, value, text in (
            (1, float(chosen), str(int(chosen))),
            (2, float(slice.probabilities[a]), probability_figure(float(slice.probabilities[a]))),
        ):
            column = self._column(k, row)
            longest = column.width() - font.width("0.00") - px(8)
            length = max(value * max(longest, 4), 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            top = row.center().y() - thick / 2
            painter.fillRect(QRectF(column.left(), top, length, thick), bar)
            painter.setPen(ink)
            room = QRectF(column.left() + length + px(6), row.top(), px(60), row.height())
            font.write(painter, room, text, LEFT)
        self._signed(painter, 3, float(slice.difference[a]), 1.0, 2, row, chosen, None)
        gradient, goes, scale = float(slice.gradient[a]), way(float(slice.gradient[a])), slice.scale
        digits = self._digits()
        self._signed(painter, 4, gradient, scale, digits, row, chosen, goes)
        share = 0.0 if reads_nothing(gradient, digits) else abs(gradient) / scale
        self._moves(painter, share, goes, row)

    def _digits(self) -> int:
        """Decimals of ∂L/∂z."""
        assert self.slice is not None
        gradient = self.slice.gradient
        small = float(abs(gradient).max(initial=0.0)) < 9.995
        return max(decimals(gradient), 3) if small else decimals(gradient)

    def _axis(self, k: int) -> float:
        column = self._column(k, QRectF())
        return round(column.left() + 0.5 * column.width())

    def _signed(
        self, painter: QPainter, k: int, value: float, largest: float, digits: int, row: QRectF,
        chosen: bool, goes: Way | None,
    ) -> None:
        """A bar from the axis, its number beyond it; in the colour of ``goes`` where it has one."""
        look = self._look
        theme, px = look.theme, self._px
        font = self._script(13, SEMIBOLD if chosen or goes is not None else MEDIUM)
        text = figure(value, digits, signed=True)
        column, axis = self._column(k, row), self._axis(k)
        room = font.width("+0.000" if k == 4 else "+0.00") + px(8)
        whole = max(column.width() / 2 - room, 6.0)
        length = 1.0 if reads_nothing(value, digits) else max(abs(value) / largest * whole, 1.0)
        thick = min(px(16), row.height() - 8)
        left = axis + 1 if value > 0 else axis - length
        bar = QRectF(left, row.center().y() - thick / 2, length, thick)
        if not is_nothing(value):
            if goes is None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                painter.fillRect(bar, theme.ink2 if chosen else theme.ink3)
            else:
                paint_bar(painter, bar, theme, value < 0, look.factor * self.zoom)
        painter.setPen(theme.ink if goes is None else getattr(theme, goes.role))
        gap = px(5)
        if value < 0 and not is_nothing(value):
            box_left = QRectF(column.left(), row.top(), left - gap - column.left(), row.height())
            font.write(painter, box_left, text, RIGHT)
        else:
            edge = bar.right() + gap if not is_nothing(value) else axis + gap
            room = min(room, column.right() - edge)
            font.write(painter, QRectF(edge, row.top(), room, row.height()), text, LEFT)

    def _paint_axes(self, painter: QPainter, height: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for k in (3, 4):
            painter.fillRect(QRectF(self._axis(k), self._head(), 1, height),
                             self._look.theme.control)

    def _moves(self, painter: QPainter, share: float, goes: Way, row: QRectF) -> None:
        """An arrow to the right for up, to the left for down, as long as the gradient is large.

        Of next to nothing it is a mere point of an arrow.
        """
        look = self._look
        theme, px = look.theme, self._px
        column = self._column(5, row)
        word = self._script(13, SEMIBOLD).width("down") + px(8)
        longest = max(min(column.width() - word, px(64)), px(14))
        length = TINY * px(14) + share * (longest - TINY * px(14))
        grown = min(length / px(14), 1.0)
        left, middle = column.left(), row.center().y()
        edge = left
        if goes.word != "stays":
            ends = (QPointF(left, middle), QPointF(left + length, middle))
            tail, tip = ends if goes.word == "up" else ends[::-1]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.pos if goes.word == "up" else theme.neg)
            painter.drawPolygon(arrow(
                tail, tip, grown * px(5), grown * px(14), grown * px(10)
            ))
            edge = left + length + px(8)
        painter.setPen(getattr(theme, goes.role))
        room = QRectF(edge, row.top(), column.right() + px(6) - edge, row.height())
        self._script(13, SEMIBOLD).write(painter, room, goes.word, LEFT)
