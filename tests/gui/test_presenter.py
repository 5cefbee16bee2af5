"""What the user asks and what the training says become what is shown; no window, no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rlxent_core.facts import world_facts
from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui import messages
from rlxent_gui.display import Rhythm
from rlxent_gui.mailbox import Changed, Failure, Mailbox, Progress, ReturnPoint, Snapshot
from rlxent_gui.pacing import LEVELS
from rlxent_gui.presenter import Presenter
from rlxent_gui.view_state import CardView, RunState

START, GOAL, WALL = Tile(start=1), Tile(terminal=True, reward=1), Tile(wall=True)
CORRIDOR = World(("S..G",), {"S": START, "G": GOAL}, name="Corridor", max_steps=20)
CUT_OFF = World(("S#.G",), {"S": START, "G": GOAL}, max_steps=20)


class FakeView:
    """Remembers what it was last shown, and how often."""

    def __init__(self) -> None:
        self.slices: dict[str, Any] = {}
        self.counts: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("show_"):
            raise AttributeError(name)

        def show(value: Any) -> None:
            self.slices[name[5:]] = value
            self.counts[name[5:]] = self.counts.get(name[5:], 0) + 1

        return show


class FakeDocument:
    """A world that can be replaced and undone once."""

    def __init__(self, world: World) -> None:
        self.world, self.modified, self.in_stroke, self.undone = world, False, False, 0
        self.changed: Any = None

    @property
    def name(self) -> str:
        return self.world.name or "Untitled"

    def replace(self, world: World) -> None:
        old, self.world = self.world, world
        self.changed(old, world)

    def set_fields(self, text: str = "", **values: object) -> None:
        self.replace(self.world.with_fields(**values))

    def undo(self) -> None:
        self.undone += 1


class Bench:
    """A presenter between fakes; the training's answers are written by the test."""

    def __init__(self, world: World = CORRIDOR, **more: Any) -> None:
        self.view, self.document, self.mailbox = FakeView(), FakeDocument(world), Mailbox()
        self.sent: list[messages.Message] = []
        self.answer_of_analyst: Any = None
        self.facts_known = True
        self.presenter = Presenter(
            self.document, self.view, self.mailbox, self.sent.append, self._ask,
            lambda: self.answer_of_analyst if self.facts_known else None, **more,
        )
        self.document.changed = self.presenter.world_changed
        self.presenter.begin()

    def _ask(self, world: World) -> None:
        self.answer_of_analyst = (world, world_facts(world))

    def answer(self, state: RunState = RunState.PAUSED, update: int = 0, **more: Any) -> None:
        """The training posts a snapshot that has handled everything, and a frame passes."""
        n = self.document.world.rows * self.document.world.columns
        run = [m for m in self.sent if isinstance(m, messages.Start)][-1].run_id
        more.setdefault("probabilities", np.full((n, 4), 0.25))
        self.mailbox.post(Snapshot(run, state, len(self.sent), update=update, **more))
        self.frames()

    def frames(self) -> None:
        """As many frames as it takes until a running training is looked at."""
        for _ in range(Rhythm.MOST):
            self.presenter.tick()

    def cards(self) -> list[str]:
        return [card.id for card in self.view.slices["cards"]]

    def ask(self, command: str, argument: Any = None) -> None:
        self.presenter.on_command(command, argument)
        self.presenter.tick()

    @property
    def last(self) -> messages.Message:
        return self.sent[-1]


def test_what_others_ask_of_the_training_makes_no_answer_out_of_an_older_one() -> None:
    """The Variance scene's messages are counted by the thread too: Space still pauses at once."""
    bench = Bench()
    bench.answer(RunState.READY)
    bench.presenter.send(messages.Meter())
    bench.presenter.send(messages.Do.STOP_WORK)
    bench.presenter.send(messages.Consult(lambda run, report: None))
    bench.answer(RunState.READY)
    bench.mailbox.post(Snapshot(1, RunState.READY, len(bench.sent) - 1))
    bench.ask("play_pause")
    bench.frames()
    assert bench.presenter.running
    bench.ask("play_pause")
    assert bench.last is messages.Do.PAUSE


def test_space_plays_at_once_and_pauses_again() -> None:
    """The button answers before the thread does, and is not thrown back by an older snapshot."""
    bench = Bench()
    bench.answer()
    bench.ask("play_pause")
    assert bench.last == messages.Do.PLAY
    assert bench.view.slices["transport"].state is RunState.RUNNING
    bench.answer(RunState.RUNNING, update=3)
    bench.ask("play_pause")
    assert bench.last == messages.Do.PAUSE
    late = Snapshot(1, RunState.RUNNING, len(bench.sent) - 1, update=4)
    bench.mailbox.post(late)
    bench.frames()
    assert bench.view.slices["transport"].state is RunState.PAUSED
    assert bench.view.slices["status"].text == "Paused at update 4"


