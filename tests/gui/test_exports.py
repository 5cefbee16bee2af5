"""Export from the window: the popover, the files it writes, and runs that come back."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

import rlxent_resources
from rlxent_core import cli
from rlxent_core.run_file import read_run
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.__main__ import Bundled
from rlxent_gui.app import App
from rlxent_gui.document import Document
from rlxent_gui.export.animation import gif_of
from rlxent_gui.mailbox import Moment
from rlxent_gui.panels.export_panel import FORMATS, SUFFIXES, WHAT, Choice
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import CardView, RunState

LONG = 60_000
UPDATES = 12


class Bench:
    """A window that has trained a little."""

    def __init__(self, app: App, qtbot: QtBot, folder: Path) -> None:
        self.app, self.qtbot, self.folder = app, qtbot, folder

    def train(self, updates: int = UPDATES) -> None:
        for _ in range(updates):
            self.app.presenter.on_command("update")
        presenter = self.app.presenter
        self.qtbot.waitUntil(lambda: len(presenter.curves.returns) >= updates, timeout=LONG)
        self.qtbot.waitUntil(lambda: presenter.run.state is RunState.PAUSED, timeout=LONG)

    def write(self, choice: Choice, name: str = "") -> Path:
        path = self.folder / (name or self.app.exports.file_name(choice))
        with self.qtbot.waitSignal(self.app.exports.finished, timeout=LONG):
            self.app.exports.write(path, choice)
        return path

    def card(self, id: str) -> CardView | None:
        self.app.presenter.tick()
        cards = self.app.presenter._display.shown("cards")
        return next((card for card in cards if card.id == id), None)  # type: ignore[attr-defined]


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Bench]:
    preferences = Preferences(tmp_path / "preferences.json")
    theme.appearance().install(qapp, preferences)
    app = App(
        preferences, Document(read_text(rlxent_resources.world_text("sparse5"))),
        device="cpu", autosave_folder=tmp_path / "autosave",
    )
    app.window.resize(1366, 768)
    with qtbot.waitSignal(app.window.built, timeout=LONG):
        app.start()
    app.window.activateWindow()
    folder = tmp_path / "out"
    folder.mkdir()
    found = Bench(app, qtbot, folder)
    qtbot.waitUntil(lambda: app.presenter.run.state is RunState.READY, timeout=LONG)
    yield found
    app.close()
    app.window.close()
    app.window.deleteLater()


def test_ctrl_e_opens_the_popover_and_its_button_asks_where(bench: Bench) -> None:
    """Ctrl+E, a choice by hand, Export…: the system's dialog proposes the world's name."""
    window, exports = bench.app.window, bench.app.exports
    bench.qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    popover = exports.popover
    assert popover.isVisible()
    panel = exports.panel
    bench.qtbot.mouseClick(panel.what.segment("returns"), Qt.MouseButton.LeftButton)
    bench.qtbot.mouseClick(panel.format.segment("svg"), Qt.MouseButton.LeftButton)
    assert not panel.scale.isVisible()
    bench.qtbot.mouseClick(panel.light, Qt.MouseButton.LeftButton)
    assert panel.choice == Choice("returns", "svg", 2, True)
    bench.qtbot.mouseClick(panel.export, Qt.MouseButton.LeftButton)
    assert not popover.isVisible()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "sparse_5_5_returns.svg"
    path = bench.folder / "mine.svg"
    with bench.qtbot.waitSignal(exports.finished, timeout=LONG):
        dialog.fileSelected.emit(str(path))
    dialog.close()
    assert path.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(("id", "suffix"), [("save_run", "json"), ("export_python", "py")])
def test_menu_items_lead_straight_to_the_dialog(bench: Bench, id: str, suffix: str) -> None:
    bench.train(2)
    action = bench.app.actions[id]
    assert action in bench.app.window.header.world_menu.actions()
    action.trigger()
    dialog = bench.app.window.findChild(QFileDialog)
    assert dialog is not None
    path = bench.folder / f"mine.{suffix}"
    with bench.qtbot.waitSignal(bench.app.exports.finished, timeout=LONG):
        dialog.fileSelected.emit(str(path))
    dialog.close()
    assert path.stat().st_size > 100


def test_every_choice_is_readable(bench: Bench) -> None:
    """No control of the popover is cut or lies upon another, whatever is chosen."""
    panel = bench.app.exports.panel
    for width in (900, 1366, 1920):
        bench.app.window.resize(width, 768)
        bench.app.exports.open()
        for what in WHAT:
            panel.what.choose(what)
            QApplication.processEvents()
            shown = [
                w for w in (panel.what, panel.about, panel.format, panel.scale, panel.frames,
                            panel.width_slider, panel.pace, panel.light, panel.export)
                if w.isVisible()
            ]
            assert len(shown) >= 3, (width, what)
            for above, below in itertools.pairwise(shown):
                assert above.geometry().bottom() < below.geometry().top(), (width, what)
            need = panel.what.heightForWidth(panel.what.width())
            assert panel.what.height() >= need, (width, what)
        bench.app.exports.open()


def test_every_picture_is_written_and_told(bench: Bench) -> None:
    bench.train()
    for what in ("board", "returns", "variance", "cell", "plots"):
        for format in FORMATS:
            path = bench.write(Choice(what, format, 2, light=True))
            begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format]
            assert path.read_bytes().startswith(begins)
    card = bench.card("exported")
    assert card is not None
    assert card.body == str(path)
    assert card.dismissible


def test_curves_hold_every_update_and_the_settings(bench: Bench) -> None:
    pandas = pytest.importorskip("pandas")
    bench.train()
    path = bench.write(Choice("curves"))
    table = pandas.read_csv(path, comment="#")
    assert table["update"].tolist() == list(range(1, UPDATES + 1))
    assert table["episodes"].tolist() == [16 * u for u in range(1, UPDATES + 1)]
    shown = bench.app.presenter.curves.returns.column(1)
    np.testing.assert_array_equal(table["mean_return"], shown)
    assert table["variance_without_baseline"].notna().any()
    head = path.read_text(encoding="utf-8").splitlines()[:20]
    assert "# world: Sparse 5 × 5" in head
    assert "# baseline: leave_one_out" in head
    assert any(line.startswith("# program: rlxent") for line in head)


def test_nothing_is_written_before_there_is_anything(bench: Bench) -> None:
    for what in ("curves", "run", "animation"):
        path = bench.write(Choice(what))
        assert not path.exists()
        card = bench.card("exported")
        assert card is not None
        assert "no update" in card.body


def test_a_run_is_the_file_that_train_writes(bench: Bench) -> None:
    """World, settings, curves and logits to the last bit; the command line reads it."""
    bench.train()
    mine = bench.write(Choice("run"))
    theirs = bench.folder / "theirs.json"
    assert cli.main(
        ["train", "sparse5", "--updates", str(UPDATES), "--device", "cpu", "--out", str(theirs)],
        Bundled(),
    ) == 0
    assert json.loads(mine.read_text()) == json.loads(theirs.read_text())


def test_a_run_that_is_opened_replays_to_the_last_bit(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings and seed are taken over, the curve is a ghost, and a button replays it."""
    path = bench.folder / "run.json"
    options = ["--updates", "30", "--seed", "4", "--set", "architecture=table"]
    assert cli.main(["train", "sparse5", *options, "--device", "cpu", "--out", str(path)],
                    Bundled()) == 0
    presenter = bench.app.presenter
    bench.app.files.open_path(str(path))
    assert presenter.settings.architecture == "table"
    assert presenter.seed == 4
    bench.qtbot.waitUntil(lambda: len(presenter.run.ghosts) == 1, timeout=LONG)
    (ghost,) = presenter._slices._returns().ghosts  # type: ignore[attr-defined]
    assert ghost.label == "from the file"
    assert len(ghost.updates) == 30
    card = bench.card("run")
    assert card is not None
    assert card.actions[0].command == "replay"
    bench.app._on_command("card", ("replay", "run"))

    def told() -> None:
        now = bench.card("run")
        assert now is not None
        assert now.title == "The replay agrees with the file"
        assert "all 30 updates" in now.body

    bench.qtbot.waitUntil(told, timeout=LONG)
    assert read_run(path).updates == presenter.run.snapshot.update == 30  # type: ignore[union-attr]


