"""Arrays in a file: as safetensors has them, and nothing else is taken for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlxent_core.array_file import parts_of, read_arrays
from rlxent_core.atomic_file import write_at, write_whole
from rlxent_core.run_parts import RunFileError

ARRAYS = {
    "policy": np.arange(6, dtype=np.float32).reshape(2, 3), "none": np.empty((0, 3)),
    "counts": np.array([7, -1]), "one": np.array(np.pi),
}  # fmt: skip


def written(path: Path, arrays: dict[str, Any] = ARRAYS, **texts: str) -> Path:
    write_whole(path, *parts_of(arrays, texts))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Every bit, kind and shape, and the texts; not to be written to."""
    found = read_arrays(written(tmp_path / "a", session="é\n"), 10_000)
    assert found.texts == {"session": "é\n"}
    for name, array in ARRAYS.items():
        there = found.arrays[name]
        assert (there.dtype, there.shape, there.tobytes()) == (
            array.dtype, array.shape, array.tobytes(),
        )  # fmt: skip
        assert not there.flags.writeable
    assert list(found.arrays) == list(ARRAYS)


def test_the_format_is_that_of_safetensors(tmp_path: Path) -> None:
    """By hand: eight bytes of length, the header, the numbers, in little-endian order."""
    content = written(tmp_path / "a", {"x": np.array([1.0], dtype=np.float32)}).read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    header = json.loads(content[8 : 8 + length])
    assert header["x"] == {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    assert set(header) == {"x", "__metadata__"}
    assert content[8 + length :] == bytes([0, 0, 128, 63])


def changed(path: Path, **header: Any) -> Path:
    """The file with parts of its header changed, or one left out."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    now = {**json.loads(content[8 : 8 + length]), **header}
    text = json.dumps({name: value for name, value in now.items() if value is not None}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    return path


ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


@pytest.mark.parametrize("header", [
    {"policy": None}, {"policy": {**ENTRY, "shape": [2**31] * 4}},
    {"policy": {**ENTRY, "shape": [2] * 5}}, {"policy": {**ENTRY, "shape": [-2, -3]}},
    {"policy": {**ENTRY, "shape": [1, 6.0]}}, {"policy": {**ENTRY, "dtype": "O"}},
    {"policy": {**ENTRY, "dtype": "F64"}}, {"policy": {**ENTRY, "data_offsets": [8, 32]}},
    {"policy": {**ENTRY, "shape": [2, 2], "data_offsets": [0, 16]}}, {"policy": []},
    {"a/b": ENTRY}, {"__metadata__": {"crc32": "0"}}, {"__metadata__": {"crc32": 0}},
    {"__metadata__": None}, {"__metadata__": []},
    {f"x{k}": {"dtype": "F32", "shape": [0], "data_offsets": [56, 56]} for k in range(40)},
], ids=str)  # fmt: skip
def test_a_header_that_lies_is_refused(tmp_path: Path, header: dict[str, Any]) -> None:
    """Before memory is taken for what it says."""
    with pytest.raises(RunFileError):
        read_arrays(changed(written(tmp_path / "a"), **header), 10_000)


def test_every_byte_that_is_not_there_or_flipped_is_noticed(tmp_path: Path) -> None:
    """Whichever of the numbers it is of."""
    path = written(tmp_path / "a")
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        with pytest.raises(RunFileError):
            read_arrays(path, 10_000)
    for at in range(len(content) - 48, len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 64]) + content[at + 1 :])
        with pytest.raises(RunFileError, match="damaged"):
            read_arrays(path, 10_000)


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="too large"):
        read_arrays(written(tmp_path / "a"), 100)


def test_writing_from_some_byte_on(tmp_path: Path) -> None:
    """What lies before stays, a file that is not there is not made."""
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    write_at(path, 4, memoryview(b"abcdefgh"))
    assert path.read_bytes() == b"0123abcdefgh"
    with pytest.raises(FileNotFoundError):
        write_at(tmp_path / "b", 0, memoryview(b"a"))
