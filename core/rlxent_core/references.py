"""What estimators subtract: exact baselines by dynamic programming, and those of a training."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor

from rlxent_core import exact
from rlxent_core.estimators import Estimator
from rlxent_core.exact_variance import Stop, always
from rlxent_core.mdp import MDP, Floats
from rlxent_core.optimal_baseline import constant_to_go, optimal_baseline, optimal_constant

T = TypeVar("T")


class References:
    """What is subtracted, computed once when first asked for.

    Exact ones come from dynamic programming in the policy's probabilities [S, A]; ``kernel``
    [S·A, S·A] is K of a network and None for a table.  Those of a training are given: ``constant``
    (the moving average, or the b* that it uses) and ``critic`` (V(s), [S]).  ``values`` (V_t(s),
    [T, S]) may be given where they are known already.  ``constant_is`` names the baseline that the
    constant stands for; unless given, for both.

    ``go_on(done, total)`` is asked at every step of what takes long; False gives it up.
    """

    def __init__(
        self,
        mdp: MDP,
        policy: Floats,
        *,
        kernel: Floats | None = None,
        constant: float | None = None,
        critic: Tensor | None = None,
        values: Tensor | None = None,
        constant_is: str | None = None,
        go_on: Stop = always,
    ) -> None:
        self.mdp, self.policy, self.kernel = mdp, policy, kernel
        self.constant, self.critic = constant, critic
        self.constant_is, self._go_on = constant_is, go_on
        self._values = values
        self._best: dict[str, Tensor] = {}
        self._best_total: float | None = None

    @property
    def values(self) -> Tensor:
        """V_t(s): [T, S] or more rows."""
        if self._values is None:
            assert self.mdp.max_steps is not None
            found = exact.values_t(self.mdp, self.policy, self.mdp.max_steps)
            self._values = torch.from_numpy(found)
        return self._values

    @cached_property
    def optimal(self) -> Tensor:
        """V*(s) of the first step, whatever the policy is: [S]."""
        return torch.from_numpy(exact.optimal_values(self.mdp, self.mdp.max_steps))

    def best(self, weighting: str) -> Tensor:
        """b*(t, s) of reward-to-go: [T, S].

        Raises:
            StoppedError: when ``go_on`` said so.
        """
        if weighting not in self._best:
            best = optimal_baseline(
                self.mdp, self.policy, weighting, self.kernel, self._go_on
            )
            self._best[weighting] = torch.from_numpy(best)
        return self._best[weighting]

    def number(self, estimator: Estimator) -> float:
        """b of an estimator whose baseline is one of :data:`CONSTANTS`.

        Raises:
            ValueError: where it belongs to a training and was not given.
            StoppedError: when ``go_on`` said so.
        """
        stands_for = self.constant_is in (None, estimator.baseline)
        constant = self.constant if stands_for else None
        if constant is not None or estimator.baseline == "moving_average":
            return _given(constant, estimator)
        if estimator.credit == "total":
            if self._best_total is None:
                self._best_total = optimal_constant(
                    self.mdp, self.policy, self.kernel, self._go_on
                )
            return self._best_total
        best = self.best(estimator.weighting).numpy()
        return constant_to_go(self.mdp, self.policy, best, estimator.weighting, self.kernel)

    def table(self, estimator: Estimator) -> Tensor:
        """b over states [S] or over steps and states [T or T + 1, S].

        Raises:
            ValueError: where it belongs to a training and was not given.
        """
        if estimator.baseline == "critic":
            return _given(self.critic, estimator)
        if estimator.baseline == "b_star(t,s)":
            return self.best(estimator.weighting)
        if estimator.baseline == "V_star":
            return self.optimal
        return self.values


def _given(baseline: T | None, estimator: Estimator) -> T:
    if baseline is None:
        raise ValueError(f"“{estimator.name}” needs the {estimator.baseline} of a training.")
    return baseline
