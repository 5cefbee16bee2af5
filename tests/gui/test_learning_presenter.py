"""What is compared, asked and shown in the view of learning; no window, a real training thread's
desk answering when the test says so.

The demonstrations are tested on the same bench, in ``test_demonstration_presenter.py``."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rlxent_resources
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile
from rlxent_core.world_file import read_text
from rlxent_gui import learning_desk, messages, questions
from rlxent_gui.demonstration_presenter import DemonstrationPresenter
from rlxent_gui.document import LeftWorld
from rlxent_gui.estimator_words import styles
from rlxent_gui.learning_presenter import (
    ANOTHER_WORLD,
    EARLY,
    EMPTY,
    HOLD,
    NO_LIMIT,
    OTHER_SETTINGS,
    SETTINGS_CHANGED,
    WAITING,
    WORLD_CHANGED,
    LearningPresenter,
)
from rlxent_gui.learning_view import DemonstrationState, LearningState
from rlxent_gui.mailbox import Mailbox
from rlxent_gui.view_state import CardView

SPARSE = read_text(rlxent_resources.world_text("sparse5"))
TABLE = Settings(architecture="table", learning_rate=0.1)


class FakeRun:
    """The window's presenter: a world, settings, and what is asked of it."""

    def __init__(self, world, settings) -> None:
        self.world, self.settings, self.seed, self.run_id = world, settings, 0, 1
        self.update = 0
        self.cards: dict[str, CardView] = {}

    def add_card(self, card) -> None:
        self.cards[card.id] = card

    def remove_card(self, id) -> None:
        self.cards.pop(id, None)

    def on_command(self, command: str, argument: Any = None) -> None:
        assert command == "settings"
        self.settings = replace(self.settings, **argument)


class Bench:
    """Presenters whose questions are answered by :meth:`answer`."""

    def __init__(self, world=SPARSE, settings=TABLE) -> None:
        self.run, self.mailbox, self.sent = FakeRun(world, settings), Mailbox(), []
        self.made: list[int] = []
        """Updates of the window's own run."""
        self.states: list[LearningState] = []
        self.demos: list[DemonstrationState] = []
        self.views: list[str] = []
        self.compared: list[tuple[str, ...] | None] = []
        self.name: str | None = None
        """Of the world that was left for a demonstration."""
        self.left: LeftWorld | None = None
        self.edited = False
        self.held: list[str] = []
        """Why the gradient is not measured, whenever that changes."""
        self.names = None
        self.exactly = False
        """Whether exact numbers were asked for beside those of episodes."""
        self.hold = self.held.append
        self.presenter = LearningPresenter(self, self.run, self.mailbox, self.sent.append, self)
        self.demonstrations = DemonstrationPresenter(
            self, self.run, self.mailbox, self, self, self.presenter
        )
        self.presenter.set_visible(True)
        self.tick()

    def tick(self) -> None:
        """A frame."""
        self.demonstrations.tick()
        self.presenter.tick()

    def show_learning(self, state) -> None:
        self.states.append(state)

    def show_demonstration(self, state) -> None:
        self.demos.append(state)

    def show_variance_view(self, name, part) -> None:
        self.views.append((name, part))

    def compare(self, names, exactly=False) -> None:
        self.compared.append(names)
        self.exactly = exactly

    def keep_variance_view(self):
        return lambda: self.views.append("as before")

    def open_beside(self, world, then) -> None:
        self._make_room()
        self.name = "left"
        self.run.world, self.run.run_id = world, self.run.run_id + 1
        then()

    def open_left(self, then) -> None:
        self.open_beside(self.left.world, then)

    def _make_room(self) -> None:
        """As a document does, in which :meth:`edit` can be undone."""
        if self.edited:
            self.left = LeftWorld(self.run.world.name, self.run.world, None, None)
        self.edited = False

    def edit(self, **fields) -> None:
        self.run.world, self.edited = self.run.world.with_fields(**fields), True
        self.tick()

    def bring_back(self, then) -> None:
        self._make_room()
        self.name, self.run.world, self.run.run_id = None, SPARSE, 1
        self.run.settings = TABLE
        then()

    @property
    def state(self) -> LearningState:
        return self.states[-1]

    @property
    def asked(self) -> list[questions.AskLearning]:
        return [m.question for m in self.sent if isinstance(m, messages.Consult)]

    def ask(self, command, argument=None) -> LearningState:
        of_one = command.startswith("demonstration")
        presenter = self.demonstrations if of_one else self.presenter
        presenter.on_command(command, argument)
        return self.state

    def answer(self, stop_after: int | None = None) -> LearningState:
        """The training thread works on the last question; a frame follows."""
        reports = []

        def report(title, done, total, unit) -> bool:
            reports.append(done)
            self.tick()
            return stop_after is None or len(reports) <= stop_after

        learning_desk.answer(self.asked[-1], report, lambda: self.made.append(1))
        self.tick()
        return self.state


