"""What an update follows on average, against the exact gradient, by a χ² test.

Six hundred runs take four episodes an update.  The mean d of their gradients has covariance S/N,
and N dᵀS⁻¹d · (N − p)/(p (N − 1)) about the true mean follows F(p, N − p) (Hotelling 1931), which
for p = 60 exceeds 1.9 once in ten thousand; a wrong target scores dozens or hundreds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from rlxent_core import exact, reinforce
from rlxent_core.credit import leave_one_out, returns_to_go
from rlxent_core.policy import TablePolicy, action_probabilities
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer, Update
from rlxent_core.values import at_visits
from tests.core.golden import cases

CASE = cases()[2]  # sparse5 with a cost a step: every step is paid, so every estimator differs
RUNS, EPISODES = 600, 4
MOST, HOPELESS = 1.9, 8.0
TARGETS = {
    weighting: torch.from_numpy(exact.gradient_cotangent(CASE.mdp, CASE.policy, weighting))
    for weighting in ("exact", "practice")
}


@cache
def update_of(**settings: Any) -> Update:
    """The second update of all runs; the baselines of past batches come from the first.

    A step size of 1e-5 leaves the policy where it is, as far as these samples can tell.
    """
    trainer = Trainer(
        CASE.world,
        Settings(
            architecture="table", optimizer="sgd", learning_rate=1e-5, batch_episodes=EPISODES,
            **settings,
        ),
        range(RUNS, 2 * RUNS),
        policy=TablePolicy(RUNS, *CASE.logits.shape),  # all 0, as the case's logits are
    )
    assert not CASE.logits.any()
    trainer.step()
    return trainer.step()


def gradients(update: Update, weight: Tensor) -> Tensor:
    """What each run's batch climbs along, for a table: [N, S, A]."""
    probabilities = action_probabilities(update.logits_before)
    return -reinforce.logit_cotangent(probabilities, update.batch.tally(weight), EPISODES)


def batches(**settings: Any) -> Tensor:
    """Gradients of the runs' batches: [N, S, A]."""
    update = update_of(**settings)
    return gradients(update, update.weights)


def chi2(samples: Tensor, target: Tensor) -> float:
    """Per degree of freedom, about 1 where ``target`` is the mean of ``samples``.

    One action a state is left out: the components of a state add up to zero.
    """
    away = (samples - target)[:, CASE.mdp.standable, :-1].flatten(1).numpy()
    n, p = away.shape
    mean = away.mean(0)
    hotelling = n * mean @ np.linalg.solve(np.cov(away.T), mean)
    return float(hotelling * (n - p) / (p * (n - 1)))


def share(samples: Tensor, target: Tensor) -> tuple[float, float]:
    """⟨mean, target⟩/‖target‖² and its standard error."""
    projections = (samples * target).sum((1, 2)) / (target**2).sum()
    return float(projections.mean()), float(projections.std()) / len(projections) ** 0.5


UNBIASED = [
    *({"credit": "total_return", "baseline": b} for b in (
        "none", "moving_average", "leave_one_out", "critic", "exact_value", "optimal_constant"
    )),
    *({"credit": "reward_to_go", "baseline": b, "discount_weighting": w} for b in (
        "none", "moving_average", "leave_one_out", "critic", "exact_value", "optimal_constant"
    ) for w in ("exact", "practice")),
    *({"credit": "gae", "baseline": "exact_value", "discount_weighting": w, "gae_lambda": lam}
      for w, lam in (("exact", 0.9), ("practice", 0.0), ("practice", 0.9), ("practice", 1.0))),
    {"credit": "gae", "baseline": "critic", "gae_lambda": 1.0},
]  # fmt: skip


def target_of(settings: dict[str, Any]) -> str:
    if settings["credit"] == "total_return":
        return "exact"
    return str(settings.get("discount_weighting", "practice"))


@pytest.mark.parametrize("settings", UNBIASED, ids=lambda s: "-".join(map(str, s.values())))
def test_updates_follow_their_exact_gradient(settings: dict[str, Any]) -> None:
    """χ² about the estimator's own target is about 1; about the other target it is hopeless."""
    samples = batches(**settings)
    target = target_of(settings)
    other = "practice" if target == "exact" else "exact"
    assert chi2(samples, TARGETS[target]) < MOST
    assert chi2(samples, TARGETS[other]) > HOPELESS


def test_discounting_as_in_practice_is_no_gradient_of_j() -> None:
    """Its mean is more than twice as long as ∇J and points elsewhere (Thomas 2014)."""
    samples = batches(credit="reward_to_go", baseline="exact_value", discount_weighting="practice")
    of_j = TARGETS["exact"]
    part, error = share(samples, of_j)
    assert part > 2 + 10 * error
    assert chi2(samples, part * of_j) > 3 * MOST


def test_the_mean_of_the_own_batch_costs_a_share_of_the_signal() -> None:
    """G − mean of all n is exactly (1 − 1/n) times G − mean of the others: the factor is ¾ here."""
    update = update_of(credit="total_return", baseline="none")
    to_go = returns_to_go(update.batch.reward, CASE.mdp.discount)
    total = to_go[:1]
    own = gradients(update, (total - total.mean(-1, keepdim=True)).expand_as(to_go))
    everyone = torch.ones_like(total, dtype=torch.bool)
    others = gradients(update, (total - leave_one_out(total, everyone)).expand_as(to_go))
    torch.testing.assert_close(own, (1 - 1 / EPISODES) * others, rtol=1e-9, atol=1e-9)
    part, error = share(own, TARGETS["exact"])
    assert abs(part - (1 - 1 / EPISODES)) < 4 * error
    assert chi2(batches(credit="total_return", baseline="leave_one_out"), TARGETS["exact"]) < MOST


def test_a_critic_fitted_on_its_own_batch_is_biased() -> None:
    """With V(s) the mean return of the visits of s in the same batch much of the signal is lost."""
    update = update_of(credit="reward_to_go", baseline="none", discount_weighting="practice")
    batch = update.batch
    to_go = returns_to_go(batch.reward, CASE.mdp.discount)
    visits = batch.tally(torch.ones_like(to_go)).sum(-1)
    fitted = batch.tally(to_go).sum(-1) / visits.clamp(min=1)
    samples = gradients(update, to_go - at_visits(batch, fitted))
    part, error = share(samples, TARGETS["practice"])
    assert 0.5 < part < 0.8
    assert part < 1 - 20 * error
    assert chi2(samples, TARGETS["practice"]) > HOPELESS


def test_gae_with_a_critic_that_is_not_v_is_biased() -> None:
    """δ bootstraps from the critic, so λ < 1 follows something else until the critic is right."""
    samples = batches(credit="gae", baseline="critic", gae_lambda=0.9)
    assert chi2(samples, TARGETS["practice"]) > HOPELESS
