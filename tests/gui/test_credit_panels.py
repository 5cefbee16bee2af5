"""The right of the Credit scene, worked as a lecturer works it: strip, comparison, classifier."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QWidget
from pytestqt.qtbot import QtBot

from rlxent_core.settings import Settings
from rlxent_core.weightings import TRAINED, WEIGHTINGS
from rlxent_core.world import DIRECTIONS
from rlxent_gui import credit_numbers
from rlxent_gui.credit_view import Classifier, Effect
from rlxent_gui.panels.credit import figures, strip_ink
from rlxent_gui.panels.credit.classifier import (
    HEADS,
    SHORT,
    ClassifierTable,
    weight_figure,
)
from rlxent_gui.panels.credit.columns import LEAST, Columns, aggregate
from rlxent_gui.panels.credit.effect_board import reach
from rlxent_gui.panels.credit.ink import LEVELS, script, tint
from rlxent_gui.panels.credit.matrix import fitting
from rlxent_gui.panels.credit.parts import PATIENCE
from rlxent_gui.panels.credit.right_column import EMPTY, Mode, RightColumn
from rlxent_gui.theme import DARK, LIGHT, appearance, contrast
from tests.gui.credit_episodes import PUDDLE, VALUES, credit_view, effect, long_walk, puddle
from tests.gui.episodes_by_hand import walk

Key = Qt.Key
MOUSE = Qt.MouseButton.LeftButton
SIZES = {1920: (1190, 964), 1366: (864, 668), 1024: (588, 668)}
"""What the column gets of windows as wide as that."""


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """Every test begins with the light theme and the usual text size."""
    look = appearance()
    look.install(qapp)
    yield
    look.set_theme(LIGHT)
    look.reset_text()


class Told(list):
    """The commands that were sent."""


@pytest.fixture
def right(qtbot: QtBot) -> Iterator[RightColumn]:
    """The column in a window, with the mock-up's episode; ``told`` notes its commands."""
    window = QWidget()
    qtbot.addWidget(window)
    column = RightColumn(window)
    column.told = Told()
    column.command.connect(lambda *command: column.told.append(command))
    resize(column, 1920)
    window.show()
    show(column, credit_view(puddle()))
    yield column
    assert window  # it owns the column


def resize(column: RightColumn, window: int) -> None:
    column.resize(*SIZES[window])
    column.window().resize(*SIZES[window])
    QApplication.processEvents()


def show(column: RightColumn, view) -> None:
    column.show_credit(view)
    QApplication.processEvents()


def middle(column: RightColumn, step: int) -> QPoint:
    return column.strip.weight_point(step).toPoint()


def press(widget: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def wheel(widget: QWidget, at: QPoint, turn: int) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, turn),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


# Columns


@given(st.integers(1, 1500), st.integers(60, 1400), st.floats(0.8, 1.6), st.integers(0, 2000))
def test_every_column_that_is_seen_lies_within_the_strip_and_can_be_hit(
    count: int, room: int, factor: float, first: int
) -> None:
    """Columns are as wide as is said, lie side by side, and what is at a column's middle is it."""
    columns = Columns()
    columns.set_count(count)
    columns.place(130, 130 + room, factor)
    columns.scroll(first)
    assert 1 <= columns.shown <= count
    assert columns.scrolls == (columns.shown < count)
    assert columns.end <= 130 + room + 1e-6
    assert columns.width > min(LEAST * factor, room) - 1  # whole pixels
    for step in columns.visible:
        assert 0 <= step < count
        assert columns.step_at(columns.x(step) + columns.width / 2) == step
    assert columns.step_at(129) is None
    assert columns.step_at(columns.end + 1) is None


@given(st.integers(1, 400), st.integers(60, 900), st.lists(st.integers(0, 399), max_size=20))
def test_the_chosen_step_is_always_in_sight(count: int, room: int, steps: list[int]) -> None:
    """Wherever one goes, the step is seen, with a neighbour on both sides where there is one."""
    columns = Columns()
    columns.set_count(count)
    columns.place(0, room, 1.0)
    for step in (s % count for s in steps):
        columns.keep(step)
        assert step in columns.visible
        if columns.shown > 2:
            assert max(0, step - 1) in columns.visible
            assert min(count - 1, step + 1) in columns.visible


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=300), st.integers(1, 400)
)
def test_the_overview_keeps_every_extreme(weights: list[float], pixels: int) -> None:
    """However many steps share a pixel, the largest and the smallest weight are drawn."""
    low, high = aggregate(np.array(weights), pixels)
    assert len(low) == len(high) == pixels
    assert high.max() == max(0.0, *weights)
    assert low.min() == min(0.0, *weights)
    assert (low <= 0).all()
    assert (high >= 0).all()


# Numbers and arithmetic


@pytest.mark.parametrize(
    ("value", "of", "text"),
    [(0.224, 1.0, "+0.22"), (-0.18, 0.18, "−0.18"), (-12.34, 30.0, "−12.3"), (0.0, 1.0, "0"),
     (-342.6, 400.0, "−343"), (0.0342, 0.05, "+0.034"), (12345.0, 12345.0, "+12k")],
)
def test_numbers_keep_to_a_column(value: float, of: float, text: str) -> None:
    """As many decimals as the row's largest number needs, a sign, a true minus."""
    digits = credit_numbers.decimals(np.array([of]))
    assert credit_numbers.figure(value, digits, signed=True) == text


