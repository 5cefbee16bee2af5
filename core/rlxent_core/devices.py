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
TRIED, PATIENCE = 3, 1.0
"""Updates that are timed, after one that is not, and seconds after which no further one is."""


def choose_device(asked: str, make: Callable[[str], Trainer]) -> str:
    """``cpu`` or ``cuda``: what was asked for where there is one; ``auto`` is what is faster.

    ``make(device)`` gives a trainer there, which is used up.  Where CUDA fails it is not the faster
    one.

    Raises:
        TrainingError: as ``make`` does, on both where ``auto`` was asked for.
    """
    if asked == "cpu" or not torch.cuda.is_available():
        return "cpu"
    if asked == "cuda":
        return "cuda"
    try:
        on_cpu = seconds_of_an_update(make("cpu"))
    except TrainingError:  # too large for the CPU, but perhaps not for the device
        make("cuda")
        return "cuda"
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
        taken: list[float] = []
        while len(taken) < TRIED and sum(taken) < PATIENCE:
            began = trainer.env_steps, time.perf_counter()
            trainer.step()
            ended = trainer.env_steps, time.perf_counter()  # the first one waits for the device
            taken.append(ended[1] - began[1])
    except NotFiniteError:
        return float("inf")
    return sum(taken) / len(taken)
