"""Files as they come out of crashes, editors, mail programs and mischief: mutated on purpose."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Collection, Iterator
from typing import Any

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, -(10**300), 10**399, 1.5, -0.0, 1e308,
    5e-324, "", "x", "G", "up", "\n", "\u2028\u202e", "a\nb", "x" * 100_000, "\ud800", "\x00",
    "é" * 50, [], {}, [[]], [[[]]], [None], {"a": 1}, [0] * 5_000, "#" * 65,
    ["#" * 65], [["."]], ["."] * 65,
)  # fmt: skip
"""Values that stand where others belong."""
RAW = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000, "0." + "1" * 5_000, "01",
    "+1", "tru", "[" * 30 + "]" * 30, "[" * 200_000, '{"a":' * 100_000, "'x'", '"\\q"', '"\\ud800"',
    "0x10", "1_0",
    "", ",", "}", "/* */ 1",
)  # fmt: skip
"""Texts that stand where a value belongs."""
BYTES = (b"\xff", b"\xfe\xff", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\r", b"\xef\xbb\xbf", b"\x1a")
MARK = "⟦here⟧"


def mutations(
    text: str, count: int, seed: int, only: Collection[str] = ()
) -> Iterator[tuple[str, bytes]]:
    """``count`` mutated files, each with what was done to it: one of ``only``, or of all."""
    draw = random.Random(seed)
    kinds = [kind for kind in KINDS if not only or kind.__name__.strip("_") in only]
    for _ in range(count):
        kind = draw.choice(kinds)
        yield kind.__name__.strip("_"), kind(text, draw)


def _truncated(text: str, draw: random.Random) -> bytes:
    content = text.encode()
    return content[: draw.randrange(len(content))]


def _raw_bytes(text: str, draw: random.Random) -> bytes:
    content = text.encode()
    for _ in range(draw.choice((1, 1, 4))):
        at = draw.randrange(len(content))
        gone = draw.choice((0, 1, 3))
        content = content[:at] + draw.choice(BYTES) + content[at + gone :]
    return content


def _flipped(text: str, draw: random.Random) -> bytes:
    content = bytearray(text.encode())
    for _ in range(draw.choice((1, 2, 30))):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return bytes(content)


def _other_encoding(text: str, draw: random.Random) -> bytes:
    return text.encode(draw.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-le")))


def _strange_value(text: str, draw: random.Random) -> bytes:
    return _written(_with(text, draw, lambda _: copy.deepcopy(draw.choice(STRANGE))))


def _raw_value(text: str, draw: random.Random) -> bytes:
    marked = json.dumps(_with(text, draw, lambda _: MARK), ensure_ascii=False, indent=1)
    return marked.replace(f'"{MARK}"', draw.choice(RAW), 1).encode("utf-8", "surrogatepass")


def _swapped(text: str, draw: random.Random) -> bytes:
    value = json.loads(text)
    (one, key), (other, key2) = draw.choice(_places(value)), draw.choice(_places(value))
    first, second = copy.deepcopy(one[key]), copy.deepcopy(other[key2])
    one[key], other[key2] = second, first
    return _written(value) if _depth(value) < 50 else text.encode()


def _missing(text: str, draw: random.Random) -> bytes:
    value = json.loads(text)
    owner, key = draw.choice(_places(value))
    del owner[key]
    return _written(value)


def _more(text: str, draw: random.Random) -> bytes:
    """A key nobody knows, or an element too many."""
    value = json.loads(text)
    owner, key = draw.choice(_places(value))
    if isinstance(owner, dict):
        owner[draw.choice((f"{key}s", "", "x" * 10_000, "a\nb", "\u2028"))] = owner[key]
    else:
        owner.insert(key, copy.deepcopy(draw.choice((owner[key], *STRANGE))))
    return _written(value)


def _twice(text: str, draw: random.Random) -> bytes:
    """A key that occurs twice."""
    pairs = [line for line in json.dumps(json.loads(text), indent=1).split("\n") if '":' in line]
    line = draw.choice(pairs)
    key = line.split('":')[0] + '": 1,'
    return json.dumps(json.loads(text), indent=1).replace(line, f"{key}\n{line}", 1).encode()


def _huge(text: str, draw: random.Random) -> bytes:
    filler = draw.choice((" ", "\n", "[", "1,", '"', "\x00", "é"))
    size = draw.choice((2**10, 2**21)) // len(filler)
    at = draw.randrange(len(text))
    return (text[:at] + filler * size + text[at:]).encode()


def _another_text(_: str, draw: random.Random) -> bytes:
    return draw.choice((
        b"", b" ", b"\n" * 1000, b"null", b"[]", b"{}", b"42", b'"text"', b"true", b"\x00" * 100,
        b"\x89PNG\r\n\x1a\n" + draw.randbytes(200), b"PK\x03\x04" + draw.randbytes(200),
        b"<html><body>404</body></html>", b"[" * 100_000, draw.randbytes(5_000),
        b'{"format": "rlxent-run"}', b'{"format": "rlxent-world", "version": 2}',
        b'{"format": "rlxent-run", "version": 1, "world": ' + b"[" * 900 + b"]" * 900 + b"}",
    ))  # fmt: skip


KINDS: tuple[Callable[[str, random.Random], bytes], ...] = (
    _truncated, _raw_bytes, _flipped, _other_encoding, *(_strange_value,) * 3,
    _raw_value, _raw_value, _swapped, _missing, _more, _twice, _huge, _another_text,
)  # fmt: skip


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: its owner and its key or index, shallow ones many times."""
    found: list[tuple[Any, Any]] = []
    level = [value]
    weight = 16
    while level:
        deeper = []
        for owner in level:
            keys = list(owner) if isinstance(owner, dict) else range(len(owner))
            found += [(owner, key) for key in keys] * weight
            deeper += [owner[k] for k in keys if isinstance(owner[k], dict | list)]
        level, weight = deeper, max(weight // 4, 1)
    return found


def _with(text: str, draw: random.Random, new: Callable[[Any], Any]) -> Any:
    value = json.loads(text)
    owner, key = draw.choice(_places(value))
    owner[key] = new(owner[key])
    return value


def _depth(value: Any) -> int:
    """How deep a value is nested; values that hold themselves count as 50."""
    depth, level = 0, [value]
    while level and depth < 50:
        depth += 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return depth
