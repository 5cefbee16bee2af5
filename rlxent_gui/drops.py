"""Files that are dropped onto the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class _Drops(QObject):
    """Lets one file be dropped onto a window."""

    def __init__(self, window: QWidget, open_path: Callable[[str], object]) -> None:
        super().__init__(window)
        self._open_path = open_path
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and (path := _dropped(event)):
            event.acceptProposedAction()
            if not isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.Drop:
                self._open_path(path)
            return True
        return super().eventFilter(watched, event)


def _dropped(event: QDropEvent) -> str:
    """The one local file that is dragged, or nothing."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""


def accept_drops(window: QWidget, open_path: Callable[[str], object]) -> None:
    """Let ``open_path`` be called with a file that is dropped onto ``window``."""
    _Drops(window, open_path)
