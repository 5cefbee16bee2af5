"""The three bets and the update: every setting has its control here, named by its description."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRandomGenerator, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rlxent_core.settings import descriptions
from rlxent_gui.panels import bet_rules
from rlxent_gui.panels.bet_rules import Changes
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.view_state import BetsView
from rlxent_gui.widgets.number_field import digits
from rlxent_gui.widgets.scale import number_text
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider
from rlxent_gui.widgets.text import ElidedLabel, Label

LABEL_WIDTH = 98
ROW_GAP = 4
NEW_SEEDS = 1_000_000
"""A new seed is below this, so that it can be read out in a room."""
VALUE_KINDS = {"critic": "Learned V(s)", "exact_value": "Exact V(s)"}
DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA"}


class Bet(QWidget):
    """Controls of one bet.  ``command`` carries "setting" (name, value) and the like."""

    command = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.view: BetsView | None = None
        self.controls: dict[str, QWidget] = {}
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(ROW_GAP)

    def apply(self, view: BetsView) -> None:
        """Show ``view``; nothing is emitted."""
        self.view = view
        self.show_view(view)

    def show_view(self, view: BetsView) -> None:
        raise NotImplementedError

    def add_slider(
        self, name: str, form: Callable[[float], str] = number_text
    ) -> NamedSlider:
        """A slider over a number of the settings."""
        about = descriptions()[name]
        slider = NamedSlider(
            about.label, about.low, about.slider_high or about.high, typed_high=about.high,
            logarithmic=about.logarithmic, whole=about.whole, symbol=about.symbol, format=form,
            tip=about.help, label_width=LABEL_WIDTH,
        )
        cast: Callable[[float], object] = round if about.whole else float
        slider.changed.connect(lambda value: self.command.emit("setting", (name, cast(value))))
        self.controls[name] = slider
        self.rows.addWidget(slider)
        return slider

    def add_choice(self, name: str) -> Segmented:
        """A row with the choices of a setting."""
        about = descriptions()[name]
        choice = Segmented(about.choices or {})
        choice.chosen.connect(lambda value: self.command.emit("setting", (name, value)))
        self.controls[name] = choice
        self.add_row(about.label, choice, about.help)
        return choice

    def add_row(self, label: str, control: QWidget, help: str) -> QWidget:
        row = Row(label, control, help)
        self.rows.addWidget(row)
        return row

    def send(self, changes: Changes) -> None:
        """Several settings go together: some are only valid side by side."""
        if changes:
            self.command.emit("settings", dict(changes))


class Row(QWidget):
    """A label at the left, a control at the right of it, all in line unless a label is ``narrow``.
    """

    def __init__(self, label: str, control: QWidget, help: str, narrow: bool = False) -> None:
        super().__init__()
        self._narrow = narrow
        self._label = Label(label, 13, MEDIUM)
        self._label.setBuddy(control)
        control.setAccessibleName(label)
        for widget in (self._label, control):
            widget.setToolTip(help)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._label)
        layout.addWidget(control, 1)
        appearance().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        if not self._narrow:
            self._label.setFixedWidth(appearance().px(LABEL_WIDTH))


class ArchitectureBet(Bet):
    """① Table, linear or MLP, what it sees, its width, and how many parameters that makes."""

    def __init__(self) -> None:
        super().__init__()
        about = descriptions()["architecture"]
        self.choice = Segmented(about.choices or {})
        self.choice.setAccessibleName(about.label)
        self.choice.setToolTip(about.help)
        self.choice.chosen.connect(self._choose)
        self.controls["architecture"] = self.choice
        self.rows.addWidget(self.choice)
        about = descriptions()["features"]
        self.features = Segmented(about.choices or {}, height=24, size=12)
        for value, tip in bet_rules.FEATURES_TIPS.items():
            self.features.set_option(value, tip=tip)
        self.features.chosen.connect(lambda value: self.send((("features", value),)))
        self.controls["features"] = self.features
        self.rows.addWidget(Row(about.label, self.features, about.help, narrow=True))
        self.hidden = self.add_slider("hidden")
        self.count = Label("", 12, role="ink3")
        self.rows.addWidget(self.count)

    def show_view(self, view: BetsView) -> None:
        self.choice.set_value(view.settings.architecture)
        self.features.set_value(view.settings.features)
        self.hidden.set_value(view.settings.hidden)
        self.hidden.setVisible(view.settings.architecture == "mlp")
        self.count.setText(view.parameters)

    def _choose(self, architecture: str) -> None:
        if self.view is not None:
            self.send(bet_rules.choose_architecture(self.view.settings, architecture))


class HeadBet(Bet):
    """② The softmax head; there is no other yet, so there is nothing to choose."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label("Softmax", 13, SEMIBOLD, "ink"))
        row.addWidget(ElidedLabel("Samples one, then calls it the label.", 12, role="ink3"), 1)
        self.rows.addLayout(row)

    def show_view(self, view: BetsView) -> None:
        pass


