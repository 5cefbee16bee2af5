"""What training goes on from, as plain arrays by name, and back again with nothing believed.

All are of one run.  ``counts`` are whole numbers, in the order of :data:`COUNTS`; ``policy`` [P]
are the policy's parameters one after the other, ``policy_moment_0`` … [P] what the optimiser holds
of each, and ``critic`` … likewise where a critic is learned; ``average`` and ``constant`` [1] are
what is known of past returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rlxent_core.baselines import BaselineState, MovingAverage
from rlxent_core.optimizer import OptimizerState
from rlxent_core.trainer import Trainer, TrainerState

Arrays = Mapping[str, NDArray[Any]]

COUNTS = ("update", "episodes", "env_steps", "policy_steps", "averaged_batches", "critic_steps")
MOST = 2**62
"""No count is larger."""


class StateError(ValueError):
    """One sentence about why arrays are not the state of a trainer."""


def arrays_of(state: TrainerState) -> dict[str, NDArray[Any]]:
    """The arrays of a state that lies on the CPU, see :mod:`rlxent_core.state_arrays`.

    They share its memory.
    """
    baselines = state.baselines
    average, critic = baselines.average, baselines.critic
    counts = (
        state.update, state.episodes, state.env_steps, state.policy.steps, average.batches,
        0 if critic is None else critic.steps,
    )  # fmt: skip
    arrays: dict[str, NDArray[Any]] = {
        "counts": np.array(counts, dtype=np.int64),
        "average": average.total.numpy(),
        "constant": baselines.constant.numpy(),
    }
    for name, learner in (("policy", state.policy), ("critic", critic)):
        if learner is not None:
            arrays[name] = learner.flat.numpy()
            for number, moment in enumerate(learner.moments):
                arrays[f"{name}_moment_{number}"] = moment.numpy()
    return arrays


def state_of(arrays: Arrays, trainer: Trainer) -> TrainerState:
    """The state that ``arrays`` are, for :meth:`Trainer.load_state` of a trainer of one run.

    It has memory of its own.

    Raises:
        StateError: when names, kinds of numbers or shapes are others than ``trainer`` has, a count
            is negative, or a number is not finite that must be.
    """
    like = arrays_of(trainer.state().cpu())
    if arrays.keys() != like.keys():
        raise StateError("What was learnt was learnt by another architecture or optimiser.")
    for name, own in like.items():
        given = arrays[name]
        if given.shape != own.shape or given.dtype != own.dtype:
            raise StateError(f"What was learnt has another shape: “{name}” does not fit.")
        _check_numbers(name, given)
    tensors = {name: torch.from_numpy(np.array(given)) for name, given in arrays.items()}
    counts = dict(zip(COUNTS, arrays["counts"].tolist(), strict=True))

    def learner(name: str) -> OptimizerState:
        moments = tuple(tensors[one] for one in arrays if one.startswith(f"{name}_moment_"))
        return OptimizerState(tensors[name], moments, counts[f"{name}_steps"])

    average = MovingAverage(tensors["average"], counts["averaged_batches"])
    critic = learner("critic") if "critic" in arrays else None
    return TrainerState(
        counts["update"], counts["episodes"], counts["env_steps"], learner("policy"),
        BaselineState(average, tensors["constant"], critic),
    )


def _check_numbers(name: str, given: NDArray[Any]) -> None:
    if name == "counts":
        if not ((given >= 0) & (given <= MOST)).all():
            raise StateError("What was learnt has a count that is negative or too large.")
    elif name.endswith("moment_1"):  # a square may have become infinite, and training goes on
        if not (given >= 0).all():
            raise StateError(f"What was learnt holds squares that are none, in “{name}”.")
    elif not np.isfinite(given).all():
        raise StateError(f"What was learnt holds numbers that are not finite, in “{name}”.")
