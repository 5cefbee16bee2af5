"""How estimators are called in the window.  Pure Python."""

from __future__ import annotations

from collections.abc import Sequence

from rlxent_core.estimators import Estimator

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
ACROSS = ("↑ widest spread across it", "↑ across it")
"""What the axes of a cloud are, in full and where room is short."""
VALUES = ("V", "V_star", "value_at_start", "critic", "exact_value")
"""Baselines that are values, as estimators and as settings call them."""
DASHES = ("solid", "dashed", "mixed", "dotted")
"""Of curves that share a colour, in turn."""
PLAIN_DASHES = ("dashed", "mixed", "dotted", "solid")
"""Likewise without a baseline."""


def role_of(baseline: str) -> str:
    """The token an estimator is drawn with, wherever it is: plum is V, grey is no baseline."""
    if baseline == "none":
        return "ink3"
    return "base" if baseline in VALUES else "ink"


def text_role(role: str) -> str:
    """The token of words about what is drawn with ``role``."""
    return "base_text" if role == "base" else role


def styles(baselines: Sequence[str]) -> list[tuple[str, str]]:
    """The token and the dash of each curve: those of one colour differ in their dashes."""
    roles = [role_of(baseline) for baseline in baselines]
    return [
        (role, (PLAIN_DASHES if role == "ink3" else DASHES)[roles[:k].count(role) % len(DASHES)])
        for k, role in enumerate(roles)
    ]


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
