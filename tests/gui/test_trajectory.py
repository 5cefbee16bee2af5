"""The walk over the board: where its strokes lie, how wide they are, and what they tell."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from rlxent_core.world import Teleport, Tile, World
from rlxent_gui.canvas.grid import Grid
from rlxent_gui.canvas.lanes import BUMP, JUMP, LANES, STAY, WALK, steps_at, trail
from rlxent_gui.canvas.paper import paint_board
from rlxent_gui.canvas.picture import BoardPicture
from rlxent_gui.canvas.trajectory import TrajectoryLayer, count_box, paint_trail
from rlxent_gui.theme import DARK, LIGHT, SEMIBOLD, Appearance, load_fonts
from rlxent_gui.view_state import BoardView
from tests.gui.walks import MOCK, MOVES, PUDDLE, WEIGHTS, walk


def open_world(rows, columns, **tiles):
    """Floor with a start at the upper left."""
    world = World(
        map=("S" + "." * (columns - 1), *("." * columns,) * (rows - 1)),
        tiles={"S": Tile(start=1.0)},
    )
    return world.with_tiles({cell_of(name): tile for name, tile in tiles.items()})


def cell_of(name):
    return int(name[1:]) - 1, ord(name[0]) - ord("A")


def painted(path, world=PUDDLE, side=60, theme=LIGHT, picture=None):
    """RGB of the board with the path on it, one cell ``side`` pixels."""
    grid = Grid(world.rows, world.columns, 0, 0, side,
                QRectF(0, 0, world.columns * side, world.rows * side))
    image = QImage(world.columns * side, world.rows * side, QImage.Format.Format_RGB32)
    image.fill(theme.bg)
    painter = QPainter(image)
    if picture is None:
        painter.fillRect(image.rect(), theme.floor)
        paint_trail(painter, grid, theme, trail(path, world))
    else:
        picture.paint(painter, grid, 1.0, theme, world, BoardView(world, path=path))
    painter.end()
    return pixels(image)


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return data[..., 2::-1].astype(int)


def near(rgb, colour, within=40):
    return np.abs(np.asarray(rgb) - [colour.red(), colour.green(), colour.blue()]).max(-1) <= within


def right_of(stroke, cell, landing):
    """How far the stroke lies to the right of whoever goes from the cell to where it landed."""
    dx, dy = landing[1] - cell[1], landing[0] - cell[0]
    middle_x, middle_y = (cell[1] + landing[1] + 1) / 2, (cell[0] + landing[0] + 1) / 2
    x, y = stroke.middle
    # y grows downwards: heading right, the right hand points down.
    return ((x - middle_x) * -dy + (y - middle_y) * dx) / np.hypot(dx, dy)


# Lanes


def test_an_edge_walked_once_is_walked_in_the_middle():
    """From the middle of a cell to the middle of the next."""
    first = trail(MOCK, PUDDLE).strokes[0]
    assert (first.start, first.end, first.kind) == ((0.5, 0.5), (1.5, 0.5), WALK)
    assert right_of(first, MOCK.cells[0], MOCK.landings[0]) == 0


def test_edges_walked_again_keep_right_like_traffic():
    """In the mock-up's episode → ← → between E2 and F2: the way back above, the others below."""
    strokes = {s.steps[0]: s for s in trail(MOCK, PUDDLE).strokes}
    assert strokes[6].start[1] < 1.5 < strokes[5].start[1] < strokes[7].start[1]
    for t in (5, 6, 7, 10, 12):
        assert right_of(strokes[t], MOCK.cells[t], MOCK.landings[t]) > 0
    # Step 9 and 13 leave F3 and F4 downwards, each once.
    assert strokes[9].start[0] == strokes[13].start[0] == 5.5