@pytest.mark.parametrize(
    ("name", "t", "text"),
    [
        ("total_return", 1, "t = 1: every step gets the whole episode’s return, G₀ = +0.22"),
        ("reward_to_go", 1, "t = 1: G₁ = −0.52 + 0.76 = 0.24, the weight is +0.24"),
        ("leave_one_out", 1,
         "t = 1: G₁ = −0.52 + 0.76 = 0.24; 0.24 − the others’ mean 0.52 = −0.28"),
        ("value", 1, "t = 1: G₁ = −0.52 + 0.76 = 0.24; 0.24 − V(B1) 0.09 = +0.15"),
        ("value", 13, "t = 13: G₁₃ = 0.98; 0.98 − V(F4) 0.81 = +0.17"),
        ("critic", 1, "t = 1: −0.52 + V(C1) 0.43 = −0.09; −0.09 − V(B1) 0.09 = −0.18"),
        ("critic", 13, "t = 13: 0.98 + 0 = 0.98; 0.98 − V(F4) 0.81 = +0.17"),
        ("z_score", 1, "t = 1: G₁ = −0.52 + 0.76 = 0.24; (0.24 − mean 0.40) ÷ σ 0.50 = −0.32"),
        ("gae", 13, "t = 13: δ₁₃ = 0.98 + 0 − V(F4) 0.81 = 0.17; nothing follows: 0.17 = +0.17"),
    ],
)
def test_a_step_says_how_its_weight_comes_about(name: str, t: int, text: str) -> None:
    """Each weighting by its own formula, with the episode's numbers."""
    assert figures.arithmetic(credit_view(puddle(), 1, name), t) == text


def test_the_arithmetic_of_gae_adds_up() -> None:
    """δ and γλ times what follows are the weight, to the digits that are written."""
    view = credit_view(puddle(), 1, "gae", lam=0.5)
    text = figures.arithmetic(view, 1)
    delta = -0.52 + 0.43 - 0.09
    later = float(view.returns[2] - VALUES[2])
    assert f"= {delta:.2f}".replace("-", "−") in text
    assert f"λ 0.50 · {later:.3g}"[:9] in text
    assert view.weights[1] == pytest.approx(delta + 0.5 * later)


def test_exact_discounting_is_written_with_its_powers() -> None:
    """γ stands before what comes later, and γᵗ is a factor of its own."""
    world = replace(PUDDLE, discount=0.9)
    view = credit_view(puddle(world, settings=Settings(discount_weighting="exact")), 1, "value")
    text = figures.arithmetic(view, 1)
    assert "G₁ = −0.52 + 0.90 · " in text
    assert "− V(B1) 0.09) × γ¹ 0.90 = " in text
    assert figures.row_words(view).weight == "(return − baseline) × γᵗ"
    practice = credit_view(puddle(world), 1, "value")
    assert "γ¹" not in figures.arithmetic(practice, 1)


@pytest.mark.parametrize("name", [*WEIGHTINGS, TRAINED])
@pytest.mark.parametrize("scale", [1.0, 0.003, 300.0])
def test_the_arithmetic_has_the_digits_of_the_strip(name: str, scale: float) -> None:
    """A weight that the strip writes as +0.05 is no "+0.0499" in its tooltip."""
    trained = np.linspace(-0.4, 0.35, 14)
    episode = puddle(settings=Settings(baseline="moving_average"), trained=trained)
    view = credit_view(episode, 1, name)
    view = replace(view, weights=scale * view.weights, returns=scale * view.returns)
    digits = credit_numbers.decimals(view.weights)
    worth = credit_numbers.decimals(view.returns)
    for t in range(14):
        text = figures.arithmetic(view, t)
        assert "= ≈" not in text
        text = text.replace("≈ ", "≈")
        weight = credit_numbers.figure(float(view.weights[t]), digits, signed=True)
        assert text.endswith(f" {weight}")
        if name not in ("total_return", "gae", TRAINED):
            assert credit_numbers.figure(float(view.returns[t]), worth) in text


def test_the_sum_of_the_rewards_is_not_the_discounted_return(right: RightColumn) -> None:
    """With γ < 1 the strip's sum says that it is another number than the return."""
    strip = right.strip
    at = strip.columns.end + 10
    assert strip.tip_at(at) == (
        "Σ r = +0.22, the return of the episode\nThe weights add up to +0.02"
    )
    assert strip.tip_at(strip.columns.x(3) + 4).startswith("t = 3: ")
    assert strip.tip_at(10) == ""
    plain = pixels(strip)
    episode = puddle(replace(PUDDLE, discount=0.9))
    show(right, credit_view(episode, 1, "critic"))
    g = sum(0.9**t * r for t, r in enumerate(episode.rewards))
    assert episode.total_return == pytest.approx(g)
    said = f"{g:+.2f}".replace("-", "−")
    assert strip.tip_at(at).startswith(
        f"Σ r = +0.22, not discounted; the discounted return is G₀ = Σ γᵗr = {said}\n"
    )
    rows = strip_ink.StripInk.rows(1.0, QRectF(strip.rect()))
    above = (slice(int(rows.action.top()), int(rows.action.bottom())),
             slice(round(strip.columns.end), strip.width()))
    assert len(np.unique(plain[above])) == 1, "nothing is said where γ = 1"
    assert len(np.unique(pixels(strip)[above])) > 1, "“no γ” stands over the sum"


def test_rounding_is_no_weight_in_the_overview(right: RightColumn) -> None:
    """Weights of 1e-17 are 0 in the strip, so there is no bar of them either."""
    episode = long_walk(300)
    for size, coloured in ((1.0, True), (1e-17, False)):
        view = credit_view(episode, 1, "reward_to_go")
        show(right, replace(view, weights=size * np.sign(view.weights)))
        picture = pixels(right.top.overview)
        found = sum(count_of(picture, getattr(LIGHT, name)) for name in ("pos", "neg"))
        assert (found > 0) == coloured


