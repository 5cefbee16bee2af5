"""The reusable parts, worked as a user works them: mouse, keyboard, large text, both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction, QFontMetricsF, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlxent_gui.theme import DARK, FACTORS, LIGHT, SEMIBOLD, Theme, appearance
from rlxent_gui.widgets import (
    Button,
    Card,
    ChipButton,
    ElidedLabel,
    Label,
    MessageCard,
    NamedSlider,
    NumberDisc,
    Popover,
    Segmented,
    TextToggle,
    ToolButton,
    TransportButton,
)
from rlxent_gui.widgets.focus import FocusRing
from rlxent_gui.widgets.scale import Scale, number_text, read_number

Key = Qt.Key
LEFT_BUTTON = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """Every test begins with the light theme and the usual text size."""
    look = appearance()
    look.install(qapp)
    yield
    look.set_theme(LIGHT)
    look.reset_text()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A shown window with a column that widgets can be added to."""
    window = QWidget()
    QVBoxLayout(window)
    window.resize(420, 300)
    qtbot.addWidget(window)
    window.show()
    return window


def put(window: QWidget, *widgets: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    QApplication.processEvents()


# Segmented


def test_a_click_chooses_a_segment(window: QWidget, qtbot: QtBot) -> None:
    """A click on another choice marks it and tells its value once."""
    control = Segmented({"total": "Total", "to_go": "To-go", "gae": "GAE λ"})
    put(window, control)
    with qtbot.waitSignal(control.chosen) as told:
        QTest.mouseClick(control.segment("to_go"), LEFT_BUTTON)
    assert told.args == ["to_go"]
    assert control.value == "to_go"
    assert [v for v in control.values if control.segment(v).isChecked()] == ["to_go"]


def test_a_click_on_the_choice_that_holds_changes_nothing(window: QWidget, qtbot: QtBot) -> None:
    """One segment is always chosen."""
    control = Segmented({"a": "A", "b": "B"})
    put(window, control)
    with qtbot.assertNotEmitted(control.chosen):
        QTest.mouseClick(control.segment("a"), LEFT_BUTTON)
    assert control.segment("a").isChecked()


def test_arrows_go_round_and_pass_over_what_is_forbidden(window: QWidget) -> None:
    """Left and right choose the next allowed neighbour, and the focus goes along."""
    control = Segmented({"a": "A", "b": "B", "c": "C"})
    control.set_option("b", enabled=False, tip="Needs a value function")
    put(window, control)
    told: list[str] = []
    control.chosen.connect(told.append)
    control.segment("a").setFocus()
    QTest.keyClick(control.segment("a"), Key.Key_Right)
    QTest.keyClick(control.segment("c"), Key.Key_Right)
    assert told == ["c", "a"]
    assert control.segment("a").hasFocus()
    assert control.segment("b").toolTip() == "Needs a value function"


def test_tab_stops_once_in_a_segmented_control(window: QWidget) -> None:
    """The chosen segment alone is in the tab order."""
    control, after = Segmented({"a": "A", "b": "B", "c": "C"}), Button("After")
    put(window, control, after)
    control.set_value("b")
    control.segment("b").setFocus()
    QTest.keyClick(control.segment("b"), Key.Key_Tab)
    assert after.hasFocus()


def test_setting_a_value_is_silent_and_unknown_ones_are_refused(qtbot: QtBot) -> None:
    """What the presenter shows is no choice of the user."""
    control = Segmented({"a": "A", "b": "B"})
    qtbot.addWidget(control)
    with qtbot.assertNotEmitted(control.chosen):
        control.set_value("b")
    with pytest.raises(KeyError):
        control.set_value("z")
    assert control.value == "b"


def test_other_options_keep_the_value_where_they_can(qtbot: QtBot) -> None:
    """Offering other choices keeps the one that holds, or takes the first."""
    control = Segmented({"a": "A", "b": "B"})
    qtbot.addWidget(control)
    control.set_value("b")
    control.set_options({"b": "Bee", "c": "Sea"})
    assert control.value == "b"
    assert control.segment("b").isChecked()
    control.set_options({"x": "X"})
    assert control.value == "x"


def test_segments_are_radio_buttons_with_names(window: QWidget) -> None:
    """A screen reader hears what each segment is."""
    control = Segmented({"a": "Total", "b": "To-go"}, name="Return")
    put(window, control)
    heard = QAccessible.queryAccessibleInterface(control.segment("b"))
    assert heard.role() == QAccessible.Role.RadioButton
    assert heard.text(QAccessible.Text.Name) == "To-go"
    assert control.accessibleName() == "Return"


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("width", [150, 318, 500])
def test_segment_texts_are_never_cut(qtbot: QtBot, factor: float, width: int) -> None:
    """Where one row is too narrow the texts go on in another."""
    appearance().set_factor(factor)
    names = {"none": "None", "mean": "Mean", "loo": "LOO", "v": "V(s)", "best": "Optimal"}
    control = Segmented(names)
    qtbot.addWidget(control)
    control.resize(width, control.heightForWidth(width))
    control.show()
    metrics = QFontMetricsF(appearance().font(13, SEMIBOLD))
    for value, text in names.items():
        segment = control.segment(value)
        assert segment.width() >= metrics.horizontalAdvance(text)
        assert segment.height() >= metrics.height()
        assert control.rect().contains(segment.geometry())


# Sliders and their numbers


@pytest.mark.parametrize(
    ("scale", "value", "fraction"),
    [
        (Scale(0, 1), 0.97, 0.97),
        (Scale(1, 10_000, logarithmic=True), 100, 0.5),
        (Scale(1e-5, 100, logarithmic=True), 1e-5, 0),
        (Scale(0, 10, whole=True), 7, 0.7),
        (Scale(0, 1), 3, 1),
    ],
)
def test_where_values_lie(scale: Scale, value: float, fraction: float) -> None:
    """Evenly, or evenly in the logarithm; what is outside lies at the end."""
    assert scale.fraction(value) == pytest.approx(fraction)


def test_slider_values_are_readable() -> None:
    """A slider stops at 0.97 and 0.45, never at 0.9698743."""
    for i in range(101):
        even = Scale(0, 1).at(i / 100)
        assert even == round(even, 2)
        steep = Scale(1e-5, 100, logarithmic=True).at(i / 100)
        assert float(f"{steep:.1e}") == steep
        assert Scale(1, 4096, logarithmic=True, whole=True).at(i / 100) % 1 == 0


@pytest.mark.parametrize(
    "scale",
    [Scale(0, 1), Scale(0, 10, whole=True), Scale(1e-5, 100, logarithmic=True),
     Scale(1, 4096, logarithmic=True, whole=True), Scale(0.9, 0.999), Scale(0, 100)],
)
def test_every_step_of_the_keys_changes_the_value_up_to_the_ends(scale: Scale) -> None:
    """From one end the arrow keys reach the other, and every press does something."""
    value, presses = scale.low, 0
    while value < scale.high:
        after = scale.stepped(value, 1)
        assert after > value
        value, presses = after, presses + 1
        assert presses < 250
    while value > scale.low:
        after = scale.stepped(value, -1)
        assert after < value
        value = after
    assert value == scale.low


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.97, "0.97"), (0.5, "0.50"), (16, "16"), (1024, "1\u20091024"[:2] + "024"), (0, "0"),
     (-1.5, "−1.50"), (0.015, "0.015"), (1e-5, "1e−5"), (0.125, "0.125")],
)
def test_numbers_are_written_with_a_true_minus(value: float, text: str) -> None:
    """Short, exact, with thin spaces between thousands."""
    assert number_text(value) == text