@pytest.mark.parametrize("seed", range(6))
def test_every_walk_keeps_right(seed):
    """Random walks: opposite ways never share a side, the same way again lies farther out."""
    rng = np.random.default_rng(seed)
    world = open_world(4, 4)
    moves = rng.choice(world.moves, 40)
    path = walk(world, moves, rng.normal(size=40))
    found = trail(path, world)
    edges = Counter()
    for cell, landing in zip(path.cells, path.landings, strict=True):
        edges[frozenset((cell, landing))] += 1
    ways = {}
    for stroke in found.strokes:
        if stroke.kind != WALK:
            continue
        t = stroke.steps[0]
        cell, landing = path.cells[t], path.landings[t]
        aside = right_of(stroke, cell, landing)
        assert (aside > 0) == (edges[frozenset((cell, landing))] > 1)
        ways.setdefault((cell, landing), []).append(aside)
    for asides in ways.values():
        assert asides == sorted(asides)
        assert len(set(asides)) == len(asides)
        assert len(asides) <= LANES


def test_lanes_stay_on_their_cell():
    """Three of the heaviest strokes a way, both ways: side by side, with floor between them."""
    world = open_world(1, 2)
    path = walk(world, ["right", "left"] * 3, [1.0] * 6)
    lanes = sorted(
        (s.start[1] - s.width / 2, s.start[1] + s.width / 2) for s in trail(path, world).strokes
    )
    assert lanes[0][0] >= 0.08 - 1e-9
    assert lanes[-1][1] <= 0.92 + 1e-9
    assert all(one[1] + 0.049 < other[0] for one, other in pairwise(lanes))


def test_where_lanes_are_crowded_all_strokes_are_thinner_alike():
    """So that widths still compare weights, on another edge as well."""
    world = open_world(2, 3)
    moves = ["right", "left"] * 3 + ["down", "right", "right"]
    found = trail(walk(world, moves, [1.0] * 6 + [1.0, 0.5, 0.0]), world)
    widths = [found.stroke_of(t).width for t in range(9)]
    assert widths[:7] == [widths[0]] * 7
    assert widths[0] < 0.1
    assert widths[7] - 0.04 == pytest.approx((widths[0] - 0.04) / 2)
    assert widths[8] == 0.018


@pytest.mark.parametrize("seed", range(12))
def test_a_crowded_walk_is_no_mass_and_stays_on_the_board(seed):
    """Equal weights on a small board with wind: strokes beside each other never touch."""
    rng = np.random.default_rng(seed)
    world = open_world(3, 4, B1=Tile(wind=(0, 2)), C3=Tile(teleport=Teleport((0, 0))))
    path = walk(world, rng.choice(world.moves, 40), np.full(40, rng.choice([-0.4, 0.4])))
    found = trail(path, world)
    for stroke in found.strokes:
        for x, y in (stroke.at(k / 10) for k in range(11)):
            reach = stroke.width / 2 + stroke.radius
            assert reach <= x <= 4 - reach
            assert reach <= y <= 3 - reach
    ways = {}
    for stroke in found.strokes:
        key = stroke.kind, stroke.along, path.cells[stroke.steps[0]]
        ways.setdefault(key, []).append(stroke)
    for own in ways.values():
        for one, other in pairwise(own):
            if one.kind == JUMP:
                continue
            apart = other.radius - one.radius if one.kind == STAY else np.hypot(
                one.start[0] - other.start[0], one.start[1] - other.start[1]
            )
            assert apart > (one.width + other.width) / 2 + 0.02


def test_a_jump_along_the_edge_of_the_board_bends_less():
    """To the left in the first row its right hand is outside."""
    world = open_world(1, 6, E1=Tile(teleport=Teleport((0, 0))))
    path = walk(world, ["right", "left"] * 3, [1.0] * 6, start=(0, 4))
    jumps = [s for s in trail(path, world).strokes if s.kind == JUMP]
    assert jumps
    assert all(stroke.at(0.5)[1] - stroke.width / 2 >= -1e-9 for stroke in jumps)


def test_lanes_are_tied_together():
    """From where one stroke ends to where the next begins there is a thin way, and no other."""
    found = trail(MOCK, PUDDLE)
    strokes = {s.steps[0]: s for s in found.strokes}
    assert (strokes[5].end, strokes[6].start) in found.links
    assert (strokes[6].end, strokes[7].start) in found.links
    assert (strokes[0].end, strokes[1].start) not in found.links
    assert not found.respawns


