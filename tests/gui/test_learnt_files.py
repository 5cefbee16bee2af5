"""What was learnt, on the disk: whole at any moment, never another run's, cheap for a long one."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rlxent_core.run_parts import RunFileError
from rlxent_core.settings import Settings
from rlxent_gui import learnt as files
from rlxent_gui import session
from rlxent_gui.autosave import AutoSave
from rlxent_gui.document import empty_world
from rlxent_gui.learnt import AT_HAND, ROW_BYTES, Learnt, Writer, read
from rlxent_gui.session import Session
from tests.broken_disk import Disk

LONG = 3 * AT_HAND


def learnt(updates: int, past: int = 0, run: str = "a.1") -> Learnt:
    """Of a run whose numbers say how far it was, and in which past."""
    means = np.arange(3.0 * updates).reshape(-1, 3) + 0.25 * past
    arrays = {
        "counts": np.array([updates, 0, 0, 0, 0, 0]),
        "policy": np.full(7, updates + past, dtype=np.float32),
        "constant": np.array([np.pi]),
    }
    return Learnt(run, empty_world(), Settings(learning_rate=0.5), 7, arrays, means, past)


def same(one: Learnt | None, other: Learnt) -> bool:
    return one is not None and (
        one._replace(arrays={}, means=None, past=0) == other._replace(arrays={}, means=None, past=0)  # type: ignore[arg-type]
        and one.means.tobytes() == other.means.tobytes()
        and {name: array.tobytes() for name, array in one.arrays.items()}
        == {name: array.tobytes() for name, array in other.arrays.items()}
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A short run is one file; of a long one the means lie beside, and back in time they do too."""
    copy = tmp_path / "0.json"
    writer = Writer(copy)
    assert read(copy) is None
    for what, there in (
        (learnt(0), ["0.safetensors"]),
        (learnt(12), ["0.safetensors"]),
        (learnt(AT_HAND), ["0.safetensors"]),
        (learnt(LONG), ["0.b.means", "0.safetensors"]),
        (learnt(LONG + 5), ["0.b.means", "0.safetensors"]),
        (learnt(2 * LONG), ["0.b.means", "0.safetensors"]),
        (learnt(2 * LONG - 9), ["0.a.means", "0.safetensors"]),
        (learnt(2 * LONG + 1), ["0.a.means", "0.safetensors"]),
        (learnt(LONG, past=1), ["0.b.means", "0.safetensors"]),
        (learnt(20, past=2), ["0.safetensors"]),
        (learnt(LONG, run="a.2"), ["0.b.means", "0.safetensors"]),
    ):
        writer.write(what)
        assert same(read(copy), what)
        assert names(tmp_path) == there