def test_training_lets_results_be_drawn():
    """Until a frame has passed, for as long as there is work, and never for longer than that."""
    bench = Bench()
    assert bench.mailbox.give_way_until == 0
    bench.presenter.on_command("learning_updates", 4)
    bench.presenter.on_command("learning_run")
    assert bench.mailbox.give_way_until > time.perf_counter()
    bench.tick()
    assert bench.mailbox.give_way_until == 0
    bench.answer()
    bench.tick()
    assert bench.mailbox.give_way_until == 0


def test_it_begins_with_four_settings_of_the_training():
    """No baseline, leave-one-out, exact V, GAE; all else, and the number of updates, as set."""
    state = Bench().state
    assert [row.name for row in state.rows] == [
        "no baseline", "leave-one-out", "V(s) exact", "GAE .95"
    ]
    assert {row.settings.architecture for row in state.rows} == {"table"}
    assert {row.settings.learning_rate for row in state.rows} == {0.1}
    assert (state.mode, state.seeds, state.updates) == ("study", 32, 400)
    assert state.study is None
    long_episodes = Bench(SPARSE.with_fields(max_steps=1000)).state
    assert long_episodes.updates == 100


def test_settings_are_added_changed_and_removed():
    """Four at most, one at least; names tell what sets them apart."""
    bench = Bench()
    for _ in range(2):
        bench.ask("learning_remove", 0)
    state = bench.ask("learning_duplicate", 0)
    assert len(state.rows) == 3
    state = bench.ask("learning_arm", (1, {"learning_rate": 0.3}))
    assert [row.name for row in state.rows] == [
        "V(s) exact, η .1", "V(s) exact, η .3", "GAE .95, η .1"
    ]
    bench.ask("learning_add")
    assert len(bench.ask("learning_add").rows) == 4
    for _ in range(6):
        state = bench.ask("learning_remove", 0)
    assert len(state.rows) == 1


def test_what_does_not_go_together_changes_nothing():
    """GAE without V(s)."""
    bench = Bench()
    before = bench.state.rows
    assert bench.ask("learning_arm", (3, {"baseline": "none"})).rows == before


def test_a_number_typed_in_a_row_that_is_gone_changes_nothing():
    """Its field hands it over as it loses the focus, when the row is there no more."""
    bench = Bench()
    bench.ask("learning_remove", 3)
    before = bench.state.rows
    bench.ask("learning_arm", (3, {"learning_rate": 0.5}))
    assert bench.state.rows == before


def test_arms_follow_the_training_in_what_they_do_not_set():
    """Another architecture and step size there are theirs too."""
    bench = Bench()
    bench.run.settings = Settings()
    bench.tick()
    assert {row.settings.learning_rate for row in bench.state.rows} == {0.01}
    assert bench.state.rows[0].settings.architecture == "mlp"


def test_an_arm_goes_together_whatever_the_training_is_given():
    """An arm that says nothing of its credit takes none that its baseline does not go with."""
    bench = Bench()
    bench.ask("demonstration", "trap")
    bench.run.settings = replace(bench.run.settings, credit="gae", baseline="critic")
    bench.tick()
    bench.ask("learning_mode", "study")
    assert [row.settings.credit for row in bench.state.rows] == [
        "reward_to_go", "reward_to_go", "gae",
    ]  # fmt: skip


def test_a_study_grows_and_ends():
    """Curves while it runs, results at its end, of the same seeds; a table of what failed."""
    bench = Bench()
    bench.ask("learning_seeds", 3)
    bench.ask("learning_updates", 40)
    state = bench.ask("learning_run")
    assert state.working == "study"
    assert bench.asked[-1].seeds == 3
    state = bench.answer()
    assert state.working is None
    assert not state.stopped
    assert state.study is not None
    assert [arm.name for arm in state.study.arms] == [row.name for row in state.rows]
    assert {arm.episodes[-1] for arm in state.study.arms} == {640.0}
    assert state.study.arms[0].quartiles.shape == (3, 41)
    lengths = [len(s.study.arms[0].episodes) for s in bench.states if s.study is not None]
    assert lengths[0] == 1
    assert lengths == sorted(lengths)
    assert "still on their way" in state.study.arms[0].note


