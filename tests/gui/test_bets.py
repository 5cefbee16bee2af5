"""The bets panel: every setting has its control, and a choice brings what it entails."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget

from rlxent_core.settings import Settings, descriptions
from rlxent_gui.panels import bet_rules
from rlxent_gui.panels.bets_panel import Bets
from rlxent_gui.theme import FACTORS, SEMIBOLD, appearance
from rlxent_gui.view_state import BetsView, InspectorView
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider

OTHER_NUMBER = {
    "hidden": ("32", 32), "gae_lambda": ("0.5", 0.5), "critic_learning_rate": ("0.2", 0.2),
    "entropy_bonus": ("0.01", 0.01), "learning_rate": ("0.3", 0.3), "batch_episodes": ("64", 64),
    "gradient_clip": ("1.5", 1.5),
}
CHOICES = [n for n, about in descriptions().items() if about.choices and n != "baseline"]


class Desk:
    """The bets in a window, and what they asked for."""

    def __init__(self, qtbot):
        self.qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 1400)
        self.bets = Bets(self.window)
        self.bets.controls.column.resize(360, 1300)
        self.heard: list[tuple[str, object]] = []
        self.bets.command.connect(lambda id, argument: self.heard.append((id, argument)))
        self.show()
        self.window.show()

    def show(self, seed=0, device="auto", discount=0.97, **settings):
        self.bets.apply(
            BetsView(replace(Settings(), **settings), discount, seed, device, "256 logits")
        )

    def control(self, name):
        for bet in self.bets.controls.widgets.values():
            if name in bet.controls:
                return bet.controls[name]
        raise KeyError(name)

    def click(self, name, value):
        self.qtbot.mouseClick(self.control(name).segment(value), Qt.MouseButton.LeftButton)

    def type(self, widget, text):
        widget.setFocus()
        widget.selectAll()
        self.qtbot.keyClicks(widget, text)
        self.qtbot.keyClick(widget, Qt.Key.Key_Return)


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot)


@pytest.fixture
def text_size():
    yield appearance().set_factor
    appearance().reset_text()


def test_every_setting_has_its_control(desk):
    """Nothing can be set on the command line that the panel lacks."""
    for field in fields(Settings):
        assert desk.control(field.name) is not None


@pytest.mark.parametrize("name", OTHER_NUMBER)
def test_number_can_be_typed(desk, name):
    """Double click on a number, type, Return: the setting is asked for, whole where it must be."""
    desk.show(architecture="mlp", credit="gae", baseline="critic")
    slider = desk.control(name)
    assert isinstance(slider, NamedSlider)
    assert slider.isVisible()
    text, value = OTHER_NUMBER[name]
    desk.qtbot.mouseDClick(slider.number, Qt.MouseButton.LeftButton)
    desk.type(slider.number, text)
    assert desk.heard == [("setting", (name, value))]
    assert type(desk.heard[0][1][1]) is type(value)


@pytest.mark.parametrize("name", OTHER_NUMBER)
def test_slider_spans_the_range_of_the_description(desk, name):
    """Range, label and help come from the settings, not from the panel."""
    slider, about = desk.control(name), descriptions()[name]
    assert (slider.scale.low, slider.scale.high) == (about.low, about.slider_high or about.high)
    assert about.label in slider.name.text()
    assert about.help in slider.toolTip()


@pytest.mark.parametrize("name", CHOICES)
def test_choices_are_those_of_the_description(desk, name):
    """Every allowed value can be clicked, and is asked for by its name."""
    control, about = desk.control(name), descriptions()[name]
    assert isinstance(control, Segmented)
    assert control.values == tuple(about.choices)
    for value in about.choices:
        desk.show(**{name: next(v for v in about.choices if v != value)}, **_valid(name))
        desk.heard.clear()
        desk.click(name, value)
        asked = dict([c for c in desk.heard if c[0] == "setting"][0:1]) or dict(desk.heard)
        change = asked.get("setting") or asked["settings"]
        assert (dict([change]) if isinstance(change, tuple) else change)[name] == value


def _valid(name):
    return {"baseline": "critic"} if name == "credit" else {}


@pytest.mark.parametrize("value", descriptions()["baseline"].choices)
def test_every_baseline_can_be_reached(desk, value):
    """Both kinds of V(s) share a segment, told apart by a switch."""
    start = "none" if value != "none" else "leave_one_out"
    desk.show(baseline=start)
    segment = bet_rules.shown_baseline(replace(Settings(), baseline=value))
    desk.click("baseline", segment)
    asked = desk.heard[-1][1]["baseline"]
    if value == "exact_value":
        desk.show(baseline=asked)
        desk.click("value_kind", "exact_value")
        asked = desk.heard[-1][1]["baseline"]
    assert asked == value


def test_v_of_s_remembers_its_kind(desk):
    """Back at V(s), the exact one is chosen again if it was chosen last."""
    desk.show(baseline="exact_value")
    desk.show(baseline="none")
    desk.click("baseline", "value")
    assert desk.heard == [("settings", {"baseline": "exact_value"})]


def test_gae_brings_the_critic_where_the_baseline_has_no_value(desk):
    """GAE λ needs V(s): both changes are asked for together."""
    desk.show(baseline="leave_one_out")
    desk.click("credit", "gae")
    assert desk.heard == [("settings", {"baseline": "critic", "credit": "gae"})]
    Settings(**desk.heard[0][1])


def test_gae_keeps_an_exact_value(desk):
    """The baseline stays where it already is a value function."""
    desk.show(baseline="exact_value")
    desk.click("credit", "gae")
    assert desk.heard == [("settings", {"credit": "gae"})]


def test_under_gae_other_baselines_are_forbidden_and_say_why(desk):
    """Disabled segments tell the reason; V(s) stays, and all return with another return."""
    desk.show(credit="gae", baseline="critic")
    control = desk.control("baseline")
    for name in bet_rules.BASELINE_LABELS:
        segment = control.segment(name)
        assert segment.isEnabled() == (name == "value")
        assert ("V(s)" in segment.toolTip()) == (name != "value")
    desk.show(credit="total_return", baseline="critic")
    assert all(control.segment(name).isEnabled() for name in bet_rules.BASELINE_LABELS)


@pytest.mark.parametrize(
    ("architecture", "eta", "other", "moved"),
    [("mlp", 0.01, "table", 0.1), ("table", 0.1, "mlp", 0.01), ("linear", 0.1, "mlp", 0.01),
     ("mlp", 0.02, "table", None), ("table", 0.45, "mlp", None)],
)
def test_step_size_follows_the_architecture_only_from_its_usual_value(
    desk, architecture, eta, other, moved
):
    """A step size the user chose is not touched."""
    desk.show(architecture=architecture, learning_rate=eta)
    desk.click("architecture", other)
    wanted = {"architecture": other} | ({"learning_rate": moved} if moved else {})
    assert desk.heard == [("settings", wanted)]


def test_what_belongs_to_a_choice_appears_with_it(desk):
    """λ with GAE, the critic's step size with the critic, the width with the MLP."""
    def shown():
        return {
            n for n in ("hidden", "gae_lambda", "critic_learning_rate", "value_kind")
            if desk.control(n).isVisible()
        }

    desk.show(architecture="table", baseline="none")
    assert shown() == set()
    desk.show(architecture="mlp", baseline="exact_value")
    assert shown() == {"hidden", "value_kind"}
    desk.show(architecture="table", credit="gae", baseline="critic")
    assert shown() == {"gae_lambda", "critic_learning_rate", "value_kind"}