def test_no_more_is_written_than_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the run: the means of so many updates as were made since."""
    written = []
    real = files.write_at
    monkeypatch.setattr(
        files, "write_at", lambda *given: (written.append(given[2].nbytes), real(*given))
    )
    writer = Writer(tmp_path / "0.json")
    writer.write(learnt(30 * AT_HAND))
    writer.write(learnt(31 * AT_HAND + 1))
    assert written == [(AT_HAND + 1) * ROW_BYTES]
    assert (tmp_path / "0.safetensors").stat().st_size < 4000


def test_means_of_another_past_are_not_taken(tmp_path: Path) -> None:
    """Nor those that end too soon, nor any with a bit flipped; what lies behind does not count."""
    copy, beside = tmp_path / "0.json", tmp_path / "0.b.means"
    Writer(copy).write(learnt(LONG))
    content = beside.read_bytes()
    beside.write_bytes(content + b"more")
    assert same(read(copy), learnt(LONG))
    for other in (
        learnt(LONG, past=1).means.tobytes(), content[:-1], b"", bytes([1]) + content[1:],
    ):  # fmt: skip
        beside.write_bytes(other)
        with pytest.raises(RunFileError, match="damaged"):
            read(copy)


def test_means_that_were_taken_away_are_written_again(tmp_path: Path) -> None:
    copy = tmp_path / "0.json"
    writer = Writer(copy)
    writer.write(learnt(LONG))
    (tmp_path / "0.b.means").unlink()
    with pytest.raises(RunFileError, match="cannot be read"):
        read(copy)
    writer.write(learnt(LONG + 1))
    assert same(read(copy), learnt(LONG + 1))


KILLED = textwrap.dedent("""
    # The program is killed right before the k-th operation of writing, for every k.
    import os, sys
    from pathlib import Path
    from rlxent_gui import learnt as files
    from rlxent_gui.learnt import Writer, read
    from tests.broken_disk import killed_at
    from tests.gui.test_learnt_files import learnt, same

    folder, files.AT_HAND = Path(sys.argv[1]), 8
    os.fsync = lambda handle: None
    ways = (
        (learnt(5), learnt(7)), (learnt(24), learnt(48)), (learnt(24), learnt(24, 1)),
        (learnt(24), learnt(6, 1)), (learnt(24), learnt(24, run="a.2")),
    )
    for way, (old, new) in enumerate(ways):
        seen = []
        for k in range(1, 99):
            copy = folder / f"{way}_{k}.json"
            writer = Writer(copy)
            writer.write(old)
            status = killed_at(k, lambda: writer.write(new))
            found = read(copy)
            assert same(found, old) or same(found, new), (way, k)
            seen.append(same(found, new))
            if status == 0:
                break
        assert seen == sorted(seen) and seen[-1] and len(seen) > 7, (way, seen)
    print("whole")
""")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child dies of the signal")
def test_killed_at_every_operation_one_of_both_is_there(tmp_path: Path) -> None:
    """The old one whole or the new one, with all of its means: also after going back, and when
    another run began."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        command, timeout=60, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *sys.path])},
    )
    assert ran.stdout == "whole\n", ran.stderr


@pytest.mark.parametrize("new", [(9, 0), (2 * LONG, 0), (LONG, 1)], ids=str)
def test_a_disk_that_is_full_from_some_moment_on(tmp_path: Path, new: tuple[int, int]) -> None:
    """The old one stays, and as soon as there is room the new one is there."""
    for k in range(1, 99):
        copy = tmp_path / f"{k}.json"
        writer = Writer(copy)
        writer.write(learnt(min(new[0], LONG)))
        disk = Disk(lambda operation, k=k: operation >= k)
        old = learnt(min(new[0], LONG))
        for _ in range(2):
            with disk.plugged_in():
                try:
                    writer.write(learnt(*new))
                except OSError:
                    assert same(read(copy), old)
                else:
                    old = learnt(*new)
        writer.write(learnt(*new))
        assert same(read(copy), learnt(*new))
        if not disk.refused:
            break
    assert k > 7


class Program:
    """A program on a folder that dies without a word."""

    def __init__(self, folder: Path, updates: int = 0, interval_ms: int = 60_000) -> None:
        self.run, self.what = f"{os.urandom(4).hex()}.1", None
        self.at = Session(empty_world(), Settings(), run=self.run)
        self.autosave = AutoSave(
            lambda: self.at, folder, interval_ms, learnt=lambda: (None, self.what)
        )
        if updates:
            self.at = Session(
                empty_world(), Settings(), 7, updates, modified=True, run=self.run
            )
            self.what = learnt(updates, run=self.run)
            self.look()

    def look(self) -> None:
        self.autosave._look()
        self.wait()

    def wait(self) -> None:
        self.autosave._disk.submit(lambda: None).result()

    def die(self) -> None:
        self.autosave._disk.shutdown()
        self.autosave._timer.stop()
        assert self.autosave._place is not None
        self.autosave._place.lock.unlock()


