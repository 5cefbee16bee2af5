"""How far long work has come, in one line of the scene, and the button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from rlxent_gui.mailbox import Progress
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.message import Bar
from rlxent_gui.widgets.text import ElidedLabel
from rlxent_gui.words import count

SPACE, LEAST, MOST = 8, 80, 320
"""Between the parts; the least and the most that the bar is long, at the usual text size."""


class Working(QWidget):
    """Passive: :meth:`show_progress` in, ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ElidedLabel("", 12)
        self.bar = Bar()
        self.stop = Button("Stop", height=30, size=13, weight=SEMIBOLD,
                           tip="Stop; what there is so far is kept")
        self.stop.clicked.connect(lambda: self.command.emit("stop_work", None))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self.text)
        column.addWidget(self.bar)
        column.addStretch(1)
        row = QHBoxLayout(self)
        # Text and bar follow the room there is, so they must not ask for what they had.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addStretch(1)
        row.addLayout(column)
        row.addWidget(self.stop)
        self.setAccessibleName("Work under way")
        self._said: tuple[str, ...] = ("",)
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """What is under way; None: nothing."""
        self.setVisible(progress is not None)
        if progress is None:
            return
        done = f"{count(progress.done)} of {count(progress.total)}"
        self._said = f"{progress.title}: {done} {progress.unit}", f"{done} {progress.unit}", done
        self._fit()
        self.bar.set_fraction(progress.done / max(progress.total, 1))

    def minimumSizeHint(self) -> QSize:
        width = appearance().px(LEAST) + SPACE + self.stop.sizeHint().width()
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """Say as much as there is room for, and all of it in the tooltip."""
        metrics = QFontMetricsF(self.text.font())
        room = self.width() - SPACE - self.stop.sizeHint().width()
        room = max(1, min(room, appearance().px(MOST)))
        self.text.setFixedWidth(room)
        self.bar.setFixedWidth(room)
        fits = (said for said in self._said if metrics.horizontalAdvance(said) < room)
        self.text.setText(next(fits, self._said[-1]))
        self.text.set_tip(self._said[0])
        self.text.setAccessibleName(self._said[0])
