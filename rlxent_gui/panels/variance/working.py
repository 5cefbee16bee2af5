"""How far long work has come, in one line of the scene, and the button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rlxent_gui.mailbox import Progress
from rlxent_gui.theme import SEMIBOLD
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.message import Bar
from rlxent_gui.widgets.text import ElidedLabel
from rlxent_gui.words import count


class Working(QWidget):
    """Passive: :meth:`show_progress` in, ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ElidedLabel("", 13)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = Bar()
        self.stop = Button("Stop", height=28, size=13, weight=SEMIBOLD,
                           tip="Stop; what there is so far is kept")
        self.stop.clicked.connect(lambda: self.command.emit("stop_work", None))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        self.setAccessibleName("Work under way")
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """What is under way; None: nothing."""
        self.setVisible(progress is not None)
        if progress is None:
            return
        self.text.setText(
            f"{progress.title}: {count(progress.done)} of {count(progress.total)} {progress.unit}"
        )
        self.bar.set_fraction(progress.done / max(progress.total, 1))
