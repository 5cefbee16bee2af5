"""rlxent without a window: worlds, solve, train, variance and import.

Exit status: 0 fine, 1 the input was bad (one sentence on standard error), 2 usage, 130 stopped.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from rlxent_core.commands import importing, solve, train, variance, worlds
from rlxent_core.commands.common import Bundled, CommandError, UsageError, tell
from rlxent_core.run_file import RunFileError
from rlxent_core.settings import SettingsError
from rlxent_core.world import WorldError


class Command(Protocol):
    """A module that is a command."""

    def add_parser(
        self, subparsers: argparse._SubParsersAction[argparse.ArgumentParser]
    ) -> None: ...
    def run(self, args: argparse.Namespace, bundled: Bundled) -> int: ...


MODULES: Mapping[str, Command] = {
    "worlds": worlds, "solve": solve, "train": train, "variance": variance, "import": importing,
}  # fmt: skip
COMMANDS = tuple(MODULES)


def build_parser(more: Mapping[str, Command] | None = None) -> argparse.ArgumentParser:
    """The parser of every command, and of ``more``; without one, the window opens."""
    parser = argparse.ArgumentParser(
        prog="rlxent",
        description="Draw a gridworld, press Play, and watch REINFORCE learn.",
        epilog="“rlxent [WORLD]” opens the window on a world; the commands need no screen. "
        "WORLD is a file (a text map too) or the name of a world that comes with the program. "
        "“rlxent COMMAND --help” says more.",
    )
    subparsers = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for module in (*MODULES.values(), *(more or {}).values()):
        module.add_parser(subparsers)
    return parser


def main(
    argv: Sequence[str], bundled: Bundled, more: Mapping[str, Command] | None = None
) -> int:
    """Carry out the command that ``argv`` (without the program's name) asks for.

    ``more`` commands are known to the caller alone.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # "?" for − and → where a terminal has neither
    try:
        args = build_parser(more).parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told as null
            status: int = {**MODULES, **(more or {})}[args.command].run(args, bundled)
        sys.stdout.flush()
        return status
    except (CommandError, WorldError, SettingsError, RunFileError) as error:
        tell(str(error))
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the answer has heard enough; Python's own flush at the end must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
