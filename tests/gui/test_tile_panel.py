"""The tile panel: every tile can be taken in hand, every property set, by mouse and keyboard."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Teleport, Tile, World
from rlxent_gui import theme
from rlxent_gui.actions import Actions
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from rlxent_gui.main_window import MainWindow
from rlxent_gui.panels.tile_list import BUILT_IN
from rlxent_gui.panels.tile_panel import ALL, CELL, HAND, THIS
from rlxent_gui.preferences import Preferences
from rlxent_gui.scenes.tile_desk import TileDesk
from rlxent_gui.widgets.buttons import Button
from tests.gui.hand import Hand

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key
PUDDLE = Tile(name="Puddle", slip=0.5)
WORLD = World(
    map=("S..p", ".#p.", "...G"),
    tiles={"S": Tile(start=1), "G": Tile(terminal=True, reward=1), "p": PUDDLE},
)


@pytest.fixture
def look(qapp):
    look = theme.appearance()
    before = qapp.style().objectName(), qapp.font(), qapp.palette()
    look.install(qapp)
    yield look
    look.set_theme(theme.LIGHT)
    look.set_factor(1.0)
    qapp.setStyleSheet("")
    qapp.setStyle(before[0])
    qapp.setFont(before[1])
    qapp.setPalette(before[2])


class Place(QWidget):
    """A board and a button that opens the panel: what the panel needs of the window."""

    def __init__(self):
        super().__init__()
        self._document = Document(WORLD, self)
        self._actions = Actions(self)
        self.board = Board(self._document, self)
        self.board.setGeometry(60, 100, 600, 560)
        button = Button("More tiles", parent=self)
        button.setGeometry(8, 100, 40, 40)
        self.scene = SimpleNamespace(tiles=TileDesk(
            self._document, self.board, self._actions["tiles"], button, self
        ))
        self.addActions(list(self._actions))
        self._actions.asked.connect(self._ask)
        self.resize(1366, 768)

    def _ask(self, id, checked):
        if id == "tiles":
            self.scene.tiles.toggle()


@pytest.fixture
def window(qtbot):
    place = Place()
    qtbot.addWidget(place)
    place.show()
    place.activateWindow()
    qtbot.waitExposed(place)
    return place


@pytest.fixture
def whole(qtbot, look, tmp_path):
    """The whole window, with the panel open."""
    document = Document(WORLD)
    actions = Actions()
    window = MainWindow(document, actions, Preferences(tmp_path / "preferences.json"))
    document.setParent(window)
    actions.setParent(window)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show()
    window.build_controls()
    window.activateWindow()
    qtbot.waitExposed(window)
    actions["tiles"].trigger()
    QApplication.processEvents()
    return window


@pytest.fixture
def document(window):
    return window._document


@pytest.fixture
def panel(window):
    window._actions["tiles"].trigger()
    QApplication.processEvents()
    assert window.scene.tiles.is_open
    return window.scene.tiles.panel


@pytest.fixture
def hand(window):
    return Hand(window.board)


@pytest.fixture
def cell_panel(window, hand, panel):
    """The panel on the tile of D1, a puddle; as in the app, a click with Select chooses it."""
    hand.click((0, 3))
    assert panel.target.value == CELL
    return panel


def in_hand(window):
    return window.board.editor.toolbox.tile


def button(panel, name):
    buttons = panel.list.built_in.buttons + panel.list.own.buttons
    return next(b for b in buttons if b.entry.name == name)


def click(qtbot, widget):
    qtbot.mouseClick(widget, LEFT)
    QApplication.processEvents()


def type_into(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Key.Key_Backspace)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Key.Key_Return)


# Taking in hand


def test_every_tile_can_be_taken_and_painted(window, panel, hand, document, qtbot):
    """A click takes it, the board paints it, and its button is down."""
    for name in BUILT_IN:
        click(qtbot, button(panel, name))
        if name == "Teleport":
            assert window.board.tool is Tool.TELEPORT
            hand.drag((2, 0), (2, 1))
            assert document.world.tile((2, 0)) == Tile(teleport=Teleport((2, 1)))
        else:
            if name == "Reward":
                hand.drag((2, 1), (2, 2))  # a click asks for the number
            else:
                hand.click((2, 1))
            assert document.world.tile((2, 1)) == BUILT_IN[name], name
        assert button(panel, name).isChecked(), name
        assert window.scene.tiles.is_open, name
        document.undo()
        assert document.world == WORLD, name


def test_letters_of_the_map_are_told(panel, hand, window, qtbot):
    """Tiles the map has show their letter, others none, until they are painted."""
    letters = {b.entry.name: b.entry.symbol for b in panel.list.built_in.buttons}
    assert [letters[name] for name in ("Wall", "Start", "Goal", "Ice")] == ["#", "S", "G", ""]
    click(qtbot, button(panel, "Ice"))
    hand.click((2, 1))
    assert button(panel, "Ice").entry.symbol == "~"


def test_own_tile_is_taken_in_hand(window, panel, hand, qtbot):
    """It is listed with its letter, and painted whole."""
    mine = button(panel, "Puddle")
    assert mine.entry.symbol == "p"
    click(qtbot, mine)
    assert window.board.tool is Tool.TILE
    hand.click((2, 2))
    assert window._document.world.map[2] == "..pG"


def test_brush_of_the_panel_marks_the_rail(whole, qtbot):
    """The button of the panel stays down while its brush is in hand, and no other is."""
    click(qtbot, button(whole.scene.tiles.panel, "Exit"))
    whole.scene.tiles.toggle()
    rail = whole.scene.rail.buttons
    assert [id for id, b in rail.items() if b.isChecked()] == ["tiles"]
    whole._actions["tool_wall"].trigger()
    assert [id for id, b in rail.items() if b.isChecked()] == ["tool_wall"]


def test_panel_opens_and_closes_by_its_key(window, qtbot):
    """L opens it, Esc closes it; a click on the board leaves it open, elsewhere closes it."""
    qtbot.keyClick(window.board, Key.Key_L)
    assert window.scene.tiles.is_open
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Escape)
    assert not window.scene.tiles.is_open


# The tile in hand


def test_strength_of_what_is_painted_next(window, panel, hand, qtbot):
    """Ice in hand at 0.5: nothing changes on the board until it is painted."""
    click(qtbot, button(panel, "Ice"))
    type_into(qtbot, panel.fields.steppers["slip"].field, "0.5")
    assert not window._document.undo_stack.canUndo()
    assert window.board.tool is Tool.ICE
    hand.click((2, 1))
    assert window._document.world.tile((2, 1)) == Tile(slip=0.5)


def test_naming_what_is_in_hand_keeps_it(window, panel, document, qtbot):
    """It joins the own tiles, with a letter, on no cell yet."""
    click(qtbot, button(panel, "Ice"))
    type_into(qtbot, panel.fields.name, "Frost")
    assert in_hand(window) == Tile(name="Frost", slip=0.3)
    assert Tile(name="Frost", slip=0.3) in document.world.tiles.values()
    assert document.world.map == WORLD.map
    assert button(panel, "Frost").isChecked()
    document.undo()
    assert [b.entry.name for b in panel.list.own.buttons] == ["Puddle"]
    assert in_hand(window).name == ""


def test_new_tile(window, panel, document, hand, qtbot):
    """Made, named, given a property, painted: step by step undone."""
    click(qtbot, panel.list.new)
    assert panel.fields.name.hasFocus()
    qtbot.keyClicks(panel.fields.name, "Mud")
    qtbot.keyClick(panel.fields.name, Key.Key_Return)
    click(qtbot, panel.fields.steppers["reward"].less)
    hand.click((2, 0))
    assert document.world.tile((2, 0)) == Tile(name="Mud", reward=-0.1)
    for _ in range(4):
        document.undo()
    assert document.world == WORLD


def test_named_tile_in_hand_changes_all_its_cells(window, panel, document, qtbot):
    """One step, and the hand holds the changed tile."""
    click(qtbot, button(panel, "Puddle"))
    for _ in range(3):
        click(qtbot, panel.fields.steppers["slip"].more)
    wet = Tile(name="Puddle", slip=0.65)
    assert [c for c in WORLD.cells if document.world.tile(c) == wet] == [(0, 3), (1, 2)]
    assert in_hand(window) == wet
    assert document.undo_stack.count() == 1
    document.undo()
    assert document.world == WORLD
    assert in_hand(window) == PUDDLE


def test_renamed_and_relettered(window, panel, document, qtbot):
    """The cells stay the same tile."""
    click(qtbot, button(panel, "Puddle"))
    type_into(qtbot, panel.fields.name, "Pond")
    type_into(qtbot, panel.fields.letter, "w")
    assert document.world.map == ("S..w", ".#w.", "...G")
    assert document.world.tiles["w"] == Tile(name="Pond", slip=0.5)
    assert document.undo_stack.count() == 2


@pytest.mark.parametrize(
    ("letter", "part"), [("G", "“G” is taken"), ("ab", "exactly one"), (".", "is floor")]
)
def test_wrong_letters_are_refused(window, panel, document, qtbot, letter, part):
    """A sentence in the panel, the field as before, the board unchanged."""
    click(qtbot, button(panel, "Puddle"))
    type_into(qtbot, panel.fields.letter, letter)
    assert part in panel.refusal.sentence
    assert panel.refusal.isVisible()
    assert panel.fields.letter.text() == "p"
    assert document.world == WORLD


def test_deleted_tile(window, panel, document, qtbot):
    """Its cells become floor, it is no longer in hand; undo brings it back."""
    click(qtbot, button(panel, "Puddle"))
    click(qtbot, panel.delete)
    assert document.world.map == ("S...", ".#..", "...G")
    assert panel.list.own.buttons == []
    assert window.board.tool is Tool.SELECT
    assert not panel.delete.isVisible()
    document.undo()
    assert document.world == WORLD
    assert button(panel, "Puddle").isVisible()


def test_only_own_tiles_are_deleted(panel, qtbot):
    """Wall and the like have no such button."""
    click(qtbot, button(panel, "Ice"))
    assert not panel.delete.isVisible()


# The selected cell


def test_cell_of_a_named_tile_offers_a_choice(window, cell_panel, document, qtbot):
    """All cells first; this cell alone is no longer that tile."""
    assert cell_panel.scope.isVisible()
    assert cell_panel.scope.segment(ALL).text() == "All 2 cells"
    click(qtbot, cell_panel.scope.segment(THIS))
    click(qtbot, cell_panel.fields.steppers["slip"].more)
    assert document.world.tile((0, 3)) == Tile(slip=0.55)
    assert document.world.tile((1, 2)) == PUDDLE
    assert not cell_panel.scope.isVisible()
    document.undo()
    click(qtbot, cell_panel.scope.segment(ALL))
    click(qtbot, cell_panel.fields.steppers["slip"].more)
    assert document.world.tile((0, 3)) == document.world.tile((1, 2)) == Tile(name="Puddle",
                                                                             slip=0.55)


def test_unnamed_tile_is_changed_in_this_cell_alone(window, panel, hand, document, qtbot):
    """Two cells of ice: one becomes more slippery."""
    document.apply({(2, 0): Tile(slip=0.3), (2, 1): Tile(slip=0.3)})
    hand.click((2, 0))
    assert not panel.scope.isVisible()
    click(qtbot, panel.fields.steppers["slip"].more)
    assert document.world.tile((2, 0)) == Tile(slip=0.35)
    assert document.world.tile((2, 1)) == Tile(slip=0.3)


SET = {
    "start": ("start", "2", Tile(start=2)),
    "reward": ("reward", "-0.5", Tile(reward=-0.5)),
    "exit": ("exit", "10", Tile(exit=10)),
    "slip": ("slip", "0", Tile(slip=0)),
    "noise": ("reward_noise", "1.5", Tile(reward_noise=1.5)),
}


@pytest.mark.parametrize("case", SET)
def test_numbers_are_typed(window, panel, hand, document, qtbot, case):
    """Into the field of each property."""
    key, text, tile = SET[case]
    hand.click((2, 1))
    type_into(qtbot, panel.fields.steppers[key].field, text)
    assert document.world.tile((2, 1)) == tile
    assert document.undo_stack.count() == 1


@pytest.mark.parametrize("key", ["exit", "slip", "reward_noise"])
def test_empty_numbers_take_a_property_away(window, panel, hand, document, qtbot, key):
    """Plus begins it, an empty field ends it."""
    hand.click((2, 1))
    stepper = panel.fields.steppers[key]
    click(qtbot, stepper.more)
    assert getattr(document.world.tile((2, 1)), key) is not None
    type_into(qtbot, stepper.field, "")
    assert document.world.tile((2, 1)) == FLOOR_TILE


@pytest.mark.parametrize(
    ("key", "text"), [("slip", "1.5"), ("slip", "-0.1"), ("start", "-1"), ("reward_noise", "-2"),
                      ("reward", "abc"), ("reward", "")]
)
def test_numbers_out_of_range_are_not_taken(window, panel, hand, document, qtbot, key, text):
    """The panel says what may be typed, the board is unchanged."""
    hand.click((2, 1))
    stepper = panel.fields.steppers[key]
    type_into(qtbot, stepper.field, text)
    found = f"“{text}” was not taken. " if text else ""
    assert panel.refusal.sentence == found + stepper.range_text
    assert ("0 to 1" in stepper.range_text) == (key == "slip")
    assert stepper.value == getattr(FLOOR_TILE, key)
    assert document.world == WORLD


@pytest.mark.parametrize(
    ("kind", "tile"),
    [("wall", WALL_TILE), ("terminal", Tile(terminal=True)), ("respawn", Tile(respawn=True))],
)
def test_kinds(window, panel, hand, document, qtbot, kind, tile):
    """And back to an open cell."""
    hand.click((2, 1))
    click(qtbot, panel.fields.kind.segment(kind))
    assert document.world.tile((2, 1)) == tile
    click(qtbot, panel.fields.kind.segment("open"))
    assert document.world.tile((2, 1)) == FLOOR_TILE


def test_wind_by_pad_and_by_numbers(window, panel, hand, document, qtbot):
    """The pad sets the direction, the numbers anything within ±64."""
    hand.click((2, 1))
    pad = panel.fields.pad
    qtbot.mouseClick(pad, LEFT, pos=pad.rect_of((-1, 1)).center().toPoint())
    assert document.world.tile((2, 1)).wind == (-1, 1)
    type_into(qtbot, panel.fields.wind[0].field, "-3")
    assert document.world.tile((2, 1)).wind == (-3, 1)
    type_into(qtbot, panel.fields.wind[1].field, "65")
    assert document.world.tile((2, 1)).wind == (-3, 1)
    type_into(qtbot, panel.fields.wind[1].field, "1.5")
    assert document.world.tile((2, 1)).wind == (-3, 1)
    qtbot.mouseClick(pad, LEFT, pos=pad.rect_of((0, 1)).center().toPoint())
    assert document.world.tile((2, 1)).wind == (0, 3)
    qtbot.mouseClick(pad, LEFT, pos=pad.rect_of((0, 0)).center().toPoint())
    assert document.world.tile((2, 1)) == FLOOR_TILE


def test_wind_by_arrow_keys(window, panel, hand, document, qtbot):
    """Up, then right: up right; down twice: down right."""
    hand.click((2, 1))
    pad = panel.fields.pad
    pad.setFocus()
    for key in (Key.Key_Up, Key.Key_Right):
        qtbot.keyClick(pad, key)
    assert document.world.tile((2, 1)).wind == (-1, 1)
    for key in (Key.Key_Down, Key.Key_Down):
        qtbot.keyClick(pad, key)
    assert document.world.tile((2, 1)).wind == (1, 1)


def test_reversed(window, panel, hand, document, qtbot):
    """There and back."""
    hand.click((2, 1))
    click(qtbot, panel.fields.reversed.segment("yes"))
    assert document.world.tile((2, 1)) == Tile(reversed=True)
    click(qtbot, panel.fields.reversed.segment("no"))
    assert document.world.tile((2, 1)) == FLOOR_TILE


def test_teleport_chosen_on_the_board(window, panel, hand, document, qtbot):
    """The button, a click on the board, and what it pays; the tool stays as it was."""
    hand.click((2, 1))
    click(qtbot, panel.fields.aim)
    assert panel.fields.aim.isChecked()
    hand.click((0, 1))
    assert document.world.tile((2, 1)) == Tile(teleport=Teleport((0, 1)))
    assert not panel.fields.aim.isChecked()
    assert panel.fields.target.text() == "B1"
    click(qtbot, panel.fields.teleport_pay.more)
    assert document.world.tile((2, 1)) == Tile(teleport=Teleport((0, 1), 0.1))
    assert window.board.selected == (2, 1)


def test_aim_is_given_up(window, panel, hand, document, qtbot):
    """By Esc, or by the button again; then a click is a click."""
    hand.click((2, 1))
    click(qtbot, panel.fields.aim)
    qtbot.keyClick(window.board, Key.Key_Escape)
    assert not panel.fields.aim.isChecked()
    click(qtbot, panel.fields.aim)
    click(qtbot, panel.fields.aim)
    hand.click((0, 1))
    assert window.board.selected == (0, 1)
    assert document.world == WORLD


def test_teleport_typed(window, panel, hand, document, qtbot):
    """By the cell's name, also itself; empty is none; nonsense is refused."""
    hand.click((2, 1))
    type_into(qtbot, panel.fields.target, "b3")
    assert document.world.tile((2, 1)) == Tile(teleport=Teleport((2, 1)))
    type_into(qtbot, panel.fields.target, "there")
    assert "“there” is no cell" in panel.refusal.sentence
    assert panel.fields.target.text() == "B3"
    type_into(qtbot, panel.fields.target, "")
    assert document.world.tile((2, 1)) == FLOOR_TILE


