"""Selecting, carrying, copying and pasting cells, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from rlxent_core.rectangle import Rectangle
from rlxent_core.world import Teleport, Tile, World
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import GOAL_TILE, Tool
from rlxent_gui.document import Document
from tests.gui.hand import RIGHT, Hand

SHIFT = Qt.KeyboardModifier.ShiftModifier
ICE = Tile(slip=0.3)
WORLD = World(
    map=("S....", ".~...", "..#..", "....G", "A...."),
    tiles={"S": Tile(start=1), "~": ICE, "G": GOAL_TILE, "A": Tile(teleport=Teleport((1, 0)))},
)


@pytest.fixture
def document(qapp):
    return Document(WORLD)


@pytest.fixture
def board(qtbot, document):
    board = Board(document)
    qtbot.addWidget(board)
    board.resize(500, 500)
    board.show()
    board.cell_selected.connect(lambda cell: None)
    return board


@pytest.fixture
def hand(board):
    return Hand(board)


@pytest.fixture
def told(board):
    sentences = []
    board.notice.connect(sentences.append)
    return sentences


def clip(text):
    QGuiApplication.clipboard().setText(text)


def clipped():
    return QGuiApplication.clipboard().text()


def test_a_drag_over_floor_selects_a_rectangle(board, hand, document):
    """From any corner; nothing is drawn, and the cell where it began is looked into."""
    hand.drag((3, 3), (1, 1))
    assert board.selection.rectangle == Rectangle(1, 1, 3, 3)
    assert board.selected == (3, 3)
    assert document.world is WORLD


def test_a_click_selects_a_cell_and_no_rectangle(board, hand):
    """And gives a selection up, inside it and outside."""
    hand.click((1, 2))
    assert board.selection.rectangle is None
    for cell in ((0, 2), (4, 4)):
        hand.drag((0, 1), (1, 3))
        assert board.selection.rectangle is not None
        hand.click(cell)
        assert board.selection.rectangle is None
        assert board.selected == cell


def test_with_shift_a_drag_selects_from_anywhere(board, hand, document):
    """Also from a start, which a plain drag carries off."""
    hand.drag((0, 0), (1, 1), modifiers=SHIFT)
    assert board.selection.rectangle == Rectangle(0, 0, 2, 2)
    assert document.world is WORLD
    board.selection.clear()
    hand.drag((0, 0), (0, 2))
    assert document.world.map[0] == "..S.."
    assert board.selection.rectangle is None


def test_a_drag_beyond_the_edge_stops_there(board, hand):
    hand.drag((3, 2), (9, -4))
    assert board.selection.rectangle == Rectangle(3, 0, 2, 3)


def test_dragging_the_selection_carries_its_cells(board, hand, document):
    """Nothing changes before release; then floor stays behind; one step."""
    hand.drag((1, 0), (2, 2))
    hand.press((1, 1))
    hand.move((2, 2))
    assert document.world is WORLD
    assert board.selection.carried.place == Rectangle(2, 1, 2, 3)
    board.grab()
    hand.release((2, 2))
    assert document.world.map == ("S....", ".....", "..~..", "...#G", "A....")
    assert document.world.tiles["A"].teleport.to == (2, 1)
    assert board.selection.rectangle == Rectangle(2, 1, 2, 3)
    document.undo()
    assert document.world == WORLD
    document.redo()
    assert document.world.map[2] == "..~.."


def test_carried_cells_stay_on_the_board(board, hand, document):
    """Pulled far beyond the corner."""
    hand.drag((1, 0), (1, 1))
    hand.drag((1, 0), (9, 9))
    assert document.world.map[4] == "A...~"


def test_escape_puts_carried_cells_back(board, hand, document, qtbot):
    """First what is carried, then the selection, then the cell."""
    hand.drag((1, 0), (2, 2))
    hand.press((1, 1))
    hand.move((2, 2))
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    hand.move((3, 3))
    hand.release((3, 3))
    assert document.world is WORLD
    assert board.selection.rectangle == Rectangle(1, 0, 2, 3)
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    assert board.selection.rectangle is None
    assert board.selected is not None
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    assert board.selected is None


def test_what_breaks_a_rule_is_not_put_down(board, hand, document, told):
    """A wall on a teleport's target: a sentence, the board unchanged."""
    hand.drag((2, 3), (2, 2))
    hand.drag((2, 2), (1, 0))
    assert document.world is WORLD
    assert len(told) == 1
    assert "teleports to" in told[0]
    assert "The board is unchanged." in told[0]


def test_delete_erases_the_selection(board, hand, document, qtbot):
    """All of it at once."""
    hand.drag((1, 0), (2, 2))
    qtbot.keyClick(board, Qt.Key.Key_Delete)
    assert document.world.map == ("S....", ".....", ".....", "....G", "A....")
    document.undo()
    assert document.world == WORLD


def test_shift_and_arrows_select(board, document, qtbot):
    """From the cursor, and smaller again; a plain arrow gives it up."""
    board.select((1, 1))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(board, key, SHIFT)
    assert board.selection.rectangle == Rectangle(1, 1, 2, 2)
    qtbot.keyClick(board, Qt.Key.Key_Right)
    assert board.selection.rectangle is None
    assert board.selected == (1, 2)


def test_the_selection_is_told_to_screen_readers(board):
    board.select_all()
    assert board.accessibleDescription() == "A1 to E5, 5 × 5 cells"


