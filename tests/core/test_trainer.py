"""The trainer: what an update does, what changes keep, and that the same seed is the same bits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rlxent_core import exact
from rlxent_core.settings import Settings, SettingsError, descriptions
from rlxent_core.trainer import NotFiniteError, Trainer, TrainerState, TrainingError
from rlxent_core.world import World
from tests.core.learning_worlds import corridor, restless, sparse5


def combinations() -> list[Settings]:
    """Every pair of credit and baseline that goes together, in both discount weightings."""
    found = []
    baselines, credits = descriptions()["baseline"].choices, descriptions()["credit"].choices
    assert baselines is not None
    assert credits is not None
    for credit, baseline, weighting in itertools.product(credits, baselines, ("exact", "practice")):
        try:
            found.append(Settings(credit=credit, baseline=baseline, discount_weighting=weighting))
        except SettingsError:
            assert credit == "gae"
    return found


def name(settings: Settings) -> str:
    return f"{settings.credit}-{settings.baseline}-{settings.discount_weighting}"


def trained(n: int, *args: object, **more: object) -> Trainer:
    trainer = Trainer(*args, **more)  # type: ignore[arg-type]
    for _ in range(n):
        trainer.step()
    return trainer


def tensors(state: TrainerState) -> list[Tensor]:
    critic = state.baselines.critic
    found = [state.policy.flat, *state.policy.moments]
    found += [state.baselines.average.total, state.baselines.constant]
    return found if critic is None else [*found, critic.flat, *critic.moments]


def same(one: TrainerState, two: TrainerState) -> bool:
    return (
        (one.update, one.episodes, one.env_steps) == (two.update, two.episodes, two.env_steps)
        and one.baselines.average.batches == two.baselines.average.batches
        and all(map(torch.equal, tensors(one), tensors(two)))
    )


def test_an_update_says_what_it_did() -> None:
    """Counts, returns, lengths, logits before and after, and whole episodes with weights."""
    trainer = Trainer(sparse5(), Settings(batch_episodes=8), (0, 1))
    first = trainer.logits()
    update = trainer.step()
    assert (update.update, trainer.update, trainer.episodes) == (1, 1, 16)
    assert torch.equal(update.logits_before, first)
    assert torch.equal(update.logits_after, trainer.logits())
    assert not torch.equal(update.logits_before, update.logits_after)
    assert update.lengths.shape == update.returns.shape == (2, 8)
    assert update.env_steps == trainer.env_steps == int(update.lengths.sum())
    discount = 0.97 ** (update.lengths - 1).double()
    paid = update.batch.reward.sum(0)
    torch.testing.assert_close(update.returns, paid * discount)
    assert trainer.visits() is not None
    assert trainer.visits().sum() == int(update.lengths[0].sum())


def test_shown_episodes_are_whole() -> None:
    """From start to goal, each landing the next state, with the weights of the update."""
    trainer = trained(30, sparse5(slip=0.0), Settings())
    update = trainer.step()
    assert len(update.episodes) == 4
    for index, episode in enumerate(update.episodes):
        length = int(update.lengths[0, index])
        assert len(episode.states) == len(episode.weights) == length
        assert episode.states[0] == 0
        assert np.array_equal(episode.landings[:-1], episode.states[1:])
        assert np.array_equal(episode.weights, update.weights[:length, 0, index].numpy())
        if length < 100:
            assert episode.landings[-1] == 24
            assert episode.rewards.tolist() == [0.0] * (length - 1) + [1.0]


@pytest.mark.parametrize("settings", combinations(), ids=name)
def test_looking_at_the_coming_episodes_changes_nothing(settings: Settings) -> None:
    """With and without collect() before each step the states are the same bits."""
    plain = trained(4, restless(), settings)
    looked = Trainer(restless(), settings)
    for _ in range(4):
        coming = looked.collect()
        assert coming is looked.collect()
        assert looked.step().batch is coming
    assert same(plain.state(), looked.state())


def test_runs_may_differ_in_their_own_values() -> None:
    """Step sizes, entropy and clipping by run: each as if trained alone with its settings."""
    base = Settings(credit="gae", baseline="critic")
    several = [
        replace(base, learning_rate=0.1, gradient_clip=0.05),
        replace(base, critic_learning_rate=0.5, entropy_bonus=0.1),
        base,
    ]
    together = trained(6, sparse5(), several, (0, 1, 2))
    for run, settings in enumerate(several):
        alone = trained(6, sparse5(), settings, (run,))
        assert torch.equal(alone.logits()[0], together.logits()[run])


def test_runs_may_not_differ_in_what_they_share() -> None:
    """One sentence that names what may differ; as many settings as seeds."""
    with pytest.raises(TrainingError, match="differ only in learning_rate"):
        Trainer(sparse5(), [Settings(), Settings(hidden=8)], (0, 1))
    with pytest.raises(TrainingError, match="settings for 1 runs and seeds for 2"):
        Trainer(sparse5(), [Settings()], (0, 1))


@pytest.mark.parametrize("settings", combinations(), ids=name)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_state_is_everything(settings: Settings, optimizer: str) -> None:
    """Loaded into another trainer it goes on with the same bits; its size is its tensors'."""
    settings = replace(settings, optimizer=optimizer)
    trainer = trained(3, restless(), settings)
    state = trainer.state()
    other = Trainer(restless(), settings)
    other.load_state(state)
    for _ in range(3):
        trainer.step()
        other.step()
    assert same(trainer.state(), other.state())
    assert state.update == 3
    assert state.nbytes == sum(t.numel() * t.element_size() for t in tensors(state))


