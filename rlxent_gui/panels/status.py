"""The line at the bottom: what runs, what is hovered, what can be reached, on what and how fast."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rlxent_gui.icons import pixmap
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.view_state import RunState, StatusView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import ElidedLabel, Label

STATE_ICONS = {
    RunState.LOADING: "hourglass",
    RunState.READY: "play-circle-fill",
    RunState.RUNNING: "play-circle-fill",
    RunState.PAUSED: "pause-circle-fill",
    RunState.STOPPED: "stop-circle-fill",
}


class Sign(QWidget):
    """An icon in one of the theme's colours."""

    def __init__(
        self, icon: str, role: str, side: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._role, self._side = icon, role, side
        appearance().changed.connect(self._dress)
        self._dress()

    def show_icon(self, icon: str, role: str) -> None:
        if (icon, role) != (self._icon, self._role):
            self._icon, self._role = icon, role
            self.update()

    def _dress(self) -> None:
        side = appearance().px(self._side)
        self.setFixedSize(side, side)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = getattr(appearance().theme, self._role)
        with QPainter(self) as painter:
            painter.drawPixmap(
                0, 0, pixmap(self._icon, colour, self.width(), self.devicePixelRatioF())
            )


class StatusBar(QWidget):
    """Passive: :meth:`apply` in; ``run_button`` is the window's to connect."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = Sign("pause-circle-fill", "ink")
        self.run_button = Button(icon="play", quiet=True, height=24, icon_size=16)
        self.run_button.hide()
        self._text = ElidedLabel("", 12, SEMIBOLD, "ink")
        self._episodes = ElidedLabel("", 12)
        self._hovered = ElidedLabel("", 12, MEDIUM)
        self._reachable = Sign("check-circle-fill", "opt")
        self._reachable_text = ElidedLabel("", 12, MEDIUM)
        self._cpu = Sign("cpu", "ink2")
        self._device = ElidedLabel("", 12, MEDIUM)
        self._seed = Label("", 12, MEDIUM)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 0)
        layout.setSpacing(8)
        for widget in (self.run_button, self._state, self._text, self._episodes):
            layout.addWidget(widget)
        layout.addSpacing(12)
        layout.addWidget(self._hovered, 1)
        for widget in (self._reachable, self._reachable_text):
            layout.addWidget(widget)
        layout.addSpacing(12)
        for widget in (self._cpu, self._device):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self._seed)
        self._hovered.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Status")
        appearance().changed.connect(self._dress)
        self._dress()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), round(max(28, 28 * appearance().factor)))

    def show_run(self, shown: bool) -> None:
        """Offer play and pause here, where the scene has no transport of its own."""
        self.run_button.setVisible(shown)
        self._state.setVisible(not shown)

    def apply(self, view: StatusView) -> None:
        """Show one moment; empty texts leave their place blank."""
        self.run_button.set_icon("pause" if view.state is RunState.RUNNING else "play")
        stopped = view.state is RunState.STOPPED
        self._state.show_icon(STATE_ICONS[view.state], "neg" if stopped else "ink")
        self._text.setText(view.text)
        self._episodes.setText(view.episodes)
        self._hovered.setText(view.hovered)
        self._reachable.setVisible(view.reachable is not None)
        self._reachable.show_icon(
            "check-circle-fill" if view.reachable else "warning-circle-fill",
            "opt" if view.reachable else "neg",
        )
        self._reachable_text.setText(view.reachable_text)
        self._cpu.setVisible(bool(view.device))
        self._device.setText(view.device)
        self._seed.setText(view.seed)

    def _dress(self) -> None:
        self._hovered.setFont(appearance().font(12, MEDIUM))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(appearance().theme.hairline)
            painter.drawLine(0, 0, self.width(), 0)
