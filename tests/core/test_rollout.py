"""Episodes: the sampler's distribution, its two ways, and what a run may depend on."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from threading import Timer
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from rlxent_core import compiled, sampler
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import Episodes, SampledMDP, TrainingError, sample_episodes
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, Streams
from rlxent_core.tables import Tables
from rlxent_core.trainer import Trainer
from rlxent_core.world import World
from tests.core.learning_worlds import corridor, restless, sparse5

SEARCH, TREE, COMPILED = "search", "tree", "compiled"


def random_policy(mdp: SampledMDP, n_runs: int = 1, seed: int = 0) -> torch.Tensor:
    logits = np.random.default_rng(seed).normal(size=(n_runs, mdp.n_states, mdp.n_actions))
    return torch.softmax(torch.tensor(logits), -1)


def draw(
    world: World,
    n_episodes: int,
    policy: torch.Tensor | None = None,
    seeds: tuple[int, ...] = (0,),
    update: int = 0,
) -> tuple[SampledMDP, torch.Tensor, Episodes]:
    mdp = SampledMDP(compile_world(world))
    policy = random_policy(mdp, len(seeds)) if policy is None else policy
    streams = Streams(seeds, Purpose.EPISODES)
    return mdp, policy, sample_episodes(mdp, policy, n_episodes, streams, update)


def chi2(counts: np.ndarray, expected: np.ndarray) -> tuple[float, int]:
    """χ² over the cells where at least 5 are expected, and the cells' number."""
    enough = expected >= 5
    assert counts[expected == 0].sum() == 0
    return float(((counts - expected)[enough] ** 2 / expected[enough]).sum()), int(enough.sum())


@pytest.fixture(
    params=[(way, at_once) for way in (SEARCH, TREE, COMPILED) for at_once in (1, 2)],
    ids=lambda param: param[0] + " pairs" * (param[1] - 1),
)
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every walk takes one way."""
    way, at_once = request.param
    if way == COMPILED:
        request.getfixturevalue("with_numba")
    walk = sampler.walk

    def forced_walk(tables: Tables, *more: Any) -> sampler.Walked:
        return walk(tables, *more, way, 1 if tables.restarts else at_once)

    monkeypatch.setattr("rlxent_core.rollout.walk", forced_walk)


@pytest.mark.usefixtures("forced")
@pytest.mark.parametrize(
    "world", [restless(), sparse5(slip=0.0), sparse5()], ids=lambda world: world.name
)
def test_choices_and_outcomes_have_their_probabilities(world: World) -> None:
    """χ² of (state, action, outcome) counts given the visits: within 5 of its deviations."""
    mdp, policy, episodes = draw(world, 4000)
    n_states = mdp.n_states
    counts = np.zeros((n_states + 1, mdp.n_actions, mdp.n_outcomes))
    np.add.at(counts, (episodes.state, episodes.action, episodes.outcome), 1)
    counts = counts[:n_states]
    joint = (policy[0, :, :, None] * mdp.probability).numpy()
    value, cells = chi2(counts, counts.sum((1, 2), keepdims=True) * joint)
    free = cells - int((counts.sum((1, 2)) > 0).sum())
    assert abs(value - free) < 5 * np.sqrt(2 * free)


@pytest.mark.usefixtures("forced")
def test_starts_and_restarts_have_their_probabilities() -> None:
    """One start weighs 1 and the other 3, at the beginning and after a respawn cell."""
    mdp, _, episodes = draw(restless(), 6000)
    state = episodes.state[:, 0]
    landed = episodes.landing[:-1, 0] == mdp.mdp.state((0, 2))
    went_on = episodes.alive[1:, 0]
    for starts in (state[0], state[1:][landed & went_on]):
        counts = np.bincount(starts, minlength=mdp.n_states)
        assert counts.sum() > 1000
        value, _ = chi2(counts, counts.sum() * mdp.start.numpy())
        assert value < 1 + 5 * np.sqrt(2)


@pytest.mark.usefixtures("forced")
def test_a_walk_goes_where_its_outcomes_lead() -> None:
    """Each next state is the outcome's, each pay too, and after the end nothing happens."""
    mdp, _, episodes = draw(restless(), 200)
    state, alive = episodes.state[:, 0], episodes.alive[:, 0]
    taken = (state.clamp(max=mdp.n_states - 1), episodes.action[:, 0], episodes.outcome[:, 0])
    leads_to = mdp.next_state[taken][:-1]
    expected = torch.where(leads_to == mdp.mdp.restart, state[1:], leads_to)
    assert torch.equal(state[1:][alive[:-1]], expected[alive[:-1]])
    assert bool((state[1:][~alive[:-1]] == mdp.n_states).all())
    assert torch.equal(alive.sum(0), episodes.lengths[0])
    assert episodes.env_steps == int(episodes.lengths.sum())
    paid = torch.where(mdp.noise[taken[0]] > 0, torch.nan, mdp.reward[taken])
    quiet = alive & ~paid.isnan()
    assert torch.equal(episodes.reward[:, 0][quiet], paid[quiet])
    assert bool((episodes.reward[:, 0][~alive] == 0).all())


