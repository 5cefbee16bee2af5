"""Under the board: reset, previous, play or pause, step, episode, update; speed; the counter."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from rlxent_gui.actions import COMMANDS, Actions
from rlxent_gui.pacing import LEVELS
from rlxent_gui.panels.status import Sign
from rlxent_gui.theme import BOLD, REGULAR, SEMIBOLD, appearance
from rlxent_gui.view_state import RunState, TransportView
from rlxent_gui.widgets.buttons import TransportButton
from rlxent_gui.widgets.groove import Groove
from rlxent_gui.widgets.number_field import digits
from rlxent_gui.widgets.text import ElidedLabel

LABELLED = ("step", "episode", "update")
NO_STOP = "∞"
SPACE = 5


class StopField(QLineEdit):
    """Where the update to stop at is typed; empty means no stop, Esc leaves it as it was."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class UpdateCounter(QAbstractButton):
    """ "update 128 of 300": a click lets the stop be typed or cleared.

    ``stop_chosen`` carries the update to stop at, or ``None`` for none.
    """

    stop_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._update = 0
        self._stop_at: int | None = None
        self._words = 2
        self.setToolTip("Stop at an update: click to set it, empty for none")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._field = StopField(self)
        self._field.setValidator(digits(self._field))
        self._field.setPlaceholderText("no stop")
        self._field.setAccessibleName("Stop at update")
        self._field.hide()
        self._field.left.connect(self._leave)
        self._field.editingFinished.connect(self._typed)
        self.clicked.connect(self._edit)
        appearance().changed.connect(self._dress)
        self._dress()

    def show_count(self, update: int, stop_at: int | None) -> None:
        if (update, stop_at) != (self._update, self._stop_at):
            self._update, self._stop_at = update, stop_at
            self._dress()

    @property
    def stop_field(self) -> QLineEdit:
        return self._field

    def sizeHint(self) -> QSize:
        """With room for four digits: counting must not push the neighbours."""
        parts = [(text.rjust(4, "0") if size == 20 else text, size, weight)
                 for text, size, weight, _ in self._parts()]
        width = sum(self._width(*part) for part in parts) + SPACE * (len(parts) - 1)
        return QSize(width + 2, round(40 * appearance().factor))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_words(self, words: int) -> None:
        """2: "update 128 of 300", 1: "128 of 300", 0: "128"."""
        if words != self._words:
            self._words = words
            self._dress()

    def _parts(self) -> list[tuple[str, int, QFont.Weight, str]]:
        stop = NO_STOP if self._stop_at is None else str(self._stop_at)
        before = [("update", 14, REGULAR, "ink2")] if self._words == 2 else []
        after = [(f"of {stop}", 14, REGULAR, "ink2")] if self._words else []
        return [*before, (str(self._update), 20, BOLD, "ink"), *after]

    def _width(self, text: str, size: int, weight: QFont.Weight) -> int:
        return QFontMetrics(appearance().font(size, weight)).horizontalAdvance(text)

    def _dress(self) -> None:
        stop = "no stop" if self._stop_at is None else f"stops at {self._stop_at}"
        self.setAccessibleName(f"Update {self._update}, {stop}")
        self._field.setFont(appearance().font(14))
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        with QPainter(self) as painter:
            right = self.width() - 1.0
            baseline = self.height() / 2 + 6 * appearance().factor
            parts = self._parts()
            if self._field.isVisible():
                right = self._field.x() - SPACE
                parts = [("stop at", 14, REGULAR, "ink2")]
            for text, size, weight, role in reversed(parts):
                painter.setFont(appearance().font(size, weight))
                width = painter.fontMetrics().horizontalAdvance(text)
                painter.setPen(getattr(theme, role))
                painter.drawText(QPointF(right - width, baseline), text)
                right -= width + SPACE

    def _edit(self) -> None:
        self._field.setText("" if self._stop_at is None else str(self._stop_at))
        width, height = (min(appearance().px(n), self.width()) for n in (72, 32))
        self._field.setGeometry(
            self.width() - width, (self.height() - height) // 2, width, height
        )
        self._field.show()
        self.update()
        self._field.selectAll()
        self._field.setFocus()

    def _typed(self) -> None:
        if self._field.isHidden():
            return
        text = self._field.text().strip()
        stop = int(text or 0) or None
        self._leave()
        if stop != self._stop_at:
            self.stop_chosen.emit(stop)

    def _leave(self) -> None:
        self._field.hide()
        self.setFocus()


