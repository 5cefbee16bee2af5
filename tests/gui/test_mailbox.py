"""The mailbox between training and window, and the history that is drawn from it."""

from __future__ import annotations

import threading
import time

import numpy as np

from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui.curves import Curves, PolicyHistory, difference, same_task
from rlxent_gui.mailbox import Changed, Mailbox, ReturnPoint, Rewound, Snapshot, VariancePoint
from rlxent_gui.view_state import RunState

WORLD = World(("S.",), {"S": Tile(start=1)})


def test_the_latest_snapshot_replaces_the_one_before() -> None:
    """A slow reader sees the newest state, not a queue of old ones."""
    mailbox = Mailbox()
    for update in range(5):
        mailbox.post(Snapshot(1, RunState.RUNNING, update=update))
    latest = mailbox.latest()
    assert latest is not None
    assert latest.update == 4


def test_whoever_trains_waits_while_the_window_draws() -> None:
    """Until it has drawn, or the moment it promised is past, in which it may have forgotten."""
    mailbox, through = Mailbox(), threading.Event()
    mailbox.let_draw()

    def train() -> None:
        mailbox.let_draw()
        through.set()

    mailbox.give_way_until = time.perf_counter() + 60
    thread = threading.Thread(target=train)
    thread.start()
    assert not through.wait(0.05)
    mailbox.give_way_until = 0.0
    assert through.wait(20)
    thread.join()
    mailbox.give_way_until = time.perf_counter() + 0.01
    mailbox.let_draw()
    assert time.perf_counter() >= mailbox.give_way_until


def test_no_event_is_lost_between_two_threads() -> None:
    """Every recorded point arrives once and in order, however reader and writer interleave."""
    mailbox, seen = Mailbox(), []

    def write() -> None:
        for update in range(20_000):
            mailbox.record(ReturnPoint(1, update, 0.0, 0.0))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        seen += [event.update for event in mailbox.drain(100)]
    seen += [event.update for event in mailbox.drain()]
    assert seen == list(range(20_000))


def test_points_of_an_earlier_run_are_dropped() -> None:
    """A late batch cannot write into the curve of a run that was reset."""
    curves = Curves(2, WORLD, Settings(), 0)
    curves.take(ReturnPoint(1, 1, 0.5, 0.5))
    curves.take(ReturnPoint(2, 1, 0.25, 0.25))
    assert curves.returns.column(1).tolist() == [0.25]


def test_many_points_at_once_are_as_many_points() -> None:
    one, many = (Curves(1, WORLD, Settings(), 0) for _ in range(2))
    points = [ReturnPoint(1, n, 0.1 * n, 0.2 * n, 16 * n) for n in range(1, 1001)]
    for point in points:
        one.take(point)
    many.take_points(points[:3])
    many.take_points(points[3:])
    assert np.array_equal(one.returns.rows(), many.returns.rows())
    assert one.returns.rows()[-1].tolist() == [1000.0, 100.0, 200.0, 16_000.0]


def test_a_rewind_cuts_every_curve() -> None:
    """After going back to update 3 nothing later is shown, and new points follow on."""
    curves = Curves(1, WORLD, Settings(), 0)
    for update in range(1, 6):
        curves.take(ReturnPoint(1, update, float(update), float(update)))
        curves.take(VariancePoint(1, update, 1.0, 0.5, "LOO"))
        curves.policy.append(update, np.full((2, 4), 0.25))
    curves.take(Changed(1, 4, "world"))
    curves.take(Rewound(1, 3))
    curves.take(ReturnPoint(1, 4, 9.0, 9.0))
    assert curves.returns.column(0).tolist() == [1, 2, 3, 4]
    assert curves.returns.column(1).tolist() == [1, 2, 3, 9]
    assert curves.variance.column(0).tolist() == [1, 2, 3]
    assert curves.policy.of_state(0)[0].tolist() == [1, 2, 3]
    assert curves.marks == [(3, "world")]


def test_what_is_measured_again_replaces_the_measurement() -> None:
    """A stroke at rest is measured cell by cell; the plot is no vertical line."""
    curves = Curves(1, WORLD, Settings(), 0)
    for none in (3.0, 2.0, 1.0):
        curves.take(VariancePoint(1, 0, none, 0.5, "LOO"))
    assert curves.variance.column(0).tolist() == [0]
    assert curves.variance.column(1).tolist() == [1]
    curves.take(VariancePoint(1, 7, 4.0, 0.5, "LOO"))
    curves.take(Changed(1, 7, "settings"))
    for chosen in (3.0, 2.0):
        curves.take(VariancePoint(1, 7, 4.0, chosen, "Mean"))
    assert curves.variance.column(0).tolist() == [0, 7, 7]
    assert curves.variance.column(2).tolist() == [0.5, 0.5, 2]


def test_a_long_history_of_policies_stays_within_its_budget() -> None:
    """It is thinned, from the first update to the last."""
    history = PolicyHistory(budget_bytes=2**20)
    for update in range(20_000):
        history.append(update, np.full((25, 4), update / 20_000))
    updates, rows = history.of_state(7)
    assert len(updates) * 25 * 4 * 2 <= 2**20
    assert len(updates) > 1000
    assert updates[0] == 0
    assert updates[-1] >= 19_990
    np.testing.assert_allclose(rows[:, 0], updates / 20_000, atol=1e-3)


def test_going_back_keeps_the_marks_of_what_was_changed() -> None:
    """World and settings stay as they are now, so the curve goes on from there changed."""
    curves = Curves(1, WORLD, Settings(), 0)
    for update in range(1, 9):
        curves.take(ReturnPoint(1, update, 0.0, 0.0))
    for update, what in ((2, "world"), (5, "settings"), (6, "settings")):
        curves.take(Changed(1, update, what))
    curves.take(Rewound(1, 5))
    assert curves.marks == [(2, "world"), (5, "settings")]
    curves.take(Rewound(1, 0))
    assert curves.marks == []


def test_the_ghost_ends_where_something_was_changed() -> None:
    """What came later was made by other settings than those it is named by."""
    curves = Curves(1, WORLD, Settings(), 0)
    for update in range(1, 9):
        curves.take(ReturnPoint(1, update, 0.0, 0.1 * update))
    assert curves.ghost[0].tolist() == list(range(1, 9))
    curves.take(Changed(1, 5, "settings"))
    updates, mean = curves.ghost
    assert updates.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(mean, [0.1, 0.2, 0.3, 0.4, 0.5])


def test_an_old_curve_is_named_by_what_differs() -> None:
    """"no baseline" and "η 0.1" say what was tried; the same settings say nothing."""

    def named(world: World = WORLD, seed: int = 0, **settings: object) -> str:
        old = Curves(1, world, Settings(**settings), seed)  # type: ignore[arg-type]
        return difference(old, WORLD, Settings(), 0)

    assert named(baseline="none") == "no baseline"
    assert named(learning_rate=0.1) == "η 0.1"
    assert named(seed=3) == "seed 3"
    assert named(WORLD.with_fields(discount=0.5)) == "γ 0.5"
    assert named() == ""


def test_returns_are_compared_in_one_world_only() -> None:
    """A name or a discount changes nothing in what is drawn; a wall does."""
    assert same_task(WORLD, WORLD.with_fields(name="Maze", discount=0.5))
    assert not same_task(WORLD, WORLD.with_tiles({(0, 1): Tile(wall=True)}))
