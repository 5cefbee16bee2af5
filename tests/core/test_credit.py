"""Credit: every weight against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from rlxent_core.baselines import MovingAverage, batch_mean, optimal_constant
from rlxent_core.credit import (
    WIDE,
    count_alive,
    discounted_sums,
    gae,
    leave_one_out,
    less_leave_one_out,
    returns_to_go,
    weights,
)
from rlxent_core.exact import values_t
from rlxent_core.mdp import compile_world
from rlxent_core.policy import TablePolicy, make_policy
from rlxent_core.rollout import Episodes, SampledMDP
from rlxent_core.settings import Settings
from rlxent_core.values import at_visits, exact_values_t
from tests.core.learning_worlds import corridor, episodes_by_hand, restless

LEFT, RIGHT = 0, 1


@pytest.fixture
def hand() -> Episodes:
    """γ = ½.  Returns-to-go: (4, 6, 8) then ends; (1, 2) then ends; (8) then ends."""
    mdp = SampledMDP(compile_world(corridor()))
    return episodes_by_hand(
        mdp,
        [
            [(0, RIGHT, 1.0), (1, RIGHT, 2.0), (2, RIGHT, 8.0)],  # 1 + 3, 2 + 4, 8
            [(0, LEFT, 0.0), (0, LEFT, 2.0)],  # 0 + 1, 2
            [(0, RIGHT, 8.0)],
        ],
    )


def of(values: Tensor, episodes: Episodes) -> list[list[float]]:
    """Of run 0, episode by episode, without what lies past the ends."""
    return [values[:n, 0, e].tolist() for e, n in enumerate(episodes.lengths[0].tolist())]


def to_go(episodes: Episodes) -> Tensor:
    return returns_to_go(episodes.reward, episodes.mdp.discount)


def test_returns_to_go_by_hand(hand: Episodes) -> None:
    """G_t = r_t + γ G_t+1, backwards from 0."""
    assert of(to_go(hand), hand) == [[4, 6, 8], [1, 2], [8]]


@pytest.mark.parametrize("n_episodes", [3, WIDE])
@pytest.mark.parametrize("factor", [0.0, 1e-300, 1e-30, 0.5, 0.97, 1.0])
def test_discounted_sums_at_any_length(n_episodes: int, factor: float) -> None:
    """Both ways against the sum as it is written, also where factor^T is below any number."""
    x = torch.randn(700, 2, n_episodes, dtype=torch.float64)
    expected, later = np.zeros(x.shape), 0.0
    for t in range(699, -1, -1):
        later = expected[t] = x[t].numpy() + factor * later
    np.testing.assert_allclose(discounted_sums(x, factor), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n_episodes", [3, WIDE])
def test_zeros_after_the_end_change_no_bit(n_episodes: int) -> None:
    """A run's returns are the same bits where a neighbour's episodes last longer."""
    x = torch.randn(37, 1, n_episodes, dtype=torch.float64)
    longer = torch.cat([x, torch.zeros(60, 1, n_episodes, dtype=torch.float64)])
    assert torch.equal(discounted_sums(longer, 0.97)[:37], discounted_sums(x, 0.97))


@pytest.mark.parametrize(("n_runs", "n_episodes"), [(90, 16), (90, 13), (3, 9000)])
def test_a_run_is_credited_the_same_alone_and_among_others(n_runs: int, n_episodes: int) -> None:
    """The same bits of returns and weights, also where many runs are summed a few at a time."""
    reward = torch.randn(50, n_runs, n_episodes, dtype=torch.float64)
    alive = torch.full((50, n_runs), n_episodes, dtype=torch.float64)
    among = discounted_sums(reward, 0.97)
    less = less_leave_one_out(among, alive)
    for run in range(n_runs):
        own = slice(run, run + 1)
        alone = discounted_sums(reward[:, own].clone(), 0.97)
        assert torch.equal(alone, among[:, own])
        for steps in (1, 17, 50):  # alone it may be over sooner
            alone_less = less_leave_one_out(alone[:steps], alive[:steps, own])
            assert torch.equal(alone_less, less[:steps, own])


def test_alive_episodes_are_counted(hand: Episodes) -> None:
    """Three begin, two take a second step, one a third."""
    assert count_alive(hand.lengths, 3).tolist() == [[3.0], [2.0], [1.0]]


def test_leave_one_out_for_the_total_return(hand: Episodes) -> None:
    """(4, 1, 8) minus the means of the other two, (4.5, 6, 2.5), at every step."""
    settings = Settings(credit="total_return", baseline="leave_one_out")
    weight = weights(settings, hand, to_go(hand))
    assert of(weight, hand) == [[-0.5, -0.5, -0.5], [-5, -5], [5.5]]


def test_leave_one_out_per_time_step(hand: Episodes) -> None:
    """At t = 1 only two are alive: 6 − 2 and 2 − 6; at t = 2 one is, and keeps its 8."""
    weight = weights(Settings(), hand, to_go(hand))
    assert of(weight, hand) == [[-0.5, 4, 8], [-5, -4], [5.5]]


def test_leave_one_out_is_what_is_subtracted(hand: Episodes) -> None:
    """The baseline itself and the weights in one pass agree."""
    gain = to_go(hand)
    difference = gain - leave_one_out(gain, hand.alive)
    np.testing.assert_allclose(difference, less_leave_one_out(gain, count_alive(hand.lengths, 3)))


def test_an_only_episode_keeps_its_return() -> None:
    """With B = 1 nothing is subtracted."""
    mdp = SampledMDP(compile_world(corridor()))
    alone = episodes_by_hand(mdp, [[(0, RIGHT, 1.0), (1, RIGHT, 2.0)]])
    for credit in ("total_return", "reward_to_go"):
        weight = weights(Settings(credit=credit), alone, to_go(alone))
        assert weight[0].item() == 2.0


def test_exact_discounting_multiplies_by_the_power(hand: Episodes) -> None:
    """γ^t G_t: 4, 6/2, 8/4; the total return is left as it is."""
    exact = {"baseline": "none", "discount_weighting": "exact"}
    weight = weights(Settings(**exact), hand, to_go(hand))
    assert of(weight, hand) == [[4, 3, 2], [1, 1], [8]]
    total = weights(Settings(credit="total_return", **exact), hand, to_go(hand))
    assert of(total, hand) == [[4, 4, 4], [1, 1], [8]]


def test_reward_only_at_the_end_makes_exact_to_go_the_total_return() -> None:
    """γ^t γ^(T−1−t) is the same for every t: reward-to-go then cuts nothing."""
    mdp = SampledMDP(compile_world(corridor()))
    late = episodes_by_hand(mdp, [[(0, LEFT, 0.0), (0, RIGHT, 0.0), (1, RIGHT, 0.0), (2, 1, 1.0)]])
    settings = Settings(baseline="none", discount_weighting="exact")
    assert of(weights(settings, late, to_go(late)), late) == [[0.125] * 4]


def test_a_constant_is_subtracted_before_discounting(hand: Episodes) -> None:
    """γ^t (G_t − 2): (2, 2, 1.5), (−1, 0), (6)."""
    settings = Settings(baseline="moving_average", discount_weighting="exact")
    two = torch.tensor([2.0], dtype=torch.float64)
    weight = weights(settings, hand, to_go(hand), constant=two)
    assert of(weight, hand) == [[2, 2, 1.5], [-1, 0], [6]]


def test_values_of_visited_states_are_subtracted(hand: Episodes) -> None:
    """V = (1, 2, 3): to-go minus V(s_t); the total return minus V(s_0)."""
    values = at_visits(hand, torch.tensor([[1.0, 2.0, 3.0, 9.0]], dtype=torch.float64))
    settings = Settings(baseline="critic")
    weight = weights(settings, hand, to_go(hand), values)
    assert of(weight, hand) == [[3, 4, 5], [0, 1], [7]]
    total = weights(Settings(credit="total_return", baseline="critic"), hand, to_go(hand), values)
    assert of(total, hand) == [[3, 3, 3], [0, 0], [7]]


def test_gae_by_hand(hand: Episodes) -> None:
    """γ = λ = ½, V = (1, 2, 3); δ of episode 0 is (1, 1.5, 5), of episode 1 (−.5, 1).

    A_2 = 5, A_1 = 1.5 + 5/4 = 2.75, A_0 = 1 + 2.75/4; A'_1 = 1, A'_0 = −.5 + 1/4.
    """
    values = at_visits(hand, torch.tensor([[1.0, 2.0, 3.0, 9.0]], dtype=torch.float64))
    settings = Settings(credit="gae", baseline="critic", gae_lambda=0.5)
    weight = weights(settings, hand, to_go(hand), values)
    assert of(weight, hand) == [[1.6875, 2.75, 5], [-0.25, 1], [7]]


@pytest.mark.parametrize(("lam", "other"), [(1.0, "to go"), (0.0, "delta")])
def test_gae_ends_in_two_known_estimators(hand: Episodes, lam: float, other: str) -> None:
    """λ = 1 is G_t − V(s_t), λ = 0 the one-step δ_t."""
    values = at_visits(hand, torch.tensor([[1.0, 2.0, 3.0, 9.0]], dtype=torch.float64))
    found = of(gae(hand.reward, values, 0.5, lam), hand)
    expected = {"to go": [[3, 4, 5], [0, 1], [7]], "delta": [[1, 1.5, 5], [-0.5, 1], [7]]}
    assert found == expected[other]


def test_gae_does_not_bootstrap_at_the_step_limit() -> None:
    """V_H = 0: the last δ of an episode cut by max_steps is r − V(s)."""
    mdp = SampledMDP(compile_world(corridor(max_steps=2)))
    cut = episodes_by_hand(mdp, [[(0, LEFT, 0.0), (0, LEFT, 0.0)]])
    values = at_visits(cut, torch.full((1, 4), 2.0, dtype=torch.float64))
    assert of(gae(cut.reward, values, 0.5, 1.0), cut) == [[-2, -2]]


def test_gae_takes_values_with_and_without_the_last_row(hand: Episodes) -> None:
    """The row after the last step is 0 whether it is given or not."""
    values = at_visits(hand, torch.tensor([[1.0, 2.0, 3.0, 9.0]], dtype=torch.float64))
    more = torch.cat([values, torch.zeros_like(values[:1])])
    assert torch.equal(gae(hand.reward, more, 0.5, 0.7), gae(hand.reward, values, 0.5, 0.7))


def test_exact_values_agree_with_dynamic_programming() -> None:
    """V_t(s) of two policies in a world with slip, respawn, exit and noise, to 1e-12."""
    mdp = SampledMDP(compile_world(restless()))
    logits = torch.randn(2, mdp.n_states, mdp.n_actions, dtype=torch.float64)
    policy = torch.softmax(logits, -1)
    found = exact_values_t(mdp, policy, 25)
    expected = values_t(mdp.mdp, policy.numpy(), mdp.max_steps)[:25]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_time_dependent_values_are_looked_up_by_time(hand: Episodes) -> None:
    """V_t(s) = 10 t + s at the visits of the hand-made episodes, 0 past their ends."""
    t, s = torch.arange(3.0)[:, None, None], torch.arange(4.0)
    values = at_visits(hand, (10 * t + s).double())
    assert of(values, hand) == [[0, 11, 22], [0, 10], [0]]
    assert values[1:, 0, 2].tolist() == [0, 0]


def test_moving_average_is_bias_corrected_and_late() -> None:
    """Nothing before the first batch, then its mean; after 1 and 4: (.9·1 + 4) / 1.9."""
    average = MovingAverage(torch.zeros(1, dtype=torch.float64))
    assert average.value.item() == 0.0
    one = average.after(torch.tensor([1.0], dtype=torch.float64))
    two = one.after(torch.tensor([4.0], dtype=torch.float64))
    assert one.value.item() == pytest.approx(1.0, abs=1e-12)
    assert two.value.item() == pytest.approx(4.9 / 1.9, abs=1e-12)


def test_what_the_moving_average_averages(hand: Episodes) -> None:
    """G_0 over episodes, (4 + 1 + 8)/3, or G_t over the six steps, 29/6."""
    gain = to_go(hand)
    total = batch_mean(Settings(credit="total_return"), hand, gain)
    assert total.item() == pytest.approx(13 / 3)
    assert batch_mean(Settings(), hand, gain).item() == pytest.approx(29 / 6)


def test_optimal_constant_by_hand(hand: Episodes) -> None:
    """Uniform over two actions, φ = ±(½, ½) and ‖φ‖² = ½ for one step.

    Φ by state: (R, R, R) has ‖Φ‖² = 3/2; (L, L), both in state 0, has ‖2φ‖² = 2; (R) has ½.
    b* = (4·3/2 + 1·2 + 8/2) / 4 = 3.
    """
    policy = TablePolicy(1, 4, 2)
    uniform = torch.full((1, 4, 2), 0.5, dtype=torch.float64)
    settings = Settings(credit="total_return", baseline="optimal_constant")
    assert optimal_constant(settings, policy, uniform, hand, to_go(hand)).item() == 3.0


@pytest.mark.parametrize("weighting", ["exact", "practice"])
@pytest.mark.parametrize("architecture", ["table", "mlp"])
def test_optimal_constant_has_the_least_variance_on_its_batch(
    architecture: str, weighting: str
) -> None:
    """Σ_e ‖Jᵀ Σ_t κ_t (G_t − b) φ_t‖² of reward-to-go is a parabola in b with its vertex at b*."""
    mdp = SampledMDP(compile_world(corridor()))
    walks = [
        [(0, RIGHT, 1.0), (1, LEFT, 2.0), (0, RIGHT, 8.0)],
        [(0, LEFT, 0.0), (0, RIGHT, -2.0)],
        [(0, RIGHT, 3.0)],
    ]
    episodes = episodes_by_hand(mdp, walks)
    settings = Settings(
        architecture=architecture, baseline="optimal_constant", discount_weighting=weighting
    )
    policy = make_policy(settings, 4, 2, [0]).double()
    probabilities = torch.softmax(policy().detach(), -1)
    gain = to_go(episodes)
    b = optimal_constant(settings, policy, probabilities, episodes, gain)

    def length2(constant: float) -> float:
        weight = weights(
            settings, episodes, gain, constant=torch.tensor([constant], dtype=torch.float64)
        )
        total = 0.0
        for e, walk in enumerate(walks):
            logs = torch.log_softmax(policy()[0], -1)
            score = sum(weight[t, 0, e] * logs[s, a] for t, (s, a, _) in enumerate(walk))
            gradients = torch.autograd.grad(score, list(policy.parameters()))
            total += float(sum((g**2).sum() for g in gradients))
        return total

    left, middle, right = (length2(b.item() + d) for d in (-1.0, 0.0, 1.0))
    assert left - middle == pytest.approx(right - middle, rel=1e-6)
    assert left > middle
