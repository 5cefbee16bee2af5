"""The menu of demonstrations, and what the one that was opened has shown."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from rlxent_core.demonstrations import DEMONSTRATIONS
from rlxent_gui.learning_view import DemonstrationState
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.choice_button import MenuButton
from rlxent_gui.widgets.text import Label

MEASURING = "Measuring…"
LETTERS = 150
"""Of the longest sentence, about: room is kept for it while it is being measured."""
TITLED = 1100
"""Width, at the usual text size, from which the title stands before the sentence."""
EDGE, GAP = 12, 16
BACK, SHORT_BACK = "Back to your world", "Back"
RETURNS = (
    "Back to {}, as you left it: the world with what can be undone, the training with its settings,"
    " policy, curves and clouds, and what was compared. What is trained in this demonstration’s"
    " world does not stay; if you changed the world, a message leads back to it."
)


class DemonstrationMenu(MenuButton):
    """``command("demonstration", id)`` out."""

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Demonstrations", "caret-down", height=32, size=13, icon_size=12,
                         padding=10, tip="Worlds that show one thing each, measured now",
                         parent=parent)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for one in DEMONSTRATIONS:
            action = self.menu.addAction(one.title)
            action.setData(one.id)
        self.menu.triggered.connect(
            lambda action: self.command.emit("demonstration", action.data())
        )
        self.clicked.connect(
            lambda: self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))
        )


class DemonstrationStrip(Panel):
    """Title, sentence and the way back; as high while it is measured as when it is known.

    Passive: :meth:`show_demonstration` in, ``command("demonstration_back", None)`` out.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label("", 14, SEMIBOLD, "ink", parent=self)
        self.sentence = Label("", 14, MEDIUM, "ink", wrap=True, parent=self)
        self.back = Button(BACK, "arrow-left", height=30, size=13, icon_size=16, padding=10,
                           parent=self)
        self.back.setAccessibleName(f"{BACK}, before the demonstration")
        self.back.clicked.connect(lambda: self.command.emit("demonstration_back", None))
        self.setAccessibleName("Demonstration")
        self.hide()

    def show_demonstration(self, state: DemonstrationState) -> None:
        """What was found, or that it is being measured."""
        text = MEASURING if state.measuring else state.said
        self.setVisible(bool(state.id))
        self.title.setText(state.title)
        self.sentence.setText(text)
        self.sentence.set_role("ink3" if state.outdated else "ink")
        self.sentence.setToolTip(f"{state.title}. {text}")
        self.sentence.setAccessibleName(f"{state.title}. {text}")
        self.back.setToolTip(RETURNS.format(f"“{state.back}”"))
        self.back.setAccessibleDescription(self.back.toolTip())
        self._arrange()

    def _room(self, width: int) -> QRect:
        """Where the sentence may stand, as wide and no higher than nothing."""
        px = appearance().px
        left = px(EDGE)
        self.back.set_text(BACK if width >= px(TITLED) else SHORT_BACK)
        if width >= px(TITLED):
            left += self.title.sizeHint().width() + px(GAP)
        right = width - px(EDGE) - self.back.sizeHint().width() - px(GAP)
        return QRect(left, 0, max(1, right - left), 0)

    def heightForWidth(self, width: int) -> int:
        metrics = QFontMetricsF(self.sentence.font())
        # A line is not filled to its end.
        letters = 0.92 * self._room(width).width() / metrics.averageCharWidth()
        lines = max(1, math.ceil(LETTERS / max(1.0, letters)))
        text = math.ceil(lines * metrics.lineSpacing())
        return max(text, self.back.sizeHint().height()) + 2 * appearance().px(6)

    def hasHeightForWidth(self) -> bool:
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width, height, px = self.width(), self.height(), appearance().px
        room, hint = self._room(width), self.back.sizeHint()
        self.title.setVisible(width >= px(TITLED))
        self.title.setGeometry(px(EDGE), 0, self.title.sizeHint().width(), height)
        self.sentence.setGeometry(room.left(), 0, room.width(), height)
        left = width - px(EDGE) - hint.width()
        self.back.setGeometry(QRect(QPoint(left, (height - hint.height()) // 2), hint))
