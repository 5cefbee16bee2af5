"""500 random acts against the window, and a monkey that notices and shrinks what is wrong."""

from __future__ import annotations

import ctypes
import signal
import sys
import time

import pytest
from PySide6.QtCore import qWarning

from rlxent_gui.app import App
from tests.monkey import play
from tests.monkey.__main__ import report
from tests.monkey.shrink import shrink

SEED, ACTS = 6, 500
SHRINKING = 120.0


def test_nothing_goes_wrong_in_500_random_acts() -> None:
    """What goes wrong is told with the shortest list of acts that does it again.

    Stalls are of the window's processor time; one that a replay does not show is the machine's.
    """
    told = play.play(SEED, ACTS)
    if not told.failed:
        assert len(told.acts) == ACTS
        return
    if told.kind == "stall" and not play.play(SEED, 0, told.acts, fresh=False).failed:
        return
    pytest.fail(report(told, SEED, SHRINKING))


@pytest.mark.parametrize("needed", [{3}, {0, 99}, {17, 18, 61}])
def test_the_fewest_acts_are_found(needed: set[int]) -> None:
    """Of 100 acts just those are left that are needed together, in their order."""
    tried = 0

    def fails(acts: list[int]) -> bool:
        nonlocal tried
        tried += 1
        return needed <= set(acts)

    assert shrink(range(100), fails) == sorted(needed)
    assert tried < 120


def test_shrinking_ends_when_time_is_up_with_a_list_that_fails() -> None:
    """What has been found by then is returned."""
    left = iter(range(20))
    found = shrink(
        range(1000), lambda acts: {500, 900} <= set(acts), lambda: next(left, None) is not None
    )
    assert {500, 900} <= set(found)
    assert len(found) < 1000


def broken(app: App) -> None:
    """Four actions do what no action may."""

    def raises() -> None:
        raise RuntimeError("broken on purpose")

    def works() -> None:
        until = time.thread_time() + 5 * play.STALL
        while time.thread_time() < until:
            pass

    app.actions["theme"].triggered.connect(raises)
    app.actions["numbers"].triggered.connect(lambda: qWarning("broken on purpose"))
    app.actions["keys"].triggered.connect(works)
    app.actions["reset"].triggered.connect(lambda: ctypes.string_at(0))


@pytest.mark.skipif(sys.platform == "win32", reason="processes die otherwise there")
def test_what_is_broken_on_purpose_is_found() -> None:
    """In a process of its own: an exception in a slot, a warning, a stall, a crash.

    One after the other: the process they are copied from takes seconds to import everything.
    """
    for id, kind in (
        ("theme", "RuntimeError in test_monkey.py:raises"), ("numbers", "Qt: broken on purpose"),
        ("keys", "stall"), ("reset", f"the process died: {-signal.SIGSEGV}"),
    ):
        acts = [("key", "W"), ("wait", 20), ("ask", id), ("wait", 20)]
        told = play.play(0, 0, acts, fresh=False, meddle=broken)
        assert told.kind == kind
        assert told.acts == acts[:3]
        if id == "theme":
            assert play.shrunk(told, 0, SHRINKING, meddle=broken).acts == [("ask", id)]
