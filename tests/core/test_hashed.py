"""The accelerators' random numbers, checked on the CPU: they are the same everywhere."""

from __future__ import annotations

import numpy as np
import torch

from rlxent_core.hashed import HashedNumbers, mix
from rlxent_core.streams import splitmix64


def keys(*values: int) -> torch.Tensor:
    """As signed numbers of 64 bits."""
    return torch.tensor([value - 2**64 if value >= 2**63 else value for value in values])


def test_numbers_are_those_of_splitmix64() -> None:
    """The first five outputs of the reference implementation for the seed 1234567."""
    expected = [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
        16408922859458223821,
    ]
    found = HashedNumbers(keys(1234567)).whole(5, 1)[:, 0, 0]
    assert found.tolist() == [value >> 33 for value in expected]


def test_it_mixes_as_whole_numbers_of_any_size_do() -> None:
    """Beside Python's own arithmetic, which knows no overflow."""
    random = np.random.default_rng(0)
    words = [int(word) for word in random.integers(0, 2**64, 1000, dtype=np.uint64)]
    gamma = 0x9E3779B97F4A7C15
    found = mix(keys(*words))
    expected = keys(*(splitmix64((word - gamma) % 2**64) for word in words))
    assert torch.equal(found, expected)


def test_a_run_draws_the_same_alone_and_among_others() -> None:
    """And the same in one piece or in several."""
    alone, among = HashedNumbers(keys(5)), HashedNumbers(keys(9, 5, 2**64 - 1))
    assert torch.equal(alone.whole(6, 3)[:, 0], among.whole(6, 3)[:, 1])
    assert torch.equal(alone.normal(4, 3)[:, 0], among.normal(4, 3)[:, 1])
    pieces = HashedNumbers(keys(5))
    in_two = torch.cat([pieces.whole(2, 3), pieces.whole(4, 3)])
    assert torch.equal(in_two, HashedNumbers(keys(5)).whole(6, 3))


def test_whole_numbers_are_even_and_neighbours_independent() -> None:
    """χ² over 256 bins, of the numbers and of what two runs with neighbouring keys differ by."""
    numbers = HashedNumbers(keys(1, 2)).whole(1000, 500)
    low, high = int(numbers.min()), int(numbers.max())
    assert low >= 0
    assert 2**31 - 2**14 < high < 2**31
    for values in (numbers[:, 0], (numbers[:, 0] - numbers[:, 1]) % 2**31):
        counts = np.bincount((values.flatten() >> 23).numpy(), minlength=256)
        expected = counts.sum() / 256
        chi2 = ((counts - expected) ** 2 / expected).sum()
        assert abs(chi2 - 255) < 5 * np.sqrt(2 * 255)


def test_normal_numbers_are_normal() -> None:
    """Mean, variance, skewness and kurtosis of a million, each within five standard errors."""
    z = HashedNumbers(keys(3)).normal(1000, 1000).flatten()
    n = len(z)
    assert bool(torch.isfinite(z).all())
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(float((z**power).mean()) - mean) < 5 * np.sqrt(variance / n)
