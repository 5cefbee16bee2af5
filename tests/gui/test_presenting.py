"""Presenting to a room: what is said is what was measured, and afterwards all is as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from math import inf, nan

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from shiboken6 import isValid

from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui import presenting, theme
from rlxent_gui.actions import COMMANDS, PRESENT, TABLE, Actions
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from rlxent_gui.main_window import MainWindow
from rlxent_gui.panels.places import Rect
from rlxent_gui.panels.stage_places import stage_places
from rlxent_gui.plots.data import CellPlotData, RatioPlotData, ReturnPlotData, VariancePlotData
from rlxent_gui.preferences import Preferences
from rlxent_gui.scenes import presentation
from rlxent_gui.view_state import (
    BetsView,
    BoardView,
    CardAction,
    CardView,
    HeaderView,
    RunState,
    TransportView,
)
from tests.gui.hand import Hand
from tests.gui.letters import large_and_whole

SIZES = [(1920, 1080), (1366, 768), (1024, 768), (900, 600)]
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
WORLD = World(map=("S..", ".#.", "..G"), tiles={
    "S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0),
})
UPDATES = np.arange(128.0)
FAILED = CardView(
    "failure", "infinity", "Stopped at update 57", "The logits stopped being finite numbers.",
    (CardAction("Rewind to update 56", "rewind_last_good", True),
     CardAction("Halve η", "halve_step_size")), dismissible=False,
)
FILE = CardView("file", "file", "maze.json was not opened", "Line 14 has an unknown key.")
LONG_WORDS = CardView(
    "hostile", "info", "A hard world for REINFORCE",
    "With every move equally likely, an episode lasts 484 of at most 500 steps and returns −4976 on"
    " average (the best policy: −13); nothing rewards it, and the chance that it reaches an end is"
    " 6.8 %.",
)


# What is said


def variance(none, chosen, label="V(s) learned"):
    return VariancePlotData(np.arange(float(len(none))), np.array(none), np.array(chosen), label)


@pytest.mark.parametrize(("none", "chosen", "said"), [
    (0.36, 0.02, "Subtract the learned V(s): same episodes, 18× less variance."),
    (0.30, 0.20, "Subtract the learned V(s): same episodes, 1.5× less variance."),
    (0.20, 0.30, "Subtract the learned V(s): same episodes, 1.5× more variance."),
    (0.51, 0.50, "Subtract the learned V(s): same episodes, about the same variance."),
    (0.50, 0.51, "Subtract the learned V(s): same episodes, about the same variance."),
    (0.50, 0.0, "Subtract the learned V(s): same episodes, no variance left."),
    (4.0, 1e-9, "Subtract the learned V(s): same episodes, over a million times less variance."),
    (2.0, 0.001, "Subtract the learned V(s): same episodes, 2\u202f000× less variance."),
])
def test_the_factor_is_that_of_the_last_measurement(none, chosen, said):
    """What was measured before is history; both ways are told."""
    assert presenting.variance(variance([9.0, none], [9.0, chosen])).plain == said


def test_a_baseline_that_harms_has_another_headline():
    """The moral is not hard-coded."""
    assert presenting.variance(variance([1.0], [2.0])).headline == presenting.HARM
    assert presenting.variance(variance([2.0], [1.0])).headline == presenting.VARIANCE
    assert "less" not in presenting.variance(variance([1.0], [2.0])).plain


@pytest.mark.parametrize("data", [
    None, variance([], []), variance([nan], [nan]), variance([0.0], [0.0]),
    variance([1.0, nan], [0.5, nan]),
])
def test_nothing_is_claimed_that_was_not_measured(data):
    """No update, or no rewarded episode: no sentence about the baseline."""
    assert presenting.variance(data).plain == ""


def test_what_is_not_followed_is_not_compared():
    """Where other estimators are chosen to be plotted, the pair or one of it may be missing."""
    none, own = np.array([4.0, 2.0]), np.array([1.0, 0.5])
    without = VariancePlotData(UPDATES[:2], none[:0], own, "leave-one-out")
    assert presenting.variance(without).plain == ""
    alone = VariancePlotData(UPDATES[:2], none, own[:0], "")
    assert presenting.variance(alone).plain == (
        "Variance of one episode’s gradient, without a baseline: 2.00."
    )


@pytest.mark.parametrize(("values", "said", "headline"), [
    ([3.0, 18.0], "Subtract the leave-one-out mean: same episodes, 18× less variance.", "RATIO"),
    ([3.0, 0.5], "Subtract the leave-one-out mean: same episodes, 2.0× more variance.", "HARM"),
    ([3.0, nan], "", "RATIO"), ([], "", "RATIO"),
])
def test_the_ratio_is_told_as_it_was_measured_last(values, said, headline):
    data = RatioPlotData(UPDATES[: len(values)], np.array(values), "leave-one-out")
    words = presenting.ratio(data)
    assert (words.plain, words.headline) == (said, getattr(presenting, headline))
    assert presenting.ratio(None).plain == presenting.clouds(None).plain == ""


@pytest.mark.parametrize(("value", "text"), [
    (0.31, "0.31"), (12.0, "12.00"), (3.1e-5, "3.1 × 10⁻⁵"),
])
def test_without_a_baseline_the_variance_itself_is_told(value, text):
    """Estimator and number; no comparison."""
    said = presenting.variance(variance([value], [nan], "")).plain
    assert said == f"Variance of one episode’s gradient, without a baseline: {text}."


@pytest.mark.parametrize(("label", "begins"), [
    ("leave-one-out", "Subtract the leave-one-out mean:"), ("Mean", "Subtract the running mean:"),
    ("V(s) exact", "Subtract the exact V(s):"), ("Optimal", "Subtract the optimal constant:"),
    ("GAE 0.95, V(s) learned", "GAE 0.95 and the learned V(s):"),
])
def test_every_baseline_has_its_name_in_the_sentence(label, begins):
    """The labels of the plot, as words."""
    assert presenting.variance(variance([2.0], [1.0], label)).plain.startswith(begins)


def test_return_names_both_estimators():
    """A running mean beside an exact number; before the first update only exact ones."""
    some = ReturnPlotData(UPDATES[:3], UPDATES[:3], np.array([0.1, 0.2, nan]), 0.857, -0.02)
    assert presenting.returns(some).plain == "Running mean 0.20. Best possible, exactly: 0.86."
    none = ReturnPlotData(UPDATES[:0], UPDATES[:0], UPDATES[:0], 0.857, -0.02)
    assert presenting.returns(none).plain == (
        "Best possible, exactly: 0.86. At random, exactly: −0.02."
    )
    unknown = ReturnPlotData(UPDATES[:0], UPDATES[:0], UPDATES[:0], inf, None)
    assert presenting.returns(unknown).plain == presenting.returns(None).plain == ""


@pytest.mark.parametrize(("row", "said"), [
    ([0.1, 0.62, 0.2, 0.08], "In G5 the policy takes → with probability 0.62."),
    ([0.25] * 4, "In G5 the policy takes every action with probability 0.25."),
    ([0.48, 0.48, 0.02, 0.02], "In G5 the policy takes ↑ or → with probability 0.48 each."),
    ([0.001, 0.997, 0.001, 0.001], "In G5 the policy takes → with probability over 0.99."),
])
def test_cell_tells_what_is_likeliest_now(row, said):
    """The last row of the plot, ties together, and never a certainty there is not."""
    data = CellPlotData("G5", UPDATES[:2], np.array([[1.0, 0, 0, 0], row]),
                        ("up", "right", "down", "left"))
    assert presenting.cell(data).plain == said
    assert presenting.cell(None).plain == ""


# Where it lies


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (4, 12), (1, 20), (20, 1), (40, 40)])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_places_do_not_overlap_and_lie_within(width, height, rows, columns):
    """Whatever the world's shape, board, plot and words have their own room."""
    places = stage_places(width, height, width // 14, width // 20, width // 40, rows, columns, 5,
                          width // 4, 0.46)
    parts = [places.headline, places.board, places.panel, places.sentence, places.foot]
    for part in parts:
        assert part.x >= 0
        assert part.y >= 0
        assert part.right <= width
        assert part.bottom <= height
        assert part.width > 0
        assert part.height > 0
    rects = [QRect(p.x, p.y, p.width, p.height) for p in parts]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    assert places.panel.width >= width // 4
    assert isinstance(places.cards, Rect)


# The window


class Files:
    def recent(self):
        return ()

    def may_close(self, then):
        return True


@pytest.fixture
def look(qapp):
    look = theme.appearance()
    look.install(qapp)
    yield look
    look.set_theme(theme.LIGHT)
    look.set_factor(1.0)
    qapp.setStyleSheet("")


@pytest.fixture
def window(qtbot, look, tmp_path):
    document, actions = Document(WORLD), Actions()
    window = MainWindow(document, actions, Preferences(tmp_path / "preferences.json"))
    document.setParent(window)
    actions.setParent(window)
    qtbot.addWidget(window)
    window.set_files(Files())
    window.document, window.actions_ = document, actions
    window.heard = []
    window.command.connect(lambda id, argument: window.heard.append((id, argument)))
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.setGeometry(20, 20, 1366, 700)
    window.show_header(HeaderView("Ice and pit", False))
    window.show_bets(BetsView(Settings(), 0.97, 0, "auto", ""))
    fill(window)
    window.show()
    window.activateWindow()
    with qtbot.waitSignal(window.built):
        window.build_rest()
    window.board.setFocus()
    window.heard.clear()
    return window


def fill(window, update=128, cell="G5"):
    updates = UPDATES[:update]
    window.show_board(BoardView(WORLD, selected=(0, 0)))
    window.show_transport(TransportView(RunState.PAUSED, update, None, 5, "1 update/s", True))
    window.show_returns(ReturnPlotData(updates, updates / 150, updates / 160, 0.86, 0.02))
    window.show_variance(VariancePlotData(updates, 1 / (1 + updates), 1 / (1 + updates) ** 2,
                                          "V(s) learned"))
    window.show_cell(CellPlotData(cell, updates, np.full((update, 4), 0.25), WORLD.moves))
    window.show_cards(())


def spin():
    for _ in range(5):
        QApplication.processEvents()


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window.focusWidget(), key, modifier)
    spin()


