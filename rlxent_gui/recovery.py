"""After a crash: what the program was at is offered, restored or thrown away."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer

from rlxent_core.run_file import RunFileError
from rlxent_gui import cards, session
from rlxent_gui.autosave import AutoSave
from rlxent_gui.files import FileCommands
from rlxent_gui.pacing import LEVELS
from rlxent_gui.presenter import Presenter
from rlxent_gui.widgets.background import background

if TYPE_CHECKING:
    from rlxent_gui.learnt import Learnt


APART_MS = 800
"""Between an answer and the next card."""


class _Found(NamedTuple):
    """What is in the files that a program left."""

    session: session.Session | None
    learnt: Learnt | None = None
    failure: str = ""
    """Why there is no session, or why what was learnt is lost; empty where nothing was."""


class Recovery(QObject):
    """Offers one copy after the other, the latest first."""

    def __init__(self, autosave: AutoSave, files: FileCommands, presenter: Presenter) -> None:
        super().__init__()
        self._autosave, self._files, self._presenter = autosave, files, presenter
        self._reached = 0
        self._shown: Path | None = None
        self._found = _Found(None)
        self._closed = False

    def offer(self) -> None:
        """Show the card, if anything was left behind, once that has been read."""
        self._presenter.remove_card(cards.RECOVERED)
        self._shown, self._found = None, _Found(None)
        path = self._autosave.recoverable()
        if path is not None and not self._closed:
            # A large network takes longer than a frame.
            background().run(partial(_look_into, path), partial(self._show, path))

    def close(self) -> None:
        """Offer nothing any more."""
        self._closed = True

    def _offer_next(self) -> None:
        """Where one was answered, the next one's buttons would take the second of two clicks."""
        self._presenter.remove_card(cards.RECOVERED)
        self._shown = None
        QTimer.singleShot(APART_MS, self, self.offer)

    def _show(self, path: Path, found: _Found) -> None:
        if path != self._autosave.recoverable() or self._closed:
            return
        self._shown, self._found = path, found
        if found.session is None:
            details = f"{path}\n{found.failure}"
            self._presenter.add_card(cards.not_recovered(path.name), details)
        else:
            learnt = 0 if found.learnt is None else found.learnt.update
            self._presenter.add_card(cards.recovered(found.session, learnt))

    def on_card(self, command: str) -> bool:
        """A button on one of its cards; False if it is somebody else's."""
        if command == cards.TRAIN_AGAIN:
            self._train_again()
        elif command not in (cards.RESTORE, cards.DISCARD):
            return False
        elif (path := self._shown) is None:
            pass  # a second click: the next one is not on show yet
        elif command == cards.RESTORE:
            self._files.restore(path, partial(self._restored, path, self._found))
        else:
            self._autosave.discard_recovered()
            self._offer_next()
        return True

    def _restored(self, path: Path, found: _Found, session: session.Session) -> None:
        learnt, failure = found.learnt, found.failure
        self._presenter.run_opened(session.settings, session.seed, learnt, session.changes)
        if path == self._shown:
            self._autosave.restored(learnt)
            self._offer_next()
        self._reached = session.update if learnt is None else learnt.update
        if session.update and learnt is None:
            why = cards.UNREADABLE if failure else ""
            self._presenter.add_card(cards.train_again(session.update, why), failure)

    def _train_again(self) -> None:
        """From the seed to where it was, as fast as it goes."""
        presenter = self._presenter
        presenter.remove_card(cards.TRAIN_AGAIN)
        presenter.on_command("stop_at", self._reached)
        presenter.on_command("speed", len(LEVELS) - 1)
        if not presenter.running:
            presenter.on_command("play_pause")


def _look_into(path: Path) -> _Found:
    """Not on the window's thread."""
    from rlxent_gui import learnt as learnt_files

    try:
        found = session.read(path)
    except RunFileError as error:
        return _Found(None, failure=str(error))
    try:
        learnt = learnt_files.read(path)
    except Exception as error:  # whatever it is, the drawing is offered
        return _Found(found, failure=f"{type(error).__name__}: {error}")
    # Both are written one after the other: after a reset, one may be of the run before.
    of_this_run = learnt is not None and learnt.update and learnt.run == found.run
    return _Found(found, learnt if of_this_run else None)
