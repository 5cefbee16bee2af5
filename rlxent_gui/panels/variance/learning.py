"""What the variance does to learning: the second view of the Variance scene."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rlxent_gui.panels.places import Size


class LearningView(QWidget):
    """Passive; ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Learning")

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
