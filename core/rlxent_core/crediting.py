"""One episode of a batch with everything its weights are made of, ready to leave torch behind.

The policy and the critic that an episode is weighed with need not be those that drew it: values,
choices and probabilities are of the ones that are given, actions and rewards of the episode.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from rlxent_core import credit, exact
from rlxent_core.bellman import Chain
from rlxent_core.mdp import MDP, Floats, Ints, compile_world
from rlxent_core.policy import action_probabilities
from rlxent_core.rollout import Episodes, SampledMDP, sample_episodes
from rlxent_core.settings import Settings
from rlxent_core.stored_episodes import StoredEpisodes
from rlxent_core.streams import Purpose, Streams
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import TRAINED, WEIGHTINGS, EpisodeCredit
from rlxent_core.world import World

_BY_SETTINGS = {
    "total_return": ("total_return", "none"),
    "reward_to_go": ("reward_to_go", "none"),
    "leave_one_out": ("reward_to_go", "leave_one_out"),
    "value": ("reward_to_go", "exact_value"),
    "critic": ("gae", "exact_value"),
    "gae": ("gae", "exact_value"),
}
"""The credit and baseline that a weighting is; V may be the critic's."""


def credit_of(
    batch: Episodes,
    index: int,
    *,
    world: World,
    settings: Settings,
    policy: Tensor,
    critic: Tensor | None,
    trained: Tensor | None,
    source: Literal["update", "new", "stored"],
    update: int,
    seen_at: int,
    run: int = 0,
) -> EpisodeCredit:
    """Episode ``index`` of a run, beside the others of its batch.  Waits for the device.

    Args:
        world: the one that ``batch`` was drawn in.
        policy: probabilities [S, A], and ``critic`` V(s) [S], to weigh it with.
        trained: the weights [T, N, B] of an update that was made with the batch.
        update: how many updates the policy that drew it had had.
        seen_at: how many ``policy`` has had.
    """
    own, mdp = batch.of_run(run, index), batch.mdp.mdp
    states, actions, outcomes, landings = (
        _steps(x) for x in (own.state, own.action, own.outcome, own.landing)
    )
    probabilities = policy.detach().double().cpu().numpy()
    length = len(states)

    # V_t of the cell at t, and of what the step before could have led to.
    places = np.full((length + 1, 1 + mdp.next_state.shape[2]), mdp.over)
    places[:-1, 0] = states
    places[1:, 1:] = mdp.next_state[states, actions]
    values = values_along(mdp, probabilities, places)
    after = mdp.reward[states, actions] + mdp.discount * values[1:, 1:]
    action_values = (mdp.probability[states, actions] * after).sum(-1)

    whole = batch.of_run(run)
    to_go = credit.returns_to_go(whole.reward, mdp.discount)
    mean, deviation = credit.mean_and_deviation(to_go, whole.alive)
    others = credit.leave_one_out(to_go, whole.alive)
    return EpisodeCredit(
        world, settings, states, actions, outcomes, landings, _steps(own.reward),
        probabilities=probabilities[states],
        exact_values=values[:, 0],
        learned_values=None if critic is None else _learned_along(critic, states),
        choice=action_values - values[:-1, 0],
        others_mean=others[:length, 0, index].cpu().numpy(),
        batch_mean=float(mean),
        batch_deviation=float(deviation),
        policy=probabilities,
        trained=None if trained is None else trained[:length, run, index].double().cpu().numpy(),
        batch_returns=to_go[0, 0].cpu().numpy(),
        index=index, source=source, update=update, seen_at=seen_at,
    )  # fmt: skip


