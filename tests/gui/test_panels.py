"""The panels around the board: what is clicked is asked for, what is shown is shown."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from rlxent_gui.actions import OVERLAYS, TOOLS, Actions
from rlxent_gui.pacing import LEVELS
from rlxent_gui.panels.cards import Cards
from rlxent_gui.panels.header import Header
from rlxent_gui.panels.inspector import Inspector
from rlxent_gui.panels.keys import KeysOverlay
from rlxent_gui.panels.overlay_row import OverlayRow
from rlxent_gui.panels.status import StatusBar
from rlxent_gui.panels.tool_rail import ToolRail
from rlxent_gui.panels.transport import Transport
from rlxent_gui.view_state import (
    CardAction,
    CardView,
    HeaderView,
    InspectorView,
    RunState,
    StatusView,
    TransportView,
)
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import ElidedLabel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def actions(qapp):
    made = Actions()
    yield made
    made.deleteLater()


@pytest.fixture
def show(qtbot):
    """Shows a panel at a size."""
    def shown(widget, width=900, height=600):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget
    return shown


def asked(actions):
    heard = []
    actions.asked.connect(lambda id, checked: heard.append((id, checked)))
    return heard


def commands(panel):
    heard = []
    panel.command.connect(lambda id, argument: heard.append((id, argument)))
    return heard


def transport_view(**changes):
    fields = {"state": RunState.PAUSED, "update": 128, "stop_at": None, "speed": 3,
              "speed_label": LEVELS[3].label, "can_rewind": True}
    return TransportView(**fields | changes)


# Transport

@pytest.mark.parametrize(
    "id", ["reset", "previous", "play_pause", "step", "episode", "update"]
)
def test_transport_buttons_ask(qtbot, actions, show, id):
    """Every transport button asks for its action."""
    panel, heard = show(Transport(actions), 900, 48), asked(actions)
    panel.apply(transport_view())
    qtbot.mouseClick(panel.buttons[id], LEFT)
    assert [name for name, _ in heard] == [id]


def test_nothing_to_go_back_to(actions, show):
    """Previous is off at the first update."""
    panel = show(Transport(actions), 900, 48)
    panel.apply(transport_view(can_rewind=False))
    assert not panel.buttons["previous"].isEnabled()
    assert panel.buttons["update"].isEnabled()


def test_speed_is_asked_for_by_level(qtbot, actions, show):
    """Arrow keys move the speed by one level, and no further than the last."""
    panel = show(Transport(actions), 900, 48)
    heard = commands(panel)
    panel.apply(transport_view(speed=len(LEVELS) - 2))
    panel.speed.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.speed, Qt.Key.Key_Right)
    assert heard == [("speed", len(LEVELS) - 1)]


def test_speed_by_the_mouse_snaps_to_levels(qtbot, actions, show):
    """A click at the groove's end is the fastest level."""
    panel = show(Transport(actions), 900, 48)
    panel.apply(transport_view(speed=0))
    heard = commands(panel)
    at = panel.speed.rect().center()
    at.setX(panel.speed.width() - 3)
    qtbot.mouseClick(panel.speed, LEFT, pos=at)
    assert heard == [("speed", len(LEVELS) - 1)]


def test_stop_is_set_and_cleared_by_typing(qtbot, actions, show):
    """A click on the counter opens a field; a number sets the stop, an empty field clears it."""
    panel = show(Transport(actions), 900, 48)
    panel.apply(transport_view())
    heard, field = commands(panel), panel.counter.stop_field
    qtbot.mouseClick(panel.counter, LEFT)
    assert field.isVisible()
    qtbot.keyClicks(field, "300")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    panel.apply(transport_view(stop_at=300))
    assert not field.isVisible()
    assert "stops at 300" in panel.counter.accessibleName()
    qtbot.mouseClick(panel.counter, LEFT)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard == [("stop_at", 300), ("stop_at", None)]


def test_esc_leaves_the_stop_as_it_was(qtbot, actions, show):
    """Esc closes the field and asks for nothing."""
    panel = show(Transport(actions), 900, 48)
    panel.apply(transport_view(stop_at=300))
    heard = commands(panel)
    qtbot.mouseClick(panel.counter, LEFT)
    qtbot.keyClicks(panel.counter.stop_field, "7")
    qtbot.keyClick(panel.counter.stop_field, Qt.Key.Key_Escape)
    assert heard == []
    assert not panel.counter.stop_field.isVisible()


def test_counting_does_not_move_the_neighbours(actions, show):
    """From update 9 to 10 and 999 to 1000 nothing shifts."""
    panel = show(Transport(actions), 900, 48)
    places = set()
    for update in (0, 9, 10, 999, 1000, 9999):
        panel.apply(transport_view(update=update))
        places.add((panel.speed.geometry().getRect(), panel.speed_label.geometry().getRect()))
    assert len(places) == 1


# Tools and overlays