def present(qtbot, window, size=None):
    press(qtbot, window, Qt.Key.Key_F5)
    stage = window.presentation.stage
    if size is not None:
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(*size)
        spin()
        assert (stage.width(), stage.height()) == size
    qtbot.waitUntil(lambda: stage.panels[stage.act.title].chart is not None)
    return stage


def presented(qtbot, window, sizes):
    """One window presents on screens of these sizes, each time on another stage, with its size."""
    for size in sizes:
        press(qtbot, window, Qt.Key.Key_F5)
        stage = window.presentation.stage
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(*size)
        spin()
        assert (stage.width(), stage.height()) == size
        yield stage, size
        press(qtbot, window, Qt.Key.Key_F5)
        assert window.presentation.stage is None


def titles(stage, qtbot, window, key, count=3):
    found = []
    for _ in range(count):
        press(qtbot, window, key)
        found.append(stage.act.title)
    return found


def test_nothing_but_board_plot_and_sentence(window, qtbot):
    """F5 fills the screen and hides header, rail, bets and status."""
    stage = present(qtbot, window)
    assert window.isFullScreen()
    assert stage.geometry() == window.rect()
    for part in (window.header, window.status, window.scene.rail, window.scene.bets.controls.column,
                 window.scene.board, window.scene.plots):
        assert not part.isVisible()
    assert stage.board.isVisible()
    assert [p.isVisible() for p in stage.panels.values()] == [True]
    assert stage.sentence.accessibleName() == "Running mean 0.79. Best possible, exactly: 0.86."
    assert "<b>128</b>" in stage.foot.update_label.text()
    assert stage.foot.turn.text() == "Return  ·  1 of 3"


