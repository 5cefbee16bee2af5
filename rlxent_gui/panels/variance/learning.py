"""What the variance does to learning: the second view of the Variance scene."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui.learning_view import MODES, MOST_SEEDS, ArmRow, Kind, LearningState
from rlxent_gui.panels.places import BODY_GAP, GAP, Size
from rlxent_gui.panels.variance.arm_form import ArmForm
from rlxent_gui.panels.variance.arm_table import ArmTable
from rlxent_gui.panels.variance.sweep_map import SweepCard
from rlxent_gui.plots.learning import LearningPlot
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.message import Bar
from rlxent_gui.widgets.refusal import Refusal
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count

PARTS = {"settings": "Settings", "results": "Results"}
PART_TIPS = {
    "settings": "What is compared, from how many seeds, how long",
    "results": "The curves, or the map of step sizes, and their numbers",
}
NARROW = 760
"""Width below which settings and results are seen in turns."""
WIDTH = {Size.FULL: 400, Size.MEDIUM: 372, Size.SMALL: 352}
"""Of the form, at the usual text size."""
NOTE = {
    "study": "All settings use the same seeds; whatever is not chosen here is as in the training.",
    "sweep": "Four baselines, each with six step sizes around the training’s own, all with the"
    " same seeds; the rest is as in the training.",
}
SAME = "“{}” is the same setting again: from the same seeds it takes the same way."


class LearningView(QWidget):
    """Passive: :meth:`apply` in, ``command`` out."""

    command = Signal(str, object)
    arranged = Signal()
    """Its parts lie elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = Size.MEDIUM
        self.working = False
        """Whether its own work is under way."""
        self.mode: Kind = "study"
        self.form = LearningForm(self)
        self.form.command.connect(self.command)
        self.part = Segmented(PARTS, name="Settings or results", parent=self)
        """Where there is no room for both."""
        for part_name, tip in PART_TIPS.items():
            self.part.set_option(part_name, tip=tip)
        self.part.chosen.connect(lambda part: self._arrange())
        self.plot = LearningPlot(self)
        self.table = ArmTable(self)
        self.sweep = SweepCard(self)
        self.setAccessibleName("Learning")
        self.sweep.hide()
        appearance().changed.connect(self._arrange)

    def apply(self, state: LearningState) -> None:
        """Show the form and what has been found."""
        if state.working is not None and not self.working:
            self.part.set_value("results")
        self.working = state.working is not None
        if state.failure and state.failure != self.form.failure.text():
            self.part.set_value("settings")  # where it is told, and can be mended
        self.form.apply(state)
        self.mode = state.mode
        if self._study:
            self.plot.set_data(state)
            self.table.apply(state.rows, state.study)
        else:
            self.sweep.set_data(state)
        self._arrange()

    @property
    def _study(self) -> bool:
        return self.mode == "study"

    def show_part(self, name: str) -> None:
        """Show one of :data:`PARTS` where there is no room for both."""
        self.part.set_value(name)
        self._arrange()

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is not self._size:
            self._size = size
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def message_room(self) -> QRect:
        """Where messages cover no heading: over the curves or the map, else over the settings."""
        part = self.plot if self._study else self.sweep
        if part.isHidden():
            area = self.form.area
            return QRect(area.mapTo(self, QPoint(0, 0)), area.size())
        if part is self.sweep and (cells := self.sweep.map.cells()) is not None:
            return QRect(self.sweep.map.mapTo(self, cells.topLeft()), cells.size())
        return part.geometry().adjusted(0, appearance().px(40), 0, 0)

    @property
    def tells_progress(self) -> bool:
        """Whether work of its own is seen in the form."""
        return self.working and not self.form.isHidden()

    def _arrange(self) -> None:
        px, area = appearance().px, QRect(0, 0, self.width(), self.height())
        narrow = self.width() < px(NARROW)
        self.part.setVisible(narrow)
        self.form.setVisible(not narrow or self.part.value == "settings")
        results = not narrow or self.part.value == "results"
        if narrow:
            height = self.part.sizeHint().height()
            self.part.setGeometry(0, 0, self.part.sizeHint().width(), height)
            area.setTop(height + GAP)
            self.form.setGeometry(area)
        else:
            left = px(WIDTH[self._size])
            self.form.setGeometry(0, 0, left, self.height())
            area.setLeft(left + (BODY_GAP if self._size is Size.FULL else GAP))
        self.plot.setVisible(results and self._study)
        self.table.setVisible(results and self._study)
        self.sweep.setVisible(results and not self._study)
        if not self.table.isHidden():
            height = min(self.table.full_height, area.height() // 2)
            self.table.setGeometry(area.x(), area.bottom() + 1 - height, area.width(), height)
            area.setBottom(area.bottom() - height - GAP)
        self.plot.setGeometry(area)
        self.sweep.setGeometry(area)
        self.arranged.emit()


def again(rows: Sequence[ArmRow]) -> str:
    """The name of the last setting that is like one before it; empty where there is none."""
    settings = [row.settings for row in rows]
    same = [row.name for i, row in enumerate(rows) if row.settings in settings[:i]]
    return same[-1] if same else ""


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
        self.refusal = Refusal()
        for stepper in (self.seeds, self.updates):
            self.refusal.follow(stepper)
        self.run = Button("Run", "play-fill", primary=True, height=36, weight=SEMIBOLD,
                          icon_size=16, tip="Train them all; the training in Explore waits and goes"
                          " on as it was")
        self.stop = Button("Stop", height=36, weight=SEMIBOLD, tip="Stop; what there is is kept")
        self.bar = Bar()
        self.done = Label("", 12)
        self.failure = Label("", 13, MEDIUM, "neg_text", wrap=True)
        """Why nothing came of the last run."""
        self._inner = inner = QWidget()
        scrolled = QVBoxLayout(inner)
        scrolled.setContentsMargins(0, 0, 10, 0)
        scrolled.setSpacing(12)
        scrolled.addWidget(self.arms)
        scrolled.addWidget(self.note)
        scrolled.addStretch(1)
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        for stepper in (self.seeds, self.updates):
            each = QVBoxLayout()
            each.setSpacing(2)
            each.addWidget(Label(stepper.name, 12))
            each.addWidget(stepper)
            numbers.addLayout(each)
        numbers.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.run)
        buttons.addWidget(self.stop)
        progress = QVBoxLayout()
        progress.setSpacing(4)
        progress.addWidget(self.done)
        progress.addWidget(self.bar)
        buttons.addLayout(progress, 1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(inner)
        inner.setAutoFillBackground(False)
        for widget in (inner, self.area):
            widget.installEventFilter(self)
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        column.addWidget(self.mode)
        column.addWidget(self.area, 1)
        # How long, and Run, are always seen; what is compared scrolls where there is no room.
        column.addLayout(numbers)
        column.addWidget(self.refusal)
        column.addLayout(buttons)
        column.addWidget(self.failure)
        column.addStretch(0)
        self.mode.chosen.connect(lambda mode: self.command.emit("learning_mode", mode))
        self.arms.command.connect(self.command)
        for line in self.arms.lines:
            line.rate.refused.connect(lambda _, line=line: self._reveal(line.refusal))
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
        same = again(state.rows) if state.mode == "study" else ""
        self.note.setText(SAME.format(same) if same else NOTE[state.mode])
        self.failure.setText(state.failure)
        self.failure.setVisible(bool(state.failure))
        self.seeds.set_value(state.seeds)
        self.updates.set_value(state.updates)
        for stepper in (self.seeds, self.updates):
            stepper.setEnabled(not working)
        self.run.setVisible(not working)
        self.stop.setVisible(working)
        self.bar.setVisible(working)
        self.done.setVisible(working)
        self.bar.set_fraction(state.done / max(state.total, 1))
        self.done.setText(f"{count(state.done)} of {count(state.total)} {state.unit}")
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What is compared needs another height, for other words or another text size; or has it.
        if (event.type() == QEvent.Type.LayoutRequest and watched is self._inner) or (
            event.type() == QEvent.Type.Resize and watched is self.area
        ):
            self._fit()
        return super().eventFilter(watched, event)

    def _reveal(self, widget: QWidget) -> None:
        """Scroll to it as soon as it has its place."""
        QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(widget, 0, 0))

    def _fit(self) -> None:
        """Take no more height for what is compared than it needs."""
        layout = self._inner.layout()
        assert layout is not None
        wanted = layout.totalHeightForWidth(self.area.width())
        self.area.setMaximumHeight(max(wanted, layout.sizeHint().height() if wanted < 0 else 0))
        # A scroll bar that was there would stay, as it makes the text narrower and so higher.
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if self.area.height() >= self.area.maximumHeight():
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.area.verticalScrollBarPolicy():
            self.area.setVerticalScrollBarPolicy(policy)
