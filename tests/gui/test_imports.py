"""The window opens before torch is loaded, and the command line without Qt."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import rlxent_gui


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
    with_torch = {"rlxent_gui.training_run"}
    assert with_torch < modules
    assert "torch" not in imported_by(*(modules - with_torch))


def test_the_command_line_imports_no_qt() -> None:
    """The core with every command, and the entry point that leads to it, load no Qt."""
    loaded = imported_by(
        "rlxent_gui.__main__", "rlxent_core.cli", "rlxent_core.commands.train",
        "rlxent_core.commands.variance", "rlxent_core.commands.solve",
    )
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & loaded
