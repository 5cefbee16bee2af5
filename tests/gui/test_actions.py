"""The table of commands: complete, consistent, and obeyed by the keyboard."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from rlxent_gui.actions import OVERLAYS, TABLE, TOOLS, Actions

# The keys of UX.md for what exists.
EXPECTED = {
    "play_pause": "Space", "step": "J", "episode": "K", "update": "U", "previous": "Shift+U",
    "reset": "Home", "slower": "-", "faster": "=", "tool_select": "V", "tool_wall": "W",
    "tool_ice": "I", "tool_wind": "N", "tool_teleport": "T", "tool_reward": "R",
    "tool_start": "S", "tool_goal": "G", "tool_pit": "P", "tool_erase": "E", "tool_fill": "F",
    "tool_rectangle": "B", "overlay_policy": "1", "overlay_value": "2", "overlay_optimal": "3",
    "overlay_visits": "4", "theme": "D", "text_larger": "Ctrl++", "text_smaller": "Ctrl+-",
    "full_screen": "F11", "keys": "?", "undo": "Ctrl+Z", "redo": "Ctrl+Shift+Z",
    "scene_explore": "Ctrl+1", "scene_credit": "Ctrl+2", "scene_variance": "Ctrl+3",
    "credit_previous": "Left",
    "credit_next": "Right", "credit_weighting_previous": "Up", "credit_weighting_next": "Down",
    "new": "Ctrl+N", "open": "Ctrl+O", "save": "Ctrl+S",
}


@pytest.fixture
def actions(qapp):
    made = Actions()
    yield made
    made.deleteLater()


@pytest.fixture
def desk(qtbot, actions):
    """A window with a button, a text field and a spin box, and every action."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    for widget in (QPushButton("Press"), QLineEdit(), QSpinBox()):
        layout.addWidget(widget)
    window.addActions(list(actions))
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window


def asked(actions):
    heard = []
    actions.asked.connect(lambda id, checked: heard.append(id))
    return heard


@pytest.mark.parametrize("id", EXPECTED)
def test_key_is_the_one_users_were_told(actions, id):
    """Every key of the description is bound to its command."""
    assert QKeySequence(EXPECTED[id]) in actions[id].shortcuts()


def test_no_key_has_two_meanings(actions):
    """A key sequence belongs to one command at most."""
    keys = Counter(key.toString() for action in actions for key in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.id)
def test_every_command_says_what_it_does_and_by_which_key(actions, command):
    """Text, and a tip that ends with the key as this platform writes it."""
    assert command.text
    assert command.tip
    assert actions[command.id].toolTip() == f"{command.tip} ({command.key_text})"
    assert command.key_text


def test_tools_exclude_each_other_and_overlays_do_not(actions):
    """One tool is in hand; any number of overlays is shown."""
    actions["tool_wall"].trigger()
    actions["overlay_value"].trigger()
    assert [t for t in TOOLS if actions[f"tool_{t}"].isChecked()] == ["wall"]
    assert [o for o in OVERLAYS if actions[f"overlay_{o}"].isChecked()] == ["policy", "value"]


def test_space_runs_even_where_a_button_has_the_focus(qtbot, actions, desk):
    """Space is play or pause and does not press the focused button."""
    heard, button = asked(actions), desk.findChild(QPushButton)
    pressed = []
    button.clicked.connect(lambda: pressed.append(1))
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert heard == ["play_pause"]
    assert pressed == []


@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox])
def test_typing_in_a_field_triggers_nothing(qtbot, actions, desk, kind):
    """Letters, digits, Space, minus and Home belong to the field that has the focus."""
    heard, field = asked(actions), desk.findChild(kind)
    field.setFocus()
    for key in "vwsgpefbjkud1234 -=":
        qtbot.keyClick(field, key)
    qtbot.keyClick(field, Qt.Key.Key_Home)
    assert heard == []


def test_a_field_takes_the_space(qtbot, actions, desk):
    """Space types a space in a text field."""
    field = desk.findChild(QLineEdit)
    field.setFocus()
    qtbot.keyClicks(field, "two words")
    assert field.text() == "two words"


def test_letters_reach_the_tools_from_a_button(qtbot, actions, desk):
    """A single letter picks its tool wherever no text is typed."""
    heard = asked(actions)
    desk.findChild(QPushButton).setFocus()
    qtbot.keyClick(desk.findChild(QPushButton), "w")
    assert heard == ["tool_wall"]
    assert actions["tool_wall"].isChecked()
