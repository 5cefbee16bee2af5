"""The sentence of a step: short, and true of what happened, case by case."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rlxent_core.step_story import step_story
from rlxent_core.tiles import Teleport, Tile
from rlxent_gui.credit_resolve import sentence
from rlxent_gui.step_words import what_happened, what_it_teaches
from tests.gui.episodes_by_hand import walk, world_of

CORRIDOR = world_of("S..G", max_steps=9)
SHORT = world_of("S...G", max_steps=3)
SLIPPERY = world_of("...", "S..", ".#G", slip=0.2, max_steps=9)
PUDDLES = world_of("S..", ".pG", tiles={"p": Tile(reward=-0.5)}, slip=0.2, max_steps=9)
TURNED = world_of("Sr..G", tiles={"r": Tile(reversed=True)}, max_steps=9)
CLIFF = world_of("S.c.G", tiles={"c": Tile(respawn=True)}, max_steps=9)
WIND_ON = world_of("S>..G", tiles={">": Tile(wind=(0, 1))}, max_steps=9)
WIND_BACK = world_of("S<.G", tiles={"<": Tile(wind=(0, -1))}, max_steps=9)
SIDE_WIND = world_of("S>.G", "....", tiles={">": Tile(wind=(0, 1))}, slip=0.2, max_steps=9)


def told(world, moves, outcomes=(), step=None):
    """The sentence of a step, the last one unless another is named."""
    credit = walk(world, moves, outcomes)
    return what_happened(step_story(credit, len(moves) - 1 if step is None else step), world)


@pytest.mark.parametrize(("world", "moves", "outcomes", "step", "expected"), [
    (CORRIDOR, "→→→", (), 0, "Step 0 went → from A1 to B1."),
    (CORRIDOR, "→→→", (), 1, "Step 1 was the last before the goal."),
    (CORRIDOR, "→→→", (), 2, "Step 2 reached the goal."),
    (CORRIDOR, "↑→→→", (), 0, "Step 0 bumped into the edge and stayed in A1."),
    (world_of("S.#G", max_steps=9), "→→→", (), 1,
     "Step 1 bumped into the wall and stayed in B1."),
    (CORRIDOR, "→→←→→", (), 2, "Step 2 came back to B1, where it had been at step 1."),
    (world_of("S.P", max_steps=9), "→→", (), 0, "Step 0 was the last before the pit."),
    (world_of("S.P", max_steps=9), "→→", (), 1, "Step 1 fell into the pit."),
    (world_of("Sx", tiles={"x": Tile(terminal=True)}, max_steps=9), "→", (), 0,
     "Step 0 reached an end that pays nothing."),
    (world_of("Se", tiles={"e": Tile(exit=-1)}, max_steps=9), "→→", (), 0,
     "Step 0 was the last before the exit."),
    (world_of("Se", tiles={"e": Tile(exit=-1)}, max_steps=9), "→→", (), 1,
     "Step 1 left by the exit in B1, which pays −1."),
    (PUDDLES, "↓→→", (), 1, "Step 1 walked into the puddle."),
    (PUDDLES, "→→→", (0, 1), 1, "Step 1 meant → but slipped ↓ and walked into the puddle."),
    (world_of("Sp.G", tiles={"p": Tile(name="Swamp", reward=-2)}, max_steps=9), "→→→", (), 0,
     "Step 0 walked into “Swamp”."),
    (world_of("Sb.G", tiles={"b": Tile(reward=0.5)}, max_steps=9), "→→→", (), 0,
     "Step 0 earned +0.5 in B1."),
    (world_of("Sb.G", tiles={"b": Tile(reward=0.5)}, step_reward=-0.02, max_steps=9), "→→→", (), 0,
     "Step 0 earned +0.48 in B1."),
    (world_of("Sc.G", tiles={"c": Tile(reward=-99, respawn=True)}, step_reward=-1, max_steps=9),
     "→→", (), 0, "Step 0 paid 100 in B1 and was sent back to A1."),
    (SLIPPERY, "→→→", (0, 2, 0), 1, "Step 1 meant → but slipped ↑."),
    (SLIPPERY, "→→→", (0, 1, 0), 1,
     "Step 1 meant → but slipped ↓, bumped into the wall and stayed in B2."),
    (WIND_ON, "→→→", (), 1, "Step 1 meant → and was taken to D1 by the wind."),
    (SIDE_WIND, "→→↑→", (0, 1), 1,
     "Step 1 meant → but slipped ↓ and was taken to C2 by the wind."),
    (WIND_BACK, "→↑→", (), 1,
     "Step 1 meant ↑ and was taken back to A1 by the wind, where it had been at step 0."),
    (WIND_BACK, "→→→", (), 1, "Step 1 meant → and was kept in B1 by the wind."),
    (world_of("S<.G", tiles={"<": Tile(wind=(0, -1))}, max_steps=9, moves=("right", "stay")),
     "→•→", (), 1, "Step 1 meant • and was taken back to A1 by the wind, where it had been at step"
     " 0."),
    (world_of("S>.bG", tiles={">": Tile(wind=(0, 1)), "b": Tile(reward=0.5)}, max_steps=9), "→→↑",
     (), 1, "Step 1 meant →, was taken to D1 by the wind and earned +0.5 there."),
    (TURNED, "→→→", (), 1,
     "Step 1 meant →, was turned to ← and came back to A1, where it had been at step 0."),
    (world_of("St.xG", tiles={"t": Tile(teleport=Teleport((0, 3), 0.5)), "x": Tile(reward=0.1)},
              max_steps=9), "→→→", (), 1, "Step 1 was carried from B1 to D1."),
    (CLIFF, "→→→→", (), 1, "Step 1 was sent back to A1."),
    (world_of("S.c.G", tiles={"c": Tile(respawn=True, reward=-100)}, max_steps=9), "→→→→", (), 1,
     "Step 1 paid 100 in C1 and was sent back to A1."),
    (SHORT, "→→→", (), 1, "Step 1 was the last but one that was allowed."),
    (SHORT, "→→→", (), 2, "Step 2 went → from C1 to D1. Then the time was up."),
    (SHORT, "→→↑", (), 2,
     "Step 2 bumped into the edge and stayed in C1. Then the time was up."),
    (world_of("S...G", max_steps=9, moves=("right", "stay")), "→→•→→", (), 2,
     "Step 2 stayed in C1, as it meant to."),
])
def test_each_case_has_its_sentence(world, moves, outcomes, step, expected):
    """What a back row reads is what happened."""
    assert told(world, moves, outcomes, step) == expected


@pytest.mark.parametrize(("weight", "probability", "expected"), [
    (0.17, 0.3, "Weight +0.17: the label is kept, so → becomes more likely."),
    (-0.18, 0.25, "Weight −0.18: the label is kept, its sign is flipped, so → becomes less"
     " likely."),
    (0.0, 0.3, "Weight 0: this step teaches nothing."),
    (-1.3e-11, 0.3, "Weight 0: this step teaches nothing."),
    (0.001, 0.2, "Weight +0.001: the label is kept, so → becomes more likely."),
    (-1234.5, 0.2, "Weight −1\u202f234: the label is kept, its sign is flipped, so → becomes less"
     " likely."),
    (0.3, 0.999, "Weight +0.30, but → was all but certain: p − y is nearly 0, so nothing moves"
     " much."),
])
def test_what_a_weight_does_to_its_label(weight, probability, expected):
    """Sign and size of the weight, and a label that needs no teaching."""
    assert what_it_teaches("right", weight, probability) == expected


@pytest.mark.parametrize("seed", range(30))
def test_any_step_of_any_episode_has_one_sentence_without_a_hole(seed):
    """Whatever comes together: words, one full stop at the end, true minus, no empty clause."""
    draw = np.random.default_rng(seed)
    tiles = {
        "r": Tile(reversed=True), "^": Tile(wind=(-1, 0)), ">": Tile(wind=(0, 1), slip=0.5),
        "c": Tile(respawn=True, reward=-3), "p": Tile(reward=-0.5), "b": Tile(reward=1),
        "<": Tile(wind=(0, -1)),
        "t": Tile(teleport=Teleport((0, 0), -1)), "e": Tile(exit=1),
    }
    rows = ["".join(draw.choice([*"....#GP", *tiles], 5)) for _ in range(4)]
    rows[0], rows[2] = "." + rows[0][1:], "S" + rows[2][1:]
    world = world_of(*rows, tiles=tiles, slip=0.3, max_steps=12,
                     moves=("up", "right", "down", "left", "stay"))
    moves, outcomes = "", []
    for _ in range(12):
        moves += str(draw.choice([*"↑→↓←•"]))
        outcomes.append(int(draw.integers(3)) if moves[-1] != "•" else 0)
        try:
            credit = walk(world, moves, outcomes)
        except AssertionError:  # the episode had ended
            moves, outcomes = moves[:-1], outcomes[:-1]
            break
    credit = walk(world, moves, outcomes)
    for step in range(credit.length):
        words = sentence(credit, step, float(draw.normal()))
        told = rf"Step {step} [^-]+\.( Then the time was up\.)? Weight [−+][^-]+\."
        assert re.fullmatch(told, words)
        assert not re.search(r"  | ,|,,|\.\.| and and | and,|^\W", words)
        happened = what_happened(step_story(credit, step), world)
        cells = re.findall(r"(?:to|in) ([A-E][1-4])", happened.partition(" was sent back")[0])
        assert len(cells) == len(set(cells)), "no cell is named twice"
