"""The formula says what the settings say, and its terms are buttons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rlxent_core.settings import Settings, SettingsError, descriptions
from rlxent_gui.theme import DARK, FACTORS, LIGHT, appearance
from rlxent_gui.widgets import ChipButton, FormulaRibbon, typeset
from rlxent_gui.widgets.formula_terms import ARCHITECTURE, SIGNAL, all_pieces, terms_of
from rlxent_gui.widgets.typeset import set_piece, typesetter


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """Every test begins with the light theme and the usual text size."""
    look = appearance()
    look.install(qapp)
    yield
    look.set_theme(LIGHT)
    look.reset_text()


def every_settings() -> Iterator[Settings]:
    """All settings that change what the formula says."""
    names = ("architecture", "features", "credit", "baseline", "discount_weighting")
    choices = [tuple(descriptions()[name].choices or ()) for name in names]
    for values in itertools.product(*choices, (0.0, 0.1)):
        try:
            yield Settings(**dict(zip((*names, "entropy_bonus"), values, strict=True)))
        except SettingsError:  # GAE without a value function
            continue


def written(settings: Settings) -> str:
    return " ".join(piece.tex for term in terms_of(settings) for piece in term.pieces)


def shown(qtbot: QtBot, settings: Settings, width: int = 1000) -> FormulaRibbon:
    """A ribbon that is shown and set."""
    ribbon = FormulaRibbon()
    qtbot.addWidget(ribbon)
    ribbon.set_terms(settings)
    ribbon.resize(width, ribbon.sizeHint().height())
    ribbon.show()
    qtbot.waitUntil(lambda: ribbon.formula.is_set, timeout=10_000)
    qtbot.waitUntil(lambda: typesetter().ask(all_pieces()), timeout=10_000)
    QApplication.processEvents()
    return ribbon


def test_no_two_settings_are_written_alike() -> None:
    """Changing a bet rewrites the formula; γᵗ alone has no place before a total return."""
    seen: dict[str, Settings] = {}
    for settings in every_settings():
        text = written(settings)
        if text in seen:
            assert settings.credit == seen[text].credit == "total_return"
        seen[text] = settings


@pytest.mark.parametrize(
    ("settings", "weight"),
    [
        (Settings(credit="total_return", baseline="none"), "G_0"),
        (Settings(credit="reward_to_go", baseline="none"), "G_t"),
        (Settings(credit="reward_to_go", baseline="none", discount_weighting="exact"),
         r"\gamma^t G_t"),
        (Settings(credit="reward_to_go", baseline="critic"), r"\big( G_t - V(s_t) \big)"),
        (Settings(credit="reward_to_go", baseline="leave_one_out"),
         r"\big( G_t - \bar{G}_{-e} \big)"),
        (Settings(credit="total_return", baseline="moving_average"), r"\big( G_0 - \bar{b} \big)"),
        (Settings(credit="reward_to_go", baseline="optimal_constant", discount_weighting="exact"),
         r"\gamma^t \big( G_t - b^{*} \big)"),
        (Settings(credit="reward_to_go", baseline="exact_value"),
         r"\big( G_t - V^{\pi}(s_t) \big)"),
    ],
)
def test_the_weight_is_written_from_the_settings(settings: Settings, weight: str) -> None:
    """The third term is what a step's cross-entropy is multiplied by."""
    term = next(term for term in terms_of(settings) if term.number == SIGNAL)
    assert " ".join(piece.tex for piece in term.pieces) == weight


def test_v_is_plum_and_the_rest_is_ink() -> None:
    """Colour is data: what is subtracted has the colour of its curve, and plum is V."""
    for settings in every_settings():
        roles = [piece.role for term in terms_of(settings) for piece in term.pieces]
        assert roles.count("base") == (settings.baseline in ("critic", "exact_value"))
        assert set(roles) <= {"ink", "base"}


