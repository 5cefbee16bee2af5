"""The view of learning as a user sees it: real widgets, and the whole program by clicks."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QRegion, QTextDocument
from PySide6.QtWidgets import QAbstractButton

import rlxent_resources
from rlxent_core.demonstrations import DEMONSTRATIONS
from rlxent_core.policy import action_probabilities
from rlxent_core.settings import Settings
from rlxent_core.sweep import Grid
from rlxent_core.trainer import Trainer
from rlxent_core.world_file import read_text
from rlxent_gui import presenting, theme, variance_plots
from rlxent_gui.estimator_words import styles
from rlxent_gui.learning_presenter import (
    ANOTHER_WORLD,
    EARLY,
    EMPTY,
    HOLD,
    OTHER_SETTINGS,
    WAITING,
    WORLD_CHANGED,
)
from rlxent_gui.learning_view import (
    BEFORE,
    ArmResult,
    ArmRow,
    DemonstrationState,
    LearningState,
    StudyResult,
    SweepResult,
)
from rlxent_gui.panels.variance.arm_table import reach_text
from rlxent_gui.panels.variance.demonstrations import (
    DemonstrationMenu,
    DemonstrationStrip,
)
from rlxent_gui.panels.variance.learning import LearningView
from rlxent_gui.panels.variance.sweep_map import SweepCard
from rlxent_gui.theme import DARK, LIGHT, MEDIUM, contrast
from rlxent_gui.view_state import RunState
from tests.gui.test_app import LONG, Room, room  # noqa: F401

SPARSE = read_text(rlxent_resources.world_text("sparse5"))
OWN = Settings(architecture="table", learning_rate=0.1)
ROWS = (
    ArmRow("no baseline", replace(OWN, baseline="none"), ("ink3", "dashed")),
    ArmRow("leave-one-out", OWN, ("ink", "solid")),
    ArmRow("V(s) exact", replace(OWN, baseline="exact_value"), ("base", "solid")),
)
GAE = ArmRow("GAE .95", replace(OWN, credit="gae", baseline="critic"), ("gae", "dashed"))


def arm(row: ArmRow, final: float, reach=(624.0, 688.0, 752.0), note: str = "") -> ArmResult:
    episodes = np.arange(0, 1616, 16.0)
    median = final * (1 - np.exp(-episodes / 300))
    return ArmResult(
        row.name, row.settings, episodes, np.stack([median - 0.02, median, median + 0.01]), 0.75,
        reach, note, row.style,
    )


STUDY = StudyResult(
    (arm(ROWS[0], 0.6, (1.0, math.inf, math.inf), "3 of 16 seeds stuck: 3 end in C1"),
     arm(ROWS[1], 0.76), arm(ROWS[2], 0.77)),
    SPARSE, 0.79, 0.11, 16, 100,
)  # fmt: skip


def state(**changes) -> LearningState:
    return replace(LearningState("study", ROWS, 16, 100), **changes)


@pytest.fixture
def view(qtbot):
    view = LearningView()
    qtbot.addWidget(view)
    view.resize(1300, 640)
    view.show()
    view.plot.build()
    view.heard = []
    view.command.connect(lambda *command: view.heard.append(command))
    view.apply(state())
    return view


def click(qtbot, button: QAbstractButton) -> None:
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_before_anything_was_trained_it_says_how(view):
    """A sentence, the form, and Run; the axis has few lines, however high the plot is."""
    view.resize(1300, 900)
    view.apply(state(empty=EMPTY["study"]))
    assert "press Run" in view.plot.chart.message.text()
    assert view.plot.chart.height() > 500
    assert 3 <= len(view.plot.chart.y_ticks) <= 5
    assert view.form.run.isVisible()
    assert not view.form.stop.isVisible()
    assert [row.texts for row in view.table.rows] == [
        [name, "—", "—", "—"] for name in ("no baseline", "leave-one-out", "V(s) exact")
    ] + [[""]]


def test_the_form_asks_for_what_is_clicked(view, qtbot):
    """Duplicate, remove, add, run, seeds, another way of comparing."""
    first = view.form.arms.lines[0]
    assert [line.isVisible() for line in view.form.arms.lines] == [True, True, True, False]
    click(qtbot, first.copy)
    click(qtbot, first.remove)
    click(qtbot, view.form.arms.add)
    click(qtbot, view.form.run)
    click(qtbot, view.form.seeds.more)
    click(qtbot, view.form.mode.segment("sweep"))
    assert view.heard == [
        ("learning_duplicate", 0), ("learning_remove", 0), ("learning_add", None),
        ("learning_run", None), ("learning_seeds", 24), ("learning_mode", "sweep"),
    ]


def test_choices_of_a_setting(view, qtbot):
    """By menu and by keys; GAE brings V(s), and taking V(s) away ends GAE."""
    line = view.form.arms.lines[1]
    line.baseline.menu.actions()[0].trigger()
    line.credit.menu.actions()[2].trigger()
    line.rate.field.setFocus()
    qtbot.keyClick(line.rate.field, Qt.Key.Key_Up)
    assert view.heard == [
        ("learning_arm", (1, {"baseline": "none"})),
        ("learning_arm", (1, {"baseline": "critic", "credit": "gae"})),
        ("learning_arm", (1, {"learning_rate": 0.12})),
    ]
    gae = ArmRow("GAE .95", replace(OWN, credit="gae", baseline="critic"))
    view.apply(state(rows=(gae,)))
    view.heard.clear()
    view.form.arms.lines[0].baseline.menu.actions()[0].trigger()
    assert view.heard == [
        ("learning_arm", (0, {"credit": "reward_to_go", "baseline": "none"}))
    ]


@pytest.mark.parametrize("size", [(1300, 640), (640, 400)])
@pytest.mark.parametrize(
    ("of", "typed", "said"),
    [("seeds", text, "Seeds takes a whole number from 1 to 256.")
     for text in ("300", "0", "x", "2.5")]
    + [("updates", "0", "Updates takes a whole number from 1 to 10\u202f000.")]
    + [("rate", text, "Step size η takes a finite number from 1e−5 to 100.")
       for text in ("0", "-1", "1e9", "nan")],
)  # fmt: skip
def test_what_a_number_cannot_be_is_said_beside_it(view, qtbot, size, of, typed, said):
    """And the number stays; until another is typed, also when the field is left."""
    view.resize(*size)
    view.apply(state(rows=(*ROWS, ROWS[0])))
    form, line = view.form, view.form.arms.lines[3]
    stepper = {"seeds": form.seeds, "updates": form.updates, "rate": line.rate}[of]
    refusal = line.refusal if of == "rate" else form.refusal
    before, field = stepper.value, stepper.field
    for leave in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, leave)
        assert refusal.sentence == f"“{typed}” was not taken. {said}"
        assert stepper.value == before
        assert view.heard == []
        qtbot.waitUntil(lambda: refusal.visibleRegion().boundingRect() == refusal.rect())
        view.apply(state(rows=(*ROWS, ROWS[0])))
        assert refusal.isVisible()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert len(view.heard) == 1
    assert not refusal.isVisible()


def test_what_was_refused_goes_with_its_setting(view, qtbot):
    """It is not said of the one that comes into its place."""
    line = view.form.arms.lines[0]
    line.rate.field.setFocus()
    line.rate.field.selectAll()
    qtbot.keyClicks(line.rate.field, "0")
    qtbot.keyClick(line.rate.field, Qt.Key.Key_Return)
    assert line.refusal.isVisible()
    view.apply(state(rows=ROWS[1:]))
    assert not line.refusal.isVisible()


def test_four_settings_are_all_there_can_be(view):
    """Then there is nothing to add; the last one cannot be removed."""
    view.apply(state(rows=(*ROWS, ROWS[0])))
    assert not view.form.arms.add.isVisible()
    assert not view.form.arms.lines[0].copy.isEnabled()
    view.apply(state(rows=ROWS[:1]))
    assert not view.form.arms.lines[0].remove.isEnabled()


def test_while_it_runs_it_can_be_stopped_and_nothing_else(view, qtbot):
    """Progress in words and as a bar; the form is locked."""
    view.apply(state(working="study", done=120, total=400))
    assert "120 of 400" in view.form.done.text()
    assert view.form.bar.fraction == pytest.approx(0.3)
    assert not view.form.arms.lines[0].baseline.isEnabled()
    assert not view.form.run.isVisible()
    click(qtbot, view.form.stop)
    assert view.heard == [("learning_stop", None)]


def test_curves_bands_and_labels(view):
    """Medians as they were found, the middle half around them, names at their ends."""
    view.apply(state(study=STUDY))
    chart = view.plot.chart
    x, low, high = chart.band("0")
    assert np.array_equal(x, STUDY.arms[0].episodes)
    assert np.array_equal(low, STUDY.arms[0].quartiles[0])
    assert np.array_equal(high, STUDY.arms[0].quartiles[2])
    assert [label.text for label in chart.labels] == [
        "optimal 0.79", "no baseline", "leave-one-out", "V(s) exact"
    ]
    assert chart.x_end == 1600
    points = chart.curve_points("1")
    assert points[1][-1] == pytest.approx(STUDY.arms[1].final, abs=1e-9)
    view.apply(state(study=replace(STUDY, arms=STUDY.arms[:1])))
    assert chart.curve_points("1") is None
    assert chart.band("1") is None


def test_the_pointer_tells_the_values(view):
    """Of every setting at that episode, with quartiles."""
    view.apply(state(study=STUDY))
    chart = view.plot.chart
    text = chart.tip_at(QPointF(chart.x_of(800), chart.y_of(0.5)))
    middle = STUDY.arms[0].quartiles[1][50]
    assert "after 800 episodes" in text
    assert f"no baseline: {middle:.3f} [{middle - 0.02:.3f}, {middle + 0.01:.3f}]" in text
    assert "optimal: 0.790" in text


def test_no_two_settings_look_alike():
    """Colour and dash tell four of a kind apart; blue and vermillion mean something else."""
    for row in (*ROWS, GAE):
        assert len(set(styles([row.settings] * 4))) == 4
    assert styles([row.settings for row in (*ROWS, GAE)]) == [
        ("ink3", "dashed"), ("ink", "solid"), ("base", "solid"), ("gae", "dashed")
    ]


def test_a_stroke_of_the_form_is_that_of_the_curve_or_of_no_curve():
    """After settings were removed, changed, and added: no stroke stands for two settings."""
    none, own, value, gae = (row.settings for row in (*ROWS, GAE))
    shown = list(zip((none, own, value, gae), styles((none, own, value, gae)), strict=True))
    looks = dict(shown)
    faster = replace(value, learning_rate=0.3)
    found = styles((gae, value, faster, none), shown)
    assert [found[0], found[1], found[3]] == [looks[gae], looks[value], looks[none]]
    assert found[2] not in looks.values()
    twice = styles((value, value), shown)
    assert twice[0] == looks[value]
    assert twice[1] not in looks.values()


def test_the_marks_of_form_and_results_are_the_curves(view):
    """As they are painted: same colour in form, table, and at the end of the curve."""
    view.apply(state(rows=(*ROWS, GAE), study=replace(STUDY, arms=(*STUDY.arms, arm(GAE, 0.7)))))
    for line, row in zip(view.form.arms.lines, view.table.rows, strict=True):
        line.mark.resize(row.mark.size())
        assert line.mark.grab().toImage() == row.mark.grab().toImage()
    roles = [label.role for label in view.plot.chart.labels]
    assert roles == ["opt_text", "ink3", "ink", "base_text", "gae"]


def test_what_is_the_same_again_is_told(view):
    """Instead of the note about seeds, so that nothing below it moves."""
    before = view.form.note.text()
    view.apply(state(rows=(*ROWS, replace(ROWS[1], name="leave-one-out (2)"))))
    assert "“leave-one-out (2)” is the same setting again" in view.form.note.text()
    view.apply(state(rows=ROWS))
    assert view.form.note.text() == before


def test_the_table_says_solved_episodes_and_what_failed(view):
    """Quartiles in brackets, a dash where too few got there."""
    view.apply(state(study=STUDY))
    assert view.table.isVisible()
    first, second = view.table.rows[:2]
    assert first.texts == [
        "no baseline", "12 of 16", "— [1, —]", "0.597", "3 of 16 seeds stuck: 3 end in C1."
    ]
    assert second.texts[:3] == ["leave-one-out", "12 of 16", "688 [624, 752]"]
    assert second.name.geometry().bottom() < view.table.height()
    assert reach_text((math.inf,) * 3) == "—"


ALL_FAILED = replace(
    STUDY, arms=tuple(replace(one, note="4 of 16 seeds stuck: 4 end in C1") for one in STUDY.arms)
)


@pytest.mark.parametrize("factor", [1.0, 1.6])
@pytest.mark.parametrize("size", [(1892, 960), (1338, 628), (996, 628), (640, 500)])
def test_nothing_jumps_while_the_results_come(view, size, factor):
    """Before, between and after: curves, table, form and its buttons stay where they are."""
    theme.appearance().set_factor(factor)
    try:
        view.resize(*size)
        view.show_part("results")
        none = replace(STUDY, arms=tuple(replace(one, note="") for one in STUDY.arms))
        places = set()
        for shown in (
            state(empty=EMPTY["study"]), state(empty=WAITING, working="study"),
            state(study=none, working="study"), state(study=STUDY), state(study=ALL_FAILED),
            state(study=STUDY, stopped=True, outdated=ANOTHER_WORLD),
            state(study=STUDY, outdated=OTHER_SETTINGS, rows=(*ROWS, GAE)),
            state(study=replace(STUDY, arms=STUDY.arms[:1])),
        ):
            view.apply(shown)
            view.grab()
            places.add(tuple(
                (part.x(), part.y(), part.width(), part.height())
                for part in (view.form, view.plot, view.plot.chart, view.table)
            ))
            if view.table.height() == view.table.full_height:
                assert view.table.rows[0].name.height() >= 14 * factor
        assert len(places) == 1
        assert view.plot.geometry().bottom() < view.table.geometry().top()
    finally:
        theme.appearance().set_factor(1.0)


def test_every_note_has_its_room(view):
    """Also with four settings that all failed: no line over another, nothing below the edge."""
    arms = (*ALL_FAILED.arms, replace(ALL_FAILED.arms[0], name="GAE"))
    view.apply(state(study=replace(ALL_FAILED, arms=arms)))
    view.grab()
    table = view.table
    assert table.height() == table.full_height
    lines = [part.geometry() for row in table.rows for part in (row.name, row.note)]
    assert all(one.bottom() < two.top() for one, two in pairwise(lines))
    assert lines[-1].bottom() < table.height()


def test_it_says_what_the_result_is_of(view):
    """Stopped, or of another world; what a room is told it is told in words of its own."""
    view.apply(state(study=STUDY, stopped=True, outdated=ANOTHER_WORLD))
    said = "Stopped before the end. Of the world before the change."
    assert view.plot.subtitle.text() == view.plot.subtitle.shown_text == said
    view.apply(state(study=STUDY))
    assert view.plot.subtitle.text() == "median and middle half of the same 16 seeds"


@pytest.mark.parametrize("size", [(1300, 640), (640, 500)])
def test_what_went_wrong_is_told_in_the_form(view, size):
    """It is seen where it can be mended, and goes with the next run."""
    view.resize(*size)
    view.apply(state(working="study"))
    view.apply(state(failure="It is too large."))
    assert view.form.failure.isVisible()
    assert view.form.failure.text() == "It is too large."
    view.show_part("results")
    view.apply(state(failure="It is too large."))
    assert view.plot.isVisible()
    view.apply(state(working="study"))
    assert not view.form.failure.isVisible()


def test_what_was_changed_meanwhile_is_told_and_nothing_moves(view):
    """In the place of what the curves are of; of the map too."""
    for mode, part, found in (("study", view.plot, STUDY), ("sweep", view.sweep, sweep())):
        running = state(mode=mode, working=mode, **{mode: found})
        view.apply(running)
        before = [child.geometry() for child in (view.form, part, view.table)]
        subtitle = part.subtitle.text()
        view.apply(replace(running, goes_on=WORLD_CHANGED))
        assert part.subtitle.text() == part.subtitle.shown_text == WORLD_CHANGED
        assert [child.geometry() for child in (view.form, part, view.table)] == before
        view.apply(running)
        assert part.subtitle.text() == subtitle


def test_a_study_that_came_to_nothing_is_not_called_none(view):
    """It was stopped before its first point; what was there before is told from it."""
    view.apply(state(early=True, empty=EARLY["study"]))
    assert view.plot.chart.message.text() == EARLY["study"]
    assert view.plot.subtitle.text() == "median and middle half of the seeds"
    view.apply(state(early=True, study=STUDY))
    assert view.plot.subtitle.text() == BEFORE
    assert not view.plot.chart.message.isVisible()


def test_where_there_is_no_room_for_both_they_are_seen_in_turns(view, qtbot):
    """Settings first; results when something runs, and whenever they are asked for."""
    view.resize(640, 500)
    assert view.form.isVisible()
    assert not view.plot.isVisible()
    assert view.form.run.geometry().bottom() < view.form.height()
    view.apply(state(working="study", study=STUDY))
    assert not view.form.isVisible()
    assert view.plot.isVisible()
    assert view.table.isVisible()
    assert not view.tells_progress
    qtbot.mouseClick(view.part.segment("settings"), Qt.MouseButton.LeftButton)
    assert view.form.isVisible()
    view.resize(1300, 640)
    assert view.form.isVisible()
    assert view.plot.isVisible()
    assert not view.part.isVisible()


def sweep(whole: bool = True) -> SweepResult:
    nan = math.nan
    grid = Grid(
        ("no baseline", "leave-one-out"), (0.01, 0.03, 0.1),
        share=np.array([[0.2, 0.97, 0.4], [0.3, 1.0, -0.06]]),
        solved=np.array([[0.0, 1.0, 0.25], [0.0, 1.0, 0.0]]),
        stuck=np.array([[0.0, 0.0, 0.75], [0.0, 0.0, 0.0]]),
        diverged=np.array([[nan, nan, nan], [nan, nan, 57]]), updates=400, whole=whole,
    )
    return SweepResult(grid, SPARSE, OWN, 16)


@pytest.fixture
def card(qtbot):
    card = SweepCard()
    qtbot.addWidget(card)
    card.resize(800, 420)
    card.show()
    return card


def painted_again(qtbot, card, shown: LearningState) -> tuple[QRegion, list[QPoint]]:
    """Show it after all else is painted: what is painted of the map then, and what differs."""
    qtbot.wait(50)
    painted = []

    class Watch(QObject):
        def eventFilter(self, _watched, event):
            if event.type() == QEvent.Type.Paint:
                painted.append(QRegion(event.region()))
            return False

    first, watch = card.map.grab().toImage(), Watch()
    card.map.installEventFilter(watch)
    card.set_data(shown)
    qtbot.waitUntil(lambda: bool(painted))
    card.map.removeEventFilter(watch)
    second = card.map.grab().toImage()
    differ = [
        QPoint(x, y) for x in range(first.width()) for y in range(first.height())
        if first.pixel(x, y) != second.pixel(x, y)
    ]
    return painted[-1], differ


def test_only_the_cells_of_the_map_that_differ_are_painted_again(card, qtbot):
    """Whatever pixel changes was painted; what stays as it was is not, for all takes a frame."""
    before = sweep()
    card.set_data(state(mode="sweep", sweep=before))
    grid = before.grid
    share, solved, stuck = grid.share.copy(), grid.solved.copy(), grid.stuck.copy()
    share[1, 0], solved[0, 1], solved[0, 2], stuck[1, 1] = 0.31, 0.5, 1.0, 0.5
    after = replace(before, grid=replace(grid, share=share, solved=solved, stuck=stuck))
    region, differ = painted_again(qtbot, card, state(mode="sweep", sweep=after))
    assert differ
    assert all(map(region.contains, differ))
    untouched = card.map.cell_rect(0, 0).center().toPoint()
    assert not region.contains(untouched)


def test_other_step_sizes_are_written_below_the_map(card, qtbot):
    """Those of a run with another step of the training: none of the last run's stay there."""
    before = sweep()
    card.set_data(state(mode="sweep", sweep=before))
    after = replace(before, grid=replace(before.grid, rates=(0.02, 0.06, 0.2)))
    region, differ = painted_again(qtbot, card, state(mode="sweep", sweep=after))
    below = card.map.cell_rect(1, 0).bottom()
    assert any(point.y() > below for point in differ)
    assert all(map(region.contains, differ))


