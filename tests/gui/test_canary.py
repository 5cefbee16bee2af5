"""PySide6 6.12.0 on Python 3.11 lost a reference to None or True at every void call and signal.

After a few thousand of them the interpreter aborts, so such a release must never get in.  Where
the two objects are immortal (Python 3.12 and later) the counts cannot move.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen


class Sender(QObject):
    sent = Signal(bool)


def test_signals_keep_the_count_of_true(qapp) -> None:
    """Fifty emits leave the number of references to True where it was."""
    sender = Sender()
    received: list[bool] = []
    sender.sent.connect(received.append)
    sender.sent.emit(True)
    received.clear()
    before = sys.getrefcount(True)
    for _ in range(50):
        sender.sent.emit(True)
    # Those in the list are ours, not the binding's.
    assert received == [True] * 50
    received.clear()
    assert abs(sys.getrefcount(True) - before) <= 2


def test_void_calls_keep_the_count_of_none(qapp) -> None:
    """Five hundred calls that return nothing leave the number of references to None alone."""
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    pen = QPen(QColor("black"))
    painter = QPainter(image)
    painter.setPen(pen)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.setPen(pen)
    drift = sys.getrefcount(None) - before
    painter.end()
    assert abs(drift) <= 50
