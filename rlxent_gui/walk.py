"""The episode that walks across the board, of the batch of the next update.

Lives on the training thread; imported only there, since it imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlxent_core.rollout import Episode, episode_of
from rlxent_core.trainer import Trainer
from rlxent_gui.mailbox import Floats
from rlxent_gui.path_view import PathView
from rlxent_gui.view_state import Flow, Token

FLOW_TICKS = 12
"""Most ticks in which the returns of an episode flow back along its path."""


@dataclass
class Watched:
    """The episode that walks across the board, of the batch of the next update."""

    index: int
    episode: Episode
    step: int = 0
    reached: int | None = None
    """Down to which step the returns have flowed back; None before they begin to."""
    path: PathView | None = None
    returns: Floats | None = None
    """G_t: [T], known as soon as they flow."""

    @property
    def length(self) -> int:
        return len(self.episode.actions)

    @property
    def finished(self) -> bool:
        return self.step >= self.length

    @property
    def flowed(self) -> bool:
        """Whether the returns have come back to the first step."""
        return self.reached == 0


class Walk:
    """Walks through the episodes that ``trainer`` has drawn for its next update."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._watched: Watched | None = None

    @property
    def under_way(self) -> bool:
        """Whether an episode is watched."""
        return self._watched is not None

    @property
    def flowed(self) -> bool:
        """Whether its returns have come back to its first step."""
        return self._watched is not None and self._watched.flowed

    def advance(self, one_episode: bool) -> bool:
        """A step, a part of the way back, or the next episode; True where the update is due.

        That is after the batch's last episode, or with ``one_episode`` after the first already.
        """
        watched = self._watch()
        if not watched.finished:
            watched.step += 1
        elif not watched.flowed:
            self._flow(watched, -(-watched.length // FLOW_TICKS))
        elif one_episode or watched.index + 1 == self._trainer.settings.batch_episodes:
            return True
        else:
            self._watched = self._episode(watched.index + 1)
            self._watched.step = 1
        return False

    def to_end(self) -> None:
        """The rest of the episode, and all of the way back."""
        watched = self._watch()
        watched.step = watched.length
        self._flow(watched, watched.length)

    def forget(self) -> None:
        """The batch stays as it was drawn."""
        self._watched = None

    def token(self) -> Token | None:
        """Where the one who walks is."""
        watched = self._watched
        if watched is None or not watched.step:
            return None
        episode, mdp, t = watched.episode, self._trainer.mdp, watched.step - 1
        return Token(
            cell=mdp.cell(int(episode.landings[t])),
            before=mdp.cell(int(episode.states[t])),
            action=mdp.moves[int(episode.actions[t])],
            step=watched.step,
            episode=watched.index,
            episodes=self._trainer.settings.batch_episodes,
            finished=watched.finished,
        )

    def flow(self) -> Flow | None:
        """How far the returns have come back, and what they are."""
        watched = self._watched
        if watched is None or watched.path is None or watched.reached is None:
            return None
        assert watched.returns is not None
        first = watched.reached
        returns = np.full(self._trainer.mdp.n_states, np.nan)
        # Of several visits the earliest, which the returns come to last.
        for t in range(watched.length - 1, first - 1, -1):
            returns[watched.episode.states[t]] = watched.returns[t]
        return Flow(watched.path._replace(first=first), returns)

    def _flow(self, watched: Watched, steps: int) -> None:
        """Let the returns flow back along so many steps more."""
        if watched.path is None:
            mdp, weighed = self._trainer.mdp, self._trainer.weigh()
            episode = episode_of(weighed.batch, 0, watched.index, weighed.weight)
            assert episode.weights is not None
            watched.path = PathView(
                tuple(map(mdp.cell, episode.states.tolist())),
                tuple(map(mdp.cell, episode.landings.tolist())),
                tuple(mdp.moves[action] for action in episode.actions.tolist()),
                episode.weights,
            )
            to_go = weighed.to_go[: watched.length, 0, watched.index]
            watched.returns = to_go.cpu().numpy()
        reached = watched.length if watched.reached is None else watched.reached
        watched.reached = max(0, reached - steps)

    def _watch(self) -> Watched:
        if self._watched is None:
            self._watched = self._episode(0)
        return self._watched

    def _episode(self, index: int) -> Watched:
        return Watched(index, episode_of(self._trainer.collect(), 0, index))