def test_the_map_says_shares_seeds_and_failures(card):
    """In the cells, with the sentence below when all is known."""
    card.set_data(state(empty=EMPTY["sweep"]))
    assert card.empty.text() == EMPTY["sweep"]
    assert card.empty.isVisible()
    card.set_data(state(sweep=sweep(whole=False)))
    assert card.sentence.text() == ""
    card.set_data(state(sweep=sweep()))
    assert card.map.words(0, 0) == ("20 %", "0 of 16", "")
    assert card.map.words(0, 2) == ("40 %", "4 of 16", "12 stuck")
    assert card.map.words(1, 2) == ("−6 %", "0 of 16", "diverged at 57")
    assert [card.map.failed(0, 2), card.map.failed(1, 2), card.map.failed(1, 1)] == [
        True, True, False
    ]
    assert ".03 with no baseline, .03 with leave-one-out" in card.sentence.text()
    assert "None of the baselines allows larger steps" in card.sentence.text()


@pytest.mark.parametrize("factor", [1.0, 1.6])
@pytest.mark.parametrize("size", [(1480, 900), (960, 628), (622, 628), (340, 400)])
def test_the_map_stays_where_it_is_when_its_sentence_comes(card, size, factor):
    """And the sentence has room for all it says."""
    theme.appearance().set_factor(factor)
    try:
        card.resize(*size)
        card.set_data(state(sweep=sweep(whole=False)))
        card.grab()
        before = card.map.geometry()
        card.set_data(state(sweep=sweep()))
        card.grab()
        assert card.map.geometry() == before
        assert card.sentence.heightForWidth(card.sentence.width()) <= card.sentence.height()
    finally:
        theme.appearance().set_factor(1.0)


