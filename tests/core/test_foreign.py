"""Maps from elsewhere: what they mean there, they mean here."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from rlxent_core import exact
from rlxent_core.berkeley import world_from_berkeley
from rlxent_core.cli import main
from rlxent_core.foreign import kind_of, read_foreign, world_from_any, world_from_text
from rlxent_core.gymnasium_maps import world_from_cliff_walking, world_from_frozen_lake
from rlxent_core.mdp import compile_world
from rlxent_core.world import Tile, WorldError
from rlxent_core.world_file import read_text, write_text
from tests.core.test_bad_files import assert_sentence
from tests.mutations import mutations

BOOK_GRID = """
grid = [[' ', ' ', ' ', +1],   # the book's
        [' ', '#', ' ', -1],
        ['S', ' ', ' ', ' ']]
"""
MAZE = "#####\n#S G#\n# H #\n#####\n"


class NoWorlds:
    def names(self) -> tuple[str, ...]:
        return ()

    def text(self, name: str) -> str:
        raise KeyError(name)


def test_berkeleys_book_grid_has_berkeleys_values() -> None:
    """The values that the project's handout shows after 100 iterations, to its two digits."""
    world = world_from_berkeley(BOOK_GRID)
    mdp = compile_world(world)
    values, _ = exact.optimum(mdp, 100)
    shown = [[0.64, 0.74, 0.85, 1.00], [0.57, 0, 0.57, -1.00], [0.49, 0.43, 0.48, 0.28]]
    assert np.abs(values.reshape(3, 4) - shown).max() < 0.005 + 1e-9
    assert world.moves == ("up", "left", "down", "right")


def test_berkeleys_options() -> None:
    """Living reward and noise; lists and their text are the same; any number is an exit."""
    lists = [[" ", "#", -100], ["S", 0.5, "10"]]
    world = world_from_berkeley(lists, living_reward=-2, noise=0.4, discount=0.5)
    assert world_from_berkeley(str(lists), living_reward=-2, noise=0.4, discount=0.5) == world
    assert (world.step_reward, world.slip, world.discount) == (-2, 0.4, 0.5)
    assert [world.tile(cell).exit for cell in world.cells] == [None, None, -100, None, 0.5, 10]
    assert world.tile((0, 1)).wall
    assert world.tile((1, 0)) == Tile(start=1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[['S', 'X']]", "this one has “X”"),
        ("[['S', 1], [1]]", "equally long"),
        ("[['S', 1]", "Line 1: a grid is a list of rows.*nothing more"),
        ("[['S'],\n[1;]]", "Line 2: .*there is “;]]”"),
        ("[['S', 1]] 7", "there is “7”"),
        ("[[['S']]]", "a list of rows"),
        ("[['S', 1e999]]", "finite"),
        ("[['S', nan]]", "there is “nan]]”"),
        ("[['#']]", "no free cell"),
        ("[[]]", "no cells"),
        ("['S']", "a list of rows"),
        ("[" * 500_000, "a list of rows"),
        ("[[" + "1," * 400_000 + "]]", "more than 64 rows or columns"),
    ],
)
def test_what_is_no_grid_is_refused_by_a_sentence(text: str, sentence: str) -> None:
    """One sentence, whatever is wrong."""
    with pytest.raises(WorldError, match=sentence):
        world_from_berkeley(text)


def test_a_plain_map() -> None:
    """Walls, floor, start, goal and pits; short lines end in floor."""
    world = world_from_text("#####\n#S O\n#P HG\n")
    assert world.map == ("#####", "#S.O.", "#P.HG")
    pit = Tile(terminal=True, reward=-1)
    assert {s: world.tile_of(s) for s in "SGPHO"} == {
        "S": Tile(start=1), "G": Tile(terminal=True, reward=1), "P": pit, "H": pit, "O": pit}


def test_teleports_of_a_piece_are_told_from_its_own_corner() -> None:
    """A copied piece that lay elsewhere keeps what its teleports do."""
    world = world_from_text('SA.\n\n"A": {"teleport": {"to": [4, 7]}}\n"at": [4, 5]\n')
    assert world.tile((0, 1)).teleport.to == (0, 2)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SFFF\nFHFH\nFFFH\nHFFG", "frozenlake"), ("S.G", "text"), ("SHG", "text"),
        (BOOK_GRID, "berkeley"), ("((1, 'S'),)", "berkeley"), ("[S.G]", "text"), ("", "text"),
        ('["S.G",\n "..."]', "text"),
    ],
)  # fmt: skip
def test_the_kind_is_seen_from_the_text(text: str, kind: str) -> None:
    """Nested lists, a lake's letters, else a plain map."""
    assert kind_of(text) == kind


