"""What tests of the core share."""

from __future__ import annotations

import pytest

from rlxent_core import compiled


@pytest.fixture
def with_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code is there, for this test alone."""
    pytest.importorskip("numba")
    monkeypatch.setattr(compiled, "code", None)
    assert compiled.load()
