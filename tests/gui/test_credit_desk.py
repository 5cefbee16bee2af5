"""The Credit scene's questions, answered beside a real training on its real thread."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import weighting
from rlxent_core.world_file import read_text
from rlxent_gui import messages, questions
from rlxent_gui.book import stored_episodes
from rlxent_gui.credit_desk import CreditDesk
from rlxent_gui.mailbox import CreditAnswer, EffectAnswer, Mailbox
from rlxent_gui.pacing import LEVELS
from rlxent_gui.training_thread import TrainingThread
from rlxent_gui.view_state import RunState
from rlxent_resources import world_text
from tests.gui.episodes_by_hand import world_of

PUDDLES = read_text(world_text("puddle_corridor"))
SLIPPERY = world_of("S...", ".##.", "...G", slip=0.2, step_reward=-0.05, max_steps=40)


class Bench:
    """A thread under training, asked as the window asks."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.thread = TrainingThread(self.mailbox)
        self.thread.start()
        self.sent = self.number = 0

    def send(self, *wanted: messages.Message) -> None:
        for message in wanted:
            self.thread.send(message)
            self.sent += not isinstance(message, messages.Consult)

    def start(self, world=PUDDLES, run_id=1, **settings) -> None:
        settings = Settings(**{"batch_episodes": 4, **settings})
        self.send(messages.Start(run_id, world, settings, 0, "cpu"))

    def wait(self, seen):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = seen()
            if found:
                return found
            time.sleep(0.002)
        raise AssertionError(f"never seen; the last was {self.mailbox.latest()}")

    def settled(self):
        def seen():
            latest = self.mailbox.latest()
            done = latest is not None and latest.handled >= self.sent
            return latest if done and latest.state is not RunState.RUNNING else None
        return self.wait(seen)

    def answer(self, batch="latest", pick=0, now=False, stored=None) -> CreditAnswer:
        self.number += 1
        self.send(messages.Consult(
            questions.AskEpisode(self.number, batch, pick, now, stored)
        ))

        def seen():
            found = self.mailbox.credit
            return found if found is not None and found.number == self.number else None
        return self.wait(seen)

    def episode(self, *what, **more):
        answer = self.answer(*what, **more)
        assert answer.failure == ""
        return answer.credit

    def effect(self, credit, kind, name="reward_to_go", step=0, learned=False) -> EffectAnswer:
        self.number += 1
        self.send(messages.Consult(
            questions.AskEffect(self.number, credit, kind, name, learned, 0.95, step)
        ))

        def seen():
            found = self.mailbox.effect
            return found if found is not None and found.number == self.number else None
        return self.wait(seen)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.thread.close()


def test_the_last_updates_episodes_with_the_weights_it_was_made_with(bench):
    """The numbers are those of the real update: an independent trainer's of the same seed."""
    bench.start()
    bench.send(messages.Do.UPDATE, messages.Do.UPDATE)
    done = [trainer.step() for trainer in [Trainer(
        PUDDLES, Settings(batch_episodes=4), (0,))] for _ in range(2)][-1]
    for index in range(4):
        credit = bench.episode(pick=index)
        assert (credit.source, credit.update, credit.seen_at) == ("update", 1, 1)
        length = int(done.lengths[0, index])
        assert credit.length == length
        assert np.array_equal(credit.trained, done.weights[:length, 0, index].numpy())
        assert np.allclose(credit.trained, weighting(credit, "leave_one_out").weights, atol=1e-12)
        p = torch.softmax(done.logits_before[0].double(), -1).numpy()
        assert np.allclose(credit.policy, p, rtol=0, atol=1e-9)
        assert np.array_equal(credit.batch_returns, done.returns[0].numpy())


def test_best_median_and_worst(bench):
    """By the returns of their batch."""
    bench.start(batch_episodes=9)
    bench.send(messages.Do.UPDATE)
    found = [bench.episode(pick=which).total_return for which in ("worst", "median", "best")]
    returns = np.sort(bench.episode().batch_returns)
    assert found == pytest.approx([returns[0], returns[4], returns[8]], abs=1e-12)