def test_a_snapshot_of_a_run_before_the_reset_is_dropped() -> None:
    """A late batch cannot overwrite a reset."""
    bench = Bench()
    bench.answer(RunState.RUNNING, update=5)
    bench.ask("reset")
    bench.mailbox.post(Snapshot(1, RunState.RUNNING, 99, update=6))
    bench.frames()
    assert bench.view.slices["transport"].update == 0


def test_a_goal_that_is_cut_off_asks_before_it_runs() -> None:
    """Play shows the card instead; "Run anyway" runs, and undo is a button away."""
    bench = Bench(CUT_OFF)
    bench.answer()
    assert bench.cards() == ["unreachable"]
    assert bench.view.slices["board"].unreachable.tolist() == [False, False, True, True]
    bench.ask("play_pause")
    assert bench.last is not messages.Do.PLAY
    bench.ask("card", ("undo", "unreachable"))
    assert bench.document.undone == 1
    bench.ask("card", ("run_anyway", "unreachable"))
    assert bench.last == messages.Do.PLAY
    assert bench.cards() == []


def test_a_dismissed_card_comes_back_when_play_needs_it() -> None:
    """Nothing happens silently: a refused Play says why."""
    bench = Bench(CUT_OFF)
    bench.answer()
    bench.ask("dismiss", "unreachable")
    assert bench.cards() == []
    bench.ask("play_pause")
    assert bench.cards() == ["unreachable"]


def test_a_world_without_a_limit_asks_for_one() -> None:
    """Training needs an end of the episode; the card gives one."""
    bench = Bench(CORRIDOR.with_fields(max_steps=None))
    bench.answer()
    bench.ask("play_pause")
    assert bench.cards() == ["no_limit"]
    bench.ask("card", ("limit_steps", "no_limit"))
    assert bench.document.world.max_steps == 100
    assert isinstance(bench.last, messages.Start)


def test_an_edit_goes_on_in_the_same_run() -> None:
    """A wall drawn while it trains is a message, not a new run."""
    bench = Bench()
    bench.answer(RunState.RUNNING, update=5)
    edited = bench.document.world.with_tiles({(0, 1): WALL})
    bench.document.replace(edited)
    assert bench.last == messages.EditWorld(edited)


def test_facts_of_an_older_world_are_not_shown() -> None:
    """The optimal line waits until the exact solution of this very world is there."""
    bench = Bench()
    bench.answer()
    bench.facts_known = False
    bench.document.replace(bench.document.world.with_fields(discount=0.5))
    bench.presenter.tick()
    assert bench.view.slices["status"].reachable is None
    assert bench.view.slices["board"].optimal is None


def test_the_same_slice_is_shown_once() -> None:
    """A frame in which nothing happened repaints nothing."""
    bench = Bench()
    bench.answer()
    for _ in range(6):
        bench.presenter.tick()
    before = dict(bench.view.counts)
    for _ in range(6):
        bench.presenter.tick()
    assert bench.view.counts == before


def test_one_plot_a_frame() -> None:
    """Three plots that all changed are redrawn in three frames."""
    bench = Bench()
    bench.answer()
    bench.ask("select_cell", (0, 0))
    for _ in range(6):
        bench.presenter.tick()
    drawn = ("returns", "variance", "cell")
    before = sum(bench.view.counts.get(name, 0) for name in drawn)
    bench.mailbox.record(ReturnPoint(1, 1, 0.5, 0.5))
    for frame in (1, 2, 3, 4):
        bench.presenter.tick()
        assert sum(bench.view.counts.get(n, 0) for n in drawn) - before == min(frame, 3)


def test_the_old_curve_stays_when_something_was_changed() -> None:
    """After Reset with another baseline the old curve is a ghost that names its own."""
    bench = Bench()
    bench.answer()
    for update in (1, 2, 3):
        bench.mailbox.record(ReturnPoint(1, update, 0.1 * update, 0.1 * update))
    bench.answer(update=3)
    bench.ask("reset")
    bench.answer()
    for _ in range(4):
        bench.presenter.tick()
    assert bench.view.slices["returns"].ghosts == ()
    bench.ask("setting", ("baseline", "none"))
    for _ in range(4):
        bench.presenter.tick()
    (ghost,) = bench.view.slices["returns"].ghosts
    assert ghost.label == "leave-one-out"
    assert ghost.updates.tolist() == [1, 2, 3]


