"""Dynamic programming against the reference numbers, finite differences and hand-made worlds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from rlxent_core import exact
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.tiles import Teleport, Tile
from rlxent_core.world import World
from rlxent_core.world_file import read_text
from tests.core.golden import DATA, Case, cases

CASES = cases()
TEXTBOOK = json.loads((DATA / "textbook_worlds.json").read_text(encoding="utf-8"))["worlds"]
S, G = Tile(start=1), Tile(terminal=True, reward=1)

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_textbook_world = pytest.mark.parametrize("name", TEXTBOOK)


def close(found: Any, expected: Any, tolerance: float = 1e-9) -> None:
    """|Δ| ≤ tolerance · max(1, |x|), the agreement that the reference numbers ask for."""
    expected = np.asarray(expected)
    assert (np.abs(found - expected) <= tolerance * np.maximum(1, np.abs(expected))).all()


def compiled(*rows: str, discount: float = 1.0, **more: Any) -> MDP:
    tiles = {"S": S, "G": G} | more.pop("tiles", {})
    return compile_world(World(rows, tiles, discount=discount, **more))


def random_policy(mdp: MDP, *batch: int, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    return exact.softmax(rng.normal(size=(*batch, mdp.n_states, mdp.n_actions)))


# The reference policies: finite horizon


@each_case
def test_start_values(case: Case):
    """J, J* and J without the limit."""
    mdp, horizon = case.mdp, case.mdp.max_steps
    close(exact.start_value(mdp, case.policy, horizon), case.expected["J"])
    close(exact.optimal_start_value(mdp, horizon), case.expected["J_optimal"])
    close(exact.start_value(mdp, case.policy), case.expected["J_infinite_horizon"])


@each_case
def test_values_at_the_first_step(case: Case):
    """V_0 by the list of all V_t and by the values alone."""
    expected = case.on_board(case.expected["V_0"])
    values = exact.values_t(case.mdp, case.policy, case.world.max_steps)
    assert len(values) == case.world.max_steps + 1
    assert (values[-1] == 0).all()
    close(values[0], expected)
    close(exact.policy_values(case.mdp, case.policy, case.world.max_steps), expected)


@each_case
def test_occupancy(case: Case):
    """Σ_t d_t, the mean length, and E‖Φ‖² = Σ_t Σ_s d_t(s) (1 − ‖π(·|s)‖²)."""
    occupancy = exact.occupancy_t(case.mdp, case.policy, case.world.max_steps)
    close(occupancy.sum(0), case.on_board(case.expected["occupancy_undiscounted"]))
    close(occupancy.sum(), case.expected["expected_episode_length"])
    length = exact.expected_length(case.mdp, case.world.max_steps, case.policy)
    close(length, case.expected["expected_episode_length"])
    score = 1 - (case.policy**2).sum(-1)
    close((occupancy * score).sum(), case.expected["score_norm2"])


@each_case
@pytest.mark.parametrize("weighting", ["exact", "practice"])
def test_gradients(case: Case, weighting):
    """The gradient of J, and what is followed where γ^t is left out; with their norms."""
    gradient = exact.gradient_cotangent(case.mdp, case.policy, weighting)
    close(gradient, case.on_board(case.expected[f"{weighting}_gradient"]))
    close((gradient**2).sum(), case.expected[f"{weighting}_gradient_norm2"])


# The gradient by other means

ODDITIES = {
    "~": Tile(slip=0.3), "C": Tile(respawn=True, reward=-2), "X": Tile(exit=0.5),
    "A": Tile(teleport=Teleport((0, 0), 0.25)), "w": Tile(wind=(0, 1)), "s": Tile(start=2),
}  # fmt: skip
EVERYTHING = compiled(
    "S.~.G", "#wC.s", ".A.X.", discount=0.9, tiles=ODDITIES, step_reward=-0.1, bump_reward=-0.05,
    max_steps=12,
)  # fmt: skip


@pytest.mark.parametrize("mdp", [CASES[1].mdp, EVERYTHING], ids=["sparse5", "everything"])
def test_the_exact_gradient_is_that_of_j(mdp):
    """Central differences of J along every logit, five points, agree to 5e-12."""
    logits = np.random.default_rng(1).normal(size=(mdp.n_states, mdp.n_actions))
    h = 2e-3
    basis = np.eye(logits.size).reshape(-1, *logits.shape)

    def j(shift: float) -> Floats:
        return exact.start_value(mdp, exact.softmax(logits + shift * basis), mdp.max_steps)

    differences = (8 * (j(h) - j(-h)) - (j(2 * h) - j(-2 * h))) / (12 * h)
    gradient = exact.gradient_cotangent(mdp, exact.softmax(logits))
    assert_allclose(gradient.ravel(), differences, rtol=0, atol=5e-12)


def test_without_a_limit_the_gradient_is_that_of_the_infinite_horizon():
    """Again by differences."""
    mdp = replace(EVERYTHING, max_steps=None)
    logits = np.random.default_rng(1).normal(size=(mdp.n_states, mdp.n_actions))
    h = 2e-3
    basis = np.eye(logits.size).reshape(-1, *logits.shape)

    def j(shift: float) -> Floats:
        return exact.start_value(mdp, exact.softmax(logits + shift * basis))

    differences = (8 * (j(h) - j(-h)) - (j(2 * h) - j(-2 * h))) / (12 * h)
    gradient = exact.gradient_cotangent(mdp, exact.softmax(logits))
    assert_allclose(gradient.ravel(), differences, rtol=0, atol=5e-11)


@pytest.mark.parametrize("weighting", ["exact", "practice"])
def test_a_long_horizon_has_the_gradient_of_the_infinite_one(weighting):
    """Two ways that share little: sums over 1,000 steps, and linear equations."""
    policy = random_policy(EVERYTHING)
    limited = exact.gradient_cotangent(replace(EVERYTHING, max_steps=1000), policy, weighting)
    unlimited = exact.gradient_cotangent(replace(EVERYTHING, max_steps=None), policy, weighting)
    assert_allclose(limited, unlimited, rtol=0, atol=1e-12)


@pytest.mark.parametrize("horizon", [1, 2, 3, 7, 99])
def test_values_kept_sparingly_are_the_same(horizon):
    """Any horizon, square or not: c* of √T checkpoints is that of all V_t."""
    mdp = replace(EVERYTHING, max_steps=horizon)
    policy = random_policy(mdp)
    values = exact.values_t(mdp, policy, horizon)
    occupancy = exact.occupancy_t(mdp, policy, horizon)
    expected = np.zeros_like(policy)
    for t in range(horizon):
        q = exact.action_values(mdp, values[t + 1])
        advantage = q - values[t][:, None]
        expected += mdp.discount**t * occupancy[t][:, None] * policy * advantage
    expected[~mdp.standable] = 0
    assert_allclose(exact.gradient_cotangent(mdp, policy), expected, rtol=0, atol=1e-15)


def test_leading_axes_are_policies():
    """A batch gives what its members give alone."""
    mdp = EVERYTHING
    policy = random_policy(mdp, 2, 3)
    one = policy[1, 2]
    for function in (
        lambda p: exact.policy_values(mdp, p, 9),
        lambda p: exact.policy_values(mdp, p, None),
        lambda p: exact.start_value(mdp, p, 9),
        lambda p: exact.start_value(mdp, p),
        lambda p: exact.gradient_cotangent(mdp, p),
        lambda p: exact.gradient_cotangent(replace(mdp, max_steps=None), p, "practice"),
    ):
        assert_allclose(function(policy)[1, 2], function(one), rtol=0, atol=1e-13)
    for function in (
        lambda p: exact.values_t(mdp, p, 9),
        lambda p: exact.occupancy_t(mdp, p, 9),
    ):
        assert_allclose(function(policy)[:, 1, 2], function(one), rtol=0, atol=1e-13)


def test_the_mean_of_the_next_values_is_the_value():
    """J = Σ_t γ^t Σ_s d_t(s) r_π(s), with respawns and several starts."""
    mdp = EVERYTHING
    policy = random_policy(mdp)
    occupancy = exact.occupancy_t(mdp, policy, 12)
    reward = (policy * exact.expected_reward(mdp)).sum(-1)
    discounts = mdp.discount ** np.arange(12)
    assert_allclose(discounts @ occupancy @ reward, exact.start_value(mdp, policy, 12), atol=1e-14)


# The textbook worlds: infinite horizon


def textbook(name: str) -> tuple[MDP, dict[str, Any], list[int]]:
    entry = TEXTBOOK[name]
    mdp = compile_world(read_text(json.dumps(entry["world"])))
    states = [mdp.state((r, c)) for r, c in entry["expected"]["cells"]]
    assert states == np.flatnonzero(mdp.standable).tolist()
    return mdp, entry["expected"], states


@each_textbook_world
def test_optimal_values_of_textbook_worlds(name):
    """V* of every cell and of the start."""
    mdp, expected, states = textbook(name)
    values = exact.infinite_optimal_values(mdp)
    close(values[states], expected["V_optimal"], 1e-8)
    close(exact.optimal_start_value(mdp, None), expected["start_value_optimal"], 1e-8)


@each_textbook_world
def test_uniform_values_of_textbook_worlds(name):
    """V of the uniform policy, for every cell and for the start."""
    mdp, expected, states = textbook(name)
    policy = exact.uniform_policy(mdp)
    close(exact.infinite_values(mdp, policy)[states], expected["V_uniform"], 1e-8)
    close(exact.start_value(mdp, policy), expected["start_value_uniform"], 1e-8)


@each_textbook_world
def test_optimal_actions_of_textbook_worlds(name):
    """All of them, ties included."""
    mdp, expected, states = textbook(name)
    best = exact.optimal_actions(mdp, None)
    names = [[mdp.moves[a] for a in np.flatnonzero(best[s])] for s in states]
    assert names == expected["optimal_actions"]


def test_published_values_of_the_4x3_world():
    """Russell & Norvig print three decimals."""
    mdp, expected, _ = textbook("russell_norvig_4x3")
    rows = [row.split() for row in expected["published"].split(" / ")]
    printed = np.array([float(v) if v not in ("#", "+1", "-1") else 0 for r in rows for v in r])
    assert np.abs(exact.infinite_optimal_values(mdp) - printed).max() < 6e-4


def test_published_values_of_the_short_corridor():
    """J(p) = (2p − 4)/(p(1 − p)), best at p = 2 − √2; ε-greedy either way."""
    mdp, expected, _ = textbook("short_corridor")
    published = expected["published"]

    def j(p: float) -> float:
        return float(exact.start_value(mdp, np.full((4, 2), [p, 1 - p])))

    close(j(0.5), -12)
    close(j(2 - 2**0.5), -(6 + 4 * 2**0.5))
    close(j(published["best_p_right"]), published["best_start_value"])
    close(j(0.95), published["epsilon_0.1_right"])
    close(j(0.05), published["epsilon_0.1_left"])
    for p in (0.1, 0.3, 0.9):
        close(j(p), (2 * p - 4) / (p * (1 - p)))


@each_textbook_world
def test_a_long_horizon_comes_near_the_infinite_one(name):
    """Backwards in time and by policy iteration: the optimum of 2,000 steps."""
    mdp, expected, states = textbook(name)
    values = exact.optimal_values(mdp, 2000)
    close(values[states], expected["V_optimal"], 1e-8)


# Where infinite sums diverge

NAN, INF = float("nan"), float("inf")


def both(mdp: MDP) -> tuple[list[float], list[float]]:
    """Optimal and uniform values without a limit."""
    policy = exact.uniform_policy(mdp)
    return (
        exact.infinite_optimal_values(mdp).round(9).tolist(),
        exact.infinite_values(mdp, policy).round(9).tolist(),
    )


def same(found: list[float], expected: list[float]) -> None:
    assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_a_goal_behind_a_wall_costs_for_ever():
    """Each step costs 1 and none is the last; what was never paid for is worth 0."""
    best, uniform = both(compiled("S.#G", step_reward=-1))
    same(best, [NAN, NAN, 0, 0])
    same(uniform, [NAN, NAN, 0, 0])
    best, uniform = both(compiled("S.#G"))
    same(best, [0, 0, 0, 0])
    same(uniform, [0, 0, 0, 0])


def test_what_diverges_elsewhere_does_not_spread():
    """The room that cannot end does not spoil the one that can."""
    mdp = compiled("S.G", "###", "...", step_reward=-1, tiles={"S": S})
    best, uniform = both(mdp)
    same(best, [-1, 0, 0, 0, 0, 0, NAN, NAN, NAN])
    # Three of four moves bump: V(0) = −1 + (3 V(0) + V(1))/4, V(1) = −1 + (V(0) + 2 V(1) + 1)/4
    same(uniform, [-11, -7, 0, 0, 0, 0, NAN, NAN, NAN])
    assert exact.optimal_start_value(mdp, None) == pytest.approx(-1)
    assert exact.optimal_actions(mdp, None).sum(axis=1).tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_a_bonus_for_staying_alive_grows_without_bound():
    """The optimum never ends; the uniform policy does, after (12, 8) steps."""
    best, uniform = both(compiled("S.G", step_reward=0.1))
    same(best, [INF, INF, 0])
    same(uniform, [2.2, 1.8, 0])


@pytest.mark.parametrize(("pay", "best"), [(0.41, INF), (0.4, None), (0.39, None)])
def test_a_loop_pays_for_ever_only_if_it_gains(pay, best):
    """To + and back costs 2 × 0.3 and pays the pay and 0.2: it gains, is even, or loses."""
    mdp = compiled("S+.G", step_reward=-0.3, tiles={"S": Tile(start=1, reward=0.2),
                                                    "+": Tile(reward=pay)})
    values = exact.infinite_optimal_values(mdp)
    # Otherwise: straight to the goal, with a step back first where that pays.
    same(values, [INF, INF, INF, 0] if best else [pay - 0.3 + 0.4, 0.4, 0.7, 0])


def test_a_teleport_to_itself_is_a_fountain_or_a_trap():
    """Paying for ever, nothing for ever, costing for ever."""
    def world(pay: float) -> MDP:
        return compiled("SA.G", tiles={"A": Tile(teleport=Teleport((0, 1), pay))}, step_reward=-1)

    same(exact.infinite_optimal_values(world(1)), [INF, INF, INF, 0])
    same(exact.infinite_optimal_values(world(0)), [-1, 0, 0, 0])
    same(exact.infinite_optimal_values(world(-1)), [NAN, NAN, 0, 0])


def test_ice_beside_a_trap_is_not_walked_on_for_sure_ends():
    """Slipping off the short way never ends; the long one is 4 steps, each of 1."""
    tiles = {"~": Tile(slip=0.5), "A": Tile(teleport=Teleport((0, 1), -1))}
    mdp = compiled("#A#", "S~G", "...", step_reward=-1, tiles=tiles)
    best = exact.infinite_optimal_values(mdp)
    # Around: down, right, right, up pays −4 + 1. On the ice V never exists: any move may slip up
    # or, going up or down, ends where it may be tried again.
    assert best[mdp.state((1, 0))] == pytest.approx(-3)
    assert np.isnan(best[mdp.state((0, 1))])
    # Down from the ice slips to the sides alone: half the time down (−1 − 2), a quarter back to S
    # (−1 − 3), a quarter into the goal (−1 + 1).
    assert best[mdp.state((1, 1))] == pytest.approx(0.5 * -2 + 0.25 * -4 + 0.25 * 0)


def test_a_respawn_may_be_a_loop_too():
    """Paid for falling, it is a fountain; fined, one stays away for nothing."""
    same(exact.infinite_optimal_values(compiled("SC", tiles={"C": Tile(respawn=True, reward=1)})),
         [INF, 0])
    mdp = compiled("SC", tiles={"C": Tile(respawn=True, reward=-1)})
    same(exact.infinite_optimal_values(mdp), [0, 0])
    same(exact.infinite_values(mdp, exact.uniform_policy(mdp)), [NAN, 0])


def test_respawning_takes_no_time():
    """V(s) = r + γ V(start): one discount a move."""
    mdp = compiled("SC", discount=0.5, moves=("right",), tiles={"C": Tile(respawn=True, reward=1)})
    same(exact.infinite_values(mdp, exact.uniform_policy(mdp)), [2, 0])
    same(exact.infinite_optimal_values(mdp), [2, 0])
    assert exact.start_value(mdp, exact.uniform_policy(mdp), 3) == pytest.approx(1.75)


def test_respawning_draws_from_all_starts():
    """Two starts of weight 1 and 3: V(C) is their mean."""
    tiles = {"S": S, "s": Tile(start=3), "C": Tile(respawn=True)}
    mdp = compiled("CS#sG", discount=0.5, moves=("left",), tiles=tiles)
    # V(S) = ½ (¼ V(S) + ¾ V(s)) and V(s) = ½ V(s) [bumps]: nothing is ever paid
    same(exact.infinite_values(mdp, exact.uniform_policy(mdp)), [0] * 5)
    paid = replace(mdp, reward=np.ones_like(mdp.reward))
    # V(s) = 1 + ½ V(s) = 2; V(S) = 1 + ½ (¼ V(S) + ¾ · 2) = 2
    same(exact.infinite_values(paid, exact.uniform_policy(mdp)), [0, 2, 0, 2, 0])
    occupancy = exact.occupancy_t(mdp, exact.uniform_policy(mdp), 3)
    same(occupancy[:, [1, 3]].tolist(), [[1 / 4, 3 / 4], [1 / 16, 15 / 16], [1 / 64, 63 / 64]])


def test_discount_zero_sees_one_step():
    """V* is the best immediate pay."""
    same(exact.infinite_optimal_values(compiled("S.G", discount=0)), [0, 1, 0])


def test_a_discount_near_one_is_no_trouble():
    """γ = 0.99999: a cost a step of 0.01 for 10 steps, then 1."""
    mdp = compiled("S" + "." * 9 + "G", discount=0.99999, step_reward=-0.01)
    expected = sum(-0.01 * 0.99999**t for t in range(10)) + 0.99999**9
    assert exact.infinite_optimal_values(mdp)[0] == pytest.approx(expected, abs=1e-12)


def test_an_end_may_be_as_unlikely_as_it_likes():
    """Staying with probability 1 − 4e-18, which is 1 in float64: 2.5e17 steps all the same."""
    mdp = compiled("S.G", moves=("left", "right"), step_reward=-1)
    policy = np.array([[1.0, 4e-18], [0.0, 1.0], [0.5, 0.5]])
    assert exact.infinite_values(mdp, policy)[0] == pytest.approx(-2.5e17, rel=1e-12)


@pytest.mark.parametrize("cells", [3, 8, 32])
@pytest.mark.parametrize("right", [1e-3, 1e-9])
def test_a_goal_against_all_odds_is_reached_in_the_end(cells, right):
    """A policy that keeps walking away, until it does not: its values are 1, all of them."""
    mdp = compiled("S" + "." * (cells - 1) + "G", moves=("left", "right"))
    policy = np.tile([1 - right, right], (mdp.n_states, 1))
    close(exact.infinite_values(mdp, policy)[:cells], np.ones(cells), 1e-12)


def test_odds_beyond_floats_are_none():
    """1e-9 to the power of 60 is 0 in float64: no value, and no traceback."""
    mdp = compiled("S" + "." * 59 + "G", moves=("left", "right"))
    policy = np.tile([1 - 1e-9, 1e-9], (mdp.n_states, 1))
    assert np.isnan(exact.infinite_values(mdp, policy)[0])


@pytest.mark.parametrize("slip", [1e-6, 1e-13, 1e-300])
def test_the_smallest_chance_of_a_reward_counts(slip):
    """Only slipping leads to the goal: for ever is long enough, and a step pays ½ slip."""
    mdp = compiled("S.G", moves=("up", "down"), slip=slip)
    policy = exact.uniform_policy(mdp)
    close(exact.infinite_values(mdp, policy)[:2], np.ones(2), 1e-12)
    close(exact.infinite_optimal_values(mdp)[:2], np.ones(2), 1e-12)
    assert exact.chance_of_reward(mdp, None) == pytest.approx(1, abs=1e-12)
    assert exact.chance_of_reward(mdp, 1, policy) == 0
    assert exact.infinite_values(replace(mdp, discount=0.0), policy)[1] == slip / 2


def test_equations_are_solved_in_any_number_of_blocks(monkeypatch):
    """Taking out several places together is the same as one by one."""
    policy = np.random.default_rng(3).dirichlet(np.ones(4), EVERYTHING.n_states)
    whole = exact.infinite_values(EVERYTHING, policy)
    for block in (1, 4):
        monkeypatch.setattr("rlxent_core.infinite.BLOCK", block)
        assert_allclose(exact.infinite_values(EVERYTHING, policy), whole, rtol=1e-13)


def test_occupancy_without_a_limit():
    """Mean visits: finite on the way to an end, infinite where none can come any more."""
    mdp = compiled("S.G", moves=("right",))
    policy = exact.uniform_policy(mdp)
    assert exact.infinite_occupancy(mdp, policy, 1.0).tolist() == [1, 1, 0]
    assert exact.infinite_occupancy(mdp, policy, 0.5).tolist() == [1, 0.5, 0]
    trap = compiled("GSA", moves=("left", "right"), tiles={"A": Tile(teleport=Teleport((0, 2)))})
    policy = exact.uniform_policy(trap)
    assert exact.infinite_occupancy(trap, policy, 1.0).tolist() == [0, 1, INF]
    assert exact.infinite_occupancy(trap, policy, 0.5).tolist() == [0, 1, 0.5]


def test_where_nothing_is_at_stake_the_gradient_is_zero():
    """A trap that pays nothing, though it is visited for ever; beside it a goal at one step."""
    trap = compiled("GSA", moves=("left", "right"), tiles={"A": Tile(teleport=Teleport((0, 2)))},
                    max_steps=None)
    gradient = exact.gradient_cotangent(trap, exact.uniform_policy(trap))
    # A = ±½ at the start: ½ · ±½
    assert gradient.tolist() == [[0, 0], [0.25, -0.25], [0, 0]]


# Chances and lengths


def test_the_chance_of_a_reward_is_that_of_the_first_one():
    """A coin a step: 1 − ½^T of being paid, though the episode goes on and pays again."""
    mdp = compiled(".+", moves=("left", "right"), tiles={"+": Tile(reward=1)})
    at_left = replace(mdp, start=np.array([1.0, 0.0]))
    for horizon in (1, 2, 5):
        assert exact.chance_of_reward(at_left, horizon) == pytest.approx(1 - 0.5**horizon)
    assert exact.chance_of_reward(at_left, None) == pytest.approx(1)


def test_the_chance_is_that_of_tiles_alone():
    """A positive step reward is no reward of a tile; a pit is none either."""
    mdp = compiled("SG", tiles={"G": Tile(terminal=True, reward=-1)}, step_reward=5)
    assert exact.chance_of_reward(mdp, 100) == 0


def test_reward_or_pit():
    """Between a pit and a goal, with two moves: an even chance."""
    mdp = compiled("PSG", moves=("left", "right"), tiles={"P": Tile(terminal=True, reward=-1)})
    assert exact.chance_of_reward(mdp, None) == pytest.approx(0.5)
    assert exact.expected_length(mdp, None) == pytest.approx(1)


def test_the_length_of_an_episode_that_never_ends():
    """Limited it is the limit, unlimited it is none."""
    mdp = compiled("..")
    assert exact.expected_length(mdp, 17) == pytest.approx(17)
    assert np.isnan(exact.expected_length(mdp, None))


# Ties


def test_an_actions_tie_is_within_1e_8():
    """Just inside and just outside."""
    def two(pay: float) -> list[bool]:
        tiles = {"X": Tile(terminal=True, reward=1), "Y": Tile(terminal=True, reward=pay)}
        mdp = compiled("XSY", moves=("left", "right"), tiles=tiles)
        return exact.optimal_actions(mdp, 1)[1].tolist()

    assert two(1 - 5e-9) == [True, True]
    assert two(1 - 5e-8) == [True, False]


def test_optimal_actions_of_a_short_horizon_are_those_of_its_first_step():
    """With one step left nothing matters that is two away."""
    mdp = compiled("S.G", moves=("left", "right"))
    assert exact.optimal_actions(mdp, 1)[0].tolist() == [True, True]
    assert exact.optimal_actions(mdp, 2)[0].tolist() == [False, True]


def test_nobody_acts_in_a_wall():
    """No action is optimal there, and it is worth nothing."""
    mdp = compiled("S#G")
    assert not exact.optimal_actions(mdp, 10)[1:].any()
    assert exact.optimal_values(mdp, 10)[1:].tolist() == [0, 0]


def test_softmax_of_large_logits_is_finite():
    """And does not depend on a constant added."""
    assert exact.softmax(np.array([1e4, 0.0])).tolist() == [1, 0]
    assert_allclose(exact.softmax(np.array([1.0, 0.0])), [0.7310585786, 0.2689414214], atol=1e-10)
