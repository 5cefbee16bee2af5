"""JSON that remembers on which line everything stood, for error messages that point there."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

Path = tuple[str | int, ...]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MAX_DEPTH = 20
MAX_DIGITS = 400
"""No finite number of a file needs as many."""

BROKEN_TEXT = {
    "Unterminated": "a text has no closing quotation mark",
    "Invalid control": "a text holds a line break or another control character",
    "Invalid \\": "a text holds an unknown escape: \\ itself is written \\\\",
}
"""What can be wrong with a text, by how the standard library's message begins."""


class JSONError(ValueError):
    """One sentence about text that is no JSON, and the line it is about."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.line = line


class DuplicateKeyError(JSONError):
    """An object has a key twice; ``path`` leads to the second."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"The key {quoted(str(path[-1]))} occurs twice.", line)
        self.path = path


def parse(text: str) -> tuple[Json, dict[Path, int]]:
    """The value that ``text`` is, and the line (from 1) of every key and element in it.

    Raises:
        JSONError: when the text is no JSON, or holds a key twice, NaN, Infinity or a number that
            is not finite.
    """
    return _Parser(text).parse()


class _Parser:
    SPACE = re.compile(r"[ \t\r\n]*")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.scalar = json.JSONDecoder(
            parse_int=self._int, parse_float=self._float, parse_constant=self._not_finite
        )

    def parse(self) -> tuple[Json, dict[Path, int]]:
        self._skip()
        value = self._value(())
        if self.at < len(self.text):
            self._fail(f"the end was expected, and there is {self._here()}")
        return value, self.lines

    def _value(self, path: Path) -> Json:
        """The value here, and the space after it."""
        self.lines.setdefault(path, self.line)
        if len(path) > MAX_DEPTH:
            raise JSONError(f"Nothing may be nested more than {MAX_DEPTH} deep.", self.line)
        if self.text.startswith("{", self.at):
            return self._object(path)
        if self.text.startswith("[", self.at):
            return self._list(path)
        return self._scalar()

    def _scalar(self) -> Json:
        try:
            value, end = self.scalar.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self._fail(next(
                (words for begin, words in BROKEN_TEXT.items() if error.msg.startswith(begin)),
                f"a value was expected, and there is {self._here()}",
            ))
        if isinstance(value, str) and not writable(value):
            raise JSONError("A text holds half a character (an unpaired surrogate).", self.line)
        self._skip(end)
        return value  # type: ignore[no-any-return]

    def _object(self, path: Path) -> dict[str, Json]:
        result: dict[str, Json] = {}
        self._skip(self.at + 1)
        while not self._take("}"):
            if result:
                self._expect(",", "}")
            if not self.text.startswith('"', self.at):
                self._fail(f"a key in quotation marks was expected, and there is {self._here()}")
            line = self.line
            key = str(self._scalar())
            if key in result:
                raise DuplicateKeyError((*path, key), line)
            self.lines[(*path, key)] = line
            self._expect(":")
            result[key] = self._value((*path, key))
        return result

    def _list(self, path: Path) -> list[Json]:
        result: list[Json] = []
        self._skip(self.at + 1)
        while not self._take("]"):
            if result:
                self._expect(",", "]")
            result.append(self._value((*path, len(result))))
        return result

    def _take(self, symbol: str) -> bool:
        there = self.text.startswith(symbol, self.at)
        if there:
            self._skip(self.at + 1)
        return there

    def _expect(self, *symbols: str) -> None:
        if not self._take(symbols[0]):
            wanted = " or ".join(f"“{symbol}”" for symbol in symbols)
            self._fail(f"{wanted} was expected, and there is {self._here()}")

    def _skip(self, to: int | None = None) -> None:
        match = self.SPACE.match(self.text, self.at if to is None else to)
        assert match is not None
        self.line += self.text.count("\n", self.at, match.end())
        self.at = match.end()

    def _here(self) -> str:
        return quoted(self.text[self.at]) if self.at < len(self.text) else "nothing more"

    def _fail(self, sentence: str) -> NoReturn:
        raise JSONError(f"The text is no JSON: {sentence}.", self.line)

    def _int(self, digits: str) -> int:
        return int(digits) if len(digits) < MAX_DIGITS else int(self._not_finite(digits))

    def _float(self, digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else self._not_finite(digits)

    def _not_finite(self, digits: str) -> float:
        raise JSONError(f"The number {quoted(digits)} is not finite.", self.line)


def writable(text: str) -> bool:
    """Whether UTF-8 can hold the text; half of a surrogate pair it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def quoted(text: str) -> str:
    """The text in quotation marks, short and on one line, as a sentence can hold it."""
    if not text.isprintable():
        text = ascii(text)[1:-1]
    return f"“{text}”" if len(text) <= 40 else f"“{text[:39]}…”"


def shown(value: object) -> str:
    """A value as a sentence can show it: short and on one line."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "an object"
    text = ""
    for part in json.JSONEncoder().iterencode(value):  # of a long list the beginning is enough
        text += part
        if len(text) > 40:
            return f"{text[:39]}…"
    return text