def test_a_study_can_be_stopped_and_says_so():
    """What there was stays; the training thread is asked to give up."""
    bench = Bench()
    bench.ask("learning_seeds", 2)
    bench.ask("learning_run")
    bench.ask("learning_stop")
    assert bench.sent[-1] is messages.Do.STOP_WORK
    state = bench.answer(stop_after=20)
    assert state.working is None
    assert state.stopped
    assert state.study is not None
    assert max(len(arm.episodes) for arm in state.study.arms) < 100


def test_results_stay_and_tell_what_they_are_of():
    """Also while nobody looks; another world or other settings are said."""
    bench = Bench()
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 4)
    bench.ask("learning_run")
    bench.presenter.set_visible(False)
    shown = len(bench.states)
    bench.answer()
    assert len(bench.states) == shown
    bench.presenter.set_visible(True)
    bench.tick()
    assert bench.state.study is not None
    assert bench.state.outdated == ""
    assert bench.ask("learning_arm", (0, {"learning_rate": 0.2})).outdated == OTHER_SETTINGS
    bench.run.world = SPARSE.with_fields(slip=0.2)
    bench.tick()
    assert bench.state.outdated == ANOTHER_WORLD
    assert bench.ask("learning_run").outdated == ANOTHER_WORLD  # until there is an answer
    assert bench.answer().outdated == ""


def test_curves_keep_their_look_and_lend_it_to_nothing_else():
    """What is drawn stays as it is while the form changes; what is set anew looks like no curve of
    it; and the next study is drawn as if there had been none before, and the form with it."""
    bench = Bench()
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 3)
    for row in bench.state.rows:
        assert row.style[0] == {"no baseline": "ink3", "leave-one-out": "ink", "V(s) exact": "base",
                                "GAE .95": "gae"}[row.name]
    for change in (
        None, ("learning_remove", 1), ("learning_duplicate", 1),
        ("learning_arm", (2, {"learning_rate": 0.3})), ("learning_arm", (0, {"baseline": "none"})),
        ("learning_duplicate", 2), ("learning_arm", (1, {"baseline": "leave_one_out"})),
    ):
        if change is not None:
            bench.ask(*change)
        rows, shown = bench.state.rows, bench.state.study
        looks = {row.settings: row.style for row in rows}
        assert len({row.style for row in rows}) == len(rows)
        if shown is not None:
            drawn = {arm.settings: arm.style for arm in shown.arms}
            for settings, style in looks.items():
                assert (drawn.get(settings) == style) or style not in drawn.values()
        bench.ask("learning_run")
        study = bench.answer().study
        plain = styles([row.settings for row in rows])
        assert [arm.style for arm in study.arms] == plain
        assert [row.style for row in bench.state.rows] == plain


def test_the_same_setting_again_has_a_name_of_its_own():
    """In the form and in the results."""
    bench = Bench()
    bench.ask("learning_remove", 0)
    bench.ask("learning_duplicate", 0)
    names = ["leave-one-out", "leave-one-out (2)", "V(s) exact", "GAE .95"]
    assert [row.name for row in bench.state.rows] == names
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 2)
    bench.ask("learning_run")
    assert [arm.name for arm in bench.answer().study.arms] == names


@pytest.mark.parametrize("mode", ["study", "sweep"])
def test_the_gradient_is_not_measured_meanwhile(mode):
    """From the click on Run until it has ended."""
    bench = Bench()
    bench.ask("learning_mode", mode)
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 2)
    assert bench.held == []
    bench.ask("learning_run")
    assert bench.held == [HOLD[mode]]
    bench.answer()
    assert bench.held == [HOLD[mode], ""]


def test_a_sweep_fills_a_map():
    """Four baselines by six step sizes, with seeds and updates of its own."""
    bench = Bench()
    state = bench.ask("learning_mode", "sweep")
    assert state.seeds == 16
    bench.ask("learning_seeds", 2)
    bench.ask("learning_updates", 10)
    bench.ask("learning_run")
    state = bench.answer()
    assert state.sweep is not None
    assert state.sweep.grid.share.shape == (4, 6)
    assert state.sweep.grid.whole
    assert "90 % of the seeds" in state.sweep.grid.sentence()
    assert bench.ask("learning_mode", "study").seeds == 32


def test_a_world_without_a_limit_is_refused_in_words():
    """Nothing is asked."""
    bench = Bench(SPARSE.with_fields(max_steps=None))
    assert bench.ask("learning_run").failure == NO_LIMIT
    assert not bench.asked


