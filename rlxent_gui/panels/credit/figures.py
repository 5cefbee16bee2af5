"""How an episode's numbers are written, and the arithmetic behind the weight of a step.  No Qt."""

from __future__ import annotations

from typing import NamedTuple

from rlxent_core.weightings import TRAINED, deltas, values_of
from rlxent_gui.cell_words import ARROWS, cell_name
from rlxent_gui.credit_numbers import decimals, figure, is_nothing, sum_text
from rlxent_gui.credit_view import CreditView
from rlxent_gui.words import signed_text, true_minus

RAISED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class RowWords(NamedTuple):
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


class Digits:
    """Writes an episode's numbers with as many decimals as the strip does."""

    def __init__(self, view: CreditView) -> None:
        self._rewards = decimals(view.episode.rewards)
        self._returns, self._weights = decimals(view.returns), decimals(view.weights)

    def reward(self, value: float) -> str:
        return figure(value, self._rewards)

    def worth(self, value: float) -> str:
        """A return, a baseline or a V."""
        return figure(value, self._returns)

    def part(self, value: float) -> str:
        """A δ, of which weights are made."""
        return figure(value, self._weights)

    def weight(self, value: float) -> str:
        return figure(value, self._weights, signed=True)


def arithmetic(view: CreditView, t: int) -> str:
    """How the weight of step ``t`` comes about: "t = 1: G₁ = −0.52 + 0.76 = 0.24; …"."""
    episode, name, digits = view.episode, view.weighting, Digits(view)
    weight = digits.weight(float(view.weights[t]))
    g = f"G{str(t).translate(RAISED)}"
    if name == "total_return":
        return f"t = {t}: every step gets the whole episode’s return, G₀{_is(weight)}"
    if name == TRAINED:
        return f"t = {t}: the update weighed it with {weight}"
    came = digits.worth(float(view.returns[t]))
    base = _minuend(digits.worth(0.0 if view.baseline is None else float(view.baseline[t])))
    reward = digits.reward(float(episode.rewards[t]))
    last = t == episode.length - 1
    here = f"V({_cell(view, int(episode.states[t]))})"
    if name == "critic":
        after = "0" if last else f"V({_cell(view, int(episode.states[t + 1]))}) "
        after += "" if last else digits.worth(float(values_of(episode, view.learned)[t + 1]))
        text = f"{reward} + {_gamma(view)}{after}{_is(came)}; {came} − {here} {base}"
    elif name == "gae":
        text = _gae(view, t, digits)
    else:
        text = f"{g}{_is(reward)}"
        if not last:
            later = _minuend(digits.worth(float(view.returns[t + 1])))
            text += f" + {_gamma(view)}{later}{_is(came)}"
        if name == "leave_one_out":
            text += f"; {came} − the others’ mean {base}"
        elif name == "value":
            text += f"; {came} − {here} {base}"
        elif name == "z_score":
            deviation = episode.batch_deviation
            if deviation <= 0:
                return f"t = {t}: {text}; all returns of the batch are equal, so the weight is 0"
            text += f"; ({came} − mean {base}) ÷ σ {_number(deviation)}"
    if _discounted(view):
        before, _, after = text.rpartition("; ")
        factor = f"γ{_power(t)} {_number(view.world.discount**t)}"
        text = f"{before}; ({after}) × {factor}" if before else f"{text}; × {factor}"
    elif name == "reward_to_go":
        return f"t = {t}: {text}, the weight is {weight}"
    return f"t = {t}: {text}{_is(weight)}"


def _gae(view: CreditView, t: int, digits: Digits) -> str:
    """δ_t and what follows it, discounted by γλ."""
    episode, values = view.episode, values_of(view.episode, view.learned)
    found = deltas(episode.rewards[t : t + 1], values[t : t + 2], view.world.discount)[0]
    here = f"V({_cell(view, int(episode.states[t]))}) {_minuend(digits.worth(float(values[t])))}"
    last = t == episode.length - 1
    after = "0"
    if not last:
        after = (f"{_gamma(view)}V({_cell(view, int(episode.states[t + 1]))}) "
                 f"{_minuend(digits.worth(float(values[t + 1])))}")
    reward, delta = digits.reward(float(episode.rewards[t])), digits.part(float(found))
    text = f"δ{str(t).translate(RAISED)}{_is(reward)} + {after} − {here}{_is(delta)}"
    if last or view.baseline is None:
        return f"{text}; nothing follows: {delta}"
    later = digits.part(float(view.returns[t + 1] - view.baseline[t + 1]))
    factor = "λ" if view.world.discount == 1 else "γλ"
    share = _number(view.world.discount * view.gae_lambda)
    return f"{text}; {delta} + {factor} {share} · {_minuend(later)}"


def reward_sum(view: CreditView) -> str:
    """What the rewards add up to, without γ."""
    rewards = view.episode.rewards
    return sum_text(float(rewards.sum()), decimals(rewards))


def sums(view: CreditView) -> str:
    """What the strip's sums are of; with γ < 1 that of the rewards is not the return."""
    weights = sum_text(float(view.weights.sum()), decimals(view.weights))
    text = f"Σ r{_is(reward_sum(view))}"
    if view.world.discount == 1:
        text += ", the return of the episode"
    else:
        total = signed_text(view.episode.total_return)
        text += f", not discounted; the discounted return is G₀ = Σ γᵗr = {total}"
    return f"{text}\nThe weights add up to {weights}"


def spoken(view: CreditView) -> str:
    """The chosen step for whoever does not see it."""
    episode, t, digits = view.episode, view.step, Digits(view)
    words = [
        f"Step {t} of {episode.length - 1} in {_cell(view, int(episode.states[t]))}",
        f"action {ARROWS[view.world.moves[int(episode.actions[t])]]}",
        f"reward {digits.reward(float(episode.rewards[t]))}",
        f"return {digits.worth(float(view.returns[t]))}",
    ]
    if view.baseline is not None:
        words.append(f"baseline {digits.worth(float(view.baseline[t]))}")
    words.append(f"weight {digits.weight(float(view.weights[t]))}")
    return ", ".join(words) + "."


def _cell(view: CreditView, state: int) -> str:
    return cell_name(divmod(state, view.world.columns))


def _gamma(view: CreditView) -> str:
    return "" if view.world.discount == 1 else f"{_number(view.world.discount)} · "


def _power(t: int) -> str:
    return str(t).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _number(value: float) -> str:
    """To two decimals, or three digits where it is small."""
    if is_nothing(value):
        return "0"
    return true_minus(f"{value:.2f}" if abs(value) >= 0.0995 else f"{value:.3g}")


def _minuend(text: str) -> str:
    """A number after a sign: in brackets where it has one itself."""
    return f"({text})" if text.startswith("−") else text


def _is(text: str) -> str:
    """What a sum comes to: " = 0.24", or " ≈ 0"."""
    return " ≈ 0" if text == "≈0" else f" = {text}"
