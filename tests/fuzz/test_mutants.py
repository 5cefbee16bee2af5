"""Mutated files and texts: each opens as something that holds together or is refused in a sentence.

A few hundred of each in every run of the tests, always the same; tens of thousands of new ones by
``pytest tests/fuzz --hypothesis-profile=long``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from rlxent_gui.preferences import Preferences
from tests.fuzz.mutants import contents, texts
from tests.fuzz.readers import FROM_FILES, FROM_TEXTS, GOOD, refused

SECONDS = 10
"""Nothing that is read takes anywhere near as long."""
fuzzed = settings(
    max_examples=settings.default.max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def in_time() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


@given(content=contents())
@fuzzed
def test_a_mutated_file(tmp_path: Path, content: bytes) -> None:
    """By every reader of files, under a world's and a map's name."""
    for name in ("bad.json", "bad.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        for read, wanted in FROM_FILES.values():
            with in_time():
                refused(lambda read=read, path=path: read(path), wanted, path)


@given(text=texts())
@fuzzed
def test_a_mutated_text(text: str) -> None:
    """By every reader of texts."""
    for read, wanted in FROM_TEXTS.values():
        with in_time():
            refused(lambda read=read: read(text), wanted)


@given(content=contents([path for path in GOOD if path.stem == "preferences"]))
@fuzzed
def test_mutated_preferences(tmp_path: Path, content: bytes) -> None:
    """They cost what they would have remembered, and can be written again."""
    path = tmp_path / "preferences.json"
    path.write_bytes(content)
    found = Preferences(path)
    assert found.text_factor > 0
    found.add_recent(tmp_path / "world.json")
    again = Preferences(path)
    for name in ("theme", "text_factor", "recent_files", "geometry"):
        assert getattr(again, name) == getattr(found, name)
