"""What the Variance scene is asked becomes questions, and answers become what it shows; no window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rlxent_core.estimators import Estimator, estimator, estimator_of
from rlxent_core.settings import Settings
from rlxent_core.world import Tile, World
from rlxent_gui import messages, questions, variance_plots
from rlxent_gui import variance_resolve as resolve
from rlxent_gui.curves import Curves
from rlxent_gui.estimator_words import label, short_label, styles
from rlxent_gui.mailbox import (
    Changed,
    ExactPoint,
    Mailbox,
    Rewound,
    SurveyAnswer,
    VariancePoint,
)
from rlxent_gui.training_run import TrainingRun
from rlxent_gui.variance_presenter import EVERY, VariancePresenter
from rlxent_gui.variance_view import MOST, Row, Survey

WORLD = World(
    ("S.", ".G"), {"S": Tile(start=1), "G": Tile(terminal=True, reward=1.0)}, slip=0.1,
    discount=0.9, max_steps=12,
)
PLAIN = "reward_to_go/none/discount=practice"
OWN = "reward_to_go/leave_one_out/discount=practice"
V = "reward_to_go/V/discount=practice"
TOTAL = "total/none"


class Bench:
    """A presenter beside a real training run that answers when the test says so."""

    def __init__(self, visible=True, world=WORLD, **settings: Any) -> None:
        self.settings = Settings(**{"batch_episodes": 8, "hidden": 6, **settings})
        self.world, self.run_id, self.pasts, self.running = world, 1, 0, False
        self.mailbox, self.now = Mailbox(), 100.0
        self.sent: list[messages.Message] = []
        self.views, self.drawn, self.ratios, self.plotted = [], [], [], []
        self.cards: dict[str, Any] = {}
        self.broken = False
        self.training = TrainingRun(
            self.mailbox, messages.Start(1, world, self.settings, 0, "cpu")
        )
        self.curves = Curves(1, world, self.settings, 0)
        self.presenter = VariancePresenter(
            self, self, self.mailbox, self.sent.append, lambda: self.now
        )
        self.presenter.set_visible(visible)

    update = property(lambda self: self.training.updates)

    def show_gradient(self, view) -> None:
        self.views.append(view)

    def show_along(self, data) -> None:
        self.drawn.append(data)

    def show_ratio(self, data) -> None:
        self.ratios.append(data)

    def plot_estimators(self, names) -> None:
        self.plotted.append(names)

    def add_card(self, card) -> None:
        self.cards[card.id] = card

    def remove_card(self, id) -> None:
        self.cards.pop(id, None)

    @property
    def view(self):
        return self.views[-1]

    @property
    def asked(self) -> list[questions.AskSurvey]:
        return [m.question for m in self.sent if isinstance(m, messages.Consult)]

    @property
    def meters(self) -> list[messages.Meter]:
        return [m for m in self.sent if isinstance(m, messages.Meter)]

    def answer(self) -> None:
        """The training answers the last question."""
        self.asked[-1](self.training, lambda *a: True)

    def settle(self):
        """Frames pass, and what is asked in them is answered."""
        for _ in range(3):
            before = len(self.asked)
            self.presenter.tick()
            if len(self.asked) > before:
                self.answer()
        return self.view

    def ask(self, command, argument=None):
        before = len(self.asked)
        self.presenter.on_command(command, argument)
        if len(self.asked) > before:
            self.answer()
        return self.settle()

    def line(self, name):
        return next(line for line in self.view.lines if line.name == name)


def test_nothing_is_measured_until_somebody_looks():
    """Then by itself, once; no frame after that asks again."""
    bench = Bench(visible=False)
    bench.settle() if bench.views else bench.presenter.tick()
    assert not bench.sent
    bench.presenter.set_visible(True)
    bench.settle()
    assert [(q.episodes, q.anew, q.exact) for q in bench.asked] == [(1024, False, False)]
    bench.training.update()
    bench.settle()
    assert len(bench.asked) == 1


def test_nothing_is_measured_behind_the_other_view():
    bench = Bench()
    bench.presenter.tick()
    bench.presenter.on_command("variance_view", "learning")
    shown = len(bench.views)
    bench.answer()
    bench.presenter.tick()
    assert len(bench.views) == shown
    bench.presenter.on_command("variance_view", "gradient")
    assert bench.settle().survey is not None


def test_it_says_of_which_policy_it_is_and_that_training_went_on():
    bench = Bench()
    view = bench.settle()
    assert (view.sentence, view.newer) == ("Policy of update 0, 1\u202f024 episodes", "")
    bench.training.update()
    bench.training.update()
    view = bench.settle()
    assert (view.sentence, view.newer) == (
        "Policy of update 0, 1\u202f024 episodes", "Training is at update 2"
    )
    view = bench.ask("variance_anew")
    assert (view.sentence, view.newer) == ("Policy of update 2, 1\u202f024 episodes", "")


def test_an_edit_of_the_world_is_told_before_all_else():
    bench = Bench()
    bench.settle()
    bench.world = WORLD.with_fields(slip=0.5)
    bench.pasts += 1
    bench.training.edit_world(bench.world)
    assert bench.settle().newer == "It is of the world before the change"
    assert bench.ask("variance_anew").newer == ""


def test_going_back_is_told_even_where_the_update_is_the_same():
    bench = Bench()
    bench.settle()
    bench.pasts += 1
    assert bench.settle().newer == "Training went back and is at update 0"


def test_another_run_forgets_what_was_measured_and_measures_itself():
    bench = Bench()
    bench.settle()
    bench.run_id = 2
    bench.training = TrainingRun(
        bench.mailbox, messages.Start(2, WORLD, bench.settings, 1, "cpu")
    )
    bench.presenter.tick()
    assert bench.view.survey is None
    assert bench.view.empty.startswith("Measuring")
    bench.answer()
    assert bench.settle().survey is not None
    assert len(bench.asked) == 2


def test_a_late_answer_of_the_run_before_is_not_shown():
    bench = Bench()
    bench.presenter.tick()
    late = bench.asked[-1]
    bench.run_id = 2
    bench.presenter.tick()
    late(bench.training, lambda *a: True)  # still of run 1
    bench.presenter.tick()
    assert bench.view.survey is None


def test_more_episodes_are_asked_for_on_top():
    bench = Bench()
    bench.settle()
    bench.ask("variance_episodes", 256)
    assert len(bench.asked) == 1  # there are more than that already
    assert bench.ask("variance_more").survey.episodes == 1280
    assert bench.ask("variance_episodes", 4096).survey.episodes == 4096
    assert bench.ask("variance_anew").survey.episodes == 4096


def test_one_question_at_a_time():
    """Whoever presses twice does not measure twice."""
    bench = Bench()
    bench.settle()
    bench.presenter.on_command("variance_more")
    bench.presenter.on_command("variance_more")
    bench.presenter.on_command("variance_exact")
    bench.presenter.tick()
    assert len(bench.asked) == 2
    assert bench.view.busy
    bench.answer()
    assert not bench.settle().busy


def test_while_something_else_is_trained_nothing_can_be_asked_for():
    """It says why, also where nothing has been measured yet; afterwards it measures by itself."""
    bench = Bench()
    bench.presenter.hold("Something is trained.")
    bench.presenter.tick()
    assert not bench.asked
    assert (bench.view.empty, bench.view.busy) == ("Something is trained.",) * 2
    bench.presenter.hold("")
    assert not bench.settle().busy
    assert len(bench.asked) == 1
    bench.presenter.hold("Something is trained.")
    for command in ("variance_more", "variance_anew", "variance_exact"):
        bench.presenter.on_command(command)
    bench.presenter.tick()
    assert len(bench.asked) == 1
    assert bench.view.busy == "Something is trained."
    assert bench.view.survey is not None
    bench.presenter.hold("")
    assert not bench.settle().busy
    assert len(bench.asked) == 1


@pytest.mark.parametrize(("batch", "said"), [
    (8, ""), (1024, ""),
    (2000, "from 1\u202f024 episodes at a time, an update of the training has 2\u202f000"),
])
def test_means_of_fewer_episodes_than_an_update_has_are_told(batch, said):
    """In the rows that they concern, and below the table."""
    bench = Bench(batch_episodes=batch)
    bench.settle()
    told = {line.name: line.shared for line in bench.view.lines if line.name}
    assert set(told.values()) == {"", said}
    assert told[OWN] == told["total/leave_one_out"] == said
    assert told[PLAIN] == told[V] == told["total/b_star"] == ""
    assert said in bench.view.note
    assert bool(said) == ("Leave-one-out and" in bench.view.note)


def test_what_grows_is_shown_as_it_grows():
    bench = Bench()
    bench.settle()
    bench.presenter.on_command("variance_more")
    whole = bench.view.survey
    number = bench.asked[-1].number
    part = Survey(0, 0, WORLD, bench.settings, 1500, True, whole.rows)
    bench.mailbox.survey = SurveyAnswer(1, number, part, False)
    bench.presenter.tick()
    assert bench.view.sentence.endswith("1\u202f500 episodes")
    assert bench.view.busy


def test_a_failure_is_a_card_and_goes_when_it_went_well():
    bench = Bench()
    bench.settle()
    bench.presenter.on_command("variance_anew")
    bench.mailbox.survey = SurveyAnswer(1, bench.asked[-1].number, None, True, "It is too large.")
    bench.presenter.tick()
    assert bench.cards["survey"].body == "It is too large."
    assert bench.view.survey is not None
    bench.ask("variance_anew")
    assert not bench.cards


def test_a_world_without_a_limit_is_not_measured():
    bench = Bench()
    bench.run_id, bench.world = 2, WORLD.with_fields(max_steps=None)
    bench.presenter.tick()
    assert not bench.asked
    assert bench.view.empty == (
        "This world has no step limit: an episode must end before it can be measured."
    )


def test_a_training_that_could_not_start_has_nothing_to_measure():
    """Nobody answers then: the sentence says why, instead of waiting for ever."""
    bench = Bench()
    bench.broken = True
    bench.presenter.tick()
    assert bench.view.empty == "Training could not start, so there is no policy to measure."
    assert bench.view.busy


# --- which estimators

def test_no_baseline_and_the_trainings_own_are_looked_at_first():
    bench = Bench()
    view = bench.settle()
    assert [(one.name, one.role, one.dash) for one in view.chosen] == [
        (PLAIN, "ink3", "dashed"), (OWN, "ink", "solid")
    ]
    assert [line.name for line in view.lines if line.chosen] == [PLAIN, OWN]
    assert [line.name for line in view.lines if line.own] == [OWN]
    assert set(bench.plotted) <= {None}  # as Explore plots by itself


def test_the_first_choice_follows_the_settings():
    bench = Bench()
    bench.settle()
    bench.settings = Settings(batch_episodes=8, hidden=6, credit="total_return", baseline="none")
    view = bench.settle()
    assert [one.name for one in view.chosen] == [TOTAL]


def test_rows_that_are_chosen_are_plotted_and_measured_live():
    bench = Bench()
    bench.settle()
    bench.ask("variance_choose", V)
    view = bench.ask("variance_choose", TOTAL)
    assert [one.name for one in view.chosen] == [TOTAL, PLAIN, OWN, V]  # as in the table
    assert bench.plotted[-1] == (TOTAL, PLAIN, OWN, V)
    assert bench.meters[-1] == messages.Meter((TOTAL, PLAIN, OWN, V), exact=True)
    view = bench.ask("variance_choose", PLAIN)
    assert [one.name for one in view.chosen] == [TOTAL, OWN, V]
    assert bench.plotted[-1] == (TOTAL, OWN, V)


def test_clouds_stand_in_the_tables_order_whenever_they_were_chosen():
    """Also before anything was measured."""
    bench = Bench()
    for name in (V, "gae_0.95/V/discount=exact", TOTAL):
        bench.presenter.on_command("variance_choose", name)
    view = bench.settle()
    assert [one.name for one in view.chosen] == [
        TOTAL, "gae_0.95/V/discount=exact", PLAIN, OWN, V
    ]


def test_six_are_the_most_and_one_the_least():
    bench = Bench()
    view = bench.settle()
    names = [line.name for line in view.lines if line.name]
    for name in names[:6]:
        view = bench.ask("variance_choose", name)
    assert len(view.chosen) == MOST == 6
    assert view.full
    for one in view.chosen:
        view = bench.ask("variance_choose", one.name)
    assert len(view.chosen) == 1


def test_names_are_told_apart_by_colour_and_dash_the_own_pair_first():
    names = (TOTAL, PLAIN, OWN, V, "total/b_star", "gae_0.95/V/discount=practice")
    found = variance_plots.looks(names, Settings())
    assert found[PLAIN] == ("ink3", "dashed")
    assert found[OWN] == ("ink", "solid")
    assert len(set(found.values())) == len(names)
    assert {role for role, _ in found.values()} == {"ink", "ink3", "base", "gae"}


@pytest.mark.parametrize(
    ("baseline", "role"),
    [
        ("none", "ink3"), ("moving_average", "ink"), ("leave_one_out", "ink"), ("critic", "base"),
        ("exact_value", "base"), ("optimal_constant", "ink"),
    ],
)
@pytest.mark.parametrize("credit", ["total_return", "reward_to_go"])
def test_an_estimator_has_one_colour_in_every_view(credit, baseline, role):
    """Clouds, table, curves here and in Explore, the ratio, and the view of learning; whether the
    training uses it or not."""
    own = Settings(credit=credit, baseline=baseline)
    name = estimator_of(own).name
    curves = curves_of(VariancePoint(1, 1, 4.0, 2.0, "x", ((name, 0.5),)))
    assert variance_plots.variance(curves, own).role == role
    assert variance_plots.ratio(curves, own).role == role
    assert styles([own])[0][0] == role
    gae = Settings(credit="gae", baseline="exact_value", discount_weighting="exact")
    assert variance_plots.variance(curves, gae).role == styles([gae])[0][0] == "gae"
    for settings in (own, gae):
        assert variance_plots.looks((name,), settings)[name][0] == role
        assert resolve.chosen((name,), None, settings)[0].role == role
    lines = variance_plots.variance(curves, gae, (name,)).others
    assert [line.role for line in lines] == [role]


def test_a_row_of_the_table_has_the_colour_of_its_cloud():
    bench = Bench()
    for line in bench.settle().lines:
        if line.name:
            assert line.role == variance_plots.looks((line.name,), bench.settings)[line.name][0]


# --- the table

def test_the_table_is_by_target_with_a_heading_each():
    bench = Bench()
    view = bench.settle()
    heads = [line.label for line in view.lines if not line.name]
    assert heads == [
        "Target: the exact ∇J, with γᵗ", "Target: that of practice, without γᵗ"
    ]
    before = True
    for line in view.lines[1:]:
        if not line.name:
            before = False
        else:
            assert (estimator(line.name).target == "exact") == before


@pytest.mark.parametrize("column", list(resolve.COLUMNS))
def test_it_is_sorted_by_any_column_both_ways_and_back(column):
    bench = Bench()
    bench.settle()
    bench.ask("variance_exact")
    by_target = [line.name for line in bench.view.lines]
    key = resolve.KEYS[column]
    rows = {row.name: row for row in bench.view.survey.rows}
    for turned in (False, True):
        view = bench.ask("variance_sort", column)
        assert view.sort == (column, turned)
        values = [key(rows[line.name]) for line in view.lines]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=turned)
        assert values[: len(known)] == known  # what has no number is last, both ways
    view = bench.ask("variance_sort", column)
    assert [line.name for line in view.lines] == by_target


@pytest.mark.parametrize(("ratio", "interval", "text"), [
    (999.4, (658.0, 1041.0), "999× less [658, 1.0k]"),
    (31_098.0, (29_000.0, 33_456.0), "31k× less [29k, 33k]"),
    (1 / 2345.0, (1 / 2600.0, 1 / 2100.0), "2.3k× more [2.1k, 2.6k]"),
    (1 / 1.1, (1 / 1.2, 1 / 1.01), "1.1× more [1.01, 1.2]"),
    (1 / 1.1, (1 / 1.2, 1.003), "not told apart [0.83, 1.00]"),
    (1.036, (1.012, 1.06), "1.04× less [1.01, 1.1]"),
    (1.1, (0.93, 1.3), "not told apart [0.93, 1.3]"),
])
def test_ratios_in_their_column(ratio, interval, text):
    """As short as that; neither less nor more where the interval contains 1."""
    assert resolve.times(ratio, interval) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.3, "0.300"), (30, "30.0"), (7, "7.00"), (0.01, "0.0100"), (99.96, "100"),
        (2525, "2\u202f525"), (0, "0"), (6.6e9, "6.60 × 10⁹"), (2e-7, "2.00 × 10⁻⁷"),
    ],
)
def test_a_column_keeps_its_number_of_digits(value, text):
    assert resolve.figure(value) == text


def test_a_row_says_its_numbers_in_words():
    """Hand-made numbers; 18 times less, "more" where a baseline does harm."""
    row = Row(
        estimator(OWN), 0.5812, (0.5, 0.675), 18.04, (12.2, 26.8), 123.4, 1.024, 0.0153, 0.9987,
        0.0081, 123.4, None, 0.6,
    )
    harm = Row(
        estimator(V), 12_345.6, (1.2e4, 1.3e4), 0.25, (0.2, 0.3125), 7.0, 0.9999, 0.001, 1.0,
        -0.0006, 2.0, None,
    )
    survey = Survey(7, 0, WORLD, Settings(), 1024, True, (row, harm))
    first, second = resolve.lines(survey, (OWN,), Settings(), ("name", False))
    assert first.cells == {
        "trace": "0.581", "exact": "0.600", "ratio": "18× less [12, 27]", "relative": "123",
        "projection": "1.024 ± 0.030", "cosine": "0.999", "snr": "0.0081", "episodes": "124",
    }
    assert second.cells["ratio"] == "4.0× more [3.2, 5.0]"
    assert second.cells["trace"] == "12\u202f346"
    assert second.cells["projection"] == "1.000 ± 0.002"
    assert second.cells["snr"] == "≈0"
    assert first.bar == (0.5812, 0.5, 0.675, 0.6)
    assert "To-go − leave-one-out, tr Cov, 95 % 0.581" in first.spoken


@pytest.mark.parametrize(
    ("projection", "half", "told"),
    [(-3.7114, 12.376, "−3.7 ± 12.4"), (1.0, 0.0, "1.000 ± 0.000"), (4.137, 6.4, "4.14 ± 6.40"),
     (-371.14, 1237.6, "−371 ± 1\u202f238"), (0.9876, 0.0123, "0.988 ± 0.012")],
)  # fmt: skip
def test_a_wide_interval_has_no_more_digits_than_it_tells(projection, half, told):
    """Beside one of another row that needs three decimals, as on the two-armed bandit."""
    row = Row(
        estimator(OWN), 1.0, (0.9, 1.1), None, None, 1.0, projection, half / 1.96, 1.0, 1.0, 1.0,
        None,
    )
    narrow = Row(
        estimator(V), 1.0, (0.9, 1.1), None, None, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, None,
    )
    survey = Survey(7, 0, WORLD, Settings(), 1024, True, (row, narrow))
    first = resolve.lines(survey, (OWN,), Settings(), ("name", False))[0]
    assert first.cells["projection"] == told


def test_biased_estimators_are_flagged_with_the_reason():
    bench = Bench(credit="gae", baseline="critic")
    view = bench.settle()
    biased = {line.name: line.bias for line in view.lines if line.bias}
    assert set(biased) == {
        "total/z_score", "reward_to_go/z_score/discount=exact",
        "reward_to_go/z_score/discount=practice", "gae_0.95/critic/discount=exact",
        "gae_0.95/critic/discount=practice",
    }
    for name, reason in biased.items():
        assert reason.startswith("biased: ")
        assert reason in bench.line(name).spoken


def test_without_a_reward_there_are_no_numbers():
    nothing = World(("S.", ".G"), {"S": Tile(start=1), "G": Tile(terminal=True)}, max_steps=5)
    bench = Bench(world=nothing)
    view = bench.settle()
    assert all(
        line.cells == {"trace": "no reward yet"} and line.bar is None
        for line in view.lines if line.name
    )


def test_what_is_missing_is_said_below_the_table():
    bench = Bench()
    assert bench.settle().note == "Mean and learned V(s) are here when the training keeps them."
    row = Bench(baseline="critic")
    assert row.settle().note == ""


def test_exact_numbers_come_into_the_table():
    bench = Bench()
    bench.settle()
    assert "exact" not in bench.line(OWN).cells
    view = bench.ask("variance_exact")
    assert view.survey.exact_done
    for line in view.lines:
        if line.name:
            assert ("exact" in line.cells) == ("z_score" not in line.name)


def test_what_is_chosen_but_was_not_measured_can_still_be_taken_away():
    """A critic that the training no longer keeps has a row without numbers, and no way to stay."""
    bench = Bench(baseline="critic")
    bench.settle()
    learned = "reward_to_go/critic/discount=practice"
    assert [one.name for one in bench.view.chosen] == [PLAIN, learned]
    bench.ask("variance_choose", V)
    bench.settings = Settings(batch_episodes=8, hidden=6)
    bench.training.edit_settings(bench.settings)
    view = bench.ask("variance_anew")
    assert view.lines[-2].label == "Chosen, but not measured at this policy"
    line = bench.line(learned)
    assert (line.cells, line.chosen) == ({"trace": "not measured"}, True)
    assert next(one for one in view.chosen if one.name == learned).row is None
    view = bench.ask("variance_choose", learned)
    assert learned not in [line.name for line in view.lines]


def test_gae_is_followed_with_the_lambda_of_the_settings():
    bench = Bench()
    bench.settle()
    bench.ask("variance_choose", "gae_0.95/V/discount=practice")
    bench.settings = Settings(batch_episodes=8, hidden=6, gae_lambda=0.5)
    bench.training.edit_settings(bench.settings)
    view = bench.ask("variance_anew")
    assert [one.name for one in view.chosen] == [PLAIN, OWN, "gae_0.5/V/discount=practice"]
    assert bench.plotted[-1] == (PLAIN, OWN, "gae_0.5/V/discount=practice")
    assert view.chosen[-1].row is not None


def test_a_row_of_another_lambda_stands_for_the_one_of_the_settings():
    """The table is of the λ that was; what is chosen in it is followed with the λ that is."""
    bench = Bench()
    bench.settle()
    bench.settings = Settings(batch_episodes=8, hidden=6, gae_lambda=0.5)
    view = bench.ask("variance_choose", "gae_0.95/V/discount=practice")
    assert view.chosen[-1].name == "gae_0.5/V/discount=practice"
    assert view.lines[-1].cells == {"trace": "not measured"}
    assert len(bench.ask("variance_choose", "gae_0.95/V/discount=practice").chosen) == 2


def test_what_is_too_slow_to_be_followed_says_so():
    """On a larger board b* has a cloud, but no curve."""
    rows = Bench().settle().survey.rows
    for quick in (True, False):
        survey = Survey(0, 0, WORLD, Settings(), 8, True, rows, quick=quick)
        lines = resolve.lines(survey, (), Settings(), ("name", False))
        reasons = {line.name: line.not_followed for line in lines if line.not_followed}
        slow = {name for name, reason in reasons.items() if "too long" in reason}
        assert slow == (set() if quick else {r.name for r in rows if "b_star" in r.name})
        # A variance on a scale of its own has no place on the others' axis.
        assert set(reasons) - slow == {r.name for r in rows if "z_score" in r.name}


def test_a_view_that_is_chosen_before_the_first_frame_is_kept():
    bench = Bench()
    bench.presenter.on_command("variance_view", "learning")
    bench.presenter.tick()
    assert not bench.sent
    with pytest.raises(KeyError):
        bench.presenter.on_command("variance_nothing")


# --- along training

def test_the_curves_are_drawn_when_they_grow_and_not_too_often():
    """Never both plots in one frame, and while training runs only now and then."""
    bench = Bench()
    bench.settle()
    assert (len(bench.drawn), len(bench.ratios)) == (1, 1)
    bench.settle()
    assert (len(bench.drawn), len(bench.ratios)) == (1, 1)
    bench.running = True
    for update in range(1, 11):
        before = len(bench.drawn) + len(bench.ratios)
        bench.curves.take(VariancePoint(1, update, 4.0, 2.0, "LOO"))
        bench.now += EVERY / 5
        bench.presenter.tick()
        assert len(bench.drawn) + len(bench.ratios) <= before + 1
    assert len(bench.drawn) <= 3
    bench.running = False
    bench.settle()
    np.testing.assert_array_equal(bench.drawn[-1].updates, np.arange(1, 11))
    np.testing.assert_array_equal(bench.ratios[-1].ratio, np.full(10, 2.0))


def curves_of(*events):
    curves = Curves(1, WORLD, Settings(), 0)
    for event in events:
        curves.take(event)
    return curves


def test_by_default_the_picture_is_that_of_the_pair():
    curves = curves_of(
        VariancePoint(1, 1, 4.0, 2.0, "LOO"), VariancePoint(1, 2, 3.0, 1.0, "LOO", ((V, 0.5),))
    )
    data = variance_plots.variance(curves, Settings())
    assert (list(data.none), list(data.chosen), data.label) == ([4, 3], [2, 1], "LOO")
    assert (data.others, data.exact) == ((), ())


def test_chosen_estimators_have_a_curve_a_name_and_exact_dots():
    curves = curves_of(
        VariancePoint(1, 1, 4.0, 2.0, "LOO"),
        VariancePoint(1, 2, 3.0, 1.0, "LOO", ((V, 0.5), (TOTAL, 7.0))),
        ExactPoint(1, 2, "none", 3.1), ExactPoint(1, 2, V, 0.4), ExactPoint(1, 2, "chosen", 1.1),
    )
    data = variance_plots.variance(curves, Settings(), (TOTAL, OWN, V))
    assert len(data.none) == 0  # it is not chosen
    assert list(data.chosen) == [2, 1]
    assert [(line.label, list(line.updates), list(line.values)) for line in data.others] == [
        ("V(s)", [2], [0.5]), ("Total", [2], [7.0])
    ]
    assert [list(dots.values) for dots in data.exact] == [[1.1], [0.4]]
    assert [dots.role for dots in data.exact] == ["ink", "base"]


def test_going_back_cuts_every_curve():
    curves = curves_of(
        VariancePoint(1, 1, 4.0, 2.0, "LOO", ((V, 0.5),)), ExactPoint(1, 1, V, 0.6),
        VariancePoint(1, 9, 4.0, 2.0, "LOO", ((V, 0.4),)), ExactPoint(1, 9, V, 0.7),
        Rewound(1, 5),
    )
    assert list(curves.others[V].column(1)) == [0.5]
    assert list(curves.exact[V].column(1)) == [0.6]


def test_what_is_measured_again_at_rest_replaces_the_number_but_for_a_change():
    curves = curves_of(
        VariancePoint(1, 3, 4.0, 2.0, "LOO", ((V, 0.5),)),
        VariancePoint(1, 3, 4.0, 2.0, "LOO", ((V, 0.6),)),
    )
    assert list(curves.others[V].column(1)) == [0.6]
    for event in (Changed(1, 3, "world"), VariancePoint(1, 3, 4.0, 2.0, "LOO", ((V, 0.9),))):
        curves.take(event)
    assert list(curves.others[V].column(1)) == [0.6, 0.9]


# --- words

@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("total/none", "Total"),
        ("total/value_at_start", "Total − V(s₀)"),
        ("reward_to_go/none/discount=exact", "γᵗ to-go"),
        ("reward_to_go/b_star(t,s)/discount=practice", "To-go − b*(t, s)"),
        ("reward_to_go/z_score/discount=practice", "To-go, z-scored"),
        ("gae_0.9/critic/discount=practice", "GAE 0.9, learned V(s)"),
        ("gae_0.9/V/discount=exact", "γᵗ GAE 0.9, V(s)"),
    ],
)
def test_estimators_have_names(name, text):
    assert label(estimator(name)) == text


def test_beside_a_curve_the_baseline_is_enough_where_all_else_is_the_same():
    own = estimator(OWN)
    assert short_label(estimator(V), own) == "V(s)"
    assert short_label(Estimator("reward_to_go", "V", "exact"), own) == "γᵗ to-go − V(s)"


def test_ratio_of_no_variance_is_no_number() -> None:
    """An exact baseline in a world without chance leaves none: the plot has a gap, no infinity."""
    curves = Curves(1, WORLD, Settings(), 0)
    for update, (none, own) in enumerate([(4.0, 2.0), (1.0, 0.0), (0.0, 0.0), (np.nan, 1.0)], 1):
        curves.take(VariancePoint(1, update, none, own, "LOO"))
    found = variance_plots.ratio(curves, Settings()).ratio
    np.testing.assert_array_equal(found, [2.0, np.nan, np.nan, np.nan])
