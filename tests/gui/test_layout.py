"""The window at every size and text size: nothing clipped, nothing overlapping, nothing jumping."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui import theme
from rlxent_gui.actions import CREDIT, PRESENT, TABLE, Actions
from rlxent_gui.document import Document
from rlxent_gui.main_window import MainWindow
from rlxent_gui.pacing import LEVELS
from rlxent_gui.panels.places import Rect, Size, arrange, size_for, stack
from rlxent_gui.preferences import Preferences
from rlxent_gui.view_state import (
    BetsView,
    BoardView,
    CardAction,
    CardView,
    HeaderView,
    InspectorView,
    RunState,
    StatusView,
    TransportView,
)
from rlxent_gui.widgets.buttons import ToolButton
from rlxent_gui.widgets.formula import Formula
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.text import ElidedLabel, Label

SIZES = [(1920, 1080), (1366, 768), (1024, 768), (900, 600)]
# These lie over others by intent; "_View" is a chart, with its words where it is empty.
LAID_OVER = ("FocusRing", "Popover", "KeysOverlay", "_View")
WORLD = World(map=("S..", ".#.", "..G"), tiles={
    "S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0),
}, name="Three by three")
LONGEST = max((pace.label for pace in LEVELS), key=len)


@pytest.fixture
def look(qapp):
    """The application dressed as it is outside tests, and undressed afterwards."""
    look = theme.appearance()
    before = qapp.style().objectName(), qapp.font(), qapp.palette()
    look.install(qapp)
    yield look
    look.set_theme(theme.LIGHT)
    look.set_factor(1.0)
    qapp.setStyleSheet("")
    qapp.setStyle(before[0])
    qapp.setFont(before[1])
    qapp.setPalette(before[2])


@pytest.fixture
def window(qtbot, look, tmp_path):
    document = Document(WORLD)
    actions = Actions()
    window = MainWindow(document, actions, Preferences(tmp_path / "preferences.json"))
    document.setParent(window)
    actions.setParent(window)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    fill(window)
    window.show()
    window.build_controls()
    qtbot.waitUntil(lambda: window.scene.ribbon.formula.is_set, timeout=15_000)
    return window


def fill(window, **settings):
    window.show_header(HeaderView("Three by three", True))
    window.show_board(BoardView(WORLD, selected=(0, 0), overlays=frozenset({"policy", "value"})))
    window.show_transport(TransportView(RunState.PAUSED, 12345, 20000, 8, LONGEST, True))
    window.show_bets(BetsView(Settings(**settings), 0.97, 123456789, "auto",
                              "4 996 parameters: 64 hidden units"))
    window.show_status(StatusView(
        RunState.PAUSED, "Paused at update 12 345", "197 520 episodes",
        "A1  ·  start  ·  V 0.96  ·  entropy 0.51", True, "Goal reachable in 10 moves",
        "CPU  ·  1 900 episodes/s", "seed 0",
    ))
    window.show_inspector(InspectorView(
        (0, 0), "A1", "start", WORLD.moves, np.array([0.05, 0.8, 0.1, 0.05]), -0.96, 0.51, 21200,
        ("right",), ("right", "down"),
    ))
    window.show_cards(())


def set_size(window, width, height):
    window.resize(width, height)
    for _ in range(5):
        QApplication.processEvents()
    assert (window.width(), window.height()) == (width, height)


def clipped(window):
    """Visible texts and controls that are smaller than they need, or reach out of their parent."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, (ElidedLabel, Formula)):
            continue
        if not isinstance(widget, (QLabel, QAbstractButton, Segmented)):
            continue
        need, have = widget.sizeHint(), widget.size()
        if isinstance(widget, ToolButton):
            # A low rail has lower buttons, down to this.
            need.setHeight(theme.appearance().px(28))
        elif isinstance(widget, Segmented):
            need = widget.minimumSizeHint()
            need.setHeight(widget.heightForWidth(have.width()))
        elif isinstance(widget, QLabel) and widget.wordWrap():
            need.setWidth(0)
            need.setHeight(widget.heightForWidth(have.width()))
        short = have.width() < need.width() or have.height() < need.height()
        parent = widget.parentWidget()
        outside = not parent.rect().contains(widget.geometry())
        if (short and (have.width(), have.height()) != (0, 0)) or outside:
            found.append((type(widget).__name__, widget.accessibleName() or _text(widget),
                          have.toTuple(), need.toTuple(), "outside" if outside else "short"))
    return [f for f in found if "_Segment" not in f[0] and "_TermButton" not in f[0]]


def _text(widget):
    return widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else ""