def test_discount_is_the_worlds(desk):
    """γ is shown from the world and asked for by a command of its own."""
    desk.show(discount=0.9)
    slider = desk.control("discount")
    assert slider.value == pytest.approx(0.9)
    desk.qtbot.mouseDClick(slider.number, Qt.MouseButton.LeftButton)
    desk.type(slider.number, "0.5")
    assert desk.heard == [("discount", 0.5)]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_seed_by_a_click(desk, seed):
    """The first seeds are one click away."""
    desk.click("seed", seed)
    assert desk.heard == [("seed", int(seed))]


def test_new_seed_each_time(desk):
    """New asks for a seed that nobody chose, also when the last one was new too."""
    desk.click("seed", "new")
    desk.show(seed=desk.heard[0][1])
    desk.click("seed", "new")
    seeds = [seed for _, seed in desk.heard]
    assert len(set(seeds)) == 2
    assert all(0 <= seed < 1_000_000 for seed in seeds)


def test_seed_typed(desk):
    """A typed seed is asked for once, on Return."""
    field = desk.bets.controls.widgets["update"].seed
    desk.type(field, "4711")
    desk.show(seed=4711)
    field.clearFocus()
    assert desk.heard == [("seed", 4711)]
    assert field.text() == "4711"


def test_seed_emptied_is_the_old_one(desk):
    """An empty field asks for nothing and shows the seed again."""
    desk.show(seed=7)
    field = desk.bets.controls.widgets["update"].seed
    field.setFocus()
    field.selectAll()
    desk.qtbot.keyClick(field, Qt.Key.Key_Delete)
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)
    field.clearFocus()
    assert desk.heard == []
    assert field.text() == "7"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_device(desk, device):
    """The device is asked for by name."""
    desk.click("device", device)
    assert desk.heard == [("device", device)]


def test_showing_asks_for_nothing(desk):
    """Applying a view is silent, whatever it changes."""
    desk.show(seed=5, device="cpu", discount=0.5, architecture="table", hidden=8, credit="gae",
              gae_lambda=0.5, baseline="exact_value", discount_weighting="exact",
              critic_learning_rate=1.0, entropy_bonus=0.1, learning_rate=1.0, batch_episodes=4,
              optimizer="sgd", gradient_clip=2.0)
    assert desk.heard == []


