"""Curves as a table: what other programs read of it."""

from __future__ import annotations

from io import StringIO

import numpy as np

from rlxent_core.curves_csv import COLUMNS, csv_text

RETURNS = np.array([[1, -0.5, -0.5, 16], [2, 0.1, -0.2, 32], [3, 1 / 3, 0.0, 48]])
VARIANCE = np.array([[0, 9.0, 8.0], [2, 4.0, 1.5], [2, 5.0, 2.5], [3, np.nan, np.nan]])
ABOUT = {"world": "Ice\nand, pit", "seed": 3}


def test_numpy_reads_every_update() -> None:
    """The comment is skipped, names are taken, what was not measured is nan; digits are whole."""
    table = np.genfromtxt(
        StringIO(csv_text(ABOUT, RETURNS, VARIANCE)), delimiter=",", names=True,
        skip_header=len(ABOUT),
    )
    assert table.dtype.names == COLUMNS
    np.testing.assert_array_equal(table["update"], [1, 2, 3])
    np.testing.assert_array_equal(table["episodes"], [16, 32, 48])
    np.testing.assert_array_equal(table["mean_return"], RETURNS[:, 1])
    np.testing.assert_array_equal(table["running_mean"], RETURNS[:, 2])
    np.testing.assert_array_equal(table["variance_without_baseline"], [np.nan, 5.0, np.nan])
    np.testing.assert_array_equal(table["variance_with_baseline"], [np.nan, 2.5, np.nan])


def test_without_its_comments_it_is_a_plain_table() -> None:
    """As pandas reads it with comment="#": one line of names, then whole numbers and numbers."""
    lines = [x for x in csv_text(ABOUT, RETURNS, VARIANCE).splitlines() if x[0] != "#"]
    assert lines[0] == ",".join(COLUMNS)
    assert [line.split(",")[:2] for line in lines[1:]] == [["1", "16"], ["2", "32"], ["3", "48"]]
    assert {line.count(",") for line in lines} == {len(COLUMNS) - 1}


def test_the_header_says_key_and_value_a_line_each() -> None:
    head = csv_text(ABOUT, RETURNS, VARIANCE).splitlines()[:2]
    assert head == ["# world: Ice and, pit", "# seed: 3"]


def test_all_updates_are_there_however_many() -> None:
    many = np.arange(25_000.0)[:, None] * [1, 0.5, 0.25, 16]
    assert csv_text({}, many, np.empty((0, 3))).count("\n") == 25_001