@pytest.mark.parametrize("width", [1480, 960, 622, 340])
def test_what_a_frame_and_hatching_mean_stands_below_the_map(card, width):
    """All of it, within the map and below its cells."""
    card.resize(width, 500)
    card.set_data(state(sweep=sweep()))
    card.grab()
    cells, line = card.map.cells(), QFontMetricsF(theme.appearance().font(12, MEDIUM))
    said = [text for _, _, text in card.map._legend]
    assert said == ["best of its row: most seeds solved", "seeds stuck, or diverged"]
    for place, _, text in card.map._legend:
        assert place.x() + 20 + line.horizontalAdvance(text) <= card.map.width()
        assert cells.bottom() + place.y() + line.height() <= card.map.height() + 1


def test_the_map_tells_all_of_a_cell(card):
    """Under the pointer."""
    card.set_data(state(sweep=sweep()))
    tip = card.map.tip_at(card.map.cell_rect(1, 1).center())
    assert tip.startswith("leave-one-out, η .03")
    assert "100.0 % of the way" in tip
    assert "the best of its row" in tip
    assert "4 of 16 seeds solved, 12 stuck" in card.map.tip_at(card.map.cell_rect(0, 2).center())


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # a tooltip
def test_the_map_is_walked_by_the_arrow_keys(card, qtbot):
    """Cell by cell, not beyond its edges; what is known of the cell is said."""
    card.set_data(state(sweep=sweep()))
    card.map.setFocus()
    for key, said in (
        (Qt.Key.Key_Right, "no baseline, η .03"), (Qt.Key.Key_Down, "leave-one-out, η .03"),
        (Qt.Key.Key_Down, "leave-one-out, η .03"), (Qt.Key.Key_Right, "diverged at update 57"),
        (Qt.Key.Key_Right, "diverged at update 57"), (Qt.Key.Key_Up, "4 of 16 seeds solved"),
        (Qt.Key.Key_Left, "the best of its row"),
    ):
        qtbot.keyClick(card.map, key)
        assert said in card.map.accessibleDescription()
    assert card.sentence.text() in card.map.accessibleDescription()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_numbers_in_the_map_can_be_read(card, look):
    """At least 4.5 : 1 of ink or paper on every shade of green; failures are hatched."""
    theme.appearance().set_theme(look)
    try:
        card.set_data(state(sweep=sweep()))
        for row in range(2):
            for column in range(3):
                fill = card.map.fill(row, column)
                best = max(contrast(ink, fill) for ink in (look.ink, look.surface))
                assert best >= 4.5
        picture = card.map.grab().toImage()

        def shades(row: int, column: int) -> int:
            rect = card.map.cell_rect(row, column).toRect().adjusted(6, 6, -6, -6)
            line = {picture.pixel(x, rect.top() + 2) for x in range(rect.left(), rect.right())}
            return len(line)

        assert shades(0, 2) > 1
        assert shades(0, 0) == 1
    finally:
        theme.appearance().set_theme(LIGHT)


