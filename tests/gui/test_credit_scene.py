"""The Credit scene in the real window, with real training: hands, keys, sizes and themes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

import rlxent_resources
from rlxent_core.weightings import WEIGHTINGS
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.actions import COMMANDS, CREDIT, TABLE
from rlxent_gui.app import App
from rlxent_gui.credit_desk import CreditDesk
from rlxent_gui.credit_view import CreditView
from rlxent_gui.document import Document
from rlxent_gui.panels.export_panel import Choice
from rlxent_gui.preferences import Preferences
from rlxent_gui.scenes.credit import CreditScene
from rlxent_gui.view_state import CardView, RunState
from rlxent_gui.widgets.buttons import TransportButton
from tests.gui.test_layout import clipped

LONG = 30_000
PLAIN, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SIZES = [(1920, 1080), (1366, 768), (1024, 768)]


class Room:
    """A started program and what a lecturer's hands can do to it."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        self.app, self.qtbot, self.window = app, qtbot, app.window

    @property
    def scene(self) -> CreditScene:
        assert self.window.credit is not None
        return self.window.credit

    @property
    def view(self) -> CreditView:
        view = self.app.credit._shown
        assert view is not None
        return view

    @property
    def update(self) -> int:
        return self.app.presenter.update

    def until(self, seen) -> None:
        self.qtbot.waitUntil(seen, timeout=LONG)

    def key(self, key, modifier=PLAIN) -> None:
        """To whatever has the keyboard."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def enter(self) -> CreditView:
        """Ctrl+2, and wait until an episode is seen."""
        self.key(Qt.Key.Key_2, CTRL)
        self.until(lambda: self.app.credit._shown is not None)
        self.settle()
        return self.view

    def settle(self) -> None:
        """Until every question is answered."""
        credit = self.app.credit
        self.until(lambda: not credit._waiting and not credit._effect_waiting)
        self.qtbot.wait(40)
        self.until(lambda: not credit._waiting and not credit._effect_waiting)

    def click(self, widget, at) -> None:
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(*map(int, at)))

    def open(self, name: str) -> None:
        """Another shipped world."""
        self.app.files.open_preset(name)
        self.until(lambda: self.app.presenter.run.state is RunState.READY)


@pytest.fixture
def room(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Room]:
    look = theme.appearance()
    preferences = Preferences(tmp_path / "preferences.json")
    look.install(qapp, preferences)
    app = App(
        preferences, Document(read_text(rlxent_resources.world_text("puddle_corridor"))),
        device="cpu", autosave_folder=tmp_path / "autosave",
    )
    with qtbot.waitSignal(app.window.built, timeout=LONG):
        app.start()
    app.window.setWindowState(Qt.WindowState.WindowNoState)
    app.window.resize(1920, 1080)
    app.window.activateWindow()
    bench = Room(app, qtbot)
    bench.until(lambda: app.presenter.run.state is RunState.READY)
    yield bench
    app.close()
    app.window.close()
    app.window.deleteLater()
    look.set_theme(theme.LIGHT)
    look.set_factor(1.0)


def seen_everywhere(room: Room, step: int) -> None:
    """One step is chosen in strip, comparison, board, scrubber, classifier and status line."""
    scene = room.scene
    assert room.view.step == step
    assert scene.right.strip.view.step == step
    assert scene.right.compare.matrix.view.step == step
    assert scene.board._path.step == step
    assert scene.scrubber._step == step
    assert scene.right.classifier.title.text() == f"Step {step} as a classifier"
    room.app.presenter.tick()
    assert room.window.status._episodes.text().startswith(f"Step {step} of 13")


def test_the_scene_opens_by_its_key_and_its_tab_and_leaves_explore_as_it_was(room):
    """Ctrl+2 and the tab; what has no use there is disabled, and comes back."""
    actions, window = room.app.actions, room.window
    assert window.shown_scene == "explore"
    room.key(Qt.Key.Key_W)
    view = room.enter()
    assert (view.episode.source, view.episode.length) == ("stored", 14)
    assert window.header.tabs.value == "credit"
    assert not window.scene.isVisible()
    for id in ("tool_wall", "tiles", "step", "episode", "overlay_value", "world_settings", "clear"):
        assert not actions[id].isEnabled(), id
    room.click(window.header.tabs.segment("explore"), (9, 9))
    assert window.shown_scene == "explore"
    assert window.board.isVisible()
    assert not room.scene.isVisible()
    assert actions["tool_wall"].isChecked()
    for command in TABLE:
        if command.group == CREDIT:
            assert not actions[command.id].isEnabled(), command.id
    assert actions["step"].isEnabled()
    room.click(window.header.tabs.segment("credit"), (9, 9))
    assert room.scene.isVisible()


def test_the_arrow_keys_move_the_boards_cursor_in_explore_alone(room):
    """They belong to whom they are shown for."""
    board = room.window.board
    board.setFocus()
    room.key(Qt.Key.Key_Right)
    room.until(lambda: board.selected is not None)
    cursor = board.selected
    assert cursor is not None
    room.enter()
    room.key(Qt.Key.Key_Right)
    assert room.view.step == 1
    room.key(Qt.Key.Key_1, CTRL)
    assert board.selected == cursor
    board.setFocus()
    room.key(Qt.Key.Key_Right)
    room.until(lambda: board.selected != cursor)
    assert room.view.step == 1


def test_the_whole_scene_by_the_keyboard(room):
    """Steps, weightings, training, and back, without a mouse."""
    room.enter()
    for expected in (1, 2, 3):
        room.key(Qt.Key.Key_Right)
        seen_everywhere(room, expected)
    room.key(Qt.Key.Key_Left)
    seen_everywhere(room, 2)
    first = room.view.weighting
    at = WEIGHTINGS.index(first)
    room.key(Qt.Key.Key_Down)
    assert room.view.weighting == WEIGHTINGS[at + 1]
    room.key(Qt.Key.Key_Up)
    room.key(Qt.Key.Key_Up)
    assert room.view.weighting == WEIGHTINGS[at - 1]
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    room.until(lambda: room.view.newer == 1)
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.update > 3)
    assert room.window.status.run_button.isVisible()
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.app.presenter.run.state is RunState.PAUSED)
    room.key(Qt.Key.Key_1, CTRL)
    assert room.window.shown_scene == "explore"


def test_a_step_chosen_anywhere_is_chosen_everywhere(room):
    """A click in the strip, in the comparison, on the board; the slider."""
    room.enter()
    right, board = room.scene.right, room.scene.board
    strip = right.strip
    room.click(strip, (strip.columns.x(5) + strip.columns.width / 2, strip.height() // 2))
    seen_everywhere(room, 5)
    room.click(right.compare.matrix, right.compare.matrix.cell("critic", 9).toTuple())
    seen_everywhere(room, 9)
    assert room.view.weighting == "critic"
    room.click(board, board.grid().rect((3, 4)).center().toPoint().toTuple())
    assert room.view.step in (10, 11, 12)
    seen_everywhere(room, room.view.step)
    room.scene.scrubber.slider.setFocus()
    room.key(Qt.Key.Key_Left)
    seen_everywhere(room, room.view.step)
    room.scene.scrubber.next.click()
    seen_everywhere(room, room.view.step)


def test_a_click_on_a_weighting_leaves_the_arrows_to_the_steps(room):
    """Who came by Tab to the row of choices has them, though."""
    room.enter()
    choice = room.scene.right.top.bar.choice
    room.click(choice.segment("value"), (9, 9))
    assert room.view.weighting == "value"
    room.key(Qt.Key.Key_Right)
    assert (room.view.weighting, room.view.step) == ("value", 1)
    choice.segment("value").clearFocus()
    choice.segment("value").setFocus(Qt.FocusReason.TabFocusReason)
    room.key(Qt.Key.Key_Right)
    assert (room.view.weighting, room.view.step) == ("critic", 1)


def test_arrows_stay_with_the_scene_when_another_world_is_opened_in_it(room):
    """For a moment there is no episode; the keyboard must not fall to the tabs meanwhile."""
    room.enter()
    for name in ("two_goals", "puddle_corridor"):
        room.open(name)
        room.until(lambda: (
            room.app.credit._shown is not None and room.view.world == room.app.document.world
        ))
        room.settle()
        room.key(Qt.Key.Key_Right)
        assert (room.window.shown_scene, room.view.step) == ("credit", 1)


def test_arrows_belong_to_fields_sheets_and_sliders_that_have_the_keyboard(room):
    """The number of the episode, the worlds, λ."""
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    room.enter()
    assert room.view.episode.index == 0
    room.scene.bar.stepper.field.setFocus()
    room.key(Qt.Key.Key_Up)
    room.settle()
    assert room.view.episode.index == 1
    room.key(Qt.Key.Key_G, CTRL)
    weighting = room.view.weighting
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        room.key(key)
    assert (room.view.step, room.view.weighting) == (0, weighting)
    room.key(Qt.Key.Key_Escape)
    room.app.window.command.emit("credit_weighting", "gae")
    groove = room.scene.right.top.bar.slider.groove
    groove.setFocus()
    before = room.view.gae_lambda
    room.key(Qt.Key.Key_Left)
    assert room.view.gae_lambda < before
    assert room.view.step == 0


def test_every_key_of_the_scene_is_named_by_a_control_in_it(room):
    """What a key does, something with a tip that names it does too."""
    room.enter()
    for width, height in SIZES:
        room.window.resize(width, height)
        room.qtbot.wait(20)
        tips = {w.toolTip() for w in room.scene.findChildren(QWidget) if w.isVisible()}
        for command in TABLE:
            if command.group == CREDIT:
                assert any(command.key_text in tip for tip in tips), (command.id, width)


def test_a_pinned_episode_is_weighed_anew_while_training_goes_on(room):
    """The same steps, other numbers with “now”; the latest is a click away."""
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    room.enter()
    room.scene.bar.pin.click()
    actions = room.view.episode.actions
    then = room.view.episode.exact_values
    room.app.window.command.emit("credit_policy", "now")
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.view.episode.seen_at > 3)
    assert room.view.pinned
    assert np.array_equal(room.view.episode.actions, actions)
    assert not np.allclose(room.view.episode.exact_values, then)
    first = room.view.episode.exact_values
    room.until(lambda: not np.array_equal(room.view.episode.exact_values, first))
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.view.newer is not None)
    room.app.window.command.emit("credit_policy", "then")
    room.until(lambda: np.array_equal(room.view.episode.exact_values, then))
    room.scene.bar.latest.click()
    room.settle()
    assert room.view.newer is None
    assert room.view.episode.update == room.update - 1
    assert not room.view.pinned


def test_without_a_pin_the_scene_follows_the_training(room):
    """Episodes of later and later updates, and the last one of all when it pauses."""
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    room.enter()
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.view.episode.update > 2)
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.app.presenter.run.state is RunState.PAUSED)
    room.until(lambda: room.view.episode.update == room.update - 1)
    assert room.view.newer is None


def test_play_walks_on_while_training_runs_and_then_the_scene_follows_again(room):
    """Through the looks that are taken once a second; the pin does not show."""
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    episode = room.enter().episode
    scrubber = room.scene.scrubber
    scrubber.play.click()
    room.key(Qt.Key.Key_Space)
    room.until(lambda: room.view.step == 4)  # two seconds
    assert room.update > 3
    assert scrubber.playing
    assert room.view.episode is episode
    assert not room.view.pinned
    scrubber.play.click()
    room.until(lambda: room.view.episode.update > 2)


def titles(room):
    return [card.title for card in room.app.presenter._display.shown("cards")]


def test_reset_in_the_scene_begins_with_the_stored_episode_again(room):
    """Home; what was seen is of a run that is gone."""
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    assert room.enter().episode.source == "update"
    room.scene.bar.pin.click()
    room.key(Qt.Key.Key_Home)
    room.until(lambda: room.app.credit._shown is not None
               and room.view.episode.source == "stored")
    assert not room.view.pinned
    assert "The pinned episode is gone" in titles(room)


@pytest.mark.parametrize("seen", [True, False])
def test_a_pin_is_never_lost_without_a_word(room, seen):
    """A resized board is another run; a message says so, at the latest when one comes back."""
    room.enter()
    room.scene.bar.pin.click()
    if not seen:
        room.key(Qt.Key.Key_1, CTRL)
    assert not room.app.board_commands.resize(5, 5, (0, 0))
    if not seen:
        room.key(Qt.Key.Key_2, CTRL)
    room.until(lambda: "The pinned episode is gone" in titles(room))
    room.until(lambda: room.app.credit._shown is not None)
    assert not room.scene.bar.pin.isChecked()


def test_going_back_an_update_does_not_keep_what_was_taken_back(room):
    """Shift+U: the episode that is shown then is no longer said to be of the last update."""
    for update in (1, 2):
        room.key(Qt.Key.Key_U)
        room.until(lambda update=update: room.update == update)
    assert room.enter().episode.source == "update"
    room.key(Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    room.until(lambda: room.view.episode.source == "new")
    room.until(lambda: room.update == 1)
    assert room.view.episode.update == 1


def test_a_world_that_pays_at_the_end_says_so_and_leads_to_the_puddle_corridor(room, monkeypatch):
    """With one click the stored episode is there; an edited world is asked about first."""
    room.open("two_goals")
    assert room.enter().note == "", "discounting tells early steps from late ones"
    room.app.document.set_fields(discount=1.0, step_reward=0.0)
    room.until(lambda: room.view.world.discount == 1)
    room.until(lambda: room.scene.note.isVisible())
    assert room.view.note.startswith("Here reward comes only at the end")
    for factor in (1.6, 1.0):
        theme.appearance().set_factor(factor)
        for width, height in SIZES:
            room.window.resize(width, height)
            room.qtbot.wait(30)
            board, note = room.scene.board.geometry(), room.scene.note.geometry()
            assert not note.intersects(board)
            assert not note.intersects(room.scene.bar.geometry())
            for part in (room.scene.legend, room.scene.scrubber):
                assert part.isHidden() or not part.geometry().intersects(board), (
                    width, factor, board, note, part
                )
    asked = []
    monkeypatch.setattr(room.app.files, "unless_unsaved", asked.append)
    room.scene.note.button.click()
    assert room.app.document.name == "Two goals", "unsaved work is asked about first"
    asked.pop()()  # "Discard"
    room.until(lambda: room.view.episode.source == "stored")
    assert room.app.document.name == "Puddle corridor"
    assert room.scene.isVisible()
    room.until(lambda: not room.scene.note.isVisible())


def test_messages_are_seen_in_both_scenes(room):
    """They lie over whichever board is seen."""
    room.enter()
    room.app.presenter.add_card(CardView("test", "info", "A message", "It says something."))
    room.until(lambda: room.window.scene.cards.isVisible())
    for width, height in SIZES:
        room.window.resize(width, height)
        room.qtbot.wait(30)
        assert room.scene.isAncestorOf(room.window.scene.cards)
        corner = room.window.scene.cards.geometry().topLeft()
        assert room.scene.board.geometry().contains(corner)
    room.key(Qt.Key.Key_1, CTRL)
    room.qtbot.wait(40)
    assert room.window.scene.isAncestorOf(room.window.scene.cards)
    assert room.window.scene.cards.isVisible()
    area = room.window.board.geometry()
    assert area.contains(room.window.scene.cards.geometry().topLeft())


def test_a_failure_is_a_card_and_the_next_question_is_answered(room, monkeypatch):
    """Whatever goes wrong on the training thread."""
    room.enter()
    with monkeypatch.context() as patch:
        patch.setattr(CreditDesk, "episode", lambda self, question: 1 / 0)
        room.scene.bar.new.click()
        room.until(lambda: any("cannot be weighed" in card.title for card in
                               room.app.presenter._display.shown("cards")))
        assert room.view.episode.source == "stored"
    room.scene.bar.new.click()
    room.until(lambda: room.view.episode.source == "new")
    room.until(lambda: not room.app.presenter._display.shown("cards"))


def test_what_is_copied_is_of_the_scene_that_is_seen(room):
    """Ctrl+C the board with the walk on it, Ctrl+Shift+C the panels."""
    room.enter()
    room.key(Qt.Key.Key_C, CTRL)
    image = QGuiApplication.clipboard().image()
    ratio = room.window.devicePixelRatio()
    assert image.size() == room.scene.board.size() * ratio
    room.key(Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    image = QGuiApplication.clipboard().image()
    assert image.size() == room.scene.right.size() * ratio


def test_what_is_exported_is_of_the_scene_that_is_seen(room, tmp_path):
    """The board with its walk as shapes; and the plots as they are now, though nobody sees them."""
    pages = {}
    for scene, key in (("explore", Qt.Key.Key_1), ("credit", Qt.Key.Key_2)):
        room.key(key, CTRL)
        room.until(lambda: scene_is_ready(room))
        path = tmp_path / f"{scene}.svg"
        with room.qtbot.waitSignal(room.app.exports.finished, timeout=LONG):
            room.app.exports.write(path, Choice("board", "svg", light=True))
        pages[scene] = path.read_text()
    assert theme.LIGHT.neg.name() in pages["credit"].lower()
    assert len(pages["credit"]) != len(pages["explore"])
    room.key(Qt.Key.Key_U)
    room.until(lambda: room.update == 1)
    room.until(lambda: len(room.app.presenter.curves.returns) == 1)
    with room.qtbot.waitSignal(room.app.exports.finished, timeout=LONG):
        room.app.exports.write(tmp_path / "plots.svg", Choice("plots", "svg"))
    assert not room.app.presenter._display._stale


def scene_is_ready(room) -> bool:
    return room.window.shown_scene == "explore" or room.app.credit._shown is not None


def test_the_code_is_that_of_the_step_and_weighting_on_show(room):
    """Opened by its button; it follows, and runs as it is copied."""
    room.enter()
    room.scene.code.click()
    room.until(lambda: "cross_entropy" in room.scene.code.panel.whole)
    before = room.scene.code.panel.whole
    room.app.window.command.emit("credit_weighting", "total_return")
    room.until(lambda: room.scene.code.panel.whole != before)
    room.key(Qt.Key.Key_Escape)
    room.until(lambda: not room.app.credit._code_open)


def test_nothing_is_clipped_at_any_size_in_any_theme(room):
    """Labels and buttons have the room they need, in the classifier's and the other tabs."""
    look = theme.appearance()
    room.enter()
    for factor, colours, (width, height) in product(
        (1.0, 1.6), (theme.LIGHT, theme.DARK), (*SIZES, (900, 600))
    ):
        look.set_theme(colours)
        look.set_factor(factor)
        room.window.resize(width, height)
        room.qtbot.wait(30)
        assert (room.window.width(), room.window.height()) == (width, height)
        tabs = room.scene.right.tabs
        for tab in tabs.values if tabs.isVisible() else ("",):
            if tab:
                tabs.choose(tab)
                room.qtbot.wait(20)
            # The scrubber's buttons give way to its slider, down to their icons.
            short = [c for c in clipped(room.window) if c[0] != "TransportButton"]
            assert short == [], (factor, colours.name, width, height, tab)
            for button in room.scene.scrubber.findChildren(TransportButton):
                assert button.width() >= look.px(20)


