"""The window: what lies where, and what it does by itself (look, full screen, keys, copying).

Passive otherwise: slices come in by ``show_*``, everything else the user asks for goes out by one
signal, ``command``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from rlxent_gui.actions import BOARD, COMMANDS, Actions
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document
from rlxent_gui.mailbox import Progress
from rlxent_gui.pacing import DEFAULT_LEVEL
from rlxent_gui.panels.header import Header
from rlxent_gui.panels.places import Size, size_for
from rlxent_gui.panels.plot_column import NAMES
from rlxent_gui.panels.status import StatusBar
from rlxent_gui.preferences import Preferences
from rlxent_gui.scenes.explore import SCROLL_BAR, Explore
from rlxent_gui.scenes.presentation import Presentation
from rlxent_gui.theme import appearance
from rlxent_gui.view_state import (
    BetsView,
    BoardView,
    CardView,
    HeaderView,
    InspectorView,
    StatusView,
    TransportView,
)
from rlxent_gui.widgets.chip import Popover

if TYPE_CHECKING:
    from rlxent_gui.canvas.credit_board import CreditBoard
    from rlxent_gui.credit_view import CodeView, CreditView, Effect
    from rlxent_gui.learning_view import DemonstrationState, LearningState
    from rlxent_gui.panels.book_sheet import BookOverlay
    from rlxent_gui.panels.gallery import Gallery
    from rlxent_gui.panels.keys import KeysOverlay
    from rlxent_gui.scenes.credit import CreditScene
    from rlxent_gui.scenes.stage import Staged
    from rlxent_gui.scenes.variance import VarianceScene
    from rlxent_gui.variance_view import GradientSlice

MARGIN, TOP, BOTTOM = 14, 6, 2
SMALLEST = QSize(900, 600)
LARGEST = QSize(1920, 1080)
SHARE = 0.94
"""Of the screen, that a first window takes on a large one."""
SMALL_SCREEN = 1440


class Files(Protocol):
    """What the window needs of the file commands."""

    def new(self) -> object: ...
    def open(self) -> object: ...
    def open_path(self, path: str) -> object: ...
    def open_preset(self, name: str) -> object: ...
    def save(self) -> object: ...
    def save_as(self) -> object: ...
    def recent(self) -> tuple[Path, ...]: ...
    def may_close(self, then: Callable[[], object]) -> bool: ...


class MainWindow(QMainWindow):
    """``command`` carries an id of ``actions.TABLE`` or of a control, and its argument or None.

    ``closing`` is emitted once nothing stands against closing any more.
    """

    command = Signal(str, object)
    built = Signal()
    closing = Signal()

    def __init__(
        self, document: Document, actions: Actions, preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._document, self._actions = preferences, document, actions
        self._files: Files | None = None
        self._speed = DEFAULT_LEVEL
        self._progress: Progress | None = None
        self._slices: Iterator[Callable[[], object]] = iter(())
        self.addActions(list(actions))
        actions.asked.connect(self._ask)
        body = QWidget()
        self.setCentralWidget(body)
        self.header = Header(actions, self._recent, body)
        self.scene = Explore(document, actions, body)
        self.credit: CreditScene | None = None
        self.variance: VarianceScene | None = None
        """These two are built after the first paint, or when they are first asked for."""
        self.status = StatusBar(body)
        self.status.run_button.follow(actions["play_pause"])
        self.presentation = Presentation(self, actions, self.board)
        self.presentation.command.connect(self.command)
        self.presentation.ended.connect(self._presented)
        self.header.command.connect(self._file_command)
        self.scene.command.connect(self.command)
        for action, can, changed in (
            ("undo", document.history.canUndo, document.history.canUndoChanged),
            ("redo", document.history.canRedo, document.history.canRedoChanged),
        ):
            actions[action].setEnabled(can())
            changed.connect(actions[action].setEnabled)
        # A stroke under way can be taken back too, also the very first one.
        document.stroke_began.connect(lambda: actions["undo"].setEnabled(True))
        document.stroke_ended.connect(
            lambda: actions["undo"].setEnabled(document.history.canUndo())
        )
        self.setMinimumSize(SMALLEST)
        self.setWindowTitle("rlxent")
        appearance().changed.connect(self._arrange)
        self._begin_size()

    @cached_property
    def keys(self) -> KeysOverlay:
        """All keys on one page."""
        from rlxent_gui.panels.keys import KeysOverlay

        return KeysOverlay(self)

    @cached_property
    def gallery(self) -> Gallery:
        """The worlds that come with the program."""
        from rlxent_gui.panels.gallery import Gallery

        gallery = Gallery(self._recent, self)
        gallery.command.connect(self._file_command)
        return gallery

    @cached_property
    def book(self) -> BookOverlay:
        """The check against published numbers."""
        from rlxent_gui.panels.book_sheet import BookOverlay

        return BookOverlay(self._document, self)

    @property
    def board(self) -> Board:
        """The one that is drawn on."""
        return self.scene.board

    @property
    def seen_board(self) -> Board | CreditBoard:
        """The one that is seen: without an episode, the Credit scene has none."""
        credit = self.credit
        if credit is None or credit.isHidden() or credit.board.view is None:
            return self.board
        return credit.board

    @property
    def shown_scene(self) -> str:
        """explore, credit or variance."""
        for name in ("credit", "variance"):
            scene = getattr(self, name)
            if scene is not None and not scene.isHidden():
                return name
        return "explore"

    @property
    def _scene(self) -> Explore | CreditScene | VarianceScene:
        """The scene on show."""
        return self._scene_of(self.shown_scene)

    def staged(self) -> Staged:
        """What the scene on show gives to be presented."""
        return self._scene.staged()

    def show_scene(self, name: str) -> None:
        """Show a scene; what acts only in another one is disabled, and its popovers close."""
        before = self.shown_scene
        if name == before:
            return
        for popover in self.findChildren(Popover):
            popover.close_popover()
        scene = self._scene_of(name)
        self._actions.set_scene(name)
        self.status.show_run(name != "explore")
        scene.take_cards(self.scene.cards)
        self._arrange()
        self._scene_of(before).hide()
        scene.show()
        scene.main.setFocus()
        self.presentation.change(scene.staged())
        self.command.emit("scene", name)

    def _scene_of(self, name: str) -> Explore | CreditScene | VarianceScene:
        """A scene, built now if it never was seen."""
        if name == "credit":
            return self._build_credit()
        return self._build_variance() if name == "variance" else self.scene

    def set_files(self, files: Files) -> None:
        """Who answers New, Open, Save and the question before closing."""
        self._files = files

    def build_controls(self) -> QWidget | None:
        """Build the controls of the bets, which the first paint did without and the eye expects.

        Gives back what they are now seen in, if they are.
        """
        column = self.scene.bets.controls.column
        return column.viewport() if column.isVisible() else None

    def build_rest(self) -> None:
        """Build what the first paint did without, a slice an event-loop turn; then ``built``."""
        self._slices = self._rest()
        self._build_slice()

    def _rest(self) -> Iterator[Callable[[], object]]:
        yield self.build_controls
        yield from self.scene.build_rest()
        yield self._build_credit
        yield self._build_variance
        if self.variance is not None:
            yield self.variance.gradient.along.build
            yield self.variance.gradient.ratio.build

    def _build_credit(self) -> CreditScene:
        from rlxent_gui.scenes.credit import CreditScene  # after the first paint

        if self.credit is None:
            self.credit = CreditScene(self.centralWidget())
            self.credit.command.connect(self.command)
            self.credit.set_level(self._speed)
            self._arrange()
        return self.credit

    def _build_variance(self) -> VarianceScene:
        from rlxent_gui.scenes.variance import VarianceScene

        if self.variance is None:
            self.variance = VarianceScene(self._document, self.centralWidget())
            self.variance.command.connect(self.command)
            self.variance.turned.connect(self._turned)
            self.variance.show_progress(self._progress)
            self._arrange()
        return self.variance

    def _turned(self) -> None:
        """Another view of the scene on show."""
        if self.shown_scene == "variance":
            self.presentation.change(self.staged())

    def _build_slice(self) -> None:
        build = next(self._slices, None)
        if build is None:
            self.built.emit()
            return
        build()
        QTimer.singleShot(0, self, self._build_slice)

    # --- what is shown

    def show_header(self, view: HeaderView) -> None:
        self.header.apply(view)
        self.setWindowTitle(f"rlxent — {view.name}[*]")
        self.setWindowModified(view.edited)

    def show_board(self, view: BoardView) -> None:
        self.scene.show_board(view)
        self.presentation.show("board", view)

    def show_transport(self, view: TransportView) -> None:
        self._speed = view.speed
        self.scene.transport.apply(view)
        self.presentation.show("transport", view)
        if self.credit is not None:
            self.credit.set_level(view.speed)

    def show_bets(self, view: BetsView) -> None:
        self.scene.show_bets(view)

    def show_status(self, view: StatusView) -> None:
        self.status.apply(view)

    def show_inspector(self, view: InspectorView | None) -> None:
        self.scene.bets.show_cell(view)

    def show_cards(self, cards: tuple[CardView, ...]) -> None:
        self.scene.cards.apply(cards)
        self.presentation.show("cards", cards)

    def show_progress(self, progress: Progress | None) -> None:
        self._progress = progress
        if self.variance is not None:
            self.variance.show_progress(progress)

    def show_returns(self, data: object) -> None:
        self._show_plot("returns", data)

    def show_variance(self, data: object) -> None:
        self._show_plot("variance", data)

    def show_cell(self, data: object | None) -> None:
        self._show_plot("cell", data)

    def _show_plot(self, name: str, data: object | None) -> None:
        """One that is out of sight is not drawn: a frame has no time for two of them."""
        self.presentation.show(name, data)
        if not self.presentation.alone:
            self.scene.plots.show_data(name, data)

    def _presented(self) -> None:
        """The presentation is over."""
        for name in NAMES:
            self.scene.plots.show_data(name, self.presentation.latest(name))
        if (learning := self.presentation.latest("learning")) is not None:
            self.show_learning(learning)
        self._arrange()
        focus = self.focusWidget()
        if focus is None or not focus.isVisible():
            self._scene.main.setFocus()

    def show_credit(self, view: CreditView | None) -> None:
        self.presentation.show("credit", view)
        if self.credit is not None:
            self.credit.show_credit(view)

    def show_code(self, code: CodeView) -> None:
        if self.credit is not None:
            self.credit.show_code(code)

    def show_effect(self, effect: Effect | None) -> None:
        self.presentation.show("effect", effect)
        if self.credit is not None:
            self.credit.show_effect(effect)

    def show_learning(self, state: LearningState) -> None:
        self.presentation.show("learning", state)
        # A frame has no time for two drawings of it.
        if self.variance is not None and not self.presentation.alone:
            self.variance.show_learning(state)

    def show_demonstration(self, state: DemonstrationState) -> None:
        self.presentation.show("demonstration", state)
        if self.variance is not None:
            self.variance.show_demonstration(state)

    def show_variance_view(self, name: str, part: str) -> None:
        """Show a part of one of the Variance scene's views."""
        if self.variance is not None:
            self.variance.show_view(name, part)

    def keep_variance_view(self) -> Callable[[], None]:
        """What shows the same part of the same view again."""
        return self.variance.keep_view() if self.variance is not None else lambda: None

    def show_gradient(self, view: GradientSlice) -> None:
        self.presentation.show("gradient", view)
        if self.variance is not None:
            self.variance.gradient.show_gradient(view)

    def show_along(self, data: object) -> None:
        self.presentation.show("along", data)
        if self.variance is not None:
            self.variance.gradient.along.set_data(data)

    def show_ratio(self, data: object) -> None:
        self.presentation.show("ratio", data)
        if self.variance is not None:
            self.variance.gradient.ratio.set_data(data)

    # --- what is asked

    def _ask(self, id: str, checked: bool) -> None:
        if id.startswith("tool_"):
            name = id.removeprefix("tool_")
            if not self.presentation.use_tool(Tool(name)):
                self.scene.use_tool(name)
        elif id.startswith("overlay_"):
            self.command.emit("overlay", (id.removeprefix("overlay_"), checked))
        elif id.startswith("scene_"):
            self.show_scene(id.removeprefix("scene_"))
        elif id in OWN:
            OWN[id](self)
        elif id in FILE_COMMANDS:
            self._file_command(id, None)
        elif COMMANDS[id].group != BOARD:
            self.command.emit(id, None)

    def _file_command(self, id: str, argument: object) -> None:
        if self._files is not None:
            answer = getattr(self._files, id)
            answer() if argument is None else answer(argument)

    def _recent(self) -> tuple[str, ...]:
        return tuple(map(str, self._files.recent())) if self._files else ()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _spotlight(self) -> None:
        if not self.presentation.turn(1):
            self._scene.spotlight()

    def _copy_board(self) -> None:
        if self.shown_scene == "variance":  # which has none
            self._copy_plots()
            return
        board = self.seen_board
        if board is not self.board or not self.board.selection.copy():
            QGuiApplication.clipboard().setImage(board.grab_image())

    def _copy_plots(self) -> None:
        if self.shown_scene == "credit" and self.credit is not None:
            QGuiApplication.clipboard().setImage(self.credit.grab_panels())
        elif self.shown_scene == "variance" and self.variance is not None:
            QGuiApplication.clipboard().setImage(self.variance.grab_panels())
        else:
            QGuiApplication.clipboard().setImage(self.scene.plots.grab_image())

    def _quit(self) -> None:
        self.close()

    def _redo(self) -> None:
        self._document.redo()

    # --- size and end

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if self.presentation.arrange():
            return
        factor = appearance().factor
        width, height = self.width(), self.height()
        size = size_for(width, factor)
        header = round((52 if size is Size.FULL else 46) * factor)
        inner = width - 2 * MARGIN
        self.header.setGeometry(MARGIN, TOP, inner, header)
        status = self.status.sizeHint().height()
        self.status.setGeometry(MARGIN, height - BOTTOM - status, inner, status)
        top = TOP + header + 8
        height = self.status.y() - 10 - top
        self.scene.set_size(size)
        self.scene.setGeometry(MARGIN, top, inner + SCROLL_BAR, height)
        for other in (self.credit, self.variance):
            if other is not None:
                other.set_size(size)
                other.setGeometry(MARGIN, top, inner, height)

    def _begin_size(self) -> None:
        """The size it had last time, or one that suits the screen."""
        stored = self._preferences.geometry
        if stored and self.restoreGeometry(QByteArray(stored)):
            return
        room = self.screen().availableGeometry().size()
        if room.width() <= SMALL_SCREEN:
            self.resize(room.expandedTo(SMALLEST))
            self.setWindowState(Qt.WindowState.WindowMaximized)
        else:
            self.resize((room * SHARE).boundedTo(LARGEST).expandedTo(SMALLEST))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presentation.end()
        if self._files is not None and not self._files.may_close(self.close):
            event.ignore()
            return
        self._preferences.set_geometry(bytes(self.saveGeometry().data()))
        self.hide()  # the threads may take a moment to end
        self.closing.emit()
        super().closeEvent(event)


OWN: dict[str, Callable[[MainWindow], object]] = {
    "theme": lambda window: appearance().toggle_theme(),
    "text_larger": lambda window: appearance().larger_text(),
    "text_smaller": lambda window: appearance().smaller_text(),
    "text_reset": lambda window: appearance().reset_text(),
    "full_screen": MainWindow._toggle_full_screen,
    "spotlight": MainWindow._spotlight,
    "present": lambda window: window.presentation.toggle(window.staged()),
    "next_panel": lambda window: window.presentation.turn(1),
    "previous_panel": lambda window: window.presentation.turn(-1),
    "blank": lambda window: window.presentation.blank(),
    "keys": lambda window: window.keys.toggle(),
    "worlds": lambda window: window.gallery.toggle(),
    "check_book": lambda window: window.book.toggle(),
    "copy_board": MainWindow._copy_board,
    "copy_plots": MainWindow._copy_plots,
    "quit": MainWindow._quit,
    "redo": MainWindow._redo,
    "tiles": lambda window: window.scene.tiles.toggle(),
}
FILE_COMMANDS = ("new", "open", "save", "save_as")