def _changed_then_reset(command: str, argument: object) -> Bench:
    """A run of three updates; then ``command`` while it is paused, and Reset."""
    bench = Bench()
    bench.answer()
    for update in (1, 2, 3):
        bench.mailbox.record(ReturnPoint(1, update, 0.1 * update, 0.1 * update))
    bench.answer(update=3)
    bench.ask(command, argument)
    bench.mailbox.record(Changed(1, 3, "settings"))
    bench.answer(update=3)
    bench.ask("reset")
    bench.answer()
    for _ in range(4):
        bench.presenter.tick()
    return bench


@pytest.mark.parametrize(
    ("command", "argument", "label"),
    [("setting", ("baseline", "none"), "leave-one-out"), ("discount", 0.5, "γ 0.99"),
     ("seed", 4, "seed 0")],
)
def test_changing_something_before_the_reset_keeps_the_ghost(
    command: str, argument: object, label: str
) -> None:
    """The usual order: pause, choose another baseline, Reset, Play."""
    (ghost,) = _changed_then_reset(command, argument).view.slices["returns"].ghosts
    assert ghost.label == label
    assert ghost.updates.tolist() == [1, 2, 3]


def test_a_ghost_of_another_world_is_not_compared() -> None:
    """A wall changes what can be earned; undoing it brings the ghost back."""
    bench = _changed_then_reset("setting", ("baseline", "none"))
    for world, ghosts in ((CUT_OFF, 0), (CORRIDOR, 1)):
        bench.document.replace(world)
        for _ in range(4):
            bench.presenter.tick()
        assert len(bench.view.slices["returns"].ghosts) == ghosts


def test_run_anyway_lets_a_run_that_plays_go_on() -> None:
    """A wall drawn in mid-run brings the card; its button must not pause what runs."""
    bench = Bench()
    bench.answer(RunState.RUNNING, update=3)
    bench.document.replace(CUT_OFF)
    bench.answer(RunState.RUNNING, update=4)
    assert bench.cards() == ["unreachable"]
    bench.ask("card", ("run_anyway", "unreachable"))
    bench.answer(RunState.RUNNING, update=5)
    assert messages.Do.PAUSE not in bench.sent
    assert bench.cards() == []


def test_the_counter_names_the_stop_while_it_lies_ahead() -> None:
    """Played on past it, the run stops nowhere; after Reset it stops there again."""
    bench = Bench()
    bench.ask("stop_at", 300)
    for update, stop in ((0, 300), (300, 300), (301, None), (0, 300)):
        bench.answer(update=update)
        assert bench.view.slices["transport"].stop_at == stop


def test_a_run_that_stops_being_finite_offers_the_way_back() -> None:
    """The card of UX: stopped at update 57, rewind to 56, or halve η."""
    bench = Bench(settings=Settings(learning_rate=12.0))
    failure = Failure("not_finite", "The logits stopped being finite numbers.", 57, back=56)
    bench.answer(RunState.STOPPED, update=56, failure=failure)
    (card,) = bench.view.slices["cards"]
    assert card.title == "Stopped at update 57"
    assert card.body.startswith("The logits stopped being finite numbers.")
    assert [a.text for a in card.actions] == ["Rewind to update 56", "Halve η"]
    bench.ask("card", ("halve_step_size", "failure"))
    assert messages.Rewind(56) in bench.sent
    assert bench.presenter.settings.learning_rate == 6.0


def test_a_setting_that_does_not_go_with_another_is_refused_in_a_sentence() -> None:
    """GAE without a value function changes nothing and says why."""
    bench = Bench()
    bench.answer()
    bench.ask("setting", ("credit", "gae"))
    assert bench.presenter.settings == Settings()
    assert "GAE needs a value function" in bench.view.slices["cards"][0].title


def test_an_opened_run_is_ready_to_be_trained_again() -> None:
    """Its settings and seed are taken over, and training stands at update 0."""
    bench = Bench()
    bench.answer(update=7)
    bench.presenter.run_opened(Settings(baseline="none"), 5)
    bench.answer()
    assert isinstance(bench.last, messages.Start)
    assert (bench.last.settings.baseline, bench.last.seed) == ("none", 5)
    assert bench.view.slices["bets"].seed == 5


def test_discount_belongs_to_the_world() -> None:
    """The slider changes the document, so that it can be undone and saved."""
    bench = Bench()
    bench.answer()
    bench.ask("discount", 0.9)
    assert bench.document.world.discount == 0.9


def test_long_work_shows_how_far_it_is_and_can_be_stopped() -> None:
    """The card of UX with its bar; the board stays as it was seen."""
    bench = Bench()
    progress = Progress("Measuring gradient variance", 320, 500, "episodes")
    p = np.full((4, 4), 0.25)
    bench.answer(update=57, probabilities=p)
    bench.answer(update=50, progress=progress)
    (card,) = bench.view.slices["cards"]
    assert (card.title, card.body) == ("Measuring gradient variance", "320 of 500 episodes")
    assert card.progress == pytest.approx(0.64)
    assert bench.view.slices["board"].probabilities is p
    assert bench.view.slices["transport"].update == 57
    bench.ask("card", ("stop_work", "progress"))
    assert bench.last == messages.Do.STOP_WORK


