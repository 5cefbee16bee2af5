"""What the variance does to learning: the second view of the Variance scene."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui.learning_view import MODES, MOST_SEEDS, LearningState
from rlxent_gui.panels.places import BODY_GAP, GAP, Size
from rlxent_gui.panels.variance.arm_form import ArmForm
from rlxent_gui.panels.variance.arm_table import ArmTable
from rlxent_gui.panels.variance.sweep_map import SweepCard
from rlxent_gui.plots.learning import LearningPlot
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.message import Bar
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count

WIDTH = {Size.FULL: 400, Size.MEDIUM: 372, Size.SMALL: 352}
"""Of the form, at the usual text size."""
NOTE = {
    "study": "All settings use the same seeds; whatever is not chosen here is as in the training.",
    "sweep": "Four baselines, each with six step sizes around the training’s own, all with the"
    " same seeds; the rest is as in the training.",
}


class LearningView(QWidget):
    """Passive: :meth:`apply` in, ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = Size.MEDIUM
        self.working = False
        """Whether it shows work under way."""
        self.form = LearningForm(self)
        self.form.command.connect(self.command)
        self.remark = Label("", 13, MEDIUM, "neg_text", wrap=True, parent=self)
        self.plot = LearningPlot(self)
        self.table = ArmTable(self)
        self.sweep = SweepCard(self)
        self.setAccessibleName("Learning")
        for part in (self.remark, self.table, self.sweep):
            part.hide()
        appearance().changed.connect(self._arrange)

    def apply(self, state: LearningState) -> None:
        """Show the form and what has been found."""
        self.working = state.working is not None
        self.form.apply(state)
        study = state.mode == "study"
        self.plot.setVisible(study)
        self.sweep.setVisible(not study)
        self.table.setVisible(study and state.study is not None)
        if study:
            self.plot.set_data(state.study)
            if state.study is not None:
                self.table.apply(state.study)
        else:
            self.sweep.apply(state.sweep)
        text = remark(state)
        self.remark.setText(text)
        self.remark.setVisible(bool(text))
        self._arrange()

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is not self._size:
            self._size = size
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        gap = BODY_GAP if self._size is Size.FULL else GAP
        left = min(appearance().px(WIDTH[self._size]), round(self.width() * 0.55))
        self.form.setGeometry(0, 0, left, self.height())
        x, width, top = left + gap, self.width() - left - gap, 0
        if not self.remark.isHidden():
            height = self.remark.heightForWidth(width)
            self.remark.setGeometry(x, 0, width, height)
            top = height + GAP
        bottom = self.height()
        if not self.table.isHidden():
            layout = self.table.layout()
            assert layout is not None
            wanted = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else (
                self.table.sizeHint().height()
            )
            bottom -= min(wanted, self.height() // 2)
            self.table.setGeometry(x, bottom, width, self.height() - bottom)
            bottom -= GAP
        below = QRect(x, top, width, max(1, bottom - top))
        self.plot.setGeometry(below)
        self.sweep.setGeometry(below)


def remark(state: LearningState) -> str:
    """What must be known of the result on show."""
    if state.failure:
        return state.failure
    if state.working is not None:
        return ""
    parts = ["Stopped before the end."] if state.stopped else []
    return " ".join([*parts, *([state.outdated] if state.outdated else [])])


class LearningForm(Panel):
    """What is compared, from how many seeds, how long; Run, and Stop while it runs."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = Segmented(MODES, name="What is compared")
        self.mode.set_option("study", tip="Up to four settings, their curves beside each other")
        self.mode.set_option("sweep", tip="How large a step each baseline allows")
        self.arms = ArmForm()
        self.note = Label("", 12, wrap=True)
        self.seeds = Stepper("Seeds", 1, MOST_SEEDS, 8, whole=True, width=56, format=count,
                             tip=f"How many seeds each setting is trained from, {MOST_SEEDS} at"
                             " most")
        self.updates = Stepper("Updates", 1, 10_000, 100, whole=True, width=64, format=count,
                               tip="Updates of the policy in each training")
        self.run = Button("Run", "play-fill", primary=True, height=36, weight=SEMIBOLD,
                          icon_size=16, tip="Train them all; the training in Explore waits and goes"
                          " on as it was")
        self.stop = Button("Stop", height=36, weight=SEMIBOLD, tip="Stop; what there is is kept")
        self.bar = Bar()
        self.done = Label("", 12)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        column.addWidget(self.mode)
        column.addWidget(self.arms)
        column.addWidget(self.note)
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        for stepper in (self.seeds, self.updates):
            each = QVBoxLayout()
            each.setSpacing(2)
            each.addWidget(Label(stepper.name, 12))
            each.addWidget(stepper)
            numbers.addLayout(each)
        numbers.addStretch(1)
        column.addLayout(numbers)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.run)
        buttons.addWidget(self.stop)
        progress = QVBoxLayout()
        progress.setSpacing(4)
        progress.addWidget(self.done)
        progress.addWidget(self.bar)
        buttons.addLayout(progress, 1)
        column.addLayout(buttons)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(inner)
        inner.setAutoFillBackground(False)
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self.area)
        self.mode.chosen.connect(lambda mode: self.command.emit("learning_mode", mode))
        self.arms.command.connect(self.command)
        self.seeds.changed.connect(lambda n: self.command.emit("learning_seeds", n))
        self.updates.changed.connect(lambda n: self.command.emit("learning_updates", n))
        self.run.clicked.connect(lambda: self.command.emit("learning_run", None))
        self.stop.clicked.connect(lambda: self.command.emit("learning_stop", None))
        self.setAccessibleName("What is compared")

    def apply(self, state: LearningState) -> None:
        """Show what is set, and how far the work has come."""
        working = state.working is not None
        self.mode.set_value(state.mode)
        self.arms.setVisible(state.mode == "study")
        self.arms.apply(state.rows, working)
        self.note.setText(NOTE[state.mode])
        self.seeds.set_value(state.seeds)
        self.updates.set_value(state.updates)
        for stepper in (self.seeds, self.updates):
            stepper.setEnabled(not working)
        self.run.setVisible(not working)
        self.stop.setVisible(working)
        self.bar.setVisible(working)
        self.done.setVisible(working)
        self.bar.set_fraction(state.done / max(state.total, 1))
        self.done.setText(f"{count(state.done)} of {count(state.total)} updates")
