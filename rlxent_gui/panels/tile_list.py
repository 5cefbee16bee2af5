"""Tiles to take in hand: those that come with rlxent, and below them the author's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rlxent_core.world import Teleport, Tile
from rlxent_gui.canvas.composition import (
    GOAL_TILE,
    ICE_TILE,
    PIT_TILE,
    REWARD_TILE,
    START_TILE,
    WIND_TILE,
)
from rlxent_gui.canvas.tiles import NO_BADGES, Badges, paint_tile
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import Label

BUILT_IN: dict[str, Tile] = {
    "Wall": Tile(wall=True),
    "Start": START_TILE,
    "Goal": GOAL_TILE,
    "Pit": PIT_TILE,
    "Ice": ICE_TILE,
    "Wind": WIND_TILE,
    "Teleport": Tile(teleport=Teleport((0, 0))),
    "Reward": REWARD_TILE,
    "Exit": Tile(exit=1.0),
    "Back to start": Tile(respawn=True, reward=-1.0),
    "Reversed": Tile(reversed=True),
    "Reward noise": Tile(reward_noise=0.5),
    "Weighted start": Tile(start=2.0),
}
NO_OWN = "None yet. Give a tile a name, and it is kept here."


class Entry(NamedTuple):
    """A tile of the list; ``symbol`` is its letter on the map, empty where it has none."""

    name: str
    tile: Tile
    symbol: str
    in_hand: bool = False


class TileButton(Button):
    """The tile as the board paints it, its name, and its letter on the map."""

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(entry.name, quiet=True, checkable=True, height=34, size=13, parent=parent)
        self.entry = entry
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        self.entry = entry
        self.set_text(entry.name)
        self.setChecked(entry.in_hand)
        letter = f", letter {entry.symbol}" if entry.symbol else ""
        self.setAccessibleName(entry.name + letter)
        self.setToolTip(f"Take “{entry.name}” in hand")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(appearance().px(120), appearance().px(34))

    def colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        theme = appearance().theme
        if self.isChecked() and self.isEnabled():
            return theme.sunken, theme.ink, theme.ink
        return super().colours()

    def nextCheckState(self) -> None:
        """What is in hand is told by the board, not by the click."""

    def paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        look, px = appearance(), appearance().px
        side = px(26)
        picture = QRectF(px(4), (rect.height() - side) // 2, side, side)
        badges = Badges(source="A") if self.entry.tile.teleport is not None else NO_BADGES
        paint_tile(painter, picture, self.entry.tile, look.theme, badges)
        painter.setPen(QPen(look.theme.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(picture.adjusted(-0.5, -0.5, 0.5, 0.5))
        font = look.font(12, SEMIBOLD)
        wide = QFontMetricsF(font).horizontalAdvance(self.entry.symbol)
        left = picture.right() + px(8)
        room = rect.width() - left - px(8) - (wide + px(6) if wide else 0)
        painter.setFont(look.font(13, MEDIUM))
        painter.setPen(ink)
        name = QFontMetricsF(painter.font()).elidedText(
            self.entry.name, Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRectF(left, 0, room + 1, rect.height()),
                         int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.setFont(font)
        painter.setPen(look.theme.ink3)
        painter.drawText(QRectF(rect.right() - px(8) - wide, 0, wide + 1, rect.height()),
                         int(Qt.AlignmentFlag.AlignVCenter), self.entry.symbol)


class TileList(QWidget):
    """``taken(Entry)`` is emitted when a tile is clicked, ``new_asked`` for a further one."""

    taken = Signal(object)
    new_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.built_in, self.own = _Grid(), _Grid()
        self.none = Label(NO_OWN, 12, role="ink3", wrap=True)
        self.new = Button("New tile…", "plus", height=28, size=13, icon_size=16, padding=10,
                          tip="Make a tile of your own")
        heading = QHBoxLayout()
        heading.addWidget(Label("Your tiles", 13, SEMIBOLD))
        heading.addStretch(1)
        heading.addWidget(self.new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.built_in)
        column.addLayout(heading)
        column.addWidget(self.own)
        column.addWidget(self.none)
        self.built_in.taken.connect(self.taken)
        self.own.taken.connect(self.taken)
        self.new.clicked.connect(self.new_asked)

    def show_entries(self, built_in: Sequence[Entry], own: Sequence[Entry]) -> None:
        self.built_in.show_entries(built_in)
        self.own.show_entries(own)
        self.own.setVisible(bool(own))
        self.none.setVisible(not own)
        # Later buttons would come last for the Tab key.
        for one, other in pairwise([*self.built_in.buttons, self.new, *self.own.buttons]):
            QWidget.setTabOrder(one, other)


class _Grid(QWidget):
    """Entries, two abreast."""

    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[TileButton] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        while len(self.buttons) > len(entries):
            self.buttons.pop().deleteLater()
        for place, entry in enumerate(entries):
            if place == len(self.buttons):
                button = TileButton(entry)
                button.clicked.connect(lambda _=False, button=button: self._take(button))
                self.buttons.append(button)
                self._layout.addWidget(button, place // 2, place % 2)
            elif entry != self.buttons[place].entry:
                self.buttons[place].show_entry(entry)
        for column in (0, 1):
            self._layout.setColumnStretch(column, 1)

    def _take(self, button: TileButton) -> None:
        self.taken.emit(button.entry)
