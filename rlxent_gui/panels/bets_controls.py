"""What the bets are set with, and its two homes: a column of cards, and pages for popovers.

Nothing of this is imported before the window was painted first.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from rlxent_gui.panels.bet_rules import HEADINGS, Heading
from rlxent_gui.panels.bets import ArchitectureBet, Bet, HeadBet, SignalBet, UpdateBet
from rlxent_gui.panels.inspector import Inspector
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.view_state import BetsView, InspectorView
from rlxent_gui.widgets.card import Card, NumberDisc, Panel
from rlxent_gui.widgets.text import ElidedLabel, Label

CARD_GAP = 8


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


class Controls:
    """The bets and the inspector, moved between the cards and the pages.

    There is one control for every setting, never two.
    """

    def __init__(self, parent: QWidget) -> None:
        self.widgets: dict[str, Bet] = {
            "architecture": ArchitectureBet(), "head": HeadBet(), "signal": SignalBet(),
            "update": UpdateBet(),
        }
        self.inspector = Inspector()
        self.column = BetsColumn(parent)
        self.pages = {name: Page(heading, parent) for name, heading in HEADINGS.items()}
        self._placed = False

    def use_column(self, in_column: bool) -> None:
        """Put everything into the cards, or into the pages."""
        homes = self.column.cards if in_column else self.pages
        for name, widget in (*self.widgets.items(), ("cell", self.inspector)):
            homes[name].body.addWidget(widget)
            widget.show()
        self.column.setVisible(in_column)
        if self._placed:
            appearance().dress_moved()
        self._placed = True

    def apply(self, view: BetsView) -> None:
        for widget in self.widgets.values():
            widget.apply(view)
            widget.setEnabled(view.enabled)

    def show_cell(self, view: InspectorView | None) -> None:
        title = HEADINGS["cell"].title if view is None else f"Cell {view.name}"
        subtitle = HEADINGS["cell"].subtitle if view is None else view.tile
        for place in (self.column.cards["cell"], self.pages["cell"]):
            if not isinstance(place, Plain):
                place.set_title(title, subtitle)
        self.inspector.show_cell(view)
