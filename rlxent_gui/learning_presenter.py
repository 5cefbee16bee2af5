"""The presenter of the view of learning: what is trained side by side, and what comes of it.

Asks the training by messages; knows views by protocol alone, so it is tested without a window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui import messages, questions
from rlxent_gui.display import Run, action_of
from rlxent_gui.estimator_words import Style
from rlxent_gui.learning_form import LearningForm
from rlxent_gui.learning_view import (
    ArmRow,
    Kind,
    LearningAnswer,
    LearningState,
    StudyResult,
    SweepResult,
)
from rlxent_gui.mailbox import WAY, Mailbox

NO_LIMIT = "Training needs a limit of steps: set one in the world’s settings."
ANOTHER_WORLD = "Of the world before the change."
OTHER_SETTINGS = "Of the settings before the change."
WORLD_CHANGED = "This goes on in the world before the change."
SETTINGS_CHANGED = "This goes on with the settings before the change."
EMPTY: dict[Kind, str] = {
    "study": "Nothing has been trained here yet. Choose settings and press Run.",
    "sweep": "No step sizes have been tried here yet. Press Run.",
}
EARLY: dict[Kind, str] = {
    "study": "This was stopped before its first point: press Run to begin again.",
    "sweep": "This was stopped before its first numbers: press Run to begin again.",
}
WAITING = "The first points are being worked out…"
HOLD: dict[Kind, str] = {
    "study": "Settings are being trained side by side: this waits until they are, or are stopped.",
    "sweep": "Step sizes are being tried: this waits until they are, or are stopped.",
}
"""Why the view of the gradient measures nothing meanwhile."""


class Scene(Protocol):
    """What can be shown."""

    def show_learning(self, state: LearningState) -> None: ...


class LearningRun(Run, Protocol):
    """What is asked of the window's presenter."""

    @property
    def seed(self) -> int: ...


class Gradient(Protocol):
    """Why the view of the gradient is to measure nothing for now; empty where it may."""

    def hold(self, why: str) -> None: ...


