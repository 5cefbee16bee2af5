"""What a room is told beside a plot: a headline, and a sentence whose numbers come from the plot.

Pure functions from the plots' data, without Qt.  Nothing is claimed that is not measured there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rlxent_gui.cell_words import ARROWS
from rlxent_gui.estimator_words import role_of, text_role
from rlxent_gui.plots.data import (
    CellPlotData,
    Floats,
    RatioPlotData,
    ReturnPlotData,
    VariancePlotData,
)
from rlxent_gui.words import count, grouped, rough, value_text

if TYPE_CHECKING:
    from rlxent_gui.learning_view import DemonstrationState, LearningState
    from rlxent_gui.variance_view import GradientSlice

Part = tuple[str, str]
"""A piece of a sentence and the role of its colour; one with a role is bold."""
FEW = 3
"""Clouds that are told of one by one."""
ALIKE = 1.05
"""Variances less than this factor apart are called about the same."""
NAMES = {
    "Mean": "the running mean", "leave-one-out": "the leave-one-out mean",
    "V(s) learned": "the learned V(s)", "V(s) exact": "the exact V(s)",
    "Optimal": "the optimal constant",
}
"""The labels of the curves in a sentence."""
TOGETHER = r"γᵗ \S+( − \S+)?|\S+ = \S+|\S+-\S+|\([^()]{,20}\)"
"""Names, numbers that are named, and short remarks in brackets: no line ends within one."""
TIE = 0.005
"""Probabilities that are written alike."""


class Words(NamedTuple):
    """``headline`` has two lines at most; ``sentence`` is empty where nothing is known yet."""

    headline: str
    sentence: tuple[Part, ...] = ()

    @property
    def plain(self) -> str:
        """The sentence without its emphasis."""
        return "".join(text for text, _ in self.sentence)


UPDATE = "update {}"
"""In the corner: how far the policy on the board has come."""
RETURN = "The return says whether it learns.\nThe loss does not."
VARIANCE = "The gradient is easy.\nThe variance is the problem."
RATIO = "How many times less variance,\nas the policy changes."
CLOUDS = "Each dot is one episode’s gradient.\nThe green mark is the exact one."
STUDY = "The same seeds for all.\nOnly the settings differ."
SWEEP = "How large a step\ndoes a baseline allow?"
HARM = "Subtracting a baseline is a bet.\nIt can also add variance."
POLICY = "A policy is a classifier.\nThe sampled action is its label."


def returns(data: ReturnPlotData | None) -> Words:
    """Where the running mean is, and the exact value of the best policy."""
    if data is None:
        return Words(RETURN)
    best, random = _known(data.optimal), _known(data.uniform)
    now = _last(data.mean)
    parts: list[Part] = []
    if now is not None:
        parts += [("Running mean ", ""), (value_text(now), "ink"), (". ", "")]
    if best is not None:
        parts += [("Best possible, exactly: ", ""), (value_text(best), "opt_text"), (". ", "")]
    if now is None and random is not None:
        parts += [("At random, exactly: ", ""), (value_text(random), "ink2"), (". ", "")]
    return Words(RETURN, _trimmed(parts))


def variance(data: VariancePlotData | None) -> Words:
    """By how much the chosen baseline cuts the variance, or raises it, where it was measured."""
    if data is None or not len(data.updates):
        return Words(VARIANCE)
    if not len(data.none):
        return Words(VARIANCE)  # it is not among those that are followed
    none = float(data.none[-1])
    chosen = float(data.chosen[-1]) if len(data.chosen) else float("nan")
    if not none > 0:
        return Words(VARIANCE)
    if not data.label or not chosen >= 0:
        said = "Variance of one episode’s gradient, without a baseline: "
        return Words(VARIANCE, ((said, ""), (_small(none), "ink"), (".", "")))
    before = f"{_with(data.label)}: same episodes, "
    words, harm = _compared(none, chosen)
    parts: tuple[Part, ...] = ((before, ""), (words, text_role(data.role)), (".", ""))
    return Words(HARM if harm else VARIANCE, parts)


def ratio(data: RatioPlotData | None) -> Words:
    """How many times less the variance is with the baseline, at the last update."""
    if data is None or not len(data.ratio) or not data.ratio[-1] > 0:
        return Words(RATIO)
    words, harm = _compared(float(data.ratio[-1]), 1.0)
    said = f"{_with(data.label)}: same episodes, "
    parts: tuple[Part, ...] = ((said, ""), (words, text_role(data.role)), (".", ""))
    return Words(HARM if harm else RATIO, parts)


def clouds(view: GradientSlice | None) -> Words:
    """How widely the gradients of each cloud scatter; of many, from the widest to the narrowest."""
    rows = [(one, one.row) for one in view.chosen if one.row] if view is not None else []
    rows = [(one, row) for one, row in rows if not row.estimator.rescaled and row.trace > 0]
    if not rows:
        return Words(CLOUDS)
    assert view is not None
    assert view.survey is not None
    # What was measured may be of another policy than the one on the board.
    when = f" at update {count(view.survey.update)}" if view.newer else ""
    several = f", in {count(view.survey.episodes)} episodes"
    parts: list[Part] = [(f"Variance of one episode’s gradient{when}{several}: ", "")]
    between = ", "
    if len(rows) > FEW:
        rows.sort(key=lambda each: -each[1].trace)
        rows, between = [rows[0], rows[-1]], " to "
        parts.append(("from ", ""))
    for one, row in rows:
        called, trace = _unbroken(f"{one.label} "), _small(row.trace)
        parts += [(called, ""), (trace, text_role(one.role)), (between, "")]
    return Words(CLOUDS, (*parts[:-1], (".", "")))


def demonstrated(view: str, own: Callable[..., Words]) -> Callable[..., Words]:
    """What a demonstration has shown in that view, where one is open, in place of ``own`` words."""

    def words(data: Any, state: DemonstrationState | None) -> Words:
        said = own(data)
        if state is None or state.view != view or not state.said:
            return said
        together = re.sub(TOGETHER, lambda found: _unbroken(found[0]), state.said)
        return Words(said.headline, ((together, ""),))

    return words


def study(state: LearningState | None) -> Words:
    """How many of the seeds each setting has brought where they are called solved."""
    result = state.study if state is not None else None
    if state is None or result is None:
        return Words(STUDY)
    so_far = " so far" if state.working == "study" else ""
    of = "the one seed" if result.seeds == 1 else f"the same {count(result.seeds)} seeds"
    parts: list[Part] = [(f"Of {of}, 95 % of the way to the optimum{so_far}: ", "")]
    for arm in result.arms:
        solved = count(round(arm.solved * result.seeds))
        role = text_role(role_of(arm.settings))
        parts += [(_unbroken(f"{arm.name} "), ""), (solved, role), (", ", "")]
    return Words(STUDY, _said(state, (*parts[:-1], (".", ""))))


def sweep(state: LearningState | None) -> Words:
    """The largest step at which the seeds are solved, by baseline, once all have been trained."""
    result = state.sweep if state is not None else None
    if state is None or result is None:
        return Words(SWEEP)
    if result.grid.whole:
        said = grouped(result.grid.sentence())
        for name in result.grid.names:
            said = said.replace(f" with {name}", _unbroken(f" with {name}"))
        return Words(SWEEP, _said(state, ((said, ""),)))
    if state.working == "sweep":
        so_far = f"{count(state.done)} of {count(state.total)}"
        return Words(SWEEP, (("Trained so far: ", ""), (so_far, "ink"), (f" {state.unit}.", "")))
    return Words(SWEEP, _said(state, (("Stopped before the end.", ""),)))


def update_corner(*_data: object) -> str:
    """Of what is about the policy on the board."""
    return UPDATE


def corner(state: LearningState | None) -> str:
    """How far the study has come; the policy on the board is none of its own."""
    if state is None or state.working is None:
        return f"on the board: {UPDATE}"
    return f"{count(state.done)} of {count(state.total)} {state.unit}"


def _unbroken(called: str) -> str:
    """A name within which, and after which, no line ends."""
    return called.replace("-", "\u2011").replace(" ", "\u00a0")


def _said(state: LearningState, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The sentence; what was found may be of another world or other settings than are set."""
    if not state.outdated:
        return parts
    (first, role), *rest = parts
    return (("Before the change: ", ""), (first[:1].lower() + first[1:], role), *rest)


