"""Answers the Credit scene's questions beside the training: an episode, and what updates do.

Lives on the training thread, between two updates; imported only there, since it imports torch.
What it keeps of an update are references, so that training pays nothing for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rlxent_core.credit import returns_to_go
from rlxent_core.crediting import batch_weights, credit_of, fresh_batch, stored_batch
from rlxent_core.effect import (
    KeptPolicy,
    change_of,
    cotangent_of_batch,
    cotangent_of_episode,
    cotangent_of_exact,
    cotangent_of_step,
)
from rlxent_core.policy import TablePolicy, action_probabilities
from rlxent_core.rollout import Episodes
from rlxent_core.settings import Settings
from rlxent_core.stored_episodes import StoredEpisodes
from rlxent_core.trainer import Trainer, Update
from rlxent_core.weightings import EpisodeCredit, extreme, weighting
from rlxent_core.world import World
from rlxent_gui.credit_view import Effect
from rlxent_gui.questions import AskEffect, AskEpisode, Pick

LARGEST = 1e300
"""So large may a value be: a whole episode's can be added up."""


class NoCreditError(Exception):
    """One sentence about why an episode cannot be weighed."""


@dataclass(frozen=True, eq=False)
class Eyes:
    """A policy and its critic at one time: what an episode is weighed with."""

    policy: Tensor
    """Probabilities: [S, A]."""
    critic: Tensor | None
    """V(s): [S]."""
    kept: KeptPolicy
    updates: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Episodes, where they were drawn and by whom."""

    episodes: Episodes
    world: World
    settings: Settings
    source: Literal["update", "new", "stored"]
    drawn_by: Eyes
    trained: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Latest:
    """What is kept of the last update: references, and nothing computed."""

    update: Update
    world: World
    settings: Settings
    module: nn.Module

    def batch(self) -> Batch:
        done = self.update
        eyes = Eyes(
            action_probabilities(done.logits_before)[0],
            None if done.critic_before is None else done.critic_before[0],
            KeptPolicy.of(self.module, done.parameters_before),
            done.update - 1,
        )
        return Batch(done.batch, self.world, self.settings, "update", eyes, done.weights)


class CreditDesk:
    """Keeps the last update, the batch that is looked at, and how it was last seen."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._latest: Latest | None = None
        self._held: Batch | None = None
        self._drawn = 0
        self._answered: tuple[EpisodeCredit, Batch, Eyes] | None = None

    def keep(self, done: Update) -> None:
        """Remember an update until the next."""
        trainer = self._trainer
        self._latest = Latest(done, trainer.world, trainer.settings, trainer.policy)

    def forget(self) -> None:
        """The last update is taken back, or was made in another world; what is held stays."""
        self._latest = None

    def episode(self, question: AskEpisode) -> EpisodeCredit:
        """The episode that is asked for.

        Raises:
            NoCreditError: when its numbers are not finite, or their sums might not be.
            ValueError: when there is no such episode.
        """
        if question.batch != "held" or self._held is None:
            self._held = self._batch(question)
        batch = self._held
        eyes = self._eyes() if question.now else batch.drawn_by
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            credit = credit_of(
                batch.episodes, _index(batch, question.pick), world=batch.world,
                settings=batch.settings, policy=eyes.policy, critic=eyes.critic,
                trained=batch.trained, source=batch.source, update=batch.drawn_by.updates,
                seen_at=eyes.updates,
            )
        for values in (credit.exact_values, credit.learned_values, credit.rewards):
            if values is not None and not (np.abs(values) < LARGEST).all():
                raise NoCreditError("Its values are too large to be added up.")
        self._answered = credit, batch, eyes
        return credit

    def effect(self, question: AskEffect) -> Effect | None:
        """What an update would do; None where the episode is not the last answer any more."""
        if self._answered is None or self._answered[0] is not question.credit:
            return None
        credit, batch, eyes = self._answered
        cotangent = _cotangent(question, credit, batch, eyes)
        return Effect(question.kind, change_of(eyes.kept, credit.policy, cotangent))

    def _batch(self, question: AskEpisode) -> Batch:
        if question.stored is not None:
            return self._stored(question.stored)
        if question.batch == "latest" and self._latest is not None:
            return self._latest.batch()
        trainer = self._trainer
        self._drawn += 1
        return Batch(
            fresh_batch(trainer, self._drawn), trainer.world, trainer.settings, "new", self._eyes()
        )

    def _stored(self, stored: StoredEpisodes) -> Batch:
        """Episodes of a file, as they were drawn by its policy, which is a table."""
        device = self._trainer.device
        logits = torch.from_numpy(stored.logits).to(device)
        table = KeptPolicy.of(TablePolicy(1, *logits.shape))
        return Batch(
            stored_batch(stored, device), stored.world, self._trainer.settings, "stored",
            Eyes(action_probabilities(logits), None, table, 0),
        )

    def _eyes(self) -> Eyes:
        """The policy and critic as they are."""
        trainer, values = self._trainer, self._trainer.critic_values()
        return Eyes(
            action_probabilities(trainer.logits())[0], None if values is None else values[0],
            KeptPolicy.of(trainer.policy), trainer.update,
        )


def _index(batch: Batch, pick: Pick) -> int:
    """Which of a batch's episodes is meant; a number that it does not have is its last's."""
    episodes = batch.episodes
    if isinstance(pick, int):
        return min(max(pick, 0), episodes.n_episodes - 1)
    to_go = returns_to_go(episodes.reward, episodes.mdp.discount)
    return extreme(to_go[0, 0].cpu().numpy(), pick)


def _cotangent(
    question: AskEffect, credit: EpisodeCredit, batch: Batch, eyes: Eyes
) -> NDArray[np.float64]:
    """∂L/∂z [S, A] of what is asked for."""
    name, learned, lam = question.weighting, question.learned, question.gae_lambda
    if question.kind == "exact":
        return cotangent_of_exact(credit, name)
    if question.kind == "batch":
        weights = batch_weights(
            batch.episodes, name, settings=batch.settings, policy=eyes.policy,
            critic=eyes.critic, trained=batch.trained, learned=learned, lam=lam,
        )
        return cotangent_of_batch(batch.episodes, eyes.policy, weights)
    own = weighting(credit, name, learned=learned, lam=lam).weights
    if question.kind == "step":
        return cotangent_of_step(credit, own, question.step)
    return cotangent_of_episode(credit, own)
