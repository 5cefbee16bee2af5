"""The settings of the world and the commands of the whole board, in the whole program."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import rlxent_resources
from rlxent_core.rectangle import Rectangle
from rlxent_core.reshape import mirrored, resized, rotated, shifted
from rlxent_core.world import Teleport, Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.app import App
from rlxent_gui.document import Document
from rlxent_gui.panels.world_panel import PLACES
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import RunState

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
LONG = 30_000
WORLD = World(("S..#", ".A.G", "..^."), {
    "S": Tile(start=1), "G": Tile(terminal=True, reward=1), "A": Tile(teleport=Teleport((2, 0))),
    "^": Tile(wind=(-1, 0)),
}, name="Small")
PLACE = {name: place for place, name in PLACES.items()}


@pytest.fixture
def app(qtbot, qapp, tmp_path):
    """A window whose training has not been started: nothing here waits for it."""
    preferences = Preferences(tmp_path / "preferences.json")
    theme.appearance().install(qapp, preferences)
    app = App(preferences, Document(WORLD), device="cpu", autosave_folder=tmp_path / "autosave")
    app.window.resize(1366, 768)
    app.presenter.begin()
    app.window.show()
    qtbot.waitExposed(app.window)
    app.window.activateWindow()
    QApplication.processEvents()
    yield app
    theme.appearance().set_factor(1.0)
    app.close()
    app.window.close()
    app.window.deleteLater()


@pytest.fixture
def panel(app, qtbot):
    """The open panel."""
    qtbot.keyClick(app.window, Qt.Key.Key_I, CTRL)
    return app.world_settings.panel


def card_titles(app):
    app.presenter.tick()
    return [card.title for card in app.presenter._display.shown("cards")]


def type_into(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    if text.isascii():
        qtbot.keyClicks(field, text)
    else:
        QGuiApplication.clipboard().setText(text)
        field.paste()
    qtbot.keyClick(field, Qt.Key.Key_Return)


# The board as a whole


def test_a_key_turns_mirrors_or_shifts(app, qtbot):
    """From the board; one step, which can be undone and redone."""
    app.window.board.setFocus()
    for key, modifier, expected in (
        (Qt.Key.Key_BracketRight, CTRL, rotated(WORLD)),
        (Qt.Key.Key_BracketLeft, CTRL, rotated(WORLD, 3)),
        (Qt.Key.Key_H, CTRL | SHIFT, mirrored(WORLD)),
        (Qt.Key.Key_V, CTRL | SHIFT, mirrored(WORLD, True)),
        (Qt.Key.Key_Up, ALT, shifted(WORLD, -1, 0)),
        (Qt.Key.Key_Right, ALT, shifted(WORLD, 0, 1)),
        (Qt.Key.Key_Down, ALT, shifted(WORLD, 1, 0)),
        (Qt.Key.Key_Left, ALT, shifted(WORLD, 0, -1)),
    ):
        qtbot.keyClick(app.window.board, key, modifier)
        assert app.document.world == expected, key
        assert app.document.undo_stack.count() == 1, key
        qtbot.keyClick(app.window.board, Qt.Key.Key_Z, CTRL)
        assert app.document.world == WORLD, key
        app.document.redo()
        assert app.document.world == expected, key
        app.document.undo()


def test_clear_keeps_the_start(app, qtbot):
    qtbot.keyClick(app.window.board, Qt.Key.Key_Delete, CTRL)
    assert app.document.world.map == ("S...", "....", "....")


def test_crop_to_the_selection(app, qtbot):
    """Not offered without one."""
    crop = app.actions["crop"]
    assert not crop.isEnabled()
    app.window.board.select((0, 0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(app.window.board, key, SHIFT)
    assert crop.isEnabled()
    qtbot.keyClick(app.window.board, Qt.Key.Key_X, CTRL | SHIFT)
    assert app.document.world.map == ("S.", ".A", "..")
    assert not crop.isEnabled()
    app.document.undo()
    assert app.document.world == WORLD


def test_what_would_cut_a_teleport_off_is_refused(app, qtbot):
    """A card says why; the board is unchanged."""
    app.window.board.select((0, 0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(app.window.board, key, SHIFT)
    app.actions["crop"].trigger()
    assert app.document.world == WORLD
    assert any("would be cut off" in title for title in card_titles(app))


def test_every_command_is_in_the_menu_of_the_world(app):
    """As an action with its key."""
    menu = app.window.header.world_menu.board_menu
    listed = {action.objectName() for action in menu.actions()}
    assert {"resize", "crop", "rotate_left", "mirror_vertically", "shift_up", "clear"} <= listed


def test_keys_copy_and_paste(app, qtbot):
    """Ctrl+A, C, then a map from elsewhere by Ctrl+V and Return, in one step."""
    board = app.window.board
    board.setFocus()
    qtbot.keyClick(board, Qt.Key.Key_A, CTRL)
    assert board.selection.rectangle == Rectangle(0, 0, 3, 4)
    qtbot.keyClick(board, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().startswith("S..#\n.A.G\n..^.\n\n")
    QGuiApplication.clipboard().setText("  ##\n  .P\n")
    qtbot.keyClick(board, Qt.Key.Key_V, CTRL)
    qtbot.keyClick(board, Qt.Key.Key_Right)
    qtbot.keyClick(board, Qt.Key.Key_Return)
    assert app.document.world.map == ("S###", "..PG", "..^.")
    assert app.document.undo_stack.count() == 1
    qtbot.keyClick(board, Qt.Key.Key_Z, CTRL)
    assert app.document.world == WORLD


def test_without_a_selection_the_board_is_copied_as_a_picture(app, qtbot):
    app.window.board.setFocus()
    qtbot.keyClick(app.window.board, Qt.Key.Key_C, CTRL)
    assert not QGuiApplication.clipboard().image().isNull()


def test_a_bad_paste_is_told_on_a_card(app, qtbot):
    app.window.board.setFocus()
    QGuiApplication.clipboard().setText("S.Q")
    qtbot.keyClick(app.window.board, Qt.Key.Key_V, CTRL)
    assert any("“Q”" in title and "unchanged" in title for title in card_titles(app))
    assert app.document.world == WORLD


def test_the_card_of_a_grown_board_undoes_it(app, qtbot):
    QGuiApplication.clipboard().setText("S....G")
    app.actions["paste"].trigger()
    assert app.document.world.columns == 6
    app.presenter.tick()
    (card,) = [c for c in app.window.scene.cards.cards if "3 × 6" in c.accessibleName()]
    undo = next(b for b in card.findChildren(type(app.window.header.look_button))
                if b.text() == "Undo")
    qtbot.mouseClick(undo, LEFT)
    assert app.document.world == WORLD


# The panel


def test_the_panel_opens_and_closes_by_key_button_and_menu(app, qtbot):
    """Esc closes it as well, and the focus is inside while it is open."""
    settings = app.world_settings
    qtbot.keyClick(app.window, Qt.Key.Key_I, CTRL)
    assert settings.is_open
    assert settings.panel.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not settings.is_open
    qtbot.mouseClick(app.window.header.settings_button, LEFT)
    assert settings.is_open
    qtbot.mouseClick(app.window.header.settings_button, LEFT)
    assert not settings.is_open


def test_texts_follow_what_is_typed(app, panel, qtbot):
    """A word is one step; the title of the window follows."""
    panel.texts["name"].selectAll()
    qtbot.keyClicks(panel.texts["name"], "Maze")
    assert app.document.world.name == "Maze"
    assert app.document.undo_stack.count() == 1
    panel.notes.setFocus()
    qtbot.keyClicks(panel.notes, "two words")
    qtbot.keyClick(panel.notes, Qt.Key.Key_Return)
    qtbot.keyClicks(panel.notes, "three")
    assert app.document.world.notes == "two words\nthree"
    type_into(qtbot, panel.texts["source"], "A book, 3.5")
    assert app.document.world.source == "A book, 3.5"
    for _ in range(3):
        app.document.undo()
    assert app.document.world == WORLD
    assert panel.texts["name"].text() == "Small"
    assert panel.notes.toPlainText() == ""


@pytest.mark.parametrize(("name", "text", "value"), [
    ("step_reward", "-0.25", -0.25), ("step_reward", "−3", -3.0), ("bump_reward", "-1e3", -1000.0),
    ("reward_noise", "0,5", 0.5),
])
def test_numbers_are_typed(app, panel, qtbot, name, text, value):
    """With either minus and either decimal sign; undone in one step."""
    type_into(qtbot, panel.numbers[name], text)
    assert getattr(app.document.world, name) == value
    app.document.undo()
    assert app.document.world == WORLD
    assert panel.numbers[name].text() == "0"


def test_up_and_down_step_a_number(app, panel, qtbot):
    """Quick steps are one."""
    field = panel.numbers["step_reward"]
    field.setFocus()
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert app.document.world.step_reward == -0.03
    assert app.document.undo_stack.count() == 1


def test_a_number_that_is_not_changed_keeps_all_its_digits(app, panel, qtbot):
    """What is merely looked at is not rounded."""
    app.document.set_fields(step_reward=-1 / 3)
    count = app.document.undo_stack.count()
    panel.numbers["step_reward"].setFocus()
    qtbot.keyClick(panel.numbers["step_reward"], Qt.Key.Key_Return)
    assert app.document.world.step_reward == -1 / 3
    assert app.document.undo_stack.count() == count


@pytest.mark.parametrize(("name", "text", "words"), [
    ("reward_noise", "-1", "must not be negative"),
    ("step_reward", "much", "Type a number"),
    ("step_reward", "", "Type a number"),
    ("step_reward", "1e999", "Type a number"),
])
def test_a_bad_number_is_told_in_the_panel(app, panel, qtbot, name, text, words):
    """Below its field, in one sentence; the world is unchanged, and a good one takes it back."""
    field = panel.numbers[name]
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    type_into(qtbot, field, text)
    assert app.document.world == WORLD
    assert panel.error.isVisible()
    assert words in panel.error.text()
    row = field.parentWidget()
    assert panel.column.indexOf(panel.error) == panel.column.indexOf(row) + 1
    type_into(qtbot, field, "0.5")
    assert not panel.error.isVisible()
    assert getattr(app.document.world, name) == 0.5


@pytest.mark.parametrize(("text", "words"), [
    ("0", "from 1 to 10"), ("10001", "from 1 to 10"), ("2.5", "whole number"),
])
def test_the_step_limit_has_limits(app, panel, qtbot, text, words):
    type_into(qtbot, panel.limit, text)
    assert app.document.world == WORLD
    assert words in panel.error.text()


def test_a_step_limit_may_have_its_thousands_apart(app, panel, qtbot):
    """In a whole number a comma is no decimal point: 1,000 steps are not one."""
    type_into(qtbot, panel.limit, "1,000")
    assert app.document.world.max_steps == 1000


def test_no_step_limit_and_back(app, panel, qtbot):
    """The switch turns it off and restores it."""
    type_into(qtbot, panel.limit, "250")
    assert app.document.world.max_steps == 250
    qtbot.mouseClick(panel.no_limit, LEFT)
    assert app.document.world.max_steps is None
    assert not panel.limit.isEnabled()
    qtbot.mouseClick(panel.no_limit, LEFT)
    assert app.document.world.max_steps == 250


def test_sliders_of_slip_and_discount(app, panel, qtbot):
    """By keys; another panel that shows the discount follows."""
    panel.slip.groove.setFocus()
    qtbot.keyClick(panel.slip.groove, Qt.Key.Key_Right)
    assert 0 < app.document.world.slip < 0.2
    panel.discount.groove.setFocus()
    qtbot.keyClick(panel.discount.groove, Qt.Key.Key_Left)
    assert app.document.world.discount < 0.99
    app.presenter.tick()
    shown = app.window.scene.bets.controls.widgets["signal"].discount.value
    assert shown == app.document.world.discount


def test_moves_are_toggled_and_the_last_one_stays(app, panel, qtbot):
    """In the order in which they are chosen."""
    for name in ("stay", "up", "up-left", "up"):
        qtbot.mouseClick(panel.moves.buttons[PLACE[name]], LEFT)
    assert app.document.world.moves == ("right", "down", "left", "stay", "up-left", "up")
    app.document.set_fields(moves=("down",))
    qtbot.mouseClick(panel.moves.buttons[PLACE["down"]], LEFT)
    assert app.document.world.moves == ("down",)
    assert panel.moves.buttons[PLACE["down"]].isChecked()
    assert "agent has to do something" in panel.error.text()


def test_the_board_is_resized_by_keyboard(app, qtbot):
    """The key leads to the number of rows; Return resizes, about what is to stay in place."""
    qtbot.keyClick(app.window, Qt.Key.Key_R, CTRL | SHIFT)
    panel = app.world_settings.panel.board
    assert QApplication.focusWidget() in (panel.size_chooser.rows,)
    qtbot.mouseClick(panel.anchor.buttons[2, 2], LEFT)
    assert [p for p, b in panel.anchor.buttons.items() if b.isChecked()] == [(2, 2)]
    qtbot.keyClicks(panel.size_chooser.rows, "5")
    qtbot.keyClick(panel.size_chooser.rows, Qt.Key.Key_Return)
    assert app.document.world == resized(WORLD, 5, 4, (2, 2))
    assert app.document.undo_stack.count() == 1
    app.document.undo()
    assert app.document.world == WORLD
    assert panel.size_chooser.rows.value() == 3


def test_a_size_that_cuts_a_teleport_off_is_refused_in_the_panel(app, panel, qtbot):
    panel.board.size_chooser.rows.setValue(2)
    qtbot.mouseClick(panel.board.resize_button, LEFT)
    assert app.document.world == WORLD
    assert "would be cut off" in panel.error.text()
    assert panel.error.isVisible()


@pytest.mark.parametrize(("size", "factor"), [
    ((1920, 1080), 1.0), ((1024, 768), 1.0), ((1024, 768), 1.6), ((900, 600), 1.6),
])
def test_the_panel_fits_into_the_window(app, qtbot, size, factor):
    """No control is cut at the side; what does not fit below can be scrolled to."""
    theme.appearance().set_factor(factor)
    app.window.resize(*size)
    qtbot.keyClick(app.window, Qt.Key.Key_I, CTRL)
    QTest.qWait(30)
    panel = app.world_settings.panel
    popover = app.world_settings._popover
    assert app.window.rect().contains(popover.geometry())
    assert panel.minimumSizeHint().width() <= panel.width() <= popover.width()
    for button in (*panel.board.buttons.values(), panel.board.resize_button, panel.no_limit):
        assert button.width() >= button.sizeHint().width()
        assert button.mapTo(panel, button.rect().bottomRight()).x() < panel.width()


def test_every_control_of_the_panel_has_a_name_and_a_tip(app, panel, qtbot):
    """And can be reached by Tab."""
    seen: set = set()
    while (widget := QApplication.focusWidget()) not in seen:
        seen.add(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    controls = [
        *panel.texts.values(), panel.notes, *panel.numbers.values(), panel.limit, panel.no_limit,
        *panel.moves.buttons.values(), *panel.board.anchor.buttons.values(),
        panel.board.resize_button,
        *(b for b in panel.board.buttons.values() if b.isEnabled()),
    ]
    for control in controls:
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control in seen


# While it trains


def test_a_resize_while_training_starts_a_new_run_and_is_undone(qtbot, qapp, tmp_path):
    """The curve begins anew on the other board, and again on the old one."""
    preferences = Preferences(tmp_path / "preferences.json")
    theme.appearance().install(qapp, preferences)
    world = read_text(rlxent_resources.world_text("sparse5"))
    app = App(preferences, Document(world), device="cpu", autosave_folder=tmp_path / "autosave")
    with qtbot.waitSignal(app.window.built, timeout=LONG):
        app.start()
    app.window.activateWindow()
    presenter = app.presenter
    qtbot.waitUntil(lambda: presenter.run.state is RunState.READY, timeout=LONG)

    def trains_on(rows):
        snapshot = presenter.run.snapshot
        return (
            snapshot is not None and snapshot.probabilities is not None and snapshot.update >= 1
            and len(snapshot.probabilities) == rows * world.columns
        )

    def play_on(rows):
        qtbot.waitUntil(lambda: presenter.run.state is RunState.READY, timeout=LONG)
        qtbot.keyClick(app.window, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: trains_on(rows), timeout=LONG)

    play_on(world.rows)
    assert app.board_commands.resize(world.rows + 2, world.columns, (0, 0)) == ""
    play_on(world.rows + 2)
    qtbot.keyClick(app.window, Qt.Key.Key_Z, CTRL)
    assert app.document.world == world
    play_on(world.rows)
    app.actions["rotate_right"].trigger()
    app.actions["undo"].trigger()
    assert app.document.world == world
    play_on(world.rows)
    assert presenter.run.snapshot.failure is None
    app.close()
    app.window.close()
    app.window.deleteLater()