def test_before_an_update_and_after_going_back_an_episode_is_drawn_anew(bench):
    """What was taken back cannot be shown as the last update."""
    bench.start()
    assert bench.episode().source == "new"
    bench.send(messages.Do.UPDATE, messages.Do.UPDATE)
    assert bench.episode().source == "update"
    bench.send(messages.Rewind(1))
    credit = bench.episode()
    assert (credit.source, credit.update, credit.trained) == ("new", 1, None)


def test_new_episodes_leave_the_training_as_it_is(bench):
    """The bits of the updates that follow are the same, however often somebody asks."""
    bench.start()
    bench.send(messages.Do.UPDATE)
    drawn = [bench.episode("new") for _ in range(3)]
    assert len({tuple(credit.states.tolist()) for credit in drawn}) > 1
    bench.effect(drawn[-1], "batch")
    bench.send(messages.Do.UPDATE)
    trainer = Trainer(PUDDLES, Settings(batch_episodes=4), (0,))
    done = [trainer.step() for _ in range(2)][-1]
    assert np.array_equal(bench.episode().batch_returns, done.returns[0].numpy())


def test_the_stored_episode_is_shown_whatever_has_been_learnt(bench):
    """With the policy that drew it, and with that of now."""
    stored = stored_episodes(PUDDLES)
    bench.start()
    first = bench.episode("stored", stored=stored)
    bench.send(messages.Do.UPDATE)
    again = bench.episode("stored", stored=stored)
    assert np.array_equal(first.policy, again.policy)
    assert np.array_equal(first.actions, again.actions)
    assert again.total_return == pytest.approx(0.22, abs=1e-12)
    now = bench.episode("held", now=True)
    assert (now.source, now.seen_at) == ("stored", 1)
    assert np.array_equal(now.actions, first.actions)
    assert not np.allclose(now.policy, first.policy)


def test_an_edit_of_the_world_in_mid_run_forgets_the_batch_and_keeps_what_is_held(bench):
    """A held episode is weighed in its own world, also with the policy of now."""
    bench.start(SLIPPERY)
    bench.send(messages.Do.UPDATE)
    held = bench.episode()
    edited = world_of("S...", ".#..", "...G", slip=0.2, step_reward=-0.05, max_steps=40)
    bench.send(messages.EditWorld(edited), messages.Do.UPDATE)
    now = bench.episode("held", now=True)
    assert now.world is SLIPPERY
    assert np.array_equal(now.states, held.states)
    assert now.seen_at == 2
    bench.send(messages.EditWorld(edited))
    latest = bench.episode()
    assert (latest.source, latest.world) == ("new", edited)


def test_a_change_of_settings_leaves_the_last_update_what_it_was(bench):
    """Its weights are of the settings it was made with."""
    bench.start(baseline="none")
    bench.send(messages.Do.UPDATE, messages.EditSettings(
        Settings(batch_episodes=4, architecture="mlp", baseline="critic")
    ))
    credit = bench.episode()
    assert (credit.source, credit.settings.baseline) == ("update", "none")
    assert np.allclose(credit.trained, weighting(credit, "reward_to_go").weights, atol=1e-12)
    assert np.isfinite(bench.effect(credit, "episode").effect.change).all()


def test_another_run_answers_with_its_own_number_and_knows_nothing_of_the_old_one(bench):
    """After a reset there is no last update."""
    bench.start()
    bench.send(messages.Do.UPDATE)
    old = bench.episode()
    bench.start(run_id=2)
    answer = bench.answer()
    assert (answer.run_id, answer.credit.source, answer.credit.update) == (2, "new", 0)
    assert bench.effect(old, "episode").effect is None


def test_the_learned_critic_is_as_it_was_before_it_learned_from_the_batch(bench):
    """V of the update, not of what the update made of it."""
    bench.start(baseline="critic")
    bench.send(messages.Do.UPDATE)
    first = bench.episode()
    untaught = Trainer(PUDDLES, Settings(batch_episodes=4, baseline="critic"), (0,))
    values = untaught.critic_values()[0].numpy()
    assert np.array_equal(first.learned_values, [*values[first.states], 0.0])
    later = bench.episode("held", now=True)
    assert not np.allclose(later.learned_values, first.learned_values)
    assert np.allclose(first.trained, weighting(first, "value", learned=True).weights, atol=1e-6)