@pytest.mark.parametrize("tool", TOOLS)
def test_tool_buttons_ask(qtbot, actions, show, tool):
    """A click takes the tool in hand, and its button shows that."""
    actions["tool_pit" if tool == "select" else "tool_select"].trigger()
    rail, heard = show(ToolRail(actions), 54, 800), asked(actions)
    qtbot.mouseClick(rail.buttons[f"tool_{tool}"], LEFT)
    assert heard == [(f"tool_{tool}", True)]
    assert [t for t in TOOLS if rail.buttons[f"tool_{t}"].isChecked()] == [tool]


def test_undo_and_redo_lie_in_the_rail(qtbot, actions, show):
    """Both have buttons, off where there is nothing to undo."""
    rail, heard = show(ToolRail(actions), 54, 800), asked(actions)
    actions["redo"].setEnabled(False)
    for id in ("undo", "redo"):
        qtbot.mouseClick(rail.buttons[id], LEFT)
    assert [name for name, _ in heard] == ["undo"]


@pytest.mark.parametrize(("width", "height"), [(54, 860), (46, 490), (46, 329), (80, 320)])
def test_tool_buttons_never_overlap(actions, show, width, height):
    """In a rail of any height every button keeps a place of its own."""
    rail = show(ToolRail(actions), width, height)
    places = [button.geometry() for button in rail.buttons.values()]
    assert all(rail.rect().contains(place) for place in places)
    for i, one in enumerate(places):
        assert not any(one.intersects(other) for other in places[i + 1 :])


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlay_toggles_ask(qtbot, actions, show, name):
    """A click switches an overlay, and says to what."""
    row = show(OverlayRow(actions), 900, 28)
    row.apply(frozenset())
    heard = asked(actions)
    qtbot.mouseClick(row.toggles[name], LEFT)
    qtbot.mouseClick(row.toggles[name], LEFT)
    assert heard == [(f"overlay_{name}", True), (f"overlay_{name}", False)]


def test_overlays_are_shown_silently(actions, show):
    """What the presenter says is checked, and nothing is asked for."""
    row, heard = show(OverlayRow(actions), 900, 28), asked(actions)
    row.apply(frozenset({"value", "visits"}))
    assert [n for n in OVERLAYS if row.toggles[n].isChecked()] == ["value", "visits"]
    assert heard == []


def test_hint_gives_way_where_there_is_no_room(actions, show):
    """The hint is whole or not there at all."""
    row = show(OverlayRow(actions), 900, 28)
    row.apply(frozenset({"policy"}))
    assert row.hint.text()
    row.resize(420, 28)
    assert not row.hint.text()


# Header and menus

def test_world_name_and_mark(show, actions):
    """The button says the name, and that it is edited."""
    header = show(Header(actions, tuple), 1300, 52)
    header.apply(HeaderView("Ice and pit", True, "rlxent"))
    assert header.world_button.text() == "Ice and pit  ·  edited"
    header.apply(HeaderView("Ice and pit", False))
    assert header.world_button.text() == "Ice and pit"


def test_endless_name_is_cut_and_told_in_the_tip(show, actions):
    """A long name takes no room from the buttons."""
    header = show(Header(actions, tuple), 900, 52)
    header.apply(HeaderView("Labyrinth " * 30, True))
    assert header.world_button.geometry().right() < header.look_button.geometry().left()
    assert "Labyrinth " * 30 in header.world_button.toolTip()


def test_recent_files_are_the_present_ones(show, actions):
    """The list is made anew every time it opens; an empty one says so."""
    recent = []
    header = show(Header(actions, lambda: tuple(recent)), 1300, 52)
    heard, menu = commands(header), header.world_menu.recent_menu
    menu.aboutToShow.emit()
    assert [a.isEnabled() for a in menu.actions()] == [False]
    recent.append("/worlds/maze.json")
    menu.aboutToShow.emit()
    (action,) = menu.actions()
    assert (action.text(), action.toolTip()) == ("maze.json", "/worlds/maze.json")
    action.trigger()
    assert heard == [("open_path", "/worlds/maze.json")]


# Inspector, status, cards, keys

def test_inspector_shows_a_cell(show):
    """Numbers with two decimals, arrows for moves."""
    inspector = show(Inspector(), 320, 160)
    inspector.show_cell(InspectorView(
        (4, 6), "G5", "wind ↑", ("up", "right", "down", "left"),
        np.array([0.05, 0.8, 0.1, 0.05]), -0.957, 0.51, 2120, ("right",), ("up", "right"),
    ))
    said = inspector.accessibleDescription()
    for text in ("Value V(s) −0.96", "Entropy 0.51", "2\u202f120", "Best action →", "Optimal ↑ →"):
        assert text in said