def test_a_table_has_no_network() -> None:
    """f_θ(s) is a look-up where the policy is a table."""
    assert r"\theta\,[s_t]" in written(Settings(architecture="table"))
    assert r"f_\theta(s_t)" in written(Settings(architecture="mlp"))


@pytest.mark.parametrize(
    ("architecture", "features", "function", "words"),
    [
        ("mlp", "constant", r"f_\theta(1)", "all cells look alike"),
        ("linear", "position", "W (r_t, c_t) + b", "linear layer on row and column"),
        ("table", "neighbourhood", r"\theta\,[N(s_t)]", "3 × 3"),
        ("table", "constant", r"\theta", "a table of logits on a constant"),
    ],
)
def test_the_function_is_of_what_it_sees(
    architecture: str, features: str, function: str, words: str
) -> None:
    """The first bet's term names the input, and says it in words."""
    terms = terms_of(Settings(architecture=architecture, features=features))
    (term,) = [term for term in terms if term.number == ARCHITECTURE]
    assert [piece.tex for piece in term.pieces] == [function]
    assert words in term.meaning


def test_an_entropy_bonus_is_taken_from_the_loss() -> None:
    """It is added to the objective, so the loss has it with a minus; else it is not there."""
    assert written(Settings(entropy_bonus=0.1)).endswith(r"[a_t] - \beta H(\pi)")
    assert "beta" not in written(Settings(entropy_bonus=0.0))


def test_every_piece_is_among_those_set_ahead() -> None:
    """No change of a setting waits for mathematics to be set."""
    ahead = set(all_pieces())
    for settings in every_settings():
        assert {piece.tex for term in terms_of(settings) for piece in term.pieces} <= ahead


def test_a_piece_knows_where_its_ink_is() -> None:
    """An index hangs below the baseline, a letter stands on it; one font size is one em."""
    letter, indexed = set_piece("G_t"), set_piece("=")
    assert letter.top < -0.5
    assert letter.top + letter.height > 0.1
    assert 0.3 < indexed.advance < 1.2
    assert letter.advance == pytest.approx(letter.left + letter.width)


def test_nothing_is_set_before_the_first_paint(qtbot: QtBot) -> None:
    """The window's first picture waits for no mathematics."""
    ribbon = FormulaRibbon()
    qtbot.addWidget(ribbon)
    ribbon.set_terms(Settings())
    assert not ribbon.formula.is_set


def test_clicks_on_terms_open_their_bets(qtbot: QtBot) -> None:
    """From left to right: 3 weight, 2 softmax, 1 f_θ."""
    ribbon = shown(qtbot, Settings())
    told: list[int] = []
    ribbon.term_clicked.connect(told.append)
    for button in ribbon.formula.term_buttons():
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told == [3, 2, 1]


def test_terms_are_reached_and_pressed_by_keyboard(qtbot: QtBot) -> None:
    """Tab goes from term to term and Return opens the bet."""
    ribbon = shown(qtbot, Settings())
    told: list[int] = []
    ribbon.term_clicked.connect(told.append)
    first, second, _ = ribbon.formula.term_buttons()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert told == [2]


def test_terms_are_buttons_that_say_what_they_mean(qtbot: QtBot) -> None:
    """A screen reader hears the bet and its present choice."""
    ribbon = shown(qtbot, Settings(credit="reward_to_go", baseline="leave_one_out"))
    heard = QAccessible.queryAccessibleInterface(ribbon.formula.term_buttons()[0])
    assert heard.role() == QAccessible.Role.Button
    assert heard.text(QAccessible.Text.Name) == (
        "Training signal: reward-to-go, minus the mean of the other episodes"
    )