def controls(window):
    """What the Tab key should reach."""
    return {
        w for w in window.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and w.focusProxy() is None
    }


def overlapping(window):
    """Pairs of visible siblings that take each other's room."""
    found = []
    for parent in [window, *window.findChildren(QWidget)]:
        if not parent.isVisible():
            continue
        children = [
            child for child in parent.children()
            if isinstance(child, QWidget) and child.isVisible() and not child.isWindow()
            and type(child).__name__ not in LAID_OVER
        ]
        for i, one in enumerate(children):
            for other in children[i + 1 :]:
                if one.geometry().intersects(other.geometry()):
                    found.append((type(one).__name__, type(other).__name__,
                                  one.geometry().getRect(), other.geometry().getRect()))
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_clipped_or_overlapping(window, width, height):
    """At every size all texts have the room they need."""
    set_size(window, width, height)
    assert clipped(window) == []
    assert overlapping(window) == []


@pytest.mark.parametrize("factor", [0.8, 1.3, 1.6])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_nothing_clipped_with_other_text_sizes(window, look, width, height, factor):
    """Smaller and larger text fits too."""
    look.set_factor(factor)
    set_size(window, width, height)
    assert clipped(window) == []
    assert overlapping(window) == []


def test_a_small_window_with_the_largest_text_keeps_speed_and_axes(window, look):
    """A projector of 1024 × 768: the speed can be dragged, and every plot has room for its axis."""
    look.set_factor(1.6)
    set_size(window, 1024, 768)
    transport, plots = window.scene.transport, window.scene.plots
    assert transport.speed.width() >= 40
    assert not transport.speed.geometry().intersects(transport.counter.geometry())
    assert overlapping(transport) == []
    assert plots.tabs.height() == plots.tabs.sizeHint().height()
    for plot in plots.plots.values():
        if plot.isVisible():
            assert plot.height() >= look.px(115)
            assert plots.rect().contains(plot.geometry())


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_popovers_fit_the_window(window, look, factor):
    """Every popover lies within the window, its texts whole, with all that belongs to its bet."""
    look.set_factor(factor)
    fill(window, credit="gae", baseline="critic")
    set_size(window, 1366, 768)
    bets = window.scene.bets
    for name in bets.buttons:
        bets.toggle(name)
        QApplication.processEvents()
        (popover,) = (p for p in window.findChildren(QWidget)
                      if type(p).__name__ == "Popover" and p.isVisible())
        assert window.rect().contains(popover.geometry())
        assert clipped(popover) == []
        assert overlapping(popover) == []


def test_bets_scroll_where_the_window_is_too_low(window, qtbot):
    """With every control shown the panel scrolls, and its last card can be reached whole."""
    set_size(window, 1920, 800)
    fill(window, credit="gae", baseline="critic")
    QApplication.processEvents()
    column = window.scene.bets.controls.column
    assert column.verticalScrollBar().maximum() > 0
    column.verticalScrollBar().setValue(column.verticalScrollBar().maximum())
    cell = column.cards["cell"]
    corner = cell.mapTo(column.viewport(), QPoint(0, 0))
    assert column.viewport().rect().contains(QRect(corner, cell.size()))
    assert clipped(window) == []


def test_usual_settings_need_no_scrolling(window):
    """On a full screen the default bets and the inspector are seen at once."""
    set_size(window, 1920, 1080)
    assert window.scene.bets.controls.column.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_cards_and_speed_and_selection_move_nothing(window, width, height):
    """Messages, another cell, a running state and longer numbers leave every part in its place."""
    set_size(window, width, height)
    scene = window.scene
    parts = (scene.board, scene.rail, scene.transport, scene.plots, scene.ribbon, scene.overlays,
             window.header, window.status, scene.transport.speed)
    before = [part.geometry().getRect() for part in parts]
    window.show_cards((CardView("a", "warning", "Title", "Body " * 30, (CardAction("Go", "go"),)),))
    window.show_inspector(None)
    window.show_transport(TransportView(RunState.RUNNING, 12399, 20000, 8, "1 step/s", False))
    window.show_board(BoardView(WORLD, overlays=frozenset()))
    QApplication.processEvents()
    assert [part.geometry().getRect() for part in parts] == before


