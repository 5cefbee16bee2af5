"""What can be undone.  Redo is the do: pushing a command carries it out."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtGui import QUndoCommand

from rlxent_core.world import World

MERGE_WITHIN = 1.0
"""Seconds between two changes of the same fields that still count as one, e.g. of a slider."""


class ChangeWorld(QUndoCommand):
    """From one world to another; ``fields`` names what may merge with the change before it."""

    def __init__(
        self,
        show: Callable[[World], None],
        old: World,
        new: World,
        text: str,
        fields: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(text)
        self._show, self._old, self._new = show, old, new
        self._fields = fields
        self._time = monotonic()

    def redo(self) -> None:
        self._show(self._new)

    def undo(self) -> None:
        self._show(self._old)

    def id(self) -> int:
        return 1 if self._fields else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if (
            not isinstance(other, ChangeWorld)
            or other._fields != self._fields
            or other._time - self._time > MERGE_WITHIN
        ):
            return False
        self._new, self._time = other._new, other._time
        self.setObsolete(self._new == self._old)
        return True
