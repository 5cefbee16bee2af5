"""While something is imported the interpreter changes hands more often, and then as usual."""

from __future__ import annotations

import contextlib
import sys
import threading

import pytest

from rlxent_gui.interpreter import OFTEN, changing_hands_often


def test_on_several_threads_at_once_and_after_a_failure() -> None:
    """The last one to leave puts it back, however it leaves."""
    usual = sys.getswitchinterval()
    often = pytest.approx(usual / OFTEN)
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with changing_hands_often():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with contextlib.suppress(ImportError), changing_hands_often():
        thread.start()
        assert entered.wait(10)
        assert sys.getswitchinterval() == often
        raise ImportError
    assert sys.getswitchinterval() == often
    leave.set()
    thread.join(10)
    assert sys.getswitchinterval() == pytest.approx(usual)
