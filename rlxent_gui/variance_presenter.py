"""The presenter of the Variance scene's first view: which policy, how many episodes, which rows.

Asks the training by messages and puts its answers into slices by
:mod:`rlxent_gui.variance_resolve`.  It knows views by protocol alone, so it is tested without a
window.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from rlxent_core.world import World
from rlxent_gui import cards, messages, questions, variance_plots
from rlxent_gui import variance_resolve as resolve
from rlxent_gui.curves import Curves
from rlxent_gui.display import Run, action_of
from rlxent_gui.mailbox import Mailbox
from rlxent_gui.variance_view import EPISODES, MOST, GradientSlice, Survey, TableLine
from rlxent_gui.words import count

EVERY = 0.12
"""Seconds between two drawings of the curves while training goes on."""
MEASURING = "Measuring the gradients of the first episodes…"
WAITING = "The gradients are being measured: this waits until they are, or until Stop."
BROKEN = "Training could not start, so there is no policy to measure."
NO_LIMIT = "This world has no step limit: an episode must end before it can be measured."
FAILED = "Nothing has been measured yet. Press Measure anew."


class Scene(Protocol):
    """What can be shown."""

    def show_gradient(self, view: GradientSlice) -> None: ...
    def show_along(self, data: object) -> None: ...
    def show_ratio(self, data: object) -> None: ...


class VarianceRun(Run, Protocol):
    """What is asked of the window's presenter."""

    @property
    def broken(self) -> bool: ...
    @property
    def curves(self) -> Curves: ...
    def plot_estimators(self, names: tuple[str, ...] | None) -> None: ...


