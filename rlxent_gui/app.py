"""The composition root: the only place where document, training, presenter and window meet."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

import rlxent_resources
from rlxent_core.commands.common import seed_number
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui import cards, resolve, theme
from rlxent_gui.actions import Actions
from rlxent_gui.analysis import Analyst
from rlxent_gui.aside import Aside
from rlxent_gui.autosave import AutoSave, default_folder
from rlxent_gui.board_commands import BoardCommands
from rlxent_gui.canvas.strokes import NO_START
from rlxent_gui.collector import Collector
from rlxent_gui.compiling import Compiling
from rlxent_gui.document import Document
from rlxent_gui.drops import accept_drops
from rlxent_gui.file_changes import FileChanges
from rlxent_gui.files import FileCommands
from rlxent_gui.interpreter import changing_hands_often
from rlxent_gui.mailbox import Mailbox
from rlxent_gui.main_window import MainWindow
from rlxent_gui.mishaps import Mishaps
from rlxent_gui.panels.world_settings import WorldSettings
from rlxent_gui.preferences import Preferences
from rlxent_gui.presenter import Presenter
from rlxent_gui.recovery import Recovery
from rlxent_gui.session import Session, run_name
from rlxent_gui.training_thread import TrainingThread
from rlxent_gui.view_state import CardView
from rlxent_gui.widgets.background import background

if TYPE_CHECKING:
    from rlxent_core.run_file import Run
    from rlxent_gui.credit_presenter import CreditPresenter
    from rlxent_gui.demonstration_presenter import DemonstrationPresenter
    from rlxent_gui.exports import Exports
    from rlxent_gui.learning_presenter import LearningPresenter
    from rlxent_gui.runs import Runs
    from rlxent_gui.variance_presenter import VariancePresenter

FIRST_WORLD = "sparse5"
FRAME_MS = 16
UNSEEN_MS = 1000
"""After so long what is slow to import follows too where the window is not painted, as minimised.
"""


class App(QObject):
    """Everything behind one window, wired; :meth:`close` leaves no thread or timer behind."""

    def __init__(
        self, preferences: Preferences, document: Document, seed: int = 0, device: str = "auto",
        autosave_folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.preferences, self.document = preferences, document
        self.mailbox = mailbox = Mailbox()
        self.training = TrainingThread(self.mailbox)
        self.analyst = Analyst()
        self.actions = Actions(self)
        self.window = MainWindow(document, self.actions, preferences)
        self.files = FileCommands(document, self.window, preferences)
        self.window.set_files(self.files)
        self.board_commands = BoardCommands(document, self)
        self.world_settings = WorldSettings(
            document, self.board_commands, self.actions, self.window.board,
            self.window.header.settings_button,
        )
        self.presenter = Presenter(
            document, self.window, self.mailbox, self.training.send,
            self.analyst.ask, self.analyst.answer, seed=seed, device=device,
        )
        self.aside = Aside(document, self.presenter)
        self.files.beforehand = self._bring_unsaved_back
        self.file_changes = FileChanges(document, self.files, self.presenter)
        self.autosave = AutoSave(
            self._session, autosave_folder, learnt=lambda: (mailbox.learnt, mailbox.learnt_aside)
        )
        self.recovery = Recovery(self.autosave, self.files, self.presenter)
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(FRAME_MS)
        self._clock.timeout.connect(self._tick)
        self._imports = self._closed = False
        self._wire()

    @cached_property
    def exports(self) -> Exports:
        """Made with what the first paint did without, or when it is first asked for."""
        from rlxent_gui.exports import Exports

        return Exports(self.window, self.presenter, self.presenter.send)

    @cached_property
    def runs(self) -> Runs:
        """Made when a run is first opened."""
        from rlxent_gui.runs import Runs

        return Runs(self.document, self.presenter, self.presenter.send)

    @cached_property
    def credit(self) -> CreditPresenter:
        """Made when its scene is first asked for."""
        from rlxent_gui.book import stored_episodes
        from rlxent_gui.credit_presenter import CreditPresenter

        return CreditPresenter(
            self.window, self.presenter, self.mailbox, self.presenter.send, stored_episodes
        )

    @cached_property
    def variance(self) -> VariancePresenter:
        """Made when its scene is first asked for."""
        from rlxent_gui.variance_presenter import VariancePresenter

        return VariancePresenter(self.window, self.presenter, self.mailbox, self.presenter.send)

    @cached_property
    def learning(self) -> LearningPresenter:
        """Made when the Variance scene is first asked for."""
        from rlxent_gui.learning_presenter import LearningPresenter

        return LearningPresenter(
            self.window, self.presenter, self.mailbox, self.presenter.send, self.variance
        )

    @cached_property
    def demonstrations(self) -> DemonstrationPresenter:
        """Made when the Variance scene is first asked for."""
        from rlxent_gui.demonstration_presenter import DemonstrationPresenter

        return DemonstrationPresenter(
            self.window, self.presenter, self.mailbox, self.aside, self.variance, self.learning
        )

    @np.errstate(over="ignore", invalid="ignore")  # a reward of 1e308 may be drawn as it comes
    def _tick(self) -> None:
        """One frame of the display clock."""
        self.presenter.tick()
        if self.window.shown_scene == "credit":
            self.credit.tick()
        elif self.window.shown_scene == "variance":
            self.variance.tick()
            self.demonstrations.tick()
            self.learning.tick()

    def _wire(self) -> None:
        document, presenter = self.document, self.presenter
        document.world_changed.connect(presenter.world_changed)
        document.opened.connect(presenter.world_opened)
        document.opened.connect(self._opened)
        self.window.command.connect(self._on_command)
        self.window.board.notice.connect(self._notice)
        self.window.board.selection.grew.connect(
            lambda sentence: presenter.add_card(cards.notice(sentence, undo=True))
        )
        self.board_commands.refused.connect(self._notice)
        self.files.not_opened.connect(partial(self._failed, cards.not_opened))
        self.files.not_saved.connect(partial(self._failed, cards.not_saved))
        self.files.run_opened.connect(self._run_opened)
        self.files.saved.connect(lambda _path: presenter.on_command("dismiss", "file"))
        self.autosave.failing.connect(lambda: presenter.add_card(cards.not_kept()))
        self.autosave.mended.connect(lambda: presenter.on_command("dismiss", "autosave"))
        accept_drops(self.window, self.files.open_path)
        self.window.built.connect(self._built)
        self.window.closing.connect(self.close)

    def start(self) -> None:
        """Show the window; what is slow to import or to work out follows beside it."""
        self.recovery.offer()
        self.presenter.begin()
        self.presenter.tick()
        self.window.show()
        self.window.board.setFocus()
        self._clock.start()
        self.window.installEventFilter(self)
        QTimer.singleShot(UNSEEN_MS, self._import_the_rest)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What follows waits for the first paint, which it would hold up."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            first = watched is self.window
            QTimer.singleShot(0, self._build_controls if first else self._import_the_rest)
        return False

    def _build_controls(self) -> None:
        """The bets come first, and are painted before the interpreter is shared with imports."""
        if self._closed:
            return
        seen = self.window.build_controls()
        if seen is None:
            QTimer.singleShot(0, self._import_the_rest)
        else:
            seen.installEventFilter(self)

    def _import_the_rest(self) -> None:
        """Plots and formulae first, since they are seen; then torch, in the training thread."""
        if self._imports or self._closed:
            return
        self._imports = True
        self.analyst.start()
        background().run(import_the_rest, self._imported)

    def _imported(self, _: object) -> None:
        if not self._closed:
            self.window.build_rest()
            self.training.start()

    def close(self) -> None:
        """Stop the clock and the threads; safe at any moment, and twice."""
        if self._closed:
            return
        self._closed = True
        self._clock.stop()
        self.recovery.close()
        for name in ("runs", "exports"):
            if name in vars(self):  # else it was never made
                getattr(self, name).close()
        self.training.close()
        self.analyst.close()
        self.analyst.join(2.0)
        self.autosave.finish()

    def _built(self) -> None:
        if not self._closed:
            self.exports.build_rest()

    def _run_opened(self, run: Run) -> None:
        self.runs.opened(run)

    def _failed(
        self, card: Callable[[str, str], CardView], title: str, sentence: str, details: str
    ) -> None:
        self.presenter.add_card(card(title, sentence), details)

    def _opened(self, world: World) -> None:
        if resolve.is_empty(world):
            # The board says "Drag to draw walls".
            self.actions["tool_wall"].trigger()

    def _bring_unsaved_back(self) -> None:
        """The own drawing behind a demonstration is what is asked about, so it is to be seen."""
        if self.aside.unsaved:
            self.demonstrations.on_command("demonstration_back")

    def _notice(self, sentence: str) -> None:
        if sentence:
            self.presenter.add_card(cards.notice(sentence, undo=sentence == NO_START))
        else:
            self.presenter.on_command("dismiss", "notice")

    def _on_command(self, command: str, argument: Any) -> None:
        if command == "card":
            self._on_card(*argument)
        elif command.startswith("credit_"):
            self.credit.on_command(command, argument)
        elif command.startswith("learning_"):
            self.learning.on_command(command, argument)
        elif command.startswith("demonstration"):
            self.demonstrations.on_command(command, argument)
        elif command.startswith("variance_"):
            self.variance.on_command(command, argument)
            self._look_at_learning()
        elif command == "scene":
            self.presenter.on_command(command, argument)
            self.credit.set_visible(argument == "credit")
            self.variance.set_visible(argument == "variance")
            self._look_at_learning()
        elif command == "open_preset":
            self.files.open_preset(argument)
        elif command == "export":
            self.exports.open()
        elif command in ("save_run", "export_python"):
            self.exports.ask(command.split("_")[1])
        else:
            self.presenter.on_command(command, argument)

    def _look_at_learning(self) -> None:
        scene = self.window.variance
        seen = self.window.shown_scene == "variance" and scene is not None
        self.learning.set_visible(seen and scene is not None and scene.shown_view == "learning")

    def _on_card(self, command: str, card_id: str) -> None:
        others = (self.exports, self.runs, self.file_changes, self.recovery)
        if any(other.on_card(command) for other in others):
            return
        if command == cards.DEMONSTRATION_AGAIN:
            self.window.show_scene("variance")
            self.demonstrations.on_command(command)
        elif command == "open":
            self.presenter.on_command("dismiss", card_id)
            self.files.open()
        elif command == "save_as":
            self.presenter.on_command("dismiss", card_id)
            self.files.save_as()
        elif command == "copy_details":
            QGuiApplication.clipboard().setText(self.presenter.details)
        else:
            self.presenter.on_command("card", (command, card_id))

    def _session(self) -> Session:
        """What would have to be offered after a crash."""
        document, presenter = self.document, self.presenter
        held = self.aside.held
        if held is not None and (self.aside.unsaved or not document.modified):
            # A demonstration can be had again, what it took the place of cannot.
            own, run = held.world, held.run
            return Session(
                own.world, run.settings, run.seed, run.update, own.path,
                "" if own.path is None else self.files.open_file.known(own.path),
                not own.history.isClean(), run_name(run.run_id), tuple(run.curves.marks),
            )
        return Session(
            document.world, presenter.settings, presenter.seed, presenter.update, document.path,
            self.files.open_file.stamp, document.modified or document.in_stroke,
            run_name(presenter.run_id), tuple(presenter.curves.marks),
        )


def import_the_rest() -> None:
    """What the window needs only after its first paint."""
    with changing_hands_often():
        import ziamath  # noqa: F401

        import rlxent_core.foreign  # noqa: F401
        import rlxent_gui.credit_presenter
        import rlxent_gui.demonstration_presenter
        import rlxent_gui.exports
        import rlxent_gui.learning_presenter
        import rlxent_gui.panels.book_sheet
        import rlxent_gui.panels.gallery
        import rlxent_gui.panels.keys
        import rlxent_gui.plots.chart
        import rlxent_gui.runs
        import rlxent_gui.scenes.credit
        import rlxent_gui.scenes.stage
        import rlxent_gui.scenes.tile_desk
        import rlxent_gui.scenes.variance
        import rlxent_gui.variance_presenter  # noqa: F401


def main(arguments: Sequence[str]) -> int:
    """Open the window, on the world named in ``arguments`` if any; returns the exit status."""
    options = _parse(arguments)
    application = QApplication.instance() or QApplication([*sys.argv[:1], *theme.STYLE])
    assert isinstance(application, QApplication)
    QGuiApplication.setApplicationName("rlxent")
    QGuiApplication.setDesktopFileName("rlxent")
    # Ctrl+C in the terminal closes the window's program as it closes any other.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    preferences = Preferences()
    theme.appearance().install(application, preferences)
    document = Document(read_text(rlxent_resources.world_text(FIRST_WORLD)))
    app = App(preferences, document, options.seed, options.device)
    mishaps = Mishaps(app.presenter.add_card)
    mishaps.install()
    collect_once_loaded(app)
    compiling = Compiling(default_folder().parent)
    if options.world:
        if options.world in rlxent_resources.worlds():
            app.files.open_preset(options.world)
        else:
            app.files.open_path(options.world)
    app.start()
    status = application.exec()
    compiling.close()
    app.close()
    mishaps.uninstall()
    return int(status)


def collect_once_loaded(app: App) -> None:
    """Let nobody but the window's thread collect garbage, and not before torch is there."""
    app.training.when_loaded = Collector(app).loaded


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="rlxent", description="Draw a gridworld, press Play, watch REINFORCE learn."
    )
    parser.add_argument(
        "world", nargs="?", help="a world file, or the name of a world that comes with it"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto",
                        help="where to train (default auto)")
    parser.add_argument("--seed", type=seed_number, default=0,
                        help="the seed of the run (default 0)")
    return parser.parse_args(arguments)
