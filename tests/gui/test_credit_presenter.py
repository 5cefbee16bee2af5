"""What the Credit scene is asked becomes questions, and answers become what it shows; no window."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import WEIGHTINGS, weighting
from rlxent_core.world_file import read_text
from rlxent_gui import credit_resolve as resolve
from rlxent_gui import questions
from rlxent_gui.book import stored_episodes
from rlxent_gui.credit_desk import CreditDesk
from rlxent_gui.credit_numbers import decimals, sum_text
from rlxent_gui.credit_presenter import EVERY, CreditPresenter
from rlxent_gui.credit_view import CreditView
from rlxent_gui.mailbox import CreditAnswer, EffectAnswer, Mailbox
from rlxent_resources import world_text
from tests.gui.episodes_by_hand import walk, world_of

PUDDLES = read_text(world_text("puddle_corridor"))
SPARSE = read_text(world_text("sparse5"))


class FakeRun:
    """What the window's presenter knows of the training."""

    def __init__(self, world, settings) -> None:
        self.world, self.settings = world, settings
        self.run_id, self.update, self.pasts, self.running = 1, 0, 0, False
        self.place: Any = None
        self.cards: dict[str, Any] = {}

    def show_place(self, place) -> None:
        self.place = place

    def add_card(self, card) -> None:
        self.cards[card.id] = card

    def remove_card(self, id) -> None:
        self.cards.pop(id, None)


class Bench:
    """A presenter, a desk that answers when the test says so, and a clock by hand."""

    def __init__(self, world=PUDDLES, visible=True, **settings: Any) -> None:
        settings = Settings(**{"batch_episodes": 4, **settings})
        self.run, self.mailbox = FakeRun(world, settings), Mailbox()
        self.trainer = Trainer(world, settings, (0,))
        self.desk = CreditDesk(self.trainer)
        self.now, self.sent, self.views, self.effects = 100.0, [], [], []
        self.presenter = CreditPresenter(
            self, self.run, self.mailbox, self.sent.append, stored_episodes, lambda: self.now
        )
        if visible:
            self.presenter.set_visible(True)

    def show_credit(self, view) -> None:
        self.views.append(view)

    def show_effect(self, effect) -> None:
        self.effects.append(effect)

    @property
    def view(self) -> CreditView:
        return self.views[-1]

    @property
    def episodes_asked(self) -> list[questions.AskEpisode]:
        return [m.question for m in self.sent if isinstance(m.question, questions.AskEpisode)]

    @property
    def effects_asked(self) -> list[questions.AskEffect]:
        return [m.question for m in self.sent if isinstance(m.question, questions.AskEffect)]

    def train(self, updates=1) -> None:
        """The training makes updates, and the window hears of them."""
        for _ in range(updates):
            self.desk.keep(self.trainer.step())
        self.run.update = self.trainer.update

    def answer_episode(self, question) -> None:
        credit = self.desk.episode(question)
        self.mailbox.credit = CreditAnswer(self.run.run_id, question.number, credit)

    def answer_effect(self, question) -> None:
        effect = self.desk.effect(question)
        self.mailbox.effect = EffectAnswer(self.run.run_id, question.number, effect)

    def frame(self) -> None:
        """A frame passes; what is asked in it is answered before the next."""
        asked = len(self.sent)
        self.presenter.tick()
        for message in self.sent[asked:]:
            message.question(self, None)

    def settle(self) -> CreditView:
        for _ in range(4):
            self.frame()
        return self.view

    def ask(self, command, argument=None) -> CreditView:
        asked = len(self.sent)
        self.presenter.on_command(command, argument)
        for message in self.sent[asked:]:
            message.question(self, None)
        return self.settle()


def test_nothing_is_asked_while_nobody_looks():
    """The training has the whole machine until the scene is seen."""
    bench = Bench(visible=False)
    bench.train(3)
    bench.frame()
    assert not bench.sent
    bench.presenter.set_visible(True)
    bench.settle()
    assert [q.batch for q in bench.episodes_asked] == ["latest"]


