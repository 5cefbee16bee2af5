"""Random user actions against the real window; run it from the folder of the project.

    python -m tests.monkey --actions 10000 --seed 3     as many, a thousand a window
    python -m tests.monkey --replay acts.txt            a list that was printed before

What goes wrong is printed with its seed and the shortest list of acts that was found to do it.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from pathlib import Path

from tests.monkey.play import STALL, Told, play, shrunk

A_WINDOW = 1000
COMMAND = "python -m tests.monkey"


def report(told: Told, seed: int, seconds: float, stall: float = STALL) -> str:
    """What went wrong, and the acts that lead there, shrunk for so many seconds."""
    again = play(seed, 0, told.acts, fresh=False, stall=stall)
    known = again.kind == told.kind
    acts = shrunk(told, seed, seconds, stall).acts if known else told.acts
    lines = [f"{told.kind} (seed {seed}, act {len(told.acts)})", told.story]
    if not known:
        lines.append(f"When replayed, they gave: {again.kind or 'no fault'}.  All of them:")
    lines += ["[", *(f"    {act!r}," for act in acts), "]"]
    lines.append(f"To repeat, with this list in a file: {COMMAND} --seed {seed} --replay FILE")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--actions", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--replay", type=Path, help="a file with a list of acts")
    parser.add_argument("--shrink", type=float, default=600.0, help="seconds (default 600)")
    parser.add_argument("--stall", type=float, default=250.0,
                        help="milliseconds of processor time that are a stall (default 250)")
    options = parser.parse_args()
    stall = options.stall / 1000
    if options.replay is not None:
        acts = ast.literal_eval(options.replay.read_text(encoding="utf-8"))
        told = play(options.seed, 0, acts, stall=stall)
        print(f"{told.kind}\n{told.story}" if told.failed else f"{len(acts)} acts, no fault")
        return int(told.failed)
    failed, left, seed = 0, options.actions, options.seed
    while left > 0:
        began = time.monotonic()
        told = play(seed, min(left, A_WINDOW), stall=stall)
        turns = sorted(told.turns) or [0.0]
        worst, p99 = turns[-1], turns[int(0.99 * (len(turns) - 1))]
        print(
            f"seed {seed}: {len(told.acts)} acts in {time.monotonic() - began:.0f} s; a turn took"
            f" {p99 * 1000:.0f} ms (p99), {worst * 1000:.0f} ms (worst)", flush=True,
        )
        if told.failed:
            failed += 1
            print(f"{told.kind} after the act {told.acts[-1]!r}; it is shrunk now.", flush=True)
            print(report(told, seed, options.shrink, stall), flush=True)
        left -= max(len(told.acts), 1)
        seed += 1
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
