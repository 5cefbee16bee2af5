"""Policies: all states at once, with a leading runs axis."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from rlxent_core.optimizer import Learner
from rlxent_core.policy import MLPPolicy, action_probabilities, make_policy
from rlxent_core.settings import Settings


def test_a_table_starts_uniform() -> None:
    """Logits of 0 are the uniform policy."""
    policy = make_policy(Settings(architecture="table"), 5, 4, [0, 1])
    assert policy().shape == (2, 5, 4)
    assert torch.equal(action_probabilities(policy()), torch.full((2, 5, 4), 0.25).double())


@pytest.mark.parametrize("n_actions", [1, 4, 9])
def test_probabilities_are_the_softmax_whoever_is_beside(n_actions: int) -> None:
    """Against PyTorch's own, also of logits far apart, and each run's bits as they are alone."""
    logits = 300 * torch.randn(70, 7, n_actions)
    found = action_probabilities(logits)
    torch.testing.assert_close(found, torch.softmax(logits.double(), -1), rtol=1e-13, atol=0)
    for run in range(70):
        assert torch.equal(action_probabilities(logits[run]), found[run])


def test_the_mlp_is_one_hot_tanh_linear() -> None:
    """A row of W1 is W1ᵀ times a one-hot input."""
    policy = make_policy(Settings(hidden=7), 6, 4, [3])
    w1, b1, w2, b2 = (p[0] for p in policy.parameters())
    hidden = torch.tanh(F.linear(torch.eye(6), w1.T, b1[0]))
    expected = F.linear(hidden, w2.T, b2[0])
    assert torch.allclose(policy()[0], expected, atol=1e-6)


def test_the_mlp_starts_as_linear_layers_do() -> None:
    """Uniform within ±1/√inputs: bounds and variance, biases too."""
    policy = make_policy(Settings(hidden=256), 100, 4, range(8))
    assert isinstance(policy, MLPPolicy)
    for parameter, inputs in ((policy.w1, 100), (policy.b1, 100), (policy.w2, 256)):
        bound = 1 / math.sqrt(inputs)
        assert parameter.detach().abs().max() <= bound
        # The variance of n uniform numbers is off by less than 4·√(4/5n) of itself.
        slack = 4 * math.sqrt(0.8 / parameter.numel())
        assert float(parameter.detach().var()) == pytest.approx(bound**2 / 3, rel=slack)


@pytest.mark.parametrize("hidden", [1, 33, 64])
@pytest.mark.parametrize("n_actions", [3, 4, 5, 9])
@pytest.mark.parametrize("others", [6, 31, 255])
def test_a_run_has_the_same_bits_alone_and_among_others(
    hidden: int, n_actions: int, others: int
) -> None:
    """Initial parameters, logits and gradients of a seed do not depend on its neighbours."""
    settings = Settings(hidden=hidden)
    alone = make_policy(settings, 25, n_actions, [5])
    among = make_policy(settings, 25, n_actions, [*range(100, 100 + others), 5])
    cotangent = torch.randn(25, n_actions, generator=torch.Generator().manual_seed(1))
    learners = Learner(alone, 1, "adam"), Learner(among, others + 1, "adam")
    assert torch.equal(learners[0].outputs[0], learners[1].outputs[-1])
    gradients = []
    for learner in learners:
        flat = learner.gradient(cotangent.expand_as(learner.outputs))
        gradients.append(learner.optimizer.parts(flat))
    for one, many in zip(*gradients, strict=True):
        assert torch.equal(one[0], many[-1])


def test_a_critic_has_one_output_and_numbers_of_its_own() -> None:
    """The critic shares the architecture but not the stream of its initial parameters."""
    critic = make_policy(Settings(), 6, 4, [0], outputs=1)
    policy = make_policy(Settings(), 6, 4, [0])
    assert critic().shape == (1, 6, 1)
    assert not torch.equal(next(critic.parameters()), next(policy.parameters()))
