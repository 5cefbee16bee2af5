"""A piece of a board as text: the rows of its map, then what its letters mean.

::

    S..#
    .~A.
    ..aG

    "~": {"slip": 0.3}
    "A": {"teleport": {"to": [2, 2]}}
    "a": {}

Letters with their usual meaning (:data:`USUAL`) are explained only if another letter has to be.
Coordinates are those of the board the piece came from; a line ``"at": [2, 3]`` says where its
upper left cell lay there, where that is not [0, 0] and a teleport needs it.

What is written by hand is read generously: spaces for floor or between the cells, lines of any
length, indented or in quotation marks, one by one as in a world file or as a whole, or quoted by
an e-mail; also the whole text of a world file.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from rlxent_core import world_file
from rlxent_core.located_json import DuplicateKeyError, JSONError, parse, quoted
from rlxent_core.rectangle import Rectangle
from rlxent_core.tiles import FLOOR, MAX_SIDE, WALL, Cell, Tile, WorldError
from rlxent_core.world import World, free_symbol

USUAL: Mapping[str, Tile] = {
    "S": Tile(start=1.0),
    "G": Tile(terminal=True, reward=1.0),
    "P": Tile(terminal=True, reward=-1.0),
}
"""What a letter means where nothing else is said."""

QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»"}
UNSAFE = {*QUOTES, *QUOTES.values(), *"[](),;:{}\\"}
"""Characters that would be taken for something else than a cell."""
FENCE = re.compile(r"\s*(```\w*|[\[\]]|\"{3}|'{3}),?\s*")
TILE_LINE = re.compile(r'\s*"(?P<key>(?:[^"\\]|\\.)*)"\s*:\s*(?P<value>[\[{].*?),?\s*')
MAP_KEY = re.compile(r'\s*"map"\s*:')
MAX_LINES, MAX_LINE = 10_000, 400
"""Lines, and characters of one: more than any map needs, few enough to be looked at twice."""
EMPTY = "There is no map in the text: it has no characters that could be cells."


@dataclass(frozen=True)
class Piece:
    """A part of a board: rows of equal length, and what its symbols but ``.`` and ``#`` mean.

    ``at`` is where its upper left cell lay on the board that its teleports are told in.
    """

    rows: tuple[str, ...]
    tiles: Mapping[str, Tile] = field(default_factory=dict)
    at: Cell = (0, 0)

    @property
    def rectangle(self) -> Rectangle:
        """Where it lay."""
        return Rectangle(*self.at, len(self.rows), len(self.rows[0]))


def piece_of(world: World, rectangle: Rectangle | None = None) -> Piece:
    """A part of ``world``, or all of it."""
    part = rectangle or Rectangle(0, 0, world.rows, world.columns)
    right = part.left + part.columns
    rows = tuple(row[part.left : right] for row in world.map[part.top : part.top + part.rows])
    used = "".join(rows)
    return Piece(rows, {s: t for s, t in world.tiles.items() if s in used}, part.corner)


def map_to_text(world: World, rectangle: Rectangle | None = None) -> str:
    """A part of ``world``, or all of it, as text that :func:`read_map` understands.

    A symbol that would not survive in a text, such as a quotation mark, gives way to a letter.
    """
    piece = piece_of(world, rectangle)
    letters: dict[str, str] = {}
    for symbol, tile in piece.tiles.items():
        taken = {*piece.tiles, *letters.values(), *UNSAFE, *USUAL}
        letters[symbol] = symbol if _safe(symbol) else free_symbol(tile, taken)
    rows = ["".join(letters.get(symbol, symbol) for symbol in row) for row in piece.rows]
    tiles = {letters[symbol]: tile for symbol, tile in piece.tiles.items()}
    if all(USUAL.get(letter) == tile for letter, tile in tiles.items()):
        return "\n".join(rows) + "\n"
    lines = [f"{_json(letter)}: {world_file.tile_text(tile)}" for letter, tile in tiles.items()]
    if piece.at != (0, 0) and any(tile.teleport for tile in tiles.values()):
        lines.append(f'"at": {_json(piece.at)}')
    return "\n".join((*rows, "", *lines)) + "\n"


def read_map(text: str, known: Mapping[str, Tile] | None = None) -> Piece:
    """The piece that ``text`` shows.

    A letter means what a line of the text says, else what it means in ``known``, else what it
    usually means.  Lines that are shorter than the longest end in floor.

    Raises:
        WorldError: when the text is no map, or one larger than a board can be, or has a letter
            without a meaning; one sentence.
    """
    if len(text) > world_file.MAX_BYTES:
        raise WorldError("The text is larger than 1 MiB, and no map needs as much.")
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        return piece_of(world_file.read_text(text))
    told: dict[str, Tile] = {}
    at: Cell = (0, 0)
    lines: list[str] = []
    for line in _unquoted_mail(_short_lines(text)):
        match = TILE_LINE.fullmatch(line)
        if match is None or not any(map(str.strip, lines)):
            lines.append(line)
        elif match["key"] == "at":
            at = _at(match["value"])
        else:
            symbol, tile = _told_tile(line, match)
            if symbol in told:
                raise WorldError(f"The text says twice what {quoted(symbol)} means.")
            told[symbol] = tile
    rows = _rows(lines)
    return Piece(rows, _meanings(rows, {**USUAL, **(known or {}), **told}), at)


def _safe(symbol: str) -> bool:
    return symbol.isprintable() and not symbol.isspace() and symbol not in UNSAFE


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short_lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.splitlines()]
    if len(lines) > MAX_LINES:
        raise WorldError(f"The text has {len(lines):,} lines, and no map has as many.")
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            raise WorldError(
                f"Line {number} of the text has {len(line):,} characters: no line of a map is as"
                " long."
            )
    return lines


def _unquoted_mail(lines: list[str]) -> list[str]:
    """Without the "> " that an e-mail puts before every line it quotes."""
    filled = [line for line in lines if line.strip()]
    if filled and all(re.match(r"\s*>( |$)", line) for line in filled):
        return _unquoted_mail([re.sub(r"^\s*> ?", "", line) for line in lines])
    return lines


def _rows(lines: list[str]) -> tuple[str, ...]:
    """The cells of the map's lines, equally many in each."""
    lines = [line for line in lines if not FENCE.fullmatch(line)]
    lines = _unquoted(_trimmed(lines))
    lines = _trimmed(textwrap.dedent("\n".join(lines)).split("\n"))
    lines = [line.rstrip().replace("\t", " ") for line in lines]
    if not any(lines):
        raise WorldError(EMPTY)
    if len(lines) > 2 and not any(lines[1::2]):
        lines = lines[::2]  # double-spaced
    if any(len(line) > 1 for line in lines) and all(_is_spaced(line) for line in lines):
        lines = [line[::2] for line in lines]
    rows, columns = len(lines), max(map(len, lines))
    for count, what in ((rows, "rows"), (columns, "columns")):
        if count > MAX_SIDE:
            raise WorldError(
                f"The map in the text has {count} {what}, and {MAX_SIDE} are the most there can be."
            )
    return tuple(line.replace(" ", FLOOR).ljust(columns, FLOOR) for line in lines)


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines at the beginning and the end."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _is_spaced(line: str) -> bool:
    """Whether a space lies between all neighbouring cells of a line."""
    return len(line) % 2 == 1 and not line[1::2].strip() and all(c != " " for c in line[::2])