def test_many_walks_over_an_edge_become_one_stroke():
    """Three have a lane each; four are one stroke with the sum of their weights."""
    world = open_world(1, 2)
    three = trail(walk(world, ["right", "left"] * 3, [1, -1] * 3), world)
    assert [len(s.steps) for s in three.strokes] == [1] * 6
    assert not three.summed
    weights = [1, -1, 2, -1, 3, -1, -0.5, -1]
    four = trail(walk(world, ["right", "left"] * 4, weights), world)
    assert four.summed
    right, left = four.strokes
    assert (right.steps, right.weight) == ((0, 2, 4, 6), 5.5)
    assert (left.steps, left.weight) == ((1, 3, 5, 7), -4.0)
    assert right.width == pytest.approx(0.195)
    assert left.width == pytest.approx(0.04 + 0.155 * 4 / 5.5)


def test_a_long_episode_stays_readable():
    """A thousand steps over forty by forty cells: never more than three strokes side by side."""
    world = open_world(40, 40)
    rng = np.random.default_rng(0)
    path = walk(world, rng.choice(world.moves, 1000), rng.normal(size=1000), start=(20, 20))
    found = trail(path, world)
    ways = Counter((s.kind, path.cells[s.steps[0]], path.landings[s.steps[0]])
                   for s in found.strokes if s.kind == WALK)
    assert max(ways.values()) <= LANES
    assert sorted(t for s in found.strokes for t in s.steps) == list(range(1000))
    assert sum(s.weight for s in found.strokes) == pytest.approx(path.weights.sum())


# Kinds of steps


def test_a_bump_is_a_stub_towards_the_wall():
    """Step 11 of the mock-up bumps into the wall below E4."""
    stroke = trail(MOCK, PUDDLE).stroke_of(11)
    assert stroke.kind == BUMP
    assert stroke.along == (0.0, 1.0)
    assert (stroke.start[0], stroke.end[0]) == (4.5, 4.5)
    assert 3.8 < stroke.end[1] < 4.0
    assert stroke.after == stroke.start


def test_a_bump_in_a_reversed_cell_goes_the_other_way():
    """There "left" pushes to the right, against the edge of the board."""
    world = open_world(1, 2, B1=Tile(reversed=True))
    stroke = trail(walk(world, ["right", "left"], [1, 1]), world).stroke_of(1)
    assert (stroke.kind, stroke.along) == (BUMP, (1.0, 0.0))


def test_staying_is_a_ring():
    """Three times in a cell: three rings, one in the other."""
    world = World(map=("S.",), tiles={"S": Tile(start=1.0)}, moves=("stay", "right"))
    found = trail(walk(world, ["stay"] * 3 + ["right"], [1, -1, 0, 1]), world)
    assert [s.kind for s in found.strokes] == [STAY] * 3 + [WALK]
    radii = [s.radius for s in found.strokes[:3]]
    assert radii == sorted(set(radii))
    assert max(radii) < 0.5


def test_a_teleport_is_a_jump_to_where_it_led():
    """Stepping on it is a step like any other; the next one lands at its target."""
    world = open_world(2, 5, B1=Tile(teleport=Teleport((1, 4))))
    found = trail(walk(world, ["right", "up"], [1, 1]), world)
    assert [s.kind for s in found.strokes] == [WALK, JUMP]
    assert (found.strokes[1].start, found.strokes[1].end) == ((1.5, 0.5), (4.5, 1.5))


def test_wind_that_carries_two_cells_is_a_jump():
    """To where it carried; over one cell it is a stroke to the cell it reached."""
    world = open_world(5, 3, A4=Tile(wind=(-2, 0)), A2=Tile(wind=(-1, 0)))
    far = trail(walk(world, ["right"], [1], start=(3, 0)), world).strokes[0]
    assert (far.kind, far.end) == (JUMP, (1.5, 1.5))
    close = trail(walk(world, ["right"], [1], start=(1, 0)), world).strokes[0]
    assert (close.kind, close.end) == (WALK, (1.5, 0.5))


def test_the_way_back_to_the_start_is_nobodys_step():
    """A respawn: a stroke to the cliff, then a jump without credit to the start."""
    world = open_world(1, 3, C1=Tile(respawn=True))
    found = trail(walk(world, ["right", "right", "right"], [1, 1, 1]), world)
    assert found.respawns == (((2.5, 0.5), (0.5, 0.5)),)
    assert all(s.kind == WALK for s in found.strokes)


