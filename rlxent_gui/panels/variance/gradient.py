"""The gradient's variance at one policy: clouds, table, and how it went along training."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_core.estimators import taken_together
from rlxent_gui.panels.places import GAP, Size
from rlxent_gui.panels.variance.clouds import Clouds
from rlxent_gui.panels.variance.controls import Controls
from rlxent_gui.panels.variance.table import EstimatorTable
from rlxent_gui.plots import RatioPlot, VariancePlot
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.variance_view import MOST, GradientSlice
from rlxent_gui.widgets.card import Card
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count

CLOUDS_SHARE, ALONG_SHARE = 0.46, 0.34
"""Of the width that the clouds take, and of their column's height that the curves do."""
RATIO_SHARE = 0.4
PARTS = ("clouds", "table", "along", "ratio")


class CloudCard(Card):
    """The clouds, or why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Gradients of single episodes", parent=parent)
        self.clouds = Clouds()
        self.empty = Label("", 14, SEMIBOLD, "ink2", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.clouds, 1)
        self.body.addWidget(self.empty, 1)
        self.empty.hide()

    def show_gradient(self, view: GradientSlice) -> None:
        survey = view.survey
        self.clouds.setVisible(survey is not None)
        self.empty.setVisible(survey is None)
        self.empty.setText(view.empty)
        if survey is not None:
            batch = taken_together(survey.settings)
            cross = f"an update of {count(batch)}"
            if batch < survey.settings.batch_episodes:
                cross = f"the mean of {count(batch)}"
            self.set_title(
                "Gradients of single episodes",
                f"a dot an episode · a cross {cross} · same axes",
            )
            self.clouds.show_clouds(survey, view.chosen)


class TableCard(Card):
    """The table, and what is missing in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Estimators", f"up to {MOST} are drawn, here and in Explore · bold: the training’s own",
            parent=parent,
        )
        self.table = EstimatorTable()
        self.empty = Label("", 14, SEMIBOLD, "ink2", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note = Label("", 12, wrap=True)
        self.note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.note)
        self.empty.hide()

    @property
    def body_top(self) -> int:
        """Where the rows begin, below the heads."""
        return self.table.geometry().top() + self.table.head.height()

    def show_gradient(self, view: GradientSlice) -> None:
        self.table.show_table(view)
        self.table.setVisible(view.survey is not None)
        self.empty.setVisible(view.survey is None)
        self.empty.setText(view.empty)
        self.note.setVisible(bool(view.note))
        if view.note != self.note.text():
            self.note.setText(view.note)


class GradientView(QWidget):
    """Passive: :meth:`show_gradient` and data for :attr:`along` and :attr:`ratio` in, ``command``
    out.
    """

    command = Signal(str, object)
    arranged = Signal()
    """Its parts lie elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Gradient")
        self._size = Size.MEDIUM
        self.expanded: str | None = None
        """The part that fills the room below the controls, if one does."""
        self.controls = Controls(self)
        self.clouds = CloudCard(self)
        self.along = VariancePlot(self, title="Along training", subtitle="tr Cov")
        self.ratio = RatioPlot(self)
        self.table = TableCard(self)
        for part in (self.controls, self.table.table):
            part.command.connect(self.command)
        self.along.expand_clicked.connect(lambda: self.expand("along"))
        self.ratio.expand_clicked.connect(lambda: self.expand("ratio"))
        self.tabs.chosen.connect(self._arrange)
        self.controls.set_tabbed(True)
        appearance().changed.connect(self._arrange)

    @property
    def tabs(self) -> Segmented:
        """Which part is seen where there is not room for all."""
        return self.controls.tabs

    def show_gradient(self, view: GradientSlice) -> None:
        """Another survey, choice or order."""
        self.controls.show_controls(view)
        self.clouds.show_gradient(view)
        self.table.show_gradient(view)

    @property
    def _top(self) -> int:
        """Where the parts begin, below the controls."""
        return self.controls.heightForWidth(self.width()) + GAP

    def message_room(self) -> QRect:
        """Where messages cover no heading: low in the part that has most room."""
        if not self.table.isHidden():
            return self.table.geometry().adjusted(0, self.table.body_top, 0, 0)
        parts: tuple[QWidget, ...] = (self.clouds, self.along, self.ratio)
        part = next(part for part in parts if not part.isHidden())
        return part.geometry().adjusted(0, appearance().px(40), 0, 0)

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is not self._size:
            self._size = size
            self.controls.set_tabbed(size is not Size.FULL)
            self._arrange()

    @property
    def alone(self) -> str:
        """The part that is seen without the others; empty where all are."""
        return self.expanded or ("" if self._size is Size.FULL else self.tabs.value)

    def show_part(self, name: str, expanded: str | None = None) -> None:
        """Show one of the tabs, or all parts where there is room for them, or one alone."""
        self.tabs.set_value(name)
        self._expand(expanded)

    def expand(self, name: str) -> None:
        """Let one part fill the room below the controls, or show all again."""
        self._expand(None if name == self.expanded else name)

    def _expand(self, name: str | None) -> None:
        self.expanded = name
        self.along.set_expanded(name == "along")
        self.ratio.set_expanded(name == "ratio")
        self._arrange()

    def expand_next(self) -> None:
        """Give the next part all the room; after the last one show all again."""
        at = PARTS.index(self.expanded) + 1 if self.expanded else 0
        self.expand(PARTS[at] if at < len(PARTS) else PARTS[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width = self.width()
        top = self._top
        self.controls.setGeometry(0, 0, width, top - GAP)
        below = QRect(0, top, width, max(1, self.height() - top))
        if self.expanded is not None:
            places = {self.expanded: below}
        else:
            places = self._all(below) if self._size is Size.FULL else self._tabbed(below)
        parts = {"clouds": self.clouds, "along": self.along, "ratio": self.ratio,
                 "table": self.table}
        for name, part in parts.items():
            part.setVisible(name in places)
            if name in places:
                part.setGeometry(places[name])
        self.arranged.emit()

    def _all(self, below: QRect) -> dict[str, QRect]:
        """Clouds and curves at the left, the table at the right."""
        left = round((below.width() - GAP) * CLOUDS_SHARE)
        low = round((below.height() - GAP) * ALONG_SHARE)
        clouds = QRect(0, below.top(), left, below.height() - GAP - low)
        curves = QRect(0, clouds.bottom() + 1 + GAP, left, low)
        right = QRect(left + GAP, below.top(), below.width() - left - GAP, below.height())
        return {"clouds": clouds, "table": right} | self._curves(curves)

    def _tabbed(self, below: QRect) -> dict[str, QRect]:
        """One of the three, chosen by tabs."""
        return self._curves(below) if self.tabs.value == "along" else {self.tabs.value: below}

    def _curves(self, room: QRect) -> dict[str, QRect]:
        """Side by side, or one below the other where it is narrow."""
        if room.width() < 2 * appearance().px(300):
            half = (room.height() - GAP) // 2
            return {
                "along": QRect(room.left(), room.top(), room.width(), half),
                "ratio": room.adjusted(0, half + GAP, 0, 0),
            }
        right = round((room.width() - GAP) * RATIO_SHARE)
        return {
            "along": room.adjusted(0, 0, -right - GAP, 0),
            "ratio": room.adjusted(room.width() - right, 0, 0, 0),
        }
