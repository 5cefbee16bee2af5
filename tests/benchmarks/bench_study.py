"""How long settings side by side take: 4 settings × 64 seeds of sparse5, 400 updates; a sweep.

Run as ``python -m pytest tests/benchmarks -n 0 -s`` or as a script.  On the CPU, as many settings
at a time as it has processors; beside the time on the clock stands that of all of them, since a
machine is seldom one's own.  Machine code is loaded before, where Numba is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

import rlxent_resources
from rlxent_core import compiled
from rlxent_core.settings import Settings
from rlxent_core.study import Study
from rlxent_core.sweep import Sweep
from rlxent_core.world_file import read_text

AIM = 3.0
"""Seconds, on two cores."""
OWN = Settings()
ARMS = (
    replace(OWN, baseline="none"),
    OWN,
    replace(OWN, baseline="exact_value"),
    replace(OWN, credit="gae", baseline="critic"),
)


def study() -> None:
    """Four settings with the defaults."""
    done = Study(read_text(rlxent_resources.world_text("sparse5")), ARMS, range(64), 400)
    for _ in done.steps():
        pass


def looks() -> None:
    """The exact values of a whole study alone: what its curves cost."""
    done = Study(read_text(rlxent_resources.world_text("sparse5")), ARMS, range(64), 400)
    logits = done.arms[0].trainer.logits().double().numpy()
    for _ in range(404):
        done.way.value(logits)


def sweep() -> None:
    """Four baselines by six step sizes, as the window asks for it."""
    world = read_text(rlxent_resources.world_text("sparse5"))
    assert Sweep(world, OWN, range(16), 400).run()


@pytest.mark.parametrize("what", [study, looks, sweep])
def test_study(what: Callable[[], None]) -> None:
    """Printed, not asserted."""
    report(what)


def report(what: Callable[[], None]) -> None:
    torch.set_num_threads(1)
    compiled.load()
    clock, processor = time.perf_counter(), time.process_time()
    what()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    aim = f"   aim {AIM:.0f} s" if what is study else ""
    print(f"\n{what.__name__:6} {clock:6.2f} s on the clock, {processor:6.2f} s of processors{aim}")


if __name__ == "__main__":
    for each in (study, looks, sweep):
        report(each)
