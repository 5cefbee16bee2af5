"""How an episode's numbers are written, and the arithmetic behind the weight of a step.  No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from rlxent_core.weightings import TRAINED, deltas, values_of
from rlxent_gui.cell_words import ARROWS, cell_name
from rlxent_gui.credit_numbers import is_nothing
from rlxent_gui.credit_view import CreditView
from rlxent_gui.words import true_minus

RAISED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class RowWords:
    """What stands at the left of the return and of the weight."""

    returns: str
    baseline: str
    """Empty where nothing is subtracted."""
    weight: str


def row_words(view: CreditView) -> RowWords:
    """By the weighting in force."""
    gamma = "" if view.world.discount == 1 else "γ"
    returns, baseline, weight = {
        "total_return": ("whole episode, G₀", "", "= return"),
        "reward_to_go": (f"r + {gamma}G(next step)", "", "= return"),
        "leave_one_out": (f"r + {gamma}G(next step)", "others’ mean", "return − baseline"),
        "value": (f"r + {gamma}G(next step)", "V(s)", "return − baseline"),
        "critic": (f"r + {gamma}V(next cell)", "V(s)", "return − baseline"),
        "gae": ("λ-return", "V(s)", "return − baseline"),
        "z_score": (f"r + {gamma}G(next step)", "batch mean", "(return − mean) ÷ σ"),
        TRAINED: (f"r + {gamma}G(next step)", "", "as trained"),
    }[view.weighting]
    if _discounted(view):
        weight = "return × γᵗ" if weight == "= return" else f"({weight}) × γᵗ"
    return RowWords(returns, baseline, weight)


def _discounted(view: CreditView) -> bool:
    """Whether the weights are multiplied by γᵗ."""
    return (
        view.episode.settings.discount_weighting == "exact" and view.world.discount != 1
        and view.weighting not in ("total_return", TRAINED)
    )


def arithmetic(view: CreditView, t: int) -> str:
    """How the weight of step ``t`` comes about: "t = 1: G₁ = −0.52 + 0.76 = 0.24; …"."""
    episode, name = view.episode, view.weighting
    weight = _number(float(view.weights[t]), signed=True)
    g = f"G{str(t).translate(RAISED)}"
    if name == "total_return":
        return f"t = {t}: every step gets the whole episode’s return, G₀ = {weight}"
    if name == TRAINED:
        return f"t = {t}: the update weighed it with {weight}"
    came = float(view.returns[t])
    base = 0.0 if view.baseline is None else float(view.baseline[t])
    last = t == episode.length - 1
    state = int(episode.states[t])
    here = f"V({_cell(view, state)})"
    if name == "critic":
        after = "0" if last else f"V({_cell(view, int(episode.states[t + 1]))}) "
        after += "" if last else _number(float(values_of(episode, view.learned)[t + 1]))
        text = f"{_number(float(episode.rewards[t]))} + {_gamma(view)}{after} = {_number(came)}"
        text += f"; {_number(came)} − {here} {_minuend(base)}"
    elif name == "gae":
        text = _gae(view, t)
    else:
        text = f"{g} = {_number(float(episode.rewards[t]))}"
        if not last:
            text += f" + {_gamma(view)}{_minuend(float(view.returns[t + 1]))} = {_number(came)}"
        if name == "leave_one_out":
            text += f"; {_number(came)} − the others’ mean {_minuend(base)}"
        elif name == "value":
            text += f"; {_number(came)} − {here} {_minuend(base)}"
        elif name == "z_score":
            deviation = episode.batch_deviation
            if deviation <= 0:
                return f"t = {t}: {text}; all returns of the batch are equal, so the weight is 0"
            text += f"; ({_number(came)} − mean {_minuend(base)}) ÷ σ {_number(deviation)}"
    if _discounted(view):
        before, _, after = text.rpartition("; ")
        factor = f"γ{_power(t)} {_number(view.world.discount**t)}"
        text = f"{before}; ({after}) × {factor}" if before else f"{text}; × {factor}"
    elif name == "reward_to_go":
        return f"t = {t}: {text}, the weight is {weight}"
    return f"t = {t}: {text} = {weight}"


def _gae(view: CreditView, t: int) -> str:
    """δ_t and what follows it, discounted by γλ."""
    episode, values = view.episode, values_of(view.episode, view.learned)
    delta = deltas(episode.rewards[t : t + 1], values[t : t + 2], view.world.discount)[0]
    here = f"V({_cell(view, int(episode.states[t]))}) {_minuend(float(values[t]))}"
    last = t == episode.length - 1
    after = "0"
    if not last:
        after = (f"{_gamma(view)}V({_cell(view, int(episode.states[t + 1]))}) "
                 f"{_minuend(float(values[t + 1]))}")
    text = (f"δ{str(t).translate(RAISED)} = {_number(float(episode.rewards[t]))} + {after} − {here}"
            f" = {_number(float(delta))}")
    if last or view.baseline is None:
        return f"{text}; nothing follows: {_number(float(delta))}"
    later = float(view.returns[t + 1] - view.baseline[t + 1])
    factor = "λ" if view.world.discount == 1 else "γλ"
    share = _number(view.world.discount * view.gae_lambda)
    return f"{text}; {_number(float(delta))} + {factor} {share} · {_minuend(later)}"


def spoken(view: CreditView) -> str:
    """The chosen step for whoever does not see it."""
    episode, t = view.episode, view.step
    words = [
        f"Step {t} of {episode.length - 1} in {_cell(view, int(episode.states[t]))}",
        f"action {ARROWS[view.world.moves[int(episode.actions[t])]]}",
        f"reward {_number(float(episode.rewards[t]))}",
        f"return {_number(float(view.returns[t]))}",
    ]
    if view.baseline is not None:
        words.append(f"baseline {_number(float(view.baseline[t]))}")
    words.append(f"weight {_number(float(view.weights[t]), signed=True)}")
    return ", ".join(words) + "."


def _cell(view: CreditView, state: int) -> str:
    return cell_name(divmod(state, view.world.columns))


def _gamma(view: CreditView) -> str:
    return "" if view.world.discount == 1 else f"{_number(view.world.discount)} · "


def _power(t: int) -> str:
    return str(t).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _number(value: float, signed: bool = False) -> str:
    """To two decimals, or three digits where it is small."""
    if is_nothing(value):
        return "0"
    text = f"{value:.2f}" if abs(value) >= 0.0995 else f"{value:.3g}"
    return ("+" if signed and value > 0 else "") + true_minus(text)


def _minuend(value: float) -> str:
    """A number after a sign: in brackets where it has one itself."""
    return f"({_number(value)})" if value < 0 and not is_nothing(value) else _number(value)
