"""The whole program in one window: real widgets, real training, real files; offscreen."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

import rlxent_resources
from rlxent_core.world import Cell, Tile
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.app import App
from rlxent_gui.collector import Collector
from rlxent_gui.document import Document, empty_world
from rlxent_gui.pacing import LEVELS
from rlxent_gui.panels.inspector import Glyph
from rlxent_gui.plots.cell import CellPlot
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import RunState
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider

LONG = 30_000


class Room:
    """A started program and what a lecturer's hands can do to it."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        self.app, self.qtbot, self.window = app, qtbot, app.window

    @property
    def update(self) -> int:
        snapshot = self.app.presenter.run.snapshot
        return snapshot.update if snapshot else 0

    @property
    def state(self) -> RunState:
        return self.app.presenter.run.state

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.qtbot.keyClick(self.window, key, modifier)

    def at(self, cell: Cell) -> QPoint:
        return self.window.board.grid().rect(cell).center().toPoint()

    def drag(self, *cells: Cell, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        board = self.window.board
        self.qtbot.mousePress(board, button, pos=self.at(cells[0]))
        for cell in cells[1:]:
            self.qtbot.mouseMove(board, self.at(cell))
        self.qtbot.mouseRelease(board, button, pos=self.at(cells[-1]))

    def flat_out(self) -> None:
        for _ in LEVELS:
            self.key(Qt.Key.Key_Equal)

    def wait_for_update(self, update: int) -> None:
        self.qtbot.waitUntil(lambda: self.update >= update, timeout=LONG)

    def card_titles(self) -> list[str]:
        return [card.title for card in self.app.presenter._display.shown("cards")]  # type: ignore[attr-defined]


@contextmanager
def program(qapp: QApplication, folder: Path) -> Iterator[App]:
    """Not started yet; it has ended everything when it is left."""
    preferences = Preferences(folder / "preferences.json")
    theme.appearance().install(qapp, preferences)
    app = App(
        preferences, Document(read_text(rlxent_resources.world_text("sparse5"))),
        device="cpu", autosave_folder=folder / "autosave",
    )
    app.window.resize(1920, 1080)
    try:
        yield app
    finally:
        app.close()
        app.window.close()
        app.window.deleteLater()
    assert not app.training.is_alive()


@pytest.fixture
def room(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Room]:
    with program(qapp, tmp_path) as app:
        with qtbot.waitSignal(app.window.built, timeout=LONG):
            app.start()
        app.window.activateWindow()
        bench = Room(app, qtbot)
        qtbot.waitUntil(lambda: bench.state is RunState.READY, timeout=LONG)
        yield bench


def test_a_drawn_world_is_learnt_to_the_optimum_and_undone(room: Room) -> None:
    """Walls by dragging, a goal by a click, Space; the return reaches 95 % of the way."""
    room.app.document.new(empty_world(5, 5))
    empty = room.app.document.world
    room.key(Qt.Key.Key_W)
    room.drag((1, 1), (1, 3))
    room.key(Qt.Key.Key_G)
    room.drag((4, 4))
    world = room.app.document.world
    assert [world.tile((1, c)).wall for c in range(5)] == [False, True, True, True, False]
    assert world.tile((4, 4)) == Tile(terminal=True, reward=1)

    room.flat_out()
    room.key(Qt.Key.Key_Space)
    presenter = room.app.presenter

    def solved() -> None:
        facts = presenter._current_facts()
        means = presenter.curves.returns.column(2)
        assert facts is not None
        assert facts.optimal_start_value is not None
        assert len(means)
        assert means[-1] >= 0.95 * facts.optimal_start_value

    room.qtbot.waitUntil(solved, timeout=LONG)
    room.key(Qt.Key.Key_Space)
    for _ in range(2):
        room.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.app.document.world == empty


def test_reward_is_typed_in_mid_run_and_the_policy_stays(room: Room) -> None:
    """A click with Reward, the number stepped up: training goes on in the same run."""
    room.flat_out()
    room.key(Qt.Key.Key_Space)
    room.wait_for_update(10)
    run = room.app.presenter.run_id
    room.key(Qt.Key.Key_R)
    room.drag((4, 4))
    field = QApplication.focusWidget()
    assert field is not None
    assert field.accessibleName() == "Reward"
    for _ in range(5):
        room.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert room.app.document.world.tile((4, 4)).reward == 1.5
    now = room.update
    room.wait_for_update(now + 10)
    room.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert room.state is RunState.RUNNING
    assert room.app.presenter.run_id == run
    assert room.app.document.undo_stack.count() == 1


def test_walls_drawn_in_mid_run_change_the_world_and_nothing_stops(room: Room) -> None:
    """One drag is one undo step, also while it trains flat out."""
    room.flat_out()
    room.key(Qt.Key.Key_Space)
    room.wait_for_update(10)
    before = room.app.document.world
    room.key(Qt.Key.Key_W)
    room.drag((0, 2), (0, 3))
    assert room.app.document.world.tile((0, 3)).wall
    room.wait_for_update(room.update + 20)
    assert room.state is RunState.RUNNING
    room.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.app.document.world == before
    room.wait_for_update(room.update + 20)
    room.qtbot.waitUntil(lambda: bool(room.app.presenter.curves.marks), timeout=LONG)


def test_every_control_can_be_changed_in_mid_run(room: Room) -> None:
    """Each segment of each choice, each slider to both ends and back: it goes on training."""
    room.flat_out()
    room.key(Qt.Key.Key_Space)
    room.wait_for_update(5)
    dice = random.Random(3)
    for control in room.window.findChildren(Segmented):
        if not control.isVisibleTo(room.window):
            continue
        was = control.value
        for value in control.values:
            control.choose(value)
            room.qtbot.wait(30)
        control.choose(was)
    for slider in room.window.findChildren(NamedSlider):
        if not slider.isVisibleTo(room.window) or not slider.isEnabled():
            continue
        for key in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_PageUp):
            if "Episodes" in slider.accessibleName() and key == Qt.Key.Key_End:
                continue  # 4096 episodes an update are allowed, and slow
            room.qtbot.keyClick(slider.focusProxy() or slider, key)
            room.qtbot.wait(dice.randrange(5, 30))
    assert room.app.training.is_alive()
    assert "Training stopped" not in room.card_titles()
    if room.state is RunState.STOPPED:  # η at its very end may leave the finite numbers: a card
        assert any(title.startswith("Stopped at update") for title in room.card_titles())


