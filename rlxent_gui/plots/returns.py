"""The return over the updates: every batch, its running mean, the optimum, and former runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.plots.data import Floats, Ghost, ReturnPlotData
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import SteadyRange, end_of_updates, value_text
from rlxent_gui.theme import REGULAR, Appearance
from rlxent_gui.words import counted

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart
    from rlxent_gui.plots.frame import EndLabel

NONE = np.empty(0)


class ReturnPlot(PlotCard):
    """``set_data(ReturnPlotData)``."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__("Return", "", parent, look)
        self._range = SteadyRange()
        self._last_update = 0.0

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.chart import Chart

        return Chart(look=self.look)

    def describe(self, data: ReturnPlotData | None) -> None:
        episodes = data.episodes_per_update if data else 16
        self.set_title("Return", f"per update, {counted(episodes, 'episode')}")

    def draw(self, chart: Chart, data: ReturnPlotData | None) -> None:
        from rlxent_gui.plots.ink import DASHED, DOTTED, Stroke

        if data is None:
            data = ReturnPlotData(NONE, NONE, NONE, empty="")
        ghosts = {f"ghost {i}": ghost for i, ghost in enumerate(data.ghosts)}
        histories = (data.updates, *(ghost.updates for ghost in data.ghosts))
        end = end_of_updates(max(map(_last, histories)))
        self._follow(data)
        chart.set_range(end, self._range.low, self._range.high)
        names = {"raw", "mean", *ghosts}
        across = np.array([0.0, end])
        for name, value, stroke in (
            ("optimal", data.optimal, Stroke("opt", 2, DASHED)),
            ("uniform", data.uniform, Stroke("ink3", 1.6, DOTTED)),
        ):
            if value is not None and np.isfinite(value):
                names.add(name)
                chart.set_curve(name, across, np.full(2, value), stroke, -10)
        for name, ghost in ghosts.items():
            chart.set_curve(name, ghost.updates, ghost.mean, Stroke("ink3", 1.6), -5)
        chart.set_curve("raw", data.updates, data.raw, Stroke("ink", 1, alpha=0.27), 0)
        chart.set_curve("mean", data.updates, data.mean, Stroke("ink", 2.8), 10)
        chart.keep_curves(names)
        chart.set_labels(_labels(data), data.marks)
        chart.set_message("" if len(data.updates) else data.empty)

    def _follow(self, data: ReturnPlotData) -> None:
        last = _last(data.updates)
        if last < self._last_update:  # a reset or a step back
            self._range.forget()
        self._last_update = last
        low, high = _extent(data)
        self._range.follow(low, high)


def _last(updates: Floats) -> float:
    return float(updates[-1]) if len(updates) else 0.0


def _extent(data: ReturnPlotData) -> tuple[float, float]:
    """What must be seen: the means, the lines, and all but the wildest two in a hundred batches."""
    seen = [data.mean, *(ghost.mean for ghost in data.ghosts)]
    batches = data.raw if data.sample is None else data.sample
    batches = batches[:: max(1, len(batches) // 500)]
    batches = batches[np.isfinite(batches)]
    if len(batches):
        seen.append(np.quantile(batches, [0.01, 0.99]))
    seen.append(np.array([v for v in (data.optimal, data.uniform) if v is not None]))
    values = np.concatenate([np.asarray(s, dtype=float) for s in seen])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (0.0 if 0 < low < 0.5 * high else low), high


def _labels(data: ReturnPlotData) -> list[EndLabel]:
    from rlxent_gui.plots.frame import EndLabel, last_number

    labels = []
    now = last_number(data.mean)
    if now is not None:
        labels.append(EndLabel(f"now {value_text(now)}", now,
                               tip="Running mean of the batches’ mean discounted returns"))
    if data.optimal is not None and np.isfinite(data.optimal):
        labels.append(EndLabel(f"optimal {value_text(data.optimal)}", data.optimal, "opt_text",
                               tip="The return of the best policy, computed exactly"))
    for ghost in data.ghosts:
        labels += _ghost_label(ghost)
    if data.uniform is not None and np.isfinite(data.uniform):
        labels.append(EndLabel(f"uniform {value_text(data.uniform)}", data.uniform, "ink3", REGULAR,
                               "The return of choosing every action equally often, exactly"))
    return labels


def _ghost_label(ghost: Ghost) -> list[EndLabel]:
    from rlxent_gui.plots.frame import EndLabel, last_number

    value = last_number(ghost.mean)
    if value is None:
        return []
    tip = f"Before the reset: {ghost.label}, {value_text(value)} at its end"
    return [EndLabel(ghost.label, value, "ink3", REGULAR, tip)]
