"""The document: undo and redo of everything, one drag one step, files, the edited mark."""

from __future__ import annotations

import gc

import pytest

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Tile, World, WorldError
from rlxent_gui import commands
from rlxent_gui.cell_words import cell_name, column_name, number, tile_words
from rlxent_gui.document import Document, empty_world

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def document():
    return Document(World(map=("S...", "...."), tiles={"S": Tile(start=1)}))


@pytest.fixture
def changes(document):
    seen = []
    document.world_changed.connect(lambda old, new: seen.append((old, new)))
    return seen


def test_empty_world_has_a_start_in_the_first_cell():
    """Eight by eight, as "New world" shows it."""
    world = empty_world()
    assert (world.rows, world.columns) == (8, 8)
    assert world.start_distribution() == {(0, 0): 1.0}


def test_apply_can_be_undone_and_redone(document):
    """Back and forth, to the same worlds."""
    before = document.world
    document.apply({(0, 1): WALL_TILE, (0, 2): WALL_TILE})
    after = document.world
    document.undo()
    assert document.world == before
    document.redo()
    assert document.world == after


def test_change_that_changes_nothing_is_no_step(document, changes):
    """Floor over floor."""
    document.apply({(0, 1): FLOOR_TILE})
    assert not document.undo_stack.canUndo()
    assert not document.modified
    assert changes == []


def test_stroke_shows_live_and_is_one_step(document, changes):
    """Three extensions, three worlds on show, one undo."""
    before = document.world
    document.begin_stroke("Draw walls")
    for last in (1, 2, 3):
        document.extend_stroke(before.with_tiles({(0, c): WALL_TILE for c in range(1, last + 1)}))
    document.end_stroke()
    assert [new.map[0] for _, new in changes] == ["S#..", "S##.", "S###"]
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Draw walls"
    document.undo()
    assert document.world == before


def test_cancelled_stroke_leaves_no_trace(document):
    """The board is as before, and there is nothing to undo."""
    before = document.world
    document.begin_stroke("Draw")
    document.extend_stroke(before.with_tiles({(1, 1): WALL_TILE}))
    document.cancel_stroke()
    assert document.world == before
    assert document.undo_stack.count() == 0
    assert not document.modified


def test_undo_in_the_middle_of_a_stroke_cancels_it(document):
    """The step before it stays."""
    document.apply({(1, 0): WALL_TILE})
    kept = document.world
    document.begin_stroke("Draw")
    document.extend_stroke(kept.with_tiles({(1, 1): WALL_TILE}))
    document.undo()
    assert document.world == kept
    assert not document.in_stroke


def test_stroke_end_is_told_after_release_and_cancel(document, qtbot):
    """Reachability is rechecked then."""
    for end in (document.end_stroke, document.cancel_stroke):
        document.begin_stroke("Draw")
        with qtbot.waitSignal(document.stroke_ended, timeout=100):
            end()


def test_slider_of_a_field_is_one_step(document):
    """Discount through five values in quick succession."""
    for discount in (0.98, 0.97, 0.96, 0.95, 0.9):
        document.set_fields(discount=discount)
    assert document.undo_stack.count() == 1
    document.undo()
    assert document.world.discount == 0.99


def test_other_fields_and_later_changes_are_steps_of_their_own(document, monkeypatch):
    """Another field, or the same one after a pause."""
    now = [0.0]
    monkeypatch.setattr(commands, "monotonic", lambda: now[0])
    document.set_fields(discount=0.9)
    document.set_fields(slip=0.1)
    now[0] = 5.0
    document.set_fields(slip=0.2)
    assert document.undo_stack.count() == 3


def test_slider_that_comes_home_is_no_step(document):
    """Moved away and back."""
    document.set_fields(discount=0.9)
    document.set_fields(discount=0.99)
    assert not document.undo_stack.canUndo()
    assert not document.modified


def test_bad_field_changes_nothing(document):
    """The world's own sentence comes out."""
    with pytest.raises(WorldError):
        document.set_fields(discount=2.0)
    assert document.world.discount == 0.99
    assert not document.modified


def test_edited_mark_follows_saving_and_undo(document, tmp_path):
    """Edited, saved, undone is edited again, redone is as saved."""
    told = []
    document.modified_changed.connect(told.append)
    document.apply({(1, 1): WALL_TILE})
    document.save_as(tmp_path / "maze.json")
    document.undo()
    document.redo()
    assert told == [True, False, True, False]