def test_board_has_no_coordinates(window, qtbot):
    """Its cells reach to the edge, where else letters and numbers are."""
    stage = present(qtbot, window)
    seen = stage.board.grid().seen
    assert seen.left() <= 8
    assert stage.board.height() - seen.bottom() <= 8


@pytest.mark.parametrize("leave", [Qt.Key.Key_Escape, Qt.Key.Key_F5])
@pytest.mark.parametrize("state", ["NoState", "Maximized", "FullScreen"])
def test_all_is_as_it_was(window, qtbot, leave, state):
    """State and geometry of the window, focus, tool, expanded plot and zoom."""
    window.setWindowState(getattr(Qt.WindowState, f"Window{state}"))
    spin()
    window.board.tool = Tool.PIT
    window.scene.plots.expand("variance")
    window.board._viewport.zoom_by(2.0, window.board.rect().center().toPointF())
    window.header.theme_button.setFocus()
    geometry, kind = window.geometry(), window.windowState()
    enabled = {action.objectName(): action.isEnabled() for action in window.actions_}
    shortcuts = {action.objectName(): action.shortcuts() for action in window.actions_}
    stage = present(qtbot, window)
    assert stage.act.title == "Gradient variance"  # the expanded one first
    press(qtbot, window, "w")
    press(qtbot, window, Qt.Key.Key_PageDown)
    press(qtbot, window, Qt.Key.Key_F11)
    press(qtbot, window, leave)
    assert window.presentation.stage is None
    assert window.windowState() == kind
    assert window.geometry() == geometry
    assert window.focusWidget() is window.header.theme_button
    assert window.board.tool is Tool.PIT
    assert window.actions_["tool_pit"].isChecked()
    assert window.scene.plots.expanded == "variance"
    assert window.board.zoom == 2.0
    assert window.header.isVisible()
    assert {a.objectName(): a.isEnabled() for a in window.actions_} == enabled
    assert {a.objectName(): a.shortcuts() for a in window.actions_} == shortcuts


