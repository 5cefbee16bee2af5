"""What happened in a step: every case in a world made for it, and never against the world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.step_story import (
    CASES,
    ENDS,
    Push,
    StepStory,
    only_at_the_end,
    push_of,
    step_story,
    to_go_is_total,
)
from rlxent_core.tiles import DIRECTIONS, Teleport
from rlxent_core.weightings import EpisodeCredit, weighting
from rlxent_core.world import Tile, World
from tests.core.credit_maker import FEWER, Drawn, batches, drawn
from tests.core.learning_worlds import sparse5

TILES = {
    "S": Tile(start=1),
    "G": Tile(terminal=True, reward=1),
    "P": Tile(terminal=True, reward=-1),
    "T": Tile(terminal=True),
    "X": Tile(exit=-2.0),
    "C": Tile(respawn=True, reward=-5),
    "p": Tile(reward=-0.5),
    "b": Tile(reward=0.25),
    "A": Tile(teleport=Teleport((0, 0), 3.0)),
    "~": Tile(slip=0.5),
    ">": Tile(wind=(0, 1)),
    "2": Tile(wind=(0, 2)),
    "<": Tile(wind=(0, -1)),
    "v": Tile(wind=(1, 0)),
    "r": Tile(reversed=True),
    "x": Tile(reversed=True, slip=0.5, wind=(1, 0)),
}


def world(*rows: str, **fields: Any) -> World:
    """With the tiles that its rows need, paying −0.02 a step and −0.1 a bump."""
    used = {symbol: TILES[symbol] for symbol in sorted(set("".join(rows)) - set(".#"))}
    return World(rows, used, **{"step_reward": -0.02, "bump_reward": -0.1, **fields})


def walk(place: World, *moves: str, **outcomes: int) -> list[StepStory]:
    """The stories of an episode that takes ``moves``; ``t3=1`` is the outcome of step 3."""
    mdp = compile_world(place)
    state, steps = int(mdp.start.argmax()), []
    for t, move in enumerate(moves):
        assert state < mdp.n_states, "the episode was over"
        a, k = mdp.moves.index(move), outcomes.get(f"t{t}", 0)
        assert mdp.probability[state, a, k] > 0
        steps.append((state, a, k, mdp.landing[state, a, k], mdp.reward[state, a, k]))
        after = int(mdp.next_state[state, a, k])
        state = int(mdp.start.argmax()) if after == mdp.restart else after
    credit = of_steps(drawn(place, n_episodes=1).credit(), steps)
    return [step_story(credit, t) for t in range(len(moves))]


def of_steps(like: EpisodeCredit, steps: list[tuple[int, int, int, int, float]]) -> EpisodeCredit:
    """An episode of (state, action, outcome, landing, reward) steps; its values mean nothing."""
    states, actions, outcomes, landings = np.array([step[:4] for step in steps]).T
    return replace(
        like, states=states, actions=actions, outcomes=outcomes, landings=landings,
        rewards=np.array([step[4] for step in steps]),
    )  # fmt: skip


def cases(stories: list[StepStory]) -> list[tuple[str, ...]]:
    return [story.cases for story in stories]


def test_the_goal_and_the_way_to_it() -> None:
    """Nothing to tell, the last step before the goal, the goal."""
    stories = walk(world("S..G"), "right", "right", "right")
    assert cases(stories) == [("plain",), ("last",), ("goal",)]
    first, last_before, goal = stories
    assert (first.cell, first.landing, first.action, first.direction) == (
        (0, 0), (0, 1), "right", "right",
    )  # fmt: skip
    assert (first.steps, first.left, goal.left) == (3, 2, 0)
    assert (first.next_end, last_before.next_end, goal.next_end) == (None, "goal", None)
    assert goal.pay == pytest.approx(0.98)
    assert (goal.tile_pay, goal.moved, goal.also) == (1, True, ())


@pytest.mark.parametrize(("symbol", "case", "pay"), [
    ("G", "goal", 1), ("P", "pit", -1), ("T", "end", 0),
    ("p", "puddle", -0.5), ("b", "bonus", 0.25),
])  # fmt: skip
def test_entering_a_cell(symbol: str, case: str, pay: float) -> None:
    """What the tile pays is told apart from the step reward."""
    more = () if case in ENDS else ("right",)
    story = walk(world(f"S{symbol}.G"), "right", *more)[0]
    assert story.case == case
    assert story.tile_pay == pay
    assert story.pay == pytest.approx(pay - 0.02)


def test_an_exit_ends_the_episode_whatever_the_action() -> None:
    """Also where the action points into a wall or at a goal: it does not bump, it does not move."""
    for action in ("up", "right"):
        before, story = walk(world("SXG"), "right", action)
        assert before.cases == ("last",)
        assert before.next_end == "exit"
        assert story.cases == ("exit",)
        assert (story.landing, story.moved, story.bumped) == ((0, 1), False, False)
        assert (story.pay, story.tile_pay) == (-2, -2)


def test_out_of_time() -> None:
    """The step limit ends it: after any step, and after one that has a story of its own."""
    limited = world("S.p..", max_steps=2)
    assert cases(walk(limited, "right", "left")) == [("last",), ("out_of_time", "revisit")]
    assert walk(limited, "right", "left")[0].next_end == "out_of_time"
    assert cases(walk(limited, "right", "right"))[-1] == ("out_of_time", "puddle")
    assert cases(walk(limited, "right", "up"))[-1] == ("out_of_time", "bump")
    assert cases(walk(world("SG", max_steps=1), "right")) == [("goal",)]


def test_a_respawn_cell_sends_back() -> None:
    """It pays, it is no puddle, and the next step is taken at the start."""
    stories = walk(world("S.CG"), "right", "right", "right", "right")
    fall = stories[1]
    assert fall.cases == ("respawn",)
    assert (fall.landing, fall.put_back, fall.tile_pay) == ((0, 2), (0, 0), -5)
    assert stories[2].acted_before == 0
    assert stories[2].cases == ("revisit", "last")
    assert stories[2].first_visit == 1
    at_last = walk(world("SC", max_steps=1), "right")[0]
    assert at_last.cases == ("out_of_time", "respawn")
    assert at_last.put_back is None


def test_a_teleport_moves_without_paying_the_step() -> None:
    """It pays what it pays, and the cell it leads to is a revisit all the same."""
    story = walk(world("S.A.p"), "right", "right", "down", "right", "right")[2]
    assert story.cases == ("teleport", "revisit")
    assert (story.landing, story.first_visit, story.bumped) == ((0, 0), 0, False)
    assert (story.pay, story.tile_pay) == (3, 3)
    itself = {"S": Tile(start=1, teleport=Teleport((0, 0), -1.0))}
    story = walk(World(("S.",), itself), "right", "right")[0]
    assert story.cases == ("teleport", "last")
    assert not story.moved
    assert story.first_visit is None


def test_bumps() -> None:
    """Into the edge and into a wall; the step before is remembered, the cell is no revisit."""
    stories = walk(world("S#", ".."), "up", "right", "down", "down", "right")
    assert cases(stories)[:4] == [("bump",), ("bump",), ("plain",), ("bump", "last")]
    assert [story.acted_before for story in stories[:4]] == [None, 0, 0, None]
    assert stories[0].pay == pytest.approx(-0.12)
    assert (stories[0].tile_pay, stories[0].landing, stories[0].first_visit) == (0, (0, 0), None)


def test_a_puddle_that_is_not_entered_pays_nothing() -> None:
    """Bumping while one stands in it."""
    stories = walk(world("Sp"), "right", "up", "left")
    assert cases(stories)[:2] == [("puddle",), ("bump", "last")]
    assert stories[1].tile_pay == 0


def test_slips() -> None:
    """To the side that the outcome says; a slip into a wall bumps, a slip into the goal is one."""
    icy = world(".G.", "S~#", "...")
    right = {"t1": 1}  # of "right": the way is turned by a right angle, to the right of it
    stories = walk(icy, "right", "right", "left", "left", **right)
    assert stories[1].cases == ("slip",)
    assert (stories[1].direction, stories[1].landing) == ("down", (2, 1))
    assert (stories[1].action, stories[1].pay) == ("right", -0.02)
    into_goal = walk(icy, "right", "right", t1=2)[1]
    assert into_goal.cases == ("goal", "slip")
    assert into_goal.direction == "up"
    into_wall = walk(icy, "right", "down", "left", "left", t1=2)[1]
    assert into_wall.direction == "right"
    assert into_wall.cases == ("bump", "slip")
    as_meant = walk(icy, "right", "right", "left", "left")[1]
    assert as_meant.cases == ("bump",)


def test_wind() -> None:
    """Farther, to the side, or against the move, which then stands still without a bump."""
    stories = walk(world("S>..", "...."), "right", "down", "left", "left")
    assert stories[1].cases == ("wind",)
    assert (stories[1].direction, stories[1].landing, stories[1].wind) == ("down", (1, 2), (0, 1))
    assert stories[0].wind == (0, 0)
    farther = walk(world("S>...."), "right", "right", "right", "right")[1]
    assert (farther.cases, farther.landing) == (("wind",), (0, 3))
    against = walk(world("S>.."), "right", "left", "right", "right")[1]
    assert against.cases == ("wind",)
    assert (against.landing, against.bumped, against.moved) == ((0, 1), False, False)
    over_a_puddle = walk(world("S2p.p"), "right", "right", "left", "left")[1]
    assert over_a_puddle.cases == ("puddle", "wind")
    assert over_a_puddle.landing == (0, 4)


def test_wind_and_walls() -> None:
    """A bump is a bump, and moving all the same is the wind's; wind into a wall does nothing."""
    blown = walk(world("S>.."), "right", "up", "right", "right")[1]
    assert blown.cases == ("wind",)
    assert (blown.bumped, blown.landing) == (True, (0, 2))
    assert blown.pay == pytest.approx(-0.12)
    into_wall = walk(world("S>#", "..."), "right", "down", "left", "left")[1]
    assert into_wall.landing == (1, 2)  # down first, then the wind
    held = walk(world("S>#", "..#", "..."), "right", "down", "left", "left")[1]
    assert held.cases == ("plain",)
    assert held.landing == (1, 1)
    edge = walk(world("S", "v"), "down", "down", "up", "up")[1]
    assert edge.cases == ("bump",)
    back = walk(world("S<."), "right", "right", "right", "right")[1]
    assert (back.cases, back.landing) == (("wind",), (0, 1))
    wall = walk(world("S>#"), "right", "right", "left", "left")[1]
    assert wall.cases == ("bump",)