ODD = sparse5(slip=0.0, max_steps=51).with_fields(name="odd")
CORRIDOR = corridor().with_fields(name="corridor")


def walk_by(
    way: sampler.Way, world: World, n_runs: int, at_once: int, n_episodes: int
) -> tuple[sampler.Walked, list[np.ndarray]]:
    """What the runs do, and the numbers that come next in their streams."""
    mdp = SampledMDP(compile_world(world))
    policy, tables = random_policy(mdp, n_runs), mdp.tables(n_runs)
    streams = Streams(range(n_runs), Purpose.EPISODES)
    at_once = 1 if tables.restarts else at_once
    walked = sampler.walk(tables, policy, n_episodes, mdp.max_steps, streams, 2, way, at_once)
    return walked, [bits.random_raw(3) for bits in streams.on_cpu]


def assert_same(one: Any, other: Any) -> None:
    for mine, theirs in zip(one[0], other[0], strict=True):
        assert torch.equal(mine, theirs)
    assert np.array_equal(one[1], other[1])


@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
@pytest.mark.parametrize("n_runs", [1, 40])
@pytest.mark.parametrize("at_once", [1, 2])
def test_both_ways_give_the_same_bits(world: World, n_runs: int, at_once: int) -> None:
    """Searching and climbing the tree agree on every leaf of the same numbers."""
    assert_same(*(walk_by(way, world, n_runs, at_once, 40) for way in (SEARCH, TREE)))


@pytest.mark.usefixtures("with_numba")
@pytest.mark.parametrize(
    "world", [restless(), sparse5(), ODD, CORRIDOR], ids=lambda world: world.name
)
@pytest.mark.parametrize("n_runs", [1, 3, 40])
@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize("n_episodes", [1, 2, 13, 64, 200])
def test_machine_code_gives_the_same_bits(
    world: World, n_runs: int, at_once: int, n_episodes: int
) -> None:
    """Every leaf, reward and length, and where the streams go on, for the noise that follows."""
    arguments = (world, n_runs, at_once, n_episodes)
    assert_same(walk_by(TREE, *arguments), walk_by(COMPILED, *arguments))


