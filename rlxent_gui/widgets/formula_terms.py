"""The loss as the present settings write it: a row of pieces, some of them parts of a bet.

    L(θ) = −Σ_t (G_t − V(s_t)) · log softmax(f_θ(s_t))[a_t]
                 ③                  ②        ①
"""

from __future__ import annotations

from typing import NamedTuple

from rlxent_core.settings import Settings
from rlxent_gui.estimator_words import role_of

ARCHITECTURE, HEAD, SIGNAL = 1, 2, 3

_ADVANTAGE = (  # LaTeX's \hat is stretched over the whole letter
    '<math><msubsup><mover accent="true"><mi>A</mi><mo stretchy="false">\u02c6</mo></mover>'
    "<mi>t</mi><mi>λ</mi></msubsup></math>"
)
_CREDIT = {
    "total_return": ("G_0", "total return"),
    "reward_to_go": ("G_t", "reward-to-go"),
    "gae": (_ADVANTAGE, "generalised advantage estimate"),
}
_BASELINES = {
    "moving_average": (r"\bar{b}", "the moving mean of past batches"),
    "leave_one_out": (r"\bar{G}_{-e}", "the mean of the other episodes"),
    "critic": ("V(s_t)", "the learned value V of the state"),
    "exact_value": (r"V^{\pi}(s_t)", "the exact value V of the state"),
    "optimal_constant": ("b^{*}", "the constant of least variance"),
}
_FUNCTIONS = {
    "table": "a table of logits",
    "linear": "a linear layer",
    "mlp": "a network with one hidden layer",
}
_TABLES = {
    "cell": r"\theta\,[s_t]",
    "position": r"\theta\,[r_t, c_t]",
    "neighbourhood": r"\theta\,[N(s_t)]",
    "constant": r"\theta",
}
_LINEAR = {
    "cell": r"W e(s_t) + b",
    "position": r"W (r_t, c_t) + b",
    "neighbourhood": r"W N(s_t) + b",
    "constant": r"W + b",
}
_NETWORKS = {
    "cell": r"f_\theta(s_t)",
    "position": r"f_\theta(r_t, c_t)",
    "neighbourhood": r"f_\theta(N(s_t))",
    "constant": r"f_\theta(1)",
}
_WRITTEN = {"table": _TABLES, "linear": _LINEAR, "mlp": _NETWORKS}
_SEEN = {
    "cell": "one-hot cells",
    "position": "row and column",
    "neighbourhood": "the 3 × 3 cells around",
    "constant": "a constant: all cells look alike",
}

_CREDITED = {
    "total_return": "total return",
    "reward_to_go": "reward-to-go",
    "leave_one_out": "reward-to-go, minus the mean of the other episodes",
    "value": "reward-to-go, minus the value V of the state",
    "critic": "one reward and the value V of the next state, minus the value V of the state",
    "gae": "generalised advantage estimate",
    "z_score": "reward-to-go, standardised over the batch",
    "trained": "the weights that the update was made with",
}
"""Ways of giving credit to one episode's steps; see ``rlxent_core.weightings``."""

_FIXED = (
    r"L(\theta)", "=", "-", r"\sum_t", r"\log", r"\mathrm{softmax}", r"\big(", r"\big)", "[a_t]",
    r"\gamma^t", r"\beta H(\pi)", "(V)", r"(V^{\pi})",
)


class Piece(NamedTuple):
    """One piece of mathematics, set in one colour; ``before`` is the space before it, in em."""

    tex: str
    role: str = "ink"
    before: float = 0.0


class Term(NamedTuple):
    """Pieces that belong together; those of a bet carry its number and say what they mean."""

    pieces: tuple[Piece, ...]
    number: int = 0
    meaning: str = ""


def terms_of(settings: Settings) -> tuple[Term, ...]:
    """The loss, from left to right."""
    function = _WRITTEN[settings.architecture][settings.features]
    function_text = f"{_FUNCTIONS[settings.architecture]} on {_SEEN[settings.features]}"
    terms = [
        Term((Piece(r"L(\theta)"), Piece("=", before=0.28), Piece("-", before=0.32),
              Piece(r"\sum_t", before=0.16))),
        _weight(settings),
        Term((Piece(r"\log", before=0.3),)),
        Term((Piece(r"\mathrm{softmax}", before=0.2),), HEAD,
             "Output head: softmax, samples one action and calls it the label"),
        Term((Piece(r"\big("),)),
        Term((Piece(function, before=0.02),), ARCHITECTURE, f"Architecture: {function_text}"),
        Term((Piece(r"\big)", before=0.02), Piece("[a_t]", before=0.03))),
    ]
    if settings.entropy_bonus > 0:
        # The bonus is added to the objective, so it is taken from the loss.
        terms += [
            Term((Piece("-", before=0.25),)),
            Term((Piece(r"\beta H(\pi)", before=0.22),), SIGNAL,
                 "Training signal: entropy bonus β, keeps exploring"),
        ]
    return tuple(terms)


