"""What was meant by a word that is none of those that are known."""

from __future__ import annotations

from collections.abc import Iterable

MAX_WORD = 100
"""Letters beyond which nothing is meant, and looking for it takes long."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like it; None where none is like it at all."""
    # Loading it takes longer than anything else that settings need, and it is seldom asked.
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1) if len(word) < MAX_WORD else []
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with a space before it, or nothing."""
    near = nearest(word, known)
    return "" if near is None else f" Did you mean “{near}”?"
