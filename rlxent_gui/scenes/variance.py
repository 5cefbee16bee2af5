"""The Variance scene: how noisy the gradient is, and what that does to learning."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_gui import presenting
from rlxent_gui.canvas.board import Board
from rlxent_gui.document import Document
from rlxent_gui.learning_view import MODES, DemonstrationState, LearningState
from rlxent_gui.mailbox import Progress
from rlxent_gui.panels.cards import Cards
from rlxent_gui.panels.places import GAP, Size
from rlxent_gui.panels.stage_parts import StageLook
from rlxent_gui.panels.variance.clouds import Clouds
from rlxent_gui.panels.variance.demonstrations import DemonstrationMenu, DemonstrationStrip
from rlxent_gui.panels.variance.gradient import GradientView
from rlxent_gui.panels.variance.learning import LearningView
from rlxent_gui.panels.variance.sweep_map import SweepCard
from rlxent_gui.panels.variance.working import Working
from rlxent_gui.plots import RatioPlot, VariancePlot
from rlxent_gui.plots.learning import LearningPlot
from rlxent_gui.presenting import Words
from rlxent_gui.scenes.stage import Act, Staged
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.variance_view import GradientSlice
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.segmented import Segmented

VIEWS = {"gradient": "Gradient", "learning": "Learning"}
TIPS = {
    "gradient": "How the gradients of single episodes scatter, by estimator",
    "learning": "What the variance does to learning: settings side by side",
}
TOP = 32
"""Height of the row of views, at the usual text size."""


class CloudsAct(Panel):
    """The clouds as a room sees them."""

    def __init__(self, parent: QWidget, look: StageLook) -> None:
        super().__init__(parent)
        self.setAccessibleName("Gradients of single episodes")
        self.clouds = Clouds(self, look)
        column = QVBoxLayout(self)
        column.addWidget(self.clouds)

    def set_data(self, view: GradientSlice) -> None:
        """Another survey or choice."""
        if view.survey is not None:
            self.clouds.show_clouds(view.survey, view.chosen)


def _act(
    view: str, name: str, title: str, make: Callable[..., QWidget], words: Callable[..., Words],
    corner: Callable[..., str] = presenting.update_corner,
) -> Act:
    """A panel of a view; what a demonstration has shown there is said instead of its own words."""
    said = presenting.demonstrated(view, words)
    return Act((name,), title, make, said, ("demonstration",), corner)


ACTS: tuple[Act, ...] = (
    _act("gradient", "gradient", "Clouds", CloudsAct, presenting.clouds),
    _act("gradient", "along", "Along training", VariancePlot, presenting.variance),
    _act("gradient", "ratio", "Times less", RatioPlot, presenting.ratio),
)
"""Of the gradient."""
FIRST = {"along": 1, "ratio": 2}
"""Where they begin when such a part of the view is seen alone."""
WIDE = 0.61
"""Of the width, that several clouds get, and a map with as many columns as there are step sizes."""
NAMED = 310
"""Pixels, at the usual text size, of curves with the names of settings."""
LEARNING_ACTS = {
    "study": _act(
        "learning", "learning", MODES["study"], LearningPlot, presenting.study, presenting.corner
    ),
    "sweep": _act(
        "learning", "learning", MODES["sweep"], SweepCard, presenting.sweep, presenting.corner
    ),
}
"""What is compared there is presented, and nothing else: the other may be of another world."""


class VarianceScene(QWidget):
    """Two views of which one is seen; passive, one ``command`` out.

    ``row`` is the line above them, to the right of the choice of views.
    """

    command = Signal(str, object)
    turned = Signal()
    """Something else is seen, and so to be presented."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._size = Size.MEDIUM
        self._cards: Cards | None = None
        self.views = Segmented(VIEWS, name="View", height=TOP, parent=self)
        for view, tip in TIPS.items():
            self.views.set_option(view, tip=tip)
        self._top = QWidget(self)
        self.row = QHBoxLayout(self._top)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(12)
        self.row.addWidget(self.views, 0, Qt.AlignmentFlag.AlignVCenter)
        self.demonstrations = DemonstrationMenu()
        self.demonstrations.command.connect(self.command)
        self.row.addWidget(self.demonstrations, 0, Qt.AlignmentFlag.AlignVCenter)
        self.working = Working()
        self.working.command.connect(self.command)
        self.row.addWidget(self.working, 1)
        self.row.addStretch(0)
        self.demonstration = DemonstrationStrip(self)
        self.demonstration.command.connect(self.command)
        self.gradient = GradientView(self)
        self.gradient.command.connect(self.command)
        self.gradient.arranged.connect(self._place_cards)
        self.learning: LearningView | None = None
        """Built when it is first asked for."""
        self.views.chosen.connect(self.show_view)
        self.setAccessibleName("Variance")
        appearance().changed.connect(self._arrange)

    @property
    def shown_view(self) -> str:
        """gradient or learning."""
        return self.views.value

    def show_view(self, name: str, part: str = "") -> None:
        """Show one of :data:`VIEWS`; ``part`` of it, where not all are seen at once."""
        self.views.set_value(name)
        if name == "learning" and self.learning is None:
            self.learning = LearningView(self)
            self.learning.command.connect(self.command)
            self.learning.arranged.connect(self._place_cards)
            self.learning.set_size(self._size)
        if part and name == "learning":
            assert self.learning is not None
            self.learning.show_part(part)
        elif part:
            self.gradient.show_part(part)
        self.gradient.setVisible(name == "gradient")
        if self.learning is not None:
            self.learning.setVisible(name == "learning")
        self._arrange()
        if self._cards is not None:
            self._cards.raise_()
        self.command.emit("variance_view", name)
        self.turned.emit()

    def keep_view(self) -> Callable[[], None]:
        """What is seen now, as a function that shows it again."""
        shown, tab, expanded = self.shown_view, self.gradient.tabs.value, self.gradient.expanded
        part = self.learning.part.value if self.learning is not None else "settings"

        def again() -> None:
            self.gradient.show_part(tab, expanded)
            if self.learning is not None:
                self.learning.show_part(part)
            self.show_view(shown)

        return again

    def show_learning(self, state: LearningState) -> None:
        """What is compared, and what came of it."""
        if self.learning is not None:
            before = self.learning.mode
            self.learning.apply(state)
            if state.mode != before:
                self.turned.emit()

    def show_demonstration(self, state: DemonstrationState) -> None:
        """What the demonstration that was opened has shown."""
        self.demonstration.show_demonstration(state)
        self._arrange()

    def show_progress(self, progress: Progress | None) -> None:
        """What long work is under way; the view of learning shows its own itself."""
        seen = self.learning if self.shown_view == "learning" else None
        told = seen is not None and seen.tells_progress
        self.working.show_progress(None if told else progress)

    def staged(self) -> Staged:
        """What is presented to a room: the board, and beside it what is seen here."""

        def board(parent: QWidget, look: Appearance) -> Board:
            return Board(self._document, parent, look)

        if self.shown_view == "learning" and self.learning is not None:
            acts = (LEARNING_ACTS[self.learning.mode],)
            if self.learning.mode == "study":
                return Staged(board, "board", acts, least=NAMED)
            return Staged(board, "board", acts, share=WIDE)
        part = self.gradient.alone
        if not self.demonstration.isHidden():  # where it is to be seen, also if all parts are
            part = part or self.gradient.tabs.value
        return Staged(board, "board", ACTS, FIRST.get(part, 0), share=WIDE)

    def spotlight(self) -> None:
        """Give the next part of the view all the room; after the last one show all again."""
        if self.shown_view == "gradient":
            self.gradient.expand_next()

    @property
    def main(self) -> QWidget:
        """What has the keyboard when the scene is shown."""
        return self.views.segment(self.shown_view)

    def grab_panels(self) -> QImage:
        """The view as it is seen."""
        shown = self.gradient if self.shown_view == "gradient" else self.learning
        assert shown is not None
        return shown.grab().toImage()

    def take_cards(self, cards: Cards) -> None:
        """Show the messages over this scene."""
        self._cards = cards
        cards.setParent(self)
        self._arrange()
        cards.apply(cards.views)

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is not self._size:
            self._size = size
            for view in (self.gradient, self.learning):
                if view is not None:
                    view.set_size(size)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        top = appearance().px(TOP)
        self._top.setGeometry(0, 0, self.width(), top)
        if not self.demonstration.isHidden():
            high = self.demonstration.heightForWidth(self.width())
            self.demonstration.setGeometry(0, top + GAP, self.width(), high)
            top += GAP + high
        below = QRect(0, top + GAP, self.width(), max(1, self.height() - top - GAP))
        for view in (self.gradient, self.learning):
            if view is not None:
                view.setGeometry(below)
        self._place_cards()

    def _place_cards(self) -> None:
        if self._cards is not None and self._cards.parent() is self:
            # Messages cover neither the controls, nor how far long work is, nor any heading.
            view = self.gradient if self.gradient.isVisibleTo(self) else self.learning
            assert view is not None
            room = view.message_room().translated(view.pos())
            self._cards.place(room.adjusted(GAP, GAP, -GAP, -GAP), at_bottom=True)