def test_a_world_with_a_stored_episode_begins_with_it_and_never_depends_on_luck():
    """On entering before any update; it stays when training begins, and the latest is a click."""
    bench = Bench(PUDDLES)
    view = bench.settle()
    assert (view.episode.source, view.episode.length, view.has_stored) == ("stored", 14, True)
    bench.train(2)
    bench.now += 2 * EVERY
    view = bench.settle()
    assert (view.episode.source, view.newer) == ("stored", 2)
    view = bench.ask("credit_latest")
    assert (view.episode.source, view.episode.update, view.newer) == ("update", 1, None)
    assert bench.ask("credit_stored").episode.source == "stored"


def test_after_an_update_the_scene_shows_its_first_episode():
    """Entered in mid-run, also in a world that has a stored one."""
    bench = Bench(PUDDLES, visible=False)
    bench.train(3)
    bench.presenter.set_visible(True)
    view = bench.settle()
    assert (view.episode.source, view.episode.update, view.episode.index) == ("update", 2, 0)
    assert view.newer is None


def test_without_any_update_an_episode_is_drawn_with_the_policy_as_it_is():
    """The scene is never empty where there is something to look at."""
    view = Bench(SPARSE).settle()
    assert (view.episode.source, view.episode.update, view.has_stored) == ("new", 0, False)


def test_a_running_training_is_looked_at_once_a_second_and_a_resting_one_at_once():
    """What looks on must not slow what runs."""
    bench = Bench(SPARSE)
    bench.settle()
    bench.run.running = True
    for _ in range(50):  # 0.5 s of frames
        bench.train()
        bench.now += 0.01
        bench.frame()
    assert len(bench.episodes_asked) == 1
    bench.now += EVERY
    bench.settle()
    assert len(bench.episodes_asked) == 2
    bench.run.running = False
    for _ in range(3):
        bench.train()
        assert bench.settle().episode.update == bench.trainer.update - 1
    assert len(bench.episodes_asked) == 5


def test_an_episode_that_is_played_is_held_without_a_pin():
    """Until play stops; a second later the latest is followed again, and nothing said it was not.

    Another episode is still a click away.
    """
    bench = Bench(SPARSE)
    bench.train()
    first = bench.settle().episode
    bench.run.running = True
    bench.ask("credit_hold", True)
    for _ in range(5):
        bench.train()
        bench.now += 2 * EVERY
        bench.settle()
    assert (bench.view.episode, bench.view.pinned, bench.view.newer) == (first, False, None)
    bench.ask("credit_hold", False)
    assert bench.settle().episode is first  # the last step is seen for a while
    bench.now += 1.1 * EVERY
    assert bench.settle().episode.update == bench.trainer.update - 1
    bench.ask("credit_hold", True)
    assert bench.ask("credit_new").episode.source == "new"


def test_holding_draws_nothing_anew_where_nothing_was_trained():
    """Before any update the episode is one that was drawn for the scene; a drag keeps it."""
    bench = Bench(SPARSE)
    first = bench.settle().episode
    bench.ask("credit_hold", True)
    bench.ask("credit_hold", False)
    bench.now += 2 * EVERY
    assert bench.settle().episode is first
    assert len(bench.episodes_asked) == 1


def test_the_scene_never_knows_of_a_later_update_than_the_status_line():
    """The answer waits for the window to hear of its update, unless that was taken back."""
    bench = Bench(SPARSE)
    bench.train()
    first = bench.settle().episode
    bench.run.running = True
    bench.train()
    bench.run.update = 2
    bench.now += 2 * EVERY
    bench.desk.keep(bench.trainer.step())  # update 3, of which the window has not heard
    bench.settle()
    assert bench.view.episode is first
    bench.run.update = 3
    assert bench.settle().episode.update == 2
    bench.now += 2 * EVERY
    bench.run.update = 4
    for _ in range(2):
        bench.desk.keep(bench.trainer.step())
    bench.frame()
    bench.run.update, bench.run.pasts = 1, 1
    bench.frame()
    assert bench.view.episode.update == 4


