"""Start the program as ``rlxent`` does; print the seconds until its board was painted first.

    python tests/benchmarks/first_paint.py "$(python -c 'import time; print(time.monotonic())')"

The argument is the moment of ``time.monotonic`` at which this process was begun.  Nothing is
imported here that the program does without.
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

paint = Board.paintEvent


def paint_and_tell(board, event) -> None:
    paint(board, event)
    print(time.monotonic() - float(sys.argv[1]), flush=True)
    os._exit(0)


Board.paintEvent = paint_and_tell  # type: ignore[method-assign]
main([])
