"""The tile panel: tiles to take in hand, and the properties of one of them."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_gui.panels.tile_fields import TileFields, TileForm
from rlxent_gui.panels.tile_list import Entry, TileList
from rlxent_gui.theme import SEMIBOLD
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.refusal import Refusal
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import ElidedLabel, Label

HAND, CELL = "hand", "cell"
THIS, ALL = "this", "all"


class TilePanelView(NamedTuple):
    """What the panel shows.  ``cell`` is the selected cell's name, empty where there is none.

    ``same`` is how many cells share the named tile of the selected cell; 0 offers no choice.
    """

    built_in: tuple[Entry, ...]
    own: tuple[Entry, ...]
    form: TileForm
    target: str
    cell: str = ""
    same: int = 0
    scope: str = ALL
    about: str = ""
    deletable: bool = False
    aiming: bool = False


class TilePanel(QWidget):
    """Passive; whatever is asked goes out by a signal."""

    targeted = Signal(str)
    scoped = Signal(str)
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide()
        self.setAccessibleName("Tiles")
        self.list = TileList()
        self.fields = TileFields()
        self.target = Segmented({HAND: "Tile in hand", CELL: "Selected cell"}, name="Edit")
        self.about = ElidedLabel("", 12, role="ink3")
        self.scope = Segmented({THIS: "This cell", ALL: "All cells"}, name="Which cells", size=12)
        self.refusal = Refusal()
        self.delete = Button("Delete tile", "trash", height=28, size=13, icon_size=16, padding=10,
                             tip="Delete this tile of yours; its cells become floor")
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 12, 15, 12)
        column.setSpacing(8)
        column.addWidget(Label("Tiles", 15, SEMIBOLD, "ink"))
        column.addWidget(self.list)
        column.addSpacing(4)
        column.addWidget(self.target)
        column.addWidget(self.about)
        column.addWidget(self.scope)
        column.addWidget(self.refusal)
        column.addWidget(self.fields)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.delete)
        column.addLayout(last)
        column.addStretch(1)
        self.target.chosen.connect(self.targeted)
        self.scope.chosen.connect(self.scoped)
        self.delete.clicked.connect(self.delete_asked)

    def show_view(self, view: TilePanelView) -> None:
        self.list.show_entries(view.built_in, view.own)
        texts = {HAND: "Tile in hand", CELL: f"Cell {view.cell}" if view.cell else "Selected cell"}
        for value, text in texts.items():
            if self.target.segment(value).text() != text:
                self.target.set_options(texts)
        tip = "" if view.cell else "Select a cell on the board first"
        self.target.set_option(CELL, enabled=bool(view.cell), tip=tip)
        self.target.set_value(view.target)
        self.about.setText(view.about)
        self.scope.setVisible(view.same > 0)
        if view.same:
            choices = {THIS: "This cell", ALL: f"All {view.same} cells"}
            if self.scope.segment(ALL).text() != choices[ALL]:
                self.scope.set_options(choices)
            self.scope.set_value(view.scope)
        self.fields.show_form(view.form)
        self.fields.aim.setChecked(view.aiming)
        self.delete.setVisible(view.deletable)

    def refuse(self, sentence: str) -> None:
        """Say why a change was not made; empty takes it back."""
        self.refusal.say(sentence)
        if sentence:
            self.fields.restore()
