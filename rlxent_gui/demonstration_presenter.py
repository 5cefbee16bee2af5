"""The presenter of the demonstrations: which one is open, what it has shown, and the way back.

What it compares is trained and measured by way of the view of learning's presenter.  It knows that
and the views by protocol alone, so it is tested without a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, Protocol

import rlxent_resources
from rlxent_core.demonstrations import BY_ID, Demonstration
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from rlxent_gui import cards
from rlxent_gui.display import Run, action_of
from rlxent_gui.learning_view import DemonstrationState, Kind
from rlxent_gui.mailbox import Mailbox
from rlxent_gui.words import grouped

UNMEASURED = "Stopped before it was measured."


class Scene(Protocol):
    """What can be shown."""

    def show_demonstration(self, state: DemonstrationState) -> None: ...
    def show_variance_view(self, name: str, part: str) -> None: ...
    def keep_variance_view(self) -> Callable[[], None]: ...


class DemonstrationRun(Run, Protocol):
    """What is asked of the window's presenter."""

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
    """Which estimators the view of the gradient looks at; None: those of the training."""

    @property
    def names(self) -> tuple[str, ...] | None: ...
    def compare(self, names: tuple[str, ...] | None, exactly: bool = False) -> None: ...


class Learning(Protocol):
    """What the view of learning compares and has found, and its questions to the training."""

    def keep(self) -> Callable[[], None]: ...
    def compare(self, arms: Sequence[Mapping[str, Any]], seeds: int, updates: int) -> None: ...
    def end(self) -> None: ...
    def begin(self, kind: Kind, demonstration: str = "") -> int: ...
    def ask(self, kind: str, **details: Any) -> int: ...
    def show(self) -> None: ...


class _Before(NamedTuple):
    """What was set before the first of the demonstrations."""

    put_back: Callable[[], None]
    """In the view of learning."""
    estimators: tuple[str, ...] | None
    show_view: Callable[[], None]
    """Shows what was seen."""


class _Opened(NamedTuple):
    """A demonstration, the world that it is of, and what was found."""

    one: Demonstration
    world: World
    sentence: str = ""


class DemonstrationPresenter:
    """Owns the demonstration that was opened, and what was set before it."""

    def __init__(
        self, scene: Scene, run: DemonstrationRun, mailbox: Mailbox, aside: Aside,
        gradient: Gradient, learning: Learning,
    ) -> None:
        self._scene, self._run, self._mailbox, self._aside = scene, run, mailbox, aside
        self._gradient, self._learning = gradient, learning
        self._before: _Before | None = None
        self._opened: _Opened | None = None
        self._asked: int | None = None
        """The number of the question that is to give its sentence, until it is answered."""
        self._left: tuple[Left, _Opened] | None = None
        """The demonstration that made room with its world changed."""
        self._shown = DemonstrationState()

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the demonstrations, by its id.

        Raises:
            KeyError: when there is no such command.
        """
        action_of(self, command, argument)()
        self._show()
        self._learning.show()

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

    def _demonstrate(self, one: Demonstration) -> None:
        self._set_up(one)
        self._opened = _Opened(one, self._run.world)
        if one.view == "learning":
            self._asked = self._learning.begin("study", one.id)
        else:
            self._asked = self._learning.ask("demonstration", demonstration=one.id)

    def _go_on(self, opened: _Opened) -> None:
        self._set_up(opened.one)
        self._opened, self._asked = opened, None
        self._run.remove_card(cards.LEFT_BEHIND)

    def _come_back(self) -> None:
        self._learning.end()
        self._keep_changed()
        before = self._before
        self._forget()
        if before is not None:
            before.put_back()
            self._gradient.compare(before.estimators)
            before.show_view()

    def _set_up(self, one: Demonstration) -> None:
        """In the world on the board: its settings, its view, what is compared."""
        self._learning.end()
        self._keep_changed()
        if self._before is None:
            self._before = _Before(
                self._learning.keep(), self._gradient.names, self._scene.keep_variance_view()
            )
        self._run.on_command("settings", asdict(one.settings))
        self._scene.show_variance_view(one.view, one.part)
        if one.view == "learning":
            self._learning.compare(one.arms, one.seeds, one.updates)
        else:
            # Before it is measured: what is trained for it is to be followed by the curves.
            self._gradient.compare(one.estimators, exactly=True)

    def _keep_changed(self) -> None:
        """A message leads back to the demonstration that was open, if its world was changed."""
        left, opened = self._aside.left, self._opened
        if left is None or opened is None:
            return
        if self._left is None or self._left[0] is not left:
            self._left = left, opened._replace(sentence=opened.sentence or UNMEASURED)
            self._run.add_card(cards.left_behind(left.name))

    def _forget(self) -> None:
        """It is over: another world was opened, or the one before it."""
        self._opened = self._asked = self._before = None

    # --- the display clock

    def tick(self) -> None:
        """One frame: take what was answered, show what differs."""
        self._take()
        if self._aside.name is None:
            self._forget()
        self._show()

    def _take(self) -> None:
        answer, opened = self._mailbox.learning, self._opened
        if answer is None or opened is None or not answer.over or answer.number != self._asked:
            return
        sentence = grouped(answer.sentence) or answer.failure or UNMEASURED
        self._opened, self._asked = opened._replace(sentence=sentence), None

    def _show(self) -> None:
        state, opened = DemonstrationState(), self._opened
        if opened is not None:
            one = opened.one
            # Where its sentence is of one policy, and not of the one on the board.
            trained = one.part == "clouds" and self._run.update > 0
            state = DemonstrationState(
                one.id, one.title, opened.sentence, self._asked is not None,
                opened.world is not self._run.world, self._aside.name or "", one.view, trained,
            )
        if state != self._shown:
            self._shown = state
            self._scene.show_demonstration(state)