def test_a_replay_says_where_it_differs(bench: Bench) -> None:
    """One return of the file is changed: the replay names its update."""
    bench.train()
    path = bench.write(Choice("run"))
    content = json.loads(path.read_text())
    content["runs"][0]["returns"][6] += 1e-9
    path.write_text(json.dumps(content))
    bench.app.files.open_path(str(path))
    bench.app.runs.replay()

    def told() -> None:
        card = bench.card("run")
        assert card is not None
        assert card.title == "The replay differs from the file"
        assert "update 7," in card.body

    bench.qtbot.waitUntil(told, timeout=LONG)


def test_a_script_prints_the_returns_of_the_window(bench: Bench) -> None:
    bench.train()
    path = bench.write(Choice("python"))
    answer = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    printed = [float(line.split()[1]) for line in answer.stdout.splitlines()]
    shown = bench.app.presenter.curves.returns.column(1)
    np.testing.assert_allclose(printed, shown, rtol=0, atol=1e-9)


def test_what_a_script_cannot_say_is_told(bench: Bench) -> None:
    bench.app.presenter.on_command("setting", ("baseline", "critic"))
    path = bench.write(Choice("python"))
    assert not path.exists()
    card = bench.card("exported")
    assert card is not None
    assert "V(s) learned" in card.body


