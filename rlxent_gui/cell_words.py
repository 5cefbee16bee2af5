"""What cells and tiles are called in sentences.  Pure Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from rlxent_core.world import Cell, Tile

ARROWS: Mapping[str, str] = MappingProxyType(
    {
        "up": "↑",
        "right": "→",
        "down": "↓",
        "left": "←",
        "up-right": "↗",
        "down-right": "↘",
        "down-left": "↙",
        "up-left": "↖",
        "stay": "•",
    }
)
_WIND = {
    (-1, 0): "↑", (0, 1): "→", (1, 0): "↓", (0, -1): "←",
    (-1, 1): "↗", (1, 1): "↘", (1, -1): "↙", (-1, -1): "↖",
}


def column_name(column: int) -> str:
    """A, B, … Z, AA, AB, … as in a spreadsheet."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def cell_name(cell: Cell) -> str:
    """A cell as the board's margins name it: (4, 6) is "G5"."""
    return f"{column_name(cell[1])}{cell[0] + 1}"


def number(value: float, *, signed: bool = False) -> str:
    """A short number with a true minus: 0.3, −1, +1."""
    text = f"{abs(value):.6g}"
    if value < 0:
        return "\N{MINUS SIGN}" + text
    return f"+{text}" if signed and value > 0 else text


def tile_words(tile: Tile) -> str:
    """What a cell does, e.g. "start · slip 0.3"; empty for plain floor."""
    words = [tile.name] if tile.name else []
    if tile.wall:
        words.append("wall")
    if tile.start:
        words.append("start" if tile.start == 1 else f"start, weight {number(tile.start)}")
    if tile.terminal:
        words.append("goal" if tile.reward > 0 else "pit" if tile.reward < 0 else "end")
    if tile.exit is not None:
        words.append(f"exit {number(tile.exit, signed=True)}")
    if tile.respawn:
        words.append("back to start")
    if tile.reward:
        words.append(number(tile.reward, signed=True))
    if tile.teleport is not None:
        pays = f", {number(tile.teleport.reward, signed=True)}" if tile.teleport.reward else ""
        words.append(f"teleport to {cell_name(tile.teleport.to)}{pays}")
    if tile.slip is not None:
        words.append(f"slip {number(tile.slip)}")
    if tile.wind != (0, 0):
        words.append(wind_words(tile.wind))
    if tile.reversed:
        words.append("reversed")
    if tile.reward_noise is not None:
        words.append(f"reward noise {number(tile.reward_noise)}")
    return " · ".join(words)


def wind_words(wind: Cell) -> str:
    """ "wind ↑", "wind ↑ 2", or "wind ↑ 1 → 3" where the two parts differ."""
    strength = max(abs(wind[0]), abs(wind[1]))
    step = (wind[0] // strength, wind[1] // strength) if strength else (0, 0)
    if step in _WIND and wind == (step[0] * strength, step[1] * strength):
        return f"wind {_WIND[step]}" + (f" {strength}" if strength > 1 else "")
    rows = f"{'↑' if wind[0] < 0 else '↓'} {abs(wind[0])}"
    columns = f"{'←' if wind[1] < 0 else '→'} {abs(wind[1])}"
    return f"wind {rows} {columns}"


def read_cell_name(text: str) -> Cell | None:
    """The cell that was typed as the margins name it, "g5" or "G5"; None if it is no such name."""
    found = re.fullmatch(r"([A-Za-z]{1,2})([1-9]\d?)", text.strip())
    if found is None:
        return None
    column = 0
    for letter in found[1].upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return (int(found[2]) - 1, column - 1)
