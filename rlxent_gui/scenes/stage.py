"""What a room looks at: one board, one panel, one sentence, in letters for the back row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from rlxent_gui import presenting
from rlxent_gui.actions import Actions
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.credit_board import CreditBoard
from rlxent_gui.canvas.grid import EDGE
from rlxent_gui.panels.cards import Cards
from rlxent_gui.panels.places import Rect
from rlxent_gui.panels.stage_foot import Foot
from rlxent_gui.panels.stage_parts import BODY, SMALLEST, UNIT, Blank, Headline, StageLook
from rlxent_gui.panels.stage_places import stage_places
from rlxent_gui.presenting import Part, Words
from rlxent_gui.theme import MEDIUM, Appearance, appearance
from rlxent_gui.widgets.text import Label

SAID = UNIT * SMALLEST / BODY
"""Size of the sentence."""
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Of that, where the text is large and the sentence long."""
MOST_SAID = 0.3
"""Of the height of panel and sentence, that the sentence may take in letters larger than usual."""


class Act(NamedTuple):
    """A panel that takes its turn beside the board, and what is said of what it shows."""

    slices: tuple[str, ...]
    """The slices of the view that it shows."""
    title: str
    make: Callable[[QWidget, StageLook], QWidget]
    """Makes it, a passive view with ``set_data`` for them, and perhaps a ``command``."""
    words: Callable[..., Words]
    told: tuple[str, ...] = ()
    """Further slices that the words alone are of."""
    corner: Callable[..., str] = presenting.update_corner
    """What stands in the corner, with {} for the update of the policy on the board."""


class Staged(NamedTuple):
    """What a scene gives to be presented: its board, its panels, and which of them is the first."""

    board: Callable[[QWidget, Appearance], Board | CreditBoard]
    slice: str
    """The slice of the view that the board shows."""
    acts: tuple[Act, ...]
    first: int = 0
    share: float = 0.46
    """Of the width, that a panel gets."""
    least: int = 230
    """Pixels, at the usual text size, that a panel with its labels takes at least."""


