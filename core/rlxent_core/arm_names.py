"""What a setting is called beside others: only what sets it apart from them."""

from __future__ import annotations

from collections.abc import Sequence

from rlxent_core.settings import Settings

BASELINES = {
    "none": "no baseline",
    "moving_average": "moving mean",
    "leave_one_out": "leave-one-out",
    "critic": "V(s) learned",
    "exact_value": "V(s) exact",
    "optimal_constant": "optimal constant",
}
CREDITS = {"total_return": "total", "reward_to_go": "to-go"}


def short(value: float) -> str:
    """A number without the zero before its point: ".95", "1", "1e-05"."""
    text = f"{value:g}"
    return text[1:] if text.startswith("0.") else text


def baseline_name(settings: Settings) -> str:
    """What is subtracted; that of GAE says whose V(s) it leans on."""
    if settings.credit != "gae":
        return BASELINES[settings.baseline]
    name = f"GAE {short(settings.gae_lambda)}"
    return name if settings.baseline == "critic" else f"{name}, V exact"


def arm_names(arms: Sequence[Settings]) -> tuple[str, ...]:
    """A name for each: its baseline, and before and after it whatever else they differ in.

    What is the same setting again has its number behind it: "leave-one-out (2)".
    """
    credits = {own.credit for own in arms} - {"gae"}

    def differ(field: str) -> bool:
        return len({getattr(own, field) for own in arms}) > 1

    def name(own: Settings) -> str:
        parts = []
        if len(credits) > 1 and own.credit != "gae":
            parts.append(CREDITS[own.credit])
        parts.append(baseline_name(own))
        if differ("discount_weighting"):
            parts.append("γᵗ" if own.discount_weighting == "exact" else "no γᵗ")
        if differ("learning_rate"):
            parts.append(f"η {short(own.learning_rate)}")
        return ", ".join(parts)

    names = [name(own) for own in arms]
    nth = [names[: i + 1].count(called) for i, called in enumerate(names)]
    return tuple(
        called if n == 1 else f"{called} ({n})" for called, n in zip(names, nth, strict=True)
    )
