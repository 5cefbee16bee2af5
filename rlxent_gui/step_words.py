"""One true sentence for a step of an episode, and one for what its weight does.  Pure Python."""

from __future__ import annotations

from collections.abc import Callable

from rlxent_core.step_story import StepStory, push_of
from rlxent_core.tiles import DIRECTIONS
from rlxent_core.world import World
from rlxent_gui.cell_words import ARROWS, cell_name, number
from rlxent_gui.words import count, rough, signed_text

BY_WIND = ("stay", "revisit")
"""Arrivals that are told otherwise where the wind made them."""
NOTHING = 1e-9
"""A weight no larger is rounding, as in the figures beside the sentence."""


def step_words(story: StepStory, world: World, weight: float, probability: float) -> str:
    """What the step did, then what ``weight`` does to its label, which had ``probability``."""
    return f"{what_happened(story, world)} {what_it_teaches(story.action, weight, probability)}"


def what_happened(story: StepStory, world: World) -> str:
    """E.g. "Step 4 meant ↑ but slipped →, bumped into the wall and stayed in E4."."""
    clauses = _how(story)
    blown = "wind" in story.cases
    arrivals = (case for case in story.cases if case in _ARRIVALS)
    # Where the wind took it is said already, and it does not stay where it was taken from.
    arrival = next((case for case in arrivals if not (blown and case in BY_WIND)), None)
    if arrival is not None:
        clauses += _ARRIVALS[arrival](story, world)
    if story.put_back is not None:
        clauses.append(f"was sent back to {cell_name(story.put_back)}")
    if not clauses:
        clauses = _before_the_end(story) if "last" in story.cases else _went(story)
    *before, last = clauses
    told = f"{', '.join(before)} and {last}" if before else last
    up = " Then the time was up." if story.case == "out_of_time" else ""
    return f"Step {count(story.step)} {told}.{up}"


def _how(story: StepStory) -> list[str]:
    """What came between the label and the move, if anything did."""
    meant, went = ARROWS[story.action], ARROWS[story.direction]
    clauses = []
    if "slip" in story.cases:
        clauses = [f"meant {meant} but slipped {went}"]
    elif "reversed" in story.cases:
        clauses = [f"meant {meant}", f"was turned to {went}"]
    if "wind" in story.cases:
        clauses = clauses or [f"meant {meant}"]
        clauses.append(_blown(story))
    return clauses


def _blown(story: StepStory) -> str:
    """Where the wind took it."""
    cell = cell_name(story.landing)
    if not story.moved:
        return f"was kept in {cell} by the wind"
    if story.first_visit is None or _pays(story):
        return f"was taken to {cell} by the wind"
    before = count(story.first_visit)
    return f"was taken back to {cell} by the wind, where it had been at step {before}"


def _pays(story: StepStory) -> bool:
    """Whether more is said of the cell that was entered than that it was entered."""
    return any(case in _ARRIVALS and case not in BY_WIND for case in story.cases)


def _went(story: StepStory) -> list[str]:
    if not story.moved:
        return [f"stayed in {cell_name(story.cell)}"]
    arrow = ARROWS[story.direction]
    return [f"went {arrow} from {cell_name(story.cell)} to {cell_name(story.landing)}"]


def _before_the_end(story: StepStory) -> list[str]:
    ends = {
        "goal": "the last before the goal", "pit": "the last before the pit",
        "exit": "the last before the exit", "out_of_time": "the last but one that was allowed",
    }
    return [f"was {ends.get(story.next_end or '', 'the last before the end')}"]


def _named(story: StepStory, world: World, usual: str) -> str:
    name = world.tile(story.landing).name
    return f"“{name}”" if name else usual


def _bumped(story: StepStory, world: World) -> list[str]:
    row, column = (a + b for a, b in zip(story.cell, DIRECTIONS[story.direction], strict=True))
    what = "the wall" if world.contains((row, column)) else "the edge"
    return [f"bumped into {what}", f"stayed in {cell_name(story.cell)}"]


def _earned(story: StepStory) -> list[str]:
    """All that the step paid, as the strip has it; nothing where the tile had no part in it."""
    where, pay = f"in {cell_name(story.landing)}", story.pay
    if "wind" in story.cases:
        where = "there"  # the cell has just been named
    if not story.tile_pay or not pay:
        return []
    what = f"paid {number(-pay)}" if pay < 0 else f"earned {number(pay, signed=True)}"
    return [f"{what} {where}"]


def _came_back(story: StepStory, world: World) -> list[str]:
    before = count(story.first_visit or 0)
    return [f"came back to {cell_name(story.landing)}, where it had been at step {before}"]


def _left_by_exit(story: StepStory, world: World) -> list[str]:
    pays = number(story.tile_pay, signed=True)
    return [f"left by the exit in {cell_name(story.cell)}, which pays {pays}"]


_ARRIVALS: dict[str, Callable[[StepStory, World], list[str]]] = {
    "goal": lambda s, w: [f"reached {_named(s, w, 'the goal')}"],
    "pit": lambda s, w: [f"fell into {_named(s, w, 'the pit')}"],
    "end": lambda s, w: [f"reached {_named(s, w, 'an end')} that pays nothing"],
    "exit": _left_by_exit,
    "puddle": lambda s, w: [f"walked into {_named(s, w, 'the puddle')}"],
    "bonus": lambda s, w: _earned(s),
    "respawn": lambda s, w: _earned(s),
    "teleport": lambda s, w: [f"was carried from {cell_name(s.cell)} to {cell_name(s.landing)}"],
    "bump": _bumped,
    "stay": lambda s, w: [f"stayed in {cell_name(s.cell)}, as it meant to"],
    "revisit": _came_back,
}


def what_it_teaches(action: str, weight: float, probability: float) -> str:
    """What the weight does to the label ``action``, which had ``probability``."""
    arrow, push = ARROWS[action], push_of(weight, probability)
    if push.direction == "none" or abs(weight) < NOTHING:
        return "Weight 0: this step teaches nothing."
    said = f"Weight {weight_text(weight)}"
    if push.saturated:
        return f"{said}, but {arrow} was all but certain: p − y is nearly 0, so nothing moves much."
    if push.direction == "up":
        return f"{said}: the label is kept, so {arrow} becomes more likely."
    return f"{said}: the label is kept, its sign is flipped, so {arrow} becomes less likely."


def weight_text(weight: float) -> str:
    """Two decimals, more where they would all be 0: "+0.17", "−0.18", "+0.004"."""
    if abs(weight) >= 0.005:
        return signed_text(weight)
    return f"+{rough(weight)}" if weight > 0 else rough(weight)
