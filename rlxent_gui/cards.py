"""The words of every message above the board: what happened, and the way out on a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui.device_fault import OUT_OF_MEMORY
from rlxent_gui.mailbox import DeviceFailed, Failure, Progress
from rlxent_gui.view_state import CardAction, CardView
from rlxent_gui.words import count, grouped, short_name

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts
    from rlxent_gui.session import Session

NO_CREDIT = "credit"
NO_SURVEY = "survey"
CHANGED, OPEN_CHANGED, KEEP_MINE = "changed", "open_changed", "keep_mine"
SAVE_AGAIN = "save_again"
RECOVERED, RESTORE, DISCARD = "recovered", "restore", "discard_recovered"
TRAIN_AGAIN = "train_again"
UNREADABLE = "The copy of what it had learnt is damaged."
DOES_NOT_FIT = "The copy of what it had learnt does not fit."
LEFT_BEHIND, DEMONSTRATION_AGAIN = "left_behind", "demonstration_again"


def unreachable() -> CardView:
    return CardView(
        "unreachable", "warning", "The goal cannot be reached",
        "No path leads from the start to a goal, so no episode can ever be rewarded.",
        (
            CardAction("Undo last stroke", "undo", primary=True),
            CardAction("Run anyway", "run_anyway"),
        ),
    )


def no_goal() -> CardView:
    return CardView(
        "no_goal", "warning", "This world has no goal",
        "Nothing ends an episode or pays, so there is nothing to learn. Press G and place a goal.",
        (CardAction("Run anyway", "run_anyway"),),
    )


def no_limit() -> CardView:
    return CardView(
        "no_limit", "warning", "This world has no step limit",
        "Values can be computed without one, but an episode must end before it can be learnt from.",
        (CardAction("Limit to 100 steps", "limit_steps", primary=True),),
        dismissible=False,
    )


def hostile(sentence: str) -> CardView:
    return CardView("hostile", "info", "A hard world for REINFORCE", grouped(sentence))


def stopped(failure: Failure, settings: Settings) -> CardView:
    """Training stopped by itself."""
    back = []
    if failure.back is not None:
        text = f"Rewind to update {count(failure.back)}"
        back.append(CardAction(text, "rewind_last_good", primary=True))
    if failure.kind == "not_finite":
        return CardView(
            "failure", "infinity", f"Stopped at update {count(failure.update)}",
            f"{failure.sentence} Step size η = {settings.learning_rate:g} is likely too large.",
            (*back, CardAction("Halve η", "halve_step_size")), dismissible=False,
        )
    title = "Training stopped"
    if failure.kind == "training":
        title = "Training cannot go on" if failure.update else "Training could not start"
    actions = [*back, CardAction("Start again", "reset", primary=not back)]
    if failure.details:
        actions.append(CardAction("Copy details", "copy_details"))
    return CardView(
        "failure", "warning", title, f"{grouped(failure.sentence)} The drawing is safe.",
        tuple(actions),
    )


def no_cuda() -> CardView:
    return CardView(
        "no_cuda", "cpu", "No CUDA device, using the CPU",
        "Worlds up to 24 × 24 do not need one. Nothing else changes.",
        (CardAction("Dismiss", "dismiss", primary=True),),
    )


def device_failed(failed: DeviceFailed) -> CardView:
    """The accelerator is given up, the training is not."""
    on = f"Training is at update {count(failed.update)}, the last that was whole."
    if not failed.update:
        on = "Training begins there."
    if failed.cause == OUT_OF_MEMORY:
        title = "CUDA ran out of memory, using the CPU"
        body = f"{on} With fewer episodes per update it may fit: then choose CUDA again."
    else:
        title = "CUDA failed, using the CPU"
        body = f"It said: “{failed.cause}”. {on} Until rlxent is started anew, CUDA may not work."
    actions = (
        CardAction("Dismiss", "dismiss", primary=True), CardAction("Copy details", "copy_details"),
    )
    return CardView("no_cuda", "cpu", title, body, actions)


def mishap(sentence: str) -> CardView:
    """A mistake of the program itself."""
    return CardView(
        "mishap", "warning", "rlxent made a mistake",
        f"{sentence} The drawing is on the board; save it to be safe.",
        (
            CardAction("Save as…", "save_as", primary=True),
            CardAction("Copy details", "copy_details"),
        ),
    )


def not_opened(title: str, sentence: str) -> CardView:
    return _file_error(title, sentence, CardAction("Open another…", "open", primary=True))


def not_saved(title: str, sentence: str) -> CardView:
    return _file_error(title, sentence, CardAction("Save as…", "save_as", primary=True))


def not_kept() -> CardView:
    return CardView(
        "autosave", "file", "Unsaved work is not being kept",
        "No copy could be written, so a crash would lose what was drawn or learnt since the last"
        " copy or save.",
        (CardAction("Save as…", "save_as", primary=True),),
    )


def _file_error(title: str, sentence: str, way_out: CardAction) -> CardView:
    actions = (way_out, CardAction("Copy details", "copy_details"))
    return CardView("file", "file", title, sentence, actions)


def file_changed(name: str, edited: bool) -> CardView:
    """Another program wrote the document's file, or a second window did."""
    undo = "Undo brings back what is on the board." if edited else "That can be undone."
    return CardView(
        CHANGED, "file", f"{short_name(name)} was changed by another program",
        f"The board shows what was opened before. {undo}",
        (
            CardAction("Open the changed file", OPEN_CHANGED, primary=True),
            CardAction("Keep mine", KEEP_MINE),
        ),
        dismissible=False,
    )


