"""Which weighting: one choice for all, V exact or learned, and GAE's λ."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rlxent_core.weightings import TRAINED
from rlxent_gui.credit_view import CreditView
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import value_text

LABELS = {
    "total_return": "Total", "reward_to_go": "To-go", "leave_one_out": "− mean",
    "value": "− V(s)", "critic": "Critic", "gae": "GAE λ", "z_score": "z-score",
}
AS_TRAINED = {TRAINED: "As trained"}
TIPS = {
    "total_return": "Total return: every step is weighed by G₀, the return of the whole episode",
    "reward_to_go": "Reward-to-go: Gₜ = rₜ + γrₜ₊₁ + γ²rₜ₊₂ + …, what came after the step",
    "leave_one_out": "Reward-to-go less the mean Gₜ of the batch’s other episodes",
    "value": "Reward-to-go less what was to be expected: Gₜ − V(sₜ)",
    "critic": "Critic, one step: rₜ + γV(sₜ₊₁) − V(sₜ)",
    "gae": "Generalised advantage: Σₖ (γλ)ᵏ δₜ₊ₖ with δₜ = rₜ + γV(sₜ₊₁) − V(sₜ)",
    "z_score": "Reward-to-go standardised over the batch: (Gₜ − μ) ÷ σ",
    TRAINED: "What the update itself multiplied the cross-entropies with",
}
KEYS = " (↑/↓)"
KINDS = {"exact": "Exact", "learned": "Learned"}
GAP = 12


class WeightingBar(QWidget):
    """Passive: :meth:`show_credit` in, ``command`` out.

    On one row where there is room for all, else on two; nothing moves for what is chosen.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Weighting")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.choice = Segmented(LABELS, name="Weighting", click_focus=False, parent=self)
        self.choice.chosen.connect(lambda name: self.command.emit("credit_weighting", name))
        self.values = QWidget(self)
        row = QHBoxLayout(self.values)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.v = Label("V")
        self.kind = Segmented(
            KINDS, name="V(s)", height=24, size=12, padding=8, click_focus=False
        )
        for kind, tip in (("exact", "V(s) of the policy by dynamic programming"),
                          ("learned", "V(s) as the critic has learned it")):
            self.kind.set_option(kind, tip=tip)
        self.kind.chosen.connect(lambda kind: self.command.emit("credit_values", kind))
        row.addWidget(self.v)
        row.addWidget(self.kind)
        row.addStretch(1)
        self.slider = NamedSlider(
            "GAE", 0.0, 1.0, symbol="λ", format=value_text, label_width=0, value_width=34,
            tip="λ = 0 is the critic, one step; λ = 1 is the return − V(s)", parent=self,
        )
        self.slider.name.setText("λ")
        inside = self.slider.layout()
        assert isinstance(inside, QHBoxLayout)
        inside.insertWidget(1, Label("critic", 12))
        inside.insertWidget(3, Label("return − V", 12))
        self.slider.changed.connect(lambda lam: self.command.emit("credit_lambda", lam))
        self._learned: bool | None = None
        self._dress_tips()
        appearance().changed.connect(self._restyle)
        self._restyle()

    def show_credit(self, view: CreditView) -> None:
        """Show what is chosen; nothing is emitted."""
        trained = view.weighting == TRAINED or any(row.name == TRAINED for row in view.rows)
        if trained != (TRAINED in self.choice.values):
            self.choice.set_options({**LABELS, **(AS_TRAINED if trained else {})})
            self._dress_tips()
            self.updateGeometry()
            self._arrange()
        self.choice.set_value(view.weighting)
        learned = view.episode.learned_values is not None
        if learned is not self._learned:
            self._learned = learned
            self.v.setText("V" if learned else "V exact")
            self.kind.setVisible(learned)
        self.kind.set_value("learned" if view.learned else "exact")
        self.slider.set_value(view.gae_lambda)
        self.slider.setVisible(view.weighting == "gae")

    def _dress_tips(self) -> None:
        for name in self.choice.values:
            self.choice.set_option(name, tip=TIPS[name] + KEYS)

    # Where the parts lie

    def _restyle(self) -> None:
        self.slider.name.setFixedWidth(appearance().px(12))
        self.updateGeometry()
        self._arrange()

    def _values_width(self) -> int:
        px = appearance().px
        return px(14) + 8 + self.kind.sizeHint().width()

    def _slider_width(self) -> int:
        return self.slider.minimumSizeHint().width()

    def _one_row(self, width: int) -> bool:
        rest = self._values_width() + self._slider_width() + 2 * GAP
        return self.choice.sizeHint().width() + rest <= width

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        px = appearance().px
        if self._one_row(width):
            return px(30)
        return self.choice.heightForWidth(width) + 6 + px(26)

    def sizeHint(self) -> QSize:
        width = max(self.width(), 1)
        return QSize(self.choice.sizeHint().width(), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.choice.minimumSizeHint().width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        px, width = appearance().px, self.width()
        choice = min(self.choice.sizeHint().width(), width)
        if self._one_row(width):
            self.choice.setGeometry(0, 0, choice, px(30))
            left, top, height = choice + GAP, 0, px(30)
        else:
            tall = self.choice.heightForWidth(width)
            self.choice.setGeometry(0, 0, width if tall > px(30) else choice, tall)
            left, top, height = 0, tall + 6, px(26)
        values = self._values_width()
        self.values.setGeometry(QRect(left, top, values, height))
        left += values + GAP
        room = min(width - left, round(1.4 * self._slider_width()))
        self.slider.setGeometry(QRect(left, top, room, height))

