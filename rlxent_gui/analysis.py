"""Exact facts about the world on the board, computed beside the window; only the latest counts."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from rlxent_core.world import World

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts


class Analyst:
    """Works out :func:`world_facts` on a thread of its own.

    ``ask`` never waits; a world asked for while another is being worked on replaces any that is
    still waiting.  ``answer`` gives the latest finished pair of world and facts.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: World | None = None
        self._answer: tuple[World, WorldFacts] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="analysis", daemon=True)

    def start(self) -> None:
        """Begin, with the world that was asked for last."""
        self._thread.start()

    def ask(self, world: World) -> None:
        with self._condition:
            self._waiting = world
            self._condition.notify()

    def answer(self) -> tuple[World, WorldFacts] | None:
        return self._answer

    def close(self) -> None:
        """Let the thread end after the world it is at; returns at once."""
        with self._condition:
            self._closed = True
            self._waiting = None
            self._condition.notify()

    def join(self, timeout: float | None = None) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _work(self) -> None:
        from rlxent_core import facts

        while True:
            with self._condition:
                while self._waiting is None and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                world, self._waiting = self._waiting, None
            assert world is not None
            try:
                self._answer = (world, facts.world_facts(world))
            except Exception:  # told, and the next world may be another matter
                sys.excepthook(*sys.exc_info())