def file_gone(name: str, gone: bool) -> CardView:
    """The document's file has vanished, or may not be read any more."""
    title = f"{short_name(name)} {'is not there' if gone else 'cannot be read'} any more"
    return CardView(
        CHANGED, "file", title, "The drawing is still on the board.",
        (
            CardAction("Save it again", SAVE_AGAIN, primary=True),
            CardAction("Save as…", "save_as"),
        ),
    )


def recovered(session: Session, learnt: int = 0) -> CardView:
    """The program ended without being closed; what it was at was kept.

    ``learnt`` is how many updates it learnt from that are not lost.
    """
    name = session.world.name or (session.path.stem if session.path else "")
    what = f"“{name}”" if name else "Your drawing"
    reached = f", at update {count(session.update)}" if session.update else ""
    if learnt:
        reached = f", at update {count(learnt)} with what it had learnt"
    title = "A drawing was not saved" if session.modified else "rlxent ended unexpectedly"
    return CardView(
        RECOVERED, "file", title,
        f"rlxent ended before it was closed. {what} was kept, with its settings and seed"
        f" {session.seed}{reached}.",
        (
            CardAction("Restore it", RESTORE, primary=True),
            CardAction("Throw it away", DISCARD),
        ),
        dismissible=False,
    )


def not_recovered(name: str) -> CardView:
    return CardView(
        RECOVERED, "file", "A drawing could not be restored",
        f"rlxent ended before it was closed, and its copy cannot be read. It is kept as {name}.",
        (CardAction("Throw it away", DISCARD), CardAction("Copy details", "copy_details")),
    )


def train_again(update: int, why: str = "") -> CardView:
    """What was learnt is not there, but follows from the rest."""
    sentence = (
        "From the same seed they give the same numbers again, unless something was changed in"
        " mid-run."
    )
    return CardView(
        TRAIN_AGAIN, "plot", f"It had made {count(update)} updates", f"{why} {sentence}".lstrip(),
        (CardAction(f"Train to update {count(update)}", TRAIN_AGAIN, primary=True),),
    )


def notice(sentence: str, undo: bool) -> CardView:
    """What a stroke did, or why it did not do something: then there is nothing to undo."""
    actions = (CardAction("Undo", "undo"),) if undo else ()
    return CardView("notice", "info", sentence, "", actions)


def left_behind(name: str) -> CardView:
    """A demonstration's world that was changed made room for another one."""
    return CardView(
        LEFT_BEHIND, "info", f"“{short_name(name)}” is kept with your changes",
        "That was the demonstration’s world; your own is as you left it.",
        (CardAction("Back to the demonstration", DEMONSTRATION_AGAIN),),
    )


def unpinned() -> CardView:
    return CardView(
        "notice", "info", "The pinned episode is gone",
        "A new run has begun, and the episode was of the run before.",
    )


def measured(sentence: str) -> CardView:
    return CardView("measured", "plot", "Gradient variance", sentence)


def no_credit(sentence: str) -> CardView:
    return CardView(NO_CREDIT, "warning", "This episode cannot be weighed", sentence)


def no_survey(sentence: str) -> CardView:
    return CardView(NO_SURVEY, "warning", "The gradients cannot be measured", grouped(sentence))


def working(progress: Progress) -> CardView:
    return CardView(
        "progress", "hourglass", progress.title,
        f"{count(progress.done)} of {count(progress.total)} {progress.unit}",
        (CardAction("Stop", "stop_work", primary=True),),
        progress=progress.done / max(progress.total, 1), dismissible=False,
    )


def about_world(world: World, facts: WorldFacts | None) -> CardView | None:
    """The card that a world calls for before it can be learnt, if any."""
    if world.max_steps is None:
        return no_limit()
    if facts is None:
        return None
    if not facts.has_goal:
        return no_goal()
    if facts.moves_to_goal is None:
        return unreachable()
    return None