def test_long_lines_are_refused_in_time() -> None:
    """Texts made to be looked at for hours are refused at once, by a sentence."""
    for text in (" " * 900_000 + "x", "> " * 450_000 + "x", '"a": {' + (" " * 999 + "x") * 900,
                 "S\n\n" + '"' * 900_000, "\n" * 900_000, "S\n" * 400_000):
        with pytest.raises(WorldError) as error:
            world_from_any(text)
        assert_sentence(error.value, Path("none"))


@pytest.mark.parametrize("text", [MAZE, BOOK_GRID, "SFFF\nFHFH\nFFFH\nHFFG\n"])
def test_mutated_maps_are_refused_by_a_sentence_or_open(text: str, tmp_path: Path) -> None:
    """Bytes changed, cut, and added: a world or a sentence."""
    bad = tmp_path / "bad.txt"
    kinds = {"truncated", "raw_bytes", "flipped", "other_encoding", "huge", "another_text"}
    for _, content in mutations(text, 120, 5, kinds):
        bad.write_bytes(content)
        try:
            compile_world(read_foreign(bad))
        except WorldError as error:
            assert_sentence(error, bad)


def imported(capsys: pytest.CaptureFixture[str], *arguments: str):
    """The world that the command prints."""
    assert main(["import", *arguments], NoWorlds()) == 0
    return read_text(capsys.readouterr().out)


def test_the_command_prints_world_files(tmp_path: Path, capsys, monkeypatch) -> None:
    """Each format, seen from the text or told, with its options."""
    maze, grid, lake = tmp_path / "my_maze.txt", tmp_path / "grid.py", tmp_path / "lake"
    maze.write_text(MAZE)
    grid.write_text(BOOK_GRID)
    lake.write_text("SFFH\nFFFG\n")
    assert imported(capsys, str(maze)) == world_from_text(MAZE).with_fields(name="my maze")
    noisy = world_from_berkeley(BOOK_GRID, -0.1, 0.3, 0.8).with_fields(name="grid")
    options = ["--living-reward", "-0.1", "--noise", "0.3", "--discount", "0.8"]
    assert imported(capsys, str(grid), *options) == noisy
    assert imported(capsys, str(lake)) == world_from_frozen_lake(["SFFH", "FFFG"])
    assert imported(capsys, str(lake), "--not-slippery").slip == 0
    assert imported(capsys, "8x8", "--format", "frozenlake") == world_from_frozen_lake(
        map_name="8x8")
    assert imported(capsys, "--format", "cliffwalking") == world_from_cliff_walking()
    assert imported(capsys, "--format", "cliffwalking", "--slippery").slip == 2 / 3
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAZE.encode())))
    assert imported(capsys, "-") == world_from_text(MAZE)


@pytest.mark.parametrize(
    ("arguments", "sentence", "status"),
    [
        ([], "FILE is missing", 2),
        (["nowhere.txt"], "nowhere.txt cannot be read: No such file or directory.", 1),
        (["4x4", "--format", "frozenlake", "--noise", "0.1"], "--noise says nothing", 2),
        (["5x5", "--format", "frozenlake"], "cannot be read", 1),
        (["x", "--format", "cliffwalking"], "no FILE is needed", 2),
        (["4x4", "--format", "frozenlake", "--success-rate", "nan"], "finite", 1),
    ],
)
def test_what_cannot_be_imported_is_told(
    arguments: list[str], sentence: str, status: int, capsys
) -> None:
    """One sentence on standard error, nothing on standard output; usage is status 2."""
    assert main(["import", *arguments], NoWorlds()) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1


def test_commands_take_a_map_as_the_window_does(tmp_path: Path, capsys) -> None:
    """Solving a map solves the world that import makes of it."""
    maze = tmp_path / "my_maze.txt"
    maze.write_text(MAZE)
    assert main(["solve", str(maze)], NoWorlds()) == 0
    direct = capsys.readouterr().out
    (tmp_path / "maze.json").write_text(write_text(imported(capsys, str(maze))))
    assert main(["solve", str(tmp_path / "maze.json")], NoWorlds()) == 0
    assert capsys.readouterr().out == direct
    assert "V" in direct
