"""The reusable parts of the window: painted in ink on paper, worked by mouse and by keyboard."""

from rlxent_gui.widgets.buttons import Button, TextToggle, ToolButton, TransportButton
from rlxent_gui.widgets.card import Card, NumberDisc, Panel
from rlxent_gui.widgets.chip import ChipButton, Popover
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.formula import FormulaRibbon
from rlxent_gui.widgets.message import Bar, MessageCard
from rlxent_gui.widgets.scale import number_text
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.slider import NamedSlider
from rlxent_gui.widgets.text import ElidedLabel, Label

__all__ = [
    "Bar",
    "Button",
    "Card",
    "ChipButton",
    "ElidedLabel",
    "FormulaRibbon",
    "Label",
    "MessageCard",
    "NamedSlider",
    "NumberDisc",
    "Panel",
    "Popover",
    "Segmented",
    "TextToggle",
    "ToolButton",
    "TransportButton",
    "number_text",
    "watch_focus",
]
