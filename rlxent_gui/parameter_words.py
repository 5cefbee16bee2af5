"""How many parameters a policy has, in words."""

from __future__ import annotations

from rlxent_core.features import SEEN
from rlxent_core.settings import Settings


def parameters_text(settings: Settings, count: int, n_states: int, n_actions: int) -> str:
    """How many parameters a policy has, and why; e.g. "12 weights: row and column → 4"."""
    number = f"{count:,}".replace(",", "\u202f")
    if settings.architecture == "table":
        rows = {
            "cell": "one per cell and action",
            "position": "one row for each row and column",
            "neighbourhood": f"one row for each of {count // n_actions} views",
            "constant": "one row for all cells",
        }
        return f"{number} logits: {rows[settings.features]}"
    inputs = {
        "cell": str(n_states),
        "position": "row and column",
        "neighbourhood": f"9 cells × {len(SEEN)}",
        "constant": "1",
    }
    layers = [inputs[settings.features], str(n_actions)]
    if settings.architecture == "mlp":
        layers.insert(1, str(settings.hidden))
    return f"{number} weights: {' → '.join(layers)}"
