"""The baselines of least variance, against references and the identity that defines them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rlxent_core.exact import occupancy_t, values_t
from rlxent_core.optimal_baseline import cost, optimal_baseline, optimal_constant
from tests.core.golden import Case, cases

CASES = pytest.mark.parametrize("case", cases(), ids=str)


@CASES
def test_optimal_constant(case: Case) -> None:
    """b* = E[G ‖Φ‖²] / E‖Φ‖² agrees with the reference."""
    expected = case.expected["b_star_total"]
    assert optimal_constant(case.mdp, case.policy) == pytest.approx(expected, abs=1e-9)


@CASES
@pytest.mark.parametrize("weighting", ["exact", "practice"])
def test_optimal_baseline_explains_what_v_leaves(case: Case, weighting: str) -> None:
    """tr Cov(V) = tr Cov(b*) + Σ_t Σ_s κ^{2t} d_t(s) E‖ψ_t‖² (V_t(s) − b*(t, s))².

    Both traces are references computed elsewhere; for a table E‖ψ‖² = 1 − Σ_a π².
    """
    mdp, policy = case.mdp, case.policy
    assert mdp.max_steps is not None
    kappa = mdp.discount if weighting == "exact" else 1.0
    best = optimal_baseline(mdp, policy, weighting)
    weight = kappa ** (2.0 * np.arange(mdp.max_steps)[:, None]) * (1 - (policy**2).sum(-1))
    gap = values_t(mdp, policy, mdp.max_steps)[:-1] - best
    excess = (weight * occupancy_t(mdp, policy, mdp.max_steps) * gap**2).sum()
    trace = case.expected["trace_cov"]
    with_v = trace[f"reward_to_go/V/discount={weighting}"]
    with_best = trace[f"reward_to_go/b_star(t,s)/discount={weighting}"]
    assert with_best + excess == pytest.approx(with_v, abs=1e-9)


def test_a_kernel_of_one_is_a_table() -> None:
    """With K = I the network's baselines are the table's; with K = 4 I as well: it cancels."""
    case = cases()[-1]
    for scale in (1.0, 4.0):
        kernel = scale * np.eye(case.logits.size)
        assert optimal_constant(case.mdp, case.policy, kernel) == pytest.approx(
            optimal_constant(case.mdp, case.policy), abs=1e-12
        )
        np.testing.assert_allclose(
            optimal_baseline(case.mdp, case.policy, "practice", kernel),
            optimal_baseline(case.mdp, case.policy, "practice"),
            atol=1e-12,
        )


def test_where_nothing_is_chosen_the_baseline_is_the_value() -> None:
    """A policy that never hesitates has no score, so b* is V and the constant is 0."""
    case = cases()[-1]
    right = np.zeros_like(case.policy)
    right[:, case.world.moves.index("right")] = 1.0
    assert case.mdp.max_steps is not None
    values = values_t(case.mdp, right, case.mdp.max_steps)[:-1]
    best = optimal_baseline(case.mdp, right)
    np.testing.assert_allclose(best[:, case.mdp.standable], values[:, case.mdp.standable])
    assert optimal_constant(case.mdp, right) == 0.0


def test_the_cost_grows_with_the_steps() -> None:
    """Twice the steps, twice the work, and without a limit there is no end of it."""
    mdp = cases()[0].mdp
    assert cost(replace(mdp, max_steps=200)) == 2 * cost(replace(mdp, max_steps=100))
    assert cost(replace(mdp, max_steps=None)) == np.inf
