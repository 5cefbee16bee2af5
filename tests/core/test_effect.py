"""What an update does to the probabilities, against small steps that are really taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from rlxent_core import exact
from rlxent_core.crediting import batch_weights, credit_of
from rlxent_core.effect import (
    KeptPolicy,
    change_of,
    cotangent_of_batch,
    cotangent_of_episode,
    cotangent_of_exact,
    cotangent_of_step,
)
from rlxent_core.features import inputs_of
from rlxent_core.mdp import compile_world
from rlxent_core.policy import Network, SharedTable, action_probabilities, make_policy
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import TRAINED, EpisodeCredit, weighting
from rlxent_core.world import World
from tests.core.credit_maker import close, drawn
from tests.core.learning_worlds import restless, sparse5

Floats = NDArray[np.float64]
POLICIES = {
    "table": Settings(architecture="table"),
    "linear": Settings(architecture="linear"),
    "MLP": Settings(hidden=8),
    "shared table": Settings(architecture="table", features="neighbourhood"),
    "linear, 3 × 3": Settings(architecture="linear", features="neighbourhood"),
    "MLP, row and column": Settings(hidden=8, features="position"),
}


class Mixed(nn.Module):
    """A module that is none of ours: tied to itself, one parameter fixed and one without use."""

    def __init__(self, n_runs: int, n_states: int, n_actions: int) -> None:
        super().__init__()
        shape = (n_runs, n_states, n_actions)
        self.a = nn.Parameter(torch.randn(shape, dtype=torch.float64))
        self.fixed = nn.Parameter(torch.randn(shape, dtype=torch.float64), requires_grad=False)
        self.unused = nn.Parameter(torch.ones(n_runs, dtype=torch.float64))

    def forward(self) -> torch.Tensor:
        return torch.sin(self.a + self.a.roll(1, dims=1)) * self.fixed


def policy_of(kind: str, world: World, n_runs: int = 1) -> nn.Module:
    """With random parameters, in float64."""
    mdp = compile_world(world)
    torch.manual_seed(0)
    if kind == "another module":
        return Mixed(n_runs, mdp.n_states, mdp.n_actions)
    settings = POLICIES[kind]
    inputs = inputs_of(settings.features, world)
    module = make_policy(
        settings, mdp.n_states, mdp.n_actions, range(n_runs), inputs=inputs
    ).double()
    if isinstance(module, Network) and module.x is not None:
        assert module.x.dtype == torch.float64
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter))
    return module


def probabilities_of(module: nn.Module, run: int = 0) -> Floats:
    found: Floats = torch.softmax(module().detach(), -1)[run].numpy()
    return found


def slope(module: nn.Module, cotangent: Floats, run: int = 0) -> Floats:
    """d π / d η of a step −η Jᵀc by finite differences, the fourth order's."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    loss = (module()[run] * torch.from_numpy(cotangent)).sum()
    gradient = torch.autograd.grad(loss, parameters, allow_unused=True)
    start = [p.detach().clone() for p in parameters]

    def at(eta: float) -> Floats:
        with torch.no_grad():
            for p, p0, g in zip(parameters, start, gradient, strict=True):
                p.copy_(p0 if g is None else p0 - eta * g)
        return probabilities_of(module, run)

    h = 1e-3
    found = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    at(0.0)
    return np.asarray(found)


@pytest.mark.parametrize("run", [0, 2])
@pytest.mark.parametrize("kind", [*POLICIES, "another module"])
def test_the_change_is_the_slope_of_a_real_step(kind: str, run: int) -> None:
    """For any cotangent and any run of several."""
    module = policy_of(kind, restless(), n_runs=3)
    probabilities = probabilities_of(module, run)
    cotangent = 0.1 * np.random.default_rng(1).standard_normal(probabilities.shape)
    change = change_of(module, probabilities, cotangent, run)
    assert change.dtype == np.float64
    assert np.abs(change).max() > 1e-3
    np.testing.assert_allclose(change, slope(module, cotangent, run), atol=1e-8)
    np.testing.assert_allclose(change.sum(-1), 0, atol=1e-12)