def test_a_slip_is_drawn_to_where_it_went():
    """Meant to go right, slipped down; slipped against the edge it stayed and touched no wall."""
    world = open_world(2, 2, A1=Tile(start=1.0, slip=0.5))
    down = trail(walk(world, ["right"], [1], outcomes=[1]), world).strokes[0]
    up = trail(walk(world, ["right"], [1], outcomes=[2]), world).strokes[0]
    assert (down.kind, down.end) == (WALK, (0.5, 1.5))
    assert up.kind == STAY


def test_the_sign_of_a_goal_stays_free():
    """The last stroke enters the goal and ends before its flag."""
    last = trail(MOCK, PUDDLE).strokes[-1]
    assert 4.0 < last.end[1] < 4.2


# Width and colour


@pytest.mark.parametrize(("side", "theme"), [(110, LIGHT), (110, DARK), (60, LIGHT)])
def test_width_and_colour_are_the_weight(side, theme):
    """0.04 s + 0.155 s |w| / max, blue up and vermillion down; measured across the strokes."""
    world = open_world(1, 5)
    weights = [0.5, 1.0, -0.4, 0.0]
    image = painted(walk(world, ["right"] * 4, weights), world, side, theme)
    for t, weight in enumerate(weights):
        column = round((t + 0.75) * side)  # clear of ends and chevrons
        role = theme.pos if weight > 0 else theme.neg if weight < 0 else theme.ink3
        cut = image[:, column - 4 : column + 5]  # where stripes leave the middle, edges remain
        thickness = near(cut, role).any(1).sum()
        wanted = (0.04 + 0.155 * abs(weight)) * side if weight else 0.018 * side
        assert thickness == pytest.approx(wanted, abs=2.1)


def test_rounding_is_no_credit():
    """A weight of 1e-17 beside one of 1 is a thin line of ink."""
    world = open_world(1, 3)
    thin = trail(walk(world, ["right", "right"], [1, 1e-17]), world).strokes[1]
    none = trail(walk(world, ["right", "right"], [0, 0]), world).strokes[0]
    assert thin.width == none.width < 0.04