def test_what_goes_wrong_is_said():
    """As much memory as nobody has: one sentence, and it can be run again."""
    bench = Bench(SPARSE.with_fields(max_steps=10_000), replace(TABLE, batch_episodes=4096))
    bench.ask("learning_seeds", 256)
    bench.ask("learning_run")
    state = bench.answer()
    assert state.failure
    assert state.working is None


def test_a_run_that_is_none_answers_too():
    """The thread has no run where the world cannot be trained on."""
    bench = Bench()
    bench.ask("learning_run")
    bench.asked[-1](None, lambda *report: True)
    bench.tick()
    assert bench.state.failure == "This world cannot be trained on."


def test_the_training_beside_it_keeps_its_bits():
    """A study between two updates changes nothing of the run's own numbers."""
    torch.set_num_threads(1)

    def trained(with_study: bool) -> np.ndarray:
        trainer = Trainer(SPARSE, TABLE, (0,))
        for _ in range(3):
            trainer.step()
        if with_study:
            bench = Bench()
            bench.ask("learning_seeds", 2)
            bench.ask("learning_updates", 5)
            bench.ask("learning_run")
            bench.answer()
        for _ in range(3):
            trainer.step()
        return trainer.logits().numpy()

    assert np.array_equal(trained(True), trained(False))


def test_a_study_that_is_stopped_before_it_has_begun_shows_what_was_there():
    """Nothing came of it, so the result before it stays, and is not called stopped."""
    bench = Bench()
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 2)
    bench.ask("learning_run")
    before = bench.answer().study
    assert before is not None
    bench.ask("learning_seeds", 2)
    bench.ask("learning_run")
    learning_desk.answer(bench.asked[-1], lambda *report: False, lambda: None)
    bench.tick()
    assert bench.state.study is before
    assert bench.state.working is None
    assert not bench.state.stopped
    assert bench.state.early


def test_what_is_changed_while_it_trains_is_told_meanwhile():
    """Another world or other settings than those it was started in; not when they are back."""
    bench = Bench()
    bench.ask("learning_seeds", 1)
    bench.ask("learning_updates", 6)
    told = []

    def change(title: str, done: int, *rest: object) -> bool:
        # Of 24 updates; settings that are trained at once may make several between two looks.
        changes = [(SPARSE, TABLE), (SPARSE.with_fields(slip=0.2), TABLE),
                   (SPARSE, replace(TABLE, hidden=9)), (SPARSE, TABLE), (SPARSE, TABLE)]
        bench.run.world, bench.run.settings = changes[done // 6]
        bench.tick()
        told.append((title, done, bench.state.goes_on))
        return True

    bench.ask("learning_run")
    learning_desk.answer(bench.asked[-1], change, lambda: None)
    found = {done: said for title, done, said in told if title.startswith("Training")}
    quarters = [{said for done, said in found.items() if done // 6 == k} for k in range(4)]
    assert quarters == [{""}, {WORLD_CHANGED}, {SETTINGS_CHANGED}, {""}]
    bench.run.world = SPARSE.with_fields(slip=0.2)
    bench.tick()
    assert (bench.state.goes_on, bench.state.outdated) == ("", ANOTHER_WORLD)


@pytest.mark.parametrize("mode", ["study", "sweep"])
def test_a_stop_need_not_wait_until_all_settings_are_made(mode):
    """It is answered, and is no failure."""
    bench = Bench()
    bench.ask("learning_mode", mode)
    bench.ask("learning_run")
    asked = []
    learning_desk.answer(
        bench.asked[-1], lambda *report: asked.append(report) is None and len(asked) < 3,
        lambda: None,
    )
    bench.tick()
    assert [report[1] for report in asked] == [0, 1, 2]
    assert {report[3] for report in asked} == {"settings"}
    assert bench.state.working is None
    assert (bench.state.failure, bench.state.stopped) == ("", False)
    assert (bench.state.early, bench.state.empty) == (True, EARLY[mode])
    assert bench.ask("learning_run").empty == WAITING
    bench.answer(stop_after=0)
    other = "sweep" if mode == "study" else "study"
    assert bench.ask("learning_mode", other).empty == EMPTY[other]


def test_where_there_is_nothing_to_learn_nobody_is_stuck():
    """A world whose uniform policy is the optimum: said in words."""
    bench = Bench(SPARSE.with_fields(tiles={"S": SPARSE.tiles["S"], "G": Tile()}))
    bench.ask("learning_seeds", 2)
    bench.ask("learning_updates", 12)
    bench.ask("learning_run")
    assert bench.answer().study.arms[0].note.startswith("Nothing to learn")


def test_an_unknown_command_is_an_error():
    """Not silence."""
    with pytest.raises(KeyError):
        Bench().presenter.on_command("learning_nothing")
