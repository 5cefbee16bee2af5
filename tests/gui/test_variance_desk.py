"""What the training thread measures for the Variance scene, against the core; no window."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from rlxent_core.estimators import COMPARED, estimator, every
from rlxent_core.exact_variance import Moments
from rlxent_core.kernel import full_matrix
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.settings import Settings
from rlxent_core.survey import Survey
from rlxent_core.variance import exact_trace, measure_pair
from rlxent_core.world import Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui import messages, questions
from rlxent_gui.mailbox import ExactPoint, Mailbox, VariancePoint
from rlxent_gui.training_run import TrainingRun
from rlxent_gui.view_state import RunState
from rlxent_resources import world_text

SMALL = World(
    ("S.", ".G"), {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}, slip=0.1,
    discount=0.9, max_steps=12,
)
PLAIN = "reward_to_go/none/discount=practice"
LOO = "reward_to_go/leave_one_out/discount=practice"
TOTAL = "total/none"


class Bench:
    """A real run, asked as the window asks it."""

    def __init__(self, world=SMALL, updates=3, **settings) -> None:
        self.mailbox = Mailbox()
        settings = Settings(**{"batch_episodes": 8, "hidden": 6, **settings})
        self.run = TrainingRun(self.mailbox, messages.Start(1, world, settings, 4, "cpu"))
        self.number = 0
        for _ in range(updates):
            self.run.update()

    @property
    def trainer(self):
        return self.run._trainer

    def ask(self, episodes, report=lambda *a: True, **question):
        self.number += 1
        asked = questions.AskSurvey(self.number, episodes, **question)
        messages.Consult(asked).question(self.run, report)
        answer = self.mailbox.survey
        assert answer.finished
        assert (answer.run_id, answer.number) == (1, self.number)
        assert answer.failure == ""
        return answer.survey

    def policy(self):
        return action_probabilities(self.trainer.policy()[0]).detach().double().numpy()

    def events(self, kind):
        return [event for event in self.mailbox.drain() if isinstance(event, kind)]


def rows(survey):
    return {row.name: row for row in survey.rows}


def test_the_table_has_the_numbers_of_the_core():
    """Same policy, seed and update: the same episodes, and every number of them."""
    bench = Bench()
    survey = bench.ask(512)
    core = Survey(
        copy.deepcopy(bench.trainer.policy), bench.trainer.sampled_mdp, every(0.95), 4, update=3,
        group=8, references=References(
            bench.trainer.mdp, bench.policy(),
            kernel=full_matrix(bench.trainer.policy).detach().double().numpy(),
        ),
    )
    core.add(512)
    found = core.found()
    assert list(rows(survey)) == list(found)
    assert (survey.update, survey.episodes, survey.rewarded) == (3, 512, True)
    for name, row in rows(survey).items():
        measured = found[name].measurement
        assert row.trace == pytest.approx(measured.trace_cov, rel=1e-9)
        assert row.interval == pytest.approx(measured.interval(), rel=1e-9)
        assert row.cosine == pytest.approx(measured.cosine, rel=1e-9)
        if not measured.estimator.rescaled:
            np.testing.assert_allclose(row.cloud.x, found[name].cloud.x, rtol=1e-9)
            assert row.cloud.centre[0] == pytest.approx(measured.mean_projection, rel=1e-9)
            assert row.relative == pytest.approx(
                measured.trace_cov / measured.target_norm2, rel=1e-9
            )


def test_the_axes_reach_as_far_as_all_but_a_few_dots():
    """98 of a hundred lie within, along and across; one wild dot squeezes nothing."""
    for row in Bench().ask(1024).rows:
        along, across = row.cloud.reach
        assert np.mean(np.abs(row.cloud.x - 1) <= along) == pytest.approx(0.98, abs=0.005)
        assert np.mean(np.abs(row.cloud.y) <= across) >= 0.975


def test_a_ratio_says_how_many_times_less_it_is():
    """none / baseline of the same credit and target, whose interval holds it; no baseline none."""
    found = rows(Bench().ask(512))
    assert found[LOO].ratio == pytest.approx(found[PLAIN].trace / found[LOO].trace, rel=1e-9)
    low, high = found[LOO].ratio_interval
    assert low < found[LOO].ratio < high
    assert low * high == pytest.approx(found[LOO].ratio ** 2, rel=1e-9)
    assert found[PLAIN].ratio is None
    z_score = found["reward_to_go/z_score/discount=practice"]
    assert (z_score.ratio, z_score.relative, z_score.projection) == (None, None, None)


def test_the_mean_of_z_scores_is_drawn_at_the_exact_gradients_length():
    """Of an estimator on a scale of its own only the shape of its cloud says something."""
    found = rows(Bench().ask(512))
    assert found["reward_to_go/z_score/discount=exact"].cloud.centre[0] == pytest.approx(1.0)


def test_measuring_changes_no_bit_of_the_training():
    """Updates with a survey, exact variances and live meters between them are those without."""
    alone, watched = Bench(updates=0), Bench(updates=0)
    watched.run.follow(messages.Meter((TOTAL, LOO), exact=True))
    for _ in range(4):
        alone.run.update()
        watched.run.update()
        watched.ask(64, anew=True, exact=True)
        watched.run.snapshot(RunState.PAUSED, 0, None, messages.WantValues(False), 0)
    assert np.array_equal(alone.policy(), watched.policy())
    assert alone.run._means.rows(4).tolist() == watched.run._means.rows(4).tolist()


def test_more_episodes_are_added_to_those_there_are():
    bench = Bench()
    before, after = bench.ask(256), bench.ask(1024)
    assert (before.episodes, after.episodes) == (256, 1024)
    for name, row in rows(before).items():
        if not row.estimator.rescaled:
            assert np.array_equal(rows(after)[name].cloud.x[:256], row.cloud.x)
            assert len(rows(after)[name].cloud.x) == 1024
            assert rows(after)[name].trace != row.trace
    again = bench.ask(1024)
    assert again.episodes == 1024


def test_updates_of_very_many_episodes_are_measured_by_a_part_of_them():
    """1,024 at once, not all 65,536; the exact variance is that of leave-one-out among so many."""
    bench = Bench(updates=0, batch_episodes=65_536)
    survey = bench.ask(1024, exact=True)
    assert survey.episodes == 1024
    row = rows(survey)[LOO]
    assert len(row.cloud.means) == 1
    matrix = full_matrix(bench.trainer.policy).detach().double().numpy()
    exact = Moments(bench.trainer.mdp, bench.policy(), matrix).trace_leave_one_out(1024, 1.0)
    assert row.exact == pytest.approx(exact, rel=1e-9)


def test_the_policy_is_frozen_until_it_is_measured_anew():
    """Training goes on; the survey stays of its own update until it is asked anew."""
    bench = Bench()
    first = bench.ask(256, pasts=5)
    bench.run.update()
    still = bench.ask(512, pasts=6)
    assert (still.update, still.pasts) == (3, 5)
    assert np.array_equal(rows(still)[TOTAL].cloud.x[:256], rows(first)[TOTAL].cloud.x)
    new = bench.ask(256, anew=True, pasts=7)
    assert (new.update, new.pasts, new.episodes) == (4, 7, 256)
    fresh = Bench(updates=4).ask(256)
    assert [r.trace for r in new.rows] == [r.trace for r in fresh.rows]


def test_a_world_that_is_edited_later_is_not_the_one_that_was_measured():
    bench = Bench()
    first = bench.ask(256)
    other = SMALL.with_fields(slip=0.3)
    bench.run.edit_world(other)
    assert bench.ask(512).world is SMALL
    assert bench.ask(256, anew=True).world is other
    assert first.world is SMALL


def test_a_stop_keeps_what_there_is():
    """Asked within every part; what was drawn until then is the answer."""
    bench = Bench()
    asked = []

    def report(title, done, total, unit):
        if unit == "episodes":
            asked.append((title, done, total, unit))
        return done < 1024 + 256

    survey = bench.ask(16_384, report)
    assert asked[0] == ("Measuring gradients", 0, 16_384, "episodes")
    assert survey.episodes == asked[-1][1] == 1024 + 256
    assert bench.ask(survey.episodes).episodes == survey.episodes


def test_a_stop_before_the_first_episode_keeps_the_survey_before():
    bench = Bench()
    assert bench.ask(256, lambda *a: False) is None
    before = bench.ask(256)
    bench.run.update()
    kept = bench.ask(256, lambda *a: False, anew=True)
    assert (kept.update, kept.episodes) == (before.update, 256)


def test_it_is_shown_while_it_grows(monkeypatch):
    """Every look is an answer that has not finished; the episodes only get more."""
    monkeypatch.setattr("rlxent_gui.variance_desk.EVERY", 0.0)
    monkeypatch.setattr("rlxent_gui.variance_desk.SHARE", 0.0)
    bench = Bench()
    seen = []

    def report(*_):
        answer = bench.mailbox.survey
        if answer is not None and answer not in seen:
            assert not answer.finished
            seen.append(answer)
        return True

    assert bench.ask(2048, report).episodes == 2048
    assert [answer.survey.episodes for answer in seen] == [1024, 1280, 1536, 1792]


def test_the_exact_variances_are_those_of_dynamic_programming():
    """Each as in the core; z-scores have no formula; intervals hold them, by and large."""
    bench = Bench()
    survey = bench.ask(4096, exact=True)
    assert survey.exact_done
    kernel = full_matrix(bench.trainer.policy).detach().double().numpy()
    references = References(bench.trainer.mdp, bench.policy(), kernel=kernel)
    moments = Moments(bench.trainer.mdp, bench.policy(), kernel)
    inside = 0
    for name in COMPARED:
        row = rows(survey)[name]
        wanted = exact_trace(moments, estimator(name), references, 8)
        assert row.exact == pytest.approx(wanted, rel=1e-9)
        inside += row.interval[0] <= wanted <= row.interval[1]
    assert inside >= 0.8 * len(COMPARED)
    assert all(row.exact is None for row in survey.rows if row.estimator.rescaled)


def test_exact_variances_come_one_by_one_and_can_be_stopped():
    bench = Bench()
    bench.ask(256)
    looks = []

    def report(title, done, total, unit):
        if title == "Exact variances":
            found = [row for row in bench.mailbox.survey.survey.rows if row.exact is not None]
            looks.append((len(found), done / total))
        return len(looks) < 40

    survey = bench.ask(256, report, exact=True)
    known = [row for row in survey.rows if row.exact is not None]
    assert 0 < len(known) < len(survey.rows)
    assert [count for count, _ in looks] == sorted(count for count, _ in looks)
    assert all(0 <= share <= 1 for _, share in looks)
    assert not survey.exact_done
    assert bench.ask(256, exact=True).exact_done


def test_baselines_of_a_training_are_there_when_it_keeps_them():
    """The moving average and the critic: with the very numbers that the training has."""
    plain = {row.estimator.baseline for row in Bench().ask(64).rows}
    assert not {"moving_average", "critic"} & plain
    mean = {r.estimator.baseline for r in Bench(baseline="moving_average").ask(64).rows}
    assert "moving_average" in mean
    bench = Bench(baseline="critic")
    survey = bench.ask(256)
    critics = [row for row in survey.rows if row.estimator.baseline == "critic"]
    assert {row.estimator.credit for row in critics} == {"total", "reward_to_go", "gae"}
    assert any(row.estimator.bias for row in critics)


def test_the_constant_of_a_moving_average_is_not_taken_for_the_best_constant():
    """b* is worked out, and beats the average that the training happens to have."""
    bench = Bench(baseline="moving_average", world=SMALL.with_fields(step_reward=-0.2))
    found = rows(bench.ask(256, exact=True))
    best = found["total/b_star"].exact
    assert best < found["total/moving_average"].exact
    kernel = full_matrix(bench.trainer.policy).detach().double().numpy()
    references = References(bench.trainer.mdp, bench.policy(), kernel=kernel)
    moments = Moments(bench.trainer.mdp, bench.policy(), kernel)
    wanted = exact_trace(moments, estimator("total/b_star"), references, 8)
    assert best == pytest.approx(wanted, rel=1e-9)


def test_a_large_board_says_what_it_leaves_out_and_why():
    """20 × 20 with a network: b* and the exact variances would take minutes."""
    ends = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
    large = World(("S" + 19 * ".", *["." * 20] * 18, 19 * "." + "G"), ends, max_steps=200)
    survey = Bench(large, updates=0, hidden=64).ask(8, exact=True)
    assert not any("b_star" in row.name for row in survey.rows)
    assert survey.exact_refused == (
        "Exact variances are left out: they would take minutes on a board of 399 cells and 200"
        " steps."
    )
    assert survey.left_out.startswith("The best baselines b* are left out")
    assert all(row.exact is None for row in survey.rows)


def test_what_takes_long_waits_for_the_button(monkeypatch):
    """b* is left out until Exact is asked for; then the same episodes are weighed by it too."""
    monkeypatch.setattr("rlxent_gui.variance_desk.AT_ONCE", 0.0)
    bench = Bench()
    first = bench.ask(256)
    assert not any("b_star" in row.name for row in first.rows)
    assert first.left_out == "The best baselines b* are left out: press Exact to find them."
    full = bench.ask(256, exact=True)
    assert any("b_star" in row.name for row in full.rows)
    assert full.left_out == ""
    assert np.array_equal(rows(full)[TOTAL].cloud.x, rows(first)[TOTAL].cloud.x)


def test_no_reward_and_no_gradient_are_said_to_be_none():
    """A world that pays nothing has no exact gradient, so no direction and no ratio."""
    nothing = World(("S.", ".G"), {"S": Tile(start=1), "G": Tile(terminal=True)}, max_steps=5)
    survey = Bench(nothing, updates=0).ask(64, exact=True)
    assert not survey.rewarded
    for row in survey.rows:
        assert row.trace == 0
        assert (row.cloud, row.ratio, row.snr, row.cosine) == (None, None, None, None)


def test_a_variance_of_mere_rounding_is_none():
    """The best constant takes all of the bandit's variance away, whatever the network."""
    survey = Bench(read_text(world_text("two_armed_bandit")), updates=0).ask(256, exact=True)
    none, best = rows(survey)[TOTAL], rows(survey)["total/b_star"]
    assert none.trace > 1
    assert (best.trace, best.interval, best.exact) == (0.0, (0.0, 0.0), 0.0)
    assert (best.ratio, best.ratio_interval, best.snr) == (None, None, None)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_rewards_whose_variance_is_no_number_are_a_sentence():
    """A reward of 1e308 may be drawn; its square is infinite, and "nan" is no answer."""
    tiles = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1e308)}
    bench = Bench(World(("S.", ".G"), tiles, max_steps=12), updates=0)
    bench.run.answer_survey(questions.AskSurvey(1, 64), lambda *a: True)
    answer = bench.mailbox.survey
    assert "too large" in answer.failure
    assert answer.finished
    assert answer.survey is None


