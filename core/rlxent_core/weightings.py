"""One episode's weights by every way of giving credit, side by side.  Without torch.

=============  ==================  ===========================================================
weighting      return − baseline   what it compares
=============  ==================  ===========================================================
total_return   G_0 − 0             every step gets the whole episode's return
reward_to_go   G_t − 0             what came after the step
leave_one_out  G_t − Ḡ_t           the batch's other episodes that were still alive at t
value          G_t − V(s_t)        what was to be expected in the cell
critic         r_t + γV' − V(s_t)  one step, then what is to be expected in the next cell
gae            V + Σ(γλ)ᵏδ − V     from the critic (λ = 0) to return − V (λ = 1)
z_score        (G_t − μ)/σ         the mean and deviation over all steps of the batch
=============  ==================  ===========================================================

With ``discount_weighting`` exact all but the total return are multiplied by γ^t.  V is exact
(V_t(s) of the policy, by dynamic programming) or the learned critic's; it is 0 at the end of the
episode, ``max_steps`` included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rlxent_core.settings import Settings
from rlxent_core.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEIGHTINGS = (
    "total_return", "reward_to_go", "leave_one_out", "value", "critic", "gae", "z_score",
)
TRAINED = "trained"
"""The weights that the update itself used, where they are none of :data:`WEIGHTINGS`."""


@dataclass(frozen=True, eq=False)
class EpisodeCredit:
    """One whole episode of T steps and everything its weights are made of."""

    world: World
    """The world it was drawn in."""
    settings: Settings
    states: Ints
    """[T]"""
    actions: Ints
    """[T]: the labels."""
    outcomes: Ints
    """[T]: which of the move's K outcomes it was; 0 is the one that was meant."""
    landings: Ints
    """[T]: the cells that were entered, ends and respawns included."""
    rewards: Floats
    """[T]"""
    probabilities: Floats
    """[T, A]: π(·|s_t)."""
    exact_values: Floats
    """[T + 1]: V_t(s_t) of the policy, 0 at the end."""
    learned_values: Floats | None
    """[T + 1]: V(s_t) of the critic, 0 at the end; None where none is learned."""
    choice: Floats
    """[T]: A_t(s_t, a_t) = Q_t − V_t, exactly: what the choice was worth, luck aside."""
    others_mean: Floats
    """[T]: the mean of G_t over the batch's other episodes alive at t, 0 where there are none."""
    batch_mean: float
    """Of G_t over all steps of the batch."""
    batch_deviation: float
    """Likewise, with the divisor n − 1; 0 for a single step."""
    policy: Floats
    """[S, A]: the policy that ``probabilities`` and values belong to."""
    trained: Floats | None
    """[T]: what the update multiplied the cross-entropies with; None where none was made."""
    batch_returns: Floats
    """[B]: G_0 of every episode of its batch."""
    index: int
    """Which of them it is."""
    source: Literal["update", "new", "stored"]
    update: int
    """How many updates the policy that drew it had had."""
    seen_at: int
    """How many updates the policy of ``probabilities`` and values has had."""

    @property
    def length(self) -> int:
        return len(self.states)

    @property
    def total_return(self) -> float:
        """G_0."""
        return float(returns_to_go(self.rewards, self.world.discount)[0])

    @property
    def out_of_time(self) -> bool:
        """Whether it was ``max_steps`` that ended it."""
        last = self.world.tile(divmod(int(self.landings[-1]), self.world.columns))
        acted = self.world.tile(divmod(int(self.states[-1]), self.world.columns))
        return not last.terminal and acted.exit is None


@dataclass(frozen=True, eq=False)
class Weighting:
    """A weighting of one episode; arrays are [T], and ``weights`` = scale · (return − baseline)."""

    name: str
    returns: Floats
    baseline: Floats | None
    """None where nothing is subtracted."""
    weights: Floats

    @property
    def total(self) -> float:
        """What the weights add up to."""
        return float(self.weights.sum())


