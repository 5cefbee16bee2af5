"""What is said when another program changes the document's file, and what can be done then."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rlxent_gui import cards
from rlxent_gui.document import Document
from rlxent_gui.files import FileCommands
from rlxent_gui.open_file import Found
from rlxent_gui.presenter import Presenter


class FileChanges(QObject):
    """Shows the cards, and answers their buttons."""

    def __init__(self, document: Document, files: FileCommands, presenter: Presenter) -> None:
        super().__init__()
        self._document, self._files, self._presenter = document, files, presenter
        files.open_file.told.connect(self._told)

    def on_card(self, command: str) -> bool:
        """A button on one of its cards; False if it is somebody else's."""
        if command == cards.OPEN_CHANGED:
            self._files.reload()
        elif command == cards.KEEP_MINE:
            self._files.keep_mine()
        elif command == cards.SAVE_AGAIN:
            self._files.save()
        else:
            return False
        return True

    def _told(self, found: Found) -> None:
        path = self._document.path
        if path is None or found is Found.SAME:
            self._presenter.remove_card(cards.CHANGED)
        elif found is Found.CHANGED:
            self._presenter.add_card(cards.file_changed(path.name, self._document.modified))
        else:
            # What is on the board may be all there is of it.
            self._document.set_unsaved()
            gone = found is Found.GONE
            self._presenter.add_card(cards.file_gone(path.name, gone))
