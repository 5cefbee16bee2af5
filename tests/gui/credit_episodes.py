"""Episodes of the puddle corridor and what the Credit scene makes of them, for tests of its right.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import rlxent_resources
from rlxent_core.weightings import EpisodeCredit, deltas
from rlxent_core.world_file import read_text
from rlxent_gui import credit_resolve as resolve
from rlxent_gui.credit_view import CreditView, Effect
from tests.gui.episodes_by_hand import walk

PUDDLE = read_text(rlxent_resources.world_text("puddle_corridor"))
MOVES = "→→→→↓→←→↓↓←↓→↓"
"""Through the puddle, a way back, a bump, the goal: the episode of the mock-ups."""
VALUES = np.array([.20, .09, .43, .43, .46, .51, .56, .51, .57, .63, .81, .75, .75, .81, 0.0])


def puddle(world=PUDDLE, **fields: Any) -> EpisodeCredit:
    """The fourteen steps, with rounded values."""
    given: dict[str, Any] = {
        "exact_values": VALUES, "others_mean": np.full(14, 0.52), "batch_mean": 0.4,
        "batch_deviation": 0.5, **fields,
    }
    episode = walk(world, MOVES, **given)
    choice = deltas(episode.rewards, VALUES, world.discount)
    choice[-1] -= 0.05
    episode.probabilities[1] = (0.12, 0.25, 0.12, 0.51)
    return walk(world, MOVES, **{"choice": choice, "probabilities": episode.probabilities, **given})


def long_walk(steps: int) -> EpisodeCredit:
    """Back and forth between two cells, with another reward now and then."""
    rng = np.random.default_rng(0)
    rewards = np.where(rng.random(steps) < 0.05, rng.normal(size=steps), PUDDLE.step_reward)
    values = np.append(np.cumsum(rng.normal(size=steps)) * 0.1, 0.0)
    return walk(PUDDLE, ("→←" * steps)[:steps], rewards=rewards, exact_values=values,
                choice=deltas(rewards, values, 1.0))


def credit_view(
    episode: EpisodeCredit, step: int = 1, name: str = "critic", *, learned: bool = False,
    lam: float = 0.95, **fields: Any,
) -> CreditView:
    """What the presenter would make of an episode; ``fields`` instead of what it says."""
    own = resolve.weigh(episode, name, learned, lam)
    given: dict[str, Any] = {
        "rows": resolve.rows(episode, learned, lam),
        "classifier": resolve.classifier(episode, step, own),
        "sentence": "Step 1 walked into the puddle. Weight −0.18: the label is kept, its sign is "
        "flipped, so → becomes less likely.",
        "identity": resolve.identity(episode, own, learned), "note": "", "pinned": False,
        "now": False, "newer": None, "has_stored": True, **fields,
    }
    return CreditView(episode, step, name, learned, lam, own.returns, own.baseline, own.weights,
                      **given)


def effect(view: CreditView, kind: str = "episode", elsewhere: float = 0.0) -> Effect:
    """Changes in the cells it is about, and ``elsewhere`` so many times as large ones."""
    world, rng = view.world, np.random.default_rng(1)
    change = rng.normal(size=(world.rows * world.columns, len(world.moves)))
    change -= change.mean(1, keepdims=True)
    states = view.episode.states
    seen = states[view.step : view.step + 1] if kind == "step" else states
    change[np.setdiff1d(np.arange(len(change)), seen)] *= elsewhere
    return Effect(kind, change)
