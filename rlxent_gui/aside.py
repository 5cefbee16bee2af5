"""The user's own world and training, kept while a demonstration has their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rlxent_core.world import World
from rlxent_gui.document import Document, LeftWorld
from rlxent_gui.presenter import Presenter
from rlxent_gui.shown_run import LeftRun

Then = Callable[[], object]


class Held(NamedTuple):
    """What there is to come back to."""

    world: LeftWorld
    run: LeftRun


class Aside:
    """Opens worlds beside the user's own, and brings that one back.

    What is held is the world with its file and its history of changes, and the run: settings, seed,
    policy, curves.  It is given up when any other world is opened.  A world beside it that was
    changed is not lost when it makes room: the last of them can be opened again.
    """

    def __init__(self, document: Document, presenter: Presenter) -> None:
        self._document, self._presenter = document, presenter
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
    def unsaved(self) -> bool:
        """Whether what is held would be lost with the program."""
        return self._held is not None and not self._held.world.history.isClean()

    @property
    def left(self) -> LeftWorld | None:
        """The world that was changed here and made room last."""
        return self._left

    def open_beside(self, world: World, then: Then) -> None:
        """Put ``world`` on the board; ``then`` follows.  Nothing is asked, for nothing is lost."""
        self._beside(lambda: self._document.take(world, None), then)

    def open_left(self, then: Then) -> None:
        """Likewise for :attr:`left`, with its history of changes."""
        left = self._left
        if left is not None:
            self._beside(lambda: self._document.come_back(left), then)

    def _beside(self, show: Then, then: Then) -> None:
        held = self._held
        self._document.end_stroke()
        if held is None:
            held = Held(self._document.leave(), self._presenter.leave())
        else:
            self._keep_changed()
        show()
        self._held = held
        then()

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
