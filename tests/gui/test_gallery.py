"""The gallery of worlds: cards and pictures, search, keys, recent files; nothing stops for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

import rlxent_resources
from rlxent_core.facts import world_facts
from rlxent_core.world_file import read_text
from rlxent_gui.panels.gallery import Gallery, GallerySheet
from rlxent_gui.panels.world_card import BOOK, HARD, WorldCard
from rlxent_gui.theme import DARK, LIGHT, appearance
from rlxent_gui.words import grouped

NAMES = rlxent_resources.worlds()


@pytest.fixture
def recent() -> list[str]:
    return []


@pytest.fixture
def gallery(qtbot: Any, recent: list[str]) -> Iterator[Gallery]:
    window = QWidget()
    window.resize(1366, 768)
    qtbot.addWidget(window)
    gallery = Gallery(lambda: tuple(recent), window)
    window.show()
    yield gallery
    appearance().set_theme(LIGHT)


def opened(gallery: Gallery, qtbot: Any) -> GallerySheet:
    """The gallery with all its cards made, painted and judged."""
    gallery.open()
    sheet = gallery.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: len(sheet.cards.cards) == len(NAMES))
    qtbot.waitUntil(lambda: not sheet.cards._stale)
    qtbot.waitUntil(lambda: any(card.notice for card in sheet.cards.cards), timeout=20_000)
    return sheet


def card_of(sheet: GallerySheet, name: str) -> WorldCard:
    return next(card for card in sheet.cards.cards if card.name == name)


def heard(gallery: Gallery) -> list[tuple[str, object]]:
    commands: list[tuple[str, object]] = []
    gallery.command.connect(lambda command, argument: commands.append((command, argument)))
    return commands


def test_nothing_is_made_before_it_is_opened_nor_at_once(gallery: Gallery, qtbot: Any) -> None:
    """The first paint does without; then the cards come one an event-loop turn."""
    assert gallery.sheet is None
    gallery.open()
    assert gallery.sheet is not None
    assert len(gallery.sheet.cards.cards) == 0
    opened(gallery, qtbot)


def test_every_world_has_a_card_that_says_what_it_teaches(gallery: Gallery, qtbot: Any) -> None:
    """Its name, sentence, source and size, also for screen readers."""
    sheet = opened(gallery, qtbot)
    assert [card.name for card in sheet.cards.cards] == list(NAMES)
    for card in sheet.cards.cards:
        world = read_text(rlxent_resources.world_text(card.name))
        assert card.accessibleName() == world.name
        for part in (world.notes, world.source, f"{world.rows} × {world.columns} cells"):
            assert part in card.accessibleDescription()
            assert part in card.toolTip()
        published = rlxent_resources.published_text(card.name) is not None
        assert (BOOK in card.toolTip()) == published


def test_hostile_worlds_say_so_with_the_numbers_of_the_core(gallery: Gallery, qtbot: Any) -> None:
    """And no other does."""
    sheet = opened(gallery, qtbot)
    for card in sheet.cards.cards:
        hostile = world_facts(card.world).hostile
        assert card.notice == grouped(hostile)
        assert (HARD in card.toolTip()) == bool(hostile)


def test_pictures_follow_the_theme(gallery: Gallery, qtbot: Any) -> None:
    """The start of the map is wall-coloured where there is a wall, in either theme."""
    sheet = opened(gallery, qtbot)
    card = card_of(sheet, "four_rooms")
    for theme in (LIGHT, DARK):
        appearance().set_theme(theme)
        qtbot.waitUntil(lambda: not sheet.cards._stale)
        image = card._picture.toImage()
        assert image.pixelColor(image.width() // 2, 5).name() == theme.wall.name()


def test_typing_filters_and_return_opens_the_first(gallery: Gallery, qtbot: Any) -> None:
    """All words must be there, in any order and in capitals or not."""
    sheet, commands = opened(gallery, qtbot), heard(gallery)
    qtbot.keyClicks(sheet.search, "BARTO wind")
    assert [card.name for card in sheet.cards.shown] == ["windy_gridworld"]
    qtbot.keyClick(sheet.search, Qt.Key.Key_Return)
    assert commands == [("open_preset", "windy_gridworld")]
    assert not gallery.isVisible()


def test_words_that_no_world_has(gallery: Gallery, qtbot: Any) -> None:
    """It says so, Return does nothing, and the next opening shows all again."""
    sheet, commands = opened(gallery, qtbot), heard(gallery)
    qtbot.keyClicks(sheet.search, "xyzzy")
    assert sheet.nothing.isVisible()
    qtbot.keyClick(sheet.search, Qt.Key.Key_Return)
    assert commands == []
    gallery.leave()
    gallery.open()
    assert len(sheet.cards.shown) == len(NAMES)
    assert not sheet.nothing.isVisible()


def test_arrows_walk_over_the_cards(gallery: Gallery, qtbot: Any) -> None:
    """Down from the field, right and left, down a row, up and back into the field."""
    sheet, commands = opened(gallery, qtbot), heard(gallery)
    cards, columns = sheet.cards.cards, sheet.cards._columns
    assert columns == 3
    qtbot.keyClick(sheet.search, Qt.Key.Key_Down)
    for key, index in (("Right", 1), ("Down", 1 + columns), ("Left", columns), ("Up", 0)):
        focus = gallery.window().focusWidget()
        qtbot.keyClick(focus, getattr(Qt.Key, f"Key_{key}"))
        assert gallery.window().focusWidget() is cards[index]
    qtbot.keyClick(cards[0], Qt.Key.Key_Up)
    assert gallery.window().focusWidget() is sheet.search
    qtbot.keyClick(cards[4], Qt.Key.Key_Return)
    assert commands == [("open_preset", NAMES[4])]


def test_a_click_opens_and_escape_closes(gallery: Gallery, qtbot: Any) -> None:
    """Also a click beside the sheet closes; one on the sheet does not."""
    sheet, commands = opened(gallery, qtbot), heard(gallery)
    qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert gallery.isVisible()
    qtbot.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert not gallery.isVisible()
    gallery.open()
    qtbot.mouseClick(gallery, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert not gallery.isVisible()
    assert commands == []
    gallery.open()
    qtbot.mouseClick(card_of(sheet, "trap"), Qt.MouseButton.LeftButton)
    assert commands == [("open_preset", "trap")]


def test_tab_stays_within_the_sheet(gallery: Gallery, qtbot: Any) -> None:
    """From the field over the cards and round again, forwards and backwards."""
    sheet = opened(gallery, qtbot)
    seen = []
    for _ in range(len(NAMES) + 2):
        focus = gallery.window().focusWidget()
        seen.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert gallery.window().focusWidget() is sheet.search is seen[0]
    assert set(seen) == {sheet.search, sheet.close_button, *sheet.cards.cards}
    qtbot.keyClick(sheet.search, Qt.Key.Key_Backtab)
    assert gallery.window().focusWidget() is seen[-1]


def test_recent_files_have_a_row(gallery: Gallery, qtbot: Any, recent: list[str]) -> None:
    """None without any; a click opens the file by its whole path."""
    sheet, commands = opened(gallery, qtbot), heard(gallery)
    assert not sheet.recent.isVisible()
    gallery.leave()
    recent += ["/worlds/maze.json", f"/worlds/{'long ' * 20}.json"]
    gallery.open()
    buttons = [button for button in sheet.recent.findChildren(QWidget) if button.toolTip()]
    assert [button.toolTip() for button in buttons if button.isVisible()] == recent
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert commands == [("open_path", "/worlds/maze.json")]


@pytest.mark.parametrize(("width", "columns"), [(1920, 3), (1024, 2), (700, 1)])
def test_as_many_columns_as_there_is_room_for(
    gallery: Gallery, qtbot: Any, width: int, columns: int
) -> None:
    """Cards never overlap nor leave the sheet."""
    gallery.parentWidget().resize(width, 768)
    sheet = opened(gallery, qtbot)
    assert sheet.cards._columns == columns
    cards = sheet.cards.cards
    for i, card in enumerate(cards):
        assert card.geometry().right() < sheet.cards.width()
        assert not any(card.geometry().intersects(other.geometry()) for other in cards[:i])


def test_the_foot_of_a_card_ends_before_its_edge(gallery: Gallery, qtbot: Any) -> None:
    """Size, warning and book have room beside each other at the card's usual width."""
    sheet = opened(gallery, qtbot)
    for card in sheet.cards.cards:
        image = card.grab().toImage()
        right, bottom = image.width(), image.height()
        margin = {image.pixel(x, y) for x in range(right - 10, right - 3)
                  for y in range(bottom - 32, bottom - 10)}
        assert len(margin) == 1, card.name
