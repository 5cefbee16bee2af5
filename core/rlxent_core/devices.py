"""Where training is fastest: tried on the machine it runs on, since no rule holds for all."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from rlxent_core.rollout import TrainingError
from rlxent_core.trainer import NotFiniteError, Trainer

FAST = 0.002
"""Seconds of an update on the CPU below which it need not be compared.

On an accelerator an update is some hundreds of calls, a few microseconds each, however small the
world is.
"""
TRIED = 3
"""Updates that are timed, after one that is not."""


def choose_device(asked: str, make: Callable[[str], Trainer]) -> str:
    """``cpu`` or ``cuda``: what was asked for where there is one; ``auto`` is what is faster.

    ``make(device)`` gives a trainer there, which is used up.  Where CUDA fails it is not the faster
    one.

    Raises:
        TrainingError: as ``make`` does on the CPU.
    """
    if asked == "cpu" or not torch.cuda.is_available():
        return "cpu"
    if asked == "cuda":
        return "cuda"
    on_cpu = seconds_of_an_update(make("cpu"))
    if on_cpu < FAST:
        return "cpu"
    try:
        return "cuda" if seconds_of_an_update(make("cuda")) < on_cpu else "cpu"
    except (TrainingError, RuntimeError):  # no memory, or a device that does not work
        return "cpu"


def seconds_of_an_update(trainer: Trainer) -> float:
    """How long one takes, by the clock; inf where the numbers do not stay finite."""
    try:
        trainer.step()
        began = trainer.env_steps, time.perf_counter()
        for _ in range(TRIED):
            trainer.step()
        ended = trainer.env_steps, time.perf_counter()  # the first one waits for the device
    except NotFiniteError:
        return float("inf")
    return (ended[1] - began[1]) / TRIED