def episode(world: World | None = None, settings: Settings | None = None) -> EpisodeCredit:
    return drawn(world or sparse5(max_steps=8), n_episodes=6, settings=settings).credit(2)


@pytest.mark.parametrize("kind", POLICIES)
def test_whose_cells_move(kind: str) -> None:
    """One step of a table moves its own cell alone; a network moves cells nobody was in."""
    credit = episode()
    module = policy_of(kind, credit.world)
    cotangent = cotangent_of_step(credit, weighting(credit, "critic").weights, 0)
    moved = np.abs(change_of(module, probabilities_of(module), cotangent)).max(-1) > 1e-9
    own = np.arange(len(moved)) == credit.states[0]
    if kind == "table":
        assert np.array_equal(moved, own)
    elif kind == "shared table":
        rows = module.rows.numpy()
        assert isinstance(module, SharedTable)
        assert np.array_equal(moved, rows == rows[credit.states[0]])
    else:
        assert moved.all()


@pytest.mark.parametrize("name", ["reward_to_go", "critic", "gae", "z_score"])
def test_cotangents_are_those_of_the_reweighted_cross_entropy(name: str) -> None:
    """∂/∂z of Σ w_t CE(z(s_t), a_t) by autograd, of each step and of the episode."""
    credit = episode(restless())
    weights = weighting(credit, name).weights
    z = torch.log(torch.from_numpy(credit.policy)).requires_grad_()
    loss = torch.from_numpy(weights) * nn.functional.cross_entropy(
        z[torch.from_numpy(credit.states)], torch.from_numpy(credit.actions), reduction="none"
    )
    total = np.zeros_like(credit.policy)
    for t in range(credit.length):
        (expected,) = torch.autograd.grad(loss[t], z, retain_graph=True)
        step = cotangent_of_step(credit, weights, t)
        close(step, expected)
        difference = credit.probabilities[t] - np.eye(4)[credit.actions[t]]
        close(step[credit.states[t]], weights[t] * difference)
        total += step
    close(cotangent_of_episode(credit, weights), total)
    (expected,) = torch.autograd.grad(loss.sum(), z)
    close(total, expected)


@pytest.mark.parametrize("weighting_", ["exact", "practice"])
def test_the_exact_gradient_is_the_mean_of_what_is_sampled(weighting_: str) -> None:
    """Minus dynamic programming's; ∇J for the total return, whatever the discount weighting."""
    settings = Settings(discount_weighting=weighting_)
    credit = episode(restless(), settings)
    mdp = compile_world(credit.world)
    for name, own in (("total_return", "exact"), ("value", weighting_), ("z_score", weighting_)):
        expected = -exact.gradient_cotangent(mdp, credit.policy, own)  # type: ignore[arg-type]
        close(cotangent_of_exact(credit, name), expected)
    by_total = replace(credit, settings=replace(settings, credit="total_return"))
    assert np.array_equal(
        cotangent_of_exact(by_total, TRAINED), cotangent_of_exact(by_total, "total_return")
    )
    close(cotangent_of_exact(credit, TRAINED), cotangent_of_exact(credit, "value"))


def test_the_exact_gradient_raises_j() -> None:
    """A small step along it: J grows by its squared length, as the slope says."""
    credit = episode(restless(), Settings(discount_weighting="exact"))
    mdp = compile_world(credit.world)
    cotangent = cotangent_of_exact(credit, "value")
    module = policy_of("table", credit.world)
    change = change_of(module, credit.policy, cotangent)
    h = 1e-4
    up, down = (
        exact.start_value(mdp, credit.policy + sign * h * change, mdp.max_steps) for sign in (1, -1)
    )
    assert (up - down) / (2 * h) == pytest.approx((cotangent**2).sum(), rel=1e-5)