def test_the_focus_stays_when_the_formula_is_rewritten(qtbot: QtBot) -> None:
    """Whoever changes a bet by keyboard stays where they are."""
    ribbon = shown(qtbot, Settings())
    button = ribbon.formula.term_buttons()[0]
    button.setFocus()
    ribbon.set_terms(Settings(credit="gae", baseline="critic"))
    QApplication.processEvents()
    assert ribbon.formula.term_buttons()[0] is button
    assert button.hasFocus()
    assert "advantage" in button.accessibleName()


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width()) for y in range(0, image.height())
    }


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_formula_is_drawn_in_the_themes_colours(qtbot: QtBot, theme) -> None:  # type: ignore[no-untyped-def]
    """Ink and plum are there, on the theme's surface."""
    ribbon = shown(qtbot, Settings(baseline="critic"))
    appearance().set_theme(theme)
    QApplication.processEvents()
    there = colours(ribbon.formula.grab().toImage())
    assert theme.ink.name() in there
    assert QColor(theme.base).name() in there


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("width", [480, 700, 1000])
def test_the_formula_fits_whatever_the_width(qtbot: QtBot, factor: float, width: int) -> None:
    """The longest formula shrinks until it fits, and no term leaves the ribbon."""
    appearance().set_factor(factor)
    ribbon = shown(qtbot, Settings(discount_weighting="exact", entropy_bonus=0.1), width)
    for button in ribbon.formula.term_buttons():
        assert button.width() > 8
        assert ribbon.formula.rect().adjusted(-3, 0, 3, 0).contains(button.geometry())


def test_beside_three_chips_at_1024_the_formula_is_still_readable(qtbot: QtBot) -> None:
    """As in the small window: 996 px for the ribbon, 17 px an em and more."""
    ribbon = shown(qtbot, Settings(baseline="critic"), 996)
    for n, name, choice in (
        (1, "Architecture", "Table"), (2, "Output head", "Softmax"),
        (3, "Training signal", "To-go − V(s)"),
    ):
        ribbon.add_chip(ChipButton(n, name, choice))
    QApplication.processEvents()
    assert ribbon.formula.em >= 17
    assert ribbon.sentence.isHidden()


def test_the_sentence_is_there_where_there_is_room(qtbot: QtBot) -> None:
    """It makes way for a narrow window and for chips."""
    ribbon = shown(qtbot, Settings(), 1000)
    assert ribbon.sentence.isVisible()
    ribbon.resize(600, ribbon.height())
    QApplication.processEvents()
    assert not ribbon.sentence.isVisible()
    ribbon.resize(1000, ribbon.height())
    chip = ChipButton(1, "Architecture", "Table")
    ribbon.add_chip(chip)
    qtbot.waitUntil(ribbon.sentence.isHidden)
    chip.hide()
    qtbot.waitUntil(ribbon.sentence.isVisible)


def test_a_ribbon_that_is_gone_is_not_drawn(qtbot: QtBot) -> None:
    """Mathematics that arrives after the window has closed does no harm."""
    holder = QWidget()
    ribbon = FormulaRibbon(holder)
    ribbon.set_terms(Settings())
    holder.show()
    QApplication.processEvents()
    holder.close()
    holder.deleteLater()
    QTest.qWait(50)
    typesetter().ready.emit()


def test_a_chip_has_its_room_in_the_first_window_too(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the mathematics is set its width is a guess, which was too wide and stayed."""
    monkeypatch.setattr(typeset, "_typesetter", None)
    window = QWidget()
    qtbot.addWidget(window)
    ribbon = FormulaRibbon(window)
    chips = [ChipButton(n, "Architecture", "MLP, 64 hidden") for n in (1, 2, 3)]
    for chip in chips:
        ribbon.add_chip(chip)
    ribbon.set_terms(Settings())
    least = ribbon.formula.minimumSizeHint().width()
    ribbon.setGeometry(0, 0, ribbon.minimumSizeHint().width() - 20, ribbon.sizeHint().height())
    window.show()
    qtbot.waitUntil(lambda: ribbon.formula.is_set, timeout=10_000)
    assert ribbon.formula.minimumSizeHint().width() < least - 10
    qtbot.waitUntil(lambda: all(chip.width() == chip.sizeHint().width() for chip in chips))
