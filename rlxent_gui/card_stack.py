"""Which messages lie above the board: told by something, hidden by the user, or called for."""

from __future__ import annotations

from collections.abc import Iterable

from rlxent_gui.view_state import CardView


class CardStack:
    """Cards stay until they are taken back, dismissed, or replaced by one of the same id."""

    def __init__(self) -> None:
        self._told: dict[str, CardView] = {}
        self._dismissed: set[str] = set()

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

    def shown(
        self, above: Iterable[CardView] = (), below: Iterable[CardView] = ()
    ) -> tuple[CardView, ...]:
        """What was told between what the moment calls for, without what was dismissed."""
        cards = (*above, *self._told.values(), *below)
        return tuple(card for card in cards if card.id not in self._dismissed)
