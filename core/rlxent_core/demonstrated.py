"""What a demonstration shows, in one sentence that says of its numbers where they come from.

"Exactly" is tr Cov of one episode's gradient by dynamic programming, of the policy a training with
the demonstration's settings begins with or comes to: what a table of these estimators calls exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlxent_core.arm_names import arm_names
from rlxent_core.demonstrations import Demonstration
from rlxent_core.estimators import estimator, taken_together
from rlxent_core.exact_variance import Moments, StoppedError
from rlxent_core.kernel import full_matrix
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.study import Curve
from rlxent_core.trainer import Trainer
from rlxent_core.variance import exact_trace
from rlxent_core.way import Way
from rlxent_core.world import World

GoOn = Callable[[int, int], bool]
SHARES = (0.0, 0.5, 0.9, 0.97)
"""Of the way, at which the late benefit is looked for."""
MOST_UPDATES = 1000


@dataclass(frozen=True)
class Finding:
    """The numbers by name, tr Cov by that of its estimator, and the sentence made of them."""

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
    if demonstration.curves:
        return _late_benefit(trainer, demonstration.estimators, go_on)
    say = _SENTENCES[demonstration.id]
    found = _Traces(trainer, demonstration.estimators, go_on)
    return Finding(dict(zip(found.names, found.values, strict=True)), say(found))


class _Traces:
    """tr Cov of several estimators at the policy as it is, in the order of their names."""

    def __init__(self, trainer: Trainer, names: Sequence[str], go_on: GoOn) -> None:
        policy = action_probabilities(trainer.logits()[0]).double().cpu().numpy()
        network = full_matrix(trainer.policy)
        kernel = None if network is None else network.double().cpu().numpy()
        self.references = References(trainer.mdp, policy, kernel=kernel, go_on=go_on)
        moments = Moments(trainer.mdp, policy, kernel, go_on)
        group = taken_together(trainer.run_settings[0])
        self.world, self.names = trainer.world, names
        self.values: list[float] = []
        for name in names:
            found = exact_trace(moments, estimator(name), self.references, group)
            assert found is not None, name
            self.values.append(max(found, 0.0))

    def constant(self, at: int) -> float:
        """b of the estimator at that place, whose baseline is one number."""
        return self.references.number(estimator(self.names[at]))


def _late_benefit(trainer: Trainer, names: Sequence[str], go_on: GoOn) -> Finding:
    """The ratio at each of :data:`SHARES`; those that the training does not come to are left out.

    The policy is looked at after every update, the variance only where a share is first reached.
    """
    way = Way(trainer.mdp)
    found: dict[float, tuple[int, float]] = {}
    waiting = list(SHARES)
    for done in range(MOST_UPDATES):
        if not go_on(done, MOST_UPDATES):
            raise StoppedError("The demonstration was given up.")
        value = float(way.value(trainer.logits()[0].double().cpu().numpy()))
        share = way.fraction(value)
        passed = [s for s in waiting if s == 0 or (share is not None and share >= s)]
        if passed:
            none, less_v = _Traces(trainer, names, lambda done, total: True).values
            found.update(dict.fromkeys(passed, (trainer.update, none / less_v)))
            waiting = [s for s in waiting if s not in passed]
        if not waiting:
            break
        trainer.step()
    times = ", ".join(f"{_figure(ratio)} at {update:,}" for update, ratio in found.values())
    shares = ", ".join(f"{s:.0%}".replace("%", "") for s in found)
    sentence = (
        f"Along one training, exactly: V(s) cuts the variance"
        f" {times.replace(' at ', ' times at update ', 1)} ({shares} % of the way)."
    )
    if waiting:
        sentence += f" It did not come to {waiting[0]:.0%} in {MOST_UPDATES:,} updates."
    numbers = {f"{share:g}": ratio for share, (_, ratio) in found.items()}
    return Finding(numbers, sentence, trainer.update)


def _alive_bonus(found: _Traces) -> str:
    total, to_go, less_v = found.values
    return (
        f"Exactly, the total return has {_figure(total / less_v)} times the variance of γᵗ to-go"
        f" − V(s): {_figure(total)} against {_figure(less_v)}; γᵗ to-go alone has {_figure(to_go)}."
    )


def _two_goals(found: _Traces) -> str:
    total, at_start, to_go, on_the_way = found.values
    return (
        f"Exact variances: Total {_figure(total)}, with V(s₀) {_change(total, at_start)};"
        f" γᵗ to-go {_figure(to_go)}, with V(s) {_change(to_go, on_the_way)}."
    )


def _noise(found: _Traces) -> str:
    none, less_v, gae = found.values
    return (
        f"With noise of σ = {found.world.reward_noise:g} on every reward, exactly:"
        f" {_figure(none)} without a baseline, {_change(none, less_v, ' with V(s)')},"
        f" {_change(none, gae, ' with GAE 0.95')}."
    )


def _corridor(found: _Traces) -> str:
    none, with_constant, with_v = found.values
    wins = "the constant beats V(s)" if with_constant < with_v else "V(s) beats the constant"
    return (
        f"A policy that cannot tell cells apart, exactly: {_figure(none)} without a baseline,"
        f" {_figure(with_constant)} with the constant b* = {_figure(found.constant(1))},"
        f" {_figure(with_v)} with V(s); {wins}."
    )


def _bandit(found: _Traces) -> str:
    none, leave_one_out, with_best = found.values
    return (
        f"Exactly, tr Cov is {_figure(none)} without a baseline, {_figure(none / 2)} a logit;"
        f" leave-one-out leaves {_figure(leave_one_out)}, the constant"
        f" b* = {found.constant(2):g} leaves {_figure(with_best)}."
    )


def _optimum(found: _Traces) -> str:
    none, own, best = found.values
    word = "worse" if best > none else "better"
    return (
        f"Exactly, V*(s) as the baseline of this policy leaves {_figure(best)}, {word} than none"
        f" at all with {_figure(none)}; the policy’s own V(s) leaves {_figure(own)}."
    )


_SENTENCES: dict[str, Callable[[_Traces], str]] = {
    "alive_bonus": _alive_bonus,
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
        name: int(curve.at_rest.sum()) for name, curve in zip(names, curves, strict=True)
    }
    parts = ", ".join(f"{name} {number}" for name, number in stuck.items())
    seeds = curves[0].values.shape[1]
    return Finding(
        {name: float(number) for name, number in stuck.items()},
        f"Stuck away from the optimum, of the same {seeds} seeds: {parts}.",
    )


def _figure(value: float) -> str:
    """Three digits; whole numbers from a hundred on."""
    text = f"{value:,.0f}" if abs(value) >= 99.95 or value == 0 else f"{value:#.3g}"
    return text.replace("-", "−")


def _change(before: float, after: float, by: str = "") -> str:
    """The one after, what it is by, and how many times less or more it is."""
    if min(before, after) <= 0:
        return f"{_figure(after)}{by}"
    factor = max(before / after, after / before)
    word = "less" if after < before else "more"
    return f"{_figure(after)}{by} ({_figure(factor)} times {word})"
