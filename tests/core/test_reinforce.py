"""The update: cross-entropy reweighted, through the logits, and the optimisers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rlxent_core.credit import returns_to_go, weights
from rlxent_core.mdp import compile_world
from rlxent_core.optimizer import Learner, Optimizer
from rlxent_core.policy import make_policy
from rlxent_core.reinforce import critic_cotangent, entropy_cotangent, logit_cotangent
from rlxent_core.rollout import Episodes, SampledMDP, sample_episodes
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, Streams
from rlxent_core.values import at_visits
from tests.core.learning_worlds import restless


@pytest.fixture
def batch() -> tuple[Tensor, Episodes, Tensor]:
    """Logits of two runs, 20 episodes of each, and their weights."""
    mdp = SampledMDP(compile_world(restless()))
    logits = torch.randn(2, mdp.n_states, mdp.n_actions, dtype=torch.float64)
    streams = Streams([0, 1], Purpose.EPISODES)
    episodes = sample_episodes(mdp, torch.softmax(logits, -1), 20, streams)
    weight = weights(Settings(), episodes, returns_to_go(episodes.reward, mdp.discount))
    return logits.requires_grad_(), episodes, weight


def visited(logits: Tensor, episodes: Episodes) -> tuple[Tensor, Tensor, Tensor]:
    """The logits, labels and places of all steps that were taken, one after the other."""
    t, n, b = episodes.alive.nonzero(as_tuple=True)
    return logits[n, episodes.state[t, n, b]], episodes.action[t, n, b], torch.stack([t, n, b])


def test_the_cotangent_is_that_of_reweighted_cross_entropy(
    batch: tuple[Tensor, Episodes, Tensor],
) -> None:
    """∂/∂z of mean over episodes of Σ_t w_t CE(z(s_t), a_t) by autograd, to 1e-9."""
    logits, episodes, weight = batch
    z, label, (t, n, b) = visited(logits, episodes)
    loss = (F.cross_entropy(z, label, reduction="none") * weight[t, n, b]).sum() / 20
    (expected,) = torch.autograd.grad(loss, logits)
    probabilities = torch.softmax(logits.detach(), -1)
    found = logit_cotangent(probabilities, episodes.tally(weight), 20)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_one_step_is_the_supervised_gradient_times_the_weight() -> None:
    """z = (1, 0), a = 0, G = 4: p − y = ∓.2689414214, times 4 is ∓1.0757656855."""
    p = torch.softmax(torch.tensor([[[1.0, 0.0]]], dtype=torch.float64), -1)
    mass = torch.tensor([[[4.0, 0.0]]], dtype=torch.float64)
    found = logit_cotangent(p, mass, 1)[0, 0]
    assert found.tolist() == pytest.approx([-1.0757656855, 1.0757656855], abs=1e-9)
    mass = torch.tensor([[[0.0, 4.0]]], dtype=torch.float64)
    found = logit_cotangent(p, mass, 1)[0, 0]
    assert found.tolist() == pytest.approx([2.9242343145, -2.9242343145], abs=1e-9)


def test_the_entropy_bonus_is_exact_in_the_logits(batch: tuple[Tensor, Episodes, Tensor]) -> None:
    """∂/∂z of mean over episodes of Σ_t H(π(·|s_t)) by autograd, to 1e-9."""
    logits, episodes, weight = batch
    z, _, _ = visited(logits, episodes)
    log_p = torch.log_softmax(z, -1)
    (expected,) = torch.autograd.grad(-(log_p.exp() * log_p).sum() / 20, logits)
    visits = episodes.tally(torch.ones_like(weight)).sum(-1)
    found = entropy_cotangent(torch.log_softmax(logits.detach(), -1), visits, 20)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_entropy_of_a_certain_policy_pulls_nowhere() -> None:
    """At logits of ±2000 the gradient is 0, not NaN."""
    log_p = torch.log_softmax(torch.tensor([[[2000.0, -2000.0]]], dtype=torch.float64), -1)
    assert entropy_cotangent(log_p, torch.ones(1, 1), 1).tolist() == [[[0.0, 0.0]]]


def test_the_critic_follows_its_squared_error(batch: tuple[Tensor, Episodes, Tensor]) -> None:
    """∂/∂V of half the mean of (V(s_t) − y_t)² over a run's steps by autograd, to 1e-9."""
    _, episodes, target = batch
    values = torch.randn(2, episodes.mdp.n_states, dtype=torch.float64, requires_grad=True)
    errors = torch.where(episodes.alive, (at_visits(episodes, values) - target) ** 2 / 2, 0)
    (expected,) = torch.autograd.grad((errors.sum((0, 2)) / episodes.lengths.sum(-1)).sum(), values)
    visits = episodes.tally(torch.ones_like(target)).sum(-1)
    found = critic_cotangent(values.detach(), visits, episodes.tally(target).sum(-1))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("architecture", ["table", "mlp"])
