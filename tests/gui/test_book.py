"""Check against the book: which world it is, what differs, and the figures side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

import rlxent_resources
from rlxent_core.world import FLOOR_TILE, WALL_TILE, Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui.book import book_report, caption, differ_sentence, origin, verdict
from rlxent_gui.document import Document
from rlxent_gui.panels.book_sheet import BookOverlay, BookSheet

NAMES = rlxent_resources.worlds()


def shipped(name: str) -> World:
    return read_text(rlxent_resources.world_text(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_world_is_known_whatever_it_is_called(name: str) -> None:
    """Name, notes, source, step limit and names of tiles are the user’s own."""
    world = shipped(name)
    tiles = {symbol: replace(tile, name="mine") for symbol, tile in world.tiles.items()}
    mine = world.with_fields(name="Mine", notes="", source="", max_steps=7, tiles=tiles)
    assert origin(mine) == name
    report = book_report(mine)
    assert report.differences == ()
    assert differ_sentence(report) == ""
    assert all(c.agreeing == c.total for c in report.comparisons)
    assert bool(report.comparisons) == (rlxent_resources.published_text(name) is not None)


def test_figures_of_sutton_and_barto_agree_in_every_cell() -> None:
    """Figures 3.2 and 3.5, to the decimal they are printed with."""
    random, best = book_report(shipped("sutton_barto_3_5")).comparisons
    assert (random.figure.printed[0][1], random.computed[0][1]) == ("8.8", "8.8")
    assert best.computed[0] == ("22.0", "24.4", "22.0", "19.4", "17.5")
    assert verdict(random) == verdict(best) == "Agrees to 1 decimal in 25 of 25 cells"
    assert caption(best).startswith("V*")


def test_what_was_edited_is_named() -> None:
    """Cells by their names, tiles in words, numbers as they are written."""
    world = shipped("russell_norvig_4x3")
    edited = world.with_tiles({(0, 1): WALL_TILE, (1, 1): FLOOR_TILE}).with_fields(
        step_reward=-0.1, discount=0.9
    )
    assert book_report(edited).differences == (
        "B1 is wall instead of floor",
        "B2 is floor instead of wall",
        "the step reward is −0.1 instead of −0.04",
        "the discount γ is 0.9 instead of 1",
    )
    sentence = differ_sentence(book_report(edited))
    assert sentence.startswith("This world differs from the book’s: B1 is wall")


def test_an_edited_world_is_compared_all_the_same() -> None:
    """What follows from a change is seen beside what is printed."""
    world = shipped("sutton_barto_3_5").with_fields(discount=0.8)
    comparison = book_report(world).comparisons[1]
    assert comparison.figure.printed[0][1] == "24.4"
    assert comparison.agrees[0][1] is False
    # Only the jump matters at once: 10 / (1 − 0.8⁵) = 14.87.
    assert comparison.computed[0][1] == "14.9"


def test_a_world_of_another_size_says_so() -> None:
    """There are no figures to lay side by side."""
    world = shipped("sutton_barto_4_1")
    rows = (*world.map, "....")
    report = book_report(world.with_fields(map=rows))
    assert report.differences == ("it has 5 × 4 cells instead of 4 × 4",)
    assert report.comparisons == ()
    assert report.remark


def test_many_differences_are_counted() -> None:
    """Six are named, the rest are a number."""
    world = shipped("sutton_barto_3_5")
    edited = world.with_tiles({(4, c): WALL_TILE for c in (0, 2, 3, 4)}
                              | {(3, c): WALL_TILE for c in range(5)})
    assert differ_sentence(book_report(edited)).endswith("; and 3 other differences.")


def test_other_moves_are_a_difference_but_not_their_order() -> None:
    """The book’s values do not depend on the order."""
    world = shipped("sutton_barto_4_1")
    turned = world.with_fields(moves=tuple(reversed(world.moves)))
    assert book_report(turned).differences == ()
    fewer = world.with_fields(moves=("up", "right", "left"))
    assert book_report(fewer).differences == ("the moves are ↑→← instead of ↑→↓←",)


def test_where_nothing_is_published_it_says_so() -> None:
    """Of four rooms there are no values in print; a world of one’s own has no book."""
    assert book_report(shipped("four_rooms")).remark.startswith("None published")
    own = World(("S.....G",), {"S": Tile(start=1), "G": Tile(terminal=True, reward=1)})
    assert origin(own) is None
    assert "none of the worlds" in book_report(own).remark


def test_a_book_that_says_about_is_quoted_so() -> None:
    """−11.657 is printed as about −11.6: one more digit is shown beside it."""
    best = book_report(shipped("short_corridor")).comparisons[0]
    assert best.figure.about
    assert best.computed == (("-11.66",),)
    assert verdict(best) == "Agrees"


# The sheet over the window


@pytest.fixture
def overlay(qtbot: Any) -> Iterator[BookOverlay]:
    window = QWidget()
    window.resize(1366, 768)
    qtbot.addWidget(window)
    document = Document(shipped("sutton_barto_4_1"))
    document.setParent(window)
    overlay = BookOverlay(document, window)
    window.show()
    yield overlay
    window.close()


def opened(overlay: BookOverlay, qtbot: Any) -> BookSheet:
    overlay.open()
    sheet = overlay.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: sheet.report is not None, timeout=20_000)
    return sheet


def test_published_and_computed_stand_side_by_side(overlay: BookOverlay, qtbot: Any) -> None:
    """With the source, the verdict and how it was computed; all of it has room."""
    sheet = opened(overlay, qtbot)
    texts = sheet.texts()
    assert "Sutton & Barto, 2nd ed. (2018), Figure 4.1, k = ∞" in texts
    assert "Agrees to the printed digits in 16 of 16 cells" in texts
    (table,) = sheet.tables
    assert "-14. published, -14. computed" in table.accessibleDescription()
    assert table.width() >= table.sizeHint().width()
    assert sheet.verticalScrollBar().maximum() == 0


def test_the_sheet_follows_the_world(overlay: BookOverlay, qtbot: Any) -> None:
    """An undo while it is open is enough to see what follows."""
    sheet = opened(overlay, qtbot)
    overlay._document.set_fields(step_reward=-2)
    expected = "This world differs from the book’s: the step reward is −2 instead of −1."
    qtbot.waitUntil(lambda: expected in sheet.texts(), timeout=20_000)
    overlay._document.undo()
    qtbot.waitUntil(lambda: expected not in sheet.texts(), timeout=20_000)
    assert sheet.tables[0].comparison.agreeing == 16


def test_escape_closes_it(overlay: BookOverlay, qtbot: Any) -> None:
    """The button does as well."""
    sheet = opened(overlay, qtbot)
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)
    assert not overlay.isVisible()
    overlay.open()
    qtbot.mouseClick(sheet.close_button, Qt.MouseButton.LeftButton)
    assert not overlay.isVisible()
    # What is still being computed has arrived before the window goes.
    qtbot.wait(200)
