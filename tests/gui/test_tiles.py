"""Every tile of the format is painted, and can be told from every other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from rlxent_core.world import FLOOR_TILE, TILE_KEYS, WALL_TILE, Teleport, Tile
from rlxent_gui.canvas.tiles import NO_BADGES, Badges, ground, paint_tile
from rlxent_gui.theme import DARK, LIGHT, load_fonts

TILES = {
    "floor": (FLOOR_TILE, NO_BADGES),
    "wall": (WALL_TILE, NO_BADGES),
    "start": (Tile(start=1), NO_BADGES),
    "start of weight 2": (Tile(start=2), NO_BADGES),
    "goal": (Tile(terminal=True, reward=1), NO_BADGES),
    "pit": (Tile(terminal=True, reward=-1), NO_BADGES),
    "end": (Tile(terminal=True), NO_BADGES),
    "exit +": (Tile(exit=10), NO_BADGES),
    "exit −": (Tile(exit=-10), NO_BADGES),
    "exit 0": (Tile(exit=0), NO_BADGES),
    "ice": (Tile(slip=0.3), NO_BADGES),
    "grip": (Tile(slip=0), NO_BADGES),
    "wind up": (Tile(wind=(-1, 0)), NO_BADGES),
    "wind up 2": (Tile(wind=(-2, 0)), NO_BADGES),
    "wind up 5": (Tile(wind=(-5, 0)), NO_BADGES),
    "wind right": (Tile(wind=(0, 1)), NO_BADGES),
    "wind down": (Tile(wind=(1, 0)), NO_BADGES),
    "wind left": (Tile(wind=(0, -1)), NO_BADGES),
    "wind up right": (Tile(wind=(-1, 1)), NO_BADGES),
    "teleport": (Tile(teleport=Teleport((0, 0))), Badges(source="A")),
    "target": (FLOOR_TILE, Badges(target="A′")),
    "reward +": (Tile(reward=0.5), NO_BADGES),
    "reward −": (Tile(reward=-0.5), NO_BADGES),
    "respawn": (Tile(respawn=True), NO_BADGES),
    "respawn −": (Tile(respawn=True, reward=-100), NO_BADGES),
    "reversed": (Tile(reversed=True), NO_BADGES),
    "noise": (Tile(reward_noise=0.5), NO_BADGES),
    "start on ice": (Tile(start=1, slip=0.3), NO_BADGES),
    "wind up 2 right 1": (Tile(wind=(-2, 1)), NO_BADGES),
    "wind over ice": (Tile(slip=0.3, wind=(-1, 0)), NO_BADGES),
    "reversed and noise": (Tile(reversed=True, reward_noise=0.5), NO_BADGES),
    "respawn +": (Tile(respawn=True, reward=2), NO_BADGES),
    "start in wind": (Tile(start=1, wind=(-1, 0)), NO_BADGES),
    "reward on ice": (Tile(slip=0.3, reward=0.5), NO_BADGES),
    "teleport with reward": (Tile(teleport=Teleport((0, 0), 5)), Badges(source="A")),
}


def pixels(tile, badges, side, theme):
    image = QImage(side, side, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_tile(painter, QRectF(0, 0, side, side), tile, theme, badges)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(side, side, 4)[..., :3].astype(int)


def grey(image):
    return image @ [0.114, 0.587, 0.299]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("side", [26, 60, 120])
def test_tiles_differ_from_one_another(qapp, theme, side):
    """At least 1 % of the pixels differ clearly in brightness, so colour alone tells nothing."""
    load_fonts()
    painted = {name: grey(pixels(*tile, side, theme)) for name, tile in TILES.items()}
    alike = [
        (one, other)
        for one, other in combinations(painted, 2)
        if (abs(painted[one] - painted[other]) > 24).mean() < 0.01
    ]
    assert not alike


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_kinds_of_tile_differ_by_shape(qapp, theme):
    """The edges of goal, pit, end and the exits differ, whatever the colours are."""
    load_fonts()

    def edges(name):
        image = grey(pixels(*TILES[name], 60, theme))
        steps = abs(np.diff(image, axis=0))[:, :-1] + abs(np.diff(image, axis=1))[:-1]
        return steps > 0.25 * steps.max()

    for one, other in combinations(("goal", "pit", "end", "exit +", "respawn −"), 2):
        assert (edges(one) != edges(other)).mean() > 0.04, (one, other)


def test_every_key_of_a_tile_is_painted(qapp):
    """No property of the format leaves the floor as it is."""
    values = {
        "wall": True, "start": 1.0, "terminal": True, "reward": 0.5, "exit": 1.0,
        "teleport": Teleport((0, 0)), "respawn": True, "slip": 0.3, "wind": (0, 1),
        "reversed": True, "reward_noise": 1.0,
    }
    assert {"name", *values} == set(TILE_KEYS)
    floor = pixels(FLOOR_TILE, NO_BADGES, 48, LIGHT)
    for key, value in values.items():
        badges = Badges(source="A") if key == "teleport" else NO_BADGES
        assert (pixels(Tile(**{key: value}), badges, 48, LIGHT) != floor).any(), key


def test_below_26_pixels_numbers_go(qapp):
    """Goals of +1 and +7 are alike in small cells and differ in larger ones."""
    load_fonts()
    one, seven = Tile(terminal=True, reward=1), Tile(terminal=True, reward=7)
    assert (pixels(one, NO_BADGES, 25, LIGHT) == pixels(seven, NO_BADGES, 25, LIGHT)).all()
    assert (pixels(one, NO_BADGES, 26, LIGHT) != pixels(seven, NO_BADGES, 26, LIGHT)).any()


def test_hatch_of_ice_runs_on_through_cells(qapp):
    """The right edge of one cell of ice continues in the left edge of the next."""
    image = QImage(100, 50, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for k in range(2):
        paint_tile(painter, QRectF(50 * k, 0, 50, 50), Tile(slip=0.3), LIGHT)
    painter.end()
    wide = np.frombuffer(image.constBits(), np.uint8).reshape(50, 100, 4)[..., :3].astype(int)
    assert (abs(wide[:, :50] - wide[:, 50:]) <= 40).all()


def test_ground_is_what_values_tint():
    """Ice is blue, a respawn that costs is vermillion, all else that can be walked is floor."""
    assert ground(Tile(slip=0.3, start=1), LIGHT) == LIGHT.ice
    assert ground(Tile(respawn=True, reward=-1), LIGHT) == LIGHT.neg_tint
    assert ground(Tile(wind=(0, 1)), LIGHT) == LIGHT.floor
