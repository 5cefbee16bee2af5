"""From a survey to what the Variance scene shows: pure functions, in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from rlxent_core.estimators import (
    Estimator,
    estimator,
    estimator_of,
    every,
    taken_together,
)
from rlxent_core.settings import Settings
from rlxent_gui.estimator_words import (
    TARGETS,
    bias_of,
    label,
    role_of,
)
from rlxent_gui.variance_plots import looks
from rlxent_gui.variance_view import Chosen, Row, Survey, TableLine
from rlxent_gui.words import count, exactly_digits, short_count, value_text

COLUMNS = {
    "name": "Estimator", "trace": "tr Cov, 95 %", "exact": "exact", "ratio": "than no baseline",
    "relative": "tr Cov/‖target‖²", "projection": "projection", "cosine": "cosine", "snr": "SNR",
    "episodes": "episodes for cos .7",
}
TIPS = {
    "name": "How a step is weighed",
    "trace": "tr Cov of one episode’s gradient, measured, with its 95 % interval; the axis is"
    " logarithmic",
    "exact": "tr Cov without sampling, by dynamic programming",
    "ratio": "How many times less (or more) than without a baseline, for the same target, on the"
    " same episodes, with its 95 % interval; not told apart where that contains 1",
    "relative": "tr Cov over the squared length of its target: compares across targets",
    "projection": "The mean’s part along its own exact gradient, ± 95 %: 1 where it is unbiased",
    "cosine": "Between the mean and its own exact gradient",
    "snr": "‖target‖² over tr Cov: signal to noise of one episode; ≈0 where it comes out below",
    "episodes": "About how many episodes it takes for a cosine of 0.7 to the exact gradient",
}
NO_REWARD = "no reward yet"
NOT_MEASURED = "not measured"
OTHER_SCALE = "on another scale"
NONE_KEPT = "Mean and learned V(s) are here when the training keeps them."


def with_lambda(names: Sequence[str], gae_lambda: float) -> tuple[str, ...]:
    """The same names; those of GAE with the λ of the settings."""
    found = [estimator(name) for name in names]
    return tuple(dict.fromkeys(
        (replace(one, gae_lambda=gae_lambda) if one.credit == "gae" else one).name
        for one in found
    ))


def in_order(names: Sequence[str], gae_lambda: float) -> tuple[str, ...]:
    """The names as the table has them when it is not sorted."""
    order = [one.name for one in every(gae_lambda, constant=True, critic=True)]
    return tuple(sorted(names, key=order.index))


def chosen(
    names: Sequence[str], survey: Survey | None, settings: Settings
) -> tuple[Chosen, ...]:
    rows = {row.name: row for row in survey.rows} if survey else {}
    drawn = looks(names, settings)
    return tuple(
        Chosen(name, label(estimator(name)), *drawn[name], rows.get(name)) for name in names
    )


# --- the table

KEYS: dict[str, Callable[[Row], float | str | None]] = {
    "name": lambda row: label(row.estimator).casefold(),
    "trace": lambda row: None if row.estimator.rescaled else row.trace,
    "exact": lambda row: row.exact,
    "ratio": lambda row: row.ratio,
    "relative": lambda row: row.relative,
    "projection": lambda row: row.projection,
    "cosine": lambda row: row.cosine,
    "snr": lambda row: row.snr,
    "episodes": lambda row: row.episodes_needed,
}


def lines(
    survey: Survey, names: Sequence[str], settings: Settings, sort: tuple[str, bool]
) -> tuple[TableLine, ...]:
    """The table: by target with headings, or sorted by a column."""
    own = estimator_of(settings).name
    column, turned = sort
    digits = _projection_digits(survey)
    made: list[TableLine] = []
    measured = {row.name for row in survey.rows}
    missing = [
        TableLine(name, label(estimator(name)), {"trace": NOT_MEASURED}, chosen=True)
        for name in names if name not in measured
    ]
    if column:
        key = KEYS[column]
        known = [row for row in survey.rows if key(row) is not None]
        known.sort(key=key, reverse=turned)  # type: ignore[arg-type]
        rows = known + [row for row in survey.rows if key(row) is None]
        return (*(_line(row, survey, names, own, digits) for row in rows), *missing)
    target = ""
    for row in survey.rows:
        if row.estimator.target != target:
            target = row.estimator.target
            made.append(TableLine("", TARGETS[target]))
        made.append(_line(row, survey, names, own, digits))
    if missing:
        made += [TableLine("", "Chosen, but not measured at this policy"), *missing]
    return tuple(made)


def _line(
    row: Row, survey: Survey, names: Sequence[str], own: str, digits: int
) -> TableLine:
    cells = _cells(row, digits) if survey.rewarded else {"trace": NO_REWARD}
    shown = survey.rewarded and not row.estimator.rescaled
    bias = bias_of(row.estimator)
    called = label(row.estimator)
    spoken = [called, *(f"{COLUMNS[name]} {text}" for name, text in cells.items()), bias]
    return TableLine(
        row.name, called, cells,
        (row.trace, *row.interval, row.exact) if shown and row.trace > 0 else None,
        chosen=row.name in names, own=row.name == own, bias=bias,
        role=role_of(row.estimator),
        not_followed=_not_followed(row.estimator, survey.quick),
        shared=_shared(survey) if row.estimator.shares else "",
        spoken=", ".join(part for part in spoken if part),
    )


def _not_followed(one: Estimator, quick: bool) -> str:
    if one.rescaled:
        return "its variance is on another scale"
    return "" if quick or "b_star" not in one.baseline else "that takes too long on this board"


def _shared(survey: Survey) -> str:
    """How an update of another size is stood for; empty where that is not so."""
    batch, taken = survey.settings.batch_episodes, taken_together(survey.settings)
    if batch == taken:
        return ""
    return f"from {count(taken)} episodes at a time, an update of the training has {count(batch)}"


def _projection_digits(survey: Survey) -> int:
    """As many decimals for all as the narrowest interval needs."""
    errors = [row.projection_error for row in survey.rows if row.projection_error is not None]
    return 3 if errors and 1.96 * min(errors) < 0.01 else 2


def _cells(row: Row, digits: int) -> dict[str, str]:
    """``digits``: decimals of the projection."""
    cells = {"trace": OTHER_SCALE if row.estimator.rescaled else figure(row.trace)}
    if row.exact is not None:
        cells["exact"] = figure(row.exact)
    if row.ratio is not None and row.ratio_interval is not None:
        cells["ratio"] = times(row.ratio, row.ratio_interval)
    if row.relative is not None:
        cells["relative"] = figure(row.relative)
    if row.projection is not None and row.projection_error is not None:
        half = 1.96 * row.projection_error
        told = min(digits, _decimals(half))
        cells["projection"] = f"{value_text(row.projection, told)} ± {value_text(half, told)}"
    if row.cosine is not None:
        cells["cosine"] = value_text(row.cosine, 3)
    if row.snr is not None:
        # An estimate of what cannot be below zero may be: so little signal is none to speak of.
        cells["snr"] = "≈0" if row.snr <= 0 else _signal(row.snr)
    if row.episodes_needed is not None:
        cells["episodes"] = count(max(1, math.ceil(row.episodes_needed)))
    return cells


def _decimals(half: float) -> int:
    """Of an interval's half width: three digits of it tell all there is to know, and have room."""
    return max(0, 2 - math.floor(math.log10(max(half, 1e-3))))


