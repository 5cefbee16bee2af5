"""Where the bets live: a column of cards where there is room, chips and popovers elsewhere."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from rlxent_gui.panels import bet_rules
from rlxent_gui.panels.bets import ArchitectureBet, Bet, HeadBet, SignalBet, UpdateBet
from rlxent_gui.panels.inspector import Inspector
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.view_state import BetsView, InspectorView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Card, NumberDisc, Panel
from rlxent_gui.widgets.chip import ChipButton, Popover
from rlxent_gui.widgets.scale import number_text
from rlxent_gui.widgets.text import ElidedLabel, Label

CARD_GAP = 8


class Heading(NamedTuple):
    """What stands over a bet, in its card or its popover."""

    title: str
    subtitle: str
    number: int | None = None


HEADINGS = {
    "architecture": Heading("Architecture", "which functions are reachable", 1),
    "head": Heading("Output head", "what the outputs mean", 2),
    "signal": Heading("Training signal", "what counts as success", 3),
    "update": Heading("Update", "how far, how often, where"),
    "cell": Heading("Cell", "select one on the board"),
}
NUMBERED = {1: "architecture", 2: "head", 3: "signal"}


class Page(QWidget):
    """A popover's content: a heading, and the bet below it."""

    def __init__(self, heading: Heading, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 12, 15, 12)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        if heading.number is not None:
            row.addWidget(NumberDisc(heading.number))
        self.title = Label(heading.title, 15, SEMIBOLD, "ink")
        self.subtitle = ElidedLabel(heading.subtitle, 13)
        row.addWidget(self.title)
        row.addWidget(self.subtitle, 1)
        column.addLayout(row)
        self.body = QVBoxLayout()
        column.addLayout(self.body, 1)

    def set_title(self, title: str, subtitle: str) -> None:
        self.title.setText(title)
        self.subtitle.setText(subtitle)


class Plain(Panel):
    """A card whose content needs no heading."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(15, 12, 15, 12)


class BetsColumn(QScrollArea):
    """The cards, one below the other; it scrolls where the window is too low for them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Bets")
        inside = self._inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(CARD_GAP)
        self.cards: dict[str, Card | Plain] = {}
        for name, heading in HEADINGS.items():
            card = Plain(heading.title) if name == "update" else Card(
                heading.title, heading.subtitle, number=heading.number
            )
            self.cards[name] = card
            self.column.addWidget(card, 1 if name == "cell" else 0)
        self.setWidget(inside)

    def place(self, area: QRect, scroll_bar: int) -> None:
        """Fill ``area`` with the cards; the scroll bar, where there is one, lies right of it."""
        self._inside.setFixedWidth(area.width())
        self.setGeometry(area.adjusted(0, 0, scroll_bar, 0))


class Bets(QObject):
    """The bets and the inspector, wherever they are shown.  Passive, one ``command`` out.

    ``widgets`` are moved between :attr:`column` and the popovers of the chips; there is one
    control for every setting, never two.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.widgets: dict[str, Bet] = {
            "architecture": ArchitectureBet(), "head": HeadBet(), "signal": SignalBet(),
            "update": UpdateBet(),
        }
        self.inspector = Inspector()
        self.column = BetsColumn(parent)
        self.chips = {
            name: ChipButton(number, HEADINGS[name].title, "Softmax", parent=parent)
            for number, name in NUMBERED.items()
        }
        self.update_chip = Button(
            icon="sliders-horizontal", height=50, checkable=True,
            tip="Step size, episodes, optimiser, seed and device", parent=parent,
        )
        self.cell_chip = Button("Cell", height=28, size=13, padding=10, checkable=True,
                                tip="Look into the selected cell", parent=parent)
        self._pages = {name: Page(heading, parent) for name, heading in HEADINGS.items()}
        self._popovers: dict[str, Popover] = {}
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self.toggle, name))
        for bet in self.widgets.values():
            bet.command.connect(self.command)
        self._in_column: bool | None = None
        self.use_column(True)

    @property
    def buttons(self) -> dict[str, Button]:
        """What opens each popover."""
        return {**self.chips, "update": self.update_chip, "cell": self.cell_chip}

    def use_column(self, in_column: bool) -> None:
        """Show everything in the column, or in popovers."""
        if in_column == self._in_column:
            return
        moved = self._in_column is not None
        self._in_column = in_column
        self.close()
        homes = self.column.cards if in_column else self._pages
        for name, widget in (*self.widgets.items(), ("cell", self.inspector)):
            homes[name].body.addWidget(widget)
            widget.show()
        self.column.setVisible(in_column)
        for button in self.buttons.values():
            button.setVisible(not in_column)
        if moved:
            appearance().dress_moved()

    def apply(self, view: BetsView) -> None:
        for widget in self.widgets.values():
            widget.apply(view)
            widget.setEnabled(view.enabled)
        self.chips["architecture"].set_choice(bet_rules.architecture_text(view.settings))
        self.chips["signal"].set_choice(
            bet_rules.signal_text(view.settings), bet_rules.signal_text(view.settings, whole=True)
        )
        self.update_chip.setAccessibleName(
            f"Update: step size {number_text(view.settings.learning_rate)}, seed {view.seed}"
        )

    def show_cell(self, view: InspectorView | None) -> None:
        heading = HEADINGS["cell"]
        title = heading.title if view is None else f"Cell {view.name}"
        subtitle = heading.subtitle if view is None else view.tile
        for place in (self.column.cards["cell"], self._pages["cell"]):
            if not isinstance(place, Plain):
                place.set_title(title, subtitle)
        self.cell_chip.set_text(title)
        self.inspector.show_cell(view)

    def reveal(self, number: int) -> None:
        """Bring the bet of a numbered term to the eye and give it the focus."""
        name = NUMBERED[number]
        if not self._in_column:
            self.toggle(name)
            return
        self.column.ensureWidgetVisible(self.column.cards[name])
        for control in self.widgets[name].findChildren(QWidget):
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus and control.isEnabled():
                control.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def toggle(self, name: str, _checked: bool = False) -> None:
        """Open a popover, or close it if it is open; only one is open at a time."""
        if name not in self._popovers:
            popover = self._popovers[name] = Popover(self._parent.window())
            popover.set_content(self._pages[name])
            popover.closed.connect(partial(self.buttons[name].setChecked, False))
        was_open = self._popovers[name].is_open
        self.close()
        if not was_open:
            self._popovers[name].open_below(self.buttons[name])
        self.buttons[name].setChecked(not was_open)

    def close(self) -> None:
        for popover in self._popovers.values():
            popover.close_popover()