def test_a_world_that_was_left_comes_back_with_its_history(document, tmp_path):
    """Its file, what can be undone, and whether it is saved; the other world's changes do not."""
    document.save_as(tmp_path / "maze.json")
    document.apply({(1, 1): WALL_TILE})
    drawn, told = document.world, []
    left = document.leave()
    document.opened.connect(told.append)
    document.history.canUndoChanged.connect(told.append)
    document.take(empty_world(3, 3), None)
    assert (document.path, document.modified) == (None, False)
    assert not document.history.canUndo()
    document.apply({(2, 2): WALL_TILE})
    document.come_back(left)
    assert document.world is drawn
    assert document.path == tmp_path / "maze.json"
    assert document.modified
    assert told[-1] is drawn
    document.undo()
    assert document.world.tile((1, 1)) != WALL_TILE
    assert not document.modified
    document.redo()
    assert document.world == drawn


def test_world_survives_its_file(document, tmp_path):
    """Saved and opened: the same world, not edited, under the file's name."""
    document.apply({(1, 1): WALL_TILE, (1, 3): Tile(terminal=True, reward=1)})
    document.save_as(tmp_path / "maze.json")
    other = Document()
    opened = []
    other.opened.connect(opened.append)
    other.open(tmp_path / "maze.json")
    assert other.world == document.world
    assert opened == [document.world]
    assert other.path == tmp_path / "maze.json"
    assert other.name == "maze"
    assert not other.modified
    assert not other.undo_stack.canUndo()


def test_bad_file_changes_nothing(document, tmp_path, changes):
    """World, path, undo stack and edited mark are as before."""
    document.apply({(1, 1): WALL_TILE})
    before = document.world
    changes.clear()
    (tmp_path / "bad.json").write_text('{"format": "rlxent-world"}', encoding="utf-8")
    with pytest.raises(WorldError):
        document.open(tmp_path / "bad.json")
    with pytest.raises(FileNotFoundError):
        document.open(tmp_path / "none.json")
    assert (document.world, document.path, document.modified) == (before, None, True)
    assert document.undo_stack.canUndo()
    assert changes == []


def test_failed_save_keeps_path_and_mark(document, tmp_path):
    """A folder that is not there."""
    document.apply({(1, 1): WALL_TILE})
    with pytest.raises(OSError, match="No such file"):
        document.save_as(tmp_path / "nowhere" / "maze.json")
    assert document.path is None
    assert document.modified


def test_new_world_forgets_file_and_history(document, tmp_path):
    """Nothing to undo into a world that is gone."""
    document.apply({(1, 1): WALL_TILE})
    document.save_as(tmp_path / "maze.json")
    document.new()
    assert document.path is None
    assert document.name == "Untitled"
    assert not document.undo_stack.canUndo()


def test_opening_in_the_middle_of_a_stroke_drops_the_stroke(document):
    """The new world has no step of the old one in its history."""
    document.begin_stroke("Draw")
    document.extend_stroke(document.world.with_tiles({(1, 1): WALL_TILE}))
    document.new()
    document.end_stroke()
    assert document.world == empty_world()
    assert document.undo_stack.count() == 0


@pytest.mark.parametrize("modified", [True, False])
def test_restored_world_is_as_edited_as_it_was(document, tmp_path, modified):
    """It has the file it had; where it differs from that, closing must ask."""
    world = document.world.with_tiles({(1, 1): WALL_TILE})
    document.restore(world, tmp_path / "maze.json", modified)
    assert document.world == world
    assert document.path == tmp_path / "maze.json"
    assert document.modified is modified


def test_names_of_cells_and_columns():
    """As a spreadsheet counts: A … Z, AA."""
    assert cell_name((4, 6)) == "G5"
    assert [column_name(c) for c in (0, 25, 26, 63)] == ["A", "Z", "AA", "BL"]


def test_words_for_tiles():
    """True minus signs; several properties in one line."""
    assert tile_words(FLOOR_TILE) == ""
    assert tile_words(Tile(terminal=True, reward=-1)) == "pit · \N{MINUS SIGN}1"
    assert tile_words(Tile(start=1, slip=0.3, wind=(-1, 0))) == "start · slip 0.3 · wind ↑"
    assert tile_words(Tile(wind=(1, -3))) == "wind ↓ 1 ← 3"
    assert number(0.5, signed=True) == "+0.5"


def test_a_forgotten_document_takes_its_history_with_it(capfd):
    """Whatever order the collector frees document, stack and commands in."""
    gc.collect()
    gc.freeze()  # all but these: each of the collections would look through every module
    for _ in range(20):
        forgotten = Document()
        for column in range(1, 6):
            forgotten.apply({(1, column): WALL_TILE}, str(column))
        forgotten.undo()
        forgotten.itself = [forgotten, forgotten.undo_stack]
        del forgotten
        gc.collect()
    assert capfd.readouterr().err == ""
