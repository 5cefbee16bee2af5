"""How numbers are written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rlxent_gui import words
from rlxent_gui.plots.ranges import value_text
from rlxent_gui.words import grouped, rough, short_name


@pytest.mark.parametrize(
    ("value", "text"),
    [(26.43, "26.4"), (6.61e9, "6.61 × 10⁹"), (2e-7, "2 × 10⁻⁷"), (-0.5, "−0.5"), (0.0, "0")],
)
def test_rough_numbers_of_any_size(value: float, text: str) -> None:
    """For whoever reads from the back row, "e+09" is no number."""
    assert rough(value) == text


@pytest.mark.parametrize("write", [words.value_text, words.short_count])
def test_huge_numbers_are_written_with_their_power(write: Callable[[float], str]) -> None:
    """A reward of 1e308 is allowed, and 308 digits have no room anywhere."""
    assert write(7.8646e307) == "7.86 × 10³⁰⁷"
    assert write(-2e12) == "−2 × 10¹²"


def test_huge_numbers_beside_a_curve_have_little_room() -> None:
    """Shorter than where there is room, but with all of the number."""
    assert [value_text(v) for v in (7.8646e307, -2e12)] == ["7.86e307", "−2e12"]


def test_the_window_groups_thousands_in_one_way() -> None:
    """Sentences of the core and labels of the plots are written as counts are."""
    assert grouped("returns −65,375, and 10 steps") == "returns −65\u202f375, and 10 steps"
    assert value_text(-4976.3) == "−4\u202f976"


def test_a_long_name_of_a_file_keeps_its_ends() -> None:
    """What tells it from others is mostly there."""
    assert short_name("maze.json") == "maze.json"
    assert short_name("ice_and_pit_final_version_2.json") == "ice_and_pit_…sion_2.json"
