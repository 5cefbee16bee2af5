"""The bets: their chips, and what opens where; the controls follow after the first paint."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

from rlxent_gui.panels import bet_rules
from rlxent_gui.panels.bet_rules import HEADINGS, NUMBERED
from rlxent_gui.view_state import BetsView, InspectorView
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.chip import ChipButton, Popover
from rlxent_gui.widgets.scale import number_text

if TYPE_CHECKING:
    from rlxent_gui.panels.bets_controls import Controls


class Bets(QObject):
    """The bets and the inspector, wherever they are shown.  Passive, one ``command`` out.

    :attr:`controls` lie in their column, or in the popovers of the chips.
    """

    command = Signal(str, object)
    edit_asked = Signal()
    """The tile of the selected cell is to be changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.chips = {
            name: ChipButton(number, HEADINGS[name].title, "Softmax", parent=parent)
            for number, name in NUMBERED.items()
        }
        self.update_chip = Button(
            icon="sliders-horizontal", height=50, checkable=True,
            tip="Step size, episodes, optimiser, seed and device", parent=parent,
        )
        self.cell_chip = Button("Cell", height=28, size=13, padding=10, checkable=True,
                                tip="Look into the selected cell", parent=parent)
        self._popovers: dict[str, Popover] = {}
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self.toggle, name))
        self._controls: Controls | None = None
        self._view: BetsView | None = None
        self._cell: InspectorView | None = None
        self._area: tuple[QRect, int] | None = None
        self._in_column: bool | None = None
        self.use_column(True)

    @property
    def buttons(self) -> dict[str, Button]:
        """What opens each popover."""
        return {**self.chips, "update": self.update_chip, "cell": self.cell_chip}

    @property
    def controls(self) -> Controls:
        """All that is set with; made when it is first asked for."""
        if self._controls is None:
            self._controls = self._make()
            self._put_in_tab_order(self._controls)
        return self._controls

    def _make(self) -> Controls:
        from rlxent_gui.panels.bets_controls import Controls

        controls = Controls(self._parent)
        for bet in controls.widgets.values():
            bet.command.connect(self.command)
        controls.inspector.edit_asked.connect(self.edit_asked)
        if self._view is not None:
            controls.apply(self._view)
        controls.show_cell(self._cell)
        if self._area is not None:
            controls.column.place(*self._area)
        controls.use_column(bool(self._in_column))
        return controls

    def _put_in_tab_order(self, controls: Controls) -> None:
        """Right after the chips, though what lies behind them was made before."""
        before: QWidget = self.cell_chip
        for widget in (*controls.widgets.values(), controls.inspector):
            for control in widget.findChildren(QWidget):
                if control.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    QWidget.setTabOrder(before, control)
                    before = control

    def use_column(self, in_column: bool) -> None:
        """Show everything in the column, or in popovers."""
        if in_column == self._in_column:
            return
        self._in_column = in_column
        self.close()
        if self._controls is not None:
            self._controls.use_column(in_column)
        for button in self.buttons.values():
            button.setVisible(not in_column)

    def place(self, area: QRect, scroll_bar: int) -> None:
        """Where the column lies, and how much room there is right of it for a scroll bar."""
        self._area = area, scroll_bar
        if self._controls is not None:
            self._controls.column.place(area, scroll_bar)

    def apply(self, view: BetsView) -> None:
        self._view = view
        if self._controls is not None:
            self._controls.apply(view)
        self.chips["architecture"].set_choice(bet_rules.architecture_text(view.settings))
        self.chips["signal"].set_choice(
            bet_rules.signal_text(view.settings), bet_rules.signal_text(view.settings, whole=True)
        )
        self.update_chip.setAccessibleName(
            f"Update: step size {number_text(view.settings.learning_rate)}, seed {view.seed}"
        )

    def show_cell(self, view: InspectorView | None) -> None:
        self._cell = view
        if self._controls is not None:
            self._controls.show_cell(view)
        self.cell_chip.set_text(HEADINGS["cell"].title if view is None else f"Cell {view.name}")

    def reveal(self, number: int) -> None:
        """Bring the bet of a numbered term to the eye and give it the focus."""
        name = NUMBERED[number]
        if not self._in_column:
            self.toggle(name)
            return
        self.controls.column.ensureWidgetVisible(self.controls.column.cards[name])
        for control in self.controls.widgets[name].findChildren(QWidget):
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus and control.isEnabled():
                control.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def toggle(self, name: str, _checked: bool = False) -> None:
        """Open a popover, or close it if it is open; only one is open at a time."""
        if name not in self._popovers:
            popover = self._popovers[name] = Popover(self._parent.window())
            popover.set_content(self.controls.pages[name])
            popover.closed.connect(partial(self.buttons[name].setChecked, False))
        was_open = self._popovers[name].is_open
        self.close()
        if not was_open:
            self._popovers[name].open_below(self.buttons[name])
        self.buttons[name].setChecked(not was_open)

    def close(self) -> None:
        for popover in self._popovers.values():
            popover.close_popover()