def test_a_bad_file_is_told_and_the_board_stays(room: Room, tmp_path: Path) -> None:
    """The sentence of UX, with the line and the nearest key; the training goes on."""
    room.key(Qt.Key.Key_Space)
    before = room.app.document.world
    bad = tmp_path / "maze.json"
    bad.write_text(
        '{\n "format": "rlxent-world", "version": 1,\n "map": ["S.G"],\n'
        ' "tiles": {"S": {"start": 1},\n  "G": {"terminal": true, "rewrad": 1}}\n}\n'
    )
    room.app.files.open_path(str(bad))
    room.qtbot.waitUntil(lambda: "maze.json was not opened" in room.card_titles(), timeout=5000)
    (card,) = (c for c in room.app.presenter._display.shown("cards") if c.id == "file")  # type: ignore[attr-defined]
    assert "Line 5" in card.body
    assert "did you mean “reward”?" in card.body
    assert "The board is unchanged." in card.body
    assert room.app.document.world is before
    assert room.state is RunState.RUNNING


def test_a_new_world_is_drawn_on_at_once(room: Room) -> None:
    """The board says "Drag to draw walls", so a drag draws walls."""
    room.app.document.new(empty_world(5, 5))
    room.drag((2, 1), (2, 3))
    assert room.app.document.world.map[2] == ".###."


