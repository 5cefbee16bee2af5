"""The plots, one below the other; one can be made to fill the column."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.actions import Actions
from rlxent_gui.panels.places import GAP, Rect, stack
from rlxent_gui.plots import CellPlot, ReturnPlot, VariancePlot
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.segmented import Segmented

NAMES = ("returns", "variance", "cell")
TABBED = {"variance": "Gradient variance", "cell": "What a cell would do"}
SHORT = {"variance": "Variance", "cell": "One cell"}
"""Where large text would take the plots a second row of tabs."""


class PlotColumn(QWidget):
    """Passive: :meth:`show_data` in.  Where there is room for two, tabs choose the second."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Plots")
        self._expanded: str | None = None
        self._two = False
        self._tabs_fit = (0, 0.0)
        self.plots: dict[str, PlotCard] = {
            "returns": ReturnPlot(self), "variance": VariancePlot(self), "cell": CellPlot(self),
        }
        for name, plot in self.plots.items():
            plot.expand_clicked.connect(partial(self.expand, name))
        self.measure_button = Button(icon="ruler", quiet=True, height=24, icon_size=16)
        self.measure_button.follow(actions["measure"])
        header = self.plots["variance"].header
        header.insertWidget(header.count() - 1, self.measure_button)
        self.tabs = Segmented(TABBED, name="Second plot", parent=self)
        self.tabs.chosen.connect(self._arrange)
        self.tabs.hide()
        appearance().changed.connect(self._arrange)

    def show_data(self, name: str, data: Any) -> None:
        self.plots[name].set_data(data)

    def set_two(self, two: bool) -> None:
        """Whether there is room for two plots only; the third then shares a place with tabs."""
        self._two = two
        self._arrange()

    def _tabs_height(self, width: int) -> int:
        """The height of the tabs, whose texts get short rather than go on in a second row."""
        if self._tabs_fit != (width, appearance().factor):
            self._tabs_fit = (width, appearance().factor)
            self.tabs.set_options(TABBED)
            if self.tabs.heightForWidth(width) > self.tabs.sizeHint().height():
                self.tabs.set_options(SHORT)
        return self.tabs.heightForWidth(width)

    def expand(self, name: str | None) -> None:
        """Let one plot fill the column, or show all again."""
        self._expanded = None if name == self._expanded else name
        for other, plot in self.plots.items():
            plot.set_expanded(other == self._expanded)
        self._arrange()

    def expand_next(self) -> None:
        """Let the next plot fill the column; after the last one show all again."""
        at = NAMES.index(self._expanded) + 1 if self._expanded else 0
        self.expand(NAMES[at] if at < len(NAMES) else None)

    @property
    def expanded(self) -> str | None:
        return self._expanded

    def grab_image(self) -> QImage:
        """The plots that are seen, as they lie, twice as sharp as the screen, without buttons."""
        image = QImage(self.size() * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        image.fill(appearance().theme.bg)
        self.measure_button.hide()
        with QPainter(image) as painter:
            for plot in self.plots.values():
                if not plot.isHidden():
                    painter.drawImage(plot.pos(), plot.grab_image())
        self.measure_button.show()
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        area = Rect(0, 0, self.width(), self.height())
        tabs_shown = self._two and self._expanded is None
        self.tabs.setVisible(tabs_shown)
        if self._expanded is not None:
            places = {self._expanded: area}
        elif self._two:
            tabs_height = self._tabs_height(area.width)
            first, second = stack(area, 2)
            self.tabs.setGeometry(second.x, second.y, second.width, tabs_height)
            top = second.y + tabs_height + GAP
            places = {
                "returns": first,
                self.tabs.value: Rect(0, top, area.width, area.bottom - top),
            }
        else:
            places = dict(zip(NAMES, stack(area, 3), strict=True))
        for name, plot in self.plots.items():
            plot.setVisible(name in places)
            if name in places:
                at = places[name]
                plot.setGeometry(QRect(at.x, at.y, at.width, at.height))
