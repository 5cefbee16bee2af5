"""What nobody expected, in whatever thread: a card with the cause, and the program goes on."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

from rlxent_gui import cards
from rlxent_gui.device_fault import short
from rlxent_gui.view_state import CardView

Show = Callable[[CardView, str], object]


class Mishaps(QObject):
    """Shows exceptions that were caught nowhere; they still go to standard error."""

    _happened = Signal(str, str)

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show
        self._happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._before = sys.excepthook, threading.excepthook

    def install(self) -> None:
        """Listen, for as long as the program runs."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def uninstall(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._before[0](kind, error, trace)
        if isinstance(error, Exception):
            details = "".join(traceback.format_exception(kind, error, trace))
            self._happened.emit(f"{short(f'{kind.__name__}: {error}')}.", details)

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _tell(self, sentence: str, details: str) -> None:
        self._show(cards.mishap(sentence), details)