def test_equal_returns_have_no_z_score() -> None:
    """Where nothing deviates, it is said instead of dividing by 0."""
    view = credit_view(puddle(batch_deviation=0.0), 1, "z_score")
    assert figures.arithmetic(view, 1).endswith("so the weight is 0")


def test_return_and_baseline_are_named_after_the_weighting() -> None:
    """Every weighting says what its return is and what it is compared with."""
    words = {name: figures.row_words(credit_view(puddle(), 1, name)) for name in WEIGHTINGS}
    assert words["critic"].returns == "r + V(next cell)"
    assert words["critic"].baseline == words["value"].baseline == words["gae"].baseline == "V(s)"
    assert words["total_return"].baseline == words["reward_to_go"].baseline == ""
    assert words["leave_one_out"].baseline == "others’ mean"
    assert words["z_score"].baseline == "batch mean"


# The strip


def test_a_click_chooses_a_step(right: RightColumn) -> None:
    """A click on a column asks for its step once; one on the chosen step for nothing."""
    QTest.mouseClick(right.strip, MOUSE, pos=middle(right, 5))
    assert right.told == [("credit_step", 5)]
    QTest.mouseClick(right.strip, MOUSE, pos=middle(right, 1))
    QTest.mouseClick(right.strip, MOUSE, pos=QPoint(20, 100))
    assert right.told == [("credit_step", 5)]


def test_a_drag_scrubs(right: RightColumn) -> None:
    """A drag asks for every step on its way, and for the last one beyond the edge."""
    right.command.connect(
        lambda name, step: right.show_credit(credit_view(puddle(), step))
    )
    strip = right.strip
    QTest.mousePress(strip, MOUSE, pos=middle(right, 2))
    for step in (3, 4, 4, 5):
        QTest.mouseMove(strip, middle(right, step))
    QTest.mouseMove(strip, QPoint(strip.width() - 1, 40))
    QTest.mouseRelease(strip, MOUSE, pos=middle(right, 5))
    assert [step for _, step in right.told] == [2, 3, 4, 5, 13]


def test_keys_choose_a_step_when_the_strip_has_them(right: RightColumn) -> None:
    """Arrows go one on, Home and End to the ends, and no shortcut takes them away."""
    for key, step in ((Key.Key_Right, 2), (Key.Key_Left, 0), (Key.Key_End, 13), (Key.Key_Home, 0)):
        press(right.strip, key)
        assert right.told[-1] == ("credit_step", step)
    home = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Home, Qt.KeyboardModifier.NoModifier)
    home.ignore()
    QApplication.sendEvent(right.strip, home)
    assert home.isAccepted()
    up = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    up.ignore()
    QApplication.sendEvent(right.strip, up)
    assert not up.isAccepted()


def test_the_strip_reads_the_chosen_step(right: RightColumn) -> None:
    """A screen reader hears what the frame surrounds."""
    assert right.strip.accessibleDescription() == (
        "Step 1 of 13 in B1, action →, reward −0.52, return −0.09, baseline 0.09, weight −0.18."
    )


def pixels(widget: QWidget) -> np.ndarray:
    """What it looks like: [height, width] of 0xAARRGGBB."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_ARGB32)
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), -1)[:, : image.width()].copy()


def count_of(picture: np.ndarray, colour: QColor) -> int:
    return int((picture == colour.rgba()).sum())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_bars_point_up_in_blue_and_down_hatched(right: RightColumn, theme) -> None:
    """A positive weight is plain blue, a negative one vermillion with lines over it."""
    appearance().set_theme(theme)
    show(right, credit_view(puddle(), 5))
    strip, columns = right.strip, right.columns
    picture = pixels(strip)

    def bar(step: int) -> np.ndarray:
        left, middle = round(columns.x(step)), round(strip.weight_point(step).y())
        return picture[middle - 60 :, left : left + round(columns.width)]

    assert count_of(bar(9), theme.pos) > 200
    assert count_of(bar(9), theme.neg) == 0
    assert count_of(bar(1), theme.pos) == 0
    assert count_of(bar(1), theme.neg) > 200
    lines = bar(1)[62:72, 20:40]
    assert len(np.unique(lines)) > 3


def test_another_weighting_moves_the_bars_and_keeps_the_numbers_true(
    right: RightColumn, qtbot: QtBot
) -> None:
    """On their way the bars lie between old and new; what is read is the new at once."""
    episode = puddle()
    old, new = credit_view(episode, 1, "critic"), credit_view(episode, 1, "value")
    show(right, old)
    right.show_credit(new)
    assert "weight +0.15" in right.strip.accessibleDescription()
    assert right.strip.drawn.weights[1] == pytest.approx(old.weights[1], abs=0.05)
    qtbot.waitUntil(lambda: right.strip.drawn.weights[1] == new.weights[1], timeout=2000)


def test_who_asks_for_calm_gets_no_movement(
    right: RightColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without animations in the system bars are there at once."""

    class Calm(QProxyStyle):
        def styleHint(self, hint, *more):
            if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
                return 0
            return super().styleHint(hint, *more)

    calm = Calm("Fusion")
    monkeypatch.setattr(right.strip, "style", lambda: calm)
    new = credit_view(right.strip.view.episode, 1, "value")
    right.show_credit(new)
    assert right.strip.drawn.weights is new.weights