def test_popovers_hold_the_same_controls(desk):
    """In narrow windows every control is behind a chip, and there is still only one of it."""
    before = {f.name: desk.control(f.name) for f in fields(Settings)}
    desk.bets.use_column(False)
    layout_home = QWidget(desk.window)
    for button in desk.bets.buttons.values():
        button.setParent(layout_home)
        button.show()
    layout_home.show()
    desk.show(architecture="mlp", credit="gae", baseline="critic")
    reached = set()
    for name in desk.bets.buttons:
        desk.bets.toggle(name)
        reached |= {n for n, control in before.items() if control.isVisible()}
    assert reached == set(before)
    desk.bets.close()
    assert not any(control.isVisible() for control in before.values())


def test_chips_say_the_choice():
    """A chip names what was chosen."""
    assert bet_rules.signal_text(Settings(baseline="none")) == "To-go"
    assert bet_rules.signal_text(Settings()) == "To-go − LOO"
    assert bet_rules.signal_text(Settings(), whole=True) == "To-go − leave-one-out"
    assert bet_rules.signal_text(Settings(credit="gae", baseline="critic")) == "GAE λ, V(s)"
    assert bet_rules.architecture_text(Settings(architecture="table")) == "Table"
    assert bet_rules.architecture_text(Settings(hidden=32)) == "MLP, 32 hidden"
    assert bet_rules.architecture_text(Settings(architecture="linear")) == "Linear"
    blind = Settings(architecture="linear", features="constant")
    assert bet_rules.architecture_text(blind) == "Linear, blind"
    assert bet_rules.architecture_text(Settings(features="neighbourhood")) == "MLP, 3 × 3"


def test_every_feature_tells_what_it_is(desk):
    """Each segment of “It sees” has a tooltip of its own, and asks for its features alone."""
    control = desk.control("features")
    tips = [control.segment(value).toolTip() for value in control.values]
    assert all(tips)
    assert len(set(tips)) == len(tips)
    desk.show(architecture="linear", learning_rate=0.1)
    desk.click("features", "neighbourhood")
    assert desk.heard == [("settings", {"features": "neighbourhood"})]


@pytest.mark.parametrize("factor", FACTORS)
def test_what_it_sees_is_never_cut(desk, text_size, factor):
    """At every text size all four choices lie whole within the panel."""
    text_size(factor)
    QApplication.processEvents()
    control = desk.control("features")
    metrics = QFontMetricsF(appearance().font(12, SEMIBOLD))
    for value in control.values:
        segment = control.segment(value)
        assert control.rect().contains(segment.geometry())
        assert segment.width() >= metrics.horizontalAdvance(segment.text())


@pytest.mark.parametrize("in_column", [True, False])
def test_controls_made_late_show_what_was_said_before(qtbot, in_column):
    """The first paint does without them; then they are as if they had always been there."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 1400)
    bets = Bets(window)
    bets.use_column(in_column)
    bets.place(QRect(0, 0, 340, 1300), 12)
    settings = Settings(architecture="table", learning_rate=0.3, baseline="exact_value")
    bets.apply(BetsView(settings, 0.5, 7, "cpu", "100 logits", enabled=False))
    bets.show_cell(InspectorView((1, 2), "C2", "ice", ("up", "down"), value=0.25))
    window.show()
    assert window.findChildren(NamedSlider) == []
    widgets, column = bets.controls.widgets, bets.controls.column
    assert column.isVisible() == in_column
    assert widgets["update"].controls["learning_rate"].value == 0.3
    assert widgets["signal"].controls["discount"].value == 0.5
    assert widgets["signal"].controls["baseline"].value == "value"
    assert widgets["architecture"].controls["architecture"].value == "table"
    assert not widgets["update"].isEnabled()
    assert widgets["update"].isVisible() == in_column
    home = column.cards["cell"] if in_column else bets.controls.pages["cell"]
    assert home.title.text() == "Cell C2"
    assert home.isAncestorOf(bets.controls.inspector)
    if in_column:
        assert column.geometry() == QRect(0, 0, 352, 1300)


def test_tab_reaches_controls_made_late_before_what_follows_the_bets(qtbot):
    """In the order of the eye, also from a number that was opened for typing."""
    window = QMainWindow()
    qtbot.addWidget(window)
    body = QWidget()
    window.setCentralWidget(body)
    leader, bets, follower = QLineEdit(body), Bets(body), QLineEdit(body)
    bets.place(QRect(0, 0, 340, 1300), 12)
    bets.apply(BetsView(Settings(architecture="table"), 0.9, 0, "auto", ""))
    window.resize(900, 1400)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    controls = bets.controls.widgets["update"].controls
    leader.setFocus()
    qtbot.keyClick(leader, Qt.Key.Key_Tab)
    reached = []
    while window.focusWidget() is not follower and len(reached) < 40:
        reached.append(window.focusWidget())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is follower
    assert reached[0] is bets.controls.widgets["architecture"].choice.segment("table")
    grooves = [controls[name].groove for name in ("learning_rate", "batch_episodes")]
    seeds = bets.controls.widgets["update"].seed
    places = [reached.index(widget) for widget in (*grooves, seeds)]
    assert places == sorted(places)
    qtbot.keyClick(grooves[0], Qt.Key.Key_Return)
    assert window.focusWidget() is controls["learning_rate"].number
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is grooves[1]
