"""Presenting: who is on which screen, what the keys mean meanwhile, and everything as it was after.

On one screen the stage covers the window, which fills the screen.  With a second one the stage is a
window of its own there, and the controls stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QMainWindow, QWidget

from rlxent_gui.actions import Actions
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.panels.veil import Veil
from rlxent_gui.view_state import CardView
from rlxent_gui.widgets.chip import Popover
from rlxent_gui.widgets.focus import give_back_focus

if TYPE_CHECKING:
    from rlxent_gui.scenes.stage import Stage, Staged

OUT_OF_SIGHT = (
    "tiles", "world_settings", "resize", "export", "copy_plots", "cut", "paste", "select_all",
    "crop",
)
"""Commands that would open or change something behind the stage that covers it."""
ALARMS = ("warning", "infinity")
"""Cards for the room as well; what is about files stays with the controls where they are seen."""


class Presentation(QObject):
    """Passive but for the window's state: slices in by :meth:`show`, ``command`` out.

    ``ended`` is emitted when everything is as it was, for whoever laid out nothing meanwhile.
    """

    command = Signal(str, object)
    ended = Signal()

    def __init__(self, window: QMainWindow, actions: Actions, board: Board) -> None:
        super().__init__(window)
        self._window, self._actions, self._board = window, actions, board
        self.stage: Stage | None = None
        self._alone = False
        self._screen: QScreen | None = None
        self._latest: dict[str, Any] = {}
        self._before: Callable[[], None] = lambda: None
        window.installEventFilter(self)
        board.installEventFilter(self)
        board.tool_changed.connect(self._follow_window)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenRemoved.connect(self._screen_gone)

    @property
    def alone(self) -> bool:
        """Whether the stage covers the window, so that nothing else is to be seen."""
        return self.stage is not None and self._alone

    def show(self, name: str, data: Any) -> None:
        """A slice of the view; the stage gets it while there is one."""
        self._latest[name] = data
        if self.stage is not None:
            self._hand(name)

    def latest(self, name: str) -> Any:
        """The slice as it was shown last."""
        return self._latest.get(name)

    # --- what is asked

    def use_tool(self, tool: Tool) -> bool:
        """Take a tool in hand on the stage that covers the window's board."""
        if self.stage is None or not self._alone or not isinstance(self.stage.board, Board):
            return False
        self.stage.board.tool = tool
        return True

    def turn(self, step: int) -> bool:
        """Show the next panel, or the one before; False while nobody presents."""
        if self.stage is not None:
            self.stage.turn(step)
        return self.stage is not None

    def blank(self) -> None:
        if self.stage is not None:
            self.stage.toggle_blank()

    def toggle(self, staged: Staged) -> None:
        if self.stage is None:
            self.begin(staged)
        else:
            self.end()

    # --- from beginning to end

    def begin(self, staged: Staged) -> None:
        """Present a scene."""
        self._remember()
        self._screen = other_screen(self._window)
        self._alone = self._screen is None
        self._actions.set_presenting(True, OUT_OF_SIGHT if self._alone else ())
        if self._alone:
            self._clear()
        self._raise(staged)
        self._window.activateWindow()

    def change(self, staged: Staged) -> None:
        """Go on with another scene, where one is presented."""
        before = self.stage
        if before is not None:
            self._raise(staged)
            before.hide()
            before.deleteLater()

    def _raise(self, staged: Staged) -> None:
        """Put up a stage on a screen of its own, or over the window."""
        screen = self._screen
        kind = Qt.WindowType.Widget if screen is None else Qt.WindowType.Window
        from rlxent_gui.scenes.stage import Stage  # after the first paint

        stage = self.stage = Stage(staged, self._actions, self._window, kind)
        stage.left.connect(self.end)
        stage.command.connect(self.command)
        if isinstance(stage.board, Board):
            self._wire(stage.board)
        else:
            stage.board.command.connect(self.command)
        for name in self._latest:
            self._hand(name)
        if screen is None:
            self.arrange()
            stage.show()
            stage.raise_()
        else:
            stage.setWindowTitle("rlxent — presentation")
            stage.setScreen(screen)
            stage.setGeometry(screen.geometry())
            stage.showFullScreen()
        stage.board.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Leave everything as it was before."""
        stage, self.stage = self.stage, None
        if stage is None:
            return
        self._actions.set_presenting(False)
        stage.hide()
        self._before()
        # Not now: the key or the click that ends it may be on its way through the stage.
        stage.deleteLater()
        self.ended.emit()

    def arrange(self) -> bool:
        """Cover the window at its present size; False where the window is to lay out itself."""
        if self.stage is not None and self._alone:
            self.stage.setGeometry(self._window.rect())
            return True
        return False

    def _clear(self) -> None:
        """Make room in the window, and the window as large as the screen."""
        window = self._window
        for popover in window.findChildren(Popover):
            popover.close_popover()
        for veil in window.findChildren(Veil):
            if veil.isVisible():
                veil.leave()
        self._body.hide()
        window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)

    @property
    def _body(self) -> QWidget:
        """Everything in the window that a stage in it replaces."""
        body = self._window.centralWidget()
        assert body is not None
        return body

    def _remember(self) -> None:
        """Note how everything is, for the end."""
        window, board = self._window, self._board
        state, geometry = window.windowState(), window.geometry()
        focus = window.focusWidget()

        def restore() -> None:
            if not self._alone:
                window.activateWindow()
                return
            window.setWindowState(state)
            if state == Qt.WindowState.WindowNoState:
                # The system may take its time, and a window that closes remembers its size now.
                window.setGeometry(geometry)
            self._body.show()
            board.tool_changed.emit(board.tool)  # marks the tool that is in its hand again
            give_back_focus(focus)

        self._before = restore

    def _hand(self, name: str) -> None:
        assert self.stage is not None
        data = self._latest[name]
        if name == "cards" and not self._alone:
            cards: tuple[CardView, ...] = data
            data = tuple(card for card in cards if card.icon in ALARMS)
        self.stage.show_slice(name, data)

    # --- two boards, one hand

    def _wire(self, board: Board) -> None:
        """What the board on the stage says, the window's board says too."""
        own = self._board
        board.hold_as(own)
        for name in ("notice", "cell_selected", "cell_hovered"):
            getattr(board, name).connect(getattr(own, name))
        board.selection.grew.connect(own.selection.grew)
        board.tool_changed.connect(self._follow_stage)

    def _follow_window(self, tool: Tool) -> None:
        stage = self.stage
        if stage is not None and not self._alone and isinstance(stage.board, Board):
            stage.board.hold_as(self._board)

    def _follow_stage(self, tool: Tool) -> None:
        """The window's board keeps its own tool for later only where it is out of sight."""
        if self.stage is not None and isinstance(self.stage.board, Board):
            self._actions.mark_tool(tool.value)
            if not self._alone:
                self._board.hold_as(self.stage.board)

    # --- the end from outside

    def _screen_gone(self, screen: QScreen) -> None:
        """The stage's screen was unplugged: the controls are where they were, to go on there."""
        if self._screen is screen:
            self.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the window ends what is on the other screen, where nothing else wants it."""
        if (
            self.stage is not None and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape
        ):
            if not (watched is self._board and self._board.cancel()):
                self.end()
            return True
        return False


def other_screen(window: QWidget) -> QScreen | None:
    """A screen that shows something else than the window's; None where there is none."""
    own = window.screen()
    for screen in QGuiApplication.screens():
        if screen is not own and not screen.geometry().intersects(own.geometry()):
            return screen
    return None
