"""An episode taken out of its batch, with the numbers of the real update."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from torch import Tensor

from rlxent_core import exact, reinforce
from rlxent_core.crediting import batch_weights, credit_of, fresh_batch, values_along
from rlxent_core.effect import KeptPolicy, cotangent_of_batch, cotangent_of_episode
from rlxent_core.mdp import compile_world
from rlxent_core.policy import TablePolicy, action_probabilities
from rlxent_core.rollout import Episodes, episode_of
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.update import Update
from rlxent_core.weightings import TRAINED, WEIGHTINGS, EpisodeCredit, trained_weighting, weighting
from rlxent_core.world import World
from tests.core.credit_maker import FEWER, Drawn, batches, by_hand, close, drawn
from tests.core.learning_worlds import corridor, restless, sparse5
from tests.core.test_trainer import combinations, name, same, trained

LEFT, RIGHT = 0, 1
CRITIC = Settings(credit="gae", baseline="critic", batch_episodes=4, hidden=8)


def of_update(
    trainer: Trainer, done: Update, index: int = 0, run: int = 0, **changes: Any
) -> EpisodeCredit:
    """An episode of an update, weighed with the policy and the critic that it was made with."""
    values = {**arguments(trainer, done, run), "world": trainer.world, "source": "update",
              "update": done.update - 1, "seen_at": done.update - 1}  # fmt: skip
    return credit_of(done.batch, index, run=run, **{**values, **changes})


def arguments(trainer: Trainer, done: Update, run: int = 0) -> dict[str, Any]:
    """Those of credit_of and batch_weights alike."""
    critic = done.critic_before
    return {
        "settings": trainer.settings, "policy": action_probabilities(done.logits_before)[run],
        "critic": None if critic is None else critic[run], "trained": done.weights,
    }  # fmt: skip


def test_an_episode_by_hand() -> None:
    """γ = ½, two moves, six steps at most: every field of the second of three episodes."""
    batch = by_hand(corridor(), [
        [(0, RIGHT, 1.0), (1, RIGHT, 2.0), (2, RIGHT, 8.0)],  # returns 4, 6, 8
        [(0, LEFT, 0.0), (0, RIGHT, 2.0)],  # 1, 2
        [(0, RIGHT, 8.0)],  # 8
    ])  # fmt: skip
    weights = torch.arange(9.0).reshape(3, 1, 3)
    credit = batch.credit(1, trained=weights, source="update", update=7, seen_at=9)
    assert credit.states.tolist() == [0, 0]
    assert credit.actions.tolist() == [LEFT, RIGHT]
    assert credit.outcomes.tolist() == [0, 0]
    assert credit.landings.tolist() == [0, 1]
    assert credit.rewards.tolist() == [0, 2]
    assert credit.probabilities.tolist() == [[0.5, 0.5]] * 2
    assert credit.learned_values.tolist() == [10, 10, 0]
    assert credit.others_mean.tolist() == [6, 6]
    assert credit.batch_returns.tolist() == [4, 1, 8]
    assert credit.batch_mean == pytest.approx(29 / 6)
    assert credit.batch_deviation == pytest.approx(np.std([4, 6, 8, 1, 2, 8], ddof=1))
    assert credit.trained.tolist() == [1, 4]
    assert (credit.index, credit.source, credit.update, credit.seen_at) == (1, "update", 7, 9)
    # With n moves to go, V_n(0) = ½·½V(0) + ½·½V(1), and so on; the goal pays 1.
    v = np.zeros(4)
    table = [v]
    for _ in range(6):
        v = np.array([(v[0] + v[1]) / 4, (v[0] + v[2]) / 4, v[1] / 4 + 0.5, 0])
        table.append(v)
    close(credit.exact_values, [table[6][0], table[5][0], 0])
    close(credit.choice, [table[5][0] / 2 - table[6][0], table[4][1] / 2 - table[5][0]])


@FEWER
@given(batches())
def test_values_are_those_of_all_states_and_times(batch: Drawn) -> None:
    """Looked up in the whole table V_t(s) of dynamic programming; at the end 0."""
    mdp = compile_world(batch.world)
    table = exact.values_t(mdp, batch.policy.numpy(), mdp.max_steps)
    for index in range(batch.batch.n_episodes):
        credit = batch.credit(index)
        visited = table[np.arange(credit.length), credit.states]
        close(credit.exact_values, np.append(visited, 0.0))
    places = np.tile(np.arange(mdp.n_states + 2), (mdp.max_steps + 1, 1))
    close(values_along(mdp, batch.policy.numpy(), places), mdp.continue_values(table))


@FEWER
@given(batches())
def test_the_steps_are_the_episodes_own(batch: Drawn) -> None:
    """As episode_of tells them; the recorded outcome leads to the landing."""
    mdp = compile_world(batch.world)
    for index in range(batch.batch.n_episodes):
        credit, episode = batch.credit(index), episode_of(batch.batch, 0, index)
        for field in ("states", "actions", "landings", "rewards"):
            assert np.array_equal(getattr(credit, field), getattr(episode, field))
        steps = credit.states, credit.actions, credit.outcomes
        assert np.array_equal(mdp.landing[steps], credit.landings)
        assert (mdp.probability[steps] > 0).all()
        noise = credit.rewards - mdp.reward[steps]
        assert not noise[mdp.reward_noise[credit.states] == 0].any()
        ended = mdp.next_state[credit.states[-1], credit.actions[-1], credit.outcomes[-1]]
        assert credit.out_of_time == (ended != mdp.over)
        assert credit.length == mdp.max_steps or not credit.out_of_time


@pytest.mark.parametrize("settings", combinations(), ids=name)
def test_weights_are_those_of_the_real_update(settings: Settings) -> None:
    """By name where the training's weighting has one; what it was trained with in any case."""
    trainer = trained(3, restless(), settings)
    done = trainer.step()
    used, learned = trained_weighting(settings)
    for index in (0, 5, 15):
        credit = of_update(trainer, done, index)
        own = done.weights[: credit.length, 0, index].numpy()
        close(weighting(credit, TRAINED).weights, own)
        close(weighting(credit, used, learned=learned, lam=settings.gae_lambda).weights, own)


