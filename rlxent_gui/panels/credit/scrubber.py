"""Through the episode step by step: what the strokes mean, and previous, play, next and slider."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_core.weightings import EpisodeCredit
from rlxent_gui.canvas.lanes import sums
from rlxent_gui.credit_view import CreditView
from rlxent_gui.pacing import DEFAULT_LEVEL, watching
from rlxent_gui.theme import SEMIBOLD, appearance, faded
from rlxent_gui.widgets.buttons import TransportButton
from rlxent_gui.widgets.groove import Groove
from rlxent_gui.widgets.text import Label

KINDS = (("pushed up", "pos"), ("pushed down", "neg"), ("no credit", "ink3"))
SHORT = (("up", "pos"), ("down", "neg"), ("none", "ink3"))
WIDTHS = ("width = |weight|", "width = |sum of weights|")
SWATCH, BETWEEN = 24, 14


class Legend(QWidget):
    """What the strokes on the board mean; where room is short the widths are left out first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summed = False
        self._episode: EpisodeCredit | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._say(False)
        appearance().changed.connect(self.updateGeometry)

    def show_credit(self, view: CreditView) -> None:
        """Say so where some stroke stands for several steps."""
        if view.episode is not self._episode:
            self._episode = view.episode
            self._say(sums(view.path, view.world))

    def _say(self, summed: bool) -> None:
        self._summed = summed
        self.setAccessibleName(
            "Blue: pushed up. Vermillion and hatched: pushed down. Thin line: no credit. "
            f"{WIDTHS[summed]}"
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(360), appearance().px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        px, theme, middle = look.px, look.theme, self.height() / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            small, strong = QFontMetricsF(look.font(12)), QFontMetricsF(look.font(12, SEMIBOLD))
            kinds, swatch, widths = KINDS, px(SWATCH), WIDTHS[self._summed]
            if self._needs(kinds, strong) > self.width():
                kinds = SHORT
            if self._needs(kinds, strong) + small.horizontalAdvance(widths) <= self.width():
                painter.setFont(look.font(12))
                painter.setPen(theme.ink3)
                painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignRight
                                                  | Qt.AlignmentFlag.AlignVCenter), widths)
            painter.setFont(look.font(12, SEMIBOLD))
            x = 0.0
            for words, role in kinds:
                self._paint_swatch(painter, QPointF(x, middle), swatch, role)
                x += swatch + px(6)
                wide = strong.horizontalAdvance(words)
                painter.setPen(theme.ink2 if role == "ink3" else getattr(theme, f"{role}_text"))
                painter.drawText(QRectF(x, 0, wide + 1, self.height()),
                                 int(Qt.AlignmentFlag.AlignVCenter), words)
                x += wide + px(BETWEEN)

    @staticmethod
    def _needs(kinds: tuple[tuple[str, str], ...], metrics: QFontMetricsF) -> float:
        px = appearance().px
        words = sum(metrics.horizontalAdvance(words) for words, _ in kinds)
        return words + len(kinds) * px(SWATCH + 6 + BETWEEN)

    def _paint_swatch(self, painter: QPainter, at: QPointF, length: float, role: str) -> None:
        """A piece of stroke, hatched as on the board."""
        theme, px = appearance().theme, appearance().px
        thick = 2.0 if role == "ink3" else float(px(8))
        pen = QPen(getattr(theme, role), thick)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        half = thick / 2
        painter.drawLine(at + QPointF(half, 0), at + QPointF(length - half, 0))
        if role == "neg":
            painter.setPen(QPen(faded(theme.bg, 0.8), 1.3))
            step = px(5)
            for k in range(1, int((length - thick) / step) + 1):
                x = at.x() + half + k * step - step / 2
                painter.drawLine(QPointF(x - half, at.y() + half), QPointF(x + half, at.y() - half))