def test_reversed_tiles() -> None:
    """The move that was chosen and the way that it went."""
    story = walk(world("Sr."), "right", "left", "left", "left")[1]
    assert story.cases == ("reversed",)
    assert (story.action, story.direction, story.landing) == ("left", "right", (0, 2))
    bump = walk(world("Sr", ".."), "right", "up", "left", "left")
    assert bump[1].cases == ("reversed",)
    assert bump[1].landing == (1, 1)
    into_edge = walk(world("Sr", ".."), "right", "down", "down", "left")[1]
    assert into_edge.cases == ("bump", "reversed")
    resting = walk(world("Sr", moves=("right", "stay")), "right", "stay", "right", "right")[1]
    assert resting.cases == ("stay",)


def test_all_at_once() -> None:
    """Reversed ice in the wind: up is down; its slips go left and right; wind adds one down."""
    place = world("S..", ".x.", "...", "...")
    first = "down", "right"
    straight = walk(place, *first, "up", "up", "up")[2]
    assert straight.cases == ("wind", "reversed")
    assert (straight.direction, straight.landing) == ("down", (3, 1))
    # "up" reversed is down; outcome 1 turns up to the right, and reversed that is left.
    slip = walk(place, *first, "up", "up", "up", t2=1)[2]
    assert slip.cases == ("slip", "wind", "reversed")
    assert (slip.direction, slip.landing) == ("left", (2, 0))
    against = walk(place, *first, "down", "up", "up")[2]
    assert against.cases == ("wind", "reversed")
    assert (against.direction, against.moved) == ("up", False)


