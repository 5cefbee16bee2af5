"""What the program keeps for itself may be anything by the next start: it starts all the same."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from rlxent_core.cli import main
from rlxent_core.settings import Settings
from rlxent_core.world_file import read_file
from rlxent_gui import session
from rlxent_gui.autosave import AutoSave
from rlxent_gui.document import Document
from rlxent_gui.preferences import MAX_BYTES, Preferences
from rlxent_gui.session import Session
from tests.core.test_foreign import NoWorlds
from tests.fuzz.readers import BAD, GOOD
from tests.gui.test_app import Room, room  # noqa: F401
from tests.gui.test_bad_files import listing

USUAL = (None, 1.0, (), b"")
WORLD = next(path for path in GOOD if path.name == "world_every_tile.json")
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


def remembered(preferences: Preferences) -> tuple[object, ...]:
    return (preferences.theme, preferences.text_factor, preferences.recent_files,
            preferences.geometry)  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda path: path.name)
def test_any_file_as_preferences(tmp_path: Path, bad: Path) -> None:
    """Nothing is remembered, and from then on something is."""
    path = tmp_path / "preferences.json"
    path.write_bytes(bad.read_bytes())
    preferences = Preferences(path)
    assert remembered(preferences) == USUAL
    preferences.set_appearance("dark", 1.25)
    assert remembered(Preferences(path)) == ("dark", 1.25, (), b"")


@posix
@pytest.mark.parametrize("what", ["pipe", "link", "zeros", "folder", "device"])
def test_no_ordinary_file_as_preferences(tmp_path: Path, what: str) -> None:
    """Neither waited for nor read to its end."""
    path = tmp_path / "preferences.json"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "link":
        path.symlink_to(path)
    elif what == "zeros":
        path.touch()
        os.truncate(path, 2**30)
    elif what == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    assert remembered(Preferences(path)) == USUAL


def test_preferences_that_are_too_large_are_forgotten(tmp_path: Path) -> None:
    """However valid they are."""
    path = tmp_path / "preferences.json"
    path.write_text('{"theme": "dark"' + " " * MAX_BYTES + "}")
    assert remembered(Preferences(path)) == USUAL


@posix
def test_a_file_whose_name_is_no_text_is_remembered(tmp_path: Path) -> None:
    """Linux knows names that UTF-8 does not; one that no file can have is forgotten."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.json")
    path = tmp_path / "preferences.json"
    Preferences(path).add_recent(name)
    assert Preferences(path).recent_files == (name,)
    path.write_text('{"recent_files": ["a\\u0000b", "\\ud800.json", "", 7, "/world.json"]}')
    assert Preferences(path).recent_files == ("/world.json",)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ["9" * 18, "9" * 200, "٣", "0.recovered.a", "007"])
def test_strange_names_among_what_was_rescued(tmp_path: Path, name: str) -> None:
    """Whatever number a file has, a place is found at once, and a rescued world is offered."""
    (tmp_path / f"{name}.json").write_bytes(WORLD.read_bytes())
    autosave = AutoSave(lambda: Session(Document().world, Settings()), tmp_path)
    assert autosave._place is not None
    found = autosave.recoverable()
    if name.isascii() and str(int(name.split(".")[0])) == name.split(".")[0]:
        assert found is not None
        assert session.read(found).world == read_file(WORLD)
    else:  # no name that this program gives
        assert found is None
        assert f"{name}.json" in listing(tmp_path)
    autosave.finish()


def test_what_was_rescued_and_is_broken_is_told(room: Room) -> None:  # noqa: F811
    """The board stays."""
    before = room.app.document.world
    for bad in BAD:
        room.app.presenter.on_command("dismiss", "file")
        room.app.files.restore(bad, then=lambda: pytest.fail("it was restored"))
        room.app._tick()
        assert "The drawing could not be restored" in room.card_titles(), bad
        assert room.app.document.world is before


@pytest.mark.parametrize("content", [b"\xff\xfe", b"S.G\n" * 2**19, b"", b"\x00"])
def test_bad_standard_input(
    content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and no more of it is read than a map can be."""
    stream = io.BytesIO(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    assert main(["import", "-"], NoWorlds()) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert stream.tell() <= 2**20 + 1


@pytest.mark.parametrize("given", ["9" * 19, "-" + "9" * 5000, "1e3", "\udce9", ""])
def test_a_seed_that_no_file_can_hold_is_refused(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is trained that could not be opened again."""
    assert main(["train", "sparse5", "--seed=" + given], NoWorlds()) == 2
    assert "is no seed: a whole number of at most 18 digits" in capsys.readouterr().err
