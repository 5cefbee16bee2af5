"""Whether there is machine code: Numba works nearly everywhere, and NumPy does the same without it.

Importing takes half a second of a processor, so it begins when NumPy has walked for as long; the
first time on a machine some ten more to compile, which Numba keeps beside the module or with the
user's own caches.  The bits stay the same, so it may come at any time, and on any thread.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from threading import Lock
from types import ModuleType

WORTH_AFTER = 0.5
"""Seconds of NumPy's walks from which it pays."""

code: ModuleType | None = None
""":mod:`rlxent_core.machine_code`, once :func:`load` has been called."""


def load() -> bool:
    """Use machine code from now on; False where there is no Numba that works here."""
    global code
    if code is None and importlib.util.find_spec("numba") is not None:
        try:
            code = importlib.import_module("rlxent_core.machine_code")
        except Exception:  # whatever ails it: NumPy goes on
            return False
    return code is not None


when_worth: Callable[[], object] = load
"""Called once, when it pays; who must not be kept waiting puts something else here."""

_walked = 0.0
_asked = False
_counts = Lock()
"""A study trains on several threads."""


def walked(seconds: float) -> None:
    """NumPy has walked for so long again."""
    global _walked
    with _counts:
        _walked += seconds
    if _walked >= WORTH_AFTER:
        _ask()


def hurry(seconds: float) -> None:
    """Something long is to begin: have machine code now, and wait for it so long at most.

    Only where it was never asked for: else it comes when it comes, or never.
    """
    until = time.monotonic() + seconds
    if _ask():
        while code is None and time.monotonic() < until:
            time.sleep(0.01)


def _ask() -> bool:
    """Whether nobody had asked before."""
    global _asked
    with _counts:
        asked, _asked = _asked, True
    if not asked:
        when_worth()
    return not asked
