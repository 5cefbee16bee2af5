"""What a run has learnt, as it is copied to the disk beside the session, and found there again.

``N.safetensors`` holds what training goes on from, with the world, settings and seed it was learnt
with.  The mean return and length of every update are in it too; of a long run all but the last
thousands lie in a file beside it that only grows, so that no more is written than is new.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rlxent_core.array_file import parts_of, plain_bytes, read_arrays
from rlxent_core.atomic_file import write_at, write_whole
from rlxent_core.bounded_file import ordinary_file
from rlxent_core.run_parts import RunFileError, object_of
from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui import session

Floats = NDArray[np.float64]

FORMAT = "rlxent-learnt"
MAX_BYTES = 2**28
"""Twice what the largest network with a critic of the same size takes."""
MAX_UPDATES = 2**26
WIDTH = 3
ROW_BYTES = 8 * WIDTH
AT_HAND = 4096
"""Most updates whose means are written with the parameters again and again."""
CHUNK = 2**20


class Learnt(NamedTuple):
    """What a run had learnt after some update, and how it got there; plain numbers, no torch."""

    run: str
    """Its name, see :func:`~rlxent_gui.session.run_name`."""
    world: World
    settings: Settings
    seed: int
    """With these it was learnt; what was changed since has not told on it yet."""
    arrays: dict[str, NDArray[Any]]
    """See :mod:`rlxent_core.state_arrays`."""
    means: Floats
    """Mean return, mean length and episodes so far, of every update: [updates, 3]."""
    past: int = 0
    """In one past of one run the means only grow; going back begins another."""

    @property
    def update(self) -> int:
        """How many updates there have been."""
        return len(self.means)


class Writer:
    """Writes beside one session's file; to be used on one thread.

    Killed at any moment, a whole state is there, with all of its means: those beside are in the
    file that the last state does not speak of, or after all that it does.
    """

    def __init__(self, copy: Path) -> None:
        self._copy = copy
        self.forget()

    def forget(self) -> None:
        """The files are not there any more."""
        self._of: tuple[str, int] | None = None
        self._side = self._beside = self._crc = 0
        self._text: tuple[World, Settings, str] | None = None

    def write(self, learnt: Learnt) -> None:
        """Let this be what is found.

        Raises:
            OSError: when it cannot be written; what was there before is still found then.
        """
        of = (learnt.run, learnt.past)
        side, beside, crc = self._side, self._beside, self._crc
        path = self._copy.with_suffix(session.MEANS[side])
        if of != self._of or learnt.update < beside:  # an accelerator goes back by itself
            side, beside, crc = 1 - side, 0, 0
            path = self._copy.with_suffix(session.MEANS[side])
        elif beside and not path.exists():  # whoever took it away
            beside = crc = 0
        if learnt.update - beside > AT_HAND:
            new = plain_bytes(learnt.means[beside:])
            if beside:
                write_at(path, beside * ROW_BYTES, new)
            else:
                write_whole(path, new)
            crc, beside = crc32(new, crc), learnt.update
        arrays = {**learnt.arrays, "means": learnt.means[beside:]}
        texts = {
            "format": FORMAT, "session": self._session(learnt), "beside": str(side),
            "beside_updates": str(beside), "beside_crc32": str(crc),
        }  # fmt: skip
        write_whole(self._copy.with_suffix(session.LEARNT), *parts_of(arrays, texts))
        other_past = self._of is not None and side != self._side
        self._of, self._side, self._beside, self._crc = of, side, beside, crc
        if other_past:
            with suppress(OSError):
                self._copy.with_suffix(session.MEANS[1 - side]).unlink(missing_ok=True)

    def _session(self, learnt: Learnt) -> str:
        """With what it was learnt, as text, made once: a large world takes milliseconds."""
        world, settings = learnt.world, learnt.settings
        known = self._text
        if known is None or known[0] is not world or known[1] != settings:
            text = session.text_of(session.Session(world, settings, learnt.seed))
            known = self._text = (world, settings, text)
        return f"{learnt.run}\n{known[2]}"


def read(copy: Path) -> Learnt | None:
    """What had been learnt, beside the session's file ``copy``; None where there is nothing.

    Raises:
        RunFileError: as :func:`load`.
    """
    path = copy.with_suffix(session.LEARNT)
    return load(path) if os.path.lexists(path) else None


def load(path: Path) -> Learnt:
    """What the file says was learnt, with the means of a long run from the file beside it.

    Whether the arrays are those of the network is for the training to say.

    Raises:
        RunFileError: when it cannot be read, is damaged, or is something else.
    """
    arrays, texts = read_arrays(path, MAX_BYTES)
    run, _, text = texts.get("session", "").partition("\n")
    if texts.get("format") != FORMAT:
        raise RunFileError(f"{path} is not what a run has learnt.")
    found = session.session_of(object_of(text.encode("utf-8", "replace"), path), path)
    last = arrays.pop("means", np.empty(0))
    if last.shape != (len(last), WIDTH) or last.dtype != np.float64 or "counts" not in arrays:
        raise RunFileError(f"{path} is not what a run has learnt.")
    beside = _number(texts, "beside_updates", MAX_UPDATES, path)
    if beside:
        side = _number(texts, "beside", 1, path)
        check = _number(texts, "beside_crc32", 2**32, path)
        last = np.concatenate([_means(path.with_suffix(session.MEANS[side]), beside, check), last])
    counts = arrays["counts"]
    if not counts.size or counts.dtype != np.int64 or counts.flat[0] != len(last):
        raise RunFileError(f"{path} is damaged: it has not one mean return an update.")
    return Learnt(run, found.world, found.settings, found.seed, arrays, last)


def _number(texts: dict[str, str], name: str, most: int, path: Path) -> int:
    text = texts.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) > most:
        raise RunFileError(f"{path} is damaged.")
    return int(text)


def _means(path: Path, updates: int, check: int) -> Floats:
    """Those of the first ``updates``, once they are known to be right."""
    size, crc = updates * ROW_BYTES, 0
    try:
        with ordinary_file(path) as file:
            if os.fstat(file.fileno()).st_size < size:
                raise RunFileError(f"{path} is damaged: it is too short.")
            for begin in range(0, size, CHUNK):
                crc = crc32(file.read(min(CHUNK, size - begin)), crc)
            if crc != check:
                raise RunFileError(f"{path} is damaged.")
            file.seek(0)
            content = file.read(size)
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return np.ndarray((len(content) // ROW_BYTES, WIDTH), np.float64, content)
