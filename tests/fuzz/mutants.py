"""Files of the corpus, changed several times over: values, then pieces of text, then bytes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from rlxent_core.located_json import writable
from tests import mutations
from tests.fuzz.readers import BAD, GOOD

VALUES = (
    mutations._strange_value, mutations._raw_value, mutations._swapped, mutations._missing,
    mutations._more, mutations._twice,
)  # fmt: skip
BYTES = (
    mutations._truncated, mutations._raw_bytes, mutations._flipped, mutations._other_encoding,
)  # fmt: skip
SMALL = [path for path in (*GOOD, *BAD) if path.stat().st_size < 8_000]
WORDS = (
    *"#.SGPHFO><^v~ \t\n\u2028\x0b\x1c\x00\ufeffé\u0301", "\r\n", "\ud800",
    *"\"'“”„`[](){},;:\\", "```", "> ", ">> ", "[[", "]]", "'S'", "# ", "return ", "grid =",
    '"map": [', '"~": {"slip": 0.3}', '"A": {"teleport": {"to": [63, 63]}}', '"at": [99, 99]',
    "1e308", "-1e308", "1e-320", "1e999", "NaN", "-0", "9" * 30,
    '{"format": "rlxent-world", "version": 1}', '"format": "rlxent-run"', "S." * 40,
)  # fmt: skip
"""What has a meaning in one of the formats, or in none."""
seeded = st.integers(0, 2**32).map(random.Random)
"""Every draw of a change comes from one number: Hypothesis’s own Random is not as repeatable."""
EXTREME = (0, -1, 1e308, -1e308, 5e-324, 2**31, 2**63, -(2**63), 10**22, 10**308, 0.1, -0.0)


def _reshaped(value: Any, draw: random.Random) -> Any:
    """A list, or the whole table, of another shape."""
    if not isinstance(value, list) or not value:
        return [value] * draw.choice((1, 2, 65))
    return draw.choice((
        value[:-1], [*value, value[0]], [value], value * draw.choice((2, 40)), value[::-1],
        [[item] for item in value], value[0], [],
        [list(row) for row in zip(*value, strict=False)]
        if all(isinstance(item, list) for item in value) else value[1:],
    ))  # fmt: skip


def _extreme(value: Any, draw: random.Random) -> Any:
    """Every number of a part, or one, as large or as small as can be."""
    if isinstance(value, list):
        return [_extreme(item, draw) for item in value[:50]]
    if isinstance(value, dict):
        return {key: _extreme(item, draw) for key, item in value.items()}
    if isinstance(value, bool | str) or value is None:
        return value
    return draw.choice((*EXTREME, type(value)(-value)))


def _changed(text: str, draw: random.Random) -> str:
    """One thing changed in a JSON value; what is no JSON stays, or is nested too deeply."""
    if _depth(text) > 100:  # whether Python can read it would depend on who asks
        return text
    try:
        if draw.random() < 0.5:
            return mutations._written(
                mutations._with(text, draw, lambda v: draw.choice((_reshaped, _extreme))(v, draw))
            ).decode("utf-8", "surrogatepass")
        return draw.choice(VALUES)(text, draw).decode("utf-8", "surrogatepass")
    except (ValueError, IndexError, TypeError):
        return text


def _depth(text: str) -> int:
    steps = ((char in "[{") - (char in "]}") for char in text)
    return max(accumulate(steps), default=0)


def _spliced(text: str, draw: random.Random) -> str:
    """A word, a piece of another file, or the same again, in the place of something."""
    begin = draw.randrange(len(text) + 1)
    end = min(len(text), begin + draw.choice((0, 0, 1, 5, 50)))
    other = draw.choice(SMALL).read_bytes().decode("utf-8", "replace")
    at = draw.randrange(len(other) + 1)
    piece = draw.choice((
        draw.choice(WORDS) * draw.choice((1, 1, 1, 3, 70)),
        other[at : at + 100],
        text[begin:end] * 2,
    ))
    return text[:begin] + piece + text[end:]


@st.composite
def texts(draw: st.DrawFn, paths: Sequence[Path] = SMALL) -> str:
    """A changed text."""
    path = draw(st.sampled_from(paths))
    dice = draw(seeded)
    text = path.read_bytes().decode("utf-8", "replace")
    for change in draw(st.lists(st.sampled_from((_changed, _changed, _spliced)), max_size=4)):
        text = change(text, dice)
    return text


@st.composite
def contents(draw: st.DrawFn, paths: Sequence[Path] = SMALL) -> bytes:
    """A changed file."""
    text = draw(texts(paths))
    if text and writable(text) and draw(st.integers(0, 3)) == 0:
        change = draw(st.sampled_from(BYTES))
        return change(text, draw(seeded))
    return text.encode("utf-8", "surrogatepass")