@pytest.mark.parametrize("view", [
    None,
    InspectorView((0, 0), "A1", "", ("up", "right", "down", "left")),
    InspectorView((0, 0), "A1", "", ("up", "stay", "down-left"), np.full(3, 1 / 3)),
])
def test_inspector_without_numbers(show, view):
    """No cell, no numbers yet, other moves: drawn all the same, with dashes."""
    inspector = show(Inspector(), 320, 160)
    inspector.show_cell(view)
    assert not inspector.grab().isNull()
    assert view is None or "Value V(s) –" in inspector.accessibleDescription()


def test_status_says_what_it_is_told(show):
    """Every text of the view is on the line."""
    bar = show(StatusBar(), 1300, 30)
    bar.apply(StatusView(RunState.PAUSED, "Paused at update 128", "2 048 episodes", "G5",
                         True, "Goal reachable in 10 moves", "CPU", "seed 0"))
    texts = {label.text() for label in bar.findChildren(QLabel)}
    assert {"Paused at update 128", "2 048 episodes", "G5", "Goal reachable in 10 moves", "CPU",
            "seed 0"} <= texts


def test_status_ends_in_dots_where_room_is_short(show, qapp):
    """Large text in a small window: no letter is cut in two, and the tooltip has the whole."""
    bar = show(StatusBar(), 420, 30)
    bar.apply(StatusView(RunState.PAUSED, "Paused at update 128", "2 048 episodes", "G5",
                         True, "Goal reachable in 10 moves", "CPU · 1 900 episodes/s", "seed 0"))
    qapp.processEvents()
    labels = {label.text(): label for label in bar.findChildren(ElidedLabel)}
    for text in ("Paused at update 128", "Goal reachable in 10 moves", "CPU · 1 900 episodes/s"):
        assert labels[text].shown_text.endswith("…")
        assert labels[text].toolTip() == text


@pytest.mark.parametrize("state", RunState)
@pytest.mark.parametrize("reachable", [True, False, None])
def test_status_in_every_state(show, state, reachable):
    """No state is without its sign."""
    bar = show(StatusBar(), 1300, 30)
    bar.apply(StatusView(state, "", "", "", reachable, "", "", ""))
    assert not bar.grab().isNull()


CARD = CardView("unreachable", "warning", "The goal cannot be reached", "No path.",
                (CardAction("Undo last stroke", "undo", True), CardAction("Run", "run_anyway")))
WORK = CardView("progress", "hourglass", "Measuring", "320 of 500 episodes",
                (CardAction("Stop", "stop_work", True),), progress=0.64, dismissible=False)


@pytest.fixture
def cards(show):
    area = QWidget()
    panel = Cards(area)
    show(area, 700, 600)
    panel.place(area.rect())
    panel.area = area
    return panel


def test_card_buttons_ask_with_their_card(qtbot, cards):
    """A button sends its command and the card it stood on; the cross dismisses."""
    heard = commands(cards)
    cards.apply((CARD,))
    buttons = {b.accessibleName(): b for b in cards.cards[0].findChildren(Button)}
    for name in ("Undo last stroke", "Run", "Dismiss"):
        qtbot.mouseClick(buttons[name], LEFT)
    assert heard == [("card", ("undo", "unreachable")), ("card", ("run_anyway", "unreachable")),
                     ("dismiss", "unreachable")]


def test_cards_lie_below_each_other_and_go(cards):
    """Two cards do not overlap; without cards nothing covers the board."""
    cards.apply((CARD, WORK))
    first, second = cards.cards
    assert second.geometry().top() > first.geometry().bottom()
    assert cards.area.rect().contains(cards.geometry())
    cards.apply(())
    assert not cards.isVisible()


def test_progress_moves_the_same_card(cards):
    """A card whose work goes on is not built anew, so its button can be pressed."""
    cards.apply((WORK,))
    card = cards.cards[0]
    cards.apply((WORK._replace(body="400 of 500 episodes", progress=0.8),))
    assert cards.cards[0] is card
    assert card.body.text() == "400 of 500 episodes"
    assert card.bar.fraction == pytest.approx(0.8)


def test_keys_open_close_and_give_the_focus_back(qtbot, show):
    """The sheet covers the window; Esc closes it and the focus is where it was."""
    window = QWidget()
    button = Button("Here", parent=window)
    keys = KeysOverlay(window)
    show(window, 900, 600)
    window.activateWindow()
    button.setFocus()
    keys.toggle()
    assert keys.geometry() == window.rect()
    qtbot.keyClick(keys, Qt.Key.Key_Escape)
    assert not keys.isVisible()
    assert window.focusWidget() is button


@pytest.mark.parametrize("closing", ["click", "toggle"])
def test_keys_close_by_click_or_again(qtbot, show, closing):
    """A click anywhere or the same key closes the sheet."""
    window = QWidget()
    keys = KeysOverlay(window)
    show(window, 900, 600)
    keys.toggle()
    if closing == "click":
        qtbot.mouseClick(keys, LEFT)
    else:
        keys.toggle()
    assert not keys.isVisible()
