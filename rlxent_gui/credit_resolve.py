"""From an episode's credit to what the Credit scene shows of it: pure functions.

The mathematics is :mod:`rlxent_core.weightings`'; here it is put into rows and sentences.
"""

from __future__ import annotations

from rlxent_core.code_behind import numpy_code, torch_code
from rlxent_core.settings import Settings
from rlxent_core.step_story import step_story, to_go_is_total
from rlxent_core.weightings import (
    TRAINED,
    WEIGHTINGS,
    EpisodeCredit,
    Floats,
    Weighting,
    advantage_sums,
    choice_and_luck,
    cross_entropy_gradient,
    trained_weighting,
    weighting,
)
from rlxent_gui.cell_words import cell_name
from rlxent_gui.credit_numbers import decimals, sum_text
from rlxent_gui.credit_view import Classifier, CodeView, Row
from rlxent_gui.step_words import step_words
from rlxent_gui.words import count, signed_text, value_text

CHOICE, LUCK = PARTS = ("choice", "luck")
ONLY_AT_THE_END = (
    "Here reward comes only at the end, so reward-to-go equals the total return: only a baseline "
    "cuts anything."
)
ROUNDING = 1e-9
BY_VALUE = ("value", "critic", "gae")
"""Weightings that V is part of."""
LABELS = {
    "total_return": "Total return",
    "reward_to_go": "Reward-to-go",
    "leave_one_out": "To-go − mean",
    "value": "To-go − V(s)",
    "z_score": "z-score",
    CHOICE: "choice: A(s, a)",
    LUCK: "luck: what the world did",
}
TIPS = {
    "total_return": "G₀: every step gets the return of the whole episode.",
    "reward_to_go": "Gₜ: what came after the step, its own reward included.",
    "leave_one_out": "Gₜ − mean: what came after the step, less the mean of that over the batch’s"
    " other episodes still under way at the same time.",
    "value": "Gₜ − V(sₜ): what came after the step, less what was to be expected in its cell.",
    "critic": "One step’s reward and what is to be expected in the next cell, less what was to be"
    " expected in this one.",
    "gae": "The critic’s δ of this step and, each weighed γλ less, of all that follow: the critic"
    " at λ = 0, to-go − V(s) at λ = 1.",
    "z_score": "(Gₜ − μ) / σ, with mean and deviation over all steps of the batch.",
    CHOICE: "A(s, a) = Q(s, a) − V(s), exactly: what the choice was worth, whatever the world then"
    " did.",
    LUCK: "δ − A(s, a): what the world did once the action was chosen. On average 0.",
    TRAINED: "What the last update really multiplied the cross-entropies with.",
}
BASELINES = {
    "none": "", "leave_one_out": " − mean of the others", "moving_average": " − moving average",
    "optimal_constant": " − optimal constant", "exact_value": " − V(s)", "critic": " − V(s)",
}


def weigh(credit: EpisodeCredit, name: str, learned: bool, lam: float) -> Weighting:
    """The weights of the steps by the weighting ``name``."""
    return weighting(credit, name, learned=learned, lam=lam)


def rows(credit: EpisodeCredit, learned: bool, lam: float) -> tuple[Row, ...]:
    """The same episode by every weighting; the exact critic's split into choice and luck."""
    found: list[Row] = []
    for name in names(credit):
        own = weigh(credit, name, learned, lam)
        digits = decimals(own.weights)
        found.append(_row(name, label(credit, name, lam), own.weights, digits, credit, learned))
        if name == "critic" and not learned:
            parts = zip(PARTS, choice_and_luck(credit), strict=True)
            found += [_row(part, LABELS[part], each, digits, credit, False) for part, each in parts]
    return tuple(found)


def _row(
    name: str, label: str, weights: Floats, digits: int, credit: EpisodeCredit, learned: bool
) -> Row:
    total = float(weights.sum())
    tip = TIPS[name]
    if name in BY_VALUE:
        tip += " V is the learned critic’s." if learned else " V is exact."
    if credit.settings.discount_weighting == "exact" and credit.world.discount < 1:
        tip += "" if name in ("total_return", TRAINED) else " All times γᵗ."
    what = "They" if name in PARTS else "The weights"
    return Row(name, label, weights, total, f"{tip} {adds_up(total, digits, what)}")


def names(credit: EpisodeCredit) -> tuple[str, ...]:
    """What can be chosen, from above to below."""
    trained = trained_name(credit.settings) == TRAINED and credit.trained is not None
    return (*WEIGHTINGS, TRAINED) if trained else WEIGHTINGS


