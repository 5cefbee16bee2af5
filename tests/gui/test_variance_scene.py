"""The Variance scene as it is used: real clicks and keys, real training, every window size."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QWidget

import rlxent_resources
from rlxent_core.survey import Survey
from rlxent_core.world_file import read_text
from rlxent_gui import cards, presenting, theme
from rlxent_gui.app import App
from rlxent_gui.document import Document
from rlxent_gui.estimator_words import label
from rlxent_gui.mailbox import Progress
from rlxent_gui.panels.variance.clouds import Clouds
from rlxent_gui.panels.variance.columns import columns
from rlxent_gui.panels.variance.controls import UNCHANGED
from rlxent_gui.panels.variance.dots import Scale, picture, reach
from rlxent_gui.panels.variance.table_ink import TableInk, parted
from rlxent_gui.plots.ranges import power_text
from rlxent_gui.preferences import Preferences
from rlxent_gui.variance_resolve import COLUMNS
from rlxent_gui.variance_view import CloudView, TableLine
from rlxent_gui.view_state import RunState
from rlxent_gui.widgets.focus import FocusRing
from tests.gui.test_layout import clipped, overlapping

LONG = 30_000
PLAIN = "reward_to_go/none/discount=practice"
OWN = "reward_to_go/leave_one_out/discount=practice"
V = "reward_to_go/V/discount=practice"
GAE = "gae_0.95/V/discount=practice"
SIZES = (1920, 1080), (1366, 768), (1024, 768)
"""The first is that of the window as it opens; one window goes through them all."""


class Room:
    """A started program with the Variance scene on show."""

    def __init__(self, app: App, qtbot) -> None:
        self.app, self.qtbot, self.window = app, qtbot, app.window

    def open(self) -> None:
        self.qtbot.keyClick(self.window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        self.wait(lambda: self.survey is not None and not self.busy)

    def wait(self, what) -> None:
        self.qtbot.waitUntil(what, timeout=LONG)

    @property
    def gradient(self):
        return self.window.variance.gradient

    @property
    def table(self):
        return self.gradient.table.table

    @property
    def survey(self):
        return self.app.variance._survey

    @property
    def busy(self) -> bool:
        return self.app.variance._waiting

    def click(self, widget, at: QPointF | QPoint | None = None) -> None:
        place = widget.rect().center() if at is None else QPointF(at).toPoint()
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)

    def key(self, widget, key) -> None:
        self.qtbot.keyClick(widget, key)

    def frame(self) -> None:
        self.qtbot.wait(40)

    @property
    def chosen(self) -> list[str]:
        return [line.name for line in self.table.rows.lines if line.chosen]

    @property
    def clouds(self) -> list[str]:
        return [panel._one.name for panel in self.gradient.clouds.clouds.panels]

    @property
    def update(self) -> int:
        return self.app.presenter.update


@pytest.fixture
def room(qtbot, qapp: QApplication, tmp_path: Path) -> Iterator[Room]:
    preferences = Preferences(tmp_path / "preferences.json")
    theme.appearance().install(qapp, preferences)
    app = App(
        preferences, Document(read_text(rlxent_resources.world_text("sparse5"))),
        device="cpu", autosave_folder=tmp_path / "autosave",
    )
    with qtbot.waitSignal(app.window.built, timeout=LONG):
        app.start()
    app.window.setWindowState(Qt.WindowState.WindowNoState)
    app.window.resize(1920, 1080)
    app.window.activateWindow()
    bench = Room(app, qtbot)
    bench.wait(lambda: app.presenter.run.state is RunState.READY)
    bench.open()
    yield bench
    theme.appearance().set_factor(1.0)
    theme.appearance().set_theme(theme.LIGHT)
    app.close()
    app.window.close()
    app.window.deleteLater()
    assert not app.training.is_alive()


def test_the_scene_measures_by_itself_and_draws_the_pair(room: Room) -> None:
    """Ctrl+3: two clouds, all rows, of the policy as it is; nothing was trained for it."""
    assert room.window.shown_scene == "variance"
    room.frame()
    assert room.clouds == [PLAIN, OWN]
    assert room.gradient.controls.sentence.text() == "Policy of update 0, 1\u202f024 episodes"
    assert room.gradient.controls.newer.text() == UNCHANGED
    assert len(room.table.names) == len(room.survey.rows) == 21
    assert room.update == 0
    none, own = room.gradient.clouds.clouds.panels
    assert none.scale == own.scale
    assert none.image is not None
    assert none.trace_text.startswith("tr Cov ")
    assert "Mean of 1\u202f024 episodes" in none.accessibleDescription()


def test_a_click_on_a_head_sorts_and_a_second_turns_it_round(room: Room) -> None:
    head = room.table.head
    by_target = list(room.table.names)
    for turned in (False, True):
        room.click(head, head.place("trace"))
        room.frame()
        names = [n for n in room.table.names if "z_score" not in n]
        traces = [next(r.trace for r in room.survey.rows if r.name == n) for n in names]
        assert traces == sorted(traces, reverse=turned)
        assert "tr Cov" in head.accessibleDescription()
    room.click(head, head.place("trace"))
    room.frame()
    assert list(room.table.names) == by_target


def test_every_heading_is_whole_also_with_its_arrow(room: Room) -> None:
    """Sorted by any column, either way, at any text size: two lines, no word cut or covered."""
    head = room.table.head
    for size, factor in product(SIZES, (*theme.FACTORS, 1.5)):
        room.window.resize(*size)
        theme.appearance().set_factor(factor)
        room.gradient.show_part("table")
        room.wait(lambda: head.isVisible() and head.height() == head.sizeHint().height())
        for name, turned in product(COLUMNS, (False, True)):
            head.show_sort((name, turned))
            found = []
            for column in head._columns[1:]:
                place, flags, text = head.heading(column)
                metrics = QFontMetricsF(head._font(column))
                ink = metrics.boundingRect(place, flags, text)
                case = (size, factor, name, turned, text)
                assert ("↓" if turned else "↑") in text or column.name != name, case
                assert ink.height() < 2.5 * metrics.height(), case
                assert ink.top() >= -1, case
                assert ink.width() <= place.width() + 1, case
                lines = round(ink.height() / metrics.height())
                found.append((ink, lines))
            for (one, lines), (other, others) in pairwise(found):
                # One line stands below the first of two.
                if lines == others:
                    assert one.right() <= other.left() + 1, (size, factor, name)


def test_sorted_by_episodes_the_arrow_takes_no_third_line(room: Room) -> None:
    """Where the heading has its two lines already."""
    head = room.table.head
    for arrow in ("↑", "↓"):
        room.click(head, head.place("episodes"))
        column = next(c for c in head._columns if c.name == "episodes")
        room.wait(lambda arrow=arrow, column=column: arrow in head.heading(column)[2])
        assert head.heading(column)[2] == f"{arrow} episodes for cos .7"


def test_the_keyboard_sorts_and_chooses(room: Room) -> None:
    """Tab to the heads: arrows and Return; Tab to the rows: arrows, Home, End and Return."""
    head, rows = room.table.head, room.table.rows
    head.setFocus()
    room.key(head, Qt.Key.Key_Right)  # from tr Cov to the exact one
    room.key(head, Qt.Key.Key_Right)
    room.key(head, Qt.Key.Key_Return)
    room.frame()
    assert room.app.variance._sort == ("ratio", False)
    rows.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down):
        room.key(rows, key)
    second = room.table.names[1]
    was = second in room.chosen
    room.key(rows, Qt.Key.Key_Return)
    room.frame()
    assert (second in room.chosen) != was
    assert ("not chosen" in rows.accessibleDescription()) == was
    assert rows.accessibleDescription().count(", ") > 3
    room.key(rows, Qt.Key.Key_End)
    room.key(rows, Qt.Key.Key_Return)
    room.frame()
    assert room.table.names[-1] in room.chosen
    assert room.update == 0  # neither Home nor Return did anything else


def test_chosen_rows_have_clouds_and_curves_here_and_in_explore(room: Room) -> None:
    rows = room.table.rows
    for name in (V, GAE):
        room.click(rows, rows.place(name))
        room.frame()
    assert room.clouds == [PLAIN, OWN, V, GAE]
    for _ in range(3):
        before = room.update
        room.key(room.window, Qt.Key.Key_U)
        room.wait(lambda before=before: room.update > before)
    room.frame()
    room.wait(lambda: len(room.gradient.along.chart.labels) == 4)
    assert {label.text for label in room.gradient.along.chart.labels} == {
        "no baseline", "leave-one-out", "V(s)", "GAE 0.95, V(s)"
    }
    room.window.show_scene("explore")
    explore = room.window.scene.plots.plots["variance"]
    room.wait(lambda: len(explore.chart.labels) == 4)
    room.window.show_scene("variance")
    room.click(rows, rows.place(PLAIN))
    room.frame()
    assert room.clouds == [OWN, V, GAE]
    room.wait(lambda: len(room.gradient.along.chart.labels) == 3)


def test_training_goes_on_and_is_measured_anew(room: Room) -> None:
    """The clouds stay as they were; the sentence says so; one button measures again."""
    for _ in range(2):
        before = room.update
        room.key(room.window, Qt.Key.Key_U)
        room.wait(lambda before=before: room.update > before)
    room.wait(lambda: room.gradient.controls.newer.text() == "Training is at update 2")
    assert room.survey.update == 0
    room.click(room.gradient.controls.anew)
    room.wait(lambda: room.survey.update == 2 and not room.busy)
    room.frame()
    assert room.gradient.controls.sentence.text().startswith("Policy of update 2,")
    assert room.gradient.controls.newer.text() == UNCHANGED


def test_a_room_is_told_of_which_update_the_clouds_are(room: Room) -> None:
    """Where the board shows another policy than the one that was measured."""
    view = room.app.variance._slice()
    assert presenting.clouds(view).plain.startswith(
        "Variance of one episode’s gradient, in 1\u202f024 episodes: "
    )
    later = replace(view, newer="Training is at update 2")
    assert presenting.clouds(later).plain.startswith(
        "Variance of one episode’s gradient at update 0, in 1\u202f024 episodes: "
    )


def test_a_room_is_told_of_every_cloud_or_of_the_widest_and_the_narrowest(room: Room) -> None:
    """Two and three by name; of more, between what they all lie."""
    plain = presenting.clouds(room.app.variance._slice()).plain
    assert plain.count(",") == 2
    for name in (V, GAE):
        room.app.variance.on_command("variance_choose", name)
    view = room.app.variance._slice()
    widest, *_, narrowest = sorted(
        (one.row for one in view.chosen if one.row), key=lambda row: -row.trace
    )
    said = presenting.clouds(view).plain.replace("\u00a0", " ").replace("\u2011", "-")
    assert len(view.chosen) == 4
    assert said.endswith(
        f": from {label(widest.estimator)} {widest.trace:.2f}"
        f" to {label(narrowest.estimator)} {narrowest.trace:.2f}."
    )


def test_more_episodes_keep_the_ones_there_are(room: Room) -> None:
    before = next(r for r in room.survey.rows if r.name == OWN).cloud.x
    panel = room.gradient.clouds.clouds.panels[1]
    room.wait(lambda: panel.image is not None)
    dots = panel.image
    room.click(room.gradient.controls.more)
    room.wait(lambda: room.survey.episodes == 2048 and not room.busy)
    after = next(r for r in room.survey.rows if r.name == OWN).cloud.x
    assert np.array_equal(after[:1024], before)
    room.wait(lambda: panel.image is not dots)
    room.frame()
    assert room.gradient.controls.sentence.text().endswith("2\u202f048 episodes")


def test_the_pointer_tells_of_how_many_episodes_a_mean_is(room: Room) -> None:
    """Where an update has more than are taken together; below the table as well."""
    view = room.gradient
    view.tabs.set_value("table")
    view._arrange()
    rows = room.table.rows

    def tip() -> str:
        return str(rows.tip_at(rows.place(OWN).y()))

    assert "episodes at a time" not in tip()
    room.app.presenter.on_command("settings", {"batch_episodes": 1500})
    room.wait(view.controls.anew.isEnabled)
    room.click(view.controls.anew)
    room.wait(lambda: not room.busy and "episodes at a time" in tip())
    said = "from 1\u202f024 episodes at a time, an update of the training has 1\u202f500"
    assert f"Its mean is taken {said}." in tip()
    assert said in view.table.note.text()


def test_long_work_says_how_far_it_is_and_stops(room: Room) -> None:
    """16,384 episodes: a bar in the scene, no card over the clouds, and Stop keeps what is."""
    controls, working = room.gradient.controls, room.window.variance.working
    room.click(controls.episodes._segments["16384"])
    room.wait(working.isVisible)
    assert working.text.text().startswith("Measuring gradients: ")
    assert "of 16\u202f384 episodes" in working.text.text()
    assert not any(card.id == "progress" for card in room.window.scene.cards.views)
    assert not controls.more.isEnabled()
    room.wait(lambda: room.survey.episodes > 1024)
    room.click(working.stop)
    room.wait(lambda: not room.busy)
    assert 1024 < room.survey.episodes < 16_384
    room.wait(lambda: not working.isVisible())
    room.frame()
    assert controls.more.isEnabled()


def test_exact_variances_come_into_the_table(room: Room) -> None:
    controls, panel = room.gradient.controls, room.gradient.clouds.clouds.panels[1]
    room.wait(lambda: panel.image is not None)
    dots = panel.image
    room.click(controls.exact)
    room.wait(lambda: room.survey.exact_done and not room.busy)
    room.frame()
    # Beside the same dots; in other colours or elsewhere they are others.
    room.wait(lambda: "tr Cov" in panel.words() and panel.exact_text in panel.words())
    assert panel.exact_text
    assert panel.image is dots
    theme.appearance().set_theme(theme.DARK)
    room.wait(lambda: panel.image is not dots)
    dots = panel.image
    room.window.resize(1700, 1000)
    room.wait(lambda: panel.image is not dots)
    assert panel.image.size() == panel.area.size()
    lines = {line.name: line for line in room.table.rows.lines}
    assert lines[OWN].cells["exact"]
    assert lines[OWN].bar[3] == next(r for r in room.survey.rows if r.name == OWN).exact
    assert not controls.exact.isEnabled()
    assert controls.exact.toolTip() == "All exact variances are in the table"


def test_an_edit_of_the_world_is_told(room: Room) -> None:
    room.app.document.set_fields(slip=0.4)
    room.wait(
        lambda: room.gradient.controls.newer.text() == "It is of the world before the change"
    )
    room.click(room.gradient.controls.anew)
    room.wait(lambda: room.gradient.controls.newer.text() == UNCHANGED)
    assert room.survey.world is room.app.document.world


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_nothing_moves_when_a_note_appears(room: Room, factor) -> None:
    """Of training that went on, was taken back, of a change; nor when work begins or ends."""
    view, working = room.gradient, room.window.variance.working

    def places() -> dict[str, QRect]:
        room.frame()
        parts = [*view.controls._parts, view.clouds, view.table, view.along, view.ratio,
                 view.controls.tabs, view.controls.sentence]
        return {f"{part.accessibleName()} {part}": part.geometry() for part in parts}

    for turn, size in enumerate((*SIZES, (900, 600))):
        room.window.resize(*size)
        theme.appearance().set_factor(factor)
        room.wait(lambda: not room.busy and view.controls.newer.text() == UNCHANGED)
        before = places()
        update = room.update
        room.key(room.window, Qt.Key.Key_U)
        room.wait(lambda update=update: room.update > update)
        assert places() == before, size
        assert view.controls.newer.text().startswith("Training is at update"), size
        assert view.controls.newer.shown_text == view.controls.newer.text(), size
        room.app.presenter.on_command("previous")
        room.wait(lambda: view.controls.newer.text().startswith("Training went back"))
        assert places() == before, size
        assert view.controls.newer.shown_text == view.controls.newer.text(), size
        room.app.document.set_fields(slip=0.2 + 0.1 * turn)
        room.wait(lambda: "before the change" in view.controls.newer.text())
        assert places() == before, size
        assert view.controls.newer.shown_text == view.controls.newer.text(), size
        room.click(view.controls.anew)
        room.wait(lambda: room.busy)
        assert places() == before, size
        room.wait(lambda: not room.busy and not working.isVisible())
        assert places() == before, size


def test_a_reset_measures_the_new_run(room: Room) -> None:
    old = room.survey
    room.key(room.window, Qt.Key.Key_U)
    room.wait(lambda: room.update == 1)
    room.click(room.gradient.controls.anew)
    room.wait(lambda: room.survey is not None and room.survey.update == 1 and not room.busy)
    room.window.variance.views.setFocus()
    room.app.presenter.on_command("reset")
    room.wait(lambda: room.survey is not None and room.survey.update == 0 and not room.busy)
    assert [row.trace for row in room.survey.rows] == [row.trace for row in old.rows]


def test_messages_cover_neither_controls_nor_progress(room: Room) -> None:
    room.app.presenter.add_card(cards.no_survey("It was too large."))
    room.frame()
    stack = room.window.scene.cards
    assert stack.isVisible()
    top = stack.mapTo(room.window, QPoint(0, 0)).y()
    controls = room.gradient.controls
    assert top >= controls.mapTo(room.window, QPoint(0, controls.height())).y()


def test_the_other_view_and_back(room: Room) -> None:
    scene = room.window.variance
    room.click(scene.views._segments["learning"])
    assert (scene.shown_view, room.gradient.isVisible()) == ("learning", False)
    assert scene.learning.isVisible()
    room.click(scene.views._segments["gradient"])
    assert room.gradient.isVisible()
    assert not scene.learning.isVisible()
    assert not scene.grab_panels().isNull()


def test_a_curve_fills_the_view_and_gives_the_room_back(room: Room) -> None:
    view = room.gradient
    room.click(view.along.expand_button)
    assert (view.along.isVisible(), view.clouds.isVisible()) == (True, False)
    assert view.along.width() == view.width()
    room.click(view.along.expand_button)
    assert view.clouds.isVisible()


def test_z_gives_every_part_the_room_in_turn(room: Room) -> None:
    view = room.gradient
    parts = {"clouds": view.clouds, "table": view.table, "along": view.along, "ratio": view.ratio}
    for name in (*parts, None):
        room.key(room.window, Qt.Key.Key_Z)
        shown = [other for other, part in parts.items() if part.isVisible()]
        assert shown == ([name] if name else list(parts))


def test_clouds_and_curves_are_presented_to_a_room(room: Room) -> None:
    """F5: the board, and clouds, curves and ratio by PageDown; the numbers are those measured."""
    room.key(room.window, Qt.Key.Key_U)
    room.wait(lambda: room.update == 1)
    room.frame()
    room.key(room.window, Qt.Key.Key_F5)
    stage = room.window.presentation.stage
    assert stage is not None
    clouds = stage.panels["Clouds"].clouds
    room.wait(lambda: all(panel.image is not None for panel in clouds.panels))
    assert [panel._one.name for panel in clouds.panels] == [PLAIN, OWN]
    own = next(row for row in room.survey.rows if row.name == OWN)
    assert f"{own.trace:.2f}" in stage.sentence.accessibleName()
    room.window._actions["next_panel"].trigger()
    assert stage.act.title == "Along training"
    assert "same episodes" in stage.sentence.accessibleName()
    room.window._actions["next_panel"].trigger()
    assert stage.act.title == "Times less"
    assert "variance" in stage.sentence.accessibleName()
    room.key(room.window, Qt.Key.Key_F5)
    assert room.window.presentation.stage is None
    assert room.gradient.isVisible()


def test_the_part_that_is_seen_is_presented_first(room: Room) -> None:
    """Along training, from its tab."""
    room.window.resize(1366, 768)
    room.click(room.gradient.tabs.segment("along"))
    room.key(room.window, Qt.Key.Key_F5)
    stage = room.window.presentation.stage
    assert stage is not None
    assert (stage.act.title, stage.foot.turn.text()) == (
        "Along training", "Along training  ·  2 of 3"
    )
    room.key(room.window, Qt.Key.Key_F5)


def test_tips_say_the_numbers(room: Room) -> None:
    panel = room.gradient.clouds.clouds.panels[0]
    middle = QPointF(panel.area.center())
    assert " along, " in panel.tip_at(middle).splitlines()[0]
    assert "To-go" in panel.tip_at(middle)
    rows, head = room.table.rows, room.table.head
    tip = rows.tip_at(rows.place("total/z_score").y())
    assert "biased: divides by the batch’s own deviation" in tip
    assert "The training uses it." in rows.tip_at(rows.place(OWN).y())
    assert head.column_at(head.place("cosine").x()) == "cosine"


EXTREMES = (
    {"trace": "0.300", "exact": "0.407", "relative": "3\u202f911", "snr": "0.0001",
     "ratio": "648k× less [510k, 830k]", "projection": "−0.63 ± 11.64", "cosine": "0.817",
     "episodes": "16\u202f384"},
    {"trace": "2\u202f525", "exact": "30.0", "relative": "75.5", "snr": "0.0089",
     "ratio": "1.2× more [1.1, 1.4]", "projection": "1.02 ± 0.03", "cosine": "−0.012",
     "episodes": "9"},
    {"trace": "21.1", "exact": "20.6", "relative": "0.123", "snr": "≈0",
     "ratio": "not told apart [0.93, 1.3]", "projection": "1.00 ± 0.18", "cosine": "1.000"},
)


@pytest.mark.parametrize("factor", [1.0, 1.25, 1.6])
def test_numbers_of_a_column_stand_with_their_points_below_each_other(qapp, factor) -> None:
    """And none is cut, were the table no wider than it must be."""
    look = theme.appearance()
    look.set_factor(factor)
    try:
        laid = columns(0, factor)
        ink = TableInk(
            tuple(TableLine(str(k), "x", cells) for k, cells in enumerate(EXTREMES)), laid, False
        )
        metrics = QFontMetricsF(look.font(12, theme.MEDIUM))
        for column in laid[2:]:
            cell = QRectF(ink.number_cell(column, QRectF(0, 0, 1, 24)))
            points = set()
            for cells in EXTREMES:
                text = cells.get(column.name, "–")
                left = ink.number_left(cell, column.name, text)
                assert left >= cell.left()
                assert left + metrics.horizontalAdvance(text) <= cell.right() + 1, (column, text)
                points.add(round(left + metrics.horizontalAdvance(parted(column.name, text)[0])))
            assert len(points) == 1, column
    finally:
        look.set_factor(1.0)


@pytest.mark.parametrize(("bars", "powers"), [
    (((0.9, 0.8, 1.1), (2525.0, 2400.0, 2600.0)), [0, 1, 2, 3]),
    (((3.1e-4, 3e-4, 3.3e-4), (0.02, 0.01, 0.03)), [-3, -2]),
    (((3500.0, 3400.0, 3600.0), (4500.0, 4400.0, 4600.0)), [3]),
    ((), []),
])
def test_the_axis_of_the_bars_has_the_powers_of_ten(qapp, bars, powers) -> None:
    """Where 10ⁿ lies between the ends of the bars; one of them always, unless there is no bar."""
    lines = tuple(TableLine(str(k), "x", bar=(*bar, None)) for k, bar in enumerate(bars))
    ink = TableInk(lines, columns(900, 1.0), False)
    assert [tick.power for tick in ink.axis] == powers
    ends = (ink._at(bars[0][0]), ink._at(bars[1][0])) if bars else (0.0, 0.0)
    for tick in ink.axis:
        logs = [math.log10(bar[0]) for bar in bars]
        share = (tick.power - logs[0]) / (logs[1] - logs[0])
        assert abs(ends[0] + share * (ends[1] - ends[0]) - tick.x) <= 0.5


def test_the_axis_of_the_bars_has_its_numbers_in_the_head(room: Room) -> None:
    """Over their hairlines, below the heading, apart from each other, also with large text."""
    head, rows = room.table.head, room.table.rows
    for case in product(SIZES, (1.0, 1.6)):
        room.window.resize(*case[0])
        theme.appearance().set_factor(case[1])
        if not room.gradient.tabs.isHidden():
            room.click(room.gradient.tabs.segment("table"))
        room.frame()
        numbers = head.numbers()
        assert numbers, case
        powers = {power_text(tick.power): tick.x for tick in rows.axis}
        column = next(c for c in rows.columns if c.name == "trace")
        line = QFontMetricsF(theme.appearance().font(12, theme.SEMIBOLD)).height()
        for place, text in numbers:
            assert abs(place.center().x() - powers[text]) <= 0.5, case
            assert column.left - place.width() / 2 <= place.left(), case
            assert place.right() < column.right, case
            assert line <= place.top() + 1, case
            assert place.bottom() <= head.height() - 3, case
        for (one, _), (two, _) in pairwise(numbers):
            assert one.right() < two.left(), case


def test_leave_one_out_is_called_so_wherever_there_is_room(room: Room) -> None:
    """In the table and above its cloud; the name is cut short, but known, where there is none."""
    panel = next(p for p in room.gradient.clouds.clouds.panels if p._one.name == OWN)
    assert panel.accessibleName() == "Cloud of To-go − leave-one-out"
    assert any(line.label == "γᵗ to-go − leave-one-out" for line in room.table.rows.lines)
    room.window.show_scene("explore")
    loo = room.window.scene.bets.controls.widgets["signal"].baseline.segment("leave_one_out")
    assert (loo.text(), loo.toolTip(), loo.accessibleName()) == (
        "LOO", "Leave-one-out", "Leave-one-out"
    )


def test_nothing_is_clipped_at_any_size(room: Room) -> None:
    """With six clouds, a sentence about training, and every tab; also with large text."""
    rows = room.table.rows
    for name in (V, GAE, "total/none", "total/b_star"):
        room.click(rows, rows.place(name))
        room.frame()
    room.key(room.window, Qt.Key.Key_U)
    room.wait(lambda: room.gradient.controls.newer.text() != UNCHANGED)
    for size, factor in product((*SIZES, (900, 600)), (1.0, 1.25, 1.6)):
        room.window.resize(*size)
        theme.appearance().set_factor(factor)
        for tab in ("clouds", "table", "along"):
            if not room.gradient.tabs.isHidden():
                room.gradient.tabs.set_value(tab)
                room.gradient._arrange()
            room.frame()
            assert clipped(room.window) == [], (size, factor, tab)
            assert overlapping(room.window) == [], (size, factor, tab)


def test_by_tab_every_control_is_reached(room: Room) -> None:
    """Views, tabs or not, episodes, three buttons, heads and rows."""
    reached = set()
    widget = room.window.variance.views
    for _ in range(80):
        widget = widget.nextInFocusChain()
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(widget)
    controls = room.gradient.controls
    for wanted in (controls.more, controls.exact, controls.anew, room.table.head,
                   room.table.rows):
        assert wanted in reached
        assert wanted.accessibleName()


# --- parts by themselves

def cloud_of(x, y, group=4, far=0.0):
    x, y = np.asarray(x, float), np.asarray(y, float)
    count = len(x) // group * group
    means = np.stack([x[:count], y[:count]], -1).reshape(-1, group, 2).mean(1)
    return CloudView(
        x, y, means, (float(x.mean()), float(y.mean())), np.eye(2) * 0.1, (far, far / 2)
    )


BLACK, RED, WHITE = QColor("black"), QColor("red"), QColor("white")


def test_a_dot_is_painted_where_it_is_and_counted_where_it_is_not(qapp) -> None:
    """100 × 80 pixels, 10 a unit: (1, 0) is the middle; what lies outside is counted by edge."""
    scale = Scale(100, 80, 10, 10)
    cloud = cloud_of([3.0, 9.0, -7.0, 1.0, 1.0], [2.0, 0.0, 0.0, 5.0, -5.0], group=99)
    image, outside = picture(cloud, scale, BLACK, RED, WHITE)
    assert (outside.left, outside.right, outside.top, outside.bottom) == (1, 1, 1, 1)
    left, top = scale.at(3.0, 2.0)
    assert (left, top) == (70, 20)
    assert scale.point(70, 20) == (3.0, 2.0)
    assert image.pixelColor(70, 20).alpha() > 150
    opaque = [
        (x, y) for x in range(100) for y in range(80) if image.pixelColor(x, y).alpha() > 0
    ]
    assert len(opaque) == 9
    assert {abs(x - 70) <= 1 and abs(y - 20) <= 1 for x, y in opaque} == {True}


def test_dots_that_lie_over_each_other_are_darker(qapp) -> None:
    scale = Scale(100, 80, 10, 10)
    few, many = (
        picture(cloud_of([3.0] * n + [0.0] * (1000 - n), [2.0] * 1000, group=2000), scale,
                BLACK, RED, WHITE)[0].pixelColor(70, 20).alpha()
        for n in (1, 5)
    )
    assert 0 < few < many


def test_batch_means_are_crosses(qapp) -> None:
    scale = Scale(100, 80, 10, 10)
    image, _ = picture(cloud_of([2.0, 4.0], [0.0, 0.0], group=2), scale, BLACK, RED, WHITE)
    left, top = scale.at(3.0, 0.0)
    for dx in (-3, 0, 3):
        assert image.pixelColor(int(left) + dx, int(top)) == RED
        assert image.pixelColor(int(left), int(top) + dx) == RED


def test_on_a_dense_screen_the_picture_has_more_pixels(qapp) -> None:
    image, _ = picture(cloud_of([3.0], [2.0]), Scale(100, 80, 10, 10), BLACK, RED, WHITE, 2.0)
    assert (image.width(), image.height(), image.devicePixelRatio()) == (200, 160, 2.0)
    assert image.pixelColor(140, 40).alpha() > 0


def test_the_axes_serve_the_widest_cloud() -> None:
    """And leave some air around a narrow one; what lies farthest is not cut by the edge."""
    few = [1.0], [0.0]
    along, across = reach([cloud_of(*few, far=3.0), cloud_of(*few, far=8.0)])
    assert 8.3 < along < 8.8
    assert 4.15 < across < 4.4
    assert reach([cloud_of(*few)]) == reach([]) == (1.2, 0.6)


def test_what_is_compared_has_its_height_at_every_text_size(room: Room) -> None:
    """As soon as the text grows or shrinks: the note is whole, and marks grow with names."""
    room.click(room.window.variance.views.segment("learning"))
    form, look = room.window.variance.learning.form, theme.appearance()
    area, note, mark = form.area, form.note, form.arms.lines[0].mark

    def as_high_as_needed() -> None:
        wanted = area.widget().heightForWidth(area.width())
        case = form.mode.value, look.factor, room.window.size().toTuple()
        assert area.maximumHeight() == wanted, case
        if form.mode.value == "sweep":
            assert area.height() == wanted, case
            assert note.visibleRegion().boundingRect() == note.rect(), case
        else:
            assert mark.height() == look.px(20), case

    for size, mode in product(SIZES, ("study", "sweep")):
        room.window.resize(*size)
        room.click(form.mode.segment(mode))
        for change in (*[look.larger_text] * 4, *[look.smaller_text] * 4):
            change()
            room.qtbot.waitUntil(as_high_as_needed, timeout=2000)


@pytest.mark.parametrize(
    ("size", "panels", "factor", "wanted"),
    [((900, 500), 6, 1.0, 3), ((900, 500), 2, 1.0, 2), ((500, 900), 6, 1.0, 2),
     ((300, 900), 3, 1.0, 1), ((575, 386), 3, 1.6, 2)],
)  # fmt: skip
def test_clouds_are_laid_out_as_large_as_can_be(qapp, qtbot, size, panels, factor, wanted) -> None:
    """Also in large letters, where one below the other would leave their dots no height."""
    theme.appearance().set_factor(factor)
    try:
        clouds = Clouds()
        qtbot.addWidget(clouds)
        clouds.resize(*size)
        assert clouds.columns(panels) == wanted
    finally:
        theme.appearance().set_factor(1.0)


@pytest.mark.parametrize("width", [600, 900, 1400])
@pytest.mark.parametrize("factor", [0.8, 1.0, 1.6])
def test_columns_lie_side_by_side(width, factor) -> None:
    found = columns(width, factor)
    assert [column.name for column in found][1:] == list(COLUMNS)
    for one, other in pairwise(found):
        assert other.left == one.right
    assert found[-1].right <= width or found[-1].right == columns(1, factor)[-1].right


def test_copying_the_board_where_there_is_none_copies_what_is_seen(room: Room) -> None:
    """Ctrl+C copies the scene's own panels, not the board of another scene."""
    QApplication.clipboard().clear()
    room.qtbot.keyClick(room.app.window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    image = QApplication.clipboard().image()
    assert image.size() == room.app.window.variance.grab_panels().size()


def test_how_far_work_is_can_be_read_at_any_size(room: Room) -> None:
    """Done and in all, whole numbers, also beside a demonstration; all of it in the tooltip."""
    room.app.demonstrations.on_command("demonstration", "bandit")
    room.wait(lambda: "2\u202f525" in room.window.variance.demonstration.sentence.text())
    room.wait(lambda: not room.busy)
    for size, factor, (name, unit) in product(
        (*SIZES, (900, 600)), (1.0, 1.6),
        (("Training settings side by side", "updates"), ("Finding the best baselines", "steps")),
    ):
        room.window.resize(*size)
        theme.appearance().set_factor(factor)
        working = room.window.variance.working
        room.window.variance.show_progress(Progress(name, 12_345, 16_384, unit))
        QApplication.processEvents()
        text, case = working.text, (size, factor, name)
        assert "12\u202f345 of 16\u202f384" in text.shown_text, case
        assert text.shown_text == text.text(), case
        assert text.toolTip() == f"{name}: 12\u202f345 of 16\u202f384 {unit}"
        assert working.bar.width() >= 80, case
        assert clipped(room.window) == [], case


def test_axes_of_clouds_are_named_and_numbered(room: Room) -> None:
    """Both names are whole, within their panel, clear of each other and of the numbers, of which
    there are at least one more than that of the origin's own line."""
    rows = room.table.rows
    for name in (V, GAE, "total/none", "total/b_star"):
        room.click(rows, rows.place(name))
    for case in product(SIZES, (1.0, 1.6)):
        room.window.resize(*case[0])
        theme.appearance().set_factor(case[1])
        room.frame()
        panels = room.gradient.clouds.clouds.panels
        assert len(panels) == 6
        for panel in panels:
            (along, below), (across, above) = panel.axes.names()
            assert along.startswith("along ")
            assert "across it" in across
            whole = QRectF(panel.rect())
            assert whole.contains(below), case
            assert whole.contains(above), case
            metrics = QFontMetricsF(theme.appearance().font(11, theme.MEDIUM))
            assert metrics.horizontalAdvance(along) <= below.width(), case
            assert metrics.horizontalAdvance(across) <= above.width(), case
            numbers = panel.axes.numbers_along()
            assert numbers, case
            assert all(not place.intersects(below) for _, place in numbers), case
            up = panel.axes.numbers_across()
            assert all(not place.intersects(above) for _, place in up), case
            assert not below.intersects(above), case
            target = "the exact gradient" if "total" in panel._one.name else "its target"
            # Pictures, and what they are in words, are made one after the other.
            room.wait(lambda p=panel, t=target: t in p.accessibleDescription())


def test_messages_cover_no_heading(room: Room) -> None:
    """Nor a control, in any part of either view."""
    scene, view = room.window.variance, room.gradient
    room.app.presenter.add_card(cards.no_survey("It was too large."))
    stack = room.window.scene.cards

    def covered(*headings: QWidget) -> list[QWidget]:
        room.frame()
        assert stack.isVisible()
        card = QRect(stack.mapTo(room.window, QPoint(0, 0)), stack.size())
        return [
            widget for widget in headings if widget.isVisible()
            and card.intersects(QRect(widget.mapTo(room.window, QPoint(0, 0)), widget.size()))
        ]

    for size, tab in product(SIZES, ("clouds", "table", "along")):
        room.window.resize(*size)
        view.tabs.set_value(tab)
        view._arrange()
        assert not covered(
            view.table.table.head, view.table.title, view.clouds.title, view.along.title,
            view.ratio.title, view.controls, scene.demonstrations, scene.working,
        ), (size, tab)
    scene.show_view("learning")
    learning = scene.learning
    for mode in ("study", "sweep"):
        room.app.learning.on_command("learning_mode", mode)
        room.app.learning.on_command("learning_seeds", 1)
        room.app.learning.on_command("learning_updates", 3)
        room.app.learning.on_command("learning_run")
        room.wait(lambda: room.app.learning._working is None)
        for size in SIZES:
            room.window.resize(*size)
            assert not covered(
                learning.plot.title, learning.sweep.title, learning.sweep.sentence,
                learning.table, learning.form.run, learning.form.mode,
            ), (size, mode)


class Keyboard:
    """Somebody without a mouse: every key goes to whatever has the focus."""

    def __init__(self, room: Room) -> None:
        self.room = room

    @property
    def at(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None
        return found

    def press(self, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        self.room.qtbot.keyClick(self.at, key, modifier)
        if key == Qt.Key.Key_Tab:
            QApplication.processEvents()  # the focus goes on at once, ahead of any frame
        else:
            self.room.frame()

    def type(self, text: str) -> None:
        self.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.room.qtbot.keyClicks(self.at, text)
        self.press(Qt.Key.Key_Return)

    @property
    def ring(self) -> QRect | None:
        """Where the focus is seen; a text field shows it by its own frame."""
        window = self.room.window
        found = window.findChild(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return found.geometry() if found is not None and found.isVisible() else None

    def go(self, name: str) -> None:
        """Tab until something of that name has the focus; it may take a moment to be shown."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for _ in range(60):
                if self.at.accessibleName().startswith(name):
                    return
                self.press(Qt.Key.Key_Tab)
            self.room.frame()
        raise AssertionError(f"{name} is not reached")

    def round(self) -> list[QWidget]:
        """All that is reached by Tab, each once."""
        seen: list[QWidget] = []
        while self.at not in seen and len(seen) < 80:
            seen.append(self.at)
            self.press(Qt.Key.Key_Tab)
        return seen


def test_the_gradients_view_by_the_keyboard_alone(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tabs, arrows and Return: tabs, episodes, sort, choose, exact, anew, the other view."""
    room.window.resize(1366, 768)
    keys, view = Keyboard(room), room.gradient
    assert keys.at is room.window.variance.views.segment("gradient")
    keys.press(Qt.Key.Key_Tab)
    keys.go("Clouds")
    keys.press(Qt.Key.Key_Right)
    assert view.table.isVisible()
    keys.go("Exact")
    keys.press(Qt.Key.Key_Return)
    room.wait(lambda: room.survey.exact_done and not room.busy)
    keys.go("Sort the table")
    keys.press(Qt.Key.Key_Right)
    assert "exact" in keys.at.accessibleDescription()
    keys.press(Qt.Key.Key_Return)
    exact = [row.exact for row in room.survey.rows if row.exact is not None]
    order = {row.name: row.exact for row in room.survey.rows}
    shown = [order[name] for name in room.table.names if order[name] is not None]
    assert shown == sorted(exact)
    keys.go("Estimators")
    rows = room.table.rows
    assert keys.at is rows
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down):
        keys.press(key)
    wanted = room.table.names[2]
    assert wanted not in room.chosen
    keys.press(Qt.Key.Key_Return)
    assert wanted in room.chosen
    keys.press(Qt.Key.Key_End)
    # The row is revealed, and the ring stays within the window's card.
    card = view.table
    area = QRect(card.mapTo(room.window, QPoint(0, 0)), card.size())
    assert keys.ring is not None
    assert area.contains(keys.ring)
    keys.go("1\u202f024")
    keys.press(Qt.Key.Key_Right)
    room.wait(lambda: room.survey.episodes == 4096 and not room.busy)
    keys.go("More episodes")
    part = Survey._add_part

    def slow(survey: Survey, n_episodes: int) -> Iterator[None]:
        for _ in part(survey, n_episodes):
            time.sleep(0.05)  # fingers take longer than these episodes
            yield

    with monkeypatch.context() as patch:
        patch.setattr(Survey, "_add_part", slow)
        keys.press(Qt.Key.Key_Return)
        room.wait(lambda: room.busy)
        keys.go("Stop")
        keys.press(Qt.Key.Key_Return)
        room.wait(lambda: not room.busy)
    assert 4096 <= room.survey.episodes < 8192
    assert room.update == 0
    keys.go("Gradient")
    keys.press(Qt.Key.Key_Right)
    assert room.window.variance.learning.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # a menu that pops up
def test_the_view_of_learning_by_the_keyboard_alone(room: Room) -> None:
    """A form is filled in, run and stopped; step sizes are tried; a demonstration, and back."""
    keys, scene = Keyboard(room), room.window.variance
    keys.press(Qt.Key.Key_Right)
    assert scene.shown_view == "learning"
    form = scene.learning.form
    keys.go("Remove GAE")
    keys.press(Qt.Key.Key_Return)
    assert [line.isVisible() for line in form.arms.lines] == [True, True, True, False]
    keys.go("Step size η")
    keys.type("0.05")
    assert room.app.learning._form.arms("study")[2].learning_rate != 0.05
    assert 0.05 in [own.learning_rate for own in room.app.learning._form.arms("study")]
    keys.go("Seeds")
    keys.type("8")
    keys.go("Updates")
    keys.type("9000")
    keys.go("Run")
    keys.press(Qt.Key.Key_Return)
    room.wait(lambda: scene.learning.table.rows[0].texts[1] != "—")
    keys.go("Stop")
    keys.press(Qt.Key.Key_Return)
    room.wait(form.run.isVisible)
    assert "Stopped before the end" in scene.learning.plot.subtitle.text()
    keys.go("Side by side")
    keys.press(Qt.Key.Key_Right)
    keys.go("Seeds")
    keys.type("2")
    keys.go("Updates")
    keys.type("12")
    keys.go("Run")
    keys.press(Qt.Key.Key_Return)
    room.wait(lambda: scene.learning.sweep.sentence.text() != "")
    keys.go("Demonstrations")
    keys.press(Qt.Key.Key_Return)
    menu = scene.demonstrations.menu
    room.wait(menu.isVisible)
    for key in (*[Qt.Key.Key_Down] * 7, Qt.Key.Key_Return):
        room.qtbot.keyClick(menu, key)
    room.wait(lambda: "2\u202f525" in scene.demonstration.sentence.text())
    keys.go("Back to your world")
    keys.press(Qt.Key.Key_Return)
    room.wait(lambda: not scene.demonstration.isVisible())
    assert room.app.document.world.name == "Sparse 5 × 5"


@pytest.mark.parametrize(
    "cases",
    [  # every view, every size: all pairs would take half a minute
        (("clouds", (1920, 1080)), ("table", (1366, 768)), ("clouds", (1024, 768)),
         ("along", (1024, 768))),
        (("study", (1920, 1080)), ("sweep", (1366, 768)), ("study", (1024, 768))),
        (("bandit", (1366, 768)),),
    ],
    ids=["gradient", "learning", "demonstration"],
)  # fmt: skip
def test_all_that_tab_reaches_is_named_explained_and_ringed(room: Room, cases) -> None:
    """And Tab reaches every button, field and table that is seen."""
    scene, keys = room.window.variance, Keyboard(room)
    for where, size in cases:
        room.window.resize(*size)
        if where in ("study", "sweep"):
            scene.show_view("learning")
            room.app.learning.on_command("learning_mode", where)
        elif where == "bandit":
            room.app.demonstrations.on_command("demonstration", where)
            room.wait(lambda: room.app.demonstrations._asked is None and not room.busy)
            room.wait(lambda: room.survey is not None)
        else:
            room.gradient.tabs.set_value(where)
            room.gradient._arrange()
        room.frame()
        scene.main.setFocus()
        keys.press(Qt.Key.Key_Tab)
        reached = keys.round()
        for widget in reached:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            case = where, size, widget, widget.accessibleName()
            assert widget.accessibleName(), case
            assert widget.toolTip() or widget.accessibleDescription(), case
            if not isinstance(widget, QLineEdit):
                assert keys.ring is not None, case
                assert room.window.rect().adjusted(-4, -4, 4, 4).contains(keys.ring), case
        within = [
            widget for widget in scene.findChildren(QWidget)
            if widget.isVisible() and widget.isEnabled()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not isinstance(widget.parent(), QAbstractScrollArea)  # a part of it
        ]
        assert set(within) <= set(reached), (where, size)
        assert len(within) > 4, (where, size)
