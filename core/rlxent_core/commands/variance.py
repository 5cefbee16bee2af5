"""``rlxent variance``: how noisy the gradient is, several estimators on the same episodes."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from rlxent_core import exact
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
from rlxent_core.features import inputs_of
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.optimal_baseline import cost
from rlxent_core.run_file import RunFileError, read_policy_run
from rlxent_core.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from rlxent_core.references import References
    from rlxent_core.variance import Measurement

AFFORDABLE = 4e11
"""Multiplications that the baselines of least variance may cost: about a minute or two."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``variance`` to the commands."""
    parser = subparsers.add_parser(
        "variance",
        help="measure the gradient's variance",
        description="Measure the variance of the per-episode policy gradient for several "
        "estimators on the same episodes, and compare their mean with the exact gradient that "
        "each estimates. Variances are compared only between estimators of the same gradient: "
        "discount=exact and the total return, or discount=practice. Leave-one-out means are of "
        f"groups of {Settings().batch_episodes} episodes, or fewer where they do not divide.",
    )
    parser.add_argument("world", metavar="WORLD", help="a world's file or name")
    parser.add_argument(
        "--policy", default="uniform", metavar="uniform|FILE",
        help="a file with logits or a run written by “train --out”, measured in the parameters "
        "of its network if it has one (default uniform: a table of cells)",
    )
    parser.add_argument(
        "--episodes", type=whole_number(2), default=1024, metavar="N",
        help="episodes (default 1024)",
    )
    parser.add_argument(
        "--exact", action="store_true",
        help="also compute tr Cov without sampling, by dynamic programming; on a large board that"
        " takes minutes",
    )
    parser.add_argument("--seed", type=seed_number, default=0, metavar="S", help="seed (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")


def run(args: argparse.Namespace, bundled: Bundled) -> int:
    """Measure, and print what was found."""
    world = load_world(args.world, bundled)
    if world.max_steps is None:
        raise CommandError("Sampling episodes needs a limit of steps: set max_steps of this world.")
    mdp = compile_world(world)
    import torch

    from rlxent_core.estimators import COMPARED, OPTIMAL, estimators
    from rlxent_core.kernel import full_matrix, kernel_of
    from rlxent_core.policy import action_probabilities
    from rlxent_core.references import References
    from rlxent_core.rollout import SampledMDP, TrainingError
    from rlxent_core.survey import FIRST_PART
    from rlxent_core.variance import measure

    torch.set_num_threads(1)
    policy, updates = load_policy(args.policy, mdp)
    kernel = kernel_of(policy)
    probabilities: Floats = action_probabilities(policy())[0].numpy()
    network = full_matrix(policy) if affordable(mdp, policy) else None
    references = References(
        mdp, probabilities, kernel=None if network is None else network.double().numpy()
    )
    left_out = () if affordable(mdp, policy) else OPTIMAL
    if left_out:
        cells = int(mdp.standable.sum())
        what = "The baselines of least variance are"
        if args.exact:
            what = "The baselines of least variance and the exact variances are"
        tell(
            f"{what} left out: to find them exactly would take minutes on a board of"
            f" {cells:,} cells and {mdp.max_steps:,} steps."
        )
    names = [name for name in COMPARED if name not in left_out]
    group = group_of(args.episodes)
    try:
        found = measure(
            policy, SampledMDP(mdp), estimators(names), args.episodes, args.seed,
            update=updates + FIRST_PART, group=group, references=references,
        )
    except TrainingError as error:
        raise CommandError(str(error)) from error
    norms = {
        weighting: finite(float(kernel.norm2(torch.from_numpy(
            exact.gradient_cotangent(mdp, probabilities, weighting)
        ))))
        for weighting in ("exact", "practice")
    }  # fmt: skip
    entries = {name: _entry(m) for name, m in found.items()}
    if args.exact and not left_out:
        add_exact(entries, mdp, references, group)
    answer = {
        "world": world.name or args.world,
        "episodes": args.episodes,
        "J": finite(exact.start_value(mdp, probabilities, mdp.max_steps)),
        "exact_gradient_norm2": norms,
        "estimators": entries | dict.fromkeys(left_out),
    }
    print(json.dumps(answer, allow_nan=False) if args.json else table(answer))
    return 0


