"""Weights of one episode: against their definitions, and the identities that a lecture shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.settings import Settings
from rlxent_core.weightings import (
    TRAINED,
    WEIGHTINGS,
    EpisodeCredit,
    deltas,
    extreme,
    luck,
    trained_weighting,
    weighting,
)
from rlxent_core.world import Tile, World
from tests.core.credit_maker import FEWER, Drawn, batches, by_hand, close, drawn, lengths
from tests.core.learning_worlds import corridor, sparse5
from tests.core.test_trainer import combinations, name

Floats = NDArray[np.float64]
LEFT, RIGHT = 0, 1


def rewards_of(batch: Drawn) -> list[list[float]]:
    """Of each episode."""
    return [batch.batch.reward[:n, 0, e].tolist() for e, n in enumerate(lengths(batch.batch))]


def return_at(rewards: list[float], discount: float, t: int) -> float:
    """Σ_k γ^k r_t+k, as it is written."""
    return sum(discount**k * rewards[t + k] for k in range(len(rewards) - t))


def as_defined(batch: Drawn, index: int, values: Floats, lam: float) -> dict[str, list[float]]:
    """Every weighting of an episode by its definition, in plain Python, without γ^t."""
    every, discount = rewards_of(batch), batch.world.discount
    rewards = every[index]
    steps = range(len(rewards))
    to_go = [return_at(rewards, discount, t) for t in steps]
    all_returns = [return_at(r, discount, t) for r in every for t in range(len(r))]
    others = []
    for t in steps:
        rest = [r for e, r in enumerate(every) if e != index and len(r) > t]
        gains = [return_at(r, discount, t) for r in rest]
        others.append(sum(gains) / len(gains) if gains else 0.0)
    delta = [rewards[t] + discount * values[t + 1] - values[t] for t in steps]
    mean = sum(all_returns) / len(all_returns)
    spread = max(all_returns) - min(all_returns)
    z = [0.0 for _ in steps]
    if spread > 1e-9:
        variance = sum((g - mean) ** 2 for g in all_returns) / (len(all_returns) - 1)
        z = [(g - mean) / variance**0.5 for g in to_go]
    return {
        "total_return": [to_go[0] for _ in steps],
        "reward_to_go": to_go,
        "leave_one_out": [g - b for g, b in zip(to_go, others, strict=True)],
        "value": [g - v for g, v in zip(to_go, values[:-1], strict=True)],
        "critic": delta,
        "gae": [
            sum((discount * lam) ** k * delta[t + k] for k in range(len(delta) - t)) for t in steps
        ],
        "z_score": z,
    }


def values_by_time(credit: EpisodeCredit) -> Floats:
    """V_t(s_t), by dynamic programming over all states, 0 at the end."""
    mdp = compile_world(credit.world)
    table = exact.values_t(mdp, credit.policy, mdp.max_steps)
    return np.array([*(table[t, s] for t, s in enumerate(credit.states)), 0.0])


@FEWER
@given(batches(), st.booleans(), st.sampled_from([0.0, 0.3, 0.95, 1.0]), st.data())
def test_every_weighting_is_as_it_is_defined(
    batch: Drawn, learned: bool, lam: float, data: st.DataObject
) -> None:
    """Against sums written out, in random worlds with slip, wind, respawns, exits and noise."""
    index = data.draw(st.integers(0, batch.batch.n_episodes - 1))
    credit = batch.credit(index)
    values = values_by_time(credit)
    if learned:
        values = np.append(batch.critic.numpy()[credit.states], 0.0)
    expected = as_defined(batch, index, values, lam)
    assert set(expected) == set(WEIGHTINGS)
    scale = batch.world.discount ** np.arange(credit.length)
    for key, weights in expected.items():
        found = weighting(credit, key, learned=learned, lam=lam)
        practice = batch.settings.discount_weighting == "practice" or key == "total_return"
        close(found.weights, np.array(weights) * (1 if practice else scale))
        assert found.total == pytest.approx(found.weights.sum())


@FEWER
@given(batches())
def test_the_sum_of_all_deltas_is_what_was_better_than_expected(batch: Drawn) -> None:
    """G_0 − V_0 = Σ γ^t δ_t = Σ γ^t (choice + luck), with the exact V."""
    for index in range(batch.batch.n_episodes):
        credit = batch.credit(index)
        powers = batch.world.discount ** np.arange(credit.length)
        surprise = credit.total_return - credit.exact_values[0]
        delta = deltas(credit.rewards, credit.exact_values, batch.world.discount)
        close((powers * delta).sum(), surprise)
        close((powers * (credit.choice + luck(credit))).sum(), surprise)


@FEWER
@given(batches(), st.booleans())
def test_gae_goes_from_the_critic_to_the_return_minus_v(batch: Drawn, learned: bool) -> None:
    """λ = 0 is the critic's, λ = 1 is G_t − V(s_t)."""
    credit = batch.credit()
    for lam, other in ((0.0, "critic"), (1.0, "value")):
        gae = weighting(credit, "gae", learned=learned, lam=lam).weights
        close(gae, weighting(credit, other, learned=learned).weights)


