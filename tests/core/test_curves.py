"""Numbers for plots, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxent_core.curves import RunningMean, decimate, entropy, running_means


def test_running_mean_begins_at_the_first_value() -> None:
    """Bias correction: m_1 = x_1, and a constant stays that constant to the last bit but one."""
    mean = RunningMean(0.9)
    assert mean.add(3.0) == pytest.approx(3.0, abs=1e-15)
    for _ in range(50):
        assert mean.add(3.0) == pytest.approx(3.0, abs=1e-14)


def test_running_mean_by_hand() -> None:
    """d = ½, x = 1, 2, 4: (⅛·1 + ¼·2 + ½·4) / ⅞ = 3."""
    mean = RunningMean(0.5)
    mean.add(1.0)
    assert mean.add(2.0) == pytest.approx((0.25 + 1.0) / 0.75, abs=1e-15)
    assert mean.add(4.0) == pytest.approx(2.625 / 0.875, abs=1e-15)


def test_running_mean_of_nothing_is_nan() -> None:
    """Before the first value there is no mean, and nothing to divide by."""
    assert math.isnan(RunningMean().value)


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1000])
def test_running_means_at_once_are_those_one_by_one(count: int) -> None:
    """Also where a stretch ends and where one is not filled."""
    values = np.random.default_rng(count).normal(5.0, 2.0, count)
    mean = RunningMean()
    one_by_one = [mean.add(value) for value in values]
    np.testing.assert_allclose(running_means(values), one_by_one, rtol=1e-12)


def test_running_mean_refuses_a_decay_of_one() -> None:
    """With d = 1 no value would ever count."""
    with pytest.raises(ValueError, match="decay"):
        RunningMean(1.0)


def test_a_short_curve_is_left_alone() -> None:
    """A curve that has few enough points keeps every one."""
    x, y = decimate([0, 1, 2], [5, 6, 7], 3)
    assert x.tolist() == [0, 1, 2]
    assert y.tolist() == [5, 6, 7]


def test_decimation_by_hand() -> None:
    """Eight points in two stretches: the extremes of (1 9 2 0) and (3 3 8 4), in order."""
    x, y = decimate(range(8), [1, 9, 2, 0, 3, 3, 8, 4], 4)
    assert x.tolist() == [1, 3, 4, 6]
    assert y.tolist() == [9, 0, 3, 8]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=400),
    st.integers(2, 50),
)
def test_decimation_loses_no_peak(values: list[float], n: int) -> None:
    """At most n points, all of the curve, in order, with its lowest and its highest."""
    x, y = decimate(np.arange(len(values)), values, n)
    assert len(x) <= max(n, 2)
    assert (np.diff(x) >= 0).all()
    assert y.min() == min(values)
    assert y.max() == max(values)
    assert (np.array(values)[x.astype(int)] == y).all()


def test_decimation_keeps_a_gap() -> None:
    """One nan among thousands is still a gap in what is drawn, and the highest point is kept."""
    y = np.arange(5000.0)
    y[1234] = np.nan
    assert np.isnan(decimate(np.arange(5000), y)[1]).sum() == 1
    assert np.nanmax(decimate(np.arange(5000), y)[1]) == 4999


def test_decimation_refuses_curves_that_do_not_match() -> None:
    """Every y has its x."""
    with pytest.raises(ValueError, match="equal length"):
        decimate([1, 2], [1])


def test_entropy_by_hand() -> None:
    """H(¼,¼,¼,¼) = ln 4, H(1, 0) = 0, H(½,½) = ln 2; leading axes are kept."""
    assert entropy([0.25] * 4) == pytest.approx(math.log(4), abs=1e-15)
    assert entropy([[1.0, 0.0], [0.5, 0.5]]).tolist() == pytest.approx([0, math.log(2)])
