"""What is remembered between two starts, and what happens when it cannot be."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from rlxent_gui.preferences import MAX_RECENT, Preferences, default_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "preferences.json"


def test_first_start_has_defaults_and_writes_nothing(path: Path) -> None:
    """Looking at preferences makes no file."""
    preferences = Preferences(path)
    assert preferences.theme is None
    assert preferences.text_factor == 1.0
    assert preferences.recent_files == ()
    assert preferences.geometry == b""
    assert not path.parent.exists()


def test_everything_comes_back_at_the_next_start(path: Path, tmp_path: Path) -> None:
    """Each change is on the disk as soon as it is made."""
    first = Preferences(path)
    first.set_appearance("dark", 1.25)
    first.set_geometry(b"\x01\xd9\x00\xff")
    first.add_recent(tmp_path / "Ζωή.json")
    second = Preferences(path)
    assert second.theme == "dark"
    assert second.text_factor == 1.25
    assert second.geometry == b"\x01\xd9\x00\xff"
    assert second.recent_files == (str(tmp_path / "Ζωή.json"),)


def test_recent_files_have_the_latest_first_each_once(path: Path, tmp_path: Path) -> None:
    """Opening a file again moves it to the head; the list stays short."""
    preferences = Preferences(path)
    for n in range(MAX_RECENT + 3):
        preferences.add_recent(tmp_path / f"{n}.json")
    preferences.add_recent(tmp_path / "5.json")
    names = [Path(name).name for name in preferences.recent_files]
    assert names[:2] == ["5.json", f"{MAX_RECENT + 2}.json"]
    assert len(names) == len(set(names)) == MAX_RECENT
    preferences.remove_recent(tmp_path / "5.json")
    assert "5.json" not in [Path(name).name for name in Preferences(path).recent_files]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"light"', "\x00\xff", "[" * 100_000,
     '{"theme": 3, "text_factor": "big", "recent_files": {"a": 1}, "geometry": "xyz"}',
     '{"theme": "sepia", "text_factor": NaN, "recent_files": [3, "", null], "geometry": 7}',
     '{"text_factor": -1.0}', '{"text_factor": true}', '{"text_factor": Infinity}'],
)
def test_damaged_file_gives_defaults(path: Path, text: str) -> None:
    """Whatever is in the file, the program starts."""
    path.parent.mkdir()
    path.write_text(text, encoding="latin-1")
    preferences = Preferences(path)
    assert preferences.theme is None
    assert preferences.text_factor == 1.0
    assert preferences.recent_files == ()
    assert preferences.geometry == b""


def test_one_bad_entry_leaves_the_good_ones(path: Path) -> None:
    """A wrong geometry does not cost the theme."""
    path.parent.mkdir()
    path.write_text(json.dumps({"theme": "dark", "geometry": "zz", "recent_files": ["/a", 1]}))
    preferences = Preferences(path)
    assert preferences.theme == "dark"
    assert preferences.recent_files == ("/a",)


def test_unwritable_folder_is_no_error(tmp_path: Path) -> None:
    """Where nothing can be written, the choice holds until the program ends."""
    (tmp_path / "file").write_text("")
    preferences = Preferences(tmp_path / "file" / "preferences.json")
    preferences.set_appearance("dark", 1.1)
    assert preferences.theme == "dark"


def test_failed_write_leaves_the_old_file_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the last moment leaves what was there, and no litter."""
    preferences = Preferences(path)
    preferences.set_appearance("dark", 1.25)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    preferences.set_appearance("light", 1.0)
    assert Preferences(path).theme == "dark"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_environment_directs_the_file_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One variable moves all preferences, on every platform."""
    monkeypatch.setenv("RLXENT_CONFIG_DIR", str(tmp_path / "x"))
    assert default_path() == tmp_path / "x" / "preferences.json"


@pytest.mark.skipif(sys.platform != "linux", reason="the folder's name differs elsewhere")
def test_platform_folder_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux preferences live under XDG_CONFIG_HOME."""
    monkeypatch.delenv("RLXENT_CONFIG_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path() == tmp_path / "rlxent" / "preferences.json"