def test_a_room_is_told_how_many_seeds_are_there():
    """From the numbers in the table, in the colours of the curves; nothing before there are any."""
    words = presenting.study(state(study=STUDY))
    counts = (
        "95 % of the way to the optimum: no\u00a0baseline\u00a012, leave\u2011one\u2011out\u00a012,"
        " V(s)\u00a0exact\u00a012."
    )
    assert words.plain == f"Of the same 16 seeds, {counts}"
    assert [role for _, role in words.sentence if role] == ["ink3", "ink", "base_text"]
    old = presenting.study(state(study=STUDY, outdated="Of the world before the change."))
    assert old.plain == f"Before the change: of the same 16 seeds, {counts}"
    assert "optimum so far: " in presenting.study(state(study=STUDY, working="study")).plain
    assert presenting.study(state()).plain == presenting.study(None).plain == ""


def test_a_room_is_told_which_steps_a_baseline_allows():
    """The sentence below the map when it is whole; before that how far it is."""
    whole = presenting.sweep(state(mode="sweep", sweep=sweep()))
    plain = whole.plain.replace("\u00a0", " ").replace("\u2011", "-")
    assert plain == sweep().grid.sentence()
    together = ".03\u00a0with\u00a0no\u00a0baseline, .03\u00a0with\u00a0leave\u2011one\u2011out"
    assert together in whole.plain
    part = state(mode="sweep", sweep=sweep(whole=False))
    running = presenting.sweep(replace(part, working="sweep", done=1200, total=9600))
    assert running.plain == "Trained so far: 1\u202f200 of 9\u202f600 updates."
    assert presenting.sweep(part).plain == "Stopped before the end."
    assert presenting.sweep(state(mode="sweep")).plain == presenting.sweep(None).plain == ""


TITLE_OF_ONE = "Late benefit: a baseline helps most near the end"
LONG_SENTENCES = (
    "The total return has 31\u202f098 times the variance of γᵗ reward-to-go − V(s): 45.5 against"
    " 0.00146, and both estimate the same gradient.",
    "Along one training, exactly: V(s) cuts the variance 1.71 times at update 0, 10.7 at 6, 141 at"
    " 28, 349 at 50 (0, 50, 90, 97 % of the way).",
    "With noise of σ = 0.3 on every reward, exactly: 75.0 without a baseline, 72.4 with V(s) (1.04"
    " times less), 32.7 with GAE 0.95 (2.29 times less).",
    "A policy that cannot tell cells apart, exactly: 1 466 without a baseline, 553 with the"
    " constant b* = −12.3, 590 with V(s); the constant beats V(s).",
    "Stuck away from the optimum, of the same 64 seeds: no baseline 13, leave-one-out 0, V(s) exact"
    " 0.",
)


