"""What the board shows: layers, overlays, zoom, screens of other scales."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication

from rlxent_core.world import WALL_TILE, Teleport, Tile, World
from rlxent_gui.canvas import ground, layers
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.composition import GOAL_TILE
from rlxent_gui.canvas.dart_layer import DartLayer
from rlxent_gui.canvas.grid import fit
from rlxent_gui.canvas.layers import teleport_badges
from rlxent_gui.canvas.picture import changed_cells
from rlxent_gui.document import Document
from rlxent_gui.theme import DARK, LIGHT, appearance
from rlxent_gui.view_state import BoardView, Token

MOVES = ("up", "right", "down", "left")
WORLD = World(map=("S...", ".#..", "...."), tiles={"S": Tile(start=1)})
EVERYTHING = frozenset({"policy", "value", "optimal", "visits"})


@pytest.fixture
def document(qapp):
    return Document(WORLD)


@pytest.fixture
def board(qtbot, document):
    board = Board(document)
    qtbot.addWidget(board)
    board.resize(480, 400)
    board.show()
    yield board
    appearance().set_theme(LIGHT)


def shot(board):
    image = board.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def cell_pixels(board, cell, image=None):
    r = board.grid().rect(cell)
    image = shot(board) if image is None else image
    return image[round(r.top()) : round(r.bottom()), round(r.left()) : round(r.right())]


def view(**values):
    return BoardView(WORLD, overlays=EVERYTHING, **values)


def uniform():
    return np.full((12, 4), 0.25)


def test_policy_is_drawn_where_an_agent_can_act(board):
    """Darts in floor cells, none in walls."""
    before = shot(board)
    board.set_view(view(probabilities=uniform()))
    after = shot(board)
    changed = {(r, c) for r in range(3) for c in range(4)
               if (cell_pixels(board, (r, c), before) != cell_pixels(board, (r, c), after)).any()}
    assert changed == set(WORLD.cells) - {(1, 1)}


def test_overlays_can_be_switched(board):
    """Each of the four changes the picture by itself, and none leaves it bare."""
    values = {"probabilities": uniform(), "values": np.linspace(0, 1, 12),
              "optimal": np.eye(12, 4, dtype=bool), "visits": np.arange(12.0)}
    bare = BoardView(WORLD, overlays=frozenset(), **values)
    board.set_view(bare)
    pictures = [shot(board)]
    for overlay in EVERYTHING:
        board.set_view(bare._replace(overlays=frozenset({overlay})))
        pictures.append(shot(board))
    for k, one in enumerate(pictures):
        assert all((one != other).any() for other in pictures[:k])


def test_values_tint_plum_and_vermillion():
    """0.46 · |v|^1.9 of the largest magnitude; the largest is plum at 0.46."""
    strength = ground.value_strength(np.array([0.0, 0.5, 1.0, -1.0]))
    assert strength == pytest.approx([0, 0.46 * 0.5**1.9, 0.46, 0.46])
    floor = np.full((4, 3), 255.0)
    tinted = ground.tinted(floor, np.array([0.0, 0.5, 1.0, -1.0]), np.ones(4, bool), LIGHT)
    plum, vermillion = (np.array(QColor(c).getRgb()[:3]) for c in (LIGHT.base, LIGHT.neg))
    assert tinted[0] == pytest.approx([255] * 3)
    assert tinted[2] == pytest.approx(255 + 0.46 * (plum - 255))
    assert tinted[3] == pytest.approx(255 + 0.46 * (vermillion - 255))


def test_values_that_are_not_numbers_do_no_harm():
    """Divergent and unknown values: full tint, none."""
    assert ground.value_strength(np.array([np.inf, np.nan, 1.0])) == pytest.approx(
        [0.46, 0, 0.46]
    )
    assert ground.value_strength(np.zeros(3)) == pytest.approx([0, 0, 0])


def test_value_colour_reaches_the_screen(board):
    """The corner of the cell of the largest value."""
    values = np.zeros(12)
    values[11] = 2.0
    board.set_view(view(values=values))
    pixel = cell_pixels(board, (2, 3))[5, 5]
    plum = np.array(QColor(LIGHT.base).getRgb()[:3])
    assert pixel == pytest.approx(255 + 0.46 * (plum - 255), abs=1.5)


def test_arrays_of_another_world_are_left_out(board, document):
    """After another world was opened, and before its arrays are there."""
    board.set_view(view(probabilities=uniform(), values=np.ones(12), visits=np.ones(12),
                        optimal=np.ones((12, 4), bool), unreachable=np.ones(12, bool),
                        token=Token((2, 3), None, "up", 0, 0, 1, False), selected=(2, 3)))
    shot(board)
    document.new(World(map=("..",), moves=("up", "stay")))
    shot(board)
    assert board.selected is None


def test_unreachable_cells_are_hatched_without_an_overlay(board):
    """Only those, and no walls."""
    board.set_view(BoardView(WORLD, overlays=frozenset()))
    before = shot(board)
    unreachable = np.zeros(12, bool)
    unreachable[[5, 11]] = True
    board.set_view(BoardView(WORLD, overlays=frozenset(), unreachable=unreachable))
    after = shot(board)
    changed = [cell for cell in WORLD.cells if (
        cell_pixels(board, cell, before) != cell_pixels(board, cell, after)).any()]
    assert changed == [(2, 3)]


def test_live_edit_shows_at_once(board, document):
    """Without a new view; and undo as well."""
    before = cell_pixels(board, (2, 2))
    document.apply({(2, 2): WALL_TILE})
    wall = cell_pixels(board, (2, 2))[10, 10]
    assert wall.tolist() == list(QColor(LIGHT.wall).getRgb()[:3])
    document.undo()
    assert (cell_pixels(board, (2, 2)) == before).all()


def test_incremental_terrain_is_the_whole_terrain(board, document, qtbot):
    """Edited cell by cell, the picture is that of a board that never saw anything else."""
    shot(board)
    for changes in ({(0, 2): WALL_TILE, (2, 0): GOAL_TILE}, {(0, 2): Tile(slip=0.5)},
                    {(1, 1): Tile(start=1)}, {(2, 0): Tile()}):
        document.apply(changes)
        shot(board)
    fresh = Board(document)
    qtbot.addWidget(fresh)
    fresh.resize(board.size())
    board.clearFocus()
    assert (shot(fresh) == shot(board)).all()


def test_incremental_layers_are_the_whole_layers(board, document, qtbot):
    """After a walk of policy and visits, the picture is that of the last ones alone."""
    rng = np.random.default_rng(0)
    logits, visits = np.zeros((12, 4)), np.zeros(12)
    for _ in range(12):
        logits[rng.integers(12)] += rng.normal(size=4)
        visits = visits + rng.integers(0, 3, 12)
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        board.set_view(view(probabilities=p, visits=visits))
        shot(board)
    fresh = Board(document)
    qtbot.addWidget(fresh)
    fresh.resize(board.size())
    fresh.set_view(view(probabilities=p, visits=visits))
    board.clearFocus()
    assert (shot(fresh) == shot(board)).all()


def layer_pixels(p, side, moves=MOVES):
    grid, _ = fit(1, len(p), QRectF(0, 0, side * len(p), side), 1.0, 1.0, QPointF(0.5, 0.5))
    layer = DartLayer()
    layer.update(grid, 1.0, QColor("black"), p, np.ones(len(p), bool), moves)
    image = QImage(side * len(p), side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    layer.paint(painter)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(side, -1, 4)[..., 3]
    return pixels.astype(int)


class Paints(QObject):
    """What was painted of a widget: a rectangle each time."""

    def __init__(self, widget):
        super().__init__(widget)
        self.rects = []
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.rects.append(event.rect())
        return False

    def of(self, act, qapp):
        qapp.processEvents()
        self.rects.clear()
        act()
        qapp.processEvents()
        return list(self.rects)


def test_what_nobody_could_tell_apart_is_not_painted(board, qtbot, qapp):
    qtbot.waitExposed(board).__enter__()
    paints, p = Paints(board), np.full((12, 4), 0.25)
    v = np.linspace(-1.0, 1.0, 12)

    def shown(**what):
        told = {"probabilities": p, "values": v, "visits": None} | what
        overlays = frozenset({"policy", "value"})
        return lambda: board.set_view(BoardView(WORLD, overlays=overlays, **told))

    assert paints.of(shown(), qapp)
    tiny = 0.01 / board.grid().side
    assert not paints.of(shown(probabilities=p + tiny), qapp)
    assert not paints.of(shown(values=v * 1.0005), qapp)
    assert not paints.of(shown(visits=np.arange(12.0)), qapp), "no overlay shows them"
    assert paints.of(shown(values=v * 1.01), qapp)
    assert paints.of(shown(values=np.where(v > 0.9, np.nan, v)), qapp)
    assert paints.of(shown(figures=v), qapp)
    assert paints.of(shown(figures=v + 1e-9), qapp), "what is written is not rounded here"
    assert paints.of(shown(selected=(0, 0)), qapp)
    step = tiny * np.array([1, -1, 0, 0])
    drift = [paints.of(shown(probabilities=p + k * step), qapp) for k in range(50)]
    assert any(drift[2:]), "many small steps are seen"


def test_coordinates_are_not_painted_again_with_the_policy(board, qtbot, qapp):
    qtbot.waitExposed(board).__enter__()
    paints, seen = Paints(board), board.grid().seen.toAlignedRect()
    p = np.random.default_rng(0).dirichlet(np.ones(4), 12)
    (painted,) = paints.of(lambda: board.set_view(view(probabilities=p)), qapp)
    assert painted.contains(seen)
    assert seen.adjusted(-6, -6, 6, 6).contains(painted)
    (painted,) = paints.of(lambda: appearance().set_theme(DARK), qapp)
    assert painted == board.rect()


def test_dart_points_where_the_action_goes(qapp):
    """The centre of its ink lies on that side of the cell, for every kind of move."""
    moves = ("up", "right", "down", "left", "up-right", "down-right", "down-left", "up-left")
    alpha = layer_pixels(np.eye(8), 80, moves)
    steps = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
    for k, move in enumerate(moves):
        ink = alpha[:, 80 * k : 80 * (k + 1)]
        row, column = (np.average(i, weights=ink) - 39.5 for i in np.indices(ink.shape))
        wanted = np.sum([steps[part] for part in move.split("-")], axis=0)
        assert (np.sign(np.round([row, column], 1)) == wanted).all(), move


def test_staying_is_a_disc_in_the_middle(qapp):
    """Of area π · (0.2 · 80)² for a sure one."""
    ink = layer_pixels(np.array([[0.0, 1.0]]), 80, ("up", "stay")) / 255
    assert ink.sum() == pytest.approx(np.pi * 16**2, rel=0.03)
    assert ink[40, 40] == 1


def test_area_of_a_sure_dart(qapp):
    """Half-width 0.25 times length 0.72 less the notch 0.144: 0.144 of the cell."""
    ink = layer_pixels(np.array([[0.0, 1.0, 0.0, 0.0]]), 100) / 255
    assert ink.sum() == pytest.approx(0.25 * (0.72 - 0.144) * 100**2, rel=0.03)


def test_undecided_ink_is_paler(qapp):
    """60 % of the ink for uniform, all of it for sure."""
    assert layer_pixels(uniform()[:1], 100).max() == pytest.approx(0.6 * 255, abs=5)
    assert layer_pixels(np.eye(4)[:1], 100).max() == 255


def test_small_cells_have_the_leader_only(qapp):
    """Below 18 pixels: a leader is drawn, its runners-up and the undecided are not."""
    p = np.array([[0.7, 0.1, 0.1, 0.1], [0.25] * 4])
    small = layer_pixels(p, 17)
    assert small[:, :17].any()
    assert not small[11:, :17].any()
    assert not small[:, 17:].any()
    assert layer_pixels(p, 18)[:, 18:].any()


def test_probabilities_that_are_not_numbers_draw_nothing(qapp):
    """Training that blew up must not take the window with it."""
    assert not layer_pixels(np.full((1, 4), np.nan), 60).any()


def test_teleports_share_letters_by_target():
    """Two sources of one target are both A; a target that is a source too has both."""
    world = World(map=("ab.", "c..", "..."), tiles={
        "a": Tile(teleport=Teleport((2, 2))), "b": Tile(teleport=Teleport((2, 2))),
        "c": Tile(teleport=Teleport((0, 0))),
    })
    badges = teleport_badges(world)
    assert badges[(0, 1)].source == badges[(0, 0)].source == "A"
    assert badges[(2, 2)].target == "A′"
    assert (badges[(0, 0)].target, badges[(1, 0)].source) == ("B′", "B")


def test_changed_cells_compares_tiles_not_symbols():
    """A symbol that came to mean another tile changes its cells."""
    old = World(map=("a.",), tiles={"a": Tile(slip=0.1)})
    new = World(map=("ab",), tiles={"a": Tile(slip=0.2), "b": Tile()})
    assert changed_cells(old, new, {}, {}) == [(0, 0), (0, 1)]
    assert changed_cells(old, old.with_fields(slip=0.5), {}, {}) == []


@pytest.mark.parametrize("dpr", [1.0, 1.25, 1.5, 2.0])
def test_cells_are_whole_device_pixels(dpr):
    """On screens of every scale, so that lines are sharp; the board fits."""
    area = QRectF(30, 5, 433, 377)
    grid, _ = fit(7, 9, area, dpr, 1.0, QPointF(0.5, 0.5))
    assert (grid.side * dpr) == pytest.approx(round(grid.side * dpr))
    assert (grid.left * dpr) == pytest.approx(round(grid.left * dpr))
    assert area.contains(grid.board)
    assert grid.board.width() > 0.97 * area.width() or grid.board.height() > 0.97 * area.height()


def test_screen_of_another_scale(board, monkeypatch):
    """Moved to a screen with twice the pixels, every layer follows."""
    board.set_view(view(probabilities=uniform(), values=np.linspace(0, 1, 12),
                        optimal=np.ones((12, 4), bool), visits=np.arange(12.0)))
    shot(board)
    monkeypatch.setattr(board, "devicePixelRatioF", lambda: 2.0)
    image = QImage(board.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2.0)
    board.render(image)
    grid = board.grid()
    assert (2 * grid.side) % 1 == 0
    wall = grid.rect((1, 1)).center() * 2
    assert image.pixelColor(round(wall.x()), round(wall.y())) == LIGHT.wall
    # Sharp: the edge between wall and floor is one device pixel wide.
    edge = round(grid.rect((1, 1)).left() * 2)
    colours = [image.pixelColor(edge + k, round(wall.y())).name() for k in (-3, 0)]
    assert colours[1] == LIGHT.wall.name() != colours[0]


def test_theme_changes_everything(board):
    """No pixel of a cell keeps the light theme's floor."""
    board.set_view(view(probabilities=uniform()))
    shot(board)
    appearance().set_theme(DARK)
    pixels = shot(board)
    assert cell_pixels(board, (2, 3), pixels)[5, 5].tolist() == list(DARK.floor.getRgb()[:3])
    assert not (pixels == 255).all(axis=2).any()