def test_what_costs_the_training_much_is_asked_less_often():
    """A look takes 5 % of its time at most."""
    bench = Bench(SPARSE)
    bench.train()
    bench.settle()
    bench.presenter.on_command("credit_episode", 1)
    question = bench.episodes_asked[-1]
    credit = bench.desk.episode(question)
    bench.mailbox.credit = CreditAnswer(1, question.number, credit, seconds=0.4)
    bench.run.running = True
    for passed, asked in ((1.1, 2), (6.8, 2), (0.3, 3)):
        bench.train()
        bench.now += passed
        bench.frame()
        assert len(bench.episodes_asked) == asked


def test_only_the_newest_questions_answer_is_shown():
    """A late answer, or one of another run, is dropped."""
    bench = Bench(SPARSE)
    bench.train()
    first = bench.settle().episode
    bench.presenter.on_command("credit_episode", 2)
    old = bench.episodes_asked[-1]
    bench.presenter.on_command("credit_episode", 1)
    bench.answer_episode(old)
    bench.presenter.tick()
    assert bench.view.episode is first
    bench.answer_episode(bench.episodes_asked[-1])
    bench.settle()
    assert bench.view.episode.index == 1
    bench.presenter.on_command("credit_episode", 3)
    credit = bench.desk.episode(bench.episodes_asked[-1])
    bench.mailbox.credit = CreditAnswer(99, bench.episodes_asked[-1].number, credit)
    bench.presenter.tick()
    assert bench.view.episode.index == 1


def test_best_median_and_worst_are_those_of_the_batch_also_of_the_next_one():
    """A choice by return holds while training is followed."""
    bench = Bench(PUDDLES, visible=False, batch_episodes=9)
    bench.train()
    bench.presenter.set_visible(True)
    bench.settle()
    for which, of in (("best", np.max), ("worst", np.min), ("median", np.median)):
        episode = bench.ask("credit_episode", which).episode
        assert episode.total_return == pytest.approx(of(episode.batch_returns), abs=1e-12)
    bench.ask("credit_episode", "worst")
    bench.train()
    episode = bench.settle().episode
    assert episode.update == 1
    assert episode.total_return == pytest.approx(episode.batch_returns.min(), abs=1e-12)


def test_new_episodes_differ_and_stay_while_training_goes_on():
    """They are drawn by the present policy and are no part of any update."""
    bench = Bench(SPARSE)
    bench.train()
    bench.settle()
    one, two = (bench.ask("credit_new").episode for _ in range(2))
    assert one.source == two.source == "new"
    assert one.length != two.length or not np.array_equal(one.actions, two.actions)
    bench.train()
    bench.now += EVERY
    view = bench.settle()
    assert (view.episode, view.newer) == (two, 2)


def test_a_pinned_episode_is_kept_and_weighed_again_with_the_policy_of_now():
    """The same steps, other probabilities and values; then back to those that drew it."""
    bench = Bench(PUDDLES, visible=False, baseline="critic")
    bench.train()
    bench.presenter.set_visible(True)
    then = bench.settle().episode
    bench.ask("credit_pin", True)
    bench.train(20)
    bench.now += EVERY
    view = bench.settle()
    assert (view.episode, view.pinned, view.newer, view.now) == (then, True, 21, False)
    now = bench.ask("credit_policy", "now")
    assert now.now
    assert np.array_equal(now.episode.actions, then.actions)
    assert not np.allclose(now.episode.exact_values, then.exact_values)
    assert not np.allclose(now.episode.learned_values, then.learned_values)
    assert (now.episode.update, now.episode.seen_at) == (0, 21)
    bench.train()
    bench.now += EVERY
    later = bench.settle()
    assert later.episode.seen_at == 22, "“now” goes on being now"
    back = bench.ask("credit_policy", "then").episode
    assert np.array_equal(back.exact_values, then.exact_values)
    view = bench.ask("credit_pin", False)
    assert (view.episode.update, view.pinned) == (21, False)


@pytest.mark.parametrize("batch", ["latest", "new"])
def test_without_the_pin_an_episode_is_weighed_with_the_policy_that_drew_it(batch):
    """“Now” goes with the pin: the latest is followed again, a new one is as it was."""
    bench = Bench(PUDDLES, visible=False)
    bench.train()
    bench.presenter.set_visible(True)
    bench.settle()
    drawn = bench.ask(f"credit_{batch}").episode
    bench.ask("credit_pin", True)
    bench.train(5)
    bench.now += EVERY
    bench.settle()
    assert bench.ask("credit_policy", "now").episode.seen_at == 6
    view = bench.ask("credit_pin", False)
    assert not view.now
    if batch == "latest":
        assert (view.episode.source, view.episode.update) == ("update", 5)
    else:
        assert np.array_equal(view.episode.exact_values, drawn.exact_values)


