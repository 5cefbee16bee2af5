"""Colours that can be read, type that can be enlarged, icons that take any colour."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QRawFont
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rlxent_gui.icons import pixmap
from rlxent_gui.preferences import Preferences
from rlxent_gui.theme import (
    DARK,
    FACTORS,
    LIGHT,
    Appearance,
    Theme,
    appearance,
    contrast,
    load_fonts,
    mixed,
)

ROLES = ("pos", "neg", "base", "opt")
SIGHT = {
    "usual": np.eye(3),
    "no red": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                        [-0.003882, -0.048116, 1.051998]]),
    "no green": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                          [-0.011820, 0.042940, 0.968881]]),
    "no blue": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                         [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
"""What becomes of linear RGB, by the cones that are missing."""
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


def distance(one: QColor, other: QColor, sight: np.ndarray) -> float:
    """In CIELAB, as seen so."""

    def lab(colour: QColor) -> np.ndarray:
        channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
        steep = ((channels + 0.055) / 1.055) ** 2.4
        linear = np.where(channels <= 0.04045, channels / 12.92, steep)
        seen = XYZ @ np.clip(sight @ linear, 0, 1) / XYZ.sum(axis=1)
        x, y, z = np.where(seen > 0.008856, np.cbrt(seen), 7.787 * seen + 16 / 116)
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    return float(np.linalg.norm(lab(one) - lab(other)))


both = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def test_contrast_of_known_pairs() -> None:
    """Black on white is 21; #777777 on white is 4.48, the well-known near miss (WCAG 2.2)."""
    assert contrast(QColor("#000"), QColor("#fff")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.005)


@both
@pytest.mark.parametrize("ink", ["ink", "ink2", "ink3"])
@pytest.mark.parametrize("paper", ["surface", "bg", "sunken"])
def test_ink_is_readable_on_every_paper(theme: Theme, ink: str, paper: str) -> None:
    """Text reaches 4.5:1."""
    assert contrast(getattr(theme, ink), getattr(theme, paper)) >= 4.5


@both
@pytest.mark.parametrize("role", ROLES)
def test_role_text_is_readable(theme: Theme, role: str) -> None:
    """A role's text reaches 4.5:1 on surface, on bg and on its own tint."""
    for paper in (theme.surface, theme.bg, getattr(theme, f"{role}_tint")):
        assert contrast(getattr(theme, f"{role}_text"), paper) >= 4.5


@both
def test_words_about_gae_are_readable(theme: Theme) -> None:
    """They have no colour of their own beside that of its curve, so it reaches 4.5:1 as well."""
    for paper in (theme.surface, theme.bg):
        assert contrast(theme.gae, paper) >= 4.5


@both
@pytest.mark.parametrize("seen", SIGHT)
@pytest.mark.parametrize("other", ["base", "ink", "ink3", "opt"])
def test_gae_is_told_from_other_curves_by_every_eye(theme: Theme, seen: str, other: str) -> None:
    """At least 15 apart in CIELAB, where 2 can just be seen: so too without red, green or blue
    cones, as Machado, Oliveira and Fernandes (2009) model them."""
    assert distance(theme.gae, getattr(theme, other), SIGHT[seen]) >= 15


def test_distances_are_those_of_cielab() -> None:
    """Black to white is 100, and red to green 170.6 (Sharma's tables of sRGB primaries)."""
    usual = SIGHT["usual"]
    assert distance(QColor("#000"), QColor("#fff"), usual) == pytest.approx(100, abs=0.01)
    assert distance(QColor("#f00"), QColor("#0f0"), usual) == pytest.approx(170.6, abs=0.1)


@both
@pytest.mark.parametrize("role", [*ROLES, "control"])
def test_fills_and_control_outlines_can_be_made_out(theme: Theme, role: str) -> None:
    """A role's fill and the outline of a control reach 3:1."""
    for paper in (theme.surface, theme.bg):
        assert contrast(getattr(theme, role), paper) >= 3


def test_mixed_runs_from_one_colour_to_the_other() -> None:
    """0 is the one, 1 the other, and half of black and white is middle grey."""
    black, white = QColor("#000"), QColor("#fff")
    assert mixed(black, white, 0).name() == "#000000"
    assert mixed(black, white, 1).name() == "#ffffff"
    assert mixed(black, white, 0.5).red() in (127, 128)