def wheel(board, point, turns, modifiers):
    event = QWheelEvent(point, QPointF(board.mapToGlobal(point)), QPoint(), QPoint(0, 120 * turns),
                        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(board, event)
    return event


def test_ctrl_and_wheel_zoom_about_the_pointer(board):
    """The cell under the pointer stays there; zooming out ends where the board fits."""
    control = Qt.KeyboardModifier.ControlModifier
    point = board.grid().rect((1, 2)).center()
    whole = board.grid()
    wheel(board, point, 4, control)
    assert board.zoom > 1.5
    assert board.grid().side > whole.side
    assert board.grid().cell_at(point) == (1, 2)
    wheel(board, point, -20, control)
    assert board.zoom == 1
    assert board.grid() == whole


def test_plain_wheel_scrolls_only_a_zoomed_board(board):
    """Otherwise the event is left for others."""
    none, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    point = QPointF(board.rect().center())
    assert not wheel(board, point, 1, none).isAccepted()
    wheel(board, point, 6, control)
    top = board.grid().top
    assert wheel(board, point, 1, none).isAccepted()
    assert board.grid().top > top


def test_zoomed_board_leaves_no_gap(board):
    """Panned far beyond its edge, it stops at the edge."""
    point = QPointF(board.rect().center())
    wheel(board, point, 8, Qt.KeyboardModifier.ControlModifier)
    for _ in range(50):
        wheel(board, point, 3, Qt.KeyboardModifier.NoModifier)
    grid = board.grid()
    assert grid.top == pytest.approx(grid.seen.top())
    shot(board)


def test_large_world_is_painted(qtbot, qapp):
    """64 × 64 in a small window, with every overlay."""
    rng = np.random.default_rng(1)
    world = World(map=("." * 64,) * 64)
    board = Board(Document(world))
    qtbot.addWidget(board)
    board.resize(300, 300)
    p = rng.dirichlet(np.ones(4), 4096)
    board.set_view(BoardView(world, probabilities=p, values=rng.normal(size=4096),
                             optimal=p > 0.5, visits=rng.random(4096), overlays=EVERYTHING))
    assert len(np.unique(shot(board).reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("dpr", [1.0, 1.5])
def test_marks_are_painted_once_a_kind_of_tile(qapp, monkeypatch, dpr):
    """And look as if each had been painted by itself, as it is on paper."""
    kinds = (Tile(slip=0.2), Tile(reward=-0.5), Tile(wind=(-1, 0)), Tile(wall=True))
    cells = [(r, c) for r in range(12) for c in range(12) if (3 * r + c) % 5 < 4]
    tiles = {(r, c): kinds[(3 * r + c) % 5] for r, c in cells}
    world = World(("." * 12,) * 12).with_tiles({**tiles, (0, 0): Tile(start=1)})
    grid, _ = fit(12, 12, QRectF(0, 0, 480, 480), dpr, 1.0, QPointF(0.5, 0.5))
    painted, real = [], layers.paint_marks

    def counted(painter, rect, tile, *rest, **named):
        painted.append(tile)
        real(painter, rect, tile, *rest, **named)

    monkeypatch.setattr(layers, "paint_marks", counted)

    def terrain(stamped):
        layer = layers.Layer()
        layer.paint_anew(grid, dpr, lambda painter: layers.paint_terrain(
            painter, grid, world, LIGHT, layers.seen_cells(grid), {}, dpr if stamped else None
        ))
        image = layer._pixmap.toImage()
        return np.frombuffer(image.constBits(), np.uint8).astype(int)

    stamped, count = terrain(True), len(painted)
    assert count == 4, "ice, reward, wind and the start; walls have no marks"
    assert np.abs(stamped - terrain(False)).max() <= 2, "of 255: veils are rounded once more"
    assert len(painted) - count > 80


def test_message_selection_and_token_are_shown(board):
    """Each changes the picture."""
    board.set_view(BoardView(WORLD))
    bare = shot(board)
    for extra in (
        {"message": ("Drag to draw walls.", "Then press G and place a goal.")},
        {"selected": (1, 2)},
        {"token": Token((2, 2), (2, 1), "right", 3, 0, 1, False)},
    ):
        board.set_view(BoardView(WORLD, **extra))
        assert (shot(board) != bare).any()


def test_copied_picture_has_no_pointers_frame(board, qtbot):
    """Copying while the pointer is over a cell."""
    clean = board.grab_image()
    qtbot.mouseMove(board, board.grid().rect((2, 2)).center().toPoint())
    board._set_hovered((2, 2))
    assert board.grab_image() == clean