@pytest.mark.parametrize("side", [60, 110, 20])
def test_what_is_pushed_down_is_told_without_colour(side):
    """Along its middle a vermillion stroke is broken by stripes; a blue one is not."""
    world = open_world(1, 4)
    broken = {}
    for sign in (1, -1):
        image = painted(walk(world, ["right"] * 3, [sign, sign, sign * 0.2]), world, side)
        grey = image @ [0.299, 0.587, 0.114]
        for t in (0, 2):
            along = grey[side // 2]  # the chevron is in the middle, at t + 1
            parts = [along[round((t + a) * side) : round((t + b) * side)]
                     for a, b in ((0.6, 0.82), (1.2, 1.42))]
            broken[sign, t] = np.ptp(np.concatenate(parts))
    for t in (0, 2):
        assert broken[1, t] < 25
        assert broken[-1, t] > 60


def test_steps_that_are_not_reached_are_not_drawn():
    """While returns flow back: only what has been reached, in the place it will keep."""
    whole = {s.steps[0]: s for s in trail(MOCK, PUDDLE).strokes}
    part = trail(walk(PUDDLE, MOVES, WEIGHTS, first=6), PUDDLE)
    assert [s.steps[0] for s in part.strokes] == list(range(6, 14))
    assert all(s == whole[s.steps[0]] for s in part.strokes)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chosen_step_has_a_disc_of_ink(theme, qapp):
    """Where the step began; nothing of the kind without one."""
    def ink_at(step):
        path = walk(PUDDLE, MOVES, WEIGHTS, step=step)
        image = painted(path, theme=theme, picture=BoardPicture())
        x, y = round(4.5 * 60), round(0.5 * 60)
        return near(image[y - 9 : y + 9, x - 9 : x + 9], theme.ink, 30).mean()

    assert ink_at(4) > 0.35
    assert ink_at(None) < 0.1


@pytest.mark.parametrize("moves", [["left", "right"] * 6, ["right"] * 7, ["down"] * 18])
@pytest.mark.parametrize("side", [60, 110])
def test_the_disc_leaves_the_count_whole(moves, side, qapp):
    """ "×6" of a stroke that is chosen looks as it does unchosen: in its box nothing is covered."""
    load_fonts()
    world = open_world(2, 2)
    number = moves.count(moves[0])
    font = QFont(Appearance().font(1, SEMIBOLD))
    font.setPixelSize(round(min(max(9.0, 0.125 * side), 16.0)))
    metrics = QFontMetricsF(font)
    grid = Grid(2, 2, 0, 0, side, QRectF(0, 0, 2 * side, 2 * side))
    images = {}
    for step in (0, None):
        path = walk(world, moves, [1.0] * len(moves), start=(1, 1), step=step)
        images[step] = painted(path, world, side, picture=BoardPicture())
    stroke = trail(path, world).stroke_of(0)
    wide, high = metrics.horizontalAdvance(f"×{number}"), metrics.capHeight()
    box = count_box(grid, stroke, wide + 4, high + 4).toAlignedRect()
    assert QRectF(0, 0, 2 * side, 2 * side).contains(QRectF(box))
    box = box.adjusted(2, 2, -3, -3)  # the letters themselves: an edge may pass beside them
    ink = {
        step: (image[box.top() : box.bottom() + 1, box.left() : box.right() + 1].sum(-1) < 450)
        for step, image in images.items()
    }
    assert ink[None].sum() > 15
    assert (ink[0] & ink[None]).sum() > 0.9 * ink[None].sum()
    assert ink[0].sum() < 1.4 * ink[None].sum()


def test_another_step_paints_no_stroke_anew(qapp):
    """The layer is kept; another weight or another grid paints it again."""
    layer = TrajectoryLayer()
    grid = Grid(6, 6, 0, 0, 40, QRectF(0, 0, 240, 240))

    def picture(weights, step, side=40):
        grid = Grid(6, 6, 0, 0, side, QRectF(0, 0, 6 * side, 6 * side))
        layer.update(grid, 1.0, LIGHT, PUDDLE, walk(PUDDLE, MOVES, weights, step=step))
        return layer._pixmap.cacheKey()

    first = picture(WEIGHTS, 1)
    assert picture(WEIGHTS, 2) == first
    other = picture(np.negative(WEIGHTS), 2)
    assert other != first
    assert picture(np.negative(WEIGHTS), 2, side=41) != other
    assert grid.side == 40


@pytest.mark.parametrize("side", [18, 26, 60, 140])
def test_paper_and_screen_show_the_same(side, qapp):
    """Painted as shapes and as kept layers, at every size of cell."""
    path = walk(PUDDLE, MOVES, WEIGHTS, step=3)
    view = BoardView(PUDDLE, np.full((36, 4), 0.25), path=path)
    images = []
    for on_paper in (False, True):
        image = QImage(6 * side + 60, 6 * side + 40, QImage.Format.Format_RGB32)
        image.fill(LIGHT.bg)
        grid = Grid(6, 6, 40, 5, side, QRectF(40, 5, 6 * side, 6 * side))
        with QPainter(image) as painter:
            if on_paper:
                paint_board(painter, grid, Appearance(), view)
            else:
                BoardPicture().paint(painter, grid, 1.0, LIGHT, PUDDLE, view)
        images.append(pixels(image)[10 : 6 * side, 45 : 6 * side + 35])
    apart = np.abs(images[0] - images[1]).max(-1) > 60
    assert apart.mean() < 0.02


# Finding steps again


def test_a_point_on_a_stroke_means_its_step():
    """Beside it, in the cell, all steps taken there; in the last cell the last step."""
    found = trail(MOCK, PUDDLE)
    stroke = found.stroke_of(6)
    assert steps_at(found, MOCK, *stroke.middle, 0.03) == (6,)
    assert steps_at(found, MOCK, 4.1, 1.1, 0.03) == (5, 7)
    assert steps_at(found, MOCK, 5.1, 4.9, 0.03) == (13,)
    assert steps_at(found, MOCK, 0.1, 5.9, 0.03) == ()
