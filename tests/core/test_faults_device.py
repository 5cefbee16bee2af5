"""An accelerator fails, at any moment: training goes on on the CPU from the last moment kept there,
bit for bit as if it had always been there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from rlxent_core.settings import Settings
from rlxent_core.tiles import Tile
from rlxent_core.timeline import LEAST_INTERVAL, Timeline
from rlxent_core.trainer import Trainer, TrainerState, TrainingError
from rlxent_core.world import WALL_TILE, World
from rlxent_core.world_file import write_text
from tests.fake_cuda import FakeCuda

WORLD = World(
    map=("S..", "..G"), tiles={"S": Tile(start=1), "G": Tile(terminal=True, reward=1)},
    slip=0.1, max_steps=4,
)
SAMPLED = 10**6 if os.environ.get("RLXENT_THOROUGH") else 2
"""Of all operations, about so many are made to fail; with ``RLXENT_THOROUGH=1`` all of them."""
OTHER = WORLD.with_tiles({(0, 2): WALL_TILE})
KINDS = {
    "table": Settings(batch_episodes=4),
    "mlp and critic": Settings(
        batch_episodes=4, architecture="mlp", hidden=4, baseline="critic", credit="gae"
    ),
    "views and mean": Settings(
        batch_episodes=4, architecture="table", features="neighbourhood",
        baseline="moving_average", gradient_clip=1.0,
    ),
    "linear and constant": Settings(
        batch_episodes=4, architecture="linear", features="position", baseline="optimal_constant",
        optimizer="sgd",
    ),
}


@pytest.fixture
def cuda() -> Iterator[FakeCuda]:
    fake = FakeCuda()
    with fake.there(), fake:
        yield fake


def begun(settings: Settings, updates: int = 3) -> Timeline:
    """Trained on the device for some updates, the last of which is kept."""
    timeline = Timeline(Trainer(WORLD, settings, (0,), "cuda"))
    for _ in range(updates):
        timeline.step()
    timeline.keep()
    return timeline


def go_on(
    state: TrainerState, settings: Settings, world: World = WORLD, updates: int = 3
) -> Tensor:
    """What the CPU makes of a state in so many updates: logits."""
    trainer = Trainer(world, settings, (0,))
    trainer.load_state(state)
    for _ in range(updates):
        trainer.step()
    return trainer.logits()


def operations(cuda: FakeCuda, act: Callable[[Timeline], object], settings: Settings) -> int:
    """How many the device is asked for when nothing fails."""
    timeline = begun(settings)
    cuda.arm(lambda operation: "")
    act(timeline)
    return cuda.operations


@pytest.mark.parametrize(
    ("kind", "how"), [("table", "oom"), *((kind, "dead") for kind in KINDS)]
)
def test_a_step_that_fails_at_any_operation(cuda: FakeCuda, kind: str, how: str) -> None:
    """Nothing half done is left, and nothing is read from a device that is dead."""
    settings = KINDS[kind]
    total = operations(cuda, lambda timeline: timeline.step(), settings)
    assert total > 50
    for k in range(1, total + 1, max(1, total // SAMPLED)):
        timeline = begun(settings)
        trainer = timeline.trainer
        state = trainer.state().cpu()
        cuda.arm(lambda operation, k=k: how if operation == k else "")
        with pytest.raises((torch.OutOfMemoryError, torch.AcceleratorError)):
            timeline.step()
        timeline.rescue(at_most=3)
        assert (trainer.update, trainer.device.type, timeline.earliest) == (3, "cpu", 3)
        for _ in range(3):
            timeline.step()
        assert torch.equal(trainer.logits(), go_on(state, settings))
        cuda.dead = False


EDITS: dict[str, Callable[[Timeline], object]] = {
    "world": lambda timeline: timeline.edit_world(OTHER),
    "step size": lambda timeline: timeline.edit_settings(
        Settings(batch_episodes=4, learning_rate=0.5)
    ),
    "architecture": lambda timeline: timeline.edit_settings(
        Settings(batch_episodes=4, architecture="linear")
    ),
    "rewind": lambda timeline: timeline.rewind(2),
    "replay": lambda timeline: timeline.replay([1, 2], lambda trainer: trainer.logits().cpu()),
}


@pytest.mark.parametrize("what", EDITS)
def test_whatever_else_fails_at_any_operation(cuda: FakeCuda, what: str) -> None:
    """An edit, a rewind, a replay: the last update is the one that was kept."""
    settings, act = KINDS["table"], EDITS[what]
    total = operations(cuda, act, settings)
    assert total
    for k in range(1, total + 1, max(1, total // SAMPLED)):
        timeline = begun(settings)
        state = timeline.trainer.state().cpu()
        cuda.arm(lambda operation, k=k: "dead" if operation == k else "")
        with pytest.raises(torch.AcceleratorError):
            act(timeline)
        timeline.rescue(at_most=3)
        assert (timeline.trainer.update, timeline.trainer.world) == (3, WORLD)
        for _ in range(3):
            timeline.step()
        assert torch.equal(timeline.trainer.logits(), go_on(state, settings))
        cuda.dead = False


def test_what_was_changed_since_holds(cuda: FakeCuda) -> None:
    """A wall and a step size after the last update that was kept, two updates, then the end."""
    timeline = begun(KINDS["table"])
    state = timeline.trainer.state().cpu()
    settings = Settings(batch_episodes=4, learning_rate=0.5, baseline="moving_average")
    timeline.edit_world(OTHER)
    timeline.step()
    timeline.edit_settings(settings)
    timeline.step()
    cuda.dead = True
    with pytest.raises(torch.AcceleratorError):
        timeline.step()
    timeline.rescue(at_most=5)
    trainer = timeline.trainer
    assert (trainer.update, trainer.world, trainer.settings) == (3, OTHER, settings)
    for _ in range(3):
        timeline.step()
    assert torch.equal(trainer.logits(), go_on(state, settings, OTHER))


def test_unless_more_is_kept_it_is_a_keyframe(cuda: FakeCuda) -> None:
    """They lie on the CPU; one of an update that was never told of is not used."""
    timeline = Timeline(Trainer(WORLD, KINDS["table"], (0,), "cuda"))
    for _ in range(2 * LEAST_INTERVAL + 5):
        timeline.step()
    cuda.dead = True
    timeline.rescue(at_most=2 * LEAST_INTERVAL - 1)
    assert timeline.trainer.update == LEAST_INTERVAL


def test_moving_there_fails_at_any_operation(cuda: FakeCuda) -> None:
    """The memory is full when CUDA is chosen in mid-run: it stays where it was, bit for bit."""
    settings = KINDS["mlp and critic"]

    def on_cpu() -> Timeline:
        timeline = Timeline(Trainer(WORLD, settings, (0,)))
        for _ in range(3):
            timeline.step()
        return timeline

    cuda.arm(lambda operation: "")
    on_cpu().move_to("cuda")
    total = cuda.operations
    for k in range(1, total + 1, max(1, total // SAMPLED)):
        timeline = on_cpu()
        cuda.arm(lambda operation, k=k: "dead" if operation == k else "")
        with pytest.raises(torch.AcceleratorError):
            timeline.move_to("cuda")
        timeline.rescue(at_most=3)
        for _ in range(3):
            timeline.step()
        never = on_cpu()
        for _ in range(3):
            never.step()
        assert torch.equal(timeline.trainer.logits(), never.trainer.logits())
        cuda.dead = False


def test_a_policy_that_was_given_is_lost(cuda: FakeCuda) -> None:
    """Nobody but its maker can make it anew; said in a sentence."""

    class Given(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.nn.Parameter(torch.zeros(1, 6, 4))

        def forward(self) -> Tensor:
            return self.table * 1

    timeline = Timeline(Trainer(WORLD, KINDS["table"], (0,), "cuda", policy=Given()))
    timeline.step()
    cuda.dead = True
    with pytest.raises(TrainingError, match="was given"):
        timeline.rescue(at_most=1)


REAL = """
import sys
import torch
from rlxent_core.settings import Settings
from rlxent_core.timeline import Timeline
from rlxent_core.trainer import Trainer
from rlxent_core.world_file import read_text

