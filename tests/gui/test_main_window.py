"""The window as a whole: keys reach their commands, files and looks are dealt with, it closes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui import theme
from rlxent_gui.actions import TOOLS, Actions
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from rlxent_gui.main_window import SMALLEST, MainWindow
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import (
    BetsView,
    BoardView,
    CardAction,
    CardView,
    HeaderView,
    RunState,
    TransportView,
)

LEFT = Qt.MouseButton.LeftButton
WORLD = World(map=("S..", ".#.", "..G"), tiles={
    "S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0),
})


class Files:
    """Stands in for the file commands, and notes what was asked of them."""

    def __init__(self):
        self.asked, self.then = [], None
        self.lets_close = True

    def __getattr__(self, name):
        if name not in ("new", "open", "save", "save_as", "open_path", "open_preset"):
            raise AttributeError(name)
        return lambda *arguments: self.asked.append((name, *arguments))

    def recent(self):
        return ()

    def may_close(self, then):
        self.then = then
        return self.lets_close


@pytest.fixture
def look(qapp):
    look = theme.appearance()
    yield look
    look.set_theme(theme.LIGHT)
    look.set_factor(1.0)


@pytest.fixture
def make(qtbot, look, tmp_path):
    """Makes windows that share one file of preferences."""
    def made():
        document = Document(WORLD)
        actions = Actions()
        window = MainWindow(document, actions, Preferences(tmp_path / "preferences.json"))
        document.setParent(window)
        actions.setParent(window)
        qtbot.addWidget(window)
        window.build_controls()
        window.files = Files()
        window.set_files(window.files)
        window.document, window.actions_ = document, actions
        window.heard = []
        window.command.connect(lambda id, argument: window.heard.append((id, argument)))
        return window
    return made


@pytest.fixture
def window(make, qtbot):
    window = make()
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show_header(HeaderView("Ice and pit", False))
    window.show_board(BoardView(WORLD))
    window.show_transport(TransportView(RunState.PAUSED, 1, None, 5, "1 update/s", True))
    window.show_bets(BetsView(Settings(), 0.97, 0, "auto", ""))
    window.show()
    window.activateWindow()
    return window


def test_keys_ask_for_their_commands(window, qtbot):
    """A key of the run group asks for its command, from the board too."""
    window.board.setFocus()
    plain, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    for key, modifier, command in (
        (Qt.Key.Key_Space, plain, "play_pause"), (Qt.Key.Key_J, plain, "step"),
        (Qt.Key.Key_K, plain, "episode"), (Qt.Key.Key_U, plain, "update"),
        (Qt.Key.Key_U, shift, "previous"), (Qt.Key.Key_Home, plain, "reset"),
        (Qt.Key.Key_Minus, plain, "slower"), (Qt.Key.Key_Equal, plain, "faster"),
        (Qt.Key.Key_M, plain, "measure"),
    ):
        window.heard.clear()
        qtbot.keyClick(window.board, key, modifier)
        assert window.heard == [(command, None)]


@pytest.mark.parametrize("focus", ["button", "slider", "segment", "popover"])
def test_space_runs_wherever_the_focus_is(window, qtbot, focus):
    """Space is play or pause from a button, a slider, a choice or an open popover."""
    if focus == "popover":
        window.scene.bets.toggle("update")
    else:
        window.resize(1024, 768)
        QApplication.processEvents()
        {"button": window.header.theme_button, "slider": window.scene.transport.speed,
         "segment": window.scene.plots.tabs.segment("variance")}[focus].setFocus()
    assert window.focusWidget() is not None
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert window.heard == [("play_pause", None)]


def test_space_types_in_a_text_field(window, qtbot):
    """In an open number Space is a character, and training is left alone."""
    window.scene.bets.toggle("update")
    slider = window.scene.bets.controls.widgets["update"].controls["learning_rate"]
    qtbot.mouseDClick(slider.number, LEFT)
    qtbot.keyClicks(slider.number, "0 u")
    assert slider.number.text() == "0 u"
    assert window.heard == []


def test_tool_keys_put_the_tool_into_the_hand(window, qtbot):
    """A letter picks the board's tool and marks its button, whatever was in the hand before."""
    window.board.setFocus()
    for tool in (*TOOLS, *reversed(TOOLS)):
        key = window.actions_[f"tool_{tool}"].shortcut().toString()
        qtbot.keyClick(window.board, key.lower())
        assert window.board.tool is Tool(tool)
        assert window.scene.rail.buttons[f"tool_{tool}"].isChecked(), tool


def test_a_tool_taken_on_the_board_marks_its_button(window):
    """Alt-click picks a tile: the rail follows."""
    window.board.tool = Tool.PIT
    assert window.scene.rail.buttons["tool_pit"].isChecked()


def test_overlay_keys_ask_for_the_overlay(window, qtbot):
    """2 asks for the value map, and again to take it away."""
    qtbot.keyClick(window.board, "2")
    window.show_board(BoardView(WORLD, overlays=frozenset({"policy", "value"})))
    qtbot.keyClick(window.board, "2")
    assert window.heard == [("overlay", ("value", True)), ("overlay", ("value", False))]


