"""The world file: what is read, what is refused and in which words, what is written."""

from __future__ import annotations

import json
import os
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlxent_core import atomic_file
from rlxent_core.tiles import DIRECTIONS, Teleport, Tile, WorldError
from rlxent_core.world import World
from rlxent_core.world_file import read_file, read_text, write_file, write_text

EXAMPLE = """{
  "format": "rlxent-world", "version": 1,
  "name": "Ice and pit", "notes": "", "source": "",
  "map": ["S..#....",
          ".#.....#",
          ".#..P.~.",
          "...##~~G",
          ".#....^.",
          ".#A.#.^.",
          "....P...",
          "#....a.."],
  "tiles": {
    "S": {"start": 1},
    "G": {"terminal": true, "reward": 1},
    "P": {"terminal": true, "reward": -1},
    "~": {"slip": 0.3},
    "^": {"wind": [-1, 0]},
    "A": {"teleport": {"to": [7, 5]}},
    "a": {}
  },
  "moves": ["up", "right", "down", "left"],
  "step_reward": -0.01, "bump_reward": 0, "slip": 0, "reward_noise": 0,
  "discount": 0.97, "max_steps": 100
}
"""


def refused(text: str) -> str:
    """The sentence that says why ``text`` is no world."""
    with pytest.raises(WorldError) as caught:
        read_text(text)
    return str(caught.value)


def with_change(old: str, new: str) -> str:
    assert EXAMPLE.count(old) >= 1, old
    return EXAMPLE.replace(old, new, 1)


def test_the_example_says_what_it_says():
    """Every kind of key of the format’s example is read."""
    world = read_text(EXAMPLE)
    assert world.name == "Ice and pit"
    assert (world.rows, world.columns) == (8, 8)
    assert world.tile((0, 0)) == Tile(start=1)
    assert world.tile((3, 7)) == Tile(terminal=True, reward=1)
    assert world.tile((5, 2)) == Tile(teleport=Teleport((7, 5), 0))
    assert world.tile((4, 6)) == Tile(wind=(-1, 0))
    assert (world.step_reward, world.discount, world.max_steps) == (-0.01, 0.97, 100)


def test_all_but_format_version_and_map_have_defaults():
    """The shortest world."""
    assert read_text('{"format": "rlxent-world", "version": 1, "map": ["."]}') == World((".",))


def test_no_limit_is_null():
    """``max_steps: null`` means none."""
    assert read_text(with_change('"max_steps": 100', '"max_steps": null')).max_steps is None


def test_a_byte_order_mark_is_no_reason_to_refuse():
    """Some editors write one."""
    assert read_text("\ufeff" + EXAMPLE) == read_text(EXAMPLE)


