"""One true sentence for a step of an episode, and one for what its weight does.  Pure Python."""

from __future__ import annotations

from collections.abc import Callable

from rlxent_core.step_story import StepStory, push_of
from rlxent_core.tiles import DIRECTIONS
from rlxent_core.world import World
from rlxent_gui.cell_words import ARROWS, cell_name
from rlxent_gui.words import count, rough, signed_text


def step_words(story: StepStory, world: World, weight: float, probability: float) -> str:
    """What the step did, then what ``weight`` does to its label, which had ``probability``."""
    return f"{what_happened(story, world)} {what_it_teaches(story.action, weight, probability)}"


def what_happened(story: StepStory, world: World) -> str:
    """E.g. "Step 4 meant ↑ but slipped → into the wall and stayed in E4."."""
    how, arrived = _how(story), _arrived(story, world)
    if story.case in ("goal", "end", "exit"):
        pass  # that it was also the last step that was allowed matters to nobody
    elif "out_of_time" in story.cases:
        arrived = f"{arrived or _went(story, how)}, and the time was up"
    elif story.put_back is not None:
        arrived = f"{arrived or _went(story, how)} and was sent back to {cell_name(story.put_back)}"
    joined = f"{how} and {arrived}" if how and arrived else how or arrived or _went(story, how)
    return f"Step {count(story.step)} {joined}."


def _how(story: StepStory) -> str:
    """What came between the label and the move, if anything did."""
    meant, went = ARROWS[story.action], ARROWS[story.direction]
    parts = []
    if "slip" in story.cases:
        parts.append(f"meant {meant} but slipped {went}")
    elif "reversed" in story.cases:
        parts.append(f"meant {meant}, was turned round and went {went}")
    if "wind" in story.cases:
        blown = f"was blown to {cell_name(story.landing)}"
        parts.append(blown if parts else f"meant {meant} but {blown}")
    return " and ".join(parts)


def _went(story: StepStory, how: str) -> str:
    if how:
        return ""
    if not story.moved:
        return f"stayed in {cell_name(story.cell)}"
    arrow = ARROWS[story.direction]
    return f"went {arrow} from {cell_name(story.cell)} to {cell_name(story.landing)}"


def _arrived(story: StepStory, world: World) -> str:
    """What it came to, where that is worth a word."""
    for case in story.cases:
        if case in _ARRIVALS:
            return _ARRIVALS[case](story, world)
    return ""


def _named(story: StepStory, world: World, usual: str) -> str:
    name = world.tile(story.landing).name
    return f"“{name}”" if name else usual


def _bumped(story: StepStory, world: World) -> str:
    row, column = (a + b for a, b in zip(story.cell, DIRECTIONS[story.direction], strict=True))
    what = "the wall" if world.contains((row, column)) else "the edge"
    return f"bumped into {what} and stayed in {cell_name(story.cell)}"


def _left_by_exit(story: StepStory, world: World) -> str:
    return f"left by the exit in {cell_name(story.cell)}, which pays {signed_text(story.tile_pay)}"


def _came_back(story: StepStory, world: World) -> str:
    return (
        f"came back to {cell_name(story.landing)}, where it had been at step "
        f"{count(story.first_visit or 0)}"
    )


def _before_the_end(story: StepStory, world: World) -> str:
    ends = {
        "goal": "the last before the goal", "pit": "the last before the pit",
        "exit": "the last before the exit", "out_of_time": "the last but one that was allowed",
    }
    return f"was {ends.get(story.next_end or '', 'the last before the end')}"


_ARRIVALS: dict[str, Callable[[StepStory, World], str]] = {
    "goal": lambda s, w: f"reached {_named(s, w, 'the goal')}",
    "pit": lambda s, w: f"fell into {_named(s, w, 'the pit')}",
    "end": lambda s, w: f"reached {_named(s, w, 'an end')} that pays nothing",
    "exit": _left_by_exit,
    "puddle": lambda s, w: f"walked into {_named(s, w, 'the puddle')}",
    "bonus": lambda s, w: f"earned {signed_text(s.tile_pay)} in {cell_name(s.landing)}",
    "teleport": lambda s, w: f"was carried from {cell_name(s.cell)} to {cell_name(s.landing)}",
    "bump": _bumped,
    "stay": lambda s, w: f"stayed in {cell_name(s.cell)}, as it meant to",
    "revisit": _came_back,
    "last": _before_the_end,
}


def what_it_teaches(action: str, weight: float, probability: float) -> str:
    """What the weight does to the label ``action``, which had ``probability``."""
    arrow, push = ARROWS[action], push_of(weight, probability)
    if push.direction == "none":
        return "Weight 0: this step teaches nothing."
    said = f"Weight {weight_text(weight)}"
    if push.saturated:
        return f"{said}, but {arrow} was all but certain: p − y is nearly 0, so hardly a logit moves."
    if push.direction == "up":
        return f"{said}: the label counts as it is, so {arrow} becomes more likely."
    return f"{said}: the label is kept, its sign is flipped, so {arrow} becomes less likely."


def weight_text(weight: float) -> str:
    """Two decimals, more where they would all be 0: "+0.17", "−0.18", "+0.004"."""
    if abs(weight) >= 0.005:
        return signed_text(weight)
    return f"+{rough(weight)}" if weight > 0 else rough(weight)
