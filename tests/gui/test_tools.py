"""What strokes do to a world, cell by cell, without a window."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxent_core.world import FLOOR_TILE, WALL_TILE, Teleport, Tile, World
from rlxent_gui.canvas.composition import GOAL_TILE, PIT_TILE
from rlxent_gui.canvas.regions import line, rectangle, region
from rlxent_gui.canvas.strokes import (
    LAST_FREE,
    NO_START,
    BrushStroke,
    FillStroke,
    MoveStroke,
    RectangleStroke,
    StartStroke,
)
from rlxent_gui.canvas.tools import Tool, Toolbox

ICE = Tile(slip=0.3)
WORLD = World(
    map=("S.~.", ".##.", "..AG", "a..."),
    tiles={"S": Tile(start=1), "~": ICE, "G": GOAL_TILE, "A": Tile(teleport=Teleport((3, 0))),
           "a": FLOOR_TILE},
)
cells = st.tuples(st.integers(0, 20), st.integers(0, 20))


@given(cells, cells)
def test_a_line_has_no_gaps(start, end):
    """Each cell touches the one before, ends included, and no line is longer than it must be."""
    passed = line(start, end)
    assert passed[0] == start
    assert passed[-1] == end
    assert len(passed) == max(abs(start[0] - end[0]), abs(start[1] - end[1])) + 1
    for (r, c), (r2, c2) in itertools.pairwise(passed):
        assert max(abs(r - r2), abs(c - c2)) == 1


def test_rectangle_from_any_corner():
    """The corners may be given in any order."""
    assert rectangle((1, 2), (0, 1)) == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_region_stops_at_other_tiles_and_at_corners():
    """Walls bound it; cells that touch by a corner only do not hang together."""
    world = World(map=("..#", "##.", "..."))
    assert region(world, (0, 0)) == [(0, 0), (0, 1)]
    assert region(world, (1, 2)) == [(1, 2), (2, 0), (2, 1), (2, 2)]


def test_brush_paints_the_cells_between_two_events():
    """From A4 to D4 in one jump."""
    stroke = BrushStroke(WORLD, (1, 0), WALL_TILE)
    stroke.extend((1, 3))
    assert stroke.world.map[1] == "####"


def test_brush_leaves_the_world_and_comes_back():
    """What lies outside is not painted, and nothing along the edge either."""
    stroke = BrushStroke(WORLD, (1, 3), WALL_TILE)
    stroke.extend((1, 9))
    stroke.extend((3, 9))
    stroke.extend((3, 3))
    assert set(stroke.changes) == {(1, 3), (3, 3)}


def test_shift_keeps_to_the_axis_that_the_stroke_left_by():
    """First along the row; a later drift downwards changes nothing."""
    stroke = BrushStroke(World(map=("....",) * 4), (0, 0), WALL_TILE)
    stroke.extend((1, 2), locked=True)
    stroke.extend((3, 3), locked=True)
    assert stroke.world.map == ("####", "....", "....", "....")


def test_shift_keeps_to_a_column():
    """The first step went down."""
    stroke = BrushStroke(World(map=("....",) * 4), (0, 1), WALL_TILE)
    stroke.extend((1, 1), locked=True)
    stroke.extend((3, 3), locked=True)
    assert stroke.world.map == (".#..",) * 4


def test_start_on_ice_is_both():
    """The tile is composed; the start before it is gone."""
    stroke = StartStroke(WORLD, (0, 2))
    assert stroke.world.tile((0, 2)) == Tile(start=1, slip=0.3)
    assert stroke.world.tile((0, 0)) == FLOOR_TILE


def test_start_that_moves_on_gives_the_ice_back():
    """Over the ice to D1: the ice is as it was."""
    stroke = StartStroke(WORLD, (0, 2))
    stroke.extend((0, 3))
    assert stroke.world.tile((0, 2)) == ICE
    assert stroke.world.tile((0, 3)) == Tile(start=1)


def test_start_replaces_what_it_cannot_stand_on():
    """On a wall and on a goal the cell becomes a plain start."""
    assert StartStroke(WORLD, (1, 1)).world.tile((1, 1)) == Tile(start=1)
    assert StartStroke(WORLD, (2, 3)).world.tile((2, 3)) == Tile(start=1)


def test_dragged_start_restores_what_it_stood_on():
    """A start on ice is carried away; the ice stays."""
    world = WORLD.with_tiles({(0, 2): Tile(start=1, slip=0.3), (0, 0): FLOOR_TILE})
    stroke = MoveStroke(world, (0, 2))
    stroke.extend((3, 3))
    assert stroke.world.tile((0, 2)) == ICE
    assert stroke.world.tile((3, 3)) == Tile(start=1)


def test_dragged_start_does_not_enter_walls_and_goals():
    """It waits where it last could stand."""
    stroke = MoveStroke(WORLD, (0, 0))
    stroke.extend((0, 1))
    stroke.extend((1, 1))
    stroke.extend((2, 3))
    assert stroke.world.tile((0, 1)) == Tile(start=1)
    assert stroke.world.tile((1, 1)) == WALL_TILE


def test_goals_and_walls_are_dragged_too():
    """What they pass over comes back, and dragging home changes nothing."""
    goal = MoveStroke(WORLD, (2, 3))
    goal.extend((0, 2))
    goal.extend((0, 3))
    assert goal.world.tile((0, 3)) == GOAL_TILE
    assert goal.world.tile((0, 2)) == ICE
    assert goal.world.tile((2, 3)) == FLOOR_TILE
    goal.extend((2, 3))
    assert goal.world == WORLD
    wall = MoveStroke(WORLD, (1, 1))
    wall.extend((1, 0))
    assert wall.world.map[1] == "#.#."


def test_erasing_the_last_start_is_said():
    """Starts become uniform, and the sentence says so."""
    stroke = BrushStroke(WORLD, (0, 0), FLOOR_TILE)
    assert stroke.notice == NO_START
    assert len(stroke.world.start_distribution()) == len(stroke.world.standable_cells)


def test_wall_over_the_only_start_erases_it():
    """A start cannot be on a wall: the same notice."""
    stroke = BrushStroke(WORLD, (0, 0), WALL_TILE)
    assert stroke.world.tile((0, 0)) == WALL_TILE
    assert stroke.notice == NO_START


def test_one_of_two_starts_may_go_silently():
    """The other is still marked."""
    world = WORLD.with_tiles({(3, 3): Tile(start=1)})
    assert BrushStroke(world, (0, 0), FLOOR_TILE).notice == ""


def test_wall_on_a_teleports_target_is_refused():
    """That cell is left as it is, the rest of the stroke is painted, and it is said."""
    stroke = BrushStroke(WORLD, (3, 1), WALL_TILE)
    stroke.extend((3, 0))
    assert stroke.world.map[3] == "a#.."
    assert "A4" in stroke.notice


def test_last_free_cell_is_refused():
    """Everything may be walled in but one cell."""
    world = World(map=("...",))
    stroke = BrushStroke(world, (0, 0), WALL_TILE)
    stroke.extend((0, 2))
    assert stroke.world.map == ("##.",)
    assert stroke.notice == LAST_FREE


def test_rectangle_previews_before_release():
    """Nothing is changed before; the preview shrinks with the pointer."""
    stroke = RectangleStroke(WORLD, (0, 1), PIT_TILE)
    stroke.extend((1, 3))
    stroke.extend((1, 2))
    assert stroke.world == WORLD
    assert stroke.preview == ((0, 1), (0, 2), (1, 1), (1, 2))
    stroke.finish()
    assert stroke.preview == ()
    assert all(stroke.world.tile(c) == PIT_TILE for c in ((0, 1), (0, 2), (1, 1), (1, 2)))


def test_rectangle_ends_at_the_edge():
    """Dragged out of the world, it reaches to the last row and column."""
    stroke = RectangleStroke(WORLD, (3, 2), WALL_TILE)
    stroke.extend((9, 9))
    assert stroke.preview == ((3, 2), (3, 3))


def test_fill_is_applied_on_release():
    """Press shows the region, release fills it."""
    world = World(map=("..#.", "..#."))
    stroke = FillStroke(world, (0, 0), ICE)
    assert len(stroke.preview) == 4
    assert stroke.world == world
    stroke.finish()
    assert region(stroke.world, (0, 0)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert stroke.world.tile((0, 3)) == FLOOR_TILE


def test_fill_of_all_floor_keeps_one_cell_free():
    """Filling an empty board with walls leaves the last cell."""
    stroke = FillStroke(World(map=("..", "..")), (0, 0), WALL_TILE)
    stroke.finish()
    assert stroke.world.map == ("##", "#.")


def test_rectangle_and_fill_use_the_last_tile():
    """Goal, then Rectangle: goals."""
    box = Toolbox()
    box.choose(Tool.GOAL)
    box.choose(Tool.RECTANGLE)
    assert box.stroke(WORLD, (0, 1)).tile == GOAL_TILE


@pytest.mark.parametrize(
    ("tile", "tool"),
    [(WALL_TILE, Tool.WALL), (GOAL_TILE, Tool.GOAL), (PIT_TILE, Tool.PIT),
     (FLOOR_TILE, Tool.ERASE), (Tile(start=1), Tool.START), (ICE, Tool.ICE),
     (Tile(slip=0.7), Tool.ICE), (Tile(wind=(0, 2)), Tool.WIND), (Tile(reward=-3), Tool.REWARD),
     (Tile(start=1, slip=0.3), Tool.TILE), (Tile(exit=1), Tool.TILE),
     (Tile(slip=0.3, wind=(0, 1)), Tool.TILE), (Tile(name="Mud", slip=0.3), Tool.TILE)],
)
def test_picking_a_tile_chooses_its_tool(tile, tool):
    """As it is, however strong; a tile that no tool paints gets a brush of its own."""
    box = Toolbox()
    box.pick(tile)
    assert box.tool is tool
    assert box.tile == tile


def test_picking_for_fill_keeps_fill():
    """Fill with ice: Fill, Alt-click on ice, click."""
    box = Toolbox()
    box.choose(Tool.FILL)
    box.pick(ICE)
    assert box.tool is Tool.FILL
    assert box.stroke(WORLD, (0, 1)).tile == ICE


def test_select_carries_only_what_can_be_dragged():
    """Starts, ends and walls; floor and ice stay where they are."""
    box = Toolbox()
    assert box.stroke(WORLD, (0, 0)) is not None
    assert box.stroke(WORLD, (1, 1)) is not None
    assert box.stroke(WORLD, (0, 2)) is None


@given(st.lists(st.tuples(st.sampled_from(list(Tool)), cells, cells, st.booleans()), max_size=12))
def test_no_sequence_of_strokes_breaks_the_world(strokes):
    """Whatever is drawn where, the world stays one that the format allows."""
    world, box = WORLD, Toolbox()
    for tool, start, end, locked in strokes:
        box.choose(tool)
        stroke = box.stroke(world, (start[0] % 4, start[1] % 4))
        if stroke is not None:
            stroke.extend(end, locked)
            stroke.finish()
            world = stroke.world
    assert world.standable_cells
    assert sum(world.start_distribution().values()) == pytest.approx(1)
