"""Sutton & Barto (2018), figures 13.1 and 13.2: REINFORCE on the short corridor, with a baseline.

Run as ``python -m tests.reproductions.figure_13``; prints the table that lies beside this file.

Episodes are drawn by the program's own sampler.  The updates are the book's (sections 13.3, 13.4):
step by step along the episode, γ = 1, one preference an action for all cells, and for the baseline
one number w, w ← w + α_w (G_t − w).  The book does not say where the policy starts; here it starts
at p(right) = .05, the ε-greedy policy of its example 13.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

import rlxent_resources
from rlxent_core.credit import returns_to_go
from rlxent_core.exact import softmax
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import SampledMDP, sample_episodes
from rlxent_core.streams import Purpose, Streams
from rlxent_core.world_file import read_text

Floats = NDArray[np.float64]

RUNS, EPISODES, MAX_STEPS = 400, 1000, 2000
P_RIGHT = 0.05
BEST = -(6 + 4 * 2**0.5)
"""J of the best policy that cannot tell the cells apart, example 13.1."""
SETTINGS: dict[str, tuple[float, float | None]] = {
    "REINFORCE, α = 2⁻¹²": (2.0**-12, None),
    "REINFORCE, α = 2⁻¹³": (2.0**-13, None),
    "REINFORCE, α = 2⁻¹⁴": (2.0**-14, None),
    "with baseline, α = 2⁻⁹, α_w = 2⁻⁶": (2.0**-9, 2.0**-6),
}
AT = (50, 100, 200, 400)
AROUND = 25
"""Episodes before and after each of :data:`AT` whose returns are pooled."""


def returns(alpha: float, alpha_w: float | None, runs: int = RUNS, episodes: int = EPISODES,
            seed: int = 0) -> Floats:  # fmt: skip
    """The return of every episode: [episodes, runs]."""
    return np.stack(list(_episodes(alpha, alpha_w, runs, episodes, seed)))


def _episodes(
    alpha: float, alpha_w: float | None, runs: int, episodes: int, seed: int
) -> Iterator[Floats]:
    world = read_text(rlxent_resources.world_text("short_corridor"))
    mdp = SampledMDP(compile_world(world.with_fields(max_steps=MAX_STEPS)))
    streams = Streams(range(seed, seed + runs), Purpose.EPISODES)
    # Of (right, left), as the world names its moves.
    preferences = np.tile(np.log([P_RIGHT, 1 - P_RIGHT]), (runs, 1))
    baseline = np.zeros(runs)
    for episode in range(episodes):
        policy = np.repeat(softmax(preferences)[:, None], mdp.n_states, axis=1)
        batch = sample_episodes(mdp, torch.from_numpy(policy), 1, streams, episode)
        to_go = returns_to_go(batch.reward, mdp.discount)[..., 0].numpy()
        taken = np.eye(2)[batch.action[..., 0].numpy()]
        alive = batch.alive[..., 0].numpy()
        for gain, action, on in zip(to_go, taken, alive, strict=True):
            delta = np.where(on, gain - baseline, 0.0)
            if alpha_w is not None:
                baseline = baseline + alpha_w * delta
            preferences += alpha * delta[:, None] * (action - softmax(preferences))
        yield to_go[0]


def row(found: Floats) -> list[float]:
    """Median return near each of :data:`AT`, and over the last 100 episodes."""
    near = [found[at - AROUND : at + AROUND] for at in AT]
    return [float(np.median(part)) for part in (*near, found[-100:])]


def table() -> str:
    """The table as Markdown, with the mean over the last 100 episodes beside the medians."""
    heads = [*(f"near {at}" for at in AT), "last 100", "mean, last 100"]
    lines = [
        f"| median return of {RUNS} runs | " + " | ".join(heads) + " |",
        "|---" * (len(heads) + 1) + "|",
    ]
    for name, (alpha, alpha_w) in SETTINGS.items():
        found = returns(alpha, alpha_w)
        cells = [*(f"{value:g}" for value in row(found)), f"{found[-100:].mean():.1f}"]
        lines.append(f"| {name} | " + " | ".join(cells).replace("-", "−") + " |")
    lines.append(
        f"\nThe best policy's mean return is {BEST:.1f}; returns are whole and skewed, so its"
        " median is higher."
    )
    return "\n".join(lines).replace(" -", " −")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(table())
