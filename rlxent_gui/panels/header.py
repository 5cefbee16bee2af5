"""The header: scenes; the world's name, which opens the menu of worlds and files; the look."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from rlxent_gui.actions import SCENES, Actions
from rlxent_gui.panels.world_menu import WorldMenu
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.view_state import HeaderView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import Label


class Header(QWidget):
    """Passive: :meth:`apply` in, ``command`` (open_path) out."""

    command = Signal(str, object)

    def __init__(
        self, actions: Actions, recent: Callable[[], tuple[str, ...]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = HeaderView("", False)
        self.wordmark = Label("rlxent", 20, SEMIBOLD, "ink")
        self.tabs = Segmented(
            {name: actions[f"scene_{name}"].text() for name in SCENES}, name="Scene", height=36,
            size=14, padding=12,
        )
        for name in SCENES:
            self.tabs.set_option(name, tip=actions[f"scene_{name}"].toolTip())
            actions[f"scene_{name}"].toggled.connect(
                lambda on, name=name: self.tabs.set_value(name) if on else None
            )
        self.tabs.chosen.connect(lambda name: actions[f"scene_{name}"].trigger())
        self.world_button = Button(
            icon="map-trifold", quiet=True, height=36, icon_size=16, tip="Worlds and files",
        )
        self.world_menu = WorldMenu(actions, recent, self)
        self.world_menu.command.connect(self.command)
        self.world_button.clicked.connect(self._open_worlds)
        self.settings_button = Button(icon="gear-six", quiet=True, height=36, icon_size=18)
        self.settings_button.follow(actions["world_settings"])
        self.look_button = Button(icon="text-aa", height=36, tip="Text size and full screen")
        self.look_menu = QMenu(self)
        for id in ("text_larger", "text_smaller", "text_reset", "full_screen"):
            self.look_menu.addAction(actions[id])
        self.look_button.clicked.connect(self._open_look)
        self.theme_button = Button(icon="moon", height=36)
        self.theme_button.follow(actions["theme"])
        self.keys_button = Button(icon="keyboard", height=36)
        self.keys_button.follow(actions["keys"])
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        # The two halves share the width evenly, so that the name stays where it is.
        left = QHBoxLayout()
        left.setSpacing(16)
        left.addWidget(self.wordmark)
        left.addWidget(self.tabs)
        left.addStretch(1)
        row.addLayout(left, 1)
        right = QHBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.world_button)
        right.addWidget(self.settings_button)
        right.addStretch(1)
        for button in (self.look_button, self.theme_button, self.keys_button):
            right.addWidget(button)
        row.addLayout(right, 1)
        appearance().changed.connect(self._dress)
        self._dress()

    def apply(self, view: HeaderView) -> None:
        self._view = view
        self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._dress()

    def _dress(self) -> None:
        self.theme_button.set_icon("sun" if appearance().theme.name == "dark" else "moon")
        name = self._view.name or "Untitled"
        text = f"{name}  ·  edited" if self._view.edited else name
        metrics = QFontMetrics(appearance().font(14, MEDIUM))
        room = max(120, self.width() // 2 - appearance().px(4 * 44 + 48))
        self.world_button.set_text(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room))
        self.world_button.setAccessibleName(f"World: {text}")
        source = f"{text}\n{self._view.source}" if self._view.source else text
        self.world_button.setToolTip(f"{source}\nWorlds and files")

    def _open_worlds(self) -> None:
        self.world_menu.popup(_below(self.world_button))

    def _open_look(self) -> None:
        self.look_menu.popup(_below(self.look_button))


def _below(button: QWidget) -> QPoint:
    return button.mapToGlobal(QPoint(0, button.height() + 4))
