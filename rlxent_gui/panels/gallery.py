"""The gallery: every world that comes with the program, with its picture, and recent files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from rlxent_core.facts import world_facts
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui.panels.veil import Veil
from rlxent_gui.panels.world_card import HEIGHT, WIDTH, WorldCard
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.background import background
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.text import Label
from rlxent_gui.words import grouped
from rlxent_resources import published_text, world_text, worlds

GAP = 12
RECENT = 4
"""Recent files in their row."""


class Gallery(Veil):
    """Emits ``command`` with "open_preset" and a name, or "open_path" and a path."""

    command = Signal(str, object)

    def __init__(self, recent: Callable[[], tuple[str, ...]], parent: QWidget) -> None:
        super().__init__("Worlds", parent)
        self._recent = recent
        self.sheet: GallerySheet | None = None

    def make_sheet(self) -> QWidget:
        self.sheet = GallerySheet(self)
        self.sheet.chosen.connect(self._choose)
        self.sheet.close_button.clicked.connect(self.leave)
        return self.sheet

    def open(self) -> None:
        super().open()
        assert self.sheet is not None
        self.sheet.show_recent(self._recent())
        self.sheet.search.clear()
        self.sheet.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.sheet.cards.draw()

    def _choose(self, command: str, argument: str) -> None:
        self.leave()
        self.command.emit(command, argument)


class GallerySheet(Panel):
    """Search field, recent files and cards; ``chosen`` carries a command and its argument."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 8, 12)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 12, 0)
        head.setSpacing(12)
        head.addWidget(Label("Worlds", 20, SEMIBOLD, "ink"))
        self.search = Search()
        self.search.setPlaceholderText("Search: goal, ice, Sutton…")
        self.search.setAccessibleName("Search the worlds")
        self.search.setToolTip("Type what to look for; ↓ goes to the cards, Esc closes")
        self.search.setMaximumWidth(420)
        self.search.setClearButtonEnabled(False)
        head.addWidget(self.search, 1)
        head.addStretch(1)
        self.close_button = Button(icon="x", quiet=True, height=32, tip="Close (Esc)")
        head.addWidget(self.close_button)
        column.addLayout(head)
        self.recent = QWidget()
        self._recent_row = QHBoxLayout(self.recent)
        self._recent_row.setContentsMargins(0, 0, 12, 0)
        self._recent_row.setSpacing(8)
        column.addWidget(self.recent)
        self.nothing = Label("No world has these words.", 14)
        self.nothing.hide()
        column.addWidget(self.nothing)
        self.cards = Cards(self)
        self.cards.chosen.connect(partial(self.chosen.emit, "open_preset"))
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self.cards)
        column.addWidget(self._area, 1)
        self.search.textChanged.connect(self._filter)
        self.search.down.connect(self.cards.enter)
        self.search.returnPressed.connect(self.cards.open_first)
        self.cards.left_upwards.connect(self.search.setFocus)
        self.cards.reached.connect(lambda card: self._area.ensureWidgetVisible(card, 0, GAP))

    def sizeHint(self) -> QSize:
        px = appearance().px
        return QSize(3 * (px(WIDTH) + GAP) + 44, px(HEIGHT) * 5 + 160)

    def show_recent(self, paths: tuple[str, ...]) -> None:
        """A button for each of the latest files."""
        while (item := self._recent_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.recent.setVisible(bool(paths))
        self._recent_row.addWidget(Label("Recent", 13))
        for path in paths[:RECENT]:
            name = Path(path).name
            text = name if len(name) <= 28 else f"{name[:16]}…{name[-11:]}"
            button = Button(text, "folder-open", height=28, size=13, icon_size=16, padding=8,
                            tip=path)
            button.clicked.connect(partial(self.chosen.emit, "open_path", path))
            self._recent_row.addWidget(button)
            button.show()
        self._recent_row.addStretch(1)

    def _filter(self, text: str) -> None:
        self.cards.show_only(text)
        self.nothing.setVisible(not self.cards.shown)


class Search(QLineEdit):
    """``down`` when the arrow leads out of it."""

    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)


class Cards(QWidget):
    """The cards, in as many columns as there is room for; made and drawn a card at a time."""

    chosen = Signal(str)
    left_upwards = Signal()
    reached = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.cards: list[WorldCard] = []
        self._left = list(worlds())
        self._stale: list[WorldCard] = []
        self._busy = False
        self._sought = ""
        self._columns = 1
        appearance().changed.connect(self._restyle)

    @property
    def shown(self) -> list[WorldCard]:
        return [card for card in self.cards if not card.isHidden()]

    def draw(self) -> None:
        """Make and paint what is missing, a card an event-loop turn."""
        if not self._busy and (self._left or self._stale):
            self._busy = True
            QTimer.singleShot(0, self, self._draw_one)

    def _draw_one(self) -> None:
        self._busy = False
        if self._left:
            self._make(self._left.pop(0))
            if not self._left:
                known = [(card.name, card.world) for card in self.cards]
                background().run(partial(notices, known), self._warn)
        elif self._stale:
            self._stale.pop(0).draw_picture()
        if self.isVisible():
            self.draw()

    def _make(self, name: str) -> None:
        world = read_text(world_text(name))
        card = WorldCard(name, world, published_text(name) is not None, self._move, self)
        card.clicked.connect(partial(self.chosen.emit, name))
        self.cards.append(card)
        self._stale.append(card)
        card.setVisible(all(word in card.words for word in self._sought.split()))
        self._arrange()

    def _warn(self, found: dict[str, str]) -> None:
        if not isValid(self):
            return
        for card in self.cards:
            if found[card.name]:
                card.warn(grouped(found[card.name]))

    def show_only(self, text: str) -> None:
        """The cards with every word of ``text``."""
        self._sought = text.casefold()
        for card in self.cards:
            card.setVisible(all(word in card.words for word in self._sought.split()))
        self._arrange()

    def enter(self) -> None:
        """Put the focus on the first card."""
        if self.shown:
            self._focus(self.shown[0])

    def open_first(self) -> None:
        if self.shown:
            self.shown[0].click()

    def _move(self, card: WorldCard, key: int) -> None:
        step = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns,
        }[Qt.Key(key)]
        at = self.shown.index(card) + step
        if 0 <= at < len(self.shown):
            self._focus(self.shown[at])
        elif key == Qt.Key.Key_Up:
            self.left_upwards.emit()

    def _focus(self, card: WorldCard) -> None:
        card.setFocus(Qt.FocusReason.TabFocusReason)
        self.reached.emit(card)

    def _restyle(self) -> None:
        self._stale = list(self.cards)
        self._arrange()
        if self.isVisible():
            self.draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        px = appearance().px
        self._columns = max(1, (self.width() + GAP) // (px(WIDTH) + GAP))
        width = (self.width() - (self._columns - 1) * GAP) // self._columns - 4
        height = px(HEIGHT)
        for k, card in enumerate(self.shown):
            row, column = divmod(k, self._columns)
            card.setGeometry(2 + column * (width + GAP), 2 + row * (height + GAP), width, height)
        rows = -(-len(self.shown) // self._columns)
        self.setMinimumHeight(rows * (height + GAP) + 4)


def notices(known: list[tuple[str, World]]) -> dict[str, str]:
    """Why each world is hard, or ""; takes longer than a frame."""
    return {name: world_facts(world).hostile for name, world in known}
