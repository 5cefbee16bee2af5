"""The script that reproduces a run: the same returns, in few lines, without rlxent."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import rlxent_resources
from rlxent_core import cli, python_export, sampler
from rlxent_core.python_export import ExportError, python_script
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui.__main__ import Bundled

UPDATES = 12
TABLE = Settings(architecture="table", learning_rate=0.5)


def bundled(name: str) -> World:
    return read_text(rlxent_resources.world_text(name))


RUN_ALL = "import runpy, sys\nfor path in sys.argv[1:]:\n    print(path)\n    runpy.run_path(path)"


def returns_of_scripts(folder: Path, scripts: Mapping[str, str]) -> dict[str, list[float]]:
    """What each script prints, run by a Python that is kept from importing rlxent."""
    names = {str(folder / f"{i}.py"): name for i, name in enumerate(scripts)}
    for path, name in names.items():
        assert "rlxent_core" not in scripts[name]
        Path(path).write_text(scripts[name], encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-I", "-c", RUN_ALL, *names], capture_output=True, text=True,
        timeout=300, cwd=folder,
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, list[float]] = {}
    for line in answer.stdout.splitlines():
        if line in names:
            now = found[names[line]] = []
        else:
            update, value = line.split()
            now.append(float(value))
            assert int(update) == len(now)
    return found


def returns_of_trainer(world: World, settings: Settings, seed: int) -> list[float]:
    torch.set_num_threads(1)
    trainer = Trainer(world, settings, (seed,))
    return [float(trainer.step().returns[0].mean()) for _ in range(UPDATES)]


DETERMINISTIC, SLIPPERY = "sparse5", "ice_and_pit"
CASES = {
    "the defaults": (DETERMINISTIC, Settings()),
    "MLP, Adam, to-go exact, moving average": (DETERMINISTIC, Settings(
        hidden=16, discount_weighting="exact", baseline="moving_average", entropy_bonus=0.01)),
    "table, SGD, total return, no baseline": (DETERMINISTIC, replace(
        TABLE, optimizer="sgd", credit="total_return", baseline="none")),
    "table, total return, leave-one-out, entropy": (DETERMINISTIC, replace(
        TABLE, credit="total_return", entropy_bonus=0.05, batch_episodes=5)),
    "table, total return, moving average": (DETERMINISTIC, replace(
        TABLE, credit="total_return", baseline="moving_average")),
    "one episode an update": (DETERMINISTIC, replace(TABLE, batch_episodes=1)),
    "so many episodes that steps are drawn singly": (DETERMINISTIC, replace(
        TABLE, batch_episodes=200)),
    "a clipped gradient": (DETERMINISTIC, replace(TABLE, optimizer="sgd", gradient_clip=0.1)),
    "slippery: table": (SLIPPERY, TABLE),
    "slippery: MLP": (SLIPPERY, Settings(hidden=8, baseline="none", discount_weighting="exact")),
    "a cliff that is no end": ("cliff_walking", TABLE),
    "wind": ("windy_gridworld", TABLE),
    "teleports, and a start anywhere": ("sutton_barto_3_5", TABLE),
    "eleven cells of which few are stood on": ("russell_norvig_4x3", TABLE),
}


SEEDS = (0, -7)


def world_of(name: str) -> World:
    world = bundled(name)
    return world if world.max_steps is not None else world.with_fields(max_steps=37)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """Of every case and seed, and of a world with a name that could break out of its quotes."""
    scripts = {
        f"{case}, seed {seed}": python_script(world_of(name), settings, seed, UPDATES)
        for case, (name, settings) in CASES.items() for seed in SEEDS
    }
    strange = bundled(DETERMINISTIC).with_fields(name='Say """hi"""\nimport os\\')
    scripts["strange"] = python_script(strange, TABLE, 0, UPDATES)
    return returns_of_scripts(tmp_path_factory.mktemp("scripts"), scripts)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_script_gets_the_returns_of_the_run(
    case: str, seed: int, printed: dict[str, list[float]]
) -> None:
    """Same world, settings and seed: the same returns, update by update; of another, others."""
    name, settings = CASES[case]
    script = printed[f"{case}, seed {seed}"]
    np.testing.assert_allclose(
        script, returns_of_trainer(world_of(name), settings, seed), rtol=0, atol=1e-9
    )
    other = printed[f"{case}, seed {SEEDS[1 - SEEDS.index(seed)]}"]
    assert not np.allclose(script, other)


def test_a_script_reads_like_the_formula() -> None:
    """The loss is the cross-entropy of the sampled actions times their weight."""
    script = python_script(bundled(DETERMINISTIC), Settings(), 0, 10)
    loss = 'loss = (weight * F.cross_entropy(logits, actions, reduction="none")).sum() / episodes'
    assert f"    {loss}\n" in script


@pytest.mark.parametrize("world", [DETERMINISTIC, SLIPPERY])
def test_every_combination_stays_under_60_lines(world: str) -> None:
    """And every line but those of the tables can be read without scrolling."""
    for choice in itertools.product(
        ("table", "mlp"), ("total_return", "reward_to_go"), ("exact", "practice"),
        ("none", "leave_one_out", "moving_average"), (0.0, 0.1), (1, 16, 500), (0.0, 1.0),
    ):
        names = ("architecture", "credit", "discount_weighting", "baseline", "entropy_bonus",
                 "batch_episodes", "gradient_clip")
        settings = Settings(**dict(zip(names, choice, strict=True)))
        lines = python_script(bundled(world), settings, 0, 10).splitlines()
        assert len(lines) < 60, settings
        tables = ("cells =", "after[cells]", "for s, ", "chance =")
        assert max(len(line) for line in lines if not line.startswith(tables)) <= 110


def test_a_name_of_quotes_and_lines_stays_a_docstring(printed: dict[str, list[float]]) -> None:
    assert len(printed["strange"]) == UPDATES


NOISY = World(("S.G",), {
    "S": Tile(start=1, reward_noise=0.5), "G": Tile(terminal=True, reward=1)})
RESPAWN = World(("S.SR",), {"S": Tile(start=1), "R": Tile(respawn=True, reward=1)})


@pytest.mark.parametrize(("world", "settings", "word"), [
    (NOISY, TABLE, "noise"),
    (RESPAWN, TABLE, "starts"),
    (bundled(DETERMINISTIC).with_fields(max_steps=None), TABLE, "max_steps"),
    (bundled(DETERMINISTIC), replace(TABLE, baseline="critic"), "V(s) learned"),
    (bundled(DETERMINISTIC), replace(TABLE, baseline="optimal_constant"), "Optimal"),
    (bundled(DETERMINISTIC), replace(TABLE, architecture="linear"), "Linear"),
    (bundled(DETERMINISTIC), replace(TABLE, features="constant"), "Nothing"),
    (bundled(DETERMINISTIC), replace(TABLE, credit="gae", baseline="critic"), "GAE"),
])
def test_what_a_short_script_cannot_say_is_refused(
    world: World, settings: Settings, word: str
) -> None:
    """One sentence that names it, and no script that would be wrong."""
    with pytest.raises(ExportError, match=r"^[^\n]+\.$") as refusal:
        python_script(world, settings, 0, 10)
    assert word in str(refusal.value)


def test_the_numbers_are_drawn_as_the_core_draws_them() -> None:
    """What decides whether two steps are drawn at once is written down twice: it is the same."""
    for name in ("CHECK_EVERY", "PAIRS_UP_TO", "MOST_PAIRS"):
        assert getattr(python_export, name) == getattr(sampler, name)


def test_train_writes_the_script_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--python FILE: the script of the first seed; what it cannot say is one sentence."""
    path = tmp_path / "run.py"
    options = ["train", DETERMINISTIC, "--updates", "3", "--seed", "5", "--python", str(path)]
    assert cli.main(options, Bundled()) == 0
    assert path.read_text(encoding="utf-8") == python_script(
        bundled(DETERMINISTIC), Settings(), 5, 3
    )
    path.unlink()
    capsys.readouterr()
    assert cli.main([*options, "--set", "baseline=critic"], Bundled()) == 1
    assert "V(s) learned" in capsys.readouterr().err
    assert not path.exists()
