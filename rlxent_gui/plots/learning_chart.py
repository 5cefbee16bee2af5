"""Curves of J over episodes with a band each; the pointer tells the values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from rlxent_gui.plots.chart import Chart
from rlxent_gui.plots.data import Floats
from rlxent_gui.theme import Appearance, appearance, faded

FILL = 0.14
"""Opacity of a band: several may lie upon each other."""


class LearningChart(Chart):
    """A chart over episodes, with room for the names of settings at its right.

    ``tip`` says what is known at an episode.
    """

    gutter = 152
    x_name = "episodes"

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent=parent, look=look)
        self._bands: dict[str, Band] = {}
        self.tip: Callable[[float], str] = lambda episode: ""

    def set_band(self, name: str, x: Floats, low: Floats, high: Floats, role: str) -> None:
        """Fill between two curves over the same x."""
        if name not in self._bands:
            self._bands[name] = Band()
            self.box.addItem(self._bands[name], ignoreBounds=True)
        self._bands[name].cover(x, low, high, role)

    def keep_bands(self, names: set[str]) -> None:
        """Remove all other bands."""
        for name in self._bands.keys() - names:
            self.box.removeItem(self._bands.pop(name))

    def band(self, name: str) -> tuple[Floats, Floats, Floats] | None:
        """Where a band lies: x, low and high."""
        return self._bands[name].area if name in self._bands else None

    def tip_at(self, point: QPointF) -> str:
        area = self._area()
        if not area.contains(point.toPoint()):
            return super().tip_at(point)
        return self.tip((point.x() - area.left()) / area.width() * self.x_end)


class Band(pg.GraphicsObject):  # type: ignore[misc]
    """A light area between two curves."""

    def __init__(self) -> None:
        super().__init__()
        empty = np.empty(0)
        self.area: tuple[Floats, Floats, Floats] = (empty, empty, empty)
        self._polygon = QPolygonF()
        self._role = "ink"
        self.setZValue(-20)

    def cover(self, x: Floats, low: Floats, high: Floats, role: str) -> None:
        """Lie between ``low`` and ``high``."""
        self.prepareGeometryChange()
        self.area, self._role = (x, low, high), role
        there_and_back = np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])
        self._polygon = pg.functions.arrayToQPolygonF(*there_and_back)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._polygon.boundingRect()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(getattr(appearance().theme, self._role), FILL))
        painter.drawPolygon(self._polygon)
