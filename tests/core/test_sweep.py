"""Step sizes times baselines: the cells are trainings of their own, the sentence is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rlxent_core.arm_names import arm_names
from rlxent_core.settings import Settings
from rlxent_core.study import Study
from rlxent_core.sweep import Grid, Sweep, rates, rows
from tests.core.learning_worlds import sparse5

TABLE = Settings(architecture="table", learning_rate=0.1)
NAMES = ("no baseline", "leave-one-out", "V(s) exact", "GAE .95")


def grid(solved: list[list[float]], **others: object) -> Grid:
    shape = np.shape(solved)
    blank = np.zeros(shape)
    values: dict[str, object] = {
        "names": NAMES[: shape[0]], "rates": (0.01, 0.03, 0.1)[: shape[1]],
        "share": np.array(solved), "solved": np.array(solved), "stuck": blank,
        "diverged": blank * np.nan, "updates": 400, "whole": True,
    }
    return Grid(**(values | others))  # type: ignore[arg-type]


def test_a_cell_is_a_training_of_its_own() -> None:
    """The same bits as a study of that one setting alone."""
    torch.set_num_threads(1)
    sweep = Sweep(sparse5(), TABLE, range(3), updates=40)
    assert sweep.run()
    found = sweep.grid()
    assert found.share.shape == (4, 6)
    assert found.whole
    alone = Study(sparse5(), (replace(TABLE, learning_rate=0.3),), range(3), 40, points=20)
    for _ in alone.steps():
        pass
    curve = alone.arms[0].curve
    share = alone.way.fraction(float(np.median(curve.values[-1])))
    assert found.share[1, 3] == share
    assert found.solved[1, 3] == curve.solved


def test_it_says_how_far_it_is_and_can_be_stopped() -> None:
    """What there is so far can be looked at at any time."""
    seen: list[tuple[int, int, str]] = []

    def go_on(done: int, total: int, unit: str) -> bool:
        seen.append((done, total, unit))
        return unit != "updates" or done < 30

    sweep = Sweep(sparse5(), TABLE, range(2), updates=20)
    assert not sweep.run(go_on)
    assert seen[0] == (0, 24 * 2, "seeds looked at")
    assert 30 <= seen[-1][0] < 60  # others were at work
    assert seen[-1][1:] == (24 * 20, "updates")
    assert not sweep.grid().whole
    assert np.isfinite(sweep.grid().share).all()


def test_rows_and_columns() -> None:
    """Step sizes lie around the training's own, within what may be set; rows keep the rest."""
    assert rates(TABLE) == (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    assert rates(replace(TABLE, learning_rate=50.0)) == (5.0, 15.0, 50.0)
    assert [own.baseline for own in rows(TABLE)] == [
        "none", "leave_one_out", "exact_value", "critic"
    ]
    gae = replace(TABLE, credit="gae", baseline="critic")
    assert rows(gae)[0].credit == "reward_to_go"
    assert arm_names(rows(TABLE)) == NAMES


@pytest.mark.parametrize(
    ("solved", "expected"),
    [
        (
            [[1, 1, 0], [1, 1, 0.9], [1, 1, 1], [1, 0.95, 1]],
            ".03 with no baseline, .1 with leave-one-out, .1 with V(s) exact, .1 with GAE .95."
            " Every baseline allows larger steps here than training without one.",
        ),
        (
            [[1, 1, 1], [1, 1, 1], [1, 0, 0]],
            ".1 with no baseline, .1 with leave-one-out, .01 with V(s) exact."
            " None of the baselines allows larger steps here than training without one.",
        ),
        (
            [[0, 0, 0], [1, 1, 0], [0.89, 0, 0]],
            "none with no baseline, .03 with leave-one-out, none with V(s) exact."
            " Without a baseline no step size here was enough.",
        ),
        (
            [[1, 0, 0], [1, 1, 0], [1, 0.89, 0]],
            ".01 with no baseline, .03 with leave-one-out, .01 with V(s) exact."
            " Here leave-one-out allows larger steps than training without a baseline.",
        ),
    ],
)
def test_the_sentence_says_what_was_measured(solved: list[list[float]], expected: str) -> None:
    """Whatever that is."""
    sentence = grid(solved).sentence()
    assert sentence == f"The largest step at which 90 % of the seeds are solved: {expected}"


def test_where_nothing_is_solved_it_says_so() -> None:
    """Without a comparison."""
    assert grid([[0.5, 0.2], [0.8, 0]]).sentence() == (
        "After 400 updates no step size here has 90 % of the seeds solved, whatever the baseline."
    )


def test_the_best_cell_of_a_row() -> None:
    """Most seeds solved, then furthest on the way, then the smaller step; none where all broke."""
    shares = np.array([[0.96, 0.99, 0.99], [0.5, 0.6, np.nan], [np.nan] * 3])
    solved = [[1.0, 1.0, 1.0], [0.5, 0.5, 0.5], [0.0] * 3]
    assert grid(solved, share=shares).best == (1, 1, None)


def test_names_tell_arms_apart() -> None:
    """And say nothing that they have in common."""
    faster = replace(TABLE, learning_rate=0.3)
    assert arm_names([TABLE, faster]) == ("leave-one-out, η .1", "leave-one-out, η .3")
    total = replace(TABLE, credit="total_return", baseline="none")
    assert arm_names([total, TABLE]) == ("total, no baseline", "to-go, leave-one-out")
    exact = replace(TABLE, discount_weighting="exact")
    assert arm_names([TABLE, exact]) == ("leave-one-out, no γᵗ", "leave-one-out, γᵗ")
    assert arm_names([TABLE, TABLE, faster, TABLE]) == (
        "leave-one-out, η .1", "leave-one-out, η .1 (2)", "leave-one-out, η .3",
        "leave-one-out, η .1 (3)",
    )