@pytest.mark.parametrize("kind", POLICIES)
def test_the_batch_is_what_the_trainer_does(kind: str) -> None:
    """A real SGD step of the real trainer, small, against the arrows times its step size."""
    eta = 1e-3
    settings = replace(
        POLICIES[kind], optimizer="sgd", learning_rate=0.5, baseline="critic", credit="gae"
    )
    trainer = Trainer(restless(), settings)
    for _ in range(3):
        trainer.step()
    trainer.set_settings(replace(settings, learning_rate=eta))
    done = trainer.step()
    policy = action_probabilities(done.logits_before)[0]
    weights = batch_weights(
        done.batch, TRAINED, settings=settings, policy=policy, trained=done.weights
    )
    cotangent = cotangent_of_batch(done.batch, policy, weights)
    then = KeptPolicy.of(trainer.policy, done.parameters_before)
    change = change_of(then, policy.numpy(), cotangent)
    moved = action_probabilities(done.logits_after)[0] - policy
    scale = float(moved.abs().max())
    assert scale > 1e-5
    np.testing.assert_allclose(eta * change, moved, atol=0.01 * scale)  # float32, first order


@pytest.mark.parametrize("kind", ["table", "MLP", "shared table", "linear, 3 × 3"])
def test_a_policy_of_then_is_kept(kind: str) -> None:
    """After training went on and the world was changed, it answers as it did."""
    trainer = Trainer(sparse5(), replace(POLICIES[kind], learning_rate=0.1))
    trainer.step()
    policy = action_probabilities(trainer.logits())[0].numpy()
    cotangent = np.random.default_rng(0).standard_normal(policy.shape)
    before = change_of(trainer.policy, policy, cotangent)
    kept = KeptPolicy.of(trainer.policy)
    done = trainer.step()
    trainer.set_world(World(("S....", ".....", ".#.#.", "...#.", "....G"), dict(sparse5().tiles)))
    trainer.step()
    assert np.array_equal(change_of(kept, policy, cotangent), before)
    if kind != "table":
        assert not np.array_equal(change_of(trainer.policy, policy, cotangent), before)
    if kind == "MLP":  # the world left what it sees as it was
        flat = KeptPolicy.of(trainer.policy, done.parameters_before)
        assert np.array_equal(change_of(flat, policy, cotangent), before)


def test_what_is_kept_costs_the_policy_nothing() -> None:
    """Asking changes neither parameters nor their gradients."""
    module = policy_of("MLP", restless())
    before = [p.detach().clone() for p in module.parameters()]
    change_of(module, probabilities_of(module), np.ones((9, 4)))
    assert all(map(torch.equal, before, module.parameters()))
    assert all(p.grad is None for p in module.parameters())


def test_a_policy_on_the_way_to_certainty_hardly_moves() -> None:
    """p(a) = 1 − 1e-9: the largest weight moves it by next to nothing."""
    credit = episode()
    logits = np.zeros_like(credit.policy)
    logits[credit.states, credit.actions] = 21.0
    sure = exact.softmax(logits)
    certain = replace(credit, policy=sure, probabilities=sure[credit.states])
    cotangent = cotangent_of_step(certain, np.full(credit.length, 100.0), 0)
    change = change_of(policy_of("table", credit.world), sure, cotangent)
    assert np.abs(change).max() < 1e-6


def test_a_pinned_batch_can_be_weighed_by_a_later_policy() -> None:
    """c of the batch with the policy of now: labels of then, p of now."""
    batch = drawn(restless(), n_episodes=4)
    later = torch.softmax(torch.randn(9, 4, dtype=torch.float64), -1)
    weights = batch.weights("reward_to_go")
    found = cotangent_of_batch(batch.batch, later, weights)
    expected = sum(
        cotangent_of_episode(credit, weighting(credit, "reward_to_go").weights)
        for credit in (
            credit_of(
                batch.batch, index, world=batch.world, settings=batch.settings, policy=later,
                critic=None, trained=None, source="update", update=0, seen_at=5,
            ) for index in range(4)
        )
    )  # fmt: skip
    close(found, expected / 4)