def test_another_tool_gives_the_selection_up(board):
    board.select_all()
    board.tool = Tool.WALL
    assert board.selection.rectangle is None
    board.select_all()
    assert board.tool is Tool.SELECT


def test_copied_cells_are_the_map_as_text(board, hand):
    """Rows, and what their letters mean."""
    hand.drag((1, 0), (2, 2))
    assert board.selection.copy()
    assert clipped() == '.~.\n..#\n\n"~": {"slip": 0.3}\n'


def test_nothing_selected_is_not_copied(board, hand):
    """Then the window copies a picture instead."""
    hand.click((1, 2))
    clip("before")
    assert not board.selection.copy()
    assert clipped() == "before"


def test_cut_and_paste_by_keyboard(board, document, qtbot):
    """Arrows carry, Return puts down; the cut and the paste are a step each."""
    board.select((1, 0))
    qtbot.keyClick(board, Qt.Key.Key_Right, SHIFT)
    board.selection.cut()
    assert document.world.map[1] == "....."
    board.paste()
    assert board.selection.carried.place == Rectangle(1, 0, 1, 2)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(board, key)
    board.grab()
    assert document.world.map[3] == "....G"
    qtbot.keyClick(board, Qt.Key.Key_Return)
    assert document.world.map[3] == "..~.G"
    assert not board.selection.is_pasting
    document.undo()
    document.undo()
    assert document.world == WORLD


def test_a_pasted_piece_follows_the_pointer_and_a_click_puts_it_down(board, hand, document):
    """The pointer holds the middle of it."""
    clip("###\n###\n###")
    hand.move((2, 2))
    board.paste()
    hand.move((1, 3))
    assert board.selection.carried.place == Rectangle(0, 2, 3, 3)
    hand.click((3, 3))
    assert document.world.map[2:] == ("..###", "..###", "A.###")


@pytest.mark.parametrize("how", ["escape", "right", "tool"])
def test_a_paste_can_be_given_up(board, hand, document, qtbot, how):
    clip("###")
    board.paste()
    assert board.selection.is_pasting
    if how == "escape":
        qtbot.keyClick(board, Qt.Key.Key_Escape)
    elif how == "right":
        hand.click((2, 2), button=RIGHT)
    else:
        board.tool = Tool.WALL
    assert not board.selection.is_pasting
    assert document.world is WORLD


def test_a_map_from_an_e_mail_pastes(board, document, qtbot):
    """Quoted, ragged, with another system's line ends; letters mean what they mean here."""
    clip("> ##\r\n> #~G\r\n> #\r\n")
    board.paste()
    qtbot.keyClick(board, Qt.Key.Key_Right)
    qtbot.keyClick(board, Qt.Key.Key_Return)
    assert document.world.map[:3] == ("S##..", ".#~G.", ".#...")
    assert document.world.tile((1, 2)) == ICE


def test_a_piece_from_another_world_keeps_its_meaning(board, document, qtbot):
    """Whatever its letters mean in this one; teleports lead to the same cell of the piece."""
    other = Document(World(
        ("...", ".~B", "..."), {"~": Tile(exit=2), "B": Tile(teleport=Teleport((1, 1), 0.5))},
    ))
    there = Board(other)
    qtbot.addWidget(there)
    hand = Hand(there)
    there.resize(300, 300)
    hand.drag((1, 0), (1, 2))
    there.selection.copy()
    board.paste()
    board.selection.carry_by(3, 1)
    qtbot.keyClick(board, Qt.Key.Key_Return)
    world = document.world
    assert world.tile((3, 2)) == Tile(exit=2)
    assert world.tile((3, 3)) == Tile(teleport=Teleport((3, 2), 0.5))
    assert world.tile((1, 1)) == ICE


def test_a_larger_map_makes_the_board_grow(board, document, qtbot):
    """In one step, and it is told."""
    clip("S" + "." * 6 + "G")
    with qtbot.waitSignal(board.selection.grew, timeout=100) as grew:
        board.paste()
    assert "5 × 8" in grew.args[0]
    assert document.world.map[0] == "S......G"
    assert document.world.columns == 8
    assert document.world.map[4] == "A......."
    document.undo()
    assert document.world == WORLD


@pytest.mark.parametrize(("text", "words"), [
    ("", "no text"),
    ("   \n\n", "no text"),
    ("Dear Ann,\nsee below", "Nothing says what"),
    ("#" * 65, "64 are the most"),
    ('q\n"q": {"slip": 7}', "between 0 and 1"),
    ('q\n"q": {"slop": 1}', "did you mean “slip”"),
    ('{"format": "rlxent-world", "version": 1}', "“map” is missing"),
    ("\x00\x01", "Nothing says what"),
], ids=repr)
def test_what_is_no_map_is_told(board, document, told, text, words):
    """One sentence; the board is unchanged and nothing is carried."""
    clip(text)
    board.paste()
    assert len(told) == 1
    assert words in told[0]
    assert told[0].endswith("The board is unchanged.")
    assert document.world is WORLD
    assert board.selection.carried is None


def test_a_world_of_another_size_drops_the_selection(board, document):
    """And one of the same size keeps it."""
    board.select_all()
    document.set_fields(discount=0.5)
    assert board.selection.rectangle is not None
    document.replace(World(("..",)), "Crop")
    assert board.selection.rectangle is None
    board.select_all()
    document.new(World(("..",)))
    assert board.selection.rectangle is None
