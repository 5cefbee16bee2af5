"""Measures several estimators at a frozen policy beside the training, for the Variance scene.

Lives on the training thread, between two updates; imported only there, since it imports torch.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rlxent_core.commands.variance import affordable
from rlxent_core.estimators import Estimator, every, taken_together
from rlxent_core.exact_variance import Moments, StoppedError
from rlxent_core.kernel import full_matrix
from rlxent_core.mdp import MDP
from rlxent_core.optimal_baseline import cost
from rlxent_core.policy import TablePolicy, action_probabilities
from rlxent_core.references import References
from rlxent_core.survey import Cloud, Found
from rlxent_core.survey import Survey as Measuring
from rlxent_core.trainer import Trainer
from rlxent_core.variance import exact_trace
from rlxent_gui.questions import AskSurvey
from rlxent_gui.variance_view import CloudView, Row, Survey

LIVE = 1e8
"""Multiplications up to which b* and the exact variance follow the training: a tenth of a second.
"""
AT_ONCE = 1e9
"""Multiplications up to which baselines of least variance are among the first rows: a second."""
EVERY = 0.1
"""Seconds between two looks at what grows, at least."""
WITHIN = 0.98
"""Share of the dots that the axes reach to."""
ROUNDING = 1e-15
"""Of the largest variance in the table, what is left where another is exactly zero."""
SHARE = 10
"""A look waits for this many times what it cost."""

TOO_LARGE = "The rewards are too large: the variance of their gradients is no number any more."

Report = Callable[[str, int, int, str], bool]
Post = Callable[[Survey], None]


class VarianceDesk:
    """Keeps one frozen policy with what was measured at it."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._frozen: Frozen | None = None

    def answer(self, question: AskSurvey, report: Report, post: Post) -> Survey | None:
        """Measure, and post what there is as it grows; what was found before a stop is kept.

        None where it was stopped before there was anything.

        Raises:
            TrainingError: when the episodes might not fit in memory.
            ValueError: when the policy's numbers are not finite.
        """
        before = frozen = self._frozen
        if question.anew or frozen is None:
            frozen = Frozen(self._trainer, question.pasts)
        if question.exact and frozen.wants_optimal:
            frozen = frozen.with_optimal()
        looks = Looks(post)
        try:
            if frozen.draw(question.episodes, report, looks) and question.exact:
                frozen.work_out(report, looks)
        except StoppedError:
            pass
        self._frozen = frozen if frozen.drawn else before
        return None if self._frozen is None else self._frozen.view()


def offered(trainer: Trainer, optimal: bool) -> tuple[Estimator, ...]:
    """All estimators that run 0 has baselines for, b* among them or not."""
    settings = trainer.run_settings[0]
    found = every(
        settings.gae_lambda, constant=settings.baseline == "moving_average",
        critic=trainer.critic_values() is not None,
    )
    return tuple(one for one in found if optimal or "b_star" not in one.baseline)


