"""Settings side by side: the median of the exact J over episodes, and its middle half."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.estimator_words import Style, text_role
from rlxent_gui.learning_view import LearningState, StudyResult
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import SteadyRange
from rlxent_gui.theme import MEDIUM, Appearance
from rlxent_gui.words import count, value_text

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart
    from rlxent_gui.plots.frame import EndLabel
    from rlxent_gui.plots.ink import Stroke
    from rlxent_gui.plots.learning_chart import LearningChart

TITLE = "Exact return J"
OF_SEEDS = "median and middle half of {}"


class LearningPlot(PlotCard):
    """``set_data(LearningState)``: its study, or why there is none."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(TITLE, OF_SEEDS.format("the seeds"), parent, look)
        self._range = SteadyRange()
        self.expand_button.hide()

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.learning_chart import LearningChart

        return LearningChart(look=self.look)

    def describe(self, data: LearningState) -> None:
        study = data.study
        seeds = "the seeds" if study is None else f"the same {count(study.seeds)} seeds"
        of = OF_SEEDS.format(seeds)
        if study is not None and study.seeds == 1:
            of = "of one seed"
        # A room is told the rest in its sentence.
        told = data.goes_on if self._bare else data.told
        self.subtitle.set_role("neg_text" if told else "ink2")
        self.set_title(TITLE, told or of)

    def draw(self, chart: Chart, state: LearningState | None) -> None:
        from rlxent_gui.plots.ink import DASHED, Stroke

        chart = cast("LearningChart", chart)
        data = None if state is None else state.study
        arms = data.arms if data is not None else ()
        names = {str(i) for i in range(len(arms))}
        if data is None:
            chart.set_range(1000, 0, 1)
            chart.keep_curves(set())
        else:
            end = _end(data)
            self._range.forget()
            self._range.follow(*_extent(data))
            chart.set_range(end, self._range.low, self._range.high)
            across, level = np.array([0.0, end]), np.full(2, data.optimum)
            chart.set_curve("optimal", across, level, Stroke("opt", 2, DASHED), -10)
            for i, arm in enumerate(arms):
                stroke, (low, median, high) = stroke_of(arm.style), arm.quartiles
                chart.set_curve(str(i), arm.episodes, median, stroke, 10 - i)
                chart.set_band(str(i), arm.episodes, low, high, stroke.role)
            chart.keep_curves(names | {"optimal"})
        chart.keep_bands(names)
        chart.set_labels(_labels(data) if data is not None else ())
        chart.tip = lambda episode: tip(data, episode) if data is not None else ""
        chart.set_message(state.empty if state is not None and data is None else "")


def stroke_of(style: Style) -> Stroke:
    """How a setting's curve is drawn: in the colour of its estimator."""
    from rlxent_gui.plots.ink import DASH_OF, Stroke

    role, dash = style
    return Stroke(role, 2.0 if role == "ink3" else 2.6, DASH_OF[dash])


def tip(data: StudyResult, episode: float) -> str:
    """What is known near an episode, a line a setting."""
    lines: list[str] = []
    for arm in data.arms:
        at = int(np.abs(arm.episodes - episode).argmin())
        if not lines:
            lines.append(f"after {count(arm.episodes[at])} episodes of a seed")
        low, median, high = (value_text(v, 3) for v in arm.quartiles[:, at])
        lines.append(f"{arm.name}: {median} [{low}, {high}]")
    return "\n".join([*lines, f"optimal: {value_text(data.optimum, 3)}"])


def _end(data: StudyResult) -> float:
    """Episodes of the longest arm when all is done."""
    return float(max(data.updates * arm.settings.batch_episodes for arm in data.arms))


def _extent(data: StudyResult) -> tuple[float, float]:
    """From the uniform policy or the worst lower quartile to the optimum or the best upper one."""
    values = np.concatenate([arm.quartiles.ravel() for arm in data.arms])
    values = values[np.isfinite(values)]
    ends = [v for v in (data.uniform, data.optimum) if math.isfinite(v)]
    low, high = min([*values, *ends]), max([*values, *ends])
    return float(low), float(high)


def _labels(data: StudyResult) -> list[EndLabel]:
    from rlxent_gui.plots.frame import EndLabel

    optimal = EndLabel(f"optimal {value_text(data.optimum)}", data.optimum, "opt_text", MEDIUM,
                       "The return of the best policy, computed exactly")
    return [optimal] + [
        EndLabel(
            arm.name, arm.final, text_role(arm.style[0]),
            tip=f"{arm.name}: median J {value_text(arm.final, 3)} at the last point",
        )
        for arm in data.arms
    ]