@pytest.mark.parametrize("settings", combinations(), ids=name)
def test_the_whole_batch_is_the_real_gradient(settings: Settings) -> None:
    """Σ w (p − y) / B by state and action: what plain descent moves a table of doubles by."""
    world = restless()
    plain = Settings(
        architecture="table", optimizer="sgd", learning_rate=0.5, batch_episodes=6,
        credit=settings.credit, baseline=settings.baseline,
        discount_weighting=settings.discount_weighting,
    )  # fmt: skip
    mdp = compile_world(world)
    trainer = Trainer(
        world, plain, policy=TablePolicy(1, mdp.n_states, mdp.n_actions).double()
    )
    for _ in range(3):
        done = trainer.step()
    used, learned = trained_weighting(plain)
    given = arguments(trainer, done)
    weights = batch_weights(done.batch, used, learned=learned, lam=plain.gae_lambda, **given)
    cotangent = cotangent_of_batch(done.batch, given["policy"], weights)
    moved = (done.logits_after - done.logits_before)[0].numpy()
    assert np.abs(moved).max() > 1e-4
    close(-0.5 * cotangent, moved)
    one_by_one = sum(
        cotangent_of_episode(credit, weighting(credit, used, learned=learned, lam=0.95).weights)
        for credit in (of_update(trainer, done, index) for index in range(6))
    )
    close(one_by_one / 6, cotangent)


@pytest.mark.parametrize("run", [0, 1, 2])
def test_one_of_several_runs_is_as_it_is_alone(run: int) -> None:
    """A seed's episodes are the same alone and among others, and so is their credit."""
    seeds = (4, 5, 6)
    among, alone = Trainer(restless(), CRITIC, seeds), Trainer(restless(), CRITIC, seeds[run:][:1])
    for _ in range(4):
        many, one = among.step(), alone.step()
    for index in range(4):
        ours, theirs = of_update(among, many, index, run), of_update(alone, one, index)
        for field in ("states", "actions", "outcomes", "landings", "rewards", "probabilities",
                      "exact_values", "learned_values", "choice", "others_mean", "policy",
                      "trained", "batch_returns"):  # fmt: skip
            close(getattr(ours, field), getattr(theirs, field))
        close(
            [ours.batch_mean, ours.batch_deviation], [theirs.batch_mean, theirs.batch_deviation]
        )
    given = arguments(among, many, run), arguments(alone, one)
    for key in (*WEIGHTINGS, TRAINED):
        ours = batch_weights(many.batch, key, learned=True, run=run, **given[0])
        theirs = batch_weights(one.batch, key, learned=True, **given[1])
        steps = len(theirs)
        close(ours[:steps], theirs)
        assert not ours[steps:].any()
        close(
            cotangent_of_batch(many.batch, given[0]["policy"], ours, run),
            cotangent_of_batch(one.batch, given[1]["policy"], theirs),
        )


def test_a_pinned_episode_stays_in_its_world() -> None:
    """After walls were drawn it is as it was; a later policy and critic re-weigh it."""
    trainer = trained(2, sparse5(), CRITIC)
    done, world = trainer.step(), trainer.world
    before = of_update(trainer, done)
    old = arguments(trainer, done)
    trainer.set_world(World(("S....", "#####", ".....", ".....", "....G"), dict(world.tiles)))
    trainer.step()
    kept = {**old, "world": world, "source": "update", "update": 2}
    again = credit_of(done.batch, 0, seen_at=2, **kept)
    close(again.exact_values, before.exact_values)
    later = action_probabilities(trainer.logits())[0]
    critic = trainer.critic_values()
    assert critic is not None
    now = credit_of(
        done.batch, 0, seen_at=4, **{**kept, "policy": later, "critic": critic[0]}
    )
    assert np.array_equal(now.actions, before.actions)
    assert now.total_return == before.total_return
    close(now.probabilities, later.numpy()[now.states])
    table = exact.values_t(compile_world(world), later.numpy(), 100)
    close(now.exact_values[:-1], table[np.arange(now.length), now.states])
    close(now.learned_values[:-1], critic[0].numpy()[now.states])


