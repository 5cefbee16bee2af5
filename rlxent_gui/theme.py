"""Colours, type and sizes: the tokens of both themes, and the appearance that the user chose."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

import rlxent_resources
from rlxent_gui.preferences import Preferences

FAMILY = "Inter"
STYLE = ("-style", "Fusion")
"""Arguments for the QApplication.  ``setStyle`` would do, but gives the style back, and with that
come the six hundred names of QStyle, while the first window waits."""
FACTORS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6)
"""The text sizes that can be chosen, times the usual one."""

REGULAR = QFont.Weight.Normal
MEDIUM = QFont.Weight.Medium
SEMIBOLD = QFont.Weight.DemiBold
BOLD = QFont.Weight.Bold


class Theme(NamedTuple):
    """The colour of every role.  Colour is data; chrome is ink on paper."""

    name: str
    bg: QColor
    surface: QColor
    sunken: QColor
    border: QColor
    hairline: QColor
    control: QColor
    ink: QColor
    ink2: QColor
    ink3: QColor
    wall: QColor
    floor: QColor
    grid: QColor
    pos: QColor
    pos_text: QColor
    pos_tint: QColor
    neg: QColor
    neg_text: QColor
    neg_tint: QColor
    base: QColor
    base_text: QColor
    base_tint: QColor
    opt: QColor
    opt_text: QColor
    opt_tint: QColor
    gae: QColor
    """Of curves, dots and words about GAE, which leans on V but is not V."""
    ice: QColor
    ice_line: QColor
    wind: QColor
    teleport: QColor


def _theme(name: str, colours: str) -> Theme:
    return Theme(name, *(QColor(colour) for colour in colours.split()))


LIGHT = _theme(
    "light",
    "#F3F1EB #FFFFFF #FAF8F3  #DDD9CF #E9E6DE #8A8A86  #17202E #465060 #636B78 "
    "#2C3545 #FFFFFF #E4E0D6  #0072B2 #00649C #D6E8F3  #D55E00 #A84600 #FBE3D2 "
    "#7B3374 #7B3374 #EADCE9  #009E73 #00734F #D3EFE5  #866400  #DDF0FA #4497C2 #7F8997 #5B6474",
)
DARK = _theme(
    "dark",
    "#0E1218 #171D26 #12171F  #303A48 #252D39 #77818F  #F3F5F8 #BAC3CF #98A2B0 "
    "#7C889A #1B222D #2D3643  #56B4E9 #6CC0F0 #17405A  #F2824F #F79C70 #582A12 "
    "#C983B8 #DB9FCC #4A2A45  #7BE3A6 #8BE8B2 #114535  #E8C65A  #1A3A4C #6FC3EA #7B8695 #AEB8C6",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def mixed(colour: QColor, other: QColor, amount: float) -> QColor:
    """``colour`` with ``amount`` (0..1) of ``other`` mixed in."""
    keep = 1.0 - amount
    return QColor.fromRgbF(
        keep * colour.redF() + amount * other.redF(),
        keep * colour.greenF() + amount * other.greenF(),
        keep * colour.blueF() + amount * other.blueF(),
    )


def faded(colour: QColor, alpha: float) -> QColor:
    """``colour`` with opacity ``alpha`` (0..1)."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of two colours, 1..21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(c) for c in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class Appearance(QObject):
    """The theme and the text size in force; ``changed`` is emitted after the application follows.

    Sizes are pixels at the usual text size: :meth:`px` and :meth:`font` scale them.
    """

    changed = Signal()

    def __init__(self, theme: Theme = LIGHT, factor: float = 1.0) -> None:
        super().__init__()
        self._theme = theme
        self._factor = factor
        self._preferences: Preferences | None = None
        self._app: QApplication | None = None
        self._changes = 0

    def dress_moved(self) -> None:
        """To be called when a widget with text fields in it was given another parent.

        Under an application stylesheet Qt gives them the font they had before the last change.
        """
        if self._changes:
            self.changed.emit()

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def factor(self) -> float:
        """Text size, times the usual one."""
        return self._factor

    def set_theme(self, theme: Theme) -> None:
        if theme is not self._theme:
            self._theme = theme
            self._follow()

    def toggle_theme(self) -> None:
        self.set_theme(LIGHT if self._theme is DARK else DARK)

    def set_factor(self, factor: float) -> None:
        """Set the text size, kept within the smallest and largest of :data:`FACTORS`."""
        factor = min(max(factor, FACTORS[0]), FACTORS[-1])
        if factor != self._factor:
            self._factor = factor
            self._follow()

    def larger_text(self) -> None:
        self.set_factor(next((f for f in FACTORS if f > self._factor + 1e-9), FACTORS[-1]))

    def smaller_text(self) -> None:
        smaller = (f for f in reversed(FACTORS) if f < self._factor - 1e-9)
        self.set_factor(next(smaller, FACTORS[0]))

    def reset_text(self) -> None:
        self.set_factor(1.0)

    def px(self, size: float) -> int:
        """``size`` pixels, times the text size."""
        return round(size * self._factor)

    def font(self, size: float = 14, weight: QFont.Weight = REGULAR) -> QFont:
        """Inter at ``size`` pixels times the text size, with figures of equal width."""
        return QFont(_inter(max(1, self.px(size)), weight))

    def stroke(self, width: float) -> float:
        """How wide a curve is drawn that is ``width`` pixels wide in the window."""
        return width

    def install(self, app: QApplication, preferences: Preferences | None = None) -> None:
        """Dress the application, now and at every change; begin with what ``preferences`` say.

        Where they say nothing, dark is chosen only if the system asks for dark.
        """
        load_fonts()
        self._app, self._preferences = app, preferences
        if preferences is not None:
            dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
            self._theme = THEMES[preferences.theme or ("dark" if dark else "light")]
            self._factor = min(max(preferences.text_factor, FACTORS[0]), FACTORS[-1])
        self._dress(app)
        self.changed.emit()

    def _follow(self) -> None:
        self._changes += 1
        if self._preferences is not None:
            self._preferences.set_appearance(self._theme.name, self._factor)
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        app.setFont(self.font())
        app.setPalette(self.palette())
        sheet = self.stylesheet()
        if sheet != app.styleSheet():
            app.setStyleSheet(sheet)
        else:
            # Another sheet would dress every widget anew, and cost a fifth of a second.
            named = _named_by_the_sheet()
            for widget in app.allWidgets():
                if isinstance(widget, named) and widget.testAttribute(POLISHED):
                    widget.style().unpolish(widget)
                    widget.style().polish(widget)
                    widget.update()
        QToolTip.setFont(self.font(13))

    def palette(self) -> QPalette:
        """The tokens as Qt's roles, for whatever no stylesheet reaches."""
        t, role = self._theme, QPalette.ColorRole
        roles = {
            role.Window: t.bg, role.WindowText: t.ink, role.Base: t.surface,
            role.AlternateBase: t.sunken, role.Text: t.ink, role.Button: t.surface,
            role.ButtonText: t.ink, role.BrightText: t.neg, role.Light: t.hairline,
            role.Midlight: t.hairline, role.Mid: t.border, role.Dark: t.control,
            role.Shadow: self.disabled, role.Highlight: t.ink, role.HighlightedText: t.surface,
            role.ToolTipBase: t.ink, role.ToolTipText: t.surface, role.PlaceholderText: t.ink3,
            role.Link: t.pos_text, role.LinkVisited: t.base_text, role.Accent: t.ink,
        }
        palette = QPalette()
        for name, colour in roles.items():
            palette.setColor(name, colour)
        for name in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, name, self.disabled)
        return palette

    @property
    def disabled(self) -> QColor:
        """Ink of what cannot be used now."""
        return mixed(self._theme.ink3, self._theme.surface, 0.45)

    def stylesheet(self) -> str:
        """What the whole application wears where a widget does not paint itself.

        It names the palette's roles and the height of the text, so that it is the same in every
        theme and at every text size.
        """
        sheet = _SHEET
        for token, role in SHEET_ROLES.items():
            sheet = sheet.replace(f"@{token}", f"palette({role})")
        for size in (12, 10, 8, 6, 5, 4, 2):
            sheet = sheet.replace(f"{size}sp", f"{size / LINE:.3f}em")
        return sheet


