"""The stored episode: read with nothing believed, and good for a lecture."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

import rlxent_resources
from rlxent_core import exact
from rlxent_core.crediting import batch_weights, credit_of, stored_batch
from rlxent_core.mdp import compile_world
from rlxent_core.rollout import SampledMDP, episode_of, sample_episodes
from rlxent_core.run_parts import RunFileError
from rlxent_core.settings import Settings
from rlxent_core.step_story import step_story
from rlxent_core.stored_episodes import StoredEpisodes, read_episodes
from rlxent_core.streams import Purpose, Streams
from rlxent_core.weightings import EpisodeCredit, luck, weighting
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from tests.core.learning_worlds import corridor, sparse5

NAME = "puddle_corridor"


def bundled() -> World:
    return read_text(rlxent_resources.world_text(NAME))


def stored() -> StoredEpisodes:
    text = rlxent_resources.episodes_text(NAME)
    assert text is not None
    return read_episodes(text, NAME, bundled())


def shown() -> EpisodeCredit:
    """The episode of the lecture, weighed with the policy that drew it."""
    episodes = stored()
    return credit_of(
        stored_batch(episodes), 0, world=episodes.world, settings=Settings(),
        policy=torch.from_numpy(exact.softmax(episodes.logits)), critic=None, trained=None,
        source="stored", update=0, seen_at=0,
    )  # fmt: skip


def test_the_episode_of_the_lecture() -> None:
    """14 steps from A1 through the puddle to the goal, with a detour and a bump: +0.22."""
    credit = shown()
    arrows = "→→→→↓→←→↓↓←↓→↓"
    moves = {"→": "right", "↓": "down", "←": "left", "↑": "up"}
    assert [credit.world.moves[a] for a in credit.actions] == [moves[arrow] for arrow in arrows]
    assert credit.total_return == pytest.approx(0.22)
    assert credit.world.discount == 1
    stories = [step_story(credit, t) for t in range(14)]
    assert stories[0].cell == (0, 0)
    assert stories[1].case == "puddle"
    assert stories[6].case == stories[7].case == "revisit"
    assert stories[11].case == "bump"
    assert stories[12].next_end == stories[13].case == "goal"
    assert stories[13].landing == (4, 5)


def test_critic_weights_expose_what_to_go_minus_v_hides() -> None:
    """The episode was lucky: its return minus V is positive at every step, wasted moves included.

    One-step critic weights are negative for the way into the puddle, for the detour and for the
    bump, and positive for the steps that brought it nearer to the goal.
    """
    credit = shown()
    assert (weighting(credit, "value").weights > 0).all()
    critic = weighting(credit, "critic").weights
    assert critic[1] == critic.min() < -0.1  # into the puddle
    assert critic[0] < -0.1  # towards it
    assert critic[6] < -0.05  # the detour
    assert critic[10] < -0.05  # away from the goal
    assert critic[11] < -0.01  # the bump
    nearer = [3, 4, 5, 7, 8, 9, 12, 13]
    assert (critic[nearer] > 0.01).all()
    assert critic[13] == critic.max()
    assert (weighting(credit, "total_return").weights > 0).all()
    np.testing.assert_allclose(luck(credit), 0, atol=1e-12)  # the world draws nothing
    np.testing.assert_allclose(critic.sum(), credit.total_return - credit.exact_values[0])


def test_the_policy_is_half_learned() -> None:
    """Every label could be seen, none was certain; the values are near those of the mock-up."""
    credit = shown()
    chosen = credit.probabilities[np.arange(14), credit.actions]
    assert chosen.min() >= 0.05
    assert credit.policy.max() < 0.9
    np.testing.assert_allclose(
        credit.exact_values[:14],
        [0.20, 0.09, 0.43, 0.43, 0.46, 0.51, 0.56, 0.51, 0.56, 0.63, 0.81, 0.75, 0.75, 0.81],
        atol=0.05,
    )
    np.testing.assert_allclose(credit.probabilities[1], [0.12, 0.25, 0.12, 0.52], atol=0.015)


def test_the_leading_move_is_the_best_one() -> None:
    """So that no dart points into a wall: in every cell, judged by the policy's own values."""
    episodes = stored()
    mdp = compile_world(episodes.world)
    policy = exact.softmax(episodes.logits)
    action = exact.policy_action_values(mdp, policy, mdp.max_steps)
    leading = policy.argmax(-1)[mdp.standable]
    assert np.array_equal(leading, action.argmax(-1)[mdp.standable])


def test_the_rest_of_the_batch_is_drawn_by_the_policy() -> None:
    """Fifteen others, as the sampler gives them: nobody chose among them."""
    episodes = stored()
    batch = stored_batch(episodes)
    assert batch.n_episodes == 16
    policy = torch.from_numpy(exact.softmax(episodes.logits))
    streams = Streams((0,), Purpose.CREDIT)
    others = sample_episodes(SampledMDP(compile_world(episodes.world)), policy[None], 15, streams)
    for index in range(15):
        drawn, kept = episode_of(others, 0, index), episode_of(batch, 0, index + 1)
        for field in ("states", "actions", "landings", "rewards"):
            assert np.array_equal(getattr(drawn, field), getattr(kept, field))


