"""What a demonstration opens, measures and says, and the way back; no window, a real training
thread's desk answering when the test says so."""

from __future__ import annotations

import pytest

import rlxent_resources
from rlxent_core.demonstrations import BY_ID, DEMONSTRATIONS
from rlxent_core.trainer import Trainer
from rlxent_core.way import Way
from rlxent_core.world_file import read_text
from rlxent_gui import cards, learning_desk
from rlxent_gui.learning_view import DemonstrationState
from tests.gui.test_learning_presenter import SPARSE, Bench


def test_how_a_setting_failed_is_told_by_its_cells():
    """The trap, by its demonstration: without a baseline seeds end in C1."""
    bench = Bench()
    bench.ask("demonstration", "trap")
    bench.presenter.on_command("learning_seeds", 64)
    state = bench.answer()
    assert state.study is not None
    assert "seeds stuck: " in state.study.arms[0].note
    assert "end in C1" in state.study.arms[0].note
    assert state.study.arms[2].note == ""
    assert bench.demos[-1].sentence.startswith("Stuck away from the optimum")
    assert bench.views == [("learning", "results")]


@pytest.mark.parametrize("one", [d for d in DEMONSTRATIONS if d.id != "trap"], ids=lambda d: d.id)
def test_a_demonstration_opens_its_world_and_says_what_it_measured(one):
    """World, settings, view, estimators, and then its sentence."""
    bench = Bench()
    bench.ask("demonstration", one.id)
    expected = read_text(rlxent_resources.world_text(one.world)).with_fields(**one.fields)
    assert bench.run.world == expected
    assert bench.run.settings == one.settings
    assert bench.views == [("gradient", "along" if one.id == "late_benefit" else "clouds")]
    assert bench.compared == [one.estimators]
    assert bench.exactly  # since the sentence is, too
    assert bench.demos[-1].measuring
    bench.answer()
    last = bench.demos[-1]
    assert not last.measuring
    assert last.sentence.endswith(".")
    assert any(letter.isdigit() for letter in last.sentence)
    assert bool(bench.made) == (one.id == "late_benefit")


def test_a_late_policy_is_that_of_the_run_on_show():
    """As many updates as it takes to come 97 % of the way; the clouds are then of that policy."""
    bench = Bench()
    bench.ask("demonstration", "late_benefit")
    bench.answer()
    trainer = Trainer(bench.run.world, BY_ID["late_benefit"].settings, (0,))
    way = Way(trainer.mdp)

    def share() -> float:
        return way.fraction(float(way.value(trainer.logits()[0].double().numpy())))

    for _ in bench.made[1:]:
        trainer.step()
    assert share() < 0.97
    trainer.step()
    assert share() >= 0.97


def test_a_study_that_a_demonstration_ends_is_called_stopped():
    """What it had come to stays, with that word."""
    bench = Bench()
    bench.ask("learning_seeds", 1)
    bench.ask("learning_run")

    def ends(title: str, done: int, *rest: object) -> bool:
        if done == 5:
            bench.tick()
            bench.ask("demonstration", "bandit")
        return done < 5

    learning_desk.answer(bench.asked[-1], ends, lambda: None)
    bench.tick()
    assert bench.state.working is None
    assert bench.state.stopped


def test_a_demonstration_is_over_with_another_world_and_old_with_a_change():
    """An edit marks its sentence; opening something else takes it away."""
    bench = Bench()
    bench.ask("demonstration", "bandit")
    bench.answer()
    bench.run.world = bench.run.world.with_fields(slip=0.1)
    bench.tick()
    assert bench.demos[-1].outdated
    bench.run.world = bench.run.world.with_fields(slip=0.2)
    bench.run.run_id = 9  # as after Reset
    bench.tick()
    assert bench.demos[-1].outdated
    assert bench.demos[-1].back == "left"
    bench.run.world, bench.run.run_id, bench.name = SPARSE, 10, None
    bench.tick()
    assert bench.demos[-1] == DemonstrationState()


@pytest.mark.parametrize(("id", "said"), [("bandit", "At update 0: "), ("late_benefit", "")])
def test_a_sentence_says_of_which_policy_it_is_once_there_is_another(id, said):
    """Where it is of one policy: what is told of a whole training names its updates itself."""
    bench = Bench()
    bench.ask("demonstration", id)
    bench.answer()
    first = bench.demos[-1]
    assert first.said == first.sentence
    bench.run.update = 1
    bench.tick()
    small = first.sentence[0].lower() + first.sentence[1:]
    assert bench.demos[-1].said == (f"{said}{small}" if said else first.sentence)
    bench.edit(slip=0.1)
    assert bench.demos[-1].said == f"Before the change: {small}"


