"""``rlxent render``: a picture of the board as the window would draw it, without a screen.

Qt is imported when it is carried out, not before: ``rlxent --help`` needs none.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from rlxent_core import exact
from rlxent_core.commands.common import Bundled, CommandError, load_world, whole_number
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.run_file import read_policy

FORMATS = {".png": "png", ".svg": "svg"}
SIZE, LARGEST = 720, 16_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``render`` to the commands."""
    parser = subparsers.add_parser(
        "render",
        help="the board as the window would draw it (.png, .svg)",
        description="Write a picture of a world’s board as the window would draw it. No screen is"
        " needed.",
    )
    parser.add_argument("world", metavar="WORLD", help="a file, or a world that comes with rlxent")
    parser.add_argument("out", metavar="OUT", help="the picture: its name ends in .png or .svg")
    parser.add_argument(
        "--size", type=whole_number(48), default=SIZE, metavar="PX",
        help=f"pixels of the picture’s longer side (default {SIZE})",
    )
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument(
        "--policy", default="none", metavar="FILE|optimal|none",
        help="draw the action probabilities of a policy: those of a policy or run file, or optimal"
        " (ties shared evenly) (default none)",
    )
    parser.add_argument(
        "--values", action="store_true",
        help="tint the cells by V(s) of that policy; of the uniform policy where there is none",
    )


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Write the picture."""
    world = load_world(args.world, bundled)
    out = Path(args.out)
    format = FORMATS.get(out.suffix.lower())
    if format is None:
        raise CommandError(f"{out} is no picture: its name must end in .png or .svg.")
    if args.size > LARGEST:
        raise CommandError(f"A picture may be {LARGEST:,} pixels long at most, not {args.size:,}.")
    mdp = compile_world(world)
    policy, values = _knowledge(args.policy, mdp)
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    from rlxent_gui import theme
    from rlxent_gui.export.board_page import board_page
    from rlxent_gui.export.pictures import write_page
    from rlxent_gui.view_state import BoardView

    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    theme.load_fonts()
    overlays = {"policy"} if args.policy != "none" else set()
    overlays |= {"value"} if args.values else set()
    view = BoardView(world, policy, values, overlays=frozenset(overlays))
    page = board_page(view, theme.DARK if args.dark else theme.LIGHT, args.size)
    try:
        write_page(out, page, format, 1)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror or error}.") from error
    del application
    return 0


def _knowledge(asked: str, mdp: MDP) -> tuple[Floats, Floats]:
    """Action probabilities [S, A] and values [S] of the policy that is asked for."""
    if asked == "optimal":
        values, best = exact.optimum(mdp, mdp.max_steps)
        return best / np.maximum(best.sum(1, keepdims=True), 1), values
    if asked == "none":
        policy = np.asarray(exact.uniform_policy(mdp))
    else:
        policy = np.asarray(exact.softmax(read_policy(asked, mdp)))
    return policy, exact.policy_values(mdp, policy, mdp.max_steps)
