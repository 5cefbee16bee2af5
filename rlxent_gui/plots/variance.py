"""The gradient's variance without and with the baseline: same policy, same episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.plots.data import Floats, VariancePlotData
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import SteadyRange, end_of_updates, power_text
from rlxent_gui.theme import Appearance

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart

NO_REWARD = "No reward yet, so there is no variance to compare."
NONE = np.empty(0)
DECADES = 8
"""Shown below the largest; a policy that is nearly sure has a variance of 1e-50 and less."""


class VariancePlot(PlotCard):
    """``set_data(VariancePlotData)``; the axis is logarithmic."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__("Gradient variance", "same policy, same episodes", parent, look)
        self._range = SteadyRange()
        self._last_update = 0.0
        self.subtitle.setToolTip(
            "Of the gradient of one episode, on a logarithmic axis; "
            f"{DECADES} decades below the largest it is drawn at the bottom"
        )

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.chart import Chart

        return Chart(power_text, whole=True, look=self.look)

    def draw(self, chart: Chart, data: VariancePlotData | None) -> None:
        from rlxent_gui.plots.frame import EndLabel, last_number
        from rlxent_gui.plots.ink import DASHED, Stroke

        if data is None:
            data = VariancePlotData(NONE, NONE, NONE, empty="")
        none, chosen = _log10(data.none), _log10(data.chosen)
        if len(none) and np.isfinite(none).any():
            floor = np.nanmax(none) - DECADES
            none, chosen = np.maximum(none, floor), np.maximum(chosen, floor)
        values = np.concatenate([none, chosen])
        values = values[np.isfinite(values)]
        last = float(data.updates[-1]) if len(data.updates) else 0.0
        if last < self._last_update:
            self._range.forget()
        self._last_update = last
        low, high = (values.min(), values.max()) if len(values) else (-3.0, 0.0)
        self._range.follow_decades(float(low), float(high))
        chart.set_range(end_of_updates(last), self._range.low, self._range.high)
        labels = []
        chart.set_curve("none", data.updates, none, Stroke("ink3", 2, DASHED), 0)
        names = {"none"}
        if np.isfinite(chosen).any():
            names.add("chosen")
            chart.set_curve("chosen", data.updates, chosen, Stroke("base", 2.8), 10)
            if data.label and (value := last_number(chosen)) is not None:
                labels.append(EndLabel(data.label, value, "base_text",
                                       tip=f"With the baseline {data.label}"))
        if (value := last_number(none)) is not None:
            labels.append(EndLabel("no baseline", value, "ink3"))
        chart.keep_curves(names)
        chart.set_labels(labels, data.marks)
        chart.set_message(
            "" if len(values) else NO_REWARD if len(data.updates) else data.empty
        )


def _log10(values: Floats) -> Floats:
    """Decimal logarithms; nan where there is no variance to speak of."""
    values = np.asarray(values, dtype=float)
    return np.log10(np.where(values > 0, values, np.nan))
