"""The presenter of the view of learning and of the demonstrations: what is compared, and its end.

Asks the training by messages; knows views by protocol alone, so it is tested without a window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import rlxent_resources
from rlxent_core.arm_names import arm_names
from rlxent_core.demonstrations import BY_ID, Demonstration
from rlxent_core.settings import Settings, SettingsError
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui import cards, messages
from rlxent_gui.display import Run
from rlxent_gui.estimator_words import Style, styles
from rlxent_gui.learning_view import (
    MOST_ARMS,
    MOST_SEEDS,
    ArmRow,
    DemonstrationState,
    Kind,
    LearningState,
    StudyResult,
    SweepResult,
)
from rlxent_gui.mailbox import WAY, Mailbox
from rlxent_gui.words import grouped

SEEDS: dict[Kind, int] = {"study": 32, "sweep": 16}
MOST_UPDATES, FEWEST_UPDATES = 400, 100
"""Of what is suggested: fewer where episodes are long."""
LIMIT = 10_000
"""Most updates that can be asked for."""
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
UNMEASURED = "Stopped before it was measured."
WAITING = "The first points are being worked out…"
HOLD: dict[Kind, str] = {
    "study": "Settings are being trained side by side: this waits until they are, or are stopped.",
    "sweep": "Step sizes are being tried: this waits until they are, or are stopped.",
}
"""Why the view of the gradient measures nothing meanwhile."""


class Scene(Protocol):
    """What can be shown."""

    def show_learning(self, state: LearningState) -> None: ...
    def show_demonstration(self, state: DemonstrationState) -> None: ...
    def show_variance_view(self, name: str, part: str) -> None: ...
    def keep_variance_view(self) -> Callable[[], None]: ...


class LearningRun(Run, Protocol):
    """What is asked of the window's presenter."""

    @property
    def seed(self) -> int: ...
    def on_command(self, command: str, argument: Any = None) -> None: ...


class Left(Protocol):
    """A world that was changed and made room."""

    @property
    def name(self) -> str: ...


class Aside(Protocol):
    """Where the user's own world and training are while a demonstration is on the board."""

    @property
    def name(self) -> str | None: ...
    @property
    def left(self) -> Left | None: ...
    def open_beside(self, world: World, then: Callable[[], object]) -> None: ...
    def open_left(self, then: Callable[[], object]) -> None: ...
    def bring_back(self, then: Callable[[], object]) -> None: ...


class Gradient(Protocol):
    """Which estimators the view of the gradient looks at, None: those of the training; and why it
    is to measure nothing for now, empty where it may."""

    @property
    def names(self) -> tuple[str, ...] | None: ...
    def compare(self, names: tuple[str, ...] | None, exactly: bool = False) -> None: ...
    def hold(self, why: str) -> None: ...


@dataclass(frozen=True)
class _Form:
    """What was set in the view of learning, and what had been found."""

    mode: Kind
    arms: list[dict[str, Any]] | None
    seeds: dict[Kind, int]
    updates: dict[Kind, int | None]
    estimators: tuple[str, ...] | None
    study: StudyResult | None
    sweep: SweepResult | None
    stopped: dict[Kind, bool]
    early: dict[Kind, bool]
    failure: str
    show_view: Callable[[], None]
    """Shows what was seen."""


@dataclass(frozen=True)
class _Opened:
    """A demonstration, the world that it is of, and what was found."""

    one: Demonstration
    world: World
    sentence: str


