"""The code behind an episode's update: up to eight lines of torch, or of NumPy, that stand alone.

They compute this very episode's part of the gradient, ∂L/∂z of the cells it acted in [K, A], from
its logits, labels, rewards and baseline, with today's numbers in comments.  It is divided by the
episodes of the batch, as in an update.  A policy is known by its probabilities here, so the logits
are their logarithms: those of the policy up to a constant for each cell, which softmax does not
see.  A comment stands behind its line where there is room for it, else on lines of its own above.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from rlxent_core.facts import number
from rlxent_core.mdp import Floats, Ints
from rlxent_core.weightings import TRAINED, EpisodeCredit, Weighting, values_of, weighting

WIDTH = 96
"""Most letters of a shown line, its comment aside."""
READ = 100
"""Most letters of a shown line with its comment, and of a comment on a line of its own."""
LEAST_LOG = -700.0
"""The logarithm of a probability that is 0, near enough."""


@dataclass(frozen=True)
class Code:
    """A short script, to be copied and to be shown."""

    text: str
    """The whole file: data at full precision, so lines can be long.  It prints ∂L/∂z [K, A]."""
    shown: tuple[tuple[str, str], ...]
    """The same lines, each with its comment, which may be empty.

    Lists are rounded and cut short by “…”, so that no line is longer than :data:`WIDTH`.
    """

    @property
    def shown_text(self) -> str:
        """As the shown lines are laid out to be read: none is longer than :data:`READ`."""
        return "\n".join(_laid_out(line, comment) for line, comment in self.shown)


def torch_code(
    credit: EpisodeCredit, step: int, name: str, learned: bool = False, lam: float = 0.95
) -> Code:
    """Lines of torch for a weighting; the numbers of ``step`` stand in the comments.

    Raises:
        ValueError: as :func:`rlxent_core.weightings.weighting` does.
    """
    return _code(_TORCH, credit, step, name, learned, lam)


def numpy_code(
    credit: EpisodeCredit, step: int, name: str, learned: bool = False, lam: float = 0.95
) -> Code:
    """The same in NumPy, with the gradient of the cross-entropy, p − y, written out.

    Raises:
        ValueError: as :func:`rlxent_core.weightings.weighting` does.
    """
    return _code(_NUMPY, credit, step, name, learned, lam)


def acted_in(credit: EpisodeCredit) -> Ints:
    """The states that the episode acted in, in the order of their first step: [K]."""
    states, first = np.unique(credit.states, return_index=True)
    return np.asarray(states[np.argsort(first)])


@dataclass(frozen=True)
class _Library:
    """How a library says it; {} is where a list or a number goes."""

    imports: str
    logits: str
    floats: str
    whole: str
    arange: str
    stack: str
    repeat: str
    """G for every step."""
    difference: str
    """The line in which p − y is made."""
    gradient: str
    """The line that prints; {} is the number of actions."""


_TORCH = _Library(
    "import torch, torch.nn.functional as F",
    "torch.tensor({}, dtype=float, requires_grad=True)",
    "torch.tensor({}, dtype=float)",
    "torch.tensor({})",
    "torch.arange({}).to(r)",
    "torch.stack",
    "G.expand(T)",
    'L = (w * F.cross_entropy(z[s], a, reduction="none")).sum() / B',
    "print(torch.autograd.grad(L, z)[0])",
)
_NUMPY = _Library(
    "import numpy as np",
    "np.array({})",
    "np.array({})",
    "np.array({})",
    "np.arange({})",
    "np.array",
    "np.full(T, G)",
    "p = np.exp(z[s]) / np.exp(z[s]).sum(1, keepdims=True)",
    "print(np.eye(len(z))[s].T @ (w[:, None] * (p - np.eye({})[a])) / B)",
)


@dataclass(frozen=True, eq=False)
class _Line:
    code: str
    """With {} for each of ``data``."""
    comment: str = ""
    data: tuple[Any, ...] = ()
    """Lists and numbers."""

    @cached_property
    def whole(self) -> str:
        """The code, with all its data."""
        return self.code.format(*map(repr, self.data))

    @cached_property
    def short(self) -> str:
        """With as much of its lists as there is room for."""
        found = self._cut(0, 0)
        for columns in range(max(map(_columns, self.data), default=1), 0, -1):
            for rows in range(1, WIDTH):
                code = self._cut(rows, columns)
                if len(code) > WIDTH or code == found:
                    break
                found = code
            if rows > 1:
                break
        return found

    def _cut(self, rows: int, columns: int) -> str:
        return self.code.format(*(_few(x, rows, columns) for x in self.data))


def _columns(x: Any) -> int:
    return len(x[0]) if isinstance(x, list) and isinstance(x[0], list) else 1


def _few(x: Any, most: int, columns: int) -> str:
    """A list as far as its first elements, rounded; of a list of lists the first ``columns``."""
    if isinstance(x, list):
        few = [_few(item, columns, columns) for item in x[:most]]
        return f"[{', '.join([*few, '…'] if len(x) > most else few)}]"
    return f"{x:.3g}" if isinstance(x, float) else repr(x)


def _code(
    library: _Library, credit: EpisodeCredit, step: int, name: str, learned: bool, lam: float
) -> Code:
    found = weighting(credit, name, learned=learned, lam=lam)
    probabilities = credit.probabilities[step]
    difference = probabilities - np.eye(len(probabilities))[credit.actions[step]]
    weighted = _row(found.weights[step] * difference)
    lines = [
        _Line(library.imports),
        *_data(library, credit, name, learned, lam),
        *_weights(library, credit, step, found),
        _Line(library.difference, f"step {step}: p − y = {_row(difference)}"),
        _Line(
            library.gradient.format(len(probabilities)),
            f"step {step}: w (p − y) = {weighted}, and that / B",
        ),
    ]
    text = (_laid_out(line.whole, line.comment) for line in lines)
    return Code("\n".join(text) + "\n", tuple((line.short, line.comment) for line in lines))


def _laid_out(code: str, comment: str) -> str:
    """A line with its comment behind it, or above it where there is too little room."""
    if not comment:
        return code
    if len(code) + len("  # ") + len(comment) <= READ:
        return f"{code}  # {comment}"
    above = textwrap.wrap(comment, READ, initial_indent="# ", subsequent_indent="#   ")
    return "\n".join([*above, code])


@lru_cache(maxsize=8)
def _data(
    library: _Library, credit: EpisodeCredit, name: str, learned: bool, lam: float
) -> tuple[_Line, ...]:
    """The lines that no step changes: kept, since a thousand steps take a while to be typed.

    Logits z [K, A]; of each step the cell s, the label a, the reward r; what is subtracted.
    """
    states = acted_in(credit)
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(credit.policy[states]), LEAST_LOG)
    logits = _Line(
        f"z = {library.logits}", "log π where it acted: logits, up to a constant for each cell",
        (logs.tolist(),),
    )  # fmt: skip
    place = {state: i for i, state in enumerate(states.tolist())}
    values: dict[str, Any] = {
        "s": [place[state] for state in credit.states.tolist()], "a": credit.actions.tolist(),
    }  # fmt: skip
    comment = "each step’s cell and label"
    if name != TRAINED:
        values |= {"gamma": float(credit.world.discount), "T": credit.length}
        comment += "; discount; steps"
    values["B"] = len(credit.batch_returns)
    steps = _assignment(values, library.whole, f"{comment}; episodes in the batch")
    if name == TRAINED:
        return logits, steps
    given, meaning = _given(credit, name, learned, lam)
    given = {"r": credit.rewards.tolist(), **given}
    return logits, steps, _assignment(given, library.floats, meaning)


def _assignment(values: dict[str, Any], array: str, comment: str) -> _Line:
    """One line that gives all ``values`` their names; lists become an ``array``."""
    said = [array if isinstance(x, list) else "{}" for x in values.values()]
    return _Line(f"{', '.join(values)} = {', '.join(said)}", comment, tuple(values.values()))


def _weights(
    library: _Library, credit: EpisodeCredit, step: int, found: Weighting
) -> Iterator[_Line]:
    """From rewards and baseline to w [T]."""
    name, weight = found.name, f"w_{step} = {number(found.weights[step])}"
    if name == TRAINED:
        yield _Line(f"w = {library.floats}", weight, (found.weights.tolist(),))
        return
    first, second = _formula(library, name, credit.batch_deviation)
    exact = credit.settings.discount_weighting == "exact" and name != "total_return"
    yield _Line(first, "" if name == "gae" else f"G_{step} = {number(found.returns[step])}")
    yield _Line(second, "" if exact else weight)
    if exact:
        yield _Line(f"w = w * gamma ** {library.arange.format('T')}", weight)


def _given(
    credit: EpisodeCredit, name: str, learned: bool, lam: float
) -> tuple[dict[str, Any], str]:
    """What a weighting needs beside the rewards, by its name in the code, and what it is."""
    value = "the critic’s V(s_t)" if learned else "exact V_t(s_t)"
    if name == "leave_one_out":
        return {"b": credit.others_mean.tolist()}, "rewards; the other episodes’ mean return-to-go"
    if name in ("value", "critic"):
        return {"V": values_of(credit, learned).tolist()}, f"rewards; {value}, 0 at the end"
    if name == "gae":
        values = {"V": values_of(credit, learned).tolist(), "lam": float(lam)}
        return values, f"rewards; {value}, 0 at the end"
    if name == "z_score":
        mean, deviation = credit.batch_mean, credit.batch_deviation
        return {"mean": mean, "deviation": deviation}, "rewards; of G_t over the batch’s steps"
    return {}, "rewards"


def _formula(library: _Library, name: str, deviation: float) -> tuple[str, str]:
    """The lines that make returns, or temporal differences, and weights of them."""

    def sums(factor: str, x: str) -> str:
        terms = f"({factor} ** {library.arange.format('T - t')} * {x}[t:]).sum()"
        return f"{library.stack}([{terms} for t in range(T)])"

    to_go = f"G = {sums('gamma', 'r')}"
    if name == "total_return":
        powers = library.arange.format("T")
        return f"G = (gamma ** {powers} * r).sum()", f"w = {library.repeat}"
    if name == "critic":
        return "G = r + gamma * V[1:]", "w = G - V[:-1]"
    if name == "gae":
        return "d = r + gamma * V[1:] - V[:-1]", f"w = {sums('(gamma * lam)', 'd')}"
    z_score = "w = (G - mean) / deviation" if deviation > 0 else "w = 0 * G"
    return to_go, {
        "reward_to_go": "w = G", "leave_one_out": "w = G - b", "value": "w = G - V[:-1]",
        "z_score": z_score,
    }[name]  # fmt: skip


def _row(numbers: Floats) -> str:
    return f"({', '.join(number(x) for x in numbers.tolist())})"