def test_the_menu_of_demonstrations(qtbot):
    """Eight of them; what was found stands in a strip, old findings say so."""
    menu, bar = DemonstrationMenu(), DemonstrationStrip()
    qtbot.addWidget(menu)
    qtbot.addWidget(bar)
    heard = []
    menu.command.connect(lambda *command: heard.append(command))
    bar.command.connect(lambda *command: heard.append(command))
    assert len(menu.menu.actions()) == 8
    menu.menu.actions()[0].trigger()
    bar.show_demonstration(DemonstrationState("noise", "Noise", back="Sparse"))
    click(qtbot, bar.back)
    assert heard == [("demonstration", "alive_bonus"), ("demonstration_back", None)]
    assert "Sparse" in bar.back.toolTip()
    bar.show_demonstration(DemonstrationState("noise", "Noise", measuring=True))
    assert bar.sentence.text() == "Measuring…"
    bar.show_demonstration(DemonstrationState("noise", "Noise", "1.04 times."))
    assert bar.sentence.text() == "1.04 times."
    bar.show_demonstration(DemonstrationState("noise", "Noise", "1.04 times.", outdated=True))
    assert bar.sentence.text() == "Before the change: 1.04 times."
    bar.show_demonstration(DemonstrationState("noise", "Noise", "With noise.", trained=True))
    assert bar.sentence.text() == "At update 0: with noise."
    bar.show_demonstration(DemonstrationState())
    assert bar.isHidden()


@pytest.mark.parametrize("factor", [1.0, 1.25, 1.6])
@pytest.mark.parametrize("width", [872, 996, 1338, 1892])
def test_a_demonstrations_sentence_has_room_and_nothing_moves_when_it_comes(qtbot, width, factor):
    """The longest there are, also with the words before an old one."""
    theme.appearance().set_factor(factor)
    try:
        strip = DemonstrationStrip()
        qtbot.addWidget(strip)
        strip.show_demonstration(DemonstrationState("x", TITLE_OF_ONE, measuring=True))
        strip.resize(width, strip.heightForWidth(width))
        for sentence in LONG_SENTENCES:
            strip.show_demonstration(DemonstrationState("x", TITLE_OF_ONE, sentence, outdated=True))
            assert strip.heightForWidth(width) == strip.height()
            label = strip.sentence
            assert label.heightForWidth(label.width()) <= strip.height() - 4, sentence
            assert label.geometry().right() < strip.back.geometry().left()
    finally:
        theme.appearance().set_factor(1.0)


# --- the whole program