def test_numbers_that_are_not_finite_are_a_sentence():
    bench = Bench()
    with torch.no_grad():
        next(bench.trainer.policy.parameters()).fill_(torch.nan)
    bench.run.answer_survey(questions.AskSurvey(1, 64), lambda *a: True)
    assert bench.mailbox.survey.failure == "The policy’s numbers are not finite any more."
    assert bench.mailbox.survey.finished


# --- the live meter

def test_estimators_are_measured_live_on_the_episodes_of_the_pair():
    bench = Bench()
    names = (TOTAL, LOO, "reward_to_go/b_star(t,s)/discount=practice", "total/critic")
    bench.run.follow(messages.Meter((*names, "total/z_score")))
    bench.events(VariancePoint)
    bench.run.snapshot(RunState.PAUSED, 0, None, messages.WantValues(False), 0)
    (point,) = bench.events(VariancePoint)
    # LOO is the training's own, there is no critic, and z-scores are on another scale.
    assert [name for name, _ in point.others] == [names[0], names[2]]
    pair = measure_pair(bench.trainer, others=[estimator(names[0]), estimator(names[2])])
    assert (point.none, point.chosen) == (pair.none, pair.chosen)
    assert dict(point.others) == {name: s.trace_cov for name, s in pair.others.items()}
    assert point.others[1][1] <= point.chosen


