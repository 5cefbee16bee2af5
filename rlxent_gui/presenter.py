"""Turns what the training and the document say into what is shown, and what the user asks into
messages.  It knows views only by the protocol below, so it is tested without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from rlxent_core.facts import WorldFacts
from rlxent_core.settings import Settings, SettingsError
from rlxent_core.world import Cell, World
from rlxent_gui import cards, messages, resolve, variance_resolve
from rlxent_gui.card_stack import CardStack
from rlxent_gui.curves import Curves
from rlxent_gui.display import Display, Rhythm, View
from rlxent_gui.mailbox import DeviceFailed, Mailbox, Measured, Rewound, Snapshot
from rlxent_gui.pacing import DEFAULT_LEVEL, LEVELS
from rlxent_gui.view_state import NUMBERS, BetsView, CardView, HeaderView, RunState

MAX_GHOSTS = 3
LONG_MEASUREMENT = 512
SHARED_FRAMES = 2
"""While it trains, one frame in so many repaints the board and one a plot; flat out fewer do."""


@dataclass(frozen=True, eq=False)
class LeftRun:
    """A run that was left as it was: all that the window knows of it."""

    run_id: int
    settings: Settings
    seed: int
    curves: Curves
    ghosts: tuple[Curves, ...]
    snapshot: Snapshot | None
    pasts: int

    @property
    def update(self) -> int:
        """How many updates it had made."""
        return 0 if self.snapshot is None else self.snapshot.update


class TheDocument(Protocol):
    """What the presenter needs of the document being edited."""

    @property
    def world(self) -> World: ...
    @property
    def name(self) -> str: ...
    @property
    def modified(self) -> bool: ...
    @property
    def in_stroke(self) -> bool: ...
    def set_fields(self, text: str = "", **values: object) -> None: ...
    def undo(self) -> None: ...


class Presenter:
    """Owns what is neither the world nor the training: settings, seed, pace, selection, cards."""

    def __init__(
        self, document: TheDocument, view: View, mailbox: Mailbox,
        send: Callable[[messages.Message], None],
        ask_facts: Callable[[World], None],
        facts_answer: Callable[[], tuple[World, WorldFacts] | None],
        settings: Settings | None = None, seed: int = 0, device: str = "auto",
    ) -> None:
        self._document, self._mailbox = document, mailbox
        self._post, self._ask_facts, self._facts_answer = send, ask_facts, facts_answer
        self.settings, self.seed, self.device = settings or Settings(), seed, device
        self._level = DEFAULT_LEVEL
        self._stop_at: int | None = None
        self._overlays = frozenset({"policy", "value"})
        self._numbers = NUMBERS[0]
        self._selected: Cell | None = None
        self._hovered: Cell | None = None
        self._run_id = self._runs = 0
        self._left: LeftRun | None = None
        self._loaded = False
        self._wants_to_run = False
        self._sent = 0
        self._asked_at = 0
        self._run_anyway = False
        self._asked_in_vain = False
        self._snapshot: Snapshot | None = None
        self._facts: WorldFacts | None = None
        self._scene = "explore"
        self._pasts = 0
        self._place: tuple[str, str] | None = None
        self._plotted: tuple[str, ...] | None = None
        self._curves = Curves(0, document.world, self.settings, seed)
        self._ghosts: list[Curves] = []
        self._cards = CardStack()
        self._details = ""
        self._display = Display(view)
        self._plots = {"returns": self._returns, "variance": self._variance, "cell": self._cell}
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
        self._ghosts.clear()
        self._run_anyway = self._asked_in_vain = False
        self._cards.remove("file", "notice")
        self._selected = None
        self._start()

    def run_opened(self, settings: Settings, seed: int) -> None:
        """A file held a whole run: its settings and seed, ready to be trained again."""
        self.settings, self.seed = settings, seed
        self._start()

    def leave(self) -> LeftRun:
        """Let another run begin; :meth:`come_back` goes on with this one."""
        self._by_hand(messages.Pause())
        self.send(messages.Keep())
        self._left = LeftRun(
            self._run_id, self.settings, self.seed, self._curves, tuple(self._ghosts),
            self._snapshot, self._pasts,
        )
        # It must not learn of what is done to the world from now on.
        self._curves = Curves(self._run_id, self.world, self.settings, self.seed)
        return self._left

    def come_back(self, left: LeftRun) -> None:
        """Go on, paused, with a run that was left, once its world is on the board again."""
        self._left = None
        self._run_id, self._curves, self._snapshot = left.run_id, left.curves, left.snapshot
        self.settings, self.seed, self._ghosts = left.settings, left.seed, list(left.ghosts)
        self._pasts = left.pasts
        self._touched = True
        self._display.outdate()
        start = messages.Start(
            self._run_id, self._document.world, self.settings, self.seed, self.device
        )
        self._ask_to_run(False, messages.BringBack(start))
        self.send(messages.MoveTo(self.device))

    @property
    def world(self) -> World:
        """The one on the board."""
        return self._document.world

    @property
    def run_id(self) -> int:
        """Of the run on show."""
        return self._run_id

    @property
    def update(self) -> int:
        """How many updates it has made, as far as is known."""
        return self._snapshot.update if self._snapshot else 0

    @property
    def pasts(self) -> int:
        """Grows when the last update is no longer what it was: taken back, or another world."""
        return self._pasts

    @property
    def running(self) -> bool:
        """Whether it trains, or soon will."""
        return self._running

    @property
    def broken(self) -> bool:
        """Whether there is no training that could be asked: it could not even begin."""
        snapshot = self._snapshot
        return snapshot is not None and snapshot.failure is not None and (
            snapshot.probabilities is None
        )

    @property
    def curves(self) -> Curves:
        """What the run on show has come to."""
        return self._curves

    @property
    def level(self) -> int:
        """How fast it trains, among the levels there are."""
        return self._level

    def add_ghost(self, curves: Curves) -> None:
        """Show the curve of another run beside this one's."""
        self._ghosts = [*self._ghosts, curves][-MAX_GHOSTS:]
        self._display.outdate("returns")
        self._touched = True

    def world_changed(self, old: World, new: World) -> None:
        """The world was edited, possibly in the middle of a stroke and of training."""
        self._touched = True
        self._ask_facts(new)
        self._run_anyway = self._asked_in_vain = False
        self._cards.recall("unreachable", "no_goal", "hostile")
        same_size = (old.rows, old.columns, old.moves) == (new.rows, new.columns, new.moves)
        if not same_size or self._needs_new_run(old, new):
            self._start()
            return
        if self._at_the_start:
            self._curves.world = new
        self._display.outdate("returns")
        self._pasts += 1
        self.send(messages.EditWorld(new))

    def _needs_new_run(self, old: World, new: World) -> bool:
        return old.max_steps is None or new.max_steps is None

    def remove_card(self, id: str) -> None:
        """Take a message back whose reason is gone."""
        self._touched = True
        self._cards.remove(id)

    def show_place(self, place: tuple[str, str] | None) -> None:
        """Let the status line tell a place in an episode instead of the cell that is hovered."""
        if place != self._place:
            self._touched, self._place = True, place

    def plot_estimators(self, names: tuple[str, ...] | None) -> None:
        """Follow the variance of these; unless given, without a baseline and with the own one."""
        self._plotted = names
        self._display.outdate("variance")
        self._touched = True

    def add_card(self, card: CardView, details: str = "") -> None:
        """Show a message until it is dismissed or replaced by one of the same id."""
        self._touched = True
        self._cards.add(card)
        self._details = details or self._details

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the window, by its id."""
        handler = getattr(self, f"_do_{command}", None)
        if handler is None:
            raise KeyError(f"there is no command {command!r}")
        self._touched = True
        handler() if argument is None else handler(argument)

    def _do_play_pause(self) -> None:
        if self._running:
            self._ask_to_run(False, messages.Pause())
            return
        hindrance = cards.about_world(self._document.world, self._current_facts())
        if hindrance is not None and not (self._run_anyway and hindrance.id != "no_limit"):
            self._cards.recall(hindrance.id)
            self._asked_in_vain = True
            return
        self._ask_to_run(True, messages.Play())

    def send(self, message: messages.Message) -> None:
        """Let the training have a message, from whoever: counted here as it is counted there."""
        self._sent += not isinstance(message, messages.Consult)
        self._post(message)

    def _ask_to_run(self, wanted: bool, message: messages.Message) -> None:
        """Until the thread has handled ``message``, what was asked for is what is shown."""
        self._wants_to_run = wanted
        self.send(message)
        self._asked_at = self._sent

    def _by_hand(self, message: messages.Message) -> None:
        self._ask_to_run(False, message)

    def _do_step(self) -> None:
        self._by_hand(messages.Step())

    def _do_episode(self) -> None:
        self._by_hand(messages.Episode())

    def _do_update(self) -> None:
        self._by_hand(messages.Update())

    def _do_previous(self) -> None:
        if self._snapshot is not None and self._snapshot.update > self._snapshot.earliest:
            self._by_hand(messages.Rewind(self._snapshot.update - 1))

    def _do_measure(self) -> None:
        self._by_hand(messages.Measure(LONG_MEASUREMENT))

    def _do_stop_work(self) -> None:
        self.send(messages.StopWork())

    def _do_reset(self) -> None:
        self._keep_ghost()
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
            settings = replace(self.settings, **changes)
        except SettingsError as error:
            self.add_card(CardView("notice", "warning", str(error), ""))
            self._display.forget("bets")
            return
        if settings == self.settings:
            return
        self.settings = settings
        if self._at_the_start:
            self._curves.settings = settings
        self._display.outdate("returns", "variance")
        self.send(messages.EditSettings(settings))

    def _do_discount(self, discount: float) -> None:
        self._document.set_fields(discount=float(discount))

    def _do_limit_steps(self) -> None:
        self._document.set_fields(max_steps=100)

    def _do_seed(self, seed: int) -> None:
        self.seed = int(seed)
        self._do_reset()

    def _do_device(self, device: str) -> None:
        self.device = device
        self._cards.recall("no_cuda")
        self._cards.remove("no_cuda")
        self.send(messages.MoveTo(device))

    def _do_select_cell(self, cell: Cell | None = None) -> None:
        self._selected = cell
        self._display.outdate("cell")

    def _do_hover_cell(self, cell: Cell | None = None) -> None:
        self._hovered = cell

    def _do_overlay(self, choice: tuple[str, bool]) -> None:
        name, on = choice
        self._overlays = self._overlays | {name} if on else self._overlays - {name}

    def _do_numbers(self, kind: str | None = None) -> None:
        """Write these numbers into the cells, or the next kind of them."""
        following = NUMBERS[(NUMBERS.index(self._numbers) + 1) % len(NUMBERS)]
        self._numbers = following if kind is None else kind

    def show_plots(self) -> None:
        """Draw all that are out of date, for whoever takes a picture of what nobody sees."""
        for _ in self._plots:
            self._display.show_a_plot(self._plots)

    def _do_scene(self, name: str) -> None:
        """Another scene is seen: plots that nobody sees are not drawn."""
        self._scene = name

    def _do_undo(self) -> None:
        self._cards.remove("notice")
        self._document.undo()

    def _do_dismiss(self, card_id: str) -> None:
        self._cards.dismiss(card_id)

    def _do_run_anyway(self) -> None:
        self._run_anyway = True
        if not self._running:
            self._do_play_pause()

    def _do_rewind_last_good(self) -> None:
        failure = self._snapshot.failure if self._snapshot else None
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
        failure = self._snapshot.failure if self._snapshot else None
        return (failure.details or failure.sentence) if failure else self._details

    # --- runs

    def _start(self) -> None:
        self._runs += 1
        self._run_id = self._runs
        self._snapshot = None
        self._cards.remove("measured")
        self._curves = Curves(
            self._run_id, self._document.world, self.settings, self.seed
        )
        self._display.outdate()
        self._ask_facts(self._document.world)
        self._ask_to_run(
            False,
            messages.Start(
                self._run_id, self._document.world, self.settings, self.seed, self.device
            ),
        )

    @property
    def _at_the_start(self) -> bool:
        """Whether nothing has been learnt yet, so that what is changed holds for the whole run."""
        return self._snapshot is None or self._snapshot.update == 0

    def _keep_ghost(self) -> None:
        """The old curve stays for comparison; it is shown where the new run differs from it."""
        old = self._curves
        if len(old.ghost[0]) < 2:
            return
        kept = [
            ghost for ghost in self._ghosts
            if (ghost.world, ghost.settings, ghost.seed, ghost.label)
            != (old.world, old.settings, old.seed, old.label)
        ]
        self._ghosts = [*kept, old][-MAX_GHOSTS:]

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
        world, snapshot = self._document.world, self._snapshot
        state = self._state()
        steady = None if self._document.in_stroke else facts
        show = self._display.show
        show("header", HeaderView(self._document.name, self._document.modified, world.source))
        show(
            "board", resolve.board(
                world, snapshot, steady, self._overlays, self._selected, self._numbers
            )
        )
        show("transport", resolve.transport(state, snapshot, self._stop_at, self._level))
        show("bets", self._bets(world))
        status = resolve.status(
            world, state, snapshot, facts, self._hovered, self.seed, self._numbers
        )
        if self._place is not None:
            status = replace(status, episodes=self._place[0], hovered=self._place[1])
        show("status", status)
        show("inspector", resolve.inspector(world, snapshot, facts, self._selected))
        show("cards", self._cards_now(facts))
        show("progress", snapshot.progress if snapshot is not None else None)
        explores = self._scene == "explore"
        in_turn = state is not RunState.RUNNING or self._frame % self._shared == self._shared // 2
        if explores and in_turn:
            self._display.show_a_plot(self._plots)
        wanted = "value" in self._overlays or self._selected is not None
        wanted = wanted or self._hovered is not None or self._numbers in ("value", "actions")
        by_action = explores and self._numbers == "actions"
        wants = messages.WantValues(explores and wanted, by_action)
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
        return self._running and self._frame % self._shared not in (0, self._shared // 2)

    def _collect(self) -> None:
        for event in self._mailbox.drain():
            if self._left is not None and event.run_id == self._left.run_id:
                # What it did before it stood still.
                if not isinstance(event, Measured):
                    self._left.curves.take(event)
                continue
            if event.run_id != self._run_id:
                continue
            if isinstance(event, Measured):
                self.add_card(cards.measured(event.sentence))
            elif isinstance(event, DeviceFailed):
                self.device = "cpu"
                self.add_card(cards.device_failed(event), event.details)
            else:
                self._curves.take(event)
                self._pasts += isinstance(event, Rewound)
                if isinstance(event, Rewound) and event.update == 0:
                    self._curves.world, self._curves.settings = self._document.world, self.settings
                self._display.outdate()
        latest = self._mailbox.latest()
        if latest is None or latest is self._snapshot:
            return
        if latest.state is RunState.RUNNING and self._frame % self._shared:
            return
        self._loaded = latest.state is not RunState.LOADING
        if latest.run_id == self._run_id or latest.run_id < 0:
            if latest.progress is not None and self._snapshot is not None:
                # Long work may replay the past: until it is done, what was seen is what is.
                self._snapshot = replace(
                    self._snapshot, state=latest.state, handled=latest.handled,
                    progress=latest.progress,
                )
                return
            self._snapshot = latest
            if latest.probabilities is not None and latest.run_id >= 0:
                self._curves.policy.append(latest.update, latest.probabilities)
                self._display.outdate("cell")
            if latest.device == "cpu" and self.device == "cuda" and latest.run_id >= 0:
                self._cards.add_once(cards.no_cuda())

    @property
    def _shared(self) -> int:
        return SHARED_FRAMES if LEVELS[self._level].period else self._rhythm.frames

    @property
    def _running(self) -> bool:
        snapshot = self._snapshot
        if snapshot is None or snapshot.handled < self._asked_at:
            return self._wants_to_run
        return snapshot.state is RunState.RUNNING

    def _state(self) -> RunState:
        snapshot = self._snapshot
        if not self._loaded:
            return RunState.LOADING
        if snapshot is not None and snapshot.state is RunState.STOPPED:
            return RunState.STOPPED
        if self._running:
            return RunState.RUNNING
        return RunState.PAUSED if snapshot is not None and snapshot.update else RunState.READY

    def _current_facts(self) -> WorldFacts | None:
        """The facts, once they are about the world on the board."""
        answer = self._facts_answer()
        if answer is not None and answer[0] is self._document.world:
            if self._facts is not answer[1]:
                self._facts = answer[1]
                self._display.outdate("returns")
            return self._facts
        return None

    def _bets(self, world: World) -> BetsView:
        parameters = self._snapshot.parameters if self._snapshot else ""
        return BetsView(self.settings, world.discount, self.seed, self.device, parameters)

    def _cards_now(self, facts: WorldFacts | None) -> tuple[CardView, ...]:
        snapshot = self._snapshot
        above, below = [], []
        # The Variance scene has a place of its own for it, beside what grows.
        told = self._scene == "variance"
        if snapshot is not None and snapshot.progress is not None and not told:
            above.append(cards.working(snapshot.progress))
        if snapshot is not None and snapshot.failure is not None:
            above.append(cards.stopped(snapshot.failure, self.settings))
        empty = resolve.is_empty(self._document.world) and not self._asked_in_vain
        quiet = self._document.in_stroke or empty
        hindrance = None if quiet else cards.about_world(self._document.world, facts)
        if hindrance is not None and not self._run_anyway:
            below.append(hindrance)
        elif facts is not None and facts.hostile and not (snapshot and snapshot.update):
            below.append(cards.hostile(facts.hostile))
        return self._cards.shown(above, below)

    def _returns(self) -> object:
        return resolve.returns(
            self._document.world, self._curves, self._ghosts, self._current_facts(),
            self.settings, self.seed,
        )

    def _variance(self) -> object:
        return variance_resolve.variance(self._curves, self.settings, self._plotted)

    def _cell(self) -> object:
        return resolve.cell_plot(self._document.world, self._curves, self._selected)
