"""The plots.  Importing them does not import pyqtgraph: that happens behind the first paint."""

from rlxent_gui.plots.cell import CellPlot
from rlxent_gui.plots.ratio import RatioPlot
from rlxent_gui.plots.returns import ReturnPlot
from rlxent_gui.plots.variance import VariancePlot

__all__ = ["CellPlot", "RatioPlot", "ReturnPlot", "VariancePlot"]