def test_numbers_are_read_as_people_type_them() -> None:
    """A comma, spaces and either minus are understood; other text is not."""
    assert read_number(" 0,97 ") == 0.97
    assert read_number("−3") == -3
    assert read_number("1 024") == 1024
    assert read_number("1e-3") == 0.001
    assert [read_number(t) for t in ("", "x", "nan", "inf", "1.2.3")] == [None] * 5


def test_dragging_a_slider_tells_every_value(window: QWidget) -> None:
    """The knob follows the mouse and the number follows the knob."""
    slider = NamedSlider("Discount", 0, 1, symbol="γ")
    put(window, slider)
    told: list[float] = []
    slider.changed.connect(told.append)
    groove = slider.groove
    middle = groove.height() // 2
    QTest.mousePress(groove, LEFT_BUTTON, pos=QPoint(groove.width() // 4, middle))
    QTest.mouseMove(groove, QPoint(groove.width() // 2, middle))
    QTest.mouseMove(groove, QPoint(groove.width() + 50, middle))
    QTest.mouseRelease(groove, LEFT_BUTTON, pos=QPoint(groove.width() + 50, middle))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert slider.number.text() == "1"


def test_arrow_keys_move_a_slider(window: QWidget) -> None:
    """Right is one readable step, Page up five."""
    slider = NamedSlider("Discount", 0, 1)
    put(window, slider)
    slider.set_value(0.9)
    slider.groove.setFocus()
    QTest.keyClick(slider.groove, Key.Key_Right)
    assert slider.value == pytest.approx(0.91)
    QTest.keyClick(slider.groove, Key.Key_PageDown)
    assert slider.value == pytest.approx(0.86)


def test_more_than_a_slider_reaches_can_be_typed(window: QWidget) -> None:
    """Episodes: dragged to 4096, typed to a million; the arrow keys end where the slider does."""
    slider = NamedSlider("Episodes", 1, 4096, typed_high=2**20, logarithmic=True, whole=True)
    put(window, slider)
    slider.groove.setFocus()
    QTest.keyClick(slider.groove, Key.Key_PageUp)
    assert slider.value == 6
    slider.set_value(4000)
    QTest.keyClick(slider.groove, Key.Key_PageUp)
    assert slider.value == 4096
    QTest.keyClick(slider.groove, Key.Key_Return)
    QTest.keyClicks(slider.number, "65536")
    QTest.keyClick(slider.number, Key.Key_Return)
    assert slider.value == 65536
    QTest.keyClick(slider.groove, Key.Key_Right)
    assert slider.value == 65536
    QTest.keyClick(slider.groove, Key.Key_Left)
    assert slider.value == 60000
    assert not slider.take_text(str(2**20 + 1))
    assert not slider.take_text("1.5")
    assert slider.take_text("2.0")
    assert slider.range_text.startswith("A whole number from 1 to 1\N{THIN SPACE}048")


def test_a_value_off_the_steps_is_shown_as_it_is(qtbot: QtBot) -> None:
    """What a file says is not rounded to what the slider could say."""
    slider = NamedSlider("Discount", 0, 1)
    qtbot.addWidget(slider)
    with qtbot.assertNotEmitted(slider.changed):
        slider.set_value(0.98765)
    assert slider.value == 0.98765
    assert slider.number.text() == "0.98765"


def test_a_number_can_be_typed(window: QWidget, qtbot: QtBot) -> None:
    """Double click opens it, Return takes it, and the keyboard is back at the slider."""
    slider = NamedSlider("Step size", 1e-5, 100, logarithmic=True, symbol="η")
    put(window, slider)
    QTest.mouseDClick(slider.number, LEFT_BUTTON)
    QTest.keyClicks(slider.number, "0,45")
    with qtbot.waitSignal(slider.changed) as told:
        QTest.keyClick(slider.number, Key.Key_Return)
    assert told.args == [0.45]
    assert not slider.number.is_open
    assert slider.groove.hasFocus()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # a tooltip, off screen
def test_a_number_out_of_range_is_refused_with_the_range(window: QWidget) -> None:
    """Typing 3 for a discount keeps the old value and says what is allowed; Esc gives up."""
    slider = NamedSlider("Discount", 0, 1)
    put(window, slider)
    slider.set_value(0.9)
    slider.groove.setFocus()
    QTest.keyClick(slider.groove, Key.Key_Return)
    assert slider.number.is_open
    QTest.keyClicks(slider.number, "3")
    QTest.keyClick(slider.number, Key.Key_Return)
    assert slider.number.is_open
    assert slider.value == 0.9
    assert slider.range_text == "A number from 0 to 1"
    QTest.keyClick(slider.number, Key.Key_Escape)
    assert not slider.number.is_open
    assert slider.number.text() == "0.90"


def test_a_shut_number_leaves_the_keys_to_the_window(window: QWidget) -> None:
    """A click on the number neither takes the focus nor opens it."""
    slider, button = NamedSlider("Discount", 0, 1), Button("B")
    put(window, slider, button)
    button.setFocus()
    QTest.mouseClick(slider.number, LEFT_BUTTON)
    assert button.hasFocus()
    assert not slider.number.is_open


# Buttons


@pytest.mark.parametrize(
    "make",
    [lambda: Button("Go"), lambda: TextToggle("Policy"), lambda: ToolButton("wall", "W", "Wall"),
     lambda: TransportButton("play", primary=True, tip="Play"), lambda: ChipButton(1, "A", "b")],
)
def test_return_presses_every_button(window: QWidget, qtbot: QtBot, make) -> None:  # type: ignore[no-untyped-def]
    """Space belongs to play and pause, so Return presses."""
    button = make()
    put(window, button)
    assert button.accessibleName()
    button.setFocus()
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Key.Key_Return)


def test_a_click_leaves_the_focus_where_it_was(window: QWidget) -> None:
    """Pressing Play with the mouse does not take the keyboard from the board."""
    first, second = Segmented({"a": "A"}), Button("Play")
    put(window, first, second)
    first.segment("a").setFocus()
    QTest.mouseClick(second, LEFT_BUTTON)
    assert first.segment("a").hasFocus()


def test_a_button_follows_its_action(window: QWidget) -> None:
    """State goes from the action to the button and a click goes back."""
    action = QAction("Wall", window)
    action.setToolTip("Draw walls (W)")
    action.setCheckable(True)
    button = ToolButton("wall", "W")
    button.follow(action)
    put(window, button)
    assert (button.accessibleName(), button.toolTip()) == ("Wall", "Draw walls (W)")
    QTest.mouseClick(button, LEFT_BUTTON)
    assert action.isChecked()
    action.setChecked(False)
    assert not button.isChecked()
    action.setEnabled(False)
    assert not button.isEnabled()


@pytest.mark.parametrize("factor", [FACTORS[0], 1.0, FACTORS[-1]])
def test_buttons_have_room_for_their_texts(window: QWidget, factor: float) -> None:
    """Text fits in both directions at every text size, also in its strong face."""
    appearance().set_factor(factor)
    metrics = QFontMetricsF(appearance().font(14, SEMIBOLD))
    for button in (Button("Rewind to update 56"), TransportButton("path", "Episode"),
                   Button("Keys", "keyboard", checkable=True)):
        put(window, button)
        hint = button.sizeHint()
        assert hint.width() >= metrics.horizontalAdvance(button.text()) + appearance().px(12)
        assert hint.height() >= metrics.height()
        assert button.width() >= hint.width()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_checked_button_is_paper_on_ink(window: QWidget, theme: Theme) -> None:
    """Selection is ink, in either theme."""
    appearance().set_theme(theme)
    button = TextToggle("Policy")
    put(window, button)
    assert button.grab().toImage().pixelColor(button.width() // 2, 3) == theme.surface
    button.setChecked(True)
    assert button.grab().toImage().pixelColor(button.width() // 2, 3) == theme.ink


def test_an_icon_only_button_keeps_its_name(window: QWidget) -> None:
    """A button that loses its label in a narrow window still has an accessible name."""
    button = TransportButton("path", "Episode")
    put(window, button)
    button.set_text("")
    assert button.accessibleName() == "Episode"
    assert button.sizeHint().width() == button.sizeHint().height()


# Focus


def test_the_ring_shows_for_the_keyboard_only(window: QWidget) -> None:
    """Tab brings a ring 2 px outside the widget; a click takes it away."""
    control = Segmented({"a": "A", "b": "B"})
    first, second = Button("First"), Button("Second")
    put(window, first, second, control)
    first.setFocus()
    assert window.findChild(FocusRing) is None
    QTest.keyClick(first, Key.Key_Tab)
    ring = window.findChild(FocusRing)
    assert isinstance(ring, FocusRing)
    assert ring.isVisible()
    assert ring.geometry().adjusted(4, 4, -4, -4) == second.geometry()
    QTest.mouseClick(control.segment("b"), LEFT_BUTTON)
    assert not ring.isVisible()


def test_the_ring_follows_its_widget(window: QWidget) -> None:
    """When the widget moves the ring goes along; when it hides the ring goes with the focus."""
    first, second = Button("First"), Button("Second")
    put(window, first, second)
    second.setFocus(Qt.FocusReason.TabFocusReason)
    ring = window.findChild(FocusRing)
    assert isinstance(ring, FocusRing)
    second.move(60, 200)
    assert ring.geometry().topLeft() == QPoint(56, 196)
    second.hide()
    QApplication.processEvents()
    assert first.hasFocus()
    assert ring.geometry().adjusted(4, 4, -4, -4) == first.geometry()
    first.hide()
    assert not ring.isVisible()


# Chips and popovers


def open_popover(window: QWidget) -> tuple[ChipButton, Popover, Segmented]:
    chip, popover = ChipButton(1, "Architecture", "MLP"), Popover(window)
    content, control = QWidget(), Segmented({"table": "Table", "mlp": "MLP"})
    QVBoxLayout(content).addWidget(control)
    popover.set_content(content)
    put(window, chip)
    popover.open_below(chip)
    QApplication.processEvents()
    return chip, popover, control


def test_a_popover_opens_below_its_chip_within_the_window(window: QWidget) -> None:
    """It is 348 px wide, has the focus, and stays inside."""
    chip, popover, control = open_popover(window)
    assert popover.isVisible()
    assert popover.width() == 348
    assert window.rect().contains(popover.geometry())
    assert popover.y() >= chip.geometry().bottom()
    assert control.segment("table").hasFocus()


def test_escape_closes_a_popover_and_gives_the_focus_back(window: QWidget, qtbot: QtBot) -> None:
    """The way out is where the way in was."""
    chip, popover, control = open_popover(window)
    with qtbot.waitSignal(popover.closed):
        QTest.keyClick(control.segment("table"), Key.Key_Escape)
    assert not popover.isVisible()
    assert chip.hasFocus()


def test_a_click_elsewhere_closes_a_popover(window: QWidget) -> None:
    """A click inside or on the chip leaves it to them."""
    chip, popover, control = open_popover(window)
    handle = window.windowHandle()
    inside = control.segment("mlp").mapTo(window, QPoint(5, 5))
    QTest.mouseClick(handle, LEFT_BUTTON, pos=inside)
    assert popover.is_open
    assert control.value == "mlp"
    QTest.mouseClick(handle, LEFT_BUTTON, pos=chip.mapTo(window, QPoint(5, 5)))
    assert popover.is_open
    assert chip.isChecked()
    QTest.mouseClick(handle, LEFT_BUTTON, pos=QPoint(2, window.height() - 2))
    assert not popover.is_open


def test_the_windows_keys_work_while_a_popover_is_open(window: QWidget, qtbot: QtBot) -> None:
    """Space plays and pauses, wherever the focus is."""
    space = QShortcut(Qt.Key.Key_Space, window)
    window.activateWindow()
    qtbot.waitActive(window)
    open_popover(window)
    with qtbot.waitSignal(space.activated):
        QTest.keyClick(window.windowHandle(), Key.Key_Space)


def test_a_popover_gives_its_content_back(window: QWidget) -> None:
    """Where there is room again the bets go back into their column."""
    _, popover, control = open_popover(window)
    popover.close_popover()
    content = popover.take_content()
    assert content is control.parentWidget()
    put(window, content)
    assert control.isVisible()


def test_a_chip_has_room_for_its_choice(window: QWidget) -> None:
    """The chip grows with what it says, and says it to a screen reader."""
    chip = ChipButton(3, "Training signal", "To-go")
    put(window, chip)
    narrow = chip.sizeHint().width()
    chip.set_choice("GAE 0.95 − V(s) learned")
    assert chip.sizeHint().width() > narrow
    assert chip.accessibleName() == "Training signal: GAE 0.95 − V(s) learned"
    chip.set_choice("To-go − LOO", "To-go − leave-one-out")
    assert chip.accessibleName() == "Training signal: To-go − leave-one-out"
    assert chip.toolTip() == "To-go − leave-one-out"
    chip.set_choice("To-go", "To-go")
    assert chip.toolTip() == ""


# Messages, cards, labels


def test_a_message_has_its_way_out_on_buttons(window: QWidget, qtbot: QtBot) -> None:
    """Each button does what it says; the cross tells that the message was shut."""
    done: list[str] = []
    card = MessageCard(
        "warning", "The goal cannot be reached", "No path leads to it.",
        [("Undo last stroke", lambda: done.append("undo"), True),
         ("Run anyway", lambda: done.append("run"), False)],
        dismissible=True,
    )
    put(window, card)
    buttons = {b.accessibleName(): b for b in card.findChildren(Button)}
    QTest.mouseClick(buttons["Run anyway"], LEFT_BUTTON)
    QTest.mouseClick(buttons["Undo last stroke"], LEFT_BUTTON)
    assert done == ["run", "undo"]
    with qtbot.waitSignal(card.dismissed):
        QTest.mouseClick(buttons["Dismiss"], LEFT_BUTTON)


def test_long_work_moves_its_bar(window: QWidget) -> None:
    """The bar and the sentence follow."""
    card = MessageCard("hourglass", "Measuring gradient variance", "0 of 500 episodes",
                       progress=0.0)
    put(window, card)
    card.set_body("320 of 500 episodes")
    card.set_progress(0.64)
    assert card.body.text() == "320 of 500 episodes"
    assert card.bar is not None
    image = card.bar.grab().toImage()
    row = image.height() // 2
    assert image.pixelColor(int(0.6 * image.width()), row) == LIGHT.ink
    assert image.pixelColor(int(0.7 * image.width()), row) == LIGHT.border


@pytest.mark.parametrize("factor", [FACTORS[0], 1.0, FACTORS[-1]])
def test_a_message_shows_its_whole_sentence(window: QWidget, factor: float) -> None:
    """Long sentences wrap; nothing is cut."""
    appearance().set_factor(factor)
    card = MessageCard("file", "maze.json was not opened", "Line 14: tile “G” has an unknown key "
                       "“rewrad”: did you mean “reward”? The board is unchanged.")
    put(window, card)
    assert card.body.height() >= card.body.heightForWidth(card.body.width())
    assert card.title.height() >= card.title.heightForWidth(card.title.width())


@pytest.mark.parametrize("factor", [FACTORS[0], 1.0, FACTORS[-1]])
def test_a_message_shows_its_whole_buttons(window: QWidget, factor: float) -> None:
    """Where they have no room beside one another they lie below one another."""
    appearance().set_factor(factor)
    texts = ("Rewind to update 12\u202f345", "Start again", "Copy details")
    card = MessageCard("warning", "Training stopped", "Somehow.", [
        (text, lambda: None, False) for text in texts])
    card.setParent(window)
    card.show()
    window.resize(480, 400)
    card.setGeometry(0, 0, 480, card.heightForWidth(480))
    QApplication.processEvents()
    buttons = card.findChildren(Button)
    assert [button.text() for button in buttons] == list(texts)
    for button in buttons:
        assert button.width() >= button.sizeHint().width()
        assert button.geometry().bottom() < card.height()
    assert len({button.y() for button in buttons}) == (3 if factor == FACTORS[-1] else 1)


def test_an_elided_label_tells_the_rest_in_its_tooltip(window: QWidget) -> None:
    """What does not fit ends in … and can still be read."""
    label = ElidedLabel("A world with a very long name that nobody would give it")
    put(window, label)
    label.setFixedWidth(120)
    QApplication.processEvents()
    assert label.shown_text.endswith("…")
    assert label.toolTip() == label.text()
    label.setFixedWidth(420)
    QApplication.processEvents()
    assert label.shown_text == label.text()
    assert label.toolTip() == ""


def test_a_card_can_be_renamed(window: QWidget) -> None:
    """Title, subtitle and accessible name change together."""
    card = Card("What a cell would do", "probability of each action", number=1)
    put(window, card)
    card.set_title("What G5 would do", "")
    assert card.accessibleName() == "What G5 would do"
    assert not card.subtitle.isVisible()
    assert card.findChild(NumberDisc).n == 1


def test_labels_take_the_other_theme(window: QWidget) -> None:
    """A theme change reaches text, size and all."""
    label = Label("Return", 13, role="ink2")
    put(window, label)
    appearance().set_theme(DARK)
    appearance().set_factor(1.6)
    assert label.palette().windowText().color() == DARK.ink2
    assert label.font().pixelSize() == 21