def group_of(n_episodes: int) -> int:
    """Episodes that a leave-one-out mean is taken from: an update's, as far as they divide N.

    Groups tell how far the means themselves scatter; a single one, where N is prime, does not.
    """
    wanted = min(Settings().batch_episodes, n_episodes)
    return next((n for n in range(wanted, 1, -1) if n_episodes % n == 0), n_episodes)


def load_policy(name: str, mdp: MDP) -> tuple[nn.Module, int]:
    """The uniform policy, or the one in the file: its network where it has one, else a table.

    And how many updates it has had.

    Raises:
        RunFileError: when the file is no policy for this world.
    """
    import torch

    from rlxent_core.policy import TablePolicy, make_policy

    table = TablePolicy(1, mdp.n_states, mdp.n_actions).double()
    if name == "uniform":
        return table, 0
    logits, run = read_policy_run(name, mdp)
    if run is None or not run.seeds[0].parameters:
        with torch.no_grad():
            table.table.copy_(torch.from_numpy(logits))
        return table, 0 if run is None else run.updates
    # What its cells looked like where it was trained, as its logits are those of that world.
    inputs = inputs_of(run.settings.features, run.world)
    network = make_policy(run.settings, mdp.n_states, mdp.n_actions, (0,), inputs=inputs)
    parameters = run.seeds[0].parameters
    try:
        network.load_state_dict({n: torch.from_numpy(p)[None] for n, p in parameters.items()})
    except RuntimeError as error:
        raise RunFileError(f"The parameters in {name} are not those of its network.") from error
    return network, run.updates


def affordable(mdp: MDP, policy: nn.Module) -> bool:
    """Whether the baselines of least variance can be found in a minute or two."""
    from rlxent_core.policy import TablePolicy

    return cost(mdp, network=not isinstance(policy, TablePolicy)) <= AFFORDABLE


def add_exact(
    entries: dict[str, dict[str, float | None]], mdp: MDP, references: References, group: int
) -> None:
    """Put the exact tr Cov beside the sampled one, where there is a formula for it."""
    from rlxent_core.estimators import estimator
    from rlxent_core.exact_variance import Moments
    from rlxent_core.variance import exact_trace

    progress = Progress(len(entries), "exact variances")
    moments = Moments(mdp, references.policy, references.kernel)
    try:
        for done, (name, entry) in enumerate(entries.items()):
            progress.show(done)
            exactly = exact_trace(moments, estimator(name), references, group)
            if exactly is not None:
                entry["exact"] = finite(exactly)
    finally:
        progress.close()


def _entry(found: Measurement) -> dict[str, float | None]:
    answer = {
        "trace_cov": found.trace_cov,
        "se": found.se,
        "mean_projection": found.mean_projection,
        "cosine": found.cosine,
    }
    return {key: None if value is None else finite(value) for key, value in answer.items()}


def table(answer: dict[str, Any]) -> str:
    """The answer for people."""

    def number(value: float | None, digits: int = 4) -> str:
        return "–" if value is None else f"{value:.{digits}g}"

    exactly = any("exact" in (entry or {}) for entry in answer["estimators"].values())
    headings = {
        "trace_cov": "tr Cov", "se": "± SE", **({"exact": "exact"} if exactly else {}),
        "mean_projection": "projection", "cosine": "cosine",
    }
    rows = [("estimator", *headings.values())]
    for name, entry in answer["estimators"].items():
        values = [(entry or {}).get(key) for key in headings]
        rows.append((name, *map(number, values)))
    norms = answer["exact_gradient_norm2"]
    return "\n".join([
        f"{answer['world']}: J {number(answer['J'], 6)}, {answer['episodes']:,} episodes, "
        f"‖gradient‖² {number(norms['exact'])} (exact), {number(norms['practice'])} (practice)",
        *columns(rows),
        "tr Cov is of one episode’s gradient; projection and cosine are of the samples’ mean on "
        "the exact gradient that the estimator is of, 1 where it is that gradient.",
    ])  # fmt: skip
