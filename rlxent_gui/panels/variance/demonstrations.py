"""The menu of demonstrations, and what the one that was opened has shown."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from rlxent_core.demonstrations import DEMONSTRATIONS
from rlxent_gui.learning_view import DemonstrationState
from rlxent_gui.theme import MEDIUM
from rlxent_gui.widgets.choice_button import MenuButton
from rlxent_gui.widgets.text import Label

MEASURING = "Measuring…"
OUTDATED = "Before the change: "


class DemonstrationBar(QWidget):
    """Passive: :meth:`show_demonstration` in, ``command("demonstration", id)`` out.

    Two lines of the sentence fit beside the button; its tooltip has all of it.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = MenuButton("Demonstrations", "caret-down", height=32, size=13, icon_size=12,
                             padding=10, tip="Worlds that show one thing each, measured now")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for one in DEMONSTRATIONS:
            action = self.menu.addAction(one.title)
            action.setData(one.id)
        self.menu.triggered.connect(
            lambda action: self.command.emit("demonstration", action.data())
        )
        self.button.clicked.connect(
            lambda: self.menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))
        )
        self.sentence = Label("", 13, MEDIUM, "ink", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.sentence, 1)
        self.setAccessibleName("Demonstrations")

    def show_demonstration(self, state: DemonstrationState) -> None:
        """What was found, or that it is being measured."""
        text = ""
        if state.id:
            text = MEASURING if state.measuring else state.sentence
            text = f"{OUTDATED}{text}" if state.outdated and not state.measuring else text
        self.sentence.setText(text)
        self.sentence.set_role("ink3" if state.outdated else "ink")
        self.sentence.setToolTip(f"{state.title}. {text}" if text else "")
        self.sentence.setAccessibleName(text or "No demonstration is open")
