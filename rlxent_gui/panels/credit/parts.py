"""The cards below the strip: the other weightings, the step as a classifier, the update."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from rlxent_gui.credit_numbers import is_nothing
from rlxent_gui.credit_view import EFFECTS, CreditView, Effect
from rlxent_gui.panels.credit.classifier import ClassifierTable
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.effect_board import EffectBoard, reach
from rlxent_gui.panels.credit.matrix import Matrix
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Card
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import Label

GAP = 12
PATIENCE = 150
"""Milliseconds before arrows that are no longer true are seen to be so."""
MARGIN, BAR = 15, 12
"""Room for a scroll bar, in the margin of a card."""
EFFECT_NAMES = {
    "step": "Step", "episode": "Episode", "batch": "Batch", "exact": "Exact gradient",
}
EFFECT_TIPS = {
    "step": "What this step alone does to the policy",
    "episode": "What all steps of this episode do together",
    "batch": "What the whole batch of episodes does: the update that is made",
    "exact": "What the exact gradient of the expected return would do",
}
LEGEND = "filled: more likely\noutlined: less likely"
assert tuple(EFFECT_NAMES) == EFFECTS


class Part(Card):
    """A card with a button that asks for more room; without its frame inside another card."""

    command = Signal(str, object)
    expand_clicked = Signal()

    def __init__(self, title: str, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, subtitle, parent=parent)
        self._framed = True
        self._scrolled: QWidget | None = None
        self._strut = QSpacerItem(0, 0)
        self.header.insertSpacerItem(0, self._strut)
        # What scrolls has its bar in the margin; the rest ends before it.
        column = self.layout()
        assert column is not None
        column.setContentsMargins(MARGIN, 12, MARGIN - BAR, 12)
        self.header.addStretch(1)
        self.expand_button = Button(icon="arrows-out-simple", quiet=True, height=24, icon_size=16)
        self.expand_button.clicked.connect(self.expand_clicked)
        self.header.addWidget(self.expand_button)
        self.set_expanded(False)

    def set_expanded(self, expanded: bool) -> None:
        """Show whether it has been given more room."""
        self.expand_button.set_icon("arrows-in-simple" if expanded else "arrows-out-simple")
        tip = "Show all parts" if expanded else "Make this part larger"
        self.expand_button.setToolTip(tip)
        self.expand_button.setAccessibleName(f"{tip}: {self.title.text()}")

    def stand_beside(self, tabs: QSize | None) -> None:
        """Begin the header right of ``tabs``, on another card; None for a card of its own.

        Title and subtitle are left out where there is no room for them: the tabs say nearly the
        same.
        """
        self._framed = tabs is None
        left = 0 if tabs is None else tabs.width() + 12
        self.header.setContentsMargins(left, 0, BAR, 0)
        self._strut.changeSize(0, 0 if tabs is None else tabs.height())
        room = self.width() - 2 * MARGIN - left - self.expand_button.sizeHint().width() - 16
        title, subtitle = self.title.sizeHint().width(), self.subtitle.sizeHint().width()
        self.title.setVisible(title <= room)
        self.subtitle.setVisible(bool(self.subtitle.text()) and title + 8 + subtitle <= room)
        self.header.invalidate()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._framed:
            super().paintEvent(event)

    def add_scrolled(self, widget: QWidget) -> QScrollArea:
        """Into the body; where the card is too low for it, it scrolls by a bar in the margin."""
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(widget)
        self.body.addWidget(area, 1)
        self._scrolled = widget
        return area

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._scrolled is not None:
            self._scrolled.setFixedWidth(self.width() - 2 * MARGIN)


class ComparePart(Part):
    """Every weighting of the episode, and what they add up to."""

    def __init__(self, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__("Same episode, other weightings", "click a row to switch", parent)
        self.matrix = Matrix(columns)
        self.matrix.command.connect(self.command)
        self.identity = Label("", 13, wrap=True)
        self.identity.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.identity.setContentsMargins(0, 0, BAR, 0)
        self.add_scrolled(self.matrix)
        self.body.addWidget(self.identity)

    def natural_height(self, width: int) -> int:
        """What it takes to show every row."""
        text = self.identity.heightForWidth(width - 2 * MARGIN + BAR)
        header = self.expand_button.sizeHint().height()
        return 24 + header + 8 + self.matrix.sizeHint().height() + 8 + max(text, 0)

    def show_credit(self, view: CreditView) -> None:
        self.matrix.show_credit(view)
        if view.identity != self.identity.text():
            self.identity.setText(view.identity)


class ClassifierPart(Part):
    """The chosen step, its sentence, and the numbers of its cross-entropy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Step as a classifier", parent=parent)
        self.sentence = Label("", 13, SEMIBOLD, wrap=True)
        self.table = ClassifierTable()
        self.sentence.setContentsMargins(0, 0, BAR, 0)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.sentence)
        self._area = self.add_scrolled(self.table)
        self._action: tuple[int, int] | None = None
        self._area.verticalScrollBar().rangeChanged.connect(self._show_label)

    def _show_label(self) -> None:
        """Scroll no farther than shows the row of the label, which the sentence is about."""
        bottom = math.ceil(self.table.label_bottom())
        self._area.verticalScrollBar().setValue(bottom - self._area.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A second line moves nothing below it, where there is room to keep it free.
        two = 2 * QFontMetrics(self.sentence.font()).height()
        rest = 24 + self.expand_button.sizeHint().height() + 16
        room = self.height() - rest - self.table.minimumSizeHint().height() - two
        self.sentence.setMinimumHeight(two if room >= 0 else 0)

    def show_credit(self, view: CreditView) -> None:
        self.set_title(f"Step {view.step} as a classifier")
        self.sentence.setText(view.sentence)
        weight = view.classifier.weight
        self.sentence.set_role(
            "ink2" if is_nothing(weight) else "pos_text" if weight > 0 else "neg_text"
        )
        self.table.show_step(view.classifier)
        action = view.step, view.classifier.action
        if action != self._action:
            self._action = action
            self._show_label()


class Beside(QWidget):
    """A board with its words at the right or below, wherever the board's cells get larger."""

    def __init__(self, board: QWidget, words: QWidget) -> None:
        super().__init__()
        self._board, self._words = board, words
        self._shape = (1, 1)
        for widget in (board, words):
            widget.setParent(self)
        appearance().changed.connect(self._arrange)

    def set_shape(self, rows: int, columns: int) -> None:
        """Of the board's cells."""
        if (rows, columns) != self._shape:
            self._shape = (rows, columns)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        px, (rows, columns) = appearance().px, self._shape
        width, height = self.width(), self.height()
        across, below = px(138), px(72)
        side = min((width - across - GAP) / columns, height / rows)
        if side >= min(width / columns, (height - below - GAP) / rows):
            board = min(width - across - GAP, math.ceil(side * columns) + 6)
            self._board.setGeometry(0, 0, board, height)
            self._words.setGeometry(board + GAP, 0, width - board - GAP, height)
        else:
            self._board.setGeometry(0, 0, width, height - below - GAP)
            self._words.setGeometry(0, height - below, width, below)


class EffectPart(Part):
    """Arrows on a small board; what is no longer true is faint until the new ones come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What the update does", parent=parent)
        self.kinds = Segmented(
            EFFECT_NAMES, name="Whose update", height=26, size=12, padding=8, click_focus=False
        )
        for kind, tip in EFFECT_TIPS.items():
            self.kinds.set_option(kind, tip=tip)
        self.kinds.chosen.connect(self._choose)
        self.board = EffectBoard()
        self.legend = Label(LEGEND, 12, wrap=True)
        self.reach = Label("", 12, wrap=True)
        self.words = QWidget()
        lines = QVBoxLayout(self.words)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(8)
        lines.addWidget(self.legend)
        lines.addWidget(self.reach)
        lines.addStretch(1)
        self.room = Beside(self.board, self.words)
        row = QHBoxLayout()
        row.addWidget(self.kinds)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.room, 1)
        self._view: CreditView | None = None
        self._effect: Effect | None = None
        self._asked: str | None = None
        """The kind that was chosen and has not come yet."""
        self._of: object = None
        """What the arrows on show are the effect of."""
        self._patience = QTimer(self, interval=PATIENCE, singleShot=True)
        self._patience.timeout.connect(self._fade)

    def show_credit(self, view: CreditView) -> None:
        """The board follows; the arrows stay until others come."""
        if self._view is not None and self._view.world is not view.world:
            self._effect = None
        self._view = view
        self.room.set_shape(view.world.rows, view.world.columns)
        if self._effect is None or self._subject() == self._of:
            self._show()
        else:
            self._wait()

    def show_effect(self, effect: Effect | None) -> None:
        """Other arrows; None where those for the present choice are still being worked out."""
        if effect is None or self._asked not in (None, effect.kind):
            self._wait()
            return
        self._effect, self._asked = effect, None
        self.kinds.set_value(effect.kind)
        self._of = self._subject()
        self._show()

    def _subject(self) -> object:
        """What the effect depends on, of the kind that is on show."""
        view = self._view
        if view is None:
            return None
        if self.kinds.value == "exact":
            return view.episode
        lam = view.gae_lambda if view.weighting == "gae" else None
        step = view.step if self.kinds.value == "step" else None
        return view.episode, view.weighting, view.learned, lam, step

    def _choose(self, kind: str) -> None:
        self._asked = kind
        self._wait()
        self.command.emit("credit_effect", kind)

    def _wait(self) -> None:
        """Others are on their way: mostly they are here before anybody sees a difference."""
        if not self._patience.isActive():
            self._patience.start()

    def _fade(self) -> None:
        if self._view is not None:
            self.board.show_effect(self._view.world, self._effect, True)

    def _show(self) -> None:
        self._patience.stop()
        if self._view is None:
            return
        self.board.show_effect(self._view.world, self._effect, False)
        self.reach.setText("" if self._effect is None else reach(self._view, self._effect))
        self.board.setAccessibleDescription(self.reach.text())