def test_long_episodes_change_at_once(right: RightColumn) -> None:
    """Beyond 200 steps nothing is animated."""
    episode = long_walk(201)
    show(right, credit_view(episode, 0, "critic"))
    new = credit_view(episode, 0, "value")
    right.show_credit(new)
    assert right.strip.drawn.weights is new.weights


# A thousand steps


def test_a_long_episode_scrolls_as_one(right: RightColumn) -> None:
    """Strip, comparison and overview show the same steps, wherever one turns the wheel."""
    show(right, credit_view(long_walk(1000), 500))
    strip, overview, matrix = right.strip, right.top.overview, right.compare.matrix
    assert overview.isVisible()
    assert 500 in strip.columns.visible
    assert strip.columns is matrix.columns is overview.columns
    before = strip.columns.first
    wheel(strip, QPoint(400, 100), -120)
    assert strip.columns.first == before + 3
    wheel(matrix, QPoint(400, 100), 120)
    assert strip.columns.first == before
    wheel(overview, QPoint(400, 8), 120)
    assert strip.columns.first == before - 3
    assert overview.accessibleDescription() == (
        f"Steps {before - 3} to {before - 4 + strip.columns.shown} of 0 to 999"
    )


def test_what_scrolls_looks_as_if_painted_there(right: RightColumn) -> None:
    """The comparison moves what it has painted: it must come out as if painted anew."""
    show(right, credit_view(long_walk(300), 100))
    matrix = right.compare.matrix
    pixels(matrix)
    for turn in (-120, -40, 240, -1200, 80):
        wheel(matrix, QPoint(400, 100), turn)
        moved = pixels(matrix)
        appearance().set_theme(DARK)
        pixels(matrix)
        appearance().set_theme(LIGHT)
        np.testing.assert_array_equal(moved, pixels(matrix))


def test_the_overview_leads_anywhere(right: RightColumn) -> None:
    """A click brings its place into the window, a drag moves it, keys go to the ends."""
    show(right, credit_view(long_walk(1000), 0))
    overview, columns = right.top.overview, right.columns
    end = QPoint(round(columns.end) - 2, 8)
    QTest.mouseClick(overview, MOUSE, pos=end)
    assert columns.visible[-1] == 999
    grip = overview.window_rect().center().toPoint()
    QTest.mousePress(overview, MOUSE, pos=grip)
    QTest.mouseMove(overview, QPoint(round(columns.left), grip.y()))
    QTest.mouseRelease(overview, MOUSE, pos=grip)
    assert columns.first == 0
    press(overview, Key.Key_PageDown)
    assert columns.first == columns.shown
    press(overview, Key.Key_End)
    assert columns.visible[-1] == 999
    press(overview, Key.Key_Home)
    press(overview, Key.Key_Right)
    assert columns.first == 1
    assert right.told == []  # looking elsewhere chooses no step


def test_choosing_a_step_scrolls_to_it(right: RightColumn) -> None:
    """However far away it is."""
    episode = long_walk(1000)
    for step in (999, 3, 400):
        show(right, credit_view(episode, step))
        assert step in right.columns.visible
        other = right.columns.visible[0]
        QTest.mouseClick(right.strip, MOUSE, pos=middle(right, other))
        assert right.told[-1] == ("credit_step", other)


def test_another_episode_shows_its_step(right: RightColumn) -> None:
    """The step stays chosen, and in sight, whether the other episode is as long or not."""
    show(right, credit_view(long_walk(100), 60))
    for steps in (120, 120, 90):
        show(right, credit_view(long_walk(steps), 60))
        assert 60 in right.columns.visible
        assert right.columns.count == steps


def test_a_shorter_episode_begins_at_its_beginning(right: RightColumn) -> None:
    """After a long one, 14 steps are seen whole and the overview goes."""
    show(right, credit_view(long_walk(1000), 700))
    show(right, credit_view(puddle(), 2))
    assert right.columns.visible == range(14)
    assert not right.top.overview.isVisible()


def test_one_step_is_an_episode(right: RightColumn) -> None:
    """The smallest one is shown, and can be asked of."""
    show(right, credit_view(long_walk(1), 0))
    assert right.columns.visible == range(1)
    press(right.strip, Key.Key_Right)
    press(right.strip, Key.Key_End)
    assert right.told == []
    assert "Step 0 of 0" in right.strip.accessibleDescription()


# The comparison


def test_a_click_on_a_cell_chooses_row_and_step(right: RightColumn) -> None:
    """On a label it chooses the row alone; rows that only explain cannot be chosen."""
    matrix = right.compare.matrix
    QTest.mouseClick(matrix, MOUSE, pos=matrix.cell("value", 7).toPoint())
    assert right.told == [("credit_step", 7), ("credit_weighting", "value")]
    right.told.clear()
    label = QPoint(20, round(matrix.cell("gae", 0).y()))
    QTest.mouseClick(matrix, MOUSE, pos=label)
    assert right.told == [("credit_weighting", "gae")]
    right.told.clear()
    QTest.mouseClick(matrix, MOUSE, pos=matrix.cell("luck", 3).toPoint())
    assert right.told == [("credit_step", 3)]


def test_a_label_gives_up_its_explanation_before_it_is_cut() -> None:
    """Whole words, where the columns need the room."""
    words = script(12)
    label = "luck: what the world did"
    assert fitting(words, label, words.width(label) + 1) == label
    assert fitting(words, label, words.width("luck: what the")) == "luck"


