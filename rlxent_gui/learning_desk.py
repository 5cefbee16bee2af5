"""Trains settings side by side, and measures demonstrations, for the view of learning.

Lives on the training thread, between two updates of the window's own run, which it does not touch,
save that a demonstration of a late policy trains it so far.  Imported only there, since it imports
torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rlxent_core import compiled
from rlxent_core.arm_names import arm_names
from rlxent_core.demonstrated import measure, of_study
from rlxent_core.demonstrations import BY_ID
from rlxent_core.exact_variance import StoppedError
from rlxent_core.rollout import TrainingError
from rlxent_core.study import Arm, Stuck, Study, nothing
from rlxent_core.sweep import Sweep
from rlxent_gui.cell_words import cell_name
from rlxent_gui.learning_view import ArmResult, LearningAnswer, StudyResult, SweepResult
from rlxent_gui.words import count

if TYPE_CHECKING:
    from rlxent_gui.questions import AskLearning

EVERY = 0.1
"""Seconds between two answers."""
LONG = 10_000
"""Updates of all seeds and settings from which machine code is worth waiting for at once."""
SOON = 1.0
"""Seconds that it is waited for: where it has to be compiled, it comes later."""
MOST_PLACES = 3
"""Cells that are named of a setting whose seeds are stuck."""

Report = Callable[[str, int, int, str], bool]


def answer(
    question: AskLearning, report: Report, update: Callable[[], None],
    hold: Callable[[], object] = nothing,
) -> None:
    """Work on the question and post what there is, again and again; the last post is ``over``.

    ``update`` makes an update of the window's own run, ``hold`` waits while the window draws.
    """
    try:
        if question.updates * question.seeds * len(question.arms) >= LONG:
            compiled.hurry(SOON)
        if question.kind == "demonstration":
            _demonstration(question, report, update)
        elif question.kind == "sweep":
            _sweep(question, report, hold)
        else:
            _study(question, report, hold)
    except StoppedError:
        question.post(LearningAnswer(question.number, over=True))
    except TrainingError as error:
        question.post(LearningAnswer(question.number, over=True, failure=str(error)))
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
        question.post(LearningAnswer(question.number, over=True, failure=failure))


class _Clock:
    """Says when it is time for another answer."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def strikes(self) -> bool:
        now = time.perf_counter()
        if now - self._last < EVERY:
            return False
        self._last = now
        return True


def _study(question: AskLearning, report: Report, hold: Callable[[], object]) -> None:
    title = "Training settings side by side"
    study = Study(
        question.world, question.arms, range(question.seeds), question.updates,
        go_on=partial(report, title),
    )
    names, clock = arm_names(question.arms), _Clock()

    def post(over: bool, notes: Sequence[str] | None = None, sentence: str = "") -> None:
        result = None
        if study.begun:
            notes = notes or [""] * len(names)
            arms = tuple(_result(*each) for each in zip(names, study.arms, notes, strict=True))
            result = StudyResult(
                arms, question.world, study.way.optimum, study.way.uniform, question.seeds,
                question.updates,
            )
        question.post(LearningAnswer(
            question.number, *study.progress, over=over, study=result, sentence=sentence
        ))

    went_on, shown = True, False
    for _ in study.steps(hold):
        went_on = report(title, *study.progress)
        if not went_on:
            break
        if clock.strikes() or study.begun != shown:
            shown = study.begun
            post(False)
    notes = _notes(study.arms, went_on, report) if study.begun else None
    sentence = ""
    if question.demonstration and study.done == study.total:
        curves = [arm.curve for arm in study.arms]
        sentence = of_study(BY_ID[question.demonstration], curves).sentence
    post(True, notes, sentence)


def _notes(arms: Sequence[Arm], went_on: bool, report: Report) -> list[str]:
    """How each failed; where its seeds are is left out if it takes long after a Stop."""
    notes, until = [], time.perf_counter() + EVERY
    for done, arm in enumerate(arms):
        places: list[Stuck] | None = None
        looking = arm.stuck()
        while places is None:
            try:
                next(looking)
            except StopIteration as last:
                places = last.value
            else:
                went_on = went_on and report("Looking for stuck seeds", done, len(arms), "settings")
                if not went_on and time.perf_counter() > until:
                    break
        notes.append(note(arm, places or []))
    return notes


def _sweep(question: AskLearning, report: Report, hold: Callable[[], object]) -> None:
    settings = question.arms[0]
    title = "Trying step sizes"
    sweep = Sweep(
        question.world, settings, range(question.seeds), question.updates, partial(report, title)
    )
    clock = _Clock()

    def post(over: bool) -> None:
        result = None
        if sweep.study.begun:
            result = SweepResult(sweep.grid(), question.world, settings, question.seeds)
        progress = sweep.study.progress
        question.post(LearningAnswer(question.number, *progress, over=over, sweep=result))

    def go_on(done: int, total: int, unit: str) -> bool:
        if clock.strikes():
            post(False)
        return report(title, done, total, unit)

    post(False)
    sweep.run(go_on, hold)
    post(True)


def _demonstration(
    question: AskLearning, report: Report, update: Callable[[], None]
) -> None:
    one, clock = BY_ID[question.demonstration], _Clock()

    def go_on(done: int, total: int) -> bool:
        if clock.strikes():
            question.post(LearningAnswer(question.number, done, total, "steps"))
        return report("Measuring the demonstration", done, total, "steps")

    try:
        found = measure(one, question.world, question.seed, go_on)
        for done in range(found.updates):
            if not go_on(done, found.updates):
                break
            update()
        sentence = found.sentence
    except StoppedError:
        sentence = ""
    question.post(LearningAnswer(question.number, 1, 1, over=True, sentence=sentence))


def _result(name: str, arm: Arm, note: str) -> ArmResult:
    curve = arm.curve
    reach = tuple(curve.reach_quartiles.tolist())
    assert len(reach) == 3
    return ArmResult(
        name, arm.settings, curve.episodes, curve.quartiles, curve.solved, reach, note
    )


def note(arm: Arm, places: Sequence[Stuck]) -> str:
    """How it failed: "12 of 64 seeds stuck: 9 end in C1, 3 stay in A4"; empty where it did not."""
    curve = arm.curve
    if not arm.way.goes_anywhere:
        return "Nothing to learn: the uniform policy is as good as the best"
    parts = []
    if curve.diverged_at is not None:
        parts.append(f"Diverged at update {count(curve.diverged_at)}")
    seeds, stuck = curve.values.shape[1], int(curve.at_rest.sum())
    if stuck:
        named = [
            f"{place.seeds} {_verb(place.ends, place.seeds)} in {cell_name(place.cell)}"
            for place in places[:MOST_PLACES]
        ]
        rest = sum(place.seeds for place in places[MOST_PLACES:])
        named += [f"{rest} elsewhere"] if rest else []
        where = f": {', '.join(named)}" if named else ""
        parts.append(f"{stuck} of {seeds} seeds stuck{where}")
    slow = seeds - stuck - round(curve.solved * seeds)
    if slow and curve.diverged_at is None:
        parts.append(f"{slow} of {seeds} still on {'its' if slow == 1 else 'their'} way")
    return "; ".join(parts)


def _verb(ends: bool, seeds: int) -> str:
    verb = "end" if ends else "stay"
    return f"{verb}s" if seeds == 1 else verb
