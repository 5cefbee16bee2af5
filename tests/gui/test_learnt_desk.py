"""Copies of what was learnt, and going on from one: the same bits as if nothing had been."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rlxent_core.settings import Settings
from rlxent_core.state_arrays import arrays_of
from rlxent_core.timeline import Timeline
from rlxent_core.trainer import Trainer
from rlxent_core.world import WALL_TILE, Tile, World
from rlxent_gui import learnt_desk, messages
from rlxent_gui.learnt import Learnt
from rlxent_gui.mailbox import Changed, Mailbox, Restored
from rlxent_gui.pacing import LEVELS
from rlxent_gui.session import run_name
from rlxent_gui.training_run import TrainingRun
from rlxent_gui.update_means import UpdateMeans
from rlxent_gui.view_state import RunState
from tests.fake_cuda import FakeCuda
from tests.gui.test_faults_training import OnCuda, cuda  # noqa: F401
from tests.gui.test_faults_training import training as on_cuda  # noqa: F401
from tests.gui.test_training_thread import Training, training  # noqa: F401

WORLD = World(
    ("S.....", "...#..", "......", ".....G"),
    {"S": Tile(start=1.0), "G": Tile(terminal=True, reward=1.0)}, max_steps=30,
)  # fmt: skip
WALLED = WORLD.with_tiles({(2, 2): WALL_TILE})
MLP = Settings(
    batch_episodes=4, hidden=6, learning_rate=0.1, baseline="critic", credit="gae",
    gradient_clip=0.5,
)  # fmt: skip
KINDS = {
    "table, SGD": Settings(architecture="table", optimizer="sgd", batch_episodes=4),
    "linear, moving average": Settings(
        architecture="linear", baseline="moving_average", batch_episodes=4
    ),
    "views, optimal constant": Settings(
        architecture="table", features="neighbourhood", baseline="optimal_constant",
        batch_episodes=4,
    ),
    "MLP, critic, Adam": MLP,
}  # fmt: skip
SEED = 3
FLAT_OUT = messages.SetPace(LEVELS[-1])


def start(settings: Settings, learnt: Learnt | None = None, **more: Any) -> messages.Start:
    given = {"run_id": 1, "world": WORLD, "seed": SEED, "device": "cpu", **more}
    return messages.Start(settings=settings, learnt=learnt, **given)


def after(settings: Settings, updates: int, mailbox: Mailbox | None = None) -> Learnt:
    """What a run has learnt by then."""
    mailbox = mailbox or Mailbox()
    run = TrainingRun(mailbox, start(settings))
    for _ in range(updates):
        run.update()
    run.rest()
    assert mailbox.learnt is not None
    return mailbox.learnt


def bits(learnt: Learnt | None) -> dict[str, bytes]:
    assert learnt is not None
    arrays = {name: array.tobytes() for name, array in learnt.arrays.items()}
    return {**arrays, "means": learnt.means.tobytes()}


def restored(mailbox: Mailbox) -> Restored:
    (found,) = (event for event in mailbox.drain() if isinstance(event, Restored))
    return found


def test_means_that_somebody_reads_are_not_written_over() -> None:
    """However it goes on: back, on in another way, and to where more memory is taken."""
    means = UpdateMeans()
    for k in range(300):
        means.add(k, 2.0 * k, 3 * k)
    read = means.rows(250)
    before = read.copy()
    means.cut(100)
    assert (len(means), means.past) == (100, 1)
    for _ in range(900):
        means.add(-1.0, -1.0, -1)
    np.testing.assert_array_equal(read, before)
    np.testing.assert_array_equal(means.rows(100), before[:100])
    assert (means.rows(1000)[100:] == -1).all()
    means.cut(1000)
    assert (len(means), means.past) == (1000, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_with_the_same_bits(kind: str) -> None:
    """Policy, optimiser, baselines, counts and curves, then and later on."""
    settings = KINDS[kind]
    then, later, mailbox = after(settings, 25), after(settings, 40), Mailbox()
    run = TrainingRun(mailbox, start(settings, then, run_id=2))
    assert (run.updates, run.earliest) == (25, 25)
    run.rest()
    assert bits(mailbox.learnt) == bits(then)
    for _ in range(15):
        run.update()
    run.rest()
    assert bits(mailbox.learnt) == bits(later)
    assert mailbox.learnt is not None
    assert mailbox.learnt.run == run_name(2)
    record = run.record()
    assert record.updates == 40
    assert record.seeds[0].lengths.tolist() == later.means[:, 1].tolist()
    columns = restored(mailbox).returns
    assert columns is not None
    np.testing.assert_array_equal(columns.rows()[:, [0, 1, 3]].T, [
        np.arange(1.0, 26), then.means[:, 0], then.means[:, 2],
    ])  # fmt: skip


def test_the_running_mean_goes_on_too() -> None:
    """As it was drawn before, but for what no eye sees."""
    mailbox, again = Mailbox(), Mailbox()
    after(MLP, 60, mailbox)
    then = after(MLP, 40)
    run = TrainingRun(again, start(MLP, then))
    for _ in range(20):
        run.update()
    events = list(again.drain())
    columns = next(event.returns for event in events if isinstance(event, Restored))
    means = [*columns.column(2), *(event.running_mean for event in events[1:])]  # type: ignore[union-attr]
    np.testing.assert_allclose(means, [event.running_mean for event in mailbox.drain()], 1e-12)


def test_what_was_changed_after_the_last_update_is_changed_again() -> None:
    """The session is newer than the copy: as if it were changed at that update, marks and all."""
    settings = replace(MLP, optimizer="sgd", baseline="moving_average", credit="reward_to_go")
    trainer = Trainer(WORLD, MLP, (SEED,))
    for _ in range(10):
        trainer.step()
    trainer.set_settings(settings)
    trainer.set_world(WALLED)
    for _ in range(5):
        trainer.step()
    mailbox = Mailbox()
    run = TrainingRun(mailbox, start(settings, after(MLP, 10), world=WALLED))
    assert [event.what for event in mailbox.drain() if isinstance(event, Changed)] == [
        "settings", "world",
    ]  # fmt: skip
    for _ in range(5):
        run.update()
    run.rest()
    own = {name: array.tobytes() for name, array in arrays_of(trainer.state()).items()}
    assert {name: b for name, b in bits(mailbox.learnt).items() if name != "means"} == own


def test_a_change_that_cannot_be_trained_with_stops_it_as_ever() -> None:
    """What was learnt is there; smaller again, it goes on."""
    mailbox = Mailbox()
    run = TrainingRun(mailbox, start(replace(MLP, batch_episodes=2**20), after(MLP, 10),
                                     world=WORLD.with_fields(max_steps=10_000)))  # fmt: skip
    assert run.updates == 10
    assert run.failure is not None
    run.edit_settings(MLP)
    assert run.failure is None
    run.update()
    assert run.updates == 11


def test_a_copy_of_an_optimiser_that_was_changed_and_back(training: Training) -> None:  # noqa: F811
    """Its moments are gone, and so they are in the copy; another wall needs no copy."""
    training.send(start(MLP), *[messages.Do.UPDATE] * 3)
    training.settled()
    first = training.mailbox.learnt
    training.send(messages.EditWorld(WALLED))
    training.settled()
    assert training.mailbox.learnt is first
    training.send(messages.EditSettings(replace(MLP, optimizer="sgd")))
    training.settled()
    training.send(messages.EditSettings(MLP))
    training.settled()
    assert first is not None
    assert first.arrays["policy_moment_0"].any()
    now = training.mailbox.learnt
    assert now is not None
    assert not now.arrays["policy_moment_0"].any()
    assert (now.world, now.update) == (WALLED, 3)


def test_copies_are_made_while_it_trains_and_when_it_rests(
    training: Training, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    """Not at every update; at rest, back in time and aside the last one is there at once."""
    made = []
    real = Timeline.moment
    monkeypatch.setattr(Timeline, "moment", lambda own: made.append(own) or real(own))
    monkeypatch.setattr(learnt_desk, "SOONEST", 0.02)
    training.send(start(MLP), FLAT_OUT)
    training.settled()
    assert training.mailbox.learnt is None
    training.send(messages.Do.PLAY)
    training.until(lambda s: s.update > 100)
    assert training.mailbox.learnt is not None
    assert training.mailbox.learnt.update > 0
    training.send(messages.Do.PAUSE)
    seen = training.settled()
    assert len(made) < seen.update / 3
    last = training.mailbox.learnt
    assert last.update == seen.update
    training.send(messages.Rewind(50))
    training.settled()
    back = training.mailbox.learnt
    assert back is not None
    assert (back.update, back.past, last.past) == (50, 1, 0)
    assert back.means.tobytes() == last.means[:50].tobytes()
    # The rows that somebody still writes to the disk are not written over.
    before = last.means.tobytes()
    training.send(messages.EditWorld(WALLED), *[messages.Do.UPDATE] * 3)
    training.settled()
    assert last.means.tobytes() == before
    # A demonstration takes its place, and gives it back.
    kept = training.mailbox.learnt
    training.send(messages.Do.KEEP, start(KINDS["table, SGD"], run_id=2), messages.Do.UPDATE)
    training.settled()
    assert training.mailbox.learnt_aside is kept
    assert training.mailbox.learnt is not None
    assert training.mailbox.learnt.run == run_name(2)
    training.send(messages.BringBack(start(MLP)))
    assert training.settled().update == 53
    assert training.mailbox.learnt is kept


def test_a_run_that_broke_in_the_middle_of_an_update_is_not_copied(
    training: Training, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    training.send(start(MLP), *[messages.Do.UPDATE] * 3)
    training.settled()
    kept = training.mailbox.learnt
    monkeypatch.setattr(Trainer, "step", lambda own: 1 // 0)
    training.send(messages.Do.UPDATE)
    assert training.settled().state is RunState.STOPPED
    assert training.mailbox.learnt is kept


def broken(learnt: Learnt, **arrays: Any) -> Learnt:
    return learnt._replace(arrays={
        name: array for name, array in {**learnt.arrays, **arrays}.items() if array is not None
    })  # fmt: skip


MISFITS = {
    "another seed": lambda it: it._replace(seed=4),
    "another board": lambda it: it._replace(world=WORLD.with_fields(moves=(*WORLD.moves, "stay"))),
    "another width": lambda it: it._replace(settings=replace(MLP, hidden=7)),
    "another architecture": lambda it: it._replace(settings=replace(MLP, architecture="table")),
    "no critic": lambda it: it._replace(settings=KINDS["table, SGD"]),
    "not trainable": lambda it: it._replace(world=WORLD.with_fields(max_steps=None)),
    "an array too few": lambda it: broken(it, critic=None),
    "an array too many": lambda it: broken(it, more=np.zeros(1)),
    "another kind": lambda it: broken(it, policy=it.arrays["policy"].astype(float)),
    "no number": lambda it: broken(it, policy=np.full_like(it.arrays["policy"], np.nan)),
    "no number in a moment": lambda it: broken(
        it, policy_moment_1=np.full_like(it.arrays["policy"], np.nan)
    ),
    "too large": lambda it: broken(it, policy=np.full_like(it.arrays["policy"], 3e38)),
    "a negative count": lambda it: broken(it, counts=-it.arrays["counts"]),
}  # fmt: skip


@pytest.mark.parametrize("what", MISFITS)
def test_what_does_not_fit_is_said_and_the_run_begins_anew(
    training: Training, what: str  # noqa: F811
) -> None:
    """Nothing of it is in the new run."""
    training.send(start(MLP, MISFITS[what](after(MLP, 5))), *[messages.Do.UPDATE] * 2)
    assert training.settled().update == 2
    told = [event for event in training.events if isinstance(event, Restored)]
    assert [(event.update, event.returns) for event in told] == [(5, None)]
    assert bits(training.mailbox.learnt) == bits(after(MLP, 2))


def test_an_infinite_square_is_none_of_them() -> None:
    """Training goes on with one, so it comes back."""
    then = after(MLP, 5)
    square = np.array(then.arrays["policy_moment_1"])
    square[0] = np.inf
    mailbox = Mailbox()
    assert TrainingRun(mailbox, start(MLP, broken(then, policy_moment_1=square))).updates == 5
    assert restored(mailbox).returns is not None


def test_on_an_accelerator_nothing_is_waited_for(
    on_cuda: OnCuda, cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    """While it trains, what lies on the CPU already is taken; at rest the last update is there,
    and it goes on from it, or on the CPU where the device fails over it."""
    monkeypatch.setattr(learnt_desk, "SOONEST", 0.0)
    monkeypatch.setattr(learnt_desk, "LATEST", 0.0)
    moments = []
    real = Timeline.moment
    monkeypatch.setattr(Timeline, "moment", lambda own: moments.append(own) or real(own))
    on_cuda.send(start(MLP, device="cuda"), FLAT_OUT, messages.Do.PLAY)
    on_cuda.until(lambda s: s.update > 20 and s.device == "cuda")
    assert not moments
    assert on_cuda.mailbox.learnt is not None
    assert on_cuda.mailbox.learnt.update > 0
    on_cuda.send(messages.Do.PAUSE)
    last = on_cuda.settled()
    then = on_cuda.mailbox.learnt
    assert then is not None
    assert then.update == last.update
    on_cuda.send(start(MLP, then, run_id=2, device="cuda"))
    assert on_cuda.settled().device == "cuda"
    assert bits(on_cuda.mailbox.learnt) == bits(then)
    cuda.arm(lambda operation: "dead" if operation == 5 else "")
    on_cuda.send(start(MLP, then, run_id=3, device="cuda"))
    seen = on_cuda.settled()
    assert (seen.device, seen.update) == ("cpu", then.update)
    assert bits(on_cuda.mailbox.learnt) == bits(then)
