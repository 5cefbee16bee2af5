"""A piece of a board as text: what is written is read again, and so is what people type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlxent_core.map_text import USUAL, map_to_text, piece_of, read_map
from rlxent_core.rectangle import Rectangle
from rlxent_core.tiles import Teleport, Tile, WorldError
from rlxent_core.world import World
from rlxent_core.world_file import write_text
from tests.core.world_maker import worlds

ICE = Tile(slip=0.3)
PLAIN = ("S.#", "..G")
WORLD = World(
    ("S..#", ".~A.", "..aG"),
    {**{s: USUAL[s] for s in "SG"}, "~": ICE, "A": Tile(teleport=Teleport((2, 2))), "a": Tile()},
)


def meaning(piece):
    """What every cell of a piece is, whatever its letter."""
    known = {".": Tile(), "#": Tile(wall=True), **piece.tiles}
    return [[known[symbol] for symbol in row] for row in piece.rows]


@settings(max_examples=300)
@given(worlds(), st.data())
def test_what_is_written_is_read_again(world, data):
    """Whatever letters the world uses, and whatever they mean where the text is read."""
    cell = st.tuples(st.integers(0, world.rows - 1), st.integers(0, world.columns - 1))
    part = Rectangle.between(data.draw(cell), data.draw(cell))
    elsewhere = data.draw(worlds()).tiles
    text = map_to_text(world, part)
    known = elsewhere if '"' in text else {}
    piece = read_map(text, known)
    assert meaning(piece) == meaning(piece_of(world, part))
    if any(tile.teleport for tile in piece.tiles.values()):
        assert piece.at == part.corner


def test_usual_letters_need_no_explanation():
    """A plain map is nothing but its rows."""
    world = World(PLAIN, {s: USUAL[s] for s in "SG"})
    assert map_to_text(world) == "S.#\n..G\n"


def test_other_letters_are_explained_as_in_a_file():
    """A line a tile, and where the piece lay, since a teleport tells its target."""
    assert map_to_text(WORLD, Rectangle(1, 1, 2, 2)) == (
        '~A\n.a\n\n"~": {"slip": 0.3}\n"A": {"teleport": {"to": [2, 2]}}\n"a": {}\n"at": [1, 1]\n'
    )


def test_an_unusual_s_is_explained():
    """A start of weight 3 does not become a usual one."""
    world = World(("S.",), {"S": Tile(start=3)})
    assert read_map(map_to_text(world)).tiles == {"S": Tile(start=3)}


@pytest.mark.parametrize("text", [
    "S.#\n..G",
    "S.#\r\n..G\r\n",
    "\ufeffS.#\n..G\n\n",
    "S #\n  G",
    "S.#   \n..G",
    "\n\n    S.#\n    ..G\n",
    "\tS.#\n\t..G",
    "S . #\n. . G",
    "S\t.\t#\n.\t.\tG",
    "S.#\n\n..G\n\n",
    '"S.#\n..G"',
    "“S.#\n..G”",
    "'S.#'\n'..G'",
    '["S.#",\n "..G"]',
    '"map": ["S.#",\n        "..G"],',
    "[\n  'S.#',\n  '..G',\n]",
    "```\nS.#\n..G\n```",
    "```text\nS.#\n..G\n```",
    "> S.#\n> ..G",
    "> > S.#\n> > ..G\n",
    write_text(World(PLAIN, {s: USUAL[s] for s in "SG"})),
], ids=repr)
def test_maps_from_anywhere(text):
    """A map typed in an editor, cut from a program or a file, or quoted by an e-mail."""
    piece = read_map(text)
    assert piece.rows == PLAIN
    assert piece.tiles == {s: USUAL[s] for s in "SG"}


def test_lines_may_be_ragged():
    """Shorter lines end in floor."""
    assert read_map("####\n#\n#  G").rows == ("####", "#...", "#..G")


def test_a_room_drawn_with_spaces():
    """Spaces between walls are floor, not gaps between cells."""
    assert read_map("#####\n# # #\n#####").rows == ("#####", "#.#.#", "#####")


def test_letters_mean_what_they_mean_in_the_world():
    """What the text says comes first, then the world, then habit."""
    known = {"G": Tile(terminal=True, reward=5), "m": ICE}
    assert read_map("Gm", known).tiles == known
    told = read_map('GS\n"G": {"terminal": true, "reward": 2}', known)
    assert told.tiles == {"G": Tile(terminal=True, reward=2), "S": USUAL["S"]}


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "no map"),
    ("  \n \t\n", "no map"),
    ("```\n```", "no map"),
    ("S.Q\n..Z", "Nothing says what “Q”, “Z” means"),
    ("Dear colleague,\nhere it is", "Nothing says what"),
    ("." * 65, "65 columns"),
    ("." * 2_000_000, "1 MiB"),
    (".\n" * 65, "65 rows"),
    ('m\n"m": {"slp": 1}', "did you mean “slip”"),
    ('m\n"m": {"slip": 2}', "between 0 and 1"),
    ('m\n"m": {"slip": NaN}', "not finite"),
    ('m\n"m": {"slip": }', "value was expected"),
    ('m\n"m": {"slip": 1, "slip": 0}', "twice"),
    ('m\n"m": {}\n"m": {}', "twice"),
    ('m\n"mm": {}', "exactly one"),
    ('m\n"#": {}', "cannot be redefined"),
    ('m\n"m": {}\n"at": [1]', "“at”"),
    ('{"format": "rlxent-world"', "Line|expected|JSON"),
    ("\ud800", "Nothing says"),
    ("Q\n\"\\ufeff\": {}", r"known are .*“\\ufeff”\."),
], ids=repr)
def test_what_is_no_map_is_told_in_a_sentence(text, sentence):
    """One sentence, whatever is wrong."""
    with pytest.raises(WorldError, match=sentence) as caught:
        read_map(text)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_any_text_is_a_map_or_a_sentence(text):
    """Nothing else comes out of reading."""
    try:
        piece = read_map(text)
    except WorldError:
        return
    assert len({len(row) for row in piece.rows}) == 1
