"""What is written for a room."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget


def large_and_whole(stage: QWidget, width: int) -> int:
    """Every label can be read from the back row and has room for all it says; how many there are.

    ``width`` is that of the room's screen, in pixels.
    """
    labels = [w for w in stage.findChildren(QLabel) if w.isVisible() and w.text()]
    for label in labels:
        assert label.font().pixelSize() >= width / 68, label.text()
        need = label.heightForWidth(label.width()) if label.wordWrap() else 0
        assert label.height() >= need, label.text()
        if not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
        assert label.parentWidget().rect().contains(label.geometry()), label.text()
    return len(labels)
