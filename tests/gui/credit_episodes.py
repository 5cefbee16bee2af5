"""Episodes for tests of the Credit scene: the puddle corridor's, and long ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import rlxent_resources
from rlxent_core.settings import Settings
from rlxent_core.weightings import (
    TRAINED,
    WEIGHTINGS,
    EpisodeCredit,
    luck,
    values_of,
    weighting,
)
from rlxent_core.world import DIRECTIONS
from rlxent_core.world_file import read_text
from rlxent_gui.credit_view import Classifier, CreditView, Effect, Row

LABELS = {
    "total_return": "Total return", "reward_to_go": "Reward-to-go", "leave_one_out": "To-go − mean",
    "value": "To-go − V(s)", "critic": "Critic: r + V′ − V", "gae": "GAE(λ = 0.95)",
    "z_score": "z-score", TRAINED: "As trained",
}
ACTIONS = (
    "right", "right", "right", "right", "down", "right", "left", "right", "down", "down", "left",
    "down", "right", "down",
)
VALUES = (.20, .09, .43, .43, .46, .51, .56, .51, .57, .63, .81, .75, .75, .81, 0.0)


def puddle(**settings: object) -> EpisodeCredit:
    """Fourteen steps of the puddle corridor: through the puddle, a loop and a bump to the goal."""
    world = read_text(rlxent_resources.world_text("puddle_corridor"))
    cell, states, landings, rewards = (0, 0), [], [], []
    for action in ACTIONS:
        down, right = DIRECTIONS[action]
        to = (cell[0] + down, cell[1] + right)
        to = to if world.contains(to) and not world.tile(to).wall else cell
        states.append(cell[0] * world.columns + cell[1])
        landings.append(to[0] * world.columns + to[1])
        rewards.append(world.step_reward + (world.tile(to).reward if to != cell else 0))
        cell = to
    return _episode(world, states, [world.moves.index(a) for a in ACTIONS], landings, rewards,
                    VALUES, **settings)


def long_walk(steps: int = 1000) -> EpisodeCredit:
    """Back and forth between two cells, with a reward now and then."""
    world = read_text(rlxent_resources.world_text("puddle_corridor"))
    rng = np.random.default_rng(0)
    states = [0 if t % 2 == 0 else 1 for t in range(steps)]
    actions = [world.moves.index("right" if t % 2 == 0 else "left") for t in range(steps)]
    rewards = np.where(rng.random(steps) < 0.05, rng.normal(size=steps), world.step_reward)
    values = [*np.cumsum(rng.normal(size=steps)) * 0.1, 0.0]
    return _episode(world, states, actions, [*states[1:], 0], rewards, values)


def _episode(world, states, actions, landings, rewards, values, learned=None, trained=None,
             **settings) -> EpisodeCredit:
    count = len(states)
    values = np.array(values, float)
    rewards = np.array(rewards, float)
    policy = np.full((world.rows * world.columns, len(world.moves)), 1 / len(world.moves))
    policy[1] = (0.12, 0.25, 0.12, 0.51)[: len(world.moves)] if len(world.moves) == 4 else policy[1]
    choice = rewards + world.discount * values[1:] - values[:-1]
    choice[-1] -= 0.05
    return EpisodeCredit(
        world=world, settings=Settings(**settings), states=np.array(states),
        actions=np.array(actions),
        outcomes=np.zeros(count, int), landings=np.array(landings), rewards=rewards,
        probabilities=policy[np.array(states)], exact_values=values,
        learned_values=None if learned is None else np.array(learned, float), choice=choice,
        others_mean=np.full(count, 0.52), batch_mean=0.4, batch_deviation=0.5, policy=policy,
        trained=trained, batch_returns=np.array([rewards.sum(), 0.5]), index=0, source="update",
        update=193, seen_at=193,
    )


def credit_view(
    episode: EpisodeCredit, step: int = 1, name: str = "critic", *, learned: bool = False,
    lam: float = 0.95, rows: tuple[Row, ...] | None = None,
) -> CreditView:
    """What the presenter would make of an episode."""
    by_name = {n: weighting(episode, n, learned=learned, lam=lam) for n in WEIGHTINGS}
    if episode.trained is not None:
        by_name[TRAINED] = weighting(episode, TRAINED)
    if rows is None:
        made = []
        for key, one in by_name.items():
            made.append(Row(key, LABELS[key], one.weights, one.total, f"About {key}."))
            if key == "critic" and not learned:
                made.append(Row("choice", "of it choice", episode.choice,
                                float(episode.choice.sum()), "A(s, a)"))
                lucky = luck(episode)
                made.append(Row("luck", "of it luck", lucky, float(lucky.sum()), "The world’s"))
        rows = tuple(made)
    now = by_name[name]
    assert values_of(episode, learned) is not None
    label = int(episode.actions[step])
    difference = episode.probabilities[step].copy()
    difference[label] -= 1
    weight = float(now.weights[step])
    return CreditView(
        episode, step, name, learned, lam, now.returns, now.baseline, now.weights, rows,
        Classifier(episode.world.moves, label, episode.probabilities[step], difference, weight,
                   weight * difference),
        "Step 1 walked into the puddle. Weight −0.18: the label is kept, its sign is flipped, so → "
        "becomes less likely.",
        "G₀ − V(A1) = 0.22 − 0.20 = +0.02, and the critic’s weights add up to just that.",
        "", False, False, None, True,
    )


def effect(view: CreditView, kind: str = "episode", everywhere: bool = False) -> Effect:
    """Changes in the visited cells, or in all of them."""
    world = view.world
    rng = np.random.default_rng(1)
    change = rng.normal(size=(world.rows * world.columns, len(world.moves)))
    change -= change.mean(1, keepdims=True)
    seen = view.episode.states if kind != "step" else view.episode.states[view.step : view.step + 1]
    others = np.setdiff1d(np.arange(len(change)), seen)
    change[others] *= 0.05 if everywhere else 0.0
    return Effect(kind, change)


def with_moves(view: CreditView, moves: tuple[str, ...]) -> CreditView:
    """The classifier of a world with other moves."""
    p = np.linspace(1, 2, len(moves))
    p /= p.sum()
    difference = p.copy()
    difference[1] -= 1
    weight = view.classifier.weight
    return replace(
        view, classifier=Classifier(moves, 1, p, difference, weight, weight * difference)
    )
