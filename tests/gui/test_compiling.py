"""Machine code is compiled by another process, once, and loaded on a thread of its own."""

from __future__ import annotations

import gc
import importlib.metadata
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlxent_core import compiled
from rlxent_gui import compiling
from rlxent_gui.compiling import Compiling

NOTES = 'open({path!r}, "a").write(str(os.getpid()) + "\\n")'
"""Says who ran it."""


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """On which thread it was loaded, and whether threads changed often meanwhile."""
    usual, seen = sys.getswitchinterval(), list[tuple[str, bool]]()

    def load() -> None:
        seen.append((threading.current_thread().name, sys.getswitchinterval() < usual / 5))

    monkeypatch.setattr(compiled, "when_worth", None)
    monkeypatch.setattr(compiled, "load", load)
    yield seen
    gc.unfreeze()
    assert sys.getswitchinterval() == pytest.approx(usual)


def run(made: Compiling) -> None:
    """As when it begins to pay; waits for the end."""
    compiled.when_worth()
    made._thread.join(60)
    assert not made._thread.is_alive()


def noted(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_another_process_compiles_once(
    loads: list[tuple[str, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing before it pays; not again the next time; again when the source is another."""
    notes = tmp_path / "notes"
    monkeypatch.setattr(compiling, "CODE", "import os; " + NOTES.format(path=str(notes)))
    made = Compiling(tmp_path / "data")
    assert (noted(notes), loads) == ([], [])
    run(made)
    assert len(noted(notes)) == 1
    assert os.getpid() not in noted(notes)
    assert loads == [("compiling", True)]
    run(Compiling(tmp_path / "data"))
    assert len(noted(notes)) == 1
    assert len(loads) == 2
    monkeypatch.setattr(compiling, "source", lambda: "another\n")
    run(Compiling(tmp_path / "data"))
    assert len(noted(notes)) == 2
    assert len(loads) == 3


@pytest.mark.parametrize("trouble", ["raise SystemExit(3)", "import no_such_module"])
def test_where_no_process_can_this_one_does(
    trouble: str, loads: list[tuple[str, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next one tries again."""
    monkeypatch.setattr(compiling, "CODE", trouble)
    run(Compiling(tmp_path))
    assert loads == [("compiling", True)]
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_started_or_written_it_is_loaded_all_the_same(
    loads: list[tuple[str, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", str(tmp_path / "no python"))
        run(Compiling(tmp_path))
    assert len(loads) == 1
    monkeypatch.setattr(compiling, "CODE", "pass")
    (tmp_path / "file").write_text("no folder")
    run(Compiling(tmp_path / "file"))
    assert len(loads) == 2


def test_without_numba_there_is_nothing_to_do(
    loads: list[tuple[str, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", version)
    run(Compiling(tmp_path))
    assert loads == []


def test_closing_waits_for_no_compilation(
    loads: list[tuple[str, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is ended, nothing is loaded, and it is compiled the next time."""
    notes = tmp_path / "notes"
    code = "import os, time; " + NOTES.format(path=str(notes)) + "; time.sleep(600)"
    monkeypatch.setattr(compiling, "CODE", code)
    made = Compiling(tmp_path / "data")
    compiled.when_worth()
    deadline = time.monotonic() + 60
    while not noted(notes) and time.monotonic() < deadline:
        time.sleep(0.01)
    (process,) = noted(notes)
    made.close()
    made._thread.join(60)
    assert not made._thread.is_alive()
    assert loads == []
    assert not (tmp_path / "data").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_the_command_compiles() -> None:
    """The very text, in this process where it is compiled already; and its source has a name."""
    pytest.importorskip("numba")
    assert compiling.CODE.endswith("import rlxent_core.machine_code")
    assert compiling.source().count("\n") == 1
    assert importlib.metadata.version("numba") in compiling.source()
