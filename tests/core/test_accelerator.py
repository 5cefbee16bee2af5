"""Training on an accelerator does what it does on the CPU.

Where there is CUDA it runs there; elsewhere the same calls run on the CPU's memory, with everything
that NumPy does there turned off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rlxent_core import arrays, devices, exact
from rlxent_core.devices import choose_device, seconds_of_an_update
from rlxent_core.mdp import compile_world
from rlxent_core.policy import action_probabilities
from rlxent_core.rollout import Episodes, SampledMDP, TrainingError, sample_episodes
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, Streams
from rlxent_core.trainer import NotFiniteError, Trainer
from rlxent_core.way import REACHED, Way
from rlxent_core.world import World
from tests.core.learning_worlds import restless, sparse5
from tests.core.test_rollout import chi2, random_policy
from tests.core.test_trainer import combinations, name

CUDA = torch.cuda.is_available()
DEVICE = "cuda" if CUDA else "cpu"
MORE = (
    Settings(architecture="table"), Settings(architecture="linear"),
    Settings(features="position"), Settings(features="neighbourhood", architecture="table"),
    Settings(optimizer="sgd", learning_rate=0.5), Settings(entropy_bonus=0.1),
    Settings(gradient_clip=0.01),
)


@pytest.fixture
def accelerated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left to NumPy."""
    monkeypatch.setattr(arrays, "NUMPYS", frozenset())


def drawn(world: World, n_episodes: int, seeds: tuple[int, ...] = (3,)) -> Episodes:
    mdp = SampledMDP(compile_world(world), DEVICE)
    policy = random_policy(mdp.to("cpu"), len(seeds)).to(DEVICE)
    return sample_episodes(mdp, policy, n_episodes, Streams(seeds, Purpose.EPISODES, DEVICE))


@pytest.mark.usefixtures("accelerated")
@pytest.mark.parametrize("world", [restless(), sparse5()], ids=lambda world: world.name)
def test_choices_and_outcomes_have_their_probabilities(world: World) -> None:
    """χ² of (state, action, outcome) given the visits, within 5 of its standard deviations."""
    batch = drawn(world, 4000)
    mdp = compile_world(world)
    policy = random_policy(SampledMDP(mdp))[0].numpy()
    shape = (mdp.n_states + 1, mdp.n_actions, mdp.probability.shape[2])
    counts = np.zeros(shape)
    where = tuple(part.cpu().numpy() for part in (batch.state, batch.action, batch.outcome))
    np.add.at(counts, where, 1)
    counts = counts[:-1]
    joint = policy[:, :, None] * mdp.probability
    visits = counts.sum((1, 2), keepdims=True)
    value, cells = chi2(counts, visits * joint)
    free = cells - int((visits > 0).sum())
    assert abs(value - free) < 5 * np.sqrt(2 * free)


@pytest.mark.usefixtures("accelerated")
def test_starts_and_noise_have_their_distributions() -> None:
    """Two weighted starts, and a reward whose noise has mean 0 and its own deviation."""
    batch = drawn(restless(), 20_000)
    states, rewards = batch.state.cpu().numpy(), batch.reward.cpu().numpy()
    first = np.bincount(states[0].ravel(), minlength=9)
    assert first[[0, 3]].sum() == 20_000
    assert abs(first[3] - 15_000) < 5 * np.sqrt(20_000 * 0.25 * 0.75)
    mdp = compile_world(restless())
    outcomes = (states, batch.action.cpu().numpy(), batch.outcome.cpu().numpy())
    expected = np.concatenate([mdp.reward, np.zeros((1, *mdp.reward.shape[1:]))])[outcomes]
    deviation = np.append(mdp.reward_noise, 0)[states]
    noise = (rewards - expected)[deviation > 0] / deviation[deviation > 0]
    assert len(noise) > 1000
    assert abs(noise.mean()) < 5 / np.sqrt(len(noise))
    assert abs(noise.var() - 1) < 5 * np.sqrt(2 / len(noise))
    assert (rewards == expected)[deviation == 0].all()