def test_layout_follows_what_changed_meanwhile(window, qtbot, look):
    """Larger text chosen while presenting is laid out when the window comes back."""
    present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Plus, CONTROL)
    press(qtbot, window, Qt.Key.Key_F5)
    assert window.header.height() == round(46 * look.factor)


def test_panels_go_round(window, qtbot):
    """Z and Page Down go forward, Page Up back."""
    stage = present(qtbot, window)
    order = ["Gradient variance", "One cell", "Return"]
    assert titles(stage, qtbot, window, Qt.Key.Key_PageDown) == order
    assert titles(stage, qtbot, window, Qt.Key.Key_Z) == order
    assert titles(stage, qtbot, window, Qt.Key.Key_PageUp) == ["One cell", "Gradient variance",
                                                              "Return"]


def test_every_panel_says_what_is_plotted(window, qtbot):
    """Headline and sentence change with the panel, and follow its data."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Z)
    assert stage.sentence.accessibleName().endswith("130× less variance.")
    fill(window, update=4)
    assert stage.sentence.accessibleName().endswith("4.0× less variance.")
    press(qtbot, window, Qt.Key.Key_Z)
    assert stage.headline.text().startswith("A policy is a classifier.")
    assert stage.sentence.accessibleName().startswith("In G5 the policy takes every action")
    assert stage.panels["One cell"].title.text() == "What G5 would do"


def test_z_makes_one_plot_after_another_fill_the_column(window, qtbot):
    """Outside of presenting, and after the last all are seen again."""
    found = []
    for _ in range(4):
        press(qtbot, window, Qt.Key.Key_Z)
        found.append(window.scene.plots.expanded)
    assert found == ["returns", "variance", "cell", None]


def test_blank_and_any_key_back(window, qtbot):
    """A plain surface over everything; the key that takes it away does nothing else."""
    stage = present(qtbot, window)
    keys = Qt.Key.Key_B, Qt.Key.Key_Period
    others = Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_PageDown
    for case in product(keys, (*keys, *others)):
        key, back = case
        press(qtbot, window, key)
        assert stage.blank.isVisible(), case
        assert stage.blank.geometry() == stage.rect(), case
        picture = stage.grab().toImage()
        colours = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 40)
                   for y in range(0, picture.height(), 40)}
        assert colours == {theme.appearance().theme.bg.name()}, case
        press(qtbot, window, back)
        assert window.presentation.stage is stage, case
        assert not stage.blank.isVisible(), case
        assert stage.act.title == "Return", case
        assert stage.board.hasFocus(), case
        assert window.heard == [], case


def test_b_is_the_rectangle_again_afterwards(window, qtbot):
    """While presenting the clicker's meaning wins, and the board's wheel keys are the clicker's."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_B)
    press(qtbot, window, Qt.Key.Key_B)
    assert stage.board.tool is Tool.SELECT
    press(qtbot, window, Qt.Key.Key_F5)
    press(qtbot, window, Qt.Key.Key_B)
    assert window.board.tool is Tool.RECTANGLE


def test_the_usual_keys_go_on_working(window, qtbot):
    """Training and overlays are run as ever, each by its key alone."""
    present(qtbot, window)
    for key, command in (
        (Qt.Key.Key_Space, ("play_pause", None)), (Qt.Key.Key_U, ("update", None)),
        (Qt.Key.Key_J, ("step", None)), (Qt.Key.Key_K, ("episode", None)),
        (Qt.Key.Key_Minus, ("slower", None)), (Qt.Key.Key_Equal, ("faster", None)),
        (Qt.Key.Key_5, ("numbers", None)), (Qt.Key.Key_3, ("overlay", ("optimal", True))),
    ):
        window.heard.clear()
        press(qtbot, window, key)
        assert window.heard == [command]