def test_a_reset_forgets_the_episode_and_asks_the_new_run():
    """Pinned or not, it is of a run that is gone."""
    bench = Bench(SPARSE)
    bench.train(2)
    bench.settle()
    bench.ask("credit_pin", True)
    bench.run.run_id, bench.run.update = 2, 0
    bench.desk = CreditDesk(Trainer(SPARSE, bench.run.settings, (0,)))
    bench.presenter.tick()
    assert bench.views[-1] is None
    assert bench.effects[-1] is None
    bench.answer_episode(bench.episodes_asked[-1])
    view = bench.settle()
    assert (view.episode.source, view.pinned) == ("new", False)


def test_a_run_that_cannot_start_leaves_the_scene_empty_and_alive():
    """No answer ever comes; the next run is asked again."""
    bench = Bench(SPARSE)
    bench.presenter.tick()
    bench.presenter.on_command("credit_step", 3)
    bench.presenter.on_command("credit_weighting", "gae")
    for _ in range(5):
        bench.presenter.tick()
    assert bench.views == []
    assert len(bench.sent) == 1
    bench.run.run_id = 2
    assert bench.settle().episode.source == "new"


def test_an_episode_that_was_taken_back_is_not_the_latest():
    """Another past with the same number of updates is another past."""
    bench = Bench(SPARSE)
    bench.train(3)
    bench.settle()
    bench.ask("credit_pin", True)
    assert bench.view.newer is None
    bench.run.update = 2
    bench.run.pasts += 1
    assert bench.settle().newer == 2
    bench.run.update = 3  # trained again, perhaps in another way
    bench.now += EVERY
    assert bench.settle().newer == 3


def test_an_edit_of_the_world_drops_what_is_not_pinned():
    """A pinned episode keeps its own world."""
    edited = world_of(*SPARSE.map, tiles=dict(SPARSE.tiles), max_steps=50)
    for pinned in (False, True):
        bench = Bench(SPARSE)
        bench.train(2)
        old = bench.settle().episode
        bench.ask("credit_pin", pinned)
        bench.trainer.set_world(edited)
        bench.desk.forget()
        bench.run.world = edited
        bench.run.pasts += 1
        view = bench.settle()
        assert (view.episode is old) == pinned
        assert view.world is (old.world if pinned else edited)
        assert view.newer == (2 if pinned else None)


def test_a_question_that_fails_becomes_a_card_until_one_succeeds():
    """Never a dead scene."""
    bench = Bench(SPARSE)
    shown = bench.settle().episode
    bench.presenter.on_command("credit_new")
    number = bench.episodes_asked[-1].number
    bench.mailbox.credit = CreditAnswer(1, number, None, "Its values are no numbers.")
    bench.presenter.tick()
    assert bench.run.cards["credit"].body == "Its values are no numbers."
    assert bench.view.episode is shown
    bench.ask("credit_weighting", "total_return")
    assert len(bench.effects_asked) == 2
    assert bench.run.cards, "arrows of the old episode are no answer to what failed"
    bench.ask("credit_new")
    assert not bench.run.cards


def test_the_card_goes_when_the_scene_does():
    """In another scene there is no episode that it could be about."""
    bench = Bench(SPARSE)
    bench.settle()
    bench.presenter.on_command("credit_new")
    number = bench.episodes_asked[-1].number
    bench.mailbox.credit = CreditAnswer(1, number, None, "Its values are no numbers.")
    bench.presenter.tick()
    assert "credit" in bench.run.cards
    bench.presenter.set_visible(False)
    assert "credit" not in bench.run.cards


# --- step, weighting, values