def test_a_world_of_the_same_size_keeps_the_policy() -> None:
    """Logits stay where they are; the next episodes are of the new world."""
    trainer = trained(5, sparse5(), Settings())
    before = trainer.logits()
    trainer.set_world(sparse5(step_reward=-1.0, max_steps=3))
    assert torch.equal(trainer.logits(), before)
    assert trainer.collect().reward.shape[0] == 3
    assert bool((trainer.step().returns < -2).all())
    assert trainer.update == 6


@pytest.mark.parametrize(
    "other", [World(("S..", "...", "..G"), sparse5().tiles), sparse5(moves=("up", "right"))]
)
def test_another_grid_or_other_moves_start_the_policy_anew(other: World) -> None:
    """As a fresh trainer of that seed starts, with the count of updates going on."""
    trainer = trained(5, sparse5(), Settings(baseline="critic"), (4,))
    trainer.set_world(other)
    fresh = Trainer(other, Settings(baseline="critic"), (4,))
    assert torch.equal(trainer.logits(), fresh.logits())
    assert torch.equal(trainer.critic_values(), fresh.critic_values())
    assert trainer.step().update == 6


def test_settings_are_live() -> None:
    """A step size keeps policy and moments; a width starts anew; an optimiser its moments."""
    trainer = trained(5, sparse5(), Settings())
    state = trainer.state()
    trainer.set_settings(Settings(learning_rate=0.5, batch_episodes=3, entropy_bonus=0.1))
    assert same(trainer.state(), state)
    assert trainer.step().returns.shape == (1, 3)
    trainer.set_settings(Settings(optimizer="sgd"))
    assert trainer.state().policy.moments == ()
    logits = trainer.logits()
    trainer.set_settings(Settings(optimizer="sgd", hidden=8))
    assert not torch.equal(trainer.logits(), logits)
    assert torch.equal(trainer.logits(), Trainer(sparse5(), Settings(hidden=8)).logits())