def _unquoted(lines: list[str]) -> list[str]:
    """Without the quotation marks around every line, or around all of them."""
    filled = [line for line in lines if line.strip()]
    bare = [_bare(line) for line in filled]
    if filled and all(_in_quotes(line) for line in bare):
        return [line[1:-1] for line in bare]
    whole = "\n".join(lines).strip()
    return whole[1:-1].split("\n") if _in_quotes(whole) else lines


def _bare(line: str) -> str:
    """Without what a list has around its lines."""
    key = MAP_KEY.match(line)
    line = line[key.end() :] if key else line
    return line.strip().lstrip("[(").rstrip(",;])").strip()


def _in_quotes(text: str) -> bool:
    return len(text) > 1 and QUOTES.get(text[0]) == text[-1]


def _at(text: str) -> Cell:
    match = re.fullmatch(r"\[\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\]", text)
    if match is None:
        raise WorldError("“at” must be the [row, column] where the piece lay.")
    return int(match[1]), int(match[2])


def _told_tile(line: str, match: re.Match[str]) -> tuple[str, Tile]:
    """The letter and its tile that a line of the text tells."""
    try:
        value, _ = parse(f'{{{line.strip().rstrip(",")}}}')
    except DuplicateKeyError as error:
        raise WorldError(
            f"Tile {quoted(match['key'])} has the key {quoted(str(error.path[-1]))} twice."
        ) from None
    except JSONError as error:
        raise WorldError(f"What tile {quoted(match['key'])} means: {_lower(str(error))}") from None
    assert isinstance(value, dict)
    ((symbol, described),) = value.items()
    return symbol, world_file.tile_from(symbol, described)


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _meanings(rows: tuple[str, ...], known: Mapping[str, Tile]) -> dict[str, Tile]:
    used = [symbol for symbol in dict.fromkeys("".join(rows)) if symbol not in (FLOOR, WALL)]
    unknown = [symbol for symbol in used if symbol not in known]
    if unknown:
        more = ", …" if len(unknown) > 5 else ""
        listed = ", ".join(letter if letter.isprintable() else quoted(letter) for letter in known)
        raise WorldError(
            f"Nothing says what {', '.join(map(quoted, unknown[:5]))}{more} means: “#” is wall, “.”"
            f" and spaces are floor, and known are {listed}."
        )
    return {symbol: known[symbol] for symbol in used}
