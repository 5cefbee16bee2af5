"""Drawing on the board with the mouse and the keyboard, as people do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Teleport, Tile, World
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.composition import GOAL_TILE, PIT_TILE
from rlxent_gui.canvas.strokes import NO_START
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from tests.gui.hand import NONE, RIGHT, Hand

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
ICE = Tile(slip=0.3)
START = Tile(start=1)


@pytest.fixture
def document(qapp):
    return Document(World(
        map=("S....", ".....", "..~..", "....G", "....."),
        tiles={"S": START, "~": ICE, "G": GOAL_TILE},
    ))


@pytest.fixture
def board(qtbot, document):
    board = Board(document)
    qtbot.addWidget(board)
    board.resize(500, 500)
    board.show()
    return board


@pytest.fixture
def hand(board):
    return Hand(board)


def test_walls_are_drawn_by_dragging(board, hand, document):
    """Cells between two mouse events included; one drag is one undo step."""
    before = document.world
    board.tool = Tool.WALL
    hand.drag((1, 0), (1, 4))
    assert document.world.map[1] == "#####"
    document.undo()
    assert document.world == before
    document.redo()
    assert document.world.map[1] == "#####"


def test_each_drag_is_a_step(board, hand, document):
    """Two walls, undone one by one."""
    board.tool = Tool.WALL
    hand.drag((1, 0), (1, 1))
    hand.drag((4, 0), (4, 1))
    document.undo()
    assert document.world.map[1] == "##..."
    assert document.world.map[4] == "....."


def test_drawing_shows_before_release(board, hand, document):
    """The world changes while the button is down: training follows live."""
    board.tool = Tool.WALL
    hand.press((1, 0))
    assert document.world.tile((1, 0)) == WALL_TILE
    hand.move((1, 2))
    assert document.world.map[1] == "###.."
    hand.release((1, 2))


def test_shift_locks_to_the_row(board, hand, document):
    """A shaky hand draws a straight wall."""
    board.tool = Tool.WALL
    hand.drag((1, 0), (1, 2), (2, 3), (3, 4), modifiers=SHIFT)
    assert document.world.map[1] == "#####"
    assert "#" not in "".join(document.world.map[2:])


def test_right_drag_erases(board, hand, document):
    """Whatever the tool is, Select included."""
    for tool in (Tool.WALL, Tool.SELECT):
        board.tool = Tool.WALL
        hand.drag((1, 0), (1, 4))
        board.tool = tool
        hand.drag((1, 1), (1, 3), button=RIGHT)
        assert document.world.map[1] == "#...#"


def test_alt_click_picks_the_tile(board, hand, document, qtbot):
    """A picked pit is painted; nothing is painted by picking."""
    document.apply({(4, 4): PIT_TILE})
    count = document.undo_stack.count()
    with qtbot.waitSignal(board.tool_changed, timeout=100) as told:
        hand.click((4, 4), modifiers=ALT)
    assert told.args == [Tool.PIT]
    assert board.tool is Tool.PIT
    assert document.undo_stack.count() == count
    hand.click((1, 1))
    assert document.world.tile((1, 1)) == PIT_TILE


def test_picked_ice_is_laid_in_rectangles(board, hand, document):
    """Rectangle lays the last tile, also one that was picked."""
    hand.click((2, 2), modifiers=ALT)
    assert board.tool is Tool.ICE
    board.tool = Tool.RECTANGLE
    hand.drag((3, 0), (4, 1))
    assert all(document.world.tile(c) == ICE for c in ((3, 0), (3, 1), (4, 0), (4, 1)))


def test_escape_cancels_the_stroke(board, hand, document, qtbot):
    """The board is as before, and the rest of the drag does nothing."""
    before = document.world
    board.tool = Tool.WALL
    hand.press((1, 0))
    hand.move((1, 3))
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    assert document.world == before
    hand.move((1, 4))
    hand.release((1, 4))
    assert document.world == before
    assert not document.undo_stack.canUndo()


def test_rectangle_is_previewed_and_drawn_on_release(board, hand, document):
    """Of the last tile."""
    before = document.world
    board.tool = Tool.WALL
    board.tool = Tool.RECTANGLE
    hand.press((3, 1))
    hand.move((4, 2))
    assert document.world == before
    hand.release((4, 2))
    assert document.world.map[3:] == (".##.G", ".##..")
    assert document.undo_stack.count() == 1


def test_fill_is_drawn_on_release(board, hand, document, qtbot):
    """Press shows, Esc gives it up, release fills."""
    document.apply({(1, c): WALL_TILE for c in range(5)})
    board.tool = Tool.PIT
    board.tool = Tool.FILL
    hand.press((0, 2))
    assert document.world.tile((0, 2)) == FLOOR_TILE
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    hand.release((0, 2))
    assert document.world.tile((0, 2)) == FLOOR_TILE
    hand.click((0, 2))
    assert [document.world.tile((0, c)) for c in range(5)] == [START] + [PIT_TILE] * 4


def test_start_dragged_over_ice(board, hand, document):
    """With Select: on the ice it is both, beyond it the ice is back."""
    hand.press((0, 0))
    hand.move((2, 2))
    assert document.world.tile((2, 2)) == Tile(start=1, slip=0.3)
    hand.move((4, 0))
    hand.release((4, 0))
    assert document.world.tile((2, 2)) == ICE
    assert document.world.tile((4, 0)) == START
    assert document.world.tile((0, 0)) == FLOOR_TILE
    assert document.undo_stack.count() == 1


def test_painted_start_moves(board, hand, document):
    """There is one start before and after."""
    board.tool = Tool.START
    hand.click((3, 3))
    assert document.world.start_distribution() == {(3, 3): 1.0}


def test_erasing_the_last_start_is_said_once(board, hand, document):
    """One notice a stroke."""
    said = []
    board.notice.connect(said.append)
    board.tool = Tool.ERASE
    hand.drag((0, 0), (0, 1), (0, 2))
    assert said == [NO_START]


def test_what_was_said_is_taken_back_by_the_next_stroke(board, hand, document):
    """A start was drawn: "No start is marked" must not stay."""
    said = []
    board.notice.connect(said.append)
    board.tool = Tool.ERASE
    hand.click((0, 0))
    board.tool = Tool.START
    hand.click((3, 3))
    hand.click((3, 4))
    assert said == [NO_START, ""]


def test_refusals_are_said_and_harmless(board, hand, document):
    """A wall over a teleport's target."""
    document.apply({(4, 0): Tile(teleport=Teleport((4, 4)))})
    said = []
    board.notice.connect(said.append)
    board.tool = Tool.WALL
    hand.drag((4, 3), (4, 4))
    assert document.world.tile((4, 3)) == WALL_TILE
    assert document.world.tile((4, 4)) == FLOOR_TILE
    assert len(said) == 1
    assert "E5" in said[0]


