"""The rows of a long table that are drawn: true rows, every peak, and never too many."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rlxent_gui.history import STRETCHES, Columns

MOST = 10 * STRETCHES
"""Rows that a plot is given at most of a table of three columns."""


def grown(values: np.ndarray, looks: int = 50) -> Columns:
    """A table that is looked at while it grows, as a plot does."""
    table = Columns(values.shape[1] + 1)
    for update, row in enumerate(values, start=1):
        table.append(update, *row)
        if update % (len(values) // looks) == 0:
            table.thinned()
    return table


def check(table: Columns) -> None:
    """Its thinned rows are some of its own, ascending, and hold the ends and every extreme."""
    rows, seen = table.rows(), table.thinned()
    assert len(seen) <= MOST
    assert (np.diff(seen[:, 0]) >= 0).all()
    np.testing.assert_array_equal(seen, rows[(seen[:, 0] - rows[0, 0]).astype(int)])
    assert seen[-1, 0] == rows[-1, 0]
    for column in range(1, rows.shape[1]):
        assert np.nanmin(seen[:, column]) == np.nanmin(rows[:, column])
        assert np.nanmax(seen[:, column]) == np.nanmax(rows[:, column])


def test_a_short_table_is_left_as_it_is() -> None:
    """Up to the most stretches no row is left out."""
    table = grown(np.random.default_rng(0).normal(size=(2 * STRETCHES, 2)))
    np.testing.assert_array_equal(table.thinned(), table.rows())


def test_a_long_table_keeps_its_peaks() -> None:
    """One of a hundred thousand that stands out is drawn, and its row whole."""
    values = np.random.default_rng(1).normal(size=(100_000, 2))
    values[77_777] = 50, -3
    table = grown(values)
    check(table)
    assert [77_778, 50, -3] in table.thinned().tolist()


def test_what_is_not_known_stays_a_gap() -> None:
    """A nan among numbers is kept, and numbers beside it are too."""
    values = np.random.default_rng(2).normal(size=(50_000, 1))
    values[:10_000] = np.nan
    values[30_000] = np.nan
    seen = grown(values).thinned()
    assert np.isnan(seen[seen[:, 0] <= 10_000, 1]).all()
    assert np.isnan(seen[seen[:, 0] == 30_001, 1]).all()
    assert np.isfinite(seen[seen[:, 0] > 30_001, 1]).all()


def test_going_back_and_on_leaves_nothing_behind() -> None:
    """What is drawn after a rewind is of what there is now, finer where little is left."""
    random = np.random.default_rng(3)
    table = grown(random.normal(size=(60_000, 2)))
    for back in (59_999, 59_000, 30_000, 9_000, 700):
        table.cut(back)
        for update in range(back + 1, back + 400):
            table.append(update, *(100 + random.normal(size=2)))
            if update % 50 == 0:
                table.keep_first(0, update)
                table.append(update, 0, 0)
        check(table)
    assert len(table.thinned()) == len(table)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 9000)), min_size=1, max_size=6))
def test_however_it_grows_and_shrinks(changes: list[tuple[int, int]]) -> None:
    """Rows come, and updates are taken back; what is drawn is always of the table as it is."""
    table, last = Columns(2), 0
    for more, back in changes:
        for update in range(last + 1, last + 1 + more):
            table.append(update, float((update * 7919) % 1013))
        check(table)
        last = max(1, last + more - back)
        table.cut(last)
        check(table)


def test_it_takes_no_longer_for_a_longer_table() -> None:
    """Of a million rows only the new ones are looked at."""
    table = Columns(3)
    table._rows = np.random.default_rng(4).normal(size=(2**20, 3))
    table._rows[:, 0] = np.arange(2**20)
    table._count = 10**6
    table.thinned()
    looked_at: list[int] = []
    table._extremes, look = (  # type: ignore[method-assign]
        lambda index: looked_at.append(index.size) or look(index), table._extremes
    )
    for update in range(10**6, 10**6 + 2000):
        table.append(update, 0.5, 0.5)
        table.thinned()
    assert sum(looked_at) <= 2000 + 512
    assert np.isfinite(table.thinned()).all()