@pytest.mark.usefixtures("accelerated")
def test_a_run_draws_the_same_alone_and_among_others() -> None:
    """Noise and new starts included."""
    mdp = SampledMDP(compile_world(restless()), DEVICE)
    policy = random_policy(mdp.to("cpu"), 7).to(DEVICE)

    def batch(which: slice, seeds: tuple[int, ...]) -> Episodes:
        streams = Streams(seeds, Purpose.EPISODES, DEVICE)
        return sample_episodes(mdp, policy[which], 13, streams, 5)

    alone, among = batch(slice(6, 7), (4,)), batch(slice(0, 7), (*range(10, 16), 4))
    for part in ("state", "action", "outcome", "reward"):
        assert torch.equal(getattr(alone, part)[:, 0], getattr(among, part)[:, 6])


@pytest.mark.skipif(not CUDA, reason="no CUDA device")
@pytest.mark.parametrize("n_runs", [1, 5])
def test_a_walk_that_is_replayed_is_the_one_that_is_called(n_runs: int) -> None:
    """Update by update the same episodes, noise and new starts too, and none is overwritten."""
    seeds = tuple(range(n_runs))
    policy = random_policy(SampledMDP(compile_world(restless())), n_runs).to(DEVICE)
    other = policy.flip(-1)

    def batches(anew: bool) -> list[Episodes]:
        mdp = SampledMDP(compile_world(restless()), DEVICE)
        streams = Streams(seeds, Purpose.EPISODES, DEVICE)
        found = []
        for update in range(6):
            if anew:
                mdp.tables(n_runs).graphs.clear()
            now = other if update % 2 else policy
            found.append(sample_episodes(mdp, now, 13, streams, update))
        assert all(mdp.tables(n_runs).graphs.values()) != anew
        return found

    for called, replayed in zip(batches(anew=True), batches(anew=False), strict=True):
        for part in ("state", "action", "outcome", "reward", "lengths"):
            assert torch.equal(getattr(called, part), getattr(replayed, part))


@pytest.mark.usefixtures("accelerated")
@pytest.mark.parametrize(("many", "size"), [(1, 7), (700, 3), (20_000, 11), (5_000, 90_000)])
def test_sums_by_index(many: int, size: int) -> None:
    """Those of NumPy, most of which have the same index, and the same bits each time."""
    dice = np.random.default_rng(many)
    index = dice.integers(size, size=many)
    index[dice.random(many) < 0.6] = size - 1
    values = dice.normal(size=(2, many))
    where, given = torch.from_numpy(index).to(DEVICE), torch.from_numpy(values).to(DEVICE)
    found = arrays.sum_by_index(where, given, size)
    expected = [np.bincount(index, row, size) for row in values]
    np.testing.assert_allclose(found.cpu().numpy(), expected, rtol=1e-12, atol=1e-11)
    assert torch.equal(found, arrays.sum_by_index(where, given, size))


@pytest.mark.skipif(not CUDA, reason="no CUDA device")
def test_a_batch_too_large_for_the_cpu_is_drawn_on_cuda() -> None:
    """More steps than the CPU may hold; ``auto`` finds that out."""
    settings = Settings(architecture="table", batch_episodes=2**19)

    def make(device: str) -> Trainer:
        return Trainer(sparse5(), settings, (0,), device)

    with pytest.raises(TrainingError, match="steps in memory"):
        make("cpu")
    assert choose_device("auto", make) == "cuda"
    done = make("cuda").step()
    assert done.lengths.shape == (1, 2**19)
    assert bool((done.lengths >= 1).all())


