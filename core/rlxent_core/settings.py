"""What a training run can be told, each field with its range, label and help.

The command line and the window read the same descriptions, so a setting cannot exist in one and
be missing in the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from rlxent_core.located_json import quoted
from rlxent_core.nearest import did_you_mean


class SettingsError(ValueError):
    """One clear sentence about a setting that is unknown or out of range."""


class Description(NamedTuple):
    """How one setting presents itself.

    ``choices`` maps each allowed value to its short label; otherwise ``low``, ``high`` bound a
    number, and ``logarithmic`` says that a slider over it should be.  ``slider_high`` is where a
    slider ends that ends before ``high``; what is more can be typed.
    """

    label: str
    help: str
    choices: dict[str, str] | None = None
    low: float = 0.0
    high: float = 1.0
    slider_high: float | None = None
    logarithmic: bool = False
    whole: bool = False
    symbol: str = ""

    def range_text(self, between: str) -> str:
        """Its ends as one reads them, with ``between`` between them."""
        return f"{self.low:,.10g}{between}{self.high:,.10g}"


def _setting(default: Any, label: str, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"description": Description(label, help, **more)})


@dataclass(frozen=True)
class Settings:
    """The three bets and the optimiser.  Frozen; ``replace`` gives others.

    Raises:
        SettingsError: when a value is out of its range or two values do not go together.
    """

    architecture: str = _setting(
        "mlp", "Architecture", "Which functions are reachable.",
        choices={"table": "Table", "linear": "Linear", "mlp": "MLP"},
    )
    features: str = _setting(
        "cell", "It sees", "What the architecture may know of the cell: which one it is, its row "
        "and column, the 3 × 3 cells around it, or nothing at all.",
        choices={
            "cell": "Cell",
            "position": "Row, column",
            "neighbourhood": "3 × 3",
            "constant": "Nothing",
        },
    )
    hidden: int = _setting(
        64, "Hidden units", "Width of the MLP’s tanh layer.", low=1, high=1024, whole=True,
        logarithmic=True,
    )
    credit: str = _setting(
        "reward_to_go", "Return", "Which rewards a step is given credit for.",
        choices={"total_return": "Total", "reward_to_go": "To-go", "gae": "GAE λ"},
    )
    gae_lambda: float = _setting(
        0.95, "GAE", "0 trusts the critic alone, 1 the return alone.", high=1.0, symbol="λ",
    )
    discount_weighting: str = _setting(
        "practice", "γᵗ weighting",
        "Exact multiplies step t by γᵗ, as the gradient of J asks; practice leaves it out.",
        choices={"exact": "Exact", "practice": "Practice"},
    )
    baseline: str = _setting(
        "leave_one_out", "Baseline", "What is subtracted from the return; it never looks at the "
        "action, so it cuts variance and leaves the mean alone.",
        choices={
            "none": "None",
            "moving_average": "Mean",
            "leave_one_out": "leave-one-out",
            "critic": "V(s) learned",
            "exact_value": "V(s) exact",
            "optimal_constant": "Optimal",
        },
    )
    critic_learning_rate: float = _setting(
        0.02, "Critic step size", "Step size of the learned V(s).", low=1e-5, high=10.0,
        logarithmic=True,
    )
    entropy_bonus: float = _setting(
        0.0, "Entropy", "Rewards indecision; keeps exploring.", high=1.0, symbol="β",
    )
    learning_rate: float = _setting(
        0.01, "Step size", "How far one update moves the parameters.", low=1e-5, high=100.0,
        logarithmic=True, symbol="η",
    )
    batch_episodes: int = _setting(
        16, "Episodes", "Episodes per update.", low=1, high=2**20, slider_high=4096, whole=True,
        logarithmic=True,
    )
    optimizer: str = _setting(
        "adam", "Optimiser", "How the gradient becomes a step.",
        choices={"adam": "Adam", "sgd": "SGD"},
    )
    gradient_clip: float = _setting(
        0.0, "Gradient clip", "Longest gradient allowed; 0 is off.", high=100.0,
    )

    def __post_init__(self) -> None:
        for name, description in descriptions().items():
            _check(name, description, getattr(self, name))
        if self.credit == "gae" and self.baseline not in ("critic", "exact_value"):
            raise SettingsError(
                "GAE needs a value function: set baseline to critic or exact_value."
            )

    @property
    def network(self) -> tuple[str, str, int]:
        """What the policy's parameters depend on; with another it starts anew."""
        return self.architecture, self.features, self.hidden

    def with_values(self, texts: dict[str, str]) -> Settings:
        """These settings with values read from text, as the command line gives them."""
        values = {name: parse(name, text) for name, text in texts.items()}
        return replace(self, **values)


def descriptions() -> dict[str, Description]:
    """Every setting's description by name, in the order of the panel."""
    return {f.name: f.metadata["description"] for f in fields(Settings)}


def parse(name: str, text: str) -> Any:
    """The value that ``text`` means for setting ``name``.

    Raises:
        SettingsError: for an unknown name or text that is no value of it.
    """
    known = descriptions()
    if name not in known:
        hint = did_you_mean(name, known)
        raise SettingsError(
            f"There is no setting {quoted(name)}.{hint} There are: {', '.join(known)}."
        )
    description = known[name]
    if description.choices is not None:
        value: Any = text
    else:
        try:
            value = int(text) if description.whole else float(text)
        except ValueError:
            kind = "a whole number" if description.whole else "a number"
            raise SettingsError(f"{name} must be {kind}, not {quoted(text)}.") from None
    _check(name, description, value)
    return value


def _check(name: str, description: Description, value: Any) -> None:
    if description.choices is not None:
        if not isinstance(value, str) or value not in description.choices:
            raise SettingsError(
                f"{name} must be one of {', '.join(description.choices)}, not {quoted(str(value))}."
            )
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or (isinstance(value, float) and not math.isfinite(value)):
        raise SettingsError(f"{name} must be a finite number, not {quoted(str(value))}.")
    if description.whole and not isinstance(value, int):
        raise SettingsError(f"{name} must be a whole number, not {quoted(str(value))}.")
    if not description.low <= value <= description.high:
        # A whole number may be larger than any float.
        found = f"{value:g}" if abs(value) < 1e100 else "a number as large as that"
        raise SettingsError(
            f"{name} must be between {description.range_text(' and ')}, not {found}."
        )