def trained_name(settings: Settings) -> str:
    """The weighting that training with ``settings`` uses."""
    return trained_weighting(settings)[0]


def label(credit: EpisodeCredit, name: str, lam: float) -> str:
    """How a weighting is called."""
    if name == "critic":
        return "Critic: r + V′ − V" if credit.world.discount == 1 else "Critic: r + γV′ − V"
    if name == "gae":
        return f"GAE(λ = {lam:g})"
    if name == TRAINED:
        kind = "total" if credit.settings.credit == "total_return" else "to-go"
        return f"As trained: {kind}{BASELINES[credit.settings.baseline]}"
    return LABELS[name]


def classifier(credit: EpisodeCredit, step: int, shown: Weighting) -> Classifier:
    """The step's action as a label, and which way its cross-entropy, weighed, moves the logits."""
    weight, scale = float(shown.weights[step]), float(abs(shown.weights).max())
    probabilities = credit.probabilities[step]
    action = int(credit.actions[step])
    difference, gradient = cross_entropy_gradient(probabilities, action, weight)
    return Classifier(
        credit.world.moves, action, probabilities, difference, weight, gradient, scale or 1.0
    )


# --- sentences


def adds_up(total: float, digits: int, what: str = "The weights") -> str:
    """The sum as it stands behind its row, whose numbers have ``digits`` decimals."""
    return f"{what} add up to {sum_text(total, digits)}."


def identity(credit: EpisodeCredit, shown: Weighting, learned: bool) -> str:
    """What the weights add up to; of the exact critic's, what that is made of."""
    if shown.name != "critic" or learned:
        return adds_up(shown.total, decimals(shown.weights))
    return advantage_words(credit)


def advantage_words(credit: EpisodeCredit) -> str:
    """ "G₀ − V₀ = 0.22 − 0.20 = +0.02 = Σ δₜ: choice +0.02, luck 0.00."

    With as many decimals as make the rounded numbers come out, and “≈” where four do not.
    """
    total, value, choice, luck = advantage_sums(credit)
    signed = (total - value, choice, luck)
    equals = "="
    for places in (2, 3, 4):
        texts = [value_text(x, places) for x in (total, value)]
        texts += [signed_text(x, places) for x in signed]
        if _comes_out(*map(_number, texts)):
            break
    else:
        equals = "≈"
    less = f"({texts[1]})" if texts[1].startswith("−") else texts[1]
    each = "δₜ" if credit.world.discount == 1 else "γᵗδₜ"
    return (
        f"G₀ − V₀ = {texts[0]} − {less} {equals} {texts[2]} = Σ {each}: "
        f"choice {texts[3]}, luck {texts[4]}."
    )


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace("\u202f", ""))


def _comes_out(total: float, value: float, less: float, choice: float, luck: float) -> bool:
    return abs(total - value - less) < ROUNDING and abs(choice + luck - less) < ROUNDING


def sentence(credit: EpisodeCredit, step: int, weight: float) -> str:
    """What happened in the step, and what its weight does to its label."""
    probability = float(credit.probabilities[step, credit.actions[step]])
    return step_words(step_story(credit, step), credit.world, weight, probability)


def code(
    credit: EpisodeCredit, step: int, name: str, learned: bool, lam: float
) -> CodeView:
    """The lines that compute the episode's part of the gradient."""
    torch, numpy = (
        write(credit, step, name, learned, lam) for write in (torch_code, numpy_code)
    )
    return CodeView(torch.text, numpy.text, torch.shown_text, numpy.shown_text)


def note(credit: EpisodeCredit) -> str:
    """What is worth saying of the world it was drawn in; mostly nothing."""
    return ONLY_AT_THE_END if to_go_is_total(credit.world, credit.settings) else ""


def place(credit: EpisodeCredit, step: int) -> tuple[str, str]:
    """Where in which episode one is, and what the step did, for the status line."""
    columns = credit.world.columns
    at = f"Step {count(step)} of {count(credit.length - 1)}"
    of = len(credit.batch_returns)
    if credit.source == "stored":
        episode = "stored episode"
    elif credit.source == "new":
        episode = "new episode" if of == 1 else f"new episode {credit.index + 1} of {count(of)}"
    else:
        episode = f"episode {credit.index + 1} of {count(of)}, update {count(credit.update + 1)}"
    before, after = (
        cell_name(divmod(int(state), columns))
        for state in (credit.states[step], credit.landings[step])
    )
    return f"{at} · {episode}", before if before == after else f"{before} to {after}"


