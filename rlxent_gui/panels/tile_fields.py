"""Every property of a tile with its unit and range."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rlxent_core.world import Teleport, Tile
from rlxent_core.world_rules import MAX_WIND
from rlxent_gui.canvas.composition import COMPASS, blowing, strength
from rlxent_gui.cell_words import cell_name, number, read_cell_name
from rlxent_gui.panels.bets import Row
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import Label
from rlxent_gui.widgets.wind_pad import WindPad

KINDS = {"open": "Open", "wall": "Wall", "terminal": "End", "respawn": "Back to start"}
NO_CELL = "“{}” is no cell: type its column and row, such as G5, or choose it on the board."


class TileForm(NamedTuple):
    """A tile to be edited; ``letter`` is None where the map has none for it."""

    tile: Tile
    letter: str | None


class TileFields(QWidget):
    """Passive: :meth:`show_form` in, signals out.

    ``edited(tile, key)`` carries the whole tile after a change of one property, ``lettered(text)``
    another letter, ``wrong(sentence)`` what cannot be read, ``aim_asked`` the wish to choose the
    teleport's target on the board.
    """

    edited = Signal(object, str)
    lettered = Signal(str)
    wrong = Signal(str)
    aim_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = TileForm(Tile(), None)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.name, self.letter = Line("Name"), Line("Letter", 44)
        self.name.setPlaceholderText("none: not kept")
        self.name.finished.connect(lambda text: self._edit("name", text.strip()))
        self.letter.setPlaceholderText("–")
        self.letter.finished.connect(self.lettered)
        self._add("Name", self.name, "What you call it; a tile with a name is kept in the list")
        self._add("Letter", _beside(self.letter, Label("on the map", 12, role="ink3")),
                  "One character on the map of the file")
        self.kind = Segmented(KINDS, name="What it is", size=12)
        self.kind.chosen.connect(self._choose_kind)
        self._add("Cell", self.kind, "Open cells are walked over; a wall cannot be entered, an end "
                  "ends the episode, and the last puts the agent back on a start")
        self.steppers: dict[str, Stepper] = {}
        self._add_number("start", "Start weight", "0 or more", low=0.0, step=1.0,
                         tip="How often episodes start here beside other starts; 0 is no start")
        self._add_number("reward", "Reward", "on entry",
                         tip="Paid on entering from another cell, on top of the step reward")
        self._add_number("exit", "Exit pays", "any action", placeholder="none", first=1.0,
                         tip="Any action here ends the episode and pays this")
        self._add_teleport()
        self._add_number("slip", "Slip", "0 to 1", low=0.0, high=1.0, step=0.05, first=0.3,
                         placeholder="world’s", tip="Probability that a move from here goes to "
                         "one of the two sides; empty is the world’s own")
        self._add_wind()
        self.reversed = Segmented({"no": "As chosen", "yes": "Reversed"}, name="Directions",
                                  size=12)
        self.reversed.chosen.connect(lambda value: self._edit("reversed", value == "yes"))
        self._add("Directions", self.reversed, "Whether every direction taken here is reversed")
        self._add_number("reward_noise", "Reward noise", "σ ≥ 0", low=0.0, first=0.5,
                         placeholder="world’s", tip="Standard deviation of Gaussian noise on what "
                         "is paid here; empty is the world’s own")

    def _add(self, label: str, control: QWidget, help: str) -> None:
        self._column.addWidget(Row(label, control, help))

    def _add_number(self, key: str, label: str, unit: str, **options: Any) -> None:
        stepper = self.steppers[key] = Stepper(label, width=66, format=number, **options)
        stepper.changed.connect(lambda value: self._edit(key, value))
        stepper.refused.connect(self.wrong)
        self._add(label, _beside(stepper, Label(unit, 12, role="ink3")), options["tip"])

    def _add_teleport(self) -> None:
        self.target = Line("Teleport to", 66)
        self.target.setPlaceholderText("none")
        self.target.finished.connect(self._type_target)
        self.aim = Button("On the board", "crosshair", height=26, size=12, icon_size=14, padding=8,
                          checkable=True, tip="Choose the target by a click on the board")
        self.aim.clicked.connect(self.aim_asked)
        self._add("Teleport to", _beside(self.target, self.aim),
                  "Any action here moves to that cell; empty is no teleport")
        self.teleport_pay = Stepper("Teleport pays", width=66, format=number,
                                    tip="Paid for any action here")
        self.teleport_pay.changed.connect(self._pay_teleport)
        self.teleport_pay.refused.connect(self.wrong)
        self._add("Teleport pays", _beside(self.teleport_pay,
                                           Label("any action", 12, role="ink3")),
                  "Paid for any action here, in place of the step reward")

    def _add_wind(self) -> None:
        self.pad = WindPad()
        self.pad.chosen.connect(self._choose_wind)
        self.wind = tuple(
            Stepper(f"Wind, {name}", -MAX_WIND, MAX_WIND, 1, whole=True, width=40,
                    tip=f"Cells {way} with each move, −{MAX_WIND} to {MAX_WIND}")
            for name, way in (("rows", "downwards"), ("columns", "to the right"))
        )
        lines = QVBoxLayout()
        lines.setSpacing(4)
        for axis, (stepper, unit) in enumerate(zip(self.wind, ("↓", "→"), strict=True)):
            stepper.changed.connect(lambda value, axis=axis: self._blow(axis, value))
            stepper.refused.connect(self.wrong)
            lines.addWidget(_beside(stepper, Label(unit, 12, role="ink3")))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.pad)
        row.addLayout(lines)
        row.addStretch(1)
        self._add("Wind", both, "Added to each move from here")

    # Showing

    def show_form(self, form: TileForm) -> None:
        """Show a tile; what is being typed stays, unless it is another tile's."""
        self._form, tile = form, form.tile
        self.name.show_text(tile.name)
        self.letter.setEnabled(form.letter is not None)
        self.letter.show_text(form.letter or "")
        kind = next((key for key in ("wall", "terminal", "respawn") if getattr(tile, key)), "open")
        self.kind.set_value(kind)
        for key, stepper in self.steppers.items():
            stepper.set_value(getattr(tile, key))
        self.target.show_text(cell_name(tile.teleport.to) if tile.teleport else "")
        self.teleport_pay.setEnabled(tile.teleport is not None)
        self.teleport_pay.set_value(tile.teleport.reward if tile.teleport else 0.0)
        steady = tile.wind == (0, 0) or any(
            tile.wind == blowing(step, strength(tile.wind)) for step in COMPASS
        )
        self.pad.show_step((_sign(tile.wind[0]), _sign(tile.wind[1])) if steady else None)
        for stepper, value in zip(self.wind, tile.wind, strict=True):
            stepper.set_value(float(value))
        self.reversed.set_value("yes" if tile.reversed else "no")

    def restore(self) -> None:
        """Show what holds in every field again, after a refusal."""
        for line in (self.name, self.letter, self.target):
            line.setModified(False)
        self.show_form(self._form)

    # Editing

    def _edit(self, key: str, value: object) -> None:
        if value != getattr(self._form.tile, key):
            self.edited.emit(replace(self._form.tile, **{key: value}), key)  # type: ignore[arg-type]

    def _choose_kind(self, kind: str) -> None:
        kinds = {key: key == kind for key in KINDS if key != "open"}
        self.edited.emit(replace(self._form.tile, **kinds), "kind")  # type: ignore[arg-type]

    def _type_target(self, text: str) -> None:
        if not text.strip():
            self._edit("teleport", None)
            return
        cell = read_cell_name(text)
        if cell is None:
            self.wrong.emit(NO_CELL.format(text))
        else:
            self.aim_at(cell)

    def aim_at(self, cell: tuple[int, int]) -> None:
        """Let the teleport go to ``cell``."""
        before = self._form.tile.teleport
        self._edit("teleport", Teleport(cell, before.reward if before else 0.0))

    def _pay_teleport(self, value: float) -> None:
        before = self._form.tile.teleport
        if before is not None:
            self._edit("teleport", replace(before, reward=value))

    def _choose_wind(self, step: tuple[int, int]) -> None:
        cells = max(1, strength(self._form.tile.wind))
        self._edit("wind", blowing(step, cells))

    def _blow(self, axis: int, value: float) -> None:
        wind = list(self._form.tile.wind)
        wind[axis] = int(value)
        self._edit("wind", (wind[0], wind[1]))


class Line(QLineEdit):
    """A short text; ``finished(text)`` is emitted once when it was changed and left."""

    finished = Signal(str)

    def __init__(self, name: str, width: float | None = None) -> None:
        super().__init__()
        self._width, self._shown = width, ""
        self.setAccessibleName(name)
        self.editingFinished.connect(self._finish)
        appearance().changed.connect(self._dress)
        self._dress()

    def show_text(self, text: str) -> None:
        self._shown = text
        if text != self.text() and not (self.hasFocus() and self.isModified()):
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._shown)
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.finished.emit(self.text())

    def _dress(self) -> None:
        look = appearance()
        self.setFont(look.font(13))
        self.setFixedHeight(look.px(26))
        if self._width is not None:
            self.setFixedWidth(look.px(self._width))


def _beside(*widgets: QWidget) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addStretch(1)
    both.setFocusProxy(widgets[0])
    return both


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
