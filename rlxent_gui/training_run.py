"""One run of the training as the window sees it: updates, a watched episode, meters, the way back.

Lives on the training thread; imported only there, since it imports torch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rlxent_core import exact
from rlxent_core.devices import choose_device
from rlxent_core.policy import action_probabilities
from rlxent_core.recording import record
from rlxent_core.run_file import Run
from rlxent_core.settings import Settings
from rlxent_core.timeline import Timeline
from rlxent_core.trainer import NotFiniteError, Trainer, TrainingError
from rlxent_core.world import World
from rlxent_gui import learning_desk, messages, questions
from rlxent_gui.credit_desk import CreditDesk, NoCreditError
from rlxent_gui.learnt import Learnt
from rlxent_gui.learnt_desk import LearntDesk, trainer_from
from rlxent_gui.live_meter import LiveMeter, Throttle
from rlxent_gui.mailbox import (
    Changed,
    CreditAnswer,
    EffectAnswer,
    Failure,
    Floats,
    Mailbox,
    Moment,
    Progress,
    Restored,
    ReturnPoint,
    Rewound,
    Snapshot,
    SurveyAnswer,
)
from rlxent_gui.pacing import Rate
from rlxent_gui.parameter_words import parameters_text
from rlxent_gui.update_means import UpdateMeans
from rlxent_gui.variance_desk import VarianceDesk
from rlxent_gui.variance_view import Survey
from rlxent_gui.view_state import RunState
from rlxent_gui.walk import Walk

KEPT_SHARE = 20
"""What is kept of an accelerator's state against its failing waits this many times what it cost."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")
ReportProgress = Callable[[str, int, int, str], bool]


