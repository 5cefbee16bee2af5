"""What a demonstration shows, measured exactly, in one sentence with the numbers just found.

All variances are tr Cov of one episode's gradient, by dynamic programming, of the policy a training
with the demonstration's settings begins with or comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlxent_core import exact
from rlxent_core.arm_names import arm_names
from rlxent_core.demonstrations import Demonstration
from rlxent_core.exact_variance import Moments, StoppedError
from rlxent_core.kernel import full_matrix
from rlxent_core.mdp import Floats
from rlxent_core.optimal_baseline import optimal_constant
from rlxent_core.policy import action_probabilities
from rlxent_core.study import Curve
from rlxent_core.trainer import Trainer
from rlxent_core.way import Way
from rlxent_core.world import World

GoOn = Callable[[int, int], bool]
SHARES = (0.0, 0.5, 0.9, 0.97)
"""Of the way, at which the late benefit is looked for."""
MOST_UPDATES = 1000


@dataclass(frozen=True)
class Finding:
    """The numbers by name, and the sentence that is made of them alone."""

    numbers: dict[str, float]
    sentence: str
    updates: int = 0
    """Of the policy that it ends with, from which a training with these settings begins at 0."""


def measure(
    demonstration: Demonstration, world: World, seed: int = 0,
    go_on: GoOn = lambda done, total: True,
) -> Finding:
    """What one that compares estimators shows in its world.

    Raises:
        StoppedError: when ``go_on(done, total)`` said so.
        TrainingError: when the world cannot be trained on.
        KeyError: for one that compares whole trainings, see :func:`of_study`.
    """
    trainer = Trainer(world, demonstration.settings, (seed,))
    return _MEASURES[demonstration.id](trainer, go_on)


def _moments(trainer: Trainer, go_on: GoOn) -> tuple[Moments, Floats]:
    """Of the policy as it is, and its V_t(s) [T, S]."""
    policy = action_probabilities(trainer.logits()[0]).cpu().numpy()
    network = full_matrix(trainer.policy)
    kernel = None if network is None else network.double().cpu().numpy()
    moments = Moments(trainer.mdp, policy, kernel, go_on)
    values = exact.values_t(trainer.mdp, policy, moments.horizon)
    return moments, values[:-1]


def _alive_bonus(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, values = _moments(trainer, go_on)
    total = moments.trace_total()
    less_v = moments.trace_to_go(trainer.mdp.discount, values)
    ratio = total / less_v
    return Finding(
        {"total": total, "to_go_v": less_v, "ratio": ratio},
        f"The total return has {_count(ratio)} times the variance of γᵗ reward-to-go − V(s):"
        f" {_rough(total)} against {_rough(less_v)}, and both estimate the same gradient.",
    )


def _late_benefit(trainer: Trainer, go_on: GoOn) -> Finding:
    """The ratio at each of :data:`SHARES`; those that the training does not come to are left out.

    The policy is looked at after every update, the variance only where a share is first reached.
    """
    way, found = Way(trainer.mdp), {}
    waiting = list(SHARES)
    for done in range(MOST_UPDATES):
        if not go_on(done, MOST_UPDATES):
            raise StoppedError("The demonstration was given up.")
        value = float(way.value(trainer.logits()[0].double().cpu().numpy()))
        share = way.fraction(value)
        passed = [s for s in waiting if s == 0 or (share is not None and share >= s)]
        if passed:
            moments, values = _moments(trainer, lambda done, total: True)
            ratio = moments.trace_to_go(1.0) / moments.trace_to_go(1.0, values)
            found.update(dict.fromkeys(passed, ratio))
            waiting = [s for s in waiting if s not in passed]
        if not waiting:
            break
        trainer.step()
    shares = ", ".join(f"{s:.0%}".replace("%", "") for s in found)
    ratios = ", ".join(_rough(r) for r in found.values())
    sentence = f"Along one training V(s) cuts the variance {ratios} times at {shares} % of the way."
    if waiting:
        sentence += f" It did not come to {waiting[0]:.0%} in {MOST_UPDATES:,} updates."
    numbers = {f"{share:g}": ratio for share, ratio in found.items()}
    return Finding(numbers, sentence, trainer.update)


def _two_goals(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, values = _moments(trainer, go_on)
    none = moments.trace_total()
    at_start = moments.trace_total(values[0])
    on_the_way = moments.trace_to_go(trainer.mdp.discount, values)
    return Finding(
        {"none": none, "at_start": at_start, "on_the_way": on_the_way},
        f"V of the start, taken from the total return, makes {_change(none, at_start)};"
        f" V(s), taken from γᵗ reward-to-go, {_change(none, on_the_way)}.",
    )


def _noise(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, values = _moments(trainer, go_on)
    none = moments.trace_to_go(1.0)
    less_v = none / moments.trace_to_go(1.0, values)
    gae = none / moments.trace_gae(1.0, 0.95, values)
    return Finding(
        {"V": less_v, "gae": gae},
        f"With noise of σ = {trainer.world.reward_noise:g} on every reward, V(s) cuts the variance"
        f" {less_v:.2f} times, GAE with λ = .95 cuts it {gae:.2f} times.",
    )


def _corridor(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, values = _moments(trainer, go_on)
    constant = float(exact.at_start(trainer.mdp, values[0]))
    with_constant = moments.trace_to_go(1.0, constant)
    with_v = moments.trace_to_go(1.0, values)
    wins = "the constant beats V(s)" if with_constant < with_v else "V(s) beats the constant"
    return Finding(
        {"constant": with_constant, "V": with_v},
        f"A policy that cannot tell cells apart: {_rough(with_constant)} with the constant"
        f" {_rough(constant)} as baseline, {_rough(with_v)} with V(s); {wins}.",
    )


def _bandit(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, _ = _moments(trainer, go_on)
    best = optimal_constant(trainer.mdp, action_probabilities(trainer.logits()[0]).cpu().numpy())
    none, with_best = moments.trace_total(), moments.trace_total(best)
    return Finding(
        {"none": none, "a component": none / 2, "best": best, "with_best": with_best},
        f"Without a baseline each of the two logits has a variance of {_count(none / 2)};"
        f" with the constant {best:g} subtracted it is {_rough(max(with_best, 0.0) / 2)}.",
    )


def _optimum(trainer: Trainer, go_on: GoOn) -> Finding:
    moments, values = _moments(trainer, go_on)
    none, own = moments.trace_to_go(1.0), moments.trace_to_go(1.0, values)
    best = moments.trace_to_go(1.0, exact.optimal_values(trainer.mdp, moments.horizon))
    word = "worse than" if best > none else "better than"
    return Finding(
        {"none": none, "V": own, "V*": best},
        f"V* as the baseline of this policy: {_rough(best)}, {word} none at all with"
        f" {_rough(none)}; the policy’s own V(s) leaves {_rough(own)}.",
    )


_MEASURES: dict[str, Callable[[Trainer, GoOn], Finding]] = {
    "alive_bonus": _alive_bonus,
    "late_benefit": _late_benefit,
    "two_goals": _two_goals,
    "noise": _noise,
    "corridor": _corridor,
    "bandit": _bandit,
    "optimum": _optimum,
}


def of_study(demonstration: Demonstration, curves: Sequence[Curve]) -> Finding:
    """How many seeds of each arm were left stuck, once all have been trained."""
    arms = [demonstration.settings_of(own) for own in demonstration.arms]
    names = arm_names(arms)
    stuck = {
        name: float(curve.at_rest.mean()) for name, curve in zip(names, curves, strict=True)
    }
    parts = ", ".join(f"{name} {_percent(share)}" for name, share in stuck.items())
    seeds = curves[0].values.shape[1]
    return Finding(stuck, f"Stuck away from the optimum, of the same {seeds} seeds: {parts}.")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _rough(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if abs(value) < 1000 else _count(value)


def _count(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")


def _change(before: float, after: float) -> str:
    factor = max(before / after, after / before)
    return f"{factor:.2g} times {'less' if after < before else 'more'} variance"
