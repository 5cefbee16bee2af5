"""New, open, save: dialogs, the question before work is lost, recent files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

import rlxent_resources
from rlxent_core import run_file, world_file
from rlxent_core.bounded_file import read_bounded
from rlxent_core.world import World, WorldError
from rlxent_gui import session
from rlxent_gui.document import Document, empty_world
from rlxent_gui.open_file import Found, OpenFile, stamp_of, stamp_of_file
from rlxent_gui.preferences import Preferences
from rlxent_gui.sheets import Answer, Sheet, SizeChooser
from rlxent_gui.words import short_name

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog

FILTER = "Worlds, runs and maps (*.json *.txt);;All files (*)"
Then = Callable[[], object]


class Opened(NamedTuple):
    """What a file held; ``path`` is None where saving must not write over it: it is no world's."""

    world: World
    path: Path | None
    stamp: str
    """Of the file, taken before it was read: what is changed meanwhile is noticed."""
    run: run_file.Run | None = None


class FileCommands(QObject):
    """What File commands do to the document.

    ``not_opened(title, sentence, details)`` and ``not_saved`` when a file could not be read or
    written: the document is as it was.  ``run_opened(run)`` follows when the world came with a
    whole training run.
    """

    not_opened = Signal(str, str, str)
    not_saved = Signal(str, str, str)
    saved = Signal(str)
    run_opened = Signal(object)

    def __init__(self, document: Document, window: QWidget, preferences: Preferences) -> None:
        super().__init__(window)
        self._document, self._window, self._preferences = document, window, preferences
        self.open_file = OpenFile(window)
        self.sheet: Sheet | None = None
        self._given_up = False
        self.beforehand: Then = _nothing
        """Done before a world makes room or the window closes: what is unsaved is to be seen."""
        document.path_changed.connect(self._path_changed)
        document.opened.connect(self._put_question_away)

    def new(self) -> None:
        """Ask for a size and begin an empty world."""
        self.unless_unsaved(self._ask_size)

    def open(self) -> None:
        """Ask for a file and open it."""
        dialog = self._dialog("Open a world", saving=False)
        dialog.setFileMode(dialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_path)
        dialog.open()

    def open_path(self, path: str) -> None:
        """Open a world, or a run with its world; nothing is asked or lost if the file is bad."""
        file = Path(path)
        found = self._opened(file)
        if found is None:
            return

        def take() -> None:
            # The question before may have been answered by saving to this very file.
            same = self._document.path == file.absolute()
            opened = self._opened(file) if same else found
            if opened is None:
                return
            self._document.take(opened.world, opened.path)
            self.open_file.follow(self._document.path, opened.stamp)
            self._preferences.add_recent(file)
            if opened.run is not None:
                self.run_opened.emit(opened.run)

        self.unless_unsaved(take)

    def _opened(self, file: Path) -> Opened | None:
        """What is in the file; None, and it is told why, if it is bad."""
        try:
            return _read(file)
        except (WorldError, run_file.RunFileError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                self._preferences.remove_recent(file)
            self._tell_not_opened(file, error)
            return None

    def open_preset(self, name: str) -> None:
        """Open a world that comes with the program."""
        self.open_world(world_file.read_text(rlxent_resources.world_text(name)), _nothing)

    def open_world(self, world: World, then: Then) -> None:
        """Put a world on the board that has no file of its own; ``then`` follows if it is there."""

        def take() -> None:
            self._document.take(world, None)
            then()

        self.unless_unsaved(take)

    def restore(self, path: Path, then: Callable[[session.Session], object]) -> None:
        """Take back what was rescued after a crash; ``then`` follows when it is on the board."""
        try:
            found = session.read(path)
        except run_file.RunFileError as error:
            title = "The drawing could not be restored"
            sentence = f"Its copy cannot be read. It is kept as {path.name}."
            self.not_opened.emit(title, sentence, f"{path}\n{error}")
            return

        def take() -> None:
            self._document.restore(found.world, found.path, found.modified)
            self.open_file.follow(self._document.path, found.stamp)
            then(found)

        self.unless_unsaved(take)

    def reload(self) -> None:
        """Open what another program wrote into the document's file; that can be undone."""
        path = self._document.path
        if path is None:
            return
        try:
            opened = _read(path)
        except (WorldError, run_file.RunFileError, OSError) as error:
            self._tell_not_opened(path, error)
            return
        self._document.reload(opened.world)
        self.open_file.follow(path, opened.stamp)

    def keep_mine(self) -> None:
        """The board is what counts, whatever another program wrote: the next save writes it."""
        self._document.set_unsaved()
        self.open_file.accept()

    def save(self, then: Then | None = None) -> None:
        """Save to the document's file, or ask for one; ``then`` follows when it is saved."""
        path = self._document.path
        if path is None:
            self.save_as(then)
        elif (found := self.open_file.look()) in (Found.CHANGED, Found.UNREADABLE):
            self._ask_to_overwrite(path, found, then)
        else:
            self._write(path, then)

    def save_as(self, then: Then | None = None) -> None:
        """Ask for a file and save to it."""
        dialog = self._dialog("Save the world", saving=True)
        dialog.setDefaultSuffix("json")
        name = re.sub(r"[^\w-]+", "_", self._document.name).strip("_") or "world"
        path = self._document.path
        dialog.selectFile(path.name if path is not None else f"{name.lower()}.json")
        dialog.fileSelected.connect(lambda chosen: self._write(Path(chosen), then))
        dialog.open()

    def recent(self) -> tuple[Path, ...]:
        """The files opened or saved last, the latest first."""
        return tuple(map(Path, self._preferences.recent_files))

    def presets(self) -> tuple[str, ...]:
        """Names of the worlds that come with the program."""
        return rlxent_resources.worlds()

    def may_close(self, then: Then) -> bool:
        """Whether nothing would be lost; otherwise a sheet asks, and ``then`` follows if it may."""
        self._document.end_stroke()
        self.beforehand()
        if self._given_up or not self._document.modified:
            return True

        def give_up() -> None:
            self._given_up = True
            then()
            self._given_up = False

        self._ask_to_save(then, ("Close without saving", give_up))
        return False

    def unless_unsaved(self, then: Then) -> None:
        """``then`` at once where nothing would be lost; otherwise a sheet asks."""
        self._document.end_stroke()
        self.beforehand()
        if self._document.modified:
            self._ask_to_save(then, ("Don’t save", then))
        else:
            then()

    def _ask_to_save(self, then: Then, without: Answer) -> None:
        self._show_sheet(
            f"Save the changes to “{self._document.name}”?",
            "Otherwise what was drawn since the last save is lost.",
            (("Save", lambda: self.save(then)), without, ("Cancel", _nothing)),
        )

    def _ask_to_overwrite(self, path: Path, found: Found, then: Then | None) -> None:
        title = f"{short_name(path.name)} was changed by another program"
        sentence = "Saving here would write over what it holds now."
        if found is Found.UNREADABLE:
            title = f"{short_name(path.name)} cannot be read any more"
            sentence = "So nobody can tell what saving here would write over."
        self._show_sheet(
            title, sentence,
            (
                ("Save as…", lambda: self.save_as(then)),
                ("Write over it", lambda: self._write(path, then)),
                ("Cancel", _nothing),
            ),
        )

    def _ask_size(self) -> None:
        chooser, asked_about = SizeChooser(), self._document.world

        def create() -> None:
            world = empty_world(chooser.rows.value(), chooser.columns.value())
            self._document.end_stroke()
            if self._document.world is asked_about:
                self._document.new(world)
            else:  # drawn while the sheet was there
                self.unless_unsaved(lambda: self._document.new(world))

        self._show_sheet("New world", "", (("Create", create), ("Cancel", _nothing)), chooser)

    def _show_sheet(
        self, title: str, sentence: str, answers: tuple[Answer, ...],
        content: QWidget | None = None,
    ) -> None:
        if self.sheet is not None:
            self.sheet.close_quietly()
        self.sheet = Sheet(self._window, title, sentence, answers, content)
        self.sheet.closed.connect(self._forget_sheet)

    def _put_question_away(self) -> None:
        """It was about the world before: answered now, it would write this one over its file."""
        if self.sheet is not None:
            self.sheet.close_quietly()

    def _forget_sheet(self) -> None:
        self.sheet = None

    def _dialog(self, title: str, saving: bool) -> QFileDialog:
        from PySide6.QtWidgets import QFileDialog

        kinds = "Worlds (*.json);;All files (*)" if saving else FILTER
        dialog = QFileDialog(self._window, title, str(self._folder()), kinds)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        modes = QFileDialog.AcceptMode
        dialog.setAcceptMode(modes.AcceptSave if saving else modes.AcceptOpen)
        return dialog

    def _folder(self) -> Path:
        """Where the document's file is, else the last one used, else the user's documents."""
        for path in (self._document.path, *self.recent()):
            if path is not None and path.parent.is_dir():
                return path.parent
        documents = platformdirs.user_documents_path()
        return documents if documents.is_dir() else Path.home()

    def _write(self, path: Path, then: Then | None) -> None:
        self._document.end_stroke()
        try:
            text = world_file.write_text(self._document.world)
            self._document.save_as(path)
        except (WorldError, OSError) as error:
            gone = isinstance(error, FileNotFoundError)
            reason = "Its folder is not there any more." if gone else _sentence(error)
            sentence = f"{reason} The drawing is still on the board."
            title = f"{short_name(path.name)} was not saved"
            self.not_saved.emit(title, sentence, f"{path}\n{sentence}")
            return
        self.open_file.follow(self._document.path, stamp_of(text.encode()))
        self._preferences.add_recent(path)
        self.saved.emit(str(path))
        if then is not None:
            then()

    def _path_changed(self) -> None:
        if self._document.path != self.open_file.path:
            self.open_file.follow(self._document.path)

    def _tell_not_opened(self, file: Path, error: Exception) -> None:
        sentence = f"{_sentence(error)} The board is unchanged."
        title = f"{short_name(file.name)} was not opened"
        self.not_opened.emit(title, sentence, f"{file}\n{sentence}")


def _nothing() -> None:
    pass


def _read(path: Path) -> Opened:
    """The world in a file: a world's, a run's, or a map that another program or a person wrote."""
    stamp = stamp_of_file(path)
    head = read_bounded(path, 4096)
    if re.search(rb'"format"\s*:\s*"%s"' % run_file.FORMAT.encode(), head):
        run = run_file.read_run(path)
        return Opened(run.world, None, stamp, run)
    from rlxent_core import foreign  # after the first paint

    return Opened(foreign.read_world(path), path if foreign.is_world_file(path) else None, stamp)


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file."
    if isinstance(error, IsADirectoryError):
        return "It is a folder, not a file."
    if isinstance(error, PermissionError):
        return "The system does not allow it."
    if isinstance(error, OSError):
        return f"{error.strerror or error}.".replace("..", ".")
    return str(error)
