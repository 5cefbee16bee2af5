"""Imports as Python makes them, also once PySide is there.

PySide puts an import of its own in the place of Python's.  That reads the source of every module
that is imported from then on, to find out whether it might ask for ``__feature__``, and the text
stays in memory: 26 ms before the first window, and for torch a quarter of a second and 39 MB.
Nothing here asks for ``__feature__``.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401  (it brings that import)


def keep_imports_plain() -> None:
    """Put Python's own import back, which PySide keeps under another name."""
    plain = getattr(builtins, "__orig_import__", None)
    if plain is not None and builtins.__import__ is getattr(builtins, "__feature_import__", None):
        builtins.__import__ = plain
