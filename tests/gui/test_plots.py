"""Plots: axes that keep still, names that do not overlap, and curves that cost little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlxent_gui.plots import CellPlot, RatioPlot, ReturnPlot, VariancePlot
from rlxent_gui.plots.dashes import dashes
from rlxent_gui.plots.data import (
    NO_UPDATES,
    CellPlotData,
    Dots,
    Ghost,
    Line,
    RatioPlotData,
    ReturnPlotData,
    VariancePlotData,
)
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.plots.ranges import (
    SteadyRange,
    end_of_updates,
    power_text,
    spread,
    tick_text,
    ticks,
    value_text,
)
from rlxent_gui.theme import DARK, FACTORS, LIGHT, SEMIBOLD, appearance


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """Every test begins with the light theme and the usual text size."""
    look = appearance()
    look.install(qapp)
    yield
    look.set_theme(LIGHT)
    look.reset_text()


def built(qtbot: QtBot, plot: PlotCard, width: int = 600, height: int = 290) -> PlotCard:
    qtbot.addWidget(plot)
    plot.build()
    plot.resize(width, height)
    plot.show()
    QApplication.processEvents()
    return plot


def returns(n: int, optimal: float | None = 0.9, **more: object) -> ReturnPlotData:
    """A run that climbs from −1.2 to 0.8, with a little noise."""
    updates = np.arange(1.0, n + 1)
    mean = -1.2 + 2 / (1 + np.exp(-(updates - 40) / 8))
    raw = mean + 0.1 * np.sin(updates * 2.3)
    return ReturnPlotData(updates, raw, mean, optimal, **more)  # type: ignore[arg-type]


# Axes


@given(
    st.lists(st.floats(0, 200), min_size=1, max_size=9),
    st.floats(5, 30),
)
def test_spread_labels_keep_order_distance_and_ends(wanted: list[float], gap: float) -> None:
    """Labels stay in order, within the ends, and as far apart as they fit."""
    places = spread(wanted, gap, 0, 200)
    apart = min(gap, 200 / max(1, len(wanted) - 1))
    ordered = [place for _, place in sorted(zip(wanted, places, strict=True))]
    assert min(places) >= -1e-9
    assert max(places) <= 200 + 1e-9
    assert all(b - a >= apart - 1e-6 for a, b in pairwise(ordered))


def test_labels_with_room_stay_at_their_curves() -> None:
    """Nothing moves that need not move; two that collide part evenly."""
    assert spread([20, 100, 160], 16, 0, 200) == [20, 100, 160]
    assert spread([100, 104], 16, 0, 200) == [94, 110]
    assert spread([104, 100], 16, 0, 200) == [110, 94]
    assert spread([], 16, 0, 200) == []


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-1.37, 1.1, 3, [-1, 0, 1]),
        (-0.02, 1.04, 3, [0, 0.5, 1]),
        (0, 150, 4, [0, 50, 100, 150]),
        (0, 1, 5, [0, 0.25, 0.5, 0.75, 1]),
        (-65_375, 0, 4, [-60_000, -40_000, -20_000, 0]),
        (3, 3, 4, []),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    """1, 0, −1 and .5 where they serve."""
    assert ticks(low, high, most) == expected


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_few_even_and_inside(low: float, span: float, most: int) -> None:
    """Never more than asked for, never outside, always the same distance."""
    found = ticks(low, low + span, most)
    assert 1 <= len(found) <= most
    assert all(low - 1e-6 * span <= t <= low + span * (1 + 1e-6) for t in found)
    gaps = np.diff(found)
    assert len(gaps) == 0 or np.allclose(gaps, gaps[0], rtol=1e-3)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (-1, "−1"), (0.5, ".5"), (-0.25, "−.25"), (150, "150"), (1000, "1k"),
     (1500, "1.5k"),     (2000, "2k"), (-50_000, "−50k"), (2_500_000, "2.5M"),
     (999e9, "999G"), (5e12, "5e12"), (-8e307, "−8e307")],
)
def test_ticks_are_written_short(value: float, text: str) -> None:
    """The fixed left margin has room for every tick."""
    assert tick_text(value) == text


def test_powers_and_values_are_written() -> None:
    """Exponents are superscripts; values have the decimals that matter."""
    assert [power_text(e) for e in (0, -2, 11)] == ["10⁰", "10⁻²", "10¹¹"]
    assert [value_text(v) for v in (0.754, -1.2, 0, -0.001, 12.34, -345.6, -65_375)] == [
        "0.75", "−1.20", "0.00", "0.00", "12.3", "−346", "−65.4k"
    ]


def test_the_axis_of_updates_grows_in_steps() -> None:
    """While 1,000 updates come in, the axis ends at a dozen places, and never before the curve."""
    ends = [end_of_updates(n) for n in range(1001)]
    assert ends == sorted(ends)
    assert all(end >= n for n, end in enumerate(ends))
    assert len(set(ends)) <= 12
    assert end_of_updates(128) == 150


def test_a_range_keeps_still_while_data_stay_within() -> None:
    """Noise within the range changes nothing; data beyond it widen it at once."""
    kept = SteadyRange()
    kept.follow(0, 1)
    before = (kept.low, kept.high)
    rng = np.random.default_rng(1)
    for _ in range(200):
        low, high = sorted(rng.uniform(0, 1, 2))
        assert not kept.follow(min(low, 0.2), max(high, 0.9))
    assert (kept.low, kept.high) == before
    assert kept.follow(-3, 1)
    assert kept.low <= -3


def test_a_range_shrinks_only_when_much_of_it_is_empty() -> None:
    """A run that settles is shown larger, once."""
    kept = SteadyRange()
    kept.follow(-10, 1)
    assert not kept.follow(-6, 1)
    assert kept.follow(-1, 1)
    assert kept.high - kept.low < 4


def test_a_flat_curve_has_a_range() -> None:
    """Equal values do not make a range of no height."""
    kept = SteadyRange()
    kept.follow(0.7, 0.7)
    assert kept.high > 0.7 >= kept.low


def test_decades_are_whole_and_at_least_two() -> None:
    """A logarithmic axis begins and ends at powers of ten, and stays there."""
    kept = SteadyRange()
    kept.follow_decades(-1.8, -0.1)
    assert (kept.low, kept.high) == (-2, 0)
    assert not kept.follow_decades(-1.2, -0.9)
    assert kept.follow_decades(-2.4, -0.1)
    assert (kept.low, kept.high) == (-3, 0)
    flat = SteadyRange()
    flat.follow_decades(-0.5, -0.5)
    assert flat.high - flat.low == 2


# Dashes


def test_dashes_have_their_lengths_and_lie_on_the_curve() -> None:
    """On a straight line: dashes of 6, gaps of 4, counted from 0."""
    x, y = dashes(np.array([0.0, 25.0]), np.array([0.0, 50.0]), (6, 4), 1.0)
    assert x.tolist() == [0, 6, 10, 16, 20, 25]
    np.testing.assert_allclose(y, 2 * x)


def test_dashes_stay_where_they_are_while_the_curve_grows() -> None:
    """New points add dashes and move none."""
    steps = np.arange(100.0)
    noise = np.random.default_rng(2).normal(size=100)
    short, _ = dashes(steps[:60], noise[:60], (6, 4), 3.0)
    long, _ = dashes(steps, noise, (6, 4), 3.0)
    assert np.isin(short[:-1], long).all()


def test_gaps_in_the_data_stay_gaps_under_dashes() -> None:
    """Where there is no number nothing is drawn."""
    x = np.arange(10.0)
    y = np.where(x < 5, np.nan, 1.0)
    ends, values = dashes(x, y, (3, 1), 10.0)
    assert ends[np.isfinite(values)].min() >= 5
    assert len(dashes(x[:1], y[:1], (3, 1), 10.0)[0]) == 0


# Start


def test_importing_the_plots_loads_neither_pyqtgraph_nor_torch() -> None:
    """pyqtgraph costs a third of a second; even when it comes, torch stays away."""
    code = (
        "import sys; import rlxent_gui.plots; assert 'pyqtgraph' not in sys.modules;"
        "import rlxent_gui.plots.chart; assert 'pyqtgraph' in sys.modules;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment())


def _environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "QT_QPA_PLATFORM": "offscreen"}


def test_the_chart_comes_in_behind_the_first_paint(qtbot: QtBot) -> None:
    """Data shown before the chart is there are drawn when it is."""
    plot = ReturnPlot()
    qtbot.addWidget(plot)
    plot.set_data(returns(30))
    assert plot.chart is None
    plot.show()
    qtbot.waitUntil(lambda: plot.chart is not None, timeout=10_000)
    assert plot.chart is not None
    assert "now" in plot.chart.labels[0].text


def test_a_plot_that_is_gone_before_its_chart_comes_does_no_harm(qtbot: QtBot) -> None:
    """Closing the window while it still loads is safe."""
    plot = ReturnPlot()
    plot.show()
    QApplication.processEvents()
    plot.close()
    plot.deleteLater()
    QTest.qWait(20)
    other = VariancePlot()
    qtbot.addWidget(other)
    other.show()
    qtbot.waitUntil(lambda: other.chart is not None, timeout=10_000)


# Return


def labels_of(plot: PlotCard) -> dict[str, float]:
    assert plot.chart is not None
    return {label.text: label.y for label in plot.chart.labels}


def test_an_empty_return_plot_shows_the_optimum_already(qtbot: QtBot) -> None:
    """Before the first update there are the sentence, the optimal and the uniform line."""
    plot = built(qtbot, ReturnPlot())
    nothing = np.empty(0)
    plot.set_data(ReturnPlotData(nothing, nothing, nothing, optimal=0.9, uniform=0.13))
    chart = plot.chart
    assert chart is not None
    assert chart.message.text() == NO_UPDATES
    assert chart.message.isVisible()
    assert labels_of(plot) == {"optimal 0.90": 0.9, "uniform 0.13": 0.13}
    points = chart.curve_points("optimal")
    assert points is not None
    assert set(points[1]) == {0.9}


def test_the_return_plot_names_what_it_shows(qtbot: QtBot) -> None:
    """The numbers beside the curves are those of the plotted data."""
    plot = built(qtbot, ReturnPlot())
    data = returns(129, uniform=0.13, episodes_per_update=16)
    plot.set_data(data)
    assert plot.subtitle.text() == "per update, 16 episodes"
    assert list(labels_of(plot)) == [
        f"now {value_text(float(data.mean[-1]))}", "optimal 0.90", "uniform 0.13"
    ]
    assert plot.chart is not None
    assert not plot.chart.message.isVisible()
    assert plot.accessibleDescription() == ", ".join(labels_of(plot))


def test_ghosts_are_labelled_and_go_again(qtbot: QtBot) -> None:
    """A former run stays with what sets it apart, until it is dropped."""
    plot = built(qtbot, ReturnPlot())
    ghost = Ghost("η 0.1", np.arange(1.0, 200), np.linspace(-1, 0.4, 199))
    plot.set_data(returns(50, ghosts=(ghost,)))
    assert plot.chart is not None
    assert labels_of(plot)["η 0.1"] == pytest.approx(0.4)
    assert plot.chart.x_end >= 199
    plot.set_data(returns(50))
    assert "η 0.1" not in labels_of(plot)
    assert plot.chart.curve_points("ghost 0") is None


def test_axes_do_not_tremble_while_a_run_comes_in(qtbot: QtBot) -> None:
    """Over 300 updates the axes change a dozen times, not at every frame."""
    plot = built(qtbot, ReturnPlot())
    seen = []
    for n in range(1, 301):
        plot.set_data(returns(n))
        chart = plot.chart
        assert chart is not None
        seen.append((chart.x_end, chart.y_low, chart.y_high))
    changes = sum(a != b for a, b in pairwise(seen))
    assert changes <= 12
    assert chart.y_low <= -1.2
    assert chart.y_high >= 0.9


def test_wild_batches_do_not_flatten_the_curve(qtbot: QtBot) -> None:
    """One batch far off is cut at the edge instead of hiding all others."""
    plot = built(qtbot, ReturnPlot())
    data = returns(200)
    data.raw[77] = -5000
    plot.set_data(data)
    assert plot.chart is not None
    assert plot.chart.y_low > -5


def test_long_runs_are_drawn_with_few_points(qtbot: QtBot) -> None:
    """10,000 updates become no more points than there are pixels, with their extremes."""
    plot = built(qtbot, ReturnPlot())
    data = returns(10_000)
    data.mean[5000] = 3.0
    plot.set_data(data)
    assert plot.chart is not None
    points = plot.chart.curve_points("mean")
    assert points is not None
    assert len(points[0]) <= 1000
    assert points[1].max() == 3.0


def test_not_a_number_is_no_obstacle(qtbot: QtBot) -> None:
    """Gaps, infinite lines and empty ghosts are left out."""
    plot = built(qtbot, ReturnPlot())
    data = returns(20, optimal=float("inf"), uniform=float("nan"),
                   ghosts=(Ghost("seed 3", np.empty(0), np.empty(0)),))
    data.mean[:10] = np.nan
    data.mean[-1] = np.nan
    plot.set_data(data)
    plot.grab()
    assert [text.split()[0] for text in labels_of(plot)] == ["now"]


# Variance and cell


def test_variance_is_drawn_by_its_logarithm(qtbot: QtBot) -> None:
    """0.1 lies at −1; where there was no reward there is a gap."""
    plot = built(qtbot, VariancePlot())
    updates = np.arange(1.0, 6)
    plot.set_data(VariancePlotData(
        updates, np.array([np.nan, 0, 1, 1, 1]), np.array([np.nan, 0, 0.1, 0.1, 0.01]), "V(s)"
    ))
    chart = plot.chart
    assert chart is not None
    points = chart.curve_points("chosen")
    assert points is not None
    np.testing.assert_allclose(points[1][2:], [-1, -1, -2])
    assert np.isnan(points[1][:2]).all()
    assert labels_of(plot) == {"V(s)": -2, "no baseline": 0}
    assert not chart.message.isVisible()


def test_variance_keeps_what_a_baseline_did_before_it_was_dropped(qtbot: QtBot) -> None:
    """The curve ends there; nothing is drawn over the dashed line, or named after no baseline."""
    plot = built(qtbot, VariancePlot())
    updates = np.arange(1.0, 6)
    plot.set_data(VariancePlotData(
        updates, np.ones(5), np.array([0.1, 0.1, 0.1, np.nan, np.nan]), "",
    ))
    assert plot.chart is not None
    points = plot.chart.curve_points("chosen")
    assert points is not None
    assert np.isnan(points[1][3:]).all()
    assert labels_of(plot) == {"no baseline": 0}


def test_a_single_measurement_can_be_seen(qtbot: QtBot) -> None:
    """Before the first update there is one; its labels must not stand for nothing."""
    plot = built(qtbot, VariancePlot())
    plot.set_data(VariancePlotData(np.zeros(1), np.full(1, 10.0), np.full(1, 0.1), "LOO"))
    assert plot.chart is not None
    for name in ("none", "chosen"):
        points = plot.chart.curve_points(name)
        assert points is not None
        assert plot.chart.x_of(points[0][-1]) - plot.chart.x_of(0) == pytest.approx(5)


def test_variance_without_reward_says_so(qtbot: QtBot) -> None:
    """No reward yet is neither zero nor infinite variance."""
    plot = built(qtbot, VariancePlot())
    updates = np.arange(1.0, 6)
    plot.set_data(VariancePlotData(updates, np.zeros(5), np.full(5, np.nan), "LOO"))
    assert plot.chart is not None
    assert plot.chart.message.text().startswith("No reward yet")


def test_without_a_baseline_there_is_one_curve(qtbot: QtBot) -> None:
    """Nothing is compared with itself."""
    plot = built(qtbot, VariancePlot())
    updates = np.arange(1.0, 6)
    plot.set_data(VariancePlotData(updates, np.ones(5), np.full(5, np.nan), ""))
    assert plot.chart is not None
    assert plot.chart.curve_points("chosen") is None
    assert list(labels_of(plot)) == ["no baseline"]


def test_further_estimators_are_told_apart_and_exact_ones_are_dots(qtbot: QtBot) -> None:
    """Each with its dash and its name; a dot lies where the exact variance does."""
    plot = built(qtbot, VariancePlot())
    updates = np.arange(1.0, 6)
    assert plot.subtitle.text() == "same policy, same episodes"
    plot.set_data(VariancePlotData(
        updates, np.full(5, 10.0), np.full(5, 1.0), "LOO",
        others=(
            Line("V(s)", "To-go − V(s)", updates[2:], np.full(3, 0.1), "ink", "solid"),
            Line("Total", "Total", updates, np.full(5, 5.0), "ink3", "dotted"),
        ),
        exact=(Dots(updates[[1, 3]], np.array([1.1, 0.9]), "base"),),
    ))
    assert plot.chart is not None
    assert set(labels_of(plot)) == {"LOO", "V(s)", "Total", "no baseline"}
    x, y = plot.chart.curve_points("other 0")
    assert (x[0], x[-1]) == (3, 5)
    np.testing.assert_allclose(y, -1)
    x, y = plot.chart.curve_points("exact 0")
    assert x[::2].tolist() == [2, 4]
    np.testing.assert_allclose(10 ** y[::2], [1.1, 0.9])
    assert plot.subtitle.text() == "same policy, same episodes · dots: exact"
    plot.set_data(VariancePlotData(updates, np.full(5, 10.0), np.empty(0), ""))
    assert list(labels_of(plot)) == ["no baseline"]
    assert plot.chart.curve_points("other 0") is None
    assert plot.subtitle.text() == "same policy, same episodes"


def test_the_ratio_has_its_number_at_the_end(qtbot: QtBot) -> None:
    """A hundred times less is 2 on the logarithmic axis; without a baseline it says so."""
    plot = built(qtbot, RatioPlot())
    updates = np.arange(1.0, 4)
    plot.set_data(RatioPlotData(updates, np.array([1.0, 10.0, 100.0]), "LOO"))
    assert plot.chart is not None
    np.testing.assert_allclose(plot.chart.curve_points("ratio")[1], [0, 1, 2])
    assert list(labels_of(plot)) == ["100×"]
    assert plot.subtitle.text() == "than no baseline"
    plot.set_data(RatioPlotData(updates, np.full(3, np.nan), ""))
    assert plot.chart.message.text().startswith("The training uses no baseline")
    plot.set_data(RatioPlotData(updates, np.full(3, np.nan), "LOO"))
    assert plot.chart.message.text().startswith("No reward yet")


def test_exact_ratios_are_dots(qtbot: QtBot) -> None:
    """Where they lie, also beyond the curve; the title says what they are."""
    plot = built(qtbot, RatioPlot())
    updates = np.arange(1.0, 4)
    dots = Dots(np.array([0.0, 2.0]), np.array([1.0, 1000.0]), "base")
    plot.set_data(RatioPlotData(updates, np.array([1.0, 10.0, 100.0]), "V(s)", exact=(dots,)))
    x, y = plot.chart.curve_points("exact 0")
    np.testing.assert_allclose((x[::2], y[::2]), ([0, 2], [0, 3]))
    assert plot.subtitle.text() == "than no baseline · dots: exact"
    plot.set_data(RatioPlotData(updates, np.array([1.0, 10.0, 100.0]), "V(s)"))
    assert plot.chart.curve_points("exact 0") is None


def test_a_cells_actions_are_named_by_arrows_the_likeliest_first(qtbot: QtBot) -> None:
    """The title names the cell; the leader is ink and thick."""
    plot = built(qtbot, CellPlot())
    probabilities = np.tile([0.05, 0.8, 0.1, 0.05], (40, 1))
    plot.set_data(CellPlotData("G5", np.arange(1.0, 41), probabilities,
                               ("up", "right", "down", "left")))
    assert plot.title.text() == "What G5 would do"
    assert plot.chart is not None
    assert [label.text for label in plot.chart.labels] == ["→ 0.80", "↓ 0.10", "↑ 0.05", "← 0.05"]
    assert [label.role for label in plot.chart.labels] == ["ink", "ink2", "ink2", "ink2"]


def test_without_a_cell_the_plot_says_how_to_choose_one(qtbot: QtBot) -> None:
    """No selection is a state with a way out."""
    plot = built(qtbot, CellPlot())
    plot.set_data(CellPlotData("G5", np.arange(1.0, 4), np.full((3, 2), 0.5), ("up", "stay")))
    plot.set_data(None)
    assert plot.chart is not None
    assert plot.chart.message.text().startswith("Select a cell")
    assert plot.chart.labels == ()
    assert plot.title.text() == "What a cell would do"


# What is seen


def pixels(image: QImage, colour: QColor) -> int:
    return sum(
        image.pixelColor(x, y).rgb() == colour.rgb()
        for x in range(image.width()) for y in range(image.height())
    )


def test_curves_take_the_other_theme(qtbot: QtBot) -> None:
    """A theme change rebuilds the pens: no ink of the old theme is left."""
    plot = built(qtbot, ReturnPlot(), 400, 220)
    plot.set_data(returns(129))
    QApplication.processEvents()
    assert pixels(plot.grab().toImage(), LIGHT.opt) > 100
    appearance().set_theme(DARK)
    QApplication.processEvents()
    image = plot.grab().toImage()
    assert pixels(image, DARK.opt) > 100
    assert pixels(image, DARK.ink) > 100
    assert pixels(image, LIGHT.opt) == pixels(image, LIGHT.ink) == 0


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("size", [(600, 290), (410, 180), (330, 150)])
def test_labels_never_overlap_and_never_leave_the_card(
    qtbot: QtBot, factor: float, size: tuple[int, int]
) -> None:
    """At any text size a line is a line; where there is no room the least important go."""
    appearance().set_factor(factor)
    plot = built(qtbot, ReturnPlot(), round(size[0] * factor), round(size[1] * factor))
    ghosts = tuple(Ghost(f"seed {i}", np.arange(5.0), np.full(5, 0.8)) for i in range(3))
    plot.set_data(returns(129, uniform=0.7, ghosts=ghosts))
    chart = plot.chart
    assert chart is not None
    placed = sorted(middle for _, middle in chart.placed_labels())
    line = QFontMetricsF(appearance().font(13, SEMIBOLD)).height()
    assert all(b - a >= line * 0.95 for a, b in pairwise(placed))
    assert placed[0] >= line * 0.5
    assert placed[-1] <= chart.height() - line * 0.5
    assert chart.placed_labels()[0][0].text.startswith("now")


def test_changed_worlds_are_marked_and_explained(qtbot: QtBot) -> None:
    """Hovering the thread says at which update something was changed."""
    plot = built(qtbot, ReturnPlot())
    plot.set_data(returns(129, marks=(50, 90)))
    chart = plot.chart
    assert chart is not None
    assert chart.tip_at(QPointF(chart.x_of(50) + 2, 60)) == (
        "After update 50 the world or a setting was changed"
    )
    assert chart.tip_at(QPointF(chart.x_of(70), 60)) == ""
    label, middle = chart.placed_labels()[0]
    assert chart.tip_at(QPointF(chart.width() - 60, middle)) == label.tip


def test_more_room_is_asked_for_by_keyboard_too(qtbot: QtBot) -> None:
    """The button at the right of the header tells, and says what it would do."""
    plot = built(qtbot, VariancePlot())
    with qtbot.waitSignal(plot.expand_clicked):
        QTest.keyClick(plot.expand_button, Qt.Key.Key_Return)
    assert plot.expand_button.accessibleName() == "Make this plot larger: Gradient variance"
    plot.set_expanded(True)
    assert plot.expand_button.toolTip() == "Show all plots"


def test_a_picture_of_the_plot_is_sharp(qtbot: QtBot) -> None:
    """Twice the pixels, the same plot, without its button."""
    plot = built(qtbot, ReturnPlot())
    plot.set_data(returns(129))
    QApplication.processEvents()
    image = plot.grab_image()
    assert (image.width(), image.height()) == (1200, 580)
    assert pixels(image, LIGHT.opt) > 300
    assert plot.expand_button.isVisible()


def test_curves_are_as_wide_on_a_dense_screen(qtbot: QtBot) -> None:
    """A picture of twice the pixels has lines of twice the width: about four times the ink."""
    plot = built(qtbot, ReturnPlot())
    plot.set_data(returns(129))
    QApplication.processEvents()
    once, twice = (pixels(plot.grab_image(scale), LIGHT.opt) for scale in (1.0, 2.0))
    assert twice > 3 * once > 300


def test_a_resized_plot_chooses_its_points_anew(qtbot: QtBot) -> None:
    """A plot that is made larger while paused shows more of the same data."""
    plot = built(qtbot, ReturnPlot(), 400)
    plot.set_data(returns(10_000))
    assert plot.chart is not None
    before = plot.chart.curve_points("mean")
    plot.resize(1000, 290)
    QApplication.processEvents()
    after = plot.chart.curve_points("mean")
    assert before is not None
    assert after is not None
    assert len(after[0]) > 2 * len(before[0])


@pytest.mark.parametrize("value", [0.0, 0.3, -5.0])
def test_a_range_without_extent_shows_the_least_span(value: float) -> None:
    """Of data that never change; ticks of ±0.005 would not fit the margin."""
    found = SteadyRange()
    found.follow(value, value)
    assert found.high - found.low >= found.least
    assert found.low < value < found.high