def test_keys_go_through_the_rows_that_can_be_chosen(right: RightColumn) -> None:
    """↓ from the critic skips choice and luck; ↑ from the first row comes to the last."""
    matrix = right.compare.matrix
    press(matrix, Key.Key_Down)
    press(matrix, Key.Key_Up)
    assert right.told == [("credit_weighting", "gae"), ("credit_weighting", "value")]
    show(right, credit_view(puddle(), 1, "total_return"))
    press(matrix, Key.Key_Up)
    press(matrix, Key.Key_End)
    assert right.told[2:] == [("credit_weighting", "z_score"), ("credit_step", 13)]


def test_steps_stand_below_themselves(right: RightColumn) -> None:
    """A step's column has the same place on the screen in the strip and in the comparison."""
    for window in (1920, 1366, 1024):
        resize(right, window)
        if right.mode is not Mode.WIDE:
            right.tabs.choose("compare")
        QApplication.processEvents()
        matrix = right.compare.matrix
        for step in right.columns.visible:
            above = right.strip.mapToGlobal(right.strip.weight_point(step)).x()
            assert matrix.mapToGlobal(matrix.cell("critic", step)).x() == pytest.approx(above)


def test_a_cell_explains_itself(right: RightColumn) -> None:
    """Its number with more digits, and the formula of its row."""
    matrix = right.compare.matrix
    tip = matrix.tip_at(matrix.cell("critic", 1))
    assert tip.startswith("t = 1: −0.180\nCritic: r + V′ − V\n")
    assert "V is exact." in tip
    assert not matrix.tip_at(QPointF(20, round(matrix.cell("critic", 1).y()))).startswith("t =")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_numbers_are_readable_on_every_tint(theme) -> None:
    """4.5 : 1 on each of the tints, and stronger weights are farther from paper."""
    for sign in (1, -1):
        fills = [tint(theme, sign * k / LEVELS) for k in range(LEVELS + 1)]
        assert all(contrast(text, fill) >= 4.5 for fill, text in fills)
        away = [contrast(fill, theme.surface) for fill, _ in fills[1:]]
        assert away == sorted(away)


def test_sums_and_the_identity_are_shown(right: RightColumn) -> None:
    """With exact V: what the critic's weights add up to, and what of it was luck."""
    assert right.compare.identity.text() == (
        "G₀ − V₀ = 0.22 − 0.20 = +0.02 = Σ δₜ: choice −0.03, luck +0.05."
    )
    assert right.compare.matrix.accessibleDescription() == (
        "Critic: r + V′ − V: −0.18 in step 1, +0.02 in all"
    )


# The weighting bar


def test_one_click_switches(right: RightColumn) -> None:
    """A segment asks for its weighting and leaves the arrow keys to the strip."""
    right.strip.setFocus()
    bar = right.top.bar
    QTest.mouseClick(bar.choice.segment("value"), MOUSE)
    assert right.told == [("credit_weighting", "value")]
    assert right.strip.hasFocus()
    assert "Gₜ − V(sₜ)" in bar.choice.segment("value").toolTip()
    assert "(↑/↓)" in bar.choice.segment("value").toolTip()


def test_the_slider_is_there_for_gae_alone_and_moves_nothing(right: RightColumn) -> None:
    """λ from the critic to the return; where it means nothing its place stays empty."""
    bar = right.top.bar
    places = [w.geometry() for w in (bar.choice, bar.values, right.strip)]
    assert not bar.slider.isVisible()
    show(right, credit_view(puddle(), 1, "gae", lam=0.95))
    assert bar.slider.isVisible()
    assert bar.slider.text == "0.95"
    assert places == [w.geometry() for w in (bar.choice, bar.values, right.strip)]
    press(bar.slider.groove, Key.Key_Left)
    assert right.told[-1] == ("credit_lambda", pytest.approx(0.94))


def test_v_is_exact_or_learned_where_there_is_a_critic(right: RightColumn) -> None:
    """Otherwise it is said that V is exact, and there is nothing to choose."""
    bar = right.top.bar
    assert bar.v.text() == "V exact"
    assert not bar.kind.isVisible()
    show(right, credit_view(puddle(learned_values=VALUES + 0.1), 1, "critic", learned=True))
    assert bar.v.text() == "V"
    assert bar.kind.value == "learned"
    QTest.mouseClick(bar.kind.segment("exact"), MOUSE)
    assert right.told[-1] == ("credit_values", "exact")


def test_as_trained_is_offered_where_the_training_weighs_otherwise(right: RightColumn) -> None:
    """A moving average is none of the weightings: the update's own weights then are one."""
    assert TRAINED not in right.top.bar.choice.values
    episode = puddle(
        settings=Settings(baseline="moving_average"), trained=np.linspace(-1, 1, 14)
    )
    show(right, credit_view(episode, 1, TRAINED))
    assert right.top.bar.choice.value == TRAINED
    assert figures.arithmetic(right.strip.view, 0) == "t = 0: the update weighed it with −1.00"
    show(right, credit_view(puddle(), 1, "critic"))
    assert TRAINED not in right.top.bar.choice.values


@pytest.mark.parametrize("factor", [1.0, 1.3, 1.6])
@pytest.mark.parametrize("window", [1920, 1366, 1024])
def test_the_bar_fits_at_every_size(right: RightColumn, window: int, factor: float) -> None:
    """No part reaches over another or beyond the card."""
    appearance().set_factor(factor)
    resize(right, window)
    episode = puddle(settings=Settings(baseline="moving_average"), trained=np.ones(14),
                     learned_values=VALUES)
    show(right, credit_view(episode, 1, "gae"))
    bar = right.top.bar
    parts = [bar.choice.geometry(), bar.values.geometry(), bar.slider.geometry()]
    assert all(bar.rect().contains(part) for part in parts)
    assert not any(
        one.intersects(other) for k, one in enumerate(parts) for other in parts[k + 1 :]
    )
    assert bar.slider.width() >= bar.slider.minimumSizeHint().width()