def cell(data: CellPlotData | None) -> Words:
    """What the policy is likeliest to do in the cell."""
    if data is None or not len(data.probabilities):
        return Words(POLICY)
    now = np.asarray(data.probabilities[-1], float)
    likeliest = [i for i in range(len(now)) if now[i] >= now.max() - TIE]
    if len(likeliest) == len(now):
        words = f"every action with probability {_probability(now.mean())}"
    else:
        moves = " or ".join(ARROWS.get(data.moves[i], data.moves[i]) for i in likeliest)
        each = " each" if len(likeliest) > 1 else ""
        words = f"{moves} with probability {_probability(now[likeliest].mean())}{each}"
    return Words(POLICY, ((f"In {data.cell} the policy takes ", ""), (words, "ink"), (".", "")))


def _with(label: str) -> str:
    """What is done to the gradient, from the label of its curve, e.g. "GAE 0.95, V(s) learned"."""
    *way, baseline = label.split(", ")
    name = NAMES.get(baseline, baseline)
    return f"{way[0]} and {name}" if way else f"Subtract {name}"


def _compared(none: float, chosen: float) -> tuple[str, bool]:
    """The second variance beside the first, in words, and whether it is the larger one."""
    if chosen == 0:
        return "no variance left", False
    ratio = none / chosen
    if max(ratio, 1 / ratio) < ALIKE:
        return "about the same variance", False
    less = ratio > 1
    return f"{_times(ratio if less else 1 / ratio)} {'less' if less else 'more'} variance", not less


def _times(ratio: float) -> str:
    if ratio >= 1e6:
        return "over a million times"
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{count(float(f'{ratio:.2g}'))}×"


def _small(value: float) -> str:
    return value_text(value) if 0.095 <= value < 1e6 else rough(float(f"{value:.2g}"))


def _probability(p: float) -> str:
    return "over 0.99" if p > 0.995 else value_text(p)


def _known(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None


def _last(values: Floats) -> float | None:
    """The last value that is a number: where the curve ends."""
    finite = np.flatnonzero(np.isfinite(values))
    return float(values[finite[-1]]) if len(finite) else None


def _trimmed(parts: list[Part]) -> tuple[Part, ...]:
    """Without the space after the last full stop."""
    return (*parts[:-1], (parts[-1][0].rstrip(), parts[-1][1])) if parts else ()
