"""What comes with the program: every world is whole, can be trained on and says what it teaches."""

from __future__ import annotations

import json

import pytest

import rlxent_resources
from rlxent_core.facts import world_facts
from rlxent_core.world_file import read_text, write_text
from tests.core.golden import DATA, cases

NAMES = rlxent_resources.worlds()
TEXTBOOK = json.loads((DATA / "textbook_worlds.json").read_text(encoding="utf-8"))["worlds"]

each_world = pytest.mark.parametrize("name", NAMES)


def test_the_first_worlds_come_first():
    """And each name once."""
    assert NAMES[:2] == ("sparse5", "ice_and_pit")
    assert len(set(NAMES)) == len(NAMES)


def test_every_textbook_world_comes_along():
    """Under the names of the reference numbers."""
    assert set(TEXTBOOK) == set(NAMES) - {"sparse5", "ice_and_pit"}


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


def test_hostile_worlds_say_so():
    """Those of which the specification says it, and neither of the first two."""
    notices = {n: world_facts(read_text(rlxent_resources.world_text(n))).hostile for n in NAMES}
    hostile = {name for name, notice in notices.items() if notice}
    assert hostile == {
        "cliff_walking", "four_rooms", "windy_gridworld", "dyna_maze", "sutton_barto_3_5"
    }  # fmt: skip


def test_fonts_and_icons_are_found():
    """Four cuts of the font, and an icon by its name."""
    assert [font.name for font in rlxent_resources.font_paths()] == [
        "Inter-Bold.otf", "Inter-Medium.otf", "Inter-Regular.otf", "Inter-SemiBold.otf"
    ]  # fmt: skip
    assert "<svg" in rlxent_resources.icon_path("moon").read_text(encoding="utf-8")
