"""What happened in one step of an episode, as data for one true sentence.  Without torch.

Several cases can hold at once: a step can slip, bump and be the last.  They come in the order of
:data:`CASES`, what explains the step's weight best first:

===========  ==================================================================================
case         what happened
===========  ==================================================================================
goal         entered a terminal cell that pays something positive
pit          entered a terminal cell that pays something negative
end          entered a terminal cell that pays nothing
exit         took any action in an exit: the episode ends there
out_of_time  ``max_steps`` ended the episode after this step
puddle       entered a cell that pays something negative, and the episode goes on
bonus        entered a cell that pays something positive, and the episode goes on
respawn      entered a cell that sends back to a start
teleport     took any action in a cell that leads elsewhere
bump         the own direction led into a wall or the edge, and nothing moved it elsewhere
slip         another direction than the one that was meant
wind         the wind made it another landing than the own direction alone
reversed     the cell reverses every direction
stay         the action was to stay
revisit      entered a cell in which the episode had acted before
last         the step before the one that ends the episode
plain        none of these
===========  ==================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.tiles import DIRECTIONS, Cell
from rlxent_core.weightings import EpisodeCredit
from rlxent_core.world import World

CASES = (
    "goal", "pit", "end", "exit", "out_of_time", "puddle", "bonus", "respawn", "teleport", "bump",
    "slip", "wind", "reversed", "stay", "revisit", "last", "plain",
)  # fmt: skip
ENDS = CASES[:5]
"""Those that end the episode."""
NOTHING = 1e-9
"""A weight of less, beside others of size 1, is rounding and moves no logit."""
SATURATED = 0.995
"""From this probability of the label on next to nothing moves, whatever the weight."""

_NAMES = {direction: name for name, direction in DIRECTIONS.items()}


@dataclass(frozen=True)
class StepStory:
    """What happened in step ``step`` of ``steps``."""

    step: int
    steps: int
    cases: tuple[str, ...]
    """All that hold, in the order of :data:`CASES`; at least one."""
    cell: Cell
    """Where the action was taken."""
    landing: Cell
    """The cell that was entered; the same one where it did not move."""
    action: str
    """The label: the move that was chosen."""
    direction: str
    """The own direction that came of it: reversed, slipped; without the wind."""
    bumped: bool
    """Whether a wall or the edge is there, also where the wind moved it elsewhere."""
    wind: Cell
    """[rows, columns] that the cell's wind adds; (0, 0) for none, and where no move is made."""
    pay: float
    """All that was paid, step reward and noise included."""
    tile_pay: float
    """What the tile paid of it: its reward, exit or teleport."""
    first_visit: int | None
    """The step that first acted in ``landing``, where that is a revisit."""
    acted_before: int | None
    """The step that first acted in ``cell``, if it is an earlier one."""
    put_back: Cell | None
    """The start that a respawn cell sent it to, where a step was taken from there."""
    next_end: str | None
    """How the next step ends the episode, where this one is the last before it."""

    @property
    def case(self) -> str:
        """The most important one."""
        return self.cases[0]

    @property
    def also(self) -> tuple[str, ...]:
        """The other ones, in order."""
        return self.cases[1:]

    @property
    def left(self) -> int:
        """How many steps followed."""
        return self.steps - 1 - self.step

    @property
    def moved(self) -> bool:
        """Whether it is in another cell after the step."""
        return self.landing != self.cell


@dataclass(frozen=True)
class Push:
    """Which way a weight moves the label's logit."""

    direction: Literal["up", "down", "none"]
    saturated: bool
    """Whether the label was all but certain, so that p − y, and with it the push, is next to 0."""


def push_of(weight: float, label_probability: float) -> Push:
    """What descent does to the logit of a label that had ``label_probability``."""
    saturated = label_probability > SATURATED
    if abs(weight) < NOTHING:
        return Push("none", saturated)
    return Push("up" if weight > 0 else "down", saturated)