# The step as a classifier


def test_the_classifier_says_its_step(right: RightColumn) -> None:
    """Title, sentence in the colour of the direction, and every row for a screen reader."""
    part = right.classifier
    assert part.title.text() == "Step 1 as a classifier"
    assert part.sentence.text().startswith("Step 1 walked into the puddle.")
    ink = part.sentence.palette().windowText().color()
    assert ink == LIGHT.neg_text
    rows = part.table.accessibleDescription().split("; ")
    assert rows[1] == "→ (label): p 0.25, gradient +0.135, logit down"
    assert rows[3] == "←: p 0.51, gradient −0.092, logit up"
    show(right, credit_view(puddle(), 9))
    assert part.sentence.palette().windowText().color() == LIGHT.pos_text


def test_weight_zero_moves_nothing(right: RightColumn) -> None:
    """All logits stay, and the sentence is in ink."""
    view = credit_view(puddle())
    zero = replace(view.classifier, weight=0.0, gradient=np.zeros(4))
    show(right, replace(view, classifier=zero))
    assert right.classifier.table.accessibleDescription().count("logit stays") == 4
    assert right.classifier.sentence.palette().windowText().color() == LIGHT.ink2


@pytest.mark.parametrize("count", range(2, 10))
def test_it_takes_worlds_of_two_to_nine_moves(right: RightColumn, count: int) -> None:
    """Diagonals and staying are rows like others; where they are many, they scroll."""
    moves = tuple(DIRECTIONS)[:count]
    p = np.full(count, 1 / count)
    difference = p - np.eye(count)[0]
    view = credit_view(puddle())
    show(right, replace(view, classifier=Classifier(
        moves, 0, p, difference, 2.0, 2 * difference, 2.0
    )))
    table = right.classifier.table
    assert len(table.accessibleDescription().split("; ")) == count
    assert table.row_height() * count <= table.height()
    assert not table.grab().isNull()


def test_the_label_is_seen_however_many_moves_there_are(right: RightColumn) -> None:
    """The sentence is about it: its row is scrolled to, and only as far as need be."""
    resize(right, 1366)
    moves = tuple(DIRECTIONS)
    p = np.full(9, 1 / 9)
    view = credit_view(puddle())
    area = right.classifier.table.parentWidget()
    for step, action in enumerate((8, 0, 7, 3, 8)):
        d = p - np.eye(9)[action]
        own = Classifier(moves, action, p, d, 2.0, d, 2.0)
        show(right, replace(view, step=step, classifier=own))
        table = right.classifier.table
        assert table.height() > area.height()
        bottom = table.label_bottom() + table.y()
        assert table.row_height() <= bottom <= area.height() + 1
        assert table.y() == 0 or action > 3, "the heads are seen where they can be"


@pytest.mark.parametrize(("weight", "text"), [
    (-0.18, "−0.18"), (0.00258, "+0.0026"), (0.08, "+0.08"), (-0.0214, "−0.02"), (0.0, "0"),
    (1e-7, "≈0"),
])  # fmt: skip
def test_a_small_weight_is_written_so_that_it_is_not_nothing(weight: float, text: str) -> None:
    """As the sentence above it has it: a weight of +0.00258 is no "≈0"."""
    assert weight_figure(weight) == text


def coloured(table: ClassifierTable) -> int:
    """Pixels of the bars and arrows below the heads, in blue and vermillion."""
    picture = pixels(table)[math.ceil(table.label_bottom() - table.row_height() * (
        table.slice.action + 1)):]
    return sum(count_of(picture, getattr(LIGHT, name)) for name in ("pos", "neg"))


def test_bars_and_arrows_have_one_scale_for_all_steps(right: RightColumn) -> None:
    """A weight of 0.000004 draws hairlines and points beside one of 1; half of one draws half."""
    trained = np.zeros(14)
    trained[1], trained[2], trained[3] = 1.0, 0.5, 4e-6
    episode = puddle(settings=Settings(baseline="moving_average"), trained=trained)
    one = credit_view(episode, 1, TRAINED).classifier
    table = right.classifier.table
    found = {}
    for weight in trained[1:4]:
        # The same step but for its weight.
        changed = replace(one, weight=weight, gradient=weight * one.difference)
        table.show_step(changed)
        found[weight] = coloured(table)
    assert one.scale == 1.0
    assert 0 < found[4e-6] < 0.12 * found[1.0]
    assert found[4e-6] < found[0.5] < 0.75 * found[1.0]
    assert credit_view(episode, 3, TRAINED).classifier.scale == 1.0
    alone = replace(one, weight=4e-6, gradient=4e-6 * one.difference, scale=4e-6)
    table.show_step(alone)
    assert coloured(table) == found[4e-6], "what reads ≈0 is drawn as that"


@pytest.mark.parametrize(("p", "text"), [
    (0.25, "0.25"), (0.0, "0"), (0.004, "≈0"), (0.996, "≈1"), (1.0, "1"), (0.994, "0.99"),
    (1e-12, "0"), (0.005001, "0.01"),
])  # fmt: skip
def test_a_probability_is_not_nothing_and_not_certain(p: float, text: str) -> None:
    """As p − y beside it, which says ≈0."""
    assert credit_numbers.probability_figure(p) == text