def all_pieces() -> tuple[str, ...]:
    """Every piece that some settings ask for, so that they can be set before they are asked for."""
    credits = [tex for tex, _ in _CREDIT.values()]
    baselines = [tex for tex, _ in _BASELINES.values()]
    functions = [tex for written in _WRITTEN.values() for tex in written.values()]
    return (*functions, *credits, *baselines, *_FIXED)


def _weight(settings: Settings) -> Term:
    credit, credit_text = _CREDIT[settings.credit]
    words = f"Training signal: {credit_text}"
    pieces: list[Piece] = []
    # The total return is already discounted from the first step: γᵗ has no place before it.
    if settings.discount_weighting == "exact" and settings.credit != "total_return":
        pieces.append(Piece(r"\gamma^t", before=0.22))
        words += ", weighted by γ to the t"
    if settings.credit == "gae":  # its baseline is inside
        inner = [Piece(credit), Piece("(V)", "base", 0.02)]
        if settings.baseline == "exact_value":
            inner[1] = Piece(r"(V^{\pi})", "base", 0.02)
        words += f" from {_BASELINES[settings.baseline][1]}"
    elif settings.baseline == "none":
        inner = [Piece(credit)]
    else:
        baseline, baseline_text = _BASELINES[settings.baseline]
        role = role_of(settings)  # as in the plots: plum is V
        inner = [Piece(r"\big("), Piece(credit, before=0.02), Piece("-", before=0.22),
                 Piece(baseline, role, 0.22), Piece(r"\big)", before=0.02)]
        words += f", minus {baseline_text}"
    first = 0.05 if pieces else 0.22
    inner[0] = Piece(inner[0].tex, inner[0].role, first)
    return Term((*pieces, *inner), SIGNAL, words)


def terms_of_weighting(
    name: str, *, learned: bool, lam: float, discount: float, exact_discounting: bool
) -> tuple[Term, ...]:
    """The loss of one episode with its steps weighed by ``name``, an id of ``weightings``."""
    value = "V(s_t)" if learned else r"V^{\pi}(s_t)"
    following = "V(s_{t+1})" if learned else r"V^{\pi}(s_{t+1})"
    kind = "learned" if learned else "exact"
    words = f"Weight: {_CREDITED[name]}"
    minus = Piece("-", before=0.22)
    opened, closed = Piece(r"\big("), Piece(r"\big)", before=0.02)
    to_go = Piece("G_t", before=0.02)
    if name == "critic":
        gamma = [Piece(r"\gamma", before=0.22), Piece(following, before=0.04)]
        if discount == 1:
            gamma = [Piece(following, before=0.22)]
        inner = [opened, Piece("r_t", before=0.02), Piece("+", before=0.22), *gamma, minus,
                 Piece(value, "base", 0.22), closed]
    elif name == "gae":
        inner = [Piece(_ADVANTAGE), Piece("(V)" if learned else r"(V^{\pi})", "base", 0.02)]
        words += f", λ = {lam:.2f}"
    elif name == "value":
        inner = [opened, to_go, minus, Piece(value, "base", 0.22), closed]
    elif name == "leave_one_out":
        inner = [opened, to_go, minus, Piece(r"\bar{G}_{-e}", "base", 0.22), closed]
    elif name == "z_score":
        inner = [opened, to_go, minus, Piece(r"\mu", "base", 0.22), closed,
                 Piece("/", before=0.06), Piece(r"\sigma", before=0.04)]
    else:
        inner = [Piece({"total_return": "G_0", "trained": "w_t"}.get(name, "G_t"))]
    if name in ("value", "critic", "gae"):
        words += f", V {kind}"
    inner[0] = Piece(inner[0].tex, inner[0].role, 0.22)
    if exact_discounting and discount != 1 and name not in ("total_return", "trained"):
        inner[0] = Piece(inner[0].tex, inner[0].role, 0.05)
        inner.insert(0, Piece(r"\gamma^t", before=0.22))
        words += ", weighted by γ to the t"
    return (
        Term((Piece("L"), Piece("=", before=0.28), Piece("-", before=0.32),
              Piece(r"\sum_t", before=0.16))),
        Term(tuple(inner), SIGNAL, words),
        Term((Piece(r"\log", before=0.3), Piece(r"p(a_t \mid s_t)", before=0.2))),
    )


def credit_pieces() -> tuple[str, ...]:
    """Every piece that some weighting asks for."""
    return tuple(dict.fromkeys(
        piece.tex
        for name in _CREDITED
        for learned in (False, True)
        for discount in (0.9, 1.0)
        for term in terms_of_weighting(
            name, learned=learned, lam=1.0, discount=discount, exact_discounting=True
        )
        for piece in term.pieces
    ))
