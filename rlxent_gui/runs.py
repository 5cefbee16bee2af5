"""A run that was read from a file: its curve as a ghost, and whether a replay gives the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from rlxent_core.curves import RunningMean
from rlxent_core.run_file import Run, SeedRun
from rlxent_gui import messages
from rlxent_gui.curves import Curves
from rlxent_gui.document import Document
from rlxent_gui.pacing import LEVELS
from rlxent_gui.presenter import Presenter
from rlxent_gui.view_state import CardAction, CardView
from rlxent_gui.widgets.background import background
from rlxent_gui.words import count

REPLAY = "replay"
CARD = "run"
EVERY_MS = 100
LABEL = "from the file"


class Runs(QObject):
    """What follows when a file held a whole run."""

    _answered = Signal(object)

    def __init__(
        self, document: Document, presenter: Presenter,
        send: Callable[[messages.Message], None],
    ) -> None:
        super().__init__()
        self._document, self._presenter, self._send = document, presenter, send
        self._run: Run | None = None
        self._replay_id, self._level = -1, presenter.level
        self._clock = QTimer(self)
        self._clock.setInterval(EVERY_MS)
        self._clock.timeout.connect(self._look)
        self._answered.connect(self._compare_logits, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        self._clock.stop()

    def opened(self, run: Run) -> None:
        """Take over settings and seed, show the curve, and offer to replay it."""
        seed = run.seeds[0]
        self._run = run
        self._clock.stop()
        self._presenter.run_opened(run.settings, seed.seed)
        background().run(partial(ghost_of, run, seed), partial(self._show, run))
        others = f", the first of {len(run.seeds)}" if len(run.seeds) > 1 else ""
        self._say(
            f"A run of {count(len(seed.returns))} updates",
            f"Seed {seed.seed}{others}, trained on {run.device.upper()}. Its curve is drawn beside"
            " the new one; a replay trains again from the seed and compares every update.",
            (CardAction("Replay", REPLAY, primary=True),) if len(seed.returns) else (),
        )

    def _show(self, run: Run, ghost: Curves) -> None:
        """The curve, unless another world was opened meanwhile."""
        if run is self._run and self._document.world == run.world:
            self._presenter.add_ghost(ghost)

    def on_card(self, command: str) -> bool:
        """A button on its card; False if it is somebody else's."""
        if command != REPLAY:
            return False
        self.replay()
        return True

    def replay(self) -> None:
        """Train again from the seed, up to the update the file ends at."""
        run, presenter = self._run, self._presenter
        if run is None:
            return
        if self._document.world != run.world:
            self._say("The world was changed", "Open the file again to replay its run.")
            return
        seed = run.seeds[0]
        presenter.on_command("dismiss", CARD)
        presenter.run_opened(run.settings, seed.seed)
        self._replay_id = presenter.curves.run_id
        presenter.on_command("stop_at", len(seed.returns))
        self._level = presenter.level
        presenter.on_command("speed", len(LEVELS) - 1)
        presenter.on_command("play_pause")
        self._clock.start()

    def _look(self) -> None:
        """Compare what the replay has come to."""
        run, curves = self._run, self._presenter.curves
        if run is None or curves.run_id != self._replay_id or curves.marks:
            self._end()  # the user went another way
            return
        expected, found = run.seeds[0].returns, curves.returns.column(1)
        both = min(len(expected), len(found))
        different = np.flatnonzero(expected[:both] != found[:both])
        if len(different):
            first = int(different[0])
            self._end()
            self._say(
                "The replay differs from the file",
                f"First in update {count(first + 1)}, where the mean return is"
                f" {float(found[first])!r} and in the file {float(expected[first])!r}."
                " Another device, or another version of PyTorch, adds in another order.",
            )
        elif both == len(expected):
            self._end()
            self._send(messages.Consult(self._ask_logits))

    def _end(self) -> None:
        self._clock.stop()
        self._presenter.on_command("stop_at", 0)
        self._presenter.on_command("speed", self._level)

    def _ask_logits(self, run: Any, _report: object) -> None:
        """On the training thread."""
        with contextlib.suppress(RuntimeError):
            self._answered.emit(None if run is None else run.record())

    def _compare_logits(self, replayed: Run | None) -> None:
        run = self._run
        if run is None or replayed is None:
            return
        updates = count(len(run.seeds[0].returns))
        same = np.array_equal(run.seeds[0].logits, replayed.seeds[0].logits)
        if same and replayed.updates == run.updates:
            self._say(
                "The replay agrees with the file",
                f"To the last bit in all {updates} updates, and in the logits at the end.",
            )
        else:
            self._say(
                "The replay ends in other logits than the file",
                f"The returns of all {updates} updates are the same. The world or a setting was"
                " changed after the last of them, or the file was.",
            )

    def _say(self, title: str, sentence: str, actions: tuple[CardAction, ...] = ()) -> None:
        self._presenter.add_card(CardView(CARD, "plot", title, sentence, actions))


def ghost_of(run: Run, seed: SeedRun) -> Curves:
    """The curve of a seed, as those that were trained here."""
    curves = Curves(-1, run.world, run.settings, seed.seed, LABEL)
    mean = RunningMean()
    episodes = run.settings.batch_episodes
    for update, value in enumerate(seed.returns.tolist(), start=1):
        curves.returns.append(update, value, mean.add(value), update * episodes)
    return curves