def test_a_wall_is_put_before_the_room(window, qtbot):
    """W and a drag on the stage's board draw, Ctrl+Z takes back, Alt picks a tile."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_W)
    assert stage.board.tool is Tool.WALL
    Hand(stage.board).drag((0, 1), (0, 2))
    world = window.document.world
    assert world.tile((0, 1)).wall
    assert world.tile((0, 2)).wall
    press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert window.heard[-1] == ("undo", None)
    Hand(stage.board).click((2, 2), modifiers=Qt.KeyboardModifier.AltModifier)
    assert stage.board.tool is Tool.GOAL
    assert window.actions_["tool_goal"].isChecked()
    assert window.board.tool is Tool.SELECT


def test_what_the_stage_s_board_says_is_heard(window, qtbot):
    """Chosen cells and notices go where those of the window's board go."""
    stage = present(qtbot, window)
    notices = []
    window.board.notice.connect(notices.append)
    Hand(stage.board).click((2, 0))
    assert ("select_cell", (2, 0)) in window.heard
    stage.board.notice.emit("Starts are uniform now.")
    assert notices == ["Starts are uniform now."]


def test_esc_first_drops_what_is_in_hand(window, qtbot):
    """Half a teleport is dropped; only the next Esc ends presenting."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_T)
    Hand(stage.board).click((0, 1))
    assert window.document.in_stroke
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.document.in_stroke
    assert window.presentation.stage is stage
    press(qtbot, window, Qt.Key.Key_Escape)
    assert window.presentation.stage is None


def test_only_what_is_seen_is_drawn(window, qtbot):
    """The window's plots get nothing while they are covered, and the last data afterwards."""
    stage = present(qtbot, window)
    before = window.scene.plots.plots["returns"]._data
    fill(window, update=9)
    assert window.scene.plots.plots["returns"]._data is before
    assert "variance" not in {act.slices[0] for act in stage._acts if act.title in stage.panels}
    press(qtbot, window, Qt.Key.Key_Escape)
    for name in ("returns", "variance", "cell"):
        assert len(window.scene.plots.plots[name]._data.updates) == 9


def test_commands_that_would_open_behind_the_stage_are_off(window, qtbot):
    """No key does something that nobody sees."""
    present(qtbot, window)
    asked = []
    window.actions_.asked.connect(lambda id, checked: asked.append(id))
    for id in presentation.OUT_OF_SIGHT:
        window.actions_[id].trigger()
    assert asked == []
    assert not window.actions_["tiles"].isChecked()
    press(qtbot, window, Qt.Key.Key_F5)
    window.actions_["tiles"].trigger()
    assert asked[-1] == "tiles"


def test_popovers_and_sheets_are_closed_first(window, qtbot):
    """Nothing of the window lies on the stage."""
    window.scene.bets.toggle("signal")
    press(qtbot, window, "?", Qt.KeyboardModifier.ShiftModifier)
    assert window.keys.isVisible()
    press(qtbot, window, Qt.Key.Key_F5)
    assert not window.keys.isVisible()
    assert not window.scene.bets.controls.widgets["signal"].isVisible()


def test_the_sheet_of_keys_lies_over_the_stage(window, qtbot):
    """? shows it with the clicker's keys, Esc closes it and goes on presenting."""
    stage = present(qtbot, window)
    press(qtbot, window, "?", Qt.KeyboardModifier.ShiftModifier)
    assert window.keys.isVisible()
    said = {label.text() for label in window.keys.findChildren(QLabel)}
    for command in TABLE:
        if command.group == PRESENT:
            assert command.text in said
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.keys.isVisible()
    assert window.presentation.stage is stage


# Letters for the back row


