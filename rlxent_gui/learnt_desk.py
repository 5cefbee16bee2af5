"""Copies of what the run has learnt, put into the mailbox for the window to write to the disk; and
a run that goes on from such a copy.

Lives on the training thread; imported only there, since it imports torch.
"""

from __future__ import annotations

import time
from functools import partial

from rlxent_core.devices import choose_device
from rlxent_core.state_arrays import StateError, arrays_of, state_of
from rlxent_core.timeline import Keyframe, Timeline
from rlxent_core.trainer import Trainer
from rlxent_gui import messages
from rlxent_gui.learnt import Learnt
from rlxent_gui.mailbox import Mailbox
from rlxent_gui.session import run_name
from rlxent_gui.update_means import UpdateMeans

SHARE = 500
"""A copy waits this many times what the last one took, within the seconds below."""
SOONEST, LATEST = 1.0, 2.0
"""Seconds between two copies: with those between two looks of the autosave, and what writing takes,
what is found after a crash is at most five seconds old."""


class LearntDesk:
    """Makes a copy now and then while training goes on, and whenever it rests with something new.

    An accelerator is not waited for while it trains: what lies on the CPU already is taken.
    """

    def __init__(
        self, mailbox: Mailbox, run_id: int, timeline: Timeline, means: UpdateMeans
    ) -> None:
        self._mailbox, self._run = mailbox, run_name(run_id)
        self._timeline, self._means = timeline, means
        self._due = time.perf_counter() + SOONEST
        self._posted: tuple[object, ...] = (0, 0)

    def look(self) -> None:
        """Right after an update."""
        began = time.perf_counter()
        if began < self._due:
            return
        on_cpu = self._timeline.trainer.device.type == "cpu"
        self._post(self._timeline.moment() if on_cpu else self._timeline.kept)
        ended = time.perf_counter()
        self._due = ended + min(LATEST, max(SOONEST, SHARE * (ended - began)))

    def rest(self) -> None:
        """Training stands still."""
        trainer = self._timeline.trainer
        if self._posted != self._what(trainer.update, trainer.run_settings):
            self._post(self._timeline.moment())

    def _what(self, update: int, settings: tuple[object, ...]) -> tuple[object, ...]:
        """What a copy would be of.

        Of another world at the same update none is needed: the session has it, and what it does to
        what was learnt follows.
        """
        if not update and not self._means.past:
            return (0, 0)  # nothing was learnt, whatever was set
        return update, self._means.past, settings

    def _post(self, moment: Keyframe) -> None:
        what = self._what(moment.update, moment.settings)
        if what == self._posted or len(self._means) < moment.update:
            return
        self._posted = what
        (seed,) = self._timeline.trainer.seeds
        self._mailbox.learnt = Learnt(
            self._run, moment.world, moment.settings[0], seed, arrays_of(moment.state),
            self._means.rows(moment.update), self._means.past,
        )


def trainer_from(start: messages.Start, learnt: Learnt) -> Trainer:
    """A trainer that goes on from what was learnt, with what it was learnt with.

    Raises:
        StateError: when it does not fit to that, or to the run that is to begin.
        TrainingError: as a trainer does.
    """
    here, there = start.world, learnt.world
    shape = (here.rows, here.columns, here.moves)
    if learnt.seed != start.seed or (there.rows, there.columns, there.moves) != shape:
        raise StateError("What was learnt was learnt on another board or from another seed.")
    make = partial(Trainer, there, learnt.settings, (learnt.seed,))
    trainer = make(choose_device(start.device, make))
    trainer.load_state(state_of(learnt.arrays, trainer))
    if not bool(trainer.logits().isfinite().all()):
        raise StateError("What was learnt makes logits that are not finite.")
    return trainer
