"""The history the plots are drawn from: growing columns, cut on a rewind, kept as ghosts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rlxent_core.settings import Settings, descriptions
from rlxent_core.world import World
from rlxent_gui.estimator_words import shortened
from rlxent_gui.history import Columns
from rlxent_gui.mailbox import (
    Changed,
    Event,
    ExactPoint,
    Restored,
    ReturnPoint,
    Rewound,
    VariancePoint,
)

Floats = NDArray[np.float64]


class PolicyHistory:
    """The action probabilities of every cell over the updates, in a bounded space.

    When it is full every second moment is forgotten, so a long run is kept whole but coarser.
    """

    def __init__(self, budget_bytes: int = 24 * 2**20) -> None:
        self._budget = budget_bytes
        self._updates: list[int] = []
        self._moments: list[NDArray[np.float16]] = []

    def append(self, update: int, probabilities: NDArray[np.floating]) -> None:
        """Keep ``probabilities`` [S, A] as they were after ``update``."""
        if self._updates and self._updates[-1] >= update:
            self.cut(update - 1)
        self._updates.append(update)
        self._moments.append(probabilities.astype(np.float16))
        room = min(4096, max(256, self._budget // self._moments[0].nbytes))
        if len(self._moments) > room:
            self._updates, self._moments = self._updates[::2], self._moments[::2]

    def cut(self, update: int) -> None:
        while self._updates and self._updates[-1] > update:
            self._updates.pop()
            self._moments.pop()

    def of_state(self, state: int) -> tuple[Floats, Floats]:
        """Updates [n] and the probabilities [n, A] of one cell."""
        if not self._moments:
            return np.empty(0), np.empty((0, 0))
        rows = np.array([moment[state] for moment in self._moments], dtype=float)
        return np.array(self._updates, dtype=float), rows


class Curves:
    """Everything one run has shown so far; world and settings are those it began with.

    ``label`` names a run that did not happen here, but was read from a file.
    """

    def __init__(
        self, run_id: int, world: World, settings: Settings, seed: int, label: str = ""
    ) -> None:
        self.run_id = run_id
        self.label = label
        self.world = world
        self.settings = settings
        self.seed = seed
        self.returns = Columns(4)
        self.variance = Columns(3)
        self.variance_label = ""
        self.others: dict[str, Columns] = {}
        """Of further estimators, by name."""
        self.exact: dict[str, Columns] = {}
        """Where the exact ones lie: of "none", "chosen" and others by name."""
        self.policy = PolicyHistory()
        self.marks: list[tuple[int, str]] = []
        self.beginning_known = True
        """Whether world and settings are those it began with: not after a crash, where they were
        changed in mid-run."""

    def take(self, event: Event) -> None:
        """One event of the ring; those of another run are dropped."""
        if event.run_id != self.run_id:
            return
        if isinstance(event, ReturnPoint):
            self.take_points([event])
        elif isinstance(event, VariancePoint):
            # What is changed at rest is measured again: one number before a mark, one after it.
            marked = any(update == event.update for update, _ in self.marks)
            self.variance.keep_first(int(marked), event.update)
            self.variance.append(event.update, event.none, event.chosen)
            self.variance_label = event.label
            for name, value in event.others:
                self._add(self.others, name, event.update, value, int(marked))
        elif isinstance(event, ExactPoint):
            self._add(self.exact, event.name, event.update, event.value)
        elif isinstance(event, Rewound):
            for columns in (self.returns, self.variance, *self.others.values(),
                            *self.exact.values()):
                columns.cut(event.update)
            self.policy.cut(event.update)
            self._draw_in_marks(event.update)
        elif isinstance(event, Restored):
            if event.returns is None:
                self.marks, self.beginning_known = [], True
            else:
                self.returns = event.returns
        elif isinstance(event, Changed):
            mark = (event.update, event.what)
            if mark not in self.marks:
                self.marks.append(mark)

    def changed_before(self, changes: Sequence[tuple[int, str]], updates: int) -> None:
        """What had been changed after which update, before the crash that ``updates`` outlived."""
        self.marks = list(changes)
        self._draw_in_marks(updates)
        self.beginning_known = not self.marks

    def take_points(self, points: Sequence[ReturnPoint]) -> None:
        """Returns of this run, as they come: many at once cost little more than one."""
        self.returns.extend(np.array(points, dtype=float)[:, 1:])

    @staticmethod
    def _add(
        columns: dict[str, Columns], name: str, update: int, value: float, kept: int = 0
    ) -> None:
        """One number of a column; ``kept`` numbers of the same update stay before it."""
        column = columns.setdefault(name, Columns(2))
        column.keep_first(kept, update)
        column.append(update, value)

    def _draw_in_marks(self, end: int) -> None:
        """Going back undoes no change: what was changed later goes on from ``end``."""
        drawn_in = dict.fromkeys((min(update, end), what) for update, what in self.marks)
        self.marks = [mark for mark in drawn_in if mark[0] > 0]

    @property
    def ghost(self) -> tuple[Floats, Floats]:
        """Updates and mean returns up to the first change: what world and settings account for."""
        updates, _, mean, _ = self.returns.thinned().T
        if not self.beginning_known:
            updates, mean = updates[:0], mean[:0]
        elif self.marks:
            kept = int(np.searchsorted(updates, min(self.marks)[0], side="right"))
            updates, mean = updates[:kept], mean[:kept]
        return updates, mean


def same_task(old: World, new: World) -> bool:
    """Whether returns in two worlds can be drawn in one plot; the discount may differ."""
    fields = {"name": "", "notes": "", "source": "", "discount": 1.0}
    return old.with_fields(**fields) == new.with_fields(**fields)


def difference(old: Curves, world: World, settings: Settings, seed: int) -> str:
    """What sets an old curve apart, in few words: "η 0.1", "LOO, η 0.1"; empty where nothing."""
    parts = [old.label] if old.label else []
    if old.world.discount != world.discount:
        parts.append(f"γ {old.world.discount:g}")
    for name, description in descriptions().items():
        was = getattr(old.settings, name)
        if was == getattr(settings, name):
            continue
        if name == "baseline" and was == "none":
            parts.append("no baseline")
        elif description.choices is not None:
            parts.append(description.choices[was])
        else:
            parts.append(f"{description.symbol or description.label} {was:g}")
    if old.seed != seed:
        parts.append(f"seed {old.seed}")
    return parts[0] if len(parts) == 1 else shortened(", ".join(parts))
