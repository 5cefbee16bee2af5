"""Random worlds for hypothesis: every kind of tile, small boards."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rlxent_core.tiles import DIRECTIONS, Teleport, Tile, WorldError
from rlxent_core.world import World

numbers = st.integers(-8, 8).map(lambda n: n / 4)
chances = st.sampled_from([0.0, 0.2, 0.5, 1.0])
any_wind = st.tuples(st.integers(-2, 2), st.integers(-2, 2))
symbols = st.characters(codec="utf-8").filter(lambda c: c not in ".#")


@st.composite
def tiles(draw, rows, columns, winds):
    """A tile for a board of this size."""
    kind = draw(st.sampled_from(["plain", "plain", "terminal", "respawn", "exit", "teleport"]))
    if kind in ("terminal", "respawn"):
        return Tile(reward=draw(numbers), **{kind: True})
    to = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    return Tile(
        start=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
        reward=draw(numbers),
        exit=draw(numbers) if kind == "exit" else None,
        teleport=Teleport(draw(to), draw(numbers)) if kind == "teleport" else None,
        slip=draw(st.none() | chances),
        wind=draw(winds),
        reversed=draw(st.booleans()),
        reward_noise=draw(st.none() | st.just(0.5)),
    )


@st.composite
def worlds(draw, *, side=5, winds=any_wind, moves=tuple(DIRECTIONS), letters=symbols):
    """A valid world of at most ``side`` × ``side`` cells."""
    rows, columns = draw(st.integers(1, side)), draw(st.integers(1, side))
    known = draw(st.dictionaries(letters, tiles(rows, columns, winds), max_size=5))
    alphabet = "..#" + "".join(known)
    line = st.lists(st.sampled_from(alphabet), min_size=columns, max_size=columns).map("".join)
    rows_of_map = tuple(draw(st.lists(line, min_size=rows, max_size=rows)))
    names = draw(st.lists(st.sampled_from(moves), min_size=1, unique=True))
    fields = {
        "moves": tuple(names), "step_reward": draw(numbers), "bump_reward": draw(numbers),
        "slip": draw(chances), "discount": draw(st.sampled_from([0.5, 0.9])),
    }
    try:
        return World(rows_of_map, known, **fields)
    except WorldError:  # nowhere to stand, or a teleport leads to where nobody can
        known = {symbol: replace(tile, teleport=None) for symbol, tile in known.items()}
        with_room = ("." + rows_of_map[0][1:], *rows_of_map[1:])
        return World(with_room, known, **fields)