@FEWER
@given(batches())
def test_choice_and_luck_are_what_dynamic_programming_says(batch: Drawn) -> None:
    """choice = Q_t − V_t, and over all that a step could have led to the mean of luck is 0."""
    credit = batch.credit()
    mdp = compile_world(batch.world)
    values = exact.values_t(mdp, credit.policy, mdp.max_steps)
    starts = np.flatnonzero(mdp.start)
    for t, (s, a) in enumerate(zip(credit.states, credit.actions, strict=True)):
        q = exact.action_values(mdp, values[t + 1])[s, a]
        close(credit.choice[t], q - values[t, s])
        mean = chance = 0.0
        for k, probability in enumerate(mdp.probability[s, a]):
            to = mdp.next_state[s, a, k]
            places = [(to, 1.0)]
            if to == mdp.restart:
                places = [(start, mdp.start[start]) for start in starts]
            for place, share in places:
                rewards, after = credit.rewards.copy(), credit.exact_values.copy()
                rewards[t] = mdp.reward[s, a, k]
                after[t + 1] = 0.0 if place == mdp.over else values[t + 1, place]
                other = replace(credit, rewards=rewards, exact_values=after)
                mean += probability * share * luck(other)[t]
                chance += probability * share
        close(chance, 1)
        close(mean, 0)


@FEWER
@given(batches(), st.booleans())
def test_a_batch_is_weighed_as_each_of_its_episodes(batch: Drawn, learned: bool) -> None:
    """The weights of all steps of all episodes, by PyTorch; nothing past an episode's end."""
    credits = [batch.credit(index) for index in range(batch.batch.n_episodes)]
    for key in WEIGHTINGS:
        found = batch.weights(key, learned=learned, lam=0.7).numpy()
        for index, credit in enumerate(credits):
            own = weighting(credit, key, learned=learned, lam=0.7)
            close(found[: credit.length, index], own.weights)
            assert not found[credit.length :, index].any()


def test_no_deviation_is_no_weight() -> None:
    """Seven episodes that return .1 each: their mean is .1 but for rounding, all weights are 0."""
    world = World(("SG",), {"S": Tile(start=1), "G": Tile(terminal=True, reward=0.1)},
                  moves=("right",))  # fmt: skip
    batch = drawn(world, n_episodes=7)
    credit = batch.credit()
    assert credit.batch_deviation == 0.0
    assert weighting(credit, "z_score").weights.tolist() == [0.0]
    assert not batch.weights("z_score").any()
    alone = drawn(world, n_episodes=1).credit()
    assert (alone.batch_mean, alone.batch_deviation) == (0.1, 0.0)


def test_returns_and_baselines_are_shown_beside_the_weights() -> None:
    """γ = ½, V = 10 + s: weights are return − baseline, scaled for the z-score."""
    batch = by_hand(corridor(), [
        [(0, RIGHT, 1.0), (1, RIGHT, 2.0), (2, RIGHT, 8.0)],  # returns 4, 6, 8
        [(0, LEFT, 0.0), (0, LEFT, 2.0)],  # 1, 2
    ])  # fmt: skip
    credit = batch.credit()
    assert credit.learned_values.tolist() == [10, 11, 12, 0]
    shown = {
        "total_return": ([4, 4, 4], None),
        "reward_to_go": ([4, 6, 8], None),
        "leave_one_out": ([4, 6, 8], [1, 2, 0]),
        "value": ([4, 6, 8], [10, 11, 12]),
        "critic": ([1 + 5.5, 2 + 6, 8], [10, 11, 12]),
        "z_score": ([4, 6, 8], [4.2, 4.2, 4.2]),
    }
    for key, (returns, baseline) in shown.items():
        found = weighting(credit, key, learned=True)
        assert found.returns.tolist() == pytest.approx(returns)
        if baseline is None:
            assert found.baseline is None
            assert found.weights.tolist() == pytest.approx(returns)
        else:
            assert found.baseline.tolist() == pytest.approx(baseline)
    deviation = np.std([4, 6, 8, 1, 2], ddof=1)
    close(weighting(credit, "z_score").weights, (np.array([4, 6, 8]) - 4.2) / deviation)


def test_what_is_missing_is_said() -> None:
    """No critic, no update, no such weighting: of an episode and of its batch."""
    batch = drawn(sparse5())
    credit = batch.credit(critic=None)
    for key, more, sentence in (
        ("gae", {"learned": True}, "No critic"),
        (TRAINED, {}, "No update"),
        ("advantage", {}, "“advantage”"),
    ):
        with pytest.raises(ValueError, match=sentence):
            weighting(credit, key, **more)
        with pytest.raises(ValueError, match=sentence):
            replace(batch, critic=None).weights(key, **more)


@pytest.mark.parametrize(("returns", "best", "worst", "median"), [
    ([3.0], 0, 0, 0),
    ([1.0, 5.0, 3.0], 1, 0, 2),
    ([4.0, 1.0, 3.0, 2.0], 0, 1, 3),
    ([2.0, 2.0, 1.0, 2.0, 1.0], 0, 2, 0),
])  # fmt: skip
def test_best_worst_and_median(returns: list[float], best: int, worst: int, median: int) -> None:
    """The first of equals; of an even number the lower one of the middle."""
    found = [extreme(np.array(returns), which) for which in ("best", "worst", "median")]
    assert found == [best, worst, median]


@pytest.mark.parametrize("settings", combinations(), ids=name)
def test_what_a_training_uses_is_named(settings: Settings) -> None:
    """A weighting of the list, its V learned or not; or what was trained with, where none is it."""
    found, learned = trained_weighting(settings)
    assert learned == (settings.baseline == "critic")
    listed = settings.credit == "gae" or settings.baseline not in (
        "moving_average", "optimal_constant",
    )  # fmt: skip
    if settings.credit == "total_return":
        listed = settings.baseline == "none"
    assert (found in WEIGHTINGS) == listed
    assert (found == TRAINED) != listed