def refuse_exit(qtbot, panel):
    type_into(qtbot, panel.fields.target, "A1")
    click(qtbot, panel.fields.steppers["exit"].more)


REFUSED = {
    "exit and teleport": (refuse_exit, "both exit and teleport"),
    "teleport into a wall": (
        lambda qtbot, panel: type_into(qtbot, panel.fields.target, "B2"), "nobody can stand there"
    ),
    "teleport off the map": (
        lambda qtbot, panel: type_into(qtbot, panel.fields.target, "Z9"), "outside the map"
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("target", [CELL, HAND])
def test_what_the_format_forbids_is_refused(window, panel, hand, document, qtbot, case, target):
    """The core's sentence in the panel; the fields and the board show what holds."""
    act, part = REFUSED[case]
    hand.click((2, 1))
    if target == HAND:
        click(qtbot, button(panel, "Ice"))
    act(qtbot, panel)
    assert part in panel.refusal.sentence
    assert panel.fields.steppers["exit"].value is None
    assert document.world.tile((2, 1)) in (FLOOR_TILE, Tile(teleport=Teleport((0, 0))))
    click(qtbot, panel.fields.reversed.segment("yes"))
    assert not panel.refusal.isVisible()


def test_start_on_an_end_is_refused(window, panel, hand, document, qtbot):
    """Nobody can stand there."""
    hand.click((0, 0))
    click(qtbot, panel.fields.kind.segment("terminal"))
    assert "both start and terminal" in panel.refusal.sentence
    assert panel.fields.kind.value == "open"
    assert document.world == WORLD


# Beside the panel


def test_inspector_opens_the_panel_on_its_cell(whole, qtbot):
    """From the popover of the cell chip, which makes room."""
    whole.scene.tiles.toggle()
    Hand(whole.board).click((0, 3))
    bets = whole.scene.bets
    bets.controls.inspector.edit.setEnabled(True)
    bets.toggle("cell")
    click(qtbot, bets.controls.inspector.edit)
    assert whole.scene.tiles.is_open
    assert whole.scene.tiles.panel.target.value == CELL
    assert whole.scene.tiles.panel.fields.name.text() == "Puddle"
    assert not any(popover.is_open for popover in bets._popovers.values())


def test_without_a_selected_cell_there_is_only_the_hand(panel, window, qtbot, hand):
    """Esc lets the cell go, and the panel shows the hand."""
    assert not panel.target.segment(CELL).isEnabled()
    hand.click((0, 3))
    assert panel.target.segment(CELL).text() == "Cell D1"
    qtbot.keyClick(window.board, Key.Key_Escape)
    assert panel.target.value == HAND


def test_panel_follows_what_is_painted_and_undone(window, cell_panel, document):
    """Undo while it is open shows what holds."""
    document.apply({(0, 3): Tile(slip=0.9)})
    assert cell_panel.fields.steppers["slip"].field.text() == "0.9"
    document.undo()
    assert cell_panel.fields.name.text() == "Puddle"


def test_everything_by_keyboard(window, document, qtbot):
    """Open, tab to a tile, take it, close, move, paint."""
    qtbot.keyClick(window.board, Key.Key_L)
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Key.Key_Tab)
    assert QApplication.focusWidget().accessibleName() == "Ice"
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Return)
    assert window.board.tool is Tool.ICE
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Escape)
    window.board.setFocus()
    for key in (Key.Key_Down, Key.Key_Right, Key.Key_Return):
        qtbot.keyClick(window.board, key)
    assert document.world.tile((0, 1)) == Tile(slip=0.3)