def test_a_baseline_that_is_turned_on_starts_from_nothing() -> None:
    """Moving average and optimal constant are 0 first and numbers after a batch."""
    trainer = trained(5, restless(), Settings())
    assert trainer.baseline_constant() is None
    for baseline in ("moving_average", "optimal_constant"):
        trainer.set_settings(Settings(baseline=baseline))
        assert trainer.baseline_constant().tolist() == [0.0]
        trainer.step()
        assert trainer.baseline_constant().item() != 0.0


def test_the_critic_is_fitted_after_the_advantages_are_taken() -> None:
    """Weights of a batch use V as it was before the batch taught it anything."""
    trainer = trained(3, restless(), Settings(baseline="critic"))
    values = trainer.critic_values()
    update = trainer.step()
    episode = update.episodes[0]
    returns = np.zeros(len(episode.rewards))
    later = 0.0
    for t in reversed(range(len(returns))):
        later = returns[t] = episode.rewards[t] + 0.9 * later
    expected = returns - values[0].numpy()[episode.states]
    np.testing.assert_allclose(episode.weights, expected, atol=1e-12)
    assert not torch.equal(values, trainer.critic_values())


def test_the_critic_learns_the_values() -> None:
    """Under a policy that stands still V(s) at the start comes within .05 of its exact value."""
    settings = Settings(
        architecture="table", baseline="critic", learning_rate=1e-5, batch_episodes=256,
        critic_learning_rate=0.05,
    )  # fmt: skip
    trainer = trained(150, restless(), settings)
    policy = exact.softmax(trainer.logits()[0].double().numpy())
    value = trainer.critic_values()[0, trainer.mdp.state((1, 0))].item()
    expected = exact.values_t(trainer.mdp, policy, 40)[0, trainer.mdp.state((1, 0))]
    assert value == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("settings", combinations(), ids=name)
@pytest.mark.parametrize("reward", [1e25, 1e308])
def test_numbers_that_leave_the_finite_stop_training(settings: Settings, reward: float) -> None:
    """One sentence, the update's number, and the trainer as it was before."""
    good = restless()
    trainer = trained(3, good, settings)
    before = trainer.state()
    trainer.set_world(good.with_fields(step_reward=reward, discount=1.0, reward_noise=reward))
    with pytest.raises(NotFiniteError, match="stopped being finite") as caught:
        trainer.step()
    assert caught.value.update == 4
    assert same(trainer.state(), before)
    trainer.set_world(good)
    assert trainer.step().update == 4
    assert bool(trainer.logits().isfinite().all())


