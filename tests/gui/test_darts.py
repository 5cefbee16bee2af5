"""The geometry of darts, against the numbers of the design."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rlxent_gui.canvas.darts import corners, darts, directions, stay_radius

MOVES = ("up", "right", "down", "left")
RIGHT = np.array([1.0, 0.0])


def dart(p, leads, along=RIGHT):
    return corners(np.array([p]), np.array([leads]), along)[0]


def test_uniform_darts_are_a_ring_of_equal_stubs():
    """p = 1/4: length 0.48 · 0.25^0.425, half-width 0.25 · √0.25, base at 0.105."""
    tip, left, notch, right = dart(0.25, False)
    assert tip == pytest.approx([0.48 * 0.25**0.425, 0])
    assert left == pytest.approx([0.105, -0.125])
    assert right == pytest.approx([0.105, 0.125])
    assert notch == pytest.approx([0.105, 0])


def test_base_of_a_small_dart_is_its_half_width():
    """p = 0.09: half-width 0.075 < 0.105."""
    _, left, _, _ = dart(0.09, False)
    assert left == pytest.approx([0.075, -0.075])


def test_sure_leader_slides_back_and_has_a_notch():
    """p = 1: base at −0.24, and 0.20 of the dart's length, 0.72, cut out behind."""
    tip, left, notch, _ = dart(1.0, True)
    assert tip == pytest.approx([0.48, 0])
    assert left == pytest.approx([-0.24, -0.25])
    assert notch == pytest.approx([-0.24 + 0.20 * 0.72, 0])


def test_leader_slides_in_proportion_from_two_fifths():
    """p = 0.7 is half way from 0.40 to 1; below 0.40 nothing slides."""
    assert dart(0.7, True)[1][0] == pytest.approx((0.105 - 0.24) / 2)
    assert dart(0.4, True) == pytest.approx(dart(0.4, False))
    assert dart(0.7, False)[1][0] == pytest.approx(0.105)


def test_area_of_a_dart_grows_with_its_probability():
    """Half-width times length, without the slide."""
    areas = [dart(p, False)[3][1] * (dart(p, False)[0][0] - dart(p, False)[2][0])
             for p in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert areas == sorted(areas)


def test_leader_must_be_ahead_by_more_than_eight_hundredths():
    """0.33 against 0.26 is not ahead; 0.36 against 0.26 is."""
    near = darts(np.array([[0.33, 0.26, 0.21, 0.2]]))
    ahead = darts(np.array([[0.36, 0.26, 0.19, 0.19]]))
    assert not near.leads.any()
    assert ahead.leads.tolist() == [[True, False, False, False]]


def test_two_leaders_are_none():
    """A tie has no leader, and neither of the two is a runner-up."""
    tie = darts(np.array([[0.45, 0.45, 0.05, 0.05]]))
    assert not tie.leads.any()
    assert tie.mix[0, 0] == tie.mix[0, 1] < tie.mix[0, 2]


def test_ink_fades_with_entropy():
    """0.40 · H²: 0.40 for uniform, 0 for sure; runners-up 22 % of what is left on top."""
    uniform = darts(np.full((1, 4), 0.25))
    assert uniform.mix == pytest.approx(np.full((1, 4), 0.40))
    sure = darts(np.array([[0.0, 1.0, 0.0, 0.0]]))
    assert sure.mix[0] == pytest.approx([0.22, 0, 0.22, 0.22])
    p = np.array([0.7, 0.1, 0.1, 0.1])
    h = -(p * np.log(p)).sum() / math.log(4)
    faded = darts(p[None]).mix[0]
    assert faded[0] == pytest.approx(0.40 * h * h)
    assert 1 - faded[1] == pytest.approx((1 - 0.40 * h * h) * 0.78)


def test_darts_of_less_than_three_hundredths_are_not_drawn():
    """0.03 is, 0.029 is not."""
    assert darts(np.array([[0.03, 0.029, 0.041, 0.9]])).drawn.tolist() == [
        [True, False, True, True]
    ]


def test_every_move_points_its_way():
    """Rows grow downwards, so up is −y; diagonals have length one."""
    assert directions(MOVES) == pytest.approx(np.array([[0, -1], [1, 0], [0, 1], [-1, 0]]))
    diagonal = directions(("down-right", "up-left", "stay"))
    assert diagonal == pytest.approx(
        np.array([[math.sqrt(0.5)] * 2, [-math.sqrt(0.5)] * 2, [0, 0]])
    )
    tip = dart(1.0, True, diagonal[0])[0]
    assert tip == pytest.approx([0.48 * math.sqrt(0.5)] * 2)


def test_staying_is_a_disc_whose_area_is_the_probability():
    """Radius 0.2 · √p."""
    assert stay_radius(np.array([1.0, 0.25])) == pytest.approx([0.2, 0.1])


def test_a_single_move_is_sure():
    """With one action there is no entropy to divide by."""
    only = darts(np.ones((3, 1)))
    assert only.leads.all()
    assert only.mix == pytest.approx(np.zeros((3, 1)))
