"""A peer in a process of its own, pinned to one core: it answers one JSON line with another.

``python -m tests.benchmarks.peer_programs.child MODULE SPAWNED`` imports the module first, and
says how long that took since it was SPAWNED (``time.time()``).  A module has a class ``Peer``:
``Peer(world, seed, batch, learning_rate)`` with ``train()``, a portion of training that returns
the environment's steps when they are done, and ``policy()``, probabilities [S, A]; and where
something has to be compiled ``prepare(world, batch)``.  ``learning_rate`` None is its own.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any


def measure(peer: Any, seconds: float) -> dict[str, float]:
    """Steps a second by the clock and by the processor's time."""
    steps, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        steps += peer.train()
    clock, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"clock": steps / clock, "cpu": steps / cpu}


def solve(make: Any, judge: Any, solved: float, limit: float) -> dict[str, Any]:
    """Train until the policy is good enough, or for ``limit`` seconds of the processor.

    Judging is not counted.
    """
    steps = 0
    began, cpu = time.perf_counter(), time.process_time()
    peer = make()
    clock, busy = time.perf_counter() - began, time.process_time() - cpu
    while busy < limit and judge.share(peer.policy()) < solved:
        began, cpu = time.perf_counter(), time.process_time()
        steps += peer.train()
        clock += time.perf_counter() - began
        busy += time.process_time() - cpu
    done = judge.share(peer.policy()) >= solved
    return {"solved": done, "clock": clock, "cpu": busy, "steps": steps}


def main() -> None:
    module_name, spawned = sys.argv[1], float(sys.argv[2])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    module = importlib.import_module(f"tests.benchmarks.peer_programs.{module_name}")
    print(json.dumps({"clock": time.time() - spawned, "cpu": time.process_time()}), flush=True)

    from tests.benchmarks.peer_programs.worlds import SOLVED, STANDING_STILL, WORLDS, Judge

    peers: dict[Any, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        world, batch = WORLDS[asked["world"]], asked["batch"]
        answer: dict[str, Any]
        if asked["do"] == "prepare":
            began, cpu = time.perf_counter(), time.process_time()
            if hasattr(module, "prepare"):
                module.prepare(world, batch)
            clock = time.perf_counter() - began
            answer = {"clock": clock, "cpu": time.process_time() - cpu}
        elif asked["do"] == "rate":
            key = asked["world"], batch
            if key not in peers:
                peers[key] = module.Peer(world, 0, batch, STANDING_STILL)
                peers[key].train()
            answer = measure(peers[key], asked["seconds"])
        else:
            judge = Judge(world)

            def make(asked: Any = asked, world: Any = world, batch: Any = batch) -> Any:
                return module.Peer(world, asked["seed"], batch, None)

            answer = solve(make, judge, SOLVED, asked["limit"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
