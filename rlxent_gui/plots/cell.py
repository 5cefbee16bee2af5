"""What the policy would do in the selected cell: each action’s probability over the updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from rlxent_gui.cell_words import ARROWS
from rlxent_gui.plots.data import CellPlotData
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import end_of_updates, value_text
from rlxent_gui.theme import MEDIUM, SEMIBOLD, Appearance

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart
    from rlxent_gui.plots.ink import Stroke

SELECT = "Select a cell to see what the policy would do there."
NOTHING = CellPlotData("", np.empty(0), np.empty((0, 0)), (), empty=SELECT)


class CellPlot(PlotCard):
    """``set_data(CellPlotData)``, or ``None`` where no cell is selected."""

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__("What a cell would do", "probability of each action", parent, look)

    def make_chart(self) -> Chart:
        from rlxent_gui.plots.chart import Chart

        return Chart(look=self.look)

    def describe(self, data: CellPlotData | None) -> None:
        cell = data.cell if data else "a cell"
        self.set_title(f"What {cell} would do", "probability of each action")

    def draw(self, chart: Chart, data: CellPlotData | None) -> None:
        from rlxent_gui.plots.frame import EndLabel

        data = data or NOTHING
        last = float(data.updates[-1]) if len(data.updates) else 0.0
        now = data.probabilities[-1] if len(data.probabilities) else np.empty(0)
        leader = int(np.argmax(now)) if len(now) else -1
        chart.set_range(end_of_updates(last), -0.02, 1.04)
        names = set()
        for action in range(len(now)):
            names.add(str(action))
            chart.set_curve(str(action), data.updates, data.probabilities[:, action],
                            _stroke(action, leader), 10 if action == leader else 0)
        chart.keep_curves(names)
        labels = [
            EndLabel(f"{ARROWS.get(data.moves[a], data.moves[a])} {value_text(float(now[a]))}",
                     float(now[a]), "ink" if a == leader else "ink2",
                     SEMIBOLD if a == leader else MEDIUM, data.moves[a])
            for a in sorted(range(len(now)), key=lambda a: -now[a])
        ]
        chart.set_labels(labels, data.marks)
        chart.set_message("" if len(data.updates) else data.empty)


def _stroke(action: int, leader: int) -> Stroke:
    """The likeliest action is ink; the others are told apart by their dashes."""
    from rlxent_gui.plots.ink import DASHED, DOTTED, MIXED, Stroke

    if action == leader:
        return Stroke("ink", 2.8)
    return Stroke("ink3", 2, (DASHED, DOTTED, MIXED, ())[action % 4])