def batch_weights(
    batch: Episodes,
    name: str,
    *,
    settings: Settings,
    policy: Tensor,
    critic: Tensor | None = None,
    trained: Tensor | None = None,
    learned: bool = False,
    lam: float = 0.95,
    run: int = 0,
) -> Tensor:
    """The weights of every step of a run's batch, as :func:`weightings.weighting` has them.

    [T, B], float64, on the batch's device; 0 past the end of an episode.  Arguments are those of
    :func:`credit_of` and of ``weighting``.

    Raises:
        ValueError: as ``weighting`` does.
    """
    own = batch.of_run(run)
    if name == TRAINED:
        if trained is None:
            raise ValueError("No update was made with this episode.")
        weight = trained[:, run].double()
    elif name == "z_score":
        to_go = credit.returns_to_go(own.reward, own.mdp.discount)
        weight = credit.z_scores(to_go, own.alive)[:, 0]
        if settings.discount_weighting == "exact":
            weight = weight * credit.discount_powers(own)[..., 0]
    elif name in WEIGHTINGS:
        return_kind, baseline = _BY_SETTINGS[name]
        lam = 0.0 if name == "critic" else lam
        as_trained = replace(settings, credit=return_kind, baseline=baseline, gae_lambda=lam)
        to_go = credit.returns_to_go(own.reward, own.mdp.discount)
        values = None
        if baseline == "exact_value":
            values = (_learned(own, critic) if learned else _exact(own, policy))[:, None]
        weight = credit.weights(as_trained, own, to_go, values)[:, 0]
    else:
        raise ValueError(f"There is no weighting “{name}”.")
    return torch.where(own.alive[:, 0], weight, 0.0)


def fresh_batch(trainer: Trainer, count: int) -> Episodes:
    """A batch of episodes at the policy as it is, which no update will be made with.

    Its stream depends on seed, update and ``count`` alone, and is none of the training's, so that
    the training goes on with the same bits.
    """
    streams = Streams(trainer.seeds, Purpose.CREDIT, trainer.device)
    return sample_episodes(
        trainer.sampled_mdp,
        action_probabilities(trainer.logits()),
        trainer.settings.batch_episodes,
        streams,
        trainer.update + (count << 32),
    )


def stored_batch(stored: StoredEpisodes, device: torch.device | str = "cpu") -> Episodes:
    """Stored episodes as a batch of one run, as if they had been drawn."""
    mdp = SampledMDP(compile_world(stored.world), device)
    tables, over = mdp.tables(1), mdp.n_states
    taken = stored.states < over
    rewards = np.zeros(taken.shape)
    rewards[taken] = mdp.mdp.reward[stored.states[taken], stored.actions[taken], 0]
    leaves = (stored.states << tables.bits) + stored.actions * mdp.n_outcomes

    def steps(values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(device)[:, None]

    lengths = torch.from_numpy(taken.sum(0)).to(device)[None]
    return Episodes(mdp, steps(leaves), steps(rewards), lengths, tables)


def values_along(mdp: MDP, policy: Floats, places: Ints) -> Floats:
    """V_t(places[t]) of the policy [S, A] for places [T + 1, ...], with V_T = 0 at ``max_steps``.

    Places may be ``over`` and ``restart`` too.  Only one V_t is held at a time.
    """
    assert mdp.max_steps is not None
    steps, chain = len(places) - 1, Chain(mdp, policy)
    found = np.empty(places.shape)
    values = exact.policy_values(mdp, policy, mdp.max_steps - steps)
    for t in range(steps, -1, -1):
        found[t] = mdp.continue_values(values)[places[t]]
        if t:
            values = chain.back(values)
    return found


def _exact(own: Episodes, policy: Tensor) -> Tensor:
    """V_t(s_t) of one run's steps, 0 past the end: [T, B]."""
    places = F.pad(own.state[:, 0], (0, 0, 0, 1), value=own.mdp.n_states)
    probabilities = policy.detach().double().cpu().numpy()
    found = values_along(own.mdp.mdp, probabilities, places.cpu().numpy())
    return torch.from_numpy(found[:-1]).to(places.device)


def _learned(own: Episodes, critic: Tensor | None) -> Tensor:
    """The critic's V(s_t) of one run's steps, 0 past the end: [T, B]."""
    if critic is None:
        raise ValueError("No critic is being learned.")
    states = own.state[:, 0]
    return F.pad(critic.detach().double().to(states.device), (0, 1))[states]


def _learned_along(values: Tensor, states: Ints) -> Floats:
    """``values`` [S] of the states [T], and 0 at the end: [T + 1]."""
    found = values.detach().double().cpu().numpy()[states]
    return np.append(found, 0.0)


def _steps(values: Tensor) -> Any:
    return values.reshape(-1).cpu().numpy()