def test_arrangement_of_each_width():
    """Full from 1700, chips from 1280, two plots below; larger text needs more room."""
    assert [size_for(w, 1.0) for w in (1920, 1700, 1699, 1280, 1279, 900)] == [
        Size.FULL, Size.FULL, Size.MEDIUM, Size.MEDIUM, Size.SMALL, Size.SMALL,
    ]
    assert size_for(1920, 1.3) is Size.MEDIUM
    assert size_for(1366, 0.8) is Size.MEDIUM


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("factor", [0.8, 1.0, 1.3, 1.6])
def test_places_lie_within_and_apart(width, height, factor):
    """The parts fill the body without touching each other."""
    places = arrange(size_for(width, factor), width, height - 110, factor)
    parts = [p for p in places if isinstance(p, Rect)]
    for part in parts:
        assert 0 <= part.x < part.right <= width
        assert 0 <= part.y < part.bottom <= height - 110
    for one, other in product(parts, parts):
        if one is not other:
            assert (one.right < other.x or other.right < one.x
                    or one.bottom < other.y or other.bottom < one.y)


def test_rows_are_even():
    """Rows differ by one pixel at most and fill the area."""
    rows = stack(Rect(0, 10, 100, 604), 3)
    assert rows[0].y == 10
    assert rows[-1].bottom == 614
    assert max(r.height for r in rows) - min(r.height for r in rows) <= 1
    assert all(b.y - a.bottom == 8 for a, b in pairwise(rows))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_action_has_a_visible_button_or_a_menu_item(window, width, height):
    """What a key does, a button with its tip or a menu does too, at every size.

    The presenter's own buttons are on its stage, see test_presenting.
    Those of the Credit scene are in it, see test_credit_scene.
    """
    set_size(window, width, height)
    followed = {
        button.toolTip() for button in window.findChildren(QAbstractButton) if button.isVisible()
    }
    listed = {
        action.objectName() for menu in (
            window.header.world_menu, window.header.world_menu.board_menu, window.header.look_menu
        )
        for action in menu.actions()
    }
    # Slower and faster are the two directions of the slider, whose tip names both keys.
    listed |= {"slower", "faster"}
    tip = window.scene.transport.speed.toolTip()
    for command in TABLE:
        if command.id in ("slower", "faster"):
            assert command.key_text in tip
        elif command.group in (CREDIT, PRESENT):
            continue
        else:
            assert command.tip_with_key in followed or command.id in listed, command.id


def test_every_button_has_a_name_for_screen_readers(window):
    """No button, field or slider is anonymous."""
    set_size(window, 1366, 768)
    assert [type(w).__name__ for w in controls(window) if not w.accessibleName()] == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_tab_reaches_every_control_and_comes_round(window, qtbot, width, height):
    """The Tab key visits all visible controls once, header first, and never gets stuck."""
    set_size(window, width, height)
    window.activateWindow()
    window.header.world_button.setFocus()
    visited = []
    for _ in range(300):
        focus = window.focusWidget()
        if focus in visited:
            break
        visited.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    missed = controls(window) - set(visited)
    assert not missed, [(type(w).__name__, w.accessibleName()) for w in missed]
    order = [window.header.keys_button, window.scene.overlays.toggles["policy"],
             window.scene.rail.buttons["tool_wall"], window.scene.board,
             window.scene.transport.buttons["play_pause"]]
    places = [visited.index(widget) for widget in order]
    assert places == sorted(places)


@pytest.mark.parametrize("factor", [1.0, 1.4])
def test_what_opens_for_the_first_time_wears_the_present_look(window, look, qtbot, factor):
    """Letters of the theme before were all but invisible on the paper of the present one."""
    set_size(window, 1366, 768)
    look.set_theme(theme.DARK)
    look.set_factor(factor)
    bets, tiles = window.scene.bets, window.scene.tiles
    for name in bets.buttons:
        bets.toggle(name)
        qtbot.wait(20)
        assert_worn(look, bets._popovers[name])
        bets.toggle(name)
    tiles.toggle()
    qtbot.wait(20)
    assert_worn(look, tiles._popover)
    tiles.toggle()


def test_messages_wear_the_present_look_in_every_scene(window, look, qtbot):
    window.show_cards((CardView("one", "warning", "Not opened", "The board is unchanged."),))
    look.set_theme(theme.DARK)
    for scene in ("credit", "variance", "explore"):
        window.show_scene(scene)
        qtbot.wait(20)
        assert_worn(look, window.scene.cards)


def assert_worn(look, popover):
    labels = [label for label in popover.findChildren(Label) if label.isVisible()]
    assert labels
    for label in labels:
        worn = label.palette().color(QPalette.ColorRole.WindowText)
        assert worn == getattr(look.theme, label._role), label.text()
        assert label.font().pixelSize() == look.px(label._size), label.text()
    for field in popover.findChildren(QLineEdit):
        assert field.font().pixelSize() == look.px(13), field.accessibleName()
