"""Numbers in the cells: which, how many digits, where they stand, and who computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.world import Tile, World
from rlxent_gui import messages
from rlxent_gui.canvas.digits import CHARACTERS, Digits
from rlxent_gui.canvas.grid import Grid, fit
from rlxent_gui.canvas.number_layer import NumberLayer, texts_that_fit, written
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.panels.numbers_button import NAMES, NumbersButton
from rlxent_gui.path_view import PathView
from rlxent_gui.theme import DARK, LIGHT, Theme, appearance
from rlxent_gui.view_state import NUMBERS, BoardView
from rlxent_gui.words import short_count
from tests.gui.test_presenter import Bench

S, G = Tile(start=1), Tile(terminal=True, reward=1.0)
WORLD = World(("...", ".#.", "..."), {"S": S})
MOVES = ("up", "right", "down", "left")


def grid_of(side: float, rows: int = 3, columns: int = 3) -> Grid:
    area = QRectF(0, 0, side * columns, side * rows)
    return fit(rows, columns, area, 1.0, 1.0, QPointF(0.5, 0.5))[0]


def texts(values: list[float], side: float, room: float = 1e9, whole: bool = False) -> list[str]:
    figures = np.array(values, float)[:, None]
    digits = Digits(appearance().font(12), LIGHT, 1.0)
    found = texts_that_fit(figures, np.ones(len(values), bool), room, digits, whole, side)
    return ["".join(row) for row in found]


def painted(view: BoardView, side: float = 80, theme: Theme = LIGHT) -> np.ndarray[Any, Any]:
    grid = grid_of(side, view.world.rows, view.world.columns)
    size = grid.seen.size().toSize()
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(theme.bg)
    with QPainter(image) as painter:
        BoardPicture().paint(painter, grid, 1.0, theme, view.world, view)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def cell(image: np.ndarray[Any, Any], r: int, c: int, side: int = 80) -> np.ndarray[Any, Any]:
    return image[r * side : (r + 1) * side - 1, c * side : (c + 1) * side - 1]


# How they are written


def test_numbers_have_a_true_minus_and_no_sign_before_zero() -> None:
    """And what diverges says so; what is not defined says nothing."""
    assert written(-0.964, 2) == "−0.96"
    assert written(-0.001, 2) == "0.00"
    assert written(-65375.2, 0) == "−65\N{NARROW NO-BREAK SPACE}375"
    assert [written(x, 1) for x in (np.inf, -np.inf, np.nan)] == ["∞", "−∞", ""]


@pytest.mark.parametrize(("value", "text"), [
    (999, "999"), (1234, "1.2k"), (9960, "10k"), (999_400, "999k"), (999_600, "1.0M"),
    (-3_400_000, "−3.4M"), (0, "0"),
])
def test_large_counts_are_shortened(value: float, text: str) -> None:
    """Two or three digits and a letter, without a jump where the letter changes."""
    assert short_count(value) == text


def test_every_character_of_a_number_can_be_drawn(qapp: object) -> None:
    """Whatever is written consists of what is drawn once."""
    for value in (-1234567.891, 0.5, np.inf, 3e12, -1.234e305, 6.789e306):
        for decimals in (-1, 0, 1, 2, 3):
            assert set(written(value, decimals)) <= set(CHARACTERS)


def test_fewer_digits_as_cells_shrink_then_none(qapp: object) -> None:
    """Two decimals, one, and below 26 px a cell nothing."""
    values = [0.964, -0.5]
    wide = Digits(appearance().font(12), LIGHT, 1.0).width("−0.50")
    assert texts(values, 60, wide) == ["0.96", "−0.50"]
    assert texts(values, 30, wide - 1) == ["1.0", "−0.5"]
    assert texts(values, 26, 5) == ["", ""]
    assert texts(values, 25.9) == ["", ""]


def test_a_digit_that_says_nothing_is_not_shown(qapp: object) -> None:
    """Values below one are never rounded to 0 and 1; small ones get a third decimal."""
    digits = Digits(appearance().font(12), LIGHT, 1.0)
    assert texts([0.4, 0.8], 40, digits.width("0")) == ["", ""]
    assert texts([0.014, 0.002], 60) == ["0.014", "0.002"]
    assert texts([-14.3, -22.0], 40, digits.width("−22")) == ["−14", "−22"]


def test_visits_are_whole(qapp: object) -> None:
    """In full where there is room, shortened where there is not."""
    assert texts([12, 3400], 80, whole=True) == ["12", "3\N{NARROW NO-BREAK SPACE}400"]
    digits = Digits(appearance().font(12), LIGHT, 1.0)
    assert texts([12, 3400], 30, digits.width("3.4k"), whole=True) == ["12", "3.4k"]
    assert texts([12, 34_000], 80, whole=True) == ["12", "34k"]


def test_all_cells_have_as_many_decimals(qapp: object) -> None:
    """So that columns of numbers can be compared."""
    assert texts([3.25, -20.123], 90) == ["3.25", "−20.12"]


# Where they stand


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_number_stands_in_the_corner_of_every_cell_but_walls(qapp: object, theme: Theme) -> None:
    """Ink in the lower right quarter, nothing elsewhere in the cell."""
    view = BoardView(WORLD, overlays=frozenset(), numbers="optimal", figures=np.full(9, 0.25))
    plain = painted(BoardView(WORLD, overlays=frozenset()), theme=theme)
    changed = (painted(view, theme=theme) != plain).any(axis=2)
    here = cell(changed, 0, 0)
    assert here[40:, 32:].any()
    assert not here[:40].any()
    assert not here[:, :32].any()
    assert not cell(changed, 1, 1).any()


def test_action_values_stand_at_the_sides_their_moves_go_to(qapp: object) -> None:
    """Only the number of one move is defined: it is at that side; stay is in the middle."""
    moves = (*MOVES, "stay")
    world = WORLD.with_fields(moves=moves)
    plain = painted(BoardView(world, overlays=frozenset()))
    thirds = {"up": (0, 1), "right": (1, 2), "down": (2, 1), "left": (1, 0), "stay": (1, 1)}
    for k, move in enumerate(moves):
        figures = np.full((9, 5), np.nan)
        figures[:, k] = 0.5
        view = BoardView(world, overlays=frozenset(), numbers="actions", figures=figures)
        changed = cell((painted(view) != plain).any(axis=2), 0, 2)
        rows, columns = np.nonzero(changed)
        assert (round(rows.mean()) // 27, round(columns.mean()) // 27) == thirds[move], move


def test_darts_fade_behind_action_values(qapp: object) -> None:
    """They are left at 22 per cent; behind one number a cell they stay as they are."""
    p = np.tile([0.0, 0.0, 0.0, 1.0], (9, 1))
    overlays = frozenset({"policy"})
    nothing = np.full((9, 4), np.nan)
    full = cell(painted(BoardView(WORLD, p, overlays=overlays)), 0, 0)
    with_q = cell(painted(BoardView(WORLD, p, overlays=overlays, numbers="actions",
                                    figures=nothing)), 0, 0)
    with_v = cell(painted(BoardView(WORLD, p, overlays=overlays, numbers="value",
                                    figures=nothing[:, 0])), 0, 0)
    darkest, floor = full.min(), LIGHT.floor.red()
    assert (with_v == full).all()
    assert abs((floor - with_q.min()) - 0.22 * (floor - darkest)) < 12


def test_numbers_are_readable_on_plum_and_on_ice(qapp: object) -> None:
    """The ink of the digits has more than 4.5:1 against the ground of the cell, in both themes."""
    world = World(("~.",), {"~": Tile(slip=0.3)})
    for theme in (LIGHT, DARK):
        view = BoardView(world, values=np.array([1.0, 1.0]), overlays=frozenset({"value"}),
                         numbers="value", figures=np.array([1.0, 1.0]))
        image = painted(view, theme=theme)
        for c in (0, 1):
            ground = QColor(*cell(image, 0, c)[10, 40].tolist())
            assert contrast(theme.ink, ground) > 4.5


def contrast(a: QColor, b: QColor) -> float:
    def light(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_only_cells_that_changed_are_painted(qapp: object, monkeypatch: Any) -> None:
    """A value that rounds to the same text costs nothing."""
    stamped: list[str] = []
    monkeypatch.setattr(
        Digits, "stamp", lambda self, painter, x, y, text, keep: stamped.append(text)
    )
    layer, grid, shown = NumberLayer(), grid_of(80), np.ones(9, bool)
    values = np.linspace(0.1, 0.9, 9)
    none = np.zeros(9, bool)
    layer.update(grid, 1.0, LIGHT, values, shown, badged=none)
    assert len(stamped) == 9
    stamped.clear()
    values = values + 1e-4
    values[4] = 0.77
    layer.update(grid, 1.0, LIGHT, values, shown, badged=none)
    assert stamped == ["0.77"]


# Who chooses and who computes


def test_the_button_says_what_is_on_and_its_menu_chooses(qtbot: Any) -> None:
    """Every kind is in the menu; the width stays, so that nothing beside it moves."""
    button = NumbersButton()
    qtbot.addWidget(button)
    chosen: list[str] = []
    button.chosen.connect(chosen.append)
    widths = set()
    for kind, action in zip(NUMBERS, button.menu.actions(), strict=True):
        action.trigger()
        button.apply(kind)
        widths.add(button.sizeHint().width())
        assert action.isChecked()
        assert button.text() == NAMES[kind][0]
    assert chosen == list(NUMBERS)
    assert len(widths) == 1
    assert "(5)" in button.toolTip()
    button.apply("optimal")
    assert button.accessibleName() == "Numbers in the cells: V*"


def test_key_five_goes_round(qtbot: Any) -> None:
    """Each press shows the next kind, and after the last none."""
    bench = Bench()
    bench.answer()
    seen = []
    for _ in NUMBERS:
        bench.ask("numbers")
        seen.append(bench.view.slices["board"].numbers)
    assert seen == [*NUMBERS[1:], "none"]


def test_action_values_are_computed_only_while_they_are_shown() -> None:
    """The training is asked for them, and told when they are not needed any more."""
    bench = Bench()
    bench.answer()
    bench.ask("overlay", ("value", False))
    assert bench.last == messages.WantValues(False)
    bench.ask("numbers", "value")
    assert bench.last == messages.WantValues(True)
    bench.ask("numbers", "actions")
    assert bench.last == messages.WantValues(True, by_action=True)
    bench.ask("numbers", "none")
    assert bench.last == messages.WantValues(False)


def test_each_kind_shows_its_own_figures() -> None:
    """Uniform and optimal from the facts of the world, the rest from the training."""
    bench = Bench()
    values, visits, q = np.arange(4.0), np.array([3.0, 1, 4, 1]), np.arange(16.0).reshape(4, 4)
    bench.answer(update=1, values=values, visits=visits, action_values=q)
    facts = bench.answer_of_analyst[1]
    for kind, expected in (
        ("value", values), ("uniform", facts.uniform_values), ("optimal", facts.optimal_values),
        ("actions", q), ("visits", visits), ("none", None),
    ):
        bench.ask("numbers", kind)
        assert bench.view.slices["board"].figures is expected, kind


def test_the_status_line_tells_the_hovered_number_in_full() -> None:
    """Six digits, where the cell shows two."""
    bench = Bench()
    bench.answer(update=1, values=np.full(4, 0.123456789),
                 action_values=np.tile([0.1234567, -1, 2, 0], (4, 1)))
    bench.ask("hover_cell", (0, 1))
    bench.ask("numbers", "value")
    assert "V 0.123457" in bench.view.slices["status"].hovered
    bench.ask("numbers", "actions")
    assert "Q ↑ 0.123457  → −1  ↓ 2  ← 0" in bench.view.slices["status"].hovered
    bench.ask("numbers", "optimal")
    assert "V* " in bench.view.slices["status"].hovered


def test_action_values_are_those_of_the_first_step() -> None:
    """Q_0 from V_1: with two steps left, a move beside the goal is worth 1, one step farther γ."""
    world = World(("..G",), {"G": G}, moves=("right", "left"), discount=0.5, max_steps=2)
    mdp = compile_world(world)
    right = np.tile([1.0, 0.0], (3, 1))
    q = exact.policy_action_values(mdp, right, 2)
    assert q[:2].tolist() == [[0.5, 0.5 * 0.0], [1.0, 0.0]]
    assert exact.policy_action_values(mdp, right, 0).tolist() == np.zeros((3, 2)).tolist()
    # Without a limit going left from A1 only loses time, and the second step still gets there.
    assert exact.policy_action_values(mdp, right, None)[:2].tolist() == [[0.5, 0.25], [1.0, 0.25]]


def test_values_are_the_mean_of_action_values() -> None:
    """V(s) = Σ π(a|s) Q(s, a), over a limited and an endless horizon."""
    world = World(("S..", ".#.", "..G"), {"S": S, "G": G}, slip=0.2, step_reward=-0.1)
    mdp = compile_world(world)
    policy = exact.softmax(np.random.default_rng(0).normal(size=(9, 4)))
    for horizon in (1, 7, None):
        q = exact.policy_action_values(mdp, policy, horizon)
        v = exact.policy_values(mdp, policy, horizon)
        np.testing.assert_allclose((policy * q).sum(1), v, atol=1e-12)


def test_darts_stay_where_the_numbers_have_no_room(qapp: object) -> None:
    """Below 26 px there are none, and nothing to fade for."""
    p = np.tile([0.0, 0.0, 0.0, 1.0], (9, 1))
    overlays = frozenset({"policy"})
    plain = painted(BoardView(WORLD, p, overlays=overlays), side=24)
    with_q = painted(BoardView(WORLD, p, overlays=overlays, numbers="actions",
                               figures=np.ones((9, 4))), side=24)
    assert (plain == with_q).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_return_is_read_above_the_stroke_that_crosses_it(qapp: object, theme: Theme) -> None:
    """Its minus lies where the way goes on downwards: the stroke gives way for all its height."""
    world = World(("...", "...", "..."), {"S": S})
    path = PathView(((0, 0), (1, 0)), ((1, 0), (2, 0)), ("down", "down"), np.array([1.0, 1.0]))
    returns = np.full(9, np.nan)
    returns[:2 * 3] = -1.38
    view = BoardView(world, path=path, returns=returns)
    here = cell(painted(view, theme=theme), 0, 0)
    bare = cell(painted(view._replace(returns=None), theme=theme), 0, 0)
    stroke = np.array(theme.pos.getRgb()[:3])

    def crossed(image: np.ndarray[Any, Any]) -> int:
        """Rows in the lower half in which the middle of the stroke is to be seen."""
        return int((np.abs(image[40:, 40] - stroke).sum(1) < 60).sum())

    digits = appearance().font(14).pixelSize() * 0.7
    assert crossed(bare) - crossed(here) >= digits