@pytest.mark.parametrize(("factor", "dark"), [(0.8, False), (1.0, True), (1.6, False)])
def test_large_letters_and_nothing_clipped(window, qtbot, look, factor, dark):
    """No letter is smaller than W/68, no text is cut short, nothing lies over another."""
    look.set_theme(theme.DARK if dark else theme.LIGHT)
    look.set_factor(factor)
    for stage, size in presented(qtbot, window, SIZES):
        width = size[0]
        for _ in range(3):
            press(qtbot, window, Qt.Key.Key_PageDown)
            panel = stage.panels[stage.act.title]
            qtbot.waitUntil(lambda panel=panel: panel.chart is not None)
            spin()
            case = size, stage.act.title
            assert large_and_whole(stage, width) >= 6, case
            assert stage.foot.turn.shown_text == stage.foot.turn.text(), case
            headline = stage.headline.font().pixelSize()
            assert headline >= width / 34 * min(1.0, max(factor, 1.0)), case
            assert stage.sentence.font().pixelSize() >= width / 54, case
            parts = [stage.headline, stage.board, panel, stage.sentence, stage.foot]
            for i, one in enumerate(parts):
                assert stage.rect().contains(one.geometry()), case
                for other in parts[i + 1 :]:
                    assert not one.geometry().intersects(other.geometry()), case
            chart = panel.chart
            assert panel.rect().contains(chart.geometry()), case
            assert chart._area().height() >= 60, case
            assert len(chart.x_ticks) >= 2, case
            for curve in chart._curves.values():
                if curve._stroke.alpha == 1.0 and curve._stroke.role != "ink3":
                    assert 4 <= curve._stroke.width <= 5.5, case


def test_larger_text_is_larger_here_too(window, qtbot):
    """Ctrl and + − 0 change the letters of the stage, headline included."""
    stage = present(qtbot, window, (1366, 768))
    before = [w.font().pixelSize() for w in (stage.headline, stage.sentence, stage.foot.turn)]
    press(qtbot, window, Qt.Key.Key_Plus, CONTROL)
    after = [w.font().pixelSize() for w in (stage.headline, stage.sentence, stage.foot.turn)]
    assert all(b > a for a, b in zip(before, after, strict=True))
    press(qtbot, window, Qt.Key.Key_0, CONTROL)
    assert [w.font().pixelSize() for w in (stage.headline, stage.sentence, stage.foot.turn)] == (
        before
    )


def test_a_long_headline_has_two_lines(window, qtbot):
    """However long it is, it fits into its room."""
    stage = present(qtbot, window, (1024, 768))
    for words in ("Short.", "One.\nTwo.", "A rather long sentence about a policy " * 3):
        stage.headline.words = words
        stage.headline.fit()
        assert stage.headline.heightForWidth(stage.headline.width()) <= stage.headline.height()


def test_theme_changes_on_the_stage(window, qtbot, look):
    """D: also the colours within the sentence and behind the plot."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_D)
    assert look.theme is theme.DARK
    assert theme.DARK.opt_text.name() in stage.sentence.text()
    picture = stage.grab().toImage()
    at = stage.panels["Return"].geometry().center()
    assert picture.pixelColor(stage.width() - 2, 2) == theme.DARK.bg
    chart = stage.panels["Return"].chart
    area = chart.mapTo(stage, chart._area().bottomRight())
    assert picture.pixelColor(area.x() - 4, area.y() - 6) == theme.DARK.bg
    assert stage.rect().contains(at)


# Messages


def test_messages_are_seen_and_answered(window, qtbot):
    """A card at the bottom in large letters; its buttons say what they say in the window."""
    stage = present(qtbot, window, (1366, 768))
    window.show_cards((FAILED, FILE))
    spin()
    cards = stage.cards.cards
    assert [card.title.text() for card in cards] == ["Stopped at update 57",
                                                     "maze.json was not opened"]
    for card in cards:
        assert card.isVisible()
        assert stage.cards.rect().contains(card.geometry())
        assert card.body.font().pixelSize() >= 1366 / 68
    assert stage.rect().contains(stage.cards.geometry())
    assert stage.cards.geometry().bottom() <= stage.foot.y()
    assert not stage.cards.geometry().intersects(stage.board.geometry())
    rewind = next(b for b in stage.cards.findChildren(QAbstractButton) if "Rewind" in b.text())
    qtbot.mouseClick(rewind, LEFT)
    assert window.heard == [("card", ("rewind_last_good", "failure"))]


def test_a_message_that_was_there_before_has_room_for_its_words(window, qtbot):
    """They become large with the room's screen."""
    window.show_cards((LONG_WORDS,))
    for stage, size in presented(qtbot, window, [(1366, 768), (1920, 1080), (1024, 768)]):
        for width in (size[0], size[0] - 200, size[0]):
            window.resize(width, size[1])
            spin()
            (card,) = stage.cards.cards
            assert card.height() >= card.heightForWidth(card.width()), (size, width)
            need = card.body.heightForWidth(card.body.width())
            assert card.body.height() >= need, (size, width)


