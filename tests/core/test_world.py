"""Worlds in memory: what their parts say, how edits make new ones, what is refused."""

from __future__ import annotations

import pytest

from rlxent_core.tiles import FLOOR_TILE, WALL_TILE, Teleport, Tile, WorldError
from rlxent_core.world import World

START, GOAL = Tile(start=1), Tile(terminal=True, reward=1)
SMALL = World(("S.#", "..G"), {"S": START, "G": GOAL})


def test_cells_are_counted_in_row_order():
    """Cells are (row, column) from the top left, walls included."""
    assert SMALL.cells == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    assert SMALL.standable_cells == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert SMALL.tile((0, 2)) == WALL_TILE
    assert SMALL.tile((1, 2)) == GOAL
    assert SMALL.contains((1, 2))
    assert not SMALL.contains((2, 0))
    assert not SMALL.contains((0, -1))


def test_an_edit_returns_a_new_world():
    """The world that is edited stays as it was."""
    edited = SMALL.with_tiles({(0, 1): WALL_TILE, (0, 0): FLOOR_TILE})
    assert edited.map == (".##", "..G")
    assert SMALL.map == ("S.#", "..G")


def test_an_edit_forgets_a_symbol_with_its_last_cell():
    """A symbol nobody uses any more is dropped, one that never was on the map is kept."""
    world = World(("SG",), {"S": START, "G": GOAL, "?": Tile(slip=0.5)})
    assert set(world.with_tiles({(0, 1): FLOOR_TILE}).tiles) == {"S", "?"}


def test_an_edit_keeps_a_tile_with_a_name():
    """What its author named stays in reach when its last cell is painted over."""
    mud = Tile(name="Mud", reward=-0.5)
    world = World(("Sm",), {"S": START, "m": mud}).with_tiles({(0, 1): FLOOR_TILE})
    assert world.map == ("S.",)
    assert world.tiles["m"] == mud


def test_an_edit_uses_the_symbol_of_a_known_tile():
    """Painting a tile that the world has does not make a second symbol for it."""
    assert SMALL.with_tiles({(0, 1): GOAL}).map == ("SG#", "..G")


def test_a_new_tile_gets_a_symbol_that_suits_it():
    """Ice becomes ~, and where that is taken a letter."""
    ice = SMALL.with_tiles({(0, 1): Tile(slip=0.2)})
    assert ice.map[0] == "S~#"
    assert ice.with_tiles({(1, 1): Tile(slip=0.4)}).map[1] == ".aG"


def test_every_cell_may_have_a_tile_of_its_own():
    """A board of 400 different rewards finds 400 symbols."""
    world = World(("." * 20,) * 20)
    different = world.with_tiles({c: Tile(reward=i + 1) for i, c in enumerate(world.cells)})
    assert [different.tile(c).reward for c in different.cells] == list(range(1, 401))


def test_starts_are_drawn_by_weight():
    """Weights 1 and 3 are a quarter and three quarters."""
    world = World(("Ss.",), {"S": START, "s": Tile(start=3)})
    assert world.start_distribution() == {(0, 0): 0.25, (0, 1): 0.75}


def test_without_a_start_every_free_cell_is_one():
    """Walls, terminal and respawn cells are no start cells."""
    world = World((".#GR.",), {"G": GOAL, "R": Tile(respawn=True)})
    assert world.start_distribution() == {(0, 0): 0.5, (0, 4): 0.5}


def test_huge_start_weights_do_not_overflow():
    """Two weights of 1e308 are a half each."""
    world = World(("SS",), {"S": Tile(start=1e308)})
    assert world.start_distribution() == {(0, 0): 0.5, (0, 1): 0.5}


def test_worlds_are_equal_by_what_they_say():
    """Equal worlds have equal hashes, so that compiled ones are found again."""
    again = World(("S.#", "..G"), {"G": GOAL, "S": START})
    assert again == SMALL
    assert hash(again) == hash(SMALL)
    assert SMALL.with_fields(discount=0.5) != SMALL


def test_tiles_cannot_be_changed_behind_a_worlds_back():
    """Neither through the mapping handed in nor through the one handed out."""
    mine = {"S": START}
    world = World(("S.",), mine)
    mine["S"] = GOAL
    assert world.tile((0, 0)) == START
    with pytest.raises(TypeError):
        world.tiles["S"] = GOAL  # type: ignore[index]


@pytest.mark.parametrize(
    ("world", "path"),
    [
        (lambda: World(()), ("map",)),
        (lambda: World(("..", ".")), ("map", 1)),
        (lambda: World(("Q",)), ("map", 0)),
        (lambda: World((".",), {"ab": GOAL}), ("tiles", "ab")),
        (lambda: World((".",), {"": GOAL}), ("tiles", "")),
        (lambda: World((".",), discount=float("nan")), ("discount",)),
        (lambda: World((".",), step_reward=float("inf")), ("step_reward",)),
        (lambda: World((".",), max_steps=10_001), ("max_steps",)),
        (lambda: World((".",), {"x": Tile(reward=float("nan"))}), ("tiles", "x", "reward")),
        (lambda: World((".",), name="\ud800"), ("name",)),
        (
            lambda: World((".A",), {"A": Tile(teleport=Teleport((0, 0), float("inf")))}),
            ("tiles", "A", "teleport", "reward"),
        ),
        (lambda: SMALL.with_tiles(dict.fromkeys(SMALL.cells, WALL_TILE)), ("map",)),
        (lambda: SMALL.with_fields(moves=("up", "up")), ("moves", 1)),
    ],
)
def test_a_world_that_breaks_a_rule_cannot_be_made(world, path):
    """The error leads to the offending value."""
    with pytest.raises(WorldError) as caught:
        world()
    assert caught.value.path == path


def test_an_edit_that_breaks_a_rule_changes_nothing():
    """A wall on a teleport's target is refused."""
    world = World((".A",), {"A": Tile(teleport=Teleport((0, 0)))})
    with pytest.raises(WorldError, match="teleports to"):
        world.with_tiles({(0, 0): WALL_TILE})