class LearningPresenter:
    """Owns the work under way and the results; what is to be compared is the form's."""

    def __init__(
        self, scene: Scene, run: LearningRun, mailbox: Mailbox,
        send: Callable[[messages.Message], None], gradient: Gradient,
    ) -> None:
        self._scene, self._run, self._mailbox, self._send = scene, run, mailbox, send
        self._gradient, self._form = gradient, LearningForm(run)
        self._visible = False
        self._number = 0
        self._taken: LearningAnswer | None = None
        self._working: Kind | None = None
        self._answered = False
        """Whether what is shown is of the work under way, and not yet of what was before it."""
        self._progress = (0, 1, "updates")
        self._study: StudyResult | None = None
        self._sweep: SweepResult | None = None
        self._stopped: dict[Kind, bool] = {"study": False, "sweep": False}
        """Whether what is shown was not trained to its end."""
        self._early: dict[Kind, bool] = {"study": False, "sweep": False}
        """Whether the last work ended before anything of it could be shown."""
        self._asked_of: tuple[World, tuple[Settings, ...]] | None = None
        """What the work under way is of."""
        self._styles: tuple[Style, ...] = ()
        """How the curves of the study under way are drawn."""
        self._held = ""
        self._failure = ""
        self._seen: tuple[World, Settings] | None = None
        self._frames = 1
        """Since results were shown."""
        self._dirty = True

    def set_visible(self, visible: bool) -> None:
        """Whether the view of learning is seen."""
        self._visible = visible
        self._dirty = True

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the view, by its id.

        Raises:
            KeyError: when there is no such command.
        """
        act = action_of(self, command, argument)
        self._dirty = True
        act()
        self.show()

    def _do_learning_mode(self, mode: Kind) -> None:
        self._form.mode = mode

    def _do_learning_arm(self, change: tuple[int, dict[str, Any]]) -> None:
        self._form.change(*change)

    def _do_learning_add(self) -> None:
        self._form.add()

    def _do_learning_duplicate(self, index: int) -> None:
        self._form.duplicate(index)

    def _do_learning_remove(self, index: int) -> None:
        self._form.remove(index)

    def _do_learning_seeds(self, seeds: float) -> None:
        self._form.set_seeds(seeds)

    def _do_learning_updates(self, updates: float) -> None:
        self._form.set_updates(updates)

    def _do_learning_run(self) -> None:
        self.begin(self._form.mode)

    def _do_learning_stop(self) -> None:
        if self._working is not None:
            self._send(messages.Do.STOP_WORK)

    # --- what a demonstration asks

    def keep(self) -> Callable[[], None]:
        """What puts back all that is set now, and all that has been found."""
        put_back_form = self._form.keep()
        found = self._study, self._sweep, dict(self._stopped), dict(self._early), self._failure

        def put_back() -> None:
            put_back_form()
            self._study, self._sweep, self._stopped, self._early, self._failure = found
            self._dirty = True

        return put_back

    def compare(self, arms: Sequence[Mapping[str, Any]], seeds: int, updates: int) -> None:
        """Have these settings in the form, each by what it sets otherwise than the training."""
        self._form.compare(arms, seeds, updates)
        self._dirty = True

    def end(self) -> None:
        """Whatever is under way is of a run that is no longer on show."""
        if self._working is not None:
            self._end(self._working, whole=False)
        self._number += 1
        self._dirty = True

    def _end(self, kind: Kind, whole: bool) -> None:
        """No more comes of the work under way."""
        if self._answered:
            self._stopped[kind] = not whole
        self._early[kind] = not whole and not self._answered
        self._working = None

    # --- questions and answers

    def begin(self, kind: Kind, demonstration: str = "") -> int:
        """Train what the form says; returns the number of the question, as :meth:`ask` does."""
        self._failure, self._dirty = "", True
        if self._run.world.max_steps is None:
            self._failure = NO_LIMIT
            return self._number
        form = self._form
        arms, seeds = form.arms(kind), form.seeds(kind)
        self._early[kind] = False
        self._asked_of = (self._run.world, arms)
        self._styles = tuple(row.style for row in self._form.rows(())) if kind == "study" else ()
        self._working, self._answered = kind, False
        self._progress = (0, len(arms) * seeds, "seeds looked at")
        return self.ask(
            kind, arms=arms, seeds=seeds, updates=form.updates(kind), demonstration=demonstration
        )

    def ask(self, kind: str, **details: Any) -> int:
        """Ask the training; returns the number that its answers in the mailbox will bear."""
        self._number += 1
        self._send(messages.Consult(questions.AskLearning(
            self._number, kind, self._run.world,  # type: ignore[arg-type]
            lambda answer: setattr(self._mailbox, "learning", answer),
            seed=self._run.seed, **details,
        )))
        return self._number

    def tick(self) -> None:
        """One frame: take what was answered, show what differs."""
        self._frames += 1
        if self._frames == 1:
            self._mailbox.give_way_until = 0.0  # a whole frame has passed, so all is drawn
        self._take()
        now = (self._run.world, self._run.settings)
        if self._seen is None or any(a is not b for a, b in zip(now, self._seen, strict=True)):
            self._seen, self._dirty = now, True
        self.show()

    def _take(self) -> None:
        answer = self._mailbox.learning
        if answer is None or answer is self._taken:
            return
        self._taken = answer
        if answer.number != self._number or self._working is None:
            return
        self._dirty = True
        self._progress = (answer.done, answer.total, answer.unit)
        self._answered |= answer.study is not None or answer.sweep is not None
        if answer.study is not None:
            self._study = _dressed(answer.study, self._styles)
        self._sweep = answer.sweep or self._sweep
        if answer.over:
            self._failure = answer.failure
            self._end(self._working, bool(answer.failure) or answer.done == answer.total)

    # --- what is shown

    def _goes_on(self) -> str:
        """What has been changed since the work under way began."""
        if self._working != self._form.mode or self._asked_of is None:
            return ""
        world, arms = self._asked_of
        if _differ(world, self._run.world):
            return WORLD_CHANGED
        return "" if arms == self._form.arms(self._form.mode) else SETTINGS_CHANGED

    def _empty(self) -> str:
        mode = self._form.mode
        if self._working == mode:
            return WAITING
        return EARLY[mode] if self._early[mode] else EMPTY[mode]

    @property
    def _fresh(self) -> bool:
        """Whether what is shown is of the work under way."""
        return self._working == self._form.mode and self._answered

    def _outdated(self) -> str:
        result = self._study if self._form.mode == "study" else self._sweep
        if result is None or self._fresh:
            return ""
        if _differ(result.world, self._run.world):
            return ANOTHER_WORLD
        then: tuple[Settings, ...]
        if isinstance(result, StudyResult):
            then = tuple(arm.settings for arm in result.arms)
        else:
            then = (result.settings,)
        return "" if then == self._form.arms(self._form.mode) else OTHER_SETTINGS

    @property
    def _rows(self) -> tuple[ArmRow, ...]:
        results = self._study.arms if self._study is not None else ()
        return self._form.rows([(arm.settings, arm.style) for arm in results])

    def show(self) -> None:
        """Show what differs from what was shown."""
        if not self._dirty:
            return
        self._hold()
        if not self._visible:
            return
        self._dirty = False
        self._give_way()
        form, mode = self._form, self._form.mode
        self._scene.show_learning(LearningState(
            mode, self._rows, form.seeds(mode), form.updates(mode),
            self._working, *self._progress, self._study, self._sweep,
            self._outdated(), self._stopped[mode] and not self._fresh, self._early[mode],
            self._goes_on(), self._empty(), self._failure,
        ))

    def _give_way(self) -> None:
        """Curves are thousands of calls: with other threads in the interpreter each could wait."""
        if self._working is not None:
            self._mailbox.give_way_until = time.perf_counter() + WAY
            self._frames = 0

    def _hold(self) -> None:
        """The gradient is not measured while settings are trained: it would wait untold."""
        why = "" if self._working is None else HOLD[self._working]
        if why != self._held:
            self._held = why
            self._gradient.hold(why)


def _dressed(study: StudyResult, looks: Sequence[Style]) -> StudyResult:
    """The study with curves that are drawn as the form said when it began."""
    arms = (replace(arm, style=style) for arm, style in zip(study.arms, looks, strict=True))
    return replace(study, arms=tuple(arms))


def _differ(one: World, two: World) -> bool:
    """Whether something was changed; the same world need not be looked at."""
    return one is not two and one != two
