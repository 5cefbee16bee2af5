"""How the strip is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from rlxent_gui.credit_view import CreditView, Floats
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.figures import decimals, figure, is_nothing, row_words
from rlxent_gui.panels.credit.ink import paint_bar, paint_move, write
from rlxent_gui.theme import BOLD, MEDIUM, REGULAR, SEMIBOLD, Appearance, mixed
from rlxent_gui.widgets.paint import box

RIGHT = Qt.AlignmentFlag.AlignRight
LABEL_GAP = 12


@dataclass(frozen=True)
class Rows:
    """The rows from top to bottom, as wide as the strip."""

    step: QRectF
    action: QRectF
    reward: QRectF
    figure: QRectF
    returns: QRectF
    weights: QRectF


@dataclass(frozen=True)
class Axis:
    """A vertical axis with 0 on it."""

    zero: float
    unit: float
    """Pixels of 1."""

    def y(self, value: float) -> float:
        return self.zero - value * self.unit


def axis(area: QRectF, values: tuple[Floats, ...], room: float = 0.0) -> Axis:
    """The axis on which all ``values`` and 0 fit into ``area``, ``room`` kept beyond both ends."""
    high = max(0.0, *(float(v.max(initial=0.0)) for v in values))
    low = min(0.0, *(float(v.min(initial=0.0)) for v in values))
    above, below = (room if high > 0 else 0.0), (room if low < 0 else 0.0)
    unit = max(area.height() - above - below, 1.0) / ((high - low) or 1.0)
    if high == low:
        return Axis(area.center().y(), 0.0)
    return Axis(round(area.top() + above + high * unit), unit)


class StripInk:
    """Paints one episode between the edges of ``columns``."""

    def __init__(
        self, painter: QPainter, look: Appearance, columns: Columns, area: QRectF
    ) -> None:
        self.painter, self.look, self.columns, self.area = painter, look, columns, area
        self.theme, self.px = look.theme, look.px
        self.at = self.rows(look.factor, area)

    @staticmethod
    def rows(factor: float, area: QRectF) -> Rows:
        """Texts take their lines; the bars share what is left."""
        heights = [22 * factor, 32 * factor, 27 * factor, 26 * factor]
        pad = 4 * factor
        rest = max(area.height() - sum(heights) - 5 * pad, 60.0)
        heights += [0.38 * rest, 0.62 * rest]
        top = area.top() + 2
        rects = []
        for k, height in enumerate(heights):
            rects.append(QRectF(area.left(), round(top), area.width(), round(height)))
            top += height + (2 * pad if k == 4 else pad if k == 2 else 0)
        return Rows(*rects)

    def paint(
        self, view: CreditView, returns: Floats, baseline: Floats | None, weights: Floats
    ) -> None:
        self._frame(view.step, border=False)
        self._rules()
        self._labels(view)
        self._steps(view)
        self._rewards(view)
        self._returns(view, returns, baseline)
        self._weights(view, weights)
        self._frame(view.step, border=True)

    def _column(self, step: int, row: QRectF) -> QRectF:
        return QRectF(self.columns.x(step), row.top(), self.columns.width, row.height())

    def _frame(self, step: int, border: bool) -> None:
        """The tall box through all rows around the chosen step."""
        if step not in self.columns.visible:
            return
        around = QRectF(self._column(step, self.area)).adjusted(0.5, 0, -0.5, 0)
        fill = None if border else mixed(self.theme.surface, self.theme.hairline, 0.85)
        box(self.painter, around, 6, fill, self.theme.ink if border else None, 2)

    def _rules(self) -> None:
        """Hairlines over the return and over the weight."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for y in (self.at.reward.bottom() + self.px(2), self.at.returns.bottom() + self.px(4)):
            self.painter.fillRect(
                QRectF(self.area.left(), round(y), self.area.width(), 1), self.theme.hairline
            )

    def _labels(self, view: CreditView) -> None:
        theme, look, words = self.theme, self.look, row_words(view)
        width = self.columns.left - self.px(LABEL_GAP)
        for row, text in (
            (self.at.step, "Step t"), (self.at.action, "Action = label"),
            (self.at.reward, "Reward"),
        ):
            self.painter.setPen(theme.ink)
            write(self.painter, QRectF(0, row.top(), width, row.height()), text,
                  look.font(13, SEMIBOLD), RIGHT)
        lines = [("Return", 13, SEMIBOLD, theme.ink), (words.returns, 12, REGULAR, theme.ink2)]
        if words.baseline:
            lines.append((f"baseline {words.baseline}", 12, SEMIBOLD, theme.base_text))
        both = QRectF(0, self.at.figure.top(), width,
                      self.at.returns.bottom() - self.at.figure.top())
        self._stack(both, lines, three=True)
        self._stack(
            QRectF(0, self.at.weights.top(), width, self.at.weights.height()),
            [("Weight", 13, SEMIBOLD, theme.ink), (words.weight, 12, REGULAR, theme.ink2)],
        )

    def _stack(
        self, area: QRectF, lines: list[tuple[str, int, object, QColor]], three: bool = False
    ) -> None:
        """Lines below one another in the middle; ``three`` keeps the place of a third."""
        heights = [QFontMetricsF(self.look.font(size)).height() for _, size, _, _ in lines]
        whole = sum(heights) + (heights[-1] if three and len(lines) == 2 else 0)
        top = max(area.top(), area.center().y() - whole / 2)
        for (text, size, weight, colour), height in zip(lines, heights, strict=True):
            room = area
            if colour == self.theme.base_text and size == 12:
                self._tick_sample(area, text, top + height / 2)
            self.painter.setPen(colour)
            write(self.painter, QRectF(room.left(), top, room.width(), height), text,
                  self.look.font(size, weight), RIGHT)  # type: ignore[arg-type]
            top += height

    def _tick_sample(self, area: QRectF, text: str, y: float) -> None:
        """A piece of the baseline's tick before its name."""
        font = self.look.font(12, SEMIBOLD)
        width = QFontMetricsF(font).horizontalAdvance(text)
        left = area.right() - width - self.px(11)
        if left > area.left():
            self.painter.fillRect(QRectF(left, round(y), self.px(7), 2), self.theme.base)

    def _steps(self, view: CreditView) -> None:
        """t and the label that was sampled."""
        painter, theme, look = self.painter, self.theme, self.look
        side = self.px(24)
        moves = view.world.moves
        plain, strong = look.font(13, MEDIUM), look.font(13, BOLD)
        for t in self.columns.visible:
            chosen = t == view.step
            painter.setPen(theme.ink if chosen else theme.ink2)
            write(painter, self._column(t, self.at.step), str(t), strong if chosen else plain)
            button = QRectF(0, 0, side, side)
            button.moveCenter(self._column(t, self.at.action).center())
            button.moveTo(round(button.left()), round(button.top()))
            box(painter, button, 5, theme.ink if chosen else theme.surface,
                None if chosen else theme.control)
            move = moves[int(view.episode.actions[t])]
            colour = theme.surface if chosen else theme.ink
            paint_move(painter, button.center(), move, 0.62 * side, colour)
        painter.setPen(theme.ink2)
        write(painter, self._sum_box(self.at.step), "Σ", look.font(13, SEMIBOLD))

    def _sum_box(self, row: QRectF) -> QRectF:
        return QRectF(self.columns.end + 4, row.top(),
                      max(self.area.right() - self.columns.end - 4, 1), row.height()).intersected(
            QRectF(self.columns.end + 4, row.top(), self.px(54) - 4, row.height())
        )

    def _rewards(self, view: CreditView) -> None:
        painter, theme, look = self.painter, self.theme, self.look
        rewards, usual = view.episode.rewards, view.world.step_reward
        digits = decimals(rewards)
        plain, strong = look.font(12), look.font(14, BOLD)
        for t in self.columns.visible:
            value = float(rewards[t])
            common = value == usual
            painter.setPen(
                theme.ink3 if common else theme.pos_text if value > usual else theme.neg_text
            )
            text = figure(value, digits, signed=not common)
            write(painter, self._column(t, self.at.reward), text, plain if common else strong)
        painter.setPen(theme.ink2)
        write(painter, self._sum_box(self.at.reward), figure(float(rewards.sum()), digits, True),
              look.font(12, SEMIBOLD))

    def _returns(self, view: CreditView, returns: Floats, baseline: Floats | None) -> None:
        """Numbers in line, grey bars below, and the baseline's tick across each."""
        painter, theme, look = self.painter, self.theme, self.look
        scale = axis(self.at.returns.adjusted(0, 2, 0, -2),
                     (returns,) if baseline is None else (returns, baseline))
        digits = decimals(view.returns)
        plain, strong = look.font(12), look.font(12, BOLD)
        grey = mixed(theme.ink3, theme.surface, 0.4)
        wide = 0.52 * self.columns.width
        for t in self.columns.visible:
            column = self._column(t, self.at.returns)
            y = scale.y(float(returns[t]))
            bar = QRectF(column.center().x() - wide / 2, min(y, scale.zero), wide,
                         abs(y - scale.zero)).toAlignedRect()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            if not is_nothing(float(returns[t])):
                painter.fillRect(bar, grey)
            painter.setPen(theme.ink if t == view.step else theme.ink2)
            write(painter, self._column(t, self.at.figure), figure(float(view.returns[t]), digits),
                  strong if t == view.step else plain)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(self.columns.left, scale.zero, self.columns.end - self.columns.left,
                                1), theme.control)
        if baseline is not None:
            self._ticks(baseline, scale)

    def _ticks(self, baseline: Floats, scale: Axis) -> None:
        wide, chosen = 0.82 * self.columns.width, self.theme.surface
        for t in self.columns.visible:
            middle = self.columns.x(t) + self.columns.width / 2
            y = round(scale.y(float(baseline[t])))
            # A gap of paper, so that the tick is seen on a bar.
            self.painter.fillRect(QRectF(middle - 0.26 * self.columns.width, y - 3,
                                         0.52 * self.columns.width, 6), chosen)
            self.painter.fillRect(QRectF(middle - wide / 2, y - 1, wide, 2), self.theme.base)

    def _weights(self, view: CreditView, weights: Floats) -> None:
        """Blue up, vermillion and hatched down, the signed number beyond the bar."""
        painter, theme, look = self.painter, self.theme, self.look
        text_height = QFontMetricsF(look.font(13, SEMIBOLD)).height()
        scale = axis(self.at.weights, (weights,), text_height + 3)
        digits = decimals(view.weights)
        font, strong = look.font(13, SEMIBOLD), look.font(13, BOLD)
        wide = 0.72 * self.columns.width
        for t in self.columns.visible:
            drawn, value = float(weights[t]), float(view.weights[t])
            column = self._column(t, self.at.weights)
            y = scale.y(drawn)
            bar = QRectF(column.center().x() - wide / 2, min(y, scale.zero), wide,
                         abs(y - scale.zero)).toAlignedRect()
            if not is_nothing(drawn):
                paint_bar(painter, QRectF(bar), theme, drawn > 0, look.factor)
            up = value > 0 or is_nothing(value)
            edge = min(y, scale.zero) - text_height - 1 if up else max(y, scale.zero) + 2
            painter.setPen(
                theme.ink3 if is_nothing(value) else theme.pos_text if up else theme.neg_text
            )
            write(painter, QRectF(column.left(), edge, column.width(), text_height),
                  figure(value, digits, signed=True), strong if t == view.step else font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(self.columns.left, scale.zero - 1,
                                self.columns.end - self.columns.left, 2), theme.ink)
        total = float(view.weights.sum())
        painter.setPen(theme.ink2)
        at = QPointF(0, scale.zero - text_height / 2)
        write(painter, self._sum_box(QRectF(at.x(), at.y(), 1, text_height)),
              figure(total, digits, signed=True), look.font(12, SEMIBOLD))
