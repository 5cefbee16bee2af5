"""The Credit scene: one episode, what every step earned, and what the update makes of it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui.canvas.credit_board import CreditBoard
from rlxent_gui.credit_view import CodeView, CreditView, Effect
from rlxent_gui.pacing import watching
from rlxent_gui.panels.cards import Cards
from rlxent_gui.panels.credit.code_panel import CodeButton
from rlxent_gui.panels.credit.episode_bar import EpisodeBar
from rlxent_gui.panels.credit.loss import LossRibbon
from rlxent_gui.panels.credit.note import Note
from rlxent_gui.panels.credit.places import arrange_credit, left_width
from rlxent_gui.panels.credit.right_column import RightColumn
from rlxent_gui.panels.credit.scrubber import Legend, Scrubber
from rlxent_gui.panels.places import GAP, Rect, Size
from rlxent_gui.scenes.credit_acts import ACTS
from rlxent_gui.scenes.stage import Staged
from rlxent_gui.theme import appearance

LONG = 200
"""Steps from which the walk is painted a frame after the rest: all at once takes too long."""
FRAME_MS = 16


class CreditScene(QWidget):
    """Its parts and where they lie; passive, one ``command`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = Size.MEDIUM
        self._cards: Cards | None = None
        self.loss = LossRibbon(self)
        self.code = CodeButton(self)
        self.bar = EpisodeBar(self)
        self.note = Note(self)
        self.board = CreditBoard(self)
        self.legend = Legend(self)
        self.scrubber = Scrubber(self)
        self.right = RightColumn(self)
        for part in (self.loss, self.bar, self.note, self.board, self.scrubber, self.right):
            part.command.connect(self.command)
        self.code.opened.connect(lambda on: self.command.emit("credit_code", on))
        self.setAccessibleName("Credit")
        self._walk: CreditView | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(FRAME_MS)
        self._later.timeout.connect(self._show_walk)
        self._shown = True
        self._show_parts(False)
        appearance().changed.connect(self._arrange)

    def show_credit(self, view: CreditView | None) -> None:
        """Another episode, step or weighting; None where there is no episode."""
        self._show_parts(view is not None)
        self.right.show_credit(view)
        self._walk = view
        if view is None:
            return
        for part in (self.loss, self.bar, self.legend, self.scrubber):
            part.show_credit(view)
        if view.episode.length < LONG:
            self._show_walk()
        elif not self._later.isActive():
            self._later.start()
        if self.note.show_note(view.note):
            self._arrange()

    def _show_walk(self) -> None:
        if self._walk is not None:
            self.board.show_credit(self._walk)

    def show_effect(self, effect: Effect | None) -> None:
        """What the update does."""
        self.right.show_effect(effect)

    def show_code(self, code: CodeView) -> None:
        """The code behind it, while it is open."""
        self.code.show_code(code)

    def set_level(self, level: int) -> None:
        """Walk through the steps as fast as the training's speed asks."""
        self.scrubber.set_period(watching(level))

    def _show_parts(self, shown: bool) -> None:
        """Without an episode the right column says how to get one."""
        if shown == self._shown:
            return
        self._shown = shown
        focus = self.focusWidget()
        if not shown and focus is not None and focus.hasFocus():
            # Hidden, it would pass the focus on to the header, where the arrows change the scene.
            self.setFocus()
        for part in (self.loss, self.code, self.bar, self.board, self.legend, self.scrubber):
            part.setVisible(shown)
        if not shown:
            self.note.show_note("")
        elif self.hasFocus():
            self.main.setFocus()
        self._arrange()

    def staged(self) -> Staged:
        """What is presented to a room: the episode on the board, and the parts in turn."""
        first = list(self.right.parts).index(self.right.expanded) + 1 if self.right.expanded else 0
        return Staged(
            lambda parent, look: CreditBoard(parent, look), "credit", ACTS, first, share=0.61
        )

    def spotlight(self) -> None:
        """Give the next part the room below the strip; after the last one show all again."""
        self.right.expand_next()

    @property
    def main(self) -> QWidget:
        """What has the keyboard when the scene is shown."""
        return self.board

    def grab_panels(self) -> QImage:
        """Strip, comparison, classifier and update as they are seen."""
        return self.right.grab().toImage()

    def take_cards(self, cards: Cards) -> None:
        """Show the messages over this scene's board."""
        self._cards = cards
        cards.setParent(self)
        self._arrange()
        cards.apply(cards.views)

    def set_size(self, size: Size) -> None:
        """Change to the arrangement of another window size."""
        if size is not self._size:
            self._size = size
            self.bar.set_large(size is Size.FULL)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        factor = appearance().factor
        self.code.set_text("" if self._size is not Size.FULL else "Code")
        code = self.code.sizeHint().width()
        places = arrange_credit(
            self._size, self.width(), self.height(), factor, bar=self.bar.sizeHint().height(),
            code=code, note=self.note.height_for(left_width(self._size, self.width())),
        )
        for part, place in (
            (self.loss, places.loss), (self.bar, places.bar), (self.note, places.note),
            (self.board, places.board), (self.legend, places.legend),
            (self.scrubber, places.scrubber), (self.right, places.right),
        ):
            part.setGeometry(_qrect(place))
        self.legend.setVisible(self._shown and places.legend.height > 0)
        self.note.setVisible(self._shown and places.note.height > 0)
        if not self._shown:
            self.right.setGeometry(self.rect())
        height = self.code.sizeHint().height()
        self.code.setGeometry(
            places.code.x, places.code.y + (places.code.height - height) // 2, code, height
        )
        if self._cards is not None and self._cards.parent() is self:
            self._cards.place(_qrect(places.board).adjusted(GAP, GAP, -GAP, -GAP))


def _qrect(rect: Rect) -> QRect:
    return QRect(rect.x, rect.y, rect.width, rect.height)