def test_no_cuda_is_told_once() -> None:
    """Asked for CUDA where there is none: the CPU is used, a card says so and can be dismissed."""
    bench = Bench(device="cuda")
    bench.answer(device="cpu")
    assert bench.cards() == ["no_cuda"]
    bench.ask("card", ("dismiss", "no_cuda"))
    bench.answer(device="cpu", update=1)
    assert bench.cards() == []


def test_an_empty_board_says_what_to_do() -> None:
    """The words of UX, and no card beside them."""
    bench = Bench(World(("...", "..."), max_steps=20).with_tiles({(0, 0): START}))
    bench.answer()
    assert bench.view.slices["board"].message == (
        "Drag to draw walls", "Then press G and place a goal.",
    )
    assert bench.cards() == []


def test_play_on_an_empty_board_says_why_it_does_not_run() -> None:
    """Space must not do nothing without a word."""
    bench = Bench(World(("...", "..."), max_steps=20).with_tiles({(0, 0): START}))
    bench.answer(update=1)
    bench.ask("play_pause")
    assert bench.cards() == ["no_goal"]
    bench.ask("card", ("run_anyway", "no_goal"))
    assert bench.last == messages.Do.PLAY


def test_the_selected_cell_is_inspected() -> None:
    """Probabilities, entropy, value and the optimal action of the cell that was clicked."""
    bench = Bench()
    p = np.full((4, 4), 0.25)
    p[1] = [0.05, 0.8, 0.1, 0.05]
    bench.ask("select_cell", (0, 1))
    bench.answer(update=1, probabilities=p, values=np.array([0.1, 0.96, 0.3, 0]))
    seen = bench.view.slices["inspector"]
    assert (seen.name, seen.value, seen.best, seen.optimal) == ("B1", 0.96, ("right",), ("right",))
    assert seen.entropy == pytest.approx(-sum(x * np.log(x) for x in p[1]))
    assert messages.WantValues(True) in bench.sent


def test_speed_stays_within_its_levels() -> None:
    """Faster at the fastest stays there."""
    bench = Bench()
    for _ in range(len(LEVELS) + 3):
        bench.ask("faster")
    assert bench.last == messages.SetPace(LEVELS[-1])
    assert bench.view.slices["transport"].speed_label == "flat out"


def test_every_message_card_can_be_dismissed_or_acted_on() -> None:
    """No card traps the user."""
    bench = Bench()
    bench.presenter.add_card(CardView("file", "file", "maze.json was not opened", "Line 1"))
    bench.answer()
    assert bench.cards() == ["file"]
    bench.ask("dismiss", "file")
    assert bench.cards() == []


def test_an_unknown_command_is_a_fault() -> None:
    """A control that does nothing is a defect, so it fails loudly."""
    with pytest.raises(KeyError, match="no command 'fly'"):
        Bench().presenter.on_command("fly")


def test_a_window_that_takes_too_much_repaints_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a core for painting: fewer repaints, down to a bound; none: more again."""
    clock = {"cpu": 0.0, "wall": 0.0}
    monkeypatch.setattr("rlxent_gui.display.time.thread_time", lambda: clock["cpu"])
    monkeypatch.setattr("rlxent_gui.display.time.perf_counter", lambda: clock["wall"])
    rhythm = Rhythm()

    def frames(count: int, share: float) -> None:
        for _ in range(count):
            clock["wall"] += 0.016
            clock["cpu"] += 0.016 * share
            rhythm.tick()

    frames(30, 0.5)
    assert rhythm.frames == 8
    frames(1000, 0.5)
    assert rhythm.frames == Rhythm.MOST
    frames(1000, 0.01)
    assert rhythm.frames == Rhythm.FEWEST


def test_a_command_is_shown_in_the_next_frame_of_a_training_that_runs_flat_out() -> None:
    """Between two repaints the window looks at nothing, unless the user did something."""
    bench = Bench()
    bench.ask("speed", len(LEVELS) - 1)
    bench.ask("play_pause")
    bench.answer(RunState.RUNNING, update=3)
    presenter = bench.presenter
    while presenter._frame % presenter._shared:  # a repaint has just been
        presenter.tick()
    bench.view.slices.pop("board")
    bench.ask("select_cell", (0, 1))
    assert bench.view.slices["board"].selected == (0, 1)
    bench.ask("play_pause")
    assert bench.view.slices["transport"].state is not RunState.RUNNING
