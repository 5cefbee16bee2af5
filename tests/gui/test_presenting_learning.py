"""What was compared, before a room: curves or map, large, with nothing cut short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetricsF

from rlxent_core.sweep import Grid
from rlxent_gui import theme
from rlxent_gui.learning_presenter import EARLY, WORLD_CHANGED
from rlxent_gui.view_state import BoardView
from tests.gui.letters import large_and_whole
from tests.gui.test_learning_view import SPARSE, STUDY, state, sweep
from tests.gui.test_presenting import (  # noqa: F401
    SIZES,
    look,
    presented,
    press,
    second,
    spin,
    window,
)

STATES = {
    "study": state(study=STUDY),
    "sweep": state(mode="sweep", sweep=sweep()),
}
TITLES = {"study": "Side by side", "sweep": "Step sizes"}


@pytest.fixture
def compared(window):  # noqa: F811
    """The window with the view of learning on show."""
    window.show_scene("variance")
    window.variance.show_view("learning")
    window.show_board(BoardView(SPARSE))
    window.show_learning(STATES["study"])
    spin()
    window.heard.clear()
    return window


def present(qtbot, window, size):  # noqa: F811
    press(qtbot, window, Qt.Key.Key_F5)
    stage = window.presentation.stage
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*size)
    spin()
    return stage


def fits(stage, panel, width) -> None:
    """Large letters, all of them, and no part over another."""
    assert large_and_whole(stage, width) >= 4
    parts = [stage.headline, stage.board, panel, stage.sentence, stage.foot]
    for i, one in enumerate(parts):
        assert stage.rect().contains(one.geometry())
        for other in parts[i + 1 :]:
            assert not one.geometry().intersects(other.geometry())


@pytest.mark.parametrize(("factor", "dark"), [(1.0, True), (1.6, False)])
def test_curves_are_large_and_nothing_is_clipped(
    compared, qtbot, look, factor, dark  # noqa: F811
):
    """Also with the words about a change; every setting is named at the end of its curve."""
    look.set_theme(theme.DARK if dark else theme.LIGHT)
    look.set_factor(factor)
    for stage, size in presented(qtbot, compared, SIZES):
        panel = stage.panels["Side by side"]
        qtbot.waitUntil(lambda panel=panel: panel.chart is not None)
        for goes_on in ("", WORLD_CHANGED):
            compared.show_learning(state(study=STUDY, working="study", goes_on=goes_on))
            spin()
            fits(stage, panel, size[0])
            chart, case = panel.chart, (size, goes_on)
            assert chart._area().height() >= 60, case
            assert chart._area().width() >= 80, case
            room = chart.width() - chart._area().right() - chart.look.px(8)
            for label, _ in chart.placed_labels():
                metrics = QFontMetricsF(chart.look.font(13, label.weight))
                assert metrics.horizontalAdvance(label.text) <= room, (case, label.text)
            if factor == 1.0:
                assert len(chart.placed_labels()) == 4, case
            assert all(4 <= chart._curves[name]._stroke.width <= 5.5 for name in "012"), case


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_the_map_is_large_and_nothing_is_clipped(compared, qtbot, look, factor):  # noqa: F811
    """Its sentence stands below it once, in the place of all that is said."""
    look.set_factor(factor)
    compared.show_learning(STATES["sweep"])
    for stage, size in presented(qtbot, compared, SIZES):
        panel = stage.panels["Step sizes"]
        fits(stage, panel, size[0])
        assert panel.sentence.isHidden(), size
        assert stage.sentence.accessibleName().startswith("The largest step at which 90 %"), size
        names = QFontMetricsF(stage.look.font(13, theme.SEMIBOLD))
        for name in sweep().grid.names:
            room = panel.map.cell_rect(0, 0).left() - stage.look.px(10)
            assert names.horizontalAdvance(name) <= room, (size, name)


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_the_share_is_whole_in_every_cell(compared, qtbot, look, factor):  # noqa: F811
    """Of six step sizes and the most seeds, below all that is said of it; also once the text has
    its usual size again."""
    look.set_factor(factor)
    rates, shape = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0), (4, 6)
    grid = Grid(
        ("no baseline", "leave-one-out", "V(s) exact", "GAE .95"), rates,
        share=np.full(shape, -0.99), solved=np.ones(shape), stuck=np.zeros(shape),
        diverged=np.full(shape, np.nan), updates=400, whole=True,
    )
    shown = replace(sweep(), grid=grid, seeds=256)
    compared.show_learning(state(mode="sweep", sweep=shown))
    for stage, size in presented(qtbot, compared, SIZES):
        cells = stage.panels["Step sizes"].map
        for place in np.ndindex(shape):
            rect = cells.cell_rect(*place)
            for font, words in zip(cells.fonts(), cells.words(*place)[:2], strict=True):
                assert QFontMetricsF(font).horizontalAdvance(words) <= rect.width(), (size, words)
        assert "with GAE .95" in stage.sentence.accessibleName().replace("\u00a0", " ")
        assert cells.cell_rect(0, 0).height() >= size[0] / 68, (size, cells.cell_rect(0, 0))
        usual = QRect(stage.sentence.geometry())
        look.set_factor(1.25)
        look.set_factor(factor)
        spin()
        assert stage.sentence.geometry() == usual, size


def test_what_is_on_the_other_screen_follows_what_is_seen(compared, qtbot, second):  # noqa: F811
    """Curves, map, clouds: each as it is chosen in the window, with its own sentence."""
    press(qtbot, compared, Qt.Key.Key_F5)
    for mode, title in TITLES.items():
        compared.show_learning(STATES[mode])
        spin()
        stage = compared.presentation.stage
        assert (stage.act.title, stage.panels[title].isVisible()) == (title, True)
    views = compared.variance.views
    qtbot.mouseClick(views.segment("gradient"), Qt.MouseButton.LeftButton)
    spin()
    assert compared.presentation.stage.act.title == "Clouds"
    press(qtbot, compared, Qt.Key.Key_F5)
    assert compared.presentation.stage is None


def test_the_corner_tells_how_far_the_study_is(compared, qtbot):
    """Not the update of the policy on the board, which waits; that is told as what it is."""
    stage = present(qtbot, compared, (1366, 768))
    compared.show_learning(state(study=STUDY, working="study", done=120, total=4000))
    assert stage.foot.update_label.text() == "120 of 4\u202f000 updates"
    compared.show_learning(state(study=STUDY))
    assert stage.foot.update_label.text() == "on the board: update <b>128</b>"


def test_the_board_is_as_large_as_beside_any_curve(compared, qtbot):
    """About 41 % of the width where the height allows it, as beside the return."""
    for stage, size in presented(qtbot, compared, SIZES[:3]):
        high = stage.sentence.geometry().bottom() - stage.board.y()
        assert stage.board.width() >= min(0.4 * size[0], high), size


def test_why_there_is_nothing_is_said_before_the_room_too(compared, qtbot):
    """With the headline alone."""
    compared.show_learning(state(early=True, empty=EARLY["study"]))
    stage = present(qtbot, compared, (1366, 768))
    panel = stage.panels["Side by side"]
    qtbot.waitUntil(lambda: panel.chart is not None)
    assert panel.chart.message.text() == EARLY["study"]
    assert stage.sentence.accessibleName() == ""
