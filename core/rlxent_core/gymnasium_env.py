"""A world as a Gymnasium environment, registered as ``rlxent/World-v0`` when this is imported.

::

    import gymnasium
    import rlxent_core.gymnasium_env

    env = gymnasium.make("rlxent/World-v0", world="maze.json")

Needs the extra ``rlxent[gymnasium]``; nothing else of the core imports Gymnasium.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import register, registry
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from rlxent_core.bundled import InstalledWorlds
from rlxent_core.commands.common import CommandError, load_world
from rlxent_core.mdp import compile_world
from rlxent_core.pixels import board_pixels
from rlxent_core.world import World, WorldError

ENV_ID = "rlxent/World-v0"
Transition = tuple[float, int, float, bool]
"""Probability, next state, reward without noise, whether the episode ends."""


class WorldEnv(gymnasium.Env[int, int]):
    """Episodes in a world: an observation is the cell's number, row · columns + column.

    Actions are the world's ``moves`` in their order.  An episode is *terminated* by a terminal
    cell or an exit and *truncated* after the world's ``max_steps``, unless ``max_steps`` is given
    here (None: never).  Rewards are those of the world, undiscounted, noise included.

    ``info`` holds ``cell``, the [row, column] of the observation, and ``prob``, the probability
    of the transition that was drawn.

    Raises:
        WorldError: when ``world`` is no world, world file, or name of a world that is installed.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        world: World | str | os.PathLike[str],
        render_mode: str | None = None,
        max_steps: int | str | None = "world",
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"There is no render mode “{render_mode}”: there are ansi, rgb_array.")
        self.world = world if isinstance(world, World) else _load(os.fspath(world))
        if max_steps != "world":
            self.world = self.world.with_fields(max_steps=max_steps)
        self.render_mode = render_mode
        self._mdp = compile_world(self.world)
        # Gymnasium says int and means any whole number: numpy's is what a policy samples.
        self.observation_space = gymnasium.spaces.Discrete(self._mdp.n_states)  # type: ignore[assignment]
        self.action_space = gymnasium.spaces.Discrete(self._mdp.n_actions)  # type: ignore[assignment]
        self._known: dict[tuple[int, int], list[Transition]] = {}
        self._state: int | None = None
        self._last_move: str | None = None
        self._ended = False
        self._steps = 0

    @cached_property
    def P(self) -> dict[int, dict[int, list[Transition]]]:
        """Transitions of every state and action, equal outcomes merged, as toy-text has them.

        A wall or terminal cell leads to itself and ends the episode.  A respawn cell, where nobody
        stays either, has the moves that could be made there.
        """
        mdp = self._mdp
        return {
            s: {a: self._transitions(s, a) for a in range(mdp.n_actions)}
            for s in range(mdp.n_states)
        }

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Begin an episode in a start cell; ``options`` has no meaning here."""
        super().reset(seed=seed)
        self._state = self._draw(self._mdp.start)
        self._last_move, self._ended, self._steps = None, False, 0
        return self._state, self._info(self._state, float(self._mdp.start[self._state]))

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take the move of number ``action``.

        Raises:
            ResetNeeded: before the first reset, or after the episode was terminated.
        """
        if self._state is None or self._ended:
            raise ResetNeeded("The episode has not begun or is over: call reset() first.")
        if not self.action_space.contains(action):
            raise ValueError(f"There is no action {action!r}: there are 0 to {len(self._moves)-1}.")
        before = self._state
        transitions = self._transitions(before, int(action))
        probability, self._state, reward, self._ended = transitions[
            self._draw(np.array([p for p, *_ in transitions]))
        ]
        noise = float(self._mdp.reward_noise[before])
        if noise:
            reward += noise * float(self.np_random.standard_normal())
        self._steps += 1
        self._last_move = self._moves[int(action)]
        limit = self.world.max_steps
        truncated = limit is not None and self._steps >= limit and not self._ended
        info = self._info(self._state, probability)
        return self._state, reward, self._ended, truncated, info

    def render(self) -> Any:
        """The board with the agent: a text (``ansi``) or an image [height, width, 3] of bytes."""
        cell = None if self._state is None else self._mdp.cell(self._state)
        if self.render_mode == "ansi":
            return self._as_text(cell)
        if self.render_mode == "rgb_array":
            return board_pixels(self.world, cell)
        gymnasium.logger.warn("render() shows nothing: the environment has no render_mode.")
        return None

    @property
    def _moves(self) -> tuple[str, ...]:
        return self.world.moves

    def _transitions(self, state: int, action: int) -> list[Transition]:
        """What an action leads to, with equal outcomes merged."""
        known = self._known.get((state, action))
        if known is None:
            known = self._known[state, action] = self._outcomes(state, action)
        return known

    def _outcomes(self, state: int, action: int) -> list[Transition]:
        cell = self._mdp.cell(state)
        tile = self.world.tile(cell)
        if tile.wall or tile.terminal:
            return [(1.0, state, 0.0, True)]
        mdp = self._mdp
        if tile.respawn:
            mdp = compile_world(self.world.with_tiles({cell: replace(tile, respawn=False)}))
        merged: dict[tuple[int, float, bool], float] = {}
        for k in np.flatnonzero(mdp.probability[state, action]):
            to = int(mdp.next_state[state, action, k])
            p, reward = float(mdp.probability[state, action, k]), mdp.reward[state, action, k]
            if tile.respawn and to == state:  # who stays is sent back as well
                to, reward = mdp.restart, reward + tile.reward
            if to == mdp.restart:
                start = self._mdp.start
                ways = [(int(s), p * float(start[s])) for s in np.flatnonzero(start)]
            else:
                ways = [(int(mdp.landing[state, action, k]) if to == mdp.over else to, p)]
            for next_state, chance in ways:
                key = (next_state, float(reward), to == mdp.over)
                merged[key] = merged.get(key, 0.0) + chance
        return [(p, *outcome) for outcome, p in merged.items()]

    def _draw(self, probabilities: NDArray[np.float64]) -> int:
        """An index drawn with the given probabilities, never one of probability 0."""
        bounds = np.cumsum(probabilities)
        drawn = np.searchsorted(bounds, self.np_random.random() * bounds[-1], side="right")
        return int(min(drawn, np.flatnonzero(probabilities)[-1]))

    def _info(self, state: int, probability: float) -> dict[str, Any]:
        return {"cell": self._mdp.cell(state), "prob": probability}

    def _as_text(self, agent: tuple[int, int] | None) -> str:
        """The map, the agent's cell in reverse video, and the last move below it."""
        rows = [list(row) for row in self.world.map]
        if agent is not None:
            row, column = agent
            rows[row][column] = f"\x1b[7m{rows[row][column]}\x1b[0m"
        move = f"({self._last_move})\n" if self._last_move else ""
        return "\n".join("".join(row) for row in rows) + "\n" + move


def _load(name: str) -> World:
    try:
        return load_world(name, InstalledWorlds())
    except CommandError as error:
        raise WorldError(str(error)) from error


if ENV_ID not in registry:
    # The world's own max_steps truncates: a second limit around it would be one too many.
    register(id=ENV_ID, entry_point=f"{__name__}:WorldEnv")
