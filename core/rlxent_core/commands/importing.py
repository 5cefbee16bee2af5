"""``rlxent import``: maps that others wrote, as world files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rlxent_core import foreign
from rlxent_core.berkeley import world_from_berkeley
from rlxent_core.commands.common import Bundled, CommandError, UsageError
from rlxent_core.gymnasium_maps import (
    FROZEN_LAKES,
    world_from_cliff_walking,
    world_from_frozen_lake,
)
from rlxent_core.world import World, WorldError
from rlxent_core.world_file import MAX_BYTES, file_text, text_of, write_text

FORMATS = ("frozenlake", "cliffwalking", "text", "berkeley")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``import`` to the commands."""
    parser = subparsers.add_parser(
        "import",
        help="a map from elsewhere, as a world file on standard output",
        description="Write a map from elsewhere as a world file to standard output. FILE is a"
        " plain text map (# wall, . or space floor, S start, G goal, P H O pit; short lines end in"
        " floor), a FrozenLake description (S F H G), or one of Berkeley’s grids (a list of lists"
        " of ' ', '#', 'S' and numbers, which are exits). What FILE is, is seen from its text"
        " unless --format says so. “-” reads standard input.",
        epilog="rlxent import 8x8 --format frozenlake --not-slippery > lake.json",
    )
    parser.add_argument(
        "file", metavar="FILE", nargs="?",
        help="a file; for frozenlake also 4x4 or 8x8; none for cliffwalking",
    )
    parser.add_argument("--format", choices=FORMATS, help="what FILE is (default: seen from it)")
    slippery = parser.add_mutually_exclusive_group()
    slippery.add_argument(
        "--slippery", action="store_true", default=None,
        help="moves slip to either side (frozenlake: the default; cliffwalking: not)",
    )
    slippery.add_argument(
        "--not-slippery", action="store_false", dest="slippery", help="moves go where they say"
    )
    parser.add_argument(
        "--success-rate", type=float, metavar="P",
        help="frozenlake: chance that a move on slippery ice goes its way (default 1/3)",
    )
    parser.add_argument(
        "--living-reward", type=float, metavar="R",
        help="berkeley: what every move is paid (default 0)",
    )
    parser.add_argument(
        "--noise", type=float, metavar="P",
        help="berkeley: chance that a move goes to one of its sides (default 0.2)",
    )
    parser.add_argument("--discount", type=float, metavar="G", help="discount of the world")


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Print the world's file."""
    try:
        world = _world(args)
        if args.discount is not None:
            world = world.with_fields(discount=args.discount)
    except WorldError as error:
        raise CommandError(f"{args.file}: {error}" if args.file else str(error)) from error
    print(write_text(world), end="")
    return 0


def _world(args: argparse.Namespace) -> World:
    if args.format == "cliffwalking":
        _only_for(args, "cliffwalking", "slippery")
        if args.file is not None:
            raise UsageError("CliffWalking has one map: no FILE is needed.")
        return world_from_cliff_walking(bool(args.slippery))
    if args.file is None:
        raise UsageError("FILE is missing: only --format cliffwalking needs none.")
    if args.format == "frozenlake" and args.file in FROZEN_LAKES and not Path(args.file).exists():
        _only_for(args, "frozenlake", "slippery", "success_rate")
        return _lake(args, None, args.file)
    text = _text(args.file)
    kind = args.format or foreign.kind_of(text)
    if kind == "frozenlake":
        _only_for(args, kind, "slippery", "success_rate")
        world = _lake(args, text.split())
    elif kind == "berkeley":
        _only_for(args, kind, "living_reward", "noise")
        options = {"living_reward": args.living_reward, "noise": args.noise}
        world = world_from_berkeley(text, **{k: v for k, v in options.items() if v is not None})
    else:
        _only_for(args, kind)
        world = foreign.world_from_text(text)
    named = world.name or args.file == "-"
    return world if named else world.with_fields(name=Path(args.file).stem.replace("_", " "))


def _only_for(args: argparse.Namespace, kind: str, *known: str) -> None:
    """Refuse an option that would have no effect."""
    for name in ("slippery", "success_rate", "living_reward", "noise"):
        if getattr(args, name) is not None and name not in known:
            option = name.replace("_", "-")
            raise UsageError(f"--{option} says nothing of a map of format {kind}.")


def _lake(args: argparse.Namespace, rows: list[str] | None, name: str = "") -> World:
    slippery = args.slippery is not False
    rate = 1 / 3 if args.success_rate is None else args.success_rate
    return world_from_frozen_lake(rows, name, slippery, rate)


def _text(name: str) -> str:
    if name == "-":
        return text_of(sys.stdin.buffer.read(MAX_BYTES + 1))
    try:
        return file_text(name)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror or error}.") from error
