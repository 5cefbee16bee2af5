"""The Credit scene's presenter: which episode, step and weighting, asked by whom, shown how.

Asks the training by messages and puts its answers into slices by
:mod:`rlxent_gui.credit_resolve`.  It knows views by protocol alone, so it is tested without a
window.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from rlxent_core.stored_episodes import StoredEpisodes
from rlxent_core.weightings import EpisodeCredit, trained_weighting
from rlxent_core.world import World
from rlxent_gui import cards, messages, questions
from rlxent_gui import credit_resolve as resolve
from rlxent_gui.credit_view import EFFECTS, CodeView, CreditView, Effect
from rlxent_gui.display import Run, action_of, unchanged
from rlxent_gui.mailbox import WAY, Mailbox

Part = TypeVar("Part")
TWEEN = 0.14
"""Seconds that the training waits while the bars of another view move."""
EVERY, SHARE = 1.0, 20
"""Seconds between two looks at a training that goes on, and how often what a look costs it."""


class Scene(Protocol):
    """What can be shown."""

    def show_credit(self, view: CreditView | None) -> None: ...
    def show_effect(self, effect: Effect | None) -> None: ...
    def show_code(self, code: CodeView) -> None: ...


class CreditRun(Run, Protocol):
    """What is asked of the window's presenter."""

    def show_place(self, place: tuple[str, str] | None) -> None: ...