@pytest.mark.parametrize("seeds", [(3,), (3, 8, 21)])
@pytest.mark.parametrize("n_episodes", [1, 16, 300])
def test_training_is_the_same_when_machine_code_comes_in_the_middle(
    n_episodes: int, seeds: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    """The parameters after 6 updates, in a world with noise: by NumPy, and changed over after 3.

    Step sizes and clips of its own for each run, too.
    """
    own = Settings(batch_episodes=n_episodes)
    settings = [
        replace(own, learning_rate=0.01 * (1 + i), gradient_clip=0.01 * i)
        for i in range(len(seeds))
    ]
    trainers = [Trainer(restless(), settings, seeds) for _ in range(2)]
    for trainer in trainers:
        for _ in range(3):
            trainer.step()
    for _ in range(3):
        trainers[0].step()
    request.getfixturevalue("with_numba")
    for _ in range(3):
        trainers[1].step()
    by_numpy, changed = (trainer.state().policy.flat for trainer in trainers)
    assert torch.equal(by_numpy, changed)


def test_machine_code_is_asked_for_once_numpy_has_walked_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once, as soon as the walks add up to what it is worth."""
    asked: list[bool] = []
    monkeypatch.setattr(compiled, "when_worth", lambda: asked.append(True))
    monkeypatch.setattr(compiled, "_walked", 0.0)
    monkeypatch.setattr(compiled, "_asked", False)
    for expected in (0, 0, 1, 1):
        compiled.walked(0.4 * compiled.WORTH_AFTER)
        assert len(asked) == expected


def test_what_is_long_waits_for_machine_code_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is there, or the time is over; who has waited in vain does not wait again."""
    for name, value in (("code", None), ("_walked", 0.0), ("_asked", False)):
        monkeypatch.setattr(compiled, name, value)
    code, loading = ModuleType("code"), Timer(0.1, lambda: setattr(compiled, "code", code))
    monkeypatch.setattr(compiled, "when_worth", loading.start)
    compiled.hurry(60)
    assert compiled.code is code
    compiled.code, compiled._asked = None, False
    asked: list[bool] = []
    monkeypatch.setattr(compiled, "when_worth", lambda: asked.append(True))
    began = time.monotonic()
    compiled.hurry(0.1)
    assert time.monotonic() - began >= 0.1
    compiled.walked(2 * compiled.WORTH_AFTER)
    compiled.hurry(3600)
    assert asked == [True]


@pytest.mark.parametrize("trouble", [None, RuntimeError])
def test_numpy_goes_on_where_numba_is_missing_or_ails(
    trouble: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "code", None)
    for name in [name for name in sys.modules if name.startswith("rlxent_core.machine_code")]:
        monkeypatch.delitem(sys.modules, name)
    if trouble is None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    else:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
        monkeypatch.setitem(sys.modules, "numba", None)
    assert not compiled.load()
    _, _, episodes = draw(sparse5(), 4)
    assert episodes.env_steps > 0


@pytest.mark.parametrize("others", [6, 31, 255])
@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
def test_a_run_draws_the_same_alone_and_among_others(world: World, others: int) -> None:
    """Every leaf and every noisy reward, for a seed alone and among 7, 32 and 256."""
    mdp = SampledMDP(compile_world(world))
    policy = random_policy(mdp, others + 1)
    n_episodes = 13
    _, _, alone = draw(world, n_episodes, policy[-1:], (4,), update=9)
    _, _, among = draw(world, n_episodes, policy, (*range(1000, 1000 + others), 4), update=9)
    length = alone.leaf.shape[0]
    for name in ("state", "action", "outcome", "reward"):
        assert torch.equal(getattr(alone, name)[:, 0], getattr(among, name)[:length, -1])
    assert torch.equal(alone.lengths[0], among.lengths[-1])


@pytest.mark.parametrize("n_episodes", [1, 2, 3])
@pytest.mark.parametrize("n_runs", [1, 2, 3])
def test_any_number_of_runs_and_episodes_draws_its_starts_without_a_word(
    n_runs: int, n_episodes: int
) -> None:
    """PyTorch warns of arrays that do not lie in one piece."""
    _, _, episodes = draw(restless(), n_episodes, seeds=tuple(range(n_runs)))
    assert episodes.lengths.shape == (n_runs, n_episodes)


def test_noise_has_the_deviation_of_its_cell() -> None:
    """One draw a step, mean 0 and deviation .5 within 5 standard errors."""
    mdp, _, episodes = draw(restless(), 5000)
    state = episodes.state[:, 0].clamp(max=mdp.n_states - 1)
    plain = mdp.reward[state, episodes.action[:, 0], episodes.outcome[:, 0]]
    noise = (episodes.reward[:, 0] - plain)[state == mdp.mdp.state((1, 1))]
    n = len(noise)
    assert n > 2000
    assert abs(float(noise.mean())) < 5 * 0.5 / np.sqrt(n)
    assert abs(float(noise.std()) - 0.5) < 5 * 0.5 / np.sqrt(2 * n)


def test_finished_episodes_are_put_aside_without_a_trace() -> None:
    """With many short episodes the walk is that of few, and nobody walks past an end."""
    world = sparse5(slip=0.0, max_steps=90)
    mdp = SampledMDP(compile_world(world))
    east_or_south = torch.tensor([0.05, 0.45, 0.45, 0.05], dtype=torch.float64)
    policy = east_or_south.expand(1, mdp.n_states, 4)
    _, _, episodes = draw(world, 1024, policy)
    assert float((episodes.lengths < 64).double().mean()) > 0.3
    state = episodes.state[:, 0]
    taken = (state.clamp(max=24), episodes.action[:, 0], episodes.outcome[:, 0])
    assert torch.equal(
        state[1:], torch.where(episodes.alive[:-1, 0], mdp.next_state[taken][:-1], 25)
    )


def test_tally_sums_by_state_and_action() -> None:
    """The same sums as a plain loop over the steps that were taken."""
    mdp, _, episodes = draw(restless(), 30, seeds=(0, 1))
    values = torch.randn(episodes.leaf.shape, dtype=torch.float64)
    expected = np.zeros((2, mdp.n_states + 1, mdp.n_actions))
    runs = np.arange(2)[None, :, None] + np.zeros(episodes.leaf.shape, dtype=int)
    np.add.at(expected, (runs, episodes.state, episodes.action), values)
    np.testing.assert_allclose(episodes.tally(values), expected[:, :-1], atol=1e-12)


def test_one_action_and_one_step_are_enough() -> None:
    """The smallest tables: a single move, an episode of one step."""
    world = World(("..",), moves=("right",), step_reward=-1.0, max_steps=1)
    mdp = SampledMDP(compile_world(world))
    _, _, episodes = draw(world, 8, torch.ones(1, 2, 1, dtype=torch.float64))
    assert torch.equal(episodes.lengths, torch.ones(1, 8, dtype=torch.int64))
    assert torch.equal(episodes.reward, torch.full((1, 1, 8), -1.0, dtype=torch.float64))
    assert set(episodes.state.view(-1).tolist()) <= {0, 1}
    assert mdp.n_actions == 1


def test_a_world_without_a_limit_is_refused() -> None:
    """One sentence that says what to set."""
    with pytest.raises(TrainingError, match="max_steps"):
        SampledMDP(compile_world(sparse5(max_steps=None)))


def test_too_many_steps_are_refused_before_anything_is_allocated() -> None:
    """10,000 steps of 4,096 episodes are more than one update may hold."""
    with pytest.raises(TrainingError, match=r"40,960,000 steps .* lower the episodes"):
        draw(sparse5(max_steps=10_000), 4096)
