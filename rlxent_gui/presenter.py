"""Turns what the training and the document say into what is shown, and what the user asks into
messages.  It knows views only by the protocol below, so it is tested without a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from rlxent_core.settings import Settings, SettingsError
from rlxent_core.world import Cell, World
from rlxent_gui import cards, messages
from rlxent_gui.card_stack import CardStack
from rlxent_gui.curves import Curves
from rlxent_gui.display import Display, Rhythm, View, action_of
from rlxent_gui.mailbox import Mailbox, Measured, Restored
from rlxent_gui.pacing import DEFAULT_LEVEL, LEVELS
from rlxent_gui.shown_run import LeftRun, ShownRun
from rlxent_gui.slices import Drawing, Slices
from rlxent_gui.view_state import CardView, RunState

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts
    from rlxent_gui.learnt import Learnt

LONG_MEASUREMENT = 512
SHARED_FRAMES = 2
"""While it trains, one frame in so many repaints the board and one a plot; flat out fewer do."""


class TheDocument(Drawing, Protocol):
    """What the presenter needs of the document being edited."""

    def set_fields(self, text: str = "", **values: object) -> None: ...
    def undo(self) -> None: ...


class Presenter:
    """Owns the pace, the messages above the board and the display clock; hands on what is asked."""

    def __init__(
        self, document: TheDocument, view: View, mailbox: Mailbox,
        send: Callable[[messages.Message], None],
        ask_facts: Callable[[World], None],
        facts_answer: Callable[[], tuple[World, WorldFacts] | None],
        settings: Settings | None = None, seed: int = 0, device: str = "auto",
    ) -> None:
        self._document, self._mailbox = document, mailbox
        self._ask_facts, self._facts_answer = ask_facts, facts_answer
        self._facts: WorldFacts | None = None
        self._display = Display(view)
        self.run = ShownRun(
            document, mailbox, send, self._display.outdate, settings or Settings(), seed, device
        )
        self._slices = Slices(document, self.run, self._display, self._current_facts)
        self._level = DEFAULT_LEVEL
        self._stop_at: int | None = None
        self._cards = CardStack()
        self._details = ""
        self._frame = 0
        self._rhythm = Rhythm()
        self._wants = messages.WantValues(False)
        self._touched = True

    # --- what happens outside

    def begin(self) -> None:
        """Start the first run; nothing is trained before Play."""
        self.send(messages.SetPace(LEVELS[self._level]))
        self._start()

    def world_opened(self, world: World) -> None:
        """Another world took the place of the old one."""
        self.run.ghosts.clear()
        self._cards.world_opened()
        self._slices.select(None)
        self._start()

    def run_opened(
        self, settings: Settings, seed: int, learnt: Learnt | None = None,
        changes: Sequence[tuple[int, str]] = (),
    ) -> None:
        """A file held a whole run: its settings and seed, ready to be trained again, or gone on
        with where ``learnt`` is what it had learnt; see :meth:`ShownRun.start`."""
        self.run.settings, self.run.seed = settings, seed
        self._start(learnt, changes)

    def leave(self) -> LeftRun:
        """Let another run begin; :meth:`come_back` goes on with this one."""
        return self.run.leave()

    def come_back(self, left: LeftRun) -> None:
        """Go on, paused, with a run that was left, once its world is on the board again."""
        self._touched = True
        self.run.come_back(left)

    @property
    def world(self) -> World:
        """The one on the board."""
        return self._document.world

    @property
    def run_id(self) -> int:
        """Of the run on show."""
        return self.run.run_id

    @property
    def settings(self) -> Settings:
        """What it is trained with."""
        return self.run.settings

    @property
    def seed(self) -> int:
        """From which all its random numbers follow."""
        return self.run.seed

    @property
    def update(self) -> int:
        """How many updates it has made, as far as is known."""
        return self.run.update

    @property
    def pasts(self) -> int:
        """Grows when the last update is no longer what it was: taken back, or another world."""
        return self.run.pasts

    @property
    def running(self) -> bool:
        """Whether it trains, or soon will."""
        return self.run.running

    @property
    def broken(self) -> bool:
        """Whether there is no training that could be asked: it could not even begin."""
        return self.run.broken

    @property
    def curves(self) -> Curves:
        """What it has come to."""
        return self.run.curves

    @property
    def level(self) -> int:
        """How fast it trains, among the levels there are."""
        return self._level

    def add_ghost(self, curves: Curves) -> None:
        """Show the curve of another run beside this one's."""
        self._touched = True
        self.run.add_ghost(curves)

    def world_changed(self, old: World, new: World) -> None:
        """The world was edited, possibly in the middle of a stroke and of training."""
        self._touched = True
        self._ask_facts(new)
        self._cards.world_changed()
        same_size = (old.rows, old.columns, old.moves) == (new.rows, new.columns, new.moves)
        if not same_size or old.max_steps is None or new.max_steps is None:
            self._start()
        else:
            self.run.edit_world(new)

    def remove_card(self, id: str) -> None:
        """Take a message back whose reason is gone."""
        self._touched = True
        self._cards.remove(id)

    def show_place(self, place: tuple[str, str] | None) -> None:
        """Let the status line tell a place in an episode instead of the cell that is hovered."""
        if place != self._slices.place:
            self._touched, self._slices.place = True, place

    def plot_estimators(self, names: tuple[str, ...] | None) -> None:
        """Follow the variance of these; unless given, without a baseline and with the own one."""
        self._touched = True
        self._slices.plot_estimators(names)

    def add_card(self, card: CardView, details: str = "") -> None:
        """Show a message until it is dismissed or replaced by one of the same id."""
        self._touched = True
        self._cards.add(card)
        self._details = details or self._details

    def send(self, message: messages.Message) -> None:
        """Let the training have a message, from whoever: counted here as it is counted there."""
        self.run.send(message)

    def show_plots(self) -> None:
        """Draw all that are out of date, for whoever takes a picture of what nobody sees."""
        self._slices.show_plots()

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the window, by its id.

        Raises:
            KeyError: when there is no such command.
        """
        act = action_of(self, command, argument)
        self._touched = True
        act()

    def _do_play_pause(self) -> None:
        if self.running:
            self.run.ask(messages.Do.PAUSE)
        elif not self._cards.hinder(self.world, self._current_facts()):
            self.run.ask(messages.Do.PLAY, to_run=True)

    def _do_step(self) -> None:
        self.run.ask(messages.Do.STEP)

    def _do_episode(self) -> None:
        self.run.ask(messages.Do.EPISODE)

    def _do_update(self) -> None:
        self.run.ask(messages.Do.UPDATE)

    def _do_previous(self) -> None:
        self.run.ask(messages.Do.PREVIOUS)

    def _do_measure(self) -> None:
        self.run.ask(messages.Measure(LONG_MEASUREMENT))

    def _do_stop_work(self) -> None:
        self.send(messages.Do.STOP_WORK)

    def _do_reset(self) -> None:
        self.run.keep_ghost()
        self._start()

    def _do_stop_at(self, update: int | None = None) -> None:
        self._stop_at = update or None
        self.send(messages.StopAt(self._stop_at))

    def _do_speed(self, level: int) -> None:
        self._level = min(max(int(level), 0), len(LEVELS) - 1)
        self.send(messages.SetPace(LEVELS[self._level]))

    def _do_slower(self) -> None:
        self._do_speed(self._level - 1)

    def _do_faster(self) -> None:
        self._do_speed(self._level + 1)

    def _do_setting(self, change: tuple[str, Any]) -> None:
        self._change_settings(dict([change]))

    def _do_settings(self, changes: dict[str, Any]) -> None:
        self._change_settings(changes)

    def _change_settings(self, changes: dict[str, Any]) -> None:
        try:
            self.run.edit_settings(changes)
        except SettingsError as error:
            self.add_card(CardView("notice", "warning", str(error), ""))
            self._display.forget("bets")

    def _do_discount(self, discount: float) -> None:
        self._document.set_fields(discount=float(discount))

    def _do_limit_steps(self) -> None:
        self._document.set_fields(max_steps=100)

    def _do_seed(self, seed: int) -> None:
        self.run.seed = int(seed)
        self._do_reset()

    def _do_device(self, device: str) -> None:
        self.run.device = device
        self._cards.recall("no_cuda")
        self._cards.remove("no_cuda")
        self.send(messages.MoveTo(device))

    def _do_select_cell(self, cell: Cell | None = None) -> None:
        self._slices.select(cell)

    def _do_hover_cell(self, cell: Cell | None = None) -> None:
        self._slices.hovered = cell

    def _do_overlay(self, choice: tuple[str, bool]) -> None:
        self._slices.overlay(*choice)

    def _do_numbers(self, kind: str | None = None) -> None:
        """Write these numbers into the cells, or the next kind of them."""
        self._slices.write_numbers(kind)

    def _do_scene(self, name: str) -> None:
        """Another scene is seen: plots that nobody sees are not drawn."""
        self._slices.scene = name

    def _do_undo(self) -> None:
        self._cards.remove("notice")
        self._document.undo()

    def _do_dismiss(self, card_id: str) -> None:
        self._cards.dismiss(card_id)

    def _do_run_anyway(self) -> None:
        self._cards.run_anyway()
        if not self.running:
            self._do_play_pause()

    def _do_rewind_last_good(self) -> None:
        failure = self.run.failure
        if failure is not None and failure.back is not None:
            self.send(messages.Rewind(failure.back))

    def _do_halve_step_size(self) -> None:
        self._do_rewind_last_good()
        self._change_settings({"learning_rate": self.settings.learning_rate / 2})

    def _do_card(self, choice: tuple[str, str]) -> None:
        """A button on a card; what is not handled here, the window's own commands do."""
        command, card_id = choice
        if command == "dismiss":
            self._do_dismiss(card_id)
        elif hasattr(self, f"_do_{command}"):
            self.on_command(command)

    @property
    def details(self) -> str:
        """The full story behind the last message, for the clipboard."""
        failure = self.run.failure
        return (failure.details or failure.sentence) if failure else self._details

    # --- runs

    def _start(
        self, learnt: Learnt | None = None, changes: Sequence[tuple[int, str]] = ()
    ) -> None:
        self._cards.remove("measured")
        self._ask_facts(self.world)
        self.run.start(learnt, changes)

    # --- the display clock

    def tick(self) -> None:
        """One frame: take what is new, show what differs."""
        self._frame += 1
        self._rhythm.tick()
        if self._can_wait():
            return
        self._touched = False
        self._collect()
        facts = self._current_facts()
        self._slices.show(facts, self._stop_at, self._level)
        # The Variance scene has a place of its own for what is worked on, beside what grows.
        progress = self._slices.scene != "variance"
        self._display.show("cards", self._cards.shown(self._document, self.run, facts, progress))
        trains = self.run.state is RunState.RUNNING
        in_turn = not trains or self._frame % self._shared == self._shared // 2
        if self._slices.scene == "explore" and in_turn:
            self._slices.show_a_plot()
        wants = self._slices.wants()
        if wants != self._wants:
            self._wants = wants
            self.send(wants)

    def _can_wait(self) -> bool:
        """Whether this frame shows nothing new: the user did nothing, and training just goes on.

        What is looked at in vain is taken from the training, which shares the interpreter.
        """
        latest = self._mailbox.latest()
        if self._touched or latest is None or latest.state is not RunState.RUNNING:
            return False
        return self.running and self._frame % self._shared not in (0, self._shared // 2)

    def _collect(self) -> None:
        for event in self.run.take_events():
            if isinstance(event, Measured):
                self.add_card(cards.measured(event.sentence))
            elif isinstance(event, Restored):
                if event.returns is None:
                    self.add_card(cards.train_again(event.update, cards.DOES_NOT_FIT))
            else:
                self.add_card(cards.device_failed(event), event.details)
        latest = self._mailbox.latest()
        if latest is None or latest is self.run.snapshot:
            return
        if latest.state is RunState.RUNNING and self._frame % self._shared:
            return
        self.run.take(latest)
        fell_back = latest.device == "cpu" and self.run.device == "cuda" and latest.run_id >= 0
        if fell_back and latest is self.run.snapshot:
            self._cards.add_once(cards.no_cuda())

    @property
    def _shared(self) -> int:
        return SHARED_FRAMES if LEVELS[self._level].period else self._rhythm.frames

    def _current_facts(self) -> WorldFacts | None:
        """The facts, once they are about the world on the board."""
        answer = self._facts_answer()
        if answer is not None and answer[0] is self.world:
            if self._facts is not answer[1]:
                self._facts = answer[1]
                self._display.outdate("returns")
            return self._facts
        return None
