"""Pictures that leave the window: as the screen shows them, in shapes, at any size."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

import rlxent_resources
from rlxent_core import exact
from rlxent_core.mdp import compile_world
from rlxent_core.world import Teleport, Tile, World
from rlxent_core.world_file import read_text
from rlxent_gui.canvas.board import Board
from rlxent_gui.canvas.paper import paint_board
from rlxent_gui.document import Document
from rlxent_gui.export.board_page import board_page
from rlxent_gui.export.pictures import Page, image_of, page_bytes, write_page
from rlxent_gui.export.plot_page import SIZE, plots_page
from rlxent_gui.plots import CellPlot, ReturnPlot, VariancePlot
from rlxent_gui.plots.data import CellPlotData, ReturnPlotData, VariancePlotData
from rlxent_gui.plots.paper import PaperChart, within
from rlxent_gui.theme import DARK, LIGHT, Appearance, appearance, load_fonts
from rlxent_gui.view_state import BoardView

EVERYTHING = frozenset({"policy", "value", "optimal", "visits"})
STRANGE = World(("S~^A", "vra.", "x#P-"), {
    "S": Tile(start=2), "~": Tile(slip=0.4), "^": Tile(wind=(-1, 0)),
    "A": Tile(teleport=Teleport((1, 2))), "a": Tile(), "v": Tile(reversed=True, reward_noise=0.3),
    "r": Tile(respawn=True, reward=-2), "x": Tile(exit=3), "P": Tile(terminal=True, reward=-1),
    "-": Tile(reward=-0.5),
})  # fmt: skip


def known(world: World, overlays: frozenset[str] = EVERYTHING) -> BoardView:
    """A view with everything that can be known, and cells that no start reaches."""
    mdp = compile_world(world)
    random = np.random.default_rng(4)
    policy = exact.softmax(2 * random.standard_normal((mdp.n_states, mdp.n_actions)))
    values, best = exact.optimum(mdp, mdp.max_steps)
    unreachable = np.zeros(mdp.n_states, bool)
    unreachable[-1] = True
    return BoardView(
        world, policy, values, best, random.integers(0, 50, mdp.n_states).astype(float),
        unreachable, overlays=overlays,
    )


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    found = np.frombuffer(image.constBits(), np.uint8)
    return found.reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def drawn_svg(content: bytes, size: QSize) -> QImage:
    renderer = QSvgRenderer(QByteArray(content))
    assert renderer.isValid()
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0xFF00FF)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def assert_looks_the_same(one: np.ndarray, other: np.ndarray, share: float) -> None:
    """But for the smoothing of edges: nowhere is a patch of more than a few pixels different."""
    assert one.shape == other.shape
    different = np.abs(one - other).max(-1) > 60
    assert different.mean() < share
    patch = 4
    rows, columns = (n // patch * patch for n in different.shape)
    blocks = different[:rows, :columns].reshape(rows // patch, patch, -1, patch)
    assert not blocks.all((1, 3)).any()


@pytest.fixture
def light(qapp):
    load_fonts()
    appearance().set_theme(LIGHT)
    yield
    appearance().set_theme(LIGHT)


WORLDS = {"ice and pit": read_text(rlxent_resources.world_text("ice_and_pit")), "all": STRANGE}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("numbers", ["", "optimal"])
@pytest.mark.parametrize("width", [200, 640])
def test_paper_shows_what_the_screen_shows(qtbot, light, name, theme, width, numbers) -> None:
    """The board painted at once looks like the one that is kept in layers, small and large."""
    world = WORLDS[name]
    appearance().set_theme(theme)
    board = Board(Document(world))
    qtbot.addWidget(board)
    board.setMinimumSize(1, 1)
    board.resize(width, width)
    board.show()
    view = known(world)
    if numbers:
        view = view._replace(numbers=numbers, figures=view.values)
    board.set_view(view)
    board.clearFocus()
    screen = board.grab().toImage()

    def paint(painter: QPainter) -> None:
        painter.fillRect(0, 0, width, width, theme.bg)
        paint_board(painter, board.grid(), Appearance(theme), view)

    paper = image_of(Page("", QSize(width, width), paint))
    # Small digits are hinted on the screen alone.
    assert_looks_the_same(pixels(screen), pixels(paper), 0.03 if numbers else 0.01)


def test_overlays_that_are_off_are_not_on_paper(light) -> None:
    plain = page_bytes(board_page(known(STRANGE, frozenset()), LIGHT, 300), "svg")
    full = page_bytes(board_page(known(STRANGE), LIGHT, 300), "svg")
    assert full.count(b"<path") > plain.count(b"<path") + 10


@pytest.mark.parametrize("size", [48, 333, 1000])
def test_a_board_is_as_long_as_was_asked(light, size) -> None:
    page = board_page(known(STRANGE), LIGHT, size)
    assert max(page.size.width(), page.size.height()) == size


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_png_has_the_pixels_of_its_scale(light, tmp_path, scale) -> None:
    page = board_page(known(STRANGE), LIGHT, 200)
    write_page(tmp_path / "a.png", page, "png", scale)
    image = QImage(str(tmp_path / "a.png"))
    assert image.size() == page.size * scale


def test_a_larger_png_is_sharper_not_blown_up(light) -> None:
    """Twice as many pixels hold what a stretched picture does not."""
    page = board_page(known(STRANGE), LIGHT, 200)
    small, large = image_of(page, 1), image_of(page, 2)
    stretched = pixels(small.scaled(large.size()))
    assert (np.abs(stretched - pixels(large)).max(-1) > 60).mean() > 0.01


def test_too_many_pixels_are_refused_in_a_sentence(light) -> None:
    with pytest.raises(ValueError, match="too large"):
        page_bytes(board_page(known(STRANGE), LIGHT, 8000), "png", 8)


def test_svg_is_shapes_that_need_no_font(light) -> None:
    """It parses, holds paths, neither bitmap nor text, and looks like the PNG."""
    page = board_page(known(STRANGE), LIGHT, 500)
    content = page_bytes(page, "svg")
    tags = [element.tag.split("}")[1] for element in ET.fromstring(content).iter()]
    assert tags.count("path") > 40
    assert not {"image", "text", "font"} & set(tags)
    assert_looks_the_same(
        pixels(drawn_svg(content, page.size)), pixels(image_of(page)), 0.02
    )


def test_pdf_is_one_page_of_shapes_with_its_fonts(light) -> None:
    page = board_page(known(STRANGE), LIGHT, 400)
    content = page_bytes(page, "pdf")
    assert content.startswith(b"%PDF")
    assert re.search(rb"/FontName /\w+\+Inter", content)
    assert b"/FontFile" in content
    assert b"/Subtype /Image" not in content
    width, height = (float(x) for x in re.search(
        rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", content
    ).groups())
    assert (width, height) == pytest.approx(
        (page.size.width() * 0.75, page.size.height() * 0.75), abs=1
    )


def test_a_theme_on_request_leaves_the_screen_alone(light) -> None:
    """The page is dark, the window stays light, and nobody is told of a change."""
    told = []
    appearance().changed.connect(lambda: told.append(1))
    image = image_of(board_page(known(STRANGE), DARK, 200))
    assert image.pixelColor(0, 0) == DARK.bg
    assert appearance().theme is LIGHT
    assert not told


# Plots

UPDATES = np.arange(1.0, 301)
RAW = np.random.default_rng(1).normal(0.5, 0.2, 300)
DATA = {
    "returns": ReturnPlotData(UPDATES, RAW, np.linspace(-1, 0.8, 300), 0.9, -0.4, marks=(120,)),
    "variance": VariancePlotData(UPDATES, np.exp(-UPDATES / 60), np.exp(-UPDATES / 20), "LOO"),
    "cell": CellPlotData(
        "B2", UPDATES, np.stack([np.linspace(0.25, p, 300) for p in (0.7, 0.2, 0.1, 0)], 1),
        ("up", "right", "down", "left"),
    ),
}
KINDS = {"returns": ReturnPlot, "variance": VariancePlot, "cell": CellPlot}


@pytest.fixture
def plots(qtbot, light):
    found = {}
    for name, kind in KINDS.items():
        card = kind()
        qtbot.addWidget(card)
        card.resize(SIZE)
        card.build()
        card.set_data(DATA[name])
        card.show()
        found[name] = card
    return found


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_plot_on_paper_looks_like_its_card(plots, name, theme) -> None:
    """Curves, axes, labels and marks lie where they do on the screen."""
    appearance().set_theme(theme)
    card = plots[name]
    chart = card.chart
    screen = card.grab(chart.geometry()).toImage()
    paper = card.drawn_on(lambda text, whole: PaperChart(
        Appearance(theme), chart.width(), chart.height(), text, whole
    ))

    def paint(painter: QPainter) -> None:
        painter.fillRect(0, 0, chart.width(), chart.height(), theme.surface)
        paper.paint(painter)

    found = image_of(Page("", chart.size(), paint))
    assert_looks_the_same(pixels(screen), pixels(found), 0.015)


def test_plots_are_shapes_too(plots) -> None:
    page = plots_page(list(plots.values()), LIGHT)
    assert page.size.height() > 3 * SIZE.height()
    content = page_bytes(page, "svg")
    tags = {element.tag.split("}")[1] for element in ET.fromstring(content).iter()}
    assert "path" in tags
    assert not {"image", "text"} & tags
    assert b"/FontName" in page_bytes(page, "pdf")


def test_curves_end_at_the_axes(light) -> None:
    """A line that leaves the range is cut where it does: no format has to clip it."""
    x, y = within(np.array([0.0, 1, 2, 3]), np.array([0.5, 3.0, -1.0, 0.5]), 0.0, 1.0)
    drawn = np.isfinite(y)
    np.testing.assert_allclose(x[drawn], [0, 0.2, 1.5, 1.75, 2 + 2 / 3, 3])
    np.testing.assert_allclose(y[drawn], [0.5, 1.0, 1.0, 0.0, 0.0, 0.5])
    assert not drawn[np.searchsorted(x, 0.2) + 1]
