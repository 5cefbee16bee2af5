"""The right of the Credit scene: the strip, and below it what explains it."""

from __future__ import annotations

from enum import Enum
from functools import partial

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_gui.credit_view import CreditView, Effect
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.overview import Overview
from rlxent_gui.panels.credit.parts import MARGIN, ClassifierPart, ComparePart, EffectPart, Part
from rlxent_gui.panels.credit.strip import Strip
from rlxent_gui.panels.credit.weighting_bar import WeightingBar
from rlxent_gui.panels.places import GAP
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import Label

TABS = {"classifier": "Classifier", "compare": "Compare", "effect": "Update"}
EMPTY = "No episode yet. Press U for one update, or take a new episode."
WIDE, TALL = 1000, 830
"""From this width and height on, times the text size, all parts are seen at once."""
LOW, ROOMY = 222, 290
"""What the tabbed parts need at least, and like to have, times the text size."""


class Mode(Enum):
    """How the parts share the column."""

    WIDE = "all at once"
    TABS = "the strip, and one of the others below it"
    ONE = "one at a time"


class StripCard(Panel):
    """Which weighting, and the strip; with the overview where the strip scrolls."""

    def __init__(self, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Credit of each step")
        self.bar = WeightingBar()
        self.strip = Strip(columns)
        self.overview = Overview(columns)
        for widget in (self.bar, self.strip, self.overview):
            widget.setParent(self)
        self.overview.hide()

    def show_credit(self, view: CreditView) -> None:
        self.bar.show_credit(view)
        self.strip.show_credit(view)
        self.overview.show_weights(view.weights, view.step)
        self.show_strip(not self.strip.isHidden())

    def show_strip(self, shown: bool) -> None:
        """The strip, with the overview where it scrolls; or the choice of weighting alone."""
        self.strip.setVisible(shown)
        self.overview.setVisible(shown and self.strip.columns.scrolls)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width, bottom = self.width() - 2 * MARGIN, self.height() - 12
        bar = self.bar.heightForWidth(width)
        self.bar.setGeometry(MARGIN, 12, width, bar)
        if not self.overview.isHidden():
            height = self.overview.sizeHint().height()
            self.overview.setGeometry(MARGIN, bottom - height, width, height)
            bottom -= height + 8
        top = 12 + bar + 8
        self.strip.setGeometry(MARGIN, top, width, max(bottom - top, 1))

    def least_height(self, width: int, compact: bool = False, bare: bool = False) -> int:
        """What it needs at least; ``compact`` without the return, ``bare`` without the strip."""
        height = 24 + self.bar.heightForWidth(width - 2 * MARGIN)
        if bare:
            return height
        height += 8 + self.strip.least_height(compact)
        return height + (8 + self.overview.sizeHint().height() if self.strip.columns.scrolls else 0)


class Empty(Panel):
    """Before there is an episode: a sentence and the ways to one."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(EMPTY)
        text = Label(EMPTY, 15, SEMIBOLD, "ink", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.new = Button("New episode", primary=True,
                          tip="Draw another episode with the present policy")
        self.update_button = Button("Update", "skip-forward", tip="One update of the policy (U)")
        self.new.clicked.connect(lambda: self.command.emit("credit_new", None))
        self.update_button.clicked.connect(lambda: self.command.emit("update", None))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.update_button)
        row.addWidget(self.new)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(text)
        column.addLayout(row)
        column.addStretch(1)


class RightColumn(QWidget):
    """Passive: :meth:`show_credit` and :meth:`show_effect` in, ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Credit")
        self.columns = Columns()
        self.empty = Empty(self)
        self.top = StripCard(self.columns, self)
        self.low = Panel(self)
        self.tabs = Segmented(TABS, name="Parts", click_focus=False, parent=self)
        self.parts: dict[str, Part] = {
            "compare": ComparePart(self.columns, self), "classifier": ClassifierPart(self),
            "effect": EffectPart(self),
        }
        self._view: CreditView | None = None
        self._expanded: str | None = None
        for name, part in self.parts.items():
            part.expand_clicked.connect(partial(self.expand, name))
            part.command.connect(self.command)
        for source in (self.empty, self.top.bar, self.top.strip):
            source.command.connect(self.command)
        for mover in (self.top.strip, self.top.overview, self.compare.matrix):
            mover.scrolled.connect(self._follow)
        self.tabs.chosen.connect(self._arrange)
        appearance().changed.connect(self._arrange)
        self._arrange()

    @property
    def strip(self) -> Strip:
        return self.top.strip

    @property
    def compare(self) -> ComparePart:
        part = self.parts["compare"]
        assert isinstance(part, ComparePart)
        return part

    @property
    def classifier(self) -> ClassifierPart:
        part = self.parts["classifier"]
        assert isinstance(part, ClassifierPart)
        return part

    @property
    def effect(self) -> EffectPart:
        part = self.parts["effect"]
        assert isinstance(part, EffectPart)
        return part

    @property
    def expanded(self) -> str | None:
        return self._expanded

    def show_credit(self, view: CreditView | None) -> None:
        """Another episode, step or weighting; None where there is no episode."""
        before, self._view = self._view, view
        if view is not None:
            scrolled = self.columns.scrolls
            self.top.show_credit(view)
            self.compare.show_credit(view)
            self.strip.set_labels(self.compare.matrix.label_room())
            self.classifier.show_credit(view)
            self.effect.show_credit(view)
            if (before is None or scrolled != self.columns.scrolls
                    or len(before.rows) != len(view.rows)):
                self._arrange()
        elif before is not None:
            self._arrange()

    def show_effect(self, effect: Effect | None) -> None:
        """The arrows of the update; None while they are being worked out."""
        self.effect.show_effect(effect)

    def expand(self, name: str | None) -> None:
        """Let one part fill the room below the strip, or show all again."""
        self._expanded = None if name == self._expanded else name
        for other, part in self.parts.items():
            part.set_expanded(other == self._expanded)
        self._arrange()

    def _follow(self) -> None:
        """Other columns are seen."""
        self.top.overview.follow()
        self.strip.update()
        self.compare.matrix.update()

    # Where the parts lie

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    @property
    def mode(self) -> Mode:
        """By the room there is and the text size."""
        factor = appearance().factor
        if self.width() >= WIDE * factor and self.height() >= TALL * factor:
            return Mode.WIDE
        low = self.height() - self.top.least_height(self.width(), compact=True) - GAP
        return Mode.TABS if low >= LOW * factor else Mode.ONE

    def _arrange(self) -> None:
        shown = self._view is not None
        self.strip.place(self.width() - 2 * MARGIN)
        self.empty.setVisible(not shown)
        self.empty.setGeometry(self.rect())
        self.top.setVisible(shown)
        mode = self.mode
        self.tabs.setVisible(shown and mode is not Mode.WIDE)
        self.low.setVisible(shown and mode is Mode.TABS)
        places: dict[str, QRect] = {}
        if shown:
            options = TABS if mode is not Mode.ONE else {"steps": "Steps", **TABS}
            if self.tabs.values != tuple(options):
                self.tabs.set_options(options)
                self.tabs.set_value(next(iter(options)))
            places = {
                Mode.WIDE: self._wide_places, Mode.TABS: self._tab_places, Mode.ONE: self._one_place
            }[mode]()
        for name, part in self.parts.items():
            part.setVisible(name in places)
            if name in places:
                part.expand_button.setVisible(mode is not Mode.ONE)
                part.setGeometry(places[name])
                part.stand_beside(self.tabs.size() if mode is Mode.TABS else None)

    def _place_top(self, y: int, height: int) -> QRect:
        """The strip's card at ``y``; the room below it."""
        self.top.setGeometry(0, y, self.width(), height)
        below = y + height + GAP
        return QRect(0, below, self.width(), self.height() - below)

    def _wide_places(self) -> dict[str, QRect]:
        """The strip, the comparison, and the other two side by side."""
        self.top.show_strip(True)
        compare = self.compare.natural_height(self.width())
        top = max(self.top.least_height(self.width()),
                  round(0.46 * (self.height() - compare - 2 * GAP)) + 60)
        low = self._place_top(0, top)
        if self._expanded is not None:
            return {self._expanded: low}
        y = low.top() + compare + GAP
        right = max(round(0.3 * low.width()), appearance().px(300))
        left, height = low.width() - right - GAP, self.height() - y
        return {
            "compare": QRect(0, low.top(), low.width(), compare),
            "classifier": QRect(0, y, left, height),
            "effect": QRect(left + GAP, y, right, height),
        }

    def _tab_places(self) -> dict[str, QRect]:
        """The strip, and one of the others below it, chosen by tabs."""
        full = self._expanded is not None
        if self._expanded is not None:
            self.tabs.set_value(self._expanded)
        self.top.show_strip(not full)
        least = self.top.least_height(self.width(), compact=True)
        wanted = self.height() - GAP - round(ROOMY * appearance().factor)
        bare = self.top.least_height(self.width(), bare=True)
        low = self._place_top(0, bare if full else max(least, wanted))
        self.low.setGeometry(low)
        width = min(self.tabs.sizeHint().width(), low.width() - 2 * MARGIN)
        self.tabs.setGeometry(MARGIN, low.top() + 12, width, self.tabs.heightForWidth(width))
        self.tabs.raise_()
        return {self.tabs.value: low}

    def _one_place(self) -> dict[str, QRect]:
        """Too little room for two: one at a time, by tabs at the very top."""
        width = min(self.tabs.sizeHint().width(), self.width())
        tabs = self.tabs.heightForWidth(width)
        self.tabs.setGeometry(0, 0, width, tabs)
        steps = self.tabs.value == "steps"
        self.top.show_strip(steps)
        y = tabs + GAP
        bare = self.top.least_height(self.width(), bare=True)
        low = self._place_top(y, self.height() - y if steps else bare)
        return {} if steps else {self.tabs.value: low}