def test_back_from_demonstrations_the_form_is_as_it_was():
    """Also after several; what was under way of them is given up."""
    bench = Bench()
    bench.ask("learning_remove", 0)
    bench.ask("learning_seeds", 7)
    before = bench.ask("learning_updates", 90)
    bench.ask("demonstration", "bandit")
    bench.answer()
    bench.ask("demonstration", "trap")
    assert bench.state.working == "study"
    study = bench.asked[-1]
    state = bench.ask("demonstration_back")
    assert (state.rows, state.seeds, state.updates) == (before.rows, 7, 90)
    assert state.working is None
    assert bench.compared[-1] is None  # as before, those of the training
    assert not bench.exactly
    assert bench.demos[-1] == DemonstrationState()
    learning_desk.answer(study, lambda *report: False, lambda: None)
    bench.tick()
    assert bench.demos[-1] == DemonstrationState()


def test_what_is_set_beside_a_demonstration_goes_with_it():
    """Also where the demonstration itself compares nothing there."""
    bench = Bench()
    before = bench.state.rows
    bench.ask("demonstration", "bandit")
    bench.ask("learning_remove", 3)
    bench.ask("learning_arm", (0, {"learning_rate": 0.3}))
    assert bench.ask("demonstration_back").rows == before


def test_back_from_demonstrations_the_same_view_is_seen():
    """The one before the first of them, once."""
    bench = Bench()
    for one in ("bandit", "trap"):
        bench.ask("demonstration", one)
    bench.ask("demonstration_back")
    assert bench.views == [("gradient", "clouds"), ("learning", "results"), "as before"]


def test_a_demonstration_that_was_changed_can_be_had_again():
    """A message leads back to it, as it was left: its world, settings, and its sentence as old."""
    bench = Bench()
    bench.ask("demonstration", "noise")
    bench.answer()
    sentence = bench.demos[-1].sentence
    bench.edit(slip=0.3)
    changed = bench.run.world
    bench.ask("demonstration_back")
    assert bench.run.world is SPARSE
    (card,) = bench.run.cards.values()
    assert changed.name in card.title
    asked = len(bench.asked)
    bench.ask(card.actions[0].command)
    assert bench.run.world is changed
    assert bench.run.settings == BY_ID["noise"].settings
    assert bench.compared[-1] == BY_ID["noise"].estimators
    state = bench.demos[-1]
    assert (state.id, state.sentence, state.outdated, state.measuring) == (
        "noise", sentence, True, False
    )
    assert len(bench.asked) == asked
    assert not bench.run.cards


def test_from_one_demonstration_to_another_nothing_is_lost_either():
    """Of the one that was changed; nothing is said of one that was not."""
    bench = Bench()
    bench.ask("demonstration", "bandit")
    bench.ask("demonstration", "noise")
    assert not bench.run.cards
    bench.edit(slip=0.3)
    changed = bench.run.world
    bench.ask("demonstration", "bandit")
    assert list(bench.run.cards) == [cards.LEFT_BEHIND]
    bench.ask("demonstration_again")
    assert bench.run.world is changed
    assert bench.demos[-1].id == "noise"
    bench.ask("demonstration_back")
    assert bench.run.world is SPARSE


def test_back_from_demonstrations_there_is_what_had_been_found():
    """The user's own study, and nothing of what a demonstration trained in its place."""
    bench = Bench()
    bench.ask("learning_seeds", 2)
    bench.ask("learning_updates", 4)
    bench.ask("learning_run")
    bench.answer()
    own = bench.state.study
    assert own is not None
    world, settings = bench.run.world, bench.run.settings
    bench.ask("demonstration", "trap")
    bench.answer()
    assert bench.state.study is not own
    bench.run.world, bench.run.settings = world, settings
    state = bench.ask("demonstration_back")
    assert state.study is own
    assert not state.outdated
    assert not state.stopped


def test_numbers_are_written_as_the_window_writes_them():
    """Thousands by a thin space."""
    bench = Bench()
    bench.ask("demonstration", "alive_bonus")
    bench.answer()
    assert "31\u202f098" in bench.demos[-1].sentence
    assert BY_ID["alive_bonus"].title == bench.demos[-1].title


def test_an_unknown_command_is_an_error():
    """Not silence."""
    with pytest.raises(KeyError):
        Bench().demonstrations.on_command("demonstration_nothing")
