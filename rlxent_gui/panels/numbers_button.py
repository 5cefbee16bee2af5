"""The button above the board that opens the menu of numbers for the cells."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from rlxent_gui import icons
from rlxent_gui.actions import COMMANDS
from rlxent_gui.theme import appearance
from rlxent_gui.view_state import NUMBERS
from rlxent_gui.widgets.buttons import Button

NAMES = {
    "none": ("Numbers", "No numbers"),
    "value": ("V", "V, the value of the current policy"),
    "uniform": ("V uniform", "V uniform, where every move is equally likely"),
    "optimal": ("V*", "V*, the value of the best policy"),
    "actions": ("Q", "Q, the value of each move under the current policy"),
    "visits": ("Visits", "Visits, how often each cell was entered"),
}
"""On the button, and in the menu."""


class NumbersButton(Button):
    """Shows which numbers are on; ``chosen`` carries another one of :data:`NUMBERS`.

    It is as wide as its longest text, so that nothing beside it moves.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        command = COMMANDS["numbers"]
        super().__init__(
            NAMES["none"][0], command.icon, height=28, size=13, icon_size=16, padding=8,
            tip=command.tip_with_key, parent=parent,
        )
        self._compact = False
        self._widest: dict[float, int] = {}
        """Width of its widest name by text size."""
        self.menu = QMenu(self)
        group = QActionGroup(self.menu)
        self._choices: dict[str, QAction] = {}
        for kind in NUMBERS:
            choice = self.menu.addAction(NAMES[kind][1])
            choice.setCheckable(True)
            choice.setData(kind)
            group.addAction(choice)
            self._choices[kind] = choice
        group.triggered.connect(lambda choice: self.chosen.emit(choice.data()))
        self.clicked.connect(self._open)
        self.apply("none")

    def apply(self, kind: str) -> None:
        """Show that these numbers are on."""
        self._choices[kind].setChecked(True)
        self.set_text(NAMES[kind][0])
        shown = "none" if kind == "none" else NAMES[kind][0]
        self.setAccessibleName(f"Numbers in the cells: {shown}")
        self.set_on(kind != "none")

    def set_on(self, on: bool) -> None:
        """Ink like the toggles beside it while there is something to see."""
        if on != self._primary:
            self._primary = on
            self.update()

    def set_compact(self, compact: bool) -> None:
        """Do without the text where the row is short."""
        if compact != self._compact:
            self._compact = compact
            self._restyle()

    def sizeHint(self) -> QSize:
        return QSize(self.width_of(self._compact), appearance().px(self._height))

    def width_of(self, compact: bool) -> int:
        """How wide it is with or without its text."""
        px = appearance().px
        if compact:
            return px(8 + 16 + 6 + 12 + 8)
        factor = appearance().factor
        if factor not in self._widest:
            texts = [name for name, _ in NAMES.values()]
            widths = (QFontMetricsF(f).horizontalAdvance(t) for f in self._fonts() for t in texts)
            self._widest[factor] = round(max(widths))
        return self._widest[factor] + px(8 + 16 + 6 + 4 + 12 + 8) + 1

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        px, middle = appearance().px, rect.center().y()
        side, caret = px(16), px(12)
        self.paint_icon(painter, QPointF(px(8), middle - side / 2), side, ink)
        painter.setFont(self._fonts()[self._primary])
        painter.setPen(ink)
        left = px(8 + 16 + 6)
        metrics = QFontMetricsF(painter.font())
        baseline = middle + (metrics.ascent() - metrics.descent()) / 2
        if not self._compact:
            painter.drawText(QPointF(left, round(baseline)), self.text())
        at = QPointF(round(rect.right() - caret - px(8)), round(middle - caret / 2))
        painter.drawPixmap(at, icons.pixmap("caret-down", ink, caret, self.devicePixelRatioF()))

    def _open(self) -> None:
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))
