"""The Credit scene before a room: the same episode, large, and one part of it at a time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel

from rlxent_gui import theme
from rlxent_gui.canvas.credit_board import CreditBoard
from rlxent_gui.scenes import credit_acts
from tests.gui.credit_episodes import credit_view, effect, puddle
from tests.gui.test_presenting import (  # noqa: F401
    SIZES,
    look,
    presented,
    press,
    second,
    spin,
    window,
)

CONTROL = Qt.KeyboardModifier.ControlModifier
TITLES = ["Steps", "Compare", "Classifier", "Update"]


@pytest.fixture
def credit(window):  # noqa: F811
    """The window with the Credit scene on show, an episode in it."""
    window.show_scene("credit")
    view = credit_view(puddle())
    window.show_credit(view)
    window.show_effect(effect(view))
    window.view = view
    spin()
    window.heard.clear()
    return window


def present(qtbot, window, size=None):  # noqa: F811
    press(qtbot, window, Qt.Key.Key_F5)
    stage = window.presentation.stage
    if size is not None:
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(*size)
        spin()
    return stage


def test_the_parts_take_turns(credit, qtbot):
    """Strip, other weightings, classifier, update; the episode beside them."""
    stage = present(qtbot, credit)
    assert isinstance(stage.board, CreditBoard)
    found = []
    for _ in range(4):
        found.append(stage.act.title)
        press(qtbot, credit, Qt.Key.Key_PageDown)
    assert found == TITLES
    assert stage.act.title == TITLES[0]


def test_every_part_has_its_sentence(credit, qtbot):
    """Those of the scene: what happened, what the weights add up to, how far the update reaches."""
    stage = present(qtbot, credit)
    said = []
    for _ in range(4):
        said.append(stage.sentence.accessibleName())
        press(qtbot, credit, Qt.Key.Key_PageDown)
    assert said[0] == said[2] == credit.view.sentence
    assert theme.appearance().theme.neg_text.name() in stage.sentence.text()
    assert said[1] == credit.view.identity
    assert "cells move" in said[3]


def test_the_panels_follow(credit, qtbot):
    """Another step is shown on the part that is on, and on the next one too."""
    stage = present(qtbot, credit)
    credit.show_credit(credit_view(puddle(), 13, sentence="The goal."))
    assert stage.sentence.accessibleName() == "The goal."
    assert stage.panels[TITLES[0]].strip.view.step == 13
    press(qtbot, credit, Qt.Key.Key_PageDown)
    press(qtbot, credit, Qt.Key.Key_PageDown)
    assert stage.panels[TITLES[2]].title.text() == "Step 13 as a classifier"


def test_steps_and_weightings_are_chosen_on_the_stage(credit, qtbot):
    """By arrow keys, on the strip, on a row of the comparison, on the board."""
    stage = present(qtbot, credit)
    press(qtbot, credit, Qt.Key.Key_Right)
    press(qtbot, credit, Qt.Key.Key_Down)
    assert credit.heard == [("credit_next", None), ("credit_weighting_next", None)]
    credit.heard.clear()
    strip = stage.panels[TITLES[0]].strip
    at = QPointF(strip.columns.x(2) + 5, 20).toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    press(qtbot, credit, Qt.Key.Key_PageDown)
    matrix = stage.panels[TITLES[1]].matrix
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton,
                     pos=matrix.cell("total_return", 1).toPoint())
    grid = stage.board.grid()
    goal = QPointF(grid.left + 0.5 * grid.side, grid.top + 0.5 * grid.side).toPoint()
    qtbot.mouseClick(stage.board, Qt.MouseButton.LeftButton, pos=goal)
    assert credit.heard == [
        ("credit_step", 2), ("credit_weighting", "total_return"), ("credit_step", 0),
    ]


def test_scenes_change_while_presenting(credit, qtbot):
    """Ctrl+1 brings the plots on, Ctrl+2 the episode back; Esc leaves the scene that is on."""
    present(qtbot, credit)
    press(qtbot, credit, Qt.Key.Key_1, CONTROL)
    assert credit.presentation.stage.act.title == "Return"
    assert credit.isFullScreen()
    assert not credit.header.isVisible()
    press(qtbot, credit, Qt.Key.Key_2, CONTROL)
    assert credit.presentation.stage.act.title == TITLES[0]
    press(qtbot, credit, Qt.Key.Key_1, CONTROL)
    press(qtbot, credit, Qt.Key.Key_Escape)
    assert credit.presentation.stage is None
    assert not credit.isFullScreen()
    assert credit.shown_scene == "explore"
    assert credit.scene.isVisible()
    assert credit.scene.board.hasFocus()
    for id in ("tiles", "paste", "export"):
        assert credit.actions_[id].isEnabled()


def test_scenes_change_on_the_second_screen(credit, qtbot, second):  # noqa: F811
    """The window follows with its controls, the room with its stage."""
    present(qtbot, credit)
    press(qtbot, credit, Qt.Key.Key_1, CONTROL)
    stage = credit.presentation.stage
    assert stage.isWindow()
    assert stage.isFullScreen()
    assert stage.act.title == "Return"
    assert credit.scene.isVisible()
    press(qtbot, credit, Qt.Key.Key_Escape)
    assert credit.presentation.stage is None


def test_all_is_as_it_was(credit, qtbot):
    """The scene, its expanded part and the focus."""
    credit.credit.right.expand("classifier")
    credit.credit.board.setFocus()
    geometry = credit.geometry()
    enabled = [action.isEnabled() for action in credit.actions_]
    stage = present(qtbot, credit)
    assert stage.act.title == "Classifier"
    press(qtbot, credit, Qt.Key.Key_PageDown)
    press(qtbot, credit, Qt.Key.Key_Escape)
    assert credit.shown_scene == "credit"
    assert credit.credit.right.expanded == "classifier"
    assert credit.focusWidget() is credit.credit.board
    assert credit.geometry() == geometry
    assert [action.isEnabled() for action in credit.actions_] == enabled


def test_z_gives_one_part_after_another_the_room(credit, qtbot):
    """Also without presenting; the plots of the other scene are left alone."""
    found = []
    for _ in range(4):
        press(qtbot, credit, Qt.Key.Key_Z)
        found.append(credit.credit.right.expanded)
    assert found == ["compare", "classifier", "effect", None]
    assert credit.scene.plots.expanded is None


def test_before_there_is_an_episode(window, qtbot):  # noqa: F811
    """Every part says how to get one."""
    window.show_scene("credit")
    window.show_credit(None)
    stage = present(qtbot, window)
    for _ in range(4):
        assert stage.sentence.accessibleName() == credit_acts.NO_EPISODE
        press(qtbot, window, Qt.Key.Key_PageDown)


@pytest.mark.parametrize(("factor", "dark"), [(1.0, True), (1.6, False)])
def test_large_letters_and_nothing_clipped(credit, qtbot, look, factor, dark):  # noqa: F811
    """Everything lies within the window, in letters for the back row."""
    look.set_theme(theme.DARK if dark else theme.LIGHT)
    look.set_factor(factor)
    for stage, size in presented(qtbot, credit, SIZES):
        for _ in range(4):
            spin()
            panel, case = stage.panels[stage.act.title], (size, stage.act.title)
            for label in stage.findChildren(QLabel):
                if label.isVisible() and label.text():
                    said = *case, label.text()
                    assert label.font().pixelSize() >= size[0] / 68, said
                    assert label.parentWidget().rect().contains(label.geometry()), said
                    need = label.heightForWidth(label.width()) if label.wordWrap() else 0
                    assert label.height() >= need, said
            parts = [stage.headline, stage.board, panel, stage.sentence, stage.foot]
            for i, one in enumerate(parts):
                assert stage.rect().contains(one.geometry()), case
                for other in parts[i + 1 :]:
                    assert not one.geometry().intersects(other.geometry()), case
            assert panel.rect().contains(panel.part.geometry()), case
            assert 12 * panel.inner.factor >= size[0] / 68, case
            assert panel.inner.factor >= stage.look.factor * 0.99 or factor > 1, case
            assert panel.title.isVisible() or factor > 1, case
            if stage.act.title == "Steps":
                lines, bars = 105 * panel.inner.factor, 40
                assert panel.part.height() >= lines + bars, case
            elif stage.act.title != "Compare":  # which scrolls
                need = panel.heights()[-1] * panel.inner.factor - 1
                assert panel.part.height() >= need, case
            assert stage.foot.turn.shown_text == stage.foot.turn.text(), case
            press(qtbot, credit, Qt.Key.Key_PageDown)