def test_undo_and_redo_follow_the_document(window, qtbot):
    """Off with nothing to undo; undo is asked for, redo is done."""
    rail = window.scene.rail.buttons
    assert not rail["undo"].isEnabled()
    window.document.apply({(0, 1): Tile(wall=True)})
    assert rail["undo"].isEnabled()
    qtbot.mouseClick(rail["undo"], LEFT)
    assert window.heard == [("undo", None)]
    window.document.undo()
    assert rail["redo"].isEnabled()
    qtbot.mouseClick(rail["redo"], LEFT)
    assert window.document.world.tile((0, 1)).wall


@pytest.mark.parametrize(("key", "command"), [("N", "new"), ("O", "open"), ("S", "save")])
def test_file_keys_go_to_the_files(window, qtbot, key, command):
    """Ctrl+N, O and S are answered by the file commands, not by the presenter."""
    qtbot.keyClick(window, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.ControlModifier)
    assert window.files.asked == [(command,)]
    assert window.heard == []


def test_worlds_of_the_gallery_go_to_the_files(window, qtbot):
    """Ctrl+G opens and closes it, and a card is opened by its world's name."""
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window.board, Qt.Key.Key_G, control)
    assert window.gallery.isVisible()
    window.gallery.command.emit("open_preset", "trap")
    assert window.files.asked == [("open_preset", "trap")]
    qtbot.keyClick(window.gallery, Qt.Key.Key_G, control)
    assert not window.gallery.isVisible()


def test_the_book_is_opened_by_key(window, qtbot):
    """Ctrl+B lays the figures over the window, and takes them away."""
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window.board, Qt.Key.Key_B, control)
    assert window.book.isVisible()
    qtbot.waitUntil(lambda: window.book.sheet.report is not None, timeout=20_000)
    qtbot.keyClick(window.book, Qt.Key.Key_B, control)
    assert not window.book.isVisible()


def test_theme_and_text_size(window, qtbot, look):
    """D changes the theme, Ctrl and + − 0 the text size; nobody else is asked."""
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window.board, "d")
    assert look.theme is theme.DARK
    qtbot.keyClick(window.board, Qt.Key.Key_Plus, control)
    qtbot.keyClick(window.board, Qt.Key.Key_Equal, control)
    assert look.factor == theme.FACTORS[theme.FACTORS.index(1.0) + 2]
    qtbot.keyClick(window.board, Qt.Key.Key_Minus, control)
    assert look.factor == theme.FACTORS[theme.FACTORS.index(1.0) + 1]
    qtbot.keyClick(window.board, Qt.Key.Key_0, control)
    assert look.factor == 1.0
    assert window.heard == []


def test_full_screen_and_back(window, qtbot):
    """F11 fills the screen and leaves it again."""
    qtbot.keyClick(window.board, Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window.board, Qt.Key.Key_F11)
    assert not window.isFullScreen()


def test_question_mark_shows_the_keys(window, qtbot):
    """? opens the sheet and closes it."""
    window.board.setFocus()
    qtbot.keyClick(window.board, "?", Qt.KeyboardModifier.ShiftModifier)
    assert window.keys.isVisible()
    qtbot.keyClick(window.keys, "?", Qt.KeyboardModifier.ShiftModifier)
    assert not window.keys.isVisible()


def test_title_names_the_world_and_marks_edits(window):
    """The title is the program and the world; an edited one is marked the platform's way."""
    assert window.windowTitle().replace("[*]", "") == "rlxent — Ice and pit"
    assert not window.isWindowModified()
    window.show_header(HeaderView("Ice and pit", True))
    assert window.isWindowModified()


def test_copies(window, qtbot):
    """The board and the plots reach the clipboard as pictures."""
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    clipboard = QGuiApplication.clipboard()
    for modifiers, least in ((control, window.board.size()),
                             (control | shift, window.scene.plots.size())):
        clipboard.clear()
        qtbot.keyClick(window.board, Qt.Key.Key_C, modifiers)
        image = clipboard.image()
        assert image.width() >= least.width()
        assert image.height() >= least.height()
    clipboard.clear()


def test_selecting_and_hovering_are_told(window, qtbot):
    """The board's own signals go out as commands."""
    window.board.cell_selected.emit((1, 2))
    window.board.cell_hovered.emit(None)
    assert window.heard == [("select_cell", (1, 2)), ("hover_cell", None)]


def test_card_actions_are_told(window, qtbot):
    """A card's button sends its command and the card's id."""
    window.show_cards((CardView("file", "file", "Not opened", "", (CardAction("Open", "open"),)),))
    button = window.scene.cards.cards[0].findChildren(type(window.header.theme_button))[-1]
    qtbot.mouseClick(button, LEFT)
    assert window.heard == [("card", ("open", "file"))]


