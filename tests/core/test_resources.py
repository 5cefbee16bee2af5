"""What comes with the program: every world is whole, can be trained on and says what it teaches."""

from __future__ import annotations

import json

import pytest

import rlxent_resources
from rlxent_core.facts import world_facts
from rlxent_core.published import Figure, as_printed, compare, read_figures
from rlxent_core.world_file import read_text, write_text
from tests.core.golden import DATA, cases

OWN = {
    "sparse5", "ice_and_pit", "puddle_corridor", "alive_bonus", "two_goals", "trap",
    "two_armed_bandit",
}  # fmt: skip
NAMES = rlxent_resources.worlds()
PUBLISHED = {n: text for n in NAMES if (text := rlxent_resources.published_text(n)) is not None}
TEXTBOOK = json.loads((DATA / "textbook_worlds.json").read_text(encoding="utf-8"))["worlds"]

each_world = pytest.mark.parametrize("name", NAMES)


def test_the_first_worlds_come_first():
    """And each name once."""
    assert NAMES[:2] == ("sparse5", "ice_and_pit")
    assert len(set(NAMES)) == len(NAMES)


def test_every_textbook_world_comes_along():
    """Under the names of the reference numbers."""
    assert set(TEXTBOOK) == set(NAMES) - OWN


@each_world
def test_a_world_is_laid_out_as_the_program_writes_it(name):
    """So that saving one again changes nothing."""
    text = rlxent_resources.world_text(name)
    assert write_text(read_text(text)) == text


@each_world
def test_a_world_can_be_trained_on(name):
    """It has a limit, something to reach, and a way there."""
    world = read_text(rlxent_resources.world_text(name))
    facts = world_facts(world)
    assert world.max_steps is not None
    assert facts.has_goal
    assert facts.reachable
    assert facts.moves_to_goal is not None
    assert facts.moves_to_goal < world.max_steps


@each_world
def test_a_world_says_where_it_is_from_and_what_it_teaches(name):
    """A name, a source and one sentence."""
    world = read_text(rlxent_resources.world_text(name))
    assert world.name
    assert world.source
    assert world.notes.endswith(".")
    assert world.notes.count(".") == 1


@pytest.mark.parametrize("name", TEXTBOOK)
def test_a_textbook_world_differs_by_its_limit_and_notes_alone(name):
    """Board, tiles, moves and pays are the book’s."""
    world = read_text(rlxent_resources.world_text(name))
    book = read_text(json.dumps(TEXTBOOK[name]["world"]))
    assert world.with_fields(max_steps=None, notes="") == book


def test_sparse5_is_the_one_of_the_reference_numbers():
    """Board, slip, discount and limit."""
    world = read_text(rlxent_resources.world_text("sparse5"))
    reference = cases()[0].world
    assert world.map == reference.map
    for key in ("slip", "discount", "max_steps", "step_reward", "moves"):
        assert getattr(world, key) == getattr(reference, key)
    assert {s: world.tiles[s] for s in "SG"} == {s: reference.tiles[s] for s in "SG"}


def test_the_bandit_is_that_of_the_reference_numbers():
    """Two arms, 101 and 100, and nothing else: with uniform arms J = 100.5, each ends at once."""
    world = read_text(rlxent_resources.world_text("two_armed_bandit"))
    facts = world_facts(world)
    assert facts.uniform_start_value == pytest.approx(100.5, abs=1e-12)
    assert facts.optimal_start_value == pytest.approx(101, abs=1e-12)
    assert facts.expected_length == pytest.approx(1, abs=1e-12)


def test_hostile_worlds_say_so():
    """Those of which the specification says it, and neither of the first two."""
    notices = {n: world_facts(read_text(rlxent_resources.world_text(n))).hostile for n in NAMES}
    hostile = {name for name, notice in notices.items() if notice}
    assert hostile == {
        "cliff_walking", "four_rooms", "windy_gridworld", "dyna_maze", "sutton_barto_3_5"
    }  # fmt: skip


