"""Which places lead where, and the fewest moves between them.

Places are the states and ``mdp.over`` and ``mdp.restart``: S + 2 in all.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from rlxent_core.mdp import MDP, Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Graph:
    """Edges ``froms[i] -> tos[i]`` between places, each of ``moves[i]`` moves (0 or 1)."""

    froms: Ints
    tos: Ints
    moves: Ints

    @property
    def reversed(self) -> Graph:
        return Graph(self.tos, self.froms, self.moves)

    def distances(self, seeds: Bools) -> Floats:
        """Fewest moves from any seed [S + 2] to each place, ``inf`` where there is no way."""
        order = np.argsort(self.froms, kind="stable")
        tos, moves = self.tos[order].tolist(), self.moves[order].tolist()
        first = np.searchsorted(self.froms[order], np.arange(len(seeds) + 1)).tolist()
        distance = np.where(seeds, 0.0, np.inf).tolist()
        queue = deque(np.flatnonzero(seeds).tolist())
        while queue:
            place = queue.popleft()
            for edge in range(first[place], first[place + 1]):
                to, away = tos[edge], distance[place] + moves[edge]
                if away < distance[to]:
                    distance[to] = away
                    (queue.append if moves[edge] else queue.appendleft)(to)
        return np.array(distance)

    def reached(self, seeds: Bools) -> Bools:
        """Places [S + 2] that can be reached from any seed [S + 2], the seeds included."""
        return np.isfinite(self.distances(seeds))


def graph_of(mdp: MDP, possible: Bools) -> Graph:
    """The edges that outcomes marked in ``possible`` [S, A, K] make; restarting takes no time."""
    state, action, outcome = np.nonzero(possible & mdp.standable[:, None, None])
    start = np.flatnonzero(mdp.start > 0)
    return Graph(
        np.concatenate([state, np.full(len(start), mdp.restart)]),
        np.concatenate([mdp.next_state[state, action, outcome], start]),
        np.concatenate([np.ones_like(state), np.zeros_like(start)]),
    )


def places(mdp: MDP, states: Bools, over: bool = False) -> Bools:
    """``states`` [S] as places [S + 2], with or without the end of the episode."""
    return np.append(states, [over, False])