def learning(room: Room) -> LearningView:  # noqa: F811
    """Go there as a user does."""
    room.key(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    scene = room.window.variance
    assert scene is not None
    if scene.shown_view != "learning":
        room.qtbot.mouseClick(scene.views.segment("learning"), Qt.MouseButton.LeftButton)
    assert scene.learning is not None
    room.qtbot.waitUntil(lambda: scene.learning.form.run.isVisible(), timeout=LONG)
    return scene.learning


def has_begun(view: LearningView) -> bool:
    """Whether the table has numbers."""
    return view.table.rows[0].texts[1] != "—"


def set_number(room: Room, stepper, number: int) -> None:  # noqa: F811
    stepper.field.setFocus()
    stepper.field.selectAll()
    room.qtbot.keyClicks(stepper.field, str(number))
    room.qtbot.keyClick(stepper.field, Qt.Key.Key_Return)


def test_settings_are_trained_beside_a_training_that_keeps_its_bits(room: Room) -> None:  # noqa: F811
    """Five updates, a study of four settings, five updates: the policy of ten, to the last bit."""
    for _ in range(5):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(5)
    view = learning(room)
    assert len([line for line in view.form.arms.lines if line.isVisible()]) == 4
    click(room.qtbot, view.form.arms.lines[3].remove)
    room.qtbot.waitUntil(lambda: not view.form.arms.lines[3].isVisible(), timeout=LONG)
    set_number(room, view.form.seeds, 3)
    set_number(room, view.form.updates, 30)
    click(room.qtbot, view.form.run)
    room.qtbot.waitUntil(lambda: view.form.run.isVisible() and has_begun(view), timeout=LONG)
    assert room.state is RunState.PAUSED
    result = room.app.learning._study
    assert [arm.episodes[-1] for arm in result.arms] == [480.0] * 3
    assert view.table.rows[2].texts[0] == "V(s) exact"
    room.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    for _ in range(5):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(10)
    assert has_begun(learning(room))
    alone = Trainer(SPARSE, Settings(), (0,))
    for _ in range(10):
        alone.step()
    seen = room.app.presenter.run.snapshot.probabilities
    assert np.array_equal(seen, action_probabilities(alone.logits()[0]).numpy())


def test_a_study_is_stopped_by_its_button(room: Room) -> None:  # noqa: F811
    """What there was is shown, and that it was stopped; then it can be run again."""
    view = learning(room)
    set_number(room, view.form.seeds, 64)
    set_number(room, view.form.updates, 9000)
    click(room.qtbot, view.form.run)
    room.qtbot.waitUntil(lambda: has_begun(view), timeout=LONG)
    click(room.qtbot, view.form.stop)
    room.qtbot.waitUntil(lambda: view.form.run.isVisible(), timeout=LONG)
    assert "Stopped before the end" in view.plot.subtitle.text()


def test_the_gradient_waits_for_a_study_and_says_so(room: Room) -> None:  # noqa: F811
    """Its buttons cannot be pressed and tell why; after Stop they can, and do what they say."""
    view, scene = learning(room), room.window.variance
    controls = scene.gradient.controls
    set_number(room, view.form.seeds, 64)
    set_number(room, view.form.updates, 9000)
    click(room.qtbot, view.form.run)
    room.qtbot.mouseClick(scene.views.segment("gradient"), Qt.MouseButton.LeftButton)
    buttons = (controls.more, controls.exact, controls.anew, controls.episodes.segment("256"))
    room.qtbot.waitUntil(lambda: HOLD["study"] in controls.anew.toolTip(), timeout=LONG)
    for button in buttons[2:]:
        assert not button.isEnabled()
        assert button.toolTip() == HOLD["study"]
    assert not controls.more.isEnabled()
    assert not controls.exact.isEnabled()
    room.qtbot.waitUntil(scene.working.isVisible, timeout=LONG)
    click(room.qtbot, scene.working.stop)
    room.qtbot.waitUntil(lambda: all(button.isEnabled() for button in buttons), timeout=LONG)
    assert controls.anew.toolTip() == "Measure at the policy as it is now"
    click(room.qtbot, controls.more)
    room.qtbot.waitUntil(lambda: "2\u202f048" in controls.sentence.text(), timeout=LONG)


def test_what_is_compared_is_presented_to_a_room(room: Room) -> None:  # noqa: F811
    """F5 and Esc: the board beside the curves, or the map, that is on the screen."""
    view = learning(room)
    for mode, title, panel in (("study", "Side by side", "plot"), ("sweep", "Step sizes", "sweep")):
        room.qtbot.mouseClick(view.form.mode.segment(mode), Qt.MouseButton.LeftButton)
        room.qtbot.waitUntil(lambda panel=panel: getattr(view, panel).isVisible(), timeout=LONG)
        set_number(room, view.form.seeds, 2)
        set_number(room, view.form.updates, 12)
        click(room.qtbot, view.form.run)
        room.qtbot.waitUntil(lambda: view.form.run.isVisible(), timeout=LONG)
        room.key(Qt.Key.Key_F5)
        stage = room.window.presentation.stage
        assert stage is not None
        assert stage.act.title == title
        assert stage.foot.turn.text() == title
        shown, said = stage.panels[title], stage.sentence.accessibleName()
        assert not view.isVisible()
        if mode == "study":
            room.qtbot.waitUntil(lambda shown=shown: shown.chart is not None, timeout=LONG)
            assert [label.text for label in shown.chart.labels][1:] == [
                line.name.text() for line in view.form.arms.lines
            ]
            assert said.startswith("Of the same 2 seeds, 95 % of the way to the optimum: ")
        else:
            assert shown.map.cells() is not None
            assert shown.sentence.isHidden()
            plain = said.replace("\u00a0", " ").replace("\u2011", "-")
            assert plain == view.sweep.sentence.text()
        room.key(Qt.Key.Key_Escape)
        assert room.window.presentation.stage is None
        assert getattr(view, panel).isVisible()


def test_a_board_changed_while_it_trains_is_told_at_once(room: Room) -> None:  # noqa: F811
    """The study goes on in its own world; its end says so too."""
    view = learning(room)
    set_number(room, view.form.seeds, 64)
    set_number(room, view.form.updates, 9000)
    click(room.qtbot, view.form.run)
    room.qtbot.waitUntil(lambda: has_begun(view), timeout=LONG)
    before = view.plot.geometry()
    room.app.document.set_fields(slip=0.2)
    room.qtbot.waitUntil(lambda: view.plot.subtitle.text() == WORLD_CHANGED, timeout=LONG)
    assert (view.working, view.plot.geometry()) == (True, before)
    room.app.actions["undo"].trigger()
    room.qtbot.waitUntil(lambda: view.plot.subtitle.text() != WORLD_CHANGED, timeout=LONG)
    room.app.actions["redo"].trigger()
    click(room.qtbot, view.form.stop)
    room.qtbot.waitUntil(lambda: view.form.run.isVisible(), timeout=LONG)
    assert "Of the world before the change." in view.plot.subtitle.text()


@pytest.mark.parametrize(("at", "part"), [(6, "clouds"), (1, "along")])
def test_a_demonstration_shows_what_its_sentence_is_of(room: Room, at, part) -> None:  # noqa: F811
    """Whatever was seen before: the bandit's clouds, the curves of the late benefit."""
    learning(room)
    scene = room.window.variance
    room.qtbot.mouseClick(scene.views.segment("gradient"), Qt.MouseButton.LeftButton)
    parts = {"clouds": scene.gradient.clouds, "along": scene.gradient.along}
    other = "along" if part == "clouds" else "clouds"
    room.qtbot.mouseClick(scene.gradient.tabs.segment(other), Qt.MouseButton.LeftButton)
    assert parts[other].isVisible()
    room.key(Qt.Key.Key_Z)
    scene.demonstrations.menu.actions()[at].trigger()
    room.qtbot.waitUntil(parts[part].isVisible, timeout=LONG)
    assert scene.gradient.tabs.value == part
    assert not parts[other].isVisible()


def test_every_number_of_a_sentence_is_on_the_screen(room: Room) -> None:  # noqa: F811
    """Each panel's exact tr Cov stands in the sentence, which calls it so, and in the table."""
    learning(room)
    scene, app = room.window.variance, room.app
    shown = [one for one in DEMONSTRATIONS if one.part == "clouds"]
    assert len(shown) == 6
    for one in shown:
        app.window.command.emit("demonstration", one.id)
        room.qtbot.waitUntil(
            lambda: app.variance._survey is not None and app.variance._survey.exact_done
            and app.demonstrations._asked is None, timeout=LONG,
        )
        room.qtbot.wait(40)
        panels = scene.gradient.clouds.clouds.panels
        said = scene.demonstration.sentence.text()
        assert [panel._one.name for panel in panels] == list(one.estimators)
        assert "xact" in said
        lines = {line.name: line for line in scene.gradient.table.table.rows.lines}
        for panel in panels:
            number = panel.exact_text.removeprefix("exactly ")
            assert re.search(rf"(?<![\d.\u202f]){re.escape(number)}(?![\d\u202f])", said), number
            assert lines[panel._one.name].cells["exact"] == number
            assert panel.exact_text in panel.accessibleDescription()


def test_a_room_is_told_what_the_demonstration_has_shown(room: Room) -> None:  # noqa: F811
    """On every panel of its view; elsewhere, and once it is over, what is measured there."""
    learning(room)
    scene, presentation = room.window.variance, room.window.presentation
    strip = scene.demonstration

    def told() -> str:
        stage = presentation.stage
        return stage.sentence.accessibleName().replace("\u00a0", " ").replace("\u2011", "-")

    scene.demonstrations.menu.actions()[6].trigger()
    room.qtbot.waitUntil(lambda: "2\u202f525" in strip.sentence.text(), timeout=LONG)
    room.qtbot.waitUntil(lambda: not room.app.variance._waiting, timeout=LONG)
    room.key(Qt.Key.Key_F5)
    for _ in range(3):
        assert told() == strip.sentence.text()
        written = QTextDocument()
        written.setHtml(presentation.stage.sentence.text())
        assert "2\u00a0525" in written.toRawText()  # at no end of a line
        room.key(Qt.Key.Key_PageDown)
    room.app.document.set_fields(slip=0.1)
    room.qtbot.waitUntil(lambda: told().startswith("Before the change: exactly"), timeout=LONG)
    room.key(Qt.Key.Key_Escape)
    room.app.document.undo()
    learning(room)  # which shows something else than the sentence is of
    room.key(Qt.Key.Key_F5)
    assert "2\u202f525" not in told()
    room.key(Qt.Key.Key_Escape)
    click(room.qtbot, strip.back)
    room.qtbot.waitUntil(strip.isHidden, timeout=LONG)
    scene.show_view("gradient")
    room.qtbot.waitUntil(lambda: room.app.variance._survey is not None, timeout=LONG)
    room.key(Qt.Key.Key_F5)
    room.qtbot.waitUntil(lambda: "1\u202f024 episodes" in told(), timeout=LONG)
    room.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("said", "whole"),
    [("has 31 times the variance of γᵗ to-go − V(s): 45.5", "γᵗ to-go − V(s):"),
     ("leaves V(s₀) 0.0563 (1.96 times more); γᵗ to-go", "(1.96 times more)"),
     ("with the constant b* = −12.3, 590 with V(s)", "b* = −12.3,")],
)  # fmt: skip
def test_no_line_ends_within_a_name_or_a_short_remark(said, whole):
    """Of what a demonstration has shown, before a room."""
    shown = DemonstrationState("x", "X", said, view="gradient")
    words = presenting.demonstrated("gradient", presenting.clouds)(None, shown)
    assert words.plain.replace("\u00a0", " ").replace("\u2011", "-") == said
    assert whole.replace(" ", "\u00a0").replace("-", "\u2011") in words.plain