def test_select_selects(board, hand, document):
    """A click with Select selects; painting does not."""
    chosen = []
    board.cell_selected.connect(chosen.append)
    hand.click((2, 2))
    assert board.selected == (2, 2)
    board.tool = Tool.WALL
    hand.click((4, 0))
    assert chosen == [(2, 2)]
    assert document.world.tile((2, 2)) == ICE


def test_hover_is_silent_while_a_button_is_down(board, hand):
    """Over cells it is told; during a drag it is not."""
    hovered = []
    board.cell_hovered.connect(hovered.append)
    hand.move((1, 1))
    hand.press((1, 1))
    hand.move((2, 1))
    hand.move((3, 1))
    assert hovered == [(1, 1), None]
    hand.release((3, 1))
    assert hovered[-1] == (3, 1)


def test_lost_release_ends_the_stroke(board, hand, document):
    """The next move without a button does it."""
    board.tool = Tool.WALL
    hand.press((1, 0))
    hand.buttons = NONE
    hand.move((1, 4))
    assert not document.in_stroke
    assert document.world.map[1] == "#...."


def test_undo_in_the_middle_of_a_drag(board, hand, document):
    """The stroke is gone, and the rest of the drag paints nothing."""
    before = document.world
    board.tool = Tool.WALL
    hand.press((1, 0))
    document.undo()
    hand.move((1, 4))
    hand.release((1, 4))
    assert document.world == before


def test_opening_in_the_middle_of_a_drag(board, hand, document):
    """The new world is not drawn on by the drag that began in the old one."""
    board.tool = Tool.WALL
    hand.press((1, 0))
    document.new(World(map=("..",)))
    hand.move((0, 0))
    hand.release((0, 0))
    assert document.world.map == ("..",)


def test_keyboard_draws(board, document, qtbot):
    """Arrows move, Return paints, Delete erases."""
    board.tool = Tool.WALL
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(board, key)
    assert board.selected == (1, 1)
    assert document.world.tile((1, 1)) == WALL_TILE
    qtbot.keyClick(board, Qt.Key.Key_Delete)
    assert document.world.tile((1, 1)) == FLOOR_TILE


def test_keyboard_draws_rectangles(board, document, qtbot):
    """Return begins, arrows stretch, Return ends."""
    board.tool = Tool.WALL
    board.tool = Tool.RECTANGLE
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Right,
            Qt.Key.Key_Down, Qt.Key.Key_Return)
    for key in keys:
        qtbot.keyClick(board, key)
    assert document.world.map[1:3] == ("##...", "##~..")


def test_keyboard_carries_the_start(board, document, qtbot):
    """With Select: Return takes it up, Return puts it down."""
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Right,
            Qt.Key.Key_Return)
    for key in keys:
        qtbot.keyClick(board, key)
    assert document.world.start_distribution() == {(0, 2): 1.0}


def test_selection_stays_on_the_board(board, qtbot):
    """Arrows stop at the edges; Esc lets go."""
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(board, key)
    assert board.selected == (0, 0)
    assert board.accessibleDescription() == "A1: start"
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    assert board.selected is None