class SignalBet(Bet):
    """③ Return, discount, baseline, and what belongs to each."""

    def __init__(self) -> None:
        super().__init__()
        about = descriptions()
        self._value_kind = "critic"
        self.credit = Segmented(about["credit"].choices or {})
        self.credit.chosen.connect(self._choose_credit)
        self.controls["credit"] = self.credit
        self.add_row(about["credit"].label, self.credit, about["credit"].help)
        self.gae_lambda = self.add_slider("gae_lambda")
        self.discount = NamedSlider(
            "Discount", 0.0, 1.0, symbol="γ", label_width=LABEL_WIDTH,
            tip="How much a reward one step later is worth; part of the world.",
        )
        self.discount.changed.connect(lambda value: self.command.emit("discount", float(value)))
        self.controls["discount"] = self.discount
        self.rows.addWidget(self.discount)
        self.weighting = self.add_choice("discount_weighting")
        self.value_kind = Segmented(VALUE_KINDS, name="Kind of V(s)", height=24, size=12)
        self.value_kind.setToolTip(
            "V(s) learned by a critic beside the policy, or exact by dynamic programming."
        )
        self.value_kind.chosen.connect(self._choose_value_kind)
        self.controls["value_kind"] = self.value_kind
        # Beside the heading, so that choosing V(s) moves nothing.
        heading = QHBoxLayout()
        heading.addWidget(Label(about["baseline"].label, 13, SEMIBOLD))
        heading.addStretch(1)
        heading.addWidget(self.value_kind)
        hold_place(self.value_kind)
        self.rows.addLayout(heading)
        self.baseline = Segmented(bet_rules.BASELINE_LABELS)
        self.baseline.setAccessibleName(about["baseline"].label)
        self.baseline.setToolTip(about["baseline"].help)
        for value, whole in bet_rules.WHOLE_LABELS.items():
            self.baseline.segment(value).setAccessibleName(whole)
        self.baseline.chosen.connect(self._choose_baseline)
        self.controls["baseline"] = self.baseline
        self.rows.addWidget(self.baseline)
        self.critic = self.add_slider("critic_learning_rate")
        self.entropy = self.add_slider("entropy_bonus")
        self.clip = self.add_slider("gradient_clip", clip_text)

    def show_view(self, view: BetsView) -> None:
        settings = view.settings
        self.credit.set_value(settings.credit)
        self.gae_lambda.set_value(settings.gae_lambda)
        self.gae_lambda.setVisible(settings.credit == "gae")
        self.discount.set_value(view.discount)
        self.weighting.set_value(settings.discount_weighting)
        segment = bet_rules.shown_baseline(settings)
        self.baseline.set_value(segment)
        for name in bet_rules.BASELINE_LABELS:
            allowed = name == "value" or settings.credit != "gae"
            tip = bet_rules.WHOLE_LABELS.get(name, "") if allowed else bet_rules.NEEDS_VALUE
            self.baseline.set_option(name, enabled=allowed, tip=tip)
        self.value_kind.setVisible(segment == "value")
        if segment == "value":
            self._value_kind = settings.baseline
            self.value_kind.set_value(settings.baseline)
        self.critic.set_value(settings.critic_learning_rate)
        self.critic.setVisible(settings.baseline == "critic")
        self.entropy.set_value(settings.entropy_bonus)
        self.clip.set_value(settings.gradient_clip)

    def _choose_credit(self, credit: str) -> None:
        if self.view is not None:
            self.send(bet_rules.choose_credit(self.view.settings, credit))

    def _choose_baseline(self, segment: str) -> None:
        if self.view is not None:
            settings = self.view.settings
            self.send(bet_rules.choose_baseline(settings, segment, self._value_kind))

    def _choose_value_kind(self, kind: str) -> None:
        self._value_kind = kind
        self.send((("baseline", kind),))