def weighting(
    credit: EpisodeCredit, name: str, *, learned: bool = False, lam: float = 0.95
) -> Weighting:
    """The weights of ``name``, with V exact or ``learned`` and GAE's λ = ``lam``.

    Raises:
        ValueError: for a name that is not in :data:`WEIGHTINGS` or :data:`TRAINED`, and where what
            it needs is missing (a learned V, weights that were trained with).
    """
    rewards, discount = credit.rewards, credit.world.discount
    to_go = returns_to_go(rewards, discount)
    if name == TRAINED:
        if credit.trained is None:
            raise ValueError("No update was made with this episode.")
        return Weighting(name, to_go, None, credit.trained)
    if name == "total_return":
        total = np.full_like(to_go, to_go[0])
        return Weighting(name, total, None, total)
    returns, baseline, scale = to_go, None, 1.0
    if name == "leave_one_out":
        baseline = credit.others_mean
    elif name in ("value", "critic", "gae"):
        values = values_of(credit, learned)
        baseline = values[:-1]
        if name != "value":
            factor = 0.0 if name == "critic" else lam
            returns = baseline + returns_to_go(deltas(rewards, values, discount), discount * factor)
    elif name == "z_score":
        baseline = np.full_like(to_go, credit.batch_mean)
        scale = 1 / credit.batch_deviation if credit.batch_deviation > 0 else 0.0
    elif name != "reward_to_go":
        raise ValueError(f"There is no weighting “{name}”.")
    weights = returns if baseline is None else scale * (returns - baseline)
    if credit.settings.discount_weighting == "exact":
        weights = weights * _discount_powers(credit)
    return Weighting(name, returns, baseline, weights)


def values_of(credit: EpisodeCredit, learned: bool) -> Floats:
    """V of the visited states, 0 at the end: [T + 1].

    Raises:
        ValueError: when the critic's are asked for and there is none.
    """
    if not learned:
        return credit.exact_values
    if credit.learned_values is None:
        raise ValueError("No critic is being learned.")
    return credit.learned_values


def returns_to_go(rewards: Floats, discount: float) -> Floats:
    """G_t = Σ_k discount^k r_t+k: [T]."""
    backwards = accumulate(rewards[::-1].tolist(), lambda later, r: r + discount * later)
    return np.fromiter(backwards, float, len(rewards))[::-1].copy()


def deltas(rewards: Floats, values: Floats, discount: float) -> Floats:
    """δ_t = r_t + γ V_t+1 − V_t: [T], of ``values`` [T + 1]."""
    return rewards + discount * values[1:] - values[:-1]


def choice_and_luck(credit: EpisodeCredit) -> tuple[Floats, Floats]:
    """What the weights of the exact critic are the sum of: A_t and :func:`luck`, [T] each.

    With ``discount_weighting`` exact both are multiplied by γ^t, as the weights are.
    """
    parts = credit.choice, luck(credit)
    if credit.settings.discount_weighting == "exact":
        powers = _discount_powers(credit)
        return parts[0] * powers, parts[1] * powers
    return parts


def advantage_sums(credit: EpisodeCredit) -> tuple[float, float, float, float]:
    """G_0, V_0, and what makes up the difference: Σ γ^t A_t and Σ γ^t luck_t, exactly.

    G_0 − V_0 = Σ γ^t δ_t, since all V but the first cancel, and δ_t = A_t + luck_t.
    """
    powers = _discount_powers(credit)
    return (
        credit.total_return, float(credit.exact_values[0]),
        float(powers @ credit.choice), float(powers @ luck(credit)),
    )


def cross_entropy_gradient(
    probabilities: Floats, action: int, weight: float
) -> tuple[Floats, Floats]:
    """∂/∂z of the cross-entropy of label ``action`` with softmax(z), and ``weight`` times it: [A].

    It is p − y, with y = 1 for the label and 0 for the others.
    """
    difference = probabilities.copy()
    difference[action] -= 1
    return difference, weight * difference


def _discount_powers(credit: EpisodeCredit) -> Floats:
    """γ^t: [T]."""
    return np.asarray(credit.world.discount ** np.arange(credit.length), dtype=float)


def luck(credit: EpisodeCredit) -> Floats:
    """δ_t − A_t: [T], what the world did of the exact δ_t once the action was chosen."""
    return deltas(credit.rewards, credit.exact_values, credit.world.discount) - credit.choice


def extreme(batch_returns: Floats, which: Literal["best", "worst", "median"]) -> int:
    """Which episode it is: the first of several that are alike.

    The median of an even number is the lower one of the two in the middle.
    """
    place = {"worst": 0, "median": (len(batch_returns) - 1) // 2, "best": -1}[which]
    return int(np.argmax(batch_returns == np.sort(batch_returns)[place]))


def trained_weighting(settings: Settings) -> tuple[str, bool]:
    """Which weighting a training with ``settings`` uses, and whether its V is learned.

    :data:`TRAINED` where it is none of :data:`WEIGHTINGS`.
    """
    learned = settings.baseline == "critic"
    if settings.credit == "gae":
        return "gae", learned
    if settings.credit == "total_return":
        return ("total_return" if settings.baseline == "none" else TRAINED), learned
    names = {
        "none": "reward_to_go", "leave_one_out": "leave_one_out",
        "exact_value": "value", "critic": "value",
    }
    return names.get(settings.baseline, TRAINED), learned
