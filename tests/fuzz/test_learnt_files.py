"""Copies of what was learnt that anybody may have written: gone on from, or refused in words."""

from __future__ import annotations

import json
import random
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings

from rlxent_core.run_parts import RunFileError
from rlxent_core.state_arrays import StateError, state_of
from rlxent_core.trainer import NotFiniteError, Trainer, TrainingError
from rlxent_gui.learnt import Learnt, load
from tests.fuzz.mutants import _changed, seeded
from tests.fuzz.readers import GOOD, check_learnt, check_sentence
from tests.fuzz.test_mutants import fuzzed, in_time

FILES = [path for path in GOOD if path.name.startswith("learnt")]
EXTREME = (np.nan, np.inf, -np.inf, 3e38, -3e38, 0.0, 1e-45)


def go_on(learnt: Learnt) -> None:
    """As the program does: updates, or a refusal in one sentence.

    Numbers that were made up may stop being finite, which is told as ever.
    """
    try:
        trainer = Trainer(learnt.world, learnt.settings, (learnt.seed,))
        trainer.load_state(state_of(learnt.arrays, trainer))
    except (StateError, TrainingError) as error:
        check_sentence(error)
        return
    assert trainer.update == learnt.update
    if not trainer.logits().isfinite().all():
        return
    for done in (1, 2, 3):
        try:
            assert trainer.step().update == learnt.update + done
        except NotFiniteError:
            return


def mutant(content: bytes, draw: random.Random) -> bytes:
    """Another header, other numbers or other bytes; half of them with the right check."""
    length = int.from_bytes(content[:8], "little")
    header, numbers = content[8 : 8 + length].decode(), bytearray(content[8 + length :])
    for _ in range(draw.randrange(3)):
        header = _changed(header, draw)
    for _ in range(draw.choice((0, 1, 1, 20))):
        if draw.random() < 0.5:
            numbers[draw.randrange(len(numbers))] ^= 1 << draw.randrange(8)
        else:
            at = 4 * draw.randrange(len(numbers) // 4)
            numbers[at : at + 4] = np.float32(draw.choice(EXTREME)).tobytes()
    if draw.random() < 0.1:
        del numbers[draw.randrange(len(numbers)) :]
    if draw.random() < 0.7:
        try:
            known = json.loads(header)
            known["__metadata__"]["crc32"] = str(crc32(numbers))
            header = json.dumps(known)
        except (ValueError, TypeError, KeyError, RecursionError):
            pass
    text = header.encode("utf-8", "surrogatepass")
    if draw.random() < 0.1:
        length = draw.choice((0, 1, length - 1, 2**31, 2**63, 2**64 - 1))
    else:
        length = len(text)
    return length.to_bytes(8, "little") + text + bytes(numbers)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_good_ones_are_gone_on_from(path: Path) -> None:
    learnt = load(path)
    trainer = Trainer(learnt.world, learnt.settings, (learnt.seed,))
    trainer.load_state(state_of(learnt.arrays, trainer))
    assert trainer.step().update == learnt.update + 1


@given(dice=seeded)
@settings(fuzzed, max_examples=max(60, settings.default.max_examples))
def test_mutants(tmp_path: Path, dice: random.Random) -> None:
    """Read with bounds, taken only where all fits, and then trained with."""
    path = tmp_path / "0.safetensors"
    path.write_bytes(mutant(dice.choice(FILES).read_bytes(), dice))
    with in_time():
        try:
            found = load(path)
        except RunFileError as error:
            check_sentence(error, path)
            return
        check_learnt(found)
        go_on(found)
