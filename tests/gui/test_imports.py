"""The window opens before torch is loaded, and the command line without Qt."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import rlxent_gui

DESKS = ("training_run", "live_meter", "credit_desk", "variance_desk", "learning_desk",
         "learnt_desk", "walk")


def imported_by(*modules: str) -> set[str]:
    """The top-level packages that a fresh interpreter holds after importing ``modules``."""
    lines = [f"import {module}" for module in modules]
    code = "; ".join([*lines, "import sys; print(*{name.split('.')[0] for name in sys.modules})"])
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(found.stdout.split())


def test_no_module_of_the_window_imports_torch() -> None:
    """Only the training run does, which its thread imports: torch takes a second to load."""
    modules = {
        module.name for module in pkgutil.walk_packages(rlxent_gui.__path__, "rlxent_gui.")
    }
    with_torch = {f"rlxent_gui.{name}" for name in DESKS}
    assert with_torch < modules
    assert "torch" not in imported_by(*(modules - with_torch))


def test_the_command_line_imports_no_qt() -> None:
    """The core with every command, and the entry point that leads to it, load no Qt."""
    loaded = imported_by(
        "rlxent_gui.__main__", "rlxent_core.cli", "rlxent_core.commands.train",
        "rlxent_core.commands.variance", "rlxent_core.commands.solve",
    )
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & loaded


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads by /proc")
def test_the_program_calculates_with_one_thread() -> None:
    """NumPy's matrix library has none but the caller's, however many cores there are."""
    code = (
        "import os, rlxent_gui.__main__, numpy; a = numpy.ones((600, 600)); a @ a; "
        "print(len(os.listdir('/proc/self/task')))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env={name: value for name, value in os.environ.items() if "_THREADS" not in name},
    )
    assert found.stdout.split() == ["1"]


def test_only_python_reads_what_is_imported() -> None:
    """PySide would read and keep the text of every module once more, torch's thousands too."""
    code = (
        "import rlxent_gui.__main__ as program, rlxent_gui.plain_imports as plain, linecache; "
        "plain.keep_imports_plain(); import rlxent_gui.app, pyqtgraph; "
        "print(*linecache.cache)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert not [path for path in found.stdout.split() if "rlxent" in path or "pyqtgraph" in path]


FIRST_PAINT = """
import enum, os, sys
made = []
create = enum.EnumType._create_
def noted(cls, class_name, names, **more):
    made.append(more.get("qualname") or class_name)
    return create(cls, class_name, names, **more)
enum.EnumType._create_ = noted
from rlxent_gui.__main__ import main
from rlxent_gui.plain_imports import keep_imports_plain
keep_imports_plain()
from PySide6.QtWidgets import QApplication
from rlxent_gui.canvas.board import Board
def told(board, event):
    names = [*sys.modules, *made]
    QApplication.instance().setStyleSheet("")
    print(QApplication.style().name(), *names, flush=True)
    os._exit(0)
Board.paintEvent = told
main([])
"""


def test_the_first_paint_waits_for_nothing_that_it_does_without(tmp_path: Path) -> None:
    """Neither plots, formulae, other scenes, bets nor torch, nor for Qt's longest lists of names.

    The style is ours, whatever the system asks for.
    """
    homes = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    own = dict.fromkeys(homes, str(tmp_path)) | {"QT_STYLE_OVERRIDE": "Windows"}
    found = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], capture_output=True, text=True, timeout=60,
        check=True, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | own,
    )
    style, *names = found.stdout.split()
    assert style == "fusion"
    assert "rlxent_gui.canvas.board" in names
    assert "Key" in names
    late = {"torch", "pyqtgraph", "ziamath", "rlxent_gui.scenes.credit", "rlxent_gui.panels.bets",
            "rlxent_gui.exports", "rlxent_core.trainer", "PixelMetric", "ThemeIcon"}
    assert not late & set(names)