def times(ratio: float, interval: tuple[float, float]) -> str:
    """ "18× less [12, 27]"; "more" where a baseline does harm; neither where 1 is in between."""
    low, high = interval
    if low <= 1 <= high:
        return f"not told apart [{_beside_one(low)}, {_beside_one(high)}]"
    if ratio < 1:
        ratio, low, high = 1 / ratio, 1 / high, 1 / low
        return f"{_beside_one(ratio)}× more [{_beside_one(low)}, {_beside_one(high)}]"
    return f"{_beside_one(ratio)}× less [{_beside_one(low)}, {_beside_one(high)}]"


def _beside_one(value: float) -> str:
    """Two digits, but no 1.0 that is none."""
    return f"{value:.2f}" if short(value) == "1.0" else short(value)


def figure(value: float) -> str:
    """Three digits; whole numbers from a hundred to a million."""
    return count(value) if 99.95 <= value < 999_500 else exactly_digits(value, 3)


def _signal(snr: float) -> str:
    """Two digits, of what is next to nothing one."""
    return count(snr) if snr >= 9.95 else exactly_digits(snr, 1 if snr < 1e-3 else 2)


def short(value: float) -> str:
    """Two digits below ten, whole numbers above, "31k" from a thousand: a column is narrow."""
    if value >= 999.5:
        return short_count(value)
    return count(value) if value >= 9.95 else exactly_digits(value, 2)


def note(survey: Survey) -> str:
    """What is missing in the table, and why."""
    kept = {row.estimator.baseline for row in survey.rows}
    parts = [survey.left_out, survey.exact_refused]
    if _shared(survey) and any(row.estimator.shares for row in survey.rows):
        parts.append(f"Leave-one-out and z-scores: {_shared(survey)}.")
    if not {"moving_average", "critic"} & kept:
        parts.append(NONE_KEPT)
    return " ".join(dict.fromkeys(part for part in parts if part))


# --- of which policy it is

def sentence(survey: Survey) -> str:
    """E.g. "Policy of update 57, 1 024 episodes"."""
    return f"Policy of update {count(survey.update)}, {count(survey.episodes)} episodes"
