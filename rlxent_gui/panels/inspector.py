"""The selected cell: a large glyph with its probabilities around it, and its numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from rlxent_core.world import DIRECTIONS
from rlxent_gui.canvas.darts import corners, darts, directions, stay_radius
from rlxent_gui.cell_words import ARROWS
from rlxent_gui.theme import BOLD, REGULAR, SEMIBOLD, appearance, mixed
from rlxent_gui.view_state import Floats, InspectorView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import count, value_text

EMPTY = "Select a cell to see what the policy would do there."


class Glyph(QWidget):
    """One cell as the board draws it, enlarged, with each action's probability on its side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moves: tuple[str, ...] = ()
        self._probabilities: Floats | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.updateGeometry)

    def show_policy(self, moves: tuple[str, ...], probabilities: Floats | None) -> None:
        self._moves, self._probabilities = moves, probabilities
        self.update()

    def sizeHint(self) -> QSize:
        f = appearance().factor
        return QSize(round(92 + 88 * f), round(92 + 52 * f))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = appearance().theme
        box = QRectF(0, 0, 92, 92)
        box.moveCenter(QRectF(self.rect()).center())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.border, 1))
            painter.setBrush(theme.surface)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            if self._probabilities is None:
                return
            self._paint_darts(painter, box, np.asarray(self._probabilities, dtype=float))
            leader = int(self._probabilities.argmax())
            for index, move in enumerate(self._moves):
                self._write(painter, box, move, float(self._probabilities[index]), index == leader)

    def _paint_darts(
        self, painter: QPainter, box: QRectF, probabilities: NDArray[np.float64]
    ) -> None:
        """The same darts as on the board, the fainter ones below."""
        theme, side, centre = appearance().theme, box.width(), box.center()
        shape, along = darts(probabilities[None]), directions(self._moves)
        outlines = corners(probabilities, shape.leads[0], along)
        painter.setPen(Qt.PenStyle.NoPen)
        for action in shape.mix[0].argsort()[::-1]:
            if not shape.drawn[0, action]:
                continue
            painter.setBrush(mixed(theme.ink, theme.surface, float(shape.mix[0, action])))
            if along[action].any():
                outline = (QPointF(*corner) * side for corner in outlines[action].tolist())
                painter.drawPolygon(QPolygonF([centre + corner for corner in outline]))
            else:
                radius = float(stay_radius(probabilities[action])) * side
                painter.drawEllipse(centre, radius, radius)

    def _write(
        self, painter: QPainter, box: QRectF, move: str, probability: float, leads: bool
    ) -> None:
        theme = appearance().theme
        painter.setFont(appearance().font(15 if leads else 13, BOLD if leads else REGULAR))
        painter.setPen(theme.ink if leads else theme.ink2)
        text = f"{probability:.2f}"
        width = painter.fontMetrics().horizontalAdvance(text)
        height = painter.fontMetrics().height()
        down, right = DIRECTIONS[move]
        if (down, right) == (0, 0):
            place = QPointF(box.center().x(), box.bottom() - height / 2 - 2)
        else:
            gap_x, gap_y = 4 + width / 2, 3 + height / 2
            place = box.center() + QPointF(
                right * (box.width() / 2 + gap_x) if down == 0 or right else 0,
                down * (box.height() / 2 + gap_y),
            )
        frame = QRectF(0, 0, width + 2, height)
        frame.moveCenter(place)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)


class Inspector(QWidget):
    """The content of the cell card; :meth:`heading` is what its title line says."""

    edit_asked = Signal()

    ROWS = (
        ("value", "Value V(s)", "base_text"),
        ("entropy", "Entropy", "ink"),
        ("visits", "Visits", "ink"),
        ("best", "Best action", "ink"),
        ("optimal", "Optimal", "opt_text"),
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Cell inspector")
        self._glyph = Glyph()
        self._numbers: dict[str, Label] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for row, (name, label, role) in enumerate(self.ROWS):
            grid.addWidget(Label(label, 13), row, 0)
            value = self._numbers[name] = Label("–", 14, SEMIBOLD, role)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(value, row, 1)
        self.edit = Button("Edit tile", "pencil-simple", height=26, size=13, icon_size=16,
                           padding=8, tip="Change what the selected cell does")
        self.edit.clicked.connect(self.edit_asked)
        grid.addWidget(self.edit, len(self.ROWS), 0, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(grid, 1)

    def show_cell(self, view: InspectorView | None) -> None:
        """Show a cell; ``None``, and numbers that are not known yet, leave dashes."""
        texts = dict.fromkeys(self._numbers, "–")
        self.edit.setEnabled(view is not None)
        if view is None:
            self._glyph.show_policy((), None)
        else:
            self._glyph.show_policy(view.moves, view.probabilities)
            texts["value"] = known(view.value)
            texts["entropy"] = known(view.entropy)
            texts["visits"] = "–" if view.visits is None else count(view.visits)
            texts["best"] = arrows(view.best)
            texts["optimal"] = arrows(view.optimal)
        for name, text in texts.items():
            self._numbers[name].setText(text)
        self.setAccessibleDescription(
            EMPTY if view is None else ", ".join(
                f"{label} {texts[name]}" for name, label, _ in self.ROWS
            )
        )


def known(value: float | None) -> str:
    """The number, or a dash as long as it is not known."""
    return "–" if value is None else value_text(value)


def arrows(moves: tuple[str, ...]) -> str:
    """The moves as arrows, e.g. "↑ →"; a dash for none."""
    return " ".join(ARROWS[move] for move in moves) or "–"