class CreditPresenter:
    """Owns the episode that is looked at and the way it is weighed.

    The last update's episode is followed, at most once a second while training runs; a new or the
    stored one stays, and so does any that is pinned, or held while its steps are played.
    """

    def __init__(
        self, scene: Scene, run: CreditRun, mailbox: Mailbox,
        send: Callable[[messages.Message], None],
        stored_of: Callable[[World], StoredEpisodes | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scene, self._run, self._mailbox, self._send = scene, run, mailbox, send
        self._stored_of, self._clock = stored_of, clock
        self._visible = False
        self._moves_until, self._frames = 0.0, 0
        self._number = self._effect_number = 0
        self._chosen: str | None = None
        self._learned: bool | None = None
        self._lambda: float | None = None
        self._kind = EFFECTS[1]
        self._code_open = self._pinned = False
        self._run_id: int | None = None
        self._shown: CreditView | None = None
        self._credit: EpisodeCredit | None = None

    def _begin(self) -> None:
        """Another run: its episodes are others."""
        self._run_id, self._world = self._run.run_id, self._run.world
        self._settings = self._run.settings
        self._stored = self._stored_of(self._world)
        self._credit = None
        self._of: tuple[int, int] | None = None
        self._asked = self._failed = ""
        # A lecture begins with the stored episode, and never depends on luck.
        begins_with_it = self._stored is not None and self._run.update == 0
        self._batch = "stored" if begins_with_it else "latest"
        self._pick: questions.Pick = 0
        self._step = 0
        self._note = ""
        if self._pinned:
            self._run.add_card(cards.unpinned())
        self._pinned = self._now = self._held = False
        self._newer: int | None = None
        self._answered, self._effect_answered = self._number, self._effect_number
        self._seen: tuple[int, int] | None = None
        self._seen_at = -math.inf
        self._cost = self._effect_cost = 0.0
        self._effect_key: tuple[Any, ...] | None = None
        self._known: dict[Callable[..., Any], tuple[tuple[Any, ...], Any]] = {}
        self._dirty = True
        self._run.remove_card(cards.NO_CREDIT)

    def set_visible(self, visible: bool) -> None:
        """Nothing is asked for while nobody looks."""
        self._visible = visible
        if visible:
            self._dirty = True
        else:
            self._mailbox.give_way_until = 0.0
            self._run.show_place(None)
            self._run.remove_card(cards.NO_CREDIT)  # it is of an episode that is not seen

    # --- what the user asks

    def on_command(self, command: str, argument: Any = None) -> None:
        """A command of the scene, by its id; without an episode there is nothing to be done.

        Raises:
            KeyError: when there is no such command.
        """
        act = action_of(self, command, argument)
        if self._run_id is None or (self._credit is None and command not in ASKS):
            return
        self._dirty = True
        act()
        if self._visible:
            self._show()

    def _do_credit_step(self, step: int) -> None:
        assert self._credit is not None
        self._step = min(max(int(step), 0), self._credit.length - 1)

    def _do_credit_next(self) -> None:
        self._do_credit_step(self._step + 1)

    def _do_credit_previous(self) -> None:
        self._do_credit_step(self._step - 1)

    def _do_credit_weighting(self, name: str) -> None:
        assert self._credit is not None
        if name in resolve.names(self._credit):
            self._chosen = name

    def _do_credit_weighting_next(self, by: int = 1) -> None:
        assert self._credit is not None
        names = resolve.names(self._credit)
        at = names.index(self._name(self._credit)) + by
        self._chosen = names[min(max(at, 0), len(names) - 1)]

    def _do_credit_weighting_previous(self) -> None:
        self._do_credit_weighting_next(-1)

    def _do_credit_lambda(self, value: float) -> None:
        self._lambda = min(max(float(value), 0.0), 1.0)

    def _do_credit_values(self, which: str) -> None:
        self._learned = which == "learned"

    def _do_credit_effect(self, kind: str) -> None:
        self._kind = kind

    def _do_credit_code(self, opened: bool) -> None:
        self._code_open = opened

    def _do_credit_episode(self, pick: questions.Pick) -> None:
        self._pick = pick
        self._ask("held")

    def _do_credit_new(self) -> None:
        self._take_batch("new")

    def _do_credit_latest(self) -> None:
        self._take_batch("latest")

    def _do_credit_stored(self) -> None:
        if self._stored is not None:
            self._take_batch("stored")

    def _take_batch(self, batch: str) -> None:
        self._batch, self._pick = batch, 0
        self._pinned = self._now = False
        self._ask(batch)

    def _do_credit_pin(self, pinned: bool) -> None:
        self._pinned, self._seen = pinned, None
        if not pinned and self._now:
            self._now = False
            if self._batch != "latest":
                self._ask("held")

    def _do_credit_hold(self, held: bool) -> None:
        self._held = held
        self._seen_at = self._clock()  # the step where it stopped is seen for a while

    def _do_credit_policy(self, which: str) -> None:
        self._now = which == "now"
        self._ask("held")

    # --- the display clock

    def tick(self) -> None:
        """One frame: take what was answered, ask what is to be asked, show what differs."""
        if not self._visible:
            return
        self._frames += 1
        if self._frames > 1 and time.perf_counter() > self._moves_until:
            self._mailbox.give_way_until = 0.0  # a whole frame has passed, so all is drawn
        if self._run.run_id != self._run_id:
            self._begin()
        if self._run.world is not self._world:
            self._world_changed()
        if self._run.settings is not self._settings:
            self._settings, self._dirty = self._run.settings, True
        self._take()
        self._follow()
        self._show()
        self._ask_effect()

    def _world_changed(self) -> None:
        self._world = self._run.world
        self._stored = self._stored_of(self._world)
        if not self._pinned:
            self._batch = "latest"
        self._dirty = True

    def _take(self) -> None:
        answer = self._mailbox.credit
        ours = answer is not None and self._waiting and self._is_ours(answer, self._number)
        if answer is not None and ours and not self._is_ahead(answer.credit):
            self._answered, self._dirty, self._cost = self._number, True, answer.seconds
            self._tell("episode", answer.failure)
            if answer.credit is not None:
                self._credit = answer.credit
                self._step = min(self._step, answer.credit.length - 1)
                self._note = resolve.note(answer.credit)
                if self._asked != "held":
                    self._of = (self._run.pasts, answer.credit.update + 1)
                self._newer = self._find_newer()
        effect = self._mailbox.effect
        if effect is not None and self._effect_waiting and self._is_ours(
            effect, self._effect_number
        ):
            self._effect_answered, self._effect_cost = self._effect_number, effect.seconds
            self._tell("effect", effect.failure)
            self._scene.show_effect(effect.effect)

    def _is_ours(self, answer: Any, number: int) -> bool:
        return bool(answer.run_id == self._run_id and answer.number == number)

    def _is_ahead(self, credit: EpisodeCredit | None) -> bool:
        """Whether it is of an update that the window will hear of only in a moment.

        It waits, so that the status line never names an earlier one than the scene.
        """
        if credit is None or not self._run.running:
            return False
        if self._seen is None or self._seen[0] != self._run.pasts:
            return False  # taken back meanwhile, so there is nothing to wait for
        of = max(credit.update + (credit.source == "update"), credit.seen_at)
        return of > self._run.update

    @property
    def _waiting(self) -> bool:
        return self._answered != self._number

    @property
    def _effect_waiting(self) -> bool:
        return self._effect_answered != self._effect_number

    def _tell(self, about: str, failure: str) -> None:
        """A card for a question that failed, until one about the same succeeds."""
        if failure:
            self._failed = about
            self._run.add_card(cards.no_credit(failure))
        elif about == self._failed:
            self._failed = ""
            self._run.remove_card(cards.NO_CREDIT)

    def _follow(self) -> None:
        """Look at what training has come to; ask where that is to be seen."""
        now = (self._run.pasts, self._run.update)
        if now == self._seen or self._waiting or (self._held and self._follows):
            return
        pause = max(EVERY, SHARE * (self._cost + self._effect_cost))
        if self._run.running and self._clock() - self._seen_at < pause:
            return
        if self._credit is None or self._follows:
            self._ask(self._batch)
        elif self._now:
            self._ask("held")
        else:
            self._seen, self._seen_at = now, self._clock()
            newer = self._find_newer()
            self._dirty = self._dirty or newer != self._newer
            self._newer = newer

    @property
    def _follows(self) -> bool:
        return self._batch == "latest" and not self._pinned

    def _find_newer(self) -> int | None:
        """The latest update, where the episode is not of it."""
        assert self._credit is not None
        now = (self._run.pasts, self._run.update)
        is_latest = self._credit.source == "update" and self._of == now
        return None if self._follows or is_latest or not now[1] else now[1]

    def _ask(self, batch: str) -> None:
        self._number += 1
        self._seen, self._seen_at = (self._run.pasts, self._run.update), self._clock()
        self._asked = batch
        stored = self._stored if batch == "stored" else None
        self._send(messages.Consult(
            questions.AskEpisode(self._number, batch, self._pick, self._now, stored)
        ))

    def _ask_effect(self) -> None:
        view = self._shown
        if view is None or self._effect_waiting or self._waiting:
            return
        key: tuple[Any, ...] = (self._answered, self._kind, view.weighting)
        if self._kind != "exact":
            key += (view.learned, view.gae_lambda if view.weighting == "gae" else None)
            key += (view.step if self._kind == "step" else None,)
        if key == self._effect_key:
            return
        self._effect_key = key
        self._effect_number += 1
        self._send(messages.Consult(questions.AskEffect(
            self._effect_number, view.episode, self._kind, view.weighting, view.learned,
            view.gae_lambda, view.step,
        )))

    # --- what is shown

    def _show(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        credit = self._credit
        if credit is None:
            if self._shown is not None:
                self._shown = None
                self._scene.show_credit(None)
                self._scene.show_effect(None)
            self._run.show_place(("", ""))
            return
        view = self._view(credit)
        if self._shown is None or not unchanged(self._shown, view):
            # A thousand small strokes and figures: with another thread in the interpreter each
            # could wait its turn, so the training lets them pass.
            now = time.perf_counter()
            if self._shown_before(view):
                self._moves_until = now + TWEEN
            self._mailbox.give_way_until = max(now + WAY, self._moves_until)
            self._frames = 0
            self._shown = view
            self._scene.show_credit(view)
        self._run.show_place(resolve.place(credit, self._step))
        if self._code_open:
            code = self._once(
                resolve.code, credit, self._step, view.weighting, view.learned, view.gae_lambda
            )
            self._scene.show_code(code)

    def _shown_before(self, view: CreditView) -> bool:
        """Whether the same episode is shown, weighed in another way: bars move then."""
        before = self._shown
        return before is not None and before.episode is view.episode and (
            before.weights is not view.weights
        )

    def _view(self, credit: EpisodeCredit) -> CreditView:
        learned, lam, name = self._is_learned(credit), self._lam, self._name(credit)
        shown = self._once(resolve.weigh, credit, name, learned, lam)
        weight = float(shown.weights[self._step])
        return CreditView(
            credit, self._step, name, learned, lam, shown.returns, shown.baseline, shown.weights,
            rows=self._once(resolve.rows, credit, learned, lam),
            classifier=self._once(resolve.classifier, credit, self._step, shown),
            sentence=self._once(resolve.sentence, credit, self._step, weight),
            identity=self._once(resolve.identity, credit, shown, learned),
            note=self._note,
            pinned=self._pinned,
            now=self._now,
            newer=self._newer,
            has_stored=self._stored is not None,
        )

    @property
    def _lam(self) -> float:
        return self._settings.gae_lambda if self._lambda is None else self._lambda

    def _is_learned(self, credit: EpisodeCredit) -> bool:
        wanted = trained_weighting(self._settings)[1] if self._learned is None else self._learned
        return wanted and credit.learned_values is not None

    def _name(self, credit: EpisodeCredit) -> str:
        """The weighting: as chosen, else that of the training as far as there is one."""
        names = resolve.names(credit)
        wanted = self._chosen or resolve.trained_name(self._settings)
        if wanted in names:
            return wanted
        return "total_return" if self._settings.credit == "total_return" else "reward_to_go"

    def _once(self, resolve: Callable[..., Part], *of: Any) -> Part:
        """What it resolves to, worked out again only ``of`` something else."""
        known = self._known.get(resolve)
        if known is None or known[0] != of:
            known = self._known[resolve] = of, resolve(*of)
        part: Part = known[1]
        return part


ASKS = ("credit_new", "credit_latest", "credit_stored", "credit_code")
"""Commands that there need be no episode for."""
