"""Which messages lie above the board: told by something, hidden by the user, or called for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rlxent_core.world import World
from rlxent_gui import cards, resolve
from rlxent_gui.shown_run import ShownRun
from rlxent_gui.slices import Drawing
from rlxent_gui.view_state import CardView

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts


class CardStack:
    """Cards stay until they are taken back, dismissed, or replaced by one of the same id."""

    def __init__(self) -> None:
        self._told: dict[str, CardView] = {}
        self._dismissed: set[str] = set()
        self._run_anyway = False
        """Whether what of the world keeps it from being learnt is to be gone over."""
        self._asked_in_vain = False
        """Whether it was to be trained in, and is not."""

    def add(self, card: CardView) -> None:
        self._told[card.id] = card
        self._dismissed.discard(card.id)

    def add_once(self, card: CardView) -> None:
        """Add a card unless it has been told, and perhaps dismissed, before."""
        if card.id not in self._told and card.id not in self._dismissed:
            self._told[card.id] = card

    def remove(self, *ids: str) -> None:
        """Take cards back whose reason is gone."""
        for id in ids:
            self._told.pop(id, None)

    def dismiss(self, id: str) -> None:
        """Hide a card at the user's wish."""
        self._told.pop(id, None)
        self._dismissed.add(id)

    def recall(self, *ids: str) -> None:
        """Let cards be seen again that were dismissed."""
        self._dismissed.difference_update(ids)

    # --- what is called for

    def world_opened(self) -> None:
        """What was said of the one before, and of its file, is over."""
        self._run_anyway = self._asked_in_vain = False
        self.remove("file", "notice", cards.TRAIN_AGAIN)

    def world_changed(self) -> None:
        """What was dismissed may be seen again."""
        self._run_anyway = self._asked_in_vain = False
        self.recall("unreachable", "no_goal", "hostile")

    def run_anyway(self) -> None:
        """Let nothing of the world be in the way that need not be."""
        self._run_anyway = True

    def hinder(self, world: World, facts: WorldFacts | None) -> bool:
        """Whether the world cannot be trained in, when that is asked for; a card then says why."""
        hindrance = cards.about_world(world, facts)
        if hindrance is None or (self._run_anyway and hindrance.id != "no_limit"):
            return False
        self.recall(hindrance.id)
        self._asked_in_vain = True
        return True

    def shown(
        self, document: Drawing, run: ShownRun, facts: WorldFacts | None, progress: bool
    ) -> tuple[CardView, ...]:
        """What was told between what the moment calls for, without what was dismissed.

        ``progress``: whether a card tells of what is worked on.
        """
        snapshot = run.snapshot
        above, below = [], []
        if progress and snapshot is not None and snapshot.progress is not None:
            above.append(cards.working(snapshot.progress))
        if run.failure is not None:
            above.append(cards.stopped(run.failure, run.settings))
        empty = resolve.is_empty(document.world) and not self._asked_in_vain
        quiet = document.in_stroke or empty
        hindrance = None if quiet else cards.about_world(document.world, facts)
        if hindrance is not None and not self._run_anyway:
            below.append(hindrance)
        elif facts is not None and facts.hostile and not run.update:
            below.append(cards.hostile(facts.hostile))
        stack = (*above, *self._told.values(), *below)
        return tuple(card for card in stack if card.id not in self._dismissed)
