"""A world as a Gymnasium environment: what an algorithm of Gymnasium's may rely on."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from rlxent_core import exact, world_file
from rlxent_core.gymnasium_env import ENV_ID, WorldEnv
from rlxent_core.mdp import compile_world
from rlxent_core.pixels import COLOURS
from rlxent_core.world import Teleport, Tile, World, WorldError

ROOT = Path(__file__).parents[2]
WORLDS = sorted((ROOT / "resources" / "rlxent_resources" / "worlds").glob("*.json"))
GOAL = Tile(terminal=True, reward=1)
CORRIDOR = World(map=("S..G",), tiles={"S": Tile(start=1), "G": GOAL}, max_steps=5)
RIGHT, LEFT = 1, 3


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an installation says of the entry points in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = tmp_path / "site" / "rlxent-0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: rlxent\nVersion: 0\n")
    lines = [
        line
        for group, entries in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()))
    ]
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder.parent


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_gymnasiums_own_check_finds_nothing(path: Path) -> None:
    """Not even a warning (warnings are errors here), for every world that comes along."""
    env = gymnasium.make(ENV_ID, world=str(path))
    check_env(env.unwrapped)


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_the_transitions_have_the_values_of_the_core(path: Path) -> None:
    """One backup of arbitrary values through P is one through the core's outcome lists."""
    world = world_file.read_file(path)
    mdp, env = compile_world(world), WorldEnv(world)
    values = np.random.default_rng(0).normal(size=mdp.n_states)
    ahead = mdp.continue_values(values)[mdp.next_state]
    expected = (mdp.probability * (mdp.reward + ahead)).sum(axis=-1)
    for s in np.flatnonzero(mdp.standable):
        for a in range(mdp.n_actions):
            outcomes = env.P[s][a]
            assert sum(p for p, *_ in outcomes) == pytest.approx(1, abs=1e-12)
            found = sum(p * (r + (0 if over else values[t])) for p, t, r, over in outcomes)
            assert found == pytest.approx(expected[s, a], abs=1e-9)


def test_episodes_are_worth_what_the_core_says() -> None:
    """The mean return of uniform episodes is the exact value, within four standard errors."""
    world = world_file.read_file(next(path for path in WORLDS if path.stem == "ice_and_pit"))
    mdp, env = compile_world(world), WorldEnv(world)
    policy = exact.uniform_policy(mdp)
    value = exact.at_start(mdp, exact.policy_values(mdp, policy, world.max_steps))
    returns = []
    actions = np.random.default_rng(1)
    for episode in range(1500):
        env.reset(seed=7 if episode == 0 else None)
        total, weight, over = 0.0, 1.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(int(actions.integers(4)))
            total, weight, over = total + weight * reward, weight * world.discount, (
                terminated or truncated)
        returns.append(total)
    error = np.std(returns) / np.sqrt(len(returns))
    assert abs(np.mean(returns) - value) < 4 * error


def test_an_episode_ends_at_the_goal_or_at_the_limit() -> None:
    """Terminated and truncated are apart: entering the goal, and max_steps."""
    env = WorldEnv(CORRIDOR)
    assert env.reset() == (0, {"cell": (0, 0), "prob": 1.0})
    assert [env.step(RIGHT)[:4] for _ in range(3)] == [
        (1, 0.0, False, False), (2, 0.0, False, False), (3, 1.0, True, False)]
    env.reset()
    assert [env.step(LEFT)[2:4] for _ in range(5)] == [(False, False)] * 4 + [(False, True)]
    env.reset()
    for action in (LEFT, LEFT, RIGHT, RIGHT):
        env.step(action)
    assert env.step(RIGHT)[2:4] == (True, False), "the goal in the last step is no truncation"


def test_the_worlds_limit_is_the_only_one() -> None:
    """No second limit around it; without one, an episode goes on."""
    env = gymnasium.make(ENV_ID, world=CORRIDOR)
    assert env.spec.max_episode_steps is None
    env = gymnasium.make(ENV_ID, world=CORRIDOR, max_steps=None)
    env.reset()
    assert not any(env.step(LEFT)[3] for _ in range(300))


