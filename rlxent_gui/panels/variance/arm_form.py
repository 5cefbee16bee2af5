"""The settings that are trained side by side, a row each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rlxent_core.settings import Settings, descriptions
from rlxent_gui.estimator_words import Style
from rlxent_gui.learning_view import MOST_ARMS, ArmRow
from rlxent_gui.panels.bet_rules import choose_credit
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.choice_button import ChoiceButton
from rlxent_gui.widgets.refusal import Refusal
from rlxent_gui.widgets.scale import Scale
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import ElidedLabel, Label

CREDITS = {"total_return": "Total", "reward_to_go": "To-go", "gae": "GAE λ"}
BASELINES = {
    "none": "None", "moving_average": "Moving mean", "leave_one_out": "Leave-one-out",
    "critic": "V(s) learned", "exact_value": "V(s) exact", "optimal_constant": "Optimal constant",
}
SHORT = BASELINES | {
    "moving_average": "Mean", "leave_one_out": "LOO", "optimal_constant": "b*",
    "critic": "V learned", "exact_value": "V exact",
}
WEIGHTINGS = {"practice": "Without γᵗ, as in practice", "exact": "With γᵗ, exact"}


class StrokeMark(QWidget):
    """A piece of the curve that belongs to a setting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: tuple[str, float, tuple[float, ...]] = ("ink", 2.0, ())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.updateGeometry)

    def set_style(self, style: Style) -> None:
        """Look like the curve that is drawn so."""
        from rlxent_gui.plots.learning import stroke_of

        stroke = stroke_of(style)
        look = (stroke.role, stroke.width, stroke.dash)
        if look != self._look:
            self._look = look
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(34), appearance().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        role, width, dash = self._look
        pen = QPen(getattr(appearance().theme, role), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if dash:
            pen.setDashPattern(list(dash))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        middle = self.height() / 2
        painter.drawLine(QPointF(2, middle), QPointF(self.width() - 2, middle))


class StepSize(Stepper):
    """η, stepped in ratios; typed, or changed by the arrow keys and the wheel."""

    def __init__(self) -> None:
        about = descriptions()["learning_rate"]
        super().__init__("Step size η", about.low, about.high, width=60,
                         tip="Step size η; Up and Down change it")
        self._scale = Scale(about.low, about.high, logarithmic=True)
        self.less.hide()
        self.more.hide()

    def step(self, steps: int) -> None:
        self._take(self._scale.stepped(self.value or self.low, steps))


class ArmLine(QWidget):
    """One setting: its curve and name, then its choices; ``changed`` carries some of them."""

    changed = Signal(object)
    duplicated = Signal()
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        self.mark = StrokeMark()
        self.name = ElidedLabel("", 14, SEMIBOLD, "ink")
        self.copy = Button(icon="copy", quiet=True, height=26, icon_size=16,
                           tip="Add the same setting again, to change one thing")
        self.remove = Button(icon="trash", quiet=True, height=26, icon_size=16,
                             tip="Remove this setting")
        self.credit = ChoiceButton("Return", CREDITS, tip="Which rewards a step is given")
        self.baseline = ChoiceButton("Baseline", BASELINES, texts=SHORT,
                                     tip="What is subtracted from the return")
        self.weighting = ChoiceButton("Discounting", WEIGHTINGS,
                                      texts={"practice": "no γᵗ", "exact": "γᵗ"},
                                      tip="Whether step t is discounted by γᵗ")
        self.rate = StepSize()
        self.refusal = Refusal()
        self.refusal.follow(self.rate)
        symbol = Label("η", 13)
        top, below = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (top, (self.mark, self.name, self.copy, self.remove)),
            (below, (self.credit, self.baseline, self.weighting, symbol, self.rate)),
        ):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self.name else 0)
        below.insertSpacing(3, 4)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.refusal)
        self.copy.clicked.connect(self.duplicated)
        self.remove.clicked.connect(self.removed)
        self.credit.chosen.connect(self._choose_credit)
        self.baseline.chosen.connect(self._choose_baseline)
        self.weighting.chosen.connect(lambda v: self.changed.emit({"discount_weighting": v}))
        self.rate.changed.connect(lambda v: self.changed.emit({"learning_rate": float(v)}))

    def apply(self, row: ArmRow) -> None:
        """Show a setting."""
        if row.settings != self._settings:
            self.refusal.say("")  # which was of another
        self._settings = row.settings
        self.name.setText(row.name)
        self.setAccessibleName(row.name)
        self.credit.set_value(row.settings.credit)
        self.baseline.set_value(row.settings.baseline)
        self.weighting.set_value(row.settings.discount_weighting)
        self.rate.set_value(row.settings.learning_rate)
        self.copy.setAccessibleName(f"Duplicate {row.name}")
        self.remove.setAccessibleName(f"Remove {row.name}")

    def _choose_credit(self, credit: str) -> None:
        self.changed.emit(dict(choose_credit(self._settings, credit)))

    def _choose_baseline(self, baseline: str) -> None:
        changes: dict[str, Any] = {"baseline": baseline}
        if self._settings.credit == "gae" and baseline not in ("critic", "exact_value"):
            # GAE needs V(s); without it what is left of it is the return to go.
            changes = {"credit": "reward_to_go", **changes}
        self.changed.emit(changes)


class ArmForm(QWidget):
    """Up to :data:`MOST_ARMS` lines; ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[ArmLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(14)
        for index in range(MOST_ARMS):
            line = ArmLine()
            line.changed.connect(
                lambda changes, i=index: self.command.emit("learning_arm", (i, changes))
            )
            line.duplicated.connect(lambda i=index: self.command.emit("learning_duplicate", i))
            line.removed.connect(lambda i=index: self.command.emit("learning_remove", i))
            self._column.addWidget(line)
            self.lines.append(line)
        self.add = Button("Add a setting", "plus", height=28, size=13, icon_size=16, padding=8,
                          tip=f"Compare one more setting, {MOST_ARMS} at most")
        self.add.clicked.connect(lambda: self.command.emit("learning_add", None))
        self._column.addWidget(self.add)

    def apply(self, rows: tuple[ArmRow, ...], locked: bool) -> None:
        """Show these settings; ``locked`` while they are trained."""
        for index, line in enumerate(self.lines):
            line.setVisible(index < len(rows))
            if index < len(rows):
                line.apply(rows[index])
                line.mark.set_style(rows[index].style)
                line.setEnabled(not locked)
                line.copy.setEnabled(not locked and len(rows) < MOST_ARMS)
                line.remove.setEnabled(not locked and len(rows) > 1)
        self.add.setVisible(len(rows) < MOST_ARMS)
        self.add.setEnabled(not locked)
