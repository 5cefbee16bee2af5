"""Messages over the top of the board: they cover it for a while, and never move it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtWidgets import QWidget

from rlxent_gui.theme import Appearance, appearance
from rlxent_gui.view_state import CardView
from rlxent_gui.widgets.message import MessageCard

WIDTH = 480
GAP = 8


class Cards(QWidget):
    """A stack of cards, as large as they are and no larger; passive.

    ``command`` carries "card" with (command, card id), and "dismiss" with the card's id.  The cards
    wear ``look``, or else what the application wears.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None, look: Appearance | None = None) -> None:
        super().__init__(parent)
        self._look = look or appearance()
        self._views: tuple[CardView, ...] = ()
        self._cards: dict[str, MessageCard] = {}
        self._area = QRect()
        self._at_bottom = False
        self.setAccessibleName("Messages")
        self._look.changed.connect(self._arrange)
        self.hide()

    @property
    def views(self) -> tuple[CardView, ...]:
        """What is shown."""
        return self._views

    @property
    def cards(self) -> tuple[MessageCard, ...]:
        return tuple(self._cards[view.id] for view in self._views)

    def place(self, area: QRect, at_bottom: bool = False) -> None:
        """Lie in the middle of the top of ``area``, or of its bottom: a rectangle of the parent."""
        self._area, self._at_bottom = area, at_bottom
        self._arrange()

    def apply(self, views: tuple[CardView, ...]) -> None:
        """Show these cards; one that only got on with its work is not built anew."""
        before = {view.id: view for view in self._views}
        kept = {v.id for v in views if v.id in before and _same_frame(before[v.id], v)}
        for id in set(before) - kept:
            card = self._cards.pop(id)
            card.hide()
            card.deleteLater()
        for view in views:
            if view.id in kept:
                self._cards[view.id].set_body(view.body)
                self._cards[view.id].set_progress(view.progress or 0.0)
            else:
                self._cards[view.id] = self._build(view)
        self._views = views
        self.setVisible(bool(views))
        self._arrange()
        self.raise_()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # words of another size, which they took after this widget did
        return super().event(event)

    def _build(self, view: CardView) -> MessageCard:
        actions = [
            (action.text, lambda c=action.command: self.command.emit("card", (c, view.id)),
             action.primary)
            for action in view.actions
        ]
        card = MessageCard(
            view.icon, view.title, view.body, actions, progress=view.progress,
            dismissible=view.dismissible, parent=self, look=self._look,
        )
        card.dismissed.connect(lambda: self.command.emit("dismiss", view.id))
        card.show()
        return card

    def _arrange(self) -> None:
        width = min(self._look.px(WIDTH), self._area.width())
        top = 0
        for card in self.cards:
            height = max(card.heightForWidth(width), card.minimumSizeHint().height())
            card.setGeometry(0, top, width, height)
            top += height + GAP
        left, height = self._area.center().x() - width // 2, max(0, top - GAP)
        y = self._area.bottom() + 1 - height if self._at_bottom else self._area.top()
        self.setGeometry(left, y, width, height)


def _same_frame(old: CardView, new: CardView) -> bool:
    return (old.icon, old.title, old.actions, old.dismissible, old.progress is None) == (
        new.icon, new.title, new.actions, new.dismissible, new.progress is None
    )
