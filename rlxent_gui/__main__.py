"""``rlxent``: a command of the core, or else the window.

Qt is imported only for the window and for ``render``: commands run on machines without a screen.
What carries out commands is imported only where there might be one: it would hold up the window.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

import rlxent_resources


class Bundled:
    """The worlds that come with the program, as the core asks for them."""

    def names(self) -> tuple[str, ...]:
        return tuple(rlxent_resources.worlds())

    def text(self, name: str) -> str:
        return rlxent_resources.world_text(name)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (without the program’s name) begins with, or the window."""
    argv = list(sys.argv[1:] if argv is None else argv)
    screen = has_screen()
    if argv or not screen:
        from rlxent_core import cli
        from rlxent_gui import render

        more = {"render": render}
        commands = (*cli.COMMANDS, *more)
        if argv and argv[0] in (*commands, "-h", "--help"):
            return cli.main(argv, Bundled(), more)
        if not screen:
            print(
                "rlxent: There is no screen to open a window on."
                f" These commands need none: {', '.join(commands)}; “rlxent --help” says more.",
                file=sys.stderr,
            )
            return 1
    # Nothing is to be forgotten yet; see rlxent_gui.collector.
    gc.disable()
    from rlxent_gui.plain_imports import keep_imports_plain

    keep_imports_plain()
    from rlxent_gui import app

    return app.main(argv)


def has_screen() -> bool:
    """Whether a window can be opened; asked of the environment, for Qt would abort the process."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )


if __name__ == "__main__":
    sys.exit(main())