@pytest.mark.parametrize("at", [0, 7])
def test_the_exact_gradient_is_seen_as_what_it_is_called(room: Room, at) -> None:  # noqa: F811
    """A green mark, be it an arrow as beside V* or a dot as beside the alive bonus's wide cloud."""
    learning(room)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[at].trigger()
    room.qtbot.waitUntil(lambda: "xact" in scene.demonstration.sentence.text(), timeout=LONG)
    room.qtbot.waitUntil(lambda: not room.app.variance._waiting, timeout=LONG)
    room.key(Qt.Key.Key_F5)
    stage = room.window.presentation.stage
    assert "green mark" in stage.headline.words
    panels = stage.panels["Clouds"].clouds.panels
    room.qtbot.waitUntil(lambda: all(panel.image is not None for panel in panels), timeout=LONG)
    green = theme.appearance().theme.opt
    for panel in panels:
        x, y = panel.scale.at(1, 0)
        tip = panel.area.topLeft() + QPointF(x - 3, y).toPoint()
        around = panel.grab(QRect(tip.x() - 3, tip.y() - 3, 7, 7)).toImage()
        colours = [around.pixelColor(i, j) for i in range(7) for j in range(7)]
        assert colours.count(green) > 8
    room.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_every_cloud_of_a_demonstration_is_named_before_the_room(room: Room, factor) -> None:  # noqa: F811
    """Two goals on a small projector: names are whole, and clear of the numbers, also if large."""
    learning(room)
    theme.appearance().set_factor(factor)
    try:
        scene = room.window.variance
        scene.demonstrations.menu.actions()[2].trigger()
        room.qtbot.waitUntil(lambda: "xact" in scene.demonstration.sentence.text(), timeout=LONG)
        room.qtbot.waitUntil(lambda: not room.app.variance._waiting, timeout=LONG)
        room.key(Qt.Key.Key_F5)
        room.window.setWindowState(Qt.WindowState.WindowNoState)
        room.window.resize(1024, 768)
        panels = room.window.presentation.stage.panels["Clouds"].clouds.panels
        room.qtbot.waitUntil(lambda: all(panel.image is not None for panel in panels), timeout=LONG)
        assert [panel.head()[0] for panel in panels] == [
            "Total", "Total − V(s₀)", "γᵗ to-go", "γᵗ to-go − V(s)"
        ]
        for panel in panels:
            look, (name, number) = panel.look, panel.head()
            large, small = (QFontMetricsF(look.font(*font))
                            for font in ((13, theme.SEMIBOLD), (12, theme.MEDIUM)))
            wide = large.horizontalAdvance(name) + small.horizontalAdvance(number)
            assert wide <= panel.width() - look.px(15)
            assert panel.exact_text.startswith("exactly 0.0")
            across = panel.axes.names()[1][1]
            assert not across.intersects(panel.exact_place())
            assert panel.axes.names()[1][0].startswith("↑")
        room.key(Qt.Key.Key_Escape)
    finally:
        theme.appearance().set_factor(1.0)


def test_a_demonstration_along_training_is_presented_with_its_curves(room: Room) -> None:  # noqa: F811
    """Also where all parts are seen at once: its sentence is of those, and not of the clouds."""
    learning(room)
    room.window.setWindowState(Qt.WindowState.WindowNoState)
    room.window.resize(1920, 1080)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[1].trigger()
    room.qtbot.waitUntil(lambda: "xact" in scene.demonstration.sentence.text(), timeout=LONG)
    room.qtbot.waitUntil(lambda: not room.app.variance._waiting, timeout=LONG)
    assert scene.gradient.tabs.isHidden()
    room.key(Qt.Key.Key_F5)
    stage = room.window.presentation.stage
    assert stage.act.title == "Along training"
    assert stage.sentence.accessibleName().startswith("Along one training")
    room.key(Qt.Key.Key_Escape)
    click(room.qtbot, scene.demonstration.back)
    room.qtbot.waitUntil(scene.demonstration.isHidden, timeout=LONG)
    scene.show_view("gradient")
    room.key(Qt.Key.Key_F5)
    assert room.window.presentation.stage.act.title == "Clouds"
    room.key(Qt.Key.Key_Escape)


def answers(room: Room) -> list[str]:  # noqa: F811
    """Of the question that is asked; none where none is."""
    sheet = room.app.files.sheet
    return [] if sheet is None else [b.text() for b in sheet.findChildren(QAbstractButton)]


def answer(room: Room, text: str) -> None:  # noqa: F811
    buttons = room.app.files.sheet.findChildren(QAbstractButton)
    click(room.qtbot, next(b for b in buttons if b.text() == text))


@pytest.mark.parametrize("way", ["another world", "closing"])
def test_a_demonstration_never_loses_a_drawing(room: Room, way) -> None:  # noqa: F811
    """It asks nothing, for it comes and goes; what would lose the drawing brings it up and asks."""
    app, document = room.app, room.app.document
    learning(room)
    document.set_fields(slip=0.2)
    drawn = document.world
    bar, strip = room.window.variance.demonstrations, room.window.variance.demonstration
    bar.menu.actions()[6].trigger()
    assert not answers(room)
    room.qtbot.waitUntil(lambda: "2\u202f525" in strip.sentence.text(), timeout=LONG)
    assert document.world.name == "Two-armed bandit"
    assert room.window.variance.shown_view == "gradient"
    assert app.presenter.settings.architecture == "table"
    if way == "closing":
        assert not room.window.close()
    else:
        app.files.open_preset("trap")
    assert document.world is drawn
    assert document.modified
    assert "Save" in answers(room)
    answer(room, "Cancel")
    assert document.world is drawn
    room.qtbot.waitUntil(strip.isHidden, timeout=LONG)


def test_back_from_demonstrations_all_is_as_it_was(room: Room) -> None:  # noqa: F811
    """World with undo and unsaved mark, settings, policy, curves, what was compared; by clicks."""
    app, scene = room.app, room.window.variance or room.window._build_variance()
    app.document.set_fields(slip=0.15)
    app.presenter.on_command("setting", ("learning_rate", 0.02))
    for _ in range(4):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(4)
    view = learning(room)
    click(room.qtbot, view.form.arms.lines[3].remove)
    set_number(room, view.form.seeds, 5)
    app.variance.on_command("variance_choose", "reward_to_go/V/discount=practice")
    world, settings = app.document.world, app.presenter.settings
    policy, curve = app.presenter.run.snapshot.probabilities, app.presenter.curves.returns.rows()
    names, rows = app.variance._chosen, view.form.arms.lines[0].isVisible()
    for at in (5, 6):  # the trap, which is compared in the view of learning, and the bandit
        scene.demonstrations.menu.actions()[at].trigger()
        room.qtbot.waitUntil(lambda: app.document.world is not world, timeout=LONG)
        assert scene.demonstration.isVisible()
        assert world.name in scene.demonstration.back.toolTip()
        assert not app.actions["undo"].isEnabled()
    room.key(Qt.Key.Key_U)
    room.wait_for_update(1)
    click(room.qtbot, scene.demonstration.back)
    room.wait_for_update(4)
    room.qtbot.waitUntil(lambda: not scene.demonstration.isVisible(), timeout=LONG)
    assert app.document.world is world
    assert app.document.modified
    assert app.presenter.settings == settings
    assert np.array_equal(app.presenter.run.snapshot.probabilities, policy)
    assert np.array_equal(app.presenter.curves.returns.rows(), curve)
    assert app.variance._chosen == names
    scene.show_view("gradient")
    room.qtbot.waitUntil(lambda: app.variance._survey is not None, timeout=LONG)
    assert app.variance._survey.update == 4
    assert app.variance._newer() == ""
    learning(room)
    assert (view.form.seeds.value, rows, view.form.arms.lines[3].isVisible()) == (5, True, False)
    room.key(Qt.Key.Key_U)  # and it goes on as if nothing had been
    room.wait_for_update(5)
    alone = Trainer(world, settings, (0,))
    for _ in range(5):
        alone.step()
    seen = app.presenter.run.snapshot.probabilities
    assert np.array_equal(seen, action_probabilities(alone.logits()[0]).numpy())
    app.actions["undo"].trigger()
    assert app.document.world.slip == SPARSE.slip
    assert not app.document.modified


