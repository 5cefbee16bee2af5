"""The left half of the Credit scene: its board, scrubber, episode bar, loss and code, by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QVBoxLayout, QWidget

from rlxent_core.code_behind import READ
from rlxent_core.weightings import TRAINED, WEIGHTINGS
from rlxent_core.world import Tile, World
from rlxent_gui.canvas.credit_board import CreditBoard
from rlxent_gui.credit_view import CodeView
from rlxent_gui.pacing import DEFAULT_LEVEL, LEVELS, watching
from rlxent_gui.panels.credit.code_panel import COPIED, COPY, CodeButton
from rlxent_gui.panels.credit.episode_bar import EpisodeBar
from rlxent_gui.panels.credit.loss import LossRibbon
from rlxent_gui.panels.credit.scrubber import Legend, Scrubber
from rlxent_gui.theme import DARK, LIGHT, appearance
from rlxent_gui.widgets.formula_terms import SIGNAL, terms_of_weighting
from tests.gui.hand import Hand
from tests.gui.test_trajectory import near, pixels
from tests.gui.walks import WEIGHTS, credit_view

CTRL = Qt.KeyboardModifier.ControlModifier
# What the offscreen platform says of menus and tooltips.
pops_up = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture(autouse=True)
def look(qapp):
    """Every test begins with the light theme and the usual text size."""
    look = appearance()
    look.install(qapp)
    yield look
    look.set_theme(LIGHT)
    look.reset_text()
    qapp.setStyleSheet("")


@pytest.fixture
def asked():
    """Commands in the order they were sent."""
    return []


def shown(qtbot, asked, widget, width, height, view):
    qtbot.addWidget(widget)
    widget.command.connect(lambda name, argument=None: asked.append((name, argument)))
    widget.resize(width, height)
    widget.show_credit(view)
    widget.show()
    QApplication.processEvents()
    return widget


def click(widget, at=None):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or QPoint())


# --- the board


@pytest.fixture
def board(qtbot, asked):
    return shown(qtbot, asked, CreditBoard(), 520, 500, credit_view())


def place(board, x, y):
    """The pixel at so many cells from the left and the top."""
    grid = board.grid()
    return QPoint(round(grid.left + x * grid.side), round(grid.top + y * grid.side))


def test_a_click_on_a_stroke_chooses_its_step(board, asked):
    """On the stroke that goes back from F2 to E2, on its own side of the road."""
    click(board, place(board, 5.0, 1.5 - 0.1))
    assert asked == [("credit_step", 6)]


def test_clicks_on_a_cell_go_through_its_steps(board, asked):
    """E2 was left twice, by steps 5 and 7; then the first comes again."""
    at = place(board, 4.12, 1.12)
    for expected in (5, 7, 5):
        click(board, at)
        assert asked[-1] == ("credit_step", expected)
        board.show_credit(credit_view(step=expected))


def test_a_click_on_the_goal_chooses_the_last_step(board, asked):
    """Nothing was done there, but something led there; elsewhere nothing happens."""
    click(board, place(board, 5.15, 4.85))
    assert asked == [("credit_step", 13)]
    click(board, place(board, 0.1, 5.9))
    assert len(asked) == 1


def test_hovering_says_the_arithmetic_in_words(board):
    """In the words of the brief; several steps, several lines; long lists end in a sum."""
    words = board.words_of((6,))
    assert words == "Step 6: ← from F2, reward −0.02, weight −0.07"
    assert board.words_of((11,)) == "Step 11: ↓ from E4 (stays), reward −0.02, weight −0.02"
    assert board.words_of((5, 7)).splitlines()[1].startswith("Step 7: → from E2")
    lines = board.words_of(tuple(range(14))).splitlines()
    assert lines[-1] == "and 8 more steps; all weights add up to 0"


@pops_up
def test_the_tooltip_is_shown_over_a_stroke(board, qtbot):
    """A real hover, and none where nobody walked."""
    at = place(board, 5.0, 1.5 - 0.1)
    QApplication.sendEvent(
        board, QHelpEvent(QHelpEvent.Type.ToolTip, at, board.mapToGlobal(at))
    )
    assert QToolTip.text().startswith("Step 6: ← from F2")
    away = place(board, 0.1, 5.9)
    QApplication.sendEvent(
        board, QHelpEvent(QHelpEvent.Type.ToolTip, away, board.mapToGlobal(away))
    )
    qtbot.waitUntil(lambda: not QToolTip.isVisible(), timeout=3000)


def test_ctrl_and_the_wheel_zoom_and_clicks_follow(board, asked):
    """As on the board of Explore: what is under the pointer stays there."""
    hand = Hand(board)
    before = board.grid().side
    hand.wheel((1, 5), 3, CTRL)
    assert board.grid().side > before
    click(board, place(board, 5.0, 1.5 - 0.1))
    assert asked == [("credit_step", 6)]
    hand.wheel((1, 5), -5, CTRL)
    assert board.zoom == 1


def test_the_board_is_told_in_words(board):
    """Name, and the step that is chosen."""
    assert board.accessibleName() == "Episode on the board"
    assert board.accessibleDescription() == "Step 1: → from B1, reward −0.52, weight −0.18"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_strokes_lie_on_faded_darts_in_the_episodes_own_world(board, look, theme):
    """Blue down the last column, the wall where it was; darts at less than a quarter of ink."""
    look.set_theme(theme)
    image = pixels(board.grab().toImage())

    def at(x, y):
        point = place(board, x, y)
        return image[point.y() - 3 : point.y() + 4, point.x() - 3 : point.x() + 4]

    assert near(at(5.5, 3.25), theme.pos).mean() > 0.9
    assert near(at(1.5, 1.5), theme.wall).all()
    grid = board.grid()
    side = round(grid.side)
    corner = place(board, 0.0, 4.0)
    dart = image[corner.y() + 4 : corner.y() + side - 4, corner.x() + 4 : corner.x() + side - 4]
    assert not near(dart, theme.ink, 90).any()
    floor = np.array([theme.floor.red(), theme.floor.green(), theme.floor.blue()])
    assert np.abs(dart - floor).max() > 15


# --- legend and scrubber


def test_the_legend_says_when_widths_are_sums(qtbot):
    """Also to whoever does not see it."""
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_credit(credit_view())
    assert "width = |weight|" in legend.accessibleName()
    world = World(map=("S.",), tiles={"S": Tile(start=1.0)}, max_steps=9)
    legend.show_credit(credit_view(world, ["right", "left"] * 4, np.ones(8)))
    assert "sum" in legend.accessibleName()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("width", [640, 330])
def test_the_legend_shows_all_three_strokes(qtbot, look, theme, width):
    """Blue, hatched vermillion and a thin line, in any room."""
    look.set_theme(theme)
    page = QWidget()
    qtbot.addWidget(page)
    legend = Legend(page)
    legend.resize(width, 20)
    page.resize(width, 20)
    page.show()
    image = pixels(page.grab().toImage())
    for colour in (theme.pos, theme.neg, theme.ink3):
        assert near(image, colour, 12).sum() > 20
    assert not near(image[:, -2:], theme.neg_text, 60).any()


@pytest.fixture
def scrubber(qtbot, asked):
    return shown(qtbot, asked, Scrubber(), 460, 48, credit_view())


def follow(scrubber, **options):
    """Do what the presenter does: show the step that was asked for."""
    view = credit_view(**options)

    def answer(command, argument):
        step = {"credit_next": scrubber._step + 1, "credit_previous": scrubber._step - 1}.get(
            command, argument
        )
        if command != "credit_hold":
            scrubber.show_credit(replace(view, step=step))

    scrubber.command.connect(answer)
    scrubber.show_credit(view)


def test_previous_and_next_say_so_and_stop_at_the_ends(scrubber, asked):
    """Their tooltips name the keys; the last step is named in the label."""
    assert scrubber.label.text() == "step 1 of 13"
    assert "(←)" in scrubber.previous.toolTip()
    assert "(→)" in scrubber.next.toolTip()
    click(scrubber.next)
    click(scrubber.previous)
    assert asked == [("credit_next", None), ("credit_previous", None)]
    scrubber.show_credit(credit_view(step=0))
    assert not scrubber.previous.isEnabled()
    scrubber.show_credit(credit_view(step=13))
    assert not scrubber.next.isEnabled()
    assert scrubber.label.text() == "step 13 of 13"


def test_the_slider_goes_to_the_step_under_the_pointer(scrubber, asked):
    """Far right the last, far left the first; arrow keys one by one."""
    slider = scrubber.slider
    click(slider, QPoint(slider.width() - 4, slider.height() // 2))
    assert asked == [("credit_hold", True), ("credit_step", 13), ("credit_hold", False)]
    click(slider, QPoint(3, slider.height() // 2))
    assert asked[-2:] == [("credit_step", 0), ("credit_hold", False)]
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert asked[-1] == ("credit_step", 1)


def test_play_walks_to_the_end_and_stops(scrubber, asked, qtbot):
    """Every step once, in order; then the button offers to play again, from the start."""
    follow(scrubber, step=10)
    scrubber.set_period(0.01)
    click(scrubber.play)
    assert scrubber.playing
    qtbot.waitUntil(lambda: not scrubber.playing, timeout=3000)
    steps = [("credit_step", t) for t in (11, 12, 13)]
    assert asked == [("credit_hold", True), *steps, ("credit_hold", False)]
    assert scrubber.play.accessibleName().startswith("Play")
    click(scrubber.play)
    assert asked[5:] == [("credit_hold", True), ("credit_step", 0)]
    click(scrubber.play)
    assert not scrubber.playing
    assert asked[7:] == [("credit_hold", False)]


def test_play_stops_with_another_episode_or_out_of_sight(scrubber, qtbot):
    """Not for another weighting of the same one, nor for one that was already on its way."""
    scrubber.set_period(0.05)
    click(scrubber.play)
    scrubber.show_credit(credit_view(weights=np.negative(WEIGHTS)))
    assert scrubber.playing
    scrubber.show_credit(credit_view(index=4, update=13))
    assert scrubber.playing
    qtbot.waitUntil(lambda: scrubber._step > 1)
    scrubber.show_credit(credit_view(index=5))
    assert not scrubber.playing
    click(scrubber.play)
    scrubber.hide()
    assert not scrubber.playing


def test_out_of_sight_nothing_is_held_any_more(scrubber, asked):
    """Also where a drag was under way."""
    slider = scrubber.slider
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(20, slider.height() // 2))
    assert asked[0] == ("credit_hold", True)
    scrubber.hide()
    assert asked[-1] == ("credit_hold", False)


def test_play_follows_the_speed():
    """Two steps a second at the usual speed, faster with every level."""
    periods = [watching(level) for level in range(len(LEVELS))]
    assert periods[DEFAULT_LEVEL] == 0.5
    assert periods == sorted(set(periods), reverse=True)


def test_the_same_speed_again_delays_no_step(scrubber, qtbot):
    """While training runs it is said many times a second."""
    scrubber.set_period(0.1)
    click(scrubber.play)
    for _ in range(15):
        scrubber.set_period(0.1)
        qtbot.wait(20)
    assert scrubber._step >= 2


def test_an_episode_of_one_step_has_nothing_to_play(qtbot, asked):
    """Nothing moves, nothing is divided by zero."""
    world = World(map=("SG",), tiles={"S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0)})
    scrubber = shown(qtbot, asked, Scrubber(), 460, 48,
                     credit_view(world, ["right"], [1.0], step=0))
    assert scrubber.label.text() == "step 0 of 0"
    assert not any(b.isEnabled() for b in (scrubber.previous, scrubber.play, scrubber.next))


# --- the episode bar


WIDE, USUAL, NARROW = 700, 440, 330


@pytest.fixture
def bar(qtbot, asked):
    def make(width=WIDE, **options):
        bar = EpisodeBar()
        bar.set_large(width == WIDE)
        return shown(qtbot, asked, bar, width, bar.sizeHint().height(), credit_view(**options))

    return make


def test_the_bar_says_which_episode(bar):
    """Length, return, place in the batch, and from which update."""
    bar = bar()
    assert bar.title.text() == "One episode, 14 steps"
    assert bar.subtitle.text() == "total return +0.22"
    assert (bar.stepper.value, bar.of.text()) == (5, "of 16")
    assert bar.stepper.field.toolTip().startswith("Episode 5 of the 16 of update 12")


def test_an_episode_cut_by_max_steps_says_so(bar):
    """It is no failure of the walk, but the end of its time."""
    world = World(map=("S.",), tiles={"S": Tile(start=1.0)}, max_steps=1, discount=1.0)
    bar = bar(world=world, moves=["right"], weights=[0.0], step=0)
    assert bar.title.text() == "One episode, 1 step"
    assert bar.subtitle.text() == "total return 0.00 (cut at max_steps)"


def test_a_discounted_return_is_called_so(bar):
    """Two rewards of 1 and γ = 0.5 come to 1.5; where room is short the tooltip says so."""
    tiles = {"S": Tile(start=1.0), "G": Tile(terminal=True)}
    world = World(map=("S.G",), tiles=tiles, discount=0.5, step_reward=1.0)
    options = {"world": world, "moves": ["right"] * 2, "weights": [0.0, 0.0], "step": 0}
    wide = bar(**options).subtitle
    assert wide.text() == "discounted return +1.50"
    narrow = bar(NARROW, **options)
    assert "discounted" not in narrow.subtitle.text()
    assert "discounted return +1.50" in narrow.subtitle.toolTip()


def test_every_button_sends_its_command(bar, asked):
    """Real clicks on all that is there when an episode is pinned and newer ones have come."""
    bar = bar(pinned=True, newer=57, has_stored=True)
    assert bar.latest.text() == "Update 57 ›"
    for button in (bar.new, bar.picks["best"], bar.picks["median"], bar.picks["worst"],
                   bar.stored, bar.latest, bar.policy.segment("now"), bar.pin, bar.stepper.more,
                   bar.stepper.less):
        click(button)
    assert asked == [
        ("credit_new", None), ("credit_episode", "best"), ("credit_episode", "median"),
        ("credit_episode", "worst"), ("credit_stored", None), ("credit_latest", None),
        ("credit_policy", "now"), ("credit_pin", False), ("credit_episode", 5),
        ("credit_episode", 4),
    ]


def test_what_is_not_there_has_no_button(bar):
    """No stored episode, no newer update, nothing pinned: then nothing to press."""
    bar = bar()
    assert bar.stored.isHidden()
    assert bar.latest.isHidden()
    assert bar.policy.isHidden()


def test_then_and_now_say_what_they_weigh_with(bar):
    """Policy and V of the update that drew it, or of now."""
    bar = bar(pinned=True)
    assert "update 12" in bar.policy.segment("then").toolTip()
    assert "now" in bar.policy.segment("now").toolTip()
    assert bar.pin.toolTip() == "Keep this episode while training goes on"


def test_an_episode_without_a_batch_has_no_others(bar):
    """Best, worst and the stepper wait for a batch."""
    bar = bar(batch=1, index=0)
    assert not bar.picks["best"].isEnabled()
    assert not bar.stepper.isEnabled()


def places(bar):
    return {child: child.geometry() for child in bar.children()
            if isinstance(child, QWidget) and not isinstance(child, QMenu)
            and child.isVisible()}


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.6])
@pytest.mark.parametrize("width", [WIDE, USUAL, NARROW])
@pytest.mark.parametrize("has_stored", [False, True])
def test_nothing_jumps_and_nothing_overlaps(bar, look, factor, width, has_stored):
    """Pinned or not, with newer episodes or without: what is there both times is where it was."""
    look.set_factor(factor)
    bar = bar(width, has_stored=has_stored)
    seen = []
    for pinned in (False, True):
        for newer in (None, 9, 1057):
            bar.show_credit(credit_view(pinned=pinned, newer=newer, has_stored=has_stored))
            seen.append(places(bar))
    for one, other in combinations(seen, 2):
        for widget in one.keys() & other.keys() - {bar.latest}:
            assert one[widget] == other[widget]
    for here in seen:
        for widget, rect in here.items():
            assert bar.rect().contains(rect), widget
        for (one, a), (other, b) in combinations(here.items(), 2):
            assert not a.intersects(b), (one, other)


@pops_up
@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_the_menu_has_what_the_narrow_bar_has_not(bar, look, asked, factor):
    """Every command can be given at every size, by a button or in the menu."""
    look.set_factor(factor)
    bar = bar(NARROW, pinned=True, newer=57, has_stored=True)
    click(bar.more)
    texts = [action.text() for action in bar.menu.actions()]
    assert texts[:3] == ["Best episode", "Median episode", "Worst episode"]
    assert "Stored episode" in texts
    for action in bar.menu.actions():
        action.trigger()
    bar.menu.close()
    sent = {(name, argument) for name, argument in asked}
    buttons = {
        bar.new: ("credit_new", None), bar.latest: ("credit_latest", None),
        bar.policy: ("credit_policy", "now"), bar.stored: ("credit_stored", None),
        bar.picks["best"]: ("credit_episode", "best"),
    }
    for button, command in buttons.items():
        assert (command in sent) == button.isHidden()


# --- the loss


def tex(name, **options):
    usual = {"learned": False, "lam": 0.95, "discount": 1.0, "exact_discounting": False}
    terms = terms_of_weighting(name, **{**usual, **options})
    (weight,) = (term for term in terms if term.number == SIGNAL)
    return " ".join(piece.tex for piece in weight.pieces)


def test_every_weighting_is_written_differently():
    """And each as its definition says."""
    texts = {name: tex(name) for name in (*WEIGHTINGS, TRAINED)}
    assert len(set(texts.values())) == len(texts)
    assert texts["total_return"] == "G_0"
    assert texts["value"] == r"\big( G_t - V^{\pi}(s_t) \big)"
    assert texts["critic"] == r"\big( r_t + V^{\pi}(s_{t+1}) - V^{\pi}(s_t) \big)"
    assert tex("critic", learned=True, discount=0.9) == (
        r"\big( r_t + \gamma V(s_{t+1}) - V(s_t) \big)"
    )


def test_discounting_is_written_where_it_is_done():
    """γᵗ before all but the total return, and not where γ is 1."""
    options = {"exact_discounting": True, "discount": 0.9}
    assert tex("value", **options).startswith(r"\gamma^t")
    assert tex("total_return", **options) == "G_0"
    assert tex("value", exact_discounting=True) == tex("value")


@pops_up
def test_the_weight_is_underlined_and_offers_the_others(qtbot, asked):
    """Disc ③; a click opens the weightings, and choosing one asks for it."""
    ribbon = shown(qtbot, asked, LossRibbon(), 700, 60, credit_view())
    qtbot.waitUntil(lambda: ribbon.formula.is_set, timeout=15_000)
    (button,) = ribbon.formula.term_buttons()
    assert button.accessibleName() == (
        "Weight: one reward and the value V of the next state, minus the value V of the state, "
        "V exact"
    )
    assert ribbon.label.isVisible()
    click(button)
    to_go, critic = ribbon.menu.actions()
    assert critic.isChecked()
    to_go.trigger()
    ribbon.menu.close()
    assert asked == [("credit_weighting", "reward_to_go")]
    ribbon.resize(360, 60)
    QApplication.processEvents()
    assert not ribbon.label.isVisible()


# --- the code


CODE = CodeView(
    torch="import torch\nfull = [1, 2, 3]", numpy="import numpy as np\nfull",
    torch_shown="import torch\n# t = 1, weight −0.18", numpy_shown="import numpy as np\nfull",
)


@pytest.fixture
def code(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 500)
    column = QVBoxLayout(window)
    button = CodeButton()
    column.addWidget(button)
    column.addStretch(1)
    window.show()
    button.show_code(CODE)
    click(button)
    yield button
    button.close_code()


def test_the_code_is_shown_by_language_and_copied_whole(code):
    """What is copied runs as it is; the button says that it was done."""
    panel = code.panel
    assert panel.code.toPlainText() == CODE.torch_shown
    assert panel.note.isVisible()
    click(panel.copy)
    assert QGuiApplication.clipboard().text() == CODE.torch
    assert panel.copy.text() == COPIED
    click(panel.tabs.segment("numpy"))
    assert panel.copy.text() == COPY
    assert panel.code.toPlainText() == CODE.numpy_shown
    assert not panel.note.isVisible()
    click(panel.copy)
    assert QGuiApplication.clipboard().text() == CODE.numpy
    panel._confirmed.stop()


def test_the_code_follows_the_step_while_it_is_open(code):
    """The comments have the current numbers; no state but the text changes."""
    code.show_code(replace(CODE, torch_shown="import torch\n# t = 2"))
    assert code.panel.code.toPlainText().endswith("# t = 2")


def test_the_code_is_set_in_a_font_of_fixed_width(code):
    """Columns of numbers stand below one another."""
    metrics = QFontMetricsF(code.panel.code.font())
    assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("MMMM")


@pytest.mark.parametrize(("room", "scrolls"), [(1000, False), (1366, False), (640, True)])
def test_lines_of_code_are_seen_whole_where_the_window_allows_it(code, qtbot, room, scrolls):
    """A hundred letters, at the usual text size and a larger one; it never leaves the window."""
    code.show_code(replace(CODE, torch_shown="\n".join(["x" * READ, "# short"])))
    window, bar = code.window(), code.panel.code.horizontalScrollBar()
    window.resize(room, 500)
    qtbot.waitUntil(lambda: (bar.maximum() > 0) == scrolls)
    popover = code._popover.geometry()
    assert window.rect().contains(popover)
    assert popover.width() == room - 16 if scrolls else popover.width() < room - 16
    code.show_code(CODE)
    assert code._popover.width() == popover.width(), "it is as wide for short lines"
    if room == 1366:
        appearance().set_factor(1.3)
        code.show_code(replace(CODE, torch_shown="x" * READ))
        qtbot.waitUntil(lambda: code._popover.width() > popover.width())
        assert not bar.maximum()


def test_the_code_can_be_selected_but_not_changed(code):
    """By mouse and keys."""
    text = code.panel.code
    text.setFocus()
    QTest.keyClicks(text, "x")
    assert text.toPlainText() == CODE.torch_shown
    text.selectAll()
    assert text.textCursor().selectedText().startswith("import torch")


def test_esc_closes_the_code_from_wherever_the_focus_is(code, qtbot):
    """And it opens again with the same text."""
    told = []
    code.opened.connect(told.append)
    code.panel.code.setFocus()
    QTest.keyClick(code.panel.code, Qt.Key.Key_Escape)
    assert told == [False]
    assert not code.isChecked()
    assert not code.panel.isVisible()
    click(code)
    assert told == [False, True]
    assert code.panel.isVisible()


