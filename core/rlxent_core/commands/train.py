"""``rlxent train``: REINFORCE on one world, several seeds at once."""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rlxent_core.atomic_file import write_whole
from rlxent_core.commands.common import (
    Bundled,
    CommandError,
    Progress,
    columns,
    load_world,
    seed_number,
    tell,
    whole_number,
)
from rlxent_core.facts import finite
from rlxent_core.mdp import Floats
from rlxent_core.python_export import ExportError, python_script
from rlxent_core.run_file import Run, write_run
from rlxent_core.settings import Settings, descriptions
from rlxent_core.way import REACHED, Way
from rlxent_core.world import World

if TYPE_CHECKING:
    from rlxent_core.trainer import Trainer

_NUMBERS_AT_ONCE = 2**19
"""Numbers of one exact evaluation's temporaries; fixes how many updates are evaluated together."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``train`` to the commands."""
    parser = subparsers.add_parser(
        "train",
        help="train a policy by REINFORCE",
        description="Train a policy by REINFORCE and report its exact value. The same world, "
        "settings and seed give the same numbers on the CPU, alone or among other seeds.",
        epilog="Settings for --set: " + "; ".join(map(_setting_help, descriptions().items())) + ".",
    )
    parser.add_argument("world", metavar="WORLD", help="a world's file or name")
    parser.add_argument(
        "--updates", type=whole_number(1), default=200, metavar="N", help="updates (default 200)",
    )
    parser.add_argument(
        "--seeds", type=whole_number(1), default=1, metavar="N",
        help="runs trained together, of seeds S to S+N−1 (default 1)",
    )
    parser.add_argument(
        "--seed", type=seed_number, default=0, metavar="S", help="first seed (default 0)",
    )
    parser.add_argument(
        "--set", type=key_value, action="append", default=[], metavar="KEY=VALUE",
        dest="settings", help="change a setting; may be repeated",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto",
        help="auto tries which is faster here (default auto)",
    )
    parser.add_argument(
        "--out", metavar="FILE",
        help="write the run: world, settings, seeds, curves and final logits",
    )
    parser.add_argument(
        "--python", metavar="FILE",
        help="write a script of under 60 lines that does the same with PyTorch alone (first seed)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")


def key_value(text: str) -> tuple[str, str]:
    """``KEY=VALUE`` in two, for argparse."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"“{text}” is not of the form KEY=VALUE")
    return key.strip(), value.strip()


def _setting_help(item: tuple[str, Any]) -> str:
    name, about = item
    values = about.range_text(" to ") if about.choices is None else " | ".join(about.choices)
    return f"{name} ({values}; default {getattr(Settings(), name)})"


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Train, print what came of it, and write the run where asked to."""
    world = load_world(args.world, bundled)
    settings = Settings().with_values(dict(args.settings))
    for path in filter(None, (args.out, args.python)):
        _check_place(Path(path))
    if args.python:
        _write_script(args.python, world, settings, args.seed, args.updates)
    import torch

    from rlxent_core.devices import choose_device
    from rlxent_core.rollout import TrainingError, check_size
    from rlxent_core.trainer import NotFiniteError, Trainer

    torch.set_num_threads(1)
    has_cuda = torch.cuda.is_available()
    if args.device == "cuda" and not has_cuda:
        tell("There is no CUDA device that this build of torch can use, so the CPU is used.")
    seeds = range(args.seed, args.seed + args.seeds)
    largest = torch.device("cuda" if has_cuda and args.device != "cpu" else "cpu")
    try:
        check_size(world.max_steps or 1, args.seeds, settings.batch_episodes, largest)
        make = partial(Trainer, world, settings, seeds)
        device = choose_device(args.device, make)
        trainer = make(device)
        progress = Progress(args.updates, "updates")
        watch = _Watch(trainer, settings)
        stopped = _train(trainer, args.updates, watch, progress)
    except TrainingError as error:
        raise CommandError(str(error)) from error
    except NotFiniteError as error:
        raise CommandError(f"Training stopped in update {error.update}: {error}") from error
    results = watch.results()
    answer = {
        "world": world.name or args.world,
        "settings": asdict(settings),
        "device": device,
        "optimal_start_value": finite(watch.way.optimum),
        "runs": [asdict(result) for result in results],
        "updates": trainer.update,
        "episodes": trainer.episodes,
        "env_steps": trainer.env_steps,
        "seconds": watch.seconds,
    }
    print(json.dumps(answer, allow_nan=False) if args.json else table(answer))
    if args.out:
        try:
            write_run(args.out, watch.record())
        except OSError as error:
            raise CommandError(f"{args.out} cannot be written: {error.strerror}.") from error
    return 130 if stopped else 0


