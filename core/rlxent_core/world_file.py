"""The world file: a small JSON text that a person can write, read and diff.

Reading either gives a whole world or raises :class:`WorldError` with one sentence that says where
and what; nothing is guessed and nothing is cut off.
"""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import Any

from rlxent_core.atomic_file import write_whole
from rlxent_core.bounded_file import read_bounded
from rlxent_core.located_json import DuplicateKeyError, JSONError, Path, parse, quoted, shown
from rlxent_core.tiles import TILE_KEYS, Cell, Teleport, Tile, WorldError
from rlxent_core.world import World
from rlxent_core.world_rules import check_tile, hint

FORMAT, VERSION = "rlxent-world", 1
MAX_BYTES = 2**20
NUMBERS = ("step_reward", "bump_reward", "slip", "reward_noise", "discount")
TEXTS = ("name", "notes", "source")
WORLD_KEYS = (
    "format", "version", *TEXTS, "map", "tiles", "moves", *NUMBERS, "max_steps",
)  # fmt: skip
TILE_FLAGS = ("wall", "terminal", "respawn", "reversed")
TILE_NUMBERS = ("start", "reward", "exit", "slip", "reward_noise")
TOO_LARGE = "The file is larger than 1 MiB, and no world needs as much."


def read_file(path: str | FilePath) -> World:
    """The world in the file.

    Raises:
        WorldError: when its text is no world.
        OSError: when it cannot be read.
    """
    return read_text(file_text(path))


def file_text(path: str | FilePath) -> str:
    """The text of a file that may hold a world or a map.

    Raises:
        WorldError: when it is too large for one, or no text.
        OSError: when it cannot be read.
    """
    return text_of(read_bounded(path, MAX_BYTES))


def text_of(content: bytes) -> str:
    """The text of what was read, of which more than :data:`MAX_BYTES` is too much.

    Raises:
        WorldError: when it is too large, or no text.
    """
    if len(content) > MAX_BYTES:
        raise WorldError(TOO_LARGE)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorldError(f"Line {line}: the file is not UTF-8 text.") from None


def read_text(text: str) -> World:
    """The world that ``text`` describes.

    Raises:
        WorldError: when it breaks a rule of the format; the sentence begins with the line, where
            one is known and there are several.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise WorldError(TOO_LARGE)
    several = "\n" in text.strip()
    try:
        value, lines = parse(text.removeprefix("\ufeff"))
    except DuplicateKeyError as error:
        key = f"{_owner(error.path[:-1])} has the key {quoted(str(error.path[-1]))} twice."
        raise WorldError(_on_line(key, error.line if several else None), error.path) from None
    except JSONError as error:
        raise WorldError(_on_line(str(error), error.line if several else None)) from None
    try:
        return _world(value)
    except WorldError as error:
        line = next((lines[p] for p in _upwards(error.path) if p in lines), None)
        sentence = _on_line(str(error), line if several and error.path else None)
        raise WorldError(sentence, error.path) from None


def write_text(world: World) -> str:
    """The file's text: a row of the map a line, a tile a line.

    Raises:
        WorldError: when it would be too large to be read again.
    """
    between = ",\n" + " " * 10
    tiles = ",\n".join(f"    {_json(s)}: {_json(_tile_object(t))}" for s, t in world.tiles.items())
    parts = [
        f'"format": {_json(FORMAT)}, "version": {VERSION}',
        *(f'"{key}": {_json(getattr(world, key))}' for key in TEXTS),
        f'"map": [{between.join(map(_json, world.map))}]',
        f'"tiles": {{\n{tiles}\n  }}' if tiles else '"tiles": {}',
        f'"moves": {_json(list(world.moves))}',
        ", ".join(f'"{key}": {_json(getattr(world, key))}' for key in NUMBERS[:4]),
        f'"discount": {_json(world.discount)}, "max_steps": {_json(world.max_steps)}',
    ]
    text = "{\n  " + ",\n  ".join(parts) + "\n}\n"
    if len(text.encode()) > MAX_BYTES:
        raise WorldError("The world’s file would be larger than 1 MiB.")
    return text


def write_file(world: World, path: str | FilePath) -> None:
    """Write the world to the file, whole or not at all.

    Raises:
        WorldError: when it is too large to be read again.
        OSError: when it cannot be written.
    """
    write_whole(path, write_text(world))


def tile_text(tile: Tile) -> str:
    """The tile as the file writes it, e.g. ``{"slip": 0.3}``."""
    return _json(_tile_object(tile))


def tile_from(symbol: str, value: object) -> Tile:
    """The tile that a value of the file's ``tiles`` describes; ``symbol`` is its key.

    Raises:
        WorldError: when it breaks a rule that does not depend on the rest of the world.
    """
    tile = _tile(value, ("tiles", symbol))
    check_tile(symbol, tile)
    return tile


def _tile_object(tile: Tile) -> dict[str, object]:
    default = Tile()
    result = {
        key: getattr(tile, key) for key in TILE_KEYS if getattr(tile, key) != getattr(default, key)
    }
    if tile.teleport is not None:
        result["teleport"] = {"to": tile.teleport.to}
        if tile.teleport.reward:
            result["teleport"]["reward"] = tile.teleport.reward
    return result


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """The value with 1 for 1.0, as a person writes it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _on_line(sentence: str, line: int | None) -> str:
    return sentence if line is None else f"Line {line}: {sentence[0].lower()}{sentence[1:]}"