@pytest.mark.parametrize("architecture", ["table", "mlp"])
def test_arrows_are_what_a_small_step_of_autograd_descent_does(architecture):
    """For the step, the episode and the batch, to first order in the step size."""
    settings = Settings(batch_episodes=3, architecture=architecture, hidden=8)
    trainer = Trainer(SLIPPERY, settings, (0,))
    for _ in range(3):
        trainer.step()
    desk = CreditDesk(trainer)
    credit = desk.episode(questions.AskEpisode(1, "new", 1))
    others = [desk.episode(questions.AskEpisode(1, "held", index)) for index in range(3)]
    name, step, small = "reward_to_go", 2, 1e-5

    def loss(logits, kind):
        total = 0.0
        for episode in others if kind == "batch" else [credit]:
            weights = torch.from_numpy(weighting(episode, name).weights.copy())
            if kind == "step":
                weights = weights * (torch.arange(len(weights)) == step)
            rows = logits[torch.from_numpy(episode.states)]
            labels = torch.from_numpy(episode.actions)
            total = total + (F.cross_entropy(rows, labels, reduction="none") * weights).sum()
        return total / (3 if kind == "batch" else 1)

    for kind in ("step", "episode", "batch"):
        desk.episode(questions.AskEpisode(1, "held", 1))
        asked = desk._answered[0]
        found = desk.effect(questions.AskEffect(1, asked, kind, name, False, 0.95, step)).change
        module = trainer.policy
        parameters = [p for p in module.parameters() if p.requires_grad]
        kept = [p.detach().clone() for p in parameters]
        with torch.enable_grad():
            logits = module()[0].double()
            gradients = torch.autograd.grad(loss(logits, kind), parameters)
        before = torch.softmax(logits.detach(), -1).numpy()
        with torch.no_grad():
            for p, g in zip(parameters, gradients, strict=True):
                p -= small * g
            after = torch.softmax(module()[0].double(), -1).numpy()
            for p, old in zip(parameters, kept, strict=True):
                p.copy_(old)
        numeric = (after - before) / small
        assert np.allclose(found, numeric, rtol=0.05, atol=2e-2 * np.abs(found).max())


def test_a_running_training_is_asked_between_updates_and_goes_on(bench):
    """Flat out: answers come, and the training does not stop for them."""
    bench.start()
    bench.send(messages.SetPace(LEVELS[-1]), messages.Do.PLAY)
    bench.wait(lambda: (latest := bench.mailbox.latest()) and latest.update > 5)
    updates = []
    for _ in range(3):
        credit = bench.episode()
        assert credit.source == "update"
        updates.append(credit.update)
        assert bench.effect(credit, "episode").effect is not None
        at = bench.mailbox.latest().update
        bench.wait(lambda at=at: bench.mailbox.latest().update > at)
    assert updates == sorted(set(updates))
    assert bench.mailbox.latest().state is RunState.RUNNING
    bench.send(messages.Do.PAUSE)
    bench.settled()


def test_a_question_that_fails_is_answered_by_a_sentence_and_the_training_lives(bench):
    """No such weighting: a card, and the next question is answered."""
    bench.start()
    bench.send(messages.Do.UPDATE)
    credit = bench.episode()
    assert bench.effect(credit, "batch", "value", learned=True).failure == (
        "No critic is being learned."
    )
    assert bench.effect(credit, "batch", "value").failure == ""
    bench.send(messages.Do.UPDATE)
    assert bench.settled().update == 2


def test_values_that_are_no_numbers_are_told_and_not_drawn(bench):
    """Rewards whose sum no computer can write down."""
    bench.start(world_of("S..G", step_reward=-1e308, discount=1, max_steps=50))
    answer = bench.answer("new")
    assert answer.credit is None
    assert answer.failure == "Its values are too large to be added up."
    bench.start(run_id=2)
    assert bench.episode().source == "new"


def test_without_a_run_nothing_is_answered_and_nothing_breaks(bench):
    """A world without a step limit cannot be trained on."""
    bench.start(PUDDLES.with_fields(max_steps=None))
    bench.send(messages.Consult(questions.AskEpisode(1, "latest")))
    assert bench.settled().failure is not None
    assert bench.mailbox.credit is None
    bench.start(run_id=2)
    assert bench.episode().source == "new"
