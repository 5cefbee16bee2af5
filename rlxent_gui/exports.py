"""Export: from the popover to a file, whole or not at all, and a card that says how it went.

Pages are painted, tables written and animations encoded beside the window; what only the training
knows is asked of its thread.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from rlxent_core.atomic_file import write_whole
from rlxent_gui import messages, theme
from rlxent_gui.mailbox import Moment
from rlxent_gui.main_window import MainWindow
from rlxent_gui.presenter import Presenter
from rlxent_gui.view_state import CardAction, CardView
from rlxent_gui.widgets.background import background
from rlxent_gui.widgets.chip import Popover
from rlxent_gui.words import count

# What makes the files is imported where one is made, and most runs make none.
if TYPE_CHECKING:
    from rlxent_gui.export.pictures import Page
    from rlxent_gui.panels.export_panel import Choice, ExportPanel

STOP = "stop_export"
NO_UPDATES = "There is nothing to write yet: no update has been made."
Job = Callable[[], None]


class NothingToWriteError(Exception):
    """One sentence about why there is no file to be made."""


class Exports(QObject):
    """The export popover and what it asks for; :meth:`write` does it without the dialog."""

    panel: ExportPanel
    popover: Popover
    finished = Signal(str)
    """With the path that was written, or an empty text where none was."""
    _answered = Signal(object)
    _progressed = Signal(int, int)

    def __init__(
        self, window: MainWindow, presenter: Presenter,
        send: Callable[[messages.Message], None],
    ) -> None:
        super().__init__(window)
        self._window, self._presenter, self._send = window, presenter, send
        self._slices = self._parts()
        self._stop = threading.Event()
        self._closed = False
        self._folder: Path | None = None
        self._answered.connect(lambda act: act(), Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    # --- asking

    def open(self) -> None:
        """Open the popover below the world's name, or close it."""
        self._build_all()
        if self.popover.is_open:
            self.popover.close_popover()
        else:
            self.popover.open_below(self._window.header.world_button)

    def _build_all(self) -> None:
        """What is not built yet, at once."""
        for build in self._slices:
            build()

    def _begin(self) -> None:
        from rlxent_gui.panels.export_panel import ExportPanel

        self.panel, self.popover = ExportPanel(self._window), Popover(self._window)
        self.panel.hide()
        self.panel.chosen.connect(self._ask_where)

    def _parts(self) -> Iterator[Callable[[], None]]:
        yield self._begin
        yield from self.panel.slices()
        yield lambda: self.popover.set_content(self.panel)

    def build_rest(self) -> None:
        """Build the popover, one part an event-loop turn."""
        build = next(self._slices, None)
        if build is not None:
            build()
            QTimer.singleShot(0, self, self.build_rest)

    def ask(self, what: str) -> None:
        """Straight to the dialog, for what has nothing to be chosen."""
        from rlxent_gui.panels.export_panel import Choice

        self._build_all()
        self._ask_where(Choice(what))

    def _ask_where(self, choice: Choice) -> None:
        from rlxent_gui.panels.export_panel import WHAT

        self.popover.close_popover()
        name = self.file_name(choice)
        title = f"Export: {WHAT[choice.what]}"
        dialog = QFileDialog(self._window, title, str(self._place()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{choice.suffix.upper()} (*.{choice.suffix})")
        dialog.setDefaultSuffix(choice.suffix)
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.write(Path(path), choice))
        dialog.open()

    def file_name(self, choice: Choice) -> str:
        """What the file is called unless the user says otherwise, e.g. "ice_and_pit_return.svg"."""
        words = f"{self._world.name or 'world'} {'' if choice.what == 'board' else choice.what}"
        name = re.sub(r"[^\w-]+", "_", words).strip("_").lower()
        return f"{name}.{choice.suffix}"

    def _place(self) -> Path:
        if self._folder is not None and self._folder.is_dir():
            return self._folder
        documents = platformdirs.user_documents_path()
        return documents if documents.is_dir() else Path.home()

    @property
    def _world(self) -> Any:
        return self._window.board.view.world

    # --- writing

    def write(self, path: Path, choice: Choice) -> None:
        """Write what was chosen to ``path``; a card says how it went."""
        self._folder = path.parent
        look = theme.LIGHT if choice.light else theme.appearance().theme
        if choice.what == "run":
            self._consult(lambda run, report: self._run_job(path, run))
        elif choice.what == "animation":
            self._stop = threading.Event()
            self._consult(lambda run, report: self._moments_job(path, run, choice, look, report))
        elif choice.what == "curves":
            self._beside(path, self._curves_job(path))
        elif choice.what == "python":
            self._beside(path, self._python_job(path))
        else:
            from rlxent_gui.export.pictures import write_page

            page = self._page(choice.what, look)
            self._beside(path, partial(write_page, path, page, choice.format, choice.scale))

    def _page(self, what: str, look: theme.Theme) -> Page:
        from rlxent_gui.export.board_page import board_page
        from rlxent_gui.export.plot_page import plots_page

        if what == "board":
            board = self._window.seen_board
            assert board.view is not None
            return board_page(board.view, look, max(board.width(), board.height()))
        self._presenter.show_plots()
        plots = self._window.scene.plots.plots
        return plots_page(list(plots.values()) if what == "plots" else [plots[what]], look)

    def _curves_job(self, path: Path) -> Job:
        from rlxent_core.curves_csv import csv_text

        presenter = self._presenter
        curves = presenter.curves
        about: dict[str, object] = {
            "program": f"rlxent {program_version()}", "world": self._world.name,
            "seed": curves.seed, "device": presenter.run.device, "discount": self._world.discount,
            **asdict(presenter.settings),
        }
        for update, what in curves.marks:
            about[f"changed after update {update}"] = f"the {what}"
        returns, variance = curves.returns.rows(), curves.variance.rows()

        def job() -> None:
            if not len(returns):
                raise NothingToWriteError(NO_UPDATES)
            write_whole(path, csv_text(about, returns, variance))

        return job

    def _python_job(self, path: Path) -> Job:
        from rlxent_core.python_export import python_script

        world, settings, seed = self._world, self._presenter.settings, self._presenter.seed
        updates = len(self._presenter.curves.returns) or 100
        return lambda: write_whole(path, python_script(world, settings, seed, updates))

    # On the training thread

    def _consult(self, ask: Callable[[Any, Callable[[str, int, int, str], bool]], None]) -> None:
        self._send(messages.Consult(ask))

    def _run_job(self, path: Path, run: Any) -> None:
        record = None if run is None else run.record()

        def job() -> None:
            if record is None or not record.updates:
                raise NothingToWriteError(NO_UPDATES)
            from rlxent_core.run_file import write_run

            write_run(path, record)

        self._hand_over(lambda: self._beside(path, job))

    def _moments_job(
        self, path: Path, run: Any, choice: Choice, look: theme.Theme,
        report: Callable[[str, int, int, str], bool],
    ) -> None:
        stop = self._stop
        moments = [] if run is None or not run.updates else run.moments(choice.frames, report)
        if moments is None:
            self._hand_over(lambda: self.finished.emit(""))
            return

        def job() -> None:
            if not moments:
                raise NothingToWriteError(NO_UPDATES)
            self._write_animation(path, moments, choice, look, stop)

        self._hand_over(lambda: self._beside(path, job))

    def _hand_over(self, act: Callable[[], object]) -> None:
        """Let the window's thread ``act``."""
        with contextlib.suppress(RuntimeError):  # the window has been closed meanwhile
            self._answered.emit(act)

    # Beside the window

    def _write_animation(
        self, path: Path, moments: list[Moment], choice: Choice, look: theme.Theme,
        stop: threading.Event,
    ) -> None:
        def report(done: int, total: int) -> bool:
            with contextlib.suppress(RuntimeError):
                self._progressed.emit(done, total)
            return not stop.is_set()

        from rlxent_gui.export.animation import gif_of  # and with it pillow, only when asked for

        content = gif_of(moments, look, choice.width, choice.milliseconds, report)
        if content is None or stop.is_set():
            raise _StoppedError
        write_whole(path, content)

    def _beside(self, path: Path, job: Job) -> None:
        background().run(partial(_attempt, job), partial(self._finish, path))

    def _finish(self, path: Path, problem: str | None) -> None:
        if self._closed:
            return
        self._presenter.on_command("dismiss", "export_progress")
        if problem is None:
            self._presenter.add_card(
                CardView("exported", "info", f"{path.name} was written", str(path))
            )
        elif problem:
            title = f"{path.name} was not written"
            self._presenter.add_card(
                CardView("exported", "file", title, f"{problem} Nothing else was changed.")
            )
        self.finished.emit("" if problem is not None else str(path))

    def _show_progress(self, done: int, total: int) -> None:
        if not self._stop.is_set():
            self._presenter.add_card(CardView(
                "export_progress", "hourglass", "Drawing the animation",
                f"{count(done)} of {count(total)} pictures",
                (CardAction("Stop", STOP, primary=True),),
                progress=done / max(total, 1), dismissible=False,
            ))

    def close(self) -> None:
        """The window goes: an animation that is not whole yet is given up."""
        self._closed = True
        self._stop.set()

    def on_card(self, command: str) -> bool:
        """A button on one of its cards; False if it is somebody else's."""
        if command != STOP:
            return False
        self._stop.set()
        self._presenter.on_command("dismiss", "export_progress")
        return True


class _StoppedError(Exception):
    """The user gave it up."""


def _attempt(job: Job) -> str | None:
    """Do it; what went wrong in a sentence, nothing in it where the user stopped it."""
    from rlxent_core.python_export import ExportError

    try:
        job()
    except _StoppedError:
        return ""
    except PermissionError:
        return "The system does not allow a file to be written there."
    except OSError as error:
        return f"{error.strerror or error}."
    except (ExportError, NothingToWriteError, ValueError, MemoryError) as error:
        return str(error) or "There is not enough memory for it."
    return None


def program_version() -> str:
    """As it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("rlxent")
    except PackageNotFoundError:
        return "from its source"
