"""``rlxent worlds``: the worlds that come with the program."""

from __future__ import annotations

import argparse

from rlxent_core.commands.common import Bundled, CommandError
from rlxent_core.nearest import did_you_mean
from rlxent_core.world_file import read_text


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``worlds`` to the commands."""
    parser = subparsers.add_parser(
        "worlds",
        help="the worlds that come with rlxent",
        description="List the worlds that come with rlxent, a line each: name, size, title and"
        " source. With NAME, print the text of that world’s file, to save and to change.",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="print this world’s file")


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Print the list, or one world’s text."""
    if args.name is None:
        print("\n".join(listing(bundled)))
        return 0
    if args.name not in bundled.names():
        hint = did_you_mean(args.name, bundled.names())
        raise CommandError(
            f"No world “{args.name}” comes with rlxent.{hint} “rlxent worlds” lists those that do."
        )
    print(bundled.text(args.name), end="")
    return 0


def listing(bundled: Bundled) -> list[str]:
    """A line a world, in columns."""
    rows = []
    for name in bundled.names():
        world = read_text(bundled.text(name))
        rows.append((name, f"{world.rows}×{world.columns}", world.name, world.source))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
