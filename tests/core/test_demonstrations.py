"""The demonstrations: their numbers are the mathematics', their sentences are made of them."""

from __future__ import annotations

import re

import pytest

import rlxent_resources
from rlxent_core.demonstrated import Finding, measure, of_study
from rlxent_core.demonstrations import BY_ID, DEMONSTRATIONS, Demonstration
from rlxent_core.estimators import estimator, estimators
from rlxent_core.exact_variance import StoppedError
from rlxent_core.study import Study
from rlxent_core.trainer import Trainer
from rlxent_core.variance import exact_of
from rlxent_core.world import World
from rlxent_core.world_file import read_text

SURVEYED = [one for one in DEMONSTRATIONS if one.estimators and not one.curves]
"""Those that are told of one policy, not of a training."""


def figure(value: float) -> str:
    """Three digits, as by hand."""
    return "0" if abs(value) < 1e-9 else f"{value:.0f}" if value >= 100 else f"{value:#.3g}"


def world_of(one: Demonstration) -> World:
    return read_text(rlxent_resources.world_text(one.world)).with_fields(**one.fields)


def found(id: str) -> Finding:
    return measure(BY_ID[id], world_of(BY_ID[id]))


@pytest.mark.parametrize(
    ("id", "number", "value", "digits"),
    [
        ("corridor", "reward_to_go/none/discount=exact", 2 * 733, 0.5),
        ("corridor", "reward_to_go/V/discount=exact", 2 * 295, 0.5),
        ("bandit", "total/none", 5050.125, 1e-6),
        ("bandit", "total/leave_one_out", 2 * 0.25 * 0.25 / 15, 1e-12),
        ("bandit", "total/b_star", 0, 1e-6),
        ("optimum", "reward_to_go/none/discount=practice", 6.0384166352, 1e-6),
        ("optimum", "reward_to_go/V_star/discount=practice", 30.1621034481, 1e-6),
    ],
)
def test_the_numbers_are_those_of_the_mathematics(
    id: str, number: str, value: float, digits: float
) -> None:
    """To the digits they are known to."""
    assert found(id).numbers[number] == pytest.approx(value, abs=digits)


@pytest.mark.parametrize("one", SURVEYED, ids=lambda one: one.id)
def test_panels_and_sentence_agree(one: Demonstration) -> None:
    """Each estimator that is shown is told of, with the number that its panel calls exact."""
    world = world_of(one)
    finding = measure(one, world)
    assert tuple(finding.numbers) == one.estimators
    trainer = Trainer(world, one.settings, (0,))
    for name, number in finding.numbers.items():
        assert number == pytest.approx(exact_of(trainer, estimator(name)), rel=1e-9, abs=1e-9)
        assert figure(number) in finding.sentence.replace(",", "")
    assert "xact" in finding.sentence


def test_the_alive_bonus_by_hand() -> None:
    """In the tens of thousands."""
    total, _, less_v = found("alive_bonus").numbers.values()
    assert total / less_v == pytest.approx(31_098, abs=0.5)


def test_noise_is_not_taken_away_by_v() -> None:
    """But by GAE, which looks less far ahead."""
    none, less_v, gae = found("noise").numbers.values()
    assert none / less_v == pytest.approx(1.04, abs=0.005)
    assert none / gae == pytest.approx(2.3, abs=0.05)


def test_a_constant_beats_v_where_cells_cannot_be_told_apart() -> None:
    """The best one is no worse than −12, with which a component has 277."""
    _, constant, less_v = found("corridor").numbers.values()
    assert 2 * 276 < constant < 2 * 277
    assert constant < less_v


def test_two_goals_by_hand() -> None:
    """One reward at the end, so γᵗ reward-to-go is the total return; its start's V does harm."""
    total, at_start, to_go, on_the_way = found("two_goals").numbers.values()
    assert at_start > total > on_the_way > 0
    assert to_go == pytest.approx(total, rel=1e-9)


def test_the_benefit_is_late() -> None:
    """On sparse5 it grows along the way, from about 1.8 to hundreds."""
    ratios = list(found("late_benefit").numbers.values())
    assert len(ratios) == 4
    assert ratios == sorted(ratios)
    assert 1.5 < ratios[0] < 2
    assert BY_ID["late_benefit"].settings.baseline == "exact_value"  # V(s), as in the sentence
    assert ratios[-1] > 100


@pytest.mark.parametrize(
    ("id", "numbers"),
    [
        ("alive_bonus", ("31,098 times", "45.5 against 0.00146")),
        ("late_benefit", ("0, 50, 90, 97 % of the way", "at update 0")),
        ("two_goals", ("V(s₀) 0.0563 (1.96 times more)", "V(s) 0.0172 (1.67 times less)")),
        ("noise", ("0.3", "72.4 with V(s) (1.04 times less)", "32.7 with GAE 0.95 (2.29 ")),
        ("corridor", ("b* = −12.3", "590", "the constant beats")),
        ("bandit", ("2,525", "b* = 100.5 leaves 0.")),
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
    none, less_v, _ = quiet.numbers.values()
    assert none / less_v == pytest.approx(6.0384166352 / 3.4282841213, rel=1e-9)
    assert "1.76 times" in quiet.sentence
    corridor = BY_ID["corridor"]
    open_world = measure(corridor, read_text(rlxent_resources.world_text("sparse5")))
    _, constant, less_v = open_world.numbers.values()
    better = less_v < constant
    assert ("V(s) beats the constant" in open_world.sentence) == better


def test_it_can_be_given_up() -> None:
    """At its next step."""
    one = BY_ID["late_benefit"]
    with pytest.raises(StoppedError):
        measure(one, world_of(one), 0, lambda done, total: False)


def test_the_trap_is_told_from_its_study() -> None:
    """With no baseline some of 16 seeds are stuck, and the sentence tells how many."""
    one = BY_ID["trap"]
    study = Study(world_of(one), [one.settings_of(a) for a in one.arms], range(16), 400)
    for _ in study.steps():
        pass
    curves = [arm.curve for arm in study.arms]
    told = of_study(one, curves)
    assert told.numbers["no baseline"] == curves[0].at_rest.sum()
    assert told.numbers["no baseline"] > told.numbers["V(s) exact"]
    counts = re.findall(r" (\d+)[,.]", told.sentence.partition(": ")[2])
    assert [int(n) for n in counts] == [int(c.at_rest.sum()) for c in curves]
    assert "16 seeds" in told.sentence


@pytest.mark.parametrize("one", DEMONSTRATIONS, ids=lambda one: one.id)
def test_every_demonstration_is_whole(one: Demonstration) -> None:
    """Its world comes along, its estimators exist, and it is looked at in one view."""
    assert one.world in rlxent_resources.worlds()
    assert estimators(one.estimators) or one.arms
    assert one.view == ("learning" if one.arms else "gradient")
    assert len({other.id for other in DEMONSTRATIONS}) == len(DEMONSTRATIONS) == 8