class LearningPresenter:
    """Owns the settings that are compared, the results, and the demonstration that was opened."""

    def __init__(
        self, scene: Scene, run: LearningRun, mailbox: Mailbox,
        send: Callable[[messages.Message], None], aside: Aside, gradient: Gradient,
    ) -> None:
        self._scene, self._run, self._mailbox, self._send = scene, run, mailbox, send
        self._aside, self._gradient = aside, gradient
        self._before: _Form | None = None
        """What was set before the first of the demonstrations."""
        self._visible = False
        self._mode: Kind = "study"
        self._arms: list[dict[str, Any]] | None = None
        self._seeds = dict(SEEDS)
        self._updates: dict[Kind, int | None] = {"study": None, "sweep": None}
        self._number = 0
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
        self._demo: Demonstration | None = None
        self._demo_number = -1
        self._demo_of: World | None = None
        self._sentence = ""
        self._left: tuple[Left, _Opened] | None = None
        """The demonstration that made room with its world changed."""
        self._shown_demo = DemonstrationState()
        self._seen: tuple[World, Settings, bool] | None = None
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
        handler = getattr(self, f"_do_{command}", None)
        if handler is None:
            raise KeyError(f"there is no command {command!r}")
        self._dirty = True
        handler() if argument is None else handler(argument)
        self._show()

    def _do_learning_mode(self, mode: Kind) -> None:
        self._mode = mode

    def _do_learning_arm(self, change: tuple[int, dict[str, Any]]) -> None:
        """Change some settings of an arm, one after the other; what does not go is left out."""
        index, changes = change
        if index >= len(self._own_arms):  # typed in a row that went before the number was taken
            return
        arm = {**self._own_arms[index], **changes}
        try:
            self._resolved(arm)
        except SettingsError:
            return
        self._own_arms[index] = arm

    def _do_learning_add(self) -> None:
        self._do_learning_duplicate(len(self._own_arms) - 1)

    def _do_learning_duplicate(self, index: int) -> None:
        if len(self._own_arms) < MOST_ARMS:
            self._own_arms.insert(index + 1, dict(self._own_arms[index]))

    def _do_learning_remove(self, index: int) -> None:
        if len(self._own_arms) > 1:
            del self._own_arms[index]

    def _do_learning_seeds(self, seeds: float) -> None:
        self._seeds[self._mode] = min(max(int(seeds), 1), MOST_SEEDS)

    def _do_learning_updates(self, updates: float) -> None:
        self._updates[self._mode] = min(max(int(updates), 1), LIMIT)

    def _do_learning_run(self) -> None:
        self._begin(self._mode)

    def _do_learning_stop(self) -> None:
        if self._working is not None or self._measuring:
            self._send(messages.StopWork())

    def _do_demonstration(self, id: str) -> None:
        """Open its world, set its settings, and measure."""
        one = BY_ID[id]
        world = read_text(rlxent_resources.world_text(one.world)).with_fields(**one.fields)
        self._aside.open_beside(world, lambda: self._demonstrate(one))

    def _do_demonstration_again(self) -> None:
        """The demonstration whose world was changed, as it was left; it is not measured again."""
        if self._left is not None:
            opened = self._left[1]
            self._aside.open_left(lambda: self._go_on(opened))

    def _do_demonstration_back(self) -> None:
        """The world, the training and all that was set before, as they were."""
        self._aside.bring_back(self._come_back)

    def _come_back(self) -> None:
        self._end_work()
        self._keep_changed()
        before = self._before
        self._forget_demonstration()
        if before is not None:
            self._mode, self._arms = before.mode, before.arms
            self._seeds, self._updates = dict(before.seeds), dict(before.updates)
            self._gradient.compare(before.estimators)
            self._study, self._sweep, self._failure = before.study, before.sweep, before.failure
            self._stopped, self._early = dict(before.stopped), dict(before.early)
            before.show_view()
        self._dirty = True

    def _keep_changed(self) -> None:
        """A message leads back to the demonstration that was open, if its world was changed."""
        left = self._aside.left
        if left is None or self._demo is None or self._demo_of is None:
            return
        if self._left is None or self._left[0] is not left:
            self._left = left, _Opened(self._demo, self._demo_of, self._sentence or UNMEASURED)
            self._run.add_card(cards.left_behind(left.name))

    def _end_work(self) -> None:
        """Whatever is under way is of a run that is no longer on show."""
        if self._working is not None:
            self._end(self._working, whole=False)
        self._number += 1

    def _end(self, kind: Kind, whole: bool) -> None:
        """No more comes of the work under way."""
        if self._answered:
            self._stopped[kind] = not whole
        self._early[kind] = not whole and not self._answered
        self._working = None

    def _demonstrate(self, one: Demonstration) -> None:
        self._show_as_set(one)
        if one.view == "learning":
            self._begin("study", one.id)
            self._demo_number = self._number
        else:
            self._demo_number = self._ask("demonstration", demonstration=one.id)
        self._show()

    def _go_on(self, opened: _Opened) -> None:
        self._show_as_set(opened.one)
        self._demo_of, self._sentence, self._demo_number = opened.world, opened.sentence, -1
        self._run.remove_card(cards.LEFT_BEHIND)
        self._show()

    def _show_as_set(self, one: Demonstration) -> None:
        """A demonstration in the world on the board: its settings, its view, what is compared."""
        self._end_work()
        self._keep_changed()
        if self._before is None:
            self._before = _Form(
                self._mode, self._arms, dict(self._seeds), dict(self._updates),
                self._gradient.names, self._study, self._sweep, dict(self._stopped),
                dict(self._early), self._failure, self._scene.keep_variance_view(),
            )
        self._demo, self._sentence, self._dirty = one, "", True
        self._run.on_command("settings", asdict(one.settings))
        self._demo_of = self._run.world
        self._scene.show_variance_view(one.view, one.part)
        if one.view == "learning":
            self._mode = "study"
            self._arms = [dict(arm) for arm in one.arms]
            self._seeds["study"], self._updates["study"] = one.seeds, one.updates
        else:
            # Before it is measured: what is trained for it is to be followed by the curves.
            self._gradient.compare(one.estimators, exactly=True)

    # --- questions and answers

    def _begin(self, kind: Kind, demonstration: str = "") -> None:
        self._failure = ""
        if self._run.world.max_steps is None:
            self._failure = NO_LIMIT
            return
        arms = self._arms_of(kind)
        self._early[kind] = False
        self._asked_of = (self._run.world, arms)
        self._styles = tuple(row.style for row in self._rows) if kind == "study" else ()
        seeds = len(arms) * self._seeds[kind]
        self._working, self._answered = kind, False
        self._progress = (0, seeds, "seeds looked at")
        self._ask(
            kind, arms=arms, seeds=self._seeds[kind], updates=self._updates_of(kind),
            demonstration=demonstration,
        )

    def _ask(self, kind: str, **details: Any) -> int:
        self._number += 1
        self._send(messages.Consult(messages.AskLearning(
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
        trained = self._demo is not None and self._trained(self._demo)
        now = (self._run.world, self._run.settings, trained)
        if self._seen is None or any(a is not b for a, b in zip(now, self._seen, strict=True)):
            self._seen, self._dirty = now, True
            if self._aside.name is None:
                self._forget_demonstration()
        self._show()

    def _take(self) -> None:
        answer = self._mailbox.learning
        if answer is None:
            return
        self._mailbox.learning = None
        if answer.number == self._demo_number and answer.over:
            self._sentence, self._demo_number = grouped(answer.sentence), -1
            self._sentence = self._sentence or answer.failure or UNMEASURED
            self._dirty = True
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

    @property
    def _measuring(self) -> bool:
        return self._demo_number >= 0

    def _trained(self, one: Demonstration) -> bool:
        """Whether its sentence is of one policy, and not of the one on the board."""
        return one.part == "clouds" and self._run.update > 0

    def _forget_demonstration(self) -> None:
        """It is over: another world was opened, or the one before it."""
        self._demo, self._demo_of, self._sentence = None, None, ""
        self._demo_number, self._before = -1, None

    # --- what is shown

    @property
    def _own_arms(self) -> list[dict[str, Any]]:
        """What the arms set otherwise than the training."""
        if self._arms is None:
            self._arms = [
                {"credit": self._plain_credit, "baseline": baseline}
                for baseline in ("none", "leave_one_out", "exact_value")
            ]
            self._arms.append({"credit": "gae", "gae_lambda": 0.95, "baseline": "critic"})
        return self._arms

    @property
    def _plain_credit(self) -> str:
        """The training's, or what goes with any baseline."""
        own = self._run.settings.credit
        return "reward_to_go" if own == "gae" else own

    def _resolved(self, arm: dict[str, Any]) -> Settings:
        """The arm's settings; where it says nothing of its credit, one that goes with the rest.

        Raises:
            SettingsError: when it says what does not go together.
        """
        own = self._run.settings
        if arm.get("baseline", own.baseline) not in ("critic", "exact_value"):
            arm = {"credit": self._plain_credit, **arm}
        return replace(own, **arm)

    @property
    def _settings(self) -> tuple[Settings, ...]:
        return tuple(map(self._resolved, self._own_arms))

    def _updates_of(self, kind: Kind) -> int:
        chosen, steps = self._updates[kind], self._run.world.max_steps or 100
        suggested = min(max(100 * MOST_UPDATES // steps, FEWEST_UPDATES), MOST_UPDATES)
        return suggested if chosen is None else chosen

    def _arms_of(self, kind: Kind) -> tuple[Settings, ...]:
        """What would be trained now."""
        return self._settings if kind == "study" else (self._run.settings,)

    def _goes_on(self) -> str:
        """What has been changed since the work under way began."""
        if self._working != self._mode or self._asked_of is None:
            return ""
        world, arms = self._asked_of
        if _differ(world, self._run.world):
            return WORLD_CHANGED
        return "" if arms == self._arms_of(self._mode) else SETTINGS_CHANGED

    def _empty(self) -> str:
        if self._working == self._mode:
            return WAITING
        return EARLY[self._mode] if self._early[self._mode] else EMPTY[self._mode]

    @property
    def _fresh(self) -> bool:
        """Whether what is shown is of the work under way."""
        return self._working == self._mode and self._answered

    def _outdated(self) -> str:
        result = self._study if self._mode == "study" else self._sweep
        if result is None or self._fresh:
            return ""
        if _differ(result.world, self._run.world):
            return ANOTHER_WORLD
        then: tuple[Settings, ...]
        if isinstance(result, StudyResult):
            then = tuple(arm.settings for arm in result.arms)
        else:
            then = (result.settings,)
        return "" if then == self._arms_of(self._mode) else OTHER_SETTINGS

    @property
    def _rows(self) -> tuple[ArmRow, ...]:
        arms = self._settings
        results = self._study.arms if self._study is not None else ()
        shown = [(arm.settings, arm.style) for arm in results]
        parts = zip(arm_names(arms), arms, styles(arms, shown), strict=True)
        return tuple(ArmRow(*part) for part in parts)

    def _show(self) -> None:
        if not self._dirty:
            return
        self._hold()
        self._show_demonstration()
        if not self._visible:
            return
        self._dirty = False
        self._give_way()
        mode = self._mode
        self._scene.show_learning(LearningState(
            mode, self._rows, self._seeds[mode], self._updates_of(mode),
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

    def _show_demonstration(self) -> None:
        one = self._demo
        state = DemonstrationState()
        if one is not None:
            outdated = self._demo_of is not self._run.world
            state = DemonstrationState(
                one.id, one.title, self._sentence, self._measuring, outdated,
                self._aside.name or "", one.view, self._trained(one),
            )
        if state != self._shown_demo:
            self._shown_demo = state
            self._scene.show_demonstration(state)


def _dressed(study: StudyResult, looks: Sequence[Style]) -> StudyResult:
    """The study with curves that are drawn as the form said when it began."""
    arms = (replace(arm, style=style) for arm, style in zip(study.arms, looks, strict=True))
    return replace(study, arms=tuple(arms))


def _differ(one: World, two: World) -> bool:
    """Whether something was changed; the same world need not be looked at."""
    return one is not two and one != two
