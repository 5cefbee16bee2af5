"""The parts of the Credit scene as a room sees them, one at a time, and what is said of each."""

from __future__ import annotations

from itertools import product

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from rlxent_gui.credit_numbers import is_nothing
from rlxent_gui.credit_view import CreditView, Effect
from rlxent_gui.panels.credit.classifier import HEAD, ROW, ClassifierTable
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.effect_board import EffectBoard, reach
from rlxent_gui.panels.credit.heat import LEAST_ROW, height_of
from rlxent_gui.panels.credit.matrix import Matrix
from rlxent_gui.panels.credit.parts import EFFECT_NAMES
from rlxent_gui.panels.credit.strip import Strip
from rlxent_gui.panels.credit.strip_ink import COMPACT, FULL
from rlxent_gui.panels.stage_parts import StageLook
from rlxent_gui.presenting import Words
from rlxent_gui.scenes.stage import Act
from rlxent_gui.theme import SEMIBOLD
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import Label

NO_EPISODE = "No episode yet. Press U for one update."
STEPS = "Credit assignment\nis the choice of a weight."
COMPARE = "The same episode,\nweighed in other ways."
CLASSIFIER = "The label is the sampled action.\nThe weight scales its gradient."
UPDATE = "The update, cell by cell.\nFilled: more likely. Outlined: less."


class CreditAct(Panel):
    """A title and a part below it; ``command`` says what is chosen in it.

    Where a large text size leaves the part too little room, its letters grow less, down to the
    smallest that a room is shown, and then the title goes.
    """

    command = Signal(str, object)
    WIDTH = 310.0
    """What the part needs, at the usual text size."""
    HEIGHTS: tuple[float, ...] = (100.0,)
    """The same, the better one first."""

    def __init__(self, title: str, parent: QWidget, look: StageLook) -> None:
        super().__init__(parent)
        self.look, self.inner = look, StageLook(look.theme, look.factor)
        self.title = Label(title, 15, SEMIBOLD, "ink", look=look)
        self.setAccessibleName(title)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.title)
        look.changed.connect(self._fit)

    def set_part(self, part: QWidget) -> None:
        """Show ``part``, which wears ``inner``."""
        self.part = part
        self._column.addWidget(part, 1)
        self._fit()

    def heights(self) -> tuple[float, ...]:
        return self.HEIGHTS

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        look, px = self.look, self.look.px
        self._column.setContentsMargins(px(12), px(8), px(12), px(10))
        self._column.setSpacing(px(6))
        width, height = self.width() - px(24), self.height() - px(18)
        title = self.title.sizeHint().height() + px(6)
        tall, titled = 0.0, True
        for need, titled in product(self.heights(), (True, False)):
            tall = (height - titled * title) / need
            if tall >= look.least:
                break
        self.title.setVisible(titled)
        factor = min(look.factor, width / self.WIDTH, tall)
        self.inner.wear(look.theme, max(factor, look.least))
        self.fit_part(width)

    def fit_part(self, width: int) -> None:
        """The part is so wide now."""


class StepsAct(CreditAct):
    """The strip."""

    HEIGHTS = (FULL, COMPACT)

    def __init__(self, parent: QWidget, look: StageLook) -> None:
        super().__init__("Credit of each step", parent, look)
        self.strip = Strip(Columns(), look=self.inner)
        self.strip.command.connect(self.command)
        self.set_part(self.strip)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self.strip.show_credit(view)

    def fit_part(self, width: int) -> None:
        self.strip.place(width)


class CompareAct(CreditAct):
    """Every weighting of the episode; it scrolls where they do not all fit."""

    def __init__(self, parent: QWidget, look: StageLook) -> None:
        super().__init__("Other weightings", parent, look)
        columns = Columns()
        self.matrix = Matrix(columns, look=self.inner)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.matrix)
        # The columns lie where a strip lays them; it is not seen.
        self._strip = Strip(columns, self, self.inner)
        self._strip.hide()
        self.matrix.command.connect(self.command)
        self._strip.scrolled.connect(self.matrix.update)
        self.set_part(area)

    def heights(self) -> tuple[float, ...]:
        return (height_of(self.matrix.view.rows, LEAST_ROW) + 8 if self.matrix.view else 200.0,)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self._strip.show_credit(view)
            self.matrix.show_credit(view)
            self._strip.set_labels(self.matrix.label_room())
            self._fit()

    def fit_part(self, width: int) -> None:
        self.matrix.setFixedWidth(width)
        self._strip.place(width)


class ClassifierAct(CreditAct):
    """The chosen step's cross-entropy."""

    WIDTH = 470.0
    HEIGHTS = (HEAD + 4 * ROW,)

    def __init__(self, parent: QWidget, look: StageLook) -> None:
        super().__init__("Step as a classifier", parent, look)
        self.table = ClassifierTable(look=self.inner)
        self.set_part(self.table)

    def heights(self) -> tuple[float, ...]:
        slice = self.table.slice
        return self.HEIGHTS if slice is None else (HEAD + len(slice.moves) * ROW,)

    def set_data(self, view: CreditView | None) -> None:
        if view is not None:
            self.title.setText(f"Step {view.step} as a classifier")
            self.table.show_step(view.classifier)
            self._fit()


class UpdateAct(CreditAct):
    """Arrows on a board."""

    def __init__(self, parent: QWidget, look: StageLook) -> None:
        super().__init__("What the update does", parent, look)
        self.board = EffectBoard(look=self.inner)
        self.set_part(self.board)

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
    Act(("credit",), "Steps", StepsAct, steps),
    Act(("credit",), "Compare", CompareAct, compare),
    Act(("credit",), "Classifier", ClassifierAct, classifier),
    Act(("effect", "credit"), "Update", UpdateAct, update),
)
