"""The last line of the presenter: which panel, which update; its buttons only when asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_gui import presenting
from rlxent_gui.actions import Actions
from rlxent_gui.theme import MEDIUM, Appearance
from rlxent_gui.view_state import RunState, TransportView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import ElidedLabel, Label
from rlxent_gui.words import count

BUTTONS = {
    "previous_panel": "caret-left", "play_pause": "play", "next_panel": "caret-right",
    "blank": "eye-slash", "present": "x",
}


class Foot(QWidget):
    """Passive: :meth:`show_turn`, :meth:`show_corner` and :meth:`show_transport` in.

    The buttons are seen while the mouse is on this line or the keyboard on one of them, so that a
    room sees a board, a plot and a sentence.
    """

    def __init__(self, actions: Actions, look: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Presentation controls")
        self.turn = ElidedLabel("", 12, MEDIUM, look=look)
        self._corner, self._update = presenting.UPDATE, 0
        self.update_label = Label("", 13, look=look)
        self.update_label.setTextFormat(Qt.TextFormat.RichText)
        self.update_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.turn, 1)
        self.buttons: dict[str, Button] = {}
        for id, icon in BUTTONS.items():
            button = Button(icon=icon, quiet=True, height=24, icon_size=16, look=look)
            button.follow(actions[id])
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
            button.hide()
            row.addWidget(button)
            self.buttons[id] = button
        row.addWidget(self.update_label, 1)

    def show_turn(self, text: str) -> None:
        """Say which panel is on, e.g. "Return · 1 of 3"."""
        self.turn.setText(text)

    def show_transport(self, view: TransportView) -> None:
        running = view.state is RunState.RUNNING
        self.buttons["play_pause"].set_icon("pause" if running else "play")
        self._update = view.update
        self._say()

    def show_corner(self, corner: str) -> None:
        """Say this at the right, with {} for the update of the policy on the board."""
        self._corner = corner
        self._say()

    def _say(self) -> None:
        text = self._corner.format(f"<b>{count(self._update)}</b>")
        if text != self.update_label.text():
            self.update_label.setText(text)

    def reveal(self, shown: bool) -> None:
        for button in self.buttons.values():
            button.setVisible(shown)

    @property
    def has_focus(self) -> bool:
        return any(button.hasFocus() for button in self.buttons.values())

    def enterEvent(self, event: QEnterEvent) -> None:
        self.reveal(True)

    def leaveEvent(self, event: QEvent) -> None:
        self.reveal(self.has_focus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.reveal(True)
