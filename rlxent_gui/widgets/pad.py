"""Nine small buttons in a square."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button

Place = tuple[int, int]


class PadButton(Button):
    """As wide as it is high, whatever it says."""

    def __init__(self, text: str, side: float, tip: str) -> None:
        super().__init__(text, checkable=True, height=side, size=14, padding=0, tip=tip)
        self._side = side
        self.setAccessibleName(tip)

    def sizeHint(self) -> QSize:
        side = appearance().px(self._side)
        return QSize(side, side)

    minimumSizeHint = sizeHint


class Pad(QWidget):
    """``pressed(place)`` says which of the nine was asked for; which are checked, others decide."""

    pressed = Signal(tuple)

    def __init__(
        self, name: str, texts: Mapping[Place, str], tips: Mapping[Place, str], side: float = 30
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.buttons: dict[Place, PadButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        for place in sorted(texts):
            button = self.buttons[place] = PadButton(texts[place], side, tips[place])
            button.clicked.connect(lambda _checked=False, place=place: self.pressed.emit(place))
            grid.addWidget(button, *place)
        grid.setColumnStretch(3, 1)
        grid.setRowStretch(3, 1)

    def check(self, *places: Place) -> None:
        """Show these as checked, and no others."""
        for place, button in self.buttons.items():
            button.setChecked(place in places)