@pytest.mark.parametrize(("number", "name"), [(1, "architecture"), (3, "signal")])
@pytest.mark.parametrize("width", [1366, 1920])
def test_a_term_of_the_formula_opens_its_bet(window, qtbot, number, name, width):
    """Clicking a term brings its controls to the eye and the focus to the first."""
    window.resize(width, 900)
    QApplication.processEvents()
    window.scene.ribbon.term_clicked.emit(number)
    bet = window.scene.bets.controls.widgets[name]
    assert bet.isVisible()
    assert bet.isAncestorOf(window.focusWidget())


def test_one_popover_at_a_time_and_the_chip_shuts_it(window, qtbot):
    """Another chip closes the first popover; the same chip closes its own."""
    chips, bets = window.scene.bets.chips, window.scene.bets
    for name in ("architecture", "signal", "signal"):
        qtbot.mouseClick(chips[name], LEFT)
    assert not bets.controls.widgets["architecture"].isVisible()
    assert not bets.controls.widgets["signal"].isVisible()
    assert not any(chip.isChecked() for chip in chips.values())


def test_popover_grows_with_its_bet(window, qtbot):
    """What a choice brings into view is seen without scrolling."""
    window.show_bets(BetsView(Settings(baseline="none"), 0.97, 0, "auto", ""))
    window.scene.bets.toggle("signal")
    window.show_bets(BetsView(Settings(credit="gae", baseline="critic"), 0.97, 0, "auto", ""))
    QApplication.processEvents()
    clip = window.scene.bets.controls.widgets["signal"].controls["gradient_clip"]
    assert clip.visibleRegion().boundingRect() == clip.rect()


def test_expanded_plot_fills_the_column(window, qtbot):
    """One plot takes the room of all, and gives it back."""
    column = window.scene.plots
    qtbot.mouseClick(column.plots["variance"].expand_button, LEFT)
    assert [n for n, plot in column.plots.items() if plot.isVisible()] == ["variance"]
    assert column.plots["variance"].geometry() == column.rect()
    qtbot.mouseClick(column.plots["variance"].expand_button, LEFT)
    assert all(plot.isVisible() for plot in column.plots.values())


def test_third_plot_is_in_a_tab_where_the_window_is_narrow(window, qtbot):
    """Below 1280 a tab chooses the second plot."""
    window.resize(1024, 768)
    QApplication.processEvents()
    column = window.scene.plots

    def shown():
        return [n for n, plot in column.plots.items() if plot.isVisible()]

    assert shown() == ["returns", "variance"]
    qtbot.mouseClick(column.tabs.segment("cell"), LEFT)
    assert shown() == ["returns", "cell"]


def test_plots_show_what_came_before_they_were_built(window, qtbot):
    """Data that arrive before pyqtgraph does are drawn once it is there."""
    from rlxent_gui.plots.data import CellPlotData, ReturnPlotData, VariancePlotData

    updates = np.arange(3.0)
    window.show_returns(ReturnPlotData(updates, updates, updates, optimal=1.0))
    window.show_variance(VariancePlotData(updates, updates + 1, updates + 1, "V(s)"))
    window.show_cell(CellPlotData("B2", updates, np.full((3, 4), 0.25), WORLD.moves))
    with qtbot.waitSignal(window.built):
        window.build_rest()
    assert all(plot.chart is not None for plot in window.scene.plots.plots.values())
    assert "B2" in window.scene.plots.plots["cell"].title.text()
    window.show_cell(None)


def test_closing_remembers_the_size(window, make):
    """The next window opens as large as the last one was."""
    window.resize(900, 700)
    QApplication.processEvents()
    said = []
    window.closing.connect(lambda: said.append(window.isVisible()))
    window.close()
    assert said == [False]  # out of sight before anything is waited for
    again = make()
    assert (again.width(), again.height()) == (900, 700)


def test_closing_waits_for_the_answer(window):
    """With unsaved work the window stays until the question is answered."""
    window.files.lets_close = False
    said = []
    window.closing.connect(lambda: said.append("closing"))
    window.close()
    assert window.isVisible()
    assert said == []
    window.files.lets_close = True
    window.files.then()
    assert not window.isVisible()
    assert said == ["closing"]


def test_damaged_geometry_is_no_obstacle(make, tmp_path):
    """A remembered size that cannot be read gives a usual window."""
    Preferences(tmp_path / "preferences.json").set_geometry(b"nonsense")
    window = make()
    assert window.width() >= SMALLEST.width()
    assert window.height() >= SMALLEST.height()


def test_no_key_is_lost_on_the_way_to_the_board(window, qtbot):
    """Arrow keys move the board's selection and ask for nothing else."""
    window.board.setFocus()
    qtbot.mouseClick(window.board, LEFT, pos=QPoint(window.board.width() // 2, 40))
    window.heard.clear()
    qtbot.keyClick(window.board, Qt.Key.Key_Right)
    assert {id for id, _ in window.heard} <= {"select_cell"}


def test_the_first_stroke_can_be_undone_while_it_is_under_way(window):
    """E.g. half a teleport on a world that was just opened."""
    window.document.begin_stroke("Connect")
    window.heard.clear()
    action = next(a for a in window.actions() if a.objectName() == "undo")
    action.trigger()
    assert window.heard == [("undo", None)]
    window.document.undo()
    assert not window.document.in_stroke
    assert not action.isEnabled()