# Buttons for those who have no keyboard


def test_buttons_at_the_foot(window, qtbot):
    """Out of sight until the mouse or the Tab key goes there; each names its key."""
    stage = present(qtbot, window)
    buttons = stage.foot.buttons
    assert not any(button.isVisible() for button in buttons.values())
    left = stage.foot.turn.geometry()
    visited = []
    for _ in range(len(buttons)):
        press(qtbot, window, Qt.Key.Key_Tab)
        visited.append(window.focusWidget())
    assert visited == list(buttons.values())
    assert all(button.isVisible() for button in buttons.values())
    assert stage.foot.turn.geometry() == left
    for id, button in buttons.items():
        assert COMMANDS[id].key_text in button.toolTip()
        assert button.accessibleName() == COMMANDS[id].text
    qtbot.mouseClick(buttons["next_panel"], LEFT)
    assert stage.act.title == "Gradient variance"
    press(qtbot, window, Qt.Key.Key_Tab)
    assert stage.board.hasFocus()
    assert not buttons["blank"].isVisible()
    qtbot.mouseClick(stage.foot, LEFT)
    qtbot.mouseClick(buttons["blank"], LEFT)
    assert stage.blank.isVisible()
    qtbot.mouseClick(stage.blank, LEFT)
    assert not stage.blank.isVisible()
    qtbot.mouseClick(stage.foot, LEFT)
    qtbot.mouseClick(buttons["present"], LEFT)
    assert window.presentation.stage is None


def test_everything_has_a_name(window, qtbot):
    """For screen readers."""
    stage = present(qtbot, window)
    window.show_cards((FAILED,))
    stage.foot.reveal(True)
    nameless = [
        type(w).__name__ for w in stage.findChildren(QWidget)
        if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None
        and not w.accessibleName()
    ]
    assert nameless == []


def test_the_button_in_the_header(window, qtbot):
    """"Present" at the right end; only its icon where the window is narrow."""
    button = window.header.present_button
    assert "F5" in button.toolTip()
    for width, text in ((1920, "Present"), (1024, "")):
        window.resize(width, 768)
        spin()
        assert button.text() == text
        assert button.accessibleName() == "Present"
        assert button.geometry().right() == window.header.rect().right()
    qtbot.mouseClick(button, LEFT)
    assert window.presentation.stage is not None


def test_closing_the_window_ends_it(window, qtbot):
    """Also the size that is remembered is the one before."""
    geometry = window.geometry()
    present(qtbot, window)
    window.close()
    assert window.presentation.stage is None
    assert not window.isVisible()
    assert window.geometry() == geometry


# A second screen


@pytest.fixture
def second(monkeypatch):
    """As if the window's own screen were another one."""
    monkeypatch.setattr(presentation, "other_screen", lambda window: window.screen())


def test_a_second_screen_leaves_the_window_alone(window, qtbot, second):
    """The stage is a window of its own; the controls stay, and both know the clicker."""
    geometry = window.geometry()
    stage = present(qtbot, window)
    assert stage.isWindow()
    assert stage.isFullScreen()
    assert window.geometry() == geometry
    assert window.header.isVisible()
    window.actions_["tiles"].trigger()
    assert window.scene.tiles.is_open
    window.actions_["tiles"].trigger()
    press(qtbot, window, Qt.Key.Key_PageDown)
    assert stage.act.title == "Gradient variance"
    stage.activateWindow()
    spin()
    press(qtbot, stage, Qt.Key.Key_PageDown)
    assert stage.act.title == "One cell"
    press(qtbot, stage, Qt.Key.Key_Space)
    assert window.heard == [("play_pause", None)]


