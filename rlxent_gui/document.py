"""The world being edited: its undo stack, its file, and whether it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoGroup, QUndoStack
from shiboken6 import isValid

from rlxent_core import world_file
from rlxent_core.world import Cell, Tile, World
from rlxent_gui.commands import ChangeWorld

UNTITLED = "Untitled"


class History(QUndoStack):
    """What was done to one world."""

    def __del__(self) -> None:
        # Its commands are no QObjects: collected before the stack, they would be freed twice.
        if isValid(self):
            self.blockSignals(True)
            self.clear()


class LeftWorld(NamedTuple):
    """A world that was left as it was: its file and its history of changes come back with it."""

    name: str
    world: World
    path: Path | None
    history: History


def empty_world(rows: int = 8, columns: int = 8) -> World:
    """Nothing but floor, with a start in the first cell."""
    return World(map=("." * columns,) * rows).with_tiles({(0, 0): Tile(start=1.0)})


class Document(QObject):
    """Holds a :class:`World`; every change is a new world, and can be undone.

    ``world_changed(old, new)`` is emitted at every change, also in the middle of a stroke;
    ``opened(world)`` after it when another world took the place of the old one, so that nothing
    learnt before makes sense any more; ``stroke_ended()`` when a drag is over.  Reading and
    writing raise ``WorldError`` and ``OSError``; the document is unchanged then.
    """

    world_changed = Signal(object, object)
    opened = Signal(object)
    stroke_began = Signal()
    stroke_ended = Signal()
    path_changed = Signal()
    modified_changed = Signal(bool)

    def __init__(self, world: World | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._world = world or empty_world()
        self._path: Path | None = None
        self._stroke: tuple[World, str] | None = None
        self.history = QUndoGroup(self)
        self._begin_history(History())
        self.history.cleanChanged.connect(self._tell_modified)

    @property
    def world(self) -> World:
        return self._world

    @property
    def undo_stack(self) -> History:
        """The changes of the world on the board; :attr:`history` tells when they change."""
        return self._stack

    def _begin_history(self, stack: History) -> None:
        self._stack = stack
        if stack not in self.history.stacks():
            self.history.addStack(stack)
        self.history.setActiveStack(stack)

    @property
    def path(self) -> Path | None:
        """The file the world came from or was saved to."""
        return self._path

    @property
    def modified(self) -> bool:
        return not self.undo_stack.isClean()

    @property
    def name(self) -> str:
        """The world's own name, else that of its file."""
        return self._world.name or (self._path.stem if self._path else UNTITLED)

    # Editing

    @property
    def in_stroke(self) -> bool:
        return self._stroke is not None

    def apply(self, changes: Mapping[Cell, Tile], text: str = "Draw", merge: str = "") -> None:
        """Replace some tiles in one step; see :meth:`change` for ``merge``."""
        self.change(self._world.with_tiles(changes), text, merge)

    def change(self, world: World, text: str, merge: str = "") -> None:
        """Go on with ``world``, an edit of the one there is, in one step.

        Changes in quick succession that name the same ``merge`` are one.
        """
        self._push(world, text, frozenset({merge} if merge else ()))

    def replace(self, world: World, text: str) -> None:
        """Let ``world`` be what the world has become, in one step."""
        self._push(world, text)

    def set_fields(self, text: str = "", **values: object) -> None:
        """Change world-wide values, e.g. ``discount=0.9``; changes in quick succession merge."""
        text = text or f"Change {' and '.join(values).replace('_', ' ')}"
        self._push(self._world.with_fields(**values), text, frozenset(values))

    def begin_stroke(self, text: str) -> None:
        """Begin a drag: what follows until :meth:`end_stroke` is one step."""
        self.end_stroke()
        self._stroke = (self._world, text)
        self.stroke_began.emit()

    def extend_stroke(self, world: World) -> None:
        """Show the world as the stroke has made it by now."""
        if self._stroke is None:
            raise RuntimeError("no stroke has begun")
        self._show(world)

    def end_stroke(self) -> None:
        if self._stroke is not None:
            (base, text), self._stroke = self._stroke, None
            self._push(self._world, text, base=base)
            self.stroke_ended.emit()

    def cancel_stroke(self) -> None:
        """Give the stroke up; the world is as it was before."""
        if self._stroke is not None:
            (base, _), self._stroke = self._stroke, None
            self._show(base)
            self.stroke_ended.emit()

    def undo(self) -> None:
        """Take back the last step; in the middle of a stroke, the stroke."""
        if self._stroke is not None:
            self.cancel_stroke()
        else:
            self.undo_stack.undo()

    def redo(self) -> None:
        self.end_stroke()
        self.undo_stack.redo()

    def _push(
        self, new: World, text: str, fields: frozenset[str] = frozenset(), base: World | None = None
    ) -> None:
        if base is None:
            self.end_stroke()
            base = self._world
        if new != base:
            self.undo_stack.push(ChangeWorld(self._show, base, new, text, fields))

    def _show(self, world: World) -> None:
        old = self._world
        if world != old:
            self._world = world
            self.world_changed.emit(old, world)

    def _tell_modified(self, clean: bool) -> None:
        self.modified_changed.emit(not clean)

    # Files

    def new(self, world: World | None = None) -> None:
        """Begin an empty world, or ``world``, without a file."""
        self.take(world or empty_world(), None)

    def open(self, path: Path) -> None:
        """Open a world file."""
        self.take(world_file.read_file(path), path)

    def restore(self, world: World, path: Path | None, modified: bool) -> None:
        """Go on with what was rescued after a crash, edited or not."""
        self.take(world, path)
        if modified:
            self.set_unsaved()

    def reload(self, world: World) -> None:
        """Let ``world``, which the file holds now, be what the world has become, in one step."""
        self.replace(world, "Open the changed file")
        self.undo_stack.setClean()

    def set_unsaved(self) -> None:
        """The file does not hold this world, though nothing was edited."""
        self.undo_stack.resetClean()

    def save(self) -> None:
        """Write to the document's file."""
        if self._path is None:
            raise RuntimeError("the world has no file yet")
        self.save_as(self._path)

    def save_as(self, path: Path) -> None:
        """Write to ``path``, which becomes the document's file."""
        self.end_stroke()
        world_file.write_file(self._world, path)
        changed, self._path = path.absolute() != self._path, path.absolute()
        self.undo_stack.setClean()
        if changed:
            self.path_changed.emit()

    def take(self, world: World, path: Path | None) -> None:
        """Let ``world``, which came from ``path`` if anywhere, take the place of the old one."""
        self._take(world, path.absolute() if path is not None else None, History())

    def leave(self) -> LeftWorld:
        """What :meth:`come_back` needs once another world has taken the place of this one."""
        self.cancel_stroke()
        return LeftWorld(self.name, self._world, self._path, self._stack)

    def come_back(self, left: LeftWorld) -> None:
        """Let a world that was left take its place again."""
        self._take(left.world, left.path, left.history)

    def _take(self, world: World, path: Path | None, history: History) -> None:
        self.cancel_stroke()
        old, self._world, self._path = self._world, world, path
        self._begin_history(history)
        self.world_changed.emit(old, world)
        self.opened.emit(world)
        self.path_changed.emit()