class TrainingRun:
    """A trainer with its past, from one reset to the next.

    Raises:
        TrainingError: when the world cannot be trained on.
    """

    def __init__(self, mailbox: Mailbox, start: messages.Start) -> None:
        self._mailbox, self._run_id = mailbox, start.run_id
        self.failure: Failure | None = None
        self._values: Floats | None = None
        self._action_values: Floats | None = None
        self._values_at = -1
        self._values_throttle = Throttle()
        self._kept_throttle = Throttle()
        self._rate = Rate()
        if start.learnt is None or not self._go_on_from(start.learnt, start):
            make = partial(Trainer, start.world, start.settings, (start.seed,))
            self._begin(make(choose_device(start.device, make)), UpdateMeans())

    def _begin(self, trainer: Trainer, means: UpdateMeans) -> None:
        self._trainer, self._means = trainer, means
        self._timeline, self._walk = Timeline(trainer), Walk(trainer)
        self._clear_desks()
        self._meter = LiveMeter(trainer, self._mailbox, self._run_id)
        self._learnt_desk = LearntDesk(self._mailbox, self._run_id, self._timeline, means)

    def _go_on_from(self, learnt: Learnt, start: messages.Start) -> bool:
        """Begin where another run was; False, and it is told, where that does not fit.

        What was changed there after its last update is changed again.
        """
        try:
            trainer = trainer_from(start, learnt)
        except (ValueError, TrainingError):
            self._mailbox.record(Restored(self._run_id, learnt.update, None))
            return False
        means = UpdateMeans(learnt.means)
        self._begin(trainer, means)
        self._mailbox.record(Restored(self._run_id, learnt.update, means.columns()))
        if start.settings != learnt.settings:
            self.edit_settings(start.settings)
        if start.world != learnt.world:
            self.edit_world(start.world)
        return True

    def _clear_desks(self) -> None:
        """Forget what lies there, on whatever device."""
        self._desk = CreditDesk(self._trainer)
        self._variance_desk = VarianceDesk(self._trainer)

    @property
    def updates(self) -> int:
        return self._trainer.update

    @property
    def whole_updates(self) -> int:
        """Those that nothing broke in the middle of."""
        return min(self.updates, len(self._means))

    @property
    def earliest(self) -> int:
        """The first update that can be gone back to."""
        return self._timeline.earliest

    @property
    def on_cpu(self) -> bool:
        return self._trainer.device.type == "cpu"

    # --- training

    def update(self) -> None:
        """One whole update, with whatever episodes have been watched of its batch."""
        self._walk.forget()
        try:
            done = self._timeline.step()
        except NotFiniteError as error:
            self.failure = Failure("not_finite", str(error), error.update, back=self.updates)
            return
        self._desk.keep(done)
        # As the command line takes them, so that a run's file has the same bits.
        returns, lengths = done.means
        mean_return, mean_length = float(returns[0]), float(lengths[0])
        episodes = self._trainer.episodes
        running_mean = self._means.add(mean_return, mean_length, episodes)
        self._mailbox.record(
            ReturnPoint(self._run_id, done.update, mean_return, running_mean, episodes)
        )
        self._rate.add(self._trainer.settings.batch_episodes)
        if not self.on_cpu and self._kept_throttle.ready(KEPT_SHARE):
            began = time.perf_counter()
            self._timeline.keep()
            self._kept_throttle.took(time.perf_counter() - began, KEPT_SHARE)
        self._learnt_desk.look()

    def walk(self, one_episode: bool = False) -> None:
        """One step of the watched episode, then its returns back along the path, then the next.

        After the batch's last episode comes the update; with ``one_episode`` after the first one
        already, as when slow training plays.
        """
        if self._walk.advance(one_episode):
            self.update()

    def walk_to_end(self) -> None:
        """The rest of the watched episode with its returns, or the whole of the next one."""
        if self._walk.flowed:
            self.walk()
            if not self._walk.under_way:
                return
        self._walk.to_end()

    def stop_watching(self) -> None:
        """Forget the walk; the batch stays as it was drawn."""
        self._walk.forget()

    # --- changes

    def edit_world(self, world: World) -> None:
        """Go on in another world of the same size."""
        self._desk.forget()
        self._edit(lambda: self._timeline.edit_world(world), "world")

    def edit_settings(self, settings: Settings) -> None:
        self._edit(lambda: self._timeline.edit_settings(settings), "settings")

    def _edit(self, act: Callable[[], None], what: str) -> None:
        try:
            act()
        except TrainingError as error:
            self.refuses(error)
            return
        self._forget_what_was_seen()
        if self.failure is not None and self.failure.kind == "training":
            self.failure = None
        if self.updates:
            self._mailbox.record(Changed(self._run_id, self.updates, what))

    def refuses(self, error: Exception) -> bool:
        """Whether there was no memory for what was asked: then ``failure`` says so."""
        if isinstance(error, TrainingError):
            self.failure = Failure("training", str(error), self.updates)
        return isinstance(error, TrainingError)

    def move_to(self, asked: str) -> None:
        """Go on with the same numbers on another device."""
        trainer = self._trainer
        make = partial(Trainer, trainer.world, trainer.settings, trainer.seeds)
        device = choose_device(asked, make)
        if device != self._trainer.device.type:
            self._clear_desks()
            self._timeline.move_to(device)
        self._forget_what_was_seen()

    def go_on_on_cpu(self) -> None:
        """The device has failed: go on from the last moment that is held beside it."""
        try:
            self._timeline.rescue(self.whole_updates)
        except TrainingError as error:
            self.refuses(error)
        self._clear_desks()
        self._went_back()

    def rewind(self, update: int, report: ReportProgress) -> None:
        """Back to the state after ``update`` updates; the past is replayed, bit for bit.

        What is no longer, or not yet, in the past was asked of what was seen before: it goes no
        further than there is one.
        """
        self.failure = None
        there = min(max(update, self.earliest), self.updates)
        self._timeline.rewind(
            there, lambda done, total: report("Going back", done, total, "updates replayed")
        )
        self._went_back()

    def _went_back(self) -> None:
        self._desk.forget()
        self._means.cut(self.updates)
        self._forget_what_was_seen()
        self._mailbox.record(Rewound(self._run_id, self.updates))

    def _forget_what_was_seen(self) -> None:
        self._walk.forget()
        self._values_at = -1
        self._meter.forget()

    # --- meters

    def follow(self, wanted: messages.Meter) -> None:
        """Measure other estimators live."""
        self._meter.follow(wanted)

    def measure(self, episodes: int, report: ReportProgress) -> None:
        """tr Cov at the policy as it is, over many episodes, in words; training stands still."""
        self._meter.measure(episodes, report)

    def _value(
        self, probabilities: NDArray[np.float64], by_action: bool, share: float
    ) -> None:
        """V of the policy as it is, exactly, and its Q where that is asked for."""
        known = self._values_at == self.updates
        known = known and (self._action_values is not None or not by_action)
        if known or not self._values_throttle.ready(share):
            return
        began = time.perf_counter()
        mdp = self._trainer.mdp
        self._values = exact.policy_values(mdp, probabilities, mdp.max_steps)
        self._action_values = None
        if by_action:
            self._action_values = exact.policy_action_values(mdp, probabilities, mdp.max_steps)
        self._values_at = self.updates
        self._values_throttle.took(time.perf_counter() - began, share)

    # --- variance

    def answer_survey(self, question: questions.AskSurvey, report: ReportProgress) -> None:
        """Post what is measured as it grows, and at last all of it, or why there is nothing."""

        def post(survey: Survey | None, finished: bool = False, failure: str = "") -> None:
            self._mailbox.survey = SurveyAnswer(
                self._run_id, question.number, survey, finished, failure
            )

        found, failure, _ = _tried(
            lambda asked: self._variance_desk.answer(asked, report, post), question
        )
        post(found, True, failure)

    # --- credit

    def answer_episode(self, question: questions.AskEpisode) -> None:
        """Post the episode that is asked for, or why there is none."""
        answer = _tried(self._desk.episode, question)
        self._mailbox.credit = CreditAnswer(self._run_id, question.number, *answer)

    def answer_effect(self, question: questions.AskEffect) -> None:
        """Post what an update would do, or why that cannot be said."""
        answer = _tried(self._desk.effect, question)
        self._mailbox.effect = EffectAnswer(self._run_id, question.number, *answer)

    def answer_learning(self, question: questions.AskLearning, report: ReportProgress) -> None:
        """Train or measure beside this run, which does not notice unless it is asked to follow."""

        def follow() -> None:
            """An update that leaves its points in the curves."""
            self.update()
            if self.failure is None:
                self._meter.look(0)

        learning_desk.answer(question, report, follow, self._mailbox.let_draw)

    # --- what leaves the window

    def record(self) -> Run:
        """The run as it is written to a file."""
        return record(self._trainer, *self._means.curves())

    def rest(self) -> None:
        """Training stands still: what was learnt is kept, unless that broke in the middle."""
        if self.failure is None or self.failure.kind != "crash":
            self._learnt_desk.rest()

    def moments(self, count: int, report: ReportProgress) -> list[Moment] | None:
        """``count`` moments of the past, evenly spread; fewer where there were not as many.

        None where it was given up.
        """
        first, last = self.earliest, self.updates
        spread = np.linspace(first, last, count).round().astype(int)
        wanted = sorted(set(spread.tolist()))
        found: list[Moment] = []

        def visit(trainer: Trainer) -> None:
            probabilities = action_probabilities(trainer.logits()[0]).cpu().numpy()
            values = exact.policy_values(trainer.mdp, probabilities, trainer.mdp.max_steps)
            now = trainer.update
            mean = self._means.of_update(now) if now else math.nan
            found.append(Moment(now, trainer.world, probabilities, values, mean))

        whole = self._timeline.replay(
            wanted, visit,
            lambda done, total: report("Drawing the animation", done, total, "updates replayed"),
        )
        self._forget_what_was_seen()
        return found if whole else None

    # --- what is seen

    def snapshot(
        self, state: RunState, handled: int, failure: Failure | None,
        wants: messages.WantValues, share: float,
    ) -> Snapshot:
        """The run at this moment.

        Values and meters wait ``share`` times what they cost; 0 asks for those of this very update.
        """
        probabilities = action_probabilities(self._trainer.logits()[0]).double().cpu().numpy()
        if self.failure is None:
            self._meter.look(share)
            if wants.wanted:
                self._value(probabilities, wants.by_action, share)
        trainer = self._trainer
        return Snapshot(
            self._run_id,
            state,
            handled,
            update=trainer.update,
            episodes=trainer.episodes,
            earliest=self.earliest,
            probabilities=probabilities,
            values=self._values if wants.wanted else None,
            action_values=self._action_values if wants.by_action else None,
            visits=trainer.visits(),
            token=self._walk.token(),
            flow=self._walk.flow(),
            device=trainer.device.type,
            parameters=self._parameters(),
            episodes_per_second=self._rate.a_second(),
            failure=failure,
        )

    def progressing(
        self, handled: int, title: str, done: int, total: int, unit: str
    ) -> Snapshot:
        """The run while long work is under way."""
        return Snapshot(
            self._run_id, RunState.PAUSED, handled, update=self.updates,
            episodes=self._trainer.episodes, earliest=self.earliest,
            device=self._trainer.device.type, parameters=self._parameters(),
            progress=Progress(title, done, total, unit),
        )

    def _parameters(self) -> str:
        mdp = self._trainer.mdp
        return parameters_text(
            self._trainer.settings, self._trainer.n_parameters, mdp.n_states, mdp.n_actions
        )


def _tried(
    answer: Callable[[Question], Answer], question: Question
) -> tuple[Answer | None, str, float]:
    """The answer, or a sentence about what went wrong, and the seconds that it took.

    A question must not end the training.
    """
    began = time.perf_counter()
    found, failure = None, ""
    try:
        found = answer(question)
    except (NoCreditError, ValueError, TrainingError) as error:
        failure = str(error)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    return found, failure, time.perf_counter() - began
