"""Of which policy the clouds are, how many episodes are drawn, and what can be asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.variance_view import EPISODES, GradientSlice
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import ElidedLabel, Label
from rlxent_gui.words import count

TABS = {"clouds": "Clouds", "table": "Table", "along": "Along training"}
TAB_TIPS = {
    "clouds": "The gradient of every episode as a dot, a panel an estimator",
    "table": "All estimators in numbers; those chosen here are drawn",
    "along": "Their variance over the updates, and how many times less it is",
}
HEIGHT, GAP, APART = 31, 8, 16
WORDS = 264
"""Width, at the usual text size, that is kept free for the words."""
NOTHING_YET = "Nothing has been measured yet"
UNCHANGED = "Nothing has changed since."


class Controls(QWidget):
    """One line, or more where it is narrow; passive.

    Where not all parts of the view are seen at once, :attr:`tabs` choose one.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is measured")
        self.tabs = Segmented(TABS, name="Parts", height=HEIGHT, parent=self)
        for tab, tip in TAB_TIPS.items():
            self.tabs.set_option(tab, tip=tip)
        self.tabs.hide()
        self.sentence = ElidedLabel("", 13, SEMIBOLD, "ink", parent=self)
        self.newer = ElidedLabel("", 12, parent=self)
        self.label = Label("Episodes", 13, MEDIUM, parent=self)
        self.episodes = Segmented(
            {str(n): count(n) for n in EPISODES}, name="Episodes", height=HEIGHT, parent=self
        )
        self.more = Button("More episodes", height=HEIGHT, size=13, parent=self)
        self.exact = Button("Exact", height=HEIGHT, size=13, parent=self)
        self.anew = Button("Measure anew", height=HEIGHT, size=13, weight=SEMIBOLD, parent=self)
        self.episodes.chosen.connect(
            lambda n: self.command.emit("variance_episodes", int(n))
        )
        for button, command in (
            (self.more, "variance_more"), (self.exact, "variance_exact"),
            (self.anew, "variance_anew"),
        ):
            button.clicked.connect(lambda _=False, c=command: self.command.emit(c, None))
        appearance().changed.connect(self._arrange)

    def show_controls(self, view: GradientSlice) -> None:
        self.sentence.setText(view.sentence)
        self.newer.setText(view.newer or (UNCHANGED if view.survey is not None else ""))
        self.episodes.set_value(str(view.episodes))
        survey = view.survey
        nothing = "" if survey is not None else NOTHING_YET
        exact = ""
        if survey is not None:
            done = "All exact variances are in the table" if survey.exact_done else ""
            exact = survey.exact_refused or done
        for button, tip, hindrance in (
            (self.more, "Add as many episodes of the same policy", nothing),
            (self.exact, "Work out every tr Cov without sampling", exact or nothing),
            (self.anew, "Measure at the policy as it is now", ""),
        ):
            hindrance = hindrance or view.busy
            button.setEnabled(not hindrance)
            button.setToolTip(hindrance or tip)
            button.setAccessibleDescription(hindrance or tip)
        self.anew.set_primary(bool(view.newer))
        for n in EPISODES:
            tip = view.busy if view.held else f"Measure {count(n)} episodes at once"
            self.episodes.set_option(str(n), enabled=not view.held, tip=tip)
        self._arrange()

    def set_tabbed(self, tabbed: bool) -> None:
        """Whether one part of the view is seen at a time."""
        self.tabs.setVisible(tabbed)
        self._arrange()

    @property
    def _parts(self) -> tuple[QWidget, ...]:
        return (self.label, self.episodes, self.more, self.exact, self.anew)

    def _tabs_width(self) -> int:
        return 0 if self.tabs.isHidden() else self.tabs.sizeHint().width() + APART

    def _lines(self, width: int) -> list[list[QWidget]]:
        """The controls of each line; the first is that of the words, empty where they fill it.

        Whatever the words are: what they say may change, and no control is to move.
        """
        words = self._tabs_width() + appearance().px(WORDS) + APART
        if words + _together(self._parts) <= width:
            return [list(self._parts)]
        lines: list[list[QWidget]] = [[], []]
        for part in self._parts:
            if lines[-1] and _together([*lines[-1], part]) > width:
                lines.append([])
            lines[-1].append(part)
        return lines

    def heightForWidth(self, width: int) -> int:
        count = len(self._lines(width))
        return count * appearance().px(HEIGHT) + (count - 1) * GAP

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(600), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        line, lines = appearance().px(HEIGHT), self._lines(self.width())
        room = self.width()
        for number, parts in enumerate(lines):
            left = self.width() - _together(parts) if number == 0 and parts else 0
            room = min(room, left - GAP) if number == 0 and parts else room
            top = number * (line + GAP)
            for part in parts:
                hint = part.sizeHint()
                height = min(line, hint.height())
                part.setGeometry(left, top + (line - height) // 2, hint.width(), height)
                left += hint.width() + GAP
        start = self._tabs_width()
        self.tabs.setGeometry(0, 0, max(0, start - APART), line)
        wide, low = max(0, room - start), self.newer.sizeHint().height()
        self.sentence.setGeometry(start, 0, wide, self.sentence.sizeHint().height())
        self.newer.setGeometry(start, line - low, wide, low)


def _together(parts: Sequence[QWidget]) -> int:
    """The width of these, side by side."""
    return sum(part.sizeHint().width() for part in parts) + GAP * (len(parts) - 1)
