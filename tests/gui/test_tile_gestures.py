"""Ice, wind, teleports and rewards, drawn on the board as people do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from rlxent_core.world import FLOOR_TILE, Teleport, Tile, World
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.composition import GOAL_TILE
from rlxent_gui.canvas.reward_box import WALL_PAYS_NOTHING
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from tests.gui.hand import Hand

RIGHT, SHIFT = Qt.MouseButton.RightButton, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key
ICE, START = Tile(slip=0.3), Tile(start=1)


@pytest.fixture
def document(qapp):
    return Document(World(
        map=("S....", ".....", "..~..", "#...G", "..X.A"),
        tiles={"S": START, "~": ICE, "G": GOAL_TILE, "X": Tile(exit=5.0),
               "A": Tile(teleport=Teleport((4, 0), 2.0))},
    ))


@pytest.fixture
def board(qtbot, document):
    board = Board(document)
    qtbot.addWidget(board)
    board.resize(500, 500)
    board.show()
    board.activateWindow()
    return board


@pytest.fixture
def hand(board):
    return Hand(board)


def tile(document, cell):
    return document.world.tile(cell)


# Ice


def test_ice_is_painted_over_a_start_and_the_start_stays(board, hand, document):
    """One drag, one step; moving the start away leaves the ice."""
    board.tool = Tool.ICE
    hand.drag((0, 0), (0, 2))
    assert [tile(document, (0, c)) for c in range(3)] == [Tile(start=1, slip=0.3), ICE, ICE]
    assert document.undo_stack.count() == 1
    board.tool = Tool.START
    hand.click((1, 4))
    assert tile(document, (0, 0)) == ICE
    document.undo()
    document.undo()
    assert tile(document, (0, 0)) == START
    assert tile(document, (0, 1)) == FLOOR_TILE


def test_wheel_sets_the_slip(board, hand, document):
    """Of the cell under the pointer, and of what is painted next."""
    board.tool = Tool.ICE
    hand.wheel((2, 2), 2)
    assert tile(document, (2, 2)) == Tile(slip=0.4)
    assert document.undo_stack.count() == 1
    hand.click((1, 1))
    assert tile(document, (1, 1)) == Tile(slip=0.4)
    hand.wheel((1, 1), 30)
    assert tile(document, (1, 1)) == Tile(slip=1.0)


def test_erasing_clears_everything(board, hand, document):
    """A start on ice in wind is floor afterwards."""
    document.apply({(1, 1): Tile(slip=0.3, wind=(0, 1), start=1, reward=2)})
    board.tool = Tool.WIND
    hand.click((1, 1), button=RIGHT)
    assert tile(document, (1, 1)) == FLOOR_TILE


# Wind


@pytest.mark.parametrize(
    ("end", "wind"),
    [((0, 2), (-1, 0)), ((4, 2), (1, 0)), ((2, 4), (0, 1)), ((2, 0), (0, -1)),
     ((0, 4), (-1, 1)), ((4, 4), (1, 1)), ((4, 0), (1, -1)), ((0, 0), (-1, -1))],
)
def test_wind_blows_the_way_of_the_drag(qtbot, end, wind):
    """Also on the cells passed at first."""
    document = Document(World(map=(".....",) * 5))
    board = Board(document)
    qtbot.addWidget(board)
    board.resize(500, 500)
    board.show()
    board.tool = Tool.WIND
    Hand(board).drag((2, 2), end)
    assert tile(document, (2, 2)) == tile(document, end) == Tile(wind=wind)
    assert document.undo_stack.count() == 1


def test_wind_over_ice_keeps_the_ice(board, hand, document):
    """And undo takes the wind only."""
    board.tool = Tool.WIND
    hand.drag((2, 1), (2, 3))
    assert tile(document, (2, 2)) == Tile(slip=0.3, wind=(0, 1))
    document.undo()
    assert tile(document, (2, 2)) == ICE


def test_next_wind_blows_as_the_last(board, hand, document):
    """A click has no direction of its own; Rectangle and Fill use it too."""
    board.tool = Tool.WIND
    hand.drag((1, 3), (1, 1))
    hand.click((0, 4))
    assert tile(document, (0, 4)) == Tile(wind=(0, -1))
    board.tool = Tool.RECTANGLE
    hand.drag((3, 1), (3, 2))
    assert tile(document, (3, 2)) == Tile(wind=(0, -1))


def test_wheel_turns_wind_and_shift_makes_it_stronger(board, hand, document):
    """45° a notch, up is counterclockwise; consecutive notches on a cell are one step."""
    board.tool = Tool.WIND
    hand.click((1, 1))
    assert tile(document, (1, 1)).wind == (-1, 0)
    hand.wheel((1, 1), -3)
    assert tile(document, (1, 1)).wind == (1, 1)
    hand.wheel((1, 1), 2, SHIFT)
    assert tile(document, (1, 1)).wind == (3, 3)
    assert document.undo_stack.count() == 2
    document.undo()
    assert tile(document, (1, 1)).wind == (-1, 0)


def test_wheel_over_calm_cells_turns_the_wind_in_hand(board, hand, document):
    """Nothing changes on the board before the click."""
    board.tool = Tool.WIND
    hand.wheel((1, 1), -2)
    assert not document.undo_stack.canUndo()
    hand.click((1, 1))
    assert tile(document, (1, 1)).wind == (0, 1)


def test_fine_wheels_add_up(board, hand, document):
    """Four quarters of a notch are one."""
    board.tool = Tool.ICE
    hand.wheel((2, 2), 3, delta=30)
    assert tile(document, (2, 2)) == ICE
    hand.wheel((2, 2), 1, delta=30)
    assert tile(document, (2, 2)).slip == 0.35


def test_wheel_does_nothing_with_other_tools(board, hand, document):
    """It stays free for what is around the board."""
    board.tool = Tool.WALL
    hand.wheel((2, 2), 3)
    assert not document.undo_stack.canUndo()


def test_keyboard_paints_and_turns_wind(board, document, qtbot):
    """Return paints, Page Down turns, Shift with it sets the strength."""
    board.tool = Tool.WIND
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Return, Key.Key_PageDown):
        qtbot.keyClick(board, key)
    qtbot.keyClick(board, Key.Key_PageUp, SHIFT)
    assert tile(document, (1, 0)).wind == (-2, 2)


# Teleport


def test_two_clicks_connect_a_teleport(board, hand, document):
    """First A, then A′; nothing changes in between; one step."""
    before = document.world
    board.tool = Tool.TELEPORT
    hand.click((1, 1))
    hand.move((1, 3))
    assert document.world == before
    assert board.editor.stroke.pair == ((1, 1), (1, 3))
    hand.click((1, 3))
    assert tile(document, (1, 1)) == Tile(teleport=Teleport((1, 3)))
    assert board.editor.stroke is None
    assert document.undo_stack.count() == 1
    document.undo()
    assert document.world == before


def test_a_drag_connects_too(board, hand, document):
    """From A to A′; what the cell had stays beside it."""
    board.tool = Tool.TELEPORT
    hand.drag((2, 2), (1, 0))
    assert tile(document, (2, 2)) == Tile(slip=0.3, teleport=Teleport((1, 0)))


@pytest.mark.parametrize("how", ["escape", "right", "same", "undo", "tool", "hide"])
def test_half_a_pair_is_dropped(board, hand, document, qtbot, how):
    """By Esc, the right button, a click on A, undo, another tool, or when the board goes."""
    before = document.world
    board.tool = Tool.TELEPORT
    hand.click((1, 1))
    match how:
        case "escape":
            qtbot.keyClick(board, Key.Key_Escape)
        case "right":
            hand.click((1, 3), button=RIGHT)
        case "same":
            hand.click((1, 1))
        case "undo":
            document.undo()
        case "tool":
            board.tool = Tool.WALL
            board.tool = Tool.TELEPORT
        case "hide":
            board.hide()
            board.show()
    assert board.editor.stroke is None
    hand.move((2, 0))
    assert board.editor.stroke is None
    assert document.world == before
    assert not document.undo_stack.canUndo()


def test_teleport_that_cannot_arrive_is_refused(board, hand, document):
    """On a wall nobody can stand; the sentence names the cell."""
    said = []
    board.notice.connect(said.append)
    board.tool = Tool.TELEPORT
    hand.click((1, 1))
    hand.click((3, 0))
    assert tile(document, (1, 1)) == FLOOR_TILE
    assert len(said) == 1
    assert "A4" in said[0]


def test_redirected_teleport_pays_as_before(board, hand, document):
    """Only its target is another."""
    board.tool = Tool.TELEPORT
    hand.click((4, 4))
    hand.click((1, 1))
    assert tile(document, (4, 4)) == Tile(teleport=Teleport((1, 1), 2.0))


def test_half_a_pair_is_seen(board, hand, document):
    """Rings and letters under the pointer, before anything has changed."""
    board.tool = Tool.TELEPORT
    plain = board.grab().toImage()
    hand.click((1, 1))
    half = board.grab().toImage()
    hand.move((1, 3))
    assert half != plain
    assert board.grab().toImage() != half


def test_keyboard_connects_a_teleport(board, document, qtbot):
    """Return on A, arrows, Return on A′; Return on A again drops it."""
    board.tool = Tool.TELEPORT
    keys = (Key.Key_Down, Key.Key_Down, Key.Key_Return, Key.Key_Right, Key.Key_Down, Key.Key_Return)
    for key in keys:
        qtbot.keyClick(board, key)
    assert tile(document, (1, 0)) == Tile(teleport=Teleport((2, 1)))
    for key in (Key.Key_Return, Key.Key_Return):
        qtbot.keyClick(board, key)
    assert board.editor.stroke is None
    assert document.undo_stack.count() == 1


# Reward


def box(board):
    return board.findChild(type(board._reward))


@pytest.mark.parametrize(
    ("cell", "now", "after"),
    [
        ((1, 1), "0", Tile(reward=0.1)),
        ((2, 2), "0", Tile(slip=0.3, reward=0.1)),
        ((3, 4), "1", Tile(terminal=True, reward=1.1)),
        ((4, 2), "5", Tile(exit=5.1)),
        ((4, 4), "2", Tile(teleport=Teleport((4, 0), 2.1))),
    ],
)
def test_click_opens_a_number_of_whatever_pays(board, hand, document, qtbot, cell, now, after):
    """Plus adds 0.1 at once; Return closes; all of it is one step."""
    before = document.world
    board.tool = Tool.REWARD
    hand.click(cell)
    stepper = box(board).stepper
    assert box(board).isVisible()
    assert stepper.field.text() == now
    qtbot.mouseClick(stepper.more, Qt.MouseButton.LeftButton)
    assert tile(document, cell) == after
    qtbot.mouseClick(stepper.more, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(stepper.less, Qt.MouseButton.LeftButton)
    qtbot.keyClick(stepper.field, Key.Key_Return)
    assert not box(board).isVisible()
    assert document.undo_stack.count() == 1
    document.undo()
    assert document.world == before


def test_typed_reward(board, hand, document, qtbot):
    """A number, and Return; the next drag paints the same."""
    board.tool = Tool.REWARD
    hand.click((1, 1))
    qtbot.keyClicks(box(board).stepper.field, "-2.5")
    qtbot.keyClick(box(board).stepper.field, Key.Key_Return)
    assert tile(document, (1, 1)) == Tile(reward=-2.5)
    hand.drag((2, 0), (2, 2))
    assert tile(document, (2, 0)) == Tile(reward=-2.5)
    assert tile(document, (2, 2)) == Tile(slip=0.3, reward=-2.5)


def test_escape_takes_the_reward_back(board, hand, document, qtbot):
    """As it was, and no step of undo."""
    board.tool = Tool.REWARD
    hand.click((1, 1))
    qtbot.mouseClick(box(board).stepper.more, Qt.MouseButton.LeftButton)
    qtbot.keyClick(box(board).stepper.field, Key.Key_Escape)
    assert tile(document, (1, 1)) == FLOOR_TILE
    assert not document.undo_stack.canUndo()
    assert not box(board).isVisible()


def test_click_elsewhere_closes_the_number(board, hand, document, qtbot):
    """And opens that of the next cell."""
    board.tool = Tool.REWARD
    hand.click((1, 1))
    qtbot.mouseClick(box(board).stepper.more, Qt.MouseButton.LeftButton)
    hand.click((1, 3))
    assert box(board).cell == (1, 3)
    assert tile(document, (1, 1)) == Tile(reward=0.1)
    assert document.undo_stack.count() == 1


def test_number_stays_on_the_board(board, hand):
    """Over cells at every edge."""
    board.tool = Tool.REWARD
    for cell in ((0, 0), (0, 4), (4, 0), (4, 4)):
        hand.click(cell)
        QApplication.processEvents()
        assert board.rect().contains(box(board).geometry())


def test_wheel_changes_rewards_by_a_tenth(board, hand, document):
    """Consecutive notches on one cell are one step, another cell is another."""
    board.tool = Tool.REWARD
    hand.wheel((3, 4), 3)
    assert tile(document, (3, 4)) == Tile(terminal=True, reward=1.3)
    hand.wheel((1, 1), -1)
    assert tile(document, (1, 1)) == Tile(reward=-0.1)
    assert document.undo_stack.count() == 2
    hand.wheel((1, 1), 1)
    assert tile(document, (1, 1)) == FLOOR_TILE


def test_walls_pay_nothing(board, hand, document):
    """It is said, and nothing happens."""
    said = []
    board.notice.connect(said.append)
    board.tool = Tool.REWARD
    hand.click((3, 0))
    hand.wheel((3, 0), 1)
    assert said == [WALL_PAYS_NOTHING]
    assert not box(board).isVisible()
    assert not document.undo_stack.canUndo()


def test_keyboard_sets_a_reward(board, document, qtbot):
    """Return opens the number, Up adds, Return closes it and the board has the focus again."""
    board.tool = Tool.REWARD
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Return):
        qtbot.keyClick(board, key)
    field = box(board).stepper.field
    qtbot.keyClick(field, Key.Key_Up)
    qtbot.keyClick(field, Key.Key_Return)
    assert tile(document, (1, 0)) == Tile(reward=0.1)
    assert board.window().focusWidget() is board


def test_opening_a_world_closes_the_number(board, hand, document):
    """The new world is not touched."""
    board.tool = Tool.REWARD
    hand.click((1, 1))
    document.new(World(map=("..",)))
    assert not box(board).isVisible()
    assert document.world.map == ("..",)


# Whole tiles


def test_picked_tile_is_painted_whole(board, hand, document):
    """A start on ice, picked, is a start on ice wherever it is painted."""
    document.apply({(1, 1): Tile(slip=0.2, wind=(0, 1), reward=0.5)})
    hand.click((1, 1), modifiers=ALT)
    assert board.tool is Tool.TILE
    hand.click((1, 3))
    assert tile(document, (1, 3)) == tile(document, (1, 1))


@pytest.mark.parametrize("tool", [Tool.RECTANGLE, Tool.FILL])
def test_areas_compose_as_brushes_do(board, hand, document, tool):
    """Ice over floor and over the start."""
    board.tool = Tool.ICE
    board.tool = tool
    if tool is Tool.RECTANGLE:
        hand.drag((0, 0), (1, 1))
        assert tile(document, (0, 0)) == Tile(start=1, slip=0.3)
    else:
        hand.click((0, 1))
    assert tile(document, (1, 1)) == ICE


def test_aiming_tells_a_cell_and_paints_nothing(board, hand, document, qtbot):
    """By click, by Return, or given up by Esc; the tool is as before."""
    told = []
    board.aimed.connect(told.append)
    board.tool = Tool.WALL
    board.aim()
    hand.click((1, 1))
    board.aim()
    for key in (Key.Key_Down, Key.Key_Return):
        qtbot.keyClick(board, key)
    board.aim()
    qtbot.keyClick(board, Key.Key_Escape)
    assert told == [(1, 1), (0, 0), None]
    assert not document.undo_stack.canUndo()
    hand.click((1, 1))
    assert tile(document, (1, 1)).wall