def test_after_the_end_comes_a_reset() -> None:
    """A step before the first reset or after termination is an error, not a made-up reward."""
    env = WorldEnv(CORRIDOR)
    with pytest.raises(ResetNeeded):
        env.step(RIGHT)
    env.reset()
    for _ in range(3):
        env.step(RIGHT)
    with pytest.raises(ResetNeeded):
        env.step(RIGHT)


@pytest.mark.parametrize("action", [-1, 4, 1.5, "up"])
def test_an_unknown_action_is_refused(action: object) -> None:
    """Rather than counted from the end."""
    env = WorldEnv(CORRIDOR)
    env.reset()
    with pytest.raises(ValueError, match="There is no action"):
        env.step(action)


def test_an_exit_ends_where_it_is_taken() -> None:
    """Any action there pays the number and ends the episode in that cell."""
    env = WorldEnv(World(map=("SX",), tiles={"S": Tile(start=1), "X": Tile(exit=3)}))
    env.reset()
    assert env.step(RIGHT)[:4] == (1, 0.0, False, False)
    assert env.step(LEFT)[:4] == (1, 3.0, True, False)


def test_teleport_and_respawn_move_the_agent() -> None:
    """A teleport pays and places; a respawn cell puts back on a start and the episode goes on."""
    tiles = {"S": Tile(start=1), "A": Tile(teleport=Teleport((0, 3), 5)),
             "C": Tile(respawn=True, reward=-2)}
    env = WorldEnv(World(map=("CSA.",), tiles=tiles))
    env.reset()
    assert env.step(LEFT)[:4] == (1, -2.0, False, False)
    assert env.step(RIGHT)[:4] == (2, 0.0, False, False)
    assert env.step(LEFT)[:4] == (3, 5.0, False, False)


def test_starts_are_drawn_by_their_weights() -> None:
    """A cell of weight 3 begins three times as many episodes as one of weight 1."""
    env = WorldEnv(World(map=("aGb",), tiles={"a": Tile(start=1), "b": Tile(start=3), "G": GOAL}))
    env.reset(seed=3)
    begun = [env.reset()[0] for _ in range(4000)]
    assert set(begun) == {0, 2}
    assert begun.count(2) / 4000 == pytest.approx(0.75, abs=0.03)


def test_noise_is_on_the_reward_and_not_in_the_table() -> None:
    """Mean and standard deviation are the world's."""
    env = WorldEnv(World(map=("S",), tiles={"S": Tile(start=1)}, step_reward=2, reward_noise=0.5,
                         max_steps=None))
    env.reset(seed=0)
    rewards = [env.step(0)[1] for _ in range(4000)]
    assert np.mean(rewards) == pytest.approx(2, abs=0.04)
    assert np.std(rewards) == pytest.approx(0.5, abs=0.03)
    assert env.P[0][0] == [(1.0, 0, 2.0, False)]


def test_a_seed_fixes_the_episode() -> None:
    """The same seed and actions, the same episode; a reset without a seed goes on drawing."""
    world = world_file.read_file(next(path for path in WORLDS if path.stem == "ice_and_pit"))
    noisy = world.with_fields(slip=0.5, reward_noise=1.0)

    def episode(env: WorldEnv, seed: int | None) -> list[object]:
        env.reset(seed=seed)
        return [env.step(k % 4)[:4] for k in range(8)]

    env = WorldEnv(noisy)
    first = episode(env, 5)
    assert episode(WorldEnv(noisy), 5) == first == episode(env, 5)
    assert episode(env, None) != first