LINE = 17
"""Pixels of a line of text at its usual size, which a sheet counts as one em."""


POLISHED = Qt.WidgetAttribute.WA_WState_Polished
SHEET_ROLES = {
    "disabled": "shadow", "hairline": "midlight", "surface": "base", "sunken": "alternate-base",
    "control": "dark", "border": "mid", "ink": "text",
}
"""The tokens of the sheet as roles of the palette."""

_SHEET = """
QToolTip { background: @ink; color: @surface; border: 0; padding: 5sp 8sp; }
QMenu { background: @surface; color: @ink; border: 1px solid @border; padding: 4sp; }
QMenu::item { padding: 6sp 12sp 6sp 10sp; border-radius: 4px; }
QMenu::item:selected { background: @ink; color: @surface; }
QMenu::item:disabled { color: @disabled; background: transparent; }
QMenu::separator { height: 1px; background: @hairline; margin: 4sp 8sp; }
QMenu::icon { padding-left: 8sp; }
QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
  background: @surface; color: @ink; border: 1px solid @control; border-radius: 6px;
  padding: 4sp 8sp; selection-background-color: @ink; selection-color: @surface; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus {
  border: 2px solid @ink; }
QLineEdit:disabled { color: @disabled; border-color: @border; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {
  background: transparent; border: 0; padding: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  width: 0; border: 0; subcontrol-origin: border; }
QPushButton { background: @surface; color: @ink; border: 1px solid @control; border-radius: 6px;
  padding: 6sp 12sp; }
QPushButton:hover { background: @sunken; border-color: @ink; }
QPushButton:default { background: @ink; color: @surface; border-color: @ink; }
QPushButton:focus { border: 2px solid @ink; }
QPushButton:disabled { color: @disabled; border-color: @border; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


def _named_by_the_sheet() -> tuple[type[QWidget], ...]:
    """Not all of these are there when the first window is painted."""
    from PySide6.QtWidgets import (
        QAbstractScrollArea,
        QAbstractSpinBox,
        QLineEdit,
        QMenu,
        QPushButton,
        QScrollBar,
    )

    return QAbstractScrollArea, QAbstractSpinBox, QLineEdit, QMenu, QPushButton, QScrollBar


_appearance: Appearance | None = None
_fonts: list[int] = []


@cache
def _inter(pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def appearance() -> Appearance:
    """The appearance of this application."""
    global _appearance
    if _appearance is None:
        _appearance = Appearance()
    return _appearance


def load_fonts() -> None:
    """Give Qt the bundled fonts, once."""
    if not _fonts:
        for font in rlxent_resources.font_paths():
            _fonts.append(QFontDatabase.addApplicationFontFromData(font.read_bytes()))
