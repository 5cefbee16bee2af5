"""Figures that books print about their worlds, and the same figures computed.

Books compute without a step limit, and so does this module: a world's ``max_steps`` is left aside.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rlxent_core.exact import optimal_values, policy_values, start_value, uniform_policy
from rlxent_core.facts import moves_to_goal
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.world import World

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Figure:
    """What is printed, digit by digit, and where."""

    quantity: str
    """A key of :data:`QUANTITIES`."""
    where: str
    """Book and figure or example."""
    discount: float
    printed: tuple[Row, ...]
    """By cell, None where nothing is printed; a single number is a table of one."""
    move: str = ""
    """For policies that do the same in every cell: the move their chance is about."""
    chance: float | None = None
    """How likely that policy takes ``move``; the other moves share the rest."""
    about: bool = False
    """Whether the book itself says "about": then the last digit may be one off."""

    @property
    def by_cell(self) -> bool:
        return self.quantity in BY_CELL


@dataclass(frozen=True)
class Comparison:
    """A figure and what it is in a world; tables of the same shape as what is printed."""

    figure: Figure
    computed: tuple[Row, ...]
    """Rounded to the digits that are printed; None where nothing is printed."""
    agrees: tuple[tuple[bool | None, ...], ...]

    @property
    def total(self) -> int:
        return sum(cell is not None for row in self.agrees for cell in row)

    @property
    def agreeing(self) -> int:
        return sum(cell is True for row in self.agrees for cell in row)

    @property
    def decimals(self) -> int:
        """The most that any number is printed with."""
        return max(decimals(text) for row in self.figure.printed for text in row if text)


def read_figures(text: str) -> tuple[Figure, ...]:
    """The figures of a resource file.

    Raises:
        ValueError: where it is not such a file.
    """
    found = []
    for entry in json.loads(text)["figures"]:
        printed = entry.pop("printed")
        table = [[printed]] if isinstance(printed, str) else printed
        figure = Figure(printed=tuple(map(tuple, table)), **entry)
        if figure.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {figure.quantity!r}")
        found.append(figure)
    return tuple(found)


def compare(world: World, figure: Figure) -> Comparison | None:
    """The figure beside what it is in ``world``; None where the world has another size."""
    shape = (len(figure.printed), len(figure.printed[0]))
    if figure.by_cell and shape != (world.rows, world.columns):
        return None
    if figure.move and figure.move not in world.moves:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        mdp = compile_world(world.with_fields(max_steps=None))
        values = np.asarray(QUANTITIES[figure.quantity](world, mdp, figure)).reshape(shape)
    pairs = [
        list(zip(row, numbers, strict=True))
        for row, numbers in zip(figure.printed, values.tolist(), strict=True)
    ]
    return Comparison(
        figure,
        tuple(tuple(p and as_printed(x, p, figure.about) for p, x in row) for row in pairs),
        tuple(
            tuple(None if p is None else agree(x, p, figure.about) for p, x in row)
            for row in pairs
        ),
    )


def decimals(printed: str) -> int:
    """Digits after the point: 1 of "22.0", none of "-14."."""
    return len(printed.partition(".")[2])


def as_printed(value: float, printed: str, about: bool = False) -> str:
    """The number with as many digits as the printed one, and one more beside an "about"."""
    if not math.isfinite(value):
        return "?"
    text = f"{value:.{decimals(printed) + about}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text + "." if printed.endswith(".") else text


def agree(value: float, printed: str, about: bool = False) -> bool:
    """Whether the number rounds to the printed one, either way where it lies in the middle."""
    room = 1.0 if about else 0.5
    return abs(value - float(printed)) <= room * 10.0 ** -decimals(printed) + 1e-9


def _uniform(world: World, mdp: MDP, figure: Figure) -> Floats:
    return policy_values(mdp, uniform_policy(mdp), None)


def _optimal(world: World, mdp: MDP, figure: Figure) -> Floats:
    return optimal_values(mdp, None)


def _fewest(world: World, mdp: MDP, figure: Figure) -> float:
    moves = moves_to_goal(world, mdp)
    return math.nan if moves is None else float(moves)


def _blind_value(world: World, mdp: MDP, figure: Figure) -> float:
    assert figure.chance is not None
    return _value_of_chance(mdp, figure, figure.chance)


def _best_blind_chance(world: World, mdp: MDP, figure: Figure) -> float:
    return max(_refined(mdp, figure))[1]


def _best_blind_value(world: World, mdp: MDP, figure: Figure) -> float:
    return max(_refined(mdp, figure))[0]


def _refined(mdp: MDP, figure: Figure) -> Iterator[tuple[float, float]]:
    """Value and chance of policies that do the same everywhere, ever closer about the best."""
    low, high = 0.0, 1.0
    for _ in range(6):
        chances = np.linspace(low, high, 23)[1:-1].tolist()
        found = [(_value_of_chance(mdp, figure, p), p) for p in chances]
        found = [(value, p) for value, p in found if math.isfinite(value)] or [(math.nan, math.nan)]
        yield from found
        step, best = (high - low) / 22, max(found)[1]
        if math.isnan(best):
            return
        low, high = max(0.0, best - step), min(1.0, best + step)


def _value_of_chance(mdp: MDP, figure: Figure, chance: float) -> float:
    """J of the policy that takes the figure's move with ``chance`` in every cell."""
    others = max(mdp.n_actions - 1, 1)
    policy = np.full((mdp.n_states, mdp.n_actions), (1 - chance) / others)
    policy[:, mdp.moves.index(figure.move or mdp.moves[0])] = chance
    return float(start_value(mdp, policy, None))


BY_CELL = ("uniform_values", "optimal_values")
QUANTITIES: dict[str, Callable[[World, MDP, Figure], Floats | float]] = {
    "uniform_values": _uniform,
    "optimal_values": _optimal,
    "fewest_moves": _fewest,
    "blind_value": _blind_value,
    "best_blind_value": _best_blind_value,
    "best_blind_chance": _best_blind_chance,
}
