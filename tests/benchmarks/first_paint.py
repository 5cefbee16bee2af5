"""Start the program as ``rlxent`` does; print the seconds until its board and its bets are painted.

    python tests/benchmarks/first_paint.py "$(python -c 'import time; print(time.monotonic())')"

The argument is the moment of ``time.monotonic`` at which this process was begun.  Nothing is
imported here before the first paint that the program does without.  In a window that is too small
for the bets to be seen, the second number is when they are built.
"""

from __future__ import annotations

import gc
import os
import sys
import time

from rlxent_gui.__main__ import main

gc.disable()  # as ``main`` does before it imports Qt

from rlxent_gui.plain_imports import keep_imports_plain  # noqa: E402

keep_imports_plain()  # as ``main`` does too

from rlxent_gui.canvas.board import Board  # noqa: E402
from rlxent_gui.main_window import MainWindow  # noqa: E402

taken: list[float] = []


def stamp() -> None:
    taken.append(time.monotonic() - float(sys.argv[1]))


def painting_the_board(board, event) -> None:
    paint(board, event)
    if not taken:
        stamp()


def end(*_) -> None:
    stamp()
    print(*taken, flush=True)
    os._exit(0)


def building_the_controls(window):
    seen = build(window)
    if seen is None:
        end()
    from rlxent_gui.panels.inspector import Glyph

    Glyph.paintEvent = end  # type: ignore[method-assign]
    return seen


paint, build = Board.paintEvent, MainWindow.build_controls
Board.paintEvent = painting_the_board  # type: ignore[method-assign]
MainWindow.build_controls = building_the_controls  # type: ignore[method-assign]
main([])