@pytest.mark.parametrize("outputs", [None, 1])
@pytest.mark.parametrize("n_actions", [4, 9])
def test_the_pullback_by_hand_is_autograds(
    architecture: str, outputs: int | None, n_actions: int
) -> None:
    """Jᵀ c of both architectures, of a policy and of a critic, to 1e-12 in float64."""
    settings = Settings(architecture=architecture, hidden=6)
    module = make_policy(settings, 7, n_actions, [0, 1, 2], outputs).double()
    learner = Learner(module, 3, "sgd")
    cotangent = torch.randn(3, 7, outputs or n_actions, dtype=torch.float64)
    expected = torch.autograd.grad(module(), list(module.parameters()), cotangent)
    flat = torch.cat([g.reshape(-1) for g in expected])
    torch.testing.assert_close(learner.gradient(cotangent), flat, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(learner.outputs, module().detach(), rtol=1e-12, atol=1e-12)


class Bent(nn.Module):
    """Two parameters with a runs axis, in float64."""

    def __init__(self, n_runs: int) -> None:
        super().__init__()
        start = torch.randn(n_runs, 3, 2, dtype=torch.float64)
        self.a = nn.Parameter(start.clone())
        self.b = nn.Parameter(start[:, :1].clone())

    def forward(self) -> Tensor:
        return self.a + self.b


@pytest.mark.parametrize("kind", ["adam", "sgd"])
@pytest.mark.parametrize("clip", [0.0, 0.5])
def test_each_run_moves_as_pytorchs_optimiser_would_move_it(kind: str, clip: float) -> None:
    """20 steps of three runs with step sizes of their own, against torch.optim and its clipping."""
    module, rates = Bent(3), torch.tensor([0.1, 0.01, 1.0], dtype=torch.float64)
    copies = [
        [nn.Parameter(p.detach()[run].clone()) for p in module.parameters()] for run in range(3)
    ]
    make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[kind]
    theirs = [make(copy, lr=float(rate)) for copy, rate in zip(copies, rates, strict=True)]
    ours = Optimizer(module, 3, kind)
    clips = torch.tensor([clip, 0.0, clip], dtype=torch.float64) if clip else 0.0
    for _ in range(20):
        gradient = [torch.randn_like(p) for p in module.parameters()]
        ours.step(torch.cat([g.reshape(-1) for g in gradient]), rates, clips)
        for run, (copy, optimizer) in enumerate(zip(copies, theirs, strict=True)):
            for parameter, g in zip(copy, gradient, strict=True):
                parameter.grad = g[run].clone()
            if clip and run != 1:
                nn.utils.clip_grad_norm_(copy, clip)
            optimizer.step()
    for run, copy in enumerate(copies):
        for mine, other in zip(module.parameters(), copy, strict=True):
            torch.testing.assert_close(mine[run], other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["adam", "sgd"])
def test_equal_step_sizes_give_the_bits_of_a_common_one(kind: str) -> None:
    """A vector of the same number moves every parameter as the number does."""
    one, many = Bent(2), Bent(2)
    many.load_state_dict(one.state_dict())
    gradients = torch.randn(5, 16, dtype=torch.float64)
    optimizers = Optimizer(one, 2, kind), Optimizer(many, 2, kind)
    for gradient in gradients:
        optimizers[0].step(gradient, 0.3)
        optimizers[1].step(gradient, torch.full((2,), 0.3, dtype=torch.float64))
    assert torch.equal(optimizers[0].flat, optimizers[1].flat)


def test_a_state_goes_on_with_the_same_bits() -> None:
    """Parameters, moments and the step count all come back."""
    module, gradients = Bent(1), torch.randn(6, 8, dtype=torch.float64)
    optimizer = Optimizer(module, 1, "adam")
    for gradient in gradients[:3]:
        optimizer.step(gradient, 0.1)
    state = optimizer.state()
    ends = []
    for _ in range(2):
        for gradient in gradients[3:]:
            optimizer.step(gradient, 0.1)
        ends.append(optimizer.flat.clone())
        optimizer.load_state(state)
    assert torch.equal(*ends)
    assert state.nbytes == 3 * 8 * 8


def test_a_parameter_without_the_runs_is_refused() -> None:
    """Shared by two runs, it would mix them."""
    with pytest.raises(ValueError, match="axis 0"):
        Optimizer(Bent(1), 2, "adam")