def test_another_world_ends_a_demonstration_for_good(room: Room) -> None:  # noqa: F811
    """There is nothing to go back to any more."""
    learning(room)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[6].trigger()
    room.qtbot.waitUntil(scene.demonstration.isVisible, timeout=LONG)
    room.app.files.open_preset("trap")
    room.qtbot.waitUntil(lambda: not scene.demonstration.isVisible(), timeout=LONG)
    assert room.app.aside.name is None


def test_going_back_asks_nothing_and_loses_nothing(room: Room) -> None:  # noqa: F811
    """The own world comes back untouched; the demonstration's that was drawn on, by a message."""
    app, document = room.app, room.app.document
    mine = document.world
    learning(room)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[6].trigger()
    room.qtbot.waitUntil(lambda: "2\u202f525" in scene.demonstration.sentence.text(), timeout=LONG)
    document.set_fields(slip=0.3)
    drawn = document.world
    room.qtbot.waitUntil(lambda: scene.demonstration.sentence.text().startswith("Before the"),
                         timeout=LONG)
    click(room.qtbot, scene.demonstration.back)
    assert app.files.sheet is None
    assert document.world is mine
    assert not document.modified
    assert scene.shown_view == "learning"
    room.qtbot.waitUntil(scene.demonstration.isHidden, timeout=LONG)

    def again():
        buttons = room.window.findChildren(QAbstractButton)
        return [b for b in buttons if b.text() == "Back to the demonstration" and b.isVisible()]

    room.qtbot.waitUntil(lambda: bool(again()), timeout=LONG)
    click(room.qtbot, again()[0])
    assert document.world is drawn
    room.qtbot.waitUntil(lambda: scene.demonstration.sentence.text().startswith("Before the"),
                         timeout=LONG)
    room.qtbot.waitUntil(lambda: not again(), timeout=LONG)
    app.actions["undo"].trigger()
    assert document.world.slip == 0
    click(room.qtbot, scene.demonstration.back)
    assert document.world is mine
    room.qtbot.wait(60)
    assert not again()


def test_back_from_a_demonstration_the_same_part_is_seen(room: Room) -> None:  # noqa: F811
    """The table, or one curve that filled the view; not what the demonstration is looked at in."""
    learning(room)
    scene = room.window.variance
    gradient = scene.gradient
    room.qtbot.mouseClick(scene.views.segment("gradient"), Qt.MouseButton.LeftButton)
    room.qtbot.mouseClick(gradient.tabs.segment("table"), Qt.MouseButton.LeftButton)
    for seen in ("table", "ratio"):
        if seen == "ratio":
            gradient.expand("ratio")
        for at in (1, 5):  # which are looked at along training, and in the view of learning
            scene.demonstrations.menu.actions()[at].trigger()
            room.qtbot.waitUntil(scene.demonstration.isVisible, timeout=LONG)
        assert scene.shown_view == "learning"
        click(room.qtbot, scene.demonstration.back)
        room.qtbot.waitUntil(scene.demonstration.isHidden, timeout=LONG)
        assert scene.shown_view == "gradient"
        assert gradient.tabs.value == "table"
        parts = {"clouds": gradient.clouds, "table": gradient.table, "along": gradient.along,
                 "ratio": gradient.ratio}
        assert [name for name, part in parts.items() if part.isVisible()] == [seen]


def test_what_a_demonstration_took_the_place_of_outlives_a_crash(
    room: Room, tmp_path: Path  # noqa: F811
) -> None:
    """The copy for the next start is of the user's own drawing and run, not of the demonstration.

    Of the demonstration's world only where that alone was drawn on.
    """
    app = room.app
    app.files.open_path(str(_saved(tmp_path)))
    app.document.set_fields(slip=0.3)
    for update in (1, 2):
        room.key(Qt.Key.Key_U)
        room.wait_for_update(update)
    before = app._session()
    assert (before.update, before.modified, before.world.slip) == (2, True, 0.3)
    learning(room)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[6].trigger()
    room.qtbot.waitUntil(scene.demonstration.isVisible, timeout=LONG)
    assert app.document.world != before.world
    assert app._session() == before
    assert before.stamp
    app.document.set_fields(slip=0.2)
    assert app._session() == before
    click(room.qtbot, scene.demonstration.back)
    assert app._session() == before
    app.files.save()
    saved = app._session()
    assert not saved.modified
    scene.demonstrations.menu.actions()[6].trigger()
    assert app._session() == saved
    app.document.set_fields(slip=0.2)
    assert app._session().world is app.document.world


def _saved(folder: Path) -> Path:
    path = folder / "mine.json"
    path.write_text(rlxent_resources.world_text("sparse5"))
    return path


def test_a_late_policy_comes_with_its_curves(room: Room) -> None:  # noqa: F811
    """The ratio's growth is seen: a point an update, of what the demonstration compares.

    The dots of the exact ratio are what the sentence says of their updates.
    """
    learning(room)
    scene = room.window.variance
    scene.demonstrations.menu.actions()[1].trigger()
    room.qtbot.waitUntil(lambda: "times at" in scene.demonstration.sentence.text(), timeout=LONG)
    curves = room.app.presenter.curves
    room.qtbot.waitUntil(lambda: len(curves.variance) > 30, timeout=LONG)
    # The last snapshot may come a frame after the curve's last point.
    room.qtbot.waitUntil(
        lambda: room.app.presenter.update + 1 == len(curves.variance), timeout=LONG
    )
    last = room.app.presenter.update
    assert list(curves.variance.column(0)) == list(range(last + 1))
    assert curves.variance_label == "V(s) exact"  # of which the sentence is
    ratio = curves.variance.column(1) / curves.variance.column(2)
    assert ratio[-10:].mean() > 10 * ratio[:10].mean()
    (dots,) = variance_plots.ratio(curves, room.app.presenter.settings).exact
    said = re.findall(r"([\d.]+)(?: times)? at (?:update )?(\d+)",
                      scene.demonstration.sentence.text())
    assert len(said) == 4
    found = dict(zip(dots.updates, dots.values, strict=True))
    told = {int(update): float(times) for times, update in said if int(update) in found}
    assert 0 in told
    for update, times in told.items():
        assert found[update] == pytest.approx(times, rel=0.005)
