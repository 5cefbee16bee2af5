"""What can be done to the board as a whole: a size, and buttons of the board's commands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_core.world import MAX_SIDE, World
from rlxent_gui.actions import COMMANDS, Actions
from rlxent_gui.sheets import SizeChooser
from rlxent_gui.theme import SEMIBOLD
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.pad import Pad
from rlxent_gui.widgets.text import Label

SIDES = (("top left", "top", "top right"), ("left", "middle", "right"),
         ("bottom left", "bottom", "bottom right"))
ICONS = (
    ("Turn and mirror",
     ("rotate_left", "rotate_right", "mirror_horizontally", "mirror_vertically")),
    ("Shift", ("shift_left", "shift_up", "shift_down", "shift_right")),
)


class BoardPanel(QWidget):
    """``resize_asked(rows, columns, anchor)`` is asked for; the rest are actions."""

    resize_asked = Signal(int, int, tuple)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._size = (0, 0)
        self._anchor = (0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label("Board", 13, SEMIBOLD, "ink"))
        self.size_chooser = SizeChooser()
        self.size_chooser.setToolTip(f"1 to {MAX_SIDE} each way")
        self.resize_button = Button("Resize", COMMANDS["resize"].icon, height=32, size=13,
                                    icon_size=16, tip="Give the board this size")
        self.resize_button.clicked.connect(self._ask)
        blank = {(r, c): "" for r in range(3) for c in range(3)}
        tips = {(r, c): f"Keep the {SIDES[r][c]} in place" for r, c in blank}
        self.anchor = Pad("What stays in place", dict.fromkeys(blank, "•"), tips, side=22)
        self.anchor.pressed.connect(self._choose_anchor)
        self.anchor.check(self._anchor)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.size_chooser)
        right.addWidget(self.resize_button)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.anchor)
        row.addLayout(right, 1)
        column.addLayout(row)
        self.buttons: dict[str, Button] = {}
        row = QHBoxLayout()
        row.setSpacing(12)
        for title, ids in ICONS:
            group = QVBoxLayout()
            group.setSpacing(4)
            group.addWidget(Label(title, 12, role="ink3"))
            line = QHBoxLayout()
            line.setSpacing(4)
            for id in ids:
                line.addWidget(self._button(actions, id, ""))
            group.addLayout(line)
            row.addLayout(group)
        row.addStretch(1)
        column.addLayout(row)
        row = QHBoxLayout()
        row.setSpacing(8)
        for id in ("crop", "clear"):
            row.addWidget(self._button(actions, id, COMMANDS[id].text))
        row.addStretch(1)
        column.addLayout(row)

    def apply(self, world: World) -> None:
        """Show the size of ``world``, unless it is the one that was shown before."""
        if (world.rows, world.columns) != self._size:
            self._size = (world.rows, world.columns)
            self.size_chooser.rows.setValue(world.rows)
            self.size_chooser.columns.setValue(world.columns)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return in one of the numbers asks for the size; buttons keep theirs to themselves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        else:
            super().keyPressEvent(event)

    def _button(self, actions: Actions, id: str, text: str) -> Button:
        button = Button(text, COMMANDS[id].icon, height=32, size=13, icon_size=18)
        button.follow(actions[id])
        self.buttons[id] = button
        return button

    def _choose_anchor(self, place: tuple[int, int]) -> None:
        self._anchor = place
        self.anchor.check(place)

    def _ask(self) -> None:
        rows, columns = self.size_chooser.rows.value(), self.size_chooser.columns.value()
        self.resize_asked.emit(rows, columns, self._anchor)