class Brittle(nn.Module):
    """Logits that are no numbers once a parameter is not positive."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1, 25, 4), 1e-3))

    def forward(self) -> Tensor:
        return self.scale.log()


def test_a_given_policy_that_breaks_stops_training() -> None:
    """Its gradient was finite and its logits are not: the trainer is as it was before."""
    trainer = Trainer(sparse5(), Settings(baseline="moving_average"), policy=Brittle())
    states: list[TrainerState] = []

    def break_it() -> None:
        while True:
            states.append(trainer.state())
            trainer.step()

    with pytest.raises(NotFiniteError) as caught:
        break_it()
    assert caught.value.update == len(states)
    assert same(trainer.state(), states[-1])
    assert bool(trainer.logits().isfinite().all())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.set_world(sparse5(max_steps=None)), "set max_steps"),
        (lambda t: t.set_world(sparse5(max_steps=10_000)), "lower the episodes"),
        (lambda t: t.set_settings([Settings(), Settings()]), "settings for 2 runs"),
    ],
)
def test_a_change_that_cannot_be_trained_changes_nothing(
    change: Callable[[Trainer], None], sentence: str
) -> None:
    """One sentence that says what to do; the training goes on as if it had not been asked."""
    settings = Settings(batch_episodes=4096)
    trainer = trained(1, sparse5(max_steps=5), settings)
    world, state = trainer.world, trainer.state()
    with pytest.raises(TrainingError, match=sentence):
        change(trainer)
    assert trainer.world is world
    assert trainer.settings is settings
    assert same(trainer.state(), state)
    assert trainer.step().update == 2


def test_returns_are_exact_where_the_discount_vanishes() -> None:
    """γ = 0: G_t is r_t, and training goes on."""
    trainer = Trainer(restless().with_fields(discount=0.0), Settings())
    update = trainer.step()
    assert torch.equal(update.returns, update.batch.reward[0])


class Convolution(nn.Module):
    """Logits from two convolutions over the board's coordinates: parameters without a runs axis."""

    def __init__(self, rows: int, columns: int, n_actions: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        r, c = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        self.board = torch.stack([r / rows, c / columns, torch.ones_like(r)])[None]
        self.one = nn.Parameter(torch.randn(16, 3, 3, 3, generator=generator) * 0.2)
        self.two = nn.Parameter(torch.randn(n_actions, 16, 3, 3, generator=generator) * 0.1)

    def forward(self) -> Tensor:
        hidden = torch.tanh(nn.functional.conv2d(self.board, self.one, padding=1))
        logits = nn.functional.conv2d(hidden, self.two, padding=1)
        return logits.flatten(2).mT


class SharedFeatures(nn.Module):
    """Logits linear in features of row and column, a runs axis first."""

    def __init__(self, n_runs: int, rows: int, columns: int, n_actions: int) -> None:
        super().__init__()
        cells = torch.eye(rows)[:, None, :].expand(-1, columns, -1)
        across = torch.eye(columns)[None].expand(rows, -1, -1)
        self.features = torch.cat([cells, across], -1).reshape(rows * columns, -1)
        self.weight = nn.Parameter(torch.zeros(n_runs, rows + columns, n_actions))

    def forward(self) -> Tensor:
        return self.features @ self.weight


@pytest.mark.parametrize(
    ("make", "seeds"),
    [(lambda: Convolution(5, 5, 4), (0,)), (lambda: SharedFeatures(3, 5, 5, 4), (0, 1, 2))],
    ids=["convolution", "shared features"],
)
def test_any_module_can_be_the_policy(
    make: Callable[[], nn.Module], seeds: tuple[int, ...]
) -> None:
    """It learns the open 5×5, and its state goes on with the same bits."""
    world = World(("S....", ".....", ".....", ".....", "....G"), sparse5().tiles, discount=0.95)
    settings = Settings(baseline="exact_value", learning_rate=0.03)
    trainer = Trainer(world, settings, seeds, policy=make())
    start = exact.start_value(trainer.mdp, exact.softmax(trainer.logits().double().numpy()), 100)
    for _ in range(80):
        trainer.step()
    policy = exact.softmax(trainer.logits().double().numpy())
    value = exact.start_value(trainer.mdp, policy, 100)
    best = exact.optimal_start_value(trainer.mdp, 100)
    assert bool((value > start + 0.8 * (best - start)).all())
    state = trainer.state()
    other = Trainer(world, settings, seeds, policy=make())
    other.load_state(state)
    trainer.step()
    other.step()
    assert same(trainer.state(), other.state())


def test_a_policy_of_another_shape_is_refused() -> None:
    """At once, and again when the world grows past it."""
    with pytest.raises(TrainingError, match=r"must be \[1, 25, 4\], not \[1, 25, 3\]"):
        Trainer(sparse5(), Settings(), policy=Convolution(5, 5, 3))
    trainer = Trainer(sparse5(), Settings(), policy=Convolution(5, 5, 4))
    with pytest.raises(TrainingError, match="another grid"):
        trainer.set_world(corridor())
    assert trainer.step().update == 1


def test_moving_to_the_same_device_keeps_every_bit() -> None:
    """Policy, moments, critic and counts come along; the next update is the same."""
    settings = Settings(credit="gae", baseline="critic")
    stays, moves = (trained(3, restless(), settings) for _ in range(2))
    moves.to("cpu")
    assert same(stays.state(), moves.state())
    stays.step()
    moves.step()
    assert same(stays.state(), moves.state())