def test_tab_visits_the_whole_panel(window, cell_panel, qtbot):
    """Every control, own tiles after the button that makes them."""
    wanted = {
        w for w in cell_panel.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and w.focusProxy() is None
    }
    first = cell_panel.list.built_in.buttons[0]
    first.setFocus()
    visited = []
    for _ in range(300):
        focus = window.focusWidget()
        if focus in visited:
            break
        visited.append(focus)
        qtbot.keyClick(focus, Key.Key_Tab)
    assert wanted <= set(visited)
    assert visited.index(cell_panel.list.new) < visited.index(cell_panel.list.own.buttons[0])
    assert not [w for w in wanted if not w.accessibleName()]


def test_panel_fits_the_window(whole, look):
    """Within the window, nothing wider than the panel, and its end can be reached."""
    panel, popover = whole.scene.tiles.panel, whole.scene.tiles._popover
    area = popover._area
    Hand(whole.board).click((0, 3))
    for case in product(
        [(1920, 1080), (1366, 768), (1024, 768)], (1.0, 1.6), (theme.LIGHT, theme.DARK)
    ):
        size, factor, colours = case
        look.set_factor(factor)
        look.set_theme(colours)
        whole.resize(*size)
        panel.refuse(
            "Tile “A” cannot have both exit and teleport: an action does one or the other."
        )
        for _ in range(5):
            QApplication.processEvents()
        assert whole.rect().contains(popover.geometry()), case
        assert panel.width() <= area.viewport().width(), case
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
        end = panel.delete.mapTo(area.viewport(), QPoint(0, panel.delete.height()))
        assert end.y() <= area.viewport().height(), case
        for widget in panel.findChildren(QWidget):
            if widget.isVisible():
                inner = widget.parentWidget().rect()
                said = *case[:2], colours.name, widget, widget.accessibleName()
                assert inner.contains(widget.geometry()), said


def test_board_is_not_covered(whole):
    """Where there is room the panel lies beside the board."""
    whole.resize(1366, 768)
    QApplication.processEvents()
    board = whole.board
    right = board.mapTo(whole, QPoint(board.width(), 0)).x()
    assert whole.scene.tiles._popover.geometry().left() >= right