def test_a_step_is_chosen_within_the_episode_and_told_in_the_status_line():
    """By number, and one by one up to the ends."""
    bench = Bench(PUDDLES)
    bench.settle()
    assert bench.ask("credit_step", 1).step == 1
    assert bench.run.place == ("Step 1 of 13 · stored episode", "B1 to C1")
    assert bench.view.sentence.startswith("Step 1 walked into the puddle. Weight ")
    assert bench.ask("credit_previous").step == 0
    assert bench.ask("credit_previous").step == 0
    assert bench.ask("credit_step", 99).step == 13
    assert bench.ask("credit_next").step == 13
    assert bench.view.path.step == 13
    bench.presenter.set_visible(False)
    assert bench.run.place is None


def test_a_step_changes_neither_rows_nor_weights_and_the_same_step_shows_nothing():
    """What did not change is the same object, so that views need not look."""
    bench = Bench(PUDDLES)
    before = bench.settle()
    after = bench.ask("credit_step", 5)
    assert after.rows is before.rows
    assert after.weights is before.weights
    shown = len(bench.views)
    bench.ask("credit_step", 5)
    assert len(bench.views) == shown


def test_weightings_follow_the_training_until_one_is_chosen():
    """First that of the settings, also when they change; then the user's."""
    bench = Bench(PUDDLES)
    assert bench.settle().weighting == "leave_one_out"
    bench.run.settings = dataclasses.replace(bench.run.settings, baseline="exact_value")
    assert bench.settle().weighting == "value"
    bench.run.settings = dataclasses.replace(bench.run.settings, credit="gae", gae_lambda=0.5)
    view = bench.settle()
    assert (view.weighting, view.gae_lambda) == ("gae", 0.5)
    assert bench.ask("credit_weighting", "critic").weighting == "critic"
    bench.run.settings = Settings()
    assert bench.settle().weighting == "critic"


def test_up_and_down_go_through_the_rows_that_can_be_chosen():
    """The parts of δ are no weightings; the ends are ends."""
    bench = Bench(PUDDLES)
    bench.settle()
    bench.ask("credit_weighting", "total_return")
    assert bench.ask("credit_weighting_previous").weighting == "total_return"
    seen = [bench.ask("credit_weighting_next").weighting for _ in range(7)]
    assert seen == [*WEIGHTINGS[1:], "z_score"]
    assert bench.ask("credit_weighting", "luck").weighting == "z_score"


def test_what_an_update_was_made_with_is_a_row_where_it_is_no_other():
    """A moving average is none of the seven."""
    bench = Bench(PUDDLES, visible=False, baseline="moving_average")
    bench.train()
    bench.presenter.set_visible(True)
    view = bench.settle()
    assert view.weighting == "trained"
    assert view.rows[-1].label == "As trained: to-go − moving average"
    assert np.array_equal(view.weights, view.episode.trained)
    new = bench.ask("credit_new")
    assert (new.weighting, new.rows[-1].name) == ("reward_to_go", "z_score")


def test_rows_are_the_weightings_of_the_core_with_names_for_a_back_row():
    """Every row of the comparison, what it adds up to, and what it means."""
    bench = Bench(PUDDLES)
    view = bench.settle()
    assert [row.label for row in view.rows] == [
        "Total return", "Reward-to-go", "To-go − mean", "To-go − V(s)", "Critic: r + V′ − V",
        "choice: A(s, a)", "luck: what the world did", "GAE(λ = 0.95)", "z-score",
    ]
    by_name = {row.name: row for row in view.rows}
    for name in WEIGHTINGS:
        expected = weighting(view.episode, name).weights
        assert np.array_equal(by_name[name].weights, expected)
        assert by_name[name].total == pytest.approx(expected.sum(), abs=1e-9)
    parts = by_name["choice"].weights + by_name["luck"].weights
    assert np.allclose(parts, by_name["critic"].weights, rtol=0, atol=1e-12)
    assert by_name["total_return"].tip.endswith("The weights add up to +3.08.")
    assert not any(re.search(r"-\d| - ", row.tip + row.label) for row in view.rows)


