"""A message above the canvas: what happened, and the way out on a button.  Never modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui import icons
from rlxent_gui.theme import SEMIBOLD, Appearance, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.paint import box
from rlxent_gui.widgets.text import Label

Action = tuple[str, Callable[[], object], bool]
"""A button's text, what it does, and whether it is the first choice."""
_ALARMS = ("warning", "file", "infinity")


class Bar(QWidget):
    """How far long work has come."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self.fraction = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._look.changed.connect(self.updateGeometry)

    def set_fraction(self, fraction: float) -> None:
        """Show ``fraction`` (0..1) as done."""
        fraction = min(max(fraction, 0.0), 1.0)
        if fraction != self.fraction:
            self.fraction = fraction
            self.setAccessibleName(f"{fraction:.0%} done")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(160), self._look.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        whole = QRectF(self.rect())
        box(painter, whole, whole.height() / 2, theme.border)
        done = QRectF(whole)
        done.setWidth(max(whole.height(), self.fraction * whole.width()))
        if self.fraction > 0:
            box(painter, done, whole.height() / 2, theme.ink)


class _Icon(QWidget):
    def __init__(self, name: str, role: str, look: Appearance, side: float = 20) -> None:
        super().__init__()
        self._name, self._role, self._look, self._side = name, role, look, side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        side = self._look.px(self._side)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = getattr(self._look.theme, self._role)
        side = self._look.px(self._side)
        QPainter(self).drawPixmap(
            0, 0, icons.pixmap(self._name, colour, side, self.devicePixelRatioF())
        )


class MessageCard(Panel):
    """Icon, title, sentence, buttons; a bar while long work runs, a cross where it may be shut.

    ``dismissed`` is emitted when the user shuts it.  It wears ``look``, or else what the
    application wears.
    """

    dismissed = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        body: str,
        actions: Sequence[Action] = (),
        *,
        progress: float | None = None,
        dismissible: bool = False,
        parent: QWidget | None = None,
        look: Appearance | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        larger = self._look.factor / appearance().factor
        self.title = Label(title, 15, SEMIBOLD, "ink", wrap=True, look=look)
        self.body = Label(body, 13, wrap=True, look=look)
        for label in (self.title, self.body):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.bar: Bar | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(*(round(side * larger) for side in (16, 12, 12, 12)))
        column.setSpacing(round(8 * larger))
        header = QHBoxLayout()
        header.setSpacing(round(10 * larger))
        role = "neg" if icon in _ALARMS else "ink2"
        header.addWidget(_Icon(icon, role, self._look), 0, Qt.AlignmentFlag.AlignTop)
        header.addWidget(self.title, 1)
        if dismissible:
            cross = Button(icon="x", quiet=True, height=24, icon_size=16, tip="Dismiss",
                           look=look)
            cross.clicked.connect(self.dismissed)
            header.addWidget(cross, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(header)
        if progress is not None:
            self.bar = Bar(look=look)
            self.bar.set_fraction(progress)
            column.addWidget(self.bar)
        column.addWidget(self.body)
        # Only now: shown before it lies in the card it would be a window of its own.
        self.body.setVisible(bool(body))
        self._row: QHBoxLayout | None = None
        if actions:
            self._row = self._buttons(actions)
            column.addLayout(self._row)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(title)
        self.setAccessibleDescription(body)

    def _buttons(self, actions: Sequence[Action]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._buttons_shown: list[Button] = []
        for text, callback, primary in actions:
            button = Button(text, primary=primary, height=30, size=13, weight=SEMIBOLD,
                            look=self._look)
            button.clicked.connect(lambda _checked=False, callback=callback: callback())
            row.addWidget(button)
            self._buttons_shown.append(button)
        row.addStretch(1)
        return row

    def heightForWidth(self, width: int) -> int:
        """Buttons that do not fit beside one another go below one another."""
        if self._row is not None:
            column = self.layout()
            assert column is not None
            margins = column.contentsMargins()
            hints = [button.sizeHint().width() for button in self._buttons_shown]
            need = sum(hints) + self._row.spacing() * len(hints) + margins.left() + margins.right()
            ways = QBoxLayout.Direction
            self._row.setDirection(ways.LeftToRight if need <= width else ways.TopToBottom)
        return super().heightForWidth(width)

    def set_body(self, body: str) -> None:
        """Change the sentence, e.g. "320 of 500 episodes"."""
        if body != self.body.text():
            self.body.setText(body)
            self.body.setVisible(bool(body))
            self.setAccessibleDescription(body)

    def set_progress(self, fraction: float) -> None:
        """Move the bar, if the card has one."""
        if self.bar is not None:
            self.bar.set_fraction(fraction)
