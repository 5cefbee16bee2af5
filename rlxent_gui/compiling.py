"""Machine code beside the window: compiled once on a machine, by a process of its own, and loaded.

Compiling holds on to the interpreter for some ten seconds, in which a frame would take as long as
five.  Numba keeps what was compiled; a file says of which source that is.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from threading import Event, Thread

import rlxent_core
from rlxent_core import compiled
from rlxent_core.atomic_file import write_whole
from rlxent_gui.interpreter import changing_hands_often

LOOK_MS = 250
"""Between two looks at whether the window was closed meanwhile."""
CODE = "import os; getattr(os, 'nice', int)(19); import rlxent_core.machine_code"


class Compiling:
    """Waits until machine code is worth it, and has it then; :meth:`close` gives that up."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "machine_code"
        """Holds the :func:`source` that was compiled last."""
        self._over = Event()
        self._thread = Thread(target=self._run, name="compiling")
        compiled.when_worth = self._thread.start

    def close(self) -> None:
        """Wait for nothing any more."""
        self._over.set()

    def _run(self) -> None:
        try:
            now = source()
            if self._read() != now and self._compile():
                self._kept.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self._kept, now)
        except OSError:
            pass  # it will be compiled again
        except ImportError:
            return  # there is no Numba here
        if not self._over.is_set():
            _load()

    def _read(self) -> str:
        return self._kept.read_text("utf-8") if self._kept.is_file() else ""

    def _compile(self) -> bool:
        """Whether another process has done it."""
        from PySide6.QtCore import QProcess, QProcessEnvironment

        process, environment = QProcess(), QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", os.pathsep.join(sys.path))
        process.setProcessEnvironment(environment)
        process.start(sys.executable, ["-c", CODE])
        while not process.waitForFinished(LOOK_MS):
            if process.state() == QProcess.ProcessState.NotRunning:
                return False  # it could not be started
            if self._over.is_set():
                process.kill()
                process.waitForFinished()
                return False
        return process.exitStatus() == QProcess.ExitStatus.NormalExit and not process.exitCode()


def source() -> str:
    """What tells whether machine code has to be compiled: its text, where it lies, and by whom.

    Raises:
        ImportError: when there is no Numba.
    """
    # Both take a twentieth of the time that the window takes to be there.
    import hashlib
    from importlib.metadata import version

    folder = Path(rlxent_core.__file__).parent / "machine_code"
    text = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    by = f"{version('numba')} {sys.version} {folder}"
    return f"{hashlib.sha256(text).hexdigest()} {by}\n"


def _load() -> None:
    with changing_hands_often():
        compiled.load()
    gc.freeze()