@pytest.mark.parametrize("discounting", ["exact", "practice"])
def test_choice_and_luck_make_up_the_critic_also_with_a_discount(discounting):
    """In both ways of discounting, in a world that slips."""
    world = world_of("S..", ".#G", slip=0.3, discount=0.9, step_reward=-0.1, max_steps=30)
    bench = Bench(world, discount_weighting=discounting)
    by_name = {row.name: row for row in bench.settle().rows}
    assert by_name["critic"].label == "Critic: r + γV′ − V"
    parts = by_name["choice"].weights + by_name["luck"].weights
    assert np.allclose(parts, by_name["critic"].weights, rtol=0, atol=1e-12)
    assert np.abs(by_name["luck"].weights).max() > 0.01


def test_lambda_leads_from_the_critic_to_the_return_less_v():
    """0 is the critic, 1 is to-go − V(s)."""
    bench = Bench(PUDDLES)
    bench.settle()
    for lam, same in ((0.0, "critic"), (1.0, "value")):
        view = bench.ask("credit_lambda", lam)
        rows = {row.name: row for row in view.rows}
        assert rows["gae"].label == f"GAE(λ = {lam:g})"
        assert np.allclose(rows["gae"].weights, rows[same].weights, rtol=0, atol=1e-12)


def test_v_is_exact_or_the_critics_and_said_which():
    """Learned only where a critic is learned; the split into choice and luck needs the exact V."""
    bench = Bench(PUDDLES, visible=False, baseline="critic")
    bench.train(3)
    bench.presenter.set_visible(True)
    view = bench.settle()
    assert (view.weighting, view.learned) == ("value", True)
    assert "V is the learned critic’s." in {r.name: r.tip for r in view.rows}["value"]
    assert "choice" not in [row.name for row in view.rows]
    assert np.array_equal(view.weights, weighting(view.episode, "value", learned=True).weights)
    view = bench.ask("credit_values", "exact")
    assert not view.learned
    assert "V is exact." in {r.name: r.tip for r in view.rows}["value"]
    without = Bench(PUDDLES)
    without.settle()
    assert not without.ask("credit_values", "learned").learned


# --- sentences


def test_the_exact_critic_says_what_its_sum_is_made_of():
    """G₀ − V₀, in numbers; other weightings say what they add up to."""
    bench = Bench(PUDDLES)
    bench.settle()
    assert bench.ask("credit_weighting", "critic").identity == (
        "G₀ − V₀ = 0.22 − 0.20 = +0.02 = Σ δₜ: choice +0.02, luck 0.00."
    )
    assert bench.ask("credit_weighting", "total_return").identity == (
        "The weights add up to +3.08."
    )


@pytest.mark.parametrize(("trained", "said"), [
    ([0.2, -0.199999], "≈0"), ([0.2, -0.2], "0"), ([0.1 + 0.2, -0.3], "0"), ([0.2, -0.196], "≈0"),
    ([0.003, -0.001], "+0.0020"), ([30.0, 20.05], "+50.0"), ([0.2, -0.3], "−0.10"),
])  # fmt: skip
def test_a_sum_is_said_as_the_comparison_has_it(trained, said):
    """The number behind the row, in the sentence below and in the tooltip."""
    world = world_of("S.G", max_steps=9)
    credit = walk(world, "→→", settings=Settings(baseline="moving_average"),
                  trained=np.array(trained))
    row = next(r for r in resolve.rows(credit, False, 0.9) if r.name == "trained")
    assert sum_text(row.total, decimals(row.weights)) == said
    own = resolve.weigh(credit, "trained", False, 0.9)
    assert resolve.identity(credit, own, False) == f"The weights add up to {said}."
    assert row.tip.endswith(f"The weights add up to {said}.")


