"""The settings of the whole world, and what can be done to its board.  Passive."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from rlxent_core.world import DIRECTIONS, MAX_STEPS_LIMIT, World
from rlxent_gui.actions import Actions
from rlxent_gui.cell_words import ARROWS
from rlxent_gui.panels.board_panel import BoardPanel
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import TextToggle
from rlxent_gui.widgets.number_field import NumberField
from rlxent_gui.widgets.pad import Pad
from rlxent_gui.widgets.slider import NamedSlider
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count

LABEL_WIDTH = 98
USUAL_LIMIT = 100
PLACES = {(row + 1, column + 1): name for name, (row, column) in DIRECTIONS.items()}
"""Where each move lies on the pad."""


class WorldPanel(QWidget):
    """``field(name, value)`` says what is asked for.

    Whoever listens answers with :meth:`apply`, or :meth:`complain` where it cannot be done.
    """

    field = Signal(str, object)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._world: World | None = None
        self._showing = False
        self._asked: QWidget | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(15, 12, 15, 14)
        self.column.setSpacing(6)
        self.column.addWidget(Label("World", 15, SEMIBOLD, "ink"))
        self.error = Label("", 13, role="neg_text", wrap=True)
        self.error.hide()
        self.column.addWidget(self.error)
        self._rows: dict[str, QWidget] = {}
        self._add_texts()
        self._add_numbers()
        self._add_moves()
        self.board = BoardPanel(actions)
        self.column.addSpacing(4)
        self.column.addWidget(self.board)
        self.board.resize_asked.connect(self._note_resize)
        self.column.addStretch(1)
        appearance().changed.connect(self._dress)
        self._dress()

    # What is shown

    def apply(self, world: World) -> None:
        """Show ``world``; what is being typed stays, and nothing is emitted."""
        self._world, self._showing = world, True
        for name, line in self.texts.items():
            if line.text() != getattr(world, name):
                line.setText(getattr(world, name))
        if self.notes.toPlainText() != world.notes:
            self.notes.setPlainText(world.notes)
        for name, number in self.numbers.items():
            number.set_value(getattr(world, name))
        self.slip.set_value(world.slip)
        self.discount.set_value(world.discount)
        limited = world.max_steps is not None
        self.no_limit.setChecked(not limited)
        self.limit.setEnabled(limited)
        if world.max_steps is not None:
            self.limit.set_value(world.max_steps)
        self.moves.check(*(place for place, name in PLACES.items() if name in world.moves))
        arrows = " ".join(ARROWS[name] for name in world.moves)
        self.order.setText(f"{count(len(world.moves))} in this order:\n{arrows}")
        self.board.apply(world)
        self._showing = False

    def complain(self, sentence: str) -> None:
        """Say below what was asked for last why it cannot be done; empty takes it back."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        if sentence and self._asked is not None:
            self.column.removeWidget(self.error)
            self.column.insertWidget(self.column.indexOf(self._asked) + 1, self.error)
        if sentence and self._world is not None:
            self.apply(self._world)

    # Building

    def _add_texts(self) -> None:
        self.texts = {
            "name": self._line("Name", "What the world is called, also in the window’s title"),
            "source": self._line("Source", "Where the world is from: a book, a page, an example"),
        }
        for name, line in self.texts.items():
            line.textChanged.connect(lambda text, name=name: self._ask(name, text))
        self.notes = QPlainTextEdit()
        self.notes.setTabChangesFocus(True)
        self.notes.setToolTip("What is worth knowing about the world; kept in its file")
        self.notes.textChanged.connect(lambda: self._ask("notes", self.notes.toPlainText()))
        self._add_row("notes", "Notes", self.notes)

    def _line(self, label: str, tip: str) -> QLineEdit:
        line = QLineEdit()
        line.setToolTip(tip)
        self._add_row(label.lower(), label, line)
        return line

    def _add_numbers(self) -> None:
        self.numbers = {
            "step_reward": NumberField("Step reward", step=0.01,
                                       tip="Paid for every move; Up and Down change it by 0.01"),
            "bump_reward": NumberField("Bump reward", step=0.01,
                                       tip="Paid as well for a move against a wall or the edge"),
            "reward_noise": NumberField("Reward noise", step=0.1,
                                        tip="Standard deviation of what is added to every reward,"
                                            " 0 or more"),
        }
        labels = {"step_reward": "Step reward", "bump_reward": "Bump reward",
                  "reward_noise": "Reward noise σ"}
        for name, number in self.numbers.items():
            number.entered.connect(lambda value, name=name: self._ask(name, value))
            number.refused.connect(lambda sentence, name=name: self._refuse(name, sentence))
            self._add_row(name, labels[name], number, stretch=True)
        self.slip = self._slider(
            "slip", "Slip", "The chance that a move goes off at a right angle, 0 to 1"
        )
        self.discount = self._slider(
            "discount", "Discount γ", "How much a reward one step later is worth, 0 to 1"
        )
        self.limit = NumberField(
            "Step limit", step=10, whole=True,
            tip=f"Steps after which an episode is cut off, 1 to {count(MAX_STEPS_LIMIT)}",
        )
        self.limit.entered.connect(lambda value: self._ask("max_steps", int(value)))
        self.limit.refused.connect(lambda sentence: self._refuse("max_steps", sentence))
        self.no_limit = TextToggle("No limit", tip="Episodes end at a goal or never; values can be"
                                                   " computed, training needs a limit")
        self.no_limit.clicked.connect(self._toggle_limit)
        row = self._add_row("max_steps", "Step limit", self.limit)
        layout = row.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addSpacing(4)
        layout.addWidget(self.no_limit)
        layout.addStretch(1)

    def _slider(self, name: str, label: str, tip: str) -> NamedSlider:
        slider = NamedSlider(label, 0.0, 1.0, tip=tip, label_width=LABEL_WIDTH)
        slider.changed.connect(lambda value: self._ask(name, float(value)))
        self._rows[name] = slider
        self.column.addWidget(slider)
        return slider

    def _add_moves(self) -> None:
        texts = {place: ARROWS[name] for place, name in PLACES.items()}
        tips = {place: f"Move {name.replace('-', ' and ')}" for place, name in PLACES.items()}
        tips[1, 1] = "Stay"
        self.moves = Pad("Moves", texts, tips)
        self.moves.pressed.connect(self._toggle_move)
        self.order = Label("", 13)
        self.order.setToolTip("The order of the actions; one that is added comes last.\n"
                              "Other moves start a new run.")
        row = self._add_row("moves", "Moves", self.moves, stretch=True)
        layout = row.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertSpacing(2, 8)
        layout.insertWidget(3, self.order, 1)

    def _add_row(self, name: str, label: str, control: QWidget, stretch: bool = False) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        shown = Label(label, 13, MEDIUM)
        shown.setBuddy(control)
        shown.setToolTip(control.toolTip())
        shown.setObjectName("row")
        control.setAccessibleName(label)
        top = isinstance(control, QPlainTextEdit | Pad)
        layout.addWidget(shown, 0, Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag(0))
        layout.addWidget(control, 0 if stretch else 1)
        if stretch:
            layout.addStretch(0 if isinstance(control, Pad) else 1)
        self._rows[name] = row
        self.column.addWidget(row)
        return row

    def _dress(self) -> None:
        look = appearance()
        for label in self.findChildren(Label, "row"):
            label.setFixedWidth(look.px(LABEL_WIDTH))
        for line in (*self.texts.values(), self.notes):
            line.setFont(look.font(13))
        self.notes.setFixedHeight(look.px(62))

    # What is asked

    def _ask(self, name: str, value: object) -> None:
        if not self._showing and self._world is not None:
            self._asked = self._rows[name]
            self.field.emit(name, value)

    def _refuse(self, name: str, sentence: str) -> None:
        self._asked = self._rows[name]
        self.complain(sentence)

    def _note_resize(self) -> None:
        self._asked = self.board

    def _toggle_limit(self) -> None:
        limit = int(self.limit.value) or USUAL_LIMIT
        self._ask("max_steps", None if self.no_limit.isChecked() else limit)

    def _toggle_move(self, place: tuple[int, int]) -> None:
        if self._world is not None:
            name, moves = PLACES[place], self._world.moves
            kept = tuple(move for move in moves if move != name)
            self._ask("moves", kept if name in moves else (*moves, name))