class Transport(QWidget):
    """Passive: :meth:`apply` in; ``command`` ("speed", "stop_at") and the actions out."""

    command = Signal(str, object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._level = -1
        self._labelled = True
        self.buttons: dict[str, TransportButton] = {}
        for id in ("reset", "previous", "play_pause", *LABELLED):
            button = TransportButton(COMMANDS[id].icon, primary=id == "play_pause", parent=self)
            button.follow(actions[id])
            self.buttons[id] = button
        self.gauge = Sign("gauge", "ink2", 20, self)
        self.speed = Groove(self)
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip(
            f"Speed ({COMMANDS['slower'].key_text} and {COMMANDS['faster'].key_text})"
        )
        self.speed.moved.connect(self._move)
        self.speed.stepped.connect(self._step)
        self.speed_label = ElidedLabel("", 12, SEMIBOLD, "ink", parent=self)
        self.counter = UpdateCounter(self)
        self._counted = QSize()
        self.counter.stop_chosen.connect(self._choose_stop)
        appearance().changed.connect(self._arrange)

    def set_labelled(self, labelled: bool) -> None:
        """Whether Step, Episode and Update say so beside their icons."""
        self._labelled = labelled
        self._arrange()

    def apply(self, view: TransportView) -> None:
        running = view.state is RunState.RUNNING
        self.buttons["play_pause"].set_icon("pause" if running else "play")
        self._actions["previous"].setEnabled(view.can_rewind)
        self.counter.show_count(view.update, view.stop_at)
        if view.speed != self._level:
            self._level = view.speed
            self.speed.set_fraction(view.speed / (len(LEVELS) - 1))
        self.speed_label.setText(view.speed_label)
        self.speed.setAccessibleDescription(view.speed_label)
        if self.counter.sizeHint() != self._counted:
            self._arrange()

    def _move(self, fraction: float) -> None:
        self._choose_level(round(fraction * (len(LEVELS) - 1)))

    def _step(self, steps: int) -> None:
        self._choose_level(min(max(self._level + steps, 0), len(LEVELS) - 1))

    def _choose_level(self, level: int) -> None:
        self.speed.set_fraction(level / (len(LEVELS) - 1))
        if level != self._level:
            self._level = level
            self.command.emit("speed", level)

    def _choose_stop(self, update: int | None) -> None:
        self.command.emit("stop_at", update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Left to right; where room is short the speed's label goes below its slider."""
        px = appearance().px
        x, middle = self._arrange_buttons() + px(12), self.height() // 2
        metrics = QFontMetrics(self.speed_label.font())
        label = max(metrics.horizontalAdvance(pace.label) for pace in LEVELS) + 2
        least = max(label, px(72))
        # What gives way, in this order: the label's place, the gauge, the word "update"; where
        # the slider could not be dragged any more, the stop too, and the buttons get narrower.
        beside, draggable = px(84 + 8) + label, px(36)
        for words, gauge, wanted in (
            (2, px(24), beside), (2, px(24), least), (2, 0, least), (1, 0, draggable),
            (0, 0, draggable),
        ):
            self.counter.set_words(words)
            counter = self.counter.sizeHint().width()
            room = self.width() - counter - px(12) - x - gauge
            if room >= wanted:
                break
        else:
            x = self._arrange_buttons(narrower=wanted - room) + px(12)
            room = self.width() - counter - px(12) - x
        self._counted = self.counter.sizeHint()
        self.counter.setGeometry(self.width() - counter, 0, counter, self.height())
        self.gauge.setVisible(gauge > 0)
        self.gauge.move(x, middle - self.gauge.height() // 2)
        x += gauge
        height = self.speed.sizeHint().height()
        left = Qt.AlignmentFlag.AlignLeft
        if wanted == beside:
            slider = min(px(120), room - label - px(8))
            self.speed.setGeometry(x, middle - height // 2, slider, height)
            self.speed_label.setGeometry(x + slider + px(8), 0, label, self.height())
            self.speed_label.setAlignment(left | Qt.AlignmentFlag.AlignVCenter)
        else:
            self.speed.setGeometry(x, middle - height + px(2), min(px(120), room), height)
            self.speed_label.setGeometry(x + 2, middle + px(2), min(label, room), px(18))
            self.speed_label.setAlignment(left | Qt.AlignmentFlag.AlignTop)

    def _arrange_buttons(self, narrower: int = 0) -> int:
        """Place the buttons, ``narrower`` pixels less in all; gives where they end."""
        px = appearance().px
        x, middle, less = 0, self.height() // 2, -(-narrower // len(self.buttons))
        for id, button in self.buttons.items():
            button.set_text(COMMANDS[id].text if self._labelled and id in LABELLED else "")
            size = button.sizeHint()
            width = max(size.width() - less, px(28))
            button.setGeometry(x, middle - size.height() // 2, width, size.height())
            x += width + px(6)
        return x