def test_one_hand_for_both_boards(window, qtbot, second):
    """A tool taken in one window is in hand in the other; the window keeps it afterwards."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_W)
    assert stage.board.tool is window.board.tool is Tool.WALL
    stage.activateWindow()
    spin()
    Hand(stage.board).drag((0, 1), (0, 2))
    assert window.document.world.tile((0, 2)).wall
    Hand(stage.board).click((2, 2), modifiers=Qt.KeyboardModifier.AltModifier)
    assert stage.board.tool is window.board.tool is Tool.GOAL
    press(qtbot, stage, Qt.Key.Key_Escape)
    assert window.board.tool is Tool.GOAL


def test_both_are_drawn(window, qtbot, second):
    """With two screens both are seen, so both get what is new; files are the lecturer's affair."""
    stage = present(qtbot, window)
    fill(window, update=9)
    assert len(window.scene.plots.plots["returns"]._data.updates) == 9
    assert "<b>9</b>" in stage.foot.update_label.text()
    window.show_cards((FAILED, FILE))
    assert [card.title.text() for card in stage.cards.cards] == ["Stopped at update 57"]
    assert len(window.scene.cards.cards) == 2


def test_blank_is_for_the_room(window, qtbot, second):
    """From the controls only B or . bring it back: the other keys keep their meaning there."""
    stage = present(qtbot, window)
    press(qtbot, window, Qt.Key.Key_B)
    assert stage.blank.isVisible()
    press(qtbot, window, Qt.Key.Key_Space)
    assert window.heard == [("play_pause", None)]
    assert stage.blank.isVisible()
    press(qtbot, window, Qt.Key.Key_Period)
    assert not stage.blank.isVisible()


@pytest.mark.parametrize("end", ["Esc here", "Esc there", "F5 there", "close", "unplug", "quit"])
def test_every_way_out_of_two_screens(window, qtbot, second, end):
    """Whichever window it is asked of, or when the screen is gone."""
    stage = present(qtbot, window)
    if "there" in end:
        stage.activateWindow()
        spin()
    match end:
        case "Esc here":
            press(qtbot, window, Qt.Key.Key_Escape)
        case "Esc there":
            press(qtbot, stage, Qt.Key.Key_Escape)
        case "F5 there":
            press(qtbot, stage, Qt.Key.Key_F5)
        case "close":
            stage.close()
        case "unplug":
            QGuiApplication.instance().screenRemoved.emit(stage.screen())
        case "quit":
            window.close()
    spin()
    assert window.presentation.stage is None
    assert not isValid(stage) or not stage.isVisible()
    assert window.isVisible() == (end != "quit")
    if end != "quit":
        window.activateWindow()
        spin()
        press(qtbot, window, Qt.Key.Key_B)
        assert window.board.tool is Tool.RECTANGLE


TWO_SCREENS = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rlxent_core.world import World
from rlxent_gui.actions import Actions
from rlxent_gui.document import Document
from rlxent_gui.main_window import MainWindow
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import BoardView
app = QApplication([])
document, actions = Document(World(map=("..", ".."), tiles={})), Actions()
window = MainWindow(document, actions, Preferences(Path(sys.argv[1])))
window.setWindowState(Qt.WindowState.WindowNoState)
window.setGeometry(40, 40, 1200, 700)
window.show_board(BoardView(document.world))
window.show()
window.activateWindow()
window.board.setFocus()
app.processEvents()
def press(key):
    QTest.keyClick(window.board, key)
    for _ in range(5):
        app.processEvents()
press(Qt.Key.Key_F5)
stage = window.presentation.stage
print(stage.screen().name(), stage.geometry().getRect(), stage.isFullScreen())
print(window.screen().name(), window.isFullScreen(), window.header.isVisible())
press(Qt.Key.Key_Escape)
print(window.presentation.stage, window.isVisible())
"""


def test_the_stage_goes_to_the_real_second_screen(tmp_path):
    """Two screens of Qt's own: the window stays on the first, the stage fills the second."""
    screens = [
        {"name": name, "x": x, "y": 0, "width": width, "height": 768, "logicalDpi": 96,
         "logicalBaseDpi": 96, "dpr": 1}
        for name, x, width in (("desk", 0, 1366), ("wall", 1366, 1024))
    ]
    (tmp_path / "screens.json").write_text(json.dumps({"screens": screens}))
    platform = f"offscreen:configfile={tmp_path / 'screens.json'}"
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS, str(tmp_path / "preferences.json")],
        env={**os.environ, "QT_QPA_PLATFORM": platform}, capture_output=True, text=True,
        timeout=60, check=False,
    )
    assert done.stdout.splitlines() == [
        "wall (1366, 0, 1024, 768) True", "desk False True", "None True",
    ], done.stderr