class UpdateBet(Bet):
    """Step size, episodes, optimiser, seed and device."""

    def __init__(self) -> None:
        super().__init__()
        self.step_size = self.add_slider("learning_rate")
        self.episodes = self.add_slider("batch_episodes")
        self.optimizer = self.add_choice("optimizer")
        self.seeds = Segmented({"0": "0", "1": "1", "2": "2", "new": "New"})
        self.seeds.chosen.connect(self._choose_seed)
        # New chosen once more is another new seed.
        self._was_new = False
        self.seeds.segment("new").pressed.connect(self._press_new)
        self.seeds.segment("new").clicked.connect(self._click_new)
        self.seed = QLineEdit()
        self.seed.setValidator(digits(self.seed))
        self.seed.setAccessibleName("Seed, typed")
        self.seed.setToolTip("The seed decides every random number: type up to nine digits.")
        self.seed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.seed.editingFinished.connect(self._type_seed)
        both = QWidget()
        line = QHBoxLayout(both)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.seeds, 1)
        line.addWidget(self.seed)
        self.controls["seed"] = self.seeds
        self.add_row("Seed", both, "One seed reproduces everything that is seen.")
        self.device = Segmented(DEVICES)
        self.device.chosen.connect(lambda value: self.command.emit("device", value))
        self.controls["device"] = self.device
        self.add_row("Device", self.device, "Where training runs; Auto takes CUDA if there is one.")
        appearance().changed.connect(self._dress)
        self._dress()

    def show_view(self, view: BetsView) -> None:
        self.step_size.set_value(view.settings.learning_rate)
        self.episodes.set_value(view.settings.batch_episodes)
        self.optimizer.set_value(view.settings.optimizer)
        self.seeds.set_value(str(view.seed) if str(view.seed) in ("0", "1", "2") else "new")
        if not self.seed.hasFocus() or not self.seed.isModified():
            self.seed.setText(str(view.seed))
        self.device.set_value(view.device)

    def _choose_seed(self, choice: str) -> None:
        seed = QRandomGenerator.global_().bounded(NEW_SEEDS) if choice == "new" else int(choice)
        self.command.emit("seed", seed)

    def _press_new(self) -> None:
        self._was_new = self.seeds.value == "new"

    def _click_new(self) -> None:
        if self._was_new:
            self._choose_seed("new")

    def _type_seed(self) -> None:
        if self.view is None:
            return
        seed = int(self.seed.text() or self.view.seed)
        self.seed.setText(str(seed))
        self.seed.setModified(False)
        if seed != self.view.seed:
            self.command.emit("seed", seed)

    def _dress(self) -> None:
        self.seed.setFixedWidth(appearance().px(76))
        self.seed.setFont(appearance().font(13))


def hold_place(widget: QWidget) -> None:
    """Keep the widget's place while it is hidden."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def clip_text(value: float) -> str:
    """The longest gradient allowed; 0 is off."""
    return number_text(value) if value else "off"
