"""How many times less the variance is with the baseline than without, over the updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.estimator_words import text_role
from rlxent_gui.plots.data import RatioPlotData
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import SteadyRange, end_of_updates, power_text, tick_text
from rlxent_gui.plots.variance import NO_REWARD, NONE, log10
from rlxent_gui.theme import Appearance

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart

SUBTITLE = "than no baseline"
NO_BASELINE = "The training uses no baseline: choose one, and the ratio is drawn."


class RatioPlot(PlotCard):
    """``set_data(RatioPlotData)``; the axis is logarithmic, and 1 means that nothing is gained."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__("Times less", SUBTITLE, parent, look)
        self._range = SteadyRange()
        self._last_update = 0.0

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.chart import Chart

        return Chart(power_text, whole=True, look=self.look)

    def describe(self, data: RatioPlotData | None) -> None:
        dots = data is not None and any(len(found.updates) for found in data.exact)
        self.set_title(self.title.text(), f"{SUBTITLE} · dots: exact" if dots else SUBTITLE)

    def draw(self, chart: Chart, data: RatioPlotData | None) -> None:
        from rlxent_gui.plots.dashes import DOTS
        from rlxent_gui.plots.frame import EndLabel, last_number
        from rlxent_gui.plots.ink import Stroke

        if data is None:
            data = RatioPlotData(NONE, NONE, empty="")
        ratio = log10(data.ratio)
        dots = [(found.updates, log10(found.values), found.role) for found in data.exact]
        known = np.concatenate([ratio, *(values for _, values, _ in dots)])
        known = known[np.isfinite(known)]
        last = float(data.updates[-1]) if len(data.updates) else 0.0
        if last < self._last_update:
            self._range.forget()
        self._last_update = last
        low, high = (known.min(), known.max()) if len(known) else (0.0, 2.0)
        self._range.follow_decades(min(float(low), 0.0), max(float(high), 1.0))
        chart.set_range(end_of_updates(last), self._range.low, self._range.high)
        chart.set_curve("ratio", data.updates, ratio, Stroke(data.role, 2.8))
        for k, (updates, exactly, role) in enumerate(dots):
            chart.set_curve(f"exact {k}", updates, exactly, Stroke(role, 7, DOTS), 20)
        chart.keep_curves({"ratio", *(f"exact {k}" for k in range(len(dots)))})
        labels = []
        if (value := last_number(ratio)) is not None:
            now = 10**value
            text = tick_text(float(f"{now:.2g}")) + "×"
            role = text_role(data.role)
            labels.append(EndLabel(text, value, role, tip=f"With {data.label}, now"))
        chart.set_labels(labels, data.marks)
        nothing = NO_REWARD if data.label else NO_BASELINE
        chart.set_message("" if len(known) else nothing if len(data.updates) else data.empty)