class Looks:
    """Shows what grows, seldom enough that showing takes little of the time."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._due = time.perf_counter() + EVERY

    def take(self, view: Callable[[], Survey], now: bool = False) -> bool:
        """Whether it was time for one."""
        began = time.perf_counter()
        if not now and began < self._due:
            return False
        self._post(view())
        ended = time.perf_counter()
        self._due = ended + max(EVERY, SHARE * (ended - began))
        return True


class Frozen:
    """A policy as it was, in the world of that time, and what has been measured at it."""

    def __init__(self, trainer: Trainer, pasts: int) -> None:
        self._pasts = pasts
        self.policy = copy.deepcopy(trainer.policy)
        self.world, self.settings = trainer.world, trainer.run_settings[0]
        self.update, self.mdp = trainer.update, trainer.sampled_mdp
        self._seed = trainer.seeds[0]
        constant, critic = trainer.baseline_constant(), trainer.critic_values()
        self._constant = None if constant is None else float(constant[0])
        self._critic = None if critic is None else critic[0].detach().clone()
        self._offered = {optimal: offered(trainer, optimal) for optimal in (False, True)}
        self._work = cost(self.mdp.mdp, network=not isinstance(self.policy, TablePolicy))
        self.affordable = affordable(self.mdp.mdp, self.policy)
        self._begin(self._work <= AT_ONCE)

    def _begin(self, optimal: bool) -> None:
        """``optimal``: whether the baselines of least variance are among the estimators."""
        self.optimal, self._estimators = optimal, self._offered[optimal]
        self._exact: dict[str, float | None] = {}
        self._sampled: tuple[int, tuple[Row, ...], float] | None = None
        self._report: Report = lambda title, done, total, unit: True
        self._measuring: Measuring | None = None

    @property
    def wants_optimal(self) -> bool:
        """Whether they were left out and can be had."""
        return self.affordable and not self.optimal

    def with_optimal(self) -> Frozen:
        """The same with the baselines of least variance: same seed, so the same episodes."""
        other = copy.copy(self)
        other._begin(True)
        return other

    @property
    def drawn(self) -> int:
        """Episodes so far."""
        return 0 if self._measuring is None else self._measuring.n_episodes

    def _begin_measuring(self) -> Measuring:
        if self._measuring is None:
            policy = action_probabilities(self.policy()[0]).detach().double().cpu().numpy()
            if not np.isfinite(policy).all():
                raise ValueError("The policy’s numbers are not finite any more.")
            kernel = full_matrix(self.policy) if self.affordable else None
            mean = self.settings.baseline == "moving_average"
            self._references = References(
                self.mdp.mdp, policy,
                kernel=None if kernel is None else kernel.detach().double().cpu().numpy(),
                constant=self._constant if mean else None, constant_is="moving_average",
                critic=self._critic, go_on=self._find_best,
            )
            for one in self._estimators:
                if one.baseline == "b_star":
                    self._references.number(one)
            self._measuring = Measuring(
                self.policy, self.mdp, self._estimators, self._seed, update=self.update,
                group=taken_together(self.settings), references=self._references,
            )
        return self._measuring

    def _find_best(self, done: int, total: int) -> bool:
        return self._report("Finding the best baselines", done, total, "steps")

    def draw(self, episodes: int, report: Report, looks: Looks) -> bool:
        """Episodes up to ``episodes`` in all; False where it was stopped.

        Raises:
            StoppedError: before there were any.
        """
        self._report = report
        measuring = self._begin_measuring()
        before = seen = measuring.n_episodes

        def go_on(added: int) -> bool:
            nonlocal seen
            if measuring.n_episodes > seen and looks.take(self.view):
                seen = measuring.n_episodes
            return report("Measuring gradients", before + added, episodes, "episodes")

        return measuring.add(max(0, episodes - before), go_on)

    def work_out(self, report: Report, looks: Looks) -> None:
        """The exact variances, one after the other.

        Raises:
            StoppedError: when it was stopped.
        """
        if self.exact_refused:
            return
        wanted = [one for one in self._estimators if one.name not in self._exact]
        steps = self.mdp.mdp.max_steps or 0
        before = 0

        def go_on(at: int, total: int) -> bool:
            return report("Exact variances", before * steps + at, len(wanted) * steps, "steps")

        moments = Moments(self.mdp.mdp, self._references.policy, self._references.kernel, go_on)
        for before, one in enumerate(wanted):  # noqa: B007, it is how far go_on says to be
            self._exact[one.name] = exact_trace(moments, one, self._references, self._group)
            looks.take(self.view, now=True)

    @property
    def _group(self) -> int:
        assert self._measuring is not None
        return self._measuring.group

    @property
    def exact_refused(self) -> str:
        """Why there can be no exact numbers."""
        return "" if self.affordable else _refused(self.mdp.mdp, "Exact variances")

    def view(self) -> Survey:
        """What there is now."""
        assert self._measuring is not None
        left_out = ""
        if not self.optimal:
            what = "The best baselines b* are left out: press Exact to find them."
            refused = _refused(self.mdp.mdp, "The best baselines b*")
            left_out = what if self.wants_optimal else refused
        sampled, floor = self._rows()
        rows = tuple(_with_exact(row, self._exact.get(row.name), floor) for row in sampled)
        return Survey(
            self.update, self._pasts, self.world, self.settings, self.drawn,
            self._measuring.rewarded, rows,
            left_out=left_out,
            exact_refused=self.exact_refused,
            quick=self._work <= LIVE,
            exact_done=all(one.name in self._exact for one in self._estimators),
        )


    def _rows(self) -> tuple[tuple[Row, ...], float]:
        """What the episodes say, and the variance below which there is none but rounding.

        Made once for as many episodes: every exact number that comes is shown beside them.
        """
        assert self._measuring is not None
        if self._sampled is None or self._sampled[0] != self.drawn:
            found = self._measuring.found()
            traces = [f.measurement.trace_cov for f in found.values()]
            if not np.isfinite(traces).all():
                raise ValueError(TOO_LARGE)
            floor = ROUNDING * max(traces, default=0.0)
            rows = tuple(_row(each, floor) for each in found.values())
            self._sampled = self.drawn, rows, floor
        return self._sampled[1:]


def _refused(mdp: MDP, what: str) -> str:
    cells = int(mdp.standable.sum())
    return (
        f"{what} are left out: they would take minutes on a board of {cells:,} cells and"
        f" {mdp.max_steps:,} steps."
    )


def _with_exact(row: Row, exact: float | None, floor: float) -> Row:
    if exact is None:
        return row
    return replace(row, exact=0.0 if exact <= floor else exact)


def _row(found: Found, floor: float) -> Row:
    """``floor``: a variance below it is rounding, and none."""
    measured = found.measurement
    none = measured.trace_cov <= floor
    ratio = None if none else found.ratio
    times = interval = None
    if ratio is not None and ratio.value is not None and measured.estimator.baseline != "none":
        times = 1 / ratio.value
        width = float(np.exp(1.96 * ratio.log_se))
        interval = (times / width, times * width)
    cloud = found.cloud
    if cloud is not None and measured.estimator.rescaled:
        cloud = _own_scale(cloud)
    return Row(
        measured.estimator,
        0.0 if none else measured.trace_cov,
        (0.0, 0.0) if none else measured.interval(),
        times,
        interval,
        None if found.relative is None else 0.0 if none else found.relative,
        None if measured.estimator.rescaled else measured.mean_projection,
        None if measured.estimator.rescaled else measured.mean_projection_se,
        measured.cosine,
        None if none else measured.snr,
        found.episodes_needed,
        None if cloud is None else _cloud(cloud),
    )


def _cloud(cloud: Cloud) -> CloudView:
    x, y = cloud.centre.tolist()
    reach = (
        float(np.quantile(np.abs(cloud.x - 1), WITHIN)),
        float(np.quantile(np.abs(cloud.y), WITHIN)),
    )
    return CloudView(cloud.x, cloud.y, cloud.means, (x, y), cloud.ellipse(), reach)


def _own_scale(cloud: Cloud) -> Cloud:
    """So that its centre lies as far along as the exact gradient: of it only the shape counts."""
    along = float(cloud.x.mean())
    return cloud if along <= 0 else Cloud(cloud.x / along, cloud.y / along, cloud.group)
