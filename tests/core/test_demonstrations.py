"""The demonstrations: their numbers are the mathematics', their sentences are made of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

import rlxent_resources
from rlxent_core.demonstrated import Finding, measure, of_study
from rlxent_core.demonstrations import BY_ID, DEMONSTRATIONS, Demonstration
from rlxent_core.estimators import estimators
from rlxent_core.exact_variance import StoppedError
from rlxent_core.study import Study
from rlxent_core.world import World
from rlxent_core.world_file import read_text


def world_of(one: Demonstration) -> World:
    return read_text(rlxent_resources.world_text(one.world)).with_fields(**one.fields)


def found(id: str) -> Finding:
    return measure(BY_ID[id], world_of(BY_ID[id]))


@pytest.mark.parametrize(
    ("id", "number", "value", "digits"),
    [
        ("alive_bonus", "ratio", 31_098, 0.5),
        ("noise", "V", 1.04, 0.005),
        ("noise", "gae", 2.3, 0.05),
        ("corridor", "constant", 2 * 277, 0.5),
        ("corridor", "V", 2 * 295, 0.5),
        ("bandit", "none", 5050.125, 1e-6),
        ("bandit", "a component", 2525.0625, 1e-6),
        ("bandit", "best", 100.5, 1e-6),
        ("bandit", "with_best", 0, 1e-6),
        ("optimum", "none", 6.0384166352, 1e-6),
        ("optimum", "V*", 30, 0.5),
    ],
)
def test_the_numbers_are_those_of_the_mathematics(
    id: str, number: str, value: float, digits: float
) -> None:
    """To the digits they are known to."""
    assert found(id).numbers[number] == pytest.approx(value, abs=digits)


def test_two_goals_by_hand() -> None:
    """One reward at the end, so γᵗ reward-to-go is the total return; its start's V does harm."""
    numbers = found("two_goals").numbers
    assert numbers["at_start"] > numbers["none"] > numbers["on_the_way"] > 0


def test_the_benefit_is_late() -> None:
    """On sparse5 it grows along the way, from about 1.8 to hundreds."""
    ratios = list(found("late_benefit").numbers.values())
    assert len(ratios) == 4
    assert ratios == sorted(ratios)
    assert 1.5 < ratios[0] < 2
    assert ratios[-1] > 100


@pytest.mark.parametrize(
    ("id", "numbers"),
    [
        ("alive_bonus", ("31,098",)),
        ("noise", ("0.3", "1.04", "2.29")),
        ("corridor", ("554", "−12", "590", "the constant beats")),
        ("bandit", ("2,525", "100.5", "is 0.")),
        ("optimum", ("30.2", "worse than none", "6.04", "3.43")),
    ],
)
def test_a_sentence_says_what_was_measured(id: str, numbers: tuple[str, ...]) -> None:
    """With its numbers."""
    sentence = found(id).sentence
    for number in numbers:
        assert number in sentence


def test_another_world_has_another_sentence() -> None:
    """Nothing is hard-coded: without noise V(s) and GAE cut as much as they do there."""
    one = BY_ID["noise"]
    quiet = measure(one, world_of(one).with_fields(reward_noise=0.0))
    assert quiet.numbers["V"] == pytest.approx(6.0384166352 / 3.4282841213, rel=1e-9)
    assert "1.76 times" in quiet.sentence
    corridor = BY_ID["corridor"]
    open_world = measure(corridor, read_text(rlxent_resources.world_text("sparse5")))
    better = open_world.numbers["V"] < open_world.numbers["constant"]
    assert ("V(s) beats the constant" in open_world.sentence) == better


def test_it_can_be_given_up() -> None:
    """At its next step."""
    one = BY_ID["late_benefit"]
    with pytest.raises(StoppedError):
        measure(one, world_of(one), 0, lambda done, total: False)


def test_the_trap_is_told_from_its_study() -> None:
    """With no baseline some of 16 seeds are stuck, and the sentence tells their share."""
    one = BY_ID["trap"]
    study = Study(world_of(one), [one.settings_of(a) for a in one.arms], range(16), 400)
    for _ in study.steps():
        pass
    curves = [arm.curve for arm in study.arms]
    told = of_study(one, curves)
    assert told.numbers["no baseline"] == float(curves[0].at_rest.mean())
    assert told.numbers["no baseline"] > told.numbers["V(s) exact"]
    shares = re.findall(r"(\d+) %", told.sentence)
    assert [int(s) for s in shares] == [round(100 * float(np.mean(c.at_rest))) for c in curves]
    assert "16 seeds" in told.sentence


@pytest.mark.parametrize("one", DEMONSTRATIONS, ids=lambda one: one.id)
def test_every_demonstration_is_whole(one: Demonstration) -> None:
    """Its world comes along, its estimators exist, and it is looked at in one view."""
    assert one.world in rlxent_resources.worlds()
    assert estimators(one.estimators) or one.arms
    assert one.view == ("learning" if one.arms else "gradient")
    assert len({other.id for other in DEMONSTRATIONS}) == len(DEMONSTRATIONS) == 8