def step_story(credit: EpisodeCredit, step: int) -> StepStory:
    """What happened in step ``step``, counted from 0.

    Raises:
        IndexError: when the episode has no such step.
    """
    if not 0 <= step < credit.length:
        raise IndexError(f"The episode has {credit.length} steps, and no step {step}.")
    world, columns = credit.world, credit.world.columns
    state, entered = int(credit.states[step]), int(credit.landings[step])
    cell, landing = divmod(state, columns), divmod(entered, columns)
    tile, landed = world.tile(cell), world.tile(landing)
    action = world.moves[int(credit.actions[step])]
    moves = tile.exit is None and tile.teleport is None
    direction = DIRECTIONS[action]
    if moves:
        direction = _own_direction(direction, int(credit.outcomes[step]), tile.reversed)
    bumped = moves and direction != (0, 0) and _blocked(world, cell, direction)
    unblown = cell if bumped else (cell[0] + direction[0], cell[1] + direction[1])
    first_visit = None if landing == cell else _first(credit, entered, step)
    next_end = put_back = None
    if step + 2 == credit.length:
        next_end = next(case for case in step_story(credit, step + 1).cases if case in ENDS)
    if landed.respawn and step + 1 < credit.length:
        put_back = divmod(int(credit.states[step + 1]), columns)

    pays = landed.reward if moves and landing != cell else 0.0
    goes_on = not (landed.terminal or landed.respawn)
    holds = {
        "goal": landed.terminal and pays > 0,
        "pit": landed.terminal and pays < 0,
        "end": landed.terminal and pays == 0,
        "exit": tile.exit is not None,
        "out_of_time": step + 1 == credit.length and credit.out_of_time,
        "puddle": goes_on and pays < 0,
        "bonus": goes_on and pays > 0,
        "respawn": landed.respawn,
        "teleport": tile.teleport is not None,
        "bump": bumped and landing == cell,
        "slip": moves and int(credit.outcomes[step]) != 0,
        "wind": moves and landing != unblown,
        "reversed": moves and tile.reversed and direction != (0, 0),
        "stay": moves and action == "stay",
        "revisit": first_visit is not None,
        "last": next_end is not None,
    }
    if tile.exit is not None:
        pays = tile.exit
    elif tile.teleport is not None:
        pays = tile.teleport.reward
    return StepStory(
        step=step,
        steps=credit.length,
        cases=tuple(case for case in CASES if holds.get(case)) or ("plain",),
        cell=cell,
        landing=landing,
        action=action,
        direction=_NAMES[direction],
        bumped=bumped,
        wind=tile.wind if moves else (0, 0),
        pay=float(credit.rewards[step]),
        tile_pay=float(pays),
        first_visit=first_visit,
        acted_before=_first(credit, state, step),
        put_back=put_back,
        next_end=next_end,
    )


def only_at_the_end(world: World) -> bool:
    """Whether nothing is ever paid but by what ends the episode.

    Every step of an episode then has the same γ^t G_t: with γ = 1 or exact discounting
    reward-to-go is the total return.
    """
    mdp = compile_world(world)
    goes_on = (mdp.next_state != mdp.over) & (mdp.probability > 0)
    noisy = (mdp.reward_noise > 0)[:, None, None]
    return not bool((goes_on & ((mdp.reward != 0) | noisy)).any())


def to_go_is_total(world: World, settings: Settings) -> bool:
    """Whether reward-to-go weighs every step of every episode as the total return does."""
    weighed_alike = world.discount == 1 or settings.discount_weighting == "exact"
    return weighed_alike and only_at_the_end(world)


def _own_direction(meant: Cell, outcome: int, reversed_: bool) -> Cell:
    """As :func:`rlxent_core.mdp.compile_world` turns a direction."""
    row, column = meant
    row, column = ((row, column), (column, -row), (-column, row))[outcome]
    return (-row, -column) if reversed_ else (row, column)


def _blocked(world: World, cell: Cell, direction: Cell) -> bool:
    neighbour = cell[0] + direction[0], cell[1] + direction[1]
    return not world.contains(neighbour) or world.tile(neighbour).wall


def _first(credit: EpisodeCredit, state: int, before: int) -> int | None:
    """The first step earlier than ``before`` that was taken in ``state``."""
    found = np.flatnonzero(credit.states[:before] == state)
    return int(found[0]) if len(found) else None