@pytest.mark.parametrize("factor", [1.0, 1.3, 1.6])
@pytest.mark.parametrize("window", [1920, 1366, 1024])
def test_the_heads_of_the_classifier_are_of_one_size(
    right: RightColumn, window: int, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles alike, and what is below them alike; none has to be made smaller on its own."""
    appearance().set_factor(factor)
    resize(right, window)
    table, written = right.classifier.table, {}

    def write(script, painter, box, text, where=0):
        written[text] = script.font.pixelSize(), script.width(text) <= box.width()

    right.tabs.set_value("classifier")
    right._arrange()
    monkeypatch.setattr("rlxent_gui.panels.credit.ink.Script.write", write)
    table.grab()
    titles = [next(t for t in (title, SHORT.get(title)) if t in written) for title, _ in HEADS]
    sizes = {written[title][0] for title in titles}
    below = [text for text in written
             if text in dict(HEADS).values() or text.startswith("times weight")]
    assert len(sizes) == len({written[text][0] for text in below}) == 1
    assert all(written[text][1] for text in titles + below), "none is shrunk on its own"
    assert min(sizes) >= round(0.8 * appearance().px(13)), "they are still read"


# What the update does


def arrows(right: RightColumn) -> dict[str, int]:
    """How many pixels of the board are blue, and vermillion."""
    picture = pixels(right.effect.board)
    return {name: count_of(picture, getattr(LIGHT, name)) for name in ("pos", "neg")}


def test_arrows_are_filled_for_more_and_outlined_for_less(right: RightColumn) -> None:
    """The same change with the other sign covers less of its cell."""
    change = np.zeros((36, 4))
    change[0] = (0.3, -0.1, -0.1, -0.1)
    none = arrows(right)
    right.show_effect(Effect("episode", change))
    more = arrows(right)["pos"] - none["pos"]
    right.show_effect(Effect("episode", -change))
    less = arrows(right)["neg"] - none["neg"]
    assert more > 1.3 * less > 0


def test_what_moves_is_counted_truly(right: RightColumn) -> None:
    """With a table only visited cells move, with an MLP others too."""
    view = credit_view(puddle())
    assert reach(view, effect(view)) == "10 of 27 cells move, all of them visited."
    assert reach(view, effect(view, elsewhere=0.01)) == (
        "27 of 27 cells move, 17 of them were not visited."
    )
    assert reach(view, effect(view, "step")) == "1 of 27 cells moves, B1 alone."
    assert reach(view, effect(view, "step", 0.01)) == (
        "27 of 27 cells move, 26 of them not B1 itself."
    )
    assert reach(view, effect(view, "batch", 0.01)) == (
        "27 of 27 cells move, 17 of them were not visited in this episode."
    )
    assert reach(view, effect(view, "exact", 0.01)) == "27 of 27 cells move."
    right.show_effect(effect(view))
    assert right.effect.reach.text() == "10 of 27 cells move, all of them visited."


def test_old_arrows_fade_until_the_new_ones_come(right: RightColumn, qtbot: QtBot) -> None:
    """A choice is asked for; what is shown meanwhile is faint, and stays where it is."""
    view = right.strip.view
    right.show_effect(effect(view))
    strong = arrows(right)
    QTest.mouseClick(right.effect.kinds.segment("batch"), MOUSE)
    assert right.told == [("credit_effect", "batch")]
    assert arrows(right) == strong
    qtbot.waitUntil(lambda: arrows(right)["pos"] < strong["pos"] / 2, timeout=20 * PATIENCE)
    right.show_effect(effect(view, "episode"))  # a late answer to the question before
    assert right.effect.kinds.value == "batch"
    assert arrows(right)["pos"] < strong["pos"] / 2
    right.show_effect(effect(view, "batch"))
    assert arrows(right) == strong
    assert right.effect.kinds.value == "batch"


def test_a_step_that_is_chosen_makes_its_arrows_old(right: RightColumn, qtbot: QtBot) -> None:
    """The step's arrows belong to that step; the episode's to all of them."""
    right.show_effect(effect(right.strip.view))
    show(right, credit_view(right.strip.view.episode, 5))
    QTest.qWait(2 * PATIENCE)
    strong = arrows(right)["pos"]
    right.effect.kinds.choose("step")
    right.show_effect(effect(right.strip.view, "step", 0.9))
    assert arrows(right)["pos"] > 0.5 * strong
    lively = arrows(right)["pos"]
    show(right, credit_view(right.strip.view.episode, 6))
    qtbot.waitUntil(lambda: arrows(right)["pos"] < lively / 2, timeout=20 * PATIENCE)


def test_a_cell_tells_its_changes(right: RightColumn) -> None:
    """Every move with its change; cells where nothing changes say so."""
    change = np.zeros((36, 4))
    change[1] = (0.3, -0.1, -0.1, -0.1)
    right.show_effect(Effect("step", change))
    board = right.effect.board
    assert board.tip_of((0, 1)) == "B1, per unit of step size:\n↑ +0.3   → −0.1   ↓ −0.1   ← −0.1"
    assert board.tip_of((0, 0)) == "A1: nothing changes"
    assert board.tip_of((9, 9)) == ""


# The column


def test_without_an_episode_it_says_how_to_get_one(right: RightColumn) -> None:
    """One sentence and its two ways, on buttons."""
    show(right, None)
    assert right.empty.isVisible()
    assert right.empty.accessibleName() == EMPTY
    assert not right.top.isVisible()
    QTest.mouseClick(right.empty.new, MOUSE)
    QTest.mouseClick(right.empty.update_button, MOUSE)
    assert right.told == [("credit_new", None), ("update", None)]
    show(right, credit_view(puddle()))
    assert not right.empty.isVisible()
    assert right.top.isVisible()


def test_where_there_is_room_all_is_seen_else_tabs_choose(right: RightColumn) -> None:
    """Wide: four parts.  Narrower: the strip and one of the others; a tab shows another."""
    assert right.mode is Mode.WIDE
    assert all(part.isVisible() for part in right.parts.values())
    assert not right.tabs.isVisible()
    resize(right, 1366)
    assert right.mode is Mode.TABS
    assert [n for n, part in right.parts.items() if part.isVisible()] == ["classifier"]
    for tab in ("compare", "effect", "classifier"):
        QTest.mouseClick(right.tabs.segment(tab), MOUSE)
        assert [n for n, part in right.parts.items() if part.isVisible()] == [tab]
        assert right.strip.isVisible()


def test_where_there_is_room_for_one_the_steps_are_a_tab(right: RightColumn) -> None:
    """Large text in a small window: one part at a time, the weighting always above it."""
    resize(right, 1024)
    appearance().set_factor(1.6)
    QApplication.processEvents()
    assert right.mode is Mode.ONE
    assert right.strip.isVisible()
    assert not any(part.isVisible() for part in right.parts.values())
    for tab, part in right.parts.items():
        QTest.mouseClick(right.tabs.segment(tab), MOUSE)
        assert part.isVisible()
        assert right.top.bar.isVisible()
        assert not right.strip.isVisible()
    QTest.mouseClick(right.tabs.segment("steps"), MOUSE)
    assert right.strip.isVisible()
    appearance().set_factor(1.0)
    QApplication.processEvents()
    assert right.mode is Mode.TABS


@pytest.mark.parametrize("window", [1920, 1366])
def test_a_part_can_have_all_the_room_below(right: RightColumn, window: int) -> None:
    """Its button gives it the room of the others and gives that back."""
    resize(right, window)
    part = right.classifier
    before = part.size()
    QTest.mouseClick(part.expand_button, MOUSE)
    assert part.height() > before.height()
    assert [p for p in right.parts.values() if p.isVisible()] == [part]
    assert part.expand_button.toolTip() == "Show all parts"
    QTest.mouseClick(part.expand_button, MOUSE)
    assert part.size() == before


@pytest.mark.parametrize("factor", [1.0, 1.3, 1.6])
@pytest.mark.parametrize("window", [1920, 1366, 1024])
@pytest.mark.parametrize("steps", [1, 14, 1000])
def test_nothing_overlaps_at_any_size(
    right: RightColumn, window: int, factor: float, steps: int
) -> None:
    """Whatever is seen lies within the column and over nothing else, with room to be read."""
    appearance().set_factor(factor)
    resize(right, window)
    show(right, credit_view(puddle() if steps == 14 else long_walk(steps), steps // 2))
    for tab in right.tabs.values if right.mode is not Mode.WIDE else ("",):
        if tab:
            right.tabs.choose(tab)
        QApplication.processEvents()
        cards = [c for c in (right.top, *right.parts.values()) if c.isVisible()]
        assert all(right.rect().contains(card.geometry()) for card in cards)
        for k, one in enumerate(cards):
            assert not any(one.geometry().intersects(c.geometry()) for c in cards[k + 1 :])
        if right.strip.isVisible():
            assert right.strip.height() >= right.strip.least_height(compact=True)
            assert right.columns.width > LEAST * factor - 1  # whole pixels
        assert not right.grab().isNull()


def test_headers_are_whole_or_not_there(right: RightColumn) -> None:
    """Beside the tabs no title is cut short: what has no room is left out."""
    seen = set()
    for window, factor in ((1920, 1.0), (1366, 1.0), (1024, 1.0), (1024, 1.25)):
        appearance().set_factor(factor)
        resize(right, window)
        if right.mode is not Mode.WIDE:
            right.tabs.choose("compare")
        QApplication.processEvents()
        for label in (right.compare.title, right.compare.subtitle):
            seen.add((label is right.compare.title, label.isVisible()))
            if label.isVisible():
                assert label.width() >= label.sizeHint().width()
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_tab_goes_from_above_to_below(right: RightColumn) -> None:
    """Every control can be reached by keyboard, in the order in which they are seen."""
    right.window().activateWindow()
    right.top.bar.choice.segment("critic").setFocus(Qt.FocusReason.TabFocusReason)
    seen = []
    for _ in range(7):
        focused = QApplication.focusWidget()
        seen.append(focused)
        press(focused, Key.Key_Tab)
    for widget in (right.strip, right.compare.matrix, right.compare.expand_button,
                   right.classifier.expand_button, right.effect.expand_button):
        assert widget in seen
        assert widget.accessibleName()
    heights = [w.mapToGlobal(QPoint(0, 0)).y() for w in seen]
    assert heights[0] <= heights[1] <= heights[2]


def test_episodes_walked_in_other_worlds_can_follow(right: RightColumn) -> None:
    """Another world, another size, other moves: all parts follow, old arrows go."""
    right.show_effect(effect(right.strip.view))
    world = replace(PUDDLE, moves=("up", "right", "down", "left", "stay"))
    show(right, credit_view(walk(world, "→•→"), 1))
    assert right.columns.visible == range(3)
    assert right.effect.board.tip_of((0, 0)) == ""
    assert "•" in right.classifier.table.accessibleDescription()
