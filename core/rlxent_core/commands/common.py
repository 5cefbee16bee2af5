"""What several commands share: finding a world, and a sentence instead of a traceback."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rlxent_core.located_json import quoted
from rlxent_core.nearest import did_you_mean
from rlxent_core.world import World, WorldError
from rlxent_core.world_file import read_text

SEEDS = 10**18


class CommandError(Exception):
    """One sentence about input that cannot be used; the exit status is 1."""


class UsageError(CommandError):
    """What was asked for makes no command; the exit status is 2."""


class Bundled(Protocol):
    """The worlds that come with the program: the core does not know where they lie."""

    def names(self) -> tuple[str, ...]: ...

    def text(self, name: str) -> str: ...


def load_world(name: str, bundled: Bundled) -> World:
    """The world in the file ``name``, or the one of that name that comes with the program.

    A file may also be a map that a person or another program wrote.

    Raises:
        CommandError: when there is neither such a file nor such a name, or it cannot be read, or
            what it says is no world; the sentence names the file.
    """
    if name in bundled.names() and not Path(name).is_file():
        return read_text(bundled.text(name))
    if not Path(name).exists():
        hint = did_you_mean(name, bundled.names())
        raise CommandError(
            f"There is no file “{name}” and no world of that name.{hint}"
            " “rlxent worlds” lists those that come with the program."
        )
    from rlxent_core.foreign import read_world  # the window's start does without

    try:
        return read_world(name)
    except WorldError as error:
        raise CommandError(f"{name}: {error}") from error
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror or error}.") from error


def whole_number(low: int) -> Callable[[str], int]:
    """A reader of whole numbers of at least ``low``, for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low:
            raise argparse.ArgumentTypeError(f"“{text}” is no whole number of at least {low}")
        return value

    return read


def seed_number(text: str) -> int:
    """A seed that a run's file can hold, for argparse."""
    try:
        value = int(text)
    except ValueError:
        value = SEEDS
    if abs(value) >= SEEDS:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is no seed: a whole number of at most 18 digits"
        )
    return value


def tell(sentence: str) -> None:
    """Say something beside the result."""
    print(f"rlxent: {sentence}", file=sys.stderr)


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of words in columns, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]


class Progress:
    """A bar on standard error where that is a terminal."""

    WIDTH = 40

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit = total, unit
        self.shown = sys.stderr.isatty()
        self.next = 0.0

    def show(self, done: int) -> None:
        if not self.shown or (time.monotonic() < self.next and done < self.total):
            return
        self.next = time.monotonic() + 0.1
        filled = self.WIDTH * done // self.total
        bar = "█" * filled + "░" * (self.WIDTH - filled)
        print(f"\r{bar} {done}/{self.total} {self.unit}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.shown:
            print(f"\r{' ' * (self.WIDTH + 40)}\r", end="", file=sys.stderr, flush=True)
