"""A board as an image, drawn with numpy alone: for videos and notebooks without a screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rlxent_core.world import Cell, Tile, World

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

COLOURS = {
    "ink": 0x17202E, "wall": 0x2C3545, "floor": 0xFFFFFF, "grid": 0xE4E0D6,
    "pos": 0x0072B2, "pos_tint": 0xD6E8F3, "neg": 0xD55E00, "neg_tint": 0xFBE3D2,
    "opt": 0x009E73, "opt_tint": 0xD3EFE5,
    "ice": 0xDDF0FA, "ice_line": 0x4497C2, "wind": 0x7F8997, "teleport": 0x5B6474,
}  # fmt: skip
"""The light theme of the window."""
IMAGE_SIDE = 512
SMALLEST_CELL, LARGEST_CELL = 10, 64


def board_pixels(world: World, agent: Cell | None = None) -> Image:
    """The board of ``world`` with ``agent`` on it: [height, width, 3], about 512 pixels a side."""
    side = IMAGE_SIDE // max(world.rows, world.columns)
    side = min(max(side, SMALLEST_CELL), LARGEST_CELL)
    image = np.empty((world.rows * side, world.columns * side, 3), dtype=np.uint8)
    drawn = {
        symbol: _tile_pixels(world.tile_of(symbol), world.slip, side)
        for symbol in set("".join(world.map))
    }
    for r, row in enumerate(world.map):
        for c, symbol in enumerate(row):
            image[r * side : (r + 1) * side, c * side : (c + 1) * side] = drawn[symbol]
    if agent is not None:
        r, c = agent
        _Canvas(image[r * side : (r + 1) * side, c * side : (c + 1) * side]).agent()
    return image


def _tile_pixels(tile: Tile, slip: float, side: int) -> Image:
    canvas = _Canvas(np.empty((side, side, 3), dtype=np.uint8))
    canvas.ground(tile)
    if tile.wall:
        return canvas.image
    if (slip if tile.slip is None else tile.slip) > 0 and tile.standable:
        canvas.ice()
    if tile.wind != (0, 0):
        canvas.wind(*tile.wind)
    if tile.reversed:
        canvas.wind(0, -1)
        canvas.wind(0, 1)
    if tile.teleport is not None:
        canvas.ring("teleport")
    paid = tile.reward if tile.exit is None else tile.exit
    if tile.terminal or tile.exit is not None:
        canvas.end(paid)
    elif tile.respawn or paid < 0:
        canvas.hatching("neg")
    elif paid > 0:
        canvas.disc("pos", 0.16)
    if tile.exit is not None:
        canvas.frame("opt" if paid > 0 else "neg" if paid < 0 else "ink")
    if tile.start:
        canvas.frame("ink")
    return canvas.image


class _Canvas:
    """One cell; ``x`` and ``y`` are −1 to 1 from its left and upper edge."""

    def __init__(self, image: Image) -> None:
        self.image = image
        line = (np.arange(len(image)) + 0.5) / len(image) * 2 - 1
        self.x, self.y = line[None, :], line[:, None]

    def paint(self, colour: str, where: Mask) -> None:
        value = COLOURS[colour]
        self.image[where] = (value >> 16, value >> 8 & 255, value & 255)

    def ground(self, tile: Tile) -> None:
        paid = tile.reward if tile.exit is None else tile.exit
        good = "opt_tint" if tile.terminal or tile.exit is not None else "pos_tint"
        colour = "wall" if tile.wall else good if paid > 0 else "neg_tint" if paid < 0 else "floor"
        self.paint(colour, np.ones(self.image.shape[:2], dtype=bool))
        if not tile.wall:
            self.image[-1] = self.image[:, -1] = (0xE4, 0xE0, 0xD6)

    def ice(self) -> None:
        inside = (np.abs(self.x) < 0.86) & (np.abs(self.y) < 0.86)
        blank = (self.image == 255).all(axis=2)  # rewards keep their tint
        self.paint("ice", inside & blank)
        for offset in (-0.7, 0.0, 0.7):
            self.paint("ice_line", inside & (np.abs(self.x + self.y - offset) < 0.06))

    def wind(self, rows: int, columns: int) -> None:
        """An arrow that points where the wind blows."""
        length = float(np.hypot(rows, columns))
        along = (self.x * columns + self.y * rows) / length
        across = np.abs(self.x * rows - self.y * columns) / length
        shaft = (np.abs(along) < 0.55) & (across < 0.07)
        head = (along > 0.2) & (along < 0.62) & (across < (0.62 - along) * 0.8)
        self.paint("wind", shaft | head)

    def ring(self, colour: str) -> None:
        distance = np.hypot(self.x, self.y)
        self.paint(colour, (distance > 0.4) & (distance < 0.56))

    def disc(self, colour: str, radius: float) -> None:
        self.paint(colour, np.hypot(self.x, self.y) < radius)

    def end(self, paid: float) -> None:
        """A goal's ring and disc, a pit's cross, a plain disc for an end that pays nothing."""
        if paid > 0:
            self.disc("opt", 0.3)
            distance = np.hypot(self.x, self.y)
            self.paint("opt", (distance > 0.48) & (distance < 0.62))
        elif paid < 0:
            close = (np.abs(self.x) < 0.5) & (np.abs(self.y) < 0.5)
            cross = np.minimum(np.abs(self.x - self.y), np.abs(self.x + self.y)) < 0.17
            self.paint("neg", close & cross)
        else:
            self.disc("ink", 0.5)
            self.disc("floor", 0.36)

    def hatching(self, colour: str) -> None:
        self.paint(colour, np.mod(self.x + self.y, 0.5) < 0.12)

    def frame(self, colour: str) -> None:
        edge = np.maximum(np.abs(self.x), np.abs(self.y))
        self.paint(colour, (edge > 0.66) & (edge < 0.8))

    def agent(self) -> None:
        self.disc("floor", 0.62)
        self.disc("ink", 0.5)
