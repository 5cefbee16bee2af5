"""How the threads share the interpreter while something holds on to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

OFTEN = 10

_lock = Lock()
_holding = 0
_usual = 0.0


@contextmanager
def changing_hands_often() -> Iterator[None]:
    """While something is imported the interpreter changes hands ten times as often as usual.

    The window waits for it whenever Qt calls back, which is many times while it is laid out.  May
    be entered on several threads at once.
    """
    global _holding, _usual
    with _lock:
        if not _holding:
            _usual = sys.getswitchinterval()
            sys.setswitchinterval(_usual / OFTEN)
        _holding += 1
    try:
        yield
    finally:
        with _lock:
            _holding -= 1
            if not _holding:
                sys.setswitchinterval(_usual)