@pytest.mark.parametrize("seed", range(25))
def test_the_identity_is_true_as_it_is_written(seed):
    """Whatever the numbers: what stands on both sides of = is equal to the last digit shown."""
    draw = np.random.default_rng(seed)
    world = world_of("S..", ".#G", slip=0.3, discount=float(draw.choice([1.0, 0.9])),
                     step_reward=float(draw.normal()) * 10 ** int(draw.integers(-2, 3)),
                     max_steps=30)
    bench = Bench(world)
    bench.settle()
    said = bench.ask("credit_weighting", "critic").identity
    number = r"(\(?[−+]?[\d.\u202f]+\)?)"
    each = "δₜ" if world.discount == 1 else "γᵗδₜ"
    found = re.fullmatch(
        rf"G₀ − V₀ = {number} − {number} ([=≈]) {number} = Σ {each}: choice {number}, luck"
        rf" {number}\.", said,
    )
    assert found, said
    total, value, equals, less, choice, luck = found.groups()
    total, value, less, choice, luck = (
        float(x.strip("()").replace("−", "-").replace("\u202f", "").rstrip("."))
        for x in (total, value, less, choice, luck)
    )
    if equals == "=":
        assert total - value == pytest.approx(less, abs=1e-9)
        assert choice + luck == pytest.approx(less, abs=1e-9)
    episode = bench.view.episode
    assert episode.total_return - episode.exact_values[0] == pytest.approx(less, abs=0.51)


def test_where_reward_comes_only_at_the_end_the_scene_says_so():
    """With γ = 1 or exact discounting, reward-to-go is the total return; in the corridor not."""
    start = "Here reward comes only at the end, so reward-to-go equals the total return:"
    at_the_end = world_of("S..G", discount=1, max_steps=20)
    assert Bench(at_the_end).settle().note.startswith(start)
    discounted = at_the_end.with_fields(discount=0.9)
    assert Bench(discounted, discount_weighting="practice").settle().note == ""
    view = Bench(discounted, discount_weighting="exact").settle()
    assert view.note.startswith(start)
    rows = {row.name: row for row in view.rows}
    assert np.allclose(rows["reward_to_go"].weights, rows["total_return"].weights, atol=1e-12)
    assert Bench(PUDDLES).settle().note == ""


def test_the_classifier_is_the_cross_entropys_gradient_of_the_step():
    """p − y, times the weight; the sentence tells which way the label goes."""
    bench = Bench(PUDDLES)
    bench.settle()
    bench.ask("credit_weighting", "critic")
    view = bench.ask("credit_step", 1)
    part, p = view.classifier, view.episode.probabilities[1]
    assert (part.moves[part.action], part.weight) == ("right", view.weights[1])
    y = np.eye(4)[part.action]
    assert np.allclose(part.gradient, view.weights[1] * (p - y), rtol=0, atol=1e-15)
    assert view.sentence == (
        "Step 1 walked into the puddle. Weight −0.18: the label is kept, its sign is flipped, so"
        " → becomes less likely."
    )


# --- the effect


def test_the_arrows_are_asked_for_when_what_they_depend_on_changes():
    """The step matters to the step's alone, the weighting to all but little else."""
    bench = Bench(PUDDLES)
    bench.settle()
    assert [q.kind for q in bench.effects_asked] == ["episode"]
    bench.ask("credit_step", 3)
    assert len(bench.effects_asked) == 1
    bench.ask("credit_effect", "step")
    bench.ask("credit_step", 4)
    assert [(q.kind, q.step) for q in bench.effects_asked[1:]] == [("step", 3), ("step", 4)]
    bench.ask("credit_weighting", "gae")
    bench.ask("credit_lambda", 0.5)
    assert [q.gae_lambda for q in bench.effects_asked[3:]] == [0.95, 0.5]
    assert bench.effects[-1].kind == "step"
    assert np.count_nonzero(np.abs(bench.effects[-1].change).max(1)) == 1


def test_quick_scrubbing_asks_one_question_at_a_time_and_ends_with_the_last_step():
    """However fast the steps go by, the training answers one and then the newest."""
    bench = Bench(PUDDLES)
    bench.settle()
    bench.ask("credit_effect", "step")
    before = len(bench.effects_asked)
    for step in range(1, 13):
        bench.presenter.on_command("credit_step", step)
        bench.presenter.tick()
    assert len(bench.effects_asked) == before + 1
    bench.answer_effect(bench.effects_asked[-1])
    bench.settle()
    assert [q.step for q in bench.effects_asked[before:]] == [1, 12]


def test_an_unknown_command_is_an_error():
    """A button that does nothing would be one."""
    bench = Bench(SPARSE)
    bench.settle()
    with pytest.raises(KeyError):
        bench.presenter.on_command("credit_teleport")
