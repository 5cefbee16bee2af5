"""Whole notches of a wheel, also from one that turns in finer steps."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent

NOTCH = 120
"""What Qt calls a notch, in eighths of a degree."""


class Notches:
    """Adds up what the wheel has turned."""

    def __init__(self) -> None:
        self._turned = 0

    def add(self, event: QWheelEvent) -> int:
        """The whole notches that are full now, up is positive.

        With Shift or Alt some systems turn the wheel sideways: then that counts.
        """
        turned = event.angleDelta()
        self._turned += turned.y() or turned.x()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        return notches