def test_staying_and_diagonals() -> None:
    """Stay is no bump; a diagonal move bumps where its own target is blocked."""
    place = world("S.#", "...", moves=("stay", "down-right", "up-right", "right"))
    stories = walk(place, "stay", "down-right", "up-right", "right", "right")
    assert cases(stories)[:4] == [("stay",), ("plain",), ("bump",), ("last",)]
    assert stories[1].direction == "down-right"
    windy = walk(world("S>.", moves=("right", "stay")), "right", "stay", "right", "right")[1]
    assert windy.cases == ("wind", "stay")


def test_revisits_name_the_first_step_there() -> None:
    """There and back and there again, as in the puddle corridor's detour."""
    stories = walk(world("S...."), "right", "left", "right", "right", "right")
    assert [story.first_visit for story in stories] == [None, 0, 1, None, None]
    assert [story.acted_before for story in stories] == [None, None, 0, 1, None]
    assert stories[1].cases == stories[2].cases == ("revisit",)


@FEWER
@given(batches())
def test_no_story_is_against_the_world(batch: Drawn) -> None:
    """Pay, landing and end of every step are those that the story implies."""
    place, mdp = batch.world, compile_world(batch.world)
    for index in range(batch.batch.n_episodes):
        credit = batch.credit(index)
        for t, story in enumerate(step_story(credit, t) for t in range(credit.length)):
            s, a, k = credit.states[t], credit.actions[t], credit.outcomes[t]
            assert list(story.cases) == [case for case in CASES if case in story.cases]
            special = {"exit", "teleport"} & set(story.cases)
            pay = story.tile_pay
            if not special:
                pay += place.step_reward + (place.bump_reward if story.bumped else 0)
            assert pay == pytest.approx(mdp.reward[s, a, k])
            assert (story.case in ENDS) == (t == credit.length - 1)
            over = mdp.next_state[s, a, k] == mdp.over
            assert (story.case in ENDS and story.case != "out_of_time") == over
            assert story.landing == mdp.cell(mdp.landing[s, a, k])
            assert ("respawn" in story.cases) == (mdp.next_state[s, a, k] == mdp.restart)
            assert ("slip" in story.cases) == (k > 0)
            ahead = tuple(np.add(story.cell, DIRECTIONS[story.direction]))
            if story.wind == (0, 0) and not special:
                assert "wind" not in story.cases
                assert story.landing == (story.cell if story.bumped else ahead)
            if "reversed" not in story.cases and "slip" not in story.cases:
                assert story.direction == story.action
            if "bump" in story.cases:
                assert not story.moved
                assert not place.contains(ahead) or place.tile(ahead).wall


