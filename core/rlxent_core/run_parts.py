"""The parts of a run file, read with nothing believed: each is what it must be or told by name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxent_core.bounded_file import read_bounded
from rlxent_core.located_json import quoted, shown
from rlxent_core.world_rules import hint

MAX_BYTES = 2**25
"""32 MiB: over a million points of curves, and still read in a second or two."""
MAX_PARTS = 2**20
"""Lists and objects: each takes a hundred bytes of memory, however few the file spends on it."""
MAX_AXES = 4

Floats = NDArray[np.float64]


class RunFileError(ValueError):
    """One sentence about what is wrong with a run or policy file."""


def read_object(path: str | Path) -> dict[str, Any]:
    """The JSON object in the file.

    Raises:
        RunFileError: when it cannot be read, is too large, or holds something else.
    """
    try:
        content = read_bounded(path, MAX_BYTES)
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return object_of(content, path)


def object_of(content: bytes, path: str | Path) -> dict[str, Any]:
    """The JSON object that the text is, which was read from the file.

    Raises:
        RunFileError: when it is too large, or something else.
    """
    try:
        if len(content) > MAX_BYTES:
            raise RunFileError(f"{path} is larger than 32 MiB, the most that a run can be.")
        if content.count(b"[") + content.count(b"{") > MAX_PARTS:
            raise RunFileError(f"{path} has more than a million lists, and no run has as many.")
        value = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_pairs, parse_constant=_not_finite
        )
    except UnicodeDecodeError:
        raise RunFileError(f"{path} is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise RunFileError(f"{path} is no JSON: line {error.lineno}: {error.msg}.") from None
    except _PartError as error:
        raise RunFileError(f"{path} is no run: {error}") from None
    except RecursionError:
        raise RunFileError(f"{path} is nested too deeply.") from None
    except RunFileError:
        raise
    except ValueError:  # what Python says of a number of thousands of digits
        raise RunFileError(f"{path} holds a number that is not finite.") from None
    if not isinstance(value, dict):
        raise RunFileError(f"{path} must hold a JSON object.")
    return value


class _PartError(Exception):
    """The end of a sentence about the text of a file."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _PartError(f"it has the key {quoted(key)} twice in one object.")
        result[key] = value
    return result


def _not_finite(word: str) -> float:
    raise _PartError(f"it holds {word}, and all numbers must be finite.")


class Part:
    """A value somewhere in a run file; ``what`` names it in a sentence.

    Its readers raise :class:`RunFileError` when the value is not what they are named after.
    """

    def __init__(self, value: Any, what: str, path: str | Path) -> None:
        self.value, self.what, self.path = value, what, path

    def wrong(self, wanted: str) -> RunFileError:
        kind = "a list" if isinstance(self.value, list) else shown(self.value)
        return RunFileError(f"{self.what} in {self.path} must be {wanted}, not {kind}.")

    def get(self, key: str) -> Part:
        """The value of a key that has to be there."""
        if key not in self.object():
            raise RunFileError(f"{self.path} is no whole run: “{key}” is missing.")
        return Part(self.value[key], f"“{key}”", self.path)

    def only(self, known: Iterable[str], kind: str) -> dict[str, Any]:
        """An object with no keys but ``known`` ones."""
        known = list(known)
        for key in self.object():
            if key not in known:
                raise RunFileError(
                    f"{self.path} has an unknown {kind} {quoted(key)}{hint(key, known)}"
                )
        return self.object()

    def object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object {…}")
        return self.value

    def list(self) -> list[Any]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str) or len(self.value) > 100 or not self.value.isprintable():
            raise self.wrong("a short text")
        return self.value

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        if type(self.value) is not int or not low <= self.value <= high:
            bounds = f" from {low:,} to {high:,}" if high < 10**19 else ""
            raise self.wrong(f"a whole number{bounds}")
        return self.value

    def array(self, axes: int | None = None, wanted: str = "") -> Floats:
        """Finite numbers in lists of equal lengths, nested ``axes`` deep or up to four.

        ``wanted`` says in the sentence what they should have been.
        """
        wrong = self.wrong(wanted or ("a list of numbers" if axes == 1 else "lists of numbers"))
        numbers = self.value
        depth = 1
        while isinstance(numbers, list) and numbers and isinstance(numbers[0], list):
            depth += 1
            if depth > MAX_AXES or not all(isinstance(row, list) for row in numbers):
                raise wrong
            numbers = list(chain.from_iterable(numbers))
        if not isinstance(numbers, list) or not {*map(type, numbers)} <= {int, float}:
            raise wrong
        if axes is not None and depth != axes:
            raise wrong
        try:
            result = np.array(self.value, dtype=float)
        except OverflowError:
            result = np.array([np.inf])
        except ValueError:
            raise self.wrong(wanted or "lists of numbers, all equally long") from None
        if not np.isfinite(result).all():
            raise RunFileError(f"{self.what} in {self.path} must be finite numbers.")
        return result
