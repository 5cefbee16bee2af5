"""This program beside others on the same worlds: one run, one table.

``pip install -e '.[peers]'``, then ``python tests/benchmarks/peers.py``; ``--quick`` takes a few
minutes, the whole a good half hour, and Ctrl-C prints what is known by then.  Every peer runs in a
process of its own on one core, in turn with the others, so that a busy machine is busy for all.
Numbers are medians.

- *steps/s*: training at a standing policy, in steps that were really taken, by the clock and in
  brackets by the processor's time.
- *solved*: from starting Python to a policy within 95 % of the best J, in a fresh process a seed:
  imports, compilation, making what is needed and training; judging the policy is not counted.  In
  brackets its range over the seeds.  A seed is given up after LIMIT seconds of the processor's
  time, and the rest of the seeds when the first three were.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WORLDS = ("5×5", "20×20")
LIMIT = 10
GIVE_UP_AFTER = 3
BATCH = 64
"""Episodes an update of those that sample many at once, where a world is to be solved."""


@dataclass(frozen=True)
class Contender:
    """``module`` of :mod:`peer_programs`; ``batches`` are its rows, None where it has none."""

    name: str
    module: str
    batches: tuple[int | None, ...] = (None,)


CONTENDERS = (
    Contender("student's loop", "student"),
    Contender("Stable-Baselines3 A2C", "sb3_a2c"),
    Contender("Stable-Baselines3 PPO", "sb3_ppo"),
    Contender("PPO in one file", "single_file_ppo"),
    Contender("textbook torch", "textbook", (64, 1024)),
    Contender("JAX scan", "jax_scan", (64, 1024)),
    Contender("rlxent, NumPy alone", "ours", (64, 1024)),
    Contender("rlxent, machine code", "ours_compiled", (64, 1024)),
)


class Child:
    """A contender's process; a context manager."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.peer_programs.child", module]
        self._process = subprocess.Popen(
            [*command, str(time.time())], cwd=ROOT, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self.imports = self._answer()

    def ask(self, do: str, world: str, batch: int | None, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        question = json.dumps({"do": do, "world": world, "batch": batch, **more})
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("A peer ended early; its error is above.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Found:
    """All that was measured; rates by row and world, the rest by contender."""

    rates: dict[Any, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    imports: dict[Any, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    compiling: dict[Any, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    solved: dict[Any, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def measure_rates(found: Found, rounds: int, seconds: float) -> None:
    children = {peer: Child(peer.module) for peer in CONTENDERS}
    rows = [
        (peer, batch, world)
        for world in WORLDS for peer in CONTENDERS for batch in peer.batches
    ]  # fmt: skip
    for peer, batch, world in rows:
        children[peer].ask("prepare", world, batch)
    for number in range(rounds):
        print(f"steps a second: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for peer, batch, world in rows:
            rate = children[peer].ask("rate", world, batch, seconds=seconds)
            found.rates[peer, batch, world].append(rate)
    for child in children.values():
        child.__exit__()


def measure_solving(found: Found, seeds: int) -> None:
    for seed in range(seeds):
        for world in WORLDS:
            print(f"solving {world}: seed {seed + 1} of {seeds}", file=sys.stderr, flush=True)
            for peer in CONTENDERS:
                tried = found.solved[peer, world]
                if len(tried) < GIVE_UP_AFTER or any(one["solved"] for one in tried):
                    solve_once(found, peer, world, seed)


def solve_once(found: Found, peer: Contender, world: str, seed: int) -> None:
    batch = BATCH if BATCH in peer.batches else None
    with Child(peer.module) as child:
        compiling = child.ask("prepare", world, batch)
        solving = child.ask("solve", world, batch, seed=seed, limit=LIMIT)
    found.imports[peer].append(child.imports)
    found.compiling[peer].append(compiling)
    for kind in ("clock", "cpu"):
        solving[kind] += child.imports[kind] + compiling[kind]
    found.solved[peer, world].append(solving)


def middle(measured: Sequence[dict[str, Any]], kind: str) -> float:
    return statistics.median(one[kind] for one in measured) if measured else math.nan


def count(number: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return "–" if math.isnan(number) else f"{number:.0f}"


def solving(tried: list[dict[str, Any]]) -> str:
    done = [t for t in tried if t["solved"]]
    if not tried:
        return "–"
    if len(done) < len(tried):
        return f"{len(done)} of {len(tried)} in {LIMIT} s"
    times = [t["clock"] for t in done]
    return (
        f"{statistics.median(times):.2f} ({min(times):.2f} – {max(times):.2f}), "
        f"CPU {middle(done, 'cpu'):.2f}"
    )


def print_table(found: Found) -> None:
    heads = ["", "B", "import", "compile"]
    heads += [f"{world} steps/s" for world in WORLDS] + [f"{world} solved, s" for world in WORLDS]
    table = [heads]
    for peer in CONTENDERS:
        for batch in peer.batches:
            line = [peer.name, str(batch or "")]
            first = batch == peer.batches[0]
            compiling = middle(found.compiling[peer], "clock")
            imported = middle(found.imports[peer], "clock")
            line.append(f"{imported:.2f} s" if first and not math.isnan(imported) else "")
            line.append(f"{compiling:.2f} s" if first and compiling >= 0.005 else "")
            for world in WORLDS:
                rate = found.rates[peer, batch, world]
                line.append(f"{count(middle(rate, 'clock'))} ({count(middle(rate, 'cpu'))})")
            line += [solving(found.solved[peer, world]) if first else "" for world in WORLDS]
            table.append(line)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


def print_aims(found: Found) -> None:
    """What the program is meant to reach beside the others."""
    by_module = {peer.module: peer for peer in CONTENDERS}

    def ratio(module: str, batch: int, other: str, theirs: int | None, world: str) -> float:
        """Of the rates by the processor's time, round by round."""
        pairs = zip(
            found.rates[by_module[module], batch, world],
            found.rates[by_module[other], theirs, world],
            strict=False,
        )
        return middle([{"cpu": mine["cpu"] / his["cpu"]} for mine, his in pairs], "cpu")

    def say(what: str, value: float, aim: float) -> None:
        verdict = "reached" if value >= aim else "not reached"
        print(f"{what}: {value:.3g}×, aim {aim:g}×: {verdict}")

    print()
    for world in WORLDS:
        for other in ("sb3_a2c", "sb3_ppo"):
            for batch in (64, 1024):
                value = ratio("ours", batch, other, None, world)
                say(f"{world}, B = {batch}: rlxent / {by_module[other].name}", value, 500)
    for world in WORLDS:
        for module, batch, aim in (
            ("ours", 64, 0.7), ("ours", 1024, 0.7),
            ("ours_compiled", 64, 0.7), ("ours_compiled", 1024, 1.0),
        ):  # fmt: skip
            value = ratio(module, batch, "jax_scan", batch, world)
            say(f"{world}, B = {batch}: {by_module[module].name} / JAX scan", value, aim)
    for world in WORLDS:
        for kind, name in (("clock", "by the clock"), ("cpu", "of the processor")):
            print_solving(found, world, kind, name)


def print_solving(found: Found, world: str, kind: str, name: str) -> None:
    times = {
        peer.module: middle(found.solved[peer, world], kind)
        for peer in CONTENDERS
        if all(tried["solved"] for tried in found.solved[peer, world])
    }
    if not any(found.solved.values()):
        return
    mine = times.get("ours", math.inf)
    others = min((t for module, t in times.items() if not module.startswith("ours")), default=mine)
    verdict = "reached" if mine < others else "not reached"
    print(
        f"{world}: rlxent solves it in {mine:.2f} s {name} from starting Python, the fastest "
        f"other in {others:.2f} s; aim the shortest of all: {verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 seeds and short measurements")
    parser.add_argument("--seeds", type=int, help="so many; 0: steps a second alone")
    options = parser.parse_args()
    quick, found = options.quick, Found()
    seeds = options.seeds if options.seeds is not None else 2 if quick else 10
    try:
        measure_rates(found, *((2, 0.5) if quick else (7, 1.0)))
        measure_solving(found, seeds)
    except KeyboardInterrupt:
        print("Stopped: this is what is known so far.")
    print_table(found)
    print_aims(found)


if __name__ == "__main__":
    main()
