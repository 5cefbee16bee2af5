"""K = J Jᵀ in all its forms, against gradients that are really built."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from rlxent_core import kernel
from rlxent_core.kernel import Dense, Identity, Layered, Projected, kernel_of
from rlxent_core.policy import MLPPolicy, TablePolicy

S, A, RUNS, RUN = 12, 4, 3, 1


class TwoLayers(nn.Module):
    """A plugged-in policy: two tanh layers on coordinates."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.inputs = torch.randn(S, 2, dtype=torch.float64)
        self.body = nn.Sequential(
            nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, A)
        ).double()

    def forward(self) -> Tensor:
        logits: Tensor = self.body(self.inputs)
        return logits.expand(2, S, A)


def mlp(n_states: int = S) -> MLPPolicy:
    torch.manual_seed(1)
    return MLPPolicy(RUNS, n_states, A, 8).double()


def cotangents(*shape: int) -> Tensor:
    torch.manual_seed(2)
    return torch.randn(*shape, dtype=torch.float64)


def true_inner(policy: nn.Module, run: int, x: Tensor, y: Tensor) -> Tensor:
    """⟨Jᵀx, Jᵀy⟩ from gradients built one by one."""

    def gradient(c: Tensor) -> Tensor:
        parts = torch.autograd.grad(policy()[run], list(policy.parameters()), c)
        return torch.cat([p.flatten() for p in parts])

    return torch.stack([gradient(a) @ gradient(b) for a, b in zip(x, y, strict=True)])


@pytest.mark.parametrize("small", [True, False], ids=["matrix", "layer by layer"])
def test_mlp(small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both closed forms for one hidden layer give the inner products of true gradients."""
    monkeypatch.setattr(kernel, "SMALL", S * A if small else 0)
    policy = mlp()
    x, y = cotangents(2, 5, S, A)
    found = kernel_of(policy, RUN)
    assert isinstance(found, Dense if small else Layered)
    expected = true_inner(policy, RUN, x, y)
    torch.testing.assert_close(found.inner(x, y), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found.norm2(x), true_inner(policy, RUN, x, x), rtol=1e-12, atol=0)


def test_a_single_target_meets_a_batch() -> None:
    """⟨g_e, target⟩ of many episodes and one cotangent, layer by layer."""
    policy = mlp()
    layered = Layered(torch.tanh(policy.w1[0] + policy.b1[0]).detach(), policy.w2[0].detach())
    x, target = cotangents(9, S, A), cotangents(S, A)
    expected = true_inner(policy, 0, x, target.expand(9, S, A))
    torch.testing.assert_close(layered.inner(x, target), expected)
    torch.testing.assert_close(layered.norm2(target), (layered.inner(target[None], target))[0])


def test_table() -> None:
    """A table's gradient is its cotangent, so K is the identity."""
    x, y = cotangents(2, 5, S, A)
    policy = TablePolicy(1, S, A).double()
    found = kernel_of(policy)
    assert isinstance(found, Identity)
    torch.testing.assert_close(found.inner(x, y), true_inner(policy, 0, x, y))


def test_any_module() -> None:
    """K built row by row for a module nobody has told us about."""
    policy = TwoLayers()
    x, y = cotangents(2, 5, S, A)
    found = kernel_of(policy, RUN)
    assert isinstance(found, Dense)
    torch.testing.assert_close(found.inner(x, y), true_inner(policy, RUN, x, y))


def test_random_directions_of_a_large_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """‖g‖² from 64 directions: mean right, relative error √(2/64) at most, so within four."""
    monkeypatch.setattr(kernel, "FULL", 0)
    policy = TwoLayers()
    x = cotangents(5, S, A)
    found = kernel_of(policy, RUN)
    assert isinstance(found, Projected)
    ratio = found.norm2(x) / true_inner(policy, RUN, x, x)
    assert (ratio.log().abs() < 4 * (2 / kernel.DIRECTIONS) ** 0.5).all()
    torch.testing.assert_close(kernel_of(policy, RUN).norm2(x), found.norm2(x), rtol=0, atol=0)


def test_directions_are_unbiased(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand directions come within 3 % of the true norm."""
    monkeypatch.setattr(kernel, "FULL", 0)
    monkeypatch.setattr(kernel, "DIRECTIONS", 20_000)
    policy = TablePolicy(1, 3, 2).double()
    found = Projected(kernel._directions(policy, 0))
    x = cotangents(1, 3, 2)
    torch.testing.assert_close(found.norm2(x), (x**2).sum((1, 2)), rtol=0.03, atol=0)


def test_float32_is_good_enough() -> None:
    """The kernel of a float32 network agrees with float64 to 1e-6 of the norm."""
    policy = MLPPolicy(1, S, A, 64)
    x = cotangents(5, S, A)
    single = kernel_of(policy).norm2(x.float())
    double = kernel_of(policy.double()).norm2(x)
    torch.testing.assert_close(single.double(), double, rtol=1e-6, atol=0)