class VariancePresenter:
    """Owns which estimators are looked at, how many episodes are asked for, and how it is sorted.

    Measures by itself once a run, when the view is first seen; after that only when asked.
    """

    def __init__(
        self, scene: Scene, run: VarianceRun, mailbox: Mailbox,
        send: Callable[[messages.Message], None], clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scene, self._run, self._mailbox, self._send = scene, run, mailbox, send
        self._clock = clock
        self._in_scene, self._view = False, "gradient"
        self._number = self._answered = 0
        self._names: tuple[str, ...] | None = None
        self._exact_in: World | None = None
        """Where the exact numbers are worked out unasked."""
        self._sort = ("", False)
        self._episodes = EPISODES[1]
        self._held = ""
        self._meter = messages.Meter()
        self._run_id: int | None = None
        self._survey: Survey | None = None
        self._known: tuple[Any, ...] = ()
        self._drawn: tuple[Any, ...] = ()

    def _begin(self) -> None:
        """Another run: its policy is another."""
        self._run_id = self._run.run_id
        self._answered = self._number
        self._survey = None
        self._asked = False
        self._taken: object = None
        self._known = self._drawn = ()
        self._table: tuple[tuple[Any, ...], tuple[TableLine, ...]] = ((), ())
        self._drawn_at = -EVERY
        self._ratio_due = False

    def set_visible(self, in_scene: bool) -> None:
        """Nothing is measured while nobody looks."""
        self._in_scene = in_scene
        self._known = self._drawn = ()

    @property
    def _visible(self) -> bool:
        return self._in_scene and self._view == "gradient"

    @property
    def names(self) -> tuple[str, ...] | None:
        """The estimators that were chosen; None: those of the training."""
        return self._names

    def compare(self, names: tuple[str, ...] | None, exactly: bool = False) -> None:
        """Look closely at these, at most :data:`MOST`; ``exactly``: in this world also exactly."""
        self._names = None if names is None else names[:MOST]
        self._exact_in = self._run.world if exactly else None
        self._follow()

    def hold(self, why: str) -> None:
        """Ask for nothing, because of that; empty: nothing hinders any more."""
        self._held = why

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the scene, by its id.

        Raises:
            KeyError: when there is no such command.
        """
        action_of(self, command, argument)()

    def _do_variance_view(self, name: str) -> None:
        self._view = name
        self._known = self._drawn = ()

    def _do_variance_choose(self, name: str) -> None:
        """Look closely at an estimator, or no longer; at least one, at most :data:`MOST`."""
        names, gae_lambda = self._chosen, self._run.settings.gae_lambda
        (name,) = resolve.with_lambda((name,), gae_lambda)
        if name not in names and len(names) < MOST:
            names = (*names, name)
        elif name in names and len(names) > 1:
            names = tuple(other for other in names if other != name)
        self._names = resolve.in_order(names, gae_lambda)

    def _do_variance_sort(self, column: str) -> None:
        """By a column, then the other way round, then by target again."""
        before, turned = self._sort
        if column != before:
            self._sort = (column, False)
        else:
            self._sort = ("", False) if turned else (column, True)

    def _do_variance_episodes(self, episodes: int) -> None:
        """So many at once; measured now where there are not as many yet."""
        self._episodes = int(episodes)
        if self._survey is not None and self._survey.episodes < self._episodes:
            self._ask(self._episodes)

    def _do_variance_more(self) -> None:
        self._ask((self._survey.episodes if self._survey else 0) + self._episodes)

    def _do_variance_anew(self) -> None:
        self._ask(self._episodes, anew=True)

    def _do_variance_exact(self) -> None:
        if self._survey is not None:
            self._ask(self._survey.episodes, exact=True)

    def _ask(self, episodes: int, anew: bool = False, exact: bool = False) -> None:
        if self._waiting or self._held:
            return
        self._number += 1
        self._asked = True
        exact = exact or self._run.world is self._exact_in
        self._send(messages.Consult(
            questions.AskSurvey(self._number, episodes, anew, exact, self._run.pasts)
        ))

    @property
    def _waiting(self) -> bool:
        return self._answered != self._number

    @property
    def _chosen(self) -> tuple[str, ...]:
        settings = self._run.settings
        if self._names is None:
            return variance_plots.default_names(settings)
        return resolve.with_lambda(self._names, settings.gae_lambda)

    # --- the display clock

    def tick(self) -> None:
        """One frame: take what was answered, ask what is to be asked, show what differs."""
        if self._run.run_id != self._run_id:
            self._begin()
        if not self._visible:
            return
        if not self._asked and self._run.world.max_steps is not None:
            self._ask(self._episodes)
        self._take()
        self._follow()
        self._show()
        self._draw()

    def _take(self) -> None:
        answer = self._mailbox.survey
        if answer is None or answer is self._taken or not self._waiting:
            return
        if (answer.run_id, answer.number) != (self._run_id, self._number):
            return
        self._taken = answer
        if answer.survey is not None:
            self._survey = answer.survey
        if answer.finished:
            self._answered = self._number
            if answer.failure:
                self._run.add_card(cards.no_survey(answer.failure))
            else:
                self._run.remove_card(cards.NO_SURVEY)

    def _follow(self) -> None:
        """What the live meter is to measure."""
        names = None if self._names is None else self._chosen
        wanted = messages.Meter(names or (), exact=True)
        if wanted != self._meter:
            self._meter = wanted
            self._send(wanted)
            self._run.plot_estimators(names)

    # --- what is shown

    def _show(self) -> None:
        run = self._run
        key = (
            self._survey, self._chosen, run.settings, self._sort, self._episodes, self._newer(),
            self._waiting, self._held, run.world.max_steps, run.broken,
        )
        if key == self._known:
            return
        self._known = key
        self._scene.show_gradient(self._slice())

    def _slice(self) -> GradientSlice:
        survey, settings = self._survey, self._run.settings
        chosen = resolve.chosen(self._chosen, survey, settings)
        if survey is None:
            return GradientSlice(
                None, chosen, (), self._sort, "", "", self._episodes, empty=self._empty(),
                busy=self._busy(), held=bool(self._held),
            )
        return GradientSlice(
            survey, chosen, self._lines(survey), self._sort,
            resolve.sentence(survey), self._newer(), self._episodes, resolve.note(survey),
            full=len(self._chosen) >= MOST, busy=self._busy(), held=bool(self._held),
        )

    def _busy(self) -> str:
        """Why nothing can be asked for."""
        if self._run.world.max_steps is None:
            return NO_LIMIT
        if self._run.broken:
            return BROKEN
        return self._held or (WAITING if self._waiting else "")

    def _empty(self) -> str:
        """Why there is nothing to be seen."""
        if self._run.world.max_steps is None:
            return NO_LIMIT
        if self._run.broken:
            return BROKEN
        return self._held or (MEASURING if self._waiting else FAILED)

    def _lines(self, survey: Survey) -> tuple[TableLine, ...]:
        of = (survey, self._chosen, self._run.settings, self._sort)
        if self._table[0] != of:
            self._table = of, resolve.lines(*of)
        return self._table[1]

    def _newer(self) -> str:
        """That what was measured is no longer so."""
        survey, run = self._survey, self._run
        if survey is None:
            return ""
        if survey.world is not run.world and survey.world != run.world:
            return "It is of the world before the change"
        if run.pasts != survey.pasts:
            return f"Training went back and is at update {count(run.update)}"
        if run.update != survey.update:
            return f"Training is at update {count(run.update)}"
        return ""

    def _draw(self) -> None:
        """The curves along training, when they have grown; one plot a frame."""
        curves = self._run.curves
        if self._ratio_due:
            self._ratio_due = False
            self._scene.show_ratio(variance_plots.ratio(curves, self._run.settings))
            return
        key = (
            curves, len(curves.variance), self._run.update, self._chosen, self._run.settings,
            sum(map(len, curves.exact.values())), len(curves.marks),
        )
        if key == self._drawn or (self._run.running and self._clock() - self._drawn_at < EVERY):
            return
        self._drawn, self._drawn_at = key, self._clock()
        names = None if self._names is None else self._chosen
        self._scene.show_along(variance_plots.variance(curves, self._run.settings, names))
        self._ratio_due = True
