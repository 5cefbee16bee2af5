"""How estimators are called in the window.  Pure Python."""

from __future__ import annotations

from collections.abc import Sequence

from rlxent_core.estimators import Estimator
from rlxent_core.settings import Settings

BASELINES = {
    "none": "no baseline",
    "leave_one_out": "leave-one-out",
    "moving_average": "mean",
    "b_star": "constant b*",
    "value_at_start": "V(s₀)",
    "V": "V(s)",
    "V_star": "V*(s)",
    "critic": "learned V(s)",
    "b_star(t,s)": "b*(t, s)",
    "z_score": "z-scored",
}
TARGETS = {
    "exact": "Target: the exact ∇J, with γᵗ",
    "practice": "Target: that of practice, without γᵗ",
}
TARGET_NAMES = {"exact": "exact ∇J", "practice": "its target"}
"""Beside the arrow of a cloud."""
TARGETS_IN_WORDS = {"exact": "the exact gradient", "practice": "its target, that of practice"}
ALONG = {
    "exact": ("along the exact gradient →", "along ∇J →"),
    "practice": ("along its target →", "along it →"),
}
ACROSS = ("↑ widest spread across it", "↑ across it", "↑")
"""What the axes of a cloud are, in full and where room is short."""
VALUES = ("V", "V_star", "value_at_start", "critic", "exact_value")
"""Baselines that are values, as estimators and as settings call them."""
DASHES = ("solid", "dashed", "mixed", "dotted")
"""Of curves that share a colour, in turn."""
DASHED_FIRST = ("dashed", "mixed", "dotted", "solid")
"""Likewise without a baseline, and of GAE, which often lies on the curve of V(s)."""
Style = tuple[str, str]
"""The token and the dash of a curve."""


def role_of(one: Estimator | Settings) -> str:
    """The token an estimator is drawn with, wherever it is: plum is V, ochre GAE, grey no baseline.
    """
    if one.credit == "gae":
        return "gae"
    if one.baseline == "none":
        return "ink3"
    return "base" if one.baseline in VALUES else "ink"


def text_role(role: str) -> str:
    """The token of words about what is drawn with ``role``."""
    return "base_text" if role == "base" else role


def styles(
    ones: Sequence[Estimator | Settings],
    shown: Sequence[tuple[Estimator | Settings, Style]] = (),
) -> list[Style]:
    """How each curve is drawn: those of one colour differ in their dashes.

    What is ``shown`` elsewhere already looks as it does there, and nothing else looks like it.
    """
    left, found = list(shown), dict[int, Style]()
    for index, one in enumerate(ones):
        same = next((pair for pair in left if pair[0] == one), None)
        if same is not None:
            left.remove(same)
            found[index] = same[1]
    elsewhere = [style for _, style in shown]
    for index, one in enumerate(ones):
        if index not in found:
            role = role_of(one)
            dashes = DASHED_FIRST if role in ("ink3", "gae") else DASHES
            here = list(found.values())
            found[index] = min(
                ((role, dash) for dash in dashes),
                key=lambda style: (here.count(style), elsewhere.count(style)),
            )
    return [found[index] for index in range(len(ones))]


def label(one: Estimator) -> str:
    """E.g. "Total − leave-one-out", "γᵗ to-go − V(s)", "GAE 0.95, V(s)"."""
    credit = _credit(one)
    if one.baseline == "none":
        return credit
    if one.credit == "gae" or one.rescaled:
        return f"{credit}, {BASELINES[one.baseline]}"
    return f"{credit} − {BASELINES[one.baseline]}"


def short_label(one: Estimator, own: Estimator) -> str:
    """Beside a curve: the baseline alone where all else is as in the training."""
    if (one.credit, one.weighting, one.gae_lambda) == (own.credit, own.weighting, own.gae_lambda):
        return BASELINES[one.baseline]
    return shortened(label(one))


def shortened(called: str) -> str:
    """A label where there is no room for all of it, e.g. "Total − LOO"."""
    return called.replace(BASELINES["leave_one_out"], "LOO").replace(BASELINES["b_star"], "b*")


def _credit(one: Estimator) -> str:
    if one.credit == "total":
        return "Total"
    name = f"GAE {one.gae_lambda:g}" if one.credit == "gae" else "To-go"
    if one.weighting == "practice":
        return name
    return f"γᵗ {name if one.credit == 'gae' else 'to-go'}"


def bias_of(one: Estimator) -> str:
    """Why it is biased; empty where it is not."""
    return f"biased: {one.bias}" if one.bias else ""