@pytest.mark.usefixtures("qapp")
def test_what_was_learnt_goes_with_its_session(tmp_path: Path) -> None:
    """Found by the next start, waiting while other work is done, restored, and thrown away."""
    Program(tmp_path, LONG).die()
    second = Program(tmp_path)
    waiting = second.autosave.recoverable()
    assert waiting is not None
    assert read(waiting).update == LONG  # type: ignore[union-attr]
    second.at = Session(empty_world(), Settings(), 8, 5, modified=True, run=second.run)
    second.what = learnt(5, run=second.run)
    second.look()
    second.die()
    third = Program(tmp_path)
    for updates in (5, LONG):
        path = third.autosave.recoverable()
        assert path is not None
        found = read(path)
        assert found is not None
        assert (found.update, found.run) == (updates, session.read(path).run)
        if updates == 5:
            third.autosave.discard_recovered()
    third.autosave.restored(found)
    third.wait()
    again = read(tmp_path / "0.json")
    assert again is not None
    assert same(again, found._replace(run=third.run))
    assert names(tmp_path) == ["0.b.means", "0.json", "0.lock", "0.safetensors"]
    third.autosave.finish()
    assert names(tmp_path) == []


@pytest.mark.usefixtures("qapp")
def test_what_a_run_before_learnt_is_not_kept_for_the_next(tmp_path: Path) -> None:
    """After a reset the session is another run's; back at the beginning nothing is left."""
    program = Program(tmp_path, 12)
    program.at = Session(empty_world(), Settings(), 7, 3, modified=True, run="another.2")
    program.look()
    copy = tmp_path / "0.json"
    assert session.read(copy).run != read(copy).run  # type: ignore[union-attr]
    program.what = learnt(3, run="another.2")
    program.look()
    assert session.read(copy).run == read(copy).run  # type: ignore[union-attr]
    program.at = Session(empty_world(), Settings(), run="another.3")
    program.look()
    assert names(tmp_path) == ["0.lock"]
    program.autosave.finish()


@pytest.mark.usefixtures("qapp")
def test_what_belongs_to_nothing_is_cleared_away(tmp_path: Path) -> None:
    """Also half a take-over, which is gone on with instead."""
    Program(tmp_path, 12).die()
    left = tmp_path / "0.json"
    half = tmp_path / f"0.recovered.{left.stat().st_mtime_ns:x}.safetensors"
    (tmp_path / "0.safetensors").rename(half)
    for name in ("3.safetensors", "0.recovered.x.a.means", ".0.b.means.12345678.tmp"):
        (tmp_path / name).write_bytes(b"")
    program = Program(tmp_path)
    path = program.autosave.recoverable()
    assert path is not None
    assert read(path).update == 12  # type: ignore[union-attr]
    assert names(tmp_path) == ["0.lock", path.name, half.name]
    program.autosave.finish()


@pytest.mark.usefixtures("qapp")
def test_a_full_disk_is_told_of_what_was_learnt_too(tmp_path: Path, qtbot: QtBot) -> None:
    """And what was found is not let go before what it becomes is safe."""
    Program(tmp_path, LONG).die()
    program = Program(tmp_path)
    path = program.autosave.recoverable()
    assert path is not None
    found = read(path)
    disk = Disk(lambda operation: operation > 12, thread="autosave")
    program.at = session.read(path)
    with disk.plugged_in(), qtbot.waitSignal(program.autosave.failing):
        program.autosave.restored(found)
    assert (tmp_path / "0.json").exists()
    assert same(read(path), found)  # type: ignore[arg-type]
    program.autosave.finish()


@pytest.mark.usefixtures("qapp")
def test_what_could_not_be_written_is_written_as_soon_as_there_is_room(
    tmp_path: Path, qtbot: QtBot
) -> None:
    """Also where nothing was drawn since the last save, so that nobody is told."""
    program = Program(tmp_path, 12, interval_ms=5)
    program.at = Session(empty_world(), Settings(), 7, 12, run=program.run)
    with Disk(lambda operation: True, thread="autosave").plugged_in():
        program.what = learnt(15, run=program.run)
        qtbot.wait(20)
    qtbot.waitUntil(lambda: read(tmp_path / "0.json").update == 15)  # type: ignore[union-attr]
    program.autosave.finish()
