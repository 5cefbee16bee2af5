"""Bad files, full disks and read-only folders: told in a sentence, and the work stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from rlxent_core import atomic_file, world_file
from rlxent_core.foreign import world_from_text
from rlxent_core.run_file import RunFileError, read_run, write_run
from rlxent_core.world import WALL_TILE
from rlxent_gui import session
from rlxent_gui.document import empty_world
from rlxent_gui.session import Session
from tests.core.test_bad_files import a_run, assert_sentence
from tests.mutations import mutations

MAP = "#####\n#S G#\n#####\n"


def listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_mutated_files_leave_the_board_as_it_is(files, document, told, tmp_path) -> None:
    """Worlds, runs and maps: each opens or is told of once, and then nothing has changed."""
    write_run(tmp_path / "run.json", a_run("short_corridor"))
    run = (tmp_path / "run.json").read_text(encoding="utf-8")
    world = world_file.write_text(a_run("ice_and_pit").world)
    opened = 0
    for text, name in ((world, "bad.json"), (run, "bad.json"), (world, "bad.txt")):
        for _, content in mutations(text, 40, seed=11):
            (tmp_path / name).write_bytes(content)
            document.take(empty_world(), None)
            document.apply({(1, 1): WALL_TILE})
            document.undo_stack.setClean()
            before = document.world
            told.clear()
            files.open_path(str(tmp_path / name))
            if told:
                ((title, sentence),) = told
                assert title == f"{name} was not opened"
                assert sentence.endswith(" The board is unchanged.")
                assert_sentence(ValueError(sentence), tmp_path / name)
                assert (document.world, document.path) == (before, None)
                assert document.undo_stack.canUndo()
            else:
                opened += 1
    assert opened < 60


def test_mutated_sessions_are_read_or_told(tmp_path) -> None:
    """What a crash left may be spoiled too: a session or one sentence, and nothing else."""
    run = a_run("ice_and_pit")
    text = session.text_of(
        Session(run.world, run.settings, 3, 40, tmp_path / "maze.json", "a stamp", True)
    )
    path = tmp_path / "0.json"
    read = 0
    for _, content in mutations(text, 150, seed=4):
        path.write_bytes(content)
        try:
            found = session.read(path)
        except RunFileError as error:
            assert_sentence(error, path)
        else:
            assert session.text_of(found)
            read += 1
    assert read < 75


def test_a_text_map_opens(files, document, told, tmp_path) -> None:
    """It is a world of its own: saving asks for a file and does not write over the map."""
    path = tmp_path / "my_maze.txt"
    path.write_text(MAP)
    files.open_path(str(path))
    assert told == []
    assert document.world == world_from_text(MAP).with_fields(name="my maze")
    assert document.path is None
    assert files.recent() == (path,)


def test_a_text_that_is_no_map_is_told(files, document, told, tmp_path) -> None:
    """In a sentence that says what a map is made of."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir,\nyou may have noticed")
    before = document.world
    files.open_path(str(path))
    ((title, sentence),) = told
    assert title == "letter.txt was not opened"
    assert "Nothing says what" in sentence
    assert document.world == before


def full_disk(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """From now on the call says that no space is left."""

    def fails(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic_file.os, call, fails)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_told_and_the_work_stays(
    files, document, told, tmp_path, monkeypatch, call: str
) -> None:
    """Save and save as: the old file is whole, nothing is left behind, the document edited."""
    path = tmp_path / "maze.json"
    world_file.write_file(empty_world(), path)
    old = path.read_bytes()
    files.open_path(str(path))
    document.apply({(1, 1): WALL_TILE})
    there = listing(tmp_path)
    full_disk(monkeypatch, call)
    then = []
    files.save(lambda: then.append("saved"))
    files._write(tmp_path / "other.json", lambda: then.append("saved"))
    assert [title for title, _ in told] == [
        "maze.json was not saved", "other.json was not saved"]
    for _, sentence in told:
        assert sentence == "No space left on device. The drawing is still on the board."
    assert then == []
    assert document.modified
    assert document.path == path
    assert path.read_bytes() == old
    assert listing(tmp_path) == there


def test_a_read_only_folder_is_told_and_the_work_stays(
    files, document, told, tmp_path, monkeypatch
) -> None:
    """What the system refuses is said; for root, who is refused nothing, the refusal is played."""
    folder = tmp_path / "read_only"
    folder.mkdir()
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        real = open

        def refused(file, mode="r", *arguments, **more):
            if Path(file).parent == folder and mode.startswith("x"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
            return real(file, mode, *arguments, **more)

        monkeypatch.setattr(atomic_file, "open", refused, raising=False)
    document.apply({(1, 1): WALL_TILE})
    files._write(folder / "maze.json", None)
    assert told == [("maze.json was not saved",
                     "The system does not allow it. The drawing is still on the board.")]
    assert document.modified
    assert document.path is None
    folder.chmod(0o755)
    assert listing(folder) == set()


def test_a_full_disk_keeps_the_old_run(tmp_path, monkeypatch) -> None:
    """A run that cannot be written leaves the one that was there, and nothing else."""
    path = tmp_path / "run.json"
    write_run(path, a_run("short_corridor"))
    old = path.read_bytes()
    full_disk(monkeypatch, "fsync")
    with pytest.raises(OSError, match="No space left"):
        write_run(path, a_run("sparse5"))
    assert path.read_bytes() == old
    assert listing(tmp_path) == {"run.json"}
    assert read_run(path).world == a_run("short_corridor").world
