"""Random streams: one a run, update and purpose."""

from __future__ import annotations

import numpy as np
import pytest

from rlxent_core.streams import GRID, WARM_UP, Purpose, Streams, split, splitmix64


def test_splitmix_agrees_with_its_source() -> None:
    """The first outputs of SplitMix64 from state 0, as published with the algorithm."""
    gamma = 0x9E3779B97F4A7C15
    assert splitmix64(0) == 0xE220A8397B1DCDAF
    assert splitmix64(gamma) == 0x6E789E6AA1B965F4


def test_an_update_can_be_drawn_again() -> None:
    """Going back to an update gives its numbers again."""
    streams = Streams([7], Purpose.EPISODES)
    first = streams.cpu(3)[0].random_raw(5)
    streams.cpu(4)[0].random_raw(9)
    assert np.array_equal(streams.cpu(3)[0].random_raw(5), first)


@pytest.mark.parametrize(
    "other",
    [([8], Purpose.EPISODES, 3), ([7], Purpose.METERS, 3), ([7], Purpose.EPISODES, 4)],
)
def test_seed_purpose_and_update_each_make_another_stream(
    other: tuple[list[int], Purpose, int],
) -> None:
    """Neighbouring streams share no number and agree in about half their bits."""
    seeds, purpose, update = other
    one = Streams([7], Purpose.EPISODES).cpu(3)[0].random_raw(1000)[WARM_UP:]
    two = Streams(seeds, purpose).cpu(update)[0].random_raw(1000)[WARM_UP:]
    assert not np.isin(one, two).any()
    same_bits = 1 - np.unpackbits((one ^ two).view(np.uint8)).mean()
    assert abs(same_bits - 0.5) < 5 * 0.5 / np.sqrt(64 * len(one))


def test_whole_numbers_are_uniform_over_the_grid() -> None:
    """Both halves of the 64 bits: range, and χ² over 64 bins (63 ± 5·11)."""
    numbers = split(Streams([0], Purpose.EPISODES).cpu(0)[0].random_raw(50_000)[WARM_UP:])
    assert numbers.min() >= 0
    assert numbers.max() < GRID
    for half in numbers:
        counts = np.bincount(half * 64 // GRID, minlength=64)
        expected = len(half) / 64
        assert ((counts - expected) ** 2 / expected).sum() < 63 + 5 * np.sqrt(2 * 63)