def test_stored_episodes_are_a_batch_like_any_other() -> None:
    """Weighed whole, and the others' mean taken over those that are still alive."""
    episodes, credit = stored(), shown()
    batch = stored_batch(episodes)
    policy = torch.from_numpy(exact.softmax(episodes.logits))
    found = batch_weights(batch, "leave_one_out", settings=Settings(), policy=policy)
    np.testing.assert_allclose(found[:14, 0], weighting(credit, "leave_one_out").weights)
    returns = [
        sum(episode_of(batch, 0, index).rewards) for index in range(1, batch.n_episodes)
    ]
    assert credit.others_mean[0] == pytest.approx(np.mean(returns))
    assert not (episodes.states[14:, 0] - 36).any()


def text_of(**changes: Any) -> str:
    """A small file about a corridor of three cells, with ``changes``; None leaves a key out."""
    content: dict[str, Any] = {
        "format": "rlxent-episode", "version": 1, "world": "corridor",
        "logits": [[0, 0.5], [0, 1], [-1, 0]],
        "episodes": [["left", "right", "right", "right"], ["left"] * 6],
    }  # fmt: skip
    content.update(changes)
    return json.dumps({key: value for key, value in content.items() if value is not None})


def test_a_file_by_hand() -> None:
    """States are worked out from the actions; one episode is cut by the limit of six steps."""
    found = read_episodes(text_of(), "corridor", corridor())
    assert found.states.T.tolist() == [[0, 0, 1, 2, 4, 4], [0, 0, 0, 0, 0, 0]]
    assert found.actions.T.tolist() == [[0, 1, 1, 1, 0, 0], [0] * 6]
    assert found.logits.tolist() == [[0, 0.5], [0, 1], [-1, 0], [0, 0]]
    batch = stored_batch(found)
    assert batch.lengths.tolist() == [[4, 6]]
    assert batch.reward[:, 0].T.tolist() == [[0, 0, 0, 1, 0, 0], [0] * 6]
    assert batch.landing[:, 0].T.tolist() == [[0, 1, 2, 3, 4, 4], [0] * 6]
    assert batch.alive[:, 0].T.tolist() == [[True] * 4 + [False] * 2, [True] * 6]


def test_a_respawn_leads_back_to_the_only_start() -> None:
    world = World(("SCG",), {"S": Tile(start=1), "C": Tile(respawn=True, reward=-1),
                             "G": Tile(terminal=True)}, max_steps=3)  # fmt: skip
    text = text_of(world="loop", logits=[[0, 0, 0, 0]], episodes=[["right", "up", "right"]])
    found = read_episodes(text, "loop", world)
    assert found.states.T.tolist() == [[0, 0, 0]]
    assert stored_batch(found).reward.reshape(-1).tolist() == [-1, 0, -1]


@pytest.mark.parametrize(("changes", "words"), [
    ({"format": "rlxent-world"}, ("“format”", "“rlxent-episode”")),
    ({"version": 2}, ("“version”", "2")),
    ({"version": True}, ("“version”", "true")),
    ({"world": "sparse5"}, ("“world”", "“corridor”", "“sparse5”")),
    ({"episodes": None}, ("“episodes”",)),
    ({"logits": None}, ("“logits”",)),
    ({"epsiodes": []}, ("“epsiodes”", "did you mean “episodes”")),
    ({"episodes": []}, ("no episode",)),
    ({"episodes": "left"}, ("“episodes”", "a list")),
    ({"episodes": [["right", "right", "right"], 3]}, ("Episode 2", "a list")),
    ({"episodes": [["rigth"]]}, ("“rigth”", "episode 1", "did you mean “right”")),
    ({"episodes": [["right", 5]]}, ("step 1", "5")),
    ({"episodes": [["right"]]}, ("episode 1", "not over")),
    ({"episodes": [[]]}, ("episode 1", "not over")),
    ({"episodes": [["right"] * 4]}, ("episode 1", "ends after 3")),
    ({"episodes": [["left"] * 7]}, ("episode 1", "ends after 6")),
    ({"logits": [[0, 1], [0, 1]]}, ("3 × 2",)),
    ({"logits": [[0, 1], [0, 1], [0, "x"]]}, ("logits",)),
])  # fmt: skip
def test_a_bad_file_is_refused_in_a_sentence(
    changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    """That names what is wrong."""
    with pytest.raises(RunFileError, match=r"^[^\n]+[.?]$") as refusal:
        read_episodes(text_of(**changes), "corridor", corridor())
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1, "format": 2}', '{"a": 1e999}'])
def test_text_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(RunFileError, match=r"^[^\n]+\.$"):
        read_episodes(text, "corridor", corridor())


@pytest.mark.parametrize("world", [
    sparse5(), corridor(reward_noise=0.1), World(("..G",), {"G": Tile(terminal=True)}),
])  # fmt: skip
def test_worlds_that_draw_are_refused(world: World) -> None:
    """Slip, noise or several starts: the actions alone do not say what happened."""
    with pytest.raises(RunFileError, match="slip, noise or several starts"):
        read_episodes(text_of(), "corridor", world)


def test_only_the_puddle_corridor_has_stored_episodes() -> None:
    having = [name for name in rlxent_resources.worlds() if rlxent_resources.episodes_text(name)]
    assert having == [NAME]
