"""What one choice in the bets panel entails, and how the choices read; no Qt, no torch."""

from __future__ import annotations

from typing import NamedTuple

from rlxent_core.settings import Settings, descriptions


class Heading(NamedTuple):
    """What stands over a bet, in its card or its popover."""

    title: str
    subtitle: str
    number: int | None = None


HEADINGS = {
    "architecture": Heading("Architecture", "which functions are reachable", 1),
    "head": Heading("Output head", "what the outputs mean", 2),
    "signal": Heading("Training signal", "what counts as success", 3),
    "update": Heading("Update", "how far, how often, where"),
    "cell": Heading("Cell", "select one on the board"),
}
NUMBERED = {1: "architecture", 2: "head", 3: "signal"}

Changes = tuple[tuple[str, object], ...]
"""Settings to change, in an order in which every step of the way is valid."""

USUAL_STEP_SIZE = {"table": 0.1, "linear": 0.1, "mlp": 0.01}
FEATURES_TIPS = {
    "cell": "Which cell it stands in, one-hot: nothing is shared between cells",
    "position": "Row and column, each from −1 to 1",
    "neighbourhood": "The 3 × 3 cells around it: which are blocked, pay, cost, end the episode or "
    "lead astray",
    "constant": "The number 1: it cannot tell one cell from another",
}
VALUE_BASELINES = ("critic", "exact_value")
BASELINE_LABELS = {
    "none": "None",
    "moving_average": "Mean",
    "leave_one_out": "LOO",
    "value": "V(s)",
    "optimal_constant": "Optimal",
}
WHOLE_LABELS = {"leave_one_out": "Leave-one-out"}
"""Of those that are cut short."""
_SEES = {"position": "place", "neighbourhood": "3 × 3", "constant": "blind"}
NEEDS_VALUE = "GAE compares neighbouring values, so it needs V(s)"


def choose_architecture(settings: Settings, architecture: str) -> Changes:
    """Another architecture; η follows where it was at the usual value of the one before."""
    changes: Changes = (("architecture", architecture),)
    if settings.learning_rate == USUAL_STEP_SIZE[settings.architecture]:
        changes += (("learning_rate", USUAL_STEP_SIZE[architecture]),)
    return changes if architecture != settings.architecture else ()


def choose_credit(settings: Settings, credit: str) -> Changes:
    """Another return; GAE brings the learned V(s) where the baseline has none."""
    changes: Changes = (("credit", credit),)
    if credit == "gae" and settings.baseline not in VALUE_BASELINES:
        changes = (("baseline", "critic"), *changes)
    return changes if credit != settings.credit else ()


def shown_baseline(settings: Settings) -> str:
    """The segment that stands for the baseline: both kinds of V(s) share one."""
    return "value" if settings.baseline in VALUE_BASELINES else settings.baseline


def choose_baseline(settings: Settings, segment: str, value_kind: str) -> Changes:
    """The baseline of a segment; ``value_kind`` is the V(s) that was chosen last."""
    if segment == shown_baseline(settings):
        return ()
    return (("baseline", value_kind if segment == "value" else segment),)


def architecture_text(settings: Settings) -> str:
    """E.g. "MLP, 64 hidden", or what it sees where that is not the cell: "MLP, 3 × 3"."""
    about = descriptions()
    name = (about["architecture"].choices or {})[settings.architecture]
    if settings.features != "cell":
        return f"{name}, {_SEES[settings.features]}"
    return f"{name}, {settings.hidden} hidden" if settings.architecture == "mlp" else name


def signal_text(settings: Settings, whole: bool = False) -> str:
    """E.g. "To-go − V(s)"; ``whole`` where there is room for "To-go − leave-one-out"."""
    credit = (descriptions()["credit"].choices or {})[settings.credit]
    if settings.baseline == "none":
        return credit
    if settings.credit == "gae":
        return f"{credit}, V(s)"
    shown = shown_baseline(settings)
    if whole and shown in WHOLE_LABELS:
        return f"{credit} − {WHOLE_LABELS[shown].lower()}"
    return f"{credit} − {BASELINE_LABELS[shown]}"