@pytest.mark.parametrize("settings", [*combinations()[::2], *MORE], ids=name)
def test_an_update_is_that_of_the_cpu(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the same episodes and the same state the same weights and the same policy."""
    settings = replace(settings, batch_episodes=8)
    with monkeypatch.context() as patch:
        patch.setattr(arrays, "NUMPYS", frozenset())
        there = Trainer(restless(), settings, (0, 1, 2), DEVICE)
        for _ in range(3):
            there.step()
        state, given = there.state(), there.collect()
        done = there.step()
        logits, weights = there.logits().cpu(), done.weights.cpu()
    here = Trainer(restless(), settings, (0, 1, 2))
    here.load_state(state)
    mdp = here.sampled_mdp
    here._collected = Episodes(
        mdp, given.leaf.cpu(), given.reward.cpu(), given.lengths.cpu(), mdp.tables(3)
    )
    here._probabilities = action_probabilities(here.logits())
    again = here.step()
    alive = again.batch.alive
    torch.testing.assert_close(weights[alive], again.weights[alive], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(logits, here.logits(), rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("accelerated")
def test_it_learns() -> None:
    """The defaults solve the first world."""
    trainer = Trainer(sparse5(), Settings(), range(3), DEVICE)
    for _ in range(80):
        trainer.step()
    way = Way(compile_world(sparse5()))
    values = way.value(trainer.logits().double().cpu().numpy())
    shares = [way.fraction(float(value)) for value in values]
    assert sum(share is not None and share >= REACHED for share in shares) >= 2
    uniform = float(exact.start_value(way.mdp, exact.uniform_policy(way.mdp), 100))
    assert values.min() > uniform


@pytest.mark.usefixtures("accelerated")
def test_numbers_that_stop_being_finite_are_noticed() -> None:
    """At one of the looks, and the trainer is then as it was at the look before."""
    trainer = Trainer(sparse5(step_reward=1e300), Settings(), (0,), DEVICE)
    before = trainer.logits().clone()


    def train() -> None:
        for _ in range(100):
            trainer.step()

    with pytest.raises(NotFiniteError):
        train()
    assert torch.equal(trainer.logits(), before)


@pytest.mark.skipif(not CUDA, reason="no CUDA device")
@pytest.mark.parametrize("settings", [*combinations(), *MORE], ids=name)
def test_an_update_on_cuda_waits_for_nothing(settings: Settings) -> None:
    """No hidden synchronisation in a step between two looks at finiteness."""
    trainer = Trainer(restless(), settings, (0, 1), DEVICE)
    for _ in range(2):
        trainer.step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        trainer.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def fake(seconds: dict[str, float | Exception], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Trainers whose updates take so long; who was tried is noted."""
    tried: list[str] = []

    def measured(device: Any) -> float:
        tried.append(device)
        taken = seconds[device]
        if isinstance(taken, Exception):
            raise taken
        return taken

    monkeypatch.setattr(devices, "seconds_of_an_update", measured)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    return tried, lambda device: device


@pytest.mark.parametrize(
    ("asked", "seconds", "chosen", "tried"),
    [
        ("cpu", {}, "cpu", []),
        ("cuda", {}, "cuda", []),
        ("auto", {"cpu": 0.0005}, "cpu", ["cpu"]),
        ("auto", {"cpu": 0.05, "cuda": 0.004}, "cuda", ["cpu", "cuda"]),
        ("auto", {"cpu": 0.003, "cuda": 0.004}, "cpu", ["cpu", "cuda"]),
        ("auto", {"cpu": 0.05, "cuda": TrainingError("no memory")}, "cpu", ["cpu", "cuda"]),
        ("auto", {"cpu": 0.05, "cuda": torch.OutOfMemoryError()}, "cpu", ["cpu", "cuda"]),
    ],
)
def test_auto_takes_the_faster_one(
    asked: str, seconds: dict[str, float | Exception], chosen: str, tried: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where an update is quick on the CPU, CUDA is not even tried; where it fails, it is not."""
    found, make = fake(seconds, monkeypatch)
    assert choose_device(asked, make) == chosen
    assert found == tried


def test_without_cuda_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was asked for, and nothing is tried."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for asked in ("auto", "cpu", "cuda"):
        assert choose_device(asked, lambda device: pytest.fail("tried")) == "cpu"


def test_an_update_takes_time() -> None:
    """A positive number of seconds; none to speak of where it breaks."""
    assert 0 < seconds_of_an_update(Trainer(sparse5(), Settings(), (0,))) < 60
    breaking = Trainer(sparse5(step_reward=1e300), Settings(), (0,))
    assert seconds_of_an_update(breaking) == float("inf")


def test_auto_goes_to_cuda_with_what_the_cpu_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where neither can, the sentence is that of the device."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)

    def make(device: str) -> Trainer:
        if device in refused:
            raise TrainingError(f"too much for {device}")
        return Trainer(sparse5(), Settings(), (0,))

    refused = {"cpu"}
    assert choose_device("auto", make) == "cuda"
    refused = {"cpu", "cuda"}
    with pytest.raises(TrainingError, match="too much for cuda"):
        choose_device("auto", make)
