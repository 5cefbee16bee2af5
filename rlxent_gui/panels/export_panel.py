"""What is to leave the window, and how: the content of the export popover."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rlxent_gui.theme import MEDIUM, SEMIBOLD
from rlxent_gui.widgets.buttons import Button, TextToggle
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider
from rlxent_gui.widgets.text import Label

WHAT = {
    "board": "Board", "returns": "Return", "variance": "Variance", "cell": "Cell",
    "plots": "All plots", "curves": "Curves", "run": "Run", "python": "Python",
    "animation": "Animation",
}
PICTURES = ("board", "returns", "variance", "cell", "plots")
FORMATS = {"png": "PNG", "svg": "SVG", "pdf": "PDF"}
SUFFIXES = {"curves": "csv", "run": "json", "python": "py", "animation": "gif"}
SCALES = {"1": "1×", "2": "2×", "4": "4×", "8": "8×"}
ABOUT = {
    "board": "The whole board as it is shown.",
    "returns": "The plot of the return.",
    "variance": "The plot of the gradient’s variance.",
    "cell": "The plot of the selected cell.",
    "plots": "All three plots on one page.",
    "curves": "Every update as a line of a table (CSV), with the settings above it.",
    "run": "World, settings, seed, curves and final logits, to be opened and replayed.",
    "python": "A script of under 60 lines that does the same with PyTorch alone.",
    "animation": "The training so far, from its first update to this one (GIF).",
}


MARGIN = 15


class Choice(NamedTuple):
    """What the user wants; ``scale`` is for PNG, the last three for an animation."""

    what: str = "board"
    format: str = "png"
    scale: int = 2
    light: bool = False
    frames: int = 60
    width: int = 480
    milliseconds: int = 100

    @property
    def suffix(self) -> str:
        """Of the file's name."""
        return SUFFIXES.get(self.what, self.format)


class ExportPanel(QWidget):
    """``chosen(Choice)`` is emitted when the user has decided."""

    chosen = Signal(object)

    format: Segmented
    scale: Segmented

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(MARGIN, 12, MARGIN, 14)
        self._column.setSpacing(10)
        self._column.addWidget(Label("Export", 15, SEMIBOLD, "ink"))
        self.about = Label("", 13, wrap=True, parent=self)
        self.light = TextToggle("In the light theme", tip="Whatever the window wears",
                                parent=self)
        self.export = Button(
            "Export…", primary=True, weight=SEMIBOLD, tip="Choose where the file goes",
            parent=self,
        )
        self.export.clicked.connect(lambda: self.chosen.emit(self.choice))
        self.what = Segmented(WHAT, name="What to export")
        self._column.addWidget(self.what)
        self._column.addWidget(self.about)

    def slices(self) -> Iterator[Callable[[], None]]:
        """The rest, to be built part by part: all at once would hold up the window."""
        yield self._add_format
        yield self._add_sliders
        yield self._finish

    def _add_format(self) -> None:
        self._format_name = Label("Format", 13, MEDIUM)
        self.format = Segmented(FORMATS, name="Format")
        self.scale = Segmented(SCALES, name="Scale")
        self.scale.set_value("2")
        for widget in (self._format_name, self.format, self.scale):
            self._column.addWidget(widget)

    def _add_sliders(self) -> None:
        self.frames = NamedSlider("Pictures", 2, 240, whole=True)
        self.width_slider = NamedSlider("Pixels wide", 160, 1280, whole=True)
        self.pace = NamedSlider("ms each", 20, 1000, logarithmic=True, whole=True)
        self._of_animation = (self.frames, self.width_slider, self.pace)
        for slider, value in zip(self._of_animation, (60, 480, 100), strict=True):
            slider.set_value(value)
            self._column.addWidget(slider)

    def _finish(self) -> None:
        self._column.addWidget(self.light)
        self._column.addWidget(self.export)
        for segmented in (self.what, self.format):
            segmented.chosen.connect(self._follow)
        self._follow()

    @property
    def choice(self) -> Choice:
        """As it stands."""
        return Choice(
            self.what.value, self.format.value, int(self.scale.value), self.light.isChecked(),
            *(round(slider.value) for slider in self._of_animation),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """The choices go on in another row where one is too narrow."""
        room = max(1, self.width() - 2 * MARGIN)
        self.what.setFixedHeight(self.what.heightForWidth(room))
        self.about.setMinimumHeight(max(0, self.about.heightForWidth(room)))

    def _follow(self) -> None:
        """Show what goes with the choice, and nothing else."""
        what = self.what.value
        picture, animation = what in PICTURES, what == "animation"
        self.about.setText(ABOUT[what])
        for widget in (self._format_name, self.format):
            widget.setVisible(picture)
        self.scale.setVisible(picture and self.format.value == "png")
        for slider in self._of_animation:
            slider.setVisible(animation)
        self.light.setVisible(picture or animation)
        self._fit()
        self.updateGeometry()
