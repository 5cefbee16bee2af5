"""The way back: keyframes of a training and a deterministic replay between them.

Keyframes lie on the CPU, whatever device it trains on: so they outlive that, and its memory is
spared.

Random numbers depend on (seed, update, purpose) alone, so an update that is done again from the
same state, in the same world, with the same settings, gives the same bits.  What is kept is a
state now and then, and what was changed after which update.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rlxent_core.rollout import TrainingError
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer, TrainerState, Update
from rlxent_core.world import World

RECENT = 1000
"""So many of the last updates are kept close enough together to be reached at once."""
LEAST_INTERVAL = 10
"""Updates between two keyframes: replaying that many takes no noticeable time."""
OVERHEAD = 4096
"""What a keyframe's objects weigh beside its numbers, about."""


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A training after ``update`` updates, before anything was changed there."""

    update: int
    state: TrainerState
    world: World
    settings: tuple[Settings, ...]

    @cached_property
    def nbytes(self) -> int:
        return self.state.nbytes + OVERHEAD


@dataclass(frozen=True, eq=False)
class _Edit:
    """A change made after ``update`` updates, by the user's hand."""

    update: int
    to: World | tuple[Settings, ...]


class Timeline:
    """Steps a trainer, and takes it back; at most ``budget_bytes`` of states are kept.

    Going back restores what was learnt: policy, optimiser, baselines and critic.  The world and
    the settings stay as they are now, so that training goes on from there in another way.  A
    change that starts the policy anew (architecture, features, size of the grid, moves) begins a
    new timeline, since what was before it cannot be gone on with.  So does another device, which
    draws other numbers.
    """

    def __init__(self, trainer: Trainer, budget_bytes: int = 64 * 2**20) -> None:
        self.trainer = trainer
        self._budget = budget_bytes
        self._begin()

    def _begin(self) -> None:
        self._edits: list[_Edit] = []
        self._keyframes = [self._keyframe()]
        self._kept = self._keyframes[0]
        self._next = self.trainer.update + self.interval

    @property
    def earliest(self) -> int:
        """The first update that can be gone back to."""
        return self._keyframes[0].update

    @property
    def nbytes(self) -> int:
        """What the kept states weigh."""
        return sum(keyframe.nbytes for keyframe in self._keyframes)

    @property
    def interval(self) -> int:
        """Updates between two recent keyframes, so that ``RECENT`` updates fill half the budget."""
        room = max(1, self._budget // 2 // self._keyframes[-1].nbytes)
        return max(LEAST_INTERVAL, -(-RECENT // room))

    def step(self) -> Update:
        """One update.

        Raises:
            NotFiniteError: when the update left the finite numbers; the trainer is as before it.
        """
        done = self.trainer.step()
        if done.update >= self._next:
            self._keyframes.append(self._keyframe())
            self._kept = self._keyframes[-1]
            self._next = done.update + self.interval
            self._thin()
        return done

    def keep(self) -> None:
        """Keep this moment for :meth:`rescue`, right after an update.  Waits for the device."""
        self._kept = self._keyframe()

    @property
    def kept(self) -> Keyframe:
        """The last moment that was kept.  Waits for nothing."""
        return self._kept

    def moment(self) -> Keyframe:
        """The training as it is.  Waits for the device."""
        return self._keyframe()

    def rescue(self, at_most: int) -> None:
        """Go on on the CPU from the last moment up to update ``at_most`` that was kept.

        For a device that has failed: nothing is asked of it.  What was changed since holds.

        Raises:
            TrainingError: when the CPU has no memory for one of the changes; it is left out, and
                training can go on all the same.
        """
        moments = [*self._keyframes, self._kept]
        kept = max((m for m in moments if m.update <= at_most), key=lambda m: m.update)
        self.trainer.rescue(kept.world, kept.settings, kept.state)
        refused: TrainingError | None = None
        for edit in self._edits:
            if edit.update >= kept.update:
                try:
                    self._change(edit)
                except TrainingError as error:
                    refused = error
        self._begin()
        if refused is not None:
            raise refused

    def move_to(self, device: str) -> None:
        """Go on with the same numbers on another device; see :meth:`Trainer.to`."""
        self._begin()
        self.trainer.to(device)

    def edit_world(self, world: World) -> None:
        """Go on in another world; see :meth:`Trainer.set_world`."""
        before = self.trainer.world
        self.trainer.set_world(world)
        shape = (before.rows, before.columns, before.moves)
        if shape != (world.rows, world.columns, world.moves):
            self._begin()
            return
        # A drag of the mouse is many worlds, and none but the last leaves a trace.
        now, last = self.trainer.update, self._edits[-1] if self._edits else None
        if last is not None and last.update == now and isinstance(last.to, World):
            self._edits.pop()
        self._edits.append(_Edit(now, world))

    def edit_settings(self, settings: Settings) -> None:
        """Go on with other settings; see :meth:`Trainer.set_settings`."""
        before = self.trainer.settings
        self.trainer.set_settings(settings)
        if before.network != settings.network:
            self._begin()
        else:
            # All are kept: a baseline that was on and off again starts from nothing.
            self._edits.append(_Edit(self.trainer.update, self.trainer.run_settings))

    def rewind(
        self, update: int, report: Callable[[int, int], bool] = lambda done, total: True
    ) -> bool:
        """Back to what was learnt after ``update`` updates; what came later is forgotten.

        ``report(done, total)`` is called before each update that is replayed; where it returns
        False nothing is changed and the answer is False.

        Raises:
            ValueError: when ``update`` is not between ``earliest`` and the present.
        """
        trainer = self.trainer
        if not self.earliest <= update <= trainer.update:
            raise ValueError(
                f"Update {update} is not between {self.earliest} and {trainer.update}."
            )
        present, seen_from = self._keyframe(), trainer.seen_from
        kept = bisect_right(self._keyframes, update, key=lambda keyframe: keyframe.update)
        self._restore(self._keyframes[kept - 1])
        edits = [edit for edit in self._edits if edit.update < update]
        done, total = 0, update - trainer.update
        while trainer.update < update:
            if not report(done, total):
                self._restore(present)
                trainer.seen_from = seen_from
                return False
            self._change_as_then(edits)
            trainer.step()
            done += 1
        reached = self._keyframe()
        trainer.set_world(present.world)
        trainer.set_settings(present.settings)
        del self._keyframes[kept:]
        self._kept = reached
        self._next = self._keyframes[-1].update + self.interval
        now = (_Edit(update, present.world), _Edit(update, present.settings))
        self._edits = [*edits, *now]
        return True

    def replay(
        self,
        updates: Sequence[int],
        visit: Callable[[Trainer], object],
        report: Callable[[int, int], bool] = lambda done, total: True,
    ) -> bool:
        """Show ``visit`` the trainer as it was after each of ``updates``, ascending.

        Afterwards the training is where it was.  ``report(done, total)`` is called before each
        update that is replayed; where it returns False the rest is left out, and the answer is
        False.

        Raises:
            ValueError: when one of them is not between ``earliest`` and the present.
        """
        trainer, present = self.trainer, self._keyframe()
        if not updates:
            return True
        if not self.earliest <= updates[0] <= updates[-1] <= present.update:
            raise ValueError(f"Updates are kept from {self.earliest} to {present.update}.")
        first = updates[0]
        self._restore(self._keyframe_before(first))
        try:
            for wanted in updates:
                keyframe = self._keyframe_before(wanted)
                if keyframe.update > trainer.update:
                    self._restore(keyframe)
                while trainer.update < wanted:
                    if not report(max(0, trainer.update - first), updates[-1] - first):
                        return False
                    self._change_as_then(self._edits)
                    trainer.step()
                visit(trainer)
            return True
        finally:
            self._restore(present)

    def _keyframe_before(self, update: int) -> Keyframe:
        """The last one that is not after ``update``."""
        kept = bisect_right(self._keyframes, update, key=lambda keyframe: keyframe.update)
        return self._keyframes[kept - 1]

    def _change_as_then(self, edits: list[_Edit]) -> None:
        """Make the changes that were made right after the update the trainer is at."""
        for edit in edits:
            if edit.update == self.trainer.update:
                self._change(edit)

    def _change(self, edit: _Edit) -> None:
        if isinstance(edit.to, World):
            self.trainer.set_world(edit.to)
        else:
            self.trainer.set_settings(edit.to)

    def _restore(self, keyframe: Keyframe) -> None:
        self.trainer.set_world(keyframe.world)
        self.trainer.set_settings(keyframe.settings)
        self.trainer.load_state(keyframe.state)

    def _keyframe(self) -> Keyframe:
        trainer = self.trainer
        return Keyframe(
            trainer.update, trainer.state().cpu(), trainer.world, trainer.run_settings
        )

    def _thin(self) -> None:
        """Within the budget, forget every second keyframe of the older half; the first stays.

        The newer half alone holds the last ``RECENT`` updates, see :attr:`interval`.
        """
        while len(self._keyframes) > 1 and self.nbytes > self._budget:
            older = max(2, len(self._keyframes) // 2)
            first, *thinned = self._keyframes[:older]
            self._keyframes = [first, *thinned[1::2], *self._keyframes[older:]]