def test_the_text_shows_the_agent_on_the_map() -> None:
    """The agent's cell in reverse video, and the last move."""
    env = gymnasium.make(ENV_ID, world=CORRIDOR, render_mode="ansi")
    env.reset()
    assert env.render() == "\x1b[7mS\x1b[0m..G\n"
    env.step(RIGHT)
    assert env.render() == "S\x1b[7m.\x1b[0m.G\n(right)\n"


def test_the_image_shows_the_agent_and_tells_tiles_apart() -> None:
    """Only the cells the agent left and entered change; different tiles look different."""
    env = gymnasium.make(ENV_ID, world=CORRIDOR, render_mode="rgb_array")
    env.reset()
    before = env.render()
    assert (before.dtype, before.shape) == (np.uint8, (64, 256, 3))
    env.step(RIGHT)
    changed = (env.render() != before).any(axis=(0, 2)).nonzero()[0] // 64
    assert set(changed) == {0, 1}
    tiles = {
        "a": Tile(start=1), "b": GOAL, "c": Tile(terminal=True, reward=-1), "d": Tile(slip=0.5),
        "e": Tile(wind=(1, 0)), "f": Tile(wind=(0, 1)), "g": Tile(teleport=Teleport((0, 0))),
        "h": Tile(reward=1), "i": Tile(reward=-1), "j": Tile(respawn=True), "k": Tile(exit=1),
        "l": Tile(terminal=True), "m": Tile(reversed=True), "n": Tile(exit=-1),
    }  # fmt: skip
    board = WorldEnv(World(map=("abcdefghijlm.#",), tiles=tiles), render_mode="rgb_array").render()
    cells = np.split(board, 14, axis=1)
    assert len({cell.tobytes() for cell in cells}) == 14


def test_the_image_has_the_windows_light_colours() -> None:
    """The core cannot ask the window, so the two are compared here."""
    light = pytest.importorskip("rlxent_gui.theme").LIGHT
    for name, value in COLOURS.items():
        assert getattr(light, name).name() == f"#{value:06x}", name


def test_the_largest_board_can_be_drawn() -> None:
    """64 × 64 cells, still a picture of several pixels a cell."""
    board = World(map=("." * 64,) * 64)
    assert WorldEnv(board, render_mode="rgb_array").render().shape == (640, 640, 3)


def test_a_world_can_be_copied_and_sent_to_another_process() -> None:
    """Gymnasium copies arguments and pickles them for vectorised environments."""
    assert copy.deepcopy(CORRIDOR) == pickle.loads(pickle.dumps(CORRIDOR)) == CORRIDOR
    envs = gymnasium.make_vec(ENV_ID, num_envs=3, world=CORRIDOR, vectorization_mode="sync")
    observations, _ = envs.reset(seed=0)
    assert observations.tolist() == [0, 0, 0]
    envs.close()


def test_a_world_is_a_file_or_a_name(installed: Path, tmp_path: Path) -> None:
    """A path, the name of a world that is installed, or a World."""
    world_file.write_file(CORRIDOR, tmp_path / "corridor.json")
    assert WorldEnv(tmp_path / "corridor.json").world == CORRIDOR
    named = gymnasium.make(ENV_ID, world="cliff_walking").unwrapped.world
    assert named.name == "Cliff walking"
    with pytest.raises(WorldError, match=r"no world of that name. Did you mean “cliff_walking”\?"):
        WorldEnv("clif_walking")


def test_an_installation_makes_the_environment_by_name(installed: Path) -> None:
    """In a fresh interpreter: the module in the name registers it; torch and Qt stay away."""
    script = (
        "import sys, gymnasium\n"
        f"env = gymnasium.make('rlxent_core.gymnasium_env:{ENV_ID}', world='sparse5')\n"
        "env.reset(seed=0)\n"
        "assert not {'torch', 'PySide6'} & set(sys.modules)\n"
        "print(env.observation_space)"
    )
    path = os.pathsep.join([str(installed), str(ROOT), str(ROOT / "core"), str(ROOT / "resources")])
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (answer.stdout, answer.stderr) == ("Discrete(25)\n", "")