class Scrubber(QWidget):
    """Passive: :meth:`show_credit` in; ``command``: credit_previous, credit_next, credit_step.

    Play walks the step along, from the first one again where it stands at the last, and stops at
    the end, with another episode, and when it is no longer to be seen.  While it plays or is
    dragged it asks by credit_hold that no other episode takes the place of this one.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._episode: EpisodeCredit | None = None
        self._step = self._last = 0
        self._holding = self._walked = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._walk)
        self.previous = TransportButton("caret-left", tip="Previous step (←)", parent=self)
        self.play = TransportButton("play", primary=True, parent=self)
        self.next = TransportButton("caret-right", tip="Next step (→)", parent=self)
        self.slider = Groove(self)
        self.slider.setAccessibleName("Step")
        self.slider.setToolTip("Step of the episode (← and →)")
        self.label = Label("", 14, SEMIBOLD, "ink", parent=self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.previous.clicked.connect(lambda: self.command.emit("credit_previous", None))
        self.next.clicked.connect(lambda: self.command.emit("credit_next", None))
        self.play.clicked.connect(self.play_pause)
        self.slider.moved.connect(lambda part: self._go(round(part * self._last)))
        self.slider.stepped.connect(lambda steps: self._go(self._step + steps))
        self.slider.sliderPressed.connect(self._hold)
        self.slider.sliderReleased.connect(self._hold)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_period(watching(DEFAULT_LEVEL))
        appearance().changed.connect(self._restyle)
        self._dress()

    def show_credit(self, view: CreditView) -> None:
        if view.episode is not self._episode:
            again = self._episode is not None and _same_steps(view.episode, self._episode)
            self._episode, self._last = view.episode, view.episode.length - 1
            # One that was on its way when Play was pressed is the one that is played.
            if not again and self._walked:
                self._timer.stop()
        self._step = view.step
        self._dress()

    def set_period(self, seconds: float) -> None:
        """Walk a step along every so many seconds; see :func:`rlxent_gui.pacing.watching`."""
        period = round(1000 * seconds)
        if period != self._timer.interval():  # else the step under way would begin again
            self._timer.setInterval(period)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def play_pause(self) -> None:
        """Walk along, or stand still."""
        if self.playing:
            self._timer.stop()
        elif self._last:
            self._walked = False
            self._timer.start()
            if self._step == self._last:
                self._go(0)
        self._dress()

    def _walk(self) -> None:
        self._walked = True
        if self._step < self._last:
            self._go(self._step + 1)
        if self._step >= self._last:
            self._timer.stop()
        self._dress()

    def _go(self, step: int) -> None:
        step = min(max(step, 0), self._last)
        if step != self._step:
            self._step = step
            self._dress()
            self.command.emit("credit_step", step)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self.slider.setSliderDown(False)
        self._dress()

    def _hold(self) -> None:
        """Say whether this episode must stay, where that is news."""
        holding = self.playing or self.slider.isSliderDown()
        if holding != self._holding:
            self._holding = holding
            self.command.emit("credit_hold", holding)

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(400), appearance().px(48))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _dress(self) -> None:
        self.play.set_icon("pause" if self.playing else "play")
        words = "Pause" if self.playing else "Play the steps one after the other"
        self.play.setToolTip(words)
        self.play.setAccessibleName(words)
        self.play.setEnabled(self._last > 0)
        self.previous.setEnabled(self._step > 0)
        self.next.setEnabled(self._step < self._last)
        if not self.slider.isSliderDown():
            self.slider.set_fraction(self._step / self._last if self._last else 0.0)
        self.slider.setEnabled(self._last > 0)
        self.slider.setAccessibleDescription(f"step {self._step} of {self._last}")
        self._arrange()
        self._hold()

    def _restyle(self) -> None:
        self.updateGeometry()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Buttons, slider, label; the label loses its first word where room is short."""
        px, middle, x = appearance().px, self.height() // 2, 0
        metrics = QFontMetrics(appearance().font(14, SEMIBOLD))
        buttons = (self.previous, self.play, self.next)
        least = self.slider.minimumSizeHint().width()
        shortest = metrics.horizontalAdvance(f"{self._last} of {self._last}") + 2 + px(12) + least
        wanted = sum(button.sizeHint().width() + px(6) for button in buttons)
        less = max(0, -(-(shortest + wanted - self.width()) // len(buttons)))
        for button in buttons:
            size = button.sizeHint()
            width = max(size.width() - less, px(24))
            button.setGeometry(x, middle - size.height() // 2, width, size.height())
            x += width + px(6)
        for words in ("step {} of {}", "{} of {}", "{}"):
            # As wide as the last step needs, so that nothing moves while it walks along.
            label = metrics.horizontalAdvance(words.format(self._last, self._last)) + 2
            if x + least + px(12) + label <= self.width():
                break
        self.label.setText(words.format(self._step, self._last))
        self.label.setGeometry(self.width() - label, 0, label, self.height())
        height = self.slider.sizeHint().height()
        room = self.width() - label - px(12) - x
        self.slider.setGeometry(x, middle - height // 2, max(room, 1), height)


def _same_steps(one: EpisodeCredit, other: EpisodeCredit) -> bool:
    """Whether it is the same episode, seen with another policy."""
    return one.states is other.states or (
        one.length == other.length
        and (one.source, one.update, one.index) == (other.source, other.update, other.index)
        and bool((one.states == other.states).all() and (one.actions == other.actions).all())
    )
