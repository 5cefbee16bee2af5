"""How far a policy has come: its exact value between the uniform policy's and the optimum."""

from __future__ import annotations

import math
from collections.abc import Generator

from rlxent_core import exact
from rlxent_core.facts import finite
from rlxent_core.mdp import MDP, Floats

REACHED = 0.95
"""The share of the way at which a world counts as solved."""


class Way:
    """From the uniform policy to the optimum of one MDP, within its limit of steps."""

    def __init__(self, mdp: MDP) -> None:
        self.mdp = mdp
        self.optimum = exact.optimal_start_value(mdp, mdp.max_steps)
        self.uniform = float(exact.start_value(mdp, exact.uniform_policy(mdp), mdp.max_steps))

    def value(self, logits: Floats) -> Floats:
        """Exact J of policies with ``logits`` [..., S, A]: [...]."""
        return exact.start_value(self.mdp, exact.softmax(logits), self.mdp.max_steps)

    def value_in_pieces(self, logits: Floats) -> Generator[int, None, Floats]:
        """:meth:`value` of logits [N, S, A]: [N], as the result of a generator.

        Says how many of the N are done, whenever there is time to stop.  The world needs a limit of
        steps.
        """
        policy, steps = exact.softmax(logits), self.mdp.max_steps
        assert steps is not None
        values = yield from exact.policy_values_in_pieces(self.mdp, policy, steps)
        return exact.at_start(self.mdp, values)

    @property
    def goes_anywhere(self) -> bool:
        """Whether the optimum is better than the uniform policy, and both are finite."""
        length = self.optimum - self.uniform
        return exact.TIE * max(1.0, abs(self.optimum)) < length < math.inf

    def fraction(self, value: float) -> float | None:
        """The share of the way that ``value`` has come; None where there is none to go."""
        if not self.goes_anywhere:
            return None
        return finite((value - self.uniform) / (self.optimum - self.uniform))