def test_rewind_by_key_and_button(room: Room) -> None:
    """Shift+U and the button go back one update each; U goes on."""
    for _ in range(4):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(4)
    room.key(Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    room.qtbot.waitUntil(lambda: room.update == 3, timeout=LONG)
    button = next(
        b for b in room.window.findChildren(QAbstractButton)
        if b.isVisible() and "Shift+U" in b.toolTip()
    )
    room.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    room.qtbot.waitUntil(lambda: room.update == 2, timeout=LONG)
    room.key(Qt.Key.Key_U)
    room.wait_for_update(3)


def test_reset_gives_the_same_curve_again(room: Room) -> None:
    """The same seed, the same numbers: what the room saw can be seen again."""
    for _ in range(5):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(5)
    room.qtbot.waitUntil(lambda: len(room.app.presenter.curves.returns) == 5, timeout=LONG)
    first = room.app.presenter.curves.returns.column(1).copy()
    room.key(Qt.Key.Key_Home)
    room.qtbot.waitUntil(lambda: room.update == 0, timeout=LONG)
    for _ in range(5):
        room.key(Qt.Key.Key_U)
    room.wait_for_update(5)
    room.qtbot.waitUntil(lambda: len(room.app.presenter.curves.returns) == 5, timeout=LONG)
    np.testing.assert_array_equal(room.app.presenter.curves.returns.column(1), first)


def test_closing_in_mid_run_ends_everything(room: Room) -> None:
    """No thread, no timer, no question when nothing was drawn."""
    room.flat_out()
    room.key(Qt.Key.Key_Space)
    room.wait_for_update(5)
    room.window.close()
    assert not room.app.training.is_alive()
    assert not room.app._clock.isActive()


def test_a_selected_cell_is_followed_in_plot_and_inspector(room: Room) -> None:
    """Click a cell: its name stands over the third plot and in the inspector."""
    room.key(Qt.Key.Key_V)
    room.drag((0, 2))
    room.key(Qt.Key.Key_U)
    room.wait_for_update(1)
    room.qtbot.wait(100)
    seen = room.app.presenter._display.shown("inspector")
    assert seen.name == "C1"  # type: ignore[union-attr,attr-defined]
    titles = [card.title.text() for card in room.window.findChildren(CellPlot)]
    assert titles == ["What C1 would do"]


def test_a_card_tells_that_no_copy_is_kept_until_the_work_is_saved(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk under the copy: one card, gone once the drawing is in a file."""
    title = "Unsaved work is not being kept"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rlxent_gui.autosave.write_whole", full)
    room.app.autosave._timer.setInterval(1)
    room.app.document.apply({(1, 1): Tile(reward=0.25)})
    room.qtbot.waitUntil(lambda: title in room.card_titles(), timeout=LONG)
    room.app.document.save_as(tmp_path / "kept.json")
    room.qtbot.waitUntil(lambda: title not in room.card_titles(), timeout=LONG)


def test_the_board_is_painted_first_and_the_bets_follow(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a place of their own; what else there is to import waits for them."""
    painted: list[object] = []
    monkeypatch.setattr(Glyph, "paintEvent", lambda *_: painted.append("bets"))
    with program(qapp, tmp_path) as app:
        window, scene = app.window, app.window.scene
        window.setWindowState(Qt.WindowState.WindowNoState)

        class FirstPaint(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint and not painted:
                    painted.append(window.findChildren(NamedSlider))
                    window.resize(1920, 1080)  # only now may it be larger than the screen
                return False

        going_on = app._import_the_rest

        def recorded() -> None:
            painted.append("imports")
            going_on()

        monkeypatch.setattr(app, "_import_the_rest", recorded)
        watcher = FirstPaint()
        scene.board.installEventFilter(watcher)
        with qtbot.waitSignal(window.built, timeout=LONG):
            app.start()
        qtbot.waitUntil(lambda: Room(app, qtbot).state is RunState.READY, timeout=LONG)
        assert painted[0] == []
        assert painted.index("bets") < painted.index("imports")
        assert not scene.bets.controls.column.geometry().intersects(scene.board.geometry())
        assert scene.bets.controls.widgets["update"].seed.text() == "0"


def test_the_keyboard_begins_on_the_board(room: Room) -> None:
    """Not on the scenes' tabs: → moves the cursor.  Tab goes on to what runs the training."""
    board = room.window.board
    assert room.window.focusWidget() is board
    board.activateWindow()
    room.qtbot.keyClick(board, Qt.Key.Key_Right)
    assert room.window.shown_scene == "explore"
    room.qtbot.waitUntil(lambda: board.selected is not None, timeout=LONG)
    room.qtbot.keyClick(board, Qt.Key.Key_Tab)
    after = room.window.focusWidget()
    assert after is not None
    assert room.window.scene.transport.isAncestorOf(after)


def test_arrows_on_the_tabs_go_from_scene_to_scene(room: Room) -> None:
    """As on any row of tabs: the keyboard stays on them, and at the end they go round."""
    tabs = room.window.header.tabs
    tabs.segment("explore").setFocus(Qt.FocusReason.TabFocusReason)
    for key, scene in (
        (Qt.Key.Key_Right, "credit"), (Qt.Key.Key_Right, "variance"), (Qt.Key.Key_Left, "credit"),
        (Qt.Key.Key_Left, "explore"), (Qt.Key.Key_Left, "variance"), (Qt.Key.Key_Right, "explore"),
    ):
        focus = room.window.focusWidget()
        assert focus is not None
        room.qtbot.keyClick(focus, key)
        assert room.window.shown_scene == scene
        assert room.window.focusWidget() is tabs.segment(scene)


def test_an_episode_ends_with_its_returns_on_the_board(room: Room) -> None:
    """K: the path and its numbers are there; J goes on with the next episode without them."""
    board = room.window.board
    room.qtbot.waitUntil(lambda: board.view.probabilities is not None, timeout=LONG)
    room.key(Qt.Key.Key_K)
    room.qtbot.waitUntil(lambda: board.view.path is not None, timeout=LONG)
    path, returns = board.view.path, board.view.returns
    assert path is not None
    assert returns is not None
    assert path.first == 0
    assert np.isfinite(returns).sum() == len(set(path.cells))
    assert "returns have flowed back" in room.app.presenter._display.shown("status").text
    room.key(Qt.Key.Key_J)
    room.qtbot.waitUntil(lambda: board.view.path is None, timeout=LONG)
    assert board.view.token is not None
    assert board.view.token.step == 1


def test_only_the_windows_thread_collects(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Qt object in a circle is freed by the window's thread, however much others allocate."""
    monkeypatch.setattr("rlxent_gui.collector.EVERY_MS", 5)
    parent = QObject()
    collector = Collector(parent)
    freed: list[threading.Thread] = []

    class Circle(QObject):
        def __del__(self) -> None:
            freed.append(threading.current_thread())

    def circle() -> None:
        one = Circle()
        one.itself = one

    circle()
    others = threading.Thread(target=lambda: [[number] for number in range(100_000)])
    others.start()
    others.join()
    qtbot.wait(50)
    assert not freed  # torch is still loading
    circle()
    collector.loaded()
    circle()
    qtbot.waitUntil(lambda: len(freed) >= 1)
    assert set(freed) == {threading.main_thread()}
    gc.unfreeze()
