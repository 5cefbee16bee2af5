"""The right of the Credit scene: the strip, and below it what explains it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rlxent_gui.credit_view import CreditView, Effect
from rlxent_gui.panels.credit.columns import Columns
from rlxent_gui.panels.credit.overview import Overview
from rlxent_gui.panels.credit.parts import ClassifierPart, ComparePart, EffectPart, Part
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


class StripCard(Panel):
    """Which weighting, and the strip; with the overview where the strip scrolls."""

    def __init__(self, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Credit of each step")
        self.bar = WeightingBar()
        self.strip = Strip(columns)
        self.overview = Overview(columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 12, 15, 12)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self.strip, 1)
        column.addWidget(self.overview)
        self.overview.hide()

    def show_credit(self, view: CreditView) -> None:
        self.bar.show_credit(view)
        self.strip.show_credit(view)
        self.overview.show_weights(view.weights, view.step)

    def least_height(self, width: int, bare: bool = False) -> int:
        """What it needs at least; ``bare`` without the strip."""
        height = 24 + self.bar.heightForWidth(width - 30)
        if bare:
            return height
        height += 8 + self.strip.minimumSizeHint().height()
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
        self.tabs = Segmented(TABS, name="Parts", height=30, parent=self)
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
    def wide(self) -> bool:
        """Whether there is room for all parts at once."""
        factor = appearance().factor
        return self.width() >= WIDE * factor and self.height() >= TALL * factor

    def _arrange(self) -> None:
        shown = self._view is not None
        self.empty.setVisible(not shown)
        self.empty.setGeometry(self.rect())
        self.top.setVisible(shown)
        if not shown:
            for widget in (self.low, self.tabs, *self.parts.values()):
                widget.hide()
            return
        places = self._wide_places() if self.wide else self._tab_places()
        for name, part in self.parts.items():
            part.setVisible(name in places)
            if name in places:
                part.set_framed(self.wide)
                part.setGeometry(places[name])
        self.low.setVisible(not self.wide)
        self.tabs.setVisible(not self.wide)

    def _top(self, height: int) -> QRect:
        """Give the strip's card a height; the room below it."""
        self.top.setGeometry(0, 0, self.width(), height)
        below = height + GAP
        return QRect(0, below, self.width(), self.height() - below)

    def _wide_places(self) -> dict[str, QRect]:
        """The strip, the comparison, and the other two side by side."""
        self.strip.show()
        compare = self.compare.heightForWidth(self.width())
        if compare < 0:
            compare = self.compare.sizeHint().height()
        least = self.top.least_height(self.width())
        top = max(least, round(0.46 * (self.height() - compare - 2 * GAP)) + 60)
        low = self._top(top)
        if self._expanded is not None:
            return {self._expanded: low}
        rest = QRect(0, low.top() + compare + GAP, low.width(), low.height() - compare - GAP)
        right = max(round(0.3 * rest.width()), appearance().px(300))
        left = rest.width() - right - GAP
        return {
            "compare": QRect(0, low.top(), low.width(), compare),
            "classifier": QRect(0, rest.top(), left, rest.height()),
            "effect": QRect(left + GAP, rest.top(), right, rest.height()),
        }

    def _tab_places(self) -> dict[str, QRect]:
        """The strip, and one of the others below it, chosen by tabs."""
        px = appearance().px
        full = self._expanded is not None
        self.strip.setVisible(not full)
        least = self.top.least_height(self.width(), bare=full)
        low = self._top(least if full else max(least, round(0.53 * self.height())))
        self.low.setGeometry(low)
        tabs = QRect(low.left() + 15, low.top() + 12, 0, px(30))
        tabs.setWidth(min(self.tabs.sizeHint().width(), low.width() - 30))
        tabs.setHeight(self.tabs.heightForWidth(tabs.width()))
        self.tabs.setGeometry(tabs)
        self.tabs.raise_()
        name = self._expanded if full and self._expanded else self.tabs.value
        if full and name != self.tabs.value:
            self.tabs.set_value(name)
        return {name: low.adjusted(0, 12 + tabs.height(), 0, 0)}
