"""After a crash: what the program was at is offered, restored or thrown away."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rlxent_core.run_file import RunFileError
from rlxent_gui import cards, session
from rlxent_gui.autosave import AutoSave
from rlxent_gui.files import FileCommands
from rlxent_gui.pacing import LEVELS
from rlxent_gui.presenter import Presenter


class Recovery(QObject):
    """Offers one copy after the other, the latest first."""

    def __init__(self, autosave: AutoSave, files: FileCommands, presenter: Presenter) -> None:
        super().__init__()
        self._autosave, self._files, self._presenter = autosave, files, presenter
        self._reached = 0

    def offer(self) -> None:
        """Show the card, if anything was left behind."""
        self._presenter.remove_card(cards.RECOVERED)
        path = self._autosave.recoverable()
        if path is None:
            return
        try:
            self._presenter.add_card(cards.recovered(session.read(path)))
        except RunFileError as error:
            self._presenter.add_card(cards.not_recovered(path.name), f"{path}\n{error}")

    def on_card(self, command: str) -> bool:
        """A button on one of its cards; False if it is somebody else's."""
        path = self._autosave.recoverable()
        if command == cards.RESTORE and path is not None:
            self._files.restore(path, self._restored)
        elif command == cards.DISCARD:
            self._autosave.discard_recovered()
            self.offer()
        elif command == cards.TRAIN_AGAIN:
            self._train_again()
        else:
            return command == cards.RESTORE
        return True

    def _restored(self, found: session.Session) -> None:
        self._presenter.run_opened(found.settings, found.seed)
        self._autosave.restored()
        self.offer()
        self._reached = found.update
        if found.update:
            self._presenter.add_card(cards.train_again(found))

    def _train_again(self) -> None:
        """From the seed to where it was, as fast as it goes."""
        presenter = self._presenter
        presenter.remove_card(cards.TRAIN_AGAIN)
        presenter.on_command("stop_at", self._reached)
        presenter.on_command("speed", len(LEVELS) - 1)
        if not presenter.running:
            presenter.on_command("play_pause")
