"""What is said of a world before anything is learnt in it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from rlxent_core import exact
from rlxent_core.facts import number, percent, world_facts
from rlxent_core.mdp import compile_world
from rlxent_core.tiles import Teleport, Tile
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from tests.core.golden import DATA

TEXTBOOK = json.loads((DATA / "textbook_worlds.json").read_text(encoding="utf-8"))["worlds"]
S, G, P = Tile(start=1), Tile(terminal=True, reward=1), Tile(terminal=True, reward=-1)


def world(*rows: str, **more: Any) -> World:
    return World(rows, {"S": S, "G": G, "P": P} | more.pop("tiles", {}), **more)


def textbook(name: str, max_steps: int | None) -> World:
    return read_text(json.dumps(TEXTBOOK[name]["world"])).with_fields(max_steps=max_steps)


def test_values_are_those_of_the_worlds_own_limit():
    """Optimal and uniform, by cell and at the start."""
    small = world("S.G", max_steps=3, slip=0.1)
    mdp, facts = compile_world(small), world_facts(small)
    uniform = exact.uniform_policy(mdp)
    assert facts.optimal_values == pytest.approx(exact.optimal_values(mdp, 3))
    assert facts.uniform_values == pytest.approx(exact.policy_values(mdp, uniform, 3))
    assert facts.optimal_start_value == pytest.approx(exact.optimal_start_value(mdp, 3))
    assert facts.uniform_start_value == pytest.approx(float(exact.start_value(mdp, uniform, 3)))
    assert (facts.optimal_actions == exact.optimal_actions(mdp, 3)).all()
    assert facts.chance_of_reward == pytest.approx(exact.chance_of_reward(mdp, 3))
    assert facts.expected_length == pytest.approx(exact.expected_length(mdp, 3))


def test_what_diverges_is_none():
    """A cost a step for ever."""
    facts = world_facts(world("S.#G", step_reward=-1, discount=1.0, max_steps=None))
    assert facts.optimal_start_value is None
    assert facts.uniform_start_value is None
    assert facts.expected_length is None
    assert np.isnan(facts.optimal_values[0])


@pytest.mark.parametrize(
    ("rows", "more", "reachable", "moves"),
    [
        (("S...G",), {}, True, 4),
        (("S.#G",), {}, False, None),
        (("S.SG",), {}, True, 3),  # the farther start counts
        (("S#SG",), {}, False, None),  # and every start must have a way
        (("...G",), {}, True, 3),  # any cell may be a start
        (("PS.G",), {}, True, 2),  # a pit is nearer, but no goal
        (("PS#G",), {}, True, None),  # an end, but not the one that pays
        (("PS",), {}, True, 1),  # nothing better than a pit
        (("S.",), {}, False, None),
        (("SA.#G",), {"tiles": {"A": Tile(teleport=Teleport((0, 2), 1))}}, True, 2),
        (("SA#.G",), {"tiles": {"A": Tile(teleport=Teleport((0, 3)))}}, True, 3),
        (("SX",), {"tiles": {"X": Tile(exit=1)}}, True, 2),
        (("S+",), {"tiles": {"+": Tile(reward=1)}}, True, 1),
        (("SC#sG",), {"tiles": {"C": Tile(respawn=True), "s": S}}, True, 2),
        (("S.G",), {"moves": ("left",)}, False, None),
        (("S.G",), {"moves": ("left",), "slip": 0.5}, False, None),
        (("S.", ".G"), {"moves": ("up", "down"), "slip": 0.5}, True, 2),  # with luck
    ],
)
def test_whether_and_how_far(rows, more, reachable, moves):
    """An end or a pay from every start, and the fewest moves to a goal."""
    facts = world_facts(world(*rows, **more))
    assert facts.reachable is reachable
    assert facts.moves_to_goal == moves


def test_an_end_without_reward_is_a_goal_where_steps_cost():
    """The corner of the small gridworld; a pit beside it is none."""
    end = Tile(terminal=True)
    facts = world_facts(world("PS..E", tiles={"E": end}, step_reward=-1))
    assert facts.moves_to_goal == 3


@pytest.mark.parametrize(
    ("rows", "tiles", "has_goal"),
    [
        (("S.",), {}, False),
        (("S.G",), {}, True),
        (("S#G",), {}, True),  # walled in, but there
        (("SP",), {}, True),
        (("SX",), {"X": Tile(exit=0)}, True),
        (("SA",), {"A": Tile(teleport=Teleport((0, 0), 1))}, True),
        (("SA",), {"A": Tile(teleport=Teleport((0, 0), -1))}, False),
        (("S+",), {"+": Tile(reward=1)}, True),
        (("SC",), {"C": Tile(respawn=True, reward=1)}, True),
        (("SC",), {"C": Tile(respawn=True, reward=-1)}, False),
    ],
)
def test_whether_there_is_a_goal(rows, tiles, has_goal):
    """Anything on the board that ends an episode or pays."""
    assert world_facts(world(*rows, tiles=tiles)).has_goal is has_goal


def test_a_known_tile_that_is_not_on_the_board_is_no_goal():
    """A world may describe more than it uses."""
    assert not world_facts(World(("S.",), {"S": S, "G": G})).has_goal


def test_cells_that_no_episode_enters():
    """Behind walls; a goal and a respawn that can be entered are not among them."""
    facts = world_facts(
        world("S.G#..", "C.#.#G", tiles={"C": Tile(respawn=True)})
    )
    unreachable = facts.unreachable.reshape(2, 6).astype(int).tolist()
    assert unreachable == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1]]


def test_wind_makes_cells_unreachable():
    """The cell under a strong updraught."""
    facts = world_facts(world(".w.", "SwG", ".w.", tiles={"w": Tile(wind=(-2, 0))}))
    assert facts.unreachable.reshape(3, 3)[2].tolist() == [False, False, True]


# The notice


def test_cliff_walking_is_hostile():
    """The notice of the specification: a mean return of −65,375."""
    assert world_facts(textbook("cliff_walking", None)).hostile == (
        "With every move equally likely, an episode lasts 6,453 steps and returns −65,375 on"
        " average (the best policy: −13); nothing rewards it, and the chance that it reaches an"
        " end is 100 %."
    )
    assert world_facts(textbook("cliff_walking", 500)).hostile == (
        "With every move equally likely, an episode lasts 484 of at most 500 steps and returns"
        " −4,976 on average (the best policy: −13); nothing rewards it, and the chance that it"
        " reaches an end is 6.8 %."
    )


def test_four_rooms_are_hostile():
    """The notice of the specification: 698 steps."""
    assert world_facts(textbook("four_rooms", None)).hostile == (
        "With every move equally likely, an episode lasts 698 steps and returns 0.0562 on average"
        " (the best policy: 0.878); the chance that it is rewarded at all is 100 %."
    )
    assert world_facts(textbook("four_rooms", 100)).hostile == (
        "With every move equally likely, an episode lasts 99.1 of at most 100 steps and returns"
        " 0.0169 on average (the best policy: 0.878); the chance that it is rewarded at all is"
        " 3.4 %."
    )


@pytest.mark.parametrize("name", ["russell_norvig_4x3", "short_corridor", "sutton_barto_4_1"])
@pytest.mark.parametrize("max_steps", [100, None])
def test_easy_worlds_are_not(name, max_steps):
    """Nothing is said where there is nothing to say."""
    assert world_facts(textbook(name, max_steps)).hostile == ""


def test_the_rule_of_rarity_is_half_the_batches():
    """A reward in one of k + 1 one-step episodes: of 16, none in (k/(k + 1))^16."""
    def notice(k: int) -> str:
        # k + 1 starts, of which one is beside the goal; with one move and one step
        return world_facts(world("." * k + ".G", moves=("right",), max_steps=1)).hostile

    assert (22 / 23) ** 16 < 0.5 < (23 / 24) ** 16
    assert notice(22) == ""
    assert "rewarded at all is 4.2 %" in notice(23)


def test_a_world_without_an_end_says_so():
    """Sutton & Barto’s example 3.5."""
    assert world_facts(textbook("sutton_barto_3_5", 100)).hostile == (
        "Nothing ends an episode here: each takes all 100 steps."
    )


def test_worlds_that_need_other_words_get_no_notice():
    """Without a goal, or without a way to it."""
    assert world_facts(world("S.")).hostile == ""
    assert world_facts(world("S.#G")).hostile == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(-65375.13, "−65,375"), (698.4, "698"), (0.13454, "0.135"), (-13.0, "−13"), (0.0, "0"),
     (3e-7, "nearly 0"), (99.84, "99.8")],
)
def test_numbers_are_short(value, text):
    """Three digits or a whole number, with a true minus."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (5e-5, "less than 0.01 %"), (0.00813, "0.81 %"), (0.034, "3.4 %"),
     (0.47, "47 %"), (0.998, "100 %"), (1.0, "100 %")],
)
def test_percentages_are_short(share, text):
    """Two digits."""
    assert percent(share) == text
