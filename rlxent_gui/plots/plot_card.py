"""A card that holds a plot, complete before pyqtgraph is there and filled when it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.widgets.background import background
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Card

if TYPE_CHECKING:
    from rlxent_gui.plots.chart import Chart


Paper = TypeVar("Paper")


class PlotCard(Card):
    """Title, subtitle, a button that asks for more room, and the chart below.

    ``expand_clicked`` is emitted when the user asks for more room, or gives it back.  With a
    ``look`` of its own it is what a room looks at, with no button.
    """

    expand_clicked = Signal()

    def __init__(
        self, title: str, subtitle: str, parent: QWidget | None = None,
        look: Appearance | None = None,
    ) -> None:
        super().__init__(title, subtitle, look=look, parent=parent)
        self.look = look
        self.chart: Chart | None = None
        self._data: Any = None
        self._asked = False
        self._room = QWidget()
        """Where the chart will be: without it the title would stand in the middle."""
        self.body.addWidget(self._room, 1)
        self.expand_button = Button(icon="arrows-out-simple", quiet=True, height=24, icon_size=16)
        self.expand_button.clicked.connect(self.expand_clicked)
        self.header.addWidget(self.expand_button)
        if look is not None:
            self.expand_button.hide()
        self.set_expanded(False)

    def set_data(self, data: Any) -> None:
        """Draw ``data``, of the kind that the plot is for."""
        self._data = data
        self.describe(data)
        self._redraw()

    def set_expanded(self, expanded: bool) -> None:
        """Show whether the plot has been given more room."""
        self.expand_button.set_icon("arrows-in-simple" if expanded else "arrows-out-simple")
        tip = "Show all plots" if expanded else "Make this plot larger"
        self.expand_button.setToolTip(tip)
        self.expand_button.setAccessibleName(f"{tip}: {self.title.text()}")

    def grab_image(self, scale: float = 2.0) -> QImage:
        """The plot as it is shown, ``scale`` times as many pixels, without its button."""
        image = QImage(self.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(appearance().theme.surface)
        shown = not self.expand_button.isHidden()
        self.expand_button.hide()
        self.render(image, renderFlags=QWidget.RenderFlag.DrawChildren)
        self.expand_button.setVisible(shown)
        return image

    def drawn_on(self, make: Callable[[Callable[[float], str], bool], Paper]) -> Paper:
        """What it shows, drawn on another chart: ``make(tick_text, whole)`` gives it."""
        assert self.chart is not None
        paper = make(self.chart.tick_text, self.chart.whole)
        self.draw(cast("Chart", paper), self._data)  # it is asked for nothing else
        return paper

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._asked:  # pyqtgraph must not hold up the window's first picture
            self._asked = True
            background().run(_chart_module, self._build)

    def build(self) -> None:
        """Make the chart now, without waiting for the first paint."""
        self._asked = True
        self._build(_chart_module())

    def _build(self, module: Any) -> None:
        if self.chart is None and isValid(self):
            self.chart = self.make_chart()
            self._room.hide()
            self.body.addWidget(self.chart)
            self.chart.resized.connect(self._redraw)
            self._redraw()

    def _redraw(self) -> None:
        if self.chart is not None:
            self.draw(self.chart, self._data)
            chart = self.chart
            said = chart.message.text() or ", ".join(label.text for label in chart.labels)
            if said != self.accessibleDescription():
                self.setAccessibleDescription(said)

    def make_chart(self) -> Chart:
        """The chart with its kind of axes."""
        raise NotImplementedError

    def describe(self, data: Any) -> None:
        """Say in title and subtitle what ``data`` are, where that depends on them."""

    def draw(self, chart: Chart, data: Any) -> None:
        """Draw ``data``, or what is shown before there are any."""
        raise NotImplementedError


def _chart_module() -> Any:
    from rlxent_gui.plots import chart

    return chart
