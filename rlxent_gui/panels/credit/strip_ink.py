"""How the strip is painted."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QFont, QPainter

from rlxent_gui.credit_numbers import decimals, figure, is_nothing, sum_text
from rlxent_gui.credit_view import CreditView, Floats
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.figures import reward_sum, row_words
from rlxent_gui.panels.credit.ink import RIGHT, paint_bar, paint_move, script, stamp
from rlxent_gui.theme import BOLD, MEDIUM, REGULAR, SEMIBOLD, THEMES, Appearance, mixed
from rlxent_gui.widgets.paint import box

BAR, WEIGHT_BAR = 0.52, 0.72
"""Widths of the bars, of their column."""
LABEL_GAP = 12
EDGE = 4.0
"""Pixels that an axis keeps from the edge of its row."""
COMPACT, FULL = 158.0, 208.0
"""Least height at the usual text size without, and with, the rows of the return."""


class Rows(NamedTuple):
    """The rows from top to bottom, as wide as the strip."""

    step: QRectF
    action: QRectF
    reward: QRectF
    figure: QRectF
    returns: QRectF
    weights: QRectF


class Axis(NamedTuple):
    """A vertical axis with 0 on it."""

    zero: float
    unit: float
    """Pixels of 1."""

    def y(self, value: float) -> float:
        return self.zero - value * self.unit


def axis(area: QRectF, values: tuple[Floats, ...], room: float) -> Axis:
    """The axis on which all ``values`` and 0 fit into ``area``, with ``room`` beyond the bars."""
    high = max(0.0, *(float(v.max(initial=0.0)) for v in values))
    low = min(0.0, *(float(v.min(initial=0.0)) for v in values))
    above, below = (room if high > 0 else EDGE), (room if low < 0 else EDGE)
    unit = max(area.height() - above - below, 1.0) / ((high - low) or 1.0)
    if high == low:
        return Axis(area.center().y(), 0.0)
    return Axis(round(area.top() + above + high * unit), unit)


@lru_cache(maxsize=64)
def label_button(name: str, move: str, chosen: bool) -> Callable[[QPainter, QRectF], None]:
    """Paints an action like a key that was pressed, or not, in the theme of that name."""
    theme = THEMES[name]

    def draw(painter: QPainter, button: QRectF) -> None:
        box(painter, button, 5, theme.ink if chosen else theme.surface,
            None if chosen else theme.control)
        ink = theme.surface if chosen else theme.ink
        paint_move(painter, button.center(), move, 0.62 * button.width(), ink)

    return draw


class StripInk:
    """Paints one episode between the edges of ``columns``, as far as it lies in ``part``."""

    def __init__(
        self, painter: QPainter, look: Appearance, columns: Columns, area: QRectF, part: QRect
    ) -> None:
        self.painter, self.look, self.columns, self.area = painter, look, columns, area
        self.theme, self.px = look.theme, look.px
        self._script = partial(script, look=look)
        self.at = self.rows(look.factor, area)
        self._full = self.at.returns.height() > 0
        self._part = part
        seen = columns.visible
        self._steps_seen = range(
            max(seen.start, columns.nearest(part.left() - 1)),
            min(seen.stop, columns.nearest(part.right() + 1) + 1),
        )

    @staticmethod
    def rows(factor: float, area: QRectF) -> Rows:
        """Texts take their lines, bars what is left; without the return where that is little."""
        full = area.height() >= round(FULL * factor)
        heights = [22 * factor, 32 * factor, 27 * factor, 26 * factor if full else 0.0]
        pad = 4 * factor
        rest = max(area.height() - sum(heights) - 6 * pad, 40.0)
        heights += [0.38 * rest, 0.62 * rest] if full else [0.0, rest]
        top = area.top() + 2
        rects = []
        for k, height in enumerate(heights):
            rects.append(QRectF(area.left(), round(top), area.width(), round(height)))
            top += height + (2 * pad if k == 4 else pad if k == 2 else 0)
        return Rows(*rects)

    def paint(
        self, view: CreditView, returns: Floats, baseline: Floats | None, weights: Floats
    ) -> None:
        self.painter.fillRect(self.area, self.theme.surface)
        self._frame(view.step, border=False)
        self._rules()
        if self._part.left() < self.columns.left - LABEL_GAP / 2:
            self._labels(view)
        self._steps(view)
        self._rewards(view)
        if self._full:
            self._returns(view, returns, baseline)
        self._weights(view, weights)
        self._frame(view.step, border=True)

    def _column(self, step: int, row: QRectF) -> QRectF:
        """Where texts of a step go, clear of the frame."""
        left, width = self.columns.x(step), self.columns.width
        return QRectF(left + 3, row.top(), width - 6, row.height())

    def _paper(self, chosen: bool) -> QColor:
        """What a column lies on."""
        theme = self.theme
        return mixed(theme.surface, theme.hairline, 0.85) if chosen else theme.surface

    def _frame(self, step: int, border: bool) -> None:
        """The tall box through all rows around the chosen step."""
        if step not in self.columns.visible:
            return
        around = self._column(step, self.area).adjusted(-2.5, 0, 2.5, 0)
        fill = None if border else self._paper(True)
        box(self.painter, around, 6, fill, self.theme.ink if border else None, 2)

    def _rules(self) -> None:
        """Hairlines over the return and over the weight."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines = [self.at.reward.bottom() + self.px(2)]
        if self._full:
            lines.append(self.at.returns.bottom() + self.px(4))
        for y in lines:
            self.painter.fillRect(
                QRectF(self.area.left(), round(y), self.area.width(), 1), self.theme.hairline
            )

    def _labels(self, view: CreditView) -> None:
        theme, words = self.theme, row_words(view)
        width = self.columns.left - self.px(LABEL_GAP)
        for row, text in (
            (self.at.step, "Step t"), (self.at.action, "Action = label"),
            (self.at.reward, "Reward"),
        ):
            self.painter.setPen(theme.ink)
            self._script(13, SEMIBOLD).write(
                self.painter, QRectF(0, row.top(), width, row.height()), text, RIGHT
            )
        lines = [("Return", 13, SEMIBOLD, theme.ink), (words.returns, 12, REGULAR, theme.ink2)]
        if words.baseline:
            name = f"baseline {words.baseline}"
            short = self._script(12, SEMIBOLD).width(name) > width
            lines.append((words.baseline if short else name, 12, SEMIBOLD, theme.base_text))
        both = QRectF(0, self.at.figure.top(), width,
                      self.at.returns.bottom() - self.at.figure.top())
        if self._full:
            self._stack(both, lines, three=True)
        self._stack(
            QRectF(0, self.at.weights.top(), width, self.at.weights.height()),
            [("Weight", 13, SEMIBOLD, theme.ink), (words.weight, 12, REGULAR, theme.ink2)],
        )

    def _stack(
        self, area: QRectF, lines: list[tuple[str, int, QFont.Weight, QColor]], three: bool = False
    ) -> None:
        """Lines below one another in the middle; ``three`` keeps the place of a third."""
        heights = [self._script(size).height for _, size, _, _ in lines]
        whole = sum(heights) + (heights[-1] if three and len(lines) == 2 else 0)
        top = max(area.top(), area.center().y() - whole / 2)
        for (text, size, weight, colour), height in zip(lines, heights, strict=True):
            if colour == self.theme.base_text and size == 12:
                self._tick_sample(area, text, top + height / 2)
            self.painter.setPen(colour)
            room = QRectF(area.left(), top, area.width(), height)
            self._script(size, weight).write(self.painter, room, text, RIGHT)
            top += height

    def _tick_sample(self, area: QRectF, text: str, y: float) -> None:
        """A piece of the baseline's tick before its name."""
        left = area.right() - self._script(12, SEMIBOLD).width(text) - self.px(11)
        if left > area.left():
            self.painter.fillRect(QRectF(left, round(y), self.px(7), 2), self.theme.base)

    def _steps(self, view: CreditView) -> None:
        """t and the label that was sampled."""
        painter, theme = self.painter, self.theme
        side, dpr = self.px(24), painter.device().devicePixelRatioF()
        moves, plain, strong = view.world.moves, self._script(13, MEDIUM), self._script(13, BOLD)
        top = round(self.at.action.center().y() - side / 2)
        for t in self._steps_seen:
            chosen = t == view.step
            painter.setPen(theme.ink if chosen else theme.ink2)
            (strong if chosen else plain).write(painter, self._column(t, self.at.step), str(t))
            move = moves[int(view.episode.actions[t])]
            left = round(self.columns.x(t) + (self.columns.width - side) / 2)
            painter.drawPixmap(left, top, stamp(side, side, dpr, label_button(
                theme.name, move, chosen
            )))
        painter.setPen(theme.ink2)
        self._script(13, SEMIBOLD).write(painter, self._sum_box(self.at.step), "Σ")

    def _sum_box(self, row: QRectF) -> QRectF:
        return QRectF(self.columns.end + 4, row.top(), self.px(50) - 2, row.height())

    def _rewards(self, view: CreditView) -> None:
        painter, theme = self.painter, self.theme
        rewards, usual = view.episode.rewards, view.world.step_reward
        digits = decimals(rewards)
        plain, strong = self._script(12), self._script(14, BOLD)
        for t in self._steps_seen:
            value = float(rewards[t])
            common = value == usual
            painter.setPen(
                theme.ink3 if common else theme.pos_text if value > usual else theme.neg_text
            )
            text = figure(value, digits, signed=not common)
            (plain if common else strong).write(painter, self._column(t, self.at.reward), text)
        painter.setPen(theme.ink2)
        words = self._script(12, SEMIBOLD)
        words.write(painter, self._sum_box(self.at.reward), reward_sum(view))
        if view.world.discount != 1:  # the return is another number then
            words.write(painter, self._sum_box(self.at.action), "no γ")

    def _returns(self, view: CreditView, returns: Floats, baseline: Floats | None) -> None:
        """Numbers in line, grey bars below, and the baseline's tick across each."""
        painter, theme = self.painter, self.theme
        seen = self.columns.seen
        both = (returns[seen],) if baseline is None else (returns[seen], baseline[seen])
        scale = axis(self.at.returns, both, EDGE)
        digits = decimals(view.returns)
        plain, strong = self._script(12), self._script(12, BOLD)
        grey = mixed(theme.ink3, theme.surface, 0.4)
        for t in self._steps_seen:
            value = float(returns[t])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            if not is_nothing(value):
                painter.fillRect(self._bar(t, BAR, scale.y(value), scale.zero), grey)
            painter.setPen(theme.ink if t == view.step else theme.ink2)
            (strong if t == view.step else plain).write(
                painter, self._column(t, self.at.figure), figure(float(view.returns[t]), digits)
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(self.columns.left, scale.zero, self.columns.end - self.columns.left,
                                1), theme.control)
        if baseline is not None:
            self._ticks(baseline, scale, view.step)

    def _ticks(self, baseline: Floats, scale: Axis, chosen: int) -> None:
        wide = 0.82 * self.columns.width
        for t in self._steps_seen:
            middle = self.columns.x(t) + self.columns.width / 2
            y = round(scale.y(float(baseline[t])))
            # A gap of paper, so that the tick is seen on a bar.
            gap = self._bar(t, BAR, y - 3, y + 3)
            self.painter.fillRect(gap, self._paper(t == chosen))
            self.painter.fillRect(QRectF(middle - wide / 2, y - 1, wide, 2), self.theme.base)

    def _bar(self, step: int, share: float, one: float, other: float) -> QRect:
        """A bar from one height to another, ``share`` of its column wide, on whole pixels."""
        middle, wide = self.columns.x(step) + self.columns.width / 2, share * self.columns.width
        top, height = min(one, other), abs(one - other)
        return QRectF(middle - wide / 2, top, wide, height).toAlignedRect()

    def _weights(self, view: CreditView, weights: Floats) -> None:
        """Blue up, vermillion and hatched down, the signed number beyond the bar."""
        painter, theme, look = self.painter, self.theme, self.look
        text_height = self._script(13, SEMIBOLD).height
        scale = axis(self.at.weights, (weights[self.columns.seen],), text_height + 3)
        digits = decimals(view.weights)
        font, strong = self._script(13, SEMIBOLD), self._script(13, BOLD)
        for t in self._steps_seen:
            drawn, value = float(weights[t]), float(view.weights[t])
            column = self._column(t, self.at.weights)
            y = scale.y(drawn)
            if not is_nothing(drawn):
                bar = QRectF(self._bar(t, WEIGHT_BAR, y, scale.zero))
                paint_bar(painter, bar, theme, drawn > 0, look.factor)
            up = value > 0 or is_nothing(value)
            edge = min(y, scale.zero) - text_height - 1 if up else max(y, scale.zero) + 2
            painter.setPen(
                theme.ink3 if is_nothing(value) else theme.pos_text if up else theme.neg_text
            )
            (strong if t == view.step else font).write(
                painter, QRectF(column.left(), edge, column.width(), text_height),
                figure(value, digits, signed=True),
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(self.columns.left, scale.zero - 1,
                                self.columns.end - self.columns.left, 2), theme.ink)
        painter.setPen(theme.ink2)
        line = self._sum_box(QRectF(0, scale.zero - text_height / 2, 1, text_height))
        self._script(12, SEMIBOLD).write(painter, line, sum_text(float(view.weights.sum()), digits))