def test_there_is_no_step_after_the_last() -> None:
    credit = drawn(world("SG", max_steps=1), n_episodes=1).credit()
    for step in (-1, 1):
        with pytest.raises(IndexError, match="1 steps"):
            step_story(credit, step)


@pytest.mark.parametrize(("weight", "p", "expected"), [
    (0.3, 0.2, Push("up", False)),
    (-0.3, 0.2, Push("down", False)),
    (0.0, 0.2, Push("none", False)),
    (-9e-10, 0.2, Push("none", False)),
    (2e-9, 0.996, Push("up", True)),
    (-5.0, 1.0, Push("down", True)),
])  # fmt: skip
def test_which_way_the_label_is_pushed(weight: float, p: float, expected: Push) -> None:
    """Up for a positive weight; next to nothing moves where the label was certain."""
    assert push_of(weight, p) == expected


PAYS_ON_THE_WAY = {
    "a step": world("S.G", bump_reward=0.0),
    "a bump": world("S.G", step_reward=0.0),
    "a puddle": world("SpG", step_reward=0.0, bump_reward=0.0),
    "a respawn": world("SCG", step_reward=0.0, bump_reward=0.0),
    "a teleport": world("SAG", step_reward=0.0, bump_reward=0.0),
    "noise": world("S.G", step_reward=0.0, bump_reward=0.0, reward_noise=0.1),
}  # fmt: skip


@pytest.mark.parametrize("what", PAYS_ON_THE_WAY)
def test_worlds_that_pay_on_the_way(what: str) -> None:
    """Anything that is paid while the episode goes on."""
    assert not only_at_the_end(PAYS_ON_THE_WAY[what])
    assert not to_go_is_total(PAYS_ON_THE_WAY[what], Settings(discount_weighting="exact"))


def test_worlds_that_pay_at_the_end_only() -> None:
    """Goals, pits and exits, and noise on what an exit pays."""
    noisy = {"S": TILES["S"], "X": Tile(exit=1.0, reward_noise=0.5)}
    free = world("SG", "PX", step_reward=0.0, bump_reward=0.0)
    for place in (sparse5(), World(("S.X",), noisy), free):
        assert only_at_the_end(place)
        exactly, practice = Settings(discount_weighting="exact"), Settings()
        assert to_go_is_total(place, exactly)
        assert not to_go_is_total(place, practice)
        assert to_go_is_total(place.with_fields(discount=1.0), practice)


def silent(place: World) -> World:
    """It pays nothing on the way any more."""
    tiles = {
        symbol: replace(
            tile,
            reward=tile.reward if tile.terminal else 0.0,
            teleport=None if tile.teleport is None else Teleport(tile.teleport.to),
            reward_noise=None,
        )
        for symbol, tile in place.tiles.items()
    }
    return replace(place, tiles=tiles, step_reward=0.0, bump_reward=0.0)


@FEWER
@given(batches())
def test_reward_to_go_is_the_total_return_where_only_the_end_pays(batch: Drawn) -> None:
    """With exact discounting, or γ = 1, in any world that was silenced on the way."""
    place = silent(batch.world)
    assert only_at_the_end(place)
    again = drawn(place, 3, 3, batch.settings)
    equal = batch.settings.discount_weighting == "exact" or place.discount == 1
    assert to_go_is_total(place, batch.settings) == equal
    for index in range(3):
        credit = again.credit(index)
        to_go = weighting(credit, "reward_to_go").weights
        total = weighting(credit, "total_return").weights
        if equal:
            np.testing.assert_allclose(to_go, total, rtol=1e-9, atol=1e-9)
        elif credit.total_return and credit.length > 1:
            assert not np.allclose(to_go, total)
