"""One estimator's cloud: dots, crosses, the exact gradient and the mean's ellipse."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rlxent_core.estimators import taken_together
from rlxent_gui.estimator_words import TARGET_NAMES, TARGETS_IN_WORDS, shortened
from rlxent_gui.panels.variance.cloud_axes import CloudAxes
from rlxent_gui.panels.variance.dots import Outside, Scale, picture
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance, appearance, faded
from rlxent_gui.variance_resolve import NO_REWARD, figure
from rlxent_gui.variance_view import Chosen, CloudView, Survey
from rlxent_gui.words import count, value_text

TITLE, FOOT = 22, 18
"""Heights above and below the dots."""
LEAST = 190
"""Width, at the usual text size, that a panel should have at least."""
AROUND = 48
"""Corners of the ellipse."""
SHORT = 12
"""Pixels that an arrow needs for a shaft."""
APART = 8
"""Pixels between what stands on one line."""
SIDE = 9
"""Of the dot before the name, at the usual text size."""
TRACE = "tr Cov "
ZERO = "The exact gradient is zero here: there is no direction to look along."
MISSING = "Not measured at this policy. Measure anew, or take it away in the table."


class CloudPanel(QWidget):
    """One estimator: its words, dots, crosses, the exact gradient and the mean's ellipse."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self.look = look or appearance()
        self._one: Chosen | None = None
        self._survey: Survey | None = None
        self.scale = Scale(1, 1, 1.0, 1.0)
        self.image: QImage | None = None
        self.outside: Outside | None = None
        self._painted: tuple[object, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def cloud(self) -> CloudView | None:
        return self._one.row.cloud if self._one is not None and self._one.row else None

    @property
    def area(self) -> QRect:
        """Where the dots are."""
        px = self.look.px
        return self.rect().adjusted(0, px(TITLE), 0, -px(FOOT))

    @property
    def _target(self) -> str:
        row = self._one.row if self._one else None
        return row.estimator.target if row else "exact"

    @property
    def axes(self) -> CloudAxes:
        """What they are, and their numbers."""
        above = self._above()
        wide = QFontMetricsF(self.look.font(11, MEDIUM)).horizontalAdvance(above)
        return CloudAxes(
            self.look, QRectF(self.area), self.look.px(FOOT), self.scale, self._target,
            taken=self._exact_room + (wide + self.look.px(APART) if above else 0.0),
        )

    def show_cloud(self, one: Chosen, survey: Survey) -> None:
        """Another estimator, or more episodes."""
        self._one, self._survey = one, survey
        self.setAccessibleName(f"Cloud of {one.label}")

    def set_scale(self, scale: Scale) -> None:
        self.scale = scale

    def make_picture(self) -> None:
        """Paint the dots anew, unless they are the same in the same colours."""
        cloud = self.cloud
        if cloud is None or self._one is None:
            self.image = self.outside = None
            self._painted = ()
        else:
            theme = self.look.theme
            wanted = (
                cloud, self.scale, getattr(theme, self._one.role), theme.ink, theme.surface,
                self.devicePixelRatioF(),
            )
            if wanted != self._painted:
                self.image, self.outside = picture(*wanted)
                self._painted = wanted
        self.setAccessibleDescription(self.words())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(LEAST), self.look.px(180))

    # What is said

    @property
    def trace_text(self) -> str:
        """E.g. "tr Cov 0.58"."""
        row = self._one.row if self._one else None
        if row is None or self._survey is None:
            return ""
        if not self._survey.rewarded:
            return NO_REWARD
        return "own scale" if row.estimator.rescaled else f"{TRACE}{figure(row.trace)}"

    @property
    def exact_text(self) -> str:
        """E.g. "exactly 0.57": tr Cov without sampling, where it was worked out."""
        row = self._one.row if self._one else None
        return "" if row is None or row.exact is None else f"exactly {figure(row.exact)}"

    def exact_place(self) -> QRectF:
        """Where that stands: below the one that was measured; without width where there is none."""
        metrics, area = QFontMetricsF(self.look.font(12, MEDIUM)), QRectF(self.area)
        wide = metrics.horizontalAdvance(self.exact_text)
        return QRectF(area.right() - wide, area.top() + 2, wide, metrics.height())

    @property
    def _exact_room(self) -> float:
        return self.exact_place().width() + self.look.px(APART) if self.exact_text else 0.0

    def _above(self) -> str:
        """How many dots lie beyond the upper edge; empty where none do."""
        out = self.outside
        return f"{count(out.top)} ▴" if out is not None and out.top else ""

    def words(self) -> str:
        """The numbers of it all."""
        cloud, survey = self.cloud, self._survey
        if cloud is None or survey is None:
            return self._message()
        along, across = (value_text(part) for part in cloud.centre)
        exactly = f", {self.exact_text}" if self.exact_text else ""
        parts = [
            f"{self.trace_text}{exactly}. Mean of {count(len(cloud.x))} episodes: {along} along"
            f" {TARGETS_IN_WORDS[self._target]}, {across} the widest way across it; that one is"
            " 1.00 and 0.00.",
            f"{count(len(cloud.means))} crosses: means of {count(taken_together(survey.settings))}"
            " episodes, as an update takes them, or a part of one.",
        ]
        outside = self.outside
        if outside is not None:
            beyond = outside.left + outside.right + outside.top + outside.bottom
            if beyond:
                parts.append(f"{count(beyond)} dots lie outside.")
        return " ".join(parts)

    def _message(self) -> str:
        return MISSING if self._one is not None and self._one.row is None else ZERO

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, at: QPointF) -> str:
        """The place under the pointer, and the numbers of the cloud."""
        words = f"{self._one.label}\n{self.words()}" if self._one else ""
        if self.cloud is None or not self.area.contains(at.toPoint()):
            return words
        x, y = self.scale.point(at.x() - self.area.left(), at.y() - self.area.top())
        return f"{value_text(x)} along, {value_text(y)} across\n{words}"

    # How it is painted

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._one is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_title(painter)
            area = QRectF(self.area)
            theme = self.look.theme
            painter.fillRect(area, theme.sunken)
            cloud = self.cloud
            if cloud is None:
                painter.setFont(self.look.font(12))
                painter.setPen(theme.ink2)
                inside = area.adjusted(12, 8, -12, -8)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(inside, int(flags), self._message())
                return
            painter.save()
            painter.setClipRect(area)
            painter.translate(area.topLeft())
            self._paint_axes(painter)
            if self.image is not None:
                painter.drawImage(QPointF(0, 0), self.image)
            self._paint_ellipse(painter, cloud)
            self._paint_arrow(painter)
            painter.restore()
            self.axes.paint(painter)
            self._paint_exact(painter)
            self._paint_outside(painter, area)

    def head(self) -> tuple[str, str]:
        """What stands above: the name, and tr Cov as far as there is room for it beside that."""
        assert self._one is not None
        label, trace, px = self._one.label, self.trace_text, self.look.px
        small = QFontMetricsF(self.look.font(12, MEDIUM))
        large = QFontMetricsF(self.look.font(13, SEMIBOLD))
        room = self.width() - px(SIDE + 6)
        for number in (trace, trace.removeprefix(TRACE), ""):
            space = room - (small.horizontalAdvance(number) + px(APART) if number else 0.0)
            for name in (label, shortened(label)):
                if large.horizontalAdvance(name) <= space:
                    return name, number
        return large.elidedText(shortened(label), Qt.TextElideMode.ElideRight, room), ""

    def _paint_title(self, painter: QPainter) -> None:
        assert self._one is not None
        look, one = self.look, self._one
        theme, px = look.theme, look.px
        name, trace = self.head()
        line = QRectF(0, 0, self.width(), px(TITLE - 2))
        painter.setFont(look.font(12, MEDIUM))
        painter.setPen(theme.ink2)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, int(right), trace)
        side = px(SIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(theme, one.role))
        painter.drawEllipse(QRectF(1, (line.height() - side) / 2, side, side))
        painter.setFont(look.font(13, SEMIBOLD))
        painter.setPen(theme.ink)
        after = line.adjusted(px(SIDE + 6), 0, 0, 0)
        painter.drawText(after, int(Qt.AlignmentFlag.AlignVCenter), name)

    def _paint_axes(self, painter: QPainter) -> None:
        """A hairline through the origin, both ways."""
        x, y = self.scale.at(0, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        colour = self.look.theme.border
        painter.fillRect(QRectF(0, round(y), self.scale.width, 1), colour)
        painter.fillRect(QRectF(round(x), 0, 1, self.scale.height), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_ellipse(self, painter: QPainter, cloud: CloudView) -> None:
        assert self._one is not None
        theme = self.look.theme
        corners = []
        for k in range(AROUND):
            c, s = math.cos(2 * math.pi * k / AROUND), math.sin(2 * math.pi * k / AROUND)
            along, across = cloud.ellipse @ (c, s)
            corners.append(
                QPointF(*self.scale.at(cloud.centre[0] + along, cloud.centre[1] + across))
            )
        shape = QPolygonF(corners)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.surface, 4.5), (getattr(theme, self._one.role), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawPolygon(shape)

    def _paint_arrow(self, painter: QPainter) -> None:
        """The exact gradient, from the origin to (1, 0)."""
        px = self.look.px
        tail, tip = QPointF(*self.scale.at(0, 0)), QPointF(*self.scale.at(1, 0))
        length = tip.x() - tail.x()
        if length < px(SHORT):
            self._paint_tip(painter, tip)
        else:
            self._paint_shaft(painter, tail, tip)
        self._paint_name(painter, tip)

    def _paint_tip(self, painter: QPainter, tip: QPointF) -> None:
        """Beside a wide cloud the arrow is too short for a shaft: a dot where it ends."""
        theme, radius = self.look.theme, self.look.px(3.5)
        painter.setPen(QPen(theme.surface, 1.5))
        painter.setBrush(theme.opt)
        painter.drawEllipse(tip, radius, radius)

    def _paint_shaft(self, painter: QPainter, tail: QPointF, tip: QPointF) -> None:
        theme = self.look.theme
        head = min(float(self.look.px(9)), 0.6 * (tip.x() - tail.x()))
        back, half = QPointF(-head, 0), QPointF(0, 0.55 * head)
        shape = QPolygonF([tip, tip + back - half, tip + back + half])
        for colour, more in ((theme.surface, 3.0), (theme.opt, 0.0)):
            pen = QPen(colour, 2.4 + more)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(tail, tip - QPointF(0.7 * head, 0))
            painter.setPen(QPen(colour, more) if more else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(shape)

    def _paint_name(self, painter: QPainter, tip: QPointF) -> None:
        assert self._one is not None
        look = self.look
        theme, px = look.theme, look.px
        text = TARGET_NAMES[self._target]
        font = look.font(12, SEMIBOLD)
        metrics = QFontMetricsF(font)
        size = QRectF(0, 0, metrics.horizontalAdvance(text) + px(8), metrics.height() + 2)
        left = min(max(tip.x() + px(6), 2.0), self.scale.width - size.width() - 2)
        top = max(0.0, min(tip.y() + px(6), self.scale.height - size.height()))
        size.moveTopLeft(QPointF(left, top))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.sunken, 0.85))
        painter.drawRoundedRect(size, 4, 4)
        painter.setFont(font)
        painter.setPen(theme.opt_text)
        painter.drawText(size, int(Qt.AlignmentFlag.AlignCenter), text)

    def _paint_exact(self, painter: QPainter) -> None:
        if text := self.exact_text:
            place, theme = self.exact_place(), self.look.theme
            painter.fillRect(place.adjusted(-2, 0, 0, 0), faded(theme.sunken, 0.85))
            painter.setFont(self.look.font(12, MEDIUM))
            painter.setPen(theme.ink2)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)

    def _paint_outside(self, painter: QPainter, area: QRectF) -> None:
        """How many dots lie beyond an edge, at that edge."""
        out = self.outside
        if out is None:
            return
        look = self.look
        painter.setFont(look.font(11, MEDIUM))
        painter.setPen(look.theme.ink2)
        inside = area.adjusted(4, 2, -4, -2)
        # At the top it stands clear of the axis's name and of the exact number.
        name = self.axes.names()[1][1]
        above = inside.adjusted(name.width() + look.px(6), 0, -self._exact_room, 0)
        flag = Qt.AlignmentFlag
        if QFontMetricsF(painter.font()).horizontalAdvance(self._above()) <= above.width():
            painter.drawText(above, int(flag.AlignHCenter | flag.AlignTop), self._above())
        for number, text, where in (
            (out.left, "◂ {}", flag.AlignLeft | flag.AlignVCenter),
            (out.right, "{} ▸", flag.AlignRight | flag.AlignVCenter),
            (out.bottom, "{} ▾", flag.AlignHCenter | flag.AlignBottom),
        ):
            if number:
                painter.drawText(inside, int(where), text.format(count(number)))