def test_an_animation_shows_the_past_and_training_goes_on(bench: Bench) -> None:
    bench.train()
    path = bench.write(Choice("animation", frames=5, width=200, milliseconds=120))
    with Image.open(path) as gif:
        assert gif.n_frames == 5  # type: ignore[attr-defined]
        assert gif.width == 200
        assert gif.info["duration"] == 120
    now = bench.app.presenter.curves.returns.column(1).copy()
    bench.train(UPDATES + 2)
    np.testing.assert_array_equal(bench.app.presenter.curves.returns.column(1)[:UPDATES], now)


def test_an_animation_that_is_stopped_leaves_no_file(bench: Bench) -> None:
    """Stop on the card, in the midst of the pictures."""
    bench.train()
    exports = bench.app.exports
    path = bench.folder / "a.gif"
    exports._progressed.connect(lambda done, total: exports.on_card("stop_export"))
    with bench.qtbot.waitSignal(exports.finished, timeout=LONG) as done:
        exports.write(path, Choice("animation", frames=240, width=1280))
    assert done.args == [""]
    assert list(bench.folder.iterdir()) == []
    assert bench.card("export_progress") is None
    assert bench.card("exported") is None


def test_a_file_that_is_written_as_the_window_closes_is_whole(bench: Bench) -> None:
    """And nobody is told who is not there any more."""
    path = bench.folder / "board.png"
    told: list[str] = []
    bench.app.exports.finished.connect(told.append)
    bench.app.exports.write(path, Choice("board", "png"))
    bench.app.close()
    bench.qtbot.waitUntil(path.exists, timeout=LONG)
    bench.qtbot.wait(100)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert told == []


def test_a_place_that_cannot_be_written_is_told(bench: Bench) -> None:
    """One sentence on a card; what was there before is still there."""
    bench.train(2)
    for what in ("board", "curves", "run", "python", "animation"):
        path = bench.write(Choice(what, frames=2, width=160), "no/such/folder/a")
        assert not path.exists(), what
        card = bench.card("exported")
        assert card is not None, what
        assert card.title == "a was not written", what
        assert "No such file or directory" in card.body, what
        bench.app.presenter.on_command("dismiss", "exported")
        assert bench.card("exported") is None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_told(bench: Bench) -> None:
    bench.folder.chmod(0o500)
    path = bench.write(Choice())
    bench.folder.chmod(0o700)
    assert not path.exists()
    card = bench.card("exported")
    assert card is not None
    assert "not allow" in card.body


def test_a_full_disk_leaves_what_was_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.write(Choice())
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    bench.write(Choice())
    assert path.read_bytes() == before
    assert [p.name for p in bench.folder.iterdir()] == [path.name]
    card = bench.card("exported")
    assert card is not None
    assert card.body.startswith("No space left on device.")


def test_pictures_can_be_drawn_beside_the_window(qapp: QApplication) -> None:
    """On another thread, without a warning of Qt, the same as on this one."""
    theme.load_fonts()
    world = read_text(rlxent_resources.world_text("ice_and_pit"))
    states = world.rows * world.columns
    moments = [
        Moment(u, world, np.full((states, 4), 0.25), np.linspace(-1, 1, states), 0.5)
        for u in (0, 10, 1234)
    ]
    found: list[bytes | None] = []

    def draw() -> None:
        found.append(gif_of(moments, theme.LIGHT, 300, 50, lambda done, total: True))

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    draw()
    assert found[0] is not None
    assert found[0] == found[1]
    with Image.open(BytesIO(found[0])) as gif:
        assert gif.n_frames == 3  # type: ignore[attr-defined]


def test_names_of_files_come_from_the_world(bench: Bench) -> None:
    for what in WHAT:
        choice = Choice(what, "pdf")
        assert bench.app.exports.file_name(choice).endswith(f".{SUFFIXES.get(what, 'pdf')}")
        assert bench.app.exports.file_name(choice).startswith("sparse_5_5")