def test_light_at_first_and_choices_are_remembered(qapp: QApplication, tmp_path: Path) -> None:
    """Theme and text size come back at the next start."""
    path = tmp_path / "preferences.json"
    first = Appearance()
    first.install(qapp, Preferences(path))
    assert first.theme is LIGHT
    first.toggle_theme()
    first.larger_text()
    second = Appearance()
    second.install(qapp, Preferences(path))
    assert second.theme is DARK
    assert second.factor == 1.1
    appearance().install(qapp)


def test_change_is_told_after_the_application_wears_it(qapp: QApplication) -> None:
    """Whoever hears ``changed`` finds palette and font already new."""
    look = Appearance()
    look.install(qapp)
    seen: list[tuple[str, int]] = []
    look.changed.connect(
        lambda: seen.append((qapp.palette().window().color().name(), qapp.font().pixelSize()))
    )
    look.set_theme(DARK)
    look.set_theme(DARK)
    assert [colour for colour, _ in seen] == [DARK.bg.name()]
    look.set_factor(1.6)
    assert seen[1][1] == look.font().pixelSize() != seen[0][1]
    appearance().install(qapp)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    "kind", [QLineEdit, QSpinBox, QPlainTextEdit, QPushButton, QMenu, QScrollBar]
)
def test_what_the_sheet_dresses_follows_theme_and_text_size(
    qapp: QApplication, qtbot: QtBot, kind: type[QWidget], enabled: bool
) -> None:
    """A widget that was there before looks as one that is made in the other theme or size."""

    def made() -> QWidget:
        widget = kind()
        qtbot.addWidget(widget)
        widget.setEnabled(enabled)
        if isinstance(widget, QMenu):
            widget.addAction("One")
            widget.addAction("Two").setEnabled(False)
        elif isinstance(widget, QLineEdit | QPushButton):
            widget.setText("One")
        widget.resize(120, 60)
        return widget

    look = Appearance()
    look.install(qapp)
    light = made()
    before = light.grab().toImage()
    look.set_theme(DARK)
    assert light.grab().toImage() == made().grab().toImage() != before
    small = made().sizeHint()
    look.set_factor(1.6)
    assert light.grab().toImage() == made().grab().toImage()
    assert light.sizeHint() == made().sizeHint()
    if kind in (QLineEdit, QPushButton, QMenu):  # room around the text grows with it
        assert made().sizeHint().height() >= 1.4 * small.height()
    appearance().install(qapp)


def test_text_size_stays_within_its_range() -> None:
    """Smaller and larger stop at the ends; the usual size is one key away."""
    look = Appearance()
    for _ in range(20):
        look.larger_text()
    assert look.factor == FACTORS[-1]
    for _ in range(20):
        look.smaller_text()
    assert look.factor == FACTORS[0]
    look.reset_text()
    assert look.font(20).pixelSize() == 20
    look.set_factor(1.25)
    assert look.font(20).pixelSize() == 25


@both
def test_no_token_is_left_unfilled_in_the_stylesheet(theme: Theme) -> None:
    """Every @token and every scaled size is replaced."""
    sheet = Appearance(theme, 1.6).stylesheet()
    assert not re.search(r"@|\dsp", sheet)


def test_type_is_bundled_inter_with_figures_of_equal_width(qapp: QApplication) -> None:
    """Numbers do not dance: 1 is as wide as 8."""
    load_fonts()
    font = appearance().font(14)
    assert QFontInfo(font).family() == "Inter"
    metrics = QFontMetricsF(font)
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))
    raw = QRawFont.fromFont(font)
    assert all(raw.supportsCharacter(ord(sign)) for sign in "−→×·γβηᵗ⁻²₀")


def test_every_bundled_icon_draws_in_the_asked_colour(qapp: QApplication) -> None:
    """No icon is empty, and none keeps a colour of its own."""
    names = [e.name[:-4] for e in (files("rlxent_resources") / "icons").iterdir()
             if e.name.endswith(".svg")]
    assert len(names) > 30
    for name in names:
        image = pixmap(name, "#D55E00", 20, 2.0).toImage()
        assert (image.width(), image.devicePixelRatio()) == (40, 2.0)
        solid = [c for x in range(40) for y in range(40)
                 if (c := image.pixelColor(x, y)).alpha() > 250]
        assert solid, name
        assert all(abs(c.red() - 0xD5) < 4 and abs(c.green() - 0x5E) < 4 for c in solid), name


def test_licences_travel_with_fonts_and_icons() -> None:
    """OFL and MIT ask that their text comes along."""
    resources = files("rlxent_resources")
    assert "SIL OPEN FONT LICENSE" in (resources / "fonts" / "OFL.txt").read_text()
    assert "Phosphor" in (resources / "icons" / "LICENSE-phosphor").read_text()
