"""The gradient's variance without and with the baseline: same policy, same episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.estimator_words import text_role
from rlxent_gui.plots.data import Floats, VariancePlotData
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import SteadyRange, end_of_updates, power_text
from rlxent_gui.theme import Appearance

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart
    from rlxent_gui.plots.ink import Stroke

NO_REWARD = "No reward yet, so there is no variance to compare."
NONE = np.empty(0)
DECADES = 8
"""Shown below the largest; a policy that is nearly sure has a variance of 1e-50 and less."""


class VariancePlot(PlotCard):
    """``set_data(VariancePlotData)``; the axis is logarithmic."""

    def __init__(
        self, parent: QWidget | None = None, look: Appearance | None = None, *,
        title: str = "Gradient variance", subtitle: str = "same policy, same episodes",
    ) -> None:
        super().__init__(title, subtitle, parent, look)
        self._subtitle = subtitle
        self._range = SteadyRange()
        self._last_update = 0.0
        self.subtitle.setToolTip(
            "Of the gradient of one episode, on a logarithmic axis; "
            f"{DECADES} decades below the largest it is drawn at the bottom"
        )

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.chart import Chart

        return Chart(power_text, whole=True, look=self.look)

    def describe(self, data: VariancePlotData | None) -> None:
        dots = data is not None and any(len(found.updates) for found in data.exact)
        self.set_title(
            self.title.text(), f"{self._subtitle} · dots: exact" if dots else self._subtitle
        )

    def draw(self, chart: Chart, data: VariancePlotData | None) -> None:
        from rlxent_gui.plots.dashes import DOTS
        from rlxent_gui.plots.frame import EndLabel, last_number
        from rlxent_gui.plots.ink import DASH_OF, DASHED, Stroke

        if data is None:
            data = VariancePlotData(NONE, NONE, NONE, empty="")
        lines = [
            _Drawn("none", "no baseline", "", data.updates, log10(data.none),
                   Stroke("ink3", 2, DASHED), 0),
            _Drawn("chosen", data.label, f"With the baseline {data.label}", data.updates,
                   log10(data.chosen), Stroke(data.role, 2.8), 10),
            *(
                _Drawn(f"other {k}", line.label, line.tip, line.updates, log10(line.values),
                       Stroke(line.role, 2, DASH_OF[line.dash]), 5)
                for k, line in enumerate(data.others)
            ),
        ]
        lines = [line for line in lines if np.isfinite(line.values).any()]
        if lines:
            floor = max(float(np.nanmax(line.values)) for line in lines) - DECADES
            lines = [line._replace(values=np.maximum(line.values, floor)) for line in lines]
        dots = [(found.updates, log10(found.values), found.role) for found in data.exact]
        values = np.concatenate([NONE, *(line.values for line in lines), *(d[1] for d in dots)])
        values = values[np.isfinite(values)]
        if lines:
            values = np.maximum(values, floor)
        last = float(data.updates[-1]) if len(data.updates) else 0.0
        last = max([last, *(float(line.updates[-1]) for line in lines)])
        if last < self._last_update:
            self._range.forget()
        self._last_update = last
        low, high = (values.min(), values.max()) if len(values) else (-3.0, 0.0)
        self._range.follow_decades(float(low), float(high))
        chart.set_range(end_of_updates(last), self._range.low, self._range.high)
        names = {"none"}
        chart.set_curve("none", NONE, NONE, Stroke("ink3", 2, DASHED), 0)
        for line in lines:
            names.add(line.name)
            chart.set_curve(line.name, line.updates, line.values, line.stroke, line.above)
        for k, (updates, exactly, role) in enumerate(dots):
            names.add(f"exact {k}")
            chart.set_curve(f"exact {k}", updates, exactly, Stroke(role, 7, DOTS), 20)
        labels = []
        for line in sorted(lines, key=lambda line: -line.above):
            value = last_number(line.values)
            if line.label and value is not None:
                role = text_role(line.stroke.role)
                labels.append(EndLabel(line.label, value, role, tip=line.tip))
        chart.keep_curves(names)
        chart.set_labels(labels, data.marks)
        shown = (data.none, data.chosen, *(line.values for line in data.others))
        measured = any(map(len, shown))
        chart.set_message("" if len(values) else NO_REWARD if measured else data.empty)


class _Drawn(NamedTuple):
    """A curve with its name at the end."""

    name: str
    label: str
    tip: str
    updates: Floats
    values: Floats
    stroke: Stroke
    above: int


def log10(values: Floats) -> Floats:
    """Decimal logarithms; nan where there is no variance to speak of."""
    values = np.asarray(values, dtype=float)
    return np.log10(np.where(values > 0, values, np.nan))
