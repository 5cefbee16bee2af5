"""The gradients of single episodes as clouds: a panel an estimator, all with the same axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.panels.variance.cloud_panel import FOOT, LEAST, TITLE, CloudPanel
from rlxent_gui.panels.variance.dots import Scale, reach
from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.variance_view import Chosen, Survey

GAP = 12
SHAPE = 1.35
"""The width of a panel over its height that suits it best."""


class Clouds(QWidget):
    """Up to six panels; passive: :meth:`show_clouds` in.

    Pictures of dots are made one a turn of the event loop, so that no frame waits for all.
    """

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self.look = look or appearance()
        self.panels: list[CloudPanel] = []
        self._due: list[CloudPanel] = []
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName("Clouds of gradients")
        self.look.changed.connect(self._arrange)

    def show_clouds(self, survey: Survey, chosen: Sequence[Chosen]) -> None:
        """The clouds of these estimators."""
        shown = (survey, tuple((one.name, one.role) for one in chosen))
        if shown == self._shown:
            return
        self._shown = shown
        while len(self.panels) > len(chosen):
            self.panels.pop().deleteLater()
        while len(self.panels) < len(chosen):
            self.panels.append(CloudPanel(self, self.look))
            self.panels[-1].show()
        for panel, one in zip(self.panels, chosen, strict=True):
            panel.show_cloud(one, survey)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def columns(self, n_panels: int) -> int:
        """In how many columns they are as large as can be."""
        least = self.look.px(LEAST)

        def size(columns: int) -> float:
            rows = math.ceil(n_panels / columns)
            width = (self.width() + GAP) / columns - GAP
            height = (self.height() + GAP) / rows - GAP - self.look.px(TITLE + FOOT)
            # A narrow panel loses its words, but one without height loses its dots.
            return min(width / SHAPE, height) * min(1.0, width / least) ** 2

        return max(range(1, min(3, n_panels) + 1), key=size)

    def _arrange(self) -> None:
        if not self.panels:
            return
        columns = self.columns(len(self.panels))
        rows = math.ceil(len(self.panels) / columns)
        # All of one size, so that their axes are the same to the pixel.
        wide, high = (self.width() + GAP) // columns, (self.height() + GAP) // rows
        for k, panel in enumerate(self.panels):
            row, column = divmod(k, columns)
            panel.setGeometry(QRect(column * wide, row * high, wide - GAP, high - GAP))
        self._rescale()

    def _rescale(self) -> None:
        """The same scale for all, so that what is wider looks wider."""
        clouds = [panel.cloud for panel in self.panels if panel.cloud is not None]
        along, across = reach(clouds)
        areas = [panel.area for panel in self.panels]
        across_unit = max(1, min(area.height() for area in areas)) / 2 / across
        along_unit = max(1, min(area.width() for area in areas)) / 2 / along
        for panel, area in zip(self.panels, areas, strict=True):
            panel.set_scale(
                Scale(max(1, area.width()), max(1, area.height()), along_unit, across_unit)
            )
        if not self._due:
            QTimer.singleShot(0, self, self._make_one)
        self._due = list(self.panels)

    def _make_one(self) -> None:
        if self._due:
            self._due.pop(0).make_picture()
        if self._due:
            QTimer.singleShot(0, self, self._make_one)