REFUSALS = [
    # a tile’s keys
    ('"reward": 1}', '"rewrad": 1}',
     "Line 14: tile “G” has an unknown key “rewrad”: did you mean “reward”?"),
    ('"slip": 0.3', '"slp": 0.3',
     "Line 16: tile “~” has an unknown key “slp”: did you mean “slip”?"),
    ('"slip": 0.3', '"qqqqqq": 0.3',
     "Line 16: tile “~” has an unknown key “qqqqqq”. There are: name, wall, start, terminal,"
     " reward, exit, teleport, respawn, slip, wind, reversed, reward_noise."),
    ('{"slip": 0.3}', '{"name": 7}', "Line 16: “name” of tile “~” must be a text, not 7."),
    ('{"slip": 0.3}', '{"name": "two\\nlines"}',
     "Line 16: “name” of tile “~” must be one line of at most 40 characters."),
    ('"slip": 0.3', '"slip": 1.5',
     "Line 16: “slip” of tile “~” must be between 0 and 1, not 1.5."),
    ('"slip": 0.3', '"slip": true', "Line 16: “slip” of tile “~” must be a number, not true."),
    ('"slip": 0.3', '"slip": null', "Line 16: “slip” of tile “~” must be a number, not null."),
    ('"terminal": true', '"terminal": 1',
     "Line 14: “terminal” of tile “G” must be true or false, not 1."),
    ('{"start": 1}', '{"start": -1}',
     "Line 13: “start” of tile “S” must not be negative, and it is -1."),
    ('{"start": 1}', '{"start": 1, "wall": true}',
     "Line 13: tile “S” cannot be both start and wall: nobody can stand there."),
    ('{"start": 1}', '{"start": 1, "terminal": true}',
     "Line 13: tile “S” cannot be both start and terminal: nobody can stand there."),
    ('{"start": 1}', '{"start": 1, "respawn": true}',
     "Line 13: tile “S” cannot be both start and respawn: nobody can stand there."),
    ('{"slip": 0.3}', '{"terminal": true, "respawn": true}',
     "Line 16: tile “~” cannot be both terminal and respawn: the episode either ends or goes on."),
    ('{"slip": 0.3}', '{"reward_noise": -1}',
     "Line 16: “reward_noise” of tile “~” must not be negative, and it is -1."),
    ('"wind": [-1, 0]', '"wind": [-65, 0]',
     "Line 17: “wind” of tile “^” must be two whole numbers from −64 to 64, not [-65, 0]."),
    ('"wind": [-1, 0]', '"wind": [0.5, 0]',
     "Line 17: “wind” of tile “^” must be two whole numbers, [rows, columns], not [0.5, 0]."),
    ('"wind": [-1, 0]', '"wind": -1',
     "Line 17: “wind” of tile “^” must be two whole numbers, [rows, columns], not -1."),
    ('"A": {', '"A": {"exit": 1, ',
     "Line 18: tile “A” cannot have both exit and teleport: an action taken there does one or the"
     " other."),
    ('"to": [7, 5]', '"to": [7, 8]',
     "Line 18: tile “A” teleports to [7, 8], which is outside the map (8 rows, 8 columns, counted"
     " from 0)."),
    ('"to": [7, 5]', '"to": [-1, 0]',
     "Line 18: tile “A” teleports to [-1, 0], which is outside the map (8 rows, 8 columns, counted"
     " from 0)."),
    ('"to": [7, 5]', '"to": [0, 3]',
     "Line 18: tile “A” teleports to [0, 3], which is a wall: nobody can stand there."),
    ('"to": [7, 5]', '"to": [3, 7]',
     "Line 18: tile “A” teleports to [3, 7], which is a terminal cell: nobody can stand there."),
    ('{"to": [7, 5]}', '{}',
     "Line 18: the teleport of tile “A” has no “to”: the [row, column] it leads to."),
    ('{"to": [7, 5]}', '{"to": [7, 5], "pays": 1}',
     "Line 18: the teleport of tile “A” has an unknown key “pays”. There are: to, reward."),
    ('{"to": [7, 5]}', '[7, 5]',
     "Line 18: the teleport of tile “A” must be an object {…}, not [7, 5]."),
    ('"to": [7, 5]', '"to": [7, 5], "reward": "1"',
     "Line 18: “reward” of the teleport of tile “A” must be a number, not “1”."),
    # symbols
    ('"a": {}', '"a": {}, "S": {}', "Line 19: “tiles” has the key “S” twice."),
    ('"a": {}', '"ab": {}',
     "Line 19: tile “ab” has a symbol of 2 characters, and it must be exactly one."),
    ('"a": {}', '"": {}',
     "Line 19: tile “” has a symbol of 0 characters, and it must be exactly one."),
    ('"a": {}', '".": {}', "Line 19: tile “.” is floor and cannot be redefined."),
    ('"a": {}', '"#": {}', "Line 19: tile “#” is wall and cannot be redefined."),
    ('"a": {}', '"a": 1', "Line 19: tile “a” must be an object {…}, not 1."),
    # the map
    ('"S..#...."', '"S..#..Q."',
     "Line 4: the map has “Q” in row 0, column 6 (counted from 0), which “tiles” does not"
     " describe."),
    ('".#.....#"', '".#....#"',
     "Line 5: row 1 of the map (counted from 0) has 7 cells, and the first row has 8: all must be"
     " equally long."),
    ('".#.....#"', '17',
     "Line 5: “map” must be a list of texts: element 1 (counted from 0) is 17."),
    # moves
    ('"left"]', '"left", "up"]', "Line 21: “moves” has “up” twice."),
    ('"left"]', '"lefft"]',
     "Line 21: “moves” has an unknown move “lefft”: did you mean “left”?"),
    ('["up", "right", "down", "left"]', '[]',
     "Line 21: “moves” is empty, and an agent has to do something."),
    ('["up", "right", "down", "left"]', '"up"',
     "Line 21: “moves” must be a list of texts, not “up”."),
    # the world’s keys
    ('"rlxent-world"', '"tiled"', "Line 2: “format” must be “rlxent-world”, not “tiled”."),
    ('"version": 1', '"version": 2', "Line 2: “version” must be 1, not 2."),
    ('"version": 1', '"version": true', "Line 2: “version” must be 1, not true."),
    ('"format": "rlxent-world", ', '',
     '“format” is missing: a world file begins with "format": "rlxent-world", "version": 1.'),
    ('"max_steps": 100', '"max_step": 100',
     "Line 23: the world has an unknown key “max_step”: did you mean “max_steps”?"),
    ('"max_steps": 100', '"max_steps": 0',
     "Line 23: “max_steps” must be a whole number from 1 to 10,000, or null for no limit, not 0."),
    ('"max_steps": 100', '"max_steps": 10001',
     "Line 23: “max_steps” must be a whole number from 1 to 10,000, or null for no limit, not"
     " 10001."),
    ('"max_steps": 100', '"max_steps": 1.5',
     "Line 23: “max_steps” must be a whole number or null, not 1.5."),
    ('"max_steps": 100', f'"max_steps": {"9" * 5000}',
     f"Line 23: the number “{'9' * 39}…” is not finite."),
    ('"discount": 0.97', '"discount": 1.01',
     "Line 23: “discount” must be between 0 and 1, not 1.01."),
    ('"discount": 0.97', '"discount": 0.97, "discount": 0.9',
     "Line 23: the world has the key “discount” twice."),
    ('"reward_noise": 0', '"reward_noise": -0.5',
     "Line 22: “reward_noise” must not be negative, and it is -0.5."),
    ('"step_reward": -0.01', '"step_reward": "-0.01"',
     "Line 22: “step_reward” must be a number, not “-0.01”."),
    ('"step_reward": -0.01', f'"step_reward": {"9" * 350}',
     "Line 22: “step_reward” must be a finite number."),
    ('"step_reward": -0.01', '"step_reward": NaN', "Line 22: the number “NaN” is not finite."),
    ('"step_reward": -0.01', '"step_reward": -Infinity',
     "Line 22: the number “-Infinity” is not finite."),
    ('"step_reward": -0.01', '"step_reward": 1e999', "Line 22: the number “1e999” is not finite."),
    ('"notes": ""', '"notes": 3', "Line 3: “notes” must be a text, not 3."),
    ('"notes": ""', r'"notes": "\ud800"',
     "Line 3: a text holds half a character (an unpaired surrogate)."),
    ('"notes": ""', f'"notes": {"[" * 9000}', "Line 3: nothing may be nested more than 20 deep."),
    ('"notes": ""', f'"notes": "{"x" * 2**20}"',
     "The file is larger than 1 MiB, and no world needs as much."),
    # text that is no JSON
    ('"a": {}', '"a": {},',
     "Line 20: the text is no JSON: a key in quotation marks was expected, and there is “}”."),
    ('"S": {"start": 1}', '"S": {"start": 1',
     "Line 25: the text is no JSON: “,” or “}” was expected, and there is nothing more."),
    ('"discount": 0.97,', '"discount": 0.97',
     "Line 23: the text is no JSON: “,” or “}” was expected, and there is “\"”."),
    ('"discount": 0.97', '"discount": .97',
     "Line 23: the text is no JSON: a value was expected, and there is “.”."),
    ('"discount": 0.97', '"discount" 0.97',
     "Line 23: the text is no JSON: “:” was expected, and there is “0”."),
    ('"name": "Ice and pit"', '"name": "Ice and pit',
     "Line 3: the text is no JSON: “,” or “}” was expected, and there is “n”."),
    (EXAMPLE, EXAMPLE + "{}",
     "Line 25: the text is no JSON: the end was expected, and there is “{”."),
    (EXAMPLE, EXAMPLE[: EXAMPLE.index("slip") + 2],
     "Line 16: the text is no JSON: a text has no closing quotation mark."),
    ('"notes": ""', '"notes": "\n"',
     "Line 3: the text is no JSON: a text holds a line break or another control character."),
    ('"notes": ""', r'"notes": "C:\maze"',
     r"Line 3: the text is no JSON: a text holds an unknown escape: \ itself is written \\."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sentence"), REFUSALS)
def test_a_mistake_is_named_with_its_line(old, new, sentence):
    """The line, what was found and what was expected."""
    assert refused(with_change(old, new)) == sentence


def short(**values: object) -> str:
    return json.dumps({"format": "rlxent-world", "version": 1, "map": ["."]} | values)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is no JSON: a value was expected, and there is nothing more."),
        ("[]", "The world must be an object {…}, not []."),
        (short(map=["."] * 65), "The map has 65 rows, and 64 are the most there can be."),
        (short(map=["." * 65]), "Row 0 of the map (counted from 0) has 65 columns, and 64 are the"
                                " most there can be."),
        (short(map=[]), "The map has no cells."),
        (short(map=[""]), "The map has no cells."),
        (short(map="."), "“map” must be a list of texts, not “.”."),
        (short(map=["#"]), "The map has no free cell: each is a wall, terminal or respawn, and an"
                           " agent has to stand somewhere."),
        (short(tiles=[]), "“tiles” must be an object of tiles, not []."),
        ('{"format": "rlxent-world", "version": 1}',
         '“map” is missing: a list of rows, such as ["S..G"].'),
        ('{"format": "rlxent-world", "map": ["."]}',
         '“version” is missing: a world file begins with "format": "rlxent-world", "version": 1.'),
        (short(**{"a\nb" + "c" * 99: 1}).replace("}", "}"),
         "The world has an unknown key “a\\nb" + "c" * 35 + "…”. There are: format, version, name,"
         " notes, source, map, tiles, moves, step_reward, bump_reward, slip, reward_noise,"
         " discount, max_steps."),
    ],
)  # fmt: skip
def test_on_a_single_line_the_line_says_nothing(text, sentence):
    """The same sentences without one."""
    assert refused(text) == sentence


