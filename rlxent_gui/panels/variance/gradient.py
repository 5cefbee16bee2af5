"""The gradient's variance at one policy: the first view of the Variance scene."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rlxent_gui.panels.places import Size


class GradientView(QWidget):
    """Passive; ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Gradient")

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
