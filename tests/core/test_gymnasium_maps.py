"""FrozenLake and CliffWalking are Gymnasium's own, outcome for outcome."""

from __future__ import annotations

import gymnasium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlxent_core.gymnasium_env import WorldEnv
from rlxent_core.gymnasium_maps import (
    FROZEN_LAKES,
    world_from_cliff_walking,
    world_from_frozen_lake,
)
from rlxent_core.world import World, WorldError


def merged(transitions) -> dict[tuple[int, float, bool], float]:
    """Probability by next state, reward and whether the episode is over."""
    result: dict[tuple[int, float, bool], float] = {}
    for probability, state, reward, over in transitions:
        key = (int(state), round(float(reward), 12), bool(over))
        result[key] = result.get(key, 0.0) + probability
    return result


def assert_same(world: World, theirs, terminal: str) -> None:
    """Every transition of every state that is not terminal agrees to 1e-12."""
    ours = WorldEnv(world).P
    assert ours.keys() == theirs.keys()
    symbols = "".join(world.map)
    for s in theirs:
        if symbols[s] in terminal:
            continue
        assert ours[s].keys() == theirs[s].keys()
        for a in theirs[s]:
            mine, other = merged(ours[s][a]), merged(theirs[s][a])
            for outcome in mine.keys() | other.keys():
                assert abs(mine.get(outcome, 0) - other.get(outcome, 0)) <= 1e-12, (s, a, outcome)


@pytest.mark.parametrize("slippery", [True, False])
@pytest.mark.parametrize("name", FROZEN_LAKES)
def test_the_lakes_are_gymnasiums(name: str, slippery: bool) -> None:
    """The two maps that come with Gymnasium, step limits included."""
    theirs = gymnasium.make("FrozenLake-v1", map_name=name, is_slippery=slippery)
    world = world_from_frozen_lake(map_name=name, is_slippery=slippery)
    assert_same(world, theirs.unwrapped.P, "GH")
    assert [row.replace(".", "F") for row in world.map] == [
        b"".join(row).decode() for row in theirs.unwrapped.desc
    ]


def test_the_lakes_end_when_gymnasiums_do() -> None:
    """100 steps on the small lake, 200 on the large one."""
    assert gymnasium.spec("FrozenLake-v1").max_episode_steps == world_from_frozen_lake().max_steps
    large = gymnasium.spec("FrozenLake8x8-v1").max_episode_steps
    assert large == world_from_frozen_lake(map_name="8x8").max_steps


@st.composite
def descriptions(draw: st.DrawFn) -> list[str]:
    """A lake of any shape, with one start or several."""
    columns = draw(st.integers(2, 6))  # Gymnasium cannot read rows of one letter
    row = st.text("SFHG", min_size=columns, max_size=columns)
    rows = draw(st.lists(row, min_size=1, max_size=6))
    if "S" not in "".join(rows):
        rows[0] = "S" + rows[0][1:]
    return rows


@settings(max_examples=60)
@given(
    descriptions(),
    st.booleans(),
    st.floats(0, 1),
    st.tuples(*[st.integers(-5, 5)] * 3),
)
def test_any_description_is_gymnasiums(desc, slippery, success_rate, rewards) -> None:
    """Custom descriptions, success rates and reward schedules as well."""
    options = {
        "desc": desc, "is_slippery": slippery,
        "success_rate": success_rate, "reward_schedule": rewards,
    }  # fmt: skip
    theirs = gymnasium.make("FrozenLake-v1", **options).unwrapped
    assert_same(world_from_frozen_lake(**options), theirs.P, "GH")


@pytest.mark.parametrize("slippery", [True, False])
def test_the_cliff_is_gymnasiums(slippery: bool) -> None:
    """All 47 cells but the goal, those of the cliff included, and the start."""
    theirs = gymnasium.make("CliffWalking-v1", is_slippery=slippery).unwrapped
    world = world_from_cliff_walking(slippery)
    assert_same(world, theirs.P, "G")
    env = WorldEnv(world)
    assert env.reset(seed=0)[0] == theirs.reset(seed=0)[0] == 36


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"map_name": "5x5"}, "There is no lake “5x5”. There are: 4x4, 8x8."),
        ({"desc": ["SFX"]}, "A lake is made of S, F, H and G, and this one has X."),
        ({"desc": ["FG"]}, "The lake has no start: one of its cells must be S."),
        ({"desc": []}, "A lake has 1 to 64 rows, and this one has 0."),
        ({"desc": ["SF", "F"]}, "equally long"),
        ({"success_rate": 1.5}, "“slip” must be between 0 and 1"),
    ],
)
def test_what_is_no_lake_is_refused_by_a_sentence(arguments, sentence: str) -> None:
    """One sentence says what is wrong with it."""
    with pytest.raises(WorldError) as error:
        world_from_frozen_lake(**arguments)
    assert sentence in str(error.value)
