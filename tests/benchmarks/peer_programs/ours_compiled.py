"""This program as it is once it has trained for a while: the same bits, in machine code."""

from __future__ import annotations

from rlxent_core import compiled
from rlxent_core.world import World
from tests.benchmarks.peer_programs.ours import Peer

__all__ = ["Peer", "prepare"]


def prepare(world: World, batch: int) -> None:
    """Import Numba and compile."""
    if not compiled.load():
        raise ImportError("There is no Numba here.")
