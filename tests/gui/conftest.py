"""What tests of the window share."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMainWindow

from rlxent_gui.document import Document
from rlxent_gui.files import FileCommands
from rlxent_gui.plain_imports import keep_imports_plain
from rlxent_gui.preferences import Preferences

keep_imports_plain()  # as the program does

@pytest.fixture
def document(qapp):
    document = Document()
    yield document
    document.undo_stack.setClean()


@pytest.fixture
def files(qtbot, document, tmp_path):
    window = QMainWindow()
    qtbot.addWidget(window)
    return FileCommands(document, window, Preferences(tmp_path / "preferences.json"))


@pytest.fixture
def told(files):
    """Every (title, sentence) that the window was told."""
    heard = []
    for signal in (files.not_opened, files.not_saved):
        signal.connect(lambda title, sentence, _details: heard.append((title, sentence)))
    return heard
