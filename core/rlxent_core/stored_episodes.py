"""Episodes in a file, so that a lecture never depends on luck: by the actions that were taken.

::

    {"format": "rlxent-episode", "version": 1, "world": "puddle_corridor",
     "logits": [[…]…], "episodes": [["right", "right", …], …]}

``logits`` are those of the policy that drew them, a row a cell and a column a move, in the order
of ``cells`` and ``moves`` as ``solve`` prints them.  The first of ``episodes`` is the one to be
shown; the others are the rest of its batch.  What a step did is not written down but worked out,
so the world must answer the same actions always alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlxent_core.located_json import JSONError, parse, quoted, shown
from rlxent_core.mdp import MDP, Floats, Ints, compile_world
from rlxent_core.run_file import on_board
from rlxent_core.run_parts import Part, RunFileError
from rlxent_core.world import World
from rlxent_core.world_rules import hint

FORMAT, VERSION = "rlxent-episode", 1
KEYS = ("format", "version", "world", "logits", "episodes")


@dataclass(frozen=True, eq=False)
class StoredEpisodes:
    """B whole episodes of one world; the first is the one to be shown."""

    world: World
    logits: Floats
    """[S, A], 0 where nobody can stand."""
    states: Ints
    """[T, B]: where each action was taken, S past the end."""
    actions: Ints
    """[T, B], 0 past the end."""


def read_episodes(text: str, name: str, world: World) -> StoredEpisodes:
    """The episodes that ``text`` holds, of the ``world`` that goes by ``name``.

    Raises:
        RunFileError: one sentence, when it breaks a rule of the format, is of another world, or
            its episodes are none of this world's.
    """
    path = f"The file of episodes of {quoted(name)}"
    try:
        content = Part(parse(text)[0], "The content", path).only(KEYS, "key")
    except JSONError as error:
        raise RunFileError(f"{path}, line {error.line}: {error}") from None
    for key in KEYS:
        if key not in content:
            raise RunFileError(f"{path} has no “{key}”.")
    for key, wanted in (("format", FORMAT), ("version", VERSION), ("world", name)):
        if type(content[key]) is not type(wanted) or content[key] != wanted:
            raise RunFileError(
                f"{path} must have {shown(wanted)} as “{key}”, not {shown(content[key])}."
            )
    mdp = compile_world(world)
    if not _always_alike(mdp):
        raise RunFileError(
            f"{path} cannot be one: the same actions do not always do the same in a world with"
            " slip, noise or several starts."
        )
    given = Part(content["episodes"], "“episodes”", path).list()
    if not given:
        raise RunFileError(f"{path} holds no episode.")
    walks = []
    for number, episode in enumerate(given, 1):
        moves = Part(episode, f"Episode {number}", path).list()
        walks.append(_walk(mdp, _actions(moves, mdp, number, path), number, path))
    steps = max(len(walk) for walk in walks)
    states = np.full((steps, len(walks)), mdp.over)
    actions = np.zeros_like(states)
    for index, walk in enumerate(walks):
        states[: len(walk), index], actions[: len(walk), index] = np.transpose(walk)
    return StoredEpisodes(world, on_board(content["logits"], mdp, path), states, actions)


def _always_alike(mdp: MDP) -> bool:
    slips = (mdp.probability[mdp.standable][..., 0] < 1).any()
    return not (slips or (mdp.reward_noise > 0).any()) and int((mdp.start > 0).sum()) == 1


def _actions(moves: Sequence[object], mdp: MDP, number: int, path: str) -> list[int]:
    for step, move in enumerate(moves):
        if move not in mdp.moves:
            known = hint(str(move), mdp.moves)
            raise RunFileError(
                f"{path} has no move of the world at step {step} of episode {number}:"
                f" {shown(move)}{known}"
            )
    return [mdp.moves.index(str(move)) for move in moves]


def _walk(mdp: MDP, actions: Sequence[int], number: int, path: str) -> list[tuple[int, int]]:
    """States and actions from the start to the end, which must be that of the episode."""
    start = state = int(mdp.start.argmax())
    walk: list[tuple[int, int]] = []
    for action in actions:
        if state == mdp.over or len(walk) == mdp.max_steps:
            raise RunFileError(
                f"{path} has {len(actions)} moves in episode {number}, which ends after"
                f" {len(walk)}."
            )
        walk.append((state, action))
        state = int(mdp.next_state[state, action, 0])
        state = start if state == mdp.restart else state
    if state != mdp.over and len(walk) != mdp.max_steps:
        raise RunFileError(
            f"{path} has {len(actions)} moves in episode {number}, which is not over then."
        )
    return walk
