"""What each setting came to, in numbers, and how it failed where it did."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from rlxent_gui.learning_view import MOST_ARMS, ArmResult, ArmRow, StudyResult
from rlxent_gui.panels.variance.arm_form import StrokeMark
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import ElidedLabel, Label
from rlxent_gui.words import count, value_text

HEADS = ("Setting", "Solved", "Episodes to 95 %", "Final J")
TIPS = (
    "",
    "Seeds whose policy is worth 95 % of the way from the uniform policy to the optimum",
    "Of one seed, until its policy first is: median and quartiles of all seeds; — where fewer than"
    " that many got there",
    "Median of the exact J at the last point",
)
NAMES = 150
"""Least width of the names, at the usual text size."""
HEAD, NUMBERS, NOTE = 22, 20, 18
"""Height of the heads, of a line of numbers, and of the note below it."""
EDGE = 10
NOTHING = "—"


class ArmTable(Panel):
    """``apply(rows, StudyResult | None)``.

    It is as high as :data:`MOST_ARMS` settings with a note each, whatever there is: nothing above
    it moves while it fills.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(15, EDGE, 15, EDGE)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        # Numbers stand beside their names, however wide the window is.
        grid.setColumnStretch(len(HEADS) + 1, 1)
        for column, (head, tip) in enumerate(zip(HEADS, TIPS, strict=True)):
            label = Label(head, 12, MEDIUM)
            label.setToolTip(tip)
            label.setAlignment(_side(column))
            grid.addWidget(label, 0, column + 1)
        self._grid = grid
        self.rows = [_Row(grid, 1 + 2 * index) for index in range(MOST_ARMS)]
        self.setAccessibleName("Results of the settings")
        appearance().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        px, grid = appearance().px, self._grid
        grid.setColumnMinimumWidth(1, px(NAMES))
        grid.setRowMinimumHeight(0, px(HEAD))
        for index in range(MOST_ARMS):
            grid.setRowMinimumHeight(1 + 2 * index, px(NUMBERS))
            grid.setRowMinimumHeight(2 + 2 * index, px(NOTE))

    @property
    def full_height(self) -> int:
        """What it needs at this text size."""
        px = appearance().px
        return 2 * EDGE + px(HEAD) + MOST_ARMS * (px(NUMBERS) + px(NOTE))

    def apply(self, rows: Sequence[ArmRow], result: StudyResult | None) -> None:
        """Show what there is so far, or else what is to be trained."""
        shown: Sequence[ArmRow | ArmResult] = rows if result is None else result.arms
        for index, row in enumerate(self.rows):
            row.set_visible(index < len(shown))
            if index < len(shown):
                row.apply(shown[index], 0 if result is None else result.seeds)
        said = "; ".join(": ".join((row.texts[0], ", ".join(row.texts[1:]))) for row in self.rows
                         if row.texts[0])
        self.setAccessibleDescription(said)


class _Row:
    """The labels of one setting: a line of numbers, and below it how it failed."""

    def __init__(self, grid: QGridLayout, at: int) -> None:
        self.mark = StrokeMark()
        self.name = ElidedLabel("", 13, SEMIBOLD, "ink")
        self.numbers = [Label("", 13, MEDIUM, "ink") for _ in HEADS[1:]]
        self.note = ElidedLabel("", 12)
        grid.addWidget(self.mark, at, 0)
        grid.addWidget(self.name, at, 1)
        for column, label in enumerate(self.numbers, 1):
            label.setAlignment(_side(column))
            grid.addWidget(label, at, column + 1)
        top = Qt.AlignmentFlag.AlignTop  # nearer to its own numbers than to those below
        grid.addWidget(self.note, at + 1, 1, 1, len(HEADS) + 1, top)
        self.set_visible(False)

    @property
    def texts(self) -> list[str]:
        """What it says; empty where it is not used."""
        if self.name.isHidden():
            return [""]
        return [label.text() for label in (self.name, *self.numbers, self.note) if label.text()]

    def set_visible(self, visible: bool) -> None:
        for part in (self.mark, self.name, *self.numbers):
            part.setVisible(visible)
        self.note.setVisible(visible and bool(self.note.text()))
        if not visible:
            self.note.setText("")

    def apply(self, arm: ArmRow | ArmResult, seeds: int) -> None:
        self.mark.set_style(arm.style)
        self.name.setText(arm.name)
        texts, note = (NOTHING,) * len(self.numbers), ""
        if isinstance(arm, ArmResult):
            solved = f"{round(arm.solved * seeds)} of {seeds}"
            texts, note = (solved, reach_text(arm.reach), value_text(arm.final, 3)), arm.note
        for label, text in zip(self.numbers, texts, strict=True):
            label.setText(text)
        self.note.setText(f"{note}." if note else "")
        self.note.setVisible(bool(note))


def reach_text(reach: Sequence[float]) -> str:
    """ "688 [624, 752]"; a dash where too few seeds got there."""
    low, median, high = (NOTHING if math.isinf(value) else count(value) for value in reach)
    return median if low == median == high == NOTHING else f"{median} [{low}, {high}]"


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