def test_the_worlds_name_stays_in_the_middle_of_the_header(room):
    """Tabs and buttons leave it where it was, at every width."""
    for factor, width in product((1.0, 1.6), (900, 1024, 1366, 1920)):
        theme.appearance().set_factor(factor)
        room.window.resize(width, 768)
        room.qtbot.wait(30)
        header = room.window.header
        case = factor, width
        assert abs(header.world_button.x() - header.width() // 2) <= 24, case
        tabs = header.tabs
        assert tabs.geometry().right() < header.world_button.x(), case
        assert tabs.heightForWidth(tabs.width()) == tabs.height(), case


def test_every_button_has_a_name_and_a_tip_and_tab_reaches_it(room):
    """For the keyboard and for screen readers."""
    room.enter()
    for button in room.scene.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName(), button
            assert type(button).__name__ == "_Segment" or button.toolTip() or button.text()


def test_tab_goes_through_the_scene_from_the_loss_on(room):
    """As it is read: the weight in the loss, the code, the bar with the pin."""
    room.enter()
    scene = room.scene
    room.window.header.present_button.setFocus(Qt.FocusReason.TabFocusReason)
    stops = []
    while len(stops) < 3:
        room.key(Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if scene.isAncestorOf(focus):
            stops.append(focus)
    assert stops == [*scene.loss.formula.term_buttons(), scene.code, scene.bar.pin]


def test_the_keys_of_the_scene_are_on_the_sheet_of_keys():
    """By their arrows."""
    assert [COMMANDS[id].key_text for id in (
        "credit_previous", "credit_next", "credit_weighting_previous", "credit_weighting_next"
    )] == ["←", "→", "↑", "↓"]
