"""The way back: keyframes of a training and a deterministic replay between them.

Random numbers depend on (seed, update, purpose) alone, so an update that is done again from the
same state, in the same world, with the same settings, gives the same bits.  What is kept is a
state now and then, and what was changed after which update.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer, TrainerState, Update
from rlxent_core.world import World

RECENT = 1000
"""So many of the last updates are kept close enough together to be reached at once."""
LEAST_INTERVAL = 10
"""Updates between two keyframes: replaying that many takes no noticeable time."""


@dataclass(frozen=True, eq=False)
class _Keyframe:
    """A training after ``update`` updates."""

    update: int
    state: TrainerState
    world: World
    settings: Settings


class Timeline:
    """Steps a trainer, and takes it back; at most ``budget_bytes`` of states are kept.

    Going back restores what was learnt: policy, optimiser, baselines and critic.  The world and
    the settings stay as they are now, so that training goes on from there in another way.  A
    change that starts the policy anew (architecture, size of the grid, moves) begins a new
    timeline, since what was before it cannot be gone on with.
    """

    def __init__(self, trainer: Trainer, budget_bytes: int = 64 * 2**20) -> None:
        self.trainer = trainer
        self._budget = budget_bytes
        self._keyframes: list[_Keyframe] = []
        self._edits: list[tuple[int, World, Settings]] = []
        self._begin()

    def _begin(self) -> None:
        self._edits.clear()
        self._keyframes = [self._keyframe()]

    @property
    def earliest(self) -> int:
        """The first update that can be gone back to."""
        return self._keyframes[0].update

    @property
    def nbytes(self) -> int:
        """What the kept states weigh."""
        return sum(keyframe.state.nbytes for keyframe in self._keyframes)

    @property
    def interval(self) -> int:
        """Updates between two recent keyframes, so that ``RECENT`` updates fill half the budget."""
        room = max(1, self._budget // 2 // max(1, self._keyframes[-1].state.nbytes))
        return max(LEAST_INTERVAL, -(-RECENT // room))

    def step(self) -> Update:
        """One update.

        Raises:
            NotFiniteError: when the update left the finite numbers; the trainer is as before it.
        """
        done = self.trainer.step()
        if done.update - self._keyframes[-1].update >= self.interval:
            self._keyframes.append(self._keyframe())
            self._thin()
        return done

    def edit_world(self, world: World) -> None:
        """Go on in another world."""
        before = self.trainer.world
        self.trainer.set_world(world)
        shape = (before.rows, before.columns, before.moves)
        self._changed(shape != (world.rows, world.columns, world.moves))

    def edit_settings(self, settings: Settings) -> None:
        """Go on with other settings."""
        before = self.trainer.settings
        self.trainer.set_settings(settings)
        network = (before.architecture, before.hidden)
        self._changed(network != (settings.architecture, settings.hidden))

    def _changed(self, anew: bool) -> None:
        if anew:
            self._begin()
        else:
            self._log()

    def _log(self) -> None:
        """Note world and settings as they are from the present update on; the last word counts."""
        now = self.trainer.update
        if self._edits and self._edits[-1][0] == now:
            self._edits.pop()
        self._edits.append((now, self.trainer.world, self.trainer.settings))

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
        present = self._keyframe()
        kept = bisect_right(self._keyframes, update, key=lambda keyframe: keyframe.update)
        self._restore(self._keyframes[kept - 1])
        edits = [edit for edit in self._edits if edit[0] <= update]
        done, total = 0, update - trainer.update
        while trainer.update < update:
            if not report(done, total):
                self._restore(present)
                return False
            self._apply(edits)
            trainer.step()
            done += 1
        del self._keyframes[kept:]
        self._edits = edits
        trainer.set_world(present.world)
        trainer.set_settings(present.settings)
        self._log()
        return True

    def _apply(self, edits: list[tuple[int, World, Settings]]) -> None:
        """Make the changes that were made right after the update the trainer is at."""
        for update, world, settings in edits:
            if update == self.trainer.update:
                if world is not self.trainer.world:
                    self.trainer.set_world(world)
                if settings is not self.trainer.settings:
                    self.trainer.set_settings(settings)

    def _restore(self, keyframe: _Keyframe) -> None:
        self.trainer.set_world(keyframe.world)
        self.trainer.set_settings(keyframe.settings)
        self.trainer.load_state(keyframe.state)

    def _keyframe(self) -> _Keyframe:
        trainer = self.trainer
        return _Keyframe(trainer.update, trainer.state(), trainer.world, trainer.settings)

    def _thin(self) -> None:
        """Forget old keyframes, the densest for their age first, until the budget holds."""
        while len(self._keyframes) > 2 and self.nbytes > self._budget:
            updates = [keyframe.update for keyframe in self._keyframes]
            now = updates[-1]
            old = [i for i in range(1, len(updates) - 1) if updates[i + 1] < now - RECENT]
            candidates = old or range(1, len(updates) - 1)
            densest = min(
                candidates,
                key=lambda i: (updates[i + 1] - updates[i - 1]) / (now - updates[i]),
            )
            del self._keyframes[densest]