def _check_place(out: Path) -> None:
    """Say that a file cannot be written there before anything is trained for it."""
    folder = out.absolute().parent
    if not folder.is_dir():
        raise CommandError(f"{out} cannot be written: there is no folder “{folder}”.")
    if out.is_dir():
        raise CommandError(f"{out} cannot be written: it is a folder.")
    if not os.access(folder, os.W_OK):
        raise CommandError(f"{out} cannot be written: “{folder}” may not be written to.")


def _write_script(path: str, world: World, settings: Settings, seed: int, updates: int) -> None:
    try:
        write_whole(path, python_script(world, settings, seed, updates))
    except ExportError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _train(trainer: Trainer, updates: int, watch: _Watch, progress: Progress) -> bool:
    """Train to the end or to Ctrl-C; True if stopped: what there is by then is kept."""
    try:
        while trainer.update < updates:
            watch.step()
            progress.show(trainer.update)
    except KeyboardInterrupt:
        return True
    finally:
        progress.close()
    return False


@dataclass(frozen=True)
class Result:
    """What is said of one seed."""

    seed: int
    start_value: float | None
    fraction_of_optimal: float | None
    episodes_to_95: int | None


class _Watch:
    """Takes the steps, keeps their returns, and finds the update that first reached 95 %.

    The exact value is known for every update until then.  A seed's policies of several updates
    are evaluated together, and each seed apart, so that its numbers do not depend on the others.
    """

    def __init__(self, trainer: Trainer, settings: Settings) -> None:
        self.trainer, self.settings = trainer, settings
        self.way = Way(trainer.mdp)
        self.returns: list[Floats] = []
        self.lengths: list[Floats] = []
        self.seconds = 0.0
        self.reached: dict[int, int] = {}
        self._pending: list[tuple[int, Floats]] = [(trainer.update, self._logits())]
        self._together = max(1, min(64, _NUMBERS_AT_ONCE // trainer.mdp.next_state.size))

    def _logits(self) -> Floats:
        return np.asarray(self.trainer.logits().double().cpu().numpy())

    def step(self) -> None:
        """One update, timed."""
        began = time.perf_counter()
        update = self.trainer.step()
        mean_return, mean_length = update.means
        self.returns.append(mean_return)
        self.lengths.append(mean_length)
        self.seconds += time.perf_counter() - began
        if len(self.reached) < self.trainer.n_runs:
            self._pending.append((self.trainer.update, self._logits()))
        if len(self._pending) >= self._together:
            self._evaluate()

    def _evaluate(self) -> None:
        for run in range(self.trainer.n_runs):
            if run in self.reached or not self._pending:
                continue
            values = self.way.value(np.stack([logits[run] for _, logits in self._pending]))
            for (update, _), value in zip(self._pending, values, strict=True):
                share = self.way.fraction(float(value))
                if share is not None and share >= REACHED:
                    self.reached[run] = update * self.settings.batch_episodes
                    break
        self._pending.clear()

    def results(self) -> list[Result]:
        """One result a seed, from the policies as they are now."""
        self._evaluate()
        found = []
        for run, (seed, logits) in enumerate(zip(self.trainer.seeds, self._logits(), strict=True)):
            value = float(self.way.value(logits))
            reached = self.reached.get(run)
            found.append(Result(seed, finite(value), self.way.fraction(value), reached))
        return found

    def record(self) -> Run:
        """The run as it is written to a file."""
        from rlxent_core.recording import record

        returns, lengths = (
            np.array(curve).reshape(-1, self.trainer.n_runs).T
            for curve in (self.returns, self.lengths)
        )
        return record(self.trainer, returns, lengths)


def table(answer: dict[str, Any]) -> str:
    """The answer for people."""
    rows = [("seed", "start value", "of the way", "episodes to 95 %")]
    for result in answer["runs"]:
        share, episodes = result["fraction_of_optimal"], result["episodes_to_95"]
        rows.append((
            str(result["seed"]),
            _number(result["start_value"]),
            "–" if share is None else f"{100 * share:.1f} %",
            "–" if episodes is None else f"{episodes:,}",
        ))
    return "\n".join([
        f"{answer['world']}: {answer['updates']:,} updates, {answer['episodes']:,} episodes, "
        f"{answer['env_steps']:,} steps in {answer['seconds']:.2f} s on {answer['device']}",
        *columns(rows),
        f"optimal start value {_number(answer['optimal_start_value'])}; "
        "the way is that from the uniform policy to the optimum",
    ])  # fmt: skip


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"