world = read_text(sys.stdin.read())
timeline = Timeline(Trainer(world, Settings(), (0,), "cuda"))
for _ in range(25):
    timeline.step()
timeline.keep()
kept = timeline.trainer.state().cpu()
try:  # an assertion on the device ends every use of it
    torch.zeros(2, device="cuda")[torch.tensor([5], device="cuda")].cpu()
except RuntimeError as error:
    print(type(error).__name__, "CUDA" in str(error))
try:
    timeline.step()
    timeline.trainer.logits().cpu()
except RuntimeError as error:
    print(type(error).__name__, "CUDA" in str(error))
timeline.rescue(25)
alone = Trainer(world, Settings(), (0,))
alone.load_state(kept)
for _ in range(5):
    timeline.step()
    alone.step()
print(timeline.trainer.update, torch.equal(timeline.trainer.logits(), alone.logits()))
"""


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_real_device_that_dies() -> None:
    """In a process of its own, since nothing brings it back there."""
    ran = subprocess.run(
        [sys.executable, "-c", REAL], input=write_text(WORLD), capture_output=True, text=True,
        timeout=300, check=False,
    )
    assert ran.returncode == 0, ran.stderr
    *failed, last = ran.stdout.splitlines()
    assert len(failed) == 2
    assert all(line.endswith("True") for line in failed)
    assert last == "30 True"
