"""The user's own world and training, kept while a demonstration has their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rlxent_core.world import World
from rlxent_gui.document import Document, LeftWorld
from rlxent_gui.presenter import LeftRun, Presenter

Then = Callable[[], object]


class Files(Protocol):
    """Who asks before work is lost."""

    def unless_unsaved(self, then: Then) -> None: ...


@dataclass(frozen=True)
class Held:
    """What there is to come back to."""

    world: LeftWorld
    run: LeftRun


class Aside:
    """Opens worlds beside the user's own, and brings that one back.

    What is held is the world with its file and its history of changes, and the run: settings, seed,
    policy, curves.  It is given up when any other world is opened.  A world beside it that was
    changed is not lost when it makes room: the last of them can be opened again.
    """

    def __init__(self, document: Document, presenter: Presenter, files: Files) -> None:
        self._document, self._presenter, self._files = document, presenter, files
        self._held: Held | None = None
        self._left: LeftWorld | None = None
        document.opened.connect(self._give_up)

    @property
    def name(self) -> str | None:
        """What the world that can come back is called; None where there is none."""
        return None if self._held is None else self._held.world.name

    @property
    def held(self) -> Held | None:
        """The world and the run that can come back; None where there are none."""
        return self._held

    @property
    def left(self) -> LeftWorld | None:
        """The world that was changed here and made room last."""
        return self._left

    def open_beside(self, world: World, then: Then) -> None:
        """Put ``world`` on the board; ``then`` follows unless the user would rather not."""
        self._beside(lambda: self._document.take(world, None), then)

    def open_left(self, then: Then) -> None:
        """Likewise for :attr:`left`, with its history of changes."""
        left = self._left
        if left is not None:
            self._beside(lambda: self._document.come_back(left), then)

    def _beside(self, show: Then, then: Then) -> None:
        def take() -> None:
            held = self._held or Held(self._document.leave(), self._presenter.leave())
            show()
            self._held = held
            then()

        if self._held is None:
            self._files.unless_unsaved(take)
        else:
            self._keep_changed()
            take()

    def bring_back(self, then: Then) -> None:
        """Let what was held take its place again, at once; ``then`` follows."""
        held = self._held
        if held is not None:
            self._keep_changed()
            self._document.come_back(held.world)
            self._presenter.come_back(held.run)
            then()

    def _keep_changed(self) -> None:
        """What makes room for another world is kept where it would be missed."""
        self._document.end_stroke()
        if self._document.modified:
            self._left = self._document.leave()

    def _give_up(self, _world: World) -> None:
        self._held = None