def test_a_huge_wind_is_refused_in_few_words():
    """A number of hundreds of digits does not fill the sentence."""
    assert len(refused(with_change("[-1, 0]", f"[{'9' * 300}, 0]"))) < 150


@given(st.text(max_size=200) | st.text("[]{}:,\"0123456789.eE-+truefalsn \n", max_size=200))
def test_any_text_is_either_a_world_or_refused_in_one_sentence(text):
    """No text whatever raises anything else."""
    assert refused(text).endswith((".", "?"))


@given(st.data())
def test_any_cut_or_changed_file_is_refused_or_read(data):
    """Neither does a damaged file."""
    at = data.draw(st.integers(0, len(EXAMPLE) - 1))
    length = data.draw(st.integers(0, 20))
    damaged = EXAMPLE[:at] + data.draw(st.text(max_size=3)) + EXAMPLE[at + length :]
    try:
        world = read_text(damaged)
    except WorldError:
        return
    assert read_text(write_text(world)) == world


# Files


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    """As Latin-1 of an old editor."""
    path = tmp_path / "latin.json"
    path.write_bytes(EXAMPLE.replace("pit", "puits glacé", 1).encode("latin-1"))
    with pytest.raises(WorldError, match=r"^Line 3: the file is not UTF-8 text\.$"):
        read_file(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    """More than 1 MiB."""
    path = tmp_path / "huge.json"
    path.write_bytes(b" " * (2**20 + 1))
    with pytest.raises(WorldError, match="larger than 1 MiB"):
        read_file(path)


def test_a_missing_file_is_the_systems_error(tmp_path):
    """The caller knows what to say."""
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none.json")


def test_what_is_written_is_laid_out_for_people():
    """A row of the map a line, a tile a line; the example comes out as it went in."""
    expected = EXAMPLE.replace(
        '"Ice and pit", "notes": "", "source": "",',
        '"Ice and pit",\n  "notes": "",\n  "source": "",',
    )
    assert write_text(read_text(EXAMPLE)) == expected


def test_writing_replaces_a_file_whole(tmp_path):
    """And leaves nothing else behind."""
    path = tmp_path / "maze.json"
    path.write_text("before", encoding="utf-8")
    write_file(read_text(EXAMPLE), path)
    assert read_file(path) == read_text(EXAMPLE)
    assert os.listdir(tmp_path) == ["maze.json"]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    """A full disk costs nothing, and the temporary file goes."""

    def full(_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "maze.json"
    path.write_text("before", encoding="utf-8")
    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_file(read_text(EXAMPLE), path)
    assert path.read_text(encoding="utf-8") == "before"
    assert os.listdir(tmp_path) == ["maze.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_writing_through_a_link_changes_the_file_it_points_at(tmp_path):
    """The link stays a link."""
    path, link = tmp_path / "maze.json", tmp_path / "link.json"
    path.write_text("before", encoding="utf-8")
    link.symlink_to(path)
    write_file(read_text(EXAMPLE), link)
    assert link.is_symlink()
    assert read_file(path) == read_text(EXAMPLE)


def test_a_world_too_large_to_be_read_again_is_not_written(tmp_path):
    """Notes of 1 MiB."""
    world = World((".",), notes="x" * 2**20)
    with pytest.raises(WorldError, match="larger than 1 MiB"):
        write_file(world, tmp_path / "maze.json")
    assert os.listdir(tmp_path) == []


# Every world

finite = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(0, 1)
positive = st.floats(0, allow_infinity=False)
words = st.text(max_size=20).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
symbols = st.characters(exclude_categories=["Cs"], exclude_characters=".#")


@st.composite
def tiles(draw) -> Tile:
    kind = draw(st.sampled_from(["wall", "terminal", "respawn", "floor", "exit"]))
    return Tile(
        name=draw(st.just("") | words.filter(str.isprintable)),
        wall=kind == "wall",
        terminal=kind == "terminal",
        respawn=kind == "respawn",
        start=draw(positive) if kind in ("floor", "exit") else 0.0,
        exit=draw(finite) if kind == "exit" else None,
        reward=draw(finite),
        slip=draw(st.none() | share),
        wind=draw(st.tuples(st.integers(-64, 64), st.integers(-64, 64))),
        reversed=draw(st.booleans()),
        reward_noise=draw(st.none() | positive),
    )


@st.composite
def worlds(draw) -> World:
    known = draw(st.dictionaries(symbols, tiles(), max_size=5))
    columns = draw(st.integers(1, 6))
    row = st.text(st.sampled_from([".", "#", *known]), min_size=columns, max_size=columns)
    board = draw(st.lists(row, max_size=5))
    board.append("." * columns)  # somewhere to stand, and for a teleport to lead to
    target = (len(board) - 1, draw(st.integers(0, columns - 1)))
    known |= draw(st.just({}) | st.builds(
        lambda symbol, reward: {symbol: Tile(teleport=Teleport(target, reward))},
        symbols.filter(lambda symbol: symbol not in known), finite,
    ))
    return World(
        tuple(board), known, draw(words), draw(words), draw(words),
        tuple(draw(st.lists(st.sampled_from(list(DIRECTIONS)), min_size=1, unique=True))),
        draw(finite), draw(finite), draw(share), draw(positive), draw(share),
        draw(st.none() | st.integers(1, 10_000)),
    )  # fmt: skip


@given(worlds())
@settings(max_examples=200)
def test_every_world_comes_back_from_its_file(world):
    """Reading what was written gives the same world, to the last bit of every number."""
    text = write_text(world)
    again = read_text(text)
    assert again == world
    assert write_text(again) == text


def test_common_letters_stay_readable():
    """Only what JSON must escape is escaped."""
    world = World((".",), name="Größe — 世界", notes=string.punctuation)
    assert "Größe — 世界" in write_text(world)
