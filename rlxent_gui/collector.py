"""Only the window's thread collects garbage.

A Qt object that another thread frees takes Qt's lock and then waits for the interpreter, while the
window may hold the interpreter and wait for that lock: both would wait for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500
OFTEN = 40
"""Collections of what is young to one of all."""


class Collector(QTimer):
    """Spares the window all collecting until torch is there, and from then on that of torch.

    What torch brings stays for good, and looking through it for what could be forgotten took the
    window a tenth of a second, while it loads and now and then afterwards.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._loaded = False
        self._times = 0
        self.setInterval(EVERY_MS)
        self.timeout.connect(self._collect)
        self.start()

    def loaded(self) -> None:
        """Torch is there; may be called from any thread."""
        gc.freeze()
        self._loaded = True

    def _collect(self) -> None:
        if self._loaded:
            self._times += 1
            gc.collect(2 if self._times % OFTEN == 0 else 1)
