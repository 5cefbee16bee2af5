"""The live meter: how noisy the gradient is, with and without the baseline, as training goes on.

Lives on the training thread; imported only there, since it imports torch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rlxent_core.estimators import Estimator, estimator_of, without_baseline
from rlxent_core.optimal_baseline import cost
from rlxent_core.policy import TablePolicy
from rlxent_core.trainer import Trainer
from rlxent_core.variance import PairMeasurement, exact_of, measure_pair
from rlxent_gui import messages
from rlxent_gui.mailbox import ExactPoint, Mailbox, Measured, VariancePoint
from rlxent_gui.variance_desk import LIVE, offered
from rlxent_gui.words import rough

METER_EPISODES = 64
BEST = ("b_star", "b_star(t,s)")
PAIR = ("none", "chosen")
EXACT_APART = 5
"""Updates from one exact variance of an estimator to the next, at least."""

ReportProgress = Callable[[str, int, int, str], bool]


class Throttle:
    """Lets something happen again once a multiple of its own cost has passed."""

    def __init__(self) -> None:
        self._end = self._cost = 0.0

    def ready(self, share: float) -> bool:
        return time.perf_counter() >= self._end + share * self._cost

    def took(self, seconds: float, share: float) -> None:
        """What it cost; at rest (``share`` 0) that holds up nobody, and the first time is cold."""
        self._end, self._cost = time.perf_counter(), seconds if share else 0.0


class LiveMeter:
    """Measures now and then, and records what it finds in the mailbox."""

    def __init__(self, trainer: Trainer, mailbox: Mailbox, run_id: int) -> None:
        self._trainer, self._mailbox, self._run_id = trainer, mailbox, run_id
        self._wanted = messages.Meter()
        self._throttle, self._best_throttle = Throttle(), Throttle()
        self._exact_throttle = Throttle()
        self._measured_at = -1
        self._exact_at: dict[str, int] = {}

    def follow(self, wanted: messages.Meter) -> None:
        """Measure other estimators from now on."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._measured_at = -1

    def forget(self) -> None:
        """What was measured is no longer so."""
        self._measured_at = -1
        self._exact_at.clear()

    def look(self, share: float) -> None:
        """Measure the policy as it is, unless that was done; ``share`` times the cost is waited."""
        self._sample(share)
        self._work_out(share)

    def measure(self, episodes: int, report: ReportProgress) -> None:
        """tr Cov at the policy as it is, over many episodes, in words."""
        parts: list[PairMeasurement] = []
        done = 0
        while done < episodes and report("Measuring gradient variance", done, episodes, "episodes"):
            part = measure_pair(self._trainer, METER_EPISODES, part=len(parts) + 1)
            done += part.n_episodes
            parts.append(part)
        if parts:
            update = self._trainer.update
            found = in_words(PairMeasurement.pooled(parts))
            sentence = f"Update {update}, {done} episodes: {found}"
            self._mailbox.record(Measured(self._run_id, update, sentence))

    @property
    def _own(self) -> Estimator:
        return estimator_of(self._trainer.run_settings[0])

    @property
    def _quick(self) -> bool:
        network = not isinstance(self._trainer.policy, TablePolicy)
        return cost(self._trainer.mdp, network=network) <= LIVE

    def _others(self) -> list[Estimator]:
        """What is measured beside the pair, as far as this training has it, and quickly."""
        there = {one.name: one for one in offered(self._trainer, self._quick)}
        pair = (self._own, without_baseline(self._own))
        wanted = [there[name] for name in self._wanted.estimators if name in there]
        return [one for one in wanted if one not in pair and not one.rescaled]

    def _sample(self, share: float) -> None:
        """The pair and the others, on the same episodes."""
        update = self._trainer.update
        if self._measured_at == update or not self._throttle.ready(share):
            return
        began = time.perf_counter()
        others, throttle = self._others(), self._throttle
        # What is dear to find, b*, is measured less often, and does not hold up the others.
        best = [one for one in others if one.baseline in BEST]
        if best and self._best_throttle.ready(share):
            throttle = self._best_throttle
        else:
            others = [one for one in others if one not in best]
        pair = measure_pair(self._trainer, METER_EPISODES, others=others)
        self._measured_at = update
        none, chosen = shown(pair)
        label = pair.label
        if self._trainer.run_settings[0].baseline == "none":
            chosen, label = math.nan, ""  # it is the curve without a baseline
        further = tuple(
            (name, spread.trace_cov if pair.rewarded else math.nan)
            for name, spread in pair.others.items()
        )
        self._mailbox.record(VariancePoint(self._run_id, update, none, chosen, label, further))
        throttle.took(time.perf_counter() - began, share)

    def _work_out(self, share: float) -> None:
        """Where the exact variance of one of the estimators lies, each in its turn."""
        if not (self._wanted.exact and self._quick and self._exact_throttle.ready(share)):
            return
        own, update = self._own, self._trainer.update
        live: dict[str, Estimator | None] = {"none": without_baseline(own)}
        if own.baseline != "none":
            live["chosen"] = None
        live |= {one.name: one for one in self._others()}
        due = min(live, key=lambda name: self._exact_at.get(name, -EXACT_APART))
        if update - self._exact_at.get(due, -EXACT_APART) < EXACT_APART:
            return
        began = time.perf_counter()
        # With and without the baseline at the same update: so their ratio is exact, too.
        for name in PAIR if due in PAIR else (due,):
            found = exact_of(self._trainer, live[name]) if name in live else None
            self._exact_at[name] = update
            if found is not None and found > 0:
                self._mailbox.record(ExactPoint(self._run_id, update, name, found))
        self._exact_throttle.took(time.perf_counter() - began, share)


def shown(pair: PairMeasurement) -> tuple[float, float]:
    """Both variances; nan as long as no episode was paid anything."""
    return (pair.none, pair.chosen) if pair.rewarded else (math.nan, math.nan)


def in_words(pair: PairMeasurement) -> str:
    """What was measured, with its 95 % interval."""
    if not pair.rewarded:
        return "no episode was rewarded yet, so there is nothing to compare."
    ratio = pair.ratio
    if pair.without is pair.chosen_spread or pair.none == pair.chosen:
        low, high = pair.without.interval()
        return f"tr Cov without a baseline is {rough(pair.none)} [{rough(low)}, {rough(high)}]."
    none, chosen = rough(pair.none), rough(pair.chosen)
    found = f"tr Cov is {none} without a baseline and {chosen} with {pair.label}"
    if ratio.value is None:
        return found + "."
    return f"{found}, on the same episodes: {times(ratio.value, ratio.log_se)}."


def times(ratio: float, log_se: float) -> str:
    """ "26 times less [16, 42]", with its 95 % interval; "more" where a baseline does harm.

    Neither where the interval contains 1.
    """
    factor, width = max(ratio, 1 / ratio), math.exp(1.96 * log_se)
    if factor <= width:
        return f"not told apart [{rough(ratio / width)}, {rough(ratio * width)}]"
    word = "less" if ratio >= 1 else "more"
    return f"{rough(factor)} times {word} [{rough(factor / width)}, {rough(factor * width)}]"