def test_what_is_dear_is_measured_less_often_and_holds_nobody_up(monkeypatch):
    """Flat out, b* waits for many times its cost; the pair and cheap ones do not wait for it."""
    clock = [0.0]
    monkeypatch.setattr("rlxent_gui.live_meter.time.perf_counter", lambda: clock[0])

    def measured(trainer, n, others):
        clock[0] += 1.0 if any("b_star" in one.name for one in others) else 0.01
        return measure_pair(trainer, n, others=others)

    monkeypatch.setattr("rlxent_gui.live_meter.measure_pair", measured)
    bench = Bench(updates=0)
    best = "reward_to_go/b_star(t,s)/discount=practice"
    bench.run.follow(messages.Meter((TOTAL, best)))
    for _ in range(40):
        bench.run.update()
        clock[0] += 1.0
        bench.run.snapshot(RunState.RUNNING, 0, None, messages.WantValues(False), 20)
    points = bench.events(VariancePoint)
    assert len(points) == 40
    assert all(TOTAL in dict(point.others) for point in points)
    with_best = [point.update for point in points if best in dict(point.others)]
    assert len(with_best) == 2
    assert with_best[1] - with_best[0] >= 20


def test_the_exact_variance_is_found_now_and_then():
    """Of each live estimator in its turn, at least five updates apart."""
    bench = Bench(updates=0)
    bench.run.follow(messages.Meter((TOTAL,), exact=True))
    wants = messages.WantValues(False)
    for _ in range(12):
        bench.run.snapshot(RunState.PAUSED, 0, None, wants, 0)
        bench.run.update()
    points = bench.events(ExactPoint)
    assert {point.name for point in points} == {"none", "chosen", TOTAL}
    for name in ("none", "chosen", TOTAL):
        updates = [point.update for point in points if point.name == name]
        assert len(updates) >= 2
        assert min(np.diff(updates)) >= 5
    # The pair at the same updates: only so there is an exact ratio.
    pair = [[p.update for p in points if p.name == name] for name in ("none", "chosen")]
    assert pair[0] == pair[1]
    uniform = Bench(updates=0)
    moments = Moments(
        uniform.trainer.mdp, uniform.policy(),
        full_matrix(uniform.trainer.policy).detach().double().numpy(),
    )
    first = next(point for point in points if point.update == 0)
    assert first.name == "none"
    # The network's logits are float32.
    assert first.value == pytest.approx(moments.trace_to_go(1.0), rel=1e-7)


