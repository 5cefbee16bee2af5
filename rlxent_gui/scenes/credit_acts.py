"""The parts of the Credit scene as a room sees them, one at a time, and what is said of each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui.credit_view import CreditView, Effect
from rlxent_gui.panels.credit.classifier import ClassifierTable
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.effect_board import EffectBoard, reach
from rlxent_gui.panels.credit.figures import is_nothing
from rlxent_gui.panels.credit.matrix import Matrix
from rlxent_gui.panels.credit.parts import EFFECT_NAMES
from rlxent_gui.panels.credit.strip import Strip
from rlxent_gui.presenting import Words
from rlxent_gui.scenes.stage import Act
from rlxent_gui.theme import SEMIBOLD, Appearance
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import Label

NO_EPISODE = "No episode yet. Press U for one update."
STEPS = "Credit assignment\nis the choice of a weight."
COMPARE = "The same episode,\nweighed in other ways."
CLASSIFIER = "The label is the sampled action.\nThe weight scales its gradient."
UPDATE = "The update, cell by cell.\nFilled: more likely. Outlined: less."


class CreditAct(Panel):
    """A title and a part below it; ``command`` says what is chosen in it."""

    command = Signal(str, object)

    def __init__(self, title: str, part: QWidget, parent: QWidget, look: Appearance) -> None:
        super().__init__(parent)
        self.look, self.part = look, part
        self.title = Label(title, 15, SEMIBOLD, "ink", look=look)
        self.setAccessibleName(title)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.title)
        self._column.addWidget(part, 1)
        look.changed.connect(self._space)
        self._space()

    def _space(self) -> None:
        px = self.look.px
        self._column.setContentsMargins(px(12), px(8), px(12), px(10))
        self._column.setSpacing(px(6))


class StepsAct(CreditAct):
    """The strip."""

    def __init__(self, parent: QWidget, look: Appearance) -> None:
        self.strip = Strip(Columns(), look=look)
        super().__init__("Credit of each step", self.strip, parent, look)
        self.strip.command.connect(self.command)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self.strip.show_credit(view)

    def resizeEvent(self, event: QResizeEvent) -> None:
        margins = self._column.contentsMargins()
        self.strip.place(self.width() - margins.left() - margins.right())


class CompareAct(CreditAct):
    """Every weighting of the episode; it scrolls where they do not all fit."""

    def __init__(self, parent: QWidget, look: Appearance) -> None:
        columns = Columns()
        self.matrix = Matrix(columns, look=look)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.matrix)
        super().__init__("Other weightings", area, parent, look)
        # The columns lie where a strip lays them; it is not seen.
        self._strip = Strip(columns, self, look)
        self._strip.hide()
        self.matrix.command.connect(self.command)
        self._strip.scrolled.connect(self.matrix.update)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self._strip.show_credit(view)
            self.matrix.show_credit(view)
            self._strip.set_labels(self.matrix.label_room())

    def resizeEvent(self, event: QResizeEvent) -> None:
        margins = self._column.contentsMargins()
        width = self.width() - margins.left() - margins.right()
        self.matrix.setFixedWidth(width)
        self._strip.place(width)


class ClassifierAct(CreditAct):
    """The chosen step's cross-entropy."""

    def __init__(self, parent: QWidget, look: Appearance) -> None:
        self.table = ClassifierTable(look=look)
        super().__init__("Step as a classifier", self.table, parent, look)
        expanding = QSizePolicy.Policy.Expanding
        self.table.setSizePolicy(expanding, expanding)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self.title.setText(f"Step {view.step} as a classifier")
            self.table.show_step(view.classifier)


class UpdateAct(CreditAct):
    """Arrows on a board."""

    def __init__(self, parent: QWidget, look: Appearance) -> None:
        self.board = EffectBoard(look=look)
        super().__init__("What the update does", self.board, parent, look)

    def set_data(self, effect: Effect | None, view: CreditView | None) -> None:
        if view is not None:
            self.board.show_effect(view.world, effect, effect is None)
        if effect is not None:
            self.title.setText(f"What the update does: {EFFECT_NAMES[effect.kind].lower()}")


def of_step(headline: str, view: CreditView | None) -> Words:
    """What happened in the chosen step, in the colour of the way its logit is pushed."""
    if view is None:
        return Words(headline, ((NO_EPISODE, ""),))
    weight = view.classifier.weight
    role = "ink2" if is_nothing(weight) else "pos_text" if weight > 0 else "neg_text"
    return Words(headline, ((view.sentence, role),))


def steps(view: CreditView | None) -> Words:
    return of_step(STEPS, view)


def classifier(view: CreditView | None) -> Words:
    return of_step(CLASSIFIER, view)


def compare(view: CreditView | None) -> Words:
    """What the weights add up to."""
    return Words(COMPARE, ((NO_EPISODE if view is None else view.identity, ""),))


def update(effect: Effect | None, view: CreditView | None) -> Words:
    """How far the update reaches; nothing while its arrows are worked out."""
    if view is None:
        return Words(UPDATE, ((NO_EPISODE, ""),))
    return Words(UPDATE, ((reach(view, effect), ""),) if effect is not None else ())


ACTS = (
    Act(("credit",), "Credit of each step", StepsAct, steps),
    Act(("credit",), "Other weightings", CompareAct, compare),
    Act(("credit",), "Step as a classifier", ClassifierAct, classifier),
    Act(("effect", "credit"), "What the update does", UpdateAct, update),
)
