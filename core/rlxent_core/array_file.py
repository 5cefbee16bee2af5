"""Arrays by name in one file, in the safetensors format: a small JSON header, then plain numbers.

Eight bytes say how long the header is.  It has of every array the kind of its numbers, the shape
and where they lie, and under ``__metadata__`` texts by name, of which ``crc32`` is a check of all
the numbers.  Nothing is compressed and nothing can be carried out.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rlxent_core.bounded_file import ordinary_file
from rlxent_core.run_parts import Part, RunFileError, object_of

KINDS: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "I64": np.dtype("<i8"),
}  # fmt: skip
MAX_HEADER, MAX_ARRAYS, MAX_AXES, MAX_LENGTH = 2**22, 32, 4, 2**31
METADATA, CHECK = "__metadata__", "crc32"


class ArrayFile(NamedTuple):
    """What a file held; the arrays are not to be written to."""

    arrays: dict[str, NDArray[Any]]
    texts: dict[str, str]


def plain_bytes(array: NDArray[Any]) -> memoryview:
    """The memory of an array's numbers in a row; a copy only where they are not."""
    numbers = np.ascontiguousarray(array).reshape(-1)
    return numbers.data.cast("B") if len(numbers) else memoryview(b"")


def parts_of(
    arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str]
) -> list[bytes | memoryview]:
    """The file's parts, one after the other; those of the arrays are their own memory.

    Raises:
        KeyError: when an array's numbers are of none of :data:`KINDS`.
    """
    assert sys.byteorder == "little"
    names = {dtype: name for name, dtype in KINDS.items()}
    parts = [plain_bytes(array) for array in arrays.values()]
    header: dict[str, object] = {METADATA: {**texts, CHECK: str(_check(parts))}}
    end = 0
    for (name, array), part in zip(arrays.items(), parts, strict=True):
        begin, end = end, end + part.nbytes
        header[name] = {
            "dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [begin, end],
        }  # fmt: skip
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little"), text, *parts]


def read_arrays(path: str | Path, max_bytes: int) -> ArrayFile:
    """What is in the file, of at most ``max_bytes``.

    No memory is taken for more than the file really holds.

    Raises:
        RunFileError: when it cannot be read, is too large, damaged, or something else.
    """
    try:
        with ordinary_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes:
                raise RunFileError(f"{path} is too large.")
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MAX_HEADER, size - 8):
                raise RunFileError(f"{path} is no file of arrays.")
            header = object_of(file.read(length), path)
            wanted = size - 8 - length
            layout = _layout(header, wanted, path)
            content = file.read(wanted)
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    texts = _texts(header, path)
    if len(content) != wanted or texts.pop(CHECK, "") != str(_check([content])):
        raise RunFileError(f"{path} is damaged.")
    arrays = {
        name: np.ndarray(shape, dtype, content, begin)
        for name, (dtype, shape, begin) in layout.items()
    }
    return ArrayFile(arrays, texts)


Layout = dict[str, tuple[np.dtype[Any], tuple[int, ...], int]]


def _layout(header: dict[str, Any], size: int, path: str | Path) -> Layout:
    """Kind, shape and beginning of every array: together they fill the ``size`` bytes there are."""
    if len(header) > MAX_ARRAYS:
        raise RunFileError(f"{path} holds more arrays than there can be.")
    layout: Layout = {}
    end = 0
    for name, value in header.items():
        if name == METADATA:
            continue
        if not (name.isascii() and name.isidentifier() and len(name) <= 40):
            raise RunFileError(f"{path} has an array without a name.")
        part = Part(value, f"“{name}”", path)
        dtype = KINDS.get(part.get("dtype").text())
        shape = [Part(n, "A shape", path).whole(0, MAX_LENGTH) for n in part.get("shape").list()]
        if dtype is None or len(shape) > MAX_AXES:
            raise part.wrong("an array of numbers")
        begin, end = end, end + math.prod(shape) * dtype.itemsize
        if part.get("data_offsets").value != [begin, end] or end > size:
            raise RunFileError(f"{path} is damaged: its arrays do not lie one after the other.")
        layout[name] = (dtype, tuple(shape), begin)
    if end != size:
        raise RunFileError(f"{path} is damaged: it is not as long as its arrays.")
    return layout


def _texts(header: dict[str, Any], path: str | Path) -> dict[str, str]:
    texts = Part(header.get(METADATA, {}), f"“{METADATA}”", path).object()
    if not all(isinstance(text, str) for text in texts.values()):
        raise RunFileError(f"“{METADATA}” in {path} must hold texts.")
    return texts


def _check(parts: Iterable[bytes | memoryview]) -> int:
    check = 0
    for part in parts:
        check = crc32(part, check)
    return check
