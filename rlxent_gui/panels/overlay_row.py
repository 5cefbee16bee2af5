"""Above the board: what is laid over it, and a hint how to read it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_gui.actions import COMMANDS, OVERLAYS, Actions
from rlxent_gui.panels.numbers_button import NumbersButton
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import TextToggle
from rlxent_gui.widgets.text import Label

SPACING = 6
HINTS = {
    "visits": "The larger the dots, the more often visited",
    "optimal": "Green chevrons: every optimal action",
    "policy": "Ink darkens as the policy makes up its mind",
    "value": "Plum: good to be here; vermillion: bad",
}
"""How to read what is shown; the first that is on is told."""


class OverlayRow(QWidget):
    """Toggles of the overlay actions and the choice of numbers; passive.

    :meth:`apply` shows what is on; ``command`` says "numbers" with the kind that is asked for.
    """

    command = Signal(str, object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        self.show_label = Label("Show", 13)
        row.addWidget(self.show_label)
        self.toggles: dict[str, TextToggle] = {}
        for name in OVERLAYS:
            toggle = TextToggle(COMMANDS[f"overlay_{name}"].text)
            toggle.follow(actions[f"overlay_{name}"])
            self.toggles[name] = toggle
            row.addWidget(toggle)
        self.numbers = NumbersButton()
        self.numbers.chosen.connect(lambda kind: self.command.emit("numbers", kind))
        row.addWidget(self.numbers)
        row.addStretch(1)
        self.hint = Label("", 12, role="ink3")
        row.addWidget(self.hint)
        self._hint = ""
        self._row = row
        appearance().changed.connect(self._fit)

    def add_right(self, button: QWidget) -> None:
        """Put a button at the right end."""
        self._row.addWidget(button)

    def apply(self, overlays: frozenset[str], numbers: str = "none") -> None:
        self.numbers.apply(numbers)
        for name in OVERLAYS:
            self._actions[f"overlay_{name}"].setChecked(name in overlays)
        hint = next((hint for name, hint in HINTS.items() if name in overlays), "")
        if hint != self._hint:
            self._hint = hint
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """What gives way where room is short: the hint, the words on the numbers, the heading."""
        layout = self.layout()
        assert layout is not None
        heading = self.show_label.sizeHint().width() + SPACING
        now = self.hint.minimumSizeHint().width() + self.numbers.sizeHint().width()
        now += 0 if self.show_label.isHidden() else heading
        room = self.width() - (layout.minimumSize().width() - now)
        compact = room < heading + self.numbers.width_of(compact=False)
        room -= self.numbers.width_of(compact)
        self.numbers.set_compact(compact)
        self.show_label.setVisible(room >= heading)
        wanted = QFontMetrics(self.hint.font()).horizontalAdvance(self._hint)
        self.hint.setText(self._hint if wanted <= room - heading - SPACING else "")
