"""Is the world on the board one of a book's, and do the book's figures come out?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rlxent_core.published import Comparison, compare, decimals, read_figures
from rlxent_core.tiles import Tile
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui.cell_words import ARROWS, cell_name, number, tile_words
from rlxent_gui.words import counted, true_minus
from rlxent_resources import episodes_text, published_text, world_text, worlds

if TYPE_CHECKING:
    from rlxent_core.stored_episodes import StoredEpisodes

NEAR = 4
"""So many differences from a world of the same size, and it still counts as an edit of it."""
MOST_NAMED = 6
FIELDS = {
    "step_reward": "the step reward", "bump_reward": "the bump reward", "slip": "the slip",
    "reward_noise": "the reward noise", "discount": "the discount γ",
}


class BookReport(NamedTuple):
    """What the panel shows: figures side by side, or why there are none."""

    title: str
    source: str
    differences: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    remark: str = ""
    """In place of figures."""


@cache
def shipped() -> dict[str, World]:
    """The worlds that come with the program, by name."""
    return {name: read_text(world_text(name)) for name in worlds()}


def stored_episodes(world: World) -> StoredEpisodes | None:
    """The episodes that come with ``world``, where it is a shipped world that has some.

    Nothing but names and notes may differ.
    """
    for shipped_world, episodes in _with_episodes():
        same = (world.moves, world.max_steps) == (shipped_world.moves, shipped_world.max_steps)
        if same and not any(differences(world, shipped_world)):
            return episodes
    return None


@cache
def _with_episodes() -> list[tuple[World, StoredEpisodes]]:
    from rlxent_core.stored_episodes import read_episodes

    found = []
    for name in worlds():
        text = episodes_text(name)
        if text is not None:
            world = read_text(world_text(name))
            found.append((world, read_episodes(text, name, world)))
    return found


def book_report(world: World) -> BookReport:
    """Compare ``world`` with the shipped world it is, or was; up to seconds for a large one."""
    found = origin(world)
    if found is None:
        return BookReport(
            world.name or "Untitled", world.source,
            remark="This is none of the worlds that come with rlxent, so there is no book to check"
            " it against. Open one of them from Worlds….",
        )
    book = shipped()[found]
    unlike = tuple(differences(world, book))
    text = published_text(found)
    if text is None:
        remark = "None published: no book prints figures of this world."
        return BookReport(book.name, book.source, unlike, remark=remark)
    compared = (compare(world, figure) for figure in read_figures(text))
    comparisons = tuple(comparison for comparison in compared if comparison is not None)
    remark = "" if comparisons else "The figures cannot be laid side by side any more."
    return BookReport(book.name, book.source, unlike, comparisons, remark)


def origin(world: World) -> str | None:
    """The shipped world that this one is, whatever it is called, or is an edit of."""
    unlike = {name: len(list(differences(world, book))) for name, book in shipped().items()}
    nearest = min(unlike, key=lambda name: unlike[name])
    if unlike[nearest] == 0:
        return nearest
    for name, book in shipped().items():
        if world.name == book.name and world.source == book.source:
            return name
    same_size = (world.rows, world.columns) == (shipped()[nearest].rows, shipped()[nearest].columns)
    return nearest if same_size and unlike[nearest] <= NEAR else None


def differences(world: World, book: World) -> Iterator[str]:
    """What differs, in words; names, notes and the step limit are no difference.

    Books compute without a limit, and training needs one.
    """
    if (world.rows, world.columns) != (book.rows, book.columns):
        yield (
            f"it has {world.rows} × {world.columns} cells instead of"
            f" {book.rows} × {book.columns}"
        )
    else:
        for cell in book.cells:
            here, there = _nameless(world.tile(cell)), _nameless(book.tile(cell))
            if here != there:
                yield f"{cell_name(cell)} is {_words(here)} instead of {_words(there)}"
    if set(world.moves) != set(book.moves):
        now, then = ("".join(ARROWS[m] for m in one.moves) for one in (world, book))
        yield f"the moves are {now} instead of {then}"
    for field, words in FIELDS.items():
        now, then = getattr(world, field), getattr(book, field)
        if now != then:
            yield f"{words} is {number(now)} instead of {number(then)}"


def _nameless(tile: Tile) -> Tile:
    return replace(tile, name="")


def _words(tile: Tile) -> str:
    return tile_words(tile) or "floor"


def differ_sentence(report: BookReport) -> str:
    """ "This world differs from the book’s: …", or nothing."""
    if not report.differences:
        return ""
    named = list(report.differences[:MOST_NAMED])
    if len(report.differences) > MOST_NAMED:
        named.append(f"and {counted(len(report.differences) - MOST_NAMED, 'other difference')}")
    return f"This world differs from the book’s: {'; '.join(named)}."


def caption(comparison: Comparison) -> str:
    """What a figure is about."""
    figure = comparison.figure
    arrow = ARROWS.get(figure.move, "")
    chance = "" if figure.chance is None else number(figure.chance)
    return {
        "uniform_values": "V(s) where every move is equally likely",
        "optimal_values": "V*(s), the value of the best policy",
        "fewest_moves": "Fewest moves from the start to the goal",
        "blind_value": f"V at the start, with p({arrow}) = {chance} in every cell",
        "best_blind_value": "Best V at the start, with the same p in every cell",
        "best_blind_chance": f"The p({arrow}) that is best in every cell",
    }[figure.quantity]


def verdict(comparison: Comparison) -> str:
    """ "Agrees to 1 decimal in 25 of 25 cells"."""
    figure = comparison.figure
    if not figure.by_cell:
        return "Agrees" if comparison.agreeing else "Does not agree"
    digits = {decimals(text) for row in figure.printed for text in row if text}
    only = digits.pop() if len(digits) == 1 else 0
    where = f"to {counted(only, 'decimal')}" if only else "to the printed digits"
    return f"Agrees {where} in {comparison.agreeing} of {comparison.total} cells"


def printed(comparison: Comparison, text: str) -> str:
    """A printed number with a true minus, and ≈ where the book says "about"."""
    return ("≈ " if comparison.figure.about else "") + true_minus(text)
