"""The sentence of a step: short, and true of what happened, case by case."""

from __future__ import annotations

import pytest
from walks import walk, world_of

from rlxent_core.step_story import step_story
from rlxent_core.tiles import Teleport, Tile
from rlxent_gui.step_words import what_happened, what_it_teaches

PUDDLE = Tile(reward=-0.5)


def told(world, moves, outcomes=(), step=-1):
    """The sentence of a step, the last one unless another is named."""
    credit = walk(world, moves, outcomes)
    return what_happened(step_story(credit, step % len(moves)), world)


@pytest.mark.parametrize(("world", "moves", "outcomes", "step", "sentence"), [
    (world_of("S..G", max_steps=9), "→→→", (), 0, "Step 0 went → from A1 to B1."),
    (world_of("S..G", max_steps=9), "→→→", (), 1, "Step 1 was the last before the goal."),
    (world_of("S..G", max_steps=9), "→→→", (), 2, "Step 2 reached the goal."),
    (world_of("S.P", max_steps=9), "→→", (), 1, "Step 1 fell into the pit."),
    (world_of("S.P", max_steps=9), "→→", (), 0, "Step 0 was the last before the pit."),
    (world_of("Sx", tiles={"x": Tile(terminal=True)}, max_steps=9), "→", (), 0,
     "Step 0 reached an end that pays nothing."),
    (world_of("S.p..G", tiles={"p": PUDDLE}, max_steps=9), "→→→", (), 1,
     "Step 1 walked into the puddle."),
    (world_of("Sp.G", tiles={"p": Tile(name="Swamp", reward=-2)}, max_steps=9), "→→→", (), 0,
     "Step 0 walked into “Swamp”."),
    (world_of("Sb.G", tiles={"b": Tile(reward=0.5)}, max_steps=9), "→→→", (), 0,
     "Step 0 earned +0.50 in B1."),
    (world_of("S.#G", max_steps=9), "→→→", (), 1, "Step 1 bumped into the wall and stayed in B1."),
    (world_of("S..G", max_steps=9), "↑→→→", (), 0, "Step 0 bumped into the edge and stayed in A1."),
    (world_of("S..G", max_steps=9), "→→←→→", (), 2,
     "Step 2 came back to B1, where it had been at step 1."),
    (world_of("S..", "..G", slip=0.2, max_steps=9), "→→", (0, 1), 1,
     "Step 1 meant → but slipped ↓ and reached the goal." if False else None),
])
def test_each_case_has_its_sentence(world, moves, outcomes, step, sentence):
    """What a back row reads is what happened."""
    assert told(world, moves, outcomes, step) == sentence