def test_an_update_tells_what_was_before_it() -> None:
    """The critic that its weights came from, and the parameters that gave its logits."""
    trainer = Trainer(sparse5(), CRITIC)
    assert trainer.last is None
    for _ in range(3):
        critic = trainer.critic_values()
        assert critic is not None
        critic = critic.clone()
        done = trainer.step()
        assert trainer.last is done
        assert torch.equal(done.critic_before, critic)
        assert not torch.equal(done.critic_before, trainer.critic_values())
        then = KeptPolicy.of(trainer.policy, done.parameters_before)
        logits = torch.func.functional_call(then.module, dict(then.tensors))
        torch.testing.assert_close(logits, done.logits_before)
    assert trained(1, sparse5(), Settings(hidden=8)).last.critic_before is None
    assert trained(1, sparse5(), CRITIC, (0, 1)).last.parameters_before is None
    trainer.set_world(sparse5(slip=0.0))
    assert trainer.last is None


def same_episodes(one: Episodes, two: Episodes) -> bool:
    return torch.equal(one.leaf, two.leaf) and torch.equal(one.reward, two.reward)


def test_new_episodes_leave_the_training_alone() -> None:
    """The same bits with and without them; each call another batch, the same one when repeated."""
    plain = trained(4, restless(), CRITIC)
    watched = Trainer(restless(), CRITIC)
    earlier: list[Episodes] = []
    for _ in range(4):
        first = fresh_batch(watched, 0)
        assert (first.n_runs, first.n_episodes) == (1, CRITIC.batch_episodes)
        assert same_episodes(first, fresh_batch(watched, 0))
        assert not same_episodes(first, fresh_batch(watched, 1))
        assert not same_episodes(first, watched.collect())
        assert not any(same_episodes(first, other) for other in earlier)
        earlier.append(first)
        watched.step()
    assert same(plain.state(), watched.state())
    other = fresh_batch(Trainer(restless(), CRITIC, (1,)), 0)
    assert not same_episodes(other, fresh_batch(Trainer(restless(), CRITIC, (0,)), 0))


def test_no_two_new_batches_share_numbers() -> None:
    """Of the same policy: another update or another count is another batch."""
    trainer = Trainer(restless(), CRITIC)
    drawn_: list[Episodes] = []
    for trainer.update in range(3):
        drawn_ += [fresh_batch(trainer, count) for count in range(3)]
    for one, two in itertools.combinations(drawn_, 2):
        assert not same_episodes(one, two)


def test_new_episodes_are_drawn_by_the_policy_as_it_is() -> None:
    """Steps in the start cell take each action as often as it is likely, within 5 deviations."""
    settings = Settings(batch_episodes=4000, hidden=8, learning_rate=0.1)
    trainer = trained(5, corridor(), settings)
    policy = action_probabilities(trainer.logits())[0]
    batch = fresh_batch(trainer, 3)
    steps = batch.action[batch.state == 0]
    p = float(policy[0, RIGHT])
    assert abs(p - 0.5) > 0.05
    share = float((steps == RIGHT).double().mean())
    assert abs(share - p) < 5 * (p * (1 - p) / len(steps)) ** 0.5


def test_long_episodes_on_a_large_board() -> None:
    """1,000 steps on 40 × 40 cells: V_t against dynamic programming over all states."""
    world = World(("." * 40,) * 40, max_steps=1000, step_reward=-0.01, slip=0.1)
    batch = drawn(world, n_episodes=2)
    credit = batch.credit(1)
    assert credit.length == 1000
    assert credit.out_of_time
    table = exact.values_t(compile_world(world), batch.policy.numpy(), 1000)
    close(credit.exact_values[:-1], table[np.arange(1000), credit.states])
    close(batch.weights("value")[:, 1], weighting(credit, "value").weights)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_device_makes_no_difference() -> None:
    """Drawn on the device: weighed there as on the CPU, before the training moves and after."""
    trainer = Trainer(restless(), CRITIC, device="cuda")
    for _ in range(3):
        done = trainer.step()
    used, learned = trained_weighting(CRITIC)
    given = arguments(trainer, done)
    before = of_update(trainer, done, 2)
    trainer.to("cpu")
    credit = of_update(trainer, done, 2)
    close(credit.exact_values, before.exact_values)
    weights = weighting(credit, used, learned=learned).weights
    close(weights, done.weights[: credit.length, 0, 2].cpu())
    for key in (*WEIGHTINGS, TRAINED):
        found = batch_weights(done.batch, key, learned=True, lam=0.7, **given)
        assert found.device.type == "cuda"
        close(found[: credit.length, 2].cpu(),
              weighting(credit, key, learned=True, lam=0.7).weights)  # fmt: skip
    mass = done.batch.tally(done.weights)
    expected: Tensor = reinforce.logit_cotangent(given["policy"][None], mass, 4)
    weights = batch_weights(done.batch, TRAINED, **given)
    close(cotangent_of_batch(done.batch, given["policy"], weights), expected[0].cpu())
    assert fresh_batch(trainer, 1).leaf.device.type == "cpu"