def _upwards(path: Path) -> list[Path]:
    return [path[:n] for n in range(len(path), -1, -1)]


def _owner(path: Path) -> str:
    """The object at ``path`` in words, as the beginning of a sentence."""
    match path:
        case ():
            return "The world"
        case ("tiles", str(symbol)):
            return f"Tile {quoted(symbol)}"
        case ("tiles", str(symbol), "teleport"):
            return f"The teleport of tile {quoted(symbol)}"
    return quoted(str(path[-1]))


def _what(path: Path) -> str:
    """The value at ``path`` in words."""
    if len(path) > 1 and isinstance(path[-1], str):
        owner = _owner(path[:-1])
        return f"“{path[-1]}” of {owner[0].lower()}{owner[1:]}"
    return f"“{path[0]}”" if path else "The file"


def _world(value: object) -> World:
    given = _object(value, (), WORLD_KEYS)
    for key, wanted in (("format", FORMAT), ("version", VERSION)):
        if key not in given:
            raise WorldError(
                f"“{key}” is missing: a world file begins with"
                f' "format": "{FORMAT}", "version": {VERSION}.'
            )
        if type(given[key]) is not type(wanted) or given[key] != wanted:
            raise WorldError(f"“{key}” must be {shown(wanted)}, not {shown(given[key])}.", (key,))
    if "map" not in given:
        raise WorldError("“map” is missing: a list of rows, such as [\"S..G\"].")
    fields: dict[str, Any] = {"map": _texts(given.pop("map"), ("map",))}
    for key in ("name", "notes", "source"):
        if key in given:
            fields[key] = _text(given[key], (key,))
    for key in NUMBERS:
        if key in given:
            fields[key] = _number(given[key], (key,))
    if "moves" in given:
        fields["moves"] = _texts(given["moves"], ("moves",))
    if given.get("max_steps", 0) is None:
        fields["max_steps"] = None
    elif "max_steps" in given:
        fields["max_steps"] = _whole(given["max_steps"], ("max_steps",), " or null")
    tiles = given.get("tiles", {})
    if not isinstance(tiles, dict):
        raise _wrong(tiles, ("tiles",), "an object of tiles")
    fields["tiles"] = {s: _tile(tile, ("tiles", s)) for s, tile in tiles.items()}
    return World(**fields)


def _tile(value: object, path: Path) -> Tile:
    given = _object(value, path, TILE_KEYS)
    fields: dict[str, Any] = {}
    for key, found in given.items():
        here = (*path, key)
        if key == "name":
            fields[key] = _text(found, here)
        elif key in TILE_FLAGS:
            if not isinstance(found, bool):
                raise _wrong(found, here, "true or false")
            fields[key] = found
        elif key in TILE_NUMBERS:
            fields[key] = _number(found, here)
        elif key == "wind":
            fields[key] = _pair(found, here)
        else:
            fields[key] = _teleport(found, here)
    return Tile(**fields)


def _teleport(value: object, path: Path) -> Teleport:
    given = _object(value, path, ("to", "reward"))
    if "to" not in given:
        raise WorldError(f"{_owner(path)} has no “to”: the [row, column] it leads to.", path)
    reward = _number(given.get("reward", 0), (*path, "reward"))
    return Teleport(_pair(given["to"], (*path, "to")), reward)


def _object(value: object, path: Path, known: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict):
        owner = _owner(path)
        raise WorldError(f"{owner} must be an object {{…}}, not {shown(value)}.", path)
    for key in value:
        if key not in known:
            raise WorldError(
                f"{_owner(path)} has an unknown key {quoted(key)}{hint(key, known)}", (*path, key)
            )
    return dict(value)


def _texts(value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(value, path, "a list of texts")
    return tuple(_text(item, (*path, i)) for i, item in enumerate(value))


def _text(value: object, path: Path) -> str:
    if not isinstance(value, str):
        if isinstance(path[-1], int):
            raise WorldError(f"{_what(path)} must be a list of texts: element {path[-1]} (counted"
                             f" from 0) is {shown(value)}.", path)
        raise _wrong(value, path, "a text")
    return value


def _number(value: object, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(value, path, "a number")
    try:
        return float(value)
    except OverflowError:
        raise WorldError(f"{_what(path)} must be a finite number.", path) from None


def _whole(value: object, path: Path, more: str = "") -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _wrong(value, path, f"a whole number{more}")
    return int(value)


def _pair(value: object, path: Path) -> Cell:
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong(value, path, "two whole numbers, [rows, columns]")
    for item in value:
        if isinstance(item, bool) or not isinstance(item, int | float) or item != int(item):
            raise _wrong(value, path, "two whole numbers, [rows, columns]")
    return int(value[0]), int(value[1])


def _wrong(value: object, path: Path, wanted: str) -> WorldError:
    return WorldError(f"{_what(path)} must be {wanted}, not {shown(value)}.", path)
