"""The lines that a lecture shows: run as they are, they compute the update on the screen."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rlxent_core.code_behind import READ, WIDTH, Code, acted_in, numpy_code, torch_code
from rlxent_core.effect import cotangent_of_episode
from rlxent_core.policy import action_probabilities
from rlxent_core.settings import Settings
from rlxent_core.trainer import Trainer
from rlxent_core.weightings import TRAINED, WEIGHTINGS, EpisodeCredit, weighting
from rlxent_core.world import World
from tests.core.credit_maker import FEWER, Drawn, batches, by_hand, close, drawn
from tests.core.learning_worlds import corridor, restless, sparse5
from tests.core.test_crediting import of_update

Floats = NDArray[np.float64]
LIBRARIES = (torch_code, numpy_code)


def printed(code: Code) -> Floats:
    """What the script prints, executed in a namespace of its own."""
    with contextlib.redirect_stdout(io.StringIO()) as out, precisely():
        exec(compile(code.text, "the code behind it", "exec"), {"__name__": "__main__"})
    return numbers(out.getvalue())


@contextlib.contextmanager
def precisely() -> Any:
    """Print all digits and all rows."""
    torch.set_printoptions(precision=17, threshold=10**9, sci_mode=True)
    try:
        with np.printoptions(precision=17, threshold=10**9):
            yield
    finally:
        torch.set_printoptions(profile="default")


def numbers(text: str) -> Floats:
    """[K, A]"""
    text = text.replace("dtype=torch.float64", "").replace("tensor", "")
    rows = [row for row in text.replace("\n", " ").split("]") if re.search(r"\d", row)]
    return np.array([re.findall(r"-?\d[\d.]*(?:e[+-]?\d+)?", row) for row in rows], dtype=float)


def by_autograd(credit: EpisodeCredit, weights: Floats) -> Floats:
    """∂/∂z of Σ_t w_t CE(z(s_t), a_t) / B in the cells it acted in: [K, A]."""
    z = torch.log(torch.from_numpy(credit.policy)).requires_grad_()
    states, actions = torch.from_numpy(credit.states), torch.from_numpy(credit.actions)
    loss = torch.nn.functional.cross_entropy(z[states], actions, reduction="none")
    loss = (loss * torch.from_numpy(weights)).sum() / len(credit.batch_returns)
    (gradient,) = torch.autograd.grad(loss, z)
    found: Floats = gradient.numpy()[acted_in(credit)]
    return found


@FEWER
@given(batches(), st.booleans(), st.sampled_from([0.0, 0.5, 1.0]), st.data())
def test_both_scripts_compute_this_very_update(
    batch: Drawn, learned: bool, lam: float, data: st.DataObject
) -> None:
    """In random worlds, for every weighting: torch, NumPy, autograd and the core agree."""
    credit = batch.credit(data.draw(st.integers(0, batch.batch.n_episodes - 1)))
    step = data.draw(st.integers(0, credit.length - 1))
    key = data.draw(st.sampled_from(WEIGHTINGS))
    weights = weighting(credit, key, learned=learned, lam=lam).weights
    expected = by_autograd(credit, weights)
    close(cotangent_of_episode(credit, weights)[acted_in(credit)] / len(credit.batch_returns),
          expected)  # fmt: skip
    for code in LIBRARIES:
        close(printed(code(credit, step, key, learned, lam)), expected)


@pytest.mark.parametrize("discounting", ["exact", "practice"])
@pytest.mark.parametrize("key", [*WEIGHTINGS, TRAINED])
@pytest.mark.parametrize("world", [sparse5(), restless(), corridor()], ids=lambda w: w.name)
def test_every_weighting_of_a_real_update(world: World, key: str, discounting: str) -> None:
    """Weighed with the policy, the critic and the weights that the update was made with."""
    settings = Settings(
        credit="gae", baseline="critic", discount_weighting=discounting, batch_episodes=5, hidden=8
    )
    trainer = Trainer(world, settings, (3,))
    trainer.step()
    done = trainer.step()
    for index in (0, 4):
        credit = of_update(trainer, done, index)
        expected = by_autograd(credit, weighting(credit, key, learned=True, lam=0.8).weights)
        for code in LIBRARIES:
            close(printed(code(credit, 0, key, True, 0.8)), expected)


def test_alone_in_a_file(tmp_path: Path) -> None:
    """Copied into files, they run in a Python that is kept from importing rlxent."""
    credit = drawn(restless(), n_episodes=3).credit(1)
    for code in LIBRARIES:
        script = code(credit, 2, "gae")
        path = tmp_path / "credit.py"
        path.write_text(script.text, encoding="utf-8")
        answer = subprocess.run(
            [sys.executable, "-I", path.name], capture_output=True, text=True, timeout=300,
            cwd=tmp_path,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        found = numbers(answer.stdout)
        expected = by_autograd(credit, weighting(credit, "gae").weights)
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert "rlxent" not in script.text


def test_a_thousand_steps() -> None:
    """On a large board, and in no more lines."""
    world = World(("." * 40,) * 40, max_steps=1000, step_reward=-0.01, discount=0.9)
    credit = drawn(world, n_episodes=2).credit()
    assert credit.length == 1000
    for key in ("value", "gae"):
        expected = by_autograd(credit, weighting(credit, key).weights)
        for code in LIBRARIES:
            script = code(credit, 999, key)
            close(printed(script), expected)
            assert len(script.shown) <= 9
            assert all(len(line) <= WIDTH for line, _ in script.shown)


def with_comments(text: str) -> tuple[list[str], list[str]]:
    """The comment of each line of code, from above it or behind it, and the lines."""
    told: list[str] = []
    code: list[str] = []
    above: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            above.append(line.removeprefix("#").strip())
            continue
        head, _, behind = line.partition("  # ")
        assert not (above and behind)
        told.append(behind or " ".join(above))
        code.append(head)
        above = []
    assert not above
    return told, code


@FEWER
@given(batches(), st.booleans(), st.data())
def test_it_is_eight_lines_that_fit(batch: Drawn, learned: bool, data: st.DataObject) -> None:
    """And the import: what is shown is the text, but for lists that are cut short."""
    credit = batch.credit()
    step = data.draw(st.integers(0, credit.length - 1))
    for key in WEIGHTINGS:
        for code in LIBRARIES:
            script = code(credit, step, key, learned, 0.5)
            told, lines = with_comments(script.text)
            assert len(lines) == len(script.shown) <= 9
            assert lines[0].startswith("import ")
            assert told == [comment for _, comment in script.shown]
            assert with_comments(script.shown_text) == (told, [short for short, _ in script.shown])
            assert max(map(len, script.shown_text.splitlines())) <= READ
            assert all(len(line) <= READ for line in script.text.splitlines() if "# " in line), (
                "what is copied hides no comment behind its numbers"
            )
            for line, (short, comment) in zip(lines, script.shown, strict=True):
                assert len(short) <= WIDTH
                assert comment or line.endswith(short)
                head = re.split(r"[\[(]", short)[0]
                assert line.startswith(head)
            assert not any("…" in short for short, _ in script.shown[4:])  # all formula


def test_the_comments_are_the_numbers_of_the_step() -> None:
    """By hand: p = ½ each, label 1, V exact; G_1 = 6, γ = ½, exact discounting."""
    batch = by_hand(
        corridor(), [[(0, 1, 1.0), (1, 1, 2.0), (2, 1, 8.0)], [(0, 0, 0.0)]],
        Settings(discount_weighting="exact"),
    )  # fmt: skip
    credit = replace(batch.credit(), exact_values=np.array([1.0, 2.0, 3.0, 0.0]))
    for code in LIBRARIES:
        comments = [comment for _, comment in code(credit, 1, "value").shown]
        assert comments[-5:] == [
            "G_1 = 6", "", "w_1 = 2", "step 1: p − y = (0.5, −0.5)",
            "step 1: w (p − y) = (1, −1), and that / B",
        ]  # fmt: skip
        assert "exact V_t(s_t)" in comments[3]
        learned = [comment for _, comment in code(credit, 1, "critic", True).shown]
        assert "critic’s V(s_t)" in learned[3]
        assert "w_1 = −1.5" in learned  # γ (2 + ½ · 12 − 11)
    torch_lines = [line for line, _ in torch_code(credit, 1, "value").shown]
    assert 'L = (w * F.cross_entropy(z[s], a, reduction="none")).sum() / B' in torch_lines
    assert "w = w * gamma ** torch.arange(T).to(r)" in torch_lines


def test_cells_come_in_the_order_of_the_walk() -> None:
    """K cells, the one it began in first, each once."""
    credit = drawn(sparse5(max_steps=30), seed=2).credit()
    states = acted_in(credit).tolist()
    assert states == list(dict.fromkeys(credit.states.tolist()))


def test_an_impossible_label_is_no_trap() -> None:
    """A later policy may have forgotten the move: p = 0 has no logarithm, but a gradient."""
    credit = drawn(sparse5(max_steps=5), n_episodes=2).credit()
    policy = credit.policy.copy()
    first, label = credit.states[0], credit.actions[0]
    policy[first] = np.eye(4)[(label + 1) % 4]
    sure = replace(credit, policy=policy, probabilities=policy[credit.states])
    for name in ("reward_to_go", "value"):
        weights = weighting(sure, name).weights
        expected = cotangent_of_episode(sure, weights)[acted_in(sure)] / 2
        for code in LIBRARIES:
            close(printed(code(sure, 0, name)), expected)


def test_the_real_policy_gives_the_same() -> None:
    """The network's own logits, which differ from log π by a constant a cell."""
    trainer = Trainer(sparse5(), Settings(batch_episodes=3, learning_rate=0.1))
    for _ in range(3):
        done = trainer.step()
    credit = of_update(trainer, done)
    z = done.logits_before[0].double().requires_grad_()
    policy = action_probabilities(done.logits_before)[0].numpy()
    assert not np.allclose(z.detach(), np.log(policy))
    loss = torch.nn.functional.cross_entropy(
        z[torch.from_numpy(credit.states)], torch.from_numpy(credit.actions), reduction="none"
    )
    loss = (loss * torch.from_numpy(credit.trained)).sum() / 3
    (expected,) = torch.autograd.grad(loss, z)
    found = printed(torch_code(credit, 0, "leave_one_out"))
    close(found, expected.numpy()[acted_in(credit)])