def test_what_books_print_comes_along():
    """Of every textbook world but one: the options paper prints no value of the four rooms."""
    assert set(PUBLISHED) == set(TEXTBOOK) - {"four_rooms"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_agree_with_exact_solutions(name):
    """Every number, to the digits that are printed, at the discount they are printed for."""
    world = read_text(rlxent_resources.world_text(name))
    for figure in read_figures(PUBLISHED[name]):
        comparison = compare(world, figure)
        assert comparison is not None
        assert comparison.agreeing == comparison.total > 0, figure.quantity
        assert figure.discount == world.discount
        assert figure.where


def test_published_values_are_those_of_the_reference_numbers():
    """Cell by cell: what is printed of 3.5, 4.1 and 4x3 is the golden value, rounded."""
    seen = 0
    for name in ("sutton_barto_3_5", "sutton_barto_4_1", "russell_norvig_4x3"):
        expected = TEXTBOOK[name]["expected"]
        for figure in read_figures(PUBLISHED[name]):
            key = {"uniform_values": "V_uniform", "optimal_values": "V_optimal"}[figure.quantity]
            golden = dict(zip(map(tuple, expected["cells"]), expected[key], strict=True))
            for (row, column), value in golden.items():
                printed = figure.printed[row][column]
                if printed is not None:
                    assert abs(float(printed) - value) <= 0.5 * 10 ** -len(
                        printed.partition(".")[2]
                    ) + 1e-8
                    seen += 1
    assert seen == 25 + 25 + 14 + 9  # the ends of 4.1 are no states


def test_a_changed_world_does_not_agree():
    """A wall in the middle of Figure 3.5 changes most of its values."""
    world = read_text(rlxent_resources.world_text("sutton_barto_3_5"))
    rows = (*world.map[:1], "..#..", *world.map[2:])
    figure = read_figures(PUBLISHED["sutton_barto_3_5"])[1]
    comparison = compare(world.with_fields(map=rows), figure)
    assert comparison is not None
    assert 0 < comparison.agreeing < comparison.total == 25


def test_a_world_of_another_size_is_not_compared():
    """Nor one without the moves that a figure speaks of."""
    world = read_text(rlxent_resources.world_text("sutton_barto_4_1"))
    assert compare(world, read_figures(PUBLISHED["sutton_barto_3_5"])[0]) is None
    corridor = read_text(rlxent_resources.world_text("short_corridor"))
    upright = corridor.with_fields(moves=("up", "down"))
    assert compare(upright, read_figures(PUBLISHED["short_corridor"])[0]) is None


def test_the_best_policy_that_cannot_tell_cells_apart():
    """Short corridor: −(6 + 4√2) = −11.657, at p(right) = 2 − √2 = 0.586; the book says about."""
    world = read_text(rlxent_resources.world_text("short_corridor"))
    found = [compare(world, f) for f in read_figures(PUBLISHED["short_corridor"])]
    assert [c.computed[0][0] for c in found if c] == ["-11.66", "0.586", "-44", "-82"]


def test_numbers_are_written_as_they_are_printed():
    """With the digits of the printed one, no sign before zero, and a lone point kept."""
    assert as_printed(-0.04, "0.1") == "0.0"
    assert as_printed(-13.99999, "-14.") == "-14."
    assert as_printed(float("nan"), "1.0") == "?"


def test_an_unknown_quantity_is_refused():
    """A resource file with a misprint is noticed."""
    text = json.dumps({"figures": [
        {"quantity": "valeus", "where": "", "discount": 1, "printed": "1"}
    ]})
    with pytest.raises(ValueError, match="valeus"):
        read_figures(text)
    assert Figure("fewest_moves", "", 1, (("1",),)).by_cell is False


def test_fonts_and_icons_are_found():
    """Four cuts of the font, and an icon by its name."""
    assert [font.name for font in rlxent_resources.font_paths()] == [
        "Inter-Bold.otf", "Inter-Medium.otf", "Inter-Regular.otf", "Inter-SemiBold.otf"
    ]  # fmt: skip
    assert "<svg" in rlxent_resources.icon_path("moon").read_text(encoding="utf-8")