class Stage(QWidget):
    """Passive: slices in by :meth:`show_slice`; ``left`` asks for the end, ``command`` for more.

    A child of the window that it covers, or a window of its own.
    """

    left = Signal()
    command = Signal(str, object)

    def __init__(self, staged: Staged, actions: Actions, parent: QWidget, flags: Qt.WindowType
                 ) -> None:
        super().__init__(parent, flags)
        self.setAccessibleName("Presentation")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.addActions(list(actions))
        self.look = StageLook()
        self._staged, self._acts, self._at = staged, staged.acts, staged.first
        self._slices: dict[str, Any] = {}
        self._shape = (1, 1)
        self._said: tuple[Part, ...] = ()
        self._sentence_height = 0
        self.headline = Headline(self.look, self)
        self.board = staged.board(self, self.look)
        self.board.setMinimumSize(0, 0)
        self.board.installEventFilter(self)
        self.sentence = Label("", SAID, MEDIUM, "ink", wrap=True, parent=self, look=self.look)
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.cards = Cards(self, self.look)
        self.cards.command.connect(self.command)
        self.foot = Foot(actions, self.look, self)
        self.blank = Blank(self)
        self.blank.left.connect(self.toggle_blank)
        self.panels: dict[str, QWidget] = {}
        appearance().changed.connect(self._fit)
        self.look.changed.connect(self._place_anew)
        self._turn_to(self._at)

    # --- what is shown

    def show_slice(self, name: str, data: Any) -> None:
        """Show a slice of the view where it is to be seen here, and keep it for when it is."""
        self._slices[name] = data
        if name == "transport":
            self.foot.show_transport(data)
        elif name == "cards":
            self.cards.apply(data)
            self.blank.raise_()
        if name == self._staged.slice and data is not None:
            if isinstance(self.board, Board):
                self.board.set_view(data)
            else:
                self.board.show_credit(data)
            shape = (data.world.rows, data.world.columns)
            if shape != self._shape:
                self._shape = shape
                self._place()
        if name in self.act.slices + self.act.told:
            self._show_act()

    @property
    def act(self) -> Act:
        """The panel whose turn it is."""
        return self._acts[self._at]

    def turn(self, step: int) -> None:
        """Show the panel so many after this one; the first follows the last."""
        self._turn_to((self._at + step) % len(self._acts))

    def toggle_blank(self) -> None:
        """Show nothing, so that the room looks at the lecturer; or everything again."""
        shown = self.blank.isHidden()
        if shown:
            self.blank.show()
            self.blank.raise_()
            self.blank.setFocus()
        else:
            self.board.setFocus()
            self.blank.hide()

    def _turn_to(self, at: int) -> None:
        self._at = at
        act = self.act
        if act.title not in self.panels:
            panel = self.panels[act.title] = act.make(self, self.look)
            panel.stackUnder(self.cards)
            if hasattr(panel, "command"):
                panel.command.connect(self.command)
        for title, panel in self.panels.items():
            panel.setVisible(title == act.title)
        turn = f"  ·  {at + 1} of {len(self._acts)}" if len(self._acts) > 1 else ""
        self.foot.show_turn(f"{act.title}{turn}")
        self._sentence_height = 0
        self._show_act()
        self._place()

    def _show_act(self) -> None:
        data = [self._slices.get(name) for name in self.act.slices]
        if self.act.slices[0] in self._slices:
            self.panels[self.act.title].set_data(*data)  # type: ignore[attr-defined]
        self.foot.show_corner(self.act.corner(*data))
        words = self.act.words(*data, *map(self._slices.get, self.act.told))
        if words.sentence != self._said:
            self._said = words.sentence
            self._say()
        if words.headline != self.headline.words:
            self.headline.words = words.headline
            self.headline.fit()
        if self.sentence.heightForWidth(self.sentence.width()) > self._sentence_height:
            self._place()

    def _say(self) -> None:
        theme = self.look.theme
        self.sentence.setText("".join(
            f'<b style="color:{getattr(theme, role).name()}">{_written(text)}</b>'
            if role else _written(text)
            for text, role in self._said
        ))
        self.sentence.setAccessibleName("".join(text for text, _ in self._said))

    # --- layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._sentence_height = 0
        self._fit()
        self._place()

    def _fit(self) -> None:
        self.look.fit(self.width(), self.height())
        self._say()
        self.update()

    def _place_anew(self) -> None:
        """In letters of another size."""
        self._sentence_height = 0
        self._place()

    def _place(self) -> None:
        head = self.headline.height_of_two_lines()
        foot = self.foot.sizeHint().height()
        kept = self._sentence_height
        for share in SHARES:
            # As small as it would be in letters of the usual size, where it took the panel's room.
            share = max(share, self.look.least / self.look.factor)
            self.sentence.setFont(self.look.font(SAID * share, MEDIUM))
            high = kept
            # Twice: how high the sentence is depends on how wide it may be.  It never gets lower
            # while a panel is on, so that a number that grows by a digit does not move the plot
            # for long.
            for _ in range(2):
                places = stage_places(self.width(), self.height(), head, high, foot, *self._shape,
                                      EDGE, self.look.px(self._staged.least), self._staged.share)
                high = max(high, self.sentence.heightForWidth(places.sentence.width))
            if high <= MOST_SAID * (places.panel.height + places.sentence.height):
                break
        self._sentence_height = high
        for widget, place in (
            (self.headline, places.headline), (self.board, places.board),
            (self.panels[self.act.title], places.panel), (self.sentence, places.sentence),
            (self.foot, places.foot), (self.blank, Rect(0, 0, self.width(), self.height())),
        ):
            widget.setGeometry(QRect(place.x, place.y, place.width, place.height))
        self.headline.fit()
        at = places.cards
        self.cards.place(QRect(at.x, at.y, at.width, at.height), at_bottom=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), self.look.theme.bg)

    # --- keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc cancels what the board has in hand, and only then asks for the end."""
        if event.type() == QEvent.Type.FocusIn:
            self.foot.reveal(False)
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() != Qt.Key.Key_Escape:
            return False
        if not (isinstance(self.board, Board) and self.board.cancel()):
            self.left.emit()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """The buttons at the foot are seen while the keyboard is on them."""
        self.foot.reveal(True)
        moved = super().focusNextPrevChild(next)
        self.foot.reveal(self.foot.has_focus)
        return moved

    def closeEvent(self, event: QCloseEvent) -> None:
        self.left.emit()
        super().closeEvent(event)


def _written(text: str) -> str:
    """In HTML, where the narrow space within a number would be one at which a line may end."""
    from html import escape  # with a table of all that HTML has names for

    return escape(text).replace("\u202f", "\u00a0")