def test_a_large_board_has_no_exact_points():
    ends = {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}
    large = World(("S" + 19 * ".", *["." * 20] * 18, 19 * "." + "G"), ends, max_steps=200)
    bench = Bench(large, updates=0)
    bench.run.follow(messages.Meter(("reward_to_go/b_star(t,s)/discount=practice",), exact=True))
    bench.run.snapshot(RunState.PAUSED, 0, None, messages.WantValues(False), 0)
    assert bench.events(ExactPoint) == []


def test_going_back_measures_again():
    bench = Bench(updates=6)
    bench.run.follow(messages.Meter(exact=True))
    wants = messages.WantValues(False)
    bench.run.snapshot(RunState.PAUSED, 0, None, wants, 0)
    before = bench.events(ExactPoint)
    bench.run.rewind(6, lambda *a: True)
    bench.run.snapshot(RunState.PAUSED, 0, None, wants, 0)
    after = bench.events(ExactPoint)
    assert [(p.update, p.name) for p in after] == [(6, "none"), (6, "chosen")]
    assert [p.value for p in after] == pytest.approx([p.value for p in before], rel=1e-9)


def test_the_short_corridor_has_its_published_variances():
    """Sutton & Barto's corridor at p = ½ (a policy on nothing but a bias): the numbers of MATHS.

    The total return 1959 and reward-to-go 733 a component, twice that over both logits.
    """
    world = read_text(world_text("short_corridor"))
    settings = {"architecture": "table", "features": "constant", "batch_episodes": 8}
    found = rows(Bench(world, updates=0, **settings).ask(64, exact=True))
    assert found["total/none"].exact / 2 == pytest.approx(1959, rel=2e-3)
    assert found["reward_to_go/none/discount=practice"].exact / 2 == pytest.approx(733, rel=2e-3)
    assert found["reward_to_go/V/discount=practice"].exact / 2 == pytest.approx(295, rel=2e-3)
